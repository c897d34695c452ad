//! From the tree of one item to a command: every word gets its meaning.
//!
//! Nothing here knows the name of an op: leading words are looked up in the catalogue, and how many
//! operands an op takes and of what types, whether it is a predicate, whether this version can run it is read there.

mod args;
mod command;
mod condition;
mod file;
mod line;
mod operands;
mod statement;

use std::collections::BTreeSet;
use std::sync::Arc;

use perch_ops::Entry;
use perch_syntax::tree::{self, Word};
use perch_syntax::{Diagnostic, Lines, Span, is_dotted_name, not_available, one_line};

use crate::program::{Command, Operand, Part, Place, Text};

pub(crate) use file::{FileLine, file_line};
pub use statement::runs_block;

/// What a leading word can mean.
#[derive(Clone, Copy)]
pub(crate) struct Names<'n> {
    /// The commands of the file.
    pub(crate) commands: &'n BTreeSet<String>,
    /// Whether the ops that only other ops' programs may use are visible.
    pub(crate) internal: bool,
}

impl Names<'_> {
    fn op(self, word: &str) -> Option<&'static Entry> {
        perch_ops::find(word).filter(|entry| !entry.is_keyword() && (self.internal || !entry.internal))
    }

    fn is_command(self, word: &str) -> bool {
        self.commands.contains(word)
    }

    /// What a file may use of the catalogue.
    fn visible_ops(self) -> impl Iterator<Item = &'static Entry> {
        perch_ops::catalogue().filter(move |entry| self.internal || !entry.internal)
    }
}

/// Lowers the text of a command. Spans and places count from the start of that text. Without a command there
/// is an error that says why.
pub(crate) fn command(text: &str, names: Names<'_>) -> (Option<Command>, Vec<Diagnostic>) {
    let (item, problems) = perch_syntax::parse(text);
    let mut lowering = Lowering { text, lines: Lines::new(text), names, problems };
    let command = match item {
        Some(tree::Item::Command(command)) => lowering.command(&command),
        _ => None,
    };
    let broken = lowering.problems.iter().any(Diagnostic::is_error);
    (command.filter(|_| !broken), lowering.problems)
}

/// What is wrong with an item that can be read and not be run.
pub(crate) fn refused(text: &str) -> Vec<Diagnostic> {
    let (item, mut problems) = perch_syntax::parse(text);
    let keyword = match &item {
        Some(tree::Item::Template(tree::Command { head, .. }) | tree::Item::Catch(tree::Command { head, .. })) => head,
        Some(tree::Item::Section(tree::Section { head, .. }) | tree::Item::Import(head)) => head,
        Some(tree::Item::Command(_) | tree::Item::Assignment(_) | tree::Item::Setting(_)) | None => return problems,
    }
    .keyword;
    problems.push(not_available(text.get(keyword.range()).unwrap_or_default(), keyword));
    problems.sort_by_key(|problem| problem.span);
    problems
}

/// The lowering of one item.
struct Lowering<'a> {
    text: &'a str,
    lines: Lines,
    names: Names<'a>,
    problems: Vec<Diagnostic>,
}

impl Lowering<'_> {
    fn place(&self, span: Span) -> Place {
        let (line, column) = self.lines.place(self.text, span.start);
        Place { line, column }
    }

    fn source(&self, span: Span) -> Arc<str> {
        one_line(self.written(span)).into()
    }

    fn written(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Says that words stand where none belong.
    fn no_words(&mut self, words: &[&Word], after: &str) {
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            let problem =
                Diagnostic::error("surplus-words", first.span.to(last.span), format!("`{after}` takes no words"));
            self.report(problem.help("put this on a line of its own, or remove it"));
        }
    }
}

/// The text of a word.
fn text(word: &Word) -> Text {
    let part = |part: &tree::Part| match part {
        tree::Part::Text(text) => Some(Part::Literal(text.clone())),
        tree::Part::Name(name) => Some(Part::Name(name.clone())),
        // The reader has reported it, so nothing that is lowered from it is used.
        tree::Part::Splice(_) | tree::Part::Call(_) => None,
    };
    Text { parts: word.parts.iter().filter_map(part).collect() }
}

/// What a word means where an op expects an operand: language §4.2.
fn operand(word: &Word) -> Operand {
    match word.bare() {
        Some(name) if is_dotted_name(name) => Operand::Name(name.to_owned()),
        _ => Operand::Text(text(word)),
    }
}

/// A word as help shows it: names stay as they are written.
fn shown(word: &Word) -> String {
    let part = |part: &tree::Part| match part {
        tree::Part::Text(text) => text.clone(),
        tree::Part::Name(name) | tree::Part::Splice(name) => format!("${{{name}}}"),
        tree::Part::Call(call) => format!("${{{}()}}", call.name),
    };
    word.parts.iter().map(part).collect()
}
