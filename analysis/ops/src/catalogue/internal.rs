//! What the programs of other ops are made of. Files cannot use these.

use super::operand::{Type, path, text};
use super::{Body, Entry, Group, Meaning};
use crate::{Primitive, Pure};

const fn part(entry: Entry, body: Body) -> Entry {
    Entry { internal: true, result: Some(Type::Text), meaning: Meaning::Runs(body), ..entry }
}

const OP: Entry = Entry { summary: "Part of other ops.", ..Entry::value(Group::Internal) };

pub(super) static OPS: &[Entry] = &[
    part(Entry { name: "base_name", operands: &[text("path")], ..OP }, Body::Pure(Pure::BaseName)),
    part(Entry { name: "check_file", operands: &[path("path")], ..OP }, Body::Primitive(Primitive::CheckFile)),
    part(
        Entry { name: "copy_file", operands: &[path("src"), path("dst")], ..OP },
        Body::Primitive(Primitive::CopyFile),
    ),
    part(Entry { name: "dir_name", operands: &[text("path")], ..OP }, Body::Pure(Pure::DirName)),
    part(Entry { name: "join_path", operands: &[text("dir"), text("name")], ..OP }, Body::Pure(Pure::JoinPath)),
    part(Entry { name: "kind_of", operands: &[path("path")], ..OP }, Body::Primitive(Primitive::KindOf)),
    part(Entry { name: "peek", operands: &[path("path")], ..OP }, Body::Primitive(Primitive::Peek)),
];
