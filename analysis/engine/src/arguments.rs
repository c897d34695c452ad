//! What texts are as arguments and in conditions, for domains that know them.

use perch_ir::program::Comparison;

pub use perch_ir::arguments::{Usage, assign, empty_of, number};

/// How two texts compare (language §7.4), for domains that know both.
#[must_use]
pub fn compare(op: Comparison, left: &str, right: &str) -> bool {
    let (a, b) = (number(left).unwrap_or(0.0), number(right).unwrap_or(0.0));
    match op {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => a < b,
        Comparison::LessOrEqual => a <= b,
        Comparison::Greater => a > b,
        Comparison::GreaterOrEqual => a >= b,
    }
}

/// Whether a text is true (language §7.3).
#[must_use]
pub fn is_true(text: &str) -> bool {
    !matches!(text, "" | "false" | "0")
}

/// The exit status that a text is.
#[must_use]
pub fn status(text: &str) -> Option<u8> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}
