//! Looking at the host without doing anything: for whoever wants to know what a run would find.
//!
//! Nothing is opened but directories and regular files, for reading and without waiting, and only for a permit that names the path.

use std::fs::{self, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;

use perch_policy::{Effect, Permit, path};
use rustix::fs::{Access, OFlags, access};

use crate::permit::known;

/// What stands at a path itself, no link followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Nothing.
    Nothing,
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A link with its target.
    Link(String),
    /// Something else.
    Special,
}

/// One step on the way to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The path so far.
    pub path: String,
    /// What stands there.
    pub stands: Stands,
    /// Whoever runs perch may read it.
    pub readable: bool,
    /// Whoever runs perch may change it.
    pub writable: bool,
    /// Whoever runs perch may go on from it, if it is a directory.
    pub passable: bool,
}

/// What stands on the way to the path that may be looked at, the root first and the path itself last. The way ends before that where something is no
/// directory, and where it cannot be told what there is.
#[must_use]
pub fn way(permit: &Permit) -> Vec<Step> {
    let Effect::Look(path) = permit.effect() else { return Vec::new() };
    let Ok(path) = known(path) else { return Vec::new() };
    let mut steps = Vec::new();
    for path in path::ancestors(path).chain([path]) {
        let Some(step) = step(path) else { break };
        let goes_on = step.stands == Stands::Directory;
        steps.push(step);
        if !goes_on {
            break;
        }
    }
    steps
}

fn step(path: &str) -> Option<Step> {
    let stands = match fs::symlink_metadata(path) {
        Ok(found) => stands(path, &found)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Stands::Nothing,
        Err(_) => return None,
    };
    let may = |how: Access| matches!(stands, Stands::File | Stands::Directory) && access(path, how).is_ok();
    let inside = if stands == Stands::Directory { Access::EXEC_OK } else { Access::empty() };
    let (readable, writable) = (may(Access::READ_OK | inside), may(Access::WRITE_OK | inside));
    let passable = stands == Stands::Directory && access(path, Access::EXEC_OK).is_ok();
    Some(Step { path: path.to_owned(), stands, readable, writable, passable })
}

/// Nothing for a link whose target is no text.
fn stands(path: &str, found: &Metadata) -> Option<Stands> {
    let kind = found.file_type();
    Some(if kind.is_dir() {
        Stands::Directory
    } else if kind.is_file() {
        Stands::File
    } else if kind.is_symlink() {
        Stands::Link(fs::read_link(path).ok()?.into_os_string().into_string().ok()?)
    } else {
        Stands::Special
    })
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// A text.
    Text(String),
    /// Something that is no text.
    NoText,
    /// More than was asked for, or nobody can tell.
    Unknown,
}

/// What the file holds that may be read, if that is no more than so many bytes.
#[must_use]
pub fn content(permit: &Permit, most: u64) -> Held {
    let Some(path) = to_read(permit) else { return Held::Unknown };
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() <= most) {
        return Held::Unknown;
    }
    // It may have become something else meanwhile, for which one would wait.
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(file) = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path) else {
        return Held::Unknown;
    };
    let mut bytes = Vec::new();
    match file.take(most + 1).read_to_end(&mut bytes) {
        Ok(read) if read as u64 <= most => String::from_utf8(bytes).map_or(Held::NoText, Held::Text),
        _ => Held::Unknown,
    }
}

/// The names in the directory that may be read, in order, if they are texts and no more than so many.
#[must_use]
pub fn names(permit: &Permit, most: usize) -> Option<Vec<String>> {
    let path = to_read(permit)?;
    if !fs::symlink_metadata(path).ok()?.is_dir() {
        return None;
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(path).ok()? {
        if names.len() == most {
            return None;
        }
        names.push(entry.ok()?.file_name().into_string().ok()?);
    }
    names.sort_unstable();
    Some(names)
}

fn to_read(permit: &Permit) -> Option<&str> {
    match permit.effect() {
        Effect::Read(path) => known(path).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use perch_policy::{Bounds, Decision, Known, Policy};

    use super::*;

    fn permit(effect: fn(Known) -> Effect, path: &str) -> Permit {
        match Policy::default().decide(&Bounds::default(), effect(Known::Text(path.to_owned()))) {
            Decision::Allowed(permit) => permit,
            _ => panic!("{path}"),
        }
    }

    #[test]
    fn a_way_ends_where_there_is_no_directory() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().into_os_string().into_string().unwrap();
        fs::write(format!("{root}/file"), "a").unwrap();
        symlink("file", format!("{root}/link")).unwrap();
        let last = |path: &str| {
            let steps = way(&permit(Effect::Look, &format!("{root}/{path}")));
            steps.last().map(|step| (step.path[root.len()..].to_owned(), step.stands.clone()))
        };
        assert_eq!(last("file"), Some(("/file".to_owned(), Stands::File)));
        assert_eq!(last("file/below"), Some(("/file".to_owned(), Stands::File)));
        assert_eq!(last("link/below"), Some(("/link".to_owned(), Stands::Link("file".to_owned()))));
        assert_eq!(last("none/below"), Some(("/none".to_owned(), Stands::Nothing)));
    }

    #[test]
    fn no_more_is_read_than_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().into_os_string().into_string().unwrap();
        fs::write(format!("{root}/text"), "abc").unwrap();
        fs::write(format!("{root}/bytes"), [0xff, 0xfe]).unwrap();
        symlink("text", format!("{root}/link")).unwrap();
        let held = |name: &str, most: u64| content(&permit(Effect::Read, &format!("{root}/{name}")), most);
        assert_eq!(held("text", 3), Held::Text("abc".to_owned()));
        assert_eq!(held("text", 2), Held::Unknown);
        assert_eq!(held("bytes", 9), Held::NoText);
        assert_eq!((held("link", 9), held("none", 9), held("", 9)), (Held::Unknown, Held::Unknown, Held::Unknown));
        let listed = |most: usize| names(&permit(Effect::Read, &root), most);
        assert_eq!((listed(3).map(|names| names.len()), listed(2)), (Some(3), None));
        // A permit for something else is none.
        assert_eq!(content(&permit(Effect::Look, &format!("{root}/text")), 9), Held::Unknown);
        assert!(way(&permit(Effect::Read, &root)).is_empty());
    }
}
