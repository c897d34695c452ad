//! One use of an op: its words against its entry in the catalogue.

use perch_ops::{Entry, Group, Instead, Type};
use perch_syntax::tree::{Part, Word};
use perch_syntax::{Code, Diagnostic, Span, glued_name, is_dotted_name, is_name};

use super::Lowering;
use super::condition::quoted_line;
use super::habits::gives_to_shell;
use crate::program::Operand;

/// An op with its operands.
pub(super) struct Use {
    pub(super) entry: &'static Entry,
    pub(super) operands: Vec<Operand>,
}

impl Lowering<'_> {
    /// One use of an op. Mistakes are found also where this version could not run the op anyway.
    pub(super) fn op(&mut self, entry: &'static Entry, name: &Word, words: &[Word]) -> Option<Use> {
        self.warn_about_joints(words);
        self.warn_about_habits(Some(entry), words);
        let span = words.iter().fold(name.span, |span, word| span.to(word.span));
        if !words.iter().any(is_splice) {
            self.check_arity(entry, words.len(), span)?;
        }
        self.warn_if_swapped(entry, words);
        self.check_options(entry, name, words)?;
        self.warn_about_path_as_text(entry, name, words);
        let operands: Vec<_> = words.iter().enumerate().map(|(at, word)| self.typed(entry, at, word)).collect();
        let operands = operands.into_iter().collect::<Option<_>>()?;
        self.warn_about_line(entry, words);
        self.check_started(entry, words)?;
        self.note_if_missing(entry, name);
        Some(Use { entry, operands })
    }

    /// Says so if this version cannot run an op.
    pub(super) fn note_if_missing(&mut self, entry: &'static Entry, name: &Word) {
        if entry.op().is_none() {
            let problem = Diagnostic::not_yet(name.span, name.bare().unwrap_or(entry.name));
            self.report(
                problem
                    .help(format!("`perch help {}` describes the op; no command that can reach it is run", entry.name)),
            );
        }
    }

    pub(super) fn check_arity(&mut self, entry: &Entry, given: usize, span: Span) -> Option<()> {
        let (least, most) = (entry.least(), entry.most());
        if given >= least && most.is_none_or(|most| given <= most) {
            return Some(());
        }
        let bound = match most {
            None => format!("at least {least}"),
            Some(most) if least == most => most.to_string(),
            Some(most) => format!("{least} to {most}"),
        };
        let plural = if matches!(bound.as_str(), "1" | "at least 1") { "" } else { "s" };
        let is_blank = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
        let mut written = self.written(span).split(is_blank).filter(|word| !word.is_empty());
        let name = written.next().filter(|word| entry.aliases.contains(word)).unwrap_or(entry.name);
        let usage = format!("{name}{}", entry.usage().strip_prefix(entry.name).unwrap_or_default());
        let message = format!("`{name}` takes {bound} operand{plural}, not {given}");
        let problem = Diagnostic::new(Code::WrongOperandCount, span, message);
        // `export NAME=value`
        let is_variable = entry.operand(0).is_some_and(|first| first.ty == Type::Variable);
        let words: Vec<&str> = written.collect();
        let pair = words.join(" ").replacen(" = ", "=", 1);
        let is_surplus = most.is_some_and(|most| given > most);
        self.report(problem.help(match glued_name(&pair).filter(|_| is_variable) {
            Some(_) => format!("write `{name} {}`", with_braces(&pair.replacen('=', " ", 1))),
            None if is_surplus && gives_to_shell(entry) => {
                format!("the line is one text: write `{name} {}`", quoted_line(&words.join(" ")))
            }
            None if is_surplus => without_options(entry, name, &words).unwrap_or_else(|| {
                format!("write `{usage}`, as in `{}`", entry.example.lines().next().unwrap_or_default())
            }),
            None => format!("write `{usage}`"),
        }));
        None
    }

    /// A word as the operand that it is. What is not written out is checked by the run.
    fn typed(&mut self, entry: &Entry, at: usize, word: &Word) -> Option<Operand> {
        let Some(expected) = entry.operand(at) else { return Some(self.operand(word)) };
        if is_splice(word) && expected.need.repeats() {
            return Some(Operand::Text(self.splice_or_text(word)));
        }
        self.operand_of(entry, expected, word)
    }

    /// A word as that operand.
    pub(super) fn operand_of(&mut self, entry: &Entry, expected: &perch_ops::Operand, word: &Word) -> Option<Operand> {
        if expected.ty == Type::Word {
            return Some(Operand::Text(self.text(word)));
        }
        self.warn_if_named(entry, word);
        self.warn_about_path(entry, expected, word);
        let operand = self.operand(word);
        if let Operand::Text(text) = &operand
            && let Some(literal) = text.as_literal()
            && !expected.ty.accepts(literal)
        {
            self.wrong_type(entry, expected, literal, word.span);
            return None;
        }
        Some(operand)
    }

    fn wrong_type(&mut self, entry: &Entry, expected: &perch_ops::Operand, given: &str, span: Span) {
        let name = expected.name.to_uppercase();
        let wants = expected.ty.wants().unwrap_or_default();
        let message = format!("{name} of `{}` is {wants}, not `{given}`", entry.name);
        let problem = Diagnostic::new(Code::WrongOperandType, span, message);
        let example = entry.example.lines().next().unwrap_or_default();
        self.report(problem.help(format!("write `{}`, as in `{example}`", entry.usage())));
    }

    /// `cut -f1 TEXT` and `gzip -k FILE`: options that stand where an operand does.
    fn check_options(&mut self, entry: &Entry, name: &Word, words: &[Word]) -> Option<()> {
        let first = words.first().filter(|_| entry.names_program());
        let Some(option) = first.and_then(Word::bare).filter(|word| is_option(word)) else { return Some(()) };
        let expected = entry.operand(0)?;
        let span = words.first().map_or(name.span, |word| word.span);
        let written: Vec<&str> = words.iter().map(|word| self.written(word.span)).collect();
        let help = for_program(entry, entry.name, &written);
        let as_what = expected.name.to_uppercase();
        if expected.ty.accepts(option) {
            let message = format!("`{option}` is {as_what} of `{}` here: ops take no options", entry.name);
            self.report(Diagnostic::new(Code::ForeignForm, span, message).help(help));
            return Some(());
        }
        let wants = expected.ty.wants().unwrap_or_default();
        let message = format!("{as_what} of `{}` is {wants}, not `{option}`: ops take no options", entry.name);
        self.report(Diagnostic::new(Code::WrongOperandType, span, message).help(help));
        None
    }

    /// `grep TODO notes.txt` looks in the name, not in the file.
    fn warn_about_path_as_text(&mut self, entry: &Entry, name: &Word, words: &[Word]) {
        if entry.group != Group::Line {
            return;
        }
        let is_text = |at: usize| entry.operand(at).is_some_and(|expected| expected.ty == Type::Text);
        let path = words.iter().enumerate().find(|(at, word)| is_text(*at) && self.is_like_path(word));
        let Some((at, word)) = path else { return self.warn_if_negative(entry, words) };
        let path = self.written(word.span);
        let mut meant: Vec<&str> = words.iter().map(|word| self.written(word.span)).collect();
        let program = self.program_line(name, words);
        // The program takes a number as an option, so what is written is right for one of both.
        let is_for_program = entry.operand(0).is_some_and(|first| first.ty == Type::Regex)
            || words.first().and_then(Word::bare).is_some_and(|first| first.starts_with('-'));
        let is_for_program = is_for_program && entry.names_program();
        if let Some(number) = meant.first_mut().filter(|_| entry.operand(0).is_some_and(|first| first.ty == Type::Int))
        {
            *number = number.trim_start_matches('-');
        }
        if let Some(text) = meant.get_mut(at) {
            *text = "text";
        }
        let message = format!("`{path}` is the text that `{}` works on, and not what the file holds", entry.name);
        let exec = if is_for_program { format!("; or `{program}`, which is the program") } else { String::new() };
        let help = format!("write `text = read_file {path}` above, and `{} {}`{exec}", entry.name, meant.join(" "));
        self.report(Diagnostic::new(Code::PathAsText, word.span, message).help(help));
    }

    /// `head -1 text`, as programs have it, is no line at all.
    fn warn_if_negative(&mut self, entry: &Entry, words: &[Word]) {
        let Some((first, rest)) = words.split_first() else { return };
        let is_number = entry.operand(0).is_some_and(|first| first.ty == Type::Int);
        let Some(number) = first.bare().and_then(|bare| bare.strip_prefix('-')).filter(|_| is_number) else { return };
        let message = format!("of a negative number `{}` gives nothing: ops take no options", entry.name);
        let help = format!("write `{} {number} {}`", entry.name, self.line_of(rest));
        self.report(Diagnostic::new(Code::ForeignForm, first.span, message).help(help));
    }

    fn program_line(&self, name: &Word, words: &[Word]) -> String {
        let start = perch_ops::program_start().entry().name;
        format!("{start} {} {}", self.written(name.span), self.line_of(words))
    }

    /// `src/main.c`, `notes.txt`, but not `err.message`.
    fn is_like_path(&self, word: &Word) -> bool {
        let Some(bare) = word.bare() else { return false };
        let name = bare.rsplit('/').next().unwrap_or(bare);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let is_ending = ending.starts_with(|c: char| c.is_ascii_alphabetic()) && ending.len() <= 5;
        let is_part = is_dotted_name(bare) && bare.split('.').next().is_some_and(|head| self.bound.contains(head));
        (is_ending || bare.starts_with(['/', '.']) && bare.len() > 2) && !is_part && !bare.contains("://")
    }

    /// `regex_match "${tag}" "^v"` looks for the tag in a pattern.
    fn warn_if_swapped(&mut self, entry: &Entry, words: &[Word]) {
        let takes_pattern = entry.operand(0).is_some_and(|first| first.ty == Type::Regex);
        let [first, second, ..] = words else { return };
        let is_value = matches!(first.parts.as_slice(), [Part::Name(_)]);
        if takes_pattern && is_value && second.literal().is_some_and(is_anchored) {
            let message = format!("`{}` takes the pattern first", entry.name);
            let problem = Diagnostic::new(Code::SwappedOperands, first.span.to(second.span), message);
            self.report(problem.help(format!("write `{}`", entry.usage())));
        }
    }

    /// `exec "ls -l"` starts a program with a blank in its name.
    fn warn_about_line(&mut self, entry: &'static Entry, words: &[Word]) {
        let [word] = words else { return };
        if entry.op() != Some(perch_ops::program_start()) || !word.quoted {
            return;
        }
        let Some(line) = word.literal().filter(|line| line.trim().contains(' ') && !line.starts_with(['/', '.']))
        else {
            return;
        };
        let message = "this is the name of one program, with blanks in it".to_owned();
        let help = format!(
            "write `{} {line}`: each word is an argument; `shell {}` is a line for the shell",
            entry.name,
            quoted_line(line)
        );
        self.warn_of(word.span, (message, help));
    }

    /// `cp src=a dst=b` copies a file of the name `src=a`.
    fn warn_if_named(&mut self, entry: &Entry, word: &Word) {
        let Some(Part::Text(text)) = word.parts.first() else { return };
        let written = self.written(word.span);
        let (bare, signs): (&str, &[char]) =
            if word.bare().is_some() { (text, &['=', ':']) } else { (written, &['=']) };
        let Some((name, value)) = bare.split_once(signs).filter(|(name, _)| text.starts_with(*name)) else { return };
        // An operand of a block may be given by its name, and is its value then.
        if !text.get(name.len()..).is_some_and(|rest| rest.starts_with(signs)) {
            return;
        }
        if entry.operands.iter().any(|operand| operand.name == name) {
            let message = format!("`{bare}` is one text: operands of ops have no names");
            let help = format!("write `{}`, here `{value}`; or quotes if the text is meant", entry.usage());
            self.report(Diagnostic::new(Code::NamedOperand, word.span, message).help(help));
        }
    }
}

/// `-f`, `--force`; a number is none.
fn is_option(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'))
}

/// What to write for an op with options of the program of its name, unless it has none, or something else is wrong as well.
fn without_options(entry: &Entry, name: &str, words: &[&str]) -> Option<String> {
    let (options, others): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with('-'));
    let rest = others.len();
    let fits = rest >= entry.least() && entry.most().is_some_and(|most| rest <= most);
    let instead = entry.instead_of_options(&options);
    let meant = match instead {
        _ if options.is_empty() => return None,
        Instead::Without if fits => name,
        Instead::Op(op) if fits => op,
        Instead::Without => return None,
        Instead::Op(_) | Instead::ProgramOfText | Instead::Program => return Some(for_program(entry, name, words)),
    };
    let line = std::iter::once(meant).chain(others).collect::<Vec<_>>().join(" ");
    Some(format!("ops take no options such as `{}`: write `{line}`", options.join(" ")))
}

/// How to start the program of an op's name.
fn for_program(entry: &Entry, name: &str, words: &[&str]) -> String {
    let start = perch_ops::program_start().entry().name;
    let line = format!("write `{start} {name} {}` for the program of that name", words.join(" "));
    let of_text = entry.instead_of_options(words) == Instead::ProgramOfText;
    if of_text { format!("{line}: the op works on the lines of a text that it is given") } else { line }
}

/// `$NAME` as it is written here.
pub(super) fn with_braces(written: &str) -> String {
    let mut out = String::new();
    let mut rest = written;
    while let Some(at) = rest.find('$') {
        let (before, behind) = rest.split_at(at);
        let end = behind[1..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(behind.len(), |end| end + 1);
        let name = &behind[1..end];
        out += before;
        out +=
            &if is_name(name) && !before.ends_with('\\') { format!("${{{name}}}") } else { behind[..end].to_owned() };
        rest = &behind[end..];
    }
    out + rest
}

/// Whether a text can hardly be anything but a pattern.
fn is_anchored(text: &str) -> bool {
    text.starts_with('^') || text.ends_with('$') || text.contains(".*") || text.contains("\\d")
}

pub(super) fn is_splice(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [Part::Splice(_)])
}
