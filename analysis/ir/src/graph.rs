//! Who calls whom: commands, templates and files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, EdgeRef as _};
use schemars::JsonSchema;
use serde::Serialize;

use crate::deeds::{Deed, deeds};
use crate::program::{Command, Hook, Place, Program as _};
use crate::reach::{self, Uses};
use crate::snapshot::Snapshot;

/// The name of the format.
pub const SCHEMA: &str = "perch.graph/1";

/// Who calls whom, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "perch.graph/1")]
pub struct Graph {
    /// `perch.graph/1`
    pub schema: String,
    /// The main file.
    pub file: String,
    /// In the order of the files.
    pub nodes: Vec<Node>,
    /// In the order of the nodes.
    pub edges: Vec<Edge>,
}

/// What can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Node {
    /// What edges call it.
    pub id: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its name.
    pub name: String,
    /// The file that declares it.
    pub file: String,
    /// The line in that file.
    pub line: u32,
    /// Only other commands can call it.
    pub private: bool,
    /// It can get back to itself.
    pub recursive: bool,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A command.
    Command,
    /// A template.
    Template,
    /// What runs for unknown commands.
    Catch,
    /// A file that is imported.
    File,
}

/// One uses another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Edge {
    /// Who.
    pub from: String,
    /// Whom.
    pub to: String,
    /// How.
    pub kind: EdgeKind,
}

/// How one uses another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// A command is called.
    Call,
    /// A template is used.
    Expand,
    /// A command runs on a signal.
    Signal,
    /// A command runs around one of its ops.
    Hook,
    /// A file brings it.
    Declare,
}

/// The graph of a program; of a part of it, if a command is named: what that command can get to. Nothing if there is no such
/// command.
#[must_use]
pub fn graph(program: &Snapshot, command: Option<&str>) -> Option<Graph> {
    let drawn = Drawn::new(program);
    let kept: BTreeSet<NodeIndex> = match command {
        None => drawn.graph.node_indices().collect(),
        Some(name) => {
            let start = *drawn.commands.get(name)?;
            let mut found = BTreeSet::new();
            let mut walk = Bfs::new(&drawn.graph, start);
            while let Some(node) = walk.next(&drawn.graph) {
                found.insert(node);
            }
            found
        }
    };
    Some(drawn.data(program, &kept))
}

struct Drawn {
    graph: DiGraph<Node, EdgeKind>,
    commands: BTreeMap<String, NodeIndex>,
    templates: BTreeMap<String, NodeIndex>,
}

impl Drawn {
    fn new(program: &Snapshot) -> Self {
        let mut drawn = Self { graph: DiGraph::new(), commands: BTreeMap::new(), templates: BTreeMap::new() };
        let (commands, templates) = (program.declared(), program.templates());
        for command in &commands {
            let node = drawn.node(program, command, NodeKind::Command);
            drawn.commands.insert(command.name.clone(), node);
        }
        for template in &templates {
            let node = drawn.node(program, template, NodeKind::Template);
            drawn.templates.insert(template.name.clone(), node);
        }
        let of_commands = commands.iter().filter_map(|one| Some((*drawn.commands.get(&one.name)?, reach::uses(one))));
        let of_templates =
            templates.iter().filter_map(|one| Some((*drawn.templates.get(&one.name)?, reach::uses(one))));
        let mut uses: Vec<(NodeIndex, Uses)> = of_commands.chain(of_templates).collect();
        if let Some(catch) = program.catch() {
            uses.push((drawn.node(program, catch, NodeKind::Catch), reach::uses(catch)));
        }
        for (from, uses) in uses {
            drawn.connect(from, &uses);
        }
        drawn.signals(&commands);
        for command in &commands {
            drawn.hooks(program, drawn.commands.get(&command.name).copied(), command);
        }
        for template in &templates {
            drawn.hooks(program, drawn.templates.get(&template.name).copied(), template);
        }
        drawn.files(program, &commands);
        drawn.mark_circles();
        drawn
    }

    fn node(&mut self, program: &Snapshot, command: &Command, kind: NodeKind) -> NodeIndex {
        let prefix = match kind {
            NodeKind::Command => "",
            NodeKind::Template => "template ",
            NodeKind::Catch => "catch ",
            NodeKind::File => "file ",
        };
        let file = program.files().get(command.file as usize).cloned().unwrap_or_default();
        let Place { line, .. } = command.place;
        let (name, private) = (command.name.clone(), command.private);
        self.graph.add_node(Node { id: format!("{prefix}{name}"), kind, name, file, line, private, recursive: false })
    }

    fn connect(&mut self, from: NodeIndex, uses: &Uses) {
        for callee in uses.commands.iter().filter_map(|name| self.commands.get(name)) {
            self.graph.add_edge(from, *callee, EdgeKind::Call);
        }
        for template in uses.templates.iter().filter_map(|name| self.templates.get(name)) {
            self.graph.add_edge(from, *template, EdgeKind::Expand);
        }
    }

    fn signals(&mut self, commands: &[&std::sync::Arc<Command>]) {
        for command in commands {
            let handler = command.config.on_signal.as_ref().and_then(|line| self.commands.get(&line.value));
            if let (Some(from), Some(to)) = (self.commands.get(&command.name), handler) {
                self.graph.update_edge(*from, *to, EdgeKind::Signal);
            }
        }
    }

    /// A command or template has ops that handlers are around. Ops of handlers have none.
    fn hooks(&mut self, program: &Snapshot, from: Option<NodeIndex>, body: &Command) {
        let hooks = program.hooks();
        let Some(from) = from.filter(|_| !hooks.iter().any(|hook| hook.handler == body.name)) else { return };
        let mut around = BTreeSet::new();
        reach::walk(&body.body, &mut |stmt| {
            deeds(stmt, &mut |deed| {
                let Deed::Uses(used) = deed else { return };
                let watches = |hook: &&Hook| hook.target.is_some_and(|target| target.is_around(used.entry));
                around.extend(hooks.iter().filter(watches).map(|hook| hook.handler.as_str()));
            });
        });
        for handler in around.into_iter().filter_map(|name| self.commands.get(name)) {
            self.graph.add_edge(from, *handler, EdgeKind::Hook);
        }
    }

    /// Files that are imported, and what they bring. A file is in nobody's way, so no edge leads to one.
    fn files(&mut self, program: &Snapshot, commands: &[&std::sync::Arc<Command>]) {
        for (at, file) in program.files().iter().enumerate().skip(1) {
            let node = self.graph.add_node(Node {
                id: format!("file {file}"),
                kind: NodeKind::File,
                name: file.clone(),
                file: file.clone(),
                line: 1,
                private: false,
                recursive: false,
            });
            for command in commands.iter().filter(|command| command.file as usize == at) {
                if let Some(declared) = self.commands.get(&command.name) {
                    self.graph.add_edge(node, *declared, EdgeKind::Declare);
                }
            }
        }
    }

    fn mark_circles(&mut self) {
        for circle in tarjan_scc(&self.graph) {
            let is_circle =
                circle.len() > 1 || circle.first().is_some_and(|node| self.graph.contains_edge(*node, *node));
            for node in circle.into_iter().filter(|_| is_circle) {
                if let Some(node) = self.graph.node_weight_mut(node) {
                    node.recursive = true;
                }
            }
        }
    }

    fn data(&self, program: &Snapshot, kept: &BTreeSet<NodeIndex>) -> Graph {
        let nodes = kept.iter().filter_map(|node| self.graph.node_weight(*node)).cloned().collect();
        let mut edges = Vec::new();
        for from in kept {
            let mut out: Vec<_> = self.graph.edges_directed(*from, Direction::Outgoing).collect();
            out.sort_by_key(|edge| (edge.target(), *edge.weight()));
            for edge in out.into_iter().filter(|edge| kept.contains(&edge.target())) {
                let id = |node| self.graph.node_weight(node).map(|node| node.id.clone()).unwrap_or_default();
                edges.push(Edge { from: id(*from), to: id(edge.target()), kind: *edge.weight() });
            }
        }
        let file = program.files().first().cloned().unwrap_or_default();
        Graph { schema: SCHEMA.to_owned(), file, nodes, edges }
    }
}

impl Graph {
    /// For people: each node, and beneath it what it uses.
    #[must_use]
    pub fn text(&self) -> String {
        let mut page = String::new();
        for node in &self.nodes {
            let notes = [(node.private, "private"), (node.recursive, "recursive")];
            let notes: Vec<&str> = notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect();
            let notes = if notes.is_empty() { String::new() } else { format!("  ({})", notes.join(", ")) };
            let _ = writeln!(page, "{}  {}:{}{notes}", node.id, node.file, node.line);
            for edge in self.edges.iter().filter(|edge| edge.from == node.id) {
                let _ = writeln!(page, "  {} {}", edge.kind.verb(), edge.to);
            }
        }
        page
    }

    /// For Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut page = "digraph perch {\n".to_owned();
        for node in &self.nodes {
            let shape = match node.kind {
                NodeKind::Command => "box",
                NodeKind::Template => "note",
                NodeKind::Catch => "diamond",
                NodeKind::File => "folder",
            };
            let style = if node.private { ", style=dashed" } else { "" };
            let _ = writeln!(page, "  {} [label={}, shape={shape}{style}];", quoted(&node.id), quoted(&node.name));
        }
        for edge in &self.edges {
            let style = if edge.kind == EdgeKind::Call { "" } else { " [style=dashed]" };
            let _ = writeln!(page, "  {} -> {}{style};", quoted(&edge.from), quoted(&edge.to));
        }
        page + "}\n"
    }
}

impl EdgeKind {
    fn verb(self) -> &'static str {
        match self {
            Self::Call => "calls",
            Self::Expand => "uses",
            Self::Signal => "on a signal",
            Self::Hook => "is watched by",
            Self::Declare => "declares",
        }
    }
}

/// The schema of [`Graph`] as JSON.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Graph)
}
