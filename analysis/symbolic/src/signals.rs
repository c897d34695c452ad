//! What a command does when a signal ends the run.
//!
//! That nobody interrupts a run is taken for granted by every verdict, so no run that is spoken of comes here. A report tells all the same
//! what the handler would do, behind a ghost: from a host and bindings in which everything that the body can have done by then may
//! have happened, or not. When a signal comes nobody knows, so nothing of the host is known.

use perch_diagram::Dd;
use perch_engine::domain::Act;
use perch_engine::{Context, Engine, Flows, World};
use perch_ir::program::{Command, Program, Stmt, StmtKind};
use perch_ops::{Body, Primitive};

use crate::cells::{AtomKey, Cell, SIGNAL};
use crate::{Symbolic, copy};

pub(crate) fn interruptible<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    command: &Command,
    world: World<Symbolic>,
    body: Act<'_, P, Symbolic>,
    handler: Act<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    // What runs on the way out has no handlers of its own.
    if engine.domain.unwinding {
        return body(engine, cx, world);
    }
    let mut interrupted = copy(&world);
    let flows = body(engine, cx, world);
    let linked = engine.domain.names.linked();
    engine.domain.forget_all(&mut interrupted.host);
    for name in perch_ir::bound_by(engine.program, &command.body) {
        let before = interrupted.frame.bindings.get(name.as_str()).copied();
        let perhaps = engine.domain.perhaps_bound(before);
        interrupted.frame.bindings.insert(name.into(), perhaps);
    }
    if sets_variables(engine.program, &command.body) {
        engine.domain.variables_may_change(&mut interrupted.frame);
    }
    if moves(engine.program, &command.body) {
        interrupted.frame.cwd = engine.domain.fresh_text("the working directory when a signal comes");
    }
    let signal = engine.domain.signal();
    interrupted.host.pc = engine.domain.dds.and(interrupted.host.pc, signal);
    // Its runs end here, and none of them is real.
    engine.domain.unwinding = true;
    let _ = handler(engine, cx, interrupted);
    engine.domain.unwinding = false;
    engine.domain.names.set_all_linked(linked);
    flows
}

impl Symbolic {
    /// What a name is that was this and may have been bound by then.
    fn perhaps_bound(&mut self, before: Option<Dd>) -> Dd {
        let before = before.unwrap_or_else(|| self.cell(Cell::Unbound));
        let bound = self.fresh_text("what was bound when a signal comes");
        let is_bound = self.fresh("it was bound when a signal came");
        self.dds.ite(is_bound, bound, before)
    }

    /// A signal comes: on no run that is spoken of.
    fn signal(&mut self) -> Dd {
        let number = self.names.take_number();
        let ghost = self.names.atom(AtomKey::Ghost(number, SIGNAL.into()));
        self.dds.atom(ghost)
    }
}

/// Whether statements can leave the run in another directory. Blocks go back, and no callee moves its caller.
fn moves<P: Program>(program: &P, body: &[Stmt]) -> bool {
    has_primitive(program, body, Primitive::enters)
}

/// Whether statements can set variables.
fn sets_variables<P: Program>(program: &P, body: &[Stmt]) -> bool {
    has_primitive(program, body, |primitive| primitive.sets_variable().is_some())
}

/// Whether a statement is such a primitive.
fn has_primitive<P: Program>(program: &P, body: &[Stmt], is: fn(Primitive) -> bool) -> bool {
    let mut found = false;
    perch_ir::walk(body, &mut |stmt| match &stmt.kind {
        StmtKind::Op(call) => {
            found |= matches!(call.op.body(), Body::Primitive(primitive) if is(*primitive));
        }
        StmtKind::Expand { template, .. } => {
            found |= program.template(template).is_some_and(|template| has_primitive(program, &template.body, is));
        }
        _ => {}
    });
    found
}
