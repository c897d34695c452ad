//! Ways to run a campaign: what is simulated once is really run in this process, or by the binary.

use std::io;
use std::path::Path;
use std::sync::Arc;

use perch_ir::{Command, Snapshot};
use perch_policy::Policy;

use crate::campaign::Triple;
use crate::compare::Contradiction;
use crate::hosts::Host;
use crate::real::{self, RealRun};

/// What a lane has to show of a run.
#[derive(Debug, Default)]
pub struct Ran {
    /// What happened, if that can be told.
    pub run: Option<RealRun>,
    /// What is wrong whatever was claimed.
    pub wrong: Vec<Contradiction>,
}

/// Where programs are run.
pub trait Lane {
    /// The stand-in for programs.
    fn stub(&self) -> &Path;

    /// A triple has been simulated in this process. Gives what is wrong with that.
    ///
    /// # Errors
    /// If there is nobody to ask.
    fn simulated(&mut self, _: &Triple, _: &Snapshot) -> io::Result<Vec<Contradiction>> {
        Ok(Vec::new())
    }

    /// Builds the host and runs the command on it.
    ///
    /// # Errors
    /// If the host cannot be built or read back.
    fn run(&mut self, program: &Snapshot, command: &Arc<Command>, host: &Host, policy: &Policy) -> io::Result<Ran>;
}

/// In this process.
#[derive(Clone, Copy, Debug)]
pub struct InProcess<'s> {
    /// The stand-in for programs.
    pub stub: &'s Path,
}

impl Lane for InProcess<'_> {
    fn stub(&self) -> &Path {
        self.stub
    }

    fn run(&mut self, program: &Snapshot, command: &Arc<Command>, host: &Host, policy: &Policy) -> io::Result<Ran> {
        let run = real::run(program, command, host, policy, self.stub)?;
        Ok(Ran { run: Some(run), wrong: Vec::new() })
    }
}
