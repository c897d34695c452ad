//! `perch test` from the outside. The example is the one of `docs/testing.md`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "shared/schema.rs"]
mod schema;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a file of commands; temporary directories of tests are in it, too.
struct Folder(TempDir);

impl Folder {
    fn new(program: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.path().join("commands.perch"), program).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn perch(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        command.args(words).current_dir(self.path()).env("TMPDIR", self.path().join("tmp")).output().unwrap()
    }

    /// What is seen, without durations and names that differ from time to time.
    fn seen(&self, words: &[&str]) -> (String, Option<i32>) {
        let done = self.perch(words);
        assert_eq!(String::from_utf8(done.stdout).unwrap(), "", "{words:?}");
        (self.plain(&String::from_utf8(done.stderr).unwrap()), done.status.code())
    }

    fn plain(&self, text: &str) -> String {
        let tmp = self.path().canonicalize().unwrap().join("tmp");
        let mut plain = String::new();
        for line in text.replace(tmp.to_str().unwrap(), "/tmp").lines() {
            let line = match (line.rsplit_once(" ("), line.rsplit_once(" in ")) {
                (Some((before, took)), _) if took.ends_with("s)") => format!("{before} (…)"),
                (_, Some((before, took))) if took.ends_with('s') => format!("{before} in …"),
                _ => line.to_owned(),
            };
            let mut parts = line.split("/tmp/perch-test-");
            plain += parts.next().unwrap();
            for part in parts {
                // Six characters at the end of the name are made up.
                let end = part.find(|c: char| c != '-' && c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(part.len());
                plain += &format!("/tmp/perch-test-{}……{}", &part[..end - 6], &part[end..]);
            }
            plain.push('\n');
        }
        plain
    }

    /// How many directories of tests were kept.
    fn kept(&self) -> usize {
        fs::read_dir(self.path().join("tmp")).unwrap().count()
    }

    fn json(&self, words: &[&str]) -> Value {
        let done = self.perch(&[&["test", "--json"], words].concat());
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

fn test(name: &str, lines: &str, body: &str) -> String {
    format!("command {name}\n test\n {lines}\n do\n {body}\n end\nend\n")
}

fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/testing.md")).unwrap()
}

fn block(kind: &str) -> String {
    let page = page();
    page.split_once(&format!("```{kind}\n")).unwrap().1.split_once("```").unwrap().0.to_owned()
}

#[test]
fn s_005_s_108_the_page_shows_what_is_seen() {
    let folder = Folder::new(&block("perch"));
    let (seen, status) = folder.seen(&["test"]);
    assert_eq!((seen, status), (folder.plain(&block("text")), Some(1)));
}

#[test]
fn tests_run_in_the_order_of_their_names_in_directories_of_their_own() {
    let body =
        "if exists mark\n fail \"not alone\"\n end\n write_file mark x\n where = cwd\n print \"${where} ${TMPDIR}\"";
    let folder = Folder::new(&(test("b", "", body) + &test("c", "", body) + &test("a", "", body)));
    for jobs in ["1", "3"] {
        let (seen, status) = folder.seen(&["test", "-v", "--jobs", jobs]);
        let one = |name: &str| {
            let room = format!("/tmp/perch-test-{name}-……");
            format!("✓ {name} (…)\n    printed\n      {room}/start {room}/tmp\n")
        };
        let want =
            format!("── perch test ── commands.perch\n{}{}{}\n3 passed, 0 failed in …\n", one("a"), one("b"), one("c"));
        assert_eq!((seen, status, folder.kept()), (want, Some(0), 0));
    }
    folder.perch(&["test", "--keep-tempdir"]);
    assert_eq!(folder.kept(), 3);
}

#[test]
fn a_test_may_write_in_its_room_and_nowhere_else() {
    let folder = Folder::new("");
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let write = |path: &str| format!("write_file \"{path}/x\" y");
    let path = outside.to_str().unwrap();
    let linked = format!("symlink \"{path}\" way\nwrite_file way/x y");
    let program = [
        test("absolute", "", &write(path)),
        test("up", "", &write("../../../outside")),
        test("link", "", &linked),
        test("removes", "", &format!("rm \"{path}\"")),
        test("tmp", "", &write("${TMPDIR}")),
        test("lifted", "test_allow_write", &write(path)),
    ];
    fs::write(folder.path().join("commands.perch"), program.concat()).unwrap();
    let done = folder.json(&[]);
    let kinds: Vec<(&str, Option<&str>)> = done["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|test| (test["name"].as_str().unwrap(), test["failure"]["kind"].as_str()))
        .collect();
    let no = Some("file_path_disallowed");
    assert_eq!(kinds, [("absolute", no), ("lifted", None), ("link", no), ("removes", no), ("tmp", None), ("up", no)]);
    assert!(outside.join("x").exists());
}

#[test]
fn a_test_starts_no_programs_unless_it_says_so() {
    let folder = Folder::new(&(test("no", "", "true") + &test("yes", "test_allow_subprocess", "true")));
    let done = folder.json(&[]);
    assert_eq!((&done["passed"], &done["failed"]), (&1.into(), &1.into()));
    assert_eq!(done["tests"][0]["failure"]["kind"], "cap_subprocess_denied");
    assert!(done["tests"][0]["failure"]["help"].as_str().unwrap().contains("`test_allow_subprocess`"));
    // What the command line takes away no test gets back.
    assert_eq!(folder.json(&["--no-subprocess"])["failed"], 2);
}

#[test]
fn a_test_has_its_time() {
    let nap = "try\n sleep 100\n finally\n print cleaned\n end";
    let folder = Folder::new(&(test("own", "test_timeout 100ms", nap) + &test("given", "", nap)));
    let done = folder.json(&["--test-timeout", "200ms", "--jobs", "2"]);
    for (at, limit) in [(0, "200ms"), (1, "100ms")] {
        assert_eq!(done["tests"][at]["failure"]["message"], format!("took longer than {limit}"));
        assert_eq!(done["tests"][at]["output"], "cleaned\n");
    }
}

#[test]
fn a_test_may_stay_where_its_file_is() {
    let folder = Folder::new("");
    fs::create_dir(folder.path().join("sub")).unwrap();
    let body =
        "text = read_file near\nprint \"${text}\"\ntry\n write_file near y\n rescue\n print \"${err.kind}\"\n end";
    fs::write(folder.path().join("sub/near"), "here").unwrap();
    fs::write(folder.path().join("sub/t.perch"), test("stays", "test_keep_cwd", body)).unwrap();
    let done = folder.json(&["-f", "sub/t.perch"]);
    assert_eq!(
        (&done["tests"][0]["output"], &done["file"]),
        (&"here\nfile_path_disallowed\n".into(), &"sub/t.perch".into())
    );
}

#[test]
fn machines_get_what_the_schema_says() {
    let folder = Folder::new(
        &(test("fine", "", "print \"<&>\"") + &test("fails", "description \"a \\\"b\\\"\"", "fail \"x\\ny\"")),
    );
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/test.json")).unwrap();
    let misfits = schema::misfits(&serde_json::from_str(&schema).unwrap(), &folder.json(&[]));
    assert!(misfits.is_empty(), "{misfits:#?}");
    let done = folder.perch(&["test", "--format", "junit"]);
    let xml = String::from_utf8(done.stdout).unwrap();
    assert!(
        xml.contains(
            "<testsuite name=\"commands.perch\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\""
        ),
        "{xml}"
    );
    assert!(
        xml.contains(
            "<failure message=\"x&#10;y\" type=\"user_fail\">commands.perch:5:2  fail &quot;x\\ny&quot;</failure>"
        ) || xml.contains("type=\"user_fail\""),
        "{xml}"
    );
    assert!(xml.contains("<system-out>&lt;&amp;&gt;&#10;</system-out>"), "{xml}");
    assert_eq!(folder.perch(&["test", "--format", "junit", "--filter", "fine"]).status.code(), Some(0));
}

#[test]
fn a_file_without_tests_has_none_that_fail() {
    let folder = Folder::new("command main\n do\n print x\n end\nend\n");
    let (seen, status) = folder.seen(&["test"]);
    assert_eq!((seen.as_str(), status), ("no tests: `commands.perch` has no command with the line `test`\n", Some(0)));
    assert_eq!(folder.json(&[])["tests"], Value::Array(Vec::new()));
}

#[test]
fn much_output_is_cut_and_not_kept_in_memory() {
    let lines = "x".repeat(1_000) + "\\n";
    let body = format!("for_each \"{}\" n\n print \"${{n}}\"\n end", lines.repeat(2_000));
    let folder = Folder::new(&test("loud", "", &body));
    let done = folder.json(&[]);
    assert_eq!((done["passed"].as_u64(), done["tests"][0]["output"].as_str().unwrap().len()), (Some(1), 1 << 20));
}
