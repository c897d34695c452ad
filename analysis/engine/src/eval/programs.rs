//! Programs of which each reads what the one before it writes.

use perch_ir::program::{Clause, Program, Stmt};

use super::ops::own_variables;
use super::{Engine, Got, leaf};
use crate::domain::Stage;
use crate::faults::{Fault, active};
use crate::flows::join_into;
use crate::{Context, Domain, Flows, World};

/// A program that is ready to be started, and the world after it has got ready.
type Staged<D> = (World<D>, Stage<<D as Domain>::Value>);

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn pipe(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        stages: &[Clause],
        bind: Option<&str>,
        world: World<D>,
    ) -> Flows<D> {
        let node = leaf("pipe", &stmt.source, stmt.place, cx);
        self.visit(cx, &node, world, &|engine, cx, world| {
            let cx = &Context { captured: bind.is_some() || cx.captured, ..cx.clone() };
            let mut flows = Flows::default();
            let mut world = world;
            let mut started = Vec::new();
            let mut around = Vec::new();
            for clause in stages {
                let (next, other) = engine.stage(cx, clause, world);
                flows.merge(&mut engine.domain, other);
                let Some((next, stage)) = next else { return flows };
                world = next;
                around.extend(engine.hooks_around(cx, &clause.call, clause.place, &stage.words, None));
                started.push(stage);
            }
            let got = engine.hooked(cx, &around, world, |engine, cx, world| {
                let (mut next, mut other) = (Some(world), Flows::default());
                for clause in stages {
                    let Some(world) = next.take() else { break };
                    let asked = engine.usable(cx, clause.call.op, world);
                    next = asked.0;
                    other.merge(&mut engine.domain, asked.1);
                }
                let Some(World { frame, host }) = next else { return Got { next: None, other } };
                let outcome = engine.domain.pipeline(cx, &started, host);
                let got = engine.outcome(cx, outcome, frame);
                other.merge(&mut engine.domain, got.other);
                Got { next: got.next, other }
            });
            let mut done = engine.bind(got, bind);
            if active(Fault::PipeIgnoresFailures)
                && let Some(world) = done.take_a_failure()
            {
                join_into(&mut engine.domain, &mut done.next, Some(world));
            }
            flows.merge(&mut engine.domain, done);
            flows
        })
    }

    /// The words of a program, and what it sees.
    fn stage(&mut self, cx: &Context, clause: &Clause, world: World<D>) -> (Option<Staged<D>>, Flows<D>) {
        let before = world.frame.clone();
        let mut other = self.set(cx, &clause.call.variables, world);
        let Some(world) = other.next.take() else { return (None, other) };
        let frame = self.with_exported(cx, &world.frame);
        let variables = own_variables(&clause.call, &frame);
        let (next, failed) = self.given_operands(cx, &clause.call, world);
        other.merge(&mut self.domain, failed);
        let Some((world, words)) = next else { return (None, other) };
        (Some((World { frame: before, host: world.host }, Stage { words, frame, variables })), other)
    }
}
