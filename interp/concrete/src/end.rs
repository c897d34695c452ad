//! How a run ended.

use perch_engine::flows::hidden;
use perch_engine::{Flows, World, arguments};
use perch_ops::ErrorKind;

use crate::Concrete;
use crate::act::KILLED_BY;

/// A failure that nothing has caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncaught {
    /// Its kind.
    pub kind: ErrorKind,
    /// What happened.
    pub message: String,
    /// Exit status of a program, else empty.
    pub code: String,
    /// Name of the op that raised it.
    pub op: String,
}

/// The failure that ended the run, if one did.
#[must_use]
pub fn uncaught(flows: &Flows<Concrete<'_>>) -> Option<Uncaught> {
    let (kind, world) = flows.failed.first_key_value()?;
    let part = |name| bound(world, name);
    Some(Uncaught { kind: *kind, message: part(hidden::MESSAGE), code: part(hidden::CODE), op: part(hidden::OP) })
}

/// The text that `exit` was given, if it ended the run.
#[must_use]
pub fn exited(flows: &Flows<Concrete<'_>>) -> Option<String> {
    flows.exited.as_ref().map(|world| bound(world, hidden::STATUS))
}

/// The exit status of a run (language §6.2).
#[must_use]
pub fn exit_status(flows: &Flows<Concrete<'_>>) -> u8 {
    if let Some(text) = exited(flows) {
        return arguments::status(&text).unwrap_or(1);
    }
    uncaught(flows).map_or(0, |failure| failure_status(&failure))
}

fn failure_status(failure: &Uncaught) -> u8 {
    match failure.kind {
        ErrorKind::ShellExitNonzero => failure.code.parse().ok().filter(|code| (1..=125).contains(code)).unwrap_or(1),
        // A killed program has no exit status that a program could see, so the signal stands in the message alone.
        ErrorKind::ShellSignalKilled => {
            let signal = failure.message.rsplit_once(KILLED_BY).and_then(|(_, signal)| signal.parse().ok());
            signal.and_then(|signal: u8| signal.checked_add(128)).unwrap_or(1)
        }
        _ => 1,
    }
}

fn bound(world: &World<Concrete<'_>>, name: &str) -> String {
    world.frame.bindings.get(name).map(ToString::to_string).unwrap_or_default()
}
