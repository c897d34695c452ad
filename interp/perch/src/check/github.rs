//! Findings for a job on GitHub: workflow commands, which it shows beside the lines of a change.

use std::fmt::Write as _;

use perch_ir::Severity;

use super::outcome::{Found, Outcome};

/// A command for each finding, a line each.
pub(super) fn page(outcome: &Outcome) -> String {
    outcome.shown().map(command).collect()
}

fn command(found: Found<'_>) -> String {
    let problem = found.problem;
    let name = match problem.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::NotYet => "notice",
    };
    let ((line, column), (end_line, end_column)) =
        (found.source.place(problem.span.start), found.source.place(problem.span.end));
    let mut message = problem.message.clone();
    for (source, span, text) in found.others() {
        let _ = write!(message, "\n{}:{}: {text}", source.name(), source.place(span.start).0);
    }
    message.extend(problem.help.iter().map(|help| format!("\nhelp: {help}")));
    let file = property(found.source.name());
    let title = property(problem.code.name());
    // Columns are allowed on one line only.
    let end = if end_line == line { format!(",col={column},endColumn={end_column}") } else { String::new() };
    format!("::{name} file={file},line={line},endLine={end_line}{end},title={title}::{}\n", data(&message))
}

/// A text where the message stands.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text where a property stands.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        assert_eq!(data("100%\r\n::error::a,b"), "100%25%0D%0A::error::a,b");
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
