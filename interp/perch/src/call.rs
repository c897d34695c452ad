//! Which command is meant, with which arguments, from where.

use std::sync::Arc;

use perch_engine::arguments::{self, Usage};
use perch_ir::arguments::called;
use perch_ir::{Arg, Command, Program, Snapshot, Text};

use crate::cli;
use crate::report::Trouble;

/// The command that a file runs when none is named.
pub(crate) const MAIN: &str = "main";

/// Whether the command line may call `main`, or would hear what is wrong with it.
pub(crate) fn main_of(program: &Snapshot) -> bool {
    program.broken().any(|name| name == MAIN)
        || program.declared().iter().any(|command| command.name == MAIN && is_public(command))
}

/// Whether the command line may call it.
fn is_public(command: &Command) -> bool {
    !command.private && command.config.test.is_none()
}

/// The command of that name, if the command line may call it.
pub(crate) fn find(program: &Snapshot, name: &str) -> Result<Arc<Command>, Trouble> {
    match program.command(name) {
        Some(command) if command.private => {
            Err(Trouble::usage(format!("command `{name}` is private: only other commands can call it")))
        }
        Some(command) if command.config.test.is_some() => {
            let trouble = Trouble::usage(format!("command `{name}` is a test"));
            Err(trouble.help(format!("`perch test --filter {name}` runs it")))
        }
        Some(command) => Ok(command),
        None => Err(unknown(program, name)),
    }
}

/// The test of that name.
pub(crate) fn find_test(program: &Snapshot, name: &str) -> Result<Arc<Command>, Trouble> {
    let test = program.command(name).filter(|command| command.config.test.is_some());
    test.ok_or_else(|| Trouble::usage(format!("`{}` has no test `{name}`", program.file())))
}

/// Says that there is no such command.
pub(crate) fn unknown(program: &Snapshot, name: &str) -> Trouble {
    let commands = public(program);
    let names = commands.iter().map(|command| command.name.as_str()).chain(program.broken());
    let trouble = Trouble::usage(format!("`{}` has no command `{name}`", program.file()));
    let help = match name {
        "run" | "call" => "write the name of the command alone: `perch COMMAND`",
        _ if cli::looks_like_a_file(name) => "a file stands in front of its command, and there is none of that name",
        _ => "`perch --list` lists the commands",
    };
    trouble.did_you_mean(name, names, help)
}

/// The commands that the command line may call.
pub(crate) fn public(program: &Snapshot) -> Vec<Arc<Command>> {
    program.declared().into_iter().filter(|command| is_public(command)).cloned().collect()
}

/// What the words give the command, by name, with these of its arguments: texts of arguments, and words of its list.
pub(crate) fn assigned(command: &Command, args: &[Arg], words: &[String]) -> Result<Vec<(String, String)>, Trouble> {
    let words: Vec<Text> = words.iter().map(Text::literal).collect();
    let called = Command { args: args.to_vec(), ..command.clone() };
    let given = arguments::given_to(&called, &words).map_err(|wrong| misfit(command, args, &wrong))?;
    for (arg, text) in args.iter().zip(&given.texts) {
        if let Some(text) = text.as_ref().and_then(Text::as_literal) {
            check_type(command, arg, text)?;
        }
    }
    Ok(given.literals(&called))
}

/// Trouble if the argument does not take the text.
pub(crate) fn check_type(command: &Command, arg: &Arg, text: &str) -> Result<(), Trouble> {
    if arg.ty.accepts(text) {
        return Ok(());
    }
    Err(wrong_call(command, &format!("`{text}` is no value of type {} (argument `{}`)", arg.ty.name(), arg.name)))
}

fn misfit(command: &Command, args: &[Arg], wrong: &Usage) -> Trouble {
    let Usage::UnknownFlag(name) = wrong else { return wrong_call(command, &wrong.to_string()) };
    let own = args.iter().map(|arg| (arg.name.as_str(), "-"));
    let known: Vec<(&str, &str)> = own.chain(cli::flags_of_runs().map(|flag| (flag, "--"))).collect();
    let meant = perch_syntax::nearest(name, known.iter().map(|(name, _)| *name));
    match known.iter().find(|(name, _)| meant == Some(*name)) {
        Some((meant, dashes)) => unfit(command, &wrong.to_string()).help(format!("did you mean `{dashes}{meant}`?")),
        None => wrong_call(command, &wrong.to_string()),
    }
}

fn wrong_call(command: &Command, message: &str) -> Trouble {
    unfit(command, message).help(format!("it is called like this: `perch {}`", called(&command.name, &command.args)))
}

fn unfit(command: &Command, message: &str) -> Trouble {
    Trouble::usage(format!("`{}` cannot be called like this: {message}", command.name))
}

/// The directory in which the run starts.
pub(crate) fn working_directory() -> Result<String, Trouble> {
    let cwd = std::env::current_dir().map_err(|error| Trouble::usage(format!("no working directory: {error}")))?;
    cwd.into_os_string().into_string().map_err(|_| Trouble::usage("the working directory's path is not UTF-8 text"))
}
