//! `try`, `rescue` and `finally`.

use perch_ir::program::{Program, Stmt};
use perch_ops::ErrorKind;

use super::Engine;
use crate::faults::{Fault, active};
use crate::flows::{Way, hidden, join_into};
use crate::{Context, Domain, Flows, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn try_stmt(
        &mut self,
        cx: &Context,
        body: &[Stmt],
        rescue: Option<&(String, Vec<Stmt>)>,
        finally: &[Stmt],
        world: World<D>,
    ) -> Flows<D> {
        let watched = Context { observed: true, finally: cx.finally || !finally.is_empty(), ..cx.clone() };
        let tried = Context {
            caught: cx.caught || rescue.is_some(),
            timeouts_caught: cx.timeouts_caught || rescue.is_some(),
            ..watched.clone()
        };
        let mut flows = self.body(&tried, body, world);
        if let Some((name, arm)) = rescue {
            if active(Fault::ExitIsRescued)
                && let Some(world) = flows.take_exited()
            {
                flows.add_failure(&mut self.domain, ErrorKind::UserFail, world);
            }
            let failed = flows.take_failed();
            let mut open = failed.len();
            for (kind, world) in failed {
                open -= 1;
                let others = watched.others || flows.next.is_some() || open > 0;
                let done = self.rescue(&Context { others, ..watched.clone() }, kind, name, arm, world);
                flows.merge(&mut self.domain, done);
            }
        }
        if finally.is_empty() { flows } else { self.finally(&watched, finally, flows) }
    }

    /// The rescue arm for failures of one kind.
    pub(super) fn rescue(
        &mut self,
        cx: &Context,
        kind: ErrorKind,
        name: &str,
        arm: &[Stmt],
        world: World<D>,
    ) -> Flows<D> {
        let mut world = world;
        let bindings = &mut world.frame.bindings;
        let names = ["", ".kind", ".message", ".code", ".op", ".detail"].map(|part| format!("{name}{part}"));
        let before: Vec<_> = names.iter().map(|name| hidden::bound(bindings, name)).collect();
        let message = bindings.remove(hidden::MESSAGE);
        let what = [
            message.clone(),
            Some(self.domain.text(kind.name())),
            message,
            bindings.remove(hidden::CODE),
            bindings.remove(hidden::OP),
            bindings.remove(hidden::DETAIL),
        ];
        bindings.remove(hidden::PLACE);
        if !active(Fault::RescueBindsNothing) {
            for (name, value) in names.iter().zip(what).filter_map(|(name, value)| Some((name, value?))) {
                hidden::bind(bindings, name, value);
            }
        }
        let mut flows = self.body(cx, arm, world);
        if active(Fault::RescueSwallows) && flows.next.is_none() {
            flows.next = flows.take_a_failure();
        }
        flows.each_frame(|frame| {
            for (name, before) in names.iter().zip(&before) {
                hidden::rebind(&mut frame.bindings, name, before);
            }
        })
    }

    /// `finally`, once, on the runs of every continuation, which a hidden tag tells apart afterwards.
    pub(super) fn finally(&mut self, cx: &Context, finally: &[Stmt], flows: Flows<D>) -> Flows<D> {
        let depth = cx.tries;
        let mut flows = flows;
        let skipped = if active(Fault::FinallyMissesExit) { flows.take_exited() } else { None };
        let mut after = Flows::default();
        if let (Some(world), ways) = self.gathered(depth, flows) {
            let cx = Context { tries: depth + 1, ..cx.clone() };
            let done = self.body(&cx, finally, world);
            after = self.still_told_to_end(depth, done);
            let open = after.next.take();
            let mut apart = self.apart(&cx, depth, open, &ways);
            if active(Fault::FinallySwallows) {
                let world = apart.take_a_failure();
                join_into(&mut self.domain, &mut apart.next, world);
            }
            after.merge(&mut self.domain, apart);
        }
        after.add_exited(&mut self.domain, skipped);
        after.each_frame(|frame| hidden::drop_aside(&mut frame.bindings, depth))
    }

    /// What comes of a `finally` arm. A run that has been told to end ends as it was told to, whatever comes of the arm: were it a
    /// failure, somebody could rescue it. What the arm has failed at stays bound.
    fn still_told_to_end(&mut self, depth: usize, arm: Flows<D>) -> Flows<D> {
        let told = hidden::aside(hidden::TOLD, depth);
        let is_told = |world: &World<D>| world.frame.bindings.contains_key(told.as_str());
        if !arm.worlds().any(is_told) {
            return arm;
        }
        let mut flows = Flows::default();
        for (way, mut world) in arm.ways() {
            let ends = way != Way::Next && is_told(&world);
            if ends {
                hidden::take_up(&mut world.frame.bindings, depth);
            }
            flows.add(&mut self.domain, if ends { Way::Exited } else { way }, world);
        }
        flows
    }
}
