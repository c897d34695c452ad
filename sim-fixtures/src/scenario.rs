//! Scenarios: what if something about the host were otherwise?
//!
//! A scenario is a simulation of its own. It starts from what the fixture says, with facts of its own laid over it, and it
//! leaves no traces in the others. Only facts can be laid over: what a run may do is the same in all of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CLOCK, EnvOnly, FileFact, Fixture, Machine, Oracles};

/// One scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// It starts where the run of that scenario has ended, however it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Another operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// Another processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Other facts of the machine and its user.
    #[serde(default, skip_serializing_if = "Machine::is_empty")]
    pub machine: Machine,
    /// Another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = CLOCK))]
    pub clock: Option<String>,
    /// Whether everything that a `timeout` stands around has ended before the deadline; `false`: nothing is said of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_time: Option<bool>,
    /// Other values of variables; `null` for one that is not set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, Option<String>>,
    /// What stands at these paths instead.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, FileFact>,
    /// Other arguments.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, ArgFact>,
    /// Other answers, entry by entry.
    #[serde(default, skip_serializing_if = "Oracles::is_empty")]
    pub overrides: Oracles,
}

/// The value of an argument. What is no text stands for the text that one would type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ArgFact {
    /// A text.
    Text(String),
    /// A number.
    Number(serde_json::Number),
    /// `true` or `false`.
    Flag(bool),
    /// Of an argument that takes all further words: these.
    Words(Vec<String>),
}

impl ArgFact {
    /// As it would be given to `--arg`.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Words(words) => words.join("\n"),
        }
    }

    /// The words of an argument that takes all further words. A text has one in each line.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        match self {
            Self::Words(words) => words.clone(),
            one => one.text().lines().map(str::to_owned).collect(),
        }
    }
}

impl Fixture {
    /// What the scenario says laid over what is said for all. An entry of the scenario replaces the entry of the same key, and what it says
    /// of a path replaces whatever else was said of that path.
    #[must_use]
    pub fn in_scenario(&self, scenario: &Scenario) -> Self {
        let mut fixture = Self { scenarios: Vec::new(), ..self.clone() };
        let Scenario { name: _, after: _, os, arch, machine, clock, in_time, env, files, args, overrides } =
            scenario.clone();
        fixture.os = os.or(fixture.os);
        fixture.arch = arch.or(fixture.arch);
        fixture.machine.extend(machine);
        fixture.clock = clock.or(fixture.clock);
        fixture.in_time = in_time.unwrap_or(fixture.in_time);
        for (name, value) in env {
            if let Some(EnvOnly::Names(names)) = &mut fixture.env_only {
                names.retain(|listed| *listed != name);
            }
            match value {
                Some(value) => {
                    fixture.env_missing.remove(&name);
                    fixture.env.insert(name, value);
                }
                None => {
                    fixture.env.remove(&name);
                    fixture.env_missing.insert(name);
                }
            }
        }
        for (path, there) in &overrides.file_exists {
            let is_said = |fact: &FileFact| matches!(fact, FileFact::Absent {}) != *there;
            if fixture.files.get(path).is_some_and(|fact| !is_said(fact)) {
                fixture.files.remove(path);
            }
        }
        for (path, fact) in files {
            fixture.oracles.file_exists.remove(&path);
            fixture.files.insert(path, fact);
        }
        fixture.args.extend(args);
        fixture.oracles.extend(overrides);
        fixture
    }
}

impl Oracles {
    /// These answers before those that are there.
    fn extend(&mut self, others: Self) {
        let Self { file_exists, has_bin, exec, shell_output, packages, http, dns, cache } = others;
        self.packages.extend(packages);
        self.http.extend(http);
        self.dns.extend(dns);
        self.cache.extend(cache);
        self.file_exists.extend(file_exists);
        self.has_bin.extend(has_bin);
        // Both say what a line does.
        self.shell_output.retain(|line, _| !exec.contains_key(line));
        self.exec.retain(|line, _| !shell_output.contains_key(line));
        self.exec.extend(exec);
        self.shell_output.extend(shell_output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_scenario(text: &str) -> Fixture {
        let fixture = Fixture::parse(text).unwrap();
        fixture.in_scenario(&fixture.scenarios[0])
    }

    fn same(text: &str, expected: &str) {
        assert_eq!(in_scenario(text), Fixture::parse(expected).unwrap());
    }

    #[test]
    fn nothing_said_changes_nothing() {
        same(
            r#"{"os": "linux", "env": {"A": "1"}, "scenarios": [{"name": "a", "overrides": {}}]}"#,
            r#"{"os": "linux", "env": {"A": "1"}}"#,
        );
    }

    #[test]
    fn answers_are_replaced_one_by_one() {
        let text = r#"{"oracles": {"has_bin": {"a": true, "b": true}}, "scenarios": [{"name": "s", "overrides": {"has_bin": {"b": false}}}]}"#;
        same(text, r#"{"oracles": {"has_bin": {"a": true, "b": false}}}"#);
    }

    #[test]
    fn packages_are_replaced_one_by_one() {
        let text = r#"{"oracles": {"packages": {"a": "missing", "b": "installed"}}, "scenarios": [{"name": "s", "overrides": {"packages": {"b": "available"}}}]}"#;
        same(text, r#"{"oracles": {"packages": {"a": "missing", "b": "available"}}}"#);
    }

    #[test]
    fn variables_are_set_and_taken_away() {
        let text =
            r#"{"env": {"A": "1"}, "env_missing": ["B"], "scenarios": [{"name": "s", "env": {"A": null, "B": "2"}}]}"#;
        same(text, r#"{"env": {"B": "2"}, "env_missing": ["A"]}"#);
    }

    #[test]
    fn a_variable_that_is_said_anew_is_no_longer_only_listed() {
        let text = r#"{"env_only": ["A", "B", "C"], "scenarios": [{"name": "s", "env": {"A": null, "B": "2"}}]}"#;
        same(text, r#"{"env_only": ["C"], "env": {"B": "2"}, "env_missing": ["A"]}"#);
    }

    #[test]
    fn what_is_said_of_a_path_replaces_what_was_said_of_it() {
        let text = r#"{"files": {"/a": {"kind": "file"}, "/b": {"kind": "dir"}}, "scenarios": [{"name": "s", "overrides": {"file_exists": {"/a": false, "/b": true}}}]}"#;
        same(text, r#"{"files": {"/b": {"kind": "dir"}}, "oracles": {"file_exists": {"/a": false, "/b": true}}}"#);
        let text = r#"{"oracles": {"file_exists": {"/a": true}}, "scenarios": [{"name": "s", "files": {"/a": {"kind": "absent"}}}]}"#;
        same(text, r#"{"files": {"/a": {"kind": "absent"}}}"#);
    }
}
