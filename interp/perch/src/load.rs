//! A program: its file and what that imports, read, parsed, judged.

mod imports;
mod reading;

use std::collections::BTreeSet;
use std::path::Path;

use perch_ir::{Database, Diagnostic, Obstacle, Snapshot, SourceFile};

use perch_policy::Policy;

use crate::check::human;
use crate::check::outcome::{Counts, Found};
use crate::check::source::Source;
use crate::report::Trouble;
use imports::Disk;
pub(crate) use imports::hold_to;
pub(crate) use reading::missing;

/// A program and what is wrong with it.
pub(crate) struct Loaded {
    /// What can be run of it.
    pub(crate) program: Snapshot,
    /// Its files, the main one first.
    sources: Vec<Source>,
    /// What is wrong, by file.
    problems: Vec<Obstacle>,
    /// Names in paths to import that mean something else on another machine.
    pub(crate) names_in_imports: BTreeSet<String>,
}

/// A file and what it imports, in a database that remembers what was made of them.
pub(crate) struct Opened {
    db: Database,
    root: SourceFile,
}

impl Opened {
    /// Reads them.
    pub(crate) fn new(file: &str) -> Result<Self, Trouble> {
        let (db, root) = open(file)?;
        Ok(Self { db, root })
    }

    /// Reads them again.
    pub(crate) fn again(&mut self) -> Result<(), Trouble> {
        let file = self.root.path(&self.db).clone();
        let text = reading::main_file(&file)?;
        let mut disk = Disk::new(&file, text.len());
        if *self.root.text(&self.db) != text {
            perch_ir::files::change(&mut self.db, self.root, text);
        }
        perch_ir::files::load(&mut self.db, self.root, &mut disk);
        Ok(())
    }

    /// The program, with all its commands.
    pub(crate) fn loaded(&self) -> Loaded {
        let (db, root) = (&self.db, self.root);
        let names_in_imports = names_in_imports(db, root);
        let problems = problems(db, root);
        Loaded { program: Snapshot::new(db, root), sources: sources(db, root), problems, names_in_imports }
    }
}

/// Reads a file. What is wrong in it is nobody's trouble yet.
pub(crate) fn read(file: &str) -> Result<Loaded, Trouble> {
    Ok(Opened::new(file)?.loaded())
}

/// Reads a file for one command of it. Of the others nothing is said, and they cost nothing. If it has no such command, it is as
/// if none had been named.
pub(crate) fn read_for(file: &str, command: &str) -> Result<Loaded, Trouble> {
    let (db, root) = open(file)?;
    let program = Snapshot::of_command(&db, root, command).unwrap_or_else(|| Snapshot::new(&db, root));
    let names_in_imports = names_in_imports(&db, root);
    Ok(Loaded { program, sources: sources(&db, root), problems: Vec::new(), names_in_imports })
}

/// A program that stands in no file.
pub(crate) fn of_text(name: &str, text: String) -> Loaded {
    let db = Database::default();
    let root = SourceFile::new(&db, name.to_owned(), text);
    Opened { db, root }.loaded()
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
    let sources = [Source::new(name, text)];
    let found: Vec<Found<'_>> = found.iter().filter_map(|problem| Found::of(problem, 0, &sources)).collect();
    human::show_some(&found);
}

/// Reads a file and what it imports.
pub(crate) fn open(file: &str) -> Result<(Database, SourceFile), Trouble> {
    let text = reading::main_file(file)?;
    let mut disk = Disk::new(file, text.len());
    let mut db = Database::default();
    let root = SourceFile::new(&db, file.to_owned(), text);
    perch_ir::files::load(&mut db, root, &mut disk);
    Ok((db, root))
}

/// Names in paths to import, but for those of the folder that the file is in.
fn names_in_imports(db: &Database, root: SourceFile) -> BTreeSet<String> {
    let written = perch_ir::files::all(db, root).iter().flat_map(|file| file.imports(db).keys());
    let names = written.flat_map(|path| path.split("${").skip(1).filter_map(|part| part.split_once('}')));
    let names = names.map(|(name, _)| name.to_owned());
    names.filter(|name| !matches!(name.as_str(), "file_dir" | "script_dir")).collect()
}

fn problems(db: &Database, root: SourceFile) -> Vec<Obstacle> {
    let files = perch_ir::files::all(db, root).iter().enumerate();
    let of = |(file, source): (usize, &SourceFile)| {
        let problems = perch_ir::problems(db, *source, root);
        problems.into_iter().map(move |problem| Obstacle { file, problem })
    };
    files.flat_map(of).collect()
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

    /// Trouble if a file was imported that a run with this policy may not read. Flags behind a command are known only when that was read.
    pub(crate) fn may_import(&self, policy: &Policy) -> Result<(), Trouble> {
        let Some((main, imported)) = self.program.files().split_first() else { return Ok(()) };
        for file in imported {
            let real = Path::new(file).canonicalize().unwrap_or_else(|_| file.into());
            imports::may_be_read(policy, main, &real).map_err(|why| {
                Trouble::usage(format!("`{file}` cannot be imported: {why}"))
                    .help("what a program imports is read like any other file")
            })?;
        }
        Ok(())
    }

    /// Trouble if something stands in the way of any command.
    pub(crate) fn ready_all(&self) -> Result<(), Trouble> {
        let obstacles: Vec<&Obstacle> = self.problems.iter().filter(|found| found.problem.stops()).collect();
        self.without(perch_ir::Program::file(&self.program), &obstacles)
    }

    /// Trouble if there are any.
    fn without(&self, what: &str, obstacles: &[&Obstacle]) -> Result<(), Trouble> {
        if obstacles.is_empty() {
            return Ok(());
        }
        let found: Vec<Found<'_>> =
            obstacles.iter().filter_map(|one| Found::of(&one.problem, one.file, &self.sources)).collect();
        human::show_some(&found);
        let Counts { errors, missing, .. } = Counts::of(obstacles.iter().map(|one| &one.problem));
        let errors = (errors > 0).then(|| human::count(errors, "error"));
        let missing = (missing > 0).then(|| format!("{} not available in this build", human::count(missing, "thing")));
        let why: Vec<String> = errors.into_iter().chain(missing).collect();
        Err(Trouble::usage(format!("`{what}` cannot be run: {}", why.join(", "))))
    }
}
