//! The line to a server: a connection to addresses that were looked at, which waits as long as it may.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use perch_system::{Cause, Until};
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};

use crate::Trouble;
use crate::ports::dial;

/// How long the other end may be silent.
pub(crate) const SILENCE: Duration = Duration::from_secs(30);

/// What has gone wrong, on its way through the client.
#[derive(Debug)]
pub(crate) struct Over(pub(crate) Trouble);

impl std::fmt::Display for Over {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Over {}

fn over(trouble: Trouble) -> Error {
    Error::Io(io::Error::other(Over(trouble)))
}

/// Where to connect to, and how long it may take.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) until: Until,
    /// When there must be the whole answer.
    pub(crate) end: Option<Instant>,
}

impl Line {
    pub(crate) fn new(addresses: &[IpAddr], port: u16, until: Until, end: Option<Instant>) -> Self {
        let addresses = addresses.iter().map(|address| SocketAddr::new(*address, port)).collect();
        Self { addresses, until, end }
    }

    /// Whoever waits no longer is the run, or the request alone.
    fn limited(&self) -> Until {
        let silence = Instant::now() + SILENCE;
        self.until.deadline(self.end.map_or(silence, |end| end.min(silence)))
    }

    fn waited(&self, cause: Cause) -> Trouble {
        match cause {
            Cause::DeadlinePassed if self.until.check().is_ok() => Trouble::Slow,
            other => other.into(),
        }
    }

    fn dialled(&self) -> Result<OwnedFd, Trouble> {
        let mut last = Trouble::Unreachable("there is no address".to_owned());
        for address in &self.addresses {
            match dial(*address, self.limited()) {
                Ok(socket) => return Ok(socket),
                Err(Trouble::Cut(cause)) => return Err(self.waited(cause)),
                Err(Trouble::System(why)) => last = Trouble::Unreachable(why),
                Err(other) => last = other,
            }
        }
        Err(last)
    }
}

/// What is asked for is known already.
impl Resolver for Line {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut found = self.empty();
        self.addresses.iter().take(1).for_each(|address| found.push(*address));
        Ok(found)
    }
}

impl Connector for Line {
    type Out = Open;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Open>, Error> {
        let socket = self.dialled().map_err(over)?;
        let config = &details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Open { socket, buffers, line: self.clone() }))
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Open {
    socket: OwnedFd,
    buffers: LazyBuffers,
    line: Line,
}

impl Open {
    /// Waits until the socket is ready.
    fn ready(&self, to: PollFlags, until: Until) -> Result<(), Error> {
        let mut handles = vec![PollFd::new(&self.socket, to)];
        while handles.iter().all(|handle| handle.revents().is_empty()) {
            until.wait(&mut handles, None).map_err(|cause| over(self.line.waited(cause)))?;
        }
        Ok(())
    }
}

impl Transport for Open {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        let mut sent = 0;
        while sent < amount {
            self.ready(PollFlags::OUT, self.line.limited())?;
            match send(&self.socket, &self.buffers.output()[sent..amount], SendFlags::NOSIGNAL) {
                Ok(more) => sent += more,
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(errno) => return Err(Error::Io(errno.into())),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        loop {
            self.ready(PollFlags::IN, self.line.limited())?;
            match recv(&self.socket, self.buffers.input_append_buf(), RecvFlags::empty()) {
                Ok((amount, _)) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount > 0);
                }
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(errno) => return Err(Error::Io(errno.into())),
            }
        }
    }

    /// No connection is used twice.
    fn is_open(&mut self) -> bool {
        false
    }
}
