//! Outcomes with fewer unknowns.
//!
//! What an op or a call comes to can hang on many unknowns that came up inside (which of several paths was meant,
//! which program failed how). They would stay in every path condition from there on. If there are many, the
//! outcome is rebuilt: the distinct results are numbered, and for each situation outside a few fresh unknowns choose
//! among those that are possible in it. Nothing that was possible becomes impossible.
//!
//! First all that changes is kept together, so that what belonged together still does. If that is too large, only how
//! it ended is kept, and each cell is chosen for itself.

use std::collections::BTreeSet;

use imbl::OrdMap;
use perch_diagram::{Atom, Dd, Diagrams, Leaf};
use perch_engine::{Flows, World};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::Symbolic;

/// Compression gives up beyond this many distinct results.
const MAX_RESULTS: usize = 256;

/// And beyond this many that are possible in one situation.
const MAX_CHOICES: usize = 24;

impl Symbolic {
    /// The same outcome with fewer unknowns that are younger than `since`.
    pub(crate) fn compressed(&mut self, flows: Flows<Symbolic>, since: u32) -> Flows<Symbolic> {
        let pcs: Vec<Dd> = flows.worlds().map(|world| world.host.pc).collect();
        // Each node of a diagram is about one unknown.
        let at_most = pcs.iter().fold(0_usize, |all, pc| all.saturating_add(self.dds.size_at_most(*pc)));
        if at_most <= self.limits().own_atoms {
            return flows;
        }
        let mut own: FxHashSet<Atom> = FxHashSet::default();
        for pc in pcs {
            own.extend(self.dds.support(pc).into_iter().filter(|atom| self.is_own(*atom, since)));
        }
        if own.len() <= self.limits().own_atoms {
            return flows;
        }
        let mut parts: Vec<Piece> = Vec::new();
        for world in flows.worlds() {
            let mut cells = Vec::new();
            for (at, dd) in diagrams(world).into_iter().enumerate() {
                let atoms = self.dds.support(dd).into_iter().filter(|atom| self.is_own(*atom, since));
                let mut touched = at == 0;
                for atom in atoms {
                    own.insert(atom);
                    touched = true;
                }
                if touched {
                    cells.push((at, dd));
                }
            }
            parts.push(Piece { pc: world.host.pc, cells });
        }
        let new = match self.jointly(&parts, &own) {
            Some(new) => new,
            None => self.separately(&parts, &own),
        };
        rebuild(flows, new)
    }

    fn is_own(&self, atom: Atom, since: u32) -> bool {
        self.names.newest_of_atom(atom) >= since && !self.names.is_ghost(atom)
    }

    /// The same endings, or if their conditions have grown too large: on the runs of `enter` an unknown tells which it is. A
    /// path condition is never weakened on its own, or worlds that exclude each other would overlap.
    pub(crate) fn within_path_budget(&mut self, flows: Flows<Symbolic>, enter: Dd) -> Flows<Symbolic> {
        let pcs: Vec<Dd> = flows.worlds().map(|world| world.host.pc).collect();
        let ghosts =
            |this: &Self, dd: Dd| this.dds.support(dd).into_iter().filter(|atom| this.names.is_ghost(*atom)).count();
        let limit = self.limits().path_condition;
        if !pcs.iter().any(|pc| self.dds.exceeds(*pc, limit)) {
            return flows;
        }
        let around = ghosts(self, enter);
        if pcs.iter().any(|pc| ghosts(self, *pc) != around) {
            return flows;
        }
        let numbers: Vec<Leaf> = (0..pcs.len()).map(number).collect();
        let selectors: Vec<Dd> = (1..pcs.len()).map(|_| self.fresh("which of several ways it went")).collect();
        let some = self.one_of(&numbers, &selectors);
        let told = |dds: &mut Diagrams, pcs: &[Dd]| {
            let none = dds.leaf(number(pcs.len()));
            numbers.iter().zip(pcs).fold(none, |which, (at, pc)| {
                let this = dds.leaf(*at);
                dds.ite(*pc, this, which)
            })
        };
        let which = self.unless_mended(&pcs, some, told, |this, real| !this.dds.exceeds(real, limit));
        let mut new = Vec::new();
        for at in &numbers {
            let this = self.dds.equals(which, *at);
            new.push(Changes::from_iter([(0, self.dds.and(enter, this))]));
        }
        rebuild(flows, new)
    }

    /// The same world under a shorter path condition, if its own has grown too large: what is known of unknowns that the
    /// world still mentions, and one new unknown that stands for all of it. Worlds that excluded each other may overlap from
    /// then on, but not on a real run: on that the new unknown is what the path condition was.
    pub(crate) fn shortened(&mut self, mut world: World<Symbolic>) -> World<Symbolic> {
        let limits = self.limits();
        if !self.dds.exceeds(world.host.pc, limits.path_condition) {
            return world;
        }
        let mut kept: FxHashSet<Atom> = FxHashSet::default();
        for dd in diagrams(&world).into_iter().skip(1) {
            kept.extend(self.dds.support(dd));
        }
        let pc = world.host.pc;
        let names = &self.names;
        let forget = |atom: Atom| !kept.contains(&atom) && names.newest_of_atom(atom) > 0 && !names.is_ghost(atom);
        let some = |leaf: Leaf, other: Leaf| if leaf == Leaf::TRUE { leaf } else { other };
        let known = self.dds.attempt(limits.effort, |dds| dds.project(pc, &forget, &mut |a, b| some(a, b)));
        let short = known.filter(|known| !self.dds.exceeds(*known, limits.path_condition / 2));
        let known = match short {
            Some(known) => known,
            None => self.literals_of(pc, |_, _| true),
        };
        let went = self.fresh("how it came to this");
        let less = self.dds.and(known, went);
        world.host.pc = self.except_on_real_runs(pc, less, |this, real| !this.dds.exceeds(real, limits.path_condition));
        world
    }

    /// A path condition, or if that is too large, one new unknown in its place with what it says of mended failures.
    pub(crate) fn gist(&mut self, pc: Dd) -> Dd {
        if !self.dds.exceeds(pc, self.limits().path_condition) {
            return pc;
        }
        let ghosts = self.literals_of(pc, |this, atom| this.names.is_ghost(atom));
        let went = self.fresh("how it came to this");
        let less = self.dds.and(ghosts, went);
        let limit = self.limits().path_condition;
        self.except_on_real_runs(pc, less, |this, real| !this.dds.exceeds(real, limit))
    }

    /// Which of these unknowns a condition decides, each for itself.
    fn literals_of(&mut self, cond: Dd, asked: impl Fn(&Self, Atom) -> bool) -> Dd {
        let mut all = Dd::TRUE;
        for atom in self.dds.support(cond).into_iter().rev() {
            if !asked(self, atom) {
                continue;
            }
            let possible = [true, false].map(|value| {
                let fixed = |other: Atom| (other == atom).then_some(value);
                self.dds.is_possible(cond, &fixed)
            });
            let is = self.dds.atom(atom);
            let literal = match possible {
                [true, false] => is,
                [false, true] => self.dds.not(is),
                _ => continue,
            };
            all = self.dds.and(literal, all);
        }
        all
    }

    /// What belongs together stays together.
    fn jointly(&mut self, parts: &[Piece], own: &FxHashSet<Atom>) -> Option<Vec<Changes>> {
        let mut results = Numbered::default();
        let limit = self.limits().joint;
        let nothing = results.number(Vec::new());
        let mut all = self.dds.leaf(nothing);
        for part in parts {
            for (_, dd) in &part.cells {
                let where_met = self.dds.ite(part.pc, *dd, Dd::FALSE);
                all = self.dds.combine(all, where_met, &mut |result, leaf| {
                    let longer = results.get(result).iter().copied().chain([leaf]).collect();
                    results.number(longer)
                });
                if self.dds.over() || self.dds.exceeds(all, limit) {
                    return None;
                }
            }
        }
        let all = self.choice(all, own)?;
        if self.dds.over() {
            return None;
        }
        let mut column = 0;
        let mut new = Vec::new();
        for part in parts {
            let mut changes = Changes::default();
            for (at, _) in &part.cells {
                let dd = self.map_exactly(all, |this, result| this.dds.leaf(results.get(result)[column]));
                changes.insert(*at, dd);
                column += 1;
            }
            new.push(changes);
        }
        Some(new)
    }

    /// How it ended is kept; what each cell holds is chosen for itself.
    fn separately(&mut self, parts: &[Piece], own: &FxHashSet<Atom>) -> Vec<Changes> {
        let mut ending = self.dds.leaf(number(parts.len()));
        for (at, part) in parts.iter().enumerate() {
            let this = self.dds.leaf(number(at));
            ending = self.dds.ite(part.pc, this, ending);
        }
        let ending = self.choice(ending, own);
        let mut new = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let mut changes = Changes::default();
            for (slot, dd) in &part.cells {
                let dd = match (slot, ending) {
                    (0, Some(ending)) => self.dds.equals(ending, number(at)),
                    (0, None) => *dd,
                    _ => {
                        let cell = self.simplified(*dd, part.pc);
                        self.choice(cell, own).unwrap_or_else(|| self.weakened(cell))
                    }
                };
                changes.insert(*slot, dd);
            }
            new.push(changes);
        }
        new
    }

    /// A diagram of numbered results with fresh unknowns in place of `own`: in every situation outside, the same results
    /// are possible.
    fn choice(&mut self, all: Dd, own: &FxHashSet<Atom>) -> Option<Dd> {
        if self.dds.leaves(all).len() > MAX_RESULTS {
            return None;
        }
        let mut sets = Numbered::default();
        let single = self.map_exactly(all, |this, result| {
            let set = sets.number(vec![result]);
            this.dds.leaf(set)
        });
        let mut union = |a: Leaf, b: Leaf| {
            let union: BTreeSet<Leaf> = sets.get(a).iter().chain(sets.get(b)).copied().collect();
            sets.number(union.into_iter().collect())
        };
        let effort = self.limits().joint_effort;
        let sets_of = self.dds.attempt(effort, |dds| dds.project(single, &|atom| own.contains(&atom), &mut union))?;
        let most = self.dds.leaves(sets_of).into_iter().map(|set| sets.get(set).len()).max().unwrap_or(1);
        if most > MAX_CHOICES {
            return None;
        }
        let selectors: Vec<Dd> = (1..most).map(|_| self.fresh("which of several ways a call went")).collect();
        Some(self.map_exactly(sets_of, |this, set| {
            let results = sets.get(set).to_vec();
            this.one_of(&results, &selectors)
        }))
    }
}

/// The leaf that stands for the ending at that position.
fn number(at: usize) -> Leaf {
    Leaf(u32::try_from(at).unwrap_or(u32::MAX))
}

/// Lists of leaves, numbered.
#[derive(Default)]
struct Numbered {
    lists: Vec<Vec<Leaf>>,
    index: FxHashMap<Vec<Leaf>, Leaf>,
}

impl Numbered {
    fn number(&mut self, list: Vec<Leaf>) -> Leaf {
        if let Some(known) = self.index.get(&list) {
            return *known;
        }
        let number = Leaf(u32::try_from(self.lists.len()).unwrap_or(u32::MAX));
        self.lists.push(list.clone());
        self.index.insert(list, number);
        number
    }

    fn get(&self, number: Leaf) -> &[Leaf] {
        &self.lists[number.0 as usize]
    }
}

/// Everything in a world that is a diagram, in a fixed order, the path condition first.
fn diagrams(world: &World<Symbolic>) -> Vec<Dd> {
    let host = &world.host;
    let cells = host.entries.values().chain(host.rests.values()).chain(world.frame.bindings.values());
    [host.pc, host.bins, host.packages, host.slept, world.frame.cwd].into_iter().chain(cells.copied()).collect()
}

/// A world's path condition, and those of its diagrams that are to be rebuilt, by position in [`diagrams`]. The first
/// is the path condition itself.
struct Piece {
    pc: Dd,
    cells: Vec<(usize, Dd)>,
}

/// New diagrams, by position.
type Changes = FxHashMap<usize, Dd>;

/// The flows with other diagrams.
fn rebuild(flows: Flows<Symbolic>, new: Vec<Changes>) -> Flows<Symbolic> {
    let mut new = new.into_iter();
    let mut one = |world: World<Symbolic>| {
        let changes = new.next().unwrap_or_default();
        let mut at = 0;
        let mut take = |old: Dd| {
            at += 1;
            changes.get(&(at - 1)).copied().unwrap_or(old)
        };
        let World { mut frame, mut host } = world;
        host.pc = take(host.pc);
        host.bins = take(host.bins);
        host.packages = take(host.packages);
        host.slept = take(host.slept);
        frame.cwd = take(frame.cwd);
        retake(&mut host.entries, &mut take);
        retake(&mut host.rests, &mut take);
        retake(&mut frame.bindings, &mut take);
        World { frame, host }
    };
    // Worlds that no run is in are gone.
    flows.filter_map(|world| Some(one(world)).filter(|world: &World<Symbolic>| !world.host.pc.is_false()))
}

/// Replaces the values of a map that have changed; the others stay shared.
fn retake<K: Ord + Clone>(cells: &mut OrdMap<K, Dd>, take: &mut impl FnMut(Dd) -> Dd) {
    let all: Vec<(K, Dd, Dd)> = cells.iter().map(|(key, old)| (key.clone(), *old, take(*old))).collect();
    cells.extend(all.into_iter().filter(|(_, old, new)| old != new).map(|(key, _, new)| (key, new)));
}
