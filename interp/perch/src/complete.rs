//! What completes commands and their arguments in a shell.
//!
//! `perch --completions SHELL` prints a script, a file of `complete/` each. All of them ask perch itself at every TAB:
//! `perch --complete INDEX -- WORDS…` prints what may stand at that place, a line each, with what it is for behind a tab. So
//! what is offered is what the file at hand declares. No line means that perch knows nothing, and the shell offers files.

use std::collections::BTreeSet;
use std::sync::Arc;

use perch_ir::{Absent, Arg, ArgType, Command, Cond, Operand, Snapshot, StmtKind, Text, walk};
use perch_syntax::visible;

use crate::cli::{
    DEFAULT_FILE, FMT, HELP, SIMULATE, STDIN, TEST, VERBS, flags_of_runs, options, options_of, takes_word_behind,
    values_behind, values_of,
};
use crate::report::Trouble;
use crate::{call, fmt, help, list, load, simulate, test};

/// A shell that perch can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Pwsh,
    Nu,
}

impl Shell {
    pub(crate) const ALL: [Self; 6] = [Self::Bash, Self::Zsh, Self::Fish, Self::Elvish, Self::Pwsh, Self::Nu];

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Elvish => "elvish",
            Self::Pwsh => "powershell",
            Self::Nu => "nushell",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shell| shell.name() == name)
    }

    /// What it has to read.
    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("complete/perch.bash"),
            Self::Zsh => include_str!("complete/perch.zsh"),
            Self::Fish => include_str!("complete/perch.fish"),
            Self::Elvish => include_str!("complete/perch.elv"),
            Self::Pwsh => include_str!("complete/perch.ps1"),
            Self::Nu => include_str!("complete/perch.nu"),
        }
    }
}

/// A word that may stand there, and what it is for.
type Offer = (String, String);

/// Prints what may stand at a place among the words of a line, of which the first is `perch` itself. Whoever types has not asked for messages.
pub(crate) fn complete(at: usize, words: &[String]) -> Result<u8, Trouble> {
    let typed = words.get(at).map_or("", String::as_str);
    let before = words.get(1..at.min(words.len())).unwrap_or_default();
    // Some shells take a flag, `=` and its value for three words.
    let before: Vec<String> = before.iter().filter(|word| *word != "=").cloned().collect();
    let typed = if typed == "=" { "" } else { typed };
    let offers = offers(&before, typed);
    // A word that a terminal would obey, or that takes more than a line, cannot be offered as it is.
    let is_plain = |word: &str| !word.contains(['\n', '\t']) && visible(word) == word;
    let fits = offers.into_iter().filter(|(word, _)| word.starts_with(typed) && is_plain(word));
    list::print(&fits.map(|(word, about)| format!("{word}\t{}\n", one_line(&about))).collect::<String>())
}

fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What may stand behind these words.
fn offers(before: &[String], typed: &str) -> Vec<Offer> {
    let Line { file, command, behind, awaits, is_check } = Line::read(before);
    if let Some(values) = awaits {
        return values.into_iter().map(|value| (value, String::new())).collect();
    }
    if is_check && !typed.starts_with('-') {
        // Files, which every shell knows.
        return Vec::new();
    }
    match command {
        None if typed.starts_with('-') => options(),
        None => {
            let commands = loaded(&file).map(|program| commands(&program)).unwrap_or_default();
            // What perch calls something itself goes before a command of that name.
            let is_free = |(name, _): &Offer| VERBS.iter().all(|(verb, _)| verb != name);
            commands.into_iter().filter(is_free).chain(verbs()).collect()
        }
        Some(SIMULATE) => {
            let flags = simulate::command();
            let of_file = || loaded(&file).map(|program| commands(&program)).unwrap_or_default();
            let names = || if is_named(&flags, behind) { Vec::new() } else { of_file() };
            behind_verb(&flags, behind, typed, names)
        }
        Some(TEST) => behind_verb(&test::command(), behind, typed, Vec::new),
        Some(FMT) => behind_verb(&fmt::command(), behind, typed, Vec::new),
        Some(HELP) if behind.is_empty() => help::topics().collect(),
        Some(name) => {
            let command = loaded(&file).and_then(|program| perch_ir::Program::command(&program, name));
            command.map(|command| words_of(&command, behind, typed)).unwrap_or_default()
        }
    }
}

/// What may stand behind a word that stands in place of a command: a value of the flag before it, a flag, or other words.
fn behind_verb(
    command: &clap::Command,
    behind: &[String],
    typed: &str,
    words: impl FnOnce() -> Vec<Offer>,
) -> Vec<Offer> {
    let is_flag = |word: &&String| word.starts_with('-');
    let awaits = behind.last().filter(is_flag).and_then(|word| values_of(command, word));
    let plain = |values: Vec<String>, flag: &str| -> Vec<Offer> {
        values.into_iter().map(|value| (format!("{flag}{value}"), String::new())).collect()
    };
    match (awaits, typed.split_once('=')) {
        (Some(values), _) => plain(values, ""),
        (None, Some((flag, _))) => plain(values_of(command, flag).unwrap_or_default(), &format!("{flag}=")),
        (None, None) if typed.starts_with('-') => options_of(command),
        (None, None) => words(),
    }
}

/// Whether a word is among these that is neither a flag nor the value of one.
fn is_named(command: &clap::Command, behind: &[String]) -> bool {
    let mut words = behind.iter();
    while let Some(word) = words.next() {
        match word.starts_with('-') {
            true if values_of(command, word).is_some() => drop(words.next()),
            true => {}
            false => return true,
        }
    }
    false
}

/// What stands before the place.
struct Line<'w> {
    file: String,
    command: Option<&'w str>,
    behind: &'w [String],
    /// If an option stands last that takes the next word: what that may be, as far as it is known.
    awaits: Option<Vec<String>>,
    /// What is named is checked, and no command.
    is_check: bool,
}

impl<'w> Line<'w> {
    /// Options may have a word of their own.
    fn read(words: &'w [String]) -> Self {
        let mut file = DEFAULT_FILE.to_owned();
        let (mut at, mut is_check) = (0, false);
        while let Some(word) = words.get(at) {
            at += 1;
            if let Some(values) = values_behind(word) {
                let Some(value) = words.get(at) else {
                    return Self { file, command: None, behind: &[], awaits: Some(values), is_check };
                };
                if word == "-f" || word == "--file" {
                    value.clone_into(&mut file);
                }
                at += 1;
                continue;
            }
            match word.as_str() {
                "--check" | "--validate" => is_check = true,
                script if script.ends_with(".perch") || script.contains('/') => script.clone_into(&mut file),
                option if option.starts_with('-') => {}
                command => {
                    let behind = words.get(at..).unwrap_or_default();
                    return Self { file, command: Some(command), behind, awaits: None, is_check };
                }
            }
        }
        Self { file, command: None, behind: &[], awaits: None, is_check }
    }
}

/// The program, if there is one. Standard input is that of whoever types.
fn loaded(file: &str) -> Option<Snapshot> {
    Some(file).filter(|file| *file != STDIN).and_then(|file| load::read(file).ok()).map(|loaded| loaded.program)
}

fn commands(program: &Snapshot) -> Vec<Offer> {
    let offer = |command: &Arc<Command>| (command.name.clone(), command.description.clone().unwrap_or_default());
    call::public(program).iter().map(offer).collect()
}

fn verbs() -> impl Iterator<Item = Offer> {
    VERBS.into_iter().map(|(verb, about)| (verb.to_owned(), about.to_owned()))
}

/// What may stand behind a command: its flags, or values of the argument that is next.
fn words_of(command: &Command, behind: &[String], typed: &str) -> Vec<Offer> {
    let dashes = if typed.starts_with("--") { "--" } else { "-" };
    let dashed = |arg: &Arg| (format!("{dashes}{}", arg.name), arg.description.clone().unwrap_or_default());
    let flag_of = |word: &str| {
        let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
        command.args.iter().find(|arg| arg.name == name)
    };
    let is_given = |arg: &&Arg| {
        let name = |word: &'_ String| word.split_once('=').map_or(word.as_str(), |(flag, _)| flag).to_owned();
        !arg.rest && behind.iter().map(name).any(|word| flag_of(&word).is_some_and(|given| given.name == arg.name))
    };
    if let Some(arg) = behind.last().and_then(|word| flag_of(word)).filter(|arg| arg.ty != ArgType::Bool) {
        return values(command, arg);
    }
    if behind.last().is_some_and(|word| takes_word_behind(word, command)) {
        return Vec::new();
    }
    if let Some((flag, _)) = typed.split_once('=') {
        let Some(arg) = flag_of(flag) else { return Vec::new() };
        return values(command, arg).into_iter().map(|(value, about)| (format!("{flag}={value}"), about)).collect();
    }
    if typed.starts_with('-') {
        let own = command.args.iter().filter(|arg| !is_given(arg)).map(dashed);
        let of_perch = flags_of_runs().filter(|_| dashes == "--" && !command.config.proxy_args);
        let free = of_perch.filter(|flag| !command.args.iter().any(|arg| arg.name == *flag));
        return own.chain(free.map(|flag| (format!("--{flag}"), String::new()))).collect();
    }
    let next = placed(behind, flag_of, |word| takes_word_behind(word, command));
    command.args.iter().find(|arg| arg.index.is_some_and(|index| index as usize == next)).map_or_else(
        || command.args.iter().filter(|arg| arg.index.is_none() && !is_given(arg)).map(dashed).collect(),
        |arg| values(command, arg),
    )
}

/// How many of the words have no flag.
fn placed<'c>(
    behind: &[String],
    flag_of: impl Fn(&str) -> Option<&'c Arg>,
    takes_word: impl Fn(&str) -> bool,
) -> usize {
    let mut placed = 0;
    let mut words = behind.iter();
    while let Some(word) = words.next() {
        match flag_of(word) {
            Some(arg) if arg.ty != ArgType::Bool => drop(words.next()),
            Some(_) => {}
            None if takes_word(word) => drop(words.next()),
            None => placed += usize::from(!word.starts_with('-')),
        }
    }
    placed
}

/// Values of an argument that the command shows that it knows: its default, and what its body compares it with.
fn values(command: &Command, arg: &Arg) -> Vec<Offer> {
    let mut found: Vec<String> = Vec::new();
    if arg.ty == ArgType::Bool {
        found.extend(["true", "false"].map(str::to_owned));
    }
    if let Absent::Default(text) = &arg.absent {
        found.extend(text.as_literal().map(str::to_owned));
    }
    walk(&command.body, &mut |stmt| match &stmt.kind {
        StmtKind::Match { target, arms, .. } if is_of(target, arg) => {
            found.extend(arms.iter().filter_map(|(text, _)| text.as_literal().map(str::to_owned)));
        }
        StmtKind::If { arms, .. } => arms.iter().for_each(|(cond, _)| compared(cond, arg, &mut found)),
        _ => {}
    });
    let mut seen = BTreeSet::new();
    found.retain(|value| !value.is_empty() && seen.insert(value.clone()));
    let about = arg.description.clone().unwrap_or_default();
    found.into_iter().map(|value| (value, about.clone())).collect()
}

fn compared(cond: &Cond, arg: &Arg, found: &mut Vec<String>) {
    match cond {
        Cond::Or(parts) | Cond::And(parts) => parts.iter().for_each(|part| compared(part, arg, found)),
        Cond::Not(part) => compared(part, arg, found),
        Cond::Compare { left, right, .. } if is_of(left, arg) => found.extend(right.as_literal().map(str::to_owned)),
        _ => {}
    }
}

/// Whether an operand is the argument.
fn is_of(operand: &Operand, arg: &Arg) -> bool {
    match operand {
        Operand::Name(name) => *name == arg.name,
        Operand::Text(Text { parts }) => *parts == [perch_ir::Part::Name(arg.name.clone())],
    }
}
