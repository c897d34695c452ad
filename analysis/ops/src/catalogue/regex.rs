//! Patterns; the pattern is the first operand.

use super::operand::{Operand, Type, text};
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::LimitExceeded;
use crate::Pure;

const VALUE: Entry = Entry::value(Group::Regex);
const PREDICATE: Entry = Entry::predicate(Group::Regex);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "regex_find_all",
        operands: &[Operand::new("pattern", Type::Regex), text("value")],
        result: Some(Type::List),
        summary: "All matches.",
        example: "log = read_file app.log\nids = regex_find_all \"#[0-9]+\" \"${log}\"",
        meaning: Meaning::Runs(Body::Pure(Pure::RegexFindAll)),
        ..VALUE
    },
    Entry {
        name: "regex_match",
        operands: &[Operand::new("pattern", Type::Regex), text("value")],
        summary: "True if a pattern matches somewhere.",
        example: "tag = git describe --tags\nif regex_match \"^v[0-9]\" \"${tag}\"\n  print \"a release\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::RegexMatch)),
        ..PREDICATE
    },
    Entry {
        name: "regex_replace",
        operands: &[Operand::new("pattern", Type::Regex), text("value"), text("replacement")],
        result: Some(Type::Text),
        kinds: &[LimitExceeded],
        summary: "Every match replaced; `$1` stands for the first group.",
        example: "v = read_file VERSION\nv = regex_replace \"[ ]+\" \"${v}\" \" \"",
        meaning: Meaning::Runs(Body::Pure(Pure::RegexReplace)),
        ..VALUE
    },
];
