//! `perch help` and `perch --export`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::Command;

use serde_json::Value;

/// Kinds that no op raises, but calls, templates, what is required, and signals; one is for ops to come.
const NOT_OF_OPS: [&str; 6] = [
    "unresolved_template",
    "signal_received",
    "directory_not_empty",
    "command_not_found",
    "requirement_unmet",
    "recursion_limit",
];

struct Said {
    status: i32,
    stdout: String,
    stderr: String,
}

fn perch(words: &[&str]) -> Said {
    let done = Command::new(env!("CARGO_BIN_EXE_perch")).args(words).output().unwrap();
    Said {
        status: done.status.code().unwrap(),
        stdout: String::from_utf8(done.stdout).unwrap(),
        stderr: String::from_utf8(done.stderr).unwrap(),
    }
}

fn json(words: &[&str]) -> Value {
    let said = perch(words);
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{words:?}: {error} {}", said.stderr))
}

/// What is printed is what the page says. `UPDATE=1` writes the page anew.
#[track_caller]
fn page(words: &[&str], name: &str) {
    let said = perch(words);
    let file = format!("{}/tests/help/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::write(&file, &said.stdout).unwrap();
    }
    assert_eq!(said.stdout, fs::read_to_string(&file).unwrap(), "{name}");
    assert_eq!((said.status, said.stderr.as_str()), (0, ""), "{name}");
}

#[test]
fn the_topics() {
    page(&["help"], "topics");
}

#[test]
fn a_group() {
    page(&["help", "env"], "env");
    page(&["help", "flow"], "flow");
}

#[test]
fn an_op() {
    page(&["help", "cp"], "cp");
    page(&["help", "download"], "download");
    page(&["help", "wait_for_port"], "wait_for_port");
    assert_eq!(perch(&["help", "println"]).stdout, perch(&["help", "print"]).stdout);
}

#[test]
fn kinds_of_errors_and_facts() {
    page(&["help", "shell_signal_killed"], "shell_signal_killed");
    page(&["help", "facts"], "facts");
    assert!(perch(&["help", "errors"]).stdout.contains("\n  file_not_found "));
}

#[test]
fn a_part_of_a_name_lists_what_has_it() {
    let said = perch(&["help", "sha256"]);
    assert!(said.stdout.starts_with("sha256 VALUE\n"), "{}", said.stdout);
    page(&["help", "http_p"], "part");
    assert!(perch(&["help", "ownloa"]).stdout.starts_with("download URL DST\n"));
}

#[test]
fn a_topic_that_is_not_there_is_suggested() {
    let said = perch(&["help", "donwload"]);
    assert_eq!((said.status, said.stdout.as_str()), (1, ""));
    assert_eq!(said.stderr, "↪ there is no help on `donwload`\n  help  did you mean `download`?\n");
    assert!(perch(&["help", "zzz"]).stderr.ends_with("  help  `perch help` lists the topics\n"));
    assert_eq!((perch(&["help", "cp", "mv"]).status, perch(&["help", "--nope"]).status), (2, 2));
}

#[test]
fn help_for_machines() {
    let all = json(&["help", "--json"]);
    let topics = all["topics"].as_array().unwrap();
    assert!(topics.len() > 200 && all["perch_version"].is_string());
    let found = json(&["help", "cp", "--format", "json"]);
    assert_eq!((&found["query"], &found["matches"][0]["usage"]), (&"cp".into(), &"cp SRC DST".into()));
    assert_eq!(found["matches"][0]["description"], perch(&["help", "cp"]).stdout);
    let verb = json(&["help", "simulate", "--json"]);
    assert_eq!(verb["matches"][0]["description"], perch(&["help", "simulate"]).stdout);
    let none = perch(&["help", "zzz", "--json"]);
    assert_eq!(
        (none.status, serde_json::from_str::<Value>(&none.stdout).unwrap()["matches"].clone()),
        (1, Value::Array(Vec::new()))
    );
}

/// What is shown can be pasted into a `do`. What a fragment binds at its end is for whoever goes on.
#[test]
fn every_example_is_a_fragment_that_checks() {
    let is_there = |entry: &&perch_ops::Entry| !entry.internal && entry.group != perch_ops::Group::Wasm;
    let entries: Vec<_> = perch_ops::catalogue().filter(is_there).collect();
    let command = |entry: &&perch_ops::Entry| {
        let lines: String = entry.example.lines().map(|line| format!("    {line}\n")).collect();
        format!("command example_of_{}\n  description \"An example\"\n  do\n{lines}  end\nend\n", entry.name)
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("examples.perch");
    fs::write(&file, entries.iter().map(command).collect::<String>()).unwrap();
    let report = json(&["--check", "--json", file.to_str().unwrap()]);
    let findings = report["findings"].as_array().unwrap().iter();
    let wrong: Vec<_> = findings.filter(|finding| finding["code"] != "unused-binding").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(entries.len() > 190 && report["files"][0]["commands"] == entries.len(), "{report}");
}

/// Every restriction and every limit that an op can run into is among the ways in which it fails.
#[test]
fn an_op_says_all_the_ways_in_which_it_fails() {
    let raised_by = |kind: &str| perch(&["help", kind]).stdout;
    for kind in perch_ops::ErrorKind::ALL {
        let page = raised_by(kind.name());
        let nobody = page.ends_with("raised by\n  no op\n");
        assert_eq!(nobody, NOT_OF_OPS.contains(&kind.name()), "{page}");
    }
    let has =
        |topic: &str, word: &str| perch(&["help", topic]).stdout.split([' ', ',', '\n']).any(|other| other == word);
    assert!(["rm", "upper", "exec", "print"].iter().all(|op| has("cap_op_denied", op)));
    assert!(
        ["exec", "shell", "try_shell"].iter().all(|op| has("cap_sudo_denied", op)) && !has("cap_sudo_denied", "rm")
    );
    for kind in ["invalid_argument", "limit_exceeded", "cap_sudo_denied", "cap_op_denied"] {
        assert!(["exec", "shell", "shell_output", "pkg_install"].iter().all(|op| has(op, kind)), "{kind}");
    }
}

#[test]
fn the_catalogue_is_exported() {
    let catalog = json(&["--export"]);
    assert_eq!(catalog["schema"], "perch.catalog.v1");
    let ops = catalog["ops"].as_array().unwrap();
    let of = |name: &str| ops.iter().find(|op| op["name"] == name).unwrap();
    assert_eq!(
        (&of("cp")["available"], &of("wasm_run")["available"], &of("if")["available"]),
        (&true.into(), &false.into(), &true.into())
    );
    assert_eq!(of("wait_for_port")["args"][2]["default"], "30");
    assert_eq!(perch(&["--export=-"]).stdout, perch(&["--export"]).stdout);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalog.json");
    let said = perch(&[&format!("--export={}", path.display())]);
    assert_eq!((said.status, said.stdout.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(path).unwrap(), perch(&["--export"]).stdout);
    assert_eq!(perch(&["--export=/none/none"]).status, 1);
}

#[test]
fn a_fact_is_bound_exactly_if_the_catalogue_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("facts.perch");
    for fact in perch_ops::FACTS {
        fs::write(&file, format!("command main\n  do\n    v = \"${{{}}}\"\n  end\nend\n", fact.name)).unwrap();
        let mut perch = Command::new(env!("CARGO_BIN_EXE_perch"));
        let done = perch.env_clear().args(["-f", file.to_str().unwrap(), "main"]).output().unwrap();
        assert_eq!(done.status.success(), fact.bound, "{}", fact.name);
    }
}
