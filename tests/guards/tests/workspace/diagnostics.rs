//! `docs/diagnostics.md` is what the pages say. `UPDATE=1 cargo test -p perch-guards diagnostics` writes it anew.

use perch_check::Page;
use perch_guards::{read, root};
use perch_syntax::Code;

const PAGE: &str = "docs/diagnostics.md";

const HEAD: &str = "# Diagnostics

Everything that `perch --check` can say, by code. Made from the pages in `analysis/check/pages`; do not edit it here:
`UPDATE=1 cargo test -p perch-guards diagnostics` writes it anew. `perch --explain CODE` prints one of them.

An **error** stops what holds it, or is certain to make it fail. A **warning** is about something that can run and probably does not mean what it
says; [the specification](spec/check.md) says how to allow one. Codes are stable: none is ever given another meaning.

";

fn book() -> String {
    let sections: Vec<String> = Code::ALL.iter().map(|code| Page::of(*code).markdown()).collect();
    HEAD.to_owned() + &sections.join("\n")
}

#[test]
fn the_book_of_diagnostics_is_what_the_pages_say() {
    let book = book();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(root().join(PAGE), &book).unwrap();
    }
    assert!(
        read(PAGE) == book,
        "{PAGE} is not what the pages say; `UPDATE=1 cargo test -p perch-guards diagnostics` writes it anew"
    );
}
