//! `perch simulate`: what commands would do on a host that is described.
//!
//! [`flags`] takes the words apart, [`fixture`] reads the description, [`scenarios`] lays scenarios over it, [`given`] assigns arguments. Nothing is decided
//! here: verdicts, the rule of the exit status and the page come from `perch-simulate`.

mod fixture;
mod flags;
mod given;
mod scenarios;

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::sync::Arc;

use perch_ir::{Answer, Command, Snapshot};
use perch_policy::Policy;
use perch_simulate::exit::{FailOn, decide};
use perch_simulate::report::{Report, Scenario};
use perch_simulate::verdict::{Judgement, judgement};
use perch_simulate::{Facts, Run, Sources, assumptions, host, run, run_after, text};

use crate::cli::{DEFAULT_FILE, Limits, Restrictions};
use crate::load::Loaded;
use crate::report::Trouble;
use crate::{call, colour, list, load, stack};
use flags::{Flags, Format};
use scenarios::Described;

/// A command and the arguments that are known.
struct Job {
    command: Arc<Command>,
    given: Vec<(String, String)>,
}

/// What is simulated from one start.
struct Case {
    name: String,
    /// It starts where that one has ended.
    after: Option<usize>,
    start: Start,
    jobs: Vec<Job>,
    wanted: bool,
}

/// Where and under what all commands start.
struct Start {
    facts: Facts,
    policy: Policy,
    /// Who says so.
    sources: Sources,
    /// The directory was not described.
    assumed_cwd: Option<String>,
}

/// Says what commands would do; gives the exit status.
pub(crate) fn simulate(file: Option<String>, words: &[String], mut restrictions: Restrictions) -> Result<u8, Trouble> {
    let flags = match flags::parse(words)? {
        Ok(flags) => flags,
        Err(shown) => return Ok(shown),
    };
    restrictions.add(flags.restrictions.clone());
    let file = one_file(file, flags.file.clone())?;
    let loaded = match &flags.command {
        Some(command) => load::read_for(&file, command)?,
        None => load::read(&file)?,
    };
    let program = &loaded.program;
    let jobs = jobs(&loaded, &flags)?;
    let cases = cases(program, &jobs, &flags, &restrictions)?;
    let (format, fail_on) = (flags.format(), flags.fail_on());
    let limits = restrictions.limits()?;
    let (page, code) = stack::big(|| {
        let report = report(program, &cases, &limits, fail_on)?;
        page(&report, format).map(|page| (page, report.exit_code))
    })??;
    list::print(&page)?;
    Ok(code)
}

/// `-f` may stand before or behind `simulate`, once.
fn one_file(before: Option<String>, behind: Option<String>) -> Result<String, Trouble> {
    match (before, behind) {
        (Some(one), Some(other)) => {
            let trouble = Trouble::usage(format!("two files are named: `-f {one}` and `-f {other}`"));
            Err(trouble.help("name one, before or behind `simulate`"))
        }
        (one, other) => Ok(one.or(other).unwrap_or_else(|| DEFAULT_FILE.to_owned())),
    }
}

/// The command that is asked for, or every public one.
fn jobs(loaded: &Loaded, flags: &Flags) -> Result<Vec<Job>, Trouble> {
    let program = &loaded.program;
    let commands = match &flags.command {
        Some(name) => {
            loaded.ready(name)?;
            match call::find(program, name)? {
                Answer::Command(command) => vec![Arc::clone(command)],
                Answer::Catch(catch) => return given::caught(catch, name, flags).map(|job| vec![job]),
            }
        }
        None => {
            loaded.ready_all()?;
            call::public(program)
        }
    };
    if commands.is_empty() {
        let trouble = Trouble::usage(format!("`{}` has no public command", perch_ir::Program::file(program)));
        return Err(trouble.help("`perch simulate` needs one; private commands are shown where they are called"));
    }
    given::jobs(commands, flags)
}

/// What is simulated: every scenario, or the one that is asked for.
fn cases(program: &Snapshot, jobs: &[Job], flags: &Flags, restrictions: &Restrictions) -> Result<Vec<Case>, Trouble> {
    let file = flags.host.sim_file.as_deref();
    let (fixture, places) = file.map(fixture::read).transpose()?.unwrap_or_default();
    let sources = Sources::new(file.map(|file| (file.to_owned(), places)), flags.host.replaced());
    let hosts = scenarios::described(&fixture, &sources, flags.host.scenario.as_deref())?;
    let case = |mut host: Described| {
        given::check_names(&host, program)?;
        let jobs = jobs.iter().map(|job| job.described(&host)).collect::<Result<_, _>>()?;
        flags.over(&mut host.fixture)?;
        let start = start(&host, restrictions)?;
        Ok(Case { name: host.name().to_owned(), after: host.after, start, jobs, wanted: host.wanted })
    };
    hosts.into_iter().map(case).collect()
}

fn start(host: &Described, restrictions: &Restrictions) -> Result<Start, Trouble> {
    let (fixture, sources) = (&host.fixture, &host.sources);
    let (cwd, assumed_cwd) = match fixture::described_cwd(fixture, sources)? {
        Some(cwd) => (cwd, None),
        None => {
            let cwd = call::working_directory()?;
            (cwd.clone(), Some(cwd))
        }
    };
    fixture::check_paths(fixture, &cwd, sources)?;
    let facts = host::facts_of(fixture, &cwd)
        .map_err(|found| fixture::contradiction(&found, sources, host.scenario.as_deref()))?;
    let policy = host::both(host::policy_of(fixture, &cwd), restrictions.policy(&cwd)?);
    let sources = sources.clone().describing(fixture, &cwd);
    Ok(Start { facts, policy, sources, assumed_cwd })
}

/// One command in one case.
fn simulated(program: &Snapshot, cases: &[Case], at: usize, job: usize) -> Result<Run, Trouble> {
    let Some((case, Job { command, given })) = cases.get(at).and_then(|case| Some((case, case.jobs.get(job)?))) else {
        return Err(Trouble::usage("perch has a bug: a scenario is lost"));
    };
    let (facts, policy) = (case.start.facts.clone(), case.start.policy.clone());
    let Some(before) = case.after else { return Ok(run(program, command, facts, policy, given)) };
    let Some(ended) = simulated(program, cases, before, job)?.ended() else {
        let message =
            format!("scenario `{}` cannot start: the run before it leaves no directory to start in", case.name);
        return Err(Trouble::usage(message).help(format!("it starts in `{}`", case.start.facts.cwd)));
    };
    Ok(run_after(program, command, ended, facts, policy, given))
}

fn report(program: &Snapshot, cases: &[Case], limits: &Limits, fail_on: FailOn) -> Result<Report, Trouble> {
    let mut scenarios = Vec::new();
    let mut taken = BTreeSet::new();
    for (at, case) in cases.iter().enumerate().filter(|(_, case)| case.wanted) {
        let mut commands = Vec::new();
        for job in 0..case.jobs.len() {
            let mut run = simulated(program, cases, at, job)?;
            let Judgement { report, assumptions } = judgement(program, &mut run, &case.start.sources);
            commands.push(report);
            taken.extend(assumptions);
        }
        let after = case.after.and_then(|before| cases.get(before)).map(|before| before.name.clone());
        scenarios.push(Scenario::new(&case.name, after, commands));
    }
    let in_time = limits.max_runtime.iter().map(|length| format!("the run takes less than {length} (`--max-runtime`)"));
    let taken: Vec<String> = taken.into_iter().chain(in_time).collect();
    let exit = decide(&scenarios, &taken, fail_on);
    let cwd = cases.iter().find_map(|case| case.start.assumed_cwd.as_ref());
    let cwd = cwd.map(|cwd| format!("the command is started in `{cwd}`"));
    let jobs = cases.iter().flat_map(|case| &case.jobs);
    let standing = assumptions::standing(program, jobs.map(|job| &*job.command));
    let standing = standing.iter().map(|sentence| (*sentence).to_owned());
    Ok(Report {
        schema: perch_simulate::report::SCHEMA,
        file: perch_ir::Program::file(program).to_owned(),
        exit_code: exit.code,
        rule: exit.rule,
        assumptions: cwd.into_iter().chain(taken).chain(standing).collect(),
        scenarios,
    })
}

fn page(report: &Report, format: Format) -> Result<String, Trouble> {
    match format {
        Format::Text => {
            let style = text::Style { colour: colour::is_wanted(&std::io::stdout()), width: width() };
            Ok(text::render(report, style))
        }
        Format::Json => serde_json::to_string_pretty(report)
            .map(|json| json + "\n")
            .map_err(|error| Trouble::usage(format!("perch has a bug: the report is not JSON: {error}"))),
    }
}

/// The columns of the terminal that shows the page, if one does.
fn width() -> Option<usize> {
    let stdout = std::io::stdout();
    let size = rustix::termios::tcgetwinsize(&stdout).ok().filter(|_| stdout.is_terminal())?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
