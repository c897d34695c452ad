//! The primitives: clean, ask, check, act.

use perch_engine::Context;
use perch_ops::{ErrorKind, Primitive};
use perch_policy::{Effect, Known, Permit, path};
use perch_system::{End, Finished, Kind, Last, Place, Program, Start, Stdout, Until};

use crate::ask::{Halt, Want, clean};
use crate::failure::Failure;
use crate::{Concrete, Text, op_name, truth};

/// Before the number of the signal in the message about a killed program.
pub(crate) const KILLED_BY: &str = " was killed by signal ";

/// What a primitive yields, or its failure.
type Done = Result<Text, Failure>;

/// A primitive that is to be performed.
struct Job<'j> {
    op: &'static str,
    operands: &'j [Text],
    cwd: &'j str,
    captured: bool,
    until: Until,
}

impl Job<'_> {
    fn path(&self, at: usize) -> Result<String, Failure> {
        clean(self.operands, at, self.cwd)
    }

    fn text(&self, at: usize) -> &str {
        self.operands.get(at).map_or("", |operand| operand)
    }
}

impl Concrete<'_> {
    pub(crate) fn act(&self, cx: &Context, primitive: Primitive, operands: &[Text], cwd: &str) -> Done {
        let job = &Job { op: op_name(cx), operands, cwd, captured: cx.captured, until: Until::default() };
        job.until.check()?;
        match primitive {
            Primitive::KindOf => self.kind_of(job),
            Primitive::Peek => Ok(kind_name(self.go_unasked(&job.path(0)?).ok().as_ref())),
            Primitive::CheckFile => self.check_file(job),
            Primitive::Read => self.read(job),
            Primitive::Write => self.write(job),
            Primitive::MakeDirs => self.make_dirs(job),
            Primitive::Remove => self.remove(job),
            Primitive::CopyFile => self.copy_file(job),
            Primitive::Move => self.rename(job),
            Primitive::CopyTree => self.copy_tree(job),
            Primitive::MakeLink => self.make_link(job),
            Primitive::EnterDir => self.enter_dir(job),
            Primitive::FindBin => self.find_bin(job),
            Primitive::Spawn => self.spawn(job),
            Primitive::GetEnv => Ok(self.environment(job.text(0))?.unwrap_or_default().into()),
            Primitive::Print => self.print(job),
        }
    }

    /// Whatever keeps us from getting there, a denial included, makes it not there.
    fn kind_of(&self, job: &Job<'_>) -> Done {
        let arrived = self.go(job.op, &job.path(0)?, Last::Followed, [Want::Look]);
        Ok(kind_name(arrived.ok().map(|(place, _)| place).as_ref()))
    }

    fn check_file(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let done = self.go(job.op, &path, Last::Followed, [Want::Read]).and_then(|(place, _)| Ok(place.file()?));
        nothing(done.map_err(|halt| halt.failure("read", &path)))
    }

    fn read(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Read]);
        let done = arrived.and_then(|(place, [read])| Ok(self.host.read(&read, &place, job.until)?));
        done.map(Text::from).map_err(|halt| halt.failure("read", &path))
    }

    fn write(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Write]);
        let done = arrived.and_then(|(place, [write])| Ok(self.host.write(&write, &place, job.text(1), job.until)?));
        nothing(done.map_err(|halt| halt.failure("write", &path)))
    }

    fn make_dirs(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let act = || {
            let (place, [write]) = self.go(job.op, &path, Last::Followed, [Want::Write])?;
            let parents = self.parents(job.op, &place)?;
            Ok(self.host.make_dirs(&write, &parents, &place)?)
        };
        nothing(act().map_err(|halt: Halt| halt.failure("make directory", &path)))
    }

    fn remove(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Entry, [Want::Delete]);
        let done = arrived.and_then(|(place, [delete])| Ok(self.host.remove(&delete, &place)?));
        nothing(done.map_err(|halt| halt.failure("remove", &path)))
    }

    fn copy_file(&self, job: &Job<'_>) -> Done {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Write, &to)])?;
        let act = || {
            let (source, [read]) = self.go(job.op, &from, Last::Followed, [Want::Read])?;
            let (target, [write]) = self.go(job.op, &to, Last::Followed, [Want::Write])?;
            Ok(self.host.copy_file([&read, &write], &source, &target, job.until)?)
        };
        nothing(act().map_err(|halt: Halt| halt.failure_of_two("copy", &from, &to)))
    }

    fn rename(&self, job: &Job<'_>) -> Done {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Delete, &from), (Want::Write, &to)])?;
        let act = || {
            let (source, [read, delete]) = self.go(job.op, &from, Last::Entry, [Want::Read, Want::Delete])?;
            let (target, [write]) = self.go(job.op, &to, Last::Entry, [Want::Write])?;
            Ok(self.host.rename([&read, &delete, &write], &source, &target)?)
        };
        nothing(act().map_err(|halt: Halt| halt.failure_of_two("move", &from, &to)))
    }

    fn copy_tree(&self, job: &Job<'_>) -> Done {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Write, &to)])?;
        let act = || {
            let (source, [read]) = self.go(job.op, &from, Last::Followed, [Want::Read])?;
            let (target, [write]) = self.go(job.op, &to, Last::Followed, [Want::Write])?;
            self.host.may_copy_tree(&source, &target)?;
            let parents = self.parents(job.op, &target)?;
            Ok(self.host.copy_tree(&read, &write, &parents, &source, &target)?)
        };
        nothing(act().map_err(|halt: Halt| halt.failure_of_two("copy", &from, &to)))
    }

    /// Leave to make the missing parents of a place.
    fn parents(&self, op: &str, place: &Place) -> Result<Vec<Permit>, Halt> {
        let parents = place.missing_parents().into_iter();
        parents.map(|parent| self.permit(op, Want::Write.effect(parent)).map_err(Halt::Denied)).collect()
    }

    fn make_link(&self, job: &Job<'_>) -> Done {
        let path = job.path(1)?;
        let arrived = self.go(job.op, &path, Last::Entry, [Want::Write]);
        let done = arrived.and_then(|(place, [write])| Ok(self.host.make_link(&write, &place, job.text(0))?));
        nothing(done.map_err(|halt| halt.failure("make link", &path)))
    }

    fn enter_dir(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        match self.go_unasked(&path).and_then(|place| place.directory()) {
            Ok(()) => Ok(path.into()),
            Err(error) => Err(Failure::host("work in", &path, &error)),
        }
    }

    fn find_bin(&self, job: &Job<'_>) -> Done {
        let permit = self.permit(job.op, Effect::HostFact)?;
        let found = self.host.has_program(&permit, &program(job.text(0), job.cwd));
        found.map(truth).map_err(|error| Failure::host("look for program", job.text(0), &error))
    }

    fn spawn(&self, job: &Job<'_>) -> Done {
        let called = job.text(0);
        let argv = job.operands.iter().skip(1).map(|word| Known::Text(word.to_string())).collect();
        let permit = self.permit(job.op, Effect::Exec { bin: Known::Text(program(called, job.cwd)), argv })?;
        let finished = self.go_unasked(job.cwd).and_then(|cwd| {
            let stdout = if job.captured { Stdout::Captured } else { Stdout::Inherit };
            let start = Start { cwd: &cwd, vars: &[], stdout, until: job.until };
            self.host.run(Program { permit: &permit, called }, &start)
        });
        match finished {
            Ok(finished) => ended(called, finished),
            Err(error) => Err(Failure::program(called, &error)),
        }
    }

    fn print(&self, job: &Job<'_>) -> Done {
        let permit = self.permit(job.op, Effect::Output)?;
        let done = self.host.print(&permit, &format!("{}\n", job.operands.join(" ")), job.until);
        nothing(done.map_err(|error| Failure::host("write to", "standard output", &error)))
    }

    /// The value of an environment variable, if it is set.
    pub(crate) fn environment(&self, name: &str) -> Result<Option<String>, Failure> {
        let permit = self.permit("get_env", Effect::ReadEnv(Known::Text(name.to_owned())))?;
        self.host.variable(&permit).map_err(|error| Failure::host("read variable", name, &error))
    }
}

fn nothing(done: Result<(), Failure>) -> Done {
    done.map(|()| "".into())
}

/// A program's name stays as it is; a path to one is made absolute and clean.
fn program(called: &str, cwd: &str) -> String {
    let path = called.contains('/').then(|| path::clean(cwd, called)).flatten();
    path.unwrap_or_else(|| called.to_owned())
}

fn kind_name(place: Option<&Place>) -> Text {
    match place.map(Place::kind) {
        None | Some(Kind::Absent) => "absent".into(),
        Some(Kind::Dir) => "directory".into(),
        Some(Kind::File | Kind::Link) => "file".into(),
    }
}

/// What a program that has ended means for the line that started it.
fn ended(called: &str, finished: Finished) -> Done {
    match finished.end {
        End::Status(0) => printed(called, finished.stdout),
        End::Status(status) => {
            let message = format!("program `{called}` ended with status {status}");
            Err(Failure { code: status.to_string(), ..Failure::new(ErrorKind::ShellExitNonzero, message) })
        }
        End::Signal(signal) => {
            Err(Failure::new(ErrorKind::ShellSignalKilled, format!("program `{called}`{KILLED_BY}{signal}")))
        }
    }
}

/// What it printed, without newlines at the end.
fn printed(called: &str, stdout: Vec<u8>) -> Done {
    match String::from_utf8(stdout) {
        Ok(text) => Ok(text.trim_end_matches('\n').into()),
        Err(_) => Err(Failure::new(ErrorKind::IoError, format!("what program `{called}` printed is not UTF-8 text"))),
    }
}
