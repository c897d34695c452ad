//! A host in a directory of its own.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use perch_policy::{Bounds, Decision, Effect, Known, Permit, Policy};
use perch_system::{
    Cause, Error, Finished, Host, HostConfig, Last, Output, Pipeline, Place, Program, Start, Stdout, Until,
};
use rustix::process::{Pid, Signal};
use tempfile::TempDir;

#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub struct Rig {
    pub host: Host,
    pub printed: Shared,
    pub dir: String,
    _guard: Option<TempDir>,
}

impl Rig {
    pub fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let dir = guard.path().canonicalize().unwrap().to_str().unwrap().to_owned();
        Self { _guard: Some(guard), ..Self::at(dir) }
    }

    /// In a directory that is there.
    pub fn at(dir: String) -> Self {
        let printed = Shared::default();
        let env = [("PATH".into(), format!("{dir}/bin::rel:/usr/bin:/bin").into())].into();
        let host = Host::new(HostConfig { env, stdout: Output::Sink(Box::new(printed.clone())), quiet: true });
        Self { host, printed, dir, _guard: None }
    }

    pub fn path(&self, name: &str) -> String {
        if name.is_empty() { self.dir.clone() } else { format!("{}/{name}", self.dir) }
    }

    pub fn place(&self, name: &str, last: Last) -> Place {
        self.host.walk::<()>(&self.path(name), last, &mut |_| Ok(())).unwrap()
    }

    pub fn names(&self, name: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(name)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs a program with the mark of this rig.
    pub fn start(&self, argv: &[&str], stdout: Stdout, until: Until) -> Result<Finished, Error> {
        let vars = [("MARK", self.dir.as_str())];
        let start = Start { cwd: &self.place("", Last::Followed), stdout, until };
        self.host.run(Program { permit: &exec(argv), called: argv[0], vars: &vars, without: &[] }, &start)
    }

    /// Runs a script to its end, and gives what it printed.
    pub fn sh(&self, script: &str) -> String {
        let finished = self.start(&["sh", "-c", script], Stdout::Captured, Until::default()).unwrap();
        String::from_utf8(finished.stdout).unwrap()
    }

    /// Runs a pipeline of scripts.
    pub fn pipeline(&self, scripts: &[&str], stdout: Stdout, until: Until) -> Result<Pipeline, Error> {
        let permits: Vec<Permit> = scripts.iter().map(|script| exec(&["sh", "-c", script])).collect();
        let vars = [("MARK", self.dir.as_str())];
        let stages: Vec<Program<'_>> =
            permits.iter().map(|permit| Program { permit, called: "sh", vars: &vars, without: &[] }).collect();
        self.host.pipeline(&stages, &Start { cwd: &self.place("", Last::Followed), stdout, until })
    }

    pub fn printed(&self) -> String {
        String::from_utf8(self.printed.0.lock().unwrap().clone()).unwrap()
    }

    pub fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path(name)).is_ok()
    }

    /// Runs something that does `touch ready` with a deadline that passes after that, and gives how long after it has
    /// passed it returned.
    pub fn stopped<T>(&self, run: impl Fn(Until) -> Result<T, Error>) -> Duration {
        for patience in [100, 500, 2_500, 12_500] {
            let deadline = Instant::now() + Duration::from_millis(patience);
            let result = run(Until::default().deadline(deadline));
            let late = deadline.elapsed();
            assert!(matches!(result, Err(Error { cause: Cause::DeadlinePassed, .. })));
            if self.has("ready") {
                return late;
            }
        }
        panic!("never ready");
    }

    /// Who of those that were started with the mark of this rig lives.
    pub fn alive(&self) -> Vec<String> {
        let line = |path: &PathBuf| fs::read(path.join("cmdline")).unwrap_or_default();
        self.marked().iter().map(|path| String::from_utf8_lossy(&line(path)).into_owned()).collect()
    }

    /// Ends those.
    pub fn kill_marked(&self) {
        for path in self.marked() {
            let id = path.file_name().and_then(|name| name.to_str()?.parse().ok()).and_then(Pid::from_raw).unwrap();
            let _ = rustix::process::kill_process(id, Signal::KILL);
        }
    }

    fn marked(&self) -> Vec<PathBuf> {
        let mark = format!("MARK={}\0", self.dir);
        let marked = |environ: &[u8]| environ.windows(mark.len()).any(|part| part == mark.as_bytes());
        let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        processes.filter(|path| fs::read(path.join("environ")).is_ok_and(|environ| marked(&environ))).collect()
    }
}

/// Leave to run a program.
pub fn exec(argv: &[&str]) -> Permit {
    let known = |text: &&str| Known::Text((*text).to_owned());
    permit(Effect::Exec { bin: known(&argv[0]), argv: argv[1..].iter().map(known).collect() })
}

pub fn permit(effect: Effect) -> Permit {
    match Policy::default().decide(&Bounds::default(), effect) {
        Decision::Allowed(permit) => permit,
        other => panic!("{other:?}"),
    }
}

pub fn to(effect: fn(Known) -> Effect, place: &Place) -> Permit {
    permit(effect(Known::Text(place.resolved().to_owned())))
}

/// Is so much going on that nothing can be said about how long something takes?
pub fn machine_is_busy() -> bool {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(f64::MAX);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    load > processors as f64 * 0.8
}

/// Waits for something that is bound to happen.
pub fn eventually(what: &str, happened: impl Fn() -> bool) {
    let begin = Instant::now();
    while !happened() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(3));
    }
}
