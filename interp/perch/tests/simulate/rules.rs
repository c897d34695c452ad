//! Exit statuses.

use crate::rig::Rig;

const FILE: &str = r#"
command fine
  do
    v = upper "a"
  end
end

command caught
  do
    try
      v = read_file /none
    rescue
      v = ""
    end
  end
end

command fails_sometimes
  do
    if is_linux
      v = read_file /none
    end
  end
end

command might
  do
    v = read_file /open
  end
end

command assumes
  do
    nginx -t
  end
end

command fails
  do
    v = read_file /none
  end
end
"#;

const HOST: &str = r#"{"cwd": "/w", "files": {"/none": {"kind": "absent"}}, "oracles": {"has_bin": {"nginx": true}}}"#;

/// Status and last line.
fn exit(words: &[&str]) -> (i32, String) {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    rig.put("host.json", HOST);
    let said = rig.simulate(&[words, &["--sim-file", "host.json"]].concat());
    (said.status, said.stdout.lines().last().unwrap_or(&said.stderr).to_owned())
}

#[test]
fn the_mildest_rule_is_the_default() {
    let nothing = (0, "exit 0: no command will fail (--fail-on command)".to_owned());
    for command in ["fine", "caught", "fails_sometimes", "might", "assumes"] {
        assert_eq!(exit(&[command]), nothing, "{command}");
    }
    let found = (1, "exit 1: command `fails` will fail (--fail-on command)".to_owned());
    assert_eq!(exit(&["fails"]), found);
    assert_eq!(exit(&["fails", "--fail-on", "command"]), found);
    assert_eq!(exit(&[]), found);
}

#[test]
fn ops_that_will_fail_uncaught() {
    let nothing = (0, "exit 0: no command and no op will fail uncaught (--fail-on op)".to_owned());
    for command in ["fine", "caught", "might", "assumes"] {
        assert_eq!(exit(&[command, "--fail-on=op"]), nothing, "{command}");
    }
    let found = "exit 1: `v = read_file /none` at commands.perch:21 will fail, and nothing catches it (--fail-on op)"
        .to_owned();
    assert_eq!(exit(&["fails_sometimes", "--fail-on", "op"]), (1, found));
    assert!(exit(&["fails", "--fail-on", "op"]).1.contains("(--fail-on command)"));
}

#[test]
fn what_might_fail() {
    let nothing = (0, "exit 0: no command and no op will or might fail uncaught (--fail-on might)".to_owned());
    for command in ["fine", "caught", "assumes"] {
        assert_eq!(exit(&[command, "--strict"]), nothing, "{command}");
        assert_eq!(exit(&[command, "--fail-on=might"]), nothing, "{command}");
    }
    let found = (1, "exit 1: command `might` might fail (--fail-on might)".to_owned());
    assert_eq!(exit(&["might", "--strict"]), found);
    assert_eq!(exit(&["might", "--strict=might"]), found);
}

#[test]
fn assumptions() {
    let nothing =
        "exit 0: nothing will or might fail uncaught, and nothing is assumed (--fail-on assumption)".to_owned();
    assert_eq!(exit(&["fine", "--strict=assumptions"]), (0, nothing.clone()));
    assert_eq!(exit(&["caught", "--fail-on", "assumption"]), (0, nothing));
    let found = "exit 1: it is assumed that `nginx -t` exits with 0 (--fail-on assumption)".to_owned();
    assert_eq!(exit(&["assumes", "--strict=assumptions"]), (1, found));
}
