//! What is in a directory, and beneath.

use std::ffi::CString;

use perch_policy::Permit;

use crate::error::At;
use crate::permit::{To, covers};
use crate::tree::Cursor;
use crate::{Cause, Error, Host, Kind, Place};

/// What is wanted of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its path.
    pub itself: bool,
    /// What is beneath, if it is a directory.
    pub beneath: bool,
}

/// Asked about each entry, with its path from the directory and whether it is one.
pub type Wish<'w> = &'w dyn Fn(&str, bool) -> Wanted;

impl Host {
    /// The paths of wanted entries beneath a directory, from there, in order. A link is an entry, and leads nowhere.
    pub fn list(&self, permit: &Permit, place: &Place, wanted: Wish<'_>) -> Result<Vec<String>, Error> {
        covers(permit, To::Read, place)?;
        place.directory()?;
        let path = place.resolved();
        let mut cursor = Cursor::enter_from(place.parent()?, place.name()).at(path)?;
        let mut found = Vec::new();
        let mut at = Vec::new();
        let mut open = vec![look(&cursor, path, "", wanted, &mut found)?];
        while let Some(dirs) = open.last_mut() {
            let Some((name, dir)) = dirs.pop() else {
                open.pop();
                at.pop();
                cursor.leave().at(path)?;
                continue;
            };
            match cursor.enter(&name).at_path(|| cursor.path(path, &name)) {
                Ok(()) => {}
                // It has gone meanwhile.
                Err(Error { cause: Cause::Missing | Cause::BehindFile | Cause::Changed, .. }) => continue,
                Err(error) => return Err(error),
            }
            open.push(look(&cursor, path, &dir, wanted, &mut found)?);
            at.push(dir);
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// Notes the wanted entries of the directory that the cursor is in, and gives the directories that are to be entered: their
/// names and their paths.
fn look(
    cursor: &Cursor,
    path: &str,
    dir: &str,
    wanted: Wish<'_>,
    found: &mut Vec<String>,
) -> Result<Vec<(CString, String)>, Error> {
    let mut dirs = Vec::new();
    for (name, kind, _) in cursor.entries().at_path(|| format!("{path}/{dir}"))? {
        let text = name.to_str().map_err(|_| Error::new(cursor.path(path, &name), Cause::NoName))?;
        let at = if dir.is_empty() { text.to_owned() } else { format!("{dir}/{text}") };
        let is_dir = kind == Kind::Dir;
        let Wanted { itself, beneath } = wanted(&at, is_dir);
        if is_dir && beneath {
            dirs.push((name, at.clone()));
        }
        if itself && kind != Kind::Absent {
            found.push(at);
        }
    }
    Ok(dirs)
}
