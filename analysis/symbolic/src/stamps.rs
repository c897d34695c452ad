//! Names that are made of the time, or of the number of the process: `release-20240131120000`.
//!
//! What such a name is, is not known before; that nothing else has it is taken for granted ([`Assumption::NewByTime`]): no entry that was
//! there at the start, and none of which a text is known. So a path with one is one of its own, like a path with a made-up name
//! ([`crate::made`]): between NULs stands the number of the unknown text.
//!
//! A name that tells no more than the day may be there at the start: the command may have been run before. It is a path of its own all the same, if
//! none that is spelled out is the same ([`Assumption::ApartByTime`]).
//!
//! But two of them may be one: two moments fall into the same second. So only names are kept of which it is certain that each is
//! another one whatever the time is. One that may be one which is kept, and is spelled otherwise, is a text of which nothing is known.
//!
//! Numbers in paths are never renamed: a call in which such a name was first met is evaluated wherever it is met, and its texts stay what they are.

use std::collections::BTreeSet;

use perch_diagram::Leaf;
use perch_ops::Pure;
use perch_ops::machine;
use perch_ops::pure::{Recurs, Stamp, Written, says_moment};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{Hole, HoleKey, Names, Piece};
use crate::facts::{SYSTEMS_OWN, is_among_devices};
use crate::made::{MARK, MAX_MADE, PathText};
use crate::record::Assumption;
use crate::values::stripped;

/// Begins the number of such a text in a path, between marks.
const LETTER: char = 't';

/// So many bytes a name has at most, and a path.
const LONGEST: (usize, usize) = (255, 4095);

/// A name that is kept apart from others.
pub(crate) struct Name {
    spelled: String,
    pieces: Vec<Piece>,
}

/// How such a text is spelled in a path, between marks.
pub(crate) fn spelled(hole: Hole) -> String {
    format!("{LETTER}{}", hole.0)
}

/// The text that is spelled like that.
pub(crate) fn read(part: &str) -> Option<Hole> {
    part.strip_prefix(LETTER)?.parse().ok().map(Hole)
}

/// Whether what stands between the marks of a path, or of a name in it, has such a text.
fn is_stamped(path: &str) -> bool {
    path.split(MARK).skip(1).step_by(2).any(|part| read(part).is_some())
}

impl Names {
    /// What is known of a text that is made of the time or of the number of the process.
    pub(crate) fn stamp(&self, hole: Hole) -> Option<Stamp> {
        match self.hole_key(hole) {
            HoleKey::Fact(name) if machine::is_of_run(name) => Some(Stamp::number()),
            HoleKey::Pure(Pure::FormatTime, operands) => match **operands {
                [time, format] if self.is_of_clock(time) => Stamp::of_moment(&self.known(format)?),
                _ => None,
            },
            HoleKey::Pure(Pure::Replace, operands) => match **operands {
                [text, from, to] => {
                    let stamp = self.stamp(self.alone(text)?)?;
                    stamp.replaced(&self.known(from)?, &self.known(to)?)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a text is a point in time of this run.
    fn is_of_clock(&self, leaf: Leaf) -> bool {
        let key = self.alone(leaf).map(|hole| self.hole_key(hole));
        key.is_some_and(|key| match key {
            HoleKey::Moment(_) => true,
            HoleKey::Fact(name) => machine::is_moment(name),
            _ => false,
        })
    }

    /// How a text is written that is a point in time, whatever it is. Nothing of what is not known to be one.
    pub(crate) fn moment(&self, hole: Hole) -> Option<Written> {
        match self.hole_key(hole) {
            HoleKey::Moment(_) => Some(Written::Rfc3339),
            HoleKey::Fact(name) => machine::is_moment(name).then_some(Written::Unix),
            // It is in UTC, so that there is no offset by which it could lie in another year.
            HoleKey::Pure(Pure::UnixToIso, _) => Some(Written::Rfc3339),
            HoleKey::Pure(Pure::FormatTime | Pure::ParseTime, operands) => {
                let [time, format] = **operands else { return None };
                let is_one = self.moment(self.alone(time)?)?;
                let said = says_moment(&self.known(format)?)?;
                match self.hole_key(hole) {
                    HoleKey::Pure(Pure::ParseTime, _) => (said == is_one).then_some(Written::Unix),
                    _ => Some(said),
                }
            }
            _ => None,
        }
    }

    /// The unknown text that a text is, if it is nothing else.
    fn alone(&self, leaf: Leaf) -> Option<Hole> {
        match self.pieces(leaf)?.as_slice() {
            [Piece::Hole(hole)] => Some(*hole),
            _ => None,
        }
    }

    /// Whether nothing of the start has the name of what stands at a path, or of a directory above it.
    #[must_use]
    pub fn is_new(&self, path: &str) -> bool {
        let never_again = |hole| self.stamp(hole).is_some_and(|stamp| stamp.recurs == Recurs::Never);
        path.split(MARK).skip(1).step_by(2).any(|part| read(part).is_none_or(never_again))
    }

    /// Whether there is one in a text.
    pub(crate) fn has_stamp(&self, leaf: Leaf) -> bool {
        self.stamps_in(&self.pieces(leaf).unwrap_or_default()).next().is_some()
    }

    fn stamps_in<'p>(&self, pieces: &'p [Piece]) -> impl Iterator<Item = (Hole, Stamp)> + use<'_, 'p> {
        let hole = |piece: &Piece| if let Piece::Hole(hole) = piece { Some(*hole) } else { None };
        pieces.iter().filter_map(hole).filter_map(|hole| Some((hole, self.stamp(hole)?)))
    }

    /// Whether two names may be one: what they have in common cut off, they are not certainly different, and neither are their characters of
    /// which no such text is made.
    fn may_be_one(&self, a: &[Piece], b: &[Piece]) -> bool {
        let signs: String = self.stamps_in(a).chain(self.stamps_in(b)).map(|(_, stamp)| stamp.signs).collect();
        let others = |pieces: &[Piece]| {
            let literal =
                |piece: &Piece| if let Piece::Literal(text) = piece { text.to_string() } else { String::new() };
            pieces.iter().map(literal).collect::<String>().replace(|c| signs.contains(c), "")
        };
        others(a) == others(b) && stripped(a.to_vec(), b.to_vec()).is_some()
    }
}

impl Symbolic {
    /// The path that a text names, seen from a directory. One with a name that is made of the time, and cannot be told from others, is not
    /// known.
    pub(crate) fn path_from(&mut self, base: Option<&str>, leaf: Leaf) -> PathText {
        match self.names.path_from(base, leaf) {
            PathText::Path(path) if is_stamped(&path) && !self.keeps_apart(&path) => PathText::Unknown,
            text => text,
        }
    }

    fn keeps_apart(&mut self, path: &str) -> bool {
        let systems_own = SYSTEMS_OWN.into_iter().any(|root| path::within(path, root)) || is_among_devices(path);
        if systems_own || path.len() + path.matches(MARK).count() * LONGEST.0 > LONGEST.1 {
            return false;
        }
        path.split('/').filter(|name| is_stamped(name)).all(|name| self.keeps(name))
    }

    /// Whether a name is kept apart from all others, perhaps from now on.
    fn keeps(&mut self, name: &str) -> bool {
        if self.stamps.iter().any(|kept| kept.spelled == name) {
            return true;
        }
        let leaf = self.names.text_of_path(name);
        let pieces = self.names.pieces(leaf).unwrap_or_default();
        let stamps: Vec<(Hole, Stamp)> = self.names.stamps_in(&pieces).collect();
        let holes = pieces.iter().filter(|piece| matches!(piece, Piece::Hole(_))).count();
        let longest = self.names.length(leaf) + stamps.iter().map(|(_, stamp)| stamp.longest).sum::<usize>();
        // In a body that stands for many, what came up there is many texts.
        let many = self.many.first().is_some_and(|since| self.names.newest_of_leaf(leaf) >= *since);
        let recurs = stamps.iter().map(|(_, stamp)| stamp.recurs).min().unwrap_or(Recurs::OtherDays);
        if recurs == Recurs::OtherDays || holes != stamps.len() || longest > LONGEST.0 || many || self.made >= MAX_MADE
        {
            return false;
        }
        if self.stamps.iter().any(|kept| self.names.may_be_one(&kept.pieces, &pieces)) {
            return false;
        }
        if recurs != Recurs::Never && self.may_be_told(&pieces) {
            return false;
        }
        self.made += 1;
        self.names.kept.extend(stamps.into_iter().map(|(hole, _)| hole));
        self.stamps.push(Name { spelled: name.to_owned(), pieces });
        self.general.insert(if recurs == Recurs::Never { Assumption::NewByTime } else { Assumption::ApartByTime });
        true
    }

    /// Whether something of which is told what it is may have that name.
    fn may_be_told(&self, name: &[Piece]) -> bool {
        let told = self.facts.files.keys().chain(&self.facts.listed);
        let names: BTreeSet<&str> = told.flat_map(|path| path.split('/')).filter(|name| !name.is_empty()).collect();
        names.into_iter().any(|told| self.names.may_be_one(&[Piece::Literal(told.into())], name))
    }
}
