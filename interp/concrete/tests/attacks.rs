//! Attacks that a run withstands. Each test is named by its class of attack; each fails when the guard
//! that it is about is taken away.

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use common::Rig;

fn denied(kind: &str) -> bool {
    matches!(kind, "read_not_permitted" | "write_not_permitted")
}

/// The outside is as it was.
fn untouched(rig: &Rig) {
    assert_eq!((rig.names("out"), rig.text("out/secret")), (vec!["secret".to_owned()], "secret".to_owned()));
}

#[test]
fn f01_dots_do_not_lead_out_of_a_root() {
    let rig = Rig::rooted();
    for path in ["DIR/root/../out/x", "root/../../x", "root/./../out/x", "../../../../../etc/x"] {
        assert_eq!(rig.kind(&format!("write_file \"{path}\" x")), "write_not_permitted", "{path}");
        assert_eq!(rig.kind(&format!("v = read_file \"{path}\"")), "read_not_permitted", "{path}");
    }
    assert_eq!(rig.kind("cd root\nwrite_file ../out/x x"), "write_not_permitted");
    untouched(&rig);
}

#[test]
fn f03_roots_compare_by_component() {
    let rig = Rig::rooted();
    fs::create_dir(rig.path("root2")).unwrap();
    for path in ["root2/x", "root/../root2/x", "roo", "root2"] {
        assert_eq!(rig.kind(&format!("write_file {path} x")), "write_not_permitted", "{path}");
    }
    rig.printed("write_file root/x x");
}

#[test]
fn f04_every_spelling_of_a_path_is_the_same_path() {
    let rig = Rig::rooted();
    fs::create_dir(rig.path("root/d")).unwrap();
    symlink("../out", rig.path("root/link")).unwrap();
    for path in ["root//x", "./root/./x", "root/x/", "root/d/../x"] {
        rig.printed(&format!("write_file {path} \"{path}\""));
        assert_eq!(rig.text("root/x"), path);
    }
    for path in ["root/link/secret", "root/link//secret/", "root/./link/./secret"] {
        assert_eq!(rig.kind(&format!("v = read_file {path}")), "read_not_permitted", "{path}");
    }
    rig.printed("rm root/link/");
    assert_eq!(rig.names("root"), ["d", "x"]);
    untouched(&rig);
}

#[test]
fn f05_links_do_not_lead_out_of_a_root() {
    let rig = Rig::rooted();
    symlink(rig.path("out"), rig.path("root/dir")).unwrap();
    symlink("../out/secret", rig.path("root/file")).unwrap();
    symlink("dir", rig.path("root/twice")).unwrap();
    fs::write(rig.path("root/own"), "own").unwrap();
    for op in [
        "v = read_file root/file",
        "v = read_file root/twice/secret",
        "write_file root/file x",
        "write_file root/dir/new x",
        "mkdir root/dir/a/b",
        "rm root/dir/secret",
        "cp root/own root/file",
        "cp root/own root/dir",
        "cp root/own root/dir/new",
        "cp root/file root/copy",
        "mv root/own root/dir/own",
        "mv root/dir/secret root/mine",
        "copy_dir root/dir root/mine",
        "copy_dir root root/dir/mine",
        "symlink x root/dir/link",
    ] {
        assert!(denied(rig.kind(op)), "{op}: {}", rig.kind(op));
    }
    assert_eq!(rig.printed("if exists root/file\nprint seen\nelse\nprint hidden\nend"), "hidden\n");
    assert_eq!(rig.names("root"), ["dir", "file", "own", "twice"]);
    untouched(&rig);
}

#[test]
fn f07_a_link_that_is_moved_is_judged_where_it_is() {
    let rig = Rig::rooted();
    fs::create_dir_all(rig.path("root/a/b")).unwrap();
    let program = "symlink ../../out/secret root/a/b/link\nmv root/a/b root/b\nv = read_file root/b/link";
    assert_eq!(rig.kind(program), "read_not_permitted");
}

#[test]
fn f11_a_dangling_link_makes_nothing_outside() {
    let rig = Rig::rooted();
    symlink("../out/new", rig.path("root/link")).unwrap();
    for op in ["write_file root/link x", "mkdir root/link", "mkdir root/link/sub"] {
        assert_eq!(rig.kind(op), "write_not_permitted", "{op}");
    }
    untouched(&rig);
}

#[test]
fn f12_a_loop_of_links_is_an_error_and_not_there() {
    let rig = Rig::new();
    symlink("b", rig.path("a")).unwrap();
    symlink("a", rig.path("b")).unwrap();
    for op in ["v = read_file a", "write_file a/x x", "mkdir a", "cd a"] {
        assert_eq!(rig.kind(op), "io_error", "{op}");
    }
    assert_eq!(rig.printed("v = exists a\nw = is_file a/x\nprint ${v} ${w}"), "false false\n");
    rig.printed("rm a");
    assert_eq!(rig.names(""), ["b"]);
}

#[test]
fn f13_a_hard_link_is_not_written_through() {
    let rig = Rig::rooted();
    fs::hard_link(rig.path("out/secret"), rig.path("root/inside")).unwrap();
    rig.printed("write_file root/inside mine\ncp root/inside root/again");
    untouched(&rig);
}

#[test]
fn f16_what_holds_a_root_is_not_removed_with_it() {
    let rig = Rig::rooted();
    for op in ["rm .", "rm DIR", "mv DIR root/x", "rm /"] {
        assert!(matches!(rig.kind(op), "write_not_permitted" | "read_not_permitted"), "{op}");
    }
    untouched(&rig);
}

#[test]
fn f17_removing_never_follows_links() {
    let rig = Rig::rooted();
    fs::create_dir(rig.path("root/d")).unwrap();
    symlink("../../out", rig.path("root/d/link")).unwrap();
    symlink("../out", rig.path("root/link")).unwrap();
    rig.printed("rm root/d\nrm root/link");
    assert!(rig.names("root").is_empty());
    untouched(&rig);
}

#[test]
fn f27_endless_paths_are_errors() {
    let rig = Rig::new();
    let long = "x/".repeat(20_000);
    for op in ["mkdir", "v = read_file", "cd"] {
        assert_eq!(rig.kind(&format!("{op} \"{long}\"")), "io_error", "{op}");
    }
    assert_eq!(rig.printed(&format!("v = exists \"{long}\"\nprint ${{v}}")), "false\n");
}

#[test]
fn parents_are_not_made_outside_of_a_root() {
    let mut rig = Rig::new();
    rig.policy.write_roots = Some(vec![rig.path("a/b")]);
    fs::create_dir(rig.path("tree")).unwrap();
    fs::write(rig.path("f"), "f").unwrap();
    for op in ["mkdir a/b", "cp f a/b/f", "copy_dir tree a/b"] {
        assert_eq!(rig.kind(op), "write_not_permitted", "{op}");
    }
    assert_eq!(rig.names(""), ["f", "tree"]);
    fs::create_dir(rig.path("a")).unwrap();
    rig.printed("mkdir a/b/c/d\ncp f a/b/x/y/f\ncopy_dir tree a/b/z/tree");
}

#[test]
fn empty_lists_allow_nothing() {
    let mut rig = Rig::new();
    fs::write(rig.path("f"), "").unwrap();
    rig.policy.read_roots = Some(Vec::new());
    assert_eq!(rig.kind("v = read_file f"), "read_not_permitted");
    rig.policy.write_roots = Some(Vec::new());
    for op in ["write_file f x", "rm f", "mkdir d", "symlink x l"] {
        assert_eq!(rig.kind(op), "write_not_permitted", "{op}");
    }
    rig.policy.bins = Some(Vec::new());
    assert_eq!(rig.kind("exec true"), "shell_bin_not_allowed");
    assert_eq!(rig.names(""), ["f"]);
}

#[test]
fn s03_words_are_never_read_again() {
    let rig = Rig::new();
    let program = "x = \"a; rm -rf $HOME && `id` $(id) *\"\nexec printf %s \"${x}\"";
    assert_eq!(rig.printed(program), "a; rm -rf $HOME && `id` $(id) *");
    assert!(rig.names("").is_empty());
}

#[test]
fn s04_a_listed_name_allows_no_path() {
    let mut rig = Rig::new();
    rig.policy.bins = Some(vec!["git".to_owned(), rig.path("bin/listed")]);
    fs::create_dir(rig.path("bin")).unwrap();
    for name in ["git", "bin/listed", "bin/git"] {
        fs::write(rig.path(name), "#!/bin/sh\necho ran\n").unwrap();
        fs::set_permissions(rig.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for bin in ["./git", "DIR/git", "../git", "bin/git", "sh", "bin/../git"] {
        assert_eq!(rig.kind(&format!("exec {bin}")), "shell_bin_not_allowed", "{bin}");
    }
    assert_eq!(rig.printed("exec bin/listed\nexec DIR/bin/../bin/listed\ncd bin\nexec ./listed"), "ran\nran\nran\n");
    assert_eq!(rig.kind("PATH = \".\"\ncd bin\nexec sh"), "shell_bin_not_allowed");
}

#[test]
fn s11_each_clause_of_a_chain_is_asked() {
    let mut rig = Rig::new();
    rig.policy.bins = Some(vec!["true".to_owned()]);
    for chain in ["true && exec touch x", "true ; exec touch x", "false || exec touch x"] {
        assert_eq!(rig.kind(chain), "shell_bin_not_allowed", "{chain}");
    }
    assert!(rig.names("").is_empty());
}

#[test]
fn s12_each_command_of_a_line_is_asked() {
    let mut rig = Rig::new();
    rig.policy.bins = Some(vec!["true".to_owned(), "cat".to_owned()]);
    for line in [
        "cat x; touch x",
        "cat && touch x",
        "cat | touch x",
        "cat & touch x",
        "cat $(touch x)",
        "cat `touch x`",
        "cat <(touch x)",
        "(touch x)",
        "if true; then touch x; fi",
        "exec touch x",
        "eval touch x",
        "command touch x",
        "env touch x",
        "t'ou'ch x",
        "PATH=. cat x",
        "cat\ntouch x",
    ] {
        assert_eq!(rig.kind(&format!("shell \"{}\"", line.replace('$', "\\$"))), "shell_bin_not_allowed", "{line}");
    }
    assert!(rig.names("").is_empty());
}

#[test]
fn s12_nothing_stands_in_for_a_listed_program_of_a_line() {
    let mut rig = Rig::new();
    rig.policy.bins = Some(vec!["id".to_owned()]);
    fs::create_dir(rig.path("bin")).unwrap();
    for name in ["id", "bin/id", "start"] {
        fs::write(rig.path(name), "#!/bin/sh\ntouch DIR/ran\n".replace("DIR", rig.path("").trim_end_matches('/')))
            .unwrap();
        fs::set_permissions(rig.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    rig.printed("PATH = \"DIR/bin:.\"\nshell \"id -u\"");
    rig.printed("BASH_ENV = \"DIR/start\"\nENV = \"DIR/start\"\nshell \"id -u\"");
    rig.printed("with_env PATH=DIR/bin\nshell \"id -u\"\nend");
    for line in ["./id", "bin/id", "DIR/id", "cd bin && ./id", "cd bin; PATH=.; id"] {
        assert_eq!(rig.kind(&format!("shell \"{line}\"")), "shell_bin_not_allowed", "{line}");
    }
    assert_eq!(rig.names(""), ["bin", "id", "start"]);
}

#[test]
fn s01_a_nul_in_a_word_starts_nothing() {
    let rig = Rig::new();
    let ran = rig.run("exec touch \"a\\0b\"");
    assert_eq!((ran.kind, ran.message.contains("holds a NUL")), ("invalid_argument", true), "{ran:?}");
    assert_eq!(rig.kind("symlink \"a\\0b\" l"), "invalid_argument");
    assert!(rig.names("").is_empty());
}

#[test]
fn s27_a_working_directory_that_is_gone_is_a_failure() {
    let rig = Rig::new();
    let gone = "mkdir d\ncd d\nrm DIR/d\n";
    for op in ["exec true", "write_file x x", "cd .", "v = read_file x"] {
        assert_eq!(rig.kind(&format!("{gone}{op}")), "file_not_found", "{op}");
    }
    assert_eq!(rig.kind(&format!("{gone}write_file DIR/d x\nexec true")), "not_a_directory");
}

#[test]
fn no_write_and_no_subprocess_go_before_everything() {
    let mut rig = Rig::new();
    rig.policy.no_write = true;
    rig.policy.no_subprocess = true;
    for op in ["write_file a x", "mkdir a", "rm a", "symlink a b"] {
        assert_eq!(rig.kind(op), "cap_write_denied", "{op}");
    }
    assert_eq!(rig.run("write_file a x").message, "op \"write_file\" is disabled by --no-write");
    assert_eq!(rig.run("mkdir a").message, "op \"mkdir\" is disabled by --no-write");
    assert_eq!(rig.kind("exec no-such-program"), "cap_subprocess_denied");
    assert_eq!(rig.kind("write_file \"\" x"), "invalid_argument");
}

#[test]
fn s13_a_listed_program_gets_no_variable_that_decides_what_it_starts() {
    let mut rig = Rig::new();
    let settings =
        "BASH_ENV = \"DIR/start\"\nLD_PRELOAD = \"DIR/x.so\"\nGIT_SSH_COMMAND = \"DIR/start\"\nPLAIN = \"kept\"\n";
    let told = |rig: &Rig| {
        let all = rig.printed(&format!("{settings}exec env"));
        let is_set = |name: &str| all.lines().any(|line| line.starts_with(&format!("{name}=")));
        ["BASH_ENV", "LD_PRELOAD", "GIT_SSH_COMMAND", "PLAIN"].map(is_set)
    };
    assert_eq!(told(&rig), [true; 4]);
    rig.policy.bins = Some(vec!["env".to_owned()]);
    assert_eq!(told(&rig), [false, false, false, true]);
    rig.policy.env = Some(vec!["GIT_SSH_COMMAND".to_owned()]);
    assert_eq!(told(&rig), [false, false, true, true]);
    // Nor by way of settings that stand where the file says.
    for name in ["HOME", "XDG_CONFIG_HOME", "TAR_OPTIONS", "MAKEFLAGS", "RSYNC_RSH", "KUBE_EDITOR"] {
        assert!(!rig.printed(&format!("{name} = \"DIR/evil\"\nexec env")).contains("evil"), "{name}");
    }
    // Nor does it look for programs where the file says.
    assert!(!rig.printed("PATH = \"DIR/evil\"\nexec env").contains("evil"));
}

#[test]
fn f19_variables_that_are_listed_are_not_read_elsewhere() {
    let mut rig = Rig::new();
    rig.policy.env = Some(vec!["HOME".to_owned()]);
    for op in ["v = read_file /proc/self/environ", "cp /proc/thread-self/environ x", "copy_dir /proc/self x"] {
        assert_eq!(rig.kind(op), "env_not_permitted", "{op}");
    }
    assert_eq!(rig.kind("symlink /proc/self/environ l\nv = read_file l"), "env_not_permitted");
}
