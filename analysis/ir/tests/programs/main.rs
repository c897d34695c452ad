//! Programs through their public outputs: what they mean, and what is said about mistakes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod diagnostics;
mod edits;
mod examples;
mod imports;
mod lowering;
mod pages;
