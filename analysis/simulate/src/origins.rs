//! Where the facts that decide a verdict come from: a flag, a line of the fixture, or a line of the program that came before.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use perch_diagram::Dd;
use perch_engine::Context;
use perch_ir::program::{Around, Block, Command, Place, Program, Stmt, StmtKind};
use perch_ops::Touch;
use perch_policy::path;
use perch_symbolic::record::{About, Reason, Summary, Visit};

use crate::bound::Bound;
use crate::decisions::Asked;
use crate::moved::{LineOf, Words};
use crate::run::{Left, Run};
use crate::seen::Seen;
use crate::sources::Sources;

/// Who has said or changed what.
pub(crate) struct Origins<'s> {
    sources: &'s Sources,
    /// The runs before, the first one first.
    before: Vec<Left>,
    changes: Vec<Change>,
    settings: Vec<Setting>,
    parallels: Vec<Branches>,
    /// The arms of what decides, in the command itself.
    arms: Vec<Branches>,
    /// The visits that real runs make, by their numbers.
    real: BTreeSet<u32>,
}

/// The branches or arms of a block of a file: the places of the statements of each.
struct Branches {
    file: u32,
    each: Vec<BTreeSet<Place>>,
}

impl Branches {
    /// Of all blocks in a command that run at once.
    fn within(command: &Command, found: &mut Vec<Self>) {
        perch_ir::walk(&command.body, &mut |stmt| {
            if let StmtKind::Block(Block { around: Around::Parallel { .. }, body, .. }) = &stmt.kind {
                found.push(Self::of(command.file, body.iter().map(std::slice::from_ref)));
            }
        });
    }

    /// Of all arms in a command of which only one runs.
    fn arms_within(command: &Command) -> Vec<Self> {
        let mut found = Vec::new();
        perch_ir::walk(&command.body, &mut |stmt| {
            if let StmtKind::If { .. } | StmtKind::Match { .. } = &stmt.kind {
                found.push(Self::of(command.file, stmt.kind.bodies()));
            }
        });
        found
    }

    fn of<'b>(file: u32, bodies: impl Iterator<Item = &'b [Stmt]>) -> Self {
        let each = bodies.map(|body| {
            let mut places = BTreeSet::new();
            perch_ir::walk(body, &mut |stmt| {
                places.insert(stmt.place);
                if let StmtKind::Chain(clauses) = &stmt.kind {
                    places.extend(clauses.iter().map(|clause| clause.place));
                }
            });
            places
        });
        Self { file, each: each.collect() }
    }

    /// Whether these are statements of different branches.
    fn part(&self, file: u32, one: Place, other: Place) -> bool {
        let branch = |place: Place| self.each.iter().position(|places| places.contains(&place));
        file == self.file && branch(one).zip(branch(other)).is_some_and(|(one, other)| one != other)
    }
}

/// Something that a statement has put somewhere.
struct Change {
    order: u32,
    /// The last visit within the statement, or its own.
    until: u32,
    path: Rc<str>,
    at: Place,
    place: LineOf,
    /// In which turn of the loops around it, if it is in no call.
    turn: Option<Vec<u32>>,
    /// A real run may do it, and not only one behind what was mended.
    is_real: bool,
}

/// The last visit within each body that is called.
#[derive(Default)]
struct Lasts(BTreeMap<*const Summary, u32>);

impl Lasts {
    fn of_visit(&mut self, visit: &Visit) -> u32 {
        let within = visit.callee.as_ref().map_or(0, |(_, callee)| self.of_body(callee));
        within.max(visit.order)
    }

    fn of_body(&mut self, body: &Rc<Summary>) -> u32 {
        if let Some(last) = self.0.get(&Rc::as_ptr(body)) {
            return *last;
        }
        let last = body.visits.iter().map(|visit| self.of_visit(visit)).max().unwrap_or(0);
        self.0.insert(Rc::as_ptr(body), last);
        last
    }
}

/// A statement that sets variables, or takes them away.
struct Setting {
    order: u32,
    source: Arc<str>,
}

impl Setting {
    /// Whether that is what such a statement does, whose line names them.
    fn is_one(op: &str) -> bool {
        perch_ops::find(op).is_some_and(|entry| entry.touches.iter().any(|touch| matches!(touch, Touch::WriteEnv(_))))
    }

    /// Whether a variable of that name may be among them, going by how it is written.
    fn may_be_of(&self, name: &str) -> bool {
        self.source.contains('$') || self.source.contains(name)
    }
}

impl<'s> Origins<'s> {
    pub(crate) fn new<P: Program>(program: &P, run: &Run, sources: &'s Sources) -> Self {
        let (changes, settings, parallels) = (Vec::new(), Vec::new(), Vec::new());
        let arms = Branches::arms_within(&run.command);
        let mut origins =
            Self { sources, before: run.before.clone(), changes, settings, parallels, arms, real: BTreeSet::new() };
        let mut seen: BTreeSet<(*const Summary, bool)> = BTreeSet::new();
        let mut todo = vec![(Rc::clone(&run.summary), true)];
        let unmended = |atom| run.domain.names.is_ghost(atom).then_some(false);
        let mut called: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut lasts = Lasts::default();
        Branches::within(&run.command, &mut origins.parallels);
        while let Some((summary, is_called)) = todo.pop() {
            if !seen.insert((Rc::as_ptr(&summary), is_called)) {
                continue;
            }
            let is_top = Rc::ptr_eq(&summary, &run.summary);
            let mut until = 0;
            for visit in &summary.visits {
                // What is within a statement is visited before the visit of that is over.
                until = until.max(lasts.of_visit(visit));
                let is_real = is_called && run.domain.dds.is_possible(visit.enter, &unmended);
                origins.real.extend(is_real.then_some(visit.order));
                todo.extend(visit.callee.iter().map(|(_, callee)| (Rc::clone(callee), is_real)));
                called.extend(visit.node.callee.iter().map(Arc::clone));
                let (file, line) = (visit.node.file, visit.node.place.line);
                let named = (file > 0).then(|| program.file_name(file).to_owned());
                let place = || LineOf { file, called: named.clone(), line };
                let change = |(path, is_real): (&Rc<str>, bool)| Change {
                    order: visit.order,
                    until,
                    path: Rc::clone(path),
                    at: visit.node.place,
                    place: place(),
                    turn: is_top.then(|| visit.visit.clone()),
                    is_real,
                };
                let by_real = visit.changed.iter().map(|path| (path, is_real));
                let by_mended = visit.changed_by_mended.iter().map(|path| (path, false));
                origins.changes.extend(by_real.chain(by_mended).map(change));
                if Setting::is_one(visit.node.op) {
                    origins.settings.push(Setting { order: visit.order, source: Arc::clone(&visit.node.source) });
                }
            }
        }
        let callees = called.iter().filter_map(|name| program.command(name)).filter(|one| one.name != run.command.name);
        callees.for_each(|callee| Branches::within(&callee, &mut origins.parallels));
        origins.changes.sort_by_key(|change| change.order);
        origins
    }

    /// What is said of a failure to whoever has described the host.
    pub(crate) fn said<'m>(&self, reason: &'m Reason) -> Cow<'m, str> {
        match &reason.about {
            Some(About::Rule(rule, _)) => self.sources.naming_flag(&reason.message, *rule),
            _ => Cow::Borrowed(&reason.message),
        }
    }

    /// Where a fact comes from that a failure hangs on.
    pub(crate) fn of(&self, seen: &Seen, about: &About) -> Option<Words> {
        let said = match about {
            About::Path(path) | About::Rights(path) => return self.of_path(seen, path),
            About::Bin(place) if place.contains('/') => return self.of_path(seen, place),
            About::Bin(name) => self.sources.of_bin(name),
            About::Variable(name) => self.of_variable(seen, name),
            About::Program(words) => self.sources.of_program(words),
            About::Package(name) => self.sources.of(&["oracles", "packages", name]),
            About::Answer(url) => self.sources.of_answer(url),
            About::Name(name) => self.sources.of_name(name),
            About::Deadline => None,
            About::Rule(rule, target) => self.sources.of_rule(*rule, target.as_deref()),
        };
        said.map(Words::from)
    }

    /// Where the answers come from that have decided a condition.
    pub(crate) fn of_condition(&self, run: &Run, seen: &[Seen], asked: &[Asked], bound: &Bound) -> Vec<Words> {
        let facts = &run.domain.facts;
        let mut found: Vec<Words> = Vec::new();
        for one in asked {
            let one = match one {
                Asked::Mentioned(_, name) if bound.has(name) => continue,
                Asked::Mentioned(one, _) => one,
                one => one,
            };
            let said: Vec<String> = match one {
                Asked::Fact(name) => {
                    let value = if *name == "os" { &facts.os } else { &facts.arch };
                    let who = if self.sources.is_here() { "" } else { "sim " };
                    let said = value.iter().map(|value| format!("{who}{name}={value:?}"));
                    said.chain(self.in_fixture(name)).collect()
                }
                Asked::Path(text) => {
                    let path = path::clean(&facts.cwd, text);
                    let first = seen.first();
                    let said = path.and_then(|path| self.of_path(first?, &path));
                    found.extend(said.filter(|one| !found.contains(one)));
                    continue;
                }
                Asked::Bin(name) => self.sources.of_bin(name).into_iter().collect(),
                Asked::Name(name) | Asked::Filled(name) if bound.has(name) => {
                    let given = bound.is_given(name).then(|| self.sources.of(&["args", name]));
                    given.flatten().into_iter().collect::<Vec<String>>()
                }
                Asked::Name(name) | Asked::Filled(name) if name == "now_unix" => {
                    self.sources.of(&["clock"]).into_iter().collect()
                }
                Asked::Name(name) | Asked::Filled(name) if perch_ops::fact_named(name).is_some() => {
                    self.sources.of(&["machine", name]).into_iter().collect()
                }
                Asked::Filled(name) | Asked::Variable(name) => {
                    seen.first().and_then(|first| self.of_variable(first, name)).into_iter().collect()
                }
                Asked::Name(_) => Vec::new(),
                Asked::Mentioned(..) => Vec::new(),
            };
            for one in said.into_iter().map(Words::from) {
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
        found
    }

    /// The line of the fixture; a flag says what it says already.
    fn in_fixture(&self, key: &str) -> Option<String> {
        let here = || self.sources.of_path("/").filter(|_| self.sources.is_here());
        self.sources.of(&[key]).filter(|source| !source.starts_with("--")).or_else(here)
    }

    /// The last statement before that has put something there, or above; else the last run before that has, or who has said what is there
    /// at the start.
    fn of_path(&self, seen: &Seen, path: &str) -> Option<Words> {
        let here = self.last_change(seen, path);
        let said = || self.left(path).or_else(|| self.sources.of_path(path));
        here.map(|change| change.place.clone().into()).or_else(|| said().map(Words::from))
    }

    /// The last run before that may have put something there, or above: what was said of the start need not hold any more.
    fn left(&self, path: &str) -> Option<String> {
        let has_changed = |left: &&Left| left.paths.iter().any(|changed| path::within(path, changed));
        let left = self.before.iter().rfind(has_changed)?;
        Some(format!("as scenario `{}` left it", left.scenario))
    }

    /// The statement of another branch that changes what is there, above, or beneath.
    pub(crate) fn of_other_branch(&self, seen: &Seen, path: &str) -> Option<Words> {
        let here = &seen.visit.node;
        let is_other = |change: &&Change| {
            let is_about = path::within(path, &change.path) || path::within(&change.path, path);
            is_about
                && change.place.file == here.file
                && self.parallels.iter().any(|branches| branches.part(here.file, here.place, change.at))
        };
        self.changes.iter().find(is_other).map(|change| change.place.clone().into())
    }

    /// Who has said what a variable is at the start, unless a statement before may have set it or taken it away.
    fn of_variable(&self, seen: &Seen, name: &str) -> Option<String> {
        let mut before = self.settings.iter().filter(|setting| setting.order < seen.visit.order);
        if before.any(|setting| setting.may_be_of(name)) { None } else { self.sources.of_variable(name) }
    }

    /// Whether a statement before has put something there, or above.
    pub(crate) fn is_changed(&self, seen: &Seen, path: &str) -> bool {
        self.last_change(seen, path).is_some()
    }

    fn last_change(&self, seen: &Seen, path: &str) -> Option<&Change> {
        let before = self.changes.iter().take_while(|change| change.order < seen.visit.order);
        let is_real = self.real.contains(&seen.visit.order);
        let is_met = |change: &&Change| change.is_real || !is_real;
        let is_over = |change: &&Change| change.until < seen.visit.order && !self.is_in_other_arm(change, seen);
        before.filter(is_met).filter(is_over).filter(|change| path::within(path, &change.path)).last()
    }

    /// Whether a statement does not run where this one does, for each is in another arm of the same block.
    fn is_in_other_arm(&self, change: &Change, seen: &Seen) -> bool {
        let node = &seen.visit.node;
        let is_one_turn = |turn: &Vec<u32>| *turn == seen.visit.visit && !turn.contains(&Context::EVERY);
        let is_in_call = seen.entry != Dd::TRUE;
        !is_in_call
            && change.turn.as_ref().is_some_and(is_one_turn)
            && change.place.file == node.file
            && self.arms.iter().any(|arms| arms.part(node.file, node.place, change.at))
    }
}
