//! Many triples.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use perch_diagram::{DEFAULT_BUDGET, Diagrams};
use perch_ir::{Command, Program, Snapshot};
use perch_ops::{Contract, Primitive};
use perch_policy::Policy;
use perch_simulate::{Run, host as fixtures, run, verdict};
use perch_symbolic::Symbolic;
use perch_symbolic::record::Assumption;

use crate::assumed;
use crate::compare::{self, Comparison, Contradiction, Judged, spelled_out};
use crate::counters::Counters;
use crate::hosts::Host;
use crate::lane::{InProcess, Lane, Ran};
use crate::programs::Source;
use crate::real::RealRun;
use crate::shrink::smallest;

pub use crate::triples::{Flags, Triple, load, triple};

/// How long a contradiction is made smaller.
pub const SHRINKING: Duration = Duration::from_secs(60);

/// How a campaign is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where hosts are built.
    pub base: PathBuf,
    /// The stand-in for programs.
    pub stub: PathBuf,
    /// Hosts per triple.
    pub hosts: usize,
}

impl Settings {
    /// The same for one of several workers.
    #[must_use]
    pub fn of_worker(&self, worker: usize) -> Self {
        Self { base: self.base.join(format!("worker{worker}")), ..self.clone() }
    }

    /// Where a worker builds its hosts: far down, since a program may `cd ..` and remove what it finds there.
    #[must_use]
    pub fn root(&self, worker: &str) -> String {
        self.base.join(worker).join("of/what/may/be/u/w").to_string_lossy().into_owned()
    }
}

/// A contradiction with the triple that shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The triple, made small.
    pub triple: Triple,
    /// What is wrong.
    pub contradictions: Vec<Contradiction>,
}

/// Why a triple gave no comparison.
#[derive(Debug)]
pub enum Unused {
    /// The program does not load.
    Unloadable(String),
    /// The fixture contradicts itself.
    Fixture(String),
    /// Over budget, in this.
    GaveUp(Part),
    /// The file system refused.
    Io(io::Error),
}

/// What can go over budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The evaluation.
    Run,
    /// Reading verdicts off it.
    Verdicts,
    /// Comparing a real run.
    Comparison,
}

impl From<io::Error> for Unused {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl std::fmt::Display for Unused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unloadable(message) => write!(f, "the program does not load: {message}"),
            Self::Fixture(message) => f.write_str(message),
            Self::GaveUp(part) => write!(f, "the simulation is over its budget ({part:?})"),
            Self::Io(error) => write!(f, "the file system refuses: {error}"),
        }
    }
}

impl Triple {
    /// A symbolic run of it. Contracts that are given replace the catalogue's.
    ///
    /// # Errors
    /// If there is nothing to run.
    pub fn simulate(&self, program: &Snapshot, contracts: &[(Primitive, Contract)]) -> Result<Run, Unused> {
        let command = program.command("main").ok_or_else(|| Unused::Unloadable("no main".to_owned()))?;
        let facts = fixtures::facts_of(&self.fixture, self.cwd());
        let facts = facts.map_err(|error| Unused::Fixture(error.to_string()))?;
        let mut domain = Symbolic::new(facts, self.policy());
        if let Some(budget) = self.budget {
            domain.dds = Diagrams::with_budget(budget);
        }
        for (primitive, contract) in contracts {
            domain.set_contract(*primitive, contract.clone());
        }
        Ok(run::run_in(program, &command, domain, &[]))
    }
}

/// A triple that has been simulated.
pub struct Simulated {
    program: Snapshot,
    command: Arc<Command>,
    policy: Policy,
    /// What is left of the run.
    pub run: Run,
    /// What is claimed.
    pub nodes: Vec<Judged>,
}

impl Simulated {
    /// Simulates a triple. Contracts that are given replace the catalogue's.
    ///
    /// # Errors
    /// If there is nothing to compare.
    pub fn of(triple: &Triple, contracts: &[(Primitive, Contract)]) -> Result<Self, Unused> {
        let program = load(&triple.source.text()).map_err(Unused::Unloadable)?;
        let mut run = triple.simulate(&program, contracts)?;
        if run.domain.gave_up() {
            return Err(Unused::GaveUp(Part::Run));
        }
        let nodes = verdict::every_node(&program, &mut run);
        let nodes = compare::judge(&mut run, nodes);
        if run.domain.gave_up() {
            return Err(Unused::GaveUp(Part::Verdicts));
        }
        let command = Arc::clone(&run.command);
        Ok(Self { program, command, policy: triple.policy(), run, nodes })
    }

    /// Really runs it on a host.
    ///
    /// # Errors
    /// If the host cannot be built or read back.
    pub fn really(&self, lane: &mut dyn Lane, host: &Host) -> io::Result<Ran> {
        lane.run(&self.program, &self.command, host, &self.policy)
    }

    /// Compares a real run.
    ///
    /// # Errors
    /// If that takes it over its budget.
    pub fn compare(&mut self, host: &Host, real: &RealRun) -> Result<Comparison, Unused> {
        let draft = self.run.domain.dds.draft(DEFAULT_BUDGET);
        let comparison = compare::compare(&mut self.run, &self.nodes, host, real);
        if self.run.domain.dds.discard(draft) { Ok(comparison) } else { Err(Unused::GaveUp(Part::Comparison)) }
    }

    /// Does the report print that what is changed on this run is not on PATH?
    fn leaves_path_alone(&self, real: &RealRun) -> bool {
        let untouched = [Assumption::PathUntouched, Assumption::PathUntouchedElsewhere];
        let printed = self.nodes.iter().filter(|node| untouched.iter().any(|one| node.printed.contains(one)));
        printed.into_iter().any(|node| real.visits.iter().any(|visit| visit.node == node.id))
    }
}

/// Simulates a triple and runs it on its hosts, and on hosts that violate what it takes for granted, until a contradiction.
/// The triple with that host alone is given with it, as it was simulated: as the product does it, or in a hurry.
///
/// # Errors
/// If there is nothing to compare.
pub fn check(
    lane: &mut dyn Lane,
    triple: &Triple,
    counters: &mut Counters,
) -> Result<Option<(Triple, Vec<Contradiction>)>, Unused> {
    let on = |triple: &Triple, host: &Host| Triple { hosts: vec![host.clone()], ..triple.clone() };
    let mut simulated = Simulated::of(triple, &[])?;
    let wrong = lane.simulated(triple, &simulated.program)?;
    if let (false, Some(host)) = (wrong.is_empty(), triple.hosts.first()) {
        return Ok(Some((on(triple, host), wrong)));
    }
    counters.claims(&simulated.nodes, triple);
    let printed = simulated.nodes.iter().flat_map(|node| node.printed.iter().cloned()).collect();
    let printed = spelled_out(&simulated.run.domain, &printed);
    let violating = assumed::violating(triple, &printed);
    counters.violating += violating.len();
    let hurried = triple.hurried();
    // Over its budget altogether, nothing is said.
    let mut in_a_hurry = Simulated::of(&hurried, &[]).ok();
    for host in &triple.hosts {
        let Ran { run, wrong } = simulated.really(lane, host)?;
        let found = compared(lane, &mut simulated, &triple.source, host, run.as_ref(), counters)?;
        let found: Vec<_> = wrong.into_iter().chain(found).collect();
        if !found.is_empty() {
            return Ok(Some((on(triple, host), found)));
        }
        let Some(in_a_hurry) = &mut in_a_hurry else { continue };
        let found = compared(lane, in_a_hurry, &triple.source, host, run.as_ref(), &mut Counters::default());
        if let Some(found) = found.ok().filter(|found| !found.is_empty()) {
            return Ok(Some((on(&hurried, host), found)));
        }
    }
    for host in &violating {
        let found = check_on(lane, &mut simulated, triple, host, counters)?;
        if !found.is_empty() {
            return Ok(Some((on(triple, host), found)));
        }
    }
    Ok(None)
}

fn check_on(
    lane: &mut dyn Lane,
    simulated: &mut Simulated,
    triple: &Triple,
    host: &Host,
    counters: &mut Counters,
) -> Result<Vec<Contradiction>, Unused> {
    let Ran { run, wrong } = simulated.really(lane, host)?;
    let found = compared(lane, simulated, &triple.source, host, run.as_ref(), counters)?;
    Ok(wrong.into_iter().chain(found).collect())
}

/// What a real run, if there is one, says against a simulation.
fn compared(
    lane: &mut dyn Lane,
    simulated: &mut Simulated,
    source: &Source,
    host: &Host,
    real: Option<&RealRun>,
    counters: &mut Counters,
) -> Result<Vec<Contradiction>, Unused> {
    let Some(real) = real else { return Ok(Vec::new()) };
    counters.visits(&simulated.nodes, real, source);
    let Comparison { checks, contradictions, departed } = simulated.compare(host, real)?;
    let other = real.kept_waiting
        || !contradictions.is_empty() && simulated.leaves_path_alone(real) && !host.has_its_programs(lane.stub());
    counters.runs += 1;
    counters.checks += checks;
    counters.departed += usize::from(departed || other);
    Ok(if other { Vec::new() } else { contradictions })
}

/// What is wrong with a triple on its own hosts, when it is run in this process.
///
/// # Errors
/// If there is nothing to compare.
pub fn contradictions(triple: &Triple, settings: &Settings) -> Result<Vec<Contradiction>, Unused> {
    contradictions_in(&mut InProcess { stub: &settings.stub }, triple)
}

fn contradictions_in(lane: &mut dyn Lane, triple: &Triple) -> Result<Vec<Contradiction>, Unused> {
    let mut simulated = Simulated::of(triple, &[])?;
    let mut found = lane.simulated(triple, &simulated.program)?;
    for host in &triple.hosts {
        found.extend(check_on(lane, &mut simulated, triple, host, &mut Counters::default())?);
    }
    Ok(found)
}

/// A smaller triple that still shows a contradiction.
#[must_use]
pub fn shrink(lane: &mut dyn Lane, triple: &Triple, found: Vec<Contradiction>) -> Finding {
    let mut shows = |triple: &Triple| contradictions_in(lane, triple).ok().filter(|found| !found.is_empty());
    let whole = shows(triple).unwrap_or(found);
    let (triple, contradictions) = smallest(triple.clone(), whole, SHRINKING, shows);
    Finding { triple, contradictions }
}

/// Runs the triples of a range of seeds on this thread, until `limit` findings.
pub fn run_range(
    lane: &mut dyn Lane,
    seeds: impl Iterator<Item = u64>,
    worker: usize,
    settings: &Settings,
    limit: usize,
) -> (Counters, Vec<Finding>) {
    let root = settings.root(&worker.to_string());
    let mut counters = Counters::default();
    let mut findings = Vec::new();
    drop(fs::create_dir_all(&settings.base));
    for seed in seeds {
        let triple = triple(seed, &root, settings.hosts);
        counters.triples += 1;
        let alone = |about: &str, message: String| Finding {
            triple: triple.clone(),
            contradictions: vec![Contradiction::new(about, message)],
        };
        match check(lane, &triple, &mut counters) {
            Ok(None) => {}
            Ok(Some((triple, found))) => findings.push(shrink(lane, &triple, found)),
            Err(Unused::GaveUp(part)) => counters.abandoned(&triple, part),
            Err(Unused::Unloadable(message)) => drop(counters.unloadable.entry(message).or_default().insert(seed)),
            Err(Unused::Fixture(message)) => findings.push(alone("fixture", message)),
            Err(Unused::Io(error)) => findings.push(alone("io", error.to_string())),
        }
        if findings.len() >= limit {
            break;
        }
    }
    (counters, findings)
}

/// How many diagram nodes the simulation of a triple takes.
#[must_use]
pub fn size(triple: &Triple) -> usize {
    let Ok(program) = load(&triple.source.text()) else { return 0 };
    let Some(command) = program.command("main") else { return 0 };
    let Ok(facts) = fixtures::facts_of(&triple.fixture, triple.cwd()) else { return 0 };
    run::run(&program, &command, facts, triple.policy(), &[]).domain.dds.len()
}
