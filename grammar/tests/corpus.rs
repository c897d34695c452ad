//! Every source of the corpus has the tree that stands below it.

mod common;

use common::{cases, corpus, files, parsed, shown};

#[test]
fn every_source_of_the_corpus_has_the_tree_that_stands_below_it() {
    let mut ran = 0;
    let mut wrong = Vec::new();
    for file in files(&corpus()) {
        for case in cases(&file) {
            let tree = shown(&parsed(&case.source));
            if tree != case.tree {
                wrong.push(format!("{}: {}\n{tree}", file.display(), case.title));
            }
            ran += 1;
        }
    }
    let hint = "if these trees are right, run `cargo run -p perch-grammar --example corpus`";
    assert!(wrong.is_empty(), "{}\n{hint}", wrong.join("\n\n"));
    assert!(ran >= 120, "only {ran} cases were found");
}
