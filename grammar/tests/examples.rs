//! Whole programs parse without an error, as one text: what an editor sees.

mod common;

use std::path::{Path, PathBuf};

use common::{files, parsed};

#[test]
fn whole_programs_have_no_error_in_their_trees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples");
    let is_program = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "perch");
    let programs: Vec<_> = files(&folder).into_iter().filter(is_program).collect();
    assert!(programs.len() >= 50);
    for file in programs {
        let tree = parsed(&std::fs::read_to_string(&file).unwrap());
        assert!(!tree.root_node().has_error(), "{}: {}", file.display(), tree.root_node().to_sexp());
    }
}
