//! What is printed.

use std::fs;

use serde_json::Value;

use crate::rig::{Rig, root};
use crate::schema::misfits;

/// The main job of the README.
fn main_job(more: &[&str]) -> crate::rig::Said {
    let [program, host] = ["deploy.perch", "staging.json"].map(|name| format!("{}/docs/examples/{name}", root()));
    Rig::new().perch(&[&["-f", &program, "simulate", "deploy", "--sim-file", &host], more].concat())
}

/// `UPDATE=1` writes the page anew.
#[test]
fn the_main_job_as_text() {
    let said = main_job(&[]);
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/simulate/deploy.txt");
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::write(page, &said.stdout).unwrap();
    }
    assert_eq!(said.stdout, fs::read_to_string(page).unwrap());
    assert_eq!((said.status, said.stderr.as_str()), (1, ""));
}

#[test]
fn the_main_job_as_json() {
    let said = main_job(&["--json"]);
    let report: Value = serde_json::from_str(&said.stdout).unwrap();
    let schema = fs::read_to_string(format!("{}/schemas/simulate.json", root())).unwrap();
    assert_eq!(misfits(&serde_json::from_str(&schema).unwrap(), &report), Vec::<String>::new());
    assert_eq!((&report["schema"], &report["exit_code"]), (&"perch.simulate/1".into(), &1.into()));
    assert_eq!(report["rule"], "command `deploy` will fail (--fail-on command)");
    let command = &report["scenarios"][0]["commands"][0];
    assert_eq!((&command["command"], &command["verdict"]), (&"deploy".into(), &"WILL_FAIL".into()));
    assert_eq!(command["ops"][1]["children"][0]["id"], "deploy:18:5>fill:38:5");
    assert_eq!(main_job(&["--format", "json"]).stdout, said.stdout);
    assert_eq!(main_job(&["--format=text"]).stdout, main_job(&[]).stdout);
}

#[test]
fn a_pipe_gets_no_colour() {
    assert!(!main_job(&[]).stdout.contains('\u{1b}'));
}

#[test]
fn all_public_commands_when_none_is_named() {
    let report = Rig::new().report(&[]);
    let commands = report["scenarios"][0]["commands"].as_array().unwrap();
    let names: Vec<&str> = commands.iter().map(|command| command["command"].as_str().unwrap()).collect();
    assert_eq!(names, ["main", "required", "starts", "reads"]);
}

#[test]
fn the_file_is_named_before_or_behind() {
    let rig = Rig::new();
    rig.put("other.perch", "command other\n  do\n    print x\n  end\nend\n");
    let before = rig.perch(&["-f", "other.perch", "simulate", "other"]);
    assert_eq!(before.status, 0, "{}", before.stderr);
    assert_eq!(rig.perch(&["simulate", "other", "-f", "other.perch"]).stdout, before.stdout);
    assert_eq!(rig.perch(&["simulate", "--file=other.perch"]).stdout, before.stdout);
    assert!(before.stdout.starts_with("── command other\n  ✓ print x\n"), "{}", before.stdout);
}

#[test]
fn where_the_command_starts_is_an_assumption_unless_it_is_said() {
    let rig = Rig::new();
    let cwd = format!("  · the command is started in `{}`\n", rig.place());
    assert!(rig.simulate(&["main"]).stdout.contains(&cwd));
    rig.put("host.json", r#"{"cwd": "/srv/../app"}"#);
    let said = rig.simulate(&["main", "--sim-file=host.json"]).stdout;
    assert!(!said.contains("is started in"), "{said}");
}

#[test]
fn what_stands_behind_every_verdict_is_said_if_the_host_matters() {
    let rig = Rig::new();
    assert!(rig.simulate(&["main"]).stdout.contains("  · nothing else changes the host during the run\n"));
    rig.put("pure.perch", "command pure\n  do\n    v = upper \"a\"\n  end\nend\n");
    let said = rig.simulate(&["-f", "pure.perch"]).stdout;
    assert!(!said.contains("nothing else changes"), "{said}");
}
