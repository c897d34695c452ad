//! S-113 `--watch` says after each edit what a new call would say, and judges again what the edit concerns.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PROGRAM: &str = r#"command build
  do
    write_file out/a "1"
    if exists out/a
      common
    end
    x = read_file out/missing
  end
end

command clean
  do
    rm out
    print "gone"
  end
end

command common
  do
    print "in common"
    exec tool
  end
end
"#;

const HOST: &str = r#"{"fs_write": ["/w"], "cwd": "/w", "bins": ["tool"], "files": {"/w/out": {"kind": "dir"}}}"#;

/// A program that watches; it is ended with this.
struct Watching {
    dir: TempDir,
    child: Child,
    /// How much of each output has been seen.
    seen: [usize; 2],
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Watching {
    fn new(program: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("commands.perch"), program).unwrap();
        fs::write(dir.path().join("host.json"), HOST).unwrap();
        let output = |name: &str| Stdio::from(File::create(dir.path().join(name)).unwrap());
        let mut perch = Command::new(env!("CARGO_BIN_EXE_perch"));
        perch.args(["simulate", "--sim-file", "host.json", "--watch"]).current_dir(dir.path());
        let child = perch.stdout(output("out.txt")).stderr(output("err.txt")).spawn().unwrap();
        Self { dir, child, seen: [0; 2] }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What is said next, on both outputs, up to the line that says that it waits.
    fn said(&mut self) -> [String; 2] {
        let start = Instant::now();
        loop {
            let texts = ["out.txt", "err.txt"].map(|name| fs::read_to_string(self.at(name)).unwrap());
            let new = [0, 1].map(|at| texts[at][self.seen[at]..].to_owned());
            if new[1].contains("Ctrl-C ends it") {
                self.seen = [texts[0].len(), texts[1].len()];
                return new;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{new:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn save(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).unwrap();
    }

    /// What a call that does not watch says.
    fn once(&self) -> String {
        let mut perch = Command::new(env!("CARGO_BIN_EXE_perch"));
        let done = perch.args(["simulate", "--sim-file", "host.json"]).current_dir(self.dir.path()).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    }

    /// What is said next is what a new call says, and so many commands were judged for it.
    fn judges(&mut self, judged: &str) {
        let [out, err] = self.said();
        assert!(err.contains(&format!("judged {judged} commands")), "{err}");
        assert_eq!(out, self.once());
    }
}

#[test]
fn an_edit_concerns_a_command_and_its_callers() {
    let mut watching = Watching::new(PROGRAM);
    watching.judges("3 of 3");
    let longer = PROGRAM.replace("print \"gone\"", "print \"gone\"\n    # a comment\n    print \"for good\"");
    watching.save("commands.perch", &longer);
    watching.judges("1 of 3");
    let called = longer.replace("in common", "in common, twice");
    watching.save("commands.perch", &called);
    watching.judges("2 of 3");
    // What has only moved is not judged again, and stands where it stands now.
    let moved = format!("# two lines\n# more\n{called}");
    watching.save("commands.perch", &moved);
    watching.judges("0 of 3");
    let first = moved.replace("write_file out/a \"1\"", "print one\n    write_file out/a \"1\"");
    watching.save("commands.perch", &first);
    watching.judges("1 of 3");
    // What stands around commands concerns all.
    watching.save("commands.perch", &format!("v = 1\n{first}"));
    watching.judges("3 of 3");
    watching.save("host.json", &HOST.replace("tool", "other"));
    watching.judges("3 of 3");
}

#[test]
fn a_mistake_is_told_and_nothing_is_forgotten() {
    let mut watching = Watching::new(PROGRAM);
    watching.judges("3 of 3");
    watching.save("commands.perch", &PROGRAM.replace("rm out", "rm \"out"));
    let [out, err] = watching.said();
    assert!(out.is_empty() && err.contains("commands.perch:13"), "{out}{err}");
    watching.save("commands.perch", PROGRAM);
    watching.judges("0 of 3");
    fs::remove_file(watching.at("commands.perch")).unwrap();
    assert!(watching.said()[1].contains("commands.perch"));
    watching.save("commands.perch", PROGRAM);
    watching.judges("0 of 3");
}

#[test]
fn imported_files_are_watched() {
    let mut watching = Watching::new("import \"lib.perch\"\n\ncommand main\n  do\n    print a\n  end\nend\n");
    assert!(watching.said()[1].contains("lib.perch"));
    watching.save("lib.perch", "command other\n  do\n    print b\n  end\nend\n");
    watching.save("commands.perch", "import \"lib.perch\"\n\ncommand main\n  do\n    print a\n    other\n  end\nend\n");
    watching.judges("2 of 2");
    watching.save("lib.perch", "command other\n  do\n    print c\n    print b\n  end\nend\n");
    watching.judges("2 of 2");
    watching.save("lib.perch", "# moved\ncommand other\n  do\n    print c\n    print b\n  end\nend\n");
    watching.judges("0 of 2");
}

#[test]
fn what_is_no_file_is_not_watched() {
    let mut perch = Command::new(env!("CARGO_BIN_EXE_perch"));
    let done = perch.args(["-f", "-", "simulate", "--watch"]).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(said.contains("`--watch` watches files, and `-f -` is none"), "{said}");
}

#[test]
fn nothing_is_watched_for_nobody() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("commands.perch"), PROGRAM).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut perch = Command::new(env!("CARGO_BIN_EXE_perch"));
    perch.args(["simulate", "--watch"]).current_dir(dir.path()).stdout(writer).stderr(Stdio::null());
    let (mut child, start) = (perch.spawn().unwrap(), Instant::now());
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("it watches");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
