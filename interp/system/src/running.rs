//! Programs that run on this host, whoever has started them.

use perch_policy::Permit;
use rustix::process::{Pid, Signal, getpid, getppid, kill_process};

use crate::kin::processes;
use crate::{Cause, End, Error, Host, Place, Program, Start, Stdout, Until};

/// What the program that looks through them ends with when it has found none.
const NONE_FOUND: i32 = 1;

/// Programs that somebody who was permitted to has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running(Vec<Pid>);

impl Running {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Host {
    /// Those that a program finds which prints the number of each on a line of its own; we and whoever has started us are not
    /// among them. `None`: it could not look.
    pub fn found_running(&self, permit: &Permit, cwd: &Place, until: Until) -> Result<Option<Running>, Error> {
        let program = Program { permit, called: "pgrep", vars: &[], without: &[] };
        let finished = self.run(program, &Start { cwd, stdout: Stdout::Captured, until })?;
        let printed = match finished.end {
            End::Status(0) => finished.stdout,
            End::Status(NONE_FOUND) => Vec::new(),
            End::Status(_) | End::Signal(_) => return Ok(None),
        };
        let ours = forebears();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        let ids = printed.lines().filter_map(|line| Pid::from_raw(line.trim().parse().ok().filter(|id| *id > 0)?));
        Ok(Some(Running(ids.filter(|id| !ours.contains(id)).collect())))
    }

    /// Asks programs to end that were found. One that has ended meanwhile does not mind.
    pub fn ask_to_end(&self, found: &Running) -> Result<(), Error> {
        for id in &found.0 {
            match kill_process(*id, Signal::TERM) {
                Ok(()) | Err(rustix::io::Errno::SRCH | rustix::io::Errno::PERM) => {}
                Err(errno) => return Err(Error::new(id.as_raw_pid().to_string(), Cause::Io(errno))),
            }
        }
        Ok(())
    }
}

/// We, whoever has started us, and so on.
fn forebears() -> Vec<Pid> {
    let all = processes();
    let mut ours = vec![getpid()];
    ours.extend(getppid());
    while let Some(parent) = ours.last().and_then(|last| all.iter().find(|one| one.id == *last)?.parent) {
        if ours.contains(&parent) {
            break;
        }
        ours.push(parent);
    }
    ours
}
