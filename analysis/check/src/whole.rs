//! A program with all that is found out about it before anything is judged.

use perch_ir::{Database, SourceFile};

use crate::outcomes::Outcomes;
use crate::program::Program;
use crate::rights::Rights;
use crate::view::View;

/// A program, and what its bodies lead to.
pub(crate) struct Whole<'db> {
    pub(crate) program: Program<'db>,
    pub(crate) outcomes: Outcomes,
    pub(crate) rights: Rights,
}

impl<'db> Whole<'db> {
    pub(crate) fn new(db: &'db Database, root: SourceFile) -> Self {
        let program = Program::new(db, root);
        let (outcomes, rights) = (Outcomes::of(&program), Rights::of(&program));
        Self { program, outcomes, rights }
    }

    /// One of its bodies. There is one for each number below that of the bodies.
    pub(crate) fn view(&self, number: usize) -> View<'_, 'db> {
        View::new(self, number, &self.program.bodies[number])
    }
}
