//! The symbolic domain: what is known of a host, under conditions.
//!
//! A value is a diagram whose leaves are texts; the host is a set of cells that are diagrams too
//! ([`host`]); a path condition says on which runs a world is met. All imprecision is a fresh unknown, so
//! soundness has one argument: *every real run on a host that agrees with the facts is some valuation of the
//! unknowns*, and what is said of all valuations is true of it.
//!
//! | module | is about |
//! |---|---|
//! | [`cells`] | what leaves, unknown texts and atoms mean |
//! | [`facts`] | what is known before anything runs |
//! | `questions` | what a run hangs on and is not told |
//! | [`consulted`] | what is told and was asked for |
//! | `again` | a run where another has ended |
//! | [`host`] | cells, how they are read and changed |
//! | `values` | texts and tests |
//! | `pure` | functions of texts |
//! | `opaque` | words of which only their form is known |
//! | `shown` | what unknown texts are called in reports |
//! | `machine` | facts that programs name: the system, the user, directories |
//! | `paths`, `leads` | links: on all runs, and at the start |
//! | `perform` | primitives by their contracts |
//! | `variables` | variables of the environment |
//! | `programs` | started programs, PATH, environment |
//! | `time` | what was slept, and deadlines |
//! | `cache`, `stored` | the store of cached blocks |
//! | `rights` | what whoever runs a command may not do |
//! | `signals` | what runs when a signal ends the run |
//! | `parallel` | branches that run at the same time |
//! | `calls` | calls, evaluated once per distinct surroundings |
//! | `budget` | how much is remembered |
//! | `compress` | outcomes with fewer unknowns |
//! | `loops` | unrolled and summarised loops |
//! | [`record`] | what is written down for reports |

mod again;
mod budget;
mod cache;
mod calls;
pub mod cells;
mod compress;
pub mod consulted;
pub mod facts;
mod found;
pub mod host;
mod leads;
pub mod lines;
mod loops;
pub mod machine;
pub mod made;
mod numbers;
mod opaque;
mod packages;
mod parallel;
mod paths;
mod perform;
mod pipes;
pub mod programs;
mod pure;
mod questions;
pub mod record;
mod rights;
mod shown;
mod signals;
mod stamps;
mod stored;
mod time;
mod values;
mod variables;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use imbl::ordmap::DiffItem;
use perch_diagram::{Dd, Diagrams, Leaf};
use perch_engine::domain::{Act, Branches, CacheEntry, LoopBody, Own, Stage};
use perch_engine::eval::RESULT;
use perch_engine::{Context, Domain, Engine, Flows, Frame, Node, Outcome, Split, Test, World};
use perch_ir::program::{Command, Hook, Program, Timing};
use perch_ops::contract::Ask;
use perch_ops::{Contract, ErrorKind, FACTS, Primitive, Pure, Subject, Type};
use perch_policy::{Effect, Known, Policy};
use rustc_hash::FxHashMap;

use crate::cells::{AtomKey, Cell, HoleKey, Names};
use crate::facts::{Facts, Question};
use crate::host::{Entries, Host, Level, Places};
use crate::made::shown;
use crate::perform::{Assumed, Gathered, Why};
use crate::record::{About, Assumption, Reason, Summary, Visit};
use crate::values::MENDED_VALUE;

/// The domain. Make one per run.
pub struct Symbolic {
    /// The diagrams.
    pub dds: Diagrams,
    /// What their leaves and atoms mean.
    pub names: Names,
    /// What is known from the start.
    pub facts: Facts,
    policy: Policy,
    contracts: Vec<Contract>,
    /// Literals that an unknown text has been compared with, in order.
    literals: FxHashMap<Leaf, Vec<Rc<str>>>,
    /// Numbers that an unknown one has been compared with, in order.
    cuts: FxHashMap<Leaf, Vec<numbers::Cut>>,
    levels: Vec<Level>,
    open: Vec<Open>,
    visits: Vec<Rc<Visit>>,
    order: u32,
    mending: Option<Dd>,
    /// Whether failures are mended at all: only who reads a report wants to know what comes behind one.
    mends: bool,
    assumed: Assumed,
    pool: Option<Pool>,
    /// The op only makes sure of a directory.
    makes_sure: bool,
    memo: calls::Memos,
    found: found::Found,
    /// Deadlines around.
    deadlines: Vec<time::Deadline>,
    /// Places that branches have in common, while they run.
    unsteady: parallel::Unsteady,
    /// Places that programs may change at any time which nobody has waited for.
    company: parallel::Company,
    /// What the branch that runs has looked at.
    reads: Option<parallel::Reads>,
    /// What an op has seen that looks several times.
    glances: parallel::Glances,
    /// What it has stored for `cache` blocks, and looked for.
    dealings: stored::Dealings,
    /// What had been put anywhere before the branches that run.
    put_before: host::Places,
    /// Facts that are not those of the run before.
    own_facts: FxHashMap<&'static str, Leaf>,
    /// How many links the run has made, or moved or copied.
    links_made: usize,
    /// How often the mode of something was set.
    modes_set: usize,
    /// Where something has been put that brought with it what may not be done with it, or cannot.
    carried: BTreeSet<(String, questions::Flaw)>,
    /// Paths at which a branch that runs beside others has set a mode that takes something away.
    taken_at_once: BTreeSet<Rc<str>>,
    /// How many names the run has made up.
    made: u32,
    /// Paths of what it has made under such names: its own, for the policy.
    temporaries: Vec<String>,
    /// Bodies around that stand for many at once: everything that came up in one of them is at least this young.
    many: Vec<u32>,
    /// Names that are made of the time and are kept apart.
    stamps: Vec<stamps::Name>,
    /// What is taken for granted throughout.
    pub general: BTreeSet<Assumption>,
    /// Files and directories into which the run has looked without knowing what was there at the start.
    looked_into: BTreeSet<Question>,
    /// What runs does so because a signal came.
    unwinding: bool,
    /// What of all that is told was asked for.
    pub consulted: consulted::Consulted,
    /// So much was spent that the rest of the run was gone through with nothing known.
    forgot: bool,
    gave_up: bool,
}

/// Numbers for the unknowns of one primitive. Its cases exclude each other, so they can use the same ones.
#[derive(Default)]
struct Pool {
    numbers: Vec<u32>,
    used: usize,
}

/// A node that is being evaluated.
struct Open {
    visit: Visit,
    /// Visits of the summary before it.
    mark: usize,
    /// Failures that it raised itself.
    own_failures: usize,
    /// What it says when it fails, which it does once at most.
    message: Option<Dd>,
}

impl Symbolic {
    /// A domain for one run on hosts that agree with `facts`.
    #[must_use]
    pub fn new(facts: Facts, policy: Policy) -> Self {
        let contracts = Primitive::ALL.iter().map(|primitive| perch_ops::contract::contract(*primitive)).collect();
        Self {
            dds: Diagrams::default(),
            names: Names::default(),
            facts,
            policy,
            contracts,
            literals: FxHashMap::default(),
            cuts: FxHashMap::default(),
            levels: Vec::new(),
            open: Vec::new(),
            visits: Vec::new(),
            order: 0,
            mending: None,
            mends: true,
            assumed: Assumed::default(),
            pool: None,
            makes_sure: false,
            memo: calls::Memos::default(),
            found: found::Found::default(),
            deadlines: Vec::new(),
            unsteady: parallel::Unsteady::default(),
            company: parallel::Company::default(),
            reads: None,
            glances: parallel::Glances::default(),
            dealings: stored::Dealings::default(),
            put_before: host::Places::default(),
            own_facts: FxHashMap::default(),
            links_made: 0,
            modes_set: 0,
            carried: BTreeSet::new(),
            taken_at_once: BTreeSet::new(),
            made: 0,
            temporaries: Vec::new(),
            many: Vec::new(),
            stamps: Vec::new(),
            general: BTreeSet::new(),
            looked_into: BTreeSet::new(),
            unwinding: false,
            consulted: consulted::Consulted::default(),
            forgot: false,
            gave_up: false,
        }
    }

    /// Another contract for a primitive: how tests plant faults.
    pub fn set_contract(&mut self, primitive: Primitive, contract: Contract) {
        self.contracts[primitive as usize] = contract;
    }

    /// The host at the start.
    pub fn start(&mut self) -> Host {
        self.first_host()
    }

    /// The value of an argument of that type that is not given.
    pub fn unknown_argument(&mut self, name: &str, ty: Type) -> Dd {
        let leaf = self.names.unknown(HoleKey::Argument(name.into(), ty));
        self.either_truth(ty, leaf)
    }

    /// The visits recorded so far.
    pub fn take_summary(&mut self) -> Summary {
        Summary::of(std::mem::take(&mut self.visits))
    }

    /// Where a value is that text.
    pub fn where_text(&mut self, value: Dd, text: &str) -> Dd {
        self.where_cell(value, |cell| matches!(cell, Cell::Text(known) if **known == *text))
    }

    /// What stands at a path in a host at the end of a run.
    pub fn entry_of(&mut self, host: &Host, path: &str) -> Dd {
        self.entry(host, path)
    }

    /// True if the run was too large to be followed to its end: what came late is not known.
    #[must_use]
    pub fn forgot(&self) -> bool {
        self.forgot
    }

    /// True if a budget was reached: nothing may be believed.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        // Reading verdicts makes diagrams too: ask again when they have been read.
        self.gave_up || self.dds.over()
    }

    /// A number for something unknown of this moment.
    fn number(&mut self) -> u32 {
        let Some(pool) = &mut self.pool else { return self.names.take_number() };
        if pool.used == pool.numbers.len() {
            let number = self.names.take_number();
            pool.numbers.push(number);
        }
        pool.used += 1;
        pool.numbers[pool.used - 1]
    }

    /// How many numbers the current case has used.
    fn pool_mark(&self) -> usize {
        self.pool.as_ref().map_or(0, |pool| pool.used)
    }

    /// What is looked for and kept, for other cases and ops as well: it shares no number with what comes up in them.
    fn kept<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let pool = self.pool.take();
        let found = look(self);
        self.pool = pool;
        found
    }

    /// Another case, which excludes the one before, may use the same numbers from there on.
    fn pool_reset(&mut self, mark: usize) {
        if let Some(pool) = &mut self.pool {
            pool.used = mark;
        }
    }

    /// The message of a failure of the node that is open.
    fn failure_message(&mut self) -> Dd {
        if let Some(message) = self.open.last().and_then(|open| open.message) {
            return message;
        }
        let number = self.names.take_number();
        let leaf = self.names.unknown(HoleKey::Message(number));
        let message = self.dds.leaf(leaf);
        if let Some(open) = self.open.last_mut() {
            open.message = Some(message);
        }
        message
    }

    fn note_reason(&mut self, mut reason: Reason) {
        reason.message = shown(&reason.message).into_owned();
        if let Some(About::Path(path) | About::Rule(_, Some(path))) = &mut reason.about {
            *path = shown(path).into_owned();
        }
        let Some(open) = self.open.last_mut() else { return };
        open.own_failures += 1;
        if !open.visit.reasons.contains(&reason) {
            open.visit.reasons.push(reason);
        }
    }

    fn note_assumption(&mut self, assumption: Assumption, when: Dd) {
        let Some(open) = self.open.last_mut() else { return };
        match open.visit.assumptions.iter_mut().find(|(known, _)| *known == assumption) {
            Some((_, known)) => *known = self.dds.or(*known, when),
            None => open.visit.assumptions.push((assumption, when)),
        }
    }

    /// These runs of the node that is open are none by what it takes for granted.
    fn note_excluded(&mut self, runs: Dd) {
        if let Some(open) = self.open.last_mut() {
            open.visit.excluded = self.dds.or(open.visit.excluded, runs);
        }
    }

    fn open_visit(&mut self, cx: &Context, node: &Node, enter: Dd) {
        self.order += 1;
        let visit = Visit {
            node: node.clone(),
            visit: cx.visit.clone(),
            enter,
            excluded: Dd::FALSE,
            failed: Vec::new(),
            reasons: Vec::new(),
            assumptions: Vec::new(),
            handled: cx.caught,
            ghost: None,
            since: self.names.now(),
            callee: None,
            arm: None,
            changed: Vec::new(),
            changed_by_mended: Vec::new(),
            forgot: self.forgot,
            order: self.order,
        };
        self.open.push(Open { visit, mark: self.visits.len(), own_failures: 0, message: None });
    }

    /// Nobody goes on behind this node, and it is to blame: the report shall go on as if it had been mended.
    fn to_be_mended(&self, cx: &Context, flows: &Flows<Self>) -> bool {
        let own = self.open.last().is_some_and(|open| open.own_failures > 0);
        self.mends && own && flows.next.is_none() && flows.fails() && !self.is_caught(cx, flows) && !cx.others
    }

    /// Forgets what has been written down about the node that is open, and starts mending it.
    fn start_mending(&mut self, cx: &Context) {
        let number = self.names.take_number();
        let Some(open) = self.open.last_mut() else { return };
        let label = cx.node_id(open.visit.node.place, open.visit.node.clause);
        let ghost = self.names.atom(AtomKey::Ghost(number, label.into()));
        open.visit.reasons.clear();
        open.visit.assumptions.clear();
        open.visit.excluded = Dd::FALSE;
        open.visit.callee = None;
        open.visit.ghost = Some(ghost);
        self.visits.truncate(open.mark);
        self.mending = Some(self.dds.atom(ghost));
    }

    fn close_visit(&mut self, flows: &Flows<Self>, before: &[Entries; 2]) {
        let Some(mut open) = self.open.pop() else { return };
        if let Some(world) = &flows.next {
            if matches!(open.visit.node.op, "if" | "match" | "os" | "arch") {
                open.visit.arm = world.frame.bindings.get(RESULT).copied();
            }
            let host = &world.host;
            let (here, rest): (fn(&Places, &str) -> bool, _) = (Places::has, Places::has_rest);
            for (before, (after, is_written)) in before.iter().zip([(&host.entries, here), (&host.rests, rest)]) {
                if before.ptr_eq(after) {
                    continue;
                }
                let differs = before.diff(after).map(|item| match item {
                    DiffItem::Add(path, _) | DiffItem::Remove(path, _) | DiffItem::Update { new: (path, _), .. } => {
                        path
                    }
                });
                // A cell can also be put differently after something was learnt about it. That is not told from what mended runs have put.
                for path in differs.cloned() {
                    match (is_written(&host.written, &path), host.mended) {
                        (true, _) => open.visit.changed.push(path),
                        (false, true) => open.visit.changed_by_mended.push(path),
                        (false, false) => {}
                    }
                }
            }
        }
        open.visit.failed = flows.failures().map(|(kind, world)| (kind, world.host.pc)).collect();
        self.visits.push(Rc::new(open.visit));
    }

    fn join_frames(&mut self, cond: Dd, a: &Frame<Dd>, b: &Frame<Dd>, care: Dd) -> Frame<Dd> {
        let unbound = self.cell(Cell::Unbound);
        let exhausted = self.is_exhausted();
        let mut bindings = a.bindings.clone();
        let differ = a.bindings.diff(&b.bindings).map(|item| match item {
            DiffItem::Add(name, there) => (name, unbound, *there),
            DiffItem::Remove(name, here) => (name, *here, unbound),
            DiffItem::Update { old: (name, here), new: (_, there) } => (name, *here, *there),
        });
        for (name, here, there) in differ {
            let joined = if exhausted { self.any_of_both(here, there) } else { self.either(cond, here, there, care) };
            bindings.insert(Arc::clone(name), joined);
        }
        let cwd = self.either(cond, a.cwd, b.cwd, care);
        Frame { bindings, cwd }
    }
}

/// A copy of a world, which only this domain can make.
fn copy(world: &World<Symbolic>) -> World<Symbolic> {
    World { frame: world.frame.clone(), host: world.host.clone() }
}

impl Domain for Symbolic {
    type Value = Dd;
    type Host = Host;

    fn text(&mut self, text: &str) -> Dd {
        self.known_text(text)
    }

    fn concat(&mut self, parts: &[Dd]) -> Dd {
        self.concat_values(parts)
    }

    fn bound_or(&mut self, value: Dd, fallback: Dd) -> Dd {
        let unbound = self.names.leaf(Cell::Unbound);
        self.map(value, |this, leaf| if leaf == unbound { fallback } else { this.dds.leaf(leaf) })
    }

    fn pure(&mut self, function: Pure, operands: &[Dd]) -> Dd {
        self.pure_value(function, operands)
    }

    fn known(&self, value: &Dd) -> Known {
        let text = self.dds.as_leaf(*value).and_then(|leaf| self.names.known(leaf));
        text.map_or(Known::Unknown, |text| Known::Text(text.to_string()))
    }

    fn fact(&mut self, name: &str, cwd: &Dd) -> Option<Dd> {
        if name == "cwd" { Some(*cwd) } else { self.machine_fact(name) }
    }

    fn own_variable(&mut self, frame: &Frame<Dd>, name: &str) -> Own<Dd> {
        self.own_variable_of(frame, name)
    }

    fn put_variable(&mut self, frame: &mut Frame<Dd>, name: &Dd, value: Option<Dd>) {
        self.change_variable(frame, *name, value);
    }

    /// Mostly, nobody has said that it will be run from where it is looked at.
    fn place_of_file(&mut self, about: Subject, here: Dd) -> Dd {
        if self.facts.looked_up {
            return here;
        }
        let name = FACTS.iter().find(|fact| fact.about == about).map_or("", |fact| fact.name);
        // Standard input stands nowhere.
        if about == Subject::File { self.unknown_fact(name) } else { self.somewhere(name) }
    }

    fn perform(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Dd],
        frame: &Frame<Dd>,
        host: Host,
    ) -> Outcome<Self> {
        if cx.inside.is_none() {
            self.glances = parallel::Glances::default();
        }
        self.perform_primitive(cx, primitive, operands, frame, host)
    }

    fn pipeline(&mut self, cx: &Context, stages: &[Stage<Dd>], host: Host) -> Outcome<Self> {
        self.glances = parallel::Glances::default();
        self.run_pipeline(cx, stages, host)
    }

    fn ask(
        &mut self,
        cx: &Context,
        asks: &'static [Ask],
        operands: &[Dd],
        frame: &Frame<Dd>,
        host: Host,
    ) -> Outcome<Self> {
        self.glances = parallel::Glances::of_one_op();
        self.ask_policy(cx, asks, operands, frame, host)
    }

    fn variable(&mut self, cx: &Context, name: &str, host: Host) -> Outcome<Self> {
        let mut all = Gathered::default();
        let effect = Effect::ReadEnv(Known::Text(name.to_owned()));
        let Some(host) = self.ask_when(cx, effect, Dd::TRUE, host, &mut all) else { return self.outcome(all) };
        let value = self.variable_value(name);
        let unset = self.where_cell(value, |cell| matches!(cell, Cell::Unbound));
        let unset = self.decided(unset);
        let why = Why::new(ErrorKind::UnresolvedVar, self.facts.unset(name));
        let why = why.about(Some(About::Variable(name.to_owned())));
        let next = self.fail(host, unset, &why, &mut all);
        let unbound = self.names.leaf(Cell::Unbound);
        let some = self.fresh_text("value of a variable that was not set");
        let value = self.map(value, |this, leaf| if leaf == unbound { some } else { this.dds.leaf(leaf) });
        self.gather_next(&mut all, next, value);
        self.outcome(all)
    }

    fn raise(&mut self, _cx: &Context, kind: ErrorKind, message: Dd, host: Host) -> Outcome<Self> {
        let message = self.simplified(message, host.pc);
        let shown = self.names.complaint(kind, &self.dds.leaves(message));
        let why = Why { said: Some(message), ..Why::new(kind, shown) };
        let mut all = Gathered::default();
        let next = self.fail(host, Dd::TRUE, &why, &mut all);
        let value = self.fresh_text(MENDED_VALUE);
        self.gather_next(&mut all, next, value);
        self.outcome(all)
    }

    fn hook_failed(&mut self, hook: &Hook, flows: &Flows<Self>) {
        let what = match hook.timing {
            Timing::Before => "keeps it from running",
            Timing::After | Timing::OnError => "fails it",
        };
        let reasons = flows.failures().map(|(kind, world)| {
            let message = format!("`{}` {what}: {}", hook.source, kind.name());
            Reason { kind, message, when: world.host.pc, about: None, met: false }
        });
        // Nothing of the op itself is to be mended, so this is no failure of its own.
        let reasons: Vec<Reason> = reasons.collect();
        let Some(open) = self.open.last_mut() else { return };
        open.visit.reasons.extend(reasons);
    }

    fn split(&mut self, cx: &Context, test: &Test<'_, Dd>, host: Host) -> Split<Host> {
        let cond = match test {
            Test::InTime(wait) => self.in_time(cx, **wait, &host),
            test => self.condition(test),
        };
        let cond = self.decided(cond);
        let cond = self.condition_within_budget(cond);
        let yes = self.dds.and(host.pc, cond);
        let no = self.dds.minus(host.pc, cond);
        Split {
            yes: (!yes.is_false()).then(|| Host { pc: yes, ..host.clone() }),
            no: (!no.is_false()).then_some(Host { pc: no, ..host }),
        }
    }

    fn join(&mut self, a: World<Self>, b: World<Self>) -> World<Self> {
        let care = self.dds.or(a.host.pc, b.host.pc);
        let cond = self.divide(a.host.pc, care);
        let frame = self.join_frames(cond, &a.frame, &b.frame, care);
        let host = self.join_hosts(a.host, b.host);
        World { frame, host }
    }

    fn visit<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        node: &Node,
        world: World<Self>,
        act: Act<'_, P, Self>,
    ) -> Flows<Self> {
        engine.domain.glances = parallel::Glances::default();
        let around = engine.domain.mending.take();
        let since = engine.domain.names.now();
        let mut world = engine.domain.shortened(world);
        if engine.domain.is_exhausted() {
            engine.domain.forget_world(&mut world);
        }
        let enter = world.host.pc;
        engine.domain.open_visit(cx, node, enter);
        let before = [world.host.entries.clone(), world.host.rests.clone()];
        let again = copy(&world);
        let mut flows = act(engine, cx, world);
        let handled = engine.domain.is_caught(cx, &flows);
        if let Some(open) = engine.domain.open.last_mut() {
            open.visit.handled = handled;
        }
        if engine.domain.to_be_mended(cx, &flows) {
            engine.domain.start_mending(cx);
            flows = act(engine, cx, again);
        }
        let flows = engine.domain.compressed(flows, since);
        let flows = engine.domain.within_path_budget(flows, enter);
        engine.domain.close_visit(&flows, &before);
        engine.domain.mending = around;
        flows
    }

    fn repeat<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        list: &Dd,
        world: World<Self>,
        body: LoopBody<'_, P, Self>,
    ) -> Flows<Self> {
        loops::repeat(engine, cx, *list, world, body)
    }

    fn call<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        command: &Arc<Command>,
        frame: Frame<Dd>,
        host: Host,
    ) -> Flows<Self> {
        calls::call(engine, cx, command, frame, host)
    }

    fn within<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        length: &Dd,
        world: World<Self>,
        body: Act<'_, P, Self>,
    ) -> Flows<Self> {
        time::within(engine, cx, *length, world, body)
    }

    fn concurrently<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        branches: Branches<'_, P, Self>,
        _most: Option<&Dd>,
        world: World<Self>,
    ) -> Flows<Self> {
        parallel::concurrently(engine, cx, branches, world)
    }

    fn interruptible<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        command: &Command,
        world: World<Self>,
        body: Act<'_, P, Self>,
        handler: Act<'_, P, Self>,
    ) -> Flows<Self> {
        signals::interruptible(engine, cx, command, world, body, handler)
    }

    fn cached<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        entry: &CacheEntry<'_, Dd>,
        world: World<Self>,
        body: Act<'_, P, Self>,
    ) -> Flows<Self> {
        cache::cached(engine, cx, entry, world, body)
    }
}
