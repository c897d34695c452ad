//! Findings for people: each with an excerpt of its file, on standard error.

use std::fmt::{self, Display};
use std::io::stderr;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity as Shade, SourceCode};
use perch_ir::{Severity, Span};

use super::mend::Mended;
use super::outcome::{Checked, Counts, Found, MAX_SHOWN, Outcome};
use super::source::{Source, tame};
use crate::aside::aside;
use crate::colour;

/// Shows what was found, and sums it up.
pub(crate) fn show(outcome: &Outcome) {
    outcome.shown().for_each(show_one);
    sum_up(outcome);
}

/// Shows the first of some findings, and says how many there are.
pub(crate) fn show_some(found: &[Found<'_>]) {
    found.iter().take(MAX_SHOWN).for_each(|one| show_one(*one));
    tell_omitted(found.len().saturating_sub(MAX_SHOWN));
}

/// A line for each fix that was made.
pub(crate) fn tell_mended(outcome: &Outcome) {
    for Mended { file, line, code, title } in &outcome.mended {
        aside!("mended {file}:{line}: {title} ({code})");
    }
}

/// One line for each file, and if there are several, one for all of them.
pub(crate) fn sum_up(outcome: &Outcome) {
    tell_omitted(outcome.omitted());
    let counts = outcome.counts();
    if counts != Counts::default() {
        aside!("`perch --explain CODE` says more of a finding");
    }
    for program in &outcome.programs {
        if program.counts().errors == 0 && !program.has_manifest && !program.is_without_commands() {
            aside!("{}: no `requires` block, so commands may touch whatever you may", program.name());
        }
        aside!("{}", summary(outcome, program));
    }
    if outcome.programs.len() > 1 {
        let files = count(outcome.programs.len(), "file");
        aside!("{} {files}: {}", mark(outcome, counts), counted(counts));
    }
}

fn tell_omitted(omitted: usize) {
    if omitted > 0 {
        aside!("{omitted} more are not shown: mend some of these, and check again");
    }
}

fn summary(outcome: &Outcome, program: &Checked) -> String {
    let (name, counts) = (program.name(), program.counts());
    let mark = mark(outcome, counts);
    if counts.errors > 0 {
        return format!("{mark} {name}: {}", counted(counts));
    }
    if program.is_without_commands() && counts == Counts::default() {
        return format!("⚠ {name}: no commands, so there was nothing to check");
    }
    format!("{mark} {name}: {} — {}", declared(program), counted(counts))
}

fn mark(outcome: &Outcome, counts: Counts) -> char {
    if outcome.fails(counts) { '✗' } else { '✓' }
}

/// What a file declares.
fn declared(program: &Checked) -> String {
    let size = program.size;
    let more = [(size.templates, "template"), (size.catches, "catch"), (size.bindings, "binding")];
    let more = more.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| count(number, what));
    std::iter::once(count(size.commands, "command")).chain(more).collect::<Vec<_>>().join(", ")
}

fn counted(Counts { errors, warnings, missing }: Counts) -> String {
    let missing = if missing > 0 { format!(", {missing} not available in this build") } else { String::new() };
    match (errors, warnings) {
        (0, 0) => format!("no findings{missing}"),
        (0, _) => format!("{}{missing}", count(warnings, "warning")),
        _ => format!("{}, {}{missing}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// A number of things.
pub(crate) fn count(number: usize, what: &str) -> String {
    let plural = match what {
        _ if number == 1 => "",
        "catch" => "es",
        _ => "s",
    };
    format!("{number} {what}{plural}")
}

fn show_one(found: Found<'_>) {
    let shown = Shown { found, elsewhere: elsewhere(found) };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme()).with_width(width());
    if handler.render_report(&mut text, &shown).is_ok() {
        aside!("{text}");
    } else {
        aside!("{shown}");
    }
}

/// How long lines of prose are where nobody says how much room there is.
const WIDTH: usize = 200;

/// Narrower than this, nothing can be read anyway.
const MIN_WIDTH: usize = 40;

/// How long lines of prose are: as the terminal is wide.
fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(stderr()).ok().map(|size| usize::from(size.ws_col));
    size.filter(|columns| *columns > 0).map_or(WIDTH, |columns| columns.clamp(MIN_WIDTH, WIDTH))
}

fn theme() -> GraphicalTheme {
    if colour::is_wanted(&stderr()) { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() }
}

/// The places in other files, a line each.
fn elsewhere(found: Found<'_>) -> String {
    let others = found.others().filter(|(source, ..)| source.path() != found.source.path());
    let line = |(source, span, text): (&Source, Span, &str)| {
        let (line, column) = source.place(span.start);
        format!("\n{}:{line}:{column}: {text}", source.name())
    };
    others.map(line).collect()
}

/// A finding in its source, as miette wants it.
#[derive(Debug)]
struct Shown<'d> {
    found: Found<'d>,
    elsewhere: String,
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tame(&self.found.problem.message))
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    /// Excerpts are in the order of the file. Where the place itself is not the first, it is named here.
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let (problem, own) = (self.found.problem, self.found.source);
        let is_before = |(source, span, _): (&Source, Span, &str)| source.path() == own.path() && span < problem.span;
        if !self.found.others().any(is_before) {
            return Some(Box::new(problem.code));
        }
        let (line, column) = own.place(problem.span.start);
        Some(Box::new(format!("{} at {}:{line}:{column}", problem.code, own.name())))
    }

    fn severity(&self) -> Option<Shade> {
        Some(match self.found.problem.severity() {
            Severity::Error => Shade::Error,
            Severity::NotYet => Shade::Advice,
            Severity::Warning => Shade::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let help = self.found.problem.help.as_deref().map(tame).unwrap_or_default();
        let help = format!("{help}{}", self.elsewhere);
        (!help.is_empty()).then(|| Box::new(help.trim_start().to_owned()) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.found.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (problem, own) = (self.found.problem, self.found.source);
        let at = own.marked(problem.span).range();
        let main = LabeledSpan::new_primary_with_span(problem.label.as_deref().map(tame), at);
        let others = self.found.others().filter(|(source, ..)| source.path() == own.path());
        let others =
            others.map(|(_, span, text)| LabeledSpan::new_with_span(Some(tame(text)), own.marked(span).range()));
        Some(Box::new(std::iter::once(main).chain(others)))
    }
}
