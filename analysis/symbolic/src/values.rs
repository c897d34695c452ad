//! Texts: concatenation, tests, partitions.
//!
//! A test of one unknown text against literals divides its values into a *partition*: the first literal, the
//! second, …, none of them. All tests of that text share it, so `x == "a"` and a later `x == "b"` exclude each other.

use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_engine::{Test, arguments};
use perch_ir::program::Comparison;
use perch_ops::pure::{MAX_RESULT, counts_moments};
use perch_ops::{Pure, Type, fact_named};

use crate::Symbolic;
use crate::cells::{AtomKey, Cell, HoleKey, Piece, Untold};

impl Symbolic {
    pub(crate) fn known_text(&mut self, text: &str) -> Dd {
        let leaf = self.names.text(text);
        self.dds.leaf(leaf)
    }

    /// An unknown text of this moment.
    pub(crate) fn fresh_text(&mut self, what: &'static str) -> Dd {
        let number = self.number();
        let leaf = self.names.unknown(HoleKey::Fresh(number, what));
        self.dds.leaf(leaf)
    }

    /// The same of something that a description of the host could tell.
    pub(crate) fn untold_text(&mut self, what: &'static str, untold: Untold) -> Dd {
        let number = self.number();
        self.names.could_be_told(number, untold);
        let leaf = self.names.unknown(HoleKey::Fresh(number, what));
        self.dds.leaf(leaf)
    }

    pub(crate) fn concat_values(&mut self, parts: &[Dd]) -> Dd {
        let mut parts = parts.iter();
        let Some(first) = parts.next() else { return self.known_text("") };
        let mut all = *first;
        for part in parts {
            let names = &mut self.names;
            all = self.dds.combine(all, *part, &mut |a, b| match (names.pieces(a), names.pieces(b)) {
                (Some(a), Some(b)) => names.template(a.into_iter().chain(b)),
                (None, _) => a,
                (_, None) => b,
            });
        }
        all
    }

    /// Where texts are together no larger than a text may be, as far as they are known.
    fn fits(&mut self, parts: &[Dd]) -> Dd {
        let (mut least, mut most) = (0, 0);
        for part in parts {
            let lengths: Vec<usize> = self.dds.leaves(*part).into_iter().map(|leaf| self.names.length(leaf)).collect();
            least += lengths.iter().min().copied().unwrap_or_default();
            most += lengths.iter().max().copied().unwrap_or_default();
        }
        match () {
            () if most <= MAX_RESULT => Dd::TRUE,
            () if least > MAX_RESULT => Dd::FALSE,
            () => self.fresh("a text is not too large"),
        }
    }

    /// `value` with literals in place of unknown texts where those have been tested.
    pub(crate) fn expanded(&mut self, value: Dd) -> Dd {
        let limit = self.limits().expanded;
        let value = self.map(value, |this, leaf| {
            if this.names.known(leaf).is_some() {
                return this.dds.leaf(leaf);
            }
            let Some(pieces) = this.names.pieces(leaf) else { return this.dds.leaf(leaf) };
            let hole = pieces.iter().find_map(|piece| match piece {
                // A path with it in its name is one of its own, whatever it is: see `stamps`.
                Piece::Hole(hole) if this.names.stamp(*hole).is_some_and(|stamp| stamp.makes_names()) => None,
                Piece::Hole(hole) => Some((*hole, this.names.template([piece.clone()]))),
                Piece::Literal(_) => None,
            });
            let Some((hole, alone)) = hole else { return this.dds.leaf(leaf) };
            let literals = this.literals.get(&alone).cloned().unwrap_or_default();
            let mut all = this.dds.leaf(leaf);
            for literal in literals.iter().take(limit).rev() {
                let is = this.equals_literal(alone, literal);
                let with = pieces.iter().map(|piece| match piece {
                    Piece::Hole(found) if *found == hole => Piece::Literal(Rc::clone(literal)),
                    other => other.clone(),
                });
                let with: Vec<Piece> = with.collect();
                let known = this.names.template(with);
                let known = this.dds.leaf(known);
                all = this.dds.ite(is, known, all);
            }
            all
        });
        self.decided(value)
    }

    /// The condition of a test.
    pub(crate) fn condition(&mut self, test: &Test<'_, Dd>) -> Dd {
        match test {
            Test::Bound(value) => {
                let unbound = self.where_cell(**value, |cell| matches!(cell, Cell::Unbound));
                self.dds.not(unbound)
            }
            Test::Truth(value) => self.map(**value, |this, leaf| {
                let falsy = ["", "false", "0"].map(|text| this.equals_literal(leaf, text));
                let falsy = falsy.into_iter().fold(Dd::FALSE, |all, one| this.dds.or(all, one));
                this.dds.not(falsy)
            }),
            Test::Status(value) => self.map(**value, |this, leaf| match this.names.known(leaf) {
                Some(text) => truth(arguments::status(&text).is_some()),
                None => this.about(AtomKey::IsStatus(leaf)),
            }),
            // Only where somebody looks at what happens otherwise is it not taken for granted: see `in_time`.
            Test::InTime(_) => Dd::TRUE,
            Test::Fits(parts) => self.fits(parts),
            Test::Refused(function, kind, operands) => self.refused(*function, *kind, operands),
            Test::OfType(ty, value) => self.map(**value, |this, leaf| this.of_type(*ty, leaf)),
            Test::Compare(op, left, right) => {
                let (op, right) = (*op, **right);
                self.map(**left, |this, a| this.map(right, |this, b| this.compare(op, a, b)))
            }
        }
    }

    pub(crate) fn about(&mut self, key: AtomKey) -> Dd {
        let atom = self.names.atom(key);
        self.dds.atom(atom)
    }

    /// Where an exit status is 0.
    pub fn is_zero(&mut self, status: Dd) -> Dd {
        self.map(status, |this, leaf| match this.names.known(leaf) {
            Some(text) => truth(arguments::status(&text) == Some(0)),
            None => this.about(AtomKey::IsZero(leaf)),
        })
    }

    pub(crate) fn of_type(&mut self, ty: Type, leaf: Leaf) -> Dd {
        match self.names.known(leaf) {
            Some(text) => truth(ty.accepts(&text)),
            None if ty.wants().is_none() => Dd::TRUE,
            // A path is none of these.
            None if matches!(ty, Type::Int | Type::Float | Type::Bool | Type::Duration) && self.is_rooted(leaf) => {
                Dd::FALSE
            }
            None => match self.form(leaf).and_then(|known| known.implies(ty)) {
                Some(is) => truth(is),
                None => self.of_unknown_type(ty, leaf),
            },
        }
    }

    fn of_unknown_type(&mut self, ty: Type, leaf: Leaf) -> Dd {
        let is = self.about(AtomKey::OfType(ty, leaf));
        // A whole number is a number.
        match self.names.asked(&AtomKey::OfType(Type::Int, leaf)).filter(|_| ty == Type::Float) {
            Some(whole) => {
                let whole = self.dds.atom(whole);
                self.dds.or(is, whole)
            }
            None => is,
        }
    }

    /// Whether it begins with a slash, whatever the host.
    fn is_rooted(&self, leaf: Leaf) -> bool {
        let pieces = self.names.pieces(leaf).unwrap_or_default();
        matches!(pieces.first(), Some(Piece::Literal(text)) if text.starts_with('/'))
    }

    /// The type that an unknown text is of, whatever the host.
    pub(crate) fn form(&self, leaf: Leaf) -> Option<Type> {
        let pieces = self.names.pieces(leaf).unwrap_or_default();
        let [Piece::Hole(hole)] = pieces.as_slice() else { return None };
        match self.names.hole_key(*hole) {
            HoleKey::Argument(_, ty) => Some(*ty),
            HoleKey::Fact(name) => fact_named(name).map(|fact| fact.ty),
            HoleKey::Pure(Pure::FormatTime, operands) => {
                let format = operands.last().and_then(|format| self.names.known(*format))?;
                counts_moments(&format).then_some(Type::Int)
            }
            HoleKey::Pure(function, _) => function.yields(),
            HoleKey::Fresh(_, CHANGED) => Some(Type::Int),
            _ => None,
        }
    }

    /// Whether a text can hold a NUL. What the system hands over as one text cannot, and that what is read does not is a printed assumption.
    pub(crate) fn may_hold_nul(&self, leaf: Leaf) -> bool {
        self.names.pieces(leaf).unwrap_or_default().iter().any(|piece| match piece {
            Piece::Literal(text) => text.contains('\0'),
            Piece::Hole(hole) => match self.names.hole_key(*hole) {
                HoleKey::Pure(function, operands) => {
                    function.may_make_nul() || operands.iter().any(|operand| self.may_hold_nul(*operand))
                }
                hole => !is_from_system(hole) && !is_mended(hole),
            },
        })
    }

    /// Whether a text has parts that are there only once a failure is mended.
    pub(crate) fn hangs_on_mending(&self, leaf: Leaf) -> bool {
        self.names.pieces(leaf).unwrap_or_default().iter().any(|piece| match piece {
            Piece::Literal(_) => false,
            Piece::Hole(hole) => match self.names.hole_key(*hole) {
                HoleKey::Pure(_, operands) => operands.iter().any(|operand| self.hangs_on_mending(*operand)),
                hole => is_mended(hole),
            },
        })
    }

    fn compare(&mut self, op: Comparison, a: Leaf, b: Leaf) -> Dd {
        if let (Some(a), Some(b)) = (self.names.known(a), self.names.known(b)) {
            return truth(arguments::compare(op, &a, &b));
        }
        match op {
            Comparison::Equal => self.equal(a, b),
            Comparison::NotEqual => {
                let equal = self.equal(a, b);
                self.dds.not(equal)
            }
            Comparison::Less => self.less(a, b),
            Comparison::Greater => self.less(b, a),
            Comparison::GreaterOrEqual => {
                let less = self.less(a, b);
                self.dds.not(less)
            }
            Comparison::LessOrEqual => {
                let less = self.less(b, a);
                self.dds.not(less)
            }
        }
    }

    fn equal(&mut self, a: Leaf, b: Leaf) -> Dd {
        if a == b {
            return Dd::TRUE;
        }
        match (self.names.known(a), self.names.known(b)) {
            (None, Some(text)) => return self.equals_literal(a, &text),
            (Some(text), None) => return self.equals_literal(b, &text),
            _ => {}
        }
        let (Some(a), Some(b)) = (self.names.pieces(a), self.names.pieces(b)) else { return Dd::FALSE };
        match stripped(a, b) {
            None => Dd::FALSE,
            Some((a, b)) => {
                let (a, b) = (self.names.template(a), self.names.template(b));
                match (self.names.known(a), self.names.known(b)) {
                    _ if a == b => Dd::TRUE,
                    (None, Some(text)) => self.equals_literal(a, &text),
                    (Some(text), None) => self.equals_literal(b, &text),
                    _ => self.about(AtomKey::Same(a.min(b), a.max(b))),
                }
            }
        }
    }

    /// Where a text or template is this literal.
    pub(crate) fn equals_literal(&mut self, leaf: Leaf, literal: &str) -> Dd {
        let pieces = match self.names.cell(leaf) {
            Cell::Text(text) => return truth(&**text == literal),
            Cell::Template(pieces) => pieces.to_vec(),
            _ => return Dd::FALSE,
        };
        let Some((pieces, rest)) = stripped(pieces, vec![Piece::Literal(literal.into())]) else { return Dd::FALSE };
        let literal = match rest.as_slice() {
            [] => Rc::from(""),
            [Piece::Literal(text)] => Rc::clone(text),
            _ => return Dd::FALSE,
        };
        let rest = self.names.template(pieces);
        if let Some(text) = self.names.known(rest) {
            return truth(*text == *literal);
        }
        if self.can_never_be(rest, &literal) {
            return Dd::FALSE;
        }
        self.in_partition(rest, &literal)
    }

    /// Whether something that is not known is of a form that the literal is not.
    fn can_never_be(&self, leaf: Leaf, literal: &str) -> bool {
        let Cell::Template(pieces) = self.names.cell(leaf) else { return false };
        let [Piece::Hole(hole)] = &**pieces else { return false };
        if let Some(stamp) = self.names.stamp(*hole) {
            return literal.is_empty() || !literal.chars().all(|c| stamp.signs.contains(c));
        }
        if self.form(leaf).is_some_and(|ty| !ty.accepts(literal)) {
            return true;
        }
        match self.names.hole_key(*hole) {
            HoleKey::Pure(function, _) => {
                !function.can_be(literal) || literal == "0" && self.least(leaf).is_some_and(|least| least > 0.0)
            }
            HoleKey::Made(_) | HoleKey::Element(..) => literal.is_empty() || literal.contains('\n'),
            HoleKey::Message(_) => !literal.contains(' '),
            _ => false,
        }
    }

    fn in_partition(&mut self, leaf: Leaf, literal: &Rc<str>) -> Dd {
        let literals = self.literals.entry(leaf).or_default();
        let at = literals.iter().position(|known| known == literal).unwrap_or(literals.len());
        if at == literals.len() {
            literals.push(Rc::clone(literal));
        }
        let before: Vec<Rc<str>> = literals[..at].to_vec();
        let mut cond = self.about(AtomKey::Equals(leaf, Rc::clone(literal)));
        for other in before {
            let other = self.about(AtomKey::Equals(leaf, other));
            cond = self.dds.minus(cond, other);
        }
        cond
    }
}

/// Whether it is something that the system has handed over: no text of that kind holds a NUL.
fn is_from_system(hole: &HoleKey) -> bool {
    matches!(
        hole,
        HoleKey::Env(_)
            | HoleKey::Argument(..)
            | HoleKey::Fact(_)
            | HoleKey::Rooted(_)
            | HoleKey::Found(..)
            | HoleKey::Made(_)
            | HoleKey::Moment(_)
            | HoleKey::Content(..)
            | HoleKey::Element(_, false)
            | HoleKey::Fresh(_, PRINTED | CHANGED | ENTRIES | SOME_CONTENT | OTHER_FACT)
    )
}

/// Whether it stands for what is there once a failure is mended: no real run sees it.
fn is_mended(hole: &HoleKey) -> bool {
    matches!(hole, HoleKey::Fresh(_, MENDED_VALUE | MENDED_CONTENT))
}

/// The result of an op that has failed.
pub(crate) const MENDED_VALUE: &str = "value of something mended";

/// What a file holds that was missing.
pub(crate) const MENDED_CONTENT: &str = "content of a mended file";

/// What a fact of each run is in another one.
pub(crate) const OTHER_FACT: &str = "a fact of another run";

/// The names of entries, a line each.
pub(crate) const ENTRIES: &str = "what is in a directory";

/// What has been read, nobody knows where.
pub(crate) const SOME_CONTENT: &str = "content of some file";

/// When a file was changed, in Unix seconds.
pub(crate) const CHANGED: &str = "when it was changed";

/// What a program has printed.
pub(crate) const PRINTED: &str = "output of a program";

pub(crate) fn truth(holds: bool) -> Dd {
    if holds { Dd::TRUE } else { Dd::FALSE }
}

/// Both without what they have in common at the start and at the end; nothing if they cannot be equal.
pub(crate) fn stripped(mut a: Vec<Piece>, mut b: Vec<Piece>) -> Option<(Vec<Piece>, Vec<Piece>)> {
    while let (Some(x), Some(y)) = (a.first().cloned(), b.first().cloned()) {
        match (x, y) {
            (Piece::Literal(x), Piece::Literal(y)) => {
                let common =
                    x.chars().zip(y.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum::<usize>();
                if common < x.len() && common < y.len() {
                    return None;
                }
                cut_front(&mut a, &x[common..]);
                cut_front(&mut b, &y[common..]);
            }
            (x, y) if x == y => {
                a.remove(0);
                b.remove(0);
            }
            _ => break,
        }
    }
    while let (Some(x), Some(y)) = (a.last().cloned(), b.last().cloned()) {
        match (x, y) {
            (Piece::Literal(x), Piece::Literal(y)) => {
                let common = x
                    .chars()
                    .rev()
                    .zip(y.chars().rev())
                    .take_while(|(x, y)| x == y)
                    .map(|(x, _)| x.len_utf8())
                    .sum::<usize>();
                if common < x.len() && common < y.len() {
                    return None;
                }
                cut_back(&mut a, &x[..x.len() - common]);
                cut_back(&mut b, &y[..y.len() - common]);
            }
            (x, y) if x == y => {
                a.pop();
                b.pop();
            }
            _ => break,
        }
    }
    let only_text =
        |pieces: &[Piece]| pieces.iter().any(|piece| matches!(piece, Piece::Literal(text) if !text.is_empty()));
    if (a.is_empty() && only_text(&b)) || (b.is_empty() && only_text(&a)) {
        return None;
    }
    Some((a, b))
}

fn cut_front(pieces: &mut Vec<Piece>, rest: &str) {
    if rest.is_empty() {
        pieces.remove(0);
    } else {
        pieces[0] = Piece::Literal(rest.into());
    }
}

fn cut_back(pieces: &mut Vec<Piece>, rest: &str) {
    pieces.pop();
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::Hole;

    fn lit(text: &str) -> Piece {
        Piece::Literal(text.into())
    }

    #[test]
    fn what_the_system_hands_over_holds_no_nul_and_neither_does_what_is_made_of_it() {
        let mut domain = Symbolic::new(crate::facts::Facts::default(), perch_policy::Policy::default());
        let argument = domain.names.unknown(HoleKey::Argument("x".into(), Type::Text));
        let anything = domain.names.unknown(HoleKey::Fresh(1, "anything"));
        let may = |domain: &mut Symbolic, function, of: Leaf| {
            let made = domain.names.unknown(HoleKey::Pure(function, [of].into()));
            domain.may_hold_nul(made)
        };
        assert!(!domain.may_hold_nul(argument) && domain.may_hold_nul(anything));
        assert!(!may(&mut domain, Pure::Upper, argument) && may(&mut domain, Pure::Upper, anything));
        assert!(may(&mut domain, Pure::HexDecode, argument));
    }

    #[test]
    fn common_ends_are_cut() {
        let hole = Piece::Hole(Hole(0));
        let cut = stripped(vec![lit("ab"), hole.clone(), lit("yz")], vec![lit("abcxyz")]);
        assert_eq!(cut, Some((vec![hole.clone()], vec![lit("cx")])));
        assert_eq!(stripped(vec![lit("ab"), hole.clone()], vec![lit("ac")]), None);
        assert_eq!(stripped(vec![hole.clone()], vec![hole]), Some((Vec::new(), Vec::new())));
    }
}
