//! Facts of this machine.

use super::operand::{Type, path, text};
use super::touch::On::{Arg, Of};
use super::touch::Touch::{HostFact, ReadEnv, Start, Stdout, Write};
use super::{Body, Entry, FILE, Group, Meaning};
use crate::ErrorKind::InvalidArgument;
use crate::Primitive;
use crate::contract::Ask;

const VALUE: Entry = Entry::value(Group::System);
const PREDICATE: Entry = Entry::predicate(Group::System);

/// An op that says a fact.
/// What an op does that says a fact.
pub(super) const fn says(program: &'static str) -> Meaning {
    Meaning::Runs(Body::Program(program, &[Ask::HostFact]))
}

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "add_to_path",
        operands: &[path("dir")],
        result: Some(Type::Bool),
        touches: &[ReadEnv(Of("PATH")), ReadEnv(Of("SHELL")), Write(Of("the shell's start-up file")), HostFact, Stdout],
        summary: "Put a directory on PATH in the shell's start-up file; true if it was added.",
        example: "added = add_to_path \"${home}/bin\"",
        kinds: FILE,
        meaning: Meaning::Runs(Body::Program(
            r#"result = "false"
d = path_from "${cwd}" dir
rc = shell_rc_path
if rc == ""
print "put `${d}` on PATH in the settings of the system: a shell here has no start-up file"
else
may_write rc
line = path_line rc d
if not path_contains d
up = dir_name rc
u = peek up
if u == absent
mkdir up
end
result = ensure_line_in_file rc line
print "`${d}` is on PATH in every shell that is started from now on: `${rc}` says so"
end
end
"#,
            &[Ask::HostFact],
        )),
        ..VALUE
    },
    Entry {
        name: "bin_version",
        operands: &[text("name"), text("flag").or("--version")],
        result: Some(Type::Text),
        touches: &[Start(Arg(0))],
        summary: "What a program says of its version, empty when it fails.",
        example: "v = bin_version git",
        meaning: Meaning::Runs(Body::Program(
            r#"result = ""
try
said = exec "${name}" "${flag}"
result = trim said
rescue
result = ""
end
"#,
            &[Ask::Start],
        )),
        ..VALUE
    },
    Entry {
        name: "cache_dir",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Directory for cached files of this user.",
        example: "d = cache_dir",
        meaning: says("result = \"${cache_dir}\"\n"),
        ..VALUE
    },
    Entry {
        name: "config_dir",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Directory for settings of this user.",
        example: "d = config_dir",
        meaning: says("result = \"${config_dir}\"\n"),
        ..VALUE
    },
    Entry {
        name: "cpu_count",
        result: Some(Type::Int),
        touches: &[HostFact],
        summary: "Number of processors.",
        example: "n = cpu_count",
        meaning: says("result = \"${cpu_count}\"\n"),
        ..VALUE
    },
    Entry {
        name: "cwd",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "The working directory.",
        example: "d = cwd",
        meaning: says("result = \"${cwd}\"\n"),
        ..VALUE
    },
    Entry {
        name: "data_dir",
        aliases: &["app_data_dir"],
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Directory for application data of this user.",
        example: "d = data_dir",
        meaning: says("result = \"${data_dir}\"\n"),
        ..VALUE
    },
    Entry {
        name: "exe_dir",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Directory of the running executable.",
        example: "d = exe_dir",
        meaning: says("result = \"${exe_dir}\"\n"),
        ..VALUE
    },
    Entry {
        name: "exe_ext",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "Ending of programs: `.exe` on Windows, else nothing.",
        example: "e = exe_ext",
        meaning: says("result = \"${exe_ext}\"\n"),
        ..VALUE
    },
    Entry {
        name: "exe_path",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Path of the running executable.",
        example: "p = exe_path",
        meaning: says("result = \"${exe_path}\"\n"),
        ..VALUE
    },
    Entry {
        name: "get_arch",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "The processor architecture: `amd64`, `arm64`.",
        example: "a = get_arch",
        meaning: says("result = \"${arch}\"\n"),
        ..VALUE
    },
    Entry {
        name: "get_os",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "The operating system: `linux`, `macos`, `windows`.",
        example: "o = get_os",
        meaning: says("result = \"${os}\"\n"),
        ..VALUE
    },
    Entry {
        name: "has_bin",
        operands: &[text("name")],
        touches: &[HostFact],
        summary: "True if a program is on PATH.",
        example: "if has_bin docker\n  docker ps\nend",
        meaning: Meaning::Runs(Body::Primitive(Primitive::FindBin)),
        ..PREDICATE
    },
    Entry {
        name: "home_dir",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Home directory of this user.",
        example: "d = home_dir",
        meaning: says("result = \"${home_dir}\"\n"),
        ..VALUE
    },
    Entry {
        name: "is_admin",
        touches: &[HostFact],
        summary: "True for the administrator of the machine.",
        example: "if is_admin\n  print \"as root\"\nend",
        meaning: says("result = \"false\"\nif uid == 0\nresult = \"true\"\nend\n"),
        ..PREDICATE
    },
    Entry {
        name: "is_ci",
        touches: &[HostFact],
        summary: "True if a variable says that this is a build server.",
        example: "if is_ci\n  print \"on a build machine\"\nend",
        meaning: says("result = \"${is_ci}\"\n"),
        ..PREDICATE
    },
    Entry {
        name: "is_tty",
        touches: &[HostFact],
        summary: "True if standard output is a terminal.",
        example: "if is_tty\n  print \"somebody watches\"\nend",
        meaning: says("result = \"${is_tty}\"\n"),
        ..PREDICATE
    },
    Entry {
        name: "link_into_path",
        operands: &[path("src"), path("dir")],
        result: Some(Type::Path),
        touches: &[Write(Arg(1))],
        kinds: FILE,
        summary: "Link a program into a directory, and give the new path.",
        example: "p = link_into_path ./app \"${home}/bin\"",
        meaning: Meaning::Runs(Body::Program(
            r#"s = path_from "${cwd}" src
d = path_from "${cwd}" dir
leaf = base_name s
result = join_path d leaf
mkdir d
symlink s result
"#,
            &[Ask::Write(1)],
        )),
        ..VALUE
    },
    Entry {
        name: "null_device",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "The file that swallows everything.",
        example: "p = null_device",
        meaning: says("result = \"${null_device}\"\n"),
        ..VALUE
    },
    Entry {
        name: "os_version",
        result: Some(Type::Text),
        touches: &[Start(Of("uname, sw_vers or cmd")), HostFact],
        summary: "Version of the operating system, empty when unknown.",
        example: "v = os_version",
        meaning: says(
            r#"tool = "uname"
if is_windows
tool = "cmd"
elif is_macos
tool = "sw_vers"
end
may_start tool
result = "${os_version}"
"#,
        ),
        ..VALUE
    },
    Entry {
        name: "path_contains",
        operands: &[path("dir")],
        touches: &[ReadEnv(Of("PATH"))],
        summary: "True if a directory is on PATH.",
        example: "if path_contains \"${home}/bin\"\n  print \"it is on PATH\"\nend",
        kinds: &[InvalidArgument],
        meaning: Meaning::Runs(Body::Program(
            r#"d = path_from "${cwd}" dir
list = get_env "PATH"
result = lists_path list path_list_sep d
"#,
            &[],
        )),
        ..PREDICATE
    },
    Entry {
        name: "pid",
        result: Some(Type::Int),
        touches: &[HostFact],
        summary: "Number of this process.",
        example: "n = pid",
        meaning: says("result = \"${pid}\"\n"),
        ..VALUE
    },
    Entry {
        name: "script_dir",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Directory of the file of commands.",
        example: "d = script_dir",
        meaning: says("result = \"${script_dir}\"\n"),
        ..VALUE
    },
    Entry {
        name: "script_path",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Path of the file of commands.",
        example: "p = script_path",
        meaning: says("result = \"${script_path}\"\n"),
        ..VALUE
    },
    Entry {
        name: "shell_rc_path",
        result: Some(Type::Path),
        touches: &[ReadEnv(Of("SHELL")), HostFact],
        summary: "The shell's start-up file, as far as can be told.",
        example: "p = shell_rc_path",
        meaning: says(
            r#"result = ""
if not is_windows
shell = get_env "SHELL"
name = path_base shell
result = path_join "${home}" ".profile"
if name == zsh
result = path_join "${home}" ".zshrc"
elif name == fish
result = path_join "${home}" ".config/fish/config.fish"
elif name == bash
result = path_join "${home}" ".bashrc"
if is_macos
result = path_join "${home}" ".bash_profile"
end
end
end
"#,
        ),
        ..VALUE
    },
    Entry {
        name: "temp_dir",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Directory for temporary files.",
        example: "d = temp_dir",
        meaning: says("result = \"${temp_dir}\"\n"),
        ..VALUE
    },
    Entry {
        name: "uid",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "Number of this user.",
        example: "u = uid",
        meaning: says("result = \"${uid}\"\n"),
        ..VALUE
    },
    Entry {
        name: "user",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "Name of this user.",
        example: "u = user",
        meaning: says("result = \"${user}\"\n"),
        ..VALUE
    },
    Entry {
        name: "which",
        operands: &[text("name")],
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Path of a program on PATH, or nothing.",
        example: "p = which git",
        meaning: Meaning::Runs(Body::Primitive(Primitive::WhichBin)),
        ..PREDICATE
    },
];
