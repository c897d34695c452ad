//! The file that an audit is written to, and what the run that it is about may not do to it.

use std::fs::{File, Metadata, OpenOptions, metadata, symlink_metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use perch_policy::{Effect, Known};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// Ops that make a directory or mark it, and touch nothing that is in it.
const OF_THE_DIRECTORY: [&str; 5] = ["mkdir", "ensure_dir", "touch", "chmod", "make_executable"];

/// A file with an audit.
pub(super) struct Log {
    file: File,
    /// The file.
    own: Id,
    /// The directories that it is in.
    above: Vec<Id>,
    /// It is at least so long.
    length: u64,
}

/// The same for the same file, whatever it is called.
type Id = (u64, u64);

fn id(about: &Metadata) -> Id {
    (about.dev(), about.ino())
}

/// Opens it to write at its end. What is no file (a pipe, `/dev/null`) cannot be looked after.
pub(super) fn open(path: &str) -> io::Result<(File, Option<Log>)> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    // Opening a pipe would wait for somebody who reads it, perhaps for ever.
    options.custom_flags(OFlags::NONBLOCK.bits() as i32);
    let file = options.open(path).map_err(|error| match metadata(path) {
        Ok(there) if there.file_type().is_fifo() => {
            io::Error::new(error.kind(), "it is a pipe, and nobody reads from it")
        }
        _ => error,
    })?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Ok((file, None));
    }
    let real = Path::new(path).canonicalize()?;
    let above = real.ancestors().skip(1).map(|above| metadata(above).map(|about| id(&about)));
    let above = above.collect::<io::Result<_>>()?;
    let log = Log { file: file.try_clone()?, own: id(&about), above, length: about.len() };
    Ok((file, Some(log)))
}

impl Log {
    /// Fails if the file has no name any more, or lacks some of what it had.
    pub(super) fn is_whole(&self) -> io::Result<()> {
        let about = self.file.metadata()?;
        match (about.nlink(), about.len()) {
            (0, _) => Err(io::Error::other("the file was removed")),
            (_, length) if length < self.length => Err(io::Error::other("the file was made shorter")),
            _ => Ok(()),
        }
    }

    /// Notes that so much is about to be added, if the file is whole. Others may add to it, too.
    pub(super) fn grows_by(&mut self, length: usize) -> io::Result<()> {
        self.is_whole()?;
        self.length = self.file.metadata()?.len().saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Whether an op would write or remove the file, or a directory that it is in.
    pub(super) fn is_harmed_by(&self, op: &str, effect: &Effect) -> bool {
        let there = |path: &Known| path.text().and_then(|path| metadata(path).ok()).map(|about| id(&about));
        let itself = |path: &Known| path.text().and_then(|path| symlink_metadata(path).ok()).map(|about| id(&about));
        match effect {
            Effect::Write(path) => there(path)
                .is_some_and(|id| id == self.own || (self.above.contains(&id) && !OF_THE_DIRECTORY.contains(&op))),
            Effect::Delete(path) => itself(path).is_some_and(|id| id == self.own || self.above.contains(&id)),
            _ => false,
        }
    }
}
