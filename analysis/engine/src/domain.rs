//! What the evaluator needs from a domain.

use perch_ir::program::{Command, Comparison, Hook, Program};
use perch_ops::{ErrorKind, OpId, Primitive, Pure, Subject, Type};
use perch_policy::Known;
use std::sync::Arc;

use crate::flows::hidden;
use crate::{Context, Engine, Flows, Frame, Node, World};

/// A domain's value.
pub type Value<D> = <D as Domain>::Value;

/// A question about values.
pub enum Test<'v, V> {
    /// Is it a true text?
    Truth(&'v V),
    /// How do they compare?
    Compare(Comparison, &'v V, &'v V),
    /// Is it a text of that type?
    OfType(Type, &'v V),
    /// Is it an exit status, 0 to 255?
    Status(&'v V),
    /// Does the function refuse the operands with that kind?
    Refused(Pure, ErrorKind, &'v [V]),
    /// Is it bound? Joins of frames make values that are bound on some runs only.
    Bound(&'v V),
    /// Is there so much time before the deadlines around?
    InTime(&'v V),
    /// Are they together no larger than a text may be?
    Fits(&'v [V]),
}

/// The host on both sides of a test. A concrete run has exactly one side.
pub struct Split<H> {
    /// Where it holds.
    pub yes: Option<H>,
    /// Where it does not.
    pub no: Option<H>,
}

/// A failure as the domain raises it.
pub struct Raised<V> {
    /// Its kind.
    pub kind: ErrorKind,
    /// What happened, as a program sees it.
    pub message: V,
    /// Exit status of a program, else empty.
    pub code: V,
    /// More.
    pub detail: V,
    /// If a deadline has ended it: the number of the `timeout` around, from the outside.
    pub late: Option<usize>,
}

/// What a primitive gives.
pub struct Outcome<D: Domain> {
    /// It succeeded with this value.
    pub next: Option<(D::Host, D::Value)>,
    /// It failed.
    pub failed: Vec<(Raised<D::Value>, D::Host)>,
    /// The run has been told to end, with this status.
    pub ended: Option<(D::Host, D::Value)>,
}

/// What a program has made of a variable of the environment: neither is there where it has not touched it.
pub struct Own<V> {
    /// Its value, where it has set it.
    pub value: Option<V>,
    /// Bound where it has taken it away.
    pub taken: Option<V>,
}

/// A program among others that run at the same time.
pub struct Stage<V> {
    /// Its words.
    pub words: Vec<V>,
    /// What it sees.
    pub frame: Frame<V>,
    /// What of that is set for it alone.
    pub variables: Vec<(String, V)>,
}

/// What values are, what the host is, and what primitives do.
///
/// The methods at the end are handed the engine: only a domain may evaluate a part of the program
/// more than once, or not at all.
pub trait Domain: Sized {
    /// A value; a text in the language.
    type Value: Clone + Send + Sync;
    /// The host. Not `Clone` for a concrete domain.
    type Host;

    /// A known text.
    fn text(&mut self, text: &str) -> Self::Value;
    /// Texts one after the other.
    fn concat(&mut self, parts: &[Self::Value]) -> Self::Value;
    /// `value` on runs where it is bound, `fallback` elsewhere.
    fn bound_or(&mut self, value: Self::Value, fallback: Self::Value) -> Self::Value;
    /// The result of a pure op; on runs on which it refuses its operands, what is said about that.
    fn pure(&mut self, function: Pure, operands: &[Self::Value]) -> Self::Value;
    /// The text that a value is on all runs, if it is one.
    fn known(&self, value: &Self::Value) -> Known;
    /// The value of a fact that every program may name (`os`, `is_linux` …), if there is one of that name.
    fn fact(&mut self, name: &str, cwd: &Self::Value) -> Option<Self::Value>;

    /// What the program has made of a variable of the environment.
    fn own_variable(&mut self, frame: &Frame<Self::Value>, name: &str) -> Own<Self::Value> {
        let [value, taken] =
            [hidden::variable(name), hidden::taken(name)].map(|name| frame.bindings.get(name.as_str()).cloned());
        Own { value, taken }
    }
    /// Sets the variable of that name, or takes it away.
    fn put_variable(&mut self, frame: &mut Frame<Self::Value>, name: &Self::Value, value: Option<Self::Value>) {
        let mark = self.text("");
        if let Known::Text(name) = self.known(name) {
            hidden::put_variable(&mut frame.bindings, &name, value, mark);
        }
    }
    /// Where the program's file stands, or its folder, given what follows from how it is named here.
    fn place_of_file(&mut self, _about: Subject, here: Self::Value) -> Self::Value {
        here
    }

    /// What an op is about to be performed on, defaults included, and which variables are set for it alone: for domains that somebody watches.
    fn given(&mut self, _cx: &Context, _op: OpId, _operands: &[Self::Value], _variables: &[(String, Self::Value)]) {}
    /// What a command is about to be called with: for domains that somebody watches. Arguments have their names, words of a list those of
    /// hidden bindings.
    fn called(&mut self, _arguments: &[(String, Self::Value)]) {}
    /// Performs a primitive.
    fn perform(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Self::Value],
        frame: &Frame<Self::Value>,
        host: Self::Host,
    ) -> Outcome<Self>;
    /// Runs programs at the same time, each reading what the one before it writes.
    fn pipeline(&mut self, cx: &Context, stages: &[Stage<Self::Value>], host: Self::Host) -> Outcome<Self>;
    /// Asks the policy on behalf of an op with a program. `asks` count operands.
    fn ask(
        &mut self,
        cx: &Context,
        asks: &'static [perch_ops::contract::Ask],
        operands: &[Self::Value],
        frame: &Frame<Self::Value>,
        host: Self::Host,
    ) -> Outcome<Self>;
    /// The value of an environment variable for `${name}`; unset is `unresolved_var`.
    fn variable(&mut self, cx: &Context, name: &str, host: Self::Host) -> Outcome<Self>;
    /// A failure that the evaluator has found. Nothing but a report that goes on behind it continues.
    fn raise(&mut self, cx: &Context, kind: ErrorKind, message: Self::Value, host: Self::Host) -> Outcome<Self>;
    /// A hook's handler has failed on some runs, and with it the op that it is around: something that a report can say.
    fn hook_failed(&mut self, _hook: &Hook, _flows: &Flows<Self>) {}
    /// Divides the runs by a test.
    fn split(&mut self, cx: &Context, test: &Test<'_, Self::Value>, host: Self::Host) -> Split<Self::Host>;
    /// One world for the runs of both. Never called by a concrete run.
    fn join(&mut self, a: World<Self>, b: World<Self>) -> World<Self>;

    /// Evaluates one node. The domain may watch, and what is evaluated may fail.
    fn visit<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        node: &Node,
        world: World<Self>,
        act: Act<'_, P, Self>,
    ) -> Flows<Self>;
    /// Evaluates `body` for each element of `list`, from first to last, until one is done.
    fn repeat<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        list: &Self::Value,
        world: World<Self>,
        body: LoopBody<'_, P, Self>,
    ) -> Flows<Self>;
    /// Evaluates a callee in the frame given, which is not the caller's. The frames that come back are the callee's.
    fn call<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        command: &Arc<Command>,
        frame: Frame<Self::Value>,
        host: Self::Host,
    ) -> Flows<Self>;
    /// Evaluates `body` with a deadline so far from now.
    fn within<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        length: &Self::Value,
        world: World<Self>,
        body: Act<'_, P, Self>,
    ) -> Flows<Self>;
    /// Evaluates branches at the same time, at most so many if that is said, all from the same frame, and waits for all. What comes
    /// of them is put together by [`Engine::settled`].
    fn concurrently<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        branches: Branches<'_, P, Self>,
        most: Option<&Self::Value>,
        world: World<Self>,
    ) -> Flows<Self>;
    /// Evaluates the body of a command that a signal may end, and on such runs its handler behind it. The handler's flows are those of
    /// runs that end.
    fn interruptible<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        command: &Command,
        world: World<Self>,
        body: Act<'_, P, Self>,
        handler: Act<'_, P, Self>,
    ) -> Flows<Self>;
    /// Evaluates `body`, or in its place binds again what it has bound when it was stored.
    fn cached<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        entry: &CacheEntry<'_, Self::Value>,
        world: World<Self>,
        body: Act<'_, P, Self>,
    ) -> Flows<Self>;
}

/// What a `cache` block stores.
pub struct CacheEntry<'e, V> {
    /// Under which name.
    pub key: &'e V,
    /// How long it is good.
    pub ttl: &'e V,
    /// The names that the body can bind.
    pub names: &'e [String],
}

/// What runs at the same time.
pub enum Branches<'b, P, D: Domain> {
    /// These.
    Each(&'b [Branch<'b, P, D>]),
    /// One per element of a list.
    PerElement(&'b D::Value, LoopBody<'b, P, D>),
}

/// One of several that run at the same time.
pub type Branch<'b, P, D> = Box<dyn Fn(&mut Engine<'_, P, D>, &Context, World<D>) -> Flows<D> + Sync + 'b>;

/// What a node does. A domain may run it again from a copy of the same world.
pub type Act<'a, P, D> = &'a dyn Fn(&mut Engine<'_, P, D>, &Context, World<D>) -> Flows<D>;

/// One iteration.
pub type LoopBody<'a, P, D> =
    &'a (dyn Fn(&mut Engine<'_, P, D>, &Context, Turn<<D as Domain>::Value>, World<D>) -> Flows<D> + Sync);

/// Which iteration of a loop.
pub struct Turn<V> {
    /// The element.
    pub element: V,
    /// Whether it is the last one, if that is known.
    pub last: Option<bool>,
}

/// A loop over elements that are known, one after the other: for domains in which a run is in one place.
pub fn repeat_known<P: Program, D: Domain>(
    engine: &mut Engine<'_, P, D>,
    cx: &Context,
    elements: impl Iterator<Item = D::Value>,
    world: World<D>,
    body: LoopBody<'_, P, D>,
) -> Flows<D> {
    let mut flows = Flows::next(world);
    let mut elements = (0..).zip(elements).peekable();
    while let Some((index, element)) = elements.next() {
        let Some(world) = flows.next.take() else { break };
        let mut cx = cx.clone();
        cx.visit.push(index);
        let turn = Turn { element, last: Some(elements.peek().is_none()) };
        let done = body(engine, &cx, turn, world);
        flows.merge(&mut engine.domain, done);
    }
    flows
}
