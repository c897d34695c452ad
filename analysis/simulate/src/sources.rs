//! Who says what is known at the start: a flag, or a line of a fixture.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use perch_fixtures::places::{Place, Places, Way};
use perch_fixtures::{FileFact, Fixture};
use perch_policy::net::{Host, Url};
use perch_policy::{Axis, By, Policy, Rule, path};

use crate::host::policy_of;

/// Where a host is described.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The fixture, and where it says what.
    file: Option<Arc<(String, Places)>>,
    /// The scenario, and the ones that it starts from, by their numbers in the fixture.
    scenarios: Vec<usize>,
    /// Flags by the keys that they replace.
    flags: BTreeMap<&'static str, &'static str>,
    /// The keys that say what stands at a path.
    paths: BTreeMap<String, Way>,
    /// Of these, the directories of whose other entries nothing is said.
    open: BTreeSet<String>,
    /// The keys that say what is answered, by the addresses as they are sent.
    answers: BTreeMap<String, String>,
    /// How names of hosts are spelled in the fixture, by what they are looked up as.
    names: BTreeMap<String, String>,
    /// The variables that are set.
    set: BTreeSet<String>,
    /// Those of which it is said that they are not.
    missing: BTreeSet<String>,
    /// What the description permits, where it does not permit everything. A flag of runs may permit less.
    policy: Policy,
    /// Nobody has described it: it was looked up on the machine at hand.
    here: bool,
}

/// What stands for the place in a description that nobody has written.
const HERE: &str = "on this host";

/// The parts of a scenario, by what they lie over: where they stand in the scenario.
const IN_SCENARIO: [(&str, &[&str]); 8] = [
    ("os", &["os"]),
    ("arch", &["arch"]),
    ("machine", &["machine"]),
    ("clock", &["clock"]),
    ("env", &["env"]),
    ("files", &["files"]),
    ("args", &["args"]),
    ("oracles", &["overrides"]),
];

impl Sources {
    /// A host that is described by a fixture and these flags.
    #[must_use]
    pub fn new(file: Option<(String, Places)>, flags: BTreeMap<&'static str, &'static str>) -> Self {
        Self { file: file.map(Arc::new), flags, ..Self::default() }
    }

    /// The machine at hand, on which all that is known was looked up.
    #[must_use]
    pub fn of_this_host() -> Self {
        Self { here: true, ..Self::default() }
    }

    /// Whether that is the machine at hand.
    pub(crate) fn is_here(&self) -> bool {
        self.here
    }

    /// The same in a scenario that starts from others: their numbers, its own first.
    #[must_use]
    pub fn in_scenario(&self, scenarios: &[usize]) -> Self {
        Self { scenarios: scenarios.to_vec(), ..self.clone() }
    }

    /// Of what is described with a scenario laid over it, for a command that is started there.
    #[must_use]
    pub fn describing(mut self, fixture: &Fixture, cwd: &str) -> Self {
        let way = |keys: &[&str]| -> Way { keys.iter().map(|&key| key.to_owned()).collect() };
        let roots = [("fs_read", &fixture.fs_read), ("fs_write", &fixture.fs_write)];
        for (key, roots) in roots {
            for (at, root) in roots.iter().flatten().enumerate() {
                self.says_of_path(path::clean(cwd, root), way(&[key, &at.to_string()]), true);
            }
        }
        for (text, there) in &fixture.oracles.file_exists {
            self.says_of_path(path::clean(cwd, text), way(&["oracles", "file_exists", text]), *there);
        }
        for (text, fact) in &fixture.files {
            let is_open = matches!(fact, FileFact::Dir { closed: false, .. });
            self.says_of_path(path::clean(cwd, text), way(&["files", text]), is_open);
        }
        let answers = fixture.oracles.http.keys();
        let sent = answers.filter_map(|text| Some((Url::parse(text)?.as_str().to_owned(), text.clone())));
        self.answers.extend(sent);
        let names = fixture.oracles.dns.keys();
        self.names.extend(names.filter_map(|text| Some((Host::parse(text)?.to_string(), text.clone()))));
        self.set = fixture.env.keys().cloned().collect();
        self.missing.clone_from(&fixture.env_missing);
        self.policy = policy_of(fixture, cwd);
        self
    }

    fn says_of_path(&mut self, path: Option<String>, way: Way, is_open: bool) {
        let Some(path) = path else { return };
        if is_open {
            self.open.insert(path.clone());
        } else {
            self.open.remove(&path);
        }
        self.paths.insert(path, way);
    }

    /// Where it is said what stands at a path: there, or at the nearest directory above of which anything is said, if that says something of its
    /// entries.
    pub(crate) fn of_path(&self, path: &str) -> Option<String> {
        if self.here {
            return Some(HERE.to_owned());
        }
        let above = path::ancestors(path).collect::<Vec<_>>();
        let mut places = std::iter::once(path).chain(above.into_iter().rev());
        let at = places.find(|at| self.paths.contains_key(*at)).filter(|at| *at == path || !self.open.contains(*at))?;
        self.at(self.paths.get(at)?)
    }

    /// Where it is said whether a program is on PATH.
    pub(crate) fn of_bin(&self, name: &str) -> Option<String> {
        if self.here {
            return Some(HERE.to_owned());
        }
        self.of(&["oracles", "has_bin", name]).or_else(|| self.of(&["bins"]))
    }

    /// Where it is said whether a variable is set.
    pub(crate) fn of_variable(&self, name: &str) -> Option<String> {
        if self.here {
            return Some(HERE.to_owned());
        }
        if self.set.contains(name) {
            return self.of(&["env", name]);
        }
        if !self.missing.contains(name) {
            return self.of(&["env_only"]);
        }
        // A scenario takes a variable away where it would set it.
        let taken = self.place(&["env", name]).is_some() && !self.flags.contains_key("env");
        if taken { self.of(&["env", name]) } else { self.of(&["env_missing"]) }
    }

    /// Where it is said what a program does.
    pub(crate) fn of_program(&self, words: &str) -> Option<String> {
        let any = words.split(' ').next().map(|bin| format!("{bin} *"));
        let exact = ["exec", "shell_output"].into_iter().find_map(|oracle| self.of(&["oracles", oracle, words]));
        exact.or_else(|| self.of(&["oracles", "exec", any.as_deref()?]))
    }

    /// Where it is said what is answered to a request.
    pub(crate) fn of_answer(&self, url: &str) -> Option<String> {
        self.answers.get(url).and_then(|text| self.of(&["oracles", "http", text]))
    }

    /// The flag that replaces what a fixture says under a key, if one is given.
    pub(crate) fn flag(&self, key: &str) -> Option<&'static str> {
        self.flags.get(key).copied()
    }

    /// Where it is said which addresses a host has.
    pub(crate) fn of_name(&self, name: &str) -> Option<String> {
        self.names.get(name).and_then(|text| self.of(&["oracles", "dns", text]))
    }

    /// Where a restriction is made that says no by this rule; nothing if the message names the flag already.
    pub(crate) fn of_rule(&self, rule: Rule, target: Option<&str>) -> Option<String> {
        let within = |roots: &Option<Vec<String>>| {
            roots.iter().flatten().any(|root| target.is_some_and(|target| path::within(target, root)))
        };
        let listed = |names: &Option<Vec<String>>| names.iter().flatten().any(|name| Some(name.as_str()) == target);
        let Policy { no_write, no_subprocess, no_shell, no_network, read_roots, write_roots, bins, hosts, .. } =
            &self.policy;
        let (denies, key) = match rule {
            Rule::NoWrite => (*no_write, "no_write"),
            Rule::NoSubprocess => (*no_subprocess, "no_subprocess"),
            Rule::NoNetwork => (*no_network, "no_network"),
            Rule::List(By::Flags, Axis::Hosts) => (hosts.is_some(), "network"),
            Rule::NoShell(By::Flags) => (*no_shell, "no_shell"),
            Rule::List(By::Flags, Axis::Read) => (read_roots.is_some() && !within(read_roots), "fs_read"),
            Rule::List(By::Flags, Axis::Write) => (write_roots.is_some() && !within(write_roots), "fs_write"),
            Rule::List(By::Flags, Axis::Bins) => (bins.is_some() && !listed(bins), "bins"),
            _ => return None,
        };
        let oracle = target.filter(|_| key == "bins").and_then(|name| self.of(&["oracles", "has_bin", name]));
        oracle.or_else(|| self.of(&[key])).filter(|_| denies && !self.flags.contains_key(key))
    }

    /// What a denial says, which names a flag of runs: the flag of simulations that says the same, where that was given.
    pub(crate) fn naming_flag<'m>(&self, message: &'m str, rule: Rule) -> Cow<'m, str> {
        let key = match rule {
            Rule::NoWrite => "no_write",
            Rule::NoSubprocess => "no_subprocess",
            Rule::NoNetwork => "no_network",
            Rule::NoShell(By::Flags) => "no_shell",
            _ => return message.into(),
        };
        // The flag stands last, behind texts of the program.
        match (self.flags.get(key), message.rsplit_once(rule.flag())) {
            (Some(flag), Some((before, behind))) => format!("{before}{flag}{behind}").into(),
            _ => message.into(),
        }
    }

    /// Whether that key is read from a file, or would be.
    pub(crate) fn is_by_file(&self, key: &str) -> bool {
        self.file.is_some() && !self.flags.contains_key(key)
    }

    /// Whether a flag has replaced that key.
    #[must_use]
    pub fn is_by_flag(&self, key: &str) -> bool {
        self.flags.contains_key(key)
    }

    fn at(&self, way: &Way) -> Option<String> {
        self.of(&way.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Where that key of a fixture is said: a flag, or file and line.
    #[must_use]
    pub fn of(&self, way: &[&str]) -> Option<String> {
        if let Some(flag) = way.first().and_then(|key| self.flags.get(key)) {
            return Some((*flag).to_owned());
        }
        let (file, _) = self.file.as_deref()?;
        self.place(way).map(|place| format!("{file}:{}", place.line))
    }

    /// The same with the column; flags have none.
    #[must_use]
    pub fn exactly(&self, way: &[&str]) -> Option<String> {
        let (file, _) = self.file.as_deref()?;
        self.place(way).map(|place| format!("{file}:{place}"))
    }

    /// Where the value of that key stands; flags have no place.
    #[must_use]
    pub fn exactly_value(&self, way: &[&str]) -> Option<String> {
        let (file, places) = self.file.as_deref()?;
        let written = self.as_written(way);
        let place = places.value(&written.iter().map(String::as_str).collect::<Vec<_>>())?;
        Some(format!("{file}:{place}"))
    }

    /// The way to that key as the file has it: in a scenario, if that says it itself.
    pub(crate) fn as_written(&self, way: &[&str]) -> Way {
        let own = self.file.as_deref().and_then(|(_, places)| self.own_way(places, way));
        own.unwrap_or_else(|| way.iter().map(|key| (*key).to_owned()).collect())
    }

    fn place(&self, way: &[&str]) -> Option<Place> {
        let (_, places) = self.file.as_deref()?;
        let own = self.own_way(places, way);
        own.and_then(|own| place_of(places, &own)).or_else(|| places.get(way))
    }

    /// The way to it where the scenario itself says it.
    fn own_way(&self, places: &Places, way: &[&str]) -> Option<Way> {
        let (first, rest) = way.split_first()?;
        let (_, there) = IN_SCENARIO.iter().find(|(key, _)| key == first)?;
        self.scenarios.iter().find_map(|number| {
            let number = number.to_string();
            let whole: Way = [&["scenarios", &number], *there, rest].concat().into_iter().map(str::to_owned).collect();
            place_of(places, &whole).map(|_| whole)
        })
    }
}

fn place_of(places: &Places, way: &Way) -> Option<Place> {
    places.get(&way.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_variable_that_key_is_named_which_speaks_of_it() {
        let said = |text: &str, name: &str| {
            let (fixture, places) = Fixture::read(text).unwrap();
            let sources = Sources::new(Some(("host.json".to_owned(), places)), BTreeMap::new());
            sources.describing(&fixture, "/").of_variable(name)
        };
        let text = "{\"env\": {\n\"A\": \"1\"},\n\"env_missing\": [\"B\"],\n\"env_only\": true}";
        assert_eq!(said(text, "A").as_deref(), Some("host.json:2"));
        assert_eq!(said(text, "B").as_deref(), Some("host.json:3"));
        assert_eq!(said(text, "C").as_deref(), Some("host.json:4"));
        assert_eq!(said("{\"env_missing\": [\"B\"]}", "C"), None);
    }

    #[test]
    fn a_denial_names_the_flag_that_was_given() {
        let of = |flags: BTreeMap<&'static str, &'static str>| Sources::new(None, flags);
        let said = "op \"mkdir\" is disabled by --no-write";
        assert_eq!(of([("no_shell", "--sim-no-shell")].into()).naming_flag(said, Rule::NoWrite), said);
        let given = of([("no_write", "--sim-no-write")].into());
        assert_eq!(given.naming_flag(said, Rule::NoWrite), "op \"mkdir\" is disabled by --sim-no-write");
        let opens = "the line for the shell writes `--no-write`, which `--no-write` does not allow";
        let told = "the line for the shell writes `--no-write`, which `--sim-no-write` does not allow";
        assert_eq!(given.naming_flag(opens, Rule::NoWrite), told);
    }

    #[test]
    fn a_flag_goes_before_a_scenario_before_the_fixture() {
        let text = "{\"os\": \"linux\",\n\"oracles\": {\"has_bin\": {\"a\": true,\n\"b\": true}},\n\"scenarios\": [{\"name\": \"s\",\n\"overrides\": {\"has_bin\": {\"a\": false}}}]}";
        let (_, places) = Fixture::read(text).unwrap();
        let sources = Sources::new(Some(("host.json".to_owned(), places)), [("os", "--sim-os")].into());
        let said = |sources: &Sources, way: &[&str]| sources.of(way);
        assert_eq!(said(&sources, &["os"]).as_deref(), Some("--sim-os"));
        let a = ["oracles", "has_bin", "a"];
        assert_eq!(said(&sources, &a).as_deref(), Some("host.json:2"));
        let inner = sources.in_scenario(&[0]);
        assert_eq!(said(&inner, &a).as_deref(), Some("host.json:5"));
        assert_eq!(said(&inner, &["oracles", "has_bin", "b"]).as_deref(), Some("host.json:3"));
        assert_eq!(said(&inner, &["oracles", "has_bin", "c"]), None);
        assert_eq!(inner.exactly(&a).as_deref(), Some("host.json:5:27"));
        assert_eq!(inner.exactly_value(&a).as_deref(), Some("host.json:5:32"));
        assert_eq!(inner.exactly_value(&["oracles", "has_bin", "b"]).as_deref(), Some("host.json:3:6"));
        assert_eq!(inner.exactly_value(&["oracles", "has_bin", "c"]), None);
    }
}
