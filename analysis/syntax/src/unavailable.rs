//! Constructs of the language that this build can read and not run.
//!
//! A program that uses one must be told so, and nothing of it may be passed over. What has a tree of its own (blocks, sections,
//! pipelines …) is refused by the lowering, whose matches over trees are exhaustive. This is the list of the rest: lines
//! that are known by their first word alone.

use crate::diagnostic::{Diagnostic, Span};

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// In a command, before `do`.
    Command,
    /// In an argument.
    Arg,
    /// Among statements.
    Body,
}

struct Unavailable {
    at: Where,
    words: &'static [&'static str],
}

const LIST: [Unavailable; 2] = [
    Unavailable {
        at: Where::Command,
        words: &[
            "detached",
            "dir",
            "env",
            "offline",
            "on_signal",
            "proxy_args",
            "pure",
            "read_only",
            "require_arch",
            "require_os",
            "require_sandbox",
            "test",
            "test_allow_network",
            "test_allow_shell",
            "test_allow_subprocess",
            "test_allow_write",
            "test_keep_cwd",
            "test_timeout",
        ],
    },
    Unavailable { at: Where::Arg, words: &["rest"] },
];

/// The diagnostic for a construct that this build does not have yet.
#[must_use]
pub fn not_available(word: &str, span: Span) -> Diagnostic {
    Diagnostic::not_yet(span, word)
        .help("docs/spec/language.md says what is not there yet; no command that can reach it is run")
}

/// The diagnostic for a word that this build does not have yet, if it is one.
#[must_use]
pub fn unavailable(word: &str, at: Where, span: Span) -> Option<Diagnostic> {
    let listed = LIST.iter().any(|entry| entry.at == at && entry.words.contains(&word));
    listed.then(|| not_available(word, span))
}

/// The diagnostic for a keyword of former versions that would now start a program, if it is one.
#[must_use]
pub fn removed(word: &str, span: Span) -> Option<Diagnostic> {
    matches!(word, "run" | "call").then(|| {
        Diagnostic::error("removed-form", span, format!("the keyword `{word}` does not exist any more"))
            .help(format!("write the name of the command alone; `exec {word}` starts a program of that name"))
    })
}
