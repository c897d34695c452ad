//! Versions: `1.22.0`, `v2.0.1-rc.1+build5` (language §9.3).

use std::cmp::Ordering;

/// A version. What does not count is not in it, so two that are equal are the same version.
#[derive(Clone, Copy, Debug)]
pub struct Version<'t> {
    numbers: &'t str,
    /// What follows `-`.
    tail: Option<&'t str>,
}

impl<'t> Version<'t> {
    /// The version that a text is.
    #[must_use]
    pub fn of(text: &'t str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (numbers, tail) = text.split_once('-').map_or((text, None), |(numbers, tail)| (numbers, Some(tail)));
        let is_number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let is_part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        };
        let fits = numbers.split('.').all(is_number) && tail.is_none_or(is_part) && build.is_none_or(is_part);
        fits.then_some(Self { numbers, tail })
    }

    /// Whether the first numbers are the same.
    #[must_use]
    pub fn is_compatible(&self, other: &Self) -> bool {
        let [ours, theirs] = [self, other].map(|version| version.numbers.split('.').next().unwrap_or_default());
        by_number(ours, theirs).is_eq()
    }

    /// How many dots are between its numbers. With one it may as well be a number.
    #[must_use]
    pub fn dots(&self) -> usize {
        self.numbers.matches('.').count()
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut ours, mut theirs) = (self.numbers.split('.'), other.numbers.split('.'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => break,
                (a, b) => match by_number(a.unwrap_or("0"), b.unwrap_or("0")) {
                    Ordering::Equal => {}
                    decided => return decided,
                },
            }
        }
        match (self.tail, other.tail) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => a.cmp(b),
        }
    }
}

/// Digits, of which there may be any number.
fn by_number(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_version() {
        for text in ["1", "1.22", "v1.2.3", "1.2.3-rc.1", "1.2.3+5", "1.2.3-a-b+c", "00.1.2"] {
            assert!(Version::of(text).is_some(), "{text}");
        }
        for text in ["", "v", "V1.2.3", "1.", ".1", "1..2", "1.2.x", "1.2.3-", "1.2.3+", "1.2.3 ", "-1.2.3", "1.2.3-ä"]
        {
            assert!(Version::of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn versions_are_in_order() {
        let order = ["0.9.10", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0", "1.0.1-a", "1.0.1", "1.2.0", "1.10.0", "1.10.0.1"];
        let versions: Vec<Version<'_>> = order.iter().filter_map(|text| Version::of(text)).collect();
        assert_eq!(versions.len(), order.len());
        assert!(versions.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn what_does_not_count() {
        let same = |a, b| Version::of(a) == Version::of(b);
        assert!(same("v1.2.3", "1.2.3") && same("1.2.3+a", "1.2.3+b") && same("1.2", "1.2.0") && same("1.02", "1.2"));
        assert!(!same("1.2.3-a", "1.2.3"));
    }

    #[test]
    fn numbers_have_any_length() {
        let long = "9".repeat(40);
        assert!(Version::of("1.2.3") < Version::of(&format!("1.{long}.0")));
    }
}
