//! What an entry says besides its content: permission bits, times, where a link leads.

#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;

use perch_policy::Permit;
use rustix::fs::{AtFlags, RawMode, Timespec, Timestamps, UTIME_NOW, readlinkat, utimensat};
#[cfg(target_os = "linux")]
use rustix::fs::{OFlags, fstat, openat};
use rustix::io::Errno;

use crate::error::At;
use crate::file::MODE_BITS;
use crate::permit::{To, covers};
#[cfg(target_os = "linux")]
use crate::walk::kind_of;
use crate::{Cause, Error, Host, Kind, Place};

/// Permission bits to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// These.
    Bits(u32),
    /// Those that it has, and those that let it be started.
    Executable,
}

impl Host {
    /// The target text of a link.
    pub fn read_link(&self, permit: &Permit, place: &Place) -> Result<String, Error> {
        covers(permit, To::Read, place)?;
        place.there()?;
        if place.kind() != Kind::Link {
            return Err(place.wrong(Cause::NoLink));
        }
        let target = readlinkat(place.parent()?, place.name(), Vec::new()).at(place.resolved())?;
        String::from_utf8(target.into_bytes()).map_err(|_| place.wrong(Cause::NotText))
    }

    /// Sets the permission bits of a file or directory. Never those that let a program run as somebody else.
    pub fn set_mode(&self, permit: &Permit, place: &Place, mode: Mode) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        place.there()?;
        let stat = place.stat().ok_or_else(|| place.wrong(Cause::Missing))?;
        let bits = match mode {
            Mode::Bits(bits) => rustix::fs::Mode::from_bits_truncate(bits as RawMode & MODE_BITS),
            Mode::Executable => rustix::fs::Mode::from_bits_truncate(stat.st_mode & MODE_BITS | 0o111),
        };
        put_mode(place.parent()?, place.name(), bits).at(place.resolved())
    }

    /// Sets the times of a file or directory to now.
    pub fn set_time(&self, permit: &Permit, place: &Place) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        place.there()?;
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let times = Timestamps { last_access: now, last_modification: now };
        utimensat(place.parent()?, place.name(), &times, AtFlags::SYMLINK_NOFOLLOW).at(place.resolved())
    }

    /// When a file or directory was last changed, in Unix seconds.
    pub fn read_time(&self, permit: &Permit, place: &Place) -> Result<i64, Error> {
        covers(permit, To::Read, place)?;
        place.there()?;
        let stat = place.stat().ok_or_else(|| place.wrong(Cause::Missing))?;
        Ok(stat.st_mtime)
    }
}

/// Sets the bits of the entry itself: if a link has come to stand there, not those of what it leads to.
#[cfg(target_os = "linux")]
fn put_mode(dir: BorrowedFd<'_>, name: &str, bits: rustix::fs::Mode) -> Result<(), Errno> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let entry = openat(dir, name, flags, rustix::fs::Mode::empty())?;
    if kind_of(Some(&fstat(&entry)?)) == Kind::Link {
        return Err(Errno::LOOP);
    }
    // There is no call that sets the bits of what such a handle stands for, but it has a name there.
    rustix::fs::chmod(format!("/proc/self/fd/{}", entry.as_raw_fd()), bits)
}

#[cfg(not(target_os = "linux"))]
fn put_mode(dir: BorrowedFd<'_>, name: &str, bits: rustix::fs::Mode) -> Result<(), Errno> {
    rustix::fs::chmodat(dir, name, bits, AtFlags::SYMLINK_NOFOLLOW)
}
