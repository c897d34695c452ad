//! What somebody else says is to be beneath a directory.
//!
//! It is first made in a [`Staging`] directory of its own, under a hidden name: there, nothing is but what has just been made, and if something
//! goes wrong it is gone again. Only when all is there, it comes to where it was to be: as that directory, or merged into it.
//!
//! Every name is gone to from the staging directory by handle, one directory at a time. Links are made last, when nothing goes down there any
//! more, so that none can lead whoever puts the next thing elsewhere.

use std::fs::File;
use std::io::copy;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use perch_policy::Permit;
use rustix::fs::{
    AtFlags, Mode, OFlags, RawMode, Timespec, Timestamps, fchmod, futimens, linkat, mkdirat, openat, renameat,
    symlinkat,
};
use rustix::io::Errno;

use crate::entry::{cover_missing, make_dir};
use crate::error::At;
use crate::file::{Source, Temp};
use crate::permit::{To, covers};
use crate::tree::{Cursor, look_for_clashes, remove};
use crate::walk::{DIR, kind_of, look};
use crate::{Ancestors, Cause, Error, Host, Item, Kind, Place, Until, What};

/// What may be allowed: others never write to what somebody else has packed, and nothing runs as somebody else.
const ALLOWED: RawMode = 0o755;

/// Later than any file is.
const LATEST: i64 = 253_402_300_799;

/// A directory that is being filled.
pub struct Staging<'s> {
    root: OwnedFd,
    /// Where the whole is to be, for messages.
    path: &'s str,
    /// Links that are still to be made: where, and with which target.
    links: Vec<(Vec<u8>, Vec<u8>)>,
    /// The directory that was gone to last, which is mostly the next one, too.
    last: Option<(Vec<u8>, OwnedFd)>,
}

impl Host {
    /// Makes of a file what somebody reads in it, and merges that into a directory. `parents` permit to make the missing parents of that.
    #[allow(clippy::too_many_arguments, reason = "two places, and for each what it takes")]
    pub fn unpack<E: From<Error>>(
        &self,
        [read, write]: [&Permit; 2],
        parents: &[Permit],
        from: &Place,
        to: &Place,
        until: Until,
        fill: impl FnOnce(&mut Source<'_>, &mut Staging<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        covers(write, To::Write, to)?;
        cover_missing(parents, to)?;
        from.file()?;
        may_unpack_to(to)?;
        let path = to.resolved();
        let beside = match to.kind() {
            Kind::Dir => openat(to.parent()?, to.name(), DIR, Mode::empty()).at(path)?,
            _ => rustix::io::fcntl_dupfd_cloexec(to.deepest(), 3).at(path)?,
        };
        let make = |hidden: &str| mkdirat(&beside, hidden, Mode::from_raw_mode(ALLOWED));
        let ((), temp) = Temp::entry(beside.as_fd(), make).at(path)?;
        let filled = self.with_content(read, from, until, |source, _| {
            let root = openat(&beside, temp.name(), DIR, Mode::empty()).at(path)?;
            let mut staging = Staging { root, path, links: Vec::new(), last: None };
            fill(source, &mut staging)?;
            Ok(staging.make_links()?)
        });
        let done = filled.and_then(|()| Ok(settle(beside.as_fd(), temp.name(), to, until)?));
        // What is left of it, if it has not become the directory.
        let _ = remove(beside.as_fd(), temp.name(), path, Until::default().unwinding());
        done
    }

    /// Fails if a guard of [`Self::unpack`] that can be told from the places is violated.
    pub fn may_unpack(&self, from: &Place, to: &Place) -> Result<(), Error> {
        from.file()?;
        may_unpack_to(to)
    }
}

fn may_unpack_to(to: &Place) -> Result<(), Error> {
    if to.ancestors() == Ancestors::FileAt {
        return Err(to.wrong(Cause::BehindFile));
    }
    if matches!(to.kind(), Kind::File | Kind::Link) { Err(to.wrong(Cause::File)) } else { Ok(()) }
}

impl Staging<'_> {
    /// Makes a thing. Directories on the way are made, too.
    pub fn put(&mut self, item: Item<'_>) -> Result<(), Error> {
        let at = || shown(self.path, item.path);
        let Some((dir, name)) = self.enter(item.path).at_path(at)? else { return Ok(()) };
        let mode = item.mode & ALLOWED;
        match item.what {
            What::Directory => {
                let made = make_dir(dir.as_fd(), name, mode | 0o700);
                made.map_err(twice).at_path(at)
            }
            What::File { content, .. } => {
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let file = openat(&dir, name, flags, Mode::from_raw_mode(0o600)).map_err(twice).at_path(at)?;
                let mut file = File::from(file);
                copy(content, &mut file).at_path(at)?;
                fchmod(&file, Mode::from_raw_mode(mode | 0o600)).at_path(at)?;
                set_time(&file, item.time).at_path(at)
            }
            What::Link { target } => {
                self.links.push((item.path.to_owned(), target.to_owned()));
                Ok(())
            }
            What::Again { of } => {
                let other = || shown(self.path, of);
                let (there, first) = self.find(of).at_path(other)?;
                linkat(&there, first, &dir, name, AtFlags::empty()).map_err(twice).at_path(at)
            }
        }
    }

    /// The directory of a path, made if it is missing, and the last name; nothing for the directory itself.
    fn enter<'p>(&mut self, path: &'p [u8]) -> Result<Option<(OwnedFd, &'p [u8])>, Cause> {
        let (above, last) = divided(path);
        if last.is_empty() {
            return Ok(None);
        }
        if let Some((_, dir)) = self.last.as_ref().filter(|(path, _)| path == above) {
            return Ok(Some((rustix::io::fcntl_dupfd_cloexec(dir, 3)?, last)));
        }
        let mut dir = self.again()?;
        for name in above.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            make_dir(dir.as_fd(), name, ALLOWED).map_err(twice)?;
            dir = openat(&dir, name, DIR, Mode::empty())?;
        }
        self.last = Some((above.to_owned(), rustix::io::fcntl_dupfd_cloexec(&dir, 3)?));
        Ok(Some((dir, last)))
    }

    /// The directory of a file that is there, and its name.
    fn find<'p>(&self, path: &'p [u8]) -> Result<(OwnedFd, &'p [u8]), Cause> {
        let (above, last) = divided(path);
        let mut dir = self.again()?;
        for name in above.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            dir = openat(&dir, name, DIR, Mode::empty())?;
        }
        match kind_of(look(&dir, last)?.as_ref()) {
            Kind::File => Ok((dir, last)),
            Kind::Dir => Err(Cause::Directory),
            Kind::Absent | Kind::Link => Err(Cause::Missing),
        }
    }

    fn again(&self) -> Result<OwnedFd, Errno> {
        rustix::io::fcntl_dupfd_cloexec(&self.root, 3)
    }

    fn make_links(&mut self) -> Result<(), Error> {
        for (path, target) in std::mem::take(&mut self.links) {
            let at = || shown(self.path, &path);
            let Some((dir, name)) = self.enter(&path).at_path(at)? else { continue };
            symlinkat(target.as_slice(), &dir, name).map_err(twice).at_path(at)?;
        }
        Ok(())
    }
}

/// The path of the directory, and the last name.
fn divided(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

/// Something else has that name already, and it is from the same archive.
fn twice(errno: Errno) -> Cause {
    match errno {
        Errno::EXIST => Cause::Twice,
        other => other.into(),
    }
}

fn shown(root: &str, path: &[u8]) -> String {
    perch_policy::path::join(root, &String::from_utf8_lossy(path))
}

fn set_time(file: &File, time: i64) -> Result<(), Errno> {
    let time = Timespec { tv_sec: time.clamp(0, LATEST), tv_nsec: 0 };
    futimens(file, &Timestamps { last_access: time, last_modification: time })
}

/// The filled directory becomes the place, or what is in it comes to be in the one that is there.
fn settle(beside: BorrowedFd<'_>, hidden: &str, to: &Place, until: Until) -> Result<(), Error> {
    let path = to.resolved();
    if to.kind() != Kind::Dir {
        let parent = to.made_parent(0o777)?;
        return renameat(beside, hidden, &parent, to.name()).at(path);
    }
    let enter = || Ok::<_, Error>([Cursor::enter_from(beside, hidden), Cursor::enter_from(to.parent()?, to.name())]);
    let [source, there] = enter()?;
    look_for_clashes(source.at(path)?, Some(there.at(path)?), path, path, until)?;
    let [source, there] = enter()?;
    merge(source.at(path)?, there.at(path)?, path)
}

/// Moves what is beneath the source to beneath the target, where nothing is in the way.
fn merge(mut source: Cursor, mut target: Cursor, to: &str) -> Result<(), Error> {
    let mut open = vec![move_flat(&source, &target, to)?];
    while let Some(dirs) = open.last_mut() {
        let Some(name) = dirs.pop() else {
            open.pop();
            source.leave().at(to)?;
            target.leave().at(to)?;
            continue;
        };
        source.enter(&name).at_path(|| source.path(to, &name))?;
        target.enter(&name).at_path(|| target.path(to, &name))?;
        open.push(move_flat(&source, &target, to)?);
    }
    Ok(())
}

/// Moves all entries but those directories that are there, and gives these.
fn move_flat(source: &Cursor, target: &Cursor, to: &str) -> Result<Vec<std::ffi::CString>, Error> {
    let mut both = Vec::new();
    for (name, kind, _) in source.entries().at(to)? {
        let at = || target.path(to, &name);
        if kind == Kind::Dir && look(target.handle(), name.as_c_str()).at_path(at)?.is_some() {
            both.push(name);
            continue;
        }
        renameat(source.handle(), name.as_c_str(), target.handle(), name.as_c_str()).at_path(at)?;
    }
    Ok(both)
}
