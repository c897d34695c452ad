//! The command line.
//!
//! `perch [OPTIONS] COMMAND [ARGS…]` in steps, a module each: `cli` takes the words apart, `load` reads the
//! one file that is asked for, `call` finds the command and its arguments, `run` runs it or `simulate` says what
//! it would do, [`check`] what is wrong with files, `help` describes ops, `graph` shows who calls whom, `fmt` lays files out, [`trace`]
//! tells what a run does, `report` says what went wrong. Exit statuses: language §6.2, verdicts §8, and 1 when a check finds errors.

mod call;
pub mod check;
mod cli;
mod fmt;
mod graph;
mod help;
mod list;
mod load;
mod replace;
mod report;
mod run;
mod simulate;
mod stack;
pub mod trace;

use std::ffi::OsString;

use cli::{Invocation, Task};
use report::Trouble;

/// The exit status of usage and load errors.
pub(crate) const USAGE: u8 = 2;

/// Does what the words (the first is the program's own name) say, and gives the exit status.
#[must_use]
pub fn main(words: Vec<OsString>) -> u8 {
    dispatch(words).unwrap_or_else(|trouble| trouble.tell())
}

fn dispatch(words: Vec<OsString>) -> Result<u8, Trouble> {
    let words = cli::texts(words)?;
    let Invocation { file: named, task, restrictions, trace } = match cli::parse(&words)? {
        Ok(invocation) => invocation,
        Err(shown) => return Ok(shown),
    };
    let file = named.clone().unwrap_or_else(|| cli::DEFAULT_FILE.to_owned());
    match task {
        Task::Check(wanted) => check::check(&wanted),
        Task::Explain(code) => check::explain(&code),
        Task::List => list::list(&load::read(&file)?.program),
        Task::Run { command, words } => {
            run::run(&load::read_for(&file, &command)?, &command, words, restrictions, trace)
        }
        Task::Help { words } => help::help(&words),
        Task::Fmt { words } => fmt::fmt(named, &words),
        Task::Graph { command, format } => graph::show(&file, command.as_deref(), format),
        Task::Export(path) => help::export(path.as_deref()),
        Task::Simulate { words } => simulate::simulate(named, &words, restrictions),
    }
}
