//! Programs in a directory of their own, whose processes can be told from all others.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(crate) struct Rig(TempDir);

impl Rig {
    /// With a command per script, which runs it and then prints `went on`.
    pub(crate) fn new(scripts: &[(&str, &str)]) -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        let mut file = String::new();
        for (name, script) in scripts {
            fs::write(rig.0.path().join(format!("{name}.sh")), script).unwrap();
            file += &format!("command {name}\n  do\n    sh {name}.sh\n    print \"went on\"\n  end\nend\n");
            file += &format!(
                "command {name}_captured\n  do\n    x = sh {name}.sh\n    print \"captured ${{x}}\"\n  end\nend\n"
            );
        }
        fs::write(rig.0.path().join("commands.perch"), file).unwrap();
        rig
    }

    /// With another file of commands.
    pub(crate) fn file(self, text: &str) -> Self {
        fs::write(self.0.path().join("commands.perch"), text).unwrap();
        self
    }

    /// With one more file.
    pub(crate) fn with(self, name: &str, text: &str) -> Self {
        let file = self.0.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        self
    }

    pub(crate) fn dir(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// A program that is started in the directory. It finds perch as `$PERCH`.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).env("MARK", self.dir()).env("PERCH", env!("CARGO_BIN_EXE_perch"));
        command
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.path().join(name).exists()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// Who of those that were started here lives: number and words.
    pub(crate) fn alive(&self) -> Vec<(Pid, String)> {
        let mark = format!("MARK={}\0", self.dir());
        let marked = |environ: &[u8]| environ.windows(mark.len()).any(|part| part == mark.as_bytes());
        let numbers =
            fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let processes = numbers.filter_map(Pid::from_raw).filter_map(|id| {
            let read = |name: &str| fs::read(format!("/proc/{}/{name}", id.as_raw_pid())).ok();
            let words = read("cmdline")?;
            marked(&read("environ")?).then(|| (id, String::from_utf8_lossy(&words).replace('\0', " ")))
        });
        processes.collect()
    }

    /// Sends a signal to perch itself.
    pub(crate) fn signal_perch(&self, signal: Signal) {
        let perch = |words: &str| words.split(' ').next() == Some(env!("CARGO_BIN_EXE_perch"));
        let found = self.alive().into_iter().find(|(_, words)| perch(words)).unwrap();
        kill_process(found.0, signal).unwrap();
    }
}

/// Waits for something that is bound to happen.
pub(crate) fn eventually(what: &str, happened: impl Fn() -> bool) {
    let begin = Instant::now();
    while !happened() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Is so much going on that nothing can be said about how long something takes?
pub(crate) fn machine_is_busy() -> bool {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(f64::MAX);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    load > processors as f64 * 0.8
}
