//! Entries of directories: made, removed, renamed.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use perch_policy::{Permit, path};
use rustix::fs::{
    AtFlags, Mode, OFlags, RawMode, Stat, fchmod, mkdirat, openat, readlinkat, renameat, symlinkat, unlinkat,
};
use rustix::io::Errno;
use rustix::path::Arg;

use crate::error::At;
use crate::file::{Temp, copy_entry};
use crate::permit::{To, covers, covers_path};
use crate::walk::{is_device, is_regular, kind_of, look};
use crate::{Ancestors, Cause, Error, Host, Kind, Place, Until, tree};

impl Host {
    /// Makes a directory and its missing parents; one that is there is fine.
    pub fn make_dirs(&self, permit: &Permit, parents: &[Permit], place: &Place) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        cover_missing(parents, place)?;
        match place.kind() {
            Kind::Dir => Ok(()),
            Kind::File | Kind::Link => Err(place.wrong(Cause::File)),
            Kind::Absent => {
                let parent = place.made_parent(0o777).map_err(disturbed)?;
                make_dir(parent.as_fd(), place.name(), 0o777).at(place.resolved()).map_err(disturbed)
            }
        }
    }

    /// Makes something empty that nobody else may look into, where nothing is.
    pub fn make_new(&self, permit: &Permit, place: &Place, kind: Kind) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        let (dir, name) = (place.parent()?, place.name());
        match kind {
            Kind::Dir => mkdirat(dir, name, Mode::RWXU).at(place.resolved()),
            _ => make_private(dir, name).at(place.resolved()),
        }
    }

    /// Removes an entry and what is beneath; nothing there is fine.
    pub fn remove(&self, permit: &Permit, place: &Place, until: Until) -> Result<(), Error> {
        covers(permit, To::Delete, place)?;
        if place.resolved() == "/" {
            return Err(place.wrong(Cause::Root));
        }
        is_no_device(place)?;
        match place.kind() {
            Kind::Absent => Ok(()),
            // That removes a file, too, which somebody else has put in its place.
            Kind::Dir => tree::remove(place.parent()?, place.name(), place.resolved(), until),
            Kind::File | Kind::Link => match unlinkat(place.parent()?, place.name(), AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => Ok(()),
                Err(errno) => Err(place.wrong(Cause::from(errno))),
            },
        }
    }

    /// Makes a link with that target text, in place of a file or link that is there.
    pub fn make_link(&self, permit: &Permit, place: &Place, target: &str) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        let dir = place.parent()?;
        if place.kind() == Kind::Dir {
            return Err(place.wrong(Cause::Directory));
        }
        if target.is_empty() || target.contains('\0') {
            return Err(place.wrong(Cause::NoTarget));
        }
        is_no_device(place)?;
        make_link(dir, place.name(), target.as_bytes()).at(place.resolved())
    }

    /// Renames an entry, in place of a file or link that is there unless it is a directory.
    pub fn rename(&self, permits: [&Permit; 3], from: &Place, to: &Place, until: Until) -> Result<(), Error> {
        covers(permits[0], To::Read, from)?;
        covers(permits[1], To::Delete, from)?;
        covers(permits[2], To::Write, to)?;
        let (source, target) = may_rename(from, to)?;
        let same = matches!((from.stat(), to.stat()), (Some(a), Some(b)) if same_entry(a, b));
        if same {
            // Two names of one file: rename would leave both.
            return unlinkat(source, from.name(), AtFlags::empty()).at(from.resolved());
        }
        match renameat(source, from.name(), target, to.name()) {
            Err(Errno::XDEV) => move_across(from, to, until),
            Err(errno) => Err(to.wrong(Cause::from(errno))),
            Ok(()) => Ok(()),
        }
    }
}

/// The guards of a rename, in their order, and the two directories.
fn may_rename<'p>(from: &'p Place, to: &'p Place) -> Result<(BorrowedFd<'p>, BorrowedFd<'p>), Error> {
    from.there()?;
    let source = from.parent()?;
    let target = to.parent()?;
    if from.resolved() == "/" {
        return Err(from.wrong(Cause::Root));
    }
    if path::within(to.resolved(), from.resolved()) {
        return Err(to.wrong(Cause::Within(from.resolved().to_owned())));
    }
    match (from.kind(), to.kind()) {
        (_, Kind::Dir) => Err(to.wrong(Cause::Directory)),
        (Kind::Dir, Kind::File | Kind::Link) => Err(from.wrong(Cause::CannotReplace(to.resolved().to_owned()))),
        _ => {
            is_no_device(from)?;
            is_no_device(to)?;
            Ok((source, target))
        }
    }
}

/// Whoever may do everything would take away from all others what stands under that name: `mv result /dev/null` is a slip.
fn is_no_device(place: &Place) -> Result<(), Error> {
    if place.stat().is_some_and(is_device) { Err(place.wrong(Cause::Device)) } else { Ok(()) }
}

fn same_entry(a: &Stat, b: &Stat) -> bool {
    (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
}

/// To another file system: a complete copy under a hidden name, which then becomes the entry.
fn move_across(from: &Place, to: &Place, until: Until) -> Result<(), Error> {
    let (source, target) = (from.parent()?, to.parent()?);
    match from.stat() {
        Some(stat) if kind_of(Some(stat)) == Kind::Link => {
            copy_link(source, from.name(), target, to.name()).at(to.resolved())?
        }
        Some(stat) if kind_of(Some(stat)) == Kind::Dir => return tree::move_across(from, to, stat.st_mode, until),
        Some(stat) if is_regular(stat) => copy_entry(source, from.name(), target, to.name(), to.resolved(), until)?,
        _ => return Err(from.wrong(Cause::Special)),
    }
    unlinkat(source, from.name(), AtFlags::empty()).at(from.resolved())
}

/// Do the permits cover the missing parents of a place, outermost first?
pub(crate) fn cover_missing(permits: &[Permit], place: &Place) -> Result<(), Error> {
    let missing = place.missing_parents();
    if missing.len() != permits.len() {
        return Err(place.wrong(Cause::Unpermitted));
    }
    permits.iter().zip(missing).try_for_each(|(permit, parent)| covers_path(permit, To::Write, parent))
}

/// A name that begins like that and that nobody guesses.
#[must_use]
pub fn new_name(prefix: &str) -> String {
    let mut name = prefix.to_owned();
    for _ in 0..2 {
        let mut random = RandomState::new().build_hasher().finish();
        for _ in 0..LETTERS_OF_NUMBER {
            name.push(char::from(LETTERS[(random % 32) as usize]));
            random /= 32;
        }
    }
    name
}

/// What made-up names are made of.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// So many of them are in 64 bits.
const LETTERS_OF_NUMBER: usize = 12;

/// A new empty file for its owner alone, whatever the file mode creation mask.
fn make_private(dir: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    fchmod(openat(dir, name, flags, mode)?, mode)
}

/// What was there, or was not, when the way was gone, is not what is found now: somebody else has changed it meanwhile.
fn disturbed(error: Error) -> Error {
    match error.cause {
        Cause::Missing | Cause::Io(Errno::EXIST) => Error { cause: Cause::Changed, ..error },
        _ => error,
    }
}

/// A directory of that name, new or there.
pub(crate) fn make_dir(dir: BorrowedFd<'_>, name: impl Arg + Copy, mode: RawMode) -> Result<(), Errno> {
    match mkdirat(dir, name, Mode::from_raw_mode(mode)) {
        Err(Errno::EXIST) if kind_of(look(dir, name)?.as_ref()) == Kind::Dir => Ok(()),
        made => made,
    }
}

pub(crate) fn copy_link(from: BorrowedFd<'_>, name: impl Arg, to: BorrowedFd<'_>, new: impl Arg) -> Result<(), Errno> {
    let target = readlinkat(from, name, Vec::new())?;
    make_link(to, new, target.as_bytes())
}

/// A new link under a hidden name, which then becomes the entry.
fn make_link(dir: BorrowedFd<'_>, name: impl Arg, target: &[u8]) -> Result<(), Errno> {
    let ((), temp) = Temp::entry(dir, |hidden| symlinkat(target, dir, hidden))?;
    temp.becomes(name)
}

impl Place {
    /// A handle of the directory that is to hold the place, made with its parents where it is missing.
    pub(crate) fn made_parent(&self, mode: RawMode) -> Result<OwnedFd, Error> {
        if self.ancestors() == Ancestors::FileAt {
            return Err(self.wrong(Cause::BehindFile));
        }
        let path = self.resolved();
        let mut dir = rustix::io::fcntl_dupfd_cloexec(self.deepest(), 3).at(path)?;
        for name in self.between() {
            make_dir(dir.as_fd(), name, mode).at(path)?;
            dir = rustix::fs::openat(&dir, name, crate::walk::DIR, Mode::empty()).at(path)?;
        }
        Ok(dir)
    }
}
