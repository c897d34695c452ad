//! Requests, and where their answers lead.

use std::io::Read;
use std::time::{Duration, Instant};

use perch_policy::net::{self as answers, Next, Url};
use perch_policy::{Effect, Permit, Redirects};
use perch_system::{Cause, Until};
use ureq::http::{Method, Response, header};
use ureq::tls::TlsConfig;
use ureq::unversioned::transport::{Connector as _, RustlsConnector};
use ureq::{Agent, Body, Error};

use crate::line::{Line, Over};
use crate::{Names, Trouble};

/// Answers of more bytes are not held in memory.
pub const MAX_BODY: u64 = 256 << 20;

/// More bytes in front of the body are no answer.
const MAX_HEAD: usize = 64 << 10;

/// How long a request may take until its answer is there.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is sent to whom.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// The method, in upper case.
    pub method: &'r str,
    /// To whom.
    pub url: Url,
    /// A JSON document, or nothing.
    pub body: &'r str,
    /// The whole body must be there in time, too; else the other end must not be silent for so long.
    pub whole: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Stop<G> {
    /// The gate has stopped it.
    Gate(G),
    /// The network.
    Failed(Trouble),
}

impl<G> From<Trouble> for Stop<G> {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble)
    }
}

/// Says whether an address may be talked to, of the first request and of each to which a redirect leads.
pub type Refused<'g, G> = dyn FnMut(&Url) -> Result<Permit, G> + 'g;

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: u16,
    response: Response<Body>,
}

impl Answer {
    /// The body as text. One that is not UTF-8 is an error.
    ///
    /// # Errors
    /// If it does not come whole, is no text, or is too large.
    pub fn text(mut self) -> Result<String, Trouble> {
        let mut bytes = Vec::new();
        let mut body = self.response.body_mut().with_config().limit(u64::MAX).reader().take(MAX_BODY + 1);
        body.read_to_end(&mut bytes).map_err(|error| trouble(Error::from(error)))?;
        if bytes.len() as u64 > MAX_BODY {
            return Err(Trouble::TooLarge(MAX_BODY));
        }
        String::from_utf8(bytes).map_err(|_| Trouble::NotText)
    }

    /// The first characters of the body, as far as they are text.
    #[must_use]
    pub fn beginning(mut self) -> String {
        let mut bytes = Vec::new();
        let body = self.response.body_mut().with_config().limit(u64::MAX).reader();
        // What cannot be read is not worth another failure.
        let _ = body.take(answers::SHOWN as u64).read_to_end(&mut bytes);
        answers::beginning(&bytes)
    }

    /// The body.
    #[must_use]
    pub fn into_reader(self) -> impl Read + 'static {
        self.response.into_body().into_with_config().limit(u64::MAX).reader()
    }
}

/// What was wrong when a body could not be read.
#[must_use]
pub fn trouble_of(error: std::io::Error) -> Trouble {
    trouble(Error::from(error))
}

impl Names {
    /// Sends a request, and follows the redirects that the rules allow and the gate lets through.
    ///
    /// # Errors
    /// If there is no answer, or one that leads where it may not.
    pub fn send<G>(
        &self,
        request: Request<'_>,
        rules: Redirects,
        gate: &mut Refused<'_, G>,
        until: Until,
    ) -> Result<Answer, Stop<G>> {
        let end = Instant::now() + PATIENCE;
        let mut now = request;
        let mut followed = 0;
        loop {
            let permit = gate(&now.url).map_err(Stop::Gate)?;
            let response = self.one(&now, &permit, end, until)?;
            let status = response.status().as_u16();
            let location = response.headers().get(header::LOCATION).filter(|_| answers::leads(status));
            let Some(location) = location else { return Ok(Answer { status, response }) };
            let location = String::from_utf8_lossy(location.as_bytes());
            let next = answers::followed(&now.url, now.method, status, &location, rules, followed);
            let Next { url, fetches } = next.map_err(Trouble::Redirect)?;
            followed += 1;
            now = if fetches { Request { method: "GET", url, body: "", ..now } } else { Request { url, ..now } };
        }
    }

    /// One request, at addresses that the permit reaches.
    fn one(
        &self,
        request: &Request<'_>,
        permit: &Permit,
        end: Instant,
        until: Until,
    ) -> Result<Response<Body>, Trouble> {
        covers(permit, &request.url)?;
        let limited = until.deadline(end);
        let addresses = match self.addresses(permit, limited) {
            Err(Trouble::Cut(Cause::DeadlinePassed)) if until.check().is_ok() => return Err(Trouble::Slow),
            found => found?,
        };
        let line = Line::new(&addresses, request.url.port(), until, request.whole.then_some(end));
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(MAX_HEAD)
            .max_idle_connections(0)
            .user_agent(concat!("perch/", env!("CARGO_PKG_VERSION")))
            .accept("*/*")
            .tls_config(TlsConfig::builder().root_certs(self.authorities.clone()).build())
            .build();
        let agent = Agent::with_parts(config, line.clone().chain(RustlsConnector::default()), line);
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| Trouble::Unpermitted)?;
        let head = ureq::http::Request::builder().method(&method).uri(request.url.as_str());
        let bodiless =
            matches!(method, Method::GET | Method::HEAD) || method == Method::DELETE && request.body.is_empty();
        let answered = if bodiless {
            agent.run(head.body(()).map_err(|error| Trouble::Garbled(error.to_string()))?)
        } else {
            let head = head.header(header::CONTENT_TYPE, "application/json");
            let agent_config = head.body(request.body).map_err(|error| Trouble::Garbled(error.to_string()))?;
            agent.run(agent.configure_request(agent_config).allow_non_standard_methods(true).build())
        };
        answered.map_err(trouble)
    }
}

/// Fails unless the permit is for that host and port.
fn covers(permit: &Permit, url: &Url) -> Result<(), Trouble> {
    let Effect::Connect { host, port, .. } = permit.effect() else { return Err(Trouble::Unpermitted) };
    let (wanted_host, wanted_port) = (url.host().to_string(), url.port().to_string());
    let same = host.text() == Some(&*wanted_host) && port.text() == Some(&*wanted_port);
    if same { Ok(()) } else { Err(Trouble::Unpermitted) }
}

/// What the client says.
pub(crate) fn trouble(error: Error) -> Trouble {
    match error {
        Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<Over>()) {
            Some(Over(trouble)) => trouble.clone(),
            None if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
                Trouble::Insecure(error.to_string())
            }
            None => Trouble::Garbled(error.to_string()),
        },
        Error::Rustls(error) => Trouble::Insecure(error.to_string()),
        Error::Tls(why) => Trouble::Insecure(why.to_owned()),
        Error::Timeout(_) => Trouble::Slow,
        Error::LargeResponseHeader(..) => {
            Trouble::Garbled(format!("more than {} KiB stand in front of its body", MAX_HEAD >> 10))
        }
        other => Trouble::Garbled(other.to_string()),
    }
}
