//! Text by lines; the text is the last operand.

use super::operand::{Operand, Type, int, text};
use super::{Body, Entry, Group, Meaning};
use crate::Pure;

const VALUE: Entry = Entry::value(Group::Line);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "count_lines",
        operands: &[text("text")],
        result: Some(Type::Int),
        summary: "Number of lines.",
        example: "text = read_file notes.txt\nn = count_lines \"${text}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::CountLines)),
        ..VALUE
    },
    Entry {
        name: "cut",
        operands: &[int("n"), text("text")],
        result: Some(Type::Text),
        summary: "The Nth field of every line, counted from 1, fields being separated by blanks.",
        example: "table = read_file table.txt\nids = cut 1 \"${table}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Cut)),
        ..VALUE
    },
    Entry {
        name: "grep",
        operands: &[Operand::new("pattern", Type::Regex), text("text")],
        result: Some(Type::Text),
        summary: "The lines that match a pattern.",
        example: "log = read_file app.log\nerrors = grep \"^E\" \"${log}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Grep)),
        ..VALUE
    },
    Entry {
        name: "head",
        operands: &[int("n"), text("text")],
        result: Some(Type::Text),
        summary: "The first lines.",
        example: "log = read_file app.log\ntop = head 3 \"${log}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Head)),
        ..VALUE
    },
    Entry {
        name: "reject",
        operands: &[Operand::new("pattern", Type::Regex), text("text")],
        result: Some(Type::Text),
        summary: "The lines that do not match a pattern.",
        example: "conf = read_file app.conf\nrest = reject \"^#\" \"${conf}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Reject)),
        ..VALUE
    },
    Entry {
        name: "sort_lines",
        operands: &[text("text")],
        result: Some(Type::Text),
        summary: "The lines in order of their bytes.",
        example: "names = read_file names.txt\nsorted = sort_lines \"${names}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::SortLines)),
        ..VALUE
    },
    Entry {
        name: "tail",
        operands: &[int("n"), text("text")],
        result: Some(Type::Text),
        summary: "The last lines.",
        example: "log = read_file app.log\nend_of_log = tail 20 \"${log}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Tail)),
        ..VALUE
    },
    Entry {
        name: "uniq_lines",
        operands: &[text("text")],
        result: Some(Type::Text),
        summary: "The lines, with equal neighbours as one.",
        example: "sorted = sort names.txt\nnames = uniq_lines \"${sorted}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::UniqLines)),
        ..VALUE
    },
];
