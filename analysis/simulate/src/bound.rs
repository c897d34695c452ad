//! Which names are bound by a program, so that they say nothing about the host.

use std::collections::BTreeSet;

use perch_ir::program::{Command, Program, Stmt, StmtKind, count_of};

/// Names that something may be bound to in a command.
#[derive(Default)]
pub(crate) struct Bound {
    /// What whoever calls it says, and what its file binds.
    given: BTreeSet<String>,
    /// What its body binds.
    own: BTreeSet<String>,
}

impl Bound {
    pub(crate) fn of<P: Program>(program: &P, command: &Command) -> Self {
        let mut given: BTreeSet<String> = command.args.iter().map(|arg| arg.name.clone()).collect();
        given.extend(program.shared().iter().map(|shared| shared.name.clone()));
        given.extend(command.list().map(|list| count_of(list.name)));
        let mut own = BTreeSet::new();
        let mut templates = Vec::new();
        let mut known = BTreeSet::new();
        body_binds(&command.body, &mut own, &mut templates);
        while let Some(name) = templates.pop() {
            if known.insert(name.clone())
                && let Some(template) = program.template(&name)
            {
                body_binds(&template.body, &mut own, &mut templates);
            }
        }
        Self { given, own }
    }

    /// Whether something may be bound to it. What `rescue` binds has parts, such as `e.message`.
    pub(crate) fn has(&self, name: &str) -> bool {
        let whole = name.split_once('.').map_or(name, |(whole, _)| whole);
        [name, whole].into_iter().any(|name| self.given.contains(name) || self.own.contains(name))
    }

    /// Whether it is what whoever calls the command says, whatever the body does.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.given.contains(name) && !self.own.contains(name)
    }
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
