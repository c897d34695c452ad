//! Points in time.

use super::operand::{Operand, Type, int, text};
use super::touch::Touch::Clock;
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::{InvalidArgument, ParseFailed};
use crate::Pure;

const VALUE: Entry = Entry::value(Group::Time);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "format_time",
        operands: &[text("time"), Operand::new("format", Type::Format)],
        result: Some(Type::Text),
        touches: &[Clock],
        kinds: &[ParseFailed, InvalidArgument],
        summary: "A point in time, or `now`, in another format.",
        example: "v = format_time now date",
        meaning: Meaning::Runs(Body::Program(
            r#"t = "${time}"
if t == now
t = clock
end
result = render_time t format
"#,
            &[],
        )),
        ..VALUE
    },
    Entry {
        name: "iso_to_unix",
        operands: &[text("text")],
        result: Some(Type::Int),
        kinds: &[ParseFailed],
        summary: "A point in time, written as in RFC 3339, as Unix seconds.",
        example: "t = iso_to_unix \"2024-01-01T00:00:00Z\"",
        meaning: Meaning::Runs(Body::Program(
            r#"result = parse_time text "rfc3339"
"#,
            &[],
        )),
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
        meaning: Meaning::Runs(Body::Program(
            r#"t = clock
result = render_time t format
"#,
            &[],
        )),
        ..VALUE
    },
    Entry {
        name: "parse_time",
        operands: &[text("text"), text("format").or("rfc3339")],
        result: Some(Type::Int),
        kinds: &[ParseFailed, InvalidArgument],
        summary: "A text in a format as Unix seconds.",
        example: "t = parse_time \"2024-01-01\" date",
        meaning: Meaning::Runs(Body::Pure(Pure::ParseTime)),
        ..VALUE
    },
    Entry {
        name: "time_diff",
        operands: &[text("a"), text("b")],
        result: Some(Type::Float),
        touches: &[Clock],
        kinds: &[ParseFailed],
        summary: "Seconds from the first point in time to the second.",
        example: "before = now\nmake\nafter = now\ns = time_diff \"${before}\" \"${after}\"",
        meaning: Meaning::Runs(Body::Program(
            r#"from = "${a}"
if from == now
from = clock
end
to = "${b}"
if to == now
to = clock
end
result = time_between from to
"#,
            &[],
        )),
        ..VALUE
    },
    Entry {
        name: "unix_to_iso",
        operands: &[int("seconds")],
        result: Some(Type::Text),
        summary: "Unix seconds as a point in time in UTC.",
        example: "v = unix_to_iso 1700000000",
        meaning: Meaning::Runs(Body::Pure(Pure::UnixToIso)),
        ..VALUE
    },
];
