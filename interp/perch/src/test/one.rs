//! One test: a process, a directory, a limit.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use perch_ir::{Command, Program as _, Snapshot};
use perch_ops::duration::nanoseconds;
use perch_policy::{Lists, Policy};
use perch_system::signals;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::{Builder, TempDir};

use super::flags::Flags;
use super::millis;
use super::outcome::Outcome;
use super::show::{Failed, Tested};
use crate::USAGE;
use crate::cli::Restrictions;
use crate::report::Trouble;

/// How long a test may take that does not say so.
const LIMIT: &str = "30s";

/// How much longer than its limit a test gets to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// How much of what a test prints is kept.
const MOST: usize = 1 << 20;

/// What all tests of a run have in common.
pub(super) struct Run<'r> {
    pub(super) file: &'r str,
    pub(super) flags: &'r Flags,
    pub(super) restrictions: &'r Restrictions,
}

/// The directories of a test, and what it is told by `--as-test`: the one that holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AsTest(pub(crate) PathBuf);

impl AsTest {
    /// Where it starts.
    pub(crate) fn start(&self) -> PathBuf {
        self.0.join("start")
    }

    /// Where its temporary files are.
    fn temporary(&self) -> PathBuf {
        self.0.join("tmp")
    }

    /// Where it leaves its failure.
    pub(crate) fn outcome(&self) -> PathBuf {
        self.0.join("outcome.json")
    }

    /// Narrows what the test may do to what tests may, and gives the directory in which it begins.
    pub(crate) fn restrict(
        &self,
        test: &Command,
        policy: &mut Policy,
        here: &str,
        program: &Snapshot,
    ) -> Result<String, Trouble> {
        let lifted = |what: &str| test.config.test.as_ref().is_some_and(|test| test.lifted.contains(&what));
        let text = |path: &Path| {
            path.to_str().map(str::to_owned).ok_or_else(|| Trouble::usage("the test's directory is not UTF-8 text"))
        };
        let room = if lifted("test_allow_write") { None } else { Some(text(&self.0)?) };
        policy.test = Some(Lists::of_test(
            room,
            lifted("test_allow_subprocess"),
            lifted("test_allow_shell"),
            lifted("test_allow_network"),
        ));
        if lifted("test_keep_cwd") {
            return text(
                &Path::new(here)
                    .join(program.file())
                    .parent()
                    .unwrap_or(Path::new(here))
                    .canonicalize()
                    .unwrap_or_else(|_| here.into()),
            );
        }
        text(&self.start())
    }
}

impl Run<'_> {
    pub(super) fn test(&self, command: &Command) -> Tested {
        let began = Instant::now();
        let tested =
            |ended: Ended, dir: Option<PathBuf>| Tested::new(command, ended.failed, ended.output, began.elapsed(), dir);
        let dir = match Builder::new().prefix(&format!("perch-test-{}-", plain(&command.name))).tempdir() {
            Ok(dir) => dir,
            Err(error) => return tested(Ended::not(format!("cannot make a directory for the test: {error}")), None),
        };
        let ended =
            self.run(command, dir.path()).unwrap_or_else(|error| Ended::not(format!("cannot run the test: {error}")));
        let kept = (ended.leaves_traces || self.flags.keep_tempdir).then(|| kept(dir));
        tested(ended, kept)
    }

    fn run(&self, command: &Command, dir: &Path) -> io::Result<Ended> {
        let place = AsTest(dir.canonicalize()?);
        std::fs::create_dir(place.start())?;
        std::fs::create_dir(place.temporary())?;
        let limit = self.limit(command);
        let mut process = Process::new(std::env::current_exe()?);
        process.arg("-q").arg("-f").arg(self.file).arg("--as-test").arg(&place.0);
        process.args(self.restrictions.words()).args(["--max-runtime", &limit, "--", &command.name]);
        process.env("TMPDIR", place.temporary());
        let (tied, tie) = io::pipe()?;
        process.stdin(tied);
        let (reader, writer) = io::pipe()?;
        process.stdout(writer.try_clone()?).stderr(writer);
        let mut child = process.spawn()?;
        // It holds the other end of the pipe.
        drop(process);
        let most = nanoseconds(&limit).map(Duration::from_nanos).and_then(|limit| limit.checked_add(GRACE));
        let (output, is_over) = watched(&child, reader, tie, most)?;
        let status = child.wait()?;
        let was_told = signals::received().is_some() && !status.success();
        let failed = match is_over {
            _ if was_told => Some(Failed::plain("was stopped, since the run was told to end".to_owned())),
            true => Some(Failed::plain(format!("did not end {} s behind its limit of {limit}", GRACE.as_secs()))),
            false => failure(status, Outcome::found(&place.outcome()), &limit),
        };
        let leaves_traces = failed.is_some() && !was_told && status.code() != Some(i32::from(USAGE));
        Ok(Ended { failed, output, leaves_traces })
    }

    /// How long the test may take.
    fn limit(&self, command: &Command) -> String {
        let own = command.config.test.as_ref().and_then(|test| test.timeout.as_ref()?.as_literal());
        let otherwise = self.flags.test_timeout.as_deref().unwrap_or(LIMIT);
        own.filter(|own| nanoseconds(own).is_some()).unwrap_or(otherwise).to_owned()
    }
}

/// How a test ended.
struct Ended {
    failed: Option<Failed>,
    output: String,
    /// It did something, and somebody may want to see what.
    leaves_traces: bool,
}

impl Ended {
    fn not(message: String) -> Self {
        Self { failed: Some(Failed::plain(message)), output: String::new(), leaves_traces: false }
    }
}

/// How often to look whether the run has been told to end.
const TICK: Duration = Duration::from_millis(20);

/// What the process prints until it is over, and whether that took too long. When the run is told to end, the tie is cut. Who holds the pipe open behind it is not waited for.
fn watched(
    child: &Child,
    mut from: io::PipeReader,
    tie: io::PipeWriter,
    most: Option<Duration>,
) -> io::Result<(String, bool)> {
    let (tell, told) = channel();
    thread::Builder::new().spawn(move || {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read) = from.read(&mut bytes) {
            let part = bytes.get(..read).unwrap_or_default();
            if part.is_empty() || tell.send(part.to_vec()).is_err() {
                break;
            }
        }
    })?;
    let end = most.and_then(|most| Instant::now().checked_add(most));
    let (mut output, mut is_over) = (Vec::new(), false);
    let mut tie = Some(tie);
    loop {
        if signals::received().is_some() {
            tie = None;
        }
        let left = end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
        match told.recv_timeout(left.min(TICK)) {
            Ok(part) => output.extend(part.into_iter().take(MOST.saturating_sub(output.len()))),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                is_over = true;
                end_at_once(child);
                break;
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    drop(tie);
    Ok((String::from_utf8_lossy(&output).into_owned(), is_over))
}

/// Ends a run whose time has been up for a while. A signal is its second, so it ends its programs first.
fn end_at_once(child: &Child) {
    for signal in [Signal::TERM, Signal::KILL] {
        let _ = kill_process(Pid::from_child(child), signal);
        thread::sleep(Duration::from_millis(500));
    }
}

fn failure(status: ExitStatus, outcome: Option<Outcome>, limit: &str) -> Option<Failed> {
    if status.success() {
        return None;
    }
    Some(match outcome {
        Some(outcome) if outcome.message.starts_with("stopped: --max-runtime") => {
            Failed::plain(format!("took longer than {limit}"))
        }
        Some(outcome) => Failed {
            kind: outcome.line("kind"),
            place: outcome.line("at"),
            help: outcome.line("help"),
            message: outcome.message,
        },
        None => match status.code() {
            Some(code) if code == i32::from(USAGE) => Failed::plain("could not be run".to_owned()),
            Some(code) => Failed::plain(format!("ended with status {code}")),
            None => Failed::plain(format!("was ended: {status}")),
        },
    })
}

fn kept(dir: TempDir) -> PathBuf {
    dir.keep()
}

/// The name, as far as that of a file may be like it.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' }).take(60).collect()
}

impl Tested {
    fn new(command: &Command, failed: Option<Failed>, output: String, took: Duration, dir: Option<PathBuf>) -> Self {
        Self {
            name: command.name.clone(),
            description: command.description.clone(),
            line: command.place.line,
            passed: failed.is_none(),
            duration_ms: millis(took),
            failure: failed,
            output,
            directory: dir.map(|dir| dir.to_string_lossy().into_owned()),
        }
    }
}
