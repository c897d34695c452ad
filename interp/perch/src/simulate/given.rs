//! What is known of the arguments of commands: words behind `--`, and `--arg NAME=VALUE`.

use std::sync::Arc;

use perch_engine::flows::hidden::is_word;
use perch_ir::construct::word_of;
use perch_ir::{Absent, Arg, Command};

use super::Job;
use super::flags::Flags;
use crate::call;
use crate::report::Trouble;

/// The commands with their arguments.
pub(super) fn jobs(commands: Vec<Arc<Command>>, flags: &Flags) -> Result<Vec<Job>, Trouble> {
    let named = named(&flags.arg)?;
    if flags.command.is_none() && !flags.words.is_empty() {
        let trouble = Trouble::usage(format!("`-- {}` stands behind no command", flags.words.join(" ")));
        return Err(trouble.help("`perch simulate COMMAND -- ARGS…` names one"));
    }
    for (name, _) in &named {
        known(name, &commands, flags.command.as_deref())?;
    }
    commands.into_iter().map(|command| job(command, &flags.words, &named)).collect()
}

/// A `catch`, for that word. It has no arguments.
pub(super) fn caught(catch: &Arc<Command>, word: &str, flags: &Flags) -> Result<Job, Trouble> {
    if let Some((name, _)) = named(&flags.arg)?.first() {
        let trouble = Trouble::usage(format!("`--arg {name}=…`: `{word}` is no command, and `catch` has no arguments"));
        return Err(trouble.help(format!("`perch simulate {word} -- WORDS…` says which words stand behind it")));
    }
    Ok(Job { command: Arc::clone(catch), given: call::caught(catch, word, &flags.words)? })
}

/// The pairs of `--arg`.
fn named(pairs: &[String]) -> Result<Vec<(String, String)>, Trouble> {
    let mut named: Vec<(String, String)> = Vec::new();
    for pair in pairs {
        let Some((name, text)) = pair.split_once('=') else {
            let trouble = Trouble::usage(format!("`--arg {pair}` gives no value"));
            return Err(trouble.help(format!("write `--arg {pair}=VALUE`")));
        };
        if named.iter().any(|(other, _)| other == name) {
            return Err(twice(name));
        }
        named.push((name.to_owned(), text.to_owned()));
    }
    Ok(named)
}

/// Trouble if none of the commands has the argument.
fn known(name: &str, commands: &[Arc<Command>], command: Option<&str>) -> Result<(), Trouble> {
    let mut names = commands.iter().flat_map(|command| &command.args).map(|arg| arg.name.as_str());
    if names.clone().any(|other| other == name) {
        return Ok(());
    }
    let (who, help) = match command {
        Some(command) => (format!("command `{command}` has"), format!("`perch {command} --help` lists its arguments")),
        None => ("no public command has".to_owned(), "`perch COMMAND --help` lists the arguments".to_owned()),
    };
    let not = if command.is_some() { "no" } else { "an" };
    Err(Trouble::usage(format!("`--arg {name}=…`: {who} {not} argument `{name}`"))
        .did_you_mean(name, &mut names, &help))
}

/// Arguments that are required and not given are unknown, so nothing is missing.
fn job(command: Arc<Command>, words: &[String], named: &[(String, String)]) -> Result<Job, Trouble> {
    let optional = |arg: &Arg| Arg { absent: Absent::Empty, ..arg.clone() };
    let args: Vec<Arg> = command.args.iter().map(optional).collect();
    let mut given = call::assigned(&command, &args, words)?;
    for (name, text) in named {
        let Some(arg) = args.iter().find(|arg| arg.name == *name) else { continue };
        let is_given = |(other, _): &(String, String)| other == name || arg.rest && is_word(other);
        if given.iter().any(is_given) {
            return Err(twice(name));
        }
        call::check_type(&command, arg, text)?;
        if arg.rest {
            let words = text.lines().enumerate();
            given.extend(words.map(|(at, word)| (word_of(name, at), word.to_owned())));
        } else {
            given.push((name.clone(), text.clone()));
        }
    }
    Ok(Job { command, given })
}

fn twice(name: &str) -> Trouble {
    Trouble::usage(format!("argument `{name}` is given twice"))
        .help("give it once, as `--arg NAME=VALUE` or behind `--`")
}
