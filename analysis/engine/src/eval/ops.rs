//! Assignments, and what ops do.

use std::sync::Arc;

use imbl::OrdMap;
use perch_ir::program::{OpCall, Operand, Program, Stmt};
use perch_ops::contract::Ask;
use perch_ops::{Body, Control, ErrorKind, Need, OpId, Pure, Type};

use super::blocks::unset;
use super::texts::is_splice;
use super::{Engine, Got, Several, leaf};
use crate::faults::{Fault, active};
use crate::flows::{hidden, join_into};
use crate::{Context, Domain, Flows, Frame, Outcome, Raised, Split, Test, Way, World};

/// Where operands are of their types.
struct Typed<D: Domain> {
    next: Option<World<D>>,
    /// Where a report goes on although one is not, with the value of the op.
    mended: Option<(World<D>, D::Value)>,
    /// Where one is not.
    other: Flows<D>,
}

/// Whether the value of an op is an exit status.
pub(super) fn yields_status(call: &OpCall) -> bool {
    call.op.entry().result == Some(Type::Status)
}

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn assignment(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        name: &str,
        value: &Operand,
        world: World<D>,
    ) -> Flows<D> {
        let node = leaf("let", &stmt.source, stmt.place, cx);
        self.visit(cx, &node, world, &|engine, cx, world| {
            let status = match value {
                Operand::Text(_) => None,
                Operand::Name(other) => hidden::status_of(&world.frame.bindings, other),
            };
            let got = match value {
                Operand::Text(text) => engine.text(cx, text, world),
                Operand::Name(other) => engine.bound_name(cx, other, world),
            };
            let mut flows = engine.bind(got, Some(name));
            if let (Some(world), Some(status)) = (&mut flows.next, status) {
                hidden::put(&mut world.frame.bindings, &hidden::status(name), status);
            }
            flows
        })
    }

    /// Binds the value, where there is one.
    pub(super) fn bind(&mut self, got: Got<D>, name: Option<&str>) -> Flows<D> {
        let mut flows = got.other;
        let next = got.next.map(|(mut world, value)| {
            if let Some(name) = name {
                hidden::bind(&mut world.frame.bindings, name, value);
            }
            world
        });
        join_into(&mut self.domain, &mut flows.next, next);
        if let (true, Some(name)) = (active(Fault::FailureBinds), name) {
            let empty = self.domain.text("");
            flows.failures_mut().for_each(|world| hidden::put(&mut world.frame.bindings, name, empty.clone()));
        }
        flows
    }

    pub(super) fn op(&mut self, cx: &Context, call: &OpCall, world: World<D>) -> Flows<D> {
        let cx = &Context { captured: call.bind.is_some() || cx.captured, ..cx.clone() };
        let got = self.op_value(cx, call, world);
        let status = got.next.as_ref().map(|(_, value)| value.clone()).filter(|_| yields_status(call));
        let mut flows = self.bind(got, call.bind.as_deref());
        if let (Some(world), Some(status), Some(name)) = (&mut flows.next, status, &call.bind) {
            hidden::put(&mut world.frame.bindings, &hidden::status(name), status);
        }
        flows
    }

    /// The value of an op, in an environment with its own variables.
    pub(super) fn op_value(&mut self, cx: &Context, call: &OpCall, world: World<D>) -> Got<D> {
        if call.variables.is_empty() {
            return self.op_result(cx, call, None, world);
        }
        let before = world.frame.clone();
        let mut other = self.set(cx, &call.variables, world);
        let Some(world) = other.next.take() else { return Got { next: None, other } };
        let mut got = self.op_result(cx, call, Some(&before), world);
        if let Some((world, _)) = &mut got.next {
            unset(&call.variables, &before, &mut world.frame);
        }
        let failed = got.other.each_frame(|frame| unset(&call.variables, &before, frame));
        other.merge(&mut self.domain, failed);
        Got { next: got.next, other }
    }

    fn op_result(&mut self, cx: &Context, call: &OpCall, before: Option<&Frame<D::Value>>, world: World<D>) -> Got<D> {
        let (next, other) = self.given_operands(cx, call, world);
        let Some((world, operands)) = next else { return Got { next: None, other } };
        let mut got = match self.hooks_around(cx, call, cx.place, &operands, before.cloned()) {
            None => self.used(cx, call, operands, world),
            Some(around) => {
                self.hooked(cx, &[around], world, |engine, cx, world| engine.used(cx, call, operands, world))
            }
        };
        let gained = got.other.absorb(&mut self.domain, Flows { next: None, ..other });
        debug_assert!(gained.is_none());
        got
    }

    /// The operands of an op. How many words a splice is comes out here, so only here is it known whether they are as many as
    /// the op takes.
    pub(super) fn given_operands(&mut self, cx: &Context, call: &OpCall, world: World<D>) -> Several<D> {
        let (next, mut other) = self.operands(cx, &call.operands, world);
        let Some((world, mut operands)) = next else { return (None, other) };
        let entry = call.op.entry();
        let (least, most) = (entry.least(), entry.most().unwrap_or(usize::MAX));
        if !call.operands.iter().any(is_splice) || (least..=most).contains(&operands.len()) {
            return (Some((world, operands)), other);
        }
        let message = format!("`{}` does not take {} operands: {}", entry.name, operands.len(), entry.usage());
        let message = self.domain.text(&message);
        let World { frame, host } = world;
        let outcome = self.domain.raise(cx, ErrorKind::InvalidArgument, message, host);
        let got = self.outcome(cx, outcome, frame);
        other.merge(&mut self.domain, got.other);
        let mended = got.next.map(|(world, value)| {
            operands.resize(operands.len().clamp(least, most), value);
            (world, operands)
        });
        (mended, other)
    }

    /// What the head of a block does. It is no op, so there are no hooks around it.
    pub(super) fn entered(&mut self, cx: &Context, call: &OpCall, world: World<D>) -> Flows<D> {
        let (next, mut other) = self.given_operands(cx, call, world);
        let Some((world, operands)) = next else { return other };
        let got = self.performed(cx, call, operands, world);
        let done = self.bind(got, None);
        other.merge(&mut self.domain, done);
        other
    }

    /// An op of the program, where it may be used.
    fn used(&mut self, cx: &Context, call: &OpCall, operands: Vec<D::Value>, world: World<D>) -> Got<D> {
        let (next, mut other) = self.usable(cx, call.op, world);
        let Some(world) = next else { return Got { next: None, other } };
        let done = self.performed(cx, call, operands, world);
        other.merge(&mut self.domain, done.other);
        Got { next: done.next, other }
    }

    /// Goes on where an op may be used. Those that ops are made of are not asked about.
    pub(super) fn usable(&mut self, cx: &Context, op: OpId, world: World<D>) -> (Option<World<D>>, Flows<D>) {
        if cx.inside.is_some() || !cx.bounds.picks_ops() || active(Fault::OpsUnasked) {
            return (Some(world), Flows::default());
        }
        let cx = Context { op: op.entry().name, ..cx.clone() };
        let World { frame, host } = world;
        let outcome = self.domain.ask(&cx, &[Ask::Op], &[], &frame, host);
        let got = self.outcome(&cx, outcome, frame);
        (got.next.map(|(world, _)| world), got.other)
    }

    /// An op on its operands.
    pub(super) fn performed(
        &mut self,
        cx: &Context,
        call: &OpCall,
        mut operands: Vec<D::Value>,
        world: World<D>,
    ) -> Got<D> {
        for left_out in call.op.entry().operands.iter().skip(operands.len()) {
            let Need::Default(text) = left_out.need else { break };
            operands.push(self.domain.text(text));
        }
        self.domain.given(cx, call.op, &operands, &own_variables(call, &world.frame));
        if !matches!(call.op.body(), Body::Pure(_) | Body::Program(..)) {
            return self.done(cx, call, operands, world);
        }
        let typed = self.of_their_types(cx, call.op, &operands, world);
        let mut got = match typed.next {
            Some(world) => self.done(cx, call, operands, world),
            None => Got { next: None, other: Flows::default() },
        };
        got.other.merge(&mut self.domain, typed.other);
        Got { next: self.join_values(got.next, typed.mended), other: got.other }
    }

    /// An op on operands of the right types.
    fn done(&mut self, cx: &Context, call: &OpCall, operands: Vec<D::Value>, world: World<D>) -> Got<D> {
        match call.op.body() {
            Body::Primitive(primitive) => {
                let World { frame, host } = world;
                let seen = self.with_exported(cx, &frame);
                let outcome = self.domain.perform(cx, *primitive, &operands, &seen, host);
                let mut got = self.outcome(cx, outcome, frame);
                if let (true, Some((world, value))) = (primitive.enters(), &mut got.next) {
                    world.frame.cwd = value.clone();
                }
                if let (Some(sets), Some((world, _))) = (primitive.sets_variable(), &mut got.next)
                    && let Some(name) = operands.first().filter(|_| !active(Fault::NothingIsSet))
                {
                    let value = operands.get(1).cloned().filter(|_| sets);
                    self.domain.put_variable(&mut world.frame, name, value);
                }
                got
            }
            Body::Pure(function) => self.applied(cx, *function, &operands, world),
            Body::Control(Control::Raise) => {
                let message = operands.into_iter().next().unwrap_or_else(|| self.domain.text("(no message)"));
                Got { next: None, other: self.failure(cx, ErrorKind::UserFail, message, world) }
            }
            Body::Control(Control::Refuse(kind)) => {
                let message = operands.into_iter().next().unwrap_or_else(|| self.domain.text(""));
                self.refused(cx, *kind, message, Some(world))
            }
            Body::Control(Control::Exit) => {
                let status = operands.into_iter().next().unwrap_or_else(|| self.domain.text("0"));
                Got { next: None, other: self.exit(cx, status, world) }
            }
            Body::Program(_, asks) => self.op_program(cx, call, asks, operands, world),
        }
    }

    /// Where each operand is of its type; where one is not, the op fails. What a primitive takes its contract says.
    fn of_their_types(&mut self, cx: &Context, op: OpId, operands: &[D::Value], world: World<D>) -> Typed<D> {
        let mut typed = Typed { next: Some(world), mended: None, other: Flows::default() };
        for (at, operand) in operands.iter().enumerate() {
            let Some(expected) = op.entry().operand(at).filter(|expected| expected.ty.refuses()) else { continue };
            if active(Fault::TypesIgnored) {
                continue;
            }
            let Some(world) = typed.next.take() else { break };
            let split = self.test(cx, &Test::OfType(expected.ty, operand), world);
            typed.next = split.yes;
            if split.no.is_none() {
                continue;
            }
            let what = format!("{} of `{}`", expected.name.to_uppercase(), op.entry().name);
            let message = self.not_of_type(&what, operand, expected.ty);
            let refused = self.refused(cx, ErrorKind::InvalidArgument, message, split.no);
            typed.other.merge(&mut self.domain, refused.other);
            typed.mended = self.join_values(typed.mended, refused.next);
        }
        typed
    }

    /// What is said of a value that is not of the type that something must have.
    pub(super) fn not_of_type(&mut self, what: &str, value: &D::Value, ty: Type) -> D::Value {
        let before = self.domain.text(&format!("{what} is `"));
        let value = self.domain.pure(Pure::Excerpt, std::slice::from_ref(value));
        let after = self.domain.text(&format!("`, not {}", ty.wants().unwrap_or("of its type")));
        self.domain.concat(&[before, value, after])
    }

    /// A function of the operands, where it does not refuse them.
    fn applied(&mut self, cx: &Context, function: Pure, operands: &[D::Value], world: World<D>) -> Got<D> {
        let (mut other, mut mended) = (Flows::default(), None);
        let mut open = Some(world);
        for kind in function.kinds() {
            let Some(world) = open.take() else { break };
            let split = self.test(cx, &Test::Refused(function, *kind, operands), world);
            open = split.no;
            if split.yes.is_some() {
                let message = self.domain.pure(function, operands);
                let refused = self.refused(cx, *kind, message, split.yes);
                other.merge(&mut self.domain, refused.other);
                mended = self.join_values(mended, refused.next);
            }
        }
        let value = open.map(|world| (world, self.domain.pure(function, operands)));
        Got { next: self.join_values(value, mended), other }
    }

    /// The failure of an op that cannot use its operands. A report may go on behind it, with some value.
    fn refused(&mut self, cx: &Context, kind: ErrorKind, message: D::Value, world: Option<World<D>>) -> Got<D> {
        let Some(World { frame, host }) = world else { return Got { next: None, other: Flows::default() } };
        let outcome = self.domain.raise(cx, kind, message, host);
        self.outcome(cx, outcome, frame)
    }

    /// An op that is a program: its operands bound in a frame of its own.
    pub(super) fn op_program(
        &mut self,
        cx: &Context,
        call: &OpCall,
        asks: &'static [perch_ops::contract::Ask],
        operands: Vec<D::Value>,
        world: World<D>,
    ) -> Got<D> {
        let World { frame, host } = world;
        let outcome = self.domain.ask(cx, asks, &operands, &frame, host);
        let mut got = self.outcome(cx, outcome, frame.clone());
        let program = self.program;
        let (Some((world, _)), Some(body)) = (got.next.take(), program.op_program(call.op)) else { return got };
        let names = call.op.entry().operands.iter().map(|operand| Arc::from(operand.name));
        // What it starts sees what others see that are started here.
        let handed_on = frame.bindings.iter().filter(|(name, _)| hidden::is_handed_on(name));
        let mut bindings: OrdMap<_, _> = handed_on.map(|(name, value)| (name.clone(), value.clone())).collect();
        bindings.extend(names.zip(operands));
        let own = Frame { bindings, cwd: frame.cwd.clone() };
        let cx = Context { inside: Some(cx.op), captured: false, ..cx.clone() };
        let flows = self.body(&cx, &body.body, World { frame: own, host: world.host });
        let empty = self.domain.text("");
        let next = flows.next.map(|world| {
            let value = world.frame.bindings.get("result").cloned().unwrap_or(empty);
            (World { frame: frame.clone(), host: world.host }, value)
        });
        let other = Flows { next: None, ..flows }.each_frame(|inner| *inner = hidden::in_flight(&frame, inner));
        got.other.merge(&mut self.domain, other);
        Got { next, ..got }
    }

    /// What a primitive gave, as flows in `frame`.
    pub(super) fn outcome(&mut self, cx: &Context, outcome: Outcome<D>, frame: Frame<D::Value>) -> Got<D> {
        let mut other = Flows::default();
        for (raised, host) in outcome.failed {
            let frame = self.failed_frame(cx, &raised, frame.clone());
            let way = raised.late.map_or(Way::Failed(raised.kind), Way::Late);
            other.add(&mut self.domain, way, World { frame, host });
        }
        if let Some((host, status)) = outcome.ended {
            let mut frame = frame.clone();
            hidden::tell_to_end(&mut frame.bindings, status);
            other.add_exited(&mut self.domain, Some(World { frame, host }));
        }
        let next = outcome.next.map(|(host, value)| (World { frame, host }, value));
        Got { next, other }
    }

    pub(super) fn failed_frame(
        &mut self,
        cx: &Context,
        raised: &Raised<D::Value>,
        mut frame: Frame<D::Value>,
    ) -> Frame<D::Value> {
        let op = self.domain.text(cx.inside.unwrap_or(cx.op));
        let what = [
            (hidden::MESSAGE, &raised.message),
            (hidden::CODE, &raised.code),
            (hidden::OP, &op),
            (hidden::DETAIL, &raised.detail),
        ];
        for (name, value) in what {
            hidden::put(&mut frame.bindings, name, value.clone());
        }
        frame
    }

    /// A failure that the program itself asks for: never mended.
    pub(super) fn failure(&mut self, cx: &Context, kind: ErrorKind, message: D::Value, world: World<D>) -> Flows<D> {
        let empty = self.domain.text("");
        let raised = Raised { kind, message, code: empty.clone(), detail: empty, late: None };
        let frame = self.failed_frame(cx, &raised, world.frame);
        Flows::failed(kind, World { frame, host: world.host })
    }

    pub(super) fn exit(&mut self, cx: &Context, status: D::Value, world: World<D>) -> Flows<D> {
        let World { mut frame, host } = world;
        let Split { yes, no } = self.domain.split(cx, &Test::Status(&status), host);
        let mut flows = match no {
            Some(host) => {
                let message = self.domain.text("an exit status is an integer from 0 to 255");
                let outcome = self.domain.raise(cx, ErrorKind::InvalidArgument, message, host);
                // Nothing stands behind an exit that a report could go on with.
                self.outcome(cx, outcome, frame.clone()).other
            }
            None => Flows::default(),
        };
        hidden::put(&mut frame.bindings, hidden::STATUS, status);
        flows.add_exited(&mut self.domain, yes.map(|host| World { frame, host }));
        flows
    }
}

/// The variables that are set for an op alone, with their values.
pub(super) fn own_variables<V: Clone>(call: &OpCall, frame: &Frame<V>) -> Vec<(String, V)> {
    let value = |name: &String| Some((name.clone(), frame.bindings.get(hidden::variable(name).as_str())?.clone()));
    call.variables.iter().filter_map(|(name, _)| value(name)).collect()
}
