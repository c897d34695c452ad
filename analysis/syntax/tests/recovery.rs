//! What is left of a file with mistakes in it.
//!
//! Each case in `recovery/*.txt` is a title between lines of `=`, a source, a line of `-`, and what is read of it: each item
//! with its statements, then each problem with its place, its code and the text it points at. An item that was
//! not read, because how its blocks belong together is not known, says so.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use perch_syntax::tree::{Arm, Block, Command, Item, Member, Statement, StatementKind, Value};
use perch_syntax::{Diagnostic, Lines, cut, one_line, parse};

const FILES: [(&str, &str); 4] = [
    ("blocks", include_str!("recovery/blocks.txt")),
    ("files", include_str!("recovery/files.txt")),
    ("lines", include_str!("recovery/lines.txt")),
    ("words", include_str!("recovery/words.txt")),
];

#[test]
fn a_mistake_leaves_what_stands_around_it() {
    let mut ran = 0;
    let mut wrong = String::new();
    for (file, text) in FILES {
        for (title, source, expected) in cases(text) {
            let found = read(source);
            if found != expected.trim() {
                wrong += &format!("\n==== {file}: {title}\n{source}----\n{found}\n");
            }
            ran += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(ran >= 60, "only {ran} cases were found");
}

/// A mistake that nobody says anything about would be the worst of all.
#[test]
fn every_case_has_a_problem() {
    for (file, text) in FILES {
        for (title, _, expected) in cases(text) {
            assert!(expected.contains('`') || title.ends_with("(for lowering to judge)"), "{file}: {title}");
        }
    }
}

fn cases(text: &str) -> Vec<(&str, &str, &str)> {
    let mut sections = text.split("====\n").skip(1);
    let mut cases = Vec::new();
    while let (Some(title), Some(rest)) = (sections.next(), sections.next()) {
        let (source, expected) = rest.split_once("----\n").unwrap();
        cases.push((title.trim(), source, expected));
    }
    cases
}

/// What is read of a file, as the cases show it.
fn read(source: &str) -> String {
    let cut = cut(source);
    let mut shown = Vec::new();
    let mut problems = cut.problems;
    for item in &cut.items {
        let text = &source[item.span.range()];
        let first = one_line(text.lines().next().unwrap_or_default());
        let mut own = item.problems.clone();
        if own.iter().any(Diagnostic::is_error) {
            shown.push(format!("{first}: not read"));
        } else {
            let (tree, more) = parse(text);
            own.extend(more);
            shown.push(tree.map_or_else(|| format!("{first}: not read"), |tree| item_shown(&first, &tree, text)));
        }
        problems.extend(own.into_iter().map(|problem| problem.shifted(item.span.start)));
    }
    problems.sort_by_key(|problem| problem.span);
    let lines = Lines::new(source);
    shown.extend(problems.iter().map(|problem| {
        let (line, column) = lines.place(source, problem.span.start);
        format!("{line}:{column} {} `{}`", problem.code, one_line(&source[problem.span.range()]))
    }));
    shown.join("\n")
}

fn item_shown(first: &str, item: &Item, text: &str) -> String {
    match item {
        Item::Command(command) | Item::Template(command) | Item::Catch(command) => {
            format!("{first}: {}", command_shown(command, text))
        }
        Item::Section(section) => {
            let entries = section.entries.iter().map(|entry| one_line(&text[entry.setting.span.range()]));
            format!("{first}: {}", entries.collect::<Vec<_>>().join(" | "))
        }
        Item::Import(_) | Item::Assignment(_) | Item::Setting(_) => first.to_owned(),
    }
}

fn command_shown(command: &Command, text: &str) -> String {
    let member = |member: &Member| match member {
        Member::Setting(setting) => one_line(&text[setting.span.range()]),
        Member::Arg(arg) => format!("{} {{{}}}", one_line(&text[arg.head.span.range()]), arg.settings.len()),
        Member::Do(_, statements) => format!("do {}", body_shown(statements, text)),
    };
    command.members.iter().map(member).collect::<Vec<_>>().join(" | ")
}

fn body_shown(statements: &[Statement], text: &str) -> String {
    let statement = |statement: &Statement| match &statement.kind {
        StatementKind::Block(block) => block_shown(block, text),
        StatementKind::Assignment(assignment) => match &assignment.value {
            Some(Value::Pipe(block)) => {
                format!("{} = {}", one_line(&text[assignment.name.span.range()]), block_shown(block, text))
            }
            _ => one_line(&text[statement.span.range()]),
        },
        StatementKind::Line(_) => one_line(&text[statement.span.range()]),
    };
    format!("{{{}}}", statements.iter().map(statement).collect::<Vec<_>>().join(" | "))
}

fn block_shown(block: &Block, text: &str) -> String {
    let arm = |arm: &Arm| format!(" {} {}", one_line(&text[arm.head.span.range()]), body_shown(&arm.body, text));
    let arms: String = block.arms.iter().map(arm).collect();
    format!("{} {}{arms}", one_line(&text[block.head.span.range()]), body_shown(&block.body, text))
}
