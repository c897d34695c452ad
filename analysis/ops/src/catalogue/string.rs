//! Texts.

use super::operand::{Operand, Type, any, int, text};
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::{InvalidArgument, LimitExceeded};
use crate::Pure;

const VALUE: Entry = Entry::value(Group::String);
const PREDICATE: Entry = Entry::predicate(Group::String);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "capitalize",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "The first character in upper case.",
        example: "v = capitalize \"abc\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Capitalize)),
        ..VALUE
    },
    Entry {
        name: "contains",
        operands: &[text("value"), text("part")],
        summary: "True if a text contains another.",
        example: "out = read_file app.log\nif contains \"${out}\" \"ready\"\n  print \"it is up\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::Contains)),
        ..PREDICATE
    },
    Entry {
        name: "format",
        operands: &[text("format"), any("values").rest()],
        result: Some(Type::Text),
        kinds: &[InvalidArgument, LimitExceeded],
        summary: "Values put into a format with `%s`, `%d` and the like.",
        example: "v = format \"%05.2f\" 3.14159",
        meaning: Meaning::Runs(Body::Pure(Pure::Format)),
        ..VALUE
    },
    Entry {
        name: "has_prefix",
        operands: &[text("value"), text("prefix")],
        summary: "True if a text starts with another.",
        example: "tag = git describe --tags\nif has_prefix \"${tag}\" v\n  print \"a release\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::HasPrefix)),
        ..PREDICATE
    },
    Entry {
        name: "has_suffix",
        operands: &[text("value"), text("suffix")],
        summary: "True if a text ends with another.",
        example: "file = get_env FILE\nif has_suffix \"${file}\" .md\n  print \"a page\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::HasSuffix)),
        ..PREDICATE
    },
    Entry {
        name: "join",
        operands: &[Operand::new("list", Type::List), text("sep")],
        result: Some(Type::Text),
        kinds: &[LimitExceeded],
        summary: "The elements of a list with a text between them.",
        example: "v = join names \", \"",
        meaning: Meaning::Runs(Body::Pure(Pure::Join)),
        ..VALUE
    },
    Entry {
        name: "length",
        operands: &[any("value")],
        result: Some(Type::Int),
        summary: "Number of characters.",
        example: "n = length \"abc\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Length)),
        ..VALUE
    },
    Entry {
        name: "lower",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "Lower case.",
        example: "v = lower \"ABC\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Lower)),
        ..VALUE
    },
    Entry {
        name: "pad_left",
        operands: &[text("value"), int("width"), text("fill").or(" ")],
        result: Some(Type::Text),
        kinds: &[LimitExceeded],
        summary: "Filled up on the left to a width.",
        example: "v = pad_left 7 3 0",
        meaning: Meaning::Runs(Body::Pure(Pure::PadLeft)),
        ..VALUE
    },
    Entry {
        name: "pad_right",
        operands: &[text("value"), int("width"), text("fill").or(" ")],
        result: Some(Type::Text),
        kinds: &[LimitExceeded],
        summary: "Filled up on the right to a width.",
        example: "v = pad_right abc 10",
        meaning: Meaning::Runs(Body::Pure(Pure::PadRight)),
        ..VALUE
    },
    Entry {
        name: "repeat",
        operands: &[text("value"), int("count")],
        result: Some(Type::Text),
        kinds: &[LimitExceeded],
        summary: "A text several times.",
        example: "line = repeat \"-\" 20",
        meaning: Meaning::Runs(Body::Pure(Pure::Repeat)),
        ..VALUE
    },
    Entry {
        name: "replace",
        operands: &[text("value"), text("pattern"), text("new").optional()],
        result: Some(Type::Text),
        kinds: &[LimitExceeded],
        summary: "Replace every occurrence of a text.",
        example: "v = replace \"a-b\" \"-\" \"_\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Replace)),
        ..VALUE
    },
    Entry {
        name: "slice",
        operands: &[text("value"), int("start"), int("end").optional()],
        result: Some(Type::Text),
        kinds: &[InvalidArgument],
        summary: "The characters from one position to before another, counted from 0.",
        example: "v = slice \"abcdef\" 1 3",
        meaning: Meaning::Runs(Body::Pure(Pure::Slice)),
        ..VALUE
    },
    Entry {
        name: "split",
        operands: &[text("value"), text("sep")],
        result: Some(Type::List),
        summary: "The parts of a text between separators.",
        example: "parts = split \"a,b,c\" \",\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Split)),
        ..VALUE
    },
    Entry {
        name: "trim",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "Without white space at both ends.",
        example: "v = trim \"  abc  \"",
        meaning: Meaning::Runs(Body::Pure(Pure::Trim)),
        ..VALUE
    },
    Entry {
        name: "upper",
        operands: &[text("value")],
        result: Some(Type::Text),
        summary: "Upper case.",
        example: "v = upper \"abc\"",
        meaning: Meaning::Runs(Body::Pure(Pure::Upper)),
        ..VALUE
    },
];
