//! Other machines, of which no fixture tells: whether they are there, and what they answer, is chosen when somebody asks.

use perch_ops::ErrorKind;
use perch_policy::net::Host;
use perch_policy::{Effect, Known};

use super::{Done, Imagined, truth};

/// What is asked by an op that says how this machine is part of its network.
pub(super) const OWN: [Effect; 2] = [Effect::Network, Effect::HostFact];

/// What a name may stand for.
enum Found {
    Nothing,
    Private,
    Open,
}

impl Imagined<'_> {
    fn contact(&mut self, observed: bool, host: &str, port: &str) -> Done<(Host, Found)> {
        let host = Host::parse(host).ok_or(ErrorKind::InvalidArgument)?;
        let [name, port] = [host.to_string(), port.to_owned()].map(Known::Text);
        self.permit(Effect::Connect { host: name, port })?;
        if self.meets_deadline(observed, 0) {
            return Err(self.late());
        }
        let found = match &host {
            Host::Address(_) => Found::Open,
            Host::Name(_) if host.is_nowhere() => Found::Nothing,
            // No host can be made that has this answer.
            Host::Name(_) => {
                self.unreal = true;
                match self.tape.choose(3) {
                    0 => Found::Nothing,
                    1 if !self.policy.private_addresses => Found::Private,
                    _ => Found::Open,
                }
            }
        };
        Ok((host, found))
    }

    pub(super) fn look_up(&mut self, observed: bool, host: &str) -> Done {
        match self.contact(observed, host, "")? {
            (_, Found::Nothing) => Err(ErrorKind::HttpDnsFailed.into()),
            (_, Found::Private) => Err(ErrorKind::HttpSsrfBlocked.into()),
            (Host::Address(address), Found::Open) => Ok(address.to_string()),
            (Host::Name(_), Found::Open) => Ok("93.184.215.14".to_owned()),
        }
    }

    pub(super) fn port_open(&mut self, observed: bool, host: &str, port: &str) -> Done {
        match self.contact(observed, host, port)? {
            (_, Found::Nothing) => Ok(truth(false)),
            (_, Found::Private) => Err(ErrorKind::HttpSsrfBlocked.into()),
            (_, Found::Open) => {
                self.unreal = true;
                Ok(truth(self.tape.choose(2) == 0))
            }
        }
    }

    /// One of these, if all of that is permitted.
    pub(super) fn seen_of_network(&mut self, asked: &[Effect], answers: [&str; 2]) -> Done {
        asked.iter().try_for_each(|effect| self.permit(effect.clone()))?;
        self.unreal = true;
        Ok(answers[self.tape.choose(2)].to_owned())
    }
}
