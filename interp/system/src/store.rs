//! Results of blocks, stored between runs.
//!
//! An entry is a file under a name that is a hash of the block's key, in a directory of ours that nobody else may
//! write to. It is complete or not there: written beside and renamed, whoever writes at the same time, and whenever a
//! writer is killed. Whatever is found under the name and is not a sound entry of this key, of this version, counts as
//! nothing: the worst that can happen is that a block runs.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, SystemTime};

use perch_policy::{Permit, path, store};
use rustix::fs::{Mode, OFlags, RawMode, Stat, fstat, openat};
use rustix::process::geteuid;
use serde::{Deserialize, Serialize};

use crate::entry::cover_missing;
use crate::error::At;
use crate::file::Temp;
use crate::permit::{To, covers};
use crate::walk::is_regular;
use crate::{Cause, Error, Host, Place};

/// An entry of more bytes is not stored.
pub const MAX_ENTRY: u64 = 64 << 20;

/// Of what is written. Other versions are not read.
const VERSION: u32 = 1;

/// Permission bits that let somebody else change something.
const OTHERS_WRITE: RawMode = 0o022;

/// A block whose result can be stored: where, and under which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    path: String,
    key: Vec<String>,
}

/// The result of a block: what it has bound, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Names and values.
    pub bindings: Vec<(String, String)>,
}

/// What stands in a file.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    key: Vec<String>,
    /// In milliseconds since 1970.
    stored_at: u64,
    bindings: Vec<(String, String)>,
}

impl Block {
    /// The absolute path of the entry, which is what permits are about: reading it, writing it, making the missing
    /// directories above.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl Host {
    /// The block of that key, whose parts are told apart. `None`: there is no home, so nothing can be stored.
    #[must_use]
    pub fn block(&self, key: &[&str]) -> Option<Block> {
        let text = |variable: &str| self.env.get(OsStr::new(variable)).and_then(|value| value.to_str());
        let dir = store::directory(text("XDG_CACHE_HOME"), text("HOME"), cfg!(target_os = "macos"))?;
        let path = path::join(&dir, &store::file_name(key));
        Some(Block { path, key: key.iter().map(|part| (*part).to_owned()).collect() })
    }

    /// The result of a block and its age, if one is stored and not older. Whatever is not a sound entry of ours counts
    /// as none. The place is that of the entry itself ([`Last::Entry`](crate::Last::Entry)).
    pub fn load_block(
        &self,
        permit: &Permit,
        place: &Place,
        block: &Block,
        max_age: Duration,
    ) -> Result<Option<(Entry, Duration)>, Error> {
        covers(permit, To::Read, place)?;
        let found = place.parent().ok().and_then(|dir| read(dir, place.name()));
        let found = found.filter(|stored| stored.version == VERSION && stored.key == block.key);
        Ok(found.and_then(|stored| {
            // Stored in the future: the clock was set back, and nobody knows how old it is.
            let age = Duration::from_millis(now().checked_sub(stored.stored_at)?);
            (age <= max_age).then_some((Entry { bindings: stored.bindings }, age))
        }))
    }

    /// Stores the result of a block. `parents` permit to make the missing directories, outermost first.
    pub fn save_block(
        &self,
        permit: &Permit,
        parents: &[Permit],
        place: &Place,
        block: &Block,
        entry: &Entry,
    ) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        cover_missing(parents, place)?;
        let (key, bindings) = (block.key.clone(), entry.bindings.clone());
        let text = serde_json::to_vec(&Stored { version: VERSION, key, stored_at: now(), bindings });
        let text = text.map_err(|error| Error::io(place.resolved(), &error.into()))?;
        if text.len() as u64 > MAX_ENTRY {
            return Err(place.wrong(Cause::TooLarge(MAX_ENTRY)));
        }
        let dir = place.made_parent(0o700)?;
        if !fstat(&dir).is_ok_and(|stat| is_ours(&stat)) {
            return Err(place.wrong(Cause::Foreign));
        }
        write(dir.as_fd(), place.name(), &text).at(place.resolved())
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Ours, and nobody else may change it.
fn is_ours(stat: &Stat) -> bool {
    stat.st_uid == geteuid().as_raw() && stat.st_mode & OTHERS_WRITE == 0
}

/// What stands in a file of ours in a directory of ours.
fn read(dir: BorrowedFd<'_>, name: &str) -> Option<Stored> {
    let open = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat(dir, name, open, Mode::empty()).ok()?;
    let stat = fstat(&file).ok()?;
    if !is_regular(&stat) || !is_ours(&stat) || !is_ours(&fstat(dir).ok()?) {
        return None;
    }
    let mut text = Vec::new();
    File::from(file).take(MAX_ENTRY + 1).read_to_end(&mut text).ok()?;
    if text.len() as u64 > MAX_ENTRY { None } else { serde_json::from_slice(&text).ok() }
}

/// Puts a complete file there, which survives whatever happens next.
fn write(dir: BorrowedFd<'_>, name: &str, text: &[u8]) -> std::io::Result<()> {
    let (mut file, temp) = Temp::file(dir, 0o600)?;
    file.write_all(text)?;
    file.sync_all()?;
    temp.becomes(name)?;
    // The handle of the walk may be one that knows no more than where the directory is.
    let dir = openat(dir, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(rustix::fs::fsync(dir)?)
}
