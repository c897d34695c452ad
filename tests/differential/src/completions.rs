//! How much of what can be decided is decided.
//!
//! A `?` is right if some run on a host that agrees with the fixture has the op fail and another has it succeed. Whether
//! that is so is found out without diagrams: all runs on all such hosts, out of a universe that is large for the program at hand, are
//! gone through in memory ([`crate::imagined`]). A `?` on which they all agree is a *miss*. On the way all other
//! verdicts are held against the same runs, and some of the runs are really made and compared.
//!
//! What is counted: effectful ops that are ✓, ✗, or `?` and decidable; SKIPPED and blocked ones are left out. If there are too many runs to
//! go through, a `?` on which those agree that were made counts as a miss: shares are lower bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use perch_fixtures::Fixture;
use perch_ir::Snapshot;
use perch_ir::program::{Command, Program};
use perch_ops::ErrorKind;
use perch_policy::Policy;
use perch_simulate::{host, run, verdict};
use perch_symbolic::Symbolic;
use perch_symbolic::facts::Facts;
use perch_symbolic::record::Assumption;

use crate::campaign::{self, Flags, Settings, Triple, Unused, load};
use crate::compare::{self, Claim, Judged};
use crate::counters::effectful;
use crate::hosts::{Host, Knowledge};
use crate::imagined::{self, Begins, Run, Tape, Universe};
use crate::programs::{CommandSource, Part, Source};
use crate::random::Random;
use crate::real;

/// Runs with random choices, before all are gone through in order.
const RANDOM_RUNS: usize = 300;

/// Runs that are made even if nothing is undecided: they are held against the verdicts.
const FEW_RUNS: usize = 48;

/// How measuring is done.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Runs that are gone through for one program.
    pub runs: usize,
    /// Of every so many triples one run is really made; 0: of none.
    pub real_every: u64,
}

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
    /// Triples over budget.
    pub abandoned: usize,
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
        self.abandoned += other.abandoned;
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
}

fn simulate(triple: &Triple) -> Result<Simulated, Unused> {
    let program = load(&triple.source.text()).map_err(Unused::Unloadable)?;
    let command = program.command("main").ok_or_else(|| Unused::Unloadable("no main".to_owned()))?;
    let cwd = triple.fixture.cwd.clone().unwrap_or_default();
    let facts = host::facts_of(&triple.fixture, &cwd).map_err(|error| Unused::Fixture(error.to_string()))?;
    let policy = host::both(host::policy_of(&triple.fixture, &cwd), triple.flags.policy());
    let mut run = run::run_in(&program, &command, Symbolic::new(facts.clone(), policy.clone()), &[]);
    let nodes = verdict::nodes(&program, &mut run);
    let nodes = compare::judge(&mut run, nodes);
    let taken = taken_for_granted(&mut run, &nodes);
    if run.domain.gave_up() {
        return Err(Unused::GaveUp);
    }
    let universe = universe(facts, &taken, &triple.source.text());
    Ok(Simulated { program, command, policy, nodes, taken, universe })
}

/// What real runs take for granted, with the node that says so.
fn taken_for_granted(run: &mut run::Run, nodes: &[Judged]) -> Taken {
    let mut taken = Vec::new();
    for node in nodes {
        for seen in &node.seen {
            for (assumption, when) in &seen.visit.assumptions {
                let when = run.domain.dds.and(seen.entry, *when);
                if !run.real(when).is_false() {
                    taken.push((node.id.clone(), assumption.clone()));
                }
            }
        }
    }
    taken
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
            Assumption::NoDirectory(path) => kind == IsADirectory && run.start(path) == Some(Begins::Dir),
            Assumption::NoFile(path) => kind == NotADirectory && run.start(path) == Some(Begins::File),
            Assumption::Succeeds(_)
            | Assumption::StaysInFrame(_)
            | Assumption::IsUsual(_)
            | Assumption::PathUntouched => false,
        })
    })
}

/// The hosts that agree with the facts.
fn universe(facts: Facts, taken: &Taken, source: &str) -> Universe {
    let succeeds = taken.iter().filter(|(_, assumption)| matches!(assumption, Assumption::Succeeds(_)));
    let succeeds = succeeds.map(|(node, _)| node.clone()).collect();
    Universe { facts, succeeds, texts: texts(source) }
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
        let open = simulated.nodes.iter().filter(|node| counted(node) && node.claim == Claim::Open);
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

fn counted(node: &Judged) -> bool {
    effectful(node.op) && !node.blocked && node.claim != Claim::Skipped
}

/// Measures one triple.
///
/// # Errors
/// If it cannot be simulated, or the file system refuses a real run.
pub fn measure(triple: &Triple, effort: &Effort, settings: &Settings) -> Result<Measured, Unused> {
    let simulated = simulate(triple)?;
    let mut measured = Measured { triples: 1, ..Measured::default() };
    let really = effort.real_every > 0 && triple.seed.is_multiple_of(effort.real_every);
    let mut search = Search::new(&simulated, triple.seed);
    while let Some(run) = search.next(effort.runs) {
        measured.runs += 1;
        if run.impossible {
            continue;
        }
        if really && measured.real == 0 {
            measured.real += usize::from(made_really(triple, &simulated, &run, settings, &mut measured.wrong)?);
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
    for node in simulated.nodes.iter().filter(|node| counted(node)) {
        let share = measured.shares.entry((triple.knowledge, node.op)).or_default();
        match (node.claim, truths.get(node.id.as_str())) {
            (Claim::Runs | Claim::Fails, _) | (_, None) => share.decided += 1,
            (_, Some(Truth { fine: false, fails: false, .. })) => share.unreached += 1,
            (_, Some(Truth { fine: true, fails: true, .. })) => share.open += 1,
            (_, Some(truth)) => {
                share.missed += 1;
                let reasons = node.seen.iter().flat_map(|seen| &seen.visit.reasons);
                let reasons = reasons.map(|reason| without_paths(&reason.message)).collect();
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

/// Makes a run really, if it can be made, and compares.
fn made_really(
    triple: &Triple,
    simulated: &Simulated,
    run: &Run,
    settings: &Settings,
    wrong: &mut Vec<(Triple, String)>,
) -> Result<bool, Unused> {
    let Some(root) = triple.hosts.first().map(|host| host.root.clone()) else { return Ok(false) };
    let Some(host) = run.host(&root, &simulated.universe) else { return Ok(false) };
    let real = real::run(&simulated.program, &simulated.command, &host, &simulated.policy, &settings.stub)?;
    if (&real.visits, &real.ending) != (&run.visits, &run.ending) {
        let at = real.visits.iter().zip(&run.visits).take_while(|(a, b)| a == b).count();
        let host = serde_json::to_string(&host).unwrap_or_default();
        wrong.push((
            triple.clone(),
            format!(
                "in memory {:?} {:?}, really {:?} {:?} on {host}",
                run.visits.get(at),
                run.ending,
                real.visits.get(at),
                real.ending
            ),
        ));
    }
    Ok(true)
}

// ---- small triples --------------------------------------------------------------------------------

/// Which programs are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programs {
    /// Small ones over few names, of which all runs can be gone through.
    Small,
    /// Those of the campaign.
    Campaign,
}

/// A triple to be measured. The hosts are one, that the fixture was made from.
#[must_use]
pub fn triple(seed: u64, root: &str, programs: Programs) -> Triple {
    match programs {
        Programs::Campaign => campaign::triple(seed, root, 1),
        Programs::Small => small(seed, root),
    }
}

fn small(seed: u64, root: &str) -> Triple {
    let mut random = Random::new(seed ^ 0x5EED);
    let knowledge = if seed.is_multiple_of(2) { Knowledge::Half } else { Knowledge::None };
    let links = random.chance(25);
    let host = Host::generate(&mut random, root, links);
    let mut fixture = host.forget(&mut random, knowledge);
    if knowledge == Knowledge::Half && random.chance(25) {
        let roots = vec![if random.chance(70) { root.to_owned() } else { format!("{root}/d") }];
        let told = fixture.files.get(&roots[0]).is_none_or(|fact| matches!(fact, perch_fixtures::FileFact::Dir { .. }));
        let there = fixture.oracles.file_exists.get(&roots[0]) != Some(&false);
        match told && there && host.tree.contains_key(&roots[0]) {
            true if random.chance(50) => fixture.fs_write = Some(roots),
            true => fixture.fs_read = Some(roots),
            false => {}
        }
    }
    let source = Writer { random: &mut random, root, depth: 0, rescued: false, calls: true }.program();
    Triple { seed, knowledge, source, fixture, flags: Flags::default(), hosts: vec![host] }
}

const PATHS: &[&str] = &["a", "d", "d/a", "d/e", "e", "e/a", "d/e/a"];
const TEXTS: &[&str] = &["", "a", "x", "0"];
const BOUND: &[&str] = &["v", "w"];
const VARIABLES: &[&str] = &["E1", "E2"];
const PROGRAMS: &[&str] = &["p", "q"];

/// Writes small programs.
struct Writer<'r> {
    random: &'r mut Random,
    root: &'r str,
    depth: usize,
    /// Within `rescue`.
    rescued: bool,
    /// The other command may be called.
    calls: bool,
}

impl Writer<'_> {
    fn program(&mut self) -> Source {
        let statements = 2 + self.random.below(4);
        let mut body: Vec<Part> = BOUND.iter().map(|name| Part::Line(format!("{name} = \"a\""))).collect();
        body.extend(self.body(statements));
        let command = |name: &str, body| CommandSource { name: name.into(), config: Vec::new(), body };
        let mut commands = vec![command("main", body)];
        self.calls = false;
        self.depth = 1;
        let statements = 1 + self.random.below(3);
        let callee = self.body(statements);
        if commands[0].body.iter().any(calls) {
            commands.push(command("c", callee));
        }
        Source { top: Vec::new(), commands }
    }

    fn body(&mut self, statements: usize) -> Vec<Part> {
        (0..statements).map(|_| self.statement()).collect()
    }

    fn statement(&mut self) -> Part {
        if self.depth < 2 && self.random.chance(30) {
            self.depth += 1;
            let block = self.block();
            self.depth -= 1;
            return block;
        }
        Part::Line(self.line())
    }

    fn arm(&mut self, header: String) -> (String, Vec<Part>) {
        let statements = 1 + self.random.below(2);
        (header, self.body(statements))
    }

    fn block(&mut self) -> Part {
        let mut arms = Vec::new();
        match self.random.below(8) {
            0..=2 => {
                let cond = self.cond();
                arms.push(self.arm(format!("if {cond}")));
                if self.random.chance(50) {
                    arms.push(self.arm("else".to_owned()));
                }
            }
            3..=5 => {
                arms.push(self.arm("try".to_owned()));
                let rescue = self.random.chance(75);
                if rescue {
                    let outer = std::mem::replace(&mut self.rescued, true);
                    arms.push(self.arm("rescue".to_owned()));
                    self.rescued = outer;
                }
                if !rescue || self.random.chance(30) {
                    arms.push(self.arm("finally".to_owned()));
                }
            }
            6 => {
                let list = *self.random.pick(&["\"a\\nd\"", "\"${E1}\"", "v"]);
                arms.push(self.arm(format!("for_each {list} v")));
            }
            _ => {
                let target = if self.rescued && self.random.chance(60) { "err.kind" } else { "v" };
                let cases: &[&str] =
                    if target == "v" { &["a", "x"] } else { &["file_not_found", "is_a_directory", "bin_not_found"] };
                let case = *self.random.pick(cases);
                arms.push((format!("match {target}"), Vec::new()));
                arms.push(self.arm(format!("case {case}")));
                if self.random.chance(60) {
                    arms.push(self.arm("else".to_owned()));
                }
            }
        }
        Part::Block(arms)
    }

    fn line(&mut self) -> String {
        match self.random.below(100) {
            0..=11 => format!("write_file {} {}", self.path(), self.text()),
            12..=21 => format!("{} = read_file {}", self.bound(), self.path()),
            22..=27 => format!("mkdir {}", self.path()),
            28..=33 => format!("rm {}", self.path()),
            34..=41 => format!("cp {} {}", self.path(), self.path()),
            42..=48 => format!("mv {} {}", self.path(), self.path()),
            49..=53 => format!("copy_dir {} {}", self.path(), self.path()),
            54..=56 => format!("symlink {} {}", self.random.pick(&["a", "d", "e"]), self.path()),
            57..=62 => self.start(),
            63..=66 => format!("{} = {}", self.bound(), self.start()),
            67..=70 => format!("{} {} {}", self.start(), self.random.pick(&["&&", "||", ";"]), self.start()),
            71..=74 => format!("{} = {}", self.bound(), self.text()),
            75..=77 => format!("{} = {}", self.bound(), self.predicate()),
            78..=80 => format!("{} = get_env {}", self.bound(), self.random.pick(VARIABLES)),
            81 => format!("{} = upper {}", self.bound(), self.bound()),
            82 => format!("{} = replace {} a x", self.bound(), self.bound()),
            83..=87 => format!("cd {}", self.path()),
            88..=90 => format!("print {}", self.text()),
            91..=92 => "fail stop".to_owned(),
            93 => format!("exit {}", self.random.pick(&["0", "3", "v"])),
            _ if self.calls => "c".to_owned(),
            _ => format!("print {}", self.text()),
        }
    }

    fn start(&mut self) -> String {
        let word = if self.random.chance(25) { format!(" {}", self.path()) } else { String::new() };
        format!("{}{word}", self.random.pick(PROGRAMS))
    }

    fn cond(&mut self) -> String {
        let not = if self.random.chance(25) { "not " } else { "" };
        match self.random.below(8) {
            0..=4 => format!("{not}{}", self.predicate()),
            5 => format!("{not}{} == {}", self.bound(), self.random.pick(&["a", "x"])),
            6 => format!("{not}\"${{{}}}\" == {}", self.random.pick(VARIABLES), self.random.pick(&["a", "x"])),
            _ => format!("{not}{}", self.random.pick(&["v", "w", "is_linux"])),
        }
    }

    fn predicate(&mut self) -> String {
        match self.random.below(4) {
            0 => format!("exists {}", self.path()),
            1 => format!("is_dir {}", self.path()),
            2 => format!("is_file {}", self.path()),
            _ => format!("has_bin {}", self.random.pick(PROGRAMS)),
        }
    }

    fn bound(&mut self) -> &'static str {
        self.random.pick::<&str>(BOUND)
    }

    fn path(&mut self) -> String {
        let path = *self.random.pick(PATHS);
        match self.random.below(24) {
            0..=17 => path.to_owned(),
            18..=21 => format!("{}/{path}", self.root),
            22 => format!("\"{}/${{{}}}\"", self.root, self.random.pick(BOUND)),
            _ => format!("\"{}/${{{}}}\"", self.root, self.random.pick(VARIABLES)),
        }
    }

    fn text(&mut self) -> String {
        match self.random.below(8) {
            0 => format!("\"${{{}}}\"", self.random.pick(VARIABLES)),
            1 => format!("\"${{{}}}\"", self.random.pick(BOUND)),
            2 if self.rescued => "\"${err.kind}\"".to_owned(),
            _ => format!("\"{}\"", self.random.pick(TEXTS)),
        }
    }
}

fn calls(part: &Part) -> bool {
    match part {
        Part::Line(line) => line == "c",
        Part::Block(arms) => arms.iter().any(|(_, body)| body.iter().any(calls)),
    }
}

// ---- many triples ---------------------------------------------------------------------------------

/// Measures the triples of a range of seeds on this thread.
pub fn measure_range(
    seeds: impl Iterator<Item = u64>,
    worker: usize,
    programs: Programs,
    effort: &Effort,
    settings: &Settings,
) -> Measured {
    let root = settings.base.join(format!("{worker}")).join("u").join("w");
    drop(root.parent().map(std::fs::create_dir_all));
    let root = root.to_string_lossy().into_owned();
    let mut all = Measured::default();
    for seed in seeds {
        let triple = triple(seed, &root, programs);
        match measure(&triple, effort, settings) {
            Ok(one) => all.add(one),
            Err(Unused::GaveUp) => all.abandoned += 1,
            Err(Unused::Unloadable(message) | Unused::Fixture(message)) => all.wrong.push((triple, message)),
            Err(Unused::Io(error)) => all.wrong.push((triple, error.to_string())),
        }
    }
    all
}

/// A smaller triple with a miss at the same op for the same reasons.
#[must_use]
pub fn shrink(miss: &Miss, effort: &Effort, settings: &Settings) -> Miss {
    let alike = |triple: Triple| {
        let effort = Effort { real_every: 0, ..effort.clone() };
        let found = measure(&triple, &effort, settings).ok()?.misses;
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
    with(&|fixture| fixture.bins = None);
    with(&|fixture| (fixture.os, fixture.arch) = (None, None));
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
    let root = miss.triple.hosts.first().map(|host| host.root.clone()).unwrap_or_default();
    let _ = writeln!(text, "{}", miss.triple.source.text());
    let _ = writeln!(text, "fixture {}", serde_json::to_string(&miss.triple.fixture).unwrap_or_default());
    let truth = if miss.fails { "fails" } else { "succeeds" };
    let whole = if miss.whole { "all" } else { "so far" };
    let _ = writeln!(text, "seed {}: {} {} {truth} ({whole}) {:?}", miss.triple.seed, miss.node, miss.op, miss.reasons);
    text.replace(&root, "/w")
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn dbg() {
        let seed: u64 = std::env::var("SEED").unwrap().parse().unwrap();
        let t = triple(seed, "/w", Programs::Small);
        println!("{}", t.source.text());
        println!("{}", serde_json::to_string(&t.fixture).unwrap());
        let s = simulate(&t).unwrap();
        println!("{:?}", s.universe);
        for n in &s.nodes {
            println!("{} {} {:?} blocked {}", n.id, n.op, n.claim, n.blocked);
            for seen in &n.seen {
                for (a, _) in &seen.visit.assumptions {
                    println!("    {a:?}");
                }
                for r in &seen.visit.reasons {
                    println!("    {}", r.message);
                }
            }
        }
        let mut tape = Tape::default();
        for _ in 0..20000 {
            let run = imagined::run(&s.program, &s.command, &s.universe, &s.policy, &mut tape);
            if let Some(m) = contradiction(&s.nodes, &run).filter(|_| !outside(&s.taken, &run)) {
                println!("{m}\n{run:?}");
                break;
            }
            if !tape.advance() {
                println!("whole");
                break;
            }
        }
    }
}
