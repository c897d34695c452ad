//! Constructs of the language that this build can read and check, and not run; and those that are gone.
//!
//! There is one mechanism for what cannot run: whoever lowers it says so with [`not_available`], and what can reach it
//! is not run.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Span};

/// The diagnostic for a construct that this build cannot run yet.
#[must_use]
pub fn not_available(word: &str, span: Span) -> Diagnostic {
    Diagnostic::not_yet(span, word)
        .help("docs/spec/language.md says what is not there yet; no command that can reach it is run")
}

/// The diagnostic for a keyword of former versions that would now start a program, if it is one.
#[must_use]
pub fn removed(word: &str, span: Span) -> Option<Diagnostic> {
    matches!(word, "run" | "call").then(|| {
        Diagnostic::new(Code::RemovedForm, span, format!("the keyword `{word}` does not exist any more"))
            .help(format!("write the name of the command alone; `exec {word}` starts a program of that name"))
    })
}
