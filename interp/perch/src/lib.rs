//! The command line.
//!
//! `perch [OPTIONS] COMMAND [ARGS…]` in steps, a module each: `cli` takes the words apart, `load` reads the
//! one file that is asked for, `call` finds the command and its arguments, `run` runs it or `simulate` says what
//! it would do, [`check`] what is wrong with files, `help` describes ops, `graph` shows who calls whom, `fmt` lays files out, [`list`] says
//! what a file offers, `choose` asks which of it, `init` writes one to begin with, `complete` helps whoever types, [`test`](mod@test) runs tests, [`trace`]
//! tells what a run does, `account` what it did, [`audit`] records it, `aside` says what is not output, `fit` breaks lines for a terminal, `asking` asks before it is done, `progress` names what takes long, `report` says what went wrong. Exit statuses: language §6.2, verdicts §8, and 1
//! when a check finds errors.

#![warn(clippy::print_stderr)]

mod account;
mod aside;
mod asking;
pub mod audit;
mod call;
pub mod check;
mod choose;
mod cli;
mod colour;
mod complete;
mod fit;
mod fmt;
mod given;
mod graph;
mod help;
mod init;
pub mod list;
mod load;
mod op;
mod progress;
mod replace;
mod report;
mod run;
mod secrets;
mod simulate;
mod stack;
pub mod test;
pub mod trace;
mod watch;

use std::ffi::OsString;

use cli::{Invocation, ListFormat, Restrictions, Task};
use report::Trouble;
use run::Manner;

/// The exit status of usage and load errors.
pub(crate) const USAGE: u8 = 2;

/// Does what the words (the first is the program's own name) say, and gives the exit status.
#[must_use]
pub fn main(words: Vec<OsString>) -> u8 {
    dispatch(words).unwrap_or_else(|trouble| trouble.tell())
}

/// Lists what a file offers, where nothing is to be run and nobody has asked for the list.
fn offer(file: &str, restrictions: &Restrictions) -> Result<u8, Trouble> {
    let program = load::read(file)?.program;
    restrictions.swallows_no_command(|name| call::public(&program).iter().any(|command| command.name == name))?;
    list::list(&program, ListFormat::Text)
}

fn dispatch(words: Vec<OsString>) -> Result<u8, Trouble> {
    let words = cli::texts(words)?;
    let Invocation { file: named, task, restrictions, trust, mut manner } = match cli::parse(&words)? {
        Ok(invocation) => invocation,
        Err(shown) => return Ok(shown),
    };
    let file = named.clone().unwrap_or_else(|| cli::DEFAULT_FILE.to_owned());
    let restrictions = match &task {
        Task::Run { .. } | Task::Main | Task::Choose => trust.restricted(&file, restrictions)?,
        _ => restrictions,
    };
    if matches!(task, Task::Run { .. } | Task::Main | Task::Choose) {
        load::hold_to(restrictions.policy(&call::working_directory().unwrap_or_else(|_| "/".to_owned()))?);
    }
    manner.untrusted = Some(trust.clone()).filter(|trust| trust.is_untrusted(&file));
    let run = |command: &str, words: Vec<String>| {
        let loaded = load::read_for(&file, command).map_err(|trouble| match &named {
            None if cli::looks_like_a_file(command) => load::missing(command),
            _ => trouble,
        });
        // An op stands for a command that the file does not have, or that would be in a file that is not there.
        let is_free = match &loaded {
            Ok(loaded) => call::is_free(&loaded.program, command),
            Err(_) => named.is_none() && !std::path::Path::new(&file).exists(),
        };
        if let Some(entry) = op::named(command).filter(|_| is_free && manner.as_test.is_none()) {
            if op::wants_help(&words) {
                return help::help(&[entry.name.to_owned()]);
            }
            let words = op::operands(entry, words)?;
            op::fits(entry, &words)?;
            let program = op::program(entry, words.len());
            let manner = Manner { called: Some(op::Typed::new(entry, &words)), ..manner.clone() };
            return run::run(&program, call::MAIN, op::words(words), restrictions.clone(), manner);
        }
        run::run(&loaded?, command, words, restrictions.clone(), manner.clone())
    };
    match task {
        Task::Check(wanted) => check::check(&wanted),
        Task::Explain(code) => check::explain(&code),
        Task::List(format) => list::list(&load::read(&file)?.program, format),
        Task::Offer => offer(&file, &restrictions),
        Task::Main => {
            let loaded = load::read_for(&file, call::MAIN)?;
            match call::main_of(&loaded.program) {
                true => run::run(&loaded, call::MAIN, Vec::new(), restrictions, manner),
                false => offer(&file, &restrictions),
            }
        }
        Task::Choose => match choose::choose(&load::read(&file)?.program)? {
            Some((command, words)) => run(&command, words),
            None => Err(Trouble::usage("nothing was chosen, and nothing is run")),
        },
        Task::Init if file == cli::STDIN => {
            let trouble = Trouble::usage("`--init` writes a file, and `-` is standard input");
            Err(trouble.help(format!("`perch --init` writes `{}`", cli::DEFAULT_FILE)))
        }
        Task::Init => init::init(&file),
        Task::Completions(shell) => list::print(shell.script()),
        Task::Complete { at, words } => complete::complete(at, &words),
        Task::Man => cli::man()
            .map_err(|error| Trouble::failed(format!("no manual page: {error}")))
            .and_then(|page| list::print(&String::from_utf8_lossy(&page))),
        Task::Run { command, words } => run(&command, words),
        Task::Help { words } => help::help(&words),
        Task::Fmt { words } => fmt::fmt(named, &words),
        Task::Graph { command, format } => graph::show(&file, command.as_deref(), format),
        Task::Export(path) => help::export(path.as_deref()),
        Task::Simulate { words } => simulate::simulate(named, &words, restrictions, &trust),
        Task::Test { words } => test::test(named, &words, restrictions, &trust),
    }
}
