//! Numbers that are not known, compared with known ones.
//!
//! A comparison with a number cuts all numbers in two: what is below the cut, and what is not. All cuts of one unknown lie on one line,
//! so what is below one is below those behind it: where `n > 3` holds, `n > 2` does, and `n < 2` does not. What is compared first is an
//! unknown of its own; a later cut lies between those that were asked for before it. What is no number counts as 0 (language §7.4), which is on the line, too;
//! a version of more than two numbers is compared otherwise with another one, and has no cut.

use perch_diagram::{Dd, Leaf};
use perch_engine::arguments;
use perch_ops::machine;
use perch_ops::version::Version;
use perch_ops::{Pure, Type};

use crate::Symbolic;
use crate::cells::{AtomKey, HoleKey, Piece};
use crate::values::truth;

/// So many cuts of one unknown are put in order. Others are unknowns that have nothing to do with them.
const MAX_CUTS: usize = 12;

/// Up to here, each whole number is one that can be compared.
const LARGEST: f64 = 4_503_599_627_370_496.0;

/// A place between numbers: below that number, or behind it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Cut {
    at: f64,
    behind: bool,
    /// The number as it was written.
    text: Leaf,
}

impl Cut {
    fn is_below(self, other: Self) -> bool {
        (self.at, self.behind) < (other.at, other.behind)
    }

    fn is_at(self, other: Self) -> bool {
        (self.at, self.behind) == (other.at, other.behind)
    }
}

impl Symbolic {
    /// Where one number is less than another.
    pub(crate) fn less(&mut self, a: Leaf, b: Leaf) -> Dd {
        if a == b {
            return Dd::FALSE;
        }
        if let Some(cut) = self.cut(a, b, false) {
            return self.below(a, cut);
        }
        if let Some(cut) = self.cut(b, a, true) {
            let below = self.below(b, cut);
            return self.dds.not(below);
        }
        self.about(AtomKey::Less(a, b))
    }

    /// Whether an unknown number has been compared with one that is no greater.
    pub(crate) fn was_compared_up_to(&self, leaf: Leaf, number: i64) -> bool {
        let cuts = self.cuts.get(&leaf).map(Vec::as_slice).unwrap_or_default();
        cuts.iter().any(|cut| cut.at.abs() < LARGEST && cut.at as i64 <= number)
    }

    /// Where a number is less than a known one.
    pub(crate) fn less_than(&mut self, leaf: Leaf, number: i64) -> Dd {
        let number = self.names.text(&number.to_string());
        if let Some(text) = self.names.known(leaf) {
            let number = self.names.known(number).unwrap_or_default();
            return truth(arguments::compare(perch_ir::program::Comparison::Less, &text, &number));
        }
        self.less(leaf, number)
    }

    /// The cut at a known number, or behind it, if the other is not known.
    fn cut(&mut self, unknown: Leaf, number: Leaf, behind: bool) -> Option<Cut> {
        let text = self.names.known(number)?;
        if self.names.known(unknown).is_some() || Version::of(&text).is_some_and(|version| version.dots() > 1) {
            return None;
        }
        let at = arguments::number(&text).unwrap_or(0.0);
        let is_whole = at.fract() == 0.0 && at.abs() < LARGEST;
        if behind && is_whole && self.form(unknown) == Some(Type::Int) {
            // What is not greater is less than the next one.
            let next = at + 1.0;
            return Some(Cut { at: next, behind: false, text: self.names.text(&format!("{next:.0}")) });
        }
        Some(Cut { at, behind, text: number })
    }

    /// Where an unknown number is below a cut.
    fn below(&mut self, leaf: Leaf, cut: Cut) -> Dd {
        if self.least(leaf).is_some_and(|least| !Cut { at: least, behind: false, ..cut }.is_below(cut)) {
            return Dd::FALSE;
        }
        let mut known = self.cuts.get(&leaf).cloned().unwrap_or_default();
        let at = known.iter().position(|other| other.is_at(cut));
        match at {
            Some(at) => known.truncate(at + 1),
            None if known.len() < MAX_CUTS => {
                known.push(cut);
                self.cuts.insert(leaf, known.clone());
            }
            None => return self.below_alone(leaf, cut),
        }
        let mut below: Vec<(Cut, Dd)> = Vec::new();
        for cut in known {
            let mut when = self.below_alone(leaf, cut);
            for (other, is_below) in &below {
                when = if other.is_below(cut) { self.dds.or(when, *is_below) } else { self.dds.and(when, *is_below) };
            }
            below.push((cut, when));
        }
        below.last().map_or(Dd::FALSE, |(_, when)| *when)
    }

    fn below_alone(&mut self, leaf: Leaf, cut: Cut) -> Dd {
        if cut.behind {
            let above = self.about(AtomKey::Less(cut.text, leaf));
            return self.dds.not(above);
        }
        self.about(AtomKey::Less(leaf, cut.text))
    }

    /// The least that an unknown number can be.
    pub(crate) fn least(&self, leaf: Leaf) -> Option<f64> {
        let pieces = self.names.pieces(leaf).unwrap_or_default();
        let [Piece::Hole(hole)] = pieces.as_slice() else { return None };
        let least = match self.names.hole_key(*hole) {
            HoleKey::Fact(name) => machine::least(name)?,
            // What was packed has a size.
            HoleKey::Pure(Pure::Bytes, operands) if operands.iter().all(|content| self.is_packed(*content)) => 1,
            HoleKey::Pure(function, _) => function.least()?,
            _ => return None,
        };
        Some(if least == 0 { 0.0 } else { 1.0 })
    }
}
