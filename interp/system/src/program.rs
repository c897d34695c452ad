//! Programs: found and started.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use perch_policy::shell::{decides_what_starts, is_setting};
use perch_policy::{Effect, Permit, path};
use rustix::fs::{Access, FileType, access, stat};
use rustix::io::Errno;
use rustix::stdio::stdin;
use rustix::termios::isatty;

use crate::crew::{Crew, Seat};
use crate::error::At;
use crate::feed::{Feeds, To};
use crate::permit::known;
use crate::print::Channel;
use crate::{Cause, Error, Host, Place, Until, machine};

/// Where the shell is, by preference.
const SHELLS: [&str; 5] =
    ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/run/current-system/sw/bin/bash", "/bin/sh"];

/// The variable that says where programs are looked up.
const PATH: &str = "PATH";

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
    /// Into memory, up to [`MAX_CAPTURED`](crate::MAX_CAPTURED) bytes.
    Captured,
}

/// A program that is to be started.
#[derive(Clone, Copy, Debug)]
pub struct Program<'s> {
    /// Names the program (a name, or a cleaned path) and its words, and says what it sees of the host's environment.
    pub permit: &'s Permit,
    /// How it sees itself called.
    pub called: &'s str,
    /// Variables on top of that; later ones win. Programs are looked up without them.
    pub vars: &'s [(&'s str, &'s str)],
    /// Variables of the host's environment that it does not see.
    pub without: &'s [&'s str],
}

/// How programs are started.
#[derive(Clone, Copy, Debug)]
pub struct Start<'s> {
    /// Their working directory.
    pub cwd: &'s Place,
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

/// A program that is there, and its words.
pub(crate) struct Found<'s> {
    called: &'s str,
    /// How it sees itself called.
    arg0: &'s str,
    file: String,
    argv: Vec<&'s str>,
    permit: &'s Permit,
    vars: &'s [(&'s str, &'s str)],
    without: &'s [&'s str],
}

impl Host {
    /// Whether a program is there: a name in a directory of PATH, a cleaned path there.
    pub fn has_program(&self, permit: &Permit, name: &str) -> Result<bool, Error> {
        if *permit.effect() != Effect::HostFact {
            return Err(Error::new(name, Cause::Unpermitted));
        }
        Ok(self.find(name).is_some())
    }

    /// Where a program is, if it is there: the path of a name in a directory of PATH, or the path itself.
    pub fn program_path(&self, permit: &Permit, name: &str) -> Result<Option<String>, Error> {
        if *permit.effect() != Effect::HostFact {
            return Err(Error::new(name, Cause::Unpermitted));
        }
        Ok(self.find(name))
    }

    /// Starts a program and waits for it.
    pub fn run(&self, program: Program<'_>, start: &Start<'_>) -> Result<Finished, Error> {
        let Pipeline { ends, stdout } = self.pipeline(&[program], start)?;
        let end = ends.first().copied().ok_or_else(|| Error::new(program.called, Cause::Io(Errno::CHILD)))?;
        Ok(Finished { end, stdout })
    }

    /// Starts programs, the standard output of each being the standard input of the next, and waits for all of them.
    /// None is started unless all are permitted and there.
    pub fn pipeline(&self, stages: &[Program<'_>], start: &Start<'_>) -> Result<Pipeline, Error> {
        start.cwd.directory()?;
        stages.iter().try_for_each(|stage| check_vars(stage.vars))?;
        let found = stages.iter().map(|stage| self.found(stage)).collect::<Result<Vec<_>, _>>()?;
        let called = stages.first().map_or("", |first| first.called);
        start.until.check().at(called)?;
        let mut feeds = Feeds::new(self);
        let crew = self.start(&found, start, &mut feeds)?;
        let ends = wait(crew, &mut feeds, start.until).at(called)?;
        Ok(Pipeline { ends, stdout: feeds.captured() })
    }

    /// Waits for that long.
    pub fn sleep(&self, duration: Duration, until: Until) -> Result<(), Cause> {
        until.pass(duration)
    }

    /// The program that a permit names, with its words.
    pub(crate) fn found<'s>(&self, stage: &Program<'s>) -> Result<Found<'s>, Error> {
        let called = stage.called;
        let (file, arg0, argv) = match stage.permit.effect() {
            Effect::Exec { bin, argv } => {
                let argv = argv.iter().map(known).collect::<Result<_, _>>()?;
                (self.find(known(bin)?), called, argv)
            }
            Effect::Shell { line, .. } => {
                let file = shell().map(str::to_owned);
                let name = shell().map_or(called, path::base);
                // What is in the environment does not make it do something before the line, or something else for a name in it.
                let argv = if name == "bash" { vec!["-p", "-c", known(line)?] } else { vec!["-c", known(line)?] };
                (file, name, argv)
            }
            _ => return Err(Error::new(called, Cause::Unpermitted)),
        };
        let file = file.ok_or_else(|| Error::new(called, Cause::BinMissing))?;
        Ok(Found { called, arg0, file, argv, permit: stage.permit, vars: stage.vars, without: stage.without })
    }

    /// Starts all stages.
    fn start<'h>(&'h self, found: &[Found<'_>], start: &Start<'_>, feeds: &mut Feeds<'h>) -> Result<Crew, Error> {
        let called = found.first().map_or("", |first| first.called);
        let mut crew = Crew::new(self.seat(start.stdout)).at(called)?;
        let mut stdin = self.first_input(start.stdout);
        for (at, stage) in found.iter().enumerate() {
            let (stdout, next) = if at + 1 < found.len() {
                let (reader, writer) = std::io::pipe().at(stage.called)?;
                (Stdio::from(writer), Stdio::from(reader))
            } else {
                (self.last_output(start.stdout, feeds).at(stage.called)?, Stdio::null())
            };
            let mut command = self.command(stage, start.cwd);
            command.stdin(std::mem::replace(&mut stdin, next)).stdout(stdout);
            command.stderr(self.errors(start.stdout, feeds).at(stage.called)?);
            crew.start(&mut command).map_err(|error| could_not_start(stage, start.cwd, &error))?;
        }
        Ok(crew)
    }

    /// How a program is started, its input and output aside.
    pub(crate) fn command(&self, found: &Found<'_>, cwd: &Place) -> Command {
        if self.env.keys().any(|name| !found.permit.hands_on(&name.to_string_lossy())) {
            machine::hide_memory();
        }
        let mut command = Command::new(&found.file);
        command.arg0(found.arg0).args(&found.argv).current_dir(cwd.resolved());
        command.env_clear().envs(self.handed_on(found)).envs(found.vars.iter().copied());
        if found.permit.is_listed() || matches!(found.permit.effect(), Effect::Shell { .. }) {
            self.as_perch_looks(&mut command, found);
        }
        command
    }

    /// The shell looks for programs where perch does: relative entries of PATH are passed over. Where programs were compared with a
    /// list, nothing that the program or somebody else has put into the environment makes one start others, unless a list names the variable.
    fn as_perch_looks(&self, command: &mut Command, found: &Found<'_>) {
        let own = found.vars.iter().any(|(name, _)| *name == PATH);
        let listed = found.permit.is_listed();
        if listed {
            let given = self.env.keys().map(|name| name.to_string_lossy().into_owned());
            let own = found.vars.iter().map(|(name, _)| (*name).to_owned());
            let names = given.chain(own.clone()).filter(|name| decides_what_starts(name));
            for name in names.filter(|name| !found.permit.names(name)) {
                command.env_remove(name);
            }
            // Settings are those of whoever runs perch, whatever the file says.
            let settings = own.filter(|name| is_setting(name) && !decides_what_starts(name));
            for name in settings.filter(|name| !found.permit.names(name)) {
                match self.env.get(OsStr::new(&name)).filter(|_| found.permit.hands_on(&name)) {
                    Some(given) => command.env(name, given),
                    None => command.env_remove(name),
                };
            }
        }
        if (listed || !own) && found.permit.hands_on(PATH) && !found.without.contains(&PATH) {
            let dirs: Vec<String> = self.path_dirs().map(str::to_owned).collect();
            if dirs.is_empty() {
                command.env_remove(PATH)
            } else {
                command.env(PATH, dirs.join(":"))
            };
        }
    }

    /// The variables of the host that a program gets to see.
    fn handed_on<'h>(&'h self, stage: &'h Found<'_>) -> impl Iterator<Item = (&'h OsString, &'h OsString)> {
        self.env.iter().filter(|(name, _)| {
            let name = name.to_string_lossy();
            stage.permit.hands_on(&name) && !stage.without.contains(&&*name)
        })
    }

    /// The directories in which programs are looked up.
    fn path_dirs(&self) -> impl Iterator<Item = &str> {
        let dirs = self.env.get(OsStr::new(PATH)).and_then(|dirs| dirs.to_str()).unwrap_or_default();
        dirs.split(':').filter(|dir| dir.starts_with('/'))
    }

    /// What the programs have to do with the terminal.
    fn seat(&self, stdout: Stdout) -> Seat {
        match stdout {
            _ if self.quiet => Seat::None,
            Stdout::Lines => Seat::Back,
            Stdout::Inherit | Stdout::Captured => Seat::Front,
        }
    }

    /// Programs that run at the same time cannot share a keyboard, so none of them gets it.
    fn first_input(&self, stdout: Stdout) -> Stdio {
        let shared = stdout == Stdout::Lines && isatty(stdin());
        if self.quiet || shared { Stdio::null() } else { Stdio::inherit() }
    }

    fn last_output(&self, stdout: Stdout, feeds: &mut Feeds<'_>) -> std::io::Result<Stdio> {
        let to = match stdout {
            Stdout::Captured => To::Memory,
            Stdout::Lines => To::Lines(Channel::Out),
            Stdout::Inherit if self.is_redirected() => To::Through(Channel::Out),
            Stdout::Inherit => return Ok(Stdio::inherit()),
        };
        feeds.open(to).map(Stdio::from)
    }

    fn errors(&self, stdout: Stdout, feeds: &mut Feeds<'_>) -> std::io::Result<Stdio> {
        match stdout {
            _ if self.quiet => Ok(Stdio::null()),
            Stdout::Lines => feeds.open(To::Lines(Channel::Err)).map(Stdio::from),
            Stdout::Inherit | Stdout::Captured => Ok(Stdio::inherit()),
        }
    }

    /// The file that a name, or a cleaned path, means.
    fn find(&self, bin: &str) -> Option<String> {
        if bin.contains('/') {
            return is_program(bin).then(|| bin.to_owned());
        }
        let dirs = self.env.get(OsStr::new(PATH))?.to_string_lossy();
        let absolute = dirs.split(':').filter(|dir| dir.starts_with('/'));
        absolute.filter_map(|dir| path::clean(dir, &format!("{dir}/{bin}"))).find(|file| is_program(file))
    }
}

/// Hands on what the crew prints until it is over.
fn wait(mut crew: Crew, feeds: &mut Feeds<'_>, until: Until) -> Result<Vec<End>, Cause> {
    let waited = loop {
        match crew.attend() {
            Ok(true) => break feeds.rest(until),
            Ok(false) => {}
            Err(cause) => break Err(cause),
        }
        if let Err(cause) = feeds.wait(&crew.events, crew.again(), until) {
            break Err(cause);
        }
    };
    match waited {
        Ok(()) => crew.ends(),
        Err(cause) => {
            crew.stop();
            feeds.last_words();
            Err(cause)
        }
    }
}

/// Fails if one of them cannot be a variable.
pub(crate) fn check_vars(vars: &[(&str, &str)]) -> Result<(), Error> {
    for (name, value) in vars {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(Error::new(*name, Cause::NoVariable));
        }
    }
    Ok(())
}

/// True for a regular file, links followed, that we may run.
fn is_program(path: &str) -> bool {
    let regular = stat(path).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
    regular && access(path, Access::EXEC_OK).is_ok()
}

/// The shell of this host.
fn shell() -> Option<&'static str> {
    SHELLS.into_iter().find(|file| is_program(file))
}

/// The program was found, and so was the directory to start it in: if that has not gone meanwhile, "not there" speaks about what reads it.
pub(crate) fn could_not_start(found: &Found<'_>, cwd: &Place, error: &std::io::Error) -> Error {
    match stat(cwd.resolved()) {
        Err(Errno::NOENT) => return Error::new(cwd.resolved(), Cause::Missing),
        Ok(there) if FileType::from_raw_mode(there.st_mode) != FileType::Directory => {
            return Error::new(cwd.resolved(), Cause::File);
        }
        _ => {}
    }
    match Errno::from_io_error(error) {
        Some(Errno::NOENT | Errno::NOEXEC) => Error::new(found.called, unreadable(&found.file)),
        _ => Error::io(found.called, error),
    }
}

/// How much of a program is looked at to see who is to read it, as much as the system looks at.
const HEAD: u64 = 256;

/// Why the system does not know how to start a file that may be executed.
fn unreadable(file: &str) -> Cause {
    let mut head = Vec::new();
    if let Err(error) = File::open(file).and_then(|file| file.take(HEAD).read_to_end(&mut head)) {
        // Somebody else has taken it away since it was found.
        let is_gone = error.kind() == std::io::ErrorKind::NotFound;
        return if is_gone { Cause::BinMissing } else { Cause::from(&error) };
    }
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match first.strip_prefix(b"#!").map(String::from_utf8_lossy) {
        Some(reader) => {
            let reader = reader.trim_start_matches([' ', '\t']);
            Cause::NoInterpreter(reader.split([' ', '\t']).next().unwrap_or_default().to_owned())
        }
        None if head.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace()) => Cause::NoProgram,
        None => Cause::NoFirstLine,
    }
}
