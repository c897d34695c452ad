//! What a run hangs on and is not told: where a machine can be asked, that is looked up, and the run is repeated.
//!
//! An unknown of the start is an atom, so most questions need not be noted. What a file holds and which other entries a directory has
//! are unknowns of every file and directory, wanted only where somebody looks.

use std::collections::BTreeSet;

use perch_diagram::Dd;
use perch_ops::contract::{Change, Yields};
use perch_ops::{ErrorKind, Primitive};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{AtomKey, Cell, HoleKey, Piece};
use crate::facts::{Denied, Question, Stated};
use crate::host::Host;
use crate::made::is_made;
use crate::perform::{Case, Gathered, Why};

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

    /// Somebody looks at what a file holds that may be this one.
    pub(crate) fn looks_into_file(&mut self, entry: Dd) {
        for leaf in self.dds.leaves(entry) {
            let Cell::File(content) = *self.names.cell(leaf) else { continue };
            if let Some([Piece::Hole(hole)]) = self.names.pieces(content).as_deref()
                && let HoleKey::Content(0, path) = self.names.hole_key(*hole)
            {
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

    /// Somebody goes through a tree.
    fn looks_beneath(&mut self, host: &Host, path: &str) {
        let beneath = self.mentioned(host, path);
        for dir in beneath.iter().map(|dir| &**dir).chain([path]) {
            let rest = self.rest(host, dir);
            self.looks_into_directory(rest);
        }
    }

    /// Where whoever runs this may not go through a directory above a path, an op may fail before anything is found there. A program works
    /// within its directory.
    pub(crate) fn as_passable(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let works_within = case.primitive == Primitive::Spawn
            || matches!(case.contract.change, Change::Program | Change::ProgramBeside);
        let pass = &self.facts.denied.pass;
        let closed = case.paths.iter().find_map(|path| {
            let within = pass.get(path).filter(|_| works_within);
            path::ancestors(path).find_map(|above| pass.get(above)).or(within)
        });
        let Some(closed) = closed else { return Some(host) };
        let message = format!("whoever runs this may not go through `{closed}`");
        let perhaps = self.fresh("it may not be done");
        self.fail(host, perhaps, &Why::new(ErrorKind::FilePermissionDenied, message), all)
    }

    /// Where whoever runs this may not do what an op does, as far as that was found out, it may fail.
    pub(crate) fn as_permitted(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if !self.facts.looked_up {
            return Some(host);
        }
        let mut host = host;
        let read = read_by(case).into_iter().filter(|_| reads_beneath(case));
        let changed = changed_by(case).into_iter().filter(|_| changes_beneath(case));
        for at in read.chain(changed) {
            self.looks_beneath(&host, &case.paths[at]);
        }
        for (kind, message) in self.not_done(case, &host) {
            let perhaps = self.fresh("it may not be done");
            host = self.fail(host, perhaps, &Why::new(kind, message), all)?;
        }
        Some(host)
    }

    /// Why an op may fail for what was found at the start: what may not be done, and what cannot be.
    fn not_done(&mut self, case: &Case<'_>, host: &Host) -> Vec<(ErrorKind, String)> {
        let denied = self.not_permitted(case, host).into_iter();
        let mut found: Vec<_> = denied.map(|message| (ErrorKind::FilePermissionDenied, message)).collect();
        for at in read_by(case).into_iter().filter(|_| reads_beneath(case)) {
            let beneath = |all: &BTreeSet<String>| all.iter().find(|one| path::within(one, &case.paths[at])).cloned();
            if case.primitive == Primitive::List {
                let nameless = beneath(&self.facts.nameless);
                found.extend(
                    nameless.map(|dir| (ErrorKind::ParseFailed, format!("a name in `{dir}` is not UTF-8 text"))),
                );
            } else {
                let special = beneath(&self.facts.special);
                let says = |path| format!("`{path}` is neither a file nor a directory nor a link");
                found.extend(special.map(|path| (ErrorKind::IoError, says(path))));
            }
        }
        found
    }

    fn not_permitted(&mut self, case: &Case<'_>, host: &Host) -> Vec<String> {
        let mut found = Vec::new();
        for at in read_by(case) {
            found.extend(self.unreadable(&case.paths[at], reads_beneath(case)));
        }
        if let Change::Remove(at) = case.contract.change {
            found.extend(self.unlisted(&case.paths[at]));
        }
        for at in changed_by(case) {
            let path = case.paths[at].clone();
            let entry = self.entry(host, &path);
            let [dir, absent] = [Cell::Dir, Cell::Absent].map(|cell| self.cell(cell));
            // A directory that is there need not be made, and nothing need not be removed.
            let is_done = match case.contract.change {
                Change::PutDirs(_) => self.same_on(host.pc, entry, dir),
                Change::Remove(_) => self.same_on(host.pc, entry, absent),
                _ => false,
            };
            found.extend(self.unwritable(&path, changes_beneath(case), changes_entries(case)).filter(|_| !is_done));
        }
        for path in &case.paths {
            let denied = &self.facts.denied;
            let owns = match case.primitive {
                Primitive::SetMode => !denied.own.contains(path),
                // Whoever may change something may say that it was changed now.
                Primitive::SetTime => !denied.own.contains(path) || !denied.write.contains(path),
                _ => true,
            };
            found.extend((!owns).then(|| format!("`{path}` belongs to somebody else than whoever runs this")));
        }
        found
    }

    /// What is copied or moved brings with it what may not be done with it.
    pub(crate) fn rights_travel(&mut self, case: &Case<'_>) {
        let (from, to) = match case.contract.change {
            Change::CopyFile(from, to)
            | Change::CopyTree(from, to)
            | Change::Move(from, to)
            | Change::Pack(from, to)
            | Change::Unpack(from, to) => (&case.paths[from], &case.paths[to]),
            _ => return,
        };
        let Denied { read, write, pass, .. } = &self.facts.denied;
        let mut all = read.iter().chain(write).chain(pass).chain(&self.carried);
        if all.any(|closed| path::within(closed, from) || path::within(from, closed)) {
            self.carried.insert(to.clone());
        }
    }

    /// Where something was put that may not be read or changed, if a path is there or beneath, or above and all of a tree is wanted.
    fn is_carried(&self, path: &str, with_beneath: bool) -> Option<&str> {
        let is = |at: &&String| path::within(path, at) || with_beneath && path::within(at, path);
        self.carried.iter().find(is).map(String::as_str)
    }

    /// What stands in the way of reading what is at a path, or of a tree.
    fn unreadable(&self, path: &str, with_beneath: bool) -> Option<String> {
        let Denied { read, pass, .. } = &self.facts.denied;
        let is_read = |at: &&String| **at == path || with_beneath && path::within(at, path);
        let closed = read.iter().chain(pass).find(is_read).map(String::as_str);
        let closed = closed.or_else(|| self.is_carried(path, with_beneath))?;
        Some(format!("`{closed}` may not be read by whoever runs this"))
    }

    /// What stands in the way of finding out what is in a tree that is to be removed.
    fn unlisted(&self, path: &str) -> Option<String> {
        let is_directory = |at: &str| matches!(self.facts.files.get(at), Some(Stated::Dir { .. } | Stated::There));
        let closed = self.facts.denied.read.iter().find(|at| path::within(at, path) && is_directory(at))?;
        Some(format!("`{closed}` may not be read by whoever runs this"))
    }

    /// What stands in the way of changing what is at a path, or a tree: itself, the nearest directory above that was there, or something beneath.
    fn unwritable(&self, path: &str, with_beneath: bool, as_entry: bool) -> Option<String> {
        let Denied { write, replace, .. } = &self.facts.denied;
        // Whose a file is that is removed or moved is nobody's business but that of its directory.
        let is_file = |at: &str| matches!(self.facts.files.get(at), Some(Stated::File(_) | Stated::Link(_)));
        let is_closed = |at: &str| write.contains(at) && !(as_entry && is_file(at));
        let is_there = |at: &&str| self.facts.files.get(*at).is_some_and(|stated| *stated != Stated::Absent);
        let above: Vec<&str> = path::ancestors(path).collect();
        let nearest = above.into_iter().rev().find(is_there);
        let own = std::iter::once(path).chain(nearest).find(|at| is_closed(at));
        let own = own.or_else(|| replace.contains(path).then_some(path));
        let beneath = || {
            let mut all = write.iter().filter(|at| is_closed(at)).chain(replace);
            all.find(|at| with_beneath && path::within(at, path)).map(String::as_str)
        };
        let closed = own.or_else(beneath).or_else(|| self.is_carried(path, with_beneath))?;
        Some(format!("`{closed}` may not be changed by whoever runs this"))
    }
}

/// Whether an op reads all of a tree.
fn reads_beneath(case: &Case<'_>) -> bool {
    let change = case.contract.change;
    case.primitive == Primitive::List || matches!(change, Change::CopyTree(..) | Change::PackTree(..))
}

/// Whether an op changes all of a tree.
fn changes_beneath(case: &Case<'_>) -> bool {
    matches!(case.contract.change, Change::Remove(_) | Change::CopyTree(..) | Change::UnpackTree(..))
}

/// Whether an op changes nothing but which entries directories have.
fn changes_entries(case: &Case<'_>) -> bool {
    matches!(case.contract.change, Change::Remove(_) | Change::Move(..))
}

/// The paths of which an op reads what is there.
fn read_by(case: &Case<'_>) -> Vec<usize> {
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
fn changed_by(case: &Case<'_>) -> Vec<usize> {
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
