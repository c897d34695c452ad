//! Who watches a run.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use perch_concrete::{Consent, Given, Observer, Seen, Uncaught};
use perch_engine::{Context, Node};
use perch_ir::{Program as _, Snapshot};
use perch_ops::ErrorKind;
use perch_policy::Effect;
use perch_system::{Cause, Until};

use crate::USAGE;
use crate::account::Account;
use crate::asking::Asking;
use crate::audit::{Audit, Session};
use crate::cli::{Limits, MaxRuntime};
use crate::progress::Progress;
use crate::report::Trouble;
use crate::run::{Ended, Manner, interruption};
use crate::secrets::Secrets;
use crate::trace::Tracer;

/// Everybody who watches a run.
pub(crate) struct Watch {
    secrets: Arc<Secrets>,
    places: Places,
    tracer: Option<Tracer>,
    account: Option<Account>,
    audit: Option<Audit>,
    asking: Option<Asking>,
    progress: Option<Progress>,
    /// Where branches were announced, in the eyes of each of them.
    announced: Vec<Vec<usize>>,
    /// What an `on_signal` handler has failed at.
    handler: Option<String>,
    /// How long the run may take.
    limit: Option<MaxRuntime>,
}

impl Watch {
    /// Everybody who is asked for, and who is always there.
    pub(crate) fn start(
        manner: &mut Manner,
        program: &Snapshot,
        limits: &Limits,
        session: Session<'_>,
    ) -> Result<Self, Trouble> {
        let secrets = Arc::new(Secrets::of_environment());
        // Somebody who cannot be asked is no reason to empty a file.
        let asking = if manner.ask { Some(Asking::start(Arc::clone(&secrets))?) } else { None };
        let (file, cwd, command) = (program.file(), session.cwd, session.command);
        let tracer = manner.trace.take().map(|wanted| Tracer::start(wanted, file, command, cwd)).transpose()?;
        let account = manner.report.take().map(|target| Account::start(target, command));
        let audit = manner.audit.take();
        let audit = audit.map(|wanted| Audit::start(wanted, Arc::clone(&secrets), program, session)).transpose()?;
        // A trace tells more, and would be mixed with it; who is asked knows what is waited for.
        let is_told = manner.quiet || tracer.is_some() || asking.is_some();
        let progress = if is_told { None } else { Progress::start() };
        let (places, announced, handler) = (Places::default(), Vec::new(), None);
        let limit = limits.max_runtime.clone();
        Ok(Self { secrets, places, tracer, account, audit, asking, progress, announced, handler, limit })
    }

    /// The run is over.
    pub(crate) fn end(self, program: &Snapshot, failure: Option<Uncaught>, exit: Option<String>, status: u8) -> Ended {
        let Self { secrets, places, tracer, account, audit, handler, limit, .. } = self;
        let plain = |failure: Uncaught| Uncaught { message: secrets.hidden(&failure.message).into_owned(), ..failure };
        let failure = failure.map(plain);
        if let Some(tracer) = tracer {
            tracer.end(failure.as_ref(), exit, status);
        }
        account.into_iter().for_each(|account| account.end(failure.is_none() && status == 0));
        let trouble = match &failure {
            Some(failure) => Some(places.trouble(program, failure, status)),
            None => interruption(status, handler, limit.as_ref()),
        };
        let said = trouble.as_ref().map(Trouble::message);
        let beside = audit.and_then(|audit| audit.end(status, said).err());
        Ended { status, kind: failure.map(|failure| failure.kind), trouble, beside }
    }

    fn each(&mut self) -> impl Iterator<Item = &mut dyn Observer> {
        let places: &mut dyn Observer = &mut self.places;
        let tracer = self.tracer.as_mut().map(|tracer| -> &mut dyn Observer { tracer });
        let account = self.account.as_mut().map(|account| -> &mut dyn Observer { account });
        let audit = self.audit.as_mut().map(|audit| -> &mut dyn Observer { audit });
        let asking = self.asking.as_mut().map(|asking| -> &mut dyn Observer { asking });
        let progress = self.progress.as_mut().map(|progress| -> &mut dyn Observer { progress });
        std::iter::once(places).chain(tracer).chain(account).chain(audit).chain(asking).chain(progress)
    }
}

impl Observer for Watch {
    fn enter(&mut self, cx: &Context, node: &Node) {
        self.each().for_each(|one| one.enter(cx, node));
    }

    fn given(&mut self, what: Given<'_>) {
        self.each().for_each(|one| one.given(what));
    }

    /// All must consent; whoever objects first has the word.
    fn consents(&mut self, op: &str, effect: &Effect, until: Until) -> Result<Consent, Cause> {
        let answers = self.each().map(|one| one.consents(op, effect, until));
        let objects = |answer: &Result<Consent, Cause>| *answer != Ok(Consent::Given);
        answers.into_iter().find(objects).unwrap_or(Ok(Consent::Given))
    }

    /// Whoever shows or keeps a message gets it without secrets.
    fn visit(&mut self, cx: &Context, node: &Node, seen: Seen<'_>) {
        if let (Seen::Failed { kind, message }, "on_signal") = (seen, node.op) {
            self.handler = Some(format!("what `{}` names has failed: {message} ({})", node.source, kind.name()));
        }
        let secrets = Arc::clone(&self.secrets);
        let shown = match seen {
            Seen::Fine => Cow::Borrowed(""),
            Seen::Failed { message, .. } => secrets.hidden(message),
        };
        let plain = match seen {
            Seen::Fine => Seen::Fine,
            Seen::Failed { kind, .. } => Seen::Failed { kind, message: &shown },
        };
        self.each().for_each(|one| one.visit(cx, node, plain));
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
