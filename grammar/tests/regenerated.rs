//! The committed parser is the one that `grammar.js` makes.

use std::path::Path;

use tree_sitter_generate::{OptLevel, generate_parser_in_directory};

const GENERATED: [&str; 6] = [
    "grammar.json",
    "node-types.json",
    "parser.c",
    "tree_sitter/alloc.h",
    "tree_sitter/array.h",
    "tree_sitter/parser.h",
];

#[test]
fn the_committed_parser_is_the_one_that_grammar_js_makes() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(here.join("grammar.js"), copy.path().join("grammar.js")).unwrap();

    let nowhere: Option<&Path> = None;
    let mut notes = Vec::new();
    let optimised = OptLevel::default();
    generate_parser_in_directory(copy.path(), nowhere, nowhere, 15, None, Some("native"), true, optimised, &mut notes)
        .unwrap();

    for file in GENERATED {
        let committed = std::fs::read(here.join("src").join(file)).unwrap();
        let made = std::fs::read(copy.path().join("src").join(file)).unwrap();
        let hint = "run `cargo run -p perch-grammar --example regenerate`";
        assert!(committed == made, "src/{file} is not what grammar.js makes; {hint}");
    }
}
