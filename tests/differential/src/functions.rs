//! Ops that are functions of texts, as generated programs use them.

use perch_ops::{Body, Entry, ErrorKind, OpId, Type, catalogue};

use crate::random::Random;

/// Texts for operands of a type, likely ones and a few that the op refuses.
fn texts(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Int => &["0", "1", "2", "5", "-1", "99999999", "\"${v}\"", "\"${E1}\""],
        Type::Regex => &["a", "\"^a\"", "\"[a-x]+\"", "\"(l)(o)?\"", "\"^$\"", "\"a|b\"", "\"${v}\"", "\"${E1}\""],
        Type::Json => &["\"[1, 2]\"", "'{\"a\": {\"b\": [\"x\", null]}}'", "5", "\"${v}\""],
        Type::Version => &["1.2", "1.2.3", "v2", "1.0-rc", "\"${v}\"", "\"${E1}\""],
        _ => &[],
    }
}

/// The functions that programs may use where any op may stand.
fn functions() -> impl Iterator<Item = OpId> {
    catalogue().filter(|entry| !entry.internal).filter_map(Entry::op).filter(|op| matches!(op.body(), Body::Pure(_)))
}

/// The words of a use of some function. `None` is an operand that may be any text.
pub fn call(random: &mut Random, predicate: bool) -> Vec<Option<&'static str>> {
    let all: Vec<OpId> = functions().filter(|op| !predicate || op.entry().predicate).collect();
    // What can be parsed is rare among the texts of programs.
    let parses =
        |op: &OpId| matches!(op.body(), Body::Pure(function) if function.kinds().contains(&ErrorKind::ParseFailed));
    let mut op = *random.pick(&all);
    while parses(&op) && random.chance(80) {
        op = *random.pick(&all);
    }
    let entry = op.entry();
    let most = entry.most().unwrap_or(entry.least() + 2);
    let count = entry.least() + random.below(most - entry.least() + 1);
    let likely = (0..count).map(|at| entry.operand(at).map_or(&[][..], |operand| texts(operand.ty)));
    let words = likely.map(|likely| if likely.is_empty() { None } else { Some(*random.pick(likely)) });
    std::iter::once(Some(entry.name)).chain(words).collect()
}
