//! Places that are not known: everything that the contract can raise is possible, and what is anywhere may have been changed.

use perch_diagram::Dd;
use perch_ops::ErrorKind;
use perch_ops::contract::{Change, End, Fact, Node, PathFrom, Yields};
use perch_policy::Known;

use crate::Symbolic;
use crate::cells::{HoleKey, Touch};
use crate::host::Host;
use crate::paths::RouteEnd;
use crate::record::Assumption;
use crate::shown::cut;
use crate::values::{CHANGED, ENTRIES, SOME_CONTENT};

use super::{Case, Gathered, PathText};

/// Paths longer than this are not written out.
const MAX_PATH: usize = 120;

impl Symbolic {
    /// A path is not known: everything that the contract can raise is possible, and so is success, unless a path that is known
    /// excludes it.
    pub(super) fn anywhere(&mut self, case: &Case<'_>, known: &[Option<String>], host: Host, all: &mut Gathered) {
        // That a text is no path has been told before, but for those of which a new name is made.
        let is_made = case.contract.paths.iter().any(|used| matches!(used.from, PathFrom::New { .. }));
        let mut kinds: Vec<ErrorKind> = is_made.then_some(ErrorKind::InvalidArgument).into_iter().collect();
        if !self.answers_anyway(case) {
            kinds.push(ErrorKind::IoError);
        }
        if !self.facts.denied.is_empty() {
            kinds.push(ErrorKind::FilePermissionDenied);
        }
        kinds.extend(case.contract.guards.iter().map(|guard| guard.kind));
        let asked = case.contract.asks.iter().flat_map(|ask| self.possible_denials(&case.cx.bounds, *ask));
        kinds.extend(asked.collect::<Vec<_>>());
        kinds.sort();
        kinds.dedup();
        let why = self.why_unknown(case, known);
        let doomed = self.doomed(case, known, &host);
        let Some(host) = self.fail_somehow(host, doomed, &kinds, (&why, None), all) else { return };
        let Some(host) = self.contact(case, host, all) else { return };
        let Some(mut host) = self.opened(case, host, all) else { return };
        match case.contract.change {
            Change::Program => return self.program(case, host, all),
            Change::ProgramBeside => return self.program_beside(case, host, all),
            _ => {}
        }
        if let Change::SetMode(..) = case.contract.change {
            self.changes_somewhere(&host);
            Self::rights_change_anywhere(&mut host);
            self.note_assumption(Assumption::StillPermitted, host.pc);
        }
        let value = match case.contract.yields {
            Yields::Content(_) => self.fresh_text(SOME_CONTENT),
            Yields::KindName(_) => {
                let [a, b] = [self.fresh("something is there"), self.fresh("it is a directory")];
                let [absent, file, dir] = ["absent", "file", "directory"].map(|text| self.known_text(text));
                let there = self.dds.ite(b, dir, file);
                self.dds.ite(a, there, absent)
            }
            Yields::Measure(..) => self.fresh_text("checksum, size or line end of a file"),
            Yields::Target(_) => self.fresh_text("target of some link"),
            Yields::ChangedAt(_) => self.fresh_text(CHANGED),
            Yields::Entries(_) => self.fresh_text(ENTRIES),
            Yields::CleanPath(_) if case.made.is_some() => self.some_new_path(case),
            Yields::CleanPath(_) => self.fresh_text("a working directory"),
            _ => self.known_text(""),
        };
        if let Some(touch) = self.touch_of(case, &host) {
            let linking = match touch {
                Touch::Link(_) => true,
                // Links that there are can come to be anywhere.
                Touch::Moved | Touch::Tree => self.names.any_linked() || !self.no_links(&host),
                Touch::File | Touch::Dir | Touch::Gone => false,
            };
            if linking {
                self.links_made += 1;
                self.links_anywhere();
            }
            self.touch(&mut host, touch);
            self.changes_somewhere(&host);
        }
        self.gather_next(all, Some(host), value);
    }

    /// Which paths are not known, as far as they are, or where one leads that is written out.
    fn why_unknown(&mut self, case: &Case<'_>, known: &[Option<String>]) -> String {
        let unknown = case.contract.paths.iter().zip(known).filter(|(_, known)| known.is_none());
        let mut named: Vec<String> = Vec::new();
        let mut leading: Vec<String> = Vec::new();
        for (used, _) in unknown {
            let operand = match used.from {
                PathFrom::Operand(at) => case.chosen.get(at).copied().flatten(),
                PathFrom::Cwd | PathFrom::New { .. } => None,
            };
            let (all, this) = match (self.path_text(case, *used), operand, used.from) {
                (PathText::Path(path), Some(_), _) => (&mut leading, self.may_lead_elsewhere(&path)),
                (_, Some(leaf), _) if self.hangs_on_mending(leaf) => {
                    let path = cut(self.names.shown(leaf), MAX_PATH);
                    (&mut leading, format!("`{path}` is not known before a failure above is mended"))
                }
                (_, Some(leaf), _) => (&mut named, format!("`{}`", cut(self.names.shown(leaf), MAX_PATH))),
                (_, None, PathFrom::Cwd) => (&mut named, "the working directory".to_owned()),
                (_, None, _) => continue,
            };
            if !all.contains(&this) {
                all.push(this);
            }
        }
        if named.is_empty() && !leading.is_empty() {
            return leading.join(", and ");
        }
        let named = if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) };
        format!("target path not statically determinable{named}")
    }

    /// Why it is not known where a path leads.
    fn may_lead_elsewhere(&self, path: &str) -> String {
        let who =
            if self.is_met_by_branches(path) { ": another branch may be changing that at the same time" } else { "" };
        format!("`{}` may be a link or beneath one, to a place that is not known{who}", cut(path.to_owned(), MAX_PATH))
    }

    /// Where a guard is violated that speaks of known paths alone, or such a path is a link loop: the op fails there, whatever
    /// the other paths are.
    pub(super) fn doomed(&mut self, case: &Case<'_>, known: &[Option<String>], host: &Host) -> Dd {
        let named = |name: &Known| name.text().is_some_and(|name| !name.contains('/'));
        let looked_up = case.contract.guards.iter().any(|guard| guard.fact == Fact::BinMissing);
        let mut doomed = if looked_up && named(&self.known_operand(case, 0)) {
            self.fact_holds(case, Fact::BinMissing, host)
        } else {
            Dd::FALSE
        };
        for (at, text) in known.iter().enumerate() {
            let Some(text) = text else { continue };
            let followed = case.contract.paths[at].end == End::Followed;
            for route in self.routes(host, text, followed) {
                let violated = match route.end {
                    RouteEnd::Path(path) => self.violated_at(case, at, path, known.len(), host),
                    RouteEnd::Loop if !self.answers_anyway(case) => Dd::TRUE,
                    RouteEnd::Loop | RouteEnd::Unknown => Dd::FALSE,
                };
                let here = self.dds.and(route.when, violated);
                doomed = self.dds.or(doomed, here);
            }
        }
        let doomed = self.decided(doomed);
        self.condition_within_budget(doomed)
    }

    /// Where a guard is violated that speaks of this path alone.
    pub(super) fn violated_at(&mut self, case: &Case<'_>, at: usize, path: String, paths: usize, host: &Host) -> Dd {
        let mut here = Case { paths: vec![String::new(); paths], chosen: case.chosen.clone(), ..*case };
        here.paths[at] = path;
        let mut violated = Dd::FALSE;
        for guard in case.contract.guards {
            let (Fact::AncestorIsFile(of) | Fact::AncestorMissing(of) | Fact::Is(of, _)) = guard.fact else { continue };
            if of == at {
                let holds = self.fact_holds(&here, guard.fact, host);
                violated = self.dds.or(violated, holds);
            }
        }
        violated
    }

    /// What the change may do to a path, if it is not known to which.
    pub(super) fn touch_of(&mut self, case: &Case<'_>, host: &Host) -> Option<Touch> {
        Some(match case.contract.change {
            Change::None
            | Change::SetMode(..)
            | Change::Program
            | Change::ProgramBeside
            | Change::Packages
            | Change::Time(_) => {
                return None;
            }
            Change::PutFile(..)
            | Change::PutSent(_)
            | Change::Append(..)
            | Change::CopyFile(..)
            | Change::Pack(..)
            | Change::Unpack(..) => Touch::File,
            Change::PackTree(..) => {
                self.may_pack_links(host, "/");
                Touch::File
            }
            Change::PutDirs(_) | Change::PutNew(_, Node::Dir) => Touch::Dir,
            Change::PutNew(..) => Touch::File,
            Change::Remove(_) => Touch::Gone,
            Change::PutLink(_, target) => {
                let target = self.dds.restrict(case.operands[target], host.pc);
                let known = self.dds.as_leaf(target);
                Touch::Link(known.unwrap_or_else(|| {
                    let number = self.number();
                    self.names.unknown(HoleKey::Fresh(number, "target of a link"))
                }))
            }
            Change::Move(..) => Touch::Moved,
            Change::CopyTree(..) | Change::UnpackTree(..) => Touch::Tree,
        })
    }
}
