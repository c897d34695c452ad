//! Archives: what is known of them, and what comes of unpacking one.
//!
//! What is known of a host are texts, and no text is compressed: the second byte of what is is in no UTF-8. So a content that is known
//! cannot be decompressed, one that the run has compressed gives what it was, and of any other it is not known. (A zip file may be a text,
//! but not without what stands at its end.) Of what is packed in a tree
//! nothing is kept: it may be refused, and what it leaves may be anything, but beneath its directory.
//!
//! A link in an archive would come to be somewhere beneath that. That others pack none is a printed assumption; where the run packs one
//! itself, links may be anywhere from then on.

use perch_diagram::{Dd, Leaf};
use perch_ops::contract::{Change, UNPACKING};

use crate::Symbolic;
use crate::cells::{Cell, HoleKey, Piece, Touch};
use crate::host::Host;
use crate::record::Assumption;

use super::{Case, Gathered};

/// Stands at the end of every zip file.
const END_OF_ZIP: &str = "PK\u{5}\u{6}";

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
        let mended = self.names.unknown(HoleKey::Fresh(number, "content of a mended file"));
        let made = self.map(entry, |this, leaf| {
            let content = match *this.names.cell(leaf) {
                Cell::File(content) => content,
                _ => mended,
            };
            let content = make(this, content);
            this.cell(Cell::File(content))
        });
        host.put(to, made);
    }

    pub(super) fn pack_tree(&mut self, host: &mut Host, from: &str, to: &str) {
        self.may_pack_links(host, from);
        let number = self.number();
        let archive = self.names.unknown(HoleKey::Fresh(number, "an archive"));
        let file = self.cell(Cell::File(archive));
        host.put(to, file);
    }

    /// Links that are packed can come to be anywhere.
    pub(super) fn may_pack_links(&mut self, host: &Host, from: &str) {
        if self.names.any_linked() || !self.links(host, from).is_empty() {
            self.links_made += 1;
            self.links_anywhere();
        }
    }

    /// What is packed may be nothing that can be unpacked there.
    pub(super) fn opened(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let Change::UnpackTree(from, _) = case.contract.change else { return Some(host) };
        let archive = case.paths.get(from).map_or_else(|| "the archive".to_owned(), |path| format!("`{path}`"));
        let says = format!(
            "what is packed in {archive} is not known: it may be damaged, lead elsewhere or find something in its way"
        );
        let host = self.fail_somehow(host, Dd::FALSE, UNPACKING, (&says, None), all)?;
        self.note_assumption(Assumption::NoLinksPacked, host.pc);
        Some(host)
    }

    pub(super) fn unpack_tree(&mut self, host: &mut Host, to: &str) {
        self.path_may_change(host, to);
        self.put_dirs(host, to);
        self.touch_beneath(host, to, Touch::Tree);
    }
}
