//! Every op has all its parts.

use perch_guards::{files, read};
use perch_ops::{Entry, Group, Meaning, catalogue};

/// What files may write, and is no word of the grammar.
fn ops() -> impl Iterator<Item = &'static Entry> {
    catalogue().filter(|entry| !entry.internal && !entry.is_keyword())
}

/// Whether a word stands in a text by itself.
fn is_named(text: &str, name: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name)
}

#[test]
fn every_op_runs_but_those_of_modules() {
    let waiting = ops().filter(|entry| matches!(entry.meaning, Meaning::NotYet));
    let other: Vec<_> = waiting.filter(|entry| entry.group != Group::Wasm).map(|entry| entry.name).collect();
    assert!(other.is_empty(), "{other:?}");
    assert!(ops().count() >= 180, "{}", ops().count());
}

#[test]
fn every_op_is_described_and_has_an_example_of_itself() {
    for entry in ops() {
        assert!(!entry.summary.is_empty(), "{}", entry.name);
        assert!(is_named(entry.example, entry.name), "{}: {}", entry.name, entry.example);
    }
}

/// What fails has a kind that says how.
#[test]
fn no_failure_is_unclassified() {
    for entry in ops() {
        let kinds = entry.error_kinds();
        assert!(kinds.iter().all(|kind| kind.name() != "unclassified"), "{}", entry.name);
    }
}

/// Run and judged from the same page. The facts of this machine that nobody can foretell have pages of their own kind.
#[test]
fn every_op_is_in_a_page_of_behaviour() {
    const FACTS: [&str; 7] = ["hostname", "exe_dir", "exe_name", "os_version", "pid", "now_unix", "perch_version"];
    let pages: String = files("tests/behaviour/cases", "md").iter().map(|page| read(page)).collect();
    let runs = ops().filter(|entry| entry.op().is_some() && !FACTS.contains(&entry.name));
    let missing: Vec<_> = runs.filter(|entry| !is_named(&pages, entry.name)).map(|entry| entry.name).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
