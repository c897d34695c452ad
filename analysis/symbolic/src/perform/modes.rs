//! Permission bits.
//!
//! Cells have none. What ops have set is kept beside them for as long as nothing else happens to what is there; calls hand it on. Of what
//! several branches touch that run at once nobody knows the mode, but that one of them may have taken something away. That no other permission
//! is missing is taken for granted of every host, and a command that takes one away can come to miss it: then it is said that this is taken for
//! granted, too.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use perch_diagram::Dd;
use perch_ops::contract::Change;
use perch_policy::path;

use crate::Symbolic;
use crate::cells::Cell;
use crate::facts::{Facts, Stated};
use crate::host::{Host, moved};
use crate::machine::ADMINISTRATOR;
use crate::questions::{Flaw, HowFar};
use crate::record::Assumption;

use super::Case;

/// What one needs of one's own file, and of one's own directory.
const FILE: u32 = 0o600;
const DIRECTORY: u32 = 0o700;

/// Of a directory that a copy has made, the owner can do everything with it, whatever the mode of the original.
const OWN_DIRECTORY: Mode = Mode::Bits { bits: DIRECTORY, is_dir: Some(true) };

/// The word for a mode that lets everybody start what is there, and leaves the rest as it is.
const EXECUTABLE: &str = "executable";

/// What everybody needs to start a file.
const ANYBODY_STARTS: u32 = 0o111;

/// What an owner needs to start a file, whatever it is: a script is read, too.
const OWNER_STARTS: u32 = 0o500;

/// What one may do with something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    Read,
    Write,
    /// Go through a directory.
    Pass,
}

impl Right {
    /// The bits of an owner. Whoever may not pass through a directory does nothing in it.
    fn needs(self, is_dir: bool) -> u32 {
        let within = if is_dir { 0o100 } else { 0 };
        match self {
            Self::Read => 0o400 | within,
            Self::Write => 0o200 | within,
            Self::Pass => within,
        }
    }
}

/// What is known of the mode that an op has set. Who sets one owns what is there, or is somebody from whom nothing is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// These bits, of a directory or of something else. `None`: that is not known.
    Bits { bits: u32, is_dir: Option<bool> },
    /// Everybody may start it. The rest is what it was.
    Executable,
    /// Perhaps one that takes something away, and perhaps no op has set any.
    Perhaps,
    /// Mode and owner are those of the start, though it is not what it was.
    AsAtStart,
    /// That of a file which an op has made: nobody may start it, and for the rest nothing is missing.
    New,
    /// Of what was moved here nothing is missing. No more is known.
    Open,
}

impl Mode {
    /// Whether it says who may do what.
    pub(crate) fn tells_rights(self) -> bool {
        matches!(self, Self::Bits { is_dir: Some(_), .. })
    }

    /// Whether its owner lacks a right, though it is not known what has that mode.
    pub(crate) fn lacks_either_way(self, right: Right) -> bool {
        matches!(self, Self::Bits { bits, is_dir: None } if bits & right.needs(false) != right.needs(false))
    }

    /// Whether it may leave its owner less than is needed.
    pub(crate) fn may_take_away(self) -> bool {
        match self {
            Self::Bits { bits, is_dir } => takes_away(bits, is_dir != Some(false)),
            Self::Executable | Self::AsAtStart | Self::New | Self::Open => false,
            Self::Perhaps => true,
        }
    }

    /// Whether a directory has it, perhaps.
    pub(crate) fn may_be_of_directory(self) -> bool {
        matches!(self, Self::Bits { is_dir: Some(true) | None, .. })
    }

    /// Whether it is that of a directory.
    pub(crate) fn is_of_directory(self) -> bool {
        matches!(self, Self::Bits { is_dir: Some(true), .. })
    }

    /// Whether it is that of a file.
    pub(crate) fn is_of_file(self) -> bool {
        matches!(self, Self::Bits { is_dir: Some(false), .. })
    }

    /// Whether whoever runs this, an administrator or not, lacks a right. `None`: that is not known.
    pub(crate) fn lacks(self, right: Right, root: Option<bool>) -> Option<bool> {
        let (bits, is_dir) = match self {
            Self::Bits { bits, is_dir } => (bits, is_dir),
            Self::New | Self::Open => return Some(false),
            Self::Perhaps if root == Some(false) => return Some(true),
            Self::Perhaps | Self::Executable | Self::AsAtStart => return None,
        };
        let has = |is_dir: bool| bits & right.needs(is_dir) == right.needs(is_dir);
        let has = match is_dir {
            Some(is_dir) => Some(has(is_dir)),
            None => Some(has(true)).filter(|has_it| *has_it == has(false)),
        };
        match (has, root) {
            (Some(true), _) => Some(false),
            (Some(false), Some(root)) => Some(!root),
            (None, Some(false)) => Some(true),
            (None, Some(true)) => Some(false),
            (_, None) => None,
        }
    }

    /// Whether it is known of every right whether that is missing.
    pub(crate) fn tells_all_rights(self, root: Option<bool>) -> bool {
        [Right::Read, Right::Write, Right::Pass].into_iter().all(|right| self.lacks(right, root).is_some())
    }

    /// Whether whoever runs this may start the file.
    pub(crate) fn may_be_started(self, root: Option<bool>) -> Option<bool> {
        let bits = match self {
            Self::Bits { bits, .. } => bits,
            Self::Executable => return Some(true),
            Self::New => return Some(false),
            Self::Perhaps | Self::AsAtStart | Self::Open => return None,
        };
        match root {
            _ if bits & OWNER_STARTS == OWNER_STARTS => Some(true),
            _ if bits & ANYBODY_STARTS == 0 => Some(false),
            Some(true) => Some(true),
            Some(false) if bits & OWNER_STARTS & ANYBODY_STARTS == 0 => Some(false),
            _ => None,
        }
    }
}

/// Modes that ops have set, and of what.
pub(crate) type Modes = BTreeMap<Rc<str>, Mode>;

/// The modes where it is one or the other.
pub(crate) fn either(one: &Modes, other: &Modes) -> Modes {
    let joined = one.keys().chain(other.keys()).filter_map(|path| {
        let mode = match (one.get(path), other.get(path)) {
            (Some(here), Some(there)) if here == there => *here,
            (here, there) if [here, there].into_iter().flatten().any(|mode| mode.may_take_away()) => Mode::Perhaps,
            _ => return None,
        };
        Some((Rc::clone(path), mode))
    });
    joined.collect()
}

/// Whether these bits leave an owner less than is needed.
fn takes_away(bits: u32, is_dir: bool) -> bool {
    let needed = if is_dir { DIRECTORY } else { FILE };
    bits & needed != needed
}

impl Facts {
    /// Whether whoever runs this is one from whom nothing is kept.
    pub(crate) fn runs_as_root(&self) -> Option<bool> {
        let is = |name: &str, root: &str| self.machine.get(name).map(|told| told == root);
        is("uid", "0").or_else(|| is("user", ADMINISTRATOR))
    }
}

impl Symbolic {
    /// What an op has set of what is at a path. Where somebody else may be changing that, no more than whether something may be missing.
    pub(crate) fn mode_of(&self, host: &Host, path: &str) -> Option<Mode> {
        if let (Some(reads), Some((path, _))) = (&self.reads, host.modes.get_key_value(path)) {
            reads.of_mode(path);
        }
        self.mode_set(host, path)
    }

    /// The same, of which nobody takes note that it was asked for.
    fn mode_set(&self, host: &Host, path: &str) -> Option<Mode> {
        let set = host.modes.get(path).copied();
        if !self.is_changed_by_others(path) {
            return set;
        }
        let may_be_missed = self.taken_at_once.contains(path) || set.is_some_and(Mode::may_take_away);
        may_be_missed.then_some(Mode::Perhaps)
    }

    /// What a callee knows of modes. At which of them it looks turns out when it does.
    pub(crate) fn modes_handed_on(&self, host: &Host) -> Modes {
        // That nobody may start what was made matters to few, and would tell calls apart that come to the same.
        let set = host.modes.iter().filter(|(_, mode)| **mode != Mode::New).map(|(path, _)| path);
        let paths = set.chain(&self.taken_at_once);
        paths.filter_map(|path| Some((Rc::clone(path), self.mode_set(host, path)?))).collect()
    }

    /// Whether the mode of what is at a path is known to those that are called on this host.
    pub(crate) fn is_handed_on(&self, host: &Host, path: &str, mode: Mode) -> bool {
        mode != Mode::New && self.mode_set(host, path).is_some()
    }

    /// An op has set the mode of what is at a path.
    pub(super) fn mode_is_set(&mut self, host: &mut Host, path: &str, mode: Dd) {
        let before = self.mode_of(host, path);
        self.modes_set += 1;
        Self::rights_change(host, path);
        let entry = self.entry(host, path);
        let entry = self.simplified(entry, host.pc);
        let kinds: BTreeSet<bool> =
            self.dds.leaves(entry).into_iter().map(|leaf| *self.names.cell(leaf) == Cell::Dir).collect();
        let text = self.dds.as_leaf(mode).and_then(|leaf| self.names.known(leaf));
        let is_dir = kinds.first().copied().filter(|_| kinds.len() == 1);
        let Some(text) = text else { return };
        let set = match (&*text, before) {
            (EXECUTABLE, Some(Mode::Perhaps)) => Some(Mode::Perhaps),
            (EXECUTABLE, Some(Mode::Bits { bits, is_dir })) => Some(Mode::Bits { bits: bits | ANYBODY_STARTS, is_dir }),
            (EXECUTABLE, _) => Some(Mode::Executable),
            (bits, _) => u32::from_str_radix(bits, 8).ok().map(|bits| Mode::Bits { bits, is_dir }),
        };
        let Some(set) = set else { return };
        if self.reads.is_some() && set.may_take_away() {
            self.taken_at_once.insert(path.into());
        }
        host.modes.insert(path.into(), set);
    }

    /// The mode of a file, if it is known, of which whoever makes it anew is the owner.
    fn mode_now(&mut self, host: &Host, path: &str) -> Option<Mode> {
        let told = self.mode_at_start(path).filter(|mode| mode.is_of_file());
        match self.mode_of(host, path) {
            None => told.filter(|_| self.is_untouched(host, path)),
            Some(Mode::AsAtStart) => told,
            Some(Mode::Perhaps | Mode::Bits { is_dir: Some(true) | None, .. }) => None,
            Some(mode) => Some(mode),
        }
    }

    /// The modes that entries have behind a change, as far as they are known: what is copied takes that of the original along, what is moved
    /// its own, and what is written to keeps it.
    pub(super) fn modes_behind(&mut self, case: &Case<'_>, host: &Host) -> Vec<(String, Mode)> {
        let path = |at: usize| case.paths[at].clone();
        match case.contract.change {
            Change::PutFile(at, _) | Change::PutSent(at) | Change::PackTree(_, at) => {
                let mode =
                    if self.is_made_new(host, &path(at)) { Some(Mode::New) } else { self.mode_now(host, &path(at)) };
                mode.map(|mode| (path(at), mode)).into_iter().collect()
            }
            Change::Append(at, _) if self.is_made_new(host, &path(at)) => vec![(path(at), Mode::New)],
            Change::CopyFile(from, to) | Change::Pack(from, to) | Change::Unpack(from, to) => {
                let mode = self.mode_now(host, &path(from));
                let mut known: Vec<(String, Mode)> = mode.map(|mode| (path(to), mode)).into_iter().collect();
                if self.is_made_new(host, &path(to)) {
                    self.add_open(host, (&path(from), &path(to)), &mut known);
                }
                known
            }
            Change::Append(at, _) => {
                let is_told = self.facts.modes.contains_key(&path(at)) || self.facts.denied.own.contains(&path(at));
                let mode = match self.mode_of(host, &path(at)) {
                    None => (is_told && self.is_untouched(host, &path(at))).then_some(Mode::AsAtStart),
                    mode => mode,
                };
                mode.map(|mode| (path(at), mode)).into_iter().collect()
            }
            Change::PutDirs(at) => self.modes_of_new_directories(host, &path(at)),
            Change::Move(from, to) => self.modes_moved(host, &path(from), &path(to)),
            Change::CopyTree(from, to) => self.modes_copied(host, &path(from), &path(to)),
            _ => Vec::new(),
        }
    }

    /// The modes of directories that are made where nothing is, and of which something else is told.
    fn modes_of_new_directories(&mut self, host: &Host, path: &str) -> Vec<(String, Mode)> {
        let all = path::ancestors(path).chain([path]);
        let told: Vec<&str> = all.filter(|dir| self.facts.denied.paths().any(|at| at == dir)).collect();
        let new = told.into_iter().filter(|dir| self.is_made_new(host, dir));
        new.map(|dir| (dir.to_owned(), OWN_DIRECTORY)).collect()
    }

    /// The modes that come along with what is moved: those that ops have set, and those of the start of what whoever runs this owns.
    fn modes_moved(&mut self, host: &Host, from: &str, to: &str) -> Vec<(String, Mode)> {
        let told: Vec<String> = self.facts.modes.keys().filter(|at| path::within(at, from)).cloned().collect();
        let set = host.modes.keys().filter(|at| path::within(at, from)).map(|at| at.to_string());
        let all: BTreeSet<String> = told.into_iter().chain(set).collect();
        let known = all.into_iter().filter_map(|at| Some((moved(&at, from, to), self.mode_to_move(host, &at)?)));
        let mut known: Vec<(String, Mode)> = known.collect();
        self.add_open(host, (from, to), &mut known);
        known
    }

    /// Of what comes to be where something else is told of what was there before: if nothing is told against it, nothing is missing.
    fn add_open(&self, host: &Host, (from, to): (&str, &str), known: &mut Vec<(String, Mode)>) {
        let told: BTreeSet<&String> = self.facts.denied.paths().filter(|at| path::within(at, to)).collect();
        let others: Vec<&String> = told.into_iter().filter(|at| known.iter().all(|(known, _)| known != *at)).collect();
        let open = others.into_iter().filter(|at| self.is_open_to_move(host, &moved(at, to, from)));
        known.extend(open.map(|at| (at.clone(), Mode::Open)));
    }

    /// The mode that an entry takes along, if its owner is the one who runs this.
    fn mode_to_move(&mut self, host: &Host, at: &str) -> Option<Mode> {
        match self.mode_of(host, at) {
            Some(Mode::AsAtStart) => {}
            None if self.is_untouched(host, at) => {}
            mode => return mode,
        }
        let is_own = !self.facts.denied.own.contains(at);
        self.mode_at_start(at).filter(|_| is_own)
    }

    /// The modes in a copy of a tree that is made where nothing was. All of it belongs to who makes it, directories with all that takes.
    fn modes_copied(&mut self, host: &Host, from: &str, to: &str) -> Vec<(String, Mode)> {
        let is_beneath = |at: &str| at != from && path::within(at, from);
        let told = self.facts.modes.keys().map(String::as_str);
        let all = told.chain(self.facts.denied.paths().map(String::as_str)).chain(host.modes.keys().map(|at| &**at));
        let all: BTreeSet<String> = all.filter(|at| is_beneath(at)).map(str::to_owned).collect();
        let is_told = self.facts.denied.paths().any(|at| at == from || at == to) || host.modes.contains_key(from);
        if all.is_empty() && !is_told || !self.is_made_new(host, to) {
            return Vec::new();
        }
        let beneath = all.into_iter().filter_map(|at| Some((moved(&at, from, to), self.mode_to_copy(host, &at)?)));
        let mut known: Vec<(String, Mode)> = beneath.collect();
        known.push((to.to_owned(), OWN_DIRECTORY));
        self.add_open(host, (from, to), &mut known);
        known
    }

    /// The mode that the copy of an entry of a tree has.
    fn mode_to_copy(&mut self, host: &Host, at: &str) -> Option<Mode> {
        let was_dir = matches!(self.facts.files.get(at), Some(Stated::Dir { .. }));
        match self.mode_of(host, at) {
            Some(Mode::Bits { is_dir: Some(true), .. }) => Some(OWN_DIRECTORY),
            None if was_dir && self.is_untouched(host, at) => Some(OWN_DIRECTORY),
            _ => self.mode_now(host, at),
        }
    }

    /// The mode that is told of an entry of the start.
    fn mode_at_start(&self, at: &str) -> Option<Mode> {
        let is_dir = match self.facts.files.get(at)? {
            Stated::File(_) => false,
            Stated::Dir { .. } => true,
            _ => return None,
        };
        self.facts.modes.get(at).map(|bits| Mode::Bits { bits: bits & 0o777, is_dir: Some(is_dir) })
    }

    /// Whether nothing is told against doing anything with what is to be moved, by the start or by an op.
    fn is_open_to_move(&self, host: &Host, from: &str) -> bool {
        let is_told = self.facts.denied.paths().any(|at| at == from) || host.modes.contains_key(from);
        !is_told && !self.is_changed_by_others(from) && self.brings(Flaw::Right, from, &HowFar::Itself).is_none()
    }

    /// Whether a file is made there, and no other is replaced.
    fn is_made_new(&mut self, host: &Host, path: &str) -> bool {
        let entry = self.entry(host, path);
        let absent = self.cell(Cell::Absent);
        self.same_on(host.pc, entry, absent)
    }

    /// An entry gets these permission bits. Where they leave its owner less than is needed, something may be missing from now on.
    pub(super) fn permissions_may_go(&mut self, host: &Host, path: &str, mode: Dd) {
        let entry = self.entry(host, path);
        let taken = self.map(mode, |this, leaf| {
            let text = this.names.known(leaf);
            if text.as_deref() == Some(EXECUTABLE) {
                return Dd::FALSE;
            }
            let bits = text.and_then(|text| u32::from_str_radix(&text, 8).ok()).unwrap_or(0);
            this.where_cell(entry, |cell| *cell != Cell::Absent && takes_away(bits, *cell == Cell::Dir))
        });
        let taken = self.dds.and(host.pc, taken);
        if !taken.is_false() {
            self.note_assumption(Assumption::StillPermitted, taken);
        }
    }
}
