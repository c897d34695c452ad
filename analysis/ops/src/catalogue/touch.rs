//! What ops touch besides texts: what restrictions can deny, and what a reader of a program wants to know.

use std::fmt::{self, Display};

use crate::ErrorKind;

/// One thing that an op does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Learns of a path whether it is there.
    Look(On),
    /// Reads a path.
    Read(On),
    /// Makes, changes or removes a path.
    Write(On),
    /// Keeps something in perch's own cache; where writing is denied, nothing is kept and nothing fails.
    Store,
    /// Talks to a host.
    Net(On),
    /// Starts a program.
    Start(On),
    /// Gives a command line to the shell.
    Shell(On),
    /// Reads an environment variable.
    ReadEnv(On),
    /// Sets an environment variable of the run.
    WriteEnv(On),
    /// Knows something of the machine.
    HostFact,
    /// Knows the time, or lets it pass.
    Clock,
    /// Is not the same twice.
    Random,
    /// Writes to standard output.
    Stdout,
    /// Writes to standard error.
    Stderr,
    /// Decides what runs next.
    Flow,
}

/// What exactly is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// What that operand names.
    Arg(usize),
    /// Always this.
    Of(&'static str),
}

impl Touch {
    /// Its name in the reference.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Look(_) => "look",
            Self::Read(_) => "read",
            Self::Write(_) => "write",
            Self::Store => "store",
            Self::Net(_) => "net",
            Self::Start(_) => "start",
            Self::Shell(_) => "shell",
            Self::ReadEnv(_) => "read_env",
            Self::WriteEnv(_) => "write_env",
            Self::HostFact => "host_fact",
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Flow => "flow",
        }
    }

    /// What exactly is touched, if it is one thing.
    #[must_use]
    pub fn on(self) -> Option<On> {
        match self {
            Self::Look(on)
            | Self::Read(on)
            | Self::Write(on)
            | Self::Net(on)
            | Self::Start(on)
            | Self::Shell(on)
            | Self::ReadEnv(on)
            | Self::WriteEnv(on) => Some(on),
            Self::Store | Self::HostFact | Self::Clock | Self::Random | Self::Stdout | Self::Stderr | Self::Flow => {
                None
            }
        }
    }

    /// The flag that denies all of it, in this version or a later one.
    #[must_use]
    pub fn denied_by(self) -> Option<&'static str> {
        match self {
            Self::Write(_) => Some("--no-write"),
            Self::Net(_) => Some("--no-network"),
            Self::Start(_) => Some("--no-subprocess"),
            Self::Shell(_) => Some("--no-shell"),
            _ => None,
        }
    }

    /// How it fails for lack of a permission, or because the host refuses.
    pub(super) fn error_kinds(self) -> &'static [ErrorKind] {
        use ErrorKind::{
            BinNotDeclared, CapNetworkDenied, CapShellDenied, CapSubprocessDenied, CapSudoDenied, CapWriteDenied,
            EnvNotDeclared, EnvNotPermitted, FilePathDisallowed, FilePermissionDenied, HostNotDeclared,
            InvalidArgument, IoError, LimitExceeded, NetNotPermitted, ReadNotDeclared, ReadNotPermitted,
            ShellBinNotAllowed, ShellMetacharsDenied, TimeoutExceeded, WriteNotDeclared, WriteNotPermitted,
        };
        match self {
            Self::Look(_) => &[ReadNotDeclared, FilePermissionDenied, IoError],
            Self::Read(_) => &[ReadNotPermitted, ReadNotDeclared, FilePermissionDenied, IoError],
            Self::Write(_) => &[
                CapWriteDenied,
                WriteNotPermitted,
                WriteNotDeclared,
                FilePathDisallowed,
                FilePermissionDenied,
                IoError,
            ],
            Self::Net(_) => &[CapNetworkDenied, NetNotPermitted, HostNotDeclared],
            // Words, lines and variables may be such as no program can be given (`perch_ops::given`).
            Self::Start(_) => &[
                CapSubprocessDenied,
                CapSudoDenied,
                InvalidArgument,
                LimitExceeded,
                ShellBinNotAllowed,
                BinNotDeclared,
                FilePermissionDenied,
                IoError,
                TimeoutExceeded,
            ],
            // The shell opens files and talks to hosts by itself, which is asked about where programs are listed.
            Self::Shell(_) => &[
                CapWriteDenied,
                WriteNotPermitted,
                WriteNotDeclared,
                FilePathDisallowed,
                ReadNotPermitted,
                ReadNotDeclared,
                EnvNotPermitted,
                EnvNotDeclared,
                CapNetworkDenied,
                NetNotPermitted,
                HostNotDeclared,
                ErrorKind::HttpSsrfBlocked,
                CapShellDenied,
                CapSubprocessDenied,
                CapSudoDenied,
                InvalidArgument,
                LimitExceeded,
                ShellMetacharsDenied,
                ShellBinNotAllowed,
                BinNotDeclared,
                FilePermissionDenied,
                IoError,
                TimeoutExceeded,
            ],
            Self::ReadEnv(_) => &[EnvNotPermitted, EnvNotDeclared],
            Self::WriteEnv(_) => &[EnvNotDeclared],
            Self::Stdout | Self::Stderr => &[IoError],
            Self::HostFact => &[ReadNotPermitted],
            Self::Store | Self::Clock | Self::Random | Self::Flow => &[],
        }
    }
}

impl Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arg(at) => write!(f, "operand {}", at + 1),
            Self::Of(what) => f.write_str(what),
        }
    }
}
