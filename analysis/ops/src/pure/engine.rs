//! What the evaluator itself reckons.

/// Twice as long every time, up to the longest.
pub(super) fn backoff(first: &str, before: &str, longest: &str) -> String {
    let nanoseconds = |text| crate::duration::nanoseconds(text).unwrap_or_default();
    let doublings = before.parse::<u32>().unwrap_or(u32::MAX);
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    format!("{}ns", nanoseconds(first).saturating_mul(factor).min(nanoseconds(longest)))
}

/// Nobody tries more often than that.
const MAX_COUNT: i64 = 100_000;

pub(super) fn count(last: &str) -> String {
    let last = last.parse::<i64>().unwrap_or_default().min(MAX_COUNT);
    (1..=last).map(|number| format!("{number}\n")).collect()
}
