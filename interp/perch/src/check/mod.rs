//! `perch --check`: what is wrong with programs.
//!
//! Nothing is decided here. [`perch_check`] finds, `mend` makes fixes, `outcome` gathers and counts, and each format has one renderer:
//! `human`, `json`, `sarif`, `github`. People read standard error, machines standard output.

mod explain;
mod github;
pub(crate) mod human;
mod json;
mod mend;
pub(crate) mod outcome;
mod sarif;
pub(crate) mod source;

use crate::cli::wrong_word;
use crate::report::Trouble;
use crate::{list, load};
use outcome::{Checked, Found, Outcome};
use perch_ir::Code;

pub(crate) use explain::explain;

pub use json::schema;

/// What is to be checked, and how.
pub(crate) struct Wanted {
    /// The files; at least one.
    pub(crate) files: Vec<String>,
    pub(crate) format: Format,
    /// Warnings count like mistakes.
    pub(crate) deny_warnings: bool,
    /// Fixes that nobody has to look at are made first.
    pub(crate) fix: bool,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For machines: `schemas/check.json`.
    Json,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// For a job on GitHub: commands that annotate lines.
    Github,
}

impl Format {
    const ALL: [(&'static str, Self); 4] =
        [("human", Self::Human), ("json", Self::Json), ("sarif", Self::Sarif), ("github", Self::Github)];

    /// The format of that name.
    pub(crate) fn named(name: &str) -> Result<Self, Trouble> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format).ok_or_else(|| wrong_word("--format", name, &Self::ALL.map(|(known, _)| known)))
    }
}

/// What a check says of programs that lines start and nobody has: whether something else may have been meant.
pub(crate) struct Starts(Checked);

impl Starts {
    /// Of the program in that file; nothing if it cannot be read again.
    pub(crate) fn of(main: &str) -> Option<Self> {
        let (db, root) = load::open(main).ok()?;
        Some(Self(Checked::new(&db, root)))
    }

    /// What is said of a program that is started there.
    pub(crate) fn advice(&self, file: &str, line: u32, program: &str) -> Option<String> {
        let named = format!("`{program}`");
        let is_it = |found: &Found<'_>| {
            let problem = found.problem;
            let is_about =
                matches!(problem.code, Code::MaybeMisspelt | Code::ForeignForm) && problem.message.starts_with(&named);
            is_about && found.source.path() == file && found.source.place(problem.span.start).0 == line
        };
        self.0.found().find(is_it)?.problem.help.clone()
    }
}

/// Says what is wrong with files; gives the exit status.
pub(crate) fn check(wanted: &Wanted) -> Result<u8, Trouble> {
    let outcome = Outcome::of(wanted);
    for trouble in &outcome.unread {
        trouble.tell();
    }
    human::tell_mended(&outcome);
    match wanted.format {
        Format::Human => human::show(&outcome),
        Format::Json => drop(list::print(&json::page(&outcome)?)?),
        Format::Sarif => drop(list::print(&sarif::page(&outcome)?)?),
        Format::Github => {
            list::print(&github::page(&outcome))?;
            human::sum_up(&outcome);
        }
    }
    Ok(outcome.status())
}
