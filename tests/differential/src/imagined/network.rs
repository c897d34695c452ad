//! Other machines, of which no fixture tells: whether they are there, and what they answer, is chosen when somebody asks.

use perch_ops::ErrorKind;
use perch_policy::net::{Host, Url};
use perch_policy::{Effect, Known};

use super::{Content, Done, Halt, Imagined, Job, Standing, Want, truth};

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
        self.permit(Effect::Connect { host: name, port, web: false })?;
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

    /// Whom a web address names, and what is found there.
    fn requested(&mut self, observed: bool, url: &str) -> Done<Found> {
        let url = Url::parse(url).ok_or(ErrorKind::InvalidArgument)?;
        let (_, found) = self.contact(observed, &url.host().to_string(), &url.port().to_string())?;
        if matches!(found, Found::Private) {
            return Err(ErrorKind::HttpSsrfBlocked.into());
        }
        if matches!(found, Found::Open) {
            // What a server answers no host can be made to.
            self.unreal = true;
            if self.tape.choose(4) == 0 {
                return Err(ErrorKind::HttpRedirectRefused.into());
            }
        }
        Ok(found)
    }

    pub(super) fn fetched(&mut self, observed: bool, url: &str) -> Done {
        match self.requested(observed, url)? {
            Found::Nothing => Err(ErrorKind::HttpDnsFailed.into()),
            _ => match self.tape.choose(3) {
                0 => Err(ErrorKind::HttpConnectFailed.into()),
                1 => Err(Halt { code: "404".to_owned(), ..ErrorKind::Http4xx.into() }),
                _ => Ok("sent".to_owned()),
            },
        }
    }

    pub(super) fn answered(&mut self, observed: bool, url: &str, answers: [&str; 2], otherwise: &str) -> Done {
        match self.requested(observed, url)? {
            Found::Nothing => Ok(otherwise.to_owned()),
            _ => Ok([answers[0], answers[1], otherwise][self.tape.choose(3)].to_owned()),
        }
    }

    pub(super) fn download(&mut self, job: &Job<'_>) -> Done {
        let path = job.path(1)?;
        let url = Url::parse(job.text(0)).ok_or(ErrorKind::InvalidArgument)?;
        let [host, port] = [url.host().to_string(), url.port().to_string()].map(Known::Text);
        self.permit(Effect::Connect { host, port, web: true })?;
        let place = self.go(&path, true, &[Want::Write])?;
        place.parent()?;
        place.not_directory()?;
        let sent = self.fetched(job.observed, job.text(0))?;
        self.put(&place.resolved, Standing::File(Content::Is(sent)));
        Ok(String::new())
    }

    /// One of these, if all of that is permitted.
    pub(super) fn seen_of_network(&mut self, asked: &[Effect], answers: [&str; 2]) -> Done {
        asked.iter().try_for_each(|effect| self.permit(effect.clone()))?;
        self.unreal = true;
        Ok(answers[self.tape.choose(2)].to_owned())
    }
}
