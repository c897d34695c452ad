//! One use of an op: its words against its entry in the catalogue.

use perch_ops::{Entry, Type};
use perch_syntax::tree::{Part, Word};
use perch_syntax::{Code, Diagnostic, Span, glued_name};

use super::Lowering;
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
        self.warn_about_habits(words);
        let span = words.iter().fold(name.span, |span, word| span.to(word.span));
        if !words.iter().any(is_splice) {
            self.check_arity(entry, words.len(), span)?;
        }
        self.warn_if_swapped(entry, words);
        let operands: Vec<_> = words.iter().enumerate().map(|(at, word)| self.typed(entry, at, word)).collect();
        let operands = operands.into_iter().collect::<Option<_>>()?;
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
        let (options, others): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with('-'));
        let is_surplus = most.is_some_and(|most| given > most);
        let rest = given.saturating_sub(options.len());
        let fits = !options.is_empty() && rest >= least && most.is_some_and(|most| rest <= most);
        self.report(problem.help(match glued_name(&pair).filter(|_| is_variable) {
            Some(_) => format!("write `{name} {}`", pair.replacen('=', " ", 1)),
            None if is_surplus && fits => {
                format!("ops take no options such as `{}`: write `{name} {}`", options.join(" "), others.join(" "))
            }
            None if is_surplus => {
                format!("write `{usage}`, as in `{}`", entry.example.lines().next().unwrap_or_default())
            }
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

    /// `cp src=a dst=b` copies a file of the name `src=a`.
    fn warn_if_named(&mut self, entry: &Entry, word: &Word) {
        let Some(bare) = word.bare() else { return };
        let Some((name, value)) = bare.split_once(['=', ':']) else { return };
        if entry.operands.iter().any(|operand| operand.name == name) {
            let message = format!("`{bare}` is one text: operands of ops have no names");
            let help = format!("write `{}`, here `{value}`; or quotes if the text is meant", entry.usage());
            self.report(Diagnostic::new(Code::NamedOperand, word.span, message).help(help));
        }
    }
}

/// Whether a text can hardly be anything but a pattern.
fn is_anchored(text: &str) -> bool {
    text.starts_with('^') || text.ends_with('$') || text.contains(".*") || text.contains("\\d")
}

pub(super) fn is_splice(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [Part::Splice(_)])
}
