//! Which names are bound where, along every way through a body.
//!
//! A name is *sure* where every way binds it, and *perhaps* bound where some way does. Loops are gone through once: what only a
//! later round would bind is not bound in the first.

use std::collections::HashMap;

use perch_ir::deeds::{Deed, binding, deeds};
use perch_ir::{Around, Block, Operand, Stmt, StmtKind};

use crate::program::FAILURE_PARTS;

/// A name that is read where it may be unbound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unbound<'s> {
    pub(crate) name: &'s str,
    /// Where it is read.
    pub(crate) stmt: &'s Stmt,
    /// The statement of a `try` that was to bind it, if that is why.
    pub(crate) tried: Option<&'s Stmt>,
}

/// Whether a name is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// On every way.
    Sure,
    /// On some way.
    Perhaps,
}

/// What a way has bound.
type Names<'s> = HashMap<&'s str, Bound>;

/// Goes through a body.
pub(crate) struct Walk<'s, 'a> {
    /// The names that a use of a template binds.
    of_template: &'a dyn Fn(&'s Stmt) -> Vec<&'s str>,
    /// Whether nothing goes on behind a statement.
    is_last: &'a dyn Fn(&Stmt) -> bool,
    bound: Names<'s>,
    /// What was changed, and what it was before.
    log: Vec<(&'s str, Option<Bound>)>,
    /// In the arms of a `try`: names that its body was to bind, and where.
    tried: HashMap<&'s str, &'s Stmt>,
    found: Vec<Unbound<'s>>,
}

/// The names that are read where they may be unbound, in the order of the body. `known` is bound at its start.
pub(crate) fn unbound<'s>(
    body: &'s [Stmt],
    known: impl Iterator<Item = &'s str>,
    of_template: &dyn Fn(&'s Stmt) -> Vec<&'s str>,
    is_last: &dyn Fn(&Stmt) -> bool,
) -> Vec<Unbound<'s>> {
    let bound = known.map(|name| (name, Bound::Sure)).collect();
    let (log, tried, found) = (Vec::new(), HashMap::new(), Vec::new());
    let mut walk = Walk { of_template, is_last, bound, log, tried, found };
    walk.body(body);
    walk.found
}

impl<'s> Walk<'s, '_> {
    /// Goes through statements up to the first behind which nothing goes on; whether there is none.
    fn body(&mut self, body: &'s [Stmt]) -> bool {
        body.iter().all(|stmt| {
            self.statement(stmt);
            !(self.is_last)(stmt)
        })
    }

    fn statement(&mut self, stmt: &'s Stmt) {
        deeds(stmt, &mut |deed| {
            if let Deed::Reads(name) = deed {
                self.read(name, stmt);
            }
        });
        match &stmt.kind {
            StmtKind::If { arms, otherwise } => self.one_of(arms.iter().map(|(_, body)| body), otherwise),
            StmtKind::Match { arms, otherwise, .. } => self.one_of(arms.iter().map(|(_, body)| body), otherwise),
            StmtKind::ForEach { name, body, .. } => self.some_times(Some(name), body),
            StmtKind::Try { body, rescue, finally } => self.tried(body, rescue.as_ref(), finally),
            StmtKind::Block(block) => self.block(block),
            StmtKind::Expand { .. } => {
                (self.of_template)(stmt).into_iter().for_each(|name| self.bind(name, Bound::Sure));
            }
            _ => binding(stmt).into_iter().for_each(|name| self.bind(name, Bound::Sure)),
        }
    }

    fn block(&mut self, block: &'s Block) {
        match &block.around {
            Around::Only { .. } => self.some_times(None, &block.body),
            Around::Parallel { .. } => {
                // Each branch has its own names, and nothing of them remains.
                for branch in block.body.chunks(1) {
                    let mark = self.log.len();
                    self.body(branch);
                    self.take(mark);
                }
            }
            Around::Env(pairs) => {
                let before: Vec<_> =
                    pairs.iter().map(|(name, _)| (name.as_str(), self.bound.get(name.as_str()).copied())).collect();
                before.iter().for_each(|(name, _)| self.bind(name, Bound::Sure));
                self.body(&block.body);
                before.into_iter().for_each(|(name, before)| self.set(name, before));
            }
            // What a cache has stored is bound again.
            Around::Cache { .. } | Around::Cwd(_) | Around::Sandbox(_) | Around::Retry { .. } | Around::Timeout(_) => {
                self.body(&block.body);
            }
        }
    }

    fn read(&mut self, name: &'s str, stmt: &'s Stmt) {
        // Arguments of templates have names with blanks, and are always bound.
        if name.starts_with(' ') || self.is_part(name) {
            return;
        }
        match self.bound.get(name) {
            Some(Bound::Sure) => {}
            Some(Bound::Perhaps) => {
                let tried = self.tried.get(name).copied();
                self.found.extend(tried.map(|tried| Unbound { name, stmt, tried: Some(tried) }));
            }
            None => self.found.push(Unbound { name, stmt, tried: None }),
        }
    }

    /// Whether a name is a part of a failure that is bound.
    fn is_part(&self, name: &str) -> bool {
        name.split_once('.').is_some_and(|(head, part)| self.bound.contains_key(head) && FAILURE_PARTS.contains(&part))
    }

    /// Binds a name. One that is sure stays so.
    fn bind(&mut self, name: &'s str, bound: Bound) {
        if self.bound.get(name) != Some(&Bound::Sure) {
            self.set(name, Some(bound));
        }
    }

    fn set(&mut self, name: &'s str, bound: Option<Bound>) {
        let before = match bound {
            Some(bound) => self.bound.insert(name, bound),
            None => self.bound.remove(name),
        };
        if before != bound {
            self.log.push((name, before));
        }
    }

    /// Takes back what was bound since a mark.
    fn take(&mut self, mark: usize) -> Names<'s> {
        let mut taken: HashMap<&'s str, Option<Bound>> = HashMap::new();
        for (name, before) in self.log.split_off(mark).into_iter().rev() {
            let now = match before {
                Some(before) => self.bound.insert(name, before),
                None => self.bound.remove(name),
            };
            // The first one met is the last change.
            taken.entry(name).or_insert(now);
        }
        taken.into_iter().filter_map(|(name, now)| Some((name, now?))).collect()
    }

    /// Binds what some ways have bound: what all have is sure.
    fn join(&mut self, ways: Vec<Names<'s>>) {
        let mut names: HashMap<&'s str, usize> = HashMap::new();
        for way in &ways {
            for (name, bound) in way {
                *names.entry(name).or_insert(0) += usize::from(*bound == Bound::Sure);
            }
        }
        for (name, sure) in names {
            self.bind(name, if sure == ways.len() { Bound::Sure } else { Bound::Perhaps });
        }
    }

    /// A way of its own; nothing if it does not go on.
    fn way(&mut self, body: &'s [Stmt]) -> Option<Names<'s>> {
        let mark = self.log.len();
        let goes_on = self.body(body);
        let taken = self.take(mark);
        goes_on.then_some(taken)
    }

    fn one_of(&mut self, arms: impl Iterator<Item = &'s Vec<Stmt>>, otherwise: &'s [Stmt]) {
        let mut ways: Vec<Names<'s>> = arms.filter_map(|body| self.way(body)).collect();
        ways.extend(self.way(otherwise));
        self.join(ways);
    }

    /// A body that runs any number of times, with a name that is bound in it.
    fn some_times(&mut self, name: Option<&'s String>, body: &'s [Stmt]) {
        let mark = self.log.len();
        name.into_iter().for_each(|name| self.bind(name, Bound::Sure));
        self.body(body);
        let mut taken = self.take(mark);
        if let Some(name) = name {
            taken.remove(name.as_str());
        }
        taken.into_keys().for_each(|name| self.bind(name, Bound::Perhaps));
    }

    fn tried(&mut self, body: &'s [Stmt], rescue: Option<&'s (String, Vec<Stmt>)>, finally: &'s [Stmt]) {
        let early = body.iter().take_while(|stmt| cannot_fail(stmt)).filter_map(binding);
        let early: Names<'s> = early.map(|name| (name, Bound::Sure)).collect();
        let done = self.way(body);
        let failed = self.failed(body, &early);
        let before = std::mem::replace(&mut self.tried, failed);
        let rescued = rescue.map(|(name, body)| self.rescued(name, body, &early));
        let mark = self.log.len();
        self.enter_arm(&early);
        rescued.iter().flatten().flatten().for_each(|(name, _)| self.bind(name, Bound::Perhaps));
        self.body(finally);
        let last = self.take(mark);
        self.tried = before;
        self.join(done.into_iter().chain(rescued.flatten()).collect());
        last.into_iter().filter(|(_, bound)| *bound == Bound::Sure).for_each(|(name, bound)| self.bind(name, bound));
    }

    /// The names that the body of a `try` may not have bound when it fails, and where it was to.
    fn failed(&self, body: &'s [Stmt], early: &Names<'s>) -> HashMap<&'s str, &'s Stmt> {
        let mut failed = self.tried.clone();
        perch_ir::walk(body, &mut |stmt| {
            if let Some(name) = binding(stmt).filter(|name| !early.contains_key(name)) {
                failed.entry(name).or_insert(stmt);
            }
        });
        failed
    }

    /// What is bound where an arm of a `try` begins.
    fn enter_arm(&mut self, early: &Names<'s>) {
        early.iter().for_each(|(name, bound)| self.bind(name, *bound));
        let tried: Vec<&'s str> = self.tried.keys().copied().collect();
        tried.into_iter().for_each(|name| self.bind(name, Bound::Perhaps));
    }

    fn rescued(&mut self, name: &'s str, body: &'s [Stmt], early: &Names<'s>) -> Option<Names<'s>> {
        let mark = self.log.len();
        self.enter_arm(early);
        let before = self.bound.get(name).copied();
        self.bind(name, Bound::Sure);
        let goes_on = self.body(body);
        self.set(name, before);
        let taken = self.take(mark);
        goes_on.then_some(taken)
    }
}

/// Whether a statement does nothing that could fail.
fn cannot_fail(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::Let { value: Operand::Text(text), .. } if text.as_literal().is_some())
}
