//! What has been found of hosts, so that it need not be found again.
//!
//! Ops ask the same of a host again and again: what stands at each directory above a path, and where all of them are directories. What has been
//! found is kept for the last hosts that were asked, until something is put into them. A host is told by its maps, which are kept, so that no
//! others can come to be where they are.
//!
//! Nothing is kept where looking has other effects: within a call, which notes what it asks of its caller; where it is noted what a branch
//! looks at; where somebody else may change places at any time; and while diagrams are made that will be forgotten.

use std::rc::Rc;

use imbl::OrdMap;
use perch_diagram::Dd;
use perch_policy::path;
use rustc_hash::FxHashMap;

use crate::Symbolic;
use crate::cells::Cell;
use crate::host::{Entries, Host};

/// How many hosts are remembered: those of two runs that come together.
const HOSTS: usize = 2;

/// What has been found of the last hosts, the last one first.
#[derive(Default)]
pub(crate) struct Found {
    hosts: Vec<OfHost>,
}

struct OfHost {
    entries: Entries,
    rests: OrdMap<Rc<str>, Dd>,
    /// What stands at paths that have no cell of their own.
    cells: FxHashMap<Rc<str>, Dd>,
    /// What is on the way to paths.
    ways: FxHashMap<Rc<str>, WayTo>,
}

/// What is on the way to a path.
#[derive(Clone, Copy)]
pub(crate) struct WayTo {
    /// Where the first of the paths above it that is not a directory is something else.
    pub(crate) obstructed: Dd,
    /// Where that one is nothing.
    pub(crate) missing: Dd,
    /// Where all of them are directories.
    pub(crate) clear: Dd,
}

impl Found {
    fn of(&mut self, host: &Host) -> &mut OfHost {
        let is_it = |of: &OfHost| of.entries.ptr_eq(&host.entries) && of.rests.ptr_eq(&host.rests);
        match self.hosts.iter().position(is_it) {
            Some(at) => self.hosts[..=at].rotate_right(1),
            None => {
                self.hosts.truncate(HOSTS - 1);
                self.hosts.insert(0, OfHost::new(host));
            }
        }
        &mut self.hosts[0]
    }
}

impl OfHost {
    fn new(host: &Host) -> Self {
        let (entries, rests) = (host.entries.clone(), host.rests.clone());
        Self { entries, rests, cells: FxHashMap::default(), ways: FxHashMap::default() }
    }
}

impl Symbolic {
    /// Whether looking at a host does nothing but look.
    pub(crate) fn only_looks(&self) -> bool {
        self.levels.is_empty() && self.reads.is_none() && self.unsteady.is_nothing() && self.company.count() == 0
    }

    /// Whether there is no link anywhere, and looking for one does nothing but look.
    pub(crate) fn knows_of_no_link(&self) -> bool {
        self.only_looks() && !self.names.knows_links()
    }

    fn keeps_found(&self) -> bool {
        self.only_looks() && !self.dds.is_drafting()
    }

    /// What stands at a path that has no cell of its own, as `look` finds it.
    pub(crate) fn found_at(&mut self, host: &Host, path: &str, look: impl FnOnce(&mut Self) -> Dd) -> Dd {
        if !self.keeps_found() {
            return look(self);
        }
        if let Some(known) = self.found.of(host).cells.get(path) {
            return *known;
        }
        let cell = self.kept(look);
        self.found.of(host).cells.insert(path.into(), cell);
        cell
    }

    /// What is on the way to a path.
    pub(crate) fn way_to(&mut self, host: &Host, path: &str) -> WayTo {
        if path == "/" {
            return WayTo { obstructed: Dd::FALSE, missing: Dd::FALSE, clear: Dd::TRUE };
        }
        if !self.keeps_found() {
            return self.way_on(host, path);
        }
        if let Some(known) = self.found.of(host).ways.get(path) {
            return *known;
        }
        let way = self.kept(|this| this.way_on(host, path));
        self.found.of(host).ways.insert(path.into(), way);
        way
    }

    fn way_on(&mut self, host: &Host, path: &str) -> WayTo {
        let dir = path::parent(path);
        let WayTo { obstructed, missing, clear } = self.way_to(host, dir);
        let entry = self.entry(host, dir);
        let mut until = |found: Dd, is: fn(&Cell) -> bool| {
            let is = self.where_cell(entry, is);
            let here = self.dds.and(clear, is);
            let found = self.dds.or(found, here);
            self.reading_within_budget(found)
        };
        let obstructed = until(obstructed, |cell| matches!(cell, Cell::File(_) | Cell::Link(_)));
        let missing = until(missing, |cell| matches!(cell, Cell::Absent));
        let is_dir = self.where_cell(entry, |cell| matches!(cell, Cell::Dir));
        let clear = self.dds.and(clear, is_dir);
        WayTo { obstructed, missing, clear: self.reading_within_budget(clear) }
    }
}
