//! What is beneath a directory, one thing after the other, for whoever writes it down.

use std::ffi::CString;
use std::fs::File;
use std::io::Read;

use perch_policy::{Permit, path};
use rustix::fs::{Mode, OFlags, Stat, fstat, openat, readlinkat};

use crate::error::At;
use crate::file::{MODE_BITS, OPEN, Source};
use crate::permit::{To, covers};
use crate::tree::Cursor;
use crate::walk::{is_regular, look};
use crate::{Cause, Error, Host, Kind, Place, Until};

/// Something beneath a directory.
pub struct Item<'i> {
    /// Its path from the directory.
    pub path: &'i [u8],
    /// Its permission bits.
    pub mode: u32,
    /// When it was last changed, in Unix seconds.
    pub time: i64,
    /// What it is.
    pub what: What<'i>,
}

/// What it is.
pub enum What<'i> {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// How long its content is.
        size: u64,
        /// Its content.
        content: &'i mut dyn Read,
    },
    /// A symbolic link.
    Link {
        /// Its target, as written.
        target: &'i [u8],
    },
    /// A second name of a file.
    Again {
        /// The path of the first, from the directory.
        of: &'i [u8],
    },
}

/// What is done with a thing.
type Each<'e, E> = &'e mut dyn FnMut(Item<'_>) -> Result<(), E>;

impl Host {
    /// Fails unless what is beneath a directory could be written down in a file.
    pub fn may_pack(&self, from: &Place, to: &Place) -> Result<(), Error> {
        from.directory()?;
        to.parent()?;
        if to.kind() == Kind::Dir {
            return Err(to.wrong(Cause::Directory));
        }
        if path::within(to.resolved(), from.resolved()) {
            return Err(to.wrong(Cause::Within(from.resolved().to_owned())));
        }
        Ok(())
    }

    /// Hands on what is beneath a directory: in each by name, a directory before what is in it. Links are not followed.
    pub fn each_beneath<E: From<Error>>(
        &self,
        permit: &Permit,
        place: &Place,
        until: Until,
        each: Each<'_, E>,
    ) -> Result<(), E> {
        covers(permit, To::Read, place)?;
        place.directory()?;
        let root = place.resolved();
        let mut cursor = Cursor::enter_from(place.parent()?, place.name()).at(root)?;
        // The names that are still to come, last ones first, and how long the path was before.
        let mut open = vec![(sorted(&cursor, root)?, 0)];
        let mut path: Vec<u8> = Vec::new();
        while let Some((names, length)) = open.last_mut() {
            until.go_on().at(root)?;
            path.truncate(*length);
            let Some((name, kind)) = names.pop() else {
                open.pop();
                cursor.leave().at(root)?;
                continue;
            };
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name.as_bytes());
            if kind != Kind::Dir {
                hand_on(&cursor, root, &name, &path, until, each)?;
                continue;
            }
            cursor.enter(&name).at_path(|| cursor.path(root, &name))?;
            let stat = fstat(cursor.handle()).at_path(|| cursor.here(root))?;
            each(item(&path, &stat, What::Directory))?;
            let inside = sorted(&cursor, root)?;
            open.push((inside, path.len()));
        }
        Ok(())
    }
}

/// What is in the directory, the last name first.
fn sorted(cursor: &Cursor, root: &str) -> Result<Vec<(CString, Kind)>, Error> {
    let entries = cursor.entries().at_path(|| cursor.here(root))?;
    let mut names: Vec<(CString, Kind)> = entries.into_iter().map(|(name, kind, _)| (name, kind)).collect();
    names.sort_by(|(a, _), (b, _)| b.cmp(a));
    Ok(names)
}

fn hand_on<E: From<Error>>(
    cursor: &Cursor,
    root: &str,
    name: &CString,
    path: &[u8],
    until: Until,
    each: Each<'_, E>,
) -> Result<(), E> {
    let at = || cursor.path(root, name);
    let Some(stat) = look(cursor.handle(), name.as_c_str()).at_path(at)? else {
        return Err(Error::new(at(), Cause::Changed).into());
    };
    if crate::walk::kind_of(Some(&stat)) == Kind::Link {
        let target = readlinkat(cursor.handle(), name.as_c_str(), Vec::new()).at_path(at)?;
        return each(item(path, &stat, What::Link { target: target.as_bytes() }));
    }
    // Without O_NONBLOCK, a pipe that took the file's place would hold us up.
    let file = openat(cursor.handle(), name.as_c_str(), OPEN | OFlags::NONBLOCK, Mode::empty()).at_path(at)?;
    let stat = fstat(&file).at_path(at)?;
    if !is_regular(&stat) {
        return Err(Error::new(at(), Cause::Special).into());
    }
    let size = u64::try_from(stat.st_size).unwrap_or(0);
    let mut file = File::from(file);
    each(item(path, &stat, What::File { size, content: &mut Source::of_file(&mut file, until) }))
}

#[allow(clippy::useless_conversion, reason = "the fields have other types on other systems")]
fn item<'i>(path: &'i [u8], stat: &Stat, what: What<'i>) -> Item<'i> {
    Item { path, mode: u32::from(stat.st_mode & MODE_BITS), time: i64::from(stat.st_mtime), what }
}
