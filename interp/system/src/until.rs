//! What ends a wait early.

use std::time::Instant;

use crate::{Cause, signals};

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
        match signals::received() {
            Some(signal) if !self.unwinding => Err(Cause::Interrupted(signal)),
            _ if self.deadline.is_some_and(|at| Instant::now() >= at) => Err(Cause::DeadlinePassed),
            _ => Ok(()),
        }
    }
}
