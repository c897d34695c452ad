//! What the programs of other ops are made of. Files cannot use these.

use super::operand::{Type, path, text};
use super::{Body, Control, Entry, Group, Meaning, bundle, pkg};
use crate::contract::Ask;
use crate::{ErrorKind, Primitive, Pure};

const fn part(entry: Entry, body: Body) -> Entry {
    Entry { internal: true, result: Some(Type::Text), meaning: Meaning::Runs(body), ..entry }
}

const OP: Entry = Entry { summary: "Part of other ops.", ..Entry::value(Group::Internal) };

pub(super) static OPS: &[Entry] = &[
    part(
        Entry { name: "assertion_failed", operands: &[text("message")], ..OP },
        Body::Control(Control::Refuse(ErrorKind::AssertFailed)),
    ),
    part(
        Entry { name: "await_port", operands: &[text("host"), text("port"), text("timeout")], ..OP },
        Body::Primitive(Primitive::AwaitPort),
    ),
    part(
        Entry { name: "await_url", operands: &[text("url"), text("timeout")], ..OP },
        Body::Primitive(Primitive::AwaitUrl),
    ),
    part(
        Entry { name: "bad_place", operands: &[text("message")], ..OP },
        Body::Control(Control::Refuse(ErrorKind::InvalidArgument)),
    ),
    part(Entry { name: "base_name", operands: &[text("path")], ..OP }, Body::Pure(Pure::BaseName)),
    part(Entry { name: "bundled_files", ..OP }, Body::Program(bundle::FILES, &[])),
    part(Entry { name: "check_file", operands: &[path("path")], ..OP }, Body::Primitive(Primitive::CheckFile)),
    part(Entry { name: "check_no_link", operands: &[path("path")], ..OP }, Body::Primitive(Primitive::CheckNoLink)),
    part(Entry { name: "clock", ..OP }, Body::Primitive(Primitive::Clock)),
    part(
        Entry { name: "copy_file", operands: &[path("src"), path("dst")], ..OP },
        Body::Primitive(Primitive::CopyFile),
    ),
    part(Entry { name: "dir_name", operands: &[text("path")], ..OP }, Body::Pure(Pure::DirName)),
    part(Entry { name: "excerpt", operands: &[text("text")], ..OP }, Body::Pure(Pure::Excerpt)),
    part(
        Entry { name: "fetch_into", operands: &[text("url"), path("dst")], ..OP },
        Body::Primitive(Primitive::Download),
    ),
    part(Entry { name: "has_lines", operands: &[text("text"), text("lines")], ..OP }, Body::Pure(Pure::HasLines)),
    part(Entry { name: "is_sum", operands: &[text("sum"), text("wanted")], ..OP }, Body::Pure(Pure::IsSum)),
    part(Entry { name: "join_path", operands: &[text("dir"), text("name")], ..OP }, Body::Pure(Pure::JoinPath)),
    part(Entry { name: "kind_of", operands: &[path("path")], ..OP }, Body::Primitive(Primitive::KindOf)),
    part(Entry { name: "lies_within", operands: &[text("path"), text("root")], ..OP }, Body::Pure(Pure::PathWithin)),
    part(Entry { name: "line_end", operands: &[text("text")], ..OP }, Body::Pure(Pure::LineEnd)),
    part(
        Entry { name: "list", operands: &[path("path"), text("what"), text("pattern")], ..OP },
        Body::Primitive(Primitive::List),
    ),
    part(
        Entry { name: "lists_path", operands: &[text("list"), text("separator"), text("path")], ..OP },
        Body::Pure(Pure::ListsPath),
    ),
    part(Entry { name: "look_up", operands: &[text("host")], ..OP }, Body::Primitive(Primitive::Lookup)),
    part(Entry { name: "may_bind", operands: &[text("port")], ..OP }, Body::Primitive(Primitive::PortFree)),
    part(Entry { name: "may_manage", ..OP }, Body::Program(pkg::MAY_MANAGE, &[])),
    part(Entry { name: "may_start", operands: &[text("name")], ..OP }, Body::Program("result = \"\"\n", &[Ask::Start])),
    part(
        Entry { name: "may_write", operands: &[path("path")], ..OP },
        Body::Program("result = \"\"\n", &[Ask::Write(0)]),
    ),
    part(Entry { name: "measure", operands: &[path("path"), text("what")], ..OP }, Body::Primitive(Primitive::Measure)),
    part(Entry { name: "need_env", operands: &[text("name")], ..OP }, Body::Primitive(Primitive::NeedEnv)),
    part(Entry { name: "new_dir", operands: &[path("dir"), text("prefix")], ..OP }, Body::Primitive(Primitive::NewDir)),
    part(
        Entry { name: "new_file", operands: &[path("dir"), text("prefix")], ..OP },
        Body::Primitive(Primitive::NewFile),
    ),
    part(Entry { name: "no_manager", ..OP }, Body::Program(pkg::NO_MANAGER, &[])),
    part(
        Entry { name: "no_program", operands: &[text("message")], ..OP },
        Body::Control(Control::Refuse(ErrorKind::BinNotFound)),
    ),
    part(
        Entry { name: "nothing_bundled", operands: &[text("message")], ..OP },
        Body::Control(Control::Refuse(ErrorKind::FileNotFound)),
    ),
    part(
        Entry { name: "pack_tree", operands: &[path("src"), path("dst"), text("format")], ..OP },
        Body::Primitive(Primitive::PackTree),
    ),
    part(Entry { name: "packages_change", ..OP }, Body::Primitive(Primitive::ChangePackages)),
    part(Entry { name: "path_from", operands: &[text("cwd"), text("path")], ..OP }, Body::Pure(Pure::PathAbs)),
    part(Entry { name: "path_line", operands: &[text("file"), text("dir")], ..OP }, Body::Pure(Pure::PathLine)),
    part(
        Entry { name: "pattern_paths", operands: &[text("root"), text("rest"), text("found")], ..OP },
        Body::Pure(Pure::PatternPaths),
    ),
    part(Entry { name: "pattern_rest", operands: &[text("pattern")], ..OP }, Body::Pure(Pure::PatternRest)),
    part(Entry { name: "pattern_root", operands: &[text("pattern")], ..OP }, Body::Pure(Pure::PatternRoot)),
    part(Entry { name: "peek", operands: &[path("path")], ..OP }, Body::Primitive(Primitive::Peek)),
    part(
        Entry { name: "port_open", operands: &[text("host"), text("port")], ..OP },
        Body::Primitive(Primitive::PortOpen),
    ),
    part(Entry { name: "render_time", operands: &[text("time"), text("format")], ..OP }, Body::Pure(Pure::FormatTime)),
    part(Entry { name: "require_bin", operands: &[text("name")], ..OP }, Body::Primitive(Primitive::RequireBin)),
    part(Entry { name: "require_env", operands: &[text("name")], ..OP }, Body::Primitive(Primitive::RequireEnv)),
    part(
        Entry { name: "send", operands: &[text("method"), text("url"), text("body")], ..OP },
        Body::Primitive(Primitive::Request),
    ),
    part(
        Entry { name: "set_mode", operands: &[path("path"), text("mode")], ..OP },
        Body::Primitive(Primitive::SetMode),
    ),
    part(Entry { name: "set_time", operands: &[path("path")], ..OP }, Body::Primitive(Primitive::SetTime)),
    part(Entry { name: "status_of", operands: &[text("url")], ..OP }, Body::Primitive(Primitive::RequestStatus)),
    part(Entry { name: "text_of_part", operands: &[text("part")], ..OP }, Body::Pure(Pure::TextOf)),
    part(Entry { name: "time_between", operands: &[text("a"), text("b")], ..OP }, Body::Pure(Pure::TimeDiff)),
    part(
        Entry { name: "unpack_tree", operands: &[path("src"), path("dst"), text("format")], ..OP },
        Body::Primitive(Primitive::UnpackTree),
    ),
    part(Entry { name: "variable_of_part", operands: &[text("part")], ..OP }, Body::Pure(Pure::VariableOf)),
    part(Entry { name: "variables_in", operands: &[text("text")], ..OP }, Body::Pure(Pure::Variables)),
];
