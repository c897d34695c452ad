//! Checksums.

use super::operand::{Type, path, text};
use super::touch::On::Arg;
use super::touch::Touch::Read;
use super::{Body, Entry, FILE, Group, Meaning};
use crate::Pure;
use crate::contract::Ask;

const VALUE: Entry = Entry::value(Group::Hash);
const PREDICATE: Entry = Entry::predicate(Group::Hash);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "crc32",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "CRC-32 of a text, as 8 hexadecimal digits.",
        example: "h = crc32 \"abc\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Crc32)),
        ..VALUE
    },
    Entry {
        name: "md5",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "MD5 of a text, as hexadecimal digits.",
        example: "h = md5 \"abc\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Md5)),
        ..VALUE
    },
    Entry {
        name: "md5_file",
        operands: &[path("path")],
        result: Some(Type::Text),
        touches: &[Read(Arg(0))],
        kinds: FILE,
        summary: "MD5 of a file, as hexadecimal digits.",
        example: "h = md5_file app.zip",
        meaning: Meaning::Runs(Body::Program(
            r#"result = measure path "md5"
"#,
            &[Ask::Read(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "sha1",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "SHA-1 of a text, as hexadecimal digits.",
        example: "h = sha1 \"abc\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Sha1)),
        ..VALUE
    },
    Entry {
        name: "sha1_file",
        operands: &[path("path")],
        result: Some(Type::Text),
        touches: &[Read(Arg(0))],
        kinds: FILE,
        summary: "SHA-1 of a file, as hexadecimal digits.",
        example: "h = sha1_file app.zip",
        meaning: Meaning::Runs(Body::Program(
            r#"result = measure path "sha1"
"#,
            &[Ask::Read(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "sha256",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "SHA-256 of a text, as hexadecimal digits.",
        example: "h = sha256 \"abc\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Sha256)),
        ..VALUE
    },
    Entry {
        name: "sha256_file",
        operands: &[path("path")],
        result: Some(Type::Text),
        touches: &[Read(Arg(0))],
        kinds: FILE,
        summary: "SHA-256 of a file, as hexadecimal digits.",
        example: "h = sha256_file go.sum",
        meaning: Meaning::Runs(Body::Program(
            r#"result = measure path "sha256"
"#,
            &[Ask::Read(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "verify_sha256",
        operands: &[path("path"), text("hash")],
        touches: &[Read(Arg(0))],
        summary: "True if a file has that SHA-256; an unreadable file has not.",
        example: "if verify_sha256 app.zip \"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\n  print \"as published\"\nend",
        meaning: Meaning::Runs(Body::Program(
            r#"result = false
k = peek path
if k == file
try
sum = measure path "sha256"
result = is_sum sum hash
rescue
result = false
end
end
"#,
            &[Ask::Read(0)],
        )),
        ..PREDICATE
    },
];
