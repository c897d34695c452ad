//! `perch --init`: a file of commands to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::cli::of_file;
use crate::list;
use crate::report::Trouble;

/// What it says, below its name.
const BODY: &str = include_str!("init/commands.perch");

/// Writes the file, unless there is one.
pub(crate) fn init(file: &str) -> Result<u8, Trouble> {
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o755).open(file) {
        Ok(mut open) => {
            let text = format!("#!/usr/bin/env perch\nname {}\n{BODY}", name());
            open.write_all(text.as_bytes()).map_err(|error| unwritable(file, &error))?;
            list::print(&format!("wrote {file}\n  perch {}hello  says hello\n", of_file(file)))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => list::print(&format!("{file} is there already\n")),
        Err(error) => Err(unwritable(file, &error)),
    }
}

fn unwritable(file: &str, error: &std::io::Error) -> Trouble {
    Trouble::usage(format!("cannot write `{file}`: {error}")).help("`perch --init -f FILE` writes another file")
}

/// The directory's name, as far as a word may hold it.
fn name() -> String {
    let dir = std::env::current_dir().unwrap_or_default();
    let last = dir.file_name().unwrap_or(Path::new("commands").as_os_str()).to_string_lossy().into_owned();
    let plain: String = last.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "commands".to_owned() } else { plain.to_owned() }
}
