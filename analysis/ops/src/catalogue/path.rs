//! Path texts; no file is touched.

use super::operand::{Type, path, text};
use super::touch::On::Of;
use super::touch::Touch::{HostFact, ReadEnv};
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::{InvalidArgument, UnresolvedVar};
use crate::Pure;
use crate::contract::Ask;

const VALUE: Entry = Entry::value(Group::Path);
const PREDICATE: Entry = Entry::predicate(Group::Path);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "expand_path",
        operands: &[text("path")],
        result: Some(Type::Path),
        touches: &[HostFact, ReadEnv(Of("the names in the text"))],
        kinds: &[UnresolvedVar],
        summary: "A path with a leading `~` and variables put in.",
        example: "p = expand_path \"~/projects\"",
        meaning: Meaning::Runs(Body::Program(
            r#"result = ""
rest = "${path}"
if path == "~"
result = "${home}"
rest = ""
elif has_prefix path "~/"
result = "${home}"
rest = slice path 1
if result == "/"
result = ""
end
end
parts = variables_in rest
for_each parts part
name = variable_of_part part
if name == ""
text = text_of_part part
else
text = need_env name
end
result = "${result}${text}"
end
"#,
            &[Ask::HostFact],
        )),
        ..VALUE
    },
    Entry {
        name: "from_slash",
        operands: &[text("path")],
        result: Some(Type::Path),
        summary: "A path with the separators of this host.",
        example: "p = from_slash a/b",
        meaning: Meaning::Runs(Body::Program(
            r#"result = "${path}"
if is_windows
result = replace path "/" "\\"
end
"#,
            &[],
        )),
        ..VALUE
    },
    Entry {
        name: "is_abs",
        operands: &[text("path")],
        summary: "True if a path is absolute.",
        example: "p = get_env OUT\nif is_abs \"${p}\"\n  mkdir \"${p}\"\nend",
        meaning: Meaning::Runs(Body::Pure(Pure::IsAbs)),
        ..PREDICATE
    },
    Entry {
        name: "path_abs",
        operands: &[path("path")],
        result: Some(Type::Path),
        touches: &[HostFact],
        kinds: &[InvalidArgument],
        summary: "A path from the root.",
        example: "p = path_abs src",
        meaning: Meaning::Runs(Body::Program(
            r#"result = path_from "${cwd}" path
"#,
            &[Ask::HostFact],
        )),
        ..VALUE
    },
    Entry {
        name: "path_base",
        operands: &[text("path")],
        result: Some(Type::Text),
        summary: "The last component of a path.",
        example: "b = path_base /srv/app.tar.gz",
        meaning: Meaning::Runs(Body::Pure(Pure::PathBase)),
        ..VALUE
    },
    Entry {
        name: "path_clean",
        operands: &[text("path")],
        result: Some(Type::Path),
        summary: "The shortest text for the same path.",
        example: "p = path_clean a/../b",
        meaning: Meaning::Runs(Body::Pure(Pure::PathClean)),
        ..VALUE
    },
    Entry {
        name: "path_dir",
        operands: &[text("path")],
        result: Some(Type::Path),
        summary: "What comes before the last component of a path.",
        example: "d = path_dir /srv/app",
        meaning: Meaning::Runs(Body::Pure(Pure::PathDir)),
        ..VALUE
    },
    Entry {
        name: "path_ext",
        operands: &[text("path")],
        result: Some(Type::Text),
        summary: "The extension of a path with its dot, or nothing.",
        example: "e = path_ext app.conf",
        meaning: Meaning::Runs(Body::Pure(Pure::PathExt)),
        ..VALUE
    },
    Entry {
        name: "path_join",
        operands: &[text("parts").some()],
        result: Some(Type::Path),
        summary: "Components as one path.",
        example: "dir = get_env PREFIX\np = path_join \"${dir}\" bin app",
        meaning: Meaning::Runs(Body::Pure(Pure::PathJoin)),
        ..VALUE
    },
    Entry {
        name: "path_list_sep",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "What separates the directories in PATH.",
        example: "s = path_list_sep",
        meaning: Meaning::Runs(Body::Program(
            r#"result = ":"
if is_windows
result = ";"
end
"#,
            &[Ask::HostFact],
        )),
        ..VALUE
    },
    Entry {
        name: "path_rel",
        operands: &[path("base"), path("target")],
        result: Some(Type::Path),
        kinds: &[InvalidArgument],
        summary: "A path as seen from a directory.",
        example: "p = path_rel /srv /srv/app/conf",
        meaning: Meaning::Runs(Body::Pure(Pure::PathRel)),
        ..VALUE
    },
    Entry {
        name: "path_sep",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "What separates the components of a path.",
        example: "s = path_sep",
        meaning: Meaning::Runs(Body::Program(
            r#"result = "/"
if is_windows
result = "\\"
end
"#,
            &[Ask::HostFact],
        )),
        ..VALUE
    },
    Entry {
        name: "path_with_ext",
        operands: &[text("path"), text("ext")],
        result: Some(Type::Path),
        summary: "A path with another extension; an empty one takes it away.",
        example: "p = path_with_ext notes.md html",
        meaning: Meaning::Runs(Body::Pure(Pure::PathWithExt)),
        ..VALUE
    },
    Entry {
        name: "path_within",
        operands: &[path("path"), path("root")],
        kinds: &[InvalidArgument],
        summary: "True if a path is a directory or lies in it, compared by components.",
        example: "p = get_env OUT\nif path_within \"${p}\" ./build\n  rm \"${p}\"\nend",
        meaning: Meaning::Runs(Body::Program(
            r#"p = path_from "${cwd}" path
r = path_from "${cwd}" root
result = lies_within p r
"#,
            &[],
        )),
        ..PREDICATE
    },
    Entry {
        name: "to_slash",
        operands: &[text("path")],
        result: Some(Type::Path),
        summary: "A path with forward slashes.",
        example: "p = get_env OUT\np = to_slash \"${p}\"",
        meaning: Meaning::Runs(Body::Program(
            r#"result = "${path}"
if is_windows
result = replace path "\\" "/"
end
"#,
            &[],
        )),
        ..VALUE
    },
];
