//! The queries of `queries/` find in the programs of `test/queries/` what stands below those.
//!
//! That every node and field which a query names is one of the grammar is checked where the query is made.

mod common;

use std::collections::BTreeSet;

use common::{fixtures, found};

#[test]
fn queries_find_what_stands_below_the_programs() {
    for fixture in fixtures() {
        let (found, _) = found(&fixture.query, &fixture.source);
        let hint = "if this is right, run `cargo run -p perch-grammar --example corpus`";
        assert!(found == fixture.expected, "{}:\n{found}\n{hint}", fixture.file.display());
    }
}

#[test]
fn there_is_a_query_for_everything_that_editors_ask() {
    let names: Vec<_> =
        fixtures().iter().map(|fixture| fixture.file.file_stem().unwrap_or_default().display().to_string()).collect();
    assert_eq!(names, ["folds", "highlights", "indents", "injections", "locals", "tags"]);
}

#[test]
fn every_pattern_of_a_query_finds_something() {
    for fixture in fixtures() {
        let (_, patterns) = found(&fixture.query, &fixture.source);
        let all: BTreeSet<_> = (0..fixture.query.pattern_count()).collect();
        let used: BTreeSet<_> = patterns.into_iter().collect();
        let idle: Vec<_> = all.difference(&used).map(|at| fixture.query.start_byte_for_pattern(*at)).collect();
        assert!(idle.is_empty(), "{}: patterns that begin at {idle:?} find nothing", fixture.file.display());
    }
}

/// Editors know these; another one would be passed over without a word.
#[test]
fn predicates_are_ones_that_editors_know() {
    let known = ["set!", "offset!", "strip!", "select-adjacent!"];
    for fixture in fixtures() {
        for pattern in 0..fixture.query.pattern_count() {
            for predicate in fixture.query.general_predicates(pattern) {
                assert!(known.contains(&&*predicate.operator), "{}: {}", fixture.file.display(), predicate.operator);
            }
        }
    }
}
