//! Findings for machines: `schemas/check.json`.

use perch_ir::{Severity, Span};
use perch_syntax::{Applicability, Fix};
use schemars::JsonSchema;
use serde::Serialize;

use super::mend::Mended;
use super::outcome::{Checked, Found, Outcome};
use super::source::Source;
use crate::report::Trouble;

/// The name of the format.
const SCHEMA: &str = "perch.check/1";

#[derive(Serialize, JsonSchema)]
#[schemars(title = "perch.check/1")]
struct Report<'o> {
    /// `perch.check/1`
    schema: &'static str,
    /// The exit status.
    exit_code: u8,
    /// How many mistakes there are in all files, shown or not.
    errors: usize,
    /// How many warnings.
    warnings: usize,
    /// How many constructs that this version cannot run.
    not_available: usize,
    /// How many findings are not in `findings`, for their number.
    omitted: usize,
    /// The fixes that `--fix` has made. What follows is about the files as they are now.
    mended: Vec<Made<'o>>,
    /// The files that were named and could be read.
    files: Vec<File<'o>>,
    /// File by file, in the order of the text.
    findings: Vec<Finding<'o>>,
}

/// A fix that was made.
#[derive(Serialize, JsonSchema)]
struct Made<'o> {
    file: &'o str,
    /// The line on which it was needed, at the moment when it was made.
    line: u32,
    code: &'static str,
    /// What it did, in a few words.
    title: &'o str,
}

/// A file that was named.
#[derive(Serialize, JsonSchema)]
struct File<'o> {
    file: &'o str,
    commands: usize,
    templates: usize,
    bindings: usize,
    /// It, or a file that it imports, says what it may touch.
    has_manifest: bool,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize, JsonSchema)]
struct Finding<'o> {
    /// Stable; `perch --explain CODE` says more.
    code: &'static str,
    severity: Grade,
    /// One sentence without a full stop.
    message: &'o str,
    /// Where, perhaps in an imported file.
    #[serde(flatten)]
    place: Place<'o>,
    /// What is there, where the message does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'o str>,
    /// Other places that have to do with it.
    related: Vec<Related<'o>>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'o str>,
    /// The same, to be done by a machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Repair<'o>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Grade {
    /// What holds it cannot run, or cannot succeed.
    Error,
    /// It probably does not mean what it says.
    Warning,
    /// This version cannot run it.
    NotAvailable,
}

/// Places are counted in three ways. The end is one past the last character or byte.
#[derive(Serialize, JsonSchema)]
struct Place<'o> {
    file: &'o str,
    /// From 1.
    line: u32,
    /// In characters, from 1.
    column: u32,
    end_line: u32,
    end_column: u32,
    /// In bytes of the file, from 0.
    start: usize,
    end: usize,
}

#[derive(Serialize, JsonSchema)]
struct Related<'o> {
    #[serde(flatten)]
    place: Place<'o>,
    text: &'o str,
}

#[derive(Serialize, JsonSchema)]
struct Repair<'o> {
    /// What it does, in a few words.
    title: &'o str,
    applicability: Certainty,
    /// All of them are to be made, in the order of the text, without overlap.
    edits: Vec<Edit<'o>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Certainty {
    /// `--fix` makes it.
    Safe,
    /// A person decides.
    Maybe,
}

#[derive(Serialize, JsonSchema)]
struct Edit<'o> {
    /// What goes.
    #[serde(flatten)]
    place: Place<'o>,
    /// What stands there instead.
    text: &'o str,
}

/// The report as a page.
pub(super) fn page(outcome: &Outcome) -> Result<String, Trouble> {
    serde_json::to_string_pretty(&report(outcome))
        .map(|json| json + "\n")
        .map_err(|error| Trouble::usage(format!("perch has a bug: the findings are not JSON: {error}")))
}

fn report(outcome: &Outcome) -> Report<'_> {
    let counts = outcome.counts();
    Report {
        schema: SCHEMA,
        exit_code: outcome.status(),
        errors: counts.errors,
        warnings: counts.warnings,
        not_available: counts.missing,
        omitted: outcome.omitted(),
        mended: outcome.mended.iter().map(made).collect(),
        files: outcome.programs.iter().map(file).collect(),
        findings: outcome.shown().map(finding).collect(),
    }
}

fn made(mended: &Mended) -> Made<'_> {
    Made { file: &mended.file, line: mended.line, code: mended.code.name(), title: &mended.title }
}

fn file(program: &Checked) -> File<'_> {
    let (size, counts) = (program.size, program.counts());
    File {
        file: program.name(),
        commands: size.commands,
        templates: size.templates,
        bindings: size.bindings,
        has_manifest: program.has_manifest,
        errors: counts.errors,
        warnings: counts.warnings,
    }
}

fn finding(found: Found<'_>) -> Finding<'_> {
    let problem = found.problem;
    let severity = match problem.severity() {
        Severity::Error => Grade::Error,
        Severity::Warning => Grade::Warning,
        Severity::NotYet => Grade::NotAvailable,
    };
    let related = |(source, span, text)| Related { place: place(source, span), text };
    Finding {
        code: problem.code.name(),
        severity,
        message: &problem.message,
        place: place(found.source, problem.span),
        label: problem.label.as_deref(),
        related: found.others().map(related).collect(),
        help: problem.help.as_deref(),
        fix: problem.fix.as_ref().map(|fix| repair(found.source, fix)),
    }
}

fn place(source: &Source, span: Span) -> Place<'_> {
    let ((line, column), (end_line, end_column)) = (source.place(span.start), source.place(span.end));
    Place { file: source.name(), line, column, end_line, end_column, start: span.start, end: span.end }
}

fn repair<'o>(source: &'o Source, fix: &'o Fix) -> Repair<'o> {
    let applicability = match fix.applicability {
        Applicability::Safe => Certainty::Safe,
        Applicability::Maybe => Certainty::Maybe,
    };
    let edits = fix.edits.iter().map(|edit| Edit { place: place(source, edit.span), text: &edit.text });
    Repair { title: &fix.title, applicability, edits: edits.collect() }
}

/// The schema of the report as JSON.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Report<'_>)
}
