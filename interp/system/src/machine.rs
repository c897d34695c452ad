//! The machine, its user and this process, as far as they can be asked without touching anything.

use std::env::{current_dir, current_exe, temp_dir};
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Once, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, SystemTime};

use perch_policy::path;
use rustix::process::{geteuid, getpid};
use rustix::stdio::stdout;
use rustix::system::uname;
use rustix::termios::isatty;
use signal_hook::low_level::exit;

use crate::{Host, raw};

/// The number of the user.
#[must_use]
pub fn uid() -> u32 {
    geteuid().as_raw()
}

/// The name of the user; the number, if the database of users does not know it.
#[must_use]
pub fn user() -> String {
    raw::user(uid()).map_or_else(|| uid().to_string(), |user| user.name)
}

/// The home directory of the user, as the database of users has it; `/` if that says nothing of the kind.
#[must_use]
pub fn home() -> String {
    let home = raw::user(uid()).map(|user| user.home).filter(|home| home.starts_with('/'));
    home.and_then(|home| path::clean("/", &home)).unwrap_or_else(|| "/".to_owned())
}

/// The name and the home directory of the user, if that can be told without asking anybody: where the file of users is asked before all else, and
/// has them. The library that this is built with may ask it first in any case.
#[must_use]
pub fn user_on_file() -> Option<(String, String)> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let is_first = cfg!(target_env = "musl") || read("/etc/nsswitch.conf").is_some_and(|text| asks_file_first(&text));
    if !cfg!(target_os = "linux") || !is_first {
        return None;
    }
    let (name, home) = listed_user(&read("/etc/passwd")?, uid())?;
    let home = path::clean("/", &home).filter(|_| home.starts_with('/'));
    Some((name, home.unwrap_or_else(|| "/".to_owned())))
}

/// Whether the file of users is the first that is asked, and its answer is the last word.
fn asks_file_first(switch: &str) -> bool {
    let lines = switch.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let mut named = lines.filter_map(|line| line.strip_prefix("passwd:"));
    let Some(services) = named.next() else { return false };
    let mut services = services.split_whitespace();
    let is_file = matches!(services.next(), Some("files" | "compat"));
    is_file && !services.next().is_some_and(|next| next.starts_with('[')) && named.next().is_none()
}

/// The name and the home directory in the first line with that number. Nothing if somebody else is to be asked before, or a line is none.
fn listed_user(users: &str, uid: u32) -> Option<(String, String)> {
    for line in users.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(':').collect();
        let [name, _, number, _, _, home, _] = parts.as_slice() else { return None };
        if name.starts_with(['+', '-']) || name.is_empty() || name.contains(char::is_whitespace) {
            return None;
        }
        if number.parse() == Ok(uid) {
            return Some(((*name).to_owned(), (*home).to_owned()));
        }
    }
    None
}

/// The directory for temporary files where no variable names one.
#[must_use]
pub fn temporary() -> String {
    let system = cfg!(target_os = "macos").then(temp_dir).map(|dir| text(&dir));
    system.and_then(|dir| path::clean("/", &dir)).unwrap_or_else(|| "/tmp".to_owned())
}

/// The name of the machine.
#[must_use]
pub fn hostname() -> String {
    uname().nodename().to_string_lossy().into_owned()
}

/// The version of the operating system: of its kernel, and of macOS as a whole; empty where that cannot be found.
#[must_use]
pub fn release() -> String {
    if cfg!(target_os = "macos") {
        let about = std::fs::read_to_string("/System/Library/CoreServices/SystemVersion.plist").unwrap_or_default();
        let value = about.split_once("<key>ProductVersion</key>").and_then(|(_, rest)| rest.split_once("<string>"));
        return value
            .and_then(|(_, rest)| rest.split_once("</string>"))
            .map_or_else(String::new, |(text, _)| text.into());
    }
    uname().release().to_string_lossy().into_owned()
}

/// How many processors this process may use.
#[must_use]
pub fn processors() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Whether this process may have that many bytes more.
///
/// # Errors
/// If not.
pub fn room_for(bytes: usize) -> Result<(), std::io::Error> {
    raw::room_for(bytes)
}

/// Ends this process with that status, once what was said is written. Nothing is put back in order that ends with the process anyway: giving
/// the memory back piece by piece takes longer than a small command runs.
pub fn leave(status: u8) -> ! {
    let _ = std::io::stdout().flush();
    exit(status.into())
}

/// From now on no program of the same user is shown the memory of this process, nor the variables it was started with: where a program gets to see
/// some of them only, the system would tell it the others. One that runs as root is told all the same.
pub(crate) fn hide_memory() {
    static HIDDEN: Once = Once::new();
    HIDDEN.call_once(|| {
        // Whoever traces this process sees all of it already, and would see nothing of what it starts.
        #[cfg(target_os = "linux")]
        if !is_traced() {
            // What cannot be hidden is on a system that shows it to nobody but root.
            let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
        }
    });
}

#[cfg(target_os = "linux")]
fn is_traced() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    tracer.is_some_and(|tracer| tracer.trim() != "0")
}

/// The number of this process.
#[must_use]
pub fn pid() -> i32 {
    getpid().as_raw_nonzero().get()
}

/// The path of the executable that runs, links followed. Where the system does not say, it is as it was called.
#[must_use]
pub fn executable() -> String {
    let file = current_exe().unwrap_or_else(|_| std::env::args_os().next().map_or_else(PathBuf::new, PathBuf::from));
    let file = file.canonicalize().unwrap_or(file);
    let here = current_dir().map_or_else(|_| "/".to_owned(), |dir| text(&dir));
    path::clean(&here, &text(&file)).unwrap_or(here)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Host {
    /// A variable that a fact follows from. The fact may be known where the variable may not be read.
    #[must_use]
    pub fn setting(&self, variable: &str) -> Option<String> {
        Some(self.env.get(OsStr::new(variable))?.to_string_lossy().into_owned())
    }

    /// Unix seconds when the run started.
    #[must_use]
    pub fn started(&self) -> u64 {
        self.started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }

    /// Whether standard output is a terminal.
    #[must_use]
    pub fn shows_on_terminal(&self) -> bool {
        !self.is_redirected() && isatty(stdout())
    }

    /// What was found out under that name, which is done once: a fact is the same throughout a run.
    pub fn remembered(&self, name: &str, find: impl FnOnce() -> Option<String>) -> Option<String> {
        let mut known = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = known.get(name) {
            return Some(text.clone());
        }
        let found = find()?;
        known.insert(name.to_owned(), found.clone());
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_told_where_the_file_of_users_has_the_first_word() {
        let first = ["passwd: files", "hosts: dns\npasswd:\t\tcompat systemd # who\n", "passwd: files sss"];
        assert!(first.into_iter().all(asks_file_first));
        let others = [
            "",
            "passwd: sss files",
            "passwd: files [SUCCESS=merge] sss",
            "passwd: files\npasswd: sss",
            "#passwd: files",
        ];
        assert!(!others.into_iter().any(asks_file_first));
    }

    #[test]
    fn a_user_is_the_first_of_that_number() {
        let users =
            "root:x:0:0:root:/root:/bin/sh\n\na:x:7:7::/home/a:/bin/sh\nb:x:7:7::/home/b:\n+::::::\nc:x:9:9::/:\n";
        let told = |uid| listed_user(users, uid);
        assert_eq!(told(7), Some(("a".to_owned(), "/home/a".to_owned())));
        assert_eq!((told(9), listed_user("root:x:0\n", 0), listed_user(" a:x:0:0::/:\n", 0)), (None, None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn who_is_on_file_is_who_the_database_has() {
        if let Some(told) = user_on_file() {
            assert_eq!(told, (user(), home()));
        }
    }
}
