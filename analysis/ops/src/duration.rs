//! Lengths of time: `90`, `500ms`, `1h30m`.

/// Units, and how many nanoseconds they are.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3_600 * SECOND),
    ("d", 86_400 * SECOND),
    ("w", 604_800 * SECOND),
];

const SECOND: u64 = 1_000_000_000;

/// The nanoseconds of a length of time: a number of seconds, or numbers with units one after the other. What does not fit
/// (after five hundred years) is as long as can be said.
#[must_use]
pub fn nanoseconds(text: &str) -> Option<u64> {
    if crate::operand::is_float(text) {
        return (!text.starts_with('-')).then(|| times(text, SECOND));
    }
    let mut rest = text;
    let mut all: u64 = 0;
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !is_digit(c)).unwrap_or(rest.len()));
        let (unit, behind) = behind.split_at(behind.find(is_digit).unwrap_or(behind.len()));
        let (_, size) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        if !crate::operand::is_float(number) {
            return None;
        }
        all = all.saturating_add(times(number, size));
        rest = behind;
    }
    (!text.is_empty()).then_some(all)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || c == '.'
}

/// A decimal number of units, exactly; what is less than a nanosecond is cut off.
fn times(number: &str, unit: u64) -> u64 {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = whole.parse().unwrap_or(u64::MAX);
    let mut all = whole.saturating_mul(unit);
    let mut place = unit;
    for digit in fraction.chars().filter_map(|digit| digit.to_digit(10)) {
        place /= 10;
        all = all.saturating_add(place.saturating_mul(u64::from(digit)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        let cases = [
            ("0", Some(0)),
            ("5", Some(5 * SECOND)),
            ("1.5", Some(1_500_000_000)),
            ("500ms", Some(500_000_000)),
            ("1h30m", Some(5_400 * SECOND)),
            ("1.5h", Some(5_400 * SECOND)),
            ("7d", Some(604_800 * SECOND)),
            ("2w", Some(2 * 604_800 * SECOND)),
            ("3us5ns", Some(3_005)),
            ("99999999999999999999", Some(u64::MAX)),
            ("", None),
            ("-5", None),
            ("ms", None),
            ("5x", None),
            ("5s5", None),
            (".", None),
            ("5 s", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(nanoseconds(text), wanted, "{text}");
        }
    }
}
