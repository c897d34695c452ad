//! Visits of a statement, with conditions that hold for the whole run.
//!
//! What was recorded of a body speaks of the runs since the body was entered. A body can be entered in several ways
//! (an [`Entry`] each), so a recorded visit is one visit per way, each under the condition of that way.

use std::rc::Rc;
use std::sync::Arc;

use perch_diagram::{Dd, Diagrams};
use perch_ir::program::Place;
use perch_symbolic::cells::Names;
use perch_symbolic::record::{Summary, Visit};

use crate::run::Run;

/// A way in which a body is entered.
#[derive(Clone)]
pub(crate) struct Entry {
    /// On which runs.
    pub(crate) when: Dd,
    /// Loop indices on the way in.
    pub(crate) prefix: Vec<u32>,
    /// What happened from there on.
    pub(crate) summary: Rc<Summary>,
}

/// A visit with absolute conditions.
#[derive(Clone)]
pub struct Seen {
    /// Loop indices.
    pub path: Vec<u32>,
    /// On which runs the body around it was entered: what recorded conditions are relative to.
    pub entry: Dd,
    /// On which runs.
    pub enter: Dd,
    /// On which of them it fails.
    pub fails: Dd,
    /// What was recorded.
    pub visit: Rc<Visit>,
}

impl Seen {
    /// A condition on the runs on which this visit is not mended.
    pub(crate) fn unmended(&self, dds: &mut Diagrams, dd: Dd) -> Dd {
        match self.visit.ghost {
            Some(ghost) => dds.substitute(dd, &mut |atom| (atom == ghost).then_some(Dd::FALSE)),
            None => dd,
        }
    }

    /// On which runs it fails, if neither it nor anything within it is mended: a chain with its clauses, a call with its callee. What came before
    /// may have been mended, also what is younger than a body that was evaluated once for several calls. So only what the body has recorded is
    /// looked through, not the condition under which it is entered.
    pub(crate) fn fails_unmended(&self, dds: &mut Diagrams, names: &Names) -> Dd {
        let failed = failed(dds, &self.visit);
        let failed = self.unmended_within(dds, names, failed);
        dds.and(self.enter, failed)
    }

    /// A condition that the body has recorded, on the runs on which neither this visit nor anything within it is mended.
    pub(crate) fn unmended_within(&self, dds: &mut Diagrams, names: &Names, dd: Dd) -> Dd {
        let is_within = |atom| names.is_ghost(atom) && names.newest_of_atom(atom) >= self.visit.since;
        dds.substitute(dd, &mut |atom| is_within(atom).then_some(Dd::FALSE))
    }
}

/// Where a recorded visit fails.
fn failed(dds: &mut Diagrams, visit: &Visit) -> Dd {
    visit.failed.iter().fold(Dd::FALSE, |all, (_, pc)| dds.or(all, *pc))
}

/// What is looked for.
#[derive(Clone)]
pub(crate) struct Spot {
    /// Where it stands.
    pub(crate) place: Place,
    /// In which file.
    pub(crate) file: u32,
    /// Position in a chain.
    pub(crate) clause: Option<usize>,
    /// Its op or block: an op and the chain around it stand in one place.
    pub(crate) op: &'static str,
    /// Where the templates around it are used.
    pub(crate) expanded: Arc<[Place]>,
}

/// All visits of the statement there, by loop indices and then in order of evaluation.
pub(crate) fn visits(run: &mut Run, spot: &Spot, entries: &[Entry]) -> Vec<Seen> {
    let mut all = Vec::new();
    for entry in entries {
        for visit in entry.summary.at(spot.place).filter(|visit| is_at(visit, spot)) {
            all.extend(absolute(run, entry, visit));
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path).then(a.visit.order.cmp(&b.visit.order)));
    all
}

/// Is that visit one of the statement there?
pub(crate) fn is_at(visit: &Visit, spot: &Spot) -> bool {
    let node = &visit.node;
    node.place == spot.place
        && node.file == spot.file
        && node.clause == spot.clause
        && node.op == spot.op
        && node.expanded == spot.expanded
}

/// A visit of an entry, if it is made on any run.
fn absolute(run: &mut Run, entry: &Entry, visit: &Rc<Visit>) -> Option<Seen> {
    let dds = &mut run.domain.dds;
    let enter = dds.minus(visit.enter, visit.excluded);
    let enter = dds.and(entry.when, enter);
    if enter.is_false() {
        return None;
    }
    let fails = failed(dds, visit);
    let fails = dds.and(enter, fails);
    let path = entry.prefix.iter().chain(&visit.visit).copied().collect();
    Some(Seen { path, entry: entry.when, enter, fails, visit: Rc::clone(visit) })
}
