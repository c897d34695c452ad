//! Where results of `cache` blocks are kept: one file for each key, in a directory of their own.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::path;

/// Whose entries these are, among all that may ever be stored beside them.
pub const KIND: &str = "perch.cache/1";

/// The directory, by what `XDG_CACHE_HOME` and `HOME` are set to. `None`: there is none.
#[must_use]
pub fn directory(cache_home: Option<&str>, home: Option<&str>, on_macos: bool) -> Option<String> {
    let named = |text: Option<&str>| text.filter(|text| names_one(text)).and_then(|text| path::clean("/", text));
    let of_home = || named(home).map(|home| path::join(&home, if on_macos { "Library/Caches" } else { ".cache" }));
    named(cache_home).or_else(of_home).map(|caches| path::join(&caches, "perch/blocks"))
}

/// Whether the value of one of these variables counts: one that is not absolute would be another directory wherever a command is started.
#[must_use]
pub fn names_one(value: &str) -> bool {
    value.starts_with('/')
}

/// The name of the file for a key, whose parts are told apart: no two keys have the same, and it leads nowhere, whatever the key is.
#[must_use]
pub fn file_name(key: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in key {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut name = String::new();
    for byte in hash.finalize() {
        let _ = write!(name, "{byte:02x}");
    }
    name + ".json"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r09_no_two_keys_have_one_name() {
        let keys: [&[&str]; 6] = [&["a", "b"], &["ab"], &["a|b"], &["", "ab"], &["ab", ""], &["../../ab"]];
        let names: std::collections::HashSet<String> = keys.iter().map(|key| file_name(key)).collect();
        assert_eq!(names.len(), keys.len());
        let is_hash = |name: &str| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(names.iter().all(|name| name.strip_suffix(".json").is_some_and(is_hash)));
    }

    #[test]
    fn a_directory_that_is_not_absolute_counts_for_none() {
        let at = |cache_home, home| directory(cache_home, home, false);
        assert_eq!(at(Some("/c"), Some("/h")).as_deref(), Some("/c/perch/blocks"));
        assert_eq!(at(Some("c"), Some("/h")).as_deref(), Some("/h/.cache/perch/blocks"));
        assert_eq!(at(None, Some("h")), None);
        assert_eq!(directory(None, Some("/h"), true).as_deref(), Some("/h/Library/Caches/perch/blocks"));
    }
}
