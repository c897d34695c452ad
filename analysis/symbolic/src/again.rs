//! A run that starts where another has ended.
//!
//! Both are on the same host, so the unknowns of the first remain what they are: whatever it has found out about the start, or taken
//! for granted of it, holds for the second. What may be different is what the second is told: variables, and what programs do.

use perch_diagram::Dd;
use perch_engine::World;
use perch_ops::machine::is_of_run;
use perch_ops::{FACTS, INNER_FACTS};
use perch_policy::Policy;

use crate::cells::{Cell, HoleKey};
use crate::facts::Facts;
use crate::values::OTHER_FACT;
use crate::{Symbolic, calls};

impl Symbolic {
    /// Follows real runs alone: nobody reads what comes behind a failure that ends the command.
    #[must_use]
    pub fn unmended(self) -> Self {
        Self { mends: false, ..self }
    }

    /// Gets ready for another run. Of the facts, those about paths and about what is on PATH must be those of the run before.
    pub fn again(&mut self, facts: Facts, policy: Policy) {
        self.mends = true;
        self.facts = facts;
        self.policy = policy;
        // What calls have come to was found out under the facts before.
        self.memo = calls::Memos::default();
        // Some facts are others in each run, whatever the host.
        let facts = FACTS.iter().chain(INNER_FACTS).map(|fact| fact.name);
        for name in facts.filter(|name| is_of_run(name)) {
            let number = self.names.take_number();
            let other = self.names.unknown(HoleKey::Fresh(number, OTHER_FACT));
            self.own_facts.insert(name, other);
        }
    }

    /// The runs among these on which no failure was mended.
    pub fn without_mended(&mut self, pc: Dd) -> Dd {
        let names = &self.names;
        let ghosts: Vec<_> = self.dds.support(pc).into_iter().filter(|atom| names.is_ghost(*atom)).collect();
        ghosts.into_iter().fold(pc, |pc, ghost| {
            let ghost = self.dds.atom(ghost);
            self.dds.minus(pc, ghost)
        })
    }

    /// The world on the runs on which there still is a directory to start in.
    pub fn where_it_can_start(&mut self, mut world: World<Self>) -> Option<World<Self>> {
        let cwd = self.facts.cwd.clone();
        let entry = self.entry(&world.host, &cwd);
        let is_there = self.where_cell(entry, |cell| matches!(cell, Cell::Dir));
        world.host.pc = self.dds.and(world.host.pc, is_there);
        world.host.slept = self.known_text("0");
        (!world.host.pc.is_false()).then_some(world)
    }
}
