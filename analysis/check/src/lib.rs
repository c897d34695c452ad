//! What is wrong with a program, as far as it shows without running it.
//!
//! Mistakes that show while a file is read come from where it is read, `perch-syntax` and `perch-ir`. What needs more than one
//! item, or the order of statements, is found here. Either way it is a [`Diagnostic`] with a code of the one list.

mod page;
mod size;

pub use page::{Page, Part};
pub use size::Size;

use perch_ir::{Database, Diagnostic, SourceFile};

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In which file: a number of [`perch_ir::files::all`].
    pub file: usize,
    /// What; places count from the start of that file.
    pub problem: Diagnostic,
}

/// Everything that is wrong with the program that has `root` as its main file, file by file, each in its order.
#[must_use]
pub fn check(db: &Database, root: SourceFile) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, source) in perch_ir::files::all(db, root).iter().enumerate() {
        let problems = perch_ir::problems(db, *source, root);
        found.extend(problems.into_iter().map(|problem| Finding { file, problem }));
    }
    found
}
