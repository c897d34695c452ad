//! What is in a directory, and beneath.

use std::ffi::{CStr, CString};
use std::ops::Range;

use perch_policy::Permit;

use crate::error::At;
use crate::permit::{To, covers};
use crate::tree::Cursor;
use crate::{Cause, Error, Host, Kind, Place, Until};

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
    /// The paths of wanted entries beneath a directory, from there, in order, one per line. A link is an entry, and leads nowhere.
    pub fn list(&self, permit: &Permit, place: &Place, wanted: Wish<'_>, until: Until) -> Result<String, Error> {
        covers(permit, To::Read, place)?;
        place.directory()?;
        let path = place.resolved();
        let mut cursor = Cursor::enter_from(place.parent()?, place.name()).at(path)?;
        let mut found = Paths::default();
        let mut open = vec![look(&cursor, path, "", wanted, &mut found)?];
        while let Some(dirs) = open.last_mut() {
            until.go_on().at(path)?;
            let Some((name, dir)) = dirs.pop() else {
                open.pop();
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
        }
        Ok(found.in_order())
    }
}

/// Paths, of which there may be a great many: one text with all of them, and where in it each stands.
#[derive(Default)]
struct Paths {
    text: String,
    places: Vec<Range<usize>>,
}

impl Paths {
    fn push(&mut self, path: &str) {
        let start = self.text.len();
        self.text.push_str(path);
        self.places.push(start..self.text.len());
    }

    /// Puts those in order that have come since there were so many.
    fn order_from(&mut self, start: usize) {
        let text = &self.text;
        self.places[start..].sort_by(|a, b| text[a.clone()].cmp(&text[b.clone()]));
    }

    /// This is quick, for directories are gone through in order, and each is in order already.
    fn in_order(mut self) -> String {
        self.order_from(0);
        let text = &self.text;
        let mut lines = String::with_capacity(text.len() + self.places.len());
        for place in self.places {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(&text[place]);
        }
        lines
    }
}

/// Notes the wanted entries of the directory that the cursor is in, and gives the directories that are to be entered, the last one
/// first: their names and their paths.
fn look(
    cursor: &Cursor,
    path: &str,
    dir: &str,
    wanted: Wish<'_>,
    found: &mut Paths,
) -> Result<Vec<(CString, String)>, Error> {
    let mut dirs = Vec::new();
    let mut at = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    let above = at.len();
    let (mut nameless, start) = (None, found.places.len());
    let each = |name: &CStr, kind, _| {
        let Ok(text) = name.to_str() else {
            nameless.get_or_insert_with(|| Error::new(cursor.path(path, name), Cause::NoName));
            return;
        };
        at.truncate(above);
        at.push_str(text);
        let is_dir = kind == Kind::Dir;
        let Wanted { itself, beneath } = wanted(&at, is_dir);
        if is_dir && beneath {
            dirs.push((name.to_owned(), at.clone()));
        }
        if itself && kind != Kind::Absent {
            found.push(&at);
        }
    };
    cursor.each_entry(each).at_path(|| format!("{path}/{dir}"))?;
    found.order_from(start);
    dirs.sort_unstable_by(|(_, a), (_, b)| b.cmp(a));
    nameless.map_or(Ok(dirs), Err)
}
