//! What was found in all files.

use std::collections::HashSet;

use perch_check::{Finding, Size};
use perch_ir::{Database, Diagnostic, Severity, SourceFile, Span};

use super::Wanted;
use super::mend::{Mended, mend};
use super::source::Source;
use crate::USAGE;
use crate::cli::STDIN;
use crate::load;
use crate::report::Trouble;

/// How many findings are shown. Nobody reads more, and a file may be nothing else.
pub(crate) const MAX_SHOWN: usize = 500;

/// A program that was read, and what is wrong with it.
pub(crate) struct Checked {
    /// Its files, the main one first.
    pub(crate) sources: Vec<Source>,
    /// In the order of the files.
    pub(crate) findings: Vec<Finding>,
    pub(crate) size: Size,
    /// It says what it may touch.
    pub(crate) has_manifest: bool,
}

/// How much of what there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) missing: usize,
}

impl Counts {
    pub(crate) fn of<'d>(problems: impl IntoIterator<Item = &'d Diagnostic>) -> Self {
        let mut counts = Self::default();
        for problem in problems {
            *match problem.severity() {
                Severity::Error => &mut counts.errors,
                Severity::Warning => &mut counts.warnings,
                Severity::NotYet => &mut counts.missing,
            } += 1;
        }
        counts
    }

    fn add(self, more: Self) -> Self {
        Self {
            errors: self.errors + more.errors,
            warnings: self.warnings + more.warnings,
            missing: self.missing + more.missing,
        }
    }
}

impl Checked {
    pub(crate) fn new(db: &Database, root: SourceFile) -> Self {
        let source = |file: &SourceFile| Source::new(file.path(db), file.text(db));
        Self {
            sources: perch_ir::files::all(db, root).iter().map(source).collect(),
            findings: perch_check::check(db, root),
            size: Size::of(db, root),
            has_manifest: perch_ir::has_manifest(db, root),
        }
    }

    /// The name of the main file.
    pub(crate) fn name(&self) -> &str {
        self.sources.first().map_or("", Source::name)
    }

    /// Whether nothing in it can be run, called or imported, nor in anything that it imports: the wrong file, most likely, or one that was cut off.
    pub(super) fn is_without_commands(&self) -> bool {
        self.size == Size::default() && self.sources.len() == 1
    }

    pub(super) fn found(&self) -> impl Iterator<Item = Found<'_>> {
        self.findings.iter().filter_map(|Finding { file, problem }| Found::of(problem, *file, &self.sources))
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts::of(self.findings.iter().map(|found| &found.problem))
    }
}

/// What was found in all files that were named.
pub(crate) struct Outcome {
    /// In the order in which they were named.
    pub(crate) programs: Vec<Checked>,
    /// Files that gave no text, or that could not be mended.
    pub(crate) unread: Vec<Trouble>,
    /// The fixes that were made.
    pub(crate) mended: Vec<Mended>,
    pub(crate) deny_warnings: bool,
}

/// A finding, and the file that it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'o> {
    pub(crate) problem: &'o Diagnostic,
    pub(crate) source: &'o Source,
    /// All files of the program.
    sources: &'o [Source],
}

impl<'o> Found<'o> {
    /// What is wrong in one of some files; nothing if there is no such file.
    pub(crate) fn of(problem: &'o Diagnostic, file: usize, sources: &'o [Source]) -> Option<Self> {
        Some(Self { problem, source: sources.get(file)?, sources })
    }

    /// The other places that have to do with it: in which files, where, and what is there.
    pub(crate) fn others(self) -> impl Iterator<Item = (&'o Source, Span, &'o str)> {
        let named = move |path: &String| self.sources.iter().find(|source| source.path() == path);
        self.problem.others.iter().filter_map(move |label| {
            let source = label.file.as_ref().map_or(Some(self.source), named)?;
            Some((source, label.span, label.text.as_str()))
        })
    }
}

impl Outcome {
    pub(crate) fn of(wanted: &Wanted) -> Self {
        let (programs, unread, mended) = (Vec::new(), Vec::new(), Vec::new());
        let mut outcome = Self { programs, unread, mended, deny_warnings: wanted.deny_warnings };
        for file in &wanted.files {
            match outcome.checked(file, wanted.fix) {
                Ok(checked) => outcome.programs.push(checked),
                Err(trouble) => outcome.unread.push(trouble),
            }
        }
        if outcome.programs.len() > 1 {
            outcome.drop_repeated();
        }
        outcome
    }

    fn checked(&mut self, file: &str, fix: bool) -> Result<Checked, Trouble> {
        if fix && file == STDIN {
            let trouble = Trouble::usage("what comes from standard input cannot be mended there");
            return Err(trouble.help("write it to a file: `perch --check --fix FILE`"));
        }
        let (mut db, root) = load::open(file)?;
        if fix {
            self.mended.extend(mend(&mut db, root)?);
        }
        Ok(Checked::new(&db, root))
    }

    /// What two programs import is checked twice and told once.
    fn drop_repeated(&mut self) {
        let mut told = HashSet::new();
        for Checked { sources, findings, .. } in self.programs.iter_mut() {
            findings.retain(|found| {
                let path = sources.get(found.file).map_or("", Source::path);
                told.insert((path.to_owned(), found.problem.clone()))
            });
        }
    }

    /// The findings, as many as are shown.
    pub(crate) fn shown(&self) -> impl Iterator<Item = Found<'_>> {
        self.programs.iter().flat_map(Checked::found).take(MAX_SHOWN)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.programs.iter().map(Checked::counts).fold(Counts::default(), Counts::add)
    }

    /// How many findings are not shown.
    pub(crate) fn omitted(&self) -> usize {
        self.programs.iter().map(|program| program.findings.len()).sum::<usize>().saturating_sub(MAX_SHOWN)
    }

    /// Whether the findings of one kind or another are too bad.
    pub(crate) fn fails(&self, counts: Counts) -> bool {
        counts.errors > 0 || self.deny_warnings && counts.warnings > 0
    }

    /// The exit status: 2 for a file that gives no text, 1 for mistakes, else 0.
    pub(crate) fn status(&self) -> u8 {
        if self.unread.is_empty() { u8::from(self.fails(self.counts())) } else { USAGE }
    }
}
