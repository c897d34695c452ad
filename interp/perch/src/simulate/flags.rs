//! The words behind `simulate`.

use std::collections::BTreeMap;

use clap::builder::PossibleValuesParser;
use clap::error::{ContextKind, ErrorKind};
use clap::{ArgAction, CommandFactory, Parser};
use perch_fixtures::{EnvOnly, Fixture};
use perch_simulate::exit::FailOn;

use crate::cli::{Restrictions, answered, said, unknown_flag, wrong_value};
use crate::report::Trouble;

/// How the report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
}

/// What a report tells besides verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// What would have to be said of the host for an op to run.
    pub(super) suggestions: bool,
    /// Which cases make a difference.
    pub(super) cases: bool,
}

const TEXT: &str = "text";
const JSON: &str = "json";

/// Values of `--strict`, the first without a value.
const STRICT: [(&str, FailOn); 2] = [("might", FailOn::Might), ("assumptions", FailOn::Assumption)];

/// The words as given.
#[derive(Parser)]
#[command(name = "perch simulate", no_binary_name = true, about = "Says what commands would do on a described host")]
#[command(override_usage = "perch [-f FILE] simulate [COMMAND] [OPTIONS] [-- ARGS…]")]
pub(super) struct Flags {
    /// The command; without one, every public command
    #[arg(value_name = "COMMAND")]
    pub(super) command: Option<String>,
    /// Arguments of the command; those that are required and not given are unknown
    #[arg(last = true, value_name = "ARGS")]
    pub(super) words: Vec<String>,
    /// The file of commands [default: commands.perch]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(super) file: Option<String>,
    /// One argument of the command, by name; may be repeated
    #[arg(long, value_name = "NAME=VALUE", action = ArgAction::Append)]
    pub(super) arg: Vec<String>,
    /// How to print the report
    #[arg(long, value_parser = [TEXT, JSON], default_value = TEXT)]
    format: String,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Leave out what would have to be said of the host for an op to run
    #[arg(long)]
    pub(super) no_suggestions: bool,
    /// Say also which cases of what is not known make a difference, each with a fixture to paste
    #[arg(long)]
    pub(super) enumerate: bool,
    /// Say all that the verdicts of one line of the file hang on
    #[arg(long, value_name = "LINE", conflicts_with_all = ["json", "format"])]
    pub(super) explain: Option<u32>,
    /// Say it again whenever the file, what it imports, or the fixture is saved
    #[arg(long, conflicts_with_all = ["explain", "enumerate"])]
    pub(super) watch: bool,
    /// What makes the exit status 1; each rule includes the ones before it
    #[arg(long, value_name = "RULE", value_parser = rules())]
    fail_on: Option<String>,
    /// `--fail-on might`, or `--fail-on assumption`
    #[arg(long, value_parser = STRICT.map(|(name, _)| name), num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = STRICT[0].0, conflicts_with = "fail_on")]
    strict: Option<String>,
    #[command(flatten, next_help_heading = "The host (a flag replaces the fixture's key)")]
    pub(super) host: HostFlags,
    #[command(flatten)]
    pub(super) restrictions: Restrictions,
}

/// What is said of the host on the command line.
#[derive(clap::Args)]
pub(super) struct HostFlags {
    /// A JSON file that describes it: the fixture
    #[arg(long, value_name = "F")]
    pub(super) sim_file: Option<String>,
    /// One of the fixture's scenarios [default: all of them]
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    /// Its operating system: linux, macos, windows …
    #[arg(long, value_name = "OS")]
    sim_os: Option<String>,
    /// Its processor: amd64, arm64 …
    #[arg(long, value_name = "ARCH")]
    sim_arch: Option<String>,
    /// Environment variables
    #[arg(long, value_name = "K=V,…", action = ArgAction::Append)]
    sim_env: Option<Vec<String>>,
    /// No other variables are set; with names: those are, too
    #[arg(long, value_name = "A,B", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    sim_env_only: Option<String>,
    /// Visible directories, which are there
    #[arg(long, value_name = "R,…", action = ArgAction::Append)]
    sim_fs_read: Option<Vec<String>>,
    /// Writable directories, which are there
    #[arg(long, value_name = "R,…", action = ArgAction::Append)]
    sim_fs_write: Option<Vec<String>>,
    /// Programs that are on PATH, and no others
    #[arg(long, value_name = "B,…", action = ArgAction::Append)]
    sim_have_bin: Option<Vec<String>>,
    /// No op may write
    #[arg(long, overrides_with = "sim_no_write")]
    sim_no_write: bool,
    /// No op may start a program
    #[arg(long, overrides_with = "sim_no_subprocess")]
    sim_no_subprocess: bool,
    /// No op may give a line to the shell
    #[arg(long, overrides_with = "sim_no_shell")]
    sim_no_shell: bool,
    /// Hosts that may be talked to, and no others
    #[arg(long, value_name = "H,…", action = ArgAction::Append)]
    sim_allow_host: Option<Vec<String>>,
    /// No op may use the network
    #[arg(long, overrides_with = "sim_no_network")]
    sim_no_network: bool,
}

fn rules() -> PossibleValuesParser {
    PossibleValuesParser::new(FailOn::ALL.map(FailOn::name))
}

/// Takes the words apart. What was answered already (`--help`) gives an exit status.
pub(super) fn parse(words: &[String]) -> Result<Result<Flags, u8>, Trouble> {
    match Flags::try_parse_from(words) {
        Ok(flags) => Ok(Ok(flags)),
        Err(error) => match refused(&error, words) {
            Some(trouble) => Err(trouble),
            None => answered(&error).map(Err),
        },
    }
}

/// Words that are not known, with what may have been meant.
fn refused(error: &clap::Error, words: &[String]) -> Option<Trouble> {
    if error.kind() != ErrorKind::UnknownArgument {
        return wrong_value(error);
    }
    let word = said(error, ContextKind::InvalidArg)?;
    if FIXTURES.contains(&word.as_str()) {
        let trouble = Trouble::usage(format!("`perch simulate` has no flag `{word}`"));
        return Some(trouble.help("`--sim-file F` names the fixture"));
    }
    if word.starts_with('-') {
        let help = "`perch simulate --help` lists the flags; arguments of the command stand behind `--`";
        return unknown_flag(error, &Flags::command(), help);
    }
    let trouble = Trouble::usage(format!("`{word}` is one word too many for `perch simulate`"));
    let ends_in = |ending: &str| words.iter().find(|word| !word.starts_with('-') && word.ends_with(ending));
    let help = match (ends_in(".perch"), word.ends_with(".json")) {
        (Some(file), _) => format!("`-f {file}` names the file of commands"),
        (None, true) => format!("`--sim-file {word}` names the fixture"),
        (None, false) => "arguments of the command stand behind `--`".to_owned(),
    };
    Some(trouble.help(help))
}

/// What somebody may call the flag that names the fixture.
const FIXTURES: &[&str] = &["--fixture", "--fixtures", "--host", "--sim", "--sim-fixture"];

impl Flags {
    pub(super) fn format(&self) -> Format {
        if self.json || self.format == JSON { Format::Json } else { Format::Text }
    }

    /// What is looked for besides verdicts.
    pub(super) fn beside(&self) -> Beside {
        Beside { suggestions: !self.no_suggestions, cases: self.enumerate }
    }

    pub(super) fn fail_on(&self) -> FailOn {
        let named = |name: &String| FailOn::ALL.into_iter().find(|rule| rule.name() == name);
        let strict = |name: &String| STRICT.iter().find(|(other, _)| other == name).map(|(_, rule)| *rule);
        let chosen = self.fail_on.as_ref().and_then(named).or_else(|| self.strict.as_ref().and_then(strict));
        chosen.unwrap_or_default()
    }

    /// Lays the flags over a fixture: each replaces its key, and restrictions add up.
    pub(super) fn over(&self, fixture: &mut Fixture) -> Result<(), Trouble> {
        let host = &self.host;
        if host.sim_os.is_some() {
            fixture.os.clone_from(&host.sim_os);
        }
        if host.sim_arch.is_some() {
            fixture.arch.clone_from(&host.sim_arch);
        }
        if let Some(lists) = &host.sim_env {
            fixture.env = variables(lists)?;
            fixture.env_missing.retain(|name| !fixture.env.contains_key(name));
        }
        if let Some(names) = &host.sim_env_only {
            let names: Vec<String> = entries(std::slice::from_ref(names)).map(listed).collect::<Result<_, _>>()?;
            fixture.env_only = Some(if names.is_empty() { EnvOnly::Closed(true) } else { EnvOnly::Names(names) });
        }
        let lists = [
            (&mut fixture.fs_read, &host.sim_fs_read),
            (&mut fixture.fs_write, &host.sim_fs_write),
            (&mut fixture.bins, &host.sim_have_bin),
            (&mut fixture.network, &host.sim_allow_host),
        ];
        for (key, lists) in lists {
            if let Some(lists) = lists {
                *key = Some(entries(lists).map(str::to_owned).collect());
            }
        }
        fixture.no_write |= host.sim_no_write;
        fixture.no_subprocess |= host.sim_no_subprocess;
        fixture.no_shell |= host.sim_no_shell;
        fixture.no_network |= host.sim_no_network;
        Ok(())
    }
}

impl HostFlags {
    /// The keys of a fixture that are replaced or, of restrictions, overruled, and by which flag.
    pub(super) fn replaced(&self) -> BTreeMap<&'static str, &'static str> {
        let given = [
            (self.sim_os.is_some(), "os", "--sim-os"),
            (self.sim_arch.is_some(), "arch", "--sim-arch"),
            (self.sim_env.is_some(), "env", "--sim-env"),
            (self.sim_env_only.is_some(), "env_only", "--sim-env-only"),
            (self.sim_fs_read.is_some(), "fs_read", "--sim-fs-read"),
            (self.sim_fs_write.is_some(), "fs_write", "--sim-fs-write"),
            (self.sim_have_bin.is_some(), "bins", "--sim-have-bin"),
            (self.sim_allow_host.is_some(), "network", "--sim-allow-host"),
            (self.sim_no_write, "no_write", "--sim-no-write"),
            (self.sim_no_subprocess, "no_subprocess", "--sim-no-subprocess"),
            (self.sim_no_shell, "no_shell", "--sim-no-shell"),
            (self.sim_no_network, "no_network", "--sim-no-network"),
        ];
        given.into_iter().filter(|(given, ..)| *given).map(|(_, key, flag)| (key, flag)).collect()
    }
}

/// The entries of all lists of one flag.
fn entries(lists: &[String]) -> impl Iterator<Item = &str> {
    lists.iter().flat_map(|list| list.split(',')).filter(|entry| !entry.is_empty())
}

/// All that `--sim-env` says.
fn variables(lists: &[String]) -> Result<BTreeMap<String, String>, Trouble> {
    let mut all = BTreeMap::new();
    for entry in entries(lists) {
        let (name, value) = variable(entry)?;
        if name.trim() != name {
            let trouble = Trouble::usage(format!("`--sim-env` speaks of a variable `{name}`, with a blank"));
            return Err(trouble.help(format!("no blank stands behind a comma: `{}={value}`", name.trim())));
        }
        if let Some(other) = all.insert(name.clone(), value.clone()).filter(|other| *other != value) {
            let trouble = Trouble::usage(format!("`--sim-env` says twice what `{name}` is: `{other}` and `{value}`"));
            return Err(trouble.help("leave one out"));
        }
    }
    Ok(all)
}

/// A name that `--sim-env-only` lists.
fn listed(name: &str) -> Result<String, Trouble> {
    let wrong = || Trouble::usage(format!("`{name}` in `--sim-env-only` is no name of a variable"));
    match name.split_once('=') {
        Some((bare, _)) => {
            Err(wrong().help(format!("names alone stand there: `--sim-env={name} --sim-env-only={bare}` says both")))
        }
        None if name.trim() != name => Err(wrong().help(format!("no blank stands behind a comma: `{}`", name.trim()))),
        None => Ok(name.to_owned()),
    }
}

fn variable(entry: &str) -> Result<(String, String), Trouble> {
    match entry.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => {
            let trouble = Trouble::usage(format!("`{entry}` in `--sim-env` is not `NAME=VALUE`"));
            Err(trouble.help("a value that holds a comma can be said in the fixture's `env`"))
        }
    }
}
