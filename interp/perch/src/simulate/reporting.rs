//! The report on all cases.
//!
//! Commands and cases know nothing of each other, so they are judged at the same time, as many as there are processors. Suggestions come
//! afterwards, one after the other: how many are looked for is limited for the whole report, and the report must not hang on who was first.

use std::collections::{BTreeMap, BTreeSet};

use perch_ir::{Program as _, Snapshot};
use perch_simulate::Facts;
use perch_simulate::assumptions;
use perch_simulate::exit::{FailOn, decide};
use perch_simulate::report::{Report, SCHEMA, Scenario, UnusedReport};
use perch_simulate::suggest::{self, Change, Effort, enumerate};
use perch_simulate::verdict::{Judgement, judgement};
use perch_simulate::{Consulted, unused};

use super::cases::{Case, simulated};
use super::flags::Beside;
use super::kept::{Kept, Number};
use super::misspelt::Misspelt;
use crate::cli::{Limits, MaxRuntime};
use crate::report::Trouble;
use crate::stack;

pub(super) fn report(
    program: &Snapshot,
    cases: &[Case],
    limits: &Limits,
    (fail_on, beside): (FailOn, Beside),
    is_part: bool,
    kept: &mut Kept,
) -> Result<Report, Trouble> {
    let wanted: Vec<usize> = cases.iter().enumerate().filter(|(_, case)| case.wanted).map(|(at, _)| at).collect();
    let all = numbers(cases, &wanted);
    let holding = kept.holding(program, cases, &all);
    let anew: Vec<Number> = all.iter().filter(|number| !holding.contains_key(number)).copied().collect();
    let mut judged = judged(program, cases, &anew)?;
    if beside.suggestions {
        stack::big(|| suggestions(program, cases, &mut judged))??;
    }
    if beside.cases {
        stack::big(|| enumerated(program, cases, &mut judged))??;
    }
    judged.extend(holding);
    let judged: Vec<(usize, Vec<Judgement>)> = by_case(&wanted, judged);
    kept.keep(program, cases, &judged);
    let unused = unused(cases, &judged, is_part);
    let restricted = restricted(cases, &judged);
    let misspelt = Misspelt::of(program);
    let mut taken = BTreeSet::new();
    let mut scenarios = Vec::new();
    for (case, judged) in judged.into_iter().filter_map(|(at, judged)| Some((cases.get(at)?, judged))) {
        let mut commands = Vec::new();
        for Judgement { report, assumptions, .. } in judged {
            commands.push(report);
            taken.extend(assumptions);
        }
        let after = case.after.and_then(|before| cases.get(before)).map(|before| before.name.clone());
        let mut scenario = Scenario::new(&case.name, after, commands);
        misspelt.tell(&mut scenario, &case.start.fixture);
        scenarios.push(scenario);
    }
    let in_time = limits.max_runtime.iter().map(MaxRuntime::assumption);
    let taken: Vec<String> = taken.into_iter().chain(in_time).collect();
    let exit = decide(&scenarios, &taken, fail_on);
    let cwd = cases.iter().find_map(|case| case.start.assumed_cwd.as_ref());
    let cwd = cwd.map(|cwd| format!("the command is started in `{cwd}`"));
    // Which commands there are is the same in all cases.
    let jobs = cases.iter().take(1).flat_map(|case| &case.jobs);
    let facts: Vec<&Facts> = cases.iter().map(|case| &case.start.facts).collect();
    let here = facts.iter().any(|facts| facts.looked_up);
    let standing = assumptions::standing(program, jobs.map(|job| &*job.command), &facts);
    let again = cases.iter().any(|case| case.after.is_some()).then_some(assumptions::AGAIN);
    let standing = standing.into_iter().chain(again).map(str::to_owned);
    Ok(Report {
        schema: SCHEMA,
        file: program.file().to_owned(),
        on_this_host: here,
        exit_code: exit.code,
        rule: exit.rule,
        assumptions: cwd.into_iter().chain(restricted).chain(taken).chain(standing).collect(),
        scenarios,
        unused,
    })
}

/// That runs are held to what only the fixture forbids.
fn restricted(cases: &[Case], judged: &[(usize, Vec<Judgement>)]) -> Option<String> {
    let commands = judged.iter().flat_map(|(at, judged)| {
        let start = cases.get(*at).map(|case| &case.start);
        judged.iter().filter_map(move |one| Some((one.consulted.as_ref(), &start?.policy, &start?.allowed)))
    });
    assumptions::restricted(commands)
}

/// What is told and nothing has asked for. If a run was too large to be followed, it may have.
fn unused(cases: &[Case], judged: &[(usize, Vec<Judgement>)], is_part: bool) -> Vec<UnusedReport> {
    let mut consulted = Consulted::default();
    for judged in judged.iter().flat_map(|(_, judged)| judged) {
        let Some(one) = &judged.consulted else { return Vec::new() };
        consulted.add(one);
    }
    let hosts: Vec<_> = judged.iter().filter_map(|(at, _)| cases.get(*at)).map(|case| &case.start).collect();
    let hosts: Vec<_> = hosts.into_iter().map(|start| (&start.fixture, &start.sources)).collect();
    unused::unused(&hosts, &consulted, is_part)
}

/// All commands in these cases.
fn numbers(cases: &[Case], wanted: &[usize]) -> Vec<Number> {
    let jobs = |at: &usize| cases.get(*at).map_or(0, |case| case.jobs.len());
    wanted.iter().flat_map(|at| (0..jobs(at)).map(move |job| (*at, job))).collect()
}

/// These commands.
fn judged(program: &Snapshot, cases: &[Case], all: &[Number]) -> Result<BTreeMap<Number, Judgement>, Trouble> {
    let one = |(at, job): &Number| {
        let mut run = simulated(program, cases, *at, *job)?;
        let case = cases.get(*at).ok_or_else(|| Trouble::usage("perch has a bug: a scenario is lost"))?;
        Ok(((*at, *job), judgement(program, &mut run, &case.start.sources)))
    };
    stack::each(all, one)?.into_iter().collect()
}

/// What was judged, by case.
fn by_case(wanted: &[usize], judged: BTreeMap<Number, Judgement>) -> Vec<(usize, Vec<Judgement>)> {
    let mut cases: BTreeMap<usize, Vec<Judgement>> = wanted.iter().map(|at| (*at, Vec::new())).collect();
    for ((at, _), judged) in judged {
        cases.entry(at).or_default().push(judged);
    }
    cases.into_iter().collect()
}

/// Looks for suggestions until enough was tried.
fn suggestions(program: &Snapshot, cases: &[Case], judged: &mut BTreeMap<Number, Judgement>) -> Result<(), Trouble> {
    let mut left = Effort::beside(judged.values().map(|judged| judged.nodes).sum());
    for ((at, number), judged) in judged {
        // Where another run has ended, facts of the start are facts of the other's start.
        let Some(case) = cases.get(*at).filter(|case| case.after.is_none()) else { continue };
        let Some(job) = case.jobs.get(*number) else { continue };
        if left.is_spent() || !suggest::is_wanted(&judged.report) {
            continue;
        }
        let mut run = simulated(program, cases, *at, *number)?;
        let replay = |change: &Change| case.start.replayed(program, job, change);
        suggest::suggest(program, &mut judged.report, &mut run, &case.described(), &replay, &mut left);
    }
    Ok(())
}

/// Looks for the cases that make a difference.
fn enumerated(program: &Snapshot, cases: &[Case], judged: &mut BTreeMap<Number, Judgement>) -> Result<(), Trouble> {
    for ((at, number), judged) in judged {
        let Some(case) = cases.get(*at).filter(|case| case.after.is_none()) else { continue };
        let Some(job) = case.jobs.get(*number) else { continue };
        let mut run = simulated(program, cases, *at, *number)?;
        let replay = |change: &Change| case.start.replayed(program, job, change);
        let sources = &case.start.sources;
        judged.report.cases = enumerate::cases(program, &mut run, &case.described(), sources, &replay);
    }
    Ok(())
}
