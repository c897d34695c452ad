//! Programs that nobody waits for.
//!
//! They run in sessions of their own until the run ends, which stops them, unless it is to let them go.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::crew::{Crew, Seat};
use crate::error::At;
use crate::program::{check_vars, could_not_start};
use crate::{Error, Host, Place, Program, Until};

/// Those of a host.
#[derive(Default)]
pub(crate) struct Beside {
    crews: Mutex<Vec<Crew>>,
    /// They are to live on when the run has ended.
    outlive: AtomicBool,
}

impl Host {
    /// What is started beside the run from now on lives on when it has ended.
    pub fn let_live_on(&self) {
        self.beside.outlive.store(true, Ordering::SeqCst);
    }

    /// Starts a program and does not wait for it. It reads nothing, and what it prints goes nowhere.
    pub fn start_beside(&self, program: &Program<'_>, cwd: &Place, until: Until) -> Result<(), Error> {
        cwd.directory()?;
        check_vars(program.vars)?;
        let found = self.found(program)?;
        until.check().at(program.called)?;
        let mut command = self.command(&found, cwd);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut crew = Crew::new(Seat::Away).at(program.called)?;
        crew.start(&mut command).map_err(|error| could_not_start(&found, cwd, &error))?;
        if self.beside.outlive.load(Ordering::SeqCst) {
            crew.let_go();
        } else {
            self.beside.crews.lock().unwrap_or_else(PoisonError::into_inner).push(crew);
        }
        Ok(())
    }

    /// Stops all that run beside, at once.
    pub fn stop_beside(&self) {
        let crews = std::mem::take(&mut *self.beside.crews.lock().unwrap_or_else(PoisonError::into_inner));
        thread::scope(|scope| {
            for crew in crews {
                // Dropping a crew stops it, also if there is no thread to do it in.
                let _ = thread::Builder::new().spawn_scoped(scope, move || drop(crew));
            }
        });
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop_beside();
    }
}
