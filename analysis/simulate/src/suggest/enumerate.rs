//! The cases that make a difference: descriptions of the host, each of which settles more than was said of it, and what the command comes
//! to on each.
//!
//! A statement that is not decided hangs on facts that nobody has stated. One of them is taken, the command is simulated again with each
//! of the values that it may have, and so on until nothing hangs on what a description can say. Values with which all comes to the same are
//! one case. So the cases are a tree of decisions, read from left to right.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use perch_diagram::{Atom, Dd};
use perch_fixtures::{ExecFact, FileFact, HttpFact, Machine};
use perch_ir::program::{ArgType, Program};
use perch_policy::net;
use perch_symbolic::cells::{AtomKey, HoleKey, Untold};
use perch_symbolic::made::is_made;
use perch_symbolic::record::About;

use serde_json::json;

use super::compared::{Compared, Sides};
use super::made_up::{PROCESSORS, SYSTEMS, another};
use super::told::Told;
use super::untried::{Untried, other_words};
use super::{Change, Described, Replay};
use crate::report::{CaseOp, CaseReport, CasesReport, Child, CommandReport, Op, Reach, ReasonReport, Verdict};
use crate::run::Run;
use crate::sources::Sources;
use crate::verdict::{Seen, judgement, nodes, standing};

/// So many cases are told.
pub const MAX_CASES: usize = 16;

/// So often a command is simulated again to find its cases, at most.
const MAX_REPLAYS: usize = 400;

/// So many nodes of diagrams may be made meanwhile.
const MAX_NODES: usize = 4_000_000;

/// Finds the cases of a command that was simulated on a host. None if everything is decided; where nothing is known that could be said to decide
/// more, none is told, but what was not tried.
pub fn cases<P: Program>(
    program: &P,
    run: &mut Run,
    host: &Described<'_>,
    sources: &Sources,
    replay: Replay<'_>,
) -> Option<CasesReport> {
    let mut search = Search {
        program,
        sources,
        replay,
        replays: MAX_REPLAYS,
        nodes: MAX_NODES,
        complete: true,
        untried: BTreeSet::new(),
    };
    let start = search.outcome(run);
    let mut found: Vec<Case> = Vec::new();
    for case in search.split(&Change::default(), run, start) {
        // What comes to the same in two ways is told once.
        if !found.iter().any(|other| other.outcome.is_same(&case.outcome)) {
            found.push(case);
        }
    }
    if found.len() < 2 {
        let is_open = found.iter().any(|case| case.outcome.is_open());
        let untried: Vec<String> = search.untried.into_iter().collect();
        return is_open.then(|| CasesReport { told: Vec::new(), more: 0, complete: false, untried });
    }
    let different = different(&found);
    // What no flag can say in place of one that is given is said in the fixture all the same.
    let part = |change: &Change| match Told::of(change, host) {
        Some(told) => told.fixture.unwrap_or_else(|| json!({})),
        None => change.fixture(host.fixture, host.scenario),
    };
    let told = found.iter().take(MAX_CASES).map(|case| CaseReport {
        when: case.change.words(host.fixture),
        verdict: case.outcome.command,
        ops: case.outcome.ops.iter().filter(|op| different.contains(&op.id)).cloned().collect(),
        fixture: part(&case.change),
        besides: Told::of(&case.change, host).and_then(|told| told.besides),
    });
    let more = found.len().saturating_sub(MAX_CASES);
    let untried: Vec<String> = search.untried.into_iter().collect();
    Some(CasesReport { told: told.collect(), more, complete: search.complete && untried.is_empty(), untried })
}

/// Statements that do not come to the same in all cases.
fn different(found: &[Case]) -> BTreeSet<String> {
    let Some((first, others)) = found.split_first() else { return BTreeSet::new() };
    let mut different = BTreeSet::new();
    let said = |standing: &Standing| (standing.verdict, standing.reach);
    for other in others {
        let (first, other) = (&first.outcome.standings, &other.outcome.standings);
        let is_other = |id: &&String| first.get(*id).map(said) != other.get(*id).map(said);
        // Most statements have been found to be different after a few cases.
        let open = first.keys().chain(other.keys()).filter(|id| !different.contains(*id));
        let more: Vec<String> = open.filter(is_other).cloned().collect();
        different.extend(more);
    }
    different
}

/// A description and what comes of it.
struct Case {
    change: Change,
    outcome: Outcome,
}

/// What a statement comes to.
#[derive(PartialEq, Hash)]
struct Standing {
    verdict: Verdict,
    reach: Reach,
    /// Why it fails.
    reasons: Vec<ReasonReport>,
}

impl Standing {
    fn of(op: &Op) -> Self {
        let fails = matches!(op.verdict, Verdict::WillFail | Verdict::MightFail);
        match op.reach {
            // What would come behind a failure is nothing that happens.
            Reach::Blocked => Self { verdict: Verdict::Skipped, reach: Reach::Blocked, reasons: Vec::new() },
            reach if fails => Self { verdict: op.verdict, reach, reasons: op.reasons.clone() },
            reach => Self { verdict: op.verdict, reach, reasons: Vec::new() },
        }
    }

    fn is_undecided(&self) -> bool {
        self.verdict == Verdict::MightFail || self.reach == Reach::Sometimes
    }
}

/// What a command comes to.
struct Outcome {
    command: Verdict,
    standings: BTreeMap<String, Standing>,
    /// A number that is another if it comes to something else, nearly always.
    number: u64,
    /// In the order in which they stand.
    ops: Vec<CaseOp>,
}

impl Outcome {
    fn of(report: &CommandReport) -> Self {
        let mut outcome = Self { command: report.verdict, standings: BTreeMap::new(), number: 0, ops: Vec::new() };
        outcome.add(&report.ops);
        let mut hasher = DefaultHasher::new();
        (outcome.command, &outcome.standings).hash(&mut hasher);
        outcome.number = hasher.finish();
        outcome
    }

    /// Whether something of it is undecided.
    fn is_open(&self) -> bool {
        self.command == Verdict::MightFail || self.standings.values().any(|one| one.verdict == Verdict::MightFail)
    }

    fn add(&mut self, ops: &[Op]) {
        for op in ops {
            self.standings.insert(op.id.clone(), Standing::of(op));
            self.ops.push(CaseOp::of(op));
            for child in &op.children {
                if let Child::Op(op) = child {
                    self.add(std::slice::from_ref(op));
                }
            }
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.number == other.number && self.command == other.command && self.standings == other.standings
    }
}

struct Search<'s, P> {
    program: &'s P,
    sources: &'s Sources,
    replay: Replay<'s>,
    replays: usize,
    nodes: usize,
    /// Nothing was left out for want of time.
    complete: bool,
    /// Conditions, in words, not all cases of which are tried.
    untried: BTreeSet<String>,
}

impl<P: Program> Search<'_, P> {
    fn outcome(&self, run: &mut Run) -> Outcome {
        Outcome::of(&judgement(self.program, run, self.sources).report)
    }

    /// The cases of a host that is described by a change.
    fn split(&mut self, change: &Change, run: &mut Run, outcome: Outcome) -> Vec<Case> {
        let facts = self.facts(run, &outcome);
        let mut first = None;
        for fact in facts {
            let Some(cases) = self.with_each(change, fact) else {
                first = None;
                break;
            };
            let makes_a_difference = cases.iter().any(|(case, _)| !case.outcome.is_same(&outcome));
            if makes_a_difference {
                first = Some(cases);
                break;
            }
            // What changes nothing by itself may do so together with something else, or with what comes up then.
            first = first.or(Some(cases));
        }
        let without = Case { change: change.clone(), outcome };
        match first {
            Some(cases) => {
                let deeper = cases.into_iter().map(|(case, run)| self.deeper(case, run)).collect();
                joined(without, deeper)
            }
            None => vec![without],
        }
    }

    /// What comes of each value of a fact. Nothing if there is no time for all: some say nothing of the others.
    fn with_each(&mut self, change: &Change, fact: Vec<Change>) -> Option<Vec<(Case, Run)>> {
        let mut cases: Vec<(Case, Run)> = Vec::new();
        for value in fact {
            let change = change.and(value).pruned();
            if self.replays == 0 || self.nodes == 0 {
                self.complete = false;
                return None;
            }
            self.replays -= 1;
            // What contradicts the rest of the description is no case.
            let Some(mut again) = (self.replay)(&change) else { continue };
            self.nodes = self.nodes.saturating_sub(again.domain.dds.len());
            let outcome = self.outcome(&mut again);
            cases.push((Case { change, outcome }, again));
        }
        Some(cases)
    }

    /// The cases within a case.
    fn deeper(&mut self, case: Case, mut run: Run) -> Vec<Case> {
        if !case.outcome.standings.values().any(Standing::is_undecided) {
            return vec![case];
        }
        let Case { change, outcome } = case;
        self.split(&change, &mut run, outcome)
    }

    /// Facts that statements hang on which are not decided, with the values that each may have.
    fn facts(&mut self, run: &mut Run, outcome: &Outcome) -> Vec<Vec<Change>> {
        let total = run.endings().total;
        let compared = Compared::of(run);
        let mut conditions: BTreeSet<Dd> = BTreeSet::new();
        let mut facts: Vec<Vec<Change>> = Vec::new();
        let mut add = |values: Vec<Change>| {
            if values.len() > 1 && !facts.contains(&values) {
                facts.push(values);
            }
        };
        for (id, _, seen) in nodes(self.program, run) {
            if !outcome.standings.get(&id).is_some_and(Standing::is_undecided) {
                continue;
            }
            let Some(standing) = standing(run, total, &seen) else { continue };
            conditions.extend([standing.enter, standing.fails]);
            for atom in atoms(run, [standing.enter, standing.fails]) {
                values(run, &compared, atom).into_iter().for_each(&mut add);
            }
            seen.iter().flat_map(addresses).for_each(|url| add(answering(run, &compared, &url)));
            for words in seen.iter().flat_map(programs) {
                self.untried.extend(words.contains("${").then(|| other_words(&words)));
                add(endings(run, &compared, &words));
            }
        }
        // A run that is too large to be decided hangs on nobody knows what.
        if run.domain.gave_up() {
            self.complete = false;
        }
        let conditions: Vec<Dd> = conditions.into_iter().collect();
        let texts = |run: &Run, key: &HoleKey| texts_tried(run, &compared, key);
        self.untried.extend(Untried { conditions: &conditions, texts: &texts }.of(run));
        facts
    }
}

/// The cases of all values of a fact. If it makes no difference, and it is known without it what comes of it, that is the only one.
fn joined(without: Case, cases: Vec<Vec<Case>>) -> Vec<Case> {
    let mut told: Vec<Vec<Case>> = Vec::new();
    for cases in cases {
        // A value with which all comes to what it comes to with another is told by that.
        if !told.iter().any(|others| are_same(others, &cases)) {
            told.push(cases);
        }
    }
    let mut all: Vec<Case> = told.into_iter().flatten().collect();
    if let [case] = all.as_mut_slice()
        && case.outcome.is_same(&without.outcome)
    {
        *case = without;
    }
    all
}

fn are_same(some: &[Case], others: &[Case]) -> bool {
    some.len() == others.len() && some.iter().zip(others).all(|(one, other)| one.outcome.is_same(&other.outcome))
}

/// The unknowns of the start that are in these, in the order of the diagram.
fn atoms(run: &Run, conditions: [Dd; 2]) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    for condition in conditions {
        atoms.extend(run.domain.dds.support(condition));
    }
    let mut once = BTreeSet::new();
    atoms.retain(|atom| once.insert(*atom));
    atoms
}

/// What may be said of what an unknown is about: facts, each with the values that it may have.
fn values(run: &Run, compared: &Compared, atom: Atom) -> Vec<Vec<Change>> {
    let names = &run.domain.names;
    match names.atom_key(atom) {
        // Nobody can say anything of a path whose name is made up when it is needed.
        AtomKey::There(_, path) | AtomKey::IsDir(_, path) if is_made(path) => Vec::new(),
        AtomKey::There(0, path) | AtomKey::IsDir(0, path) => {
            let facts = [FileFact::file(None), FileFact::dir(false), FileFact::Absent {}];
            vec![facts.into_iter().map(|fact| file(path, fact)).collect()]
        }
        AtomKey::Bin(0, name) => {
            let said = |there| Change { bins: [(name.to_string(), there)].into(), ..Change::default() };
            vec![vec![said(true), said(false)]]
        }
        AtomKey::EnvSet(name) => texts_of(run, compared, &HoleKey::Env(name.clone())),
        AtomKey::Fresh(number, _) => {
            names.untold(*number).flat_map(|untold| of_the_run(run, compared, untold)).collect()
        }
        key => {
            let holes = Sides::of(names, key).holes;
            holes.into_iter().flat_map(|hole| texts_of(run, compared, names.hole_key(hole))).collect()
        }
    }
}

fn file(path: &str, fact: FileFact) -> Change {
    Change { files: [(path.to_owned(), fact)].into(), ..Change::default() }
}

/// Facts about an unknown text: that it is one of those that the program asks for, or another one.
fn texts_of(run: &Run, compared: &Compared, key: &HoleKey) -> Vec<Vec<Change>> {
    let asked = compared.with(key);
    let none = Change::default;
    let choice = |known: &[&str]| -> Vec<String> {
        let besides = asked.iter().filter(|text| !known.contains(&text.as_str())).cloned();
        known.iter().map(|text| (*text).to_owned()).chain(besides).collect()
    };
    let mut texts = asked.to_vec();
    texts.push(another(asked));
    // Another text says more to a reader than none.
    texts.sort_by_key(String::is_empty);
    let values: Vec<Change> = match key {
        HoleKey::Fact("os") => choice(&SYSTEMS).into_iter().map(|os| Change { os: Some(os), ..none() }).collect(),
        HoleKey::Fact("arch") => {
            choice(&PROCESSORS).into_iter().map(|arch| Change { arch: Some(arch), ..none() }).collect()
        }
        HoleKey::Fact(name) => {
            let usual: &[&str] = match *name {
                "uid" => &["0", "1000"],
                "cpu_count" => &["1", "8"],
                "is_tty" => &["false", "true"],
                _ => &[],
            };
            let texts: BTreeSet<String> = texts.into_iter().chain(usual.iter().map(|&text| text.to_owned())).collect();
            let facts = texts.into_iter().filter_map(|text| Machine::saying(name, &text));
            facts.map(|machine| Change { machine, ..none() }).collect()
        }
        HoleKey::Argument(name, _) => {
            let declared = run.command.args.iter().find(|arg| arg.name == **name).map(|arg| arg.ty);
            let is_one = |text: &String| declared.is_none_or(|declared| declared.accepts(text));
            let usual = declared.into_iter().flat_map(some_of).map(|text| (*text).to_owned());
            let mut once = BTreeSet::new();
            let texts = texts.into_iter().chain(usual).filter(is_one).filter(|text| once.insert(text.clone()));
            texts.map(|text| Change { args: [(name.to_string(), text)].into(), ..none() }).collect()
        }
        HoleKey::Env(name) => {
            let texts = texts.into_iter().filter(|text| !text.contains('\0'));
            let set = texts.map(Some).chain([None]);
            set.map(|text| Change { env: [(name.to_string(), text)].into(), ..none() }).collect()
        }
        HoleKey::Content(0, path) => {
            texts.into_iter().map(|content| file(path, FileFact::file(Some(content)))).collect()
        }
        HoleKey::Fresh(number, _) => {
            let untold = run.domain.names.untold(*number);
            return untold.flat_map(|untold| of_the_run(run, compared, untold)).collect();
        }
        _ => Vec::new(),
    };
    vec![values]
}

/// The texts that are tried for an unknown one.
fn texts_tried(run: &Run, compared: &Compared, key: &HoleKey) -> Vec<String> {
    let changes = || texts_of(run, compared, key).into_iter().flatten();
    let HoleKey::Fresh(number, _) = key else {
        return changes().filter_map(|change| change.text_of(key)).collect();
    };
    // Of several things that it may be, each is told otherwise: only what is tried of all of them is tried of it.
    let told: Vec<&Untold> = run.domain.names.untold(*number).collect();
    let tried_of =
        |untold: &Untold| changes().filter_map(|change| change.text_told(untold)).collect::<BTreeSet<String>>();
    let all = told.into_iter().map(tried_of).reduce(|some, others| some.intersection(&others).cloned().collect());
    all.into_iter().flatten().collect()
}

/// Facts about something that comes up during the run.
fn of_the_run(run: &Run, compared: &Compared, untold: &Untold) -> Vec<Vec<Change>> {
    let names = &run.domain.names;
    let texts = || {
        let asked = compared.with_any(names, untold);
        let another = another(&asked);
        let mut texts: Vec<String> = asked.into_iter().chain([another]).collect();
        texts.sort_by_key(String::is_empty);
        texts
    };
    match untold {
        // How a program ends is told before what it prints, for else it would end with 0.
        Untold::Printed(words) => {
            let is_open = names.could_tell(&Untold::Status(words.clone()));
            let ends = is_open.then(|| endings(run, compared, words));
            ends.into_iter().chain([where_it_is(run, words, printing(words, &texts()))]).collect()
        }
        Untold::Status(words) => vec![endings(run, compared, words)],
        // With which status it is answered is told before with which body, for else it would be answered with 200.
        Untold::Body(url) => {
            let is_open = !run.domain.facts.answers.contains_key(&**url);
            let statuses = is_open.then(|| answering(run, compared, url));
            let body = |text: &String| answer(url, HttpFact { body: text.clone(), ..HttpFact::default() });
            statuses.into_iter().chain([texts().iter().map(body).collect()]).collect()
        }
        Untold::Answered(url) => vec![answering(run, compared, url)],
    }
}

/// The same of a program that may not be on PATH: where it is not, a line for the shell does what nobody can tell.
fn where_it_is(run: &Run, words: &str, values: Vec<Change>) -> Vec<Change> {
    let bin = words.split(' ').next().unwrap_or_default();
    if !run.domain.names.atoms().any(|atom| matches!(atom, AtomKey::Bin(0, name) if **name == *bin)) {
        return values;
    }
    let there = |there| Change { bins: [(bin.to_owned(), there)].into(), ..Change::default() };
    values.into_iter().map(|value| value.and(there(true))).chain([there(false)]).collect()
}

/// With which statuses an address may answer: one for success and one for failure, and if some are asked for, those and another one.
fn answering(run: &Run, compared: &Compared, url: &str) -> Vec<Change> {
    let texts = compared.with_any(&run.domain.names, &Untold::Answered(url.into()));
    let mut asked: BTreeSet<u16> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    let another = (500..600).find(|status| !asked.contains(status)).filter(|_| !asked.is_empty());
    asked.extend([200, 404].into_iter().chain(another));
    let asked = asked.into_iter().filter(|status| (200..600).contains(status) && !net::leads(*status));
    asked.map(|status| answer(url, HttpFact::of_status(status))).collect()
}

fn answer(url: &str, fact: HttpFact) -> Change {
    Change { answers: [(url.to_owned(), fact)].into(), ..Change::default() }
}

/// What a program may print: nobody sees the newlines at the end.
fn printing(words: &str, texts: &[String]) -> Vec<Change> {
    let seen = texts.iter().filter(|text| !text.ends_with('\n') && !text.contains('\0'));
    seen.map(|text| Change { printed: [(words.to_owned(), text.clone())].into(), ..Change::default() }).collect()
}

/// Values of a type that has no texts.
fn some_of(declared: ArgType) -> &'static [&'static str] {
    match declared {
        ArgType::Text => &[],
        ArgType::Bool => &["true", "false"],
        ArgType::Int | ArgType::Float => &["0", "1"],
    }
}

/// The programs of which it is not known what they do, as their words.
fn programs(seen: &Seen) -> Vec<String> {
    let about = seen.visit.reasons.iter().filter_map(|reason| match &reason.about {
        Some(About::Program(words)) => Some(words.clone()),
        _ => None,
    });
    about.collect()
}

/// The web addresses of which it is not known what they answer.
fn addresses(seen: &Seen) -> Vec<String> {
    let about = seen.visit.reasons.iter().filter_map(|reason| match &reason.about {
        Some(About::Answer(url)) => Some(url.clone()),
        _ => None,
    });
    about.collect()
}

/// How a program may end: well or not, and if statuses are asked for, with those and another one.
fn endings(run: &Run, compared: &Compared, words: &str) -> Vec<Change> {
    let texts = compared.with_any(&run.domain.names, &Untold::Status(words.into()));
    let mut asked: BTreeSet<u8> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    asked.extend([0, 1]);
    let another = (0..=u8::MAX).find(|status| !asked.contains(status)).filter(|_| asked.len() > 2);
    asked.extend(another);
    where_it_is(run, words, asked.into_iter().map(|status| ending(words, status)).collect())
}

fn ending(words: &str, status: u8) -> Change {
    Change { exec: [(words.to_owned(), ExecFact::ending_with(status))].into(), ..Change::default() }
}
