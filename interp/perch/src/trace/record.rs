//! A trace for machines: one JSON object per line. Its schema is in `schemas/`.

use std::time::Duration;

use perch_concrete::{Seen, Uncaught};
use perch_engine::{Context, Node};
use perch_ops::ErrorKind;
use schemars::JsonSchema;
use serde::Serialize;

/// The name and version of the format.
pub const SCHEMA: &str = "perch.trace/1";

/// One line of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Record {
    /// The run starts. The first line.
    Start {
        /// `perch.trace/1`
        schema: &'static str,
        /// The file.
        file: String,
        /// The command.
        command: String,
        /// The directory in which it is started.
        cwd: String,
    },
    /// A node is about to be visited.
    Enter {
        /// `perch.trace/1`
        schema: &'static str,
        /// Which.
        #[serde(flatten)]
        node: Visited,
    },
    /// A node has been visited.
    Exit {
        /// `perch.trace/1`
        schema: &'static str,
        /// Which.
        #[serde(flatten)]
        node: Visited,
        /// Why it failed; null if it did not.
        error: Option<Failure>,
        /// How long that took, in microseconds.
        duration_us: u64,
    },
    /// The run is over. The last line.
    End {
        /// `perch.trace/1`
        schema: &'static str,
        /// The failure that nothing has caught; null if none was left.
        error: Option<Failure>,
        /// The text that `exit` was given; null if it did not end the run.
        exit: Option<String>,
        /// What the process exits with.
        exit_code: u8,
        /// How long it took, in microseconds.
        duration_us: u64,
    },
}

/// A node and which of its visits, as in a report of `perch simulate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Visited {
    /// Its place and the calls on the way to it.
    pub id: String,
    /// Indices of the loop iterations on the way to it, from 0.
    pub visit: Vec<u32>,
    /// Name of the op or block.
    pub op: &'static str,
    /// The statement on one line.
    pub text: String,
    /// The file that it stands in.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failure {
    /// Its kind.
    pub kind: &'static str,
    /// What happened.
    pub message: String,
}

/// The JSON Schema of a line, as it is written.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Record>()
}

impl Record {
    pub(super) fn start(file: &str, command: &str, cwd: &str) -> Self {
        Self::Start { schema: SCHEMA, file: file.to_owned(), command: command.to_owned(), cwd: cwd.to_owned() }
    }

    pub(super) fn enter(file: &str, cx: &Context, node: &Node) -> Self {
        Self::Enter { schema: SCHEMA, node: Visited::of(file, cx, node) }
    }

    pub(super) fn exit(file: &str, cx: &Context, node: &Node, seen: Seen<'_>, took: Duration) -> Self {
        let error = match seen {
            Seen::Fine => None,
            Seen::Failed { kind, message } => Some(Failure::of(kind, message)),
        };
        Self::Exit { schema: SCHEMA, node: Visited::of(file, cx, node), error, duration_us: micros(took) }
    }

    pub(super) fn end(failure: Option<&Uncaught>, exit: Option<String>, exit_code: u8, took: Duration) -> Self {
        let error = failure.map(|failure| Failure::of(failure.kind, &failure.message));
        Self::End { schema: SCHEMA, error, exit, exit_code, duration_us: micros(took) }
    }
}

impl Visited {
    fn of(file: &str, cx: &Context, node: &Node) -> Self {
        Self {
            id: cx.node_id(node.place, node.clause),
            visit: cx.visit.clone(),
            op: node.op,
            text: node.source.to_string(),
            file: file.to_owned(),
            line: node.place.line,
            column: node.place.column,
        }
    }
}

impl Failure {
    fn of(kind: ErrorKind, message: &str) -> Self {
        Self { kind: kind.name(), message: message.to_owned() }
    }
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}
