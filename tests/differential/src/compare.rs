//! Verdicts and diagrams against a real run.
//!
//! The strongest question is not whether a verdict held but whether what happened is possible at all: the facts of
//! the real host fix some of the atoms, the others are free, and reach, failure and every cell must have a
//! valuation that is what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use perch_diagram::{Atom, Dd, Leaf};
use perch_engine::{Context, arguments};
use perch_ops::ErrorKind;
use perch_ops::Pure;
use perch_ops::machine::{self, Machine, Plain};
use perch_policy::path;
use perch_simulate::report::{Reach, Verdict};
use perch_simulate::verdict::{Seen, standing};
use perch_simulate::{Run, assumptions};
use perch_symbolic::Symbolic;
use perch_symbolic::cells::{AtomKey, Cell, Hole, HoleKey, Piece};
use perch_symbolic::made;
use perch_symbolic::record::Assumption;

use serde::{Deserialize, Serialize};

use crate::assumed;
use crate::fresh;
use crate::hosts::{Entry, Host, bin_dir};
use crate::real::{Ending, RealRun, RealVisit};

/// A node of the report as the comparison needs it.
pub struct Judged {
    /// Its name.
    pub id: String,
    /// Its op or block.
    pub op: &'static str,
    /// Its visits.
    pub seen: Vec<Seen>,
    /// What is claimed.
    pub claim: Claim,
    /// Reached on every real run.
    pub always: bool,
    /// Reached only behind a mended failure.
    pub blocked: bool,
    /// What its report takes for granted.
    pub printed: BTreeSet<Assumption>,
}

/// What is claimed of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// Nothing visits it.
    Skipped,
    /// No visit fails.
    Runs,
    /// A visit fails on every run that visits it.
    Fails,
    /// Undecided.
    Open,
}

/// The claims of a run.
pub fn judge(run: &mut Run, nodes: Vec<(String, &'static str, Vec<Seen>)>) -> Vec<Judged> {
    let total = run.endings().total;
    let mut judged = Vec::with_capacity(nodes.len());
    for (id, op, seen) in nodes {
        let standing = run.read(|run| standing(run, total, &seen)).flatten();
        let (claim, reach) = standing.map_or((Claim::Open, Reach::Sometimes), |one| (claim(one.verdict), one.reach));
        let printed = run.read(|run| assumptions::of_real_runs(run, &seen)).unwrap_or_else(|| {
            // As in reports: if it is too much to tell on which runs, it is printed.
            seen.iter().flat_map(|one| one.visit.assumptions.iter().map(|(taken, _)| taken.clone())).collect()
        });
        let (always, blocked) = (reach == Reach::Always, reach == Reach::Blocked);
        judged.push(Judged { id, op, seen, claim, always, blocked, printed });
    }
    judged
}

fn claim(verdict: Verdict) -> Claim {
    match verdict {
        Verdict::Skipped => Claim::Skipped,
        Verdict::WillRun => Claim::Runs,
        Verdict::WillFail => Claim::Fails,
        Verdict::MightFail => Claim::Open,
    }
}

/// Something that was claimed and did not happen, or happened and was excluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The node, or what else it is about.
    pub about: String,
    /// What is wrong.
    pub message: String,
}

impl Contradiction {
    /// About a node, say.
    pub fn new(about: &str, message: impl Into<String>) -> Self {
        Self { about: about.to_owned(), message: message.into() }
    }
}

impl std::fmt::Display for Contradiction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.about, self.message)
    }
}

/// The outcome of a comparison.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Op checks made.
    pub checks: usize,
    /// Everything that is wrong.
    pub contradictions: Vec<Contradiction>,
    /// The run has left the hosts that are spoken about, at an op that printed the assumption which this host violates.
    pub departed: bool,
}

/// Compares one run.
pub fn compare(run: &mut Run, nodes: &[Judged], host: &Host, real: &RealRun) -> Comparison {
    let by_id: BTreeMap<&str, &Judged> = nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let truth = Truth { host };
    // Told, it holds for what is caught as well: this is another host, then.
    let in_time = match run.domain.facts.in_time {
        true => Some(Departure::Program),
        false => run.domain.general.contains(&Assumption::InTime).then_some(Departure::Failure),
    };
    let departures = Departures::new(&run.domain, nodes, host, in_time);
    let departure = |at: usize| departures.at_last(&real.visits[..=at]);
    // Branches of a `parallel` run at once: one of them may leave before another is seen that goes on.
    let at_once = real.visits.iter().any(|visit| visit.op == "parallel");
    let left = |at: usize| {
        let until = if at_once { real.visits.len() } else { at + 1 };
        let (at, how) = (at..until).find_map(|at| Some((at, departure(at)?)))?;
        // What a program has done it may have done long before anything came of it.
        let first = (0..at).find(|at| how == Departure::Program && departure(*at) == Some(how));
        Some((first.unwrap_or(at), how))
    };
    // And several of them may, each at a place of its own.
    let elsewhere: Vec<&str> = match at_once {
        true => (0..real.visits.len())
            .filter(|at| departure(*at).is_some())
            .map(|at| real.visits[at].node.as_str())
            .collect(),
        false => Vec::new(),
    };
    let mut comparison = Comparison::default();
    for (at, visit) in real.visits.iter().enumerate() {
        let node = by_id.get(visit.node.as_str());
        let wrong = match node {
            Some(node) => impossible_visit(run, node, visit, &truth),
            None => Some("ran, and the report does not know it".to_owned()),
        };
        let Some(message) = wrong else { continue };
        if let Some((at, departure)) = left(at) {
            comparison.departed = true;
            comparison.checks += at;
            comparison.contradictions.extend(wrong_departure(run, nodes, (departure, &elsewhere), (&truth, real, at)));
            return comparison;
        }
        comparison.contradictions.push(Contradiction::new(&visit.node, message));
    }
    let mut visits_of: BTreeMap<&str, Vec<&RealVisit>> = BTreeMap::new();
    for visit in &real.visits {
        visits_of.entry(visit.node.as_str()).or_default().push(visit);
    }
    for node in nodes {
        comparison.checks += 1;
        let visits = visits_of.get(node.id.as_str()).map_or(&[][..], Vec::as_slice);
        comparison.contradictions.extend(wrong_claim(node, visits));
        if visits.is_empty() {
            comparison.contradictions.extend(missed(run, node, &truth));
        }
    }
    comparison.contradictions.extend(wrong_ending(run, real, &truth));
    if !comparison.contradictions.is_empty() {
        // A visit may be possible, and yet this one not: what was taken for granted excludes just one way to fail.
        let foreseen = |at: usize| is_foreseen_deadline(&by_id, &real.visits[at]);
        let departed = (0..real.visits.len()).filter(|at| !foreseen(*at)).find_map(|at| Some((at, departure(at)?)));
        if let Some((at, departure)) = departed {
            comparison.departed = true;
            comparison.contradictions = wrong_departure(run, nodes, (departure, &elsewhere), (&truth, real, at));
        }
    }
    comparison
}

/// What was claimed of a node, against its visits.
fn wrong_claim(node: &Judged, visits: &[&RealVisit]) -> Option<Contradiction> {
    let kinds: Vec<&str> = visits.iter().filter_map(|visit| visit.failed).map(ErrorKind::name).collect();
    let claim = match node.claim {
        Claim::Skipped if !visits.is_empty() => "SKIPPED, and it ran",
        Claim::Runs if !kinds.is_empty() => "✓, and it failed",
        Claim::Fails if !visits.is_empty() && kinds.is_empty() => "✗, and it succeeded",
        _ if node.always && visits.is_empty() => "reached always, and it was not",
        _ => return None,
    };
    Some(Contradiction::new(&node.id, format!("{} is {claim} {kinds:?}", node.op)))
}

/// Ops that read a file as text, and nothing else that could be no text.
const READS_TEXT: [&str; 3] = ["read_file", "replace_in_file", "ensure_line_in_file"];

/// Assumptions about the paths that there really are, where a name says the day.
pub(crate) fn spelled_out(domain: &Symbolic, printed: &BTreeSet<Assumption>) -> BTreeSet<Assumption> {
    let spelled = |path: &String| Truth::spelled_out(domain, path);
    let of = |assumption: &Assumption| match assumption {
        Assumption::IsDirectory(path) => spelled(path).map(Assumption::IsDirectory),
        Assumption::IsFile(path) => spelled(path).map(Assumption::IsFile),
        Assumption::IsThere(path) => spelled(path).map(Assumption::IsThere),
        Assumption::NoDirectory(path) => spelled(path).map(Assumption::NoDirectory),
        Assumption::NoFile(path) => spelled(path).map(Assumption::NoFile),
        other => Some(other.clone()),
    };
    printed.iter().filter_map(of).collect()
}

/// A deadline that passes where the report says that the op fails: nobody has taken for granted that it does not.
fn is_foreseen_deadline(by_id: &BTreeMap<&str, &Judged>, visit: &RealVisit) -> bool {
    let fails = |node: &&Judged| matches!(node.claim, Claim::Fails);
    visit.failed == Some(ErrorKind::TimeoutExceeded) && by_id.get(visit.node.as_str()).is_some_and(fails)
}

/// How a run leaves the hosts that are spoken about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Departure {
    /// A failure that was taken not to happen. It ends the command.
    Failure,
    /// A program does what it was taken not to do. Anything can come of it.
    Program,
}

/// What tells how a run leaves the hosts that are spoken about.
struct Departures<'a> {
    host: &'a Host,
    in_time: Option<Departure>,
    /// The operations, and what is printed of each.
    nodes: BTreeMap<&'a str, (&'a str, BTreeSet<Assumption>)>,
    /// Those that start a program which does here what their report excludes.
    astray: Vec<&'a str>,
}

impl<'a> Departures<'a> {
    fn new(domain: &Symbolic, nodes: &'a [Judged], host: &'a Host, in_time: Option<Departure>) -> Self {
        let told = |node: &'a Judged| (node.id.as_str(), (node.op, spelled_out(domain, &node.printed)));
        let is_astray = |node: &&Judged| node.printed.iter().any(|one| assumed::goes_astray(one, host));
        let astray = nodes.iter().filter(is_astray).map(|node| node.id.as_str()).collect();
        Self { host, in_time, nodes: nodes.iter().map(told).collect(), astray }
    }

    /// Does the last of these visits, which its diagrams exclude, show that a printed assumption does not hold here?
    fn at_last(&self, visits: &[RealVisit]) -> Option<Departure> {
        let last = visits.last()?;
        if self.in_time.is_some() && last.failed == Some(ErrorKind::TimeoutExceeded) {
            return self.in_time;
        }
        // What is read is text (verdicts.md §6.1), and so are the files of the hosts, but for their programs.
        if last.failed == Some(ErrorKind::ParseFailed) && READS_TEXT.contains(&last.op.as_str()) {
            return Some(Departure::Program);
        }
        let printed = self.nodes.get(last.node.as_str()).map(|(_, printed)| printed);
        if printed.into_iter().flatten().any(|one| fails_by(one, self.host, last.failed)) {
            return Some(Departure::Failure);
        }
        self.goes_astray(visits).then_some(Departure::Program)
    }

    /// Was a program started that does here what its op's report excludes? Handlers of hooks are visited before the visit of their op is
    /// over, and those of the stages of a pipe, which are no nodes, before that of the pipe is.
    fn goes_astray(&self, visits: &[RealVisit]) -> bool {
        let last = visits.last().map_or("", |last| last.node.as_str());
        let around = |node: &str| {
            let behind = last.strip_prefix(node.split('/').next().unwrap_or_default());
            behind.is_some_and(|behind| behind.starts_with('>'))
        };
        let is_pipe = |node: &str| self.nodes.get(node).is_some_and(|(op, _)| *op == "pipe");
        let stage = |node: &str| is_pipe(node) && stands_before(node, last);
        let visited = |node: &str| visits.iter().any(|visit| visit.node == node);
        self.astray.iter().any(|node| visited(node) || around(node) || stage(node))
    }
}

/// Is that failure what the assumption excludes?
fn fails_by(assumption: &Assumption, host: &Host, failed: Option<ErrorKind>) -> bool {
    match (assumption, failed) {
        (_, None) => false,
        (Assumption::Succeeds(_), Some(kind)) => {
            matches!(kind, ErrorKind::ShellExitNonzero | ErrorKind::ShellSignalKilled)
        }
        _ => assumed::lacks(assumption, host),
    }
}

/// After the visit at `at`, nothing must happen but that the calls around it fail, and nothing must have been passed over
/// before it.
fn wrong_departure(
    run: &mut Run,
    nodes: &[Judged],
    (departure, elsewhere): (Departure, &[&str]),
    (truth, real, at): (&Truth<'_>, &RealRun, usize),
) -> Vec<Contradiction> {
    let last = &real.visits[at];
    // Also what is reached afterwards: branches of a `parallel` run at once.
    let reached: BTreeSet<&str> = real.visits.iter().map(|visit| visit.node.as_str()).collect();
    let is_behind_other = |node: &str| elsewhere.iter().any(|other| stands_before(other, node));
    let is_missing = |node: &&Judged| {
        !reached.contains(node.id.as_str()) && stands_before(&node.id, &last.node) && !is_behind_other(&node.id)
    };
    let before = nodes.iter().filter(is_missing);
    let mut found: Vec<Contradiction> = before.filter_map(|node| missed(run, node, truth)).collect();
    // What the other branches of a `parallel` do meanwhile is not known, nor which of the failures counts.
    let alone = real.visits.iter().all(|visit| visit.op != "parallel");
    if departure == Departure::Failure && alone {
        let late = |visit: &RealVisit| visit.failed == Some(ErrorKind::TimeoutExceeded) && visit.failed == last.failed;
        // Handlers of the stages of a pipe, which are no nodes, stand behind that.
        let has_stage = |visit: &RealVisit| visit.op == "pipe" && stands_before(&visit.node, &last.node);
        let ends =
            |visit: &RealVisit| visit.failed.is_some() && (is_around(&visit.node, &last.node) || has_stage(visit));
        let later = real.visits[at + 1..].iter().filter(|visit| !late(visit) && !ends(visit));
        found.extend(later.map(|visit| {
            let message = format!("{} ran after a failure that was taken to be uncaught and unseen", visit.op);
            Contradiction::new(&visit.node, message)
        }));
        if real.ending != Ending::Failed(last.failed.unwrap_or(ErrorKind::UserFail)) {
            found.push(Contradiction::new("ending", "a failure that was taken to be uncaught did not end the command"));
        }
    }
    if departure == Departure::Failure && !alone && real.ending == Ending::Next {
        found.push(Contradiction::new("ending", "a failure that was taken to be uncaught ended nothing"));
    }
    found
}

/// Is a node that was not visited entered on every run on this host?
fn missed(run: &mut Run, node: &Judged, truth: &Truth<'_>) -> Option<Contradiction> {
    let enter = node.seen.iter().fold(Dd::FALSE, |all, seen| run.domain.dds.or(all, seen.enter));
    let enter = run.real(enter);
    let passed = truth.possible(&run.domain, enter).contains(&Leaf::FALSE);
    (!passed).then(|| Contradiction::new(&node.id, format!("{} is reached by its diagrams, and it was not", node.op)))
}

/// Is the one a call or chain around the other, or the other itself?
fn is_around(outer: &str, inner: &str) -> bool {
    steps(inner).starts_with(&steps(outer))
}

/// Does the one come before the other in the text of the command that both are in, through calls?
fn stands_before(one: &str, other: &str) -> bool {
    let (one, other) = (steps(one), steps(other));
    let differ = one.iter().zip(&other).find(|(one, other)| one != other);
    // Of the hooks of one op, some are for its success and others for its failure.
    differ.is_some_and(|(one, other)| one.0 == other.0 && one.0 != "hooks" && one.1 < other.1)
}

/// The calls that lead to a node and it itself, each with its command and line. A line holds one statement.
fn steps(node: &str) -> Vec<(&str, u32)> {
    node.split('>').filter_map(step).collect()
}

fn step(step: &str) -> Option<(&str, u32)> {
    let (command, place) = step.split_once(':')?;
    Some((command, place.split(':').next()?.parse().ok()?))
}

/// Why a visit cannot have happened like this.
fn impossible_visit(run: &mut Run, node: &Judged, visit: &RealVisit, truth: &Truth<'_>) -> Option<String> {
    let matching: Vec<&Seen> = node.seen.iter().filter(|seen| same_visit(&seen.path, &visit.visit)).collect();
    let can = matching.into_iter().any(|seen| {
        let here = match visit.failed {
            None => run.domain.dds.minus(seen.enter, seen.fails),
            Some(kind) => {
                let of_kind =
                    seen.visit.failed.iter().find(|(other, _)| *other == kind).map_or(Dd::FALSE, |(_, pc)| *pc);
                run.domain.dds.and(seen.enter, of_kind)
            }
        };
        let here = run.real(here);
        truth.possible(&run.domain, here).contains(&Leaf::TRUE)
    });
    let what = visit.failed.map_or("succeeding", ErrorKind::name);
    (!can).then(|| format!("{} at {:?} {what} is impossible by its diagrams", node.op, visit.visit))
}

fn same_visit(recorded: &[u32], real: &[u32]) -> bool {
    recorded.len() == real.len()
        && recorded.iter().zip(real).all(|(recorded, real)| *recorded == Context::EVERY || recorded == real)
}

/// The ending and the final state.
fn wrong_ending(run: &mut Run, real: &RealRun, truth: &Truth<'_>) -> Vec<Contradiction> {
    let wrong = |about: &str, message: String| Contradiction::new(about, message);
    let world = match &real.ending {
        Ending::Next => run.flows.next.as_ref(),
        Ending::Failed(kind) => run.flows.having_failed().find(|(other, _)| other == kind).map(|(_, world)| world),
        Ending::Exited(_) => run.flows.having_exited(),
    };
    let Some(world) = world else { return vec![wrong("ending", format!("{:?} is excluded", real.ending))] };
    let host = world.host.clone();
    let status = world.frame.bindings.get(perch_engine::flows::hidden::STATUS).copied();
    let pc = run.real(host.pc);
    if !truth.possible(&run.domain, pc).contains(&Leaf::TRUE) {
        return vec![wrong("ending", format!("{:?} is impossible here", real.ending))];
    }
    let mut found = Vec::new();
    let endings = run.endings();
    if (real.status == 0 && !endings.may_succeed) || (real.status != 0 && !endings.may_fail) {
        found.push(wrong("command", format!("exit status {} contradicts its verdict", real.status)));
    }
    if let (Ending::Exited(text), Some(status)) = (&real.ending, status)
        && !truth.may_be_text(run, pc, status, text)
    {
        found.push(wrong("ending", format!("exit with {text:?} is impossible")));
    }
    let mut paths: BTreeSet<String> = real.tree.keys().chain(truth.host.tree.keys()).cloned().collect();
    paths.extend(host.entries.keys().map(|path| path.to_string()).filter(|path| path::within(path, &truth.host.root)));
    let (made, paths): (Vec<String>, Vec<String>) =
        paths.into_iter().partition(|path| made::is_made(path) || fresh::is_under_made_up(path));
    found.extend(fresh::wrong(run, &made, (&host, pc), truth, real));
    for path in paths {
        let cell = run.domain.entry_of(&host, &path);
        if !truth.may_stand(run, pc, cell, real.tree.get(&path)) {
            found.push(wrong(&path, format!("{:?} in the end is impossible", real.tree.get(&path))));
        }
    }
    found
}

/// What `null_device` is here.
const NULL_DEVICE: &str = "/dev/null";

/// A file of whose content nothing is said, such as a program.
static SOME_FILE: Entry = Entry::File { content: String::new() };

/// What is true of the real host at the start.
pub struct Truth<'h> {
    /// It.
    pub host: &'h Host,
}

/// What the host tells of the machine that it is built on. Who the user is, and such, it does not.
struct Known<'h>(&'h Host);

impl Machine for Known<'_> {
    fn variable(&mut self, name: &str) -> Option<String> {
        self.0.env.get(name).cloned()
    }

    fn plain(&mut self, what: Plain) -> Option<String> {
        match what {
            Plain::Os => Some("linux".to_owned()),
            Plain::Arch => Some(perch_system::arch().to_owned()),
            Plain::Temporary => Some(machine::TEMPORARY.to_owned()),
            _ => None,
        }
    }
}

impl Truth<'_> {
    fn possible(&self, domain: &Symbolic, dd: Dd) -> rustc_hash::FxHashSet<Leaf> {
        domain.dds.possible(dd, &|atom| self.atom(domain, atom))
    }

    /// The value of an atom, if the start of the run decides it.
    #[must_use]
    pub fn atom(&self, domain: &Symbolic, atom: Atom) -> Option<bool> {
        let text = |leaf: &Leaf| self.text(domain, *leaf);
        match domain.names.atom_key(atom) {
            AtomKey::There(0, path) => Some(self.entry(&Self::spelled_out(domain, path)?).is_some()),
            AtomKey::IsDir(0, path) => self.entry(&Self::spelled_out(domain, path)?).map(|entry| *entry == Entry::Dir),
            AtomKey::EnvSet(name) => Some(self.host.env.contains_key(&**name)),
            AtomKey::Bin(0, name) => Some(self.host.has_program(name)),
            AtomKey::Equals(leaf, literal) => Some(text(leaf)? == **literal),
            AtomKey::Same(a, b) => Some(text(a)? == text(b)?),
            AtomKey::Less(a, b) => Some(arguments::compare(perch_ir::Comparison::Less, &text(a)?, &text(b)?)),
            AtomKey::OfType(ty, leaf) => Some(ty.accepts(&text(leaf)?)),
            AtomKey::Holds(function, operands) => {
                let texts = self.texts(domain, operands)?;
                Some(function.text(&texts.iter().map(String::as_str).collect::<Vec<_>>()) == "true")
            }
            AtomKey::Refused(function, kind, operands) => {
                let texts = self.texts(domain, operands)?;
                Some(function.refuses(*kind, &texts.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            AtomKey::IsStatus(leaf) => Some(arguments::status(&text(leaf)?).is_some()),
            AtomKey::IsZero(leaf) => Some(arguments::status(&text(leaf)?) == Some(0)),
            AtomKey::Ghost(..) => Some(false),
            AtomKey::There(..)
            | AtomKey::IsDir(..)
            | AtomKey::IsLink(..)
            | AtomKey::Touched(..)
            | AtomKey::Bin(..)
            | AtomKey::Fresh(..) => None,
        }
    }

    /// The path that it really is where a name in it says the day.
    fn spelled_out(domain: &Symbolic, path: &str) -> Option<String> {
        let day = |hole: Hole| match domain.names.hole_key(hole) {
            HoleKey::Pure(Pure::FormatTime, operands) => fresh::today(&domain.names.known(*operands.get(1)?)?),
            _ => None,
        };
        let spelled = |piece: Piece| match piece {
            Piece::Literal(text) => Some(text.to_string()),
            Piece::Hole(hole) => day(hole),
        };
        domain.names.pieces_of_path(path)?.into_iter().map(spelled).collect()
    }

    fn entry(&self, path: &str) -> Option<&Entry> {
        // The directory of this machine for what is temporary is there, and that of devices, and no part of the host.
        let around = path::within(&self.host.root, path) || [machine::TEMPORARY, "/dev"].contains(&path);
        if around { Some(&Entry::Dir) } else { self.host.tree.get(path).or_else(|| self.beside(path)) }
    }

    /// What is beside the root: the directory of programs, and those of them that the host has; and what every machine has.
    fn beside(&self, path: &str) -> Option<&Entry> {
        if path == NULL_DEVICE {
            return Some(&SOME_FILE);
        }
        let bin = bin_dir(&self.host.root);
        if path == bin {
            return Some(&Entry::Dir);
        }
        let name = path.strip_prefix(&bin)?.strip_prefix('/')?;
        self.host.has_program(name).then_some(&SOME_FILE)
    }

    fn text(&self, domain: &Symbolic, leaf: Leaf) -> Option<String> {
        let pieces = domain.names.pieces(leaf)?;
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => Some(text.to_string()),
                Piece::Hole(hole) => self.hole(domain, *hole),
            })
            .collect()
    }

    fn texts(&self, domain: &Symbolic, leaves: &[Leaf]) -> Option<Vec<String>> {
        leaves.iter().map(|leaf| self.text(domain, *leaf)).collect()
    }

    fn hole(&self, domain: &Symbolic, hole: Hole) -> Option<String> {
        match domain.names.hole_key(hole) {
            HoleKey::Env(name) => self.host.env.get(&**name).cloned(),
            HoleKey::Content(0, path) => match self.host.tree.get(&Self::spelled_out(domain, path)?) {
                Some(Entry::File { content }) => Some(content.clone()),
                _ => None,
            },
            HoleKey::Fact(name) => machine::fact(&mut Known(self.host), name),
            HoleKey::Rooted(name) => machine::fact(&mut Known(self.host), name)?.strip_prefix('/').map(str::to_owned),
            HoleKey::Found(_, name) => {
                let path = format!("{}/{name}", bin_dir(&self.host.root));
                path.strip_prefix('/').map(str::to_owned)
            }
            HoleKey::Pure(function, operands) => {
                let texts = self.texts(domain, operands)?;
                Some(function.text(&texts.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            _ => None,
        }
    }

    /// May this stand there, on runs of `pc`?
    pub(crate) fn may_stand(&self, run: &mut Run, pc: Dd, cell: Dd, real: Option<&Entry>) -> bool {
        let fitting: Vec<Leaf> =
            run.domain.dds.leaves(cell).into_iter().filter(|leaf| self.fits(&run.domain, *leaf, real)).collect();
        self.may_be(run, pc, cell, &fitting)
    }

    fn may_be_text(&self, run: &mut Run, pc: Dd, value: Dd, text: &str) -> bool {
        let fitting: Vec<Leaf> =
            run.domain.dds.leaves(value).into_iter().filter(|leaf| self.is_text(&run.domain, *leaf, text)).collect();
        self.may_be(run, pc, value, &fitting)
    }

    fn may_be(&self, run: &mut Run, pc: Dd, value: Dd, fitting: &[Leaf]) -> bool {
        let is = run.domain.dds.map(value, &mut |leaf| if fitting.contains(&leaf) { Dd::TRUE } else { Dd::FALSE });
        let is = run.domain.dds.and(pc, is);
        let is = run.real(is);
        self.possible(&run.domain, is).contains(&Leaf::TRUE)
    }

    fn fits(&self, domain: &Symbolic, leaf: Leaf, real: Option<&Entry>) -> bool {
        match (domain.names.cell(leaf), real) {
            (Cell::Absent, None) | (Cell::Dir, Some(Entry::Dir)) => true,
            (Cell::File(content), Some(Entry::File { content: real })) => self.is_text(domain, *content, real),
            (Cell::Link(target), Some(Entry::Link { target: real })) => self.is_text(domain, *target, real),
            _ => false,
        }
    }

    /// Can the leaf be that text? Unknown parts can be anything.
    fn is_text(&self, domain: &Symbolic, leaf: Leaf, text: &str) -> bool {
        let Some(pieces) = domain.names.pieces(leaf) else { return false };
        let mut parts: Vec<Option<Rc<str>>> = Vec::new();
        for piece in pieces {
            parts.push(match piece {
                Piece::Literal(text) => Some(text),
                Piece::Hole(hole) => self.hole(domain, hole).map(Into::into),
            });
        }
        fits_pattern(&parts, text)
    }
}

fn fits_pattern(parts: &[Option<Rc<str>>], text: &str) -> bool {
    match parts.split_first() {
        None => text.is_empty(),
        Some((Some(literal), rest)) => text.strip_prefix(&**literal).is_some_and(|after| fits_pattern(rest, after)),
        Some((None, rest)) => {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| fits_pattern(rest, &text[at..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_gaps() {
        let lit = |text: &str| Some(Rc::from(text));
        assert!(fits_pattern(&[lit("a"), None, lit("z")], "abcz"));
        assert!(!fits_pattern(&[lit("a"), None, lit("z")], "abc"));
        assert!(fits_pattern(&[], "") && !fits_pattern(&[], "x"));
    }
}
