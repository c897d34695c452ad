//! Counters that must not stay at zero, derived from the catalogue and the contracts.

use std::collections::BTreeSet;

use perch_ops::contract::{Ask, contract};
use perch_ops::{Body, Control, Entry, ErrorKind, OpId, Primitive, catalogue, lookup};

use crate::compare::Claim;
use crate::counters::Counters;

/// Fewer triples than this say nothing about zeros.
pub const ENOUGH: usize = 20_000;

/// Counters that nothing can raise, and why. `*` stands for any op.
pub const IMPOSSIBLE: &[(&str, &str)] = &[
    ("* parse_failed", "files of the hosts are UTF-8"),
    ("* file_permission_denied", "the harness may do everything below its root"),
    ("exec shell_signal_killed", "the stand-in for programs is never killed"),
    ("exec invalid_argument", "a working directory is a clean path"),
    ("try unresolved_var", "nothing is evaluated"),
    ("try Fails", "the head of a `try` has nothing that could fail"),
    ("try Open", "the head of a `try` has nothing that could fail"),
    ("fail Runs", "it raises"),
    ("fail Open", "it raises"),
];

/// Nodes that are no ops.
const BLOCKS: &[&str] = &["if", "for_each", "match", "try"];
const OTHERS: &[&str] = &["let", "arg", "call", "chain"];
const AROUND: &[&str] = &["main", "call", "if", "for_each", "match", "try", "rescue", "finally"];

/// Expected counters of each sort.
#[derive(Debug, Default)]
pub struct Expected {
    /// `op kind` and `op ok`.
    pub outcomes: BTreeSet<String>,
    /// `op claim`.
    pub claims: BTreeSet<String>,
    /// `block>block`.
    pub nested: BTreeSet<String>,
}

/// What must be seen, without what cannot be.
#[must_use]
pub fn expected() -> Expected {
    let mut all = Expected::default();
    let ops = catalogue().filter(|entry| !entry.internal).filter_map(Entry::op);
    for op in ops {
        let entry = op.entry();
        all.outcomes.extend(kinds(op).into_iter().map(|kind| format!("{} {}", entry.name, kind.name())));
        if !matches!(op.body(), Body::Control(Control::Raise)) {
            all.outcomes.insert(format!("{} ok", entry.name));
        }
        let can_fail = !entry.operands.is_empty();
        all.claims
            .extend(claims(entry.name).filter(|name| can_fail || !name.ends_with("Fails") && !name.ends_with("Open")));
    }
    for name in BLOCKS.iter().chain(OTHERS) {
        all.outcomes.extend([format!("{name} ok"), format!("{name} unresolved_var")]);
        all.claims.extend(claims(name));
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
    for around in AROUND {
        all.nested.extend(BLOCKS.iter().map(|inner| format!("{around}>{inner}")));
    }
    for set in [&mut all.outcomes, &mut all.claims, &mut all.nested] {
        set.retain(|name| impossible(name).is_none());
    }
    all
}

/// Why a counter stays at zero, if it must.
#[must_use]
pub fn impossible(name: &str) -> Option<&'static str> {
    let what = name.split_once(' ').map_or("", |(_, what)| what);
    let is = |pattern: &str| pattern == name || pattern.strip_prefix("* ") == Some(what);
    IMPOSSIBLE.iter().find(|(pattern, _)| is(pattern)).map(|(_, reason)| *reason)
}

/// Expected counters that are zero.
#[must_use]
pub fn zeros(counters: &Counters) -> Vec<String> {
    let expected = expected();
    let sorts = [
        (&expected.outcomes, &counters.outcomes),
        (&expected.claims, &counters.claims),
        (&expected.nested, &counters.nested),
    ];
    sorts.iter().flat_map(|(wanted, seen)| wanted.iter().filter(|name| !seen.contains_key(*name)).cloned()).collect()
}

fn claims(op: &str) -> impl Iterator<Item = String> {
    [Claim::Runs, Claim::Fails, Claim::Open, Claim::Skipped].map(|claim| format!("{op} {claim:?}")).into_iter()
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
        assert!(expected.claims.contains("cp Open") && expected.nested.contains("finally>try"));
    }

    #[test]
    fn nothing_seen_is_all_zeros() {
        let expected = expected();
        let all = expected.outcomes.len() + expected.claims.len() + expected.nested.len();
        assert_eq!(zeros(&Counters::default()).len(), all);
    }
}
