//! How much is remembered, and how that shrinks as a run grows.
//!
//! Diagrams can multiply: a run that goes on and on in a host of which little is known would be over any budget. So what a
//! cell or condition may take up depends on how much of the manager's budget is spent. A small run remembers
//! everything that matters; a large one forgets more and more of how things hang together, and so ends in verdicts
//! that say `?` where it has forgotten, in place of one `?` for all. Forgetting always means a fresh unknown.

use crate::Symbolic;

/// What may be remembered.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Share of the manager's budget up to which these apply, in parts of 64.
    until: usize,
    /// Nodes that a cell or a condition may have before it is given up for an unknown.
    pub(crate) cell: usize,
    /// Values that are kept apart when a cell is given up.
    pub(crate) kept: usize,
    /// Nodes that the path condition behind an op may have before it is given up for an unknown.
    pub(crate) path_condition: usize,
    /// Outcomes with more unknowns of their own than this are compressed.
    pub(crate) own_atoms: usize,
    /// Nodes of the diagram of all results together, before results are compressed cell by cell.
    pub(crate) joint: usize,
    /// Possibilities, and nodes, of a directory's unmentioned entries before they are given up for unknown ones.
    pub(crate) rests: usize,
    pub(crate) rest: usize,
    /// Nodes of the condition that two trees are in each other's way, before it is given up for an unknown.
    pub(crate) clash: usize,
    /// Literals of one partition that are put in place of an unknown text where the path condition may know it.
    pub(crate) expanded: usize,
}

const LIMITS: [Limits; 4] = [
    Limits {
        until: 8,
        cell: 40,
        kept: 8,
        path_condition: 60,
        own_atoms: 4,
        joint: 600,
        rests: 4,
        rest: 32,
        clash: 200,
        expanded: 8,
    },
    Limits {
        until: 16,
        cell: 16,
        kept: 5,
        path_condition: 30,
        own_atoms: 2,
        joint: 200,
        rests: 3,
        rest: 12,
        clash: 60,
        expanded: 4,
    },
    Limits {
        until: 28,
        cell: 8,
        kept: 3,
        path_condition: 16,
        own_atoms: 1,
        joint: 60,
        rests: 2,
        rest: 6,
        clash: 20,
        expanded: 2,
    },
    Limits {
        until: 64,
        cell: 4,
        kept: 2,
        path_condition: 8,
        own_atoms: 0,
        joint: 0,
        rests: 1,
        rest: 3,
        clash: 8,
        expanded: 0,
    },
];

impl Symbolic {
    /// What may be remembered at this point of the run.
    pub(crate) fn limits(&self) -> &'static Limits {
        let spent = self.dds.len().saturating_mul(64) / self.dds.budget().max(1);
        let [first, .., last] = &LIMITS;
        if spent < first.until {
            return first;
        }
        LIMITS.iter().find(|limits| spent < limits.until).unwrap_or(last)
    }
}
