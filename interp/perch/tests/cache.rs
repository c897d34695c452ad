//! Stored results from run to run.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::process::Command;

use tempfile::TempDir;

const FILE: &str = r#"
command main
  do
    cache "one" "1h"
      a = sh -c "echo ran >>log; echo a"
    end
    cache "two"
      b = sh -c "echo ran >>log; echo b"
    end
    print "${a}${b}"
  end
end
"#;

struct Rig(TempDir);

impl Rig {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("commands.perch"), FILE).unwrap();
        Self(dir)
    }

    /// What a run says on standard error, and how often a body has run in all.
    fn run(&self, words: &[&str], home: Option<&str>) -> (String, usize) {
        let mut perch = Command::new(env!("CARGO_BIN_EXE_perch"));
        perch.args(words).current_dir(self.0.path()).env_remove("HOME").env_remove("XDG_CACHE_HOME");
        let output = perch.envs(home.map(|home| ("HOME", self.0.path().join(home)))).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "ab\n");
        let log = fs::read_to_string(self.0.path().join("log")).unwrap();
        (String::from_utf8(output.stderr).unwrap(), log.lines().count())
    }
}

#[test]
fn a_second_run_has_what_the_first_one_has_bound() {
    let rig = Rig::new();
    assert_eq!(rig.run(&["main"], Some("home")), (String::new(), 2));
    let (said, ran) = rig.run(&["main"], Some("home"));
    let hits: Vec<&str> = said.lines().collect();
    assert_eq!(ran, 2);
    assert!(hits.len() == 2 && hits[0].starts_with("↪ cache hit: one (replayed 1 binding, "), "{said}");
    assert_eq!(rig.run(&["main"], Some("other")), (String::new(), 4));
}

#[test]
fn that_nothing_is_stored_is_said_once() {
    let rig = Rig::new();
    let (said, ran) = rig.run(&["main"], None);
    assert_eq!((said.as_str(), ran), ("↪ cache: nothing is stored or looked up, for HOME names no directory\n", 2));
    let (said, ran) = rig.run(&["--no-write", "main"], Some("home"));
    assert_eq!(ran, 4);
    assert_eq!(said.matches("↪ cache: nothing is stored or looked up, for writing is restricted").count(), 1, "{said}");
    assert!(!rig.0.path().join("home").exists());
}

#[test]
fn why_nothing_can_be_stored_is_said_and_the_run_goes_on() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("home"), "a file").unwrap();
    let (said, ran) = rig.run(&["main"], Some("home"));
    assert_eq!((said.lines().count(), ran), (2, 2), "{said}");
    assert!(said.starts_with("↪ cache: cannot store a result at `"), "{said}");
}
