//! The store of cached blocks, as far as it is known.
//!
//! At the start it holds what the fixture says, and is taken to be empty otherwise. What the run itself stores is remembered in the frame, under hidden names, and found
//! again. If a key is not known, or a branch that runs at the same time has stored something, every later look-up may find it.
//!
//! An entry is a file, too, in a directory that variables name: others may look at it, and whoever removes it has it forgotten. So the frame also
//! remembers what stands at the path of an entry, and it is found again where that is what it was.

use perch_diagram::{Dd, Leaf};
use perch_engine::domain::{Act, CacheEntry};
use perch_engine::flows::hidden;
use perch_engine::{Context, Engine, Flows, World};
use perch_ir::program::Program;
use perch_ops::duration::nanoseconds;
use perch_policy::{Decision, Effect, path, store};

use crate::cells::Cell;
use crate::consulted::Oracle;
use crate::host::Host;
use crate::record::Assumption;
use crate::{Symbolic, copy};

/// An entry that is good for less may be stale the next time.
const SURELY_FRESH: u64 = 60_000_000_000;

/// Stands for every key.
const ANY: &str = "?";

/// The name under which a frame holds that anything may be stored.
#[must_use]
pub fn anything_stored() -> String {
    hidden::stored(ANY)
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
    let hit = engine.domain.found(known.as_deref(), *entry.ttl, &world);
    let hits = engine.domain.dds.and(world.host.pc, hit);
    let misses = engine.domain.dds.minus(world.host.pc, hit);
    let mut flows = Flows::default();
    if !hits.is_false() {
        let mut found = copy(&world);
        found.host.pc = hits;
        engine.domain.bind_stored(known.as_deref(), entry.names, &mut found);
        let is_told = known.as_ref().is_some_and(|key| engine.domain.facts.stored.contains_key(key));
        if !is_told && known.is_some() {
            // What was found is there.
            engine.domain.remember(known.as_deref(), entry.names, &mut found);
        }
        flows.next = Some(found);
    }
    if !misses.is_false() {
        let World { frame, host } = world;
        let missed = World { frame, host: Host { pc: misses, ..host } };
        let cx = Context { others: cx.others || flows.next.is_some(), ..cx.clone() };
        let mut done = body(engine, &cx, missed);
        if let Some(world) = &mut done.next {
            engine.domain.keep(known.as_deref(), &mut world.host);
            engine.domain.remember(known.as_deref(), entry.names, world);
        }
        flows.merge(&mut engine.domain, done);
    }
    flows
}

impl Symbolic {
    /// Where an entry for the key is found.
    fn found(&mut self, key: Option<&str>, ttl: Dd, world: &World<Symbolic>) -> Dd {
        let is_known = |name: &str| world.frame.bindings.contains_key(hidden::stored(name).as_str());
        let some_stored = world.frame.bindings.keys().any(|name| hidden::is_stored(name));
        match key {
            Some(key) => self.consulted.asks(Oracle::Stored, key),
            None => self.consulted.is_not_clear(Oracle::Stored),
        }
        let told = key.and_then(|key| self.facts.stored.get_key_value(key));
        if let Some((key, _)) = told {
            self.consulted.uses(Oracle::Stored, key);
        }
        let told = told.map(|(_, told)| told);
        let (is_told, told) = (told.is_some(), told.is_some_and(Option::is_some));
        let some_told = self.facts.stored.values().any(Option::is_some);
        // What another branch stores at the same time is there, or not yet.
        let shared = self.unsteady.stored;
        let stored = match key {
            _ if told => Dd::TRUE,
            _ if shared => Dd::FALSE,
            Some(key) if is_known(key) => self.bound_in(world, &hidden::stored(key)),
            _ => Dd::FALSE,
        };
        let perhaps = match key {
            _ if shared => Some(Dd::TRUE),
            Some(_) => is_known(ANY).then(|| self.bound_in(world, &hidden::stored(ANY))),
            None => (some_stored || some_told).then_some(Dd::TRUE),
        };
        let perhaps = perhaps.map_or(Dd::FALSE, |perhaps| {
            let is = self.fresh("the key was stored before");
            self.dds.and(perhaps, is)
        });
        if !self.facts.looked_up && !is_told {
            self.general.insert(Assumption::ColdCache);
        }
        let found = self.dds.or(stored, perhaps);
        // What the fixture says is found says so itself.
        if !told && !found.is_false() {
            self.general.insert(Assumption::Storable);
        }
        let kept = if found.is_false() { Dd::TRUE } else { self.is_kept(key, world) };
        let found = self.dds.and(found, kept);
        let fresh = self.is_fresh(ttl);
        self.dds.and(found, fresh)
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
            let here = if self.same_on(world.host.pc, now, left) {
                // What the fixture says is stored is there, and what could not be stored is not.
                let never_stored = !at_start && self.dds.minus(world.host.pc, gone).is_false();
                if never_stored { Dd::FALSE } else { Dd::TRUE }
            } else {
                let is_there = self.fresh("what was stored is still there");
                self.dds.minus(is_there, gone)
            };
            kept = self.dds.and(kept, here);
        }
        kept
    }

    /// Makes the file of an entry, and the directories that it is in.
    fn keep(&mut self, key: Option<&str>, host: &mut Host) {
        let Some(dirs) = self.facts.store_directories() else {
            self.general.insert(Assumption::StoreApart);
            return;
        };
        let [dir] = &dirs[..] else { return self.perhaps_kept(dirs, host) };
        if self.names.any_linked() || self.may_meet_link(host, dir, true) {
            return self.perhaps_kept(dirs, host);
        }
        let Some(certain) = self.may_hold(host, dir) else { return };
        if !certain {
            self.general.insert(Assumption::Storable);
        }
        let dir = dir.clone();
        self.put_dirs(host, &dir);
        match key {
            Some(key) => {
                let result = self.fresh_text("a result of a `cache`");
                let file = self.map(result, |this, leaf| this.cell(Cell::File(leaf)));
                host.put(file_of(&dir, key), file);
            }
            None => {
                self.scramble(host, &dir);
                self.put_dirs(host, &dir);
            }
        }
    }

    /// An entry is stored in one of these directories, wherever links lead, and what is above is made as needed.
    fn perhaps_kept(&mut self, dirs: Vec<String>, host: &mut Host) {
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

    /// Whether something can be stored in a directory: for certain, or if nothing unknown stands in the way. `None`: it cannot.
    fn may_hold(&mut self, host: &Host, dir: &str) -> Option<bool> {
        let mut certain = true;
        for at in path::ancestors(dir).chain([dir]).filter(|at| *at != "/") {
            let entry = self.entry(host, at);
            let file = self.where_cell(entry, |cell| matches!(cell, Cell::File(_)));
            let nothing = self.where_cell(entry, |cell| matches!(cell, Cell::Absent));
            let [in_the_way, not_there] = [file, nothing].map(|when| self.dds.and(host.pc, when));
            (in_the_way != host.pc).then_some(())?;
            // Of a directory that is there it is not known whose it is.
            certain &= in_the_way.is_false() && (at != dir || not_there == host.pc);
        }
        Some(certain)
    }

    fn bound_in(&mut self, world: &World<Symbolic>, name: &str) -> Dd {
        let Some(value) = world.frame.bindings.get(name).copied() else { return Dd::FALSE };
        let unbound = self.where_cell(value, |cell| matches!(cell, Cell::Unbound));
        self.dds.not(unbound)
    }

    /// Where what was stored during the run is still good.
    fn is_fresh(&mut self, ttl: Dd) -> Dd {
        self.map(ttl, |this, leaf| match this.names.known(leaf).and_then(|text| nanoseconds(&text)) {
            Some(0) => Dd::FALSE,
            Some(length) if length >= SURELY_FRESH => Dd::TRUE,
            _ => this.fresh("what was stored is still good"),
        })
    }

    /// Binds what the body bound when it was stored.
    fn bind_stored(&mut self, key: Option<&str>, names: &[String], world: &mut World<Symbolic>) {
        let unbound = self.cell(Cell::Unbound);
        let told = key.and_then(|key| self.facts.stored.get(key).cloned()).flatten();
        let is_stored = |name: &str| world.frame.bindings.contains_key(hidden::stored(name).as_str());
        // Which of the two it is that is found, what was there or what the run has stored since, is not kept.
        let any_of_two = told.is_some() && key.is_some_and(is_stored);
        let certain = !(any_of_two || self.unsteady.stored || is_stored(ANY));
        for name in names {
            let stored = key.and_then(|key| world.frame.bindings.get(of_key(key, name).as_str()).copied());
            let value = match (stored, &told) {
                (Some(value), None) if certain => value,
                (None, Some(entry)) if certain => match entry.get(name) {
                    Some(text) => self.known_text(text),
                    None => unbound,
                },
                _ => {
                    let bound = self.fresh("an entry binds a name");
                    let value = self.fresh_text("what an entry binds");
                    self.dds.ite(bound, value, unbound)
                }
            };
            hidden::bind(&mut world.frame.bindings, name, value);
        }
    }

    /// Remembers what the body has bound, and what stands at the path of the entry.
    fn remember(&mut self, key: Option<&str>, names: &[String], world: &mut World<Symbolic>) {
        let yes = self.known_text("true");
        let Some(key) = key else {
            world.frame.bindings.insert(hidden::stored(ANY).into(), yes);
            return;
        };
        let unbound = self.cell(Cell::Unbound);
        for name in names {
            let value = world.frame.bindings.get(name.as_str()).copied().unwrap_or(unbound);
            world.frame.bindings.insert(of_key(key, name).into(), value);
        }
        world.frame.bindings.insert(hidden::stored(key).into(), yes);
        for (at, dir) in self.facts.store_directories().unwrap_or_default().iter().enumerate() {
            let file = self.entry(&world.host, &file_of(dir, key));
            // No name is a number.
            world.frame.bindings.insert(of_key(key, &at.to_string()).into(), file);
        }
    }
}

/// The file that is the entry of a key.
fn file_of(dir: &str, key: &str) -> String {
    path::join(dir, &store::file_name(&[store::KIND, key]))
}

/// Under which name a frame remembers what an entry binds.
fn of_key(key: &str, name: &str) -> String {
    hidden::stored(&format!("{key}\n{name}"))
}
