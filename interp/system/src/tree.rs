//! Directories with all beneath, however deep.
//!
//! A [`Cursor`] stands in a directory by handle. It goes down without following links, and up through `..`,
//! where it checks that it comes out where it went in. So a tree of any depth takes one handle and no
//! recursion, and a directory that is moved away meanwhile stops the work instead of leading it elsewhere.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use perch_policy::{Permit, path};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawMode, chmodat, fstat, mkdirat, openat, unlinkat};
use rustix::io::Errno;

use crate::entry::{copy_link, cover_missing, make_dir};
use crate::error::At;
use crate::file::{MODE_BITS, Temp, copy_entry};
use crate::permit::{To, covers};
use crate::walk::{DIR, is_device, is_regular, kind_of};
use crate::{Ancestors, Cause, Error, Host, Kind, Place, Until};

impl Host {
    /// Fails if a guard of [`Self::copy_tree`] that can be told from the places is violated.
    pub fn may_copy_tree(&self, from: &Place, to: &Place) -> Result<(), Error> {
        may_copy(from, to)
    }

    /// Merges a tree into another. `parents` permit to make the missing parents of `to`, outermost first.
    pub fn copy_tree(
        &self,
        read: &Permit,
        write: &Permit,
        parents: &[Permit],
        from: &Place,
        to: &Place,
        until: Until,
    ) -> Result<(), Error> {
        covers(read, To::Read, from)?;
        covers(write, To::Write, to)?;
        cover_missing(parents, to)?;
        may_copy(from, to)?;
        let source = Cursor::enter_from(from.parent()?, from.name()).at(from.resolved())?;
        let there = match to.kind() {
            Kind::Dir => Some(Cursor::enter_from(to.parent()?, to.name()).at(to.resolved())?),
            _ => None,
        };
        look_for_clashes(source, there, from.resolved(), to.resolved(), until)?;
        let parent = to.made_parent(0o777)?;
        make_dir(parent.as_fd(), to.name(), 0o777).at(to.resolved())?;
        let source = Cursor::enter_from(from.parent()?, from.name()).at(from.resolved())?;
        let target = Cursor::enter_from(parent.as_fd(), to.name()).at(to.resolved())?;
        copy(source, target, to.resolved(), until)
    }
}

/// The guards of a tree copy, in their order, except for what is beneath.
fn may_copy(from: &Place, to: &Place) -> Result<(), Error> {
    from.directory()?;
    if path::within(to.resolved(), from.resolved()) {
        return Err(to.wrong(Cause::Within(from.resolved().to_owned())));
    }
    if path::within(from.resolved(), to.resolved()) {
        return Err(from.wrong(Cause::Within(to.resolved().to_owned())));
    }
    if to.ancestors() == Ancestors::FileAt {
        return Err(to.wrong(Cause::BehindFile));
    }
    if to.kind() == Kind::File { Err(to.wrong(Cause::File)) } else { Ok(()) }
}

/// A position in a tree.
pub(crate) struct Cursor {
    at: OwnedFd,
    /// Device and inode of the directories above, which `..` must lead to.
    above: Vec<(u64, u64)>,
    names: Vec<CString>,
}

impl Cursor {
    pub(crate) fn enter_from(dir: BorrowedFd<'_>, name: &str) -> Result<Self, Errno> {
        let at = openat(dir, name, DIR, Mode::empty())?;
        Ok(Self { at, above: Vec::new(), names: Vec::new() })
    }

    /// The directory.
    pub(crate) fn handle(&self) -> BorrowedFd<'_> {
        self.at.as_fd()
    }

    pub(crate) fn enter(&mut self, name: &CStr) -> Result<(), Errno> {
        let next = openat(&self.at, name, DIR, Mode::empty())?;
        self.above.push(identity(&self.at)?);
        self.names.push(name.to_owned());
        self.at = next;
        Ok(())
    }

    /// Goes up, and gives the name of the directory that it was in.
    pub(crate) fn leave(&mut self) -> Result<Option<CString>, Errno> {
        let (Some(above), Some(name)) = (self.above.pop(), self.names.pop()) else { return Ok(None) };
        let next = openat(&self.at, "..", DIR, Mode::empty())?;
        if identity(&next)? != above {
            return Err(Errno::LOOP);
        }
        self.at = next;
        Ok(Some(name))
    }

    /// What is in the directory.
    pub(crate) fn entries(&self) -> Result<Vec<(CString, Kind, bool)>, Errno> {
        let mut entries = Vec::new();
        self.each_entry(|name, kind, regular| entries.push((name.to_owned(), kind, regular)))?;
        Ok(entries)
    }

    /// Hands on what is in the directory: names, what they are, and whether it is a regular file.
    pub(crate) fn each_entry(&self, mut each: impl FnMut(&CStr, Kind, bool)) -> Result<(), Errno> {
        let open = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        each_name(openat(&self.at, ".", open, Mode::empty())?, |name, sort| {
            if name == c"." || name == c".." {
                return Ok(());
            }
            let (kind, regular) = match sort {
                FileType::Directory => (Kind::Dir, false),
                FileType::Symlink => (Kind::Link, false),
                FileType::RegularFile => (Kind::File, true),
                _ => self.look(name)?,
            };
            each(name, kind, regular);
            Ok(())
        })
    }

    /// What an entry is, and whether it is a regular file.
    fn look(&self, name: &CStr) -> Result<(Kind, bool), Errno> {
        match rustix::fs::statat(&self.at, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok((kind_of(Some(&stat)), is_regular(&stat))),
            Err(Errno::NOENT) => Ok((Kind::Absent, false)),
            Err(errno) => Err(errno),
        }
    }

    /// Whether that entry is a device.
    fn has_device(&self, name: &CStr) -> bool {
        rustix::fs::statat(&self.at, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|stat| is_device(&stat))
    }

    /// The path of the directory, for messages.
    pub(crate) fn here(&self, root: &str) -> String {
        self.path(root, c"").trim_end_matches('/').to_owned()
    }

    /// The path of an entry, for messages.
    pub(crate) fn path(&self, root: &str, name: &CStr) -> String {
        let mut path = root.trim_end_matches('/').to_owned();
        for name in self.names.iter().map(CString::as_c_str).chain([name]) {
            path.push('/');
            path.push_str(&name.to_string_lossy());
        }
        path
    }
}

/// Reads the names in a directory into one buffer, and owns none of them.
#[cfg(target_os = "linux")]
fn each_name(dir: OwnedFd, mut each: impl FnMut(&CStr, FileType) -> Result<(), Errno>) -> Result<(), Errno> {
    let mut buffer = [std::mem::MaybeUninit::uninit(); 32 << 10];
    let mut names = rustix::fs::RawDir::new(dir, &mut buffer);
    while let Some(entry) = names.next() {
        let entry = match entry {
            // The directory has been removed meanwhile: nothing more is in it.
            Err(Errno::NOENT) => break,
            Err(Errno::INTR) => continue,
            entry => entry?,
        };
        each(entry.file_name(), entry.file_type())?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn each_name(dir: OwnedFd, mut each: impl FnMut(&CStr, FileType) -> Result<(), Errno>) -> Result<(), Errno> {
    for entry in rustix::fs::Dir::new(dir)? {
        let entry = entry?;
        each(entry.file_name(), entry.file_type())?;
    }
    Ok(())
}

#[allow(clippy::unnecessary_cast, reason = "the fields have other types on other systems")]
fn identity(dir: &OwnedFd) -> Result<(u64, u64), Errno> {
    let stat = fstat(dir)?;
    Ok((stat.st_dev as u64, stat.st_ino as u64))
}

/// So often others may put something into a tree, or take something out of it, while it is gone through.
const MAX_DISTURBANCES: usize = 1_000;

/// Removes the directory `name` and all beneath; links as links. What others put there or take away meanwhile makes it begin again.
pub(crate) fn remove(dir: BorrowedFd<'_>, name: &str, path: &str, until: Until) -> Result<(), Error> {
    for _ in 1..MAX_DISTURBANCES {
        match remove_beneath(dir, name, path, until) {
            Err(error) if is_disturbed(&error.cause) => {}
            done => return done,
        }
    }
    remove_beneath(dir, name, path, until)
}

/// Something else stands there than was found, or something more, or nothing any more.
fn is_disturbed(cause: &Cause) -> bool {
    matches!(cause, Cause::Missing | Cause::BehindFile | Cause::Directory | Cause::Io(Errno::NOTEMPTY))
}

fn remove_beneath(dir: BorrowedFd<'_>, name: &str, path: &str, until: Until) -> Result<(), Error> {
    let mut cursor = match Cursor::enter_from(dir, name) {
        Err(Errno::NOENT) => return Ok(()),
        // It is a directory no more.
        Err(Errno::NOTDIR | Errno::LOOP) => {
            return match unlinkat(dir, name, AtFlags::empty()) {
                Err(Errno::NOENT) => Ok(()),
                removed => removed.at(path),
            };
        }
        entered => entered.at(path)?,
    };
    let mut open = vec![sweep(&cursor, path)?];
    while let Some(dirs) = open.last_mut() {
        until.go_on().at(path)?;
        if let Some(next) = dirs.pop() {
            cursor.enter(&next).at_path(|| cursor.path(path, &next))?;
            open.push(sweep(&cursor, path)?);
            continue;
        }
        open.pop();
        if let Some(done) = cursor.leave().at(path)? {
            unlinkat(&cursor.at, &done, AtFlags::REMOVEDIR).at_path(|| cursor.path(path, &done))?;
        }
    }
    unlinkat(dir, name, AtFlags::REMOVEDIR).at(path)
}

/// Removes all entries but directories, and gives those.
fn sweep(cursor: &Cursor, path: &str) -> Result<Vec<CString>, Error> {
    let mut dirs = Vec::new();
    for (name, kind, _) in cursor.entries().at(path)? {
        match kind {
            Kind::Dir => dirs.push(name),
            _ => unlinkat(&cursor.at, &name, AtFlags::empty()).at_path(|| cursor.path(path, &name))?,
        }
    }
    Ok(dirs)
}

/// Fails if merging would meet something else where a directory is, or the reverse, or cannot copy something.
pub(crate) fn look_for_clashes(
    mut source: Cursor,
    mut there: Option<Cursor>,
    from: &str,
    to: &str,
    until: Until,
) -> Result<(), Error> {
    // How many levels of the source are not there in the target.
    let mut new = usize::from(there.is_none());
    let mut open = vec![compare(&source, there.as_ref(), from, to)?];
    while let Some(dirs) = open.last_mut() {
        until.go_on().at(from)?;
        let Some((name, also)) = dirs.pop() else {
            open.pop();
            source.leave().at(from)?;
            match &mut there {
                Some(there) if new == 0 => drop(there.leave().at(to)?),
                _ => new = new.saturating_sub(1),
            }
            continue;
        };
        match source.enter(&name) {
            // It has gone meanwhile.
            Err(Errno::NOENT) => continue,
            entered => entered.at_path(|| source.path(from, &name))?,
        }
        match &mut there {
            Some(there) if also => there.enter(&name).at(to)?,
            _ => new += 1,
        }
        let both = there.as_ref().filter(|_| new == 0);
        open.push(compare(&source, both, from, to)?);
    }
    Ok(())
}

/// The directories of the source, and whether each is there in the target.
fn compare(source: &Cursor, there: Option<&Cursor>, from: &str, to: &str) -> Result<Vec<(CString, bool)>, Error> {
    let mut dirs = Vec::new();
    for (name, kind, regular) in source.entries().at(from)? {
        if kind == Kind::File && !regular {
            return Err(Error::new(source.path(from, &name), Cause::Special));
        }
        let other = match there {
            Some(there) => there.look(&name).at(to)?.0,
            None => Kind::Absent,
        };
        if there.is_some_and(|there| there.has_device(&name)) {
            return Err(Error::new(source.path(to, &name), Cause::Device));
        }
        match (kind, other) {
            (Kind::Dir, Kind::Dir | Kind::Absent) => dirs.push((name, other == Kind::Dir)),
            (Kind::Dir, _) | (_, Kind::Dir) => return Err(Error::new(source.path(to, &name), Cause::InTheWay)),
            _ => {}
        }
    }
    Ok(dirs)
}

/// Copies what is beneath the source to beneath the target.
fn copy(mut source: Cursor, mut target: Cursor, to: &str, until: Until) -> Result<(), Error> {
    let mut open = vec![copy_flat(&source, &target, to, until)?];
    while let Some(dirs) = open.last_mut() {
        let Some(name) = dirs.pop() else {
            open.pop();
            source.leave().at(to)?;
            target.leave().at(to)?;
            continue;
        };
        match source.enter(&name) {
            // It has gone meanwhile.
            Err(Errno::NOENT) => continue,
            entered => entered.at_path(|| source.path(to, &name))?,
        }
        let mode = fstat(&source.at).at(to)?.st_mode & MODE_BITS | 0o700;
        make_dir(target.at.as_fd(), name.as_c_str(), mode).at_path(|| target.path(to, &name))?;
        target.enter(&name).at_path(|| target.path(to, &name))?;
        open.push(copy_flat(&source, &target, to, until)?);
    }
    Ok(())
}

/// Copies all entries but directories, and gives those. If one has gone before it was copied, it may have another name now: then it looks
/// again for entries that it has not seen.
fn copy_flat(source: &Cursor, target: &Cursor, to: &str, until: Until) -> Result<Vec<CString>, Error> {
    let mut dirs = Vec::new();
    let mut seen: BTreeSet<CString> = BTreeSet::new();
    for _ in 0..MAX_DISTURBANCES {
        let (mut here, mut is_whole) = (Vec::new(), true);
        for (name, kind, _) in source.entries().at(to)? {
            if seen.contains(&name) {
                continue;
            }
            until.go_on().at(to)?;
            match copy_one(source, target, &name, kind, to, until) {
                // Either it has gone, though it may be back by now, or that into which it is copied.
                Err(error) if error.cause == Cause::Missing && is_there(target) => {
                    is_whole = false;
                    continue;
                }
                done => done?,
            }
            if kind == Kind::Dir {
                dirs.push(name.clone());
            }
            here.push(name);
        }
        if is_whole {
            break;
        }
        seen.extend(here);
    }
    Ok(dirs)
}

/// Whether the directory has not been removed.
fn is_there(dir: &Cursor) -> bool {
    fstat(&dir.at).is_ok_and(|stat| stat.st_nlink > 0)
}

/// Copies an entry, if it is no directory.
fn copy_one(source: &Cursor, target: &Cursor, name: &CStr, kind: Kind, to: &str, until: Until) -> Result<(), Error> {
    let (from, into) = (source.at.as_fd(), target.at.as_fd());
    match kind {
        Kind::Link => copy_link(from, name, into, name).at_path(|| target.path(to, name)),
        Kind::File => copy_entry(from, name, into, name, &target.path(to, name), until),
        Kind::Dir | Kind::Absent => Ok(()),
    }
}

/// Moves a directory to another file system: a complete copy under a hidden name, which then becomes the entry.
pub(crate) fn move_across(from: &Place, to: &Place, mode: RawMode, until: Until) -> Result<(), Error> {
    let (source, target) = (from.parent()?, to.parent()?);
    let path = to.resolved();
    look_for_clashes(Cursor::enter_from(source, from.name()).at(path)?, None, from.resolved(), path, until)?;
    let ((), temp) = Temp::entry(target, |hidden| mkdirat(target, hidden, Mode::RWXU)).at(path)?;
    let hidden = temp.name().to_owned();
    if let Err(error) = fill_and_rename(from, to, temp, mode, until) {
        let _ = remove(target, &hidden, path, Until::default().unwinding());
        return Err(error);
    }
    // All of it has been moved, so all of it goes.
    remove(source, from.name(), from.resolved(), Until::default().unwinding())
}

fn fill_and_rename(from: &Place, to: &Place, temp: Temp<'_>, mode: RawMode, until: Until) -> Result<(), Error> {
    let (source, target, path) = (from.parent()?, to.parent()?, to.resolved());
    let cursor = Cursor::enter_from(source, from.name()).at(path)?;
    copy(cursor, Cursor::enter_from(target, temp.name()).at(path)?, path, until)?;
    chmodat(target, temp.name(), Mode::from_raw_mode(mode & MODE_BITS), AtFlags::empty()).at(path)?;
    temp.becomes(to.name()).at(path)
}
