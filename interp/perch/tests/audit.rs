//! `--audit` from the outside. The example is the one of `docs/audit.md`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "shared/schema.rs"]
mod schema;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

struct Rig(TempDir);

struct Said {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Rig {
    fn new(file: &str) -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        fs::write(rig.0.path().join("commands.perch"), file).unwrap();
        rig
    }

    /// With a command `main` of that body.
    fn of(body: &str) -> Self {
        Self::new(&format!("command main\n  do\n{body}\n  end\nend\n"))
    }

    fn perch(&self, words: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        let done = command.args(words).current_dir(self.0.path()).env("API_TOKEN", "s3cret").output().unwrap();
        Said {
            // Who was killed has none.
            status: done.status.code().unwrap_or(-1),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// The records of a run.
    fn records(&self, words: &[&str]) -> Vec<Value> {
        let _ = fs::remove_file(self.0.path().join("log"));
        self.perch(&[&["--audit", "log"], words].concat());
        records(&self.text("log"))
    }
}

/// The records, each as its schema has it.
fn records(text: &str) -> Vec<Value> {
    let schema: Value =
        serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/audit.json"))).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for record in &records {
        assert_eq!(schema::misfits(&schema, record), Vec::<String>::new(), "{record}");
    }
    records
}

/// Those of that event.
fn of<'r>(records: &'r [Value], event: &str) -> Vec<&'r Value> {
    records.iter().filter(|record| record["event"] == event).collect()
}

const DEPLOY: &str = "command deploy\n  arg target\n    type string\n  end\n  do\n    write_file out \"to ${target}\"\n    \
                      print done\n  end\nend\n";

#[test]
fn o_065_a_record_per_op_between_the_two_ends_of_the_run() {
    let records = Rig::new(DEPLOY).records(&["deploy", "-target=prod"]);
    let events: Vec<&str> = records.iter().map(|record| record["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["session_start", "op_start", "op", "op_start", "op", "session_end"]);
    let places: Vec<u64> = records.iter().map(|record| record["seq"].as_u64().unwrap()).collect();
    assert_eq!(places, [0, 1, 2, 3, 4, 5]);
    assert!(records.iter().all(|record| record["run"] == records[0]["run"]));
}

#[test]
fn o_066_the_first_record_says_what_was_asked_for() {
    let records = Rig::new(DEPLOY).records(&["--no-write", "deploy", "-target=prod", "--env", "HOME"]);
    let start = &records[0];
    assert_eq!((&start["event"], &start["cmd"]), (&json!("session_start"), &json!("deploy")));
    assert_eq!(start["cli_args"], json!(["-target=prod"]));
    assert_eq!(start["policy"], "--no-write  --env HOME");
    let ts = start["ts"].as_str().unwrap();
    assert!(ts.len() == "2026-01-02T03:04:05.123456789Z".len() && ts.ends_with('Z'), "{ts}");
}

#[test]
fn o_067_o_069_an_op_is_recorded_with_values() {
    let records = Rig::new(DEPLOY).records(&["deploy", "-target=prod"]);
    let op = of(&records, "op")[0];
    assert_eq!((&op["kind"], &op["cmd"], &op["ok"]), (&json!("write_file"), &json!("deploy"), &json!(true)));
    assert_eq!(op["args"], json!({"path": "out", "content": "to prod"}));
    assert!(op["dur_ms"].is_u64() && op["at"] == "commands.perch:6:5" && op.get("error").is_none(), "{op}");
}

#[test]
fn o_068_the_last_record_says_how_it_ended() {
    let rig = Rig::new(DEPLOY);
    let fine = rig.records(&["deploy", "-target=prod"]);
    let end = fine.last().unwrap();
    assert_eq!((&end["event"], &end["cmd"]), (&json!("session_end"), &json!("deploy")));
    assert_eq!((&end["ok"], &end["error"], &end["exit_code"]), (&json!(true), &json!(""), &json!(0)));
    assert!(end["dur_ms"].is_u64());
    let failed = Rig::of("fail \"no\"").records(&["main"]);
    let end = failed.last().unwrap();
    assert_eq!((&end["ok"], &end["error"], &end["exit_code"]), (&json!(false), &json!("no"), &json!(1)));
}

#[test]
fn o_070_o_075_what_is_denied_is_on_record_beside_what_is_done() {
    let records = Rig::of("x = upper a\ntry\nwrite_file out a\nrescue\nprint c\nend").records(&["--no-write", "main"]);
    let ops: Vec<_> = of(&records, "op").into_iter().map(|op| (&op["kind"], &op["ok"], &op["error"])).collect();
    let (yes, no, none) = (json!(true), json!(false), Value::Null);
    let (upper, attempt, write, print) = (json!("upper"), json!("try"), json!("write_file"), json!("print"));
    let denied = json!("op \"write_file\" is disabled by --no-write");
    let wanted = [(&upper, &yes, &none), (&attempt, &yes, &none), (&write, &no, &denied), (&print, &yes, &none)];
    assert_eq!(ops, wanted);
    assert_eq!(of(&records, "op")[2]["error_kind"], "cap_write_denied");
}

#[test]
fn o_071_the_text_of_a_denial_names_op_and_flag() {
    for (body, flag, op) in [
        ("write_file a b", "--no-write", "write_file"),
        ("rm a", "--no-write", "rm"),
        ("mkdir a", "--no-write", "mkdir"),
        ("echo a", "--no-subprocess", "exec"),
        ("shell \"echo a\"", "--no-shell", "shell"),
        ("x = shell_output \"echo a\"", "--no-shell", "shell_output"),
    ] {
        let records = Rig::of(body).records(&[flag, "main"]);
        assert_eq!(of(&records, "op")[0]["error"], format!("op \"{op}\" is disabled by {flag}"));
    }
}

#[test]
fn o_072_operands_have_their_names_unless_places_are_asked_for() {
    let rig = Rig::of("shell \"echo a\"\nwrite_file out a\necho b c");
    let args = |words: &[&str]| {
        let records = rig.records(words);
        of(&records, "op").iter().map(|op| op["args"].clone()).collect::<Vec<_>>()
    };
    let named =
        [json!({"cmd": "echo a"}), json!({"path": "out", "content": "a"}), json!({"bin": "echo", "words": ["b", "c"]})];
    assert_eq!(args(&["main"]), named);
    let placed =
        [json!({"_0": "echo a"}), json!({"_0": "out", "_1": "a"}), json!({"_0": "echo", "_1": "b", "_2": "c"})];
    assert_eq!(args(&["--audit-positional", "main"]), placed);
}

#[test]
fn o_073_records_may_go_to_standard_output() {
    let said = Rig::of("x = upper a").perch(&["--audit", "-", "main"]);
    assert_eq!(records(&said.stdout).len(), 4);
    assert_eq!(said.stderr, "🔒 security: --audit -\n");
    assert_eq!(said.status, 0);
}

#[test]
fn o_074_runs_add_up_in_one_file_that_is_nobody_elses() {
    let rig = Rig::of("print a");
    rig.perch(&["--audit=log", "main"]);
    rig.perch(&["--audit", "log", "main"]);
    let records = records(&rig.text("log"));
    assert_eq!(of(&records, "session_start").len(), 2);
    assert_ne!(records[0]["run"], records.last().unwrap()["run"]);
    let mode = fs::metadata(rig.0.path().join("log")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// An op is on record before it acts: whoever ends the run from within leaves that behind.
#[test]
fn an_op_is_announced_before_it_has_an_effect() {
    let records = Rig::of("sh -c \"kill -9 $PPID\"").records(&["main"]);
    let last = records.last().unwrap();
    assert_eq!((&last["event"], &last["kind"]), (&json!("op_start"), &json!("exec")));
}

/// What nobody hears of does not happen.
#[test]
fn where_no_record_can_be_written_nothing_is_begun() {
    let rig = Rig::of("print a\nwrite_file out a");
    let said = rig.perch(&["--audit", "/dev/full", "main"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("cannot write the audit to `/dev/full`: No space left on device"), "{}", said.stderr);
    assert!(!rig.0.path().join("out").exists());
    let said = rig.perch(&["--audit", "no/such/log", "main"]);
    assert!(said.status == 2 && said.stderr.contains("cannot write the audit to `no/such/log`"), "{}", said.stderr);
}

/// What would erase the records is not begun, by whatever name.
#[test]
fn a_run_does_not_change_what_is_recorded_of_it() {
    for op in [
        "write_file logs/log x",
        "write_file link x",
        "append_file second x",
        "rm logs/log",
        "rm logs",
        "mv logs/log log2",
        "mv logs elsewhere",
        "mv a logs/log",
        "symlink a logs/log",
        "cp a logs/log",
        "copy_dir logs2 logs",
        "touch logs/log",
        "chmod logs/log 0600",
        "replace_in_file logs/log a b",
    ] {
        let rig = Rig::of(&format!("{op}\nwrite_file out b"));
        let at = |name: &str| rig.0.path().join(name);
        ["logs", "logs2"].iter().for_each(|name| fs::create_dir(at(name)).unwrap());
        ["a", "logs2/log", "logs/log"].iter().for_each(|name| fs::write(at(name), "").unwrap());
        std::os::unix::fs::symlink("logs/log", at("link")).unwrap();
        fs::hard_link(at("logs/log"), at("second")).unwrap();
        let said = rig.perch(&["--audit", "logs/log", "main"]);
        assert!(
            said.status == 1
                && said.stderr.contains("was not begun: it would change `logs/log`, where the audit is written"),
            "{op}: {}",
            said.stderr
        );
        let records = records(&rig.text("logs/log"));
        let (first, last) = (&records[0], records.last().unwrap());
        assert_eq!((&first["event"], &last["event"]), (&json!("session_start"), &json!("session_end")), "{op}");
        assert_eq!(of(&records, "op")[0]["error_kind"], "io_error");
    }
}

#[test]
fn what_is_beside_the_records_may_be_changed() {
    let body = "mkdir logs\nensure_dir logs\nwrite_file logs/b x\nrm logs/b\nsymlink logs l\nrm l\nmkdir logs/c/d\nmv logs/c e\nrm e";
    let rig = Rig::of(body);
    fs::create_dir(rig.0.path().join("logs")).unwrap();
    let said = rig.perch(&["--audit", "logs/log", "main"]);
    assert_eq!((said.status, of(&records(&rig.text("logs/log")), "op").len()), (0, 9), "{}", said.stderr);
}

/// What a program does to the records is seen when it has done it.
#[test]
fn where_records_are_gone_nothing_more_is_begun() {
    for (line, why) in [("rm -f log", "the file was removed"), (": > log", "the file was made shorter")] {
        let rig = Rig::of(&format!("shell \"{line}\"\nwrite_file out a"));
        let said = rig.perch(&["--audit", "log", "main"]);
        assert!(
            said.status == 1 && said.stderr.contains(&format!("cannot write the audit to `log`: {why}")),
            "{}",
            said.stderr
        );
        assert!(!rig.0.path().join("out").exists());
    }
}

#[test]
fn a_pipe_that_nobody_reads_is_an_error() {
    let rig = Rig::of("print a");
    assert!(std::process::Command::new("mkfifo").arg(rig.0.path().join("pipe")).status().unwrap().success());
    let said = rig.perch(&["--audit", "pipe", "main"]);
    let wanted = "cannot write the audit to `pipe`: it is a pipe, and nobody reads from it";
    assert!(said.status == 2 && said.stderr.contains(wanted), "{}", said.stderr);
}

#[test]
fn variables_that_are_set_for_a_program_are_on_record() {
    let records = Rig::of("B=x true\npipe\n  A=1 D_TOKEN=hidden echo a\n  cat\nend").records(&["main"]);
    let args: Vec<&Value> = of(&records, "op").iter().map(|op| &op["args"]).collect();
    assert_eq!(*args[0], json!({"bin": "true", "variables": {"B": "x"}}));
    let set = json!([{"A": "1", "D_TOKEN": "${D_TOKEN}"}, {}]);
    assert_eq!(*args[1], json!({"programs": [["echo", "a"], ["cat"]], "variables": set}));
}

#[test]
fn values_of_secret_variables_are_not_on_record() {
    let rig = Rig::new(
        "command main\n  arg token\n    type string\n    index 0\n  end\n  do\n    write_file out \"${API_TOKEN}\"\n    \
         helper \"${token}\"\n    read_file \"/no/${API_TOKEN}\"\n  end\nend\n\ncommand helper\n  private\n  arg with\n    \
         type string\n    index 0\n  end\n  do\n  end\nend\n",
    );
    let records = rig.records(&["main", "s3cret"]);
    assert!(records.iter().all(|record| !record.to_string().contains("s3cret")), "{records:#?}");
    assert_eq!(records[0]["cli_args"], json!(["${API_TOKEN}"]));
    assert_eq!(rig.text("out"), "s3cret");
}

/// Calls are recorded with their arguments, blocks with what they ask, pipes with their programs.
#[test]
fn everything_that_is_visited_is_on_record() {
    let rig = Rig::new(
        "command main\n  do\n    if exists a\n    end\n    pipe\n      echo b\n      cat\n    end\n    helper c d e\n  end\nend\n\n\
         command helper\n  private\n  arg one\n    type string\n    index 0\n  end\n  arg more\n    type string\n    index 1\n    \
         rest\n  end\n  do\n  end\nend\n",
    );
    let records = rig.records(&["main"]);
    let ops: Vec<_> = of(&records, "op").into_iter().map(|op| json!([op["kind"], op["args"]])).collect();
    let wanted = [
        json!(["if", {"conditions": [{"kind": "exists", "args": {"path": "a"}}]}]),
        json!(["pipe", {"programs": [["echo", "b"], ["cat"]]}]),
        json!(["call", {"command": "helper", "arguments": {"one": "c", "more": ["d", "e"]}}]),
    ];
    assert_eq!(ops, wanted);
}

/// Branches are told apart by where their ops stand, and none takes the record of another.
#[test]
fn branches_do_not_mix() {
    let branches: String = (0..8).map(|at| format!("helper {at}\n")).collect();
    let rig = Rig::new(&format!(
        "command main\n  do\n    parallel\n{branches}    end\n  end\nend\n\ncommand helper\n  private\n  arg n\n    type int\n    \
         index 0\n  end\n  do\n    write_file \"f${{n}}\" \"${{n}}\"\n  end\nend\n"
    ));
    let records = rig.records(&["main"]);
    let writes = of(&records, "op").into_iter().filter(|op| op["kind"] == "write_file");
    let mut seen: Vec<String> = writes.map(|op| op["args"].to_string()).collect();
    seen.sort();
    let wanted: Vec<String> =
        (0..8).map(|at| json!({"path": format!("f{at}"), "content": at.to_string()}).to_string()).collect();
    assert_eq!(seen, wanted);
}

/// An op that stands for a command is recorded as one.
#[test]
fn an_op_from_the_command_line_is_recorded_under_its_name() {
    let rig = Rig::of("print a");
    let records = rig.records(&["write_file", "out", "b"]);
    assert_eq!((&records[0]["cmd"], &records[0]["cli_args"]), (&json!("write_file"), &json!(["out", "b"])));
}

#[test]
fn flags_that_are_for_nothing_are_mistakes() {
    let rig = Rig::of("print a");
    for (words, message) in [
        (&["--audit", "log", "--list"][..], "`--audit` records what a run does, and nothing is run here"),
        (&["--audit-positional", "main"], "`--audit-positional` says how an audit is written, and none is asked for"),
        (&["--audit", "", "main"], "`--audit` needs the path of a file, or `-`"),
    ] {
        let said = rig.perch(words);
        assert!(said.status == 2 && said.stderr.contains(message), "{words:?}: {}", said.stderr);
    }
}

/// The page shows what is recorded, but for the times, the run, and where it was.
#[test]
fn the_page_shows_what_is_recorded() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/audit.md")).unwrap();
    let block = |language: &str| {
        let (_, block) = page.split_once(&format!("\n```{language}\n")).unwrap();
        block.split_once("```").unwrap().0.to_owned()
    };
    let rig = Rig::new(&block("perch"));
    let said = rig.perch(&["--audit=log", "--no-subprocess", "publish", "-to", "s3cret"]);
    assert_eq!(said.status, 1, "{}", said.stderr);
    let like_the_page = |text: &str| {
        let records = records(text).into_iter().map(|mut record| {
            for (name, value) in [("ts", json!("…")), ("run", json!("…")), ("dur_ms", json!(0)), ("cwd", json!("…"))]
            {
                if let Some(there) = record.get_mut(name) {
                    *there = value;
                }
            }
            record
        });
        records.collect::<Vec<_>>()
    };
    assert_eq!(like_the_page(&rig.text("log")), like_the_page(&block("json")));
}
