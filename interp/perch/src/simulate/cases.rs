//! What is simulated: commands, each in every scenario.

use std::collections::BTreeSet;

use perch_fixtures::Fixture;
use perch_ir::Snapshot;
use perch_policy::Policy;
use perch_simulate::suggest::{self, Change};
use perch_simulate::{Facts, Run, Sources, host, run, run_after, run_before};

use super::flags::Flags;
use super::scenarios::Described;
use super::{Job, fixture, given, scenarios};
use crate::call;
use crate::cli::Restrictions;
use crate::report::Trouble;
use crate::stack;

/// What is simulated from one start.
pub(super) struct Case {
    pub(super) name: String,
    /// The fixture calls it so.
    pub(super) is_scenario: bool,
    /// It starts where that one has ended.
    pub(super) after: Option<usize>,
    pub(super) start: Start,
    pub(super) jobs: Vec<Job>,
    pub(super) wanted: bool,
}

impl Case {
    /// What is said of its host.
    pub(super) fn described(&self) -> suggest::Described<'_> {
        let scenario = Some(self.name.as_str()).filter(|_| self.is_scenario);
        let Start { fixture, sources, allowed, .. } = &self.start;
        suggest::Described { fixture, sources, scenario, allowed }
    }
}

/// Where and under what all commands start.
pub(super) struct Start {
    /// What is said of the host, all told.
    pub(super) fixture: Fixture,
    /// What the flags of runs allow.
    pub(super) allowed: Policy,
    pub(super) facts: Facts,
    pub(super) policy: Policy,
    /// Who says so.
    pub(super) sources: Sources,
    /// The directory was not described.
    pub(super) assumed_cwd: Option<String>,
}

/// What is simulated: every scenario, or the one that is asked for.
pub(super) fn of(
    program: &Snapshot,
    jobs: &[Job],
    flags: &Flags,
    restrictions: &Restrictions,
) -> Result<Vec<Case>, Trouble> {
    let file = flags.host.sim_file.as_deref();
    let (fixture, places) = file.map(fixture::read).transpose()?.unwrap_or_default();
    let sources = Sources::new(file.map(|file| (file.to_owned(), places)), flags.host.replaced());
    let hosts = scenarios::described(&fixture, &sources, flags.host.scenario.as_deref())?;
    let case = |host: &Described| {
        given::check_names(host, program)?;
        let jobs = jobs.iter().map(|job| job.described(host)).collect::<Result<_, _>>()?;
        let mut told = host.fixture.clone();
        flags.over(&mut told)?;
        told.os = told.os.map(fixture::as_spelled);
        told.arch = told.arch.map(fixture::as_spelled);
        let start = start(host, told, restrictions)?;
        let is_scenario = host.scenario.is_some();
        Ok(Case { name: host.name().to_owned(), is_scenario, after: host.after, start, jobs, wanted: host.wanted })
    };
    stack::each(&hosts, case)?.into_iter().collect()
}

/// Trouble if a path to import means another file on a host that is described: then it would run another program.
pub(super) fn imported_alike(names: &BTreeSet<String>, cases: &[Case]) -> Result<(), Trouble> {
    for case in cases {
        let fixture = &case.start.fixture;
        for name in names {
            let told = match name.as_str() {
                "os" => fixture.os.clone(),
                "arch" => fixture.arch.clone(),
                _ => fixture.env.get(name).cloned(),
            };
            let here = match name.as_str() {
                "os" => Some(perch_system::os().to_owned()),
                "arch" => Some(perch_system::arch().to_owned()),
                _ => std::env::var(name).ok(),
            };
            let is_missing = fixture.env_missing.contains(name) && here.is_some();
            if is_missing || told.is_some() && told != here {
                let message = format!(
                    "`${{{name}}}` in a path to import is something else on the host that is described: it imports another file"
                );
                let is_fact = matches!(name.as_str(), "os" | "arch");
                let key: &[&str] = if is_fact { &[name] } else { &["env", name] };
                let trouble = fixture::trouble(&case.start.sources, key, &message);
                return Err(trouble.help(match told {
                    Some(told) if is_fact => format!("simulate on such a machine, or write `{told}` into the path"),
                    Some(told) => format!("simulate with the same here: `{name}={told} perch simulate …`"),
                    None => format!("simulate without it here: `env -u {name} perch simulate …`"),
                }));
            }
        }
    }
    Ok(())
}

fn start(host: &Described, told: Fixture, restrictions: &Restrictions) -> Result<Start, Trouble> {
    let sources = &host.sources;
    let (cwd, assumed_cwd) = match fixture::described_cwd(&told, sources)? {
        Some(cwd) => (cwd, None),
        None => {
            let cwd = call::working_directory()?;
            (cwd.clone(), Some(cwd))
        }
    };
    fixture::check_paths(&told, &cwd, sources)?;
    fixture::check_texts(&told, sources)?;
    fixture::check_programs(&told, sources)?;
    fixture::check_packages(&told, sources)?;
    let mut facts = host::facts_of(&told, &cwd)
        .map_err(|found| fixture::contradiction(&found, sources, host.scenario.as_deref()))?;
    facts.env_closed_by_flag = sources.is_by_flag("env_only");
    let allowed = restrictions.policy(&cwd)?;
    let policy = host::both(host::policy_of(&told, &cwd), allowed.clone());
    let sources = sources.clone().describing(&told, &cwd);
    Ok(Start { fixture: told, allowed, facts, policy, sources, assumed_cwd })
}

/// One command in one case.
pub(super) fn simulated(program: &Snapshot, cases: &[Case], at: usize, job: usize) -> Result<Run, Trouble> {
    followed(program, cases, at, job, true)
}

/// The same, for the report or as a run before that.
fn followed(program: &Snapshot, cases: &[Case], at: usize, job: usize, is_reported: bool) -> Result<Run, Trouble> {
    let Some((case, Job { command, given })) = cases.get(at).and_then(|case| Some((case, case.jobs.get(job)?))) else {
        return Err(Trouble::usage("perch has a bug: a scenario is lost"));
    };
    let (facts, policy) = (case.start.facts.clone(), case.start.policy.clone());
    let Some(before) = case.after else {
        let run = if is_reported { run } else { run_before };
        return Ok(run(program, command, facts, policy, given));
    };
    let scenario = cases.get(before).map_or("", |before| &before.name);
    let Some(ended) = followed(program, cases, before, job, false)?.ended(scenario) else {
        let message =
            format!("scenario `{}` cannot start: the run before it leaves no directory to start in", case.name);
        return Err(Trouble::usage(message).help(format!("it starts in `{}`", case.start.facts.cwd)));
    };
    Ok(run_after(program, command, (ended, is_reported), facts, policy, given))
}

impl Start {
    /// The same command on a host of which something else is said.
    pub(super) fn replayed(&self, program: &Snapshot, job: &Job, change: &Change) -> Option<Run> {
        let fixture = change.applied(&self.fixture);
        let cwd = &self.facts.cwd;
        fixture::check_texts(&fixture, &self.sources).ok()?;
        fixture::check_programs(&fixture, &self.sources).ok()?;
        fixture::check_packages(&fixture, &self.sources).ok()?;
        let mut facts = host::facts_of(&fixture, cwd).ok()?;
        facts.env_closed_by_flag = self.facts.env_closed_by_flag;
        for name in change.with_any_value() {
            facts.env.remove(name);
            facts.env_set.insert(name.clone());
        }
        let policy = host::both(host::policy_of(&fixture, cwd), change.allowed(&self.allowed));
        let job = job.with(&fixture.args);
        Some(run(program, &job.command, facts, policy, &job.given))
    }
}
