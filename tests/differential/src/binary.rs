//! The binary lane: the same triples through the built `perch`, from the outside, by a user without privileges.
//!
//! What is simulated in this process is simulated by `perch simulate` too, and the two reports must be the same. Then `perch` runs the
//! command on every host, and its trace, its output, its exit status and what stands where afterwards are put together to
//! the same [`RealRun`] that a run in this process gives, for the same comparison. So everything between the
//! command line and the evaluator is in play as well: words, files, the working directory, the environment, flags.
//!
//! | module | is about |
//! |---|---|
//! | [`traced`] | reading a trace |
//! | [`witness`] | what the kernel was asked for, by `strace` |
//! | [`user`] | not being root |

pub mod traced;
pub mod user;
pub mod witness;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use perch_fixtures::Fixture;
use perch_ir::{Command, Program, Snapshot};
use perch_ops::ErrorKind;
use perch_policy::Policy;
use perch_simulate::exit::{FailOn, decide};
use perch_simulate::report::{Child, DEFAULT, Op, Report, SCHEMA, Scenario};
use perch_simulate::verdict::{Judgement, judgement};
use perch_simulate::{Sources, assumptions, unused};
use serde_json::Value;

use crate::campaign::{Triple, Unused};
use crate::compare::Contradiction;
use crate::hosts::{Host, read_back};
use crate::lane::{Lane, Ran};
use crate::real::{Ending, RealRun};
use crate::source;
use traced::{Shown, Traced};
use witness::{Scene, Witness};

/// Names of what is given to `perch` and what it writes.
const PROGRAM: &str = "generated.perch";
const FIXTURE: &str = "host.json";
const TRACE: &str = "trace.ndjson";
const LOG: &str = "strace";

/// What all workers of a campaign use.
#[derive(Debug)]
pub struct Setup {
    /// The binary.
    pub perch: PathBuf,
    /// The stand-in for programs.
    pub stub: PathBuf,
    /// Where everything happens, without links on the way.
    pub base: PathBuf,
    /// Somebody who looks at some of the runs.
    pub witness: Option<Witness>,
    /// What has been done.
    pub tally: Tally,
}

impl Setup {
    /// With a stand-in of our own, which hosts may link to.
    ///
    /// # Errors
    /// With a sentence, if there is no room for it.
    pub fn new(perch: &Path, stub: &Path, base: &Path) -> Result<Self, String> {
        let found = perch.canonicalize();
        let perch = found.map_err(|error| {
            let perch = perch.display();
            format!(
                "no perch at `{perch}`: {error}; `cargo build -p perch` makes one, and `--perch PATH` says where it is"
            )
        })?;
        let own = || {
            fs::create_dir_all(base)?;
            let base = base.canonicalize()?;
            let own = base.join("stub");
            fs::copy(stub, &own)?;
            Ok::<_, io::Error>((base, own))
        };
        let (base, stub) = own().map_err(|error| format!("cannot prepare `{}`: {error}", base.display()))?;
        Ok(Self { perch: perch.to_owned(), stub, base, witness: None, tally: Tally::default() })
    }

    /// With a witness, if there is one.
    #[must_use]
    pub fn watched(mut self) -> Self {
        match Witness::find(&self.perch, &self.base.join(LOG)) {
            Ok(witness) => self.witness = Some(witness),
            Err(message) => println!("no run is watched from the outside: {message}"),
        }
        self
    }
}

/// The binary that is meant: that one, or the one beside this program.
///
/// # Errors
/// With a sentence, if it is not there.
pub fn perch(named: Option<&Path>) -> Result<PathBuf, String> {
    let beside = || std::env::current_exe().map(|own| own.with_file_name("perch")).unwrap_or_default();
    let perch = named.map_or_else(beside, Path::to_owned);
    perch.canonicalize().map_err(|error| {
        let perch = perch.display();
        format!("no perch at `{perch}`: {error}; `cargo build -p perch` makes one, and `--perch PATH` says where it is")
    })
}

/// How often what was done.
#[derive(Debug, Default)]
pub struct Tally {
    /// Reports of the binary that were compared.
    pub reports: AtomicUsize,
    /// Runs of the binary.
    pub runs: AtomicUsize,
    /// Visits that their traces told of.
    pub visits: AtomicUsize,
    /// Runs that were watched from the outside.
    pub watched: AtomicUsize,
    /// System calls of these.
    pub calls: AtomicUsize,
    /// Of these, by the binary itself, those that opened, changed or started something.
    pub touches: AtomicUsize,
}

fn count(counter: &AtomicUsize, more: usize) {
    counter.fetch_add(more, Ordering::Relaxed);
}

impl Tally {
    /// On one line.
    #[must_use]
    pub fn show(&self) -> String {
        let of = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        format!(
            "binary: {} reports compared, {} runs, {} visits traced; strace: {} runs, {} calls, {} of them touched something",
            of(&self.reports),
            of(&self.runs),
            of(&self.visits),
            of(&self.watched),
            of(&self.calls),
            of(&self.touches)
        )
    }
}

/// The lane of one worker.
#[derive(Debug)]
pub struct Binary<'s> {
    setup: &'s Setup,
    /// Where its files are: away from where hosts are built.
    dir: PathBuf,
    /// The nodes of the report on the triple at hand.
    nodes: BTreeMap<String, Shown>,
    /// A run of the triple at hand has been watched.
    watched: bool,
    /// The program at hand may name the directory for temporary files.
    names_temporary: bool,
}

impl<'s> Binary<'s> {
    /// The lane of that worker.
    ///
    /// # Errors
    /// If there is no place for its files.
    pub fn new(setup: &'s Setup, worker: usize) -> io::Result<Self> {
        let dir = setup.base.join(format!("files-{worker}"));
        for name in ["home", "tmp", LOG] {
            fs::create_dir_all(dir.join(name))?;
        }
        Ok(Self { setup, dir, nodes: BTreeMap::new(), watched: false, names_temporary: false })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Starts it in a clean environment, and waits. Hosts have a `HOME`, and nothing names `TMPDIR`, so that these two can be private
    /// without being a part of the host; but a program can name the directory that follows from the latter.
    fn ends(&self, mut process: Process, env: &BTreeMap<String, String>, cwd: &Path) -> io::Result<Output> {
        process.env_clear().env("HOME", self.file("home"));
        if !self.names_temporary {
            process.env("TMPDIR", self.file("tmp"));
        }
        process.envs(env).current_dir(cwd).stdin(Stdio::null()).output()
    }

    /// Something in the private directories, which nobody has asked for.
    fn left_behind(&self) -> io::Result<Vec<Contradiction>> {
        let mut found = Vec::new();
        for name in ["home", "tmp"] {
            for entry in fs::read_dir(self.file(name))? {
                let entry = entry?;
                let message = format!("`{}` was left behind", entry.path().display());
                found.push(wrong(name, message));
                if entry.file_type()?.is_dir() {
                    fs::remove_dir_all(entry.path())?;
                } else {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(found)
    }

    /// What happened, from everything that can be seen of it.
    fn put_together(&self, host: &Host, done: &Output) -> io::Result<Ran> {
        let mut ran = Ran::default();
        let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
        let traced = fs::read_to_string(self.file(TRACE)).map_err(|error| error.to_string());
        let traced = match traced.and_then(|text| traced::read(&text)) {
            Ok(traced) => traced,
            Err(message) => {
                let ended = format!("{message}; perch ended with {}, and said {stderr:?}", done.status);
                ran.wrong.push(wrong("trace", ended));
                return Ok(ran);
            }
        };
        count(&self.setup.tally.visits, traced.visits.len());
        let status = done.status.code().and_then(|code| u8::try_from(code).ok());
        if status != Some(traced.exit_code) {
            let message = format!("the trace says {}, and perch ended with {}", traced.exit_code, done.status);
            ran.wrong.push(wrong("exit status", message));
        }
        if told(&stderr) != traced.failed() {
            ran.wrong.push(wrong("failure", format!("the trace says {:?}, and perch {stderr:?}", traced.ending)));
        }
        ran.wrong.extend(self.other_nodes(&traced));
        ran.run = Some(RealRun {
            visits: traced.visits,
            ending: traced.ending,
            status: status.unwrap_or(traced.exit_code),
            stdout: String::from_utf8_lossy(&done.stdout).into_owned(),
            stderr: None,
            tree: read_back(&host.root)?,
            kept_waiting: false,
        });
        Ok(ran)
    }

    /// Nodes that trace and report show differently.
    fn other_nodes(&self, traced: &Traced) -> Vec<Contradiction> {
        let differs = |(id, shown): (&String, &Shown)| {
            let reported = self.nodes.get(id).filter(|reported| *reported != shown)?;
            Some(wrong(id, format!("the report shows {reported:?}, and the trace {shown:?}")))
        };
        traced.nodes.iter().filter_map(differs).collect()
    }

    fn watch(&self, witness: &Witness, scene: &Scene<'_>) -> io::Result<Vec<Contradiction>> {
        let seen = witness.read(&self.file(LOG), scene.program)?;
        count(&self.setup.tally.watched, 1);
        count(&self.setup.tally.calls, seen.calls);
        count(&self.setup.tally.touches, seen.touches.len());
        Ok(scene.judge(&seen))
    }
}

impl Lane for Binary<'_> {
    fn stub(&self) -> &Path {
        &self.setup.stub
    }

    fn simulated(&mut self, triple: &Triple, program: &Snapshot) -> io::Result<Vec<Contradiction>> {
        self.watched = false;
        let text = triple.source.text();
        self.names_temporary = text.contains("temp_dir");
        let (main, others) = source::files(&text);
        fs::write(self.file(PROGRAM), main)?;
        for (name, text) in others {
            fs::write(self.file(&name), text)?;
        }
        fs::write(self.file(FIXTURE), serde_json::to_string(&triple.fixture)?)?;
        let report = report(triple, program).map_err(|unused| io::Error::other(unused.to_string()))?;
        self.nodes = report.scenarios.iter().flat_map(|one| &one.commands).flat_map(|one| shown(&one.ops)).collect();
        let mut process = Process::new(&self.setup.perch);
        process.args(flags(&triple.flags.policy())).args(["-f", PROGRAM, "simulate", "main"]);
        process.args(["--sim-file", FIXTURE, "--format", "json", "--no-suggestions"]);
        let done = self.ends(process, &BTreeMap::new(), &self.dir)?;
        count(&self.setup.tally.reports, 1);
        let stderr = String::from_utf8_lossy(&done.stderr);
        if done.status.code() != Some(report.exit_code.into()) || !stderr.is_empty() {
            let message = format!("perch ended with {}, not {}, and said {stderr:?}", done.status, report.exit_code);
            return Ok(vec![wrong("simulate", message)]);
        }
        let mut found = self.left_behind()?;
        found.extend(other_report(&report, &done.stdout).map(|message| wrong("simulate", message)));
        Ok(found)
    }

    fn run(&mut self, _: &Snapshot, _: &Arc<Command>, host: &Host, policy: &Policy) -> io::Result<Ran> {
        host.build(&self.setup.stub)?;
        let (perch, trace, program) = (&self.setup.perch, self.file(TRACE), self.file(PROGRAM));
        let witness = self.setup.witness.as_ref().filter(|_| !self.watched && *policy != Policy::default());
        let mut process = match witness {
            Some(witness) => witness.around(perch, &self.file(LOG))?,
            None => Process::new(perch),
        };
        let mut trace_to = std::ffi::OsString::from("--trace=");
        trace_to.push(&trace);
        process.args(flags(policy)).arg(trace_to).args(["--trace-format", "json"]);
        process.arg("-f").arg(&program).arg("main");
        drop(fs::remove_file(&trace));
        let done = self.ends(process, &host.env, Path::new(&host.cwd))?;
        count(&self.setup.tally.runs, 1);
        let mut ran = self.put_together(host, &done)?;
        ran.wrong.extend(self.left_behind()?);
        if let Some(witness) = witness {
            ran.wrong.extend(self.watch(witness, &Scene { policy, program: &program, trace: &trace })?);
            self.watched = true;
        }
        Ok(ran)
    }
}

/// The report that `perch simulate main` must give: of a run of its own, for what has been read off a run makes more of it cheap.
fn report(triple: &Triple, program: &Snapshot) -> Result<Report, Unused> {
    let mut run = triple.simulate(program, &[])?;
    let command = Arc::clone(&run.command);
    let sources = sources(triple)?;
    let Judgement { report, assumptions: mut taken, consulted, .. } = judgement(program, &mut run, &sources);
    taken.sort();
    taken.dedup();
    let scenarios = vec![Scenario::new(DEFAULT, None, vec![report])];
    let exit = decide(&scenarios, &taken, FailOn::default());
    let standing = assumptions::standing(program, std::iter::once(&*command), &[&run.domain.facts]);
    let is_part = program.has_others_than(&command.name);
    let (policy, own) = (triple.policy(), triple.flags.policy());
    let restricted = assumptions::restricted(std::iter::once((consulted.as_ref(), &policy, &own)));
    let unused = consulted.map(|consulted| unused::unused(&[(&triple.fixture, &sources)], &consulted, is_part));
    Ok(Report {
        schema: SCHEMA,
        file: program.file().to_owned(),
        on_this_host: false,
        exit_code: exit.code,
        rule: exit.rule,
        assumptions: restricted
            .into_iter()
            .chain(taken)
            .chain(standing.iter().map(|sentence| (*sentence).to_owned()))
            .collect(),
        scenarios,
        unused: unused.unwrap_or_default(),
    })
}

/// Where the fixture says what.
fn sources(triple: &Triple) -> Result<Sources, Unused> {
    let unread = |error: String| Unused::Fixture(error);
    let text = serde_json::to_string(&triple.fixture).map_err(|error| unread(error.to_string()))?;
    let (fixture, places) = Fixture::read(&text).map_err(|error| unread(error.to_string()))?;
    let cwd = fixture.cwd.clone().unwrap_or_default();
    Ok(Sources::new(Some((FIXTURE.to_owned(), places)), BTreeMap::new()).describing(&fixture, &cwd))
}

/// How the report that was printed differs. Calls nest 64 deep, and their report more than a reader of JSON likes; so it is read only
/// if it is not the same to the letter.
fn other_report(report: &Report, printed: &[u8]) -> Option<String> {
    let text = match serde_json::to_string_pretty(report) {
        Ok(text) if text.as_bytes() == printed.trim_ascii_end() => return None,
        Ok(text) => text,
        Err(error) => return Some(format!("the report is not JSON: {error}")),
    };
    let values = serde_json::from_str(&text).and_then(|here| Ok((here, serde_json::from_slice(printed)?)));
    match values {
        Ok((here, there)) => difference("report", &here, &there),
        Err(error) => Some(format!("the reports differ, and cannot be read: {error}")),
    }
}

/// All nodes beneath, by name.
fn shown(ops: &[Op]) -> BTreeMap<String, Shown> {
    let mut all = BTreeMap::new();
    for op in ops {
        let shown_as = Shown { op: op.op.to_owned(), text: op.text.to_string(), line: op.line, column: op.column };
        all.insert(op.id.clone(), shown_as);
        for child in &op.children {
            if let Child::Op(op) = child {
                all.extend(shown(std::slice::from_ref(op)));
            }
        }
    }
    all
}

/// A policy as flags.
#[must_use]
pub fn flags(policy: &Policy) -> Vec<String> {
    let Policy {
        no_write,
        no_subprocess,
        no_shell,
        no_shell_metachars,
        no_network,
        read_roots,
        write_roots,
        bins,
        env,
        hosts,
        private_addresses,
        redirects: _,
        test: _,
    } = policy;
    let switches = [
        ("--no-write", no_write),
        ("--no-subprocess", no_subprocess),
        ("--no-shell", no_shell),
        ("--no-shell-metachars", no_shell_metachars),
        ("--no-network", no_network),
        ("--allow-private-ips", private_addresses),
    ];
    let lists = [
        ("--allow-read", read_roots),
        ("--allow-write", write_roots),
        ("--allow-bin", bins),
        ("--allow-host", hosts),
        ("--env", env),
    ];
    let switches = switches.into_iter().filter(|(_, on)| **on).map(|(flag, _)| flag.to_owned());
    let lists = lists.into_iter().filter_map(|(flag, list)| Some(format!("{flag}={}", list.as_ref()?.join(","))));
    switches.chain(lists).collect()
}

/// The kind of failure that perch tells of.
fn told(stderr: &str) -> Option<ErrorKind> {
    stderr.lines().find_map(|line| line.strip_prefix("  kind  ")).and_then(ErrorKind::from_name)
}

/// The first place in which two values differ.
fn difference(place: &str, here: &Value, there: &Value) -> Option<String> {
    match (here, there) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().find_map(|(key, value)| difference(&format!("{place}.{key}"), value, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(at, (a, b))| difference(&format!("{place}[{at}]"), a, b))
        }
        _ => (here != there).then(|| format!("{place} is {here} in this process, and {there} by the binary")),
    }
}

fn wrong(about: &str, message: String) -> Contradiction {
    Contradiction { about: about.to_owned(), message }
}

impl Traced {
    fn failed(&self) -> Option<ErrorKind> {
        if let Ending::Failed(kind) = self.ending { Some(kind) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn policies_become_flags() {
        let policy = Policy {
            no_write: true,
            read_roots: Some(Vec::new()),
            bins: Some(vec!["p".into(), "q".into()]),
            ..Policy::default()
        };
        assert_eq!(flags(&policy), ["--no-write", "--allow-read=", "--allow-bin=p,q"]);
        assert!(flags(&Policy::default()).is_empty());
    }

    #[test]
    fn differences_have_a_place() {
        let value = |x: u32| json!({"a": [1, {"b": x}], "c": null});
        assert_eq!(difference("r", &value(1), &value(1)), None);
        let found = difference("r", &value(1), &value(2));
        assert_eq!(found.as_deref(), Some("r.a[1].b is 1 in this process, and 2 by the binary"));
        assert!(difference("r", &json!({"a": 1}), &json!({"b": 1})).is_some());
        assert!(difference("r", &json!([1]), &json!([1, 2])).is_some());
    }

    #[test]
    fn reports_are_compared_as_values() {
        let report = |exit_code| Report {
            schema: SCHEMA,
            file: "f".into(),
            on_this_host: false,
            exit_code,
            rule: "r".into(),
            assumptions: vec!["a".into()],
            scenarios: Vec::new(),
            unused: Vec::new(),
        };
        let compact = |report: &Report| serde_json::to_vec(report).unwrap();
        let pretty = serde_json::to_string_pretty(&report(1)).unwrap() + "\n";
        assert_eq!(other_report(&report(1), pretty.as_bytes()), None);
        assert_eq!(other_report(&report(1), &compact(&report(1))), None);
        let found = other_report(&report(1), &compact(&report(0)));
        assert_eq!(found.as_deref(), Some("report.exit_code is 1 in this process, and 0 by the binary"));
        assert!(other_report(&report(1), b"{").is_some());
    }

    #[test]
    fn what_perch_tells_is_read() {
        let said =
            "🔒 security: --no-write\n↪ op \"rm\" is disabled by --no-write\n  kind  cap_write_denied\n  at    x\n";
        assert_eq!((told(said), told("")), (Some(ErrorKind::CapWriteDenied), None));
    }
}
