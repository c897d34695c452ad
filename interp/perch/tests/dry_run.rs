//! `--dry-run` does nothing, as the kernel sees it, and what it says of this machine holds. That it holds on the hosts of all behaviour
//! pages is tested with them.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// Some of everything that a command can do to a host.
const FILE: &str = r#"
title = "${sha256_file('conf.json')}"

command main
  description "Some of everything"
  arg mode
    type string
    default quick
    index 0
  end
  env LEVEL "${mode} ${HOME}"
  do
    print "${title} on ${hostname}, ${os}"
    text = read_file conf.json
    name = json_get "${text}" "name"
    write_file "out/${name}.txt" "new"
    append_file log.txt "more"
    touch stamp
    mkdir made/deep
    cp src/a.txt made/a.txt
    copy_dir src made/copy
    mv old.txt moved.txt
    rm gone.txt
    symlink src made/link
    make_executable run.sh
    if has_bin sh
      print "there is a shell"
    end
    if exists linked/a.txt
      print "through the link"
    end
    names = glob "src/*.txt"
    for_each names each
      print "${each}"
    end
    cache "key" 1h
      write_file out/kept "1"
    end
    set_env OTHER 1
    parallel
      write_file p1 a
      write_file p2 b
    end
    if mode == slow
      exec /bin/sh -c "exit 3"
      shell "echo started > started.txt"
      pipe
        cat conf.json
        sort
      end
    end
  end
end

command missing
  do
    text = read_file nowhere/a.txt
    print "${text}"
  end
end

command perhaps
  do
    exec ./run.sh
  end
end
"#;

struct Rig(TempDir);

impl Rig {
    fn new() -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        for dir in ["src/sub", "out", "home"] {
            fs::create_dir_all(rig.at(dir)).unwrap();
        }
        let files = [
            ("commands.perch", FILE),
            ("conf.json", r#"{"name": "demo"}"#),
            ("src/a.txt", "a"),
            ("src/sub/b.txt", "b"),
            ("old.txt", "old"),
            ("gone.txt", "gone"),
            ("log.txt", "log"),
            ("run.sh", "#!/bin/sh\nexit 0\n"),
        ];
        files.iter().for_each(|(name, text)| fs::write(rig.at(name), text).unwrap());
        fs::set_permissions(rig.at("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("src", rig.at("linked")).unwrap();
        rig
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `perch`, or what starts it, at home in the directory.
    fn ready<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let home = self.at("home");
        command.current_dir(self.0.path()).env("HOME", &home).env("TMPDIR", &home).env_remove("XDG_CACHE_HOME")
    }

    fn perch(&self, words: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        self.ready(&mut command).args(words.split(' ')).output().unwrap()
    }

    fn report(&self, words: &str) -> Value {
        serde_json::from_slice(&self.perch(words).stdout).unwrap()
    }

    /// Every path with its kind, its content or target, and when it was changed.
    fn tree(&self) -> Vec<String> {
        let (mut found, mut todo) = (Vec::new(), vec![self.0.path().to_owned()]);
        while let Some(at) = todo.pop() {
            let about = fs::symlink_metadata(&at).unwrap();
            let inside = if about.is_file() { fs::read(&at).unwrap() } else { Vec::new() };
            found.push(format!(
                "{} {:?} {:?} {inside:?}",
                at.display(),
                about.permissions(),
                about.modified().unwrap()
            ));
            if about.is_dir() {
                todo.extend(fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        found.sort();
        found
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Calls that change something, start something or send something, whatever their words.
const ACTS: [&str; 32] = [
    "mkdir",
    "mkdirat",
    "rmdir",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "truncate",
    "ftruncate",
    "utimensat",
    "mknod",
    "mknodat",
    "setxattr",
    "connect",
    "bind",
    "sendto",
    "sendmsg",
    "fork",
    "vfork",
];

/// How files are opened for something else than reading.
const FOR_WRITING: [&str; 5] = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];

/// A call of the first process or a thread of it that does more than look.
fn acts(line: &str) -> bool {
    let name = line.split('(').next().unwrap_or_default();
    let opens = matches!(name, "open" | "openat" | "openat2" | "creat");
    let starts = matches!(name, "clone" | "clone3") && !line.contains("CLONE_THREAD");
    ACTS.contains(&name) || opens && FOR_WRITING.iter().any(|flag| line.contains(flag)) || name == "creat" || starts
}

/// The calls of `perch` with these words, as `strace` has seen them.
fn traced(rig: &Rig, strace: &Path, words: &str) -> Vec<String> {
    let log = tempfile::tempdir().unwrap();
    let mut command = Command::new(strace);
    command.args(["-ff", "-q", "-e", "signal=none", "-o"]).arg(log.path().join("of")).arg(env!("CARGO_BIN_EXE_perch"));
    let output = rig.ready(&mut command).args(words.split(' ')).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", said(&output));
    let files = fs::read_dir(log.path()).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    files.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn the_kernel_sees_nothing_but_looks() {
    let dirs = std::env::var_os("PATH").unwrap();
    let Some(strace) = std::env::split_paths(&dirs).map(|dir| dir.join("strace")).find(|file| file.is_file()) else {
        eprintln!("NOT TESTED: there is no strace on PATH, so nobody has watched whether a dry run acts");
        return;
    };
    let rig = Rig::new();
    let before = rig.tree();
    for words in ["--dry-run main", "--dry-run main slow", "--dry-run missing", "--dry-run perhaps"] {
        let calls = traced(&rig, &strace, words);
        let starts = calls.iter().filter(|line| line.starts_with("execve(")).count();
        let acts: Vec<&String> = calls.iter().filter(|line| acts(line)).collect();
        assert!(starts == 1 && acts.is_empty(), "{words}: {starts} programs, {acts:#?}");
        assert!(
            calls.iter().any(|line| line.contains("nowhere") || line.contains("conf.json") || line.contains("run.sh"))
        );
    }
    assert_eq!(rig.tree(), before);
    // The witness would have noticed: a run acts.
    assert!(traced(&rig, &strace, "main").iter().any(|line| acts(line)));
}

#[test]
fn what_is_said_of_this_host_holds() {
    let rig = Rig::new();
    let before = rig.tree();
    let dry = rig.perch("--dry-run main");
    assert!(dry.status.success(), "{}", said(&dry));
    assert!(said(&dry).contains("✓ command main will succeed"), "{}", said(&dry));
    assert!(said(&dry).contains("condition exists \"linked/a.txt\" evaluates TRUE (on this host)"), "{}", said(&dry));
    assert_eq!(rig.tree(), before);
    let run = rig.perch("main");
    assert!(run.status.success(), "{}", said(&run));

    let dry = rig.perch("--dry-run missing");
    assert_eq!(dry.status.code(), Some(1));
    assert!(said(&dry).contains("does not exist (on this host)"), "{}", said(&dry));
    assert!(said(&dry).contains("1 op(s) would fail on this host"), "{}", said(&dry));
    assert_eq!(rig.perch("missing").status.code(), Some(1));
}

#[test]
fn what_a_program_will_do_is_not_known() {
    let rig = Rig::new();
    let report = rig.report("--dry-run --json perhaps");
    assert_eq!(report["on_this_host"], true);
    assert_eq!(report.pointer("/scenarios/0/commands/0/verdict").unwrap(), "MIGHT_FAIL");
    let ops = report.pointer("/scenarios/0/commands/0/ops").unwrap().as_array().unwrap();
    let exec = ops.iter().find(|op| op["op"] == "exec").unwrap();
    assert_eq!(exec["verdict"], "MIGHT_FAIL");
}

#[test]
fn secrets_are_not_shown() {
    let rig = Rig::new();
    let program = "command main\n  do\n    write_file \"none/of/${API_TOKEN}/a\" x\n    v = read_file \"${API_TOKEN}\"\n  end\nend\n";
    fs::write(rig.at("commands.perch"), program).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
    let dry = rig.ready(&mut command).env("API_TOKEN", "s3cr3t-word").args(["--dry-run", "main"]).output().unwrap();
    assert!(said(&dry).contains("${API_TOKEN}") && !said(&dry).contains("s3cr3t-word"), "{}", said(&dry));
}

#[test]
fn flags_of_the_run_are_those_of_the_dry_run() {
    let rig = Rig::new();
    let dry = rig.perch("--dry-run --no-write main");
    assert_eq!((dry.status.code(), rig.perch("--no-write main").status.code()), (Some(1), Some(1)), "{}", said(&dry));
    let behind = rig.perch("--dry-run main --no-write");
    assert_eq!(behind.stdout, dry.stdout);
}

#[test]
fn what_may_not_be_read_or_changed_is_not_promised() {
    if rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: nothing is kept from root");
        return;
    }
    let rig = Rig::new();
    fs::set_permissions(rig.at("conf.json"), fs::Permissions::from_mode(0o0)).unwrap();
    let report = rig.report("--dry-run --json main");
    assert_eq!(report.pointer("/scenarios/0/commands/0/verdict").unwrap(), "MIGHT_FAIL");
}

#[test]
fn what_watches_a_run_has_nothing_to_watch() {
    let rig = Rig::new();
    let refused = rig.perch("--dry-run --trace main");
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("with `--dry-run` nothing is run"), "{}", said(&refused));
    let refused = rig.perch("--dry-run --list");
    assert!(refused.status.code() == Some(2) && said(&refused).contains("nothing is run here"), "{}", said(&refused));
}
