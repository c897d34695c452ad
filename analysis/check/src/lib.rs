//! What is wrong with a program, as far as it shows without running it.
//!
//! Mistakes that show while a file is read come from where it is read, `perch-syntax` and `perch-ir`. What needs more than one
//! item, or the order of statements, is found here. Either way it is a [`Diagnostic`] with a code of the one list, and the
//! code has a [`Page`].
//!
//! * `program`: the program as a whole: bodies, who uses whom, who reads and binds what; `spread`: what that leads to.
//! * `ends`, `outcomes`: where bodies end, and which never do; `flow`: which names are bound where.
//! * `platform`, `conditions`: on which systems a statement can run, and which conditions are decided.
//! * `rights`: who writes, uses the network and so on; `access`: which paths, hosts and so on, with `site`: how they lie to each other, and
//!   `lists`: what files say they may touch; `usage`: what is used at all.
//! * `whole`, `view`: the program, and one body of it, with all of that.
//! * `findings`: a file for each code, with its tests; `allow`: those that the file allows; [`fix`]: mending.
//!
//! Every finding looks at each statement a fixed number of times. What could take longer has a limit, beyond which nothing is said.

mod access;
mod allow;
mod conditions;
mod ends;
mod findings;
pub mod fix;
mod flow;
mod lists;
mod outcomes;
mod page;
mod platform;
mod program;
mod rights;
mod site;
mod size;
mod spread;
#[cfg(test)]
mod testing;
mod usage;
mod view;
mod whole;

use perch_ir::{Database, Diagnostic, SourceFile};

pub use page::{Page, Part};
pub use platform::{ARCHITECTURES, OTHERWISE, SYSTEMS};
pub use size::Size;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In which file: a number of [`perch_ir::files::all`].
    pub file: usize,
    /// What; places count from the start of that file.
    pub problem: Diagnostic,
}

/// Everything that is wrong with the program that has `root` as its main file, file by file, each in its order, without what its files
/// allow.
#[must_use]
pub fn check(db: &Database, root: SourceFile) -> Vec<Finding> {
    let files = perch_ir::files::all(db, root);
    let mut by_file: Vec<Vec<Diagnostic>> = files.iter().map(|file| perch_ir::problems(db, *file, root)).collect();
    for Finding { file, problem } in findings::all(db, root) {
        by_file[file].push(problem);
    }
    let is_whole = !by_file.iter().flatten().any(Diagnostic::is_error);
    let mut all = Vec::new();
    for (file, (source, found)) in files.iter().zip(by_file).enumerate() {
        let mut left = allow::allowed(db, *source, found, is_whole);
        left.sort_by_key(|problem| problem.span);
        all.extend(left.into_iter().map(|problem| Finding { file, problem }));
    }
    all
}
