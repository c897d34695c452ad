//! `perch fmt`: files in one layout, which `perch-format` decides.
//!
//! A file is either replaced as a whole or left as it is: the new text is complete on the disk before it takes the place of the old one.

use std::fs::File;
use std::io::stdin;
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;

use clap::{CommandFactory as _, Parser};
use perch_ir::Diagnostic;
use similar::TextDiff;

use crate::aside::aside;
use crate::cli::{DEFAULT_FILE, STDIN, answered, unknown_flag};
use crate::replace::replace;
use crate::report::Trouble;
use crate::{USAGE, list, load};

/// How many lines around a difference are shown.
const CONTEXT: usize = 3;

/// The words behind `fmt`.
#[derive(Parser)]
#[command(name = "perch fmt", no_binary_name = true, about = "Writes files in one layout")]
#[command(override_usage = "perch fmt [--check] [--diff] [FILE…]")]
struct Flags {
    /// The files; `-` is standard input, which goes to standard output. Without any: standard input if something is piped into it,
    /// else commands.perch
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// A file, too: other commands take it like this
    #[arg(short = 'f', long = "file", value_name = "FILE", hide = true)]
    file: Vec<String>,
    /// Change nothing, name the files that would change, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    /// Change nothing, and show what would change
    #[arg(long)]
    diff: bool,
}

/// A text to lay out.
struct Source {
    name: String,
    text: String,
}

/// Lays files out; 2 if there was one that could not be, else 1 if `--check` found something, else 0.
pub(crate) fn fmt(named: Option<String>, words: &[String]) -> Result<u8, Trouble> {
    let flags = match Flags::try_parse_from(words) {
        Ok(flags) => flags,
        Err(error) => {
            let unknown = unknown_flag(&error, &Flags::command(), "`perch fmt --help` lists the flags");
            return unknown.map_or_else(|| answered(&error), Err);
        }
    };
    let mut statuses = Vec::new();
    for source in sources(named, &flags) {
        let done = source.and_then(|source| flags.lay_out(&source));
        statuses.push(done.unwrap_or_else(|trouble| trouble.tell()));
    }
    Ok(statuses.into_iter().max().unwrap_or_default())
}

/// How it is called, and its flags.
pub(crate) fn usage() -> String {
    command().render_help().to_string()
}

/// The flags.
pub(crate) fn command() -> clap::Command {
    Flags::command()
}

/// What is to be laid out, or why there is no text.
fn sources(named: Option<String>, flags: &Flags) -> Vec<Result<Source, Trouble>> {
    let names: Vec<&String> = named.iter().chain(&flags.file).chain(&flags.files).collect();
    match names.as_slice() {
        [] if is_piped() => vec![piped()],
        [] => vec![source(DEFAULT_FILE)],
        names => names.iter().map(|name| source(name)).collect(),
    }
}

fn source(name: &str) -> Result<Source, Trouble> {
    let text = if name == STDIN { load::standard_input()? } else { load::text(name)? };
    Ok(Source { name: name.to_owned(), text })
}

/// Whether somebody hands something in. A terminal does not, and neither does `/dev/null`.
fn is_piped() -> bool {
    let Ok(handle) = stdin().as_fd().try_clone_to_owned() else { return false };
    let kind = File::from(handle).metadata().map(|about| about.file_type());
    kind.is_ok_and(|kind| kind.is_fifo() || kind.is_file() || kind.is_socket())
}

/// What was piped in without being asked for. If it is nothing, something has gone wrong before, or a pipe is there by chance.
fn piped() -> Result<Source, Trouble> {
    let source = source(STDIN)?;
    if source.text.is_empty() {
        let trouble = Trouble::usage("standard input is empty, and no file is named");
        return Err(trouble.help("`perch fmt FILE…` lays out files; `perch fmt -` takes whatever standard input is"));
    }
    Ok(source)
}

impl Flags {
    fn lay_out(&self, source: &Source) -> Result<u8, Trouble> {
        let laid_out = match perch_format::format(&source.text) {
            Ok(laid_out) => laid_out,
            Err(mistakes) => return Ok(source.refused(&mistakes)),
        };
        let changes = laid_out != source.text;
        if self.diff {
            list::print(&source.difference(&laid_out))?;
        } else if self.check && changes {
            list::print(&format!("{}\n", source.shown_name()))?;
        }
        match (self.check, self.diff) {
            (true, _) => return Ok(u8::from(changes)),
            (_, true) => {}
            _ if source.name == STDIN => drop(list::print(&laid_out)?),
            _ if changes => replace(&source.name, &laid_out)?,
            _ => {}
        }
        Ok(0)
    }
}

impl Source {
    /// What it is called where a file would be.
    fn shown_name(&self) -> &str {
        if self.name == STDIN { "<stdin>" } else { &self.name }
    }

    /// Says why it stays as it is.
    fn refused(&self, mistakes: &[Diagnostic]) -> u8 {
        load::show(self.shown_name(), &self.text, mistakes);
        aside!("{}: left as it is, since it cannot be read", self.shown_name());
        USAGE
    }

    fn difference(&self, laid_out: &str) -> String {
        let name = self.shown_name();
        let diff = TextDiff::from_lines(self.text.as_str(), laid_out);
        diff.unified_diff().context_radius(CONTEXT).header(name, name).to_string()
    }
}
