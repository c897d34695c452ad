//! Ops that are functions of their operands.
//!
//! Written once, on known texts, with the conventions of the host in question as an argument where they
//! matter. A domain that knows the operands applies the function; one that does not names the result.

use perch_policy::path;

/// A function from texts to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pure {
    /// Upper case by Unicode.
    Upper,
    /// Every occurrence replaced.
    Replace,
    /// Number of characters.
    Length,
    /// Last component of a path text.
    BaseName,
    /// What comes before the last component of a path text.
    DirName,
    /// Two path texts as one.
    JoinPath,
    /// How long to wait before an attempt: the first wait, how many there were before, the longest.
    Backoff,
    /// The numbers from 1 to this one, a line each.
    Count,
}

impl Pure {
    /// The result for known operands. Total: the catalogue has checked their number.
    #[must_use]
    pub fn apply(self, operands: &[&str]) -> String {
        let operand = |at: usize| operands.get(at).copied().unwrap_or_default();
        let text = operand(0);
        match self {
            Self::Upper => text.to_uppercase(),
            Self::Length => text.chars().count().to_string(),
            Self::Replace if operands.len() > 2 => replace(text, operand(1), operand(2)),
            Self::Replace => match operand(1).split_once(',') {
                Some((old, new)) => replace(text, old, new),
                None => text.to_owned(),
            },
            Self::BaseName => path::base(clean(text).trim_end_matches('/')).to_owned(),
            Self::DirName => dir_name(text),
            Self::Backoff => backoff(text, operand(1), operand(2)),
            Self::Count => count(text),
            Self::JoinPath => format!("{}/{}", text.trim_end_matches('/'), operand(1)),
        }
    }
}

/// Twice as long every time, up to the longest.
fn backoff(first: &str, before: &str, longest: &str) -> String {
    let nanoseconds = |text| crate::duration::nanoseconds(text).unwrap_or_default();
    let doublings = before.parse::<u32>().unwrap_or(u32::MAX);
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    format!("{}ns", nanoseconds(first).saturating_mul(factor).min(nanoseconds(longest)))
}

/// Nobody tries more often than that.
const MAX_COUNT: i64 = 100_000;

fn count(last: &str) -> String {
    let last = last.parse::<i64>().unwrap_or_default().min(MAX_COUNT);
    (1..=last).map(|number| format!("{number}\n")).collect()
}

fn replace(text: &str, old: &str, new: &str) -> String {
    if old.is_empty() { text.to_owned() } else { text.replace(old, new) }
}

/// Cleaned, and still relative when it was.
fn clean(text: &str) -> String {
    if text.starts_with('/') {
        return path::clean("/", text).unwrap_or_default();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// A path text that leads to the directory which holds `text`.
fn dir_name(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let clean = clean(text);
    match clean.rsplit_once('/') {
        _ if clean.is_empty() || clean == ".." || clean.ends_with("/..") => {
            format!("{clean}/..").trim_start_matches('/').to_owned()
        }
        Some(("", _)) => "/".to_owned(),
        Some((dir, _)) => dir.to_owned(),
        None => ".".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replace_takes_two_forms() {
        assert_eq!(Pure::Replace.apply(&["a-b-c", "-", "+"]), "a+b+c");
        assert_eq!(Pure::Replace.apply(&["a-b-c", "-,+"]), "a+b+c");
        assert_eq!(Pure::Replace.apply(&["a-b-c", "-"]), "a-b-c");
        assert_eq!(Pure::Replace.apply(&["abc", "", "x"]), "abc");
    }

    #[test]
    fn length_counts_characters() {
        assert_eq!(Pure::Length.apply(&["häß"]), "3");
    }

    #[test]
    fn directory_of_a_path_text() {
        let cases = [
            ("/a/b", "/a"),
            ("/a", "/"),
            ("/", "/"),
            ("a", "."),
            ("a/b/", "a"),
            (".", ".."),
            ("..", "../.."),
            ("../x", ".."),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(Pure::DirName.apply(&[text]), want, "{text}");
        }
        assert_eq!(Pure::BaseName.apply(&["/a/b/"]), "b");
        assert_eq!(Pure::JoinPath.apply(&["/a/", "b"]), "/a/b");
    }
}
