//! `--enumerate`: each case, pasted into the description of the host, gives what is said of it, and no two come to the same.

use serde_json::{Value, json};

use crate::rig::{Rig, described, flat_of};

const FILE: &str = r#"
command deploy
  arg stage
    type string
    index 0
  end
  do
    if stage == prod
      write_file /srv/app/stage prod
    elif stage == staging
      print staging
    else
      fail "no such stage"
    end
    if has_bin nginx
      exec nginx -t
    end
    if "${CI}" == "true"
      print "in ci"
    end
  end
end

command reads
  do
    v = read_file /etc/mode
    if "${v}" == fast
      make -j all
    end
    if is_macos
      print mac
    end
  end
end

command decided
  do
    print always
  end
end

command counts
  arg times
    type int
  end
  do
    if times == 3
      print three
    end
  end
end
"#;

/// Hosts of which this and that is said.
const HOSTS: [&str; 4] = [
    r#"{"cwd": "/w", "os": "linux"}"#,
    r#"{"cwd": "/w", "os": "linux", "bins": ["make"], "env_missing": ["CI"]}"#,
    r#"{"cwd": "/w", "files": {"/srv/app": {"kind": "dir", "closed": true}, "/etc/mode": {"kind": "file"}}, "args": {"stage": "prod"}}"#,
    r#"{"cwd": "/w", "scenarios": [{"name": "bare", "overrides": {"has_bin": {"make": false}}}]}"#,
];

fn commands(report: &Value) -> Vec<Value> {
    report["scenarios"][0]["commands"].as_array().unwrap().clone()
}

fn said(report: &Value, command: &str) -> Value {
    commands(report).into_iter().find(|one| one["command"] == command).unwrap()
}

/// What is told of a command's cases.
fn told(rig: &Rig, command: &str, words: &[&str]) -> Value {
    let words = [words, &["--enumerate", "--no-suggestions"]].concat();
    said(&rig.report(&words), command)["cases"].clone()
}

/// That each case is what is simulated with it. Gives how many there are, and of how many statements they speak.
fn agreeing(rig: &Rig, host: &str, command: &str) -> (usize, usize) {
    let cases = told(rig, command, &["--sim-file=host.json"]);
    let mut seen = (0, 0);
    for case in cases["told"].as_array().into_iter().flatten() {
        rig.put("case.json", &described(host, &case["fixture"]).to_string());
        let report = said(&rig.report(&["--sim-file=case.json", "--no-suggestions"]), command);
        assert_eq!(report["verdict"], case["verdict"], "{command} in {host}: {case:#}");
        let ops = flat_of(&report["ops"]);
        for op in case["ops"].as_array().unwrap() {
            let found = ops.iter().find(|other| other["id"] == op["id"]).unwrap();
            assert_eq!((&found["verdict"], &found["reach"]), (&op["verdict"], &op["reach"]), "{command}: {case:#}");
            seen.1 += 1;
        }
        seen.0 += 1;
    }
    seen
}

/// Nothing that can be said decides whether `a` is there when `pull` has run, so that is tried in all ways, until enough was tried.
const PULLS: &str = "
command main
  do
    cd /srv/x
    pull
    with_cwd a
      try
        build-it
      rescue
        print failed
      end
    end
  end
end
";

#[test]
fn what_there_was_no_time_for_is_not_said_in_a_case() {
    let rig = Rig::new();
    rig.put("commands.perch", PULLS);
    let host = r#"{"cwd": "/w", "bins": ["build-it", "pull"], "fs_write": ["/srv/x"]}"#;
    rig.put("host.json", host);
    let (cases, ops) = agreeing(&rig, host, "main");
    assert!(cases >= 2 && ops >= 2, "{cases} cases, {ops} statements");
}

#[test]
fn s_097_each_case_pasted_gives_what_is_said_of_it() {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    let mut seen = (0, 0);
    for host in HOSTS {
        rig.put("host.json", host);
        for command in ["deploy", "reads", "counts"] {
            let (cases, ops) = agreeing(&rig, host, command);
            seen = (seen.0 + cases, seen.1 + ops);
        }
    }
    assert!(seen.0 >= 40 && seen.1 >= 100, "{seen:?}");
}

#[test]
fn the_cases_of_a_file_are_those_that_the_program_tells_apart() {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    rig.put("host.json", r#"{"cwd": "/w", "os": "linux", "bins": ["make"]}"#);
    let cases = told(&rig, "reads", &["--sim-file=host.json"]);
    let when: Vec<&str> = cases["told"].as_array().unwrap().iter().map(|case| case["when"].as_str().unwrap()).collect();
    assert_eq!(
        when,
        [
            "`/etc` is a file",
            "`/etc/mode` is a file that holds `fast`",
            "`/etc/mode` is a file that holds `another`",
            "`/etc/mode` is a directory",
            "`/etc` is a directory and nothing is at `/etc/mode`",
            "nothing is at `/etc`",
        ]
    );
    assert_eq!((&cases["more"], &cases["complete"]), (&json!(0), &json!(true)));
}

#[test]
fn an_argument_gets_values_of_its_type() {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    let cases = told(&rig, "counts", &[]);
    let when: Vec<&Value> = cases["told"].as_array().unwrap().iter().map(|case| &case["fixture"]).collect();
    assert_eq!(when, [&json!({"args": {"times": "3"}}), &json!({"args": {"times": "0"}})]);
}

#[test]
fn where_nothing_is_open_there_are_no_cases() {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    assert_eq!(told(&rig, "decided", &[]), Value::Null);
    assert!(!rig.simulate(&["deploy"]).stdout.contains("make a difference"));
}

#[test]
fn cases_beyond_sixteen_are_counted() {
    let rig = Rig::new();
    let line = |name: char| format!("    if has_bin {name}\n      print {name}\n    end\n");
    let body: String = ('a'..='e').map(line).collect();
    rig.put("commands.perch", &format!("command main\n  do\n{body}  end\nend\n"));
    let said = rig.simulate(&["main", "--enumerate"]).stdout;
    assert!(said.contains("32 cases make a difference:\n  1. ✓ `a` is on PATH and `b` is on PATH"), "{said}");
    assert!(said.contains("\n    … and 16 more\n"), "{said}");
    // Of what takes too long to go through it is said that it was not.
    let body: String = ('a'..='n').map(line).collect();
    rig.put("commands.perch", &format!("command main\n  do\n{body}  end\nend\n"));
    let said = rig.simulate(&["main", "--enumerate"]).stdout;
    assert!(said.contains("… and at least "), "{said}");
}

/// What programs print and how they end is compared in all the ways that there are.
const PRINTS: &str = r#"
command compares
  do
    branch = exec git branch --show-current
    if branch == main
      print "on main"
    else
      fail "not on main"
    end
  end
end

command matches
  do
    v = shell_output "node --version | cut -c2-"
    match v
      case 18
        print old
      case 20
        fail new
      else
        print other
    end
  end
end

command asks
  do
    v = exec git status
    if contains v "nothing to commit"
      print clean
    elif has_prefix v fatal
      fail "no repository"
    end
    t = trim v
    if t == done
      print done
    end
  end
end

command counts
  do
    n = shell_output "git log | wc -l"
    if n > 3
      fail many
    end
  end
end

command tries
  do
    s = try_shell "make 'all of it'"
    if s == 2
      fail "no rule"
    end
    if try_shell "a | b"
      print piped
    end
  end
end

command twice
  do
    label
    label
  end
end

command label
  private
  do
    v = exec git describe
    if v == v1
      print one
    end
  end
end

command fetches
  do
    v = http_get "https://x.org/v"
    if v == "1"
      print one
    end
    s = http_status "https://x.org/s"
    if s == 503
      fail down
    end
    if http_status "https://x.org/ok"
      print ok
    end
  end
end

command rescues
  do
    try
      exec make
    rescue
      if "${err.code}" == 2
        fail "no rule"
      end
    end
  end
end

command variables
  arg stage
    type string
    index 0
  end
  do
    if contains stage prod
      print prod
    end
    if has_suffix "${CI}" "true"
      fail ci
    end
  end
end
"#;

/// Hosts of which this and that is said of programs.
const TOLD: [&str; 6] = [
    r#"{"cwd": "/w"}"#,
    r#"{"cwd": "/w", "oracles": {"has_bin": {"git": true, "make": true}}}"#,
    r#"{"cwd": "/w", "oracles": {"has_bin": {"git": true}, "exec": {"git *": {"status": 3, "status_only": true}}}}"#,
    r#"{"cwd": "/w", "bins": ["git"], "oracles": {"exec": {"git status": {"stdout": "x"}}, "shell_output": {"git log | wc -l": "7"}}}"#,
    r#"{"cwd": "/w", "oracles": {"exec": {"a | b": {"status": 1, "effects": [{"mkdir": "d"}]}, "make *": {"status": 2}}}}"#,
    r#"{"cwd": "/w", "bins": ["git"], "scenarios": [{"name": "bare", "overrides": {"has_bin": {"make": false}}}]}"#,
];

#[test]
fn each_case_of_what_is_printed_gives_what_is_said_of_it() {
    let rig = Rig::new();
    rig.put("commands.perch", PRINTS);
    let mut seen = (0, 0);
    for host in TOLD {
        rig.put("host.json", host);
        for command in ["compares", "matches", "asks", "counts", "tries", "twice", "fetches", "rescues", "variables"] {
            let (cases, ops) = agreeing(&rig, host, command);
            seen = (seen.0 + cases, seen.1 + ops);
        }
    }
    assert!(seen.0 >= 120 && seen.1 >= 400, "{seen:?}");
}

/// The cases of a command on a host, in words.
fn when(rig: &Rig, command: &str, host: &str) -> Vec<String> {
    rig.put("host.json", host);
    let cases = told(rig, command, &["--sim-file=host.json"]);
    cases["told"].as_array().into_iter().flatten().map(|case| case["when"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_a_program_prints_is_what_it_is_compared_with_or_another_text() {
    let rig = Rig::new();
    rig.put("commands.perch", PRINTS);
    let git = TOLD[1];
    let prints = |words: &str, texts: &[&str]| -> Vec<String> {
        texts.iter().map(|text| format!("`{words}` prints `{text}` and changes nothing")).collect()
    };
    assert_eq!(when(&rig, "compares", git), prints("git branch --show-current", &["main", "another"]));
    assert_eq!(when(&rig, "twice", git), prints("git describe", &["v1", "another"]));
    assert_eq!(when(&rig, "asks", git), prints("git status", &["nothing to commit", "fatal", "done", "another"]));
    let ends = "`node --version | cut -c2-` ends with status";
    let prints = |text| format!("{ends} 0, prints `{text}` and changes nothing");
    assert_eq!(when(&rig, "matches", git), [prints("18"), prints("20"), prints("another"), format!("{ends} 1")]);
    let prints = |text| format!("`git log | wc -l` ends with status 0, prints `{text}` and changes nothing");
    assert_eq!(when(&rig, "counts", git), [prints("3"), prints("4"), "`git log | wc -l` ends with status 1".into()]);
    let ends = |status| format!("`make` is on PATH and `make` ends with status {status}");
    assert_eq!(when(&rig, "rescues", TOLD[0])[..3], [ends(0), ends(1), ends(2)]);
    let made = "`make all of it` ends with status";
    let ends = [format!("`a | b` ends with status 0 and {made} 0"), format!("`a | b` ends with status 1 and {made} 0")];
    assert_eq!(when(&rig, "tries", git)[..2], ends);
    assert!(when(&rig, "tries", git).contains(&format!("{made} 2")), "{:?}", when(&rig, "tries", git));
}

#[test]
fn what_is_answered_is_told_by_its_status_or_with_its_body() {
    let rig = Rig::new();
    rig.put("commands.perch", PRINTS);
    let host = r#"{"cwd": "/w", "oracles": {"http": {"https://x.org/v": {"status": 203, "status_only": true}, "https://x.org/ok": {}}}}"#;
    let s = |status| format!("`https://x.org/s` answers with status {status}");
    let v = |text| format!("`https://x.org/v` answers with `{text}`");
    let both = |status, text| format!("{} and {}", s(status), v(text));
    let all = [both(200, "1"), both(503, "1"), both(200, "another"), both(503, "another")];
    assert_eq!(when(&rig, "fetches", host), all);
    let cases = told(&rig, "fetches", &["--sim-file=host.json"]);
    let told = json!({"https://x.org/v": {"status": 203, "body": "1"}, "https://x.org/s": {"status": 200, "status_only": true}});
    assert_eq!(cases["told"][0]["fixture"]["oracles"]["http"], told);
}

#[test]
fn variables_and_arguments_get_the_texts_that_functions_are_asked_about() {
    let rig = Rig::new();
    rig.put("commands.perch", PRINTS);
    let when = when(&rig, "variables", r#"{"cwd": "/w", "env": {"CI": "x"}}"#);
    assert_eq!(when, ["argument `stage` is `prod`", "argument `stage` is `another`"]);
    let when = self::when(&rig, "variables", r#"{"cwd": "/w", "args": {"stage": "x"}}"#);
    assert_eq!(when, ["`CI` is `true`", "`CI` is `another`", "`CI` is not set"]);
}

/// Between two whole numbers there is none, so those are tried that are.
#[test]
fn a_whole_number_that_is_compared_with_a_fraction_is_tried_on_both_sides() {
    let rig = Rig::new();
    let file = "command main\n  arg n\n    type int\n    index 0\n  end\n  do\n    if n >= 3.5\n      print big\n    elif n == 2\n      fail two\n    else\n      fail small\n    end\n  end\nend\n";
    rig.put("commands.perch", file);
    let said = rig.simulate(&["--enumerate", "--no-suggestions"]).stdout;
    assert!(said.contains("✓ argument `n` is `4`"), "{said}");
    assert!(said.contains("✗ argument `n` is `2`") && said.contains("✗ argument `n` is `"), "{said}");
}

/// What functions ask about, and what no value is known for.
const ASKS: &str = r#"
command pattern
  arg v
    type string
    index 0
  end
  do
    if regex_match "^v[0-9]+\.[0-9]+$" v
      print release
    else
      fail "no release"
    end
  end
end

command odd
  arg v
    type string
    index 0
  end
  do
    if regex_match "(?i)^xyzzy$" v
      print magic
    end
    if v == main
      fail main
    end
  end
end

command ends
  arg v
    type string
    index 0
  end
  do
    if has_prefix v "rel-" and has_suffix v ".0"
      print both
    elif is_abs v
      print path
    end
  end
end

command same
  do
    a = exec git rev-parse HEAD
    b = exec git rev-parse main
    if a == "${b}"
      print same
    elif b == none
      fail none
    end
  end
end

command other
  arg which
    type string
    index 0
  end
  do
    x = exec git log "${which}"
    if x == z
      fail z
    end
  end
end

command system
  do
    if os == linux
      print linux
    elif is_macos
      print macos
    elif is_windows
      print windows
    else
      fail "not for this system"
    end
  end
end

command beneath
  arg v
    type string
    index 0
  end
  do
    if v == main
      print main
    end
    write_file "out/${v}" x
  end
end

command changes
  do
    exec make
    if exists out/bin
      print there
    end
    if has_bin jq
      print jq
    end
  end
end

command together
  arg v
    type string
    index 0
  end
  do
    if has_prefix v "a-"
      print a
    end
    if has_prefix v "b-"
      print b
    end
    if contains v "/"
      fail slash
    end
  end
end

command either
  do
    set = false
    if has_bin a
      set = true
    end
    try
      if has_bin b
        exec "${set}"
      end
    rescue
      print failed
    end
  end
end
"#;

/// A host on which little is open but what programs print.
const WITH_GIT: &str = r#"{"cwd": "/w", "env": {}, "oracles": {"has_bin": {"git": true, "make": true}}}"#;

fn asked(command: &str) -> (Vec<String>, Value) {
    let rig = Rig::new();
    rig.put("commands.perch", ASKS);
    (when(&rig, command, WITH_GIT), told(&rig, command, &["--sim-file=host.json"]))
}

#[test]
fn a_text_is_made_up_that_a_function_says_yes_to() {
    let (when, cases) = asked("pattern");
    assert_eq!(when, ["argument `v` is `v0.0`", "argument `v` is `another`"]);
    assert_eq!((&cases["complete"], &cases["untried"]), (&json!(true), &Value::Null));
    let (when, cases) = asked("ends");
    assert_eq!(when, ["argument `v` is `rel-`", "argument `v` is `rel-.0`", "argument `v` is `/another`"]);
    assert_eq!(cases["complete"], json!(true));
    let (when, cases) = asked("together");
    let all = ["a-", "b-", "/", "a-/", "b-/", "another"].map(|text| format!("argument `v` is `{text}`"));
    assert_eq!((when, &cases["complete"]), (all.to_vec(), &json!(true)));
}

#[test]
fn a_system_that_is_none_of_the_usual_ones_is_tried_where_all_of_those_are_asked_for() {
    let (when, cases) = asked("system");
    assert_eq!(when, ["`os` is `linux`", "`os` is `macos`", "`os` is `windows`", "`os` is `freebsd`"]);
    assert_eq!(cases["complete"], json!(true));
}

#[test]
fn two_texts_are_the_same_or_not_whatever_else_they_are() {
    let (when, cases) = asked("same");
    let prints = |words, text| format!("`git rev-parse {words}` prints `{text}` and changes nothing");
    let both = |one, other| format!("{} and {}", prints("HEAD", one), prints("main", other));
    assert_eq!(when, [both("none", "none"), both("none", "another"), both("another", "none")]);
    assert_eq!(cases["complete"], json!(true));
}

#[test]
fn what_no_value_is_known_for_is_named_and_not_said_to_be_complete() {
    let untried = |command| {
        let (_, cases) = asked(command);
        assert_eq!(cases["complete"], json!(false), "{command}: {cases:#}");
        cases["untried"].clone()
    };
    assert_eq!(untried("odd"), json!(["`regex_match (?i)^xyzzy$ ${v}` is true"]));
    assert_eq!(untried("other"), json!(["`git log ${which}` stands for other words"]));
    assert_eq!(
        untried("beneath"),
        json!([
            "something hangs on what is not said, such as a text that a path, a list or the words of a program are made of"
        ])
    );
    let changes = untried("changes");
    assert!(changes.to_string().contains("`/w/out/bin` exists by then"), "{changes:#}");
    let rig = Rig::new();
    rig.put("commands.perch", ASKS);
    let said = rig.simulate(&["odd", "--enumerate", "--no-suggestions"]).stdout;
    let end = "    … and perhaps more, for not all cases were tried in which\n      • `regex_match (?i)^xyzzy$ ${v}` is true\n\n";
    assert!(said.contains(end), "{said}");
}

#[test]
fn of_a_program_whose_words_are_not_known_it_is_said_whatever_they_are() {
    let (when, cases) = asked("other");
    assert_eq!(when[0], "`git` with whatever words prints `z` and changes nothing");
    assert_eq!(cases["told"][0]["fixture"]["oracles"]["exec"]["git *"]["stdout"], json!("z"));
}

#[test]
fn each_case_of_what_is_made_up_gives_what_is_said_of_it() {
    let rig = Rig::new();
    rig.put("commands.perch", ASKS);
    let mut seen = (0, 0);
    for host in [WITH_GIT, TOLD[0]] {
        rig.put("host.json", host);
        for command in ["pattern", "odd", "ends", "same", "other", "system", "beneath", "changes", "together", "either"]
        {
            let (cases, ops) = agreeing(&rig, host, command);
            seen = (seen.0 + cases, seen.1 + ops);
        }
    }
    assert!(seen.0 >= 50 && seen.1 >= 100, "{seen:?}");
}
