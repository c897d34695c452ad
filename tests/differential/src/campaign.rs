//! Many triples.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use perch_fixtures::Fixture;
use perch_ir::{Database, Program, Snapshot, SourceFile};
use perch_ops::{Body, Contract, Primitive};
use perch_policy::Policy;
use perch_simulate::{host, run, verdict};
use perch_symbolic::Symbolic;
use serde::{Deserialize, Serialize};

use crate::compare::{self, Claim, Comparison, Contradiction};
use crate::counters::Counters;
use crate::hosts::{Host, Knowledge};
use crate::lane::{InProcess, Lane, Ran};
use crate::programs::{Generator, Source};
use crate::random::Random;

/// A program, a host of which a fixture tells something, other hosts that agree with it, and flags.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Triple {
    /// Seed that it came from.
    pub seed: u64,
    /// How much the fixture tells.
    pub knowledge: Knowledge,
    /// The program.
    pub source: Source,
    /// What is told.
    pub fixture: Fixture,
    /// Policy flags.
    pub flags: Flags,
    /// Hosts that agree with the fixture.
    pub hosts: Vec<Host>,
}

/// Policy flags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags {
    /// `--no-write`
    pub no_write: bool,
    /// `--no-subprocess`
    pub no_subprocess: bool,
    /// `--allow-read`
    pub read: Option<Vec<String>>,
    /// `--allow-write`
    pub write: Option<Vec<String>>,
    /// `--allow-bin`
    pub bins: Option<Vec<String>>,
}

impl Flags {
    fn generate(random: &mut Random, root: &str) -> Self {
        let roots = |random: &mut Random| {
            let all = [root.to_owned(), format!("{root}/d"), format!("{root}/e"), format!("{root}/a")];
            let count = random.below(3);
            Some((0..=count).map(|_| random.pick(&all).clone()).collect::<BTreeSet<_>>().into_iter().collect())
        };
        Self {
            no_write: random.chance(4),
            no_subprocess: random.chance(5),
            read: if random.chance(10) { roots(random) } else { None },
            write: if random.chance(14) { roots(random) } else { None },
            bins: if random.chance(8) { Some(vec!["p".to_owned(), "q".to_owned()]) } else { None },
        }
    }

    /// The policy that they are.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            no_write: self.no_write,
            no_subprocess: self.no_subprocess,
            read_roots: self.read.clone(),
            write_roots: self.write.clone(),
            bins: self.bins.clone(),
        }
    }
}

/// How a campaign is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where hosts are built.
    pub base: PathBuf,
    /// The stand-in for programs.
    pub stub: PathBuf,
    /// Hosts per triple.
    pub hosts: usize,
    /// Contracts that differ from the catalogue's: planted faults.
    pub contracts: Vec<(Primitive, Contract)>,
}

/// A contradiction with the triple that shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The triple, made small.
    pub triple: Triple,
    /// What is wrong.
    pub contradictions: Vec<Contradiction>,
}

/// A triple from a seed.
#[must_use]
pub fn triple(seed: u64, root: &str, hosts: usize) -> (Triple, Vec<String>) {
    let mut random = Random::new(seed);
    let knowledge = match random.below(10) {
        0..=3 => Knowledge::Full,
        4..=7 => Knowledge::Half,
        _ => Knowledge::None,
    };
    let links = knowledge != Knowledge::None && random.chance(40);
    let mut origin = Host::generate(&mut random, root, links);
    if knowledge == Knowledge::Full {
        // A fixture can tell what a program does, not that it does something else the second time.
        origin.programs.values_mut().for_each(|starts| starts.truncate(1));
    }
    let mut fixture = origin.forget(&mut random, knowledge);
    let flags = Flags::generate(&mut random, root);
    if knowledge == Knowledge::Half && random.chance(25) {
        let roots = vec![root.to_owned()];
        let existing = origin.tree.keys().filter(|path| {
            fixture.files.get(*path).is_none_or(|fact| !matches!(fact, perch_fixtures::FileFact::Link { .. }))
        });
        let other: Vec<String> = existing.take(4).cloned().collect();
        let roots = if random.chance(70) { roots } else { vec![random.pick(&other).clone()] };
        if random.chance(50) { fixture.fs_write = Some(roots) } else { fixture.fs_read = Some(roots) }
    }
    let mut generator = Generator::new(&mut random, &origin, knowledge);
    let source = generator.program();
    let nested = std::mem::take(&mut generator.nested);
    let mut all = vec![origin.clone()];
    for _ in 1..hosts {
        let other = origin.complete(&mut random, &fixture);
        if agrees(&other, &fixture) {
            all.push(other);
        }
    }
    (Triple { seed, knowledge, source, fixture, flags, hosts: all }, nested)
}

/// Does a host agree with all that the fixture says, listed roots included?
fn agrees(host: &Host, fixture: &Fixture) -> bool {
    let listed = fixture.fs_read.iter().chain(&fixture.fs_write).flatten();
    let overruled = |path: &String| fixture.oracles.file_exists.get(path) == Some(&false);
    host.agrees(fixture) && listed.into_iter().all(|path| overruled(path) || host.tree.contains_key(path))
}

/// Loads a program.
///
/// # Errors
/// With the diagnostics, if it has errors.
pub fn load(text: &str) -> Result<Snapshot, String> {
    let db = Database::default();
    let file = SourceFile::new(&db, "generated.perch".to_owned(), text.to_owned());
    let errors: Vec<String> =
        perch_ir::diagnostics(&db, file).iter().filter(|one| one.is_error()).map(|one| one.message.clone()).collect();
    if errors.is_empty() { Ok(Snapshot::new(&db, file)) } else { Err(errors.join("; ")) }
}

/// Why a triple gave no comparison.
#[derive(Debug)]
pub enum Unused {
    /// The program does not load.
    Unloadable(String),
    /// The fixture contradicts itself.
    Fixture(String),
    /// Over budget.
    GaveUp,
    /// The file system refused.
    Io(io::Error),
}

impl From<io::Error> for Unused {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Simulates a triple and runs it on its hosts, in this process.
///
/// # Errors
/// If there is nothing to compare.
pub fn check(triple: &Triple, settings: &Settings, counters: &mut Counters) -> Result<Vec<Contradiction>, Unused> {
    check_in(&mut InProcess { stub: &settings.stub }, triple, settings, counters)
}

/// Simulates a triple and runs it on its hosts.
///
/// # Errors
/// If there is nothing to compare.
pub fn check_in(
    lane: &mut dyn Lane,
    triple: &Triple,
    settings: &Settings,
    counters: &mut Counters,
) -> Result<Vec<Contradiction>, Unused> {
    let program = load(&triple.source.text()).map_err(Unused::Unloadable)?;
    let command = program.command("main").ok_or_else(|| Unused::Unloadable("no main".to_owned()))?;
    let cwd = triple.fixture.cwd.clone().unwrap_or_default();
    let facts = host::facts_of(&triple.fixture, &cwd).map_err(|error| Unused::Fixture(error.to_string()))?;
    let policy = host::both(host::policy_of(&triple.fixture, &cwd), triple.flags.policy());
    let mut domain = Symbolic::new(facts, policy.clone());
    for (primitive, contract) in &settings.contracts {
        domain.set_contract(*primitive, contract.clone());
    }
    let mut run = run::run_in(&program, &command, domain, &[]);
    let mut found = lane.simulated(triple, &program, &mut run)?;
    if !found.is_empty() {
        return Ok(found);
    }
    if run.domain.gave_up() {
        return Err(Unused::GaveUp);
    }
    let nodes = verdict::nodes(&program, &mut run);
    let nodes = compare::judge(&mut run, nodes);
    if run.domain.gave_up() {
        return Err(Unused::GaveUp);
    }
    count_claims(&nodes, triple, counters);
    for host in &triple.hosts {
        let Ran { run: real, wrong } = lane.run(&program, &command, host, &policy)?;
        found.extend(wrong);
        let Some(real) = real else { continue };
        for visit in &real.visits {
            counters.outcome(&visit.op, visit.failed.map_or("ok", |kind| kind.name()));
        }
        let Comparison { checks, contradictions, outside } = compare::compare(&mut run, &nodes, host, &real);
        if run.domain.gave_up() {
            return Err(Unused::GaveUp);
        }
        counters.runs += 1;
        counters.checks += checks;
        counters.outside += usize::from(outside);
        found.extend(contradictions);
    }
    Ok(found)
}

fn count_claims(nodes: &[compare::Judged], triple: &Triple, counters: &mut Counters) {
    let knowledge = format!("{:?}", triple.knowledge).to_lowercase();
    for node in nodes {
        counters.claim(node.op, node.claim);
        if effectful(node.op) && !node.blocked && node.claim != Claim::Skipped {
            let share = counters.decided.entry(knowledge.clone()).or_default();
            share.0 += usize::from(node.claim != Claim::Open);
            share.1 += 1;
            if node.claim == Claim::Open && triple.knowledge == Knowledge::Full {
                *counters.open.entry(node.op.to_owned()).or_default() += 1;
            }
        }
    }
}

/// An op that touches the host.
#[must_use]
pub fn effectful(op: &str) -> bool {
    perch_ops::lookup(op).is_some_and(|op| matches!(op.body(), Body::Primitive(_) | Body::Program(..)))
}

/// A smaller triple that still shows a contradiction; the triple itself, with what was found, if none does.
#[must_use]
pub fn shrink(lane: &mut dyn Lane, triple: &Triple, found: Vec<Contradiction>, settings: &Settings) -> Finding {
    let mut check = |triple: &Triple| check_in(lane, triple, settings, &mut Counters::default());
    let mut best = triple.clone();
    let mut wrong = found;
    for host in triple.hosts.iter() {
        let one = Triple { hosts: vec![host.clone()], ..triple.clone() };
        if let Ok(found) = check(&one)
            && !found.is_empty()
        {
            best = one;
            wrong = found;
            break;
        }
    }
    let mut rounds = 0;
    'smaller: while rounds < 400 {
        for source in best.source.smaller() {
            rounds += 1;
            let one = Triple { source, ..best.clone() };
            if let Ok(found) = check(&one)
                && !found.is_empty()
            {
                best = one;
                wrong = found;
                continue 'smaller;
            }
        }
        break;
    }
    Finding { triple: best, contradictions: wrong }
}

/// Runs the triples of a range of seeds on this thread, until `limit` findings.
pub fn run_range(
    lane: &mut dyn Lane,
    seeds: impl Iterator<Item = u64>,
    worker: usize,
    settings: &Settings,
    limit: usize,
) -> (Counters, Vec<Finding>) {
    let root = settings.base.join(format!("{worker}")).join("u").join("w");
    let root = root.to_string_lossy().into_owned();
    let mut counters = Counters::default();
    let mut findings = Vec::new();
    if let Some(parent) = Path::new(&root).parent() {
        drop(std::fs::create_dir_all(parent));
    }
    for seed in seeds {
        let (triple, nested) = triple(seed, &root, settings.hosts);
        for pair in nested {
            *counters.nested.entry(pair).or_default() += 1;
        }
        counters.triples += 1;
        match check_in(lane, &triple, settings, &mut counters) {
            Ok(found) if found.is_empty() => {}
            Ok(found) => {
                findings.push(shrink(lane, &triple, found, settings));
                if findings.len() >= limit {
                    break;
                }
            }
            Err(Unused::GaveUp) => counters.abandoned += 1,
            Err(Unused::Unloadable(_)) => counters.unloadable += 1,
            Err(Unused::Fixture(message)) => {
                findings
                    .push(Finding { triple, contradictions: vec![Contradiction { about: "fixture".into(), message }] });
            }
            Err(Unused::Io(error)) => {
                findings.push(Finding {
                    triple,
                    contradictions: vec![Contradiction { about: "io".into(), message: error.to_string() }],
                });
            }
        }
    }
    (counters, findings)
}

/// How many diagram nodes the simulation of a triple takes.
#[must_use]
pub fn size(triple: &Triple) -> usize {
    let Ok(program) = load(&triple.source.text()) else { return 0 };
    let Some(command) = program.command("main") else { return 0 };
    let cwd = triple.fixture.cwd.clone().unwrap_or_default();
    let Ok(facts) = host::facts_of(&triple.fixture, &cwd) else { return 0 };
    let policy = host::both(host::policy_of(&triple.fixture, &cwd), triple.flags.policy());
    run::run(&program, &command, facts, policy, &[]).domain.dds.len()
}
