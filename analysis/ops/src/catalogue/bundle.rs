//! Files carried inside a built program.

use super::operand::{Type, path};
use super::touch::On::{Arg, Of};
use super::touch::Touch::Write;
use super::{Entry, Group};
use crate::ErrorKind::{FileAlreadyExists, FileNotFound, IoError, NotADirectory};

const VALUE: Entry = Entry::value(Group::Bundle);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "bundle_dir",
        result: Some(Type::Path),
        touches: &[Write(Of("the temporary directory"))],
        kinds: &[IoError, FileNotFound],
        summary: "Directory with the bundled files, unpacked once per run; from source, the directory of the file.",
        example: "d = bundle_dir",
        ..VALUE
    },
    Entry {
        name: "bundle_extract",
        operands: &[path("dst")],
        result: Some(Type::Path),
        touches: &[Write(Arg(0))],
        kinds: &[FileNotFound, NotADirectory, FileAlreadyExists],
        summary: "Unpack the bundled files into a directory, and give its path.",
        example: "d = bundle_extract out",
        ..VALUE
    },
    Entry {
        name: "bundle_hash",
        result: Some(Type::Text),
        kinds: &[FileNotFound],
        summary: "SHA-256 of the bundled files.",
        example: "h = bundle_hash",
        ..VALUE
    },
];
