//! What cells and bindings hold, and the unknowns that conditions speak of.
//!
//! A diagram's leaves are numbers; [`Names`] says what each means. It also numbers the *atoms* (yes-or-no
//! unknowns) and the *holes* (unknown texts). All three are interned: equal meaning, equal number.
//!
//! Some unknowns are facts of the host as it was at the start (is `/srv/a` there? is `HOME` set?). The others came
//! up during the run (did this program succeed? what did it print?). Each of the latter carries a number from one
//! counter, so that [`Names::newest_of_atom`] and its siblings tell whether an unknown is younger than a given
//! moment: that is how a call's own unknowns are told from its caller's.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use perch_diagram::{Atom, Leaf};
use perch_ops::{ErrorKind, Pure, Type};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::Packaged;
use crate::made::shown;

/// A moment at which something unknown happened to a part of the host. 0 is the start.
pub type Epoch = u32;

/// What a leaf means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// The condition does not hold.
    False,
    /// The condition holds.
    True,
    /// Of a binding or variable: not bound.
    Unbound,
    /// Of any cell: as it was before the call that is being evaluated.
    Before,
    /// A known text.
    Text(Rc<str>),
    /// A text with unknown parts.
    Template(Rc<[Piece]>),
    /// Nothing at the path.
    Absent,
    /// A file with that content (a text or template).
    File(Leaf),
    /// A directory.
    Dir,
    /// A symbolic link with that target (a text or template).
    Link(Leaf),
    /// Of the entries of a directory that have no cell of their own: there are none.
    Empty,
    /// They are what was beneath that path at that moment.
    From(Epoch, Rc<str>),
    /// They are what that says, or what became of it at that moment, when something happened at a place that is not known.
    Touched(Epoch, Touch, Leaf),
    /// What is on PATH: what was at that moment.
    Bins(Epoch),
    /// That, and this program.
    BinsWith(Leaf, Rc<str>),
    /// What became of it when packages came or went at that moment.
    BinsAfter(Leaf, Epoch),
    /// Which packages are installed: what is known of these, and of no other.
    Packages(Rc<BTreeMap<Rc<str>, Packaged>>),
}

/// What may have happened to what stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Touch {
    /// A file was written there.
    File,
    /// A directory was made there.
    Dir,
    /// It was removed.
    Gone,
    /// A link was made there, with that target (a text or template).
    Link(Leaf),
    /// A tree was merged into it.
    Tree,
    /// It was moved away, or something was moved there.
    Moved,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Known characters.
    Literal(Rc<str>),
    /// Unknown ones.
    Hole(Hole),
}

/// An unknown text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hole(pub u32);

/// Which unknown text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HoleKey {
    /// The value of an environment variable.
    Env(Rc<str>),
    /// The content of a file at a moment.
    Content(Epoch, Rc<str>),
    /// Where a link leads that may be at a path at a moment.
    Target(Epoch, Rc<str>),
    /// An argument that was not given, and its type.
    Argument(Rc<str>, Type),
    /// A fact of the host.
    Fact(&'static str),
    /// A fact that is an absolute path, without its first slash.
    Rooted(&'static str),
    /// Where a program is when that is what is on PATH: an absolute path, without its first slash.
    Found(Leaf, Rc<str>),
    /// That content, compressed.
    Packed(Leaf),
    /// An archive that the run has packed, by the number that tells it from others, of a tree of which everything is known.
    Tree(u32, Rc<PackedTree>),
    /// A pure function of operands that are not all known.
    Pure(Pure, Rc<[Leaf]>),
    /// Something of the run, with what it is.
    Fresh(u32, &'static str),
    /// An element of an unknown list: not empty, one line. Whether it may hold a NUL.
    Element(u32, bool),
    /// What the clock has said: a point in time.
    Moment(u32),
    /// What perch says of a failure: a sentence, so that there is a blank in it.
    Message(u32),
    /// A name that the run has made up, by the number that it has as long as the run goes on.
    Made(u32),
}

/// What is in an archive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackedTree {
    /// Its format, by name.
    pub format: Rc<str>,
    /// Directories, and files with the texts that they hold, by their paths from the top; a directory before what is in it.
    pub entries: Vec<(Rc<str>, Option<Leaf>)>,
}

/// Which yes-or-no unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AtomKey {
    /// Something is at the path (given that its parent is a directory).
    There(Epoch, Rc<str>),
    /// What is there is a directory.
    IsDir(Epoch, Rc<str>),
    /// What is there is a link (only at moments from which on links may be anywhere).
    IsLink(Epoch, Rc<str>),
    /// What happened at that moment at some place happened there.
    Touched(Epoch, Rc<str>),
    /// The variable is set.
    EnvSet(Rc<str>),
    /// The program is on PATH.
    Bin(Epoch, Rc<str>),
    /// The text is this literal, and none of the literals that it was compared with before.
    Equals(Leaf, Rc<str>),
    /// Two unknown texts are equal.
    Same(Leaf, Leaf),
    /// The first number is less than the second.
    Less(Leaf, Leaf),
    /// The text is of the type.
    OfType(Type, Leaf),
    /// The answer of the function for these texts is yes.
    Holds(Pure, Rc<[Leaf]>),
    /// The function refuses these texts with that kind.
    Refused(Pure, ErrorKind, Rc<[Leaf]>),
    /// The text is an exit status.
    IsStatus(Leaf),
    /// The exit status is 0.
    IsZero(Leaf),
    /// Something of the run, with what it is.
    Fresh(u32, &'static str),
    /// A failure is taken to have been mended. False on every real run.
    Ghost(u32, Rc<str>),
}

/// What a description of the host could tell of an unknown that came up during the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Untold {
    /// What a program with these words prints, or a line for the shell.
    Printed(Rc<str>),
    /// With which status it ends.
    Status(Rc<str>),
    /// The body of what is answered to a request for that address.
    Body(Rc<str>),
    /// The status of that answer.
    Answered(Rc<str>),
}

/// What it means that an unknown of the run holds, and that it does not: sentences.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Means {
    /// That it does.
    pub yes: Rc<str>,
    /// That it does not.
    pub no: Rc<str>,
}

/// The interner.
pub struct Names {
    cells: Vec<Cell>,
    /// Of known texts, for which one asks most often.
    text_index: FxHashMap<Rc<str>, Leaf>,
    /// Of all other cells.
    cell_index: FxHashMap<Cell, Leaf>,
    cell_newest: Vec<u32>,
    holes: Vec<HoleKey>,
    hole_index: FxHashMap<HoleKey, Hole>,
    hole_newest: Vec<u32>,
    atoms: Vec<AtomKey>,
    atom_index: FxHashMap<AtomKey, Atom>,
    atom_newest: Vec<u32>,
    fresh: u32,
    /// What could be told of the unknowns with these numbers. Cases that exclude each other share numbers, so it may be several things.
    untold: FxHashMap<u32, BTreeSet<Untold>>,
    /// What it means that they hold, of those that are about something. Likewise, it may be several things.
    means: FxHashMap<u32, BTreeSet<Means>>,
    /// Moments from which on links may be anywhere.
    linked: FxHashSet<Epoch>,
    /// A link has been spoken of.
    knows_links: bool,
    /// Texts made of the time that names in paths have: they are never renamed, for paths are not.
    pub(crate) kept: FxHashSet<Hole>,
    /// What may stand at paths at moments.
    origins: FxHashMap<Epoch, FxHashMap<Rc<str>, Origin>>,
}

/// What may stand at a path of which nothing is known but that a directory is above it.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    /// Something is there.
    pub(crate) there: Atom,
    /// It is a directory.
    pub(crate) is_dir: Atom,
    /// What else it is: a file.
    pub(crate) file: Leaf,
}

/// Cells that are asked for all the time, in the order of their leaves.
const USUAL: [Cell; 7] = [Cell::False, Cell::True, Cell::Unbound, Cell::Before, Cell::Absent, Cell::Dir, Cell::Empty];

/// The leaf of one of those.
fn usual(cell: &Cell) -> Option<Leaf> {
    let at = match cell {
        Cell::False => 0,
        Cell::True => 1,
        Cell::Unbound => 2,
        Cell::Before => 3,
        Cell::Absent => 4,
        Cell::Dir => 5,
        Cell::Empty => 6,
        _ => return None,
    };
    Some(Leaf(at))
}

impl Default for Names {
    fn default() -> Self {
        let mut new = Self {
            cells: Vec::new(),
            text_index: FxHashMap::default(),
            cell_index: FxHashMap::default(),
            cell_newest: Vec::new(),
            holes: Vec::new(),
            hole_index: FxHashMap::default(),
            hole_newest: Vec::new(),
            atoms: Vec::new(),
            atom_index: FxHashMap::default(),
            atom_newest: Vec::new(),
            fresh: 0,
            untold: FxHashMap::default(),
            means: FxHashMap::default(),
            linked: FxHashSet::default(),
            knows_links: false,
            kept: FxHashSet::default(),
            origins: FxHashMap::default(),
        };
        for cell in USUAL {
            debug_assert!(usual(&cell).is_some_and(|leaf| leaf.0 as usize == new.cells.len()));
            new.add(cell, 0);
        }
        new
    }
}

fn number(length: usize) -> u32 {
    // More than four thousand million unknowns do not fit into memory either.
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// What a ghost is called that stands for a signal.
pub const SIGNAL: &str = "a signal";

impl Names {
    /// A number that nothing has used.
    pub fn take_number(&mut self) -> u32 {
        self.fresh += 1;
        self.fresh
    }

    /// The unknown with that number could be told.
    pub(crate) fn could_be_told(&mut self, number: u32, untold: Untold) {
        self.untold.entry(number).or_default().insert(untold);
    }

    /// That the unknown with that number holds, or does not, means this.
    pub(crate) fn means(&mut self, number: u32, means: Means) {
        self.means.entry(number).or_default().insert(means);
    }

    /// What it means, if it is about one thing.
    #[must_use]
    pub fn meaning(&self, number: u32) -> Option<&Means> {
        let mut all = self.means.get(&number)?.iter();
        all.next().filter(|_| all.next().is_none())
    }

    /// What could be told of the unknown with that number.
    pub fn untold(&self, number: u32) -> impl Iterator<Item = &Untold> {
        self.untold.get(&number).into_iter().flatten()
    }

    /// Is there an unknown of which that could be told?
    #[must_use]
    pub fn could_tell(&self, untold: &Untold) -> bool {
        self.untold.values().any(|all| all.contains(untold))
    }

    /// From that moment on, links may be anywhere.
    pub fn set_linked(&mut self, epoch: Epoch) {
        self.linked.insert(epoch);
    }

    /// May links be anywhere from that moment on?
    #[must_use]
    pub fn is_linked(&self, epoch: Epoch) -> bool {
        self.linked.contains(&epoch)
    }

    /// The moments at which links may be anywhere.
    pub(crate) fn linked(&self) -> FxHashSet<Epoch> {
        self.linked.clone()
    }

    /// The same, to be as they were: what came since is not looked at any more.
    pub(crate) fn set_all_linked(&mut self, linked: FxHashSet<Epoch>) {
        self.linked = linked;
    }

    /// May there be a link at all, as far as anybody has spoken of one?
    pub(crate) fn knows_links(&self) -> bool {
        self.knows_links || self.any_linked()
    }

    /// What may stand at a path at a moment.
    pub(crate) fn origin(&mut self, epoch: Epoch, path: &str) -> Origin {
        if let Some(known) = self.origins.get(&epoch).and_then(|known| known.get(path)) {
            return *known;
        }
        let path: Rc<str> = path.into();
        let there = self.atom(AtomKey::There(epoch, Rc::clone(&path)));
        let is_dir = self.atom(AtomKey::IsDir(epoch, Rc::clone(&path)));
        let content = self.unknown(HoleKey::Content(epoch, Rc::clone(&path)));
        let file = self.leaf(Cell::File(content));
        let origin = Origin { there, is_dir, file };
        self.origins.entry(epoch).or_default().insert(path, origin);
        origin
    }

    /// Is there such a moment?
    #[must_use]
    pub fn any_linked(&self) -> bool {
        !self.linked.is_empty()
    }

    /// The number that [`Self::take_number`] will give: everything younger than now is at least this.
    #[must_use]
    pub fn now(&self) -> u32 {
        self.fresh + 1
    }

    /// The leaf that means `cell`.
    pub fn leaf(&mut self, cell: Cell) -> Leaf {
        if let Some(usual) = usual(&cell) {
            return usual;
        }
        if let Cell::Text(text) = &cell {
            return self.text(text);
        }
        if let Some(known) = self.cell_index.get(&cell) {
            return *known;
        }
        self.knows_links |= matches!(cell, Cell::Link(_) | Cell::Touched(_, Touch::Link(_), _));
        let newest = match &cell {
            Cell::Template(pieces) => pieces
                .iter()
                .map(|piece| if let Piece::Hole(hole) = piece { self.newest_of_hole(*hole) } else { 0 })
                .max()
                .unwrap_or(0),
            Cell::File(leaf) | Cell::Link(leaf) | Cell::BinsWith(leaf, _) => self.newest_of_leaf(*leaf),
            Cell::From(epoch, _) | Cell::Bins(epoch) => *epoch,
            Cell::BinsAfter(leaf, epoch) => self.newest_of_leaf(*leaf).max(*epoch),
            Cell::Touched(epoch, touch, leaf) => {
                let target = if let Touch::Link(target) = touch { self.newest_of_leaf(*target) } else { 0 };
                self.newest_of_leaf(*leaf).max(*epoch).max(target)
            }
            _ => 0,
        };
        let leaf = self.add(cell.clone(), newest);
        self.cell_index.insert(cell, leaf);
        leaf
    }

    fn add(&mut self, cell: Cell, newest: u32) -> Leaf {
        let leaf = Leaf(number(self.cells.len()));
        self.cells.push(cell);
        self.cell_newest.push(newest);
        leaf
    }

    /// What a leaf means.
    #[must_use]
    pub fn cell(&self, leaf: Leaf) -> &Cell {
        &self.cells[leaf.0 as usize]
    }

    /// The hole of that key.
    pub fn hole(&mut self, key: HoleKey) -> Hole {
        if let Some(known) = self.hole_index.get(&key) {
            return *known;
        }
        let newest = match &key {
            HoleKey::Content(epoch, _) | HoleKey::Target(epoch, _) => *epoch,
            HoleKey::Fresh(number, _)
            | HoleKey::Tree(number, _)
            | HoleKey::Element(number, _)
            | HoleKey::Moment(number)
            | HoleKey::Message(number) => *number,
            HoleKey::Pure(_, operands) => self.newest_of_leaves(operands),
            HoleKey::Found(leaf, _) | HoleKey::Packed(leaf) => self.newest_of_leaf(*leaf),
            HoleKey::Env(_) | HoleKey::Argument(..) | HoleKey::Fact(_) | HoleKey::Rooted(_) | HoleKey::Made(_) => 0,
        };
        let hole = Hole(number(self.holes.len()));
        self.holes.push(key.clone());
        self.hole_newest.push(newest);
        self.hole_index.insert(key, hole);
        hole
    }

    /// Which unknown text a hole is.
    #[must_use]
    pub fn hole_key(&self, hole: Hole) -> &HoleKey {
        &self.holes[hole.0 as usize]
    }

    /// The atom of that key.
    pub fn atom(&mut self, key: AtomKey) -> Atom {
        if let Some(known) = self.atom_index.get(&key) {
            return *known;
        }
        let newest = match &key {
            AtomKey::There(epoch, _)
            | AtomKey::IsDir(epoch, _)
            | AtomKey::IsLink(epoch, _)
            | AtomKey::Touched(epoch, _)
            | AtomKey::Bin(epoch, _) => *epoch,
            AtomKey::EnvSet(_) => 0,
            AtomKey::Equals(leaf, _) | AtomKey::OfType(_, leaf) | AtomKey::IsStatus(leaf) | AtomKey::IsZero(leaf) => {
                self.newest_of_leaf(*leaf)
            }
            AtomKey::Holds(_, operands) | AtomKey::Refused(_, _, operands) => self.newest_of_leaves(operands),
            AtomKey::Same(a, b) | AtomKey::Less(a, b) => self.newest_of_leaf(*a).max(self.newest_of_leaf(*b)),
            AtomKey::Fresh(number, _) | AtomKey::Ghost(number, _) => *number,
        };
        let atom = Atom(number(self.atoms.len()));
        self.atoms.push(key.clone());
        self.atom_newest.push(newest);
        self.atom_index.insert(key, atom);
        atom
    }

    /// What all atoms are, in their order.
    pub fn atoms(&self) -> impl Iterator<Item = &AtomKey> {
        self.atoms.iter()
    }

    /// The atom of that key, if somebody has asked for it.
    pub(crate) fn asked(&self, key: &AtomKey) -> Option<Atom> {
        self.atom_index.get(key).copied()
    }

    /// Which unknown an atom is.
    #[must_use]
    pub fn atom_key(&self, atom: Atom) -> &AtomKey {
        &self.atoms[atom.0 as usize]
    }

    /// True for an atom that stands for a mended failure.
    #[must_use]
    pub fn is_ghost(&self, atom: Atom) -> bool {
        matches!(self.atom_key(atom), AtomKey::Ghost(..))
    }

    /// The youngest number that a leaf mentions; 0 if it speaks of the start only.
    #[must_use]
    pub fn newest_of_leaf(&self, leaf: Leaf) -> u32 {
        self.cell_newest[leaf.0 as usize]
    }

    fn newest_of_leaves(&self, leaves: &[Leaf]) -> u32 {
        leaves.iter().map(|leaf| self.newest_of_leaf(*leaf)).max().unwrap_or(0)
    }

    /// The same for a hole.
    #[must_use]
    pub fn newest_of_hole(&self, hole: Hole) -> u32 {
        self.hole_newest[hole.0 as usize]
    }

    /// The same for an atom.
    #[must_use]
    pub fn newest_of_atom(&self, atom: Atom) -> u32 {
        self.atom_newest[atom.0 as usize]
    }

    /// The leaf of a known text.
    pub fn text(&mut self, text: &str) -> Leaf {
        if let Some(known) = self.text_index.get(text) {
            return *known;
        }
        let text: Rc<str> = text.into();
        let leaf = self.add(Cell::Text(Rc::clone(&text)), 0);
        self.text_index.insert(text, leaf);
        leaf
    }

    /// The leaf of an unknown text.
    pub fn unknown(&mut self, key: HoleKey) -> Leaf {
        let hole = self.hole(key);
        self.leaf(Cell::Template([Piece::Hole(hole)].into()))
    }

    /// The leaf of pieces one after the other, adjacent literals merged.
    pub fn template(&mut self, pieces: impl IntoIterator<Item = Piece>) -> Leaf {
        let mut merged: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (merged.last_mut(), piece) {
                (_, Piece::Literal(text)) if text.is_empty() => {}
                (Some(Piece::Literal(last)), Piece::Literal(text)) => *last = format!("{last}{text}").into(),
                (_, piece) => merged.push(piece),
            }
        }
        match merged.as_slice() {
            [] => self.text(""),
            [Piece::Literal(text)] => self.text(text),
            _ => self.leaf(Cell::Template(merged.into())),
        }
    }

    /// The pieces of a text or template; nothing for other cells.
    #[must_use]
    pub fn pieces(&self, leaf: Leaf) -> Option<Vec<Piece>> {
        match self.cell(leaf) {
            Cell::Text(text) => Some(vec![Piece::Literal(Rc::clone(text))]),
            Cell::Template(pieces) => Some(pieces.to_vec()),
            _ => None,
        }
    }

    /// How long a text is at least.
    pub(crate) fn length(&self, leaf: Leaf) -> usize {
        let literal = |piece: &Piece| if let Piece::Literal(text) = piece { text.len() } else { 0 };
        match self.cell(leaf) {
            Cell::Text(text) => text.len(),
            Cell::Template(pieces) => pieces.iter().map(literal).sum(),
            _ => 0,
        }
    }

    /// The parts of a text that are known.
    pub(crate) fn literals(&self, leaf: Leaf) -> Vec<Rc<str>> {
        let literal = |piece| if let Piece::Literal(text) = piece { Some(text) } else { None };
        self.pieces(leaf).unwrap_or_default().into_iter().filter_map(literal).collect()
    }

    /// The text of a leaf, if known.
    #[must_use]
    pub fn known(&self, leaf: Leaf) -> Option<Rc<str>> {
        match self.cell(leaf) {
            Cell::Text(text) => Some(Rc::clone(text)),
            _ => None,
        }
    }

    /// A leaf as people read it: unknown parts as `${…}`.
    #[must_use]
    pub fn shown(&self, leaf: Leaf) -> String {
        match self.cell(leaf) {
            Cell::Text(text) => text.to_string(),
            Cell::Template(pieces) => pieces.iter().fold(String::new(), |mut shown, piece| {
                // The slash before it is its own.
                if matches!(piece, Piece::Hole(hole) if matches!(self.hole_key(*hole), HoleKey::Rooted(_) | HoleKey::Found(..))) {
                    shown.pop();
                }
                shown + &self.shown_piece(piece)
            }),
            other => format!("{other:?}"),
        }
    }

    fn shown_piece(&self, piece: &Piece) -> String {
        match piece {
            Piece::Literal(text) => text.to_string(),
            Piece::Hole(hole) => match self.hole_key(*hole) {
                HoleKey::Env(name) | HoleKey::Argument(name, _) => format!("${{{name}}}"),
                HoleKey::Content(_, path) => format!("${{content of {}}}", shown(path)),
                HoleKey::Target(_, path) => format!("${{target of {}}}", shown(path)),
                HoleKey::Fact(name) | HoleKey::Rooted(name) => format!("${{{name}}}"),
                HoleKey::Found(_, name) => format!("${{path of {name}}}"),
                HoleKey::Packed(_) => "${compressed}".to_owned(),
                HoleKey::Tree(..) => "${an archive}".to_owned(),
                // What a message quotes of a text is that text, as long as nobody knows it.
                HoleKey::Pure(Pure::Excerpt, operands) => operands.iter().map(|leaf| self.shown(*leaf)).collect(),
                HoleKey::Pure(function, operands) => format!("${{{}}}", self.shown_call(*function, operands, 0)),
                HoleKey::Fresh(number, what) => format!("${{{}}}", self.shown_fresh(*number, what)),
                HoleKey::Element(..) => "${element}".to_owned(),
                HoleKey::Moment(_) => "${time}".to_owned(),
                HoleKey::Message(_) => "${error message}".to_owned(),
                HoleKey::Made(_) => "…".to_owned(),
            },
        }
    }

    /// The same cell with everything younger than `since` renamed.
    pub fn renamed(&mut self, leaf: Leaf, since: u32, names: &mut Renaming) -> Leaf {
        if self.newest_of_leaf(leaf) < since {
            return leaf;
        }
        let cell = match self.cell(leaf).clone() {
            Cell::Template(pieces) => {
                let pieces: Vec<Piece> = pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Hole(hole) => Piece::Hole(self.renamed_hole(*hole, since, names)),
                        Piece::Literal(_) => piece.clone(),
                    })
                    .collect();
                Cell::Template(pieces.into())
            }
            Cell::File(content) => Cell::File(self.renamed(content, since, names)),
            Cell::Link(target) => Cell::Link(self.renamed(target, since, names)),
            Cell::From(epoch, base) => Cell::From(names.number(self, epoch, since), base),
            Cell::Touched(epoch, touch, leaf) => {
                let leaf = self.renamed(leaf, since, names);
                let touch = match touch {
                    Touch::Link(target) => Touch::Link(self.renamed(target, since, names)),
                    other => other,
                };
                Cell::Touched(names.number(self, epoch, since), touch, leaf)
            }
            Cell::Bins(epoch) => Cell::Bins(names.number(self, epoch, since)),
            Cell::BinsWith(base, name) => Cell::BinsWith(self.renamed(base, since, names), name),
            Cell::BinsAfter(base, epoch) => {
                Cell::BinsAfter(self.renamed(base, since, names), names.number(self, epoch, since))
            }
            other => other,
        };
        self.leaf(cell)
    }

    fn renamed_hole(&mut self, hole: Hole, since: u32, names: &mut Renaming) -> Hole {
        if self.newest_of_hole(hole) < since || self.kept.contains(&hole) {
            return hole;
        }
        let key = match self.hole_key(hole).clone() {
            HoleKey::Content(epoch, path) => HoleKey::Content(names.number(self, epoch, since), path),
            HoleKey::Target(epoch, path) => HoleKey::Target(names.number(self, epoch, since), path),
            HoleKey::Fresh(number, what) => HoleKey::Fresh(names.number(self, number, since), what),
            HoleKey::Element(number, nul) => HoleKey::Element(names.number(self, number, since), nul),
            HoleKey::Moment(number) => HoleKey::Moment(names.number(self, number, since)),
            HoleKey::Message(number) => HoleKey::Message(names.number(self, number, since)),
            HoleKey::Pure(function, operands) => HoleKey::Pure(function, self.renamed_leaves(&operands, since, names)),
            HoleKey::Found(bins, name) => HoleKey::Found(self.renamed(bins, since, names), name),
            HoleKey::Packed(content) => HoleKey::Packed(self.renamed(content, since, names)),
            // What files in it hold is known, so nothing in it has a number.
            HoleKey::Tree(number, tree) => HoleKey::Tree(names.number(self, number, since), tree),
            other => other,
        };
        self.hole(key)
    }

    fn renamed_leaves(&mut self, leaves: &[Leaf], since: u32, names: &mut Renaming) -> Rc<[Leaf]> {
        leaves.iter().map(|leaf| self.renamed(*leaf, since, names)).collect::<Vec<_>>().into()
    }

    /// The same atom with everything younger than `since` renamed; all mended failures become one.
    pub fn renamed_atom(&mut self, atom: Atom, since: u32, names: &mut Renaming) -> Atom {
        if self.newest_of_atom(atom) < since {
            return atom;
        }
        let key = match self.atom_key(atom).clone() {
            AtomKey::There(epoch, path) => AtomKey::There(names.number(self, epoch, since), path),
            AtomKey::IsDir(epoch, path) => AtomKey::IsDir(names.number(self, epoch, since), path),
            AtomKey::IsLink(epoch, path) => AtomKey::IsLink(names.number(self, epoch, since), path),
            AtomKey::Touched(epoch, path) => AtomKey::Touched(names.number(self, epoch, since), path),
            AtomKey::Bin(epoch, name) => AtomKey::Bin(names.number(self, epoch, since), name),
            AtomKey::Equals(leaf, text) => AtomKey::Equals(self.renamed(leaf, since, names), text),
            AtomKey::Same(a, b) => AtomKey::Same(self.renamed(a, since, names), self.renamed(b, since, names)),
            AtomKey::Less(a, b) => AtomKey::Less(self.renamed(a, since, names), self.renamed(b, since, names)),
            AtomKey::OfType(ty, leaf) => AtomKey::OfType(ty, self.renamed(leaf, since, names)),
            AtomKey::Holds(function, operands) => {
                AtomKey::Holds(function, self.renamed_leaves(&operands, since, names))
            }
            AtomKey::Refused(function, kind, operands) => {
                AtomKey::Refused(function, kind, self.renamed_leaves(&operands, since, names))
            }
            AtomKey::IsStatus(leaf) => AtomKey::IsStatus(self.renamed(leaf, since, names)),
            AtomKey::IsZero(leaf) => AtomKey::IsZero(self.renamed(leaf, since, names)),
            AtomKey::Fresh(number, what) => AtomKey::Fresh(names.number(self, number, since), what),
            AtomKey::Ghost(_, label) => {
                let (number, label) = names.ghost.get_or_insert_with(|| (self.fresh + 1, label)).clone();
                self.fresh = self.fresh.max(number);
                AtomKey::Ghost(number, label)
            }
            AtomKey::EnvSet(name) => AtomKey::EnvSet(name),
        };
        self.atom(key)
    }
}

/// New numbers for old ones.
#[derive(Default)]
pub struct Renaming {
    numbers: FxHashMap<u32, u32>,
    ghost: Option<(u32, Rc<str>)>,
}

impl Renaming {
    fn number(&mut self, names: &mut Names, old: u32, since: u32) -> u32 {
        if old < since {
            return old;
        }
        let new = *self.numbers.entry(old).or_insert_with(|| names.take_number());
        if let Some(untold) = names.untold.get(&old).cloned() {
            names.untold.entry(new).or_default().extend(untold);
        }
        if let Some(means) = names.means.get(&old).cloned() {
            names.means.entry(new).or_default().extend(means);
        }
        if names.linked.contains(&old) {
            names.linked.insert(new);
        }
        new
    }
}
