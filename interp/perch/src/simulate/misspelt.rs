//! Programs that are not there, and are nearly called like an op: `--check` and the run say what may have been meant, and so does
//! the report. How to describe a host that has such a program is then no advice.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use perch_fixtures::Fixture;
use perch_ir::{Program as _, Snapshot};
use perch_ops::{Entry, ErrorKind};
use perch_simulate::report::{Child, Op, ReasonReport, Scenario};

use crate::check::Starts;

/// What a check says of the lines of a program; it is asked only if there is something to ask.
pub(super) struct Misspelt<'p> {
    program: &'p Snapshot,
    starts: OnceCell<Option<Starts>>,
    /// Whether names of programs resemble something.
    alike: RefCell<BTreeMap<String, bool>>,
}

impl<'p> Misspelt<'p> {
    /// In that program.
    pub(super) fn of(program: &'p Snapshot) -> Self {
        Self { program, starts: OnceCell::new(), alike: RefCell::default() }
    }

    /// Puts it into the report on a host that is described like this.
    pub(super) fn tell(&self, scenario: &mut Scenario, fixture: &Fixture) {
        for command in &mut scenario.commands {
            command.ops.iter_mut().for_each(|op| self.tell_of(op, fixture));
        }
    }

    fn tell_of(&self, op: &mut Op, fixture: &Fixture) {
        let advice = op.reasons.iter().filter_map(missing).find_map(|name| {
            let is_meant = speaks_of(fixture, &name) || !self.resembles(&name);
            let advice = (!is_meant).then(|| self.advice(&op.file, op.line, &name)).flatten()?;
            Some((name, advice))
        });
        if let Some((name, advice)) = advice {
            let of_visits = op.visits.iter_mut().flat_map(|visit| &mut visit.reasons);
            let about_it = op.reasons.iter_mut().chain(of_visits).filter(|one| missing(one).as_ref() == Some(&name));
            about_it.for_each(|one| one.message = format!("{}: {advice}", one.message).into());
            op.suggestions.clear();
        }
        for child in &mut op.children {
            if let Child::Op(op) = child {
                self.tell_of(op, fixture);
            }
        }
    }

    /// Whether a check may have something to say of such a program: what it says takes long to find out.
    fn resembles(&self, name: &str) -> bool {
        *self.alike.borrow_mut().entry(name.to_owned()).or_insert_with(|| {
            let spellings = |entry: &'static Entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied());
            let commands = self.program.commands();
            let known = perch_ops::catalogue().flat_map(spellings).chain(commands.iter().map(|one| one.name.as_str()));
            let small = name.to_lowercase();
            perch_ops::called_here(name).is_some()
                || perch_syntax::nearest(&small, known).is_some()
                || !perch_ops::kin(&small).is_empty()
        })
    }

    fn advice(&self, file: &str, line: u32, name: &str) -> Option<String> {
        self.starts.get_or_init(|| Starts::of(self.program.file())).as_ref()?.advice(file, line, name)
    }
}

/// The program that is not there, or that is not among those that may be started, if that is the reason.
fn missing(reason: &ReasonReport) -> Option<String> {
    let message = reason.message.to_string();
    let name = if reason.code == ErrorKind::BinNotFound.name() {
        message.strip_prefix("program `")?.strip_suffix("` is not on PATH")?
    } else if reason.code == ErrorKind::ShellBinNotAllowed.name() {
        message.strip_prefix("exec binary \"")?.split_once('"')?.0
    } else {
        return None;
    };
    Some(name.to_owned())
}

/// Whether something is told of a program of that name: then it is one that is meant.
fn speaks_of(fixture: &Fixture, name: &str) -> bool {
    let oracles = &fixture.oracles;
    let mut words = oracles.exec.keys().chain(oracles.shell_output.keys());
    oracles.has_bin.contains_key(name) || words.any(|words| words.split(' ').next() == Some(name))
}
