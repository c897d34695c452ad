//! Why a node can fail.

use perch_diagram::{Dd, Diagrams};
use perch_ops::ErrorKind;
use perch_symbolic::cells::Names;
use perch_symbolic::record::Reason;

use crate::moved::Words;
use crate::origins::Origins;
use crate::report::ReasonReport;
use crate::seen::Seen;

/// How the sentence about a failure of something within a call or chain begins.
const COMES_OUT: &str = "a failure comes out of it: ";

/// How the sentence ends about a place that others may be changing.
const MET: &str = ", as another branch may be changing that at the same time";

/// Is the reason a failure of something within?
pub(crate) fn comes_out(reason: &ReasonReport) -> bool {
    reason.message.to_string().starts_with(COMES_OUT)
}

/// The code of the reason that no run gets there.
pub(crate) const NEVER: &str = "never_reached";

/// No run gets there.
pub(crate) fn never_reached() -> ReasonReport {
    ReasonReport::new(NEVER, "no run reaches this")
}

/// Nothing is decided.
pub(crate) fn budget() -> ReasonReport {
    ReasonReport::new("budget", "the run is too large to be decided within the budget")
}

/// Undecided because the run before it was so large.
pub(crate) fn forgot() -> ReasonReport {
    let message = "the run up to here is too large for the budget: what it did to the host was forgotten";
    ReasonReport::new("budget", message)
}

/// Runs on which a node fails.
pub(crate) struct Failing<'n> {
    pub(crate) names: &'n Names,
    pub(crate) runs: Dd,
    /// Nothing is mended on them.
    pub(crate) are_real: bool,
}

/// The failures of these visits that are met on the failing runs: those that were noted, and of what kinds there are others. Those come
/// first of which it is said where they come from.
pub(crate) fn of(
    dds: &mut Diagrams,
    seen: &[Seen],
    fails: &Failing<'_>,
    origins: &Origins<'_>,
    source: &dyn Fn(&Seen, &Reason) -> Option<Words>,
) -> Vec<ReasonReport> {
    let mut reports = Vec::new();
    if fails.runs.is_false() {
        return reports;
    }
    for one in seen {
        for reason in &one.visit.reasons {
            if meet(dds, one, reason.when, fails) {
                let met = if reason.met { MET } else { "" };
                let message = format!("{}{met}{}", origins.said(reason), instead(one, reason));
                add(&mut reports, reason.kind, message, source(one, reason));
            }
        }
    }
    for one in seen {
        for (kind, when) in &one.visit.failed {
            if reports.iter().any(|told| told.code == kind.name()) {
                continue;
            }
            // Runs on which something within is mended have failures of their own.
            let when = one.unmended_within(dds, fails.names, *when);
            if meet(dds, one, when, fails) {
                add(&mut reports, *kind, raised(one, *kind), None);
            }
        }
    }
    reports.sort_by_key(|report: &ReasonReport| report.source.is_none());
    reports
}

/// What to write in place of a name that nothing binds, where a name stands and not a text.
fn instead(seen: &Seen, reason: &Reason) -> String {
    let name = reason.message.strip_prefix("no binding is named `").and_then(|rest| rest.strip_suffix('`'));
    let Some(name) = name.filter(|_| reason.kind == ErrorKind::UnresolvedVar) else { return String::new() };
    let program = match seen.visit.node.op {
        "let" => format!(", or `exec {name}` for what a program of that name prints"),
        _ => String::new(),
    };
    format!(": write `\"{name}\"` for the text{program}")
}

/// Is there a failing run on which what was noted of this visit holds?
fn meet(dds: &mut Diagrams, seen: &Seen, when: Dd, fails: &Failing<'_>) -> bool {
    let when = seen.unmended(dds, when);
    let mut when = dds.and(seen.entry, when);
    if fails.are_real {
        when = dds.substitute(when, &mut |atom| fails.names.is_ghost(atom).then_some(Dd::FALSE));
    }
    let when = dds.and(when, fails.runs);
    !when.is_false()
}

fn add(reports: &mut Vec<ReasonReport>, kind: ErrorKind, message: String, source: Option<Words>) {
    let report = ReasonReport { source, ..ReasonReport::new(kind.name(), message) };
    if !reports.contains(&report) {
        reports.push(report);
    }
}

/// The sentence for a failure of which nothing was noted.
fn raised(seen: &Seen, kind: ErrorKind) -> String {
    let block = seen.visit.node.callee.is_some() || seen.visit.node.op == "chain";
    match kind {
        _ if block => format!("{COMES_OUT}{}", kind.name()),
        ErrorKind::UserFail => "the program asks for this failure".to_owned(),
        _ => format!("raises {}", kind.name()),
    }
}
