//! Guards: what the compiler cannot hold up, held up by tests that read the workspace.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod dependencies;
mod documents;
mod examples;
mod one_of_each;
mod schemas;
mod scratch;
