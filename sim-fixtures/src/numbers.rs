//! Whole numbers. To JSON Schema `1.0` is one, and a fixture is what its schema says.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// Whether it is one, in whatever way it is written.
pub(crate) fn is_whole(number: &Number) -> bool {
    number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// The one that it is, if that is not too large.
pub(crate) fn integer(number: &Number) -> Option<i64> {
    // A number with a point is shown without it if nothing is behind, and never with an exponent.
    let with_a_point = || number.as_f64().and_then(|number| number.to_string().parse().ok());
    number.as_i64().or_else(with_a_point)
}

/// Reads one.
pub(crate) fn whole<'de, D: Deserializer<'de>, N: TryFrom<i64>>(from: D) -> Result<N, D::Error> {
    let number = Number::deserialize(from)?;
    of(&number).ok_or_else(|| D::Error::custom(format!("{number} is no such number")))
}

/// Reads one, or `null`.
pub(crate) fn whole_if_any<'de, D: Deserializer<'de>, N: TryFrom<i64>>(from: D) -> Result<Option<N>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(from)? else { return Ok(None) };
    of(&number).map(Some).ok_or_else(|| D::Error::custom(format!("{number} is no such number")))
}

fn of<N: TryFrom<i64>>(number: &Number) -> Option<N> {
    N::try_from(integer(number)?).ok()
}
