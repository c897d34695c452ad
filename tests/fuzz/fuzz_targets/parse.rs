//! From bytes to trees: nothing panics, every span lies in its text, and what is read without a complaint is read whole. What can be laid
//! out stays as it is the second time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perch_syntax::tree::{Arg, Command, Head, Item, Member, Setting, Statement, StatementKind, Value};
use perch_syntax::{Diagnostic, Lines, Span, cut, one_line, parse};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let cut = cut(&text);
    let lines = Lines::new(&text);
    within(&text, &cut.problems);
    let mut behind = 0;
    for item in &cut.items {
        assert!(item.span.start >= behind, "items overlap at {}", item.span.start);
        blank(&text[behind..item.span.start], "between items");
        behind = item.span.end;
        let own = &text[item.span.range()];
        within(own, &item.problems);
        let (tree, problems) = parse(own);
        within(own, &problems);
        assert!(tree.is_some() || !problems.is_empty(), "neither a tree nor a complaint");
        let _ = one_line(own);
        let _ = lines.place(&text, item.span.end);
        let is_broken = item.problems.iter().chain(&problems).any(Diagnostic::is_error);
        if let Some(tree) = tree {
            let read = Read::of(&tree);
            read.spans.iter().for_each(|span| assert!(own.get(span.range()).is_some(), "{span:?} lies outside"));
            if !is_broken {
                read.covers(own);
            }
        }
    }
    blank(&text[behind..], "behind the last item");
    if let Ok(laid_out) = perch_format::format(&text) {
        assert_eq!(perch_format::format(&laid_out).as_ref(), Ok(&laid_out));
    }
});

fn within(text: &str, problems: &[Diagnostic]) {
    for problem in problems {
        assert!(text.get(problem.span.range()).is_some(), "{problem:?} lies outside");
        assert!(!problem.message.is_empty());
    }
}

/// What no item holds is layout and comments.
fn blank(text: &str, place: &str) {
    let text = text.trim_start_matches('\u{feff}');
    let blanks: &[char] = &[' ', '\t', '\r', '\u{b}', '\u{c}'];
    for line in text.split('\n').map(|line| line.trim_matches(blanks)) {
        assert!(line.is_empty() || line.starts_with('#'), "`{line}` {place} is nobody's");
    }
}

/// The spans of everything that a tree says.
#[derive(Default)]
struct Read {
    spans: Vec<Span>,
}

impl Read {
    fn of(item: &Item) -> Self {
        let mut read = Self::default();
        match item {
            Item::Command(command) | Item::Template(command) | Item::Catch(command) => read.command(command),
            Item::Import(head) => read.head(head),
            Item::Section(section) => {
                read.head(&section.head);
                for entry in &section.entries {
                    read.setting(&entry.setting);
                    entry.pins.iter().for_each(|pin| read.setting(pin));
                }
            }
            Item::Assignment(assignment) => read.spans.push(assignment.span),
            Item::Setting(setting) => read.setting(setting),
        }
        read
    }

    fn head(&mut self, head: &Head) {
        self.spans.push(head.span);
    }

    fn setting(&mut self, setting: &Setting) {
        self.spans.push(setting.span);
    }

    fn command(&mut self, command: &Command) {
        self.head(&command.head);
        for member in &command.members {
            match member {
                Member::Setting(setting) => self.setting(setting),
                Member::Arg(Arg { head, settings }) => {
                    self.head(head);
                    settings.iter().for_each(|setting| self.setting(setting));
                }
                Member::Do(head, body) => {
                    self.head(head);
                    self.body(body);
                }
            }
        }
    }

    fn body(&mut self, body: &[Statement]) {
        for statement in body {
            let block = match &statement.kind {
                StatementKind::Line(line) => {
                    self.spans.push(line.span);
                    continue;
                }
                StatementKind::Assignment(assignment) => {
                    self.spans.push(assignment.name.span);
                    match &assignment.value {
                        Some(Value::Pipe(block)) => block,
                        _ => {
                            self.spans.push(assignment.span);
                            continue;
                        }
                    }
                }
                StatementKind::Block(block) => block,
            };
            self.head(&block.head);
            self.body(&block.body);
            for arm in &block.arms {
                self.head(&arm.head);
                self.body(&arm.body);
            }
        }
    }

    /// Nothing but layout, comments, `end`s and the `NAME =` of a pipe is outside of the spans.
    fn covers(mut self, text: &str) {
        self.spans.sort();
        let mut behind = 0;
        let ends = Span::new(text.len(), text.len());
        let mut rest = String::new();
        for span in self.spans.iter().chain([&ends]) {
            rest += text.get(behind..span.start).unwrap_or_default();
            rest.push(' ');
            behind = behind.max(span.end);
        }
        for line in rest.split('\n') {
            let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\u{b}' | '\u{c}' | '\u{feff}');
            for word in line.split(blank).filter(|word| !word.is_empty()) {
                if word.starts_with('#') {
                    break;
                }
                assert!(matches!(word, "end" | "=" | "let"), "`{word}` is not in the tree");
            }
        }
    }
}
