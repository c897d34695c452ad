//! Version numbers.

use super::operand::{Operand, Type, text};
use super::touch::Touch::Flow;
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::AssertFailed;
use crate::Pure;
use crate::pure::Relation;

const fn version(name: &'static str) -> Operand {
    Operand::new(name, Type::Version)
}

const STATEMENT: Entry = Entry::statement(Group::Version);
const VALUE: Entry = Entry::value(Group::Version);
const PREDICATE: Entry = Entry::predicate(Group::Version);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "assert_version",
        operands: &[version("left"), Operand::new("cmp", Type::Operator), version("right")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless two versions compare like that; `~` means the same major number.",
        example: "v = read_file VERSION\nassert_version \"${v}\" \">=\" 1.21",
        meaning: Meaning::Runs(Body::Program(
            r#"match cmp
case ">="
ok = version_ge left right
case ">"
ok = version_gt left right
case "<="
ok = version_le left right
case "<"
ok = version_lt left right
case "=="
ok = version_eq left right
case "!="
ok = version_ne left right
else
ok = version_compat left right
end
if not ok
left = excerpt left
assertion_failed "version `${left}` is not ${cmp} `${right}`"
end
"#,
            &[],
        )),
        ..STATEMENT
    },
    Entry {
        name: "assert_version_ge",
        operands: &[version("got"), version("want")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless a version is at least another.",
        example: "v = read_file VERSION\nassert_version_ge \"${v}\" 1.21",
        meaning: Meaning::Runs(Body::Program(
            r#"if not version_ge got want
got = excerpt got
assertion_failed "version `${got}` is older than `${want}`"
end
"#,
            &[],
        )),
        ..STATEMENT
    },
    Entry {
        name: "version_compat",
        operands: &[version("a"), version("b")],
        summary: "True if two versions have the same major number.",
        example: "v = read_file VERSION\nif version_compat \"${v}\" 2.0\n  print \"compatible with 2.0\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::Version(Relation::Compatible))),
        ..PREDICATE
    },
    Entry {
        name: "version_eq",
        operands: &[version("a"), version("b")],
        summary: "True if two versions are equal.",
        example: "v = read_file VERSION\nif version_eq \"${v}\" 2.0\n  print \"exactly 2.0\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::Version(Relation::Equal))),
        ..PREDICATE
    },
    Entry {
        name: "version_extract",
        operands: &[text("text"), Operand::new("pattern", Type::Regex).optional()],
        result: Some(Type::Text),
        summary: "The first text that looks like a version, or nothing.",
        example: "v = version_extract \"go version go1.22.1\"",
        meaning: Meaning::Runs(Body::Pure(Pure::VersionExtract)),
        ..VALUE
    },
    Entry {
        name: "version_ge",
        operands: &[version("a"), version("b")],
        summary: "True if a version is at least another.",
        example: "v = read_file VERSION\nif version_ge \"${v}\" 2.0\n  print \"at least 2.0\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::Version(Relation::GreaterOrEqual))),
        ..PREDICATE
    },
    Entry {
        name: "version_gt",
        operands: &[version("a"), version("b")],
        summary: "True if a version is newer than another.",
        example: "v = read_file VERSION\nif version_gt \"${v}\" 2.0\n  print \"later than 2.0\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::Version(Relation::Greater))),
        ..PREDICATE
    },
    Entry {
        name: "version_le",
        operands: &[version("a"), version("b")],
        summary: "True if a version is at most another.",
        example: "v = read_file VERSION\nif version_le \"${v}\" 2.0\n  print \"at most 2.0\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::Version(Relation::LessOrEqual))),
        ..PREDICATE
    },
    Entry {
        name: "version_lt",
        operands: &[version("a"), version("b")],
        summary: "True if a version is older than another.",
        example: "v = read_file VERSION\nif version_lt \"${v}\" 2.0\n  print \"earlier than 2.0\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::Version(Relation::Less))),
        ..PREDICATE
    },
    Entry {
        name: "version_ne",
        operands: &[version("a"), version("b")],
        summary: "True if two versions differ.",
        example: "v = read_file VERSION\nif version_ne \"${v}\" 2.0\n  print \"another than 2.0\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::Version(Relation::NotEqual))),
        ..PREDICATE
    },
];
