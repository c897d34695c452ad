//! `tests/claims/*.md` name tests, and those carry the claims: as `O-011` in a page or a list, or as `o_011_` in the name of a function.

use std::collections::BTreeSet;

use perch_guards::{documents, files, read};

/// A row of a list.
struct Claim {
    id: String,
    shown: String,
    test: String,
}

fn claims(list: &str) -> Vec<Claim> {
    let page = read(list);
    let rows = documents::prose(&page).filter(|line| line.starts_with("| ") && !line.starts_with("| id "));
    let row = |row: &str| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, claim, shown, test] = cells.as_slice() else { panic!("{list}: {row}") };
        assert!(is_id(id) && !claim.is_empty(), "{list}: {row}");
        Claim { id: (*id).to_owned(), shown: (*shown).to_owned(), test: test.trim_matches('`').to_owned() }
    };
    rows.map(row).collect()
}

/// `O-011`
fn is_id(word: &str) -> bool {
    let digits = word.strip_prefix(|letter: char| letter.is_ascii_uppercase()).and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The ids that a test carries.
fn carried(file: &str) -> BTreeSet<String> {
    let text = read(file);
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '-').filter(|word| is_id(word));
    let mut found: BTreeSet<String> = words.map(str::to_owned).collect();
    let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("fn "));
    for name in names {
        let parts: Vec<&str> = name.split('_').collect();
        let ids = parts.windows(2).map(|pair| format!("{}-{}", pair[0].to_uppercase(), pair[1]));
        found.extend(ids.filter(|id| is_id(id)));
    }
    found
}

#[test]
fn every_claim_of_a_list_is_carried_by_its_test() {
    let mut seen = 0;
    for list in files("tests/claims", "md") {
        let mut ids = BTreeSet::new();
        for Claim { id, shown, test } in claims(&list) {
            assert!(matches!(shown.as_str(), "whole" | "form"), "{list}: {id} is shown `{shown}`");
            assert!(carried(&test).contains(&id), "{list}: {test} does not carry {id}");
            assert!(ids.insert(id.clone()), "{list}: {id} is there twice");
            seen += 1;
        }
    }
    assert!(seen >= 70, "only {seen} claims were found");
}

/// A page that claims something which no list has would be found by nobody.
#[test]
fn every_claim_that_a_page_carries_is_in_a_list() {
    let listed: BTreeSet<String> =
        files("tests/claims", "md").iter().flat_map(|list| claims(list)).map(|claim| claim.id).collect();
    let run = read("analysis/ir/tests/programs/pages.rs");
    for page in files("analysis/ir/tests/pages", "md") {
        let name = page.rsplit('/').next().unwrap_or_default();
        assert!(run.contains(&format!("include_str!(\"../pages/{name}\")")), "{page} is not run");
        let missing: Vec<_> = carried(&page).into_iter().filter(|id| !listed.contains(id)).collect();
        assert!(missing.is_empty(), "{page}: {missing:?} are in no list of tests/claims");
    }
}

#[test]
fn the_guard_would_notice() {
    assert!(is_id("O-011") && !is_id("O-11") && !is_id("o-011") && !is_id("SHA-256"));
    assert!(!carried("tests/claims/syntax.md").contains("O-999"));
}
