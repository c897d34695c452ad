//! The examples that need nothing but a directory, run as their pages say.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(unix)]

#[path = "../console/mod.rs"]
mod console;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// The examples stand where their first lines say.
fn with_examples(folder: &Path) {
    fs::create_dir(folder.join("docs")).unwrap();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples");
    symlink(examples, folder.join("docs/examples")).unwrap();
}

#[test]
fn examples_do_what_the_page_shows() {
    console::check("examples/runs.md", with_examples);
    assert!(console::cases("examples/runs.md").len() >= 12);
}
