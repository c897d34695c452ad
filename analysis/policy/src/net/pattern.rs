//! Entries of lists of hosts.

use super::Host;

/// Which hosts an entry of a list means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// This one.
    Is(Host),
    /// One label, then this name.
    OneBefore(String),
    /// Any number of labels, then this name.
    AnyBefore(String),
}

impl Pattern {
    /// Reads an entry: `x.org`, `*.x.org` for one label before that, `**.x.org` for any number, an address; with `:443` behind it one port.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (text, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || (host.starts_with('[') && host.ends_with(']')) => {
                let number = port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok()).flatten();
                (host, Some(number.filter(|port| *port > 0)?))
            }
            _ => (text, None),
        };
        let name = |text| if let Some(Host::Name(name)) = Host::parse(text) { Some(name) } else { None };
        let hosts = match (text.strip_prefix("**."), text.strip_prefix("*.")) {
            (Some(suffix), _) => Hosts::AnyBefore(name(suffix).filter(|name| !name.contains('*'))?),
            (None, Some(suffix)) => Hosts::OneBefore(name(suffix).filter(|name| !name.contains('*'))?),
            (None, None) => Hosts::Is(Host::parse(text).filter(|_| !text.contains('*'))?),
        };
        Some(Self { hosts, port })
    }

    /// Whether it means that host, at whatever port.
    #[must_use]
    pub fn means(&self, host: &Host) -> bool {
        let before = |suffix: &String| match host {
            Host::Name(name) => name.strip_suffix(suffix.as_str()).and_then(|before| before.strip_suffix('.')),
            Host::Address(_) => None,
        };
        match &self.hosts {
            Hosts::Is(wanted) => wanted == host,
            Hosts::OneBefore(suffix) => before(suffix).is_some_and(|label| !label.is_empty() && !label.contains('.')),
            Hosts::AnyBefore(suffix) => before(suffix).is_some_and(|labels| !labels.is_empty()),
        }
    }

    /// Whether every host and port that the other entry means is meant by this one.
    #[must_use]
    pub fn takes_in(&self, other: &Self) -> bool {
        if self.port.is_some() && self.port != other.port {
            return false;
        }
        let beneath = |suffix: &str, name: &str| name.strip_suffix(suffix).is_some_and(|before| before.ends_with('.'));
        match (&self.hosts, &other.hosts) {
            (_, Hosts::Is(host)) => self.means(host),
            (Hosts::OneBefore(suffix), Hosts::OneBefore(other)) => suffix == other,
            (Hosts::AnyBefore(suffix), Hosts::OneBefore(other) | Hosts::AnyBefore(other)) => {
                suffix == other || beneath(suffix, other)
            }
            (Hosts::Is(_), _) | (Hosts::OneBefore(_), Hosts::AnyBefore(_)) => false,
        }
    }

    /// The port, if it is one alone.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(pattern: &str, host: &str) -> bool {
        Pattern::parse(pattern).unwrap().means(&Host::parse(host).unwrap())
    }

    #[test]
    fn n12_o_033_a_star_is_one_label() {
        assert!(means("*.x.com", "api.x.com") && means("*.X.com", "API.x.com.") && means("x.com", "x.com"));
        for host in ["x.com", "a.b.x.com", "evilx.com", "x.com.evil", "api.x.com.evil"] {
            assert!(!means("*.x.com", host), "{host}");
        }
        assert!(means("**.x.com", "a.b.x.com") && !means("**.x.com", "x.com") && !means("**.x.com", "evilx.com"));
    }

    #[test]
    fn an_address_is_one_however_it_is_written() {
        assert!(means("127.1", "0x7f000001") && means("[::1]:80", "::1") && means("::1", "[::1]"));
        assert!(!means("127.0.0.1", "::ffff:127.0.0.1"));
        let port = |text| Pattern::parse(text).unwrap().port();
        assert_eq!(
            (port("x.org:443"), port("[::1]:80"), port("::1"), port("x.org")),
            (Some(443), Some(80), None, None)
        );
    }

    #[test]
    fn an_entry_takes_in_what_means_less() {
        let takes_in =
            |wide: &str, narrow: &str| Pattern::parse(wide).unwrap().takes_in(&Pattern::parse(narrow).unwrap());
        assert!(takes_in("*.x.org", "a.x.org:80") && takes_in("**.x.org", "*.a.x.org") && takes_in("x.org", "x.org"));
        assert!(
            takes_in("**.x.org", "*.x.org") && takes_in("x.org:80", "x.org:80") && takes_in("**.x.org", "**.x.org")
        );
        assert!(!takes_in("x.org:80", "x.org") && !takes_in("*.x.org", "**.x.org") && !takes_in("a.x.org", "*.x.org"));
        assert!(!takes_in("*.x.org", "*.a.x.org") && !takes_in("**.x.org", "*.ax.org"));
    }

    #[test]
    fn what_is_no_entry() {
        for text in [
            "",
            "*",
            "**",
            "*.",
            "x.*.org",
            "*x.org",
            "https://x.org",
            "x.org/a",
            "x.org:",
            "x.org:0",
            "x.org:70000",
            "a b",
            "*.1.2.3.4",
            "*.*.x.org",
        ] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
