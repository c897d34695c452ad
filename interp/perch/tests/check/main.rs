//! `perch --check` and `perch --explain` from the outside.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod explain;
mod github;
mod human;
mod json;
mod rig;
mod sarif;
mod status;
