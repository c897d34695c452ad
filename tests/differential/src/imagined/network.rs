//! Other machines. What a fixture tells of their answers is what they answer; of all else, whether they are there, and what they
//! answer, is chosen when somebody asks.

use perch_ops::ErrorKind;
use perch_policy::net::{self, Host, Url};
use perch_policy::{Effect, Known};
use perch_symbolic::facts::AnswerFact;

use super::{Content, Done, Halt, Imagined, Job, Standing, Want, truth};

/// What is asked by an op that says how this machine is part of its network.
pub(super) const OWN: [Effect; 2] = [Effect::Network, Effect::HostFact];

/// What a name may stand for.
enum Found {
    Nothing,
    Private,
    Open,
}

/// What comes of a request.
enum Reply {
    /// There is nobody to answer.
    Nobody,
    /// This, at the end.
    Told(AnswerFact),
    /// Nobody tells.
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
        let found = self.who_is(&host);
        Ok((host, found))
    }

    fn who_is(&mut self, host: &Host) -> Found {
        match host {
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
        }
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

    /// What comes of a request that is sent in that way: what is told is followed, as long as it leads to where something is told.
    fn requested(&mut self, observed: bool, method: &str, url: &str) -> Done<Reply> {
        let mut url = Url::parse(url).ok_or(ErrorKind::InvalidArgument)?;
        let mut method = method;
        self.may_request(&url)?;
        if self.meets_deadline(observed, 0) {
            return Err(self.late());
        }
        for so_far in 0.. {
            let Some(answer) = self.universe.facts.answers.get(url.as_str()) else { break };
            let Some(location) = answer.redirect.as_deref().filter(|_| net::leads(answer.status)) else {
                return Ok(Reply::Told(answer.clone()));
            };
            let next = net::followed(&url, method, answer.status, location, self.policy.redirects, so_far);
            let next = next.map_err(|_| ErrorKind::HttpRedirectRefused)?;
            if next.fetches {
                method = "GET";
            }
            url = next.url;
            self.may_request(&url)?;
        }
        match self.who_is(url.host()) {
            Found::Nothing => return Ok(Reply::Nobody),
            Found::Private => return Err(ErrorKind::HttpSsrfBlocked.into()),
            Found::Open => {}
        }
        // What a server answers of which nothing is told, no host can be made to.
        self.unreal = true;
        if self.tape.choose(4) == 0 {
            return Err(ErrorKind::HttpRedirectRefused.into());
        }
        Ok(Reply::Open)
    }

    fn may_request(&self, url: &Url) -> Done<()> {
        let [host, port] = [url.host().to_string(), url.port().to_string()].map(Known::Text);
        self.permit(Effect::Connect { host, port, web: true })
    }

    pub(super) fn fetched(&mut self, observed: bool, method: &str, url: &str) -> Done {
        match self.requested(observed, method, url)? {
            Reply::Nobody => Err(ErrorKind::HttpDnsFailed.into()),
            Reply::Told(answer) => {
                let body = answer.body.unwrap_or_else(|| self.some_body());
                let kind = match answer.status {
                    400..=499 => ErrorKind::Http4xx,
                    500..=599 => ErrorKind::Http5xx,
                    _ => return Ok(body),
                };
                let detail = net::beginning(body.as_bytes());
                Err(Halt { code: answer.status.to_string(), detail, ..kind.into() })
            }
            Reply::Open => match self.tape.choose(3) {
                0 => Err(ErrorKind::HttpConnectFailed.into()),
                1 => Err(Halt { code: "404".to_owned(), ..ErrorKind::Http4xx.into() }),
                _ => Ok("sent".to_owned()),
            },
        }
    }

    /// A body of which nothing is told. Each time it may be another, as no host has it.
    fn some_body(&mut self) -> String {
        self.unreal = true;
        ["sent", ""][self.tape.choose(2)].to_owned()
    }

    pub(super) fn status_of(&mut self, job: &Job<'_>) -> Done {
        Ok(match self.requested(job.observed, "HEAD", job.text(0))? {
            Reply::Nobody => "0".to_owned(),
            Reply::Told(answer) => answer.status.to_string(),
            Reply::Open => ["200", "404", "0"][self.tape.choose(3)].to_owned(),
        })
    }

    pub(super) fn await_url(&mut self, job: &Job<'_>) -> Done {
        Ok(truth(match self.requested(job.observed, "GET", job.text(0))? {
            Reply::Nobody => false,
            Reply::Told(answer) => (200..=299).contains(&answer.status),
            Reply::Open => self.tape.choose(2) == 0,
        }))
    }

    pub(super) fn download(&mut self, job: &Job<'_>) -> Done {
        let path = job.path(1)?;
        self.may_request(&Url::parse(job.text(0)).ok_or(ErrorKind::InvalidArgument)?)?;
        let place = self.go(&path, true, &[Want::Write])?;
        place.parent()?;
        place.not_directory()?;
        let sent = self.fetched(job.observed, "GET", job.text(0))?;
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
