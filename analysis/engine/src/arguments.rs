//! What texts are as arguments and in conditions, for domains that know them.

use std::cmp::Ordering;

use perch_ir::program::Comparison;
use perch_ops::version::Version;

use crate::faults::{Fault, active};

pub use perch_ir::arguments::{Given, Usage, assign, empty_of, given_to, number};

/// How two texts compare (language §7.4), for domains that know both.
#[must_use]
pub fn compare(op: Comparison, left: &str, right: &str) -> bool {
    match op {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => order(left, right).is_lt(),
        Comparison::LessOrEqual => order(left, right).is_le(),
        Comparison::Greater => order(left, right).is_gt(),
        Comparison::GreaterOrEqual => order(left, right).is_ge(),
    }
}

/// Versions by their numbers, if both are some that can be nothing else; all other texts as numbers.
fn order(left: &str, right: &str) -> Ordering {
    let version = |text| Version::of(text).filter(|version| version.dots() > 1);
    if let (Some(left), Some(right), false) = (version(left), version(right), active(Fault::VersionsAreNumbers)) {
        return left.cmp(&right);
    }
    let (left, right) = (number(left).unwrap_or(0.0), number(right).unwrap_or(0.0));
    left.partial_cmp(&right).unwrap_or(Ordering::Equal)
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
