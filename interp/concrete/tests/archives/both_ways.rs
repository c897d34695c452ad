//! There and back, alone and with other programs.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use crate::common::Rig;
use crate::made::Tar;

#[test]
fn o_083_a_file_comes_out_again() {
    let rig = Rig::new();
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(rig.path("data"), &bytes).unwrap();
    fs::set_permissions(rig.path("data"), fs::Permissions::from_mode(0o750)).unwrap();
    rig.printed("gzip data data.gz\nungzip data.gz again\ngzip again again.gz");
    assert_eq!(fs::read(rig.path("again")).unwrap(), bytes);
    assert_eq!((rig.mode("data.gz"), rig.mode("again")), (0o750, 0o750));
    let packed = |name: &str| fs::read(rig.path(name)).unwrap();
    assert!(packed("data.gz").len() < bytes.len());
    assert_eq!(packed("data.gz"), packed("again.gz"), "the same content is packed to the same bytes");
}

/// A tree with everything that can be packed.
fn planted(rig: &Rig) {
    fs::create_dir_all(rig.path("tree/d/empty")).unwrap();
    fs::write(rig.path("tree/d/b"), "b").unwrap();
    fs::write(rig.path("tree/run"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(rig.path("tree/run"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(rig.path(&format!("tree/{}", "long".repeat(50))), "long").unwrap();
    fs::write(rig.path("tree/ü ñ"), "name").unwrap();
    symlink("d/b", rig.path("tree/link")).unwrap();
    symlink("../run", rig.path("tree/d/up")).unwrap();
    let old = fs::File::options().write(true).open(rig.path("tree/run")).unwrap();
    old.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000)).unwrap();
}

fn is_planted(rig: &Rig, at: &str) {
    let mut names = rig.names(at);
    names.retain(|name| !name.starts_with("long"));
    assert_eq!(names, ["d", "link", "run", "ü ñ"]);
    assert_eq!(rig.text(&format!("{at}/{}", "long".repeat(50))), "long");
    assert_eq!((rig.text(&format!("{at}/d/b")), rig.text(&format!("{at}/ü ñ"))), ("b".to_owned(), "name".to_owned()));
    assert_eq!(rig.names(&format!("{at}/d")), ["b", "empty", "up"]);
    assert!(rig.names(&format!("{at}/d/empty")).is_empty());
    let target = |link: &str| fs::read_link(rig.path(&format!("{at}/{link}"))).unwrap();
    assert_eq!((target("link").to_str(), target("d/up").to_str()), (Some("d/b"), Some("../run")));
    assert_eq!((rig.mode(&format!("{at}/run")), rig.mode(&format!("{at}/d/b")) & 0o111), (0o755, 0));
    assert_eq!(fs::metadata(rig.path(&format!("{at}/run"))).unwrap().mtime(), 1_000_000_000);
}

#[test]
fn o_083_a_tree_comes_out_again() {
    let rig = Rig::new();
    planted(&rig);
    for format in ["tar", "zip"] {
        rig.printed(&format!(
            "{format}_create tree a.{format}\n{format}_extract a.{format} {format}/on/the/way\n{format}_create tree b.{format}"
        ));
        is_planted(&rig, &format!("{format}/on/the/way"));
        let packed = |name: &str| fs::read(rig.path(&format!("{name}.{format}"))).unwrap();
        assert_eq!(packed("a"), packed("b"), "the same tree is packed to the same bytes");
    }
}

fn python(rig: &Rig, program: &str) -> String {
    let ran = Command::new("python3").args(["-c", program]).current_dir(&rig.dir).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn others_read_what_we_pack() {
    let rig = Rig::new();
    planted(&rig);
    rig.printed("tar_create tree tree.tgz\ngzip tree/d/b b.gz");
    python(&rig, "import tarfile; tarfile.open('tree.tgz').extractall('out', filter='tar')");
    is_planted(&rig, "out");
    assert_eq!(python(&rig, "import gzip; print(gzip.open('b.gz').read())"), "b'b'\n");
    let owners = "import tarfile\nfor m in tarfile.open('tree.tgz'): print(m.uid, m.gid, m.uname, m.gname)";
    assert!(python(&rig, owners).lines().all(|line| line.trim() == "0 0"), "whose it was is not told");
    let names = "import tarfile\nprint([m.name[:4] for m in tarfile.open('tree.tgz')])";
    assert_eq!(python(&rig, names), "['d', 'd/b', 'd/em', 'd/up', 'link', 'long', 'run', 'ü ñ']\n");
}

#[test]
fn we_read_what_others_pack() {
    let rig = Rig::new();
    planted(&rig);
    python(&rig, "import gzip; gzip.open('b.gz', 'wb').write(b'b')");
    for format in ["USTAR", "GNU", "PAX"] {
        let long = format!("{}.py", "long".repeat(50));
        // A name of that length has no place in the oldest of the three.
        let filter = if format == "USTAR" { "lambda m: None if 'long' in m.name else m" } else { "lambda m: m" };
        let pack = format!(
            "import tarfile\nwith tarfile.open('{format}.tgz', 'w:gz', format=tarfile.{format}_FORMAT) as t: t.add('tree', '.', filter={filter})"
        );
        python(&rig, &pack);
        rig.printed(&format!("tar_extract {format}.tgz {format}\nungzip b.gz b"));
        if format == "USTAR" {
            fs::write(rig.path(&format!("USTAR/{}", "long".repeat(50))), "long").unwrap();
        }
        is_planted(&rig, format);
        assert!(!fs::exists(rig.path(&long)).unwrap());
    }
    assert_eq!(rig.text("b"), "b");
}

#[test]
fn others_read_our_zip_files() {
    let rig = Rig::new();
    planted(&rig);
    fs::create_dir(rig.path("none")).unwrap();
    rig.printed("zip_create tree tree.zip\nzip_create none none.zip\nzip_extract none.zip nothing");
    let read = "import zipfile\nz = zipfile.ZipFile('tree.zip')\nassert z.testzip() is None\nprint([(i.filename[:4], oct(i.external_attr >> 16)) for i in z.infolist()])";
    let d = ["('d/', '0o40755')", "('d/b', '0o100644')", "('d/em', '0o40755')", "('d/up', '0o120777')"].join(", ");
    let rest =
        ["('link', '0o120777')", "('long', '0o100644')", "('run', '0o100755')", "('ü ñ', '0o100644')"].join(", ");
    assert_eq!(python(&rig, read), format!("[{d}, {rest}]\n"));
    assert_eq!(python(&rig, "import zipfile; print(zipfile.ZipFile('none.zip').namelist())"), "[]\n");
    assert!(rig.names("nothing").is_empty());
    let content = "import zipfile; print(zipfile.ZipFile('tree.zip').read('d/b'))";
    assert_eq!(python(&rig, content), "b'b'\n");
}

#[test]
fn we_read_zip_files_of_others() {
    let rig = Rig::new();
    for method in ["STORED", "DEFLATED"] {
        let pack = format!(
            "import zipfile\nwith zipfile.ZipFile('{method}.zip', 'w', zipfile.ZIP_{method}) as z:\n  z.writestr('d/a', 'a' * 100000)\n  z.writestr('ü', 'u')\n  z.mkdir('e')\n  z.comment = b'a comment'"
        );
        // One that cannot go back says behind an entry what it knows only then.
        let stream = format!(
            "import zipfile, sys\nclass Out:\n  def __init__(self, f): self.f = f\n  def write(self, b): return self.f.write(b)\n  def flush(self): pass\nwith open('s{method}.zip', 'wb') as f, zipfile.ZipFile(Out(f), 'w', zipfile.ZIP_{method}) as z:\n  z.writestr('d/a', 'a' * 100000)\n  with z.open('large', 'w', force_zip64=True) as l: l.write(b'l')"
        );
        python(&rig, &pack);
        python(&rig, &stream);
        rig.printed(&format!("zip_extract {method}.zip {method}\nzip_extract s{method}.zip s{method}"));
        assert_eq!(rig.names(method), ["d", "e", "ü"]);
        assert_eq!(rig.text(&format!("{method}/d/a")), "a".repeat(100_000));
        assert_eq!((rig.text(&format!("{method}/ü")), rig.text(&format!("s{method}/large"))), ("u".into(), "l".into()));
        assert_eq!(rig.text(&format!("s{method}/d/a")), "a".repeat(100_000));
    }
    let many =
        "import zipfile\nwith zipfile.ZipFile('many.zip', 'w') as z:\n  for i in range(66000): z.writestr(f'{i}', '')";
    python(&rig, many);
    rig.printed("zip_extract many.zip many\nzip_create many again.zip");
    assert_eq!(rig.names("many").len(), 66_000);
    let count = "import zipfile; z = zipfile.ZipFile('again.zip'); print(len(z.namelist()), z.testzip())";
    assert_eq!(python(&rig, count), "66000 None\n");
}

/// Where these programs are there.
#[test]
fn zip_and_unzip_agree() {
    let rig = Rig::new();
    planted(&rig);
    let sh = |line: &str| Command::new("sh").args(["-c", line]).current_dir(&rig.dir).status().unwrap().success();
    if sh("command -v unzip") {
        rig.printed("zip_create tree tree.zip");
        assert!(sh("unzip -q tree.zip -d theirs"));
        is_planted(&rig, "theirs");
    }
    if sh("command -v zip") {
        assert!(sh("cd tree && zip -qry ../theirs.zip ."));
        rig.printed("zip_extract theirs.zip ours");
        is_planted(&rig, "ours");
    }
}

/// Where these programs are there.
#[test]
fn tar_and_gzip_agree() {
    let rig = Rig::new();
    planted(&rig);
    let sh = |line: &str| Command::new("sh").args(["-c", line]).current_dir(&rig.dir).status().unwrap().success();
    if !sh("command -v tar && command -v gzip") {
        return;
    }
    rig.printed("tar_create tree tree.tgz\ngzip tree/run run.gz");
    assert!(sh("mkdir theirs && tar -xzf tree.tgz -C theirs && gzip -dc run.gz | cmp - tree/run"));
    is_planted(&rig, "theirs");
    assert!(sh("tar -C tree -czf theirs.tgz . && gzip -c tree/run > theirs.gz"));
    rig.printed("tar_extract theirs.tgz ours\nungzip theirs.gz ours.txt");
    is_planted(&rig, "ours");
    assert_eq!(rig.text("ours.txt"), rig.text("tree/run"));
}

/// Where `zstd` is there.
#[test]
fn what_tar_has_packed_with_zstd_is_unpacked() {
    let rig = Rig::new();
    planted(&rig);
    let sh = |line: &str| Command::new("sh").args(["-c", line]).current_dir(&rig.dir).status().unwrap().success();
    if !sh("command -v tar && command -v zstd") {
        return;
    }
    assert!(sh("tar -C tree -cf theirs.tar . && head -c 3000000 /dev/urandom | base64 > long"));
    let ways = ["-1", "-3", "-19", "--ultra -22", "--long=27 -5", "--no-check", "--no-content-size", "-T2 -9"];
    for (at, way) in ways.iter().enumerate() {
        assert!(sh(&format!("zstd -q {way} theirs.tar -o theirs{at}.tzst")), "{way}");
        rig.printed(&format!("tar_extract theirs{at}.tzst ours{at}"));
        is_planted(&rig, &format!("ours{at}"));
        assert!(sh(&format!("cat theirs.tar | zstd -q {way} > piped{at}")), "{way}");
        rig.printed(&format!("tar_extract piped{at} back{at}"));
        is_planted(&rig, &format!("back{at}"));
    }
    // What is long refers to what came long before; parts behind each other are one.
    assert!(sh("cp long again && tar -cf both.tar long again tree"));
    assert!(sh(
        "head -c 5000000 both.tar | zstd -q --long=27 > parts && tail -c +5000001 both.tar | zstd -q -19 >> parts"
    ));
    rig.printed("tar_extract parts joined");
    assert!(sh("cmp long joined/long && cmp long joined/again"));
}

#[test]
fn a_second_name_is_a_second_name() {
    let rig = Rig::rooted();
    assert_eq!(rig.unpacked(Tar::default().file("d/a", "a").again("b", "./d/a").end()), "");
    let inode = |name: &str| fs::metadata(rig.path(name)).unwrap().ino();
    assert_eq!((rig.text("root/new/b").as_str(), inode("root/new/b")), ("a", inode("root/new/d/a")));
}

#[test]
fn what_is_there_is_merged_with() {
    let rig = Rig::rooted();
    fs::create_dir_all(rig.path("root/new/d")).unwrap();
    for (name, text) in [("d/kept", "kept"), ("d/old", "old")] {
        fs::write(rig.path(&format!("root/new/{name}")), text).unwrap();
    }
    let archive = Tar::default().dir("d").file("d/old", "new").file("d/e/f", "f").file("top", "top");
    assert_eq!(rig.unpacked(archive.end()), "");
    assert_eq!(
        (rig.names("root/new"), rig.names("root/new/d")),
        (vec!["d".into(), "top".into()], vec!["e".into(), "kept".into(), "old".into()])
    );
    assert_eq!((rig.text("root/new/d/old").as_str(), rig.text("root/new/d/kept").as_str()), ("new", "kept"));
    // A directory for a file, and a file for a directory.
    for name in ["d", "top/x"] {
        assert_eq!(rig.unpacked(Tar::default().file("first", "1").file(name, "x").end()), "file_already_exists");
        assert_eq!(rig.names("root/new"), ["d", "top"], "{name}");
    }
}
