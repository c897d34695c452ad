//! What becomes of calls: which commands never come back, and which never end.

use std::collections::VecDeque;

use perch_ir::{Stmt, StmtKind};

use crate::ends::{Ends, Looking};
use crate::program::Program;

/// For each body what can become of a run that enters it.
pub(crate) struct Outcomes {
    /// Whether a run can come back from it, if calls in circles are thought to.
    comes_back: Vec<bool>,
    /// Whether a run can come back from it or end in it.
    ends: Vec<bool>,
}

impl Outcomes {
    pub(crate) fn of(program: &Program<'_>) -> Self {
        let back = settled(program, Ends { goes_on: true, stops: true });
        let out = settled(program, Ends { goes_on: false, stops: false });
        Self {
            comes_back: back.iter().map(|ends| ends.goes_on).collect(),
            ends: out.iter().map(|ends| ends.goes_on || ends.stops).collect(),
        }
    }

    pub(crate) fn comes_back(&self, body: usize) -> bool {
        self.comes_back.get(body) != Some(&false)
    }

    pub(crate) fn ends(&self, body: usize) -> bool {
        self.ends.get(body) != Some(&false)
    }

    /// What becomes of a run that a statement of a body sends into another one.
    pub(crate) fn of_use(&self, program: &Program<'_>, body: usize, stmt: &Stmt) -> Ends {
        let comes_back = used(program, body, stmt).is_none_or(|to| self.comes_back(to));
        Ends { goes_on: comes_back, stops: true }
    }
}

/// The body that a statement uses.
pub(crate) fn used(program: &Program<'_>, body: usize, stmt: &Stmt) -> Option<usize> {
    let from = program.bodies.get(body)?.at.item;
    match &stmt.kind {
        StmtKind::Call { command, .. } => program.command(from, command),
        StmtKind::Expand { template, .. } => program.template(from, template),
        _ => None,
    }
}

/// Starts with the same for all bodies and goes on until nothing changes any more. Every body is looked at again only when one that it
/// uses has changed, and each changes at most twice.
fn settled(program: &Program<'_>, start: Ends) -> Vec<Ends> {
    let count = program.bodies.len();
    let mut known = vec![start; count];
    // Those that are used mostly stand below those that use them.
    let mut open: VecDeque<usize> = (0..count).rev().collect();
    let mut is_open = vec![true; count];
    while let Some(at) = open.pop_front() {
        is_open[at] = false;
        let of_use = |stmt: &Stmt| match used(program, at, stmt) {
            Some(to) => known[to],
            None => Ends { goes_on: true, stops: false },
        };
        let now = Looking::new(&of_use).body(&program.bodies[at].command.body);
        if now == known[at] {
            continue;
        }
        known[at] = now;
        for user in program.spread.users(at) {
            if !std::mem::replace(&mut is_open[*user], true) {
                open.push_back(*user);
            }
        }
    }
    known
}
