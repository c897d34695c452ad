//! The words that have a meaning of their own at the start of a line.

use crate::tree::BlockKind;

/// Words that start a top-level block which holds statements.
pub(crate) const CALLABLES: [&str; 3] = ["command", "template", "catch"];

/// Words that start a top-level block of lines.
pub(crate) const SECTIONS: [&str; 4] = ["bundle", "requires", "sandbox", "hooks"];

/// Lines of a `bin` in `requires`, which make it a block.
pub(crate) const PINS: [&str; 2] = ["hash", "hash_file"];

/// Words that open a block among statements.
pub(crate) fn blocks() -> impl Iterator<Item = &'static str> {
    BlockKind::ALL.into_iter().map(BlockKind::keyword)
}

pub(crate) fn is_block(word: &str) -> bool {
    blocks().any(|keyword| keyword == word)
}

/// Lines of their own at the top of a file.
pub const FILE_SETTINGS: [&str; 3] = ["name", "about", "version"];

/// Lines of an argument.
pub const ARG_SETTINGS: [&str; 6] = ["type", "default", "optional", "description", "index", "rest"];

/// Words that the command line takes for itself, so that no command of a file is called by them.
pub const VERBS: [&str; 4] = ["fmt", "help", "simulate", "test"];

/// Where a keyword belongs that was met at the start of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// Opens a block of statements.
    Block,
    /// Starts an arm of a block.
    Arm,
    /// Belongs outside bodies.
    Outside,
    /// Closes a block, or starts a binding.
    Other,
    /// Joins programs on one line.
    Joint,
}

/// What keyword a word is, if it is one. Such a word cannot start a program: `exec` can.
#[must_use]
pub fn reserved(word: &str) -> Option<Reserved> {
    match word {
        _ if arm_of(word).is_some() => Some(Reserved::Arm),
        "do" => Some(Reserved::Outside),
        _ if CALLABLES.contains(&word) => Some(Reserved::Outside),
        "&&" | "||" | ";" | "|" => Some(Reserved::Joint),
        "end" | "let" => Some(Reserved::Other),
        _ if is_block(word) => Some(Reserved::Block),
        _ => None,
    }
}

/// The blocks that have arms which start with this word.
pub(crate) fn arm_of(word: &str) -> Option<&'static [&'static str]> {
    match word {
        "elif" => Some(&["if"]),
        "else" => Some(&["if", "match"]),
        "case" => Some(&["match"]),
        "rescue" | "finally" => Some(&["try"]),
        _ => None,
    }
}
