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

    /// The same fix in a text in which this one's text starts at `base`.
    pub(crate) fn shifted(mut self, base: usize) -> Self {
        for edit in &mut self.edits {
            edit.span = edit.span.shifted(base);
        }
        self
    }

    /// Whether it may be made unseen.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }
}
