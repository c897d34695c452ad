//! What is printed.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::rig::{Rig, perch_in, root};
use crate::schema::misfits;

/// The main job of the README.
fn main_job(more: &[&str]) -> crate::rig::Said {
    let [program, host] = ["docs/examples/deploy.perch", "docs/examples/staging.json"];
    perch_in(Path::new(root()), &[&["-f", program, "simulate", "deploy", "--sim-file", host], more].concat())
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

/// A program with conditions, and a host.
fn conditions() -> Rig {
    let rig = Rig::new();
    rig.put(
        "commands.perch",
        r#"
command main
  do
    if os == "linux" and exists /srv/a
      rm /srv/a
    elif is_macos
      print mac
    else
      print other
      print else
    end
    if exists /srv/a
      print there
    end
    if has_bin git or exists b
      print git
    end
    v = read_file /srv/a
    print "a == b"
    print "${TOKEN}"
  end
end
"#,
    );
    rig.put(
        "host.json",
        r#"{
  "os": "linux",
  "cwd": "/srv",
  "files": {"/srv/a": {"kind": "file"}},
  "env_missing": ["TOKEN"],
  "bins": ["make"]
}"#,
    );
    rig
}

#[test]
fn conditions_say_what_became_of_them_and_who_has_said_so() {
    let said = conditions().simulate(&["--sim-file=host.json"]).stdout;
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    for line in [
        "✓ if os eq \"linux\" and exists /srv/a",
        "↳ condition os eq \"linux\" and exists \"/srv/a\" evaluates TRUE (sim os=\"linux\", host.json:2, host.json:4) — body runs",
        "– 3 statements skipped (lines 7 to 10)",
        "↳ condition exists \"/srv/a\" evaluates FALSE (line 5) — body skipped",
        "– print there",
        "↳ condition has_bin git or exists b is not decided — body might run",
        "↳ reached when `/srv/b` exists",
        "↳ `/srv/a` does not exist (line 5)",
        "✓ print \"a == b\"",
        "↳ nothing is named `TOKEN`: no binding, no fact, and no environment variable (host.json:5)",
    ] {
        assert!(lines.contains(&line), "{line}\n{said}");
    }
}

#[test]
fn flags_are_named_where_no_message_names_them() {
    let words = ["--sim-os=macos", "--sim-have-bin=git", "--sim-file=host.json"];
    let said = conditions().simulate(&words).stdout;
    assert!(said.contains("condition is_macos evaluates TRUE (sim os=\"macos\") — body runs"), "{said}");
    assert!(said.contains("condition has_bin git or exists b evaluates TRUE (--sim-have-bin) — body runs"), "{said}");
}

#[test]
fn a_line_that_decides_nothing_is_not_named() {
    let rig = Rig::new();
    let condition = |cond: &str| format!("if {cond}\n      print x\n    end\n");
    let body: Vec<String> = [
        "try\n      v = read_file none\n    rescue e\n      print x\n    end\n".to_owned(),
        condition("e.message == \"\""),
        condition("nothing == \"x\""),
        condition("\"${SET}\" == \"1\""),
        "set_env SET 2\n".to_owned(),
        condition("\"${SET}\" == \"1\""),
        condition("kept == \"a\""),
        "mode = \"b\"\n".to_owned(),
        condition("mode == \"a\""),
    ]
    .into();
    let body = format!("    {}", body.join("    "));
    let arg = |name: &str, at: u8| format!("  arg {name}\n    type string\n    index {at}\n  end\n");
    let args = [arg("kept", 0), arg("mode", 1)].concat();
    rig.put("commands.perch", &format!("command main\n{args}  do\n{body}  end\nend\n"));
    let host = "{\"cwd\": \"/w\", \"files\": {\"/w\": {\"kind\": \"dir\", \"closed\": true}},\n\"args\": {\"kept\": \"a\", \"mode\": \"a\"},\n\"env\": {\"SET\": \"1\"},\n\"env_only\": true}";
    rig.put("host.json", host);
    let said = rig.simulate(&["--sim-file=host.json"]).stdout;
    let decided: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix("↳ condition ")).collect();
    assert_eq!(
        decided,
        [
            "e.message eq \"\" evaluates TRUE — body runs",
            "nothing eq \"x\" evaluates FALSE — body skipped",
            "\"${SET}\" eq \"1\" evaluates TRUE (host.json:3) — body runs",
            "\"${SET}\" eq \"1\" evaluates FALSE — body skipped",
            "kept eq \"a\" evaluates TRUE (host.json:2) — body runs",
            "mode eq \"a\" evaluates FALSE — body skipped",
        ],
        "{said}"
    );
}

#[test]
fn what_may_not_be_done_is_named_where_it_decides() {
    let rig = Rig::new();
    let body = "went = \"yes\"\n    try\n      mv d e/f\n    rescue\n      went = \"no\"\n    end\n    if went == yes\n      print moved\n    end";
    rig.put("commands.perch", &format!("command main\n  do\n    {body}\n  end\nend\n"));
    let dirs = r#""/w": {"kind": "dir", "closed": true}, "/w/d": {"kind": "dir", "closed": true, "mode": "0555"}, "/w/d/x": {"kind": "file"}, "/w/e": {"kind": "dir", "closed": true}"#;
    let host = format!(r#"{{"cwd": "/w", "machine": {{"uid": 4242, "user": "u"}}, "files": {{{dirs}}}}}"#);
    rig.put("host.json", &host);
    let said = rig.simulate(&["--sim-file=host.json"]).stdout;
    assert!(said.contains("✓ print moved\n        ↳ reached when `/w/d` may be changed\n"), "{said}");
    assert!(said.contains("✓ went = \"no\"\n        ↳ reached when `/w/d` may not be changed\n"), "{said}");
}

#[test]
fn what_another_branch_may_be_changing_is_told_as_that() {
    let rig = Rig::new();
    let said = |body: &str| {
        rig.put("commands.perch", &format!("command main\n  do\n    parallel\n{body}    end\n  end\nend\n"));
        rig.simulate(&["--sim-file=host.json", "--no-suggestions"]).stdout
    };
    let dirs = r#""/w": {"kind": "dir", "closed": true}, "/w/d": {"kind": "dir", "closed": true}"#;
    let kept = r#""/w/q": {"kind": "file", "mode": "0444"}"#;
    let host = format!(r#"{{"cwd": "/w", "machine": {{"uid": 4242}}, "files": {{{dirs}, {kept}}}}}"#);
    rig.put("host.json", &host);
    let branch = "as another branch may be changing that at the same time";
    let made = said("      mkdir a\n      write_file a x\n");
    assert!(made.contains(&format!("• `/w/a` is a file, {branch} (line 5)\n")), "{made}");
    assert!(made.contains("• another branch may be changing `/w/a` just then\n"), "{made}");
    let copied = said("      copy_dir d z\n      write_file z q\n");
    assert!(copied.contains("• `/w/z` is a file"), "{copied}");
    assert!(!copied.contains("may be a link") && !copied.contains("determinable"), "{copied}");
    let linked = said("      symlink d z\n      write_file z q\n");
    assert!(linked.contains("• `/w/z` may be a link or beneath one, to a place that is not known"), "{linked}");
}

#[test]
fn a_name_that_nothing_binds_is_told_as_by_checking() {
    let rig = Rig::new();
    let body = "next = green\n    write_file \"out/${next}\" x\n    v = read_file next";
    rig.put("commands.perch", &format!("command main\n  do\n    {body}\n  end\nend\n"));
    let said = rig.simulate(&[]).stdout;
    let help = "write `\"green\"` for the text, or `exec green` for what a program of that name prints";
    assert!(said.contains(&format!("↳ no binding is named `green`: {help}\n")), "{said}");
    let mended = "• `out/${value of something mended}` is not known before a failure above is mended\n";
    assert!(said.contains(mended) && !said.contains("holds a NUL") && !said.contains("determinable"), "{said}");
}

#[test]
fn a_suggestion_is_written_out_once_for_each_command() {
    let rig = Rig::new();
    let tried = "    try\n      v = read_file none\n    rescue\n      print x\n    end\n";
    let command = |name: &str| format!("command {name}\n  do\n{tried}{tried}  end\nend\n");
    rig.put("commands.perch", &[command("one"), command("two")].concat());
    rig.put("host.json", r#"{"cwd": "/w", "files": {"/w": {"kind": "dir", "closed": true}}}"#);
    let said = rig.simulate(&["--sim-file=host.json"]).stdout;
    let whole = "→ it runs if `/w/none` is a file: `{\"files\":{\"/w/none\":{\"kind\":\"file\"}}}` in the fixture\n";
    assert_eq!(said.matches(whole).count(), 2, "{said}");
    for line in [4, 18] {
        let again = format!("→ it runs if `/w/none` is a file: as above (line {line})\n");
        assert_eq!(said.matches(&again).count(), 1, "{said}");
    }
}

#[test]
fn a_variable_is_set_in_the_file_that_tells_the_environment() {
    let rig = Rig::new();
    rig.put("commands.perch", "command main\n  do\n    print \"${ends}\"\n  end\nend\n");
    rig.put("host.json", r#"{"env": {"HOME": "/h", "PATH": "/bin"}, "env_only": true}"#);
    let said = rig.simulate(&["--sim-file=host.json"]).stdout;
    assert!(said.contains("→ it runs if `ends` is set: `{\"env\":{\"ends\":\"…\"}}` in the fixture\n"), "{said}");
}

#[test]
fn a_copy_onto_itself_says_which_words_are_one_place() {
    let rig = Rig::new();
    rig.put("commands.perch", "command main\n  do\n    cp f ./f\n    mv f f\n  end\nend\n");
    rig.put("host.json", r#"{"cwd": "/w", "files": {"/w/f": {"kind": "file"}}}"#);
    let said = rig.simulate(&["--sim-file=host.json"]).stdout;
    assert!(said.contains("↳ `f` and `./f` are both `/w/f`\n"), "{said}");
    assert!(said.contains("↳ both paths are `/w/f`\n"), "{said}");
}

#[test]
fn the_summary_counts_what_is_judged() {
    let said = conditions().simulate(&["--sim-file=host.json"]).stdout;
    assert!(said.contains("\nsummary: 6 will-run · 2 will-fail · 0 uncertain\n"), "{said}");
    assert!(said.contains("\n2 op(s) would fail under the simulated environment\nexit 1: "), "{said}");
}

/// The line before the last one, of a command with that body.
fn counted(body: &str) -> String {
    let rig = Rig::new();
    rig.put("commands.perch", &format!("command main\n  do\n{body}  end\nend\n"));
    rig.put("host.json", r#"{"cwd": "/w", "files": {"/w": {"kind": "dir", "closed": true}}}"#);
    let said = rig.simulate(&["--sim-file=host.json"]).stdout;
    said.lines().rev().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn where_all_failures_are_caught_that_is_said() {
    let caught = "    try\n      v = read_file none\n    rescue\n      print none\n    end\n";
    let would_fail = |number: usize| format!("{number} op(s) would fail under the simulated environment");
    assert_eq!(counted(caught), format!("{}, and its failure is caught", would_fail(1)));
    assert_eq!(counted(&caught.repeat(2)), format!("{}, and all these failures are caught", would_fail(2)));
    assert_eq!(counted(&format!("{caught}    v = read_file none\n")), would_fail(2));
}

#[test]
fn several_runs_have_a_table() {
    let rig = conditions();
    rig.put("host.json", r#"{"cwd": "/srv", "scenarios": [{"name": "日本"}, {"name": "no"}]}"#);
    let said = rig.simulate(&["--sim-file=host.json", "--sim-env=TOKEN=x", "--sim-fs-read=/srv"]).stdout;
    assert!(said.starts_with("═══ Scenario: 日本 ═══\n\n── command main\n"), "{said}");
    let table = "\n  scenario  will-run  will-fail  uncertain\n? 日本            11          0          1\n? no              11          0          1\n";
    assert!(said.contains(table), "{said}");
    assert!(!said.contains("op(s) would fail"), "{said}");
}

#[test]
fn a_condition_in_a_loop_is_decided_for_each_element() {
    let rig = Rig::new();
    let body = "for_each \"a\\nb\" x\n      if x == a\n        print one\n      elif x == c\n        print no\n      end\n    end";
    rig.put("commands.perch", &format!("command main\n  do\n    {body}\n  end\nend\n"));
    let said = rig.simulate(&[]).stdout;
    let differs = "condition x eq \"a\" evaluates TRUE on some visits and FALSE on others — body runs on the former";
    assert!(said.contains(differs), "{said}");
    assert!(said.contains("condition x eq \"c\" evaluates FALSE — body skipped"), "{said}");
}

#[test]
fn a_command_that_is_called_a_billion_times_is_simulated_and_shown_once() {
    let rig = Rig::new();
    let body = |at: usize| match at {
        30 => "    print x\n    v = read_file z\n".to_owned(),
        _ => format!("    c{}\n", at + 1).repeat(2),
    };
    let commands: Vec<String> = (0..=30).map(|at| format!("command c{at}\n  do\n{}  end\nend\n", body(at))).collect();
    rig.put("deep.perch", &commands.concat());
    let said = rig.perch(&["-f", "deep.perch", "simulate", "c0", "--enumerate"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stdout.lines().count() < 500, "{}", said.stdout);
}

#[test]
fn a_variable_that_is_not_set_is_missed_by_who_says_so() {
    let rig = Rig::new();
    rig.put("commands.perch", "command main\n  do\n    print \"${FOO}\"\n  end\nend\n");
    rig.put("only.json", "{\n\"env_only\": [\"HOME\"]}");
    rig.put("none.json", r#"{"env_only": true}"#);
    for (words, says) in [
        (
            &["--sim-file=only.json"][..],
            "nothing binds `FOO`, and `env_only` of the fixture says that only these variables are set: HOME (only.json:2)",
        ),
        (
            &["--sim-file=none.json"],
            "nothing binds `FOO`, and `env_only` of the fixture says that no variable is set (none.json:1)",
        ),
        (&["--sim-env-only=HOME"], "references ${FOO} but sim --env restricts host envs to HOME (--sim-env-only)"),
        (
            &["--sim-file=only.json", "--sim-env-only=A"],
            "references ${FOO} but sim --env restricts host envs to A (--sim-env-only)",
        ),
    ] {
        let said = rig.simulate(&[words, &["--no-suggestions"]].concat()).stdout;
        assert!(said.contains(says), "{words:?}: {said}");
    }
}

/// What is told of a line speaks of the program that is on PATH.
#[test]
fn a_line_whose_program_is_not_on_path_is_not_what_is_told_of_it() {
    let rig = Rig::new();
    rig.put("commands.perch", "command main\n  do\n    v = shell_output \"git log\"\n  end\nend\n");
    rig.put(
        "missing.json",
        "{\"oracles\": {\n\"has_bin\": {\"git\": false},\n\"shell_output\": {\"git log\": \"x\"}}}",
    );
    rig.put("open.json", r#"{"oracles": {"shell_output": {"git log": "x"}}}"#);
    let perhaps = "`git log` ends with status other than 0, perhaps, where `git` is not on PATH";
    let never = "`git` is not on PATH: the shell ends with status 127, or 126 (missing.json:2)\n";
    for (host, says) in [("missing", never.to_owned()), ("open", format!("{perhaps}\n"))] {
        let said = rig.simulate(&[&format!("--sim-file={host}.json")]).stdout;
        assert!(said.contains(&says) && said.contains("it runs if `git` is on PATH"), "{said}");
    }
}
