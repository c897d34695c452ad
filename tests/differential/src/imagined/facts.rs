//! The machine of a run: what is told of it, and else whatever is chosen when it is asked for.

use perch_ops::machine::{Machine, Plain};

use super::Imagined;

const SYSTEMS: &[&str] = &["linux", "macos", "windows"];

impl Machine for Imagined<'_> {
    fn variable(&mut self, name: &str) -> Option<String> {
        self.variable_of(name)
    }

    fn plain(&mut self, what: Plain) -> Option<String> {
        if let Some(known) = self.machine.get(&what) {
            return Some(known.clone());
        }
        let only_linux = what == Plain::Temporary && self.plain(Plain::Os).is_some_and(|os| os == "linux");
        let (stated, all): (_, &[&str]) = match what {
            Plain::Os => (self.universe.facts.os.clone(), SYSTEMS),
            Plain::Arch => (self.universe.facts.arch.clone(), &["amd64", "arm64"]),
            Plain::Home => (None, &["/of/user", "/"]),
            Plain::Temporary if only_linux => (None, &["/tmp"]),
            Plain::Temporary => (None, &["/var/folders/t", "/tmp"]),
            Plain::Executable => (None, &["/bin/perch", "/opt/perch"]),
            Plain::User | Plain::Hostname | Plain::Release => (None, &["ann", "box"]),
            Plain::UserNumber => (None, &["0", "1000"]),
            Plain::Processors | Plain::Process | Plain::Started => (None, &["1", "1700000000"]),
            Plain::Terminal => (None, &["false", "true"]),
        };
        let name = match what {
            Plain::User => "user",
            Plain::UserNumber => "uid",
            Plain::Hostname => "hostname",
            Plain::Processors => "cpu_count",
            Plain::Release => "os_version",
            Plain::Terminal => "is_tty",
            _ => "",
        };
        let stated = stated.or_else(|| self.universe.facts.machine.get(name).cloned());
        let text = stated.unwrap_or_else(|| all[self.tape.choose(all.len())].to_owned());
        // Whoever really runs it is on this machine.
        let here = match what {
            Plain::Os => text == perch_system::os(),
            Plain::Arch => text == perch_system::arch(),
            Plain::Temporary => text == "/tmp",
            Plain::Terminal => text == "false",
            _ => false,
        };
        self.unreal |= !here;
        self.machine.insert(what, text.clone());
        Some(text)
    }
}
