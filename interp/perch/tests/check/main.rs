//! `perch --check` and `perch --explain` from the outside.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod explain;
mod fix;
mod github;
mod human;
mod json;
mod rig;
mod sarif;
#[path = "../shared/schema.rs"]
mod schema;
mod status;
