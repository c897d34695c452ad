//! JSON and tables.

use super::operand::{Operand, Type, any, text};
use super::{Entry, Group};
use crate::ErrorKind::ParseFailed;

const VALUE: Entry = Entry::value(Group::Json);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "csv_parse",
        operands: &[text("value")],
        result: Some(Type::List),
        kinds: &[ParseFailed],
        summary: "Rows of a text with comma-separated values.",
        example: "rows = csv_parse \"${text}\"",
        ..VALUE
    },
    Entry {
        name: "json_count",
        operands: &[Operand::new("doc", Type::Json), text("path").or(".")],
        result: Some(Type::Int),
        kinds: &[ParseFailed],
        summary: "Number of elements at a path of a JSON document.",
        example: "n = json_count \"${doc}\" .items",
        ..VALUE
    },
    Entry {
        name: "json_get",
        operands: &[Operand::new("doc", Type::Json), text("path")],
        result: Some(Type::Any),
        kinds: &[ParseFailed],
        summary: "What stands at a path of a JSON document, empty when nothing does.",
        example: "name = json_get \"${doc}\" .items.0.name",
        ..VALUE
    },
    Entry {
        name: "json_parse",
        operands: &[text("value")],
        result: Some(Type::Json),
        kinds: &[ParseFailed],
        summary: "A JSON text as a value.",
        example: "doc = json_parse \"[1, 2]\"",
        ..VALUE
    },
    Entry {
        name: "json_stringify",
        operands: &[any("value")],
        result: Some(Type::Text),
        summary: "A value as compact JSON.",
        example: "text = json_stringify names",
        ..VALUE
    },
];
