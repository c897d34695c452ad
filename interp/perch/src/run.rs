//! Running a command.

use std::collections::HashMap;
use std::sync::Arc;

use perch_concrete::{Concrete, Observer, Seen, Token, Uncaught, exit_status, uncaught};
use perch_engine::eval::{Given, given_name};
use perch_engine::{Context, Engine, Node, arguments};
use perch_ir::{ArgType, Command, Program, Snapshot, Text};
use perch_ops::ErrorKind;
use perch_system::Host;

use crate::cli::{Restrictions, banner, flags_behind};
use crate::report::Trouble;
use crate::{USAGE, list};

/// Programs call each other 64 deep, and an op that is a program may go as deep as a path; this is enough
/// for both, and costs nothing until it is used.
const STACK: usize = 1 << 28;

/// Runs a command and gives the exit status.
pub(crate) fn run(
    program: &Snapshot,
    name: &str,
    words: Vec<String>,
    restrictions: Restrictions,
) -> Result<u8, Trouble> {
    let command = find(program, name)?;
    let mut restrictions = restrictions;
    let words = flags_behind(words, &command.args, &mut restrictions)?;
    if wants_help(&words, &command) {
        return list::usage(&command);
    }
    let given = given(&command, &words)?;
    let cwd = working_directory()?;
    let policy = restrictions.policy(&cwd)?;
    if let Some(banner) = banner(&policy) {
        eprintln!("{banner}");
    }
    let start = || {
        let host = Host::real();
        let mut places = Places::default();
        let domain = Concrete::new(&policy, &host).observed(&mut places);
        let flows = Engine { program, domain }.run(&command, given, cwd.as_str().into(), Token::new());
        let (status, failure) = (exit_status(&flows), uncaught(&flows));
        drop(flows);
        failure.map_or(status, |failure| places.trouble(program, &failure, status).tell())
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, start);
        let thread = thread.map_err(|error| Trouble::usage(format!("cannot start a thread: {error}")))?;
        thread.join().map_err(|_| Trouble::usage("perch has a bug: the run panicked"))
    })
}

/// The command of that name, if the command line may call it.
fn find(program: &Snapshot, name: &str) -> Result<Arc<Command>, Trouble> {
    match program.command(name) {
        Some(command) if command.private => {
            Err(Trouble::usage(format!("command `{name}` is private: only other commands can call it")))
        }
        Some(command) => Ok(command),
        None => {
            let commands = program.commands();
            let names = commands.iter().filter(|command| !command.private).map(|command| command.name.as_str());
            let trouble = Trouble::usage(format!("`{}` has no command `{name}`", program.file()));
            Err(match perch_syntax::nearest(name, names) {
                Some(near) => trouble.help(format!("did you mean `{near}`?")),
                None => trouble.help("`perch --list` lists the commands"),
            })
        }
    }
}

fn wants_help(words: &[String], command: &Command) -> bool {
    let declared = command.args.iter().any(|arg| arg.name == "help");
    !declared && words.iter().take_while(|word| *word != "--").any(|word| word == "--help")
}

/// The words as values of the arguments.
fn given(command: &Command, words: &[String]) -> Result<Given<perch_concrete::Text>, Trouble> {
    let usage = |message: String| {
        let help = format!("`perch {} --help` says what it takes", command.name);
        Trouble::usage(format!("`{}` cannot be called like this: {message}", command.name)).help(help)
    };
    let words: Vec<Text> = words.iter().map(Text::literal).collect();
    let texts = arguments::assign(&command.args, &words).map_err(|wrong| usage(wrong.to_string()))?;
    let mut given = Vec::new();
    for (arg, text) in command.args.iter().zip(&texts) {
        let Some(text) = text.as_ref().and_then(Text::as_literal) else { continue };
        if !arguments::is_of(arg.ty, text) {
            return Err(usage(format!("`{text}` is no {} (argument `{}`)", type_name(arg.ty), arg.name)));
        }
        given.push((given_name(&arg.name), text.into()));
    }
    Ok(given)
}

fn type_name(ty: ArgType) -> &'static str {
    match ty {
        ArgType::Text => "text",
        ArgType::Int => "integer",
        ArgType::Float => "number",
        ArgType::Bool => "`true` or `false`",
    }
}

/// The directory in which the run starts.
fn working_directory() -> Result<String, Trouble> {
    let cwd = std::env::current_dir().map_err(|error| Trouble::usage(format!("no working directory: {error}")))?;
    cwd.into_os_string().into_string().map_err(|_| Trouble::usage("the working directory's path is not UTF-8 text"))
}

/// Where failures came from. A failure carries no place, so the innermost node that showed it is remembered.
#[derive(Default)]
struct Places(HashMap<(ErrorKind, String), String>);

impl Observer for Places {
    fn visit(&mut self, _: &Context, node: &Node, seen: Seen<'_>) {
        let Seen::Failed { kind, message } = seen else { return };
        let key = (kind, message.to_owned());
        let place = format!("{}:{}  {}", node.place.line, node.place.column, node.source);
        // What a call or chain shows came out of it, unless nothing in it has shown it.
        if node.callee.is_some() || node.op == "chain" {
            self.0.entry(key).or_insert(place);
        } else {
            self.0.insert(key, place);
        }
    }
}

impl Places {
    fn trouble(&self, program: &Snapshot, failure: &Uncaught, status: u8) -> Trouble {
        let place = self.0.get(&(failure.kind, failure.message.clone()));
        let place = place.map(|place| format!("{}:{place}", program.file()));
        Trouble::failure(failure.kind, &failure.message, place, if status == 0 { USAGE } else { status })
    }
}
