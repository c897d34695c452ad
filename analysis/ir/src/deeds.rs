//! What one statement does by itself, without the statements in it: which names it reads, which ops it uses.
//!
//! For whoever judges programs and is not interested in what constructs are called.

use perch_ops::{Entry, Touch};

use crate::construct::{Construct, Hole, Module, Test};
use crate::program::{
    Absent, Around, Block, Clause, Command, Cond, OpCall, Operand, Part, Place, Stmt, StmtKind, Text,
};

/// One thing that a statement does, in the order in which it does them.
#[derive(Clone, Debug)]
pub enum Deed<'s> {
    /// `${name}`: a failure if nothing is bound to it.
    Reads(&'s str),
    /// A bare name where an op takes an operand: its own text if nothing is bound to it.
    Mentions(&'s str),
    /// A name in a condition: empty if nothing is bound to it.
    Tests(&'s str),
    /// An op, or a line of a block, with what it is given.
    Uses(Use<'s>),
}

/// A use of an entry of the catalogue.
#[derive(Clone, Debug)]
pub struct Use<'s> {
    /// Which.
    pub entry: &'static Entry,
    /// What it is given.
    pub words: Vec<Word<'s>>,
    /// Where on the line it stands.
    pub from: From,
}

/// Where a use stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// It is what the line does: its words are those of the line.
    Line,
    /// Elsewhere on it: in a condition, in a text, in a chain.
    Within,
}

/// What an op is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'s> {
    /// A text.
    Text(&'s Text),
    /// A bare name.
    Name(&'s str),
}

impl<'s> Word<'s> {
    /// The characters, if no name is involved.
    #[must_use]
    pub fn literal(self) -> Option<&'s str> {
        match self {
            Self::Text(text) => text.as_literal(),
            Self::Name(_) => None,
        }
    }
}

impl<'s> std::convert::From<&'s Operand> for Word<'s> {
    fn from(operand: &'s Operand) -> Self {
        match operand {
            Operand::Text(text) => Self::Text(text),
            Operand::Name(name) => Self::Name(name),
        }
    }
}

/// Shows what a statement does by itself.
pub fn deeds<'s>(stmt: &'s Stmt, see: &mut impl FnMut(Deed<'s>)) {
    match &stmt.kind {
        StmtKind::Let { value: Operand::Name(name), .. } => see(Deed::Reads(name)),
        StmtKind::Let { value: Operand::Text(value), .. } => text(value, see),
        StmtKind::Op(call) => op(call, From::Line, see),
        StmtKind::Call { words, .. } | StmtKind::Expand { words, .. } => texts(words, see),
        StmtKind::Chain(clauses) | StmtKind::Pipe { stages: clauses, .. } => programs(clauses, see),
        StmtKind::If { arms, .. } => arms.iter().for_each(|(test, _)| condition(test, see)),
        StmtKind::ForEach { list, .. } => word(list.into(), see),
        StmtKind::Match { target, arms, .. } => {
            word(target.into(), see);
            texts(arms.iter().map(|(case, _)| case), see);
        }
        StmtKind::Try { .. } => {}
        StmtKind::Block(block) => around(block, see),
        StmtKind::NotYet(construct) => not_yet(construct, see),
    }
}

/// A line before `do`, of which something is evaluated when the command is entered.
#[derive(Clone, Debug)]
pub struct Before<'s> {
    /// Where it stands.
    pub place: Place,
    /// What it does.
    pub deeds: Vec<Deed<'s>>,
    /// What is bound from there on.
    pub binds: Option<&'s str>,
}

/// The lines before `do`, in the order in which they are evaluated.
#[must_use]
pub fn before_do(command: &Command) -> Vec<Before<'_>> {
    let config = &command.config;
    let mut lines = Vec::new();
    lines.extend(config.require_sandbox.iter().map(|line| Before::of(line.place, [], None)));
    lines.extend(config.require.iter().map(|line| Before::of(line.place, &line.value.1, None)));
    for arg in &command.args {
        let default = if let Absent::Default(default) = &arg.absent { Some(default) } else { None };
        lines.push(Before::of(arg.place, default, Some(&arg.name)));
    }
    lines.extend(config.env.iter().map(|line| Before::of(line.place, [&line.value.1], Some(&line.value.0))));
    lines.extend(config.dir.iter().map(|line| {
        let mut deeds = Vec::new();
        op(&line.value, From::Line, &mut |deed| deeds.push(deed));
        Before { place: line.place, deeds, binds: None }
    }));
    lines
}

impl<'s> Before<'s> {
    fn of(place: Place, words: impl IntoIterator<Item = &'s Text>, binds: Option<&'s str>) -> Self {
        let mut deeds = Vec::new();
        texts(words, &mut |deed| deeds.push(deed));
        Self { place, deeds, binds }
    }
}

/// Shows what a condition does.
pub fn condition<'s>(test: &'s Cond, see: &mut impl FnMut(Deed<'s>)) {
    match test {
        Cond::Or(parts) | Cond::And(parts) => parts.iter().for_each(|part| condition(part, see)),
        Cond::Not(part) => condition(part, see),
        Cond::Compare { left, right, .. } => {
            match left {
                Operand::Name(name) => see(Deed::Tests(name)),
                Operand::Text(left) => text(left, see),
            }
            text(right, see);
        }
        Cond::Truth(name) => see(Deed::Tests(name)),
        Cond::TruthOrPredicate(name, call) => {
            see(Deed::Mentions(name));
            op(call, From::Within, see);
        }
        Cond::Predicate(call) => op(call, From::Within, see),
        Cond::Programs(clauses) => programs(clauses, see),
        Cond::NotYet(test) => {
            let Test::Predicate { name, op, operands } = &**test;
            if let Some(name) = name {
                see(Deed::Mentions(name));
            }
            named(op, operands.iter().map(Word::from), From::Within, see);
        }
    }
}

/// Shows what a text does.
pub fn text<'s>(text: &'s Text, see: &mut impl FnMut(Deed<'s>)) {
    for part in &text.parts {
        match part {
            Part::Literal(_) => {}
            Part::Name(name) | Part::Splice(name) => see(Deed::Reads(name)),
            Part::Call(call) => op(call, From::Within, see),
            Part::NotYet(hole) => match &**hole {
                Hole::Call { op, operands } => named(op, operands.iter().map(Word::from), From::Within, see),
            },
        }
    }
}

fn texts<'s>(words: impl IntoIterator<Item = &'s Text>, see: &mut impl FnMut(Deed<'s>)) {
    words.into_iter().for_each(|word| text(word, see));
}

fn word<'s>(word: Word<'s>, see: &mut impl FnMut(Deed<'s>)) {
    match word {
        Word::Text(inner) => text(inner, see),
        Word::Name(name) => see(Deed::Mentions(name)),
    }
}

fn op<'s>(call: &'s OpCall, from: From, see: &mut impl FnMut(Deed<'s>)) {
    texts(call.variables.iter().map(|(_, value)| value), see);
    used(call.op.entry(), call.operands.iter().map(Word::from), from, see);
}

fn programs<'s>(clauses: &'s [Clause], see: &mut impl FnMut(Deed<'s>)) {
    clauses.iter().for_each(|clause| op(&clause.call, From::Within, see));
}

fn named<'s>(op: &str, words: impl Iterator<Item = Word<'s>>, from: From, see: &mut impl FnMut(Deed<'s>)) {
    match perch_ops::find(op) {
        Some(entry) => used(entry, words, from, see),
        None => words.for_each(|given| word(given, see)),
    }
}

fn used<'s>(entry: &'static Entry, words: impl Iterator<Item = Word<'s>>, from: From, see: &mut impl FnMut(Deed<'s>)) {
    let words: Vec<Word<'s>> = words.collect();
    words.iter().for_each(|given| word(*given, see));
    see(Deed::Uses(Use { entry, words, from }));
}

fn around<'s>(block: &'s Block, see: &mut impl FnMut(Deed<'s>)) {
    let block_words: Vec<Word<'s>> = match &block.around {
        Around::Only { wanted, .. } => vec![wanted.into()],
        Around::Cwd(call) => return op(call, From::Line, see),
        Around::Env(pairs) => return texts(pairs.iter().map(|(_, value)| value), see),
        Around::Sandbox(_) => return,
        // These may be given by their names, so their places are not those of the catalogue.
        Around::Retry { attempts, delay, max_delay, .. } => vec![attempts.into(), delay.into(), max_delay.into()],
        Around::Timeout(limit) => vec![limit.into()],
        Around::Parallel { max } => max.iter().map(Word::from).collect(),
        Around::Cache { key, ttl } => vec![key.into(), ttl.into()],
    };
    named(block.op, block_words.into_iter(), From::Within, see);
}

fn not_yet<'s>(construct: &'s Construct, see: &mut impl FnMut(Deed<'s>)) {
    match construct {
        Construct::Op { op, operands, .. } => named(op, operands.iter().map(Word::from), From::Line, see),
        Construct::Module { module, lines } => {
            if let Module::File(file) = module {
                word(file.into(), see);
            }
            lines.iter().for_each(|(line, value)| named(line, std::iter::once(Word::Text(value)), From::Within, see));
        }
    }
}

/// The name that stays bound behind a statement, without those that are bound in it.
#[must_use]
pub fn binding(stmt: &Stmt) -> Option<&str> {
    match &stmt.kind {
        StmtKind::Let { name, .. } => Some(name),
        StmtKind::Op(call) => call.bind.as_deref(),
        StmtKind::Call { bind, .. } | StmtKind::Pipe { bind, .. } => bind.as_deref(),
        StmtKind::NotYet(construct) => match &**construct {
            Construct::Op { bind, .. } => bind.as_deref(),
            Construct::Module { .. } => None,
        },
        _ => None,
    }
}

impl Use<'_> {
    /// What it touches, each with the word that names it, if one does.
    pub fn touches(&self) -> impl Iterator<Item = (Touch, Option<Word<'_>>)> {
        let word = |touch: Touch| match touch.on()? {
            perch_ops::On::Arg(at) => self.words.get(at).copied(),
            perch_ops::On::Of(_) => None,
        };
        self.entry.touches.iter().map(move |touch| (*touch, word(*touch)))
    }
}
