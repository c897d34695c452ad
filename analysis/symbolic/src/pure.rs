//! Functions of texts.
//!
//! A function is applied for each combination of the texts that its operands may be. Of a combination that is not all
//! known, what is asked of it gets an unknown of its own (the result, whether it holds, whether it refuses), and the same
//! question about the same texts is always the same unknown.

use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_ops::pure::{Given, Piece as Known, Shape};
use perch_ops::{ErrorKind, Pure};

use crate::Symbolic;
use crate::cells::{AtomKey, HoleKey, Names, Piece};
use crate::values::truth;

/// What is asked about one combination of operands.
type Question = fn(&mut Symbolic, Pure, &[Leaf], Option<ErrorKind>) -> Dd;

impl Symbolic {
    pub(crate) fn pure_value(&mut self, function: Pure, operands: &[Dd]) -> Dd {
        match self.of_each(function, None, operands, Self::pure_leaf) {
            Some(value) => value,
            None => self.fresh_text("result of one of many combinations"),
        }
    }

    /// Where a function refuses its operands with that kind.
    pub(crate) fn refused(&mut self, function: Pure, kind: ErrorKind, operands: &[Dd]) -> Dd {
        match self.of_each(function, Some(kind), operands, Self::refused_leaf) {
            Some(refused) => refused,
            None => self.fresh("one of many combinations is refused"),
        }
    }

    /// What is asked, for every combination of operands, unless they are too many.
    fn of_each(&mut self, function: Pure, kind: Option<ErrorKind>, operands: &[Dd], ask: Question) -> Option<Dd> {
        let operands: Vec<Dd> = operands.iter().map(|operand| self.expanded(*operand)).collect();
        let several = operands.iter().map(|operand| self.dds.leaves(*operand).len()).filter(|leaves| *leaves > 1);
        let several: Vec<usize> = several.collect();
        let combinations = several.iter().copied().try_fold(1, usize::checked_mul);
        if several.len() > 1 && combinations.is_none_or(|combinations| combinations > self.limits().cases) {
            return None;
        }
        Some(self.of_rest(function, kind, &operands, &mut Vec::new(), ask))
    }

    fn of_rest(
        &mut self,
        function: Pure,
        kind: Option<ErrorKind>,
        operands: &[Dd],
        chosen: &mut Vec<Leaf>,
        ask: Question,
    ) -> Dd {
        let Some((first, rest)) = operands.split_first() else { return ask(self, function, chosen, kind) };
        self.map(*first, |this, leaf| {
            chosen.push(leaf);
            let dd = this.of_rest(function, kind, rest, chosen, ask);
            chosen.pop();
            dd
        })
    }

    fn pure_leaf(&mut self, function: Pure, operands: &[Leaf], _: Option<ErrorKind>) -> Dd {
        if let Some(texts) = self.all_known(operands) {
            let result = function.text(&texts.iter().map(|text| &**text).collect::<Vec<_>>());
            return self.known_text(&result);
        }
        let pieces: Vec<Option<Vec<Piece>>> = operands.iter().map(|leaf| self.names.pieces(*leaf)).collect();
        match function.shape(&given(&self.names, &pieces)) {
            Shape::Text(text) => self.known_text(&text),
            Shape::Truth => {
                let holds = self.about(AtomKey::Holds(function, operands.into()));
                let [yes, no] = ["true", "false"].map(|text| self.known_text(text));
                self.dds.ite(holds, yes, no)
            }
            Shape::Piecewise => self.piecewise(function, &pieces.into_iter().flatten().flatten().collect::<Vec<_>>()),
            Shape::Open => {
                let leaf = self.names.unknown(HoleKey::Pure(function, operands.into()));
                self.dds.leaf(leaf)
            }
        }
    }

    /// The results for pieces, one after the other.
    fn piecewise(&mut self, function: Pure, pieces: &[Piece]) -> Dd {
        let mut results = Vec::new();
        for piece in pieces {
            results.push(match piece {
                Piece::Literal(text) => Piece::Literal(function.text(&[text]).into()),
                Piece::Hole(_) => {
                    let alone = self.names.template([piece.clone()]);
                    Piece::Hole(self.names.hole(HoleKey::Pure(function, [alone].into())))
                }
            });
        }
        let leaf = self.names.template(results);
        self.dds.leaf(leaf)
    }

    fn refused_leaf(&mut self, function: Pure, operands: &[Leaf], kind: Option<ErrorKind>) -> Dd {
        let Some(kind) = kind else { return Dd::FALSE };
        if let Some(texts) = self.all_known(operands) {
            return truth(function.refuses(kind, &texts.iter().map(|text| &**text).collect::<Vec<_>>()));
        }
        let pieces: Vec<Option<Vec<Piece>>> = operands.iter().map(|leaf| self.names.pieces(*leaf)).collect();
        match function.may_refuse(kind, &given(&self.names, &pieces)) {
            Some(refuses) => truth(refuses),
            None => self.about(AtomKey::Refused(function, kind, operands.into())),
        }
    }

    fn all_known(&self, operands: &[Leaf]) -> Option<Vec<Rc<str>>> {
        operands.iter().map(|leaf| self.names.known(*leaf)).collect()
    }
}

/// Operands as a function knows them. What is no text is nothing that a run comes across here.
fn given<'p>(names: &Names, operands: &'p [Option<Vec<Piece>>]) -> Vec<Given<'p>> {
    let all = |pieces: &'p [Piece]| pieces.iter().map(|piece| known(names, piece)).collect();
    operands.iter().map(|operand| Given(operand.as_deref().map_or_else(|| vec![Known::Unknown], all))).collect()
}

fn known<'p>(names: &Names, piece: &'p Piece) -> Known<'p> {
    match piece {
        Piece::Literal(text) => Known::Text(text),
        Piece::Hole(hole) if matches!(names.hole_key(*hole), HoleKey::Moment(_)) => Known::Moment,
        Piece::Hole(_) => Known::Unknown,
    }
}
