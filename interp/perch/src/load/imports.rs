//! Imported files, from the disk.

use std::collections::HashMap;
use std::env;
use std::path::{Component, Path, PathBuf};

use perch_concrete::facts::before_a_run;
use perch_ir::files::{Files, Found};
use perch_ir::{Part, Text};
use perch_ops::fact_named;

use super::reading;
use crate::cli::STDIN;

/// The files on the disk. Each is read once.
pub(super) struct Disk {
    /// Names of files as they were shown, by what they really are.
    shown: HashMap<PathBuf, Found>,
    /// How many bytes the program has so far.
    bytes: usize,
}

impl Disk {
    /// With the main file and its length, so that an import of it is known as one.
    pub(super) fn new(main: &str, bytes: usize) -> Self {
        // A file of the name of standard input is another one.
        let real = Path::new(main).canonicalize().ok().filter(|_| main != STDIN);
        let found = |path| (path, Found { path: main.to_owned(), text: String::new() });
        Self { shown: real.map(found).into_iter().collect(), bytes }
    }
}

impl Files for Disk {
    fn find(&mut self, from: &str, path: &Text) -> Result<Found, String> {
        let folder = Path::new(from).parent().unwrap_or(Path::new(""));
        let written = filled(path, folder)?;
        let place = folder.join(&written);
        let cannot = |error: std::io::Error| format!("cannot read `{}`: {error}", place.display());
        let real = place.canonicalize().map_err(cannot)?;
        if let Some(found) = self.shown.get(&real) {
            return Ok(found.clone());
        }
        let about = std::fs::metadata(&real).map_err(cannot)?;
        if !about.is_file() {
            return Err(format!("`{}` is not a file", place.display()));
        }
        let text = reading::text(&real, self.bytes).map_err(|why| format!("`{}` {why}", place.display()))?;
        self.bytes += text.len();
        let shown = place.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
        let shown = shown.to_string_lossy().into_owned();
        let found = Found { path: shown, text };
        self.shown.insert(real, found.clone());
        Ok(found)
    }
}

/// A path with its names filled in: language §12.2.
fn filled(path: &Text, folder: &Path) -> Result<String, String> {
    let part = |part: &Part| match part {
        Part::Literal(text) => Ok(text.clone()),
        Part::Name(name) => {
            named(name, folder).ok_or_else(|| format!("nothing is known as `{name}` in a path to import"))
        }
        Part::Splice(_) | Part::Call(_) | Part::NotYet(_) => {
            Err("a path to import holds names and no calls".to_owned())
        }
    };
    path.parts.iter().map(part).collect()
}

/// A name in a path to import: facts mean what they do in a run, and where the file stands comes first.
fn named(name: &str, folder: &Path) -> Option<String> {
    let variable = |name: &str| env::var(name).ok();
    match name {
        "file_dir" | "script_dir" => env::current_dir().ok()?.join(folder).into_os_string().into_string().ok(),
        _ if fact_named(name).is_some() => before_a_run(variable, name),
        _ => variable(name).or_else(|| variable(&name.to_uppercase())),
    }
}
