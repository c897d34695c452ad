//! Standard output and error, for this process and for what programs print through it.
//!
//! What is written at once is never mixed with what others write at the same time, whichever of the two it goes to:
//! both may be one terminal.

use std::io::{StdoutLock, Write};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use perch_policy::{Effect, Permit};

use crate::error::At;
use crate::until::Patient;
use crate::{Cause, Error, Host, Until};

/// Standard output or standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Out,
    Err,
}

/// Who wants to write.
struct Queue {
    /// Somebody is writing.
    busy: bool,
    /// So many wait for their turn. Waking nobody would cost as much as waking somebody.
    waiting: usize,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { busy: false, waiting: 0 });
static FREE: Condvar = Condvar::new();

/// How often who waits for his turn looks whether he still has the time.
const LOOK_UP: Duration = Duration::from_millis(10);

/// Being the one who writes.
struct Turn;

impl Turn {
    fn take(until: Until) -> Result<Self, Cause> {
        let mut queue = QUEUE.lock().unwrap_or_else(PoisonError::into_inner);
        while queue.busy {
            until.check()?;
            queue.waiting += 1;
            queue = FREE.wait_timeout(queue, LOOK_UP).unwrap_or_else(PoisonError::into_inner).0;
            queue.waiting -= 1;
        }
        queue.busy = true;
        Ok(Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = QUEUE.lock().unwrap_or_else(PoisonError::into_inner);
        queue.busy = false;
        if queue.waiting > 0 {
            FREE.notify_one();
        }
    }
}

impl Host {
    /// Writes to standard output.
    pub fn print(&self, permit: &Permit, text: &str, until: Until) -> Result<(), Error> {
        self.write_to(Channel::Out, "standard output", permit, text, until)
    }

    /// Writes to standard error.
    pub fn print_error(&self, permit: &Permit, text: &str, until: Until) -> Result<(), Error> {
        self.write_to(Channel::Err, "standard error", permit, text, until)
    }

    fn write_to(&self, channel: Channel, name: &str, permit: &Permit, text: &str, until: Until) -> Result<(), Error> {
        if *permit.effect() != Effect::Output {
            return Err(Error::new(name, Cause::Unpermitted));
        }
        until.check().and_then(|()| self.emit(channel, text.as_bytes(), until)).at(name)
    }

    /// Says something to the person in front of perch, on standard error; who cannot be told is not.
    pub fn note(&self, text: &str) {
        if !self.silent {
            let _ = self.emit(Channel::Err, format!("{text}\n").as_bytes(), Until::default().unwinding());
        }
    }

    /// The same, unless it has been said before.
    pub fn note_once(&self, text: &str) {
        if self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned()) {
            self.note(text);
        }
    }

    /// Writes all of it.
    pub(crate) fn emit(&self, channel: Channel, bytes: &[u8], until: Until) -> Result<(), Cause> {
        match (&self.sink, channel) {
            (Some(sink), Channel::Out) => Ok(sink.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes)?),
            (None, Channel::Out) => {
                let _turn = Turn::take(until)?;
                write_out(&mut std::io::stdout().lock(), bytes, until)
            }
            (_, Channel::Err) if self.errors.is_some() => {
                let mut errors = self.errors.iter().map(|sink| sink.lock().unwrap_or_else(PoisonError::into_inner));
                Ok(errors.try_for_each(|mut sink| sink.write_all(bytes))?)
            }
            (_, Channel::Err) => {
                let _turn = Turn::take(until)?;
                Ok(Patient::new(&std::io::stderr().lock(), until).write_all(bytes)?)
            }
        }
    }
}

/// Behind what others have written and not yet sent off.
fn write_out(stdout: &mut StdoutLock<'_>, bytes: &[u8], until: Until) -> Result<(), Cause> {
    stdout.flush()?;
    Ok(Patient::new(stdout, until).write_all(bytes)?)
}
