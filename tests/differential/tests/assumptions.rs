//! Hosts that violate what a report takes for granted.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use perch_differential::assumed::{lacks, violating};
use perch_differential::campaign::{Settings, Simulated};
use perch_differential::lane::InProcess;
use perch_differential::regressions::read;
use perch_differential::triples::Triple;

fn settings(name: &str) -> Settings {
    let base = std::env::temp_dir().join(format!("perch-assumptions-{name}-{}", std::process::id()));
    Settings { base, stub: PathBuf::from(env!("CARGO_BIN_EXE_perch-stub")), hosts: 1 }
}

/// `d/b` is read, and listed; that it is a file is taken for granted.
fn triple(settings: &Settings) -> Triple {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assumes.json");
    read(&file, &settings.root("x")).unwrap().triple
}

/// On hosts that violate an assumption: how many runs left the report, and how many contradictions there were.
fn counts(settings: &Settings, forget: bool) -> (usize, usize) {
    let triple = triple(settings);
    let mut simulated = Simulated::of(&triple, &[]).ok().unwrap();
    let printed: BTreeSet<_> = simulated.nodes.iter().flat_map(|node| node.printed.clone()).collect();
    assert_eq!(printed.len(), 3, "{printed:?}");
    let hosts = violating(&triple, &printed);
    assert_eq!(hosts.len(), 3);
    assert!(hosts.iter().all(|host| host.agrees(&triple.fixture)));
    assert!(hosts.iter().any(|host| printed.iter().any(|one| lacks(one, host))));
    if forget {
        simulated.nodes.iter_mut().for_each(|node| node.printed.clear());
    }
    let mut counts = (0, 0);
    for host in &hosts {
        let ran = simulated.really(&mut InProcess { stub: &settings.stub }, host).unwrap();
        let real = ran.run.unwrap();
        let comparison = simulated.compare(host, &real).ok().unwrap();
        counts.0 += usize::from(comparison.departed);
        counts.1 += usize::from(!comparison.contradictions.is_empty());
    }
    drop(std::fs::remove_dir_all(&settings.base));
    counts
}

#[test]
fn runs_leave_the_report_where_an_assumption_is_printed() {
    assert_eq!(counts(&settings("printed"), false), (3, 0));
}

#[test]
fn an_assumption_that_is_not_printed_is_a_contradiction() {
    assert_eq!(counts(&settings("forgotten"), true), (0, 3));
}
