//! The wall around `analysis/`.

use std::collections::BTreeSet;

use perch_guards::packages::{Package, packages};
use perch_guards::{files, read, source};

const ALLOWED: &str = "analysis/ALLOWED_DEPENDENCIES";

/// What would let analysis learn something of the host, or change it, that nobody has handed to it.
const HOST: [&str; 5] = ["fs", "env", "net", "process", "time"];

/// The entries of the list, without their reasons.
fn allowed() -> BTreeSet<String> {
    let list = read(ALLOWED);
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entries = lines.map(|line| {
        let (entry, reason) =
            line.split_once(": ").unwrap_or_else(|| panic!("{ALLOWED}: `{line}` is not `ENTRY: REASON`"));
        assert!(reason.split_whitespace().count() >= 3, "{ALLOWED}: `{entry}` has no reason");
        entry.trim().to_owned()
    });
    entries.collect()
}

/// What a crate under `analysis/` uses that is neither another one nor obvious: as in the list.
fn outside(package: &Package, all: &[Package]) -> Vec<String> {
    let folder = |name: &str| all.iter().find(|other| other.name == name).map(|other| other.folder.as_str());
    let entry = |name: &String| match folder(name) {
        Some(folder) if folder.starts_with("analysis/") => None,
        Some(_) => Some(format!("{} -> {name}", package.name)),
        None => Some(name.clone()),
    };
    package.uses.iter().filter_map(entry).collect()
}

fn is_analysis(package: &&Package) -> bool {
    package.folder.starts_with("analysis/")
}

#[test]
fn analysis_uses_what_the_list_allows_and_the_list_allows_nothing_else() {
    let all = packages();
    let used: BTreeSet<String> = all.iter().filter(is_analysis).flat_map(|package| outside(package, &all)).collect();
    assert!(all.iter().filter(is_analysis).count() >= 8, "the crates were not found");
    assert_eq!(used, allowed(), "left: what analysis uses; right: {ALLOWED}");
}

#[test]
fn analysis_never_depends_on_what_acts_not_even_in_tests() {
    let all = packages();
    let acts: BTreeSet<&String> =
        all.iter().filter(|package| package.folder.starts_with("interp/")).map(|package| &package.name).collect();
    assert!(!acts.is_empty());
    for package in all.iter().filter(is_analysis) {
        for used in package.uses.iter().chain(&package.tested_with) {
            assert!(!acts.contains(used), "{} depends on {used}", package.name);
        }
    }
}

#[test]
fn what_analysis_is_made_of_names_no_part_of_the_host() {
    let mut seen = 0;
    for folder in ["analysis", "sim-fixtures", "grammar/src"] {
        for file in files(folder, "rs").into_iter().filter(|file| file.contains("/src/")) {
            let modules = source::modules_of_std(source::tokens(&file));
            let host: Vec<&String> = modules.iter().filter(|module| HOST.contains(&module.as_str())).collect();
            assert!(host.is_empty(), "{file} names std::{host:?}");
            seen += 1;
        }
    }
    assert!(seen >= 40, "only {seen} files were read");
}
