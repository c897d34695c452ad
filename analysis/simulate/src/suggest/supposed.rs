//! What becomes of questions about an unknown text if it is a given one.

use perch_diagram::Leaf;
use perch_engine::arguments;
use perch_ir::program::Comparison;
use perch_symbolic::cells::{AtomKey, Cell, HoleKey, Names, Piece};

/// An unknown text, and what it is taken to be.
pub(super) struct Supposed<'s> {
    pub(super) names: &'s Names,
    pub(super) key: &'s HoleKey,
    pub(super) text: &'s str,
}

impl Supposed<'_> {
    /// Whether the answer is yes; nothing if it hangs on something else, or there is none.
    pub(super) fn truth(&self, question: &AtomKey) -> Option<bool> {
        match question {
            AtomKey::Equals(leaf, text) => Some(self.text(*leaf)? == **text),
            AtomKey::Same(a, b) => Some(self.text(*a)? == self.text(*b)?),
            AtomKey::Less(a, b) => Some(arguments::compare(Comparison::Less, &self.text(*a)?, &self.text(*b)?)),
            AtomKey::OfType(ty, leaf) => Some(ty.accepts(&self.text(*leaf)?)),
            AtomKey::IsStatus(leaf) => Some(arguments::status(&self.text(*leaf)?).is_some()),
            AtomKey::IsZero(leaf) => Some(arguments::status(&self.text(*leaf)?) == Some(0)),
            AtomKey::Holds(function, operands) => {
                let operands = self.texts(operands)?;
                let answer = function.apply(&operands.iter().map(String::as_str).collect::<Vec<_>>()).ok()?;
                Some(answer == "true")
            }
            AtomKey::Refused(function, kind, operands) => {
                let operands = self.texts(operands)?;
                Some(function.refuses(*kind, &operands.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            _ => None,
        }
    }

    fn texts(&self, leaves: &[Leaf]) -> Option<Vec<String>> {
        leaves.iter().map(|leaf| self.text(*leaf)).collect()
    }

    fn text(&self, leaf: Leaf) -> Option<String> {
        match self.names.cell(leaf) {
            Cell::Text(text) => Some(text.to_string()),
            Cell::Template(pieces) => pieces.iter().map(|piece| self.piece(piece)).collect(),
            _ => None,
        }
    }

    fn piece(&self, piece: &Piece) -> Option<String> {
        let hole = match piece {
            Piece::Literal(text) => return Some(text.to_string()),
            Piece::Hole(hole) => self.names.hole_key(*hole),
        };
        match hole {
            _ if hole == self.key => Some(self.text.to_owned()),
            HoleKey::Pure(function, operands) => {
                let operands = self.texts(operands)?;
                function.apply(&operands.iter().map(String::as_str).collect::<Vec<_>>()).ok()
            }
            _ => None,
        }
    }
}
