//! Texts by lines. A line ends at a newline or at the end; a newline at the end begins no line.

use super::{Applied, pattern};

/// The lines of a text.
pub(super) fn of(text: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    let some = !text.is_empty();
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.split('\n').filter(move |_| some)
}

fn together<'t>(lines: impl Iterator<Item = &'t str>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn amount(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

pub(super) fn head(number: i64, text: &str) -> String {
    together(of(text).take(amount(number)))
}

pub(super) fn tail(number: i64, text: &str) -> String {
    let more = of(text).count().saturating_sub(amount(number));
    together(of(text).skip(more))
}

/// A field that is not there is empty.
pub(super) fn cut(number: i64, text: &str) -> String {
    let at = amount(number).saturating_sub(1);
    together(of(text).map(|line| line.split_ascii_whitespace().nth(at).unwrap_or_default()))
}

pub(super) fn matching(pattern: &str, text: &str, wanted: bool) -> Applied {
    let pattern = pattern::compile(pattern)?;
    Ok(together(of(text).filter(|line| pattern.is_match(line) == wanted)))
}

pub(super) fn sort(text: &str) -> String {
    let mut lines: Vec<&str> = of(text).collect();
    lines.sort_unstable();
    lines.join("\n")
}

pub(super) fn uniq(text: &str) -> String {
    let mut lines: Vec<&str> = of(text).collect();
    lines.dedup();
    lines.join("\n")
}

/// Whether these lines stand in the text, one after the other. Carriage returns at ends of lines do not count.
pub(super) fn has(text: &str, wanted: &str) -> bool {
    let bare = |line| str::strip_suffix(line, "\r").unwrap_or(line);
    let wanted: Vec<&str> = wanted.split('\n').map(bare).collect();
    let lines: Vec<&str> = of(text).map(bare).collect();
    lines.windows(wanted.len()).any(|lines| lines == wanted)
}

/// What is missing at the end of the last line.
pub(super) fn end(text: &str) -> &'static str {
    if text.is_empty() || text.ends_with('\n') { "" } else { "\n" }
}
