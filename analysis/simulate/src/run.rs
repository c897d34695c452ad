//! One symbolic run of one command.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use perch_diagram::{DEFAULT_BUDGET, Dd};
use perch_engine::eval::given_name;
use perch_engine::flows::hidden;
use perch_engine::{Domain, Engine, Flows, World};
use perch_ir::program::{Absent, Command, Program};
use perch_policy::Policy;
use perch_symbolic::Symbolic;
use perch_symbolic::facts::Facts;
use perch_symbolic::host::Host;
use perch_symbolic::record::Summary;

/// What is left of a run.
pub struct Run {
    /// The domain, which knows what diagrams mean.
    pub domain: Symbolic,
    /// Where the command ends.
    pub flows: Flows<Symbolic>,
    /// What happened on the way.
    pub summary: Rc<Summary>,
    /// The command.
    pub command: Arc<Command>,
    /// Where it has begun.
    start: Host,
    /// The runs that it has begun behind, the first one first.
    pub(crate) before: Vec<Left>,
}

/// What a run has left of which another one begins.
#[derive(Clone)]
pub(crate) struct Left {
    /// The scenario that it is.
    pub(crate) scenario: Rc<str>,
    /// The paths at which it may have changed something.
    pub(crate) paths: BTreeSet<Rc<str>>,
}

/// Evaluates `command` on all hosts that agree with the facts. Given are arguments by their names, and words of a list by the names
/// of [`perch_ir::construct::word_of`]. Arguments that are required and not among them are unknown; a list without words is empty.
pub fn run<P: Program>(
    program: &P,
    command: &Arc<Command>,
    facts: Facts,
    policy: Policy,
    given: &[(String, String)],
) -> Run {
    run_in(program, command, Symbolic::new(facts, policy), given)
}

/// The same in a domain that has been prepared.
pub fn run_in<P: Program>(
    program: &P,
    command: &Arc<Command>,
    mut domain: Symbolic,
    given: &[(String, String)],
) -> Run {
    let host = domain.start();
    let stored = domain.stored_at_start();
    started(program, command, domain, host, stored, given)
}

/// The same of a run that is over before the one which is reported begins.
pub fn run_before<P: Program>(
    program: &P,
    command: &Arc<Command>,
    facts: Facts,
    policy: Policy,
    given: &[(String, String)],
) -> Run {
    run_in(program, command, Symbolic::new(facts, policy).unmended(), given)
}

/// A run that is over, and what it has left.
pub struct Ended {
    domain: Symbolic,
    world: World<Symbolic>,
    before: Vec<Left>,
}

/// The same where another run has ended, with these answers of programs, variables and arguments. It is reported, or is over before that.
pub fn run_after<P: Program>(
    program: &P,
    command: &Arc<Command>,
    (ended, is_reported): (Ended, bool),
    facts: Facts,
    policy: Policy,
    given: &[(String, String)],
) -> Run {
    let Ended { mut domain, world, before } = ended;
    domain.again(facts, policy);
    if !is_reported {
        domain = domain.unmended();
    }
    let World { frame, host } = world;
    let stored = frame.bindings.into_iter().filter(|(name, _)| hidden::is_stored(name));
    let stored = stored.map(|(name, value)| (name.to_string(), value)).collect();
    Run { before, ..started(program, command, domain, host, stored, given) }
}

fn started<P: Program>(
    program: &P,
    command: &Arc<Command>,
    mut domain: Symbolic,
    host: Host,
    mut arguments: Vec<(String, Dd)>,
    given: &[(String, String)],
) -> Run {
    let cwd = domain.facts.cwd.clone();
    let cwd = domain.text(&cwd);
    for arg in command.args.iter().filter(|arg| !arg.rest) {
        let text = given.iter().find(|(name, _)| *name == arg.name).map(|(_, text)| text);
        let value = match text {
            Some(text) => domain.text(text),
            None if arg.absent == Absent::Required => domain.unknown_argument(&arg.name, arg.ty.ty()),
            None => continue,
        };
        arguments.push((given_name(&arg.name), value));
    }
    let words = given.iter().filter(|(name, _)| hidden::is_word(name));
    arguments.extend(words.map(|(name, word)| (name.clone(), domain.text(word))));
    // The word that `catch` is for is no argument.
    let is_argument = |name: &str| hidden::is_word(name) || command.args.iter().any(|arg| arg.name == name);
    for (name, text) in given.iter().filter(|(name, _)| !is_argument(name)) {
        arguments.push((name.clone(), domain.text(text)));
    }
    let start = host.clone();
    let mut engine = Engine::new(program, domain);
    let flows = engine.run(command, arguments, cwd, host);
    let mut domain = engine.domain;
    let flows = domain.when_all_has_ended(flows);
    let summary = Rc::new(domain.take_summary());
    domain.dds.make_room(DEFAULT_BUDGET);
    Run { domain, flows, summary, command: Arc::clone(command), start, before: Vec::new() }
}

/// How the command ends on real runs: without the mended failures.
#[derive(Clone, Copy)]
pub struct Endings {
    /// On some, the process exits with 0.
    pub may_succeed: bool,
    /// On some, it exits with something else.
    pub may_fail: bool,
    /// All real runs, or more than those when that is too much to say. It is what `always` is measured by.
    pub total: Dd,
}

/// New nodes that saying what all real runs are may take, before it is not told apart any more which runs those are.
const MAX_TOTAL: usize = 4000;

/// New nodes that reading one node of the report may take, before it is a `?` for that.
const MAX_READING: usize = 1 << 17;

impl Run {
    /// What is read off the run, unless that takes too much. Diagrams that are made for it do not outlive it.
    pub fn read<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let draft = self.domain.dds.draft(MAX_READING);
        let found = read(self);
        self.domain.dds.discard(draft).then_some(found)
    }

    /// Without the mended failures: what is true of real runs.
    pub fn real(&mut self, dd: Dd) -> Dd {
        let names = &self.domain.names;
        self.domain.dds.substitute(dd, &mut |atom| names.is_ghost(atom).then_some(Dd::FALSE))
    }

    /// Where real runs of that scenario leave the host, however they end, if another can be started there: the directory in which it
    /// starts is left.
    #[must_use]
    pub fn ended(mut self, scenario: &str) -> Option<Ended> {
        let flows = std::mem::take(&mut self.flows);
        let mut whole: Option<World<Symbolic>> = None;
        for (_, mut world) in flows.ways() {
            world.host.pc = self.domain.without_mended(world.host.pc);
            if world.host.pc.is_false() {
                continue;
            }
            whole = Some(match whole.take() {
                Some(other) => self.domain.join(other, world),
                None => world,
            });
        }
        let world = self.domain.where_it_can_start(whole?)?;
        let mut paths = world.host.put_since(&self.start);
        if self.domain.forgot() || self.domain.gave_up() {
            paths.insert("/".into());
        }
        let mut before = self.before;
        before.push(Left { scenario: scenario.into(), paths });
        Some(Ended { domain: self.domain, world, before })
    }

    /// How the command ends.
    pub fn endings(&mut self) -> Endings {
        let mut success: Vec<Dd> = self.flows.next.iter().map(|world| world.host.pc).collect();
        let mut failure: Vec<Dd> = self.flows.having_failed().map(|(_, world)| world.host.pc).collect();
        if let Some(world) = self.flows.having_exited() {
            let pc = world.host.pc;
            let status = world.frame.bindings.get(perch_engine::flows::hidden::STATUS).copied();
            let zero = status.map_or(Dd::TRUE, |status| self.domain.is_zero(status));
            success.push(self.domain.dds.and(pc, zero));
            failure.push(self.domain.dds.minus(pc, zero));
        }
        let [success, failure] =
            [success, failure].map(|pcs| pcs.into_iter().map(|pc| self.real(pc)).collect::<Vec<_>>());
        let all: Vec<Dd> = success.iter().chain(&failure).copied().collect();
        let total =
            self.domain.dds.attempt(MAX_TOTAL, |dds| all.into_iter().fold(Dd::FALSE, |all, pc| dds.or(all, pc)));
        let met = |pcs: &[Dd]| pcs.iter().any(|pc| !pc.is_false());
        Endings { may_succeed: met(&success), may_fail: met(&failure), total: total.unwrap_or(Dd::TRUE) }
    }
}
