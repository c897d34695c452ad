//! Output, programs and the end of the run.

use super::operand::{Operand, Type, any, int, path, text};
use super::touch::On::{Arg, Of};
use super::touch::Touch::{Clock, Flow, Shell, Start, Stderr, Stdout};
use super::{Body, Control, Entry, Group, Meaning, START};
use crate::ErrorKind::{
    BinNotFound, FileNotFound, NotADirectory, ShellExitNonzero, ShellSignalKilled, TimeoutExceeded, UserFail,
};
use crate::Primitive;
use crate::contract::LOOKS_THROUGH;

const STATEMENT: Entry = Entry::statement(Group::Process);
const VALUE: Entry = Entry::value(Group::Process);
const PREDICATE: Entry = Entry::predicate(Group::Process);

/// What starting a program does.
pub(super) const SPAWN: Body = Body::Primitive(Primitive::Spawn);

/// How a line for the shell can fail, besides for lack of a permission.
const LINE: &[crate::ErrorKind] = &[BinNotFound, ShellExitNonzero, ShellSignalKilled, FileNotFound, NotADirectory];

/// Also what a line that begins with a program's name means.
pub(super) const EXEC: Entry = Entry {
    name: "exec",
    operands: &[Operand::new("bin", Type::Word), Operand::new("words", Type::Word).rest()],
    result: Some(Type::Text),
    touches: &[Start(Arg(0)), Stdout, Stderr],
    kinds: &[BinNotFound, ShellExitNonzero, ShellSignalKilled, FileNotFound, NotADirectory],
    summary: "Start a program; each word is one argument.",
    example: "exec git status --short",
    meaning: Meaning::Runs(SPAWN),
    ..VALUE
};

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "eprintln",
        operands: &[any("words").some()],
        touches: &[Stderr],
        summary: "Write the words and a newline to standard error.",
        example: "eprintln \"no config, going on\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::PrintError)),
        ..STATEMENT
    },
    EXEC,
    Entry {
        name: "exit",
        operands: &[int("status").or("0")],
        touches: &[Flow],
        summary: "End the run with a status.",
        example: "exit 3",
        meaning: Meaning::Runs(Body::Control(Control::Exit)),
        ..STATEMENT
    },
    Entry {
        name: "fail",
        aliases: &["throw"],
        operands: &[text("message").or("(no message)")],
        touches: &[Flow],
        kinds: &[UserFail],
        summary: "Raise a failure with a message.",
        example: "fail \"no config\"",
        meaning: Meaning::Runs(Body::Control(Control::Raise)),
        ..STATEMENT
    },
    Entry {
        name: "kill_by_name",
        operands: &[text("name")],
        touches: &[Start(Of(LOOKS_THROUGH))],
        kinds: &[BinNotFound],
        summary: "Ask the programs to end whose command line holds a text; none there is fine.",
        example: "kill_by_name old-server",
        meaning: Meaning::Runs(Body::Primitive(Primitive::KillByName)),
        ..STATEMENT
    },
    Entry {
        name: "list_commands",
        touches: &[Stdout],
        summary: "Write the commands of the file and what they do.",
        example: "list_commands",
        meaning: Meaning::Runs(Body::Program("print \"${command_list}\"\n", &[])),
        ..STATEMENT
    },
    Entry {
        name: "pipe",
        result: Some(Type::Text),
        touches: &[Start(Of("the programs in the body")), Stdout, Stderr, Flow],
        kinds: START,
        summary: "Run the programs of the body at once, each reading what the one before writes.",
        example: "pipe\n  git log\n  wc -l\nend",
        meaning: Meaning::Keyword,
        ..VALUE
    },
    Entry {
        name: "print",
        aliases: &["println"],
        operands: &[any("words").some()],
        touches: &[Stdout],
        summary: "Write the words and a newline to standard output.",
        example: "name = read_file NAME\nprint \"hello ${name}\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Print)),
        ..STATEMENT
    },
    Entry {
        name: "process_running",
        operands: &[text("name")],
        touches: &[Start(Of(LOOKS_THROUGH))],
        kinds: &[BinNotFound],
        summary: "True if a program runs whose command line holds a text.",
        example: "if process_running redis-server\n  print \"redis runs\"\nend",
        meaning: Meaning::Runs(Body::Primitive(Primitive::ProcessRunning)),
        ..PREDICATE
    },
    Entry {
        name: "shell",
        operands: &[text("cmd")],
        touches: &[Shell(Arg(0)), Stdout, Stderr],
        kinds: LINE,
        summary: "Run a command line in the shell of this host.",
        example: "shell \"ls | wc -l\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Shell)),
        ..STATEMENT
    },
    Entry {
        name: "shell_detached",
        operands: &[text("cmd")],
        touches: &[Shell(Arg(0))],
        adds_up: true,
        kinds: &[BinNotFound, FileNotFound, NotADirectory],
        summary: "Start a command line in the shell, and go on at once.",
        example: "shell_detached \"./server\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::ShellDetached)),
        ..STATEMENT
    },
    Entry {
        name: "shell_in",
        operands: &[path("dir"), text("cmd")],
        touches: &[Shell(Arg(1)), Stdout, Stderr],
        kinds: LINE,
        summary: "Run a command line in the shell, in another directory.",
        example: "shell_in web \"npm test\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::ShellIn)),
        ..STATEMENT
    },
    Entry {
        name: "shell_output",
        operands: &[text("cmd")],
        result: Some(Type::Text),
        touches: &[Shell(Arg(0)), Stderr],
        kinds: LINE,
        summary: "Run a command line in the shell, and give what it writes.",
        example: "v = shell_output \"git describe\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::ShellOutput)),
        ..VALUE
    },
    Entry {
        name: "sleep",
        operands: &[Operand::new("time", Type::Duration)],
        touches: &[Clock],
        kinds: &[TimeoutExceeded],
        summary: "Wait.",
        example: "sleep 500ms",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Sleep)),
        ..STATEMENT
    },
    Entry {
        name: "try_shell",
        operands: &[text("cmd")],
        result: Some(Type::Status),
        touches: &[Shell(Arg(0))],
        kinds: &[BinNotFound, FileNotFound, NotADirectory],
        summary: "Run a command line in the shell, and give its status: true when it is 0.",
        example: "ok = try_shell \"git diff --quiet\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::ShellStatus)),
        ..PREDICATE
    },
];
