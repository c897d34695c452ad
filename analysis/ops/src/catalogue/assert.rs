//! Stop unless something holds.

use super::operand::{Operand, Type, any, path, text};
use super::touch::On::Arg;
use super::touch::Touch::{Flow, Look};
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::AssertFailed;
use crate::contract::Ask;

const STATEMENT: Entry = Entry::statement(Group::Assert);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "assert_contains",
        operands: &[text("text"), text("part")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless the text contains the part.",
        example: "out = exec echo \"2 files changed\"\nassert_contains \"${out}\" \"files changed\"",
        meaning: Meaning::Runs(Body::Program(
            r#"if not contains text part
shown = excerpt text
assertion_failed "`${shown}` does not contain `${part}`"
end
"#,
            &[],
        )),
        ..STATEMENT
    },
    Entry {
        name: "assert_eq",
        operands: &[any("actual"), any("expected")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless two values are equal as text.",
        example: "n = count_lines \"a\\nb\\nc\"\nassert_eq \"${n}\" 3",
        meaning: Meaning::Runs(Body::Program(
            r#"if actual != "${expected}"
shown = excerpt actual
assertion_failed "`${shown}` is not `${expected}`"
end
"#,
            &[],
        )),
        ..STATEMENT
    },
    Entry {
        name: "assert_exists",
        operands: &[path("path")],
        touches: &[Look(Arg(0)), Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless something is at the path.",
        example: "assert_exists out/app",
        meaning: Meaning::Runs(Body::Program(
            r#"k = kind_of path
if k == absent
assertion_failed "nothing is at `${path}`"
end
"#,
            &[Ask::Look(0)],
        )),
        ..STATEMENT
    },
    Entry {
        name: "assert_match",
        operands: &[text("text"), Operand::new("pattern", Type::Regex)],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless the pattern matches somewhere in the text.",
        example: "version = read_file VERSION\nassert_match \"${version}\" \"^1\\\\.\"",
        meaning: Meaning::Runs(Body::Program(
            r#"if not regex_match pattern text
shown = excerpt text
assertion_failed "pattern `${pattern}` matches nowhere in `${shown}`"
end
"#,
            &[],
        )),
        ..STATEMENT
    },
    Entry {
        name: "assert_neq",
        operands: &[any("actual"), any("unexpected")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail if two values are equal as text.",
        example: "home = home_dir\nassert_neq \"${home}\" \"/\"",
        meaning: Meaning::Runs(Body::Program(
            r#"if actual == "${unexpected}"
shown = excerpt actual
assertion_failed "the value is `${shown}`"
end
"#,
            &[],
        )),
        ..STATEMENT
    },
    Entry {
        name: "assert_not_contains",
        operands: &[text("text"), text("part")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail if the text contains the part.",
        example: "out = read_file build.log\nassert_not_contains \"${out}\" \"error\"",
        meaning: Meaning::Runs(Body::Program(
            r#"if contains text part
shown = excerpt text
assertion_failed "`${shown}` contains `${part}`"
end
"#,
            &[],
        )),
        ..STATEMENT
    },
    Entry {
        name: "assert_not_exists",
        operands: &[path("path")],
        touches: &[Look(Arg(0)), Flow],
        kinds: &[AssertFailed],
        summary: "Fail if something is at the path.",
        example: "assert_not_exists out/tmp",
        meaning: Meaning::Runs(Body::Program(
            r#"k = kind_of path
if k != absent
assertion_failed "something is at `${path}`"
end
"#,
            &[Ask::Look(0)],
        )),
        ..STATEMENT
    },
];
