//! Time: what was slept, and deadlines.
//!
//! How long an op takes is not known, except that a wait takes at least as long as it says, or as there is until the deadline that cuts
//! it short. So a host carries how much time has passed at least ([`Host::slept`]), and a deadline that does not lie behind that has
//! passed. Any other op that can wait may meet a deadline around it: where somebody looks at what happens then, both ways are
//! followed; elsewhere it is taken for granted that it does not. A host of which it is told that all ends in time is no such question.
//!
//! A callee counts from its start, and asks when the deadlines around its call pass ([`Question::Moment`]).

use std::collections::BTreeMap;
use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_engine::domain::Act;
use perch_engine::{Context, Engine, Flows, World};
use perch_ir::program::Program;
use perch_ops::ErrorKind;
use perch_ops::duration::nanoseconds;

use crate::Symbolic;
use crate::facts::ProgramFact;
use crate::host::{Answer, Host, Question};
use crate::perform::{Case, Gathered, Why};
use crate::record::{About, Assumption};

/// A moment that is not known.
const SOME_TIME: &str = "";

/// A deadline that is around.
pub(crate) struct Deadline {
    /// So long after it was set, in nanoseconds, if that is known.
    length: Option<u64>,
    /// When it passes at the earliest, if that is known: when so much was slept,
    moment: Dd,
    /// Whether somebody around the block looks at what happens then, and whether it is caught there.
    observed: bool,
    caught: bool,
    /// within so many calls: what is slept in a call counts from its start.
    level: usize,
}

pub(crate) fn within<P: Program>(
    engine: &mut Engine<'_, P, Symbolic>,
    cx: &Context,
    length: Dd,
    world: World<Symbolic>,
    body: Act<'_, P, Symbolic>,
) -> Flows<Symbolic> {
    let domain = &mut engine.domain;
    let length = domain.dds.restrict(length, world.host.pc);
    let known = domain.dds.as_leaf(length).and_then(|leaf| domain.names.known(leaf));
    let length = known.and_then(|text| nanoseconds(&text));
    let moment = match length {
        Some(length) => {
            let length = domain.known_text(&length.to_string());
            domain.slept_together(world.host.slept, length)
        }
        None => domain.known_text(SOME_TIME),
    };
    let level = domain.levels.len();
    let deadline = Deadline { length, moment, observed: cx.observed, caught: cx.timeouts_caught, level };
    domain.deadlines.push(deadline);
    let flows = body(engine, cx, world);
    engine.domain.deadlines.pop();
    flows
}

impl Symbolic {
    /// A wait.
    pub(crate) fn time(&mut self, case: &Case<'_>, at: usize, host: Host, all: &mut Gathered) {
        let known = case.chosen.get(at).copied().flatten().and_then(|leaf| self.names.known(leaf));
        let length = known.and_then(|text| nanoseconds(&text)).unwrap_or_default();
        let before = host.clone();
        let mut host = host;
        let length = self.known_text(&length.to_string());
        host.slept = self.slept_together(host.slept, length);
        let Some(host) = self.meets_deadline(case, host, before, all) else { return };
        let value = self.known_text("");
        self.gather_next(all, Some(host), value);
    }

    /// A program may be stopped by a deadline, in the middle of what it does.
    pub(crate) fn stopped(
        &mut self,
        case: &Case<'_>,
        model: Option<&ProgramFact>,
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        if self.deadlines.is_empty() {
            return Some(host);
        }
        let mut halfway = host.clone();
        match model {
            None => self.leave_frame_unknown(case, &mut halfway),
            Some(model) => {
                for effect in &model.effects {
                    let happens = self.fresh("a program got so far before it was stopped");
                    let yes = self.dds.and(halfway.pc, happens);
                    let no = self.dds.minus(halfway.pc, happens);
                    let done = self.effect(case, effect, Host { pc: yes, ..halfway.clone() });
                    halfway = self.join_hosts(done, Host { pc: no, ..halfway });
                }
            }
        }
        self.meets_deadline(case, host, halfway, all)
    }

    /// Some of these runs meet a deadline, `stopped` being how it finds them. Gives the others.
    pub(crate) fn meets_deadline(
        &mut self,
        case: &Case<'_>,
        host: Host,
        stopped: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        if self.deadlines.is_empty() {
            return Some(host);
        }
        let level = self.levels.len();
        let mut passing: Vec<(usize, Dd)> = Vec::new();
        let (mut left, mut is_looked_at) = (Dd::FALSE, false);
        for number in 0..self.deadlines.len() {
            let passed = self.passed_at(level, number, host.slept);
            let passed = self.decided(passed);
            left = self.dds.or(left, passed);
            let looked_at = self.looks_at_deadline(case.cx, number);
            if !looked_at && passed != Dd::TRUE {
                self.assume_in_time();
            }
            if self.is_never_first(number) {
                continue;
            }
            is_looked_at |= looked_at;
            passing.push((number, if looked_at { Dd::TRUE } else { passed }));
        }
        if is_looked_at {
            let perhaps = self.fresh("a deadline passes");
            left = self.dds.or(left, perhaps);
        }
        let mut host = Some(host);
        while let Some((number, may)) = passing.pop() {
            let others = passing.iter().fold(Dd::FALSE, |all, (_, may)| self.dds.or(all, *may));
            let mut when = self.dds.and(left, may);
            if !self.dds.and(when, others).is_false() {
                let this = self.fresh("which deadline it is");
                let only = self.dds.not(others);
                let this = self.dds.or(this, only);
                when = self.dds.and(when, this);
            }
            left = self.dds.minus(left, when);
            let about = is_looked_at.then_some(About::Deadline);
            host = self.late(number, host?, &stopped, when, about, all);
        }
        host
    }

    /// Whether a deadline around, which has begun before, passes before this one in any case.
    fn is_never_first(&self, number: usize) -> bool {
        let length = |at: usize| self.deadlines.get(at).and_then(|deadline| deadline.length);
        length(number).is_some_and(|own| (0..number).filter_map(length).any(|outer| outer < own))
    }

    fn late(
        &mut self,
        number: usize,
        host: Host,
        stopped: &Host,
        when: Dd,
        about: Option<About>,
        all: &mut Gathered,
    ) -> Option<Host> {
        let fails = self.dds.and(host.pc, when);
        let slept = self.slept_when_late(number, host.slept, stopped.slept);
        let length = self.deadlines.get(number).and_then(|deadline| deadline.length);
        let length = length.map(|length| format!(" of {}", shown(length))).unwrap_or_default();
        let message = format!("the deadline{length} passes first");
        let why = Why { late: Some(number), ..Why::new(ErrorKind::TimeoutExceeded, message).about(about) };
        let mark = all.failed.len();
        let next = self.fail_then(host, fails, &why, all, |_, host| host);
        for failed in &mut all.failed[mark..] {
            failed.host = Host { pc: failed.host.pc, ..stopped.clone() };
            failed.host.slept = slept;
        }
        next
    }

    /// Where nobody looks and nothing is told.
    fn assume_in_time(&mut self) {
        if !self.facts.in_time {
            self.general.insert(Assumption::InTime);
        }
    }

    /// Whether somebody looks at what happens when a deadline passes here: around its block, or on the way out of it. What is within the block and
    /// would catch other failures does not see this one. Where it is told that none passes there is nothing to look at.
    fn looks_at_deadline(&self, cx: &Context, at: usize) -> bool {
        if self.facts.in_time {
            return false;
        }
        cx.finally || self.deadlines.get(at).is_none_or(|deadline| deadline.observed)
    }

    /// Whether what a node has failed with is caught wherever it goes.
    pub(crate) fn is_caught(&self, cx: &Context, flows: &Flows<Self>) -> bool {
        let in_time = |kind| kind != ErrorKind::TimeoutExceeded || cx.timeouts_caught;
        cx.caught
            && flows.late().all(|at| self.deadlines.get(at).is_some_and(|deadline| deadline.caught))
            && flows.having_failed().all(|(kind, _)| in_time(kind))
    }

    /// Where a deadline has certainly passed by what was slept.
    pub(crate) fn passed(&mut self, slept: Dd) -> Dd {
        let level = self.levels.len();
        (0..self.deadlines.len()).fold(Dd::FALSE, |passed, at| {
            let this = self.passed_at(level, at, slept);
            self.dds.or(passed, this)
        })
    }

    /// The same for one of them. What ends at that very moment is late. A callee asks this before it asks for the moment: mostly
    /// there is time enough, whenever it is called.
    pub(crate) fn passed_at(&mut self, level: usize, at: usize, slept: Dd) -> Dd {
        let Some(Deadline { length: Some(_), moment, level: own, .. }) = self.deadlines.get(at) else {
            return Dd::FALSE;
        };
        if *own < level {
            return match self.ask_outside(level, Question::Passed(at, slept)) {
                Answer::Cell(passed) => passed,
                Answer::Paths(_) => Dd::FALSE,
            };
        }
        let names = &self.names;
        let truth = |holds| if holds { Leaf::TRUE } else { Leaf::FALSE };
        let is_late = |now: Leaf, then: Leaf| {
            known_number(names.known(then)).is_some_and(|then| number(names.known(now)) >= then)
        };
        self.dds.combine(slept, *moment, &mut |now, then| truth(is_late(now, then)))
    }

    /// Of questions whether there is time enough to which the answer is yes, the last one: it answers the others, too. Else each call
    /// would ask all that its callees have asked, once for each of them.
    pub(crate) fn without_earlier(&self, asked: Vec<(Question, Answer)>) -> Vec<(Question, Answer)> {
        let in_time = |question: &Question, answer: &Answer| match (question, answer) {
            (Question::Passed(at, slept), Answer::Cell(Dd::FALSE)) => {
                let slept = known_number(self.dds.as_leaf(*slept).and_then(|leaf| self.names.known(leaf)));
                Some((*at, slept?))
            }
            _ => None,
        };
        let mut last: BTreeMap<usize, u64> = BTreeMap::new();
        for (at, slept) in asked.iter().filter_map(|(question, answer)| in_time(question, answer)) {
            let known = last.entry(at).or_default();
            *known = slept.max(*known);
        }
        let is_last = |(at, slept)| last.get(&at).is_none_or(|last| slept == *last);
        asked.into_iter().filter(|(question, answer)| in_time(question, answer).is_none_or(is_last)).collect()
    }

    /// When a deadline passes at the earliest: when so much was slept since the start, or since the call.
    fn moment_at(&mut self, level: usize, at: usize) -> Dd {
        match self.deadlines.get(at) {
            Some(Deadline { length: Some(_), moment, level: own, .. }) if *own == level => *moment,
            Some(Deadline { length: Some(_), .. }) => match self.ask_outside(level, Question::Moment(at)) {
                Answer::Cell(moment) => moment,
                Answer::Paths(_) => self.known_text(SOME_TIME),
            },
            _ => self.known_text(SOME_TIME),
        }
    }

    /// The same for a callee that is called now.
    pub(crate) fn moment_in_callee(&mut self, level: usize, host: &Host, at: usize) -> Dd {
        let moment = self.moment_at(level, at);
        let names = &mut self.names;
        self.dds.combine(moment, host.slept, &mut |moment, slept| match known_number(names.known(moment)) {
            Some(moment) => {
                let left = moment.saturating_sub(number(names.known(slept)));
                names.text(&left.to_string())
            }
            None => moment,
        })
    }

    /// So much was slept at least by what a deadline has cut short: until that passed, if it passes before the end for certain.
    fn slept_when_late(&mut self, at: usize, end: Dd, slept: Dd) -> Dd {
        let level = self.levels.len();
        let is_own = self.deadlines.get(at).is_some_and(|deadline| deadline.level == level);
        if !is_own && self.passed_at(level, at, end).is_false() {
            return slept;
        }
        let moment = self.moment_at(level, at);
        self.later(slept, moment)
    }

    /// The deadlines around, as far as they are the same for every call of a command.
    pub(crate) fn deadlines_around(&self) -> Vec<(Option<u64>, bool, bool)> {
        self.deadlines.iter().map(|deadline| (deadline.length, deadline.observed, deadline.caught)).collect()
    }

    /// The later of two moments. One that is not known is no later.
    pub(crate) fn later(&mut self, a: Dd, b: Dd) -> Dd {
        let names = &self.names;
        let key = |leaf: Leaf| number(names.known(leaf));
        self.dds.combine(a, b, &mut |a, b| if key(b) > key(a) { b } else { a })
    }

    /// Two lengths of time, one after the other.
    pub(crate) fn slept_together(&mut self, a: Dd, b: Dd) -> Dd {
        let names = &mut self.names;
        self.dds.combine(a, b, &mut |a, b| {
            let sum = number(names.known(a)).saturating_add(number(names.known(b)));
            names.text(&sum.to_string())
        })
    }

    /// Whether there is so much time before the deadlines around: what stands in the way is known, or both ways are followed if
    /// somebody looks.
    pub(crate) fn in_time(&mut self, cx: &Context, wait: Dd, host: &Host) -> Dd {
        if self.deadlines.is_empty() {
            return Dd::TRUE;
        }
        let length = self.map(wait, |this, leaf| {
            let length = this.names.known(leaf).and_then(|text| nanoseconds(&text)).unwrap_or_default();
            this.known_text(&length.to_string())
        });
        let then = self.slept_together(host.slept, length);
        let passed = self.passed(then);
        let mut late = self.decided(passed);
        if (0..self.deadlines.len()).any(|at| self.looks_at_deadline(cx, at)) {
            let perhaps = self.fresh("a deadline comes before the next attempt");
            late = self.dds.or(late, perhaps);
        } else if late != Dd::TRUE {
            self.assume_in_time();
        }
        self.dds.not(late)
    }
}

/// What is not known is nothing: it is what was slept at least.
fn number(text: Option<Rc<str>>) -> u64 {
    known_number(text).unwrap_or_default()
}

fn known_number(text: Option<Rc<str>>) -> Option<u64> {
    text?.parse().ok()
}

/// Nanoseconds as people write them.
fn shown(nanoseconds: u64) -> String {
    if nanoseconds == 0 {
        return "0s".to_owned();
    }
    let units = [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000)];
    let whole = units.into_iter().find(|(_, unit)| nanoseconds >= *unit && nanoseconds.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{nanoseconds}ns"), |(name, unit)| format!("{}{name}", nanoseconds / unit))
}
