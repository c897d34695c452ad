//! `--report`: what a run did, as a tree when it is over.
//!
//! It shows statements as they are written, like a trace and like the tree of `perch simulate`: no value that came from the
//! environment is in it, except in the message of a failure. Branches run in threads of their own, so what each
//! thread did is a list, which hangs on the node that announced it.

use std::collections::HashMap;
use std::io::Write;
use std::iter::Peekable;
use std::thread::{self, ThreadId};
use std::time::Instant;

use perch_concrete::{Observer, Seen};
use perch_engine::{Context, Node};
use perch_ops::ErrorKind;

use crate::fit::line_in;
use crate::report::Trouble;
use crate::trace::{Target, duration, printable};

/// What is shown at most: a loop may have visited a node a million times.
const MOST: usize = 10_000;

/// A node that was visited.
struct Entry {
    depth: usize,
    text: String,
    /// Where it stands in the text, and the loops around it: the order of branches.
    spot: (u32, u32, Vec<u32>),
    end: End,
    since: Instant,
    /// When it was left, or the last of what is in it.
    until: Instant,
    /// What threads did that were started here.
    threads: Vec<usize>,
}

/// How the visit ended.
enum End {
    /// It has not: the run was ended in it.
    Open,
    Fine,
    Failed(ErrorKind, String),
}

/// What one thread did.
struct List {
    /// How deep the statements of the command that is being evaluated are.
    depth: usize,
    entries: Vec<usize>,
    /// Those that are not left, and how deep the calls around each go.
    open: Vec<(Option<usize>, usize)>,
}

fn unwritable(target: &Target, error: &std::io::Error) -> Trouble {
    Trouble::usage(format!("cannot write the report to {}: {error}", target.name()))
}

/// What a report begins with, and how long the rule behind it is.
const TITLE: &str = "── perch trace ";
const RULE: usize = 46;

/// Everything that a run did.
pub(crate) struct Account {
    target: Target,
    out: Box<dyn Write + Send>,
    /// The command that is run.
    command: String,
    since: Instant,
    entries: Vec<Entry>,
    lists: Vec<List>,
    of_thread: HashMap<ThreadId, usize>,
    /// How many nodes have no entry.
    omitted: usize,
}

impl Account {
    /// Where it goes is opened before anything runs: if it cannot be, nothing does.
    pub(crate) fn start(target: Target, command: &str) -> Result<Self, Trouble> {
        let out = target.open().map_err(|error| unwritable(&target, &error))?;
        let (command, since) = (command.to_owned(), Instant::now());
        let (entries, lists, of_thread) = (Vec::new(), Vec::new(), HashMap::new());
        Ok(Self { target, out, command, since, entries, lists, of_thread, omitted: 0 })
    }

    /// The list of this thread.
    fn list(&mut self) -> usize {
        let lists = &mut self.lists;
        *self.of_thread.entry(thread::current().id()).or_insert_with(|| {
            lists.push(List { depth: 1, entries: Vec::new(), open: Vec::new() });
            lists.len() - 1
        })
    }

    /// The run is over, and ended well or did not.
    pub(crate) fn end(mut self, is_fine: bool) {
        let page = self.page(is_fine);
        if let Err(error) = self.out.write_all(page.as_bytes()) {
            unwritable(&self.target, &error).tell();
        }
    }

    fn page(&self, is_fine: bool) -> String {
        let mark = if is_fine { '✓' } else { '✗' };
        let columns = self.target.columns();
        let rule = columns.map_or(RULE, |columns| RULE.min(columns.saturating_sub(TITLE.chars().count())));
        let mut page = format!("{TITLE}{}\n", "─".repeat(rule));
        page += &format!("{mark} {} ({})\n", self.command, duration(self.since.elapsed()));
        let top = if self.lists.is_empty() { Vec::new() } else { self.grown(0) };
        Branch::show_all(&top, "", columns, &mut page);
        if self.omitted > 0 {
            page += &format!("… and {} more, which are not shown\n", self.omitted);
        }
        page
    }

    /// What a list holds, as trees.
    fn grown(&self, list: usize) -> Vec<Branch<'_>> {
        let numbers = self.lists.get(list).map_or(&[][..], |list| &list.entries);
        let mut left = numbers.iter().filter_map(|number| self.entries.get(*number)).peekable();
        self.siblings(&mut left, 0)
    }

    /// The next ones that are at least that deep.
    fn siblings<'a>(&'a self, left: &mut Peekable<impl Iterator<Item = &'a Entry>>, depth: usize) -> Vec<Branch<'a>> {
        let mut found = Vec::new();
        while let Some(entry) = left.next_if(|entry| entry.depth >= depth) {
            let mut inner: Vec<_> = entry.threads.iter().flat_map(|list| self.grown(*list)).collect();
            inner.extend(self.siblings(left, entry.depth + 1));
            if !entry.threads.is_empty() {
                inner.sort_by(|one, other| one.entry.spot.cmp(&other.entry.spot));
            }
            let until = inner.iter().map(|branch| branch.until).fold(entry.until, Instant::max);
            found.push(Branch { entry, inner, until });
        }
        found
    }
}

/// A node and what is in it.
struct Branch<'a> {
    entry: &'a Entry,
    inner: Vec<Self>,
    until: Instant,
}

impl Branch<'_> {
    fn show_all(all: &[Self], margin: &str, columns: Option<usize>, page: &mut String) {
        let last = all.len().saturating_sub(1);
        for (at, branch) in all.iter().enumerate() {
            let (knot, below) = if at == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            branch.show(&format!("{margin}{knot}"), &format!("{margin}{below}"), columns, page);
        }
    }

    fn show(&self, first: &str, margin: &str, columns: Option<usize>, page: &mut String) {
        let Entry { text, end, since, .. } = self.entry;
        let took = duration(self.until.duration_since(*since));
        let shown = match end {
            End::Open => format!("{first}… {text}\n"),
            End::Fine => format!("{first}✓ {text} ({took})\n"),
            End::Failed(kind, message) => {
                format!("{first}✗ {text} ({took})\n{margin}  ↳ error: {}: {}\n", kind.name(), printable(message))
            }
        };
        let in_columns = |line: &str| columns.map_or_else(|| line.to_owned(), |columns| line_in(line, columns, margin));
        page.extend(shown.split_inclusive('\n').map(in_columns));
        Self::show_all(&self.inner, margin, columns, page);
    }
}

impl Observer for Account {
    fn enter(&mut self, cx: &Context, node: &Node) {
        let at = self.list();
        let number = self.entries.len();
        let Some(list) = self.lists.get_mut(at) else { return };
        let (outer, depth) = (list.depth, list.depth + node.depth);
        if node.callee.is_some() {
            list.depth = depth + 1;
        }
        if number >= MOST {
            self.omitted += 1;
            return list.open.push((None, outer));
        }
        list.entries.push(number);
        list.open.push((Some(number), outer));
        let visit = cx.visit.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let element = if visit.is_empty() { visit } else { format!("  [{visit}]") };
        let text = format!("{}{element}", printable(&node.source));
        let spot = (node.place.line, node.place.column, cx.visit.clone());
        let now = Instant::now();
        self.entries.push(Entry { depth, text, spot, end: End::Open, since: now, until: now, threads: Vec::new() });
    }

    fn visit(&mut self, _: &Context, _: &Node, seen: Seen<'_>) {
        let at = self.list();
        let Some(list) = self.lists.get_mut(at) else { return };
        let Some((number, outer)) = list.open.pop() else { return };
        list.depth = outer;
        let Some(entry) = number.and_then(|number| self.entries.get_mut(number)) else { return };
        entry.until = Instant::now();
        entry.end = match seen {
            Seen::Fine => End::Fine,
            Seen::Failed { kind, message } => End::Failed(kind, message.to_owned()),
        };
    }

    /// The number of the last node of this thread, or rather the one behind it.
    fn branches(&mut self) -> usize {
        let at = self.list();
        self.lists.get(at).and_then(|list| list.entries.last()).map_or(0, |last| last + 1)
    }

    fn branch(&mut self, at: usize) {
        let id = thread::current().id();
        if self.of_thread.contains_key(&id) {
            return;
        }
        let depth = self.depth_below(at);
        self.lists.push(List { depth, entries: Vec::new(), open: Vec::new() });
        let list = self.lists.len() - 1;
        self.of_thread.insert(id, list);
        let entry = at.checked_sub(1).and_then(|at| self.entries.get_mut(at));
        if let Some(entry) = entry {
            entry.threads.push(list);
        }
    }
}

impl Account {
    /// How deep the statements of the command are in which that node stands.
    fn depth_below(&self, at: usize) -> usize {
        let of = |list: &&List| at.checked_sub(1).is_some_and(|at| list.entries.contains(&at));
        self.lists.iter().find(of).map_or(1, |list| list.depth)
    }
}
