//! Resolved programs, and the incremental database that makes them.
//!
//! ```text
//! SourceFile ──cut──▶ items ──parse, lower──▶ what each means ──▶ Snapshot
//! ```
//!
//! * [`program`]: what the evaluator runs; [`construct`]: what is resolved and nothing runs yet.
//! * `lower`: from the tree of one item to what it means. Every leading word is resolved here, once.
//! * `scope`: what names mean in a file and in what it imports.
//! * [`shared`]: which shared bindings a file sees.
//! * [`database`]: the queries. An item's text is all that its lowering reads of the file, besides the
//!   names of the other items, so an edit inside one command concerns that command alone.
//! * [`files`]: imported files, read by whoever has the files.
//! * [`graph`]: who calls whom.
//! * [`listing`]: what a file offers, for people.
//! * [`snapshot`]: a program without the database, for a run.
//! * `names`, `calls`, `expand`: what is wrong between items: names that are there twice, calls that do not fit, templates without end.
//! * `arguments`: which words are which arguments, for calls that are judged here and for those that run.
//! * `reach`: what a command can get to.
//! * [`whole`], [`deeds`], [`places`]: for whoever judges programs: what is declared where, what a statement does, and where its words stand.
//! * `op_programs`: the ops that are programs, lowered by the same code.

pub mod arguments;
mod bundle;
mod calls;
mod clobber;
pub mod construct;
pub mod database;
pub mod deeds;
mod entities;
mod expand;
pub mod files;
pub mod graph;
pub mod listing;
mod lower;
mod manifest;
mod moved;
mod names;
mod op_programs;
pub mod places;
pub mod program;
mod reach;
mod scope;
pub mod shared;
pub mod snapshot;
pub mod whole;

pub use database::{Database, Import, Signature, SourceFile, diagnostics, problems, signatures};
pub use expand::MAX_EXPANDED;
pub use lower::{first_command, runs_block};
pub use manifest::given_up;
pub use moved::Moves;
pub use op_programs::op_program;
pub use perch_syntax::{Code, Diagnostic, Label, Lines, Severity, Span};
pub use program::*;
pub use reach::{bound_by, walk};
pub use snapshot::{Answer, FileInfo, Obstacle, Snapshot, has_manifest};
