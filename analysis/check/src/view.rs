//! One body, with what several findings want to know of it.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use perch_ir::deeds::{Word, binding};
use perch_ir::places::Places;
use perch_ir::whole::Declared;
use perch_ir::{Operand, Part, Place, Stmt, StmtKind, walk};
use perch_syntax::{Diagnostic, Label, Span};

use crate::Finding;
use crate::access::{Access, accesses, before_do};
use crate::ends::Looking;
use crate::flow::{self, Unbound};
use crate::outcomes::used;
use crate::program::{Body, FAILURE_PARTS, HOOK, HOOK_PARTS, Kind, Program};
use crate::whole::Whole;

/// One body.
pub(crate) struct View<'p, 'db> {
    pub(crate) whole: &'p Whole<'db>,
    pub(crate) program: &'p Program<'db>,
    /// Its number.
    pub(crate) number: usize,
    pub(crate) body: &'p Body<'db>,
    /// Where its words stand.
    pub(crate) places: Places<'db>,
    last: OnceCell<HashSet<Place>>,
    unbound: OnceCell<Vec<Unbound<'db>>>,
    constants: OnceCell<HashMap<&'db str, Constant<'db>>>,
    copies: OnceCell<HashMap<&'db str, &'db str>>,
    binders: OnceCell<HashMap<&'db str, &'db Stmt>>,
    undeclared: OnceCell<Vec<(Access<'db>, Vec<String>)>>,
}

/// A name that is bound once in a body, to a text that is written out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constant<'s> {
    pub(crate) text: &'s str,
    pub(crate) stmt: &'s Stmt,
}

impl<'p, 'db> View<'p, 'db> {
    pub(crate) fn new(whole: &'p Whole<'db>, number: usize, body: &'p Body<'db>) -> Self {
        let program = &whole.program;
        let places = Places::new(body.at.item.text(program.db));
        let (last, unbound) = (OnceCell::new(), OnceCell::new());
        let (constants, copies, binders) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let undeclared = OnceCell::new();
        Self { whole, program, number, body, places, last, unbound, constants, copies, binders, undeclared }
    }

    /// The statements.
    pub(crate) fn statements(&self) -> &'db [Stmt] {
        &self.body.command.body
    }

    /// Shows every statement.
    pub(crate) fn each(&self, mut see: impl FnMut(&'db Stmt)) {
        walk(self.statements(), &mut see);
    }

    /// Shows what the body wants, and the lines before it.
    pub(crate) fn accesses(&self, see: &mut impl FnMut(Access<'db>)) {
        before_do(self, see);
        self.each(|stmt| accesses(self, stmt, see));
    }

    /// What the body and the lines before it want and the manifest certainly does not name, with what it does name.
    pub(crate) fn outside_manifest(&self) -> &[(Access<'db>, Vec<String>)] {
        self.undeclared.get_or_init(|| {
            let mut found = Vec::new();
            let Some(manifest) = &self.whole.manifest else { return found };
            self.accesses(&mut |access| {
                if let Some(outside) = manifest.outside(&access.what) {
                    found.push((access, outside.listed));
                }
            });
            found
        })
    }

    /// The first line of the body.
    pub(crate) fn head(&self) -> Span {
        self.places.at(self.body.command.place).span
    }

    /// The name of the body, where it is declared.
    pub(crate) fn name(&self) -> Span {
        self.places.at(self.body.command.place).words.first().map_or_else(|| self.head(), |word| word.span)
    }

    /// Where an argument is declared: its name.
    pub(crate) fn argument(&self, place: Place) -> Span {
        let spot = self.places.at(place);
        spot.words.first().map_or(spot.span, |word| word.span)
    }

    /// Whether nothing goes on behind a statement.
    pub(crate) fn is_last(&self, stmt: &Stmt) -> bool {
        let last = self.last.get_or_init(|| {
            let of_use = |stmt: &Stmt| self.whole.outcomes.of_use(self.program, self.number, stmt);
            let mut looking = Looking::new(&of_use);
            looking.body(self.statements());
            looking.last
        });
        last.contains(&stmt.place)
    }

    /// The body that a statement uses.
    pub(crate) fn used(&self, stmt: &Stmt) -> Option<&'p Body<'db>> {
        self.program.bodies.get(used(self.program, self.number, stmt)?)
    }

    /// The names that are read where nothing in the body is sure to have bound them. What means something everywhere is not among
    /// them.
    pub(crate) fn unbound(&self) -> &[Unbound<'db>] {
        self.unbound.get_or_init(|| {
            let command = self.body.command;
            let args = command.args.iter().map(|arg| arg.name.as_str());
            let catch = (self.body.kind == Kind::Catch).then_some(command.name.as_str());
            let env = command.config.env.iter().map(|line| line.value.0.as_str());
            let of_template = |stmt: &'db Stmt| self.program.bound_by_use(self.number, stmt);
            let mut found =
                flow::unbound(&command.body, args.chain(catch).chain(env), &of_template, &|stmt| self.is_last(stmt));
            found.retain(|one| !self.body.binds_extra(one.name) && !self.program.is_known_to(self.body, one.name));
            found
        })
    }

    /// The only text that a name can have at a place: it is bound once in the body, above and on every way.
    pub(crate) fn constant(&self, name: &str, at: Place) -> Option<Constant<'db>> {
        let constant = self.constants.get_or_init(|| self.constants()).get(name).copied();
        constant.filter(|constant| constant.stmt.place < at)
    }

    /// The name whose value another one has: it is bound once in the body, as a copy.
    pub(crate) fn copied(&self, name: &str) -> Option<&'db str> {
        self.copies.get_or_init(|| self.copies()).get(name).copied()
    }

    /// How often each name is bound in the body.
    fn times(&self) -> HashMap<&'db str, usize> {
        let mut times: HashMap<&'db str, usize> = HashMap::new();
        self.each(|stmt| {
            let mut names: Vec<&'db str> = binding(stmt).into_iter().collect();
            match &stmt.kind {
                StmtKind::ForEach { name, .. } => names.push(name),
                StmtKind::Try { rescue: Some((name, _)), .. } => names.push(name),
                StmtKind::Expand { .. } => names.extend(self.program.bound_by_use(self.number, stmt)),
                _ => {}
            }
            names.into_iter().for_each(|name| *times.entry(name).or_insert(0) += 1);
        });
        self.body.command.args.iter().for_each(|arg| *times.entry(arg.name.as_str()).or_insert(0) += 1);
        times
    }

    fn constants(&self) -> HashMap<&'db str, Constant<'db>> {
        let times = self.times();
        let literals = self.statements().iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::Let { name, value: Operand::Text(text) } => Some((name.as_str(), text.as_literal()?, stmt)),
            _ => None,
        });
        let only = literals.filter(|(name, ..)| times.get(name) == Some(&1));
        only.map(|(name, text, stmt)| (name, Constant { text, stmt })).collect()
    }

    fn copies(&self) -> HashMap<&'db str, &'db str> {
        let times = self.times();
        let mut copies = HashMap::new();
        self.each(|stmt| {
            let StmtKind::Let { name, value } = &stmt.kind else { return };
            let of = match value {
                Operand::Name(of) => of,
                Operand::Text(text) => match text.parts.as_slice() {
                    [Part::Name(of)] => of,
                    _ => return,
                },
            };
            if times.get(name.as_str()) == Some(&1) {
                copies.insert(name.as_str(), of.as_str());
            }
        });
        copies
    }

    /// The characters of a word, if they are written out here or where its names are bound.
    pub(crate) fn text_of(&self, word: Word<'db>, at: Place) -> Option<String> {
        match word {
            Word::Text(text) => {
                let part = |part: &Part| match part {
                    Part::Literal(text) => Some(text.clone()),
                    Part::Name(name) => self.constant(name, at).map(|constant| constant.text.to_owned()),
                    Part::Splice(_) | Part::Call(_) | Part::NotYet(_) => None,
                };
                text.parts.iter().map(part).collect()
            }
            Word::Name(name) if self.is_unbound_word(name) => Some(name.to_owned()),
            Word::Name(name) => self.constant(name, at).map(|constant| constant.text.to_owned()),
        }
    }

    /// Whether a name can be bound by whatever: the body, somebody who uses it, or perch.
    pub(crate) fn may_be_bound(&self, name: &str) -> bool {
        let (head, part) = name.split_once('.').unwrap_or((name, ""));
        let spread = &self.program.spread;
        self.body.binds(name)
            || spread.inherits(self.number, name)
            || FAILURE_PARTS.contains(&part) && spread.inherits(self.number, head)
            || head == HOOK && HOOK_PARTS.contains(&part) && self.program.sees_hooks(self.number)
    }

    /// What may have been meant by a name that nothing binds.
    pub(crate) fn candidates(&self) -> Vec<&'db str> {
        let mut candidates: Vec<&'db str> = self.body.binds.iter().copied().collect();
        candidates.sort_unstable();
        candidates.extend(self.program.names_everywhere().take(MAX_CANDIDATES));
        candidates
    }

    /// The first statement that binds a name, also for a loop or a `rescue`.
    pub(crate) fn binder(&self, name: &str) -> Option<&'db Stmt> {
        let binders = self.binders.get_or_init(|| {
            let mut binders = HashMap::new();
            self.each(|stmt| {
                let inner = match &stmt.kind {
                    StmtKind::ForEach { name, .. } | StmtKind::Try { rescue: Some((name, _)), .. } => {
                        Some(name.as_str())
                    }
                    _ => None,
                };
                for name in binding(stmt).into_iter().chain(inner) {
                    binders.entry(name).or_insert(stmt);
                }
            });
            binders
        });
        let head = name.split('.').next().unwrap_or(name);
        let is_inner = |stmt: &&&Stmt| matches!(stmt.kind, StmtKind::ForEach { .. } | StmtKind::Try { .. });
        binders.get(name).or_else(|| binders.get(head).filter(is_inner)).copied()
    }

    /// Whether a bare name is bound by nobody, and so is its own text.
    pub(crate) fn is_unbound_word(&self, name: &str) -> bool {
        let program = self.program;
        let is_bound = self.body.binds(name) || program.is_bound_for(self.body, name);
        !is_bound && !name.starts_with(' ') && !program.spread.inherits(self.number, name)
    }
}

/// Gathers what is found.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) found: Vec<Finding>,
    /// How many suggestions were looked for.
    suggested: RefCell<usize>,
}

/// How many suggestions are looked for. Nobody reads more, and each costs a look at all candidates.
const MAX_SUGGESTED: usize = 1000;

/// How many candidates a misspelt name is compared with.
const MAX_CANDIDATES: usize = 200;

impl Report {
    /// Adds something that is wrong with a body; its places count from the start of the body's item.
    pub(crate) fn add(&mut self, view: &View<'_, '_>, problem: Diagnostic) {
        self.add_to(view.program, view.body.at, problem);
    }

    /// Adds something that is wrong with an item; its places count from the item's start.
    pub(crate) fn add_to(&mut self, program: &Program<'_>, at: Declared<'_>, problem: Diagnostic) {
        let problem = problem.shifted(at.item.start(program.db));
        self.found.push(Finding { file: at.file, problem });
    }

    /// The candidate that resembles a name.
    pub(crate) fn nearest<'c>(&self, name: &str, candidates: impl FnOnce() -> Vec<&'c str>) -> Option<&'c str> {
        let mut suggested = self.suggested.borrow_mut();
        *suggested += 1;
        if *suggested > MAX_SUGGESTED {
            return None;
        }
        let is_written = |candidate: &&str| !candidate.starts_with(' ');
        perch_syntax::nearest(name, candidates().into_iter().filter(is_written).take(MAX_CANDIDATES))
    }
}

/// A place in another item than the one in which something is wrong.
pub(crate) fn elsewhere(program: &Program<'_>, at: Declared<'_>, span: Span, text: impl Into<String>) -> Label {
    let span = span.shifted(at.item.start(program.db));
    Label { file: Some(at.item.file(program.db).path(program.db).clone()), span, text: text.into() }
}
