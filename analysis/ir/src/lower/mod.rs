//! From the tree of one item to what it means: every word gets its meaning.
//!
//! Nothing here knows the name of an op: leading words are looked up in the catalogue, and how many
//! operands an op takes and of what types, whether it is a predicate, whether this version can run it is read there.
//!
//! What this version cannot run is lowered like the rest, and reported as not there yet.

mod args;
mod block;
mod command;
mod condition;
mod config;
mod declared;
mod file;
mod habits;
mod import;
mod limits;
mod line;
mod mounts;
mod operands;
mod pairs;
mod section;
mod statement;
mod template;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use perch_ops::Entry;
use perch_syntax::tree::{self, Word};
use perch_syntax::{Code, Diagnostic, Fix, Lines, Span, not_available, one_line};

use crate::program::{Arg, Command, Place};

pub use declared::first_command;
pub use file::FileLine;
pub(crate) use file::file_line;
pub use import::ImportLine;
pub(crate) use import::import;
pub(crate) use section::{section, section_header};
pub use statement::runs_block;

/// What leading words can mean besides ops.
pub(crate) trait Scope {
    /// Whether a command has that name.
    fn is_command(&self, name: &str) -> bool;
    /// The arguments of the template of that name.
    fn template(&self, name: &str) -> Option<&[Arg]>;
    /// Every command and template, for suggestions.
    fn suggestions(&self) -> Box<dyn Iterator<Item = &str> + '_>;
    /// Those that start with a character.
    fn starting_with(&self, first: char) -> Box<dyn Iterator<Item = &str> + '_>;
    /// Whether an import has that alias.
    fn is_alias(&self, name: &str) -> bool;
    /// Whether a file binds that name for all its commands.
    fn is_shared(&self, name: &str) -> bool;
    /// What the manifest says of programs, if there is one.
    fn manifest(&self) -> Option<&Programs>;
    /// Names of bundled files.
    fn bundled(&self) -> &BTreeSet<String>;
}

/// Which programs a manifest names.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Programs {
    /// Names and paths as written.
    pub(crate) declared: BTreeSet<String>,
    /// Names for paths.
    pub(crate) handles: BTreeSet<String>,
    /// Some names are only known when the command runs.
    pub(crate) open: bool,
}

/// Nothing but ops: for the programs of ops themselves.
pub(crate) struct OpsOnly;

impl Scope for OpsOnly {
    fn is_command(&self, _: &str) -> bool {
        false
    }

    fn template(&self, _: &str) -> Option<&[Arg]> {
        None
    }

    fn suggestions(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(std::iter::empty())
    }

    fn starting_with(&self, _: char) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(std::iter::empty())
    }

    fn is_alias(&self, _: &str) -> bool {
        false
    }

    fn is_shared(&self, _: &str) -> bool {
        false
    }

    fn manifest(&self) -> Option<&Programs> {
        None
    }

    fn bundled(&self) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        &NONE
    }
}

/// What a leading word can mean.
#[derive(Clone, Copy)]
pub(crate) struct Names<'n> {
    /// Besides ops.
    pub(crate) scope: &'n dyn Scope,
    /// Whether the ops that only other ops' programs may use are visible.
    pub(crate) internal: bool,
}

impl<'n> Names<'n> {
    fn op(self, word: &str) -> Option<&'static Entry> {
        perch_ops::find(word).filter(|entry| !entry.is_keyword() && (self.internal || !entry.internal))
    }

    fn is_command(self, word: &str) -> bool {
        self.scope.is_command(word)
    }

    fn template(self, word: &str) -> Option<&'n [Arg]> {
        self.scope.template(word)
    }

    /// What a file may use of the catalogue.
    fn visible_ops(self) -> impl Iterator<Item = &'static Entry> {
        perch_ops::catalogue().filter(move |entry| self.internal || !entry.internal)
    }
}

/// Lowers the text of a command, a template or a catch. Spans and places count from the start of that text. Without a command there
/// is an error that says why.
pub(crate) fn command(text: &str, names: Names<'_>) -> (Option<Command>, Vec<Diagnostic>) {
    let (item, problems) = perch_syntax::parse(text);
    let mut lowering = Lowering::new(text, names, problems);
    let command = match item {
        Some(tree::Item::Command(command)) => lowering.command(&command),
        Some(tree::Item::Template(template)) => lowering.template(&template),
        Some(tree::Item::Catch(catch)) => lowering.catch(&catch),
        _ => None,
    };
    lowering.finish(command)
}

/// What callers see of the text of a command or template: everything but its body. Its mistakes are not told.
pub(crate) fn header(text: &str) -> Option<Command> {
    let (item, _) = perch_syntax::parse(text);
    let mut lowering = Lowering::new(text, Names { scope: &OpsOnly, internal: false }, Vec::new());
    let without_body = |mut command: tree::Command| {
        command.members.retain(|member| !matches!(member, tree::Member::Do(..)));
        command
    };
    match item? {
        tree::Item::Command(command) => lowering.command(&without_body(command)),
        tree::Item::Template(template) => lowering.template(&without_body(template)),
        _ => None,
    }
}

/// The lowering of one item.
struct Lowering<'a> {
    text: &'a str,
    lines: Lines,
    names: Names<'a>,
    problems: Vec<Diagnostic>,
    /// The arguments of the template that is lowered, and how they are called in its body.
    locals: BTreeMap<String, String>,
    /// Names of which every argument can be a word of its own.
    spliced: Vec<String>,
    /// Names that the body binds, as far as it was read.
    bound: BTreeSet<String>,
    /// Names that are bound to what an op says of how a program ended: language §7.3.
    statuses: BTreeSet<String>,
    /// Whether each line is a program, and no op is meant by it.
    in_pipe: bool,
}

impl<'a> Lowering<'a> {
    fn new(text: &'a str, names: Names<'a>, problems: Vec<Diagnostic>) -> Self {
        let lines = Lines::new(text);
        let (locals, spliced, bound, statuses) = Default::default();
        Self { text, lines, names, problems, locals, spliced, bound, statuses, in_pipe: false }
    }

    /// What was lowered, if nothing is wrong with it.
    fn finish<T>(self, lowered: Option<T>) -> (Option<T>, Vec<Diagnostic>) {
        let broken = self.problems.iter().any(Diagnostic::is_error);
        (lowered.filter(|_| !broken), self.problems)
    }

    fn place(&self, span: Span) -> Place {
        let (line, column) = self.lines.place(self.text, span.start);
        Place { line, column }
    }

    fn source(&self, span: Span) -> Arc<str> {
        one_line(self.written(span)).into()
    }

    fn written(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Words as they are written, with a blank between them.
    fn line_of(&self, words: &[Word]) -> String {
        words.iter().map(|word| self.written(word.span)).collect::<Vec<_>>().join(" ")
    }

    fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Says that this version cannot run something.
    fn not_yet(&mut self, word: &str, span: Span) {
        self.report(not_available(word, span));
    }

    /// Says that words stand where none belong.
    fn no_words(&mut self, words: &[&Word], after: &str) {
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            let problem =
                Diagnostic::new(Code::SurplusWords, first.span.to(last.span), format!("`{after}` takes no words"));
            let title = self.written(first.span);
            let is_title = after == "command NAME" && words.len() == 1 && title.starts_with('"');
            self.report(if is_title {
                let problem = problem.help(format!("write `description {title}` on the next line"));
                let has_none = !self.text.lines().any(|line| line.trim_start().starts_with("description"));
                let fix = self.title_below(first.span).filter(|_| has_none);
                Diagnostic { fix, ..problem }
            } else {
                problem.help("put this on a line of its own, or remove it")
            });
        }
    }

    /// How lines end here.
    fn line_end(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Moves the title of a command to a line below its name.
    fn title_below(&self, title: Span) -> Option<Fix> {
        let before = self.text.get(..title.start)?;
        let name_end = before.trim_end_matches([' ', '\t']).len();
        let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        let indent = line.len() - line.trim_start().len();
        let below = format!("{}{}description {}", self.line_end(), " ".repeat(indent + 2), self.written(title));
        Some(Fix::safe("write it as the description").edit(Span::new(name_end, title.end), below))
    }
}
