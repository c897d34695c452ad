//! What a beginner gets wrong, and what perch says: the message names the mistake, points at it, and says what to write instead.
//!
//! Whoever changes a message reads it here with the eyes of somebody who has never seen perch. How a page is read: `tests/console`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(unix)]

#[path = "../console/mod.rs"]
mod console;

const PAGES: [&str; 10] = [
    "mistakes/arguments.md",
    "mistakes/bindings.md",
    "mistakes/blocks.md",
    "mistakes/characters.md",
    "mistakes/command_line.md",
    "mistakes/conditions.md",
    "mistakes/languages.md",
    "mistakes/ops.md",
    "mistakes/runners.md",
    "mistakes/shell.md",
];

#[test]
fn mistakes_are_met_with_the_words_of_the_pages() {
    PAGES.iter().for_each(|page| console::check(page, |_| {}));
    let cases: usize = PAGES.iter().map(|page| console::cases(page).len()).sum();
    assert!(cases >= 150, "only {cases} mistakes");
}
