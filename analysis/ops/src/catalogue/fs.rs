//! Files and directories.

use super::operand::{Operand, Type, path, text};
use super::touch::On::{Arg, Of};
use super::touch::Touch::{Flow, HostFact, Look, Random, Read, Write};
use super::{Body, ENTRY, Entry, FILE, Group, Meaning};
use crate::ErrorKind::{
    FileAlreadyExists, FileNotFound, FilePermissionDenied, InvalidArgument, IoError, IsADirectory, LimitExceeded,
    NotADirectory, ParseFailed,
};
use crate::Primitive;
use crate::contract::Ask;

const STATEMENT: Entry = Entry::statement(Group::Fs);
const VALUE: Entry = Entry::value(Group::Fs);
const PREDICATE: Entry = Entry::predicate(Group::Fs);

const KIND_TEST: &[Ask] = &[Ask::Look(0)];

/// The operands of a program are bound before its first statement, so a bare name in it means the operand.
pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "append_file",
        operands: &[path("path"), text("content")],
        touches: &[Write(Arg(0))],
        adds_up: true,
        kinds: FILE,
        summary: "Add text at the end of a file, which is made if it is missing.",
        example: "append_file build.log \"done\\n\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Append)),
        ..STATEMENT
    },
    Entry {
        name: "append_line",
        operands: &[path("path"), text("line")],
        touches: &[Read(Arg(0)), Write(Arg(0))],
        adds_up: true,
        kinds: FILE,
        summary: "Add a line at the end of a file, after ending its last line.",
        example: "append_line hosts \"10.0.0.1 db\"",
        meaning: Meaning::Runs(Body::Program(
            r#"gap = ""
k = peek path
if k == file
gap = measure path "line_end"
end
append_file path "${gap}${line}\n"
"#,
            &[Ask::Read(0), Ask::Write(0)],
        )),
        ..STATEMENT
    },
    Entry {
        name: "backup_file",
        operands: &[path("path")],
        result: Some(Type::Path),
        touches: &[Read(Arg(0)), Write(Of("the path with `.bak`"))],
        kinds: FILE,
        summary: "Copy a file to its name plus `.bak`, and give that name.",
        example: "b = backup_file app.conf",
        meaning: Meaning::Runs(Body::Program(
            r#"to = path_clean path
to = "${to}.bak"
copy_file path to
result = "${to}"
"#,
            &[Ask::Read(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "cd",
        operands: &[path("path")],
        touches: &[Flow],
        kinds: &[FileNotFound, NotADirectory, IoError, FilePermissionDenied],
        summary: "Work in another directory for the rest of the command.",
        example: "cd /srv/app",
        meaning: Meaning::Runs(Body::Primitive(Primitive::EnterDir)),
        ..STATEMENT
    },
    Entry {
        name: "chmod",
        operands: &[path("path"), Operand::new("mode", Type::Mode)],
        touches: &[Write(Arg(0))],
        kinds: ENTRY,
        summary: "Set the permission bits of a path.",
        example: "chmod run.sh 0755",
        meaning: Meaning::Runs(Body::Program(
            r#"set_mode path mode
"#,
            &[Ask::Write(0)],
        )),
        ..STATEMENT
    },
    Entry {
        name: "copy_dir",
        operands: &[path("src"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(1))],
        kinds: &[FileNotFound, NotADirectory, FileAlreadyExists],
        summary: "Merge a directory tree into another.",
        example: "copy_dir site /srv/www",
        meaning: Meaning::Runs(Body::Primitive(Primitive::CopyTree)),
        ..STATEMENT
    },
    Entry {
        name: "cp",
        operands: &[path("src"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(1))],
        kinds: FILE,
        summary: "Copy a file; into a directory, under its own name.",
        example: "cp app.conf /srv/app/",
        meaning: Meaning::Runs(Body::Program(
            "check_file src\nto = \"${dst}\"\nk = peek dst\nif k == directory\nleaf = base_name src\nto = join_path dst leaf\nend\n\
             up = dir_name to\nu = peek up\nif u == absent\nmkdir up\nend\ncopy_file src to\n",
            &[Ask::Read(0), Ask::Write(1)],
        )),
        ..STATEMENT
    },
    Entry {
        name: "ensure_dir",
        operands: &[path("path")],
        result: Some(Type::Path),
        touches: &[Write(Arg(0))],
        kinds: &[NotADirectory],
        summary: "Make a directory if it is missing, and give its absolute path.",
        example: "d = ensure_dir build/out",
        meaning: Meaning::Runs(Body::Program(
            r#"mkdir path
result = path_from "${cwd}" path
"#,
            &[Ask::Write(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "ensure_line_in_file",
        operands: &[path("path"), text("line")],
        result: Some(Type::Bool),
        touches: &[Read(Arg(0)), Write(Arg(0))],
        kinds: &[FileNotFound, IsADirectory, NotADirectory, ParseFailed],
        summary: "Add a line unless the file has it; true if it was added.",
        example: "added = ensure_line_in_file hosts \"10.0.0.1 db\"",
        meaning: Meaning::Runs(Body::Program(
            r#"result = false
old = ""
k = peek path
if k != absent
old = read_file path
end
has = has_lines old line
if has == false
gap = line_end old
append_file path "${gap}${line}\n"
result = true
end
"#,
            &[Ask::Read(0), Ask::Write(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "exists",
        operands: &[path("path")],
        touches: &[Look(Arg(0))],
        summary: "True if something is at the path.",
        example: "if exists ./config\n  print \"configured\"\nend",
        meaning: Meaning::Runs(Body::Program(
            "k = kind_of path\nmatch k\ncase absent\nresult = false\nelse\nresult = true\nend\n",
            KIND_TEST,
        )),
        ..PREDICATE
    },
    Entry {
        name: "file_mtime",
        operands: &[path("path")],
        result: Some(Type::Int),
        touches: &[Read(Arg(0))],
        kinds: ENTRY,
        summary: "When a file was last changed, in Unix seconds.",
        example: "t = file_mtime app.conf",
        meaning: Meaning::Runs(Body::Primitive(Primitive::ReadTime)),
        ..VALUE
    },
    Entry {
        name: "file_size",
        operands: &[path("path")],
        result: Some(Type::Int),
        touches: &[Read(Arg(0))],
        kinds: FILE,
        summary: "Size of a file in bytes.",
        example: "n = file_size app.tar.gz",
        meaning: Meaning::Runs(Body::Program(
            r#"result = measure path "size"
"#,
            &[Ask::Read(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "glob",
        operands: &[path("pattern")],
        result: Some(Type::List),
        touches: &[Read(Arg(0))],
        kinds: &[InvalidArgument, ParseFailed],
        summary: "Paths that match a pattern, sorted; `**` stands for any number of directories.",
        example: "files = glob \"src/**/*.rs\"",
        meaning: Meaning::Runs(Body::Program(
            r#"result = ""
root = pattern_root pattern
rest = pattern_rest pattern
k = peek root
if k == directory
found = list root paths rest
result = pattern_paths root rest found
end
"#,
            &[Ask::Read(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "is_dir",
        operands: &[path("path")],
        touches: &[Look(Arg(0))],
        summary: "True if a directory is at the path.",
        example: "if is_dir ./src\n  print \"there are sources\"\nend",
        meaning: Meaning::Runs(Body::Program(
            "k = kind_of path\nmatch k\ncase directory\nresult = true\nelse\nresult = false\nend\n",
            KIND_TEST,
        )),
        ..PREDICATE
    },
    Entry {
        name: "is_file",
        operands: &[path("path")],
        touches: &[Look(Arg(0))],
        summary: "True if a file is at the path.",
        example: "if is_file ./Cargo.toml\n  cargo build\nend",
        meaning: Meaning::Runs(Body::Program(
            "k = kind_of path\nmatch k\ncase file\nresult = true\nelse\nresult = false\nend\n",
            KIND_TEST,
        )),
        ..PREDICATE
    },
    Entry {
        name: "list_dir",
        operands: &[path("path")],
        result: Some(Type::List),
        touches: &[Read(Arg(0))],
        kinds: &[FileNotFound, NotADirectory, ParseFailed],
        summary: "Names of the entries of a directory, sorted.",
        example: "names = list_dir src",
        meaning: Meaning::Runs(Body::Program(
            r#"result = list path names ""
"#,
            &[Ask::Read(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "make_executable",
        operands: &[path("path")],
        touches: &[Write(Arg(0))],
        kinds: ENTRY,
        summary: "Let a file be run as a program.",
        example: "make_executable run.sh",
        meaning: Meaning::Runs(Body::Program(
            r#"set_mode path executable
"#,
            &[Ask::Write(0)],
        )),
        ..STATEMENT
    },
    Entry {
        name: "mkdir",
        operands: &[path("path")],
        touches: &[Write(Arg(0))],
        kinds: &[NotADirectory],
        summary: "Make a directory and missing parents.",
        example: "mkdir build/out",
        meaning: Meaning::Runs(Body::Primitive(Primitive::MakeDirs)),
        ..STATEMENT
    },
    Entry {
        name: "mktemp_dir",
        operands: &[Operand::new("prefix", Type::Prefix).or("perch-")],
        result: Some(Type::Path),
        touches: &[Write(Of("the temporary directory")), HostFact, Random],
        kinds: &[FileNotFound, NotADirectory],
        summary: "Make a new temporary directory, and give its path.",
        example: "d = mktemp_dir",
        meaning: Meaning::Runs(Body::Program(
            r#"result = new_dir "${temp_dir}" prefix
"#,
            &[Ask::HostFact],
        )),
        ..VALUE
    },
    Entry {
        name: "mktemp_file",
        operands: &[Operand::new("prefix", Type::Prefix).or("perch-")],
        result: Some(Type::Path),
        touches: &[Write(Of("the temporary directory")), HostFact, Random],
        kinds: &[FileNotFound, NotADirectory],
        summary: "Make a new empty temporary file, and give its path.",
        example: "f = mktemp_file",
        meaning: Meaning::Runs(Body::Program(
            r#"result = new_file "${temp_dir}" prefix
"#,
            &[Ask::HostFact],
        )),
        ..VALUE
    },
    Entry {
        name: "mv",
        operands: &[path("src"), path("dst")],
        touches: &[Read(Arg(0)), Write(Arg(0)), Write(Arg(1))],
        adds_up: true,
        kinds: FILE,
        summary: "Rename or move a path.",
        example: "mv a.txt b.txt",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Move)),
        ..STATEMENT
    },
    Entry {
        name: "not_exists",
        operands: &[path("path")],
        touches: &[Look(Arg(0))],
        summary: "True if nothing is at the path.",
        example: "if not_exists ./config\n  cp config.example config\nend",
        meaning: Meaning::Runs(Body::Program(
            r#"k = kind_of path
match k
case absent
result = true
else
result = false
end
"#,
            KIND_TEST,
        )),
        ..PREDICATE
    },
    Entry {
        name: "read_file",
        operands: &[path("path")],
        result: Some(Type::Text),
        touches: &[Read(Arg(0))],
        kinds: &[FileNotFound, IsADirectory, NotADirectory, ParseFailed],
        summary: "The whole content of a file.",
        example: "v = read_file VERSION",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Read)),
        ..VALUE
    },
    Entry {
        name: "read_link",
        operands: &[path("path")],
        result: Some(Type::Text),
        touches: &[Read(Arg(0))],
        kinds: &[FileNotFound, NotADirectory, InvalidArgument, ParseFailed],
        summary: "Target of a symbolic link, as written.",
        example: "t = read_link current",
        meaning: Meaning::Runs(Body::Primitive(Primitive::ReadLink)),
        ..VALUE
    },
    Entry {
        name: "replace_in_file",
        operands: &[path("path"), text("old"), text("new")],
        touches: &[Read(Arg(0)), Write(Arg(0))],
        kinds: &[FileNotFound, IsADirectory, NotADirectory, ParseFailed, LimitExceeded],
        summary: "Replace every occurrence of a text in a file.",
        example: "replace_in_file app.conf \"8080\" \"9090\"",
        meaning: Meaning::Runs(Body::Program(
            r#"text = read_file path
text = replace text old new
write_file path text
"#,
            &[Ask::Read(0), Ask::Write(0)],
        )),
        ..STATEMENT
    },
    Entry {
        name: "rm",
        operands: &[path("path")],
        touches: &[Write(Arg(0))],
        summary: "Remove a path with all beneath; nothing there is fine.",
        example: "rm build",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Remove)),
        ..STATEMENT
    },
    Entry {
        name: "symlink",
        operands: &[text("target"), path("link")],
        touches: &[Write(Arg(1))],
        kinds: &[FileNotFound, IsADirectory, NotADirectory, InvalidArgument],
        summary: "Make a symbolic link, in place of a file or link.",
        example: "symlink v2 current",
        meaning: Meaning::Runs(Body::Primitive(Primitive::MakeLink)),
        ..STATEMENT
    },
    Entry {
        name: "touch",
        operands: &[path("path")],
        touches: &[Write(Arg(0))],
        kinds: ENTRY,
        summary: "Make an empty file, or set the time of a file to now.",
        example: "touch .built",
        meaning: Meaning::Runs(Body::Program(
            r#"k = peek path
if k != directory
append_file path ""
end
set_time path
"#,
            &[Ask::Write(0)],
        )),
        ..STATEMENT
    },
    Entry {
        name: "walk",
        aliases: &["walk_dir"],
        operands: &[path("path")],
        result: Some(Type::List),
        touches: &[Read(Arg(0))],
        kinds: &[FileNotFound, NotADirectory, ParseFailed],
        summary: "Paths of all files beneath a directory, relative to it, sorted.",
        example: "files = walk src",
        meaning: Meaning::Runs(Body::Program(
            r#"result = list path files ""
"#,
            &[Ask::Read(0)],
        )),
        ..VALUE
    },
    Entry {
        name: "write_file",
        operands: &[path("path"), text("content")],
        touches: &[Write(Arg(0))],
        kinds: FILE,
        summary: "Replace the content of a file.",
        example: "write_file out.txt \"done\\n\"",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Write)),
        ..STATEMENT
    },
];
