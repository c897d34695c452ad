//! What is typed and what is seen, for all that stands on a command line besides commands. `UPDATE=1 cargo test -p perch --test line`
//! writes the pages anew.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../console/mod.rs"]
mod console;

#[test]
fn files_are_found() {
    console::check("line/files.md", |_| {});
}

#[test]
fn completions_are_what_the_file_declares() {
    console::check("line/completions.md", |_| {});
}

#[test]
fn lists_and_beginnings() {
    console::check("line/list.md", |_| {});
}

#[test]
fn variables_are_hidden() {
    console::check("line/env.md", |_| {});
}

#[test]
fn a_file_may_come_from_standard_input() {
    console::check("line/stdin.md", |_| {});
}

#[test]
fn runs_are_restricted() {
    console::check("line/restrictions.md", |_| {});
}

#[test]
fn what_a_program_carries_along_is_beside_it() {
    console::check("line/bundles.md", |_| {});
}

#[test]
fn hosts_are_described() {
    console::check("line/simulate.md", |_| {});
}

#[test]
fn what_may_fail_is_named() {
    console::check("line/named.md", |_| {});
}

#[test]
fn requests_are_answered_as_is_told() {
    console::check("line/answers.md", |_| {});
}

#[test]
fn addresses_are_read_as_they_would_be_dialled() {
    console::check("line/addresses.md", |_| {});
}

#[test]
fn results_are_stored() {
    console::check("line/stored.md", |_| {});
}

#[test]
fn reports_are_read_for_many_reasons() {
    console::check("line/uses.md", |_| {});
}

#[test]
fn secrets_are_not_shown() {
    console::check("line/secrets.md", |_| {});
}

#[test]
fn ops_stand_for_commands() {
    console::check("line/ops.md", |_| {});
}

#[test]
fn lines_for_the_shell_are_restricted() {
    console::check("line/shell.md", |_| {});
}

#[test]
fn tests_are_asked_for() {
    console::check("line/test.md", |_| {});
}

#[test]
fn mistakes_in_fixtures_are_met_with_a_place_and_advice() {
    console::check("line/fixtures.md", |_| {});
    assert!(console::cases("line/fixtures.md").len() >= 35);
}

/// The page of the book about simulation is what is seen.
#[test]
fn the_page_on_simulation_is_what_is_seen() {
    console::check("../../../docs/simulate.md", |_| {});
}

/// So are the pages for those who come from elsewhere, and for those who begin.
#[test]
fn the_pages_to_begin_with_are_what_is_seen() {
    for page in ["getting-started", "gallery", "tour", "errors", "from-just", "from-make", "from-shell", "sandbox"] {
        console::check(&format!("../../../docs/{page}.md"), |_| {});
    }
}

#[test]
fn every_page_has_cases() {
    for page in [
        "line/files.md",
        "line/completions.md",
        "line/list.md",
        "line/ops.md",
        "line/shell.md",
        "line/stdin.md",
        "line/test.md",
    ] {
        assert!(console::cases(page).len() > 3, "{page}");
    }
}

#[test]
fn the_library_does_what_the_overview_promises() {
    console::check("line/library.md", |_| {});
    assert!(console::cases("line/library.md").len() > 8);
}

#[test]
fn smaller_promises_are_kept() {
    console::check("line/promises.md", |_| {});
    assert!(console::cases("line/promises.md").len() > 8);
}

#[test]
fn the_screens_of_the_overview_are_what_is_seen() {
    console::check("line/screens.md", |_| {});
}

#[test]
fn corners_are_told() {
    console::check("line/corners.md", |_| {});
}
