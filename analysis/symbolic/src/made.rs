//! Names that the run makes up: those of temporary files.
//!
//! What such a name is, nobody knows before, but that nothing else has it: no entry that was there, none of which a text was known
//! before, and no other that was made up. So a path with one in it is as good as a known one. As text it has a hole,
//! [`HoleKey::Made`]. As a path of a [`Host`] it is a text in which a number between NULs stands for the
//! name; no other path has a NUL in it.
//!
//! Names that are made of the time are much alike: see `crate::stamps`.
//!
//! The numbers are never renamed, for paths are not. So a call in which a name was made up is evaluated wherever it is met, and
//! where a body stands for many at once, the name is not kept: it is some text then, and that file may be anywhere.

use std::borrow::Cow;

use perch_diagram::{Dd, Leaf};
use perch_ops::contract::{Node, PathFrom};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{Cell, HoleKey, Names, Piece, Touch};
use crate::host::Host;
use crate::perform::Case;
use crate::stamps;

/// Names that are kept apart in one run. Those that come later are not kept.
pub(crate) const MAX_MADE: u32 = 128;

/// On both sides of the number of a made-up name in a path.
pub(crate) const MARK: char = '\0';

/// Stands for it while a path is cleaned. A text that has one of its own next to a made-up name is not known.
const MEANWHILE: char = '\u{FFFF}';

/// A name that an op makes up.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    number: u32,
    /// It stays known which it is.
    pub(crate) kept: bool,
}

/// A path text, as far as it is known.
pub(crate) enum PathText {
    Path(String),
    Invalid,
    Unknown,
}

impl Made {
    /// The path of an entry of that name, with a prefix, in a directory.
    pub(crate) fn path(self, dir: &str, prefix: &str) -> String {
        path::join(dir, &format!("{prefix}{MARK}{}{MARK}", self.number))
    }
}

/// Whether a name in it was made up.
#[must_use]
pub fn is_made(path: &str) -> bool {
    path.contains(MARK)
}

/// The path as people read it.
#[must_use]
pub fn shown(path: &str) -> Cow<'_, str> {
    if !is_made(path) {
        return path.into();
    }
    let parts = path.split(MARK).enumerate().map(|(at, part)| if at % 2 == 1 { "…" } else { part });
    parts.collect::<String>().into()
}

impl Names {
    /// A text with the numbers of made-up names between marks, and of what is made of the time. Nothing where it is not known but for these, or
    /// has such a mark of its own next to one.
    fn spelled(&self, leaf: Leaf) -> Option<String> {
        let pieces = self.pieces(leaf)?;
        let made = pieces.iter().any(|piece| matches!(piece, Piece::Hole(_)));
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(literal) if made && literal.contains(MEANWHILE) => return None,
                Piece::Literal(literal) => text.push_str(&literal),
                Piece::Hole(hole) => match self.hole_key(hole) {
                    HoleKey::Made(number) => text.push_str(&format!("{MEANWHILE}{number}{MEANWHILE}")),
                    _ if self.stamp(hole).is_some() => {
                        text.push_str(&format!("{MEANWHILE}{}{MEANWHILE}", stamps::spelled(hole)));
                    }
                    _ => return None,
                },
            }
        }
        Some(text)
    }

    /// The same of several, none of which has a mark of its own.
    pub(crate) fn all_spelled(&self, leaves: &[Leaf]) -> Option<Vec<String>> {
        let own = |leaf: &Leaf| self.known(*leaf).is_some_and(|text| text.contains(MEANWHILE));
        if leaves.iter().any(own) { None } else { leaves.iter().map(|leaf| self.spelled(*leaf)).collect() }
    }

    /// The text that is spelled like that.
    pub(crate) fn unspelled(&mut self, text: &str) -> Leaf {
        self.with_made(text, MEANWHILE)
    }

    fn with_made(&mut self, text: &str, mark: char) -> Leaf {
        let mut pieces = Vec::new();
        for (at, part) in text.split(mark).enumerate() {
            let stamp = stamps::read(part).filter(|_| at % 2 == 1);
            pieces.push(match (part.parse(), stamp) {
                (_, Some(hole)) => Piece::Hole(hole),
                (Ok(number), None) if at % 2 == 1 => Piece::Hole(self.hole(HoleKey::Made(number))),
                _ => Piece::Literal(part.into()),
            });
        }
        self.template(pieces)
    }

    /// The path that a text names, seen from a directory (a path, too).
    pub(crate) fn path_from(&self, base: Option<&str>, leaf: Leaf) -> PathText {
        let Some(text) = self.spelled(leaf) else { return PathText::Unknown };
        let Some(base) = base.or_else(|| (text.starts_with('/') || text.is_empty()).then_some("/")) else {
            return PathText::Unknown;
        };
        let is_known = self.known(leaf).is_some();
        let made = !is_known || is_made(base);
        if made && (base.contains(MEANWHILE) || is_known && text.contains(MEANWHILE)) {
            return PathText::Unknown;
        }
        let path = if made {
            let path = path::clean(&base.replace(MARK, &MEANWHILE.to_string()), &text);
            path.map(|path| path.replace(MEANWHILE, &MARK.to_string()))
        } else {
            path::clean(base, &text)
        };
        path.map_or(PathText::Invalid, PathText::Path)
    }

    /// The path that a text names, if it is absolute.
    pub(crate) fn absolute(&self, leaf: Leaf) -> Option<String> {
        match self.path_from(None, leaf) {
            PathText::Path(path) => Some(path),
            PathText::Invalid | PathText::Unknown => None,
        }
    }

    /// What a path is made of, with texts that only the run knows. Nothing, if a name in it is made up.
    #[must_use]
    pub fn pieces_of_path(&self, path: &str) -> Option<Vec<Piece>> {
        let parts = path.split(MARK).enumerate();
        let piece = |(at, part): (usize, &str)| match at % 2 {
            0 => Some(Piece::Literal(part.into())),
            _ => stamps::read(part).map(Piece::Hole),
        };
        parts.map(piece).collect()
    }

    /// The text of a path.
    pub(crate) fn text_of_path(&mut self, path: &str) -> Leaf {
        self.with_made(path, MARK)
    }
}

impl Symbolic {
    /// A name that nothing has.
    pub(crate) fn make_name(&mut self) -> Made {
        if !self.many.is_empty() || self.made >= MAX_MADE {
            return Made { number: 0, kept: false };
        }
        self.made += 1;
        Made { number: self.made, kept: true }
    }

    /// A new entry, with nothing in it.
    pub(crate) fn put_new(&mut self, host: &mut Host, path: &str, node: Node) {
        self.path_may_change(host, path);
        if node == Node::Dir {
            let (dir, empty) = (self.cell(Cell::Dir), self.cell(Cell::Empty));
            host.put(path, dir);
            host.put_rest(path, empty);
        } else {
            let nothing = self.names.text("");
            let file = self.cell(Cell::File(nothing));
            host.put(path, file);
        }
    }

    /// The same at a place that is not kept.
    pub(crate) fn put_somewhere(&mut self, host: &mut Host, node: Node) {
        self.touch(host, if node == Node::Dir { Touch::Dir } else { Touch::File });
        self.changes_somewhere(host);
    }

    /// The path of one that is not kept.
    pub(crate) fn some_new_path(&mut self, case: &Case<'_>) -> Dd {
        let unknown = self.fresh_text("the name of a temporary file");
        let dir = case.contract.paths.iter().find_map(|used| match used.from {
            PathFrom::New { dir, .. } => case.chosen.get(dir).copied().flatten(),
            _ => None,
        });
        match dir.and_then(|leaf| self.names.known(leaf)) {
            Some(dir) => {
                let above = self.known_text(&path::join(&dir, ""));
                self.concat_values(&[above, unknown])
            }
            None => unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(names: &Names, base: Option<&str>, leaf: Leaf) -> Option<String> {
        match names.path_from(base, leaf) {
            PathText::Path(path) => Some(path),
            PathText::Invalid | PathText::Unknown => None,
        }
    }

    #[test]
    fn a_made_up_name_stays_in_its_path_and_comes_out_again() {
        let mut names = Names::default();
        let path = Made { number: 7, kept: true }.path("/tmp", "x-");
        let leaf = names.text_of_path(&path);
        assert_eq!(names.known(leaf), None);
        assert_eq!(path_of(&names, None, leaf).as_deref(), Some(&*path));
        let [more, up] = ["/../y", "/../.."].map(|end| {
            let pieces = names.pieces(leaf).unwrap().into_iter().chain([Piece::Literal(end.into())]);
            names.template(pieces)
        });
        assert_eq!(path_of(&names, None, more).as_deref(), Some("/tmp/y"));
        assert_eq!(path_of(&names, None, up).as_deref(), Some("/"));
        let relative = names.text("z");
        assert_eq!(path_of(&names, Some(&path), relative), Some(format!("{path}/z")));
        assert_eq!(shown(&format!("{path}.bak")), "/tmp/x-….bak");
        assert_eq!(shown("/tmp"), "/tmp");
    }

    #[test]
    fn no_text_is_taken_for_a_made_up_name() {
        let mut names = Names::default();
        let nul = names.text("/tmp/\x00007\0");
        assert!(matches!(names.path_from(None, nul), PathText::Invalid));
        let alike = names.text("/tmp/\u{FFFF}7\u{FFFF}");
        assert!(path_of(&names, None, alike).is_some_and(|path| !is_made(&path)));
        let hole = names.hole(HoleKey::Made(7));
        let both = names.template([Piece::Literal("/\u{FFFF}7".into()), Piece::Hole(hole)]);
        assert_eq!(path_of(&names, None, both), None);
        assert_eq!(path_of(&names, Some("/t/\x007\0"), alike), None);
        let beside = names.template([Piece::Hole(hole)]);
        assert_eq!(path_of(&names, Some("/\u{FFFF}7"), beside), None);
    }
}
