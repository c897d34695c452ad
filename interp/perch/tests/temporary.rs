//! `mktemp_file` and `mktemp_dir` as somebody who may not do everything.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Not an administrator, in case the tests are run by one.
const NOBODY: u32 = 65534;

/// Enough that every case has occurred often.
const TIMES: usize = 20;

struct Rig(TempDir);

impl Rig {
    /// With a program that does this; `None` if nobody else than an administrator can start perch here.
    fn new(body: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        fs::write(dir.path().join("commands.perch"), format!("command main\n  do\n{body}\n  end\nend\n")).unwrap();
        let rig = Self(dir);
        let starts = rig.perch(Path::new("/"), &["--list"]);
        if !starts.status.success() {
            eprintln!("SKIPPED: user {NOBODY} cannot start {}", env!("CARGO_BIN_EXE_perch"));
            return None;
        }
        Some(rig)
    }

    fn dir(&self, name: &str, mode: u32) -> std::path::PathBuf {
        let dir = self.0.path().join(name);
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, Permissions::from_mode(mode)).unwrap();
        dir
    }

    fn perch(&self, temporary: &Path, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        command.args(words).current_dir(self.0.path()).env_clear().env("TMPDIR", temporary);
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output().unwrap()
    }

    /// The kind of the failure of a run.
    fn fails(&self, temporary: &Path) -> String {
        let done = self.perch(temporary, &["main"]);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success(), "{said}");
        let kind = said.lines().find_map(|line| line.trim().strip_prefix("kind")).unwrap_or_default();
        kind.trim().to_owned()
    }
}

#[test]
fn what_is_made_is_its_owners_alone_and_never_the_same() {
    let body =
        "    other = mktemp_file\n    f = mktemp_file a-\n    d = mktemp_dir\n    print \"${f}\"\n    print \"${d}\"";
    let Some(rig) = Rig::new(body) else { return };
    // As such directories mostly are: everybody may put something there, and remove his own.
    let temporary = rig.dir("tmp", 0o1777);
    let mut made = BTreeSet::new();
    for _ in 0..TIMES {
        let done = rig.perch(&temporary, &["main"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let printed = String::from_utf8(done.stdout).unwrap();
        let [file, dir] = printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
        let (file_is, dir_is) = (fs::symlink_metadata(file).unwrap(), fs::symlink_metadata(dir).unwrap());
        assert!(file_is.is_file() && file_is.len() == 0 && file_is.mode() & 0o7777 == 0o600, "{file}");
        assert!(dir_is.is_dir() && fs::read_dir(dir).unwrap().count() == 0, "{dir}");
        assert_eq!(dir_is.mode() & 0o7777, 0o700, "{dir}");
        let name = |path: &str| Path::new(path).file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name(file).starts_with("a-") && name(file).len() == 26, "{file}");
        assert!(name(dir).starts_with("perch-") && Path::new(dir).parent() == Some(&temporary), "{dir}");
        assert!(made.insert(file.to_owned()) && made.insert(dir.to_owned()));
    }
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 3 * TIMES);
}

#[test]
fn a_directory_that_is_not_there_is_none_or_is_closed_has_nothing_put_in_it() {
    for op in ["mktemp_file", "mktemp_dir"] {
        let Some(rig) = Rig::new(&format!("    x = {op}")) else { return };
        let closed = rig.dir("closed", 0o555);
        let hidden = rig.dir("hidden", 0o000);
        let file = rig.0.path().join("commands.perch");
        let cases = [
            (closed.clone(), "file_permission_denied"),
            (hidden.join("below"), "file_permission_denied"),
            (rig.0.path().join("none"), "file_not_found"),
            (rig.0.path().join("none/below"), "file_not_found"),
            (file.clone(), "not_a_directory"),
            (file.join("below"), "not_a_directory"),
        ];
        for (temporary, kind) in cases {
            for _ in 0..TIMES {
                assert_eq!(rig.fails(&temporary), kind, "{op} in {}", temporary.display());
            }
        }
        assert_eq!(fs::read_dir(&closed).unwrap().count(), 0);
    }
}

/// Only an administrator can have a file system of that size.
#[test]
fn a_full_directory_takes_nothing() {
    for op in ["mktemp_file", "mktemp_dir"] {
        let Some(rig) = Rig::new(&format!("    x = {op}")) else { return };
        let full = rig.dir("full", 0o777);
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4k,nr_inodes=1,mode=1777", "none"])
            .arg(&full)
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: nothing can be mounted here");
            return;
        }
        let kinds: Vec<String> = (0..TIMES).map(|_| rig.fails(&full)).collect();
        assert!(Command::new("umount").arg(&full).status().unwrap().success());
        assert!(kinds.iter().all(|kind| kind == "io_error"), "{kinds:?}");
    }
}
