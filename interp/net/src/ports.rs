//! Ports, of this machine and of others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use perch_policy::{Effect, Permit};
use perch_system::{Cause, Until};
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, getsockname, socket_with, sockopt};

use crate::{Names, Trouble};

/// How long one attempt of a wait may take.
const ATTEMPT: Duration = Duration::from_millis(500);

/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(250);

impl Names {
    /// Whether the host and port that the permit is for accept a connection before so much time has passed. A name without an address has no
    /// ports.
    ///
    /// # Errors
    /// If the host is not to be reached, or the run is over.
    pub fn accepts(&self, permit: &Permit, at_most: Duration, until: Until) -> Result<bool, Trouble> {
        let port = port_of(permit)?;
        let limited = Instant::now().checked_add(at_most).map_or(until, |end| until.deadline(end));
        let tried = self.tried(permit, port, limited);
        match tried {
            Err(Trouble::Cut(Cause::DeadlinePassed)) => until.check().map(|()| false).map_err(Trouble::from),
            other => other,
        }
    }

    fn tried(&self, permit: &Permit, port: u16, until: Until) -> Result<bool, Trouble> {
        let addresses = match self.addresses(permit, until) {
            Err(Trouble::NoAddress(_)) => return Ok(false),
            found => found?,
        };
        for address in addresses {
            match dial(SocketAddr::new(address, port), until) {
                Ok(_) => return Ok(true),
                Err(Trouble::System(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(false)
    }

    /// Whether they accept one at last, tried again and again for so long.
    ///
    /// # Errors
    /// As [`Names::accepts`].
    pub fn awaited(&self, permit: &Permit, at_most: Duration, until: Until) -> Result<bool, Trouble> {
        // Longer than clocks go is for ever.
        let end = Instant::now().checked_add(at_most);
        loop {
            let left = end.map_or(ATTEMPT, |end| end.saturating_duration_since(Instant::now()));
            // The first attempt is made even if there is no time for it.
            if self.accepts(permit, ATTEMPT.min(left.max(PAUSE)), until)? {
                return Ok(true);
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
            until.pass(left.map_or(PAUSE, |left| left.min(PAUSE)))?;
        }
    }
}

/// The port that a permit is for.
fn port_of(permit: &Permit) -> Result<u16, Trouble> {
    let Effect::Connect { port, .. } = permit.effect() else { return Err(Trouble::Unpermitted) };
    port.text().and_then(|port| port.parse().ok()).ok_or(Trouble::Unpermitted)
}

/// A connection to an address.
pub(crate) fn dial(address: SocketAddr, until: Until) -> Result<OwnedFd, Trouble> {
    let socket = opened(address, SocketType::STREAM)?;
    match connect(&socket, &address) {
        Ok(()) => return Ok(socket),
        Err(Errno::INPROGRESS | Errno::INTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    let mut handles = vec![PollFd::new(&socket, PollFlags::OUT)];
    while handles.iter().all(|handle| handle.revents().is_empty()) {
        until.wait(&mut handles, None)?;
    }
    drop(handles);
    match sockopt::socket_error(&socket)? {
        Ok(()) => Ok(socket),
        Err(errno) => Err(errno.into()),
    }
}

/// A socket for that sort of address, which keeps nobody waiting and which no started program inherits.
pub(crate) fn opened(address: SocketAddr, of: SocketType) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    socket_with(family, of, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)
}

/// A socket that is bound, but where nobody can connect.
fn bound(address: IpAddr, port: u16) -> Result<OwnedFd, Errno> {
    let address = SocketAddr::new(address, port);
    let socket = opened(address, SocketType::STREAM)?;
    // As servers do: what is left of connections that are over is in nobody's way.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    Ok(socket)
}

fn may_use_network(permit: &Permit) -> Result<(), Trouble> {
    if *permit.effect() == Effect::Network { Ok(()) } else { Err(Trouble::Unpermitted) }
}

/// Whether a server could have that port of this machine.
///
/// # Errors
/// If the permit is for something else.
pub fn port_free(permit: &Permit, port: u16) -> Result<bool, Trouble> {
    may_use_network(permit)?;
    let old = bound(Ipv4Addr::UNSPECIFIED.into(), port).is_ok();
    // There may be no such addresses here, which are in nobody's way then.
    let taken = matches!(bound(Ipv6Addr::UNSPECIFIED.into(), port), Err(Errno::ADDRINUSE));
    Ok(old && !taken)
}

/// A port of this machine that a server could have.
///
/// # Errors
/// If there is none left.
pub fn free_port(permit: &Permit) -> Result<u16, Trouble> {
    may_use_network(permit)?;
    let socket = bound(Ipv4Addr::UNSPECIFIED.into(), 0)?;
    let address = SocketAddr::try_from(getsockname(&socket)?).map_err(Trouble::from)?;
    Ok(address.port())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use perch_policy::{Bounds, Decision, Known, Policy};

    use super::*;

    fn permitted(effect: Effect) -> Permit {
        let policy = Policy { private_addresses: true, ..Policy::default() };
        match policy.decide(&Bounds::default(), effect) {
            Decision::Allowed(permit) => permit,
            other => panic!("{other:?}"),
        }
    }

    fn to(port: u16) -> Permit {
        let known = |text: &str| Known::Text(text.to_owned());
        permitted(Effect::Connect { host: known("127.0.0.1"), port: known(&port.to_string()), web: false })
    }

    #[test]
    fn a_port_is_free_until_somebody_listens_there() {
        let network = permitted(Effect::Network);
        let port = free_port(&network).unwrap();
        assert_eq!(port_free(&network, port), Ok(true));
        assert_eq!(Names::default().accepts(&to(port), Duration::from_secs(2), Until::default()), Ok(false));
        let _listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        assert_eq!(port_free(&network, port), Ok(false));
        assert_eq!(Names::default().accepts(&to(port), Duration::from_secs(2), Until::default()), Ok(true));
    }

    #[test]
    fn a_port_is_waited_for() {
        let port = free_port(&permitted(Effect::Network)).unwrap();
        let opens = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            TcpListener::bind(("127.0.0.1", port)).unwrap()
        });
        assert_eq!(Names::default().awaited(&to(port), Duration::from_secs(20), Until::default()), Ok(true));
        drop(opens.join().unwrap());
        assert_eq!(Names::default().awaited(&to(port), Duration::from_millis(300), Until::default()), Ok(false));
        let past = Until::default().deadline(Instant::now());
        assert_eq!(
            Names::default().awaited(&to(port), Duration::from_secs(9), past),
            Err(Trouble::Cut(Cause::DeadlinePassed))
        );
    }

    #[test]
    fn a_permit_is_for_what_it_says() {
        assert_eq!(port_free(&to(80), 80), Err(Trouble::Unpermitted));
        let network = permitted(Effect::Network);
        assert_eq!(Names::default().accepts(&network, ATTEMPT, Until::default()), Err(Trouble::Unpermitted));
    }
}
