//! What a fixture tells of programs, answers and stored results, and nothing that was simulated asks for.

use serde_json::{Value, json};

use crate::rig::Rig;

const FILE: &str = r#"
command main
  do
    exec git push origin main
    v = exec kubectl get pods
    shell "docker compose up -d"
    shell "a |  b"
    x = http_get "https://x.org/v1"
    cache deps 1h
      w = exec git log
    end
    exec cp a "b c"
    helper
  end
end

command helper
  private
  do
    exec make all
  end
end

command other
  arg what
    type string
    index 0
  end
  do
    exec npm run "${what}"
  end
end
"#;

/// The keys that were of no use, with what is said of each.
fn unused(rig: &Rig, oracles: &Value, words: &[&str]) -> Vec<(String, String)> {
    let host = json!({"cwd": "/w", "env": {"HOME": "/h"}, "oracles": oracles});
    rig.put("host.json", &host.to_string());
    of(&rig.report(&[&["--sim-file=host.json", "--no-suggestions"], words].concat()))
}

fn of(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    report["unused"].as_array().into_iter().flatten().map(|one| (text(&one["key"]), text(&one["advice"]))).collect()
}

fn told(key: &str, advice: &str) -> (String, String) {
    (key.to_owned(), advice.to_owned())
}

fn rig() -> Rig {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    rig
}

#[test]
fn what_is_asked_for_is_not_told() {
    let used = json!({
        "exec": {"git push origin main": {}, "git *": {}, "kubectl *": {}, "a |  b": {}, "cp *": {}, "make all": {}, "npm run x": {}},
        "shell_output": {"docker compose up -d": ""},
        "http": {"https://X.org:443/v1": {}},
        "cache": {"deps": null},
        "has_bin": {"nobody": true},
        "file_exists": {"/nowhere": false},
    });
    assert_eq!(unused(&rig(), &used, &[]), []);
}

#[test]
fn what_is_mistyped_is_told_with_what_was_meant() {
    let wrong = json!({
        "exec": {"git psuh origin main": {}, "kubctl *": {}, "cp a b": {}, "helm *": {}},
        "shell_output": {"a | b": ""},
        "http": {"https://x.org/v2": {}, "https://x.org/version": {}, "https://y.org/": {}},
        "cache": {"dep": {"w": "1"}, "others": null},
    });
    let rig = rig();
    let all = [
        told("oracles.exec[\"cp a b\"]", "did you mean `cp a b c`?"),
        told("oracles.exec[\"git psuh origin main\"]", "did you mean `git push origin main`?"),
        told("oracles.exec[\"helm *\"]", ""),
        told("oracles.exec[\"kubctl *\"]", "did you mean `kubectl *`?"),
        told("oracles.shell_output[\"a | b\"]", "did you mean `a |  b`?"),
        told("oracles.http[\"https://x.org/v2\"]", "did you mean `https://x.org/v1`?"),
        told("oracles.http[\"https://x.org/version\"]", "what is asked for is `https://x.org/v1`"),
        told("oracles.http[\"https://y.org/\"]", ""),
        told("oracles.cache.dep", "did you mean `deps`?"),
        told("oracles.cache.others", ""),
    ];
    assert_eq!(unused(&rig, &wrong, &[]), all);
    // One command of several: the rest may be for the others.
    let nearly: Vec<_> = all.iter().filter(|(_, advice)| advice.starts_with("did you mean")).cloned().collect();
    assert_eq!(unused(&rig, &wrong, &["main"]), nearly);
    assert_eq!(unused(&rig, &wrong, &["other"]), []);
}

#[test]
fn variables_and_programs_are_told_only_if_they_are_nearly_what_is_asked_for() {
    let rig = Rig::new();
    rig.put(
        "commands.perch",
        "command main\n  do\n    exec kubectl get pods\n    print \"${TOKEN} ${HOME}\"\n  end\nend\n",
    );
    let host = |host: Value| {
        rig.put("host.json", &host.to_string());
        of(&rig.report(&["--sim-file=host.json", "--no-suggestions", "main"]))
    };
    let env = json!({"TOKNE": "x", "HOME": "/h", "HOMES": "/h", "PATH": "/bin", "EDITOR": "vi"});
    let oracles = json!({"has_bin": {"kubctl": true, "helm": true}});
    let wrong = [told("oracles.has_bin.kubctl", "did you mean `kubectl`?"), told("env.TOKNE", "did you mean `TOKEN`?")];
    assert_eq!(host(json!({"cwd": "/w", "env": env, "oracles": oracles})), wrong);
    // What is told of both is meant.
    let env = json!({"TOKNE": "x", "TOKEN": "y"});
    let oracles = json!({"has_bin": {"kubctl": true, "kubectl": false}});
    assert_eq!(host(json!({"cwd": "/w", "env": env, "oracles": oracles})), []);
}

#[test]
fn a_package_that_nobody_asks_for_is_told_and_so_is_one_of_which_exec_tells_all() {
    let rig = Rig::new();
    let file = "command main\n  do\n    pkg_install ripgrep\n    pkg_install jq\n  end\nend\n";
    rig.put("commands.perch", file);
    let host = |packages: Value| {
        let exec = json!({"sudo apt-get install -y jq": {}, "apt-get install -y jq": {}});
        let oracles = json!({"exec": exec, "packages": packages});
        let host = json!({"cwd": "/w", "os": "linux", "bins": ["apt-get", "sudo"], "oracles": oracles});
        rig.put("host.json", &host.to_string());
        of(&rig.report(&["--sim-file=host.json", "--no-suggestions"]))
    };
    assert_eq!(host(json!({"ripgrep": "missing"})), []);
    let all = [told("oracles.packages.jq", ""), told("oracles.packages.ripgerp", "did you mean `ripgrep`?")];
    assert_eq!(host(json!({"ripgerp": "missing", "jq": "installed"})), all);
}

#[test]
fn what_is_meant_as_a_pattern_and_is_none_is_told_with_what_to_write() {
    let rig = rig();
    let wrong = json!({"exec": {"git push *": {}, "git*": {}, "npm run *": {}}});
    let only = "only `NAME *` stands for any arguments: write";
    let git = format!("{only} `git *`, or all words: `git push origin main`");
    let all = [told("oracles.exec[\"git push *\"]", &git), told("oracles.exec[\"git*\"]", &git)];
    // Which words `npm` is started with is not known: it may be these.
    assert_eq!(unused(&rig, &wrong, &[]), all);
    assert_eq!(unused(&rig, &wrong, &["main"])[..2], all);
    let said = rig.simulate(&["--sim-file=host.json", "--no-suggestions"]).stdout;
    let line = format!("  · `oracles.exec[\"git push *\"]` (host.json:1) — {git}");
    assert!(said.contains("not used, for nothing that was simulated asks for it:\n"), "{said}");
    assert!(said.contains(&line), "{said}");
}

#[test]
fn what_one_scenario_uses_is_not_told() {
    let rig = rig();
    let host = json!({
        "cwd": "/w", "bins": ["git", "cp"],
        "oracles": {"exec": {"git log": {"status": 1}, "cp *": {}}},
        "scenarios": [
            {"name": "one", "overrides": {"exec": {"git push origin main": {"status": 1}}}},
            {"name": "two", "overrides": {"exec": {"git push origin mian": {"status": 1}}}},
        ],
    });
    rig.put("host.json", &host.to_string());
    let report = rig.report(&["--sim-file=host.json", "--no-suggestions"]);
    let mistyped = told("scenarios[1].overrides.exec[\"git push origin mian\"]", "");
    let found = of(&report);
    assert_eq!(found.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), [mistyped.0.as_str()]);
    let report = rig.report(&["--sim-file=host.json", "--no-suggestions", "--scenario=one"]);
    assert_eq!(of(&report), []);
}
