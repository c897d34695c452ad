//! Where a body ends: behind which statements nothing goes on, and which commands never come back.

use std::collections::HashSet;

use perch_ir::{Around, Place, Stmt, StmtKind};
use perch_ops::Body as Does;

/// What can become of a run that enters some statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Ends {
    /// It can get behind them.
    pub(crate) goes_on: bool,
    /// It can end in them, by `exit` or `fail`.
    pub(crate) stops: bool,
}

impl Ends {
    const GOES_ON: Self = Self { goes_on: true, stops: false };
    const STOPS: Self = Self { goes_on: false, stops: true };

    /// Either way.
    fn or(self, other: Self) -> Self {
        Self { goes_on: self.goes_on || other.goes_on, stops: self.stops || other.stops }
    }

    /// One after the other.
    fn then(self, next: Self) -> Self {
        if self.goes_on { Self { stops: self.stops || next.stops, ..next } } else { self }
    }
}

/// Looks through bodies. What becomes of a use of another body is asked.
pub(crate) struct Looking<'a> {
    /// What becomes of a run that a statement sends into another body.
    pub(crate) of_use: &'a dyn Fn(&Stmt) -> Ends,
    /// The statements behind which nothing goes on.
    pub(crate) last: HashSet<Place>,
}

impl<'a> Looking<'a> {
    pub(crate) fn new(of_use: &'a dyn Fn(&Stmt) -> Ends) -> Self {
        Self { of_use, last: HashSet::new() }
    }

    /// What becomes of a run that enters a body. All of it is looked at.
    pub(crate) fn body(&mut self, body: &[Stmt]) -> Ends {
        let mut ends = Ends::GOES_ON;
        for stmt in body {
            ends = ends.then(self.statement(stmt));
        }
        ends
    }

    fn statement(&mut self, stmt: &Stmt) -> Ends {
        let ends = self.of_kind(stmt);
        if !ends.goes_on {
            self.last.insert(stmt.place);
        }
        ends
    }

    fn of_kind(&mut self, stmt: &Stmt) -> Ends {
        match &stmt.kind {
            StmtKind::Op(call) if matches!(call.op.body(), Does::Control(_)) => Ends::STOPS,
            StmtKind::Call { .. } | StmtKind::Expand { .. } => (self.of_use)(stmt),
            StmtKind::Let { .. }
            | StmtKind::Op(_)
            | StmtKind::Chain(_)
            | StmtKind::Pipe { .. }
            | StmtKind::NotYet(_) => Ends::GOES_ON,
            StmtKind::If { arms, otherwise } => self.either(arms.iter().map(|(_, body)| body), otherwise),
            StmtKind::Match { arms, otherwise, .. } => self.either(arms.iter().map(|(_, body)| body), otherwise),
            StmtKind::ForEach { body, .. } => self.body(body).or(Ends::GOES_ON),
            StmtKind::Try { body, rescue, finally } => self.tried(body, rescue.as_ref().map(|(_, body)| body), finally),
            StmtKind::Block(block) => match block.around {
                Around::Only { .. } | Around::Cache { .. } => self.body(&block.body).or(Ends::GOES_ON),
                Around::Parallel { .. } => self.together(&block.body),
                Around::Cwd(_) | Around::Env(_) | Around::Sandbox(_) | Around::Retry { .. } | Around::Timeout(_) => {
                    self.body(&block.body)
                }
            },
        }
    }

    fn either<'s>(&mut self, arms: impl Iterator<Item = &'s Vec<Stmt>>, otherwise: &[Stmt]) -> Ends {
        let first = self.body(otherwise);
        arms.fold(first, |ends, body| ends.or(self.body(body)))
    }

    /// What a `rescue` catches does not end the run; an `exit` does, but hardly anybody tries one.
    fn tried(&mut self, body: &[Stmt], rescue: Option<&Vec<Stmt>>, finally: &[Stmt]) -> Ends {
        let ends = self.body(body);
        let ends = match rescue {
            Some(rescue) => Ends { stops: false, ..ends }.or(self.body(rescue)),
            None => ends,
        };
        let last = self.body(finally);
        if last.goes_on { Ends { stops: ends.stops || last.stops, ..ends } } else { last }
    }

    /// Branches all run to their ends.
    fn together(&mut self, branches: &[Stmt]) -> Ends {
        let all: Vec<Ends> = branches.iter().map(|branch| self.statement(branch)).collect();
        let goes_on = all.iter().all(|ends| ends.goes_on);
        Ends { goes_on, stops: all.iter().any(|ends| ends.stops) }
    }
}
