//! Which commands a command can get to.

use std::collections::BTreeSet;

use crate::program::{Stmt, StmtKind};

/// The names of the commands that a body calls, in whatever arm.
pub(crate) fn calls(body: &[Stmt]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(body, &mut found);
    found
}

fn collect(body: &[Stmt], found: &mut BTreeSet<String>) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Let { .. } | StmtKind::Op(_) | StmtKind::Chain(_) => {}
            StmtKind::Call { command, .. } => drop(found.insert(command.clone())),
            StmtKind::If { arms, otherwise } => {
                arms.iter().for_each(|(_, body)| collect(body, found));
                collect(otherwise, found);
            }
            StmtKind::ForEach { body, .. } => collect(body, found),
            StmtKind::Match { arms, otherwise, .. } => {
                arms.iter().for_each(|(_, body)| collect(body, found));
                collect(otherwise, found);
            }
            StmtKind::Try { body, rescue, finally } => {
                collect(body, found);
                rescue.iter().for_each(|(_, body)| collect(body, found));
                collect(finally, found);
            }
        }
    }
}
