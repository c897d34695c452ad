//! The report follows the program: every statement of a body is a node, visited or not.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use perch_diagram::Dd;
use perch_engine::eval::hooks::HOOKS;
use perch_engine::{CallPath, Context};
use perch_ir::program::{
    Absent, Arg, Around, Clause, Command, Cond, Demand, Part, Place, Program, Stmt, StmtKind, Text,
};
use perch_symbolic::consulted::Consulted;
use perch_symbolic::record::Assumption;

use crate::assumptions;
use crate::bound::Bound;
use crate::decisions::{Choice, ending};
use crate::moved::NodeAt;
use crate::origins::Origins;
use crate::report::{Child, CommandReport, Counts, Op, Reach, ReasonReport, Verdict, VisitReport};
use crate::run::Run;
use crate::seen::{Entry, Seen, Spot, is_at, visits};
use crate::sources::Sources;
use crate::verdict::{Judge, Judged, standing};

/// Beyond this many nodes, a command that has been shown is not shown again for another call.
const MAX_NODES: usize = 20_000;

/// Within this many calls, no call's statements are shown: readers of JSON have limits, and people, too.
const MAX_NESTED: usize = 24;

/// What stands with a call that is left out for one of these reasons.
const LEFT_OUT: &str = "the report is too long to list this call's own verdicts, which may differ";

/// What is said of one command.
#[derive(Clone)]
pub struct Judgement {
    /// For the report.
    pub report: CommandReport,
    /// What concerns no single op of it, as sentences.
    pub assumptions: Vec<String>,
    /// How many nodes of diagrams its run has made.
    pub nodes: usize,
    /// What it has asked for of what is told; nothing if it was too large to be followed.
    pub consulted: Option<Consulted>,
}

/// Judges a command on a host that is described there.
pub fn judgement<P: Program>(program: &P, run: &mut Run, sources: &Sources) -> Judgement {
    let origins = Origins::new(program, run, sources);
    let judged = judged(program, run, &origins);
    // Reading verdicts makes diagrams, and can itself exceed the budget: then nothing that was read is worth anything.
    if run.domain.gave_up() && !judged.report.gave_up { self::judged(program, run, &origins) } else { judged }
}

fn judged<P: Program>(program: &P, run: &mut Run, origins: &Origins<'_>) -> Judgement {
    let command = Arc::clone(&run.command);
    let mut tree = Tree::new(program, run, origins);
    let ops = tree.command(&command);
    let verdict = tree.judge.command();
    let mut summary = Counts::default();
    ops.iter().for_each(|op| count(op, &mut summary));
    let (name, description) = (command.name.clone(), command.description.clone());
    let gave_up = tree.judge.gave_up;
    tree.throughout.extend(tree.judge.run.domain.general.iter().cloned());
    let assumptions = tree.throughout.iter().filter_map(assumptions::throughout).collect();
    let report = CommandReport { command: name, description, verdict, summary, ops, gave_up, cases: None };
    let is_followed = !report.gave_up && !run.domain.forgot();
    let consulted = is_followed.then(|| run.domain.consulted.clone());
    Judgement { report, assumptions, nodes: run.domain.dds.len(), consulted }
}

/// The report of one command.
pub fn report<P: Program>(program: &P, run: &mut Run) -> CommandReport {
    judgement(program, run, &Sources::default()).report
}

/// A node: its id, its name and its visits.
pub type Flat = (String, &'static str, Vec<Seen>);

/// The nodes of a report, flat.
pub(crate) fn nodes<P: Program>(program: &P, run: &mut Run) -> Vec<Flat> {
    flat(program, run, false)
}

/// Every node, of each call anew, for tests that compare with real runs.
pub fn every_node<P: Program>(program: &P, run: &mut Run) -> Vec<Flat> {
    flat(program, run, true)
}

fn flat<P: Program>(program: &P, run: &mut Run, whole: bool) -> Vec<Flat> {
    let command = Arc::clone(&run.command);
    let sources = Sources::default();
    let origins = Origins::new(program, run, &sources);
    let mut tree = Tree::new(program, run, &origins);
    tree.flat = Some(Vec::new());
    tree.whole = whole;
    tree.command(&command);
    tree.flat.take().unwrap_or_default()
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

/// A callee and how it was entered.
type Shown = (String, Vec<(Dd, Vec<u32>, usize)>);

struct Tree<'r, P> {
    program: &'r P,
    judge: Judge<'r>,
    /// Callees that have been shown, and beneath which node.
    shown: BTreeMap<Shown, String>,
    /// The first of them for each command.
    first: BTreeMap<String, String>,
    nodes: usize,
    /// The file of the last of them, and what that is called.
    file: Option<(u32, Arc<str>)>,
    /// The template whose statements are being shown.
    template: Option<String>,
    throughout: BTreeSet<Assumption>,
    /// Names that something may be bound to in the command that is being shown.
    bound: Bound,
    flat: Option<Vec<Flat>>,
    /// Calls are shown however many there are.
    whole: bool,
}

impl<'r, P: Program> Tree<'r, P> {
    fn new(program: &'r P, run: &'r mut Run, origins: &'r Origins<'r>) -> Self {
        Self {
            program,
            judge: Judge::new(run, origins),
            bound: Bound::default(),
            shown: BTreeMap::new(),
            first: BTreeMap::new(),
            nodes: 0,
            file: None,
            template: None,
            throughout: BTreeSet::new(),
            flat: None,
            whole: false,
        }
    }

    fn command(&mut self, command: &Command) -> Vec<Op> {
        let summary = Rc::clone(&self.judge.run.summary);
        let entries = [Entry { when: Dd::TRUE, prefix: Vec::new(), summary }];
        let program = self.program;
        let mut ops = self.demands(true, &entries);
        for one in program.shared().iter().filter(|shared| has_names(&shared.value)) {
            let cx = Context::of_shared(one);
            ops.push(self.node(&cx, spot(&cx, one.place, "let"), &one.source, &entries));
        }
        ops.extend(self.demands(false, &entries));
        let cx = Context::start(&command.name).of_command(program, command);
        ops.extend(self.callee(&cx, command, &entries));
        ops
    }

    /// The lines of `requires` that can fail.
    fn demands(&mut self, written_out: bool, entries: &[Entry]) -> Vec<Op> {
        let program = self.program;
        let demands = program.manifest().into_iter().flat_map(|manifest| manifest.demands(written_out));
        let node = |demand: &Demand| {
            let cx = Context::of_demand(program, demand);
            self.node(&cx, spot(&cx, demand.place, "requires"), &demand.source, entries)
        };
        demands.filter(|demand| demand.is_node()).map(node).collect()
    }

    /// What a command asks for, its arguments, its surroundings, its body, and what it does when a signal ends the run.
    fn callee(&mut self, cx: &Context, command: &Command, entries: &[Entry]) -> Vec<Op> {
        let bound = Bound::of(self.program, command);
        let around = std::mem::replace(&mut self.bound, bound);
        let ops = self.parts(cx, command, entries);
        self.bound = around;
        ops
    }

    fn parts(&mut self, cx: &Context, command: &Command, entries: &[Entry]) -> Vec<Op> {
        let line = |this: &mut Self, (op, place, source): (&'static str, Place, &Arc<str>)| {
            this.node(cx, spot(cx, place, op), source, entries)
        };
        let mut ops: Vec<Op> = command.config.requirements().map(|one| line(self, one)).collect();
        ops.extend(self.arguments(cx, command, entries));
        ops.extend(command.config.surroundings().map(|one| line(self, one)));
        ops.extend(self.body(cx, &command.body, entries));
        if let Some(handler) = &command.config.on_signal {
            let mut op = line(self, (handler.op, handler.place, &handler.source));
            let callee = self.callee_of(cx, &spot(cx, handler.place, handler.op), &handler.value, &mut op, entries);
            op.children.extend(callee);
            ops.push(op);
        }
        ops
    }

    /// Defaults that are evaluated are nodes.
    fn arguments(&mut self, cx: &Context, command: &Command, entries: &[Entry]) -> Vec<Op> {
        let gave_up = self.judge.gave_up && self.flat.is_none();
        let visited = |place: Place| {
            let mut visits = entries.iter().flat_map(|entry| entry.summary.at(place));
            visits.any(|visit| visit.node.op == "arg")
        };
        let is_node = |arg: &&Arg| {
            visited(arg.place) || gave_up && matches!(&arg.absent, Absent::Default(text) if has_names(text))
        };
        let args: Vec<&Arg> = command.args.iter().filter(is_node).collect();
        let node = |arg: &Arg| self.node(cx, spot(cx, arg.place, "arg"), &format!("arg {}", arg.name).into(), entries);
        args.into_iter().map(node).collect()
    }

    fn body(&mut self, cx: &Context, body: &[Stmt], entries: &[Entry]) -> Vec<Op> {
        let mut ops = self.branches(cx, body, entries);
        ops.iter_mut().skip(1).for_each(|op| op.comes_next = true);
        ops
    }

    /// Statements of which none waits for the one before it.
    fn branches(&mut self, cx: &Context, body: &[Stmt], entries: &[Entry]) -> Vec<Op> {
        body.iter().map(|stmt| self.stmt(cx, stmt, entries)).collect()
    }

    fn bodies<'s>(&mut self, cx: &Context, bodies: impl Iterator<Item = &'s [Stmt]>, entries: &[Entry]) -> Vec<Op> {
        bodies.flat_map(|body| self.body(cx, body, entries)).collect()
    }

    fn stmt(&mut self, cx: &Context, stmt: &Stmt, entries: &[Entry]) -> Op {
        let mut op = self.node(cx, spot(cx, stmt.place, keyword(&stmt.kind)), &stmt.source, entries);
        op.reasons.extend(self.decisions(cx, stmt, &op, entries));
        if let StmtKind::Pipe { stages, .. } = &stmt.kind {
            op.children = stages.iter().flat_map(|stage| self.hooks(cx, stage.place, entries)).collect();
        }
        let around = self.judge.around;
        self.judge.around = self.runs_within(cx, stmt, &op, entries).unwrap_or(around);
        let children = self.within(cx, stmt, &mut op, entries);
        self.judge.around = around;
        op.children.extend(children);
        op
    }

    /// The runs that reach a statement with others in it, if they are fewer than those that reach what is around it.
    fn runs_within(&mut self, cx: &Context, stmt: &Stmt, op: &Op, entries: &[Entry]) -> Option<Dd> {
        let is_leaf = matches!(&stmt.kind, StmtKind::Let { .. } | StmtKind::Op(_) | StmtKind::Pipe { .. });
        if self.flat.is_some() || self.judge.gave_up || is_leaf || op.reach != Reach::Sometimes {
            return None;
        }
        let seen = visits(self.judge.run, &spot(cx, stmt.place, keyword(&stmt.kind)), entries);
        standing(self.judge.run, self.judge.endings.total, &seen).map(|standing| standing.enter)
    }

    /// The statements in a statement.
    fn within(&mut self, cx: &Context, stmt: &Stmt, op: &mut Op, entries: &[Entry]) -> Vec<Child> {
        let ops = match &stmt.kind {
            StmtKind::Let { .. } | StmtKind::Op(_) | StmtKind::Pipe { .. } | StmtKind::NotYet(_) => Vec::new(),
            StmtKind::Call { command, .. } => return self.call(cx, stmt.place, command, op, entries),
            StmtKind::Chain(clauses) => self.chain(cx, clauses, entries),
            StmtKind::If { arms, otherwise } => {
                let mut ops: Vec<Op> = arms.iter().flat_map(|(cond, _)| self.cond(cx, cond, entries)).collect();
                let arms = arms.iter().map(|(_, body)| body.as_slice());
                ops.extend(self.bodies(cx, arms.chain([otherwise.as_slice()]), entries));
                ops
            }
            StmtKind::Block(block) if matches!(block.around, Around::Parallel { .. }) => {
                self.branches(cx, &block.body, entries)
            }
            StmtKind::Block(block) => self.body(cx, &block.body, entries),
            StmtKind::Expand { template, .. } => self.expansion(cx, stmt.place, template, entries),
            StmtKind::ForEach { body, .. } => self.body(cx, body, entries),
            StmtKind::Match { arms, otherwise, .. } => {
                let arms = arms.iter().map(|(_, body)| body.as_slice());
                self.bodies(cx, arms.chain([otherwise.as_slice()]), entries)
            }
            StmtKind::Try { body, rescue, finally } => {
                let arm = rescue.as_ref().map_or(&[][..], |(_, arm)| arm.as_slice());
                self.bodies(cx, [body.as_slice(), arm, finally.as_slice()].into_iter(), entries)
            }
        };
        ops.into_iter().map(|child| Child::Op(Box::new(child))).collect()
    }

    /// Why a body in the statement runs, or does not.
    fn decisions(&mut self, cx: &Context, stmt: &Stmt, op: &Op, entries: &[Entry]) -> Vec<ReasonReport> {
        let is_open = self.flat.is_none() && !self.judge.gave_up && op.verdict != Verdict::Skipped;
        if let Some(ending) = ending(stmt).filter(|_| is_open && op.verdict != Verdict::WillFail) {
            return vec![ending];
        }
        let Some(choice) = Choice::of(stmt).filter(|_| is_open) else { return Vec::new() };
        let (origins, bound) = (self.judge.origins, &self.bound);
        let spot = spot(cx, stmt.place, keyword(&stmt.kind));
        let read = self.judge.run.read(|run| {
            let seen = visits(run, &spot, entries);
            choice.reasons(run, &seen, |run, asked| origins.of_condition(run, &seen, asked, bound))
        });
        read.unwrap_or_default()
    }

    /// Programs in a condition.
    fn cond(&mut self, cx: &Context, cond: &Cond, entries: &[Entry]) -> Vec<Op> {
        match cond {
            Cond::Or(all) | Cond::And(all) => all.iter().flat_map(|cond| self.cond(cx, cond, entries)).collect(),
            Cond::Not(inner) => self.cond(cx, inner, entries),
            Cond::Programs(clauses) => self.chain(cx, clauses, entries),
            _ => Vec::new(),
        }
    }

    /// The statements of a template, where it is used.
    fn expansion(&mut self, cx: &Context, place: Place, name: &str, entries: &[Entry]) -> Vec<Op> {
        let Some(template) = self.program.template(name) else { return Vec::new() };
        let calls = Arc::new(CallPath { outer: Some((Arc::clone(&cx.calls), place)), command: name.into() });
        let expanded = cx.expanded.iter().copied().chain([place]).collect();
        let cx = Context { calls, expanded, file: template.file, ..cx.clone() };
        let around = self.template.replace(name.to_owned());
        let ops = self.body(&cx, &template.body, entries);
        self.template = around;
        ops
    }

    fn chain(&mut self, cx: &Context, clauses: &[Clause], entries: &[Entry]) -> Vec<Op> {
        let node = |(at, clause): (usize, &Clause)| {
            let spot = Spot { clause: Some(at), ..spot(cx, clause.place, clause.call.op.entry().name) };
            self.node(cx, spot, &clause.source, entries)
        };
        clauses.iter().enumerate().map(node).collect()
    }

    // ---- hooks ----------------------------------------------------------------------------------------

    /// What ran around the ops of a node there. A chain is none: its clauses are.
    fn hooks(&mut self, cx: &Context, place: Place, entries: &[Entry]) -> Vec<Child> {
        let program = self.program;
        if program.hooks().is_empty() {
            return Vec::new();
        }
        let calls = Arc::new(CallPath { outer: Some((Arc::clone(&cx.calls), place)), command: HOOKS.into() });
        let expanded = cx.expanded.iter().copied().chain([place]).collect();
        let cx = Context { calls, expanded, file: 0, ..cx.clone() };
        let mut children = Vec::new();
        for hook in program.hooks() {
            let spot = spot(&cx, hook.place, hook.timing.name());
            let is_visited =
                entries.iter().flat_map(|entry| entry.summary.at(spot.place)).any(|visit| is_at(visit, &spot));
            if is_visited {
                let mut op = self.node(&cx, spot.clone(), &hook.source, entries);
                op.children = self.callee_of(&cx, &spot, &hook.handler, &mut op, entries);
                children.push(Child::Op(Box::new(op)));
            }
        }
        children
    }

    // ---- calls -------------------------------------------------------------------------------------

    /// The callee's statements, for all visits of the call.
    fn call(&mut self, cx: &Context, place: Place, name: &str, call: &mut Op, entries: &[Entry]) -> Vec<Child> {
        self.callee_of(cx, &spot(cx, place, "call"), name, call, entries)
    }

    /// The callee's statements, for all visits of a node that calls it.
    fn callee_of(&mut self, cx: &Context, spot: &Spot, name: &str, call: &mut Op, entries: &[Entry]) -> Vec<Child> {
        let inner = self.entries_of_call(spot, entries);
        let undecided = self.judge.gave_up && self.flat.is_none();
        let command = self.program.command(name).filter(|_| undecided || !inner.is_empty());
        let Some(command) = command else { return Vec::new() };
        if !self.whole
            && let Some(same) = self.shown_already(name, cx.calls.depth(), &inner, call)
        {
            return vec![same];
        }
        let calls = Arc::new(CallPath { outer: Some((Arc::clone(&cx.calls), spot.place)), command: name.into() });
        let cx = Context { calls, expanded: Arc::new([]), ..cx.clone() }.of_command(self.program, &command);
        let around = self.template.take();
        let ops = self.callee(&cx, &command, &inner);
        self.template = around;
        ops.into_iter().map(|op| Child::Op(Box::new(op))).collect()
    }

    /// The ways in which a call enters its callee.
    fn entries_of_call(&mut self, spot: &Spot, entries: &[Entry]) -> Vec<Entry> {
        let mut inner = Vec::new();
        for seen in visits(self.judge.run, spot, entries) {
            let Some((when, summary)) = seen.visit.callee.clone() else { continue };
            let when = self.judge.run.domain.dds.and(seen.entry, when);
            if !when.is_false() {
                inner.push(Entry { when, prefix: seen.path, summary });
            }
        }
        inner
    }

    /// What stands for the callee's statements if they need not be shown. If they are to be shown, that is noted.
    fn shown_already(&mut self, name: &str, nested: usize, inner: &[Entry], call: &mut Op) -> Option<Child> {
        let first = self.first.get(name);
        if self.judge.gave_up
            && let Some(first) = first
        {
            // Nothing is decided, so every call of a command looks alike.
            return Some(Child::Same { same_as: first.clone(), note: None });
        }
        let way = |entry: &Entry| (entry.when, entry.prefix.clone(), Rc::as_ptr(&entry.summary) as usize);
        let key = (name.to_owned(), inner.iter().map(way).collect());
        if let Some(same_as) = self.shown.get(&key) {
            return Some(Child::Same { same_as: same_as.clone(), note: None });
        }
        if let Some(first) = first.filter(|_| self.nodes >= MAX_NODES || nested >= MAX_NESTED) {
            let same = Child::Same { same_as: first.clone(), note: Some(LEFT_OUT.to_owned()) };
            let taken = assumptions::of_summaries(inner.iter().map(|entry| Rc::clone(&entry.summary)));
            call.assumptions.extend(taken.iter().filter_map(assumptions::of_op));
            self.throughout.extend(taken);
            return Some(same);
        }
        self.shown.insert(key, call.id.clone());
        self.first.entry(name.to_owned()).or_insert_with(|| call.id.clone());
        None
    }

    // ---- nodes -------------------------------------------------------------------------------------

    fn node(&mut self, cx: &Context, spot: Spot, text: &Arc<str>, entries: &[Entry]) -> Op {
        let id = cx.node_id(spot.place, spot.clause);
        self.nodes += 1;
        let read = match &mut self.flat {
            Some(flat) => {
                flat.push((id.clone(), spot.op, visits(self.judge.run, &spot, entries)));
                None
            }
            None => self.read(&spot, entries),
        };
        let Read { judged, handled, visits, taken } = read.unwrap_or_else(|| self.unread(&spot, entries));
        let node = NodeAt { calls: Arc::clone(&cx.calls), file: cx.file, place: spot.place, clause: spot.clause };
        let mut op = Op {
            id,
            node,
            op: spot.op,
            text: Arc::clone(text),
            file: self.file_name(cx.file),
            line: spot.place.line,
            column: spot.place.column,
            template: self.template.clone(),
            verdict: judged.verdict,
            reach: judged.reach,
            condition: judged.condition,
            comes_next: false,
            handled,
            visits,
            after: judged.after,
            reasons: judged.reasons,
            assumptions: taken.iter().filter_map(assumptions::of_op).collect(),
            suggestions: Vec::new(),
            children: Vec::new(),
        };
        self.throughout.extend(taken);
        if spot.op != "chain" {
            op.children = self.hooks(cx, spot.place, entries);
        }
        op
    }

    /// What a file is called. Most nodes stand in the same one as the node before.
    fn file_name(&mut self, file: u32) -> Arc<str> {
        if let Some((_, name)) = self.file.as_ref().filter(|(last, _)| *last == file) {
            return Arc::clone(name);
        }
        let name = Arc::from(self.program.file_name(file));
        self.file = Some((file, Arc::clone(&name)));
        name
    }

    /// What the run says of a node, if that is not too much.
    fn read(&mut self, spot: &Spot, entries: &[Entry]) -> Option<Read> {
        if self.judge.gave_up {
            return None;
        }
        let Judge { endings, around, origins, .. } = self.judge;
        self.judge.run.read(|run| {
            let seen = visits(run, spot, entries);
            let taken = assumptions::of_real_runs(run, &seen);
            let mut judge = Judge { run, gave_up: false, endings, around, origins };
            Read {
                judged: judge.judge(&seen),
                handled: !seen.is_empty() && seen.iter().all(|seen| seen.visit.handled),
                visits: visits_one_by_one(&mut judge, &seen),
                taken,
            }
        })
    }

    /// What stands for that otherwise. Then whatever may be taken for granted is.
    fn unread(&self, spot: &Spot, entries: &[Entry]) -> Read {
        let taken = if self.judge.gave_up { BTreeSet::new() } else { assumptions::of_visits(spot, entries) };
        Read { judged: Judged::over_budget(), handled: false, visits: Vec::new(), taken }
    }
}

/// What the run says of a node.
struct Read {
    judged: Judged,
    handled: bool,
    visits: Vec<VisitReport>,
    taken: BTreeSet<Assumption>,
}

/// The visits one by one, if they have different names.
fn visits_one_by_one(judge: &mut Judge<'_>, seen: &[Seen]) -> Vec<VisitReport> {
    let groups: Vec<&[Seen]> = seen.chunk_by(|a, b| a.path == b.path).collect();
    if groups.len() < 2 {
        return Vec::new();
    }
    let index = |index: &u32| if *index == Context::EVERY { "*".to_owned() } else { index.to_string() };
    let report = |group: &[Seen]| {
        let own = group.first().map(|seen| seen.path.as_slice()).unwrap_or_default();
        // On other runs the list may not be known: then this element is one of any.
        let is_this = |seen: &&Seen| seen.path == own || may_be(&seen.path, own);
        let judged = match seen.iter().any(|seen| may_be(&seen.path, own)) {
            true => judge.judge(&seen.iter().filter(is_this).cloned().collect::<Vec<_>>()),
            false => judge.judge(group),
        };
        VisitReport { path: own.iter().map(index).collect(), verdict: judged.verdict, reasons: judged.reasons }
    };
    groups.into_iter().map(report).collect()
}

/// Whether a visit of any elements may be one of these.
fn may_be(any: &[u32], path: &[u32]) -> bool {
    let is = |(any, index): (&u32, &u32)| any == index || *any == Context::EVERY;
    any != path && any.len() == path.len() && any.iter().zip(path).all(is)
}

/// A statement there, in the templates around here.
fn spot(cx: &Context, place: Place, op: &'static str) -> Spot {
    Spot { place, file: cx.file, clause: None, op, expanded: Arc::clone(&cx.expanded) }
}

fn has_names(text: &Text) -> bool {
    text.parts.iter().any(|part| matches!(part, Part::Name(_) | Part::Splice(_) | Part::Call(_)))
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
        StmtKind::Pipe { .. } => "pipe",
        StmtKind::Block(block) => block.op,
        StmtKind::Expand { .. } => "template",
        StmtKind::NotYet(_) => "not_yet",
    }
}
