//! One catalogue of ops: nobody keeps a second list.

use std::collections::BTreeSet;

use perch_guards::{documents, files, read, source};

const CATALOGUE: &str = "analysis/ops/src/catalogue";

/// As many distinct names of ops as string literals make a list.
const A_LIST: usize = 6;

/// The names of ops among the literals of a file. `"cp"` is one, and `"cp mv, rm"` is three; a sentence is none.
fn named_ops(file: &str) -> BTreeSet<String> {
    let is_op = |word: &&str| perch_ops::find(word).is_some_and(|entry| !entry.is_keyword());
    let mut found = BTreeSet::new();
    for literal in source::literals(source::tokens(file)) {
        let words: Vec<&str> = literal.split([' ', ',', '|', '\n']).filter(|word| !word.is_empty()).collect();
        if words.iter().all(is_op) {
            found.extend(words.into_iter().map(str::to_owned));
        }
    }
    found
}

fn is_product(file: &str) -> bool {
    !file.split('/').any(|part| part == "tests") && !file.starts_with(CATALOGUE)
}

#[test]
fn the_catalogue_is_the_only_list_of_ops() {
    let sources: Vec<String> = files(".", "rs").into_iter().filter(|file| is_product(file)).collect();
    assert!(sources.len() >= 70, "only {} files were found", sources.len());
    for file in sources {
        let named = named_ops(&file);
        assert!(named.len() < A_LIST, "{file} lists ops, which only {CATALOGUE} may: {named:?}");
    }
}

#[test]
fn the_guard_would_notice() {
    assert!(named_ops(&format!("{CATALOGUE}/fs.rs")).len() >= A_LIST);
}

#[test]
fn the_evaluator_names_no_op() {
    let sources = files("analysis/engine/src", "rs");
    assert!(sources.len() >= 5);
    for file in sources {
        assert_eq!(named_ops(&file), BTreeSet::new(), "{file}");
    }
}

#[test]
fn the_specification_has_a_row_for_every_op_that_runs_and_no_other() {
    let page = read("docs/spec/ops.md");
    let rows = documents::prose(&page).filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<&str> = rows.filter_map(|row| row.split([' ', '`']).next()).collect();
    let listed: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(listed.len(), rows.len(), "an op has two rows");
    let entries = perch_ops::catalogue().filter(|entry| !entry.internal && entry.op().is_some());
    assert_eq!(listed, entries.map(|entry| entry.name).collect(), "left: docs/spec/ops.md; right: the catalogue");
}

#[test]
fn the_specification_has_the_table_of_package_managers() {
    let page = read("docs/spec/ops.md");
    let rows: Vec<&str> = documents::prose(&page).filter(|line| line.starts_with("| ")).collect();
    let of = |system: &str| rows.iter().filter(|row| row.starts_with(&format!("| {system} |"))).count();
    assert_eq!(["macOS", "Linux", "Windows"].map(of).iter().sum::<usize>(), perch_ops::MANAGERS.len());
    for manager in perch_ops::MANAGERS {
        let system = match manager.system {
            "is_macos" => "macOS",
            "is_linux" => "Linux",
            _ => "Windows",
        };
        let by = if manager.privileged { "`sudo`" } else { "anybody" };
        let query = manager.query.replace("\\$", "$");
        let (name, bin, install, remove) = (manager.name, manager.bin, manager.install, manager.remove);
        let row = format!("| {system} | `{name}` | `{bin}` | {by} | `{install}` | `{remove}` | `{query}` |");
        assert!(rows.iter().any(|found| found.starts_with(&row)), "not in docs/spec/ops.md: {row}");
    }
}
