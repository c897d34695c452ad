//! One symbolic run of one command.

use std::rc::Rc;
use std::sync::Arc;

use perch_diagram::{DEFAULT_BUDGET, Dd};
use perch_engine::eval::given_name;
use perch_engine::{Domain, Engine, Flows};
use perch_ir::program::{Absent, Command, Program};
use perch_policy::Policy;
use perch_symbolic::Symbolic;
use perch_symbolic::facts::Facts;
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
}

/// Evaluates `command` on all hosts that agree with the facts. Arguments that are required and not among `given` are
/// unknown.
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
    let cwd = domain.facts.cwd.clone();
    let cwd = domain.text(&cwd);
    let host = domain.start();
    let mut arguments = Vec::new();
    for arg in &command.args {
        let text = given.iter().find(|(name, _)| *name == arg.name).map(|(_, text)| text);
        let value = match text {
            Some(text) => domain.text(text),
            None if arg.absent == Absent::Required => domain.unknown_argument(&arg.name),
            None => continue,
        };
        arguments.push((given_name(&arg.name), value));
    }
    let mut engine = Engine { program, domain };
    let flows = engine.run(command, arguments, cwd, host);
    let mut domain = engine.domain;
    let summary = Rc::new(domain.take_summary());
    domain.dds.make_room(DEFAULT_BUDGET);
    Run { domain, flows, summary, command: Arc::clone(command) }
}

/// How the command ends on real runs: without the mended failures.
pub struct Endings {
    /// The process exits with 0.
    pub success: Dd,
    /// It exits with something else.
    pub failure: Dd,
}

/// Nodes of the condition that a run is a real one, before it is not told apart any more which runs those are.
const MAX_TOTAL: usize = 2000;

impl Run {
    /// All real runs, or more than those when that is too much to say. It is what `always` is measured by.
    pub fn total(&mut self) -> Dd {
        let endings = self.endings();
        let total = self.domain.dds.or(endings.success, endings.failure);
        if self.domain.dds.exceeds(total, MAX_TOTAL) { Dd::TRUE } else { total }
    }

    /// Without the mended failures: what is true of real runs.
    pub fn real(&mut self, dd: Dd) -> Dd {
        let names = &self.domain.names;
        self.domain.dds.substitute(dd, &mut |atom| names.is_ghost(atom).then_some(Dd::FALSE))
    }

    /// How the command ends.
    pub fn endings(&mut self) -> Endings {
        let mut success = self.flows.next.as_ref().map_or(Dd::FALSE, |world| world.host.pc);
        let mut failure = Dd::FALSE;
        let failed: Vec<Dd> = self.flows.failed.values().map(|world| world.host.pc).collect();
        for pc in failed {
            failure = self.domain.dds.or(failure, pc);
        }
        if let Some(world) = &self.flows.exited {
            let pc = world.host.pc;
            let status = world.frame.bindings.get(perch_engine::flows::hidden::STATUS).copied();
            let zero = status.map_or(Dd::TRUE, |status| self.domain.is_zero(status));
            let good = self.domain.dds.and(pc, zero);
            let bad = self.domain.dds.minus(pc, zero);
            success = self.domain.dds.or(success, good);
            failure = self.domain.dds.or(failure, bad);
        }
        Endings { success: self.real(success), failure: self.real(failure) }
    }
}
