//! How a run ended.

use perch_engine::flows::hidden;
use perch_engine::{Flows, World, arguments};
use perch_ops::ErrorKind;

use crate::Concrete;

/// A failure that nothing has caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncaught {
    /// Its kind.
    pub kind: ErrorKind,
    /// What happened.
    pub message: String,
    /// Exit status of a program, else empty. Of a killed one 128 and the signal.
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

/// The exit status of a run (language §6.2).
#[must_use]
pub fn exit_status(flows: &Flows<Concrete<'_>>) -> u8 {
    if let Some(world) = &flows.exited {
        return arguments::status(&bound(world, hidden::STATUS)).unwrap_or(1);
    }
    match uncaught(flows) {
        None => 0,
        Some(failure) => failure_status(failure.kind, failure.code.parse().unwrap_or(1)),
    }
}

fn failure_status(kind: ErrorKind, code: u8) -> u8 {
    match kind {
        ErrorKind::ShellExitNonzero if (1..=125).contains(&code) => code,
        ErrorKind::ShellSignalKilled => code,
        _ => 1,
    }
}

fn bound(world: &World<Concrete<'_>>, name: &str) -> String {
    world.frame.bindings.get(name).map(ToString::to_string).unwrap_or_default()
}
