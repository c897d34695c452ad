//! What is wrong with a program, as far as it shows without running it.
//!
//! Mistakes that show while a file is read come from where it is read, `perch-syntax` and `perch-ir`. What needs more than one
//! item, or the order of statements, is found here. Either way it is a [`Diagnostic`] with a code of the one list, and the
//! code has a [`Page`].
//!
//! * `program`: the program as a whole: bodies, who uses whom, who reads and binds what; `spread`: what that leads to.
//! * `ends`, `outcomes`: where bodies end, and which never do; `flow`: which names are bound where.
//! * `platform`, `conditions`: on which systems a statement can run, and which conditions are decided.
//! * `view`: one body with all of that.
//! * `findings`: a file for each code, with its tests.
//!
//! Every finding looks at each statement a fixed number of times. What could take longer has a limit, beyond which nothing is said.

mod conditions;
mod ends;
mod findings;
mod flow;
mod outcomes;
mod page;
mod platform;
mod program;
mod size;
mod spread;
#[cfg(test)]
mod testing;
mod usage;
mod view;

use perch_ir::{Database, Diagnostic, SourceFile};

pub use page::{Page, Part};
pub use size::Size;

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
    found.extend(findings::all(db, root));
    found.sort_by(|a, b| (a.file, a.problem.span).cmp(&(b.file, b.problem.span)));
    found
}
