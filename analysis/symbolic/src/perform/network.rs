//! Other machines: whom an op talks to, and what can come of that.
//!
//! Of some requests it is told what is answered; then the answers are followed as the client follows them, until one is the last or leads
//! to somebody of whom nothing is told. Of others nothing says whether another machine answers. So each of these contacts that can fail is one that may,
//! unless the name or address alone decides it.

use core::net::IpAddr;
use std::rc::Rc;

use perch_diagram::Dd;
use perch_ops::ErrorKind;
use perch_ops::contract::{Answered, Ask, Remote};
use perch_policy::net::{self, Host as Machine, Next, Url};
use perch_policy::{Effect, Known};

use crate::Symbolic;
use crate::cells::{AtomKey, Piece, Untold};
use crate::consulted::Oracle;
use crate::facts::AnswerFact;
use crate::host::Host;
use crate::record::About;

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

/// A request of which it is told what is answered.
struct Told {
    /// The addresses to which answers lead, in order.
    hops: Vec<Url>,
    /// How it ends.
    end: End,
}

/// How a request ends of which it is told what is answered.
enum End {
    /// This is answered, by whom.
    Answer(Url, AnswerFact),
    /// The last of the answers, by whom, leads where it is not followed, and why not.
    Refused(Url, String),
    /// The last address is one of which nothing is told.
    Open(Url),
}

/// What a look at the addresses of a host comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LookedUp {
    /// It has none.
    Nothing,
    /// None that may be talked to.
    Private,
    /// One that may be.
    Somebody,
}

/// Of these characters of a body, a reason shows no more.
const MAX_SHOWN: usize = 60;

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
        Effect::Connect { host, port, web: false }
    }

    /// Talking to the host of a web address, of which the beginning may be all that is known.
    pub(super) fn request_effect(&self, case: &Case<'_>, url: usize) -> Effect {
        match self.url(case, url) {
            Some(url) => talking_to(&url),
            None => Effect::Connect { host: Known::Unknown, port: Known::Unknown, web: true },
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
        let nowhere = |machine: &Machine| machine.is_nowhere() || self.looked_up(machine) == Some(LookedUp::Nothing);
        self.machine(case).is_some_and(|machine| nowhere(&machine))
    }

    /// What a look at the addresses of a host comes to, if that is told.
    fn looked_up(&self, machine: &Machine) -> Option<LookedUp> {
        let all = self.told_addresses(machine)?;
        Some(match self.reached(all) {
            _ if all.is_empty() => LookedUp::Nothing,
            reached if reached.is_empty() => LookedUp::Private,
            _ => LookedUp::Somebody,
        })
    }

    fn told_addresses(&self, machine: &Machine) -> Option<&[IpAddr]> {
        let Machine::Name(name) = machine else { return None };
        self.facts.addresses.get(&**name).map(Vec::as_slice)
    }

    /// Those addresses that may be talked to, each once.
    fn reached(&self, all: &[IpAddr]) -> Vec<IpAddr> {
        let mut reached: Vec<IpAddr> = Vec::new();
        for address in all {
            if net::may_reach(self.policy.private_addresses, *address) && !reached.contains(address) {
                reached.push(*address);
            }
        }
        reached
    }

    /// A host of which it is told that all its addresses are in a private network is refused.
    fn as_open(&mut self, machine: &Machine, host: Host, all: &mut Gathered) -> Option<Host> {
        if self.looked_up(machine) != Some(LookedUp::Private) {
            return Some(host);
        }
        let says = format!("`{machine}` has no address but those of this machine or a private network");
        let why = Why::new(ErrorKind::HttpSsrfBlocked, says).about(Some(About::Name(machine.to_string())));
        self.fail(host, Dd::TRUE, &why, all)
    }

    /// What is told of the request that the op makes, if anything is.
    fn told_answer(&mut self, case: &Case<'_>) -> Option<Told> {
        let at = case.contract.asks.iter().find_map(|ask| if let Ask::Url(at) = ask { Some(*at) } else { None })?;
        let Some(first) = self.known_operand(case, at).text().and_then(Url::parse) else {
            self.consulted.is_not_clear(Oracle::Answers);
            return None;
        };
        let mut answer = self.told_by(&first)?;
        // What is sent stands behind how it is sent, if that is said.
        let said = (at > 0).then(|| self.dds.as_leaf(case.operands[0]).and_then(|leaf| self.names.known(leaf)));
        let mut method = said.map_or(Some("GET".into()), |method| method)?;
        let (mut url, mut hops) = (first, Vec::new());
        for so_far in 0.. {
            let Some(location) = answer.redirect.as_deref().filter(|_| net::leads(answer.status)) else {
                return Some(Told { hops, end: End::Answer(url, answer) });
            };
            match net::followed(&url, &method, answer.status, location, self.policy.redirects, so_far) {
                Err(why) => return Some(Told { hops, end: End::Refused(url, why) }),
                Ok(Next { url: next, fetches }) => {
                    if fetches {
                        method = "GET".into();
                    }
                    url = next;
                }
            }
            hops.push(url.clone());
            match self.told_by(&url) {
                Some(next) => answer = next,
                None => return Some(Told { hops, end: End::Open(url) }),
            }
        }
        None
    }

    /// What is answered to a request for an address, if that is told.
    fn told_by(&mut self, url: &Url) -> Option<AnswerFact> {
        self.consulted.asks(Oracle::Answers, url.as_str());
        let told = self.facts.answers.get(url.as_str()).cloned()?;
        self.consulted.uses(Oracle::Answers, url.as_str());
        Some(told)
    }

    /// What an op wants of another machine, where that is allowed: some runs may fail for what nobody knows.
    pub(super) fn contact(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if case.contract.remote == Remote::None {
            return Some(host);
        }
        // A deadline may have passed before anybody has answered, or been asked.
        let before = host.clone();
        let mut host = self.meets_deadline(case, host, before, all)?;
        let Some(Told { hops, end }) = self.told_answer(case) else {
            let url = self.asked_url(case);
            let machine = self.machine(case);
            return self.reach(case, machine, (url, 0), host, all);
        };
        if let Some(machine) = self.machine(case) {
            host = self.as_open(&machine, host, all)?;
        }
        for url in &hops {
            host = self.ask_when(case.cx, talking_to(url), Dd::TRUE, host, all)?;
            host = self.as_open(url.host(), host, all)?;
        }
        match end {
            End::Open(url) => {
                let machine = Some(url.host().clone());
                self.reach(case, machine, (Some(url), hops.len()), host, all)
            }
            End::Refused(url, why) => {
                let why = Why::new(ErrorKind::HttpRedirectRefused, why);
                let why = why.about(Some(About::Answer(url.as_str().to_owned())));
                self.fail(host, Dd::TRUE, &why, all)
            }
            End::Answer(url, answer) if case.contract.remote == Remote::Fetched => {
                self.answer_that_fails(&url, &answer, host, all)
            }
            End::Answer(..) => Some(host),
        }
    }

    /// Fails if that is what the status of an answer means.
    fn answer_that_fails(&mut self, url: &Url, answer: &AnswerFact, host: Host, all: &mut Gathered) -> Option<Host> {
        let kind = match answer.status {
            400..=499 => ErrorKind::Http4xx,
            500..=599 => ErrorKind::Http5xx,
            _ => return Some(host),
        };
        let (shown, code) = (url.as_str(), answer.status.to_string());
        let line = answer.body.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
        let line: String = line.chars().take(MAX_SHOWN).collect();
        let body = if line.is_empty() { String::new() } else { format!(": {line}") };
        let why = Why::new(kind, format!("`{shown}` answers with status {code}{body}"));
        let detail = match &answer.body {
            Some(body) => self.known_text(&net::beginning(body.as_bytes())),
            None => self.fresh_text("what a server answers"),
        };
        let why = Why { code: Some(self.known_text(&code)), detail: Some(detail), ..why };
        self.fail(host, Dd::TRUE, &why.about(Some(About::Answer(shown.to_owned()))), all)
    }

    /// Something of the answer that an op has got.
    pub(super) fn answered(&mut self, case: &Case<'_>, what: Answered) -> Dd {
        let failed = |answer: &AnswerFact| case.contract.remote == Remote::Fetched && answer.status >= 400;
        let told = self.told_answer(case).map(|told| told.end);
        let known = match &told {
            // Where it has failed, a report goes on with any.
            Some(End::Answer(_, answer)) if !failed(answer) => match what {
                Answered::Body => answer.body.clone(),
                Answered::Status => Some(answer.status.to_string()),
                Answered::Success => Some((200..=299).contains(&answer.status).to_string()),
            },
            None if self.is_nowhere(case) && what == Answered::Status => Some("0".to_owned()),
            None if self.is_nowhere(case) && what == Answered::Success => Some("false".to_owned()),
            _ => None,
        };
        if let Some(known) = known {
            return self.known_text(&known);
        }
        let url = match told {
            Some(End::Answer(url, _) | End::Open(url)) => Some(url),
            Some(End::Refused(..)) => None,
            None => self.asked_url(case),
        };
        match what {
            Answered::Body => self.untold_answer("what a server answers", url, Untold::Body),
            Answered::Status => self.untold_answer("the status of an answer", url, Untold::Answered),
            Answered::Success => {
                let number = self.number();
                if let Some(url) = url {
                    self.names.could_be_told(number, Untold::Answered(url.as_str().into()));
                }
                let yes = self.about(AtomKey::Fresh(number, "the server answers with success"));
                let [yes_text, no_text] = ["true", "false"].map(|text| self.known_text(text));
                self.dds.ite(yes, yes_text, no_text)
            }
        }
    }

    /// Something of an answer that could be told, if it is known by whom.
    fn untold_answer(&mut self, what: &'static str, url: Option<Url>, untold: fn(Rc<str>) -> Untold) -> Dd {
        match url {
            Some(url) => self.untold_text(what, untold(url.as_str().into())),
            None => self.fresh_text(what),
        }
    }

    /// The web address that an op asks, if all of it is known.
    fn asked_url(&self, case: &Case<'_>) -> Option<Url> {
        let at = case.contract.asks.iter().find_map(|ask| if let Ask::Url(at) = ask { Some(*at) } else { None })?;
        self.known_operand(case, at).text().and_then(Url::parse)
    }

    /// A machine of which nothing is told, asked for an address after so many redirects, if for one.
    fn reach(
        &mut self,
        case: &Case<'_>,
        machine: Option<Machine>,
        (url, so_far): (Option<Url>, usize),
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let about = url.map(|url| About::Answer(url.as_str().to_owned()));
        let told = machine.as_ref().and_then(|machine| self.looked_up(machine));
        let nowhere = told == Some(LookedUp::Nothing) || machine.as_ref().is_some_and(Machine::is_nowhere);
        let address = told.is_some() && !nowhere || machine.as_ref().is_some_and(|machine| machine.address().is_some());
        let name = machine.as_ref().filter(|_| told.is_some()).map(|machine| About::Name(machine.to_string()));
        let mut host = host;
        if let Some(machine) = &machine {
            host = self.as_open(machine, host, all)?;
        }
        let shown = machine.map_or_else(|| "the host".to_owned(), |machine| format!("`{machine}`"));
        if matches!(case.contract.remote, Remote::Named | Remote::Fetched) && !address {
            let without = if nowhere { Dd::TRUE } else { self.fresh("a name has no address") };
            let says = match told {
                Some(_) => "has no address",
                None if nowhere => "has no address, by its name",
                None => "may have no address",
            };
            let why = Why::new(ErrorKind::HttpDnsFailed, format!("{shown} {says}"));
            host = self.fail(host, without, &why.about(name.or(about.clone().filter(|_| !nowhere))), all)?;
        }
        if !address && !nowhere && !self.policy.private_addresses {
            let private = self.fresh("a name has only addresses of a private network");
            let says = format!("{shown} may be in a private network, as no address is known before it is looked up");
            let why = Why::new(ErrorKind::HttpSsrfBlocked, says).about(about.clone());
            host = self.fail(host, private, &why, all)?;
        }
        match case.contract.remote {
            Remote::None | Remote::Tried | Remote::Named => Some(host),
            Remote::Answers if nowhere => Some(host),
            Remote::Answers => self.led_on(case, (&shown, about.as_ref()), so_far, host, all),
            Remote::Fetched => {
                let host = self.led_on(case, (&shown, about.as_ref()), so_far, host, all)?;
                let says = format!("{shown} may give no answer, or one that is a failure");
                self.fail_somehow(host, Dd::FALSE, UNANSWERED, (&says, about.as_ref()), all)
            }
        }
    }

    /// A server may lead to another, about which the policy is asked as about the first.
    fn led_on(
        &mut self,
        case: &Case<'_>,
        (shown, about): (&str, Option<&About>),
        so_far: usize,
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let refused = self.fresh("a redirect is not followed");
        let says = format!("{shown} may redirect more often than is followed, or to where nothing is");
        let why = Why::new(ErrorKind::HttpRedirectRefused, says).about(about.cloned());
        let host = self.fail(host, refused, &why, all)?;
        if usize::try_from(self.policy.redirects.most).is_ok_and(|most| so_far >= most) {
            return Some(host);
        }
        let redirects = self.fresh("a server redirects");
        self.ask_about_anybody(case.cx, shown, redirects, host, all)
    }

    /// The addresses of a host: one that is an address has that.
    pub(super) fn addresses(&mut self, case: &Case<'_>, at: usize) -> Dd {
        let Some(machine) = self.known_operand(case, at).text().and_then(Machine::parse) else {
            return self.fresh_text("addresses of a host");
        };
        let told = self.told_addresses(&machine).map(|all| self.reached(all));
        match told.or_else(|| machine.address().map(|address| vec![address])) {
            Some(all) => self.known_text(&all.iter().map(IpAddr::to_string).collect::<Vec<_>>().join("\n")),
            None => self.fresh_text("addresses of a host"),
        }
    }
}

/// Talking to the host of a web address.
fn talking_to(url: &Url) -> Effect {
    let [host, port] = [url.host().to_string(), url.port().to_string()].map(Known::Text);
    Effect::Connect { host, port, web: true }
}
