//! Runs `test/corpus/*.txt`, which are in tree-sitter's own format: a title between lines of `=`, a
//! source, a line of `-`, and the tree that the source must have.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

struct Case {
    title: String,
    source: String,
    tree: String,
}

#[test]
fn every_source_of_the_corpus_has_the_tree_that_stands_below_it() {
    let mut ran = 0;
    for file in corpus_files() {
        for case in cases(&std::fs::read_to_string(&file).unwrap()) {
            assert_eq!(tree_of(&case.source), case.tree, "{}: {}", file.display(), case.title);
            ran += 1;
        }
    }
    assert!(ran >= 14, "only {ran} cases were found");
}

fn corpus_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test/corpus");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn cases(text: &str) -> Vec<Case> {
    let mut sections = text.split("====\n").skip(1);
    let mut cases = Vec::new();
    while let (Some(title), Some(rest)) = (sections.next(), sections.next()) {
        let (source, tree) = rest.split_once("----\n").unwrap();
        cases.push(Case { title: title.trim().to_owned(), source: source.to_owned(), tree: one_line(tree) });
    }
    cases
}

fn tree_of(source: &str) -> String {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&perch_grammar::LANGUAGE.into()).unwrap();
    one_line(&parser.parse(source, None).unwrap().root_node().to_sexp())
}

/// Trees are written over many lines for people; only the nodes count.
fn one_line(tree: &str) -> String {
    tree.split_whitespace().collect::<Vec<_>>().join(" ").replace(" )", ")")
}
