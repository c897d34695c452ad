//! From what the host says to what a program sees.

use perch_ops::ErrorKind;
use perch_system::{Cause, Error};

/// What is started is a program,
pub(crate) const PROGRAM: &str = "program";

/// or a line for the shell.
pub(crate) const LINE: &str = "shell line";

/// A failure of a primitive.
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    /// Exit status of a program.
    pub(crate) code: String,
    /// More of it: how an answer begins.
    pub(crate) detail: String,
    /// What ended it from the outside.
    pub(crate) cut: Option<Cut>,
    /// It was denied by somebody who hides: to those who look, nothing is there.
    pub(crate) hides: bool,
}

/// What can end a wait from the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The deadline around.
    Deadline,
    /// This signal.
    Signal(i32),
}

impl Cut {
    /// What has ended a wait, if it was that.
    pub(crate) fn of(cause: &Cause) -> Option<Self> {
        match cause {
            Cause::DeadlinePassed => Some(Self::Deadline),
            Cause::Interrupted(signal) => Some(Self::Signal(*signal)),
            _ => None,
        }
    }
}

impl Failure {
    /// The message is a sentence, which reports rely on where they do not know it.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        debug_assert!(message.contains(' '), "`{message}` is no sentence");
        Self { kind, message, code: String::new(), detail: String::new(), cut: None, hides: false }
    }

    /// "cannot read `/x`: it does not exist"; the act ends with the path.
    pub(crate) fn host(act: &str, path: &str, error: &Error) -> Self {
        Self::new(kind(&error.cause), format!("cannot {act} `{path}`: {}", error.reason(path))).cut(&error.cause)
    }

    /// "program `make` was stopped: the deadline has passed", if it was not that it could not be started at all. What was started is a
    /// program, or a line.
    pub(crate) fn program(what: &str, called: &str, error: &Error) -> Self {
        match error.cause {
            Cause::DeadlinePassed | Cause::Interrupted(_) | Cause::TooLarge(_) | Cause::Unprinted(_) => {
                let message = format!("{what} `{called}` was stopped: {}", error.reason(called));
                Self::new(kind(&error.cause), message).cut(&error.cause)
            }
            Cause::BinMissing if what == LINE => {
                Self::new(ErrorKind::BinNotFound, format!("cannot start `{called}`: this host has no shell"))
            }
            _ => Self::host("start", called, error),
        }
    }

    /// "cannot copy `/a` to `/b`: `/a` does not exist"
    pub(crate) fn host_two(act: &str, from: &str, to: &str, error: &Error) -> Self {
        Self::new(kind(&error.cause), format!("cannot {act} `{from}` to `{to}`: {}", error.reason("")))
            .cut(&error.cause)
    }

    /// A wait that has ended before its time.
    pub(crate) fn wait(cause: &Cause) -> Self {
        let error = Error { path: String::new(), cause: cause.clone() };
        Self::new(kind(cause), error.reason("")).cut(cause)
    }

    pub(crate) fn cut(self, cause: &Cause) -> Self {
        Self { cut: Cut::of(cause), ..self }
    }
}

/// The kind under which a program sees the cause.
pub(crate) fn kind(cause: &Cause) -> ErrorKind {
    match cause {
        Cause::Missing | Cause::DirectoryMissing => ErrorKind::FileNotFound,
        Cause::BehindFile | Cause::File | Cause::CannotReplace(_) => ErrorKind::NotADirectory,
        Cause::Directory => ErrorKind::IsADirectory,
        Cause::InTheWay => ErrorKind::FileAlreadyExists,
        Cause::Root | Cause::NoLink | Cause::Within(_) | Cause::NoTarget | Cause::NoVariable => {
            ErrorKind::InvalidArgument
        }
        Cause::NotText | Cause::NoName | Cause::Twice => ErrorKind::ParseFailed,
        Cause::Refused | Cause::Foreign => ErrorKind::FilePermissionDenied,
        Cause::BinMissing => ErrorKind::BinNotFound,
        Cause::DeadlinePassed => ErrorKind::TimeoutExceeded,
        Cause::Interrupted(_) => ErrorKind::SignalReceived,
        Cause::TooLarge(_)
        | Cause::Special
        | Cause::Device
        | Cause::TooManyLinks
        | Cause::Changed
        | Cause::Unprinted(_)
        | Cause::NoInterpreter(_)
        | Cause::NoFirstLine
        | Cause::NoProgram
        | Cause::Unpermitted
        | Cause::Io(_) => ErrorKind::IoError,
    }
}
