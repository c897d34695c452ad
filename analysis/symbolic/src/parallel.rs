//! Branches that run at the same time.
//!
//! Branches that do not touch what the others touch come to the same in every order, so they are evaluated one after the other. What
//! each reads and writes is noted on the way. If one writes what another reads or writes, that place is *unsteady* for the other: it finds
//! something else there every time that it looks, and where it writes there, too, what it is afterwards is unknown. Then they are evaluated
//! again, until no other place turns out to be one. Of a file that stays one only the content is that unsteady.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_engine::domain::{Branch, Branches, LoopBody};
use perch_engine::{Context, Engine, Flows, Turn, World};
use perch_ir::program::Program;
use perch_ops::ErrorKind;
use perch_ops::contract::Change;
use perch_policy::{Decision, Effect, path};

use crate::cells::{Cell, HoleKey};
use crate::host::{Deed, Host, Places, Question};
use crate::loops::{Elements, for_each_list};
use crate::perform::modes::Mode;
use crate::perform::{Case, Choice, Gathered};
use crate::stored::{Dealings, Results};
use crate::{Symbolic, copy};

/// Evaluations until all unsteady places must be known. Beyond, everything is one.
const MAX_ROUNDS: usize = 4;

/// Longer lists are summarised.
const MAX_BRANCHES: usize = 256;

/// What a branch has looked at.
#[derive(Clone, Default)]
pub(crate) struct Reads {
    entries: BTreeSet<Rc<str>>,
    /// What it has only made sure of: that there is a directory, by making it if need be. Whether others have made it before is all the same.
    made_sure: BTreeSet<Rc<str>>,
    rests: BTreeSet<Rc<str>>,
    bins: bool,
    packages: bool,
    /// Of what it has asked for the mode.
    modes: RefCell<BTreeSet<Rc<str>>>,
    /// The files that it has started.
    started: BTreeSet<Rc<str>>,
}

/// What a branch has touched.
#[derive(Default)]
pub(crate) struct Footprint {
    reads: Reads,
    pub(crate) written: Places,
    /// The files to which it has written, and which it has left files all the time.
    stay_files: BTreeSet<Rc<str>>,
    /// What was at first where it has made directories and written files, if that was nothing, a directory or a file.
    found_first: BTreeMap<Rc<str>, Vec<Leaf>>,
    /// What is on PATH has changed.
    bins: bool,
    /// What it has stored and looked for.
    stored: Dealings,
}

impl Footprint {
    /// How it stands after it.
    pub(crate) fn wrote(&mut self, domain: &mut Symbolic, host: &Host, before: &Host) {
        self.written = std::mem::take(&mut self.written).and(host.written.clone());
        self.bins |= domain.really(host.bins) != domain.really(before.bins);
    }

    pub(crate) fn looked(&mut self, at: Reads) {
        self.reads.add(at);
    }
}

impl Reads {
    /// A mode was asked for.
    pub(crate) fn of_mode(&self, path: &Rc<str>) {
        self.modes.borrow_mut().insert(Rc::clone(path));
    }

    /// The modes that were asked for so far: none are from here on.
    pub(crate) fn take_modes(&mut self) -> BTreeSet<Rc<str>> {
        std::mem::take(self.modes.get_mut())
    }

    /// Those take the place of the ones that were asked for.
    pub(crate) fn put_modes(&mut self, modes: BTreeSet<Rc<str>>) -> BTreeSet<Rc<str>> {
        std::mem::replace(self.modes.get_mut(), modes)
    }

    fn add(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.made_sure.extend(other.made_sure);
        self.modes.get_mut().extend(other.modes.into_inner());
        self.started.extend(other.started);
        self.rests.extend(other.rests);
        self.bins |= other.bins;
        self.packages |= other.packages;
    }
}

/// What others may leave at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Who knows.
    Anything,
    /// Either of these, or nothing but what was there at first.
    Made {
        /// A directory.
        dir: bool,
        /// A file.
        file: bool,
        /// What was there at first.
        first: Vec<Leaf>,
    },
}

impl Left {
    /// By whoever has done that.
    fn by(print: &Footprint, at: &str) -> Self {
        let (dir, file) = match print.written.deed(at) {
            Some(Deed::MadeSure) => (true, false),
            Some(Deed::File) => (false, true),
            Some(Deed::Rights) => (false, false),
            Some(Deed::Anything) | None => return Self::Anything,
        };
        let first = print.found_first.get(at);
        first.map_or(Self::Anything, |first| Self::Made { dir, file, first: first.clone() })
    }

    /// By one or the other.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Made { dir, file, first }, Self::Made { dir: also_dir, file: also_file, first: same })
                if first == same =>
            {
                Self::Made { dir: dir || also_dir, file: file || also_file, first }
            }
            _ => Self::Anything,
        }
    }
}

/// What an op sees that looks several times at a place where others put files and nothing else. That a file comes between two looks makes
/// no difference that it would not make before the first: whoever makes what is missing writes into what is there as well.
#[derive(Default)]
pub(crate) struct Glances(Option<BTreeMap<(usize, Rc<str>), Glance>>);

/// What stood somewhere as far as whoever looks has done anything about it, and what was seen.
type Glance = (Dd, Dd);

impl Glances {
    /// Of an op that has just begun.
    pub(crate) fn of_one_op() -> Self {
        Self(Some(BTreeMap::new()))
    }
}

/// Places at which something else is found every time.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Unsteady {
    pub(crate) entries: BTreeMap<Rc<str>, Left>,
    /// Places of files that stay files, with another content every time.
    pub(crate) contents: BTreeSet<Rc<str>>,
    /// Places that are changed where somebody else starts what is there.
    pub(crate) started: BTreeSet<Rc<str>>,
    /// Directories of which that is true of all entries.
    pub(crate) rests: BTreeSet<Rc<str>>,
    pub(crate) bins: bool,
    pub(crate) packages: bool,
    /// What a branch stores: whoever looks for it may find it, or not yet.
    pub(crate) stored: Results,
}

impl Unsteady {
    /// Whether there are none.
    pub(crate) fn is_nothing(&self) -> bool {
        let places = [&self.contents, &self.started, &self.rests];
        let no_places = self.entries.is_empty() && places.iter().all(|all| all.is_empty());
        no_places && !self.bins && !self.packages && self.stored.is_empty()
    }

    /// These places, and what is beneath them.
    pub(crate) fn beneath(roots: &[String]) -> Self {
        let roots: BTreeSet<Rc<str>> = roots.iter().map(|root| Rc::from(root.as_str())).collect();
        let entries = roots.iter().map(|root| (Rc::clone(root), Left::Anything)).collect();
        Self { entries, rests: roots, ..Self::default() }
    }

    fn everything() -> Self {
        let rests = [Rc::from("/")].into();
        Self { rests, bins: true, packages: true, stored: Results::anything(), ..Self::default() }
    }

    fn has_entry(&self, at: &str) -> bool {
        self.entries.contains_key(at) || self.is_in_rest(at)
    }

    fn is_in_rest(&self, at: &str) -> bool {
        self.rests.iter().any(|dir| &**dir != at && path::within(at, dir))
    }

    /// What others may leave there.
    fn left_at(&self, at: &str) -> Left {
        let left = self.entries.get(at).filter(|_| !self.is_in_rest(at)).cloned().unwrap_or(Left::Anything);
        match left {
            // Whoever writes into what is a file makes one where somebody else has taken it away.
            Left::Made { dir, first, .. } if self.contents.contains(at) => Left::Made { dir, file: true, first },
            left => left,
        }
    }

    fn add_entry(&mut self, at: Rc<str>, left: Left) {
        let before = self.entries.remove(&at);
        self.entries.insert(at, before.map_or(left.clone(), |before| before.or(left)));
    }

    fn has_rest(&self, dir: &str) -> bool {
        self.rests.iter().any(|other| path::within(dir, other))
    }

    /// Has it a place that is on the way to a path, or the path?
    fn covers(&self, path: &str) -> bool {
        let is_one = |at: &str| self.has_entry(at) || self.has_rest(at) || self.contents.contains(at);
        path::ancestors(path).chain([path]).any(is_one)
    }

    /// Has it a place in that directory, or one in which that is?
    fn has_beneath(&self, dir: &str) -> bool {
        let beneath = |at: &Rc<str>| path::within(at, dir);
        self.has_rest(dir) || self.entries.keys().chain(&self.contents).chain(&self.rests).any(beneath)
    }

    /// Those to which that one writes, too.
    fn written_by(mut self, print: &Footprint) -> Self {
        let written = &print.written;
        let in_rest = |at: &str| written.rests().any(|dir| path::within(at, dir));
        let is_written = |at: &Rc<str>| written.has(at) || in_rest(at);
        self.entries.retain(|at, _| is_written(at));
        self.contents.retain(is_written);
        self.rests
            .retain(|dir| in_rest(dir) || written.entries().chain(written.rests()).any(|at| path::within(at, dir)));
        self.bins &= print.bins;
        self.packages &= written.packages;
        self
    }

    pub(crate) fn add(&mut self, other: Self) {
        other.entries.into_iter().for_each(|(at, left)| self.add_entry(at, left));
        self.contents.extend(other.contents);
        self.started.extend(other.started);
        self.rests.extend(other.rests);
        self.bins |= other.bins;
        self.packages |= other.packages;
        self.stored.add(&other.stored);
    }
}

/// Programs that nobody has waited for, and that run until the run ends.
#[derive(Default)]
pub(crate) struct Company {
    others: Vec<Other>,
    /// How many links the run had made when the last of them came. They may write through those that come later.
    links: usize,
    /// Links came between two of them.
    loose: bool,
}

/// One of them.
#[derive(PartialEq, Eq)]
struct Other {
    /// What it may change at any time.
    unsteady: Unsteady,
    /// Where it works: a directory, which stays one.
    workplace: String,
}

impl Company {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.others.len()
    }

    /// From now on, somebody who works there may change that.
    fn joins(&mut self, unsteady: Unsteady, workplace: String, links: usize) {
        let other = Other { unsteady, workplace };
        self.loose = self.is_anywhere(links);
        self.links = links;
        if !self.others.contains(&other) {
            self.others.push(other);
        }
    }

    /// Whether they may change anything.
    fn is_anywhere(&self, links: usize) -> bool {
        !self.others.is_empty() && (self.loose || self.links != links)
    }

    fn bins(&self, links: usize) -> bool {
        self.is_anywhere(links) || self.others.iter().any(|other| other.unsteady.bins)
    }

    fn packages(&self, links: usize) -> bool {
        self.is_anywhere(links) || self.others.iter().any(|other| other.unsteady.packages)
    }

    fn has_entry(&self, at: &str, links: usize) -> bool {
        let anywhere = self.is_anywhere(links);
        let stays = |other: &Other| path::within(&other.workplace, at);
        self.others.iter().any(|other| (anywhere || other.unsteady.has_entry(at)) && !stays(other))
    }

    fn has_rest(&self, dir: &str, links: usize) -> bool {
        self.is_anywhere(links) || self.others.iter().any(|other| other.unsteady.has_rest(dir))
    }

    /// All places that they may change.
    fn unsteady(self, links: usize) -> Unsteady {
        if self.is_anywhere(links) {
            return Unsteady::everything();
        }
        let mut all = Unsteady::default();
        self.others.into_iter().for_each(|other| all.add(other.unsteady));
        all
    }
}

pub(crate) fn concurrently<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    branches: Branches<'_, P, Symbolic>,
    world: World<Symbolic>,
) -> Flows<Symbolic> {
    match branches {
        Branches::Each(branches) => together(engine, cx, branches, world),
        Branches::PerElement(list, body) => per_element(engine, cx, *list, world, body),
    }
}

/// A branch per element, for each list that it may be.
fn per_element<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    list: Dd,
    world: World<Symbolic>,
    body: LoopBody<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    for_each_list(engine, cx, list, world, |engine, cx, (leaf, elements), here| match elements {
        Elements::Lines(lines) if lines.len() <= MAX_BRANCHES => {
            let branches: Vec<Branch<'_, P, Symbolic>> =
                (0..).zip(lines).map(|(index, line)| element(index, line, body)).collect();
            together(engine, cx, &branches, here)
        }
        _ => any_number(engine, cx, leaf, here, body),
    })
}

fn element<'b, P: Program>(index: u32, line: Leaf, body: LoopBody<'b, P, Symbolic>) -> Branch<'b, P, Symbolic> {
    Box::new(move |engine, cx, world| {
        let mut cx = cx.clone();
        cx.visit.push(index);
        let element = engine.domain.dds.leaf(line);
        body(engine, &cx, Turn { element, last: None }, world)
    })
}

/// Any number of branches that are alike. One is evaluated; what it writes, the others may have written.
fn any_number<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    list: Leaf,
    world: World<Symbolic>,
    body: LoopBody<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    let some: Branch<'_, P, Symbolic> = Box::new(|engine, cx, mut world| {
        let mut cx = Context { others: true, ..cx.clone() };
        cx.visit.push(Context::EVERY);
        let there_is_one = engine.domain.fresh("the list has an element");
        let outside = World { frame: world.frame.clone(), host: world.host.clone() };
        world.host.pc = engine.domain.dds.and(world.host.pc, there_is_one);
        let element = engine.domain.element_of(list);
        let now = engine.domain.names.now();
        engine.domain.many.push(now);
        let mut flows = body(engine, &cx, Turn { element, last: None }, world);
        engine.domain.many.pop();
        let mut outside = outside;
        let left = engine.domain.dealings.left.clone();
        engine.domain.perhaps_stored(&mut outside, &left);
        let places = |all: Places, world: &World<Symbolic>| all.and(world.host.written.clone());
        outside.host.written = flows.worlds().fold(outside.host.written.clone(), places);
        // What one branch comes to, some other may not have come to.
        let decides = engine.domain.fresh("a branch decides how it ends");
        flows.next = None;
        flows = flows.filter_map(|mut world| {
            world.host.pc = engine.domain.dds.and(world.host.pc, decides);
            Some(world)
        });
        let ends: Vec<Dd> = flows.worlds().map(|world| world.host.pc).collect();
        let pc = ends.into_iter().fold(outside.host.pc, |pc, end| engine.domain.dds.minus(pc, end));
        let next = World { frame: outside.frame, host: Host { pc, ..outside.host } };
        if !pc.is_false() {
            flows.next = Some(next);
        }
        flows
    });
    let again: Branch<'_, P, Symbolic> = Box::new(|_, _, world| Flows::next(world));
    twice(engine, cx, &some, &again, world)
}

/// The first of two branches that are both what the first is.
fn twice<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    branch: &Branch<'_, P, Symbolic>,
    nothing: &Branch<'_, P, Symbolic>,
    world: World<Symbolic>,
) -> Flows<Symbolic> {
    let one: [&Branch<'_, P, Symbolic>; 2] = [branch, nothing];
    let (flows, prints) = branches_until_steady(engine, cx, &one, world, |prints| {
        prints.iter().map(|print| clash(print, print)).collect()
    });
    let made = prints.first().map(|print| print.written.only_made()).unwrap_or_default();
    engine.domain.made_by_any(flows, &made)
}

fn together<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    branches: &[Branch<'_, P, Symbolic>],
    world: World<Symbolic>,
) -> Flows<Symbolic> {
    let branches: Vec<&Branch<'_, P, Symbolic>> = branches.iter().collect();
    branches_until_steady(engine, cx, &branches, world, all_clashes).0
}

/// What the others may be changing of what each of them touches.
pub(crate) fn all_clashes(prints: &[Footprint]) -> Vec<Unsteady> {
    let by_others = |(at, one): (usize, &Footprint)| {
        let mut all = Unsteady::default();
        let others = prints.iter().enumerate().filter(|(other, _)| *other != at);
        others.for_each(|(_, other)| all.add(clash(other, one)));
        all
    };
    prints.iter().enumerate().map(by_others).collect()
}

fn branches_until_steady<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    branches: &[&Branch<'_, P, Symbolic>],
    world: World<Symbolic>,
    meet: impl Fn(&[Footprint]) -> Vec<Unsteady>,
) -> (Flows<Symbolic>, Vec<Footprint>) {
    let mut round =
        |engine: &mut Engine<'_, P, Symbolic>, around: &Around| one_round(engine, cx, branches, (copy(&world), around));
    let (flows, unsteady, prints) = rounds(engine, |engine| &mut engine.domain, &mut round, meet);
    (engine.domain.after_branches(flows, &unsteady), prints)
}

/// The places at which something else is found every time, while branches run.
pub(crate) struct Around {
    outside: Unsteady,
    /// By what the other branches do, for each of them.
    each: Vec<Unsteady>,
    /// Nothing else is known: that is how it is for all of them.
    everything: bool,
}

impl Around {
    /// Those for that branch.
    pub(crate) fn branch(&self, at: usize) -> Unsteady {
        let mut all = self.outside.clone();
        self.each.get(at).into_iter().for_each(|each| all.add(each.clone()));
        if self.everything {
            all.add(Unsteady::everything());
        }
        all
    }

    /// Adds what is found to be met.
    fn and(&self, met: Vec<Unsteady>) -> Vec<Unsteady> {
        let mut each = self.each.clone();
        each.resize_with(met.len().max(each.len()), Unsteady::default);
        each.iter_mut().zip(met).for_each(|(all, more)| all.add(more));
        each
    }

    /// What nobody knows once all have ended: where one alone writes, it is what that one leaves.
    fn after(self, prints: &[Footprint]) -> Unsteady {
        if self.everything {
            return Unsteady::everything();
        }
        let mut after = Unsteady::default();
        self.each.into_iter().zip(prints).for_each(|(each, print)| after.add(each.written_by(print)));
        after
    }
}

/// All branches, one after the other.
type Round<'r, E, R> = dyn FnMut(&mut E, &Around) -> (R, Vec<Footprint>) + 'r;

/// Evaluates what runs at once until all places at which it meets are known. `E` is what it is evaluated with.
pub(crate) fn rounds<E, R>(
    engine: &mut E,
    domain: impl Fn(&mut E) -> &mut Symbolic,
    round: &mut Round<'_, E, R>,
    meet: impl Fn(&[Footprint]) -> Vec<Unsteady>,
) -> (R, Unsteady, Vec<Footprint>) {
    let mark = domain(engine).visits.len();
    let outside = domain(engine).unsteady.clone();
    let mut around = Around { outside, each: Vec::new(), everything: false };
    let mut number = 0;
    loop {
        domain(engine).visits.truncate(mark);
        around.everything = number >= MAX_ROUNDS;
        let links = domain(engine).links_made;
        let (done, prints) = round(engine, &around);
        let domain = domain(engine);
        domain.unsteady = around.outside.clone();
        let found = around.and(meet(&prints));
        let is_any = around.everything || found.iter().any(|unsteady| *unsteady != Unsteady::default());
        // A link that one of them makes may be met by another at any unsteady place.
        if is_any && domain.links_made != links && !domain.names.any_linked() {
            domain.links_anywhere();
        } else if found == around.each || around.everything || !is_any {
            return (done, around.after(&prints), prints);
        }
        around.each = found;
        number += 1;
    }
}

fn one_round<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    branches: &[&Branch<'_, P, Symbolic>],
    (world, around): (World<Symbolic>, &Around),
) -> (Flows<Symbolic>, Vec<Footprint>) {
    let outer_reads = engine.domain.reads.replace(Reads::default());
    let outer_written = world.host.written.clone();
    let outer_made_sure = world.host.made_sure.clone();
    let put_before = engine.domain.put_before.clone();
    engine.domain.put_before = put_before.clone().and(outer_written.clone());
    let outer_dealings = std::mem::take(&mut engine.domain.dealings);
    let slept = world.host.slept;
    let start = world.host.clone();
    let mut prints: Vec<Footprint> = Vec::new();
    let mut number = 0;
    let mut longest = slept;
    let mut before = start.clone();
    let flows = engine.in_turn(cx, branches, world, &mut |domain, world| {
        if number > 0 {
            let reads = domain.reads.replace(Reads::default()).unwrap_or_default();
            let stored = std::mem::take(&mut domain.dealings);
            let mut print = Footprint { reads, stored, ..Footprint::default() };
            print.wrote(domain, &world.host, &before);
            prints.push(print);
            longest = domain.later(longest, world.host.slept);
        }
        domain.unsteady = if number < branches.len() { around.branch(number) } else { around.outside.clone() };
        number += 1;
        before = world.host.clone();
        world.host.written = Places::default();
        // What another has made sure of, this one has not.
        world.host.made_sure.clone_from(&outer_made_sure);
        // They sleep at the same time, and whoever waits for all waits for the longest.
        world.host.slept = if prints.len() == branches.len() { longest } else { slept };
    });
    for print in &mut prints {
        engine.domain.note_found_first(print, &start);
    }
    let inner = prints.iter().fold(outer_written, |all, print| all.and(print.written.clone()));
    let flows = flows.filter_map(|mut world| {
        world.host.written = inner.clone();
        world.host.made_sure = std::mem::take(&mut world.host.made_sure).intersection(outer_made_sure.clone());
        Some(world)
    });
    engine.domain.reads = outer_reads;
    engine.domain.put_before = put_before;
    engine.domain.dealings = outer_dealings;
    engine.domain.also_looked(&prints);
    (flows, prints)
}

/// Where one writes what the other reads or writes.
fn clash(writer: &Footprint, other: &Footprint) -> Unsteady {
    let bins = writer.bins && (other.reads.bins || other.bins);
    let packages = writer.written.packages && (other.reads.packages || other.written.packages);
    let stored = writer.stored.met_by(&other.stored);
    let mut found = Unsteady { bins, packages, stored, ..Unsteady::default() };
    let modes = other.reads.modes.borrow();
    let looked_at = |at: &Rc<str>| other.reads.entries.contains(at) || modes.contains(at);
    let in_rest = |at: &str| {
        let mut dirs = other.reads.rests.iter().chain(other.written.changed_rests());
        dirs.any(|dir| &**dir != at && path::within(at, dir))
    };
    for at in writer.written.entries() {
        let met = match (writer.written.deed(at), other.written.deed(at)) {
            // Two that make the same directory come to the same, whoever is the first.
            (Some(Deed::MadeSure), there) => there.is_some_and(|deed| deed != Deed::MadeSure),
            (_, there) => there.is_some() || other.reads.made_sure.contains(at),
        };
        if met || looked_at(at) || in_rest(at) {
            if writer.stay_files.contains(at) {
                found.contents.insert(Rc::clone(at));
            } else {
                found.add_entry(Rc::clone(at), Left::by(writer, at));
            }
        }
    }
    let may_run = |one: &Footprint, at: &Rc<str>| one.written.cover(at);
    found.started.extend(other.reads.started.iter().filter(|at| may_run(writer, at)).cloned());
    found.started.extend(writer.reads.started.iter().filter(|at| may_run(other, at)).cloned());
    for dir in writer.written.changed_rests() {
        let beneath = |at: &&Rc<str>| **at != *dir && path::within(at, dir);
        let mut entries =
            other.reads.entries.iter().chain(&*modes).chain(&other.reads.made_sure).chain(other.written.entries());
        let entry = entries.find(beneath);
        let mut rests = other.reads.rests.iter().chain(other.written.rests());
        let holds_rest = rests.any(|rest| path::within(rest, dir));
        // In a directory that the other has only made, it has put nothing; what it has looked at there is noted.
        let mut above = other.reads.rests.iter().chain(other.written.changed_rests());
        let is_in_rest = above.any(|rest| path::within(dir, rest));
        if entry.is_some() || holds_rest || is_in_rest {
            found.rests.insert(Rc::clone(dir));
        }
    }
    found
}

impl Symbolic {
    /// What makes several directories one after the other, goes through a tree to pack it, or writes into a file that may be running, may fail
    /// where others change these at the same time, or start it.
    pub(crate) fn as_undisturbed(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if self.reads.is_none() {
            return Some(host);
        }
        let (at, disturbed, kinds): (_, _, &[ErrorKind]) = match case.contract.change {
            Change::PutDirs(at) => (at, self.is_changed_by_others(&case.paths[at]), &[ErrorKind::IoError]),
            Change::Append(at, _) => {
                (at, self.unsteady.started.contains(case.paths[at].as_str()), &[ErrorKind::IoError])
            }
            Change::PackTree(at, _) => {
                let from = case.paths[at].clone();
                // All of it is looked at.
                self.rest(&host, &from);
                let kinds = &[ErrorKind::FileNotFound, ErrorKind::NotADirectory, ErrorKind::IoError];
                (at, self.is_unsteady(&from) || self.is_changed_by_others(&from), kinds)
            }
            _ => return Some(host),
        };
        if !disturbed {
            return Some(host);
        }
        let mark = all.failed.len();
        let path = &case.paths[at];
        let who = if self.is_met_by_branches(path) { "another branch" } else { "what runs at the same time" };
        let message = format!("{who} may be changing `{path}` just then");
        let next = self.fail_somehow(host, Dd::FALSE, kinds, (&message, None), all);
        if let Change::PutDirs(at) = case.contract.change {
            for failed in &mut all.failed[mark..] {
                failed.host = self.perhaps_with_parents(failed.host.clone(), &case.paths[at]);
            }
        }
        next
    }

    /// Whether an op does nothing but make sure of a directory, at a time when it matters who does so: then all that it finds on the way there
    /// is directories, or that there are none yet, which others may be making. What it may do must not hang on which of them it makes.
    pub(crate) fn only_makes_sure(&self, cx: &Context, change: Change, choices: &[Choice], host: &Host) -> bool {
        let Change::PutDirs(at) = change else { return false };
        let anywhere = Effect::Write(perch_policy::Known::Unknown);
        let is_let = |(chosen, cwd, _): &Choice| {
            let named = chosen.get(at).copied().flatten().and_then(|path| self.names.known(path));
            let cwd = self.names.absolute(*cwd);
            let path = named.zip(cwd).and_then(|(named, cwd)| path::clean(&cwd, &named));
            path.is_some_and(|path| self.nothing_keeps_from_making(host, &path))
        };
        self.reads.is_some()
            && !self.names.knows_links()
            && matches!(self.policy.decide(&cx.bounds, anywhere), Decision::Allowed(_))
            && (!self.may_lack_rights(host) || choices.iter().all(is_let))
    }

    /// What is found where this stands: at an unsteady place, perhaps something else. That it was looked at is noted.
    pub(crate) fn as_found(&mut self, host: &Host, at: &str, cell: Dd) -> Dd {
        if let Some(reads) = &mut self.reads {
            let only_made_sure = self.makes_sure || host.made_sure.contains(at);
            let noted = if only_made_sure { &mut reads.made_sure } else { &mut reads.entries };
            noted.insert(at.into());
        }
        let by_company = at != "/" && self.company.has_entry(at, self.links_made);
        if at != "/" && (self.unsteady.has_entry(at) || by_company) {
            let still = "no other branch has changed it";
            let left = if by_company { Left::Anything } else { self.unsteady.left_at(at) };
            let only_files = matches!(left, Left::Made { dir: false, file: true, .. });
            let key = (self.levels.len(), Rc::from(at));
            let seen = self.glances.0.as_ref().filter(|_| only_files).and_then(|seen| seen.get(&key));
            if let Some((_, found)) = seen.filter(|(was, _)| *was == cell) {
                return *found;
            }
            let found = self.found_or_left(at, cell, &left, (true, still));
            if let Some(seen) = self.glances.0.as_mut().filter(|_| only_files) {
                seen.insert(key, (cell, found));
            }
            return found;
        }
        if !self.unsteady.contents.contains(at) {
            return cell;
        }
        self.with_other_content(cell)
    }

    /// The same, but for what is in a file: nobody knows that.
    fn with_other_content(&mut self, cell: Dd) -> Dd {
        let content = self.fresh_text("what another branch has written");
        let file = self.map(content, |this, leaf| this.cell(Cell::File(leaf)));
        self.map(cell, |this, leaf| match this.names.cell(leaf) {
            Cell::File(_) => file,
            _ => this.dds.leaf(leaf),
        })
    }

    /// Notes what was at first at the changed places, and which were files and had nothing else put there.
    fn note_found_first(&mut self, print: &mut Footprint, start: &Host) {
        for at in print.written.entries() {
            let deed = print.written.deed(at);
            let makes_sure = deed == Some(Deed::MadeSure);
            if !makes_sure && !matches!(deed, Some(Deed::Rights | Deed::File)) {
                continue;
            }
            let outer = self.makes_sure;
            self.makes_sure |= makes_sure;
            let was = self.entry(start, at);
            self.makes_sure = outer;
            let was = self.simplified(was, start.pc);
            let leaves = self.dds.leaves(was);
            let all_are = |is: fn(&Cell) -> bool| leaves.iter().all(|leaf| is(self.names.cell(*leaf)));
            if !makes_sure && all_are(|cell| matches!(cell, Cell::File(_))) {
                print.stay_files.insert(Rc::clone(at));
            }
            if all_are(is_plain) {
                print.found_first.insert(Rc::clone(at), leaves);
            }
        }
    }

    /// Notes that the file at a path is started.
    pub(crate) fn starts_at(&mut self, level: usize, path: &str) {
        if let Some(reads) = &mut self.reads {
            reads.started.insert(path.into());
        }
        if level > 0 {
            self.ask_outside(level, Question::Starts(path.into()));
        }
    }

    /// What stood at a path, or what others have left: perhaps what was there at first.
    fn found_or_left(&mut self, at: &str, was: Dd, left: &Left, (at_first, still): (bool, &'static str)) -> Dd {
        let Left::Made { dir, file, first } = left else { return self.no_longer(at, was, still) };
        let mut leaves = self.dds.leaves(was);
        if at_first {
            leaves.extend(first);
        }
        if !leaves.iter().all(|leaf| is_plain(self.names.cell(*leaf))) {
            return self.no_longer(at, was, still);
        }
        if *file {
            // Of a file that is written to while one looks, nobody knows the content.
            leaves.retain(|leaf| !matches!(self.names.cell(*leaf), Cell::File(_)));
            let content = self.number();
            let content = self.names.unknown(HoleKey::Fresh(content, "what another branch has written"));
            leaves.push(self.names.leaf(Cell::File(content)));
        }
        if *dir {
            leaves.push(self.names.leaf(Cell::Dir));
        }
        leaves.sort_unstable();
        leaves.dedup();
        let selectors: Vec<Dd> = leaves.iter().skip(1).map(|_| self.fresh(still)).collect();
        self.one_of(&leaves, &selectors)
    }

    /// Anything, in place of what stood there. It has nothing to do with what is above, which may be something else by now: that would
    /// add up on long paths. Links that stood there may still do.
    fn no_longer(&mut self, at: &str, was: Dd, still: &'static str) -> Dd {
        let epoch = self.moment();
        let other = self.origin(epoch, at);
        let link = self.where_cell(was, |cell| matches!(cell, Cell::Link(_)));
        if link.is_false() {
            return other;
        }
        let still = self.fresh(still);
        let stays = self.dds.and(link, still);
        self.either(stays, was, other, Dd::TRUE)
    }

    /// The same for the unmentioned entries of a directory.
    pub(crate) fn rest_as_found(&mut self, dir: &str, rest: Dd) -> Dd {
        if let Some(reads) = &mut self.reads {
            reads.rests.insert(dir.into());
        }
        if !(self.unsteady.has_rest(dir) || self.company.has_rest(dir, self.links_made)) {
            return rest;
        }
        let epoch = self.moment();
        self.cell(Cell::From(epoch, dir.into()))
    }

    /// May somebody else be changing what is at a path, or above?
    pub(crate) fn is_changed_by_others(&self, path: &str) -> bool {
        let by_company =
            |at: &str| self.company.has_rest(at, self.links_made) || self.company.has_entry(at, self.links_made);
        self.unsteady.covers(path) || path::ancestors(path).chain([path]).any(by_company)
    }

    /// May another branch be changing what is there, or above?
    pub(crate) fn is_met_by_branches(&self, path: &str) -> bool {
        self.reads.is_some() && self.unsteady.covers(path)
    }

    /// May somebody else be changing what is in a directory?
    pub(crate) fn is_unsteady(&self, dir: &str) -> bool {
        self.unsteady.has_beneath(dir)
    }

    /// The same of which entries are in the directories that somebody enters from there, whatever is in a file.
    pub(crate) fn is_listing_unsteady(&self, root: &str, is_entered: &dyn Fn(&str) -> bool) -> bool {
        let (entries, rests) = (&self.unsteady.entries, &self.unsteady.rests);
        let is_listed = |at: &Rc<str>| path::within(at, root) && is_entered(path::parent(at));
        self.unsteady.has_rest(root)
            || entries.keys().any(|at| **at == *root || is_listed(at))
            || rests.iter().any(|dir| path::within(dir, root) && is_entered(dir))
    }

    /// The entries beneath a directory that somebody else may be changing, or putting there.
    pub(crate) fn unsteady_beneath(&self, dir: &str) -> Vec<Rc<str>> {
        let others = self.company.others.iter().map(|other| &other.unsteady);
        let all = std::iter::once(&self.unsteady).chain(others);
        let entries = all.flat_map(|unsteady| unsteady.entries.keys().chain(&unsteady.contents));
        entries.filter(|at| &***at != dir && path::within(at, dir)).cloned().collect()
    }

    /// The same for what is on PATH.
    pub(crate) fn unsteady_bins(&mut self) -> Option<Dd> {
        if let Some(reads) = &mut self.reads {
            reads.bins = true;
        }
        (self.unsteady.bins || self.company.bins(self.links_made)).then(|| {
            let epoch = self.names.take_number();
            self.cell(Cell::Bins(epoch))
        })
    }

    /// The same for what is installed.
    pub(crate) fn unsteady_packages(&mut self) -> Option<Dd> {
        if let Some(reads) = &mut self.reads {
            reads.packages = true;
        }
        (self.unsteady.packages || self.company.packages(self.links_made)).then(|| self.no_packages_known())
    }

    /// Nobody knows what is at the unsteady places once all branches have ended.
    fn after_branches(&mut self, flows: Flows<Symbolic>, unsteady: &Unsteady) -> Flows<Symbolic> {
        flows.filter_map(|mut world| {
            self.no_longer_known(&mut world.host, unsteady);
            self.stored_by_any(&mut world, &unsteady.stored);
            Some(world)
        })
    }

    /// What any number of branches make and do nothing else to is steady. But who goes on has none of it: another may have made it.
    fn made_by_any(&mut self, flows: Flows<Symbolic>, made: &BTreeSet<Rc<str>>) -> Flows<Symbolic> {
        flows.filter_map(|mut world| {
            world.host = made.iter().fold(world.host, |host, dir| self.perhaps_made(host, dir));
            Some(world)
        })
    }

    /// From now on, a program that works there may change that at any time.
    pub(crate) fn has_company(&mut self, unsteady: Unsteady, workplace: String) {
        self.company.joins(unsteady, workplace, self.links_made);
    }

    /// Who is there, and how many links have been made that matter to them.
    pub(crate) fn company_and_links(&self) -> (usize, usize) {
        let count = self.company.count();
        (count, if count == 0 { 0 } else { self.links_made })
    }

    /// Where a run ends, nobody knows how far those have come that nobody has waited for.
    pub fn when_all_has_ended(&mut self, flows: Flows<Symbolic>) -> Flows<Symbolic> {
        let unsteady = std::mem::take(&mut self.company).unsteady(self.links_made);
        if unsteady == Unsteady::default() {
            return flows;
        }
        flows.filter_map(|mut world| {
            self.no_longer_known(&mut world.host, &unsteady);
            Some(world)
        })
    }

    /// Nobody knows what is at these places from now on.
    pub(crate) fn no_longer_known(&mut self, host: &mut Host, unsteady: &Unsteady) {
        for dir in &unsteady.rests {
            self.scramble(host, dir);
        }
        for at in &unsteady.contents {
            let now = self.entry(host, at);
            let now = self.with_other_content(now);
            host.put(Rc::clone(at), now);
        }
        for at in unsteady.entries.keys() {
            self.unknown_from_now(host, at, &unsteady.left_at(at));
        }
        for at in self.taken_at_once.iter().filter(|at| unsteady.covers(at)) {
            host.modes.insert(Rc::clone(at), Mode::Perhaps);
        }
        if unsteady.bins {
            self.bins_change(host);
        }
        if unsteady.packages {
            self.packages_unknown(host);
        }
    }

    /// Whoever is around has looked where these have.
    pub(crate) fn also_looked(&mut self, prints: &[Footprint]) {
        if let Some(reads) = &mut self.reads {
            prints.iter().for_each(|print| reads.add(print.reads.clone()));
        }
        prints.iter().for_each(|print| self.dealings.add(&print.stored));
    }

    fn unknown_from_now(&mut self, host: &mut Host, at: &Rc<str>, left: &Left) {
        let was = self.entry(host, at);
        let was = self.simplified(was, host.pc);
        // Where none of them has done anything, that stands here still.
        let found = self.found_or_left(at, was, left, (false, "it is what one of them has left"));
        let parent = self.entry(host, path::parent(at));
        let parent_is_dir = self.where_cell(parent, |cell| matches!(cell, Cell::Dir));
        let absent = self.cell(Cell::Absent);
        let now = self.either(parent_is_dir, found, absent, host.pc);
        host.put(Rc::clone(at), now);
    }
}

/// Whether that is nothing, a directory or a file.
fn is_plain(cell: &Cell) -> bool {
    matches!(cell, Cell::Absent | Cell::Dir | Cell::File(_))
}
