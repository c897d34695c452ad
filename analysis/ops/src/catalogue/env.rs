//! Environment variables.

use super::operand::{Operand, Type, text};
use super::touch::On::Arg;
use super::touch::Touch::{ReadEnv, WriteEnv};
use super::{Body, Entry, Group, Meaning};
use crate::Primitive;

const STATEMENT: Entry = Entry::statement(Group::Env);
const VALUE: Entry = Entry::value(Group::Env);
const PREDICATE: Entry = Entry::predicate(Group::Env);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "env_default",
        operands: &[Operand::new("name", Type::Variable), text("default")],
        result: Some(Type::Text),
        touches: &[ReadEnv(Arg(0))],
        summary: "Value of a variable, or the default when it is unset or empty.",
        example: "port = env_default PORT 8080",
        meaning: Meaning::Runs(Body::Program(
            "result = get_env name\nif result == \"\"\nresult = \"${default}\"\nend\n",
            &[],
        )),
        ..VALUE
    },
    Entry {
        name: "env_has",
        operands: &[Operand::new("name", Type::Variable)],
        touches: &[ReadEnv(Arg(0))],
        summary: "True if a variable is set, also to nothing.",
        example: "if env_has CI\n  print \"on a build machine\"\nend",
        meaning: Meaning::Runs(Body::Primitive(Primitive::HasEnv)),
        ..PREDICATE
    },
    Entry {
        name: "get_env",
        operands: &[Operand::new("name", Type::Variable)],
        result: Some(Type::Text),
        touches: &[ReadEnv(Arg(0))],
        summary: "Value of a variable, empty when unset.",
        example: "home = get_env HOME",
        meaning: Meaning::Runs(Body::Primitive(Primitive::GetEnv)),
        ..VALUE
    },
    Entry {
        name: "set_env",
        aliases: &["export"],
        operands: &[Operand::new("name", Type::Variable), text("value")],
        touches: &[WriteEnv(Arg(0))],
        summary: "Set a variable for the rest of the command, and for what it calls and starts.",
        example: "set_env RUST_LOG debug",
        meaning: Meaning::Runs(Body::Primitive(Primitive::SetEnv)),
        ..STATEMENT
    },
    Entry {
        name: "unset_env",
        aliases: &["unset"],
        operands: &[Operand::new("name", Type::Variable)],
        touches: &[WriteEnv(Arg(0))],
        summary: "Take a variable away for the rest of the command, and for what it calls and starts.",
        example: "unset_env RUST_LOG",
        meaning: Meaning::Runs(Body::Primitive(Primitive::UnsetEnv)),
        ..STATEMENT
    },
];
