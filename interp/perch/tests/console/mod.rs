//! Pages of what is typed and what is seen.
//!
//! A case is a heading and blocks below it: `perch` is the file `commands.perch`, `file NAME` another one, `program NAME`
//! a script on PATH in front of all others, and `console` what happens then, in the same directory from top to bottom. In
//! a `console` block a line `$ …` is typed, and what follows is what is seen: standard output, then standard error, with
//! `/here` for the directory, and `(exit N)` if the status is not 0. What can be typed is `perch` with its words, in
//! quotes if need be and behind `NAME=value`, `/here` for the directory, with `< FILE` at the end for its standard input, and `cat FILE…`. No other variables are set than PATH.
//!
//! `UPDATE=1` writes what is seen anew. Read the difference: a page is right if a person says so.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Runs the cases of a page, each in a directory of its own that `prepare` has had; every `console` block must be as it is written.
pub(crate) fn check(page: &str, prepare: impl Fn(&Path)) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(page);
    let written = fs::read_to_string(&file).unwrap();
    let seen = played(&written, prepare);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        return fs::write(&file, &seen).unwrap();
    }
    let differs = seen.lines().zip(written.lines()).find(|(seen, written)| seen != written);
    assert!(seen == written, "{page} is not what is seen, first at (seen, written): {differs:#?}\n{seen}");
}

/// The names of the cases of a page.
pub(crate) fn cases(page: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(page);
    let text = fs::read_to_string(file).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_owned).collect()
}

/// The page with what is really seen.
fn played(page: &str, prepare: impl Fn(&Path)) -> String {
    let mut played = String::new();
    let mut folder = Folder::new(&prepare);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(played, "{line}");
        if line.starts_with("## ") {
            folder = Folder::new(&prepare);
        }
        let Some(kind) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match kind.split_once(' ') {
            None if kind == "perch" => folder.write("commands.perch", &block),
            Some(("file", name)) => folder.write(name, &block),
            Some(("program", name)) => folder.program(name, &block),
            _ => {}
        }
        let typed = block.iter().filter_map(|line| line.strip_prefix("$ "));
        let shown = if kind == "console" { typed.map(|line| folder.typed(line)).collect() } else { joined(&block) };
        let _ = writeln!(played, "{shown}```");
    }
    played
}

fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

struct Folder(TempDir);

impl Folder {
    fn new(prepare: impl Fn(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        Self(folder)
    }

    fn write(&self, name: &str, lines: &[&str]) {
        let file: PathBuf = self.0.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, joined(lines)).unwrap();
    }

    fn program(&self, name: &str, lines: &[&str]) {
        let name = format!("bin/{name}");
        self.write(&name, lines);
        fs::set_permissions(self.0.path().join(name), Permissions::from_mode(0o755)).unwrap();
    }

    /// What is seen of a line.
    fn typed(&self, line: &str) -> String {
        let words = words(&line.replace("/here", &self.0.path().to_string_lossy()));
        let is_variable = |word: &&String| word.split_once('=').is_some_and(|(name, _)| !name.contains(['-', '/']));
        let variables: Vec<&String> = words.iter().take_while(is_variable).collect();
        let seen = match &words[variables.len()..] {
            [program, words @ ..] if program == "perch" => self.perch(&variables, words),
            [program, files @ ..] if program == "cat" => files.iter().map(|file| self.read(file)).collect(),
            other => panic!("nobody knows how to type {other:?}"),
        };
        let end = if seen.is_empty() || seen.ends_with('\n') { "" } else { "\n" };
        format!("$ {line}\n{seen}{end}")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.path().join(file)).unwrap_or_else(|error| format!("{error}\n"))
    }

    fn perch(&self, variables: &[&String], words: &[String]) -> String {
        let (words, from) = match words {
            [words @ .., redirection, file] if redirection == "<" => (words, Some(file)),
            words => (words, None),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        command.args(words).current_dir(self.0.path()).env_clear();
        command.env("PATH", format!("{}/bin:/usr/bin:/bin", self.0.path().display()));
        command.envs(variables.iter().filter_map(|variable| variable.split_once('=')));
        if let Some(file) = from {
            command.stdin(fs::File::open(self.0.path().join(file)).unwrap());
        }
        let done = command.output().unwrap();
        let [stdout, stderr] = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let status = match done.status.code() {
            Some(0) => String::new(),
            Some(code) => format!("(exit {code})\n"),
            None => format!("({})\n", done.status),
        };
        let seen = (stdout + &stderr + &status).replace(&*self.0.path().to_string_lossy(), "/here");
        // A page has no blanks at the ends of its lines.
        seen.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// The words of a line; quotes of both kinds hold one together.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut quote = None;
    let mut is_open = false;
    for c in line.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ' ') => is_open = false,
            (_, c) => {
                if !is_open {
                    words.push(String::new());
                }
                words.last_mut().unwrap().push(c);
                is_open = true;
            }
        }
        if quote.is_some() && !is_open {
            words.push(String::new());
            is_open = true;
        }
    }
    words
}
