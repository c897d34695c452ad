//! Pack and unpack.

use super::net::by;
use super::operand::path;
use super::touch::On::Arg;
use super::touch::Touch::{Read, Write};
use super::{Body, Entry, FILE, Group, Meaning};
use crate::ErrorKind::{
    FileAlreadyExists, FileNotFound, FilePathDisallowed, IsADirectory, LimitExceeded, NotADirectory, ParseFailed,
};
use crate::Primitive;

const STATEMENT: Entry = Entry::statement(Group::Archive);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "gzip",
        operands: &[path("src"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(1))],
        kinds: FILE,
        summary: "Compress one file.",
        example: "gzip app.log app.log.gz",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Compress)),
        ..STATEMENT
    },
    Entry {
        name: "tar_create",
        operands: &[path("src_dir"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(1))],
        kinds: FILE,
        summary: "Pack a directory into a gzip-compressed tar file; names inside are relative to it.",
        example: "tar_create dist dist.tar.gz",
        meaning: by("pack_tree src_dir dst tar\n"),
        ..STATEMENT
    },
    Entry {
        name: "tar_extract",
        operands: &[path("src"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(1))],
        kinds: &[
            FileNotFound,
            IsADirectory,
            NotADirectory,
            FileAlreadyExists,
            FilePathDisallowed,
            ParseFailed,
            LimitExceeded,
        ],
        summary: "Unpack a tar file compressed by gzip or zstd; an entry that would land outside is refused.",
        example: "tar_extract dist.tar.gz out",
        meaning: by("unpack_tree src dst tar\n"),
        ..STATEMENT
    },
    Entry {
        name: "ungzip",
        operands: &[path("src"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(1))],
        kinds: &[FileNotFound, IsADirectory, NotADirectory, ParseFailed, LimitExceeded],
        summary: "Decompress one file.",
        example: "ungzip app.log.gz app.log",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Decompress)),
        ..STATEMENT
    },
    Entry {
        name: "zip_create",
        operands: &[path("src_dir"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(1))],
        kinds: FILE,
        summary: "Pack a directory into a zip file.",
        example: "zip_create dist dist.zip",
        meaning: by("pack_tree src_dir dst zip\n"),
        ..STATEMENT
    },
    Entry {
        name: "zip_extract",
        operands: &[path("src"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(1))],
        kinds: &[
            FileNotFound,
            IsADirectory,
            NotADirectory,
            FileAlreadyExists,
            FilePathDisallowed,
            ParseFailed,
            LimitExceeded,
        ],
        summary: "Unpack a zip file; an entry that would land outside of the directory is refused.",
        example: "zip_extract dist.zip out",
        meaning: by("unpack_tree src dst zip\n"),
        ..STATEMENT
    },
];
