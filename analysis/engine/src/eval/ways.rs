//! Runs that go different ways, for a while in one world.
//!
//! What follows whatever happened (`finally`, the other branches of a `parallel`) is evaluated once, on the join of all
//! continuations. A hidden binding says of each run which way it goes, and what it carries (the message of a failure, the
//! status of an `exit`) is put aside under the same number.

use perch_ir::program::{Comparison, Program};

use super::Engine;
use crate::flows::{Way, hidden, join_into};
use crate::{Context, Domain, Flows, Test, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// All continuations as one world, and the ways that they go.
    pub(super) fn gathered(&mut self, number: usize, flows: Flows<D>) -> (Option<World<D>>, Vec<Way>) {
        let mut gathered = None;
        let mut ways = Vec::new();
        for (way, mut world) in flows.ways() {
            ways.push(way);
            hidden::put_aside(&mut world.frame.bindings, number);
            world.frame.bindings.insert(hidden::tag(number).into(), self.domain.text(&way.name()));
            join_into(&mut self.domain, &mut gathered, Some(world));
        }
        (gathered, ways)
    }

    /// The reverse: each run goes its way again.
    pub(super) fn apart(&mut self, cx: &Context, number: usize, world: Option<World<D>>, ways: &[Way]) -> Flows<D> {
        let mut open = world;
        let mut flows = Flows::default();
        for way in ways {
            if let Some(world) = self.going(cx, number, &mut open, *way) {
                flows.add(&mut self.domain, *way, world);
            }
        }
        flows
    }

    /// Takes the runs that go this way out of `open`, with what they carry taken up again.
    pub(super) fn going(
        &mut self,
        cx: &Context,
        number: usize,
        open: &mut Option<World<D>>,
        way: Way,
    ) -> Option<World<D>> {
        let mut world = self.tagged(cx, number, open, way)?;
        if way == Way::Next {
            hidden::drop_aside(&mut world.frame.bindings, number);
        } else {
            hidden::take_up(&mut world.frame.bindings, number);
        }
        Some(world)
    }

    /// Takes the runs that go this way out of `open`.
    pub(super) fn tagged(
        &mut self,
        cx: &Context,
        number: usize,
        open: &mut Option<World<D>>,
        way: Way,
    ) -> Option<World<D>> {
        let world = open.take()?;
        let Some(tag) = world.frame.bindings.get(hidden::tag(number).as_str()).cloned() else {
            *open = Some(world);
            return None;
        };
        let this = self.domain.text(&way.name());
        let split = self.test(cx, &Test::Compare(Comparison::Equal, &tag, &this), world);
        *open = split.no;
        split.yes
    }
}
