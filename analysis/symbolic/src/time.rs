//! Time: what was slept, and deadlines.
//!
//! How long an op takes is not known, except that a wait takes at least as long as it says. So a host carries how much time has
//! passed at least ([`Host::slept`]), and a deadline that lies before that has passed. Any other op that can wait may meet a
//! deadline around it: where somebody looks at what happens then, both ways are followed; elsewhere it is taken for granted that it
//! does not.

use perch_diagram::{Dd, Leaf};
use perch_engine::domain::Act;
use perch_engine::{Context, Engine, Flows, World};
use perch_ir::program::Program;
use perch_ops::ErrorKind;
use perch_ops::duration::nanoseconds;

use crate::Symbolic;
use crate::facts::ProgramFact;
use crate::host::Host;
use crate::perform::{Case, Gathered, Why};
use crate::record::Assumption;

/// A deadline that is around.
pub(crate) struct Deadline {
    /// So long after it was set, in nanoseconds, if that is known.
    length: Option<u64>,
    /// What was slept when it was set,
    since: Dd,
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
    let deadline = Deadline { length, since: world.host.slept, level: domain.levels.len() };
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
        let mut host = host;
        let length = self.known_text(&length.to_string());
        host.slept = self.slept_together(host.slept, length);
        let before = host.clone();
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
        let passed = self.passed(host.slept);
        let mut left = self.decided(passed);
        if case.cx.observed {
            let perhaps = self.fresh("a deadline passes");
            left = self.dds.or(left, perhaps);
        } else if left != Dd::TRUE {
            self.general.insert(Assumption::InTime);
        }
        let mut host = Some(host);
        for number in (0..self.deadlines.len()).rev() {
            let this = if number == 0 { Dd::TRUE } else { self.fresh("which deadline it is") };
            let when = self.dds.and(left, this);
            left = self.dds.minus(left, this);
            host = self.late(number, host?, &stopped, when, all);
        }
        host
    }

    fn late(&mut self, number: usize, host: Host, stopped: &Host, when: Dd, all: &mut Gathered) -> Option<Host> {
        let fails = self.dds.and(host.pc, when);
        let length = self.deadlines.get(number).and_then(|deadline| deadline.length);
        let length = length.map(|length| format!(" of {}", shown(length))).unwrap_or_default();
        let message = format!("the deadline{length} passes first");
        let why = Why { late: Some(number), ..Why::new(ErrorKind::TimeoutExceeded, message) };
        let mark = all.failed.len();
        let next = self.fail_then(host, fails, &why, all, |_, host| host);
        for failed in &mut all.failed[mark..] {
            failed.host = Host { pc: failed.host.pc, ..stopped.clone() };
        }
        next
    }

    /// Where a deadline has certainly passed by what was slept.
    fn passed(&mut self, slept: Dd) -> Dd {
        let level = self.levels.len();
        let known: Vec<(u64, Option<Dd>)> = self
            .deadlines
            .iter()
            .filter_map(|deadline| Some((deadline.length?, (deadline.level == level).then_some(deadline.since))))
            .collect();
        let mut passed = Dd::FALSE;
        for (length, since) in known {
            let since = since.unwrap_or_else(|| self.known_text("0"));
            let names = &self.names;
            let gone = |now: Leaf, then: Leaf| number(names.known(now)).saturating_sub(number(names.known(then)));
            let truth = |holds| if holds { Leaf::TRUE } else { Leaf::FALSE };
            let this = self.dds.combine(slept, since, &mut |now, then| truth(gone(now, then) > length));
            passed = self.dds.or(passed, this);
        }
        passed
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
        if cx.observed {
            let perhaps = self.fresh("a deadline comes before the next attempt");
            late = self.dds.or(late, perhaps);
        } else if late != Dd::TRUE {
            self.general.insert(Assumption::InTime);
        }
        self.dds.not(late)
    }
}

/// What is not known is nothing: it is what was slept at least.
fn number(text: Option<std::rc::Rc<str>>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// Nanoseconds as people write them.
fn shown(nanoseconds: u64) -> String {
    let units = [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000)];
    let whole = units.into_iter().find(|(_, unit)| nanoseconds >= *unit && nanoseconds.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{nanoseconds}ns"), |(name, unit)| format!("{}{name}", nanoseconds / unit))
}
