//! Counters that must not stay at zero, derived from the catalogue and the contracts.

use std::collections::{BTreeMap, BTreeSet};

use perch_ops::contract::{Ask, contract};
use perch_ops::{Body, Control, Entry, ErrorKind, OpId, Primitive, catalogue, lookup};

use crate::compare::Claim;
use crate::counters::{Counters, Seen};
use crate::source::{ARMS, BODIES};

/// From so many triples on, each op must have had each outcome and each claim, and each block must have been in each other.
pub const ENOUGH: usize = 3_000;

/// Counters that nothing can raise, and why. `*` stands for any word.
pub const IMPOSSIBLE: &[(&str, &str)] = &[
    ("* parse_failed", "files of the hosts are UTF-8"),
    ("* file_permission_denied", "the harness may do everything below its root"),
    ("exec shell_signal_killed", "the stand-in for programs is never killed"),
    ("exec invalid_argument", "a working directory is a clean path"),
    ("try unresolved_var", "nothing is evaluated"),
    ("try Fails", "the head of a `try` has nothing that could fail"),
    ("try Open", "the head of a `try` has nothing that could fail"),
    ("arg Skipped", "a default is a node of the report where it is evaluated, and nowhere else"),
    ("fail Runs", "it raises"),
    ("fail Open", "it raises"),
];

/// Nodes that are no ops.
const BLOCKS: &[&str] = &["if", "for_each", "match", "try"];
const OTHERS: &[&str] = &["let", "arg", "call", "chain"];

/// Expected counters of each sort: the first three must not stay at zero, the others are products of them, of which some are so
/// rare that no campaign fills all.
#[derive(Debug, Default)]
pub struct Expected {
    /// `op kind` and `op ok`.
    pub outcomes: BTreeSet<String>,
    /// `op claim`.
    pub claims: BTreeSet<String>,
    /// `block block`: the second in the first.
    pub nested: BTreeSet<String>,
    /// `op kind claim`: how it went, and what had been said.
    pub judged: BTreeSet<String>,
    /// `around op`, where two blocks are around it.
    pub places: BTreeSet<String>,
    /// `around kind claim`, likewise.
    pub told: BTreeSet<String>,
}

/// What must be seen, without what cannot be.
#[must_use]
pub fn expected() -> Expected {
    let mut all = Expected::default();
    let ops = catalogue().filter(|entry| !entry.internal).filter_map(Entry::op);
    let mut unfailing: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = BLOCKS.iter().chain(OTHERS).copied().collect();
    for op in ops {
        let entry = op.entry();
        all.outcomes.extend(kinds(op).into_iter().map(|kind| format!("{} {}", entry.name, kind.name())));
        if !matches!(op.body(), Body::Control(Control::Raise)) {
            all.outcomes.insert(format!("{} ok", entry.name));
        }
        names.push(entry.name);
        if entry.operands.is_empty() {
            unfailing.push(entry.name);
        }
    }
    for name in BLOCKS.iter().chain(OTHERS) {
        all.outcomes.extend([format!("{name} ok"), format!("{name} unresolved_var")]);
    }
    all.outcomes.extend(
        [
            "call invalid_argument",
            "call recursion_limit",
            "call user_fail",
            "chain shell_exit_nonzero",
            "chain bin_not_found",
        ]
        .map(str::to_owned),
    );
    for around in BODIES.iter().chain(ARMS) {
        all.nested.extend(BLOCKS.iter().map(|inner| format!("{around} {inner}")));
    }
    for name in &names {
        all.claims
            .extend([Claim::Runs, Claim::Fails, Claim::Open, Claim::Skipped].map(|claim| format!("{name} {claim:?}")));
    }
    let fails = |name: &String| name.ends_with(" Fails") || name.ends_with(" Open");
    all.claims.retain(|name| !(fails(name) && name.split_once(' ').is_some_and(|(op, _)| unfailing.contains(&op))));
    all.retain_possible();
    all.judged = all.outcomes.iter().flat_map(|outcome| judged(outcome)).collect();
    for outer in BODIES.iter().chain(ARMS) {
        for inner in ARMS {
            all.places.extend(names.iter().map(|name| format!("{outer}>{inner} {name}")));
            all.told.extend(
                all.outcomes
                    .iter()
                    .filter_map(|outcome| outcome.split_once(' '))
                    .flat_map(|(_, kind)| judged(kind).map(|judged| format!("{outer}>{inner} {judged}"))),
            );
        }
    }
    all.retain_possible();
    all
}

/// What can have been said of a visit that ended like this.
fn judged(outcome: &str) -> [String; 2] {
    let decided = if outcome == "ok" || outcome.ends_with(" ok") { Claim::Runs } else { Claim::Fails };
    [decided, Claim::Open].map(|claim| format!("{outcome} {claim:?}"))
}

impl Expected {
    fn sorts(&mut self) -> [&mut BTreeSet<String>; 6] {
        let Self { outcomes, claims, nested, judged, places, told } = self;
        [outcomes, claims, nested, judged, places, told]
    }

    fn retain_possible(&mut self) {
        self.sorts().into_iter().for_each(|sort| sort.retain(|name| impossible(name).is_none()));
    }
}

/// Why a counter stays at zero, if it must.
#[must_use]
pub fn impossible(name: &str) -> Option<&'static str> {
    let words: Vec<&str> = name.split(' ').collect();
    let is = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split(' ').collect();
        let same = |(pattern, word): (&&str, &&str)| *pattern == "*" || pattern == word;
        pattern.len() == words.len() && pattern.iter().zip(&words).all(same)
    };
    IMPOSSIBLE.iter().find(|(pattern, _)| is(pattern)).map(|(_, reason)| *reason)
}

/// Counters that are zero.
#[derive(Debug, Default)]
pub struct Zeros {
    /// Those that must not be.
    pub wanted: Vec<String>,
    /// Products, and how many of them there are.
    pub products: (usize, usize),
}

/// What a campaign has not seen.
#[must_use]
pub fn zeros(counters: &Counters) -> Zeros {
    let expected = expected();
    let around = |seen: &Seen| seen.around.map_or_else(String::new, |around| around.to_string());
    let inner = |seen: &Seen| seen.around.map_or("", |around| around.inner);
    let wanted = [
        (&expected.outcomes, counters.by(|seen| format!("{} {}", seen.op, seen.case))),
        (&expected.claims, counters.claims.clone()),
        (&expected.nested, counters.by(|seen| format!("{} {}", inner(seen), seen.op))),
    ];
    let products = [
        (&expected.judged, counters.by(|seen| format!("{} {} {:?}", seen.op, seen.case, seen.claim))),
        (&expected.places, counters.by(|seen| format!("{} {}", around(seen), seen.op))),
        (&expected.told, counters.by(|seen| format!("{} {} {:?}", around(seen), seen.case, seen.claim))),
    ];
    let missing = |sorts: &[(&BTreeSet<String>, BTreeMap<String, usize>)]| -> Vec<String> {
        sorts.iter().flat_map(|(names, seen)| names.iter().filter(|name| !seen.contains_key(*name)).cloned()).collect()
    };
    let of = products.iter().map(|(names, _)| names.len()).sum();
    Zeros { wanted: missing(&wanted), products: (missing(&products).len(), of) }
}

/// How an op can fail.
fn kinds(op: OpId) -> BTreeSet<ErrorKind> {
    let mut kinds = BTreeSet::new();
    if !op.entry().operands.is_empty() {
        kinds.insert(ErrorKind::UnresolvedVar);
    }
    match op.body() {
        Body::Primitive(primitive) => of_primitive(*primitive, &mut kinds),
        Body::Pure(_) => {}
        Body::Control(Control::Raise) => drop(kinds.insert(ErrorKind::UserFail)),
        Body::Control(Control::Exit) => drop(kinds.insert(ErrorKind::InvalidArgument)),
        Body::Program(text, asks) => {
            kinds.extend((!asks.is_empty()).then_some(ErrorKind::InvalidArgument));
            asks.iter().for_each(|ask| denials(*ask, &mut kinds));
            for op in text.split_whitespace().filter_map(lookup) {
                if let Body::Primitive(primitive) = op.body() {
                    of_primitive(*primitive, &mut kinds);
                }
            }
        }
    }
    kinds
}

fn of_primitive(primitive: Primitive, kinds: &mut BTreeSet<ErrorKind>) {
    let contract = contract(primitive);
    kinds.extend(contract.guards.iter().map(|guard| guard.kind));
    kinds.extend(contract.environment);
    contract.asks.iter().for_each(|ask| denials(*ask, kinds));
    if !contract.paths.is_empty() {
        kinds.insert(ErrorKind::InvalidArgument);
    }
    if primitive == Primitive::Spawn {
        kinds.extend([ErrorKind::ShellExitNonzero, ErrorKind::ShellSignalKilled]);
    }
}

fn denials(ask: Ask, kinds: &mut BTreeSet<ErrorKind>) {
    match ask {
        Ask::Read(_) => kinds.extend([ErrorKind::ReadNotPermitted]),
        Ask::Write(_) | Ask::Delete(_) => kinds.extend([ErrorKind::CapWriteDenied, ErrorKind::WriteNotPermitted]),
        Ask::Start => kinds.extend([ErrorKind::CapSubprocessDenied, ErrorKind::ShellBinNotAllowed]),
        Ask::Look(_) | Ask::ReadEnv | Ask::HostFact | Ask::Output => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_say_what_to_expect() {
        let expected = expected();
        for name in
            ["cp is_a_directory", "mv cap_write_denied", "exec bin_not_found", "mkdir ok", "exit invalid_argument"]
        {
            assert!(expected.outcomes.contains(name), "{name}");
        }
        assert!(!expected.outcomes.contains("fail ok") && !expected.outcomes.contains("exists read_not_permitted"));
        assert!(expected.claims.contains("cp Open") && expected.nested.contains("finally try"));
        assert!(expected.judged.contains("cp ok Runs") && !expected.judged.contains("cp ok Fails"));
        assert!(expected.judged.contains("cp is_a_directory Fails") && expected.places.contains("try>finally cp"));
    }

    #[test]
    fn nothing_seen_is_all_zeros() {
        let mut expected = expected();
        let sizes: Vec<usize> = expected.sorts().iter().map(|sort| sort.len()).collect();
        let zeros = zeros(&Counters::default());
        assert_eq!(zeros.wanted.len(), sizes[..3].iter().sum::<usize>());
        let products = sizes[3..].iter().sum::<usize>();
        assert_eq!(zeros.products, (products, products));
    }
}
