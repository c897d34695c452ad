//! What branches that run at the same time store for `cache` blocks, and look for.
//!
//! Whatever one of them stores may be there when another looks, or not yet, and may have taken the place of what was there before. So of each key
//! it is kept what an entry may bind, whoever has stored it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Of more texts it is not kept which they are.
const MAX_TEXTS: usize = 8;

/// What entries may bind a name to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Bound {
    /// To one of these texts.
    pub(crate) texts: BTreeSet<Rc<str>>,
    /// To any other.
    pub(crate) any_text: bool,
    /// To nothing.
    pub(crate) nothing: bool,
}

impl Bound {
    /// To whatever there is.
    pub(crate) fn anything() -> Self {
        Self { texts: BTreeSet::new(), any_text: true, nothing: true }
    }

    fn nothing() -> Self {
        Self { nothing: true, ..Self::default() }
    }

    /// The same, with one text more.
    pub(crate) fn add_text(&mut self, text: Option<Rc<str>>) {
        match text {
            Some(text) if !self.any_text && self.texts.len() < MAX_TEXTS => drop(self.texts.insert(text)),
            Some(text) if self.texts.contains(&text) => {}
            _ => *self = Self { texts: BTreeSet::new(), any_text: true, nothing: self.nothing },
        }
    }

    fn add(&mut self, other: Self) {
        if other.any_text {
            self.add_text(None);
        }
        other.texts.into_iter().for_each(|text| self.add_text(Some(text)));
        self.nothing |= other.nothing;
    }
}

/// What an entry binds, or any of several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    /// What is known of names. Others are bound to nothing,
    names: BTreeMap<String, Bound>,
    /// unless of other names nothing is known.
    pub(crate) open: bool,
}

impl Entry {
    /// What binds these names.
    pub(crate) fn of(names: BTreeMap<String, Bound>, open: bool) -> Self {
        Self { names, open }
    }

    /// One of which nothing is known.
    pub(crate) fn anything() -> Self {
        Self { names: BTreeMap::new(), open: true }
    }

    /// What it binds a name to.
    pub(crate) fn bound(&self, name: &str) -> Bound {
        let other = || if self.open { Bound::anything() } else { Bound::nothing() };
        self.names.get(name).cloned().unwrap_or_else(other)
    }

    /// The names of which something is known.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.names.keys()
    }

    /// This one, or the other.
    fn or(&self, other: &Self) -> Self {
        let both = |name: &String| {
            let mut bound = self.bound(name);
            bound.add(other.bound(name));
            (name.clone(), bound)
        };
        Self { names: self.names().chain(other.names()).map(both).collect(), open: self.open || other.open }
    }
}

/// What is stored, by keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Results {
    /// What may be found under a key.
    by_key: BTreeMap<String, Entry>,
    /// Something is stored under a key that is not known.
    pub(crate) any_key: bool,
}

impl Results {
    /// Anything, under any key.
    pub(crate) fn anything() -> Self {
        Self { by_key: BTreeMap::new(), any_key: true }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_key.is_empty() && !self.any_key
    }

    /// What of these may be found under a key.
    pub(crate) fn under(&self, key: Option<&str>) -> Option<Entry> {
        match key {
            _ if self.any_key => Some(Entry::anything()),
            Some(key) => self.by_key.get(key).cloned(),
            None => (!self.by_key.is_empty()).then(Entry::anything),
        }
    }

    /// What may be found, and under which keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.by_key.iter()
    }

    fn put(&mut self, key: &str, entry: &Entry) {
        let both = self.by_key.get(key).map_or_else(|| entry.clone(), |there| there.or(entry));
        self.by_key.insert(key.to_owned(), both);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        other.iter().for_each(|(key, entry)| self.put(key, entry));
        self.any_key |= other.any_key;
    }
}

/// What a branch has to do with the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dealings {
    /// What was or is there under the keys under which it has stored something.
    pub(crate) left: Results,
    /// Under which keys it has looked,
    looked: BTreeSet<String>,
    /// or that it has looked under one that is not known.
    looked_anywhere: bool,
}

impl Dealings {
    /// It looks under a key.
    pub(crate) fn look(&mut self, key: Option<&str>) {
        match key {
            Some(key) => drop(self.looked.insert(key.to_owned())),
            None => self.looked_anywhere = true,
        }
    }

    /// It stores an entry, or takes one away by storing another.
    pub(crate) fn leave(&mut self, key: Option<&str>, entry: &Entry) {
        match key {
            Some(key) => self.left.put(key, entry),
            None => self.left.any_key = true,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.left.add(&other.left);
        self.looked.extend(other.looked.iter().cloned());
        self.looked_anywhere |= other.looked_anywhere;
    }

    /// What it may have left where the other looks.
    pub(crate) fn met_by(&self, other: &Self) -> Results {
        let looks = other.looked_anywhere || !other.looked.is_empty();
        let met = self.left.iter().filter(|(key, _)| other.looked_anywhere || other.looked.contains(*key));
        let by_key = met.map(|(key, entry)| (key.clone(), entry.clone())).collect();
        Results { by_key, any_key: self.left.any_key && looks }
    }
}
