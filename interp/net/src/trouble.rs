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
    /// Nobody accepts a connection.
    Unreachable(String),
    /// The connection cannot be made secure.
    Insecure(String),
    /// There was no answer in time.
    Slow,
    /// A redirect that is not followed: why.
    Redirect(String),
    /// More than so many bytes.
    TooLarge(u64),
    /// An answer that is not UTF-8 text.
    NotText,
    /// An answer that is none.
    Garbled(String),
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
            Self::Unreachable(why) => write!(f, "nobody accepts a connection: {why}"),
            Self::Insecure(why) => write!(f, "the connection cannot be made secure: {why}"),
            Self::Slow => f.write_str("there was no answer in time"),
            Self::Redirect(why) => f.write_str(why),
            Self::TooLarge(limit) => {
                write!(f, "the answer has more than {} MiB, which is all that perch holds in memory", limit >> 20)
            }
            Self::NotText => f.write_str("the answer is not UTF-8 text"),
            Self::Garbled(why) => write!(f, "the answer is not whole, or none: {why}"),
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
