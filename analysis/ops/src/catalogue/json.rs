//! JSON and tables.

use super::operand::{Operand, Type, any, text};
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::{InvalidArgument, LimitExceeded, ParseFailed};
use crate::Pure;

const VALUE: Entry = Entry::value(Group::Json);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "csv_parse",
        operands: &[text("value")],
        result: Some(Type::List),
        kinds: &[ParseFailed],
        summary: "Rows of a text with comma-separated values.",
        example: "text = read_file people.csv\nrows = csv_parse \"${text}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::CsvParse)),
        ..VALUE
    },
    Entry {
        name: "json_count",
        operands: &[Operand::new("doc", Type::Json), text("path").or(".")],
        result: Some(Type::Int),
        kinds: &[InvalidArgument, LimitExceeded, ParseFailed],
        summary: "Number of elements at a path of a JSON document.",
        example: "doc = read_file items.json\nn = json_count \"${doc}\" .items",
        meaning: Meaning::Runs(Body::Pure(Pure::JsonCount)),
        ..VALUE
    },
    Entry {
        name: "json_get",
        operands: &[Operand::new("doc", Type::Json), text("path")],
        result: Some(Type::Any),
        kinds: &[InvalidArgument, LimitExceeded, ParseFailed],
        summary: "What stands at a path of a JSON document, empty when nothing does.",
        example: "doc = read_file items.json\nname = json_get \"${doc}\" .items.0.name",
        meaning: Meaning::Runs(Body::Pure(Pure::JsonGet)),
        ..VALUE
    },
    Entry {
        name: "json_parse",
        operands: &[text("value")],
        result: Some(Type::Json),
        kinds: &[LimitExceeded, ParseFailed],
        summary: "A JSON text as a value.",
        example: "doc = json_parse \"[1, 2]\"",
        meaning: Meaning::Runs(Body::Pure(Pure::JsonParse)),
        ..VALUE
    },
    Entry {
        name: "json_stringify",
        operands: &[any("value")],
        result: Some(Type::Text),
        summary: "A text as JSON: a document that is no string as it is, any other text as a string.",
        example: "name = read_file NAME\ntext = json_stringify \"${name}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::JsonStringify)),
        ..VALUE
    },
];
