//! What a campaign has seen. A counter that stays at zero is a hole in the generator, unless it is listed as impossible.

use std::collections::BTreeMap;

use crate::compare::Claim;

/// Counters of a campaign.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Op checks.
    pub checks: usize,
    /// Real runs.
    pub runs: usize,
    /// Runs on hosts that violate a printed assumption.
    pub outside: usize,
    /// Triples.
    pub triples: usize,
    /// Triples over budget.
    pub abandoned: usize,
    /// Programs that did not load.
    pub unloadable: usize,
    /// How often `op claim` was claimed of a node.
    pub claims: BTreeMap<String, usize>,
    /// How often `op kind` was how a node failed, or `op ok`.
    pub outcomes: BTreeMap<String, usize>,
    /// How often a block was within another.
    pub nested: BTreeMap<String, usize>,
    /// Effectful leaf ops that are open although the fixture tells everything.
    pub open: BTreeMap<String, usize>,
    /// Effectful leaf ops decided, of how many, per knowledge.
    pub decided: BTreeMap<String, (usize, usize)>,
}

impl Counters {
    /// Adds what another thread has seen.
    pub fn add(&mut self, other: &Self) {
        self.checks += other.checks;
        self.runs += other.runs;
        self.outside += other.outside;
        self.triples += other.triples;
        self.abandoned += other.abandoned;
        self.unloadable += other.unloadable;
        for (mine, theirs) in [
            (&mut self.claims, &other.claims),
            (&mut self.outcomes, &other.outcomes),
            (&mut self.nested, &other.nested),
            (&mut self.open, &other.open),
        ] {
            for (name, count) in theirs {
                *mine.entry(name.clone()).or_default() += count;
            }
        }
        for (name, (decided, of)) in &other.decided {
            let mine = self.decided.entry(name.clone()).or_default();
            mine.0 += decided;
            mine.1 += of;
        }
    }

    /// Notes a claim.
    pub fn claim(&mut self, op: &str, claim: Claim) {
        *self.claims.entry(format!("{op} {claim:?}")).or_default() += 1;
    }

    /// Notes how a visit went.
    pub fn outcome(&mut self, op: &str, kind: &str) {
        *self.outcomes.entry(format!("{op} {kind}")).or_default() += 1;
    }
}
