//! One file: read, parsed, judged.

use std::fmt::{self, Display};
use std::sync::Arc;

use miette::{GraphicalReportHandler, LabeledSpan, NamedSource, SourceCode};
use perch_ir::{Database, Diagnostic, Snapshot, SourceFile, diagnostics};

use crate::report::Trouble;

/// A file and what is wrong with it.
struct Loaded {
    program: Snapshot,
    source: Arc<NamedSource<String>>,
    problems: Vec<Diagnostic>,
}

fn read(file: &str) -> Result<Loaded, Trouble> {
    let bytes = std::fs::read(file).map_err(|error| cannot_read(file, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| Trouble::usage(format!("`{file}` does not hold UTF-8 text")))?;
    let db = Database::default();
    let source = SourceFile::new(&db, file.to_owned(), text.clone());
    let problems = diagnostics(&db, source).clone();
    let program = Snapshot::new(&db, source);
    Ok(Loaded { program, source: Arc::new(NamedSource::new(file, text)), problems })
}

fn cannot_read(file: &str, error: &std::io::Error) -> Trouble {
    let trouble = Trouble::usage(format!("cannot read `{file}`: {error}"));
    match error.kind() {
        std::io::ErrorKind::NotFound => trouble.help("`-f FILE` names another file; `perch --help` says more"),
        _ => trouble,
    }
}

/// The program of a file without errors.
pub(crate) fn load(file: &str) -> Result<Snapshot, Trouble> {
    let loaded = read(file)?;
    let errors: Vec<&Diagnostic> = loaded.problems.iter().filter(|problem| problem.is_error()).collect();
    if errors.is_empty() {
        return Ok(loaded.program);
    }
    errors.iter().for_each(|error| show(error, &loaded.source));
    Err(Trouble::usage(format!("`{file}` cannot be run: {}", count(errors.len(), "error"))))
}

/// Shows all that is wrong; 1 if there are errors.
pub(crate) fn check(file: &str) -> Result<u8, Trouble> {
    let loaded = read(file)?;
    loaded.problems.iter().for_each(|problem| show(problem, &loaded.source));
    let errors = loaded.problems.iter().filter(|problem| problem.is_error()).count();
    let warnings = loaded.problems.len() - errors;
    eprintln!("{file}: {}, {}", count(errors, "error"), count(warnings, "warning"));
    Ok(u8::from(errors > 0))
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn show(problem: &Diagnostic, source: &Arc<NamedSource<String>>) {
    let shown = Shown { problem, source };
    let mut text = String::new();
    if GraphicalReportHandler::new().render_report(&mut text, &shown).is_ok() {
        eprint!("{text}");
    } else {
        eprintln!("{shown}");
    }
}

/// A diagnostic in its source, as miette wants it.
#[derive(Debug)]
struct Shown<'d> {
    problem: &'d Diagnostic,
    source: &'d NamedSource<String>,
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.problem.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(if self.problem.is_error() { miette::Severity::Error } else { miette::Severity::Warning })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.problem.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::underline(self.problem.span.range()))))
    }
}
