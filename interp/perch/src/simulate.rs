//! `perch simulate`: what commands would do on a host that is described.
//!
//! [`flags`] takes the words apart, [`fixture`] reads the description, [`scenarios`] lays scenarios over it, [`given`] assigns arguments;
//! [`cases`] is what all this comes to, and [`reporting`] what is said of it; [`json`] writes it for machines; [`watch`] says it again after an edit, for which [`kept`] has what was judged; [`misspelt`] tells what may be meant by a program that is not there; [`here`] looks the description up on this machine. Nothing is decided
//! here: verdicts, the rule of the exit status and the page come from `perch-simulate`.

mod cases;
mod fixture;
mod flags;
mod given;
pub(crate) mod here;
mod json;
mod kept;
mod misspelt;
mod reporting;
mod scenarios;
mod watch;

use std::sync::Arc;

use clap::CommandFactory as _;
use perch_ir::{Answer, Command};
use perch_simulate::report::Report;
use perch_simulate::text;

use crate::aside::aside;
use crate::cli::{DEFAULT_FILE, Restrictions, Trust, untrusted_banner};
use crate::load::Loaded;
use crate::report::Trouble;
use crate::secrets::Secrets;
use crate::{call, colour, fit, list, load, stack};
pub(crate) use fixture::systems;
use flags::{Flags, Format};
use kept::Kept;

/// A command and the arguments that are known.
struct Job {
    command: Arc<Command>,
    given: Vec<(String, String)>,
}

/// Says what commands would do; gives the exit status.
pub(crate) fn simulate(
    file: Option<String>,
    words: &[String],
    mut restrictions: Restrictions,
    trust: &Trust,
) -> Result<u8, Trouble> {
    let flags = match flags::parse(words)? {
        Ok(flags) => flags,
        Err(shown) => return Ok(shown),
    };
    restrictions.add(flags.restrictions.clone());
    let file = one_file(file, flags.file.clone())?;
    // A run would be held to the same.
    let restrictions = trust.restricted(&file, restrictions)?;
    load::hold_to(restrictions.policy(&call::working_directory().unwrap_or_else(|_| "/".to_owned()))?);
    let asked = Asked { flags, file, restrictions };
    if asked.flags.watch {
        return watch::watch(&asked);
    }
    let loaded = match &asked.flags.command {
        Some(command) => load::read_for(&asked.file, command)?,
        None => load::read(&asked.file)?,
    };
    if trust.is_untrusted(&asked.file) {
        let (policy, limits) = (asked.restrictions.policy("/")?, asked.restrictions.limits(&loaded.program)?);
        aside!("{}", untrusted_banner(&policy, &limits, None));
    }
    let report = asked.report(&loaded, &mut Kept::default())?;
    // A report is as deep as the program.
    let page = stack::big(|| match asked.flags.explain {
        Some(line) => explained(&report, line),
        None => page(&report, asked.flags.format()),
    })??;
    list::print(&page)?;
    let exit_code = report.exit_code;
    // The process ends: what the system takes back at once need not be given back piece by piece.
    std::mem::forget((report, loaded));
    Ok(exit_code)
}

/// How it is called, and its flags.
pub(crate) fn usage() -> String {
    command().render_help().to_string()
}

/// The flags.
pub(crate) fn command() -> clap::Command {
    flags::Flags::command()
}

/// What is asked for.
struct Asked {
    flags: Flags,
    file: String,
    restrictions: Restrictions,
}

impl Asked {
    /// What is said of a program.
    fn report(&self, loaded: &Loaded, kept: &mut Kept) -> Result<Report, Trouble> {
        let (program, flags) = (&loaded.program, &self.flags);
        let jobs = jobs(loaded, flags)?;
        let cases = cases::of(program, &jobs, flags, &self.restrictions)?;
        cases::imported_alike(&loaded.names_in_imports, &cases)?;
        let limits = self.restrictions.limits(program)?;
        // The fixture may be for other commands and scenarios, too.
        let has_others = flags.command.as_ref().is_some_and(|name| program.has_others_than(name));
        let is_part = has_others || flags.host.scenario.is_some() && cases.len() > 1;
        let how = (flags.fail_on(), flags.beside());
        let mut report = reporting::report(program, &cases, &limits, how, is_part, kept)?;
        let imported = loaded.names_in_imports.iter();
        report.assumptions.extend(imported.map(|name| format!("`${{{name}}}` in a path to import is what it is here")));
        Ok(report)
    }
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
                Answer::Catch(catch) => return given::caught(program, catch, name, flags).map(|job| vec![job]),
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
    given::jobs(program, commands, flags)
}

/// Prints a report on this machine, without its secrets; gives the exit status.
fn shown(report: &Report, format: Format) -> Result<u8, Trouble> {
    let page = stack::big(|| page(report, format))??;
    list::print(&Secrets::of_environment().hidden(&page))?;
    Ok(report.exit_code)
}

fn page(report: &Report, format: Format) -> Result<String, Trouble> {
    match format {
        Format::Text => {
            let style = style();
            let told = stack::each(&text::commands(report), |told| text::command(told, style))?;
            Ok(text::render_around(report, told, style))
        }
        Format::Json => json::json(report),
    }
}

/// What stands behind the verdicts of a line.
fn explained(report: &Report, line: u32) -> Result<String, Trouble> {
    text::explain(report, line, style()).ok_or_else(|| {
        let trouble =
            Trouble::usage(format!("no statement that is simulated begins in line {line} of `{}`", report.file));
        let near = text::lines(report).into_iter().min_by_key(|other| other.abs_diff(line));
        trouble.help(match near {
            Some(near) => format!("the nearest one begins in line {near}"),
            None => "the commands have no statements".to_owned(),
        })
    })
}

fn style() -> text::Style {
    let stdout = std::io::stdout();
    text::Style { colour: colour::is_wanted(&stdout), width: fit::columns(&stdout) }
}
