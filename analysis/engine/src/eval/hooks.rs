//! Hooks: commands around ops (language §16).
//!
//! Hooks are around ops whose operands are there. Each time one runs is a visit of a node of its own beneath the op's: it stands where
//! its line stands, and is named by the op that it is around. Its handler is called as commands are, from the surroundings of the op,
//! and no frame comes back from it.

use std::sync::Arc;

use perch_ir::program::{Comparison, Hook, OpCall, Place, Program, Timing};

use super::blocks::unset;
use super::{Engine, Got, leaf};
use crate::faults::{Fault, active};
use crate::flows::{Failures, hidden, join_into};
use crate::{CallPath, Context, Domain, Flows, Frame, Test, World};

/// What the path of calls says of a node that is a hook.
pub const HOOKS: &str = "hooks";

/// The value of an op, while handlers run behind it.
const KEPT: &str = " kept";

/// What a handler sees of the op that it is around.
const OP: &str = "hook.op";
const TIMING: &str = "hook.timing";
const TARGET: &str = "hook.target";
const ERROR: &str = "hook.error";

/// An op that hooks are around.
pub(super) struct Around<'c, 'p, V> {
    hooks: Vec<&'p Hook>,
    call: &'c OpCall,
    /// Where the op stands.
    place: Place,
    /// The operands that say what it is about, the most telling first.
    about: Vec<V>,
    /// The frame without the variables of this op alone.
    before: Option<Frame<V>>,
}

impl<V> Around<'_, '_, V> {
    fn at(&self, timing: Timing) -> impl Iterator<Item = &Hook> {
        self.hooks.iter().copied().filter(move |hook| hook.timing == timing)
    }
}

impl<'p, P: Program, D: Domain> Engine<'p, P, D> {
    /// The hooks around an op, if there are any. Ops of handlers have none, and neither have those that ops are made of.
    pub(super) fn hooks_around<'c>(
        &self,
        cx: &Context,
        call: &'c OpCall,
        place: Place,
        operands: &[D::Value],
        before: Option<Frame<D::Value>>,
    ) -> Option<Around<'c, 'p, D::Value>> {
        let program = self.program;
        if program.hooks().is_empty() || cx.hooked || cx.inside.is_some() {
            return None;
        }
        let hooks: Vec<&'p Hook> = program.hooks().iter().filter(|hook| hook.is_around(call.op)).collect();
        let about = call.op.entry().about().filter_map(|at| operands.get(at).cloned()).collect();
        (!hooks.is_empty()).then_some(Around { hooks, call, place, about, before })
    }

    /// Ops that succeed or fail together, with what is around them.
    pub(super) fn hooked(
        &mut self,
        cx: &Context,
        around: &[Around<'_, '_, D::Value>],
        world: World<D>,
        perform: impl FnOnce(&mut Self, &Context, World<D>) -> Got<D>,
    ) -> Got<D> {
        let mut other = self.handled(cx, around, Timing::Before, world);
        let Some(world) = other.next.take() else { return Got { next: None, other } };
        let is_seen = around.iter().any(|one| one.at(Timing::OnError).next().is_some());
        let watched = Context { observed: cx.observed || is_seen, ..cx.clone() };
        let mut got = perform(self, &watched, world);
        if is_seen && !active(Fault::OnErrorMissed) {
            let failed = got.other.take_failed();
            let noticed = self.on_error(cx, around, got.next.is_some(), failed);
            got.other.merge(&mut self.domain, noticed);
        }
        other.merge(&mut self.domain, got.other);
        let Some((world, value)) = got.next else { return Got { next: None, other } };
        let after = self.after(cx, around, world, value);
        other.merge(&mut self.domain, after.other);
        Got { next: after.next, other }
    }

    /// The handlers behind ops that have succeeded, and the value that they gave.
    fn after(
        &mut self,
        cx: &Context,
        around: &[Around<'_, '_, D::Value>],
        mut world: World<D>,
        value: D::Value,
    ) -> Got<D> {
        world.frame.bindings.insert(KEPT.into(), value);
        let mut flows = self.handled(cx, around, Timing::After, world);
        if active(Fault::AfterNeverFails) {
            let world = flows.take_a_failure();
            join_into(&mut self.domain, &mut flows.next, world);
        }
        let next = flows.next.take().and_then(|mut world| {
            let value = world.frame.bindings.remove(KEPT)?;
            Some((world, value))
        });
        Got { next, other: flows.each_frame(|frame| drop(frame.bindings.remove(KEPT))) }
    }

    /// The handlers of one time, one after the other, until one fails.
    fn handled(
        &mut self,
        cx: &Context,
        around: &[Around<'_, '_, D::Value>],
        timing: Timing,
        world: World<D>,
    ) -> Flows<D> {
        self.one_by_one(around, timing, world, |engine, one, hook, world| {
            let mut done = engine.hook(cx, one, hook, None, world);
            engine.domain.hook_failed(hook, &done);
            if active(Fault::VetoIgnored) && timing == Timing::Before {
                let world = done.take_a_failure();
                join_into(&mut engine.domain, &mut done.next, world);
            }
            done
        })
    }

    /// What is done with each handler of one time, as long as runs go on.
    fn one_by_one<'s, 'h>(
        &mut self,
        around: &[Around<'s, 'h, D::Value>],
        timing: Timing,
        world: World<D>,
        run: impl Fn(&mut Self, &Around<'s, 'h, D::Value>, &Hook, World<D>) -> Flows<D>,
    ) -> Flows<D> {
        let mut flows = Flows::next(world);
        for (one, hook) in around.iter().flat_map(|one| one.at(timing).map(move |hook| (one, hook))) {
            let Some(world) = flows.next.take() else { break };
            let done = run(self, one, hook, world);
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    /// The handlers that notice failures, which go on. Failures of their own are dropped.
    fn on_error(
        &mut self,
        cx: &Context,
        around: &[Around<'_, '_, D::Value>],
        succeeded: bool,
        failed: Failures<D>,
    ) -> Flows<D> {
        let number = cx.tries;
        let mut flows = Flows::default();
        let others = cx.others || succeeded || failed.len() > 1;
        let cx =
            Context { tries: number + 1, observed: true, caught: true, timeouts_caught: true, others, ..cx.clone() };
        for (kind, mut world) in failed {
            let error = world.frame.bindings.get(hidden::MESSAGE).cloned();
            hidden::put_aside(&mut world.frame.bindings, number);
            let mut done = self.noticed(&cx, around, error.as_ref(), world);
            if let Some(mut world) = done.next.take() {
                hidden::take_up(&mut world.frame.bindings, number);
                flows.add_failure(&mut self.domain, kind, world);
            }
            let done = done.each_frame(|frame| hidden::drop_aside(&mut frame.bindings, number));
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    fn noticed(
        &mut self,
        cx: &Context,
        around: &[Around<'_, '_, D::Value>],
        error: Option<&D::Value>,
        world: World<D>,
    ) -> Flows<D> {
        self.one_by_one(around, Timing::OnError, world, |engine, one, hook, world| {
            let mut done = engine.hook(cx, one, hook, error, world);
            for (kind, mut world) in done.take_failed() {
                if active(Fault::OnErrorFails) {
                    done.add_failure(&mut engine.domain, kind, world);
                    continue;
                }
                hidden::settle(&mut world.frame.bindings);
                join_into(&mut engine.domain, &mut done.next, Some(world));
            }
            done
        })
    }

    /// One handler, once.
    fn hook(
        &mut self,
        cx: &Context,
        around: &Around<'_, '_, D::Value>,
        hook: &Hook,
        error: Option<&D::Value>,
        world: World<D>,
    ) -> Flows<D> {
        let calls = Arc::new(CallPath { outer: Some((Arc::clone(&cx.calls), around.place)), command: HOOKS.into() });
        let expanded = cx.expanded.iter().copied().chain([around.place]).collect();
        let hooked = !active(Fault::HandlersHaveHooks) || hook.timing != Timing::Before;
        let cx = Context { calls, expanded, blocks: cx.blocks + 1, file: 0, scope: 0, hooked, ..cx.clone() };
        let mut node = leaf(hook.timing.name(), &hook.source, hook.place, &cx);
        node.callee = Some(hook.handler.as_str().into());
        let before = world.frame.clone();
        let Some(world) = self.told(&cx, around, hook, error, world) else { return Flows::default() };
        let flows =
            self.visit(&cx, &node, world, &|engine, cx, world| engine.call(cx, hook.place, &hook.handler, &[], world));
        flows.each_frame(|inner| {
            let mut outer = hidden::in_flight(&before, inner);
            if active(Fault::HookStaysBound) {
                outer.bindings = inner.bindings.clone();
            }
            *inner = outer;
        })
    }

    /// What a handler sees: the bindings of the moment, and the op. Variables of that op alone are not its own.
    fn told(
        &mut self,
        cx: &Context,
        around: &Around<'_, '_, D::Value>,
        hook: &Hook,
        error: Option<&D::Value>,
        world: World<D>,
    ) -> Option<World<D>> {
        let mut world = world;
        if let Some(before) = &around.before {
            unset(&around.call.variables, before, &mut world.frame);
        }
        if active(Fault::HooksTellNothing) {
            return Some(world);
        }
        let none = self.domain.text("");
        let bindings = &mut world.frame.bindings;
        bindings.insert(OP.into(), self.domain.text(around.call.op.entry().name));
        bindings.insert(TIMING.into(), self.domain.text(hook.timing.name()));
        bindings.insert(ERROR.into(), error.cloned().unwrap_or(none));
        self.about(cx, &around.about, world)
    }

    /// What an op is about: the first of these operands that is not empty.
    fn about(&mut self, cx: &Context, operands: &[D::Value], world: World<D>) -> Option<World<D>> {
        let empty = self.domain.text("");
        let mut told = None;
        let mut open = Some(world);
        for (at, operand) in operands.iter().enumerate() {
            let Some(world) = open.take() else { break };
            // The last one is it, empty or not.
            let (mut named, rest) = if at + 1 == operands.len() {
                (Some(world), None)
            } else {
                let split = self.test(cx, &Test::Compare(Comparison::Equal, operand, &empty), world);
                (split.no, split.yes)
            };
            if let Some(world) = &mut named {
                world.frame.bindings.insert(TARGET.into(), operand.clone());
            }
            join_into(&mut self.domain, &mut told, named);
            open = rest;
        }
        if let Some(mut world) = open {
            world.frame.bindings.insert(TARGET.into(), empty);
            join_into(&mut self.domain, &mut told, Some(world));
        }
        told
    }
}
