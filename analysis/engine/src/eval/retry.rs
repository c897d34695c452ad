//! `retry`: a body again until it succeeds.
//!
//! The attempts are the iterations of a loop that ends early, when one has succeeded. An attempt that fails carries its
//! failure along, put aside, so that the last one can be raised.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use perch_ir::program::{Around, Block, Comparison, Operand, Program, Stmt};
use perch_ops::{Body, ErrorKind, OpId, Pure, Type};

use super::{Engine, inner, leaf};
use crate::faults::{Fault, active};
use crate::flows::{Way, hidden, join_into};
use crate::{Context, Domain, Flows, Node, Test, Turn, World};

/// The operands of a `retry`, between its head and its body.
const ATTEMPTS: &str = " attempts";
const DELAY: &str = " delay";
const LONGEST: &str = " longest";

/// How to wait. A wait is a visit of the block's own node, named by the attempt that it follows.
struct Waits<V> {
    node: Node,
    op: OpId,
    first: V,
    longest: V,
}

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn retry(&mut self, cx: &Context, stmt: &Stmt, block: &Block, world: World<D>) -> Flows<D> {
        let Around::Retry { attempts, wait, delay, max_delay } = &block.around else { return Flows::next(world) };
        let mut flows = self.head(cx, stmt, block, world, &|engine, cx, world| {
            engine.retry_head(cx, [attempts, delay, max_delay], world)
        });
        let Some(mut world) = flows.next.take() else { return flows };
        let taken = [ATTEMPTS, DELAY, LONGEST].map(|name| world.frame.bindings.remove(name));
        let [Some(attempts), Some(first), Some(longest)] = taken else { return flows };
        let waits = Waits { node: leaf(block.op, &stmt.source, stmt.place, cx), op: *wait, first, longest };
        let done = self.attempts(&inner(cx), &attempts, &waits, &block.body, world);
        flows.merge(&mut self.domain, done);
        flows
    }

    fn retry_head(&mut self, cx: &Context, operands: [&Operand; 3], world: World<D>) -> Flows<D> {
        let [attempts, delay, longest] = operands;
        let wanted = [
            (attempts, ATTEMPTS, Type::Int, "the number of attempts"),
            (delay, DELAY, Type::Duration, "the delay"),
            (longest, LONGEST, Type::Duration, "the longest delay"),
        ];
        let mut flows = Flows::next(world);
        for (operand, name, ty, what) in wanted {
            let Some(world) = flows.next.take() else { return flows };
            let got = self.checked(cx, operand, ty, what, world);
            let bound = self.bind(got, Some(name));
            flows.merge(&mut self.domain, bound);
        }
        let Some(world) = flows.next.take() else { return flows };
        let Some(attempts) = world.frame.bindings.get(ATTEMPTS).cloned() else { return flows };
        let one = self.domain.text("1");
        let split = self.test(cx, &Test::Compare(Comparison::GreaterOrEqual, &attempts, &one), world);
        flows.next = split.yes;
        if let Some(world) = split.no {
            let refused = self.refuse(cx, ErrorKind::InvalidArgument, "there must be at least one attempt", world);
            flows.merge(&mut self.domain, refused);
        }
        flows
    }

    fn attempts(
        &mut self,
        cx: &Context,
        attempts: &D::Value,
        waits: &Waits<D::Value>,
        body: &[Stmt],
        world: World<D>,
    ) -> Flows<D> {
        let number = cx.tries;
        let cx = Context { tries: number + 1, ..cx.clone() };
        let turns = self.domain.pure(Pure::Count, std::slice::from_ref(attempts));
        let kinds = Mutex::new(BTreeSet::new());
        let mut flows = D::repeat(self, &cx, &turns, world, &|engine, cx, turn, world| {
            let (flows, failed) = engine.attempt(cx, number, &turn, waits, body, world);
            kinds.lock().unwrap_or_else(PoisonError::into_inner).extend(failed);
            flows
        });
        // Only where it is not known which attempt is the last one does a failed one lead out of the loop.
        let used_up = flows.next.take();
        let kinds = kinds.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ways: Vec<Way> = kinds.into_iter().map(Way::Failed).collect();
        let raised = self.apart(&cx, number, used_up, &ways);
        flows.merge(&mut self.domain, raised);
        let done = flows.take_done();
        join_into(&mut self.domain, &mut flows.next, done);
        flows.each_frame(|frame| hidden::drop_aside(&mut frame.bindings, number))
    }

    /// One attempt, and in which ways it can fail such that another one follows.
    fn attempt(
        &mut self,
        cx: &Context,
        number: usize,
        turn: &Turn<D::Value>,
        waits: &Waits<D::Value>,
        body: &[Stmt],
        world: World<D>,
    ) -> (Flows<D>, Vec<ErrorKind>) {
        let is_last = turn.last == Some(true);
        let goes_on = turn.last == Some(false);
        let tried = Context { observed: true, caught: cx.caught || goes_on, ..cx.clone() };
        let mut flows = self.body(&tried, body, world);
        flows.leave_loop();
        if is_last {
            return (flows, Vec::new());
        }
        let mut kinds = Vec::new();
        for (kind, world) in flows.take_failed() {
            if kind == ErrorKind::TimeoutExceeded || active(Fault::NeverRetries) {
                flows.add_failure(&mut self.domain, kind, world);
                continue;
            }
            kinds.push(kind);
            let waited = self.wait(cx, number, kind, turn, waits, world);
            flows.merge(&mut self.domain, waited);
        }
        (flows, kinds)
    }

    /// The failure is put aside, and time passes; or it is raised, because a deadline comes before the next attempt.
    fn wait(
        &mut self,
        cx: &Context,
        number: usize,
        kind: ErrorKind,
        turn: &Turn<D::Value>,
        waits: &Waits<D::Value>,
        world: World<D>,
    ) -> Flows<D> {
        let operands = [waits.first.clone(), turn.element.clone(), waits.longest.clone()];
        let wait = self.domain.pure(Pure::Backoff, &operands);
        let split = self.test(cx, &Test::InTime(&wait), world);
        let mut flows = Flows::default();
        if let Some(world) = split.no {
            flows.add_failure(&mut self.domain, kind, world);
        }
        let Some(mut world) = split.yes else { return flows };
        hidden::put_aside(&mut world.frame.bindings, number);
        world.frame.bindings.insert(hidden::tag(number).into(), self.domain.text(kind.name()));
        let Body::Primitive(primitive) = waits.op.body() else { return Flows { next: Some(world), ..flows } };
        let waited = self.visit(cx, &waits.node, world, &|engine, cx, World { frame, host }| {
            let outcome = engine.domain.perform(cx, *primitive, std::slice::from_ref(&wait), &frame, host);
            let got = engine.outcome(cx, outcome, frame);
            engine.bind(got, None)
        });
        flows.merge(&mut self.domain, waited);
        flows
    }
}
