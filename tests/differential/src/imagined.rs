//! Runs on hosts that are thought up as they are looked at.
//!
//! A fixture leaves facts open. Here a run asks for an open fact when it comes to it, and a [`Tape`] of choices answers; the
//! next tape answers differently. So all runs on all hosts that agree with the fixture (out of a [`Universe`] of
//! texts) are gone through, and each costs microseconds: nothing is really done. What primitives do is written down here once
//! more, in memory, and [`Run::host`] gives a host on which the same can be really run and compared.
//!
//! What is open and gone through: whether something stands at a path and what, the content of files, variables, programs, and what a
//! program of which nothing is known does in its frame: everything there may be anything afterwards, again asked for
//! when it is looked at. As the standing assumptions have it (verdicts §6), there are no links but those that the fixture states and
//! those that the run makes.

mod archives;
mod facts;
mod list;
mod network;
mod programs;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use perch_engine::domain::{Act, Branch, Branches, CacheEntry, LoopBody, Stage, repeat_known};
use perch_engine::flows::hidden;
use perch_engine::{Context, Domain, Engine, Flows, Frame, Node, Outcome, Raised, Split, Test, Turn, World, arguments};
use perch_fixtures::{EffectFact, ExecFact, HttpFact, MkdirFact, RemoveFact, WriteFact};
use perch_ir::Snapshot;
use perch_ir::program::{Command, Program};
use perch_ops::contract::Ask;
use perch_ops::duration::nanoseconds;
use perch_ops::machine;
use perch_ops::{ErrorKind, Primitive, Pure, Type};
use perch_policy::{Bounds, Decision, Effect, Known, Policy, path};
use perch_symbolic::facts::{AnswerFact, Facts, Stated};

use crate::fresh;
use crate::hosts::{Entry, Host};
use crate::random::Random;
use crate::real::{Ending, RealVisit};

/// Links that are followed before a walk is given up (paths §2).
const MAX_LINKS: usize = 40;

/// Choices, in the order in which a run comes to them.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// Which way each went, and how many there were.
    taken: Vec<(usize, usize)>,
    at: usize,
    /// How choices that come up are made; without it, the first way first.
    random: Option<Random>,
    /// Ways that are tried before that.
    hints: Vec<Option<usize>>,
}

impl Tape {
    /// A tape of random choices.
    #[must_use]
    pub fn random(random: Random) -> Self {
        Self { random: Some(random), ..Self::default() }
    }

    /// A tape that goes the way of this one up to some point, or but for some choices.
    #[must_use]
    pub fn varied(&self, mut random: Random) -> Self {
        let mut hints: Vec<Option<usize>> = self.taken.iter().map(|(way, _)| Some(*way)).collect();
        let at = random.below(hints.len().max(1));
        match random.below(3) {
            0 => hints.truncate(at),
            1 => hints.iter_mut().skip(at).take(1).for_each(|hint| *hint = None),
            _ => hints.iter_mut().filter(|_| random.chance(15)).for_each(|hint| *hint = None),
        }
        Self { random: Some(random), hints, ..Self::default() }
    }

    /// To the next tape in order; false if there is none.
    pub fn advance(&mut self) -> bool {
        self.at = 0;
        while let Some((way, of)) = self.taken.pop() {
            if way + 1 < of {
                self.taken.push((way + 1, of));
                return true;
            }
        }
        false
    }

    fn choose(&mut self, of: usize) -> usize {
        if of < 2 {
            return 0;
        }
        if self.at == self.taken.len() {
            let hint = self.hints.get(self.at).copied().flatten().filter(|way| *way < of);
            let way = hint.or_else(|| self.random.as_mut().map(|random| random.below(of))).unwrap_or(0);
            self.taken.push((way, of));
        }
        self.at += 1;
        self.taken[self.at - 1].0
    }
}

/// What hosts there are.
#[derive(Debug)]
pub struct Universe {
    /// What is known of all of them.
    pub facts: Facts,
    /// Nodes at which programs succeed.
    pub succeeds: BTreeSet<String>,
    /// What files, variables and output may hold.
    pub texts: Vec<String>,
}

/// A moment at which a program has left behind what nobody knows; 0 is the start.
type Epoch = usize;

/// Something in the past: what stood at a path at a moment.
type Origin = (Epoch, String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Absent,
    File(Content),
    Dir,
    Link(String),
    /// What was there at a moment, which nobody has looked at.
    Unseen(Origin),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Is(String),
    /// What it was, which nobody has read.
    Unread(Origin),
}

/// The entries of a directory that have not been looked at.
#[derive(Clone, Debug)]
enum Rest {
    Empty,
    /// What was beneath that path at that moment.
    Was(Origin),
    /// The first, and where it has nothing, the second. They are not in each other's way.
    Both(Rc<Rest>, Rc<Rest>),
}

/// What was chosen to stand at an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Absent,
    File,
    Dir,
    Link(String),
}

/// A failure.
#[derive(Debug)]
struct Halt {
    kind: ErrorKind,
    code: String,
    detail: String,
    /// The policy has denied it.
    denied: bool,
    /// By a rule that hides what may not be looked at.
    hides: bool,
}

impl From<ErrorKind> for Halt {
    fn from(kind: ErrorKind) -> Self {
        Self { kind, code: String::new(), detail: String::new(), denied: false, hides: false }
    }
}

/// What a primitive yields, or its failure.
type Done<T = String> = Result<T, Halt>;

/// Where a path leads.
struct Place {
    resolved: String,
    /// The first ancestor that is no directory, if it is a file (true) or nothing.
    obstacle: Option<bool>,
    /// What stands there; nothing behind an obstacle.
    there: Standing,
    missing_parents: Vec<String>,
}

impl Place {
    fn parent(&self) -> Done<()> {
        match self.obstacle {
            None => Ok(()),
            Some(true) => Err(ErrorKind::NotADirectory.into()),
            Some(false) => Err(ErrorKind::FileNotFound.into()),
        }
    }

    fn something(&self) -> Done<()> {
        self.parent()?;
        if self.there == Standing::Absent { Err(ErrorKind::FileNotFound.into()) } else { Ok(()) }
    }

    fn file(&self) -> Done<()> {
        self.something()?;
        self.not_directory()
    }

    fn directory(&self) -> Done<()> {
        self.something()?;
        if self.there == Standing::Dir { Ok(()) } else { Err(ErrorKind::NotADirectory.into()) }
    }

    fn not_directory(&self) -> Done<()> {
        if self.there == Standing::Dir { Err(ErrorKind::IsADirectory.into()) } else { Ok(()) }
    }
}

#[derive(Clone, Copy)]
enum Want {
    Look,
    Read,
    Write,
    Delete,
}

impl Want {
    fn effect(self, path: &str) -> Effect {
        let path = Known::Text(path.to_owned());
        match self {
            Self::Look => Effect::Look(path),
            Self::Read => Effect::Read(path),
            Self::Write => Effect::Write(path),
            Self::Delete => Effect::Delete(path),
        }
    }
}

/// When a block has stored what, by its names.
type Stored = (u64, Vec<(String, Arc<str>)>);

/// How many of these stand in a made-up name, at least.
const MADE_UP: &str = "AAAAAAAAAAAAAAAAAAAA";

fn is_about_made_up(effect: &EffectFact) -> bool {
    let path = match effect {
        EffectFact::Write(fact) => &fact.write,
        EffectFact::Mkdir(fact) => &fact.mkdir,
        EffectFact::Remove(fact) => &fact.remove,
    };
    path.contains(MADE_UP)
}

/// What the fixture says is stored.
fn stored_at_first(facts: &Facts) -> BTreeMap<String, Stored> {
    let bound = |(name, text): (&String, &String)| (name.clone(), text.as_str().into());
    let at_first = |(key, entry): (&String, &Option<BTreeMap<String, String>>)| {
        Some((key.clone(), (0, entry.as_ref()?.iter().map(bound).collect())))
    };
    facts.stored.iter().filter_map(at_first).collect()
}

/// The one place where a run stands.
#[derive(Debug)]
#[expect(missing_copy_implementations, reason = "a run stands in one place")]
pub struct Token(());

/// The domain of one run.
struct Imagined<'a> {
    universe: &'a Universe,
    policy: &'a Policy,
    tape: &'a mut Tape,
    entries: BTreeMap<String, Standing>,
    rests: BTreeMap<String, Rest>,
    chosen: BTreeMap<Origin, Kind>,
    contents: BTreeMap<Origin, String>,
    /// Directories of which all names are known, for somebody has asked.
    listed: BTreeSet<Origin>,
    /// What stood where before a program changed it, as far as it was known.
    before: BTreeMap<Origin, Standing>,
    env: BTreeMap<String, Option<String>>,
    bins: BTreeMap<String, bool>,
    /// The same, but for those that manage packages, once packages have come or gone.
    bins_later: Option<BTreeMap<String, bool>>,
    /// Facts of the machine that somebody has asked for.
    machine: BTreeMap<machine::Plain, String>,
    /// Starts by program: what each printed and came to, and the moment after it if nothing says what it does.
    starts: BTreeMap<String, Vec<Start>>,
    epoch: Epoch,
    /// Nodes that are being evaluated.
    open: Vec<String>,
    visits: Vec<RealVisit>,
    /// What the part of the program that runs is held to.
    bounds: Bounds,
    /// Nanoseconds since the start: what was slept.
    clock: u64,
    /// Deadlines around, from the outside.
    deadlines: Vec<u64>,
    /// How many trees have been packed.
    archives: usize,
    /// How many names were made up.
    made: usize,
    /// Paths of what has such names.
    own: Vec<String>,
    /// Results of cached blocks, and when they were stored.
    stored: BTreeMap<String, Stored>,
    /// No host is like this after all.
    impossible: bool,
    /// No stand-in for a program can do this.
    unreal: bool,
}

#[derive(Clone, Debug)]
struct Start {
    fact: ExecFact,
    epoch: Option<Epoch>,
}

/// What happened.
#[derive(Debug)]
pub struct Run {
    /// In order of completion.
    pub visits: Vec<RealVisit>,
    /// How it ended.
    pub ending: Ending,
    /// There is no such host: what was chosen contradicts what was chosen before.
    pub impossible: bool,
    chosen: BTreeMap<Origin, Kind>,
    contents: BTreeMap<Origin, String>,
    before: BTreeMap<Origin, Standing>,
    env: BTreeMap<String, Option<String>>,
    bins: BTreeMap<String, bool>,
    starts: BTreeMap<String, Vec<Start>>,
    unreal: bool,
}

/// Runs a command with the choices of a tape.
pub fn run(program: &Snapshot, command: &Arc<Command>, universe: &Universe, policy: &Policy, tape: &mut Tape) -> Run {
    let domain = Imagined {
        universe,
        policy,
        tape,
        entries: BTreeMap::from([("/".to_owned(), Standing::Dir)]),
        rests: BTreeMap::from([("/".to_owned(), Rest::Was((0, "/".to_owned())))]),
        chosen: BTreeMap::new(),
        contents: BTreeMap::new(),
        listed: BTreeSet::new(),
        before: BTreeMap::new(),
        env: BTreeMap::new(),
        bins: BTreeMap::new(),
        bins_later: None,
        machine: BTreeMap::new(),
        starts: BTreeMap::new(),
        epoch: 0,
        open: Vec::new(),
        visits: Vec::new(),
        impossible: false,
        unreal: false,
        bounds: Bounds::default(),
        clock: 0,
        deadlines: Vec::new(),
        archives: 0,
        made: 0,
        own: Vec::new(),
        stored: stored_at_first(&universe.facts),
    };
    let mut engine = Engine::new(program, domain);
    // A link that is stated may still be there after a program, so it counts as looked at.
    for (path, stated) in &universe.facts.files {
        if matches!(stated, Stated::Link(_)) {
            engine.domain.standing(path);
        }
    }
    let flows = engine.run(command, Vec::new(), universe.facts.cwd.as_str().into(), Token(()));
    let ending = match (flows.having_failed().next(), flows.having_exited()) {
        (Some((kind, _)), _) => Ending::Failed(kind),
        (_, Some(world)) => {
            Ending::Exited(world.frame.bindings.get(hidden::STATUS).map_or("0", |text| text).to_owned())
        }
        _ => Ending::Next,
    };
    let Imagined { chosen, contents, before, env, bins, starts, visits, impossible, unreal, .. } = engine.domain;
    Run { visits, ending, impossible, chosen, contents, before, env, bins, starts, unreal }
}

// ---- what stands where --------------------------------------------------------------------------------

impl Imagined<'_> {
    /// What stands at a path, which is looked at.
    fn standing(&mut self, path: &str) -> Standing {
        let now = match self.entries.get(path) {
            Some(Standing::Unseen(origin)) => {
                let origin = origin.clone();
                self.seen(&origin)
            }
            Some(known) => return known.clone(),
            None => {
                let dir = path::parent(path).to_owned();
                if self.standing(&dir) != Standing::Dir {
                    return Standing::Absent;
                }
                let rest = self.rests.get(&dir).cloned().unwrap_or(Rest::Empty);
                self.of_rest(&rest, path::base(path))
            }
        };
        let (standing, rest) = now;
        self.entries.insert(path.to_owned(), standing.clone());
        if standing == Standing::Dir {
            self.rests.insert(path.to_owned(), rest);
        }
        standing
    }

    /// An entry that nobody has looked at, and what is in it.
    fn of_rest(&mut self, rest: &Rest, name: &str) -> (Standing, Rest) {
        match rest {
            Rest::Empty => (Standing::Absent, Rest::Empty),
            Rest::Was((epoch, dir)) => self.seen(&(*epoch, path::join(dir, name))),
            Rest::Both(a, b) => {
                let (a, a_rest) = self.of_rest(a, name);
                let (b, b_rest) = self.of_rest(b, name);
                match (&a, &b) {
                    (_, Standing::Absent) => (a, a_rest),
                    (Standing::Absent, _) => (b, b_rest),
                    (Standing::Dir, Standing::Dir) => (a, Rest::Both(Rc::new(a_rest), Rc::new(b_rest))),
                    (Standing::Dir, _) | (_, Standing::Dir) => {
                        self.impossible = true;
                        (a, a_rest)
                    }
                    _ => (a, a_rest),
                }
            }
        }
    }

    /// What stood at an origin: chosen once.
    fn seen(&mut self, origin: &Origin) -> (Standing, Rest) {
        let kind = match self.chosen.get(origin) {
            Some(kind) => kind.clone(),
            None => {
                let mut kinds = self.possible(origin);
                let kind = kinds.swap_remove(self.tape.choose(kinds.len()));
                self.chosen.insert(origin.clone(), kind.clone());
                kind
            }
        };
        match kind {
            Kind::Absent => (Standing::Absent, Rest::Empty),
            Kind::File => (Standing::File(self.content_at(origin)), Rest::Empty),
            Kind::Dir => (Standing::Dir, Rest::Was(origin.clone())),
            Kind::Link(target) => (Standing::Link(target), Rest::Empty),
        }
    }

    fn content_at(&self, origin: &Origin) -> Content {
        match (origin.0, self.universe.facts.files.get(&origin.1)) {
            (0, Some(Stated::File(Some(text)))) => Content::Is(text.clone()),
            _ => Content::Unread(origin.clone()),
        }
    }

    fn possible(&self, origin: &Origin) -> Vec<Kind> {
        let all = || vec![Kind::Absent, Kind::File, Kind::Dir];
        let (epoch, path) = origin;
        if self.listed.contains(&(*epoch, path::parent(path).to_owned())) {
            return vec![Kind::Absent];
        }
        if *epoch > 0 {
            let mut kinds = all();
            if let Some(Standing::Link(target)) = self.before.get(origin) {
                kinds.push(Kind::Link(target.clone()));
            }
            return kinds;
        }
        let files = &self.universe.facts.files;
        // That a name which is made of the time is new is taken for granted.
        if !files.contains_key(path) && fresh::is_of_the_time(path::base(path)) {
            return vec![Kind::Absent];
        }
        match (files.get(path), files.get(path::parent(path))) {
            (Some(Stated::Absent), _) => vec![Kind::Absent],
            (Some(Stated::There), _) => vec![Kind::File, Kind::Dir],
            (Some(Stated::File(_)), _) => vec![Kind::File],
            (Some(Stated::Dir { .. }), _) => vec![Kind::Dir],
            (Some(Stated::Link(target)), _) => vec![Kind::Link(target.clone())],
            // No description of a host says that.
            (Some(Stated::LinkSomewhere), _) => Vec::new(),
            (None, Some(Stated::Dir { closed: true })) => vec![Kind::Absent],
            (None, _) => all(),
        }
    }

    /// The content of a file, which is read.
    fn read(&mut self, content: &Content) -> String {
        let origin = match content {
            Content::Is(text) => return text.clone(),
            Content::Unread(origin) => origin,
        };
        if let Some(text) = self.contents.get(origin) {
            return text.clone();
        }
        let mut texts = self.universe.texts.clone();
        if let Some(Standing::File(Content::Is(text))) = self.before.get(origin)
            && !texts.contains(text)
        {
            texts.push(text.clone());
        }
        let text = texts.swap_remove(self.tape.choose(texts.len()));
        self.contents.insert(origin.clone(), text.clone());
        text
    }

    fn some_text(&mut self) -> String {
        let at = self.tape.choose(self.universe.texts.len());
        self.universe.texts.get(at).cloned().unwrap_or_default()
    }

    // ---- changes -----------------------------------------------------------------------------------

    fn forget(&mut self, path: &str) {
        self.entries.retain(|other, _| !path::within(other, path));
        self.rests.retain(|other, _| !path::within(other, path));
    }

    fn remove(&mut self, path: &str) {
        self.forget(path);
        self.entries.insert(path.to_owned(), Standing::Absent);
    }

    fn put(&mut self, path: &str, standing: Standing) {
        self.entries.insert(path.to_owned(), standing);
    }

    fn put_dir(&mut self, path: &str) {
        if self.standing(path) != Standing::Dir {
            self.put(path, Standing::Dir);
            self.rests.insert(path.to_owned(), Rest::Empty);
        }
    }

    /// All that is at `from` and beneath, under other names.
    fn put_tree(&mut self, from: &str, to: &str) {
        let moved = |path: &String| {
            let below = path::beneath(path, from)?;
            Some(if below.is_empty() { to.to_owned() } else { path::join(to, below) })
        };
        let entries: Vec<(String, Standing)> =
            self.entries.iter().filter_map(|(path, entry)| Some((moved(path)?, entry.clone()))).collect();
        let rests: Vec<(String, Rest)> =
            self.rests.iter().filter_map(|(path, rest)| Some((moved(path)?, rest.clone()))).collect();
        self.forget(to);
        self.entries.extend(entries);
        self.rests.extend(rests);
    }

    /// Names in two directories that somebody has looked at.
    fn names_in(&self, dirs: [&str; 2]) -> BTreeSet<String> {
        let inside = |path: &&String| **path != "/" && dirs.contains(&path::parent(path));
        self.entries.keys().filter(inside).map(|path| path::base(path).to_owned()).collect()
    }

    /// Is an entry of one directory in the way of one of the other? Of those that nobody has looked at, one may be.
    fn clash(&mut self, from: &str, to: &str) -> bool {
        for name in self.names_in([from, to]) {
            let (a, b) = (path::join(from, &name), path::join(to, &name));
            match (self.standing(&a), self.standing(&b)) {
                (Standing::Absent, _) | (_, Standing::Absent) => {}
                (Standing::Dir, Standing::Dir) if self.clash(&a, &b) => return true,
                (Standing::Dir, Standing::Dir) => {}
                (Standing::Dir, _) | (_, Standing::Dir) => return true,
                _ => {}
            }
        }
        let origin = |rests: &BTreeMap<String, Rest>, dir: &str| match rests.get(dir) {
            Some(Rest::Was((epoch, base))) => Some((*epoch, path::join(base, "other"))),
            _ => None,
        };
        let (Some(a), Some(b)) = (origin(&self.rests, from), origin(&self.rests, to)) else { return false };
        let open = |this: &Self, origin: &Origin, kind: &Kind| {
            !this.chosen.contains_key(origin) && this.possible(origin).contains(kind)
        };
        if a == b || !open(self, &a, &Kind::Dir) || !open(self, &b, &Kind::File) || self.tape.choose(2) == 0 {
            return false;
        }
        self.chosen.insert(a, Kind::Dir);
        self.chosen.insert(b, Kind::File);
        true
    }

    /// Merges one tree into another, given that nothing is in the way.
    fn merge(&mut self, from: &str, to: &str) {
        if self.standing(to) != Standing::Dir {
            return self.put_tree(from, to);
        }
        for name in self.names_in([from, to]) {
            let (a, b) = (path::join(from, &name), path::join(to, &name));
            // Looked at on both sides, so that what is there does not follow from the rest any more.
            self.standing(&b);
            match self.standing(&a) {
                Standing::Absent => {}
                Standing::Dir => self.merge(&a, &b),
                other => self.put(&b, other),
            }
        }
        let rest = |rests: &BTreeMap<String, Rest>, dir: &str| rests.get(dir).cloned().unwrap_or(Rest::Empty);
        let merged = match (rest(&self.rests, from), rest(&self.rests, to)) {
            (Rest::Empty, other) | (other, Rest::Empty) => other,
            (a, b) => Rest::Both(Rc::new(a), Rc::new(b)),
        };
        self.rests.insert(to.to_owned(), merged);
    }

    // ---- walks and questions -----------------------------------------------------------------------

    fn permit(&self, effect: Effect) -> Done<()> {
        let rule = match self.policy.decide_with(&self.bounds, &self.own, effect) {
            Decision::Allowed(_) => return Ok(()),
            Decision::Denied(denial) => denial.rule,
            // Nothing is unknown here.
            Decision::Depends { on, .. } => on[0],
        };
        Err(Halt { denied: true, hides: rule.hides(), ..ErrorKind::from(rule).into() })
    }

    fn go(&mut self, path: &str, followed: bool, wants: &[Want]) -> Done<Place> {
        let mut text = path.to_owned();
        for _ in 0..=MAX_LINKS {
            wants.iter().try_for_each(|want| self.permit(want.effect(&text)))?;
            match self.step(&text, followed) {
                Ok(place) => return Ok(place),
                Err(target) if target == text => break,
                Err(target) => text = target,
            }
        }
        Err(ErrorKind::IoError.into())
    }

    /// Goes to where something of a made-up name is to be made: nothing is there.
    fn go_to_own(&mut self, path: &str) -> Done<Place> {
        let mut text = path.to_owned();
        for _ in 0..=MAX_LINKS {
            self.own.push(text.clone());
            self.permit(Want::Write.effect(&text))?;
            self.entries.entry(text.clone()).or_insert(Standing::Absent);
            match self.step(&text, false) {
                Ok(place) => return Ok(place),
                Err(target) if target == text => break,
                Err(target) => text = target,
            }
        }
        Err(ErrorKind::IoError.into())
    }

    fn new_entry(&mut self, job: &Job<'_>, standing: Standing) -> Done {
        self.made += 1;
        let path = path::join(&job.path(0)?, &format!("{}{:A>24}", job.text(1), self.made));
        let place = self.go_to_own(&path)?;
        place.parent()?;
        if standing == Standing::Dir {
            self.put_dir(&place.resolved);
        } else {
            self.put(&place.resolved, standing);
        }
        Ok(path)
    }

    /// The place, or what the path is with a link's target in place of the link.
    fn step(&mut self, text: &str, followed: bool) -> Result<Place, String> {
        let mut here =
            Place { resolved: text.to_owned(), obstacle: None, there: Standing::Dir, missing_parents: Vec::new() };
        let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
        let mut at = "/".to_owned();
        for (index, name) in names.iter().enumerate() {
            let last = index + 1 == names.len();
            let next = path::join(&at, name);
            let there = self.standing(&next);
            match there {
                Standing::Link(target) if !last || followed => {
                    let whole = format!("{target}/{}", names[index + 1..].join("/"));
                    return Err(path::clean(&at, &whole).unwrap_or_else(|| text.to_owned()));
                }
                Standing::Dir if !last => at = next,
                _ if last => here.there = there,
                _ => {
                    here.obstacle = Some(there != Standing::Absent);
                    here.there = Standing::Absent;
                    if here.obstacle == Some(false) {
                        let above = path::ancestors(text).filter(|dir| path::within(dir, &next));
                        here.missing_parents = above.map(str::to_owned).collect();
                    }
                    break;
                }
            }
        }
        Ok(here)
    }

    /// Makes the missing parents of a place.
    fn make_parents(&mut self, place: &Place) -> Done<()> {
        if place.obstacle == Some(true) {
            return Err(ErrorKind::NotADirectory.into());
        }
        place.missing_parents.iter().for_each(|dir| self.put_dir(dir));
        Ok(())
    }

    fn may_make_parents(&self, place: &Place) -> Done<()> {
        place.missing_parents.iter().try_for_each(|dir| self.permit(Want::Write.effect(dir)))
    }
}

// ---- primitives ---------------------------------------------------------------------------------------

/// A primitive that is to be performed.
#[derive(Clone, Copy)]
struct Job<'j> {
    operands: &'j [Arc<str>],
    cwd: &'j str,
    frame: &'j Frame<Arc<str>>,
    captured: bool,
    /// Somebody looks at whether it fails.
    observed: bool,
    node: &'j str,
}

impl<'j> Job<'j> {
    fn new(cx: &Context, operands: &'j [Arc<str>], frame: &'j Frame<Arc<str>>, node: &'j str) -> Self {
        Self { operands, cwd: &frame.cwd, frame, captured: cx.captured, observed: cx.observed, node }
    }

    fn text(&self, at: usize) -> &str {
        self.operands.get(at).map_or("", |operand| operand)
    }

    fn path(&self, at: usize) -> Done {
        clean(self.cwd, self.text(at))
    }
}

fn clean(cwd: &str, text: &str) -> Done {
    path::clean(cwd, text).ok_or_else(|| ErrorKind::InvalidArgument.into())
}

fn truth(yes: bool) -> String {
    if yes { "true".to_owned() } else { "false".to_owned() }
}

impl Imagined<'_> {
    fn act(&mut self, primitive: Primitive, job: &Job<'_>) -> Done {
        let nothing = |done: Done<()>| done.map(|()| String::new());
        match primitive {
            Primitive::KindOf => {
                let path = job.path(0)?;
                let place = self.go(&path, true, &[Want::Look]);
                match place {
                    Err(halt) if halt.denied && !halt.hides => Err(halt),
                    place => Ok(kind_name(place.ok().as_ref())),
                }
            }
            Primitive::Peek => {
                let path = job.path(0)?;
                let place = self.go(&path, true, &[]);
                Ok(kind_name(place.ok().as_ref()))
            }
            Primitive::CheckFile => {
                let place = self.go(&job.path(0)?, true, &[Want::Read])?;
                nothing(place.file())
            }
            Primitive::CheckNoLink => match self.go(&job.path(0)?, false, &[]) {
                Ok(Place { there: Standing::Link(_), .. }) => Err(ErrorKind::InvalidArgument.into()),
                _ => Ok(String::new()),
            },
            Primitive::Read => {
                let place = self.go(&job.path(0)?, true, &[Want::Read])?;
                place.file()?;
                let Standing::File(content) = place.there else { return Err(ErrorKind::IoError.into()) };
                Ok(self.read(&content))
            }
            Primitive::List => self.list(job),
            Primitive::Write => {
                let place = self.go(&job.path(0)?, true, &[Want::Write])?;
                place.parent()?;
                place.not_directory()?;
                self.put(&place.resolved, Standing::File(Content::Is(job.text(1).to_owned())));
                Ok(String::new())
            }
            Primitive::Append => {
                let place = self.go(&job.path(0)?, true, &[Want::Write])?;
                place.parent()?;
                place.not_directory()?;
                let before =
                    if let Standing::File(content) = &place.there { self.read(content) } else { String::new() };
                self.put(&place.resolved, Standing::File(Content::Is(before + job.text(1))));
                Ok(String::new())
            }
            Primitive::MakeDirs => nothing(self.make_dirs(job)),
            Primitive::Remove => {
                let place = self.go(&job.path(0)?, false, &[Want::Delete])?;
                if place.resolved == "/" {
                    return Err(ErrorKind::InvalidArgument.into());
                }
                if place.there != Standing::Absent {
                    self.remove(&place.resolved);
                }
                Ok(String::new())
            }
            Primitive::CopyFile => nothing(self.copy_file(job)),
            Primitive::Move => nothing(self.rename(job)),
            Primitive::CopyTree => nothing(self.copy_tree(job)),
            Primitive::Compress => nothing(self.compress(job)),
            Primitive::Decompress => nothing(self.decompress(job)),
            Primitive::PackTree => nothing(self.pack_tree(job)),
            Primitive::UnpackTree => nothing(self.unpack_tree(job)),
            Primitive::MakeLink => {
                let place = self.go(&job.path(1)?, false, &[Want::Write])?;
                place.parent()?;
                place.not_directory()?;
                if job.text(0).is_empty() {
                    return Err(ErrorKind::InvalidArgument.into());
                }
                self.put(&place.resolved, Standing::Link(job.text(0).to_owned()));
                Ok(String::new())
            }
            Primitive::ReadLink => {
                let place = self.go(&job.path(0)?, false, &[Want::Read])?;
                place.something()?;
                let Standing::Link(target) = place.there else { return Err(ErrorKind::InvalidArgument.into()) };
                Ok(target)
            }
            Primitive::SetMode | Primitive::SetTime => {
                let place = self.go(&job.path(0)?, true, &[Want::Write])?;
                nothing(place.something())
            }
            Primitive::ReadTime => {
                let place = self.go(&job.path(0)?, true, &[Want::Read])?;
                place.something()?;
                // No host can be made on which it is that.
                self.unreal = true;
                Ok(["0", "1700000000"][self.tape.choose(2)].to_owned())
            }
            Primitive::EnterDir => {
                let path = job.path(0)?;
                self.go(&path, true, &[])?.directory()?;
                Ok(path)
            }
            Primitive::FindBin => {
                self.permit(Effect::HostFact)?;
                Ok(truth(self.has_bin(job.text(0))))
            }
            Primitive::ChangePackages => {
                self.bins_later = Some(BTreeMap::new());
                Ok(String::new())
            }
            Primitive::RequireBin if self.has_bin(job.text(0)) => Ok(String::new()),
            Primitive::RequireEnv if self.variable_of(job.text(0)).is_some_and(|value| !value.is_empty()) => {
                Ok(String::new())
            }
            Primitive::RequireBin | Primitive::RequireEnv => Err(ErrorKind::RequirementUnmet.into()),
            Primitive::Spawn => self.spawn(job),
            Primitive::Shell => self.shell(job, 0, job.cwd),
            Primitive::ShellOutput => self.shell(&Job { captured: true, ..*job }, 0, job.cwd),
            Primitive::ShellIn => {
                let dir = job.path(0)?;
                self.shell(job, 1, &dir)
            }
            Primitive::ShellStatus => self.shell_status(job),
            Primitive::ShellDetached => self.shell_detached(job),
            Primitive::ProcessRunning => {
                self.look_through()?;
                self.unreal = true;
                Ok(truth(self.tape.choose(2) == 0))
            }
            Primitive::KillByName => nothing(self.look_through()),
            Primitive::WhichBin => {
                self.permit(Effect::HostFact)?;
                Ok(self.where_bin_is(job.text(0)).unwrap_or_default())
            }
            Primitive::GetEnv => Ok(self.seen_variable(job)?.unwrap_or_default()),
            Primitive::HasEnv => Ok(truth(self.seen_variable(job)?.is_some())),
            Primitive::NeedEnv => self.seen_variable(job)?.ok_or_else(|| ErrorKind::UnresolvedVar.into()),
            Primitive::SetEnv | Primitive::UnsetEnv => {
                self.permit(Effect::WriteEnv(Known::Text(job.text(0).to_owned())))?;
                if Type::Variable.accepts(job.text(0)) {
                    Ok(String::new())
                } else {
                    Err(ErrorKind::InvalidArgument.into())
                }
            }
            Primitive::Print | Primitive::PrintError => Ok(String::new()),
            Primitive::NewFile => self.new_entry(job, Standing::File(Content::Is(String::new()))),
            Primitive::NewDir => self.new_entry(job, Standing::Dir),
            Primitive::Sleep => self.sleep(job.observed, job.text(0)),
            Primitive::Measure => {
                let place = self.go(&job.path(0)?, true, &[Want::Read])?;
                place.file()?;
                let Standing::File(content) = place.there else { return Err(ErrorKind::IoError.into()) };
                let content = self.read(&content);
                let Some(sum) = Pure::measure(job.text(1)) else {
                    // Whether it can be started: hosts here have no permissions.
                    self.unreal = true;
                    return Ok(["x", "-"][self.tape.choose(2)].to_owned());
                };
                Ok(sum.text(&[&content]))
            }
            Primitive::Request => self.fetched(job.observed, job.text(0), job.text(1)),
            Primitive::RequestStatus => self.status_of(job),
            Primitive::AwaitUrl => self.await_url(job),
            Primitive::Download => self.download(job),
            Primitive::Lookup => self.look_up(job.observed, job.text(0)),
            Primitive::PortOpen | Primitive::AwaitPort => self.port_open(job.observed, job.text(0), job.text(1)),
            Primitive::PortFree => {
                self.permit(Effect::Network)?;
                self.unreal = true;
                Ok(truth(self.tape.choose(2) == 0))
            }
            Primitive::FreePort => self.seen_of_network(&[Effect::Network], ["8080", "54321"]),
            Primitive::LocalAddress => self.seen_of_network(&network::OWN, ["", "192.0.2.7"]),
            Primitive::Interfaces => self.seen_of_network(&network::OWN, ["lo", "lo\neth0"]),
            Primitive::HardwareAddress => self.seen_of_network(&network::OWN, ["", "02:00:00:00:00:01"]),
            Primitive::Clock => {
                let times = match self.universe.facts.clock {
                    None => ["2024-02-29T12:00:00.5+01:00", "2031-12-31T23:59:59-08:00"].map(str::to_owned),
                    Some(clock) => [("00:00:00.5", "+01:00"), ("23:59:59", "-08:00")]
                        .map(|(time, offset)| format!("{}T{time}{offset}", clock.day())),
                };
                Ok(times[self.tape.choose(times.len())].clone())
            }
        }
    }

    fn make_dirs(&mut self, job: &Job<'_>) -> Done<()> {
        let place = self.go(&job.path(0)?, true, &[Want::Write])?;
        self.may_make_parents(&place)?;
        match place.there {
            Standing::Dir => Ok(()),
            Standing::Absent => {
                self.make_parents(&place)?;
                self.put_dir(&place.resolved);
                Ok(())
            }
            _ => Err(ErrorKind::NotADirectory.into()),
        }
    }

    fn copy_file(&mut self, job: &Job<'_>) -> Done<()> {
        let [source, target] = self.file_and_target(job)?;
        self.put(&target.resolved, source.there);
        Ok(())
    }

    /// The places of an op that reads one and writes the other.
    fn source_and_target(&mut self, job: &Job<'_>) -> Done<[Place; 2]> {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.permit(Want::Read.effect(&from))?;
        self.permit(Want::Write.effect(&to))?;
        Ok([self.go(&from, true, &[Want::Read])?, self.go(&to, true, &[Want::Write])?])
    }

    /// The same, if both are files, or can become one.
    fn file_and_target(&mut self, job: &Job<'_>) -> Done<[Place; 2]> {
        let [source, target] = self.source_and_target(job)?;
        source.file()?;
        target.parent()?;
        target.not_directory()?;
        if source.resolved == target.resolved {
            return Err(ErrorKind::InvalidArgument.into());
        }
        Ok([source, target])
    }

    fn rename(&mut self, job: &Job<'_>) -> Done<()> {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.permit(Want::Read.effect(&from))?;
        self.permit(Want::Delete.effect(&from))?;
        self.permit(Want::Write.effect(&to))?;
        let source = self.go(&from, false, &[Want::Read, Want::Delete])?;
        let target = self.go(&to, false, &[Want::Write])?;
        source.something()?;
        target.parent()?;
        if source.resolved == "/" || path::within(&target.resolved, &source.resolved) {
            return Err(ErrorKind::InvalidArgument.into());
        }
        match (&source.there, &target.there) {
            (_, Standing::Dir) => return Err(ErrorKind::IsADirectory.into()),
            (Standing::Dir, Standing::File(_) | Standing::Link(_)) => return Err(ErrorKind::NotADirectory.into()),
            _ => {}
        }
        self.put_tree(&source.resolved, &target.resolved);
        self.remove(&source.resolved);
        Ok(())
    }

    fn copy_tree(&mut self, job: &Job<'_>) -> Done<()> {
        let [source, target] = self.source_and_target(job)?;
        source.directory()?;
        let (from, to) = (&source.resolved, &target.resolved);
        if path::within(to, from) || path::within(from, to) {
            return Err(ErrorKind::InvalidArgument.into());
        }
        if target.obstacle == Some(true) || matches!(target.there, Standing::File(_)) {
            return Err(ErrorKind::NotADirectory.into());
        }
        self.may_make_parents(&target)?;
        if target.there == Standing::Dir && self.clash(from, to) {
            return Err(ErrorKind::FileAlreadyExists.into());
        }
        self.make_parents(&target)?;
        self.merge(from, to);
        Ok(())
    }
}

fn kind_name(place: Option<&Place>) -> String {
    let name = match place.map(|place| &place.there) {
        None | Some(Standing::Absent | Standing::Unseen(_)) => "absent",
        Some(Standing::Dir) => "directory",
        Some(Standing::File(_) | Standing::Link(_)) => "file",
    };
    name.to_owned()
}

// ---- the domain ---------------------------------------------------------------------------------------

impl Imagined<'_> {
    fn outcome(&self, done: Done, host: Token) -> Outcome<Self> {
        match done {
            Ok(value) => Outcome { next: Some((host, value.into())), failed: Vec::new(), ended: None },
            Err(halt) => {
                let message = format!("message of {}", halt.kind.name()).into();
                let passed = self.deadlines.iter().position(|deadline| *deadline <= self.clock);
                let late = passed.filter(|_| halt.kind == ErrorKind::TimeoutExceeded);
                let [code, detail] = [halt.code, halt.detail].map(Into::into);
                let raised = Raised { kind: halt.kind, message, code, detail, late };
                Outcome { next: None, failed: vec![(raised, host)], ended: None }
            }
        }
    }
}

impl Domain for Imagined<'_> {
    type Value = Arc<str>;
    type Host = Token;

    fn text(&mut self, text: &str) -> Arc<str> {
        text.into()
    }

    fn concat(&mut self, parts: &[Arc<str>]) -> Arc<str> {
        parts.iter().map(|part| &**part).collect::<String>().into()
    }

    fn bound_or(&mut self, value: Arc<str>, _: Arc<str>) -> Arc<str> {
        value
    }

    fn pure(&mut self, function: Pure, operands: &[Arc<str>]) -> Arc<str> {
        let operands: Vec<&str> = operands.iter().map(|operand| &**operand).collect();
        function.text(&operands).into()
    }

    fn known(&self, value: &Arc<str>) -> Known {
        Known::Text(value.to_string())
    }

    fn fact(&mut self, name: &str, cwd: &Arc<str>) -> Option<Arc<str>> {
        if name == "cwd" { Some(Arc::clone(cwd)) } else { machine::fact(self, name).map(Arc::from) }
    }

    fn perform(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Arc<str>],
        frame: &Frame<Arc<str>>,
        host: Token,
    ) -> Outcome<Self> {
        let done = self.performed(cx, primitive, operands, frame);
        self.outcome(done, host)
    }

    fn pipeline(&mut self, cx: &Context, stages: &[Stage<Arc<str>>], host: Token) -> Outcome<Self> {
        let done = self.stages(cx, stages);
        self.outcome(done, host)
    }

    fn ask(
        &mut self,
        cx: &Context,
        asks: &'static [Ask],
        operands: &[Arc<str>],
        frame: &Frame<Arc<str>>,
        host: Token,
    ) -> Outcome<Self> {
        self.bounds = cx.bounds.clone();
        let ask = || {
            let wanted = asks.iter().filter_map(|ask| match ask {
                Ask::Look(at) => Some((Want::Look, *at)),
                Ask::Read(at) => Some((Want::Read, *at)),
                Ask::Write(at) => Some((Want::Write, *at)),
                Ask::Delete(at) => Some((Want::Delete, *at)),
                _ => None,
            });
            if asks.contains(&Ask::Op) {
                self.permit(Effect::Op(cx.op))?;
            }
            if asks.contains(&Ask::HostFact) {
                self.permit(Effect::HostFact)?;
            }
            if asks.contains(&Ask::Start) {
                self.permitted(&Job::new(cx, operands, frame, ""))?;
            }
            let path = |at: usize| clean(&frame.cwd, operands.get(at).map_or("", |operand| operand));
            let paths: Vec<(Want, String)> = wanted.map(|(want, at)| Ok((want, path(at)?))).collect::<Done<_>>()?;
            let mut asked = paths.iter().filter(|(want, _)| !matches!(want, Want::Look));
            asked.try_for_each(|(want, path)| self.permit(want.effect(path)))?;
            Ok(String::new())
        };
        self.outcome(ask(), host)
    }

    fn variable(&mut self, cx: &Context, name: &str, host: Token) -> Outcome<Self> {
        self.bounds = cx.bounds.clone();
        let permit = self.permit(Effect::ReadEnv(Known::Text(name.to_owned())));
        let value = permit.and_then(|()| self.variable_of(name).ok_or_else(|| ErrorKind::UnresolvedVar.into()));
        self.outcome(value, host)
    }

    fn raise(&mut self, _: &Context, kind: ErrorKind, _: Arc<str>, host: Token) -> Outcome<Self> {
        self.outcome(Err(kind.into()), host)
    }

    fn split(&mut self, cx: &Context, test: &Test<'_, Arc<str>>, host: Token) -> Split<Token> {
        let yes = match test {
            Test::Truth(value) => arguments::is_true(value),
            Test::Compare(op, left, right) => arguments::compare(*op, left, right),
            Test::OfType(ty, value) => ty.accepts(value),
            Test::Refused(function, kind, operands) => {
                let operands: Vec<&str> = operands.iter().map(|operand| &**operand).collect();
                function.refuses(*kind, &operands)
            }
            Test::Status(value) => arguments::status(value).is_some(),
            Test::Bound(_) => true,
            Test::Fits(parts) => parts.iter().map(|part| part.len()).sum::<usize>() <= perch_ops::pure::MAX_RESULT,
            Test::InTime(wait) => !self.meets_deadline(cx.observed, nanoseconds(wait).unwrap_or_default()),
        };
        if yes { Split { yes: Some(host), no: None } } else { Split { yes: None, no: Some(host) } }
    }

    fn join(&mut self, _: World<Self>, _: World<Self>) -> World<Self> {
        unreachable!("a run is in one place, so it has nothing to join")
    }

    fn visit<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        node: &Node,
        world: World<Self>,
        act: Act<'_, P, Self>,
    ) -> Flows<Self> {
        let id = cx.node_id(node.place, node.clause);
        engine.domain.open.push(id.clone());
        let flows = act(engine, cx, world);
        engine.domain.open.pop();
        let failed = flows.failures().next().map(|(kind, _)| kind);
        engine.domain.visits.push(RealVisit { node: id, op: node.op.to_owned(), visit: cx.visit.clone(), failed });
        flows
    }

    fn repeat<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        list: &Arc<str>,
        world: World<Self>,
        body: LoopBody<'_, P, Self>,
    ) -> Flows<Self> {
        let elements = list.split('\n').filter(|element| !element.is_empty()).map(Into::into);
        repeat_known(engine, cx, elements, world, body)
    }

    fn call<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        command: &Arc<Command>,
        frame: Frame<Arc<str>>,
        host: Token,
    ) -> Flows<Self> {
        engine.callee(cx, command, World { frame, host })
    }

    fn within<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        length: &Arc<str>,
        world: World<Self>,
        body: Act<'_, P, Self>,
    ) -> Flows<Self> {
        let end = engine.domain.clock.saturating_add(nanoseconds(length).unwrap_or_default());
        engine.domain.deadlines.push(end);
        let flows = body(engine, cx, world);
        engine.domain.deadlines.pop();
        flows
    }

    /// One after the other, which is one of the ways in which they can run, with the clock set back for each.
    fn concurrently<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        branches: Branches<'_, P, Self>,
        _: Option<&Arc<str>>,
        world: World<Self>,
    ) -> Flows<Self> {
        let (start, mut end) = (engine.domain.clock, engine.domain.clock);
        let mut between = |domain: &mut Self, _: &mut World<Self>| {
            end = end.max(domain.clock);
            domain.clock = start;
        };
        let flows = match branches {
            Branches::Each(branches) => engine.in_turn(cx, &branches.iter().collect::<Vec<_>>(), world, &mut between),
            Branches::PerElement(list, body) => {
                let elements = list.split('\n').filter(|element| !element.is_empty());
                let branches: Vec<_> = (0..).zip(elements).map(|(at, line)| element(at, line.into(), body)).collect();
                engine.in_turn(cx, &branches.iter().collect::<Vec<_>>(), world, &mut between)
            }
        };
        engine.domain.clock = end;
        flows
    }

    /// Nobody signals.
    fn interruptible<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        _: &Command,
        world: World<Self>,
        body: Act<'_, P, Self>,
        _: Act<'_, P, Self>,
    ) -> Flows<Self> {
        body(engine, cx, world)
    }

    fn cached<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        entry: &CacheEntry<'_, Arc<str>>,
        world: World<Self>,
        body: Act<'_, P, Self>,
    ) -> Flows<Self> {
        engine.domain.bounds = cx.bounds.clone();
        if engine.domain.permit(Effect::Store).is_err() {
            return body(engine, cx, world);
        }
        let ttl = nanoseconds(entry.ttl).unwrap_or_default();
        let now = engine.domain.clock;
        if let Some((stored, bound)) = engine.domain.stored.get(&**entry.key)
            && now - stored < ttl
        {
            let World { mut frame, host } = world;
            entry.names.iter().for_each(|name| drop(hidden::take(&mut frame.bindings, name)));
            for (name, value) in bound.iter().filter(|(name, _)| entry.names.contains(name)) {
                hidden::bind(&mut frame.bindings, name, value.clone());
            }
            return Flows::next(World { frame, host });
        }
        let flows = body(engine, cx, world);
        if let Some(world) = &flows.next {
            let bound = |name: &String| Some((name.clone(), world.frame.bindings.get(name.as_str())?.clone()));
            let bound = entry.names.iter().filter_map(bound).collect();
            let now = engine.domain.clock;
            engine.domain.stored.insert(entry.key.to_string(), (now, bound));
        }
        flows
    }
}

fn element<'b, 'a: 'b, P: Program>(
    index: u32,
    element: Arc<str>,
    body: LoopBody<'b, P, Imagined<'a>>,
) -> Branch<'b, P, Imagined<'a>> {
    Box::new(move |engine, cx, world| {
        let mut cx = cx.clone();
        cx.visit.push(index);
        body(engine, &cx, Turn { element: Arc::clone(&element), last: None }, world)
    })
}

impl Imagined<'_> {
    fn performed(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Arc<str>],
        frame: &Frame<Arc<str>>,
    ) -> Done {
        self.bounds = cx.bounds.clone();
        let node = self.open.last().cloned().unwrap_or_default();
        self.act(primitive, &Job::new(cx, operands, frame, &node))
    }
}

/// What a path was at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// A file.
    File,
    /// A directory.
    Dir,
    /// A link.
    Link,
}

// ---- for real -----------------------------------------------------------------------------------------

impl Run {
    /// What stood at a path at the start; nothing, if nobody has looked there.
    #[must_use]
    pub fn start(&self, path: &str) -> Option<Begins> {
        match self.chosen.get(&(0, path.to_owned()))? {
            Kind::Absent => None,
            Kind::File => Some(Begins::File),
            Kind::Dir => Some(Begins::Dir),
            Kind::Link(_) => Some(Begins::Link),
        }
    }

    /// A host below `root` on which the same happens, if there can be one: what was not looked at is not there.
    #[must_use]
    pub fn host(&self, root: &str, universe: &Universe) -> Option<Host> {
        let mut tree = BTreeMap::from([(root.to_owned(), Entry::Dir)]);
        let origins = self.chosen.iter().filter(|((epoch, _), _)| *epoch == 0);
        for ((_, path), kind) in origins {
            let entry = self.entry(0, path, kind, universe);
            match entry {
                _ if path::within(root, path) => {}
                Some(entry) if path::within(path, root) => drop(tree.insert(path.clone(), entry)),
                Some(_) => return None,
                None => {}
            }
        }
        let cwd = universe.facts.cwd.clone();
        for dir in path::ancestors(&cwd).chain([cwd.as_str()]).filter(|dir| path::within(dir, root)) {
            tree.insert(dir.to_owned(), Entry::Dir);
        }
        let mut texts = self.contents.values().chain(self.env.values().flatten());
        if self.unreal || self.impossible || texts.any(|text| text.contains("..")) {
            return None;
        }
        let mut env = universe.facts.env.clone();
        env.extend(self.env.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))));
        env.insert("PATH".to_owned(), crate::hosts::bin_dir(root));
        env.insert("HOME".to_owned(), crate::hosts::home_dir(root));
        let there = |name: &&str| {
            let stated = universe.facts.bins.get(*name).or_else(|| self.bins.get(*name));
            stated.copied().unwrap_or(false)
        };
        let named = crate::hosts::program_names().filter(there);
        let programs: BTreeMap<String, Vec<ExecFact>> =
            named.map(|name| (name.to_owned(), self.facts_of(name, universe))).collect();
        // Nobody can make a program that knows a name which is made up only then.
        if programs.values().flatten().any(|start| start.effects.iter().any(is_about_made_up)) {
            return None;
        }
        let answer = |(address, answer): (&String, &AnswerFact)| {
            let AnswerFact { status, body, redirect } = answer.clone();
            let body = body.unwrap_or_else(|| "sent".to_owned());
            (address.clone(), HttpFact { status, body, redirect, status_only: false })
        };
        let answers = universe.facts.answers.iter().map(answer).collect();
        Some(Host { root: root.to_owned(), cwd, tree, env, programs, answers, cut: BTreeSet::new() })
    }

    fn entry(&self, epoch: Epoch, path: &str, kind: &Kind, universe: &Universe) -> Option<Entry> {
        let origin = (epoch, path.to_owned());
        Some(match kind {
            Kind::Absent => return None,
            Kind::Dir => Entry::Dir,
            Kind::Link(target) => Entry::Link { target: target.clone() },
            Kind::File => {
                let stated = match universe.facts.files.get(path) {
                    Some(Stated::File(text)) if epoch == 0 => text.clone(),
                    _ => None,
                };
                Entry::File { content: stated.or_else(|| self.contents.get(&origin).cloned()).unwrap_or_default() }
            }
        })
    }

    /// What a program does at each of its starts.
    fn facts_of(&self, name: &str, universe: &Universe) -> Vec<ExecFact> {
        let starts = self.starts.get(name).map_or(&[][..], Vec::as_slice);
        let one = |start: &Start| match start.epoch {
            None => start.fact.clone(),
            Some(epoch) => ExecFact { effects: self.effects(epoch, universe), ..start.fact.clone() },
        };
        let facts: Vec<ExecFact> = starts.iter().map(one).collect();
        if facts.is_empty() { vec![ExecFact::default()] } else { facts }
    }

    /// Changes that make of the frame what was looked at after that start.
    fn effects(&self, epoch: Epoch, universe: &Universe) -> Vec<EffectFact> {
        let mut effects = Vec::new();
        for ((_, path), kind) in self.chosen.iter().filter(|((of, _), _)| *of == epoch) {
            let was_dir = self.before.get(&(epoch, path.clone())) == Some(&Standing::Dir);
            let remove = EffectFact::Remove(RemoveFact { remove: path.clone() });
            match self.entry(epoch, path, kind, universe) {
                None => effects.push(remove),
                Some(Entry::File { content }) => {
                    effects.extend([remove, EffectFact::Write(WriteFact { write: path.clone(), content })]);
                }
                Some(Entry::Dir) if was_dir => {}
                Some(Entry::Dir) => {
                    effects.extend([remove, EffectFact::Mkdir(MkdirFact { mkdir: path.clone() })]);
                }
                // It has stayed.
                Some(Entry::Link { .. }) => {}
            }
        }
        effects
    }
}
