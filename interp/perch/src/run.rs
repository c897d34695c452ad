//! Running a command.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use perch_concrete::{Concrete, Observer, Seen, Token, Uncaught, exit_status, exited, uncaught};
use perch_engine::eval::given_name;
use perch_engine::flows::hidden;
use perch_engine::{Context, Engine, Node};
use perch_ir::{Command, Program, Snapshot};
use perch_ops::ErrorKind;
use perch_system::{Host, signals};

use crate::cli::{Restrictions, banner, flags_behind};
use crate::load::Loaded;
use crate::report::Trouble;
use crate::trace::{Tracer, Wanted};
use crate::{USAGE, call, list, stack};

/// Runs a command and gives the exit status.
pub(crate) fn run(
    loaded: &Loaded,
    name: &str,
    words: Vec<String>,
    restrictions: Restrictions,
    trace: Option<Wanted>,
) -> Result<u8, Trouble> {
    loaded.ready(name)?;
    let program = &loaded.program;
    let command = call::find(program, name)?;
    let mut restrictions = restrictions;
    let words = flags_behind(words, &command, &mut restrictions)?;
    if wants_help(&words, &command) {
        return list::usage(&command);
    }
    let given = call::assigned(&command, &command.args, &words)?;
    let name_of = |name: String| if hidden::is_word(&name) { name } else { given_name(&name) };
    let given = given.into_iter().map(|(name, text)| (name_of(name), text.as_str().into())).collect();
    let cwd = call::working_directory()?;
    let policy = restrictions.policy(&cwd)?;
    if let Some(banner) = banner(&policy) {
        eprintln!("{banner}");
    }
    let tracer = trace.map(|wanted| Tracer::start(wanted, program.file(), name, &cwd)).transpose()?;
    let watch = Mutex::new(Watch { places: Places::default(), tracer });
    signals::take_charge().map_err(|error| Trouble::usage(format!("cannot wait for signals: {error}")))?;
    let start = || {
        let host = Host::real();
        let domain = Concrete::new(&policy, &host).observed(&watch);
        let flows = Engine::new(program, domain).run(&command, given, cwd.as_str().into(), Token::new());
        let (status, failure, exit) = (exit_status(&flows), uncaught(&flows), exited(&flows));
        drop(flows);
        let Watch { places, tracer } = watch.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(tracer) = tracer {
            tracer.end(failure.as_ref(), exit, status);
        }
        match failure {
            Some(failure) => places.trouble(program, &failure, status).tell(),
            None => interruption(status).map_or(status, |trouble| trouble.tell()),
        }
    };
    stack::big(start)
}

/// What there is to say of a run that a signal has ended.
fn interruption(status: u8) -> Option<Trouble> {
    let signal = signals::received().filter(|signal| i32::from(status) == 128 + signal)?;
    let message = format!("the run was interrupted by {}", signals::name(signal));
    Some(Trouble::failure(ErrorKind::SignalReceived, &message, None, status))
}

fn wants_help(words: &[String], command: &Command) -> bool {
    let declared = command.args.iter().any(|arg| arg.name == "help");
    !declared
        && !command.config.proxy_args
        && words.iter().take_while(|word| *word != "--").any(|word| word == "--help")
}

/// Everybody who watches a run.
struct Watch {
    places: Places,
    tracer: Option<Tracer>,
}

impl Observer for Watch {
    fn enter(&mut self, cx: &Context, node: &Node) {
        if let Some(tracer) = &mut self.tracer {
            tracer.enter(cx, node);
        }
    }

    fn visit(&mut self, cx: &Context, node: &Node, seen: Seen<'_>) {
        self.places.visit(cx, node, seen);
        if let Some(tracer) = &mut self.tracer {
            tracer.visit(cx, node, seen);
        }
    }
}

/// Where failures came from. A failure carries no place, so the innermost node that showed it is remembered.
#[derive(Default)]
struct Places(HashMap<(ErrorKind, String), Place>);

/// A file by its number, and what stands where in it.
struct Place {
    file: u32,
    text: String,
}

impl Observer for Places {
    fn visit(&mut self, _: &Context, node: &Node, seen: Seen<'_>) {
        let Seen::Failed { kind, message } = seen else { return };
        let key = (kind, message.to_owned());
        let place =
            Place { file: node.file, text: format!("{}:{}  {}", node.place.line, node.place.column, node.source) };
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
        let place = place.map(|place| format!("{}:{}", program.file_name(place.file), place.text));
        Trouble::failure(failure.kind, &failure.message, place, if status == 0 { USAGE } else { status })
    }
}
