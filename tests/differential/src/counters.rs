//! What a campaign has seen. A counter that stays at zero is a hole in the generator, unless it is listed as impossible.

use std::collections::{BTreeMap, BTreeSet};

use perch_ops::{Body, ErrorKind};

use crate::campaign::Part;
use crate::compare::{Claim, Judged};
use crate::completions;
use crate::hosts::Knowledge;
use crate::programs::VERSION_TEXTS;
use crate::real::{RealRun, RealVisit};
use crate::source::{Around, Source};
use crate::triples::{Triple, is_sturdy};

/// What a real visit was. Everything that is counted of visits is a sum over these.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Its op or block.
    pub op: String,
    /// The kind by which it failed, or `ok`.
    pub case: &'static str,
    /// What is claimed of its node.
    pub claim: Claim,
    /// What is around it.
    pub around: Option<Around>,
}

/// Counters of a campaign.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Op checks.
    pub checks: usize,
    /// Real runs.
    pub runs: usize,
    /// Hosts that were made to violate a printed assumption.
    pub violating: usize,
    /// Runs that left the hosts that are spoken about, at an op that printed an assumption.
    pub departed: usize,
    /// Triples.
    pub triples: usize,
    /// Triples over budget, by sort and by what is.
    pub abandoned: BTreeMap<(String, Part), BTreeSet<u64>>,
    /// Programs that did not load, by what was said of them.
    pub unloadable: BTreeMap<String, BTreeSet<u64>>,
    /// How often `op claim` was claimed of a node.
    pub claims: BTreeMap<String, usize>,
    /// Real visits.
    pub seen: BTreeMap<Seen, usize>,
    /// Real visits of statements that are written in a certain way: [`FORMS`].
    pub forms: BTreeMap<&'static str, usize>,
    /// Effectful leaf ops that are open although the fixture tells everything: seed and node.
    pub open: BTreeSet<(u64, String)>,
    /// Such ops of which that is right: they go one way or the other with what no fixture tells.
    pub by_chance: BTreeSet<(u64, String)>,
    /// Effectful leaf ops decided, of how many, per knowledge; those that go by chance are left out.
    pub decided: BTreeMap<String, (usize, usize)>,
}

impl Counters {
    /// Adds what another thread has seen.
    pub fn add(&mut self, other: &Self) {
        self.checks += other.checks;
        self.runs += other.runs;
        self.violating += other.violating;
        self.departed += other.departed;
        self.triples += other.triples;
        for (message, seeds) in &other.unloadable {
            self.unloadable.entry(message.clone()).or_default().extend(seeds);
        }
        for (sort, seeds) in &other.abandoned {
            self.abandoned.entry(sort.clone()).or_default().extend(seeds);
        }
        sum(&mut self.claims, &other.claims);
        self.open.extend(other.open.iter().cloned());
        self.by_chance.extend(other.by_chance.iter().cloned());
        sum(&mut self.seen, &other.seen);
        sum(&mut self.forms, &other.forms);
        for (name, (decided, of)) in &other.decided {
            let mine = self.decided.entry(name.clone()).or_default();
            mine.0 += decided;
            mine.1 += of;
        }
    }

    /// Notes what is claimed of a triple.
    pub fn claims(&mut self, nodes: &[Judged], triple: &Triple) {
        let knowledge = word(triple.knowledge);
        let full = triple.knowledge == Knowledge::Full;
        let chance =
            if full && nodes.iter().any(is_open) { completions::going_both_ways(triple) } else { BTreeSet::new() };
        for node in nodes {
            *self.claims.entry(format!("{} {:?}", node.op, node.claim)).or_default() += 1;
            if !counts(node) {
                continue;
            }
            let name = || (triple.seed, format!("{} {}", node.id, node.op));
            if chance.contains(&node.id) {
                self.by_chance.insert(name());
                continue;
            }
            let share = self.decided.entry(knowledge.clone()).or_default();
            share.0 += usize::from(!is_open(node));
            share.1 += 1;
            if full && is_open(node) {
                self.open.insert(name());
            }
        }
    }

    /// Notes the visits of a run.
    pub fn visits(&mut self, nodes: &[Judged], real: &RealRun, source: &Source) {
        let claims: BTreeMap<&str, Claim> = nodes.iter().map(|node| (node.id.as_str(), node.claim)).collect();
        let lines = source.lines();
        for visit in &real.visits {
            let case = visit.failed.map_or("ok", |kind| kind.name());
            let claim = claims.get(visit.node.as_str()).copied().unwrap_or(Claim::Skipped);
            let line = line(&visit.node, source).and_then(|line| lines.get(line));
            let around = line.and_then(|line| line.around);
            let form = form(visit, line.map_or("", |line| line.text.trim()));
            form.into_iter().for_each(|form| *self.forms.entry(form).or_default() += 1);
            *self.seen.entry(Seen { op: visit.op.clone(), case, claim, around }).or_default() += 1;
        }
    }

    /// Notes a triple over budget.
    pub fn abandoned(&mut self, triple: &Triple, part: Part) {
        let sturdy = if is_sturdy(triple.seed) { ", sturdy" } else { "" };
        self.abandoned.entry((word(triple.knowledge) + sturdy, part)).or_default().insert(triple.seed);
    }

    /// How many triples are over budget.
    #[must_use]
    pub fn count_abandoned(&self) -> usize {
        self.abandoned.values().map(BTreeSet::len).sum()
    }

    /// Are these too many? One in a thousand may be.
    #[must_use]
    pub fn abandons_too_many(&self) -> bool {
        self.count_abandoned() * 1000 > self.triples.max(1000)
    }

    /// Are more ops open at full knowledge than one in a thousand? What goes by chance in some order of programs that runs in memory do
    /// not try is among them.
    #[must_use]
    pub fn leaves_too_many_open(&self) -> bool {
        let of = self.decided.get("full").map_or(0, |(_, of)| *of);
        self.open.len() * 1000 > of.max(1000)
    }

    /// How many programs did not load.
    #[must_use]
    pub fn count_unloadable(&self) -> usize {
        self.unloadable.values().map(BTreeSet::len).sum()
    }

    /// Sums of real visits by a name that is given to each.
    #[must_use]
    pub fn by(&self, name: impl Fn(&Seen) -> String) -> BTreeMap<String, usize> {
        let mut sums = BTreeMap::new();
        for (seen, count) in &self.seen {
            *sums.entry(name(seen)).or_default() += count;
        }
        sums
    }
}

fn sum<K: Clone + Ord>(mine: &mut BTreeMap<K, usize>, theirs: &BTreeMap<K, usize>) {
    for (name, count) in theirs {
        *mine.entry(name.clone()).or_default() += count;
    }
}

fn word(knowledge: Knowledge) -> String {
    format!("{knowledge:?}").to_lowercase()
}

/// The line, from 0, on which the statement of a node of the main file stands.
fn line(node: &str, source: &Source) -> Option<usize> {
    let mut step = node.rsplit('>').next()?.split(':');
    let command = step.next()?;
    let is_own = command == "shared" || source.commands.iter().any(|one| one.name == command);
    step.next().filter(|_| is_own)?.parse::<usize>().ok()?.checked_sub(1)
}

const LIST_BEHIND_PROGRAM: &str = "a list behind a program";
const LIST_BEHIND_COMMAND: &str = "a list behind a command";
const LIST_BEHIND_OP: &str = "a list behind an op";
const LIST_ALONE: &str = "a list as a line";
const NO_WORDS: &str = "a line without words";
const ALIAS: &str = "a call behind an alias";
const SHARED_THERE: &str = "a shared binding behind an alias";
const VERSIONS: &str = "a comparison of versions";

/// Ways of writing that must have been seen.
pub const FORMS: &[&str] =
    &[LIST_BEHIND_PROGRAM, LIST_BEHIND_COMMAND, LIST_BEHIND_OP, LIST_ALONE, NO_WORDS, ALIAS, SHARED_THERE, VERSIONS];

/// How the statement of a visit is written, if that is counted.
fn form(visit: &RealVisit, text: &str) -> Option<&'static str> {
    let spliced = text.contains("...}");
    let first = text.split(' ').find(|word| !word.contains('=')).unwrap_or_default();
    match visit.op.as_str() {
        "exec" if spliced && visit.failed == Some(ErrorKind::InvalidArgument) => Some(NO_WORDS),
        "exec" if text.starts_with("${") => Some(LIST_ALONE),
        "exec" if spliced => Some(LIST_BEHIND_PROGRAM),
        "call" if spliced => Some(LIST_BEHIND_COMMAND),
        "print" if spliced => Some(LIST_BEHIND_OP),
        "call" if first.contains('.') => Some(ALIAS),
        "let" if visit.node.starts_with("shared.") => Some(SHARED_THERE),
        "if" if VERSION_TEXTS.iter().any(|version| text.contains(version)) => Some(VERSIONS),
        _ => None,
    }
}

/// Does it count in shares of what is decided?
#[must_use]
pub fn counts(node: &Judged) -> bool {
    effectful(node.op) && !node.blocked && node.claim != Claim::Skipped
}

/// Does it count, and is it undecided?
#[must_use]
pub fn is_open(node: &Judged) -> bool {
    counts(node) && node.claim == Claim::Open
}

/// An op that touches the host.
#[must_use]
pub fn effectful(op: &str) -> bool {
    perch_ops::lookup(op).is_some_and(|op| matches!(op.body(), Body::Primitive(_) | Body::Program(..)))
}
