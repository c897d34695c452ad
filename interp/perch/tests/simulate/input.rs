//! Flags, and words and files that cannot be used.

use crate::rig::Rig;

// ---- each flag once ---------------------------------------------------------------------------------

#[test]
fn facts_of_the_host() {
    let rig = Rig::new();
    assert_eq!(rig.verdict(&["main", "--sim-os=linux"], "print mac"), "SKIPPED");
    assert_eq!(rig.verdict(&["main", "--sim-os", "macos"], "print mac"), "WILL_RUN");
    assert_eq!(rig.simulate(&["required", "--sim-arch", "arm64"]).status, 0);
}

#[test]
fn the_environment() {
    let rig = Rig::new();
    let print = |flags: &[&str]| rig.verdict(&[&["required"], flags].concat(), "print");
    assert_eq!(print(&[]), "MIGHT_FAIL");
    assert_eq!(print(&["--sim-env", "HOME=/h,USER=u"]), "WILL_RUN");
    assert_eq!(print(&["--sim-env=USER=u", "--sim-env", "HOME=/h"]), "WILL_RUN");
    assert_eq!(print(&["--sim-env-only=HOME"]), "WILL_RUN");
    assert_eq!(print(&["--sim-env-only"]), "WILL_FAIL");
}

#[test]
fn directories() {
    let rig = Rig::new();
    let read = |flags: &[&str]| rig.verdict(&[&["reads"], flags].concat(), "v = read_file");
    assert_eq!(read(&[]), "MIGHT_FAIL");
    assert_eq!(read(&["--sim-fs-read=/data"]), "WILL_RUN");
    assert_eq!(read(&["--sim-fs-read", "/other"]), "WILL_FAIL");
    assert_eq!(read(&["--sim-fs-write", "/other"]), "MIGHT_FAIL");
    assert_eq!(read(&["--allow-read=/other"]), "WILL_FAIL");
    let write = |flags: &[&str]| rig.verdict(&[&["main"], flags].concat(), "write_file");
    assert_eq!(write(&["--sim-fs-write=/other"]), "WILL_FAIL");
    assert_eq!(write(&["--sim-fs-write", ".", "--sim-fs-write", "/other"]), "WILL_RUN");
    assert_eq!(write(&["--sim-fs-write=.", "--allow-write=/other"]), "WILL_FAIL");
    assert_eq!(write(&["--sim-no-write"]), "WILL_FAIL");
    assert_eq!(write(&["--no-write"]), "WILL_FAIL");
}

#[test]
fn programs() {
    let rig = Rig::new();
    let start = |flags: &[&str]| rig.verdict(&[&["starts"], flags].concat(), "git");
    assert_eq!(start(&[]), "MIGHT_FAIL");
    assert_eq!(start(&["--sim-have-bin=make,git"]), "WILL_RUN");
    assert_eq!(start(&["--sim-have-bin", "make"]), "WILL_FAIL");
    assert_eq!(start(&["--sim-have-bin=git", "--allow-bin=make"]), "WILL_FAIL");
    assert_eq!(start(&["--sim-have-bin=git", "--sim-no-subprocess"]), "WILL_FAIL");
    assert_eq!(start(&["--sim-have-bin=git", "--no-subprocess"]), "WILL_FAIL");
    let before = rig.perch(&["--no-subprocess", "simulate", "starts"]);
    assert_eq!(before.status, 1, "{}", before.stdout);
}

#[test]
fn a_flag_replaces_the_fixtures_key_and_booleans_add_up() {
    let rig = Rig::new();
    rig.put("host.json", r#"{"os": "macos", "bins": ["git"], "no_write": true}"#);
    let verdict = |words: &[&str], begins| rig.verdict(&[words, &["--sim-file", "host.json"]].concat(), begins);
    assert_eq!(verdict(&["main"], "print mac"), "WILL_RUN");
    assert_eq!(verdict(&["main", "--sim-os=linux"], "print mac"), "SKIPPED");
    assert_eq!(verdict(&["starts", "--sim-have-bin=make"], "git"), "WILL_FAIL");
    assert_eq!(verdict(&["main", "--sim-no-subprocess"], "write_file"), "WILL_FAIL");
}

#[test]
fn arguments() {
    let rig = Rig::new();
    let fail = |more: &[&str]| rig.verdict(&[&["required"], more].concat(), "fail");
    assert_eq!(fail(&[]), "WILL_FAIL");
    assert_eq!(fail(&["--arg", "target=test"]), "SKIPPED");
    let slow = |more: &[&str]| rig.simulate(&[&["main"], more].concat()).stdout.contains("✓ print \"slow");
    assert!(!slow(&[]));
    assert!(slow(&["--arg=mode=slow", "--arg", "count=-3"]));
    assert!(slow(&["--", "slow", "-count", "7"]));
    assert_eq!(rig.simulate(&["--arg", "mode=slow"]).status, 0);
}

#[test]
fn words_that_are_no_command() {
    let rig = Rig::new();
    let caught = "catch verb\n  proxy_args\n  do\n    if proxy_args == \"other -x y\"\n      fail \"caught\"\n    end\n  end\nend\n";
    rig.put("catch.perch", caught);
    let fails = |words: &[&str]| rig.simulate(&[&["-f", "catch.perch"], words].concat()).stdout.contains("✗ fail");
    assert!(fails(&["other", "--", "-x", "y"]));
    assert!(!fails(&["other"]));
    let message = "`--arg verb=…`: `other` is no command, and `catch` has no arguments";
    let help = "`perch simulate other -- WORDS…` says which words stand behind it";
    refused(&rig, &["-f", "catch.perch", "other", "--arg", "verb=x"], message, help);
}

// ---- what cannot be used ----------------------------------------------------------------------------

/// Status 2, nothing on standard output, and the message and advice.
fn refused(rig: &Rig, words: &[&str], message: &str, help: &str) {
    let said = rig.simulate(words);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{words:?}");
    assert_eq!(said.stderr, format!("↪ {message}\n  help  {help}\n"), "{words:?}");
}

#[test]
fn flags_that_are_not_known() {
    let rig = Rig::new();
    refused(
        &rig,
        &["--sim-haev-bin=x"],
        "`perch simulate` has no flag `--sim-haev-bin`",
        "did you mean `--sim-have-bin`?",
    );
    let list = "`perch simulate --help` lists the flags; arguments of the command stand behind `--`";
    refused(&rig, &["main", "--quux"], "`perch simulate` has no flag `--quux`", list);
    refused(&rig, &["--format", "jsno"], "`jsno` is no value of `--format`", "did you mean `json`?");
    refused(
        &rig,
        &["--fail-on=never"],
        "`never` is no value of `--fail-on`",
        "it takes `command`, `op`, `might`, `assumption`",
    );
    refused(&rig, &["--strict=all"], "`all` is no value of `--strict`", "it takes `might`, `assumptions`");
    for words in [
        &["--sim-file"][..],
        &["--strict", "--fail-on=op"],
        &["--json", "--format=text"],
        &["--sim-os=a", "--sim-os=b"],
    ] {
        let said = rig.simulate(words);
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{words:?}");
        assert!(said.stderr.starts_with("↪ ") && said.stderr.contains("--"), "{words:?}: {}", said.stderr);
    }
}

#[test]
fn commands_that_are_not_there() {
    let rig = Rig::new();
    refused(&rig, &["mian"], "`commands.perch` has no command `mian`", "did you mean `main`?");
    refused(&rig, &["quux"], "`commands.perch` has no command `quux`", "`perch --list` lists the commands");
    rig.put("a.perch", "name a\n");
    refused(&rig, &["a.perch"], "`commands.perch` has no command `a.perch`", "`-f a.perch` names the file of commands");
    let said = rig.simulate(&["helper"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert_eq!(said.stderr, "↪ command `helper` is private: only other commands can call it\n");
    let said = rig.simulate(&["-f", "none.perch"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.starts_with("↪ there is no file `none.perch`"), "{}", said.stderr);
    let said = rig.perch(&["-f", "a.perch", "simulate", "-f", "b.perch"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.starts_with("↪ two files are named: `-f a.perch` and `-f b.perch`\n"), "{}", said.stderr);
    rig.put("none.perch", "name none\n");
    let said = rig.simulate(&["-f", "none.perch"]);
    assert_eq!((said.status, said.stderr.starts_with("↪ `none.perch` has no public command")), (2, true));
}

#[test]
fn arguments_that_do_not_fit() {
    let rig = Rig::new();
    let no = |words: &[&str], message: &str, help: &str| refused(&rig, words, message, help);
    no(
        &["main", "slow"],
        "`slow` is one word too many for `perch simulate`",
        "arguments of the command stand behind `--`",
    );
    no(
        &["a.perch", "main"],
        "`main` is one word too many for `perch simulate`",
        "`-f a.perch` names the file of commands",
    );
    no(
        &["main", "host.json"],
        "`host.json` is one word too many for `perch simulate`",
        "`--sim-file host.json` names the fixture",
    );
    no(
        &["main", "--fixture", "host.json"],
        "`perch simulate` has no flag `--fixture`",
        "`--sim-file F` names the fixture",
    );
    no(&["--", "slow"], "`-- slow` stands behind no command", "`perch simulate COMMAND -- ARGS…` names one");
    no(&["main", "--arg", "mode"], "`--arg mode` gives no value", "write `--arg mode=VALUE`");
    no(&["main", "--arg", "mdoe=x"], "`--arg mdoe=…`: command `main` has no argument `mdoe`", "did you mean `mode`?");
    no(
        &["--arg", "quux=x"],
        "`--arg quux=…`: no public command has an argument `quux`",
        "`perch COMMAND --help` lists the arguments",
    );
    let help = "it is called like this: `perch main [MODE] [-count=VALUE]`";
    let wrong = "`main` cannot be called like this: `x` is no value of type int (argument `count`)";
    no(&["main", "--arg", "count=x"], wrong, help);
    no(&["main", "--", "-count", "x"], wrong, help);
    let by_name =
        "`count` is given by its name, `-count b`; with `index 1` in its declaration it takes a word without a name";
    no(&["main", "--", "a", "b"], "`main` cannot be called like this: `b` is one word too many", by_name);
    let twice = "give it once, as `--arg NAME=VALUE` or behind `--`";
    no(&["main", "--arg=mode=a", "--", "b"], "argument `mode` is given twice", twice);
    no(&["main", "--arg=mode=a", "--arg=mode=b"], "argument `mode` is given twice", twice);
}

#[test]
fn fixtures_that_cannot_be_used() {
    let rig = Rig::new();
    let host = |text: &str, message: &str, help: &str| {
        rig.put("host.json", text);
        refused(&rig, &["main", "--sim-file", "host.json"], message, help);
    };
    host("{\n  \"fs_wirte\": []\n}", "host.json:2:3: a fixture has no key `fs_wirte`", "did you mean `fs_write`?");
    let said = rig.simulate(&["--sim-file=none.json"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.starts_with("↪ cannot read the fixture `none.json`: "), "{}", said.stderr);
    refused(
        &rig,
        &["--sim-env=HOME"],
        "`HOME` in `--sim-env` is not `NAME=VALUE`",
        "a value that holds a comma can be said in the fixture's `env`",
    );
}

#[test]
fn a_system_is_meant_that_others_call_almost_so() {
    let rig = Rig::new();
    for (said, meant) in
        [(r#"{"os": "darvin"}"#, "macos"), (r#"{"os": "linus"}"#, "linux"), (r#"{"arch": "x86_46"}"#, "amd64")]
    {
        rig.put("host.json", said);
        let told = rig.simulate(&["--sim-file=host.json"]);
        assert!(told.stderr.contains(&format!("help  did you mean `{meant}`?")), "{said}: {}", told.stderr);
    }
}

/// An editor that knows the schema says the same of a text as perch does: a pattern in it refuses nothing that perch accepts.
#[test]
fn the_patterns_of_the_schema_refuse_what_perch_refuses() {
    let rig = Rig::new();
    let schema = schemars::schema_for!(perch_fixtures::Fixture).to_value();
    let agree = |way: &str, fixture: &dyn Fn(&str) -> String, right: &[&str], wrong: &[&str]| {
        let pattern = schema.pointer(way).and_then(serde_json::Value::as_str).unwrap();
        let pattern = regex::Regex::new(pattern).unwrap();
        let all = right.iter().map(|text| (text, true)).chain(wrong.iter().map(|text| (text, false)));
        for (text, is_right) in all {
            rig.put("host.json", &fixture(text));
            let said = rig.simulate(&["starts", "--sim-file", "host.json"]);
            assert_eq!(
                (pattern.is_match(text), said.status != 2),
                (is_right, is_right),
                "{way} {text}: {}",
                said.stderr
            );
        }
    };
    agree(
        "/properties/clock/pattern",
        &|text| format!(r#"{{"clock": "{text}"}}"#),
        &["2024-01-31", "2024-01-31T12:00:00Z", "2024-01-31 12:00:00+01:00", "2024-01-31t12:00:00z", "0001-01-01"],
        &["", "noon", "2024-1-31", "2024-01-31T12:00", "2024-01-31T12:00:00", "2024-01-31T12:00:00.5Z", "1706700000"],
    );
    agree(
        "/properties/cwd/pattern",
        &|text| format!(r#"{{"cwd": "{text}"}}"#),
        &["/", "/srv/app", "/srv/../app/", "//srv"],
        &["", ".", "app", "~/app"],
    );
    agree(
        "/properties/bins/items/pattern",
        &|text| format!(r#"{{"bins": ["{text}"]}}"#),
        &["git", "/opt/git", "/opt/my git", "a b", "g++", "..", "~"],
        &["", "./git", "bin/git", "git,make", "/opt/a,b"],
    );
    for (at, kind) in ["file", "dir"].into_iter().enumerate() {
        agree(
            &format!("/$defs/FileFact/oneOf/{at}/properties/mode/pattern"),
            &|text| format!(r#"{{"files": {{"/a": {{"kind": "{kind}", "mode": "{text}"}}}}}}"#),
            &["000", "644", "0644", "1777", "7777"],
            &["", "7", "77", "999", "0o644", "00644", "u+x"],
        );
    }
}

#[test]
fn the_schema_says_how_large_numbers_may_be() {
    let schema = schemars::schema_for!(perch_fixtures::Fixture).to_value();
    let most = |way: &str| schema.pointer(way).and_then(serde_json::Value::as_u64);
    assert_eq!(most("/$defs/Machine/properties/uid/maximum"), Some(u32::MAX.into()));
    assert_eq!(most("/$defs/ExecFact/properties/status/maximum"), Some(u8::MAX.into()));
    assert_eq!(most("/$defs/HttpFact/properties/status/maximum"), Some(599));
}
