//! Files that nobody should have written: whatever they hold, perch says what is wrong, where and what to do, within seconds and with
//! bounded memory. `--check` exits with 1 for mistakes in a file and with 2 for a file that gives no text; a run exits with 2 for both, and
//! does nothing.
//!
//! Each case runs the built program with an address space of [`MEMORY`].
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(unix)]

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How much address space a run gets, in kilobytes. A macOS does not see to it.
const MEMORY: u64 = 1_000_000;

/// How long a run may take, with the checks of a debug build and others on the machine.
const TIME: Duration = Duration::from_secs(10);

const MB: usize = 1 << 20;

struct Said {
    status: i32,
    stdout: String,
    stderr: String,
    took: Duration,
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs perch, and sees that it ends by itself, in time, without a bug.
fn perch(folder: &Path, words: &[&str]) -> Said {
    judged(words, perch_command(folder, words))
}

fn perch_command(folder: &Path, words: &[&str]) -> Command {
    within(MEMORY, folder, words)
}

fn within(memory: u64, folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {memory}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_perch")]);
    command.args(words).current_dir(folder);
    command
}

fn judged(words: &[&str], mut command: Command) -> Said {
    let start = Instant::now();
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (took, stderr) = (start.elapsed(), String::from_utf8(stderr).unwrap());
    let end: String = stderr.chars().take(2000).collect();
    assert!(took < TIME, "{words:?} took {took:?}: {end}");
    assert_eq!(status.signal(), None, "{words:?}: {end}");
    assert!(!stderr.contains("panicked") && !stderr.contains("has a bug"), "{words:?}: {end}");
    assert!(stderr.len() < MB, "{words:?} says {} bytes", stderr.len());
    Said { status: status.code().unwrap(), stdout: String::from_utf8(stdout).unwrap(), stderr, took }
}

/// What `--check` says of a file with mistakes. A run of it says no other thing, and does nothing.
fn mistakes(bytes: impl AsRef<[u8]>) -> String {
    let folder = folder();
    fs::write(folder.path().join("a.perch"), bytes).unwrap();
    let said = perch(folder.path(), &["--check", "a.perch"]);
    assert_eq!((said.status, said.stdout.as_str()), (1, ""), "{}", said.stderr);
    assert!(said.stderr.contains("a.perch:") && said.stderr.contains("help: "), "{}", said.stderr);
    let run = perch(folder.path(), &["-f", "a.perch", "main"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    said.stderr
}

/// What is said of a file that gives no text.
fn refused(folder: &Path, file: &str) -> String {
    let [check, run] = [&["--check", file][..], &["-f", file, "main"]].map(|words| perch(folder, words));
    assert_eq!((check.status, run.status), (2, 2), "{}", check.stderr);
    assert_eq!(check.stderr, run.stderr);
    check.stderr
}

fn refused_bytes(bytes: &[u8]) -> String {
    let folder = folder();
    fs::write(folder.path().join("a.perch"), bytes).unwrap();
    refused(folder.path(), "a.perch")
}

fn main_command(body: &str) -> String {
    format!("command main\n  do\n{body}  end\nend\n")
}

#[test]
#[cfg(target_os = "linux")]
fn where_there_is_too_little_room_for_a_run_nothing_is_done_and_the_limit_is_told() {
    let folder = folder();
    fs::write(folder.path().join("a.perch"), main_command("    write_file done \"x\"\n")).unwrap();
    for words in [&["-f", "a.perch", "main"][..], &["-f", "a.perch", "simulate"]] {
        let said = judged(words, within(200_000, folder.path(), words));
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{}", said.stderr);
        let told = ["room for a stack of 256 MiB", "ulimit -v"].iter().all(|text| said.stderr.contains(text));
        assert!(told, "{}", said.stderr);
    }
    assert!(!folder.path().join("done").exists());
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    let noise: Vec<u8> = (0..200_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let said = refused_bytes(&noise);
    assert!(said.starts_with("↪ `a.perch` does not hold UTF-8 text: line "), "{said}");
    let said = refused_bytes(b"command main\n  do\n    print \xff\n  end\nend\n");
    assert_eq!(
        said,
        "↪ `a.perch` does not hold UTF-8 text: line 3 has a byte that no text has\n  help  save it as UTF-8, or name another file with `-f FILE`\n"
    );
}

#[test]
fn a_link_to_nothing_is_told_with_where_it_leads() {
    let folder = folder();
    std::os::unix::fs::symlink("elsewhere.perch", folder.path().join("commands.perch")).unwrap();
    let said = perch(folder.path(), &["--list"]);
    let help = "let it lead to a file, or name another file with `-f FILE`";
    let message = format!("↪ `commands.perch` is a link to `elsewhere.perch`, and nothing is there\n  help  {help}\n");
    assert_eq!((said.status, said.stderr), (2, message));
}

#[test]
fn a_fixture_that_is_no_text_is_told_with_the_place() {
    let folder = folder();
    fs::write(folder.path().join("commands.perch"), "command main\n  do\n    print a\n  end\nend\n").unwrap();
    fs::write(folder.path().join("host.json"), b"{\n  \"os\": \"l\xffnux\"}").unwrap();
    let said = perch(folder.path(), &["simulate", "--sim-file", "host.json"]);
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (2, "↪ host.json:2:11: a fixture is UTF-8 text, and no such text has this byte\n  help  save it as UTF-8\n")
    );
}

#[test]
fn characters_that_hide_something_are_mistakes_and_are_not_shown_as_they_are() {
    for (hidden, code) in [
        ("\0", "nul-character"),
        ("\u{202E}", "bidi-character"),
        ("\u{2066}", "bidi-character"),
        ("\u{061C}", "bidi-character"),
        ("\u{1b}[2K", "control-character"),
        ("\rprint", "control-character"),
    ] {
        for text in [main_command(&format!("    print a{hidden}b\n")), main_command("    print a\n") + "# " + hidden] {
            let said = mistakes(&text);
            assert!(said.contains(code), "{said}");
            assert!(!said.contains(hidden), "{said:?}");
        }
    }
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_change_nothing() {
    let folder = folder();
    let text = main_command("    if exists .\n      print \"a b\"\n    end\n");
    for text in
        [text.replace('\n', "\r\n"), format!("\u{feff}{text}"), format!("\u{feff}{}", text.replace('\n', "\r\n"))]
    {
        fs::write(folder.path().join("a.perch"), text).unwrap();
        assert_eq!(perch(folder.path(), &["--check", "a.perch"]).status, 0);
        assert_eq!(perch(folder.path(), &["-f", "a.perch", "main"]).stdout, "a b\n");
    }
    let said = mistakes("\u{feff}command main\r\n  do\r\n    upper\r\n  end\r\nend\r\n");
    assert!(said.contains("a.perch:3:5"), "{said}");
}

#[test]
fn ten_thousand_blocks_in_each_other_are_one_mistake() {
    for block in ["if 1 == 1", "for_each x in a", "try", "parallel", "match a"] {
        let said =
            mistakes(main_command(&format!("{}{}", format!("{block}\n").repeat(10_000), "end\n".repeat(10_000))));
        assert!(said.contains("nested-too-deep") && said.contains("a.perch:201:1"), "{said}");
    }
    let said = mistakes(main_command(&format!("{block}{end}", block = "if a\n".repeat(10_000), end = "")));
    assert!(said.contains("a.perch:201:1"), "{said}");
    let said = mistakes(main_command(&format!("    print {}x{}\n", "${upper(".repeat(10_000), ")}".repeat(10_000))));
    assert!(said.contains("a.perch:3:"), "{said}");
}

#[test]
fn blocks_of_an_imported_file_nest_no_deeper_either() {
    let folder = folder();
    let deep = main_command(&format!("{}{}", "if a\n".repeat(10_000), "end\n".repeat(10_000)));
    fs::write(folder.path().join("deep.perch"), deep.replace("command main", "command deep")).unwrap();
    fs::write(folder.path().join("a.perch"), format!("import \"deep.perch\"\n{}", main_command("    deep\n"))).unwrap();
    let ways: [&[&str]; 5] = [
        &["-f", "a.perch", "main"],
        &["--check", "a.perch"],
        &["-f", "a.perch", "simulate", "main"],
        &["-f", "a.perch", "--list"],
        &["-f", "a.perch", "--graph"],
    ];
    for words in ways {
        let done = perch(folder.path(), words);
        assert!(done.status <= 2, "{words:?}: {}", done.stderr);
        let tells = done.stdout.clone() + &done.stderr;
        assert!(
            words.len() == 3 && words[2].starts_with("--") || tells.contains("nested-too-deep"),
            "{words:?}: {tells}"
        );
    }
}

#[test]
fn a_hundred_megabytes_are_refused_unread() {
    for line in [main_command("    print \"some words\"\n"), "a".repeat(100)] {
        let folder = folder();
        let mut file = File::create(folder.path().join("a.perch")).unwrap();
        let piece = line.repeat(MB / line.len());
        (0..100).for_each(|_| file.write_all(piece.as_bytes()).unwrap());
        let said = refused(folder.path(), "a.perch");
        assert!(said.starts_with("↪ `a.perch` makes the program larger than 16 MB\n  help  "), "{said}");
    }
}

#[test]
fn a_file_without_an_end_is_refused() {
    if Path::new("/dev/zero").exists() {
        let said = refused(folder().path(), "/dev/zero");
        assert!(said.contains("larger than 16 MB"), "{said}");
    }
}

#[test]
fn imports_count_towards_the_size_of_a_program() {
    let folder = folder();
    let dir = folder.path();
    fs::write(dir.join("a.perch"), "import ./b.perch\nimport ./c.perch\nimport /dev/zero\n").unwrap();
    for name in ["b.perch", "c.perch"] {
        fs::write(dir.join(name), "#".repeat(9 * MB)).unwrap();
    }
    let said = perch(dir, &["--check", "a.perch"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert!(said.stderr.contains("`./c.perch` makes the program larger than 16 MB"), "{}", said.stderr);
    assert!(said.stderr.contains("`/dev/zero` is not a file"), "{}", said.stderr);
    assert!(!said.stderr.contains("`./b.perch` makes"), "{}", said.stderr);
}

/// Each was a minute or a panic, or would be if its cost were the square of its size.
#[test]
fn a_megabyte_of_anything_takes_seconds() {
    let n = |piece: &str| MB / 2 / piece.len();
    let line = |piece: &str| main_command(&format!("    print {}\n", piece.repeat(n(piece))));
    let lines = |piece: &str| main_command(&piece.repeat(n(piece)));
    let numbered = |make: &dyn Fn(usize) -> String| (0..n(&make(10_000))).map(make).collect::<String>();
    for (what, text) in [
        ("words", line("a ")),
        ("open holes", line("${")),
        ("open calls", line("${upper(")),
        ("a chain", line("a && ")),
        ("a text", format!("v = {}\n", "a".repeat(MB))),
        ("bindings", "v = 1\n".repeat(n("v = 1\n"))),
        ("mistakes", lines("    upper\n")),
        ("programs of odd names", lines("    )(\n")),
        ("quotes", "\"\n'\n`\n".repeat(n("\"\n'\n`\n"))),
        ("arms", main_command(&format!("    if x\n{}    end\n", "    elif x\n".repeat(n("    elif x\n"))))),
        ("empty lines", "\n".repeat(MB)),
        ("ends", "end\n".repeat(n("end\n"))),
        ("commands", numbered(&|at| format!("command b{at}\n  do\n    b{}\n  end\nend\n", at + 1))),
        ("commands of one name", main_command("").repeat(n(&main_command("")))),
        (
            "misspelt commands",
            (0..n("command") / 12).map(|at| format!("command b{at}\n  do\n    b{at}z\n  end\nend\n")).collect(),
        ),
        ("templates", numbered(&|at| format!("template t{at}\n  do\n    t{0}\n    t{0}\n  end\nend\n", at + 1))),
        (
            "arguments that are too many",
            format!("command main\n{}  do\n  end\nend\n", numbered(&|at| format!("  arg x{at}\n  end\n"))),
        ),
        ("imports", numbered(&|at| format!("import ./none{at} as x{at}\n"))),
    ] {
        let folder = folder();
        fs::write(folder.path().join("a.perch"), text).unwrap();
        let said = perch(folder.path(), &["--check", "a.perch"]);
        assert!(said.status <= 1, "{what}: {}", said.stderr);
        println!("{what}: {:?}, status {}", said.took, said.status);
    }
}

#[test]
fn mistakes_far_out_on_a_line_are_shown_with_what_stands_around_them() {
    let said = mistakes(main_command(&format!("    print {}${{}}{}\n", "é".repeat(100_000), "b".repeat(100_000))));
    assert!(said.contains("a.perch:3:100011"), "{said}");
    assert!(said.contains("éé${}bb") && said.len() < 3000, "{said}");
}

#[test]
fn of_thousands_of_mistakes_the_first_are_shown_and_all_are_counted() {
    let said = mistakes(main_command(&"    upper\n".repeat(10_000)));
    assert_eq!(said.matches("`upper` takes 1 operand").count(), 500);
    assert!(
        said.contains("\n9500 more are not shown") && said.ends_with("a.perch: 10000 errors, 0 warnings\n"),
        "{said}"
    );
}

#[test]
fn templates_that_double_are_a_mistake_at_once() {
    let double = |at: u32| format!("template t{at}\n  do\n    t{0}\n    t{0}\n  end\nend\n", at + 1);
    let last = "template t20\n  do\n    print x\n  end\nend\n";
    let text = (0..20).map(double).collect::<String>() + last + &main_command("    t0\n");
    let folder = folder();
    fs::write(folder.path().join("a.perch"), &text).unwrap();
    let said = perch(folder.path(), &["--check", "a.perch"]);
    assert!(said.took < Duration::from_secs(1), "{:?}", said.took);
    assert!(said.stderr.contains("template-too-large"), "{}", said.stderr);
    mistakes(text);
}

#[test]
fn imports_in_a_circle_are_a_mistake_in_each_of_its_files() {
    let folder = folder();
    let dir = folder.path();
    fs::write(dir.join("a.perch"), "import ./b.perch\n".to_owned() + &main_command("")).unwrap();
    fs::write(dir.join("b.perch"), "import ./x/../x/./c.perch\n").unwrap();
    fs::write(dir.join("c.perch"), "import ./a.perch\n").unwrap();
    fs::create_dir(dir.join("x")).unwrap();
    for name in ["a", "b", "c"] {
        std::os::unix::fs::symlink(format!("../{name}.perch"), dir.join(format!("x/{name}.perch"))).unwrap();
    }
    let said = perch(dir, &["--check", "a.perch"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert!(said.stderr.matches("import-loop").count() >= 2, "{}", said.stderr);
    assert_eq!(perch(dir, &["-f", "a.perch", "main"]).status, 2);
    fs::write(dir.join("own.perch"), "import ./own.perch\n").unwrap();
    let said = perch(dir, &["--check", "own.perch"]).stderr;
    assert!(said.contains("import-loop") && said.contains("own.perch:1:"), "{said}");
}

#[test]
fn a_directory_and_a_file_that_is_not_there_are_refused() {
    let folder = folder();
    let said = refused(folder.path(), ".");
    assert!(
        said.starts_with("↪ cannot read `.`: Is a directory") && said.contains("help  name a file in it"),
        "{said}"
    );
    let said = refused(folder.path(), "none.perch");
    assert!(said.starts_with("↪ there is no file `none.perch`\n") && said.contains("help  "), "{said}");
    fs::write(folder.path().join("a.perch"), "import .\n").unwrap();
    let said = perch(folder.path(), &["--check", "a.perch"]);
    assert!(said.status == 1 && said.stderr.contains("is not a file"), "{}", said.stderr);
}

/// Of nobody's, so that the test means something when it is run by somebody who may read everything.
const NOBODY: u32 = 65534;

#[test]
fn a_file_that_must_not_be_read_is_refused() {
    let folder = folder();
    let file = folder.path().join("a.perch");
    fs::write(&file, main_command("")).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let may_read_everything = File::open(&file).is_ok();
    let words = ["--check", "a.perch"];
    let mut command = perch_command(folder.path(), &words);
    if may_read_everything {
        command.uid(NOBODY).gid(NOBODY);
        let mut can_start = perch_command(folder.path(), &["--help"]);
        if !can_start.uid(NOBODY).gid(NOBODY).output().is_ok_and(|done| done.status.success()) {
            eprintln!("SKIPPED: user {NOBODY} cannot start {}", env!("CARGO_BIN_EXE_perch"));
            return;
        }
    }
    let said = judged(&words, command);
    assert_eq!(said.status, 2, "{}", said.stderr);
    assert_eq!(
        said.stderr,
        "↪ cannot read `a.perch`: Permission denied (os error 13)\n  help  allow reading it, or name another file with `-f FILE`\n"
    );
}
