//! Planted faults, and whether anybody notices.
//!
//! A fault in a contract makes simulation wrong and leaves real runs alone, so the differential lane must see it; if it concerns
//! reports alone, the golden page must. A fault in the evaluator makes both wrong alike, so the oracle must. Contract faults
//! are enumerated from the contracts themselves: a guard that is added to one is planted in all the ways below without a line here.
//!
//! A fault that changes nothing that can be seen is in [`EQUIVALENT`], with the reason. It is planted all the same, and counts
//! as a mistake of that table if it is noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use perch_engine::faults::{Fault, plant};
use perch_ops::contract::{Ask, Change, Contract, End, Fact, Guard, Mend, Node, PathUse, Remote, Yields, contract};
use perch_ops::{Body, ErrorKind, Primitive, lookup};

use crate::campaign::{Settings, Simulated};
use crate::golden;
use crate::lane::InProcess;
use crate::oracle::{self, Answered, Oracle, Tally};
use crate::real::RealRun;
use crate::regressions;
use crate::triples::{Triple, triple};

/// Who should notice a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Witness {
    /// Real runs.
    Differential,
    /// An independent reading of the language.
    Oracle,
    /// What people have read in reports.
    Golden,
}

impl Witness {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Differential, Self::Oracle, Self::Golden];

    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Differential => "differential",
            Self::Oracle => "oracle",
            Self::Golden => "golden",
        }
    }
}

/// A contract with a fault in it.
#[derive(Clone, Debug)]
pub struct ContractFault {
    /// What is wrong.
    pub name: String,
    /// Who should notice.
    pub witness: Witness,
    /// Whose contract it is.
    pub primitive: Primitive,
    /// The wrong contract.
    pub contract: Contract,
    /// Why nobody can see it.
    pub equivalent: Option<&'static str>,
}

const MADE: &str = "a name that is made up is no link";
const CHECKED: &str = "`cp` has had `check_file` look at its source";
const COPIED: &str = "`copy_file` mends it too";
const TOUCHED: &str = "`touch` has seen or made what is there";
const UNBOUND: &str = "`cp` does not bind what this yields";
const ASKED: &str = "the programs that it is part of have asked";
const INSIDE: &str = "the programs that it is part of do not bind what this yields";
const NEVER_DENIED: &str = "no policy denies it";
const PROGRAM: &str = "what a program yields is said by the program";
const MADE_AGAIN: &str = "the change makes a file of it again";
const NOT_BOUND: &str = "what is generated binds no result of it";
const REFUSED_ANYWAY: &str = "what is packed may be refused in any case, with that kind, too";
const BUNDLED: &str = "what is bundled may be refused in any case, also with that kind";
const SAME_FILE: &str = "the source is a file, so the same path is no directory";

/// Contract faults that nobody can see, and why. `implied` finds others.
pub const EQUIVALENT: &[(&str, &str)] = &[
    ("CheckFile: CleanPath(0) instead of Nothing", UNBOUND),
    ("CheckFile: Is(0, Absent) mended by Nothing", COPIED),
    ("CheckFile: Is(0, Dir) mended by Nothing", COPIED),
    ("CheckNoLink: Is(0, Link) dropped", BUNDLED),
    ("CheckNoLink: Is(0, Link) raises file_not_found", BUNDLED),
    (
        "CheckNoLink: Is(0, Link) mended by Absent(0)",
        "a report goes on behind what may be wrong with the bundle, which comes before",
    ),
    ("CheckNoLink: path 0 Followed", BUNDLED),
    ("CheckNoLink: Remove(0) instead of None", "what is bundled comes to be there, and nobody knows what that is"),
    ("CheckNoLink: CleanPath(0) instead of Nothing", INSIDE),
    ("SetMode: CleanPath(0) instead of Nothing", INSIDE),
    ("SetTime: CleanPath(0) instead of Nothing", INSIDE),
    ("CopyFile: AncestorIsFile(0) says nothing", CHECKED),
    ("CopyFile: AncestorMissing(0) says nothing", CHECKED),
    ("CopyFile: Is(0, Absent) mended by Nothing", CHECKED),
    ("CopyFile: Is(0, Absent) says nothing", CHECKED),
    ("CopyFile: Is(0, Dir) mended by Nothing", CHECKED),
    ("CopyFile: Is(0, Dir) says nothing", CHECKED),
    ("CopyFile: CleanPath(0) instead of Nothing", UNBOUND),
    ("CopyFile: Is(0, Dir) after its neighbour", CHECKED),
    ("CopyFile: Read(0) not asked", CHECKED),
    ("CopyFile: Is(1, Dir) after its neighbour", SAME_FILE),
    (
        "CopyTree: Within(0, 1) after its neighbour",
        "the target's ancestors are the source's, and those are directories",
    ),
    ("Compress: Is(1, Dir) after its neighbour", SAME_FILE),
    ("Compress: All([Within(0, 1), Within(1, 0)]) mended by Absent(0)", MADE_AGAIN),
    ("Compress: CleanPath(0) instead of Nothing", NOT_BOUND),
    ("Decompress: Is(1, Dir) after its neighbour", SAME_FILE),
    ("Decompress: All([Within(0, 1), Within(1, 0)]) mended by Absent(0)", MADE_AGAIN),
    ("Decompress: CleanPath(0) instead of Nothing", NOT_BOUND),
    ("PackTree: CleanPath(0) instead of Nothing", INSIDE),
    ("UnpackTree: CleanPath(0) instead of Nothing", INSIDE),
    ("Download: CleanPath(0) instead of Nothing", INSIDE),
    (
        "ProcessRunning: Nothing instead of Answer(\"a program of that name runs\")",
        "no host has the program that looks through the others, so it never answers",
    ),
    ("UnpackTree: Is(1, File) mended by Nothing", "the change makes the directories"),
    ("UnpackTree: NotArchive(0, 2) dropped", REFUSED_ANYWAY),
    ("CopyTree: Is(1, File) after its neighbour", "beneath a file nothing can be in the way"),
    ("Move: Within(1, 0) mended by Absent(0)", "the change takes both away"),
    ("Move: IsRoot(0) dropped", "everything lies in `/`, which raises the same"),
    ("WhichBin: HostFact not asked", NEVER_DENIED),
    ("NewDir: path 0 Followed", MADE),
    ("NewFile: path 0 Followed", MADE),
    ("Print: Output not asked", NEVER_DENIED),
    ("PrintError: Output not asked", NEVER_DENIED),
    ("List: Read(0) not asked", ASKED),
    ("Measure: Read(0) not asked", ASKED),
    ("SetMode: Write(0) not asked", ASKED),
    ("SetTime: Write(0) not asked", ASKED),
    (
        "Measure: Measure(0, 0) instead of Measure(0, 1)",
        "nothing is measured that is called like a path, so nothing is known of it",
    ),
    ("SetTime: path 0 Entry", TOUCHED),
    ("SetTime: AncestorIsFile(0) dropped", TOUCHED),
    ("SetTime: AncestorIsFile(0) raises is_a_directory", TOUCHED),
    ("SetTime: AncestorIsFile(0) says nothing", TOUCHED),
    ("SetTime: AncestorMissing(0) raises not_a_directory", TOUCHED),
    ("SetTime: AncestorMissing(0) says nothing", TOUCHED),
    ("SetTime: Is(0, Absent) dropped", TOUCHED),
    ("SetTime: Is(0, Absent) raises not_a_directory", TOUCHED),
    ("SetTime: Is(0, Absent) mended by Nothing", TOUCHED),
    ("SetTime: Is(0, Absent) says nothing", TOUCHED),
    ("Spawn: Nothing instead of Stdout", PROGRAM),
    ("Spawn: CleanPath(0) instead of Stdout", PROGRAM),
    ("Shell: Nothing instead of Stdout", PROGRAM),
    ("Shell: CleanPath(0) instead of Stdout", PROGRAM),
    ("ShellOutput: Nothing instead of Stdout", PROGRAM),
    ("ShellOutput: CleanPath(0) instead of Stdout", PROGRAM),
    ("ShellIn: Nothing instead of Stdout", PROGRAM),
    ("ShellIn: CleanPath(0) instead of Stdout", PROGRAM),
    ("ShellDetached: CleanPath(0) instead of Nothing", UNBOUND),
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

/// Why it does not matter how the failure by a guard is mended.
fn mended_anyway(contract: &Contract, at: usize) -> Option<&'static str> {
    let makes = |path: usize| match contract.change {
        Change::PutNew(to, _)
        | Change::PutSent(to)
        | Change::PutFile(to, _)
        | Change::PutLink(to, _)
        | Change::PutDirs(to) => to == path,
        Change::CopyFile(_, to) | Change::CopyTree(_, to) | Change::Move(_, to) | Change::Append(to, _) => to == path,
        Change::Pack(_, to) | Change::Unpack(_, to) | Change::PackTree(_, to) | Change::UnpackTree(_, to) => to == path,
        Change::SetMode(..) | Change::Remove(_) | Change::None => false,
        Change::Program | Change::ProgramBeside | Change::Packages | Change::Time(_) => false,
    };
    let directories = matches!(contract.change, Change::PutDirs(_) | Change::CopyTree(..) | Change::UnpackTree(..));
    let guard = contract.guards[at];
    match (guard.mend, guard.fact) {
        (Mend::Ancestors(path), _) if directories && makes(path) => Some("the change makes the directories"),
        (Mend::Ancestors(path), _) => {
            let mut later = contract.guards[at + 1..].iter();
            later
                .any(|later| later.fact == Fact::Is(path, Node::Absent) && later.mend != Mend::Nothing)
                .then_some("nothing is at the path then, which is mended next, with its directories")
        }
        (Mend::File(path) | Mend::Absent(path), _) if makes(path) => Some("the change replaces what is there"),
        (Mend::Nothing, Fact::Is(0, Node::Absent)) => Some("nothing is there already"),
        (Mend::Nothing, Fact::NoTarget(_)) if makes(0) => Some("the change replaces what is there"),
        (Mend::Nothing, Fact::IsRoot(_)) => Some("the change takes everything away"),
        _ => None,
    }
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
    let mut plant = |what: String, contract: Contract, witness: Witness, equivalent: Option<&'static str>| {
        let name = format!("{primitive:?}: {what}");
        let equivalent = equivalent.or_else(|| self::equivalent(&name));
        faults.push(ContractFault { name, witness, primitive, contract, equivalent });
    };
    for (at, guard) in right.guards.iter().enumerate() {
        let with = |change: &dyn Fn(&mut Vec<Guard>)| {
            let mut guards = right.guards.to_vec();
            change(&mut guards);
            Contract { guards: guards.leak(), ..right.clone() }
        };
        let shown = format!("{:?}", guard.fact);
        let witness = witness(primitive, guard);
        let dropped = with(&|guards| {
            guards.remove(at);
        });
        plant(format!("{shown} dropped"), dropped, witness, implied(right.guards, at));
        let not = Fact::Not(Box::leak(Box::new(guard.fact)));
        plant(format!("{shown} negated"), with(&|guards| guards[at].fact = not), witness, None);
        let other = other_kind(guard.kind);
        plant(format!("{shown} raises {}", other.name()), with(&|guards| guards[at].kind = other), witness, None);
        // Two guards of one kind may stand in either order.
        if let Some(next) = right.guards.get(at + 1).filter(|next| next.kind != guard.kind) {
            let swapped = with(&|guards| guards.swap(at, at + 1));
            plant(format!("{shown} after its neighbour"), swapped, witness, exclusive(guard.fact, next.fact));
        }
        let silent = with(&|guards| guards[at].says = "it cannot be done");
        plant(format!("{shown} says nothing"), silent, Witness::Golden, None);
        let other = other_mend(guard.mend);
        let mended = with(&|guards| guards[at].mend = other);
        plant(format!("{shown} mended by {other:?}"), mended, Witness::Golden, mended_anyway(&right, at));
    }
    for (at, ask) in right.asks.iter().enumerate() {
        let mut asks = right.asks.to_vec();
        asks.remove(at);
        // Who may be anybody may answer anything: then less is said, and nothing wrong.
        let witness = if matches!(ask, Ask::Url(_)) { Witness::Golden } else { Witness::Differential };
        plant(format!("{ask:?} not asked"), Contract { asks: asks.leak(), ..right.clone() }, witness, None);
    }
    let mut plant = |what: String, contract: Contract| plant(what, contract, Witness::Differential, None);
    for (at, path) in right.paths.iter().enumerate() {
        let mut paths = right.paths.to_vec();
        let end = if path.end == End::Entry { End::Followed } else { End::Entry };
        paths[at] = PathUse { end, ..*path };
        plant(format!("path {at} {end:?}"), Contract { paths: paths.leak(), ..right.clone() });
    }
    for change in other_changes(right.change, right.paths.len()) {
        plant(format!("{change:?} instead of {:?}", right.change), Contract { change, ..right.clone() });
    }
    for remote in other_remotes(right.remote) {
        plant(format!("{remote:?} instead of {:?}", right.remote), Contract { remote, ..right.clone() });
    }
    for yields in other_yields(right.yields, right.paths.len()) {
        plant(format!("{yields:?} instead of {:?}", right.yields), Contract { yields, ..right.clone() });
    }
    faults
}

/// A guard that keeps the root from being removed is not tried on a real host: if it failed there, it would be the last thing to fail.
fn witness(primitive: Primitive, guard: &Guard) -> Witness {
    match (primitive, guard.fact) {
        (Primitive::Remove, Fact::IsRoot(_)) => Witness::Golden,
        _ => Witness::Differential,
    }
}

fn other_mend(mend: Mend) -> Mend {
    if mend == Mend::Nothing { Mend::Absent(0) } else { Mend::Nothing }
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
        Change::None | Change::Time(_) if paths == 0 => Vec::new(),
        Change::Time(_) => Vec::new(),
        Change::None => vec![Change::Remove(0)],
        Change::PutFile(path, _) => {
            vec![Change::None, Change::PutFile(path, 0), Change::PutDirs(path), Change::Remove(path)]
        }
        Change::Append(path, text) => {
            vec![Change::None, Change::PutFile(path, text), Change::Append(path, 0), Change::Remove(path)]
        }
        Change::PutSent(path) => vec![Change::None, Change::PutDirs(path), Change::Remove(path)],
        Change::Packages => vec![Change::None],
        Change::PutDirs(path) => vec![Change::None, Change::PutFile(path, 0), Change::Remove(path)],
        Change::PutNew(path, node) => {
            let other = if node == Node::Dir { Node::File } else { Node::Dir };
            vec![Change::None, Change::PutNew(path, other), Change::PutFile(path, 0)]
        }
        Change::Remove(path) => vec![Change::None, Change::PutDirs(path), Change::PutFile(path, 0)],
        Change::SetMode(path, _) => vec![Change::Remove(path), Change::PutDirs(path)],
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
        Change::Pack(from, to) => {
            vec![Change::None, Change::CopyFile(from, to), Change::PutDirs(to), Change::Remove(from)]
        }
        Change::Unpack(from, to) => vec![Change::None, Change::PutDirs(to), Change::Remove(from)],
        Change::PackTree(from, to) => {
            vec![Change::None, Change::CopyTree(from, to), Change::Remove(from), Change::Remove(to)]
        }
        Change::UnpackTree(from, to) => {
            vec![Change::None, Change::PutDirs(to), Change::Unpack(from, to), Change::Remove(to)]
        }
        Change::Program => vec![Change::None, Change::Remove(0)],
        Change::ProgramBeside => vec![Change::Remove(0)],
    }
}

fn other_remotes(remote: Remote) -> Vec<Remote> {
    match remote {
        Remote::None => Vec::new(),
        Remote::Tried => vec![Remote::Named],
        Remote::Named => vec![Remote::None, Remote::Tried],
        Remote::Answers => vec![Remote::Fetched],
        Remote::Fetched => vec![Remote::None, Remote::Answers],
    }
}

fn other_yields(yields: Yields, paths: usize) -> Vec<Yields> {
    match yields {
        Yields::Nothing if paths == 0 => Vec::new(),
        Yields::Nothing => vec![Yields::CleanPath(0)],
        Yields::Content(path) => vec![Yields::Nothing, Yields::KindName(path), Yields::CleanPath(path)],
        Yields::KindName(path) => vec![Yields::Nothing, Yields::Content(path), Yields::CleanPath(path)],
        Yields::BinFound => vec![Yields::Nothing, Yields::EnvValue],
        Yields::BinPath => vec![Yields::Nothing, Yields::BinFound],
        Yields::EnvSet => vec![Yields::Nothing, Yields::EnvValue],
        Yields::EnvValue => vec![Yields::Nothing, Yields::BinFound],
        Yields::Status => vec![Yields::Stdout],
        Yields::Answer(_) | Yields::Something(_) | Yields::Answered(_) | Yields::Addresses(_) => vec![Yields::Nothing],
        Yields::Stdout => vec![Yields::Nothing, Yields::CleanPath(0)],
        Yields::CleanPath(_) => vec![Yields::Nothing],
        Yields::Measure(path, _) => vec![Yields::Nothing, Yields::Content(path), Yields::Measure(path, 0)],
        Yields::Target(path) => vec![Yields::Nothing, Yields::KindName(path), Yields::CleanPath(path)],
        Yields::ChangedAt(_) => Vec::new(),
        Yields::Entries(_) | Yields::Moment => vec![Yields::Nothing],
    }
}

/// What became of a planted fault.
#[derive(Clone, Debug)]
pub struct Row {
    /// The fault.
    pub name: String,
    /// Who should notice.
    pub witness: Witness,
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
    reals: Vec<RealRun>,
    /// Primitives that the program may come to.
    used: BTreeSet<Primitive>,
}

impl Prepared {
    /// `None` if there is nothing to compare with, or it would take too long.
    fn new(triple: Triple, settings: &Settings) -> Option<Self> {
        let mut simulated = Simulated::of(&triple, &[]).ok()?;
        if simulated.run.domain.dds.len() > LARGE {
            return None;
        }
        let mut lane = InProcess { stub: &settings.stub };
        let reals: io::Result<Vec<Option<RealRun>>> =
            triple.hosts.iter().map(|host| simulated.really(&mut lane, host).map(|ran| ran.run)).collect();
        let used = used(&triple.source.text());
        let prepared = Self { triple, reals: reals.ok()?.into_iter().flatten().collect(), used };
        // A contradiction without any fault is the business of `check`.
        (!prepared.contradicts(&mut simulated)).then_some(prepared)
    }

    /// Does anybody notice the fault?
    fn shows(&self, fault: &ContractFault) -> bool {
        let contracts = [(fault.primitive, fault.contract.clone())];
        Simulated::of(&self.triple, &contracts).is_ok_and(|mut simulated| self.contradicts(&mut simulated))
    }

    fn contradicts(&self, simulated: &mut Simulated) -> bool {
        let mut runs = self.triple.hosts.iter().zip(&self.reals);
        runs.any(|(host, real)| {
            simulated.compare(host, real).is_ok_and(|comparison| !comparison.contradictions.is_empty())
        })
    }
}

/// Begins what a file requires, which is looked for before anything runs.
const MANIFEST: &str = "requires";

/// Primitives of the ops whose names are in the text, and of what comes before them.
fn used(text: &str) -> BTreeSet<Primitive> {
    let mut used = BTreeSet::from([Primitive::Spawn]);
    for word in text.split_whitespace() {
        primitives(word, &mut used);
    }
    used
}

fn primitives(word: &str, used: &mut BTreeSet<Primitive>) {
    if word == MANIFEST {
        used.extend([Primitive::RequireBin, Primitive::RequireEnv]);
    }
    match lookup(word).map(|op| op.body()) {
        Some(Body::Primitive(primitive)) => drop(used.insert(*primitive)),
        Some(Body::Program(text, _)) => text.split_whitespace().for_each(|word| primitives(word, used)),
        _ => {}
    }
}

/// Plants each fault that concerns reports alone.
///
/// # Errors
/// With a sentence, if there is no page to compare with.
pub fn golden_rows(faults: &[ContractFault]) -> Result<Vec<Row>, String> {
    let right = golden::page(&[])?;
    let row = |fault: &ContractFault| {
        let page = catch_unwind(|| golden::page(&[(fault.primitive, fault.contract.clone())]));
        let noticed = page.map_or(true, |page| page.as_ref() != Ok(&right));
        let (name, witness, equivalent) = (fault.name.clone(), fault.witness, fault.equivalent);
        Row { name, witness, caught: noticed.then_some(1), equivalent }
    };
    Ok(faults.iter().map(row).collect())
}

/// Faults, and which of them somebody has caught, after how many triples. Workers share it: what one has caught no other plants.
pub struct Search<F> {
    faults: Vec<F>,
    caught: Mutex<BTreeMap<usize, u64>>,
}

impl<F> Search<F> {
    /// None is caught yet.
    #[must_use]
    pub fn new(faults: Vec<F>) -> Self {
        Self { faults, caught: Mutex::default() }
    }

    fn caught(&self) -> MutexGuard<'_, BTreeMap<usize, u64>> {
        self.caught.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that are not caught yet.
    fn left(&self) -> Vec<(usize, &F)> {
        let caught = self.caught();
        self.faults.iter().enumerate().filter(|(at, _)| !caught.contains_key(at)).collect()
    }

    fn catch(&self, at: usize, count: u64) {
        self.caught().entry(at).and_modify(|least| *least = count.min(*least)).or_insert(count);
    }

    fn rows_with(&self, row: impl Fn(&F, Option<u64>) -> Row) -> Vec<Row> {
        let caught = self.caught();
        self.faults.iter().enumerate().map(|(at, fault)| row(fault, caught.get(&at).copied())).collect()
    }
}

impl Search<ContractFault> {
    /// Plants each that is not caught yet in the simulations of one triple after the other, and compares those with real runs. One that
    /// cannot be seen is tried with the first `few` alone. With the number of each triple among those of all.
    pub fn look_for(&self, seeds: impl Iterator<Item = (u64, u64)>, few: u64, settings: &Settings) {
        let root = settings.root("faults");
        for (count, seed) in seeds {
            let mut left = self.left();
            left.retain(|(_, fault)| fault.equivalent.is_none() || count <= few);
            if left.is_empty() {
                break;
            }
            let prepare = || Prepared::new(triple(seed, &root, settings.hosts), settings);
            let Ok(Some(prepared)) = catch_unwind(AssertUnwindSafe(prepare)) else { continue };
            for (at, fault) in left.into_iter().filter(|(_, fault)| prepared.used.contains(&fault.primitive)) {
                // A fault over which simulation stumbles has been noticed.
                if catch_unwind(AssertUnwindSafe(|| prepared.shows(fault))).unwrap_or(true) {
                    self.catch(at, count);
                }
            }
        }
    }

    /// What became of each.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.rows_with(|fault, caught| Row {
            name: fault.name.clone(),
            witness: fault.witness,
            caught,
            equivalent: fault.equivalent,
        })
    }
}

impl Search<Fault> {
    /// Plants each that is not caught yet, triple for triple, those first that are known to show what few show, and compares with the oracle. What the oracle says of a triple does not
    /// hang on what is planted, so it is asked once. With the number of each triple among those of all.
    ///
    /// # Errors
    /// If the oracle or the file system fails.
    pub fn look_for(
        &self,
        seeds: impl Iterator<Item = (u64, u64)>,
        settings: &Settings,
        oracle: &mut Oracle,
    ) -> io::Result<()> {
        let root = settings.root("oracle");
        let witnesses = regressions::witnesses(&root).map_err(io::Error::other)?;
        let generated = seeds.map(|(count, seed)| (count, triple(seed, &root, settings.hosts)));
        for (count, triple) in witnesses.into_iter().map(|triple| (0, triple)).chain(generated) {
            let left = self.left();
            if left.is_empty() {
                break;
            }
            for answered in undisputed(&triple, settings, oracle)? {
                for (at, fault) in &left {
                    plant(Some(**fault));
                    let differences = answered.differences(settings, &mut Tally::default());
                    plant(None);
                    if !differences?.is_empty() {
                        self.catch(*at, count);
                    }
                }
            }
        }
        Ok(())
    }

    /// What became of each.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.rows_with(|fault, caught| Row {
            name: format!("{fault:?}"),
            witness: Witness::Oracle,
            caught,
            equivalent: None,
        })
    }
}

/// What the oracle says of each host on which the evaluator says the same when nothing is planted: what it says otherwise is the fault's.
fn undisputed(triple: &Triple, settings: &Settings, oracle: &mut Oracle) -> io::Result<Vec<Answered>> {
    let mut all = Vec::new();
    for host in &triple.hosts {
        let triple = Triple { hosts: vec![host.clone()], ..triple.clone() };
        let Ok(Some(answered)) = oracle::answered(&triple, oracle, &mut Tally::default())? else { continue };
        if answered.differences(settings, &mut Tally::default())?.is_empty() {
            all.push(answered);
        }
    }
    Ok(all)
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
    /// Of the faults that one witness should notice.
    #[must_use]
    pub fn of(rows: &[Row], witness: Witness) -> Self {
        let mut summary = Self::default();
        for row in rows.iter().filter(|row| row.witness == witness) {
            let caught = usize::from(row.caught.is_some());
            if row.equivalent.is_some() {
                summary.equivalent += 1;
                summary.mistaken += caught;
            } else {
                summary.planted += 1;
                summary.caught += caught;
            }
        }
        summary
    }

    /// 95 % were noticed, and no mistake was made.
    #[must_use]
    pub fn is_good(self) -> bool {
        self.caught * 100 >= self.planted * 95 && self.mistaken == 0
    }
}

/// Fewer faults than this say nothing.
const FEW: usize = 60;

/// Were enough planted, and enough of each sort noticed?
#[must_use]
pub fn are_good(rows: &[Row]) -> bool {
    rows.iter().filter(|row| row.equivalent.is_none()).count() >= FEW
        && Witness::ALL.iter().all(|witness| Summary::of(rows, *witness).is_good())
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
