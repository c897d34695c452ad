//! Programs of the repository, with what they import.

use std::path::Path;

use perch_guards::{read, root};
use perch_ir::files::{Files, Found, load};
use perch_ir::{Database, SourceFile, Text};

/// The files of the repository.
struct Repository;

impl Files for Repository {
    fn find(&mut self, from: &str, path: &Text) -> Result<Found, String> {
        let path = path.as_literal().ok_or("a name in a path")?;
        let folder = Path::new(from).parent().ok_or("no folder")?;
        let path = folder.join(path.trim_start_matches("./")).to_string_lossy().into_owned();
        if root().join(&path).is_file() { Ok(Found { text: read(&path), path }) } else { Err(format!("no {path}")) }
    }
}

/// A text as the file of that name.
pub(crate) fn opened(file: &str, text: String) -> (Database, SourceFile) {
    let mut db = Database::default();
    let source = SourceFile::new(&db, file.to_owned(), text);
    load(&mut db, source, &mut Repository);
    (db, source)
}
