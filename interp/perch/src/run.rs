//! Running a command.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use perch_concrete::{Concrete, Text, Token};
use perch_engine::Engine;
use perch_engine::eval::{Given, given_name};
use perch_engine::flows::hidden;
use perch_ir::{Answer, Command, Snapshot};
use perch_ops::ErrorKind;
use perch_policy::Policy;
use perch_system::{Host, signals};

use crate::aside::aside;
use crate::audit::{self, Session};
use crate::cli::{Limits, MaxRuntime, Restrictions, Trust, VERBS, active, banner, flags_behind, untrusted_banner};
use crate::load::Loaded;
use crate::op::Typed;
use crate::report::Trouble;
use crate::simulate::here::{Call, dry_run};
use crate::test::AsTest;
use crate::trace::{Target, Wanted, duration};
use crate::watch::{End, Watch};
use crate::{call, list, stack};

/// How a run is watched, and what perch itself says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) trace: Option<Wanted>,
    /// Where the tree of what was done goes.
    pub(crate) report: Option<Target>,
    /// What is recorded of it.
    pub(crate) audit: Option<audit::Wanted>,
    /// It asks before it does anything.
    pub(crate) ask: bool,
    /// Nothing is run: it is said what a run would do.
    pub(crate) dry: Option<Dry>,
    /// The op that stands for a command.
    pub(crate) called: Option<Typed>,
    /// The command is a test.
    pub(crate) as_test: Option<AsTest>,
    /// How long it took is said.
    pub(crate) time: bool,
    /// Nothing is said but what goes wrong.
    pub(crate) quiet: bool,
    /// The file comes from standard input, and nobody has said that it may do more.
    pub(crate) untrusted: Option<Trust>,
}

/// How it is said what a run would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dry {
    /// As JSON.
    pub(crate) json: bool,
}

/// A command with what it is given.
struct Job {
    command: Arc<Command>,
    /// By the names of arguments.
    given: Vec<(String, String)>,
    /// The words behind it, without flags of perch.
    words: Vec<String>,
    /// Nothing but to say how it is called.
    is_help: bool,
}

impl Job {
    fn of(
        program: &Snapshot,
        name: &str,
        words: Vec<String>,
        restrictions: &mut Restrictions,
        manner: &Manner,
    ) -> Result<Self, Trouble> {
        let is_test = manner.as_test.is_some();
        let answer = if is_test {
            call::find_test(program, name)?
        } else {
            call::find_beside(program, name, &VERBS.map(|(verb, _)| verb))?
        };
        let (Answer::Command(command) | Answer::Catch(command)) = answer;
        let words = flags_behind(words, command, restrictions)?;
        let is_help = matches!(answer, Answer::Command(_)) && wants_help(&words, command);
        let given = match answer {
            _ if is_help => Vec::new(),
            Answer::Command(_) => call::assigned(program, command, &command.args, &words)?,
            Answer::Catch(_) => call::caught(program, command, name, &words)?,
        };
        let command = manner.called.as_ref().map_or_else(|| Arc::clone(command), |op| op.told(command));
        Ok(Self { command, given, words, is_help })
    }
}

/// What is given, under the names where the evaluator looks for it.
fn given_to(command: &Command, given: Vec<(String, String)>) -> Given<Text> {
    let is_argument = |name: &str| command.args.iter().any(|arg| arg.name == name && !hidden::is_word(name));
    let name_of = |name: String| if is_argument(&name) { given_name(&name) } else { name };
    given.into_iter().map(|(name, text)| (name_of(name), text.as_str().into())).collect()
}

/// Runs a command and gives the exit status.
pub(crate) fn run(
    loaded: &Loaded,
    name: &str,
    words: Vec<String>,
    mut restrictions: Restrictions,
    mut manner: Manner,
) -> Result<u8, Trouble> {
    let since = Instant::now();
    loaded.ready(name)?;
    let program = &loaded.program;
    let job = Job::of(program, name, words, &mut restrictions, &manner)?;
    let Job { command, given, words, is_help } = job;
    let command = &command;
    if is_help {
        return list::usage(program, command);
    }
    let here = call::working_directory()?;
    let mut policy = restrictions.policy(&here)?;
    let cwd = match &manner.as_test {
        Some(test) => test.restrict(command, &mut policy, &here, program)?,
        None => here,
    };
    loaded.may_import(&policy)?;
    let limits = restrictions.limits(program)?;
    manner.introduce(&policy, &limits);
    if let Some(Dry { json }) = manner.dry {
        return dry_run(program, Call { command, given, cwd: &cwd, policy, limits: &limits, json });
    }
    let given = given_to(command, given);
    let shown = manner.called.as_ref().map_or_else(|| name.to_owned(), |op| op.name.to_owned());
    let said = words.as_slice();
    let said = if manner.called.is_some() { said.strip_prefix(&["--".to_owned()]).unwrap_or(said) } else { said };
    let session = Session { command: &shown, words: said, cwd: &cwd, policy: active(&policy, &limits, None) };
    let watch = Mutex::new(Watch::start(&mut manner, program, &limits, session)?);
    signals::take_charge().map_err(|error| Trouble::usage(format!("cannot wait for signals: {error}")))?;
    if manner.as_test.is_some() {
        signals::end_with_our_starter()
            .map_err(|error| Trouble::usage(format!("cannot wait for the tests: {error}")))?;
    }
    limits.start(since)?;
    let start = || {
        let host = Host::real().with_notes(!manner.quiet);
        if command.config.detached {
            host.let_live_on();
        }
        let domain = Concrete::new(&policy, &host).observed(&watch);
        let flows = Engine::new(program, domain).run(command, given, cwd.as_str().into(), Token::new());
        let end = End::of(&flows);
        drop(flows);
        host.stop_beside();
        let ended = watch.into_inner().unwrap_or_else(PoisonError::into_inner).end(program, end);
        let status = ended.told(&manner);
        if manner.time {
            aside!("{shown} took {}", duration(since.elapsed()));
        }
        status
    };
    stack::big(start)
}

impl Manner {
    /// Says what is active.
    fn introduce(&self, policy: &Policy, limits: &Limits) {
        let audit = self.audit.as_ref().map(|audit| audit.target.word());
        let banner = match self.untrusted {
            Some(_) => Some(untrusted_banner(policy, limits, audit)),
            None => banner(policy, limits, audit),
        };
        if let Some(banner) = banner.filter(|_| !self.quiet) {
            aside!("{banner}");
        }
    }
}

/// How a run ended, for people.
pub(crate) struct Ended {
    pub(crate) status: u8,
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) trouble: Option<Trouble>,
    /// What else was not as it should be.
    pub(crate) beside: Option<Trouble>,
}

impl Ended {
    /// Says it, and gives the exit status.
    fn told(self, manner: &Manner) -> u8 {
        let lifted = manner.untrusted.as_ref().zip(self.kind).and_then(|(trust, kind)| trust.advice(kind));
        let trouble = self.trouble.map(|trouble| lifted.into_iter().fold(trouble, Trouble::help_instead));
        let status = match (trouble, &manner.as_test) {
            (Some(trouble), Some(test)) => trouble.leave(&test.outcome()),
            (Some(trouble), None) => trouble.tell(),
            (None, _) => self.status,
        };
        // What is not as it should be is no success.
        self.beside.map_or(status, |beside| beside.tell().max(status))
    }
}

/// What there is to say of a run that was ended from outside, and of what could not do its work on the way out.
pub(crate) fn interruption(
    status: u8,
    failed: impl Iterator<Item = String>,
    limit: Option<&MaxRuntime>,
) -> Option<Trouble> {
    let trouble = match signals::ending()? {
        signals::STOPPED => (status == 0).then(|| Trouble::ended("stopped by user")),
        signals::TIME_UP => limit.filter(|_| status == 1).map(|limit| Trouble::failed(limit.exceeded())),
        signal => {
            let message = format!("the run was interrupted by {}", signals::name(signal));
            let is_end = i32::from(status) == 128 + signal;
            is_end.then(|| Trouble::failure(ErrorKind::SignalReceived, &message, None, status))
        }
    };
    Some(failed.fold(trouble?, Trouble::help))
}

fn wants_help(words: &[String], command: &Command) -> bool {
    !command.config.proxy_args && words.iter().take_while(|word| *word != "--").any(|word| is_help(word, command))
}

/// Whether a word asks how the command is called: no argument of it has that name.
fn is_help(word: &str, command: &Command) -> bool {
    let declares = |name: &str| command.args.iter().any(|arg| arg.name == name);
    matches!(word, "--help" if !declares("help")) || matches!(word, "-h" if !declares("h"))
}
