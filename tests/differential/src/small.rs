//! Triples to be measured: small programs over few names, so that all runs can be gone through.

use crate::campaign::{self, Flags, Triple};
use crate::hosts::{Host, Knowledge};
use crate::programs::{CommandSource, Part, Source};
use crate::random::Random;

/// Which programs are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programs {
    /// Small ones over few names, of which all runs can be gone through.
    Small,
    /// Those of the campaign.
    Campaign,
}

impl Programs {
    /// What they are called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Campaign => "campaign",
        }
    }
}

/// A triple to be measured. The hosts are one, that the fixture was made from.
#[must_use]
pub fn triple(seed: u64, root: &str, programs: Programs) -> Triple {
    match programs {
        Programs::Campaign => campaign::triple(seed, root, 1),
        Programs::Small => small(seed, root),
    }
}

fn small(seed: u64, root: &str) -> Triple {
    let mut random = Random::new(seed ^ 0x5EED);
    let knowledge = if seed.is_multiple_of(2) { Knowledge::Half } else { Knowledge::None };
    let links = random.chance(25);
    let host = Host::generate(&mut random, root, links);
    let mut fixture = host.forget(&mut random, knowledge);
    if knowledge == Knowledge::Half && random.chance(25) {
        let roots = vec![if random.chance(70) { root.to_owned() } else { format!("{root}/d") }];
        let told = fixture.files.get(&roots[0]).is_none_or(|fact| matches!(fact, perch_fixtures::FileFact::Dir { .. }));
        let there = fixture.oracles.file_exists.get(&roots[0]) != Some(&false);
        match told && there && host.tree.contains_key(&roots[0]) {
            true if random.chance(50) => fixture.fs_write = Some(roots),
            true => fixture.fs_read = Some(roots),
            false => {}
        }
    }
    let source = Writer { random: &mut random, root, depth: 0, rescued: false, calls: true }.program();
    Triple { seed, knowledge, source, fixture, flags: Flags::default(), hosts: vec![host], budget: None }
}

const PATHS: &[&str] = &["a", "d", "d/a", "d/e", "e", "e/a", "d/e/a"];
const TEXTS: &[&str] = &["", "a", "x", "0"];
const BOUND: &[&str] = &["v", "w"];
const VARIABLES: &[&str] = &["E1", "E2"];
const PROGRAMS: &[&str] = &["p", "q"];

/// Writes small programs.
struct Writer<'r> {
    random: &'r mut Random,
    root: &'r str,
    depth: usize,
    /// Within `rescue`.
    rescued: bool,
    /// The other command may be called.
    calls: bool,
}

impl Writer<'_> {
    fn program(&mut self) -> Source {
        let statements = 2 + self.random.below(4);
        let mut body: Vec<Part> = BOUND.iter().map(|name| Part::Line(format!("{name} = \"a\""))).collect();
        body.extend(self.body(statements));
        let command = |name: &str, body| CommandSource { name: name.into(), config: Vec::new(), body };
        let mut commands = vec![command("main", body)];
        self.calls = false;
        self.depth = 1;
        let statements = 1 + self.random.below(3);
        let callee = self.body(statements);
        if commands[0].body.iter().any(calls) {
            commands.push(command("c", callee));
        }
        Source { commands, ..Source::default() }
    }

    fn body(&mut self, statements: usize) -> Vec<Part> {
        (0..statements).map(|_| self.statement()).collect()
    }

    fn statement(&mut self) -> Part {
        if self.depth < 2 && self.random.chance(30) {
            self.depth += 1;
            let block = self.block();
            self.depth -= 1;
            return block;
        }
        Part::Line(self.line())
    }

    fn arm(&mut self, header: String) -> (String, Vec<Part>) {
        let statements = 1 + self.random.below(2);
        (header, self.body(statements))
    }

    fn block(&mut self) -> Part {
        let mut arms = Vec::new();
        match self.random.below(8) {
            0..=2 => {
                let cond = self.cond();
                arms.push(self.arm(format!("if {cond}")));
                if self.random.chance(50) {
                    arms.push(self.arm("else".to_owned()));
                }
            }
            3..=5 => {
                arms.push(self.arm("try".to_owned()));
                let rescue = self.random.chance(75);
                if rescue {
                    let outer = std::mem::replace(&mut self.rescued, true);
                    arms.push(self.arm("rescue".to_owned()));
                    self.rescued = outer;
                }
                if !rescue || self.random.chance(30) {
                    arms.push(self.arm("finally".to_owned()));
                }
            }
            6 => {
                let list = *self.random.pick(&["\"a\\nd\"", "\"${E1}\"", "v"]);
                arms.push(self.arm(format!("for_each {list} v")));
            }
            _ => {
                let target = if self.rescued && self.random.chance(60) { "err.kind" } else { "v" };
                let cases: &[&str] =
                    if target == "v" { &["a", "x"] } else { &["file_not_found", "is_a_directory", "bin_not_found"] };
                let case = *self.random.pick(cases);
                arms.push((format!("match {target}"), Vec::new()));
                arms.push(self.arm(format!("case {case}")));
                if self.random.chance(60) {
                    arms.push(self.arm("else".to_owned()));
                }
            }
        }
        Part::Block(arms)
    }

    fn line(&mut self) -> String {
        match self.random.below(100) {
            0..=11 => format!("write_file {} {}", self.path(), self.text()),
            12..=21 => format!("{} = read_file {}", self.bound(), self.path()),
            22..=27 => format!("mkdir {}", self.path()),
            28..=33 => format!("rm {}", self.path()),
            34..=41 => format!("cp {} {}", self.path(), self.path()),
            42..=48 => format!("mv {} {}", self.path(), self.path()),
            49..=53 => format!("copy_dir {} {}", self.path(), self.path()),
            54..=56 => format!("symlink {} {}", self.random.pick(&["a", "d", "e"]), self.path()),
            57..=62 => self.start(),
            63..=66 => format!("{} = {}", self.bound(), self.start()),
            67..=70 => format!("{} {} {}", self.start(), self.random.pick(&["&&", "||", ";"]), self.start()),
            71..=74 => format!("{} = {}", self.bound(), self.text()),
            75..=77 => format!("{} = {}", self.bound(), self.predicate()),
            78..=80 => format!("{} = get_env {}", self.bound(), self.random.pick(VARIABLES)),
            81 => format!("{} = upper {}", self.bound(), self.bound()),
            82 => format!("{} = replace {} a x", self.bound(), self.bound()),
            83..=87 => format!("cd {}", self.path()),
            88..=90 => format!("print {}", self.text()),
            91..=92 => "fail stop".to_owned(),
            93 => format!("exit {}", self.random.pick(&["0", "3", "v"])),
            _ if self.calls => "c".to_owned(),
            _ => format!("print {}", self.text()),
        }
    }

    fn start(&mut self) -> String {
        let word = if self.random.chance(25) { format!(" {}", self.path()) } else { String::new() };
        format!("{}{word}", self.random.pick(PROGRAMS))
    }

    fn cond(&mut self) -> String {
        let not = if self.random.chance(25) { "not " } else { "" };
        match self.random.below(8) {
            0..=4 => format!("{not}{}", self.predicate()),
            5 => format!("{not}{} == {}", self.bound(), self.random.pick(&["a", "x"])),
            6 => format!("{not}\"${{{}}}\" == {}", self.random.pick(VARIABLES), self.random.pick(&["a", "x"])),
            _ => format!("{not}{}", self.random.pick(&["v", "w", "is_linux"])),
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

    fn bound(&mut self) -> &'static str {
        self.random.pick::<&str>(BOUND)
    }

    fn path(&mut self) -> String {
        let path = *self.random.pick(PATHS);
        match self.random.below(24) {
            0..=17 => path.to_owned(),
            18..=21 => format!("{}/{path}", self.root),
            22 => format!("\"{}/${{{}}}\"", self.root, self.random.pick(BOUND)),
            _ => format!("\"{}/${{{}}}\"", self.root, self.random.pick(VARIABLES)),
        }
    }

    fn text(&mut self) -> String {
        match self.random.below(8) {
            0 => format!("\"${{{}}}\"", self.random.pick(VARIABLES)),
            1 => format!("\"${{{}}}\"", self.random.pick(BOUND)),
            2 if self.rescued => "\"${err.kind}\"".to_owned(),
            _ => format!("\"{}\"", self.random.pick(TEXTS)),
        }
    }
}

fn calls(part: &Part) -> bool {
    match part {
        Part::Line(line) => line == "c",
        Part::Block(arms) => arms.iter().any(|(_, body)| body.iter().any(calls)),
    }
}
