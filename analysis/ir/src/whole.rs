//! A program as a whole, in the database: what is declared where, and what names mean there.
//!
//! For whoever judges programs. What runs one takes a [`crate::Snapshot`].

use crate::database::{self, Item, Meaning, SourceFile};
pub use crate::lower::ImportLine;
use crate::scope;
pub use crate::scope::Imported;

/// An item of a program, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'db> {
    /// Its file: a number of [`crate::files::all`].
    pub file: usize,
    /// Its text and where it stands.
    pub item: Item<'db>,
    /// What it is, unless it is broken.
    pub meaning: &'db Meaning,
}

/// The items of a program, file by file, each in its order.
pub fn declared<'db>(db: &'db dyn salsa::Database, root: SourceFile) -> impl Iterator<Item = Declared<'db>> {
    let files = crate::files::all(db, root).iter().enumerate();
    let items =
        files.flat_map(move |(file, source)| database::items(db, *source).iter().map(move |item| (file, *item)));
    items.map(move |(file, item)| Declared { file, item, meaning: &database::lower_item(db, item, root).meaning })
}

/// The command that a name means in the file of an item.
pub fn command<'db>(db: &'db dyn salsa::Database, root: SourceFile, from: Item<'db>, name: &str) -> Option<Item<'db>> {
    scope::scope(db, from.file(db), root).commands.get(name).copied()
}

/// The template that a name means in the file of an item.
pub fn template<'db>(db: &'db dyn salsa::Database, root: SourceFile, from: Item<'db>, name: &str) -> Option<Item<'db>> {
    scope::scope(db, from.file(db), root).templates.get(name).copied()
}

/// The lines of a file that import, in order.
pub fn imports(db: &dyn salsa::Database, file: SourceFile) -> Vec<Imported<'_>> {
    scope::imports(db, file)
}

/// The first line of an item; its span counts from the item's start.
pub fn first_line(db: &dyn salsa::Database, item: Item<'_>) -> perch_syntax::Span {
    database::first_line(db, item)
}
