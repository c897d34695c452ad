//! What a node does, with values, in words and as JSON.

use perch_concrete::Given;
use perch_engine::eval::as_given;
use perch_ir::construct::list_of;
use perch_ops::Entry;
use perch_syntax::is_name;
use serde_json::{Map, Value};

/// The words of it: those of an op or a call behind its name, programs with `|` between them.
pub(crate) fn words(what: Given<'_>) -> Vec<String> {
    match what {
        Given::Op(_, operands) => operands.iter().map(ToString::to_string).collect(),
        Given::Call(arguments) => arguments.iter().map(|(_, value)| value.to_string()).collect(),
        Given::Pipe(stages) => {
            let stages = stages.iter().map(|stage| stage.words.iter().map(ToString::to_string).collect::<Vec<_>>());
            stages.collect::<Vec<_>>().join(&"|".to_owned())
        }
    }
}

/// Operands by their names, or by their places.
pub(crate) fn operands(entry: &Entry, operands: &[impl AsRef<str>], by_place: bool) -> Map<String, Value> {
    let mut named = Map::new();
    for (at, operand) in operands.iter().enumerate() {
        let value = Value::from(operand.as_ref());
        let declared = entry.operand(at);
        match declared.filter(|_| !by_place) {
            Some(operand) if operand.need.repeats() => push(&mut named, operand.name, value),
            Some(operand) => drop(named.insert(operand.name.to_owned(), value)),
            None => drop(named.insert(format!("_{at}"), value)),
        }
    }
    named
}

/// Arguments by their names; the words of a list are an array.
pub(crate) fn arguments(given: &[(String, impl AsRef<str>)]) -> Map<String, Value> {
    let mut named = Map::new();
    for (name, value) in given {
        let value = Value::from(value.as_ref());
        match (as_given(name), list_of(name)) {
            (Some(name), _) => drop(named.insert(name.to_owned(), value)),
            (None, Some(list)) => push(&mut named, list, value),
            (None, None) => drop(named.insert(name.clone(), value)),
        }
    }
    named
}

fn push(named: &mut Map<String, Value>, name: &str, value: Value) {
    match named.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(values) => values.push(value),
        other => *other = value,
    }
}

/// The name that a statement binds: `v` of `v = read_file a`.
pub(crate) fn captured(source: &str) -> Option<&str> {
    source.split_once(" = ").map(|(name, _)| name.strip_prefix("let ").unwrap_or(name)).filter(|name| is_name(name))
}
