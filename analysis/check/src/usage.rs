//! What of the main file is used at all.
//!
//! Only if nothing is broken: what is broken may use anything. Of imported files nothing is said here: others may import them, too.

use perch_ir::construct::Section;
use perch_ir::deeds::{Deed, text};
use perch_ir::{Operand, StmtKind, Text, walk};

use crate::program::{Kind, Program};

/// What can be got to.
pub(crate) struct Usage {
    reached: Vec<bool>,
    /// Whether anything can be said.
    is_known: bool,
}

impl Usage {
    pub(crate) fn of(program: &Program<'_>) -> Self {
        let bodies = program.bodies.iter().enumerate();
        let open: Vec<usize> = bodies.filter(|(_, body)| body.is_open()).map(|(at, _)| at).collect();
        // A file without commands for the command line is there for others to import.
        let is_library = !open.iter().any(|at| program.bodies[*at].at.file == 0);
        Self { reached: program.spread.reached(&open), is_known: program.whole && !is_library }
    }

    /// Bodies of the main file of a kind that nothing can get to.
    pub(crate) fn unused<'u>(&'u self, program: &'u Program<'_>, kind: Kind) -> impl Iterator<Item = usize> + 'u {
        let is_unused = move |at: &usize| {
            let body = &program.bodies[*at];
            // Of two of one name, the second is a mistake already.
            let is_first = program.named(*at) == Some(*at);
            let is_reached = self.reached.get(*at) != Some(&false);
            self.is_known && body.at.file == 0 && body.kind == kind && is_first && !is_reached
        };
        (0..program.bodies.len()).filter(is_unused)
    }

    /// Whether it can be said that something is not used.
    pub(crate) fn is_known(&self) -> bool {
        self.is_known
    }
}

/// The names that stand outside of bodies: in sections, and in shared bindings.
pub(crate) fn names_outside<'db>(program: &Program<'db>) -> Vec<&'db str> {
    let mut names = Vec::new();
    let mut read = |word: &'db Text| {
        text(word, &mut |deed| {
            if let Deed::Reads(name) | Deed::Mentions(name) = deed {
                names.push(name);
            }
        });
    };
    program.shared.iter().for_each(|(_, shared)| read(&shared.value));
    let mut bare = Vec::new();
    for (_, section) in &program.sections {
        match section {
            Section::Bundle(files) => files.iter().for_each(|file| read(&file.path)),
            Section::Requires(lines) => {
                for word in lines.iter().flat_map(|line| &line.words) {
                    match word {
                        Operand::Text(word) => read(word),
                        Operand::Name(name) => bare.push(name.as_str()),
                    }
                }
                lines.iter().flat_map(|line| &line.pins).for_each(|(_, word)| read(word));
            }
            Section::Sandbox(clauses) => clauses.iter().flat_map(|(_, words)| words).for_each(&mut read),
            Section::Hooks(_) => {}
        }
    }
    names.extend(bare);
    names
}

/// The names of all commands that bodies of the main file call, as they are written.
pub(crate) fn called<'db>(program: &Program<'db>) -> Vec<&'db str> {
    let mut names = Vec::new();
    for body in program.bodies.iter().filter(|body| body.at.file == 0) {
        names.extend(body.command.config.on_signal.as_ref().map(|line| line.value.as_str()));
        walk(&body.command.body, &mut |stmt| {
            if let StmtKind::Call { command: name, .. } | StmtKind::Expand { template: name, .. } = &stmt.kind {
                names.push(name.as_str());
            }
        });
    }
    names.extend(program.hooks().map(|(_, hook)| hook.handler.as_str()));
    names
}
