//! Which rights the ops of a statement need, and which are needed somewhere beneath a call.

use perch_ir::deeds::{Deed, deeds};
use perch_ir::{Stmt, walk};
use perch_ops::{Entry, Touch};
use perch_policy::Right;

use crate::program::Program;

/// The right that something needs.
pub(crate) fn needed(touch: Touch) -> Option<Right> {
    match touch {
        Touch::Shell(_) => Some(Right::Shell),
        Touch::Start(_) => Some(Right::Subprocess),
        Touch::Net(_) => Some(Right::Network),
        Touch::Write(_) => Some(Right::Write),
        _ => None,
    }
}

/// The ops of a statement that need a right.
pub(crate) fn of_statement(stmt: &Stmt) -> Vec<(&'static Entry, Right)> {
    let mut found = Vec::new();
    deeds(stmt, &mut |deed| {
        if let Deed::Uses(used) = deed {
            found.extend(used.entry.touches.iter().filter_map(|touch| Some((used.entry, needed(*touch)?))));
        }
    });
    found.dedup_by_key(|(entry, right)| (entry.name, *right));
    found
}

/// Whether an op of a statement touches something.
pub(crate) fn touches(stmt: &Stmt, of: impl Fn(&Touch) -> bool) -> bool {
    let mut found = false;
    deeds(stmt, &mut |deed| {
        if let Deed::Uses(used) = deed {
            found |= used.entry.touches.iter().any(&of);
        }
    });
    found
}

/// For each right, the bodies that need it by themselves or by what they use.
pub(crate) struct Rights {
    needed: [Vec<bool>; Right::ALL.len()],
}

impl Rights {
    pub(crate) fn of(program: &Program<'_>) -> Self {
        let mut own: [Vec<usize>; Right::ALL.len()] = Default::default();
        for (at, body) in program.bodies.iter().enumerate() {
            walk(&body.command.body, &mut |stmt| {
                for (_, right) in of_statement(stmt) {
                    own[right as usize].push(at);
                }
            });
        }
        Self { needed: own.map(|bodies| program.spread.reaching(&bodies)) }
    }

    /// Whether a body, or what it uses, needs a right.
    pub(crate) fn needs(&self, body: usize, right: Right) -> bool {
        self.needed[right as usize].get(body) == Some(&true)
    }
}

/// What a right is for, in words.
pub(crate) fn deed(right: Right) -> &'static str {
    match right {
        Right::Shell => "gives a text to the shell",
        Right::Subprocess => "starts a program",
        Right::Network => "uses the network",
        Right::Write => "writes",
    }
}
