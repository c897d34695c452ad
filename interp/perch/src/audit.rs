//! `--audit PATH`: a record of everything that a run does, for others to read later.
//!
//! Records are appended, one JSON object per line, each written before the run goes on: `op_start` before an op has any effect. So
//! what has happened is on record even if the run is killed, and where no record can be written nothing more is written, deleted
//! or started.

mod log;
mod record;

use std::collections::HashMap;
use std::io::{Write, stdout};
use std::process;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use perch_concrete::{Consent, Given, Observer, Seen};
use perch_engine::{Context, Node};
use perch_ir::{Program as _, Snapshot};
use perch_policy::Effect;
use perch_system::{Cause, Until, now_everywhere};
use serde_json::{Map, Value};

use self::log::Log;
use crate::given::{arguments, captured, operands, variables};
use crate::report::Trouble;
use crate::secrets::Secrets;
use crate::trace::Target;
pub use record::{Op, Record, SCHEMA, Stamp, schema};

/// Under this name stands what is set for a program alone.
const VARIABLES: &str = "variables";

/// An audit that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) target: Target,
    /// Operands are called `_0`, `_1` and so on in place of their names.
    pub(crate) by_place: bool,
}

/// A node that has been entered and not left.
struct Open {
    since: Instant,
    op: Op,
    callee: Option<Arc<str>>,
}

/// A run, as it is introduced.
pub(crate) struct Session<'s> {
    pub(crate) command: &'s str,
    pub(crate) words: &'s [String],
    pub(crate) cwd: &'s str,
    pub(crate) policy: Option<String>,
}

/// Writes the records of one run.
pub(crate) struct Audit {
    wanted: Wanted,
    out: Box<dyn Write + Send>,
    log: Option<Log>,
    secrets: Arc<Secrets>,
    cmd: String,
    /// The files of the program.
    files: Vec<String>,
    run: String,
    seq: u64,
    since: Instant,
    /// Branches run in threads of their own.
    open: HashMap<ThreadId, Vec<Open>>,
    /// Why nothing is written any more.
    broken: Option<String>,
}

impl Audit {
    /// Fails if the first record cannot be written: then nothing is run.
    pub(crate) fn start(
        wanted: Wanted,
        secrets: Arc<Secrets>,
        program: &Snapshot,
        session: Session<'_>,
    ) -> Result<Self, Trouble> {
        let (out, log): (Box<dyn Write + Send>, _) = match &wanted.target {
            Target::File(path) => {
                let opened = log::open(path).map_err(|error| Trouble::usage(unwritten(&wanted.target, &error)));
                let (file, log) = opened?;
                (Box::new(file), log)
            }
            Target::Stdout | Target::Stderr => (Box::new(stdout()), None),
        };
        let (run, since) = (name_of_run(), Instant::now());
        let Session { command, words, cwd, policy } = session;
        let names = (0..).map(|at| program.file_name(at).to_owned());
        let files: Vec<String> = names.take_while(|name| !name.is_empty()).collect();
        let (cmd, open, broken) = (command.to_owned(), HashMap::new(), None);
        let file = files.first().cloned().unwrap_or_default();
        let mut audit = Self { wanted, out, log, secrets, cmd, files, run, seq: 0, since, open, broken };
        let cli_args = words.iter().map(|word| audit.secrets.hidden(word).into_owned()).collect();
        let cwd = cwd.to_owned();
        audit.write(|stamp| Record::SessionStart { stamp, schema: SCHEMA, cli_args, file, cwd, policy });
        match audit.broken.take() {
            Some(why) => Err(Trouble::usage(why)),
            None => Ok(audit),
        }
    }

    /// The run is over; `error` says what went wrong, if something did. Fails if not everything is on record.
    pub(crate) fn end(mut self, exit_code: u8, error: Option<&str>) -> Result<(), Trouble> {
        let error = self.secrets.hidden(error.unwrap_or_default()).into_owned();
        let ok = exit_code == 0 && error.is_empty();
        let dur_ms = millis(self.since.elapsed());
        self.write(|stamp| Record::SessionEnd { stamp, dur_ms, ok, error, exit_code });
        self.look_after();
        self.broken.map_or(Ok(()), |why| Err(Trouble::failed(why)))
    }

    fn open(&mut self) -> &mut Vec<Open> {
        self.open.entry(thread::current().id()).or_default()
    }

    fn write(&mut self, record: impl FnOnce(Stamp) -> Record) {
        if self.broken.is_some() {
            return;
        }
        let (cmd, run, seq) = (self.cmd.clone(), self.run.clone(), self.seq);
        self.seq += 1;
        let record = record(Stamp { ts: now_everywhere(), cmd, run, seq });
        let line = serde_json::to_string(&record).map(|line| line + "\n").map_err(std::io::Error::from);
        let log = self.log.as_mut();
        let done = line.and_then(|line| {
            let is_whole = log.map_or(Ok(()), |log| log.grows_by(line.len()));
            is_whole.and_then(|()| self.out.write_all(line.as_bytes()).and_then(|()| self.out.flush()))
        });
        self.broken = done.err().map(|error| unwritten(&self.wanted.target, &error));
    }

    /// Notes whether what was written is still there.
    fn look_after(&mut self) {
        if let (None, Some(log)) = (&self.broken, &self.log) {
            self.broken = log.is_whole().err().map(|error| unwritten(&self.wanted.target, &error));
        }
    }

    /// Without secrets.
    fn plain(&self, args: Map<String, Value>) -> Map<String, Value> {
        args.into_iter().map(|(name, value)| (name, self.plain_value(value))).collect()
    }

    fn plain_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.secrets.hidden(&text).into_owned().into(),
            Value::Array(values) => values.into_iter().map(|value| self.plain_value(value)).collect(),
            Value::Object(args) => self.plain(args).into(),
            other => other,
        }
    }
}

/// No two runs have the same.
fn name_of_run() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", since.as_nanos(), process::id())
}

fn unwritten(target: &Target, error: &std::io::Error) -> String {
    format!("cannot write the audit to {}: {error}", target.name())
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

impl Observer for Audit {
    fn enter(&mut self, _: &Context, node: &Node) {
        let file = usize::try_from(node.file).ok().and_then(|at| self.files.get(at));
        let at = format!("{}:{}:{}", file.map_or("", String::as_str), node.place.line, node.place.column);
        let op = Op { kind: node.op.to_owned(), args: Map::new(), at };
        self.open().push(Open { since: Instant::now(), op, callee: node.callee.clone() });
    }

    fn given(&mut self, what: Given<'_>) {
        let by_place = self.wanted.by_place;
        let Some(open) = self.open().last_mut() else { return };
        let at = open.op.at.clone();
        let (kind, args) = match what {
            Given::Op(entry, given, set) => {
                let mut args = operands(entry, given, by_place);
                if !set.is_empty() {
                    args.insert(VARIABLES.to_owned(), variables(set).into());
                }
                (entry.name.to_owned(), args)
            }
            Given::Call(given) => {
                let command = Value::from(open.callee.as_deref().unwrap_or_default());
                let args = [("command".to_owned(), command), ("arguments".to_owned(), arguments(given).into())];
                (open.op.kind.clone(), args.into_iter().collect())
            }
            Given::Pipe(stages) => {
                let programs = stages.iter().map(|stage| stage.words.iter().map(|word| Value::from(&**word)).collect());
                let mut args: Map<String, Value> =
                    [("programs".to_owned(), Value::Array(programs.collect()))].into_iter().collect();
                if stages.iter().any(|stage| !stage.variables.is_empty()) {
                    let set = stages.iter().map(|stage| variables(&stage.variables).into());
                    args.insert(VARIABLES.to_owned(), Value::Array(set.collect()));
                }
                (open.op.kind.clone(), args)
            }
        };
        let op = Op { kind, args: self.plain(args), at };
        if let Some(open) = self.open().last_mut() {
            note(&mut open.op, &op);
        }
        self.write(|stamp| Record::OpStart { stamp, op });
    }

    fn consents(&mut self, op: &str, effect: &Effect, _: Until) -> Result<Consent, Cause> {
        self.look_after();
        let harmed = self.log.as_ref().filter(|log| log.is_harmed_by(op, effect));
        let harm = harmed.map(|_| format!("it would change {}, where the audit is written", self.wanted.target.name()));
        Ok(self.broken.clone().or(harm).map_or(Consent::Given, Consent::Unrecorded))
    }

    fn visit(&mut self, _: &Context, node: &Node, seen: Seen<'_>) {
        let Some(Open { since, op, .. }) = self.open().pop() else { return };
        let (ok, error, error_kind) = match seen {
            Seen::Fine => (true, None, None),
            Seen::Failed { kind, message } => (false, Some(message.to_owned()), Some(kind.name())),
        };
        let capture = captured(&node.source).map(str::to_owned);
        let dur_ms = millis(since.elapsed());
        self.write(|stamp| Record::Op { stamp, op, dur_ms, ok, capture, error, error_kind });
    }
}

/// What a node does is its own, unless it is a block that asks something first: then it is one of its `conditions`.
fn note(node: &mut Op, op: &Op) {
    if node.kind == op.kind {
        node.args = op.args.clone();
        return;
    }
    let conditions = node.args.entry("conditions").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(conditions) = conditions {
        conditions.push(
            [("kind".to_owned(), op.kind.clone().into()), ("args".to_owned(), op.args.clone().into())]
                .into_iter()
                .collect::<Map<_, _>>()
                .into(),
        );
    }
}
