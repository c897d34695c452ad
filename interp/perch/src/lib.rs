//! The command line.
//!
//! `perch [OPTIONS] COMMAND [ARGS…]` in steps, a module each: [`cli`] takes the words apart, [`load`] reads the
//! one file that is asked for, [`run`] runs the command, [`report`] says what went wrong. Exit statuses: language
//! §6.2, and 1 when a check finds errors.

mod cli;
mod list;
mod load;
mod report;
mod run;
mod simulate;

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
    if words.get(1).is_some_and(|word| word == "simulate") {
        return Ok(simulate::main(&words[2..]));
    }
    let Invocation { file, task, restrictions } = match cli::parse(&words)? {
        Ok(invocation) => invocation,
        Err(shown) => return Ok(shown),
    };
    match task {
        Task::Check => load::check(&file),
        Task::List => list::list(&load::load(&file)?),
        Task::Run { command, words } => run::run(&load::load(&file)?, &command, words, restrictions),
    }
}
