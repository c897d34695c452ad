//! How a run ended.

use perch_engine::flows::hidden;
use perch_engine::{Flows, Node, World, arguments};
use perch_ir::program::Place;
use perch_ops::ErrorKind;

use crate::act::KILLED_BY;
use crate::{Concrete, Text};

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
    /// Where it has shown itself.
    pub spot: Option<Spot>,
}

/// A statement of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The number of its file.
    pub file: u32,
    /// Where it stands there.
    pub place: Place,
    /// What stands there.
    pub source: String,
}

impl Spot {
    /// As a text that a frame can carry.
    fn carried(node: &Node) -> Text {
        format!("{} {} {} {}", node.file, node.place.line, node.place.column, node.source).into()
    }

    /// The reverse.
    fn of(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ' ');
        let mut number = || parts.next()?.parse().ok();
        let (file, line, column) = (number()?, number()?, number()?);
        Some(Self { file, place: Place { line, column }, source: parts.next()?.to_owned() })
    }
}

/// Notes where failures have shown themselves. What a call or a chain shows came out of it, unless nothing in it has shown it.
pub(crate) fn placed<'a>(node: &Node, flows: Flows<Concrete<'a>>) -> Flows<Concrete<'a>> {
    let mut flows = flows;
    let hands_on = node.callee.is_some() || node.op == "chain";
    for world in flows.failures_mut() {
        let bindings = &mut world.frame.bindings;
        if !hands_on || !bindings.contains_key(hidden::PLACE) {
            bindings.insert(hidden::PLACE.into(), Spot::carried(node));
        }
    }
    flows
}

/// The failure that ended the run, if one did.
#[must_use]
pub fn uncaught(flows: &Flows<Concrete<'_>>) -> Option<Uncaught> {
    let (kind, world) = flows.having_failed().next()?;
    let part = |name| bound(world, name);
    let [message, code, op] = [hidden::MESSAGE, hidden::CODE, hidden::OP].map(part);
    Some(Uncaught { kind, message, code, op, spot: Spot::of(&part(hidden::PLACE)) })
}

/// The text that `exit` was given, if it ended the run.
#[must_use]
pub fn exited(flows: &Flows<Concrete<'_>>) -> Option<String> {
    flows.having_exited().map(|world| bound(world, hidden::STATUS))
}

/// What a `finally` arm has failed at while the run was on its way out because it was told to end.
#[must_use]
pub fn failed_on_the_way_out(flows: &Flows<Concrete<'_>>) -> Option<String> {
    let bindings = &flows.having_exited()?.frame.bindings;
    bindings.get(hidden::MESSAGE).filter(|_| bindings.contains_key(hidden::TOLD)).map(ToString::to_string)
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
