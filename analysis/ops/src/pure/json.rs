//! JSON documents.
//!
//! A document is read as far as it is asked about. Numbers stay as they are written: nothing here reckons with them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Applied, Refusal, shown};
use crate::ErrorKind::{InvalidArgument, LimitExceeded, ParseFailed};

/// Documents that are nested deeper are refused.
const MAX_DEPTH: usize = 128;

/// A value, with what is in it unread.
enum Value<'t> {
    Array(Vec<&'t RawValue>),
    Object(Vec<(String, &'t RawValue)>),
    Text(String),
    Null,
    /// A number, `true` or `false`.
    Other(&'t str),
}

/// The members of an object in their order, those with the same name included.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

fn document(text: &str) -> Result<&RawValue, Refusal> {
    if depth(text) > MAX_DEPTH {
        return Err(Refusal::new(LimitExceeded, format!("the document is nested deeper than {MAX_DEPTH}")));
    }
    let document: &RawValue = serde_json::from_str(text).map_err(|error| not_json(text, &error))?;
    // What strings stand for is looked at when they are read. Only such escapes can stand for nothing.
    if text.contains("\\ud") || text.contains("\\uD") {
        compact(document, &mut String::new())?;
    }
    Ok(document)
}

/// The position that a step of a path is.
fn position(step: &str) -> Option<usize> {
    let digits = step.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| step.parse().ok()).flatten()
}

fn not_json(text: &str, error: &serde_json::Error) -> Refusal {
    Refusal::new(ParseFailed, format!("`{}` is not JSON: {error}", shown(text)))
}

/// How deep brackets are nested, as if the text were a document.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn value(raw: &RawValue) -> Result<Value<'_>, Refusal> {
    let text = raw.get();
    let read = match text.as_bytes().first() {
        Some(b'[') => serde_json::from_str(text).map(Value::Array),
        Some(b'{') => serde_json::from_str(text).map(|Members(members)| Value::Object(members)),
        Some(b'"') => serde_json::from_str(text).map(Value::Text),
        Some(b'n') => Ok(Value::Null),
        _ => Ok(Value::Other(text)),
    };
    read.map_err(|error| not_json(text, &error))
}

/// Without blanks between its parts.
fn compact(raw: &RawValue, made: &mut String) -> Result<(), Refusal> {
    match value(raw)? {
        Value::Array(elements) => {
            made.push('[');
            for (at, element) in elements.into_iter().enumerate() {
                if at > 0 {
                    made.push(',');
                }
                compact(element, made)?;
            }
            made.push(']');
        }
        Value::Object(members) => {
            made.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    made.push(',');
                }
                made.push_str(&quoted(&name));
                made.push(':');
                compact(member, made)?;
            }
            made.push('}');
        }
        Value::Text(text) => made.push_str(&quoted(&text)),
        Value::Null => made.push_str("null"),
        Value::Other(text) => made.push_str(text),
    }
    Ok(())
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn parse(text: &str) -> Applied {
    let mut made = String::with_capacity(text.len());
    compact(document(text)?, &mut made)?;
    Ok(made)
}

/// A document that is no JSON string stands for itself; any other text is a JSON string.
pub(super) fn stringify(text: &str) -> String {
    if text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('"') {
        return quoted(text);
    }
    parse(text).unwrap_or_else(|_| quoted(text))
}

/// What stands at a path, as a text: a string without its quotes, an array as a line per element.
pub(super) fn get(text: &str, path: &str) -> Applied {
    match find(text, path)? {
        Some(found) => written(found, true),
        None => Ok(String::new()),
    }
}

fn written(raw: &RawValue, list: bool) -> Applied {
    match value(raw)? {
        Value::Text(text) => Ok(text),
        Value::Null => Ok(String::new()),
        Value::Other(text) => Ok(text.to_owned()),
        Value::Array(elements) if list => {
            let lines: Result<Vec<String>, Refusal> =
                elements.into_iter().map(|element| written(element, false)).collect();
            Ok(lines?.join("\n"))
        }
        Value::Array(_) | Value::Object(_) => {
            let mut made = String::new();
            compact(raw, &mut made)?;
            Ok(made)
        }
    }
}

pub(super) fn count(text: &str, path: &str) -> Applied {
    let count = match find(text, path)?.map(value).transpose()? {
        Some(Value::Array(elements)) => elements.len(),
        Some(Value::Object(members)) => members.len(),
        _ => 0,
    };
    Ok(count.to_string())
}

fn find<'t>(text: &'t str, path: &str) -> Result<Option<&'t RawValue>, Refusal> {
    let steps = steps(path)?;
    let mut here = document(text)?;
    for step in steps {
        let next = match value(here)? {
            Value::Array(elements) => position(&step).and_then(|at| elements.get(at).copied()),
            // Of members with the same name the last one counts.
            Value::Object(members) => {
                members.into_iter().rev().find(|(name, _)| *name == step).map(|(_, member)| member)
            }
            _ => None,
        };
        let Some(next) = next else { return Ok(None) };
        here = next;
    }
    Ok(Some(here))
}

/// Whether a text is a path in a document.
pub(super) fn is_path(text: &str) -> bool {
    steps(text).is_ok()
}

/// The steps of a path: `.a.0.b`, `a[0].b`, `["a.b"]`.
fn steps(path: &str) -> Result<Vec<String>, Refusal> {
    let wrong = || Refusal::new(InvalidArgument, format!("`{}` is no path, such as `.items.0.name`", shown(path)));
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('.').unwrap_or(path);
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('[') {
            let (step, behind) = match behind.strip_prefix('"') {
                Some(name) => name.split_once("\"]").ok_or_else(wrong)?,
                None => behind.split_once(']').filter(|(at, _)| position(at).is_some()).ok_or_else(wrong)?,
            };
            steps.push(step.to_owned());
            rest = behind;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return Err(wrong());
            }
            steps.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        match rest.strip_prefix('.') {
            Some("") => return Err(wrong()),
            Some(behind) => rest = behind,
            None if rest.is_empty() || rest.starts_with('[') => {}
            None => return Err(wrong()),
        }
    }
    Ok(steps)
}
