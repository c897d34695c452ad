//! What is really started for packages: stand-ins for managers on a PATH of their own write down their words, for an administrator and for
//! somebody else.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use perch_ops::{MANAGERS, Manager};
use rustix::process::geteuid;
use tempfile::TempDir;

/// Somebody who is no administrator.
const NOBODY: u32 = 65_534;

const FILE: &str = r#"command add
  do
    pkg_install jq
  end
end
command drop
  do
    pkg_uninstall "gcc@13"
  end
end
command look
  do
    there = pkg_installed jq
    print "${there}"
  end
end
command which_one
  do
    m = detect_pkg_mgr
    print "[${m}]"
  end
end
"#;

/// A machine with these programs and no others.
struct Machine(TempDir);

/// What a run has printed and whether it went well, and what it has started.
#[derive(Debug, PartialEq)]
struct Seen {
    printed: String,
    fine: bool,
    started: Vec<String>,
}

impl Machine {
    fn with(programs: &[&str]) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        let at = machine.0.path();
        let open = |path: &Path| fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
        open(at);
        fs::create_dir(at.join("bin")).unwrap();
        fs::write(at.join("commands.perch"), FILE).unwrap();
        fs::write(at.join("log"), "").unwrap();
        // Who is somebody else may not be let into the directory where perch was built.
        let perch = at.join("perch");
        fs::hard_link(env!("CARGO_BIN_EXE_perch"), &perch)
            .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_perch"), &perch).map(drop))
            .unwrap();
        for name in programs {
            let script = format!("#!/bin/sh\nprintf '%s\\n' \"{name} $*\" >> {}\n", at.join("log").display());
            fs::write(at.join("bin").join(name), script).unwrap();
            open(&at.join("bin").join(name));
        }
        open(&at.join("log"));
        open(&at.join("bin"));
        machine
    }

    fn run(&self, administrator: bool, words: &[&str]) -> Seen {
        let at = self.0.path();
        fs::write(at.join("log"), "").unwrap();
        let mut command = Command::new(at.join("perch"));
        command.env_clear().env("PATH", at.join("bin")).env("HOME", at).current_dir(at);
        if !administrator && geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let done = command.args(words).output().unwrap();
        let started = fs::read_to_string(at.join("log")).unwrap().lines().map(str::to_owned).collect();
        let printed = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        Seen { printed, fine: done.status.success(), started }
    }

    fn started(&self, administrator: bool, command: &str) -> Vec<String> {
        let seen = self.run(administrator, &[command]);
        assert!(seen.fine, "{command}: {seen:?}");
        seen.started
    }
}

/// As whom it can be tried: whoever is no administrator cannot become one.
fn users() -> &'static [bool] {
    if geteuid().is_root() { &[true, false] } else { &[false] }
}

fn here() -> impl Iterator<Item = &'static Manager> {
    let system = format!("is_{}", std::env::consts::OS);
    MANAGERS.iter().filter(move |manager| manager.system == system)
}

#[test]
fn o_093_o_094_each_manager_is_given_its_words_and_sudo_only_where_it_takes_it() {
    for manager in here() {
        let asks = manager.query.split(' ').next().unwrap_or_default();
        let machine = Machine::with(&[manager.bin, asks, "sudo"]);
        assert_eq!(machine.run(false, &["which_one"]).printed, format!("[{}]", manager.name));
        for administrator in users() {
            let sudo = if manager.privileged && !administrator { "sudo " } else { "" };
            assert_eq!(machine.started(*administrator, "add"), [format!("{sudo}{} jq", manager.install)]);
            assert_eq!(machine.started(*administrator, "drop"), [format!("{sudo}{} gcc@13", manager.remove)]);
            let asked = manager.query.replace(['\'', '\\'], "");
            assert_eq!(machine.started(*administrator, "look"), [format!("{asked} jq")]);
        }
    }
}

#[test]
fn a_manager_that_says_nothing_of_a_package_but_ends_well_has_it_unless_it_must_say_so() {
    for manager in here() {
        let asks = manager.query.split(' ').next().unwrap_or_default();
        let said = Machine::with(&[manager.bin, asks]).run(false, &["look"]).printed;
        assert_eq!(said, (manager.name != "apt").to_string(), "{}", manager.name);
    }
}

#[test]
fn who_is_no_administrator_and_has_no_sudo_starts_nothing() {
    for manager in here().filter(|manager| manager.privileged) {
        let seen = Machine::with(&[manager.bin]).run(false, &["add"]);
        assert_eq!((seen.fine, seen.started.len()), (false, 0), "{}", manager.name);
    }
}

#[test]
fn where_nothing_may_raise_privileges_sudo_is_not_started() {
    let machine = Machine::with(&["apk", "sudo"]);
    fs::write(machine.0.path().join("commands.perch"), format!("sandbox\n  no_sudo\nend\n{FILE}")).unwrap();
    let seen = machine.run(false, &["add"]);
    assert_eq!((seen.fine, seen.started.len()), (false, 0));
    for administrator in users().iter().filter(|administrator| **administrator) {
        assert_eq!(machine.started(*administrator, "add"), ["apk add jq"]);
    }
}

#[test]
fn o_026_nothing_is_started_where_no_program_may_be() {
    let machine = Machine::with(&["apt-get", "dpkg-query", "brew", "sudo"]);
    for command in ["add", "drop", "look"] {
        for restriction in ["--no-subprocess", "--allow-bin=sudo"] {
            let seen = machine.run(false, &[restriction, command]);
            assert_eq!((seen.fine, seen.started.len()), (false, 0), "{restriction} {command}");
        }
    }
}

/// Commands that end well or do not by what becomes of a package.
const BECOMES: &str = r#"command installs
  do
    pkg_install jq
  end
end
command is_there
  do
    if not pkg_installed jq
      fail "it is not there"
    end
  end
end
command installs_and_looks
  do
    pkg_install jq
    if not pkg_installed jq
      fail "it is not there"
    end
  end
end
command removes_and_looks
  do
    pkg_uninstall jq
    if pkg_installed jq
      fail "it is there"
    end
  end
end
command only_where_it_is_not
  do
    if not pkg_installed jq
      pkg_install jq
    end
    pkg_uninstall jq
    pkg_install jq
    if pkg_installed yq
      fail "another came with it"
    end
    if not pkg_installed jq
      fail "it is not there"
    end
  end
end
"#;

/// A manager that remembers. It says yes in every way that there is.
const REMEMBERS: &str = r#"at=DIR/packages/${*##* }
is=$(/bin/cat "$at")
case " $* " in
*' install '* | *' add '* | *' -S '*) [ "$is" != missing ] || exit 100; echo installed > "$at" ;;
*' remove '* | *' uninstall '* | *' del '* | *' -R '*) [ "$is" = installed ] || exit 1; echo available > "$at" ;;
*) [ "$is" = installed ] || exit 1; echo 'install ok installed' ;;
esac
"#;

impl Machine {
    /// The manager knows this package, and what it becomes.
    fn stock(&self, manager: &Manager, is: &str) {
        let at = self.0.path();
        let open = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        let dir = at.join("packages");
        fs::create_dir_all(&dir).unwrap();
        open(&dir, 0o777);
        for (name, is) in [("jq", is), ("yq", "available")] {
            fs::write(dir.join(name), is).unwrap();
            open(&dir.join(name), 0o666);
        }
        let asks = manager.query.split(' ').next().unwrap_or_default();
        let script = format!("#!/bin/sh\n{}", REMEMBERS.replace("DIR", &at.display().to_string()));
        [manager.bin, asks].iter().for_each(|name| fs::write(at.join("bin").join(name), &script).unwrap());
        fs::write(at.join("bin/sudo"), "#!/bin/sh\nexec \"$@\"\n").unwrap();
        fs::write(at.join("commands.perch"), BECOMES).unwrap();
    }

    /// The verdicts of its commands, where the fixture tells that.
    fn verdicts(&self, manager: &Manager, is: &str, uid: u32) -> Vec<(String, String)> {
        let asks = manager.query.split(' ').next().unwrap_or_default();
        let told = serde_json::json!({
            "os": std::env::consts::OS, "machine": {"uid": uid}, "bins": [manager.bin, asks, "sudo"],
            "oracles": {"packages": {"jq": is, "yq": "available"}},
        });
        fs::write(self.0.path().join("host.json"), told.to_string()).unwrap();
        let said = self.run(false, &["simulate", "--sim-file", "host.json", "--format", "json"]).printed;
        let report: serde_json::Value = serde_json::from_str(&said).unwrap();
        let commands = report["scenarios"][0]["commands"].as_array().unwrap().iter();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        commands.map(|command| (text(&command["command"]), text(&command["verdict"]))).collect()
    }
}

#[test]
fn what_a_fixture_tells_of_packages_is_what_comes_of_them() {
    for manager in here() {
        let asks = manager.query.split(' ').next().unwrap_or_default();
        let machine = Machine::with(&[manager.bin, asks, "sudo"]);
        for administrator in users() {
            for is in ["installed", "available", "missing"] {
                machine.stock(manager, is);
                let verdicts = machine.verdicts(manager, is, if *administrator { 0 } else { NOBODY });
                assert_eq!(verdicts.len(), 5, "{verdicts:?}");
                for (command, verdict) in verdicts {
                    machine.stock(manager, is);
                    let seen = machine.run(*administrator, &[&command]);
                    let what = format!("{}, {is}, {command}: {verdict}, {seen:?}", manager.name);
                    let is_open = command == "removes_and_looks" && is != "installed";
                    let expected = match (is_open, seen.fine) {
                        (true, _) => "might_fail",
                        (false, true) => "will_run",
                        (false, false) => "will_fail",
                    };
                    assert_eq!(verdict.to_lowercase(), expected, "{what}");
                }
            }
        }
    }
}
