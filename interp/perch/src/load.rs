//! A program: its file and what that imports, read, parsed, judged.

mod excerpt;
mod imports;
mod reading;

use std::fmt::{self, Display};

use miette::{GraphicalReportHandler, LabeledSpan, SourceCode};
use perch_ir::{Database, Diagnostic, Obstacle, Severity, Snapshot, SourceFile};

use crate::report::Trouble;
use excerpt::{Source, tame};
use imports::Disk;

/// How many mistakes are shown. Nobody reads more, and a file may be nothing else.
const MAX_SHOWN: usize = 500;

/// A program and what is wrong with it.
pub(crate) struct Loaded {
    /// What can be run of it.
    pub(crate) program: Snapshot,
    checked: Checked,
}

/// What is wrong with a program.
struct Checked {
    /// Its files, the main one first.
    sources: Vec<Source>,
    /// By file.
    problems: Vec<Obstacle>,
}

/// Reads a file. What is wrong in it is nobody's trouble yet.
pub(crate) fn read(file: &str) -> Result<Loaded, Trouble> {
    let (db, root) = open(file)?;
    Ok(Loaded { program: Snapshot::new(&db, root), checked: judge(&db, root) })
}

/// Reads a file for one command of it. Of the others nothing is said, and they cost nothing. If it has no such command, it is as
/// if none had been named.
pub(crate) fn read_for(file: &str, command: &str) -> Result<Loaded, Trouble> {
    let (db, root) = open(file)?;
    let program = Snapshot::of_command(&db, root, command).unwrap_or_else(|| Snapshot::new(&db, root));
    let checked = Checked { sources: sources(&db, root), problems: Vec::new() };
    Ok(Loaded { program, checked })
}

/// The text of a file that need not be a program.
pub(crate) fn text(file: &str) -> Result<String, Trouble> {
    let text = reading::text(std::path::Path::new(file), 0);
    text.map_err(|why| Trouble::usage(format!("`{file}` {why}")))
}

/// What standard input holds.
pub(crate) fn standard_input() -> Result<String, Trouble> {
    let text = reading::all(std::io::stdin().lock(), 0);
    text.map_err(|why| Trouble::usage(format!("standard input {why}")))
}

/// Shows what is wrong with a text.
pub(crate) fn show(name: &str, text: &str, found: &[Diagnostic]) {
    let problems: Vec<Obstacle> = found.iter().map(|problem| Obstacle { file: 0, problem: problem.clone() }).collect();
    let checked = Checked { sources: vec![Source::new(name, text)], problems };
    checked.show_all(&checked.problems.iter().collect::<Vec<_>>());
}

fn open(file: &str) -> Result<(Database, SourceFile), Trouble> {
    let text = reading::main_file(file)?;
    let mut disk = Disk::new(file, text.len());
    let mut db = Database::default();
    let root = SourceFile::new(&db, file.to_owned(), text);
    perch_ir::files::load(&mut db, root, &mut disk);
    Ok((db, root))
}

fn judge(db: &Database, root: SourceFile) -> Checked {
    let mut problems = Vec::new();
    for (at, file) in perch_ir::files::all(db, root).iter().enumerate() {
        let found = perch_ir::problems(db, *file, root);
        problems.extend(found.into_iter().map(|problem| Obstacle { file: at, problem }));
    }
    Checked { sources: sources(db, root), problems }
}

fn sources(db: &Database, root: SourceFile) -> Vec<Source> {
    let source = |file: &SourceFile| Source::new(file.path(db), file.text(db));
    perch_ir::files::all(db, root).iter().map(source).collect()
}

impl Loaded {
    /// Trouble if something stands in the way of a command: before any of it runs.
    pub(crate) fn ready(&self, command: &str) -> Result<(), Trouble> {
        self.without(command, &self.program.obstacles(command))
    }

    /// Trouble if something stands in the way of any command.
    pub(crate) fn ready_all(&self) -> Result<(), Trouble> {
        let obstacles: Vec<&Obstacle> = self.checked.problems.iter().filter(|found| found.problem.stops()).collect();
        self.without(perch_ir::Program::file(&self.program), &obstacles)
    }

    /// Trouble if there are any.
    fn without(&self, what: &str, obstacles: &[&Obstacle]) -> Result<(), Trouble> {
        let errors = obstacles.iter().filter(|found| found.problem.is_error()).count();
        let missing = obstacles.len() - errors;
        if obstacles.is_empty() {
            return Ok(());
        }
        self.checked.show_all(obstacles);
        let errors = (errors > 0).then(|| count(errors, "error"));
        let missing = (missing > 0).then(|| format!("{} not available in this build", count(missing, "thing")));
        let why: Vec<String> = errors.into_iter().chain(missing).collect();
        Err(Trouble::usage(format!("`{what}` cannot be run: {}", why.join(", "))))
    }
}

/// Shows all that is wrong; 1 if there are errors.
pub(crate) fn check(file: &str) -> Result<u8, Trouble> {
    let (db, root) = open(file)?;
    let checked = judge(&db, root);
    checked.show_all(&checked.problems.iter().collect::<Vec<_>>());
    let of = |severity| checked.problems.iter().filter(|found| found.problem.severity == severity).count();
    let (errors, missing) = (of(Severity::Error), of(Severity::NotYet));
    let missing = if missing > 0 { format!(", {missing} not available in this build") } else { String::new() };
    if errors == 0 && !perch_ir::has_manifest(&db, root) {
        eprintln!("{file}: no `requires` block, so commands may touch whatever you may");
    }
    eprintln!("{file}: {}, {}{missing}", count(errors, "error"), count(of(Severity::Warning), "warning"));
    Ok(u8::from(errors > 0))
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

impl Checked {
    fn show_all(&self, found: &[&Obstacle]) {
        found.iter().take(MAX_SHOWN).for_each(|one| self.show(one));
        if found.len() > MAX_SHOWN {
            eprintln!("{} more are not shown: mend some of these, and check again", found.len() - MAX_SHOWN);
        }
    }

    fn show(&self, Obstacle { file, problem }: &Obstacle) {
        let Some(source) = self.sources.get(*file) else { return };
        let shown = Shown { problem, source };
        let mut text = String::new();
        if GraphicalReportHandler::new().render_report(&mut text, &shown).is_ok() {
            eprint!("{text}");
        } else {
            eprintln!("{shown}");
        }
    }
}

/// A diagnostic in its source, as miette wants it.
#[derive(Debug)]
struct Shown<'d> {
    problem: &'d Diagnostic,
    source: &'d Source,
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tame(&self.problem.message))
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.problem.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.problem.severity {
            Severity::Error => miette::Severity::Error,
            Severity::NotYet => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.problem.help.as_ref().map(|help| Box::new(tame(help)) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::underline(self.source.marked(self.problem.span).range()))))
    }
}
