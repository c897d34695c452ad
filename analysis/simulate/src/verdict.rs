//! Verdicts from what was recorded (`docs/spec/verdicts.md` §3 to §5).

use perch_diagram::{Atom, Dd};
use perch_symbolic::cells::AtomKey;

use crate::reasons::{self, budget, never_reached};
use crate::report::{Reach, ReasonReport, Verdict};
use crate::run::Run;
use crate::words;

pub use crate::seen::Seen;
pub use crate::tree::{Judgement, judgement, nodes, report};

/// What is said of one node or visit.
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) reach: Reach,
    pub(crate) condition: Vec<String>,
    pub(crate) after: Option<String>,
    pub(crate) reasons: Vec<ReasonReport>,
}

/// Reads verdicts off a run.
pub(crate) struct Judge<'r> {
    pub(crate) run: &'r mut Run,
    /// A budget was reached: nothing is decided.
    pub(crate) gave_up: bool,
    /// All real runs.
    total: Dd,
}

impl<'r> Judge<'r> {
    pub(crate) fn new(run: &'r mut Run) -> Self {
        let total = run.total();
        let gave_up = run.domain.gave_up();
        Self { run, gave_up, total }
    }

    /// The verdict of the command.
    pub(crate) fn command(&mut self) -> Verdict {
        let endings = self.run.endings();
        match (endings.success.is_false(), endings.failure.is_false()) {
            _ if self.gave_up => Verdict::MightFail,
            (false, true) => Verdict::WillRun,
            (true, _) => Verdict::WillFail,
            _ => Verdict::MightFail,
        }
    }

    /// The verdict of a node that has these visits.
    pub(crate) fn judge(&mut self, seen: &[Seen]) -> Judged {
        if self.gave_up {
            return Judged::because(Verdict::MightFail, Reach::Sometimes, budget());
        }
        let (enter, fails) = self.entered_and_failed(seen);
        if enter.is_false() {
            return Judged::because(Verdict::Skipped, Reach::Never, never_reached());
        }
        let real = self.run.real(enter);
        if real.is_false() {
            let reasons = reasons::of(&mut self.run.domain.dds, seen, fails);
            let after = self.blocker(enter);
            return Judged {
                verdict: self.verdict(enter, fails),
                reach: Reach::Blocked,
                condition: Vec::new(),
                after,
                reasons,
            };
        }
        let fails = self.run.real(fails);
        let missed = self.run.domain.dds.minus(self.total, real);
        let (reach, condition) = if missed.is_false() {
            (Reach::Always, Vec::new())
        } else {
            (Reach::Sometimes, words::condition(self.run, real, self.total))
        };
        let reasons = reasons::of(&mut self.run.domain.dds, seen, fails);
        Judged { verdict: self.verdict(real, fails), reach, condition, after: None, reasons }
    }

    fn entered_and_failed(&mut self, seen: &[Seen]) -> (Dd, Dd) {
        let mut enter = Dd::FALSE;
        let mut fails = Dd::FALSE;
        for one in seen {
            let dds = &mut self.run.domain.dds;
            enter = dds.or(enter, one.enter);
            let unmended = one.unmended(dds, one.fails);
            fails = dds.or(fails, unmended);
        }
        (enter, fails)
    }

    fn verdict(&mut self, enter: Dd, fails: Dd) -> Verdict {
        let runs = self.run.domain.dds.minus(enter, fails);
        match (fails.is_false(), runs.is_false()) {
            (true, _) => Verdict::WillRun,
            (false, true) => Verdict::WillFail,
            (false, false) => Verdict::MightFail,
        }
    }

    /// The failure that must be mended, the last one if there are several.
    fn blocker(&self, enter: Dd) -> Option<String> {
        let names = &self.run.domain.names;
        let last: Option<Atom> = self.run.domain.dds.support(enter).into_iter().rfind(|atom| names.is_ghost(*atom));
        match last.map(|atom| names.atom_key(atom)) {
            Some(AtomKey::Ghost(_, label)) => Some(label.to_string()),
            _ => None,
        }
    }
}

impl Judged {
    fn because(verdict: Verdict, reach: Reach, reason: ReasonReport) -> Self {
        Self { verdict, reach, condition: Vec::new(), after: None, reasons: vec![reason] }
    }
}
