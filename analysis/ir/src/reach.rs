//! Which commands a command can get to.

use std::collections::BTreeSet;

use crate::program::{Stmt, StmtKind};

/// The names of the commands that a body calls, in whatever arm.
pub(crate) fn calls(body: &[Stmt]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(body, &mut |stmt| {
        if let StmtKind::Call { command, .. } = &stmt.kind {
            found.insert(command.clone());
        }
    });
    found
}

/// Shows every statement of a body, and of the bodies in it.
pub(crate) fn walk<'s>(body: &'s [Stmt], see: &mut impl FnMut(&'s Stmt)) {
    for stmt in body {
        see(stmt);
        match &stmt.kind {
            StmtKind::Let { .. } | StmtKind::Op(_) | StmtKind::Call { .. } | StmtKind::Chain(_) => {}
            StmtKind::If { arms, otherwise } => {
                arms.iter().for_each(|(_, body)| walk(body, see));
                walk(otherwise, see);
            }
            StmtKind::ForEach { body, .. } => walk(body, see),
            StmtKind::Match { arms, otherwise, .. } => {
                arms.iter().for_each(|(_, body)| walk(body, see));
                walk(otherwise, see);
            }
            StmtKind::Try { body, rescue, finally } => {
                walk(body, see);
                rescue.iter().for_each(|(_, body)| walk(body, see));
                walk(finally, see);
            }
        }
    }
}
