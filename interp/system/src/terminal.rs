//! Who is at the terminal.
//!
//! Programs run in process groups of their own, and of all groups only the one in the foreground may read from the
//! terminal and gets what is typed there, Ctrl-C included. So a group that may want it is put there as long as it
//! runs, and then ours again. One group at a time, and only from us: a run in the background has no terminal to give.
//!
//! Whose standard output is a pipe may have a neighbour in its own group, as in `perch list | less`, from whom the
//! terminal would be taken. There a program gets it when it asks, which it does by being stopped.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{FileType, Mode, OFlags, fstat};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::{Pid, getpgrp};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr, tcsetpgrp};

use crate::raw::unstopped;

/// The terminal while a group of ours is in its foreground.
struct Terminal {
    handle: OwnedFd,
    ours: Pid,
    /// How it was set when we gave it away.
    modes: Option<Termios>,
}

static GIVEN: Mutex<Option<Terminal>> = Mutex::new(None);

/// Being in the foreground, until dropped.
pub(crate) struct Foreground(());

/// Why the terminal cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotGiven {
    /// There is none.
    None,
    /// Another group of ours has it.
    Taken,
    /// We are in the background ourselves.
    Background,
}

impl Foreground {
    /// For a program that is about to be started and will take it itself. Only if it is its standard input.
    pub(crate) fn ahead() -> Option<Self> {
        let neighbours = fstat(stdout())
            .is_ok_and(|stat| matches!(FileType::from_raw_mode(stat.st_mode), FileType::Fifo | FileType::Socket));
        if neighbours {
            return None;
        }
        lend(fcntl_dupfd_cloexec(stdin(), 3).ok()?).ok()
    }

    /// For a group that runs.
    pub(crate) fn give(group: Pid) -> Result<Self, NotGiven> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let handle = rustix::fs::open("/dev/tty", flags, Mode::empty()).map_err(|_| NotGiven::None)?;
        let foreground = lend(handle)?;
        put_in_front(group);
        Ok(foreground)
    }

    /// Sets the terminal as it was before, when whoever has it can no longer do so.
    pub(crate) fn tidy(&self) {
        if let Some(Terminal { handle, modes: Some(modes), .. }) = &*given() {
            let _ = unstopped(|| tcsetattr(handle, OptionalActions::Now, modes));
        }
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        give_back();
    }
}

fn given() -> MutexGuard<'static, Option<Terminal>> {
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes that the terminal is given away, if it is ours to give.
fn lend(handle: OwnedFd) -> Result<Foreground, NotGiven> {
    let mut given = given();
    if given.is_some() {
        return Err(NotGiven::Taken);
    }
    let ours = getpgrp();
    match tcgetpgrp(&handle) {
        Ok(front) if front == ours => {}
        Ok(_) => return Err(NotGiven::Background),
        Err(_) => return Err(NotGiven::None),
    }
    let modes = tcgetattr(&handle).ok();
    *given = Some(Terminal { handle, ours, modes });
    Ok(Foreground(()))
}

fn put_in_front(group: Pid) {
    if let Some(terminal) = &*given() {
        let _ = unstopped(|| tcsetpgrp(terminal.handle.as_fd(), group));
    }
}

/// Puts our own group into the foreground again.
pub(crate) fn give_back() {
    if let Some(terminal) = given().take() {
        let _ = unstopped(|| tcsetpgrp(&terminal.handle, terminal.ours));
    }
}
