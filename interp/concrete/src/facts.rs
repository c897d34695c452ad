//! Facts of the machine: language §5.4.

use perch_ops::machine::{self, Machine, Plain};
use perch_system::machine as system;
use perch_system::{Host, arch, os};

/// The value of a fact, if there is one of that name: the same throughout a run.
pub(crate) fn of_machine(host: &Host, name: &str) -> Option<String> {
    host.remembered(name, || machine::fact(&mut Real(host), name))
}

/// The machine that the run is on.
struct Real<'h>(&'h Host);

impl Machine for Real<'_> {
    fn variable(&mut self, name: &str) -> Option<String> {
        self.0.setting(name)
    }

    fn plain(&mut self, what: Plain) -> Option<String> {
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
            Plain::Started => self.0.started().to_string(),
            Plain::Executable => system::executable(),
            Plain::Release => system::release(),
            Plain::Terminal => self.0.shows_on_terminal().to_string(),
        })
    }
}
