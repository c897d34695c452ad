//! Attacks, named by their class; each fails when the guard that it is about is taken away.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use crate::common::Rig;
use crate::made::{Tar, Zipped, gzipped, zip};

#[test]
fn z01_no_entry_lands_outside() {
    let rig = Rig::rooted();
    let outside = rig.path("out/x");
    for name in ["../out/x", "d/../../../out/x", "..", "/x", &outside, "C:\\x", "..\\..\\out\\x", "\\x"] {
        rig.refuses(Tar::default().file("fine", "").file(name, "x"), "file_path_disallowed");
        rig.refuses(Tar::default().dir(name), "file_path_disallowed");
        // The name as a header before the entry says it.
        rig.refuses(Tar::default().says(b'x', "path", name).file("fine", "x"), "file_path_disallowed");
        rig.refuses(
            Tar::default().entry(b'L', "header", "", 0, name.as_bytes()).file("fine", "x"),
            "file_path_disallowed",
        );
    }
}

#[test]
fn z01_no_entry_of_a_zip_file_lands_outside() {
    let rig = Rig::rooted();
    for name in ["../out/x", "d/../../../out/x", "..", "/x", "C:\\x", "..\\..\\out\\x", "\\x"] {
        rig.refuses_zip(zip(&[Zipped::file("fine", ""), Zipped::file(name, "x")]), "file_path_disallowed");
    }
    for target in ["..", "../../out", "d/../../../out", "/etc/passwd"] {
        rig.refuses_zip(zip(&[Zipped::link("l", target)]), "file_path_disallowed");
    }
    rig.refuses_zip(zip(&[Zipped::link("l", "d"), Zipped::file("l/x", "x")]), "parse_failed");
    rig.refuses_zip(zip(&[Zipped { mode: 0o010_666, ..Zipped::file("pipe", "") }]), "file_path_disallowed");
    rig.refuses_zip(zip(&[Zipped::file("a", "1"), Zipped::file("a", "2")]), "parse_failed");
    fs::write(rig.path("root/a.zip"), zip(&[Zipped { mode: 0o106_777, ..Zipped::file("run", "x") }])).unwrap();
    assert_eq!((rig.ended("zip_extract root/a.zip root/new"), rig.mode("root/new/run")), ("", 0o755));
}

#[test]
fn z08_what_a_zip_file_says_twice_is_the_same() {
    let rig = Rig::rooted();
    let fine = Zipped::file("fine", "fine");
    let differing = [
        Zipped { name: ["fine", "mine"], ..fine.clone() },
        Zipped { name: ["fine", "fines"], ..fine.clone() },
        Zipped { crc: [fine.crc[0], 1], ..fine.clone() },
        Zipped { crc: [1, fine.crc[0]], ..fine.clone() },
        Zipped { crc: [1, 1], ..fine.clone() },
        Zipped { sizes: [[4, 4], [4, 5]], ..fine.clone() },
        Zipped { sizes: [[4, 5], [4, 5]], ..fine.clone() },
        Zipped { sizes: [[3, 3], [3, 3]], ..fine.clone() },
        Zipped { sizes: [[5, 4], [4, 4]], ..fine.clone() },
        Zipped { at: 1, ..fine.clone() },
        Zipped { flags: 1, ..fine.clone() },
        Zipped { flags: 8, ..fine.clone() },
        Zipped { method: 12, ..fine.clone() },
        Zipped { method: 8, ..fine.clone() },
        Zipped { mode: 0o040_755, ..fine.clone() },
    ];
    for entry in differing {
        rig.refuses_zip(zip(&[entry]), "parse_failed");
    }
    let whole = zip(&[fine]);
    for end in 0..whole.len() {
        rig.refuses_zip(whole[..end].to_vec(), "parse_failed");
    }
    // Something in front, something behind, and an end within the comment of the end.
    rig.refuses_zip([b"#!/bin/sh\n".to_vec(), whole.clone()].concat(), "parse_failed");
    rig.refuses_zip([whole.clone(), b"x".to_vec()].concat(), "parse_failed");
    let mut two = whole.clone();
    let at = two.len() - 2;
    two[at] = 22;
    rig.refuses_zip([two, zip(&[])].concat(), "parse_failed");
}

/// The content of one entry in that of another: a small file that becomes a large one.
#[test]
fn z09_entries_that_overlap() {
    let rig = Rig::rooted();
    let inner = zip(&[Zipped::file("b", "content")]);
    let head = &inner[..inner.len() - 22 - 47];
    let outer = Zipped::file("a", head);
    let at = -i64::try_from(head.len()).unwrap();
    rig.refuses_zip(zip(&[outer, Zipped { at, ..Zipped::file("b", "content") }]), "parse_failed");
    let same = Zipped::file("a", "content");
    let at = -38;
    rig.refuses_zip(zip(&[same.clone(), Zipped { at, ..same }]), "parse_failed");
}

#[test]
fn z01_no_link_leads_outside() {
    let rig = Rig::rooted();
    let outside = rig.path("out");
    for target in ["..", "../../out", &outside, "d/../../../out", "/etc/passwd", "..\\..\\out"] {
        rig.refuses(Tar::default().dir("d").link("l", target), "file_path_disallowed");
        rig.refuses(Tar::default().says(b'x', "linkpath", target).link("l", "fine"), "file_path_disallowed");
    }
    // Each stays by its text, and the second does not by the first.
    rig.refuses(Tar::default().link("d/e/up", "../..").link("d/e/l", "up/.."), "file_path_disallowed");
}

#[test]
fn z01_nothing_is_put_through_a_link_of_the_archive() {
    let rig = Rig::rooted();
    rig.refuses(Tar::default().dir("d").link("l", "d").file("l/x", "x"), "parse_failed");
    rig.refuses(Tar::default().file("l/x", "x").link("l", "d"), "parse_failed");
    rig.refuses(Tar::default().link("l", "x").file("l", "x"), "parse_failed");
    rig.refuses(Tar::default().link("l", "d").again("x", "l"), "file_not_found");
    rig.refuses(Tar::default().dir("d").link("l", "d").again("x", "l/y"), "file_not_found");
}

#[test]
fn z03_a_second_name_of_what_is_outside() {
    let rig = Rig::rooted();
    for target in ["../out/secret", "../../out/secret", &rig.path("out/secret")] {
        rig.refuses(Tar::default().again("x", target), "file_path_disallowed");
    }
    rig.refuses(Tar::default().again("x", "a.tgz"), "file_not_found");
    rig.refuses(Tar::default().dir("d").again("x", "d"), "is_a_directory");
    // Not even of what was there before in the destination.
    fs::create_dir(rig.path("root/new")).unwrap();
    symlink(rig.path("out"), rig.path("root/new/l")).unwrap();
    assert_eq!(rig.unpacked(Tar::default().again("x", "l/secret").end()), "file_not_found");
}

#[test]
fn z04_a_directory_that_has_become_a_link_gives_nobody_its_mode() {
    let rig = Rig::rooted();
    fs::set_permissions(rig.path("out"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::create_dir(rig.path("root/new")).unwrap();
    symlink(rig.path("out"), rig.path("root/new/d")).unwrap();
    assert_eq!(rig.unpacked(Tar::default().dir("d").file("d/x", "x").end()), "file_already_exists");
    assert_eq!((rig.mode("out"), rig.names("out")), (0o700, vec!["secret".to_owned()]));
    fs::remove_dir_all(rig.path("root/new")).unwrap();
    rig.refuses(Tar::default().link("d", "fine").dir("d"), "parse_failed");
    assert_eq!(rig.mode("out"), 0o700);
}

#[test]
fn z05_two_sizes_are_one_too_many() {
    let rig = Rig::rooted();
    // Whoever believes the first header goes on in the middle of the file, where another archive begins.
    let hidden = Tar::default().file("hidden", "x").0;
    let content = [vec![0; 512], hidden].concat();
    let entry = Tar::default().says(b'x', "size", "512").entry(b'0', "outer", "", 0o644, &content);
    rig.refuses(entry, "parse_failed");
    rig.refuses(Tar::default().says(b'x', "size", "99").file("a", "x"), "parse_failed");
    rig.refuses(Tar::default().says(b'x', "size", "1").says(b'x', "size", "1").file("a", "x"), "parse_failed");
    rig.refuses(Tar::default().says(b'x', "path", "a").says(b'x', "path", "b").file("c", "x"), "parse_failed");
    rig.refuses(Tar::default().says(b'g', "path", "a").file("c", "x"), "parse_failed");
    rig.refuses(Tar::default().says(b'x', "GNU.sparse.major", "1").file("c", "x"), "parse_failed");
    rig.refuses(Tar::default().file("a", "").says(b'x', "path", "b"), "parse_failed");
    rig.refuses(Tar::default().entry(b'5', "d", "", 0o755, b"content"), "parse_failed");
    rig.refuses(Tar::default().entry(b'2', "l", "a", 0o755, b"content"), "parse_failed");
    assert_eq!(
        rig.unpacked(Tar::default().says(b'x', "size", "1").says(b'g', "comment", "x").file("a", "x").end()),
        ""
    );
}

#[test]
fn z07_nothing_is_there_twice() {
    let rig = Rig::rooted();
    rig.refuses(Tar::default().file("a", "1").file("a", "2"), "parse_failed");
    rig.refuses(Tar::default().file("a", "1").file("./a", "2"), "parse_failed");
    rig.refuses(Tar::default().file("a", "1").dir("a"), "parse_failed");
    rig.refuses(Tar::default().file("a", "1").file("a/b", "2"), "parse_failed");
    rig.refuses(Tar::default().link("a", "b").link("a", "c"), "parse_failed");
    rig.refuses(Tar::default().file("a", "1").file("b", "1").again("a", "b"), "parse_failed");
    assert_eq!(rig.unpacked(Tar::default().dir("d").dir("d/").file("d/a", "1").end()), "", "a directory is itself");
}

#[test]
fn z09_a_bomb_is_put_out() {
    let rig = Rig::rooted();
    let part = gzipped(&vec![0; 64 << 20]);
    fs::write(rig.path("root/bomb.gz"), part.repeat(6)).unwrap();
    assert_eq!(rig.kind("ungzip root/bomb.gz root/new"), "limit_exceeded");
    assert_eq!(rig.names("root"), ["bomb.gz"]);
    fs::remove_file(rig.path("root/bomb.gz")).unwrap();
    // As many directories in each other as the name has room for.
    rig.refuses(Tar::default().says(b'x', "path", &"d/".repeat(300)).dir("fine"), "limit_exceeded");
    rig.refuses(Tar::default().says(b'x', "path", &"d".repeat(5000)).file("fine", ""), "limit_exceeded");
}

#[test]
fn z11_no_devices_and_no_pipes() {
    let rig = Rig::rooted();
    for kind in [b'3', b'4', b'6'] {
        rig.refuses(Tar::default().file("fine", "").entry(kind, "dev", "", 0o666, b""), "file_path_disallowed");
    }
    for kind in [b'S', b'D', b'M', b'V', b'Z'] {
        rig.refuses(Tar::default().entry(kind, "odd", "", 0o666, b""), "parse_failed");
    }
}

#[test]
fn z12_nobody_gets_more_rights() {
    let rig = Rig::rooted();
    let archive = Tar::default()
        .entry(b'0', "all", "", 0o6777, b"x")
        .entry(b'0', "none", "", 0, b"x")
        .entry(b'5', "d", "", 0o7777, b"")
        .says(b'x', "SCHILY.xattr.user.mark", "x")
        .file("marked", "x");
    assert_eq!(rig.unpacked(archive.end()), "");
    assert_eq!((rig.mode("root/new/all"), rig.mode("root/new/none")), (0o755, 0o600));
    assert_eq!(rig.mode("root/new/d") & 0o7022, 0);
    let mine = fs::metadata(rig.path("root")).unwrap();
    let theirs = fs::metadata(rig.path("root/new/all")).unwrap();
    assert_eq!((theirs.uid(), theirs.gid()), (mine.uid(), mine.gid()));
}

#[test]
fn z13_links_that_are_there_are_not_passed_through() {
    let rig = Rig::rooted();
    fs::create_dir(rig.path("root/new")).unwrap();
    symlink(rig.path("out"), rig.path("root/new/d")).unwrap();
    symlink(rig.path("out/secret"), rig.path("root/new/f")).unwrap();
    assert_eq!(rig.unpacked(Tar::default().file("d/x", "x").end()), "file_already_exists");
    assert_eq!(rig.unpacked(Tar::default().file("f", "x").end()), "", "a link is replaced");
    assert!(fs::symlink_metadata(rig.path("root/new/f")).unwrap().is_file());
    assert_eq!((rig.names("out"), rig.text("out/secret")), (vec!["secret".to_owned()], "secret".to_owned()));
    // The destination itself may be a link, to where it is permitted to write.
    symlink("new", rig.path("root/to")).unwrap();
    assert_eq!(rig.ended("tar_extract root/a.tgz root/to"), "");
    symlink("../out", rig.path("root/away")).unwrap();
    assert_eq!(rig.kind("tar_extract root/a.tgz root/away"), "write_not_permitted");
}

#[test]
fn z17_what_is_not_whole_is_not_there() {
    let rig = Rig::rooted();
    let whole = Tar::default().file("a", &"x".repeat(5000)).link("l", "a").dir("d").end();
    fs::create_dir(rig.path("root/there")).unwrap();
    fs::write(rig.path("root/there/a"), "old").unwrap();
    for end in (0..whole.len()).step_by(7) {
        fs::write(rig.path("root/a.tgz"), &whole[..end]).unwrap();
        assert_eq!(rig.kind("tar_extract root/a.tgz root/new"), "parse_failed", "cut at {end}");
        assert_eq!(rig.kind("tar_extract root/a.tgz root/there"), "parse_failed", "cut at {end}");
        assert_eq!(rig.kind("ungzip root/a.tgz root/there/a"), "parse_failed", "cut at {end}");
    }
    assert_eq!(
        (rig.names("root"), rig.names("root/there")),
        (vec!["a.tgz".into(), "there".into()], vec!["a".to_owned()])
    );
    assert_eq!(rig.text("root/there/a"), "old");
    let behind = Tar::default().file("a", "x").end();
    let behind = [behind, gzipped(b"not zeros")].concat();
    assert_eq!(rig.unpacked(behind), "parse_failed", "something stands behind the end");
}

#[test]
fn what_cannot_be_packed_leaves_no_archive() {
    let rig = Rig::rooted();
    fs::create_dir_all(rig.path("root/tree")).unwrap();
    fs::write(rig.path("root/a.tgz"), "old").unwrap();
    let pipe = rustix::fs::mknodat(
        rustix::fs::CWD,
        rig.path("root/tree/pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    );
    pipe.unwrap();
    assert_eq!(rig.kind("tar_create root/tree root/a.tgz"), "io_error");
    assert_eq!((rig.names("root"), rig.text("root/a.tgz").as_str()), (vec!["a.tgz".into(), "tree".to_owned()], "old"));
    assert_eq!(rig.kind("tar_create root/tree root/tree/a.tgz"), "invalid_argument");
}

#[test]
fn f05_packing_and_unpacking_ask_like_others() {
    let rig = Rig::rooted();
    symlink("../out", rig.path("root/dir")).unwrap();
    fs::write(rig.path("root/own"), "own").unwrap();
    for op in [
        "gzip out/secret root/x",
        "gzip root/dir/secret root/x",
        "ungzip out/secret root/x",
        "tar_create out root/x",
        "tar_create root/dir root/x",
        "tar_extract out/secret root/x",
    ] {
        assert_eq!(rig.kind(op), "read_not_permitted", "{op}");
    }
    for op in
        ["gzip root/own out/x", "ungzip root/own root/dir/x", "tar_create root out/x", "tar_extract root/own out/x"]
    {
        assert_eq!(rig.kind(op), "write_not_permitted", "{op}");
    }
    assert_eq!(
        (rig.names("root"), rig.names("out")),
        (vec!["dir".into(), "own".to_owned()], vec!["secret".to_owned()])
    );
}

#[test]
fn messages_say_what_is_wrong() {
    let rig = Rig::rooted();
    let message = |archive: Vec<u8>| {
        fs::write(rig.path("root/a.tgz"), archive).unwrap();
        rig.run("tar_extract root/a.tgz root/new").message.replace(&rig.dir, "")
    };
    let begins = "cannot unpack `/root/a.tgz` to `/root/new`: ";
    let says = [
        (b"a text of some length".to_vec(), "it is not compressed by gzip or zstd, or damaged"),
        (Tar::default().file("../x", "").end(), "entry `../x` leads out of the destination"),
        (Tar::default().link("d/l", "../../x").end(), "link `d/l` to `../../x` leads out of the destination"),
        (Tar::default().file("a", "").file("a", "").end(), "two entries are `/root/new/a`"),
        (Tar::default().entry(b'6', "p", "", 0, b"").end(), "entry `p` is a device or a pipe"),
        (Tar::default().file("a\x1b[2J", "").file("/", "").end(), "entry `/` has an absolute path"),
    ];
    for (archive, what) in says {
        assert_eq!(message(archive), format!("{begins}{what}"));
    }
}
