//! Conditions, loops and failures.

use super::operand::{Operand, Type, text};
use super::touch::Touch::{Flow, HostFact};
use super::{Entry, Group, Meaning};

const STATEMENT: Entry = Entry::statement(Group::Flow);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "arch",
        operands: &[text("target")],
        touches: &[HostFact, Flow],
        summary: "Run the body on one processor architecture.",
        example: "arch arm64\n  print \"on arm\"\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "for_each",
        operands: &[Operand::new("list", Type::List), Operand::new("name", Type::Name)],
        touches: &[Flow],
        summary: "Run the body once per element.",
        example: "hosts = read_file hosts.txt\nfor_each hosts host\n  ping -c 1 \"${host}\"\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "if",
        operands: &[Operand::new("condition", Type::Condition)],
        touches: &[Flow],
        summary: "Run the body if the condition holds.",
        example: "if exists conf\n  cp conf out/\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "match",
        operands: &[text("target")],
        touches: &[Flow],
        summary: "Run the first arm whose text is the target's.",
        example: "match os\n  case linux\n    print \"penguin\"\n  else\n    print \"other\"\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "os",
        operands: &[text("target")],
        touches: &[HostFact, Flow],
        summary: "Run the body on one operating system, or on `unix`.",
        example: "os linux\n  print \"on linux\"\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "try",
        touches: &[Flow],
        summary: "Run the body, recover in `rescue`, and always run `finally`.",
        example: "try\n  v = read_file VERSION\nrescue\n  v = \"unknown\"\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
];
