//! What the evaluator needs from a domain.

use perch_ir::program::{ArgType, Command, Comparison, Program};
use perch_ops::{ErrorKind, Primitive, Pure};
use std::sync::Arc;

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
    OfType(ArgType, &'v V),
    /// Is it an exit status, 0 to 255?
    Status(&'v V),
    /// Is it bound? Joins of frames make values that are bound on some runs only.
    Bound(&'v V),
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
}

/// What a primitive gives.
pub struct Outcome<D: Domain> {
    /// It succeeded with this value.
    pub next: Option<(D::Host, D::Value)>,
    /// It failed.
    pub failed: Vec<(Raised<D::Value>, D::Host)>,
}

/// What values are, what the host is, and what primitives do.
///
/// The three methods at the end are handed the engine: only a domain may evaluate a part of the program
/// more than once, or not at all.
pub trait Domain: Sized {
    /// A value; a text in the language.
    type Value: Clone;
    /// The host. Not `Clone` for a concrete domain.
    type Host;

    /// A known text.
    fn text(&mut self, text: &str) -> Self::Value;
    /// Texts one after the other.
    fn concat(&mut self, parts: &[Self::Value]) -> Self::Value;
    /// `value` on runs where it is bound, `fallback` elsewhere.
    fn bound_or(&mut self, value: Self::Value, fallback: Self::Value) -> Self::Value;
    /// The result of a pure op.
    fn pure(&mut self, function: Pure, operands: &[Self::Value]) -> Self::Value;
    /// The value of a fact that every program may name (`os`, `is_linux` …), if there is one of that name.
    fn fact(&mut self, name: &str, cwd: &Self::Value) -> Option<Self::Value>;

    /// Performs a primitive.
    fn perform(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Self::Value],
        cwd: &Self::Value,
        host: Self::Host,
    ) -> Outcome<Self>;
    /// Asks the policy on behalf of an op with a program. `asks` count operands.
    fn ask(
        &mut self,
        cx: &Context,
        asks: &'static [perch_ops::contract::Ask],
        operands: &[Self::Value],
        cwd: &Self::Value,
        host: Self::Host,
    ) -> Outcome<Self>;
    /// The value of an environment variable for `${name}`; unset is `unresolved_var`.
    fn variable(&mut self, cx: &Context, name: &str, host: Self::Host) -> Outcome<Self>;
    /// A failure that the evaluator has found. Nothing but a report that goes on behind it continues.
    fn raise(&mut self, cx: &Context, kind: ErrorKind, message: Self::Value, host: Self::Host) -> Outcome<Self>;
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
    /// Evaluates `body` for each element of `list`, from first to last.
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
}

/// What a node does. A domain may run it again from a copy of the same world.
pub type Act<'a, P, D> = &'a dyn Fn(&mut Engine<'_, P, D>, &Context, World<D>) -> Flows<D>;

/// One iteration.
pub type LoopBody<'a, P, D> = &'a dyn Fn(&mut Engine<'_, P, D>, &Context, <D as Domain>::Value, World<D>) -> Flows<D>;

/// A loop over elements that are known, one after the other: for domains in which a run is in one place.
pub fn repeat_known<P: Program, D: Domain>(
    engine: &mut Engine<'_, P, D>,
    cx: &Context,
    elements: impl Iterator<Item = D::Value>,
    world: World<D>,
    body: LoopBody<'_, P, D>,
) -> Flows<D> {
    let mut flows = Flows::next(world);
    for (index, element) in (0..).zip(elements) {
        let Some(world) = flows.next.take() else { break };
        let mut cx = cx.clone();
        cx.visit.push(index);
        let done = body(engine, &cx, element, world);
        flows.merge(&mut engine.domain, done);
    }
    flows
}
