//! Facts of the machine: language §5.4.

use perch_ops::machine::{self, Machine, Plain};
use perch_system::machine as system;
use perch_system::{Host, arch, os};

/// The value of a fact, if there is one of that name: the same throughout a run.
pub(crate) fn of_machine(host: &Host, name: &str) -> Option<String> {
    host.remembered(name, || machine::fact(&mut Real(host), name))
}

/// The value of a fact before there is a run, if it is known then; variables are looked up by that.
pub fn before_a_run(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    machine::fact(&mut Early(variable), name)
}

/// The value of a fact that will be the same in every run that is started here and now, if it can be told without asking the database of
/// users, which may be another machine's: whom the file of users has, nobody else is asked for.
pub fn of_every_run(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    machine::fact(&mut Lasting(variable), name)
}

/// What of a machine lasts.
struct Lasting<F>(F);

impl<F: Fn(&str) -> Option<String>> Machine for Lasting<F> {
    fn variable(&mut self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    fn plain(&mut self, what: Plain) -> Option<String> {
        match what {
            Plain::User => system::user_on_file().map(|(name, _)| name),
            Plain::Home => system::user_on_file().map(|(_, home)| home),
            Plain::Process | Plain::Started | Plain::Terminal => None,
            Plain::Os
            | Plain::Arch
            | Plain::Temporary
            | Plain::UserNumber
            | Plain::Hostname
            | Plain::Processors
            | Plain::Executable
            | Plain::Release => asked(what),
        }
    }
}

/// The machine that the run will be on.
struct Early<F>(F);

impl<F: Fn(&str) -> Option<String>> Machine for Early<F> {
    fn variable(&mut self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    fn plain(&mut self, what: Plain) -> Option<String> {
        asked(what)
    }
}

/// The machine that the run is on.
struct Real<'h>(&'h Host);

impl Machine for Real<'_> {
    fn variable(&mut self, name: &str) -> Option<String> {
        self.0.setting(name)
    }

    fn plain(&mut self, what: Plain) -> Option<String> {
        match what {
            Plain::Started => Some(self.0.started().to_string()),
            Plain::Terminal => Some(self.0.shows_on_terminal().to_string()),
            _ => asked(what),
        }
    }
}

/// What does not hang on a run.
fn asked(what: Plain) -> Option<String> {
    Some(match what {
        Plain::Os => os().to_owned(),
        Plain::Arch => arch().to_owned(),
        Plain::Home => system::home(),
        Plain::Temporary => system::temporary(),
        Plain::User => system::user(),
        Plain::UserNumber => system::uid().to_string(),
        Plain::Hostname => system::hostname(),
        Plain::Processors => system::processors().to_string(),
        Plain::Process => system::pid().to_string(),
        Plain::Executable => system::executable(),
        Plain::Release => system::release(),
        Plain::Started | Plain::Terminal => return None,
    })
}
