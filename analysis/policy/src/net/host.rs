//! Hosts.

use core::net::{IpAddr, Ipv6Addr};
use std::fmt::{self, Display};

use super::is_private;

/// Names beneath which only machines of the same network are, and this machine itself.
const NEARBY: [&str; 5] = ["localhost", "localdomain", "local", "internal", "home.arpa"];

/// A name beneath which there never is an address.
const NOWHERE: &str = "invalid";

/// The name or the address of a machine, written in one way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// A name: lower case, in ASCII, without a dot at the end.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl Host {
    /// Reads a host. Whatever is an address in the eyes of some resolver is one: `127.1`, `0x7f000001`, `[::1]`, `::1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control() || "/\\@?#".contains(c)) {
            return None;
        }
        if text.contains(':') && !text.starts_with('[') {
            return text.parse::<Ipv6Addr>().ok().map(|address| Self::Address(address.into()));
        }
        Self::of(url::Host::parse(text).ok()?)
    }

    pub(super) fn of(host: url::Host<impl AsRef<str>>) -> Option<Self> {
        match host {
            url::Host::Ipv4(address) => Some(Self::Address(address.into())),
            url::Host::Ipv6(address) => Some(Self::Address(address.into())),
            url::Host::Domain(name) => {
                let name = name.as_ref().strip_suffix('.').unwrap_or(name.as_ref());
                let sound = name.split('.').all(|label| !label.is_empty());
                sound.then(|| Self::Name(name.to_owned()))
            }
        }
    }

    /// Whether it is known without asking anybody that it is in a private network, or this machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        match self {
            Self::Name(name) => NEARBY.iter().any(|nearby| is_beneath(name, nearby)),
            Self::Address(address) => is_private(*address),
        }
    }

    /// Whether it is known without asking anybody that it has no address.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        matches!(self, Self::Name(name) if is_beneath(name, NOWHERE))
    }

    /// The address, if it is one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        if let Self::Address(address) = self { Some(*address) } else { None }
    }
}

/// Whether a name is that one, or has it at its end.
fn is_beneath(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Without brackets.
impl Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> String {
        Host::parse(text).map_or_else(|| "none".to_owned(), |host| host.to_string())
    }

    #[test]
    fn n01_n11_a_host_is_written_in_one_way() {
        for text in [
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "0x7f.1",
            "１２７.0.0.1",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
        ] {
            assert_eq!(host(text), "127.0.0.1", "{text}");
        }
        assert_eq!(
            (host("0"), host("[::1]"), host("::1"), host("::FFFF:7f00:1")),
            ("0.0.0.0".into(), "::1".into(), "::1".into(), "::ffff:127.0.0.1".into())
        );
        for text in ["localhost", "LOCALHOST", "localhost.", "LocalHost.", "ｌocalhost", "localh%6fst"] {
            assert_eq!(host(text), "localhost", "{text}");
        }
        assert_eq!(
            (host("Example.ORG."), host("bücher.example")),
            ("example.org".into(), "xn--bcher-kva.example".into())
        );
    }

    #[test]
    fn n04_n16_what_is_no_host() {
        for text in [
            "",
            "fe80::1%eth0",
            "[fe80::1%25eth0]",
            "a b",
            "a/b",
            "a\r\nHost: b",
            "a@b",
            "a:80",
            "a..b",
            ".",
            "1.2.3.256",
            "[::1",
            "a\\b",
        ] {
            assert_eq!(host(text), "none", "{text:?}");
        }
    }

    #[test]
    fn names_that_are_nearby_or_nowhere_are_known_without_asking() {
        let private = |text| Host::parse(text).unwrap().is_private();
        assert!(private("localhost") && private("a.localhost.") && private("db.internal") && private("printer.local"));
        assert!(private("0x7f.1") && private("[::]") && !private("example.org") && !private("mylocalhost"));
        assert!(!private("localhost.example.org") && !private("8.8.8.8"));
        assert!(Host::parse("a.invalid").unwrap().is_nowhere() && !Host::parse("invalid.org").unwrap().is_nowhere());
    }
}
