//! A change of what is said of a host, as a part of a fixture, as flags, and in words.

use std::collections::BTreeMap;

use perch_fixtures::{ArgFact, ExecFact, FileFact, Fixture, HttpFact, Machine, PackageFact, Scenario};
use perch_policy::Policy;
use perch_policy::net::Url;
use perch_symbolic::cells::{HoleKey, Untold};
use serde_json::{Value, json};

use super::granted::{self, Granted};
use super::{SOME_VALUE, example_of};
use crate::words::{one_line, oracle_key};

/// Facts that replace what was said, and things that are permitted besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub(super) os: Option<String>,
    pub(super) arch: Option<String>,
    pub(super) machine: Machine,
    /// Variables that are set; `None` for those that are not.
    pub(super) env: BTreeMap<String, Option<String>>,
    pub(super) files: BTreeMap<String, FileFact>,
    /// Rights at paths of which the fixture tells some.
    pub(super) granted: BTreeMap<String, Granted>,
    pub(super) bins: BTreeMap<String, bool>,
    pub(super) exec: BTreeMap<String, ExecFact>,
    /// What programs print, which change nothing then; with status 0 if no other is said.
    pub(super) printed: BTreeMap<String, String>,
    pub(super) packages: BTreeMap<String, PackageFact>,
    /// What is answered, by the addresses as they are sent.
    pub(super) answers: BTreeMap<String, HttpFact>,
    pub(super) args: BTreeMap<String, String>,
    /// No deadline passes.
    pub(super) in_time: bool,
    pub(super) permits: Vec<Permitted>,
}

/// Something that the description forbids, or a flag of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Permitted {
    /// Reading beneath a directory.
    Read(String),
    /// Writing beneath a directory.
    Write(String),
    /// Starting a program.
    Program(String),
    /// Reading a variable.
    Variable(String),
    /// Talking to a host.
    Host(String),
    /// Anything of a kind that was forbidden altogether.
    All(Right),
}

/// What is forbidden altogether or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// Writing.
    Writing,
    /// Starting programs.
    Programs,
    /// Lines for the shell.
    Shell,
    /// Talking to others.
    Network,
}

impl Right {
    pub(super) const ALL: [Self; 4] = [Self::Writing, Self::Programs, Self::Shell, Self::Network];

    /// The key of a fixture that forbids it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Writing => "no_write",
            Self::Programs => "no_subprocess",
            Self::Shell => "no_shell",
            Self::Network => "no_network",
        }
    }

    /// The flag of a run that forbids it.
    fn flag(self) -> &'static str {
        match self {
            Self::Writing => "--no-write",
            Self::Programs => "--no-subprocess",
            Self::Shell => "--no-shell",
            Self::Network => "--no-network",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Writing => "writing is allowed",
            Self::Programs => "programs may be started",
            Self::Shell => "the shell may be used",
            Self::Network => "others may be talked to",
        }
    }

    fn of_fixture(self, fixture: &mut Fixture) -> &mut bool {
        match self {
            Self::Writing => &mut fixture.no_write,
            Self::Programs => &mut fixture.no_subprocess,
            Self::Shell => &mut fixture.no_shell,
            Self::Network => &mut fixture.no_network,
        }
    }

    fn of_run(self, flags: &mut Policy) -> &mut bool {
        match self {
            Self::Writing => &mut flags.no_write,
            Self::Programs => &mut flags.no_subprocess,
            Self::Shell => &mut flags.no_shell,
            Self::Network => &mut flags.no_network,
        }
    }
}

impl Change {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether somebody else runs the command with it: only if nothing less will do.
    pub(super) fn is_about_the_user(&self) -> bool {
        self.machine.uid.is_some() || self.machine.user.is_some()
    }

    /// Both; what the other one says goes before.
    pub(super) fn and(&self, other: Self) -> Self {
        let mut both = self.clone();
        both.os = other.os.or(both.os);
        both.arch = other.arch.or(both.arch);
        both.machine.extend(other.machine);
        both.in_time |= other.in_time;
        both.env.extend(other.env);
        both.files.extend(other.files);
        for (path, granted) in other.granted {
            let before = both.granted.get(&path).copied().unwrap_or_default();
            both.granted.insert(path, granted.and(before));
        }
        both.bins.extend(other.bins);
        both.exec.extend(other.exec);
        both.printed.extend(other.printed);
        both.packages.extend(other.packages);
        for (url, fact) in other.answers {
            // The status of an answer goes on to be said where its body is.
            let before = both.answers.get(&url).filter(|before| before.status_only && !fact.status_only);
            let status = before.map_or(fact.status, |before| before.status);
            both.answers.insert(url, HttpFact { status, ..fact });
        }
        both.args.extend(other.args);
        both.permits.extend(other.permits.into_iter().filter(|one| !self.permits.contains(one)));
        both
    }

    /// Without what follows from the rest: what is there has directories above it.
    pub(super) fn pruned(mut self) -> Self {
        let there: Vec<String> = self
            .files
            .iter()
            .filter(|(_, fact)| !matches!(fact, FileFact::Absent {}))
            .map(|(path, _)| path.clone())
            .collect();
        self.files.retain(|path, fact| {
            let is_above = |other: &String| other != path && perch_policy::path::within(other, path);
            !(matches!(fact, FileFact::Dir { closed: false, .. }) && there.iter().any(is_above))
        });
        self
    }

    /// Each change that says one thing less.
    pub(super) fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut with = |less: &dyn Fn(&mut Self)| {
            let mut change = self.clone();
            less(&mut change);
            if change != *self && !change.is_empty() {
                all.push(change);
            }
        };
        with(&|change| change.os = None);
        with(&|change| change.arch = None);
        with(&|change| change.in_time = false);
        for (name, _) in self.machine.facts() {
            with(&|change| change.machine = change.machine.without(&name));
        }
        self.env.keys().for_each(|key| with(&|change| drop(change.env.remove(key))));
        self.files.keys().for_each(|key| with(&|change| drop(change.files.remove(key))));
        self.granted.keys().for_each(|key| with(&|change| change.granted.retain(|other, _| other != key)));
        self.bins.keys().for_each(|key| with(&|change| change.bins.retain(|other, _| other != key)));
        self.exec.keys().for_each(|key| with(&|change| drop(change.exec.remove(key))));
        self.printed.keys().for_each(|key| with(&|change| drop(change.printed.remove(key))));
        self.packages.keys().for_each(|key| with(&|change| change.packages.retain(|other, _| other != key)));
        self.answers.keys().for_each(|key| with(&|change| drop(change.answers.remove(key))));
        self.args.keys().for_each(|key| with(&|change| drop(change.args.remove(key))));
        (0..self.permits.len()).for_each(|at| with(&|change| drop(change.permits.remove(at))));
        all
    }

    /// Whether it speaks of a path that nobody has named: one that is made of a value that stands for some value.
    pub(super) fn speaks_of(&self, value: &str) -> bool {
        let permitted = self.permits.iter().any(|permit| match permit {
            Permitted::Read(named)
            | Permitted::Write(named)
            | Permitted::Program(named)
            | Permitted::Variable(named)
            | Permitted::Host(named) => named.contains(value),
            Permitted::All(_) => false,
        });
        let texts = self.files.keys().chain(self.programs()).chain(self.packages.keys()).chain(self.answers.keys());
        permitted || texts.into_iter().any(|text| text.contains(value))
    }

    /// What it says an unknown text of the start is.
    pub(super) fn text_of(&self, key: &HoleKey) -> Option<String> {
        match key {
            HoleKey::Fact("os") => self.os.clone(),
            HoleKey::Fact("arch") => self.arch.clone(),
            HoleKey::Fact(name) => {
                self.machine.facts().into_iter().find(|(told, _)| told == name).map(|(_, text)| text)
            }
            HoleKey::Argument(name, _) => self.args.get(&**name).cloned(),
            HoleKey::Env(name) => self.env.get(&**name).cloned().flatten(),
            HoleKey::Content(0, path) => match self.files.get(&**path)? {
                FileFact::File { content, .. } => content.clone(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The same of something that comes up during the run.
    pub(super) fn text_told(&self, untold: &Untold) -> Option<String> {
        match untold {
            Untold::Printed(words) => self.printed.get(&**words).cloned(),
            Untold::Status(words) => self.exec.get(&**words).map(|fact| fact.status.to_string()),
            Untold::Body(url) => {
                self.answers.get(&**url).filter(|fact| !fact.status_only).map(|fact| fact.body.clone())
            }
            Untold::Answered(url) => self.answers.get(&**url).map(|fact| fact.status.to_string()),
        }
    }

    /// The programs that it is about, as their words.
    fn programs(&self) -> impl Iterator<Item = &String> {
        self.exec.keys().chain(self.printed.keys().filter(|words| !self.exec.contains_key(*words)))
    }

    /// The description with it.
    #[must_use]
    pub fn applied(&self, fixture: &Fixture) -> Fixture {
        let mut scenario = Scenario {
            name: String::new(),
            after: None,
            os: self.os.clone(),
            arch: self.arch.clone(),
            machine: self.machine.clone(),
            clock: None,
            in_time: self.in_time.then_some(true),
            env: self.env.clone(),
            files: self.told_files(fixture),
            args: self.args.iter().map(|(name, text)| (name.clone(), ArgFact::Text(text.clone()))).collect(),
            overrides: perch_fixtures::Oracles::default(),
        };
        scenario.overrides.has_bin = self.bins.clone();
        scenario.overrides.exec = self.told_ends(fixture).collect();
        scenario.overrides.packages = self.packages.clone();
        scenario.overrides.http = self.told_answers(fixture).collect();
        let mut fixture = fixture.clone();
        // The same address may be written otherwise.
        let is_said = |text: &str| Url::parse(text).is_some_and(|url| self.answers.contains_key(url.as_str()));
        fixture.oracles.http.retain(|text, _| !is_said(text));
        let mut fixture = fixture.in_scenario(&scenario);
        for permit in &self.permits {
            match permit {
                Permitted::Read(root) => fixture.fs_read.iter_mut().for_each(|list| list.push(root.clone())),
                Permitted::Write(root) => fixture.fs_write.iter_mut().for_each(|list| list.push(root.clone())),
                Permitted::Host(host) => fixture.network.iter_mut().for_each(|list| list.push(host.clone())),
                // A fixture has no lists of these but what there is.
                Permitted::Program(_) | Permitted::Variable(_) => {}
                Permitted::All(right) => *right.of_fixture(&mut fixture) = false,
            }
        }
        fixture
    }

    /// What stands at paths. Who may do what with it goes on to be said, but for what is granted.
    fn told_files(&self, fixture: &Fixture) -> BTreeMap<String, FileFact> {
        let mut granted = granted::told(&self.granted, fixture);
        let told = |(path, fact): (&String, &FileFact)| {
            let said = granted.remove(path).or_else(|| fixture.files.get(path).cloned());
            (path.clone(), said.map_or_else(|| fact.clone(), |said| fact.clone().with_rights_of(&said)))
        };
        let mut told: BTreeMap<String, FileFact> = self.files.iter().map(told).collect();
        told.append(&mut granted);
        told
    }

    /// How programs end, and what they print. What is said of what they print and change goes on to be said.
    fn told_ends(&self, fixture: &Fixture) -> impl Iterator<Item = (String, ExecFact)> {
        self.programs().map(|words| {
            let said = |key: &str| fixture.oracles.exec.get(key).cloned();
            let any = || said(&format!("{} *", words.split(' ').next().unwrap_or_default()));
            let printed = fixture.oracles.shell_output.get(words);
            let printed = printed.map(|stdout| ExecFact { stdout: stdout.clone(), ..ExecFact::default() });
            let told = said(words).or(printed).or_else(any);
            let mut whole = match (self.exec.get(words), told) {
                (Some(ends), Some(told)) => ExecFact { status: ends.status, ..told },
                (Some(ends), None) => ends.clone(),
                (None, told) => told.unwrap_or_default(),
            };
            if let Some(text) = self.printed.get(words) {
                whole = ExecFact { stdout: text.clone(), status_only: false, ..whole };
            }
            (oracle_key(words), whole)
        })
    }

    /// What is answered. The status goes on to be said where that was all.
    fn told_answers(&self, fixture: &Fixture) -> impl Iterator<Item = (String, HttpFact)> {
        self.answers.iter().map(|(url, fact)| {
            let told = fixture.oracles.http.get(&as_written(fixture, url)).filter(|told| told.status_only);
            let status = told.filter(|_| !fact.status_only).map_or(fact.status, |told| told.status);
            (url.clone(), HttpFact { status, ..fact.clone() })
        })
    }

    /// What a run may do whose flags allow that much, if they allow this too.
    #[must_use]
    pub fn allowed(&self, flags: &Policy) -> Policy {
        let mut allowed = flags.clone();
        for permit in &self.permits {
            if let Permitted::All(right) = permit {
                *right.of_run(&mut allowed) = false;
            }
            if let Some((list, named)) = listed(&mut allowed, permit) {
                list.push(named.clone());
            }
        }
        allowed
    }

    /// The flags of the run that it takes back.
    pub(super) fn without_flags_of_the_run(&self, flags: &Policy) -> Vec<String> {
        let mut flags = flags.clone();
        let taken_back = Right::ALL.into_iter().filter(|right| self.permits.contains(&Permitted::All(*right)));
        let given: Vec<Right> = taken_back.filter(|right| *right.of_run(&mut flags)).collect();
        given.into_iter().map(|right| right.flag().to_owned()).collect()
    }

    /// The flags of the run that it takes, each with all that it lists then; nothing if no flag can list that.
    #[must_use]
    pub(super) fn flags_of_the_run(&self, flags: &Policy) -> Option<Vec<String>> {
        let changed = self.allowed(flags);
        let lists = [
            ("--allow-read", &flags.read_roots, changed.read_roots),
            ("--allow-write", &flags.write_roots, changed.write_roots),
            ("--allow-bin", &flags.bins, changed.bins),
            ("--env", &flags.env, changed.env),
            ("--allow-host", &flags.hosts, changed.hosts),
        ];
        let grown = lists.into_iter().filter(|(_, before, after)| *before != after);
        grown.map(|(flag, _, after)| Some(format!("{flag}={}", joined(after.into_iter().flatten())?))).collect()
    }

    /// As a part of that fixture: the keys that change, with their entries. Facts are said in the scenario, if there are scenarios. Laid over
    /// the fixture, entry by entry, it holds together: what is said elsewhere against an entry is said anew.
    #[must_use]
    pub(super) fn fixture(&self, fixture: &Fixture, scenario: Option<&str>) -> Value {
        let changed = self.applied(fixture);
        let mut parts = serde_json::Map::new();
        let mut facts = self.facts(fixture, &changed, scenario.is_some());
        match scenario {
            Some(name) if !facts.is_empty() => {
                facts.shift_insert(0, "name".to_owned(), json!(name));
                parts.insert("scenarios".to_owned(), json!([facts]));
            }
            _ => parts.append(&mut facts),
        }
        let mut put = |key: &str, value: Value| {
            parts.insert(key.to_owned(), value);
        };
        for permit in &self.permits {
            match permit {
                Permitted::Read(_) => changed.fs_read.iter().for_each(|roots| put("fs_read", json!(roots))),
                Permitted::Write(_) => changed.fs_write.iter().for_each(|roots| put("fs_write", json!(roots))),
                Permitted::Host(_) => changed.network.iter().for_each(|hosts| put("network", json!(hosts))),
                Permitted::Program(_) | Permitted::Variable(_) => {}
                Permitted::All(right) => {
                    // That it is not forbidden needs to be said only where it was.
                    if *right.of_fixture(&mut fixture.clone()) {
                        put(right.key(), json!(false));
                    }
                }
            }
        }
        Value::Object(parts)
    }

    /// The facts in it.
    fn facts(&self, fixture: &Fixture, changed: &Fixture, in_scenario: bool) -> serde_json::Map<String, Value> {
        let mut parts = serde_json::Map::new();
        let mut put = |key: &str, value: Value| {
            parts.insert(key.to_owned(), value);
        };
        self.os.iter().for_each(|os| put("os", json!(os)));
        self.arch.iter().for_each(|arch| put("arch", json!(arch)));
        if !self.machine.is_empty() {
            put("machine", json!(self.machine));
        }
        if self.in_time {
            put("in_time", json!(true));
        }
        let is_said = |value: &Option<String>| in_scenario || value.is_some();
        let env: BTreeMap<&String, &Option<String>> = self.env.iter().filter(|(_, value)| is_said(value)).collect();
        if !env.is_empty() {
            put("env", json!(env));
        }
        if !in_scenario && changed.env_missing != fixture.env_missing {
            put("env_missing", json!(changed.env_missing));
        }
        if !in_scenario && changed.env_only != fixture.env_only {
            put("env_only", json!(changed.env_only));
        }
        let files = self.told_files(fixture);
        if !files.is_empty() {
            put("files", json!(files));
        }
        let mut oracles = serde_json::Map::new();
        let exists = self.files.iter().map(|(path, fact)| (path, !matches!(fact, FileFact::Absent {})));
        let is_denied = |(path, there): &(&String, bool)| fixture.oracles.file_exists.get(*path) == Some(&!there);
        let exists: BTreeMap<&String, bool> = exists.filter(is_denied).collect();
        if !exists.is_empty() {
            oracles.insert("file_exists".to_owned(), json!(exists));
        }
        if !self.bins.is_empty() {
            oracles.insert("has_bin".to_owned(), json!(self.bins));
        }
        let exec: BTreeMap<String, ExecFact> = self.told_ends(fixture).collect();
        if !exec.is_empty() {
            oracles.insert("exec".to_owned(), json!(exec));
            let told = exec.iter().filter(|(words, _)| fixture.oracles.shell_output.contains_key(*words));
            let told: BTreeMap<&String, &String> = told.map(|(words, fact)| (words, &fact.stdout)).collect();
            if !told.is_empty() {
                oracles.insert("shell_output".to_owned(), json!(told));
            }
        }
        if !self.packages.is_empty() {
            oracles.insert("packages".to_owned(), json!(self.packages));
        }
        if !self.answers.is_empty() {
            let answer = |(url, fact): (String, HttpFact)| {
                let HttpFact { status, body, status_only, .. } = fact;
                let told = match status_only {
                    true => json!({ "status": status, "status_only": true }),
                    false => json!({ "status": status, "body": body }),
                };
                (as_written(fixture, &url), told)
            };
            let answers: serde_json::Map<String, Value> = self.told_answers(fixture).map(answer).collect();
            oracles.insert("http".to_owned(), Value::Object(answers));
        }
        if !oracles.is_empty() {
            put(if in_scenario { "overrides" } else { "oracles" }, Value::Object(oracles));
        }
        if !self.args.is_empty() {
            put("args", json!(self.args));
        }
        parts
    }

    /// Whether it sets variables, or takes some away.
    /// The variables that are set to any value.
    pub fn with_any_value(&self) -> impl Iterator<Item = &String> {
        self.env.iter().filter(|(_, value)| value.as_deref() == Some(SOME_VALUE)).map(|(name, _)| name)
    }

    /// The same where one value stands for any.
    pub(super) fn with_examples(&self) -> Option<Self> {
        let mut change = self.clone();
        for name in self.with_any_value() {
            change.env.insert(name.clone(), Some(example_of(name).to_owned()));
        }
        (change != *self).then_some(change)
    }

    pub(super) fn sets_variables(&self) -> bool {
        !self.env.is_empty()
    }

    /// As flags, if there are flags for all of it. A flag that lists things replaces the list.
    #[must_use]
    pub(super) fn flags(&self, fixture: &Fixture, run: &Policy) -> Option<String> {
        let changed = self.applied(fixture);
        let lifts = |permit: &Permitted| matches!(permit, Permitted::All(_));
        let programs = self.programs().next().is_none();
        let facts = self.files.is_empty()
            && self.granted.is_empty()
            && programs
            && self.packages.is_empty()
            && self.answers.is_empty()
            && self.machine.is_empty()
            && !self.in_time;
        if !facts || self.permits.iter().any(lifts) {
            return None;
        }
        let mut flags = Vec::new();
        flags.extend(self.os.iter().map(|os| format!("--sim-os={os}")));
        flags.extend(self.arch.iter().map(|arch| format!("--sim-arch={arch}")));
        if !self.env.is_empty() {
            let is_plain = |text: &String| !text.is_empty() && !text.contains(',');
            if self.env.values().any(Option::is_none) || !changed.env.values().all(is_plain) {
                return None;
            }
            flags.push(format!(
                "--sim-env={}",
                joined(changed.env.iter().map(|(name, value)| format!("{name}={value}")))?
            ));
        }
        if !self.bins.is_empty() {
            let bins = fixture.bins.as_ref()?;
            let is_new = |(name, there): (&String, &bool)| *there && !fixture.oracles.has_bin.contains_key(name);
            if !self.bins.iter().all(is_new) {
                return None;
            }
            let all = bins.iter().chain(self.bins.keys().filter(|name| !bins.contains(name))).cloned();
            flags.push(format!("--sim-have-bin={}", joined(all)?));
        }
        let lists = [
            ("--sim-fs-read", &fixture.fs_read, changed.fs_read),
            ("--sim-fs-write", &fixture.fs_write, changed.fs_write),
            ("--sim-allow-host", &fixture.network, changed.network),
        ];
        let grown = lists.into_iter().filter(|(_, before, after)| *before != after);
        for (flag, _, after) in grown {
            flags.push(format!("{flag}={}", joined(after.into_iter().flatten())?));
        }
        flags.extend(self.flags_of_the_run(run)?);
        flags.extend(self.args.iter().map(|(name, text)| format!("--arg {name}={text}")));
        in_a_row(&flags)
    }

    /// How a program ends and what it prints, in words.
    fn ends(&self, line: &str) -> String {
        let ends = self.exec.get(line).map(|fact| format!("ends with status {}", fact.status));
        let prints = self.printed.get(line).map(|text| match text.as_str() {
            "" => "prints and changes nothing".to_owned(),
            text => format!("prints `{}` and changes nothing", one_line(text)),
        });
        let whose = match oracle_key(line).strip_suffix(" *") {
            // The fixture cannot tell it of these words alone, for they are not known.
            Some(name) if !line.ends_with(" *") => format!("`{name}` with whatever words"),
            _ => format!("`{line}`"),
        };
        let is_whole = |fact: &ExecFact| !fact.status_only && fact.effects.is_empty();
        let changes =
            self.exec.get(line).filter(|fact| is_whole(fact)).map(|_| "prints nothing and changes nothing".to_owned());
        format!("{whose} {}", ends.into_iter().chain(prints).chain(changes).collect::<Vec<_>>().join(", "))
    }

    /// In words, of a host that was described.
    pub(super) fn words(&self, fixture: &Fixture) -> String {
        let mut words = Vec::new();
        words.extend(self.os.iter().map(|os| format!("`os` is `{os}`")));
        words.extend(self.arch.iter().map(|arch| format!("`arch` is `{arch}`")));
        words.extend(self.machine.facts().iter().map(|(name, value)| format!("`{name}` is `{value}`")));
        words.extend(self.args.iter().map(|(name, text)| match text.as_str() {
            "" => format!("argument `{name}` is empty"),
            text => format!("argument `{name}` is `{text}`"),
        }));
        words.extend(self.env.iter().map(|(name, value)| match value.as_deref() {
            Some(SOME_VALUE) => format!("`{name}` is set"),
            Some("") => format!("`{name}` is empty"),
            Some(text) => format!("`{name}` is `{text}`"),
            None => format!("`{name}` is not set"),
        }));
        words.extend(self.bins.iter().map(|(name, there)| match there {
            true => format!("`{name}` is on PATH"),
            false => format!("`{name}` is not on PATH"),
        }));
        words.extend(self.files.iter().map(|(path, fact)| match fact {
            FileFact::File { content: Some(content), .. } => format!("`{path}` is a file that holds `{content}`"),
            FileFact::File { content: None, mode: Some(mode), .. } => format!("`{path}` is a file with mode `{mode}`"),
            FileFact::File { content: None, mode: None, .. } => format!("`{path}` is a file"),
            FileFact::Dir { .. } => format!("`{path}` is a directory"),
            FileFact::Link { .. } => format!("`{path}` is a link"),
            FileFact::Absent {} => format!("nothing is at `{path}`"),
        }));
        words.extend(granted::words(&self.granted, fixture));
        words.extend(self.programs().map(|line| self.ends(line)));
        words.extend(self.packages.iter().map(|(name, fact)| match fact {
            PackageFact::Installed => format!("package `{name}` is installed"),
            PackageFact::Available => format!("package `{name}` can be installed"),
            PackageFact::Missing => format!("there is no package `{name}`"),
        }));
        let answered = |(url, fact): (&String, &HttpFact)| match (fact.status_only, fact.body.as_str()) {
            (true, _) => format!("`{url}` answers with status {}", fact.status),
            (false, "") => format!("`{url}` answers with nothing"),
            (false, body) => format!("`{url}` answers with `{}`", one_line(body)),
        };
        words.extend(self.answers.iter().map(answered));
        words.extend(self.in_time.then(|| "no deadline passes".to_owned()));
        words.extend(self.permits.iter().map(|permit| match permit {
            Permitted::Read(root) => format!("`{root}` may be read"),
            Permitted::Write(root) => format!("`{root}` may be written"),
            Permitted::Program(name) => format!("`{name}` may be started"),
            Permitted::Variable(name) => format!("`{name}` may be read"),
            Permitted::Host(name) => format!("`{name}` may be talked to"),
            Permitted::All(right) => right.words().to_owned(),
        }));
        words.join(" and ")
    }
}

/// The list of a policy that a permit belongs to, if there is such a list, and what is put into it.
fn listed<'l>(policy: &'l mut Policy, permit: &'l Permitted) -> Option<(&'l mut Vec<String>, &'l String)> {
    let (list, named) = match permit {
        Permitted::Read(root) => (&mut policy.read_roots, root),
        Permitted::Write(root) => (&mut policy.write_roots, root),
        Permitted::Program(name) => (&mut policy.bins, name),
        Permitted::Variable(name) => (&mut policy.env, name),
        Permitted::Host(name) => (&mut policy.hosts, name),
        Permitted::All(_) => return None,
    };
    list.as_mut().filter(|list| !list.contains(named)).map(|list| (list, named))
}

/// An address as the fixture writes it, if it does.
fn as_written(fixture: &Fixture, url: &str) -> String {
    let is_it = |text: &&String| Url::parse(text).is_some_and(|other| other.as_str() == url);
    fixture.oracles.http.keys().find(is_it).map_or(url, String::as_str).to_owned()
}

/// Flags as they are typed; nothing if there are none.
pub(super) fn in_a_row(flags: &[String]) -> Option<String> {
    let row = flags.iter().map(|flag| quoted(flag)).collect::<Vec<_>>().join(" ");
    Some(row).filter(|row| !row.is_empty())
}

/// Entries as the list of a flag, which no entry can be taken apart in; nothing if one would be.
pub(super) fn joined(items: impl Iterator<Item = String>) -> Option<String> {
    let items: Vec<String> = items.collect();
    let is_one = |item: &String| !item.is_empty() && !item.contains(',');
    items.iter().all(is_one).then(|| items.join(","))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let (flag, rest) = word.split_at(if word.starts_with("--arg ") { "--arg ".len() } else { 0 });
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:+@%".contains(c);
    if rest.chars().all(plain) { word.to_owned() } else { format!("{flag}'{}'", rest.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::facts_of;

    #[test]
    fn flags_replace_whole_lists() {
        let fixture = Fixture::parse(r#"{"bins": ["git"], "env": {"A": "1"}, "fs_write": ["/srv"]}"#).unwrap();
        let mut change = Change { bins: [("make".to_owned(), true)].into(), ..Change::default() };
        let free = Policy::default();
        assert_eq!(change.flags(&fixture, &free).as_deref(), Some("--sim-have-bin=git,make"));
        change.env.insert("B".to_owned(), Some("x y".to_owned()));
        change.permits.push(Permitted::Write("/etc".to_owned()));
        let flags = "'--sim-env=A=1,B=x y' --sim-have-bin=git,make --sim-fs-write=/srv,/etc";
        assert_eq!(change.flags(&fixture, &free).as_deref(), Some(flags));
        let part = json!({"env": {"B": "x y"}, "fs_write": ["/srv", "/etc"], "oracles": {"has_bin": {"make": true}}});
        assert_eq!(change.fixture(&fixture, None), part);
        let overrides = json!([{"name": "s", "env": {"B": "x y"}, "overrides": {"has_bin": {"make": true}}}]);
        assert_eq!(change.fixture(&fixture, Some("s")), json!({"scenarios": overrides, "fs_write": ["/srv", "/etc"]}));
        change.files.insert("/x".to_owned(), FileFact::Absent {});
        assert_eq!(change.flags(&fixture, &free), None);
    }

    /// Lays a part over a description: what is said of a thing replaces what was said of it, and so do lists.
    fn laid_over(under: &mut Value, over: &Value, depth: usize) {
        match (under, over) {
            (Value::Object(under), Value::Object(over)) if depth > 0 => {
                for (key, value) in over {
                    let deeper = if matches!(key.as_str(), "oracles" | "overrides") { depth } else { depth - 1 };
                    laid_over(under.entry(key.clone()).or_insert(Value::Null), value, deeper);
                }
            }
            (Value::Array(under), Value::Array(over)) if over.iter().any(|one| one["name"].is_string()) => {
                for one in over {
                    match under.iter_mut().find(|other| other["name"] == one["name"]) {
                        Some(other) => laid_over(other, one, depth + 1),
                        None => under.push(one.clone()),
                    }
                }
            }
            (under, over) => *under = over.clone(),
        }
    }

    /// What a fixture says against a change is said anew by the change's part.
    #[test]
    fn a_part_can_be_laid_over_what_it_contradicts() {
        let url = "https://x.org/";
        let hosts = [
            json!({"env_missing": ["A", "B"]}),
            json!({"env_only": ["B", "PATH"], "files": {"/a": {"kind": "dir", "closed": true}}}),
            json!({"files": {"/a": {"kind": "absent"}, "/b": {"kind": "link", "target": "/x"}}}),
            json!({"files": {"/a": {"kind": "file", "content": "x", "mode": "0400"}}}),
            json!({"oracles": {"file_exists": {"/a": false, "/b": true}, "has_bin": {"git": false}}}),
            json!({"oracles": {"exec": {"make all": {"status": 3, "stdout": "x", "effects": [{"mkdir": "y"}]}}}}),
            json!({"oracles": {"shell_output": {"make all": "x"}}}),
            json!({"oracles": {"http": {"https://X.org:443": {"status": 301, "redirect": "/y"}}}}),
        ];
        let env = BTreeMap::from([("A".to_owned(), Some("1".to_owned()))]);
        let [there, absent] = [FileFact::file(None), FileFact::Absent {}];
        let changes = [
            Change { env, ..Change::default() },
            Change { files: [("/a".to_owned(), there), ("/b".to_owned(), absent)].into(), ..Change::default() },
            Change { bins: [("git".to_owned(), true)].into(), ..Change::default() },
            Change { exec: [("make all".to_owned(), ExecFact::default())].into(), ..Change::default() },
            Change { answers: [(url.to_owned(), HttpFact::default())].into(), ..Change::default() },
        ];
        for (host, change) in hosts.iter().flat_map(|host| changes.iter().map(move |change| (host, change))) {
            let fixture = Fixture::parse(&host.to_string()).unwrap();
            let facts = |fixture: &Fixture| {
                facts_of(fixture, "/w").map_err(|wrong| wrong.to_string()).map(|facts| format!("{facts:?}"))
            };
            let wanted = facts(&change.applied(&fixture)).unwrap();
            let mut whole = host.clone();
            laid_over(&mut whole, &change.fixture(&fixture, None), 2);
            let whole = Fixture::parse(&whole.to_string()).unwrap_or_else(|wrong| panic!("{wrong}: {whole}"));
            assert_eq!(facts(&whole).as_ref(), Ok(&wanted), "{host} {:?}", change.words(&fixture));
            // The same where it is a scenario that says it.
            let mut scenario = host.clone();
            let entry = scenario.as_object_mut().unwrap();
            if let Some(oracles) = entry.remove("oracles") {
                entry.insert("overrides".to_owned(), oracles);
            }
            if entry.keys().any(|key| key.starts_with("env")) {
                continue;
            }
            entry.insert("name".to_owned(), json!("s"));
            let mut whole = json!({"scenarios": [scenario]});
            laid_over(&mut whole, &change.fixture(&fixture, Some("s")), 2);
            let whole = Fixture::parse(&whole.to_string()).unwrap_or_else(|wrong| panic!("{wrong}: {whole}"));
            let whole = whole.in_scenario(&whole.scenarios[0]);
            assert_eq!(facts(&whole).as_ref(), Ok(&wanted), "scenario {host} {:?}", change.words(&fixture));
        }
    }

    #[test]
    fn what_a_flag_of_the_run_denies_is_allowed_by_that_flag() {
        let fixture = Fixture::parse(r#"{"network": ["a.org"]}"#).unwrap();
        let run = Policy { hosts: Some(vec!["a.org".to_owned()]), ..Policy::default() };
        let permits = vec![Permitted::Host("b.org".to_owned()), Permitted::Write("/srv".to_owned())];
        let change = Change { permits, ..Change::default() };
        let flags = "--sim-allow-host=a.org,b.org --allow-host=a.org,b.org";
        assert_eq!(change.flags(&fixture, &run).as_deref(), Some(flags));
        assert_eq!(change.flags_of_the_run(&run), Some(vec!["--allow-host=a.org,b.org".to_owned()]));
        assert_eq!(change.fixture(&fixture, None), json!({"network": ["a.org", "b.org"]}));
        // What nobody restricts stays so.
        assert_eq!((change.allowed(&run).write_roots, change.applied(&fixture).fs_write), (None, None));
    }

    #[test]
    fn no_flag_lists_what_it_would_take_apart() {
        let fixture = Fixture::parse(r#"{"bins": ["git"]}"#).unwrap();
        let bins = || [("tool,b".to_owned(), true)].into();
        let mut change = Change { bins: bins(), ..Change::default() };
        assert_eq!(change.flags(&fixture, &Policy::default()), None);
        assert_eq!(change.fixture(&fixture, None), json!({"oracles": {"has_bin": {"tool,b": true}}}));
        change.permits.push(Permitted::Program("tool,b".to_owned()));
        let run = Policy { bins: Some(vec!["git".to_owned()]), ..Policy::default() };
        assert_eq!((change.flags(&fixture, &run), change.flags_of_the_run(&run)), (None, None));
    }

    #[test]
    fn a_word_is_quoted_where_a_shell_would_take_it_apart() {
        assert_eq!(quoted("--arg a=it's"), "--arg 'a=it'\\''s'");
        assert_eq!(quoted("--sim-os=linux"), "--sim-os=linux");
    }
}
