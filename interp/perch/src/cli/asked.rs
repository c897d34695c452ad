//! What is asked for, and the flags that only some of it has.

use super::{Cli, DEFAULT_FILE, FMT, HELP, Invocation, SIMULATE, TEST, Task, VERBS, no_option, wrong_word};
use crate::audit;
use crate::check;
use crate::complete::Shell;
use crate::report::Trouble;
use crate::run::{Dry, Manner};
use crate::test::AsTest;
use crate::trace::{Format, Target, Wanted};

/// What can be denied.
pub(super) const WARNINGS: &str = "warnings";

/// The flag of a run that does nothing.
const DRY_RUN: &str = "--dry-run";

/// The name of the format for machines.
const JSON: &str = "json";

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GraphFormat {
    /// For people.
    Text,
    /// For Graphviz.
    Dot,
    /// For machines: `schemas/graph.json`.
    Json,
}

impl GraphFormat {
    const ALL: [(&'static str, Self); 3] = [("text", Self::Text), ("dot", Self::Dot), (JSON, Self::Json)];

    pub(super) fn named(name: &str) -> Result<Self, Trouble> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format).ok_or_else(|| wrong_word("--format", name, &Self::ALL.map(|(known, _)| known)))
    }
}

/// How the list of commands is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListFormat {
    /// For people.
    Text,
    /// For machines: `schemas/list.json`.
    Json,
}

impl ListFormat {
    const ALL: [(&'static str, Self); 2] = [("text", Self::Text), (JSON, Self::Json)];

    fn named(name: &str) -> Result<Self, Trouble> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format).ok_or_else(|| wrong_word("--format", name, &Self::ALL.map(|(known, _)| known)))
    }
}

impl Cli {
    pub(super) fn invocation(self, task: Task, manner: Manner) -> Invocation {
        Invocation { file: self.file, task, restrictions: self.restrictions, trust: self.trust, manner }
    }

    /// How many flags say what to do in place of a command.
    pub(super) fn task(&self) -> usize {
        let flags = [self.list, self.choose, self.init, self.man, self.check.is_some(), self.explain.is_some()];
        let more = [self.graph.is_some(), self.export.is_some(), self.completions.is_some(), self.complete.is_some()];
        flags.into_iter().chain(more).filter(|is_there| *is_there).count()
    }

    /// What is to be done, if it is no check. Verbatim, the first word is a command.
    pub(super) fn wanted(&self, verbatim: bool) -> Result<Task, Trouble> {
        let words = || self.words.iter().skip(1).cloned().collect();
        if let Some(at) = self.complete {
            return Ok(Task::Complete { at, words: self.words.clone() });
        }
        if self.task() > 0 {
            return self.in_place_of_a_command();
        }
        Ok(match self.words.first().map(String::as_str) {
            Some(option) if self.help && option.starts_with('-') => return Err(no_option(option)),
            Some(HELP) if self.help => Task::Help { words: Vec::new() },
            Some(verb) if self.help && VERBS.iter().any(|(known, _)| *known == verb) => {
                Task::Help { words: vec![verb.to_owned()] }
            }
            Some(command) if self.help => Task::Run { command: command.to_owned(), words: vec!["--help".to_owned()] },
            None if self.help => Task::List(ListFormat::Text),
            None if self.file.is_some() => Task::Main,
            None => Task::Offer,
            Some(command) if verbatim => Task::Run { command: command.to_owned(), words: words() },
            Some(option) if option.starts_with('-') => return Err(no_option(option)),
            Some(HELP) => Task::Help { words: words() },
            Some(FMT) => Task::Fmt { words: words() },
            Some(SIMULATE) => Task::Simulate { words: words() },
            Some(TEST) => Task::Test { words: words() },
            Some(command) => Task::Run { command: command.to_owned(), words: words() },
        })
    }

    /// What a flag says that stands in place of a command. It takes no further words.
    fn in_place_of_a_command(&self) -> Result<Task, Trouble> {
        if let Some(word) = self.words.first() {
            let trouble = Trouble::usage(format!("`{word}` stands behind an option that takes no command"));
            return Err(trouble.help("leave one of the two out"));
        }
        let format = self.format();
        Ok(if let Some(code) = &self.explain {
            Task::Explain(code.clone())
        } else if let Some(command) = &self.graph {
            let format = format.map_or(Ok(GraphFormat::Text), |name| GraphFormat::named(&name))?;
            Task::Graph { command: command.clone(), format }
        } else if let Some(path) = &self.export {
            Task::Export(path.clone().filter(|path| path != "-"))
        } else if let Some(shell) = self.completions.as_deref().and_then(Shell::named) {
            Task::Completions(shell)
        } else if self.init {
            Task::Init
        } else if self.choose {
            Task::Choose
        } else if self.man {
            Task::Man
        } else {
            Task::List(format.map_or(Ok(ListFormat::Text), |name| ListFormat::named(&name))?)
        })
    }

    /// How the run is watched, if there is one.
    pub(super) fn manner(&self, task: &Task) -> Result<Manner, Trouble> {
        if !matches!(task, Task::Run { .. } | Task::Main | Task::Choose | Task::Simulate { .. } | Task::Test { .. }) {
            self.trust.is_for_nothing()?;
        }
        if !matches!(task, Task::Run { .. } | Task::Main | Task::Choose) {
            return self.not_watched();
        }
        let named = self.trace_format.as_ref().and_then(|name| Format::ALL.into_iter().find(|of| of.name() == name));
        if named.is_some() && self.trace.is_none() {
            let trouble = Trouble::usage("`--trace-format` says how a trace is written, and none is asked for");
            return Err(trouble.help("add `--trace` or `--trace=PATH`"));
        }
        let format = named.unwrap_or(Format::Text);
        let trace = self.trace.clone().map(|path| Wanted { target: Target::of(path), format });
        let report = self.report.clone().map(Target::of);
        let as_test = self.as_test.clone().map(AsTest);
        let (audit, ask, time, quiet) = (self.audited()?, self.ask, self.time, self.quiet);
        let dry = self.dry()?;
        Ok(Manner { trace, report, audit, ask, dry, as_test, time, quiet, ..Manner::default() })
    }

    /// Whether nothing is run. Whoever is asked about everything has a say in it: then it is.
    fn dry(&self) -> Result<Option<Dry>, Trouble> {
        if !self.dry_run || self.ask {
            return Ok(None);
        }
        if let Some((flag, what)) =
            self.watching().into_iter().find_map(|(flag, is_given, what)| is_given.then_some((flag, what)))
        {
            let trouble = Trouble::usage(format!("`{flag}` {what}, and with `--dry-run` nothing is run"));
            return Err(trouble.help("leave one of the two out"));
        }
        let json = match self.format().as_deref() {
            None | Some("text") => false,
            Some(JSON) => true,
            Some(other) => return Err(wrong_word("--format", other, &["text", JSON])),
        };
        Ok(Some(Dry { json }))
    }

    /// The audit that is asked for.
    fn audited(&self) -> Result<Option<audit::Wanted>, Trouble> {
        let by_place = self.audit_positional;
        if by_place && self.audit.is_none() {
            let trouble = Trouble::usage("`--audit-positional` says how an audit is written, and none is asked for");
            return Err(trouble.help("add `--audit PATH`"));
        }
        match self.audit.clone() {
            Some(path) if path.is_empty() => Err(Trouble::usage("`--audit` needs the path of a file, or `-`")),
            path => Ok(path.map(|path| audit::Wanted { target: Target::of(Some(path)), by_place })),
        }
    }

    /// Flags about what a run does.
    fn watching(&self) -> [(&'static str, bool, &'static str); 4] {
        [
            ("--trace", self.trace.is_some() || self.trace_format.is_some(), "tells what a run does"),
            ("--report", self.report.is_some(), "shows what a run did"),
            ("--audit", self.audit.is_some() || self.audit_positional, "records what a run does"),
            ("--time", self.time, "says how long a run took"),
        ]
    }

    /// Nothing is run, so there is nothing to watch.
    fn not_watched(&self) -> Result<Manner, Trouble> {
        let more = [
            ("--ask", self.ask, "asks before a run does anything"),
            (DRY_RUN, self.dry_run, "says what a run would do"),
            ("--quiet", self.quiet, "is about what perch says of a run"),
        ];
        match self.watching().into_iter().chain(more).find(|(_, is_given, _)| *is_given) {
            None => Ok(Manner::default()),
            Some((flag, _, what)) => {
                let trouble = Trouble::usage(format!("`{flag}` {what}, and nothing is run here"));
                let does = if flag == DRY_RUN { "says it of" } else { "runs" };
                let value = if flag == "--audit" { " PATH" } else { "" };
                Err(trouble.help(format!("`perch {flag}{value} COMMAND` {does} a command")))
            }
        }
    }

    /// The format that is asked for, by whichever flag.
    pub(super) fn format(&self) -> Option<String> {
        self.format.clone().or_else(|| self.json.then(|| JSON.to_owned()))
    }

    /// Trouble if something is said about findings or a graph, and none are asked for, or two things that differ.
    pub(super) fn check_format(&self) -> Result<(), Trouble> {
        let has_format = self.check.is_some() || self.graph.is_some() || self.list || self.dry_run;
        if self.json && self.format.as_ref().is_some_and(|format| format != JSON) {
            return Err(Trouble::usage("`--json` and `--format` differ").help("`--json` is `--format json`: give one"));
        }
        if self.format().is_some() && !has_format {
            let trouble = Trouble::usage(
                "`--format` says how findings, a graph, the list or a dry run are written, and none is asked for",
            );
            return Err(trouble
                .help("add `--check`, `--graph`, `--list` or `--dry-run`; behind `simulate` and `help` stand flags of their own"));
        }
        if self.deny.is_some() && self.check.is_none() {
            let trouble = Trouble::usage("`--deny` says which findings fail a check, and none is asked for");
            return Err(trouble.help("`perch --check --deny warnings FILE`"));
        }
        if self.fix && self.check.is_none() {
            let trouble = Trouble::usage("`--fix` mends what a check finds, and none is asked for");
            return Err(trouble.help("`perch --check --fix FILE`"));
        }
        Ok(())
    }

    /// What is to be checked: the files behind `--check`, wherever they stand, and that of `-f`.
    pub(super) fn checks(&self) -> Result<check::Wanted, Trouble> {
        if let Some(option) = self.words.iter().find(|word| word.starts_with('-')) {
            let trouble = Trouble::usage(format!("`{option}` stands behind a file"));
            return Err(trouble.help("options stand before the files: `perch --check --format json FILE…`"));
        }
        let named = self.file.iter().chain(self.check.iter().flatten()).chain(&self.words).cloned();
        let mut files: Vec<String> = named.collect();
        if files.is_empty() {
            files.push(DEFAULT_FILE.to_owned());
        }
        let format = self.format().map_or(Ok(check::Format::Human), |name| check::Format::named(&name))?;
        Ok(check::Wanted { files, format, deny_warnings: self.deny.is_some(), fix: self.fix })
    }
}
