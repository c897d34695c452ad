//! `perch simulate`: what commands would do on a host that is described.
//!
//! [`flags`] takes the words apart, [`fixture`] reads the description, [`given`] assigns arguments. Nothing is decided
//! here: verdicts, the rule of the exit status and the page come from `perch-simulate`.

mod fixture;
mod flags;
mod given;

use std::collections::BTreeSet;
use std::sync::Arc;

use perch_ir::{Answer, Command, Snapshot};
use perch_policy::Policy;
use perch_simulate::exit::{FailOn, decide};
use perch_simulate::report::{Report, Scenario};
use perch_simulate::verdict::{Judgement, judgement};
use perch_simulate::{Facts, assumptions, host, run, text};

use crate::cli::{DEFAULT_FILE, Limits, Restrictions};
use crate::load::Loaded;
use crate::report::Trouble;
use crate::{call, colour, list, load, stack};
use flags::{Flags, Format};

/// A command and the arguments that are known.
struct Job {
    command: Arc<Command>,
    given: Vec<(String, String)>,
}

/// Where and under what all commands start.
struct Start {
    facts: Facts,
    policy: Policy,
    /// The directory was not described.
    assumed_cwd: Option<String>,
    /// How long the run may take.
    limits: Limits,
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
    let start = start(&flags, &restrictions)?;
    let (format, fail_on) = (flags.format(), flags.fail_on());
    let (page, code) = stack::big(|| {
        let report = report(program, &jobs, &start, fail_on);
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

fn start(flags: &Flags, restrictions: &Restrictions) -> Result<Start, Trouble> {
    let mut fixture = flags.host.sim_file.as_deref().map(fixture::read).transpose()?.unwrap_or_default();
    flags.over(&mut fixture)?;
    let described = fixture::described_cwd(&fixture)?;
    let (cwd, assumed_cwd) = match described {
        Some(cwd) => (cwd, None),
        None => {
            let cwd = call::working_directory()?;
            (cwd.clone(), Some(cwd))
        }
    };
    fixture::check_paths(&fixture, &cwd)?;
    let facts = host::facts_of(&fixture, &cwd).map_err(|contradiction| {
        let trouble = Trouble::usage(contradiction.to_string());
        let file = flags.host.sim_file.as_deref().unwrap_or("the `--sim-*` flags");
        trouble.help(format!("take one of the two out of {file}; `docs/spec/fixtures.md` says what each means"))
    })?;
    let policy = host::both(host::policy_of(&fixture, &cwd), restrictions.policy(&cwd)?);
    Ok(Start { facts, policy, assumed_cwd, limits: restrictions.limits()? })
}

fn report(program: &Snapshot, jobs: &[Job], start: &Start, fail_on: FailOn) -> Report {
    let mut commands = Vec::new();
    let mut taken = BTreeSet::new();
    for job in jobs {
        let mut run = run(program, &job.command, start.facts.clone(), start.policy.clone(), &job.given);
        let Judgement { report, assumptions } = judgement(program, &mut run);
        commands.push(report);
        taken.extend(assumptions);
    }
    let in_time =
        start.limits.max_runtime.iter().map(|length| format!("the run takes less than {length} (`--max-runtime`)"));
    let taken: Vec<String> = taken.into_iter().chain(in_time).collect();
    let exit = decide(&commands, &taken, fail_on);
    let cwd = start.assumed_cwd.iter().map(|cwd| format!("the command is started in `{cwd}`"));
    let standing = assumptions::standing(program, jobs.iter().map(|job| &*job.command));
    let standing = standing.iter().map(|sentence| (*sentence).to_owned());
    Report {
        schema: perch_simulate::report::SCHEMA,
        file: perch_ir::Program::file(program).to_owned(),
        exit_code: exit.code,
        rule: exit.rule,
        assumptions: cwd.chain(taken).chain(standing).collect(),
        scenarios: vec![Scenario { name: "default".to_owned(), commands }],
    }
}

fn page(report: &Report, format: Format) -> Result<String, Trouble> {
    match format {
        Format::Text => Ok(text::render(report, colour::is_wanted(&std::io::stdout()))),
        Format::Json => serde_json::to_string_pretty(report)
            .map(|json| json + "\n")
            .map_err(|error| Trouble::usage(format!("perch has a bug: the report is not JSON: {error}"))),
    }
}
