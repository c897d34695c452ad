//! Values of variables that are nobody's business.
//!
//! A variable of the environment whose name says that it holds a secret is shown as `${NAME}` wherever perch speaks on its own account:
//! in traces, reports, records, questions and messages. What commands and programs print is theirs.

use std::borrow::Cow;
use std::env;

/// What in a name says that its value is a secret.
const MARKS: [&str; 7] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL"];

/// A shorter value stands everywhere, and is no secret.
const LEAST: usize = 4;

/// Values that are not to be shown, the longest first, each with the name of its variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Vec<(String, String)>);

/// Whether the name of a variable says that its value is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    MARKS.iter().any(|mark| name.contains(mark))
}

impl Secrets {
    /// Those of the environment.
    pub(crate) fn of_environment() -> Self {
        Self::of(env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))))
    }

    fn of(variables: impl Iterator<Item = (String, String)>) -> Self {
        let is_kept = |(name, value): &(String, String)| value.len() >= LEAST && is_secret(name);
        let mut found: Vec<_> = variables.filter(is_kept).map(|(name, value)| (value, name)).collect();
        found.sort_by(|(one, a), (other, b)| other.len().cmp(&one.len()).then(a.cmp(b)));
        Self(found)
    }

    /// The text with names in place of secrets. It is gone through once, so a name is never taken for a secret.
    pub(crate) fn hidden<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.0.iter().any(|(value, _)| text.contains(value.as_str())) {
            return Cow::Borrowed(text);
        }
        let mut shown = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some((value, name)) = self.0.iter().find(|(value, _)| rest.starts_with(value.as_str())) {
                shown.push_str(&format!("${{{name}}}"));
                rest = rest.get(value.len()..).unwrap_or_default();
            } else {
                shown.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
        Cow::Owned(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(variables: &[(&str, &str)]) -> Secrets {
        Secrets::of(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn values_of_variables_with_telling_names_are_hidden() {
        let secrets = secrets(&[("API_TOKEN", "s3cret"), ("db_password", "hunter2"), ("HOME", "/home/me")]);
        assert_eq!(secrets.hidden("x=s3cret, hunter2 in /home/me"), "x=${API_TOKEN}, ${db_password} in /home/me");
        assert!(matches!(secrets.hidden("nothing"), Cow::Borrowed("nothing")));
    }

    #[test]
    fn the_longer_of_two_is_meant_and_names_are_not_looked_through() {
        let secrets = secrets(&[("A_KEY", "abcd"), ("B_KEY", "abcdef"), ("C_KEY", "B_KEY")]);
        assert_eq!(secrets.hidden("abcdefabcd"), "${B_KEY}${A_KEY}");
    }

    #[test]
    fn what_stands_everywhere_is_no_secret() {
        assert_eq!(secrets(&[("KEY", "yes"), ("TOKEN", "")]).hidden("yes, it does"), "yes, it does");
    }
}
