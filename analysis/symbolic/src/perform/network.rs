//! Other machines: whom an op talks to, and what can come of that.
//!
//! Nothing that is known of a host says whether another machine answers. So each contact that can fail is one that may, unless the
//! name or address alone decides it.

use perch_diagram::Dd;
use perch_ops::ErrorKind;
use perch_ops::contract::{Ask, Remote};
use perch_policy::net::{Host as Machine, Url};
use perch_policy::{Effect, Known};

use crate::Symbolic;
use crate::cells::Piece;
use crate::host::Host;

use super::{Case, Gathered, Why};

/// How an answer can fail to come, of a host that has an address.
const UNANSWERED: &[ErrorKind] = &[
    ErrorKind::HttpConnectFailed,
    ErrorKind::HttpDnsFailed,
    ErrorKind::HttpTimeout,
    ErrorKind::HttpTlsFailed,
    ErrorKind::Http4xx,
    ErrorKind::Http5xx,
    ErrorKind::IoError,
    ErrorKind::LimitExceeded,
];

/// Whether the question is about that operand.
pub(super) fn is_about(ask: Ask, at: usize) -> bool {
    match ask {
        Ask::Host(host, port) => host == at || port == Some(at),
        Ask::Url(url) => url == at,
        _ => false,
    }
}

impl Symbolic {
    /// Talking to a host, as far as it is known to which and at which port.
    pub(super) fn connect_effect(&self, case: &Case<'_>, host: usize, port: Option<usize>) -> Effect {
        let host = match self.known_operand(case, host) {
            // What is no host was refused before.
            Known::Text(text) => Known::Text(Machine::parse(&text).map_or(text, |host| host.to_string())),
            Known::Unknown => Known::Unknown,
        };
        let port = port.map_or(Known::Text(String::new()), |port| self.known_operand(case, port));
        Effect::Connect { host, port }
    }

    /// Talking to the host of a web address, of which the beginning may be all that is known.
    pub(super) fn request_effect(&self, case: &Case<'_>, url: usize) -> Effect {
        match self.url(case, url) {
            Some(url) => {
                let [host, port] = [url.host().to_string(), url.port().to_string()].map(Known::Text);
                Effect::Connect { host, port }
            }
            None => Effect::Connect { host: Known::Unknown, port: Known::Unknown },
        }
    }

    /// The web address, or as much of it as has the host in it.
    fn url(&self, case: &Case<'_>, at: usize) -> Option<Url> {
        let leaf = case.chosen.get(at).copied().flatten()?;
        match self.names.pieces(leaf).as_deref()? {
            [Piece::Literal(text)] => Url::parse(text),
            [Piece::Literal(text), ..] => Url::beginning(text),
            _ => None,
        }
    }

    /// The machine that the op talks to, if it is known.
    fn machine(&self, case: &Case<'_>) -> Option<Machine> {
        case.contract.asks.iter().find_map(|ask| match ask {
            Ask::Host(at, _) => Machine::parse(self.known_operand(case, *at).text()?),
            Ask::Url(at) => self.url(case, *at).map(|url| url.host().clone()),
            _ => None,
        })
    }

    /// Whether the op talks to a machine that there is none of.
    pub(super) fn is_nowhere(&self, case: &Case<'_>) -> bool {
        self.machine(case).is_some_and(|machine| machine.is_nowhere())
    }

    /// What an op wants of another machine, where that is allowed: some runs may fail for what nobody knows.
    pub(super) fn contact(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if case.contract.remote == Remote::None {
            return Some(host);
        }
        // A deadline may have passed before anybody has answered, or been asked.
        let before = host.clone();
        let host = self.meets_deadline(case, host, before, all)?;
        let machine = self.machine(case);
        let nowhere = machine.as_ref().is_some_and(Machine::is_nowhere);
        let address = machine.as_ref().is_some_and(|machine| machine.address().is_some());
        let shown = machine.map_or_else(|| "the host".to_owned(), |machine| format!("`{machine}`"));
        let mut host = host;
        if matches!(case.contract.remote, Remote::Named | Remote::Fetched) && !address {
            let without = if nowhere { Dd::TRUE } else { self.fresh("a name has no address") };
            let says = if nowhere { "has no address, by its name" } else { "may have no address" };
            let why = Why::new(ErrorKind::HttpDnsFailed, format!("{shown} {says}"));
            host = self.fail(host, without, &why, all)?;
        }
        if !address && !nowhere && !self.policy.private_addresses {
            let private = self.fresh("a name has only addresses of a private network");
            let says = format!("{shown} may be in a private network, as no address is known before it is looked up");
            host = self.fail(host, private, &Why::new(ErrorKind::HttpSsrfBlocked, says), all)?;
        }
        match case.contract.remote {
            Remote::None | Remote::Tried | Remote::Named => Some(host),
            Remote::Answers if nowhere => Some(host),
            Remote::Answers => self.led_on(case, &shown, host, all),
            Remote::Fetched => {
                let host = self.led_on(case, &shown, host, all)?;
                let says = format!("{shown} may give no answer, or one that is a failure");
                self.fail_somehow(host, Dd::FALSE, UNANSWERED, &says, all)
            }
        }
    }

    /// A server may lead to another, about which the policy is asked as about the first.
    fn led_on(&mut self, case: &Case<'_>, shown: &str, host: Host, all: &mut Gathered) -> Option<Host> {
        let refused = self.fresh("a redirect is not followed");
        let says = format!("{shown} may redirect more often than is followed, or to where nothing is");
        let host = self.fail(host, refused, &Why::new(ErrorKind::HttpRedirectRefused, says), all)?;
        if self.policy.redirects.most == 0 {
            return Some(host);
        }
        let redirects = self.fresh("a server redirects");
        let anybody = Effect::Connect { host: Known::Unknown, port: Known::Unknown };
        self.ask_when(case.cx, anybody, redirects, host, all)
    }

    /// The addresses of a host: one that is an address has that.
    pub(super) fn addresses(&mut self, case: &Case<'_>, at: usize) -> Dd {
        let machine = self.known_operand(case, at).text().and_then(Machine::parse);
        match machine.and_then(|machine| machine.address()) {
            Some(address) => self.known_text(&address.to_string()),
            None => self.fresh_text("addresses of a host"),
        }
    }
}
