//! What ops do to files and directories, done by somebody who may not do everything: each op to each sort of thing, as often as it takes to
//! believe it, against what the specification says comes of it (`docs/spec/ops.md`).
//!
//! A made-up tree is a directory with other things in it, and one thing that the op is about. One run of perch goes through many of
//! them and tells how each try has ended; what stands there afterwards is looked at from outside.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use perch_ops::{Group, Touch, catalogue};
use tempfile::TempDir;

/// Not an administrator, in case the tests are run by one.
const NOBODY: u32 = 65534;

/// So often each op must have met each thing.
const TIMES: usize = 20;

/// What stands where the op goes, and which path it is given.
const THINGS: &[(&str, &str)] = &[
    ("absent", "x"),
    ("file", "x"),
    ("directory", "x"),
    ("non-empty", "x"),
    ("link", "x"),
    ("link to a directory", "x"),
    ("dangling", "x"),
    ("loop", "x"),
    ("unreadable", "x"),
    ("nested", "none/x"),
    ("behind a file", "f/x"),
    ("read-only", "shut/x"),
    ("full", "x"),
];

/// What an op does to each of these things, in their order: `ok`, or the kind of the failure; nothing where it is not tried. `@x` stands for the
/// path, `@t` for the tree.
struct Row {
    statement: &'static str,
    ends: [&'static str; 13],
    /// Whether what stands in the tree, and at the path, is what a success leaves.
    leaves: fn(&Path, &Path) -> bool,
}

/// What is read from a full device never ends.
const UNTRIED: &str = "";

const OK: &str = "ok";
const GONE: &str = "file_not_found";
const DIR: &str = "is_a_directory";
const FILE: &str = "not_a_directory";
const SHUT: &str = "file_permission_denied";
const IO: &str = "io_error";
const SAME: &str = "invalid_argument";

const ROWS: &[Row] = &[
    Row {
        statement: "write_file @x \"two\"",
        ends: [OK, OK, DIR, DIR, OK, DIR, OK, IO, SHUT, GONE, FILE, SHUT, IO],
        leaves: |_, x| is_text(x, "two"),
    },
    Row {
        statement: "append_file @x \"two\"",
        ends: [OK, OK, DIR, DIR, OK, DIR, OK, IO, SHUT, GONE, FILE, SHUT, IO],
        leaves: |_, x| ends_with(x, "two"),
    },
    Row {
        statement: "append_line @x two",
        ends: [OK, OK, DIR, DIR, OK, DIR, OK, IO, SHUT, GONE, FILE, SHUT, UNTRIED],
        leaves: |_, x| ends_with(x, "two\n"),
    },
    Row {
        statement: "y = ensure_line_in_file @x two",
        ends: [OK, OK, DIR, DIR, OK, DIR, OK, IO, SHUT, GONE, FILE, SHUT, UNTRIED],
        leaves: |_, x| ends_with(x, "two\n"),
    },
    Row {
        statement: "replace_in_file @x one three",
        ends: [GONE, OK, DIR, DIR, OK, DIR, GONE, IO, SHUT, GONE, FILE, GONE, UNTRIED],
        leaves: |_, x| is_text(x, "three\n"),
    },
    Row {
        statement: "y = backup_file @x",
        ends: [GONE, OK, DIR, DIR, OK, DIR, GONE, IO, SHUT, GONE, FILE, GONE, UNTRIED],
        leaves: |_, x| is_text(&x.with_extension("bak"), "one\n"),
    },
    Row {
        statement: "mkdir @x",
        ends: [OK, FILE, OK, OK, FILE, OK, OK, IO, FILE, OK, FILE, SHUT, FILE],
        leaves: |_, x| x.is_dir(),
    },
    Row {
        statement: "y = ensure_dir @x",
        ends: [OK, FILE, OK, OK, FILE, OK, OK, IO, FILE, OK, FILE, SHUT, FILE],
        leaves: |_, x| x.is_dir(),
    },
    Row {
        statement: "rm @x",
        ends: [OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, OK],
        leaves: |_, x| fs::symlink_metadata(x).is_err(),
    },
    Row {
        statement: "cp @x @t/new",
        ends: [GONE, OK, DIR, DIR, OK, DIR, GONE, IO, SHUT, GONE, FILE, GONE, UNTRIED],
        leaves: |t, _| is_text(&t.join("new"), "one\n"),
    },
    Row {
        statement: "cp @t/f @x",
        ends: [OK, OK, OK, OK, SAME, OK, OK, IO, SHUT, OK, FILE, SHUT, IO],
        leaves: |_, x| is_text(x, "one\n") || is_text(&x.join("f"), "one\n"),
    },
    Row {
        statement: "mv @x @t/new",
        ends: [GONE, OK, OK, OK, OK, OK, OK, OK, OK, GONE, FILE, GONE, OK],
        leaves: |t, x| fs::symlink_metadata(x).is_err() && fs::symlink_metadata(t.join("new")).is_ok(),
    },
    Row {
        statement: "mv @t/g @x",
        ends: [OK, OK, DIR, DIR, OK, OK, OK, OK, OK, GONE, FILE, SHUT, OK],
        leaves: |t, x| is_text(x, "three\n") && !t.join("g").exists(),
    },
    Row {
        statement: "copy_dir @x @t/new",
        ends: [GONE, FILE, OK, OK, FILE, OK, GONE, IO, FILE, GONE, FILE, GONE, FILE],
        leaves: |t, _| t.join("new").is_dir(),
    },
    Row {
        statement: "copy_dir @t/s @x",
        ends: [OK, FILE, OK, OK, FILE, OK, OK, IO, FILE, OK, FILE, SHUT, FILE],
        leaves: |_, x| is_text(&x.join("y"), "three\n"),
    },
    Row {
        statement: "symlink f @x",
        ends: [OK, OK, DIR, DIR, OK, OK, OK, OK, OK, GONE, FILE, SHUT, OK],
        leaves: |_, x| fs::read_link(x).is_ok_and(|to| to == Path::new("f")),
    },
    Row {
        statement: "chmod @x 0640",
        ends: [GONE, OK, OK, OK, OK, OK, GONE, IO, OK, GONE, FILE, GONE, SHUT],
        leaves: |_, x| mode(x) == 0o640,
    },
    Row {
        statement: "make_executable @x",
        ends: [GONE, OK, OK, OK, OK, OK, GONE, IO, OK, GONE, FILE, GONE, SHUT],
        leaves: |_, x| mode(x) & 0o111 != 0,
    },
    Row {
        statement: "touch @x",
        ends: [OK, OK, OK, OK, OK, OK, OK, IO, SHUT, GONE, FILE, SHUT, OK],
        leaves: |_, x| fs::metadata(x).is_ok_and(|found| found.modified().is_ok_and(|time| time.elapsed().is_ok())),
    },
];

fn is_text(path: &Path, text: &str) -> bool {
    path.is_file() && fs::read_to_string(path).is_ok_and(|found| found == text)
}

fn ends_with(path: &Path, text: &str) -> bool {
    path.is_file() && fs::read_to_string(path).is_ok_and(|found| found.ends_with(text))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode() & 0o777)
}

/// A directory in memory where there is one: replacing thousands of files may take minutes on a disk.
fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Makes a tree with one of these things in it.
fn plant(tree: &Path, thing: &str) {
    let x = tree.join("x");
    fs::create_dir(tree).unwrap();
    fs::write(tree.join("f"), "one\n").unwrap();
    fs::write(tree.join("g"), "three\n").unwrap();
    fs::create_dir(tree.join("d")).unwrap();
    fs::create_dir(tree.join("s")).unwrap();
    fs::write(tree.join("s/y"), "three\n").unwrap();
    match thing {
        "file" => fs::write(&x, "one\n").unwrap(),
        "directory" => fs::create_dir(&x).unwrap(),
        "non-empty" => {
            fs::create_dir(&x).unwrap();
            fs::write(x.join("y"), "two\n").unwrap();
        }
        "link" => symlink("f", &x).unwrap(),
        "link to a directory" => symlink("d", &x).unwrap(),
        "dangling" => symlink("gone", &x).unwrap(),
        "loop" => symlink("x", &x).unwrap(),
        "unreadable" => {
            fs::write(&x, "one\n").unwrap();
            fs::set_permissions(&x, Permissions::from_mode(0o000)).unwrap();
        }
        "read-only" => {
            fs::create_dir(tree.join("shut")).unwrap();
            fs::set_permissions(tree.join("shut"), Permissions::from_mode(0o555)).unwrap();
        }
        "full" => symlink("/dev/full", &x).unwrap(),
        _ => {}
    }
}

/// What is in a tree: names, with what they are.
fn seen(tree: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![tree.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let what = if metadata.is_dir() {
                open.push(path.clone());
                "a directory".to_owned()
            } else if metadata.is_symlink() {
                format!("to {}", fs::read_link(&path).unwrap().display())
            } else {
                fs::read_to_string(&path).unwrap_or_else(|error| error.kind().to_string())
            };
            let mode = metadata.permissions().mode();
            found.insert(path.strip_prefix(tree).unwrap().to_string_lossy().into_owned(), format!("{mode:o} {what}"));
        }
    }
    found
}

/// Somebody else's, if the tests are run by an administrator.
fn give_away(tree: &Path) {
    if rustix::process::geteuid().is_root() {
        let owner = format!("{NOBODY}:{NOBODY}");
        assert!(Command::new("chown").args(["-Rh", &owner]).arg(tree).status().unwrap().success());
    }
}

/// How the statement has ended, for each thing as often as it was tried.
fn tried(dir: &Path, row: &Row) -> Option<Vec<Vec<String>>> {
    let mut program = String::from("command main\n  do\n");
    for (thing, (_, path)) in THINGS.iter().enumerate().filter(|(thing, _)| row.ends[*thing] != UNTRIED) {
        let tree = format!("trees/{thing}-${{number}}");
        let statement = words(row.statement, &tree, path);
        let numbers: Vec<String> = (0..TIMES).map(|number| number.to_string()).collect();
        let _ = write!(program, "    for_each \"{}\" number\n      try\n        {statement}\n", numbers.join("\\n"));
        program.push_str("        print ok\n      rescue\n        print err.kind\n      end\n    end\n");
    }
    program.push_str("  end\nend\n");
    fs::write(dir.join("commands.perch"), program).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
    command.arg("main").current_dir(dir).env_clear();
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let Ok(done) = command.output() else {
        eprintln!("SKIPPED: user {NOBODY} cannot start {}", env!("CARGO_BIN_EXE_perch"));
        return None;
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut ended = String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>().into_iter();
    let each =
        row.ends.iter().map(|end| ended.by_ref().take(if *end == UNTRIED { 0 } else { TIMES }).collect()).collect();
    assert_eq!(ended.next(), None, "{}", row.statement);
    Some(each)
}

/// A statement about a path in a tree.
fn words(statement: &str, tree: &str, path: &str) -> String {
    let word = |word: &str| match word.strip_prefix('@') {
        Some("x") => format!("\"{tree}/{path}\""),
        Some(rest) => format!("\"{tree}{}\"", rest.trim_start_matches('t')),
        None => word.to_owned(),
    };
    statement.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_op_does_to_each_thing_what_is_said_of_it() {
    let mut wrong = BTreeSet::new();
    let mut met: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in ROWS {
        let rig = in_memory();
        let trees = rig.path().join("trees");
        fs::set_permissions(rig.path(), Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(&trees).unwrap();
        let tree = |thing: usize, number: usize| trees.join(format!("{thing}-{number}"));
        let each = || (0..THINGS.len()).flat_map(|thing| (0..TIMES).map(move |number| (thing, number)));
        each().for_each(|(thing, number)| plant(&tree(thing, number), THINGS[thing].0));
        give_away(&trees);
        let before = seen(&trees);
        let Some(ended) = tried(rig.path(), row) else { return };
        let after = seen(&trees);
        let part = |all: &BTreeMap<String, String>, tree: &str| -> Vec<(String, String)> {
            all.range(format!("{tree}/")..format!("{tree}0")).map(|(name, is)| (name.clone(), is.clone())).collect()
        };
        for (thing, number) in each().filter(|(thing, _)| row.ends[*thing] != UNTRIED) {
            let ((name, path), end, wanted) = (THINGS[thing], &ended[thing][number], row.ends[thing]);
            let name_of_tree = format!("{thing}-{number}");
            let is_so = if end == OK {
                let tree = tree(thing, number);
                (row.leaves)(&tree, &tree.join(path))
            } else {
                part(&before, &name_of_tree) == part(&after, &name_of_tree)
            };
            if end == wanted && is_so {
                *met.entry((row.statement, name)).or_default() += 1;
            } else {
                let statement = row.statement;
                wrong.insert(format!(
                    "`{statement}` of {name}: wanted {wanted}, ended {end}, leaves what it should: {is_so}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    for row in ROWS {
        for (_, (thing, _)) in row.ends.iter().zip(THINGS).filter(|(end, _)| **end != UNTRIED) {
            let times = met.get(&(row.statement, *thing)).copied().unwrap_or_default();
            assert!(times >= TIMES, "`{}` has met {thing} {times} times only", row.statement);
        }
    }
}

/// Ops of the group that change something and have no row, and why.
const ELSEWHERE: &[(&str, &str)] = &[("mktemp_dir", "it takes no path: `temporary.rs`"), ("mktemp_file", "likewise")];

#[test]
fn each_op_that_changes_files_has_a_row() {
    for entry in catalogue()
        .filter(|entry| entry.group == Group::Fs && entry.touches.iter().any(|touch| matches!(touch, Touch::Write(_))))
    {
        let has_row = ROWS.iter().any(|row| row.statement.split_whitespace().any(|word| word == entry.name));
        let is_elsewhere = ELSEWHERE.iter().any(|(name, _)| *name == entry.name);
        assert!(has_row != is_elsewhere, "{}", entry.name);
    }
}
