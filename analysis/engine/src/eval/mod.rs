//! The language, one function per construct.
//!
//! Every function takes a world and gives [`Flows`]. Values that a construct computes travel in the frame
//! under hidden names, so that a domain which joins worlds joins them too; the functions here never join
//! values themselves.

mod blocks;
mod branches;
mod calls;
mod chains;
mod conditions;
pub mod hooks;
mod loops;
mod manifest;
mod ops;
mod parallel;
mod programs;
mod retry;
mod shared;
mod templates;
mod texts;
mod tries;
mod ways;

use std::sync::Arc;

use imbl::OrdMap;
use perch_ir::program::{Absent, Command, List, Place, Program, Stmt, StmtKind, Text, count_of};
use perch_ops::ErrorKind;
use perch_policy::{Bounds, Mask};

pub use shared::Shared;

use crate::arguments;
use crate::faults::{Fault, active};
use crate::flows::hidden;
use crate::{Context, Domain, Flows, Frame, Node, World};

/// Calls nest at most this deep (language §4.8). Deeper recursion is a failure in every domain.
pub const MAX_CALL_DEPTH: usize = 64;

/// The value that a node has computed; of the head of a block that chooses, the number of what it has chosen.
pub const RESULT: &str = " result";

/// The evaluator: a program, and a domain that gives it meaning.
pub struct Engine<'p, P, D: Domain> {
    /// What is evaluated.
    pub program: &'p P,
    /// What it means.
    pub domain: D,
    /// Shared bindings, which are the same throughout a run.
    shared: Shared<D::Value>,
}

impl<'p, P: Program, D: Domain> Engine<'p, P, D> {
    /// An evaluator of a program.
    pub fn new(program: &'p P, domain: D) -> Self {
        Self { program, domain, shared: Shared::default() }
    }

    /// The shared bindings, for another evaluator of the same run.
    pub fn shared_bindings(&self) -> Shared<D::Value> {
        self.shared.clone()
    }

    /// An evaluator of a part of a run, in which these are shared.
    pub fn of_part(program: &'p P, domain: D, shared: Shared<D::Value>) -> Self {
        Self { program, domain, shared }
    }
}

/// Evaluation of something that has a value: the runs on which it has one, and the others.
struct Got<D: Domain> {
    next: Option<(World<D>, D::Value)>,
    other: Flows<D>,
}

impl<D: Domain> Got<D> {
    fn value(world: World<D>, value: D::Value) -> Self {
        Self { next: Some((world, value)), other: Flows::default() }
    }
}

/// A world with values, and the flows of the runs that have none.
type Several<D> = (Option<(World<D>, Vec<<D as Domain>::Value>)>, Flows<D>);

/// A world with arguments, and the flows of the runs that have none.
type Entered<D> = (Option<(World<D>, Given<<D as Domain>::Value>)>, Flows<D>);

/// Texts given for the arguments of the first command; the rest take their defaults.
pub type Given<V> = Vec<(String, V)>;

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// Evaluates a command from the outside: what the program requires, shared bindings, arguments, body.
    pub fn run(&mut self, command: &Arc<Command>, given: Given<D::Value>, cwd: D::Value, host: D::Host) -> Flows<D> {
        self.note_facts(&cwd);
        let world = World { frame: Frame { bindings: OrdMap::new(), cwd }, host };
        let sandboxes: Arc<[_]> = self
            .program
            .sandboxes()
            .iter()
            .map(|(file, own)| (*file, self.sandbox_of(own, &world.frame.cwd)))
            .collect();
        // What the main file gives up is gone for the whole run, whoever declares the command.
        let around = Context { sandboxes, ..Context::start("") }.within(0, Mask::default());
        let mut allowed = Vec::new();
        let mut flows = self.demands(true, &Bounds::default(), &mut allowed, world);
        let Some(world) = flows.next.take() else { return flows };
        // What is written out is allowed from here on, the rest when it is known.
        let declared = self.declared(&allowed);
        let cx = Context { bounds: around.bounds.and(&declared), ..around.clone() };
        let done = self.shared(&cx, world);
        let Some(world) = flows.absorb(&mut self.domain, done) else { return flows };
        let done = self.demands(false, &declared, &mut allowed, world);
        let Some(mut world) = flows.absorb(&mut self.domain, done) else { return flows };
        world.frame.bindings.extend(given);
        let bounds = around.bounds.and(&self.declared(&allowed));
        let start = Context::start(&command.name).of_command(self.program, command);
        let cx = Context { bounds, sandboxes: around.sandboxes, ..start };
        let done = self.callee(&cx, command, world);
        flows.merge(&mut self.domain, done);
        flows
    }

    /// Shared bindings, in order. Those that cannot fail are not nodes.
    fn shared(&mut self, cx: &Context, world: World<D>) -> Flows<D> {
        let mut flows = Flows::next(world);
        let program = self.program;
        for shared in program.shared() {
            let Some(world) = flows.next.take() else { break };
            if let Some(text) = shared.value.as_literal() {
                let value = self.domain.text(text);
                self.shared.bind(shared, value);
                flows.next = Some(world);
                continue;
            }
            let (bounds, sandboxes) = (cx.bounds.clone(), Arc::clone(&cx.sandboxes));
            let cx = Context { bounds, sandboxes, ..Context::of_shared(shared) };
            let cx = cx.within(shared.file, Mask::default());
            let node = leaf("let", &shared.source, shared.place, &cx);
            let done = self.visit(&cx, &node, world, &|engine, cx, world| {
                let got = engine.text(cx, &shared.value, world);
                engine.bind(got, Some(RESULT))
            });
            flows.merge(&mut self.domain, done);
            let value = flows.next.as_mut().and_then(|world| world.frame.bindings.remove(RESULT));
            value.into_iter().for_each(|value| self.shared.bind(shared, value));
        }
        flows
    }

    /// Binds the list that the command takes, and arguments that are not given to their defaults.
    fn defaults(&mut self, cx: &Context, command: &Command, world: World<D>) -> Flows<D> {
        let mut world = world;
        if let Some(list) = command.list() {
            self.bind_list(list, &mut world.frame);
        }
        let mut flows = Flows::next(world);
        for arg in command.args.iter().filter(|arg| !arg.rest) {
            let Some(mut world) = flows.next.take() else { break };
            if let Some(value) = hidden::take(&mut world.frame.bindings, &given_name(&arg.name)) {
                hidden::bind(&mut world.frame.bindings, &arg.name, value);
                flows.next = Some(world);
                continue;
            }
            let default = match &arg.absent {
                Absent::Default(text) if !active(Fault::DefaultsIgnored) => text.clone(),
                _ => Text::literal(arguments::empty_of(arg.ty)),
            };
            let done = match default.as_literal() {
                Some(text) => {
                    let value = self.domain.text(text);
                    hidden::bind(&mut world.frame.bindings, &arg.name, value);
                    Flows::next(world)
                }
                None => {
                    let source: Arc<str> = format!("arg {}", arg.name).into();
                    self.visit(cx, &leaf("arg", &source, arg.place, cx), world, &|engine, cx, world| {
                        let got = engine.text(cx, &default, world);
                        engine.bind(got, Some(&arg.name))
                    })
                }
            };
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    /// Binds the text of a list whose words are bound, and their number.
    fn bind_list(&mut self, list: List<'_>, frame: &mut Frame<D::Value>) {
        let words: Vec<D::Value> =
            texts::names_of(list.name, frame).filter_map(|name| frame.bindings.get(name.as_str()).cloned()).collect();
        let count = if active(Fault::CountsOneTooMany) { words.len() + 1 } else { words.len() };
        let (joint, count) = (self.domain.text(list.joint), self.domain.text(&count.to_string()));
        let parts = words.into_iter().enumerate();
        let parts: Vec<D::Value> =
            parts.flat_map(|(at, word)| (at > 0).then(|| joint.clone()).into_iter().chain([word])).collect();
        let text = self.domain.concat(&parts);
        hidden::bind(&mut frame.bindings, list.name, text);
        if list.counted {
            hidden::bind(&mut frame.bindings, &count_of(list.name), count);
        }
    }

    /// Statements, one after the other.
    pub fn body(&mut self, cx: &Context, body: &[Stmt], world: World<D>) -> Flows<D> {
        let mut flows = Flows::next(world);
        for stmt in body {
            let Some(world) = flows.next.take() else { break };
            let done = self.stmt(cx, stmt, world);
            flows.merge(&mut self.domain, done);
            if active(Fault::GoesOnAfterFailure) && flows.next.is_none() {
                flows.next = flows.take_a_failure();
            }
        }
        flows
    }

    fn stmt(&mut self, cx: &Context, stmt: &Stmt, world: World<D>) -> Flows<D> {
        match &stmt.kind {
            StmtKind::Let { name, value } => self.assignment(cx, stmt, name, value, world),
            StmtKind::Op(call) => {
                let node = leaf(call.op.entry().name, &stmt.source, stmt.place, cx);
                self.visit(cx, &node, world, &|engine, cx, world| engine.op(cx, call, world))
            }
            StmtKind::Call { command, words, bind } => self.call_stmt(cx, stmt, command, words, bind.as_deref(), world),
            StmtKind::Chain(clauses) => {
                let node = leaf("chain", &stmt.source, stmt.place, cx);
                self.visit(cx, &node, world, &|engine, cx, world| engine.chain(cx, clauses, world))
            }
            StmtKind::If { arms, otherwise } => self.if_stmt(cx, stmt, arms, otherwise, world),
            StmtKind::ForEach { list, name, body } => self.for_each(cx, stmt, list, name, body, world),
            StmtKind::Match { target, arms, otherwise } => self.match_stmt(cx, stmt, target, arms, otherwise, world),
            StmtKind::Try { body, rescue, finally } => {
                let node = leaf("try", &stmt.source, stmt.place, cx);
                let mut flows = self.visit(cx, &node, world, &|_, _, world| Flows::next(world));
                if let Some(world) = flows.next.take() {
                    let done = self.try_stmt(&inner(cx), body, rescue.as_ref(), finally, world);
                    flows.merge(&mut self.domain, done);
                }
                flows
            }
            StmtKind::Pipe { stages, bind } => self.pipe(cx, stmt, stages, bind.as_deref(), world),
            StmtKind::Block(block) => self.block(cx, stmt, block, world),
            StmtKind::Expand { template, words } => self.expand(cx, stmt, template, words, world),
            StmtKind::NotYet(_) => {
                let node = leaf("not_yet", &stmt.source, stmt.place, cx);
                self.visit(cx, &node, world, &|engine, cx, world| engine.not_yet(cx, world))
            }
        }
    }

    /// What is not there yet fails. Programs that can reach it are refused before they start, so nobody sees this.
    fn not_yet(&mut self, cx: &Context, world: World<D>) -> Flows<D> {
        self.refuse(cx, ErrorKind::InvalidArgument, "this is not available in this build yet", world)
    }

    /// Evaluates a node, unless it is part of an op's program: those are the op's own business.
    fn visit(&mut self, cx: &Context, node: &Node, world: World<D>, act: crate::domain::Act<'_, P, D>) -> Flows<D> {
        if cx.inside.is_some() {
            return act(self, cx, world);
        }
        let cx = Context { op: node.op, place: node.place, ..cx.clone() };
        D::visit(self, &cx, node, world, act)
    }
}

/// Where a given argument waits until its callee's defaults are bound.
#[must_use]
pub fn given_name(name: &str) -> String {
    format!("{GIVEN}{name}")
}

/// The argument whose value waits under that name.
#[must_use]
pub fn as_given(name: &str) -> Option<&str> {
    name.strip_prefix(GIVEN)
}

const GIVEN: &str = " given ";

fn leaf(op: &'static str, source: &Arc<str>, place: Place, cx: &Context) -> Node {
    Node {
        op,
        source: Arc::clone(source),
        place,
        file: cx.file,
        clause: None,
        expanded: Arc::clone(&cx.expanded),
        depth: cx.blocks,
        callee: None,
    }
}

fn inner(cx: &Context) -> Context {
    Context { blocks: cx.blocks + 1, ..cx.clone() }
}
