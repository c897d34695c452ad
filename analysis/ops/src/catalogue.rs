//! The table of ops.

use crate::{Primitive, Pure, contract::Ask};

/// An op, by its position in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpId(u16);

impl OpId {
    /// Its entry.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        &CATALOGUE[usize::from(self.0)]
    }
}

/// What the catalogue knows of an op.
#[derive(Debug)]
pub struct Entry {
    /// Its name in programs.
    pub name: &'static str,
    /// Where the reference lists it.
    pub group: &'static str,
    /// Part of other ops' programs, not to be written in files.
    pub internal: bool,
    /// May stand as a condition.
    pub predicate: bool,
    /// Yields something worth binding.
    pub value: bool,
    /// What it is given.
    pub operands: Operands,
    /// One line for the reference.
    pub summary: &'static str,
    /// A line of perch.
    pub example: &'static str,
    /// What it does.
    pub body: Body,
}

/// What an op is given.
#[derive(Debug)]
pub struct Operands {
    /// Names in order; the last one repeats if `variadic`.
    pub names: &'static [&'static str],
    /// How many must be there.
    pub required: usize,
    /// The last one may be given any number of times.
    pub variadic: bool,
    /// Words are always their text, never a binding's name.
    pub verbatim: bool,
}

/// What an op does.
#[derive(Debug)]
pub enum Body {
    /// Touches the host.
    Primitive(Primitive),
    /// Touches nothing.
    Pure(Pure),
    /// Changes what runs next.
    Control(Control),
    /// Statements of perch; operands are bound under their names, and what `result` holds at the end
    /// is yielded. The policy is asked these questions before the first statement (numbers are operands).
    Program(&'static str, &'static [Ask]),
}

/// A change of what runs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Raises `user_fail` with operand 0 as message.
    Raise,
    /// Ends the run with operand 0 as status.
    Exit,
}

/// Every op.
#[must_use]
pub fn catalogue() -> &'static [Entry] {
    CATALOGUE
}

/// The op of that name, internal ones included.
#[must_use]
pub fn lookup(name: &str) -> Option<OpId> {
    let at = CATALOGUE.iter().position(|entry| entry.name == name)?;
    u16::try_from(at).ok().map(OpId)
}

/// The op that starts a program: what a line that begins with a program's name means.
#[must_use]
pub fn program_start() -> OpId {
    let at = CATALOGUE.iter().position(|entry| matches!(entry.body, Body::Primitive(Primitive::Spawn)));
    OpId(at.and_then(|at| u16::try_from(at).ok()).unwrap_or_default())
}

const fn operands(names: &'static [&'static str], required: usize) -> Operands {
    Operands { names, required, variadic: false, verbatim: false }
}

const fn op(
    name: &'static str,
    group: &'static str,
    operands: Operands,
    summary: &'static str,
    example: &'static str,
    body: Body,
) -> Entry {
    Entry { name, group, internal: false, predicate: false, value: false, operands, summary, example, body }
}

const fn value(entry: Entry) -> Entry {
    Entry { value: true, ..entry }
}

const fn predicate(entry: Entry) -> Entry {
    Entry { value: true, predicate: true, ..entry }
}

const fn internal(name: &'static str, operands: Operands, body: Body) -> Entry {
    Entry { internal: true, value: true, ..op(name, "internal", operands, "Part of other ops.", "", body) }
}

const KIND_TEST: &[Ask] = &[Ask::Look(0)];

/// Operands of an op's program are bound before its first statement, so a bare name in it means the operand.
static CATALOGUE: &[Entry] = &[
    op(
        "print",
        "process",
        Operands { names: &["words"], required: 1, variadic: true, verbatim: false },
        "Write the words and a newline to standard output.",
        "print \"hello ${name}\"",
        Body::Primitive(Primitive::Print),
    ),
    op(
        "fail",
        "process",
        operands(&["message"], 0),
        "Raise a failure with a message.",
        "fail \"no config\"",
        Body::Control(Control::Raise),
    ),
    op(
        "exit",
        "process",
        operands(&["status"], 0),
        "End the run with a status.",
        "exit 3",
        Body::Control(Control::Exit),
    ),
    value(op(
        "exec",
        "process",
        Operands { names: &["bin", "words"], required: 1, variadic: true, verbatim: true },
        "Start a program; each word is one argument.",
        "exec git status --short",
        Body::Primitive(Primitive::Spawn),
    )),
    predicate(op(
        "exists",
        "fs",
        operands(&["path"], 1),
        "True if something is at the path.",
        "if exists ./config",
        Body::Program("k = kind_of path\nmatch k\ncase absent\nresult = false\nelse\nresult = true\nend\n", KIND_TEST),
    )),
    predicate(op(
        "is_dir",
        "fs",
        operands(&["path"], 1),
        "True if a directory is at the path.",
        "if is_dir ./src",
        Body::Program(
            "k = kind_of path\nmatch k\ncase directory\nresult = true\nelse\nresult = false\nend\n",
            KIND_TEST,
        ),
    )),
    predicate(op(
        "is_file",
        "fs",
        operands(&["path"], 1),
        "True if a file is at the path.",
        "if is_file ./Cargo.toml",
        Body::Program("k = kind_of path\nmatch k\ncase file\nresult = true\nelse\nresult = false\nend\n", KIND_TEST),
    )),
    value(op(
        "read_file",
        "fs",
        operands(&["path"], 1),
        "The whole content of a file.",
        "v = read_file VERSION",
        Body::Primitive(Primitive::Read),
    )),
    op(
        "write_file",
        "fs",
        operands(&["path", "content"], 2),
        "Replace the content of a file.",
        "write_file out.txt \"done\\n\"",
        Body::Primitive(Primitive::Write),
    ),
    op(
        "mkdir",
        "fs",
        operands(&["path"], 1),
        "Make a directory and missing parents.",
        "mkdir build/out",
        Body::Primitive(Primitive::MakeDirs),
    ),
    op(
        "rm",
        "fs",
        operands(&["path"], 1),
        "Remove a path with all beneath.",
        "rm build",
        Body::Primitive(Primitive::Remove),
    ),
    op(
        "cp",
        "fs",
        operands(&["src", "dst"], 2),
        "Copy a file.",
        "cp app.conf /srv/app/",
        Body::Program(
            "check_file src\nto = \"${dst}\"\nk = peek dst\nif k == directory\nleaf = base_name src\nto = join_path dst leaf\nend\n\
             up = dir_name to\nu = peek up\nif u == absent\nmkdir up\nend\ncopy_file src to\n",
            &[Ask::Read(0), Ask::Write(1)],
        ),
    ),
    op(
        "mv",
        "fs",
        operands(&["src", "dst"], 2),
        "Rename or move a path.",
        "mv a.txt b.txt",
        Body::Primitive(Primitive::Move),
    ),
    op(
        "copy_dir",
        "fs",
        operands(&["src", "dst"], 2),
        "Merge a directory tree into another.",
        "copy_dir site /srv/www",
        Body::Primitive(Primitive::CopyTree),
    ),
    op(
        "symlink",
        "fs",
        operands(&["target", "link"], 2),
        "Make a symbolic link.",
        "symlink v2 current",
        Body::Primitive(Primitive::MakeLink),
    ),
    op(
        "cd",
        "fs",
        operands(&["path"], 1),
        "Work in another directory for the rest of the command.",
        "cd /srv/app",
        Body::Primitive(Primitive::EnterDir),
    ),
    predicate(op(
        "has_bin",
        "system",
        operands(&["name"], 1),
        "True if a program is on PATH.",
        "if has_bin docker",
        Body::Primitive(Primitive::FindBin),
    )),
    value(op(
        "get_env",
        "env",
        operands(&["name"], 1),
        "Value of an environment variable, empty when unset.",
        "home = get_env HOME",
        Body::Primitive(Primitive::GetEnv),
    )),
    value(op("upper", "string", operands(&["value"], 1), "Upper case.", "u = upper \"abc\"", Body::Pure(Pure::Upper))),
    value(op(
        "replace",
        "string",
        operands(&["value", "pattern", "new"], 2),
        "Replace every occurrence of a text.",
        "v = replace \"a-b\" \"-\" \"_\"",
        Body::Pure(Pure::Replace),
    )),
    value(op(
        "length",
        "string",
        operands(&["value"], 1),
        "Number of characters.",
        "n = length \"abc\"",
        Body::Pure(Pure::Length),
    )),
    internal("kind_of", operands(&["path"], 1), Body::Primitive(Primitive::KindOf)),
    internal("peek", operands(&["path"], 1), Body::Primitive(Primitive::Peek)),
    internal("check_file", operands(&["path"], 1), Body::Primitive(Primitive::CheckFile)),
    internal("copy_file", operands(&["src", "dst"], 2), Body::Primitive(Primitive::CopyFile)),
    internal("base_name", operands(&["path"], 1), Body::Pure(Pure::BaseName)),
    internal("dir_name", operands(&["path"], 1), Body::Pure(Pure::DirName)),
    internal("join_path", operands(&["dir", "name"], 2), Body::Pure(Pure::JoinPath)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for (at, entry) in CATALOGUE.iter().enumerate() {
            assert_eq!(lookup(entry.name).map(|op| usize::from(op.0)), Some(at), "{}", entry.name);
        }
        assert_eq!(program_start().entry().name, "exec");
    }
}
