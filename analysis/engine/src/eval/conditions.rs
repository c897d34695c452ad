//! Conditions: which runs go which way.

use perch_ir::program::{Clause, Comparison, Cond, OpCall, Operand, Program, Text};

use super::ops::yields_status;
use super::{Engine, Got};
use crate::faults::{Fault, active};
use crate::flows::{hidden, join_into};
use crate::{Context, Domain, Flows, Split, Test, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// Divides the runs by a condition; the other flows are those on which it fails.
    pub(super) fn cond(&mut self, cx: &Context, cond: &Cond, world: World<D>) -> (Split<World<D>>, Flows<D>) {
        match cond {
            Cond::Not(inner) => {
                let (split, other) = self.cond(cx, inner, world);
                if active(Fault::NotIgnored) { (split, other) } else { (Split { yes: split.no, no: split.yes }, other) }
            }
            Cond::And(conds) => self.all(cx, conds, world, true),
            Cond::Or(conds) => self.all(cx, conds, world, active(Fault::OrIsAnd)),
            Cond::Compare { left, op, right } => self.compare(cx, left, *op, right, world),
            Cond::Truth(name) => (self.truth(cx, name, world), Flows::default()),
            Cond::Predicate(call) => self.predicate(cx, call, world),
            Cond::TruthOrPredicate(name, call) => self.truth_or_predicate(cx, name, call, world),
            Cond::Programs(clauses) => self.programs(cx, clauses, world),
            Cond::NotYet(_) => (Split { yes: None, no: None }, self.not_yet(cx, world)),
        }
    }

    /// Whether what a name is bound to is true. Of exit statuses, 0 is.
    fn truth(&mut self, cx: &Context, name: &str, world: World<D>) -> Split<World<D>> {
        let value = self.condition_name(cx, name, &world.frame);
        let Some(status) = hidden::status_of(&world.frame.bindings, name) else {
            return self.test(cx, &Test::Truth(&value), world);
        };
        let mut split = Split { yes: None, no: None };
        let bound = self.test(cx, &Test::Bound(&status), world);
        let mut text = bound.no;
        if let Some(world) = bound.yes {
            // The name may have come to mean something else.
            let still = self.test(cx, &Test::Compare(Comparison::Equal, &value, &status), world);
            join_into(&mut self.domain, &mut text, still.no);
            if let Some(world) = still.yes {
                split = self.succeeded(cx, &value, world);
            }
        }
        if let Some(world) = text {
            let other = self.test(cx, &Test::Truth(&value), world);
            join_into(&mut self.domain, &mut split.yes, other.yes);
            join_into(&mut self.domain, &mut split.no, other.no);
        }
        split
    }

    /// Whether an exit status is that of success.
    fn succeeded(&mut self, cx: &Context, status: &D::Value, world: World<D>) -> Split<World<D>> {
        let success = self.domain.text("0");
        self.test(cx, &Test::Compare(Comparison::Equal, status, &success), world)
    }

    /// `and` (`conjunction`) and `or`, from the left, until decided.
    pub(super) fn all(
        &mut self,
        cx: &Context,
        conds: &[Cond],
        world: World<D>,
        conjunction: bool,
    ) -> (Split<World<D>>, Flows<D>) {
        let mut other = Flows::default();
        let mut decided = None;
        let mut open = Some(world);
        for cond in conds {
            let Some(world) = open.take() else { break };
            let (split, failed) = self.cond(cx, cond, world);
            other.merge(&mut self.domain, failed);
            let (goes_on, stops) = if conjunction { (split.yes, split.no) } else { (split.no, split.yes) };
            join_into(&mut self.domain, &mut decided, stops);
            open = goes_on;
        }
        let split = if conjunction { Split { yes: open, no: decided } } else { Split { yes: decided, no: open } };
        (split, other)
    }

    pub(super) fn compare(
        &mut self,
        cx: &Context,
        left: &Operand,
        op: Comparison,
        right: &Text,
        world: World<D>,
    ) -> (Split<World<D>>, Flows<D>) {
        let left = match left {
            Operand::Name(name) => {
                let value = self.condition_name(cx, name, &world.frame);
                Got::value(world, value)
            }
            Operand::Text(text) => self.text(cx, text, world),
        };
        let mut other = left.other;
        let Some((world, left)) = left.next else { return (Split { yes: None, no: None }, other) };
        let right = self.text(cx, right, world);
        other.merge(&mut self.domain, right.other);
        let Some((world, right)) = right.next else { return (Split { yes: None, no: None }, other) };
        (self.test(cx, &Test::Compare(op, &left, &right), world), other)
    }

    pub(super) fn predicate(&mut self, cx: &Context, call: &OpCall, world: World<D>) -> (Split<World<D>>, Flows<D>) {
        let cx = Context { observed: true, captured: true, op: call.op.entry().name, ..cx.clone() };
        let got = self.op_value(&cx, call, world);
        let split = match got.next {
            Some((world, value)) if yields_status(call) => self.succeeded(&cx, &value, world),
            Some((world, value)) => self.test(&cx, &Test::Truth(&value), world),
            None => Split { yes: None, no: None },
        };
        (split, got.other)
    }

    /// A chain as a condition: where it stands at success, it holds. What its programs print is shown.
    fn programs(&mut self, cx: &Context, clauses: &[Clause], world: World<D>) -> (Split<World<D>>, Flows<D>) {
        let watched = Context { observed: true, caught: true, timeouts_caught: true, captured: false, ..cx.clone() };
        let mut flows = self.chain(&watched, clauses, world);
        let mut no = None;
        for (_, mut world) in flows.take_failed() {
            hidden::settle(&mut world.frame.bindings);
            join_into(&mut self.domain, &mut no, Some(world));
        }
        (Split { yes: flows.next.take(), no }, flows)
    }

    pub(super) fn truth_or_predicate(
        &mut self,
        cx: &Context,
        name: &str,
        call: &OpCall,
        world: World<D>,
    ) -> (Split<World<D>>, Flows<D>) {
        let value = match (world.frame.bindings.get(name).cloned(), self.shared_value(cx, name)) {
            (Some(own), Some(shared)) => self.domain.bound_or(own, shared),
            (Some(value), None) | (None, Some(value)) => value,
            (None, None) => return self.predicate(cx, call, world),
        };
        let bound = self.test(cx, &Test::Bound(&value), world);
        let mut split = match bound.yes {
            Some(world) => self.test(cx, &Test::Truth(&value), world),
            None => Split { yes: None, no: None },
        };
        let Some(world) = bound.no else { return (split, Flows::default()) };
        let (second, other) = self.predicate(cx, call, world);
        join_into(&mut self.domain, &mut split.yes, second.yes);
        join_into(&mut self.domain, &mut split.no, second.no);
        (split, other)
    }

    pub(super) fn test(&mut self, cx: &Context, test: &Test<'_, D::Value>, world: World<D>) -> Split<World<D>> {
        let World { frame, host } = world;
        let split = self.domain.split(cx, test, host);
        Split {
            yes: split.yes.map(|host| World { frame: frame.clone(), host }),
            no: split.no.map(|host| World { frame, host }),
        }
    }
}
