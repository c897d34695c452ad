//! Runs programs in a directory of their own.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::sync::{Arc, Mutex};

use perch_concrete::{Concrete, Observer, Seen, Token, exit_status, uncaught};
use perch_engine::{Context, Engine, Node};
use perch_ir::program::Program;
use perch_ir::{Database, Snapshot, SourceFile, diagnostics};
use perch_policy::Policy;
use perch_system::{Host, HostConfig, Output};
use tempfile::TempDir;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How a run went.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub status: u8,
    /// Kind of the failure that ended it, or empty.
    pub kind: &'static str,
    pub message: String,
    pub stdout: String,
    /// What an observer saw, a line per node.
    pub seen: Vec<String>,
}

struct Log(Vec<String>);

impl Observer for Log {
    fn visit(&mut self, cx: &Context, node: &Node, seen: Seen<'_>) {
        let id = cx.node_id(node.place, node.clause);
        let end = match seen {
            Seen::Fine => "ok",
            Seen::Failed { kind, .. } => kind.name(),
        };
        self.0.push(format!("{id} {:?} {} {end}", cx.visit, node.op));
    }
}

/// A directory whose path holds no links: `DIR` in programs.
pub struct Rig {
    pub dir: String,
    pub policy: Policy,
    _guard: TempDir,
}

impl Rig {
    pub fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let dir = guard.path().canonicalize().unwrap().to_str().unwrap().to_owned();
        Self { dir, policy: Policy::default(), _guard: guard }
    }

    /// With `DIR/root` as only root for writing, and for reading too.
    pub fn rooted() -> Self {
        let mut rig = Self::new();
        fs::create_dir(rig.path("root")).unwrap();
        fs::create_dir(rig.path("out")).unwrap();
        fs::write(rig.path("out/secret"), "secret").unwrap();
        rig.policy.write_roots = Some(vec![rig.path("root")]);
        rig.policy.read_roots = Some(Vec::new());
        rig
    }

    pub fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.dir)
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn names(&self, name: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(name)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `body` as a command in `DIR`.
    pub fn run(&self, body: &str) -> Ran {
        self.run_file(&format!("command main\ndo\n{body}\nend\nend\n"))
    }

    /// Runs the command `main` of a file in `DIR`.
    pub fn run_file(&self, text: &str) -> Ran {
        let db = Database::default();
        let file = SourceFile::new(&db, "test.perch".to_owned(), text.replace("DIR", &self.dir));
        assert_eq!(*diagnostics(&db, file), [], "{text}");
        let program = Snapshot::new(&db, file);
        let stdout = Shared::default();
        let env = [("PATH", "/usr/bin:/bin"), ("SET", "value")].map(|(name, value)| (name.into(), value.into()));
        let host =
            Host::new(HostConfig { env: env.into(), stdout: Output::Sink(Box::new(stdout.clone())), quiet: true });
        let log = Mutex::new(Log(Vec::new()));
        let domain = Concrete::new(&self.policy, &host).observed(&log);
        let command = program.command("main").unwrap();
        let flows = Engine::new(&program, domain).run(&command, Vec::new(), self.dir.as_str().into(), Token::new());
        let status = exit_status(&flows);
        let failure = uncaught(&flows);
        let kind = failure.as_ref().map_or("", |failure| failure.kind.name());
        let message = failure.map(|failure| failure.message).unwrap_or_default();
        drop(flows);
        let stdout = String::from_utf8(stdout.0.lock().unwrap().clone()).unwrap();
        Ran { status, kind, message, stdout, seen: log.into_inner().unwrap().0 }
    }

    /// Runs a body that must fail, for its kind.
    pub fn kind(&self, body: &str) -> &'static str {
        let ran = self.run(body);
        assert_eq!(ran.status, 1, "{body}: {ran:?}");
        ran.kind
    }

    /// Runs a body that must succeed, for its output.
    pub fn printed(&self, body: &str) -> String {
        let ran = self.run(body);
        assert_eq!((ran.status, ran.message.as_str()), (0, ""), "{body}");
        ran.stdout
    }
}
