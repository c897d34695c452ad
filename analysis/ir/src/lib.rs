//! Resolved programs, and the incremental database that makes them.
//!
//! ```text
//! SourceFile ──cut──▶ items ──parse, lower──▶ a Command each ──▶ Snapshot
//! ```
//!
//! * [`program`]: what the evaluator runs.
//! * `lower`: from the tree of one item to a command. Every leading word is resolved here, once.
//! * [`database`]: the queries. An item's text is all that its lowering reads of the file, besides the
//!   names of the other commands, so an edit inside one command concerns that command alone.
//! * [`snapshot`]: a file's commands without the database, for a run.
//! * `calls`: what calls give against what commands take.
//! * `reach`: which commands a command can get to.
//! * `op_programs`: the ops that are programs, lowered by the same code.

mod calls;
pub mod database;
mod entities;
mod lower;
mod op_programs;
pub mod program;
mod reach;
pub mod snapshot;

pub use database::{Database, Signature, SourceFile, diagnostics, signatures};
pub use lower::runs_block;
pub use op_programs::op_program;
pub use perch_syntax::{Diagnostic, Lines, Severity, Span};
pub use program::*;
pub use snapshot::{FileInfo, Snapshot};
