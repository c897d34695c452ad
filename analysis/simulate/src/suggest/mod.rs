//! What would have to be said of a host for an op to run.
//!
//! An op that will or might fail hangs on facts. For one that fails for certain they are noted with its reasons; for one that might
//! fail they are the atoms of a way on which it does not, read off the diagram. A change of these facts is tried out: the command is
//! simulated again with it, and only what makes the op run is suggested. Sometimes what comes up then is the next thing that is
//! missing, so this is done a few times.
//!
//! Trying out is most of the work, so it has an [`Effort`]: ops that fail for certain come first, what was tried for one op is not tried
//! again for another, and a change that settles several is found for all of them at once.

mod change;
mod compared;
pub mod enumerate;
mod example;
mod granted;
mod made_up;
mod supposed;
mod told;
mod untried;

use std::collections::{BTreeMap, BTreeSet};

use perch_diagram::Atom;
use perch_fixtures::{ExecFact, FileFact, Fixture, HttpFact, Machine, PackageFact};
use perch_ir::bound_by;
use perch_ir::program::Program;
use perch_ops::{Errand, Type};
use perch_policy::{Axis, By, Policy, Rule, path};
use perch_symbolic::cells::{AtomKey, Cell, HoleKey, Names, Piece};
use perch_symbolic::facts::Facts;
use perch_symbolic::made::is_made;
use perch_symbolic::record::About;

use crate::reasons::comes_out;
use crate::report::{Child, CommandReport, Op, SuggestionReport, Verdict};
use crate::run::Run;
use crate::seen::Seen;
use crate::sources::Sources;
use crate::verdict::{Standing, nodes, standing};

pub use change::Change;
use change::{Permitted, Right};
use granted::{Granted, MODE_OF_PROGRAMS};
use told::Told;

/// So often commands are simulated again for one report, at most.
const MAX_REPLAYS: usize = 48;

/// So many nodes of diagrams may be made while doing so, however few the report has taken, or however many. In between: as many as it
/// has. Suggestions must not take longer than the report.
const FREE_NODES: usize = 40_000;
const MAX_NODES: usize = 400_000;

/// So many things that are missing one behind the other are looked for.
const MAX_ROUNDS: usize = 3;

/// Ways on which an op does not fail beyond this are not looked at.
const MAX_WAYS: usize = 6;

/// The value of a variable whose value does not matter: it is tried with any value.
const SOME_VALUE: &str = "…";

/// A value of a variable whose value matters somehow.
fn example_of(variable: &str) -> &'static str {
    if variable == "HOME" { "/home/x" } else { "x" }
}

/// Simulates the command again with a change; nothing if the description contradicts itself then.
pub type Replay<'r> = &'r dyn Fn(&Change) -> Option<Run>;

/// What a host is said to be.
pub struct Described<'d> {
    /// All that is said.
    pub fixture: &'d Fixture,
    /// Who says so.
    pub sources: &'d Sources,
    /// In which scenario, if there are scenarios.
    pub scenario: Option<&'d str>,
    /// What the flags of runs allow.
    pub allowed: &'d Policy,
}

/// How much may still be tried for a report. What comes when it is spent gets no suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    replays: usize,
    nodes: usize,
}

impl Effort {
    /// For a report whose runs have made so many nodes.
    #[must_use]
    pub fn beside(nodes: usize) -> Self {
        Self { replays: MAX_REPLAYS, nodes: nodes.clamp(FREE_NODES, MAX_NODES) }
    }

    /// With at most so many replays.
    #[must_use]
    pub fn with_replays(self, replays: usize) -> Self {
        Self { replays: self.replays.min(replays), ..self }
    }

    /// Nothing may be tried any more.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.replays == 0 || self.nodes == 0
    }

    fn spend(&mut self, run: &Run) {
        self.replays = self.replays.saturating_sub(1);
        self.nodes = self.nodes.saturating_sub(run.domain.dds.len());
    }
}

/// Puts suggestions into the report on a command that was simulated on a host.
pub fn suggest<P: Program>(
    program: &P,
    report: &mut CommandReport,
    run: &mut Run,
    host: &Described<'_>,
    replay: Replay<'_>,
    left: &mut Effort,
) {
    let wanted = wanted(report);
    if wanted.is_empty() || left.is_spent() {
        return;
    }
    let start = Found::of(program, run);
    let mut search = Search { program, replay, left, wanted: &wanted, tried: Vec::new() };
    let mut found: BTreeMap<String, SuggestionReport> = BTreeMap::new();
    for id in &wanted {
        let change = search.change(id, run, &start);
        found.extend(change.and_then(|change| Some((id.clone(), told(&change, host)?))));
    }
    put(&mut report.ops, &mut found);
}

/// What is said of a change; nothing if it takes a flag of the run that cannot be written.
fn told(change: &Change, host: &Described<'_>) -> Option<SuggestionReport> {
    let Told { fixture, besides, without } = Told::of(change, host)?;
    let alone = || besides.clone().filter(|_| fixture.is_none() && without.is_none());
    // A flag would say anew all of the environment that a file tells.
    let is_in_file = change.sets_variables() && host.sources.is_by_file("env");
    let flags = || change.flags(host.fixture, host.allowed).filter(|_| !is_in_file);
    Some(SuggestionReport {
        message: format!("it runs if {}", change.words(host.fixture)),
        flag: flags().or_else(alone),
        besides: besides.clone().filter(|_| fixture.is_some() || without.is_some()),
        fixture,
        without,
    })
}

/// Whether there is something to suggest.
#[must_use]
pub fn is_wanted(report: &CommandReport) -> bool {
    !wanted(report).is_empty()
}

/// Ops for which something may be suggested: those that fail for certain before those that might.
fn wanted(report: &CommandReport) -> Vec<String> {
    let mut wanted = Vec::new();
    let some_fail = report.summary.will_fail + report.summary.might_fail > 0;
    if some_fail && !report.gave_up {
        collect(&report.ops, &mut wanted);
    }
    wanted.sort_by_key(|(verdict, _)| *verdict != Verdict::WillFail);
    wanted.into_iter().map(|(_, id)| id).collect()
}

/// Ops that will or might fail of their own.
fn collect(ops: &[Op], wanted: &mut Vec<(Verdict, String)>) {
    for op in ops {
        let fails = matches!(op.verdict, Verdict::WillFail | Verdict::MightFail);
        let is_own = op.reasons.iter().any(|reason| !comes_out(reason));
        if fails && is_own {
            wanted.push((op.verdict, op.id.clone()));
        }
        for child in &op.children {
            if let Child::Op(op) = child {
                collect(std::slice::from_ref(op), wanted);
            }
        }
    }
}

fn put(ops: &mut [Op], found: &mut BTreeMap<String, SuggestionReport>) {
    for op in ops {
        op.suggestions.extend(found.remove(&op.id));
        for child in &mut op.children {
            if let Child::Op(op) = child {
                put(std::slice::from_mut(op), found);
            }
        }
    }
}

/// The visits of a run by node.
struct Found {
    nodes: BTreeMap<String, Vec<Seen>>,
    /// Programs of which it is not known what they do, as their words.
    programs: Vec<String>,
    /// Names that the command binds itself: they are not meant as variables of the environment.
    bound: BTreeSet<String>,
}

impl Found {
    fn of<P: Program>(program: &P, run: &mut Run) -> Self {
        let bound = bound_by(program, &run.command.body);
        let mut found = Self { nodes: BTreeMap::new(), programs: Vec::new(), bound };
        for (id, _, seen) in nodes(program, run) {
            for one in &seen {
                let assumed = one.visit.assumptions.iter().filter_map(|(assumption, _)| assumption.program());
                let failing = one.visit.reasons.iter().filter_map(|reason| match &reason.about {
                    Some(About::Program(words)) => Some(words.as_str()),
                    _ => None,
                });
                for words in assumed.chain(failing) {
                    if !found.programs.iter().any(|known| known == words) {
                        found.programs.push(words.to_owned());
                    }
                }
            }
            found.nodes.entry(id).or_default().extend(seen);
        }
        found
    }

    fn standing(&self, id: &str, run: &mut Run) -> Option<Standing> {
        let total = run.endings().total;
        standing(run, total, self.nodes.get(id)?)
    }
}

struct Search<'s, P> {
    program: &'s P,
    replay: Replay<'s>,
    left: &'s mut Effort,
    /// The ops for which something is looked for.
    wanted: &'s [String],
    /// What was tried, and which of them run then.
    tried: Vec<(Change, BTreeSet<String>)>,
}

impl<P: Program> Search<'_, P> {
    /// A change with which the op runs.
    fn change(&mut self, id: &str, run: &mut Run, start: &Found) -> Option<Change> {
        let mut tries = candidates(id, run, start);
        let mut whole = Change::default();
        for _ in 0..MAX_ROUNDS {
            tries = tries.into_iter().map(|change| whole.and(change).pruned()).collect();
            tries.retain(|change| *change != whole && !change.speaks_of(SOME_VALUE));
            // What another op was found to run with is known for this one, too.
            let known = |change: &&Change| !change.is_about_the_user() && self.runs_with(id, change) == Some(true);
            if let Some(change) = tries.iter().find(known) {
                return Some(self.smallest(id, change.clone()));
            }
            let mut next: Option<(Change, Vec<Change>)> = None;
            for change in tries {
                // Known not to help by itself: only as the first step of several is it worth another try.
                if next.is_some() && self.runs_with(id, &change) == Some(false) {
                    continue;
                }
                let Some((mut again, found)) = self.tried(&change)? else { continue };
                if self.runs_with(id, &change) == Some(true) {
                    return Some(self.smallest(id, change));
                }
                if next.is_none() {
                    next = Some((change, candidates(id, &mut again, &found)));
                }
            }
            (whole, tries) = next?;
        }
        None
    }

    /// Whether the op is known to run with a change, or known not to.
    fn runs_with(&self, id: &str, change: &Change) -> Option<bool> {
        let (_, running) = self.tried.iter().find(|(other, _)| other == change)?;
        Some(running.contains(id))
    }

    /// The run with a change, if the description holds together then. Nothing at all if enough was tried.
    fn tried(&mut self, change: &Change) -> Option<Option<(Run, Found)>> {
        if self.left.is_spent() {
            return None;
        }
        let Some(mut again) = (self.replay)(change) else {
            self.left.replays -= 1;
            return Some(None);
        };
        self.left.spend(&again);
        let found = Found::of(self.program, &mut again);
        let mut running = BTreeSet::new();
        for id in self.wanted {
            let verdict = found.standing(id, &mut again).map(|standing| standing.verdict);
            running.extend((verdict == Some(Verdict::WillRun)).then(|| id.clone()));
        }
        if again.domain.gave_up() {
            running.clear();
        }
        self.tried.push((change.clone(), running));
        Some(Some((again, found)))
    }

    /// The change without what makes no difference.
    fn smallest(&mut self, id: &str, change: Change) -> Change {
        for smaller in change.smaller() {
            let known = self.runs_with(id, &smaller);
            let runs = known.or_else(|| {
                self.tried(&smaller)?;
                self.runs_with(id, &smaller)
            });
            if runs == Some(true) {
                return self.smallest(id, smaller);
            }
        }
        change
    }
}

/// Changes to try, the smallest first.
fn candidates(id: &str, run: &mut Run, found: &Found) -> Vec<Change> {
    let Some(standing) = found.standing(id, run) else { return Vec::new() };
    let mut changes = ways(run, &standing, found);
    for seen in found.nodes.get(id).into_iter().flatten() {
        for reason in &seen.visit.reasons {
            changes.extend(reason.about.iter().flat_map(|about| about_that(about, found, &run.domain.facts)));
        }
    }
    let examples: Vec<Change> = changes.iter().filter_map(Change::with_examples).collect();
    let mut once: Vec<Change> = Vec::new();
    for change in changes.into_iter().chain(examples) {
        if !change.is_empty() && !once.contains(&change) {
            once.push(change);
        }
    }
    once
}

/// Changes after which the runs that reach the op are such on which it does not fail.
fn ways(run: &mut Run, standing: &Standing, found: &Found) -> Vec<Change> {
    if standing.verdict != Verdict::MightFail {
        return Vec::new();
    }
    let runs = run.domain.dds.minus(standing.enter, standing.fails);
    let runs = run.domain.dds.restrict(runs, standing.enter);
    let mut cubes = run.domain.dds.cubes(runs, MAX_WAYS);
    cubes.sort_by_key(Vec::len);
    let names = &run.domain.names;
    cubes.iter().map(|cube| of_cube(names, cube, found)).collect()
}

/// What a fixture could say for these literals to hold.
fn of_cube(names: &Names, cube: &[(Atom, bool)], found: &Found) -> Change {
    let mut change = Change::default();
    let mut there: BTreeMap<&str, Option<bool>> = BTreeMap::new();
    for (atom, holds) in cube {
        match names.atom_key(*atom) {
            // Nobody can say anything of what only the run can name.
            AtomKey::There(_, path) | AtomKey::IsDir(_, path) if is_made(path) => {}
            AtomKey::There(0, path) if !holds => {
                change.files.insert(path.to_string(), FileFact::Absent {});
            }
            AtomKey::There(0, path) => drop(there.entry(path).or_default()),
            AtomKey::IsDir(0, path) => {
                there.insert(path, Some(*holds));
            }
            AtomKey::EnvSet(name) if found.bound.contains(&**name) => {}
            AtomKey::EnvSet(name) => {
                change.env.insert(name.to_string(), holds.then(|| SOME_VALUE.to_owned()));
            }
            AtomKey::Bin(0, name) => {
                change.bins.insert(name.to_string(), *holds);
            }
            AtomKey::Equals(leaf, text) if *holds => match hole(names, names.cell(*leaf)) {
                Some(HoleKey::Argument(name, _)) => {
                    change.args.insert(name.to_string(), text.to_string());
                }
                Some(HoleKey::Fact("os")) => change.os = Some(text.to_string()),
                Some(HoleKey::Fact("arch")) => change.arch = Some(text.to_string()),
                Some(HoleKey::Fact(name)) => {
                    Machine::saying(name, text).into_iter().for_each(|fact| change.machine.extend(fact));
                }
                Some(HoleKey::Env(name)) => {
                    change.env.insert(name.to_string(), Some(text.to_string()));
                }
                _ => {}
            },
            AtomKey::Equals(leaf, _) => {
                if let Some(HoleKey::Argument(name, Type::Bool)) = hole(names, names.cell(*leaf)) {
                    change.args.insert(name.to_string(), "false".to_owned());
                }
            }
            // What came up during the run hangs on programs of which nothing is said.
            AtomKey::There(..) | AtomKey::IsDir(..) | AtomKey::IsLink(..) | AtomKey::Touched(..) | AtomKey::Bin(..) => {
                let usual = found.programs.iter().map(|words| (words.clone(), ExecFact::default()));
                change.exec.extend(usual);
            }
            _ => {}
        }
    }
    for (path, is_dir) in there {
        let fact = if is_dir == Some(true) { FileFact::dir(false) } else { FileFact::file(None) };
        change.files.entry(path.to_owned()).or_insert(fact);
    }
    change
}

fn package(name: &str, fact: PackageFact) -> Change {
    Change { packages: [(name.to_owned(), fact)].into(), ..Change::default() }
}

/// What could be said of the package for which a program with these words is started.
fn of_package(words: &str) -> Option<Change> {
    let words: Vec<&str> = words.split(' ').collect();
    let sent = perch_ops::sent(&words)?;
    let fact = match sent.errand {
        Errand::Install => PackageFact::Available,
        Errand::Remove | Errand::Ask => PackageFact::Installed,
    };
    Some(package(sent.package, fact))
}

/// The unknown that a text is.
fn hole<'n>(names: &'n Names, cell: &Cell) -> Option<&'n HoleKey> {
    match cell {
        Cell::Template(pieces) => match pieces.as_ref() {
            [Piece::Hole(hole)] => Some(names.hole_key(*hole)),
            _ => None,
        },
        _ => None,
    }
}

/// Changes of one fact.
fn about_that(about: &About, found: &Found, facts: &Facts) -> Vec<Change> {
    let denied = &facts.denied;
    let none = Change::default;
    let file = |path: &str, fact: FileFact| Change { files: [(path.to_owned(), fact)].into(), ..none() };
    let granted = |path: &str, given: Granted| Change { granted: [(path.to_owned(), given)].into(), ..none() };
    let permit = |permit: Permitted| Change { permits: vec![permit], ..none() };
    // As little as will do: the target alone, or what is beside it, too.
    let roots = |target: &str| [target, path::parent(target)].map(str::to_owned).into_iter();
    match about {
        About::Path(path) => vec![
            file(path, FileFact::file(None)),
            file(path, FileFact::dir(false)),
            file(path::parent(path), FileFact::dir(false)),
            file(path, FileFact::Absent {}),
        ],
        About::Rights(path) => {
            // From an administrator nothing is kept.
            let administrator = Change { machine: Machine { uid: Some(0), ..Machine::default() }, ..none() };
            let open = Granted::to_open(denied.own.contains(path)).into_iter();
            open.map(|given| granted(path, given)).chain([administrator]).collect()
        }
        // Named by where it is.
        About::Bin(place) if place.contains('/') => {
            let program = FileFact::File { content: None, mode: Some(MODE_OF_PROGRAMS.to_owned()), owner: None };
            let started = Granted::to_start(denied.own.contains(place)).into_iter();
            started.map(|given| granted(place, given)).chain([file(place, program)]).collect()
        }
        About::Bin(name) if facts.closed_program(name).is_some() => {
            let closed = facts.closed_program(name).unwrap_or_default();
            Granted::to_start(denied.own.contains(&closed)).into_iter().map(|given| granted(&closed, given)).collect()
        }
        About::Bin(name) => vec![Change { bins: [(name.clone(), true)].into(), ..none() }],
        About::Variable(name) if found.bound.contains(name) => Vec::new(),
        About::Variable(name) => {
            vec![Change { env: [(name.clone(), Some(SOME_VALUE.to_owned()))].into(), ..none() }]
        }
        About::Program(words) => {
            let ends = Change { exec: [(words.clone(), ExecFact::ending_with(0))].into(), ..none() };
            of_package(words).into_iter().chain([ends]).collect()
        }
        About::Package(name) => vec![package(name, PackageFact::Available), package(name, PackageFact::Installed)],
        About::Deadline => vec![Change { in_time: true, ..none() }],
        About::Answer(url) => vec![Change { answers: [(url.clone(), HttpFact::of_status(200))].into(), ..none() }],
        About::Rule(Rule::List(By::Flags, Axis::Bins), Some(name)) => {
            let there = Change { bins: [(name.clone(), true)].into(), ..none() };
            let both = Change { permits: vec![Permitted::Program(name.clone())], ..there.clone() };
            vec![there, both]
        }
        About::Rule(Rule::List(By::Flags, Axis::Env), Some(name)) => vec![permit(Permitted::Variable(name.clone()))],
        About::Rule(Rule::List(By::Flags, Axis::Hosts), Some(name)) => vec![permit(Permitted::Host(name.clone()))],
        About::Rule(Rule::List(By::Flags, Axis::Write), Some(target)) => {
            roots(target).map(|root| permit(Permitted::Write(root))).collect()
        }
        About::Rule(Rule::List(By::Flags, Axis::Read), Some(target)) => {
            roots(target).map(|root| permit(Permitted::Read(root))).collect()
        }
        About::Rule(Rule::NoWrite, _) => vec![permit(Permitted::All(Right::Writing))],
        About::Rule(Rule::NoSubprocess, _) => vec![permit(Permitted::All(Right::Programs))],
        About::Rule(Rule::NoShell(By::Flags), _) => vec![permit(Permitted::All(Right::Shell))],
        About::Rule(Rule::NoNetwork, _) => vec![permit(Permitted::All(Right::Network))],
        About::Name(_) | About::Rule(..) => Vec::new(),
    }
}
