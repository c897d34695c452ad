//! What is found beneath a directory.
//!
//! It is known where every entry beneath is: each has a cell, or lies in a directory of which it is known that it has no others.

use std::rc::Rc;

use perch_diagram::Dd;
use perch_ops::search::Search;
use perch_policy::path;

use crate::Symbolic;
use crate::cells::Cell;
use crate::host::Host;
use crate::made::is_made;
use crate::values::ENTRIES;

use super::Case;

/// Entries that may be there or not and are told apart. Beyond, the list is unknown.
const MAX_OPEN: usize = 6;

/// Entries that are looked at. Beyond, the list is unknown.
const MAX_ENTRIES: usize = 512;

/// What has been found so far.
#[derive(Default)]
struct Found {
    /// Paths, and where they are found.
    paths: Vec<(String, Dd)>,
    /// Where there may be others.
    others: Vec<Dd>,
}

impl Symbolic {
    /// What an op searches for beneath one of its paths, if that is known.
    pub(crate) fn search(&self, case: &Case<'_>, at: usize) -> Option<Search> {
        let known = |operand: usize| {
            let value = case.operands.get(operand).copied();
            value.and_then(|value| self.dds.as_leaf(value)).and_then(|leaf| self.names.known(leaf))
        };
        let (what, pattern) = (known(at + 1)?, known(at + 2)?);
        Search::named(&what, &pattern)
    }

    pub(super) fn entries_found(&mut self, case: &Case<'_>, at: usize, host: &Host) -> Dd {
        let search = self.search(case, at);
        let unknown = self.fresh_text(ENTRIES);
        let root = &case.paths[at];
        let Some(search) = search else { return unknown };
        let is_entered = |dir: &str| dir == root || path::beneath(dir, root).is_some_and(|below| search.enters(below));
        if self.is_listing_unsteady(root, &is_entered) {
            return unknown;
        }
        let is_seen = |path: &Rc<str>| is_entered(path::parent(path));
        let mentioned = self.mentioned(host, root);
        let mentioned: Vec<String> =
            mentioned.iter().filter(|path| is_seen(path)).map(|path| path.to_string()).collect();
        if mentioned.len() > MAX_ENTRIES {
            return unknown;
        }
        let mut found = Found::default();
        self.look_into(host, root, root, Dd::TRUE, (&search, &mentioned), &mut found);
        let others = found.others.into_iter().fold(Dd::FALSE, |all, one| self.dds.or(all, one));
        let others = self.condition_within_budget(others);
        let open = found.paths.iter().filter(|(_, when)| *when != Dd::TRUE).count();
        let made = found.paths.iter().any(|(path, _)| is_made(path));
        if made || open > MAX_OPEN || others == Dd::TRUE {
            return unknown;
        }
        found.paths.sort();
        let mut list = self.known_text("");
        for (path, when) in found.paths {
            let with = self.map(list, |this, leaf| {
                let before = this.names.known(leaf).unwrap_or_default();
                let joint = if before.is_empty() { "" } else { "\n" };
                this.known_text(&format!("{before}{joint}{path}"))
            });
            list = self.either(when, with, list, host.pc);
        }
        self.either(others, unknown, list, host.pc)
    }

    /// Looks into a directory, where it is one.
    fn look_into(
        &mut self,
        host: &Host,
        root: &str,
        dir: &str,
        is_dir: Dd,
        (search, mentioned): (&Search, &[String]),
        found: &mut Found,
    ) {
        let rest = self.rest(host, dir);
        let more = self.where_cell(rest, |cell| !matches!(cell, Cell::Empty));
        let more = self.dds.and(is_dir, more);
        let more = self.simplified(more, host.pc);
        let more = self.decided(more);
        if !more.is_false() {
            self.looks_into_directory(rest);
        }
        found.others.push(more);
        for path in mentioned.iter().filter(|path| path::parent(path) == dir) {
            let below = path::beneath(path, root).unwrap_or_default();
            let entry = self.entry(host, path);
            let entry = self.simplified(entry, host.pc);
            let a_dir = self.where_cell(entry, |cell| matches!(cell, Cell::Dir));
            let when = self.where_cell(entry, |cell| match cell {
                Cell::Absent => false,
                cell => search.finds(below, matches!(cell, Cell::Dir)),
            });
            let when = self.simplified(when, host.pc);
            let when = self.decided(when);
            if !when.is_false() {
                found.paths.push((below.to_owned(), when));
            }
            if !a_dir.is_false() && search.enters(below) {
                self.look_into(host, root, path, a_dir, (search, mentioned), found);
            }
        }
    }
}
