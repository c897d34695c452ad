//! `perch simulate`: verdicts and reports from a symbolic run.
//!
//! | module | is about |
//! |---|---|
//! | [`host`] | what a fixture says at the start |
//! | [`sources`] | where it says so |
//! | [`mod@run`] | one command, evaluated on all hosts |
//! | `seen` | the visits of a statement |
//! | [`verdict`] | what is claimed of them |
//! | `tree` | the program as nodes |
//! | `reasons`, `words` | failures and conditions in words |
//! | `bound` | names that say nothing about the host |
//! | `decisions` | why a body runs, or does not |
//! | `moved` | a report after an edit that has moved what it speaks about |
//! | `origins` | where the facts come from that decide a verdict |
//! | [`assumptions`] | what is taken for granted |
//! | [`suggest`] | what would have to be said for an op to run |
//! | [`unused`] | what a fixture tells and nothing has asked for |
//! | [`exit`] | the exit status |
//! | [`report`] | the result as data, with a schema |
//! | [`text`] | the result for people |

pub mod assumptions;
mod bound;
mod decisions;
pub mod exit;
pub mod host;
mod moved;
mod origins;
mod reasons;
pub mod report;
mod rights;
pub mod run;
mod seen;
pub mod sources;
pub mod suggest;
pub mod text;
mod tree;
pub mod unused;
pub mod verdict;
mod words;

pub use perch_symbolic::consulted::Consulted;
pub use perch_symbolic::facts::{Facts, Question, SYSTEMS_OWN, Stated};
pub use run::{Ended, Run, run, run_after, run_before};
pub use sources::Sources;
