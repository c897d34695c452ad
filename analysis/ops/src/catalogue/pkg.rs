//! The package manager of this machine.

use super::operand::{Type, text};
use super::touch::On::Of;
use super::touch::Touch::{HostFact, Start, Stderr, Stdout};
use super::{Entry, Group, START};

const STATEMENT: Entry = Entry::statement(Group::Pkg);
const PREDICATE: Entry = Entry::predicate(Group::Pkg);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "detect_pkg_mgr",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "Name of the package manager on PATH, or nothing.",
        example: "m = detect_pkg_mgr",
        ..PREDICATE
    },
    Entry {
        name: "pkg_install",
        operands: &[text("name")],
        touches: &[Start(Of("the package manager")), Stdout, Stderr],
        kinds: START,
        summary: "Install a package.",
        example: "pkg_install jq",
        ..STATEMENT
    },
    Entry {
        name: "pkg_installed",
        operands: &[text("name")],
        touches: &[Start(Of("the package manager"))],
        kinds: START,
        summary: "True if a package is installed.",
        example: "if pkg_installed jq",
        ..PREDICATE
    },
    Entry {
        name: "pkg_uninstall",
        operands: &[text("name")],
        touches: &[Start(Of("the package manager")), Stdout, Stderr],
        kinds: START,
        summary: "Remove a package.",
        example: "pkg_uninstall jq",
        ..STATEMENT
    },
];
