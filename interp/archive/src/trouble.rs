//! Why an archive cannot be made or unpacked.

use std::fmt::{self, Display};
use std::io;

use perch_system::Error;

/// What is wrong.
#[derive(Debug)]
pub enum Trouble {
    /// It is no archive of that kind, not a whole one, or says two things at once.
    Garbled(String),
    /// It would become more than is allowed.
    TooLarge(String),
    /// An entry is not to be made: it would land elsewhere, or would be more than a file.
    Refused(String),
    /// The host could not do it.
    System(Error),
    /// Reading or writing has failed.
    Io(io::Error),
}

impl Trouble {
    pub(crate) fn garbled(what: impl Into<String>) -> Self {
        Self::Garbled(what.into())
    }

    /// What a library says that reads archives. Troubles of ours have come through it as they are; the rest is about the bytes.
    pub(crate) fn of(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(trouble) => trouble,
            Err(error) => Self::Garbled(error.to_string()),
        }
    }

    /// The trouble, to be handed through a library.
    pub(crate) fn through(self) -> io::Error {
        io::Error::other(self)
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Garbled(what) | Self::TooLarge(what) | Self::Refused(what) => f.write_str(what),
            Self::System(error) => Display::fmt(error, f),
            Self::Io(error) => Display::fmt(error, f),
        }
    }
}

impl std::error::Error for Trouble {}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::System(error)
    }
}
