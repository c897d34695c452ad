//! What was judged, for the next time.
//!
//! A judgement hangs on the command, on what it can get to, on what stands around all commands, and on what is said of the host. As long as that is what
//! it was, it is said again where the command stands now.

use std::collections::{BTreeMap, HashMap};

use perch_ir::Snapshot;
use perch_simulate::verdict::Judgement;

use super::cases::Case;

/// A command in a case, by their numbers.
pub(super) type Number = (usize, usize);

/// What was judged before.
#[derive(Default)]
pub(super) struct Kept {
    /// It is wanted again.
    for_later: bool,
    program: Option<Snapshot>,
    /// By the names of the scenario and of the command.
    judged: HashMap<(String, String), Judgement>,
    /// How many commands were judged anew the last time, and of how many.
    counted: (usize, usize),
}

impl Kept {
    /// Nothing yet, but what is judged is kept.
    pub(super) fn for_later() -> Self {
        Self { for_later: true, ..Self::default() }
    }

    /// Of another host all is judged anew.
    pub(super) fn forget(&mut self) {
        self.judged.clear();
    }

    /// The program that was judged the last time.
    pub(super) fn program(&self) -> Option<&Snapshot> {
        self.program.as_ref()
    }

    /// How many commands were judged anew the last time, and how many there were.
    pub(super) fn counted(&self) -> (usize, usize) {
        self.counted
    }

    /// What still holds of these.
    pub(super) fn holding(
        &mut self,
        program: &Snapshot,
        cases: &[Case],
        all: &[Number],
    ) -> BTreeMap<Number, Judgement> {
        let mut holding = BTreeMap::new();
        let before = self.program.take();
        if let Some(before) = before.filter(|before| program.is_alike_around(before)) {
            let mut moved = HashMap::new();
            for (at, job) in all {
                let Some((scenario, command)) = names(cases, *at, *job) else { continue };
                let moves = moved.entry(command.clone()).or_insert_with(|| program.moved_since(&before, &command));
                let Some(moves) = moves else { continue };
                if let Some(judged) = self.judged.remove(&(scenario, command)) {
                    holding.insert((*at, *job), judged.moved(program, moves));
                }
            }
        }
        let commands = |numbers: &mut dyn Iterator<Item = &Number>| -> usize {
            let mut jobs: Vec<usize> = numbers.map(|(_, job)| *job).collect();
            jobs.sort_unstable();
            jobs.dedup();
            jobs.len()
        };
        let anew = commands(&mut all.iter().filter(|number| !holding.contains_key(number)));
        self.counted = (anew, commands(&mut all.iter()));
        holding
    }

    /// Keeps what was judged of these.
    pub(super) fn keep(&mut self, program: &Snapshot, cases: &[Case], judged: &[(usize, Vec<Judgement>)]) {
        if !self.for_later {
            return;
        }
        self.program = Some(program.clone());
        self.judged.clear();
        for (at, judged) in judged {
            for (job, judged) in judged.iter().enumerate() {
                self.judged.extend(names(cases, *at, job).map(|names| (names, judged.clone())));
            }
        }
    }
}

fn names(cases: &[Case], at: usize, job: usize) -> Option<(String, String)> {
    let case = cases.get(at)?;
    Some((case.name.clone(), case.jobs.get(job)?.command.name.clone()))
}
