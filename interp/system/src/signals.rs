//! Signals to the process itself.
//!
//! The first one *interrupts* the run: whatever waits stops waiting and fails, unless it is told that the run is
//! already on its way out ([`Until::unwinding`](crate::Until::unwinding)). A second one ends the process at once.
//! SIGQUIT is left alone, and so is what whoever started us wants us to ignore.
//!
//! The state is one for the whole process, because signals are.

use std::fs::File;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FileType, fstat};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stdin, stdin};
use signal_hook::consts::{SIGALRM, SIGHUP, SIGINT, SIGTERM, SIGVTALRM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;

use crate::{kin, raw, roster, terminal};

/// The signals that interrupt a run.
const INTERRUPTING: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// What interrupts a run whose time is up. Nobody can send it: it would end the process.
pub const TIME_UP: i32 = SIGALRM;

/// How long a run whose time is up may take for what it does on its way out.
pub const ON_THE_WAY_OUT: Duration = Duration::from_secs(10);

/// What interrupts a run when whoever sits at the terminal wants no more of it. Nobody can send it either.
pub const STOPPED: i32 = SIGVTALRM;

/// The signal that has interrupted the run; 0: none.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// The time of the run is up.
static TIME_IS_UP: AtomicBool = AtomicBool::new(false);

/// Who is told that the run is interrupted, and who tells. Only if we are in charge of the process.
static ALARM: OnceLock<(UnixStream, UnixStream)> = OnceLock::new();

/// The signal that has interrupted the run.
#[must_use]
pub fn received() -> Option<i32> {
    Some(RECEIVED.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
}

/// The signal that ends the run before its next statement.
#[must_use]
pub fn ending() -> Option<i32> {
    received().or_else(|| TIME_IS_UP.load(Ordering::SeqCst).then_some(TIME_UP))
}

/// At that moment the time of the run is up: what it does is stopped, or if that is not wanted, it goes on with nothing more. What a run that
/// is stopped does on its way out has [`ON_THE_WAY_OUT`], then that is said and the process ends at once: what has a limit must not outlast it because
/// of what it wants to do last.
pub fn limit(moment: Instant, stop: bool, say: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let wait = move || {
        sleep_until(moment);
        TIME_IS_UP.store(true, Ordering::SeqCst);
        if !stop {
            return;
        }
        if RECEIVED.compare_exchange(0, TIME_UP, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            tell();
        }
        thread::sleep(ON_THE_WAY_OUT);
        say();
        end_at_once(1);
    };
    thread::Builder::new().name("limit".to_owned()).spawn(wait).map(drop)
}

fn sleep_until(moment: Instant) {
    while let Some(left) = moment.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        thread::sleep(left);
    }
}

/// Interrupts the run because somebody says so. False if it is already on its way out.
pub fn stop() -> bool {
    let is_first = RECEIVED.compare_exchange(0, STOPPED, Ordering::SeqCst, Ordering::SeqCst).is_ok();
    if is_first {
        tell();
    }
    is_first
}

/// What people call a signal.
#[must_use]
pub fn name(signal: i32) -> String {
    signal_name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned)
}

/// A handle that can be read from, for ever, once the run is interrupted.
pub(crate) fn alarm() -> Option<&'static UnixStream> {
    ALARM.get().map(|(heard, _)| heard)
}

/// Makes this process the run's own: signals interrupt it, what its programs leave behind becomes its child, and no
/// handle that it was given goes on to programs. For the command line alone, once, before it opens anything.
pub fn take_charge() -> std::io::Result<()> {
    close_inherited();
    kin::adopt();
    let pair = UnixStream::pair()?;
    if ALARM.set(pair).is_err() {
        return Ok(());
    }
    let mut signals = Signals::new(INTERRUPTING.into_iter().filter(|signal| !raw::is_ignored(*signal)))?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || signals.forever().for_each(interrupt))?;
    Ok(())
}

/// Interrupts the run when whoever has started it is gone or has let go of the other end of standard input, if that is a pipe; nothing else
/// is ever read from there. The programs of the run read nothing either.
pub fn end_with_our_starter() -> std::io::Result<()> {
    let tie = fcntl_dupfd_cloexec(stdin(), 3)?;
    if FileType::from_raw_mode(fstat(&tie)?.st_mode) != FileType::Fifo {
        return Ok(());
    }
    dup2_stdin(&File::open("/dev/null")?)?;
    let wait = move || {
        let _ = std::io::copy(&mut File::from(tie), &mut std::io::sink());
        if RECEIVED.compare_exchange(0, SIGTERM, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            tell();
        }
    };
    thread::Builder::new().name("tie".to_owned()).spawn(wait).map(drop)
}

/// Interrupts the run, or ends the process if it already is.
pub(crate) fn interrupt(signal: i32) {
    if RECEIVED.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst).is_err() {
        return end_at_once(128 + signal);
    }
    tell();
}

/// Wakes whoever waits.
fn tell() {
    if let Some((_, tell)) = ALARM.get() {
        let _ = std::io::Write::write(&mut &*tell, &[0]);
    }
}

/// Ends the process and all programs that it runs, if it is ours to end.
fn end_at_once(status: i32) {
    if ALARM.get().is_some() {
        roster::kill_all();
        terminal::give_back();
        std::process::exit(status);
    }
}

/// Keeps to this process what it was given besides standard input, output and error.
fn close_inherited() {
    let Ok(handles) = std::fs::read_dir("/dev/fd") else { return };
    let numbers = handles.flatten().filter_map(|handle| handle.file_name().to_str()?.parse().ok());
    numbers.filter(|number| *number > 2).for_each(raw::close_on_exec);
}
