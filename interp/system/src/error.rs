//! Why the host could not do it.

use rustix::io::Errno;

use crate::signals;

/// What went wrong, at which path (or with which program).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The path or program that the cause is about.
    pub path: String,
    /// What is wrong with it.
    pub cause: Cause,
}

/// What can be wrong with a path or a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing is there.
    Missing,
    /// The directory that would hold it is not there.
    DirectoryMissing,
    /// The path leads through a file.
    BehindFile,
    /// It is a directory.
    Directory,
    /// It is a file, or something else that is no directory.
    File,
    /// It is in the way of what is to be copied.
    InTheWay,
    /// It was to be made a second time by what must name everything once.
    Twice,
    /// It is the root directory.
    Root,
    /// It is this other path, or lies in it.
    Within(String),
    /// It is a directory, which cannot replace this other path.
    CannotReplace(String),
    /// It was to be a link to empty text, or to one with a NUL.
    NoTarget,
    /// It is no link.
    NoLink,
    /// Its content is not UTF-8.
    NotText,
    /// Its name is not UTF-8.
    NoName,
    /// It gives more than this many bytes, which is all that perch holds in memory.
    TooLarge(u64),
    /// It is neither file, directory nor link, and what it is cannot be copied.
    Special,
    /// It is a device, which others need, and which no program makes again.
    Device,
    /// The operating system refuses.
    Refused,
    /// More links on the way than perch follows.
    TooManyLinks,
    /// Somebody changed it at the same time.
    Changed,
    /// It lies in a directory that belongs to somebody else, or that somebody else may write to.
    Foreign,
    /// It cannot be the name of a variable, or its value not the value of one.
    NoVariable,
    /// No such program.
    BinMissing,
    /// Its first line says that this program reads it, and that is not there.
    NoInterpreter(String),
    /// It is text, and no first line says what reads it.
    NoFirstLine,
    /// It was made for another system, or is no program.
    NoProgram,
    /// What it prints cannot be written where our output goes.
    Unprinted(Errno),
    /// The deadline has passed.
    DeadlinePassed,
    /// This signal has interrupted the run.
    Interrupted(i32),
    /// The permit is for something else: a bug of the caller.
    Unpermitted,
    /// Any other error number.
    Io(Errno),
}

impl Error {
    pub(crate) fn new(path: impl Into<String>, cause: Cause) -> Self {
        Self { path: path.into(), cause }
    }

    pub(crate) fn io(path: impl Into<String>, error: &std::io::Error) -> Self {
        Self::new(path, Cause::from(error))
    }

    /// The cause in words; the path is called "it" if it is the one that the sentence is about.
    #[must_use]
    pub fn reason(&self, subject: &str) -> String {
        let known = self.path == subject;
        let it = if known { "it".to_owned() } else { format!("`{}`", self.path) };
        match &self.cause {
            Cause::Missing => format!("{it} does not exist"),
            Cause::DirectoryMissing if known => "its directory does not exist".to_owned(),
            Cause::DirectoryMissing => format!("the directory of {it} does not exist"),
            Cause::BehindFile => format!("a part of the path to {it} is a file"),
            Cause::Directory => format!("{it} is a directory"),
            Cause::File => format!("{it} is a file"),
            Cause::InTheWay => format!("{it} is in the way"),
            Cause::Twice => format!("two entries are {it}"),
            Cause::Root => format!("{it} is the root directory"),
            Cause::Within(other) if *other == self.path => format!("{it} would be its own copy"),
            Cause::Within(other) => format!("{it} lies in `{other}`"),
            Cause::CannotReplace(other) => format!("{it} is a directory and cannot replace `{other}`"),
            Cause::NoTarget => "the target of a link is empty text, or holds a NUL".to_owned(),
            Cause::NoLink => format!("{it} is not a symbolic link"),
            Cause::NotText => format!("{it} does not hold UTF-8 text"),
            Cause::NoName => format!("the name of {it} is not UTF-8 text"),
            Cause::TooLarge(limit) => {
                format!("{it} gives more than {} MiB, which is all that perch holds in memory", limit >> 20)
            }
            Cause::Special => format!("{it} is neither a file nor a directory nor a link"),
            Cause::Device => format!("{it} is a device, which is neither removed nor replaced"),
            Cause::Refused => format!("the operating system refuses access to {it}"),
            Cause::TooManyLinks => format!("the path to {it} leads through too many links"),
            Cause::Changed => format!("{it} was changed at the same time by somebody else"),
            Cause::BinMissing if self.path.contains('/') => format!("{it} is not a program file"),
            Cause::BinMissing => format!("{it} is not on PATH"),
            Cause::NoInterpreter(other) => {
                let whose = if known { "its first line".to_owned() } else { format!("the first line of {it}") };
                format!("{whose} names `{}`, which does not exist", other.escape_debug())
            }
            Cause::NoFirstLine => format!("{it} is text, and no first line `#!…` says what reads it"),
            Cause::NoProgram => format!("{it} is no program for this system"),
            Cause::Foreign => format!("the directory of {it} is not ours alone to write to"),
            Cause::NoVariable => format!("{it} cannot be set as a variable: names have no `=`, and neither has a NUL"),
            Cause::Unprinted(errno) => format!("what {it} prints cannot be handed on: {errno}"),
            Cause::DeadlinePassed => "the deadline has passed".to_owned(),
            Cause::Interrupted(signal) => format!("the run was interrupted by {}", signals::name(*signal)),
            Cause::Unpermitted => format!("no permit for {it} was given (a bug of perch)"),
            Cause::Io(errno) if known => errno.to_string(),
            Cause::Io(errno) => format!("{it}: {errno}"),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason(""))
    }
}

impl std::error::Error for Error {}

impl From<Errno> for Cause {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT => Self::Missing,
            Errno::NOTDIR => Self::BehindFile,
            Errno::ISDIR => Self::Directory,
            Errno::ACCESS | Errno::PERM | Errno::ROFS => Self::Refused,
            Errno::LOOP => Self::Changed,
            other => Self::Io(other),
        }
    }
}

/// A cause on its way through functions of the standard library.
#[derive(Debug)]
pub(crate) struct Over(pub(crate) Cause);

impl Over {
    pub(crate) fn io(cause: Cause) -> std::io::Error {
        std::io::Error::other(Self(cause))
    }
}

impl std::fmt::Display for Over {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&Error::new("", self.0.clone()).reason(""))
    }
}

impl std::error::Error for Over {}

impl From<&std::io::Error> for Cause {
    fn from(error: &std::io::Error) -> Self {
        if let Some(Over(cause)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            return cause.clone();
        }
        let other = if error.kind() == std::io::ErrorKind::InvalidInput { Errno::INVAL } else { Errno::IO };
        Errno::from_io_error(error).unwrap_or(other).into()
    }
}

impl From<std::io::Error> for Cause {
    fn from(error: std::io::Error) -> Self {
        Self::from(&error)
    }
}

/// Adds the path to what went wrong.
pub(crate) trait At<T>: Sized {
    /// The path is made only when something went wrong.
    fn at_path(self, path: impl FnOnce() -> String) -> Result<T, Error>;

    fn at(self, path: &str) -> Result<T, Error> {
        self.at_path(|| path.to_owned())
    }
}

impl<T, E: Into<Cause>> At<T> for Result<T, E> {
    fn at_path(self, path: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|error| Error::new(path(), error.into()))
    }
}
