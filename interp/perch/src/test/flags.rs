//! The words behind `test`.

use clap::{CommandFactory as _, Parser};
use perch_ops::duration::nanoseconds;

use crate::cli::{Restrictions, answered, unknown_flag, wrong_value};
use crate::report::Trouble;

/// How the outcome is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For people, on standard error.
    Text,
    /// For machines: `schemas/test.json`.
    Json,
    /// For what reads the results of tests in a build.
    Junit,
}

impl Format {
    const ALL: [(&'static str, Self); 3] = [("text", Self::Text), ("json", Self::Json), ("junit", Self::Junit)];
}

/// The words as given.
#[derive(Parser)]
#[command(name = "perch test", no_binary_name = true, about = "Runs the commands of a file that are tests")]
#[command(override_usage = "perch [-f FILE] test [OPTIONS]")]
pub(super) struct Flags {
    /// Only tests with that in their names
    #[arg(long, value_name = "PART")]
    pub(super) filter: Option<String>,
    /// Show what tests print that pass, too
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// How many tests run at a time [default: 1]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// How long a test may take that does not say so itself [default: 30s]
    #[arg(long, value_name = "TIME")]
    pub(super) test_timeout: Option<String>,
    /// Keep the directories of tests that pass, too
    #[arg(long)]
    pub(super) keep_tempdir: bool,
    /// How the outcome is told [default: text]
    #[arg(long, value_parser = Format::ALL.map(|(name, _)| name))]
    format: Option<String>,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// The file of commands [default: commands.perch]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(super) file: Option<String>,
    #[command(flatten)]
    pub(super) restrictions: Restrictions,
}

/// How it is called, and its flags.
pub(crate) fn usage() -> String {
    command().render_help().to_string()
}

/// The flags.
pub(crate) fn command() -> clap::Command {
    Flags::command()
}

/// Takes the words apart. What was answered already (`--help`) gives an exit status.
pub(super) fn parse(words: &[String]) -> Result<Result<Flags, u8>, Trouble> {
    match Flags::try_parse_from(words) {
        Ok(flags) => flags.sensible().map(Ok),
        Err(error) => {
            let flag = || unknown_flag(&error, &Flags::command(), "`perch test --help` lists them");
            match surplus(&error).or_else(flag).or_else(|| wrong_value(&error)) {
                Some(trouble) => Err(trouble),
                None => answered(&error).map(Err),
            }
        }
    }
}

/// A word that is no flag: what `make test` and other runners would take for a name.
fn surplus(error: &clap::Error) -> Option<Trouble> {
    let word = crate::cli::said(error, clap::error::ContextKind::InvalidArg)?;
    let is_word = error.kind() == clap::error::ErrorKind::UnknownArgument && !word.starts_with('-');
    is_word.then(|| {
        let trouble = Trouble::usage(format!("`perch test` takes no word `{word}`"));
        if std::path::Path::new(&word).is_file() {
            return trouble.help(format!("`perch -f {word} test` runs the tests of that file"));
        }
        trouble.help(format!("`perch test --filter {word}` runs the tests with that in their names"))
    })
}

impl Flags {
    fn sensible(self) -> Result<Self, Trouble> {
        match &self.test_timeout {
            Some(text) if nanoseconds(text).is_none() => {
                let trouble = Trouble::usage(format!("`{text}` is no value of `--test-timeout`"));
                Err(trouble.help("it takes a number of seconds, or a length of time such as `2m`"))
            }
            _ => Ok(self),
        }
    }

    pub(super) fn format(&self) -> Format {
        let named = self.format.as_ref().and_then(|name| Format::ALL.iter().find(|(known, _)| known == name));
        let otherwise = if self.json { Format::Json } else { Format::Text };
        named.map_or(otherwise, |(_, format)| *format)
    }

    pub(super) fn jobs(&self) -> usize {
        self.jobs.map_or(1, usize::from)
    }
}
