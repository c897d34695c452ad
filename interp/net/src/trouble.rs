//! Why the network did not do it.

use std::net::IpAddr;

use perch_system::Cause;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The name has no address: why, as the system says it.
    NoAddress(String),
    /// The host is in a private network: this is one of its addresses.
    Private(IpAddr),
    /// The operating system did not do it.
    System(String),
    /// The permit is for something else: a bug of the caller.
    Unpermitted,
    /// The run is over, or a deadline has passed.
    Cut(Cause),
}

impl From<Cause> for Trouble {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::DeadlinePassed | Cause::Interrupted(_) => Self::Cut(cause),
            Cause::Io(errno) => Self::System(errno.to_string()),
            other => Self::System(format!("{other:?}")),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::System(error.to_string())
    }
}

impl From<rustix::io::Errno> for Trouble {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::System(errno.to_string())
    }
}

/// In words, behind "cannot look up `x`:".
impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoAddress(why) => write!(f, "it has no address: {why}"),
            Self::Private(address) => {
                write!(
                    f,
                    "{address} is this machine or in a private network, which is refused without `--allow-private-ips`"
                )
            }
            Self::System(why) => f.write_str(why),
            Self::Unpermitted => f.write_str("no permit for it was given (a bug of perch)"),
            Self::Cut(Cause::DeadlinePassed) => f.write_str("the deadline has passed"),
            Self::Cut(cause) => {
                f.write_str(&perch_system::Error { path: String::new(), cause: cause.clone() }.reason(""))
            }
        }
    }
}

impl std::error::Error for Trouble {}
