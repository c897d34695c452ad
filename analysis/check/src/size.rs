//! How much a file declares.

use perch_ir::{Database, SourceFile};
use perch_syntax::{FILE_SETTINGS, ItemKind};

/// How much a file declares, broken or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// `command`
    pub commands: usize,
    /// `template`
    pub templates: usize,
    /// `catch`
    pub catches: usize,
    /// `NAME = …`
    pub bindings: usize,
}

impl Size {
    /// Counts what stands in a file.
    #[must_use]
    pub fn of(db: &Database, file: SourceFile) -> Self {
        let mut size = Self::default();
        for item in perch_ir::database::items(db, file) {
            match item.kind(db) {
                ItemKind::Command(_) => size.commands += 1,
                ItemKind::Template(_) => size.templates += 1,
                ItemKind::Catch(_) => size.catches += 1,
                ItemKind::Line if !is_setting(item.text(db)) => size.bindings += 1,
                ItemKind::Line | ItemKind::Import | ItemKind::Section | ItemKind::Other => {}
            }
        }
        size
    }
}

/// `name W`, and not `name = W`.
fn is_setting(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next().is_some_and(|word| FILE_SETTINGS.contains(&word)) && words.next() != Some("=")
}
