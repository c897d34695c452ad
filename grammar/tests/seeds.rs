//! Whole programs parse without an error, as one text: what an editor sees.

mod common;

use std::path::Path;

use common::{files, parsed};

#[test]
fn whole_programs_have_no_error_in_their_trees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/seeds");
    let programs = files(&folder);
    assert!(programs.len() >= 26);
    for file in programs {
        let tree = parsed(&std::fs::read_to_string(&file).unwrap());
        assert!(!tree.root_node().has_error(), "{}: {}", file.display(), tree.root_node().to_sexp());
    }
}
