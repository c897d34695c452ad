//! WebAssembly modules.

use super::operand::{Operand, Type, path, text};
use super::touch::On::Arg;
use super::touch::Touch::{Flow, Net, Read, ReadEnv, Stderr, Stdout, Write};
use super::{Entry, Group, Meaning};
use crate::ErrorKind::{
    FileNotFound, TimeoutExceeded, WasmCapabilityDenied, WasmCompileFailed, WasmHttpRefused, WasmModuleExited,
};

const STATEMENT: Entry = Entry::statement(Group::Wasm);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "wasm_allow_host",
        operands: &[Operand::new("host", Type::Host)],
        touches: &[Net(Arg(0))],
        summary: "Let the module of the block fetch from a host.",
        example: "wasm_run site.wasm\n  wasm_allow_host example.org\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "wasm_arg",
        operands: &[text("value")],
        summary: "Give the module of the block an argument.",
        example: "wasm_run site.wasm\n  wasm_arg \"--verbose\"\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "wasm_env",
        operands: &[text("names")],
        touches: &[ReadEnv(Arg(0))],
        summary: "Let the module of the block see variables.",
        example: "wasm_run site.wasm\n  wasm_env \"HOME,LANG\"\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "wasm_mount_read",
        operands: &[path("path")],
        touches: &[Read(Arg(0))],
        kinds: &[FileNotFound],
        summary: "Let the module of the block read a directory or file, at `/ro`.",
        example: "wasm_run site.wasm\n  wasm_mount_read ./posts\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "wasm_mount_write",
        operands: &[path("path")],
        touches: &[Write(Arg(0))],
        kinds: &[FileNotFound],
        summary: "Let the module of the block write a directory, at `/rw`.",
        example: "wasm_run site.wasm\n  wasm_mount_write ./out\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
    Entry {
        name: "wasm_run",
        operands: &[path("module")],
        touches: &[Read(Arg(0)), Stdout, Stderr, Flow],
        kinds: &[
            WasmCapabilityDenied,
            WasmCompileFailed,
            WasmHttpRefused,
            WasmModuleExited,
            FileNotFound,
            TimeoutExceeded,
        ],
        summary: "Run a WebAssembly module that sees what its body allows, and nothing else.",
        example: "wasm_run site.wasm\n  wasm_arg build\nend",
        meaning: Meaning::Keyword,
        ..STATEMENT
    },
];
