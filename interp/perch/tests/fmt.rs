//! `perch fmt` from the outside: what it does to files, what it says, and how it ends. What the layout is: `analysis/format/tests`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const MESSY: &str = "let x = 1\r\ncommand main\ndo\n  print   a # b\nend\nend";
const NEAT: &str = "x = 1\n\ncommand main\n  do\n    print a  # b\n  end\nend\n";
const BROKEN: &str = "command main\n  do\n    if x\n  end\nend\n";

struct Rig(TempDir);

#[derive(Debug, PartialEq, Eq)]
struct Said {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Rig {
    fn with(files: &[(&str, &str)]) -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| fs::write(rig.path(name), text).unwrap());
        rig
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        command.args(words).current_dir(self.0.path());
        command
    }

    /// With nothing on standard input.
    fn perch(&self, words: &[&str]) -> Said {
        Said::from(self.command(words).stdin(Stdio::null()).output().unwrap())
    }

    fn piped(&self, words: &[&str], text: &str) -> Said {
        let mut command = self.command(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Said::from(child.wait_with_output().unwrap())
    }
}

impl From<Output> for Said {
    fn from(done: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { status: done.status.code().unwrap(), stdout: text(done.stdout), stderr: text(done.stderr) }
    }
}

fn silent(status: i32) -> Said {
    Said { status, stdout: String::new(), stderr: String::new() }
}

#[test]
fn files_are_written_anew_and_nothing_is_said() {
    let rig = Rig::with(&[("a.perch", MESSY), ("b.perch", MESSY), ("c.perch", MESSY)]);
    assert_eq!(rig.perch(&["fmt", "a.perch", "b.perch"]), silent(0));
    assert_eq!([rig.text("a.perch"), rig.text("b.perch"), rig.text("c.perch")], [NEAT, NEAT, MESSY]);
}

#[test]
fn a_file_may_be_named_as_for_other_commands() {
    for words in [["-f", "a.perch", "fmt"], ["fmt", "-f", "a.perch"]] {
        let rig = Rig::with(&[("a.perch", MESSY)]);
        assert_eq!((rig.perch(&words), rig.text("a.perch")), (silent(0), NEAT.to_owned()));
    }
}

#[test]
fn without_a_name_it_is_the_file_that_perch_would_use() {
    let rig = Rig::with(&[("commands.perch", MESSY), ("other.perch", MESSY)]);
    assert_eq!(rig.perch(&["fmt"]), silent(0));
    assert_eq!([rig.text("commands.perch"), rig.text("other.perch")], [NEAT, MESSY]);
    assert_eq!(rig.perch(&["-f", "other.perch", "fmt"]), silent(0));
    assert_eq!(rig.text("other.perch"), NEAT);
}

#[test]
fn a_file_is_replaced_as_a_whole_and_keeps_its_mode_and_its_links() {
    let rig = Rig::with(&[("real.perch", MESSY)]);
    fs::set_permissions(rig.path("real.perch"), Permissions::from_mode(0o754)).unwrap();
    symlink("real.perch", rig.path("link.perch")).unwrap();
    let before = fs::metadata(rig.path("real.perch")).unwrap();
    assert_eq!(rig.perch(&["fmt", "link.perch"]), silent(0));
    let after = fs::metadata(rig.path("real.perch")).unwrap();
    assert_eq!(rig.text("real.perch"), NEAT);
    assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
    assert_ne!(after.ino(), before.ino(), "it was written in place");
    assert!(fs::symlink_metadata(rig.path("link.perch")).unwrap().is_symlink());
    assert_eq!(fs::read_dir(rig.0.path()).unwrap().count(), 2, "something was left behind");
}

#[test]
fn a_file_that_is_laid_out_already_is_not_touched() {
    let rig = Rig::with(&[("a.perch", NEAT)]);
    let before = fs::metadata(rig.path("a.perch")).unwrap();
    assert_eq!(rig.perch(&["fmt", "a.perch"]), silent(0));
    let after = fs::metadata(rig.path("a.perch")).unwrap();
    assert_eq!((after.ino(), after.modified().unwrap()), (before.ino(), before.modified().unwrap()));
}

#[test]
fn a_file_that_is_marked_as_read_only_stays_as_it_is() {
    let rig = Rig::with(&[("a.perch", MESSY)]);
    fs::set_permissions(rig.path("a.perch"), Permissions::from_mode(0o444)).unwrap();
    let said = rig.perch(&["fmt", "a.perch"]);
    assert_eq!((said.status, rig.text("a.perch").as_str()), (2, MESSY));
    assert_eq!(said.stderr, "↪ cannot write `a.perch`: it is marked as read-only\n  help  the file is as it was\n");
}

#[test]
fn check_names_what_would_change_and_changes_nothing() {
    let rig = Rig::with(&[("a.perch", MESSY), ("b.perch", NEAT), ("c.perch", MESSY)]);
    let said = rig.perch(&["fmt", "--check", "a.perch", "b.perch", "c.perch"]);
    assert_eq!(said, Said { stdout: "a.perch\nc.perch\n".to_owned(), ..silent(1) });
    assert_eq!(rig.text("a.perch"), MESSY);
    assert_eq!(rig.perch(&["fmt", "--check", "b.perch"]), silent(0));
}

#[test]
fn diff_shows_what_would_change_and_changes_nothing() {
    let rig = Rig::with(&[("a.perch", "a = 1\nlet b = 2\nc = 3\n"), ("b.perch", NEAT)]);
    let shown = "--- a.perch\n+++ a.perch\n@@ -1,3 +1,3 @@\n a = 1\n-let b = 2\n+b = 2\n c = 3\n";
    let said = rig.perch(&["fmt", "--diff", "a.perch", "b.perch"]);
    assert_eq!(said, Said { stdout: shown.to_owned(), ..silent(0) });
    assert_eq!(rig.perch(&["fmt", "--diff", "--check", "a.perch"]), Said { stdout: shown.to_owned(), ..silent(1) });
    assert_eq!(rig.text("a.perch"), "a = 1\nlet b = 2\nc = 3\n");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let rig = Rig::with(&[("commands.perch", MESSY)]);
    let laid_out = Said { stdout: NEAT.to_owned(), ..silent(0) };
    assert_eq!(rig.piped(&["fmt"], MESSY), laid_out);
    assert_eq!(rig.piped(&["fmt", "-"], NEAT), laid_out);
    assert_eq!(rig.piped(&["fmt", "--check", "-"], MESSY), Said { stdout: "<stdin>\n".to_owned(), ..silent(1) });
    assert_eq!(rig.piped(&["fmt", "-"], ""), silent(0));
    assert_eq!(rig.text("commands.perch"), MESSY);
}

/// A pipe that holds nothing must not pass for a file that needs no change.
#[test]
fn an_empty_pipe_is_no_file() {
    let said = Rig::with(&[("commands.perch", MESSY)]).piped(&["fmt", "--check"], "");
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.starts_with("↪ standard input is empty, and no file is named\n"), "{}", said.stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone_with_its_mistakes() {
    let rig = Rig::with(&[("bad.perch", BROKEN), ("good.perch", MESSY)]);
    let said = rig.perch(&["fmt", "bad.perch", "none.perch", "good.perch"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(
        said.stderr.contains("this `if` is never closed") && said.stderr.contains("bad.perch:3:5"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains("bad.perch: left as it is, since it cannot be read\n"), "{}", said.stderr);
    assert!(said.stderr.contains("↪ `none.perch` cannot be read: No such file"), "{}", said.stderr);
    assert_eq!([rig.text("bad.perch"), rig.text("good.perch")], [BROKEN, NEAT]);
    // It is not a file that would change, whatever else would.
    assert_eq!(rig.perch(&["fmt", "--check", "bad.perch"]).status, 2);
    assert_eq!(rig.piped(&["fmt"], BROKEN).status, 2);
}

#[test]
fn what_it_does_not_know_is_told() {
    let rig = Rig::with(&[("commands.perch", MESSY)]);
    let said = rig.perch(&["fmt", "--chek"]);
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (2, "↪ `perch fmt` has no flag `--chek`\n  help  did you mean `--check`?\n")
    );
    let said = rig.perch(&["--no-write", "fmt"]);
    assert!(said.status == 2 && said.stderr.starts_with("↪ restrictions are for commands"), "{said:?}");
    assert_eq!(rig.text("commands.perch"), MESSY);
}
