//! What is refused for itself, whatever stands on the host: texts that no program can be given, names that are too long, and content that is no
//! text.

use perch_diagram::{Dd, Leaf};
use perch_engine::flows::hidden;
use perch_ops::contract::{Change, Yields};
use perch_ops::given::Given;
use perch_ops::{ErrorKind, Primitive};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{Cell, HoleKey, Piece};
use crate::facts::Stated;
use crate::host::Host;

use super::archives::AN_ARCHIVE;
use super::{Case, Gathered, Why};

impl Symbolic {
    /// What a program cannot be given: its words or its line, then its variables. That comes before all questions.
    pub(super) fn as_given(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let starts_one = case.line.is_some() || case.primitive == Primitive::Spawn;
        if !starts_one {
            return Some(host);
        }
        let mut host = host;
        for (at, word) in case.chosen.iter().enumerate() {
            let given = match case.line {
                Some(line) if line == at => Given::Line,
                Some(_) => continue,
                None => Given::Word(at),
            };
            if let Some(word) = *word {
                host = self.if_refused(given, word, Dd::TRUE, host, all)?;
            }
        }
        let bindings = &case.frame.bindings;
        let exported = bindings.iter().filter(|(name, _)| hidden::is_handed_on(name) && !hidden::is_environment(name));
        let exported = exported.map(|(name, value)| (&**name, *value));
        let set = bindings.iter().filter_map(|(name, value)| Some((hidden::as_variable(name)?, *value)));
        for (name, value) in exported.chain(set) {
            let seen = match bindings.get(hidden::taken(name).as_str()) {
                Some(taken) => self.where_cell(*taken, |cell| matches!(cell, Cell::Unbound)),
                None => Dd::TRUE,
            };
            let seen = self.dds.and(host.pc, seen);
            for (leaf, when) in self.dds.cases(value, seen) {
                host = self.if_refused(Given::Variable(name), leaf, when, host, all)?;
            }
        }
        Some(host)
    }

    fn if_refused(&mut self, given: Given<'_>, text: Leaf, when: Dd, host: Host, all: &mut Gathered) -> Option<Host> {
        let parts = self.names.literals(text);
        match given.refusal(parts.iter().map(|part| &**part)) {
            Some(refusal) => self.fail(host, when, &Why::new(refusal.kind, refusal.message), all),
            None => Some(host),
        }
    }

    /// A path that may be too long for the system, which then takes it for none at all.
    pub(super) fn as_named(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let mut host = host;
        for at in case.paths.iter().filter(|at| path::may_be_too_long(at)) {
            if self.answers_anyway(case) {
                continue;
            }
            let refused = self.fresh("a path is too long for the system");
            let name = path::base(at).chars().take(SHOWN).collect::<String>();
            let says = format!("the path that ends in `{name}…` may be too long for this system");
            host = self.fail(host, refused, &Why::new(ErrorKind::IoError, says), all)?;
        }
        let Change::PutLink(_, target) = case.contract.change else { return Some(host) };
        let refused = self.fresh("a target is too long for the system");
        let long = self.map(case.operands[target], |this, leaf| {
            let bytes = this.names.literals(leaf).iter().map(|part| part.len()).sum();
            if path::target_may_be_too_long(bytes) { refused } else { Dd::FALSE }
        });
        let says = "what the link is to lead to may be too long for this system";
        self.fail(host, long, &Why::new(ErrorKind::IoError, says), all)
    }

    /// Reading content that is known to be no text.
    pub(super) fn as_text(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let at = match case.contract.yields {
            Yields::Content(at) => at,
            Yields::Target(at) => return self.as_target(case, at, host, all),
            _ => return Some(host),
        };
        let path = &case.paths[at];
        let entry = self.entry(&host, path);
        let no_text = self.map(entry, |this, leaf| match *this.names.cell(leaf) {
            Cell::File(content) => this.is_no_text(content),
            _ => Dd::FALSE,
        });
        let why = Why::new(ErrorKind::ParseFailed, format!("`{path}` does not hold UTF-8 text"));
        self.fail(host, no_text, &why, all)
    }

    /// Reading where a link leads of which that could not be told: it may be no text, or nobody's business.
    fn as_target(&mut self, case: &Case<'_>, at: usize, host: Host, all: &mut Gathered) -> Option<Host> {
        let path = &case.paths[at];
        let entry = self.entry(&host, path);
        let untold = self.map(entry, |this, leaf| match *this.names.cell(leaf) {
            Cell::Link(target) if this.is_untold(target) => Dd::TRUE,
            _ => Dd::FALSE,
        });
        let mut host = host;
        let says = format!("nobody can tell beforehand where `{path}` leads");
        for kind in [ErrorKind::ParseFailed, ErrorKind::FilePermissionDenied] {
            let perhaps = self.fresh("it cannot be told where a link leads");
            let when = self.dds.and(untold, perhaps);
            host = self.fail(host, when, &Why::new(kind, says.clone()), all)?;
        }
        Some(host)
    }

    /// Whether that is where a link leads of the start of which nobody can tell it.
    fn is_untold(&self, target: Leaf) -> bool {
        let pieces = self.names.pieces(target).unwrap_or_default();
        let [Piece::Hole(hole)] = pieces.as_slice() else { return false };
        matches!(self.names.hole_key(*hole), HoleKey::Target(0, path) if self.facts.files.get(&**path) == Some(&Stated::LinkSomewhere))
    }

    /// Where a content is no text. What is compressed begins with bytes that no text has; other archives may be texts.
    fn is_no_text(&mut self, content: Leaf) -> Dd {
        let mut perhaps = false;
        for piece in self.names.pieces(content).unwrap_or_default() {
            let Piece::Hole(hole) = piece else { continue };
            match self.names.hole_key(hole) {
                HoleKey::Packed(_) => return Dd::TRUE,
                HoleKey::Content(0, path) if self.facts.no_text.contains(&**path) => return Dd::TRUE,
                HoleKey::Tree(_, tree) if tree.format.ends_with("gz") => return Dd::TRUE,
                HoleKey::Tree(..) | HoleKey::Fresh(_, AN_ARCHIVE) => perhaps = true,
                _ => {}
            }
        }
        if perhaps { self.fresh("an archive is no text") } else { Dd::FALSE }
    }
}

/// So many characters of a long name are shown.
const SHOWN: usize = 20;
