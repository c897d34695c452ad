//! Constructs of the full language that this build does not have yet.
//!
//! They are keywords: a program that uses one must be told so, since otherwise the word would be taken
//! for a program to start, or its `end` for the end of something else. This is the only list of them.

use crate::diagnostic::{Diagnostic, Span};

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// At the top level of a file.
    File,
    /// In a command, before `do`.
    Command,
    /// In an argument.
    Arg,
    /// Among statements.
    Body,
    /// Between the words of a statement.
    Words,
}

/// Whether lines below belong to it, up to an `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Line,
    Block,
    /// A block if the next line is indented more.
    BlockIfIndented,
}

struct Unavailable {
    at: Where,
    shape: Shape,
    words: &'static [&'static str],
}

const LIST: [Unavailable; 7] = [
    Unavailable { at: Where::File, shape: Shape::Line, words: &["import"] },
    Unavailable {
        at: Where::File,
        shape: Shape::Block,
        words: &["template", "requires", "sandbox", "hooks", "catch", "bundle"],
    },
    Unavailable {
        at: Where::Command,
        shape: Shape::Line,
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
    Unavailable { at: Where::Arg, shape: Shape::Line, words: &["rest"] },
    Unavailable { at: Where::Body, shape: Shape::Block, words: &["parallel", "pipe", "with_env", "with_cwd"] },
    Unavailable {
        at: Where::Body,
        shape: Shape::BlockIfIndented,
        words: &["timeout", "retry", "sandbox", "cache", "wasm_run", "os", "arch"],
    },
    Unavailable { at: Where::Words, shape: Shape::Line, words: &["|"] },
];

pub(crate) fn shape(word: &str, at: Where) -> Option<Shape> {
    LIST.iter().find(|entry| entry.at == at && entry.words.contains(&word)).map(|entry| entry.shape)
}

pub(crate) fn not_available(word: &str, span: Span) -> Diagnostic {
    Diagnostic::error("not-available", span, format!("`{word}` is not available in this build yet"))
        .help("docs/spec/language.md describes the language of this build")
}

/// The diagnostic for a word that this build does not have yet, if it is one.
#[must_use]
pub fn unavailable(word: &str, at: Where, span: Span) -> Option<Diagnostic> {
    shape(word, at).map(|_| not_available(word, span))
}
