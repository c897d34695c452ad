//! Who watches a run.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use perch_concrete::{
    Concrete, Consent, Given, Observer, Seen, Spot, Uncaught, exit_status, exited, failed_on_the_way_out, uncaught,
};
use perch_engine::{Context, Flows, Node};
use perch_ir::{Program as _, Snapshot};
use perch_ops::ErrorKind;
use perch_policy::Effect;
use perch_system::{Cause, Until};

use crate::USAGE;
use crate::account::Account;
use crate::asking::Asking;
use crate::audit::{Audit, Session};
use crate::check;
use crate::cli::{Limits, MaxRuntime};
use crate::op::NO_FILE;
use crate::progress::Progress;
use crate::report::Trouble;
use crate::run::{Ended, Manner, interruption};
use crate::secrets::Secrets;
use crate::trace::{Target, Tracer};

/// Everybody who watches a run.
pub(crate) struct Watch {
    secrets: Arc<Secrets>,
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

/// How a run has ended.
pub(crate) struct End {
    pub(crate) status: u8,
    pub(crate) failure: Option<Uncaught>,
    /// The text that `exit` was given.
    pub(crate) exit: Option<String>,
    /// What a `finally` arm has failed at, because of which the run did not end.
    pub(crate) failed_on_the_way_out: Option<String>,
}

impl End {
    pub(crate) fn of(flows: &Flows<Concrete<'_>>) -> Self {
        Self {
            status: exit_status(flows),
            failure: uncaught(flows),
            exit: exited(flows),
            failed_on_the_way_out: failed_on_the_way_out(flows),
        }
    }
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
        are_apart(manner, program)?;
        let tracer = manner.trace.take().map(|wanted| Tracer::start(wanted, file, command, cwd)).transpose()?;
        let account = manner.report.take().map(|target| Account::start(target, command)).transpose()?;
        let audit = manner.audit.take();
        let audit = audit.map(|wanted| Audit::start(wanted, Arc::clone(&secrets), program, session)).transpose()?;
        // A trace tells more, and would be mixed with it; who is asked knows what is waited for.
        let is_told = manner.quiet || tracer.is_some() || asking.is_some();
        let progress = if is_told { None } else { Progress::start() };
        let (announced, handler) = (Vec::new(), None);
        let limit = limits.max_runtime.clone();
        Ok(Self { secrets, tracer, account, audit, asking, progress, announced, handler, limit })
    }

    /// The run is over.
    pub(crate) fn end(self, program: &Snapshot, end: End) -> Ended {
        let Self { secrets, tracer, account, audit, handler, limit, .. } = self;
        let End { status, failure, exit, failed_on_the_way_out } = end;
        let plain = |failure: Uncaught| Uncaught { message: secrets.hidden(&failure.message).into_owned(), ..failure };
        let failure = failure.map(plain);
        if let Some(tracer) = tracer {
            tracer.end(failure.as_ref(), exit, status);
        }
        account.into_iter().for_each(|account| account.end(failure.is_none() && status == 0));
        let trouble = match &failure {
            Some(failure) => Some(told(program, failure, status)),
            None => {
                let arm =
                    failed_on_the_way_out.map(|what| format!("a `finally` arm has failed on the way out: {what}"));
                interruption(status, arm.into_iter().chain(handler), limit.as_ref())
            }
        };
        let said = trouble.as_ref().map(Trouble::message);
        let beside = audit.and_then(|audit| audit.end(status, said).err());
        Ended { status, kind: failure.map(|failure| failure.kind), trouble, beside }
    }

    fn each(&mut self) -> impl Iterator<Item = &mut dyn Observer> {
        let tracer = self.tracer.as_mut().map(|tracer| -> &mut dyn Observer { tracer });
        let account = self.account.as_mut().map(|account| -> &mut dyn Observer { account });
        let audit = self.audit.as_mut().map(|audit| -> &mut dyn Observer { audit });
        let asking = self.asking.as_mut().map(|asking| -> &mut dyn Observer { asking });
        let progress = self.progress.as_mut().map(|progress| -> &mut dyn Observer { progress });
        tracer.into_iter().chain(account).chain(audit).chain(asking).chain(progress)
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

/// Trouble if what is told of a run would be written over its program, or over something else that is told of it.
fn are_apart(manner: &Manner, program: &Snapshot) -> Result<(), Trouble> {
    let told = [
        ("--trace", manner.trace.as_ref().map(|wanted| &wanted.target)),
        ("--report", manner.report.as_ref()),
        ("--audit", manner.audit.as_ref().map(|wanted| &wanted.target)),
    ];
    let run = program.files().iter().filter_map(|file| Some((real(file)?, format!("`{file}`, which is run"))));
    let mut taken: Vec<(PathBuf, String)> = run.collect();
    for (flag, target) in told {
        let Some(Target::File(path)) = target else { continue };
        let Some(file) = real(path) else { continue };
        if let Some((_, by)) = taken.iter().find(|(other, _)| *other == file) {
            let trouble = Trouble::usage(format!("`{flag}={path}` would write over {by}"));
            return Err(trouble.help("name another file"));
        }
        taken.push((file, format!("what `{flag}` writes there")));
    }
    Ok(())
}

/// Where a file is, or would be. What is no file (`/dev/null`, a terminal) may be written to by several.
fn real(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return None;
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = || Some(above.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(made)
}

/// What may have been meant by a word that was taken for a program and is none here.
fn meant(program: &Snapshot, failure: &Uncaught) -> Option<String> {
    let spot = failure.spot.as_ref().filter(|_| failure.kind == ErrorKind::BinNotFound)?;
    let name = failure.message.strip_prefix("cannot start `")?.split('`').next()?;
    check::Starts::of(program.file())?.advice(program.file_name(spot.file), spot.place.line, name)
}

/// A failure that nothing has caught, for people.
fn told(program: &Snapshot, failure: &Uncaught, status: u8) -> Trouble {
    let place = failure.spot.as_ref().map(|Spot { file, place, source }| match program.file_name(*file) {
        NO_FILE => format!("{NO_FILE}  {source}"),
        name => format!("{name}:{}:{}  {source}", place.line, place.column),
    });
    let trouble = Trouble::failure(failure.kind, &failure.message, place, if status == 0 { USAGE } else { status });
    meant(program, failure).into_iter().fold(trouble, Trouble::help)
}
