//! Primitives that use the network.

use std::time::Duration;

use perch_net::{Names, Trouble};
use perch_ops::ErrorKind;
use perch_ops::duration::nanoseconds;
use perch_policy::net::Host;
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
        self.permit(op, Effect::Connect { host: Known::Text(host), port: Known::Text(port.to_owned()) })
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

/// "cannot look up `x`: it has no address".
fn failure(act: &str, trouble: &Trouble) -> Failure {
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
        Trouble::System(_) | Trouble::Unpermitted => ErrorKind::IoError,
        Trouble::Cut(cause) => crate::failure::kind(cause),
    }
}
