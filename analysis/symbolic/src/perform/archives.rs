//! Archives: what is known of them, and what comes of unpacking one.
//!
//! What is known of a host are texts, and no text is compressed: the second byte of what is is in no UTF-8. So a content that is known
//! cannot be decompressed, one that the run has compressed gives what it was, and of any other it is not known. (A zip file may be a text,
//! but not without what stands at its end.) What the run has
//! packed of a tree is kept if everything in it is known and plain. Of any other archive nothing is: it may be refused, and what it leaves may be anything,
//! but beneath its directory.
//!
//! A link in an archive would come to be somewhere beneath that. That others pack none is a printed assumption; where the run packs one
//! itself, links may be anywhere from then on.

use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_ops::ErrorKind;
use perch_ops::contract::{Change, UNPACKING};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{Cell, HoleKey, PackedTree, Piece, Touch};
use crate::host::Host;
use crate::record::Assumption;
use crate::values::MENDED_CONTENT;

use super::{Case, Gathered, Why};

/// The operand that names the format of an archive.
const FORMAT: usize = 2;

/// Of a tree with more entries, or longer texts in its files, what is packed is not kept: no limit on what is unpacked is near.
const MOST_ENTRIES: usize = 256;
const MOST_TEXT: usize = 1 << 20;

/// Stands at the end of every zip file.
const END_OF_ZIP: &str = "PK\u{5}\u{6}";

/// What the content of a file is that the run has packed and that is not kept.
pub(super) const AN_ARCHIVE: &str = "an archive";

impl Symbolic {
    /// Where the content of the file at a path is not compressed.
    pub(super) fn not_packed(&mut self, host: &Host, path: &str) -> Dd {
        let unknown = self.fresh("a file is not compressed, or damaged");
        let entry = self.entry(host, path);
        let entry = self.simplified(entry, host.pc);
        self.map(entry, |this, leaf| match *this.names.cell(leaf) {
            Cell::File(content) if this.packed_in(content).is_some() => Dd::FALSE,
            Cell::File(content) if this.names.known(content).is_some() => Dd::TRUE,
            _ => unknown,
        })
    }

    /// Where the content of the file at a path is no archive of the format that an operand names.
    pub(super) fn not_archive(&mut self, case: &Case<'_>, at: usize, format: usize, host: &Host) -> Dd {
        let format = self.dds.as_leaf(case.operands[format]).and_then(|leaf| self.names.known(leaf));
        let unknown = self.fresh("a file is no archive, or damaged");
        let entry = self.entry(host, &case.paths[at]);
        let entry = self.simplified(entry, host.pc);
        self.map(entry, |this, leaf| {
            let Cell::File(content) = *this.names.cell(leaf) else { return unknown };
            if this.packed_as(content).is_some_and(|tree| Some(&tree.format) == format.as_ref()) {
                return Dd::FALSE;
            }
            match (format.as_deref(), this.names.known(content)) {
                (Some("tar"), Some(_)) => Dd::TRUE,
                (Some("zip"), Some(text)) if !text.contains(END_OF_ZIP) => Dd::TRUE,
                _ => unknown,
            }
        })
    }

    /// What was compressed to that content, if the run has done so.
    fn packed_in(&self, content: Leaf) -> Option<Leaf> {
        match self.names.pieces(content)?.as_slice() {
            [Piece::Hole(hole)] => match self.names.hole_key(*hole) {
                HoleKey::Packed(content) => Some(*content),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether that content is what the run has compressed or packed. It is never empty: every format has a head or an end.
    pub(crate) fn is_packed(&self, content: Leaf) -> bool {
        let pieces = self.names.pieces(content).unwrap_or_default();
        let [Piece::Hole(hole)] = pieces.as_slice() else { return false };
        matches!(self.names.hole_key(*hole), HoleKey::Packed(_) | HoleKey::Tree(..) | HoleKey::Fresh(_, AN_ARCHIVE))
    }

    pub(super) fn pack(&mut self, host: &mut Host, from: &str, to: &str) {
        self.put_made(host, from, to, |this, content| this.names.unknown(HoleKey::Packed(content)));
    }

    pub(super) fn unpack(&mut self, host: &mut Host, from: &str, to: &str) {
        let number = self.number();
        let unknown = self.names.unknown(HoleKey::Fresh(number, "what was compressed"));
        self.put_made(host, from, to, |this, content| this.packed_in(content).unwrap_or(unknown));
    }

    /// The second path holds a file with what is made of the content of the first, and with its mode.
    fn put_made(&mut self, host: &mut Host, from: &str, to: &str, make: impl Fn(&mut Self, Leaf) -> Leaf) {
        self.path_may_change(host, to);
        let entry = self.entry(host, from);
        let entry = self.simplified(entry, host.pc);
        let number = self.number();
        let mended = self.names.unknown(HoleKey::Fresh(number, MENDED_CONTENT));
        let made = self.map(entry, |this, leaf| {
            let content = match *this.names.cell(leaf) {
                Cell::File(content) => this.read_from(content),
                _ => mended,
            };
            let content = make(this, content);
            this.cell(Cell::File(content))
        });
        host.put(to, made);
    }

    pub(super) fn pack_tree(&mut self, case: &Case<'_>, host: &mut Host, from: &str, to: &str) {
        self.may_pack_links(host, from);
        let number = self.number();
        let known = self.format_of(case).zip(self.known_tree(host, from));
        let archive = match known {
            Some((format, entries)) => HoleKey::Tree(number, Rc::new(PackedTree { format, entries })),
            None => HoleKey::Fresh(number, AN_ARCHIVE),
        };
        let archive = self.names.unknown(archive);
        let file = self.cell(Cell::File(archive));
        host.put(to, file);
    }

    /// What is beneath a directory, if all of it is known, few files with few texts, and bears names that mean the same to everybody.
    fn known_tree(&mut self, host: &Host, from: &str) -> Option<Vec<(Rc<str>, Option<Leaf>)>> {
        if self.is_unsteady(from) || !self.has_no_more(host, from) {
            return None;
        }
        let mut mentioned = self.mentioned(host, from);
        if mentioned.len() > MOST_ENTRIES {
            return None;
        }
        mentioned.sort();
        for path in &mentioned {
            let entry = self.entry(host, path);
            self.looks_into_file(entry);
        }
        let (mut entries, mut size) = (Vec::new(), 0);
        for path in mentioned {
            let below: Rc<str> = path::beneath(&path, from)?.into();
            let content = match self.certain(host, &path)? {
                Cell::Absent => continue,
                Cell::Dir if self.has_no_more(host, &path) => None,
                Cell::File(content) => {
                    size += self.names.known(content)?.len();
                    Some(content)
                }
                _ => return None,
            };
            if !below.split('/').all(is_plain) {
                return None;
            }
            entries.push((below, content));
        }
        (size <= MOST_TEXT).then_some(entries)
    }

    /// What is at a path, if it is the same on all runs.
    fn certain(&mut self, host: &Host, path: &str) -> Option<Cell> {
        let entry = self.entry(host, path);
        let entry = self.simplified(entry, host.pc);
        let entry = self.decided(entry);
        self.dds.as_leaf(entry).map(|leaf| self.names.cell(leaf).clone())
    }

    /// Whether all entries of what is at a path are mentioned.
    fn has_no_more(&mut self, host: &Host, path: &str) -> bool {
        let rest = self.rest(host, path);
        let rest = self.simplified(rest, host.pc);
        let rest = self.decided(rest);
        self.dds.as_leaf(rest).is_some_and(|leaf| *self.names.cell(leaf) == Cell::Empty)
    }

    fn format_of(&self, case: &Case<'_>) -> Option<Rc<str>> {
        self.dds.as_leaf(*case.operands.get(FORMAT)?).and_then(|leaf| self.names.known(leaf))
    }

    /// The tree of which that content is an archive, if the run has packed it and it is kept.
    fn packed_as(&self, content: Leaf) -> Option<Rc<PackedTree>> {
        match self.names.pieces(content)?.as_slice() {
            [Piece::Hole(hole)] => match self.names.hole_key(*hole) {
                HoleKey::Tree(_, tree) => Some(Rc::clone(tree)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What is in the archive at a path, if that is known.
    fn tree_at(&mut self, case: &Case<'_>, host: &Host, from: &str) -> Option<Rc<PackedTree>> {
        let Cell::File(content) = self.certain(host, from)? else { return None };
        self.packed_as(content).filter(|tree| self.format_of(case).as_ref() == Some(&tree.format))
    }

    /// Links that are packed can come to be anywhere.
    pub(super) fn may_pack_links(&mut self, host: &Host, from: &str) {
        if self.may_hold_links(host, from) {
            self.links_made += 1;
            self.links_anywhere();
        }
    }

    /// What is packed may be nothing that can be unpacked there.
    pub(super) fn opened(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let Change::UnpackTree(from, to) = case.contract.change else { return Some(host) };
        if let [Some(from), Some(to)] = [from, to].map(|at| case.paths.get(at))
            && let Some(tree) = self.tree_at(case, &host, from)
        {
            let clash = self.in_the_way(&host, &tree, to);
            let says = format!("something in `{to}` is in the way of what is packed in `{from}`");
            return self.fail(host, clash, &Why::new(ErrorKind::FileAlreadyExists, says), all);
        }
        let archive = case.paths.get(from).map_or_else(|| "the archive".to_owned(), |path| format!("`{path}`"));
        let says = format!(
            "what is packed in {archive} is not known: it may be damaged, lead elsewhere or find something in its way"
        );
        let host = self.fail_somehow(host, Dd::FALSE, UNPACKING, (&says, None), all)?;
        self.note_assumption(Assumption::NoLinksPacked, host.pc);
        Some(host)
    }

    /// Where a directory of the tree meets something else, or a file of it a directory.
    fn in_the_way(&mut self, host: &Host, tree: &PackedTree, to: &str) -> Dd {
        let mut clash = Dd::FALSE;
        for (below, content) in &tree.entries {
            let there = self.entry(host, &path::join(to, below));
            let meets = self.where_cell(there, |cell| match cell {
                Cell::Absent => false,
                Cell::Dir => content.is_some(),
                _ => content.is_none(),
            });
            clash = self.dds.or(clash, meets);
        }
        self.condition_within_budget(clash)
    }

    pub(super) fn unpack_tree(&mut self, case: &Case<'_>, host: &mut Host, from: &str, to: &str) {
        self.path_may_change(host, to);
        let tree = self.tree_at(case, host, from);
        self.put_dirs(host, to);
        let Some(tree) = tree else { return self.touch_beneath(host, to, Touch::Tree) };
        for (below, content) in &tree.entries {
            let at = path::join(to, below);
            match *content {
                None => self.put_dirs(host, &at),
                Some(content) => {
                    self.path_may_change(host, &at);
                    let file = self.cell(Cell::File(content));
                    host.put(at, file);
                }
            }
        }
    }
}

/// A name that is no way to anywhere, on no system.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) && ![".", "..", ""].contains(&name)
}
