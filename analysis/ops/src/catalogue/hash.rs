//! Checksums.

use super::operand::{Type, path, text};
use super::touch::On::Arg;
use super::touch::Touch::Read;
use super::{Entry, FILE, Group};

const VALUE: Entry = Entry::value(Group::Hash);
const PREDICATE: Entry = Entry::predicate(Group::Hash);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "crc32",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "CRC-32 of a text, as 8 hexadecimal digits.",
        example: "h = crc32 \"abc\"",
        ..VALUE
    },
    Entry {
        name: "md5",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "MD5 of a text, as hexadecimal digits.",
        example: "h = md5 \"abc\"",
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
        ..VALUE
    },
    Entry {
        name: "sha1",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "SHA-1 of a text, as hexadecimal digits.",
        example: "h = sha1 \"abc\"",
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
        ..VALUE
    },
    Entry {
        name: "sha256",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "SHA-256 of a text, as hexadecimal digits.",
        example: "h = sha256 \"abc\"",
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
        ..VALUE
    },
    Entry {
        name: "verify_sha256",
        operands: &[path("path"), text("hash")],
        touches: &[Read(Arg(0))],
        summary: "True if a file has that SHA-256; an unreadable file has not.",
        example: "if verify_sha256 app.zip \"sha256:9f86d081\"",
        ..PREDICATE
    },
];
