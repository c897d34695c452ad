//! How much is remembered, and how that shrinks as a run grows.
//!
//! Diagrams can multiply: a run that goes on and on in a host of which little is known would be over any budget. So what a
//! cell or condition may take up depends on how much of the manager's budget is spent. A small run remembers
//! everything that matters; a large one forgets more and more of how things hang together, and so ends in verdicts
//! that say `?` where it has forgotten, in place of one `?` for all. Forgetting always means a fresh unknown.

use perch_engine::World;

use crate::Symbolic;

/// What may be remembered.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Share of the manager's budget up to which these apply, in parts of 128.
    until: usize,
    /// Nodes that a cell or a condition may have before it is given up for an unknown.
    pub(crate) cell: usize,
    /// Nodes that may be made up when an entry that nobody has mentioned, or what is above a path, is looked at.
    pub(crate) read: usize,
    /// New nodes that joining or simplifying one cell may take.
    pub(crate) effort: usize,
    /// Values that are kept apart when a cell is given up.
    pub(crate) kept: usize,
    /// Nodes that the path condition behind an op may have before it is given up for an unknown.
    pub(crate) path_condition: usize,
    /// Outcomes with more unknowns of their own than this are compressed.
    pub(crate) own_atoms: usize,
    /// Nodes of the diagram of all results together, before results are compressed cell by cell.
    pub(crate) joint: usize,
    /// New nodes that working out one value or cell from another may take.
    pub(crate) map_effort: usize,
    /// New nodes that putting results in another way may take.
    pub(crate) joint_effort: usize,
    /// Possibilities, and nodes, of a directory's unmentioned entries before they are given up for unknown ones.
    pub(crate) rests: usize,
    pub(crate) rest: usize,
    /// Nodes of the condition that two trees are in each other's way, before it is given up for an unknown.
    pub(crate) clash: usize,
    /// Combinations of operands, or routes through links, that are told apart.
    pub(crate) cases: usize,
    /// Literals of one partition that are put in place of an unknown text where the path condition may know it.
    pub(crate) expanded: usize,
}

/// Parts of 128 of the budget after which nothing is kept.
const EXHAUSTED: usize = 16;

/// Nodes of a binding that is kept even then.
const KEPT_WHEN_EXHAUSTED: usize = 3;

const LIMITS: [Limits; 4] = [
    Limits {
        until: 4,
        cell: 40,
        read: 160,
        effort: 400,
        kept: 8,
        path_condition: 60,
        own_atoms: 4,
        joint: 600,
        map_effort: 2000,
        joint_effort: 4000,
        rests: 4,
        rest: 32,
        clash: 200,
        cases: 16,
        expanded: 8,
    },
    Limits {
        until: 7,
        cell: 16,
        read: 64,
        effort: 160,
        kept: 5,
        path_condition: 30,
        own_atoms: 2,
        joint: 200,
        map_effort: 700,
        joint_effort: 1200,
        rests: 3,
        rest: 12,
        clash: 60,
        cases: 8,
        expanded: 4,
    },
    Limits {
        until: 11,
        cell: 8,
        read: 32,
        effort: 80,
        kept: 3,
        path_condition: 16,
        own_atoms: 1,
        joint: 60,
        map_effort: 300,
        joint_effort: 400,
        rests: 2,
        rest: 6,
        clash: 20,
        cases: 4,
        expanded: 2,
    },
    Limits {
        until: 128,
        cell: 4,
        read: 16,
        effort: 40,
        kept: 2,
        path_condition: 8,
        own_atoms: 0,
        joint: 0,
        map_effort: 100,
        joint_effort: 100,
        rests: 1,
        rest: 3,
        clash: 8,
        cases: 1,
        expanded: 0,
    },
];

impl Symbolic {
    /// Parts of 128 of the budget that are spent.
    fn spent(&self) -> usize {
        self.dds.len().saturating_mul(128) / self.dds.budget().max(1)
    }

    /// True once so much is spent that the rest of the run can only be gone through, with nothing known.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.spent() >= EXHAUSTED
    }

    /// Forgets what a world holds: every later op becomes a `?`.
    pub(crate) fn forget_world(&mut self, world: &mut World<Symbolic>) {
        self.forgot = true;
        self.forget_all(&mut world.host);
        for (name, value) in world.frame.bindings.clone() {
            if self.dds.exceeds(value, KEPT_WHEN_EXHAUSTED) {
                let weakened = self.weakened(value);
                world.frame.bindings.insert(name, weakened);
            }
        }
        if self.dds.exceeds(world.frame.cwd, KEPT_WHEN_EXHAUSTED) {
            world.frame.cwd = self.weakened(world.frame.cwd);
        }
    }

    /// What may be remembered at this point of the run.
    pub(crate) fn limits(&self) -> &'static Limits {
        let spent = self.spent();
        let [first, .., last] = &LIMITS;
        if spent < first.until {
            return first;
        }
        LIMITS.iter().find(|limits| spent < limits.until).unwrap_or(last)
    }
}
