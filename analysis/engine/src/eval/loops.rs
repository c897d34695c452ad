//! `for_each`.

use perch_ir::program::{Operand, Program, Stmt};

use super::{Engine, Got, RESULT, inner, leaf};
use crate::faults::{Fault, active};
use crate::flows::hidden;
use crate::{Context, Domain, Flows, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn for_each(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        list: &Operand,
        name: &str,
        body: &[Stmt],
        world: World<D>,
    ) -> Flows<D> {
        let mut flows = self.loop_head(cx, stmt, list, world);
        let Some(mut world) = flows.next.take() else { return flows };
        let Some(elements) = world.frame.bindings.remove(RESULT) else { return flows };
        let before = hidden::bound(&world.frame.bindings, name);
        let done = D::repeat(self, &inner(cx), &elements, world, &|engine, cx, turn, mut world| {
            hidden::bind(&mut world.frame.bindings, name, turn.element);
            engine.body(cx, body, world)
        });
        let done = done.each_frame(|frame| {
            if !active(Fault::LoopVariableStays) {
                hidden::rebind(&mut frame.bindings, name, &before);
            }
        });
        flows.merge(&mut self.domain, done);
        flows
    }

    /// The list of a loop, bound under a hidden name.
    pub(super) fn loop_head(&mut self, cx: &Context, stmt: &Stmt, list: &Operand, world: World<D>) -> Flows<D> {
        let node = leaf("for_each", &stmt.source, stmt.place, cx);
        self.visit(cx, &node, world, &|engine, cx, world| {
            let (next, other) = engine.operands(cx, std::slice::from_ref(list), world);
            let next = next.and_then(|(world, values)| values.into_iter().next().map(|value| (world, value)));
            engine.bind(Got { next, other }, Some(RESULT))
        })
    }
}
