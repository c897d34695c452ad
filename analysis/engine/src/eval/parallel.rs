//! `parallel`: branches that run at the same time.
//!
//! How they run is the domain's business. What comes of them is settled here, once all have ended: each starts from the same
//! frame, and nothing of its frame remains. An `exit` goes before a deadline, and that before a failure; of several, the first in
//! the order of the source counts. The failures that do not count are in the detail of the one that does.

use std::sync::Arc;

use perch_ir::program::{Block, Operand, Program, Stmt, StmtKind};
use perch_ops::Type;

use super::{Engine, RESULT, inner};
use crate::domain::{Branch, Branches};
use crate::faults::{Fault, active};
use crate::flows::{Way, hidden, join_into};
use crate::{Context, Domain, Flows, Frame, Turn, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn parallel(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        block: &Block,
        max: Option<&Operand>,
        world: World<D>,
    ) -> Flows<D> {
        let mut flows = self.head(cx, stmt, block, world, &|engine, cx, world| match max {
            Some(max) => {
                let got = engine.checked(cx, max, Type::Int, "the number of branches at a time", world);
                engine.bind(got, Some(RESULT))
            }
            None => Flows::next(world),
        });
        let Some(mut world) = flows.next.take() else { return flows };
        let most = max.and_then(|_| world.frame.bindings.remove(RESULT));
        let cx = inner(cx);
        let done = match block.body.as_slice() {
            [only] if matches!(only.kind, StmtKind::ForEach { .. }) => self.fan_out(&cx, only, most.as_ref(), world),
            body => {
                let branches: Vec<Branch<'_, P, D>> = body.iter().map(branch).collect();
                D::concurrently(self, &cx, Branches::Each(&branches), most.as_ref(), world)
            }
        };
        flows.merge(&mut self.domain, done);
        flows
    }

    /// A loop that is the only statement: its iterations are the branches.
    fn fan_out(&mut self, cx: &Context, stmt: &Stmt, most: Option<&D::Value>, world: World<D>) -> Flows<D> {
        let StmtKind::ForEach { list, name, body } = &stmt.kind else { return Flows::next(world) };
        let mut flows = self.loop_head(cx, stmt, list, world);
        let Some(mut world) = flows.next.take() else { return flows };
        let Some(elements) = world.frame.bindings.remove(RESULT) else { return flows };
        let cx = inner(cx);
        let element = |engine: &mut Engine<'_, P, D>, cx: &Context, turn: Turn<D::Value>, mut world: World<D>| {
            hidden::bind(&mut world.frame.bindings, name, turn.element);
            engine.body(cx, body, world)
        };
        let done = D::concurrently(self, &cx, Branches::PerElement(&elements, &element), most, world);
        flows.merge(&mut self.domain, done);
        flows
    }

    /// Branches one after the other, for domains in which that is the same. `between` is called before each and at the end.
    pub fn in_turn(
        &mut self,
        cx: &Context,
        branches: &[&Branch<'_, P, D>],
        world: World<D>,
        between: &mut dyn FnMut(&mut D, &mut World<D>),
    ) -> Flows<D> {
        let first = cx.tries;
        let inside = Context { tries: first + branches.len(), ..cx.clone() };
        let frame = world.frame.clone();
        let mut open = Some(world);
        let mut ways = Vec::new();
        for (at, branch) in branches.iter().enumerate() {
            let Some(mut world) = open.take() else { break };
            between(&mut self.domain, &mut world);
            let flows = branch(self, &inside, world).each_frame(|inner| *inner = carried(&frame, inner));
            let (world, these) = self.gathered(first + at, flows);
            ways.push(these);
            open = world;
        }
        let Some(mut world) = open else { return Flows::default() };
        between(&mut self.domain, &mut world);
        self.settled(cx, &frame, &ways, world)
    }

    /// What comes of branches that have all ended. Number N of them has left the way that it went, and what it carries, in the
    /// world under the number `cx.tries + N`.
    pub fn settled(&mut self, cx: &Context, frame: &Frame<D::Value>, ways: &[Vec<Way>], world: World<D>) -> Flows<D> {
        let mut open = Some(world);
        let mut flows = Flows::default();
        let ranks: [fn(&Way) -> bool; 3] =
            [|way| matches!(way, Way::Exited), |way| matches!(way, Way::Late(_)), |way| matches!(way, Way::Failed(_))];
        for counts in ranks {
            for (at, of_branch) in ways.iter().enumerate() {
                for way in of_branch.iter().filter(|way| counts(way)) {
                    let Some(world) = self.going(cx, cx.tries + at, &mut open, *way) else { continue };
                    if let Some(world) = self.with_other_failures(cx, at, ways, world) {
                        flows.add(&mut self.domain, *way, world);
                    }
                }
            }
        }
        if active(Fault::BranchesNeverFail)
            && let Some(world) = flows.take_a_failure()
        {
            join_into(&mut self.domain, &mut open, Some(world));
        }
        join_into(&mut self.domain, &mut flows.next, open);
        flows.each_frame(|inner| *inner = hidden::in_flight(frame, inner))
    }

    /// Adds the failures of branches behind number `at` to the detail of its own.
    fn with_other_failures(&mut self, cx: &Context, at: usize, ways: &[Vec<Way>], world: World<D>) -> Option<World<D>> {
        let mut world = Some(world);
        for (other, of_branch) in ways.iter().enumerate().skip(at + 1) {
            let number = cx.tries + other;
            let mut all = None;
            for way in of_branch {
                let Some(mut one) = self.tagged(cx, number, &mut world, *way) else { continue };
                if let Way::Failed(kind) = way {
                    self.add_detail(&mut one.frame, number, kind.name());
                }
                join_into(&mut self.domain, &mut all, Some(one));
            }
            join_into(&mut self.domain, &mut all, world);
            world = all;
        }
        world
    }

    fn add_detail(&mut self, frame: &mut Frame<D::Value>, number: usize, kind: &str) {
        let message = frame.bindings.get(hidden::aside(hidden::MESSAGE, number).as_str()).cloned();
        let detail = frame.bindings.get(hidden::DETAIL).cloned();
        let newline = self.domain.text(&format!("{kind}: "));
        let parts: Vec<D::Value> =
            detail.into_iter().chain([newline]).chain(message).chain([self.domain.text("\n")]).collect();
        let detail = self.domain.concat(&parts);
        frame.bindings.insert(hidden::DETAIL.into(), detail);
    }
}

fn branch<'b, P: Program, D: Domain>(stmt: &'b Stmt) -> Branch<'b, P, D> {
    Box::new(move |engine, cx, world| engine.body(cx, std::slice::from_ref(stmt), world))
}

/// The frame that all branches start from, with what a branch carries on: the ways that it and those before it went.
fn carried<V: Clone>(frame: &Frame<V>, inner: &Frame<V>) -> Frame<V> {
    let mut carried = frame.clone();
    let is_carried = |name: &str| name.starts_with(' ') && !hidden::is_environment(name);
    let more = inner.bindings.iter().filter(|(name, _)| is_carried(name) && !frame.bindings.contains_key(&**name));
    carried.bindings.extend(more.map(|(name, value)| (Arc::clone(name), value.clone())));
    carried
}
