//! Stop unless something holds.

use super::operand::{Operand, Type, any, path, text};
use super::touch::On::Arg;
use super::touch::Touch::{Flow, Look};
use super::{Entry, Group};
use crate::ErrorKind::{AssertFailed, InvalidArgument};

const STATEMENT: Entry = Entry::statement(Group::Assert);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "assert_contains",
        operands: &[text("text"), text("part")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless the text contains the part.",
        example: "assert_contains \"${out}\" \"ready\"",
        ..STATEMENT
    },
    Entry {
        name: "assert_eq",
        operands: &[any("actual"), any("expected")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless two values are equal as text.",
        example: "assert_eq \"${n}\" 3",
        ..STATEMENT
    },
    Entry {
        name: "assert_exists",
        operands: &[path("path")],
        touches: &[Look(Arg(0)), Flow],
        kinds: &[AssertFailed],
        summary: "Fail unless something is at the path.",
        example: "assert_exists out/app",
        ..STATEMENT
    },
    Entry {
        name: "assert_match",
        operands: &[text("text"), Operand::new("pattern", Type::Regex)],
        touches: &[Flow],
        kinds: &[AssertFailed, InvalidArgument],
        summary: "Fail unless the pattern matches somewhere in the text.",
        example: "assert_match \"${version}\" \"^1\\\\.\"",
        ..STATEMENT
    },
    Entry {
        name: "assert_neq",
        operands: &[any("actual"), any("unexpected")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail if two values are equal as text.",
        example: "assert_neq \"${token}\" \"\"",
        ..STATEMENT
    },
    Entry {
        name: "assert_not_contains",
        operands: &[text("text"), text("part")],
        touches: &[Flow],
        kinds: &[AssertFailed],
        summary: "Fail if the text contains the part.",
        example: "assert_not_contains \"${out}\" \"error\"",
        ..STATEMENT
    },
    Entry {
        name: "assert_not_exists",
        operands: &[path("path")],
        touches: &[Look(Arg(0)), Flow],
        kinds: &[AssertFailed],
        summary: "Fail if something is at the path.",
        example: "assert_not_exists out/tmp",
        ..STATEMENT
    },
];
