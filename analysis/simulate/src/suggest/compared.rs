//! What a program compares unknown texts with.

use perch_diagram::Leaf;
use perch_ops::Type;
use perch_symbolic::cells::{AtomKey, Cell, Hole, HoleKey, Names, Piece, Untold};

use super::made_up::chosen;
use crate::run::Run;

/// The texts that unknown ones are compared with, in the order of the questions, and some that are made up for what functions ask about.
pub(super) struct Compared(Vec<(HoleKey, Vec<String>)>);

impl Compared {
    pub(super) fn of(run: &Run) -> Self {
        let names = &run.domain.names;
        let mut all = Self(Vec::new());
        for key in names.atoms() {
            let Sides { holes, texts } = Sides::of(names, key);
            holes.into_iter().for_each(|hole| all.add(names.hole_key(hole), &texts));
        }
        all.share(names);
        for (key, texts) in &mut all.0 {
            *texts = chosen(run, key, std::mem::take(texts));
        }
        all
    }

    /// What one of two texts that are compared with each other is compared with may decide about the other one, too.
    fn share(&mut self, names: &Names) {
        let pairs: Vec<[HoleKey; 2]> = names.atoms().filter_map(|key| same(names, key)).collect();
        let size = |all: &Self| all.0.iter().map(|(_, texts)| texts.len()).sum::<usize>();
        // Each round brings a text one step further, and there is no way that is longer than there are pairs.
        for _ in 0..=pairs.len() {
            let before = size(self);
            for [a, b] in &pairs {
                let [of_a, of_b] = [a, b].map(|key| self.with(key).to_vec());
                self.add(a, &of_b);
                self.add(b, &of_a);
            }
            if size(self) == before {
                break;
            }
        }
    }

    fn add(&mut self, key: &HoleKey, texts: &[String]) {
        let at = self.0.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
            self.0.push((key.clone(), Vec::new()));
            self.0.len() - 1
        });
        let Some((_, known)) = self.0.get_mut(at) else { return };
        for text in texts {
            if !known.contains(text) {
                known.push(text.clone());
            }
        }
    }

    /// The texts that one is compared with which could be told so: it may be that of several statements.
    pub(super) fn with_any(&self, names: &Names, untold: &Untold) -> Vec<String> {
        let is_it = |key: &HoleKey| match key {
            HoleKey::Fresh(number, _) => names.untold(*number).any(|one| one == untold),
            _ => false,
        };
        let mut all: Vec<String> = Vec::new();
        for text in self.0.iter().filter(|(key, _)| is_it(key)).flat_map(|(_, texts)| texts) {
            if !all.contains(text) {
                all.push(text.clone());
            }
        }
        all
    }

    /// The texts that this one is compared with.
    pub(super) fn with(&self, key: &HoleKey) -> &[String] {
        self.0.iter().find(|(known, _)| known == key).map_or(&[], |(_, texts)| texts)
    }
}

/// The two unknown texts that a question compares as they are.
pub(super) fn same(names: &Names, key: &AtomKey) -> Option<[HoleKey; 2]> {
    let AtomKey::Same(a, b) = key else { return None };
    Some([whole(names, *a)?, whole(names, *b)?])
}

/// The unknown that a text is as a whole.
pub(super) fn whole(names: &Names, leaf: Leaf) -> Option<HoleKey> {
    let Cell::Template(pieces) = names.cell(leaf) else { return None };
    let [Piece::Hole(hole)] = &**pieces else { return None };
    Some(names.hole_key(*hole).clone())
}

/// What a question about texts is about: unknowns that it hangs on, and texts that may decide it.
#[derive(Default)]
pub(super) struct Sides {
    pub(super) holes: Vec<Hole>,
    texts: Vec<String>,
}

impl Sides {
    pub(super) fn of(names: &Names, key: &AtomKey) -> Self {
        let mut sides = Self::default();
        match key {
            AtomKey::Equals(leaf, text) => {
                sides.texts.push(text.to_string());
                sides.add(names, *leaf);
            }
            AtomKey::Less(a, b) => {
                sides.add_all(names, &[*a, *b]);
                sides.add_neighbours();
            }
            AtomKey::Same(a, b) => sides.add_all(names, &[*a, *b]),
            AtomKey::OfType(ty, leaf) => {
                sides.add(names, *leaf);
                sides.texts.extend(sample(*ty).map(str::to_owned));
            }
            AtomKey::Holds(_, operands) | AtomKey::Refused(_, _, operands) => {
                sides.add_all(names, operands);
                sides.add_neighbours();
                sides.texts.push(String::new());
            }
            AtomKey::IsStatus(leaf) | AtomKey::IsZero(leaf) => sides.add(names, *leaf),
            _ => {}
        }
        sides
    }

    /// Whether it hangs on that unknown.
    pub(super) fn is_about(&self, names: &Names, key: &HoleKey) -> bool {
        self.holes.iter().any(|hole| names.hole_key(*hole) == key)
    }

    /// Whether that text may decide it.
    pub(super) fn names(&self, text: &String) -> bool {
        self.texts.contains(text)
    }

    fn add_all(&mut self, names: &Names, leaves: &[Leaf]) {
        leaves.iter().for_each(|leaf| self.add(names, *leaf));
    }

    /// A side: a known text, or one with unknown parts, which may be computed of others.
    fn add(&mut self, names: &Names, leaf: Leaf) {
        match names.cell(leaf) {
            Cell::Text(text) => self.texts.push(text.to_string()),
            Cell::Template(pieces) => {
                for piece in pieces.iter() {
                    let Piece::Hole(hole) = piece else { continue };
                    match names.hole_key(*hole) {
                        HoleKey::Pure(_, operands) => self.add_all(names, operands),
                        _ if self.holes.contains(hole) => {}
                        _ => self.holes.push(*hole),
                    }
                }
            }
            _ => {}
        }
    }

    /// Numbers and versions around those that a text is measured by.
    fn add_neighbours(&mut self) {
        let around: Vec<String> = self.texts.iter().flat_map(|text| neighbours(text)).collect();
        self.texts.extend(around);
    }
}

/// A number, or a version, that is less, and one that is greater; around a fraction, whole ones too, for what is no fraction.
fn neighbours(text: &str) -> Vec<String> {
    let (first, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let is_version = rest.chars().all(|c| c == '.' || c.is_ascii_digit());
    let Some(number) = first.parse::<i64>().ok().filter(|_| is_version) else { return Vec::new() };
    let around = [number.checked_sub(1), number.checked_add(1)];
    let whole = [Some(number), number.checked_add(1)].into_iter().flatten().map(|number| number.to_string());
    let is_fraction = rest.len() > 1 && rest.matches('.').count() == 1;
    let whole = whole.filter(|_| is_fraction);
    around.into_iter().flatten().map(|number| format!("{number}{rest}")).chain(whole).collect()
}

/// A text of a type that not every text is of.
fn sample(ty: Type) -> Option<&'static str> {
    match ty {
        Type::Int | Type::Float => Some("1"),
        Type::Bool => Some("true"),
        Type::Duration => Some("1s"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_below_and_one_above() {
        assert_eq!(neighbours("3"), ["2", "4"]);
        assert_eq!(neighbours("-1"), ["-2", "0"]);
        assert_eq!(neighbours("2.30.0"), ["1.30.0", "3.30.0"]);
        for other in ["", "main", "v2", "1.x", "9223372036854775808"] {
            assert!(neighbours(other).is_empty(), "{other}");
        }
    }
}
