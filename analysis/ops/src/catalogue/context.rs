//! Blocks that change the surroundings of their body.

use super::operand::{Operand, Type, int, path, text};
use super::touch::On::Of;
use super::touch::Touch::{Clock, Flow, Store, WriteEnv};
use super::{ENTRY, Entry, Group, Meaning};
use crate::ErrorKind::TimeoutExceeded;

const STATEMENT: Entry = Entry::statement(Group::Context);
const VALUE: Entry = Entry::value(Group::Context);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "cache",
        operands: &[text("key"), Operand::new("ttl", Type::Duration).or("24h")],
        result: Some(Type::Any),
        touches: &[Store, Clock, Flow],
        summary: "Skip the body while an entry for the key is fresh, and bind again what the body bound.",
        example: "cache deps 7d\n  npm install\nend",
        meaning: Meaning::Keyword,
        ..VALUE
    },
    Entry {
        name: "parallel",
        operands: &[int("max").optional()],
        touches: &[Flow],
        summary: "Run each statement of the body at the same time, and wait for all.",
        example: "parallel\n  make docs\n  make tests\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "retry",
        operands: &[
            int("attempts").or("3"),
            Operand::new("delay", Type::Duration).or("1s"),
            Operand::new("max_delay", Type::Duration).or("5m"),
        ],
        touches: &[Clock, Flow],
        summary: "Run the body again until it succeeds or the attempts are used up.",
        example: "retry 5\n  curl -f \"https://example.org\"\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "sandbox",
        operands: &[text("flags").some()],
        touches: &[Flow],
        summary: "Take rights away from the body; nothing can give them back.",
        example: "sandbox no_network\n  make test\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "timeout",
        operands: &[Operand::new("secs", Type::Duration)],
        touches: &[Clock, Flow],
        kinds: &[TimeoutExceeded],
        summary: "Give the body a deadline; what is running then is stopped.",
        example: "timeout 30s\n  make test\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "with_cwd",
        operands: &[path("path")],
        touches: &[Flow],
        kinds: ENTRY,
        summary: "Run the body in another directory.",
        example: "with_cwd web\n  npm test\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "with_env",
        operands: &[text("pairs").some()],
        touches: &[WriteEnv(Of("the names given")), Flow],
        summary: "Set environment variables for the body and the programs in it.",
        example: "with_env \"CI=1\"\n  npm test\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
];
