//! Points in time.

use super::operand::{Type, int, text};
use super::touch::Touch::Clock;
use super::{Entry, Group};
use crate::ErrorKind::{InvalidArgument, ParseFailed};

const VALUE: Entry = Entry::value(Group::Time);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "format_time",
        operands: &[text("time"), text("format")],
        result: Some(Type::Text),
        touches: &[Clock],
        kinds: &[ParseFailed, InvalidArgument],
        summary: "A point in time, or `now`, in another format.",
        example: "v = format_time now date",
        ..VALUE
    },
    Entry {
        name: "iso_to_unix",
        operands: &[text("text")],
        result: Some(Type::Int),
        kinds: &[ParseFailed],
        summary: "A point in time as Unix seconds.",
        example: "t = iso_to_unix \"2024-01-01T00:00:00Z\"",
        ..VALUE
    },
    Entry {
        name: "now",
        operands: &[text("format").or("rfc3339")],
        result: Some(Type::Text),
        touches: &[Clock],
        kinds: &[InvalidArgument],
        summary: "The time now.",
        example: "t = now unix",
        ..VALUE
    },
    Entry {
        name: "parse_time",
        operands: &[text("text"), text("format").or("rfc3339")],
        result: Some(Type::Int),
        kinds: &[ParseFailed, InvalidArgument],
        summary: "A text in a format as Unix seconds.",
        example: "t = parse_time \"2024-01-01\" date",
        ..VALUE
    },
    Entry {
        name: "time_diff",
        operands: &[text("a"), text("b")],
        result: Some(Type::Float),
        kinds: &[ParseFailed],
        summary: "Seconds from the first point in time to the second.",
        example: "s = time_diff \"${before}\" \"${after}\"",
        ..VALUE
    },
    Entry {
        name: "unix_to_iso",
        operands: &[int("seconds")],
        result: Some(Type::Text),
        summary: "Unix seconds as a point in time in UTC.",
        example: "v = unix_to_iso 1700000000",
        ..VALUE
    },
];
