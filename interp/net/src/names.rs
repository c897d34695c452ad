//! From a host to the addresses at which it may be talked to.

use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use perch_policy::net::Host;
use perch_policy::{Effect, Permit};
use perch_system::Until;
use rustix::event::{PollFd, PollFlags};
use ureq::tls::{Certificate, RootCerts};

use crate::Trouble;

/// What looks a name up.
type LookUp = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// Whoever knows the addresses of names, and who vouches for those who have them.
#[derive(Clone)]
pub struct Names {
    look_up: Arc<LookUp>,
    pub(crate) authorities: RootCerts,
}

/// The resolver of the system.
impl Default for Names {
    fn default() -> Self {
        Self::by(|name| Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }
}

impl Names {
    /// Looks names up in this way.
    pub fn by(look_up: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self { look_up: Arc::new(look_up), authorities: RootCerts::WebPki }
    }

    /// Believes whom this authority vouches for, of which that is the certificate, and nobody else.
    #[must_use]
    pub fn trusting(self, authority: &[u8]) -> Self {
        Self { authorities: RootCerts::new_with_certs(&[Certificate::from_der(authority).to_owned()]), ..self }
    }

    /// The addresses of the host that the permit is for, at which it reaches that, in the order in which they are to be tried. Nobody is asked
    /// for a host that is known to be nearby.
    ///
    /// # Errors
    /// If there is none, or the time is up.
    pub fn addresses(&self, permit: &Permit, until: Until) -> Result<Vec<IpAddr>, Trouble> {
        until.check()?;
        let Effect::Connect { host, .. } = permit.effect() else { return Err(Trouble::Unpermitted) };
        let host = host.text().and_then(Host::parse).ok_or(Trouble::Unpermitted)?;
        let all = match &host {
            Host::Address(address) => vec![*address],
            Host::Name(_) if host.is_nowhere() => return Err(Trouble::NoAddress("there are no such names".to_owned())),
            Host::Name(name) => self.asked(name, until)?,
        };
        let Some(first) = all.first().copied() else { return Err(Trouble::NoAddress("none is known".to_owned())) };
        let mut reached: Vec<IpAddr> = Vec::new();
        for address in all {
            if permit.reaches(address) && !reached.contains(&address) {
                reached.push(address);
            }
        }
        if reached.is_empty() { Err(Trouble::Private(first)) } else { Ok(reached) }
    }

    /// Asks, for as long as there is time. The system's resolver cannot be stopped, so that it is left alone when nobody waits any more.
    fn asked(&self, name: &str, until: Until) -> Result<Vec<IpAddr>, Trouble> {
        let (waiting, done) = UnixStream::pair()?;
        let (send, receive) = sync_channel(1);
        let (look_up, name) = (Arc::clone(&self.look_up), name.to_owned());
        let asks = thread::Builder::new().name("look up".to_owned());
        asks.spawn(move || {
            let _ = send.send(look_up(&name));
            // Who waits is woken by this end being gone.
            drop(done);
        })?;
        let mut handles = vec![PollFd::new(&waiting, PollFlags::IN)];
        while handles.iter().all(|handle| handle.revents().is_empty()) {
            until.wait(&mut handles, None)?;
        }
        match receive.recv() {
            Ok(found) => found.map_err(|error| Trouble::NoAddress(error.to_string())),
            Err(_) => Err(Trouble::NoAddress("nobody answers".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use perch_policy::{Bounds, Decision, Known, Policy};

    use super::*;

    fn permit(policy: &Policy, host: &str) -> Permit {
        let known = |text: &str| Known::Text(text.to_owned());
        let effect = Effect::Connect { host: known(host), port: known("80"), web: false };
        match policy.decide(&Bounds::default(), effect) {
            Decision::Allowed(permit) => permit,
            other => panic!("{other:?}"),
        }
    }

    fn answering(texts: &'static [&'static str]) -> Names {
        Names::by(|_| Ok(texts.iter().filter_map(|text| text.parse().ok()).collect()))
    }

    #[test]
    fn n05_n07_of_the_addresses_of_a_name_only_those_in_the_open_are_left() {
        let open = Policy::default();
        let found = |texts| answering(texts).addresses(&permit(&open, "x.example"), Until::default());
        let one: IpAddr = "93.184.215.14".parse().unwrap();
        assert_eq!(found(&["10.0.0.1", "93.184.215.14", "::ffff:127.0.0.1", "93.184.215.14"]), Ok(vec![one]));
        let private = "10.0.0.1".parse().unwrap();
        assert_eq!(found(&["10.0.0.1", "fd00:ec2::254"]), Err(Trouble::Private(private)));
        let trusting = Policy { private_addresses: true, ..Policy::default() };
        let all = answering(&["10.0.0.1"]).addresses(&permit(&trusting, "x.example"), Until::default());
        assert_eq!(all, Ok(vec![private]));
    }

    #[test]
    fn a_name_is_asked_about_once_and_not_at_all_if_it_is_nowhere() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let names = Names::by(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(vec!["1.1.1.1".parse().unwrap()])
        });
        let open = Policy::default();
        assert!(names.addresses(&permit(&open, "x.example"), Until::default()).is_ok());
        assert!(names.addresses(&permit(&open, "8.8.8.8"), Until::default()).is_ok());
        assert!(matches!(names.addresses(&permit(&open, "x.invalid"), Until::default()), Err(Trouble::NoAddress(_))));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_deadline_holds_though_nobody_answers() {
        let names = Names::by(|_| {
            thread::sleep(Duration::from_secs(20));
            Ok(Vec::new())
        });
        let start = Instant::now();
        let until = Until::default().deadline(start + Duration::from_millis(50));
        let found = names.addresses(&permit(&Policy::default(), "x.example"), until);
        assert_eq!(found, Err(Trouble::Cut(perch_system::Cause::DeadlinePassed)));
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
