//! What the evaluator itself reckons.

use perch_policy::path;

use super::Given;

/// A path text from a directory; of what is no path, nothing.
pub(super) fn absolute(dir: &str, text: &str) -> String {
    path::clean(dir, text).unwrap_or_default()
}

/// A program's name as it is; a path to one from a directory.
pub(super) fn program(dir: &str, text: &str) -> String {
    if text.contains('/') { absolute(dir, text) } else { text.to_owned() }
}

/// How long to wait behind an attempt, which are counted from 1: twice as long every time, up to the longest.
pub(super) fn backoff(first: &str, attempt: &str, longest: &str) -> String {
    let nanoseconds = |text| crate::duration::nanoseconds(text).unwrap_or_default();
    let doublings = attempt.parse::<u32>().map_or(u32::MAX, |attempt| attempt.saturating_sub(1));
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    format!("{}ns", nanoseconds(first).saturating_mul(factor).min(nanoseconds(longest)))
}

/// A wait that is as long as it gets from the first on.
pub(super) fn longest_backoff(given: &[Given<'_>]) -> Option<String> {
    let [first, _, longest] = given else { return None };
    let [first, longest] = [first, longest].map(|length| crate::duration::nanoseconds(length.known()?));
    let (first, longest) = (first?, longest?);
    if first == 0 { Some("0ns".to_owned()) } else { (first >= longest).then(|| format!("{longest}ns")) }
}

/// Nobody tries more often than that.
const MAX_COUNT: i64 = 100_000;

pub(super) fn count(last: &str) -> String {
    let last = last.parse::<i64>().unwrap_or_default().min(MAX_COUNT);
    (1..=last).map(|number| format!("{number}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pure::Piece;

    #[test]
    fn waits_double_from_the_first_on() {
        let waits = ["1", "2", "3", "4", "99"].map(|attempt| backoff("200ms", attempt, "1s"));
        assert_eq!(waits, ["200000000ns", "400000000ns", "800000000ns", "1000000000ns", "1000000000ns"]);
    }

    #[test]
    fn waits_that_do_not_grow_are_known() {
        let known = |first, longest| {
            let given = [vec![Piece::Text(first)], vec![Piece::Unknown], vec![Piece::Text(longest)]];
            longest_backoff(&given.map(Given))
        };
        assert_eq!(known("0s", "5m").as_deref(), Some("0ns"));
        assert_eq!(known("2s", "1s").as_deref(), Some("1000000000ns"));
        assert_eq!(known("1s", "5m"), None);
    }

    #[test]
    fn programs_have_names_or_places() {
        let at = |text| program("/src", text);
        assert_eq!([at("git"), at("./t/gen"), at("/bin/sh")], ["git", "/src/t/gen", "/bin/sh"]);
        assert_eq!((absolute("/src", "git"), absolute("/src", "")), ("/src/git".to_owned(), String::new()));
    }
}
