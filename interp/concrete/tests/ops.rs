//! What ops do and how they fail, through real programs.

mod common;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt, symlink};

use common::Rig;

/// A device, if whoever runs this may make one.
fn device(at: &str) -> bool {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let null = rustix::fs::makedev(1, 3);
    rustix::fs::mknodat(rustix::fs::CWD, at, rustix::fs::FileType::CharacterDevice, mode, null).is_ok()
}

#[test]
fn devices_are_written_to_and_neither_removed_nor_replaced() {
    let rig = Rig::new();
    fs::create_dir(rig.path("dir")).unwrap();
    fs::write(rig.path("file"), "text").unwrap();
    if !device(&rig.path("null")) || !device(&rig.path("dir/null")) {
        return eprintln!("whoever runs this may make no devices");
    }
    for op in ["rm null", "mv file null", "mv null other", "symlink file null"] {
        assert_eq!(rig.kind(op), "io_error", "{op}");
    }
    fs::create_dir(rig.path("tree")).unwrap();
    fs::write(rig.path("tree/null"), "text").unwrap();
    rig.printed("tar_create tree tree.tgz");
    for op in ["copy_dir tree dir", "tar_extract tree.tgz dir"] {
        assert_eq!(rig.kind(op), "io_error", "{op}");
        assert!(fs::metadata(rig.path("dir/null")).unwrap().file_type().is_char_device());
    }
    for op in ["write_file null a", "append_file null a", "cp file null", "touch null"] {
        rig.printed(op);
    }
    assert!(fs::metadata(rig.path("null")).unwrap().file_type().is_char_device());
    assert_eq!(fs::read_to_string(rig.path("file")).unwrap(), "text");
    rig.printed("rm dir");
    assert!(!fs::exists(rig.path("dir")).unwrap());
}

#[test]
fn every_guard_has_its_kind() {
    let rig = Rig::new();
    fs::write(rig.path("file"), "text").unwrap();
    fs::write(rig.path("bytes"), [0xff]).unwrap();
    fs::create_dir_all(rig.path("dir/sub")).unwrap();
    for (op, kind) in [
        ("v = read_file \"\"", "invalid_argument"),
        ("v = read_file \"a\\0b\"", "invalid_argument"),
        ("v = read_file none", "file_not_found"),
        ("v = read_file none/x", "file_not_found"),
        ("v = read_file file/x", "not_a_directory"),
        ("v = read_file dir", "is_a_directory"),
        ("v = read_file bytes", "parse_failed"),
        ("write_file none/x t", "file_not_found"),
        ("write_file file/x t", "not_a_directory"),
        ("write_file dir t", "is_a_directory"),
        ("append_file none/x t", "file_not_found"),
        ("append_file dir t", "is_a_directory"),
        ("append_line file/x t", "not_a_directory"),
        ("v = ensure_line_in_file bytes t", "parse_failed"),
        ("replace_in_file bytes t u", "parse_failed"),
        ("v = backup_file dir", "is_a_directory"),
        ("v = ensure_dir file", "not_a_directory"),
        ("v = file_size dir", "is_a_directory"),
        ("v = list_dir none", "file_not_found"),
        ("v = list_dir file", "not_a_directory"),
        ("v = walk file/x", "not_a_directory"),
        ("v = glob \"[\"", "invalid_argument"),
        ("v = glob \"\"", "invalid_argument"),
        ("mkdir file", "not_a_directory"),
        ("mkdir file/a/b", "not_a_directory"),
        ("rm /", "invalid_argument"),
        ("cp none x", "file_not_found"),
        ("cp dir x", "is_a_directory"),
        ("cp file file", "invalid_argument"),
        ("cp file .", "invalid_argument"),
        ("cp file file/x", "not_a_directory"),
        ("mv none x", "file_not_found"),
        ("mv file none/x", "file_not_found"),
        ("mv file dir", "is_a_directory"),
        ("mv dir file", "not_a_directory"),
        ("mv dir dir/sub/x", "invalid_argument"),
        ("mv dir dir", "invalid_argument"),
        ("mv file file", "invalid_argument"),
        ("copy_dir none x", "file_not_found"),
        ("copy_dir file x", "not_a_directory"),
        ("copy_dir dir dir/sub", "invalid_argument"),
        ("copy_dir dir file", "not_a_directory"),
        ("symlink x dir", "is_a_directory"),
        ("symlink \"\" x", "invalid_argument"),
        ("symlink x none/l", "file_not_found"),
        ("cd none", "file_not_found"),
        ("cd file", "not_a_directory"),
        ("exec no-such-program", "bin_not_found"),
        ("exec ./file", "bin_not_found"),
        ("print ${NOT_SET}", "unresolved_var"),
        ("fail \"no\"", "user_fail"),
        ("exit 256", "invalid_argument"),
    ] {
        assert_eq!(rig.kind(op), kind, "{op}");
    }
    assert_eq!(rig.names(""), ["bytes", "dir", "file"]);
    assert_eq!(rig.text("file"), "text");
}

#[test]
fn messages_say_what_where_and_why() {
    let rig = Rig::new();
    let message = |op: &str| rig.run(op).message.replace(&rig.dir, "DIR");
    assert_eq!(message("v = read_file x"), "cannot read `DIR/x`: it does not exist");
    assert_eq!(message("write_file a/x t"), "cannot write `DIR/a/x`: its directory does not exist");
    assert_eq!(message("mv a b"), "cannot move `DIR/a` to `DIR/b`: `DIR/a` does not exist");
    assert_eq!(message("exec nope"), "cannot start `nope`: it is not on PATH");
}

#[test]
fn denials_name_what_is_allowed() {
    let mut rig = Rig::new();
    rig.policy.write_roots = Some(vec!["/srv".to_owned()]);
    rig.policy.bins = Some(vec!["docker".to_owned(), "git".to_owned()]);
    let message = |op: &str| rig.run(op).message;
    let outside = "write path \"/etc/passwd\" is outside --allow-write roots (allowed: /srv)";
    assert_eq!(message("write_file /etc/passwd x"), outside);
    assert_eq!(message("exec kubectl"), "exec binary \"kubectl\" not in --allow-bin allowlist (have: docker, git)");
}

#[test]
fn files_go_where_they_should() {
    let rig = Rig::new();
    rig.printed("mkdir a/b\nwrite_file a/f one\ncp a/f a/b\ncp a/f new/dir/g\nmv a/f moved\nsymlink moved link");
    assert_eq!(
        (rig.text("a/b/f"), rig.text("new/dir/g"), rig.text("moved")),
        ("one".into(), "one".into(), "one".into())
    );
    rig.printed("write_file link two\nmkdir a/b\nrm nothing\ncopy_dir a copy/of/a");
    assert_eq!((rig.text("moved"), rig.text("copy/of/a/b/f")), ("two".into(), "one".into()));
    assert_eq!(fs::read_link(rig.path("link")).unwrap().to_str(), Some("moved"));
}

#[test]
fn mkdir_through_a_dangling_link_makes_its_target() {
    let rig = Rig::new();
    symlink("target", rig.path("link")).unwrap();
    rig.printed("mkdir link/sub");
    assert_eq!(rig.names("target"), ["sub"]);
}

#[test]
fn predicates_see_what_is_visible() {
    let mut rig = Rig::new();
    fs::create_dir(rig.path("in")).unwrap();
    fs::write(rig.path("in/f"), "").unwrap();
    fs::write(rig.path("out"), "").unwrap();
    let ask = "a = exists in/f\nb = is_dir in\nc = is_file in/f\nd = exists out\ne = exists in/f/x\nprint ${a} ${b} ${c} ${d} ${e}";
    assert_eq!(rig.printed(ask), "true true true true false\n");
    rig.policy.read_roots = Some(vec![rig.path("in")]);
    assert_eq!(rig.printed(ask), "true true true false false\n");
    assert_eq!(rig.kind("v = exists \"\""), "invalid_argument");
}

#[test]
fn programs_stream_or_are_captured() {
    let rig = Rig::new();
    let program =
        "print a\nsh -c \"echo b\"\nv = sh -c \"echo c; echo; echo\"\nprint \"[${v}]\"\nw = exec pwd\nprint ${w}";
    assert_eq!(rig.printed(program), format!("a\nb\n[c]\n{}\n", rig.dir));
    assert_eq!(
        rig.printed("print ${SET}\nv = get_env NONE\nprint \"[${v}]\"\nsh -c \"echo $SET\""),
        "value\n[]\nvalue\n"
    );
    assert_eq!(
        rig.printed("a = has_bin sh\nb = has_bin nope\nc = has_bin ./sh\nprint ${a} ${b} ${c}"),
        "true false false\n"
    );
}

#[test]
fn exit_statuses() {
    let rig = Rig::new();
    for (body, status) in [
        ("print x", 0),
        ("exit 3", 3),
        ("sh -c \"exit 7\"", 7),
        ("sh -c \"exit 126\"", 1),
        ("sh -c \"exit 255\"", 1),
        ("sh -c \"kill -9 $$\"", 137),
        ("fail x", 1),
        ("try\nfail x\nrescue\nprint y\nend", 0),
        ("try\nexit 4\nrescue\nprint y\nfinally\nprint z\nend", 4),
        ("sh -c \"exit 7\" || true", 0),
    ] {
        assert_eq!(rig.run(body).status, status, "{body}");
    }
}

#[test]
fn what_is_rescued_is_told() {
    let rig = Rig::new();
    let body = "try\nsh -c \"exit 7\"\nrescue e\nprint ${e.kind} ${e.code} ${e.op} \"[${e.detail}]\"\nend";
    assert_eq!(rig.printed(body), "shell_exit_nonzero 7 exec []\n");
    let body = "try\nmkdir none.txt/x\nwrite_file none.txt/x/y/z t\nrescue e\nprint ${e.kind} ${e.op}\nend";
    assert_eq!(rig.printed(body), "file_not_found write_file\n");
}

#[test]
fn facts_of_the_host_are_names() {
    let rig = Rig::new();
    let printed = rig.printed("mkdir d\ncd d\nprint ${os} ${is_unix} ${is_windows} ${cwd}");
    assert_eq!(printed, format!("{} true false {}/d\n", std::env::consts::OS, rig.dir));
}

#[test]
fn an_observer_sees_every_node_once() {
    let rig = Rig::new();
    let text = "command main\ndo\nfor_each \"a\\nb\" x\ngreet ${x}\nend\nfalse || fail-not-there || true\nfail x\nend\nend\n\
                command greet\narg who\ntype string\nindex 0\nend\ndo\nprint ${who}\nend\nend\n";
    let ran = rig.run_file(text);
    assert_eq!(
        ran.seen,
        [
            "main:3:1 [] for_each ok",
            "main:4:1>greet:16:1 [0] print ok",
            "main:4:1 [0] call ok",
            "main:4:1>greet:16:1 [1] print ok",
            "main:4:1 [1] call ok",
            "main:6:1/0 [] exec shell_exit_nonzero",
            "main:6:10/1 [] exec bin_not_found",
            "main:6:28/2 [] exec ok",
            "main:6:1 [] chain ok",
            "main:7:1 [] fail user_fail",
        ]
    );
}

#[test]
fn a_killed_program_has_no_status_to_be_seen() {
    let rig = Rig::new();
    let body = "try\nsh -c \"kill -15 $$\"\nrescue e\nprint ${e.kind} \"[${e.code}]\"\nend";
    assert_eq!(rig.printed(body), "shell_signal_killed []\n");
}

/// The texts are judged before the host is looked at, whatever the first path leads to.
#[test]
fn questions_come_before_facts() {
    let mut rig = Rig::new();
    symlink("loop", rig.path("loop")).unwrap();
    rig.policy.no_write = true;
    for op in ["mv loop/x y", "cp none y", "copy_dir none y", "mv none y"] {
        assert_eq!(rig.kind(op), "cap_write_denied", "{op}");
    }
}

#[test]
fn what_is_added_is_added_to_any_bytes() {
    let rig = Rig::new();
    fs::write(rig.path("bytes"), [0xff]).unwrap();
    fs::write(rig.path("empty"), "").unwrap();
    assert_eq!(rig.printed("append_line bytes x\nappend_line empty y\nprint ${file_size('bytes')}"), "4\n");
    assert_eq!(fs::read(rig.path("bytes")).unwrap(), b"\xff\nx\n");
    assert_eq!(rig.text("empty"), "y\n");
    // It is the same file afterwards, for everybody who has it open or knows it by another name.
    fs::hard_link(rig.path("empty"), rig.path("other")).unwrap();
    rig.printed("append_file empty z");
    assert_eq!(rig.text("other"), "y\nz");
}

#[test]
fn names_that_are_no_text_cannot_be_listed() {
    let rig = Rig::new();
    let name = std::ffi::OsStr::from_bytes(b"\xff");
    fs::create_dir_all(rig.path("dir/sub")).unwrap();
    fs::write(std::path::Path::new(&rig.path("dir/sub")).join(name), "").unwrap();
    assert_eq!(rig.printed("print ${list_dir('dir')} ${glob('dir/*')}"), "sub dir/sub\n");
    for op in ["v = list_dir dir/sub", "v = walk dir", "v = glob \"dir/**\""] {
        assert_eq!(rig.kind(op), "parse_failed", "{op}");
    }
}

#[test]
fn deep_and_wide_trees_are_listed() {
    let rig = Rig::new();
    let deep = format!("deep/{}", ["d"; 300].join("/"));
    fs::create_dir_all(rig.path(&deep)).unwrap();
    fs::write(rig.path(&format!("{deep}/x")), "").unwrap();
    fs::create_dir(rig.path("wide")).unwrap();
    for number in 0..2_000 {
        fs::write(rig.path(&format!("wide/{number}")), "").unwrap();
    }
    let printed = rig.printed("print ${count_lines(walk('wide'))} ${count_lines(glob('**/x'))} ${walk('deep')}");
    assert_eq!(printed, format!("2000 1 {}/x\n", ["d"; 300].join("/")));
}

#[test]
fn modes_are_set_and_never_those_of_somebody_else() {
    let rig = Rig::new();
    fs::write(rig.path("file"), "x").unwrap();
    fs::create_dir(rig.path("dir")).unwrap();
    symlink("file", rig.path("link")).unwrap();
    let mode = |name: &str| fs::metadata(rig.path(name)).unwrap().permissions().mode() & 0o7777;
    for (op, name, want) in [
        ("chmod file 0640", "file", 0o640),
        ("make_executable file", "file", 0o751),
        ("chmod link 600", "file", 0o600),
        ("make_executable dir", "dir", 0o755),
        ("chmod dir 0700", "dir", 0o700),
    ] {
        rig.printed(op);
        assert_eq!(mode(name), want, "{op}");
    }
    for op in ["m = 4755\nchmod file m", "m = \"\"\nchmod file m", "m = \"u+x\"\nchmod file m"] {
        assert_eq!(rig.kind(op), "invalid_argument", "{op}");
    }
    fs::set_permissions(rig.path("file"), fs::Permissions::from_mode(0o4700)).unwrap();
    rig.printed("make_executable file");
    assert_eq!(mode("file"), 0o711);
}

#[test]
fn what_is_made_executable_can_be_started() {
    let rig = Rig::new();
    let made = "write_file tool \"#!/bin/sh\\necho hi\\n\"\n";
    assert_eq!(rig.kind(&format!("{made}./tool")), "bin_not_found");
    assert_eq!(rig.printed(&format!("{made}make_executable tool\nv = ./tool\nprint \"${{v}}\"")), "hi\n");
}

#[test]
fn times_are_those_of_the_entry() {
    let rig = Rig::new();
    fs::write(rig.path("file"), "x").unwrap();
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(86_400);
    fs::File::open(rig.path("file")).unwrap().set_modified(old).unwrap();
    symlink("file", rig.path("link")).unwrap();
    assert_eq!(rig.printed("print ${file_mtime('file')} ${file_mtime('link')}"), "86400 86400\n");
    assert_eq!(rig.printed("touch link\nif \"${file_mtime('file')}\" > 86400\nprint now\nend"), "now\n");
    assert_eq!(rig.text("file"), "x");
}

#[test]
fn targets_of_links_are_as_they_are_written() {
    let rig = Rig::new();
    symlink("../a b/./c", rig.path("link")).unwrap();
    symlink(std::ffi::OsStr::from_bytes(b"\xff"), rig.path("odd")).unwrap();
    assert_eq!(rig.printed("print ${read_link('link')}"), "../a b/./c\n");
    for (op, kind) in [
        ("v = read_link odd", "parse_failed"),
        ("v = read_link .", "invalid_argument"),
        ("v = read_link none", "file_not_found"),
        ("touch none/x", "file_not_found"),
        ("v = file_mtime none", "file_not_found"),
        ("make_executable none", "file_not_found"),
    ] {
        assert_eq!(rig.kind(op), kind, "{op}");
    }
}
