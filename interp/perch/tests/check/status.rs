//! Exit statuses, and what is said of words that make no sense.

use crate::rig::{BROKEN, CLEAN, DOUBTFUL, Rig};

fn rig() -> Rig {
    Rig::new(&[("clean.perch", CLEAN), ("doubtful.perch", DOUBTFUL), ("broken.perch", BROKEN)])
}

#[test]
fn mistakes_fail_a_check_and_warnings_only_if_they_are_denied() {
    let rig = rig();
    assert_eq!(rig.status(&["clean.perch"]), 0);
    assert_eq!(rig.status(&["doubtful.perch"]), 0);
    assert_eq!(rig.status(&["broken.perch"]), 1);
    assert_eq!(rig.status(&["--deny", "warnings", "doubtful.perch"]), 1);
    assert_eq!(rig.status(&["--deny=warnings", "clean.perch"]), 0);
}

#[test]
fn several_files_are_checked_wherever_they_stand() {
    let rig = rig();
    assert_eq!(rig.status(&["clean.perch", "broken.perch"]), 1);
    assert_eq!(rig.status(&["clean.perch", "doubtful.perch", "--format", "json"]), 0);
    assert_eq!(rig.status(&["--format", "json", "clean.perch", "broken.perch"]), 1);
    assert_eq!(rig.perch(&["-f", "broken.perch", "--check"]).status, 1);
    assert_eq!(rig.perch(&["-f", "clean.perch", "--check", "broken.perch"]).status, 1);
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_others_are_checked() {
    let rig = rig();
    let said = rig.perch(&["--check", "none.perch", "broken.perch"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("↪ there is no file `none.perch`"), "{}", said.stderr);
    assert!(said.stderr.contains("✗ broken.perch: 2 errors"), "{}", said.stderr);
    assert_eq!(rig.perch(&["--check"]).status, 2, "there is no commands.perch");
}

#[test]
fn a_file_without_commands_is_told_and_fails_nothing() {
    let texts = [("empty.perch", ""), ("comment.perch", "# nothing yet\n"), ("clean.perch", CLEAN)];
    let rig = Rig::new(&[&texts[..], &[("all.perch", "import ./clean.perch\n"), ("names.perch", "a = b\n")]].concat());
    for file in ["empty.perch", "comment.perch"] {
        let said = rig.perch(&["--check", file]);
        let expected = format!("⚠ {file}: no commands, so there was nothing to check\n");
        assert_eq!((said.status, said.stderr), (0, expected));
        assert_eq!(rig.status(&["--deny", "warnings", file]), 0);
    }
    for file in ["all.perch", "names.perch"] {
        assert!(!rig.perch(&["--check", file]).stderr.contains("nothing to check"), "{file}");
    }
}

#[test]
fn validate_is_another_word_for_check() {
    let rig = rig();
    let [check, validate] = ["--check", "--validate"].map(|flag| rig.perch(&[flag, "broken.perch"]));
    assert_eq!((check.status, check.stderr), (validate.status, validate.stderr));
}

#[test]
fn json_is_another_word_for_a_format() {
    let rig = rig();
    assert_eq!(rig.checked(&["--json", "broken.perch"]), rig.checked(&["--format", "json", "broken.perch"]));
}

#[test]
fn words_that_make_no_sense_are_refused_with_advice() {
    let rig = rig();
    for (words, message, help) in [
        (&["--check", "--format", "jsn", "clean.perch"][..], "`jsn` is no value of `--format`", "did you mean `json`?"),
        (&["--check", "--format", "dot", "clean.perch"], "`dot` is no value of `--format`", "it takes `human`"),
        (&["--check", "--deny", "errors", "clean.perch"], "`errors` is no value of `--deny`", "it takes `warnings`"),
        (&["--check", "--json", "--format", "sarif", "clean.perch"], "`--json` and `--format` differ", "give one"),
        (
            &["--format", "json", "main"],
            "`--format` says how findings, a graph, the list or a dry run are written",
            "add `--check`",
        ),
        (&["--deny", "warnings", "main"], "`--deny` says which findings fail a check", "perch --check --deny"),
        (&["--check", "--json", "--trace", "clean.perch"], "nothing is run here", "perch --trace COMMAND"),
    ] {
        let said = rig.perch(words);
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{words:?}");
        assert!(said.stderr.contains(message) && said.stderr.contains(help), "{words:?}: {}", said.stderr);
    }
}
