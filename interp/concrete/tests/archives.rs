//! Archives: what is packed comes out again, others can read it, and what others have packed does no harm.
//!
//! The attacks are named by their class; each fails when the guard that it is about is taken away.

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use common::Rig;

/// A tar file, made by hand.
#[derive(Clone, Default)]
struct Tar(Vec<u8>);

impl Tar {
    /// An entry of that kind, with all that is written into a header.
    fn entry(mut self, kind: u8, name: &str, target: &str, mode: u32, content: &[u8]) -> Self {
        let mut header = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, name.as_bytes());
        put(100, format!("{mode:07o}\0").as_bytes());
        put(108, b"0001750\x000001750\0");
        put(124, format!("{:011o}\0", content.len()).as_bytes());
        put(136, b"14000000000\0");
        put(148, b"        ");
        put(156, &[kind]);
        put(157, target.as_bytes());
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend(header);
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, name: &str, content: &str) -> Self {
        self.entry(b'0', name, "", 0o644, content.as_bytes())
    }

    fn dir(self, name: &str) -> Self {
        self.entry(b'5', name, "", 0o755, b"")
    }

    fn link(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name, target, 0o777, b"")
    }

    fn again(self, name: &str, of: &str) -> Self {
        self.entry(b'1', name, of, 0o644, b"")
    }

    /// A header before an entry, with one record.
    fn says(self, kind: u8, key: &str, value: &str) -> Self {
        let rest = format!(" {key}={value}\n");
        let digits = (1..).find(|digits| (rest.len() + digits).to_string().len() == *digits).unwrap();
        let record = format!("{}{rest}", rest.len() + digits);
        self.entry(kind, "header", "", 0o644, record.as_bytes())
    }

    fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        gzipped(&self.0)
    }
}

/// What a zip file says of an entry, before it and in the directory.
#[derive(Clone)]
struct Zipped {
    name: [&'static str; 2],
    content: Vec<u8>,
    method: u16,
    flags: u16,
    crc: [u32; 2],
    sizes: [[u32; 2]; 2],
    mode: u32,
    /// In the directory, what stands elsewhere.
    at: i64,
}

impl Zipped {
    fn file(name: &'static str, content: &(impl AsRef<[u8]> + ?Sized)) -> Self {
        let content = content.as_ref().to_vec();
        let mut crc = !0_u32;
        for byte in &content {
            crc ^= u32::from(*byte);
            (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
        }
        let size = u32::try_from(content.len()).unwrap();
        let (name, crc, sizes) = ([name; 2], [!crc; 2], [[size; 2]; 2]);
        Self { name, content, method: 0, flags: 0, crc, sizes, mode: 0o100_644, at: 0 }
    }

    fn link(name: &'static str, target: &str) -> Self {
        Self { mode: 0o120_777, ..Self::file(name, target) }
    }

    fn record(&self, of: usize) -> Vec<u8> {
        let mut record = Vec::new();
        [20, self.flags, self.method, 0, 33].iter().for_each(|number: &u16| record.extend(number.to_le_bytes()));
        [self.crc[of], self.sizes[of][0], self.sizes[of][1]].iter().for_each(|number| record.extend(number.to_le_bytes()));
        record.extend(u16::try_from(self.name[of].len()).unwrap().to_le_bytes());
        record.extend([0; 2]);
        record
    }
}

fn zip(entries: &[Zipped]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = u32::try_from(i64::try_from(bytes.len()).unwrap() + entry.at).unwrap();
        let head = [b"PK\x03\x04".to_vec(), entry.record(0), entry.name[0].into(), entry.content.clone()];
        bytes.extend(head.concat());
        let attributes = (entry.mode << 16).to_le_bytes().to_vec();
        let made_by = 0x0314_u16.to_le_bytes().to_vec();
        let rest = [vec![0; 6], attributes, at.to_le_bytes().to_vec(), entry.name[1].into()];
        directory.extend([b"PK\x01\x02".to_vec(), made_by, entry.record(1)].concat());
        directory.extend(rest.concat());
    }
    let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &number(directory.len()), &number(bytes.len()), &[0; 2]];
    [bytes, directory, end.concat()].concat()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    perch_archive::gzip(&mut &*bytes, &mut packed).unwrap();
    packed
}

impl Rig {
    /// What comes of unpacking that to `root/new`.
    fn unpacked(&self, archive: Vec<u8>) -> &'static str {
        fs::write(self.path("root/a.tgz"), archive).unwrap();
        self.ended("tar_extract root/a.tgz root/new")
    }

    /// The kind of the failure; nothing if there is none.
    fn ended(&self, body: &str) -> &'static str {
        self.run(body).kind
    }

    /// It is refused, and nothing is left of it, anywhere.
    fn refuses(&self, archive: Tar, kind: &str) {
        let ran = self.unpacked(archive.end());
        assert_eq!(ran, kind);
        assert_eq!((self.names("root"), self.names("out")), (vec!["a.tgz".to_owned()], vec!["secret".to_owned()]));
        assert_eq!(self.text("out/secret"), "secret");
    }

    /// The same for a zip file.
    fn refuses_zip(&self, archive: Vec<u8>, kind: &str) {
        fs::write(self.path("root/a.zip"), archive).unwrap();
        assert_eq!(self.ended("zip_extract root/a.zip root/new"), kind);
        assert_eq!((self.names("root"), self.names("out")), (vec!["a.zip".to_owned()], vec!["secret".to_owned()]));
        assert_eq!(self.text("out/secret"), "secret");
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o7777
    }
}

// ---- both ways ----------------------------------------------------------------------------------------

#[test]
fn a_file_comes_out_again() {
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
fn a_tree_comes_out_again() {
    let rig = Rig::new();
    planted(&rig);
    for format in ["tar", "zip"] {
        rig.printed(&format!(
            "{format}_create tree a.{format}\n{format}_extract a.{format} {format}/on/the/way\n{format}_create {format}/on/the/way b.{format}"
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
    let rest = ["('link', '0o120777')", "('long', '0o100644')", "('run', '0o100755')", "('ü ñ', '0o100644')"].join(", ");
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
    let many = "import zipfile\nwith zipfile.ZipFile('many.zip', 'w') as z:\n  for i in range(66000): z.writestr(f'{i}', '')";
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
    assert_eq!((rig.names("root/new"), rig.names("root/new/d")), (vec!["d".into(), "top".into()], vec!["e".into(), "kept".into(), "old".into()]));
    assert_eq!((rig.text("root/new/d/old").as_str(), rig.text("root/new/d/kept").as_str()), ("new", "kept"));
    // A directory for a file, and a file for a directory.
    for name in ["d", "top/x"] {
        assert_eq!(rig.unpacked(Tar::default().file("first", "1").file(name, "x").end()), "file_already_exists");
        assert_eq!(rig.names("root/new"), ["d", "top"], "{name}");
    }
}

// ---- attacks ------------------------------------------------------------------------------------------

#[test]
fn z01_no_entry_lands_outside() {
    let rig = Rig::rooted();
    let outside = rig.path("out/x");
    for name in ["../out/x", "d/../../../out/x", "..", "/x", &outside, "C:\\x", "..\\..\\out\\x", "\\x"] {
        rig.refuses(Tar::default().file("fine", "").file(name, "x"), "file_path_disallowed");
        rig.refuses(Tar::default().dir(name), "file_path_disallowed");
        // The name as a header before the entry says it.
        rig.refuses(Tar::default().says(b'x', "path", name).file("fine", "x"), "file_path_disallowed");
        rig.refuses(Tar::default().entry(b'L', "header", "", 0, name.as_bytes()).file("fine", "x"), "file_path_disallowed");
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
    let at = -i64::try_from(38).unwrap();
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
    rig.refuses(Tar::default().link("d/e/up", "../..").link("l", "d/e/up/.."), "file_path_disallowed");
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
    assert_eq!(rig.unpacked(Tar::default().says(b'x', "size", "1").says(b'g', "comment", "x").file("a", "x").end()), "");
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
    assert_eq!((rig.names("root"), rig.names("root/there")), (vec!["a.tgz".into(), "there".into()], vec!["a".to_owned()]));
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
    for op in ["gzip root/own out/x", "ungzip root/own root/dir/x", "tar_create root out/x", "tar_extract root/own out/x"] {
        assert_eq!(rig.kind(op), "write_not_permitted", "{op}");
    }
    assert_eq!((rig.names("root"), rig.names("out")), (vec!["dir".into(), "own".to_owned()], vec!["secret".to_owned()]));
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
        (b"a text of some length".to_vec(), "it is not compressed by gzip, or damaged"),
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
