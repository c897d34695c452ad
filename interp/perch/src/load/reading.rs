//! The text of a file, or why it cannot be had.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::OnceLock;

use perch_ir::files::MAX_BYTES;
use perch_syntax::nearest;

use crate::cli::{DEFAULT_FILE, STDIN};
use crate::report::Trouble;

/// How many files are named in place of one that is not there.
const MOST_NAMED: usize = 5;

/// Why a file gives no text.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    /// The host says so.
    #[error("cannot be read: {0}")]
    Host(#[from] std::io::Error),
    /// It holds too much, with what the program has already.
    #[error("makes the program larger than {} MB", MAX_BYTES >> 20)]
    TooLarge,
    /// It holds something else than text.
    #[error("does not hold UTF-8 text: line {line} has a byte that no text has")]
    NoText { line: usize },
}

impl Unread {
    /// What to do about it.
    fn advice(&self) -> &'static str {
        match self {
            Self::Host(error) => match error.kind() {
                ErrorKind::PermissionDenied => "allow reading it, or name another file with `-f FILE`",
                ErrorKind::IsADirectory => "name a file in it: `-f FILE`",
                _ => "`-f FILE` names another file",
            },
            Self::TooLarge => "keep data in files of its own: `read_file` reads them when the command runs",
            Self::NoText { .. } => "save it as UTF-8, or name another file with `-f FILE`",
        }
    }
}

/// The text of the file that a program begins with.
pub(super) fn main_file(file: &str) -> Result<String, Trouble> {
    if file == STDIN {
        return piped_program();
    }
    text(Path::new(file), 0).map_err(|why| match &why {
        Unread::Host(error) if error.kind() == ErrorKind::NotFound => missing(file),
        Unread::Host(error) => Trouble::usage(format!("cannot read `{file}`: {error}")).help(why.advice()),
        _ => Trouble::usage(format!("`{file}` {why}")).help(why.advice()),
    })
}

/// The program on standard input, which can be read once, whereas a program may be wanted twice.
fn piped_program() -> Result<String, Trouble> {
    static PIPED: OnceLock<String> = OnceLock::new();
    if let Some(text) = PIPED.get() {
        return Ok(text.clone());
    }
    let text = super::standard_input().map_err(|trouble| trouble.help("`-f FILE` names a file"))?;
    Ok(PIPED.get_or_init(|| text).clone())
}

/// Says that there is no such file, and which there are.
pub(crate) fn missing(file: &str) -> Trouble {
    if let Ok(target) = Path::new(file).read_link() {
        let trouble = Trouble::usage(format!("`{file}` is a link to `{}`, and nothing is there", target.display()));
        return trouble.help("let it lead to a file, or name another file with `-f FILE`");
    }
    let trouble = Trouble::usage(format!("there is no file `{file}`"));
    let others = programs_beside(Path::new(file));
    let above = (file == DEFAULT_FILE).then(further_up).flatten();
    match (nearest(file, others.iter().map(String::as_str)), others.as_slice()) {
        _ if above.is_some() => {
            let above = above.unwrap_or_default();
            trouble.help(format!("there is one further up: `perch -f {above} …` runs its commands, in this directory"))
        }
        (Some(near), _) => trouble.help(format!("did you mean `-f {near}`?")),
        (None, []) if file == DEFAULT_FILE => {
            trouble.help("`perch --init` writes one to begin with, `-f FILE` names another file")
        }
        (None, []) => trouble.help("`-f FILE` names the file; `perch --help` says more"),
        (None, others) => trouble.help(format!("`-f FILE` names the file; here are: {}", others.join(", "))),
    }
}

/// The path of the nearest file of commands in a directory around this one.
fn further_up() -> Option<String> {
    let here = std::env::current_dir().ok()?;
    let (up, _) = (1..).zip(here.ancestors().skip(1)).find(|(_, dir)| dir.join(DEFAULT_FILE).is_file())?;
    Some(format!("{}{DEFAULT_FILE}", "../".repeat(up)))
}

/// Files of commands in the folder where a file was looked for, the first few.
fn programs_beside(file: &Path) -> Vec<String> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let entries = std::fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let names = entries.into_iter().flatten().flatten().map(|entry| folder.join(entry.file_name()));
    let programs = names.filter(|path| path.extension().is_some_and(|extension| extension == "perch"));
    let mut found: Vec<String> = programs.map(|path| path.to_string_lossy().into_owned()).collect();
    found.sort();
    found.truncate(MOST_NAMED);
    found
}

/// The text of a file, of a program that has so many bytes already.
pub(super) fn text(file: &Path, so_far: usize) -> Result<String, Unread> {
    all(File::open(file)?, so_far)
}

/// The text that is to be had, of a program that has so many bytes already. No more is read than a program may have, since what is read
/// need not have an end.
pub(super) fn all(from: impl Read, so_far: usize) -> Result<String, Unread> {
    let room = MAX_BYTES.saturating_sub(so_far);
    let mut bytes = Vec::new();
    from.take(room as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > room {
        return Err(Unread::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        Unread::NoText { line: 1 + before.iter().filter(|byte| **byte == b'\n').count() }
    })
}
