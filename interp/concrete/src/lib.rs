//! The domain of real runs.
//!
//! A value is a text and the host is the host, so every test has one side, every outcome is one, and nothing is ever
//! joined. What the host is in the evaluator's eyes is a [`Token`], which is not `Clone`: whoever holds it is the
//! one place where the run stands, and acts.
//!
//! A primitive is performed in four steps, always in this order: the path operands are cleaned, the policy
//! is asked, the host's facts are checked, the effect is made. The last two are `perch-system`'s.

mod act;
mod archive;
mod ask;
mod branches;
mod end;
pub mod facts;
mod failure;
mod network;
mod stored;

use std::sync::{Arc, Mutex, PoisonError};

use std::time::{Duration, Instant};

use perch_engine::domain::{Act, Branches, CacheEntry, LoopBody, Stage, repeat_known};
use perch_engine::flows::hidden;
use perch_engine::{Context, Domain, Engine, Flows, Frame, Node, Outcome, Raised, Split, Test, World, arguments};
use perch_ir::program::{Command, Program};
use perch_ops::contract::Ask;
use perch_ops::duration::nanoseconds;
use perch_ops::pure::MAX_RESULT;
use perch_ops::{Entry, ErrorKind, OpId, Primitive, Pure};
use perch_policy::{Bounds, Effect, Known, Policy};
use perch_system::{Cause, Host, Until, signals};

pub use end::{Spot, Uncaught, exit_status, exited, failed_on_the_way_out, uncaught};
use failure::{Cut, Failure};

/// A text.
pub type Text = Arc<str>;

/// The one place where a run stands. Not `Clone`.
#[derive(Debug)]
#[expect(missing_copy_implementations, reason = "a run stands in one place")]
pub struct Token(());

impl Token {
    /// For the start of a run.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "made once per run, on purpose")]
    pub fn new() -> Self {
        Self(())
    }
}

/// How the visit of a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'m> {
    /// It did not fail; `exit` does not either.
    Fine,
    /// It failed. A call or chain fails if a failure comes out of it.
    Failed {
        /// With this kind.
        kind: ErrorKind,
        /// And this message.
        message: &'m str,
    },
}

/// What a node is about to do, with the values that it has been given.
#[derive(Clone, Copy)]
pub enum Given<'g> {
    /// An op on operands, with variables that are set for it alone. A condition has ops, too, which are no nodes.
    Op(&'static Entry, &'g [Text], &'g [(String, Text)]),
    /// A call with arguments by their names, and with words of a list.
    Call(&'g [(String, Text)]),
    /// Programs that run at the same time.
    Pipe(&'g [Stage<Text>]),
}

/// What whoever watches says to an effect that the policy allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing against it.
    Given,
    /// It must not be.
    Refused,
    /// It must not be because nobody would hear of it, for this reason.
    Unrecorded(String),
}

/// Watches a run. `cx.node_id(node.place, node.clause)` names a node, `cx.visit` counts the loops around it. Branches that run at
/// the same time take turns, each in a thread of its own.
pub trait Observer: Send {
    /// A node is about to be visited.
    fn enter(&mut self, _cx: &Context, _node: &Node) {}

    /// The node that this thread has entered last is about to do this.
    fn given(&mut self, _what: Given<'_>) {}

    /// The policy allows an effect that takes a right, and it is about to be made. A wait is over when that says so.
    fn consents(&mut self, _op: &str, _effect: &Effect, _until: Until) -> Result<Consent, Cause> {
        Ok(Consent::Given)
    }

    /// A node has been visited. Those of a callee, and the clauses of a chain, lie between its two ends.
    fn visit(&mut self, cx: &Context, node: &Node, seen: Seen<'_>);

    /// Branches are about to be run, by this thread and others. What comes back tells [`Observer::branch`] where.
    fn branches(&mut self) -> usize {
        0
    }

    /// This thread works on branches that were announced there.
    fn branch(&mut self, _at: usize) {}
}

/// The domain.
pub struct Concrete<'a> {
    policy: &'a Policy,
    host: &'a Host,
    observer: Option<&'a Mutex<dyn Observer + 'a>>,
    /// What the part of the program that runs is held to.
    bounds: Bounds,
    /// Deadlines around, from the outside. `None` is later than clocks go.
    deadlines: Vec<Option<Instant>>,
    /// The run has been told to end, and is on its way out.
    unwinding: bool,
    /// Others run at the same time.
    in_branch: bool,
    /// Paths of what the run has made for itself, branches included.
    own: Arc<Mutex<Vec<String>>>,
}

impl<'a> Concrete<'a> {
    /// On that host, under that policy.
    #[must_use]
    pub fn new(policy: &'a Policy, host: &'a Host) -> Self {
        Self {
            policy,
            host,
            observer: None,
            bounds: Bounds::default(),
            deadlines: Vec::new(),
            unwinding: false,
            in_branch: false,
            own: Arc::default(),
        }
    }

    /// With somebody who watches.
    #[must_use]
    pub fn observed(self, observer: &'a Mutex<dyn Observer + 'a>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    fn watched<T>(&self, watch: impl FnOnce(&mut dyn Observer) -> T) -> Option<T> {
        self.observer.map(|observer| watch(&mut *observer.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The same for a branch that runs at the same time as others.
    fn branch(&self) -> Self {
        Self {
            policy: self.policy,
            host: self.host,
            observer: self.observer,
            bounds: self.bounds.clone(),
            deadlines: self.deadlines.clone(),
            unwinding: self.unwinding,
            in_branch: true,
            own: Arc::clone(&self.own),
        }
    }

    /// How long an act may wait.
    fn until(&self) -> Until {
        let first = self.deadlines.iter().flatten().min();
        first.map_or_else(|| self.interruptible(), |at| self.interruptible().deadline(*at))
    }

    /// The same for acts that no deadline cuts short.
    fn interruptible(&self) -> Until {
        if self.unwinding { Until::default().unwinding() } else { Until::default() }
    }

    /// The deadline that comes first; of several, the outermost.
    fn first_deadline(&self) -> Option<usize> {
        let set = self.deadlines.iter().enumerate().filter_map(|(at, deadline)| Some(((*deadline)?, at)));
        set.min().map(|(_, at)| at)
    }

    /// The status of a run that a signal ends.
    fn ended_by(&mut self, signal: i32) -> Text {
        self.unwinding = true;
        match signal {
            signals::STOPPED => "0".into(),
            signals::TIME_UP => "1".into(),
            signal => (128 + signal).to_string().into(),
        }
    }

    fn outcome(&mut self, done: Result<Text, Failure>, host: Token) -> Outcome<Self> {
        let nothing = Outcome { next: None, failed: Vec::new(), ended: None };
        match done {
            Ok(value) => Outcome { next: Some((host, value)), ..nothing },
            Err(Failure { cut: Some(Cut::Signal(signal)), .. }) => {
                Outcome { ended: Some((host, self.ended_by(signal))), ..nothing }
            }
            Err(failure) => {
                let late = failure.cut.and_then(|_| self.first_deadline());
                Outcome { failed: vec![(Raised { late, ..failure.raised() }, host)], ..nothing }
            }
        }
    }
}

/// The name of the op as the program wrote it.
fn op_name(cx: &Context) -> &'static str {
    cx.inside.unwrap_or(cx.op)
}

fn one_side(yes: bool, host: Token) -> Split<Token> {
    if yes { Split { yes: Some(host), no: None } } else { Split { yes: None, no: Some(host) } }
}

fn truth(yes: bool) -> Text {
    if yes { "true".into() } else { "false".into() }
}

impl Domain for Concrete<'_> {
    type Value = Text;
    type Host = Token;

    fn text(&mut self, text: &str) -> Text {
        text.into()
    }

    fn concat(&mut self, parts: &[Text]) -> Text {
        match parts {
            [one] => Arc::clone(one),
            parts => parts.iter().map(|part| &**part).collect::<String>().into(),
        }
    }

    fn bound_or(&mut self, value: Text, _: Text) -> Text {
        value
    }

    fn pure(&mut self, function: Pure, operands: &[Text]) -> Text {
        let operands: Vec<&str> = operands.iter().map(|operand| &**operand).collect();
        function.text(&operands).into()
    }

    fn known(&self, value: &Text) -> Known {
        Known::Text(value.to_string())
    }

    fn fact(&mut self, name: &str, cwd: &Text) -> Option<Text> {
        match name {
            "cwd" => Some(Arc::clone(cwd)),
            name => facts::of_machine(self.host, name).map(Text::from),
        }
    }

    fn given(&mut self, cx: &Context, op: OpId, operands: &[Text], variables: &[(String, Text)]) {
        // What an op does in its own program is its own business.
        if cx.inside.is_none() {
            self.watched(|observer| observer.given(Given::Op(op.entry(), operands, variables)));
        }
    }

    fn called(&mut self, arguments: &[(String, Text)]) {
        self.watched(|observer| observer.given(Given::Call(arguments)));
    }

    fn perform(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Text],
        frame: &Frame<Text>,
        host: Token,
    ) -> Outcome<Self> {
        let done = self.begin(cx).and_then(|()| self.act(cx, primitive, operands, frame));
        self.outcome(done, host)
    }

    fn pipeline(&mut self, cx: &Context, stages: &[Stage<Text>], host: Token) -> Outcome<Self> {
        self.watched(|observer| observer.given(Given::Pipe(stages)));
        let done = self.begin(cx).and_then(|()| self.run_pipeline(cx, stages));
        self.outcome(done, host)
    }

    fn ask(
        &mut self,
        cx: &Context,
        asks: &[Ask],
        operands: &[Text],
        frame: &Frame<Text>,
        host: Token,
    ) -> Outcome<Self> {
        self.bounds = cx.bounds.clone();
        let asked = self.begin(cx).and_then(|()| self.ask_for_program(op_name(cx), asks, operands, &frame.cwd));
        let done = asked.map(|()| "".into());
        self.outcome(done, host)
    }

    fn variable(&mut self, cx: &Context, name: &str, host: Token) -> Outcome<Self> {
        self.bounds = cx.bounds.clone();
        let missing = || {
            Failure::new(ErrorKind::UnresolvedVar, format!("`${{{name}}}` is not bound, and no environment variable"))
        };
        let done = self.environment(op_name(cx), name).and_then(|value| value.map(Text::from).ok_or_else(missing));
        self.outcome(done, host)
    }

    fn raise(&mut self, _: &Context, kind: ErrorKind, message: Text, host: Token) -> Outcome<Self> {
        self.outcome(Err(Failure::new(kind, &*message)), host)
    }

    fn split(&mut self, _: &Context, test: &Test<'_, Text>, host: Token) -> Split<Token> {
        let yes = match test {
            Test::Truth(value) => arguments::is_true(value),
            Test::Compare(op, left, right) => arguments::compare(*op, left, right),
            Test::OfType(ty, value) => ty.accepts(value),
            Test::Refused(function, kind, operands) => {
                let operands: Vec<&str> = operands.iter().map(|operand| &**operand).collect();
                function.refuses(*kind, &operands)
            }
            Test::Status(value) => arguments::status(value).is_some(),
            Test::Bound(_) => true,
            Test::InTime(wait) => self.is_in_time(wait),
            Test::Fits(parts) => parts.iter().map(|part| part.len()).sum::<usize>() <= MAX_RESULT,
        };
        one_side(yes, host)
    }

    /// Two worlds of one run would need two tokens.
    fn join(&mut self, _: World<Self>, _: World<Self>) -> World<Self> {
        unreachable!("a concrete run is in one place, so it has nothing to join")
    }

    fn visit<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        node: &Node,
        world: World<Self>,
        act: Act<'_, P, Self>,
    ) -> Flows<Self> {
        if let Some(signal) = signals::ending().filter(|_| !engine.domain.unwinding) {
            return engine.domain.interrupted(signal, world);
        }
        engine.domain.watched(|observer| observer.enter(cx, node));
        let flows = end::placed(node, act(engine, cx, world));
        let flows = engine.domain.heard(flows);
        engine.domain.watched(|observer| {
            let failed = flows.failures().next();
            let seen = failed.map_or(Seen::Fine, |(kind, world)| Seen::Failed { kind, message: message(world) });
            observer.visit(cx, node, seen);
        });
        flows
    }

    fn repeat<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        list: &Text,
        world: World<Self>,
        body: LoopBody<'_, P, Self>,
    ) -> Flows<Self> {
        let elements = list.split('\n').filter(|element| !element.is_empty()).map(Into::into);
        repeat_known(engine, cx, elements, world, body)
    }

    fn call<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        command: &Arc<Command>,
        frame: Frame<Text>,
        host: Token,
    ) -> Flows<Self> {
        engine.callee(cx, command, World { frame, host })
    }

    fn within<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        length: &Text,
        world: World<Self>,
        body: Act<'_, P, Self>,
    ) -> Flows<Self> {
        engine.domain.deadlines.push(deadline(length));
        let flows = body(engine, cx, world);
        engine.domain.deadlines.pop();
        flows
    }

    fn concurrently<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        branches: Branches<'_, P, Self>,
        most: Option<&Text>,
        world: World<Self>,
    ) -> Flows<Self> {
        branches::concurrently(engine, cx, branches, most.map(|most| &**most), world)
    }

    fn interruptible<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        _: &Command,
        world: World<Self>,
        body: Act<'_, P, Self>,
        handler: Act<'_, P, Self>,
    ) -> Flows<Self> {
        // What runs on the way out has no handlers of its own.
        let was_unwinding = engine.domain.unwinding;
        let mut flows = body(engine, cx, world);
        if was_unwinding || !engine.domain.unwinding {
            return flows;
        }
        let Some(world) = flows.take_exited() else { return flows };
        let ended = handler(engine, cx, world);
        flows.merge(&mut engine.domain, ended);
        flows
    }

    fn cached<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        entry: &CacheEntry<'_, Text>,
        world: World<Self>,
        body: Act<'_, P, Self>,
    ) -> Flows<Self> {
        stored::cached(engine, cx, entry, world, body)
    }
}

impl Concrete<'_> {
    fn is_in_time(&self, wait: &str) -> bool {
        let then = deadline(wait);
        self.deadlines.iter().flatten().all(|at| then.is_some_and(|then| then < *at))
    }

    /// Fails if the run has been told to end and an op is about to begin: a hook before it, or what was tested before it, may have taken
    /// its time. What an op is made of has begun with it.
    fn begin(&self, cx: &Context) -> Result<(), Failure> {
        match signals::ending() {
            Some(signal) if !self.unwinding && cx.inside.is_none() => Err(Failure::wait(&Cause::Interrupted(signal))),
            _ => Ok(()),
        }
    }

    /// A signal that came while something was done which it could not cut short ends the run there, even if nothing follows.
    fn heard(&mut self, flows: Flows<Self>) -> Flows<Self> {
        match (signals::received(), flows) {
            (Some(signal), Flows { next: Some(world), .. }) if !self.unwinding => self.interrupted(signal, world),
            (_, flows) => flows,
        }
    }

    /// The end of a run by a signal.
    fn interrupted(&mut self, signal: i32, world: World<Self>) -> Flows<Self> {
        let status = self.ended_by(signal);
        let World { mut frame, host } = world;
        hidden::tell_to_end(&mut frame.bindings, status);
        Flows::exited(World { frame, host })
    }
}

/// The moment so far from now, if clocks go so far.
fn deadline(length: &str) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_nanos(nanoseconds(length).unwrap_or_default()))
}

/// The message of the failure that a world carries.
fn message<'w>(world: &'w World<Concrete<'_>>) -> &'w str {
    world.frame.bindings.get(hidden::MESSAGE).map_or("", |message| message)
}

impl Failure {
    fn raised(self) -> Raised<Text> {
        Raised {
            kind: self.kind,
            message: self.message.into(),
            code: self.code.into(),
            detail: self.detail.into(),
            late: None,
        }
    }
}
