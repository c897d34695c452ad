//! Which command is meant, with which arguments, from where.

use std::path::Path;
use std::sync::Arc;

use perch_engine::arguments::{self, Usage};
use perch_ir::arguments::called;
use perch_ir::{Answer, Arg, Command, Program, Snapshot, Text};

use crate::report::Trouble;
use crate::{cli, load};

/// The command that a file runs when none is named.
pub(crate) const MAIN: &str = "main";

/// Whether the command line may call `main`, or would hear what is wrong with it.
pub(crate) fn main_of(program: &Snapshot) -> bool {
    program.broken().any(|name| name == MAIN)
        || program.declared().iter().any(|command| command.name == MAIN && command.is_open())
}

/// What a word of the command line means.
pub(crate) fn find<'s>(program: &'s Snapshot, name: &str) -> Result<Answer<'s>, Trouble> {
    find_beside(program, name, &[])
}

/// The same where other words could stand, too.
pub(crate) fn find_beside<'s>(program: &'s Snapshot, name: &str, words: &[&str]) -> Result<Answer<'s>, Trouble> {
    match program.answering(name) {
        Some(answer) => Ok(answer),
        None if program.command(name).is_some_and(|command| command.private) => {
            Err(Trouble::usage(format!("command `{name}` is private: only other commands can call it")))
        }
        None if program.command(name).is_some_and(|command| command.config.test.is_some()) => {
            let trouble = Trouble::usage(format!("command `{name}` is a test"));
            Err(trouble.help(format!("`perch test --filter {name}` runs it")))
        }
        None => Err(unknown(program, name, words)),
    }
}

/// Whether nothing in the program has that name, and no `catch` would take it.
pub(crate) fn is_free(program: &Snapshot, name: &str) -> bool {
    program.answering(name).is_none()
        && program.command(name).is_none()
        && !program.broken().any(|broken| broken == name)
}

/// The test of that name.
pub(crate) fn find_test<'s>(program: &'s Snapshot, name: &str) -> Result<Answer<'s>, Trouble> {
    let is_meant = |command: &&Arc<Command>| command.name == name && command.config.test.is_some();
    let test = program.commands().into_iter().find(is_meant);
    test.map(Answer::Command).ok_or_else(|| Trouble::usage(format!("`{}` has no test `{name}`", program.file())))
}

/// Says that there is no such command, where these words could stand, too.
pub(crate) fn unknown(program: &Snapshot, name: &str, words: &[&str]) -> Trouble {
    let commands = public(program);
    let names = commands.iter().map(|command| command.name.as_str()).chain(program.broken());
    let names = names.chain(words.iter().copied());
    if cli::looks_like_a_file(name) && !Path::new(name).exists() {
        return no_file(program, name, names);
    }
    let trouble = Trouble::usage(format!("`{}` has no command `{name}`", program.file()));
    if let Some(option) = cli::option_called(name) {
        return trouble.help(format!("did you mean `perch {option}`?"));
    }
    let help = match name {
        "run" | "call" => "write the name of the command alone: `perch COMMAND`",
        _ if cli::looks_like_a_file(name) => &format!("`-f {name}` names the file of commands"),
        _ => &format!("`perch {}--list` lists the commands", cli::of_file(program.file())),
    };
    trouble.did_you_mean(name, names, help)
}

/// Says that a word is no file, which it looks like, and no command.
fn no_file<'n>(program: &Snapshot, name: &str, commands: impl Iterator<Item = &'n str>) -> Trouble {
    let no_command = format!("; `{}` has no command of that name, either", program.file());
    let trouble = load::missing(name).also(&no_command);
    match perch_syntax::nearest(name, commands) {
        Some(near) => trouble.help_instead(format!("did you mean `{near}`?")),
        None => trouble,
    }
}

/// The commands that the command line may call.
pub(crate) fn public(program: &Snapshot) -> Vec<Arc<Command>> {
    program.offered().into_iter().cloned().collect()
}

/// What the words give the command, by name, with these of its arguments: texts of arguments, and words of its list.
pub(crate) fn assigned(
    program: &Snapshot,
    command: &Command,
    args: &[Arg],
    words: &[String],
) -> Result<Vec<(String, String)>, Trouble> {
    let words: Vec<Text> = words.iter().map(Text::literal).collect();
    let called = Command { args: args.to_vec(), ..command.clone() };
    let given = arguments::given_to(&called, &words).map_err(|wrong| misfit(program, command, args, &wrong))?;
    for (arg, text) in args.iter().zip(&given.texts) {
        if let Some(text) = text.as_ref().and_then(Text::as_literal) {
            check_type(program, command, arg, text)?;
        }
    }
    Ok(given.literals(&called))
}

/// What a `catch` binds for words of the command line: the first, which is no command, and, where it asks for them, all.
pub(crate) fn caught(
    program: &Snapshot,
    catch: &Command,
    first: &str,
    rest: &[String],
) -> Result<Vec<(String, String)>, Trouble> {
    let mut given = vec![(catch.name.clone(), first.to_owned())];
    if catch.config.proxy_args {
        let all: Vec<String> = std::iter::once(first.to_owned()).chain(rest.iter().cloned()).collect();
        given.extend(assigned(program, catch, &[], &all)?);
    }
    Ok(given)
}

/// Trouble if the argument does not take the text.
pub(crate) fn check_type(program: &Snapshot, command: &Command, arg: &Arg, text: &str) -> Result<(), Trouble> {
    if arg.ty.accepts(text) {
        return Ok(());
    }
    Err(wrong_call(
        program,
        command,
        &format!("`{text}` is no value of type {} (argument `{}`)", arg.ty.name(), arg.name),
    ))
}

fn misfit(program: &Snapshot, command: &Command, args: &[Arg], wrong: &Usage) -> Trouble {
    if let Some(advice) = elsewhere(program, command, wrong) {
        return unfit(command, &wrong.to_string()).help(advice);
    }
    if let Some(advice) = wrong.advice(args) {
        return unfit(command, &wrong.to_string()).help(advice);
    }
    let Usage::UnknownFlag { name, .. } = wrong else { return wrong_call(program, command, &wrong.to_string()) };
    let own = args.iter().map(|arg| (arg.name.as_str(), "-"));
    let known: Vec<(&str, &str)> = own.chain(cli::flags_of_runs().map(|flag| (flag, "--"))).collect();
    let meant = perch_syntax::nearest(name, known.iter().map(|(name, _)| *name));
    match known.iter().find(|(name, _)| meant == Some(*name)) {
        Some((meant, dashes)) => unfit(command, &wrong.to_string()).help(format!("did you mean `{dashes}{meant}`?")),
        None => match cli::called_elsewhere(name) {
            Some(option) => {
                unfit(command, &wrong.to_string()).help(format!("did you mean `{option}`, an option of perch?"))
            }
            None => wrong_call(program, command, &wrong.to_string()),
        },
    }
}

/// What to do about a word that belongs elsewhere: another command, or an option of perch.
fn elsewhere(program: &Snapshot, command: &Command, wrong: &Usage) -> Option<String> {
    let (file, name) = (cli::of_file(program.file()), &command.name);
    match wrong {
        Usage::Surplus { word, .. } if offers(program.file(), word) => {
            Some(format!("`{word}` is a command of its own: `perch {file}{name} && perch {file}{word}`"))
        }
        Usage::UnknownFlag { name: flag, .. } if flag == "h" => {
            Some(format!("`perch {file}{name} --help` says how it is called"))
        }
        Usage::UnknownFlag { name: flag, .. } => {
            let option = cli::option_called(flag).or_else(|| cli::short_option(flag))?;
            Some(format!("`{option}` is an option of perch, and stands in front of the command"))
        }
        _ => None,
    }
}

/// Whether a file offers that command. What is loaded to run one of them need not hold the others.
pub(crate) fn offers(file: &str, name: &str) -> bool {
    let has = |program: &Snapshot| public(program).iter().any(|command| command.name == name);
    file != cli::STDIN && load::read(file).is_ok_and(|loaded| has(&loaded.program))
}

fn wrong_call(program: &Snapshot, command: &Command, message: &str) -> Trouble {
    let (file, call) = (cli::of_file(program.file()), called(&command.name, &command.args));
    unfit(command, message).help(format!("it is called like this: `perch {file}{call}`"))
}

fn unfit(command: &Command, message: &str) -> Trouble {
    Trouble::usage(format!("`{}` cannot be called like this: {message}", command.name))
}

/// The directory in which the run starts.
pub(crate) fn working_directory() -> Result<String, Trouble> {
    let cwd = std::env::current_dir().map_err(|error| Trouble::usage(format!("no working directory: {error}")))?;
    cwd.into_os_string().into_string().map_err(|_| Trouble::usage("the working directory's path is not UTF-8 text"))
}
