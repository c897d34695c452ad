//! Loops: known lists are unrolled, unknown ones summarised.
//!
//! A summarised loop runs any number of times, at least once if it is known that its list has an element. Its *head* is a world that stands for the start of every
//! iteration: each cell and binding that the body changes is unknown there. Which ones those are is found by
//! evaluating the body until nothing new changes; the last evaluation is the one that is written down.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use perch_diagram::{Dd, Leaf};
use perch_engine::domain::LoopBody;
use perch_engine::{Context, Engine, Flows, Turn, World};
use perch_ir::program::Program;
use perch_ops::Pure;
use perch_policy::path;

use crate::cells::{Cell, HoleKey, Piece};
use crate::host::Host;
use crate::perform::modes::Mode;
use crate::{Symbolic, copy};

/// Longer lists are summarised.
const MAX_UNROLLED: usize = 512;

/// Evaluations of a body until what it changes must be known. Beyond, the run gives up.
const MAX_ROUNDS: usize = 24;

/// With more ways in which packages may stand, nothing is known of them.
const MAX_PACKAGES: usize = 8;

pub(crate) fn repeat<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    list: Dd,
    world: World<Symbolic>,
    body: LoopBody<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    for_each_list(engine, cx, list, world, |engine, cx, (leaf, elements), here| match elements {
        Elements::Lines(lines) if lines.len() <= MAX_UNROLLED => unrolled(engine, cx, &lines, here, body),
        Elements::Lines(_) | Elements::Some => summarised(engine, cx, (leaf, Least::One), here, body),
        Elements::Any => summarised(engine, cx, (leaf, Least::None), here, body),
    })
}

/// What is known of a list.
pub(crate) enum Elements {
    /// What its elements are.
    Lines(Vec<Leaf>),
    /// That there is one.
    Some,
    /// Nothing.
    Any,
}

/// What comes of every list that it may be.
pub(crate) fn for_each_list<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    list: Dd,
    world: World<Symbolic>,
    each: impl Fn(&mut Engine<'_, P, Symbolic>, &Context, (Leaf, Elements), World<Symbolic>) -> Flows<Symbolic>,
) -> Flows<Symbolic> {
    let list = engine.domain.expanded(list);
    let cases = engine.domain.dds.cases(list, world.host.pc);
    let mut flows = Flows::default();
    let last = cases.len().saturating_sub(1);
    for (at, (leaf, when)) in cases.into_iter().enumerate() {
        let World { frame, host } = copy(&world);
        let here = World { frame, host: Host { pc: when, ..host } };
        let cx = Context { others: cx.others || at < last || flows.next.is_some(), ..cx.clone() };
        let elements = engine.domain.elements(leaf);
        let done = each(engine, &cx, (leaf, elements), here);
        flows.merge(&mut engine.domain, done);
    }
    flows
}

/// The elements of a list.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').filter(|line| !line.is_empty())
}

fn unrolled<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    lines: &[Leaf],
    world: World<Symbolic>,
    body: LoopBody<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    let mut flows = Flows::next(world);
    for (at, line) in lines.iter().enumerate() {
        let Some(world) = flows.next.take() else { break };
        let cx = iteration(cx, u32::try_from(at).unwrap_or(Context::EVERY), cx.others);
        let element = engine.domain.dds.leaf(*line);
        let turn = Turn { element, last: Some(at + 1 == lines.len()) };
        let done = body(engine, &cx, turn, world);
        flows.merge(&mut engine.domain, done);
    }
    flows
}

fn iteration(cx: &Context, index: u32, others: bool) -> Context {
    let mut cx = Context { others, ..cx.clone() };
    cx.visit.push(index);
    cx
}

/// How many elements a summarised list has at least.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Least {
    None,
    One,
}

/// What the body of a loop changes.
#[derive(Default)]
struct Changed {
    /// Bindings, and whether they may be unbound.
    bindings: BTreeMap<Arc<str>, bool>,
    cwd: bool,
    /// Paths, and what may stand there.
    entries: BTreeMap<Rc<str>, Stands>,
    rests: BTreeSet<Rc<str>>,
    /// Paths at which rights are no longer what they were.
    rights: BTreeSet<Rc<str>>,
    /// Of what a mode that is known before is another, or not known any more.
    modes: BTreeSet<Rc<str>>,
    /// Those of which an iteration may take something away.
    taken: BTreeSet<Rc<str>>,
    bins: Bins,
    /// What is known of packages, in one way and the other.
    packages: BTreeSet<Leaf>,
}

/// What becomes of what is on PATH.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Bins {
    /// Nothing.
    #[default]
    Same,
    /// Packages come and go.
    ByPackages,
    /// Anything.
    Any,
}

/// What stands at a path at the start of some iteration.
#[derive(Default)]
struct Stands {
    nothing: bool,
    file: bool,
    directory: bool,
    links: BTreeSet<Leaf>,
}

fn summarised<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    (list, least): (Leaf, Least),
    world: World<Symbolic>,
    body: LoopBody<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    let mark = engine.domain.visits.len();
    let mut changed = Changed::default();
    for _ in 0..MAX_ROUNDS {
        engine.domain.visits.truncate(mark);
        let head = engine.domain.head(&world, &changed);
        let some = match least {
            Least::None => engine.domain.fresh("the list has an element"),
            Least::One => Dd::TRUE,
        };
        let pc = engine.domain.dds.and(head.host.pc, some);
        let mut inside = copy(&head);
        inside.host.pc = pc;
        let element = engine.domain.element_of(list);
        let turn = Turn { element, last: None };
        let now = engine.domain.names.now();
        engine.domain.many.push(now);
        let flows = body(engine, &iteration(cx, Context::EVERY, true), turn, inside);
        engine.domain.many.pop();
        let grown = match &flows.next {
            Some(back) => engine.domain.note_changes(&head, back, &mut changed),
            None => false,
        };
        if !grown {
            return match least {
                Least::None => engine.domain.after_loop(head, flows),
                // What comes of the loop is what comes of its last iteration.
                Least::One => flows,
            };
        }
    }
    engine.domain.gave_up = true;
    Flows::next(world)
}

impl Symbolic {
    fn elements(&mut self, list: Leaf) -> Elements {
        if let Some(text) = self.names.known(list) {
            return Elements::Lines(lines(&text).map(|line| self.names.text(line)).collect());
        }
        if let Some(lines) = self.lines_of_words(list) {
            return Elements::Lines(lines);
        }
        match self.names.pieces(list).unwrap_or_default().as_slice() {
            // Nobody counts who does not want at least one.
            [Piece::Hole(hole)] if matches!(self.names.hole_key(*hole), HoleKey::Pure(Pure::Count, _)) => {
                Elements::Some
            }
            _ => Elements::Any,
        }
    }

    /// Any element of a list.
    pub(crate) fn element_of(&mut self, list: Leaf) -> Dd {
        let number = self.names.take_number();
        let element = self.names.unknown(HoleKey::Element(number, self.may_hold_nul(list)));
        self.dds.leaf(element)
    }

    /// The world at the start of any iteration.
    fn head(&mut self, world: &World<Symbolic>, changed: &Changed) -> World<Symbolic> {
        let mut head = copy(world);
        for (name, may_be_unbound) in &changed.bindings {
            let mut value = self.fresh_text("what a loop has bound");
            if *may_be_unbound {
                let bound = self.fresh("a loop has bound a name");
                let unbound = self.cell(Cell::Unbound);
                value = self.dds.ite(bound, value, unbound);
            }
            head.frame.bindings.insert(name.clone(), value);
        }
        if changed.cwd {
            head.frame.cwd = self.fresh_text("a working directory that a loop has entered");
        }
        for dir in &changed.rests {
            self.keep_mentioned(&mut head.host, dir);
        }
        for dir in &changed.rests {
            let epoch = self.moment();
            let rest = self.cell(Cell::From(epoch, Rc::clone(dir)));
            head.host.put_rest(Rc::clone(dir), rest);
        }
        for (path, stands) in &changed.entries {
            let cell = self.any_entry(&head.host, path, stands);
            head.host.put(Rc::clone(path), cell);
        }
        for path in &changed.rights {
            Self::rights_change(&mut head.host, path);
        }
        head.host.modes.retain(|path, _| !changed.modes.contains(path));
        for path in &changed.taken {
            Self::rights_change(&mut head.host, path);
            head.host.modes.insert(Rc::clone(path), Mode::Perhaps);
        }
        match changed.bins {
            Bins::Same => {}
            Bins::ByPackages => self.packages_change(&mut head.host),
            Bins::Any => self.bins_change(&mut head.host),
        }
        if !changed.packages.is_empty() {
            let known = changed.packages.iter().copied().collect();
            head.host.packages = self.any_of(known);
            head.host.written.packages = true;
        }
        head
    }

    /// Anything of these kinds, or one of these links.
    fn any_entry(&mut self, host: &Host, path: &Rc<str>, stands: &Stands) -> Dd {
        let epoch = self.moment();
        let anything = self.origin(epoch, path);
        let mut cell = self.only(anything, stands);
        for link in &stands.links {
            let is = self.fresh("a loop has made a link");
            let target = match *self.names.cell(*link) {
                // A target that an iteration has made up is another one in the next.
                Cell::Link(target) if self.names.known(target).is_none() => {
                    let number = self.names.take_number();
                    self.names.unknown(HoleKey::Fresh(number, "target of a link"))
                }
                Cell::Link(target) => target,
                _ => continue,
            };
            let link = self.cell(Cell::Link(target));
            cell = self.dds.ite(is, link, cell);
        }
        let parent = self.entry(host, path::parent(path));
        let parent_is_dir = self.where_cell(parent, |cell| matches!(cell, Cell::Dir));
        let absent = self.cell(Cell::Absent);
        self.dds.ite(parent_is_dir, cell, absent)
    }

    /// One of the values of a cell that are of these kinds.
    fn only(&mut self, cell: Dd, stands: &Stands) -> Dd {
        let among = self.where_cell(cell, |cell| match cell {
            Cell::Absent => stands.nothing,
            Cell::File(_) => stands.file,
            Cell::Dir => stands.directory,
            _ => true,
        });
        self.dds.restrict(cell, among)
    }

    /// Adds what differs between the start of an iteration and its end; true if that is new.
    fn note_changes(&mut self, head: &World<Symbolic>, back: &World<Symbolic>, changed: &mut Changed) -> bool {
        let care = back.host.pc;
        let mut grown = false;
        let unbound = self.cell(Cell::Unbound);
        let names: BTreeSet<Arc<str>> = head.frame.bindings.keys().chain(back.frame.bindings.keys()).cloned().collect();
        for name in names {
            let [before, after] = [head, back].map(|world| world.frame.bindings.get(&name).copied().unwrap_or(unbound));
            if self.same(before, after, care) {
                continue;
            }
            let may_be_unbound =
                [before, after].into_iter().any(|value| self.may_be(value, |cell| matches!(cell, Cell::Unbound)));
            match changed.bindings.get_mut(&name) {
                Some(known) => {
                    grown |= may_be_unbound && !*known;
                    *known |= may_be_unbound;
                }
                None => {
                    grown = true;
                    changed.bindings.insert(name, may_be_unbound);
                }
            }
        }
        if !changed.cwd && !self.same(head.frame.cwd, back.frame.cwd, care) {
            changed.cwd = true;
            grown = true;
        }
        if !self.same(head.host.bins, back.host.bins, care) {
            let becomes = self.bins_become(&head.host, &back.host);
            grown |= becomes > changed.bins;
            changed.bins = becomes.max(changed.bins);
        }
        grown |= self.note_packages(&head.host, &back.host, changed);
        for path in self.denied_within(&back.host.written) {
            grown |= changed.rights.insert(path);
        }
        let others = head.host.modes.iter().filter(|(path, mode)| back.host.modes.get(*path) != Some(mode));
        for (path, _) in others {
            grown |= changed.modes.insert(Rc::clone(path));
        }
        let set = back.host.modes.iter().filter(|(path, mode)| head.host.modes.get(*path) != Some(mode));
        for (path, _) in set.filter(|(_, mode)| mode.may_take_away()) {
            grown |= changed.taken.insert(Rc::clone(path));
        }
        self.note_paths(&head.host, &back.host, changed) || grown
    }

    /// What became of what is on PATH: no more than what packages do, if that is all that lies over what was there.
    fn bins_become(&mut self, head: &Host, back: &Host) -> Bins {
        let [before, after] = [head, back].map(|host| self.bins(host));
        let before = self.dds.leaves(before);
        let is_by_packages = |mut leaf: Leaf| loop {
            match self.names.cell(leaf) {
                _ if before.contains(&leaf) => return true,
                Cell::BinsAfter(base, _) => leaf = *base,
                _ => return false,
            }
        };
        if self.dds.leaves(after).into_iter().all(is_by_packages) { Bins::ByPackages } else { Bins::Any }
    }

    fn note_packages(&mut self, head: &Host, back: &Host, changed: &mut Changed) -> bool {
        if self.same(head.packages, back.packages, back.pc) {
            return false;
        }
        let [before, after] = [head, back].map(|host| self.packages(host));
        let both: Vec<Leaf> = [before, after].into_iter().flat_map(|known| self.dds.leaves(known)).collect();
        let before = changed.packages.clone();
        changed.packages.extend(both);
        if changed.packages.len() > MAX_PACKAGES {
            let nothing = self.no_packages_known();
            changed.packages = self.dds.leaves(nothing).into_iter().collect();
        }
        changed.packages != before
    }

    fn note_paths(&mut self, head: &Host, back: &Host, changed: &mut Changed) -> bool {
        let care = back.pc;
        let mut grown = false;
        let mut paths: BTreeSet<Rc<str>> = head.entries.keys().chain(back.entries.keys()).cloned().collect();
        let dirs: BTreeSet<Rc<str>> = head.rests.keys().chain(back.rests.keys()).cloned().collect();
        for dir in &dirs {
            // What was in it at the start of a call is not among the entries, and may be gone.
            if self.raw_rest(head, dir) != self.raw_rest(back, dir) {
                paths.extend(self.mentioned(head, dir));
            }
        }
        for path in paths {
            let [before, after] = [head, back].map(|host| self.entry(host, &path));
            if self.same(before, after, care) {
                continue;
            }
            let leaves: BTreeSet<Leaf> = [before, after].into_iter().flat_map(|cell| self.dds.leaves(cell)).collect();
            let mut stands = changed.entries.remove(&path).unwrap_or_default();
            for leaf in leaves {
                let leaf = self.one_link(leaf);
                grown |= match self.names.cell(leaf) {
                    Cell::Absent => !std::mem::replace(&mut stands.nothing, true),
                    Cell::File(_) => !std::mem::replace(&mut stands.file, true),
                    Cell::Dir => !std::mem::replace(&mut stands.directory, true),
                    Cell::Link(_) => stands.links.insert(leaf),
                    _ => false,
                };
            }
            changed.entries.insert(path, stands);
        }
        for dir in dirs {
            let [before, after] = [head, back].map(|host| self.rest(host, &dir));
            if !self.same(before, after, care) {
                grown |= changed.rests.insert(dir);
            }
        }
        grown
    }

    /// Links with unknown targets count as one.
    fn one_link(&mut self, link: Leaf) -> Leaf {
        match *self.names.cell(link) {
            Cell::Link(target) if self.names.known(target).is_none() => {
                let any = self.names.unknown(HoleKey::Fact("some link target"));
                self.names.leaf(Cell::Link(any))
            }
            _ => link,
        }
    }

    fn same(&mut self, a: Dd, b: Dd, care: Dd) -> bool {
        a == b || self.dds.restrict(a, care) == self.dds.restrict(b, care)
    }

    fn may_be(&self, dd: Dd, is: impl Fn(&Cell) -> bool) -> bool {
        self.dds.leaves(dd).into_iter().any(|leaf| is(self.names.cell(leaf)))
    }

    /// Runs on which an iteration leads out of the loop, and runs on which the loop ends.
    fn after_loop(&mut self, head: World<Symbolic>, body: Flows<Symbolic>) -> Flows<Symbolic> {
        let mut out = body;
        out.next = None;
        if out.worlds().next().is_none() {
            return Flows::next(head);
        }
        let stops = self.fresh("an iteration ends the loop");
        out = out.filter_map(|mut world| {
            world.host.pc = self.dds.and(world.host.pc, stops);
            Some(world)
        });
        let mut next = head;
        next.host.pc = self.dds.minus(next.host.pc, stops);
        out.next = Some(next);
        out
    }
}
