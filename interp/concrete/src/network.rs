//! Primitives that use the network.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use perch_net::{Answer, Names, Request, Stop, Trouble};
use perch_ops::ErrorKind;
use perch_ops::duration::nanoseconds;
use perch_policy::net::{Host, Url};
use perch_policy::{Effect, Known, Permit};
use perch_system::Until;

use crate::failure::{Cut, Failure};
use crate::{Concrete, Text, truth};

/// How long a port may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a primitive yields, or its failure.
type Done = Result<Text, Failure>;

impl Concrete<'_> {
    /// Leave to talk to a host, at a port or to none.
    fn may_connect(&self, op: &str, host: &str, port: &str) -> Result<Permit, Failure> {
        let host = Host::parse(host).map_or_else(|| host.to_owned(), |host| host.to_string());
        self.permit(op, Effect::Connect { host: Known::Text(host), port: Known::Text(port.to_owned()), web: false })
    }

    pub(crate) fn look_up(&self, op: &str, host: &str, until: Until) -> Done {
        let permit = self.may_connect(op, host, "")?;
        let found = Names::default().addresses(&permit, until);
        let found = found.map_err(|trouble| failure(&format!("look up `{host}`"), &trouble))?;
        Ok(found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n").into())
    }

    pub(crate) fn port_open(&self, op: &str, host: &str, port: &str, until: Until) -> Done {
        let permit = self.may_connect(op, host, port)?;
        let open = Names::default().accepts(&permit, PATIENCE, until);
        open.map(truth).map_err(|trouble| failure(&format!("try port {port} of `{host}`"), &trouble))
    }

    pub(crate) fn await_port(&self, op: &str, [host, port, length]: [&str; 3], until: Until) -> Done {
        let permit = self.may_connect(op, host, port)?;
        let length = Duration::from_nanos(nanoseconds(length).unwrap_or_default());
        let open = Names::default().awaited(&permit, length, until);
        open.map(truth).map_err(|trouble| failure(&format!("wait for port {port} of `{host}`"), &trouble))
    }

    pub(crate) fn port_free(&self, op: &str, port: &str) -> Done {
        let permit = self.permit(op, Effect::Network)?;
        let free = perch_net::port_free(&permit, port.parse().unwrap_or_default());
        free.map(truth).map_err(|trouble| failure(&format!("try port {port}"), &trouble))
    }

    pub(crate) fn free_port(&self, op: &str) -> Done {
        let permit = self.permit(op, Effect::Network)?;
        let port = perch_net::free_port(&permit).map_err(|trouble| failure("find a free port", &trouble))?;
        Ok(port.to_string().into())
    }

    pub(crate) fn own_network(
        &self,
        op: &str,
        what: &str,
        find: impl Fn([&Permit; 2]) -> Result<String, Trouble>,
    ) -> Done {
        let (network, fact) = (self.permit(op, Effect::Network)?, self.permit(op, Effect::HostFact)?);
        find([&network, &fact]).map(Text::from).map_err(|trouble| failure(what, &trouble))
    }
}

impl Concrete<'_> {
    /// Leave to send something to an address.
    pub(crate) fn may_request(&self, op: &str, url: &Url) -> Result<Permit, Failure> {
        let [host, port] = [url.host().to_string(), url.port().to_string()].map(Known::Text);
        self.permit(op, Effect::Connect { host, port, web: true })
    }

    /// An answer that is no failure.
    pub(crate) fn answer(
        &self,
        op: &str,
        method: &str,
        url: Url,
        body: &str,
        whole: bool,
        until: Until,
    ) -> Result<Answer, Failure> {
        let shown = url.as_str().to_owned();
        let answer = self.sent(op, Request { method, url, body, whole }, until)?;
        let kind = match answer.status {
            400..=499 => ErrorKind::Http4xx,
            500..=599 => ErrorKind::Http5xx,
            _ => return Ok(answer),
        };
        let code = answer.status.to_string();
        let detail = answer.beginning();
        Err(Failure {
            detail,
            code: code.clone(),
            ..Failure::new(kind, format!("`{shown}` answered with status {code}"))
        })
    }

    /// Whatever is answered. Where an answer leads is asked about like the first address.
    fn sent(&self, op: &str, request: Request<'_>, until: Until) -> Result<Answer, Failure> {
        let shown = format!("fetch `{}`", request.url.as_str());
        let mut gate = |url: &Url| self.may_request(op, url);
        match Names::default().send(request, self.policy.redirects, &mut gate, until) {
            Ok(answer) => Ok(answer),
            Err(Stop::Gate(denied)) => Err(denied),
            Err(Stop::Failed(trouble)) => Err(failure(&shown, &trouble)),
        }
    }

    pub(crate) fn request(&self, op: &str, [method, url, body]: [&str; 3], until: Until) -> Done {
        let answer = self.answer(op, method, web_address(url)?, body, true, until)?;
        answer.text().map(Text::from).map_err(|trouble| failure(&format!("fetch `{url}`"), &trouble))
    }

    /// The status of what answers, or 0.
    pub(crate) fn status_of(&self, op: &str, url: &str, until: Until) -> Done {
        let request = Request { method: "HEAD", url: web_address(url)?, body: "", whole: true };
        Ok(self.status(op, request, until)?.to_string().into())
    }

    fn status(&self, op: &str, request: Request<'_>, until: Until) -> Result<u16, Failure> {
        match self.sent(op, request, until) {
            Ok(answer) => Ok(answer.status),
            Err(failure) if UNANSWERED.contains(&failure.kind) => Ok(0),
            Err(failure) => Err(failure),
        }
    }

    pub(crate) fn await_url(&self, op: &str, url: &str, length: &str, until: Until) -> Done {
        let url = web_address(url)?;
        let length = Duration::from_nanos(nanoseconds(length).unwrap_or_default());
        // Longer than clocks go is for ever.
        let end = Instant::now().checked_add(length);
        loop {
            let request = Request { method: "GET", url: url.clone(), body: "", whole: true };
            let attempt = Instant::now() + PATIENCE;
            let answered = self.status(op, request, until.deadline(attempt));
            match answered {
                Ok(200..=299) => return Ok(truth(true)),
                Err(failure) if failure.cut == Some(Cut::Deadline) && until.check().is_ok() => {}
                Err(failure) => return Err(failure),
                Ok(_) => {}
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(truth(false));
            }
            until.pass(left.map_or(PAUSE, |left| left.min(PAUSE))).map_err(|cause| Failure::wait(&cause))?;
        }
    }
}

/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// Failures that mean that nobody has answered.
const UNANSWERED: [ErrorKind; 5] = [
    ErrorKind::HttpConnectFailed,
    ErrorKind::HttpDnsFailed,
    ErrorKind::HttpTimeout,
    ErrorKind::HttpTlsFailed,
    ErrorKind::IoError,
];

/// The operand as web address, which the evaluator has seen that it is.
pub(crate) fn web_address(text: &str) -> Result<Url, Failure> {
    Url::parse(text).ok_or_else(|| Failure::new(ErrorKind::InvalidArgument, format!("`{text}` is no web address")))
}

/// The body of an answer on its way into a file.
pub(crate) struct Received {
    body: Box<dyn Read>,
    trouble: Option<Trouble>,
}

impl Received {
    pub(crate) fn new(answer: Answer) -> Self {
        Self { body: Box::new(answer.into_reader()), trouble: None }
    }

    /// What has kept it from being whole.
    pub(crate) fn trouble(self) -> Option<Trouble> {
        self.trouble
    }
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer).map_err(|error| {
            let trouble = perch_net::trouble_of(error);
            self.trouble = Some(trouble.clone());
            io::Error::other(trouble)
        })
    }
}

/// "cannot look up `x`: it has no address".
pub(crate) fn failure(act: &str, trouble: &Trouble) -> Failure {
    let failure = Failure::new(kind(trouble), format!("cannot {act}: {trouble}"));
    match trouble {
        Trouble::Cut(cause) => Failure { cut: Cut::of(cause), ..failure },
        _ => failure,
    }
}

/// The kind under which a program sees it.
fn kind(trouble: &Trouble) -> ErrorKind {
    match trouble {
        Trouble::NoAddress(_) => ErrorKind::HttpDnsFailed,
        Trouble::Private(_) => ErrorKind::HttpSsrfBlocked,
        Trouble::Unreachable(_) => ErrorKind::HttpConnectFailed,
        Trouble::Insecure(_) => ErrorKind::HttpTlsFailed,
        Trouble::Slow => ErrorKind::HttpTimeout,
        Trouble::Redirect(_) => ErrorKind::HttpRedirectRefused,
        Trouble::TooLarge(_) => ErrorKind::LimitExceeded,
        Trouble::NotText => ErrorKind::ParseFailed,
        Trouble::Garbled(_) | Trouble::System(_) | Trouble::Unpermitted => ErrorKind::IoError,
        Trouble::Cut(cause) => crate::failure::kind(cause),
    }
}
