//! From a path text to a place.
//!
//! The walk starts at `/` and goes from directory to directory by handle, never through a link. A link that it
//! meets is resolved as text: its target, taken relative to the directory that holds it, and the rest of
//! the path are cleaned together and give a new text; the gate is asked about that text, and the walk starts
//! again. So the walk that arrives has met no link, its text is the resolved path, and the gate has agreed to it.
//! Somebody who swaps a directory for a link meanwhile makes the walk meet that link, or fail; never pass it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use perch_policy::path;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, openat, readlinkat, statat};
use rustix::io::Errno;
use rustix::path::Arg;

use crate::error::At;
use crate::{Cause, Error, Host};

/// A walk gives up after this many links.
pub const MAX_LINKS: usize = 40;

/// A walk gives up when what it is about to enter has been swapped this often.
const MAX_RACES: usize = 1000;

/// Paths of more bytes are not walked; the system calls of others would not take them either.
pub const MAX_PATH: usize = 4096;

/// For handles of directories that are only walked through.
#[cfg(target_os = "linux")]
pub(crate) const DIR: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
pub(crate) const DIR: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Asked about each path text of a walk, in order: may the walk go there?
pub type Gate<'g, D> = &'g mut dyn FnMut(&str) -> Result<(), D>;

/// Why a walk has not arrived.
#[derive(Debug)]
pub enum Stop<D> {
    /// The gate did not agree.
    Gate(D),
    /// The host did not let it pass.
    Failed(Error),
}

impl<D> From<Error> for Stop<D> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What a link at the end of a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// What it points to.
    Followed,
    /// Itself.
    Entry,
}

/// The directories on the way to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ancestors {
    /// All there.
    Ok,
    /// The first that is not a directory is something else.
    FileAt,
    /// The first that is not a directory is not there.
    MissingAt,
}

/// What stood at a place when the walk arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Absent,
    /// A file, or anything else that is neither directory nor link.
    File,
    /// A directory.
    Dir,
    /// A link, at an end that is not followed.
    Link,
}

/// Where a path leads.
#[derive(Debug)]
pub struct Place {
    /// The deepest directory on the way; the parent if all ancestors are there.
    dir: OwnedFd,
    /// Names between `dir` and the last one; none if all ancestors are there.
    between: Vec<String>,
    /// The last component; `.` for the root.
    name: String,
    resolved: String,
    passed: Vec<String>,
    ancestors: Ancestors,
    kind: Kind,
    stat: Option<Stat>,
}

impl Place {
    /// The path without links.
    #[must_use]
    pub fn resolved(&self) -> &str {
        &self.resolved
    }

    /// What stood there.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The directories on the way.
    #[must_use]
    pub fn ancestors(&self) -> Ancestors {
        self.ancestors
    }

    /// The texts that the gate was asked about: the one at the start, one per link; the last is the resolved one.
    #[must_use]
    pub fn passed(&self) -> &[String] {
        &self.passed
    }

    /// The ancestors that are not there, outermost first.
    #[must_use]
    pub fn missing_parents(&self) -> Vec<&str> {
        let all: Vec<&str> = path::ancestors(&self.resolved).collect();
        let missing = if self.ancestors == Ancestors::MissingAt { self.between.len() } else { 0 };
        all[all.len().saturating_sub(missing)..].to_vec()
    }

    /// Fails unless something is there.
    pub fn there(&self) -> Result<(), Error> {
        self.parent()?;
        if self.kind == Kind::Absent { Err(self.wrong(Cause::Missing)) } else { Ok(()) }
    }

    /// Fails unless a file is there.
    pub fn file(&self) -> Result<(), Error> {
        self.parent()?;
        match self.kind {
            Kind::Absent => Err(self.wrong(Cause::Missing)),
            Kind::Dir => Err(self.wrong(Cause::Directory)),
            Kind::Link => Err(self.wrong(Cause::Changed)),
            Kind::File => Ok(()),
        }
    }

    /// Fails unless a directory is there.
    pub fn directory(&self) -> Result<(), Error> {
        self.parent()?;
        match self.kind {
            Kind::Absent => Err(self.wrong(Cause::Missing)),
            Kind::File | Kind::Link => Err(self.wrong(Cause::File)),
            Kind::Dir => Ok(()),
        }
    }

    /// The directory that holds the place, if all ancestors are there.
    pub(crate) fn parent(&self) -> Result<BorrowedFd<'_>, Error> {
        match self.ancestors {
            Ancestors::Ok => Ok(self.dir.as_fd()),
            Ancestors::FileAt => Err(self.wrong(Cause::BehindFile)),
            Ancestors::MissingAt => Err(self.wrong(Cause::DirectoryMissing)),
        }
    }

    /// The deepest directory on the way that is there.
    pub(crate) fn deepest(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// The names of the ancestors beneath [`Self::deepest`].
    pub(crate) fn between(&self) -> &[String] {
        &self.between
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn stat(&self) -> Option<&Stat> {
        self.stat.as_ref()
    }

    pub(crate) fn wrong(&self, cause: Cause) -> Error {
        Error::new(&self.resolved, cause)
    }
}

/// What one walk from the root gives.
enum Step {
    /// A link, and the text that the path now is.
    Redirected(String),
    Arrived(Box<Place>),
    /// What was about to be entered is no longer what it was.
    Raced,
}

impl Host {
    /// Goes where `path` (absolute and clean) leads.
    pub fn walk<D>(&self, path: &str, last: Last, gate: Gate<'_, D>) -> Result<Place, Stop<D>> {
        let mut text = path.to_owned();
        let mut passed = Vec::new();
        let mut races = 0;
        loop {
            if passed.last() != Some(&text) {
                if passed.len() > MAX_LINKS {
                    return Err(Stop::Failed(Error::new(path, Cause::TooManyLinks)));
                }
                gate(&text).map_err(Stop::Gate)?;
                passed.push(text.clone());
            }
            match step(&text, last)? {
                Step::Arrived(place) => return Ok(Place { passed, ..*place }),
                Step::Redirected(target) if target == text => {
                    return Err(Stop::Failed(Error::new(path, Cause::TooManyLinks)));
                }
                Step::Redirected(target) => text = target,
                Step::Raced if races < MAX_RACES => races += 1,
                Step::Raced => return Err(Stop::Failed(Error::new(path, Cause::Changed))),
            }
        }
    }
}

/// From the root towards `text` until the end or the first link.
fn step(text: &str, last: Last) -> Result<Step, Error> {
    if text.len() > MAX_PATH {
        return Err(Error::new(text, Cause::Io(Errno::NAMETOOLONG)));
    }
    let mut dir = rustix::fs::open("/", DIR, Mode::empty()).at("/")?;
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
    for (at, name) in names.iter().enumerate() {
        let here = Here { above: &names[..at], name, rest: &names[at + 1..] };
        let stat = look(&dir, *name).map_err(|errno| here.wrong(errno))?;
        let kind = kind_of(stat.as_ref());
        if kind == Kind::Link && (last == Last::Followed || !here.rest.is_empty()) {
            return here.redirect(&dir);
        }
        if here.rest.is_empty() || kind != Kind::Dir {
            return Ok(Step::Arrived(Box::new(here.arrived(dir, text, kind, stat))));
        }
        dir = match openat(&dir, *name, DIR, Mode::empty()) {
            Ok(next) => next,
            Err(Errno::LOOP | Errno::NOTDIR | Errno::NOENT) => return Ok(Step::Raced),
            Err(errno) => return Err(here.wrong(errno)),
        };
    }
    let stat = look(&dir, ".").at("/")?;
    let root = Here { above: &[], name: ".", rest: &[] };
    Ok(Step::Arrived(Box::new(root.arrived(dir, "/", Kind::Dir, stat))))
}

/// Where a walk stands: at a name between names.
struct Here<'t> {
    above: &'t [&'t str],
    name: &'t str,
    rest: &'t [&'t str],
}

impl Here<'_> {
    fn wrong(&self, errno: Errno) -> Error {
        Error::new(path::join(&self.holder(), self.name), Cause::from(errno))
    }

    /// The directory that holds the name.
    fn holder(&self) -> String {
        format!("/{}", self.above.join("/"))
    }

    /// The path with the link's target in place of the link.
    fn redirect(&self, dir: &OwnedFd) -> Result<Step, Error> {
        let target = match readlinkat(dir, self.name, Vec::new()) {
            Ok(target) => target,
            Err(Errno::INVAL | Errno::NOENT) => return Ok(Step::Raced),
            Err(errno) => return Err(self.wrong(errno)),
        };
        let target = target.into_string().map_err(|_| self.wrong(Errno::ILSEQ))?;
        let whole = format!("{target}/{}", self.rest.join("/"));
        let text = path::clean(&self.holder(), &whole).ok_or_else(|| self.wrong(Errno::INVAL))?;
        Ok(Step::Redirected(text))
    }

    /// The place at the name, or, if names remain, behind it, which is no directory.
    fn arrived(&self, dir: OwnedFd, text: &str, kind: Kind, stat: Option<Stat>) -> Place {
        let mut names: Vec<String> =
            std::iter::once(&self.name).chain(self.rest).map(|name| (*name).to_owned()).collect();
        let name = names.pop().unwrap_or_default();
        let (ancestors, kind, stat) = match (names.is_empty(), kind) {
            (true, kind) => (Ancestors::Ok, kind, stat),
            (false, Kind::Absent) => (Ancestors::MissingAt, Kind::Absent, None),
            (false, _) => (Ancestors::FileAt, Kind::Absent, None),
        };
        Place { dir, between: names, name, resolved: text.to_owned(), passed: Vec::new(), ancestors, kind, stat }
    }
}

/// The entry itself; `None`: not there.
pub(crate) fn look(dir: impl AsFd, name: impl Arg) -> Result<Option<Stat>, Errno> {
    match statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

pub(crate) fn kind_of(stat: Option<&Stat>) -> Kind {
    match stat.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
        None => Kind::Absent,
        Some(FileType::Directory) => Kind::Dir,
        Some(FileType::Symlink) => Kind::Link,
        Some(_) => Kind::File,
    }
}

/// True for what has content that can be replaced by renaming.
pub(crate) fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

/// True for what is a way to talk to a part of the machine.
pub(crate) fn is_device(stat: &Stat) -> bool {
    matches!(FileType::from_raw_mode(stat.st_mode), FileType::CharacterDevice | FileType::BlockDevice)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The race that this guards against is too narrow to be lost in a test.
    #[test]
    fn f09_no_directory_is_entered_through_a_link() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc", dir.path().join("link")).unwrap();
        let handle = rustix::fs::open(dir.path(), DIR, Mode::empty()).unwrap();
        assert!(openat(&handle, "link", DIR, Mode::empty()).is_err());
    }
}
