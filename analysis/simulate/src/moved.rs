//! A report after an edit that has moved what it speaks about.
//!
//! What is said of a command names places: of its nodes, of calls on the way to them, and in sentences. They are kept as places beside the texts
//! that are made of them, so that the same can be said where things stand now, without another run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use perch_engine::context::CallPath;
use perch_ir::Moves;
use perch_ir::program::{Place, Program};
use serde::{Serialize, Serializer};

use crate::report::{Child, Op, ReasonReport};
use crate::verdict::Judgement;

/// Words that may speak of lines of the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Words(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Piece {
    Text(String),
    Line(LineOf),
}

/// A line of the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LineOf {
    pub(crate) file: u32,
    /// What the file is called, if it is not the main one.
    pub(crate) called: Option<String>,
    pub(crate) line: u32,
}

impl Words {
    /// One after the other, with that between them.
    pub(crate) fn joined(all: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut whole = Self::default();
        for (at, one) in all.into_iter().enumerate() {
            if at > 0 {
                whole.push(between);
            }
            whole.0.extend(one.0);
        }
        whole
    }

    pub(crate) fn push(&mut self, text: impl Into<String>) {
        self.0.push(Piece::Text(text.into()));
    }

    fn moved(&mut self, moves: &Moves) {
        for piece in &mut self.0 {
            if let Piece::Line(LineOf { file, line, .. }) = piece {
                *line = moves.line(*file, *line);
            }
        }
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Line(LineOf { called: None, line, .. }) => write!(f, "line {line}"),
            Piece::Line(LineOf { called: Some(file), line, .. }) => write!(f, "{file}:{line}"),
        })
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self(vec![Piece::Text(text)])
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<LineOf> for Words {
    fn from(line: LineOf) -> Self {
        Self(vec![Piece::Line(line)])
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where a node stands, and along which calls.
#[derive(Clone, Debug)]
pub(crate) struct NodeAt {
    pub(crate) calls: Arc<CallPath>,
    pub(crate) file: u32,
    pub(crate) place: Place,
    pub(crate) clause: Option<usize>,
}

impl Judgement {
    /// The same of a program in which these lines have moved, and nothing else that concerns the command has changed.
    #[must_use]
    pub fn moved<P: Program>(mut self, program: &P, moves: &Moves) -> Self {
        if !moves.is_empty() {
            let mut names = BTreeMap::new();
            let mut moving = Moving { program, moves, names: &mut names };
            self.report.ops.iter_mut().for_each(|op| moving.op(op));
            renamed(&mut self.report.ops, &names);
        }
        self
    }
}

struct Moving<'m, P> {
    program: &'m P,
    moves: &'m Moves,
    /// What nodes are called now, by what they were called.
    names: &'m mut BTreeMap<String, String>,
}

impl<P: Program> Moving<'_, P> {
    fn op(&mut self, op: &mut Op) {
        let NodeAt { calls, file, place, clause } = &mut op.node;
        *calls = calls.moved(&|called, place| self.moves.place(self.file_of(called), place));
        *place = self.moves.place(*file, *place);
        let name = calls.node_id(*place, *clause);
        op.line = place.line;
        self.names.insert(std::mem::replace(&mut op.id, name.clone()), name);
        let of_visits = op.visits.iter_mut().flat_map(|visit| &mut visit.reasons);
        op.reasons.iter_mut().chain(of_visits).for_each(|reason| self.reason(reason));
        for child in &mut op.children {
            if let Child::Op(op) = child {
                self.op(op);
            }
        }
    }

    fn reason(&self, reason: &mut ReasonReport) {
        reason.message.moved(self.moves);
        reason.source.iter_mut().for_each(|source| source.moved(self.moves));
    }

    /// The file in which stands what a part of a path of calls is called.
    fn file_of(&self, called: &str) -> u32 {
        let found = self.program.command(called).or_else(|| self.program.template(called));
        found.map_or(0, |found| found.file)
    }
}

/// Calls nodes that others name by what they are called now.
fn renamed(ops: &mut [Op], names: &BTreeMap<String, String>) {
    let now = |name: &mut String| {
        if let Some(now) = names.get(name) {
            name.clone_from(now);
        }
    };
    for op in ops {
        op.after.iter_mut().for_each(now);
        for child in &mut op.children {
            match child {
                Child::Op(op) => renamed(std::slice::from_mut(op), names),
                Child::Same { same_as, .. } => now(same_as),
            }
        }
    }
}
