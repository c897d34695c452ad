//! The language, one function per construct.
//!
//! Every function takes a world and gives [`Flows`]. Values that a construct computes travel in the frame
//! under hidden names, so that a domain which joins worlds joins them too; the functions here never join
//! values themselves.

use std::sync::Arc;

use imbl::OrdMap;
use perch_ir::program::{
    Absent, Arg, ArgType, Clause, Command, Comparison, Cond, OpCall, Operand, Part, Place, Program, Stmt, StmtKind,
    Text, When,
};
use perch_ops::{Body, Control, ErrorKind};

use crate::arguments::{self, Usage};
use crate::faults::{Fault, active};
use crate::flows::{hidden, join_into};
use crate::{CallPath, Context, Domain, Flows, Frame, Node, Outcome, Raised, Split, Test, World};

/// Calls nest at most this deep (language §4.8). Deeper recursion is a failure in every domain.
pub const MAX_CALL_DEPTH: usize = 64;

/// The value that a node has computed.
const RESULT: &str = " result";

/// The evaluator: a program, and a domain that gives it meaning.
pub struct Engine<'p, P, D> {
    /// What is evaluated.
    pub program: &'p P,
    /// What it means.
    pub domain: D,
}

/// Evaluation of something that has a value: the runs on which it has one, and the others.
struct Got<D: Domain> {
    next: Option<(World<D>, D::Value)>,
    other: Flows<D>,
}

impl<D: Domain> Got<D> {
    fn value(world: World<D>, value: D::Value) -> Self {
        Self { next: Some((world, value)), other: Flows::default() }
    }
}

/// A world with values, and the flows of the runs that have none.
type Several<D> = (Option<(World<D>, Vec<<D as Domain>::Value>)>, Flows<D>);

/// A world with arguments, and the flows of the runs that have none.
type Entered<D> = (Option<(World<D>, Given<<D as Domain>::Value>)>, Flows<D>);

/// Texts given for the arguments of the first command; the rest take their defaults.
pub type Given<V> = Vec<(String, V)>;

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// Evaluates a command from the outside: shared bindings, arguments, body.
    pub fn run(&mut self, command: &Arc<Command>, given: Given<D::Value>, cwd: D::Value, host: D::Host) -> Flows<D> {
        let world = World { frame: Frame { bindings: OrdMap::new(), cwd }, host };
        let mut flows = self.shared(world);
        let Some(mut world) = flows.next.take() else { return flows };
        world.frame.bindings.extend(given);
        let cx = Context::start(&command.name);
        let entered = self.defaults(&cx, &command.args, world);
        let rest = match entered.next {
            Some(world) => {
                flows.merge(&mut self.domain, Flows { next: None, ..entered });
                self.body(&cx, &command.body, world)
            }
            None => entered,
        };
        flows.merge(&mut self.domain, rest);
        flows
    }

    /// Shared bindings, in order. Those that cannot fail are not nodes.
    fn shared(&mut self, world: World<D>) -> Flows<D> {
        let mut flows = Flows::next(world);
        let cx = Context::start("shared");
        let program = self.program;
        for shared in program.shared() {
            let Some(mut world) = flows.next.take() else { break };
            if let Some(text) = shared.value.as_literal() {
                world.frame.bindings.insert(shared.name.clone(), self.domain.text(text));
                flows.next = Some(world);
                continue;
            }
            let node = leaf("let", &shared.source, shared.place, &cx);
            let done = self.visit(&cx, &node, world, &|engine, cx, world| {
                let got = engine.text(cx, &shared.value, world);
                engine.bind(got, Some(&shared.name))
            });
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    /// Binds arguments that are not given to their defaults.
    fn defaults(&mut self, cx: &Context, args: &[Arg], world: World<D>) -> Flows<D> {
        let mut flows = Flows::next(world);
        for arg in args {
            let Some(mut world) = flows.next.take() else { break };
            if world.frame.bindings.contains_key(&given_name(&arg.name)) {
                let value = world.frame.bindings.remove(&given_name(&arg.name));
                world.frame.bindings.extend(value.map(|value| (arg.name.clone(), value)));
                flows.next = Some(world);
                continue;
            }
            let default = match &arg.absent {
                Absent::Default(text) if !active(Fault::DefaultsIgnored) => text.clone(),
                _ => Text::literal(arguments::empty_of(arg.ty)),
            };
            let done = match default.as_literal() {
                Some(text) => {
                    world.frame.bindings.insert(arg.name.clone(), self.domain.text(text));
                    Flows::next(world)
                }
                None => {
                    let source: Arc<str> = format!("arg {}", arg.name).into();
                    self.visit(cx, &leaf("arg", &source, arg.place, cx), world, &|engine, cx, world| {
                        let got = engine.text(cx, &default, world);
                        engine.bind(got, Some(&arg.name))
                    })
                }
            };
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    /// Statements, one after the other.
    pub fn body(&mut self, cx: &Context, body: &[Stmt], world: World<D>) -> Flows<D> {
        let mut flows = Flows::next(world);
        for stmt in body {
            let Some(world) = flows.next.take() else { break };
            let done = self.stmt(cx, stmt, world);
            flows.merge(&mut self.domain, done);
            if active(Fault::GoesOnAfterFailure) && flows.next.is_none() {
                flows.next = flows.failed.pop_first().map(|(_, world)| world);
            }
        }
        flows
    }

    fn stmt(&mut self, cx: &Context, stmt: &Stmt, world: World<D>) -> Flows<D> {
        match &stmt.kind {
            StmtKind::Let { name, value } => self.assignment(cx, stmt, name, value, world),
            StmtKind::Op(call) => {
                let node = leaf(call.op.entry().name, &stmt.source, stmt.place, cx);
                self.visit(cx, &node, world, &|engine, cx, world| engine.op(cx, call, world))
            }
            StmtKind::Call { command, words, bind } => self.call_stmt(cx, stmt, command, words, bind.as_deref(), world),
            StmtKind::Chain(clauses) => {
                let node = leaf("chain", &stmt.source, stmt.place, cx);
                self.visit(cx, &node, world, &|engine, cx, world| engine.chain(cx, clauses, world))
            }
            StmtKind::If { arms, otherwise } => self.if_stmt(cx, stmt, arms, otherwise, world),
            StmtKind::ForEach { list, name, body } => self.for_each(cx, stmt, list, name, body, world),
            StmtKind::Match { target, arms, otherwise } => self.match_stmt(cx, stmt, target, arms, otherwise, world),
            StmtKind::Try { body, rescue, finally } => {
                let node = leaf("try", &stmt.source, stmt.place, cx);
                let mut flows = self.visit(cx, &node, world, &|_, _, world| Flows::next(world));
                if let Some(world) = flows.next.take() {
                    let done = self.try_stmt(&inner(cx), body, rescue.as_ref(), finally, world);
                    flows.merge(&mut self.domain, done);
                }
                flows
            }
            StmtKind::NotYet(_) => {
                let node = leaf("not_yet", &stmt.source, stmt.place, cx);
                self.visit(cx, &node, world, &|engine, cx, world| engine.not_yet(cx, world))
            }
        }
    }

    /// What is not there yet fails. Programs that can reach it are refused before they start, so nobody sees this.
    fn not_yet(&mut self, cx: &Context, world: World<D>) -> Flows<D> {
        self.refuse(cx, ErrorKind::InvalidArgument, "this is not available in this build yet", world)
    }

    /// Evaluates a node, unless it is part of an op's program: those are the op's own business.
    fn visit(&mut self, cx: &Context, node: &Node, world: World<D>, act: crate::domain::Act<'_, P, D>) -> Flows<D> {
        if cx.inside.is_some() {
            return act(self, cx, world);
        }
        let cx = Context { op: node.op, ..cx.clone() };
        D::visit(self, &cx, node, world, act)
    }

    // ---- assignments and ops -------------------------------------------------------------------

    fn assignment(&mut self, cx: &Context, stmt: &Stmt, name: &str, value: &Operand, world: World<D>) -> Flows<D> {
        let node = leaf("let", &stmt.source, stmt.place, cx);
        self.visit(cx, &node, world, &|engine, cx, world| {
            let got = match value {
                Operand::Text(text) => engine.text(cx, text, world),
                Operand::Name(other) => engine.bound_name(cx, other, world),
            };
            engine.bind(got, Some(name))
        })
    }

    /// Binds the value, where there is one.
    fn bind(&mut self, got: Got<D>, name: Option<&str>) -> Flows<D> {
        let mut flows = got.other;
        let next = got.next.map(|(mut world, value)| {
            if let Some(name) = name {
                world.frame.bindings.insert(name.to_owned(), value);
            }
            world
        });
        join_into(&mut self.domain, &mut flows.next, next);
        if let (true, Some(name)) = (active(Fault::FailureBinds), name) {
            let empty = self.domain.text("");
            flows.failed.values_mut().for_each(|world| {
                world.frame.bindings.insert(name.to_owned(), empty.clone());
            });
        }
        flows
    }

    fn op(&mut self, cx: &Context, call: &OpCall, world: World<D>) -> Flows<D> {
        let cx = &Context { captured: call.bind.is_some() || cx.captured, ..cx.clone() };
        let got = self.op_value(cx, call, world);
        self.bind(got, call.bind.as_deref())
    }

    fn op_value(&mut self, cx: &Context, call: &OpCall, world: World<D>) -> Got<D> {
        let (next, other) = self.operands(cx, &call.operands, world);
        let Some((world, operands)) = next else { return Got { next: None, other } };
        let mut got = match call.op.body() {
            Body::Primitive(primitive) => {
                let World { frame, host } = world;
                let outcome = self.domain.perform(cx, *primitive, &operands, &frame.cwd, host);
                let mut got = self.outcome(cx, outcome, frame);
                if let (true, Some((world, value))) = (primitive.enters(), &mut got.next) {
                    world.frame.cwd = value.clone();
                }
                got
            }
            Body::Pure(function) => {
                let value = self.domain.pure(*function, &operands);
                Got::value(world, value)
            }
            Body::Control(Control::Raise) => {
                let message = operands.into_iter().next().unwrap_or_else(|| self.domain.text("(no message)"));
                Got { next: None, other: self.failure(cx, ErrorKind::UserFail, message, world) }
            }
            Body::Control(Control::Exit) => {
                let status = operands.into_iter().next().unwrap_or_else(|| self.domain.text("0"));
                Got { next: None, other: self.exit(cx, status, world) }
            }
            Body::Program(_, asks) => self.op_program(cx, call, asks, operands, world),
        };
        let gained = got.other.absorb(&mut self.domain, Flows { next: None, ..other });
        debug_assert!(gained.is_none());
        got
    }

    /// An op that is a program: its operands bound in a frame of its own.
    fn op_program(
        &mut self,
        cx: &Context,
        call: &OpCall,
        asks: &'static [perch_ops::contract::Ask],
        operands: Vec<D::Value>,
        world: World<D>,
    ) -> Got<D> {
        let World { frame, host } = world;
        let outcome = self.domain.ask(cx, asks, &operands, &frame.cwd, host);
        let mut got = self.outcome(cx, outcome, frame.clone());
        let program = self.program;
        let (Some((world, _)), Some(body)) = (got.next.take(), program.op_program(call.op)) else { return got };
        let names = call.op.entry().operands.iter().map(|operand| operand.name.to_owned());
        let own = Frame { bindings: names.zip(operands).collect(), cwd: frame.cwd.clone() };
        let cx = Context { inside: Some(cx.op), captured: false, ..cx.clone() };
        let flows = self.body(&cx, &body.body, World { frame: own, host: world.host });
        let empty = self.domain.text("");
        let next = flows.next.map(|world| {
            let value = world.frame.bindings.get("result").cloned().unwrap_or(empty);
            (World { frame: frame.clone(), host: world.host }, value)
        });
        let other = Flows { next: None, ..flows }.each_frame(|inner| *inner = in_flight(&frame, inner));
        got.other.merge(&mut self.domain, other);
        Got { next, ..got }
    }

    /// What a primitive gave, as flows in `frame`.
    fn outcome(&mut self, cx: &Context, outcome: Outcome<D>, frame: Frame<D::Value>) -> Got<D> {
        let mut other = Flows::default();
        for (raised, host) in outcome.failed {
            let frame = self.failed_frame(cx, &raised, frame.clone());
            other.add_failure(&mut self.domain, raised.kind, World { frame, host });
        }
        let next = outcome.next.map(|(host, value)| (World { frame, host }, value));
        Got { next, other }
    }

    fn failed_frame(&mut self, cx: &Context, raised: &Raised<D::Value>, mut frame: Frame<D::Value>) -> Frame<D::Value> {
        let op = self.domain.text(cx.inside.unwrap_or(cx.op));
        let what = [
            (hidden::MESSAGE, &raised.message),
            (hidden::CODE, &raised.code),
            (hidden::OP, &op),
            (hidden::DETAIL, &raised.detail),
        ];
        for (name, value) in what {
            frame.bindings.insert(name.to_owned(), value.clone());
        }
        frame
    }

    /// A failure that the program itself asks for: never mended.
    fn failure(&mut self, cx: &Context, kind: ErrorKind, message: D::Value, world: World<D>) -> Flows<D> {
        let empty = self.domain.text("");
        let raised = Raised { kind, message, code: empty.clone(), detail: empty };
        let frame = self.failed_frame(cx, &raised, world.frame);
        Flows { failed: [(kind, World { frame, host: world.host })].into(), ..Flows::default() }
    }

    fn exit(&mut self, cx: &Context, status: D::Value, world: World<D>) -> Flows<D> {
        let World { mut frame, host } = world;
        let Split { yes, no } = self.domain.split(cx, &Test::Status(&status), host);
        let mut flows = match no {
            Some(host) => {
                let message = self.domain.text("an exit status is an integer from 0 to 255");
                self.failure(cx, ErrorKind::InvalidArgument, message, World { frame: frame.clone(), host })
            }
            None => Flows::default(),
        };
        frame.bindings.insert(hidden::STATUS.to_owned(), status);
        flows.exited = yes.map(|host| World { frame, host });
        flows
    }

    // ---- texts and names -----------------------------------------------------------------------

    /// Operands from left to right.
    fn operands(&mut self, cx: &Context, operands: &[Operand], world: World<D>) -> Several<D> {
        let mut other = Flows::default();
        let mut values = Vec::with_capacity(operands.len());
        let mut world = world;
        for operand in operands {
            let got = match operand {
                Operand::Text(text) => self.text(cx, text, world),
                Operand::Name(name) => {
                    let value = self.name_or(name, if active(Fault::NameIsEmpty) { "" } else { name }, &world.frame);
                    Got::value(world, value)
                }
            };
            other.merge(&mut self.domain, got.other);
            let Some((next, value)) = got.next else { return (None, other) };
            values.push(value);
            world = next;
        }
        (Some((world, values)), other)
    }

    /// The binding or fact of that name in a condition, where an unbound name is empty.
    fn condition_name(&mut self, name: &str, frame: &Frame<D::Value>) -> D::Value {
        self.name_or(name, if matches!(name, "true" | "false") { name } else { "" }, frame)
    }

    /// The binding or fact of that name, else a text.
    fn name_or(&mut self, name: &str, text: &str, frame: &Frame<D::Value>) -> D::Value {
        let fallback = match self.domain.fact(name, &frame.cwd) {
            Some(fact) => fact,
            None => self.domain.text(text),
        };
        match frame.bindings.get(name) {
            Some(value) => self.domain.bound_or(value.clone(), fallback),
            None => fallback,
        }
    }

    /// A text with its names replaced.
    fn text(&mut self, cx: &Context, text: &Text, world: World<D>) -> Got<D> {
        let mut other = Flows::default();
        let mut values = Vec::with_capacity(text.parts.len());
        let mut world = world;
        for part in &text.parts {
            match part {
                Part::Literal(literal) => values.push(self.domain.text(literal)),
                Part::Name(name) => {
                    let got = self.name(cx, name, world);
                    other.merge(&mut self.domain, got.other);
                    let Some((next, value)) = got.next else { return Got { next: None, other } };
                    values.push(value);
                    world = next;
                }
                Part::NotYet(_) => {
                    let failed = self.not_yet(cx, world);
                    other.merge(&mut self.domain, failed);
                    return Got { next: None, other };
                }
            }
        }
        let value = self.domain.concat(&values);
        Got { next: Some((world, value)), other }
    }

    /// `${name}`: binding, fact, environment (language §5.1).
    fn name(&mut self, cx: &Context, name: &str, world: World<D>) -> Got<D> {
        self.resolve(cx, name, world, |engine, frame, host| {
            let outcome = engine.domain.variable(cx, name, host);
            engine.outcome(cx, outcome, frame)
        })
    }

    /// The binding or fact of that name, or a failure.
    fn bound_name(&mut self, cx: &Context, name: &str, world: World<D>) -> Got<D> {
        self.resolve(cx, name, world, |engine, frame, host| {
            let message = engine.domain.text(&format!("no binding is named `{name}`"));
            let outcome = engine.domain.raise(cx, ErrorKind::UnresolvedVar, message, host);
            engine.outcome(cx, outcome, frame)
        })
    }

    /// The binding of that name where it is bound, else the fact, else what `otherwise` gives.
    fn resolve(
        &mut self,
        cx: &Context,
        name: &str,
        world: World<D>,
        otherwise: impl FnOnce(&mut Self, Frame<D::Value>, D::Host) -> Got<D>,
    ) -> Got<D> {
        let World { frame, host } = world;
        let fact = self.domain.fact(name, &frame.cwd);
        let bound = frame.bindings.get(name).cloned();
        match (bound, fact) {
            (Some(value), Some(fact)) => {
                let value = self.domain.bound_or(value, fact);
                Got::value(World { frame, host }, value)
            }
            (None, Some(fact)) => Got::value(World { frame, host }, fact),
            (None, None) => otherwise(self, frame, host),
            (Some(value), None) => {
                let Split { yes, no } = self.domain.split(cx, &Test::Bound(&value), host);
                let bound = yes.map(|host| (World { frame: frame.clone(), host }, value));
                let Some(host) = no else { return Got { next: bound, other: Flows::default() } };
                let unbound = otherwise(self, frame, host);
                Got { next: self.join_values(bound, unbound.next), other: unbound.other }
            }
        }
    }

    /// Joins two worlds with a value each, which travels in the frame.
    fn join_values(
        &mut self,
        a: Option<(World<D>, D::Value)>,
        b: Option<(World<D>, D::Value)>,
    ) -> Option<(World<D>, D::Value)> {
        match (a, b) {
            (Some(a), Some(b)) => {
                let [a, b] = [a, b].map(|(mut world, value)| {
                    world.frame.bindings.insert(RESULT.to_owned(), value);
                    world
                });
                let mut joined = self.domain.join(a, b);
                let value = joined.frame.bindings.remove(RESULT);
                value.map(|value| (joined, value))
            }
            (a, b) => a.or(b),
        }
    }

    // ---- conditions ----------------------------------------------------------------------------

    /// Divides the runs by a condition; the other flows are those on which it fails.
    fn cond(&mut self, cx: &Context, cond: &Cond, world: World<D>) -> (Split<World<D>>, Flows<D>) {
        match cond {
            Cond::Not(inner) => {
                let (split, other) = self.cond(cx, inner, world);
                if active(Fault::NotIgnored) { (split, other) } else { (Split { yes: split.no, no: split.yes }, other) }
            }
            Cond::And(conds) => self.all(cx, conds, world, true),
            Cond::Or(conds) => self.all(cx, conds, world, active(Fault::OrIsAnd)),
            Cond::Compare { left, op, right } => self.compare(cx, left, *op, right, world),
            Cond::Truth(name) => {
                let value = self.condition_name(name, &world.frame);
                (self.test(cx, &Test::Truth(&value), world), Flows::default())
            }
            Cond::Predicate(call) => self.predicate(cx, call, world),
            Cond::TruthOrPredicate(name, call) => self.truth_or_predicate(cx, name, call, world),
            Cond::NotYet(_) => (Split { yes: None, no: None }, self.not_yet(cx, world)),
        }
    }

    /// `and` (`conjunction`) and `or`, from the left, until decided.
    fn all(&mut self, cx: &Context, conds: &[Cond], world: World<D>, conjunction: bool) -> (Split<World<D>>, Flows<D>) {
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

    fn compare(
        &mut self,
        cx: &Context,
        left: &Operand,
        op: Comparison,
        right: &Text,
        world: World<D>,
    ) -> (Split<World<D>>, Flows<D>) {
        let left = match left {
            Operand::Name(name) => {
                let value = self.condition_name(name, &world.frame);
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

    fn predicate(&mut self, cx: &Context, call: &OpCall, world: World<D>) -> (Split<World<D>>, Flows<D>) {
        let cx = Context { observed: true, captured: true, op: call.op.entry().name, ..cx.clone() };
        let got = self.op_value(&cx, call, world);
        let split = match got.next {
            Some((world, value)) => self.test(&cx, &Test::Truth(&value), world),
            None => Split { yes: None, no: None },
        };
        (split, got.other)
    }

    fn truth_or_predicate(
        &mut self,
        cx: &Context,
        name: &str,
        call: &OpCall,
        world: World<D>,
    ) -> (Split<World<D>>, Flows<D>) {
        let Some(value) = world.frame.bindings.get(name).cloned() else { return self.predicate(cx, call, world) };
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

    fn test(&mut self, cx: &Context, test: &Test<'_, D::Value>, world: World<D>) -> Split<World<D>> {
        let World { frame, host } = world;
        let split = self.domain.split(cx, test, host);
        Split {
            yes: split.yes.map(|host| World { frame: frame.clone(), host }),
            no: split.no.map(|host| World { frame, host }),
        }
    }

    // ---- branches ------------------------------------------------------------------------------

    fn if_stmt(
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

    fn match_stmt(
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
    fn choose(&mut self, flows: &mut Flows<D>, at: usize, world: Option<World<D>>) {
        let Some(mut world) = world else { return };
        let at = if active(Fault::FirstArmAlways) { 0 } else { at };
        let arm = self.domain.text(&at.to_string());
        world.frame.bindings.insert(RESULT.to_owned(), arm);
        join_into(&mut self.domain, &mut flows.next, Some(world));
    }

    /// Evaluates the arm that each run has chosen.
    fn arms(&mut self, cx: &Context, bodies: &[&[Stmt]], mut chosen: Flows<D>) -> Flows<D> {
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

    // ---- loops ---------------------------------------------------------------------------------

    fn for_each(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        list: &Operand,
        name: &str,
        body: &[Stmt],
        world: World<D>,
    ) -> Flows<D> {
        let node = leaf("for_each", &stmt.source, stmt.place, cx);
        let mut flows = self.visit(cx, &node, world, &|engine, cx, world| {
            let (next, other) = engine.operands(cx, std::slice::from_ref(list), world);
            let next = next.and_then(|(world, values)| values.into_iter().next().map(|value| (world, value)));
            engine.bind(Got { next, other }, Some(RESULT))
        });
        let Some(mut world) = flows.next.take() else { return flows };
        let Some(elements) = world.frame.bindings.remove(RESULT) else { return flows };
        let before = world.frame.bindings.get(name).cloned();
        let done = D::repeat(self, &inner(cx), &elements, world, &|engine, cx, element, mut world| {
            world.frame.bindings.insert(name.to_owned(), element);
            engine.body(cx, body, world)
        });
        let done = done.each_frame(|frame| match &before {
            _ if active(Fault::LoopVariableStays) => {}
            Some(value) => {
                frame.bindings.insert(name.to_owned(), value.clone());
            }
            None => {
                frame.bindings.remove(name);
            }
        });
        flows.merge(&mut self.domain, done);
        flows
    }

    // ---- try -----------------------------------------------------------------------------------

    fn try_stmt(
        &mut self,
        cx: &Context,
        body: &[Stmt],
        rescue: Option<&(String, Vec<Stmt>)>,
        finally: &[Stmt],
        world: World<D>,
    ) -> Flows<D> {
        let watched = Context { observed: true, ..cx.clone() };
        let tried = Context { caught: cx.caught || rescue.is_some(), ..watched.clone() };
        let mut flows = self.body(&tried, body, world);
        if let Some((name, arm)) = rescue {
            if active(Fault::ExitIsRescued)
                && let Some(world) = flows.exited.take()
            {
                flows.add_failure(&mut self.domain, ErrorKind::UserFail, world);
            }
            let failed = std::mem::take(&mut flows.failed);
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
    fn rescue(&mut self, cx: &Context, kind: ErrorKind, name: &str, arm: &[Stmt], world: World<D>) -> Flows<D> {
        let mut world = world;
        let bindings = &mut world.frame.bindings;
        let names = ["", ".kind", ".message", ".code", ".op", ".detail"].map(|part| format!("{name}{part}"));
        let before: Vec<Option<D::Value>> = names.iter().map(|name| bindings.get(name).cloned()).collect();
        let message = bindings.remove(hidden::MESSAGE);
        let what = [
            message.clone(),
            Some(self.domain.text(kind.name())),
            message,
            bindings.remove(hidden::CODE),
            bindings.remove(hidden::OP),
            bindings.remove(hidden::DETAIL),
        ];
        if !active(Fault::RescueBindsNothing) {
            bindings.extend(names.iter().cloned().zip(what).filter_map(|(name, value)| Some((name, value?))));
        }
        let mut flows = self.body(cx, arm, world);
        if active(Fault::RescueSwallows) && flows.next.is_none() {
            flows.next = flows.failed.pop_first().map(|(_, world)| world);
        }
        flows.each_frame(|frame| {
            for (name, value) in names.iter().zip(&before) {
                match value {
                    Some(value) => frame.bindings.insert(name.clone(), value.clone()),
                    None => frame.bindings.remove(name),
                };
            }
        })
    }

    /// `finally`, once, on the runs of every continuation, which a hidden tag tells apart afterwards.
    fn finally(&mut self, cx: &Context, finally: &[Stmt], flows: Flows<D>) -> Flows<D> {
        let depth = cx.tries;
        let mut before = None;
        let mut kinds = Vec::new();
        let Flows { next, failed, exited } = flows;
        self.tagged(&mut before, depth, "next", next);
        for (kind, world) in failed {
            kinds.push(kind);
            self.tagged(&mut before, depth, kind.name(), Some(world));
        }
        let mut skipped = None;
        if active(Fault::FinallyMissesExit) {
            skipped = exited;
        } else {
            self.tagged(&mut before, depth, "exited", exited);
        }
        let Some(world) = before else { return Flows { exited: skipped, ..Flows::default() } };
        let cx = Context { tries: cx.tries + 1, ..cx.clone() };
        let mut flows = self.body(&cx, finally, world);
        let mut open = flows.next.take();
        join_into(&mut self.domain, &mut flows.exited, skipped);
        let next = self.untagged(&cx, &mut open, depth, "next");
        join_into(&mut self.domain, &mut flows.next, next);
        for kind in kinds {
            if let Some(world) = self.untagged(&cx, &mut open, depth, kind.name()) {
                if active(Fault::FinallySwallows) {
                    join_into(&mut self.domain, &mut flows.next, Some(world));
                } else {
                    flows.add_failure(&mut self.domain, kind, world);
                }
            }
        }
        let exited = self.untagged(&cx, &mut open, depth, "exited");
        join_into(&mut self.domain, &mut flows.exited, exited);
        flows.each_frame(|frame| hidden::drop_aside(&mut frame.bindings, depth))
    }

    fn tagged(&mut self, slot: &mut Option<World<D>>, depth: usize, value: &str, world: Option<World<D>>) {
        let Some(mut world) = world else { return };
        hidden::put_aside(&mut world.frame.bindings, depth);
        world.frame.bindings.insert(hidden::tag(depth), self.domain.text(value));
        join_into(&mut self.domain, slot, Some(world));
    }

    fn untagged(&mut self, cx: &Context, open: &mut Option<World<D>>, depth: usize, value: &str) -> Option<World<D>> {
        let world = open.take()?;
        let found = world.frame.bindings.get(&hidden::tag(depth)).cloned()?;
        let this = self.domain.text(value);
        let split = self.test(cx, &Test::Compare(Comparison::Equal, &found, &this), world);
        *open = split.no;
        let mut world = split.yes?;
        if value == "next" {
            hidden::drop_aside(&mut world.frame.bindings, depth);
        } else {
            hidden::take_up(&mut world.frame.bindings, depth);
        }
        Some(world)
    }

    // ---- chains --------------------------------------------------------------------------------

    /// `a && b || c ; d` (language §4.9). The chain stands at success on some runs and at failure on others.
    fn chain(&mut self, cx: &Context, clauses: &[Clause], world: World<D>) -> Flows<D> {
        let mut stands = Flows::next(world);
        for (at, clause) in clauses.iter().enumerate() {
            let looked_at = clauses[at + 1..].iter().any(|later| later.when != When::Succeeded);
            let mut ready = None;
            if clause.when != When::Failed || active(Fault::OrRunsAnyway) {
                ready = stands.next.take();
            }
            if clause.when != When::Succeeded || active(Fault::AndRunsAnyway) {
                for (_, mut world) in std::mem::take(&mut stands.failed) {
                    hidden::settle(&mut world.frame.bindings);
                    join_into(&mut self.domain, &mut ready, Some(world));
                }
            }
            if active(Fault::SkippedClauseSucceeds) && ready.is_none() {
                stands.next = stands.next.take().or_else(|| stands.failed.pop_first().map(|(_, world)| world));
            }
            let Some(world) = ready else { continue };
            let cx = Context {
                observed: cx.observed || looked_at,
                caught: cx.caught || looked_at,
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

    // ---- calls ---------------------------------------------------------------------------------

    fn call_stmt(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        name: &str,
        words: &[Text],
        bind: Option<&str>,
        world: World<D>,
    ) -> Flows<D> {
        let mut node = leaf("call", &stmt.source, stmt.place, cx);
        node.callee = Some(name.into());
        self.visit(cx, &node, world, &|engine, cx, world| {
            let mut flows = engine.call(cx, stmt.place, name, words, world);
            if let (Some(bind), Some(world)) = (bind, &mut flows.next) {
                world.frame.bindings.insert(bind.to_owned(), engine.domain.text(""));
            }
            flows
        })
    }

    fn call(&mut self, cx: &Context, place: Place, name: &str, words: &[Text], world: World<D>) -> Flows<D> {
        let program = self.program;
        let Some(command) = program.command(name) else {
            return self.refuse(cx, ErrorKind::InvalidArgument, &format!("there is no command `{name}`"), world);
        };
        if cx.depth >= MAX_CALL_DEPTH {
            let message = format!("calls nest more than {MAX_CALL_DEPTH} deep");
            return self.refuse(cx, ErrorKind::RecursionLimit, &message, world);
        }
        let given = match arguments::assign(&command.args, words) {
            Ok(given) => given,
            Err(usage) => return self.usage(cx, name, &usage, world),
        };
        let (entered, mut flows) = self.arguments(cx, &command.args, &given, world);
        let Some((world, arguments)) = entered else { return flows };
        let World { frame, host } = world;
        let mut own = frame.clone();
        if active(Fault::CalleeStartsEmpty) {
            own.bindings.clear();
        }
        own.bindings.extend(arguments);
        let callee = Context {
            calls: Arc::new(CallPath { outer: Some((Arc::clone(&cx.calls), place)), command: name.into() }),
            depth: cx.depth + 1,
            tries: cx.tries + 1,
            blocks: 0,
            captured: false,
            ..cx.clone()
        };
        let done = D::call(self, &callee, &command, own, host);
        let done = done.each_frame(|inner| {
            let mut outer = in_flight(&frame, inner);
            if active(Fault::CwdFlowsBack) {
                outer.cwd = inner.cwd.clone();
            }
            if active(Fault::BindingsFlowBack) {
                outer.bindings = inner.bindings.clone();
            }
            *inner = outer;
        });
        flows.merge(&mut self.domain, done);
        flows
    }

    /// What a call does once the domain has made room for it: defaults and body.
    pub fn callee(&mut self, cx: &Context, command: &Command, world: World<D>) -> Flows<D> {
        let mut flows = self.defaults(cx, &command.args, world);
        if let Some(world) = flows.next.take() {
            let done = self.body(cx, &command.body, world);
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    fn usage(&mut self, cx: &Context, name: &str, usage: &Usage, world: World<D>) -> Flows<D> {
        self.refuse(cx, ErrorKind::InvalidArgument, &format!("`{name}` cannot be called like this: {usage}"), world)
    }

    fn refuse(&mut self, cx: &Context, kind: ErrorKind, message: &str, world: World<D>) -> Flows<D> {
        let message = self.domain.text(message);
        let outcome = self.domain.raise(cx, kind, message, world.host);
        let got = self.outcome(cx, outcome, world.frame);
        self.bind(got, None)
    }

    /// Given texts as values of the declared types, under the names where [`Self::defaults`] looks for them.
    fn arguments(&mut self, cx: &Context, args: &[Arg], given: &[Option<Text>], world: World<D>) -> Entered<D> {
        let mut other = Flows::default();
        let mut values = Vec::new();
        let mut world = world;
        for (arg, text) in args.iter().zip(given) {
            let Some(text) = text else { continue };
            let got = self.text(cx, text, world);
            other.merge(&mut self.domain, got.other);
            let Some((next, value)) = got.next else { return (None, other) };
            let typed = self.typed(cx, arg, &value, next);
            other.merge(&mut self.domain, typed.other);
            let Some((next, ())) = typed.next.map(|(world, _)| (world, ())) else { return (None, other) };
            world = next;
            values.push((given_name(&arg.name), value));
        }
        (Some((world, values)), other)
    }

    fn typed(&mut self, cx: &Context, arg: &Arg, value: &D::Value, world: World<D>) -> Got<D> {
        if arg.ty == ArgType::Text {
            return Got::value(world, value.clone());
        }
        let split = self.test(cx, &Test::OfType(arg.ty, value), world);
        let mut other = Flows::default();
        let mut next = split.yes;
        if let Some(world) = split.no {
            let message = format!("the value of argument `{}` is not of its type", arg.name);
            let mut refused = self.refuse(cx, ErrorKind::InvalidArgument, &message, world);
            join_into(&mut self.domain, &mut next, refused.next.take());
            other.merge(&mut self.domain, refused);
        }
        Got { next: next.map(|world| (world, value.clone())), other }
    }
}

/// Where a given argument waits until its callee's defaults are bound.
#[must_use]
pub fn given_name(name: &str) -> String {
    format!(" given {name}")
}

fn leaf(op: &'static str, source: &Arc<str>, place: Place, cx: &Context) -> Node {
    Node { op, source: Arc::clone(source), place, clause: None, depth: cx.blocks, callee: None }
}

fn inner(cx: &Context) -> Context {
    Context { blocks: cx.blocks + 1, ..cx.clone() }
}

/// The frame `outer` with what `inner` says of a failure or exit in flight.
fn in_flight<V: Clone>(outer: &Frame<V>, inner: &Frame<V>) -> Frame<V> {
    let mut frame = outer.clone();
    for name in [hidden::MESSAGE, hidden::CODE, hidden::OP, hidden::DETAIL, hidden::STATUS] {
        frame.bindings.extend(inner.bindings.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    frame
}
