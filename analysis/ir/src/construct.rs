//! What is resolved and nothing runs yet.
//!
//! A program that holds one of these can be checked, listed and drawn. A command that can reach one is refused before it
//! does anything ([`crate::Snapshot::obstacles`]), so that no evaluator ever meets one. Whoever teaches the evaluator a construct moves
//! it from here to [`crate::program`].

use std::sync::Arc;

use perch_policy::Mask;

use crate::program::{Hook, OpCall, Operand, Place, Text};

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Construct {
    /// An op without a body.
    Op {
        /// Its name in the catalogue.
        op: &'static str,
        /// Its operands as written.
        operands: Vec<Operand>,
        /// Receives the result.
        bind: Option<String>,
    },
    /// `wasm_run … end`.
    Module {
        /// Where the module is.
        module: Module,
        /// What it is given: lines of the block by their names in the catalogue.
        lines: Vec<(&'static str, Text)>,
    },
}

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Module {
    /// From a file.
    File(Operand),
    /// From the bundle, by its name there.
    Bundled(String),
}

/// A hole in a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hole {
    /// The result of an op.
    Call {
        /// Its name in the catalogue.
        op: &'static str,
        /// Its operands.
        operands: Vec<Operand>,
    },
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// A predicate without a body.
    Predicate {
        /// The binding that goes before it, where one may be meant.
        name: Option<String>,
        /// Its name in the catalogue.
        op: &'static str,
        /// Its operands.
        operands: Vec<Operand>,
    },
}

/// What the lines of a command before `do` say, besides `description` and `private`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Config {
    /// `proxy_args`: words are not parsed.
    pub proxy_args: bool,
    /// `detached`: programs in the background outlive the command.
    pub detached: bool,
    /// `dir W`: the working directory.
    pub dir: Option<Line<OpCall>>,
    /// `env KEY W`: a variable each.
    pub env: Vec<Line<(String, Text)>>,
    /// `on_signal NAME`: a command.
    pub on_signal: Option<Line<String>>,
    /// `require_os W…`, `require_arch W…`: the fact, and its alternatives.
    pub require: Vec<Line<(&'static str, Vec<Text>)>>,
    /// What the command gives up: `offline`, `pure`, `read_only`.
    pub mask: Mask,
    /// `require_sandbox`: its file, or the main file, has a `sandbox`.
    pub require_sandbox: Option<Line<()>>,
    /// `test`, and what is lifted for it.
    pub test: Option<TestConfig>,
}

/// A line before `do` that is evaluated: a node, like a statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line<T> {
    /// Its first word.
    pub op: &'static str,
    /// What it says.
    pub value: T,
    /// Where it stands.
    pub place: Place,
    /// As written.
    pub source: Arc<str>,
}

/// The first word of a line before `do`, where it stands, and the line as written.
pub type Head<'l> = (&'static str, Place, &'l Arc<str>);

impl<T> Line<T> {
    fn head(&self) -> Head<'_> {
        (self.op, self.place, &self.source)
    }
}

impl Config {
    /// The lines that are evaluated when the command is entered, in the order in which that happens, and where they stand.
    pub fn lines(&self) -> impl Iterator<Item = Head<'_>> {
        self.requirements().chain(self.surroundings())
    }

    /// Those that say where the command runs at all: they come before its defaults.
    pub fn requirements(&self) -> impl Iterator<Item = Head<'_>> {
        self.require_sandbox.iter().map(Line::head).chain(self.require.iter().map(Line::head))
    }

    /// Those that come behind its defaults.
    pub fn surroundings(&self) -> impl Iterator<Item = Head<'_>> {
        self.env.iter().map(Line::head).chain(self.dir.iter().map(Line::head))
    }

    pub(crate) fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let Self { require_sandbox, require, env, dir, on_signal, .. } = self;
        let require = require.iter_mut().map(|line| &mut line.place);
        let require = require.chain(require_sandbox.iter_mut().map(|line| &mut line.place));
        let env = env.iter_mut().map(|line| &mut line.place);
        let others = require.chain(env).chain(dir.iter_mut().map(|line| &mut line.place));
        others.chain(on_signal.iter_mut().map(|line| &mut line.place))
    }
}

/// What a test says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct TestConfig {
    /// `test_allow_…` and `test_keep_cwd`.
    pub lifted: Vec<&'static str>,
    /// `test_timeout W`.
    pub timeout: Option<Text>,
}

/// The lines of a section of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// `bundle`: files to carry along.
    Bundle(Vec<Include>),
    /// `requires`: what the file may touch.
    Requires(Vec<Requirement>),
    /// `sandbox`: what its commands give up. Names of clauses, and their words.
    Sandbox(Vec<(&'static str, Vec<Text>)>),
    /// `hooks`: commands around ops.
    Hooks(Vec<Hook>),
}

/// `include PATH [as NAME]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Include {
    /// The file or directory, relative to the source.
    pub path: Text,
    /// What modules call it.
    pub name: Option<String>,
}

/// A line of `requires`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// `bin`, `env`, `host`, `read`, `write`, `os` or `arch`.
    pub what: &'static str,
    /// Its words. A bare name of a path is that binding.
    pub words: Vec<Operand>,
    /// What bodies call the program.
    pub handle: Option<String>,
    /// It may be missing.
    pub optional: bool,
    /// `hash` and `hash_file` lines.
    pub pins: Vec<(&'static str, Text)>,
    /// Where it stands.
    pub place: Place,
    /// As written.
    pub source: Arc<str>,
}

/// The name under which an argument of a template is bound. No program can write it, so it neither hides a binding of the caller nor
/// is hidden by one.
#[must_use]
pub fn hygienic(template: &str, argument: &str) -> String {
    format!(" {template} {argument}")
}

/// What the names begin with under which the words of lists are bound.
pub const WORDS: &str = " word ";

/// The name under which a word of a list is bound. No program can write it.
#[must_use]
pub fn word_of(list: &str, at: usize) -> String {
    format!("{WORDS}{list} {at}")
}

/// The list that a name stands for a word of, as its command or template calls it.
#[must_use]
pub fn list_of(word: &str) -> Option<&str> {
    let (list, _) = word.strip_prefix(WORDS)?.rsplit_once(' ')?;
    list.rsplit(' ').next()
}

/// The name under which the program is bound that the manifest calls so. No program can write it.
#[must_use]
pub fn handle(name: &str) -> String {
    format!(" handle {name}")
}
