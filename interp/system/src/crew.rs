//! Programs that run at the same time, for one statement: one process group.
//!
//! A crew is over when all its members have ended, or is *stopped*: everybody who stems from it is asked to end and, a
//! moment later, ended. Dropping a crew stops it, so whatever goes wrong, nobody is left.
//!
//! A member that has ended stays a zombie until its crew is over. So the number of the group, which is that of its
//! first member, cannot come to mean somebody else.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_current_process_group, kill_process_group};
use signal_hook::consts::SIGCONT;
use signal_hook::flag;
use signal_hook::low_level::unregister;

use crate::child::{ended, stopped_by};
use crate::events::Events;
use crate::kin::Process;
use crate::terminal::{Foreground, NotGiven};
use crate::{Cause, End, raw, roster, signals};

/// How long programs that are asked to end have for it. Less than the 100 ms in which all must be over.
const GRACE: Duration = Duration::from_millis(40);

/// How often to look whether they have.
const STEP: Duration = Duration::from_millis(4);

/// How long to wait for what cannot but end, unless the system is in the way.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often to ask for the terminal while another crew has it.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// How long being stopped may take to begin.
const NOBODY: Duration = Duration::from_millis(50);

/// How often to try again to start a file that somebody is just writing.
const BUSY_TRIES: u32 = 6;

/// What a crew has to do with the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    /// It gets it at the start.
    Front,
    /// It gets it when it asks, which it does by being stopped.
    Back,
    /// It never gets it.
    None,
    /// It is in a session of its own, away from it.
    Away,
}

struct Member {
    id: Pid,
    end: Option<End>,
}

pub(crate) struct Crew {
    pub(crate) events: Events,
    members: Vec<Member>,
    seat: Seat,
    foreground: Option<Foreground>,
    /// It was stopped for want of the terminal, by this signal.
    asks: Option<Signal>,
}

impl Crew {
    pub(crate) fn new(seat: Seat) -> std::io::Result<Self> {
        Ok(Self { events: Events::new()?, members: Vec::new(), seat, foreground: None, asks: None })
    }

    fn group(&self) -> Option<Pid> {
        self.members.first().map(|first| first.id)
    }

    /// Starts a member. A file that somebody has just written may be busy until a program that was started elsewhere
    /// meanwhile has closed what it inherited; that passes.
    pub(crate) fn start(&mut self, command: &mut Command) -> std::io::Result<()> {
        match (self.seat, self.group()) {
            (Seat::Away, None) => raw::in_own_session(command),
            (_, group) => {
                command.process_group(group.map_or(0, Pid::as_raw_pid));
            }
        }
        if self.group().is_none() && self.seat == Seat::Front {
            self.foreground = Foreground::ahead();
            if self.foreground.is_some() {
                raw::in_foreground(command);
            }
        }
        let mut tries = 0;
        let id = loop {
            match roster::start(command, self.group()) {
                Err(error) if tries < BUSY_TRIES && Errno::from_io_error(&error) == Some(Errno::TXTBSY) => {
                    std::thread::sleep(Duration::from_millis(1 << tries));
                    tries += 1;
                }
                started => break started?,
            }
        };
        self.members.push(Member { id, end: None });
        Ok(())
    }

    /// Sees to what has happened to the members. True: all have ended.
    pub(crate) fn attend(&mut self) -> Result<bool, Cause> {
        self.events.clear();
        let over = self.note_ends()?;
        let stopped = self.members.iter().filter(|member| member.end.is_none()).map(|member| stopped_by(member.id));
        for signal in stopped.collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            self.stopped(signal);
        }
        self.answer();
        Ok(over)
    }

    /// When to attend again though nothing has happened.
    pub(crate) fn again(&self) -> Option<Duration> {
        self.asks.map(|_| ASK_AGAIN)
    }

    fn note_ends(&mut self) -> Result<bool, Cause> {
        for member in &mut self.members {
            if member.end.is_none() {
                member.end = ended(member.id)?;
            }
        }
        Ok(self.members.iter().all(|member| member.end.is_some()))
    }

    /// A member was stopped: because it wants the terminal, or by somebody at the terminal, who then means the run.
    fn stopped(&mut self, signal: Signal) {
        match signal {
            Signal::TTIN | Signal::TTOU if matches!(self.seat, Seat::Front | Seat::Back) => self.asks = Some(signal),
            _ if self.foreground.is_some() => self.pause(Signal::TSTP),
            _ => {}
        }
    }

    /// Gives the crew the terminal if it has asked for it.
    fn answer(&mut self) {
        let (Some(signal), Some(group)) = (self.asks, self.group()) else { return };
        if self.foreground.is_none() {
            match Foreground::give(group) {
                Ok(foreground) => self.foreground = Some(foreground),
                Err(NotGiven::Background) => return self.pause(signal),
                Err(NotGiven::Taken) => return,
                // Whatever it was stopped for, it is not ours to give.
                Err(NotGiven::None) => return self.asks = None,
            }
        }
        self.asks = None;
        let _ = kill_process_group(group, Signal::CONT);
    }

    /// Is stopped as a whole, with us: whoever has started us then has the terminal. Goes on when we do.
    fn pause(&mut self, signal: Signal) {
        let had = self.foreground.take().is_some();
        let _ = stop_ourselves(signal);
        let Some(group) = self.group() else { return };
        if had {
            self.foreground = Foreground::give(group).ok();
        }
        let _ = kill_process_group(group, Signal::CONT);
    }

    /// How the members have ended, which all have. One that died of Ctrl-C takes the run with it.
    pub(crate) fn ends(mut self) -> Result<Vec<End>, Cause> {
        let ends: Vec<End> = self.members.iter().filter_map(|member| member.end).collect();
        let interrupt = End::Signal(Signal::INT.as_raw());
        if self.foreground.is_some() && ends.contains(&interrupt) {
            signals::interrupt(Signal::INT.as_raw());
            return Err(Cause::Interrupted(Signal::INT.as_raw()));
        }
        self.dismiss();
        Ok(ends)
    }

    /// The crew is over.
    fn dismiss(&mut self) {
        let killed = self.members.iter().any(|member| matches!(member.end, Some(End::Signal(_)) | None));
        if let Some(foreground) = self.foreground.take().filter(|_| killed) {
            foreground.tidy();
        }
        if let Some(group) = self.group() {
            roster::remove(group);
        }
        self.members.clear();
    }

    /// Lets it live on, whatever becomes of us.
    pub(crate) fn let_go(mut self) {
        if let Some(group) = self.group() {
            roster::let_go(group);
        }
        self.members.clear();
    }

    /// Ends everybody who stems from it.
    pub(crate) fn stop(&mut self) {
        let Some(group) = self.group() else { return };
        roster::stopping(group);
        let mut kin = Kin { group, known: Vec::new() };
        kin.look();
        kin.send(Signal::TERM);
        kin.send(Signal::CONT);
        let end = Instant::now() + GRACE;
        while !self.is_gone(&mut kin) && Instant::now() < end {
            std::thread::sleep(STEP);
        }
        let end = Instant::now() + PATIENCE;
        kin.send(Signal::KILL);
        while !self.is_gone(&mut kin) && Instant::now() < end {
            kin.send(Signal::KILL);
            std::thread::sleep(STEP);
        }
        self.dismiss();
    }

    /// Whether nobody is left.
    fn is_gone(&mut self, kin: &mut Kin) -> bool {
        self.note_ends().unwrap_or(true) && kin.look().is_empty()
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Stops our own group, as the terminal would, and returns when we have been continued; or a moment later if nobody is
/// there to do that, for then we are not stopped.
fn stop_ourselves(signal: Signal) -> std::io::Result<()> {
    let continued = Arc::new(AtomicBool::new(false));
    let id = flag::register(SIGCONT, Arc::clone(&continued))?;
    kill_current_process_group(signal)?;
    let end = Instant::now() + NOBODY;
    while !continued.load(Ordering::SeqCst) && Instant::now() < end {
        std::thread::sleep(STEP);
    }
    unregister(id);
    Ok(())
}

/// Those who stem from a crew, as far as they are known.
struct Kin {
    group: Pid,
    known: Vec<Process>,
}

impl Kin {
    /// Whoever of them lives and is no member.
    fn look(&mut self) -> &[Process] {
        self.known = roster::stemming(self.group, &self.known);
        &self.known
    }

    /// Sends a signal to all, the members included.
    fn send(&self, signal: Signal) {
        let _ = kill_process_group(self.group, signal);
        self.known.iter().for_each(|process| roster::send(process, signal));
    }
}
