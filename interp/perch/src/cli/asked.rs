//! What is asked of a check or a graph: the flags that only these have.

use super::{Cli, DEFAULT_FILE, wrong_word};
use crate::check;
use crate::report::Trouble;

/// What can be denied.
pub(super) const WARNINGS: &str = "warnings";

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

impl Cli {
    /// The format that is asked for, by whichever flag.
    pub(super) fn format(&self) -> Option<String> {
        self.format.clone().or_else(|| self.json.then(|| JSON.to_owned()))
    }

    /// Trouble if something is said about findings or a graph, and none are asked for, or two things that differ.
    pub(super) fn check_format(&self) -> Result<(), Trouble> {
        let has_format = self.check.is_some() || self.graph.is_some();
        if self.json && self.format.as_ref().is_some_and(|format| format != JSON) {
            return Err(Trouble::usage("`--json` and `--format` differ").help("`--json` is `--format json`: give one"));
        }
        if self.format().is_some() && !has_format {
            let trouble =
                Trouble::usage("`--format` says how findings or a graph are written, and neither is asked for");
            return Err(
                trouble.help("add `--check` or `--graph`; behind `simulate` and `help` stand flags of their own")
            );
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
