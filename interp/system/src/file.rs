//! Contents of files.
//!
//! A file's content is replaced by renaming a complete new file over it, so that nobody, at no time, sees
//! anything but the old content or the new. (After a power failure the file system decides.) What is not a
//! regular file, a terminal or `/dev/null` say, is written to instead: replacing it is never meant.

use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use perch_policy::Permit;
use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, RawMode, Stat, Uid, fchmod, fchown, fstat, openat, renameat, unlinkat,
};
use rustix::io::Errno;
use rustix::path::Arg;

use crate::error::{At, Over};
use crate::permit::{To, covers};
use crate::until::Patient;
use crate::walk::{is_regular, look};
use crate::{Cause, Error, Host, Kind, Measure, Place, Until};

/// Contents of more bytes are not held in memory.
pub(crate) const MAX_TEXT: u64 = 1 << 30;

/// So much of a file is copied before anybody looks up, which takes some milliseconds.
const PIECE: u64 = 4 << 20;

/// Permission bits that are carried over. Never those that let a program run as somebody else.
pub(crate) const MODE_BITS: RawMode = 0o777;

pub(crate) const OPEN: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NOCTTY);

impl Host {
    /// The content of a file.
    pub fn read(&self, permit: &Permit, place: &Place, until: Until) -> Result<String, Error> {
        covers(permit, To::Read, place)?;
        let (mut file, stat) = open(place)?;
        let mut bytes = Vec::new();
        match Content::of(&mut file, &stat, until) {
            Content::Waiting(source) => source.take(MAX_TEXT + 1).read_to_end(&mut bytes),
            _ => file.take(MAX_TEXT + 1).read_to_end(&mut bytes),
        }
        .at(place.resolved())?;
        if bytes.len() as u64 > MAX_TEXT {
            return Err(place.wrong(Cause::TooLarge(MAX_TEXT)));
        }
        String::from_utf8(bytes).map_err(|_| place.wrong(Cause::NotText))
    }

    /// What is reckoned from a file's content.
    pub fn measure(&self, permit: &Permit, place: &Place, what: Measure, until: Until) -> Result<String, Error> {
        covers(permit, To::Read, place)?;
        let (mut file, stat) = open(place)?;
        what.of(Content::of(&mut file, &stat, until)).at(place.resolved())
    }

    /// Replaces the content of a file, which keeps its mode, or makes it.
    pub fn write(&self, permit: &Permit, place: &Place, content: &str, until: Until) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        let dir = place.parent()?;
        not_directory(place)?;
        let mode = place.stat().map(|stat| stat.st_mode);
        put(dir, place.name(), place.resolved(), mode, Content::Text(content), until)
    }

    /// Fails unless a file could be put at that place.
    pub fn may_write(&self, permit: &Permit, place: &Place) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        place.parent()?;
        not_directory(place)
    }

    /// Replaces the content of a file by what is handed over, when all of it is there.
    pub fn receive(&self, permit: &Permit, place: &Place, from: &mut dyn Read, until: Until) -> Result<(), Error> {
        self.may_write(permit, place)?;
        let mode = place.stat().map(|stat| stat.st_mode);
        put(place.parent()?, place.name(), place.resolved(), mode, Content::From(from), until)
    }

    /// Adds to the content of a file, or makes it. Nobody's text comes between: it is written where the file ends at that moment.
    pub fn append(&self, permit: &Permit, place: &Place, content: &str, until: Until) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        let (dir, path) = (place.parent()?, place.resolved());
        not_directory(place)?;
        if let Some(stat) = place.stat().filter(|stat| !is_regular(stat)) {
            if content.is_empty() {
                return is_writable(dir, place.name()).at(path);
            }
            let target = open_special(dir, place.name(), stat, until).at(path)?;
            return Content::Text(content).fill(&mut Patient::new(&target, until)).at(path);
        }
        let flags = OPEN | OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::NONBLOCK;
        let mut file = File::from(openat(dir, place.name(), flags, Mode::from_raw_mode(0o644)).at(path)?);
        // What took the file's place meanwhile would hold us up.
        if !is_regular(&fstat(&file).at(path)?) {
            return Err(place.wrong(Cause::Changed));
        }
        file.write_all(content.as_bytes()).at(path)
    }

    /// Copies content and mode of a file.
    pub fn copy_file(&self, [read, write]: [&Permit; 2], from: &Place, to: &Place, until: Until) -> Result<(), Error> {
        let dir = may_copy([read, write], from, to)?;
        let (mut source, stat) = open(from)?;
        let content = Content::of(&mut source, &stat, until);
        put(dir, to.name(), to.resolved(), Some(stat.st_mode), content, until)
    }

    /// Puts into a file what somebody makes of the content of another, when all of it is there. The mode comes with it.
    pub fn convert<E: From<Error>>(
        &self,
        permits: [&Permit; 2],
        from: &Place,
        to: &Place,
        until: Until,
        make: impl FnOnce(&mut dyn Read, &mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let dir = may_copy(permits, from, to)?;
        self.with_content(permits[0], from, until, |source, mode| {
            put_with(dir, to.name(), to.resolved(), Some(mode), until, |mut target| make(source, &mut target))
        })
    }

    /// Puts into a file what somebody writes, when all of it is there. One that is there keeps its mode.
    pub fn compose<E: From<Error>>(
        &self,
        permit: &Permit,
        place: &Place,
        until: Until,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        self.may_write(permit, place)?;
        let mode = place.stat().map(|stat| stat.st_mode);
        let fill = |mut target: Target<'_>| write(&mut target);
        put_with(place.parent()?, place.name(), place.resolved(), mode, until, fill)
    }

    /// Hands over the content of a file, with its mode.
    pub(crate) fn with_content<E: From<Error>>(
        &self,
        permit: &Permit,
        place: &Place,
        until: Until,
        take: impl FnOnce(&mut Source<'_>, RawMode) -> Result<(), E>,
    ) -> Result<(), E> {
        covers(permit, To::Read, place)?;
        let (mut file, stat) = open(place)?;
        let mut source = match Content::of(&mut file, &stat, until) {
            Content::Waiting(source) => Source(Coming::Waiting(source)),
            _ => Source::of_file(&mut file, until),
        };
        take(&mut source, stat.st_mode)
    }
}

/// The guards of a copy, in their order, and the directory of the target.
fn may_copy<'p>([read, write]: [&Permit; 2], from: &Place, to: &'p Place) -> Result<BorrowedFd<'p>, Error> {
    covers(read, To::Read, from)?;
    covers(write, To::Write, to)?;
    from.file()?;
    let dir = to.parent()?;
    not_directory(to)?;
    if from.resolved() == to.resolved() {
        return Err(to.wrong(Cause::Within(from.resolved().to_owned())));
    }
    Ok(dir)
}

fn not_directory(place: &Place) -> Result<(), Error> {
    if place.kind() == Kind::Dir { Err(place.wrong(Cause::Directory)) } else { Ok(()) }
}

/// Opens the file at a place, and says what was opened.
fn open(place: &Place) -> Result<(File, Stat), Error> {
    place.file()?;
    // Without O_NONBLOCK, opening a pipe waits for somebody to write to it. We wait when we read.
    let file = openat(place.parent()?, place.name(), OPEN | OFlags::NONBLOCK, Mode::empty()).at(place.resolved())?;
    let stat = fstat(&file).at(place.resolved())?;
    if crate::walk::kind_of(Some(&stat)) == Kind::Dir {
        return Err(place.wrong(Cause::Directory));
    }
    Ok((File::from(file), stat))
}

/// Copies content and mode of the regular file `name` to the same name in another directory.
pub(crate) fn copy_entry(
    from: BorrowedFd<'_>,
    name: impl Arg,
    to: BorrowedFd<'_>,
    new: impl Arg + Copy,
    path: &str,
    until: Until,
) -> Result<(), Error> {
    // Without O_NONBLOCK, a pipe that took the file's place would hold us up.
    let source = openat(from, name, OPEN | OFlags::NONBLOCK, Mode::empty()).at(path)?;
    let stat = fstat(&source).at(path)?;
    if !is_regular(&stat) {
        return Err(Error::new(path, Cause::Special));
    }
    let mut source = File::from(source);
    put(to, new, path, Some(stat.st_mode), Content::File(&mut source, until), until)
}

/// What a file is to hold.
pub(crate) enum Content<'c> {
    Text(&'c str),
    /// Of a regular file, as long as the run may go on.
    File(&'c mut File, Until),
    /// What somebody hands over, as long as it lasts.
    From(&'c mut dyn Read),
    /// What comes out of something that is not a regular file.
    Waiting(Patient<'c>),
}

impl<'c> Content<'c> {
    fn of(file: &'c mut File, stat: &Stat, until: Until) -> Self {
        if is_regular(stat) { Self::File(file, until) } else { Self::Waiting(Patient::new(file, until)) }
    }

    pub(crate) fn fill<W: Write>(self, target: &mut W) -> std::io::Result<()> {
        match self {
            Self::Text(text) => target.write_all(text.as_bytes()),
            Self::File(file, until) => in_pieces(file, target, until),
            Self::From(source) => std::io::copy(source, target).map(drop),
            Self::Waiting(mut source) => std::io::copy(&mut source, target).map(drop),
        }
    }
}

/// Copies a file as the system does it best, and looks up in between.
fn in_pieces<W: Write>(file: &mut File, target: &mut W, until: Until) -> std::io::Result<()> {
    loop {
        until.go_on().map_err(Over::io)?;
        if std::io::copy(&mut file.take(PIECE), target)? < PIECE {
            return Ok(());
        }
    }
}

/// The content of a file. What is no regular file has only the next bytes.
pub struct Source<'s>(Coming<'s>);

enum Coming<'s> {
    File(&'s mut File, Until),
    Waiting(Patient<'s>),
}

impl<'s> Source<'s> {
    /// That of a regular file, as long as the run may go on.
    pub(crate) fn of_file(file: &'s mut File, until: Until) -> Self {
        Self(Coming::File(file, until))
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match &mut self.0 {
            Coming::File(file, until) => {
                until.go_on().map_err(Over::io)?;
                file.read(buffer)
            }
            Coming::Waiting(source) => source.read(buffer),
        }
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match &mut self.0 {
            Coming::File(file, _) => file.seek(to),
            Coming::Waiting(_) => Err(Errno::SPIPE.into()),
        }
    }
}

/// Where a content is written to.
enum Target<'t> {
    /// A new file.
    File(&'t mut File),
    /// What is not replaced.
    Waiting(Patient<'t>),
}

impl Write for Target<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Waiting(target) => target.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Waiting(target) => target.flush(),
        }
    }
}

/// Puts a file with that content at `name` in `dir`. Without a mode it gets the usual one.
fn put(
    dir: BorrowedFd<'_>,
    name: impl Arg + Copy,
    path: &str,
    mode: Option<RawMode>,
    content: Content<'_>,
    until: Until,
) -> Result<(), Error> {
    let fill = |target: Target<'_>| match target {
        // Which it is is told apart here, so that the system can copy from file to file.
        Target::File(file) => content.fill(file).at(path),
        Target::Waiting(mut target) => content.fill(&mut target).at(path),
    };
    put_with(dir, name, path, mode, until, fill)
}

/// The same, with what somebody writes.
fn put_with<E: From<Error>>(
    dir: BorrowedFd<'_>,
    name: impl Arg + Copy,
    path: &str,
    mode: Option<RawMode>,
    until: Until,
    fill: impl FnOnce(Target<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let there = look(dir, name).at(path)?;
    match there {
        Some(stat) if crate::walk::kind_of(Some(&stat)) == Kind::File && !is_regular(&stat) => {
            let target = open_special(dir, name, &stat, until).at(path)?;
            fill(Target::Waiting(Patient::new(&target, until)))
        }
        there => {
            if there.is_some() {
                is_writable(dir, name).at(path)?;
            }
            let mode = mode.map(|mode| Mode::from_raw_mode(mode & MODE_BITS));
            let (mut file, temp) = Temp::file(dir, if mode.is_some() { 0o600 } else { 0o644 }).at(path)?;
            fill(Target::File(&mut file))?;
            if let Some(stat) = there {
                keep_owner(&file, &stat);
            }
            if let Some(mode) = mode {
                fchmod(&file, mode).at(path)?;
            }
            Ok(temp.becomes(name).at(path)?)
        }
    }
}

/// Opens for writing what is not replaced. A pipe is open only when somebody reads from it.
fn open_special(dir: BorrowedFd<'_>, name: impl Arg + Copy, stat: &Stat, until: Until) -> Result<OwnedFd, Cause> {
    let open = || openat(dir, name, OPEN | OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty());
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Fifo => until.somebody(open),
        _ => Ok(open()?),
    }
}

/// Fails for a file that we may not write to: that we may replace it does not mean that we should.
fn is_writable(dir: BorrowedFd<'_>, name: impl Arg) -> Result<(), Errno> {
    match openat(dir, name, OPEN | OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty()) {
        Err(errno @ (Errno::ACCESS | Errno::PERM | Errno::ROFS)) => Err(errno),
        _ => Ok(()),
    }
}

/// A replaced file goes on belonging to whom it belonged, as far as we may say so.
fn keep_owner(file: &File, old: &Stat) {
    let same = fstat(file).is_ok_and(|new| (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid));
    if !same {
        let _ = fchown(file, Some(Uid::from_raw(old.st_uid)), Some(Gid::from_raw(old.st_gid)));
    }
}

/// An entry under a name that nobody guesses, gone again unless it becomes something.
pub(crate) struct Temp<'d> {
    dir: BorrowedFd<'d>,
    name: String,
}

impl<'d> Temp<'d> {
    /// A new empty file.
    pub(crate) fn file(dir: BorrowedFd<'d>, mode: RawMode) -> Result<(File, Self), Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let (file, temp) = Self::entry(dir, |name| openat(dir, name, flags, Mode::from_raw_mode(mode)))?;
        Ok((File::from(file), temp))
    }

    /// What `make` makes under the first name that is free.
    pub(crate) fn entry<T>(dir: BorrowedFd<'d>, make: impl Fn(&str) -> Result<T, Errno>) -> Result<(T, Self), Errno> {
        loop {
            let random = std::hash::RandomState::new().build_hasher().finish();
            let name = format!(".perch-{random:016x}");
            match make(&name) {
                Err(Errno::EXIST) => {}
                made => return made.map(|made| (made, Self { dir, name })),
            }
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Renames it, over a file or link that is there.
    pub(crate) fn becomes(self, name: impl Arg) -> Result<(), Errno> {
        renameat(self.dir, self.name.as_str(), self.dir, name)?;
        // Nothing is there under the old name any more.
        std::mem::forget(self);
        Ok(())
    }
}

impl Drop for Temp<'_> {
    fn drop(&mut self) {
        let _ = unlinkat(self.dir.as_fd(), &self.name, AtFlags::empty());
    }
}
