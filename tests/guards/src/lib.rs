//! Reading the workspace, for the tests in `tests/workspace`.
//!
//! * [`files`], [`read`]: what is in the working tree.
//! * [`packages`]: the crates and what they depend on, as cargo sees them.
//! * [`source`]: Rust files as tokens, so that comments and documentation do not count as code.
//!
//! A guard that cannot read what it guards must fail, so everything here panics instead of giving less.
#![expect(clippy::expect_used, reason = "a guard that cannot read the workspace has failed")]

pub mod documents;
pub mod packages;
pub mod source;

use std::path::{Path, PathBuf};

/// The folder of the workspace.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The text of a file, named from the root.
#[must_use]
pub fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All files beneath a folder whose names end in `.EXTENSION`, named from the root, in order. Build output does not count.
#[must_use]
pub fn files(folder: &str, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(&root().join(folder), extension, &mut found);
    let named = found.iter().map(|path| {
        let path = path.strip_prefix(root()).expect("files are beneath the root");
        path.to_str().expect("names of files are UTF-8").to_owned()
    });
    let mut named: Vec<String> = named.collect();
    named.sort();
    named
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with("target") && !name.starts_with('.') {
                collect(&path, extension, found);
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}
