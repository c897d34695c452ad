//! Programs: found and started.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use perch_policy::{Effect, Permit, path};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Access, FileType, access, stat};
use rustix::io::Errno;

use crate::error::At;
use crate::file::MAX_TEXT;
use crate::permit::known;
use crate::{Cause, Error, Host, Place, Until};

/// How long to wait for output before looking whether the program has ended. Only matters when it has left
/// its output open to somebody else.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// How often to try again to start a file that somebody is just writing.
const BUSY_TRIES: u32 = 6;

/// A program that prints more than this into memory is stopped, and fails.
pub const MAX_CAPTURED: usize = MAX_TEXT as usize;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit status.
    Status(i32),
    /// By this signal.
    Signal(i32),
}

/// Where the standard output of a program goes. Its standard error goes to ours, in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stdout {
    /// To ours, as it comes.
    Inherit,
    /// To ours, line by line: never mixed within a line with what others print. A last line gets its newline.
    Lines,
    /// Into memory, up to [`MAX_CAPTURED`] bytes.
    Captured,
}

/// A program that is to be started.
#[derive(Clone, Copy, Debug)]
pub struct Program<'s> {
    /// Names the program (a name, or a cleaned path) and its words.
    pub permit: &'s Permit,
    /// How it sees itself called.
    pub called: &'s str,
}

/// How programs are started.
#[derive(Clone, Copy, Debug)]
pub struct Start<'s> {
    /// Their working directory.
    pub cwd: &'s Place,
    /// Variables on top of the host's environment; later ones win. The programs are looked up without them.
    pub vars: &'s [(&'s str, &'s str)],
    /// Where the output of the last one goes.
    pub stdout: Stdout,
    /// When they are stopped.
    pub until: Until,
}

/// A program that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// How.
    pub end: End,
    /// What it printed, if that was captured.
    pub stdout: Vec<u8>,
}

/// A pipeline that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// How each stage has, in order.
    pub ends: Vec<End>,
    /// What the last one printed, if that was captured.
    pub stdout: Vec<u8>,
}

impl Host {
    /// Whether a program is there: a name in a directory of PATH, a cleaned path there.
    pub fn has_program(&self, permit: &Permit, name: &str) -> Result<bool, Error> {
        if *permit.effect() != Effect::HostFact {
            return Err(Error::new(name, Cause::Unpermitted));
        }
        Ok(self.find(name).is_some())
    }

    /// Starts a program and waits for it.
    pub fn run(&self, program: Program<'_>, start: &Start<'_>) -> Result<Finished, Error> {
        let Program { permit, called } = program;
        let Effect::Exec { bin, argv } = permit.effect() else {
            return Err(Error::new(called, Cause::Unpermitted));
        };
        let argv = argv.iter().map(known).collect::<Result<Vec<_>, _>>()?;
        start.cwd.directory()?;
        start.until.check().at(called)?;
        let found = self.find(known(bin)?).ok_or_else(|| Error::new(called, Cause::BinMissing))?;
        let captured = start.stdout == Stdout::Captured;
        let piped = captured || self.is_redirected();
        let mut command = Command::new(found);
        command.arg0(called).args(argv).current_dir(start.cwd.resolved()).env_clear().envs(&self.env);
        command.envs(start.vars.iter().copied());
        command.stdout(if piped { Stdio::piped() } else { Stdio::inherit() });
        if self.quiet {
            command.stdin(Stdio::null()).stderr(Stdio::null());
        }
        let mut child = spawn(&mut command).map_err(|error| could_not_start(called, &error))?;
        let mut stdout = Vec::new();
        let drained = match child.stdout.take() {
            Some(pipe) if captured => drain(&mut child, pipe, |bytes| keep(&mut stdout, bytes)),
            Some(pipe) => drain(&mut child, pipe, |bytes| self.emit(bytes).map_err(Cause::from)),
            None => Ok(()),
        };
        if drained.is_err() {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| Error::io(called, &error))?;
        drained.map_err(|cause| Error::new(called, cause))?;
        Ok(Finished { end: ended(status), stdout })
    }

    /// Starts programs, the standard output of each being the standard input of the next, and waits for all of them.
    pub fn pipeline(&self, stages: &[Program<'_>], start: &Start<'_>) -> Result<Pipeline, Error> {
        let [only] = stages else { return Err(Error::new("", Cause::Unpermitted)) };
        self.run(*only, start).map(|finished| Pipeline { ends: vec![finished.end], stdout: finished.stdout })
    }

    /// Waits that long.
    pub fn sleep(&self, duration: Duration, until: Until) -> Result<(), Cause> {
        until.check()?;
        std::thread::sleep(duration);
        until.check()
    }

    /// The file that a name, or a cleaned path, means.
    fn find(&self, bin: &str) -> Option<String> {
        if bin.contains('/') {
            return is_program(bin).then(|| bin.to_owned());
        }
        let dirs = self.env.get(OsStr::new("PATH"))?.to_string_lossy();
        let absolute = dirs.split(':').filter(|dir| dir.starts_with('/'));
        absolute.filter_map(|dir| path::clean(dir, &format!("{dir}/{bin}"))).find(|file| is_program(file))
    }
}

/// True for a regular file, links followed, that we may run.
fn is_program(path: &str) -> bool {
    let regular = stat(path).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
    regular && access(path, Access::EXEC_OK).is_ok()
}

/// Starts it. A file that somebody has just written may be busy until a program that was started
/// elsewhere meanwhile has closed what it inherited; that passes.
fn spawn(command: &mut Command) -> std::io::Result<Child> {
    let mut tries = 0;
    loop {
        match command.spawn() {
            Err(error) if tries < BUSY_TRIES && Errno::from_io_error(&error) == Some(Errno::TXTBSY) => {
                std::thread::sleep(Duration::from_millis(1 << tries));
                tries += 1;
            }
            done => return done,
        }
    }
}

/// The program was found, so "not there" speaks about its interpreter.
fn could_not_start(called: &str, error: &std::io::Error) -> Error {
    match Errno::from_io_error(error) {
        Some(Errno::NOENT) => Error::new(called, Cause::Io(Errno::NOEXEC)),
        _ => Error::io(called, error),
    }
}

fn ended(status: ExitStatus) -> End {
    match status.code() {
        Some(code) => End::Status(code),
        None => End::Signal(status.signal().unwrap_or_default()),
    }
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Cause> {
    if kept.len() + bytes.len() > MAX_CAPTURED {
        return Err(Cause::TooLarge);
    }
    kept.extend_from_slice(bytes);
    Ok(())
}

/// Hands on what the program prints until it has closed its output, or has ended and left its output open to
/// a program of its own, which is not waited for.
fn drain(child: &mut Child, pipe: ChildStdout, mut take: impl FnMut(&[u8]) -> Result<(), Cause>) -> Result<(), Cause> {
    let mut pipe = pipe;
    let mut buffer = vec![0; 1 << 16];
    let mut ended = false;
    loop {
        let patience = if ended { Timespec::default() } else { PATIENCE };
        let ready = match poll(&mut [PollFd::new(&pipe, PollFlags::IN)], Some(&patience)) {
            Err(Errno::INTR) => continue,
            ready => ready.map_err(Cause::from)? > 0,
        };
        match (ready, ended) {
            (true, _) => match pipe.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => take(&buffer[..length])?,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Cause::from(error)),
            },
            (false, true) => return Ok(()),
            (false, false) => ended = child.try_wait().map_err(Cause::from)?.is_some(),
        }
    }
}
