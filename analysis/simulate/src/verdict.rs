//! Verdicts from what was recorded (`docs/spec/verdicts.md` §3 to §5).

use perch_diagram::{Atom, Dd, Diagrams};
use perch_symbolic::cells::AtomKey;
use perch_symbolic::record::{About, Reason};

use crate::origins::Origins;
use crate::reasons::{self, Failing, budget, never_reached};
use crate::report::{Reach, ReasonReport, Verdict};
use crate::run::{Endings, Run};
use crate::words;

pub use crate::seen::Seen;
pub(crate) use crate::tree::nodes;
pub use crate::tree::{Flat, Judgement, every_node, judgement, report};

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
    /// How the command ends.
    pub(crate) endings: Endings,
    /// Those that reach the statement around what is judged.
    pub(crate) around: Dd,
    /// Where facts come from.
    pub(crate) origins: &'r Origins<'r>,
}

impl<'r> Judge<'r> {
    pub(crate) fn new(run: &'r mut Run, origins: &'r Origins<'r>) -> Self {
        let endings = run.endings();
        let gave_up = run.domain.gave_up();
        Self { run, gave_up, endings, around: endings.total, origins }
    }

    /// The verdict of the command.
    pub(crate) fn command(&mut self) -> Verdict {
        let endings = self.endings;
        match (endings.may_succeed, endings.may_fail) {
            _ if self.gave_up => Verdict::MightFail,
            (true, false) => Verdict::WillRun,
            (false, _) => Verdict::WillFail,
            (true, true) => Verdict::MightFail,
        }
    }

    /// The verdict of a node that has these visits.
    pub(crate) fn judge(&mut self, seen: &[Seen]) -> Judged {
        if self.gave_up {
            return Judged::over_budget();
        }
        let Some(standing) = standing(self.run, self.endings.total, seen) else {
            return Judged::over_budget();
        };
        match standing.reach {
            Reach::Never => return Judged::because(Verdict::Skipped, Reach::Never, never_reached()),
            Reach::Blocked => {
                let after = self.blocker(standing.enter);
                let reasons = self.reasons(seen, &standing);
                return Judged {
                    verdict: standing.verdict,
                    reach: Reach::Blocked,
                    condition: Vec::new(),
                    after,
                    reasons,
                };
            }
            Reach::Always | Reach::Sometimes => {}
        }
        let condition = match standing.reach {
            Reach::Sometimes => self.condition(standing.enter),
            _ => Vec::new(),
        };
        let mut reasons = self.reasons(seen, &standing);
        if standing.verdict == Verdict::MightFail && seen.iter().any(|one| one.visit.forgot) {
            reasons.push(reasons::forgot());
        }
        Judged { verdict: standing.verdict, reach: standing.reach, condition, after: None, reasons }
    }

    /// What makes these runs differ from the others that come to the statement around.
    fn condition(&mut self, enter: Dd) -> Vec<String> {
        let within = self.run.domain.dds.minus(enter, self.around).is_false();
        let total = if within { self.around } else { self.endings.total };
        let always = self.run.domain.dds.minus(total, enter).is_false();
        if always { Vec::new() } else { words::condition(self.run, enter, total) }
    }

    fn reasons(&mut self, seen: &[Seen], standing: &Standing) -> Vec<ReasonReport> {
        let (origins, is_certain) = (self.origins, standing.verdict == Verdict::WillFail);
        // What is not known at the start is said nowhere; restrictions and what programs do are said, or there is no such reason.
        let missing = &self.run.domain.facts.bins;
        let missing: Vec<String> = missing.iter().filter(|(_, there)| !**there).map(|(name, _)| name.clone()).collect();
        let source = |seen: &Seen, reason: &Reason| {
            let about = reason.about.as_ref()?;
            if let (true, About::Path(path)) = (reason.met, about) {
                return origins.of_other_branch(seen, path);
            }
            let is_told = match about {
                About::Rule(..) | About::Program(_) | About::Package(_) => true,
                About::Bin(name) => missing.contains(name),
                About::Path(path) => origins.is_changed(seen, path),
                _ => false,
            };
            (is_certain || is_told).then(|| origins.of(seen, about)).flatten()
        };
        let are_real = standing.reach != Reach::Blocked;
        let fails = Failing { names: &self.run.domain.names, runs: standing.fails, are_real };
        let read = self.run.domain.dds.attempt(EFFORT, |dds| reasons::of(dds, seen, &fails, origins, &source));
        read.unwrap_or_else(|| vec![budget()])
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

/// New nodes that reading one node's verdict may take, before it is a `?` for that.
const EFFORT: usize = 1 << 15;

/// How a node stands.
pub struct Standing {
    /// Whether and when it is visited.
    pub reach: Reach,
    /// What becomes of its visits.
    pub verdict: Verdict,
    /// On which runs it is visited: real ones, or if it is blocked, those on which something else is mended.
    pub enter: Dd,
    /// On which of them it fails.
    pub fails: Dd,
}

impl Standing {
    fn new(dds: &mut Diagrams, reach: Reach, (enter, fails): (Dd, Dd)) -> Self {
        let runs = dds.minus(enter, fails);
        let verdict = match (enter.is_false(), fails.is_false(), runs.is_false()) {
            (true, ..) => Verdict::Skipped,
            (_, true, _) => Verdict::WillRun,
            (_, false, true) => Verdict::WillFail,
            (_, false, false) => Verdict::MightFail,
        };
        Self { reach, verdict, enter, fails }
    }
}

/// How a node with these visits stands, given all real runs; nothing if that is too much to tell.
pub fn standing(run: &mut Run, total: Dd, seen: &[Seen]) -> Option<Standing> {
    let names = &run.domain.names;
    let on_real_runs = run.domain.dds.attempt(EFFORT, |dds| {
        let real = |dds: &mut Diagrams, dd| dds.substitute(dd, &mut |atom| names.is_ghost(atom).then_some(Dd::FALSE));
        let visited = together(dds, seen, |dds, one| (real(dds, one.enter), real(dds, one.fails)));
        let always = dds.minus(total, visited.0).is_false();
        Standing::new(dds, if always { Reach::Always } else { Reach::Sometimes }, visited)
    })?;
    Some(if on_real_runs.enter.is_false() { behind_failures(run, seen) } else { on_real_runs })
}

/// How a node stands that no real run visits. There can be far more to say of what might have been than of what is: if
/// that is too much, it is a `?`.
fn behind_failures(run: &mut Run, seen: &[Seen]) -> Standing {
    let Some(one) = seen.last() else {
        return Standing { reach: Reach::Never, verdict: Verdict::Skipped, enter: Dd::FALSE, fails: Dd::FALSE };
    };
    let names = &run.domain.names;
    let told = run.domain.dds.attempt(EFFORT, |dds| {
        let visited = together(dds, seen, |dds, one| (one.enter, one.fails_unmended(dds, names)));
        Standing::new(dds, Reach::Blocked, visited)
    });
    told.unwrap_or(Standing { reach: Reach::Blocked, verdict: Verdict::MightFail, enter: one.enter, fails: one.fails })
}

/// On which runs one of these visits is made, and on which one fails.
fn together(dds: &mut Diagrams, seen: &[Seen], part: impl Fn(&mut Diagrams, &Seen) -> (Dd, Dd)) -> (Dd, Dd) {
    seen.iter().fold((Dd::FALSE, Dd::FALSE), |(enter, fails), one| {
        let (here, failing) = part(dds, one);
        (dds.or(enter, here), dds.or(fails, failing))
    })
}

impl Judged {
    /// Nothing is decided.
    pub(crate) fn over_budget() -> Self {
        Self::because(Verdict::MightFail, Reach::Sometimes, budget())
    }

    fn because(verdict: Verdict, reach: Reach, reason: ReasonReport) -> Self {
        Self { verdict, reach, condition: Vec::new(), after: None, reasons: vec![reason] }
    }
}
