//! What would have to be said of a host: every suggestion, applied, gives the verdict that it promises.

use serde_json::Value;

use crate::rig::{Rig, described, flat_of};

const FILE: &str = r#"
command deploy
  arg mode
    type string
    index 0
  end
  do
    if mode == prod
      fail "not here"
    end
    git status
    v = read_file /a/b
    if os == linux
      write_file /etc/x "y"
    end
    write_file /srv/out "${v}"
    print "${TOKEN}"
  end
end

command tries
  do
    try
      rm /gone
      v = read_file /gone
    rescue
      print caught
    end
    helper
  end
end

command helper
  private
  do
    make all || make some
    cp /c/d /e
  end
end
"#;

/// Hosts of which this and that is said.
const HOSTS: [&str; 6] = [
    r#"{"cwd": "/w"}"#,
    r#"{"cwd": "/w", "os": "linux", "fs_write": ["/srv"], "bins": ["ls"], "env_missing": ["TOKEN"]}"#,
    r#"{"cwd": "/w", "files": {"/a": {"kind": "dir", "closed": true}, "/srv/out": {"kind": "dir"}}, "no_subprocess": true, "env_only": true}"#,
    r#"{"cwd": "/w", "no_write": true, "oracles": {"has_bin": {"git": false}, "exec": {"make all": {"status": 2}, "make some": {"status": 1}}}}"#,
    r#"{"cwd": "/w", "env_missing": ["TOKEN", "X"], "files": {"/c": {"kind": "dir", "closed": true}, "/etc/x": {"kind": "dir", "closed": true}}, "oracles": {"file_exists": {"/a/b": false, "/gone": false, "/srv": false}, "has_bin": {"make": false}}}"#,
    r#"{"cwd": "/w", "scenarios": [{"name": "bare", "overrides": {"has_bin": {"git": false}}, "files": {"/c/d": {"kind": "absent"}}}]}"#,
];

/// Ops with their suggestions, by command and id.
fn suggested(report: &Value) -> Vec<(Value, Value, Value)> {
    let commands = report["scenarios"][0]["commands"].as_array().unwrap();
    let ops = commands
        .iter()
        .flat_map(|command| flat_of(&command["ops"]).into_iter().map(|op| (command["command"].clone(), op)));
    ops.filter_map(|(command, op)| Some((command, op["id"].clone(), op["suggestions"].as_array()?.first()?.clone())))
        .collect()
}

fn verdict_of(report: &Value, command: &Value, id: &Value) -> Value {
    let commands = report["scenarios"][0]["commands"].as_array().unwrap();
    let command = commands.iter().find(|one| one["command"] == *command).unwrap();
    flat_of(&command["ops"]).iter().find(|op| op["id"] == *id).unwrap()["verdict"].clone()
}

#[test]
fn what_is_suggested_is_enough() {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    let mut seen = (0, 0);
    for host in HOSTS {
        rig.put("host.json", host);
        for (command, id, suggestion) in suggested(&rig.report(&["--sim-file=host.json"])) {
            let changed = described(host, &suggestion["fixture"]);
            rig.put("changed.json", &changed.to_string());
            let verdict = verdict_of(&rig.report(&["--sim-file=changed.json"]), &command, &id);
            assert_eq!(verdict, "WILL_RUN", "{id} in {host}: {suggestion:#}");
            seen.0 += 1;
            let Some(flag) = suggestion["flag"].as_str().filter(|flag| !flag.contains('\'')) else { continue };
            let name = command.as_str().unwrap();
            let words: Vec<&str> = [name, "--sim-file=host.json"].into_iter().chain(flag.split(' ')).collect();
            assert_eq!(verdict_of(&rig.report(&words), &command, &id), "WILL_RUN", "{id} in {host}: {flag}");
            seen.1 += 1;
        }
    }
    assert!(seen.0 >= 25 && seen.1 >= 4, "{seen:?}");
}

/// Of rights, what is suggested is an owner or bits of a mode: the smallest thing that gives them. Nobody is told to be an administrator
/// where less will do.
#[test]
fn what_is_missing_of_rights_is_given_by_an_owner_or_a_mode() {
    let rig = Rig::new();
    rig.put("commands.perch", "command main\n  do\n    read_file /own\n    read_file /secret\n    mkdir /srv/app/sub\n    rm /srv/app/old\n    write_file ro x\n    exec ./tool\n    exec /usr/bin/none\n    chmod /etc/foreign 0600\n    read_file /shut/deep/x\n  end\nend\n");
    let host = r#"{"machine": {"user": "ci"}, "cwd": "/w", "files": {
      "/own": {"kind": "file", "mode": "0200"},
      "/secret": {"kind": "file", "mode": "0600", "owner": "root"},
      "/srv/app": {"kind": "dir", "mode": "0555", "owner": "root", "closed": true},
      "/srv/app/old": {"kind": "file"},
      "/w": {"kind": "dir", "closed": true},
      "ro": {"kind": "file", "content": "x", "mode": "0444"},
      "tool": {"kind": "file", "mode": "0644"},
      "/usr/bin": {"kind": "dir", "closed": true},
      "/etc/foreign": {"kind": "file", "owner": "root"},
      "/shut": {"kind": "dir", "mode": "0700", "owner": "root"},
      "/shut/deep/x": {"kind": "file", "mode": "0000", "owner": "root"}
    }}"#;
    rig.put("host.json", host);
    let all = suggested(&rig.report(&["--sim-file=host.json"]));
    let said: Vec<&str> = all.iter().map(|(.., suggestion)| suggestion["message"].as_str().unwrap()).collect();
    let of_two = "it runs if `/srv/app` belongs to `ci` and has mode `0755`";
    assert_eq!(
        said,
        [
            "it runs if `/own` has mode `0600`",
            "it runs if `/secret` belongs to `ci`",
            of_two,
            of_two,
            "it runs if `/w/ro` has mode `0644`",
            "it runs if `./tool` has mode `0744` and `./tool` ends with status 0",
            "it runs if `/usr/bin/none` is a file with mode `0755` and `/usr/bin/none` ends with status 0",
            "it runs if `/etc/foreign` belongs to `ci`",
            // Two directories would have to be somebody else's.
            "it runs if `uid` is `0`",
        ]
    );
    for (command, id, suggestion) in all {
        rig.put("changed.json", &described(host, &suggestion["fixture"]).to_string());
        let verdict = verdict_of(&rig.report(&["--sim-file=changed.json"]), &command, &id);
        assert_eq!(verdict, "WILL_RUN", "{id}: {suggestion:#}");
    }
}

const GUARDED: &str = r#"
command main
  do
    write_file /srv/out "y"
    v = read_file /etc/conf
    git fetch
    print "${TOKEN}"
    page = http_get "http://a.example/x"
  end
end
"#;

#[test]
fn what_flags_of_the_run_forbid_they_may_allow() {
    let rig = Rig::new();
    rig.put("commands.perch", GUARDED);
    let host = r#"{"cwd": "/w", "env": {"TOKEN": "t"}}"#;
    rig.put("host.json", host);
    let flags = ["--allow-write=/x", "--allow-read=/y", "--allow-bin=ls", "--env=HOME", "--allow-host=b.example"];
    let all = suggested(&rig.report(&[&["--sim-file=host.json"], &flags[..]].concat()));
    let said: Vec<&str> = all.iter().map(|(.., suggestion)| suggestion["message"].as_str().unwrap()).collect();
    assert_eq!(
        said,
        [
            "it runs if `/srv` is a directory and nothing is at `/srv/out` and `/srv/out` may be written",
            "it runs if `/etc/conf` is a file and `/etc/conf` may be read",
            "it runs if `git` is on PATH and `git` may be started",
            "it runs if `TOKEN` may be read",
            "it runs if `http://a.example/x` answers with status 200 and `a.example` may be talked to",
        ]
    );
    for (command, id, suggestion) in all {
        let mut words = vec!["main"];
        // A flag that is given again names more.
        words.extend(flags);
        let changed = described(host, &suggestion["fixture"]);
        rig.put("changed.json", &changed.to_string());
        let part = suggestion["fixture"].is_object();
        words.push(if part { "--sim-file=changed.json" } else { "--sim-file=host.json" });
        let besides = if part { &suggestion["besides"] } else { &suggestion["flag"] };
        words.extend(besides.as_str().unwrap().split(' '));
        assert_eq!(verdict_of(&rig.report(&words), &command, &id), "WILL_RUN", "{id}: {suggestion:#}");
    }
}

#[test]
fn suggestions_can_be_left_out() {
    let rig = Rig::new();
    rig.put("commands.perch", FILE);
    assert_ne!(suggested(&rig.report(&[])), []);
    assert_eq!(suggested(&rig.report(&["--no-suggestions"])), []);
}

#[test]
fn nothing_is_suggested_where_nothing_that_can_be_said_helps() {
    let rig = Rig::new();
    rig.put("commands.perch", "command main\n  do\n    rm /a\n    v = read_file /a\n    fail \"${v}\"\n  end\nend\n");
    rig.put("host.json", r#"{"files": {"/a": {"kind": "file"}}}"#);
    assert_eq!(suggested(&rig.report(&["--sim-file=host.json"])), []);
}

/// What is suggested to somebody who has given flags helps while they are given: what no fixture can say against a flag is said by flags.
#[test]
fn what_is_suggested_beside_flags_is_enough() {
    const GIVEN: [&[&str]; 5] = [
        &["--sim-no-subprocess", "--sim-no-write", "--sim-allow-host=*.acme.com"],
        &["--sim-env=C=1", "--sim-env-only=C"],
        &["--sim-fs-write=/var", "--sim-fs-read=/var", "--sim-have-bin=ls"],
        &["--sim-os=macos", "--sim-allow-host=b.example"],
        &["--sim-env=C=1", "--sim-no-write"],
    ];
    let rig = Rig::new();
    rig.put("commands.perch", GUARDED);
    let mut seen = (0, 0);
    for given in GIVEN {
        rig.put("host.json", r#"{"cwd": "/w", "os": "linux"}"#);
        let with_file = [given, &["--sim-file=host.json"]].concat();
        for (command, id, suggestion) in suggested(&rig.report(&with_file)) {
            let text = |key: &str| suggestion[key].as_str().unwrap_or_default().to_owned();
            let (flags, without) = (text("besides"), text("without"));
            if flags.contains('\'') || suggestion["fixture"].is_null() && without.is_empty() {
                continue;
            }
            seen = (seen.0 + usize::from(!flags.is_empty()), seen.1 + usize::from(!without.is_empty()));
            let changed = described(r#"{"cwd": "/w", "os": "linux"}"#, &suggestion["fixture"]);
            let part = if suggestion["fixture"].is_null() {
                r#"{"cwd": "/w", "os": "linux"}"#.to_owned()
            } else {
                changed.to_string()
            };
            rig.put("changed.json", &part);
            let besides: Vec<&str> = flags.split(' ').filter(|flag| !flag.is_empty()).collect();
            let name = |flag: &str| flag.split('=').next().unwrap().to_owned();
            let is_kept = |flag: &&&str| {
                !without.split(' ').any(|other| other == **flag)
                    && !besides.iter().any(|other| name(other) == name(flag))
            };
            let kept: Vec<&str> = given.iter().filter(is_kept).copied().collect();
            let words = [&kept[..], &besides[..], &["--sim-file=changed.json"]].concat();
            assert_eq!(
                verdict_of(&rig.report(&words), &command, &id),
                "WILL_RUN",
                "{id} beside {given:?}: {suggestion:#}"
            );
        }
    }
    assert!(seen.0 >= 1 && seen.1 >= 3, "{seen:?}");
}
