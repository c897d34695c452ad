//! Functions of texts.
//!
//! A function is applied for each combination of the texts that its operands may be. Of a combination that is not all
//! known, what is asked of it gets an unknown of its own (the result, whether it holds, whether it refuses), and the same
//! question about the same texts is always the same unknown.

use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_ops::pure::{Given, Piece as Known, Shape};
use perch_ops::{ErrorKind, Pure, Type};

use crate::Symbolic;
use crate::cells::{AtomKey, HoleKey, Piece};
use crate::record::Assumption;
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
        if let Some(texts) = self.spelled_for(function, operands) {
            let result = function.text(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            let leaf = self.names.unspelled(&result);
            return self.dds.leaf(leaf);
        }
        if let Some(leaf) = self.undone(function, operands) {
            return self.dds.leaf(leaf);
        }
        if let Some(leaf) = self.of_words(function, operands) {
            return self.dds.leaf(leaf);
        }
        let pieces: Vec<Option<Vec<Piece>>> = operands.iter().map(|leaf| self.names.pieces(*leaf)).collect();
        match function.shape(&self.given(&pieces)) {
            Shape::Text(text) => {
                self.day_is_taken(function);
                self.known_text(&text)
            }
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
        if let Some(texts) = self.spelled_for(function, operands) {
            return truth(function.refuses(kind, &texts.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        let pieces: Vec<Option<Vec<Piece>>> = operands.iter().map(|leaf| self.names.pieces(*leaf)).collect();
        if self.undone(function, operands).is_some() {
            return Dd::FALSE;
        }
        if let (Pure::PathAbs, Some(path)) = (function, operands.get(1).filter(|path| !self.may_hold_nul(**path))) {
            // Nothing else is no path.
            let empty = self.equals_literal(*path, "");
            return self.decided(empty);
        }
        let given = self.given(&pieces);
        match function.may_refuse(kind, &given) {
            Some(refuses) => truth(refuses),
            None => {
                let wanted = function.wants(kind, &given);
                self.perhaps_refused(function, kind, operands, wanted)
            }
        }
    }

    /// What hangs on types or on the size of numbers hangs on what else is asked of these.
    fn perhaps_refused(
        &mut self,
        function: Pure,
        kind: ErrorKind,
        operands: &[Leaf],
        wanted: Option<Vec<(usize, Type)>>,
    ) -> Dd {
        if let Some(wanted) = wanted {
            let mut fits = Dd::TRUE;
            for (at, ty) in wanted {
                let is = operands.get(at).map_or(Dd::FALSE, |operand| self.of_type(ty, *operand));
                fits = self.dds.and(fits, is);
            }
            return self.dds.not(fits);
        }
        let counts = function.wants_counts(kind);
        if !counts.is_empty() {
            let given = counts.iter().filter_map(|at| operands.get(*at).copied());
            return given.fold(Dd::FALSE, |negative, operand| {
                let this = self.less_than(operand, 0);
                self.dds.or(negative, this)
            });
        }
        let perhaps = self.about(AtomKey::Refused(function, kind, operands.into()));
        match function.too_much(kind).and_then(|(at, most)| Some((*operands.get(at)?, most))) {
            Some((operand, most)) if self.was_compared_up_to(operand, most) => {
                let modest = self.less_than(operand, most);
                self.dds.minus(perhaps, modest)
            }
            _ => perhaps,
        }
    }

    /// The operand of the function that this one takes back, if it is given results of that, one after the other.
    fn undone(&mut self, function: Pure, operands: &[Leaf]) -> Option<Leaf> {
        let other = function.undoes()?;
        let [operand] = operands else { return None };
        let pieces = self.names.pieces(*operand)?;
        let whole = pieces.len() == 1;
        let mut before = Vec::new();
        for piece in &pieces {
            match piece {
                // Padding ends a text, so that only one as a whole can be taken back.
                Piece::Literal(_) if function == Pure::Base64Decode => return None,
                Piece::Literal(text) => before.push(Piece::Literal(function.apply(&[text]).ok()?.into())),
                Piece::Hole(_) if function == Pure::Base64Decode && !whole => return None,
                Piece::Hole(hole) => match self.names.hole_key(*hole) {
                    HoleKey::Pure(done, of) if *done == other => before.extend(self.names.pieces(*of.first()?)?),
                    _ => return None,
                },
            }
        }
        Some(self.names.template(before))
    }

    /// Operands of a function that is about the names in paths, with numbers in place of those that are made up. What is made of the time may be
    /// another such text in truth.
    fn spelled_for(&self, function: Pure, operands: &[Leaf]) -> Option<Vec<String>> {
        let has_stamp = || operands.iter().any(|leaf| self.names.has_stamp(*leaf));
        if !function.is_about_names() || function.compares_names() && has_stamp() {
            return None;
        }
        self.names.all_spelled(operands)
    }

    fn all_known(&self, operands: &[Leaf]) -> Option<Vec<Rc<str>>> {
        operands.iter().map(|leaf| self.names.known(*leaf)).collect()
    }

    /// Operands as a function knows them. What is no text is nothing that a run comes across here.
    fn given<'p>(&self, operands: &'p [Option<Vec<Piece>>]) -> Vec<Given<'p>> {
        let all = |pieces: &'p [Piece]| pieces.iter().map(|piece| self.known_piece(piece)).collect();
        operands.iter().map(|operand| Given(operand.as_deref().map_or_else(|| vec![Known::Unknown], all))).collect()
    }

    fn known_piece<'p>(&self, piece: &'p Piece) -> Known<'p> {
        match piece {
            Piece::Literal(text) => Known::Text(text),
            Piece::Hole(hole) => match (self.names.hole_key(*hole), self.names.moment(*hole)) {
                (HoleKey::Moment(_), Some(written)) => Known::Moment(self.facts.clock, written),
                (_, Some(written)) => Known::Moment(None, written),
                (HoleKey::Pure(function, _), None) => Known::Result(*function),
                _ => Known::Unknown,
            },
        }
    }

    /// The clock of the machine at hand goes on: that a run falls on the day on which it was looked at is taken for granted by what says the day.
    fn day_is_taken(&mut self, function: Pure) {
        if let Some(clock) = self.facts.clock.filter(|_| self.facts.looked_up && function == Pure::FormatTime) {
            self.general.insert(Assumption::OnTheDay(clock.day()));
        }
    }
}

#[cfg(test)]
mod tests {
    use perch_engine::Domain;
    use perch_engine::arguments::compare;
    use perch_ir::program::Comparison;
    use perch_policy::Policy;

    use super::*;
    use crate::facts::Facts;

    /// What a diagram over texts is, when unknown texts are these and questions about them have their answers.
    fn concretely(domain: &Symbolic, dd: Dd, texts: &dyn Fn(&HoleKey) -> String) -> Option<String> {
        let answer = |atom| match domain.names.atom_key(atom) {
            AtomKey::Holds(function, operands) => {
                let operands = all_texts(domain, operands, texts)?;
                Some(function.text(&operands.iter().map(String::as_str).collect::<Vec<_>>()) == "true")
            }
            AtomKey::Refused(function, kind, operands) => {
                let operands = all_texts(domain, operands, texts)?;
                Some(function.refuses(*kind, &operands.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            AtomKey::Less(a, b) => {
                let [a, b] = [a, b].map(|leaf| text_of(domain, *leaf, texts));
                Some(compare(Comparison::Less, &a?, &b?))
            }
            AtomKey::OfType(ty, leaf) => Some(ty.accepts(&text_of(domain, *leaf, texts)?)),
            AtomKey::Equals(leaf, literal) => Some(text_of(domain, *leaf, texts)? == **literal),
            _ => None,
        };
        let leaves: Vec<Leaf> = domain.dds.possible(dd, &answer).into_iter().collect();
        let [leaf] = leaves.as_slice() else { return None };
        match *leaf {
            Leaf::TRUE => Some("yes".to_owned()),
            Leaf::FALSE => Some("no".to_owned()),
            leaf => text_of(domain, leaf, texts),
        }
    }

    fn all_texts(domain: &Symbolic, leaves: &[Leaf], texts: &dyn Fn(&HoleKey) -> String) -> Option<Vec<String>> {
        leaves.iter().map(|leaf| text_of(domain, *leaf, texts)).collect()
    }

    fn text_of(domain: &Symbolic, leaf: Leaf, texts: &dyn Fn(&HoleKey) -> String) -> Option<String> {
        let of_hole = |key: &HoleKey| match key {
            HoleKey::Pure(function, operands) => {
                let operands = all_texts(domain, operands, texts)?;
                Some(function.text(&operands.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            other => Some(texts(other)),
        };
        let pieces = domain.names.pieces(leaf)?;
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => Some(text.to_string()),
                Piece::Hole(hole) => of_hole(domain.names.hole_key(*hole)),
            })
            .collect()
    }

    #[test]
    fn what_is_said_of_unknown_texts_is_true_of_every_text() {
        const TEXTS: [&str; 9] = ["", "a", "b/c.md", "1", "-2", "aGk=", "v1.2.3", "[1, {\"a\": 2}]", "%d %s"];
        let functions: Vec<(Pure, usize)> = perch_ops::catalogue()
            .filter_map(perch_ops::Entry::op)
            .filter_map(|op| match op.body() {
                perch_ops::Body::Pure(function) => Some((*function, op.entry().least())),
                _ => None,
            })
            .collect();
        let mut seen = 0;
        for (function, count) in functions {
            for (at, known) in TEXTS
                .iter()
                .enumerate()
                .flat_map(|(at, known)| (0..3).map(move |first| (at + TEXTS.len() * first, known)))
            {
                let mut domain = Symbolic::new(Facts::default(), Policy::default());
                let unknown = domain.unknown_argument("x", Type::Text);
                let [before, behind] = [TEXTS[(at + 3) % TEXTS.len()], "/z"].map(|text| domain.text(text));
                let partly = domain.concat(&[before, unknown, behind]);
                let known = domain.text(known);
                let given = [partly, known, unknown].into_iter().cycle();
                let operands: Vec<Dd> = given.skip(at / TEXTS.len()).take(count).collect();
                let value = domain.pure(function, &operands);
                let refused: Vec<Dd> =
                    function.kinds().iter().map(|kind| domain.refused(function, *kind, &operands)).collect();
                for x in TEXTS {
                    let texts = |_: &HoleKey| x.to_owned();
                    let known: Option<Vec<String>> =
                        operands.iter().map(|operand| concretely(&domain, *operand, &texts)).collect();
                    let known = known.unwrap();
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let want = function.apply(&known);
                    let first = function.kinds().iter().zip(&refused).find_map(|(kind, refused)| {
                        (concretely(&domain, *refused, &texts).as_deref() == Some("yes")).then_some(*kind)
                    });
                    assert_eq!(first, want.as_ref().err().map(|refusal| refusal.kind), "{function:?} {known:?}");
                    if let Ok(want) = want {
                        assert_eq!(concretely(&domain, value, &texts), Some(want), "{function:?} {known:?}");
                    }
                    seen += 1;
                }
            }
        }
        assert!(seen > 12_000, "{seen}");
    }
}
