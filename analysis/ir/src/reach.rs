//! What a command can get to.

use std::collections::BTreeSet;

use crate::deeds::binding;
use crate::program::{Command, Program, Stmt, StmtKind};

/// What a command uses, in whatever arm.
#[derive(Default)]
pub(crate) struct Uses {
    /// Names of commands.
    pub(crate) commands: BTreeSet<String>,
    /// Names of templates.
    pub(crate) templates: BTreeSet<String>,
}

/// What a command uses.
pub(crate) fn uses(command: &Command) -> Uses {
    let mut found = Uses::default();
    found.commands.extend(command.config.on_signal.iter().map(|line| line.value.clone()));
    walk(&command.body, &mut |stmt| match &stmt.kind {
        StmtKind::Call { command, .. } => {
            found.commands.insert(command.clone());
        }
        StmtKind::Expand { template, .. } => {
            found.templates.insert(template.clone());
        }
        _ => {}
    });
    found
}

/// The names that statements, and templates that they use, can bind such that they stay bound.
#[must_use]
pub fn bound_by<P: Program>(program: &P, body: &[Stmt]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut templates = BTreeSet::new();
    walk(body, &mut |stmt| {
        names.extend(binding(stmt).map(str::to_owned));
        if let StmtKind::Expand { template, .. } = &stmt.kind {
            templates.insert(template.clone());
        }
    });
    for template in templates.iter().filter_map(|name| program.template(name)) {
        names.extend(bound_by(program, &template.body));
    }
    // Nobody else can see the arguments of a template.
    names.retain(|name| !name.starts_with(' '));
    names
}

/// Shows every statement of a body, and of the bodies in it.
pub fn walk<'s>(body: &'s [Stmt], see: &mut impl FnMut(&'s Stmt)) {
    for stmt in body {
        see(stmt);
        stmt.kind.bodies().for_each(|body| walk(body, see));
    }
}

impl StmtKind {
    /// The bodies in a statement.
    pub fn bodies(&self) -> impl Iterator<Item = &[Stmt]> {
        let mut bodies: Vec<&[Stmt]> = Vec::new();
        match self {
            Self::Let { .. }
            | Self::Op(_)
            | Self::Call { .. }
            | Self::Chain(_)
            | Self::Pipe { .. }
            | Self::Expand { .. }
            | Self::NotYet(_) => {}
            Self::If { arms, otherwise } => {
                bodies.extend(arms.iter().map(|(_, body)| body.as_slice()));
                bodies.push(otherwise);
            }
            Self::ForEach { body, .. } => bodies.push(body),
            Self::Match { arms, otherwise, .. } => {
                bodies.extend(arms.iter().map(|(_, body)| body.as_slice()));
                bodies.push(otherwise);
            }
            Self::Try { body, rescue, finally } => {
                bodies.push(body);
                bodies.extend(rescue.iter().map(|(_, body)| body.as_slice()));
                bodies.push(finally);
            }
            Self::Block(block) => bodies.push(&block.body),
        }
        bodies.into_iter()
    }

    /// The same, to be changed.
    pub(crate) fn bodies_mut(&mut self) -> impl Iterator<Item = &mut Vec<Stmt>> {
        let mut bodies: Vec<&mut Vec<Stmt>> = Vec::new();
        match self {
            Self::Let { .. }
            | Self::Op(_)
            | Self::Call { .. }
            | Self::Chain(_)
            | Self::Pipe { .. }
            | Self::Expand { .. }
            | Self::NotYet(_) => {}
            Self::If { arms, otherwise } => {
                bodies.extend(arms.iter_mut().map(|(_, body)| body));
                bodies.push(otherwise);
            }
            Self::ForEach { body, .. } => bodies.push(body),
            Self::Match { arms, otherwise, .. } => {
                bodies.extend(arms.iter_mut().map(|(_, body)| body));
                bodies.push(otherwise);
            }
            Self::Try { body, rescue, finally } => {
                bodies.push(body);
                bodies.extend(rescue.iter_mut().map(|(_, body)| body));
                bodies.push(finally);
            }
            Self::Block(block) => bodies.push(&mut block.body),
        }
        bodies.into_iter()
    }
}
