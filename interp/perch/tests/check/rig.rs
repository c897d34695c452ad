//! A directory with files, and the binary started in it.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

/// A warning, and nothing else to be said.
pub(crate) const DOUBTFUL: &str = "command main\n  description \"Copy\"\n  do\n    cp src=a b\n  end\nend\n";

/// Two mistakes: one on a line with characters of several bytes, and one that has to do with another place.
pub(crate) const BROKEN: &str = "command main\n  description \"Say\"\n  do\n    print \"é\" ${}\n  end\nend\n\ncommand main\n  description \"Say it again\"\n  do\n    print b\n  end\nend\n";

/// Nothing wrong.
pub(crate) const CLEAN: &str = "v = 1\n\ncommand main\n  description \"Say\"\n  do\n    print \"${v}\"\n  end\nend\n";

pub(crate) struct Rig(pub(crate) TempDir);

pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Rig {
    /// With these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| rig.write(name, text));
        rig
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn perch(&self, words: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        let done = command.args(words).current_dir(self.0.path()).output().unwrap();
        Said {
            status: done.status.code().unwrap(),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// What `--check` writes to standard output.
    pub(crate) fn checked(&self, words: &[&str]) -> String {
        self.perch(&[&["--check"], words].concat()).stdout
    }

    pub(crate) fn status(&self, words: &[&str]) -> i32 {
        self.perch(&[&["--check"], words].concat()).status
    }
}
