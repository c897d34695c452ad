//! How much of what can be decided is decided.
//!
//! A `?` is right if some run on a host that agrees with the fixture has the op fail and another has it succeed. Whether
//! that is so is found out without diagrams: all runs on all such hosts, out of a universe that is large for the program at hand, are
//! gone through in memory ([`crate::imagined`]). A `?` on which they all agree is a *miss*. On the way all other
//! verdicts are held against the same runs, and some of the runs are really made and compared.
//!
//! What is counted: effectful ops that are ✓, ✗, or `?` and decidable; SKIPPED and blocked ones are left out. So are those that are `?` and of
//! which runs show both ways although the fixture tells everything: that goes by chance, since no fixture tells in which order programs or branches
//! that run at once come to what they have in common, nor whether a deadline comes before a program has ended. If there are too many runs to
//! go through, a `?` on which those agree that were made counts as a miss: shares are lower bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use perch_fixtures::{Fixture, Machine};
use perch_ir::Snapshot;
use perch_ir::program::{Command, Program};
use perch_ops::ErrorKind;
use perch_policy::Policy;
use perch_simulate::{host, run, verdict};
use perch_symbolic::Symbolic;
use perch_symbolic::facts::Facts;
use perch_symbolic::record::Assumption;

use crate::campaign::{Settings, Triple, Unused, load};
use crate::compare::{self, Claim, Judged};
use crate::counters::{counts, is_open};
use crate::hosts::Knowledge;
use crate::imagined::{self, Begins, Run, Tape, Universe};
use crate::random::Random;
use crate::real;
use crate::small::{Programs, triple};

/// Runs with random choices, before all are gone through in order.
const RANDOM_RUNS: usize = 300;

/// Runs until ways that runs go count as all there are.
pub const MANY_RUNS: usize = 3000;

/// Where the hosts are that are thought up only.
const ROOT: &str = "/hosts/of/w";

/// Runs of a triple that are made really.
const RUNS_MADE: usize = 2;

/// Runs that are made even if nothing is undecided: they are held against the verdicts.
const FEW_RUNS: usize = 48;

/// A `?` on which all runs agree.
#[derive(Clone, Debug)]
pub struct Miss {
    /// The triple.
    pub triple: Triple,
    /// The node, its op, and why it is said that it might fail.
    pub node: String,
    /// Name of its op.
    pub op: &'static str,
    /// The reasons, without paths.
    pub reasons: BTreeSet<String>,
    /// What all runs that visit it do.
    pub fails: bool,
    /// All runs were gone through.
    pub whole: bool,
}

/// Decided ops and decidable ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// ✓ or ✗.
    pub decided: usize,
    /// `?`, and all runs agree.
    pub missed: usize,
    /// `?`, and they do not.
    pub open: usize,
    /// `?`, and no run gets there.
    pub unreached: usize,
}

impl Share {
    /// Per cent of what is decidable.
    #[must_use]
    pub fn percent(&self) -> f64 {
        100.0 * self.decided as f64 / (self.decided + self.missed).max(1) as f64
    }

    fn add(&mut self, other: Self) {
        self.decided += other.decided;
        self.missed += other.missed;
        self.open += other.open;
        self.unreached += other.unreached;
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Measured {
    /// By knowledge and op.
    pub shares: BTreeMap<(Knowledge, &'static str), Share>,
    /// Every miss.
    pub misses: Vec<Miss>,
    /// Verdicts that a run contradicts, and runs that go otherwise when they are really made.
    pub wrong: Vec<(Triple, String)>,
    /// Runs gone through.
    pub runs: usize,
    /// Runs really made.
    pub real: usize,
    /// Programs of which not all runs were gone through although that was needed.
    pub cut: usize,
    /// Triples.
    pub triples: usize,
    /// Triples over budget: all of their ops are `?`.
    pub abandoned: Vec<Triple>,
}

impl Measured {
    /// Adds what another thread has found.
    pub fn add(&mut self, other: Self) {
        for (key, share) in other.shares {
            self.shares.entry(key).or_default().add(share);
        }
        self.misses.extend(other.misses);
        self.wrong.extend(other.wrong);
        self.runs += other.runs;
        self.real += other.real;
        self.cut += other.cut;
        self.triples += other.triples;
        self.abandoned.extend(other.abandoned);
    }

    /// The share at one level of knowledge.
    #[must_use]
    pub fn share(&self, knowledge: Knowledge) -> Share {
        let mut all = Share::default();
        self.shares.iter().filter(|((of, _), _)| *of == knowledge).for_each(|(_, share)| all.add(*share));
        all
    }
}

// ---- one triple -----------------------------------------------------------------------------------

/// A triple that has been simulated.
struct Simulated {
    program: Snapshot,
    command: Arc<Command>,
    policy: Policy,
    nodes: Vec<Judged>,
    taken: Taken,
    universe: Universe,
    gave_up: bool,
}

fn simulate(triple: &Triple) -> Result<Simulated, Unused> {
    let program = load(&triple.source.text()).map_err(Unused::Unloadable)?;
    let command = program.command("main").ok_or_else(|| Unused::Unloadable("no main".to_owned()))?;
    let (facts, policy) = facts_and_policy(triple)?;
    let mut run = run::run_in(&program, &command, Symbolic::new(facts.clone(), policy.clone()), &[]);
    let nodes = verdict::every_node(&program, &mut run);
    let mut nodes = compare::judge(&mut run, nodes);
    let mut taken = taken_for_granted(&nodes);
    let gave_up = run.domain.gave_up();
    if gave_up {
        // Then the report says `?` of everything, for that reason alone.
        for node in &mut nodes {
            (node.claim, node.always, node.blocked) = (Claim::Open, false, false);
            node.seen.clear();
        }
        taken.clear();
    }
    let universe = universe(facts, &taken, triple);
    if !gave_up && (universe.facts.in_time || run.domain.general.contains(&Assumption::InTime)) {
        taken.extend(nodes.iter().map(|node| (node.id.clone(), Assumption::InTime)));
    }
    Ok(Simulated { program, command, policy, nodes, taken, universe, gave_up })
}

fn facts_and_policy(triple: &Triple) -> Result<(Facts, Policy), Unused> {
    let cwd = triple.fixture.cwd.clone().unwrap_or_default();
    let facts = host::facts_of(&triple.fixture, &cwd).map_err(|error| Unused::Fixture(error.to_string()))?;
    Ok((facts, host::both(host::policy_of(&triple.fixture, &cwd), triple.flags.policy())))
}

/// What real runs take for granted, with the node that says so.
fn taken_for_granted(nodes: &[Judged]) -> Taken {
    let of = |node: &Judged| node.printed.iter().map(|one| (node.id.clone(), one.clone())).collect::<Vec<_>>();
    nodes.iter().flat_map(of).collect()
}

/// What is taken for granted of a start, by the node that prints it.
type Taken = Vec<(String, Assumption)>;

/// Is the run outside of what verdicts speak of? It is if an op fails that takes for granted what would have
/// excluded the failure, and that is not so.
fn outside(taken: &Taken, run: &Run) -> bool {
    use ErrorKind::{FileNotFound, IsADirectory, NotADirectory};
    run.visits.iter().any(|visit| {
        let Some(kind) = visit.failed else { return false };
        taken.iter().filter(|(node, _)| *node == visit.node).any(|(_, assumption)| match assumption {
            Assumption::IsDirectory(path) => {
                matches!(kind, NotADirectory | FileNotFound) && run.start(path) != Some(Begins::Dir)
            }
            Assumption::IsFile(path) => {
                matches!(kind, FileNotFound | IsADirectory) && run.start(path) != Some(Begins::File)
            }
            Assumption::IsThere(path) => kind == FileNotFound && run.start(path).is_none(),
            Assumption::NoDirectory(path) => kind == IsADirectory && run.start(path) == Some(Begins::Dir),
            Assumption::NoFile(path) => kind == NotADirectory && run.start(path) == Some(Begins::File),
            Assumption::Succeeds(_)
            | Assumption::StaysInFrame(_)
            | Assumption::IsUsual(_)
            | Assumption::ManagersStay
            | Assumption::PackagesApart
            | Assumption::PathUntouched
            | Assumption::PathUntouchedElsewhere
            | Assumption::ColdCache
            | Assumption::Storable
            | Assumption::StoreApart
            | Assumption::NewByTime
            | Assumption::ApartByTime
            | Assumption::OnTheDay(_)
            | Assumption::NoLinksPacked
            | Assumption::NoHiddenLinks => false,
            Assumption::InTime => kind == ErrorKind::TimeoutExceeded,
            Assumption::StillPermitted => kind == ErrorKind::FilePermissionDenied,
        })
    })
}

/// The hosts that agree with the facts.
fn universe(facts: Facts, taken: &Taken, triple: &Triple) -> Universe {
    let succeeds = taken.iter().filter(|(_, assumption)| matches!(assumption, Assumption::Succeeds(_)));
    let succeeds = succeeds.map(|(node, _)| node.clone()).collect();
    let source = triple.source.text().replace(root_of(triple), "");
    Universe { facts, succeeds, texts: texts(&source) }
}

/// Texts of which some matter to most programs, as far as they matter to this one.
const WORDS: &[&str] =
    &["a", "b", "c", "d", "e", "l", "x", "0", "1", "2", "3", "300", "true", "false", "hello", "stop"];

fn texts(source: &str) -> Vec<String> {
    let is_part = |c: char| !c.is_ascii_alphanumeric();
    let named: BTreeSet<&str> = source.split(is_part).collect();
    let mut texts = vec!["other".to_owned(), String::new()];
    texts.extend(WORDS.iter().filter(|word| named.contains(*word)).map(|word| (*word).to_owned()));
    if source.contains("for_each") {
        texts.push("a\nb".to_owned());
    }
    // What is inserted into a path may name any of the paths, and lead out of every directory.
    if source.contains("/${") {
        let words = source.split(|c: char| c.is_whitespace() || c == '"');
        let paths: BTreeSet<&str> = words.filter(|word| word.contains('/') && !word.starts_with('/')).collect();
        texts.extend(paths.into_iter().filter(|path| !path.contains('$')).map(str::to_owned));
        texts.push("../".repeat(20));
    }
    texts
}

/// What runs do at a node.
#[derive(Debug, Default)]
struct Truth {
    /// A run visits it and does not fail there.
    fine: bool,
    /// A run fails there.
    fails: bool,
    /// Some runs that visit it.
    visiting: Vec<Tape>,
}

/// Looks for runs that do what others do not.
struct Search<'s> {
    simulated: &'s Simulated,
    seed: u64,
    /// By undecided node.
    truths: BTreeMap<&'s str, Truth>,
    /// The runs in order.
    ordered: Tape,
    made: usize,
    /// All runs have been gone through, or it does not matter any more.
    whole: bool,
}

impl<'s> Search<'s> {
    fn new(simulated: &'s Simulated, seed: u64) -> Self {
        let open = simulated.nodes.iter().filter(|node| is_open(node));
        let truths = open.map(|node| (node.id.as_str(), Truth::default())).collect();
        Self { simulated, seed, truths, ordered: Tape::default(), made: 0, whole: false }
    }

    /// Nodes of which it is not known that runs differ.
    fn alike(&self) -> Vec<&'s str> {
        let alike = self.truths.iter().filter(|(_, truth)| !(truth.fine && truth.fails));
        alike.map(|(id, _)| *id).collect()
    }

    /// The next run: some at random, then some like those that visit what is in question, then all in order.
    fn next(&mut self, runs: usize) -> Option<Run> {
        let alike = self.alike();
        if self.whole || self.made >= runs || (self.made >= FEW_RUNS && alike.is_empty()) {
            self.whole |= alike.is_empty();
            return None;
        }
        self.made += 1;
        let mut random = Random::new(self.seed.wrapping_mul(10_007) + self.made as u64);
        let mut tape = if self.made <= RANDOM_RUNS.min(runs / 8) {
            Tape::random(random)
        } else if self.made <= runs / 2 {
            let id = *random.pick(&alike);
            match self.truths.get(id).map(|truth| truth.visiting.as_slice()) {
                None | Some([]) => Tape::random(random),
                Some(visiting) => random.clone().pick(visiting).varied(random),
            }
        } else {
            std::mem::take(&mut self.ordered)
        };
        let Simulated { program, command, policy, universe, .. } = self.simulated;
        let run = imagined::run(program, command, universe, policy, &mut tape);
        let counts = !run.impossible && !outside(&self.simulated.taken, &run);
        if counts {
            self.note(&run, &tape);
        }
        if self.made > runs / 2 {
            self.whole = !tape.advance();
            self.ordered = tape;
        }
        Some(run)
    }

    fn note(&mut self, run: &Run, tape: &Tape) {
        for (id, truth) in &mut self.truths {
            let mut visits = run.visits.iter().filter(|visit| visit.node == *id).peekable();
            if visits.peek().is_none() {
                continue;
            }
            let failed = visits.any(|visit| visit.failed.is_some());
            truth.fails |= failed;
            truth.fine |= !failed;
            if truth.visiting.len() < 16 {
                truth.visiting.push(tape.clone());
            }
        }
    }
}

/// Undecided nodes at which some runs fail and others do not. If the fixture tells everything, that is chance: what hosts have in common
/// then leaves open in which order things happen that happen at once, and whether a deadline comes first.
#[must_use]
pub fn going_both_ways(triple: &Triple) -> BTreeSet<String> {
    let Ok(simulated) = simulate(triple) else { return BTreeSet::new() };
    let mut search = Search::new(&simulated, triple.seed);
    while search.next(MANY_RUNS).is_some() {}
    let differ = search.truths.iter().filter(|(_, truth)| truth.fine && truth.fails);
    differ.map(|(id, _)| (*id).to_owned()).collect()
}

/// Measures one triple.
///
/// # Errors
/// If it cannot be simulated.
pub fn measure(triple: &Triple, runs: usize) -> Result<Measured, Unused> {
    let simulated = simulate(triple)?;
    let mut measured = Measured {
        triples: 1,
        abandoned: simulated.gave_up.then(|| triple.clone()).into_iter().collect(),
        ..Measured::default()
    };
    let mut search = Search::new(&simulated, triple.seed);
    while let Some(run) = search.next(runs) {
        measured.runs += 1;
        if run.impossible {
            continue;
        }
        if let Some(message) = contradiction(&simulated.nodes, &run)
            && !outside(&simulated.taken, &run)
        {
            measured.wrong.push((triple.clone(), message));
            break;
        }
    }
    let Search { truths, whole, .. } = search;
    measured.cut += usize::from(!whole);
    for node in simulated.nodes.iter().filter(|node| counts(node)) {
        let share = measured.shares.entry((triple.knowledge, node.op)).or_default();
        match (node.claim, truths.get(node.id.as_str())) {
            (Claim::Runs | Claim::Fails, _) | (_, None) => share.decided += 1,
            (_, Some(Truth { fine: false, fails: false, .. })) => share.unreached += 1,
            (_, Some(Truth { fine: true, fails: true, .. })) => share.open += 1,
            (_, Some(truth)) => {
                share.missed += 1;
                let reasons = node.seen.iter().flat_map(|seen| &seen.visit.reasons);
                let reasons = reasons.map(|reason| without_paths(&reason.message.to_string()));
                let reasons = reasons.chain(simulated.gave_up.then(|| "over budget".to_owned())).collect();
                let (node, op) = (node.id.clone(), node.op);
                measured.misses.push(Miss { triple: triple.clone(), node, op, reasons, fails: truth.fails, whole });
            }
        }
    }
    Ok(measured)
}

/// The sentence of a reason with `…` for what it quotes.
fn without_paths(message: &str) -> String {
    let parts = message.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 0 { part.to_owned() } else { "`…`".to_owned() }).collect()
}

/// A verdict that is not true of a run.
fn contradiction(nodes: &[Judged], run: &Run) -> Option<String> {
    let mut visits: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for visit in &run.visits {
        let counts = visits.entry(&visit.node).or_default();
        counts.0 += 1;
        counts.1 += usize::from(visit.failed.is_some());
    }
    nodes.iter().find_map(|node| {
        let (visited, failed) = visits.get(node.id.as_str()).copied().unwrap_or_default();
        let wrong = match node.claim {
            Claim::Skipped if visited > 0 && !node.blocked => "SKIPPED, and it ran",
            Claim::Runs if failed > 0 => "✓, and it failed",
            Claim::Fails if visited > 0 && failed == 0 => "✗, and it succeeded",
            _ if node.always && visited == 0 => "reached always, and it was not",
            _ => return None,
        };
        Some(format!("{} {} is {wrong}", node.id, node.op))
    })
}

/// Goes through a few runs in memory, makes them really where they can be made, and compares. The number of these, and
/// what is wrong.
///
/// # Errors
/// If there is nothing to run, or the file system refuses.
pub fn made_really(triple: &Triple, runs: usize, settings: &Settings) -> Result<(usize, Option<String>), Unused> {
    let program = load(&triple.source.text()).map_err(Unused::Unloadable)?;
    let command = program.command("main").ok_or_else(|| Unused::Unloadable("no main".to_owned()))?;
    let (facts, policy) = facts_and_policy(triple)?;
    let universe = universe(facts, &Taken::new(), triple);
    let mut made = 0;
    for at in 0..runs {
        let mut tape = Tape::random(Random::new(triple.seed.wrapping_mul(31) + at as u64));
        let run = imagined::run(&program, &command, &universe, &policy, &mut tape);
        // In memory, branches run one after the other.
        if run.visits.iter().any(|visit| visit.op == "parallel") {
            continue;
        }
        let Some(host) = run.host(root_of(triple), &universe) else { continue };
        let real = real::run(&program, &command, &host, &policy, &settings.stub)?;
        made += 1;
        if (&real.visits, &real.ending) != (&run.visits, &run.ending) {
            let at = real.visits.iter().zip(&run.visits).take_while(|(a, b)| a == b).count();
            let (here, there) = (run.visits.get(at), real.visits.get(at));
            let host = serde_json::to_string(&host).unwrap_or_default();
            let message = format!("in memory {here:?} {:?}, really {there:?} {:?} on {host}", run.ending, real.ending);
            return Ok((made, Some(message)));
        }
    }
    Ok((made, None))
}

fn root_of(triple: &Triple) -> &str {
    triple.hosts.first().map_or("/", |host| &host.root)
}

// ---- many triples ---------------------------------------------------------------------------------

/// Measures the triples of a range of seeds on this thread.
pub fn measure_range(seeds: impl Iterator<Item = u64>, programs: Programs, runs: usize) -> Measured {
    let mut all = Measured::default();
    for seed in seeds {
        let triple = triple(seed, ROOT, programs);
        match measure(&triple, runs) {
            Ok(one) => all.add(one),
            Err(unused) => all.wrong.push((triple, format!("{unused:?}"))),
        }
    }
    all
}

/// Really makes runs of the triples of a range of seeds, on this thread.
pub fn really_range(
    seeds: impl Iterator<Item = u64>,
    worker: usize,
    programs: Programs,
    settings: &Settings,
) -> Measured {
    let root = settings.base.join(format!("{worker}")).join("u").join("w");
    drop(root.parent().map(std::fs::create_dir_all));
    let root = root.to_string_lossy();
    let mut all = Measured::default();
    for seed in seeds {
        let triple = triple(seed, &root, programs);
        match made_really(&triple, RUNS_MADE, settings) {
            Ok((made, wrong)) => {
                all.real += made;
                all.wrong.extend(wrong.map(|message| (triple, message)));
            }
            Err(Unused::Io(error)) => all.wrong.push((triple, error.to_string())),
            Err(Unused::GaveUp(_) | Unused::Unloadable(_) | Unused::Fixture(_)) => {}
        }
    }
    all
}

/// A smaller triple with a miss at the same op for the same reasons.
#[must_use]
pub fn shrink(miss: &Miss, runs: usize) -> Miss {
    let alike = |triple: Triple| {
        let found = measure(&triple, runs).ok()?.misses;
        found
            .into_iter()
            .find(|other| other.op == miss.op && other.reasons == miss.reasons && other.whole == miss.whole)
    };
    let mut best = miss.clone();
    let mut rounds = 0;
    'smaller: while rounds < 600 {
        let sources = best.triple.source.smaller().into_iter();
        let programs = sources.map(|source| Triple { source, ..best.triple.clone() });
        let fixtures = smaller_fixtures(&best.triple.fixture).into_iter();
        let fixtures = fixtures.map(|fixture| Triple { fixture, ..best.triple.clone() });
        for triple in programs.chain(fixtures).collect::<Vec<_>>() {
            rounds += 1;
            if let Some(found) = alike(triple) {
                best = found;
                continue 'smaller;
            }
        }
        break;
    }
    best
}

/// Fixtures that tell less.
fn smaller_fixtures(fixture: &Fixture) -> Vec<Fixture> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Fixture)| {
        let mut smaller = fixture.clone();
        change(&mut smaller);
        if smaller != *fixture {
            all.push(smaller);
        }
    };
    with(&|fixture| fixture.files.clear());
    with(&|fixture| fixture.oracles = perch_fixtures::Oracles::default());
    with(&|fixture| fixture.env.clear());
    with(&|fixture| fixture.env_only = None);
    with(&|fixture| fixture.env_missing.clear());
    with(&|fixture| fixture.bins = None);
    with(&|fixture| (fixture.os, fixture.arch) = (None, None));
    with(&|fixture| (fixture.machine, fixture.clock) = (Machine::default(), None));
    with(&|fixture| fixture.in_time = false);
    with(&|fixture| (fixture.fs_read, fixture.fs_write) = (None, None));
    for path in fixture.files.keys() {
        with(&|fixture| drop(fixture.files.remove(path)));
    }
    for path in fixture.oracles.file_exists.keys() {
        with(&|fixture| {
            fixture.oracles.file_exists.remove(path);
        });
    }
    for words in fixture.oracles.exec.keys() {
        with(&|fixture| drop(fixture.oracles.exec.remove(words)));
    }
    for name in fixture.oracles.has_bin.keys() {
        with(&|fixture| {
            fixture.oracles.has_bin.remove(name);
        });
    }
    all
}

/// A miss for a person, with `/w` for the root.
#[must_use]
pub fn show(miss: &Miss) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", miss.triple.source.text());
    let _ = writeln!(text, "fixture {}", serde_json::to_string(&miss.triple.fixture).unwrap_or_default());
    let truth = if miss.fails { "fails" } else { "succeeds" };
    let whole = if miss.whole { "all" } else { "so far" };
    let _ = writeln!(text, "seed {}: {} {} {truth} ({whole}) {:?}", miss.triple.seed, miss.node, miss.op, miss.reasons);
    text.replace(root_of(&miss.triple), "/w")
}
