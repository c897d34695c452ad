//! What is known of a host during a run, and how it is read.
//!
//! A [`Host`] holds a cell for each path that has been mentioned and, per directory, one for all
//! entries that have not (its *rest*). Cells are diagrams, so a host is what is known of many hosts at once; its path
//! condition says on which runs.
//!
//! **Calls.** A callee starts from a host in which nothing is written: every cell means "as before the call". Reading such a
//! cell asks the caller's host, simplified by the caller's path condition, and notes the answer. Two calls
//! that would get the same answers to all questions that a callee has asked have the same outcome.
//!
//! **Invariant.** A cell for a path below something that is not a directory is `Absent`.

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet};
use perch_diagram::{Atom, Dd, Diagrams, Leaf};
use perch_policy::path;
use rustc_hash::FxHashMap;

use crate::Symbolic;
use crate::cells::{AtomKey, Cell, Epoch, HoleKey, Means, Origin, Touch};
use crate::facts::Stated;
use crate::perform::modes::{self, Modes};

/// What is known of a host on the runs of its path condition. Hosts are copied wherever runs part, and handed on by every statement; few of
/// the copies are changed. So all share what is known until then.
#[derive(Clone)]
pub struct Host {
    /// On which runs.
    pub pc: Dd,
    pub(crate) known: Rc<Known>,
}

/// What is known on those runs.
#[derive(Clone)]
pub struct Known {
    /// What stands at mentioned paths.
    pub entries: Entries,
    /// What the other entries of directories are.
    pub rests: OrdMap<Rc<str>, Dd>,
    /// What is on PATH.
    pub bins: Dd,
    /// Which packages are installed.
    pub packages: Dd,
    /// How much time has passed at least, in nanoseconds: what was slept since the start, or since the call.
    pub slept: Dd,
    /// What has been put anywhere since the start, the call, or the branch.
    pub(crate) written: Places,
    /// Directories that the branch which runs has made sure of, and done nothing else to.
    pub(crate) made_sure: OrdSet<Rc<str>>,
    /// The modes that ops have set of what still stands there.
    pub(crate) modes: Modes,
    /// All of these runs are known to have been mended: what they put anywhere no run really does.
    pub(crate) mended: bool,
}

impl Deref for Host {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.known
    }
}

impl DerefMut for Host {
    fn deref_mut(&mut self) -> &mut Known {
        Rc::make_mut(&mut self.known)
    }
}

/// Paths and what stands there.
pub type Entries = OrdMap<Rc<str>, Dd>;

/// What was done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A directory was made there, if there was none.
    MadeSure,
    /// The rights of what is there were changed.
    Rights,
    /// A file was put there, or its content changed. Where there was one before, there was one all the time.
    File,
    /// Anything else.
    Anything,
}

impl Deed {
    /// This was done, and the other: before it, after it or in other runs.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Rights, Self::File) | (Self::File, Self::Rights) => Self::File,
            _ => Self::Anything,
        }
    }
}

/// Paths at which something was done, and directories in which something was done at any path.
#[derive(Clone, Default)]
pub(crate) struct Places {
    entries: OrdMap<Rc<str>, Deed>,
    /// Where a directory was made, nothing was in it before.
    rests: OrdMap<Rc<str>, Deed>,
    /// And what is installed: it may be again what it was, and have been something else in between.
    pub(crate) packages: bool,
}

impl Places {
    pub(crate) fn has(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    pub(crate) fn has_rest(&self, dir: &str) -> bool {
        self.rests.contains_key(dir)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Rc<str>> {
        self.entries.keys()
    }

    pub(crate) fn rests(&self) -> impl Iterator<Item = &Rc<str>> {
        self.rests.keys()
    }

    /// What was done at a path, if anything was.
    pub(crate) fn deed(&self, path: &str) -> Option<Deed> {
        self.entries.get(path).copied()
    }

    /// The directories in which more was done than that they were made.
    pub(crate) fn changed_rests(&self) -> impl Iterator<Item = &Rc<str>> {
        self.rests.iter().filter(|(_, deed)| **deed != Deed::MadeSure).map(|(dir, _)| dir)
    }

    /// Whether a path is one of them, or beneath one.
    pub(crate) fn cover(&self, path: &str) -> bool {
        let mut above = path::ancestors(path).chain([path]);
        above.any(|at| self.has(at) || self.has_rest(at))
    }

    /// The same, where a directory above of which only the rights were changed does not count: what is in it is what it was.
    pub(crate) fn cover_more_than_rights(&self, path: &str) -> bool {
        let is_put = |at: &str| self.has_rest(at) || self.deed(at).is_some_and(|deed| deed != Deed::Rights);
        self.has(path) || self.has_rest(path) || path::ancestors(path).any(is_put)
    }

    /// Whether a file that was at a path is there still, perhaps with another content.
    pub(crate) fn leave_file(&self, at: &str) -> bool {
        let is_put = |above: &str| self.has_rest(above) || self.deed(above).is_some_and(|deed| deed != Deed::Rights);
        !path::ancestors(at).any(is_put) && !matches!(self.deed(at), Some(Deed::MadeSure | Deed::Anything))
    }

    pub(crate) fn add(&mut self, path: Rc<str>, deed: Deed) {
        let all = self.deed(&path).map_or(deed, |before| before.and(deed));
        self.entries.insert(path, all);
    }

    pub(crate) fn add_rest(&mut self, dir: Rc<str>, deed: Deed) {
        let all = self.rests.get(&dir).map_or(deed, |before| before.and(deed));
        self.rests.insert(dir, all);
    }

    /// Nothing was done there after all.
    pub(crate) fn forget(&mut self, path: &str) {
        self.entries.remove(path);
    }

    /// Those of both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            entries: self.entries.union_with(other.entries, Deed::and),
            rests: self.rests.union_with(other.rests, Deed::and),
            packages: self.packages || other.packages,
        }
    }

    /// The directories that have been made, or were there, and to which nothing else has been done. Those above come first.
    pub(crate) fn only_made(&self) -> BTreeSet<Rc<str>> {
        let made = self.entries.iter().filter(|(_, deed)| **deed == Deed::MadeSure);
        made.map(|(at, _)| Rc::clone(at)).collect()
    }
}

impl Host {
    pub(crate) fn new(pc: Dd, known: Known) -> Self {
        Self { pc, known: Rc::new(known) }
    }

    /// Whether the same is known on the runs of both, because neither has been changed since they parted.
    fn is_as_known_as(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.known, &other.known)
    }

    /// The paths at which something may have been put since a run began that began there.
    #[must_use]
    pub fn put_since(&self, start: &Self) -> BTreeSet<Rc<str>> {
        let entries = self
            .written
            .entries()
            .filter(|path| !start.written.has(path) || start.entries.get(*path) != self.entries.get(*path));
        let rests = self
            .written
            .rests()
            .filter(|dir| !start.written.has_rest(dir) || start.rests.get(*dir) != self.rests.get(*dir));
        entries.chain(rests).cloned().collect()
    }

    /// From now on that stands there.
    pub(crate) fn put(&mut self, path: impl Into<Rc<str>>, cell: Dd) {
        let path = path.into();
        self.changes(&path);
        self.put_by(path, cell, Deed::Anything);
    }

    /// The same, by that deed.
    fn put_by(&mut self, path: Rc<str>, cell: Dd, deed: Deed) {
        self.forget_modes(&path);
        if !self.mended {
            self.written.add(Rc::clone(&path), deed);
        }
        self.entries.insert(path, cell);
    }

    /// What was put there just now is a file. That is what was done `before`.
    pub(crate) fn put_was_file(&mut self, path: &str, before: &Places) {
        if !self.mended {
            self.written.forget(path);
            before.deed(path).into_iter().chain([Deed::File]).for_each(|deed| self.written.add(path.into(), deed));
        }
    }

    /// Nobody makes sure any more of what is there, and beneath.
    fn changes(&mut self, path: &str) {
        if self.made_sure.iter().any(|dir| path::within(dir, path)) {
            self.made_sure = self.made_sure.iter().filter(|dir| !path::within(dir, path)).cloned().collect();
        }
    }

    /// From now on the other entries of that directory are those.
    pub(crate) fn put_rest(&mut self, dir: impl Into<Rc<str>>, rest: Dd) {
        let dir = dir.into();
        self.changes(&dir);
        self.put_rest_by(dir, rest, Deed::Anything);
    }

    /// The same, by that deed.
    fn put_rest_by(&mut self, dir: Rc<str>, rest: Dd, deed: Deed) {
        self.forget_modes(&dir);
        if !self.mended {
            self.written.add_rest(Rc::clone(&dir), deed);
        }
        self.rests.insert(dir, rest);
    }

    /// Something else may stand there from now on, or beneath.
    fn forget_modes(&mut self, path: &str) {
        if self.modes.keys().any(|at| path::within(at, path)) {
            self.modes.retain(|at, _| !path::within(at, path));
        }
    }
}

/// A call that is being evaluated: the caller's host, and what has been asked of it.
pub(crate) struct Level {
    pub(crate) outer: Host,
    pub(crate) asked: Vec<(Question, Answer)>,
    known: FxHashMap<Question, Answer>,
}

impl Level {
    pub(crate) fn new(outer: Host) -> Self {
        Self { outer, asked: Vec::new(), known: FxHashMap::default() }
    }
}

/// A question that a callee asks about the world around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Entry(Rc<str>),
    /// The same of what an op asks that only makes sure of a directory.
    MakesSure(Rc<str>),
    Rest(Rc<str>),
    Bins,
    Packages,
    /// How much of a condition or value is decided.
    Decided(Dd),
    /// Which paths below have cells.
    Mentioned(Rc<str>),
    /// Which paths at or below may be links.
    Links(Rc<str>),
    /// Everywhere if nothing has been put at a path since the start, nor above.
    Untouched(Rc<str>),
    /// That the file at a path is started.
    Starts(Rc<str>),
    /// Where that deadline has passed when so much was slept since the start of the call.
    Passed(usize, Dd),
    /// When it passes, counted from the start of the call.
    Moment(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Cell(Dd),
    Paths(Rc<[Rc<str>]>),
}

impl Symbolic {
    /// The host at the start of the run.
    pub(crate) fn first_host(&mut self) -> Host {
        let mut entries = OrdMap::new();
        let mut rests = OrdMap::new();
        let root = self.cell(Cell::From(0, "/".into()));
        rests.insert(Rc::from("/"), root);
        for (path, stated) in self.facts.files.clone() {
            let cell = self.start_entry(&path);
            // A directory's own entries do not follow from those of the directory that it is in.
            let rest = match stated {
                Stated::Dir { closed: true } => Some(Cell::Empty),
                Stated::Dir { closed: false } | Stated::There => Some(Cell::From(0, path.as_str().into())),
                _ => None,
            };
            if let Some(rest) = rest {
                let rest = self.cell(rest);
                rests.insert(path.as_str().into(), rest);
            }
            entries.insert(path.as_str().into(), cell);
        }
        let bins = self.cell(Cell::Bins(0));
        let packages = self.packages_at_start();
        let slept = self.known_text("0");
        let (written, modes) = (Places::default(), Modes::new());
        let made_sure = OrdSet::new();
        Host::new(Dd::TRUE, Known { entries, rests, bins, packages, slept, written, made_sure, modes, mended: false })
    }

    /// What stood at a path at the start, given that a directory was above it.
    pub(crate) fn start_entry(&mut self, path: &str) -> Dd {
        let Some(stated) = self.facts.files.get(path).cloned() else { return self.origin(0, path) };
        match stated {
            Stated::Absent => self.cell(Cell::Absent),
            Stated::There => self.file_or_directory(0, path),
            Stated::File(content) => {
                let content = match content {
                    Some(text) => self.names.text(&text),
                    None => self.names.unknown(HoleKey::Content(0, path.into())),
                };
                self.cell(Cell::File(content))
            }
            Stated::Dir { .. } => self.cell(Cell::Dir),
            Stated::Link(target) => {
                let target = self.names.text(&target);
                self.cell(Cell::Link(target))
            }
            Stated::LinkSomewhere => {
                let target = self.names.unknown(HoleKey::Target(0, path.into()));
                self.cell(Cell::Link(target))
            }
        }
    }

    /// The host at the start of a callee, which knows what modes were set before.
    pub(crate) fn callee_host(&mut self, modes: Modes) -> Host {
        let before = self.cell(Cell::Before);
        let slept = self.known_text("0");
        let rests = OrdMap::unit(Rc::from("/"), before);
        let (bins, packages, mended) = (before, before, false);
        let (entries, written) = (OrdMap::new(), Places::default());
        let made_sure = OrdSet::new();
        let known = Known { entries, rests, bins, packages, slept, written, made_sure, modes, mended };
        Host::new(Dd::TRUE, known)
    }

    /// The constant diagram of a cell.
    pub(crate) fn cell(&mut self, cell: Cell) -> Dd {
        let leaf = self.names.leaf(cell);
        self.dds.leaf(leaf)
    }

    fn atom(&mut self, key: AtomKey) -> Dd {
        let atom = self.names.atom(key);
        self.dds.atom(atom)
    }

    fn file_or_directory(&mut self, epoch: Epoch, path: &str) -> Dd {
        let Origin { is_dir, file, .. } = self.names.origin(epoch, path);
        let (is_dir, file) = (self.dds.atom(is_dir), self.dds.leaf(file));
        let dir = self.cell(Cell::Dir);
        self.dds.ite(is_dir, dir, file)
    }

    /// What stands at an unmentioned path at some moment, given that a directory is above it. No link, unless the run has
    /// made one at a path that is not known: that there are no others is a printed assumption.
    pub(crate) fn origin(&mut self, epoch: Epoch, path: &str) -> Dd {
        if epoch == 0 && self.names.is_new(path) {
            // Nobody had that name before it was made up.
            return self.cell(Cell::Absent);
        }
        let there = self.names.origin(epoch, path).there;
        let there = self.dds.atom(there);
        let mut something = self.file_or_directory(epoch, path);
        if self.names.is_linked(epoch) {
            let path: Rc<str> = path.into();
            let is_link = self.atom(AtomKey::IsLink(epoch, Rc::clone(&path)));
            let target = self.names.unknown(HoleKey::Target(epoch, path));
            let link = self.cell(Cell::Link(target));
            something = self.dds.ite(is_link, link, something);
        }
        let absent = self.cell(Cell::Absent);
        self.dds.ite(there, something, absent)
    }

    /// A moment from which on something is unknown. Once a link may have been made anywhere, it may be there for good.
    pub(crate) fn moment(&mut self) -> Epoch {
        let epoch = self.number();
        if self.names.any_linked() {
            self.names.set_linked(epoch);
        }
        epoch
    }

    /// From now on links may be anywhere.
    pub(crate) fn links_anywhere(&mut self) {
        let epoch = self.names.take_number();
        self.names.set_linked(epoch);
    }

    /// What stands at a path.
    pub(crate) fn entry(&mut self, host: &Host, path: &str) -> Dd {
        let level = self.levels.len();
        self.entry_at(level, host, path)
    }

    fn entry_at(&mut self, level: usize, host: &Host, path: &str) -> Dd {
        let cell = self.raw_entry_at(level, host, path);
        let question = self.about_entry(path);
        let cell = self.filled(level, cell, || question);
        self.as_found(host, path, cell)
    }

    /// What is asked outside of a call about an entry.
    fn about_entry(&self, path: &str) -> Question {
        if self.makes_sure { Question::MakesSure(path.into()) } else { Question::Entry(path.into()) }
    }

    /// The same, with `Before` where the call has not changed it.
    fn raw_entry_at(&mut self, level: usize, host: &Host, path: &str) -> Dd {
        if let Some(cell) = host.entries.get(path) {
            return *cell;
        }
        if path == "/" {
            return self.cell(Cell::Dir);
        }
        self.found_at(host, path, |this| this.unmentioned_entry_at(level, host, path))
    }

    /// The same where nothing has been put.
    fn unmentioned_entry_at(&mut self, level: usize, host: &Host, path: &str) -> Dd {
        let dir = path::parent(path);
        let rest = self.raw_rest(host, dir);
        let before = self.cell(Cell::Before);
        if rest == before {
            return before;
        }
        // Nothing is in a directory that somebody else may have just made, so that makes no difference here.
        let makes_sure = self.makes_sure;
        self.makes_sure |= self.reads.is_some();
        let parent = self.entry_at(level, host, dir);
        self.makes_sure = makes_sure;
        let parent_is_dir = self.where_cell(parent, |cell| matches!(cell, Cell::Dir));
        let absent = self.cell(Cell::Absent);
        let cell = self.map(rest, |this, leaf| match this.names.cell(leaf) {
            Cell::Before => before,
            _ => {
                let there = this.unmentioned(level, leaf, path);
                this.dds.ite(parent_is_dir, there, absent)
            }
        });
        // What is above is in it, and what is above that: on long paths that adds up.
        if self.dds.exceeds(cell, self.limits().read) { self.within_budget(cell) } else { cell }
    }

    /// What stands at an unmentioned path by what its directory's rest says, given that that is a directory.
    fn unmentioned(&mut self, level: usize, rest: Leaf, path: &str) -> Dd {
        match self.names.cell(rest).clone() {
            Cell::From(epoch, base) if *base == *path::parent(path) => self.origin(epoch, path),
            Cell::From(epoch, base) => self.origin(epoch, &path::join(&base, path::base(path))),
            Cell::Touched(epoch, touch, rest) => {
                let was = self.unmentioned(level, rest, path);
                self.touched(was, epoch, touch, path)
            }
            Cell::Before if level > 0 => match self.ask_outside(level, self.about_entry(path)) {
                Answer::Cell(cell) => cell,
                Answer::Paths(_) => self.cell(Cell::Absent),
            },
            _ => self.cell(Cell::Absent),
        }
    }

    /// What the unmentioned entries of a directory are.
    pub(crate) fn rest(&mut self, host: &Host, dir: &str) -> Dd {
        let level = self.levels.len();
        self.rest_at(level, host, dir)
    }

    fn rest_at(&mut self, level: usize, host: &Host, dir: &str) -> Dd {
        let rest = self.raw_rest(host, dir);
        let rest = self.filled(level, rest, || Question::Rest(dir.into()));
        self.rest_as_found(dir, rest)
    }

    pub(crate) fn raw_rest(&mut self, host: &Host, dir: &str) -> Dd {
        if let Some(rest) = host.rests.get(dir) {
            return *rest;
        }
        let (above, name) = (path::parent(dir), path::base(dir));
        let rest = self.raw_rest(host, above);
        self.map(rest, |this, leaf| {
            let beneath = this.beneath(leaf, name);
            this.dds.leaf(beneath)
        })
    }

    /// What a rest says of the entries of an entry.
    fn beneath(&mut self, rest: Leaf, name: &str) -> Leaf {
        match self.names.cell(rest).clone() {
            Cell::From(epoch, base) => self.names.leaf(Cell::From(epoch, path::join(&base, name).into())),
            Cell::Touched(epoch, touch, rest) => {
                let rest = self.beneath(rest, name);
                self.names.leaf(Cell::Touched(epoch, touch, rest))
            }
            _ => rest,
        }
    }

    /// What is on PATH.
    pub(crate) fn bins(&mut self, host: &Host) -> Dd {
        let level = self.levels.len();
        self.bins_at(level, host)
    }

    fn bins_at(&mut self, level: usize, host: &Host) -> Dd {
        if let Some(unsteady) = self.unsteady_bins() {
            return unsteady;
        }
        self.filled(level, host.bins, || Question::Bins)
    }

    /// Which packages are installed.
    pub(crate) fn packages(&mut self, host: &Host) -> Dd {
        let level = self.levels.len();
        self.packages_at(level, host)
    }

    fn packages_at(&mut self, level: usize, host: &Host) -> Dd {
        if let Some(unsteady) = self.unsteady_packages() {
            return unsteady;
        }
        self.filled(level, host.packages, || Question::Packages)
    }

    /// What a callee has made of a path, over the cell that its caller has: if that says `Before` too, so does the outcome,
    /// and nothing is asked.
    pub(crate) fn laid_over_entry(&mut self, inner: &Host, outer: &Host, path: &str) -> Dd {
        let level = self.levels.len();
        let cell = self.raw_entry_at(level, inner, path);
        let below = self.raw_entry_at(level - 1, outer, path);
        let before = self.names.leaf(Cell::Before);
        let effort = self.limits().effort;
        let lay = |dds: &mut Diagrams, of: &[Dd]| dds.map_to(of[0], before, of[1]);
        let (Ok(laid) | Err(laid)) = self.made(effort, &[cell, below], lay, |dds| {
            let own = dds.leaves(cell).into_iter().filter(|leaf| *leaf != before);
            own.chain(dds.leaves(below)).collect()
        });
        laid
    }

    /// The same for the unmentioned entries of a directory.
    pub(crate) fn laid_over_rest(&mut self, inner: &Host, outer: &Host, dir: &str) -> Dd {
        let rest = self.raw_rest(inner, dir);
        let below = self.raw_rest(outer, dir);
        self.over(rest, below)
    }

    /// `cell` with `below` in place of `Before`.
    pub(crate) fn over(&mut self, cell: Dd, below: Dd) -> Dd {
        if !self.says_before(cell) {
            return cell;
        }
        self.map(cell, |this, leaf| this.with_below(leaf, below))
    }

    /// A leaf with `below` in place of `Before`.
    fn with_below(&mut self, leaf: Leaf, below: Dd) -> Dd {
        match *self.names.cell(leaf) {
            Cell::Before => below,
            Cell::Touched(epoch, touch, rest) => {
                let rest = self.with_below(rest, below);
                self.map(rest, |this, leaf| this.cell(Cell::Touched(epoch, touch, leaf)))
            }
            _ => self.dds.leaf(leaf),
        }
    }

    /// Does it hang on what was before the call?
    fn says_before(&self, cell: Dd) -> bool {
        self.dds.leaves(cell).into_iter().any(|leaf| self.is_before(leaf))
    }

    fn is_before(&self, leaf: Leaf) -> bool {
        match *self.names.cell(leaf) {
            Cell::Before => true,
            Cell::Touched(_, _, rest) => self.is_before(rest),
            _ => false,
        }
    }

    /// `cell` with what was before the call in place of `Before`.
    fn filled(&mut self, level: usize, cell: Dd, question: impl FnOnce() -> Question) -> Dd {
        if level == 0 || !self.says_before(cell) {
            return cell;
        }
        let Answer::Cell(outer) = self.ask_outside(level, question()) else { return cell };
        self.over(cell, outer)
    }

    /// Asks about the world around call number `level`, and notes the answer.
    pub(crate) fn ask_outside(&mut self, level: usize, question: Question) -> Answer {
        if let Some(known) = self.levels[level - 1].known.get(&question) {
            return known.clone();
        }
        let outer = self.levels[level - 1].outer.clone();
        let answer = self.kept(|this| this.answer(level - 1, &outer, &question));
        let asked = &mut self.levels[level - 1];
        asked.known.insert(question.clone(), answer.clone());
        asked.asked.push((question, answer.clone()));
        answer
    }

    /// What a callee of `host`, itself at `level`, gets to know.
    pub(crate) fn answer(&mut self, level: usize, host: &Host, question: &Question) -> Answer {
        let cell = match question {
            Question::Entry(path) => self.entry_at(level, host, path),
            Question::MakesSure(path) => {
                let makes_sure = std::mem::replace(&mut self.makes_sure, true);
                let cell = self.entry_at(level, host, path);
                self.makes_sure = makes_sure;
                cell
            }
            Question::Rest(dir) => self.rest_at(level, host, dir),
            Question::Bins => self.bins_at(level, host),
            Question::Packages => self.packages_at(level, host),
            Question::Decided(dd) => self.decided_at(level, *dd),
            Question::Mentioned(root) => return Answer::Paths(self.mentioned_at(level, host, root).into()),
            Question::Links(root) => return Answer::Paths(self.links_at(level, host, root).into()),
            Question::Untouched(path) if self.is_untouched_at(level, host, path) => return Answer::Cell(Dd::TRUE),
            Question::Untouched(_) => return Answer::Cell(Dd::FALSE),
            Question::Starts(path) => {
                self.starts_at(level, path);
                return Answer::Cell(Dd::TRUE);
            }
            Question::Passed(deadline, slept) => {
                let slept = self.slept_together(host.slept, *slept);
                self.passed_at(level, *deadline, slept)
            }
            Question::Moment(deadline) => self.moment_in_callee(level, host, *deadline),
        };
        Answer::Cell(self.simplified(cell, host.pc))
    }

    /// A value or condition, as far as the callers' path conditions decide it.
    pub(crate) fn decided(&mut self, dd: Dd) -> Dd {
        let level = self.levels.len();
        self.decided_at(level, dd)
    }

    fn decided_at(&mut self, level: usize, dd: Dd) -> Dd {
        if level == 0 || self.dds.as_leaf(dd).is_some() {
            return dd;
        }
        match self.ask_outside(level, Question::Decided(dd)) {
            Answer::Cell(decided) => decided,
            Answer::Paths(_) => dd,
        }
    }

    /// The paths beneath `root` (not `root` itself) that have cells or that others may be changing, with the directories between.
    pub(crate) fn mentioned(&mut self, host: &Host, root: &str) -> Vec<Rc<str>> {
        let level = self.levels.len();
        self.mentioned_at(level, host, root)
    }

    fn mentioned_at(&mut self, level: usize, host: &Host, root: &str) -> Vec<Rc<str>> {
        let mut paths: Vec<Rc<str>> = beneath(&host.entries, root);
        paths.extend(beneath(&host.rests, root));
        paths.extend(self.unsteady_beneath(root));
        if level > 0
            && let Answer::Paths(outer) = self.ask_outside(level, Question::Mentioned(root.into()))
        {
            paths.extend(outer.iter().cloned());
        }
        let between: Vec<Rc<str>> = paths
            .iter()
            .flat_map(|path| path::ancestors(path))
            .filter(|dir| dir.len() > root.len() && path::within(dir, root))
            .map(Rc::from)
            .collect();
        paths.extend(between);
        paths.sort();
        paths.dedup();
        paths
    }

    /// What stands at paths beneath a directory that only the caller has mentioned is known by their names from now on: the other entries of the
    /// directory may become anything, those are what they are.
    pub(crate) fn keep_mentioned(&mut self, host: &mut Host, dir: &str) {
        let level = self.levels.len();
        for path in self.mentioned_at(level, host, dir) {
            if !host.entries.contains_key(&path) {
                let there = self.raw_entry_at(level, host, &path);
                host.entries.insert(path, there);
            }
        }
    }

    /// The paths at `root` and beneath that may be links.
    pub(crate) fn links(&mut self, host: &Host, root: &str) -> Vec<Rc<str>> {
        let level = self.levels.len();
        self.links_at(level, host, root)
    }

    /// Whether there may be any of them.
    pub(crate) fn may_hold_links(&mut self, host: &Host, root: &str) -> bool {
        self.names.any_linked() || !self.knows_of_no_link() && !self.links(host, root).is_empty()
    }

    /// Asks for no more than that, so that a callee does not come to hang on what the cells hold otherwise.
    fn links_at(&mut self, level: usize, host: &Host, root: &str) -> Vec<Rc<str>> {
        let outer: Vec<Rc<str>> = match level {
            0 => Vec::new(),
            _ => match self.ask_outside(level, Question::Links(root.into())) {
                Answer::Paths(paths) => paths.to_vec(),
                Answer::Cell(_) => Vec::new(),
            },
        };
        let own = beneath(&host.entries, root).into_iter().chain([Rc::from(root)]);
        let mut links: Vec<Rc<str>> = Vec::new();
        for path in own.chain(outer.iter().cloned()) {
            let leaves = match host.entries.get(&path) {
                Some(cell) => self.dds.leaves(*cell),
                None => {
                    let rest = self.raw_rest(host, path::parent(&path));
                    // A link that was there before the call is gone if its directory has been emptied.
                    self.dds.leaves(rest)
                }
            };
            let is = leaves.iter().any(|leaf| {
                matches!(self.names.cell(*leaf), Cell::Link(_)) || (self.is_before(*leaf) && outer.contains(&path))
            });
            if is {
                links.push(path);
            }
        }
        links.sort();
        links.dedup();
        links
    }

    /// Where a cell is of some kind.
    pub(crate) fn where_cell(&mut self, dd: Dd, is: impl Fn(&Cell) -> bool) -> Dd {
        let names = &self.names;
        self.dds.matching(dd, &|leaf| is(names.cell(leaf)))
    }

    /// Replaces each leaf by a diagram, or if that grows too large, all by one that could be any of theirs.
    pub(crate) fn map(&mut self, dd: Dd, mut to: impl FnMut(&mut Self, Leaf) -> Dd) -> Dd {
        if let Some(leaf) = self.dds.as_leaf(dd) {
            return to(self, leaf);
        }
        let leaves = self.dds.leaves(dd);
        let images: Vec<Dd> = leaves.iter().map(|leaf| to(self, *leaf)).collect();
        let of: Vec<Dd> = [dd].into_iter().chain(images.iter().copied()).collect();
        let effort = self.limits().map_effort;
        let replace = |dds: &mut Diagrams, of: &[Dd]| {
            let images: FxHashMap<Leaf, Dd> = leaves.iter().copied().zip(of[1..].iter().copied()).collect();
            dds.map(of[0], &mut |leaf| images.get(&leaf).copied().unwrap_or(Dd::FALSE))
        };
        let (Ok(mapped) | Err(mapped)) =
            self.made(effort, &of, replace, |dds| images.iter().flat_map(|dd| dds.leaves(*dd)).collect());
        mapped
    }

    /// What `make` makes of these diagrams, or if that takes more new nodes than `effort`, one that could be any of these
    /// values, as an error.
    fn made(
        &mut self,
        effort: usize,
        of: &[Dd],
        make: impl Fn(&mut Diagrams, &[Dd]) -> Dd,
        values: impl FnOnce(&Diagrams) -> Vec<Leaf>,
    ) -> Result<Dd, Dd> {
        self.dds.attempt(effort, |dds| make(dds, of)).ok_or_else(|| {
            let less = self.any_of(values(&self.dds));
            let limit = self.limits().cell;
            self.unless_mended(of, less, make, |this, real| !this.dds.exceeds(real, limit))
        })
    }

    /// Replaces each leaf by a diagram, whatever that takes.
    pub(crate) fn map_exactly(&mut self, dd: Dd, mut to: impl FnMut(&mut Self, Leaf) -> Dd) -> Dd {
        let leaves = self.dds.leaves(dd);
        let images: FxHashMap<Leaf, Dd> = leaves.into_iter().map(|leaf| (leaf, to(self, leaf))).collect();
        self.dds.map(dd, &mut |leaf| images.get(&leaf).copied().unwrap_or(Dd::FALSE))
    }

    /// One host for the runs of both.
    pub(crate) fn join_hosts(&mut self, a: Host, b: Host) -> Host {
        let pc = self.dds.or(a.pc, b.pc);
        if self.is_exhausted() {
            let mended = a.mended && b.mended;
            let mut host = Host { pc: self.gist(pc), ..a };
            // What is forgotten counts as put, unless no real run is among them.
            host.mended = mended;
            self.forget_all(&mut host);
            return host;
        }
        if a.is_as_known_as(&b) {
            return Host { pc, ..a };
        }
        let cond = self.divide(a.pc, pc);
        let level = self.levels.len();
        let mut entries = a.entries.clone();
        for path in differing(&a.entries, &b.entries) {
            let here = self.raw_entry_at(level, &a, &path);
            let there = self.raw_entry_at(level, &b, &path);
            let joined = self.either(cond, here, there, pc);
            entries.insert(path, joined);
        }
        let mut rests = a.rests.clone();
        for dir in differing(&a.rests, &b.rests) {
            let here = self.raw_rest(&a, &dir);
            let there = self.raw_rest(&b, &dir);
            let joined = self.either(cond, here, there, pc);
            let joined = self.rest_within_budget(joined, &dir);
            rests.insert(dir, joined);
        }
        let bins = self.either(cond, a.bins, b.bins, pc);
        let packages = self.either(cond, a.packages, b.packages, pc);
        let slept = self.either(cond, a.slept, b.slept, pc);
        let written = a.written.clone().and(b.written.clone());
        let modes = modes::either(&a.modes, &b.modes);
        let mended = a.mended && b.mended;
        let made_sure = a.made_sure.clone().intersection(b.made_sure.clone());
        Host::new(pc, Known { entries, rests, bins, packages, slept, written, made_sure, modes, mended })
    }

    /// What tells the runs of `part` from the others of `whole`: often much less than all that is known of them.
    pub(crate) fn divide(&mut self, part: Dd, whole: Dd) -> Dd {
        let less = self.simplified(part, whole);
        if less != part && self.dds.size(less) < self.dds.size(part) { less } else { part }
    }

    /// `a` where `cond` holds and `b` elsewhere, as far as `care` cares.
    pub(crate) fn either(&mut self, cond: Dd, a: Dd, b: Dd, care: Dd) -> Dd {
        if a == b {
            return a;
        }
        let effort = self.limits().effort;
        let join = |dds: &mut Diagrams, of: &[Dd]| dds.ite(of[0], of[1], of[2]);
        let values = |dds: &Diagrams| [a, b].into_iter().flat_map(|dd| dds.leaves(dd)).collect();
        match self.made(effort, &[cond, a, b], join, values) {
            Ok(joined) => {
                let joined = self.simplified(joined, care);
                self.within_budget(joined)
            }
            Err(less) => less,
        }
    }

    /// What something is on real runs, if it does not hang on too many mended failures.
    pub(crate) fn really(&mut self, dd: Dd) -> Dd {
        let Some(ghosts) = self.ghosts_of(&[dd]) else { return dd };
        self.dds.substitute(dd, &mut |atom| ghosts.contains(&atom).then_some(Dd::FALSE))
    }

    /// The mended failures that these hang on, if there are some, and not too many.
    fn ghosts_of(&self, dds: &[Dd]) -> Option<Vec<Atom>> {
        let mut ghosts: Vec<Atom> = dds.iter().flat_map(|dd| self.dds.support(*dd)).collect();
        ghosts.retain(|atom| self.names.is_ghost(*atom));
        ghosts.sort_unstable();
        ghosts.dedup();
        (!ghosts.is_empty() && ghosts.len() <= MAX_GHOSTS).then_some(ghosts)
    }

    /// What says less than what `make` would make of these diagrams, where failures have been mended. On real runs it is that, if
    /// that is small enough there.
    pub(crate) fn unless_mended(
        &mut self,
        of: &[Dd],
        less: Dd,
        make: impl FnOnce(&mut Diagrams, &[Dd]) -> Dd,
        fits: impl Fn(&Self, Dd) -> bool,
    ) -> Dd {
        let Some(ghosts) = self.ghosts_of(of) else { return less };
        let mut unmended = |dd: &Dd| self.dds.substitute(*dd, &mut |atom| ghosts.contains(&atom).then_some(Dd::FALSE));
        let of: Vec<Dd> = of.iter().map(&mut unmended).collect();
        let effort = self.limits().effort;
        match self.dds.attempt(effort, |dds| make(dds, &of)) {
            Some(real) if fits(self, real) => {
                let mended = ghosts.into_iter().fold(Dd::FALSE, |mended, ghost| {
                    let ghost = self.dds.atom(ghost);
                    self.dds.or(mended, ghost)
                });
                self.dds.ite(mended, less, real)
            }
            _ => less,
        }
    }

    /// One of the values of either, it is not known which.
    pub(crate) fn any_of_both(&mut self, a: Dd, b: Dd) -> Dd {
        let leaves = [a, b].into_iter().flat_map(|dd| self.dds.leaves(dd)).collect();
        self.any_of(leaves)
    }

    /// The same wherever `care` holds, and smaller if that is easily found.
    pub(crate) fn simplified(&mut self, dd: Dd, care: Dd) -> Dd {
        let nodes = self.limits().effort;
        self.dds.attempt(nodes, |dds| dds.restrict(dd, care)).unwrap_or(dd)
    }

    /// The same cell, or one that says less if it has grown too large: which of its values it has is unknown from then on.
    pub(crate) fn within_budget(&mut self, cell: Dd) -> Dd {
        let limit = self.limits().cell;
        if !self.dds.exceeds(cell, limit) {
            return cell;
        }
        let less = self.weakened(cell);
        self.except_on_real_runs(cell, less, |this, real| !this.dds.exceeds(real, limit))
    }

    /// What says less than a cell, where failures have been mended. On real runs, it stays what it is if that is small enough.
    pub(crate) fn except_on_real_runs(&mut self, cell: Dd, less: Dd, fits: impl Fn(&Self, Dd) -> bool) -> Dd {
        self.unless_mended(&[cell], less, |_, of| of[0], fits)
    }

    /// The same entries, or if there are too many possibilities, some entries: everything beneath is read through this cell.
    pub(crate) fn rest_within_budget(&mut self, rest: Dd, dir: &str) -> Dd {
        let limits = self.limits();
        let few =
            |this: &Self, rest: Dd| this.dds.leaves(rest).len() <= limits.rests && !this.dds.exceeds(rest, limits.rest);
        if self.says_before(rest) || few(self, rest) {
            return rest;
        }
        let epoch = self.moment();
        let less = self.cell(Cell::From(epoch, dir.into()));
        self.except_on_real_runs(rest, less, few)
    }

    /// A cell of which only the possible values are known.
    pub(crate) fn weakened(&mut self, cell: Dd) -> Dd {
        let leaves = self.dds.leaves(cell);
        self.any_of(leaves)
    }

    /// One of these values, it is not known which.
    pub(crate) fn any_of(&mut self, mut leaves: Vec<Leaf>) -> Dd {
        leaves.sort_unstable();
        leaves.dedup();
        let few = leaves.len() <= self.limits().kept;
        let mut values: Vec<Leaf> = Vec::new();
        let mut kinds = Vec::new();
        for leaf in leaves {
            let kind = std::mem::discriminant(self.names.cell(leaf));
            if few
                || !matches!(
                    self.names.cell(leaf),
                    Cell::Text(_) | Cell::Template(_) | Cell::File(_) | Cell::Link(_) | Cell::Packages(_)
                )
            {
                values.push(leaf);
            } else if !kinds.contains(&kind) {
                kinds.push(kind);
                let general = self.generalised(leaf);
                values.push(general);
            }
        }
        let selectors: Vec<Dd> = values.iter().skip(1).map(|_| self.fresh("which of many values")).collect();
        self.one_of(&values, &selectors)
    }

    /// The first of these values whose selector holds, or the last. The diagram is smallest when selectors come in the order
    /// in which they were made.
    pub(crate) fn one_of(&mut self, values: &[Leaf], selectors: &[Dd]) -> Dd {
        let Some((last, others)) = values.split_last() else { return Dd::FALSE };
        let last = self.dds.leaf(*last);
        others.iter().zip(selectors).rev().fold(last, |chosen, (value, selector)| {
            let value = self.dds.leaf(*value);
            self.dds.ite(*selector, value, chosen)
        })
    }

    /// A condition, or an unknown in its place if it has grown too large.
    pub(crate) fn condition_within_budget(&mut self, cond: Dd) -> Dd {
        let limit = self.limits().cell;
        if !self.dds.exceeds(cond, limit) {
            return cond;
        }
        let less = self.fresh("a condition too large to be kept");
        self.except_on_real_runs(cond, less, |this, real| !this.dds.exceeds(real, limit))
    }

    /// The same for a condition that is made up again when it is asked for.
    pub(crate) fn reading_within_budget(&mut self, cond: Dd) -> Dd {
        if self.dds.exceeds(cond, self.limits().read) { self.condition_within_budget(cond) } else { cond }
    }

    /// The same condition, or an unknown in its place if it would divide the runs of `pc` in too intricate a way.
    pub(crate) fn short_of(&mut self, pc: Dd, cond: Dd) -> Dd {
        let limits = self.limits();
        let divided = self.dds.attempt(limits.effort, |dds| dds.minus(pc, cond));
        match divided {
            Some(divided) if !self.dds.exceeds(divided, 2 * limits.path_condition) => cond,
            Some(divided) if divided.is_false() || divided == pc => cond,
            _ => {
                let less = self.fresh("a condition too intricate to be kept");
                let limit = limits.path_condition;
                self.except_on_real_runs(cond, less, |this, real| !this.dds.exceeds(real, limit))
            }
        }
    }

    /// A leaf that stands for this one and others of its kind.
    fn generalised(&mut self, leaf: Leaf) -> Leaf {
        match self.names.cell(leaf) {
            Cell::Text(_) | Cell::Template(_) => {
                let number = self.number();
                self.names.unknown(HoleKey::Fresh(number, "one of many texts"))
            }
            Cell::Packages(_) => self.names.leaf(Cell::Packages(Rc::default())),
            Cell::Link(_) => {
                let number = self.number();
                let target = self.names.unknown(HoleKey::Fresh(number, "one of many targets"));
                self.names.leaf(Cell::Link(target))
            }
            Cell::File(_) => {
                let number = self.number();
                let content = self.names.unknown(HoleKey::Fresh(number, "one of many contents"));
                self.names.leaf(Cell::File(content))
            }
            _ => leaf,
        }
    }
}

/// Times that something has happened somewhere, before unmentioned entries are unknown.
const MAX_TOUCHES: usize = 3;

/// Mended failures that a cell may hang on and still be kept as it is on real runs.
const MAX_GHOSTS: usize = 16;

fn beneath(cells: &OrdMap<Rc<str>, Dd>, root: &str) -> Vec<Rc<str>> {
    let prefix: Rc<str> = if root == "/" { root.into() } else { format!("{root}/").into() };
    let below = cells.range(Rc::clone(&prefix)..).map(|(path, _)| path).take_while(|path| path.starts_with(&*prefix));
    below.filter(|path| path.len() > prefix.len()).cloned().collect()
}

fn differing(a: &OrdMap<Rc<str>, Dd>, b: &OrdMap<Rc<str>, Dd>) -> Vec<Rc<str>> {
    let keys = a.diff(b).map(|item| match item {
        DiffItem::Add(key, _) | DiffItem::Remove(key, _) => Rc::clone(key),
        DiffItem::Update { old, .. } => Rc::clone(old.0),
    });
    keys.collect()
}

// ---- changes ----------------------------------------------------------------------------------

impl Symbolic {
    /// Makes the path a directory; its entries stay if it was one, those too that only the caller has mentioned.
    pub(crate) fn put_dir(&mut self, host: &mut Host, path: &str) {
        let was = self.entry(host, path);
        let was_dir = self.where_cell(was, |cell| matches!(cell, Cell::Dir));
        if !self.dds.minus(host.pc, was_dir).is_false() {
            let rest = self.raw_rest(host, path);
            let empty = self.cell(Cell::Empty);
            let rest = self.dds.ite(was_dir, rest, empty);
            let rest = self.simplified(rest, host.pc);
            let rest = self.rest_within_budget(rest, path);
            host.put_rest_by(path.into(), rest, Deed::MadeSure);
        }
        let dir = self.cell(Cell::Dir);
        if self.same_on(host.pc, was, dir) {
            host.entries.insert(path.into(), dir);
        } else {
            host.put_by(path.into(), dir, Deed::MadeSure);
        }
    }

    /// Adds a text to the content of the file at a path, or makes it.
    pub(crate) fn append(&mut self, host: &mut Host, path: &str, text: Dd) {
        let was = self.entry(host, path);
        let was = self.simplified(was, host.pc);
        let now = self.map(was, |this, leaf| match *this.names.cell(leaf) {
            Cell::File(content) => {
                let content = this.dds.leaf(content);
                let whole = this.concat_values(&[content, text]);
                this.map(whole, |this, leaf| this.cell(Cell::File(leaf)))
            }
            _ => this.map(text, |this, leaf| this.cell(Cell::File(leaf))),
        });
        let now = self.within_budget(now);
        host.put(path, now);
    }

    /// Whether they are the same on these runs.
    pub(crate) fn same_on(&mut self, care: Dd, a: Dd, b: Dd) -> bool {
        a == b || self.dds.restrict(a, care) == self.dds.restrict(b, care)
    }

    /// Removes the path with all beneath.
    pub(crate) fn remove(&mut self, host: &mut Host, path: &str) {
        let empty = self.cell(Cell::Empty);
        self.forget_beneath(host, path, empty);
        let absent = self.cell(Cell::Absent);
        host.put(path, absent);
    }

    /// Nothing is known of this host any more.
    pub(crate) fn forget_all(&mut self, host: &mut Host) {
        self.links_anywhere();
        let epoch = self.moment();
        let rest = self.cell(Cell::From(epoch, "/".into()));
        host.entries = OrdMap::new();
        host.rests = OrdMap::new();
        host.put_rest("/", rest);
        self.bins_change(host);
        self.packages_unknown(host);
    }

    /// Drops all cells beneath; unmentioned entries are `rest` from now on.
    pub(crate) fn forget_beneath(&mut self, host: &mut Host, path: &str, rest: Dd) {
        for below in beneath(&host.entries, path) {
            host.entries.remove(&below);
        }
        for below in beneath(&host.rests, path) {
            host.rests.remove(&below);
        }
        host.put_rest(path, rest);
    }

    /// Whatever is at the path and beneath may have become anything; links that were there may still be.
    pub(crate) fn scramble(&mut self, host: &mut Host, path: &str) {
        let epoch = self.moment();
        let mut links: Vec<(Rc<str>, Dd)> = Vec::new();
        for at in self.links(host, path) {
            let cell = self.entry(host, &at);
            links.push((at, cell));
        }
        let rest = self.cell(Cell::From(epoch, path.into()));
        self.forget_beneath(host, path, rest);
        if path != "/" {
            let parent = self.entry(host, path::parent(path));
            let parent_is_dir = self.where_cell(parent, |cell| matches!(cell, Cell::Dir));
            let origin = self.origin(epoch, path);
            let absent = self.cell(Cell::Absent);
            let now = self.dds.ite(parent_is_dir, origin, absent);
            host.put(path, now);
        }
        for (at, old) in links {
            let kept = self.fresh("a link is still there");
            let now = self.entry(host, &at);
            let parent = self.entry(host, path::parent(&at));
            let parent_is_dir = self.where_cell(parent, |cell| matches!(cell, Cell::Dir));
            let is_link = self.where_cell(old, |cell| matches!(cell, Cell::Link(_)));
            let kept = self.dds.and(kept, is_link);
            let kept = self.dds.and(kept, parent_is_dir);
            let cell = self.dds.ite(kept, old, now);
            let cell = self.within_budget(cell);
            host.put(at, cell);
        }
    }

    /// Something has happened at a place that is not known: what stands at a path is what it was, or what that has made of it.
    pub(crate) fn touch(&mut self, host: &mut Host, touch: Touch) {
        self.touch_beneath(host, "/", touch);
    }

    /// The same, somewhere beneath a directory.
    pub(crate) fn touch_beneath(&mut self, host: &mut Host, root: &str, touch: Touch) {
        let epoch = self.moment();
        let rest = self.raw_rest(host, root);
        host.put_rest(root, rest);
        let before = host.clone();
        for (dir, rest) in before.rests.iter().filter(|(dir, _)| path::within(dir, root)) {
            let rest = self.map(*rest, |this, leaf| {
                let now = this.touched_rest(leaf, epoch, touch, dir);
                this.dds.leaf(now)
            });
            host.put_rest(Rc::clone(dir), rest);
        }
        // Directories come before what is in them.
        for path in before.entries.keys().filter(|path| ***path != *root && path::within(path, root)) {
            let was = self.entry(&before, path);
            let now = self.touched(was, epoch, touch, path);
            let parent = self.entry(host, path::parent(path));
            let parent_is_dir = self.where_cell(parent, |cell| matches!(cell, Cell::Dir));
            let absent = self.cell(Cell::Absent);
            let now = self.dds.ite(parent_is_dir, now, absent);
            let now = self.dds.restrict(now, host.pc);
            let now = self.within_budget(now);
            host.put(Rc::clone(path), now);
        }
    }

    /// What a directory's rest says after that.
    fn touched_rest(&mut self, rest: Leaf, epoch: Epoch, touch: Touch, dir: &Rc<str>) -> Leaf {
        let mut depth = 0;
        let mut inner = rest;
        while let Cell::Touched(_, _, next) = *self.names.cell(inner) {
            inner = next;
            depth += 1;
        }
        match *self.names.cell(inner) {
            Cell::Empty if touch == Touch::Gone && depth == 0 => rest,
            _ if depth >= MAX_TOUCHES => self.names.leaf(Cell::From(epoch, Rc::clone(dir))),
            _ => self.names.leaf(Cell::Touched(epoch, touch, rest)),
        }
    }

    /// What stands at a path where this stood, if that has happened at it.
    fn touched(&mut self, was: Dd, epoch: Epoch, touch: Touch, path: &str) -> Dd {
        let path: Rc<str> = path.into();
        let here = self.atom(AtomKey::Touched(epoch, Rc::clone(&path)));
        self.map(was, |this, leaf| {
            let same = this.dds.leaf(leaf);
            let now = match (touch, this.names.cell(leaf)) {
                (Touch::File, Cell::Absent | Cell::File(_)) => {
                    let content = this.names.unknown(HoleKey::Content(epoch, Rc::clone(&path)));
                    this.cell(Cell::File(content))
                }
                (Touch::Dir, Cell::Absent) => this.cell(Cell::Dir),
                (Touch::Gone, Cell::File(_) | Cell::Dir | Cell::Link(_)) | (Touch::Moved, Cell::Dir) => {
                    this.cell(Cell::Absent)
                }
                (Touch::Link(target), Cell::Absent | Cell::File(_) | Cell::Link(_)) => this.cell(Cell::Link(target)),
                (Touch::Tree | Touch::Moved, Cell::Absent | Cell::File(_) | Cell::Link(_)) => this.origin(epoch, &path),
                _ => return same,
            };
            this.dds.ite(here, now, same)
        })
    }

    /// An unknown of this moment.
    pub(crate) fn fresh(&mut self, what: &'static str) -> Dd {
        let number = self.number();
        self.atom(AtomKey::Fresh(number, what))
    }

    /// The same, of which it can be said what it means that it holds, and that it does not.
    pub(crate) fn fresh_meaning(&mut self, what: &'static str, means: Means) -> Dd {
        let number = self.number();
        self.names.means(number, means);
        self.atom(AtomKey::Fresh(number, what))
    }

    /// Makes the path and everything above it a directory, as a directory made by a person would be.
    pub(crate) fn put_dirs(&mut self, host: &mut Host, path: &str) {
        let dirs: Vec<String> = path::ancestors(path).map(str::to_owned).chain([path.to_owned()]).collect();
        for dir in dirs.iter().filter(|dir| *dir != "/") {
            self.put_dir(host, dir);
        }
    }

    /// What is at `from` comes to be at `to`, with all beneath.
    pub(crate) fn put_tree(&mut self, host: &mut Host, from: &str, to: &str) {
        let mut cells: Vec<(String, Dd, Dd)> = Vec::new();
        let paths = self.mentioned(host, from);
        for path in [Rc::from(from)].into_iter().chain(paths) {
            let entry = self.entry(host, &path);
            let rest = self.rest(host, &path);
            cells.push((moved(&path, from, to), entry, rest));
        }
        let empty = self.cell(Cell::Empty);
        self.forget_beneath(host, to, empty);
        for (path, entry, rest) in cells {
            let entry = self.simplified(entry, host.pc);
            host.put(path.as_str(), entry);
            host.put_rest(path.as_str(), rest);
        }
    }

    /// Merges the tree at `from` into the one at `to`, given that nothing is in the way.
    pub(crate) fn merge_tree(&mut self, host: &mut Host, from: &str, to: &str) {
        let epoch = self.moment();
        let before = host.clone();
        self.put_dirs(host, to);
        for below in self.both_mentioned(&before, from, to) {
            let (source, target) = (join(from, &below), join(to, &below));
            let entry = self.entry(&before, &source);
            let there = self.entry(&before, &target);
            let rest = self.rest(&before, &source);
            let other = self.rest(&before, &target);
            let merged =
                self.map(
                    entry,
                    |this, leaf| if *this.names.cell(leaf) == Cell::Absent { there } else { this.dds.leaf(leaf) },
                );
            let merged = self.within_budget(merged);
            let from_dir = self.where_cell(entry, |cell| matches!(cell, Cell::Dir));
            let to_dir = self.where_cell(there, |cell| matches!(cell, Cell::Dir));
            let mixed = self.mixed_rest(rest, other, epoch, &target);
            let into_new = self.dds.ite(to_dir, mixed, rest);
            let rest = self.dds.ite(from_dir, into_new, other);
            let rest = self.simplified(rest, host.pc);
            let rest = self.rest_within_budget(rest, &target);
            if !below.is_empty() {
                host.put(target.as_str(), merged);
            }
            host.put_rest(target.as_str(), rest);
        }
    }

    /// Unmentioned entries of two directories in one.
    fn mixed_rest(&mut self, a: Dd, b: Dd, epoch: Epoch, at: &str) -> Dd {
        let empty = self.names.leaf(Cell::Empty);
        let mixed = self.names.leaf(Cell::From(epoch, at.into()));
        self.dds.combine(a, b, &mut |a, b| match (a == empty, b == empty) {
            (true, _) => b,
            (_, true) => a,
            _ => mixed,
        })
    }

    /// Names beneath either of two directories, `a/b`; the empty name stands for the directories themselves.
    fn both_mentioned(&mut self, host: &Host, a: &str, b: &str) -> Vec<String> {
        let mut names = vec![String::new()];
        for root in [a, b] {
            let paths = self.mentioned(host, root);
            names.extend(paths.iter().filter_map(|path| path::beneath(path, root)).map(str::to_owned));
        }
        names.sort();
        names.dedup();
        names
    }

    /// Where merging `from` into `to` would meet something else where a directory is, or the reverse.
    pub(crate) fn clash(&mut self, host: &Host, from: &str, to: &str) -> Dd {
        let unknown = self.fresh("entries that nothing is known of are in each other's way");
        let mut clashes = Vec::new();
        for below in self.both_mentioned(host, from, to) {
            let (source, target) = (join(from, &below), join(to, &below));
            let [a, b] = [self.entry(host, &source), self.entry(host, &target)];
            if !below.is_empty() {
                clashes.push(self.differ_in_kind(a, b));
            }
            let rests = [self.rest(host, &source), self.rest(host, &target)];
            rests.into_iter().for_each(|rest| self.looks_into_directory(rest));
            let perhaps = self.have_more_entries([a, b], rests);
            clashes.push(self.dds.and(perhaps, unknown));
        }
        self.one_holds(&clashes)
    }

    /// Where one is a directory and the other is something else.
    fn differ_in_kind(&mut self, a: Dd, b: Dd) -> Dd {
        let [a_dir, b_dir] = [a, b].map(|cell| self.where_cell(cell, |cell| matches!(cell, Cell::Dir)));
        let [a_none, b_none] = [a, b].map(|cell| self.where_cell(cell, |cell| matches!(cell, Cell::Absent)));
        let both_dirs = self.dds.and(a_dir, b_dir);
        let either_dir = self.dds.or(a_dir, b_dir);
        [both_dirs, a_none, b_none].into_iter().fold(either_dir, |differ, not| self.dds.minus(differ, not))
    }

    /// Where both are directories with entries that nobody has mentioned.
    fn have_more_entries(&mut self, cells: [Dd; 2], rests: [Dd; 2]) -> Dd {
        let dirs = cells.map(|cell| self.where_cell(cell, |cell| matches!(cell, Cell::Dir)));
        let more = rests.map(|rest| self.where_cell(rest, |cell| !matches!(cell, Cell::Empty)));
        dirs.into_iter().chain(more).fold(Dd::TRUE, |all, one| self.dds.and(all, one))
    }

    /// Where one of these conditions holds, or if that is too intricate, an unknown.
    fn one_holds(&mut self, conditions: &[Dd]) -> Dd {
        let limits = self.limits();
        let either = |dds: &mut Diagrams, of: &[Dd]| of.iter().fold(Dd::FALSE, |all, one| dds.or(all, *one));
        match self.dds.attempt(limits.map_effort, |dds| either(dds, conditions)) {
            Some(one) if !self.dds.exceeds(one, limits.clash) => one,
            _ => {
                let less = self.fresh("something may be in the way");
                self.unless_mended(conditions, less, either, |this, real| !this.dds.exceeds(real, limits.clash))
            }
        }
    }
}

pub(crate) fn moved(path: &str, from: &str, to: &str) -> String {
    join(to, path::beneath(path, from).unwrap_or_default())
}

fn join(dir: &str, below: &str) -> String {
    if below.is_empty() { dir.to_owned() } else { path::join(dir, below) }
}
