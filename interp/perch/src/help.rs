//! `perch help [TOPIC]` and `perch --export`: what the catalogue says, for people and for machines.
//!
//! A topic is a group of ops, an op or block, a kind of error, or one of the two lists [`FACTS_TOPIC`] and
//! [`KINDS_TOPIC`]. `topics` finds, `text` and `json` show.

mod json;
mod text;
mod topics;

use perch_ir::Answer;

use crate::cli::{DEFAULT_FILE, FMT, HELP, SIMULATE, TEST, VERBS};
use crate::report::Trouble;
use crate::{call, cli, fmt, list, load, simulate, test};
use topics::{Found, Topic, find};

/// The topic that lists the names which every program may use.
const FACTS_TOPIC: &str = "facts";

/// The topic that lists what a check finds.
const CODES_TOPIC: &str = "codes";

/// The topic that lists the keys of a fixture.
const FIXTURES_TOPIC: &str = "fixtures";

/// The topic that lists the kinds of errors.
const KINDS_TOPIC: &str = "errors";

/// Shows a topic, or which there are; 1 if there is no such topic.
pub(crate) fn help(words: &[String]) -> Result<u8, Trouble> {
    let (query, wants_json) = asked(words)?;
    let Some(query) = query else {
        return if wants_json { list::print(&json::overview()) } else { list::print_fitting(&text::overview()) };
    };
    let found = find(query);
    if let Some(page) = of_command_line(query) {
        return if wants_json { list::print(&json::page(query, &page)) } else { list::print_fitting(&page) };
    }
    if wants_json {
        list::print(&json::matches(query, &found))?;
        return Ok(u8::from(found.all().is_empty()));
    }
    match found {
        Found::One(topic) => list::print(&text::fitting(topic)),
        Found::Several(topics) => list::print_fitting(&text::several(query, &topics)),
        Found::None => {
            if call::offers(DEFAULT_FILE, query) {
                let program = load::read(DEFAULT_FILE)?.program;
                if let Ok(Answer::Command(command)) = call::find(&program, query) {
                    return list::usage(&program, command);
                }
            }
            let trouble = Trouble::failed(format!("there is no help on `{query}`"));
            let names = Topic::all().map(Topic::name);
            Err(trouble.did_you_mean(query, names, "`perch help` lists the topics"))
        }
    }
}

/// What is said of a word that stands in place of a command, or of an option of perch.
fn of_command_line(query: &str) -> Option<String> {
    match query {
        FMT => Some(fmt::usage()),
        HELP => Some(text::overview()),
        SIMULATE => Some(simulate::usage()),
        TEST => Some(test::usage()),
        _ if matches!(find(query), Found::One(topic) if topic.name() == query) => None,
        option => cli::about_option(option.strip_prefix("--").unwrap_or(option)),
    }
}

/// The flags, for the manual page: here they are taken apart without them.
pub(crate) fn command() -> clap::Command {
    let flag = |name: &'static str, about: &'static str| clap::Arg::new(name).long(name).help(about);
    clap::Command::new("perch help")
        .disable_help_flag(true)
        .arg(flag("format", "How it is written: text, json").value_name("FORMAT"))
        .arg(flag("json", "The same as `--format json`").action(clap::ArgAction::SetTrue))
}

/// What can be asked for, and what it is about.
pub(crate) fn topics() -> impl Iterator<Item = (String, String)> {
    let verbs = VERBS.into_iter().map(|(verb, about)| (verb.to_owned(), about.to_owned()));
    Topic::all().map(|topic| (topic.name().to_owned(), topic.about().to_owned())).chain(verbs)
}

/// The topic that is asked for, and whether for a machine.
fn asked(words: &[String]) -> Result<(Option<&str>, bool), Trouble> {
    let (mut query, mut wants_json) = (None, false);
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word.strip_prefix("--format=").or_else(|| if word == "--format" { words.next() } else { None }) {
            Some("json") => wants_json = true,
            Some("text") => wants_json = false,
            Some(other) => {
                return Err(Trouble::usage(format!("`{other}` is not a format")).help("formats are: text, json"));
            }
            None if word == "--json" => wants_json = true,
            None if matches!(word, "--help" | "-h") => {}
            None if word.starts_with('-') && cli::about_option(word.trim_start_matches('-')).is_none() => {
                return Err(
                    Trouble::usage(format!("`perch help` has no option `{word}`")).help("it has `--format json`")
                );
            }
            None if query.is_none() => query = Some(word),
            None => return Err(Trouble::usage("`perch help` takes one topic").help("write `perch help TOPIC`")),
        }
    }
    Ok((query, wants_json))
}

/// Writes the catalogue as JSON, to a file or to standard output.
pub(crate) fn export(path: Option<&str>) -> Result<u8, Trouble> {
    let bug = |error| Trouble::failed(format!("perch has a bug: the catalogue is not JSON: {error}"));
    let json = json::catalog().map_err(bug)?;
    match path {
        None => list::print(&json),
        Some(path) => {
            let done = std::fs::write(path, json);
            done.map(|()| 0).map_err(|error| Trouble::failed(format!("cannot write `{path}`: {error}")))
        }
    }
}
