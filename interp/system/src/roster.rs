//! All crews that run in this process, for what one must know of the others.
//!
//! Programs are started under the lock of the list, so that whoever looks through our children knows which of them
//! are members of a crew. The others are orphans that we have adopted.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process, kill_process_group};

use crate::child::{self, reap};
use crate::kin::{self, Process};

/// How often to kill everybody who is left, and how long to wait in between.
const ROUNDS: u32 = 20;
const STEP: Duration = Duration::from_millis(2);

struct Listed {
    group: Pid,
    members: Vec<Pid>,
    /// Orphans that were there when it was started, and so do not stem from it.
    before: Vec<Process>,
    stopping: bool,
    /// It is to live on when we have ended.
    let_go: bool,
}

static CREWS: Mutex<Vec<Listed>> = Mutex::new(Vec::new());

fn crews() -> MutexGuard<'static, Vec<Listed>> {
    CREWS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a member of that group; the first one of a crew makes it.
pub(crate) fn start(command: &mut Command, group: Option<Pid>) -> std::io::Result<Pid> {
    let mut crews = crews();
    let before = if group.is_none() { orphans(&crews) } else { Vec::new() };
    let child = command.spawn()?;
    let id = Pid::from_child(&child);
    let group = group.unwrap_or(id);
    match crews.iter_mut().find(|crew| crew.group == group) {
        Some(crew) => crew.members.push(id),
        None => crews.push(Listed { group, members: vec![id], before, stopping: false, let_go: false }),
    }
    Ok(id)
}

/// The crew is to be stopped.
pub(crate) fn stopping(group: Pid) {
    if let Some(crew) = crews().iter_mut().find(|crew| crew.group == group) {
        crew.stopping = true;
    }
}

/// The crew is not to be stopped any more.
pub(crate) fn let_go(group: Pid) {
    if let Some(crew) = crews().iter_mut().find(|crew| crew.group == group) {
        crew.let_go = true;
    }
}

/// Takes note of the ends of the members, which are over, and takes the crew off the list.
pub(crate) fn remove(group: Pid) {
    let mut crews = crews();
    let Some(at) = crews.iter().position(|crew| crew.group == group) else { return };
    crews.swap_remove(at).members.into_iter().for_each(reap);
}

/// Who stems from the crew and has not ended, besides its members: in its group or not. `known` did so earlier.
pub(crate) fn stemming(group: Pid, known: &[Process]) -> Vec<Process> {
    living(&crews(), group, known)
}

fn living(crews: &[Listed], group: Pid, known: &[Process]) -> Vec<Process> {
    let Some(crew) = crews.iter().find(|crew| crew.group == group) else { return Vec::new() };
    // Whose an orphan is cannot be told while others run. It is left to the last one.
    let adopts = kin::adopts() && crews.iter().all(|other| other.stopping || other.let_go || other.group == group);
    let is = |process: &Process, one: &Process| (process.id, process.start) == (one.id, one.start);
    let root = |process: &Process| {
        let orphan = adopts && is_orphan(crews, process) && !crew.before.iter().any(|one| is(process, one));
        orphan || known.iter().any(|one| is(process, one))
    };
    let found = kin::stemming(&kin::processes(), group, &crew.members, root);
    let ended = found.iter().filter(|process| process.ended && is_orphan(crews, process));
    ended.for_each(|process| reap(process.id));
    found.into_iter().filter(|process| !process.ended && !crew.members.contains(&process.id)).collect()
}

/// A child of ours that is a member of no crew.
fn is_orphan(crews: &[Listed], process: &Process) -> bool {
    kin::adopts() && process.parent == Some(getpid()) && !crews.iter().any(|crew| crew.members.contains(&process.id))
}

/// The orphans that live. Of the others note is taken.
fn orphans(crews: &[Listed]) -> Vec<Process> {
    if !kin::adopts() || !child::any() {
        return Vec::new();
    }
    let (ended, living): (Vec<Process>, Vec<Process>) =
        kin::processes().into_iter().filter(|process| is_orphan(crews, process)).partition(|process| process.ended);
    ended.iter().for_each(|process| reap(process.id));
    living
}

/// Kills everybody, for a process that is about to end. From then on nobody gets past the list: who waits for a
/// program that was killed here must not go on and end the process as if nothing had happened.
pub(crate) fn kill_all() {
    // Not for long: whoever is at the list may be starting a program from a disk that does not answer.
    let crews = (0..ROUNDS).find_map(|_| match CREWS.try_lock() {
        Ok(crews) => Some(crews),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => {
            std::thread::sleep(STEP);
            None
        }
    });
    let Some(mut crews) = crews else { return };
    crews.iter_mut().for_each(|crew| crew.stopping = true);
    for _ in 0..ROUNDS {
        if crews.iter().filter(|crew| !crew.let_go).all(|crew| kill(&crews, crew)) {
            break;
        }
        std::thread::sleep(STEP);
    }
    std::mem::forget(crews);
}

/// Kills whoever lives of a crew. True: nobody did.
fn kill(crews: &[Listed], crew: &Listed) -> bool {
    let kin = living(crews, crew.group, &[]);
    let _ = kill_process_group(crew.group, Signal::KILL);
    kin.iter().for_each(|process| send(process, Signal::KILL));
    kin.is_empty() && crew.members.iter().all(|member| !matches!(child::ended(*member), Ok(None)))
}

/// Sends a signal. Who has ended meanwhile does not mind.
pub(crate) fn send(process: &Process, signal: Signal) {
    let _ = kill_process(process.id, signal);
}
