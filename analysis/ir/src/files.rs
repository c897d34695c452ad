//! Imported files.
//!
//! Analysis reads no files. It says which paths a file imports, and whoever can read hands in what they mean.

use std::collections::{BTreeMap, HashMap};

use salsa::Setter as _;

use crate::database::{Database, Import, SourceFile};
use crate::program::Text;
use crate::scope::imports;

/// How many files a program may have.
pub const MAX_FILES: usize = 1000;

/// How many bytes the files of a program may have together: a few hundred thousand lines. What is known of a program takes up to three
/// hundred times as much memory.
pub const MAX_BYTES: usize = 16 << 20;

/// The folder of a file, as a path from where the run starts.
#[must_use]
pub fn folder(file_name: &str) -> &str {
    match file_name.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => ".",
    }
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is called: the same for the same file, however it is imported.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// Whoever can read files.
pub trait Files {
    /// The file that `path` means in the file of that name, or why there is none, for people.
    ///
    /// # Errors
    ///
    /// If there is no such file, or if it cannot be read.
    fn find(&mut self, from: &str, path: &Text) -> Result<Found, String>;
}

/// Reads what a file imports, and what that imports, each file once.
pub fn load(db: &mut Database, root: SourceFile, files: &mut dyn Files) {
    let mut known = HashMap::from([(root.path(db).clone(), root)]);
    // A file that was imported before stays the one that it was.
    let before: HashMap<String, SourceFile> = all(db, root).iter().map(|file| (file.path(db).clone(), *file)).collect();
    let mut open = vec![root];
    while let Some(file) = open.pop() {
        let from = file.path(db).clone();
        let lines: Vec<_> = imports(db, file).iter().map(|import| import.line.clone()).collect();
        let mut found = BTreeMap::new();
        for line in lines {
            let import = match files.find(&from, &line.path) {
                Err(why) => Import::Unreadable(why),
                Ok(Found { path, .. }) if known.len() >= MAX_FILES && !known.contains_key(&path) => Import::Unreadable(
                    format!("`{path}` would be file number {}, one more than allowed", MAX_FILES + 1),
                ),
                Ok(Found { path, text }) => Import::File(*known.entry(path.clone()).or_insert_with(|| {
                    let file = match before.get(&path) {
                        Some(file) => *file,
                        None => SourceFile::new(db, path, String::new()),
                    };
                    if *file.text(db) != text {
                        file.set_text(db).to(text);
                    }
                    open.push(file);
                    file
                })),
            };
            found.insert(line.written, import);
        }
        if *file.imports(db) != found {
            file.set_imports(db).to(found);
        }
    }
}

/// The files of a program: its main file, then what is imported, each once. In the order of [`crate::Snapshot::files`].
pub fn all(db: &dyn salsa::Database, root: SourceFile) -> &[SourceFile] {
    crate::scope::files(db, root)
}

/// Puts another text into a file. What it imports is not looked at again.
pub fn change(db: &mut Database, file: SourceFile, text: String) {
    file.set_text(db).to(text);
}
