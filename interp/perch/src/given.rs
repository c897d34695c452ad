//! What a node does, with values, in words and as JSON.

use perch_concrete::{Given, Text};
use perch_engine::eval::as_given;
use perch_ir::construct::list_of;
use perch_ops::Entry;
use perch_syntax::is_name;
use serde_json::{Map, Value};

use crate::secrets::is_secret;

/// The words of it: those of an op or a call behind its name, programs with `|` between them. Variables stand in front, as in the file.
pub(crate) fn words(what: Given<'_>) -> Vec<String> {
    let words = |variables: &[(String, Text)], words: &[Text]| -> Vec<String> {
        let set = variables.iter().map(|(name, value)| format!("{name}={}", shown_value(name, value)));
        set.chain(words.iter().map(ToString::to_string)).collect()
    };
    match what {
        Given::Op(_, operands, variables) => words(variables, operands),
        Given::Call(arguments) => arguments.iter().map(|(_, value)| value.to_string()).collect(),
        Given::Pipe(stages) => {
            let stages = stages.iter().map(|stage| words(&stage.variables, &stage.words));
            stages.collect::<Vec<_>>().join(&"|".to_owned())
        }
    }
}

/// Variables that are set for a program alone, by their names.
pub(crate) fn variables(set: &[(String, Text)]) -> Map<String, Value> {
    set.iter().map(|(name, value)| (name.clone(), shown_value(name, value).into())).collect()
}

/// The value of a variable, unless its name says that it is nobody's business.
fn shown_value(name: &str, value: &str) -> String {
    if is_secret(name) { format!("${{{name}}}") } else { value.to_owned() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_in_front_of_their_program() {
        let words_of = |set: &[(&str, &str)]| {
            let set: Vec<(String, Text)> =
                set.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
            let exec = perch_ops::find("exec").map(|entry| words(Given::Op(entry, &["ls".into(), "-l".into()], &set)));
            exec.unwrap_or_default().join(" ")
        };
        assert_eq!(words_of(&[("LD_PRELOAD", "./evil.so"), ("B", "")]), "LD_PRELOAD=./evil.so B= ls -l");
        assert_eq!(words_of(&[("API_KEY", "mine")]), "API_KEY=${API_KEY} ls -l");
    }
}
