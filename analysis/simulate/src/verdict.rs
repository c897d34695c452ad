//! Verdicts from what was recorded (`docs/spec/verdicts.md`).
//!
//! The report follows the program: every statement of a body is a node, visited or not. Its visits are looked up in the
//! summaries of the evaluations of that body, one per way in which the body was entered ([`Entry`]). All conditions are
//! made absolute by conjoining the condition of the entry.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use perch_diagram::{Atom, Dd};
use perch_engine::{CallPath, Context};
use perch_ir::program::{Clause, Command, Part, Place, Program, Shared, Stmt, StmtKind};
use perch_symbolic::cells::AtomKey;
use perch_symbolic::record::{Assumption, Summary, Visit};
use serde_json::json;

use crate::report::{
    AssumptionReport, Child, CommandReport, Counts, Op, Reach, ReasonReport, Verdict, VisitReport,
};
use crate::run::Run;

/// A way in which a body is entered.
#[derive(Clone)]
struct Entry {
    when: Dd,
    /// Loop indices on the way in.
    prefix: Vec<u32>,
    summary: Rc<Summary>,
}

/// A visit with absolute conditions.
#[derive(Clone)]
pub struct Seen {
    /// Loop indices.
    pub path: Vec<u32>,
    /// On which runs.
    pub enter: Dd,
    /// On which of them it fails.
    pub fails: Dd,
    /// What was recorded.
    pub visit: Visit,
}

/// Builds the report of one command.
pub fn report<P: Program>(program: &P, run: &mut Run) -> CommandReport {
    let command = Arc::clone(&run.command);
    let mut builder = Builder::new(program, run);
    let ops = builder.command(&command);
    let verdict = builder.command_verdict();
    let gave_up = builder.run.domain.gave_up();
    let mut summary = Counts::default();
    ops.iter().for_each(|op| count(op, &mut summary));
    CommandReport { command: command.name.clone(), description: command.description.clone(), verdict, summary, ops, gave_up }
}

/// Every node with its visits, flat, for tests that compare with real runs: id, node name and visits.
pub fn nodes<P: Program>(program: &P, run: &mut Run) -> Vec<(String, &'static str, Vec<Seen>)> {
    let command = Arc::clone(&run.command);
    let mut builder = Builder::new(program, run);
    builder.flat = Some(Vec::new());
    builder.command(&command);
    builder.flat.take().unwrap_or_default()
}

fn count(op: &Op, counts: &mut Counts) {
    match op.verdict {
        Verdict::WillRun => counts.will_run += 1,
        Verdict::MightFail => counts.might_fail += 1,
        Verdict::WillFail => counts.will_fail += 1,
        Verdict::Skipped => counts.skipped += 1,
    }
    for child in &op.children {
        if let Child::Op(op) = child {
            count(op, counts);
        }
    }
}

struct Builder<'r, P> {
    program: &'r P,
    run: &'r mut Run,
    /// All real runs.
    total: Dd,
    gave_up: bool,
    /// Bodies that have been shown, by how they were entered, and under which node.
    shown: BTreeMap<(String, Vec<(Dd, Vec<u32>, usize)>), String>,
    flat: Option<Vec<(String, &'static str, Vec<Seen>)>>,
}

impl<'r, P: Program> Builder<'r, P> {
    fn new(program: &'r P, run: &'r mut Run) -> Self {
        let endings = run.endings();
        let total = run.domain.dds.or(endings.success, endings.failure);
        let gave_up = run.domain.gave_up();
        Self { program, run, total, gave_up, shown: BTreeMap::new(), flat: None }
    }

    fn command_verdict(&mut self) -> Verdict {
        let endings = self.run.endings();
        match (endings.success.is_false(), endings.failure.is_false()) {
            _ if self.gave_up => Verdict::MightFail,
            (false, true) => Verdict::WillRun,
            (true, _) => Verdict::WillFail,
            _ => Verdict::MightFail,
        }
    }

    fn command(&mut self, command: &Command) -> Vec<Op> {
        let summary = Rc::clone(&self.run.summary);
        let entries = [Entry { when: Dd::TRUE, prefix: Vec::new(), summary }];
        let program = self.program;
        let shared = Context::start("shared");
        let mut ops: Vec<Op> = program
            .shared()
            .iter()
            .filter(|shared| shared.value.parts.iter().any(|part| matches!(part, Part::Name(_))))
            .map(|one| self.shared(&shared, one, &entries))
            .collect();
        let cx = Context::start(&command.name);
        ops.extend(self.arguments(&cx, command, &entries));
        ops.extend(self.body(&cx, &command.body, &entries));
        ops
    }

    fn shared(&mut self, cx: &Context, shared: &Shared, entries: &[Entry]) -> Op {
        self.node(cx, "let", &shared.source, shared.place, None, entries)
    }

    /// Defaults that are evaluated are nodes.
    fn arguments(&mut self, cx: &Context, command: &Command, entries: &[Entry]) -> Vec<Op> {
        let visited = |place: Place| entries.iter().any(|entry| entry.summary.visits.iter().any(|visit| visit.node.op == "arg" && visit.node.place == place));
        let places: Vec<(Place, String)> =
            command.args.iter().filter(|arg| visited(arg.place)).map(|arg| (arg.place, format!("arg {}", arg.name))).collect();
        places.into_iter().map(|(place, text)| self.node(cx, "arg", &text, place, None, entries)).collect()
    }

    fn body(&mut self, cx: &Context, body: &[Stmt], entries: &[Entry]) -> Vec<Op> {
        body.iter().map(|stmt| self.stmt(cx, stmt, entries)).collect()
    }

    fn stmt(&mut self, cx: &Context, stmt: &Stmt, entries: &[Entry]) -> Op {
        let mut op = self.node(cx, keyword(&stmt.kind), &stmt.source, stmt.place, None, entries);
        let children = match &stmt.kind {
            StmtKind::Let { .. } | StmtKind::Op(_) => Vec::new(),
            StmtKind::Call { command, .. } => {
                op.children = self.call(cx, stmt.place, command, &op, entries);
                return op;
            }
            StmtKind::Chain(clauses) => self.chain(cx, clauses, entries),
            StmtKind::If { arms, otherwise } => {
                arms.iter().map(|(_, body)| body).chain([otherwise]).flat_map(|body| self.body(cx, body, entries)).collect()
            }
            StmtKind::ForEach { body, .. } => self.body(cx, body, entries),
            StmtKind::Match { arms, otherwise, .. } => {
                arms.iter().map(|(_, body)| body).chain([otherwise]).flat_map(|body| self.body(cx, body, entries)).collect()
            }
            StmtKind::Try { body, rescue, finally } => {
                let arm = rescue.as_ref().map_or(&[][..], |(_, arm)| arm.as_slice());
                [body.as_slice(), arm, finally.as_slice()].into_iter().flat_map(|body| self.body(cx, body, entries)).collect()
            }
        };
        if op.verdict != Verdict::Skipped || self.flat.is_some() {
            op.children = children.into_iter().map(|child| Child::Op(Box::new(child))).collect();
        }
        op
    }

    fn chain(&mut self, cx: &Context, clauses: &[Clause], entries: &[Entry]) -> Vec<Op> {
        let node = |(at, clause): (usize, &Clause)| {
            self.node(cx, clause.call.op.entry().name, &clause.source, clause.place, Some(at), entries)
        };
        clauses.iter().enumerate().map(node).collect()
    }

    /// The callee's statements, for all visits of the call.
    fn call(&mut self, cx: &Context, place: Place, name: &str, call: &Op, entries: &[Entry]) -> Vec<Child> {
        let mut inner = Vec::new();
        for seen in self.seen(place, None, "call", entries) {
            let Some((when, summary)) = seen.visit.callee else { continue };
            let entry = self.entry_of(entries, &seen.path, seen.visit.order);
            let when = self.run.domain.dds.and(entry, when);
            if !when.is_false() {
                inner.push(Entry { when, prefix: seen.path, summary });
            }
        }
        let Some(command) = self.program.command(name).filter(|_| !inner.is_empty()) else { return Vec::new() };
        let key = (name.to_owned(), inner.iter().map(|entry| (entry.when, entry.prefix.clone(), Rc::as_ptr(&entry.summary) as usize)).collect());
        if self.flat.is_none() {
            if let Some(same_as) = self.shown.get(&key) {
                return vec![Child::Same { same_as: same_as.clone() }];
            }
            self.shown.insert(key, call.id.clone());
        }
        let calls = Arc::new(CallPath { outer: Some((Arc::clone(&cx.calls), place)), command: name.into() });
        let cx = Context { calls, ..cx.clone() };
        let mut ops = self.arguments(&cx, &command, &inner);
        ops.extend(self.body(&cx, &command.body, &inner));
        ops.into_iter().map(|op| Child::Op(Box::new(op))).collect()
    }

    /// The condition of the entry that a visit belongs to.
    fn entry_of(&self, entries: &[Entry], path: &[u32], order: u32) -> Dd {
        let owner = entries.iter().find(|entry| path.starts_with(&entry.prefix) && entry.summary.visits.iter().any(|visit| visit.order == order));
        owner.map_or(Dd::FALSE, |entry| entry.when)
    }

    /// All visits of the statement at a place.
    fn seen(&mut self, place: Place, clause: Option<usize>, op: &str, entries: &[Entry]) -> Vec<Seen> {
        let mut all = Vec::new();
        for entry in entries {
            for visit in &entry.summary.visits {
                let here = visit.node.place == place && visit.node.clause == clause && (visit.node.op == op);
                if !here {
                    continue;
                }
                let dds = &mut self.run.domain.dds;
                let enter = dds.and(entry.when, visit.enter);
                let fails = visit.failed.iter().fold(Dd::FALSE, |all, (_, pc)| dds.or(all, *pc));
                let fails = dds.and(enter, fails);
                if enter.is_false() {
                    continue;
                }
                let path = entry.prefix.iter().chain(&visit.visit).copied().collect();
                all.push(Seen { path, enter, fails, visit: visit.clone() });
            }
        }
        all.sort_by(|a, b| a.path.cmp(&b.path).then(a.visit.order.cmp(&b.visit.order)));
        all
    }

    fn node(&mut self, cx: &Context, op: &'static str, text: &str, place: Place, clause: Option<usize>, entries: &[Entry]) -> Op {
        let id = cx.node_id(place, clause);
        let seen = self.seen(place, clause, op, entries);
        if let Some(flat) = &mut self.flat {
            flat.push((id.clone(), op, seen.clone()));
        }
        let judged = self.judge(&seen);
        let mut assumptions: Vec<&Assumption> = seen.iter().flat_map(|seen| &seen.visit.assumptions).collect();
        assumptions.sort();
        assumptions.dedup();
        let assumptions = assumptions.into_iter().filter_map(assumption).collect();
        Op {
            id,
            op,
            text: text.to_owned(),
            file: self.program.file().to_owned(),
            line: place.line,
            column: place.column,
            template: None,
            verdict: judged.verdict,
            reach: judged.reach,
            condition: judged.condition,
            handled: !seen.is_empty() && seen.iter().all(|seen| seen.visit.handled),
            visits: if seen.iter().any(|one| one.path != seen[0].path) { self.visits(&seen) } else { Vec::new() },
            after: judged.after,
            reasons: judged.reasons,
            assumptions,
            suggestions: Vec::new(),
            children: Vec::new(),
        }
    }

    /// One line per distinct visit.
    fn visits(&mut self, seen: &[Seen]) -> Vec<VisitReport> {
        let mut reports = Vec::new();
        let mut at = 0;
        while at < seen.len() {
            let end = seen[at..].iter().position(|other| other.path != seen[at].path).map_or(seen.len(), |more| at + more);
            let judged = self.judge(&seen[at..end]);
            let index = |index: &u32| if *index == Context::EVERY { "*".to_owned() } else { index.to_string() };
            reports.push(VisitReport { path: seen[at].path.iter().map(index).collect(), verdict: judged.verdict, reasons: judged.reasons });
            at = end;
        }
        reports
    }

    fn judge(&mut self, seen: &[Seen]) -> Judged {
        let mut enter = Dd::FALSE;
        let mut fails = Dd::FALSE;
        for one in seen {
            enter = self.run.domain.dds.or(enter, one.enter);
            let own = self.without_own(one);
            fails = self.run.domain.dds.or(fails, own);
        }
        if enter.is_false() {
            let reasons = vec![ReasonReport { code: "never_reached".into(), message: "no run reaches this".into() }];
            return Judged { verdict: Verdict::Skipped, reach: Reach::Never, condition: Vec::new(), after: None, reasons };
        }
        let real = self.run.real(enter);
        let (reach, after, enter, fails) = if real.is_false() {
            (Reach::Blocked, self.blocker(enter), enter, fails)
        } else {
            let missed = self.run.domain.dds.minus(self.total, real);
            let fails = self.run.real(fails);
            (if missed.is_false() { Reach::Always } else { Reach::Sometimes }, None, real, fails)
        };
        let runs = self.run.domain.dds.minus(enter, fails);
        let verdict = match (fails.is_false(), runs.is_false()) {
            _ if self.gave_up => Verdict::MightFail,
            (true, _) => Verdict::WillRun,
            (false, true) => Verdict::WillFail,
            _ => Verdict::MightFail,
        };
        let condition = if reach == Reach::Sometimes { self.condition(enter) } else { Vec::new() };
        Judged { verdict, reach, condition, after, reasons: self.reasons(seen, fails) }
    }

    /// The runs on which a visit fails, its own mending left out.
    fn without_own(&mut self, seen: &Seen) -> Dd {
        match seen.visit.ghost {
            Some(ghost) => self.run.domain.dds.substitute(seen.fails, &mut |atom| (atom == ghost).then_some(Dd::FALSE)),
            None => seen.fails,
        }
    }

    fn reasons(&self, seen: &[Seen], fails: Dd) -> Vec<ReasonReport> {
        let mut reasons = Vec::new();
        if self.gave_up {
            reasons.push(ReasonReport { code: "budget".into(), message: "the run is too large to be decided within the budget".into() });
        }
        if !fails.is_false() {
            for reason in seen.iter().flat_map(|one| &one.visit.reasons) {
                let report = ReasonReport { code: reason.kind.name().into(), message: reason.message.clone() };
                if !reasons.contains(&report) {
                    reasons.push(report);
                }
            }
            if reasons.is_empty() {
                let kinds = seen.iter().flat_map(|one| &one.visit.failed).map(|(kind, _)| kind.name());
                let mut kinds: Vec<&str> = kinds.collect();
                kinds.sort_unstable();
                kinds.dedup();
                reasons.extend(kinds.iter().map(|kind| ReasonReport { code: (*kind).into(), message: format!("raises {kind}") }));
            }
        }
        reasons
    }

    /// The failure that must be mended, the last one if there are several.
    fn blocker(&self, enter: Dd) -> Option<String> {
        let last: Option<Atom> = self.run.domain.dds.support(enter).into_iter().rfind(|atom| self.run.domain.names.is_ghost(*atom));
        match last.map(|atom| self.run.domain.names.atom_key(atom)) {
            Some(AtomKey::Ghost(_, label)) => Some(label.to_string()),
            _ => None,
        }
    }

    /// A reach condition in words: at most three conjunctions, unknowns of the run left out.
    fn condition(&self, enter: Dd) -> Vec<String> {
        let names = &self.run.domain.names;
        let literal = |(atom, holds): &(Atom, bool)| {
            let not = if *holds { "" } else { "not " };
            let what = match names.atom_key(*atom) {
                AtomKey::There(0, path) => format!("{path} exists"),
                AtomKey::IsDir(0, path) => format!("{path} is a directory"),
                AtomKey::EnvSet(name) => format!("${name} is set"),
                AtomKey::Bin(0, name) => format!("{name} is on PATH"),
                AtomKey::Equals(leaf, text) => format!("{} is {text:?}", names.shown(*leaf)),
                AtomKey::Fresh(_, what) => (*what).to_owned(),
                _ => return None,
            };
            Some(format!("{not}{what}"))
        };
        let cubes = self.run.domain.dds.cubes(enter, 4);
        let mut conditions: Vec<String> =
            cubes.iter().take(3).map(|cube| cube.iter().filter_map(literal).collect::<Vec<_>>().join(" and ")).filter(|text| !text.is_empty()).collect();
        if cubes.len() > 3 || conditions.is_empty() {
            conditions.push("or otherwise".to_owned());
        }
        conditions
    }
}

struct Judged {
    verdict: Verdict,
    reach: Reach,
    condition: Vec<String>,
    after: Option<String>,
    reasons: Vec<ReasonReport>,
}

fn keyword(kind: &StmtKind) -> &'static str {
    match kind {
        StmtKind::Let { .. } => "let",
        StmtKind::Op(call) => call.op.entry().name,
        StmtKind::Call { .. } => "call",
        StmtKind::Chain(_) => "chain",
        StmtKind::If { .. } => "if",
        StmtKind::ForEach { .. } => "for_each",
        StmtKind::Match { .. } => "match",
        StmtKind::Try { .. } => "try",
    }
}

/// An assumption that concerns one op; global ones are printed once.
fn assumption(assumption: &Assumption) -> Option<AssumptionReport> {
    let (message, pin) = match assumption {
        Assumption::IsDirectory(path) => (format!("`{path}` is a directory"), json!({ "files": { path: { "kind": "dir" } } })),
        Assumption::IsFile(path) => (format!("`{path}` is a file"), json!({ "files": { path: { "kind": "file" } } })),
        Assumption::NoDirectory(path) => (format!("`{path}` is not a directory"), json!({ "files": { path: { "kind": "file" } } })),
        Assumption::NoFile(path) => (format!("`{path}` is not a file"), json!({ "files": { path: { "kind": "dir" } } })),
        Assumption::Succeeds(words) => (format!("`{words}` exits with 0"), json!({ "oracles": { "exec": { words: { "status": 0 } } } })),
        Assumption::StaysInFrame(_) | Assumption::IsUsual(_) | Assumption::PathUntouched => return None,
    };
    Some(AssumptionReport { message, pin })
}

/// What a run takes for granted beyond single ops, in words.
#[must_use]
pub fn global_assumptions(run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    collect(&run.summary, &mut seen, &mut found);
    found.sort();
    found.dedup();
    let words = |assumption: &Assumption| match assumption {
        Assumption::StaysInFrame(bin) => {
            Some(format!("`{bin}` changes only paths that its words name, and what is beneath its working directory"))
        }
        Assumption::IsUsual(bin) => Some(format!("`{bin}` is the usual program of that name")),
        Assumption::PathUntouched => Some("nothing that the command changes is in a directory on PATH".to_owned()),
        _ => None,
    };
    found.iter().filter_map(words).collect()
}

fn collect(summary: &Rc<Summary>, seen: &mut Vec<*const Summary>, found: &mut Vec<Assumption>) {
    if seen.contains(&Rc::as_ptr(summary)) {
        return;
    }
    seen.push(Rc::as_ptr(summary));
    for visit in &summary.visits {
        found.extend(visit.assumptions.iter().cloned());
        if let Some((_, callee)) = &visit.callee {
            collect(callee, seen, found);
        }
    }
}
