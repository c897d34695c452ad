//! What takes long, told to whoever sits in front of it.
//!
//! An op that has run for a second is named on the last line of the terminal, with how long it has taken so far; when it is over, the
//! line is gone. Only ops that leave the terminal alone: a program has it for itself while it runs. Nothing is told while branches
//! run at the same time, since one of them may print.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use perch_concrete::{Given, Observer, Seen};
use perch_engine::{Context, Node};
use perch_ops::{Entry, Touch};

use crate::trace::printable;

/// What takes less is not told.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often to look.
const TICK: Duration = Duration::from_millis(200);

/// Where a line begins anew, and what takes away the rest of it.
const ANEW: &str = "\r\u{1b}[K";

/// How wide a terminal is that does not say so.
const WIDTH: usize = 80;

/// What is being done.
#[derive(Default)]
struct Now {
    op: Option<(String, Instant)>,
    is_shown: bool,
    is_over: bool,
}

/// Tells what takes long.
pub(crate) struct Progress {
    now: Arc<Mutex<Now>>,
    /// The statement that was entered last.
    source: Arc<str>,
    /// How deep that is, in calls and in blocks.
    depth: (usize, usize),
    /// How deep the statement is whose branches run.
    branches: Option<(usize, usize)>,
}

impl Progress {
    /// `None` if nobody would see it.
    pub(crate) fn start() -> Option<Self> {
        let is_plain = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if is_plain || !stderr().is_terminal() {
            return None;
        }
        let now = Arc::<Mutex<Now>>::default();
        let told = Arc::clone(&now);
        let tell = move || {
            while !lock(&told).tell() {
                thread::sleep(TICK);
            }
        };
        thread::Builder::new().name("progress".to_owned()).spawn(tell).ok()?;
        Some(Self { now, source: "".into(), depth: (0, 0), branches: None })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let mut now = lock(&self.now);
        now.end();
        now.is_over = true;
    }
}

fn lock(now: &Mutex<Now>) -> MutexGuard<'_, Now> {
    now.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Now {
    /// Shows what takes long, if something does. True: there will be nothing more.
    fn tell(&mut self) -> bool {
        let long = self.op.as_ref().map(|(text, since)| (text, since.elapsed())).filter(|(_, took)| *took >= PATIENCE);
        if let Some((text, took)) = long.filter(|_| is_in_front()) {
            let width = rustix::termios::tcgetwinsize(stderr()).map_or(0, |size| usize::from(size.ws_col));
            let _ = write!(stderr(), "{ANEW}{}", line(text, took, if width == 0 { WIDTH } else { width }));
            self.is_shown = true;
        }
        self.is_over
    }

    /// It is over.
    fn end(&mut self) {
        self.op = None;
        if std::mem::take(&mut self.is_shown) {
            let _ = write!(stderr(), "{ANEW}");
        }
    }
}

/// Whether the terminal is ours at the moment, and not somebody's who has sent us into the background.
fn is_in_front() -> bool {
    rustix::termios::tcgetpgrp(stderr()).is_ok_and(|front| front == rustix::process::getpgrp())
}

/// `… copy_dir a b (12s)`, on one line.
fn line(text: &str, took: Duration, width: usize) -> String {
    let seconds = took.as_secs();
    let took = if seconds < 60 { format!("{seconds}s") } else { format!("{}m{:02}s", seconds / 60, seconds % 60) };
    let room = width.saturating_sub(took.len() + 6);
    let text = printable(text);
    let shown: String = text.chars().take(room).collect();
    format!("… {} ({took})", shown.trim_end())
}

/// Whether it leaves the terminal alone.
fn is_silent(entry: &Entry) -> bool {
    let speaks = |touch: &Touch| {
        matches!(touch, Touch::Start(_) | Touch::Shell(_) | Touch::Stdout | Touch::Stderr | Touch::Flow)
    };
    !entry.touches.iter().any(speaks)
}

impl Observer for Progress {
    fn enter(&mut self, cx: &Context, node: &Node) {
        let depth = (cx.depth, node.depth);
        if self.branches.is_some_and(|outer| depth > outer) {
            return;
        }
        self.branches = None;
        (self.depth, self.source) = (depth, Arc::clone(&node.source));
    }

    fn given(&mut self, what: Given<'_>) {
        let Given::Op(entry, ..) = what else { return };
        if self.branches.is_none() && is_silent(entry) {
            lock(&self.now).op = Some((self.source.to_string(), Instant::now()));
        }
    }

    fn visit(&mut self, _: &Context, _: &Node, _: Seen<'_>) {
        lock(&self.now).end();
    }

    fn branches(&mut self) -> usize {
        self.branches.get_or_insert(self.depth);
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_wide_as_the_terminal() {
        let shown = |text, seconds, width| line(text, Duration::from_secs(seconds), width);
        assert_eq!(shown("sleep 5s", 2, 80), "… sleep 5s (2s)");
        assert_eq!(shown("copy_dir one/very/long/path", 62, 20), "… copy_dir (1m02s)");
        assert!(shown("copy_dir one/very/long/path", 62, 20).chars().count() < 20);
        assert_eq!(shown("write_file a \"\u{1b}[0m\"", 1, 80), "… write_file a \"\\u{1b}[0m\" (1s)");
    }

    #[test]
    fn programs_and_prints_have_the_terminal_for_themselves() {
        let silent = |name: &str| is_silent(perch_ops::find(name).unwrap());
        assert!(["sleep", "copy_dir", "sha256_file", "read_file"].iter().all(|name| silent(name)));
        assert!(["exec", "shell", "shell_output", "print"].iter().all(|name| !silent(name)));
    }
}
