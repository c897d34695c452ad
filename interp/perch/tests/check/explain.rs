//! `perch --explain CODE`.

use crate::rig::Rig;

#[test]
fn a_code_is_explained_with_an_example_and_what_to_write() {
    let rig = Rig::new(&[]);
    let said = rig.perch(&["--explain", "glued-assignment"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.starts_with("glued-assignment (error): An assignment without blanks\n"), "{}", said.stdout);
    assert!(said.stdout.contains("\n        port=8080\n") && said.stdout.contains("\n        port = 8080\n"));
    assert!(!said.stdout.contains("```"), "{}", said.stdout);
}

#[test]
fn only_what_can_be_allowed_says_how() {
    let rig = Rig::new(&[]);
    let explained = |code: &str| rig.perch(&["--explain", code]).stdout;
    assert!(explained("named-operand").contains("# perch: allow(named-operand)"));
    assert!(!explained("glued-assignment").contains("allow("));
}

#[test]
fn an_unknown_code_is_met_with_a_suggestion() {
    let rig = Rig::new(&[]);
    let said = rig.perch(&["--explain", "glued-asignment"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert_eq!(said.stderr, "↪ there is no code `glued-asignment`\n  help  did you mean `glued-assignment`?\n");
    assert!(rig.perch(&["--explain", "xyz"]).stderr.contains("`perch help codes` lists them"));
}
