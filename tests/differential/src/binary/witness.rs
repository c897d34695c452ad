//! What the kernel was asked for: a witness who knows nothing of perch.
//!
//! `strace` writes down every call that names a file or starts a process. Of those that succeeded, [`Scene::judge`] holds what perch
//! itself did against the restrictions of the run. What the programs do that perch starts is their own business: restrictions are about
//! ops (`docs/spec/policy.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use perch_policy::{Policy, path};

use crate::compare::Contradiction;

/// What is written down.
const CALLS: &str = "trace=%file,%process,fchmod,fchown,ftruncate";

/// The shell, which starts what the line says: the lists are compared with that.
const SHELLS: [&str; 3] = ["/bin/bash", "/usr/bin/bash", "/bin/sh"];

/// How paths begin that perch may read although the program at hand has not asked for them: the runtime asks about its own
/// stack and group, and how many processors it may use; the clock, how far from UTC it is where the host is; the database of users,
/// which brings libraries of its own, who the user is; and perch, which processes stem from it.
const EXCEPTED: [&str; 11] = [
    "/proc",
    "/sys/fs/cgroup/",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/ld.so.",
    "/lib/",
    "/lib64/",
    "/usr/lib/",
    "/run/systemd/",
];

/// Where what nobody wants to read is written.
const NOWHERE: &str = "/dev/null";

/// What a file is called until it is whole and gets its name.
const TEMPORARY: &str = ".perch-";

/// `strace`, found and usable.
#[derive(Clone, Debug)]
pub struct Witness {
    strace: PathBuf,
}

/// What a process did to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Opened it for reading.
    Read,
    /// Opened it for writing, or changed it.
    Write,
    /// Removed it.
    Remove,
    /// Started it.
    Start,
}

/// A call that succeeded and touched something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The call.
    pub call: String,
    /// What it did.
    pub kind: Kind,
    /// To what.
    pub path: String,
}

/// What was written down of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many calls.
    pub calls: usize,
    /// Of these, what perch itself touched, and what was started.
    pub touches: Vec<Touch>,
    /// Lines that were not understood.
    pub unread: Vec<String>,
}

impl Witness {
    /// Looks for `strace`, and tries it on `perch`.
    ///
    /// # Errors
    /// With a sentence, if it is not there or may not do its work.
    pub fn find(perch: &Path, dir: &Path) -> Result<Self, String> {
        let dirs = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&dirs).map(|dir| dir.join("strace")).find(|file| file.is_file());
        let witness = Self { strace: found.ok_or("there is no strace on PATH")? };
        let tried = || {
            fs::create_dir_all(dir)?;
            let done = witness.around(perch, dir)?.arg("--version").stdin(Stdio::null()).output()?;
            let seen = witness.read(dir, Path::new(""))?;
            Ok::<_, io::Error>((done.status.success() && seen.calls > 0 && seen.unread.is_empty(), done))
        };
        match tried() {
            Ok((true, _)) => Ok(witness),
            Ok((false, done)) => {
                Err(format!("strace cannot watch perch: {}", String::from_utf8_lossy(&done.stderr).trim_end()))
            }
            Err(error) => Err(format!("strace cannot watch perch: {error}")),
        }
    }

    /// Starts `perch` and writes into `log`, a file per process. Words of `perch` may be added.
    ///
    /// # Errors
    /// If old files cannot be removed.
    pub fn around(&self, perch: &Path, log: &Path) -> io::Result<Command> {
        for entry in fs::read_dir(log)? {
            fs::remove_file(entry?.path())?;
        }
        let mut command = Command::new(&self.strace);
        command.args(["-ff", "-y", "-q", "-e", CALLS, "-e", "signal=none", "-o"]).arg(log.join("of")).arg(perch);
        Ok(command)
    }

    /// Reads what was written of a run of that file of commands.
    ///
    /// # Errors
    /// If that cannot be read.
    pub fn read(&self, log: &Path, program: &Path) -> io::Result<Seen> {
        let mut processes = BTreeMap::new();
        for entry in fs::read_dir(log)? {
            let path = entry?.path();
            let pid = path.extension().and_then(|pid| pid.to_str()?.parse().ok());
            processes.insert(pid.unwrap_or(0), String::from_utf8_lossy(&fs::read(&path)?).into_owned());
        }
        Ok(seen(&processes, program))
    }
}

/// What processes, threads among them, did. Until perch reads its file, the loader is at work.
fn seen(processes: &BTreeMap<u32, String>, program: &Path) -> Seen {
    let mut seen = Seen::default();
    let mut calls: BTreeMap<u32, Vec<Call<'_>>> = BTreeMap::new();
    for (pid, text) in processes {
        for line in text.lines().filter(|line| !is_an_end(line)) {
            match Call::read(line) {
                Some(call) => calls.entry(*pid).or_default().push(call),
                None => seen.unread.push(line.to_owned()),
            }
        }
    }
    seen.calls = calls.values().map(Vec::len).sum();
    let mut threads = BTreeSet::new();
    let mut children = BTreeSet::new();
    for call in calls.values().flatten() {
        match call.made() {
            Some((pid, true)) => drop(threads.insert(pid)),
            Some((pid, false)) => drop(children.insert(pid)),
            None => {}
        }
    }
    for (pid, calls) in &calls {
        let first = !threads.contains(pid) && !children.contains(pid);
        let loads = |call: &&Call<'_>| first && !call.touches().iter().any(|one| Path::new(&one.path) == program);
        let touches = by_name(calls.iter().skip_while(loads));
        seen.touches.extend(touches.into_iter().filter(|one| !children.contains(pid) || one.kind == Kind::Start));
    }
    seen
}

/// What calls of one thread did. What a handle stands for has a name, too, by which its mode is set: `/proc/self/fd/9`.
fn by_name<'c, 'l: 'c>(calls: impl Iterator<Item = &'c Call<'l>>) -> Vec<Touch> {
    let mut handles: BTreeMap<String, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for call in calls {
        found.extend(call.touches().into_iter().map(|touch| match handles.get(&touch.path) {
            Some(path) => Touch { path: (*path).to_owned(), ..touch },
            None => touch,
        }));
        if let Some((number, _)) = call.result.split_once('<')
            && let Some(path) = handle(call.result)
        {
            handles.insert(format!("/proc/self/fd/{number}"), path);
        }
    }
    found
}

/// How a process ended. One that is killed as it enters a call never makes it, and which it was cannot be told any more: `???(`.
/// One that is killed in a call never comes back from it; those that only wait or end touch nothing, done or not.
fn is_an_end(line: &str) -> bool {
    let waits_or_ends = |call: &&str| matches!(*call, "exit" | "exit_group" | "wait4" | "waitid" | "kill" | "tgkill");
    let cut_short = line.strip_suffix(" <unfinished ...>").and_then(|line| line.split_once('(')).map(|(name, _)| name);
    line.starts_with("+++") || line.starts_with("???(") || cut_short.as_ref().is_some_and(waits_or_ends)
}

/// A line: `name(arguments) = result`.
#[derive(Debug)]
struct Call<'l> {
    name: &'l str,
    arguments: Vec<&'l str>,
    result: &'l str,
}

/// The arguments that say which path is meant: a directory handle and a text relative to it, or one of the two.
type Spot = (Option<usize>, Option<usize>);

impl<'l> Call<'l> {
    fn read(line: &'l str) -> Option<Self> {
        let (name, rest) = line.split_once('(')?;
        let (arguments, rest) = arguments(rest)?;
        let result = rest.trim_start().strip_prefix("= ")?;
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(Self { name, arguments, result })
    }

    fn succeeded(&self) -> bool {
        !self.result.starts_with(['-', '?'])
    }

    /// The process that it made, and whether that is only a thread.
    fn made(&self) -> Option<(u32, bool)> {
        if !matches!(self.name, "clone" | "clone3" | "fork" | "vfork") || !self.succeeded() {
            return None;
        }
        let digits = self.result.split(|c: char| !c.is_ascii_digit()).next()?;
        Some((digits.parse().ok()?, self.arguments.iter().any(|argument| argument.contains("CLONE_THREAD"))))
    }

    fn argument(&self, at: usize) -> &'l str {
        self.arguments.get(at).copied().unwrap_or_default()
    }

    fn path(&self, (dir, name): Spot) -> String {
        let base = dir.and_then(|at| handle(self.argument(at))).unwrap_or_default();
        let name = name.map(|at| text(self.argument(at))).unwrap_or_default();
        match (name.as_str(), base) {
            ("", base) => base.to_owned(),
            (name, base) if name.starts_with('/') || base.is_empty() => name.to_owned(),
            (name, base) => format!("{base}/{name}"),
        }
    }

    fn touches(&self) -> Vec<Touch> {
        if !self.succeeded() {
            return Vec::new();
        }
        let touch = |kind, spot| Touch { call: self.name.to_owned(), kind, path: self.path(spot) };
        let (at, at_two) = ((Some(0), Some(1)), (Some(2), Some(3)));
        let (plain, plain_two, of_handle) = ((None, Some(0)), (None, Some(1)), (Some(0), None));
        match self.name {
            "open" => self.opened(1),
            "openat" | "openat2" => self.opened(2),
            "execve" => vec![touch(Kind::Start, plain)],
            "execveat" => vec![touch(Kind::Start, at)],
            "rmdir" | "unlink" => vec![touch(Kind::Remove, plain)],
            "unlinkat" => vec![touch(Kind::Remove, at)],
            "rename" => vec![touch(Kind::Remove, plain), touch(Kind::Write, plain_two)],
            "renameat" | "renameat2" => vec![touch(Kind::Remove, at), touch(Kind::Write, at_two)],
            "link" | "symlink" => vec![touch(Kind::Write, plain_two)],
            "linkat" => vec![touch(Kind::Write, at_two)],
            "symlinkat" => vec![touch(Kind::Write, (Some(1), Some(2)))],
            "creat" | "mkdir" | "mknod" | "chmod" | "chown" | "lchown" | "truncate" | "utime" | "utimes"
            | "setxattr" | "lsetxattr" | "removexattr" | "lremovexattr" | "mount" | "umount2" | "pivot_root" => {
                vec![touch(Kind::Write, plain)]
            }
            "mkdirat" | "mknodat" | "fchmodat" | "fchmodat2" | "fchownat" | "utimensat" | "futimesat" => {
                vec![touch(Kind::Write, at)]
            }
            "fchmod" | "fchown" | "ftruncate" => vec![touch(Kind::Write, of_handle)],
            _ => Vec::new(),
        }
    }

    /// With these flags. A handle that can only be walked through (`O_PATH`) opens nothing.
    fn opened(&self, flags: usize) -> Vec<Touch> {
        let flags = self.argument(flags);
        let any = |of: &[&str]| of.iter().any(|flag| flags.contains(flag));
        let kind = if any(&["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"]) { Kind::Write } else { Kind::Read };
        match handle(self.result) {
            Some(path) if !any(&["O_PATH"]) => {
                vec![Touch { call: self.name.to_owned(), kind, path: path.to_owned() }]
            }
            _ => Vec::new(),
        }
    }
}

/// The arguments up to the closing parenthesis, and what follows it.
fn arguments(text: &str) -> Option<(Vec<&str>, &str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut start, mut depth) = (0, 0, 0_u32);
    loop {
        match bytes.get(at)? {
            b'"' => at = end_of_quote(bytes, at)?,
            // `4</a/path>`; there is also `=> {…}`.
            b'<' if at > 0 && bytes[at - 1].is_ascii_alphanumeric() => at += text[at..].find('>')?,
            b'(' | b'[' | b'{' => depth += 1,
            b')' if depth == 0 => {
                let last = text[start..at].trim();
                found.extend((!last.is_empty()).then_some(last));
                return Some((found, &text[at + 1..]));
            }
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Where the quote ends that opens here.
fn end_of_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The path of a handle: `4</a/path>`.
fn handle(argument: &str) -> Option<&str> {
    let (_, rest) = argument.split_once('<')?;
    Some(rest.split_once('>')?.0.trim_end_matches(" (deleted)"))
}

/// A quoted text. What the harness names needs no escapes.
fn text(argument: &str) -> String {
    argument.trim_start_matches('"').trim_end_matches("...").trim_end_matches('"').to_owned()
}

/// A run that was watched.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'r> {
    /// Its restrictions.
    pub policy: &'r Policy,
    /// The file of commands, which perch reads.
    pub program: &'r Path,
    /// Its trace, which perch writes.
    pub trace: &'r Path,
}

impl Scene<'_> {
    /// What was done although the restrictions exclude it.
    #[must_use]
    pub fn judge(&self, seen: &Seen) -> Vec<Contradiction> {
        let removed: BTreeSet<&str> =
            seen.touches.iter().filter(|one| one.kind == Kind::Remove).map(|one| one.path.as_str()).collect();
        let mut found = Vec::new();
        let mut wrong = |message: String| found.push(Contradiction { about: "strace".to_owned(), message });
        for line in &seen.unread {
            wrong(format!("cannot read `{line}`"));
        }
        if !seen.touches.iter().any(|one| Path::new(&one.path) == self.program) {
            wrong("perch was not seen to read its file".to_owned());
        }
        for touch in seen.touches.iter().filter(|touch| !self.is_own(touch)) {
            let broken = match touch.kind {
                Kind::Start => self.start(&touch.path),
                Kind::Write | Kind::Remove => self.write(&touch.path),
                // To remove a directory is to look what is in it.
                Kind::Read if removed.contains(touch.path.as_str()) => None,
                Kind::Read => self.read(&touch.path),
            };
            if let Some(flag) = broken {
                wrong(format!("{} of `{}` succeeded under {flag}", touch.call, touch.path));
            }
        }
        found
    }

    /// What perch does for itself.
    fn is_own(&self, touch: &Touch) -> bool {
        let path = Path::new(&touch.path);
        match touch.kind {
            Kind::Start => false,
            Kind::Write => path == self.trace || touch.path == NOWHERE,
            Kind::Remove => path == self.trace,
            Kind::Read => self.is_program(path) || EXCEPTED.iter().any(|begin| touch.path.starts_with(begin)),
        }
    }

    /// The file of commands, and what it imports, which stands beside it.
    fn is_program(&self, path: &Path) -> bool {
        let is_beside = path.parent() == self.program.parent();
        path == self.program || is_beside && path.extension() == self.program.extension()
    }

    /// The restriction that excludes a start.
    fn start(&self, file: &str) -> Option<&'static str> {
        let listed = |list: &Vec<String>| list.iter().any(|bin| bin == file || bin == path::base(file));
        match &self.policy.bins {
            _ if self.policy.no_subprocess => Some("--no-subprocess"),
            _ if SHELLS.contains(&file) => self.policy.no_shell.then_some("--no-shell"),
            Some(list) if !listed(list) => Some("--allow-bin"),
            _ => None,
        }
    }

    fn write(&self, file: &str) -> Option<&'static str> {
        let allowed = |root: &String| {
            let beside = path::base(file).starts_with(TEMPORARY) && path::parent(file) == path::parent(root);
            path::within(file, root) || beside
        };
        match &self.policy.write_roots {
            _ if self.policy.no_write => Some("--no-write"),
            Some(roots) if !roots.iter().any(allowed) => Some("--allow-write"),
            _ => None,
        }
    }

    fn read(&self, file: &str) -> Option<&'static str> {
        let roots = self.policy.read_roots.as_ref()?;
        let mut visible = roots.iter().chain(self.policy.write_roots.iter().flatten());
        (!visible.any(|root| path::within(file, root))).then_some("--allow-read")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread 2 of perch, which starts a program 3.
    fn example() -> BTreeMap<u32, String> {
        let first = r#"execve("/p/perch", ["/p/perch", "-f", "x"], 0x7ffc /* 3 vars */) = 0
access("/etc/ld.so.preload", R_OK)      = -1 ENOENT (No such file or directory)
openat(AT_FDCWD</w>, "/lib/libc.so.6", O_RDONLY|O_CLOEXEC) = 3</usr/lib/libc.so.6>
openat(AT_FDCWD</w>, "/p/x.perch", O_RDONLY|O_CLOEXEC) = 3</p/x.perch>
openat(AT_FDCWD</w>, "/p/trace", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 3</p/trace>
clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x7f} => {parent_tid=[2]}, 88) = 2
exit_group(0)                           = ?
+++ exited with 0 +++
"#;
        let second = r#"open("/", O_RDONLY|O_PATH|O_DIRECTORY) = 4</>
mkdirat(4</w>, "a \"(b), c", 0777)       = 0
mkdirat(4</w>, "out", 0777)             = -1 EEXIST (File exists)
openat(4</w>, ".perch-07ab", O_WRONLY|O_CREAT|O_EXCL, 0644) = 5</w/.perch-07ab>
renameat(4</w>, ".perch-07ab", 4</w>, "x") = 0
openat(4</w>, "d", O_RDONLY|O_DIRECTORY) = 5</w/d>
unlinkat(4</w>, "d", AT_REMOVEDIR)      = 0
clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 3
wait4(3, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 3
"#;
        let third = r#"chdir("/w")                             = 0
execve("/w.bin/p", ["p", "a"], 0x7f /* 1 var */) = 0
openat(AT_FDCWD</w>, "b", O_WRONLY|O_CREAT, 0644) = 3</w/b>
???( <unfinished ...>
+++ killed by SIGKILL +++
"#;
        [(1, first), (2, second), (3, third)].map(|(pid, text)| (pid, text.to_owned())).into()
    }

    fn judged(policy: &Policy) -> Vec<String> {
        let scene = Scene { policy, program: Path::new("/p/x.perch"), trace: Path::new("/p/trace") };
        scene.judge(&seen(&example(), Path::new("/p/x.perch"))).into_iter().map(|one| one.message).collect()
    }

    #[test]
    fn calls_are_read() {
        let seen = seen(&example(), Path::new("/p/x.perch"));
        assert_eq!((seen.calls, seen.unread.len()), (19, 0));
        let touches: Vec<_> = seen.touches.iter().map(|one| format!("{:?} {}", one.kind, one.path)).collect();
        assert_eq!(
            touches[2..],
            [
                "Write /w/a \\\"(b), c",
                "Write /w/.perch-07ab",
                "Remove /w/.perch-07ab",
                "Write /w/x",
                "Read /w/d",
                "Remove /w/d",
                "Start /w.bin/p",
            ]
        );
        assert_eq!(Call::read("<... openat resumed>) = 3").map(|call| call.name), None);
    }

    #[test]
    fn who_is_killed_while_it_waits_or_ends_touches_nothing() {
        let of = |last: &str| seen(&[(1, last.to_owned())].into(), Path::new("/p/x.perch")).unread;
        assert_eq!(of("exit_group(1 <unfinished ...>\n+++ killed by SIGKILL +++\n"), [""; 0]);
        assert_eq!(of("wait4(7,  <unfinished ...>\n"), [""; 0]);
        let open = "openat(AT_FDCWD</w>, \"b\", O_WRONLY <unfinished ...>";
        assert_eq!(of(open), [open], "who knows whether it was opened");
    }

    #[test]
    fn what_is_restricted_is_found() {
        let roots = |root: &str| Some(vec![root.to_owned()]);
        assert_eq!(judged(&Policy::default()), Vec::<String>::new());
        assert_eq!(judged(&Policy { no_write: true, ..Policy::default() }).len(), 5);
        assert_eq!(
            judged(&Policy { no_subprocess: true, ..Policy::default() }),
            ["execve of `/w.bin/p` succeeded under --no-subprocess"]
        );
        assert_eq!(judged(&Policy { write_roots: roots("/w"), ..Policy::default() }), Vec::<String>::new());
        let found = judged(&Policy { write_roots: roots("/w/x"), ..Policy::default() });
        let outside = ["mkdirat of `/w/a \\\"(b), c`", "unlinkat of `/w/d`"];
        assert_eq!(found, outside.map(|call| format!("{call} succeeded under --allow-write")));
        assert_eq!(judged(&Policy { bins: roots("p"), ..Policy::default() }), Vec::<String>::new());
        assert_eq!(judged(&Policy { bins: roots("q"), ..Policy::default() }).len(), 1);
        assert_eq!(judged(&Policy { read_roots: roots("/w/d"), ..Policy::default() }), Vec::<String>::new());
    }

    #[test]
    fn what_is_read_must_be_visible() {
        let lines = [
            "execve(\"/p/perch\", [], 0x0) = 0",
            "open(\"/p/x\", O_RDONLY) = 5</p/x>",
            "openat(4</w>, \"a\", O_RDONLY|O_CLOEXEC) = 5</w/a>",
        ];
        let seen = seen(&[(1, lines.join("\n"))].into(), Path::new("/p/x"));
        let policy = Policy { read_roots: Some(vec!["/w/d".to_owned()]), ..Policy::default() };
        let judged =
            |policy: &Policy| Scene { policy, program: Path::new("/p/x"), trace: Path::new("/t") }.judge(&seen).len();
        assert_eq!(judged(&policy), 1);
        assert_eq!(judged(&Policy { write_roots: Some(vec!["/w".to_owned()]), ..policy }), 0);
    }

    #[test]
    fn a_witness_who_has_seen_nothing_is_no_witness() {
        let scene = Scene { policy: &Policy::default(), program: Path::new("/p/x"), trace: Path::new("/t") };
        assert_eq!(scene.judge(&Seen::default()).len(), 1);
        let garbled = seen(&[(1, "<... openat resumed>) = 3".to_owned())].into(), scene.program);
        assert_eq!(scene.judge(&garbled).len(), 2);
    }
}
