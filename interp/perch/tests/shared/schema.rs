//! As much of JSON Schema as the schemas of this repository use, and that of SARIF. A keyword that it does not know fits nothing.

use std::collections::BTreeSet;

use serde_json::Value;

/// Keywords that ask for nothing.
const SILENT: [&str; 9] =
    ["$schema", "$id", "$defs", "definitions", "description", "title", "default", "format", "additionalProperties"];

/// What does not fit, with its place.
pub(crate) fn misfits(schema: &Value, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    Check { root: schema, wrong: &mut wrong }.value(schema, value, "report");
    wrong
}

struct Check<'a> {
    root: &'a Value,
    wrong: &'a mut Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, value: &Value, place: &str) {
        for (keyword, wanted) in schema.as_object().into_iter().flatten() {
            match keyword.as_str() {
                "$ref" => {
                    let path = wanted.as_str().unwrap().trim_start_matches('#');
                    self.value(self.root.pointer(path).unwrap(), value, place);
                }
                "oneOf" | "anyOf" => self.one_of(wanted, value, place),
                "properties" => self.properties(schema, wanted, value, place),
                "items" => {
                    for (at, inner) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(wanted, inner, &format!("{place}[{at}]"));
                    }
                }
                keyword if fits(keyword, wanted, value) => {}
                _ => self.wrong.push(format!("{place}: {value} does not fit {keyword} {wanted}")),
            }
        }
    }

    fn one_of(&mut self, ways: &Value, value: &Value, place: &str) {
        let fits = |way: &&Value| {
            let mut inner = Vec::new();
            Check { root: self.root, wrong: &mut inner }.value(way, value, place);
            inner.is_empty()
        };
        if !ways.as_array().into_iter().flatten().any(|way| fits(&way)) {
            self.wrong.push(format!("{place}: {value} is none of {ways}"));
        }
    }

    /// What an object holds. Nothing else is allowed where anything is listed, unless the schema says how it is to be.
    fn properties(&mut self, schema: &Value, known: &Value, value: &Value, place: &str) {
        for (name, inner) in value.as_object().into_iter().flatten() {
            let other = schema.get("additionalProperties").filter(|other| other.is_object());
            match known.get(name).or(other) {
                Some(schema) => self.value(schema, inner, &format!("{place}.{name}")),
                None => self.wrong.push(format!("{place}: `{name}` is not in the schema")),
            }
        }
    }
}

/// Whether a value is as a keyword wants it.
fn fits(keyword: &str, wanted: &Value, value: &Value) -> bool {
    let items = value.as_array();
    match keyword {
        "type" => {
            wanted.as_array().map_or(vec![wanted], |types| types.iter().collect()).iter().any(|ty| is_a(ty, value))
        }
        "const" => wanted == value,
        "enum" => wanted.as_array().unwrap().contains(value),
        "required" => {
            let names = wanted.as_array().into_iter().flatten().filter_map(Value::as_str);
            !value.is_object() || names.into_iter().all(|name| value.get(name).is_some())
        }
        "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|number| number <= wanted.as_f64().unwrap()),
        "minItems" => items.is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
        "uniqueItems" => {
            items.is_none_or(|items| items.iter().map(Value::to_string).collect::<BTreeSet<_>>().len() == items.len())
        }
        _ => SILENT.contains(&keyword),
    }
}

fn is_a(ty: &Value, value: &Value) -> bool {
    match (ty.as_str().unwrap(), value) {
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("string", Value::String(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => true,
        ("integer", Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    }
}

#[test]
fn the_check_notices() {
    let schema = serde_json::json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    assert!(misfits(&schema, &serde_json::json!({"a": "x"})).is_empty());
    assert_eq!(misfits(&schema, &serde_json::json!({"a": 1})).len(), 1);
    assert_eq!(misfits(&schema, &serde_json::json!({"b": "x"})).len(), 2);
    let of = |schema: Value, value: Value| misfits(&schema, &value).len();
    assert_eq!(of(serde_json::json!({"enum": ["a"]}), "b".into()), 1);
    assert_eq!(of(serde_json::json!({"minimum": 1, "maximum": 2}), 3.into()), 1);
    assert_eq!(of(serde_json::json!({"minItems": 1}), serde_json::json!([])), 1);
    assert_eq!(of(serde_json::json!({"uniqueItems": true}), serde_json::json!([1, 1])), 1);
    assert_eq!(of(serde_json::json!({"pattern": "x"}), "x".into()), 1);
    assert_eq!(of(serde_json::json!({"definitions": {"a": {"const": 1}}, "$ref": "#/definitions/a"}), 2.into()), 1);
}
