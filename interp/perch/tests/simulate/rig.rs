//! A directory with files, and the binary started in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// Commands that say something about each flag.
const FILE: &str = r#"
name demo

command main
  description "Some of everything"
  arg mode
    type string
    default quick
    index 0
  end
  arg count
    type int
    optional
  end
  do
    if mode == slow
      print "slow ${count}"
    end
    if is_macos
      print mac
    end
    write_file out.txt "${count}"
  end
end

command required
  arg target
    type string
    index 0
  end
  do
    if target == prod
      fail "not there"
    end
    print "${target} ${HOME} ${arch}"
  end
end

command helper
  private
  do
    git status
  end
end

command starts
  do
    helper
  end
end

command reads
  do
    v = read_file /data/conf
  end
end
"#;

pub(crate) struct Rig(TempDir);

pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        rig.put("commands.perch", FILE);
        rig
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    pub(crate) fn there(&self, name: &str, wanted: bool) {
        assert_eq!(self.0.path().join(name).exists(), wanted, "{name}");
    }

    pub(crate) fn place(&self) -> String {
        fs::canonicalize(self.0.path()).unwrap().into_os_string().into_string().unwrap()
    }

    pub(crate) fn perch(&self, words: &[&str]) -> Said {
        perch_in(self.0.path(), words)
    }

    /// `perch simulate` with these words.
    pub(crate) fn simulate(&self, words: &[&str]) -> Said {
        self.perch(&[&["simulate"], words].concat())
    }

    /// The report on the first command, as JSON.
    pub(crate) fn report(&self, words: &[&str]) -> Value {
        let said = self.simulate(&[words, &["--json"]].concat());
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{words:?}: {error} {}", said.stderr))
    }

    /// The verdicts of the statements of the first command, by line of source.
    pub(crate) fn verdicts(&self, words: &[&str]) -> Vec<String> {
        let report = self.report(words);
        let mut found = Vec::new();
        flat(&report["scenarios"][0]["commands"][0]["ops"], &mut found);
        found
    }

    /// What is said of the first statement that begins like this.
    pub(crate) fn verdict(&self, words: &[&str], begins: &str) -> String {
        let all = self.verdicts(words);
        let found = all.iter().find_map(|one| one.split_once(' ').filter(|(_, text)| text.starts_with(begins)));
        found.unwrap_or_else(|| panic!("`{begins}` is not in {all:#?}")).0.to_owned()
    }
}

/// What the binary says when it is started there.
pub(crate) fn perch_in(place: &Path, words: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
    let done = command.args(words).current_dir(place).output().unwrap();
    Said {
        status: done.status.code().unwrap(),
        stdout: String::from_utf8(done.stdout).unwrap(),
        stderr: String::from_utf8(done.stderr).unwrap(),
    }
}

fn flat(ops: &Value, found: &mut Vec<String>) {
    for op in ops.as_array().unwrap().iter().filter(|op| op["verdict"].is_string()) {
        found.push(format!("{} {}", op["verdict"].as_str().unwrap(), op["text"].as_str().unwrap()));
        flat(&op["children"], found);
    }
}

/// All statements, each before what stands in it.
pub(crate) fn flat_of(ops: &Value) -> Vec<Value> {
    let ops = ops.as_array().unwrap().iter().filter(|op| op["verdict"].is_string());
    ops.flat_map(|op| std::iter::once(op.clone()).chain(flat_of(&op["children"]))).collect()
}

/// Lays a part over a description: what is said of a thing replaces what was said of it, and so do lists.
fn merge(under: &mut Value, over: &Value, depth: usize) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) if depth > 0 => {
            for (key, value) in over {
                let deeper = if matches!(key.as_str(), "oracles" | "overrides") { depth } else { depth - 1 };
                merge(under.entry(key.clone()).or_insert(Value::Null), value, deeper);
            }
        }
        (Value::Array(under), Value::Array(over)) if over.iter().any(|one| one["name"].is_string()) => {
            for one in over {
                match under.iter_mut().find(|other| other["name"] == one["name"]) {
                    Some(other) => merge(other, one, depth + 1),
                    None => under.push(one.clone()),
                }
            }
        }
        (under, over) => *under = over.clone(),
    }
}

/// A description of a host with a part of another one laid over it.
pub(crate) fn described(host: &str, part: &Value) -> Value {
    let mut changed: Value = serde_json::from_str(host).unwrap();
    merge(&mut changed, part, 2);
    changed
}

/// The repository.
pub(crate) fn root() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../..")
}
