//! Primitives that pack and unpack.

use std::io::{Read, Write};

use perch_archive::{Format, Limits, Packing, Trouble};
use perch_ops::ErrorKind;
use perch_system::{Error, Last};

use crate::act::{Done, Job};
use crate::ask::{Halt, Want};
use crate::failure::{self, Failure};
use crate::{Concrete, Text};

/// What is made of one stream of bytes.
type Make<'m> = &'m dyn Fn(&mut dyn Read, &mut dyn Write) -> Result<(), Trouble>;

/// What has kept something from being packed or unpacked.
enum Stop {
    Halt(Halt),
    Trouble(Trouble),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<Failure> for Stop {
    fn from(denied: Failure) -> Self {
        Self::Halt(Halt::Denied(denied))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Halt(error.into())
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::System(error) => error.into(),
            other => Self::Trouble(other),
        }
    }
}

impl Stop {
    /// "cannot unpack `/a` to `/b`: it ends in the middle"
    fn failure(self, act: &str, from: &str, to: &str) -> Failure {
        match self {
            Self::Halt(halt) => halt.failure_of_two(act, from, to),
            Self::Trouble(trouble) => {
                let failure = Failure::new(kind(&trouble), format!("cannot {act} `{from}` to `{to}`: {trouble}"));
                match &trouble {
                    Trouble::Io(error) => failure.cut(&error.into()),
                    _ => failure,
                }
            }
        }
    }
}

/// The kind under which a program sees it.
fn kind(trouble: &Trouble) -> ErrorKind {
    match trouble {
        Trouble::Garbled(_) => ErrorKind::ParseFailed,
        Trouble::TooLarge(_) => ErrorKind::LimitExceeded,
        Trouble::Refused(_) => ErrorKind::FilePathDisallowed,
        Trouble::System(error) => failure::kind(&error.cause),
        Trouble::Io(error) => failure::kind(&error.into()),
    }
}

impl Concrete<'_> {
    pub(crate) fn convert(&self, job: &Job<'_>, act: &str, make: Make<'_>) -> Done {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Write, &to)])?;
        let converted = || -> Result<(), Stop> {
            let (source, [read]) = self.go(job.op, &from, Last::Followed, [Want::Read])?;
            let (target, [write]) = self.go(job.op, &to, Last::Followed, [Want::Write])?;
            Ok(self.host.convert([&read, &write], &source, &target, job.until, make)?)
        };
        done(converted(), act, &from, &to)
    }

    pub(crate) fn pack_tree(&self, job: &Job<'_>) -> Done {
        let format = format(job)?;
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Write, &to)])?;
        let packed = || -> Result<(), Stop> {
            let (source, [read]) = self.go(job.op, &from, Last::Followed, [Want::Read])?;
            let (target, [write]) = self.go(job.op, &to, Last::Followed, [Want::Write])?;
            self.host.may_pack(&source, &target)?;
            let fill = |target: &mut dyn Write| {
                let mut packing = Packing::new(format, target);
                self.host.each_beneath(&read, &source, job.until, &mut |item| packing.add(item))?;
                packing.finish()
            };
            Ok(self.host.compose(&write, &target, job.until, fill)?)
        };
        done(packed(), "pack", &from, &to)
    }

    pub(crate) fn unpack_tree(&self, job: &Job<'_>) -> Done {
        let format = format(job)?;
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Write, &to)])?;
        let unpacked = || -> Result<(), Stop> {
            let (source, [read]) = self.go(job.op, &from, Last::Followed, [Want::Read])?;
            let (target, [write]) = self.go(job.op, &to, Last::Followed, [Want::Write])?;
            self.host.may_unpack(&source, &target)?;
            let parents = self.parents(job.op, &target)?;
            Ok(self.host.unpack([&read, &write], &parents, &source, &target, job.until, |from, staging| {
                perch_archive::unpack(format, from, &Limits::default(), &mut |item| staging.put(item))
            })?)
        };
        done(unpacked(), "unpack", &from, &to)
    }
}

/// The format of the archive, which is the last operand.
fn format(job: &Job<'_>) -> Result<Format, Failure> {
    let name = job.text(2);
    Format::named(name)
        .ok_or_else(|| Failure::new(ErrorKind::InvalidArgument, format!("`{name}` is no format of archives")))
}

fn done(done: Result<(), Stop>, act: &str, from: &str, to: &str) -> Done {
    done.map(|()| Text::from("")).map_err(|stop| stop.failure(act, from, to))
}
