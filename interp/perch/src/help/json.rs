//! Help for machines.

use perch_ops::export;
use serde_json::{Value, json};

use super::text;
use super::topics::{Found, Topic, has_block, members};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The catalogue.
pub(super) fn catalog() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&export::export(VERSION, has_block)).map(|json| json + "\n")
}

/// Every topic.
pub(super) fn overview() -> String {
    let topics: Vec<Value> = Topic::all().map(topic).collect();
    shown(&json!({"perch_version": VERSION, "topics": topics}))
}

/// What a query has found.
pub(super) fn matches(query: &str, found: &Found) -> String {
    let matches: Vec<Value> = found.all().iter().copied().map(topic).collect();
    shown(&json!({"query": query, "matches": matches}))
}

/// What is said of a word or an option of the command line.
pub(super) fn page(query: &str, page: &str) -> String {
    let synopsis = page.lines().next().unwrap_or_default();
    let found = json!({
        "name": query,
        "kind": "command_line",
        "group": null,
        "synopsis": synopsis,
        "usage": null,
        "description": page,
        "examples": [],
        "see_also": [],
    });
    shown(&json!({"query": query, "matches": [found]}))
}

fn topic(topic: Topic) -> Value {
    let (kind, group, usage, examples, see_also) = match topic {
        Topic::Facts | Topic::Kinds | Topic::Fixtures | Topic::Codes => ("list", None, None, Vec::new(), Vec::new()),
        Topic::Group(group) => {
            let names = members(group).map(|entry| entry.name).collect();
            ("group", None, None, Vec::new(), names)
        }
        Topic::Op(entry) => {
            let kind = if entry.is_keyword() { "block" } else { "op" };
            (kind, Some(entry.group.name()), Some(entry.usage()), vec![entry.example], vec![entry.group.name()])
        }
        Topic::Kind(_) => ("error_kind", None, None, Vec::new(), Vec::new()),
    };
    json!({
        "name": topic.name(),
        "kind": kind,
        "group": group,
        "synopsis": topic.about(),
        "usage": usage,
        "description": text::topic(topic),
        "examples": examples,
        "see_also": see_also,
    })
}

fn shown(value: &Value) -> String {
    format!("{value:#}\n")
}
