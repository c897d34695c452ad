//! Failures: their worlds, what is taken for granted in place of one, and how a report goes on behind it.

use std::collections::{BTreeMap, BTreeSet};

use perch_diagram::Dd;
use perch_ops::ErrorKind;
use perch_ops::contract::{Fact, Guard, Mend, Node};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{Cell, HoleKey};
use crate::host::Host;
use crate::record::{About, Assumption, Reason};
use crate::values::MENDED_CONTENT;

use super::{Case, Failed, Gathered, needs};

impl Symbolic {
    /// Some runs fail. Gives the others, and with them the mended ones when the report goes on behind this op.
    pub(crate) fn fail(&mut self, host: Host, when: Dd, why: &Why, all: &mut Gathered) -> Option<Host> {
        let fails = self.dds.and(host.pc, when);
        self.fail_then(host, fails, why, all, |_, host| host)
    }

    /// It fails where it is doomed to and perhaps elsewhere, with one of these kinds. One unknown tells success from failure; the
    /// others only which failure.
    pub(crate) fn fail_somehow(
        &mut self,
        host: Host,
        doomed: Dd,
        kinds: &[ErrorKind],
        (message, about): (&str, Option<&About>),
        all: &mut Gathered,
    ) -> Option<Host> {
        let perhaps = self.fresh("it fails");
        let mut left = self.dds.or(doomed, perhaps);
        let mut host = Some(host);
        for (at, kind) in kinds.iter().enumerate() {
            let this = if at + 1 == kinds.len() { Dd::TRUE } else { self.fresh("in which way it fails") };
            let when = self.dds.and(left, this);
            left = self.dds.minus(left, this);
            let code = is_answer(*kind).then(|| self.fresh_text("status of an answer"));
            host = self.fail(host?, when, &Why { code, ..Why::new(*kind, message).about(about.cloned()) }, all);
        }
        host
    }

    pub(crate) fn fail_then(
        &mut self,
        host: Host,
        fails: Dd,
        why: &Why,
        all: &mut Gathered,
        mend: impl FnOnce(&mut Self, Host) -> Host,
    ) -> Option<Host> {
        if fails.is_false() {
            return (!host.pc.is_false()).then_some(host);
        }
        self.note_reason(Reason {
            kind: why.kind,
            message: why.message.clone(),
            when: fails,
            about: why.about.clone(),
            met: matches!(&why.about, Some(About::Path(path)) if self.is_met_by_branches(path)),
        });
        let goes_on = self.dds.minus(host.pc, fails);
        let mut next = (!goes_on.is_false()).then(|| Host { pc: goes_on, ..host.clone() });
        // Who else runs at the same time is not met by what only mended runs do.
        if let Some(next) = next.as_mut().filter(|next| self.reads.is_some() && !next.mended) {
            next.mended = self.really(goes_on).is_false();
        }
        let mut failed = fails;
        if let Some(ghost) = self.mending {
            failed = self.dds.minus(fails, ghost);
            let mended = self.dds.and(fails, ghost);
            let mut mended = Host { pc: mended, ..host.clone() };
            mended.mended = true;
            let mended = mend(self, mended);
            next = Some(match next {
                Some(next) => self.join_hosts(next, mended),
                None => mended,
            });
        }
        if !failed.is_false() {
            let message = match &why.said {
                Some(said) => *said,
                None => self.failure_message(),
            };
            let code = why.code.unwrap_or_else(|| self.known_text(""));
            all.failed.push(Failed {
                kind: why.kind,
                late: why.late,
                host: Host { pc: failed, ..host },
                message,
                code,
                detail: why.detail,
            });
        }
        next
    }

    /// Runs on which an existence that the file takes for granted is missing are left out, where nobody looks
    /// at the failure and the path is under a listed root (verdicts.md, assumptions).
    pub(super) fn assume(&mut self, case: &Case<'_>, guard: &Guard, host: Host, fails: Dd) -> (Host, Dd) {
        if case.cx.observed {
            return (host, fails);
        }
        let own = |at: usize, want| vec![(case.paths[at].clone(), want)];
        let wanted: Vec<(String, Want)> = match (guard.fact, guard.mend) {
            (Fact::AncestorIsFile(at) | Fact::AncestorMissing(at), _) => {
                path::ancestors(&case.paths[at]).map(|dir| (dir.to_owned(), Want::Directory)).collect()
            }
            (Fact::Is(at, Node::Absent), Mend::Dir(_) | Mend::File(_)) if needs(case, at) && takes_both(case, at) => {
                own(at, Want::Something)
            }
            (Fact::Is(at, _), Mend::Dir(_)) if needs(case, at) => own(at, Want::Directory),
            (Fact::Is(at, _), Mend::File(_)) if needs(case, at) => own(at, Want::File),
            (Fact::Is(at, Node::Dir), _) => own(at, Want::NoDirectory),
            (Fact::Is(at, Node::File), _) => own(at, Want::NoFile),
            _ => return (host, fails),
        };
        let mut host = host;
        let mut fails = fails;
        for (path, want) in wanted {
            // That there is a directory for temporary files is taken for granted, too.
            let listed = case.made.is_some() || self.facts.listed.iter().any(|root| path::within(&path, root));
            if !listed || self.names.is_new(&path) {
                continue;
            }
            let start = self.start_entry(&path);
            let holds = self.where_cell(start, |cell| want.accepts(cell));
            let without = self.dds.minus(fails, holds);
            let goes_on = self.dds.minus(host.pc, without);
            let still = self.dds.and(fails, holds);
            // Only what is unknown of the start may be assumed, only if it makes a difference here, and nothing that
            // these runs exclude: no host would be left.
            let agreeing = self.dds.and(host.pc, holds);
            if still == fails || self.dds.restrict(fails, holds) == fails || self.excludes_all(host.pc, agreeing) {
                continue;
            }
            // What is printed must hold on some host, all of it.
            if !self.assumed.agrees(&path, want) {
                continue;
            }
            if !self.without_mended(goes_on).is_false() {
                self.assumed.add(&path, want);
            }
            fails = still;
            host.pc = goes_on;
            self.note_excluded(without);
            self.note_assumption(want.assumption(path), host.pc);
        }
        (host, fails)
    }

    /// Whether no run is left that agrees with an assumption, or none but those on which a failure has been mended, and there are others.
    fn excludes_all(&mut self, pc: Dd, agreeing: Dd) -> bool {
        agreeing.is_false() || self.without_mended(agreeing).is_false() && !self.without_mended(pc).is_false()
    }

    /// The host after the violated fact has been replaced by one that satisfies it.
    pub(super) fn mend(&mut self, case: &Case<'_>, mend: Mend, host: Host) -> Host {
        let mut host = host;
        match mend {
            Mend::Nothing => {}
            Mend::Bin => self.put_bin(case, &mut host),
            Mend::Ancestors(at) => self.put_dirs(&mut host, path::parent(&case.paths[at])),
            Mend::Dir(at) => {
                self.put_dirs(&mut host, &case.paths[at]);
                let epoch = self.moment();
                let rest = self.cell(Cell::From(epoch, case.paths[at].as_str().into()));
                host.put_rest(case.paths[at].as_str(), rest);
            }
            Mend::File(at) => {
                self.put_dirs(&mut host, path::parent(&case.paths[at]));
                let content = self.number();
                let content = self.names.unknown(HoleKey::Fresh(content, MENDED_CONTENT));
                let file = self.cell(Cell::File(content));
                host.put(case.paths[at].as_str(), file);
            }
            Mend::Absent(at) => self.remove(&mut host, &case.paths[at]),
        }
        host
    }
}

/// Whether a failure of that kind is an answer, with a status for code and a body for detail.
pub(super) fn is_answer(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Http4xx | ErrorKind::Http5xx)
}

/// A failure in the making.
pub(crate) struct Why {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    /// The message as the program sees it, when both domains word it alike.
    pub(crate) said: Option<Dd>,
    pub(crate) code: Option<Dd>,
    pub(crate) detail: Option<Dd>,
    /// The deadline that has passed.
    pub(crate) late: Option<usize>,
    /// The fact that decides it.
    pub(crate) about: Option<About>,
}

impl Why {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), said: None, code: None, detail: None, late: None, about: None }
    }

    pub(crate) fn about(self, about: Option<About>) -> Self {
        Self { about, ..self }
    }
}

/// Whether an op does with files as with directories.
fn takes_both(case: &Case<'_>, at: usize) -> bool {
    let refuses = |node: Node| case.contract.guards.iter().any(|guard| guard.fact == Fact::Is(at, node));
    !refuses(Node::Dir) && !refuses(Node::File)
}

/// What an op takes for granted of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Want {
    Directory,
    File,
    Something,
    NoDirectory,
    NoFile,
}

/// What has been taken for granted so far of what is at paths at the start.
#[derive(Default)]
pub(crate) struct Assumed(BTreeMap<String, BTreeSet<Want>>);

impl Assumed {
    fn add(&mut self, path: &str, want: Want) {
        self.0.entry(path.to_owned()).or_default().insert(want);
    }

    /// Whether there is a host on which that holds besides.
    fn agrees(&self, path: &str, want: Want) -> bool {
        let may_be_directory = |at: &str| self.0.get(at).is_none_or(|all| all.iter().all(|one| one.allows_directory()));
        let is_apart = |other: &Want| !want.excludes(*other) && !other.excludes(want);
        let has_beneath = || {
            self.0.iter().any(|(at, all)| at != path && path::within(at, path) && all.iter().any(|one| one.is_there()))
        };
        let no_kind = [Want::Something, Want::NoDirectory, Want::NoFile];
        let leaves_a_kind = |all: &BTreeSet<Want>| !no_kind.iter().all(|one| *one == want || all.contains(one));
        self.0.get(path).is_none_or(|all| all.iter().all(is_apart) && leaves_a_kind(all))
            && (!want.is_there() || path::ancestors(path).all(may_be_directory))
            && (want.allows_directory() || !has_beneath())
    }
}

impl Want {
    fn is_there(self) -> bool {
        matches!(self, Self::Directory | Self::File | Self::Something)
    }

    fn allows_directory(self) -> bool {
        !matches!(self, Self::File | Self::NoDirectory)
    }

    /// Whether nothing is both, and neither nothing at all.
    fn excludes(self, other: Self) -> bool {
        match self {
            Self::Directory => matches!(other, Self::File | Self::NoDirectory),
            Self::File => matches!(other, Self::Directory | Self::NoFile),
            Self::Something => false,
            Self::NoDirectory => matches!(other, Self::Directory),
            Self::NoFile => matches!(other, Self::File),
        }
    }

    pub(super) fn accepts(self, cell: &Cell) -> bool {
        match self {
            Self::Directory => matches!(cell, Cell::Dir),
            Self::File => matches!(cell, Cell::File(_)),
            Self::Something => !matches!(cell, Cell::Absent),
            Self::NoDirectory => !matches!(cell, Cell::Dir),
            Self::NoFile => !matches!(cell, Cell::File(_)),
        }
    }

    pub(super) fn assumption(self, path: String) -> Assumption {
        match self {
            Self::Directory => Assumption::IsDirectory(path),
            Self::File => Assumption::IsFile(path),
            Self::Something => Assumption::IsThere(path),
            Self::NoDirectory => Assumption::NoDirectory(path),
            Self::NoFile => Assumption::NoFile(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_for_granted_holds_together_on_some_host() {
        let mut assumed = Assumed::default();
        assumed.add("/w/a", Want::Directory);
        assert!(assumed.agrees("/w/a", Want::NoFile) && assumed.agrees("/w/a/b", Want::File));
        assert!(!assumed.agrees("/w/a", Want::NoDirectory) && !assumed.agrees("/w/a", Want::File));
        assumed.add("/w/c/d", Want::Something);
        assert!(!assumed.agrees("/w/c", Want::NoDirectory) && assumed.agrees("/w/c", Want::NoFile));
        assumed.add("/w/e", Want::NoDirectory);
        assert!(!assumed.agrees("/w/e/f", Want::File) && assumed.agrees("/w/e/f", Want::NoFile));
        assumed.add("/w/e", Want::NoFile);
        assert!(!assumed.agrees("/w/e", Want::Something));
    }
}
