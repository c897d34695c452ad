//! From words to what is wanted.
//!
//! Options of perch stand in front of the command. The policy flags may also stand behind it, where they are
//! perch's unless the command declares an argument of that name; behind an op they are refused. Restrictions only add up.

mod asked;
mod limits;
mod man;
mod script;
mod trust;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, CommandFactory as _, Parser};
use perch_ir::Command;
use perch_policy::net::Pattern;
use perch_policy::{Policy, Redirects, path};

use crate::check;
use crate::complete::Shell;
use crate::report::Trouble;
use crate::run::Manner;
use crate::trace::Format;
use asked::WARNINGS;
pub(crate) use asked::{GraphFormat, ListFormat};
pub(crate) use limits::{Limits, MaxRuntime};
pub(crate) use man::man;
pub(crate) use script::looks_like_a_file;
pub(crate) use trust::{Trust, untrusted_banner};

/// The flags whose values are numbers, and which.
const NUMBERS: [(&str, &str); 2] =
    [("--jobs", "a number from 1 to 256"), ("--explain", "the number of a line of the file")];

/// More redirects than this are none that somebody wants to follow.
const MAX_REDIRECTS: u32 = 100;

/// The file when none is named.
pub(crate) const DEFAULT_FILE: &str = "commands.perch";

/// How perch is told of a file, if it has to be.
pub(crate) fn of_file(file: &str) -> String {
    if file == DEFAULT_FILE { String::new() } else { format!("-f {file} ") }
}

/// The name of a file that comes from standard input.
pub(crate) const STDIN: &str = "-";

/// The word that asks what a command would do.
pub(crate) const SIMULATE: &str = "simulate";

/// The word that asks for files in one layout.
pub(crate) const FMT: &str = "fmt";

/// The word that runs the tests of a file.
pub(crate) const TEST: &str = "test";

/// The word that asks for help.
pub(crate) const HELP: &str = "help";

/// The words that perch takes for itself, and what they do.
pub(crate) const VERBS: [(&str, &str); 4] = [
    (FMT, "Lay files out"),
    (HELP, "Say what ops and blocks are there"),
    (SIMULATE, "Say what a command would do on a described host"),
    (TEST, "Run the commands that are tests"),
];

#[derive(Parser)]
#[command(
    name = "perch",
    version,
    about = "Runs commands of typed ops",
    disable_help_subcommand = true,
    disable_help_flag = true
)]
#[command(
    override_usage = "perch [OPTIONS] COMMAND [ARGS…]\n       perch FILE [COMMAND] [ARGS…]\n       perch --check [FILE…]\n       perch fmt [FILE…]\n       perch simulate …\n       perch test …\n       perch help [TOPIC]"
)]
struct Cli {
    /// The file of commands, `-` for standard input [default: commands.perch]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    file: Option<String>,
    /// List the commands
    #[arg(long, group = "task")]
    list: bool,
    /// Choose a command from the list, and run it
    #[arg(long, group = "task")]
    choose: bool,
    /// Write a file of commands to begin with
    #[arg(long, group = "task")]
    init: bool,
    /// Check files without running anything
    #[arg(long, visible_alias = "validate", value_name = "FILE", num_args = 0.., group = "task")]
    check: Option<Vec<String>>,
    /// With `--check`: warnings count like mistakes
    #[arg(long, value_name = "KIND", value_parser = [WARNINGS])]
    deny: Option<String>,
    /// With `--check`: mend first what can be mended without looking
    #[arg(long)]
    fix: bool,
    /// Say what a finding of `--check` means
    #[arg(long, value_name = "CODE", group = "task")]
    explain: Option<String>,
    /// Show who calls whom: in the whole file, or what one command can get to
    #[arg(long, value_name = "COMMAND", num_args = 0..=1, group = "task")]
    graph: Option<Option<String>>,
    /// How `--check` (human, json, sarif, github), `--graph` (text, dot, json), `--list` or `--dry-run` (text, json) is written
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// The same as `--format json`
    #[arg(long)]
    json: bool,
    /// Write the catalogue of ops as JSON, to standard output or a file
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, group = "task")]
    export: Option<Option<String>>,
    /// Print what makes a shell complete commands and their arguments
    #[arg(long, value_name = "SHELL", value_parser = Shell::ALL.map(Shell::name), group = "task")]
    completions: Option<String>,
    /// What may stand at this place among the words of a line; for the scripts of `--completions`
    #[arg(long, value_name = "INDEX", hide = true, group = "task")]
    complete: Option<usize>,
    /// Print the manual page, for `man -l -`
    #[arg(long, group = "task")]
    man: bool,
    /// Tell what the run does while it does it, on standard error, or in PATH (`-`: on standard output)
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    trace: Option<Option<String>>,
    /// How the trace is written [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = Format::ALL.map(Format::name))]
    trace_format: Option<String>,
    /// Show what the run did when it is over, as a tree, on standard error, or in PATH (`-`: on standard output)
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true)]
    report: Option<Option<String>>,
    /// Append a record of everything that the run does to PATH (`-`: standard output)
    #[arg(long, value_name = "PATH")]
    audit: Option<String>,
    /// With `--audit`: operands are called by their places, `_0` and so on
    #[arg(long)]
    audit_positional: bool,
    /// Ask on the terminal before anything is written, deleted or started
    #[arg(long)]
    ask: bool,
    /// Say what the command would do on this host, and do nothing of it
    #[arg(long)]
    dry_run: bool,
    /// Say on standard error how long the run took
    #[arg(long)]
    time: bool,
    /// Run the command as a test, in that directory; for `perch test`
    #[arg(long, value_name = "DIR", hide = true)]
    as_test: Option<PathBuf>,
    /// Say nothing but what commands print and what goes wrong
    #[arg(short, long)]
    quiet: bool,
    /// Print this, or with a file what it offers
    #[arg(short, long)]
    help: bool,
    /// The command and its arguments; `perch COMMAND --help` says more of it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    words: Vec<String>,
    #[command(flatten)]
    restrictions: Restrictions,
    #[command(flatten)]
    trust: Trust,
}

/// The policy flags as given, and the limits.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Restrictions (lists are separated by commas; flags may be repeated)")]
pub(crate) struct Restrictions {
    /// Deny every write and delete
    #[arg(long, overrides_with = "no_write")]
    no_write: bool,
    /// Deny every start of a program
    #[arg(long, overrides_with = "no_subprocess")]
    no_subprocess: bool,
    /// Deny every line for the shell
    #[arg(long, overrides_with = "no_shell")]
    no_shell: bool,
    /// Deny lines for the shell with `|`, `>`, `<`, `&`, `;`, a backquote, `$(` or an end of line
    #[arg(long, overrides_with = "no_shell_metachars")]
    no_shell_metachars: bool,
    /// Deny every use of the network
    #[arg(long, overrides_with = "no_network")]
    no_network: bool,
    /// Allow addresses of private networks and of this machine
    #[arg(long, overrides_with = "allow_private_ips")]
    allow_private_ips: bool,
    /// Follow redirects from `https` to `http`
    #[arg(long, overrides_with = "allow_scheme_downgrade")]
    allow_scheme_downgrade: bool,
    /// Follow no redirects
    #[arg(long, overrides_with = "no_redirects")]
    no_redirects: bool,
    /// Follow so many redirects at most [default: 5]
    #[arg(long, value_name = "N", action = ArgAction::Append)]
    max_redirects: Option<Vec<String>>,
    /// Deny reads outside of these directories
    #[arg(long, value_name = "R,…", action = ArgAction::Append)]
    allow_read: Option<Vec<String>>,
    /// Deny writes and deletes outside of these directories
    #[arg(long, value_name = "R,…", action = ArgAction::Append)]
    allow_write: Option<Vec<String>>,
    /// Deny programs that are not among these names and paths
    #[arg(long, value_name = "B,…", action = ArgAction::Append)]
    allow_bin: Option<Vec<String>>,
    /// Deny hosts that are not among these: `x.org`, `*.x.org` for one label before that, `x.org:443`
    #[arg(long, value_name = "H,…", action = ArgAction::Append)]
    allow_host: Option<Vec<String>>,
    /// Hide environment variables that are not among these, from `${NAME}`, ops and programs
    #[arg(long, value_name = "A,…", action = ArgAction::Append)]
    env: Option<Vec<String>>,
    /// Stop everything after that time (seconds, or `5m`), and exit with 1
    #[arg(long, value_name = "TIME", action = ArgAction::Append)]
    max_runtime: Option<Vec<String>>,
    /// With `--max-runtime`: what runs when the time is up is let be, but nothing more is begun
    #[arg(long, overrides_with = "soft_deadline")]
    soft_deadline: bool,
}

/// The policy flags behind the command.
#[derive(Parser)]
#[command(name = "perch", no_binary_name = true, disable_help_flag = true)]
struct Behind {
    #[command(flatten)]
    restrictions: Restrictions,
}

/// What other tools call what perch calls otherwise, and which option that is.
const ELSEWHERE: [(&str, &str); 8] = [
    ("no-exec", "no-subprocess"),
    ("no-run", "no-subprocess"),
    ("no-net", "no-network"),
    ("allow-net", "allow-host"),
    ("allow-run", "allow-bin"),
    ("allow-exec", "allow-bin"),
    ("scan", "check"),
    ("lint", "check"),
];

const SWITCHES: [&str; 9] = [
    "no-write",
    "no-subprocess",
    "no-shell",
    "no-shell-metachars",
    "no-network",
    "allow-private-ips",
    "allow-scheme-downgrade",
    "no-redirects",
    "soft-deadline",
];
const LISTS: [&str; 7] =
    ["allow-read", "allow-write", "allow-bin", "allow-host", "env", "max-runtime", "max-redirects"];

/// The policy flags that may stand behind a command, without their dashes.
pub(crate) fn flags_of_runs() -> impl Iterator<Item = &'static str> {
    SWITCHES.into_iter().chain(LISTS)
}

/// What is wanted.
pub(crate) struct Invocation {
    /// The file, if one is named.
    pub(crate) file: Option<String>,
    pub(crate) task: Task,
    pub(crate) restrictions: Restrictions,
    /// What a file from standard input may do.
    pub(crate) trust: Trust,
    /// Only of a run.
    pub(crate) manner: Manner,
}

/// What to do with the file.
pub(crate) enum Task {
    Check(check::Wanted),
    /// What a code means.
    Explain(String),
    List(ListFormat),
    /// The command `main` of a file that is named; the list if it has none.
    Main,
    /// The list, since nothing is named.
    Offer,
    /// The one that is chosen from the list.
    Choose,
    /// A file to begin with.
    Init,
    /// The script for a shell.
    Completions(Shell),
    /// What may stand at that place among the words.
    Complete {
        at: usize,
        words: Vec<String>,
    },
    Man,
    Run {
        command: String,
        words: Vec<String>,
    },
    Simulate {
        words: Vec<String>,
    },
    Test {
        words: Vec<String>,
    },
    Help {
        words: Vec<String>,
    },
    Fmt {
        words: Vec<String>,
    },
    Graph {
        command: Option<String>,
        format: GraphFormat,
    },
    /// Where to; `None` is standard output.
    Export(Option<String>),
}

/// The words as text.
pub(crate) fn texts(words: Vec<OsString>) -> Result<Vec<String>, Trouble> {
    let text = |word: OsString| {
        word.into_string().map_err(|word| Trouble::usage(format!("`{}` is not UTF-8 text", word.to_string_lossy())))
    };
    words.into_iter().map(text).collect()
}

/// Takes the words apart. What was answered already (`--help`) gives an exit status.
pub(crate) fn parse(words: &[String]) -> Result<Result<Invocation, u8>, Trouble> {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            let wrong = wrong_value(&error).or_else(|| behind_version(&error, words));
            return wrong.map_or_else(|| answered(&error).map(Err), Err);
        }
    };
    let promoted = (cli.file.is_none() && cli.task() == 0).then(|| script::promoted(words, &cli.words)).flatten();
    if let Some(words) = promoted {
        return parse(&words);
    }
    if cli.help && cli.file.is_none() && cli.words.is_empty() {
        let page = Cli::command().render_help().to_string();
        return Ok(Err(crate::list::print_fitting(&page)?));
    }
    cli.check_format()?;
    if cli.check.is_some() {
        let task = Task::Check(cli.checks()?);
        let manner = cli.manner(&task)?;
        return Ok(Ok(cli.invocation(task, manner)));
    }
    cli.restrictions.max_runtime()?;
    let task = cli.wanted(script::is_verbatim(words, &cli.words))?;
    match task {
        Task::Fmt { .. } => refuse(&cli.restrictions, "`perch fmt` runs none", "`perch fmt --check` changes nothing")?,
        Task::Init => refuse(
            &cli.restrictions,
            "`--init` runs none: it writes a file",
            "leave out `--init`, or the restrictions",
        )?,
        _ => {}
    }
    let manner = cli.manner(&task)?;
    Ok(Ok(cli.invocation(task, manner)))
}

/// Trouble if there is more than the version to be told.
fn behind_version(error: &clap::Error, words: &[String]) -> Option<Trouble> {
    let behind = words.iter().skip_while(|word| !matches!(word.as_str(), "-V" | "--version")).nth(1);
    let word = behind.filter(|_| error.kind() == ErrorKind::DisplayVersion)?;
    let trouble =
        Trouble::usage(format!("`{word}` stands behind an option that says the version and does nothing else"));
    Some(trouble.help("leave one of the two out"))
}

/// The options of perch, with their dashes, and what they are for.
pub(crate) fn options() -> Vec<(String, String)> {
    options_of(&Cli::command())
}

/// The same of a word that stands in place of a command.
pub(crate) fn options_of(command: &clap::Command) -> Vec<(String, String)> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let option = |arg: &clap::Arg| {
        let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
        arg.get_long().map(|long| (format!("--{long}"), about))
    };
    shown.filter_map(option).collect()
}

/// If the word is an option that takes the next word for its value: the values that it may have, as far as they are known.
pub(crate) fn values_behind(word: &str) -> Option<Vec<String>> {
    values_of(&Cli::command(), word)
}

/// The same of a word that stands in place of a command.
pub(crate) fn values_of(command: &clap::Command, word: &str) -> Option<Vec<String>> {
    let is_meant = |arg: &&clap::Arg| match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(long), _) => arg.get_long() == Some(long),
        (None, Some(short)) => arg.get_short().is_some_and(|sign| short.chars().eq([sign])),
        (None, None) => false,
    };
    let takes_word = |arg: &&clap::Arg| {
        let wants = arg.get_num_args().is_none_or(|range| range.min_values() > 0);
        arg.get_action().takes_values() && wants && !arg.is_require_equals_set()
    };
    let arg = command.get_arguments().find(is_meant).filter(takes_word)?;
    let possible: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    Some(if possible.is_empty() { known_values(arg.get_long().unwrap_or_default()) } else { possible })
}

/// Values that an option may have of which it is said elsewhere that there are no others, or that hardly anybody means another.
fn known_values(option: &str) -> Vec<String> {
    let known: Vec<&str> = match option {
        "explain" => perch_ir::Code::ALL.iter().map(|code| code.name()).collect(),
        "format" => vec!["text", "json", "human", "sarif", "github", "dot"],
        "sim-arch" => perch_check::ARCHITECTURES.to_vec(),
        "sim-os" => crate::simulate::systems().collect(),
        _ => Vec::new(),
    };
    known.into_iter().map(str::to_owned).collect()
}

/// The option that is called like that word, with its dashes.
pub(crate) fn option_called(word: &str) -> Option<String> {
    let option = format!("--{word}");
    options().into_iter().map(|(name, _)| name).find(|name| *name == option)
}

/// The option that has that letter for a name, with its dash.
pub(crate) fn short_option(letter: &str) -> Option<String> {
    let is_it = |arg: &clap::Arg| arg.get_short().is_some_and(|short| letter.chars().eq([short]));
    Cli::command().get_arguments().any(is_it).then(|| format!("-{letter}"))
}

/// What an option is for, with its usage, if perch has one of that name.
pub(crate) fn about_option(name: &str) -> Option<String> {
    let mut command = Cli::command();
    // Only then an option knows how it is written.
    command.build();
    let arg = command.get_arguments().filter(|arg| !arg.is_hide_set()).find(|arg| arg.get_long() == Some(name))?;
    let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let usage = arg.to_string();
    Some(format!("perch {usage}\n\n  {about}.\n\n`perch --help` lists all options\n"))
}

/// Trouble with a word that looks like an option.
fn no_option(option: &str) -> Trouble {
    let command = Cli::command();
    let trouble = Trouble::usage(format!("perch has no option `{option}`"));
    let name = option.trim_start_matches('-');
    if VERBS.iter().any(|(verb, _)| *verb == name) {
        return trouble.help(format!("did you mean `perch {name}`?"));
    }
    if let Some((short, value)) = glued(&command, option) {
        return trouble.help(format!("a value stands behind a blank: `perch {short} {value}`"));
    }
    let help = "`perch --help` lists the options; those of a command stand behind it";
    trouble.help(meant(&command, option).map_or_else(|| help.to_owned(), |near| format!("did you mean `{near}`?")))
}

/// An option of one letter, and the value that is written right behind it.
fn glued<'w>(command: &clap::Command, option: &'w str) -> Option<(&'w str, &'w str)> {
    let letter = option.strip_prefix('-')?.chars().next().filter(|letter| *letter != '-')?;
    let takes = |arg: &clap::Arg| arg.get_short() == Some(letter) && arg.get_action().takes_values();
    let (short, value) = option.split_at_checked(1 + letter.len_utf8())?;
    (!value.is_empty() && command.get_arguments().any(takes)).then_some((short, value))
}

/// The option that a word resembles, or that other tools call so, with its dashes. Dashes are no likeness, and few mistake the letter
/// that a word begins with.
fn meant(command: &clap::Command, word: &str) -> Option<String> {
    let name = word.trim_start_matches('-');
    let name = name.split_once('=').map_or(name, |(name, _)| name);
    let known = || command.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(|arg| arg.get_long());
    let is_alike = |near: &&str| near.get(..1) == name.get(..1) || near.ends_with(name) || name.ends_with(near);
    let near = perch_syntax::nearest(name, known()).filter(is_alike).map(|near| format!("--{near}"));
    near.or_else(|| {
        called_elsewhere(name).filter(|option| known().any(|known| option.strip_prefix("--") == Some(known)))
    })
}

/// The option that other tools call so, with its dashes.
pub(crate) fn called_elsewhere(name: &str) -> Option<String> {
    ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, option)| format!("--{option}"))
}

/// Restrictions are for what a command does. Whoever gives some to what runs none would rely on them.
fn refuse(restrictions: &Restrictions, why: &str, instead: &str) -> Result<(), Trouble> {
    if *restrictions == Restrictions::default() {
        return Ok(());
    }
    Err(Trouble::usage(format!("restrictions are for commands, and {why}")).help(instead))
}

/// What clap says of a word of an error.
pub(crate) fn said(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    }
}

/// A flag that is not among those of what was asked for, with the one that it resembles or other advice.
pub(crate) fn unknown_flag(error: &clap::Error, of: &clap::Command, otherwise: &str) -> Option<Trouble> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let flag = said(error, ContextKind::InvalidArg)?;
    let trouble = Trouble::usage(format!("`{}` has no flag `{flag}`", of.get_name()));
    let advice = meant(of, &flag).map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"));
    Some(trouble.help(advice))
}

/// A value that its flag does not take, with those that it does.
pub(crate) fn wrong_value(error: &clap::Error) -> Option<Trouble> {
    if error.kind() != ErrorKind::InvalidValue {
        return None;
    }
    let (flag, value) = (said(error, ContextKind::InvalidArg)?, said(error, ContextKind::InvalidValue)?);
    let flag = flag.split([' ', '[', '=']).next().unwrap_or_default();
    let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue) else { return None };
    let valid: Vec<&str> = valid.iter().map(String::as_str).collect();
    if value.is_empty() {
        let trouble = Trouble::usage(format!("`{flag}` needs a value"));
        return Some(if valid.is_empty() { trouble } else { trouble.help(takes(&valid)) });
    }
    Some(wrong_word(flag, &value, &valid))
}

fn takes(valid: &[&str]) -> String {
    let list = valid.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    format!("it takes {list}")
}

/// A value that a flag does not take, with those that it does.
pub(crate) fn wrong_word(flag: &str, value: &str, valid: &[&str]) -> Trouble {
    let trouble = Trouble::usage(format!("`{value}` is no value of `{flag}`"));
    trouble.did_you_mean(value, valid.iter().copied(), &takes(valid))
}

/// An option that is given twice, two that exclude each other, or a value to one that takes none or another.
fn wrong_number(error: &clap::Error) -> Option<Trouble> {
    let flag = said(error, ContextKind::InvalidArg)?;
    let flag = flag.split([' ', '[', '=']).next().unwrap_or_default();
    match error.kind() {
        ErrorKind::ArgumentConflict if error.to_string().contains("multiple times") => {
            Some(Trouble::usage(format!("`{flag}` is given twice")).help("give it once"))
        }
        ErrorKind::ArgumentConflict => {
            let other = said(error, ContextKind::PriorArg)?;
            let other = other.split([' ', '[', '=']).next().unwrap_or_default();
            let trouble = Trouble::usage(format!("`{flag}` and `{other}` do not go together"));
            Some(trouble.help("leave one of the two out"))
        }
        ErrorKind::ValueValidation => {
            let value = said(error, ContextKind::InvalidValue)?;
            let trouble = Trouble::usage(format!("`{value}` is no value of `{flag}`"));
            Some(trouble.help(format!("it takes {}", NUMBERS.iter().find(|(of, _)| *of == flag)?.1)))
        }
        ErrorKind::TooManyValues => {
            let value = said(error, ContextKind::InvalidValue)?;
            let trouble = Trouble::usage(format!("`{flag}` takes no value, and is given `{value}`"));
            Some(trouble.help(format!("write `{flag}` alone, or leave it out")))
        }
        _ => None,
    }
}

/// Help and version are printed; anything else is trouble.
pub(crate) fn answered(error: &clap::Error) -> Result<u8, Trouble> {
    if let Some(trouble) = wrong_number(error) {
        return Err(trouble);
    }
    if error.use_stderr() {
        let text = error.to_string();
        return Err(Trouble::usage(text.trim_start_matches("error: ").lines().next().unwrap_or_default().to_owned()));
    }
    crate::list::print_fitting(&error.to_string())
}

/// The policy flag that a word is, without its dashes and its value.
fn policy_flag(word: &str) -> Option<&str> {
    let name = word.strip_prefix("--").map(|flag| flag.split_once('=').map_or(flag, |(name, _)| name))?;
    Some(name).filter(|name| SWITCHES.contains(name) || LISTS.contains(name))
}

/// The policy flag that a word behind a command is, unless an argument of the command is called so.
fn flag_of_run<'w>(word: &'w str, command: &Command) -> Option<&'w str> {
    policy_flag(word).filter(|name| !command.args.iter().any(|arg| arg.name == *name))
}

/// If the word is a policy flag: that flag as it would stand in front of a command.
pub(crate) fn restriction(word: &str) -> Option<String> {
    let name = policy_flag(word)?;
    Some(if LISTS.contains(&name) && !word.contains('=') { format!("{word}=…") } else { word.to_owned() })
}

/// Whether a word behind a command is a policy flag whose value is the next word.
pub(crate) fn takes_word_behind(word: &str, command: &Command) -> bool {
    !word.contains('=') && flag_of_run(word, command).is_some_and(|name| LISTS.contains(&name))
}

/// Takes the flags of perch out of the words behind a command, unless it wants all words as they are.
pub(crate) fn flags_behind(
    words: Vec<String>,
    command: &Command,
    restrictions: &mut Restrictions,
) -> Result<Vec<String>, Trouble> {
    if command.config.proxy_args {
        return Ok(words);
    }
    let mut flags = Vec::new();
    let mut rest = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match flag_of_run(&word, command) {
            _ if word == "--" => {
                rest.push(word);
                rest.extend(words.by_ref());
            }
            None => rest.push(word),
            Some(_) => {
                let takes_word = takes_word_behind(&word, command);
                flags.push(word);
                flags.extend(takes_word.then(|| words.next()).flatten());
            }
        }
    }
    match Behind::try_parse_from(flags) {
        Ok(behind) => restrictions.add(behind.restrictions),
        Err(error) => drop(answered(&error)?),
    }
    Ok(rest)
}

impl Restrictions {
    pub(crate) fn add(&mut self, more: Self) {
        self.no_write |= more.no_write;
        self.no_subprocess |= more.no_subprocess;
        self.no_shell |= more.no_shell;
        self.no_shell_metachars |= more.no_shell_metachars;
        self.no_network |= more.no_network;
        self.allow_private_ips |= more.allow_private_ips;
        self.allow_scheme_downgrade |= more.allow_scheme_downgrade;
        self.no_redirects |= more.no_redirects;
        self.soft_deadline |= more.soft_deadline;
        let lists = [
            &mut self.allow_read,
            &mut self.allow_write,
            &mut self.allow_bin,
            &mut self.allow_host,
            &mut self.env,
            &mut self.max_runtime,
            &mut self.max_redirects,
        ];
        let more = [
            more.allow_read,
            more.allow_write,
            more.allow_bin,
            more.allow_host,
            more.env,
            more.max_runtime,
            more.max_redirects,
        ];
        for (list, more) in lists.into_iter().zip(more) {
            if let Some(more) = more {
                list.get_or_insert_default().extend(more);
            }
        }
    }

    /// The same as words of a command line.
    pub(crate) fn words(&self) -> Vec<String> {
        let switches = [
            ("--no-write", self.no_write),
            ("--no-subprocess", self.no_subprocess),
            ("--no-shell", self.no_shell),
            ("--no-shell-metachars", self.no_shell_metachars),
            ("--no-network", self.no_network),
            ("--allow-private-ips", self.allow_private_ips),
            ("--allow-scheme-downgrade", self.allow_scheme_downgrade),
            ("--no-redirects", self.no_redirects),
            ("--soft-deadline", self.soft_deadline),
        ];
        let switches = switches.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag.to_owned());
        let lists = self
            .lists()
            .into_iter()
            .flat_map(|(flag, lists)| lists.iter().flatten().map(move |list| format!("{flag}={list}")));
        switches.chain(lists).collect()
    }

    /// The flags that take a value, and what they are given.
    fn lists(&self) -> [(&'static str, &Option<Vec<String>>); 7] {
        [
            ("--allow-read", &self.allow_read),
            ("--allow-write", &self.allow_write),
            ("--allow-bin", &self.allow_bin),
            ("--allow-host", &self.allow_host),
            ("--env", &self.env),
            ("--max-runtime", &self.max_runtime),
            ("--max-redirects", &self.max_redirects),
        ]
    }

    /// Trouble if there is nothing to run because a flag has taken the command for its value.
    pub(crate) fn swallows_no_command(&self, is_command: impl Fn(&str) -> bool) -> Result<(), Trouble> {
        let values = self
            .lists()
            .into_iter()
            .flat_map(|(flag, values)| values.iter().flatten().map(move |value| (flag, value.as_str())));
        match values.into_iter().find(|(_, value)| is_command(value)) {
            None => Ok(()),
            Some((flag, command)) => {
                let trouble =
                    Trouble::usage(format!("`{flag}` has taken `{command}` for its value, and no command is left"));
                Err(trouble
                    .help(format!("a value of `{flag}` stands in front of the command: `perch {flag}=… {command}`")))
            }
        }
    }

    /// How redirects are followed: of several numbers the least counts.
    fn redirects(&self) -> Result<Redirects, Trouble> {
        let usual = Redirects { downgrade: self.allow_scheme_downgrade, ..Redirects::default() };
        if self.no_redirects {
            return Ok(Redirects { most: 0, ..usual });
        }
        let number = |text: &String| {
            let refused = || Trouble::usage(format!("`{text}` is no number of redirects"));
            let number = text.parse::<u32>().ok().filter(|number| *number <= MAX_REDIRECTS);
            number
                .ok_or_else(|| refused().help(format!("write one up to {MAX_REDIRECTS}, such as `--max-redirects 3`")))
        };
        let given: Vec<u32> = self.max_redirects.iter().flatten().map(number).collect::<Result<_, _>>()?;
        Ok(Redirects { most: given.into_iter().min().unwrap_or(usual.most), ..usual })
    }

    /// The policy that the flags describe, for a run that starts in `cwd`.
    pub(crate) fn policy(&self, cwd: &str) -> Result<Policy, Trouble> {
        let root = |text: &str| path::clean(cwd, text);
        let host = |text: &str| Pattern::parse(text).map(|_| text.to_owned());
        let bin = |text: &str| if text.contains('/') { path::clean(cwd, text) } else { Some(text.to_owned()) };
        Ok(Policy {
            no_write: self.no_write,
            no_subprocess: self.no_subprocess,
            no_shell: self.no_shell,
            no_shell_metachars: self.no_shell_metachars,
            no_network: self.no_network,
            private_addresses: self.allow_private_ips,
            redirects: self.redirects()?,
            hosts: listed(
                self.allow_host.as_ref(),
                "a host, such as `example.org`, `*.example.org` or `example.org:443`",
                host,
            )?,
            read_roots: listed(self.allow_read.as_ref(), "a path", root)?,
            write_roots: listed(self.allow_write.as_ref(), "a path", root)?,
            bins: listed(self.allow_bin.as_ref(), "a program", bin)?,
            env: listed(self.env.as_ref(), "the name of a variable", |name| {
                perch_syntax::is_name(name).then(|| name.to_owned())
            })?,
            test: None,
        })
    }
}

/// The entries of all lists of one flag; no list at all is no restriction.
fn listed(
    lists: Option<&Vec<String>>,
    what: &str,
    clean: impl Fn(&str) -> Option<String>,
) -> Result<Option<Vec<String>>, Trouble> {
    let Some(lists) = lists else { return Ok(None) };
    let entries = lists.iter().flat_map(|list| list.split(',')).filter(|entry| !entry.is_empty());
    let cleaned = entries.map(|entry| clean(entry).ok_or_else(|| Trouble::usage(format!("`{entry}` is not {what}"))));
    cleaned.collect::<Result<_, _>>().map(Some)
}

/// The active restrictions on one line, if there are any: switches together, and each flag that has a value apart from the others.
pub(crate) fn banner(policy: &Policy, limits: &Limits, audit: Option<&str>) -> Option<String> {
    active(policy, limits, audit).map(|active| format!("🔒 security: {active}"))
}

/// The same as on the command line.
pub(crate) fn active(policy: &Policy, limits: &Limits, audit: Option<&str>) -> Option<String> {
    let switches = [
        ("--no-shell", policy.no_shell),
        ("--no-shell-metachars", policy.no_shell_metachars),
        ("--no-write", policy.no_write),
        ("--no-subprocess", policy.no_subprocess),
        ("--no-network", policy.no_network),
        ("--allow-private-ips", policy.private_addresses),
        ("--allow-scheme-downgrade", policy.redirects.downgrade),
        ("--no-redirects", policy.redirects.most == 0),
    ];
    let switches: Vec<&str> = switches.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| *flag).collect();
    let lists = [
        ("--env", &policy.env),
        ("--allow-bin", &policy.bins),
        ("--allow-host", &policy.hosts),
        ("--allow-read", &policy.read_roots),
        ("--allow-write", &policy.write_roots),
    ];
    let list = |(flag, list): (&str, &Option<Vec<String>>)| match list.as_deref() {
        None => None,
        Some([]) => Some(format!("{flag}=")),
        Some(entries) => Some(format!("{flag} {}", entries.join(","))),
    };
    let switches = (!switches.is_empty()).then(|| switches.join(" "));
    let most = policy.redirects.most;
    let redirects = (most != 0 && most != Redirects::default().most).then(|| format!("--max-redirects {most}"));
    let audit = audit.map(|target| format!("--audit {target}"));
    let lists = lists.into_iter().filter_map(list);
    let active: Vec<String> =
        switches.into_iter().chain(lists).chain(redirects).chain(audit).chain(limits.flags()).collect();
    (!active.is_empty()).then(|| active.join("  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Target;
    use perch_ir::construct::Config;
    use perch_ir::{Absent, Arg, ArgType, Place};

    fn parsed(line: &str) -> Invocation {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match parse(&words) {
            Ok(Ok(invocation)) => invocation,
            _ => panic!("{line}"),
        }
    }

    #[test]
    fn words_that_are_taken_are_known_to_the_check() {
        assert_eq!(perch_syntax::VERBS, VERBS.map(|(verb, _)| verb));
    }

    fn behind(line: &str, declared: &[Arg]) -> (Vec<String>, Policy) {
        behind_command(line, declared, Config::default())
    }

    fn behind_command(line: &str, declared: &[Arg], config: Config) -> (Vec<String>, Policy) {
        let command = Command {
            name: "c".into(),
            description: None,
            private: false,
            args: declared.to_vec(),
            body: Vec::new(),
            place: Place::default(),
            file: 0,
            config,
        };
        let mut restrictions = Restrictions::default();
        let words = line.split(' ').map(str::to_owned).collect();
        let rest = flags_behind(words, &command, &mut restrictions).ok().unwrap();
        (rest, restrictions.policy("/w").ok().unwrap())
    }

    #[test]
    fn the_words_of_a_command_are_its_own() {
        let invocation = parsed("perch -f a.perch --no-write build -x -- --list -f b");
        let Task::Run { command, words } = invocation.task else { panic!() };
        assert_eq!((invocation.file.as_deref(), command.as_str()), (Some("a.perch"), "build"));
        assert_eq!(words, ["-x", "--", "--list", "-f", "b"]);
        assert!(invocation.restrictions.policy("/").is_ok_and(|policy| policy.no_write));
    }

    #[test]
    fn a_trace_goes_where_it_is_sent() {
        let trace = |line: &str| parsed(line).manner.trace.map(|wanted| (wanted.target, wanted.format));
        assert_eq!(trace("perch --trace c"), Some((Target::Stderr, Format::Text)));
        assert_eq!(trace("perch --trace=- --trace-format json c"), Some((Target::Stdout, Format::Json)));
        assert_eq!(trace("perch --trace=t --trace-format=text c"), Some((Target::File("t".into()), Format::Text)));
        assert_eq!(trace("perch c --trace"), None);
    }

    #[test]
    fn lists_add_up_and_empty_ones_count() {
        let policy =
            parsed("perch --allow-bin=git,./x --allow-bin docker --allow-read= --no-write --no-write c").restrictions;
        let policy = policy.policy("/w").ok().unwrap();
        assert_eq!(policy.bins, Some(vec!["git".into(), "/w/x".into(), "docker".into()]));
        assert_eq!((policy.read_roots, policy.write_roots), (Some(Vec::new()), None));
    }

    #[test]
    fn flags_of_perch_may_stand_behind_the_command() {
        let (rest, policy) = behind("-a --no-write x --allow-write r y -- --no-subprocess", &[]);
        assert_eq!(rest, ["-a", "x", "y", "--", "--no-subprocess"]);
        assert_eq!((policy.no_write, policy.no_subprocess), (true, false));
        assert_eq!(policy.write_roots, Some(vec!["/w/r".to_owned()]));
    }

    #[test]
    fn restrictions_are_words_again() {
        let line = "perch --no-write --soft-deadline --allow-read=a,b --allow-read= --allow-bin git --max-runtime 5 c";
        let restrictions = parsed(line).restrictions;
        let words = ["perch".to_owned()].into_iter().chain(restrictions.words()).chain(["c".to_owned()]);
        let again = parsed(&words.collect::<Vec<_>>().join(" ")).restrictions;
        assert_eq!(again, restrictions);
    }

    #[test]
    fn a_declared_argument_keeps_its_flag() {
        let arg = |name: &str| Arg {
            rest: false,
            name: name.into(),
            ty: ArgType::Bool,
            absent: Absent::Empty,
            index: None,
            description: None,
            place: Place::default(),
        };
        assert_eq!(behind("--no-write", &[arg("no-write")]).0, ["--no-write"]);
    }

    #[test]
    fn a_command_that_takes_all_words_gets_all() {
        let (rest, policy) = behind_command("-a --no-write --", &[], Config { proxy_args: true, ..Config::default() });
        assert_eq!((rest.join(" ").as_str(), policy.no_write), ("-a --no-write --", false));
    }

    #[test]
    fn o_047_the_banner_names_what_is_active() {
        let bins = Some(vec!["git".into(), "docker".into()]);
        let env = Some(vec!["HOME".into(), "PATH".into()]);
        let policy = Policy { no_write: true, no_subprocess: true, bins, env, ..Policy::default() };
        assert_eq!(
            banner(&policy, &Limits::default(), None).as_deref(),
            Some("🔒 security: --no-write --no-subprocess  --env HOME,PATH  --allow-bin git,docker")
        );
        assert_eq!(banner(&Policy::default(), &Limits::default(), None), None);
    }
}
