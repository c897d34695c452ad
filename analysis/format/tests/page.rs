//! The example in `docs/formatting.md` is what comes out.

const PAGE: &str = include_str!("../../../docs/formatting.md");

/// The only block of that kind.
fn block(kind: &str) -> &str {
    let start = format!("```{kind}\n");
    let (_, rest) = PAGE.split_once(&start).unwrap_or_else(|| panic!("no block {kind}"));
    rest.split_once("```").map(|(block, _)| block).unwrap_or_default()
}

#[test]
fn the_example_is_what_comes_out() {
    let neat = block("perch");
    assert_eq!(perch_format::format(block("perch-messy")).as_deref(), Ok(neat));
    assert_eq!(perch_format::format(neat).as_deref(), Ok(neat));
}
