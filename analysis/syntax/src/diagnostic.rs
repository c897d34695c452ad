//! What is wrong with a program, as data. How it is shown is decided elsewhere.

use std::ops::Range;

use crate::code::Code;
use crate::fix::Fix;

/// A range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// From `start` up to, and without, `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same span in a text in which this one starts at `base`.
    #[must_use]
    pub fn shifted(self, base: usize) -> Self {
        Self { start: self.start + base, end: self.end + base }
    }

    /// For indexing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The program can run, but probably does not mean what it says.
    Warning,
    /// It means something, and this version cannot run it yet: what holds it can be checked and not be run.
    NotYet,
    /// What holds it cannot run, or cannot succeed.
    Error,
}

/// Another place that has to do with something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// The file that it is in, unless it is the one in which something is wrong.
    pub file: Option<String>,
    /// Where; in another file from its start.
    pub span: Span,
    /// What is there, in a few words.
    pub text: String,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// What kind of thing.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What is there, in a few words, where the message does not say it.
    pub label: Option<String>,
    /// Other places that have to do with it.
    pub others: Vec<Label>,
    /// How to mend it.
    pub help: Option<String>,
    /// The same, to be done by a machine.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Says that something is wrong.
    #[must_use]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span, label: None, others: Vec::new(), help: None, fix: None }
    }

    /// Something of the language that this version does not have yet.
    #[must_use]
    pub fn not_yet(span: Span, word: &str) -> Self {
        Self::new(Code::NotAvailable, span, format!("`{word}` is not available in this build yet"))
    }

    /// With a few words at the place itself.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// With another place of the same text.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label { file: None, span, text: text.into() });
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a "did you mean" when there is something to suggest.
    #[must_use]
    pub fn did_you_mean(self, suggestion: Option<&str>) -> Self {
        match suggestion {
            Some(word) => self.help(format!("did you mean `{word}`?")),
            None => self,
        }
    }

    /// The same, where the place is exactly the word that should be another one.
    #[must_use]
    pub fn meaning(self, suggestion: Option<&str>) -> Self {
        let fix = suggestion.map(|word| Fix::maybe(format!("write `{word}`")).edit(self.span, word));
        let problem = self.did_you_mean(suggestion);
        Self { fix: fix.or(problem.fix), ..problem }
    }

    /// With what a machine can do about it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The same diagnostic in a text in which this one's text starts at `base`.
    #[must_use]
    pub fn shifted(self, base: usize) -> Self {
        self.moved(|span| span.shifted(base))
    }

    /// The same diagnostic in a text that starts at `base` of this one's text.
    pub(crate) fn within(self, base: usize) -> Self {
        self.moved(|span| Span::new(span.start.saturating_sub(base), span.end.saturating_sub(base)))
    }

    fn moved(mut self, to: impl Fn(Span) -> Span) -> Self {
        self.span = to(self.span);
        for label in self.others.iter_mut().filter(|label| label.file.is_none()) {
            label.span = to(label.span);
        }
        for edit in self.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = to(edit.span);
        }
        self
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Whether it is a mistake.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// Whether what holds it cannot run, for a mistake or for lack of something in this version.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.severity() >= Severity::NotYet
    }
}
