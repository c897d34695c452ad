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
fn where_a_link_on_path_leads_is_looked_at() {
    let rig = Rig::new();
    fs::create_dir(rig.at("bin")).unwrap();
    symlink("../lib/tool", rig.at("bin/tool")).unwrap();
    fs::write(
        rig.at("links.perch"),
        "command main\n  do\n    cp run.sh lib/tool\n    make_executable lib/tool\n    if has_bin tool\n      fail found\n    end\n  end\nend\n",
    )
    .unwrap();
    let on_path = |words: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        rig.ready(&mut command).env("PATH", rig.at("bin")).args(words.split(' ')).output().unwrap()
    };
    let dry = on_path("-f links.perch --dry-run main");
    assert!(said(&dry).contains("? command main might fail"), "{}", said(&dry));
    let run = on_path("-f links.perch main");
    assert!(said(&run).contains("found"), "{}", said(&run));
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

/// Hosts, what is done there, and what is said of it beforehand.
const SAID: &[(&str, &str, &str)] = &[
    // Who lists a directory goes into no other.
    (DEEP, "l = list_dir big\nassert_eq \"${l}\" m", "WILL_RUN"),
    (DEEP, "l = glob \"big/*\"\nassert_eq \"${l}\" big/m", "WILL_RUN"),
    (DEEP, "l = glob \"big/*/7/f2\"\nassert_eq \"${l}\" big/m/7/f2", "WILL_RUN"),
    // What the system tells of whoever asks is something else for the run.
    ("true", "v = read_file /proc/self/cmdline\nif contains \"${v}\" dry\nassert_eq a b\nend", "MIGHT_FAIL"),
    ("true", "v = read_file /proc/self/cmdline\nif not contains \"${v}\" dry\nassert_eq a b\nend", "MIGHT_FAIL"),
    ("true", "l = read_link /proc/self\nassert_eq \"${l}\" 1", "MIGHT_FAIL"),
    (
        "true",
        "a = read_file /proc/uptime\nsleep 20ms\nb = read_file /proc/uptime\nassert_eq \"${a}\" \"${b}\"",
        "MIGHT_FAIL",
    ),
    // Names that are no text.
    ("touch \"$(printf 'src/\\377')\"", "l = list_dir src", "WILL_FAIL"),
    ("touch \"$(printf 'src/\\377')\"", "mv src e\nl = list_dir e", "WILL_FAIL"),
    ("touch \"$(printf 'src/\\377')\"", "l = list_dir .", "WILL_RUN"),
    ("touch \"$(printf 'src/\\377')\"", "rm src\nmkdir src\nl = list_dir src\nassert_eq \"${l}\" \"\"", "WILL_RUN"),
    ("ln -s \"$(printf '\\377')\" l", "t = read_link l", "MIGHT_FAIL"),
    ("ln -s \"$(printf '\\377')\" l", "if exists src\nprint a\nend", "WILL_RUN"),
    // What is neither file, directory nor link.
    ("true", "write_file /dev/null x\nv = read_file /dev/null\nassert_eq \"${v}\" \"\"", "WILL_RUN"),
    ("true", "cp /dev/null z\nv = read_file z\nassert_eq \"${v}\" \"\"", "WILL_RUN"),
    ("true", "if not exists /dev/null\nassert_eq a b\nend", "WILL_RUN"),
    ("mkfifo p", "if not is_file p\nassert_eq a b\nend", "WILL_RUN"),
    ("mkfifo p", "l = list_dir src\nrm p", "WILL_RUN"),
    ("true", "try\nv = read_file socket\nrescue\nassert_eq \"${err.kind}\" io_error\nend", "MIGHT_FAIL"),
    ("true", "if not exists socket\nassert_eq a b\nend", "WILL_RUN"),
    ("true", "rm socket", "WILL_RUN"),
    ("true", "rm /dev/full", "WILL_FAIL"),
    ("true", "mv src/a.txt /dev/full", "WILL_FAIL"),
    ("true", "try\nsymlink x /dev/full\nrescue\nassert_eq \"${err.kind}\" io_error\nend", "WILL_RUN"),
    // What has taken the place of a device is none.
    ("mkdir d; mknod d/n c 1 3 || touch d/n", "rm d\nmkdir d\nwrite_file d/n x\nrm d/n", "WILL_RUN"),
    ("true", "write_file /dev/full x", "MIGHT_FAIL"),
    ("true", "write_file /proc/x x", "MIGHT_FAIL"),
    // What the system refuses for its length.
    ("true", "p = repeat d 5000\nsymlink \"${p}\" l", "MIGHT_FAIL"),
    ("true", "p = repeat d 4000\nsymlink \"${p}\" l", "WILL_RUN"),
    // What is added to or packed is looked at.
    ("true", "append_file src/a.txt more\nv = read_file src/a.txt\nassert_eq \"${v}\" amore", "WILL_RUN"),
    ("true", "tar_create src t.tgz\ntar_extract t.tgz o\nv = read_file o/sub/b.txt\nassert_eq \"${v}\" b", "WILL_RUN"),
    ("true", "zip_create src t.zip\nzip_extract t.zip o\nv = read_file o/a.txt\nassert_eq \"${v}\" a", "WILL_RUN"),
    ("true", "copy_dir src o\nv = read_file o/sub/b.txt\nassert_eq \"${v}\" b", "WILL_RUN"),
    // Names that are made up are like others.
    ("true", "t = mktemp_dir\nwrite_file \"${t}/a\" 1\nl = glob \"${t}/*\"\nassert_eq \"${l}\" \"${t}/a\"", "WILL_RUN"),
    (
        "true",
        "f = mktemp_file\nwrite_file \"${f}.json\" 1\nv = read_file \"${f}.json\"\nassert_eq \"${v}\" 1",
        "WILL_RUN",
    ),
];

/// A directory with a great many entries beneath.
const DEEP: &str = "for i in $(seq 50); do mkdir -p big/m/$i; for j in $(seq 10); do touch big/m/$i/f$j; done; done";

#[test]
fn what_is_said_is_what_can_be_known_and_is_not_contradicted() {
    let mut wrong = Vec::new();
    for (prepared, body, verdict) in SAID {
        let rig = Rig::new();
        let done = Command::new("sh").args(["-c", prepared]).current_dir(rig.0.path()).status().unwrap();
        assert!(done.success(), "{prepared}");
        let _socket = std::os::unix::net::UnixListener::bind(rig.at("socket")).unwrap();
        fs::write(rig.at("commands.perch"), format!("command main\n  do\n{body}\n  end\nend\n")).unwrap();
        let report = rig.report("--dry-run --json main");
        let said = report.pointer("/scenarios/0/commands/0/verdict").and_then(Value::as_str).unwrap_or_default();
        let succeeds = rig.perch("main").status.success();
        if said != *verdict || said == "WILL_RUN" && !succeeds || said == "WILL_FAIL" && succeeds {
            let reasons = report.pointer("/scenarios/0/commands/0/ops").unwrap();
            wrong.push(format!("{prepared}: {body}: {said} in place of {verdict}; succeeds: {succeeds}; {reasons:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_may_not_be_looked_at_is_taken_for_no_link_and_that_is_told() {
    let rig = Rig::new();
    symlink("src", rig.at("b")).unwrap();
    let told = |body: &str| {
        fs::write(rig.at("commands.perch"), format!("command main\n  do\n{body}\n  end\nend\n")).unwrap();
        said(&rig.perch("--dry-run --allow-read=src main"))
            .contains("nothing that the run may not look at is a symbolic link, or closed to whoever runs this")
    };
    assert!(told("write_file b/f 1"));
    assert!(told("with_cwd b\nwrite_file f 1\nend"));
    assert!(!told("write_file src/f 1"));
    assert!(!told("if exists b/f\nprint there\nend"));
    assert!(!told("write_file src/f 1\nmkdir src/d\nwith_cwd src/d\nwrite_file f 1\nend"));
}

#[test]
fn the_day_is_known_and_that_it_stays_is_told() {
    let rig = Rig::new();
    let text = "command main\n  do\n    mkdir \"of/${now(date)}\"\n    write_file \"of/${now('%Y-%m-%d')}/a\" 1\n  end\nend\n\
                command later\n  do\n    t = now \"%H%M%S\"\n    mkdir \"of/${t}\"\n  end\nend\n";
    fs::write(rig.at("commands.perch"), text).unwrap();
    let day = perch_system::now();
    let told = said(&rig.perch("--dry-run main"));
    assert!(told.contains("✓ command main will succeed"), "{told}");
    assert!(told.contains(&format!("the run begins and ends on {}\n", &day[..10])), "{told}");
    assert!(rig.perch("main").status.success());
    let later = said(&rig.perch("--dry-run later"));
    assert!(
        later.contains("✓ command later will succeed") && later.contains("a name in a path that is made of the time"),
        "{later}"
    );
}

#[test]
fn a_long_command_is_known_to_its_end() {
    let rig = Rig::new();
    let mut body = String::new();
    for number in 0..200 {
        fs::write(rig.at(&format!("f{number}")), "a").unwrap();
        body.push_str(&format!("v = read_file f{number}\nwrite_file f{number} \"${{v}}x\"\n"));
    }
    fs::write(rig.at("commands.perch"), format!("command main\n  do\n{body}  end\nend\n")).unwrap();
    let report = rig.report("--dry-run --json main");
    assert_eq!(report.pointer("/scenarios/0/commands/0/verdict").unwrap(), "WILL_RUN");
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

/// Where a link leads is looked up even if the op fails by what is known without it: a run goes the ways first.
#[test]
fn links_are_found_where_something_else_decides() {
    let rig = Rig::new();
    let program = "command main\n  do\n    try\n      gzip . loop\n    rescue\n      assert_eq \"${err.kind}\" io_error\n    end\n    try\n      tar_extract . out\n    rescue\n      print \"${err.kind}\"\n    end\n  end\nend\n";
    fs::write(rig.at("commands.perch"), program).unwrap();
    symlink("loop", rig.at("loop")).unwrap();
    let report = rig.report("--dry-run --json main");
    assert_eq!(report.pointer("/scenarios/0/commands/0/verdict").unwrap(), "WILL_RUN", "{report:#}");
    let real = rig.perch("main");
    assert_eq!(real.status.code(), Some(0), "{}", said(&real));
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
