//! `--trace` from the outside. The example is the one of `docs/tracing.md`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "shared/schema.rs"]
mod schema;

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// Where the page says that it was run.
const PLACE: &str = "/srv/site";

struct Rig(TempDir);

struct Said {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Rig {
    /// With the program of the page.
    fn new() -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        rig.put("commands.perch", &block("perch"));
        rig
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        self.like_the_page(&fs::read_to_string(self.0.path().join(name)).unwrap())
    }

    fn perch(&self, words: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        let done = command.args(words).current_dir(self.0.path()).env("USER", "secret").output().unwrap();
        Said {
            status: done.status.code().unwrap(),
            stdout: self.like_the_page(&String::from_utf8(done.stdout).unwrap()),
            stderr: self.like_the_page(&String::from_utf8(done.stderr).unwrap()),
        }
    }

    /// Runs a body, and gives the lines of its trace for machines.
    fn lines(&self, body: &str) -> Vec<Value> {
        self.put("body.perch", &format!("command main\ndo\n{body}\nend\nend\n"));
        self.perch(&["-f", "body.perch", "--trace=t", "--trace-format=json", "main"]);
        self.text("t").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The place of the page instead of this one, and no durations.
    fn like_the_page(&self, text: &str) -> String {
        let place = self.0.path().canonicalize().unwrap();
        timeless(&text.replace(place.to_str().unwrap(), PLACE))
    }
}

fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tracing.md")).unwrap()
}

/// The first fenced block of the page in that language.
fn block(language: &str) -> String {
    let page = page();
    let (_, block) = page.split_once(&format!("\n```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

/// Durations are never twice the same.
fn timeless(text: &str) -> String {
    let line = |line: &str| match (line.rsplit_once(" ("), line.rsplit_once("\"duration_us\":")) {
        (Some((before, took)), _) if took.ends_with("s)") => format!("{before} (…)\n"),
        (_, Some((before, _))) => format!("{before}\"duration_us\":0}}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn the_page_shows_what_is_printed() {
    let rig = Rig::new();
    let said = rig.perch(&["--trace=-", "publish"]);
    assert_eq!(said.stdout, timeless(&block("text")));
    assert_eq!(said.status, 1);
    assert!(said.stderr.starts_with("↪ there is no contact\n"), "{}", said.stderr);
}

#[test]
fn the_page_shows_lines_for_machines() {
    let rig = Rig::new();
    let said = rig.perch(&["--trace=t", "--trace-format", "json", "publish"]);
    assert_eq!((said.status, said.stdout.as_str()), (1, "no banner: file_not_found\n"));
    let (written, shown) = (rig.text("t"), timeless(&block("json")));
    let missing: Vec<&str> = shown.lines().filter(|shown| !written.lines().any(|line| line == *shown)).collect();
    assert!(missing.is_empty(), "{missing:#?} are not in {written}");
}

#[test]
fn a_trace_goes_where_it_is_sent_and_changes_nothing_else() {
    let rig = Rig::new();
    let plain = rig.perch(&["publish"]);
    let trace = rig.perch(&["--trace=-", "publish"]).stdout;
    let only = trace.replace(&plain.stdout, "");
    let on_stderr = rig.perch(&["--trace", "publish"]);
    assert_eq!((on_stderr.status, &on_stderr.stdout), (plain.status, &plain.stdout));
    assert_eq!(on_stderr.stderr, format!("{only}{}", plain.stderr));
    rig.put("t", "an old trace\n".repeat(1000).as_str());
    let in_a_file = rig.perch(&["--trace=t", "publish"]);
    assert_eq!((&in_a_file.stdout, &in_a_file.stderr), (&plain.stdout, &plain.stderr));
    assert_eq!(rig.text("t"), only);
}

#[test]
fn values_of_the_environment_are_not_told() {
    let rig = Rig::new();
    assert!(!rig.perch(&["--trace=-", "publish"]).stdout.contains("secret"));
    rig.perch(&["--trace=t", "--trace-format=json", "publish"]);
    assert!(!rig.text("t").contains("secret"));
}

#[test]
fn lines_are_as_the_schema_says_and_nodes_nest() {
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/trace.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let lines = Rig::new().lines("for_each \"a\\nb\" x\ntry\nfalse || sh -c \"exit ${x}\"\nfinally\nprint x\nend\nend");
    let mut open = Vec::new();
    for line in &lines {
        assert_eq!(schema::misfits(&schema, line), Vec::<String>::new());
        match line["event"].as_str().unwrap() {
            "enter" => open.push((&line["id"], &line["visit"])),
            "exit" => assert_eq!(open.pop(), Some((&line["id"], &line["visit"]))),
            _ => assert!(open.is_empty()),
        }
    }
    let events: Vec<&Value> = lines.iter().map(|line| &line["event"]).collect();
    assert_eq!((events[0], events[events.len() - 1]), (&"start".into(), &"end".into()));
    let clauses = lines.iter().filter(|line| line["event"] == "exit" && line["op"] == "exec");
    let seen: Vec<_> =
        clauses.map(|line| format!("{} {} {}", line["id"], line["visit"], line["error"]["kind"])).collect();
    let failed = "\"shell_exit_nonzero\"";
    assert_eq!(seen, [format!("\"main:5:1/0\" [0] {failed}"), format!("\"main:5:10/1\" [0] {failed}")]);
}

#[test]
fn the_last_line_says_how_the_run_ended() {
    let rig = Rig::new();
    let end = |body: &str| {
        let last = rig.lines(body).pop().unwrap();
        [&last["event"], &last["error"]["kind"], &last["exit"], &last["exit_code"]].map(ToString::to_string).join(" ")
    };
    assert_eq!(end("print x"), "\"end\" null null 0");
    assert_eq!(end("exit 03"), "\"end\" null \"03\" 3");
    assert_eq!(end("exit"), "\"end\" null \"0\" 0");
    assert_eq!(end("sh -c \"exit 7\""), "\"end\" \"shell_exit_nonzero\" null 7");
    assert_eq!(end("try\nfail x\nrescue\nexit 4\nend"), "\"end\" null \"4\" 4");
}

#[test]
fn a_trace_that_cannot_be_written_is_told() {
    let rig = Rig::new();
    let said = rig.perch(&["--trace=no/such/t", "publish"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.starts_with("↪ cannot write the trace to `no/such/t`: "), "{}", said.stderr);
    assert!(!rig.0.path().join("out").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_goes_on_without_its_trace() {
    let rig = Rig::new();
    let said = rig.perch(&["--trace=/dev/full", "publish"]);
    assert_eq!((said.status, said.stdout.as_str()), (1, "no banner: file_not_found\n"));
    assert!(said.stderr.starts_with("↪ cannot write the trace to `/dev/full`: "), "{}", said.stderr);
    assert!(said.stderr.contains("↪ there is no contact\n"), "{}", said.stderr);
}

#[test]
fn only_runs_have_traces() {
    let rig = Rig::new();
    let refused = |words: &[&str], message: &str, help: &str| {
        let said = rig.perch(words);
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{words:?}");
        assert_eq!(said.stderr, format!("↪ {message}\n  help  {help}\n"), "{words:?}");
    };
    let nothing = "`--trace` tells what a run does, and nothing is run here";
    for words in [&["--trace", "--list"][..], &["--trace=-", "--check"], &["--trace"], &["--trace", "simulate"]] {
        refused(words, nothing, "`perch --trace COMMAND` runs a command");
    }
    let format = "`--trace-format` says how a trace is written, and none is asked for";
    refused(&["--trace-format=json", "publish"], format, "add `--trace` or `--trace=PATH`");
    let wrong = "`jsno` is no value of `--trace-format`";
    refused(&["--trace", "--trace-format", "jsno", "publish"], wrong, "did you mean `json`?");
}
