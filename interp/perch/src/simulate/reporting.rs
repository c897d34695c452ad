//! The report on all cases.
//!
//! Cases know nothing of each other, so they are judged at the same time, as many as there are processors. Suggestions come
//! afterwards, one after the other: how many are looked for is limited for the whole report, and the report must not hang on who was first.

use std::collections::BTreeSet;

use perch_ir::{Program as _, Snapshot};
use perch_simulate::assumptions;
use perch_simulate::exit::{FailOn, decide};
use perch_simulate::report::{Report, SCHEMA, Scenario};
use perch_simulate::suggest::{self, Change, Effort, enumerate};
use perch_simulate::verdict::{Judgement, judgement};

use super::cases::{Case, simulated};
use super::flags::Beside;
use crate::cli::{Limits, MaxRuntime};
use crate::report::Trouble;
use crate::stack;

pub(super) fn report(
    program: &Snapshot,
    cases: &[Case],
    limits: &Limits,
    fail_on: FailOn,
    beside: Beside,
) -> Result<Report, Trouble> {
    let wanted: Vec<usize> = cases.iter().enumerate().filter(|(_, case)| case.wanted).map(|(at, _)| at).collect();
    let judged = stack::each(&wanted, |at| judged(program, cases, *at))?;
    let mut judged: Vec<Vec<Judgement>> = judged.into_iter().collect::<Result<_, _>>()?;
    if beside.suggestions {
        stack::big(|| suggestions(program, cases, &wanted, &mut judged))??;
    }
    if beside.cases {
        stack::big(|| enumerated(program, cases, &wanted, &mut judged))??;
    }
    let mut taken = BTreeSet::new();
    let mut scenarios = Vec::new();
    for (case, judged) in wanted.iter().filter_map(|at| cases.get(*at)).zip(judged) {
        let mut commands = Vec::new();
        for Judgement { report, assumptions, .. } in judged {
            commands.push(report);
            taken.extend(assumptions);
        }
        let after = case.after.and_then(|before| cases.get(before)).map(|before| before.name.clone());
        scenarios.push(Scenario::new(&case.name, after, commands));
    }
    let in_time = limits.max_runtime.iter().map(MaxRuntime::assumption);
    let taken: Vec<String> = taken.into_iter().chain(in_time).collect();
    let exit = decide(&scenarios, &taken, fail_on);
    let cwd = cases.iter().find_map(|case| case.start.assumed_cwd.as_ref());
    let cwd = cwd.map(|cwd| format!("the command is started in `{cwd}`"));
    // Which commands there are is the same in all cases.
    let jobs = cases.iter().take(1).flat_map(|case| &case.jobs);
    let here = cases.iter().any(|case| case.start.facts.looked_up);
    let standing = assumptions::standing(program, jobs.map(|job| &*job.command), here);
    let standing = standing.iter().map(|sentence| (*sentence).to_owned());
    Ok(Report {
        schema: SCHEMA,
        file: program.file().to_owned(),
        on_this_host: here,
        exit_code: exit.code,
        rule: exit.rule,
        assumptions: cwd.into_iter().chain(taken).chain(standing).collect(),
        scenarios,
    })
}

/// All commands in one case.
fn judged(program: &Snapshot, cases: &[Case], at: usize) -> Result<Vec<Judgement>, Trouble> {
    let Some(case) = cases.get(at) else { return Ok(Vec::new()) };
    let command = |job: usize| {
        let mut run = simulated(program, cases, at, job)?;
        Ok(judgement(program, &mut run, &case.start.sources))
    };
    (0..case.jobs.len()).map(command).collect()
}

/// Looks for suggestions until enough was tried.
fn suggestions(
    program: &Snapshot,
    cases: &[Case],
    wanted: &[usize],
    judged: &mut [Vec<Judgement>],
) -> Result<(), Trouble> {
    let mut left = Effort::beside(judged.iter().flatten().map(|judged| judged.nodes).sum());
    for (at, judged) in wanted.iter().zip(judged) {
        // Where another run has ended, facts of the start are facts of the other's start.
        let Some(case) = cases.get(*at).filter(|case| case.after.is_none()) else { continue };
        let host = case.described();
        for (number, (job, judged)) in case.jobs.iter().zip(judged).enumerate() {
            if left.is_spent() || !suggest::is_wanted(&judged.report) {
                continue;
            }
            let mut run = simulated(program, cases, *at, number)?;
            let replay = |change: &Change| case.start.replayed(program, job, change);
            suggest::suggest(program, &mut judged.report, &mut run, &host, &replay, &mut left);
        }
    }
    Ok(())
}

/// Looks for the cases that make a difference.
fn enumerated(
    program: &Snapshot,
    cases: &[Case],
    wanted: &[usize],
    judged: &mut [Vec<Judgement>],
) -> Result<(), Trouble> {
    for (at, judged) in wanted.iter().zip(judged) {
        let Some(case) = cases.get(*at).filter(|case| case.after.is_none()) else { continue };
        for (number, (job, judged)) in case.jobs.iter().zip(judged).enumerate() {
            let mut run = simulated(program, cases, *at, number)?;
            let replay = |change: &Change| case.start.replayed(program, job, change);
            let sources = &case.start.sources;
            judged.report.cases = enumerate::cases(program, &mut run, &case.described(), sources, &replay);
        }
    }
    Ok(())
}
