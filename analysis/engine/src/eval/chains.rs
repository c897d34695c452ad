//! Chains of programs.

use perch_ir::program::{Clause, Program, When};

use super::{Engine, inner, leaf};
use crate::faults::{Fault, active};
use crate::flows::{hidden, join_into};
use crate::{Context, Domain, Flows, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// `a && b || c ; d` (language §4.9). The chain stands at success on some runs and at failure on others.
    pub(super) fn chain(&mut self, cx: &Context, clauses: &[Clause], world: World<D>) -> Flows<D> {
        let mut stands = Flows::next(world);
        for (at, clause) in clauses.iter().enumerate() {
            let looked_at = clauses[at + 1..].iter().any(|later| later.when != When::Succeeded);
            let mut ready = None;
            if clause.when != When::Failed || active(Fault::OrRunsAnyway) {
                ready = stands.next.take();
            }
            if clause.when != When::Succeeded || active(Fault::AndRunsAnyway) {
                for (_, mut world) in stands.take_failed() {
                    hidden::settle(&mut world.frame.bindings);
                    join_into(&mut self.domain, &mut ready, Some(world));
                }
            }
            if active(Fault::SkippedClauseSucceeds) && ready.is_none() {
                stands.next = stands.next.take().or_else(|| stands.take_a_failure());
            }
            let Some(world) = ready else { continue };
            let cx = Context {
                observed: cx.observed || looked_at,
                caught: cx.caught || looked_at,
                timeouts_caught: cx.timeouts_caught || looked_at,
                others: cx.others || stands.next.is_some(),
                ..inner(cx)
            };
            let mut node = leaf(clause.call.op.entry().name, &clause.source, clause.place, &cx);
            node.clause = Some(at);
            let done = self.visit(&cx, &node, world, &|engine, cx, world| engine.op(cx, &clause.call, world));
            stands.merge(&mut self.domain, done);
        }
        stands
    }
}
