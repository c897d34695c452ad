//! What the database holds: files, and the items they consist of.
#![expect(missing_docs, reason = "salsa's macros write public functions without documentation")]

use std::collections::BTreeMap;

use perch_syntax::{Diagnostic, ItemKind};

/// A file.
#[salsa::input]
#[derive(Debug)]
pub struct SourceFile {
    /// What it is called in reports.
    #[returns(ref)]
    pub path: String,
    /// What it holds.
    #[returns(ref)]
    pub text: String,
    /// What its imports mean, by their paths as written. Whoever reads files hands it in; [`crate::files::load`] does.
    #[default]
    #[returns(ref)]
    pub imports: BTreeMap<String, Import>,
}

/// What an import means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// That file.
    File(SourceFile),
    /// None: why.
    Unreadable(String),
}

/// A top-level item of a file.
#[salsa::tracked]
#[derive(Debug)]
pub struct Item<'db> {
    /// The file that it is part of.
    #[returns(copy)]
    pub file: SourceFile,
    /// What it is; with its rank among equals, what it is recognised by after an edit.
    #[returns(ref)]
    pub kind: ItemKind,
    /// How many items of that kind and name stand above it. Salsa would count by itself, with a search through all that are equal
    /// for each: thousands of lines would take a minute.
    #[returns(copy)]
    pub rank: u32,
    /// Its text.
    #[tracked]
    #[returns(ref)]
    pub text: String,
    /// What the cut found wrong with it.
    #[tracked]
    #[returns(ref)]
    pub problems: Vec<Diagnostic>,
    /// Where its text starts in the file.
    #[tracked]
    #[returns(copy)]
    pub start: usize,
    /// How many lines of the file stand above it.
    #[tracked]
    #[returns(copy)]
    pub lines_above: u32,
}

impl<'db> Item<'db> {
    /// Its name, if it is a template.
    pub fn template_name(self, db: &'db dyn salsa::Database) -> Option<&'db str> {
        match self.kind(db) {
            ItemKind::Template(Some(name)) => Some(name),
            _ => None,
        }
    }

    /// Its name, if it is a command.
    pub fn command_name(self, db: &'db dyn salsa::Database) -> Option<&'db str> {
        match self.kind(db) {
            ItemKind::Command(Some(name)) => Some(name),
            _ => None,
        }
    }
}
