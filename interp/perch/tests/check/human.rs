//! What people read.

use crate::rig::{BROKEN, CLEAN, DOUBTFUL, Rig};

#[test]
fn the_last_line_sums_up() {
    let rig = Rig::new(&[("clean.perch", CLEAN), ("doubtful.perch", DOUBTFUL), ("broken.perch", BROKEN)]);
    let last = |words: &[&str]| {
        let said = rig.perch(&[&["--check"], words].concat());
        assert_eq!(said.stdout, "");
        said.stderr.lines().last().unwrap().to_owned()
    };
    assert_eq!(last(&["clean.perch"]), "✓ clean.perch: 1 command, 1 binding — no findings");
    assert_eq!(last(&["doubtful.perch"]), "✓ doubtful.perch: 1 command — 1 warning");
    assert_eq!(last(&["--deny", "warnings", "doubtful.perch"]), "✗ doubtful.perch: 1 command — 1 warning");
    assert_eq!(last(&["broken.perch"]), "✗ broken.perch: 2 errors, 0 warnings");
    assert_eq!(last(&["clean.perch", "broken.perch", "doubtful.perch"]), "✗ 3 files: 2 errors, 1 warning");
}

#[test]
fn every_place_is_marked_and_says_what_it_is() {
    let rig = Rig::new(&[("broken.perch", BROKEN)]);
    let said = rig.perch(&["--check", "broken.perch"]).stderr;
    assert!(said.contains("broken.perch:4:15"), "{said}");
    assert!(said.contains("duplicate-command at broken.perch:8:1"), "{said}");
    assert!(said.contains("the file already has a command `main`") && said.contains("the first one"), "{said}");
    assert!(!said.contains('\u{1b}'), "colours are for terminals: {said:?}");
}

#[test]
fn a_place_in_another_file_is_named() {
    let rig = Rig::new(&[("lib.perch", CLEAN), ("main.perch", &format!("import ./lib.perch\n{CLEAN}"))]);
    let said = rig.perch(&["--check", "main.perch"]).stderr;
    assert!(said.contains("main.perch:1:1") && said.contains("duplicate-command"), "{said}");
    assert!(said.contains("the first one"), "{said}");
}

#[test]
fn what_two_programs_import_is_told_once() {
    let importing =
        "import ./lib.perch as lib\n\ncommand main\n  description \"Say\"\n  do\n    lib.main\n  end\nend\n";
    let rig = Rig::new(&[("lib.perch", DOUBTFUL), ("a.perch", importing), ("b.perch", importing)]);
    let said = rig.perch(&["--check", "a.perch", "b.perch"]).stderr;
    assert_eq!(said.matches("named-operand").count(), 1, "{said}");
}
