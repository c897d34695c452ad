//! Text encodings.

use super::operand::{Type, text};
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::ParseFailed;
use crate::Pure;

const VALUE: Entry = Entry::value(Group::Encoding);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "base64_decode",
        operands: &[text("value")],
        result: Some(Type::Text),
        kinds: &[ParseFailed],
        summary: "Decode padded base64.",
        example: "v = base64_decode aGk=",
        meaning: Meaning::Runs(Body::Pure(Pure::Base64Decode)),
        ..VALUE
    },
    Entry {
        name: "base64_encode",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "Encode as padded base64.",
        example: "v = base64_encode \"hi\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Base64Encode)),
        ..VALUE
    },
    Entry {
        name: "hex_decode",
        operands: &[text("value")],
        result: Some(Type::Text),
        kinds: &[ParseFailed],
        summary: "Decode hexadecimal digits.",
        example: "v = hex_decode 6869",
        meaning: Meaning::Runs(Body::Pure(Pure::HexDecode)),
        ..VALUE
    },
    Entry {
        name: "hex_encode",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "Encode as lower-case hexadecimal digits.",
        example: "v = hex_encode \"hi\"",
        meaning: Meaning::Runs(Body::Pure(Pure::HexEncode)),
        ..VALUE
    },
    Entry {
        name: "url_decode",
        operands: &[text("value")],
        result: Some(Type::Text),
        kinds: &[ParseFailed],
        summary: "Undo the percent encoding of a query.",
        example: "v = url_decode \"a+b%21\"",
        meaning: Meaning::Runs(Body::Pure(Pure::UrlDecode)),
        ..VALUE
    },
    Entry {
        name: "url_encode",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "Percent-encode for a query; a blank becomes `+`.",
        example: "v = url_encode \"a b!\"",
        meaning: Meaning::Runs(Body::Pure(Pure::UrlEncode)),
        ..VALUE
    },
];
