//! Other machines: whom an op talks to, and what can come of that.
//!
//! Nothing that is known of a host says whether another machine answers. So each contact that can fail is one that may, unless the
//! name or address alone decides it.

use perch_diagram::Dd;
use perch_ops::ErrorKind;
use perch_ops::contract::{Ask, Remote};
use perch_policy::net::Host as Machine;
use perch_policy::{Effect, Known};

use crate::Symbolic;
use crate::host::Host;

use super::{Case, Gathered, Why};

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

    /// The machine that the op talks to, if it is known.
    fn machine(&self, case: &Case<'_>) -> Option<Machine> {
        let at = case.contract.asks.iter().find_map(|ask| if let Ask::Host(at, _) = ask { Some(*at) } else { None })?;
        Machine::parse(self.known_operand(case, at).text()?)
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
        let shown = machine.as_ref().map_or_else(|| "the host".to_owned(), |machine| format!("`{machine}`"));
        let named = !machine.as_ref().is_some_and(|machine| machine.address().is_some() || machine.is_nowhere());
        let mut host = host;
        if case.contract.remote == Remote::Named && machine.as_ref().is_none_or(|machine| machine.address().is_none()) {
            let nowhere = machine.is_some_and(|machine| machine.is_nowhere());
            let without = if nowhere { Dd::TRUE } else { self.fresh("a name has no address") };
            let says = if nowhere { "has no address, by its name" } else { "may have no address" };
            let why = Why::new(ErrorKind::HttpDnsFailed, format!("{shown} {says}"));
            host = self.fail(host, without, &why, all)?;
        }
        if named && !self.policy.private_addresses {
            let private = self.fresh("a name has only addresses of a private network");
            let why = Why::new(
                ErrorKind::HttpSsrfBlocked,
                format!("{shown} may be in a private network, as no address is known before it is looked up"),
            );
            host = self.fail(host, private, &why, all)?;
        }
        Some(host)
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
