//! What is known of a host before anything runs.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use perch_ops::pure::Clock;
use perch_policy::{path, store};

use crate::leads::Lead;

/// What is beneath is no store of files: the system makes it up.
pub const SYSTEMS_OWN: [&str; 2] = ["/proc", "/sys"];

/// What is beneath is written to and not replaced.
pub(crate) const DEVICES: &str = "/dev";

/// But for what is beneath this: files like any others, in memory.
const MEMORY: &str = "/dev/shm";

/// Whether what stands at a path may be a device.
pub(crate) fn is_among_devices(path: &str) -> bool {
    path::beneath(path, DEVICES).is_some_and(|name| !name.is_empty()) && !path::within(path, MEMORY)
}

/// A description of a host. What it does not say is unknown.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Operating system, in the spelling of language §5.4.
    pub os: Option<String>,
    /// Processor, likewise.
    pub arch: Option<String>,
    /// Where the command is started.
    pub cwd: String,
    /// Variables with known values.
    pub env: BTreeMap<String, String>,
    /// Variables that are set to something.
    pub env_set: BTreeSet<String>,
    /// Variables that are not set.
    pub env_unset: BTreeSet<String>,
    /// No other variables are set.
    pub env_closed: bool,
    /// A flag says so, and no key of a fixture.
    pub env_closed_by_flag: bool,
    /// What stands at paths, absolute and clean. Consistent: what is there has directories above it.
    pub files: BTreeMap<String, Stated>,
    /// Listed roots: a missing thing at or beneath one is taken to be there where a failure would be uncaught.
    pub listed: Vec<String>,
    /// Programs that are on PATH, or are not.
    pub bins: BTreeMap<String, bool>,
    /// No other programs are on PATH.
    pub bins_closed: bool,
    /// What programs do, by their argument text or `NAME *`.
    pub programs: BTreeMap<String, ProgramFact>,
    /// What is known of packages, by their names, from the manager of the machine.
    pub packages: BTreeMap<String, Packaged>,
    /// What is answered to requests, by their addresses, as these are sent. Who is asked is there, and can be talked to if that is permitted.
    pub answers: BTreeMap<String, AnswerFact>,
    /// The addresses of hosts, by their names, in the order in which they are told.
    pub addresses: BTreeMap<String, Vec<IpAddr>>,
    /// What is stored for `cache` blocks at the start, by their keys: what names are bound to, or that nothing is.
    pub stored: BTreeMap<String, Option<BTreeMap<String, String>>>,
    /// Other facts of the machine, by their names.
    pub machine: BTreeMap<String, String>,
    /// What the clock says throughout.
    pub clock: Option<Clock>,
    /// No deadline passes but by waits.
    pub in_time: bool,
    /// Files whose content is known to be no text.
    pub no_text: BTreeSet<String>,
    /// Directories in which a name is known to be no text.
    pub nameless: BTreeSet<String>,
    /// What is known to hold nothing by itself, though it is stated to be a file: it is neither file, directory nor link, or the system makes up what is
    /// read there.
    pub special: BTreeSet<String>,
    /// Which of these are devices.
    pub devices: BTreeSet<String>,
    /// Programs on PATH of which it is not told that the system can start them.
    pub doubtful: BTreeSet<String>,
    /// What whoever runs this may not do, as far as that can be told.
    pub denied: Denied,
    /// Files of which it is told whether whoever runs this may start them.
    pub startable: BTreeMap<String, bool>,
    /// The modes of files and directories that are told.
    pub modes: BTreeMap<String, u32>,
    /// All this was looked up on a machine, for a run on it. It shows what is there, and nobody says what programs do, nor what
    /// is stored for `cache` blocks.
    pub looked_up: bool,
}

/// What is there and closed to whoever runs a command, by paths. All that is told of an entry in one of these sets is that: what is not in them is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    /// Files and directories that may not be read.
    pub read: BTreeSet<String>,
    /// Files and directories in which nothing may be changed.
    pub write: BTreeSet<String>,
    /// Directories through which no way leads.
    pub pass: BTreeSet<String>,
    /// Entries that may not be removed or replaced, for their directory keeps what others own.
    pub replace: BTreeSet<String>,
    /// What somebody else owns.
    pub own: BTreeSet<String>,
    /// Of these, all that only hangs on who runs the command.
    pub perhaps: BTreeSet<String>,
}

impl Denied {
    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All the paths.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &String> {
        let Self { read, write, pass, replace, own, perhaps: _ } = self;
        [read, write, pass, replace, own].into_iter().flatten()
    }
}

/// Something of the start that a run has come to hang on, and that the description does not tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// What stands at a path.
    Path(String),
    /// What a file holds.
    Content(String),
    /// Which entries a directory has.
    Entries(String),
    /// Whether a program is on PATH.
    Bin(String),
}

impl Facts {
    /// What is said of a variable that is not set.
    #[must_use]
    pub(crate) fn unset(&self, name: &str) -> String {
        let is_listed = self.env_closed && !self.looked_up && !self.env_unset.contains(name);
        if !is_listed {
            return format!("nothing is named `{name}`: no binding, no fact, and no environment variable");
        }
        let set: BTreeSet<&str> = self.env.keys().chain(&self.env_set).map(String::as_str).collect();
        let set = set.into_iter().collect::<Vec<_>>().join(", ");
        match (self.env_closed_by_flag, set.as_str()) {
            (true, "") => format!("references ${{{name}}} but sim --env restricts host envs to none"),
            (true, _) => format!("references ${{{name}}} but sim --env restricts host envs to {set}"),
            (false, "") => {
                format!("nothing binds `{name}`, and `env_only` of the fixture says that no variable is set")
            }
            (false, _) => {
                format!(
                    "nothing binds `{name}`, and `env_only` of the fixture says that only these variables are set: {set}"
                )
            }
        }
    }

    /// Whether anything is told of who may do what.
    #[must_use]
    pub fn tells_rights(&self) -> bool {
        !self.denied.is_empty() || !self.startable.is_empty()
    }

    /// Whether there may be a place in which `cache` blocks store: not if it is known that no variable names one, or that it is closed.
    #[must_use]
    pub fn may_store(&self) -> bool {
        let may_name_one = |name: &str| {
            let known = self.env.get(name).map(|value| store::names_one(value));
            known.unwrap_or_else(|| self.may_be_set(name))
        };
        ["XDG_CACHE_HOME", "HOME"].into_iter().any(may_name_one) && !self.is_store_closed()
    }

    /// Whether nothing can be stored by all that is told of rights: what somebody else owns stays closed, whatever the run does.
    fn is_store_closed(&self) -> bool {
        let stores = self.store_directories().filter(|stores| !self.denied.is_empty() && !stores.is_empty());
        stores.is_some_and(|stores| stores.iter().all(|store| self.is_closed_on_the_way(store)))
    }

    fn is_closed_on_the_way(&self, store: &str) -> bool {
        let is_foreign = |at: &str| self.denied.own.contains(at) && !self.denied.perhaps.contains(at);
        // Nothing is in it but what is told, and nobody can make it.
        let lacks_next = |at: &str| {
            let next = path::beneath(store, at).and_then(|below| below.split('/').next()).unwrap_or_default();
            matches!(self.files.get(at), Some(Stated::Dir { closed: true }))
                && !self.files.contains_key(&path::join(at, next))
        };
        path::ancestors(store).chain([store]).any(|at| {
            is_foreign(at) && (self.denied.pass.contains(at) || self.denied.write.contains(at) && lacks_next(at))
        })
    }

    /// The directories of which one is where `cache` blocks store: on other systems it is another. `None`: it may be any.
    #[must_use]
    pub fn store_directories(&self) -> Option<Vec<String>> {
        let told = |name: &str| match self.env.get(name) {
            Some(value) => Some(Some(value.as_str())),
            None if self.may_be_set(name) => None,
            None => Some(None),
        };
        let cache_home = told("XDG_CACHE_HOME")?;
        let home = if cache_home.is_some_and(store::names_one) { None } else { told("HOME")? };
        let may_be_macos = self.os.as_deref().is_none_or(|os| os == "macos");
        let may_be_another = self.os.as_deref() != Some("macos");
        let systems = [(may_be_another, false), (may_be_macos, true)].into_iter().filter(|(may_be, _)| *may_be);
        let mut found: Vec<String> =
            systems.filter_map(|(_, macos)| store::directory(cache_home, home, macos)).collect();
        found.dedup();
        Some(found)
    }

    /// The directories in which programs are looked for, if `PATH` is told.
    #[must_use]
    pub fn path_directories(&self) -> Option<Vec<String>> {
        let dirs = match self.env.get("PATH") {
            Some(dirs) => dirs.as_str(),
            None if self.may_be_set("PATH") => return None,
            None => "",
        };
        Some(dirs.split(':').filter(|dir| dir.starts_with('/')).filter_map(|dir| path::clean("/", dir)).collect())
    }

    /// The file of that name in a directory on PATH that whoever runs this may not start, if there is one.
    #[must_use]
    pub fn closed_program(&self, name: &str) -> Option<String> {
        let dirs = self.path_directories().unwrap_or_default();
        let closed = dirs.iter().filter(|dir| self.may_start_in(dir, name) == Some(false));
        let led_to = closed.filter_map(|dir| match self.way(&path::join(dir, name)).lead {
            Lead::To(file) => Some(file),
            Lead::Nowhere | Lead::Anywhere => None,
        });
        led_to.into_iter().find(|file| self.startable.contains_key(file))
    }

    /// Whether whoever runs this may start the file of that name in a directory, as far as that is told.
    #[must_use]
    pub fn may_start_in(&self, dir: &str, name: &str) -> Option<bool> {
        let way = self.way(&path::join(dir, name));
        let file = match way.lead {
            Lead::To(file) => file,
            Lead::Nowhere => return Some(false),
            Lead::Anywhere => return None,
        };
        let passed = way.over.iter().map(String::as_str).chain(["/"]).filter(|at| *at != file);
        let closed: Vec<&str> = passed.filter(|at| self.denied.pass.contains(*at)).collect();
        match closed.iter().any(|at| !self.denied.perhaps.contains(*at)) {
            true => Some(false),
            false if !closed.is_empty() => None,
            false => self.startable.get(&file).copied(),
        }
    }

    /// Whether it is known that `PATH` names a directory. Otherwise shells look in directories of their own.
    pub(crate) fn names_path_directories(&self) -> bool {
        self.path_directories().map_or_else(|| self.env_set.contains("PATH"), |dirs| !dirs.is_empty())
    }

    /// The directories on PATH in which there can be a program of that name at the start, for all that is said of files.
    #[must_use]
    pub fn may_hold_program(&self, name: &str) -> Option<Vec<String>> {
        let mut dirs = self.path_directories()?;
        dirs.retain(|dir| self.may_stand(dir, name));
        Some(dirs)
    }

    /// Whether a file of that name can be in a directory at the start, or a link that leads to one, for all that is said of files.
    #[must_use]
    pub fn may_stand(&self, dir: &str, name: &str) -> bool {
        match self.way(&path::join(dir, name)).lead {
            Lead::To(at) => !matches!(self.files.get(&at), Some(Stated::Dir { .. })),
            Lead::Nowhere => false,
            Lead::Anywhere => true,
        }
    }

    /// Whether it is told of a variable itself whether it is set.
    pub(crate) fn tells_variable(&self, name: &str) -> bool {
        self.env.contains_key(name) || self.env_set.contains(name) || self.env_unset.contains(name)
    }

    /// Whether a variable that is not among those with a value may be set.
    #[must_use]
    pub fn may_be_set(&self, name: &str) -> bool {
        self.env_set.contains(name) || !self.env_closed && !self.env_unset.contains(name)
    }
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stated {
    /// Nothing.
    Absent,
    /// Something.
    There,
    /// A file, with its content if known.
    File(Option<String>),
    /// A directory; closed if it holds nothing but what is stated.
    Dir {
        /// No other entries.
        closed: bool,
    },
    /// A symbolic link with its target.
    Link(String),
    /// A symbolic link of which nobody can tell where it leads.
    LinkSomewhere,
}

/// What a package is to the manager of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Packaged {
    /// It is installed.
    Installed,
    /// It is not, and can be.
    Available,
    /// It is not, and cannot be.
    Missing,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFact {
    /// Its status.
    pub status: u16,
    /// Its body, if known.
    pub body: Option<String>,
    /// Where it leads, if it does.
    pub redirect: Option<String>,
}

/// What a program does.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ProgramFact {
    /// Exit status.
    pub status: u8,
    /// Standard output.
    pub stdout: String,
    /// Changes, in order.
    pub effects: Vec<EffectFact>,
    /// No more is told than the status.
    pub status_only: bool,
}

/// One change that a program makes, if it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectFact {
    /// A file with that content.
    Write(String, String),
    /// A directory.
    MakeDir(String),
    /// Nothing.
    Remove(String),
}
