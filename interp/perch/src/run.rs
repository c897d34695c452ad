//! Running a command.

use std::collections::HashMap;

use perch_concrete::{Concrete, Observer, Seen, Token, Uncaught, exit_status, uncaught};
use perch_engine::eval::given_name;
use perch_engine::{Context, Engine, Node};
use perch_ir::{Command, Program, Snapshot};
use perch_ops::ErrorKind;
use perch_system::Host;

use crate::cli::{Restrictions, banner, flags_behind};
use crate::load::Loaded;
use crate::report::Trouble;
use crate::{USAGE, call, list, stack};

/// Runs a command and gives the exit status.
pub(crate) fn run(loaded: &Loaded, name: &str, words: Vec<String>, restrictions: Restrictions) -> Result<u8, Trouble> {
    loaded.ready(name)?;
    let program = &loaded.program;
    let command = call::find(program, name)?;
    let mut restrictions = restrictions;
    let words = flags_behind(words, &command.args, &mut restrictions)?;
    if wants_help(&words, &command) {
        return list::usage(&command);
    }
    let given = call::assigned(&command, &command.args, &words)?;
    let given = given.into_iter().map(|(name, text)| (given_name(&name), text.as_str().into())).collect();
    let cwd = call::working_directory()?;
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
    stack::big(start)
}

fn wants_help(words: &[String], command: &Command) -> bool {
    let declared = command.args.iter().any(|arg| arg.name == "help");
    !declared && words.iter().take_while(|word| *word != "--").any(|word| word == "--help")
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
