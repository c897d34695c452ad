//! What programs print, when it does not go straight to where ours goes.
//!
//! It is handed on as it comes, without being collected: a program that prints faster than others read waits. Only
//! what is captured is kept, up to a limit.

use std::io::{PipeReader, PipeWriter, Read};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use crate::events::Events;
use crate::print::Channel;
use crate::{Cause, Host, Until};

/// A program that prints more than this into memory is stopped, and fails.
pub const MAX_CAPTURED: u64 = 256 << 20;

/// A line of more bytes is handed on in pieces of that many, each with a newline.
const MAX_LINE: usize = 1 << 20;

/// How long what programs have printed when they were stopped may hold us up.
const LAST_WORDS: Duration = Duration::from_millis(20);

const BUFFER: usize = 1 << 16;

/// Where what comes out of a pipe goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    Memory,
    Through(Channel),
    Lines(Channel),
}

struct Feed {
    /// Nothing, once it was closed at the other end.
    pipe: Option<PipeReader>,
    to: To,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
}

pub(crate) struct Feeds<'h> {
    host: &'h Host,
    feeds: Vec<Feed>,
    captured: Vec<u8>,
    buffer: Vec<u8>,
}

impl<'h> Feeds<'h> {
    pub(crate) fn new(host: &'h Host) -> Self {
        Self { host, feeds: Vec::new(), captured: Vec::new(), buffer: vec![0; BUFFER] }
    }

    /// A pipe for a program to print into.
    pub(crate) fn open(&mut self, to: To) -> std::io::Result<PipeWriter> {
        let (pipe, writer) = std::io::pipe()?;
        self.feeds.push(Feed { pipe: Some(pipe), to, line: Vec::new() });
        Ok(writer)
    }

    /// Waits for something to be printed or to happen, and hands on what was printed.
    pub(crate) fn wait(&mut self, events: &Events, at_most: Option<Duration>, until: Until) -> Result<(), Cause> {
        let pipes = self.feeds.iter().filter_map(|feed| feed.pipe.as_ref());
        let mut handles: Vec<PollFd<'_>> = pipes.map(|pipe| PollFd::new(pipe, PollFlags::IN)).collect();
        handles.push(PollFd::new(events, PollFlags::IN));
        until.wait(&mut handles, at_most)?;
        let ready: Vec<bool> = handles.iter().map(|handle| !handle.revents().is_empty()).collect();
        let open = self.feeds.iter_mut().filter(|feed| feed.pipe.is_some());
        for (feed, _) in open.zip(ready).filter(|(_, ready)| *ready) {
            let length = feed.read(&mut self.buffer)?;
            feed.hand_on(self.host, &mut self.captured, &self.buffer[..length], until)?;
        }
        Ok(())
    }

    /// Hands on what was printed before all programs ended. Somebody whom they have left behind may have their output
    /// still open, and is not waited for.
    pub(crate) fn rest(&mut self, until: Until) -> Result<(), Cause> {
        for feed in &mut self.feeds {
            let mut left = feed.waiting();
            while left > 0 {
                let part = left.min(self.buffer.len());
                let length = feed.read(&mut self.buffer[..part])?;
                feed.hand_on(self.host, &mut self.captured, &self.buffer[..length], until)?;
                left = if length == 0 { 0 } else { left - length };
            }
            feed.end(self.host, until)?;
        }
        Ok(())
    }

    /// Hands on what was printed before all programs were stopped, as far as that takes no time.
    pub(crate) fn last_words(&mut self) {
        self.feeds.retain(|feed| !matches!(feed.to, To::Memory));
        let _ = self.rest(Until::default().unwinding().deadline(Instant::now() + LAST_WORDS));
    }

    pub(crate) fn captured(self) -> Vec<u8> {
        self.captured
    }
}

impl Feed {
    /// Reads once, from a pipe that is ready.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Cause> {
        let Some(pipe) = &mut self.pipe else { return Ok(0) };
        let length = loop {
            match pipe.read(buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if length == 0 {
            self.pipe = None;
        }
        Ok(length)
    }

    /// How many bytes wait in the pipe.
    fn waiting(&self) -> usize {
        let waiting = self.pipe.as_ref().and_then(|pipe| rustix::io::ioctl_fionread(pipe).ok());
        waiting.and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
    }

    fn hand_on(&mut self, host: &Host, captured: &mut Vec<u8>, bytes: &[u8], until: Until) -> Result<(), Cause> {
        match self.to {
            To::Memory => keep(captured, bytes),
            To::Through(channel) => emit(host, channel, bytes, until),
            To::Lines(channel) => {
                self.line.extend_from_slice(bytes);
                let whole = self.line.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
                if whole > 0 {
                    emit(host, channel, &self.line[..whole], until)?;
                    self.line.drain(..whole);
                }
                if self.line.len() < MAX_LINE { Ok(()) } else { self.end(host, until) }
            }
        }
    }

    /// Hands on what has come of a line, as a line.
    fn end(&mut self, host: &Host, until: Until) -> Result<(), Cause> {
        let To::Lines(channel) = self.to else { return Ok(()) };
        if self.line.is_empty() {
            return Ok(());
        }
        let mut line = std::mem::take(&mut self.line);
        line.push(b'\n');
        emit(host, channel, &line, until)
    }
}

fn emit(host: &Host, channel: Channel, bytes: &[u8], until: Until) -> Result<(), Cause> {
    host.emit(channel, bytes, until).map_err(|cause| match cause {
        Cause::Io(errno) => Cause::Unprinted(errno),
        other => other,
    })
}

fn keep(captured: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Cause> {
    if (captured.len() + bytes.len()) as u64 > MAX_CAPTURED {
        return Err(Cause::TooLarge(MAX_CAPTURED));
    }
    captured.extend_from_slice(bytes);
    Ok(())
}
