//! Really running a program.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use perch_concrete::{Concrete, Observer, Seen, Token, exit_status, exited, uncaught};
use perch_engine::{Context, Engine, Node};
use perch_ir::{Command, Snapshot};
use perch_ops::ErrorKind;
use perch_policy::Policy;
use perch_system::{HostConfig, Output};

use crate::hosts::{Entry, Host, read_back};

/// One visit of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealVisit {
    /// The node.
    pub node: String,
    /// Name of its op or block.
    pub op: String,
    /// Loop indices.
    pub visit: Vec<u32>,
    /// Why it failed.
    pub failed: Option<ErrorKind>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// After the last statement.
    Next,
    /// By a failure that nothing caught.
    Failed(ErrorKind),
    /// By `exit`.
    Exited(String),
}

/// What happened.
#[derive(Clone, Debug)]
pub struct RealRun {
    /// In order of completion.
    pub visits: Vec<RealVisit>,
    /// How it ended.
    pub ending: Ending,
    /// What the process would exit with.
    pub status: u8,
    /// What was printed.
    pub stdout: String,
    /// What was written to standard error, if that was told apart from what perch and others say there.
    pub stderr: Option<String>,
    /// What stands where afterwards.
    pub tree: BTreeMap<String, Entry>,
    /// An answer may have taken longer than an op waits: fixtures speak of hosts that answer at once, and a busy machine is none.
    pub kept_waiting: bool,
}

/// No program that is made here visits as many nodes, unless something is wrong with the evaluator.
const MAX_VISITS: usize = 500_000;

/// How long an op waits that only asks whether somebody answers.
const WAITS: Duration = Duration::from_secs(2);

struct Watch {
    visits: Vec<RealVisit>,
    last: Instant,
    kept_waiting: bool,
}

impl Watch {
    fn new() -> Self {
        Self { visits: Vec::new(), last: Instant::now(), kept_waiting: false }
    }
}

impl Observer for Watch {
    fn visit(&mut self, cx: &Context, node: &Node, seen: Seen<'_>) {
        let failed = match seen {
            Seen::Fine => None,
            Seen::Failed { kind, .. } => Some(kind),
        };
        assert!(self.visits.len() < MAX_VISITS, "the run goes on without end");
        let took = self.last.elapsed();
        self.last = Instant::now();
        self.kept_waiting |= matches!(node.op, "wait_for_url" | "wait_for_port" | "port_check") && took >= WAITS;
        let id = cx.node_id(node.place, node.clause);
        self.visits.push(RealVisit { node: id, op: node.op.to_owned(), visit: cx.visit.clone(), failed });
    }
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Builds the host and runs the command on it.
///
/// # Errors
/// If the host cannot be built or read back.
pub fn run(
    program: &Snapshot,
    command: &Arc<Command>,
    host: &Host,
    policy: &Policy,
    stub: &Path,
) -> io::Result<RealRun> {
    host.build(stub)?;
    let (sink, errors) = (Sink::default(), Sink::default());
    let env = host.env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let system = perch_system::Host::new(HostConfig { env, stdout: Output::Sink(Box::new(sink.clone())), quiet: true })
        .with_errors(Box::new(errors.clone()));
    let watch = Mutex::new(Watch::new());
    let domain = Concrete::new(policy, &system).observed(&watch);
    let mut engine = Engine::new(program, domain);
    let flows = engine.run(command, Vec::new(), host.cwd.as_str().into(), Token::new());
    let status = exit_status(&flows);
    let ending = match (uncaught(&flows), exited(&flows)) {
        (Some(failure), _) => Ending::Failed(failure.kind),
        (None, Some(text)) => Ending::Exited(text),
        (None, None) => Ending::Next,
    };
    drop(flows);
    drop(engine);
    system.stop_beside();
    let watch = watch.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(RealRun {
        visits: watch.visits,
        kept_waiting: watch.kept_waiting,
        ending,
        status,
        stdout: sink.text(),
        stderr: Some(errors.text()),
        tree: read_back(&host.root)?,
    })
}
