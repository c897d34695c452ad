//! Places and hosts as programs write them, and whether one lies within another.
//!
//! Names may stand in them, and where a command runs is not known, so the answer may be that nobody knows.

use core::net::IpAddr;

use perch_ir::{Operand, Part, Text};
use perch_policy::net::{Host, Pattern, Url};
use perch_policy::path;

/// A path as far as it is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    from: From,
    /// Behind that, not cleaned.
    rest: String,
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    Root,
    /// In the working directory.
    Here,
    /// In the directory that a fact of the host names.
    Fact(String),
}

/// A directory that is deep enough for any number of `..` that people write.
const DEEP: &str = "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16";

impl Site {
    /// A path that is all characters.
    pub(crate) fn written(text: &str) -> Self {
        Self { from: if text.starts_with('/') { From::Root } else { From::Here }, rest: text.to_owned() }
    }

    /// A text as a path. `value` gives the characters that a name stands for, where they are known.
    pub(crate) fn of(text: &Text, value: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let (first, rest) = match text.parts.split_first() {
            Some((Part::Name(name), rest)) if value(name).is_none() && is_directory(name) => (Some(name), rest),
            _ => (None, text.parts.as_slice()),
        };
        let part = |part: &Part| match part {
            Part::Literal(text) => Some(text.clone()),
            Part::Name(name) => value(name),
            Part::Call(_) | Part::Splice(_) | Part::NotYet(_) => None,
        };
        let rest: String = rest.iter().map(part).collect::<Option<_>>()?;
        match first {
            None => Some(Self::written(&rest)),
            Some(name) if rest.is_empty() || rest.starts_with('/') => {
                Some(Self { from: From::Fact(name.clone()), rest: rest.trim_start_matches('/').to_owned() })
            }
            Some(_) => None,
        }
    }

    /// A root of `requires`: a bare name is that binding.
    pub(crate) fn root(operand: &Operand, value: impl Fn(&str) -> Option<String>) -> Option<Self> {
        match operand {
            Operand::Text(text) => Self::of(text, value),
            Operand::Name(name) => Self::of(&Text { parts: vec![Part::Name(name.clone())] }, value),
        }
    }

    /// Whether it may lie within a root. `stays` says whether the program never leaves the directory in which it was started.
    pub(crate) fn may_be_within(&self, root: &Self, stays: bool) -> bool {
        match (&self.from, &root.from) {
            (From::Root, From::Root) => within("/", &self.rest, &root.rest),
            (From::Fact(one), From::Fact(other)) if one == other => within(DEEP, &self.rest, &root.rest),
            (From::Here, From::Here) if stays => within(DEEP, &self.rest, &root.rest),
            (From::Root, From::Here) => may_hold(&self.rest, &root.rest),
            _ => true,
        }
    }
}

/// Whether perch binds the path of a directory to that name.
fn is_directory(name: &str) -> bool {
    perch_ops::fact_named(name).is_some_and(|fact| fact.ty == perch_ops::Type::Path) && name != "cwd"
}

fn within(base: &str, place: &str, root: &str) -> bool {
    let clean = |text: &str| path::clean(base, if text.is_empty() { "." } else { text });
    match (clean(place), clean(root)) {
        (Some(place), Some(root)) => path::within(&place, &root),
        _ => true,
    }
}

/// Whether a relative root can hold an absolute place, wherever the program runs: its names have to occur in it.
fn may_hold(place: &str, root: &str) -> bool {
    let (Some(place), Some(root)) = (path::clean("/", place), path::clean("/", root)) else { return true };
    let root_is_odd = root == "/" || root.split('/').any(|name| name == "..");
    root_is_odd || format!("{place}/").contains(&format!("{root}/"))
}

/// The host in a web address, and its port if that is not the usual one, if both are written out. `rest` says whether more stands behind
/// the text.
pub(crate) fn host_of_url(text: &str, rest: bool) -> Option<String> {
    let url = if rest { Url::beginning(text) } else { Url::parse(text) }?;
    let usual = if url.is_secure() { 443 } else { 80 };
    Some(match (url.host(), url.port()) {
        (host, port) if port == usual => host.to_string(),
        (Host::Address(IpAddr::V6(address)), port) => format!("[{address}]:{port}"),
        (host, port) => format!("{host}:{port}"),
    })
}

/// Whether a host is one of those that an entry of a list may mean. Without a port it may be at any.
pub(crate) fn is_host(host: &str, entry: &str) -> bool {
    let (name, port) = match host.rsplit_once(':').map(|(name, port)| (name, port.parse::<u16>())) {
        Some((name, Ok(port))) if !name.contains(':') || name.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let (Some(host), Some(entry)) = (Host::parse(name), Pattern::parse(entry)) else { return false };
    entry.means(&host) && (port.is_none() || entry.port().is_none() || entry.port() == port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(place: &str, root: &str) -> bool {
        Site::written(place).may_be_within(&Site::written(root), true)
    }

    #[test]
    fn places_are_compared_as_they_are_cleaned() {
        assert!(may("/etc/a", "/etc") && may("./a/../b/c", "b") && may("b", ".") && may("../x/y", "../x"));
        assert!(!may("/etc2", "/etc") && !may("a", "b") && !may("../x", ".") && !may("b/../c", "b"));
    }

    #[test]
    fn where_the_program_runs_is_not_known() {
        assert!(may("a", "/srv") && may("/srv/out/a", "out") && may("/srv", "."));
        assert!(!may("/etc/passwd", "out") && !may("/srv/output", "out"));
        assert!(Site::written("a").may_be_within(&Site::written("b"), false));
    }

    #[test]
    fn hosts_have_ports_and_labels() {
        assert!(is_host("a.x.org", "*.x.org") && is_host("a.b.x.org", "**.x.org") && is_host("x.org:80", "x.org"));
        assert!(is_host("x.org", "X.org") && is_host("x.org:80", "x.org:80"));
        assert!(!is_host("x.org", "*.x.org") && !is_host("a.b.x.org", "*.x.org") && !is_host("ax.org", "**.x.org"));
        assert!(!is_host("x.org:80", "x.org:81") && !is_host("y.org", "x.org"));
        let url = |text| host_of_url(text, false);
        assert_eq!(url("https://X.org:80/a?b").as_deref(), Some("x.org:80"));
        assert_eq!(url("https://me@x.org/"), None);
        assert_eq!(host_of_url("https://x.or", true), None);
        assert_eq!(host_of_url("https://x.org/", true).as_deref(), Some("x.org"));
    }
}
