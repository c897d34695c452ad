//! What is known of the arguments of commands: words behind `--`, `--arg NAME=VALUE`, and before these what a fixture says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use perch_engine::flows::hidden::is_word;
use perch_fixtures::ArgFact;
use perch_ir::construct::word_of;
use perch_ir::{Absent, Arg, Command, Program, Snapshot};

use super::Job;
use super::fixture::{one_of, trouble, wrong_value};
use super::flags::Flags;
use super::scenarios::Described;
use crate::report::Trouble;
use crate::{call, cli, load};

/// The commands with their arguments.
pub(super) fn jobs(program: &Snapshot, commands: Vec<Arc<Command>>, flags: &Flags) -> Result<Vec<Job>, Trouble> {
    let named = named(&flags.arg)?;
    if flags.command.is_none() && !flags.words.is_empty() {
        let trouble = Trouble::usage(format!("`-- {}` stands behind no command", flags.words.join(" ")));
        return Err(trouble.help("`perch simulate COMMAND -- ARGS…` names one"));
    }
    for (name, _) in &named {
        known(name, &commands, (program, flags.command.as_deref()))?;
    }
    commands.into_iter().map(|command| job(program, command, &flags.words, &named)).collect()
}

/// A `catch`, for that word. It has no arguments.
pub(super) fn caught(program: &Snapshot, catch: &Arc<Command>, word: &str, flags: &Flags) -> Result<Job, Trouble> {
    if let Some((name, _)) = named(&flags.arg)?.first() {
        let trouble = Trouble::usage(format!("`--arg {name}=…`: `{word}` is no command, and `catch` has no arguments"));
        return Err(trouble.help(format!("`perch simulate {word} -- WORDS…` says which words stand behind it")));
    }
    Ok(Job { command: Arc::clone(catch), given: call::caught(program, catch, word, &flags.words)? })
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
fn known(name: &str, commands: &[Arc<Command>], (program, command): (&Snapshot, Option<&str>)) -> Result<(), Trouble> {
    let mut names = commands.iter().flat_map(|command| &command.args).map(|arg| arg.name.as_str());
    if names.clone().any(|other| other == name) {
        return Ok(());
    }
    let file = cli::of_file(program.file());
    let (who, help) = match command {
        Some(command) => {
            (format!("command `{command}` has"), format!("`perch {file}{command} --help` lists its arguments"))
        }
        None => ("no public command has".to_owned(), format!("`perch {file}COMMAND --help` lists the arguments")),
    };
    let not = if command.is_some() { "no" } else { "an" };
    Err(Trouble::usage(format!("`--arg {name}=…`: {who} {not} argument `{name}`"))
        .did_you_mean(name, &mut names, &help))
}

/// Arguments that are required and not given are unknown, so nothing is missing.
fn job(
    program: &Snapshot,
    command: Arc<Command>,
    words: &[String],
    named: &[(String, String)],
) -> Result<Job, Trouble> {
    let optional = |arg: &Arg| Arg { absent: Absent::Empty, ..arg.clone() };
    let args: Vec<Arg> = command.args.iter().map(optional).collect();
    let mut given = call::assigned(program, &command, &args, words)?;
    for (name, text) in named {
        let Some(arg) = args.iter().find(|arg| arg.name == *name) else { continue };
        let is_given = |(other, _): &(String, String)| other == name || arg.rest && is_word(other);
        if given.iter().any(is_given) {
            return Err(twice(name));
        }
        call::check_type(program, &command, arg, text)?;
        put(&mut given, arg, &ArgFact::Text(text.clone()));
    }
    Ok(Job { command, given })
}

fn put(given: &mut Vec<(String, String)>, arg: &Arg, fact: &ArgFact) {
    if arg.rest {
        let words = fact.words().into_iter().enumerate();
        given.extend(words.map(|(at, word)| (word_of(&arg.name, at), word)));
    } else {
        given.push((arg.name.clone(), fact.text()));
    }
}

impl Job {
    /// With what a fixture says of arguments that the command line does not give.
    pub(super) fn described(&self, host: &Described) -> Result<Self, Trouble> {
        let mut given = self.given.clone();
        for arg in &self.command.args {
            let Some(fact) = host.fixture.args.get(&arg.name) else { continue };
            let is_given = |(other, _): &(String, String)| *other == arg.name || arg.rest && is_word(other);
            if !self.given.iter().any(is_given) {
                check_value(fact, arg, &self.command, host)?;
                put(&mut given, arg, fact);
            }
        }
        Ok(Self { command: Arc::clone(&self.command), given })
    }
}

impl Job {
    /// With arguments of a fixture that nobody has given.
    pub(super) fn with(&self, args: &BTreeMap<String, ArgFact>) -> Self {
        let mut given = self.given.clone();
        for arg in &self.command.args {
            let is_given = given.iter().any(|(other, _)| *other == arg.name || arg.rest && is_word(other));
            if let Some(fact) = args.get(&arg.name).filter(|fact| !is_given && arg.ty.accepts(&fact.text())) {
                put(&mut given, arg, fact);
            }
        }
        Self { command: Arc::clone(&self.command), given }
    }
}

fn check_value(fact: &ArgFact, arg: &Arg, command: &Command, host: &Described) -> Result<(), Trouble> {
    let wrong = |message: String| wrong_value(&host.sources, &["args", &arg.name], &message);
    let text = fact.text();
    if matches!(fact, ArgFact::Words(_)) && !arg.rest {
        let message = format!("argument `{}` of command `{}` is one word, not a list", arg.name, command.name);
        return Err(wrong(message).help("write its text, or a number"));
    }
    if !arg.rest && !arg.ty.accepts(&text) {
        let message = format!(
            "`{text}` is no value of type {} (argument `{}` of command `{}`)",
            arg.ty.name(),
            arg.name,
            command.name
        );
        return Err(wrong(message).help(format!("`perch {} --help` says what it takes", command.name)));
    }
    Ok(())
}

/// Trouble if a fixture speaks of an argument that none of the file's commands has. What was loaded may be one command of them.
pub(super) fn check_names(host: &Described, loaded: &Snapshot) -> Result<(), Trouble> {
    let names = |program: &Snapshot| -> BTreeSet<String> {
        let commands = call::public(program);
        commands.iter().flat_map(|command| &command.args).map(|arg| arg.name.clone()).collect()
    };
    let of_loaded = names(loaded);
    if host.fixture.args.keys().all(|name| of_loaded.contains(name)) {
        return Ok(());
    }
    let of_file = names(&load::read(loaded.file())?.program);
    let Some(name) = host.fixture.args.keys().find(|name| !of_file.contains(*name)) else { return Ok(()) };
    let message = format!("no public command has an argument `{name}`");
    let known: Vec<String> = of_file.into_iter().collect();
    Err(one_of(trouble(&host.sources, &["args", name], &message), name, &known))
}

fn twice(name: &str) -> Trouble {
    Trouble::usage(format!("argument `{name}` is given twice"))
        .help("give it once, as `--arg NAME=VALUE` or behind `--`")
}
