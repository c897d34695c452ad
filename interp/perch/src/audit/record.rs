//! A record of an audit: one JSON object per line. Its schema is in `schemas/`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// The name and version of the format.
pub const SCHEMA: &str = "perch.audit/1";

/// One line of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Record {
    /// The run starts.
    SessionStart {
        /// When, and of which run.
        #[serde(flatten)]
        stamp: Stamp,
        /// `perch.audit/1`
        schema: &'static str,
        /// The words behind the command.
        cli_args: Vec<String>,
        /// The file, `-` for standard input.
        file: String,
        /// Where the run starts.
        cwd: String,
        /// The restrictions that hold, as on the command line; null if there are none.
        policy: Option<String>,
    },
    /// An op is about to be performed.
    OpStart {
        /// When, and of which run.
        #[serde(flatten)]
        stamp: Stamp,
        /// Which.
        #[serde(flatten)]
        op: Op,
    },
    /// It is over.
    Op {
        /// When, and of which run.
        #[serde(flatten)]
        stamp: Stamp,
        /// Which.
        #[serde(flatten)]
        op: Op,
        /// How long it took, in milliseconds.
        dur_ms: u64,
        /// Whether it went well.
        ok: bool,
        /// The name that its result has.
        #[serde(skip_serializing_if = "Option::is_none")]
        capture: Option<String>,
        /// Why it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// With which kind.
        #[serde(skip_serializing_if = "Option::is_none")]
        error_kind: Option<&'static str>,
    },
    /// The run is over.
    SessionEnd {
        /// When, and of which run.
        #[serde(flatten)]
        stamp: Stamp,
        /// How long it took, in milliseconds.
        dur_ms: u64,
        /// Whether it went well.
        ok: bool,
        /// What went wrong; empty if nothing did.
        error: String,
        /// What the process exits with.
        exit_code: u8,
    },
}

/// What all records have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stamp {
    /// When, as RFC 3339 has it, in UTC.
    pub ts: String,
    /// The command that was asked for.
    pub cmd: String,
    /// Which run: the same in all its records, and in those of no other.
    pub run: String,
    /// The place of the record among those of the run, from 0.
    pub seq: u64,
}

/// What is done, and where that is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Op {
    /// Name of the op or block.
    pub kind: String,
    /// What it was given, by the names of its operands.
    pub args: Map<String, Value>,
    /// File, line and column.
    pub at: String,
}

/// The JSON Schema of a line, as it is written.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Record>()
}
