//! `perch simulate` from the outside.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod enumerate;
mod input;
mod output;
mod rig;
mod rules;
mod scenarios;
#[path = "../shared/schema.rs"]
mod schema;
mod suggestions;
mod unused;
mod watch;
