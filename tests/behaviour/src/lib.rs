//! Behaviour tests as prose.
//!
//! A case is a heading, a `perch` block, optionally a `fixture` block (JSON), and a `verdicts` block. A line of the
//! latter is `LINE VERDICT [REACH]` for the statement that starts on that line of the program, or
//! `command VERDICT`. Everything else on the page is for readers. Every statement that the block names must have exactly that
//! verdict; statements that it does not name may have any.

use perch_fixtures::Fixture;
use perch_ir::{Database, Program, Snapshot, SourceFile};
use perch_simulate::report::{Child, CommandReport, Op, Reach, Verdict};
use perch_simulate::{host, run, verdict};

/// One case of a page.
#[derive(Debug, Default)]
pub struct Case {
    /// The heading.
    pub name: String,
    /// The program.
    pub program: String,
    /// The host.
    pub fixture: String,
    /// What is expected.
    pub verdicts: Vec<String>,
}

/// The cases of a page.
#[must_use]
pub fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut block: Option<String> = None;
    for line in page.lines() {
        if let Some(kind) = &block {
            if line == "```" {
                block = None;
                continue;
            }
            let Some(case) = cases.last_mut() else { continue };
            match kind.as_str() {
                "perch" => case.program.extend([line, "\n"]),
                "fixture" => case.fixture.extend([line, "\n"]),
                "verdicts" => case.verdicts.push(line.to_owned()),
                _ => {}
            }
        } else if let Some(name) = line.strip_prefix("## ") {
            cases.push(Case { name: name.to_owned(), ..Case::default() });
        } else if let Some(kind) = line.strip_prefix("```") {
            block = Some(kind.to_owned());
        }
    }
    cases
}

/// The program of a case.
///
/// # Errors
/// If it does not load.
pub fn program(text: &str) -> Result<Snapshot, String> {
    let db = Database::default();
    let file = SourceFile::new(&db, "case.perch".to_owned(), text.to_owned());
    let diagnostics = perch_ir::diagnostics(&db, file).iter().filter(|one| one.stops());
    let errors: Vec<String> = diagnostics.map(|one| format!("{}: {}", one.code, one.message)).collect();
    if errors.is_empty() { Ok(Snapshot::new(&db, file)) } else { Err(errors.join("\n")) }
}

/// Simulates `main`, or the first command, in `/w`.
///
/// # Errors
/// If the program or the fixture cannot be used.
pub fn simulate(case: &Case) -> Result<CommandReport, String> {
    let program = program(&case.program)?;
    let command = program.command("main").or_else(|| program.commands().first().map(|command| (*command).clone()));
    let command = command.ok_or("no command")?;
    let fixture = match case.fixture.as_str() {
        "" => Fixture::default(),
        text => Fixture::parse(text).map_err(|error| error.to_string())?,
    };
    let facts = host::facts_of(&fixture, fixture.cwd.as_deref().unwrap_or("/w")).map_err(|error| error.to_string())?;
    let policy = host::policy_of(&fixture, "/w");
    let mut run = run(&program, &command, facts, policy, &[]);
    Ok(verdict::report(&program, &mut run))
}

/// Checks a case; what does not hold.
#[must_use]
pub fn check(case: &Case) -> Vec<String> {
    let report = match simulate(case) {
        Ok(report) => report,
        Err(error) => return vec![format!("{}: {error}", case.name)],
    };
    let mut wrong = Vec::new();
    for line in case.verdicts.iter().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let op = words[0].parse().ok().and_then(|line| find(&report.ops, line));
        let found = match (words[0], op) {
            ("command", _) => vec![verdict_word(report.verdict)],
            (_, Some(op)) => vec![verdict_word(op.verdict), reach_word(op.reach)],
            _ => vec!["nothing there"],
        };
        if words.len() < 2
            || words.len() > found.len() + 1
            || found.iter().zip(&words[1..]).any(|(found, wanted)| found != wanted)
        {
            wrong.push(format!("{}: wanted `{line}`, found `{}`", case.name, found.join(" ")));
        }
    }
    if case.verdicts.is_empty() {
        wrong.push(format!("{}: no expectations", case.name));
    }
    wrong
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WillRun => "WILL_RUN",
        Verdict::MightFail => "MIGHT_FAIL",
        Verdict::WillFail => "WILL_FAIL",
        Verdict::Skipped => "SKIPPED",
    }
}

fn reach_word(reach: Reach) -> &'static str {
    match reach {
        Reach::Always => "always",
        Reach::Sometimes => "sometimes",
        Reach::Never => "never",
        Reach::Blocked => "blocked",
    }
}

fn find(ops: &[Op], line: u32) -> Option<&Op> {
    ops.iter().find_map(|op| if op.line == line { Some(op) } else { find_child(&op.children, line) })
}

fn find_child(children: &[Child], line: u32) -> Option<&Op> {
    children.iter().find_map(|child| match child {
        Child::Op(op) => find(std::slice::from_ref(op), line),
        Child::Same { .. } => None,
    })
}
