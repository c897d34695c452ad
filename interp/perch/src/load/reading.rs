//! The text of a file, or why it cannot be had.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use perch_ir::files::MAX_BYTES;

use crate::report::Trouble;

/// Why a file gives no text.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    /// The host says so.
    #[error("cannot be read: {0}")]
    Host(#[from] std::io::Error),
    /// It holds too much, with what the program has already.
    #[error("makes the program larger than {} MB", MAX_BYTES >> 20)]
    TooLarge,
    /// It holds something else than text.
    #[error("does not hold UTF-8 text: line {line} has a byte that no text has")]
    NoText { line: usize },
}

impl Unread {
    /// What to do about it.
    fn advice(&self) -> &'static str {
        match self {
            Self::Host(error) => match error.kind() {
                ErrorKind::NotFound => "`-f FILE` names another file; `perch --help` says more",
                ErrorKind::PermissionDenied => "allow reading it, or name another file with `-f FILE`",
                ErrorKind::IsADirectory => "name a file in it: `-f FILE`",
                _ => "`-f FILE` names another file",
            },
            Self::TooLarge => "keep data in files of its own: `read_file` reads them when the command runs",
            Self::NoText { .. } => "save it as UTF-8, or name another file with `-f FILE`",
        }
    }
}

/// The text of the file that a program begins with.
pub(super) fn main_file(file: &str) -> Result<String, Trouble> {
    text(Path::new(file), 0).map_err(|why| {
        let message = match &why {
            Unread::Host(error) => format!("cannot read `{file}`: {error}"),
            _ => format!("`{file}` {why}"),
        };
        Trouble::usage(message).help(why.advice())
    })
}

/// The text of a file, of a program that has so many bytes already.
pub(super) fn text(file: &Path, so_far: usize) -> Result<String, Unread> {
    all(File::open(file)?, so_far)
}

/// The text that is to be had, of a program that has so many bytes already. No more is read than a program may have, since what is read
/// need not have an end.
pub(super) fn all(from: impl Read, so_far: usize) -> Result<String, Unread> {
    let room = MAX_BYTES.saturating_sub(so_far);
    let mut bytes = Vec::new();
    from.take(room as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > room {
        return Err(Unread::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        Unread::NoText { line: 1 + before.iter().filter(|byte| **byte == b'\n').count() }
    })
}
