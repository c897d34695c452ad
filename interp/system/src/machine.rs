//! The machine, its user and this process, as far as they can be asked without touching anything.

use std::env::{current_dir, current_exe, temp_dir};
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
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
    // What cannot be hidden is on a system that shows it to nobody but root.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
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
