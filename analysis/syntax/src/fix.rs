//! What a machine can do about something that is wrong.

use crate::diagnostic::Span;

/// Changes of a text that mend something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What they do, in a few words: "write `print`".
    pub title: String,
    /// In the order of the text, without overlap.
    pub edits: Vec<Edit>,
    /// Whether anybody has to look at it first.
    pub applicability: Applicability,
}

/// One change of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// Whether a fix may be made unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Applicability {
    /// It leaves what runs as it is, or it mends what could not run in the only way that was meant.
    Safe,
    /// It is probably what is meant; a person decides.
    Maybe,
}

impl Fix {
    /// A fix that may be made unseen.
    #[must_use]
    pub fn safe(title: impl Into<String>) -> Self {
        Self { title: title.into(), edits: Vec::new(), applicability: Applicability::Safe }
    }

    /// A fix that somebody should look at first.
    #[must_use]
    pub fn maybe(title: impl Into<String>) -> Self {
        Self { applicability: Applicability::Maybe, ..Self::safe(title) }
    }

    /// With one more change.
    #[must_use]
    pub fn edit(mut self, span: Span, text: impl Into<String>) -> Self {
        self.edits.push(Edit { span, text: text.into() });
        self.edits.sort_by_key(|edit| edit.span);
        self
    }

    /// Whether it may be made unseen.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }
}

/// What to take out of a text so that a part of it is gone: with its line if nothing else stands there, else with the blanks before it.
#[must_use]
pub fn removal(text: &str, part: Span) -> Span {
    // A line end of Windows belongs to no part of a line.
    let whole = text.get(part.range()).unwrap_or_default();
    let part = Span::new(part.start, part.start + whole.trim_end_matches('\r').len());
    let before = text.get(..part.start).unwrap_or_default();
    let behind = text.get(part.end..).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line_end = behind.find('\n').unwrap_or(behind.len());
    let is_blank = |text: Option<&str>| text.is_some_and(|text| text.trim().is_empty());
    if is_blank(before.get(line_start..)) && is_blank(behind.get(..line_end)) {
        return Span::new(line_start, (part.end + line_end + 1).min(text.len()));
    }
    Span::new(before.trim_end_matches([' ', '\t']).len(), part.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_leaves_no_gap() {
        let gone = |text: &str, part: &str| {
            let start = text.find(part).unwrap();
            let span = removal(text, Span::new(start, start + part.len()));
            format!("{}{}", &text[..span.start], &text[span.end..])
        };
        assert_eq!(gone("a\n  b c\nd\n", "b c"), "a\nd\n");
        assert_eq!(gone("a\n  b c # d\n", "b c"), "a\n # d\n");
        assert_eq!(gone("a b c\n", "b"), "a c\n");
        assert_eq!(gone("a b\r\nc\n", "b\r"), "a\r\nc\n");
        assert_eq!(gone("a b", "b"), "a");
        assert_eq!(gone("a\n b", "b"), "a\n");
    }
}
