//! What ends a wait early.
//!
//! Whatever waits for somebody else waits here, in [`Until::wait`]: for handles, for a while, and at the same time
//! for the deadline and for a signal that interrupts the run.

use std::io::{Error, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::error::Over;
use crate::{Cause, signals};

/// A pipe that can be written to takes this many bytes at once.
const PIPE_BUF: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// How long to wait before looking again for a reader.
const TICK: Duration = Duration::from_millis(10);

/// How long a wait may take. The default lasts until a signal interrupts the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Until {
    deadline: Option<Instant>,
    unwinding: bool,
}

impl Until {
    /// Not longer than to that moment; an earlier one holds all the same.
    #[must_use]
    pub fn deadline(self, at: Instant) -> Self {
        Self { deadline: Some(self.deadline.map_or(at, |earlier| earlier.min(at))), ..self }
    }

    /// Whatever signal has come: for what a run does on its way out, because one has.
    #[must_use]
    pub fn unwinding(self) -> Self {
        Self { unwinding: true, ..self }
    }

    /// The moment after which nothing is waited for.
    #[must_use]
    pub fn moment(self) -> Option<Instant> {
        self.deadline
    }

    /// Fails if it is over.
    pub fn check(self) -> Result<(), Cause> {
        self.go_on()?;
        if self.deadline.is_some_and(|at| Instant::now() >= at) { Err(Cause::DeadlinePassed) } else { Ok(()) }
    }

    /// Fails if a signal has interrupted the run: for work that takes its time and waits for nobody, which no deadline cuts short.
    pub(crate) fn go_on(self) -> Result<(), Cause> {
        match signals::received() {
            Some(signal) if !self.unwinding => Err(Cause::Interrupted(signal)),
            _ => Ok(()),
        }
    }

    /// Waits until one of the handles is ready, which their entries then say, but not longer than that. May return
    /// earlier.
    pub fn wait(self, handles: &mut Vec<PollFd<'_>>, at_most: Option<Duration>) -> Result<(), Cause> {
        self.check()?;
        let alarm = signals::alarm().filter(|_| !self.unwinding);
        let own = handles.len();
        handles.extend(alarm.map(|alarm| PollFd::new(alarm, PollFlags::IN)));
        let left = self.deadline.map(|at| at.saturating_duration_since(Instant::now()));
        let patience = left.into_iter().chain(at_most).min().map(timespec);
        let polled = poll(handles, patience.as_ref());
        handles.truncate(own);
        match polled {
            Ok(_) | Err(Errno::INTR | Errno::AGAIN) => self.check(),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Waits for that long.
    pub fn pass(self, duration: Duration) -> Result<(), Cause> {
        // Longer than clocks go is for ever.
        let end = Instant::now().checked_add(duration);
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return self.check();
            }
            self.wait(&mut Vec::new(), left)?;
        }
    }

    /// Waits for a handle.
    fn ready(self, handle: BorrowedFd<'_>, to: PollFlags) -> Result<(), Cause> {
        let mut handles = vec![PollFd::new(&handle, to)];
        while handles.iter().all(|handle| handle.revents().is_empty()) {
            self.wait(&mut handles, None)?;
        }
        Ok(())
    }

    /// Tries until it succeeds for as long as it fails for want of somebody at the other end.
    pub(crate) fn somebody<T>(self, mut attempt: impl FnMut() -> Result<T, Errno>) -> Result<T, Cause> {
        loop {
            match attempt() {
                Err(Errno::NXIO) => self.pass(TICK)?,
                done => return done.map_err(Cause::from),
            }
        }
    }
}

/// The time as the system takes it; of a very long one, a part.
fn timespec(duration: Duration) -> Timespec {
    Timespec::try_from(duration.min(Duration::from_secs(1 << 30))).unwrap_or_default()
}

/// Reads and writes something that others may keep waiting.
pub(crate) struct Patient<'f> {
    handle: BorrowedFd<'f>,
    until: Until,
}

impl<'f> Patient<'f> {
    pub(crate) fn new(handle: &'f impl AsFd, until: Until) -> Self {
        Self { handle: handle.as_fd(), until }
    }

    /// Acts when the handle is ready, again if it was not after all.
    fn when_ready<T>(&self, to: PollFlags, mut act: impl FnMut() -> Result<T, Errno>) -> Result<T, Error> {
        loop {
            self.until.ready(self.handle, to).map_err(Over::io)?;
            match act() {
                Err(Errno::AGAIN | Errno::INTR) => {}
                done => return Ok(done?),
            }
        }
    }
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.when_ready(PollFlags::IN, || rustix::io::read(self.handle, &mut *buffer))
    }
}

impl Write for Patient<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let part = &bytes[..bytes.len().min(PIPE_BUF)];
        self.when_ready(PollFlags::OUT, || rustix::io::write(self.handle, part))
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
