//! The examples of the catalogue are perch.

use perch_ir::Severity;
use perch_ops::{Entry, Meaning};

use crate::common::{around, read};

/// The example as statements: a head by itself gets its end.
fn statements(entry: &Entry) -> String {
    let block = entry.example.starts_with("if ") && !entry.example.contains('\n');
    if block { format!("{}\nend", entry.example) } else { entry.example.to_owned() }
}

fn said(entry: &Entry) -> Vec<String> {
    let (_, problems) = read(&around(&statements(entry)));
    let errors = problems.iter().filter(|problem| problem.severity() != Severity::NotYet);
    errors.map(|problem| format!("{}: {}", entry.example, problem.message)).collect()
}

fn public() -> impl Iterator<Item = &'static Entry> {
    perch_ops::catalogue().filter(|entry| !entry.internal)
}

#[test]
fn examples_of_ops_load_without_a_word() {
    let ops = public().filter(|entry| !entry.is_keyword());
    let wrong: Vec<String> = ops.flat_map(said).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn examples_of_what_is_not_there_yet_say_so_and_others_do_not() {
    for entry in public().filter(|entry| !entry.is_keyword()) {
        let (_, problems) = read(&around(&statements(entry)));
        let missing = problems.iter().any(|problem| problem.severity() == Severity::NotYet);
        assert_eq!(missing, matches!(entry.meaning, Meaning::NotYet), "{}", entry.name);
    }
}

#[test]
fn examples_of_blocks_load_without_a_word() {
    let blocks = public().filter(|entry| entry.is_keyword() && !entry.name.starts_with("wasm_"));
    let wrong: Vec<String> = blocks.chain(public().filter(|entry| entry.name == "wasm_run")).flat_map(said).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

/// The lines of a module stand in its block, and their examples show them there.
#[test]
fn examples_of_lines_of_a_module_load_without_a_word() {
    let lines = public().filter(|entry| entry.is_keyword() && entry.name.starts_with("wasm_"));
    assert_eq!(lines.flat_map(said).collect::<Vec<_>>(), Vec::<String>::new());
}
