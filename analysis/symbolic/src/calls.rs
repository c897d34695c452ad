//! Calls, evaluated once per distinct surroundings.
//!
//! A callee is evaluated from a host in which nothing is written, and what it asks about the world around it
//! is noted (see [`crate::host`]). A later call of the same command with the same words from the same kind of place
//! whose surroundings give the same answers has the same outcome, up to the names of the unknowns that came up
//! inside: those are renamed each time. So a command that calls another twice, twenty deep, is
//! twenty evaluations.
//!
//! Unknowns that came up inside stay visible in the outcome and would add up from call to call: `compress` keeps them few.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use imbl::OrdMap;
use perch_diagram::{Atom, Dd};
use perch_engine::eval::given_name;
use perch_engine::flows::hidden;
use perch_engine::{Context, Engine, Flows, Frame, Way, World};
use perch_ir::bound_by;
use perch_ir::deeds::{self, Deed};
use perch_ir::program::{Absent, Around, Command, Operand, Program, Stmt, StmtKind};
use perch_policy::Bounds;
use rustc_hash::FxHashMap;

use crate::Symbolic;
use crate::cells::{AtomKey, Cell, Renaming};
use crate::host::{Answer, Host, Known, Level, Question};
use crate::parallel::Reads;
use crate::perform::modes::Modes;
use crate::record::Summary;
use crate::stored::{Dealings, Results};

/// What decides, besides the host, what a callee does.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    command: String,
    bindings: Vec<(Arc<str>, Dd)>,
    cwd: Dd,
    place: (bool, (bool, bool), bool, bool, usize),
    /// What it is held to, and whether it is a handler.
    rights: (Bounds, bool),
    /// The deadlines around, as long as they are.
    deadlines: Vec<(Option<u64>, bool, bool)>,
    /// Links may be anywhere; it runs because a signal came.
    linked: (bool, bool),
    /// Programs that run beside it, and links that they may write through.
    company: (usize, usize),
    /// What others may store meanwhile.
    stored: Results,
    /// What other branches start.
    started: BTreeSet<Rc<str>>,
    /// So much was put somewhere that brought with it what cannot be done with it.
    carried: usize,
    /// What modes ops have set before.
    modes: Modes,
    /// A branch calls: what it looks at and takes away is noted.
    noted: bool,
    /// Whose shared bindings it sees.
    scope: usize,
}

struct Memo {
    asked: Vec<(Question, Answer)>,
    since: u32,
    ways: Vec<(Way, Frame<Dd>, Host)>,
    summary: Rc<Summary>,
    /// What it has stored and looked for.
    dealings: Dealings,
    /// The modes at which it has looked, if that is noted.
    modes_seen: BTreeSet<Rc<str>>,
    /// How many links it may have made that matter to others, and how often it has set a mode.
    links_made: usize,
    modes_set: usize,
}

/// Calls evaluated so far.
#[derive(Default)]
pub(crate) struct Memos {
    calls: FxHashMap<Key, Vec<Rc<Memo>>>,
    names: FxHashMap<String, Rc<BTreeSet<String>>>,
}

pub(crate) fn call<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    command: &Arc<Command>,
    frame: Frame<Dd>,
    host: Host,
) -> Flows<Symbolic> {
    let seen = names_of(engine, command);
    let frame = engine.domain.visible_frame(&frame, &seen, command, host.pc);
    let key = Key {
        command: command.name.clone(),
        bindings: frame.bindings.iter().map(|(name, value)| (Arc::clone(name), *value)).collect(),
        cwd: frame.cwd,
        place: (cx.observed, (cx.caught, cx.timeouts_caught), cx.finally, cx.others, cx.depth),
        rights: (cx.bounds.clone(), cx.hooked),
        deadlines: engine.domain.deadlines_around(),
        linked: (engine.domain.names.any_linked(), engine.domain.unwinding),
        company: engine.domain.company_and_links(),
        stored: engine.domain.unsteady.stored.clone(),
        started: engine.domain.unsteady.started.clone(),
        carried: engine.domain.carried.len(),
        modes: engine.domain.modes_handed_on(&host),
        noted: engine.domain.reads.is_some(),
        scope: cx.scope,
    };
    let candidates = engine.domain.memo.calls.get(&key).cloned().unwrap_or_default();
    let known = candidates.into_iter().find(|memo| engine.domain.answers_are(&host, &memo.asked));
    let memo = match known {
        Some(memo) => {
            engine.domain.links_made += memo.links_made;
            engine.domain.modes_set += memo.modes_set;
            memo
        }
        // Nothing may be believed any more, and what calls itself more than once would be followed for ever.
        None if engine.domain.gave_up() => return Flows::next(World { frame, host }),
        None => {
            let made = engine.domain.made;
            let memo = Rc::new(evaluate(engine, cx, command, (frame, key.modes.clone()), &host));
            // Another call would make up other names.
            if engine.domain.made == made {
                engine.domain.memo.calls.entry(key).or_default().push(Rc::clone(&memo));
            }
            memo
        }
    };
    if let Some(open) = engine.domain.open.last_mut() {
        open.visit.callee = Some((host.pc, Rc::clone(&memo.summary)));
    }
    engine.domain.dealings.add(&memo.dealings);
    engine.domain.also_saw_modes(&memo);
    engine.domain.bind(&memo, &host)
}

fn evaluate<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    command: &Arc<Command>,
    (frame, modes): (Frame<Dd>, Modes),
    host: &Host,
) -> Memo {
    let since = engine.domain.names.now();
    let inner = engine.domain.callee_host(modes);
    engine.domain.levels.push(Level::new(host.clone()));
    let visits = std::mem::take(&mut engine.domain.visits);
    let dealings = std::mem::take(&mut engine.domain.dealings);
    let modes_seen = engine.domain.reads.as_mut().map(Reads::take_modes);
    let (links_made, modes_set) = (engine.domain.links_made, engine.domain.modes_set);
    let cx = Context { visit: Vec::new(), ..cx.clone() };
    let flows = engine.callee(&cx, command, World { frame, host: inner });
    let visits = std::mem::replace(&mut engine.domain.visits, visits);
    let dealings = std::mem::replace(&mut engine.domain.dealings, dealings);
    let modes_seen = engine.domain.reads.as_mut().map(|reads| reads.put_modes(modes_seen.unwrap_or_default()));
    let flows = engine.domain.compressed(flows, since);
    let asked = engine.domain.levels.pop().map(|level| level.asked).unwrap_or_default();
    let asked = engine.domain.without_earlier(asked);
    Memo {
        asked,
        since,
        ways: flows.ways().map(|(way, world)| (way, world.frame, world.host)).collect(),
        summary: Rc::new(Summary::of(visits)),
        dealings,
        modes_seen: modes_seen.unwrap_or_default(),
        links_made: engine.domain.links_made - links_made,
        modes_set: engine.domain.modes_set - modes_set,
    }
}

impl Symbolic {
    /// Whoever calls looks at the modes at which a callee has looked. It was evaluated for another call, perhaps.
    fn also_saw_modes(&self, memo: &Memo) {
        if let Some(reads) = &self.reads {
            memo.modes_seen.iter().for_each(|path| reads.of_mode(path));
        }
    }

    /// The part of a frame that a callee can look at, as far as the path condition decides it.
    fn visible_frame(&mut self, frame: &Frame<Dd>, seen: &BTreeSet<String>, command: &Command, pc: Dd) -> Frame<Dd> {
        let given = command.args.iter().map(|arg| given_name(&arg.name));
        let names: BTreeSet<String> = seen.iter().cloned().chain(given).collect();
        let mut bindings = OrdMap::new();
        for name in names {
            if let Some((name, value)) = frame.bindings.get_key_value(name.as_str()) {
                let value = self.simplified(*value, pc);
                bindings.insert(Arc::clone(name), value);
            }
        }
        // Programs that it starts see all variables, what is stored it may find, and the words of its list are its own.
        for (name, value) in frame.bindings.iter().filter(|(name, _)| is_ambient(name)) {
            let value = self.simplified(*value, pc);
            bindings.insert(name.clone(), value);
        }
        Frame { bindings, cwd: self.simplified(frame.cwd, pc) }
    }

    /// Would a callee get these answers here?
    fn answers_are(&mut self, host: &Host, asked: &[(Question, Answer)]) -> bool {
        let level = self.levels.len();
        asked.iter().all(|(question, answer)| self.answer(level, host, question) == *answer)
    }

    /// The outcome of a callee on the runs of a caller's host.
    fn bind(&mut self, memo: &Memo, host: &Host) -> Flows<Symbolic> {
        let mut names = Renaming::default();
        self.levels.push(Level::new(host.clone()));
        let mut ways = Vec::new();
        for (way, frame, inner) in &memo.ways {
            ways.extend(self.bound(memo.since, &mut names, frame, inner, host).map(|world| (*way, world)));
        }
        self.levels.pop();
        let mut flows = Flows::default();
        for (way, world) in ways {
            flows.add(self, way, world);
        }
        flows
    }

    fn bound(
        &mut self,
        since: u32,
        names: &mut Renaming,
        frame: &Frame<Dd>,
        inner: &Host,
        host: &Host,
    ) -> Option<World<Symbolic>> {
        let pc = self.renamed(inner.pc, since, names);
        let whole = self.dds.and(host.pc, pc);
        if whole.is_false() {
            return None;
        }
        let entries =
            inner.entries.iter().map(|(path, cell)| (Rc::clone(path), self.renamed(*cell, since, names))).collect();
        let rests = inner.rests.iter().map(|(dir, cell)| (Rc::clone(dir), self.renamed(*cell, since, names))).collect();
        let bins = self.renamed(inner.bins, since, names);
        let packages = self.renamed(inner.packages, since, names);
        let slept = self.renamed(inner.slept, since, names);
        let (written, modes, mended) = (inner.written.clone(), inner.modes.clone(), inner.mended);
        let made_sure = inner.made_sure.clone();
        let inner = Host::new(pc, Known { entries, rests, bins, packages, slept, written, made_sure, modes, mended });
        let bindings =
            frame.bindings.iter().map(|(name, value)| (name.clone(), self.renamed(*value, since, names))).collect();
        let frame = Frame { bindings, cwd: self.renamed(frame.cwd, since, names) };
        let host = self.laid_over(&inner, host, whole);
        Some(World { frame, host })
    }

    /// `outer` with what the callee's `inner` has changed. The call's level is on the stack.
    fn laid_over(&mut self, inner: &Host, outer: &Host, pc: Dd) -> Host {
        let mut host = Host { pc, ..outer.clone() };
        if self.is_exhausted() {
            self.forget_all(&mut host);
            return host;
        }
        let before = self.cell(Cell::Before);
        let rewritten: Vec<Rc<str>> =
            inner.rests.iter().filter(|(_, rest)| **rest != before).map(|(dir, _)| Rc::clone(dir)).collect();
        let below = |path: &Rc<str>| {
            rewritten.iter().any(|dir| path.len() > dir.len() && perch_policy::path::within(path, dir))
        };
        let stale_entries = outer.entries.keys().filter(|path| below(path)).cloned();
        let paths: BTreeSet<Rc<str>> = inner.entries.keys().cloned().chain(stale_entries).collect();
        let stale_rests = outer.rests.keys().filter(|dir| below(dir)).cloned();
        let dirs: BTreeSet<Rc<str>> = rewritten.iter().cloned().chain(stale_rests).collect();
        for path in paths {
            let cell = self.laid_over_entry(inner, outer, &path);
            let cell = self.simplified(cell, pc);
            let cell = self.within_budget(cell);
            host.entries.insert(path, cell);
        }
        for dir in dirs {
            let rest = self.laid_over_rest(inner, outer, &dir);
            let rest = self.rest_within_budget(rest, &dir);
            host.rests.insert(dir, rest);
        }
        host.bins = self.over(inner.bins, outer.bins);
        host.packages = self.over(inner.packages, outer.packages);
        host.slept = self.slept_together(outer.slept, inner.slept);
        host.written = outer.written.clone().and(inner.written.clone());
        let is_left = |dir: &Rc<str>| !inner.written.cover(dir);
        host.made_sure =
            inner.made_sure.iter().chain(outer.made_sure.iter().filter(|dir| is_left(dir))).cloned().collect();
        // What is left of those that were handed on the callee knows.
        host.modes.retain(|path, mode| !self.is_handed_on(outer, path, *mode) && !inner.written.cover(path));
        host.modes.extend(inner.modes.clone());
        host.mended |= inner.mended;
        host
    }

    /// A diagram with everything younger than `since` renamed.
    fn renamed(&mut self, dd: Dd, since: u32, renaming: &mut Renaming) -> Dd {
        let atoms: Vec<Atom> =
            self.dds.support(dd).into_iter().filter(|atom| self.names.newest_of_atom(*atom) >= since).collect();
        let mut images: FxHashMap<Atom, Dd> = FxHashMap::default();
        for atom in atoms {
            let new = self.names.renamed_atom(atom, since, renaming);
            self.same_partition(atom, new);
            images.insert(atom, self.dds.atom(new));
        }
        let dd = if images.is_empty() { dd } else { self.dds.substitute(dd, &mut |atom| images.get(&atom).copied()) };
        if self.dds.leaves(dd).into_iter().all(|leaf| self.names.newest_of_leaf(leaf) < since) {
            return dd;
        }
        self.map(dd, |this, leaf| {
            let new = this.names.renamed(leaf, since, renaming);
            this.dds.leaf(new)
        })
    }

    /// The renamed text is divided by the same literals in the same order, and a number by the same cuts.
    fn same_partition(&mut self, old: Atom, new: Atom) {
        if let (AtomKey::Less(old_a, old_b), AtomKey::Less(new_a, new_b)) =
            (self.names.atom_key(old), self.names.atom_key(new))
        {
            let renamed = [(*old_a, *new_a), (*old_b, *new_b)];
            for (old, new) in renamed.into_iter().filter(|(old, new)| old != new) {
                if let Some(cuts) = self.cuts.get(&old).cloned() {
                    self.cuts.entry(new).or_insert(cuts);
                }
            }
            return;
        }
        let (AtomKey::Equals(old, _), AtomKey::Equals(new, _)) = (self.names.atom_key(old), self.names.atom_key(new))
        else {
            return;
        };
        let (old, new) = (*old, *new);
        if old != new && !self.literals.contains_key(&new) {
            let literals = self.literals.get(&old).cloned().unwrap_or_default();
            self.literals.insert(new, literals);
        }
    }
}

/// Whether a callee may look at a binding without naming it.
fn is_ambient(name: &str) -> bool {
    hidden::is_environment(name) || hidden::is_stored(name) || hidden::is_word(name) || hidden::is_status(name)
}

// ---- names that a command can look at -------------------------------------------------------------

/// Every name that a command, or one that it calls, may look up.
fn names_of<P: Program>(engine: &mut Engine<'_, P, Symbolic>, command: &Arc<Command>) -> Rc<BTreeSet<String>> {
    if let Some(known) = engine.domain.memo.names.get(&command.name) {
        return Rc::clone(known);
    }
    // What runs around ops sees what they see.
    let handlers = engine.program.hooks().iter().map(|hook| hook.handler.clone());
    let mut found = Found { calls: handlers.collect(), ..Found::default() };
    let mut todo = vec![Arc::clone(command)];
    let mut seen: BTreeSet<String> = BTreeSet::from([command.name.clone()]);
    while let Some(command) = todo.pop() {
        found.head(&command);
        found.body(engine.program, &command.body);
        for callee in std::mem::take(&mut found.calls) {
            if seen.insert(callee.clone()) {
                todo.extend(engine.program.command(&callee));
            }
        }
        for template in std::mem::take(&mut found.templates) {
            // No template has the name of a command.
            if seen.insert(template.clone()) {
                todo.extend(engine.program.template(&template));
            }
        }
    }
    let names = Rc::new(found.names);
    engine.domain.memo.names.insert(command.name.clone(), Rc::clone(&names));
    names
}

#[derive(Default)]
struct Found {
    names: BTreeSet<String>,
    calls: Vec<String>,
    templates: Vec<String>,
}

impl Found {
    /// What stands before the body.
    fn head(&mut self, command: &Command) {
        let defaults = command.args.iter().filter_map(|arg| match &arg.absent {
            Absent::Default(text) => Some(text),
            Absent::Required | Absent::Empty => None,
        });
        let config = &command.config;
        let required = config.require.iter().flat_map(|line| &line.value.1);
        let variables = config.env.iter().map(|line| &line.value.1);
        let dir = config.dir.iter().flat_map(|line| &line.value.operands).filter_map(|operand| match operand {
            Operand::Text(text) => Some(text),
            Operand::Name(_) => None,
        });
        for text in defaults.chain(required).chain(variables).chain(dir) {
            deeds::text(text, &mut |deed| self.deed(&deed));
        }
        self.calls.extend(config.on_signal.iter().map(|line| line.value.clone()));
    }

    fn body<P: Program>(&mut self, program: &P, body: &[Stmt]) {
        perch_ir::walk(body, &mut |stmt| {
            deeds::deeds(stmt, &mut |deed| self.deed(&deed));
            match &stmt.kind {
                StmtKind::Call { command, .. } => self.calls.push(command.clone()),
                StmtKind::Expand { template, .. } => self.templates.push(template.clone()),
                // What its names are bound to behind it is stored, whoever has bound them.
                StmtKind::Block(block) if matches!(block.around, Around::Cache { .. }) => {
                    self.names.extend(bound_by(program, &block.body));
                }
                _ => {}
            }
        });
    }

    fn deed(&mut self, deed: &Deed<'_>) {
        if let Deed::Reads(name) | Deed::Mentions(name) | Deed::Tests(name) = deed {
            self.names.insert((*name).to_owned());
        }
    }
}
