//! Web addresses.

use super::Host;

/// The schemes that there are, as a program writes them.
const SCHEMES: [&str; 2] = ["http://", "https://"];

/// A web address: `http` or `https`, with a host, and without a user in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    url: url::Url,
    host: Host,
}

impl Url {
    /// Reads what a program gives as an address. What readers of addresses do not agree on is none: blanks and line ends, `\`, a user, a
    /// missing host.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let behind = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme))?;
        if behind.is_empty() || behind.starts_with('/') || text.contains(odd) {
            return None;
        }
        Self::of(url::Url::parse(text).ok()?)
    }

    /// What is known of the host of an address that begins like this: all, if its end is in sight.
    #[must_use]
    pub fn beginning(text: &str) -> Option<Self> {
        let scheme = SCHEMES.iter().find(|scheme| text.starts_with(**scheme))?;
        let behind = text.get(scheme.len()..)?;
        let end = behind.find(['/', '?', '#'])?;
        Self::parse(text.get(..scheme.len() + end)?)
    }

    /// Where an answer leads that gives this as the place to go to.
    #[must_use]
    pub fn join(&self, location: &str) -> Option<Self> {
        if location.contains(odd) {
            return None;
        }
        Self::of(self.url.join(location).ok()?)
    }

    fn of(mut url: url::Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let host = Host::of(url.host()?)?;
        url.set_fragment(None);
        Some(Self { url, host })
    }

    /// The machine.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, that of the scheme if none is written.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// Whether what is said is kept from others.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The address as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }
}

fn odd(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(String, u16)> {
        Url::parse(text).map(|url| (url.host().to_string(), url.port()))
    }

    #[test]
    fn an_address_has_a_host_and_a_port() {
        assert_eq!(parsed("https://X.org/a?b#c"), Some(("x.org".into(), 443)));
        assert_eq!(parsed("http://0x7f.1:81"), Some(("127.0.0.1".into(), 81)));
        assert_eq!(parsed("http://[::ffff:7f00:1]/"), Some(("::ffff:127.0.0.1".into(), 80)));
        assert_eq!(Url::parse("https://x.org/a b").map(|url| url.port()), None);
    }

    #[test]
    fn n08_n16_n20_what_is_no_address() {
        for text in [
            "",
            "x.org",
            "http://",
            "https:///x",
            "ftp://x.org",
            "file:///etc/passwd",
            "gopher://x",
            "data:text/plain,a",
            "http+unix://%2fvar",
            "http://a b",
            "http://a\r\nX: y",
            "http://a/\n",
            "http://a\\b",
            "http://user@a/",
            "http://user:pw@a/",
            "http://@a@b/",
            "http://a:99999/",
            "http://:80/",
            "HTTP://a",
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_place_to_go_to_is_taken_from_where_one_is() {
        let from = Url::parse("https://x.org/a/b").unwrap();
        let to = |location| from.join(location).map(|url| url.as_str().to_owned());
        assert_eq!(to("c?d").as_deref(), Some("https://x.org/a/c?d"));
        assert_eq!(to("//Y.org").as_deref(), Some("https://y.org/"));
        for location in [
            "file:///etc/passwd",
            "gopher://y",
            "ftp://y",
            "data:,a",
            "javascript:a",
            "http://me@y/",
            "http://y\r\nA: b",
        ] {
            assert_eq!(to(location), None, "{location:?}");
        }
    }

    #[test]
    fn of_a_beginning_the_host_is_known_when_its_end_is() {
        let host = |text| Url::beginning(text).map(|url| url.host().to_string());
        assert_eq!(host("https://x.org/a").as_deref(), Some("x.org"));
        assert_eq!((host("https://x.or"), host("https://x.org:8"), host("http")), (None, None, None));
    }
}
