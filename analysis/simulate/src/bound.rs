//! Which names are bound by a program, so that they say nothing about the host.

use std::collections::BTreeSet;

use perch_ir::program::{Command, Program, Stmt, StmtKind};

/// Names that something may be bound to in the body of a command.
pub(crate) fn bound_names<P: Program>(program: &P, command: &Command) -> BTreeSet<String> {
    let mut bound: BTreeSet<String> = command.args.iter().map(|arg| arg.name.clone()).collect();
    bound.extend(program.shared().iter().map(|shared| shared.name.clone()));
    let mut templates = Vec::new();
    let mut known = BTreeSet::new();
    body_binds(&command.body, &mut bound, &mut templates);
    while let Some(name) = templates.pop() {
        if known.insert(name.clone())
            && let Some(template) = program.template(&name)
        {
            body_binds(&template.body, &mut bound, &mut templates);
        }
    }
    bound
}

fn body_binds(body: &[Stmt], bound: &mut BTreeSet<String>, templates: &mut Vec<String>) {
    perch_ir::walk(body, &mut |stmt| match &stmt.kind {
        StmtKind::Let { name, .. } | StmtKind::ForEach { name, .. } => bound.extend([name.clone()]),
        StmtKind::Op(call) => bound.extend(call.bind.clone()),
        StmtKind::Call { bind, .. } | StmtKind::Pipe { bind, .. } => bound.extend(bind.clone()),
        StmtKind::Chain(clauses) => bound.extend(clauses.iter().filter_map(|clause| clause.call.bind.clone())),
        StmtKind::Try { rescue, .. } => bound.extend(rescue.iter().map(|(name, _)| name.clone())),
        StmtKind::Expand { template, .. } => templates.push(template.clone()),
        StmtKind::If { .. } | StmtKind::Match { .. } | StmtKind::Block(_) | StmtKind::NotYet(_) => {}
    });
}
