//! The store of cached blocks, as far as it is known.
//!
//! At the start it holds what the fixture says, and is taken to be empty otherwise. What is stored under each key is remembered in the frame, under hidden names: that
//! there is an entry, what it binds names to, and whether it may bind others. A block that stores its result replaces the entry as a whole. If a key is not known, or a
//! branch that runs at the same time has stored something, what is there by then is one of several.
//!
//! An entry is a file, too, in a directory that variables name: others may look at it, and whoever removes it has it forgotten. So the frame also
//! remembers what stands at the path of an entry, and it is found again where that is what it was.

use std::collections::BTreeSet;

use perch_diagram::{Dd, Leaf};
use perch_engine::domain::{Act, CacheEntry};
use perch_engine::flows::hidden;
use perch_engine::{Context, Engine, Flows, Frame, World};
use perch_ir::program::Program;
use perch_ops::duration::nanoseconds;
use perch_policy::{Decision, Effect, path, store};

use crate::cells::Cell;
use crate::consulted::Oracle;
use crate::host::Host;
use crate::perform::modes::Right;
use crate::record::Assumption;
use crate::stored::{Bound, Entry, Results};
use crate::{Symbolic, copy};

/// An entry that is good for less may be stale the next time.
const SURELY_FRESH: u64 = 60_000_000_000;

/// What is said of an entry besides what it binds. No name is one of these.
mod part {
    /// That it is there, and since when.
    pub(super) const THERE: &str = "";
    /// That it may bind names of which nothing is remembered.
    pub(super) const OPEN: &str = "?";
}

/// Since when an entry is there: it was at the start, and good;
const TOLD: &str = "told";
/// it was found, and nobody knows how old it is;
const FOUND: &str = "found";
/// the run has made it.
const MADE: &str = "made";

/// Under which name a frame remembers a part of what is known of the entry of a key. No name and no part has two lines.
fn of_key(key: &str, part: &str) -> String {
    hidden::stored(&format!("{part}\n{key}"))
}

/// The name under which a frame holds that anything may be stored.
fn anything_stored() -> String {
    hidden::stored("?")
}

/// The keys of which a frame knows an entry.
fn known_keys(frame: &Frame<Dd>) -> Vec<String> {
    let parts = frame.bindings.keys().filter_map(|name| hidden::as_stored(name)?.split_once('\n'));
    parts.filter(|(part, _)| *part == part::THERE).map(|(_, key)| key.to_owned()).collect()
}

/// The names that a frame knows to be bound by entries of a key.
fn known_names(frame: &Frame<Dd>, key: &str) -> Vec<String> {
    let parts = frame.bindings.keys().filter_map(|name| hidden::as_stored(name)?.split_once('\n'));
    let is_name =
        |part: &str| part != part::THERE && part != part::OPEN && !part.starts_with(|c: char| c.is_ascii_digit());
    parts.filter(|(part, of)| *of == key && is_name(part)).map(|(name, _)| name.to_owned()).collect()
}

/// Whether something can be stored in a directory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    /// For certain.
    Surely,
    /// If nothing unknown stands in the way, which is taken for granted.
    Assumed,
    /// Or not: what is told may stand in the way.
    Perhaps,
    /// It cannot.
    Never,
}

pub(crate) fn cached<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    entry: &CacheEntry<'_, Dd>,
    world: World<Symbolic>,
    body: Act<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    let allowed = matches!(engine.domain.policy.decide(&cx.bounds, Effect::Store), Decision::Allowed(_));
    if !allowed || !engine.domain.facts.may_store() {
        return body(engine, cx, world);
    }
    let key = engine.domain.expanded(*entry.key);
    let cases = engine.domain.dds.cases(key, world.host.pc);
    let mut flows = Flows::default();
    let last = cases.len().saturating_sub(1);
    for (at, (key, when)) in cases.into_iter().enumerate() {
        let World { frame, host } = copy(&world);
        let here = World { frame, host: Host { pc: when, ..host } };
        let cx = Context { others: cx.others || at < last || flows.next.is_some(), ..cx.clone() };
        let done = with_key(engine, &cx, key, entry, here, body);
        flows.merge(&mut engine.domain, done);
    }
    flows
}

fn with_key<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    key: Leaf,
    entry: &CacheEntry<'_, Dd>,
    world: World<Symbolic>,
    body: Act<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    let known = engine.domain.names.known(key).map(|key| key.to_string());
    if !world.host.mended {
        engine.domain.dealings.look(known.as_deref());
    }
    let hit = engine.domain.found(known.as_deref(), *entry.ttl, &world);
    let hits = engine.domain.dds.and(world.host.pc, hit);
    let misses = engine.domain.dds.minus(world.host.pc, hit);
    let mut flows = Flows::default();
    if !hits.is_false() {
        let mut found = copy(&world);
        found.host.pc = hits;
        engine.domain.bind_stored(known.as_deref(), entry.names, &mut found);
        if let Some(key) = &known {
            engine.domain.remember_found(key, entry.names, &mut found);
        }
        flows.next = Some(found);
    }
    if !misses.is_false() {
        let World { frame, host } = world;
        let missed = World { frame, host: Host { pc: misses, ..host } };
        let cx = Context { others: cx.others || flows.next.is_some(), ..cx.clone() };
        let mut done = body(engine, &cx, missed);
        if let Some(world) = &mut done.next {
            engine.domain.keep(known.as_deref(), world);
            engine.domain.remember_made(known.as_deref(), entry.names, world);
        }
        flows.merge(&mut engine.domain, done);
    }
    flows
}

impl Symbolic {
    /// What frames know at the start of what is stored.
    pub fn stored_at_start(&mut self) -> Vec<(String, Dd)> {
        // On a machine at hand it was not looked up.
        let mut known =
            if self.facts.looked_up { vec![(anything_stored(), self.known_text(FOUND))] } else { Vec::new() };
        for (key, entry) in self.facts.stored.clone() {
            let Some(entry) = entry else { continue };
            known.push((of_key(&key, part::THERE), self.known_text(TOLD)));
            let names = entry.iter().map(|(name, text)| (of_key(&key, name), self.known_text(text)));
            known.extend(names);
        }
        known
    }

    /// Where an entry for the key is found.
    fn found(&mut self, key: Option<&str>, ttl: Dd, world: &World<Symbolic>) -> Dd {
        match key {
            Some(key) => self.consulted.asks(Oracle::Stored, key),
            None => self.consulted.is_not_clear(Oracle::Stored),
        }
        let told = key.and_then(|key| self.facts.stored.get(key));
        let (is_told, is_there) = (told.is_some(), told.is_some_and(Option::is_some));
        if let Some(key) = key.filter(|_| is_told) {
            self.consulted.uses(Oracle::Stored, key);
        }
        // What another branch stores at the same time is there, or not yet.
        let shared = self.unsteady.stored.under(key).is_some();
        let known = match key {
            Some(key) if !shared || is_there => self.bound_in(world, &of_key(key, part::THERE)),
            _ => Dd::FALSE,
        };
        let some_stored = world.frame.bindings.keys().any(|name| hidden::is_stored(name));
        let perhaps = match key {
            _ if shared => Dd::TRUE,
            Some(_) => self.bound_in(world, &anything_stored()),
            None if some_stored => Dd::TRUE,
            None => Dd::FALSE,
        };
        let perhaps = if perhaps.is_false() {
            perhaps
        } else {
            let is = self.fresh("the key was stored before");
            self.dds.and(perhaps, is)
        };
        if !self.facts.looked_up && !is_told && !self.is_surely_cold(key) {
            self.general.insert(Assumption::ColdCache);
        }
        let found = self.dds.or(known, perhaps);
        if self.facts.store_directories().is_none() {
            // What the fixture says is found says so itself.
            let at_start = key.map_or(Dd::FALSE, |key| self.since(world, key, TOLD));
            let own = self.dds.minus(found, at_start);
            if !self.dds.and(world.host.pc, own).is_false() {
                self.general.insert(Assumption::Storable);
            }
        }
        let kept = if found.is_false() { Dd::TRUE } else { self.is_kept(key, world) };
        let found = self.dds.and(found, kept);
        let fresh = self.is_fresh(key, ttl, world);
        self.dds.and(found, fresh)
    }

    /// Where the entry of a key is known to be there since then.
    fn since(&mut self, world: &World<Symbolic>, key: &str, since: &str) -> Dd {
        let there = world.frame.bindings.get(of_key(key, part::THERE).as_str()).copied();
        there.map_or(Dd::FALSE, |there| self.where_text(there, since))
    }

    /// Whether what is said of files says that nothing is stored at the start.
    fn is_surely_cold(&mut self, key: Option<&str>) -> bool {
        let Some(dirs) = self.facts.store_directories() else { return false };
        let first = self.first_host();
        dirs.iter().all(|dir| {
            let place = key.map_or_else(|| dir.clone(), |key| file_of(dir, key));
            let there = self.entry(&first, &place);
            self.where_cell(there, |cell| matches!(cell, Cell::Absent)).is_true()
        })
    }

    /// Where the file of an entry is what it was when that was stored or found, or at the start.
    fn is_kept(&mut self, key: Option<&str>, world: &World<Symbolic>) -> Dd {
        let Some(key) = key else { return Dd::TRUE };
        let Some(dirs) = self.facts.store_directories() else {
            self.general.insert(Assumption::StoreApart);
            return Dd::TRUE;
        };
        let mut kept = Dd::TRUE;
        for (at, dir) in dirs.iter().enumerate() {
            let path = file_of(dir, key);
            let left = world.frame.bindings.get(of_key(key, &at.to_string()).as_str()).copied();
            let at_start = left.is_none();
            let left = left.unwrap_or_else(|| {
                let first = self.first_host();
                self.entry(&first, &path)
            });
            let now = self.entry(&world.host, &path);
            let gone = self.where_cell(now, |cell| matches!(cell, Cell::Absent));
            let is_there = match self.same_on(world.host.pc, now, left) {
                true => Dd::TRUE,
                false => self.fresh("what was stored is still there"),
            };
            // What the fixture says is stored is there, and what could not be stored is not.
            let is_told = at_start && is_there.is_true();
            let here = if is_told { Dd::TRUE } else { self.dds.minus(is_there, gone) };
            let unseen = self.where_unseen(&world.host, &path);
            let here = self.dds.minus(here, unseen);
            kept = self.dds.and(kept, here);
        }
        kept
    }

    /// Makes the file of an entry, and the directories that it is in.
    fn keep(&mut self, key: Option<&str>, world: &mut World<Symbolic>) {
        let Some(dirs) = self.facts.store_directories() else {
            self.general.insert(Assumption::StoreApart);
            return;
        };
        let is_ours = dirs.iter().any(|dir| self.has_stored_in(dir, world));
        let host = &mut world.host;
        let [dir] = &dirs[..] else { return self.perhaps_kept(dirs, host) };
        if self.names.any_linked() || self.may_meet_link(host, dir, true) {
            return self.perhaps_kept(dirs, host);
        }
        let dir = dir.clone();
        match self.holds(host, &dir, is_ours) {
            Holds::Surely => self.put_entry(host, &dir, key),
            Holds::Assumed => {
                self.general.insert(Assumption::Storable);
                self.put_entry(host, &dir, key);
            }
            Holds::Perhaps => {
                let is_stored = self.fresh("a result can be stored");
                let mut stored = Host { pc: self.dds.and(host.pc, is_stored), ..host.clone() };
                let not_stored = Host { pc: self.dds.minus(host.pc, is_stored), ..host.clone() };
                self.put_entry(&mut stored, &dir, key);
                *host = self.join_hosts(stored, not_stored);
            }
            Holds::Never => {}
        }
    }

    fn put_entry(&mut self, host: &mut Host, dir: &str, key: Option<&str>) {
        self.put_dirs(host, dir);
        match key {
            Some(key) => {
                let result = self.fresh_text("a result of a `cache`");
                let file = self.map(result, |this, leaf| this.cell(Cell::File(leaf)));
                host.put(file_of(dir, key), file);
            }
            None => {
                self.scramble(host, dir);
                self.put_dirs(host, dir);
            }
        }
    }

    /// An entry is stored in one of these directories, wherever links lead, and what is above is made as needed.
    fn perhaps_kept(&mut self, dirs: Vec<String>, host: &mut Host) {
        self.general.insert(Assumption::Storable);
        let is_dir = self.cell(Cell::Dir);
        let mut roots = Vec::new();
        for dir in dirs {
            let mut above =
                path::ancestors(&dir).filter(|at| *at != "/").map(str::to_owned).collect::<Vec<_>>().into_iter();
            let first_made = above.find(|at| {
                let entry = self.entry(host, at);
                !self.same_on(host.pc, entry, is_dir)
            });
            roots.push(first_made.unwrap_or(dir));
        }
        let roots = if self.names.any_linked() { vec!["/".to_owned()] } else { self.with_links(host, roots) };
        for root in roots {
            self.scramble(host, &root);
        }
    }

    /// Whether something can be stored in a directory, which is made if need be.
    fn holds(&mut self, host: &Host, dir: &str, is_ours: bool) -> Holds {
        // Of a machine at hand not all is looked up that may stand in the way.
        let mut holds = if self.facts.looked_up { Holds::Assumed } else { Holds::Surely };
        let mut above: Option<String> = None;
        for at in path::ancestors(dir).chain([dir]).filter(|at| *at != "/") {
            let entry = self.entry(host, at);
            let file = self.where_cell(entry, |cell| matches!(cell, Cell::File(_)));
            let nothing = self.where_cell(entry, |cell| matches!(cell, Cell::Absent));
            let [in_the_way, not_there] = [file, nothing].map(|when| self.dds.and(host.pc, when));
            if in_the_way == host.pc {
                return Holds::Never;
            }
            // Of a directory that is there it is not known whose it is.
            let may_be_ours = at != dir || is_ours || not_there == host.pc;
            if !in_the_way.is_false() || !may_be_ours {
                holds = holds.max(Holds::Assumed);
            }
            if let Some(above) = above.filter(|_| !not_there.is_false()) {
                holds = holds.max(self.lets_in(host, &above, Right::Write, not_there));
            }
            holds = holds.max(self.lets_in(host, at, Right::Pass, Dd::TRUE));
            above = Some(at.to_owned());
        }
        holds = holds.max(self.lets_in(host, dir, Right::Write, Dd::TRUE));
        if !self.facts.denied.own.contains(dir) || self.owns(host, dir) {
            return holds;
        }
        // Nothing is stored in a directory of somebody else.
        let stands = self.where_it_stands(host, dir);
        holds.max(if self.dds.minus(host.pc, stands).is_false() { Holds::Never } else { Holds::Perhaps })
    }

    /// Whether what is told of the rights of a directory lets something be stored beneath it, where one is needed on these runs.
    fn lets_in(&mut self, host: &Host, dir: &str, right: Right, needed: Dd) -> Holds {
        if !self.lacks(host, dir, right) {
            return Holds::Surely;
        }
        let stands = self.where_it_stands(host, dir);
        let closed = self.dds.and(needed, stands);
        if self.dds.minus(host.pc, closed).is_false() { Holds::Never } else { Holds::Perhaps }
    }

    /// Whether a result that the run has stored for certain still stands in a directory.
    fn has_stored_in(&mut self, dir: &str, world: &World<Symbolic>) -> bool {
        known_keys(&world.frame).iter().any(|key| {
            let made = self.since(world, key, MADE);
            let now = self.entry(&world.host, &file_of(dir, key));
            let left = world.frame.bindings.get(of_key(key, "0").as_str()).copied();
            let gone = self.where_cell(now, |cell| matches!(cell, Cell::Absent));
            let surely = self.dds.minus(made, gone);
            let pc = world.host.pc;
            self.dds.minus(pc, surely).is_false() && left.is_some_and(|left| self.same_on(pc, now, left))
        })
    }

    fn bound_in(&mut self, world: &World<Symbolic>, name: &str) -> Dd {
        let Some(value) = world.frame.bindings.get(name).copied() else { return Dd::FALSE };
        let unbound = self.where_cell(value, |cell| matches!(cell, Cell::Unbound));
        self.dds.not(unbound)
    }

    /// Where what is stored is still good.
    fn is_fresh(&mut self, key: Option<&str>, ttl: Dd, world: &World<Symbolic>) -> Dd {
        let of_any_age = match key {
            Some(key) if self.facts.looked_up => {
                let there = self.bound_in(world, &of_key(key, part::THERE));
                let made = self.since(world, key, MADE);
                let there = self.dds.and(world.host.pc, there);
                self.dds.minus(there, made)
            }
            _ => Dd::FALSE,
        };
        self.map(ttl, |this, leaf| match this.names.known(leaf).and_then(|text| nanoseconds(&text)) {
            Some(0) => Dd::FALSE,
            Some(length) if length >= SURELY_FRESH => {
                if of_any_age.is_false() {
                    return Dd::TRUE;
                }
                let old = this.fresh("what was stored has become too old");
                let old = this.dds.and(of_any_age, old);
                this.dds.not(old)
            }
            _ => this.fresh("what was stored is still good"),
        })
    }

    // ---- what entries bind -------------------------------------------------------------------------

    /// Binds what the entry that is found binds.
    fn bind_stored(&mut self, key: Option<&str>, names: &[String], world: &mut World<Symbolic>) {
        let others = self.unsteady.stored.under(key).map(|entry| {
            let latest = self.fresh("another branch was the last to store a result");
            (entry, latest)
        });
        for name in names {
            let value = match key {
                Some(key) => self.stored_value(key, name, world, others.as_ref()),
                None => self.one_of_bound(&Bound::anything()),
            };
            hidden::bind(&mut world.frame.bindings, name, value);
        }
    }

    /// What the entry of a key that is found here binds a name to: the one that is known of, or one that others have left.
    fn stored_value(&mut self, key: &str, name: &str, world: &World<Symbolic>, others: Option<&(Entry, Dd)>) -> Dd {
        let there = self.bound_in(world, &of_key(key, part::THERE));
        let known = self.known_value(key, name, world);
        let not_there = self.dds.minus(world.host.pc, there);
        let Some((entry, latest)) = others else {
            return if not_there.is_false() { known } else { self.or_anything_unless(there, known) };
        };
        let theirs = self.one_of_bound(&entry.bound(name));
        let known = self.dds.ite(*latest, theirs, known);
        let anything = self.bound_in(world, &anything_stored());
        let anything = self.dds.and(not_there, anything);
        let unless = self.dds.not(anything);
        let other = if anything.is_false() { theirs } else { self.or_anything_unless(unless, theirs) };
        self.dds.ite(there, known, other)
    }

    /// What the entry that is known of binds a name to.
    fn known_value(&mut self, key: &str, name: &str, world: &World<Symbolic>) -> Dd {
        let unbound = self.cell(Cell::Unbound);
        let known = world.frame.bindings.get(of_key(key, name).as_str()).copied().unwrap_or(unbound);
        let open = self.bound_in(world, &of_key(key, part::OPEN));
        let bound = self.where_cell(known, |cell| !matches!(cell, Cell::Unbound));
        let open = self.dds.minus(open, bound);
        if self.dds.and(world.host.pc, open).is_false() {
            return known;
        }
        let unless = self.dds.not(open);
        self.or_anything_unless(unless, known)
    }

    fn or_anything_unless(&mut self, cond: Dd, value: Dd) -> Dd {
        let anything = self.one_of_bound(&Bound::anything());
        self.dds.ite(cond, value, anything)
    }

    /// Any of these.
    fn one_of_bound(&mut self, bound: &Bound) -> Dd {
        let texts: Vec<Dd> = bound.texts.iter().map(|text| self.known_text(text)).collect();
        let other = bound.any_text.then(|| self.fresh_text("what was stored"));
        let some = texts.into_iter().chain(other).reduce(|some, text| {
            let is = self.fresh("which entry was stored last");
            self.dds.ite(is, text, some)
        });
        let unbound = self.cell(Cell::Unbound);
        match some {
            Some(some) if bound.nothing => {
                let is_bound = self.fresh("an entry binds a name");
                self.dds.ite(is_bound, some, unbound)
            }
            some => some.unwrap_or(unbound),
        }
    }

    /// What there may be under a key here, as far as it is kept for others.
    fn entry_in(&mut self, key: &str, world: &World<Symbolic>) -> Option<Entry> {
        let there = self.bound_in(world, &of_key(key, part::THERE));
        let there = self.dds.and(world.host.pc, there);
        let elsewhere = self.dds.minus(world.host.pc, there);
        let anything = self.bound_in(world, &anything_stored());
        if !self.dds.and(elsewhere, anything).is_false() {
            return Some(Entry::anything());
        }
        if there.is_false() {
            return None;
        }
        let open = self.bound_in(world, &of_key(key, part::OPEN));
        let open = !self.dds.and(there, open).is_false();
        let names = known_names(&world.frame, key).into_iter().map(|name| {
            let bound = self.bound_to(&of_key(key, &name), world, there, open);
            (name, bound)
        });
        Some(Entry::of(names.collect(), open))
    }

    /// What a name may be bound to on these runs.
    fn bound_to(&mut self, name: &str, world: &World<Symbolic>, runs: Dd, open: bool) -> Bound {
        let mut bound = Bound::default();
        let unbound = self.cell(Cell::Unbound);
        let value = world.frame.bindings.get(name).copied().unwrap_or(unbound);
        let value = self.dds.restrict(value, runs);
        for leaf in self.dds.leaves(value) {
            match self.names.cell(leaf) {
                Cell::Unbound if open => return Bound::anything(),
                Cell::Unbound => bound.nothing = true,
                _ => bound.add_text(self.names.known(leaf)),
            }
        }
        bound
    }

    // ---- what is remembered ------------------------------------------------------------------------

    /// Remembers what has been found, for it is there.
    fn remember_found(&mut self, key: &str, names: &[String], world: &mut World<Symbolic>) {
        let unbound = self.cell(Cell::Unbound);
        let bindings = &mut world.frame.bindings;
        for name in names {
            let value = bindings.get(name.as_str()).copied().unwrap_or(unbound);
            hidden::put(bindings, &of_key(key, name), value);
        }
        let there = self.bound_in(world, &of_key(key, part::THERE));
        if !self.dds.minus(world.host.pc, there).is_false() {
            let since = self.known_text(if self.facts.looked_up { FOUND } else { MADE });
            self.put_unless(there, &of_key(key, part::THERE), since, world);
            let yes = self.known_text("true");
            self.put_unless(there, &of_key(key, part::OPEN), yes, world);
        }
        self.remember_file(key, world);
    }

    fn put_unless(&mut self, cond: Dd, name: &str, value: Dd, world: &mut World<Symbolic>) {
        let unbound = self.cell(Cell::Unbound);
        let before = world.frame.bindings.get(name).copied().unwrap_or(unbound);
        let value = self.dds.ite(cond, before, value);
        hidden::put(&mut world.frame.bindings, name, value);
    }

    /// Remembers what the body has bound, in place of what was there before.
    fn remember_made(&mut self, key: Option<&str>, names: &[String], world: &mut World<Symbolic>) {
        let Some(key) = key else {
            if !world.host.mended {
                self.dealings.leave(None, &Entry::anything());
            }
            return self.anything_stored_in(world);
        };
        let before = self.entry_in(key, world);
        let unbound = self.cell(Cell::Unbound);
        let made = self.known_text(MADE);
        for name in known_names(&world.frame, key) {
            hidden::put(&mut world.frame.bindings, &of_key(key, &name), unbound);
        }
        for name in names {
            let value = world.frame.bindings.get(name.as_str()).copied().unwrap_or(unbound);
            hidden::put(&mut world.frame.bindings, &of_key(key, name), value);
        }
        hidden::put(&mut world.frame.bindings, &of_key(key, part::OPEN), unbound);
        hidden::put(&mut world.frame.bindings, &of_key(key, part::THERE), made);
        self.remember_file(key, world);
        let now = self.entry_in(key, world);
        let left = before.iter().chain(&now).filter(|_| !world.host.mended);
        left.for_each(|entry| self.dealings.leave(Some(key), entry));
    }

    /// Remembers what stands at the path of an entry.
    fn remember_file(&mut self, key: &str, world: &mut World<Symbolic>) {
        for (at, dir) in self.facts.store_directories().unwrap_or_default().iter().enumerate() {
            let file = self.entry(&world.host, &file_of(dir, key));
            hidden::put(&mut world.frame.bindings, &of_key(key, &at.to_string()), file);
        }
    }

    /// Anything may have been stored under any key.
    fn anything_stored_in(&mut self, world: &mut World<Symbolic>) {
        let yes = self.known_text("true");
        hidden::put(&mut world.frame.bindings, &anything_stored(), yes);
        let unbound = self.cell(Cell::Unbound);
        for key in known_keys(&world.frame) {
            for name in known_names(&world.frame, &key) {
                hidden::put(&mut world.frame.bindings, &of_key(&key, &name), unbound);
            }
            hidden::put(&mut world.frame.bindings, &of_key(&key, part::OPEN), yes);
        }
    }

    /// Behind branches: of what they have stored under one key, nobody knows which was the last.
    pub(crate) fn stored_by_any(&mut self, world: &mut World<Symbolic>, results: &Results) {
        for (key, entry) in results.iter() {
            self.replaced_perhaps(world, key, entry);
        }
        if results.any_key {
            self.anything_stored_in(world);
        }
    }

    /// The same behind branches of which it is not known whether there are any.
    pub(crate) fn perhaps_stored(&mut self, world: &mut World<Symbolic>, results: &Results) {
        for (key, _) in results.iter() {
            let not = self.fresh("nothing is stored for the key");
            let there = self.bound_in(world, &of_key(key, part::THERE));
            let unless = self.dds.or(not, there);
            let made = self.known_text(MADE);
            self.put_unless(unless, &of_key(key, part::THERE), made, world);
        }
        self.stored_by_any(world, results);
    }

    /// The entry of a key is this one, or is as it was.
    fn replaced_perhaps(&mut self, world: &mut World<Symbolic>, key: &str, entry: &Entry) {
        let not = self.fresh("another branch was the last to store a result");
        let names: BTreeSet<String> =
            known_names(&world.frame, key).into_iter().chain(entry.names().cloned()).collect();
        for name in names {
            let theirs = self.one_of_bound(&entry.bound(&name));
            self.put_unless(not, &of_key(key, &name), theirs, world);
        }
        let is_open = if entry.open { self.known_text("true") } else { self.cell(Cell::Unbound) };
        self.put_unless(not, &of_key(key, part::OPEN), is_open, world);
    }
}

/// The file that is the entry of a key.
fn file_of(dir: &str, key: &str) -> String {
    path::join(dir, &store::file_name(&[store::KIND, key]))
}
