//! What a command does when a signal ends the run.
//!
//! That nobody interrupts a run is taken for granted by every verdict, so no run that is spoken of comes here. A report tells all the same
//! what the handler would do, behind a ghost: from a host and bindings in which everything that the body can have done by then may
//! have happened, or not. When a signal comes nobody knows, so of what the body changes nothing is known.

use std::rc::Rc;

use perch_diagram::Dd;
use perch_engine::domain::Act;
use perch_engine::{Context, Engine, Flows, World};
use perch_ir::program::{Command, Program, Stmt, StmtKind};
use perch_ops::{Body, Primitive};

use crate::cells::{AtomKey, Cell, SIGNAL};
use crate::host::Host;
use crate::parallel::{Left, Unsteady};
use crate::perform::modes::Mode;
use crate::stored::Results;
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
    let before = (engine.domain.links_made, engine.domain.modes_set);
    let flows = body(engine, cx, world);
    let linked = engine.domain.names.linked();
    engine.domain.perhaps_changed(&mut interrupted, &flows, before);
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
    /// All that a body has changed may have happened by then, or some of it. `before` it, so many links were made and modes set.
    fn perhaps_changed(&mut self, world: &mut World<Self>, flows: &Flows<Self>, before: (usize, usize)) {
        let Some(changed) = self.changed_on_any(&world.host, flows) else {
            return self.forget_all(&mut world.host);
        };
        let (links_made, modes_set) = before;
        if self.links_made != links_made {
            self.links_anywhere();
        }
        self.no_longer_known(&mut world.host, &changed);
        self.stored_by_any(world, &changed.stored);
        if self.modes_set != modes_set {
            let modes = changed.entries.keys().map(|at| (Rc::clone(at), Mode::Perhaps));
            world.host.modes.extend(modes);
        }
    }

    /// What is changed on some of the ways out of a body. Nothing if there is none, or if trees come and go with rights that may be missed: what
    /// they were like on the way nobody knows.
    fn changed_on_any(&mut self, before: &Host, flows: &Flows<Self>) -> Option<Unsteady> {
        let mut changed: Option<Unsteady> = None;
        for world in flows.worlds() {
            let host = &world.host;
            let written = &host.written;
            if written.rests().next().is_some() && self.may_lack_rights(host) {
                return None;
            }
            changed.get_or_insert_default().add(Unsteady {
                entries: written.entries().map(|at| (Rc::clone(at), Left::Anything)).collect(),
                rests: written.rests().cloned().collect(),
                bins: host.bins != before.bins,
                packages: written.packages || host.packages != before.packages,
                stored: Results::anything(),
                ..Unsteady::default()
            });
        }
        changed
    }

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
