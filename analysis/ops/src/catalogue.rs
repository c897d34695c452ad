//! The table of ops.
//!
//! One file per group, each a table in the order of the alphabet. An entry says everything that anybody wants to know
//! of an op: lowering checks operands against it, help and the reference are printed from it, and the evaluator runs its
//! [`Body`]. Ops whose body is not written yet have an entry all the same ([`Meaning::NotYet`]): programs
//! that use them are read and checked, and a command that can reach one is not run.

mod archive;
mod assert;
mod bundle;
mod context;
mod elsewhere;
mod encoding;
mod env;
mod facts;
mod flow;
mod fs;
mod group;
mod hash;
mod http;
mod internal;
mod json;
mod line;
pub mod machine;
mod net;
pub mod operand;
mod options;
mod path;
mod pkg;
mod process;
mod regex;
mod string;
mod system;
mod target;
mod time;
mod touch;
mod version;
mod wasm;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::contract::Ask;
use crate::{ErrorKind, Primitive, Pure};
pub use elsewhere::{called_here, is_common_program, kin};
pub use facts::{FACTS, Fact, INNER_FACTS, Subject, fact_named};
pub use group::Group;
pub use operand::{Need, Operand, Type};
pub use options::Instead;
pub use pkg::{Answer, Errand, IS_INSTALLED, MANAGERS, Manager, Sent, manages, sent};
pub use target::{Category, Target};
pub use touch::{On, Touch};

/// What the catalogue knows of an op.
#[derive(Debug)]
pub struct Entry {
    /// Its name in programs.
    pub name: &'static str,
    /// Other spellings that programs may use.
    pub aliases: &'static [&'static str],
    /// Where the reference lists it.
    pub group: Group,
    /// Part of other ops' programs, not to be written in files.
    pub internal: bool,
    /// May stand as a condition.
    pub predicate: bool,
    /// What it is given, in order.
    pub operands: &'static [Operand],
    /// What it yields, if that is worth binding.
    pub result: Option<Type>,
    /// What it touches besides texts.
    pub touches: &'static [Touch],
    /// Doing it twice is not doing it once, also if nothing else has happened.
    pub adds_up: bool,
    /// How it can fail of its own; [`Entry::error_kinds`] has the others, too.
    pub kinds: &'static [ErrorKind],
    /// One line for the reference.
    pub summary: &'static str,
    /// A snippet of perch.
    pub example: &'static str,
    /// What it does.
    pub meaning: Meaning,
}

/// What an entry means to this version.
#[derive(Debug)]
pub enum Meaning {
    /// An op that runs.
    Runs(Body),
    /// An op that programs may name and that nothing runs yet.
    NotYet,
    /// A word of the grammar: whether such a block runs is for those to say who lower and evaluate it.
    Keyword,
}

/// What an op does.
#[derive(Debug)]
pub enum Body {
    /// Touches the host.
    Primitive(Primitive),
    /// Touches nothing.
    Pure(Pure),
    /// Changes what runs next.
    Control(Control),
    /// Statements of perch; operands are bound under their names, and what `result` holds at the end
    /// is yielded. The policy is asked these questions before the first statement (numbers are operands).
    Program(&'static str, &'static [Ask]),
}

/// A change of what runs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Raises `user_fail` with operand 0 as message.
    Raise,
    /// Ends the run with operand 0 as status.
    Exit,
    /// Raises that with operand 0 as message. Unlike behind the others, a report may go on behind it.
    Refuse(ErrorKind),
}

impl Entry {
    const fn statement(group: Group) -> Self {
        Self {
            name: "",
            aliases: &[],
            group,
            internal: false,
            predicate: false,
            operands: &[],
            result: None,
            touches: &[],
            adds_up: false,
            kinds: &[],
            summary: "",
            example: "",
            meaning: Meaning::NotYet,
        }
    }

    const fn value(group: Group) -> Self {
        Self { result: Some(Type::Text), ..Self::statement(group) }
    }

    const fn predicate(group: Group) -> Self {
        Self { predicate: true, result: Some(Type::Bool), ..Self::statement(group) }
    }

    /// The op, if this version can run it.
    #[must_use]
    pub fn op(&'static self) -> Option<OpId> {
        match &self.meaning {
            Meaning::Runs(body) => Some(OpId { entry: self, body }),
            Meaning::NotYet | Meaning::Keyword => None,
        }
    }

    /// A word of the grammar.
    #[must_use]
    pub fn is_keyword(&self) -> bool {
        matches!(self.meaning, Meaning::Keyword)
    }

    /// Whether it does more than work on its operands and decide what runs next.
    #[must_use]
    pub fn reaches_out(&self) -> bool {
        self.touches.iter().any(|touch| !matches!(touch, Touch::Flow))
    }

    /// How many operands it needs.
    #[must_use]
    pub fn least(&self) -> usize {
        self.operands.iter().filter(|operand| operand.need.is_needed()).count()
    }

    /// How many operands it takes; `None` is any number.
    #[must_use]
    pub fn most(&self) -> Option<usize> {
        let repeats = self.operands.last().is_some_and(|operand| operand.need.repeats());
        (!repeats).then_some(self.operands.len())
    }

    /// The operand that the word at this position is.
    #[must_use]
    pub fn operand(&self, at: usize) -> Option<&'static Operand> {
        let last = || self.operands.last().filter(|operand| operand.need.repeats());
        self.operands.get(at).or_else(last)
    }

    /// How it is written: `cp SRC DST`.
    #[must_use]
    pub fn usage(&self) -> String {
        let operands = self.operands.iter().map(|operand| format!(" {operand}"));
        std::iter::once(self.name.to_owned()).chain(operands).collect()
    }

    /// How it can fail: of its own, for lack of a permission, and on the host's side. In the order of their names.
    #[must_use]
    pub fn error_kinds(&self) -> Vec<ErrorKind> {
        let operands = self.operands.iter().flat_map(|operand| operand.ty.error_kinds());
        let any = (!self.operands.is_empty()).then_some(ErrorKind::UnresolvedVar);
        // A `sandbox` may take any op away that can be written.
        let denied = (!self.internal && !self.is_keyword()).then_some(ErrorKind::CapOpDenied);
        let touches = self.touches.iter().flat_map(|touch| touch.error_kinds());
        let mut kinds: Vec<_> =
            self.kinds.iter().chain(operands).chain(touches).copied().chain(any).chain(denied).collect();
        kinds.sort_by_key(|kind| kind.name());
        kinds.dedup();
        kinds
    }
}

/// An op that this version can run: an entry and its body.
#[derive(Clone, Copy)]
pub struct OpId {
    entry: &'static Entry,
    body: &'static Body,
}

impl OpId {
    /// Its entry.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        self.entry
    }

    /// What it does.
    #[must_use]
    pub fn body(self) -> &'static Body {
        self.body
    }
}

impl fmt::Debug for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpId({})", self.entry.name)
    }
}

impl PartialEq for OpId {
    fn eq(&self, other: &Self) -> bool {
        self.entry.name == other.entry.name
    }
}

impl Eq for OpId {}

impl Hash for OpId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.entry.name.hash(state);
    }
}

impl PartialOrd for OpId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OpId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.entry.name.cmp(other.entry.name)
    }
}

/// Every entry, group by group, internal ones last.
pub fn catalogue() -> impl Iterator<Item = &'static Entry> + Clone {
    GROUPS.iter().copied().flatten()
}

/// The entry of that name or other spelling, internal ones included.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    static SPELLINGS: LazyLock<FxHashMap<&str, &Entry>> = LazyLock::new(|| {
        let spellings = |entry: &'static Entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied());
        let mut found = FxHashMap::default();
        found.reserve(catalogue().map(|entry| 1 + entry.aliases.len()).sum());
        found.extend(catalogue().flat_map(|entry| spellings(entry).map(move |spelling| (spelling, entry))));
        found
    });
    SPELLINGS.get(name).copied()
}

/// The op of that name or other spelling, internal ones included, if this version can run it.
#[must_use]
pub fn lookup(name: &str) -> Option<OpId> {
    find(name)?.op()
}

/// Whether what comes of a function is a whole number, whatever it is given.
#[must_use]
pub fn counts(function: Pure) -> bool {
    let is = |entry: &&Entry| matches!(entry.meaning, Meaning::Runs(Body::Pure(other)) if other == function);
    catalogue().find(is).is_some_and(|entry| entry.result == Some(Type::Int))
}

/// The op that is this function.
#[must_use]
pub fn op_of(function: Pure) -> Option<OpId> {
    let is = |op: &OpId| matches!(op.body, Body::Pure(other) if *other == function);
    catalogue().filter_map(Entry::op).find(is)
}

/// The op that starts a program: what a line that begins with a program's name means.
#[must_use]
pub fn program_start() -> OpId {
    static ENTRY: Entry = process::EXEC;
    static BODY: Body = process::SPAWN;
    OpId { entry: &ENTRY, body: &BODY }
}

/// The op that makes a directory the working directory.
#[must_use]
pub fn enter_directory() -> Option<OpId> {
    by_primitive(Primitive::EnterDir)
}

/// The op that waits.
#[must_use]
pub fn wait() -> Option<OpId> {
    by_primitive(Primitive::Sleep)
}

/// The op that fails unless a program is there that `requires` names.
#[must_use]
pub fn require_program() -> Option<OpId> {
    lookup("require_bin")
}

/// The op that fails unless a variable is set that `requires` names.
#[must_use]
pub fn require_variable() -> Option<OpId> {
    lookup("require_env")
}

fn by_primitive(wanted: Primitive) -> Option<OpId> {
    let is = |op: &OpId| matches!(op.body, Body::Primitive(primitive) if *primitive == wanted);
    catalogue().filter(|entry| !entry.internal).filter_map(Entry::op).find(is)
}

/// What an op uses of the network that talks to nobody.
const THIS_MACHINE: &str = "this machine";

/// How fetching from a URL can fail, besides for lack of a permission.
const FETCH: &[ErrorKind] = &[
    ErrorKind::Http4xx,
    ErrorKind::Http5xx,
    ErrorKind::HttpConnectFailed,
    ErrorKind::HttpDnsFailed,
    ErrorKind::HttpRedirectRefused,
    ErrorKind::HttpSsrfBlocked,
    ErrorKind::HttpTimeout,
    ErrorKind::HttpTlsFailed,
    ErrorKind::LimitExceeded,
    ErrorKind::ParseFailed,
    ErrorKind::TimeoutExceeded,
];

/// How starting a program can fail, besides for lack of a permission.
const START: &[ErrorKind] = &[ErrorKind::BinNotFound, ErrorKind::ShellExitNonzero, ErrorKind::ShellSignalKilled];

/// How going to a file can fail.
const FILE: &[ErrorKind] = &[ErrorKind::FileNotFound, ErrorKind::IsADirectory, ErrorKind::NotADirectory];

/// How going to a directory or to any entry can fail.
const ENTRY: &[ErrorKind] = &[ErrorKind::FileNotFound, ErrorKind::NotADirectory];

static GROUPS: &[&[Entry]] = &[
    archive::OPS,
    assert::OPS,
    bundle::OPS,
    context::OPS,
    encoding::OPS,
    env::OPS,
    flow::OPS,
    fs::OPS,
    hash::OPS,
    http::OPS,
    json::OPS,
    line::OPS,
    net::OPS,
    path::OPS,
    pkg::OPS,
    process::OPS,
    regex::OPS,
    string::OPS,
    system::OPS,
    time::OPS,
    version::OPS,
    wasm::OPS,
    internal::OPS,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::contract::{PathFrom, contract};

    fn public() -> impl Iterator<Item = &'static Entry> {
        catalogue().filter(|entry| !entry.internal)
    }

    #[test]
    fn every_name_and_alias_is_one_entrys() {
        let mut seen = BTreeSet::new();
        for entry in catalogue() {
            for name in entry.aliases.iter().chain([&entry.name]) {
                assert!(seen.insert(*name), "{name} is there twice");
                assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')), "{name}");
                assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
                assert_eq!(find(name).map(|found| found.name), Some(entry.name));
            }
        }
        assert!(seen.len() > 200);
    }

    #[test]
    fn groups_are_whole_and_in_the_order_of_the_alphabet() {
        let names: Vec<&str> = Group::ALL.iter().map(|group| group.name()).collect();
        assert!(names.is_sorted());
        for entries in GROUPS {
            let (first, names) = (&entries[0], entries.iter().map(|entry| entry.name));
            assert!(names.is_sorted(), "{}", first.group.name());
            assert!(entries.iter().all(|entry| entry.group == first.group), "{}", first.group.name());
        }
        let listed: Vec<Group> = GROUPS.iter().map(|entries| entries[0].group).collect();
        assert_eq!(listed.iter().collect::<BTreeSet<_>>(), Group::ALL.iter().collect());
        assert_eq!(listed.len(), Group::ALL.len());
    }

    #[test]
    fn what_may_be_left_out_stands_behind_what_may_not() {
        for entry in catalogue() {
            let needed = entry.operands.iter().map(|operand| operand.need.is_needed());
            assert!(needed.is_sorted_by(|a, b| a >= b), "{}", entry.name);
            let repeating = entry.operands.iter().rev().skip(1).find(|operand| operand.need.repeats());
            assert!(repeating.is_none(), "{}: only the last operand repeats", entry.name);
            let names: BTreeSet<&str> = entry.operands.iter().map(|operand| operand.name).collect();
            assert_eq!(names.len(), entry.operands.len(), "{}", entry.name);
        }
    }

    #[test]
    fn defaults_are_of_their_types() {
        for entry in catalogue() {
            for operand in entry.operands {
                if let Need::Default(text) = operand.need {
                    assert!(operand.ty.accepts(text), "{} {}", entry.name, operand.name);
                }
            }
        }
    }

    #[test]
    fn every_entry_is_documented() {
        for entry in public() {
            assert!(entry.summary.ends_with('.') && entry.summary.len() < 110, "{}: {}", entry.name, entry.summary);
            assert!(entry.example.contains(entry.name), "{}: {}", entry.name, entry.example);
        }
    }

    #[test]
    fn what_is_touched_by_name_is_an_operand() {
        for entry in catalogue() {
            for on in entry.touches.iter().filter_map(|touch| touch.on()) {
                let there = match on {
                    On::Arg(at) => at < entry.operands.len(),
                    On::Of(what) => !what.is_empty(),
                };
                assert!(there, "{} touches {on}", entry.name);
            }
        }
    }

    #[test]
    fn predicates_yield_and_keywords_are_no_ops() {
        for entry in catalogue() {
            assert!(!entry.predicate || entry.result.is_some(), "{}", entry.name);
            assert!(!(entry.is_keyword() && entry.op().is_some()), "{}", entry.name);
        }
        assert_eq!(find("if").map(Entry::is_keyword), Some(true));
        assert_eq!(lookup("println").map(OpId::entry).map(|entry| entry.name), Some("print"));
        assert_eq!(program_start(), lookup("exec").unwrap());
    }

    #[test]
    fn usage_says_what_may_be_left_out() {
        let usage = |name: &str| find(name).unwrap().usage();
        assert_eq!(usage("cp"), "cp SRC DST");
        assert_eq!(usage("replace"), "replace VALUE PATTERN [NEW]");
        assert_eq!(usage("exec"), "exec BIN [WORDS…]");
        assert_eq!(usage("print"), "print WORDS…");
    }

    /// What the questions of an op to the policy say it touches.
    fn asked(ask: Ask, operand: impl Fn(usize) -> usize) -> Option<Touch> {
        let on = |at| On::Arg(operand(at));
        match ask {
            Ask::Op => None,
            Ask::Look(at) => Some(Touch::Look(on(at))),
            Ask::Read(at) => Some(Touch::Read(on(at))),
            Ask::Write(at) | Ask::Delete(at) => Some(Touch::Write(on(at))),
            Ask::Start => Some(Touch::Start(On::Arg(0))),
            Ask::Shell(at) => Some(Touch::Shell(On::Arg(at))),
            Ask::Helper(name) => Some(Touch::Start(On::Of(name))),
            Ask::ReadEnv => Some(Touch::ReadEnv(On::Arg(0))),
            Ask::WriteEnv => Some(Touch::WriteEnv(On::Arg(0))),
            Ask::Host(at, _) | Ask::Url(at) => Some(Touch::Net(on(at))),
            Ask::Network => Some(Touch::Net(On::Of(THIS_MACHINE))),
            Ask::HostFact => Some(Touch::HostFact),
            Ask::Output => Some(Touch::Stdout),
        }
    }

    #[test]
    fn an_op_touches_what_its_body_asks_for() {
        for op in public().filter_map(Entry::op) {
            let touches: Vec<Touch> = match op.body() {
                Body::Primitive(primitive) => {
                    let contract = contract(*primitive);
                    let operand = |path: usize| match contract.paths[path].from {
                        PathFrom::Operand(at) => at,
                        PathFrom::Cwd | PathFrom::New { .. } => usize::MAX,
                    };
                    contract.asks.iter().filter_map(|ask| asked(*ask, operand)).collect()
                }
                Body::Program(_, asks) => asks.iter().filter_map(|ask| asked(*ask, |at| at)).collect(),
                Body::Pure(_) | Body::Control(_) => Vec::new(),
            };
            let entry = op.entry();
            for touch in touches {
                // Which of the two outputs is not asked.
                let other = touch == Touch::Stdout && entry.touches.contains(&Touch::Stderr);
                assert!(other || entry.touches.contains(&touch), "{} {touch:?}", entry.name);
            }
        }
    }

    #[test]
    fn an_op_that_is_a_function_fails_as_the_function_does() {
        for op in public().filter_map(Entry::op) {
            let Body::Pure(function) = op.body() else { continue };
            let kinds = op.entry().error_kinds();
            assert!(function.kinds().iter().all(|kind| kinds.contains(kind)), "{}", op.entry().name);
            assert_eq!(op_of(*function), Some(op));
        }
    }

    #[test]
    fn an_op_fails_as_its_contract_says() {
        for op in public().filter_map(Entry::op) {
            let Body::Primitive(primitive) = op.body() else { continue };
            let contract = contract(*primitive);
            let kinds = op.entry().error_kinds();
            for kind in contract.guards.iter().map(|guard| guard.kind).chain(contract.environment.iter().copied()) {
                assert!(kinds.contains(&kind), "{} {kind:?}", op.entry().name);
            }
        }
    }
}
