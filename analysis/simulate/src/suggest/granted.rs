//! Rights that a change gives to whoever runs a command: the smallest ones that do, an owner or bits of a mode.

use std::collections::BTreeMap;

use perch_fixtures::{FileFact, Fixture};
use perch_policy::path;

/// What whoever runs a command gets at a path of which rights are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    /// It is theirs.
    pub(super) owned: bool,
    /// Its owner may read and change it, and pass through it if it is a directory.
    pub(super) open: bool,
    /// Its owner may start it, if it is a file.
    pub(super) started: bool,
}

/// A mode of files that anybody may start.
pub(super) const MODE_OF_PROGRAMS: &str = "0755";

impl Granted {
    /// What may open something: what is somebody else's has to be theirs.
    pub(super) fn to_open(is_foreign: bool) -> Vec<Self> {
        Self::ways(is_foreign, Self { open: true, ..Self::default() })
    }

    /// What may let a file be started.
    pub(super) fn to_start(is_foreign: bool) -> Vec<Self> {
        Self::ways(is_foreign, Self { started: true, ..Self::default() })
    }

    fn ways(is_foreign: bool, bits: Self) -> Vec<Self> {
        let owned = Self { owned: true, ..Self::default() };
        if is_foreign { vec![owned, bits.and(owned)] } else { vec![bits] }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { owned: self.owned || other.owned, open: self.open || other.open, started: self.started || other.started }
    }

    /// These bits of a mode are set.
    fn bits_of_file(self) -> u32 {
        (if self.open { 0o600 } else { 0 }) | (if self.started { 0o500 } else { 0 })
    }

    fn bits_of_dir(self) -> u32 {
        if self.open { 0o700 } else { 0 }
    }

    /// The fact with it.
    fn given(self, fact: FileFact, user: Option<&String>) -> FileFact {
        let owner_of = |owner: Option<String>| if self.owned { owner.and(user.cloned()) } else { owner };
        let opened = |mode: Option<String>, bits: u32| mode.map(|mode| with(&mode, bits));
        match fact {
            FileFact::File { content, mode, owner } => {
                FileFact::File { content, mode: opened(mode, self.bits_of_file()), owner: owner_of(owner) }
            }
            FileFact::Dir { closed, mode, owner } => {
                FileFact::Dir { closed, mode: opened(mode, self.bits_of_dir()), owner: owner_of(owner) }
            }
            fact => fact,
        }
    }

    /// In words, of what is at a path then.
    fn words(self, path: &str, fact: &FileFact) -> String {
        let (mode, owner) = fact.rights();
        let owned = self.owned.then(|| match owner {
            Some(user) => format!("belongs to `{user}`"),
            None => "belongs to whoever runs this".to_owned(),
        });
        let open = mode.filter(|_| self.open || self.started).map(|mode| format!("has mode `{mode}`"));
        let told: Vec<String> = owned.into_iter().chain(open).collect();
        format!("`{path}` {}", told.join(" and "))
    }
}

/// A mode with these bits, as it was written.
fn with(mode: &str, bits: u32) -> String {
    let width = mode.len();
    u32::from_str_radix(mode, 8).map_or_else(|_| mode.to_owned(), |before| format!("{:0width$o}", before | bits))
}

/// What is told of the paths at which something is given, with what is given there, under the keys that tell it.
pub(super) fn told(granted: &BTreeMap<String, Granted>, fixture: &Fixture) -> BTreeMap<String, FileFact> {
    let user = fixture.machine.user.as_ref();
    let keys = granted.iter().filter_map(|(path, granted)| Some((key(fixture, path)?, granted)));
    keys.map(|((key, fact), granted)| (key.clone(), granted.given(fact.clone(), user))).collect()
}

/// All of it in words.
pub(super) fn words(granted: &BTreeMap<String, Granted>, fixture: &Fixture) -> Vec<String> {
    let told = told(granted, fixture);
    let of = |(path, granted): (&String, &Granted)| {
        let (key, _) = key(fixture, path)?;
        Some(granted.words(path, told.get(key)?))
    };
    granted.iter().filter_map(of).collect()
}

/// The entry of the fixture that speaks of a path.
fn key<'f>(fixture: &'f Fixture, at: &str) -> Option<(&'f String, &'f FileFact)> {
    let cwd = fixture.cwd.as_deref().unwrap_or("/");
    let at = path::clean(cwd, at)?;
    fixture.files.iter().find(|(text, _)| path::clean(cwd, text).as_ref() == Some(&at))
}
