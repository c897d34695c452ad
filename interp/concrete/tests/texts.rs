//! Ops on texts, through real programs: their examples, and what no text can show.

mod common;

use std::fs;

use common::Rig;
use perch_ops::{Entry, Group, catalogue};

const GROUPS: [Group; 10] = [
    Group::Assert,
    Group::Encoding,
    Group::Hash,
    Group::Json,
    Group::Line,
    Group::Path,
    Group::Regex,
    Group::String,
    Group::Time,
    Group::Version,
];

/// What examples take for granted that somebody has set.
const SET: &str = "set_env OUT build/x\nset_env FILE build/x\nset_env PREFIX /srv\n";

fn ops() -> impl Iterator<Item = &'static Entry> {
    catalogue().filter(|entry| GROUPS.contains(&entry.group) && entry.op().is_some())
}

#[test]
fn every_example_runs() {
    let rig = Rig::new();
    let read =
        ["app.zip", "go.sum", "app.conf", "app.log", "build.log", "hosts.txt", "names.txt", "notes.txt", "table.txt"];
    let of_forms = [
        ("VERSION", "1.22.3"),
        ("NAME", "a"),
        ("path", "a/b"),
        ("items.json", "{\"items\": [{\"name\": \"a\"}]}"),
        ("people.csv", "name,age\na,1\n"),
    ];
    for (file, text) in read.map(|file| (file, "x\n")).into_iter().chain(of_forms) {
        fs::write(rig.path(file), text).unwrap();
    }
    fs::create_dir(rig.path("out")).unwrap();
    fs::write(rig.path("out/app"), "x").unwrap();
    let mut examples = 0;
    // What programs say here is their business.
    for entry in ops().filter(|entry| !entry.example.contains("= git ") && !entry.example.contains("\nmake\n")) {
        let ran = rig.run(&format!("{SET}{}", entry.example));
        assert_eq!((ran.status, ran.message.as_str()), (0, ""), "{}: {}", entry.name, entry.example);
        examples += 1;
    }
    assert!(examples > 70, "only {examples} examples were found");
}

#[test]
fn checksums_are_of_bytes_that_need_not_be_text() {
    let rig = Rig::new();
    fs::write(rig.path("bytes"), [0xff, 0, 0xfe]).unwrap();
    fs::write(rig.path("empty"), "").unwrap();
    fs::write(rig.path("large"), vec![0x80; 3 << 20]).unwrap();
    let sums = rig.printed("print ${md5_file('bytes')} ${sha1_file('empty')} ${sha256_file('large')}");
    let wanted = [
        "13a18f27d9e54107c1d22c7d67f55018",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "b0100f136fff848063db414aa92266a7f54fc851ec01f5bc7a0ec2550e5c721f",
    ];
    assert_eq!(sums.split_whitespace().collect::<Vec<_>>(), wanted);
}

#[test]
fn checksums_fail_as_reading_does() {
    let rig = Rig::new();
    fs::write(rig.path("file"), "x").unwrap();
    fs::create_dir(rig.path("dir")).unwrap();
    for (op, kind) in [
        ("v = sha256_file none", "file_not_found"),
        ("v = sha1_file dir", "is_a_directory"),
        ("v = md5_file file/x", "not_a_directory"),
        ("v = md5_file \"\"", "invalid_argument"),
    ] {
        assert_eq!(rig.kind(op), kind, "{op}");
    }
    assert_eq!(rig.printed("print ${verify_sha256('none', 'x')} ${verify_sha256('dir', 'x')}"), "false false\n");
}
