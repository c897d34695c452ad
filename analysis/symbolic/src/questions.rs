//! What a run hangs on and is not told: where a machine can be asked, that is looked up, and the run is repeated.
//!
//! An unknown of the start is an atom, so most questions need not be noted. What a file holds and which other entries a directory has
//! are unknowns of every file and directory, wanted only where somebody looks.

use std::collections::BTreeSet;
use std::rc::Rc;

use perch_diagram::Dd;
use perch_ops::contract::{Change, Yields};
use perch_ops::search::Search;
use perch_ops::{ErrorKind, Primitive};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{AtomKey, Cell, HoleKey, Piece};
use crate::facts::{Question, Stated};
use crate::host::{Host, moved};
use crate::made::is_made;
use crate::perform::devices::says_special;
use crate::perform::modes::Mode;
use crate::perform::{Case, Gathered, Why};
use crate::rights::Obstacle;

impl Symbolic {
    /// What the run has come to hang on and the description of its start does not tell. Told all this, another run hangs on less.
    #[must_use]
    pub fn questions(&self) -> BTreeSet<Question> {
        let atoms = self.names.atoms().filter_map(|key| match key {
            // Of later moments, too: what stood there at the start may be a link, and still be one.
            AtomKey::There(_, path) | AtomKey::IsDir(_, path) if !is_made(path) => {
                Some(Question::Path(path.to_string()))
            }
            AtomKey::Bin(0, name) => Some(Question::Bin(name.to_string())),
            _ => None,
        });
        atoms.chain(self.looked_into.iter().cloned()).collect()
    }

    /// A run of which too much is not known to go on looking has come to these paths: told more, it would get further.
    pub(crate) fn wants_to_know(&mut self, paths: &[String]) {
        let paths = paths.iter().filter(|path| self.facts.looked_up && !is_made(path));
        self.looked_into.extend(paths.cloned().map(Question::Path));
    }

    /// Somebody looks at what a file holds that may be this one: what it held at the start, with what the run has added.
    pub(crate) fn looks_into_file(&mut self, entry: Dd) {
        for leaf in self.dds.leaves(entry) {
            let Cell::File(content) = *self.names.cell(leaf) else { continue };
            for piece in self.names.pieces(content).unwrap_or_default() {
                let Piece::Hole(hole) = piece else { continue };
                let HoleKey::Content(0, path) = self.names.hole_key(hole) else { continue };
                let question = Question::Content(path.to_string());
                self.looked_into.insert(question);
            }
        }
    }

    /// Somebody looks at the other entries of a directory.
    pub(crate) fn looks_into_directory(&mut self, rest: Dd) {
        for leaf in self.dds.leaves(rest) {
            if let Cell::From(0, dir) = self.names.cell(leaf) {
                let question = Question::Entries(dir.to_string());
                self.looked_into.insert(question);
            }
        }
    }

    /// Somebody goes through a tree, or as far into it as is wanted.
    fn looks_beneath(&mut self, host: &Host, path: &str, how_far: &HowFar) {
        for dir in self.gone_into(host, path, how_far) {
            let rest = self.rest(host, &dir);
            self.looks_into_directory(rest);
        }
        // Programs that have run since may have left what was there at the start, with its rights.
        let is_dir = |stated: &Stated| matches!(stated, Stated::Dir { .. });
        let there = self.facts.files.iter().filter(|(at, stated)| is_dir(stated) && how_far.meets(path, at));
        let there: Vec<Question> = there.map(|(at, _)| Question::Entries(at.clone())).collect();
        self.looked_into.extend(there);
    }

    /// A directory, and the mentioned places in it that are gone into if they are directories.
    fn gone_into(&mut self, host: &Host, path: &str, how_far: &HowFar) -> Vec<Rc<str>> {
        let mut all: Vec<Rc<str>> = vec![path.into()];
        if how_far.is_deep() {
            let mentioned = self.mentioned(host, path).into_iter().filter(|below| how_far.enters(path, below));
            all.extend(mentioned.filter(|below| self.may_be_directory(host, below)));
        }
        all
    }

    fn may_be_directory(&mut self, host: &Host, path: &str) -> bool {
        let entry = self.entry(host, path);
        self.dds.leaves(entry).into_iter().any(|leaf| *self.names.cell(leaf) == Cell::Dir)
    }

    /// How far an op goes into the tree at a path that it reads.
    pub(crate) fn how_far(&self, case: &Case<'_>) -> HowFar {
        match (case.contract.yields, case.contract.change) {
            (Yields::Entries(at), _) => self.search(case, at).map_or(HowFar::All, HowFar::Searched),
            (_, Change::CopyTree(..) | Change::PackTree(..)) => HowFar::All,
            _ => HowFar::Itself,
        }
    }

    /// Where whoever runs this may not do what an op does, as far as that is told, it fails, or may.
    pub(crate) fn as_permitted(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if !self.may_lack_rights(&host) {
            return Some(host);
        }
        let mut host = host;
        let how_far = self.how_far(case);
        if how_far.is_tree() {
            for at in read_by(case) {
                self.looks_beneath(&host, &case.paths[at], &how_far);
            }
        }
        for at in changed_by(case).into_iter().filter(|_| changes_beneath(case)) {
            self.looks_beneath(&host, &case.paths[at], &HowFar::All);
        }
        let read = if how_far.is_tree() { Vec::new() } else { read_by(case) };
        // What is read is opened first.
        host = self.as_held(case, &read, host, all)?;
        for obstacle in self.obstacles(case, &how_far, &host) {
            let mark = all.failed.len();
            let next = self.meets(obstacle, host, all);
            self.stops_halfway(case, &mut all.failed[mark..]);
            host = next?;
        }
        let Yields::Entries(at) = case.contract.yields else { return Some(host) };
        for dir in self.gone_into(&host, &case.paths[at], &how_far) {
            let cannot = self.has_nameless(&host, &dir);
            host = self.fail(host, cannot, &Why::new(ErrorKind::ParseFailed, says_nameless(&dir)), all)?;
        }
        Some(host)
    }

    /// Where a directory is there in which a name is no text.
    fn has_nameless(&mut self, host: &Host, dir: &str) -> Dd {
        if self.facts.nameless.is_empty() {
            return Dd::FALSE;
        }
        let entry = self.entry(host, dir);
        let is_dir = self.where_cell(entry, |cell| matches!(cell, Cell::Dir));
        let rest = self.rest(host, dir);
        let has = self.map(rest, |this, leaf| match this.names.cell(leaf) {
            Cell::From(0, from) if this.facts.nameless.contains(&**from) => Dd::TRUE,
            _ => Dd::FALSE,
        });
        let has = self.dds.and(is_dir, has);
        self.decided(has)
    }

    /// Why an op may fail for what was there at the start: what may not be done, and what cannot be.
    fn obstacles(&mut self, case: &Case<'_>, how_far: &HowFar, host: &Host) -> Vec<Obstacle> {
        let mut found = self.not_permitted(case, how_far, host);
        for at in read_by(case).into_iter().filter(|_| how_far.is_tree()) {
            let path = &case.paths[at];
            let is_met = |one: &&String| how_far.meets(path, one);
            if case.primitive == Primitive::List {
                let nameless: Vec<String> = self.facts.nameless.iter().filter(is_met).cloned().collect();
                let untold = nameless.into_iter().find(|dir| !self.is_told(host, dir));
                let brought = self.brings(Flaw::Name, path, how_far).map(str::to_owned);
                found.extend(
                    untold.or(brought).map(|dir| Obstacle::perhaps(ErrorKind::ParseFailed, says_nameless(&dir))),
                );
            } else {
                let special = self.facts.special.iter().find(is_met).map(String::as_str);
                let special = special.or_else(|| self.brings(Flaw::Special, path, how_far));
                found.extend(special.map(|path| Obstacle::perhaps(ErrorKind::IoError, says_special(path))));
            }
        }
        found
    }

    /// Whether it is certain that the entries which nobody has mentioned of a directory of the start are what they were, or that there are none.
    fn is_told(&mut self, host: &Host, dir: &str) -> bool {
        let rest = self.rest(host, dir);
        let rest = self.simplified(rest, host.pc);
        self.dds.as_leaf(rest).is_some_and(|leaf| match self.names.cell(leaf) {
            Cell::From(0, from) => **from == *dir,
            cell => *cell == Cell::Empty,
        })
    }

    /// What is copied or moved brings with it what may not be done with it, and what cannot be.
    pub(crate) fn flaws_travel(&mut self, case: &Case<'_>, host: &Host, modes: &[(String, Mode)]) {
        if modes.is_empty() {
            self.owners_change(case);
        }
        let (from, to) = match case.contract.change {
            Change::CopyFile(from, to)
            | Change::CopyTree(from, to)
            | Change::Move(from, to)
            | Change::Pack(from, to)
            | Change::Unpack(from, to) => (&case.paths[from], &case.paths[to]),
            _ => return,
        };
        let is_about = |at: &String| path::within(at, from) || path::within(from, at);
        let mut brought = Vec::new();
        let closed = self.closed_without_saying(case, (from, to), host, modes);
        if !closed.is_empty() {
            brought.push(Flaw::Right);
        }
        // Directories that are copied are open to who makes the copy.
        let is_way = |at: &&str| self.facts.denied.pass.contains(*at) || host.modes.contains_key(*at);
        if matches!(case.contract.change, Change::Move(..)) && closed.iter().any(is_way) {
            brought.push(Flaw::Way);
        }
        if self.facts.nameless.iter().any(is_about) {
            brought.push(Flaw::Name);
        }
        if self.facts.special.iter().any(is_about) {
            brought.push(Flaw::Special);
        }
        brought.extend(self.carried.iter().filter(|(at, _)| is_about(at)).map(|(_, flaw)| *flaw));
        self.carried.extend(brought.into_iter().map(|flaw| (to.clone(), flaw)));
    }

    /// What of what is copied or moved may be closed to whoever runs this where it is put, and these modes do not say so. What may not be done with
    /// a directory above stays there.
    fn closed_without_saying<'s>(
        &'s self,
        case: &Case<'_>,
        (from, to): (&str, &str),
        host: &'s Host,
        modes: &[(String, Mode)],
    ) -> Vec<&'s str> {
        let is_tree = matches!(case.contract.change, Change::Move(..) | Change::CopyTree(..));
        let root = self.facts.runs_as_root();
        // What branches do that run at once may not be known behind them.
        let is_said = |at: &str| {
            let to = if is_tree { moved(at, from, to) } else { to.to_owned() };
            self.reads.is_none() && modes.iter().any(|(path, mode)| *path == to && mode.tells_all_rights(root))
        };
        let denied = self.facts.denied.paths().map(String::as_str).filter(|at| path::within(at, from));
        let takes_away = |at: &&str| path::within(at, from) && self.mode_of(host, at).is_some_and(Mode::may_take_away);
        let set = host.modes.keys().chain(&self.taken_at_once).map(|at| &**at);
        let set = set.filter(|_| root == Some(false)).filter(takes_away);
        denied.chain(set).filter(|at| !is_said(at)).collect()
    }

    /// Where something was put that brought a flaw with it, if an op meets that which reads what is at a path.
    pub(crate) fn brings(&self, flaw: Flaw, path: &str, how_far: &HowFar) -> Option<&str> {
        let is_met = |at: &str| path::within(path, at) || how_far.meets(path, at);
        let found = self.carried.iter().find(|(at, brought)| *brought == flaw && is_met(at));
        found.map(|(at, _)| at.as_str())
    }
}

/// What something may bring with it wherever it is put.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flaw {
    /// Something that may not be done with it.
    Right,
    /// A directory through which no way leads.
    Way,
    /// A name that is no text.
    Name,
    /// What is neither file, directory nor link.
    Special,
}

/// How far an op goes into what it reads.
pub(crate) enum HowFar {
    /// It reads what is at the path.
    Itself,
    /// It lists the directories in which there may be what it searches for.
    Searched(Search),
    /// It reads all of a tree.
    All,
}

impl HowFar {
    /// Whether it reads more than one file.
    fn is_tree(&self) -> bool {
        !matches!(self, Self::Itself)
    }

    /// Whether it goes into directories beneath.
    pub(crate) fn is_deep(&self) -> bool {
        !matches!(self, Self::Itself | Self::Searched(Search::Names))
    }

    /// Whether it goes into a directory beneath a path.
    fn enters(&self, path: &str, below: &str) -> bool {
        match self {
            Self::Itself => false,
            Self::Searched(search) => path::beneath(below, path).is_some_and(|below| search.enters(below)),
            Self::All => path::within(below, path),
        }
    }

    /// Whether it meets what is there.
    pub(crate) fn meets(&self, path: &str, at: &str) -> bool {
        path == at || self.enters(path, at)
    }
}

fn says_nameless(dir: &str) -> String {
    format!("a name in `{dir}` is not UTF-8 text")
}

/// Whether an op changes all of a tree.
pub(crate) fn changes_beneath(case: &Case<'_>) -> bool {
    matches!(case.contract.change, Change::Remove(_) | Change::CopyTree(..) | Change::UnpackTree(..))
}

/// Whether an op changes nothing but which entries directories have.
pub(crate) fn changes_entries(case: &Case<'_>) -> bool {
    matches!(case.contract.change, Change::Remove(_) | Change::Move(..) | Change::PutLink(..))
}

/// The paths of which an op reads what is there.
pub(crate) fn read_by(case: &Case<'_>) -> Vec<usize> {
    let yields = match case.contract.yields {
        Yields::Content(at) | Yields::Measure(at, _) | Yields::Entries(at) => Some(at),
        _ => None,
    };
    let copied = match case.contract.change {
        Change::CopyFile(from, _)
        | Change::CopyTree(from, _)
        | Change::Pack(from, _)
        | Change::Unpack(from, _)
        | Change::PackTree(from, _)
        | Change::UnpackTree(from, _) => Some(from),
        _ => None,
    };
    yields.into_iter().chain(copied).collect()
}

/// The paths that an op changes.
pub(crate) fn changed_by(case: &Case<'_>) -> Vec<usize> {
    match case.contract.change {
        Change::PutFile(at, _)
        | Change::Append(at, _)
        | Change::PutDirs(at)
        | Change::PutNew(at, _)
        | Change::Remove(at)
        | Change::PutLink(at, _)
        | Change::PutSent(at)
        | Change::CopyFile(_, at)
        | Change::CopyTree(_, at)
        | Change::Pack(_, at)
        | Change::Unpack(_, at)
        | Change::PackTree(_, at)
        | Change::UnpackTree(_, at) => vec![at],
        Change::Move(from, to) => vec![from, to],
        Change::None
        | Change::SetMode(..)
        | Change::Program
        | Change::ProgramBeside
        | Change::Packages
        | Change::Time(_) => Vec::new(),
    }
}
