//! Running a command.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use perch_concrete::{Concrete, Observer, Seen, Token, Uncaught, exit_status, exited, uncaught};
use perch_engine::eval::given_name;
use perch_engine::flows::hidden;
use perch_engine::{Context, Engine, Node};
use perch_ir::{Answer, Command, Program, Snapshot};
use perch_ops::ErrorKind;
use perch_system::{Host, signals};

use crate::account::Account;
use crate::cli::{Restrictions, Trust, banner, flags_behind, untrusted_banner};
use crate::load::Loaded;
use crate::report::Trouble;
use crate::test::AsTest;
use crate::trace::{Target, Tracer, Wanted, duration};
use crate::{USAGE, call, list, stack};

/// How a run is watched, and what perch itself says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) trace: Option<Wanted>,
    /// Where the tree of what was done goes.
    pub(crate) report: Option<Target>,
    /// The command is a test.
    pub(crate) as_test: Option<AsTest>,
    /// How long it took is said.
    pub(crate) time: bool,
    /// Nothing is said but what goes wrong.
    pub(crate) quiet: bool,
    /// The file comes from standard input, and nobody has said that it may do more.
    pub(crate) untrusted: Option<Trust>,
}

/// Runs a command and gives the exit status.
pub(crate) fn run(
    loaded: &Loaded,
    name: &str,
    words: Vec<String>,
    restrictions: Restrictions,
    manner: Manner,
) -> Result<u8, Trouble> {
    let since = Instant::now();
    loaded.ready(name)?;
    let program = &loaded.program;
    let mut restrictions = restrictions;
    let answer = match &manner.as_test {
        Some(_) => call::find_test(program, name)?,
        None => call::find(program, name)?,
    };
    let (command, given) = match answer {
        Answer::Command(command) => {
            let words = flags_behind(words, command, &mut restrictions)?;
            if wants_help(&words, command) {
                return list::usage(command);
            }
            let given = call::assigned(command, &command.args, &words)?;
            let name_of = |name: String| if hidden::is_word(&name) { name } else { given_name(&name) };
            (command, given.into_iter().map(|(name, text)| (name_of(name), text)).collect())
        }
        Answer::Catch(catch) => {
            let words = flags_behind(words, catch, &mut restrictions)?;
            (catch, call::caught(catch, name, &words)?)
        }
    };
    let given = given.into_iter().map(|(name, text)| (name, text.as_str().into())).collect();
    let here = call::working_directory()?;
    let mut policy = restrictions.policy(&here)?;
    let cwd = match &manner.as_test {
        Some(test) => test.restrict(command, &mut policy, &here, program)?,
        None => here,
    };
    let limits = restrictions.limits()?;
    let banner =
        if manner.untrusted.is_some() { Some(untrusted_banner(&policy, &limits)) } else { banner(&policy, &limits) };
    if let Some(banner) = banner.filter(|_| !manner.quiet) {
        eprintln!("{banner}");
    }
    let tracer = manner.trace.map(|wanted| Tracer::start(wanted, program.file(), name, &cwd)).transpose()?;
    let account = manner.report.map(|target| Account::start(target, name));
    let watch = Mutex::new(Watch { places: Places::default(), tracer, account, announced: Vec::new(), handler: None });
    signals::take_charge().map_err(|error| Trouble::usage(format!("cannot wait for signals: {error}")))?;
    limits.start(since)?;
    let start = || {
        let host = Host::real();
        if command.config.detached {
            host.let_live_on();
        }
        let domain = Concrete::new(&policy, &host).observed(&watch);
        let flows = Engine::new(program, domain).run(command, given, cwd.as_str().into(), Token::new());
        let (status, failure, exit) = (exit_status(&flows), uncaught(&flows), exited(&flows));
        drop(flows);
        host.stop_beside();
        let Watch { places, tracer, account, handler, .. } = watch.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(tracer) = tracer {
            tracer.end(failure.as_ref(), exit, status);
        }
        account.into_iter().for_each(|account| account.end(failure.is_none() && status == 0));
        let trouble = match failure {
            Some(failure) => {
                let trouble = places.trouble(program, &failure, status);
                let lifted = manner.untrusted.as_ref().and_then(|trust| trust.advice(failure.kind));
                Some(lifted.into_iter().fold(trouble, Trouble::help_instead))
            }
            None => interruption(status, handler),
        };
        let status = match (trouble, &manner.as_test) {
            (Some(trouble), Some(test)) => trouble.leave(&test.outcome()),
            (Some(trouble), None) => trouble.tell(),
            (None, _) => status,
        };
        if manner.time {
            eprintln!("{name} took {}", duration(since.elapsed()));
        }
        status
    };
    stack::big(start)
}

/// What there is to say of a run that was ended from outside, and of a handler that could not do its work.
fn interruption(status: u8, handler: Option<String>) -> Option<Trouble> {
    let signal = signals::ending()?;
    if signal == signals::TIME_UP {
        return (status == 1).then(|| Trouble::failed("stopped: --max-runtime exceeded"));
    }
    let message = format!("the run was interrupted by {}", signals::name(signal));
    let is_end = i32::from(status) == 128 + signal;
    let trouble = is_end.then(|| Trouble::failure(ErrorKind::SignalReceived, &message, None, status))?;
    Some(match handler {
        Some(failed) => trouble.help(failed),
        None => trouble,
    })
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
    account: Option<Account>,
    /// Where branches were announced, in the eyes of each of them.
    announced: Vec<Vec<usize>>,
    /// What an `on_signal` handler has failed at.
    handler: Option<String>,
}

impl Watch {
    fn each(&mut self) -> impl Iterator<Item = &mut dyn Observer> {
        let places: &mut dyn Observer = &mut self.places;
        let tracer = self.tracer.as_mut().map(|tracer| -> &mut dyn Observer { tracer });
        let account = self.account.as_mut().map(|account| -> &mut dyn Observer { account });
        std::iter::once(places).chain(tracer).chain(account)
    }
}

impl Observer for Watch {
    fn enter(&mut self, cx: &Context, node: &Node) {
        self.each().for_each(|one| one.enter(cx, node));
    }

    fn visit(&mut self, cx: &Context, node: &Node, seen: Seen<'_>) {
        if let (Seen::Failed { kind, message }, "on_signal") = (seen, node.op) {
            self.handler = Some(format!("what `{}` names has failed: {message} ({})", node.source, kind.name()));
        }
        self.each().for_each(|one| one.visit(cx, node, seen));
    }

    fn branches(&mut self) -> usize {
        let announced = self.each().map(Observer::branches).collect();
        self.announced.push(announced);
        self.announced.len() - 1
    }

    fn branch(&mut self, at: usize) {
        let announced = self.announced.get(at).cloned().unwrap_or_default();
        self.each().zip(announced).for_each(|(one, at)| one.branch(at));
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
