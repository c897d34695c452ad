//! A program with all that is found out about it before anything is judged.

use std::collections::HashMap;

use perch_ir::construct::Section;
use perch_ir::whole::Declared;
use perch_ir::{Database, SourceFile};

use crate::access::{Access, outside_bodies};
use crate::lists::Lists;
use crate::outcomes::Outcomes;
use crate::program::Program;
use crate::rights::Rights;
use crate::view::View;

/// A program, and what its bodies lead to.
pub(crate) struct Whole<'db> {
    pub(crate) program: Program<'db>,
    pub(crate) outcomes: Outcomes,
    pub(crate) rights: Rights,
    /// What `requires` allows, if there is one.
    pub(crate) manifest: Option<Lists>,
    /// What the `sandbox` of each file allows that has one.
    sandboxes: HashMap<usize, Lists>,
}

impl<'db> Whole<'db> {
    pub(crate) fn new(db: &'db Database, root: SourceFile) -> Self {
        let program = Program::new(db, root);
        let (outcomes, rights) = (Outcomes::of(&program), Rights::of(&program));
        let manifest = Lists::manifest(&program);
        let with_sandbox = program.sections.iter().filter(|(_, section)| matches!(section, Section::Sandbox(_)));
        let sandboxes = with_sandbox.map(|(at, _)| (at.file, Lists::sandbox(&program, at.file))).collect();
        Self { program, outcomes, rights, manifest, sandboxes }
    }

    /// What the `sandbox` of a file allows, if it has one.
    pub(crate) fn sandbox_of(&self, file: usize) -> Option<&Lists> {
        self.sandboxes.get(&file)
    }

    /// What stands outside of bodies wants and the manifest certainly does not name, with what it does name.
    pub(crate) fn outside_manifest(&self) -> Vec<(Declared<'db>, Access<'db>, Vec<String>)> {
        let mut found = Vec::new();
        let Some(manifest) = &self.manifest else { return found };
        outside_bodies(&self.program, &mut |at, access| {
            if let Some(outside) = manifest.outside(&access.what) {
                found.push((at, access, outside.listed));
            }
        });
        found
    }

    /// One of its bodies. There is one for each number below that of the bodies.
    pub(crate) fn view(&self, number: usize) -> View<'_, 'db> {
        View::new(self, number, &self.program.bodies[number])
    }
}
