//! Looking at the host without doing anything: for whoever wants to know what a run would find.
//!
//! Nothing is opened but directories and regular files, for reading and without waiting, and only for a permit that names the path.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};

use perch_policy::{Effect, Permit, path};
use rustix::fs::{Access, OFlags, access};
use rustix::process::geteuid;

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
    /// A link with its target, unless that is no text, or nobody's business.
    Link(Option<String>),
    /// A device.
    Device,
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
    /// What whoever runs perch may do there.
    pub rights: Rights,
}

/// What whoever runs perch may do with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Read it.
    pub read: bool,
    /// Change it.
    pub write: bool,
    /// Go on from it, if it is a directory.
    pub pass: bool,
    /// Remove it or put something else there, as far as its directory does not keep that to its owner.
    pub replace: bool,
    /// Change its permissions.
    pub own: bool,
}

impl Rights {
    const ALL: Self = Self { read: true, write: true, pass: true, replace: true, own: true };

    fn of(path: &str, found: &Metadata, stands: &Stands) -> Self {
        let user = geteuid();
        let owns = |found: &Metadata| user.is_root() || found.uid() == user.as_raw();
        let is_kept = |dir: &Metadata| dir.mode() & STICKY != 0 && !owns(dir);
        let dir = fs::symlink_metadata(path::parent(path));
        let replace = owns(found) || !dir.is_ok_and(|dir| is_kept(&dir));
        let may = |how: Access| access(path, how).is_ok();
        let (enter, own) = (Access::EXEC_OK, owns(found));
        match stands {
            Stands::File | Stands::Device | Stands::Special => {
                Self { read: may(Access::READ_OK), write: may(Access::WRITE_OK), replace, own, ..Self::ALL }
            }
            Stands::Directory => {
                let (read, write) = (may(Access::READ_OK | enter), may(Access::WRITE_OK | enter));
                Self { read, write, pass: may(enter), replace, own }
            }
            Stands::Nothing | Stands::Link(_) => Self { replace, ..Self::ALL },
        }
    }
}

/// The bit of a directory whose entries only their owners, and its own, may remove.
const STICKY: u32 = 0o1000;

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

/// What stands at the path that may be looked at, where it is an entry of a directory that was gone into.
#[must_use]
pub fn entry(permit: &Permit) -> Option<Step> {
    let Effect::Look(path) = permit.effect() else { return None };
    step(known(path).ok()?)
}

fn step(path: &str) -> Option<Step> {
    let (stands, rights) = match fs::symlink_metadata(path) {
        Ok(found) => {
            let stands = stands(path, &found);
            let rights = Rights::of(path, &found, &stands);
            (stands, rights)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => (Stands::Nothing, Rights::ALL),
        Err(_) => return None,
    };
    Some(Step { path: path.to_owned(), stands, rights })
}

fn stands(path: &str, found: &Metadata) -> Stands {
    let kind = found.file_type();
    if kind.is_dir() {
        Stands::Directory
    } else if kind.is_file() {
        Stands::File
    } else if kind.is_symlink() {
        let target = fs::read_link(path).ok().and_then(|target| target.into_os_string().into_string().ok());
        Stands::Link(target)
    } else if kind.is_char_device() || kind.is_block_device() {
        Stands::Device
    } else {
        Stands::Special
    }
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

/// Whether the file that may be read begins like a program that this system starts: by itself, or by an interpreter that is there.
#[must_use]
pub fn can_start(permit: &Permit) -> bool {
    let Some(path) = to_read(permit) else { return false };
    let Ok(file) = File::open(path) else { return false };
    let mut start = Vec::new();
    if file.take(MAX_START).read_to_end(&mut start).is_err() {
        return false;
    }
    let Some(line) = start.strip_prefix(b"#!") else {
        return PROGRAMS.iter().any(|magic| start.starts_with(magic));
    };
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let interpreter = line.split_whitespace().next();
    interpreter.is_some_and(|file| file.starts_with('/') && access(file, Access::EXEC_OK).is_ok())
}

/// So many bytes of a program say what it is.
const MAX_START: u64 = 256;

/// How programs begin: those of Linux, and those of macOS for one processor or several.
const PROGRAMS: [&[u8]; 4] = [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];

/// What is known of the names in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// These, in order.
    All(Vec<String>),
    /// One of them is no text.
    NoText,
    /// There are more than was asked for, or nobody can tell.
    Unknown,
}

/// The names in the directory that may be read, if they are no more than so many.
#[must_use]
pub fn names(permit: &Permit, most: usize) -> Names {
    let Some(path) = to_read(permit) else { return Names::Unknown };
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        return Names::Unknown;
    }
    let Ok(entries) = fs::read_dir(path) else { return Names::Unknown };
    let mut names = Vec::new();
    for entry in entries {
        let Ok(entry) = entry else { return Names::Unknown };
        match entry.file_name().into_string() {
            Ok(_) if names.len() == most => return Names::Unknown,
            Ok(name) => names.push(name),
            Err(_) => return Names::NoText,
        }
    }
    names.sort_unstable();
    Names::All(names)
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
        assert_eq!(last("link/below"), Some(("/link".to_owned(), Stands::Link(Some("file".to_owned())))));
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
        let all = ["bytes", "link", "text"].map(str::to_owned).to_vec();
        assert_eq!((listed(3), listed(2)), (Names::All(all), Names::Unknown));
        let bytes = [b'b', 0xff];
        if fs::write(dir.path().join(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&bytes)), "").is_ok()
        {
            assert_eq!(listed(4), Names::NoText);
        }
        // A permit for something else is none.
        assert_eq!(content(&permit(Effect::Look, &format!("{root}/text")), 9), Held::Unknown);
        assert!(way(&permit(Effect::Read, &root)).is_empty());
    }
}
