//! Scenarios: runs of their own from one fixture.

use serde_json::Value;

use crate::rig::{Rig, Said};

const FILE: &str = r#"
command deploy
  arg version
    type string
    index 0
  end
  arg count
    type int
    default 1
  end
  do
    if has_bin kubectl
      kubectl apply
    end
    if exists state
      print "again ${count}"
    else
      mkdir state
    end
    write_file "state/${version}" "${TOKEN}"
  end
end
"#;

const HOST: &str = r#"{
  "cwd": "/srv",
  "env": {"TOKEN": "t"},
  "args": {"version": "v1"},
  "files": {"/srv/state": {"kind": "absent"}},
  "oracles": {"has_bin": {"kubectl": true}, "exec": {"kubectl apply": {"status": 0}}},
  "scenarios": [
    {"name": "happy", "overrides": {}},
    {"name": "no-kubectl", "overrides": {"has_bin": {"kubectl": false}}},
    {"name": "fails", "overrides": {"exec": {"kubectl apply": {"status": 3}}}},
    {"name": "no-token", "env": {"TOKEN": null}},
    {"name": "there", "files": {"/srv/state": {"kind": "dir", "closed": true}}},
    {"name": "again", "after": "happy", "args": {"count": 2, "version": "v2"}},
    {"name": "third", "after": "again", "env": {"TOKEN": null}}
  ]
}"#;

fn rig() -> Rig {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    rig.put("host.json", HOST);
    rig
}

fn scenarios(rig: &Rig, more: &[&str]) -> Vec<Value> {
    let report = rig.report(&[&["--sim-file=host.json"], more].concat());
    report["scenarios"].as_array().unwrap().clone()
}

/// Its verdict, and those of the statements that begin like this.
fn verdicts(scenario: &Value, begins: &[&str]) -> Vec<String> {
    let command = &scenario["commands"][0];
    let mut found = vec![command["verdict"].as_str().unwrap().to_owned()];
    for begin in begins {
        let all = crate::rig::flat_of(&command["ops"]);
        let op = all.iter().find(|op| op["text"].as_str().unwrap().starts_with(begin)).unwrap();
        found.push(op["verdict"].as_str().unwrap().to_owned());
    }
    found
}

#[test]
fn each_is_a_run_of_its_own() {
    let all = scenarios(&rig(), &[]);
    let names: Vec<&str> = all.iter().map(|scenario| scenario["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["happy", "no-kubectl", "fails", "no-token", "there", "again", "third"]);
    let ops = ["kubectl", "print", "mkdir", "write_file"];
    let of = |at: usize| verdicts(&all[at], &ops);
    assert_eq!(of(0), ["WILL_RUN", "WILL_RUN", "SKIPPED", "WILL_RUN", "WILL_RUN"]);
    assert_eq!(of(1), ["WILL_RUN", "SKIPPED", "SKIPPED", "WILL_RUN", "WILL_RUN"]);
    assert_eq!(of(2), ["WILL_FAIL", "WILL_FAIL", "SKIPPED", "WILL_RUN", "WILL_RUN"]);
    assert_eq!(of(3), ["WILL_FAIL", "WILL_RUN", "SKIPPED", "WILL_RUN", "WILL_FAIL"]);
    assert_eq!(of(4), ["WILL_RUN", "WILL_RUN", "WILL_RUN", "SKIPPED", "WILL_RUN"]);
}

#[test]
fn one_starts_where_another_has_ended() {
    let all = scenarios(&rig(), &[]);
    let ops = ["print", "mkdir", "write_file"];
    assert_eq!(verdicts(&all[5], &ops), ["WILL_RUN", "WILL_RUN", "SKIPPED", "WILL_RUN"]);
    assert_eq!(all[5]["after"], "happy");
    assert_eq!(verdicts(&all[6], &ops), ["WILL_FAIL", "WILL_RUN", "SKIPPED", "WILL_FAIL"]);
}

#[test]
fn one_is_asked_for() {
    let all = scenarios(&rig(), &["--scenario", "again"]);
    assert_eq!((all.len(), &all[0]["name"]), (1, &"again".into()));
    assert_eq!(verdicts(&all[0], &["mkdir"]), ["WILL_RUN", "SKIPPED"]);
}

#[test]
fn one_that_fails_fails_all() {
    let rig = rig();
    let exit = |words: &[&str]| {
        let Said { status, stdout, .. } = rig.simulate(&[&["--sim-file=host.json"], words].concat());
        (status, stdout.lines().last().unwrap().to_owned())
    };
    let all = "exit 1: in scenario `fails`, command `deploy` will fail (--fail-on command)";
    assert_eq!(exit(&[]), (1, all.to_owned()));
    let none = "exit 0: no command will fail (--fail-on command)".to_owned();
    assert_eq!(exit(&["--scenario=happy"]), (0, none));
    let one = "exit 1: command `deploy` will fail (--fail-on command)".to_owned();
    assert_eq!(exit(&["--scenario=no-token"]), (1, one));
}

#[test]
fn flags_go_before_scenarios() {
    let all = scenarios(&rig(), &["--sim-env=TOKEN=x", "--scenario=no-token"]);
    assert_eq!(verdicts(&all[0], &["write_file"]), ["WILL_RUN", "WILL_RUN"]);
    let all = scenarios(&rig(), &["--sim-no-write", "--scenario=happy"]);
    assert_eq!(verdicts(&all[0], &["write_file"]), ["WILL_FAIL", "WILL_FAIL"]);
}

#[test]
fn the_command_line_goes_before_arguments_of_the_fixture() {
    let rig = Rig::new();
    rig.put("host.json", r#"{"args": {"mode": "slow", "count": 3, "target": "prod"}}"#);
    let slow = |more: &[&str]| {
        let said = rig.simulate(&[&["main", "--sim-file=host.json"], more].concat());
        said.stdout.contains("✓ print \"slow")
    };
    assert!(slow(&[]));
    assert!(!slow(&["--arg=mode=quick"]));
    assert!(!slow(&["--", "quick"]));
    let fail = |more: &[&str]| rig.verdict(&[&["required", "--sim-file=host.json"], more].concat(), "fail");
    assert_eq!(fail(&[]), "WILL_FAIL");
    assert_eq!(fail(&["--arg=target=test"]), "SKIPPED");
}

#[test]
fn variables_that_are_missing() {
    let rig = Rig::new();
    rig.put("host.json", r#"{"env_missing": ["HOME"]}"#);
    assert_eq!(rig.verdict(&["required", "--sim-file=host.json"], "print"), "WILL_FAIL");
    assert_eq!(rig.verdict(&["required", "--sim-file=host.json", "--sim-env=HOME=/h"], "print"), "WILL_RUN");
}

/// What is said of a run behind another is what two real runs do, one behind the other.
#[test]
fn two_real_runs_do_what_is_said_of_them() {
    let file = r#"
command main
  arg name
    type string
    index 0
  end
  do
    if exists log
      cp log old
      rm log
    else
      if exists old
        fail "third time"
      end
    end
    write_file log "${name}"
  end
end
"#;
    let rig = Rig::new();
    rig.put("commands.perch", file);
    let place = rig.place();
    let host = format!(
        r#"{{"cwd": "{place}", "args": {{"name": "x"}}, "files": {{"{place}/log": {{"kind": "absent"}}, "{place}/old": {{"kind": "absent"}}}},
        "scenarios": [{{"name": "a"}}, {{"name": "b", "after": "a"}}, {{"name": "c", "after": "b"}}]}}"#
    );
    rig.put("host.json", &host);
    for scenario in scenarios(&rig, &[]) {
        let ran = rig.perch(&["main", "x"]);
        let said = verdicts(&scenario, &["cp log old", "fail", "write_file"]);
        assert_eq!(said[0], if ran.status == 0 { "WILL_RUN" } else { "WILL_FAIL" }, "{scenario:#}");
        let again = scenario["name"] != "a";
        assert_eq!(said[1], if again { "WILL_RUN" } else { "SKIPPED" });
        assert_eq!(said[2..], ["SKIPPED", "WILL_RUN"]);
        rig.there("old", again);
    }
}

#[test]
fn what_a_run_has_installed_is_there_when_the_next_one_starts() {
    let rig = Rig::new();
    let file = "command main\n  do\n    if pkg_installed jq\n      print there\n    else\n      pkg_install jq\n    end\n  end\nend\n";
    rig.put("commands.perch", file);
    let host = |overrides: &str| {
        let after = format!(r#"{{"name": "b", "after": "a"{overrides}}}"#);
        format!(
            r#"{{"cwd": "/w", "os": "linux", "bins": ["apk", "sudo"], "oracles": {{"packages": {{"jq": "missing"}}}}, "scenarios": [
                {{"name": "a", "overrides": {{"packages": {{"jq": "available"}}}}}}, {after}, {{"name": "c"}}]}}"#
        )
    };
    rig.put("host.json", &host(""));
    let all = scenarios(&rig, &[]);
    let of = |at: usize| verdicts(&all[at], &["print", "pkg_install"]);
    assert_eq!(of(0), ["WILL_RUN", "SKIPPED", "WILL_RUN"]);
    assert_eq!(of(1), ["WILL_RUN", "WILL_RUN", "SKIPPED"]);
    assert_eq!(of(2), ["WILL_FAIL", "SKIPPED", "WILL_FAIL"]);
    rig.put("host.json", &host(r#", "overrides": {"packages": {"jq": "missing"}}"#));
    let said = rig.simulate(&["--sim-file=host.json"]);
    let message = "scenario `b` starts where `a` has ended, so `overrides.packages` is what that has left";
    assert!(said.status == 2 && said.stderr.contains(message), "{}", said.stderr);
}

/// No op takes it, so it would say nothing.
#[test]
fn what_is_no_name_of_a_package_has_its_place() {
    let rig = rig();
    rig.put("host.json", r#"{"oracles": {"packages": {"a package": "installed"}}}"#);
    let said = rig.simulate(&["--sim-file=host.json"]);
    let message =
        r#"host.json:1:27: `oracles.packages` of the fixture names "a package", which is no name of a package"#;
    assert!(said.status == 2 && said.stderr.contains(message), "{}", said.stderr);
}

#[test]
fn a_run_that_removes_its_directory_leaves_none_to_start_in() {
    let rig = Rig::new();
    rig.put("commands.perch", "command main\n  do\n    rm /srv/app\n  end\nend\n");
    rig.put("host.json", r#"{"cwd": "/srv/app", "scenarios": [{"name": "a"}, {"name": "b", "after": "a"}]}"#);
    let said = rig.simulate(&["--sim-file=host.json"]);
    assert_eq!(said.status, 2, "{}", said.stdout);
    let message = "↪ scenario `b` cannot start: the run before it leaves no directory to start in\n";
    assert!(said.stderr.starts_with(message), "{}", said.stderr);
}

/// A run that starts where another has ended is another process, and starts later.
#[test]
fn the_number_of_the_process_and_the_start_are_those_of_each_run() {
    let rig = Rig::new();
    for fact in ["pid", "now_unix"] {
        let file = format!(
            "command main\n  do\n    try\n      x = read_file \"x-${{{fact}}}\"\n      print there\n    rescue\n      write_file \"x-${{{fact}}}\" 1\n    end\n  end\nend\n"
        );
        rig.put("commands.perch", &file);
        rig.put("host.json", r#"{"scenarios": [{"name": "a"}, {"name": "b", "after": "a"}]}"#);
        let verdicts = rig.verdicts(&["--sim-file=host.json", "--scenario=b"]);
        let said = rig.simulate(&["--sim-file=host.json", "--scenario=b"]).stdout;
        assert!(verdicts.iter().any(|one| one.starts_with("MIGHT_FAIL x = read_file")), "{said}");
        assert!(!verdicts.iter().any(|one| one.starts_with("SKIPPED write_file")), "{said}");
        assert!(said.contains("a scenario that starts after another one has the arguments"), "{said}");
    }
}

/// What is told of a run behind its failure, in case somebody mends that, is told to who reads its report.
#[test]
fn one_starts_where_real_runs_have_ended() {
    let rig = Rig::new();
    rig.put(
        "commands.perch",
        "command main\n  do\n    mkdir w/a\n    empty\n  end\nend\ncommand empty\n  do\n    rm w\n  end\nend\n",
    );
    let host = r#"{"cwd": "/srv", "machine": {"user": "u", "uid": 7001}, "files": {"/srv/w": {"kind": "dir", "closed": true, "mode": "0555"}},
        "scenarios": [{"name": "a"}, {"name": "b", "after": "a"}]}"#;
    rig.put("host.json", host);
    let verdicts = rig.verdicts(&["--sim-file=host.json", "--scenario=b"]);
    assert!(verdicts.iter().any(|one| one.starts_with("WILL_FAIL mkdir")), "{verdicts:?}");
}
