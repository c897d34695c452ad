//! Planted faults, and whether anybody notices.
//!
//! A fault in a contract makes simulation wrong and leaves real runs alone, so the differential lane must see it. A fault in the
//! evaluator makes both wrong alike, so the oracle must. Contract faults are enumerated from the contracts themselves:
//! a guard that is added to one is planted in all the ways below without a line here.
//!
//! A fault that changes nothing that can be seen is in [`EQUIVALENT`], with the reason. It is planted all the same, and counts
//! as a mistake of that table if it is noticed.

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use perch_engine::faults::{Fault, plant};
use perch_ir::{Command, Program, Snapshot};
use perch_ops::contract::{Change, Contract, End, Fact, Guard, Node, PathUse, Yields, contract};
use perch_ops::{Body, ErrorKind, Primitive, lookup};
use perch_simulate::{Run, host, run, verdict};
use perch_symbolic::Symbolic;

use crate::campaign::{Settings, Triple, load};
use crate::compare::{self, Judged};
use crate::oracle::{self, Oracle};
use crate::real::{self, RealRun};

/// A contract with a fault in it.
#[derive(Clone, Debug)]
pub struct ContractFault {
    /// What is wrong.
    pub name: String,
    /// Whose contract it is.
    pub primitive: Primitive,
    /// The wrong contract.
    pub contract: Contract,
    /// Why nobody can see it.
    pub equivalent: Option<&'static str>,
}

const CHECKED: &str = "`cp` has had `check_file` look at its source";
const UNBOUND: &str = "`cp` does not bind what this yields";
const NEVER_DENIED: &str = "no policy denies it";
const PROGRAM: &str = "what a program yields is said by the program";
const SAME_FILE: &str = "the source is a file, so the same path is no directory";

/// Contract faults that nobody can see, and why. `implied` finds others.
pub const EQUIVALENT: &[(&str, &str)] = &[
    ("CheckFile: CleanPath(0) instead of Nothing", UNBOUND),
    ("CopyFile: CleanPath(0) instead of Nothing", UNBOUND),
    ("CopyFile: AncestorIsFile(0) dropped", CHECKED),
    ("CopyFile: AncestorIsFile(0) raises is_a_directory", CHECKED),
    ("CopyFile: AncestorMissing(0) raises not_a_directory", CHECKED),
    ("CopyFile: Is(0, Absent) dropped", CHECKED),
    ("CopyFile: Is(0, Absent) raises not_a_directory", CHECKED),
    ("CopyFile: Is(0, Dir) dropped", CHECKED),
    ("CopyFile: Is(0, Dir) raises file_already_exists", CHECKED),
    ("CopyFile: Is(0, Dir) after its neighbour", CHECKED),
    ("CopyFile: Read(0) not asked", CHECKED),
    ("CopyFile: Is(1, Dir) after its neighbour", SAME_FILE),
    (
        "CopyTree: Within(0, 1) after its neighbour",
        "the target's ancestors are the source's, and those are directories",
    ),
    ("CopyTree: Is(1, File) after its neighbour", "beneath a file nothing can be in the way"),
    ("Move: IsRoot(0) dropped", "everything lies in `/`, which raises the same"),
    ("FindBin: HostFact not asked", NEVER_DENIED),
    ("GetEnv: ReadEnv not asked", NEVER_DENIED),
    ("Print: Output not asked", NEVER_DENIED),
    ("Spawn: Nothing instead of Stdout", PROGRAM),
    ("Spawn: CleanPath(0) instead of Stdout", PROGRAM),
];

/// Why a fault cannot be seen, if it is listed.
#[must_use]
pub fn equivalent(name: &str) -> Option<&'static str> {
    EQUIVALENT.iter().find(|(fault, _)| *fault == name).map(|(_, reason)| *reason)
}

/// Why a guard can be left out: a later one raises the same.
fn implied(guards: &[Guard], at: usize) -> Option<&'static str> {
    let Fact::AncestorMissing(path) = guards[at].fact else { return None };
    let later = guards[at + 1..].iter().find(|guard| guard.fact == Fact::Is(path, Node::Absent));
    later
        .is_some_and(|later| later.kind == guards[at].kind)
        .then_some("nothing is at the path then, which raises the same")
}

/// Why the order of two guards does not matter.
fn exclusive(a: Fact, b: Fact) -> Option<&'static str> {
    const APART: &str = "the two cannot both hold";
    match (a, b) {
        (Fact::AncestorIsFile(a), Fact::AncestorMissing(b)) if a == b => Some(APART),
        (Fact::Is(a, x), Fact::Is(b, y)) if a == b && x != y => Some(APART),
        (Fact::AncestorIsFile(a) | Fact::AncestorMissing(a), Fact::Is(b, Node::File | Node::Dir)) if a == b => {
            Some(APART)
        }
        _ => None,
    }
}

/// Every fault of every contract.
#[must_use]
pub fn contract_faults() -> Vec<ContractFault> {
    Primitive::ALL.iter().flat_map(|primitive| faults_of(*primitive)).collect()
}

fn faults_of(primitive: Primitive) -> Vec<ContractFault> {
    let right = contract(primitive);
    let mut faults = Vec::new();
    let mut plant = |what: String, contract: Contract, equivalent: Option<&'static str>| {
        let name = format!("{primitive:?}: {what}");
        let equivalent = equivalent.or_else(|| self::equivalent(&name));
        faults.push(ContractFault { name, primitive, contract, equivalent });
    };
    for (at, guard) in right.guards.iter().enumerate() {
        let with = |change: &dyn Fn(&mut Vec<Guard>)| {
            let mut guards = right.guards.to_vec();
            change(&mut guards);
            Contract { guards: guards.leak(), ..right.clone() }
        };
        let shown = format!("{:?}", guard.fact);
        let dropped = with(&|guards| {
            guards.remove(at);
        });
        plant(format!("{shown} dropped"), dropped, implied(right.guards, at));
        let not = Fact::Not(Box::leak(Box::new(guard.fact)));
        plant(format!("{shown} negated"), with(&|guards| guards[at].fact = not), None);
        let other = other_kind(guard.kind);
        plant(format!("{shown} raises {}", other.name()), with(&|guards| guards[at].kind = other), None);
        // Two guards of one kind may stand in either order.
        if let Some(next) = right.guards.get(at + 1).filter(|next| next.kind != guard.kind) {
            let swapped = with(&|guards| guards.swap(at, at + 1));
            plant(format!("{shown} after its neighbour"), swapped, exclusive(guard.fact, next.fact));
        }
    }
    for (at, ask) in right.asks.iter().enumerate() {
        let mut asks = right.asks.to_vec();
        asks.remove(at);
        plant(format!("{ask:?} not asked"), Contract { asks: asks.leak(), ..right.clone() }, None);
    }
    for (at, path) in right.paths.iter().enumerate() {
        let mut paths = right.paths.to_vec();
        let end = if path.end == End::Entry { End::Followed } else { End::Entry };
        paths[at] = PathUse { end, ..*path };
        plant(format!("path {at} {end:?}"), Contract { paths: paths.leak(), ..right.clone() }, None);
    }
    for change in other_changes(right.change, right.paths.len()) {
        plant(format!("{change:?} instead of {:?}", right.change), Contract { change, ..right.clone() }, None);
    }
    for yields in other_yields(right.yields, right.paths.len()) {
        plant(format!("{yields:?} instead of {:?}", right.yields), Contract { yields, ..right.clone() }, None);
    }
    faults
}

fn other_kind(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::FileNotFound => ErrorKind::NotADirectory,
        ErrorKind::NotADirectory => ErrorKind::IsADirectory,
        ErrorKind::IsADirectory => ErrorKind::FileAlreadyExists,
        _ => ErrorKind::FileNotFound,
    }
}

fn other_changes(change: Change, paths: usize) -> Vec<Change> {
    match change {
        Change::None if paths == 0 => Vec::new(),
        Change::None => vec![Change::Remove(0)],
        Change::PutFile(path, _) => {
            vec![Change::None, Change::PutFile(path, 0), Change::PutDirs(path), Change::Remove(path)]
        }
        Change::PutDirs(path) => vec![Change::None, Change::PutFile(path, 0), Change::Remove(path)],
        Change::Remove(path) => vec![Change::None, Change::PutDirs(path), Change::PutFile(path, 0)],
        Change::PutLink(path, target) => {
            vec![Change::None, Change::PutFile(path, target), Change::PutLink(path, 1), Change::Remove(path)]
        }
        Change::CopyFile(from, to) => {
            vec![Change::None, Change::Move(from, to), Change::PutFile(to, 0), Change::Remove(from)]
        }
        Change::Move(from, to) => vec![
            Change::None,
            Change::CopyFile(from, to),
            Change::CopyTree(from, to),
            Change::Remove(from),
            Change::Remove(to),
        ],
        Change::CopyTree(from, to) => vec![
            Change::None,
            Change::Move(from, to),
            Change::PutDirs(to),
            Change::CopyTree(to, from),
            Change::Remove(to),
        ],
        Change::Program => vec![Change::None, Change::Remove(0)],
    }
}

fn other_yields(yields: Yields, paths: usize) -> Vec<Yields> {
    match yields {
        Yields::Nothing if paths == 0 => Vec::new(),
        Yields::Nothing => vec![Yields::CleanPath(0)],
        Yields::Content(path) => vec![Yields::Nothing, Yields::KindName(path), Yields::CleanPath(path)],
        Yields::KindName(path) => vec![Yields::Nothing, Yields::Content(path), Yields::CleanPath(path)],
        Yields::BinFound => vec![Yields::Nothing, Yields::EnvValue],
        Yields::EnvValue => vec![Yields::Nothing, Yields::BinFound],
        Yields::Stdout => vec![Yields::Nothing, Yields::CleanPath(0)],
        Yields::CleanPath(_) => vec![Yields::Nothing],
    }
}

/// What became of a planted fault.
#[derive(Clone, Debug)]
pub struct Row {
    /// The fault.
    pub name: String,
    /// Who should notice.
    pub witness: &'static str,
    /// After how many triples somebody did.
    pub caught: Option<u64>,
    /// Why nobody can.
    pub equivalent: Option<&'static str>,
}

/// Simulations above this many diagram nodes take too long to be made once per fault.
const LARGE: usize = 30_000;

/// A triple, really run, ready to be simulated once per fault.
struct Prepared {
    triple: Triple,
    program: Snapshot,
    command: Arc<Command>,
    reals: Vec<RealRun>,
    /// Primitives that the program may come to.
    used: BTreeSet<Primitive>,
}

impl Prepared {
    /// `None` if there is nothing to compare with, or it would take too long.
    fn new(triple: Triple, settings: &Settings) -> Option<Self> {
        let text = triple.source.text();
        let program = load(&text).ok()?;
        let command = program.command("main")?;
        let used = used(&text);
        let mut prepared = Self { triple, program, command, reals: Vec::new(), used };
        let (run, _) = prepared.simulate(&[])?;
        if run.domain.dds.len() > LARGE {
            return None;
        }
        let policy = oracle::policy(&prepared.triple);
        for host in &prepared.triple.hosts {
            oracle::sweep(&host.root).ok()?;
            prepared.reals.push(real::run(&prepared.program, &prepared.command, host, &policy, &settings.stub).ok()?);
        }
        // A contradiction without any fault is the business of `check`.
        (!prepared.contradicted(&[])).then_some(prepared)
    }

    fn simulate(&self, contracts: &[&ContractFault]) -> Option<(Run, Vec<Judged>)> {
        let cwd = self.triple.fixture.cwd.clone().unwrap_or_default();
        let facts = host::facts_of(&self.triple.fixture, &cwd).ok()?;
        let mut domain = Symbolic::new(facts, oracle::policy(&self.triple));
        for fault in contracts {
            domain.set_contract(fault.primitive, fault.contract.clone());
        }
        let mut run = run::run_in(&self.program, &self.command, domain, &[]);
        if run.domain.gave_up() {
            return None;
        }
        let nodes = verdict::nodes(&self.program, &mut run);
        let nodes = compare::judge(&mut run, nodes);
        Some((run, nodes))
    }

    fn contradicted(&self, contracts: &[&ContractFault]) -> bool {
        let Some((mut run, nodes)) = self.simulate(contracts) else { return false };
        self.triple
            .hosts
            .iter()
            .zip(&self.reals)
            .any(|(host, real)| !compare::compare(&mut run, &nodes, host, real).contradictions.is_empty())
    }
}

/// Primitives of the ops whose names are in the text.
fn used(text: &str) -> BTreeSet<Primitive> {
    let mut used = BTreeSet::from([Primitive::Spawn]);
    for word in text.split_whitespace() {
        primitives(word, &mut used);
    }
    used
}

fn primitives(word: &str, used: &mut BTreeSet<Primitive>) {
    match lookup(word).map(|op| op.body()) {
        Some(Body::Primitive(primitive)) => drop(used.insert(*primitive)),
        Some(Body::Program(text, _)) => text.split_whitespace().for_each(|word| primitives(word, used)),
        _ => {}
    }
}

/// Plants each fault of a part of the contract faults until a triple of `seeds` shows it. Also counts the triples that are small
/// enough to be simulated once per fault.
pub fn contract_rows(
    faults: &[ContractFault],
    seeds: std::ops::Range<u64>,
    worker: usize,
    settings: &Settings,
) -> (u64, Vec<Row>) {
    let root = settings.base.join(format!("faults/of/the/worker/{worker}/w")).to_string_lossy().into_owned();
    let mut rows: Vec<Row> = faults
        .iter()
        .map(|fault| Row {
            name: fault.name.clone(),
            witness: "differential",
            caught: None,
            equivalent: fault.equivalent,
        })
        .collect();
    let few = (seeds.end - seeds.start) / 5;
    let mut usable = 0;
    for (count, seed) in (1..).zip(seeds) {
        let open = |row: &Row| row.caught.is_none() && (row.equivalent.is_none() || count <= few);
        if !rows.iter().any(open) {
            break;
        }
        let triple = oracle::sturdy_triple(seed, &root, settings.hosts);
        let prepare = || Prepared::new(triple, settings);
        let Ok(Some(prepared)) = catch_unwind(AssertUnwindSafe(prepare)) else { continue };
        usable += 1;
        for (fault, row) in faults.iter().zip(&mut rows) {
            if open(row) && prepared.used.contains(&fault.primitive) {
                // A fault over which simulation stumbles has been noticed.
                let noticed = catch_unwind(AssertUnwindSafe(|| prepared.contradicted(&[fault]))).unwrap_or(true);
                row.caught = noticed.then_some(count);
            }
        }
    }
    (usable, rows)
}

/// Plants each fault of the evaluator until the oracle disagrees.
///
/// # Errors
/// If the oracle or the file system fails.
pub fn engine_rows(seeds: std::ops::Range<u64>, settings: &Settings, oracle: &mut Oracle) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for fault in Fault::ALL {
        let mut caught = None;
        for (count, seed) in (1..).zip(seeds.clone()) {
            plant(Some(*fault));
            let done = oracle::run_range(seed..=seed, settings, oracle, 1, false);
            plant(None);
            // It must be the fault that they disagree about.
            if !done?.1.is_empty() && oracle::run_range(seed..=seed, settings, oracle, 1, false)?.1.is_empty() {
                caught = Some(count);
                break;
            }
        }
        rows.push(Row { name: format!("{fault:?}"), witness: "oracle", caught, equivalent: None });
    }
    Ok(rows)
}

/// Counts of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Faults that can be noticed.
    pub planted: usize,
    /// Those that were.
    pub caught: usize,
    /// Faults that cannot be.
    pub equivalent: usize,
    /// Those of them that were all the same: the table is wrong.
    pub mistaken: usize,
}

impl Summary {
    /// Of a table.
    #[must_use]
    pub fn of(rows: &[Row]) -> Self {
        let mut summary = Self::default();
        for row in rows {
            if row.equivalent.is_some() {
                summary.equivalent += 1;
                summary.mistaken += usize::from(row.caught.is_some());
            } else {
                summary.planted += 1;
                summary.caught += usize::from(row.caught.is_some());
            }
        }
        summary
    }

    /// At least 60 faults, of which 95 % were noticed, and no mistake.
    #[must_use]
    pub fn is_good(self) -> bool {
        self.planted >= 60 && self.caught * 100 >= self.planted * 95 && self.mistaken == 0
    }
}

/// Names in [`EQUIVALENT`] that are no fault.
#[must_use]
pub fn unknown_equivalents(faults: &[ContractFault]) -> Vec<&'static str> {
    let known = |name: &&str| faults.iter().any(|fault| fault.name == *name);
    EQUIVALENT.iter().map(|(name, _)| *name).filter(|name| !known(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use perch_ops::catalogue;

    #[test]
    fn faults_have_names_of_their_own() {
        let faults = contract_faults();
        let names: BTreeSet<&str> = faults.iter().map(|fault| fault.name.as_str()).collect();
        assert_eq!(names.len(), faults.len());
        assert!(faults.len() + Fault::ALL.len() >= 60);
        assert_eq!(unknown_equivalents(&faults), Vec::<&str>::new());
        for fault in &faults {
            assert_ne!(fault.contract, contract(fault.primitive), "{}", fault.name);
        }
    }

    #[test]
    fn every_op_leads_to_its_primitives() {
        assert!(used("  cp a b\n").contains(&Primitive::CopyFile));
        assert!(used("  cp a b\n").contains(&Primitive::MakeDirs));
        assert!(!used("  mv a b\n").contains(&Primitive::CopyFile));
        assert!(catalogue().any(|entry| entry.name == "cp"));
    }
}
