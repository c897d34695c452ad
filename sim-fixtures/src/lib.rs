//! Fixtures: host descriptions as people write them (`docs/spec/fixtures.md`).
//!
//! This crate is the file format: it reads JSON and says what is wrong with it and where.
//! What a description means for a simulation is the business of `perch-simulate`.
//!
//! | module | is about |
//! |---|---|
//! | [`scenario`] | runs of their own from one fixture |
//! | [`places`] | where in the text something is said |
//! | `mistakes` | what is wrong with a text that is no fixture |
//! | `numbers` | whole numbers, in whatever way they are written |

mod mistakes;
mod numbers;
pub mod places;
pub mod scenario;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use mistakes::{Advice, FixtureError, keys_and_meanings};
pub use scenario::{ArgFact, Scenario};

use places::Places;

/// What a clock says, for editors: whether there is such a day is seen when it is read.
pub(crate) const CLOCK: &str =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([Zz]|[+-][0-9]{2}:[0-9]{2}))?$";

/// A program that is looked for on PATH, or a whole path.
const PROGRAM: &str = "^(/[^,]*|[^/,]+)$";

/// What `chmod` takes.
const MODE: &str = "^[0-7]{3,4}$";

/// A description of a host. What it does not say is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fixture {
    /// The schema by which an editor knows what may stand here; it says nothing of the host.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Operating system: `linux`, `macos`, `windows` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// Processor: `amd64`, `arm64` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Other facts of the machine and its user.
    #[serde(skip_serializing_if = "Machine::is_empty")]
    pub machine: Machine,
    /// What the clock says during the whole run: a day such as `2024-01-31`, or a second such as `2024-01-31T12:00:00+01:00`, in the time zone of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = CLOCK))]
    pub clock: Option<String>,
    /// Everything that a `timeout` stands around has ended before the deadline, unless it waits (`sleep`) for as long as that by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_time: bool,
    /// The directory in which the command is started.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^/"))]
    pub cwd: Option<String>,
    /// Environment variables and their values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Variables that are not set.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub env_missing: BTreeSet<String>,
    /// `true`: no other variables are set. A list: these are set, no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env_only: Option<EnvOnly>,
    /// Visible roots; each is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_read: Option<Vec<String>>,
    /// Writable roots; each is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_write: Option<Vec<String>>,
    /// Exactly these programs are on PATH, and only these are permitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(inner(regex(pattern = PROGRAM)))]
    pub bins: Option<Vec<String>>,
    /// Only these hosts are permitted: `x.org`, `*.x.org`, `x.org:443`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Vec<String>>,
    /// What stands at paths.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, FileFact>,
    /// No op may write.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_write: bool,
    /// No op may start a program.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_subprocess: bool,
    /// No op may give a line to the shell.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_shell: bool,
    /// No op may use the network.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_network: bool,
    /// Answers for what is looked up during a run.
    #[serde(skip_serializing_if = "Oracles::is_empty")]
    pub oracles: Oracles,
    /// Arguments of the commands, by name; the command line goes before them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, ArgFact>,
    /// Each is a simulation of its own; none is the same as one that changes nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<Scenario>,
}

/// Facts of the machine and its user, by the names that they have in programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Machine {
    /// The user whose rights the run has, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub user: Option<String>,
    /// The same, by number.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "numbers::whole_if_any")]
    #[schemars(range(max = 4_294_967_295_u32))]
    pub uid: Option<u32>,
    /// The name of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub hostname: Option<String>,
    /// The number of processors that the run may use.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "numbers::whole_if_any")]
    #[schemars(range(min = 1, max = 65_536))]
    pub cpu_count: Option<u32>,
    /// The version of the operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub os_version: Option<String>,
    /// Whether standard output is a terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_tty: Option<bool>,
}

impl Machine {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All that it says: names of facts, and their values.
    #[must_use]
    pub fn facts(&self) -> Vec<(String, String)> {
        let Ok(serde_json::Value::Object(said)) = serde_json::to_value(self) else { return Vec::new() };
        let text = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        said.into_iter().map(|(name, value)| (name, text(value))).collect()
    }

    /// That a fact is that, if it is one of these and can be.
    #[must_use]
    pub fn saying(name: &str, value: &str) -> Option<Self> {
        let plain = serde_json::from_str(value).ok().filter(|value: &serde_json::Value| !value.is_string());
        let read = |value| serde_json::from_value::<Self>(serde_json::json!({ name: value })).ok();
        let said = [Some(value.into()), plain].into_iter().flatten().find_map(read)?;
        // Numbers are said as they are: `07` is no number of a user.
        let is_that = said.facts().iter().all(|(_, told)| told == value);
        (is_that && !value.is_empty() && !value.contains(char::is_control)).then_some(said)
    }

    /// The same without what it says of one fact.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut machine = Self::default();
        let others = self.facts().into_iter().filter(|(other, _)| *other != name);
        others.filter_map(|(name, value)| Self::saying(&name, &value)).for_each(|one| machine.extend(one));
        machine
    }

    /// These facts before those that are there.
    pub fn extend(&mut self, other: Self) {
        let Self { user, uid, hostname, cpu_count, os_version, is_tty } = other;
        self.user = user.or(self.user.take());
        self.uid = uid.or(self.uid);
        self.hostname = hostname.or(self.hostname.take());
        self.cpu_count = cpu_count.or(self.cpu_count);
        self.os_version = os_version.or(self.os_version.take());
        self.is_tty = is_tty.or(self.is_tty);
    }
}

/// Which variables there are besides those with values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EnvOnly {
    /// `true`: none.
    Closed(bool),
    /// These, and no others.
    Names(Vec<String>),
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FileFact {
    /// A file.
    File {
        /// Its content, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
        /// What who may do with it: octal digits as `chmod` takes them, such as `0640`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(regex(pattern = MODE))]
        mode: Option<String>,
        /// The user who owns it, if that is not the one who runs the command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
    },
    /// A directory.
    Dir {
        /// It holds nothing but what the fixture mentions.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        closed: bool,
        /// What who may do with it: octal digits as `chmod` takes them, such as `0750`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(regex(pattern = MODE))]
        mode: Option<String>,
        /// The user who owns it, if that is not the one who runs the command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
    },
    /// A symbolic link.
    Link {
        /// What it points to, as written in the link.
        target: String,
    },
    /// Nothing.
    Absent {},
}

impl FileFact {
    /// A file, with its content if that is known.
    #[must_use]
    pub fn file(content: Option<String>) -> Self {
        Self::File { content, mode: None, owner: None }
    }

    /// A directory.
    #[must_use]
    pub fn dir(closed: bool) -> Self {
        Self::Dir { closed, mode: None, owner: None }
    }

    /// What is told of who may do what with it: its mode, and its owner.
    #[must_use]
    pub fn rights(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::File { mode, owner, .. } | Self::Dir { mode, owner, .. } => (mode.as_deref(), owner.as_deref()),
            Self::Link { .. } | Self::Absent {} => (None, None),
        }
    }

    /// The same, with the rights that another is told to have, if it is of the same kind.
    #[must_use]
    pub fn with_rights_of(self, other: &Self) -> Self {
        match (self, other) {
            (Self::File { content, .. }, Self::File { mode, owner, .. }) => {
                Self::File { content, mode: mode.clone(), owner: owner.clone() }
            }
            (Self::Dir { closed, .. }, Self::Dir { mode, owner, .. }) => {
                Self::Dir { closed, mode: mode.clone(), owner: owner.clone() }
            }
            (fact, _) => fact,
        }
    }
}

/// Answers for what is looked up during a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Oracles {
    /// Is something at the path?
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub file_exists: BTreeMap<String, bool>,
    /// Is the program on PATH?
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub has_bin: BTreeMap<String, bool>,
    /// What a program does, by its words joined with blanks, or `NAME *`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exec: BTreeMap<String, ExecFact>,
    /// What a program, or a line for the shell, prints that ends with status 0 and changes nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub shell_output: BTreeMap<String, String>,
    /// What a package is to the manager that the machine has, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, PackageFact>,
    /// What is answered to a request, by its web address.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub http: BTreeMap<String, HttpFact>,
    /// The addresses of hosts, by their names, in the order in which the system tells them; none for a name that has none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dns: BTreeMap<String, Vec<String>>,
    /// What is stored for a `cache` block at the start, by its key: the names that it binds and their values; `null` if nothing is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cache: BTreeMap<String, Option<BTreeMap<String, String>>>,
}

impl Oracles {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a package is to the manager that the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PackageFact {
    /// It is installed.
    Installed,
    /// It is not installed, and can be.
    Available,
    /// It is not installed, and there is none of that name to be.
    Missing,
}

/// What a program does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExecFact {
    /// Its exit status.
    #[serde(deserialize_with = "numbers::whole")]
    pub status: u8,
    /// What it prints.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stdout: String,
    /// What it changes, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<EffectFact>,
    /// Only the status is told: what it prints and changes is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub status_only: bool,
}

impl ExecFact {
    /// Of which no more is told than how it ends.
    #[must_use]
    pub fn ending_with(status: u8) -> Self {
        Self { status, status_only: true, ..Self::default() }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpFact {
    /// Its status.
    #[serde(deserialize_with = "numbers::whole")]
    #[schemars(range(min = 200, max = 599))]
    pub status: u16,
    /// Its body.
    pub body: String,
    /// Where it leads, with a status of 301, 302, 303, 307 or 308.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// Only the status is told: what the body is is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub status_only: bool,
}

impl Default for HttpFact {
    fn default() -> Self {
        Self { status: 200, body: String::new(), redirect: None, status_only: false }
    }
}

impl HttpFact {
    /// Of which no more is told than its status.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        Self { status, status_only: true, ..Self::default() }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EffectFact {
    /// A file is written.
    Write(WriteFact),
    /// A directory is made.
    Mkdir(MkdirFact),
    /// Something is removed, with all beneath.
    Remove(RemoveFact),
}

/// A file that is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteFact {
    /// Its path.
    pub write: String,
    /// Its content.
    #[serde(default)]
    pub content: String,
}

/// A directory that is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MkdirFact {
    /// Its path.
    pub mkdir: String,
}

/// Something that is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveFact {
    /// Its path.
    pub remove: String,
}

/// Whether a key that tells what is started has signs for a shell: then its blanks are its own, and not only between words.
#[must_use]
pub fn has_shell_signs(words: &str) -> bool {
    !words.chars().all(|c| c.is_alphanumeric() || " *./:@%+,=_~^-".contains(c))
}

impl Fixture {
    /// Reads a fixture.
    ///
    /// # Errors
    /// If the text is not JSON, says something twice, or has unknown keys or values of the wrong type.
    pub fn parse(text: &str) -> Result<Self, FixtureError> {
        Self::read(text).map(|(fixture, _)| fixture)
    }

    /// The same, and where it says what.
    ///
    /// # Errors
    /// As [`Fixture::parse`].
    pub fn read(text: &str) -> Result<(Self, Places), FixtureError> {
        // A byte order mark is no part of a text, here as in a file of commands.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let whole = places::read(text)?;
        let places = Places::of(&whole)?;
        match mistakes::of(&whole) {
            Some(mistake) => Err(mistake),
            None => serde_json::from_str(text)
                .map(|fixture| (fixture, places))
                .map_err(|error| FixtureError::no_json(text, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_key_and_writes_it_back() {
        let text = r#"{"$schema":"fixture.json","os":"linux","arch":"amd64",
            "machine":{"user":"u","uid":7,"hostname":"h","cpu_count":2,"os_version":"6","is_tty":false},"clock":"2024-01-31","in_time":true,"cwd":"/w","env":{"A":"1"},"env_missing":["C"],"env_only":["B"],"fs_read":["/r"],"fs_write":["/w"],
            "bins":["git"],"files":{"/w/a":{"kind":"file","content":"x","mode":"0600","owner":"ann"},"/w/d":{"kind":"dir","closed":true,"mode":"0700","owner":"root"},
            "/w/l":{"kind":"link","target":"a"},"/w/n":{"kind":"absent"}},"no_write":true,"no_subprocess":true,
            "oracles":{"file_exists":{"/x":true},"has_bin":{"git":true},
            "exec":{"git *":{"status":1,"stdout":"o","effects":[{"write":"a","content":"b"},{"mkdir":"d"},{"remove":"e"}]}},
            "http":{"https://x.org/":{"status":302,"body":"","redirect":"/a"}},"dns":{"x.org":["192.0.2.1"],"y.org":[]},"cache":{"deps":{"v":"1"},"other":null}},
            "args":{"n":3,"v":true,"w":"x","r":["a","b"]},"scenarios":[{"name":"a"},{"name":"b","after":"a","os":"macos","arch":"arm64","machine":{"uid":0},"clock":"2024-02-01T00:00:00Z","in_time":false,
            "env":{"A":null,"B":"2"},"files":{"/x":{"kind":"absent"}},"args":{"w":"y"},"overrides":{"has_bin":{"git":false}}}]}"#;
        let fixture = Fixture::parse(text).unwrap();
        assert_eq!(Fixture::parse(&serde_json::to_string(&fixture).unwrap()).unwrap(), fixture);
        assert_eq!(serde_json::to_value(&fixture).unwrap(), serde_json::from_str::<serde_json::Value>(text).unwrap());
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let text = r#"{"machine": {"uid": 7.0, "cpu_count": 2e0}, "oracles": {"exec": {"x": {"status": 1.0}}, "http": {"https://x.org/": {"status": 4.04e2}}}, "args": {"n": 1.0}}"#;
        let fixture = Fixture::parse(text).unwrap();
        assert_eq!((fixture.machine.uid, fixture.machine.cpu_count), (Some(7), Some(2)));
        assert_eq!(fixture.oracles.exec["x"].status, 1);
        assert_eq!(fixture.oracles.http["https://x.org/"].status, 404);
        // An argument is what one would type.
        assert_eq!(fixture.args["n"].text(), "1.0");
    }

    #[test]
    fn facts_of_the_machine_are_said_as_they_are() {
        let machine = Machine::saying("uid", "7").unwrap();
        assert_eq!((machine.uid, machine.facts()), (Some(7), vec![("uid".to_owned(), "7".to_owned())]));
        assert_eq!(Machine::saying("hostname", "7").unwrap().hostname.as_deref(), Some("7"));
        assert_eq!(Machine::saying("is_tty", "true").unwrap().is_tty, Some(true));
        for (name, value) in
            [("uid", "07"), ("uid", "x"), ("user", ""), ("is_tty", "1"), ("pid", "1"), ("hostname", "a\n")]
        {
            assert_eq!(Machine::saying(name, value), None, "{name} {value}");
        }
        let mut both = machine.clone();
        both.extend(Machine { user: Some("ann".to_owned()), ..Machine::default() });
        assert_eq!(both.without("user"), machine);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_it() {
        assert_eq!(Fixture::parse("\u{feff}{\"os\": \"linux\"}").unwrap().os.as_deref(), Some("linux"));
        let error = Fixture::parse("\u{feff}{\"oss\": \"linux\"}").unwrap_err();
        assert_eq!(error.to_string(), "1:2: a fixture has no key `oss`");
    }

    #[test]
    fn every_key_has_a_meaning() {
        let keys = keys_and_meanings();
        let about = |key: &str| keys.iter().find(|(known, _)| known == key).map(|(_, about)| about.as_str());
        assert_eq!(about("env_missing"), Some("Variables that are not set."));
        assert_eq!(about("oracles.has_bin"), Some("Is the program on PATH?"));
        assert!(about("scenarios[].after").is_some() && keys.iter().all(|(_, about)| !about.is_empty()), "{keys:?}");
    }

    #[test]
    fn unknown_keys_are_errors_with_a_place() {
        let error = Fixture::parse("{\n  \"fs_wirte\": []\n}").unwrap_err();
        assert_eq!(error.to_string(), "2:3: a fixture has no key `fs_wirte`");
    }
}
