//! Imported files, from the disk.

use std::collections::HashMap;
use std::env;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use perch_concrete::facts::before_a_run;
use perch_ir::files::{Files, Found};
use perch_ir::{Part, Text};
use perch_ops::fact_named;
use perch_policy::{Bounds, Decision, Effect, Known, Met, Policy};

use super::reading;
use crate::cli::STDIN;
use crate::secrets::Secrets;

/// What a run is held to, for whose program files are imported.
static HELD_TO: OnceLock<Policy> = OnceLock::new();

/// From now on imports are held to what the run will be held to.
pub(crate) fn hold_to(policy: Policy) {
    let _ = HELD_TO.set(policy);
}

/// Fails if what an import needs is restricted.
fn permitted(policy: &Policy, effect: Effect) -> Result<(), String> {
    match policy.decide(&Bounds::default(), effect) {
        Decision::Denied(denial) => Err(denial.sentence("import", Met::Running)),
        Decision::Allowed(_) | Decision::Depends { .. } => Ok(()),
    }
}

/// Fails if a file may not be imported that is really there. What lies beside or beneath the main file is part of the program.
pub(super) fn may_be_read(policy: &Policy, main: &str, real: &Path) -> Result<(), String> {
    let shown = real.to_string_lossy();
    let folder = if main == STDIN { Path::new(".") } else { Path::new(perch_ir::files::folder(main)) };
    if !folder.canonicalize().is_ok_and(|folder| folder != Path::new("/") && real.starts_with(folder)) {
        permitted(policy, Effect::Read(Known::Text(shown.clone().into_owned())))?;
    }
    // What the system makes up for whoever reads it is no file of anybody.
    let made_up = ["/proc", "/sys", "/dev"].iter().any(|root| real.starts_with(root));
    if made_up { Err("what stands there is no file that somebody has written".to_owned()) } else { Ok(()) }
}

/// The files on the disk. Each is read once.
pub(super) struct Disk {
    /// Names of files as they were shown, by what they really are.
    shown: HashMap<PathBuf, Found>,
    /// How many bytes the program has so far.
    bytes: usize,
    /// The main file.
    main: String,
}

impl Disk {
    /// With the main file and its length, so that an import of it is known as one.
    pub(super) fn new(main: &str, bytes: usize) -> Self {
        // A file of the name of standard input is another one.
        let real = Path::new(main).canonicalize().ok().filter(|_| main != STDIN);
        let found = |path| (path, Found { path: main.to_owned(), text: String::new() });
        Self { shown: real.map(found).into_iter().collect(), bytes, main: main.to_owned() }
    }
}

impl Files for Disk {
    fn find(&mut self, from: &str, path: &Text) -> Result<Found, String> {
        let folder = Path::new(from).parent().unwrap_or(Path::new(""));
        let written = filled(path, folder)?;
        let place = folder.join(&written);
        let called = Secrets::of_environment().hidden(&place.display().to_string()).into_owned();
        let cannot = |error: std::io::Error| format!("cannot read `{called}`: {error}");
        let real = place.canonicalize().map_err(cannot)?;
        if let Some(found) = self.shown.get(&real) {
            return Ok(found.clone());
        }
        let about = std::fs::metadata(&real).map_err(cannot)?;
        if !about.is_file() {
            return Err(format!("`{called}` is not a file"));
        }
        may_be_read(HELD_TO.get().unwrap_or(&Policy::default()), &self.main, &real)?;
        let text = reading::text(&real, self.bytes).map_err(|why| format!("`{called}` {why}"))?;
        if text.contains('\0') {
            return Err(format!("`{called}` holds a NUL, as no file of commands does"));
        }
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
    // A variable that is not listed is none.
    let is_listed = |name: &str| {
        let held = HELD_TO.get();
        held.is_none_or(|policy| permitted(policy, Effect::ReadEnv(Known::Text(name.to_owned()))).is_ok())
    };
    let variable = |name: &str| env::var(name).ok().filter(|_| is_listed(name));
    match name {
        "file_dir" | "script_dir" => env::current_dir().ok()?.join(folder).into_os_string().into_string().ok(),
        _ if fact_named(name).is_some() => before_a_run(variable, name),
        _ => variable(name).or_else(|| variable(&name.to_uppercase())),
    }
}
