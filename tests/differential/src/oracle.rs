//! The oracle lane: really run, and read independently.
//!
//! `tests/oracle/perch_oracle.py` is a reading of the specification that shares no line with the evaluator. Programs are really
//! run and given to it, and everything that can be seen of a run must agree. Both domains share the
//! evaluator, so this lane alone can see a fault in it.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use perch_ir::{Command as PerchCommand, Program, Snapshot};
use perch_policy::{Policy, path};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::campaign::{Finding, SHRINKING, Settings};
use crate::compare::Contradiction;
use crate::fresh::alike;
use crate::hosts::{Entry, Host, bin_dir};
use crate::real::{self, Ending, RealRun};
use crate::shrink::smallest;
use crate::source::{Part, Source, files};
use crate::triples::{Triple, load, triple};

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
    /// The same of standard error.
    #[serde(default)]
    pub stderr: String,
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
        // In one piece: formatted into a pipe, each bracket would be a write of its own.
        self.cases.write_all(format!("{case}\n").as_bytes())?;
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

/// What the lane has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Triples.
    pub triples: u64,
    /// Runs that were compared.
    pub runs: u64,
    /// Visits that were compared.
    pub visits: u64,
    /// Runs in which it is left to chance what happens.
    pub racing: u64,
    /// Runs that the oracle finds too long.
    pub abandoned: u64,
    /// Runs that differ, perhaps because they look at a message whose wording is left open.
    pub unspecified: u64,
}

impl Tally {
    /// What another has seen, too.
    pub fn add(&mut self, other: Self) {
        let Self { triples, runs, visits, racing, abandoned, unspecified } = other;
        self.triples += triples;
        self.runs += runs;
        self.visits += visits;
        self.racing += racing;
        self.abandoned += abandoned;
        self.unspecified += unspecified;
    }
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
) -> io::Result<(Tally, Vec<Finding>)> {
    let root = settings.root("oracle");
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for seed in seeds {
        tally.triples += 1;
        let Some(finding) = disagreement(&triple(seed, &root, settings.hosts), settings, oracle, &mut tally)? else {
            continue;
        };
        found.push(if small { shrink(finding, settings, oracle)? } else { finding });
        if found.len() >= limit {
            break;
        }
    }
    Ok((tally, found))
}

/// The first host of a triple on which the real run and the oracle disagree, with the triple, and in what they do.
///
/// # Errors
/// If the oracle or the file system fails.
pub fn disagreement(
    triple: &Triple,
    settings: &Settings,
    oracle: &mut Oracle,
    tally: &mut Tally,
) -> io::Result<Option<Finding>> {
    for host in &triple.hosts {
        let triple = Triple { hosts: vec![host.clone()], ..triple.clone() };
        let contradictions = compare(&triple, settings, oracle, tally)?;
        if !contradictions.is_empty() {
            return Ok(Some(Finding { triple, contradictions }));
        }
    }
    Ok(None)
}

fn shrink(finding: Finding, settings: &Settings, oracle: &mut Oracle) -> io::Result<Finding> {
    let mut broken = Ok(());
    let (triple, contradictions) =
        smallest(finding.triple, finding.contradictions, SHRINKING, |triple| {
            match compare(triple, settings, oracle, &mut Tally::default()) {
                Ok(found) => (!found.is_empty()).then_some(found),
                Err(error) => {
                    broken = Err(error);
                    None
                }
            }
        });
    broken.map(|()| Finding { triple, contradictions })
}

/// Runs a triple's first host for real and asks the oracle.
fn compare(
    triple: &Triple,
    settings: &Settings,
    oracle: &mut Oracle,
    tally: &mut Tally,
) -> io::Result<Vec<Contradiction>> {
    match answered(triple, oracle, tally)? {
        Ok(Some(answered)) => answered.differences(settings, tally),
        Ok(None) => Ok(Vec::new()),
        Err(contradiction) => Ok(vec![contradiction]),
    }
}

/// A run that the oracle has answered for.
pub struct Answered {
    program: Snapshot,
    command: Arc<PerchCommand>,
    host: Host,
    policy: Policy,
    answer: Answer,
}

/// What the oracle says of a triple's first host, unless that is left to chance or too long.
///
/// # Errors
/// If the oracle fails.
pub fn answered(
    triple: &Triple,
    oracle: &mut Oracle,
    tally: &mut Tally,
) -> io::Result<Result<Option<Answered>, Contradiction>> {
    let text = one_at_a_time(&triple.source.text());
    let Ok(program) = load(&text) else { return Ok(Ok(None)) };
    let (Some(command), Some(host)) = (program.command("main"), triple.hosts.first()) else { return Ok(Ok(None)) };
    if pipes(&triple.source).iter().any(|stages| races(stages, host)) {
        tally.racing += 1;
        return Ok(Ok(None));
    }
    let policy = triple.policy();
    let answer = oracle.answer(&case(triple.seed, &text, host, &policy))?;
    if let Some(error) = answer.load_error {
        return Ok(Err(Contradiction::new("oracle", format!("does not load the program: {error}"))));
    }
    if let Some(error) = answer.case_error {
        tally.abandoned += 1;
        let long = error.ends_with("too many steps");
        return Ok(if long { Ok(None) } else { Err(Contradiction::new("oracle", error)) });
    }
    tally.runs += 1;
    Ok(Ok(Some(Answered { command, host: host.clone(), policy, answer, program })))
}

impl Answered {
    /// In what a real run differs from the answer.
    ///
    /// # Errors
    /// If the file system fails.
    pub fn differences(&self, settings: &Settings, tally: &mut Tally) -> io::Result<Vec<Contradiction>> {
        let Self { program, command, host, policy, answer } = self;
        let run = || real::run(program, command, host, policy, &settings.stub);
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(real) => {
                let found = differences(host, &real?, answer, tally);
                let open = answer.unspecified && !found.is_empty();
                tally.unspecified += u64::from(open);
                Ok(if open { Vec::new() } else { found })
            }
            Err(panic) => Ok(vec![Contradiction::new("run", format!("panicked: {}", panic_text(&*panic)))]),
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default()
}

/// The stages of each `pipe`.
fn pipes(source: &Source) -> Vec<Vec<String>> {
    fn find(body: &[Part], pipes: &mut Vec<Vec<String>>) {
        for part in body {
            let Part::Block(arms) = part else { continue };
            for (_, body) in arms {
                if part.is_pipe() {
                    let line = |part: &Part| if let Part::Line(line) = part { Some(line.clone()) } else { None };
                    pipes.push(body.iter().filter_map(line).collect());
                }
                find(body, pipes);
            }
        }
    }
    let mut found = Vec::new();
    source.commands.iter().for_each(|command| find(&command.body, &mut found));
    found
}

/// Stages run at once. Is it left to chance what they do: one program twice, or two that change something?
fn races(stages: &[String], host: &Host) -> bool {
    let program = |stage: &String| {
        let mut words = stage.split_whitespace().filter(|word| *word != "exec" && !word.contains('='));
        words.next().unwrap_or_default().to_owned()
    };
    let names: Vec<String> = stages.iter().map(program).collect();
    let changes = |name: &&String| {
        host.programs.get(*name).is_none_or(|starts| starts.iter().any(|start| !start.effects.is_empty()))
    };
    let distinct: BTreeSet<&String> = names.iter().collect();
    names.len() > 1 && (distinct.len() < names.len() || names.iter().filter(changes).count() > 1)
}

/// The program with the branches of each `parallel` one after the other: the oracle knows no other order.
fn one_at_a_time(text: &str) -> String {
    let line = |line: &str| {
        let rest = line.trim_start();
        let is_head = rest.split_whitespace().next() == Some("parallel");
        if is_head { format!("{}parallel max=1\n", &line[..line.len() - rest.len()]) } else { format!("{line}\n") }
    };
    text.lines().map(line).collect()
}

fn case(seed: u64, text: &str, host: &Host, policy: &Policy) -> Value {
    let bin = bin_dir(&host.root);
    let mut tree: BTreeMap<String, Entry> = host.tree.clone();
    tree.extend([bin.clone(), format!("{bin}.facts")].map(|dir| (dir, Entry::Dir)));
    tree.insert(perch_system::machine::temporary(), Entry::Dir);
    let names = host.programs.keys().filter(|words| !words.contains(' '));
    tree.extend(names.map(|name| (format!("{bin}/{name}"), Entry::File { content: String::new() })));
    let (main, others) = files(text);
    json!({
        "id": seed,
        "program": main,
        "files": others.into_iter().collect::<BTreeMap<String, String>>(),
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
            "http": host.answers,
            "machine": machine(),
        },
        "policy": {
            "no_write": policy.no_write,
            "no_subprocess": policy.no_subprocess,
            "no_shell": policy.no_shell,
            "no_shell_metachars": policy.no_shell_metachars,
            "allow_read": policy.read_roots,
            "allow_write": policy.write_roots,
            "allow_bin": policy.bins,
            "no_network": policy.no_network,
            "allow_private_ips": policy.private_addresses,
            "allow_host": policy.hosts,
        },
    })
}

/// Facts of this machine that follow from no other.
fn machine() -> Value {
    use perch_system::machine;
    json!({
        "user": machine::user(),
        "uid": machine::uid().to_string(),
        "hostname": machine::hostname(),
        "cpu_count": machine::processors().to_string(),
        "pid": machine::pid().to_string(),
        "exe_path": machine::executable(),
        "os_version": machine::release(),
        "home": machine::home(),
        "temp_dir": machine::temporary(),
        "perch_version": env!("CARGO_PKG_VERSION"),
    })
}

fn differences(host: &Host, real: &RealRun, answer: &Answer, tally: &mut Tally) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut differ = |about: &str, message: String| found.push(Contradiction::new(about, message));
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
        differ("visits", format!("visit {at} is really {}, by the oracle {}", show(&visits), show(&answer.visits)));
    }
    let failed = if let Ending::Failed(kind) = &real.ending { Some(kind.name()) } else { None };
    let expected = answer.failure.as_ref().map(|failure| failure.kind.as_str());
    if failed != expected {
        differ("uncaught", format!("really {failed:?}, by the oracle {expected:?}"));
    }
    if real.status != answer.exit {
        differ("exit status", format!("really {}, by the oracle {}", real.status, answer.exit));
    }
    if alike(&real.stdout) != alike(&answer.stdout) {
        differ("output", format!("really {:?}, by the oracle {:?}", real.stdout, answer.stdout));
    }
    if let Some(stderr) = real.stderr.as_ref().filter(|stderr| alike(stderr) != alike(&answer.stderr)) {
        differ("standard error", format!("really {stderr:?}, by the oracle {:?}", answer.stderr));
    }
    let expected: BTreeMap<&String, &Entry> =
        answer.tree.iter().filter(|(path, _)| path::within(path, &host.root)).collect();
    let (is, should) = (by_path(real.tree.iter()), by_path(expected.into_iter()));
    let paths: BTreeSet<&String> = is.keys().chain(should.keys()).collect();
    for path in paths {
        let (is, should) = (is.get(path), should.get(path));
        let (is, should) = (is.map_or(&[][..], Vec::as_slice), should.map_or(&[][..], Vec::as_slice));
        let same = |(is, should): (&Entry, &Entry)| is == should || both_packed(Some(is), Some(should));
        if is.len() != should.len() || !is.iter().zip(should).all(same) {
            differ(path, format!("really {is:?}, by the oracle {should:?}"));
        }
    }
    found
}

/// Entries under paths in which made-up names are alike: two can have one.
fn by_path<'e>(tree: impl Iterator<Item = (&'e String, &'e Entry)>) -> BTreeMap<String, Vec<Entry>> {
    let mut all: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for (path, entry) in tree {
        let entry = match entry {
            Entry::Dir => Entry::Dir,
            Entry::File { content } => Entry::File { content: alike(content) },
            Entry::Link { target } => Entry::Link { target: alike(target) },
        };
        all.entry(alike(path)).or_default().push(entry);
    }
    all.values_mut().for_each(|entries| entries.sort_by_key(|entry| format!("{entry:?}")));
    all
}

/// What is packed begins with a sign that no text has; behind it, everybody may write it differently. The oracle has signs of its own.
fn both_packed(is: Option<&Entry>, should: Option<&Entry>) -> bool {
    let begins = |entry: Option<&Entry>, signs: [&str; 2]| {
        let Some(Entry::File { content }) = entry else { return None };
        signs.iter().position(|sign| content.starts_with(sign))
    };
    let format = begins(is, ["\u{1f}", "PK"]);
    format.is_some() && format == begins(should, ["\u{1f}", "\u{1e}"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_in_a_pipe_must_not_meet() {
        let source = Source::parse("command main\ndo\nif a\nv = pipe\nE1=x p one\nexec q\nend\nend\nend\nend".lines());
        let stages = pipes(&source);
        assert_eq!(stages, [["E1=x p one", "exec q"]]);
        let mut host = Host::generate(&mut crate::random::Random::new(1), "/w", false);
        host.programs = ["p", "q"].map(|name| (name.to_owned(), vec![perch_fixtures::ExecFact::default()])).into();
        assert!(!races(&stages[0], &host));
        assert!(races(&["p".to_owned(), "exec p".to_owned()], &host));
        host.programs.clear();
        assert!(races(&stages[0], &host) && !races(&stages[0][..1], &host));
    }

    #[test]
    fn branches_run_one_after_the_other() {
        let text = "parallel\n  parallel max=2\n    print parallel\n";
        assert_eq!(one_at_a_time(text), "parallel max=1\n  parallel max=1\n    print parallel\n");
    }
}
