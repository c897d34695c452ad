//! What verdicts take for granted (`docs/spec/verdicts.md` §6), in words.

use std::collections::BTreeSet;
use std::rc::Rc;

use perch_diagram::Dd;
use perch_fixtures::ExecFact;
use perch_ir::program::{Around, Command, Cond, OpCall, Program, Stmt, StmtKind};
use perch_ops::Body;
use perch_policy::{Axis, By, Policy, Rule};
use perch_symbolic::consulted::Consulted;
use perch_symbolic::facts::Facts;
use perch_symbolic::made::{is_made, shown};
use perch_symbolic::programs::makes_links;
use perch_symbolic::record::{Assumption, Summary, Visit};
use serde_json::json;

use crate::report::AssumptionReport;
use crate::run::Run;
use crate::seen::{Entry, Seen, Spot, is_at};
use crate::words::oracle_key;

/// What stands behind every verdict about a host.
const STANDING: [&str; 2] = [
    "nothing else changes the host during the run",
    "there are no symbolic links but those that the fixture states and those that the run makes, and no file has two names",
];

/// The same where it was looked up what this host is.
const STANDING_HERE: [&str; 2] = [
    "nothing else changes this host until the run has ended",
    "there are no symbolic links but those on the paths that the command names and those that the run makes, and no file has two names",
];

/// What stands behind it, too, where nobody tells who may do what.
const SUCCEEDING: &str = "input and output succeed: no permission is missing, no disk is full, and what is read is UTF-8 text, without NUL and not too large for what takes it";

/// The same where somebody does.
const SUCCEEDING_BESIDES: &str = "input and output succeed: no permission is missing besides those that are told, no disk is full, and what is read is UTF-8 text, without NUL and not too large for what takes it";

/// What two runs have in common of which one starts where the other has ended.
pub const AGAIN: &str = "a scenario that starts after another one has the arguments, the variables and the terminal of that one, as far as nothing is said of them";

/// What was taken for granted on a visit, and on which runs (relative to the entry).
fn taken(visit: &Visit) -> impl Iterator<Item = (&Assumption, Dd)> {
    visit.assumptions.iter().map(|(assumption, when)| (assumption, *when))
}

/// What real runs take for granted in these visits: what a report prints of it.
pub fn of_real_runs(run: &mut Run, seen: &[Seen]) -> BTreeSet<Assumption> {
    let mut found = BTreeSet::new();
    for one in seen {
        for (assumption, when) in taken(&one.visit) {
            let when = run.domain.dds.and(one.entry, when);
            if !run.real(when).is_false() {
                found.insert(assumption.clone());
            }
        }
    }
    found
}

/// What is taken for granted in visits of a statement, on whatever runs.
pub(crate) fn of_visits(spot: &Spot, entries: &[Entry]) -> BTreeSet<Assumption> {
    let visits = entries.iter().flat_map(|entry| entry.summary.at(spot.place)).filter(|visit| is_at(visit, spot));
    visits.flat_map(|visit| taken(visit).map(|(assumption, _)| assumption.clone())).collect()
}

/// What is taken for granted anywhere in a summary, through calls.
pub(crate) fn of_summaries(summaries: impl Iterator<Item = Rc<Summary>>) -> BTreeSet<Assumption> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<*const Summary> = BTreeSet::new();
    let mut todo: Vec<Rc<Summary>> = summaries.collect();
    while let Some(summary) = todo.pop() {
        if !seen.insert(Rc::as_ptr(&summary)) {
            continue;
        }
        for visit in &summary.visits {
            found.extend(taken(visit).map(|(assumption, _)| assumption.clone()));
            todo.extend(visit.callee.iter().map(|(_, callee)| Rc::clone(callee)));
        }
    }
    found
}

/// An assumption that stands with its op; nothing for those that stand once, at the end.
pub(crate) fn of_op(assumption: &Assumption) -> Option<AssumptionReport> {
    let sayable = |path: &str, pin| if is_made(path) { None } else { Some(pin) };
    let file = |path: &str, kind: &str| sayable(path, json!({ "files": { path: { "kind": kind } } }));
    let (message, pin) = match assumption {
        Assumption::IsDirectory(path) => (format!("`{}` is a directory", shown(path)), file(path, "dir")),
        Assumption::IsFile(path) => (format!("`{}` is a file", shown(path)), file(path, "file")),
        Assumption::IsThere(path) => {
            let pin = json!({ "oracles": { "file_exists": { path: true } } });
            (format!("something is at `{}`", shown(path)), sayable(path, pin))
        }
        Assumption::NoDirectory(path) => (format!("`{}` is not a directory", shown(path)), file(path, "file")),
        Assumption::NoFile(path) => (format!("`{}` is not a file", shown(path)), file(path, "dir")),
        Assumption::Succeeds(words) => (
            format!("`{words}` exits with 0"),
            Some(json!({ "oracles": { "exec": { oracle_key(words): ExecFact::ending_with(0) } } })),
        ),
        Assumption::StaysInFrame(_)
        | Assumption::IsUsual(_)
        | Assumption::PathUntouched
        | Assumption::PathUntouchedElsewhere
        | Assumption::InTime
        | Assumption::StillPermitted
        | Assumption::ColdCache
        | Assumption::Storable
        | Assumption::StoreApart
        | Assumption::NoLinksPacked
        | Assumption::NoHiddenLinks
        | Assumption::NewByTime
        | Assumption::ApartByTime
        | Assumption::OnTheDay(_)
        | Assumption::ManagersStay
        | Assumption::PackagesApart => return None,
    };
    Some(AssumptionReport { message, pin })
}

/// An assumption that concerns no single op.
#[must_use]
pub fn throughout(assumption: &Assumption) -> Option<String> {
    match assumption {
        Assumption::StaysInFrame(bin) => {
            let links = if makes_links(bin) { "" } else { ", and makes no symbolic links" };
            Some(format!(
                "`{bin}` changes only paths that its words name, and what is beneath its working directory, which itself stays{links}"
            ))
        }
        Assumption::IsUsual(bin) => Some(format!("`{bin}` is the usual program of that name")),
        Assumption::PathUntouched => Some("nothing that the command changes is in a directory on PATH".to_owned()),
        Assumption::PathUntouchedElsewhere => Some(
            "nothing that the command changes at a place that is not told is in a directory on PATH".to_owned(),
        ),
        Assumption::InTime => {
            Some("no program and no wait meets a deadline, unless the program looks at that".to_owned())
        }
        Assumption::StillPermitted => Some(
            "permissions that the command takes away with `chmod` are not missed later, as they are not by an administrator"
                .to_owned(),
        ),
        Assumption::NoLinksPacked => {
            Some("archives that others have packed have no symbolic links in them".to_owned())
        }
        Assumption::NoHiddenLinks => Some(
            "nothing that the run may not look at is a symbolic link, or closed to whoever runs this".to_owned(),
        ),
        Assumption::NewByTime => Some(
            "a name in a path that is made of the time of day or the number of the process is new: nothing else is called so"
                .to_owned(),
        ),
        Assumption::ApartByTime => Some(
            "a name in a path that is made of the day is none that the fixture, the flags or the program spell out"
                .to_owned(),
        ),
        Assumption::OnTheDay(day) => Some(format!("the run begins and ends on {day}")),
        Assumption::ManagersStay => {
            Some("no package that comes or goes brings or takes a program that manages packages".to_owned())
        }
        Assumption::PackagesApart => Some(
            "no package of which the fixture says what it is comes or goes with another: only by its own name".to_owned(),
        ),
        Assumption::ColdCache => {
            Some("nothing is stored for `cache` blocks at the start, unless the fixture says so".to_owned())
        }
        Assumption::Storable => {
            Some("`HOME` or `XDG_CACHE_HOME` names a directory in which `cache` blocks can store what they bind".to_owned())
        }
        Assumption::StoreApart => Some(
            "where results of `cache` blocks are stored, the command looks at nothing and changes nothing else: `XDG_CACHE_HOME` would say where, or `HOME` if that one is said not to be set"
                .to_owned(),
        ),
        _ => None,
    }
}

/// That runs are held to what only the description of a host forbids, where something may hang on that: of each command what it has asked for, if it
/// could be followed, what it may do on the host that is described, and what its run may do by itself.
pub fn restricted<'c>(
    commands: impl Iterator<Item = (Option<&'c Consulted>, &'c Policy, &'c Policy)>,
) -> Option<String> {
    let held = commands.filter(|(consulted, ..)| consulted.is_none_or(Consulted::has_met_rules));
    let flags: BTreeSet<String> = held.flat_map(|(_, described, own)| flags_besides(described, own)).collect();
    let flags: Vec<String> = flags.into_iter().collect();
    (!flags.is_empty())
        .then(|| format!("the run may do no more than the fixture says: it is given {}", flags.join(" ")))
}

/// The flags that forbid what only the description of a host forbids.
fn flags_besides(described: &Policy, own: &Policy) -> Vec<String> {
    let lists = [
        (Axis::Read, &described.read_roots, &own.read_roots),
        (Axis::Write, &described.write_roots, &own.write_roots),
        (Axis::Bins, &described.bins, &own.bins),
        (Axis::Env, &described.env, &own.env),
        (Axis::Hosts, &described.hosts, &own.hosts),
    ];
    let rights = [
        (Rule::NoWrite, described.no_write && !own.no_write),
        (Rule::NoSubprocess, described.no_subprocess && !own.no_subprocess),
        (Rule::NoNetwork, described.no_network && !own.no_network),
        (Rule::NoShell(By::Flags), described.no_shell && !own.no_shell),
    ];
    let listed = lists.into_iter().filter(|(_, described, own)| described != own).filter_map(|(axis, described, _)| {
        let list = described.as_ref()?.join(",");
        Some(format!("`{}={list}`", Rule::List(By::Flags, axis).flag()))
    });
    let forbidden =
        rights.into_iter().filter(|(_, forbidden)| *forbidden).map(|(rule, _)| format!("`{}`", rule.flag()));
    listed.chain(forbidden).collect()
}

/// What stands behind every verdict, if a command has an op that touches the host, of which this is known.
pub fn standing<'c, P: Program>(
    program: &P,
    commands: impl Iterator<Item = &'c Command>,
    facts: &[&Facts],
) -> Vec<&'static str> {
    let here = facts.iter().any(|facts| facts.looked_up);
    let rights = here || facts.iter().any(|facts| !facts.denied.is_empty());
    let told = if here { &STANDING_HERE } else { &STANDING };
    let all = || told.iter().copied().chain([if rights { SUCCEEDING_BESIDES } else { SUCCEEDING }]).collect();
    let mut known = BTreeSet::new();
    let mut todo = Vec::new();
    for command in commands {
        known.insert(command.name.clone());
        if body_touches(&command.body, &mut todo) {
            return all();
        }
    }
    while let Some(name) = todo.pop() {
        let body = || program.command(&name).or_else(|| program.template(&name));
        let Some(command) = known.insert(name.clone()).then(body).flatten() else { continue };
        if body_touches(&command.body, &mut todo) {
            return all();
        }
    }
    Vec::new()
}

/// Is there an op in the body that touches the host? The commands and templates that it uses are noted.
fn body_touches(body: &[Stmt], uses: &mut Vec<String>) -> bool {
    let mut found = false;
    perch_ir::walk(body, &mut |stmt| found |= stmt_touches(stmt, uses));
    found
}

/// The same of a statement, without the bodies in it.
fn stmt_touches(stmt: &Stmt, uses: &mut Vec<String>) -> bool {
    match &stmt.kind {
        StmtKind::Op(call) => touches(call),
        StmtKind::Call { command: name, .. } | StmtKind::Expand { template: name, .. } => {
            uses.push(name.clone());
            false
        }
        StmtKind::Chain(_) | StmtKind::Pipe { .. } => true,
        StmtKind::If { arms, .. } => arms.iter().any(|(cond, _)| asks(cond)),
        StmtKind::Block(block) => matches!(block.around, Around::Cwd(_) | Around::Cache { .. }),
        StmtKind::Let { .. }
        | StmtKind::ForEach { .. }
        | StmtKind::Match { .. }
        | StmtKind::Try { .. }
        | StmtKind::NotYet(_) => false,
    }
}

fn asks(cond: &Cond) -> bool {
    match cond {
        Cond::Or(all) | Cond::And(all) => all.iter().any(asks),
        Cond::Not(inner) => asks(inner),
        Cond::Compare { .. } | Cond::Truth(_) | Cond::NotYet(_) => false,
        Cond::TruthOrPredicate(_, call) | Cond::Predicate(call) => touches(call),
        Cond::Programs(_) => true,
    }
}

fn touches(call: &OpCall) -> bool {
    matches!(call.op.body(), Body::Primitive(_) | Body::Program(..))
}
