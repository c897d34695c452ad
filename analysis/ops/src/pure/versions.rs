//! Versions (language §9.3).

use super::{Applied, pattern};
use crate::version::Version;

/// How two versions are to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// The first is newer.
    Greater,
    /// The first is as new at least.
    GreaterOrEqual,
    /// The first is older.
    Less,
    /// The first is as old at least.
    LessOrEqual,
    /// The first numbers are equal.
    Compatible,
}

pub(super) fn compare(relation: Relation, a: &str, b: &str) -> bool {
    let versions = Version::of(a).zip(Version::of(b));
    let order = versions.map_or_else(|| a.cmp(b), |(a, b)| a.cmp(&b));
    match relation {
        Relation::Equal => order.is_eq(),
        Relation::NotEqual => order.is_ne(),
        Relation::Greater => order.is_gt(),
        Relation::GreaterOrEqual => order.is_ge(),
        Relation::Less => order.is_lt(),
        Relation::LessOrEqual => order.is_le(),
        Relation::Compatible => versions.map_or(order.is_eq(), |(a, b)| a.is_compatible(&b)),
    }
}

/// What looks like a version.
const LOOKS: &str = r"v?([0-9]+(?:\.[0-9]+)+(?:[-+][0-9A-Za-z.+-]+)?)";

/// The first match: its first group, if there is one, else all of it.
pub(super) fn extract(text: &str, wanted: Option<&str>) -> Applied {
    let pattern = pattern::compile(wanted.unwrap_or(LOOKS))?;
    let Some(found) = pattern.captures(text) else { return Ok(String::new()) };
    let group = found.get(1).or_else(|| found.get(0));
    Ok(group.map(|group| group.as_str().to_owned()).unwrap_or_default())
}
