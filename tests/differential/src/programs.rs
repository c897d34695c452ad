//! Generated programs.
//!
//! A tree of lines and blocks, which can be shown as text and made smaller.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::hosts::{Entry, Host, Knowledge, PROGRAMS, VARIABLES, pool};
use crate::random::Random;

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Top-level lines.
    pub top: Vec<String>,
    /// Its commands, `main` first.
    pub commands: Vec<CommandSource>,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandSource {
    /// Its name.
    pub name: String,
    /// Lines before `do`.
    pub config: Vec<String>,
    /// Its statements.
    pub body: Vec<Part>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// On one line.
    Line(String),
    /// With bodies: header and statements of each, closed by `end`.
    Block(Vec<(String, Vec<Part>)>),
}

impl Source {
    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.top {
            let _ = writeln!(text, "{line}");
        }
        for command in &self.commands {
            let _ = writeln!(text, "command {}", command.name);
            for line in &command.config {
                let _ = writeln!(text, "  {line}");
            }
            text.push_str("  do\n");
            show(&command.body, 2, &mut text);
            text.push_str("  end\nend\n");
        }
        text
    }

    /// Smaller programs, the smallest first.
    #[must_use]
    pub fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        for at in (1..self.commands.len()).rev() {
            let mut one = self.clone();
            one.commands.remove(at);
            smaller.push(one);
        }
        for at in 0..self.top.len() {
            let mut one = self.clone();
            one.top.remove(at);
            smaller.push(one);
        }
        for (at, command) in self.commands.iter().enumerate() {
            for body in smaller_bodies(&command.body) {
                let mut one = self.clone();
                one.commands[at].body = body;
                smaller.push(one);
            }
        }
        smaller
    }
}

fn show(body: &[Part], depth: usize, text: &mut String) {
    let pad = "  ".repeat(depth);
    for part in body {
        match part {
            Part::Line(line) => {
                let _ = writeln!(text, "{pad}{line}");
            }
            Part::Block(arms) => {
                for (header, body) in arms {
                    let _ = writeln!(text, "{pad}{header}");
                    show(body, depth + 1, text);
                }
                let _ = writeln!(text, "{pad}end");
            }
        }
    }
}

fn smaller_bodies(body: &[Part]) -> Vec<Vec<Part>> {
    let mut smaller = Vec::new();
    if body.len() > 3 {
        smaller.push(body[body.len() / 2..].to_vec());
        smaller.push(body[..body.len() / 2].to_vec());
    }
    for at in 0..body.len() {
        let around = |with: &[Part]| [&body[..at], with, &body[at + 1..]].concat();
        if body.len() > 1 {
            smaller.push(around(&[]));
        }
        if let Part::Block(arms) = &body[at] {
            smaller.extend(arms.iter().map(|(_, inside)| around(inside)));
            for which in 0..arms.len() {
                for inside in smaller_bodies(&arms[which].1) {
                    let mut arms = arms.clone();
                    arms[which].1 = inside;
                    smaller.push(around(&[Part::Block(arms)]));
                }
                if which > 0 {
                    let mut arms = arms.clone();
                    arms.remove(which);
                    smaller.push(around(&[Part::Block(arms)]));
                }
            }
        }
    }
    smaller.retain(|body| !body.is_empty());
    smaller
}

const BOUND: &[&str] = &["v", "w", "x", "m"];
const TEXTS: &[&str] = &["a", "b", "x", "0", "1", "true", "false", "d", "hello", ""];

/// Makes programs for hosts below a root.
pub struct Generator<'r> {
    random: &'r mut Random,
    root: String,
    pool: Vec<String>,
    /// What is a file, and a directory, at the start.
    files: Vec<String>,
    dirs: Vec<String>,
    knowledge: Knowledge,
    /// Blocks within blocks, as a counter's name.
    pub nested: Vec<String>,
    /// Inside `rescue`: the failure's bindings may be used.
    rescued: usize,
    /// Which commands may be called from here.
    callees: Vec<&'static str>,
    loops: usize,
}

impl<'r> Generator<'r> {
    /// A generator of programs for a host. The less a fixture tells of it, the smaller they are: what is unknown multiplies.
    pub fn new(random: &'r mut Random, host: &Host, knowledge: Knowledge) -> Self {
        let of_kind = |dir: bool| {
            let fits =
                host.tree.iter().filter(
                    move |(_, entry)| if dir { **entry == Entry::Dir } else { matches!(entry, Entry::File { .. }) },
                );
            fits.map(|(path, _)| path.clone()).collect::<Vec<String>>()
        };
        Self {
            random,
            root: host.root.clone(),
            pool: pool(&host.root),
            files: of_kind(false),
            dirs: of_kind(true),
            knowledge,
            nested: Vec::new(),
            rescued: 0,
            callees: Vec::new(),
            loops: 0,
        }
    }

    /// A program.
    pub fn program(&mut self) -> Source {
        let mut top = Vec::new();
        if self.random.chance(15) {
            top.push("name generated".to_owned());
        }
        if self.random.chance(25) {
            top.push(format!("s = {}", self.quoted()));
        }
        self.callees = vec!["c1", "c2"];
        let statements = match self.knowledge {
            Knowledge::Full => 8 + self.random.below(8),
            Knowledge::Half => 5 + self.random.below(6),
            Knowledge::None => 3 + self.random.below(4),
        };
        let mut body: Vec<Part> = Vec::new();
        for name in BOUND {
            if self.random.chance(70) {
                let text = *self.random.pick(TEXTS);
                body.push(Part::Line(format!("{name} = \"{text}\"")));
            }
        }
        body.extend(self.body(statements, 0, "main"));
        let main = CommandSource { name: "main".into(), config: Vec::new(), body };
        self.callees = if self.random.chance(3) { vec!["c1", "c2"] } else { vec!["c2"] };
        let statements = 2 + self.random.below(4);
        let c1 =
            CommandSource { name: "c1".into(), config: arguments(self.random), body: self.body(statements, 1, "call") };
        self.callees = Vec::new();
        let statements = 1 + self.random.below(3);
        let c2 = CommandSource { name: "c2".into(), config: Vec::new(), body: self.body(statements, 1, "call") };
        Source { top, commands: vec![main, c1, c2] }
    }

    fn body(&mut self, statements: usize, depth: usize, around: &str) -> Vec<Part> {
        (0..statements.max(1)).map(|_| self.statement(depth, around)).collect()
    }

    fn statement(&mut self, depth: usize, around: &str) -> Part {
        if depth < 3 && self.random.chance(if depth == 0 { 32 } else { 25 }) {
            return self.block(depth, around);
        }
        Part::Line(self.line())
    }

    fn block(&mut self, depth: usize, around: &str) -> Part {
        let few = |random: &mut Random| 1 + random.below(3);
        let kind = *self.random.pick(&["if", "if", "try", "try", "for_each", "match"]);
        self.nested.push(format!("{around}>{kind}"));
        let inside = depth + 1;
        match kind {
            "if" => {
                let mut arms = vec![(format!("if {}", self.cond()), {
                    let n = few(self.random);
                    self.body(n, inside, kind)
                })];
                if self.random.chance(15) {
                    arms.push((format!("elif {}", self.cond()), {
                        let n = few(self.random);
                        self.body(n, inside, kind)
                    }));
                }
                if self.random.chance(55) {
                    arms.push(("else".into(), {
                        let n = few(self.random);
                        self.body(n, inside, kind)
                    }));
                }
                Part::Block(arms)
            }
            "try" => {
                let mut arms = vec![("try".to_owned(), {
                    let n = few(self.random);
                    self.body(n, inside, kind)
                })];
                let rescue = self.random.chance(75);
                if rescue {
                    let name = if self.random.chance(20) { "rescue v" } else { "rescue" };
                    self.rescued += 1;
                    arms.push((name.to_owned(), {
                        let n = few(self.random);
                        self.body(n, inside, "rescue")
                    }));
                    self.rescued -= 1;
                }
                if !rescue || self.random.chance(40) {
                    arms.push(("finally".to_owned(), {
                        let n = few(self.random);
                        self.body(n, inside, "finally")
                    }));
                }
                Part::Block(arms)
            }
            "for_each" if self.loops < 2 => {
                self.loops += 1;
                let list = match self.random.below(5) {
                    0 => format!("\"${{{}}}\"", self.random.pick(VARIABLES)),
                    1 => (*self.random.pick(BOUND)).to_owned(),
                    2 => "\"a\\nb\"".to_owned(),
                    3 => "\"d\\n\\ne\\na\"".to_owned(),
                    _ => self.quoted(),
                };
                let name = *self.random.pick(&["i", "v"]);
                let head = if self.random.chance(20) {
                    format!("for_each {name} in {list}")
                } else {
                    format!("for_each {list} {name}")
                };
                let n = few(self.random);
                let body = self.body(n, inside, kind);
                self.loops -= 1;
                Part::Block(vec![(head, body)])
            }
            _ => {
                let target = match self.random.below(4) {
                    0 if self.rescued > 0 => "err.kind".to_owned(),
                    1 => format!("\"${{{}}}\"", self.random.pick(VARIABLES)),
                    _ => (*self.random.pick(BOUND)).to_owned(),
                };
                let cases: &[&str] = if target == "err.kind" {
                    &["file_not_found", "user_fail", "shell_exit_nonzero", "is_a_directory"]
                } else {
                    TEXTS
                };
                let mut arms = vec![(format!("match {target}"), Vec::new())];
                for _ in 0..=self.random.below(2) {
                    let case = self.random.pick(cases);
                    let case = if case.is_empty() { "\"\"".to_owned() } else { (*case).to_owned() };
                    arms.push((format!("case {case}"), {
                        let n = few(self.random);
                        self.body(n, inside, "match")
                    }));
                }
                if self.random.chance(60) {
                    arms.push(("else".to_owned(), {
                        let n = few(self.random);
                        self.body(n, inside, "match")
                    }));
                }
                Part::Block(arms)
            }
        }
    }

    fn line(&mut self) -> String {
        match self.random.below(100) {
            0..=8 => format!("write_file {} {}", self.in_dir(), self.quoted()),
            9..=15 => format!("{} = read_file {}", self.bound(), self.file()),
            16..=20 => format!("mkdir {}", self.path()),
            21..=25 => format!("rm {}", self.path()),
            26..=30 => format!("cp {} {}", self.file(), self.in_dir()),
            31..=35 => format!("mv {} {}", self.file(), self.in_dir()),
            36..=39 => format!("copy_dir {} {}", self.dir(), self.in_dir()),
            40..=43 => {
                let target = self.link_target();
                format!("symlink {target} {}", self.in_dir())
            }
            44..=49 => self.start(),
            50..=53 => format!("{} = {}", self.bound(), self.start()),
            54..=57 => self.chain(),
            58..=62 => format!("{} = {}", self.bound(), self.quoted()),
            63..=65 => format!("{} = {}", self.bound(), self.predicate()),
            66..=68 => format!("{} = get_env {}", self.bound(), self.random.pick(VARIABLES)),
            69..=71 => format!("{} = upper {}", self.bound(), self.operand()),
            72..=73 => format!("{} = replace {} a b", self.bound(), self.operand()),
            74 => format!("{} = replace {} \"b,c\"", self.bound(), self.operand()),
            75..=76 => format!("{} = length {}", self.bound(), self.operand()),
            77 => format!("{} = {}", self.bound(), self.random.pick(BOUND)),
            78..=81 => format!("cd {}", self.dir()),
            82..=85 => format!("print {}", self.quoted()),
            86 => format!("print {} {}", self.random.pick(BOUND), self.quoted()),
            87..=88 => self.plain_fail(),
            89 => format!("exit {}", self.random.pick(&["0", "3", "", "v", "300"])).trim_end().to_owned(),
            90..=97 => self.call(),
            98 => format!("{} = {}", self.bound(), self.random.pick(&["cwd", "get_os", "get_arch"])),
            _ => format!("{} = is_dir {}", self.bound(), self.path()),
        }
    }

    fn plain_fail(&mut self) -> String {
        if self.random.chance(60) { "fail \"stop\"".to_owned() } else { format!("fail {}", self.quoted()) }
    }

    fn call(&mut self) -> String {
        let Some(callee) = (!self.callees.is_empty()).then(|| *self.random.pick(&self.callees)) else {
            return format!("print {}", self.quoted());
        };
        let words = match (callee, self.random.below(8)) {
            ("c1", 0) => format!(" -n={}", self.quoted()),
            ("c1", 1) => format!(" {}", self.quoted()),
            ("c1", 2) => " -k 5 a".to_owned(),
            ("c1", 3) => " -k=${v}".to_owned(),
            ("c1", 4) => " -force".to_owned(),
            ("c1", 5) if self.random.chance(20) => " -nope=1".to_owned(),
            _ => String::new(),
        };
        let bind = if self.random.chance(10) { format!("{} = ", self.bound()) } else { String::new() };
        format!("{bind}{callee}{words}")
    }

    fn start(&mut self) -> String {
        let word = match self.random.below(5) {
            0 => format!(" {}", self.path()),
            1 => " one".to_owned(),
            2 => format!(" --out={}", self.pool_path()),
            _ => String::new(),
        };
        let exec = if self.random.chance(50) { "exec " } else { "" };
        format!("{exec}{}{word}", self.random.pick(PROGRAMS))
    }

    fn chain(&mut self) -> String {
        let mut chain = self.start();
        for _ in 0..=self.random.below(2) {
            let joint = *self.random.pick(&["&&", "||", ";"]);
            let clause = self.start();
            let _ = write!(chain, " {joint} {clause}");
        }
        chain
    }

    fn cond(&mut self) -> String {
        let one = self.atom();
        match self.random.below(8) {
            0 => format!("{one} and {}", self.atom()),
            1 => format!("{one} or {}", self.atom()),
            _ => one,
        }
    }

    fn atom(&mut self) -> String {
        let not = if self.random.chance(20) { "not " } else { "" };
        match self.random.below(10) {
            0..=3 => format!("{not}{}", self.predicate()),
            4..=5 => format!("{not}{} == {}", self.random.pick(BOUND), self.literal()),
            6 => format!("{not}\"${{{}}}\" == {}", self.random.pick(VARIABLES), self.literal()),
            7 => format!("{not}{} != {}", self.random.pick(BOUND), self.literal()),
            8 => format!("{not}{}", self.random.pick(&["v", "w", "x", "m", "true", "is_linux", "is_windows"])),
            _ => format!(
                "{not}{} {} {}",
                self.random.pick(BOUND),
                self.random.pick(&["<", ">=", "gt", "le"]),
                self.random.below(3)
            ),
        }
    }

    fn predicate(&mut self) -> String {
        match self.random.below(4) {
            0 => format!("exists {}", self.path()),
            1 => format!("is_dir {}", self.path()),
            2 => format!("is_file {}", self.path()),
            _ => format!("has_bin {}", self.random.pick(PROGRAMS)),
        }
    }

    fn literal(&mut self) -> String {
        let text = *self.random.pick(TEXTS);
        if text.is_empty() { "\"\"".to_owned() } else { text.to_owned() }
    }

    fn bound(&mut self) -> &'static str {
        self.random.pick::<&str>(BOUND)
    }

    fn pool_path(&mut self) -> String {
        self.random.pick(&self.pool).clone()
    }

    fn path(&mut self) -> String {
        match self.random.below(40) {
            0..=27 => self.pool_path(),
            28..=34 => (*self.random.pick(&["a", "b", "d", "d/a", "e", "l", "l/a", "d/e/b", "c"])).to_owned(),
            35 => (*self.random.pick(&["..", "../a", "d/../b", "l/../a", "./d/", "."])).to_owned(),
            36 => format!("\"${{{}}}\"", self.random.pick(BOUND)),
            37 => format!("\"{}/${{{}}}\"", self.root, self.random.pick(BOUND)),
            38 => (*self.random.pick(BOUND)).to_owned(),
            _ => format!("\"{}/${{{}}}\"", self.root, self.random.pick(VARIABLES)),
        }
    }

    /// Mostly what is a file at the start.
    fn file(&mut self) -> String {
        if !self.files.is_empty() && self.random.chance(65) {
            self.random.pick(&self.files).clone()
        } else {
            self.path()
        }
    }

    /// Mostly what is a directory at the start.
    fn dir(&mut self) -> String {
        if self.random.chance(65) { self.random.pick(&self.dirs).clone() } else { self.path() }
    }

    /// Mostly something in a directory.
    fn in_dir(&mut self) -> String {
        if self.random.chance(60) {
            let name = *self.random.pick(&["a", "b", "c", "new", "e"]);
            format!("{}/{name}", self.random.pick(&self.dirs))
        } else {
            self.path()
        }
    }

    fn link_target(&mut self) -> String {
        match self.random.below(4) {
            0 => self.pool_path(),
            1 => "../a".to_owned(),
            _ => (*self.random.pick(&["a", "b", "d", "l", "e"])).to_owned(),
        }
    }

    fn operand(&mut self) -> String {
        if self.random.chance(50) { (*self.random.pick(BOUND)).to_owned() } else { self.quoted() }
    }

    fn quoted(&mut self) -> String {
        match self.random.below(8) {
            0 => format!("\"${{{}}}\"", self.random.pick(VARIABLES)),
            1 => format!("\"x${{{}}}\"", self.random.pick(BOUND)),
            2 => format!("\"${{{}}}\"", self.random.pick(BOUND)),
            3 if self.rescued > 0 => format!("\"{}\"", self.random.pick(&["${err.kind}", "${err.op}", "${err.code}"])),
            4 => "\"a\\nb\"".to_owned(),
            _ => format!("\"{}\"", self.random.pick(TEXTS)),
        }
    }
}

fn arguments(random: &mut Random) -> Vec<String> {
    let n: &[&str] = if random.chance(80) {
        &["arg n", "  type string", "  default me", "  index 0", "end"]
    } else {
        &["arg n", "  type string", "  optional", "  index 0", "end"]
    };
    let k: &[&str] = &["arg k", "  type int", "  optional", "end", "arg force", "  type bool", "  optional", "end"];
    n.iter().chain(k).map(|line| (*line).to_owned()).collect()
}
