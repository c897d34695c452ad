//! Whoever sits at the terminal.

use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags};

use crate::until::Patient;
use crate::{Cause, Until};

/// Longer answers are cut.
const MOST: usize = 4096;

/// Whoever sits at the terminal that the process belongs to, whatever its standard input is.
#[derive(Debug)]
pub struct Person(OwnedFd);

impl Person {
    /// `None` if there is no terminal.
    #[must_use]
    pub fn here() -> Option<Self> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        rustix::fs::open("/dev/tty", flags, Mode::empty()).ok().map(Self)
    }

    /// Asks, and waits for a line. `None` if the person has gone, or ends the input.
    pub fn asked(&self, question: &str, until: Until) -> Result<Option<String>, Cause> {
        let mut terminal = Patient::new(&self.0, until);
        let said = conversation(&mut terminal, question);
        if !matches!(said, Ok(Some(_))) {
            // The line of the question is still open.
            let _ = rustix::io::write(&self.0, b"\n");
        }
        match said {
            Ok(answer) => Ok(answer),
            Err(error) => match Cause::from(error) {
                over @ (Cause::Interrupted(_) | Cause::DeadlinePassed) => Err(over),
                _ => Ok(None),
            },
        }
    }
}

/// A question, and the line that answers it.
fn conversation(terminal: &mut Patient<'_>, question: &str) -> std::io::Result<Option<String>> {
    terminal.write_all(question.as_bytes())?;
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') && line.len() < MOST {
        let mut part = [0; 256];
        let read = terminal.read(&mut part)?;
        if read == 0 {
            return Ok(None);
        }
        line.extend(part.iter().take(read));
    }
    Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()))
}
