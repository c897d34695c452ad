//! What a campaign has seen. A counter that stays at zero is a hole in the generator, unless it is listed as impossible.

use std::collections::{BTreeMap, BTreeSet};

use perch_ops::Body;

use crate::compare::{Claim, Judged};
use crate::hosts::Knowledge;
use crate::real::RealRun;
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
    /// Triples over budget, of how many, per sort.
    pub abandoned: BTreeMap<String, usize>,
    /// Programs that did not load.
    pub unloadable: usize,
    /// How often `op claim` was claimed of a node.
    pub claims: BTreeMap<String, usize>,
    /// Real visits.
    pub seen: BTreeMap<Seen, usize>,
    /// Effectful leaf ops that are open although the fixture tells everything: seed and node.
    pub open: BTreeSet<(u64, String)>,
    /// Effectful leaf ops decided, of how many, per knowledge.
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
        self.unloadable += other.unloadable;
        sum(&mut self.abandoned, &other.abandoned);
        sum(&mut self.claims, &other.claims);
        self.open.extend(other.open.iter().cloned());
        sum(&mut self.seen, &other.seen);
        for (name, (decided, of)) in &other.decided {
            let mine = self.decided.entry(name.clone()).or_default();
            mine.0 += decided;
            mine.1 += of;
        }
    }

    /// Notes what is claimed of a triple.
    pub fn claims(&mut self, nodes: &[Judged], triple: &Triple) {
        let knowledge = word(triple.knowledge);
        for node in nodes {
            *self.claims.entry(format!("{} {:?}", node.op, node.claim)).or_default() += 1;
            if effectful(node.op) && !node.blocked && node.claim != Claim::Skipped {
                let share = self.decided.entry(knowledge.clone()).or_default();
                share.0 += usize::from(node.claim != Claim::Open);
                share.1 += 1;
                if node.claim == Claim::Open && triple.knowledge == Knowledge::Full {
                    self.open.insert((triple.seed, format!("{} {}", node.id, node.op)));
                }
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
            let around = line(&visit.node).and_then(|line| lines.get(line)?.around);
            *self.seen.entry(Seen { op: visit.op.clone(), case, claim, around }).or_default() += 1;
        }
    }

    /// Notes a triple over budget.
    pub fn abandoned(&mut self, triple: &Triple) {
        let sturdy = if is_sturdy(triple.seed) { ", sturdy" } else { "" };
        *self.abandoned.entry(word(triple.knowledge) + sturdy).or_default() += 1;
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

/// The line, from 0, on which the statement of a node stands.
fn line(node: &str) -> Option<usize> {
    let step = node.rsplit('>').next()?;
    step.split(':').nth(1)?.parse::<usize>().ok()?.checked_sub(1)
}

/// An op that touches the host.
#[must_use]
pub fn effectful(op: &str) -> bool {
    perch_ops::lookup(op).is_some_and(|op| matches!(op.body(), Body::Primitive(_) | Body::Program(..)))
}
