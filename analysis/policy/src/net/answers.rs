//! What answers mean: where one leads, and how much of one is shown. For analysis and run alike.

use crate::Redirects;

use super::Url;

/// Statuses with which an answer can lead somewhere else.
const LEADING: [u16; 5] = [301, 302, 303, 307, 308];

/// So many bytes of the body of an answer that is a failure are shown.
pub const SHOWN: usize = 1 << 10;

/// The request to which an answer leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// To whom.
    pub url: Url,
    /// It is a `GET` now, without a body.
    pub fetches: bool,
}

/// Whether an answer with that status leads somewhere else, if it says where.
#[must_use]
pub fn leads(status: u16) -> bool {
    LEADING.contains(&status)
}

/// The request to which an answer leads that [`leads`], after so many others.
///
/// # Errors
/// With a sentence, if it is not followed.
pub fn followed(
    from: &Url,
    method: &str,
    status: u16,
    location: &str,
    rules: Redirects,
    so_far: u32,
) -> Result<Next, String> {
    let shown = from.as_str();
    if so_far == rules.most {
        return Err(match rules.most {
            0 => format!("`{shown}` redirects to `{location}`, and no redirects are followed"),
            most => format!("`{shown}` redirects once more, after {most} redirects"),
        });
    }
    let Some(url) = from.join(location) else {
        return Err(format!("`{shown}` redirects to `{location}`, which is no web address to follow"));
    };
    if from.is_secure() && !url.is_secure() && !rules.downgrade {
        let why = format!("`{shown}` redirects to `{}`, which is not secure any more", url.as_str());
        return Err(format!("{why}: only `--allow-scheme-downgrade` lets it"));
    }
    if matches!(method, "GET" | "HEAD") {
        return Ok(Next { url, fetches: false });
    }
    if matches!(status, 301..=303) {
        return Ok(Next { url, fetches: true });
    }
    // What was meant for one is not handed to another.
    if (url.host(), url.port()) != (from.host(), from.port()) {
        return Err(format!("`{shown}` redirects a {method} to another host, `{}`", url.as_str()));
    }
    Ok(Next { url, fetches: false })
}

/// How a body begins, as far as it is text.
#[must_use]
pub fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..SHOWN).unwrap_or(body)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(method: &str, status: u16, from: &str, location: &str, rules: Redirects) -> Result<(String, bool), String> {
        let next = followed(&Url::parse(from).unwrap(), method, status, location, rules, 0)?;
        Ok((next.url.as_str().to_owned(), next.fetches))
    }

    #[test]
    fn o_040_what_is_secure_stays_so_unless_somebody_says_otherwise() {
        let rules = |downgrade| Redirects { downgrade, ..Redirects::default() };
        for method in ["GET", "POST"] {
            assert!(to(method, 302, "https://x.org/", "http://x.org/", rules(false)).is_err());
        }
        let lifted = to("GET", 302, "https://x.org/", "http://x.org/", rules(true));
        assert_eq!(lifted, Ok(("http://x.org/".to_owned(), false)));
        assert!(to("GET", 302, "http://x.org/", "https://x.org/a", rules(false)).is_ok());
    }

    #[test]
    fn a_method_and_its_body_are_kept_where_that_was_meant_and_for_the_same_host() {
        let rules = Redirects::default();
        let same = |status| to("POST", status, "https://x.org/a", "/b", rules).map(|(_, fetches)| fetches);
        assert_eq!([302, 307].map(same), [Ok(true), Ok(false)]);
        assert!(to("PUT", 308, "https://x.org/", "https://y.org/", rules).is_err());
        assert!(to("PUT", 308, "https://x.org/", "https://x.org:444/", rules).is_err());
        assert!(to("PUT", 303, "https://x.org/", "https://y.org/", rules).is_ok());
    }

    #[test]
    fn so_many_are_followed_and_no_more() {
        let from = Url::parse("https://x.org/").unwrap();
        let after = |so_far, most| followed(&from, "GET", 302, "/a", Redirects { most, downgrade: false }, so_far);
        assert!(after(4, 5).is_ok() && after(5, 5).is_err() && after(0, 0).is_err());
    }
}
