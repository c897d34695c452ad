//! `--trace`: what a run does, told while it does it (`docs/tracing.md`).
//!
//! A `Tracer` watches a run as any observer does and writes a line when a node is entered and another when it has been
//! visited: `text` for people, [`Record`] for machines. Both name statements as they are written, so no value that came from
//! the environment is in a trace, except in the message of a failure.

mod record;
mod text;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write, stderr, stdout};
use std::thread::{self, ThreadId};
use std::time::Instant;

use perch_concrete::{Observer, Seen, Uncaught};
use perch_engine::{Context, Node};

use crate::fit::columns;
use crate::report::Trouble;
pub use record::{Failure, Record, SCHEMA, Visited, schema};
pub(crate) use text::{duration, printable};

/// How a trace is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// A JSON object per line.
    Json,
}

impl Format {
    pub(crate) const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Stderr,
    Stdout,
    File(String),
}

/// A trace that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) target: Target,
    pub(crate) format: Format,
}

impl Target {
    /// What `--trace` or `--trace=PATH` means.
    pub(crate) fn of(path: Option<String>) -> Self {
        match path {
            None => Self::Stderr,
            Some(path) if path == "-" => Self::Stdout,
            Some(path) => Self::File(path),
        }
    }

    /// The columns of the terminal that shows it, if one does.
    pub(crate) fn columns(&self) -> Option<usize> {
        match self {
            Self::Stderr => columns(&stderr()),
            Self::Stdout => columns(&stdout()),
            Self::File(_) => None,
        }
    }

    pub(crate) fn open(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(match self {
            Self::Stderr => Box::new(stderr()),
            Self::Stdout => Box::new(stdout()),
            Self::File(path) => Box::new(File::create(path)?),
        })
    }

    /// As on the command line.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Stderr | Self::Stdout => "-",
            Self::File(path) => path,
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stderr => "standard error".to_owned(),
            Self::Stdout => "standard output".to_owned(),
            Self::File(path) => format!("`{path}`"),
        }
    }
}

/// A node that has been entered and not yet left.
struct Open {
    since: Instant,
    /// How deep the calls around it go in the text.
    outer: usize,
}

/// Where a branch stands.
struct Stack {
    open: Vec<Open>,
    /// How deep the statements of the command that is being evaluated are.
    depth: usize,
}

/// Writes the trace of one run.
pub(crate) struct Tracer {
    wanted: Wanted,
    out: Box<dyn Write + Send>,
    /// The file that the program is in.
    file: String,
    since: Instant,
    /// Branches run in threads of their own.
    stacks: HashMap<ThreadId, Stack>,
    /// Why it is not written any more.
    broken: Option<io::Error>,
}

impl Tracer {
    /// For the run of a command of `file` that starts in `cwd`.
    pub(crate) fn start(wanted: Wanted, file: &str, command: &str, cwd: &str) -> Result<Self, Trouble> {
        let out = wanted.target.open().map_err(|error| unwritable(&wanted.target, &error))?;
        let file = file.to_owned();
        let since = Instant::now();
        let mut tracer = Self { wanted, out, file, since, stacks: HashMap::new(), broken: None };
        if tracer.wanted.format == Format::Json {
            tracer.record(&Record::start(&tracer.file, command, cwd));
        }
        Ok(tracer)
    }

    /// The run is over. Says if the trace could not be written: the run is not to blame, and goes on without.
    pub(crate) fn end(mut self, failure: Option<&Uncaught>, exit: Option<String>, exit_code: u8) {
        if self.wanted.format == Format::Json {
            self.record(&Record::end(failure, exit, exit_code, self.since.elapsed()));
        }
        if let Some(error) = &self.broken {
            unwritable(&self.wanted.target, error).tell();
        }
    }

    /// Where this thread's branch stands.
    fn stack(&mut self) -> &mut Stack {
        self.stacks.entry(thread::current().id()).or_insert_with(|| Stack { open: Vec::new(), depth: 0 })
    }

    fn record(&mut self, record: &Record) {
        match serde_json::to_string(record) {
            Ok(line) => self.line(&line),
            Err(error) => self.broken = Some(error.into()),
        }
    }

    /// One write per line, so that what a program prints at the same time does not come between.
    fn line(&mut self, line: &str) {
        if self.broken.is_none() {
            let done = self.out.write_all(format!("{line}\n").as_bytes()).and_then(|()| self.out.flush());
            self.broken = done.err();
        }
    }
}

fn unwritable(target: &Target, error: &io::Error) -> Trouble {
    Trouble::usage(format!("cannot write the trace to {}: {error}", target.name()))
}

impl Observer for Tracer {
    fn enter(&mut self, cx: &Context, node: &Node) {
        let stack = self.stack();
        let depth = stack.depth + node.depth;
        stack.open.push(Open { since: Instant::now(), outer: stack.depth });
        if node.callee.is_some() {
            stack.depth = depth + 1;
        }
        match self.wanted.format {
            Format::Text => self.line(&text::entered(depth, node, &cx.visit)),
            Format::Json => self.record(&Record::enter(&self.file, cx, node)),
        }
    }

    fn visit(&mut self, cx: &Context, node: &Node, seen: Seen<'_>) {
        let stack = self.stack();
        let Some(Open { since, outer }) = stack.open.pop() else { return };
        stack.depth = outer;
        let took = since.elapsed();
        match self.wanted.format {
            Format::Text => self.line(&text::left(outer + node.depth, seen, took)),
            Format::Json => self.record(&Record::exit(&self.file, cx, node, seen, took)),
        }
    }

    /// How deep the statements are around.
    fn branches(&mut self) -> usize {
        self.stack().depth
    }

    fn branch(&mut self, depth: usize) {
        self.stacks.entry(thread::current().id()).or_insert_with(|| Stack { open: Vec::new(), depth });
    }
}
