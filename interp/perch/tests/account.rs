//! `--report`, `--time` and `--quiet` from the outside. The example is the one of `docs/command-line.md`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The one block of that kind below the heading about the report.
fn block(kind: &str) -> String {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/command-line.md")).unwrap();
    let (_, below) = page.split_once("\n## What a run did").unwrap();
    let (_, from) = below.split_once(&format!("```{kind}\n")).unwrap();
    from.split_once("```").unwrap().0.to_owned()
}

fn perch(dir: &TempDir, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_perch")).args(words).current_dir(dir.path()).output().unwrap()
}

fn folder(program: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("commands.perch"), program).unwrap();
    dir
}

/// Without the durations.
fn timeless(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(" (") {
        Some((before, took)) if took.ends_with("s)") => format!("{before} (…)\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn w_057_w_059_the_page_shows_what_is_printed() {
    let dir = folder(&block("perch"));
    let done = perch(&dir, &["--report=-", "publish"]);
    let shown = String::from_utf8(done.stdout).unwrap();
    let here = dir.path().canonicalize().unwrap();
    let shown = shown.replace(here.to_str().unwrap(), "/srv/site");
    let (_, report) = shown.split_once("── perch").unwrap();
    assert_eq!(timeless(&format!("── perch{report}")), timeless(&block("text")));
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn branches_are_where_they_were_started_in_the_order_of_the_text() {
    let body = "parallel max=4\n parallel\n print a\n two\n end\n for_each \"1\\n2\\n3\" n\n two\n end\n print z\n end\n print end\n";
    let two = "command two\n private\n do\n parallel\n print x\n print y\n end\n print z\n end\nend\n";
    let dir = folder(&format!("command main\n do\n {body} end\nend\n{two}"));
    let two = |margin: &str, visit: &str, last: bool| {
        let (knot, below) = if last { ("└─", "   ") } else { ("├─", "│  ") };
        let below = format!("{margin}{below}");
        format!(
            "{margin}{knot} ✓ two{visit} (…)\n{below}├─ ✓ parallel{visit} (…)\n{below}│  ├─ ✓ print x{visit} (…)\n\
             {below}│  └─ ✓ print y{visit} (…)\n{below}└─ ✓ print z{visit} (…)\n"
        )
    };
    let want = format!(
        "✓ main (…)\n├─ ✓ parallel max=4 (…)\n│  ├─ ✓ parallel (…)\n│  │  ├─ ✓ print a (…)\n{}│  ├─ ✓ for_each \"1\\n2\\n3\" n (…)\n{}{}{}│  └─ ✓ print z (…)\n└─ ✓ print end (…)\n",
        two("│  │  ", "", true),
        two("│  │  ", "  [0]", false),
        two("│  │  ", "  [1]", false),
        two("│  │  ", "  [2]", true),
    );
    for _ in 0..20 {
        let said = String::from_utf8(perch(&dir, &["--report", "main"]).stderr).unwrap();
        let (_, shown) =
            timeless(&said).split_once('\n').map(|(head, rest)| (head.to_owned(), rest.to_owned())).unwrap();
        assert_eq!(shown, want);
    }
}

#[test]
fn a_report_may_go_into_a_file() {
    let dir = folder("command main\n do\n print x\n end\nend\n");
    let done = perch(&dir, &["--report=r.txt", "--trace=t.txt", "main"]);
    assert_eq!((done.stdout.as_slice(), done.stderr.as_slice()), (&b"x\n"[..], &b""[..]));
    let file = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    assert!(file("r.txt").contains("└─ ✓ print x (") && file("t.txt").starts_with("▸ print"));
    let done = perch(&dir, &["--report=none/r.txt", "main"]);
    assert_eq!((done.stdout.as_slice(), done.status.code()), (&b""[..], Some(2)));
    assert!(String::from_utf8(done.stderr).unwrap().starts_with("↪ cannot write the report to `none/r.txt`: "));
}

/// Neither over the program nor over each other.
#[test]
fn what_is_told_of_a_run_is_written_over_nothing_of_it() {
    let text = "command main\n do\n print x\n end\nend\n";
    let dir = folder(text);
    for (words, told) in [
        (&["--trace=commands.perch"][..], "`--trace=commands.perch` would write over `commands.perch`, which is run"),
        (&["--report=./commands.perch"], "`--report=./commands.perch` would write over `commands.perch`, which is run"),
        (&["--audit", "commands.perch"], "`--audit=commands.perch` would write over `commands.perch`, which is run"),
        (&["--trace=t", "--report=./t"], "`--report=./t` would write over what `--trace` writes there"),
        (&["--trace=/dev/null", "--report=/dev/null"], ""),
    ] {
        let done = perch(&dir, &[words, &["main"]].concat());
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(
            (done.status.code(), said.contains(told)),
            (Some(if told.is_empty() { 0 } else { 2 }), true),
            "{said}"
        );
        assert_eq!(fs::read_to_string(dir.path().join("commands.perch")).unwrap(), text);
    }
}

#[test]
fn a_million_nodes_do_not_fill_the_memory() {
    let lines = "x\\n".repeat(12_000);
    let dir =
        folder(&format!("command main\n do\n for_each \"{lines}\" n\n v = upper n\n end\n fail last\n end\nend\n"));
    let said = String::from_utf8(perch(&dir, &["--report", "main"]).stderr).unwrap();
    assert!(said.contains("\n… and 2002 more, which are not shown\n"), "{}", &said[said.len() - 300..]);
}

#[test]
fn time_is_told_when_it_is_asked_for() {
    let dir = folder("command main\n do\n print x\n end\nend\n");
    let said = |words: &[&str]| String::from_utf8(perch(&dir, words).stderr).unwrap();
    assert!(said(&["--time", "main"]).starts_with("main took ") && said(&["--time", "main"]).ends_with("s\n"));
    assert_eq!(said(&["--quiet", "--no-write", "main"]), "");
    assert_eq!(said(&["-q", "-f", "commands.perch"]), "");
}
