//! Rights: what whoever runs a command may not do with what was there at the start.
//!
//! Where nothing has been changed at such a path since, nor above it, an op that needs the right fails. Anywhere else it may: rights come and
//! go with what programs and ops make of an entry, and that is not followed.

use std::collections::BTreeSet;
use std::rc::Rc;

use perch_diagram::Dd;
use perch_ops::contract::Change;
use perch_ops::{ErrorKind, Primitive};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{Cell, Means};
use crate::facts::{Facts, SYSTEMS_OWN, Stated, is_among_devices};
use crate::host::{Answer, Deed, Host, Places, Question};
use crate::made::shown;
use crate::perform::modes::{Mode, Right};
use crate::perform::{Case, Failed, Gathered, Why};
use crate::questions::{Flaw, HowFar, changed_by, changes_beneath, changes_entries, read_by};
use crate::record::About;
use crate::values::truth;

/// What the unknown is called on which it hangs whether an op may do what it does.
pub(crate) const NOT_DONE: &str = "it may not be done";

const NO_WAY: &str = "may not be passed through by whoever runs this";
const NOT_READ: &str = "may not be read by whoever runs this";
const NOT_CHANGED: &str = "may not be changed by whoever runs this";
const NOT_OWNED: &str = "belongs to somebody else than whoever runs this";

/// What it means that one of these is so of a path, and that it is not.
fn meaning(path: &str, what: &str) -> Means {
    let path = shown(path);
    let (yes, no) = match what.split_once(" by ").map_or(what, |(what, _)| what) {
        NOT_OWNED => ("belongs to somebody else".to_owned(), "belongs to whoever runs this".to_owned()),
        what => (what.to_owned(), what.replace("may not", "may")),
    };
    Means { yes: format!("`{path}` {yes}").into(), no: format!("`{path}` {no}").into() }
}

/// Why an op fails, and where that is certain: elsewhere it may, where it is met at all.
pub(crate) struct Obstacle {
    kind: ErrorKind,
    message: String,
    surely: Dd,
    met: Dd,
    about: Option<About>,
    /// That it is in the way where that is not certain.
    means: Option<Means>,
}

impl Obstacle {
    /// Which may be in the way, or not.
    pub(crate) fn perhaps(kind: ErrorKind, message: String) -> Self {
        Self { kind, message, surely: Dd::FALSE, met: Dd::TRUE, about: None, means: None }
    }
}

impl Symbolic {
    /// The runs that get past it.
    pub(crate) fn meets(&mut self, obstacle: Obstacle, host: Host, all: &mut Gathered) -> Option<Host> {
        let Obstacle { kind, message, surely, met, about, means } = obstacle;
        let surely = self.decided(surely);
        let surely = self.condition_within_budget(surely);
        let perhaps = match means {
            Some(means) => self.fresh_meaning(NOT_DONE, means),
            None => self.fresh(NOT_DONE),
        };
        let fails = self.dds.or(surely, perhaps);
        let met = self.condition_within_budget(met);
        let fails = self.dds.and(fails, met);
        self.fail(host, fails, &Why::new(kind, message).about(about), all)
    }

    /// Where whoever runs this may not go through a directory above a path, an op fails before anything is found there, unless it has an
    /// answer for every path: then there is nothing. A program works within its directory.
    pub(crate) fn as_passable(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if self.answers_anyway(case) || !self.may_lack_rights(&host) {
            return Some(host);
        }
        let closed = case.paths.iter().find_map(|path| self.closed_to_pass(&host, path::ancestors(path)));
        let host = match closed {
            Some((closed, stands)) => {
                let surely = self.where_closed_to_pass(&host, &closed, stands);
                let obstacle = self.kept_from(&host, &closed, NO_WAY, surely);
                self.meets(obstacle, host, all)?
            }
            None => host,
        };
        // What is only looked for may be started in its directory later.
        let is_looked_for = case.primitive == Primitive::Spawn && !starts_program(case);
        let workplace = case.paths.first().filter(|_| is_looked_for);
        let closed = workplace.and_then(|path| self.closed_to_pass(&host, [path.as_str()].into_iter()));
        let Some((closed, _)) = closed else { return Some(host) };
        let obstacle = self.kept_from(&host, &closed, NO_WAY, Dd::FALSE);
        self.meets(obstacle, host, all)
    }

    /// A program that has been found is started in its directory: where whoever runs this may not pass through that, it is not.
    pub(crate) fn as_entered(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if !starts_program(case) || self.answers_anyway(case) || !self.may_lack_rights(&host) {
            return Some(host);
        }
        let closed = case.paths.iter().find_map(|path| self.closed_to_pass(&host, [path.as_str()].into_iter()));
        let Some((closed, stands)) = closed else { return Some(host) };
        let surely = self.where_closed_to_pass(&host, &closed, stands);
        let obstacle = self.kept_from(&host, &closed, NO_WAY, surely);
        self.meets(obstacle, host, all)
    }

    /// The same of the way to a path, and to where the links on it lead.
    pub(crate) fn as_open_to_pass(
        &mut self,
        case: &mut Case<'_>,
        way: &str,
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        if !self.may_lack_rights(&host) {
            return Some(host);
        }
        let Some((closed, stands)) = self.closed_to_pass(&host, path::ancestors(way)) else { return Some(host) };
        let surely = self.where_closed_to_pass(&host, &closed, stands);
        if self.answers_anyway(case) {
            let perhaps = self.fresh("it may not be seen");
            let unseen = self.dds.or(surely, perhaps);
            case.unseen = self.dds.or(case.unseen, unseen);
            return Some(host);
        }
        let obstacle = self.kept_from(&host, &closed, NO_WAY, surely);
        self.meets(obstacle, host, all)
    }

    /// Where nothing is seen at a path, whatever is there.
    pub(crate) fn where_unseen(&mut self, host: &Host, path: &str) -> Dd {
        let Some((closed, stands)) = self.closed_to_pass(host, path::ancestors(path)) else { return Dd::FALSE };
        let perhaps = self.fresh("it may not be seen");
        let surely = self.where_closed_to_pass(host, &closed, stands);
        self.dds.or(surely, perhaps)
    }

    /// The first of these directories that may not be passed through, and whether that is told of itself. Otherwise something was put there that
    /// may have brought such a directory with it.
    fn closed_to_pass<'d>(&self, host: &Host, dirs: impl Iterator<Item = &'d str>) -> Option<(String, bool)> {
        let dirs: Vec<&str> = dirs.collect();
        let is_open = |dir: &str| {
            let mode = self.mode_of(host, dir);
            mode.is_some_and(|mode| mode.lacks(Right::Pass, self.facts.runs_as_root()) == Some(false))
        };
        let is_brought = |dir: &str| self.brings(Flaw::Way, dir, &HowFar::Itself).is_some() && !is_open(dir);
        let told = dirs.iter().find(|dir| self.lacks(host, dir, Right::Pass)).map(|dir| ((*dir).to_owned(), true));
        told.or_else(|| dirs.iter().find(|dir| is_brought(dir)).map(|dir| ((*dir).to_owned(), false)))
    }

    fn where_closed_to_pass(&mut self, host: &Host, dir: &str, is_told: bool) -> Dd {
        if is_told { self.where_it_stands(host, dir) } else { Dd::FALSE }
    }

    /// That whoever runs this may not do something with what is at a path.
    fn kept_from(&self, host: &Host, path: &str, what: &str, surely: Dd) -> Obstacle {
        let (message, about) = match self.mode_of(host, path) {
            Some(Mode::Bits { bits, .. }) => {
                (format!("`{path}` {what}: an op above has left it with mode `{bits:04o}`"), None)
            }
            _ => (format!("`{path}` {what}"), Some(About::Rights(path.to_owned()))),
        };
        let means = Some(meaning(path, what));
        Obstacle { kind: ErrorKind::FilePermissionDenied, message, surely, met: Dd::TRUE, about, means }
    }

    /// Whether something is told that whoever runs this may not do.
    pub(crate) fn may_lack_rights(&self, host: &Host) -> bool {
        let is_set = host.modes.values().any(|mode| *mode != Mode::New) || !self.taken_at_once.is_empty();
        self.facts.looked_up || !self.facts.denied.is_empty() || is_set || !self.carried.is_empty()
    }

    /// Whether whoever runs this may make a directory and those above, whichever of them are missing.
    pub(crate) fn nothing_keeps_from_making(&self, host: &Host, path: &str) -> bool {
        let is_as_it_was = |at: &str| {
            let is_changed = host.written.cover(at) || self.put_before.cover(at) || self.is_changed_by_others(at);
            self.levels.is_empty() && !is_changed
        };
        let is_there = |at: &str| matches!(self.facts.files.get(at), Some(Stated::Dir { .. })) && is_as_it_was(at);
        let ways: Vec<&str> = path::ancestors(path).chain([path]).collect();
        let is_open = |pair: &[&str]| {
            let [above, next] = pair else { return true };
            !self.lacks(host, above, Right::Pass) && (is_there(next) || !self.lacks(host, above, Right::Write))
        };
        !self.facts.looked_up && self.carried.is_empty() && ways.windows(2).all(is_open)
    }

    /// Why an op fails for what may not be done.
    pub(crate) fn not_permitted(&mut self, case: &Case<'_>, how_far: &HowFar, host: &Host) -> Vec<Obstacle> {
        let mut found = Vec::new();
        for at in read_by(case) {
            found.extend(self.unreadable(host, &case.paths[at], how_far));
        }
        if let Change::Remove(at) = case.contract.change {
            found.extend(self.unlisted(host, &case.paths[at]));
        }
        for at in changed_by(case) {
            found.extend(self.unchangeable(case, host, &case.paths[at]));
        }
        for path in &case.paths {
            found.extend(self.not_owned(case, host, path));
        }
        found
    }

    /// What stands in the way of reading what is at a path, or of a tree.
    fn unreadable(&mut self, host: &Host, path: &str, how_far: &HowFar) -> Option<Obstacle> {
        if self.lacks(host, path, Right::Read) {
            let surely = self.where_kept_from(host, path, Right::Read);
            return Some(self.kept_from(host, path, NOT_READ, surely));
        }
        // Whoever lists a directory opens no file.
        let is_opened = |at: &str| match how_far {
            HowFar::Searched(_) => at == path || self.is_directory(host, at),
            HowFar::Itself | HowFar::All => true,
        };
        let is_read = |at: &&str| how_far.meets(path, at) && is_opened(at) && self.lacks(host, at, Right::Read);
        let closed = self.with_rights_told(host).find(is_read);
        let closed = closed.or_else(|| self.brings(Flaw::Right, path, how_far))?;
        Some(self.kept_from(host, closed, NOT_READ, Dd::FALSE))
    }

    /// Whether a directory is at a path, or was at the start, or something that may be one.
    fn is_directory(&self, host: &Host, path: &str) -> bool {
        self.was_directory(path) || host.modes.get(path).is_some_and(|mode| mode.may_be_of_directory())
    }

    /// Whether a file is at a path whose mode an op has set.
    fn is_file(&self, host: &Host, path: &str) -> bool {
        host.modes.get(path).is_some_and(|mode| mode.is_of_file())
    }

    /// Whether a directory was at a path at the start, or something that may be one.
    fn was_directory(&self, path: &str) -> bool {
        matches!(self.facts.files.get(path), Some(Stated::Dir { .. } | Stated::There))
    }

    /// What stands in the way of finding out what is in a tree that is to be removed.
    fn unlisted(&self, host: &Host, path: &str) -> Option<Obstacle> {
        let is_unlisted =
            |at: &&str| path::within(at, path) && self.is_directory(host, at) && self.lacks(host, at, Right::Read);
        let closed = self.with_rights_told(host).find(is_unlisted)?;
        Some(self.kept_from(host, closed, NOT_READ, Dd::FALSE))
    }

    /// What stands in the way of changing what is at a path.
    fn unchangeable(&mut self, case: &Case<'_>, host: &Host, path: &str) -> Vec<Obstacle> {
        let entry = self.entry(host, path);
        // A directory that is there need not be made, and nothing need not be removed.
        let done = match case.contract.change {
            Change::PutDirs(_) => self.where_cell(entry, |cell| *cell == Cell::Dir),
            Change::Remove(_) => self.where_cell(entry, |cell| *cell == Cell::Absent),
            _ => Dd::FALSE,
        };
        let met = self.dds.minus(host.pc, done);
        if met.is_false() {
            return Vec::new();
        }
        let made_up = SYSTEMS_OWN.iter().find(|root| path::within(path, root));
        let made_up = made_up.map(|root| {
            let message = format!("what is in `{root}` is made up by the system");
            Obstacle::perhaps(ErrorKind::FilePermissionDenied, message)
        });
        let found = self.unwritable(case, host, path).into_iter().chain(made_up);
        let found: Vec<Obstacle> = found.collect();
        found.into_iter().map(|obstacle| Obstacle { met: self.dds.and(met, obstacle.met), ..obstacle }).collect()
    }

    /// What stands in the way of changing what is at a path, or a tree: itself, the nearest directory above that was there, or something beneath.
    fn unwritable(&mut self, case: &Case<'_>, host: &Host, path: &str) -> Option<Obstacle> {
        let emptied = self.empty_directories(case, host, path);
        // Of what was there, and is not any more, no right is missed.
        let absent = self.where_absent(host, Some(path.to_owned()));
        let is_gone = self.dds.minus(host.pc, absent).is_false();
        let (with_beneath, as_entry) = (changes_beneath(case), changes_entries(case));
        // Whose a file is that is removed or moved is nobody's business but that of its directory.
        let is_file = |at: &str| {
            matches!(self.facts.files.get(at), Some(Stated::File(_) | Stated::Link(_))) || self.is_file(host, at)
        };
        let stays_in_parent = self.stays_in_parent(case, path);
        let is_exempt = |at: &str| as_entry && is_file(at) || emptied.contains(at) || stays_in_parent && at == path;
        let is_closed = |at: &str| self.lacks(host, at, Right::Write) && !is_exempt(at);
        let is_kept = |at: &str| self.facts.denied.replace.contains(at) && !self.owns(host, at);
        let was_there = |at: &str| self.facts.files.get(at).is_some_and(|stated| *stated != Stated::Absent);
        let is_there = |at: &&str| was_there(at) || host.modes.contains_key(*at);
        let above: Vec<&str> = path::ancestors(path).collect();
        let nearest = above.into_iter().rev().find(is_there);
        if !is_gone && (is_closed(path) || is_kept(path)) {
            let surely = self.where_closed(case, host, path);
            return Some(self.kept_from(host, path, NOT_CHANGED, surely));
        }
        if let Some(dir) = nearest.filter(|dir| is_closed(dir)) {
            let dir = dir.to_owned();
            // Into a file that is there it is written without its directory.
            let is_new = !matches!(case.contract.change, Change::Append(..)) || !self.is_told_there(host, path);
            if !is_new {
                return None;
            }
            let surely = self.where_closed_above(case, host, path, &dir);
            let in_place = self.where_written_in_place(case, host, path);
            let met = self.dds.not(in_place);
            return Some(Obstacle { met, ..self.kept_from(host, &dir, NOT_CHANGED, surely) });
        }
        let beneath = || {
            let is_changed = |at: &&str| with_beneath && !is_gone && path::within(at, path);
            let mut all = self.with_rights_told(host).filter(is_changed);
            all.find(|at| is_closed(at) || is_kept(at))
        };
        let how_far = if with_beneath { HowFar::All } else { HowFar::Itself };
        let closed = beneath().or_else(|| self.brings(Flaw::Right, path, &how_far))?;
        Some(self.kept_from(host, closed, NOT_CHANGED, Dd::FALSE))
    }

    /// Whether an entry is moved that gets another name in the directory in which it is.
    fn stays_in_parent(&self, case: &Case<'_>, path: &str) -> bool {
        let Change::Move(from, to) = case.contract.change else { return false };
        case.paths[from] == path && path::parent(path) == path::parent(&case.paths[to])
    }

    /// Whether a directory is certain not to leave the one in which it is: where another is above it from then on, Linux writes to it. On another
    /// file system it is copied, and can be removed only if it is empty.
    fn is_kept_from_leaving(&mut self, host: &Host, path: &str) -> bool {
        let is_linux = self.facts.os.as_deref() == Some("linux");
        let is_dir = matches!(self.facts.files.get(path), Some(Stated::Dir { .. }))
            || self.mode_of(host, path).is_some_and(Mode::is_of_directory);
        // It takes the bit for writing alone.
        let may_not_write = self.lacks(host, path, Right::Write) && !self.lacks(host, path, Right::Pass);
        is_linux && is_dir && may_not_write && self.holds_something(host, path)
    }

    /// The directories of a tree that is to be removed in which there is nothing: nobody changes anything in them.
    fn empty_directories(&mut self, case: &Case<'_>, host: &Host, path: &str) -> BTreeSet<String> {
        if !matches!(case.contract.change, Change::Remove(_)) {
            return BTreeSet::new();
        }
        let told = self.with_rights_told(host).filter(|at| path::within(at, path));
        let closed: BTreeSet<String> =
            told.filter(|at| self.lacks(host, at, Right::Write)).map(str::to_owned).collect();
        closed.into_iter().filter(|at| self.is_empty(host, at)).collect()
    }

    /// Whether it is certain that nothing is in a directory.
    fn is_empty(&mut self, host: &Host, dir: &str) -> bool {
        let rest = self.rest(host, dir);
        let holds_more = self.where_cell(rest, |cell| !matches!(cell, Cell::Empty));
        if !self.dds.and(host.pc, holds_more).is_false() {
            return false;
        }
        self.mentioned(host, dir).iter().all(|at| {
            let absent = self.where_absent(host, Some(at.to_string()));
            self.dds.minus(host.pc, absent).is_false()
        })
    }

    /// Where it is certain that a change fails because what is at the path may not be changed, or not be replaced.
    fn where_closed(&mut self, case: &Case<'_>, host: &Host, path: &str) -> Dd {
        let is_kept = self.facts.denied.replace.contains(path) && !self.owns(host, path);
        let is_file = matches!(self.facts.files.get(path), Some(Stated::File(_))) || self.is_file(host, path);
        let is_closed = is_file && self.lacks(host, path, Right::Write);
        let may_not = match case.contract.change {
            // That opens what is there, and puts nothing in its place.
            Change::Append(..) => is_closed,
            Change::Move(from, _) if case.paths[from] == path => is_kept || self.is_kept_from_leaving(host, path),
            // That it is a device is found out before.
            _ if self.facts.devices.contains(path) && !writes_content(case.contract.change) => false,
            Change::Remove(_) | Change::Move(..) | Change::PutLink(..) => is_kept,
            change => writes_content(change) && (is_closed || is_kept && !self.facts.special.contains(path)),
        };
        if may_not && !is_among_devices(path) { self.where_kept_from(host, path, Right::Write) } else { Dd::FALSE }
    }

    /// Where it is certain that a change fails because the nearest directory above that was there may not be changed.
    fn where_closed_above(&mut self, case: &Case<'_>, host: &Host, path: &str, dir: &str) -> Dd {
        let is_parent = path::parent(path) == dir;
        let next = path::beneath(path, dir).and_then(|below| below.split('/').next());
        let needed = match case.contract.change {
            _ if is_among_devices(path) || self.facts.special.contains(path) => return Dd::FALSE,
            Change::Append(..) | Change::PutDirs(_) => self.where_absent(host, next.map(|name| path::join(dir, name))),
            Change::Remove(_) if is_parent => {
                let absent = self.where_absent(host, Some(path.to_owned()));
                self.dds.not(absent)
            }
            Change::Move(from, to) if is_parent && case.paths[from] != case.paths[to] => Dd::TRUE,
            Change::PutLink(..) | Change::PutNew(..) if is_parent => Dd::TRUE,
            change if is_parent && writes_content(change) => Dd::TRUE,
            _ => return Dd::FALSE,
        };
        let stands = self.where_it_stands(host, dir);
        self.dds.and(needed, stands)
    }

    /// Whether something is there for certain.
    fn is_told_there(&mut self, host: &Host, path: &str) -> bool {
        let absent = self.where_absent(host, Some(path.to_owned()));
        self.dds.and(host.pc, absent).is_false()
    }

    fn where_absent(&mut self, host: &Host, path: Option<String>) -> Dd {
        let Some(path) = path else { return Dd::FALSE };
        let entry = self.entry(host, &path);
        let entry = self.simplified(entry, host.pc);
        self.where_cell(entry, |cell| matches!(cell, Cell::Absent))
    }

    /// That somebody else owns what is there, where an op needs an owner.
    fn not_owned(&mut self, case: &Case<'_>, host: &Host, path: &str) -> Option<Obstacle> {
        let denied = &self.facts.denied;
        let needs_owner = match case.primitive {
            _ if self.owns(host, path) => false,
            Primitive::SetMode => denied.own.contains(path),
            // Whoever may change something may say that it was changed now. Of a directory that takes less than to change what is in it.
            Primitive::SetTime => denied.own.contains(path) && denied.write.contains(path),
            _ => false,
        };
        let how_far = HowFar::Itself;
        let is_brought = matches!(case.primitive, Primitive::SetMode | Primitive::SetTime)
            && self.brings(Flaw::Right, path, &how_far).is_some();
        if !needs_owner && !is_brought {
            return None;
        }
        let is_less = case.primitive == Primitive::SetTime && self.was_directory(path);
        let surely = if needs_owner && !is_brought && !is_less { self.where_it_stands(host, path) } else { Dd::FALSE };
        Some(self.kept_from(host, path, NOT_OWNED, surely))
    }

    /// An op that goes through a tree fails in the end where it may not do that with all of it, whatever else it comes upon before.
    pub(crate) fn as_done_whole(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if !self.may_lack_rights(&host) || case.hidden {
            return Some(host);
        }
        let Some(obstacle) = self.never_whole(case, &host) else { return Some(host) };
        let mark = all.failed.len();
        let next = self.meets(obstacle, host, all);
        self.stops_halfway(case, &mut all.failed[mark..]);
        next
    }

    /// What is certain to keep an op from going through a tree.
    fn never_whole(&mut self, case: &Case<'_>, host: &Host) -> Option<Obstacle> {
        let how_far = self.how_far(case);
        let (root, is_removed) = match case.contract.change {
            Change::Remove(at) => (&case.paths[at], true),
            _ if !how_far.is_deep() => return None,
            Change::CopyTree(from, to) | Change::PackTree(from, to)
                if path::within(&case.paths[to], &case.paths[from]) =>
            {
                return None;
            }
            _ => (&case.paths[*read_by(case).first()?], false),
        };
        let told: BTreeSet<String> = self.with_rights_told(host).map(str::to_owned).collect();
        if let Change::CopyTree(from, to) = case.contract.change
            && let Some(kept) = self.never_replaced(host, &told, (&case.paths[from], &case.paths[to]))
        {
            return Some(self.kept_from(host, &kept, NOT_CHANGED, Dd::TRUE));
        }
        told.into_iter().find_map(|at| {
            if !path::within(&at, root) || !self.is_reached(host, root, &at) {
                return None;
            }
            let what = if is_removed {
                self.never_removed(host, root, &at)?
            } else {
                let is_opened = matches!(how_far, HowFar::All) || self.is_directory(host, &at);
                let is_met = how_far.meets(root, &at) && is_opened;
                (is_met && self.lacks(host, &at, Right::Read)).then_some(NOT_READ)?
            };
            let stands = self.where_it_stands(host, &at);
            (stands == Dd::TRUE).then(|| self.kept_from(host, &at, what, Dd::TRUE))
        })
    }

    /// A file that may not be written to, where a tree is copied in which there is one of that name.
    fn never_replaced(&mut self, host: &Host, told: &BTreeSet<String>, trees: (&str, &str)) -> Option<String> {
        let (from, to) = trees;
        let kept = told.iter().find(|at| {
            let is_closed = |this: &Self| {
                let is_file = matches!(this.facts.files.get(*at), Some(Stated::File(_))) || this.is_file(host, at);
                is_file && this.lacks(host, at, Right::Write) && this.is_reached(host, to, at)
            };
            let Some(below) = path::beneath(at, to) else { return false };
            let source = path::join(from, below);
            is_closed(self)
                && self.is_reached(host, from, &source)
                && self.is_certain_file(host, &source)
                && self.where_it_stands(host, at) == Dd::TRUE
        });
        kept.cloned()
    }

    /// Whether it is certain that a file is at a path, if there are directories above it.
    fn is_certain_file(&mut self, host: &Host, path: &str) -> bool {
        let entry = self.entry(host, path);
        let is_other = self.where_cell(entry, |cell| !matches!(cell, Cell::File(_)));
        self.dds.and(host.pc, is_other).is_false()
    }

    /// Why an entry of a tree is never removed.
    fn never_removed(&mut self, host: &Host, root: &str, at: &str) -> Option<&'static str> {
        let is_dir = self.is_directory(host, at);
        if is_dir && self.lacks(host, at, Right::Read) {
            return Some(NOT_READ);
        }
        let is_kept = self.facts.denied.replace.contains(at) && !self.owns(host, at);
        let holds_something = is_dir && self.lacks(host, at, Right::Write) && self.holds_something(host, at);
        (holds_something || is_kept && at != root).then_some(NOT_CHANGED)
    }

    /// Whether something is certain to be in a directory: what was there at the start, or what the run has put there.
    fn holds_something(&mut self, host: &Host, dir: &str) -> bool {
        let stated =
            self.facts.files.iter().filter(|(at, stated)| path::parent(at) == dir && **stated != Stated::Absent);
        let stated: Vec<String> = stated.map(|(at, _)| at.clone()).collect();
        stated.iter().any(|at| self.is_untouched(host, at)) || self.is_put_in(host, dir)
    }

    /// Whether something is certain to be in a directory that the run has put there.
    fn is_put_in(&mut self, host: &Host, dir: &str) -> bool {
        let mentioned = self.mentioned(host, dir);
        mentioned.iter().any(|at| path::parent(at) == dir && self.is_told_there(host, at))
    }

    /// Whether nothing but directories lies between the top of a tree and an entry.
    fn is_reached(&self, host: &Host, root: &str, at: &str) -> bool {
        let is_there = |dir: &str| matches!(self.facts.files.get(dir), Some(Stated::Dir { .. }));
        self.mode_of(host, at).is_some() || path::ancestors(at).filter(|dir| path::within(dir, root)).all(is_there)
    }

    /// What changes a tree has done some of it when it fails: it may have got as far as to make the directories above, or not.
    pub(crate) fn stops_halfway(&mut self, case: &Case<'_>, failed: &mut [Failed]) {
        if !changes_beneath(case) {
            return;
        }
        let removes = matches!(case.contract.change, Change::Remove(_));
        for failed in failed {
            for at in changed_by(case) {
                // What is no directory goes at once, or not at all.
                if removes && !self.may_be_directory_on(&failed.host, &case.paths[at]) {
                    continue;
                }
                if !removes {
                    failed.host = self.perhaps_with_parents(failed.host.clone(), &case.paths[at]);
                }
                self.scramble(&mut failed.host, &case.paths[at]);
            }
        }
    }

    /// Whether a directory is at a path on any of these runs.
    fn may_be_directory_on(&mut self, host: &Host, path: &str) -> bool {
        let entry = self.entry(host, path);
        let is_dir = self.where_cell(entry, |cell| *cell == Cell::Dir);
        !self.dds.and(host.pc, is_dir).is_false()
    }

    /// The directories above a path are there, or it is as it was.
    pub(crate) fn perhaps_with_parents(&mut self, host: Host, path: &str) -> Host {
        let were_made = self.fresh("the directories above were made");
        self.made_where(were_made, host, path::parent(path))
    }

    /// A directory is there where nothing was, or it is as it was.
    pub(crate) fn perhaps_made(&mut self, host: Host, dir: &str) -> Host {
        let there = self.entry(&host, dir);
        let absent = self.where_cell(there, |cell| matches!(cell, Cell::Absent));
        let was_made = self.fresh("another branch has made the directory");
        let was_made = self.dds.and(absent, was_made);
        self.made_where(was_made, host, dir)
    }

    fn made_where(&mut self, when: Dd, host: Host, dir: &str) -> Host {
        let mut made = Host { pc: self.dds.and(host.pc, when), ..host.clone() };
        if made.pc.is_false() {
            return host;
        }
        self.put_dirs(&mut made, dir);
        let not_made = Host { pc: self.dds.minus(host.pc, when), ..host };
        self.join_hosts(made, not_made)
    }

    /// Who replaces a file owns it from then on, and what its mode says of the owner is said of him.
    pub(crate) fn owners_change(&mut self, case: &Case<'_>) {
        if !writes_content(case.contract.change) {
            return;
        }
        for at in changed_by(case) {
            let path = &case.paths[at];
            if self.facts.denied.own.contains(path) {
                self.carried.insert((path.clone(), Flaw::Right));
            }
        }
    }

    // ---- what is told ------------------------------------------------------------------------------

    /// Whether it is told that whoever runs this may not do that with what is at a path: by the mode that an op has given it, or of the start.
    pub(crate) fn lacks(&self, host: &Host, path: &str, right: Right) -> bool {
        let mode = self.mode_of(host, path).and_then(|mode| mode.lacks(right, self.facts.runs_as_root()));
        mode.unwrap_or_else(|| {
            let denied = &self.facts.denied;
            match right {
                Right::Read => denied.read.contains(path) || denied.pass.contains(path),
                Right::Write => denied.write.contains(path),
                Right::Pass => denied.pass.contains(path),
            }
        })
    }

    /// Whether whoever runs this is known to own what is at a path, or to be somebody from whom nothing is kept: that is who sets a mode.
    pub(crate) fn owns(&self, host: &Host, path: &str) -> bool {
        self.mode_of(host, path).is_some_and(|mode| !matches!(mode, Mode::Perhaps | Mode::AsAtStart))
    }

    /// The paths of which it is told who may do what with what is there.
    fn with_rights_told<'t>(&'t self, host: &'t Host) -> impl Iterator<Item = &'t str> {
        let denied = &self.facts.denied;
        let of_start = [&denied.read, &denied.write, &denied.pass, &denied.replace].into_iter().flatten();
        of_start.map(String::as_str).chain(host.modes.keys().chain(&self.taken_at_once).map(|path| &**path))
    }

    // ---- what is as it was -------------------------------------------------------------------------

    /// Everywhere if what was at a path at the start is certain to stand there still, with the rights that it had; else nowhere.
    pub(crate) fn where_it_stands(&mut self, host: &Host, path: &str) -> Dd {
        let mode = self.mode_of(host, path);
        if mode.is_some_and(Mode::tells_rights) && self.facts.runs_as_root().is_some() {
            self.entry(host, path);
            return Dd::TRUE;
        }
        let hangs_on_who = self.facts.denied.perhaps.contains(path);
        if hangs_on_who || mode != Some(Mode::AsAtStart) && !self.is_untouched(host, path) {
            return Dd::FALSE;
        }
        // That is looked at, too.
        self.entry(host, path);
        Dd::TRUE
    }

    /// The same of something that may not be read, or changed, whatever it is by now.
    fn where_kept_from(&mut self, host: &Host, path: &str, right: Right) -> Dd {
        let is_lacking = self.mode_of(host, path).is_some_and(|mode| mode.lacks_either_way(right));
        if is_lacking && self.facts.runs_as_root() == Some(false) {
            self.entry(host, path);
            return Dd::TRUE;
        }
        self.where_it_stands(host, path)
    }

    /// Where the file at a path can be started.
    pub(crate) fn where_startable(&mut self, host: &Host, path: &str) -> Dd {
        let root = self.facts.runs_as_root();
        let told = match self.mode_of(host, path) {
            Some(Mode::AsAtStart) => self.facts.startable.get(path).copied(),
            Some(mode) => mode.may_be_started(root),
            None => self.facts.startable.get(path).copied().filter(|_| self.is_untouched(host, path)),
        };
        told.map_or_else(|| self.fresh("the file can be started"), truth)
    }

    pub(crate) fn is_untouched(&mut self, host: &Host, path: &str) -> bool {
        let level = self.levels.len();
        self.is_untouched_at(level, host, path)
    }

    /// Whether nothing has been put at a path or above, nor the rights of what is there changed, and nobody else may be doing that.
    pub(crate) fn is_untouched_at(&mut self, level: usize, host: &Host, path: &str) -> bool {
        let is_put = |places: &Places| places.cover_more_than_rights(path);
        let own = !is_put(&host.written) && !is_put(&self.put_before) && !self.is_changed_by_others(path);
        own && (level == 0 || self.ask_outside(level, Question::Untouched(path.into())) == Answer::Cell(Dd::TRUE))
    }

    /// Its rights are no longer those that it had, or perhaps.
    pub(crate) fn rights_change(host: &mut Host, path: &str) {
        host.modes.remove(path);
        host.written.add(path.into(), Deed::Rights);
    }

    /// The same of something at a place that is not known.
    pub(crate) fn rights_change_anywhere(host: &mut Host) {
        host.modes.clear();
        host.written.add_rest("/".into(), Deed::Anything);
    }

    /// The paths of which it is told who may do what with what is there, and at which something has been put since.
    pub(crate) fn denied_within(&self, written: &Places) -> Vec<Rc<str>> {
        let Facts { denied, startable, modes, .. } = &self.facts;
        let told = denied.paths().chain(startable.keys()).chain(modes.keys());
        let touched = told.filter(|path| written.cover_more_than_rights(path));
        touched.map(|path| path.as_str().into()).collect()
    }
}

/// Whether a program is started.
fn starts_program(case: &Case<'_>) -> bool {
    matches!(case.contract.change, Change::Program | Change::ProgramBeside)
}

/// Whether a change puts a content into a file.
pub(crate) fn writes_content(change: Change) -> bool {
    matches!(
        change,
        Change::PutFile(..)
            | Change::PutSent(_)
            | Change::Append(..)
            | Change::CopyFile(..)
            | Change::Pack(..)
            | Change::Unpack(..)
            | Change::PackTree(..)
    )
}
