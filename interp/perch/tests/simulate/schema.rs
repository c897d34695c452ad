//! As much of JSON Schema as the schemas of this repository use.

use serde_json::Value;

/// What does not fit, with its place.
pub(crate) fn misfits(schema: &Value, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    check(schema, schema, value, "report", &mut wrong);
    wrong
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")) {
        check(root, &root["$defs"][name], value, place, wrong);
    }
    for many in ["oneOf", "anyOf"] {
        let Some(ways) = schema[many].as_array() else { continue };
        let fits = |way: &&Value| {
            let mut inner = Vec::new();
            check(root, way, value, place, &mut inner);
            inner.is_empty()
        };
        if !ways.iter().any(|way| fits(&way)) {
            wrong.push(format!("{place}: none of {many}"));
        }
    }
    let types: Vec<&Value> = match &schema["type"] {
        Value::Array(types) => types.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    if !types.is_empty() && !types.iter().any(|name| *name == type_of(value)) {
        wrong.push(format!("{place}: {value} is no {types:?}"));
    }
    if schema.get("const").is_some_and(|constant| constant != value) {
        wrong.push(format!("{place}: {value} is not {}", schema["const"]));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.is_object() && value.get(name).is_none() {
            wrong.push(format!("{place}: `{name}` is missing"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => check(root, schema, inner, &format!("{place}.{name}"), wrong),
            None if schema["properties"].is_object() => wrong.push(format!("{place}: `{name}` is not in the schema")),
            None => {}
        }
    }
    for (at, inner) in value.as_array().into_iter().flatten().enumerate() {
        check(root, &schema["items"], inner, &format!("{place}[{at}]"), wrong);
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn the_check_notices() {
    let schema = serde_json::json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    assert!(misfits(&schema, &serde_json::json!({"a": "x"})).is_empty());
    assert_eq!(misfits(&schema, &serde_json::json!({"a": 1})).len(), 1);
    assert_eq!(misfits(&schema, &serde_json::json!({"b": "x"})).len(), 2);
}
