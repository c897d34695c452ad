//! How tests went: for people while they run, for machines at the end.

use std::io::stderr;
use std::time::Duration;

use perch_ir::{Program as _, Snapshot};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

use super::flags::Format;
use super::{junit, millis};
use crate::aside::{aside, part};
use crate::report::Trouble;
use crate::trace::duration;
use crate::{colour, list};

/// The name and version of the format.
pub const SCHEMA: &str = "perch.test/1";

/// What came of the tests of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "perch.test/1")]
pub struct Suite {
    /// `perch.test/1`
    pub schema: &'static str,
    /// The file.
    pub file: String,
    /// In the order of their names.
    pub tests: Vec<Tested>,
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// How long all of it took.
    pub duration_ms: u64,
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tested {
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub description: Option<String>,
    /// The line that declares it.
    pub line: u32,
    /// It succeeded.
    pub passed: bool,
    /// How long it took.
    pub duration_ms: u64,
    /// Why it failed.
    pub failure: Option<Failed>,
    /// What it printed on standard output and standard error.
    pub output: String,
    /// Where what it wrote is, if that was kept.
    pub directory: Option<String>,
}

/// Why a test failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failed {
    /// The kind of the failure, if it is one of a statement.
    pub kind: Option<String>,
    /// What happened.
    pub message: String,
    /// Where: file, line, column and statement.
    pub place: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Failed {
    pub(super) fn plain(message: String) -> Self {
        Self { kind: None, message, place: None, help: None }
    }
}

/// The schema of [`Suite`].
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Suite)
}

impl Suite {
    pub(super) fn of(program: &Snapshot, tests: Vec<Tested>, took: Duration) -> Self {
        let passed = tests.iter().filter(|test| test.passed).count();
        let failed = tests.len() - passed;
        Self { schema: SCHEMA, file: program.file().to_owned(), tests, passed, failed, duration_ms: millis(took) }
    }
}

/// Where it is told.
pub(super) struct Page {
    format: Format,
    verbose: bool,
    colour: bool,
}

impl Page {
    pub(super) fn of(format: Format, verbose: bool) -> Self {
        Self { format, verbose, colour: colour::is_wanted(&stderr()) }
    }

    pub(super) fn begin(&self, file: &str) {
        if self.format == Format::Text {
            aside!("── perch test ── {file}");
        }
    }

    pub(super) fn add(&self, test: &Tested) {
        if self.format == Format::Text {
            part(format_args!("{}", self.lines(test)));
        }
    }

    fn lines(&self, test: &Tested) -> String {
        let (glyph, shade) = if test.passed { ('✓', 32) } else { ('✗', 31) };
        let glyph = if self.colour { format!("\x1b[{shade}m{glyph}\x1b[0m") } else { glyph.to_string() };
        let mut page = format!("{glyph} {} ({})\n", test.name, duration(Duration::from_millis(test.duration_ms)));
        if let Some(failed) = &test.failure {
            let parts = [("kind", &failed.kind), ("at", &failed.place), ("help", &failed.help)];
            page += &indented("  ↳ ", "    ", &failed.message);
            for (name, text) in parts {
                page += &text.as_ref().map(|text| format!("    {name:<5} {text}\n")).unwrap_or_default();
            }
        }
        if !test.output.is_empty() && (self.verbose || !test.passed) {
            page += &format!("    printed\n{}", indented("      ", "      ", &test.output));
        }
        if let Some(directory) = &test.directory {
            page += &format!("    kept  {directory}\n");
        }
        page
    }

    /// The exit status.
    pub(super) fn end(&self, suite: &Suite) -> Result<u8, Trouble> {
        match self.format {
            Format::Text => self.summary(suite),
            Format::Json => {
                let bug = |error| Trouble::failed(format!("perch has a bug: the outcome is not JSON: {error}"));
                list::print(&(serde_json::to_string_pretty(suite).map_err(bug)? + "\n"))?;
            }
            Format::Junit => drop(list::print(&junit::page(suite))?),
        }
        Ok(u8::from(suite.failed > 0))
    }

    fn summary(&self, suite: &Suite) {
        let took = duration(Duration::from_millis(suite.duration_ms));
        aside!("\n{} passed, {} failed in {took}", suite.passed, suite.failed);
        let failed: Vec<&Tested> = suite.tests.iter().filter(|test| !test.passed).collect();
        if suite.tests.len() > 1 && !failed.is_empty() {
            aside!("\nfailures");
            let width = failed.iter().map(|test| test.name.chars().count()).max().unwrap_or(0);
            for test in failed {
                let message = test.failure.as_ref().map(|failed| failed.message.lines().next().unwrap_or_default());
                aside!("  {:<width$}  {}", test.name, message.unwrap_or_default());
            }
        }
    }
}

fn indented(first: &str, margin: &str, text: &str) -> String {
    let line = |(at, line): (usize, &str)| format!("{}{}\n", if at == 0 { first } else { margin }, clean(line));
    text.lines().enumerate().map(line).collect()
}

/// Without what would do something to a terminal, colours among it.
fn clean(line: &str) -> String {
    line.chars().filter(|c| *c == '\t' || !c.is_control()).collect()
}
