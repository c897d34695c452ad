//! Signals to the process itself.
//!
//! The first one interrupts the run: whatever waits stops waiting, and the run unwinds.

use std::sync::atomic::{AtomicI32, Ordering};

/// The signal that has interrupted the run; 0: none.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// The signal that has interrupted the run.
#[must_use]
pub fn received() -> Option<i32> {
    Some(RECEIVED.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
}

/// Makes the process one that is a run: signals interrupt it, what its programs leave behind becomes its own, and no
/// handle that it was given goes on to programs. For the command line alone, once, before any thread is started.
pub fn take_charge() -> std::io::Result<()> {
    Ok(())
}
