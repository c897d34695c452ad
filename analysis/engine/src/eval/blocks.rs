//! Blocks: a body in other surroundings.
//!
//! The node of a block stands for its head: what is evaluated there, and can fail. The surroundings end with the body, however
//! that ends.

use perch_ir::program::{Around, Block, Comparison, OpCall, Operand, Program, Stmt, Text};
use perch_ops::{ErrorKind, Type};
use perch_policy::Mask;

use super::{Engine, Got, RESULT, inner, leaf};
use crate::domain::CacheEntry;
use crate::faults::{Fault, active};
use crate::flows::{hidden, join_into};
use crate::{Context, Domain, Flows, Frame, Split, Test, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn block(&mut self, cx: &Context, stmt: &Stmt, block: &Block, world: World<D>) -> Flows<D> {
        match &block.around {
            Around::Only { fact, wanted } => self.only(cx, stmt, block, fact, wanted, world),
            Around::Cwd(enter) => self.with_cwd(cx, stmt, block, enter, world),
            Around::Env(pairs) => self.with_env(cx, stmt, block, pairs, world),
            Around::Sandbox(mask) => self.sandbox(cx, stmt, block, *mask, world),
            Around::Retry { .. } => self.retry(cx, stmt, block, world),
            Around::Timeout(length) => self.timeout(cx, stmt, block, length, world),
            Around::Parallel { max } => self.parallel(cx, stmt, block, max.as_ref(), world),
            Around::Cache { key, ttl } => self.cache(cx, stmt, block, [key, ttl], world),
        }
    }

    /// The head of a block as a node.
    pub(super) fn head(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        block: &Block,
        world: World<D>,
        act: crate::domain::Act<'_, P, D>,
    ) -> Flows<D> {
        self.visit(cx, &leaf(block.op, &stmt.source, stmt.place, cx), world, act)
    }

    /// `os W`, `arch W`
    fn only(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        block: &Block,
        fact: &str,
        wanted: &Operand,
        world: World<D>,
    ) -> Flows<D> {
        let chosen = self.head(cx, stmt, block, world, &|engine, cx, world| {
            let (next, mut flows) = engine.operands(cx, std::slice::from_ref(wanted), world);
            let Some((world, wanted)) = next else { return flows };
            let Split { yes, no } = engine.is_host(cx, fact, &wanted[0], world);
            engine.choose(&mut flows, 0, yes);
            engine.choose(&mut flows, 1, no);
            flows
        });
        self.arms(&inner(cx), &[&block.body, &[]], chosen)
    }

    /// A fact of the host, whatever is bound under its name.
    fn machine_fact(&mut self, cx: &Context, name: &str, frame: &Frame<D::Value>) -> D::Value {
        self.fact(cx, name, &frame.cwd).unwrap_or_else(|| self.domain.text(""))
    }

    /// Whether a fact of the host is that; `unix` is every system but Windows.
    pub(super) fn is_host(&mut self, cx: &Context, fact: &str, wanted: &D::Value, world: World<D>) -> Split<World<D>> {
        let found = self.machine_fact(cx, fact, &world.frame);
        let mut split = self.test(cx, &Test::Compare(Comparison::Equal, &found, wanted), world);
        let Some(world) = split.no.take().filter(|_| !active(Fault::UnixIsNothing)) else { return split };
        let unix = self.domain.text("unix");
        let named = self.test(cx, &Test::Compare(Comparison::Equal, wanted, &unix), world);
        split.no = named.no;
        if let Some(world) = named.yes {
            let is_unix = self.machine_fact(cx, "is_unix", &world.frame);
            let is = self.test(cx, &Test::Truth(&is_unix), world);
            join_into(&mut self.domain, &mut split.yes, is.yes);
            join_into(&mut self.domain, &mut split.no, is.no);
        }
        split
    }

    fn with_cwd(&mut self, cx: &Context, stmt: &Stmt, block: &Block, enter: &OpCall, world: World<D>) -> Flows<D> {
        let before = world.frame.cwd.clone();
        let mut flows = self.head(cx, stmt, block, world, &|engine, cx, world| engine.entered(cx, enter, world));
        let Some(world) = flows.next.take() else { return flows };
        let done = self.body(&inner(cx), &block.body, world);
        let done = done.each_frame(|frame| {
            if !active(Fault::CwdStays) {
                frame.cwd = before.clone();
            }
        });
        flows.merge(&mut self.domain, done);
        flows
    }

    fn with_env(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        block: &Block,
        pairs: &[(String, Text)],
        world: World<D>,
    ) -> Flows<D> {
        let before = world.frame.clone();
        let mut flows = self.head(cx, stmt, block, world, &|engine, cx, world| engine.set(cx, pairs, world));
        let Some(world) = flows.next.take() else { return flows };
        let done = self.body(&inner(cx), &block.body, world);
        let done = done.each_frame(|frame| unset(pairs, &before, frame));
        flows.merge(&mut self.domain, done);
        flows
    }

    /// Sets variables, all texts evaluated before the first is set.
    pub(super) fn set(&mut self, cx: &Context, pairs: &[(String, Text)], world: World<D>) -> Flows<D> {
        let mut flows = Flows::default();
        let mut world = world;
        let mut values = Vec::new();
        for (name, text) in pairs {
            let got = self.text(cx, text, world);
            flows.merge(&mut self.domain, got.other);
            let Some((next, value)) = got.next else { return flows };
            world = next;
            values.push((name, value));
        }
        let mark = self.domain.text("");
        for (name, value) in values {
            hidden::put_variable(&mut world.frame.bindings, name, Some(value), mark.clone());
        }
        join_into(&mut self.domain, &mut flows.next, Some(world));
        flows
    }

    fn sandbox(&mut self, cx: &Context, stmt: &Stmt, block: &Block, mask: Mask, world: World<D>) -> Flows<D> {
        let mut flows = self.head(cx, stmt, block, world, &|_, _, world| Flows::next(world));
        let Some(world) = flows.next.take() else { return flows };
        let bounds = if active(Fault::SandboxIgnored) { cx.bounds.clone() } else { cx.bounds.and(&mask.into()) };
        let done = self.body(&Context { bounds, ..inner(cx) }, &block.body, world);
        flows.merge(&mut self.domain, done);
        flows
    }

    fn timeout(&mut self, cx: &Context, stmt: &Stmt, block: &Block, length: &Operand, world: World<D>) -> Flows<D> {
        let mut flows = self.head(cx, stmt, block, world, &|engine, cx, world| {
            let got = engine.checked(cx, length, Type::Duration, "the deadline", world);
            engine.bind(got, Some(RESULT))
        });
        let Some(mut world) = flows.next.take() else { return flows };
        let Some(length) = world.frame.bindings.remove(RESULT) else { return flows };
        let number = cx.deadlines;
        let cx = Context { deadlines: number + 1, ..inner(cx) };
        let mut done = D::within(self, &cx, &length, world, &|engine, cx, world| engine.body(cx, &block.body, world));
        // Outside of its block, a deadline is a failure like any other.
        if let Some(world) = done.take_late(number) {
            if active(Fault::DeadlineSwallowed) {
                join_into(&mut self.domain, &mut done.next, Some(world));
            } else {
                done.add_failure(&mut self.domain, ErrorKind::TimeoutExceeded, world);
            }
        }
        flows.merge(&mut self.domain, done);
        flows
    }

    /// An operand of that type.
    pub(super) fn checked(&mut self, cx: &Context, operand: &Operand, ty: Type, what: &str, world: World<D>) -> Got<D> {
        let (next, mut other) = self.operands(cx, std::slice::from_ref(operand), world);
        let Some((world, mut values)) = next else { return Got { next: None, other } };
        let Some(value) = values.pop() else { return Got { next: None, other } };
        let Split { yes, no } = self.test(cx, &Test::OfType(ty, &value), world);
        let mut next = yes;
        if let Some(world) = no {
            let message = self.not_of_type(what, &value, ty);
            let mut refused = self.refuse_with(cx, ErrorKind::InvalidArgument, message, world);
            join_into(&mut self.domain, &mut next, refused.next.take());
            other.merge(&mut self.domain, refused);
        }
        Got { next: next.map(|world| (world, value)), other }
    }

    fn cache(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        block: &Block,
        [key, ttl]: [&Operand; 2],
        world: World<D>,
    ) -> Flows<D> {
        let mut flows = self.head(cx, stmt, block, world, &|engine, cx, world| {
            let got = engine.checked(cx, ttl, Type::Duration, "how long an entry is good", world);
            let mut flows = engine.bind(got, Some(TTL));
            let Some(world) = flows.next.take() else { return flows };
            let got = engine.checked(cx, key, Type::Text, "the key", world);
            let keyed = engine.bind(got, Some(RESULT));
            flows.merge(&mut engine.domain, keyed);
            flows
        });
        let Some(mut world) = flows.next.take() else { return flows };
        let [key, ttl] = [RESULT, TTL].map(|name| world.frame.bindings.remove(name));
        let (Some(key), Some(ttl)) = (key, ttl) else { return flows };
        let names: Vec<String> = perch_ir::bound_by(self.program, &block.body).into_iter().collect();
        let entry = CacheEntry { key: &key, ttl: &ttl, names: &names };
        let done = D::cached(self, &inner(cx), &entry, world, &|engine, cx, world| engine.body(cx, &block.body, world));
        flows.merge(&mut self.domain, done);
        flows
    }
}

/// How long an entry is good, between the head of a `cache` and its body.
const TTL: &str = " ttl";

/// Variables are what they were before.
pub(super) fn unset<V: Clone>(pairs: &[(String, Text)], before: &Frame<V>, frame: &mut Frame<V>) {
    for (name, _) in pairs.iter().filter(|_| !active(Fault::VariablesStay)) {
        for name in [hidden::variable(name), hidden::taken(name)] {
            match before.bindings.get(name.as_str()) {
                Some(value) => hidden::put(&mut frame.bindings, &name, value.clone()),
                None => drop(hidden::take(&mut frame.bindings, &name)),
            };
        }
    }
}
