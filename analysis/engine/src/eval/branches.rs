//! `if` and `match`.

use perch_ir::program::{Comparison, Cond, Operand, Program, Stmt, Text};

use super::{Engine, RESULT, inner, leaf};
use crate::faults::{Fault, active};
use crate::flows::join_into;
use crate::{Context, Domain, Flows, Test, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn if_stmt(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        arms: &[(Cond, Vec<Stmt>)],
        otherwise: &[Stmt],
        world: World<D>,
    ) -> Flows<D> {
        let node = leaf("if", &stmt.source, stmt.place, cx);
        let chosen = self.visit(cx, &node, world, &|engine, cx, world| {
            let mut flows = Flows::default();
            let mut open = Some(world);
            for (at, (cond, _)) in arms.iter().enumerate() {
                let Some(world) = open.take() else { break };
                let (split, failed) = engine.cond(cx, cond, world);
                flows.merge(&mut engine.domain, failed);
                engine.choose(&mut flows, at, split.yes);
                open = split.no;
            }
            engine.choose(&mut flows, arms.len(), open);
            flows
        });
        let bodies: Vec<&[Stmt]> = arms.iter().map(|(_, body)| body.as_slice()).chain([otherwise]).collect();
        self.arms(&inner(cx), &bodies, chosen)
    }

    pub(super) fn match_stmt(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        target: &Operand,
        arms: &[(Text, Vec<Stmt>)],
        otherwise: &[Stmt],
        world: World<D>,
    ) -> Flows<D> {
        let node = leaf("match", &stmt.source, stmt.place, cx);
        let chosen = self.visit(cx, &node, world, &|engine, cx, world| {
            let (next, mut flows) = engine.operands(cx, std::slice::from_ref(target), world);
            let Some((world, targets)) = next else { return flows };
            let mut open = Some(world);
            for (at, (case, _)) in arms.iter().enumerate() {
                let Some(world) = open.take() else { break };
                let case = engine.text(cx, case, world);
                flows.merge(&mut engine.domain, case.other);
                let Some((world, case)) = case.next else { break };
                let split = engine.test(cx, &Test::Compare(Comparison::Equal, &targets[0], &case), world);
                engine.choose(&mut flows, at, split.yes);
                open = split.no;
            }
            engine.choose(&mut flows, arms.len(), open);
            flows
        });
        let bodies: Vec<&[Stmt]> = arms.iter().map(|(_, body)| body.as_slice()).chain([otherwise]).collect();
        if active(Fault::MatchFallsThrough) {
            let both: Vec<Stmt> = bodies.iter().take(2).flat_map(|body| body.to_vec()).collect();
            return self.arms(&inner(cx), &[vec![both.as_slice()], bodies[1..].to_vec()].concat(), chosen);
        }
        self.arms(&inner(cx), &bodies, chosen)
    }

    /// Notes that these runs take arm `at`.
    pub(super) fn choose(&mut self, flows: &mut Flows<D>, at: usize, world: Option<World<D>>) {
        let Some(mut world) = world else { return };
        let at = if active(Fault::FirstArmAlways) { 0 } else { at };
        let arm = self.domain.text(&at.to_string());
        world.frame.bindings.insert(RESULT.into(), arm);
        join_into(&mut self.domain, &mut flows.next, Some(world));
    }

    /// Evaluates the arm that each run has chosen.
    pub(super) fn arms(&mut self, cx: &Context, bodies: &[&[Stmt]], mut chosen: Flows<D>) -> Flows<D> {
        let mut open = chosen.next.take();
        let Some(arm) = open.as_mut().and_then(|world| world.frame.bindings.remove(RESULT)) else { return chosen };
        let mut flows = chosen;
        for (at, body) in bodies.iter().enumerate() {
            let Some(world) = open.take() else { break };
            let this = self.domain.text(&at.to_string());
            let split = self.test(cx, &Test::Compare(Comparison::Equal, &arm, &this), world);
            open = split.no;
            let Some(world) = split.yes else { continue };
            let cx = Context { others: cx.others || open.is_some() || flows.next.is_some(), ..cx.clone() };
            let done = self.body(&cx, body, world);
            flows.merge(&mut self.domain, done);
        }
        flows
    }
}
