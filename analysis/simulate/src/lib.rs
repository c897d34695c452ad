//! `perch simulate`: verdicts and reports from a symbolic run.
//!
//! [`host`] turns a fixture into what is known at the start; [`run`] evaluates a command; [`verdict`] reads
//! verdicts off what was recorded; [`report`] is the result as data, with a schema; [`text`] shows it to people.

pub mod host;
pub mod report;
pub mod run;
pub mod text;
pub mod verdict;

pub use run::{Run, run};
