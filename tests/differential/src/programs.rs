//! Generated programs.

use std::fmt::Write as _;

use crate::fresh::DAYS;
use crate::functions;
use crate::hosts::{Entry, Host, Knowledge, PROGRAMS, USUAL, VARIABLES, pool, web_addresses};
use crate::random::Random;

pub use crate::source::{CommandSource, Part, Source};
use crate::source::{HOOKS, SURROUNDINGS};

const BOUND: &[&str] = &["v", "w", "x", "m"];
/// What is bound by the language, and elsewhere than most statements stand.
const ELSEWHERE: &[&str] = &["hook.op", "hook.timing", "more_count", "err.kind"];
const TEXTS: &[&str] = &["a", "b", "x", "0", "1", "true", "false", "d", "hello", ""];

/// Versions in comparisons.
pub const VERSION_TEXTS: &[&str] = &["1.2.0", "1.10.0", "v1.2.0-rc.1", "1.2.0+b5", "1.2"];
/// What hooks are around, in programs.
const TARGETS: &[&str] = &["any", "exec", "write", "read", "env", "rm", "cp", "mkdir", "write_file", "print", "fail"];

/// Facts that follow from what fixtures can tell, and some that do not.
const TOLD_FACTS: &[&str] =
    &["home", "cache_dir", "data_dir", "temp_dir", "exe_ext", "is_amd64", "null_device", "program_name", "is_unix"];
const UNTOLD_FACTS: &[&str] = &["user", "uid", "hostname", "cpu_count", "pid", "exe_name", "script_dir"];

/// How many statements the bodies of a program have.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// At least, and how many more: of `main`.
    main: (usize, usize),
    /// Of the commands that it calls.
    callees: [(usize, usize); 2],
    /// The fixture tells everything. What no fixture tells (the wording of failures, how long something takes, which of several comes
    /// first) is not used then, for what comes of it would be open.
    all_is_told: bool,
}

impl Size {
    /// The less a fixture tells of a host, the smaller are programs for it: what is unknown multiplies.
    #[must_use]
    pub fn plain(knowledge: Knowledge) -> Self {
        let main = match knowledge {
            Knowledge::Full => (8, 8),
            Knowledge::Half => (5, 6),
            Knowledge::None => (3, 4),
        };
        Self { main, callees: [(2, 4), (1, 3)], all_is_told: knowledge == Knowledge::Full }
    }

    /// Of programs to which [`crate::sturdy`] will add.
    #[must_use]
    pub fn sturdy(knowledge: Knowledge) -> Self {
        let main = match knowledge {
            Knowledge::Full => (5, 6),
            Knowledge::Half => (2, 4),
            Knowledge::None => (1, 3),
        };
        Self { main, callees: [(1, 3), (1, 2)], all_is_told: knowledge == Knowledge::Full }
    }
}

/// Makes programs for hosts below a root.
pub struct Generator<'r> {
    random: &'r mut Random,
    root: String,
    pool: Vec<String>,
    /// What is a file, and a directory, at the start.
    files: Vec<String>,
    dirs: Vec<String>,
    /// What servers of the host answer for.
    addresses: Vec<String>,
    size: Size,
    /// Inside `rescue`: the failure's bindings may be used.
    rescued: usize,
    /// Which commands may be called from here.
    callees: Vec<&'static str>,
    /// The command that is being written may call itself, once: more often would double with every level.
    recurses: bool,
    loops: usize,
    /// The list of words that the command takes.
    list: Option<&'static str>,
    /// Which of the commands take one.
    takers: [Option<&'static str>; 2],
    /// Commands of imported files.
    imported: Vec<String>,
    /// The body has made something temporary, or will have.
    temporary: bool,
}

/// The name that what is temporary is bound to.
const TEMPORARY: &str = "tmp";

impl<'r> Generator<'r> {
    /// A generator of programs for a host.
    pub fn new(random: &'r mut Random, host: &Host, size: Size) -> Self {
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
            addresses: web_addresses(&host.root),
            size,
            rescued: 0,
            callees: Vec::new(),
            recurses: false,
            loops: 0,
            list: None,
            takers: [None; 2],
            imported: Vec::new(),
            temporary: false,
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
        self.takers = [self.random.chance(40).then_some("more"), self.random.chance(40).then_some("proxy_args")];
        let files = if self.random.chance(15) { self.imports(&mut top) } else { Vec::new() };
        self.callees = vec!["c1", "c2"];
        let mut body: Vec<Part> = Vec::new();
        for name in BOUND {
            if self.random.chance(70) {
                let text = *self.random.pick(TEXTS);
                body.push(Part::Line(format!("{name} = \"{text}\"")));
            }
        }
        self.temporary = self.random.chance(20);
        if self.temporary {
            body.push(Part::Line(self.make_temporary()));
        }
        body.extend(self.sized(self.size.main, 0));
        self.temporary = false;
        let main = CommandSource { name: "main".into(), config: Vec::new(), body };
        self.callees = vec!["c2"];
        self.recurses = self.random.chance(5);
        let [rest, proxied] = self.takers;
        let config = [arguments(self.random, rest.is_some()), self.config()].concat();
        self.list = rest;
        let c1 = CommandSource { name: "c1".into(), config, body: self.sized(self.size.callees[0], 1) };
        self.callees = Vec::new();
        self.recurses = false;
        let mut config = self.config();
        config.extend(proxied.map(str::to_owned));
        self.list = proxied;
        let c2 = CommandSource { name: "c2".into(), config, body: self.sized(self.size.callees[1], 1) };
        let mut commands = vec![main, c1, c2];
        if self.random.chance(20) {
            top.extend(self.hooks());
            commands.extend(["h1", "h2"].map(|name| self.handler(name)));
        }
        self.list = None;
        Source { top, commands, files }
    }

    /// Commands around ops.
    fn hooks(&mut self) -> Vec<String> {
        let mut lines = vec![HOOKS.to_owned()];
        for _ in 0..=self.random.below(3) {
            let timing = self.random.pick(&["before", "after", "on_error"]);
            let target = self.random.pick(TARGETS);
            let handler = self.random.pick(&["h1", "h1", "h2"]);
            lines.push(format!("{timing} {target} {handler}"));
        }
        lines.push("end".to_owned());
        lines
    }

    /// What runs around ops: it looks at what it is told, and may fail or end the run.
    fn handler(&mut self, name: &str) -> CommandSource {
        // It is called without words.
        self.list = None;
        let mut body = Vec::new();
        if self.random.chance(50) {
            let told = self.random.pick(&["hook.op", "hook.timing", "hook.target"]);
            body.push(Part::Line(format!("print \"${{{told}}}\"")));
        }
        if self.random.chance(60) {
            let cond = match self.random.below(6) {
                0 => format!("hook.target == {}", self.pool_path()),
                1 => format!("hook.op == {}", self.random.pick(&["rm", "cp", "exec", "read_file", "write_file"])),
                2 => format!("hook.timing == {}", self.random.pick(&["before", "after", "on_error"])),
                3 => "exists \"${hook.target}\"".to_owned(),
                4 => "hook.error".to_owned(),
                _ => self.cond(),
            };
            let way = match self.random.below(8) {
                0 => "exit 3".to_owned(),
                1 => "rm \"${hook.target}\"".to_owned(),
                2..=5 => "fail \"hooked\"".to_owned(),
                _ => self.line(),
            };
            body.push(Part::Block(vec![(format!("if {cond}"), vec![Part::Line(way)])]));
        }
        if body.is_empty() || self.random.chance(30) {
            body.push(self.statement(2));
        }
        CommandSource { name: name.into(), config: vec!["private".to_owned()], body }
    }

    /// Files that share what they bind with nobody but a third one, and with the main file's `s`.
    fn imports(&mut self, top: &mut Vec<String>) -> Vec<(String, Vec<String>)> {
        let mut files = Vec::new();
        for alias in ["l", "k"] {
            top.push(format!("import ./{alias}.perch as {alias}"));
            self.imported.extend(["show", "tell"].map(|name| format!("{alias}.{name}")));
            let text = self.quoted_plain();
            let mut lines =
                vec!["import ./common.perch".to_owned(), format!("s = {text}"), format!("t = \"{alias}${{s}}\"")];
            lines.extend(command("show", &[&*format!("print \"{alias} ${{s}} ${{t}} ${{u}}\""), "tell"]));
            files.push((format!("{alias}.perch"), lines));
        }
        let text = self.quoted_plain();
        let mut lines = vec![format!("u = {text}"), "t = common".to_owned()];
        lines.extend(command("tell", &["print \"${s} ${t} ${u}\"", "if v == a", "c2 \"${s}\"", "end"]));
        files.push(("common.perch".to_owned(), lines));
        files
    }

    /// A text in which a name need not be bound.
    fn quoted_plain(&mut self) -> String {
        match self.random.below(8) {
            0 => format!("\"${{{}}}\"", self.random.pick(VARIABLES)),
            _ => format!("\"{}\"", self.random.pick(TEXTS)),
        }
    }

    /// What a command asks for, and its surroundings.
    fn config(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.random.chance(8) {
            lines.push(format!("require_os {}", self.system()));
        }
        if self.random.chance(8) {
            lines.push(format!("env E1 {}", self.quoted()));
        }
        if self.random.chance(8) {
            lines.push(format!("dir {}", self.dir()));
        }
        if self.random.chance(4) {
            lines.push("read_only".to_owned());
        }
        // Nobody signals, and a handler that does not run changes nothing.
        if self.random.chance(4) {
            lines.push("on_signal c2".to_owned());
        }
        lines
    }

    fn system(&mut self) -> String {
        match self.random.below(6) {
            0..=1 => "linux".to_owned(),
            2 => "windows".to_owned(),
            3 => "windows unix".to_owned(),
            4 => format!("\"${{{}}}\"", self.random.pick(BOUND)),
            _ => "unix".to_owned(),
        }
    }

    /// At most that many statements, from which nothing is called.
    pub fn statements(&mut self, most: usize) -> Vec<Part> {
        self.sized((0, most + 1), 1)
    }

    fn sized(&mut self, (least, more): (usize, usize), depth: usize) -> Vec<Part> {
        let statements = least + self.random.below(more);
        (0..statements).map(|_| self.statement(depth)).collect()
    }

    fn statement(&mut self, depth: usize) -> Part {
        if depth < 3 && self.random.chance(if depth == 0 { 32 } else { 25 }) {
            return Part::Block(self.block(depth + 1));
        }
        if self.random.chance(3) {
            return self.pipe();
        }
        Part::Line(self.line())
    }

    /// A few statements in a block.
    fn few(&mut self, depth: usize) -> Vec<Part> {
        self.sized((1, 3), depth)
    }

    fn block(&mut self, inside: usize) -> Vec<(String, Vec<Part>)> {
        if self.random.chance(40) {
            return vec![self.surroundings(inside)];
        }
        match *self.random.pick(&["if", "if", "try", "try", "for_each", "match"]) {
            "if" => self.if_block(inside),
            "try" => self.try_block(inside),
            "for_each" if self.loops < 2 => vec![self.for_each_block(inside)],
            _ => self.match_block(inside),
        }
    }

    /// A body in other surroundings.
    fn surroundings(&mut self, inside: usize) -> (String, Vec<Part>) {
        let keyword = *self.random.pick(SURROUNDINGS);
        let header = match keyword {
            "os" => format!("os {}", self.system().split(' ').next().unwrap_or_default()),
            "arch" => format!("arch {}", self.random.pick(&["amd64", "arm64", "${v}"])),
            "with_cwd" => format!("with_cwd {}", self.dir()),
            "with_env" => {
                let (name, value) = (*self.random.pick(&["E1", "E2", "V"]), self.quoted());
                match self.random.below(6) {
                    0 => format!("with_env {name}={value},E3=w"),
                    1 => format!("with_env \"{name}=u,E3=w\""),
                    2 => format!("with_env {name}=\"u,E3=w\""),
                    _ => format!("with_env {name}={value}"),
                }
            }
            "sandbox" => format!("sandbox {}", self.random.pick(&["no_write", "no_subprocess", "no_write,no_shell"])),
            "retry" => return self.retry(inside),
            "timeout" => return self.timeout(inside),
            "parallel" => return self.parallel(inside),
            _ if self.random.chance(50) => return self.replaced_results(),
            _ => self.cache(),
        };
        (header, self.few(inside))
    }

    /// Blocks that store under one key, and do not bind the same names, each with a look at what is bound.
    fn replaced_results(&mut self) -> (String, Vec<Part>) {
        let mut body = Vec::new();
        for at in 0..3 {
            let names = *self.random.pick(&[&["c1"][..], &["c2"], &["c1", "c2"]]);
            let bound = names.iter().map(|name| Part::Line(format!("{name} = {at}"))).collect();
            let ttl = self.random.pick(&["", "", " ttl=0"]);
            body.push(Part::Block(vec![(format!("cache k1{ttl}"), bound)]));
            if self.random.chance(50) {
                body.push(Part::Line((*self.random.pick(&["print ${c1}", "assert_eq \"${c2}\" 1"])).to_owned()));
            }
        }
        ("os unix".to_owned(), body)
    }

    /// More than a few attempts take time, and so do long waits.
    fn retry(&mut self, inside: usize) -> (String, Vec<Part>) {
        let header = match self.random.below(8) {
            0 => "retry \"${v}\" delay=1ms".to_owned(),
            1 => "retry 2 \"${E1}\"".to_owned(),
            2 => "retry 3 delay=1ms max_delay=1ms".to_owned(),
            _ => "retry 2 delay=0".to_owned(),
        };
        self.loops += 1;
        let body = self.few(inside);
        self.loops -= 1;
        (header, body)
    }

    /// Either so long that nothing takes so long, or so short that the first wait is longer.
    fn timeout(&mut self, inside: usize) -> (String, Vec<Part>) {
        // How long a program takes no fixture tells.
        if self.size.all_is_told || self.random.chance(40) {
            let wait = Part::Line((*self.random.pick(&["sleep 9s", "sleep 0.9s", "sleep ${v}"])).to_owned());
            return ("timeout 10ms".to_owned(), [vec![wait], self.few(inside)].concat());
        }
        let header = match self.random.below(6) {
            0 => "timeout \"${v}\"".to_owned(),
            1 => "timeout secs=1h".to_owned(),
            _ => "timeout 30m".to_owned(),
        };
        // A bound length of less than a moment would be a race.
        let races = header.contains("${v}");
        let body = if races { vec![Part::Line("sleep 2m".to_owned())] } else { self.few(inside) };
        (header, body)
    }

    /// Branches; also a loop whose elements are the branches.
    fn parallel(&mut self, inside: usize) -> (String, Vec<Part>) {
        let max = if self.random.chance(20) { " max=2" } else { "" };
        let header = format!("parallel{max}");
        // In which order branches come to what they have in common no fixture tells.
        if self.size.all_is_told {
            return (header, self.apart());
        }
        if self.loops < 2 && self.random.chance(30) {
            return (header, vec![Part::Block(vec![self.for_each_block(inside)])]);
        }
        (header, self.sized((2, 2), inside))
    }

    /// Branches that have nothing in common.
    fn apart(&mut self) -> Vec<Part> {
        let root = self.root.clone();
        let lines = [
            format!("write_file {root}/p1 \"${{v}}\""),
            format!("mkdir {root}/p2"),
            "print ${w}".to_owned(),
            "sleep 1ms".to_owned(),
            "fail one".to_owned(),
            "fail two".to_owned(),
            "exit 4".to_owned(),
            "x = upper v".to_owned(),
        ];
        let first = self.random.below(lines.len());
        (0..2 + self.random.below(2)).map(|at| Part::Line(lines[(first + at) % lines.len()].clone())).collect()
    }

    fn cache(&mut self) -> String {
        let key = match self.random.below(4) {
            0 => "\"${v}\"".to_owned(),
            1 => "\"k${E1}\"".to_owned(),
            _ => (*self.random.pick(&["k1", "k2"])).to_owned(),
        };
        let ttl = self.random.pick(&["", " 1h", " ttl=0", " 7d"]);
        format!("cache {key}{ttl}")
    }

    /// Programs of which each reads what the one before it writes.
    fn pipe(&mut self) -> Part {
        let bind = if self.random.chance(50) { format!("{} = ", self.bound()) } else { String::new() };
        let stages = (0..1 + self.random.below(3)).map(|_| Part::Line(self.start())).collect();
        Part::Block(vec![(format!("{bind}pipe"), stages)])
    }

    fn if_block(&mut self, inside: usize) -> Vec<(String, Vec<Part>)> {
        let mut arms = vec![(format!("if {}", self.cond()), self.few(inside))];
        if self.random.chance(15) {
            arms.push((format!("elif {}", self.cond()), self.few(inside)));
        }
        if self.random.chance(55) {
            arms.push(("else".into(), self.few(inside)));
        }
        arms
    }

    fn try_block(&mut self, inside: usize) -> Vec<(String, Vec<Part>)> {
        let mut arms = vec![("try".to_owned(), self.few(inside))];
        let rescue = self.random.chance(75);
        if rescue {
            let name = match (self.random.chance(20), !self.size.all_is_told) {
                (true, true) => "rescue v",
                (true, false) => "rescue z",
                (false, _) => "rescue",
            };
            self.rescued += 1;
            arms.push((name.to_owned(), self.few(inside)));
            self.rescued -= 1;
        }
        if !rescue || self.random.chance(40) {
            arms.push(("finally".to_owned(), self.few(inside)));
        }
        arms
    }

    fn for_each_block(&mut self, inside: usize) -> (String, Vec<Part>) {
        let list = match self.random.below(5) {
            0 => format!("\"${{{}}}\"", self.random.pick(VARIABLES)),
            1 => (*self.random.pick(BOUND)).to_owned(),
            2 => "\"a\\nb\"".to_owned(),
            3 => "\"d\\n\\ne\\na\"".to_owned(),
            _ => self.quoted(),
        };
        let name = *self.random.pick(&["i", "v"]);
        let header = if self.random.chance(20) {
            format!("for_each {name} in {list}")
        } else {
            format!("for_each {list} {name}")
        };
        self.loops += 1;
        let body = self.few(inside);
        self.loops -= 1;
        (header, body)
    }

    fn match_block(&mut self, inside: usize) -> Vec<(String, Vec<Part>)> {
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
            arms.push((format!("case {case}"), self.few(inside)));
        }
        if self.random.chance(60) {
            arms.push(("else".to_owned(), self.few(inside)));
        }
        arms
    }

    /// Statements about the list of words that the command takes.
    fn about(&mut self, list: &str) -> String {
        match self.random.below(10) {
            0 => format!("print {} ${{{list}...}}", self.quoted()),
            1 => format!("print \"${{{list}}}\""),
            2 => format!("print ${{{list}...}}"),
            3 => format!("{} ${{{list}...}}", self.start()),
            4 => format!("{} = exec {} ${{{list}...}} one", self.bound(), self.random.pick(PROGRAMS)),
            5 => format!("${{{list}...}}"),
            6 => format!("{list} = {}", self.quoted()),
            7 | 9 if list == "more" => "print \"${more_count}\"".to_owned(),
            _ => {
                let Some(callee) = self.callees.last() else { return format!("x = \"${{{list}}}\"") };
                format!("{callee} ${{{list}...}}")
            }
        }
    }

    fn line(&mut self) -> String {
        if let Some(list) = self.list.filter(|_| self.random.chance(25)) {
            return self.about(list);
        }
        match self.random.below(100) {
            0..=4 => format!("write_file {} {}", self.in_dir(), self.quoted()),
            5..=8 => self.file_text(),
            9..=15 => format!("{} = read_file {}", self.bound(), self.file()),
            16..=20 => format!("mkdir {}", self.path()),
            21..=25 => format!("rm {}", self.path()),
            26..=30 => format!("cp {} {}", self.file(), self.in_dir()),
            31..=33 => format!("mv {} {}", self.file(), self.in_dir()),
            34 => self.names(),
            35 => self.archive(),
            36..=39 => format!("copy_dir {} {}", self.dir(), self.in_dir()),
            40..=43 => {
                let target = self.link_target();
                format!("symlink {target} {}", self.in_dir())
            }
            44..=47 => self.start(),
            48..=49 => self.shell(),
            50..=53 => format!("{} = {}", self.bound(), self.start()),
            54..=57 => self.chain(),
            58..=60 => format!("{} = {}", self.bound(), self.quoted()),
            61 => self.web(),
            62 => format!("print {} {}", self.random.pick(BOUND), self.quoted()),
            63..=65 => format!("{} = {}", self.bound(), self.predicate()),
            66..=68 => self.variable(),
            69 => format!("{} = upper {}", self.bound(), self.operand()),
            70 => format!("{} = replace {} \"b,c\"", self.bound(), self.operand()),
            71..=76 => format!("{} = {}", self.bound(), self.function(false)),
            77 => format!("{} = {}", self.bound(), self.random.pick(BOUND)),
            78..=81 => format!("cd {}", self.dir()),
            82..=83 => format!("print {}", self.quoted()),
            84 => format!("eprintln {}", self.quoted()),
            85 => self.random.pick(&["list_commands", "print a b"]).to_string(),
            86 => self.assertion(),
            87..=88 => self.plain_fail(),
            89 => format!("exit {}", self.random.pick(&["0", "3", "", "v", "300", "\"${E1}\""])).trim_end().to_owned(),
            90..=95 => self.call(),
            96 => format!("sleep {}", self.random.pick(&["0", "1ms", "2us", "x", "\"${E1}\""])),
            97 if self.temporary => self.make_temporary(),
            97 => format!("{}={} {}", self.random.pick(&["E1", "V"]), self.quoted(), self.start()),
            98 if self.random.chance(60) => self.about_path(),
            98 => self.fact_or_file(),
            _ => format!("{} = is_dir {}", self.bound(), self.path()),
        }
    }

    /// Something packed or unpacked. What is packed has names of its own: nothing else reads it, for it is no text.
    fn archive(&mut self) -> String {
        let (dir, name) = (self.random.pick(&self.dirs).clone(), *self.random.pick(&["a", "b"]));
        // What is in an archive no fixture tells.
        let format = if self.size.all_is_told { "gz" } else { *self.random.pick(&["gz", "tar", "zip"]) };
        let packed = format!("{dir}/{name}.{format}");
        let perhaps = if self.random.chance(75) { packed.clone() } else { self.file() };
        let to = if self.random.chance(25) { self.dir() } else { self.in_dir() };
        match (format, self.random.chance(50)) {
            ("gz", true) => format!("gzip {} {packed}", self.file()),
            ("gz", false) => format!("ungzip {perhaps} {to}"),
            (format, true) => format!("{format}_create {} {packed}", self.dir()),
            (format, false) => format!("{format}_extract {perhaps} {to}"),
        }
    }

    /// What is in directories.
    fn names(&mut self) -> String {
        let bound = self.bound();
        match self.random.below(5) {
            4 => format!("{bound} = read_link {}", self.path()),
            0 => format!("{bound} = list_dir {}", self.dir()),
            1 => format!("{bound} = walk {}", self.dir()),
            _ => {
                let patterns = &[
                    "*", "**", "**/*", "[a-d]", "*/a", "**/[!a]", "?", "d/*", ".*", "\\*", "[a", "**/e/**", "a", "*/",
                ];
                let below = self.random.pick(patterns);
                match self.random.below(4) {
                    0 => format!("{bound} = glob \"d/{below}\""),
                    1 => format!("{bound} = glob '{}/{below}'", self.root),
                    _ => format!("{bound} = glob '{}/{below}'", self.random.pick(&self.dirs)),
                }
            }
        }
    }

    /// What becomes of a part of a file.
    fn file_text(&mut self) -> String {
        match self.random.below(13) {
            9 => format!("touch {}", self.in_dir()),
            10 => {
                format!("chmod {} {}", self.file(), self.random.pick(&["0755", "700", "0777", "\"${v}\"", "\"${E1}\""]))
            }
            11 => format!("make_executable {}", self.file()),
            // No other run gets the same, so nothing looks at it.
            12 => format!("now_ = file_mtime {}", self.path()),
            0..=1 => format!("append_file {} {}", self.in_dir(), self.quoted()),
            2..=3 => format!("append_line {} {}", self.in_dir(), self.quoted()),
            4 => format!("{} = ensure_line_in_file {} {}", self.bound(), self.in_dir(), self.quoted()),
            5 => format!("replace_in_file {} {} {}", self.file(), self.literal(), self.quoted()),
            6 => format!("{} = backup_file {}", self.bound(), self.file()),
            7 => format!("{} = ensure_dir {}", self.bound(), self.path()),
            _ => format!("{} = file_size {}", self.bound(), self.file()),
        }
    }

    fn assertion(&mut self) -> String {
        let (one, two) = (self.operand(), self.operand());
        match self.random.below(9) {
            0 => format!("assert_eq {one} {two}"),
            1 => format!("assert_neq {one} {two}"),
            2 => format!("assert_contains {one} {two}"),
            3 => format!("assert_not_contains {one} {two}"),
            4 => format!("assert_match {one} \"[a-x0]\""),
            5 => format!("assert_version {one} \"<=\" 1.2.3"),
            6 => format!("assert_version_ge {one} {two}"),
            7 => format!("assert_exists {}", self.path()),
            _ => format!("assert_not_exists {}", self.path()),
        }
    }

    /// What the clock says is bound to a name that nothing looks at: no other run gets the same.
    fn fact_or_file(&mut self) -> String {
        match self.random.below(10) {
            0..=1 => {
                format!("{} = {}", self.bound(), self.random.pick(&["cwd", "get_os", "get_arch", "path_list_sep"]))
            }
            8 => format!("{} = {}", self.bound(), self.fact_op()),
            9 => format!("{} = {}", self.bound(), self.fact()),
            2 => format!(
                "{} = {} {}",
                self.bound(),
                self.random.pick(&["path_abs", "to_slash", "from_slash"]),
                self.operand()
            ),
            3..=4 => format!(
                "{} = {} {}",
                self.bound(),
                self.random.pick(&["md5_file", "sha1_file", "sha256_file"]),
                self.file()
            ),
            5 => format!(
                "{} = format_time \"2024-01-02T03:04:05Z\" {}",
                self.bound(),
                self.random.pick(&["date", "\"%H:%M\"", "\"${v}\""])
            ),
            6 => format!("{} = time_diff 1 {}", self.bound(), self.operand()),
            // All runs are made on one day.
            7 if self.random.chance(50) => format!("{} = now {}", self.bound(), self.random.pick(&["date", "%Y"])),
            _ => format!("now_ = now {}", self.random.pick(&["unix", "date", "\"${v}\"", "\"${E1}\""])),
        }
    }

    /// Something about a variable of the environment.
    fn variable(&mut self) -> String {
        let name = self.name_of(VARIABLES);
        match self.random.below(9) {
            0 => format!("set_env {name} {}", self.quoted()),
            1 => format!("export {name} {}", self.operand()),
            2 => format!("unset_env {name}"),
            3 => format!("{} = env_default {name} {}", self.bound(), self.quoted()),
            4 => format!("{} = env_has {name}", self.bound()),
            5 => format!("{} = expand_path {}", self.bound(), self.with_variables()),
            _ => format!("{} = get_env {name}", self.bound()),
        }
    }

    fn with_variables(&mut self) -> String {
        let name = *self.random.pick(VARIABLES);
        match self.random.below(5) {
            0 => "~/a".to_owned(),
            1 => format!("a/${name}"),
            2 => format!("'\\${{{name}}}/b$'"),
            3 => format!("\"${name}${{v}}\""),
            _ => self.operand(),
        }
    }

    /// Something about what is on PATH.
    fn about_path(&mut self) -> String {
        let bound = self.bound();
        match self.random.below(15) {
            0..=1 => format!("{bound} = which {}", self.name_of(PROGRAMS)),
            2..=3 => format!("{bound} = bin_version {}", self.random.pick(PROGRAMS)),
            4 => format!("{bound} = path_contains {}", self.path()),
            5 => format!("{bound} = link_into_path {} {}", self.file(), self.dir()),
            // What a shell is, and where it starts, no fixture tells.
            6 if !self.size.all_is_told => format!("{bound} = shell_rc_path"),
            7 if !self.size.all_is_told => "now_ = os_version".to_owned(),
            8 => format!("{bound} = detect_pkg_mgr"),
            9 => format!("{bound} = pkg_installed {}", self.name_of(PROGRAMS)),
            // Who runs it no fixture tells, nor what is on PATH then.
            10..=11 if !self.size.all_is_told => format!("pkg_install {}", self.name_of(PROGRAMS)),
            12..=14 if !self.size.all_is_told => format!("pkg_uninstall {}", self.name_of(PROGRAMS)),
            // Nor is told what stands in a home directory, where results of cached blocks are, too.
            _ if self.size.all_is_told => format!("{bound} = which {}", self.name_of(PROGRAMS)),
            _ => format!("{bound} = add_to_path {}", self.path()),
        }
    }

    /// The name of a fact. What no fixture tells is not used where it tells everything.
    fn fact(&mut self) -> &'static str {
        let told = self.size.all_is_told || self.random.chance(60);
        self.random.pick::<&str>(if told { TOLD_FACTS } else { UNTOLD_FACTS })
    }

    /// An op that says one.
    fn fact_op(&mut self) -> &'static str {
        const TOLD: &[&str] =
            &["home_dir", "temp_dir", "cache_dir", "config_dir", "app_data_dir", "exe_ext", "null_device", "is_ci"];
        const UNTOLD: &[&str] = &[
            "exe_path",
            "exe_dir",
            "script_path",
            "script_dir",
            "cpu_count",
            "pid",
            "user",
            "uid",
            "hostname",
            "is_admin",
            "is_tty",
        ];
        let told = self.size.all_is_told || self.random.chance(50);
        self.random.pick::<&str>(if told { TOLD } else { UNTOLD })
    }

    fn plain_fail(&mut self) -> String {
        if self.random.chance(60) { "fail \"stop\"".to_owned() } else { format!("fail {}", self.quoted()) }
    }

    fn call(&mut self) -> String {
        if !self.imported.is_empty() && !self.callees.is_empty() && self.random.chance(40) {
            return self.random.pick(&self.imported).clone();
        }
        let again = self.recurses && self.loops == 0;
        let Some(callee) = (!self.callees.is_empty()).then(|| *self.random.pick(&self.callees)) else {
            return format!("print {}", self.quoted());
        };
        let callee = if again { "c1" } else { callee };
        self.recurses &= !again;
        let words = match (callee, self.random.below(8)) {
            ("c1", 0) => format!(" -n={}", self.quoted()),
            ("c1", 1) => format!(" {}", self.quoted()),
            ("c1", 2) => " -k 5 a".to_owned(),
            ("c1", 3) => " -k=${v}".to_owned(),
            ("c1", 4) => " -force".to_owned(),
            ("c1", 5) if self.random.chance(20) => " -nope=1".to_owned(),
            ("c1", 6..) if self.takers[0].is_some() => format!(" {} {} \"p q\"", self.quoted(), self.quoted()),
            ("c2", 4..) if self.takers[1].is_some() => {
                format!(" {} -x -- {}", self.random.pick(PROGRAMS), self.quoted())
            }
            ("c2", 3) => format!(" {}", self.quoted()),
            _ => String::new(),
        };
        let bind = if self.random.chance(10) { format!("{} = ", self.bound()) } else { String::new() };
        format!("{bind}{callee}{words}")
    }

    fn start(&mut self) -> String {
        if self.random.chance(6) {
            return self.random.pick(USUAL).1.to_owned();
        }
        let word = match self.random.below(10) {
            0..=1 => format!(" {}", self.path()),
            2..=3 => " one".to_owned(),
            4..=5 => format!(" --out={}", self.pool_path()),
            6 => format!(" \"${{{}}}\"", self.random.pick(VARIABLES)),
            _ => String::new(),
        };
        let exec = if self.random.chance(50) { "exec " } else { "" };
        if !exec.is_empty() && self.random.chance(4) {
            return format!("exec {}{word}", self.name_of(PROGRAMS));
        }
        format!("{exec}{}{word}", self.random.pick(PROGRAMS))
    }

    /// A line for the shell: mostly one program, sometimes several.
    fn shell_line(&mut self) -> String {
        let words = ["", " one", " 'two words'", " \"${v}\""];
        let word = match self.random.below(6) {
            0 => format!(" {}", self.pool_path()),
            1 => format!(" --out={}", self.pool_path()),
            other => words[other - 2].replace('"', "'"),
        };
        let one = match self.random.below(12) {
            0 => (*self.random.pick(&["true", "false", ":", "exit 3", "echo one", ""])).to_owned(),
            1 if !self.size.all_is_told => format!("nope{word}"),
            _ => format!("{}{word}", self.random.pick(PROGRAMS)),
        };
        if self.size.all_is_told || self.random.chance(80) {
            return format!("\"{one}\"");
        }
        let joint = *self.random.pick(&["&&", "||", ";", "|", ">"]);
        match joint {
            ">" => format!("\"{one} > {}\"", self.pool_path()),
            _ => format!("\"{one} {joint} {}\"", self.random.pick(PROGRAMS)),
        }
    }

    /// What no fixture tells is when that is done which nobody waits for.
    fn shell(&mut self) -> String {
        let line = self.shell_line();
        match self.random.below(10) {
            0..=2 => format!("shell {line}"),
            3..=4 => format!("{} = shell_output {line}", self.bound()),
            5 => format!("{} = try_shell {line}", self.bound()),
            6 => format!("shell_in {} {line}", self.dir()),
            7 if !self.size.all_is_told => format!("shell_detached {line}"),
            8 => format!("{} = process_running {}", self.bound(), self.operand()),
            9 if self.random.chance(50) => format!("kill_by_name {}", self.operand()),
            9 => self.network(),
            _ => format!("shell {line}"),
        }
    }

    /// Something of the network that asks nobody: no host of these is there, or it is an address. What this machine's own network is no
    /// fixture tells.
    fn network(&mut self) -> String {
        const HOSTS: &[&str] = &[
            "8.8.8.8",
            "127.0.0.1",
            "localhost",
            "x.invalid",
            "y.invalid",
            "\"${E1}.invalid\"",
            "\"${v}.invalid\"",
            "0x7f.1",
            "::1",
            "\"::ffff:10.0.0.1\"",
            "\"${v}/b\"",
        ];
        let (bound, host) = (self.bound(), *self.random.pick(HOSTS));
        // Nothing is sent to others.
        let near = if host == "8.8.8.8" { "x.invalid" } else { host };
        let web = if near.contains("::") { "127.1" } else { near.trim_matches('"') };
        match self.random.below(12) {
            8 => format!("{bound} = http_{} \"http://{web}/a\"", self.random.pick(&["get", "delete", "status"])),
            9 => format!("{bound} = http_{} \"http://{web}:1\" {}", self.random.pick(&["post", "put"]), self.operand()),
            10 => format!("download \"http://{web}:1/a\" {}", self.in_dir()),
            11 if !self.size.all_is_told => format!("{bound} = wait_for_url \"http://{web}:1\" 0"),
            0..=2 => format!("{bound} = dns_lookup {host}"),
            3 if !self.size.all_is_told => format!("{bound} = port_check {near} 1"),
            4 if !self.size.all_is_told => format!("{bound} = wait_for_port {near} 1 0"),
            5 if !self.size.all_is_told => {
                format!("{bound} = port_free {}", self.random.pick(&["1", "v", "\"7000${v}\""]))
            }
            6 if !self.size.all_is_told => {
                format!("now_ = {}", self.random.pick(&["find_free_port", "interfaces", "local_ip", "mac_address"]))
            }
            _ => format!("{bound} = port_check x.invalid {}", self.random.pick(&["1", "v"])),
        }
    }

    /// A request that a server of the host answers.
    fn web(&mut self) -> String {
        let bound = self.bound();
        let mut address = self.random.pick(&self.addresses).clone();
        // What is not known is not told.
        if !self.size.all_is_told && self.random.chance(10) {
            address = format!("{}${{v}}", &address[..=address.rfind('/').unwrap_or_default()]);
        }
        match self.random.below(10) {
            0 => format!("{bound} = http_delete \"{address}\""),
            1 => format!("{bound} = http_post \"{address}\" {}", self.operand()),
            2 => format!("{bound} = http_put \"{address}\" {}", self.operand()),
            3 => format!("{bound} = http_status \"{address}\""),
            4 => format!("{bound} = wait_for_url \"{address}\" 0"),
            5..=6 => format!("download \"{address}\" {}", self.in_dir()),
            _ => format!("{bound} = http_get \"{address}\""),
        }
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
        if self.random.chance(6) {
            return format!("{} {} {}", self.start(), self.random.pick(&["&&", "||"]), self.start());
        }
        let one = self.atom();
        match self.random.below(8) {
            0 => format!("{one} and {}", self.atom()),
            1 => format!("{one} or {}", self.atom()),
            _ => one,
        }
    }

    fn atom(&mut self) -> String {
        let not = if self.random.chance(20) { "not " } else { "" };
        match self.random.below(12) {
            10.. => {
                let sign = *self.random.pick(&["<", "<=", ">", ">=", "lt", "ge"]);
                let left = match self.random.below(6) {
                    0 => (*self.random.pick(BOUND)).to_owned(),
                    1 => format!("\"1.${{{}}}.0\"", self.random.pick(BOUND)),
                    _ => format!("\"{}\"", self.random.pick(VERSION_TEXTS)),
                };
                format!("{not}{left} {sign} {}", self.random.pick(VERSION_TEXTS))
            }
            0..=3 => format!("{not}{}", self.predicate()),
            4..=5 => format!("{not}{} == {}", self.random.pick(BOUND), self.literal()),
            6 => format!("{not}\"${{{}}}\" == {}", self.random.pick(VARIABLES), self.literal()),
            7 => format!("{not}{} != {}", self.random.pick(BOUND), self.literal()),
            8 if self.random.chance(30) => format!("{not}{}", self.fact()),
            8 => format!("{not}{}", self.random.pick(&["v", "w", "x", "m", "true", "is_linux", "is_windows", "is_ci"])),
            _ => format!(
                "{not}{} {} {}",
                self.random.pick(BOUND),
                self.random.pick(&["<", ">=", "gt", "le"]),
                self.random.below(3)
            ),
        }
    }

    fn function(&mut self, predicate: bool) -> String {
        let words = functions::call(self.random, predicate);
        let words = words.into_iter().map(|word| word.map_or_else(|| self.operand(), str::to_owned));
        words.collect::<Vec<_>>().join(" ")
    }

    fn predicate(&mut self) -> String {
        match self.random.below(8) {
            7 => format!("not_exists {}", self.path()),
            4..=5 if self.random.chance(8) => format!("try_shell {}", self.shell_line()),
            4..=5 => self.function(true),
            6 if self.random.chance(50) => format!("path_within {} {}", self.path(), self.dir()),
            6 => format!("verify_sha256 {} {}", self.file(), self.operand()),
            0 => format!("exists {}", self.path()),
            1 => format!("is_dir {}", self.path()),
            2 => format!("is_file {}", self.path()),
            3 if self.random.chance(25) => format!("env_has {}", self.name_of(VARIABLES)),
            3 if self.random.chance(5) => "detect_pkg_mgr".to_owned(),
            3 if self.random.chance(5) => format!("pkg_installed {}", self.name_of(PROGRAMS)),
            _ => format!("{} {}", self.random.pick(&["has_bin", "has_bin", "which"]), self.name_of(PROGRAMS)),
        }
    }

    fn literal(&mut self) -> String {
        let text = *self.random.pick(TEXTS);
        if text.is_empty() { "\"\"".to_owned() } else { text.to_owned() }
    }

    /// One of these, rarely by way of a binding or variable.
    fn name_of(&mut self, names: &[&str]) -> String {
        match self.random.below(20) {
            0 => format!("\"${{{}}}\"", self.random.pick(BOUND)),
            1 => format!("\"${{{}}}\"", self.random.pick(VARIABLES)),
            _ => (*self.random.pick(names)).to_owned(),
        }
    }

    fn bound(&mut self) -> &'static str {
        self.random.pick::<&str>(BOUND)
    }

    /// Something new, in the directory for that.
    fn make_temporary(&mut self) -> String {
        // In two moments nobody can tell whether a name made of the time is the same: then not all is told.
        if !self.size.all_is_told && self.random.chance(40) {
            let dir = self.random.pick(&self.dirs).clone();
            let formats = ["unix", "unix", "unix_milli", "%Y%m%d%H%M%S"];
            let format = if self.random.chance(30) { *self.random.pick(&DAYS) } else { *self.random.pick(&formats) };
            let name = *self.random.pick(&["", "at-", "at-", ".at."]);
            return format!("{TEMPORARY} = \"{dir}/{name}${{now('{format}')}}\"");
        }
        let op = *self.random.pick(&["mktemp_file", "mktemp_dir", "mktemp_dir"]);
        let prefix = *self.random.pick(&["", "", "", " a-", " \"\"", " \"${v}\"", " \"${E1}\"", " \"${w}\""]);
        format!("{TEMPORARY} = {op}{prefix}")
    }

    /// It, or something in it.
    fn temporary_path(&mut self) -> String {
        let below = *self.random.pick(&["", "", "/a", "/a", "/b/c", ".bak", "/..", "/../d"]);
        format!("\"${{{TEMPORARY}}}{below}\"")
    }

    fn pool_path(&mut self) -> String {
        self.random.pick(&self.pool).clone()
    }

    fn path(&mut self) -> String {
        if self.temporary && self.random.chance(25) {
            return self.temporary_path();
        }
        match self.random.below(40) {
            0..=27 => self.pool_path(),
            28..=34 => (*self.random.pick(&["a", "b", "d", "d/a", "e", "l", "l/a", "d/e/b", "c"])).to_owned(),
            35 => (*self.random.pick(&["..", "../a", "d/../b", "l/../a", "./d/", ".", "\"\""])).to_owned(),
            36 => format!("\"${{{}}}\"", self.random.pick(BOUND)),
            37 => format!("\"{}/${{{}}}\"", self.root, self.random.pick(BOUND)),
            38 if !self.size.all_is_told && self.random.chance(30) => "\"${script_dir}/a\"".to_owned(),
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
            5 if self.random.chance(40) => format!("\"${{{}}}\"", self.fact()),
            6 if self.random.chance(10) => format!("\"${{{}}}\"", self.random.pick(ELSEWHERE)),
            _ => format!("\"{}\"", self.random.pick(TEXTS)),
        }
    }
}

/// A command with these statements.
fn command(name: &str, body: &[&str]) -> Vec<String> {
    let head = [format!("command {name}"), "do".to_owned()];
    let tail = ["end", "end"].map(str::to_owned);
    head.into_iter().chain(body.iter().map(|line| (*line).to_owned())).chain(tail).collect()
}

fn arguments(random: &mut Random, rest: bool) -> Vec<String> {
    let absent = match random.below(10) {
        0..=4 => "default me",
        5..=6 => "default \"x${v}\"",
        7 => "default \"${E1}\"",
        _ => "optional",
    };
    let k = ["arg k", "type int", "optional", "end", "arg force", "type bool", "optional", "end"];
    let n = ["arg n", "type string", absent, "index 0", "end"];
    let more: &[&str] = if rest { &["arg more", "type string", "index 1", "rest", "end"] } else { &[] };
    n.iter().chain(&k).chain(more).map(|line| (*line).to_owned()).collect()
}
