//! What acts do to files, and what they leave when they fail.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use perch_policy::{Effect, Known, Permit};
use perch_system::{Cause, Error, Last, Until, Wanted};

use common::{Rig, permit, to};

impl Rig {
    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let place = self.place(name, Last::Followed);
        self.host.write(&to(Effect::Write, &place), &place, text, Until::default())
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        let place = self.place(name, Last::Entry);
        self.host.remove(&to(Effect::Delete, &place), &place, Until::default())
    }

    fn copy_tree(&self, from: &str, into: &str) -> Result<(), Error> {
        let (a, b) = (self.place(from, Last::Followed), self.place(into, Last::Followed));
        let parents: Vec<Permit> =
            b.missing_parents().iter().map(|parent| permit(Effect::Write(Known::Text((*parent).to_owned())))).collect();
        self.host.copy_tree(&to(Effect::Read, &a), &to(Effect::Write, &b), &parents, &a, &b, Until::default())
    }

    /// Everything beneath.
    fn list(&self, name: &str) -> Result<String, Error> {
        let at = self.place(name, Last::Followed);
        let all = |_: &str, _: bool| Wanted { itself: true, beneath: true };
        self.host.list(&to(Effect::Read, &at), &at, &all, Until::default())
    }

    fn rename(&self, from: &str, into: &str) -> Result<(), Error> {
        let (a, b) = (self.place(from, Last::Entry), self.place(into, Last::Entry));
        let permits = [&to(Effect::Read, &a), &to(Effect::Delete, &a), &to(Effect::Write, &b)];
        self.host.rename(permits, &a, &b, Until::default())
    }

    fn link(&self, target: &str, name: &str) -> Result<(), Error> {
        let place = self.place(name, Last::Entry);
        self.host.make_link(&to(Effect::Write, &place), &place, target)
    }
}

#[test]
fn a_written_file_keeps_its_mode_and_leaves_no_leftovers() {
    let rig = Rig::new();
    fs::write(rig.path("f"), "old").unwrap();
    fs::set_permissions(rig.path("f"), fs::Permissions::from_mode(0o640)).unwrap();
    rig.write("f", "new").unwrap();
    rig.write("g", "").unwrap();
    assert_eq!((rig.text("f"), fs::metadata(rig.path("f")).unwrap().mode() & 0o7777), ("new".to_owned(), 0o640));
    assert_eq!(rig.names(""), ["f", "g"]);
    fs::create_dir(rig.path("d")).unwrap();
    assert_eq!(rig.write("d", "x").unwrap_err().cause, Cause::Directory);
    assert_eq!(rig.names(""), ["d", "f", "g"]);
}

#[test]
fn a_reader_sees_the_old_content_or_the_new() {
    let rig = Rig::new();
    let contents = ["a".repeat(300_000), "b".repeat(300_000)];
    rig.write("f", &contents[0]).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..200 {
                rig.write("f", &contents[round % 2]).unwrap();
            }
            stop.store(true, Ordering::Relaxed);
        });
        while !stop.load(Ordering::Relaxed) {
            assert!(contents.contains(&rig.text("f")));
        }
    });
    assert_eq!(rig.names(""), ["f"]);
}

#[test]
fn f13_writing_to_a_hard_link_leaves_the_other_name_alone() {
    let rig = Rig::new();
    fs::write(rig.path("outside"), "secret").unwrap();
    fs::hard_link(rig.path("outside"), rig.path("inside")).unwrap();
    rig.write("inside", "mine").unwrap();
    assert_eq!((rig.text("outside"), rig.text("inside")), ("secret".to_owned(), "mine".to_owned()));
}

#[test]
fn f33_no_setuid_bit_is_carried_over() {
    let rig = Rig::new();
    fs::write(rig.path("su"), "").unwrap();
    fs::set_permissions(rig.path("su"), fs::Permissions::from_mode(0o4755)).unwrap();
    let (a, b) = (rig.place("su", Last::Followed), rig.place("copy", Last::Followed));
    rig.host.copy_file([&to(Effect::Read, &a), &to(Effect::Write, &b)], &a, &b, Until::default()).unwrap();
    assert_eq!(fs::metadata(rig.path("copy")).unwrap().mode() & 0o7777, 0o755);
}

#[test]
fn a_device_is_written_to_and_not_replaced() {
    let rig = Rig::new();
    let before = fs::metadata("/dev/null").unwrap().ino();
    let place = rig.host.walk::<()>("/dev/null", Last::Followed, &mut |_| Ok(())).unwrap();
    rig.host.write(&to(Effect::Write, &place), &place, "gone", Until::default()).unwrap();
    assert_eq!(fs::metadata("/dev/null").unwrap().ino(), before);
}

#[test]
fn f17_removing_a_tree_never_follows_links() {
    let rig = Rig::new();
    fs::create_dir_all(rig.path("out/keep")).unwrap();
    fs::create_dir_all(rig.path("tree/a/b")).unwrap();
    fs::write(rig.path("tree/a/f"), "").unwrap();
    symlink(rig.path("out"), rig.path("tree/a/b/link")).unwrap();
    symlink(rig.path("out"), rig.path("link")).unwrap();
    rig.remove("tree").unwrap();
    rig.remove("link").unwrap();
    rig.remove("nothing/there").unwrap();
    assert_eq!((rig.names(""), rig.names("out")), (vec!["out".to_owned()], vec!["keep".to_owned()]));
    let root = rig.host.walk::<()>("/", Last::Entry, &mut |_| Ok(())).unwrap();
    assert_eq!(rig.host.remove(&to(Effect::Delete, &root), &root, Until::default()).unwrap_err().cause, Cause::Root);
}

/// Does something over and over while somebody else does the other thing, a few hundred times.
fn beside(other: impl Fn(usize) + Sync, mut own: impl FnMut()) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            (0..600).for_each(&other);
            stop.store(true, Ordering::Relaxed);
        });
        while !stop.load(Ordering::Relaxed) {
            own();
        }
    });
}

#[test]
fn what_others_put_into_a_tree_or_take_out_of_it_goes_with_it() {
    let rig = Rig::new();
    let put = |round: usize| {
        drop(fs::create_dir_all(rig.path(&format!("tree/a/{}/b", round % 7))));
        drop(fs::write(rig.path(&format!("tree/a/f{}", round % 3)), ""));
        drop(fs::remove_dir(rig.path(&format!("tree/a/{}/b", (round + 3) % 7))));
        drop(fs::remove_file(rig.path(&format!("tree/a/f{}", (round + 1) % 3))));
    };
    beside(put, || rig.remove("tree").unwrap());
    rig.remove("tree").unwrap();
    assert!(rig.names("").is_empty());
}

#[test]
fn a_file_that_gets_another_name_while_its_directory_is_copied_is_copied() {
    let rig = Rig::new();
    fs::create_dir_all(rig.path("tree/d")).unwrap();
    fs::write(rig.path("tree/a"), "text").unwrap();
    let names = ["tree/a", "tree/b"];
    let rename = |round: usize| {
        fs::rename(rig.path(names[round % 2]), rig.path(names[(round + 1) % 2])).unwrap();
        drop(fs::remove_dir(rig.path("tree/d")));
        drop(fs::create_dir(rig.path("tree/d")));
    };
    beside(rename, || {
        rig.copy_tree("tree", "copy").unwrap();
        assert!(rig.names("copy").iter().any(|name| name == "a" || name == "b"));
        rig.remove("copy").unwrap();
    });
}

#[test]
fn what_is_listed_is_in_order_whatever_its_names_and_however_much_it_is() {
    let rig = Rig::new();
    let mut all =
        vec!["a".to_owned(), "a!".into(), "a/b".into(), "a/b/c".into(), "a/b.c".into(), "a.b".into(), "b".into()];
    fs::create_dir_all(rig.path("tree/a/b")).unwrap();
    // More than is read at once.
    all.extend((0..1000).map(|number| format!("a/{}{number}", "x".repeat(100))));
    for name in all.iter().filter(|name| !["a", "a/b"].contains(&name.as_str())) {
        fs::write(rig.path(&format!("tree/{name}")), "").unwrap();
    }
    all.sort();
    assert_eq!(rig.list("tree").unwrap(), all.join("\n"));
}

#[test]
fn a_directory_that_goes_while_it_is_listed_has_nothing_in_it() {
    let rig = Rig::new();
    fs::create_dir_all(rig.path("tree/d")).unwrap();
    let renew = |_: usize| {
        drop(fs::remove_dir(rig.path("tree/d")));
        drop(fs::create_dir(rig.path("tree/d")));
    };
    beside(renew, || assert!(["", "d"].contains(&rig.list("tree").unwrap().as_str())));
}

/// Deeper than paths and stacks go, and than there are handles.
#[test]
fn deep_trees_are_copied_and_removed() {
    let rig = Rig::new();
    fs::create_dir(rig.path("deep")).unwrap();
    let name = "d".repeat(100);
    let mut dir = rustix::fs::open(rig.path("deep"), rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty()).unwrap();
    for _ in 0..2000 {
        rustix::fs::mkdirat(&dir, &name, rustix::fs::Mode::RWXU).unwrap();
        dir = rustix::fs::openat(&dir, &name, rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty()).unwrap();
    }
    rig.copy_tree("deep", "copy").unwrap();
    rig.remove("deep").unwrap();
    rig.remove("copy").unwrap();
    assert!(rig.names("").is_empty());
}

#[test]
fn a_tree_is_merged_into_another() {
    let rig = Rig::new();
    fs::create_dir_all(rig.path("a/sub/new")).unwrap();
    fs::create_dir_all(rig.path("x/b/sub")).unwrap();
    for (name, text) in
        [("a/f", "from a"), ("a/sub/g", "g"), ("a/sub/new/h", "h"), ("x/b/f", "old"), ("x/b/sub/kept", "kept")]
    {
        fs::write(rig.path(name), text).unwrap();
    }
    symlink("f", rig.path("a/link")).unwrap();
    symlink("/etc/passwd", rig.path("x/b/sub/g")).unwrap();
    rig.copy_tree("a", "x/b").unwrap();
    assert_eq!(
        (rig.text("x/b/f"), rig.text("x/b/sub/g"), rig.text("x/b/sub/new/h")),
        ("from a".into(), "g".into(), "h".into())
    );
    assert_eq!(fs::read_link(rig.path("x/b/link")).unwrap().to_str(), Some("f"));
    assert_eq!(rig.names("x/b/sub"), ["g", "kept", "new"]);
    rig.copy_tree("a", "made/on/the/way").unwrap();
    assert_eq!(rig.names("made/on/the/way"), ["f", "link", "sub"]);
}

#[test]
fn a_clash_deep_in_a_tree_stops_the_merge_before_it_starts() {
    let rig = Rig::new();
    fs::create_dir_all(rig.path("a/s/t/dir")).unwrap();
    fs::create_dir_all(rig.path("b/s/t")).unwrap();
    fs::write(rig.path("a/first"), "").unwrap();
    fs::write(rig.path("b/s/t/dir"), "in the way").unwrap();
    assert_eq!(rig.copy_tree("a", "b").unwrap_err().cause, Cause::InTheWay);
    fs::remove_file(rig.path("b/s/t/dir")).unwrap();
    symlink(rig.path("a"), rig.path("b/s/t/dir")).unwrap();
    assert_eq!(rig.copy_tree("a", "b").unwrap_err().cause, Cause::InTheWay);
    fs::create_dir(rig.path("b/first")).unwrap();
    fs::remove_file(rig.path("b/s/t/dir")).unwrap();
    assert_eq!(rig.copy_tree("a", "b").unwrap_err().cause, Cause::InTheWay);
    assert_eq!((rig.names("b"), rig.names("b/s/t")), (vec!["first".to_owned(), "s".to_owned()], vec![]));
    assert!(matches!(rig.copy_tree("a", "a/s/x").unwrap_err().cause, Cause::Within(_)));
    assert!(matches!(rig.copy_tree("a/s", "a").unwrap_err().cause, Cause::Within(_)));
}

#[test]
fn renaming_replaces_files_and_links_but_no_directory() {
    let rig = Rig::new();
    for dir in ["d/in", "e"] {
        fs::create_dir_all(rig.path(dir)).unwrap();
    }
    for file in ["f", "g"] {
        fs::write(rig.path(file), file).unwrap();
    }
    symlink("d", rig.path("l")).unwrap();
    assert_eq!(rig.rename("f", "e").unwrap_err().cause, Cause::Directory);
    assert!(matches!(rig.rename("d", "g").unwrap_err().cause, Cause::CannotReplace(_)));
    assert!(matches!(rig.rename("d", "d/in/x").unwrap_err().cause, Cause::Within(_)));
    assert_eq!(rig.rename("f", "none/x").unwrap_err().cause, Cause::DirectoryMissing);
    assert_eq!(rig.rename("f", "g/x").unwrap_err().cause, Cause::BehindFile);
    rig.rename("f", "l").unwrap();
    assert_eq!(rig.text("l"), "f");
    rig.rename("d", "e/d").unwrap();
    fs::hard_link(rig.path("g"), rig.path("h")).unwrap();
    rig.rename("g", "h").unwrap();
    assert_eq!(rig.names(""), ["e", "h", "l"]);
}

/// `/dev/shm` is another file system than `/tmp` where both are there.
#[test]
fn moving_across_file_systems_copies_whole_trees() {
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else { return };
    let rig = Rig::new();
    let far = |name: &str| format!("{}/{name}", other.path().to_str().unwrap());
    fs::create_dir_all(rig.path("tree/sub")).unwrap();
    fs::write(rig.path("tree/sub/f"), "f").unwrap();
    fs::write(rig.path("file"), "file").unwrap();
    symlink("anywhere", rig.path("link")).unwrap();
    for name in ["tree", "file", "link"] {
        let a = rig.place(name, Last::Entry);
        let b = rig.host.walk::<()>(&far(name), Last::Entry, &mut |_| Ok(())).unwrap();
        let permits = [&to(Effect::Read, &a), &to(Effect::Delete, &a), &to(Effect::Write, &b)];
        rig.host.rename(permits, &a, &b, Until::default()).unwrap();
    }
    assert!(rig.names("").is_empty());
    assert_eq!(fs::read_to_string(far("tree/sub/f")).unwrap(), "f");
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 3);
}

#[test]
fn a_link_replaces_a_file_or_a_link() {
    let rig = Rig::new();
    fs::write(rig.path("l"), "file").unwrap();
    rig.link("one", "l").unwrap();
    rig.link("two/../x", "l").unwrap();
    assert_eq!(fs::read_link(rig.path("l")).unwrap().to_str(), Some("two/../x"));
    fs::create_dir(rig.path("d")).unwrap();
    assert_eq!(rig.link("x", "d").unwrap_err().cause, Cause::Directory);
    assert_eq!(rig.link("", "l").unwrap_err().cause, Cause::NoTarget);
    assert_eq!(rig.names(""), ["d", "l"]);
}
