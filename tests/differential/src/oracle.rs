//! The oracle lane: really run, and read independently.
//!
//! `tests/oracle/perch_oracle.py` is a reading of the specification that shares no line with the evaluator. Programs are really
//! run and given to it, and everything that can be seen of a run must agree. Both domains share the
//! evaluator, so this lane alone can see a fault in it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use perch_ir::Program;
use perch_policy::{Policy, path};
use perch_simulate::host as fixtures;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::campaign::{Settings, Triple, load, triple};
use crate::hosts::{Entry, Host, bin_dir};
use crate::random::Random;
use crate::real::{self, Ending, RealRun};
use crate::sturdy::sturdy;

/// A long-lived oracle.
pub struct Oracle {
    child: Child,
    cases: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What the oracle says of a run.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The program does not load.
    pub load_error: Option<String>,
    /// The case cannot be answered: it takes too many steps, say.
    pub case_error: Option<String>,
    /// Exit status.
    #[serde(default)]
    pub exit: u8,
    /// What is printed.
    #[serde(default)]
    pub stdout: String,
    /// What nothing catches.
    #[serde(default)]
    pub failure: Option<Uncaught>,
    /// The program looks at a message whose wording the specification leaves open.
    #[serde(default)]
    pub unspecified: bool,
    /// In order of completion.
    #[serde(default)]
    pub visits: Vec<Visit>,
    /// What stands where afterwards.
    #[serde(default)]
    pub tree: BTreeMap<String, Entry>,
}

/// A failure.
#[derive(Debug, Deserialize)]
pub struct Uncaught {
    /// Its kind.
    pub kind: String,
}

/// A visit of a node.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Visit {
    /// The node.
    pub node: String,
    /// Loop indices.
    pub visit: Vec<u32>,
    /// Why it failed.
    pub kind: Option<String>,
}

impl Visit {
    fn show(&self) -> String {
        format!("{} {:?} {}", self.node, self.visit, self.kind.as_deref().unwrap_or("ok"))
    }
}

/// Where the oracle is.
#[must_use]
pub fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../oracle/perch_oracle.py")
}

impl Oracle {
    /// Starts it.
    ///
    /// # Errors
    /// With a sentence, if there is no Python 3 or no oracle.
    pub fn start() -> Result<Self, String> {
        let script = script();
        if !script.is_file() {
            return Err(format!(
                "the oracle is not at `{}`; this program must run on the tree that it was built from",
                script.display()
            ));
        }
        let child = Command::new("python3").arg(&script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| {
            format!(
                "cannot start `python3 {}`: {error}; the oracle needs Python 3.9 or later on PATH",
                script.display()
            )
        })?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(cases), Some(answers)) => Ok(Self { child, cases, answers: BufReader::new(answers) }),
            _ => Err("the oracle has no pipes".to_owned()),
        }
    }

    /// Answers one case.
    ///
    /// # Errors
    /// If the oracle has ended, or says what is not an answer.
    pub fn answer(&mut self, case: &Value) -> io::Result<Answer> {
        writeln!(self.cases, "{case}")?;
        self.cases.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the oracle has ended; its message is above"));
        }
        serde_json::from_str(&line).map_err(io::Error::other)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A triple on which the real run and the oracle disagree.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// The triple, with one host.
    pub triple: Triple,
    /// In what they disagree.
    pub differences: Vec<String>,
}

/// What the lane has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Triples.
    pub triples: u64,
    /// Runs that were compared.
    pub runs: u64,
    /// Visits that were compared.
    pub visits: u64,
    /// Runs that the oracle finds too long.
    pub abandoned: u64,
    /// Runs that differ, perhaps because they look at a message whose wording is left open.
    pub unspecified: u64,
}

/// Runs triples until `limit` disagreements. With `small`, each is made small.
///
/// # Errors
/// If the oracle or the file system fails.
pub fn run_range(
    seeds: impl Iterator<Item = u64>,
    settings: &Settings,
    oracle: &mut Oracle,
    limit: usize,
    small: bool,
) -> io::Result<(Tally, Vec<Disagreement>)> {
    // Far down, since a program may `cd ..` and remove what it finds there.
    let root = settings.base.join("oracle/of/what/may/be/w").to_string_lossy().into_owned();
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for seed in seeds {
        let triple = sturdy_triple(seed, &root, settings.hosts);
        tally.triples += 1;
        let alone = |host: &Host| Triple { hosts: vec![host.clone()], ..triple.clone() };
        for one in triple.hosts.iter().map(alone) {
            let differences = compare(&one, settings, oracle, &mut tally)?;
            if differences.is_empty() {
                continue;
            }
            found.push(if small {
                shrink(one, differences, settings, oracle)?
            } else {
                Disagreement { triple: one, differences }
            });
            break;
        }
        if found.len() >= limit {
            break;
        }
    }
    Ok((tally, found))
}

/// A triple; most of them go on after failures.
#[must_use]
pub fn sturdy_triple(seed: u64, root: &str, hosts: usize) -> Triple {
    let (mut triple, _) = triple(seed, root, hosts);
    if !seed.is_multiple_of(4) {
        let random = &mut Random::new(!seed);
        let only = || Some(vec![format!("{root}/d")]);
        let restricted = random.chance(20);
        if restricted && random.chance(60) {
            triple.flags.read = only();
        }
        if restricted && random.chance(60) {
            triple.flags.write = only();
        }
        triple.source = sturdy(&triple.source, root, restricted, random);
    }
    triple
}

fn shrink(
    triple: Triple,
    differences: Vec<String>,
    settings: &Settings,
    oracle: &mut Oracle,
) -> io::Result<Disagreement> {
    let mut best = Disagreement { triple, differences };
    let mut rounds = 0;
    'smaller: while rounds < 1000 {
        for source in best.triple.source.smaller() {
            rounds += 1;
            let triple = Triple { source, ..best.triple.clone() };
            let differences = compare(&triple, settings, oracle, &mut Tally::default())?;
            if !differences.is_empty() {
                best = Disagreement { triple, differences };
                continue 'smaller;
            }
        }
        break;
    }
    Ok(best)
}

/// The policy of a triple's runs.
#[must_use]
pub fn policy(triple: &Triple) -> Policy {
    let cwd = triple.fixture.cwd.clone().unwrap_or_default();
    fixtures::both(fixtures::policy_of(&triple.fixture, &cwd), triple.flags.policy())
}

/// Runs a triple's first host for real and asks the oracle.
fn compare(triple: &Triple, settings: &Settings, oracle: &mut Oracle, tally: &mut Tally) -> io::Result<Vec<String>> {
    let Ok(program) = load(&triple.source.text()) else { return Ok(Vec::new()) };
    let (Some(command), Some(host)) = (program.command("main"), triple.hosts.first()) else { return Ok(Vec::new()) };
    let policy = policy(triple);
    let answer = oracle.answer(&case(triple, host, &policy))?;
    if let Some(error) = answer.load_error {
        return Ok(vec![format!("the oracle does not load the program: {error}")]);
    }
    if let Some(error) = answer.case_error {
        tally.abandoned += 1;
        return if error.ends_with("too many steps") { Ok(Vec::new()) } else { Ok(vec![error]) };
    }
    sweep(&host.root)?;
    tally.runs += 1;
    let run = || real::run(&program, &command, host, &policy, &settings.stub);
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(real) => {
            let found = differences(host, &real?, &answer, tally);
            let open = answer.unspecified && !found.is_empty();
            tally.unspecified += u64::from(open);
            Ok(if open { Vec::new() } else { found })
        }
        Err(panic) => Ok(vec![format!("the run panicked: {}", panic_text(&*panic))]),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default()
}

/// Removes what an earlier run has left beside the root, and makes what it has taken away.
///
/// # Errors
/// If the file system refuses.
pub fn sweep(root: &str) -> io::Result<()> {
    let above = Path::new(path::parent(root));
    let own = [bin_dir(root), format!("{}.facts", bin_dir(root))];
    fs::create_dir_all(above)?;
    for entry in fs::read_dir(above)? {
        let entry = entry?;
        if own.iter().any(|own| Path::new(own) == entry.path()) {
            continue;
        }
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    Ok(())
}

fn case(triple: &Triple, host: &Host, policy: &Policy) -> Value {
    let bin = bin_dir(&host.root);
    let mut tree: BTreeMap<String, Entry> = host.tree.clone();
    tree.extend([bin.clone(), format!("{bin}.facts")].map(|dir| (dir, Entry::Dir)));
    tree.extend(host.programs.keys().map(|name| (format!("{bin}/{name}"), Entry::File { content: String::new() })));
    json!({
        "id": triple.seed,
        "program": triple.source.text(),
        "file": "generated.perch",
        "command": "main",
        "args": [],
        "host": {
            "os": perch_system::os(),
            "arch": perch_system::arch(),
            "cwd": host.cwd,
            "env": host.env,
            "tree": tree,
            "programs": host.programs,
            "bin_dir": bin,
        },
        "policy": {
            "no_write": policy.no_write,
            "no_subprocess": policy.no_subprocess,
            "allow_read": policy.read_roots,
            "allow_write": policy.write_roots,
            "allow_bin": policy.bins,
        },
    })
}

fn differences(host: &Host, real: &RealRun, answer: &Answer, tally: &mut Tally) -> Vec<String> {
    let mut found = Vec::new();
    let visits: Vec<Visit> = real
        .visits
        .iter()
        .map(|visit| Visit {
            node: visit.node.clone(),
            visit: visit.visit.clone(),
            kind: visit.failed.map(|kind| kind.name().to_owned()),
        })
        .collect();
    tally.visits += visits.len() as u64;
    if visits != answer.visits {
        let at = visits.iter().zip(&answer.visits).take_while(|(a, b)| a == b).count();
        let show = |visits: &[Visit]| visits.get(at).map_or("nothing more".to_owned(), Visit::show);
        found.push(format!("visit {at}: really {}, by the oracle {}", show(&visits), show(&answer.visits)));
    }
    let failed = if let Ending::Failed(kind) = &real.ending { Some(kind.name()) } else { None };
    let expected = answer.failure.as_ref().map(|failure| failure.kind.as_str());
    if failed != expected {
        found.push(format!("uncaught: really {failed:?}, by the oracle {expected:?}"));
    }
    if real.status != answer.exit {
        found.push(format!("exit status: really {}, by the oracle {}", real.status, answer.exit));
    }
    if real.stdout != answer.stdout {
        found.push(format!("standard output: really {:?}, by the oracle {:?}", real.stdout, answer.stdout));
    }
    let expected: BTreeMap<&String, &Entry> =
        answer.tree.iter().filter(|(path, _)| path::within(path, &host.root)).collect();
    let mut paths: Vec<&String> = real.tree.keys().chain(expected.keys().copied()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let (is, should) = (real.tree.get(path), expected.get(path).copied());
        if is != should {
            found.push(format!("`{path}`: really {is:?}, by the oracle {should:?}"));
        }
    }
    found
}

/// A disagreement for a person.
#[must_use]
pub fn show(found: &Disagreement) -> String {
    let mut text = String::new();
    let triple = &found.triple;
    let _ = writeln!(text, "── seed {}\n{}", triple.seed, triple.source.text());
    let policy = policy(triple);
    let _ = writeln!(text, "policy {policy:?}");
    if let Some(host) = triple.hosts.first() {
        let _ = writeln!(text, "cwd {}", host.cwd);
        for (path, entry) in &host.tree {
            let _ = writeln!(text, "  {path} {entry:?}");
        }
        let _ = writeln!(
            text,
            "env {:?}\nprograms {}",
            host.env,
            serde_json::to_string(&host.programs).unwrap_or_default()
        );
    }
    for difference in &found.differences {
        let _ = writeln!(text, "  ✗ {difference}");
    }
    text
}
