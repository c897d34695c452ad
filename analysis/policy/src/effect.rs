//! What an op may want of the host.

use crate::Right;

/// A text that is known, or not (which happens only when nothing is really run).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Known {
    /// This text. Of a path: absolute and cleaned.
    Text(String),
    /// Some text.
    Unknown,
}

impl Known {
    /// The text, when known.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Unknown => None,
        }
    }
}

/// One thing that an op asks to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Use an op, whatever it does.
    Op(&'static str),
    /// Learn of a path whether it is there and of what kind. Outside the visible roots the answer is "not there".
    Look(Known),
    /// Read content or entries of a path.
    Read(Known),
    /// Make or change a path.
    Write(Known),
    /// Remove a path and what is beneath.
    Delete(Known),
    /// Start a program.
    Exec {
        /// Name or path as written.
        bin: Known,
        /// The other words.
        argv: Vec<Known>,
    },
    /// Give a line to the shell.
    Shell {
        /// As written.
        line: Known,
        /// Where it is started: seen from there, relative paths in it are programs.
        cwd: Known,
    },
    /// Read an environment variable.
    ReadEnv(Known),
    /// Set an environment variable of the run, or take it away.
    WriteEnv(Known),
    /// Learn a fact of the host (operating system, what is on PATH).
    HostFact,
    /// Talk to a host, or ask for its address.
    Connect {
        /// Its name or address, as [`crate::net::Host`] writes it.
        host: Known,
        /// The port in decimal; empty text if there is none.
        port: Known,
        /// By a request for a web address.
        web: bool,
    },
    /// Use the network, or learn something of it, without talking to anybody.
    Network,
    /// Write to standard output or standard error.
    Output,
    /// Look into the store of cached blocks, and put something there.
    Store,
}

impl Effect {
    /// The rights that it takes, of those that a part of a program can give up. The shell is a program, and starts others.
    #[must_use]
    pub fn rights(&self) -> &'static [Right] {
        match self {
            Self::Write(_) | Self::Delete(_) | Self::Store => &[Right::Write],
            Self::Exec { .. } => &[Right::Subprocess],
            Self::Shell { .. } => &[Right::Shell, Right::Subprocess],
            Self::Connect { .. } | Self::Network => &[Right::Network],
            Self::Op(_)
            | Self::Look(_)
            | Self::Read(_)
            | Self::ReadEnv(_)
            | Self::WriteEnv(_)
            | Self::HostFact
            | Self::Output => &[],
        }
    }

    /// Whether it starts a program.
    #[must_use]
    pub fn starts(&self) -> bool {
        matches!(self, Self::Exec { .. } | Self::Shell { .. })
    }
}
