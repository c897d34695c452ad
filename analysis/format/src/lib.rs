//! One layout for all files.
//!
//! Layout means nothing in the language (language §1.1), so it can be chosen, once, for everybody. `docs/formatting.md` says
//! what was chosen. In steps, a module each:
//!
//! 1. `line` takes the file apart into lines: what a line is made of, how deep it stands.
//! 2. `comments` says how deep comments stand that have a line to themselves, and lines up those that do not.
//! 3. `blanks` says where blank lines are.
//!
//! What is in a word is never touched, so a file means what it meant; and a file that is laid out like this already stays as it
//! is. Tests hold both against every program there is.

mod blanks;
mod comments;
mod line;

use perch_syntax::{Diagnostic, cut, parse};

/// The file in the layout. A file that cannot be read whole is left alone: what of it is a block, nobody knows.
///
/// # Errors
/// What cannot be read. Mistakes of other kinds are no obstacle.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let unread = unread(text);
    if !unread.is_empty() {
        return Err(unread);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut lines = line::lines(&text);
    comments::place(&mut lines);
    blanks::separate(&mut lines);
    comments::align(&mut lines);
    Ok(lines.iter().map(line::Line::written).collect())
}

/// The mistakes for which a file cannot be read.
fn unread(text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let cut = cut(text);
    for item in cut.items {
        let start = item.span.start;
        let is_broken = item.problems.iter().any(Diagnostic::is_error);
        let own = if is_broken { Vec::new() } else { parse(text.get(item.span.range()).unwrap_or_default()).1 };
        found.extend(item.problems.into_iter().chain(own).map(|problem| problem.shifted(start)));
    }
    found.extend(cut.problems);
    found.retain(Diagnostic::is_error);
    found
}
