//! What a run has asked of what is told of programs, of variables, of packages, of answers and of stored results: what was told and nobody has asked for is a
//! mistake of whoever has told it, or of no use.

use std::collections::BTreeSet;

use perch_policy::{Axis, By, Rule};

/// What something is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oracle {
    /// What programs and lines for the shell do, by their words.
    Programs,
    /// What is answered, by the addresses as they are sent.
    Answers,
    /// What is stored for `cache` blocks, by their keys.
    Stored,
    /// Which packages are installed, by their names.
    Packages,
    /// Which programs are on PATH, by their names.
    Bins,
    /// Variables of the environment, by their names.
    Variables,
}

/// The keys that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Consulted {
    asked: BTreeSet<(Oracle, String)>,
    used: BTreeSet<(Oracle, String)>,
    unclear: BTreeSet<Oracle>,
    /// Programs and lines for the shell whose start a rule denies: what they do is not asked for then.
    kept_from: BTreeSet<String>,
    /// Something hangs on what flags of a run forbid, or a description in their place.
    has_met_rules: bool,
}

impl Consulted {
    /// Something was asked for, whether it is told or not.
    pub(crate) fn asks(&mut self, oracle: Oracle, key: &str) {
        self.asked.insert((oracle, key.to_owned()));
    }

    /// What is told under that key may be what was asked for.
    pub(crate) fn uses(&mut self, oracle: Oracle, key: &str) {
        self.used.insert((oracle, key.to_owned()));
    }

    /// Something was looked for under its name.
    pub(crate) fn looks_for(&mut self, oracle: Oracle, name: &str, is_told: bool) {
        self.asks(oracle, name);
        if is_told {
            self.uses(oracle, name);
        }
    }

    /// Something hangs on what a rule denies.
    pub(crate) fn meets(&mut self, rule: Rule) {
        let of_flags =
            [Axis::Read, Axis::Write, Axis::Bins, Axis::Env, Axis::Hosts].map(|axis| Rule::List(By::Flags, axis));
        let rights = [Rule::NoWrite, Rule::NoSubprocess, Rule::NoNetwork, Rule::NoShell(By::Flags)];
        let others = [Rule::NoMetachars(By::Flags), Rule::Environment(By::Flags)];
        self.has_met_rules |= of_flags.iter().chain(&rights).chain(&others).any(|one| *one == rule);
    }

    /// Whether something hangs on what flags of a run forbid.
    #[must_use]
    pub fn has_met_rules(&self) -> bool {
        self.has_met_rules
    }

    /// That program or line for the shell may not be started.
    pub(crate) fn is_kept_from(&mut self, line: &str) {
        self.kept_from.insert(line.to_owned());
    }

    /// Whether a rule denies the start of that program, or of a line that names it.
    #[must_use]
    pub fn is_denied(&self, program: &str) -> bool {
        self.kept_from.iter().any(|line| line.split_whitespace().any(|word| word == program))
    }

    /// It is not known for what was asked.
    pub(crate) fn is_not_clear(&mut self, oracle: Oracle) {
        self.unclear.insert(oracle);
    }

    /// What another run has asked for, too.
    pub fn add(&mut self, other: &Self) {
        self.asked.extend(other.asked.iter().cloned());
        self.used.extend(other.used.iter().cloned());
        self.unclear.extend(&other.unclear);
        self.kept_from.extend(other.kept_from.iter().cloned());
        self.has_met_rules |= other.has_met_rules;
    }

    /// Whether what is told under that key was of use.
    #[must_use]
    pub fn has_used(&self, oracle: Oracle, key: &str) -> bool {
        self.used.contains(&(oracle, key.to_owned()))
    }

    /// What was asked for and is told under no key of its own.
    pub fn asked(&self, oracle: Oracle) -> impl Iterator<Item = &str> {
        let asked = self.asked.iter().filter(move |one| one.0 == oracle && !self.used.contains(*one));
        asked.map(|(_, key)| key.as_str())
    }

    /// Whether a program of that name was asked for, whatever its other words.
    #[must_use]
    pub fn has_asked_program(&self, name: &str) -> bool {
        let first = |key: &str| key.split(' ').next() == Some(name);
        self.asked.iter().any(|(oracle, key)| *oracle == Oracle::Programs && first(key))
    }

    /// Whether something may have been asked for of which it is not known what it was.
    #[must_use]
    pub fn may_be_other(&self, oracle: Oracle) -> bool {
        self.unclear.contains(&oracle)
    }
}
