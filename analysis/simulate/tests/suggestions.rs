//! How much is tried to find suggestions.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::cell::Cell;
use std::fmt::Write as _;

use perch_fixtures::Fixture;
use perch_ir::{Database, Program, Snapshot, SourceFile};
use perch_policy::Policy;
use perch_simulate::report::{Child, CommandReport, Op};
use perch_simulate::suggest::{Change, Described, Effort, suggest};
use perch_simulate::verdict::judgement;
use perch_simulate::{Run, Sources, host, run};

/// The report on a command with these statements, and how often it was simulated again.
fn suggested(body: &str, fixture: &str, effort: Option<Effort>) -> (CommandReport, usize) {
    let text = format!("command main\n  do\n{body}\n  end\nend\n");
    let db = Database::default();
    let file = SourceFile::new(&db, "test.perch".to_owned(), text);
    let program = Snapshot::new(&db, file);
    let command = program.command("main").unwrap();
    let fixture = Fixture::parse(fixture).unwrap();
    let simulated = |fixture: &Fixture| -> Option<Run> {
        let facts = host::facts_of(fixture, "/w").ok()?;
        Some(run(&program, &command, facts, host::policy_of(fixture, "/w"), &[]))
    };
    let mut first = simulated(&fixture).unwrap();
    let judged = judgement(&program, &mut first, &Sources::default());
    let mut report = judged.report;
    let replays = Cell::new(0);
    let replay = |change: &Change| {
        replays.set(replays.get() + 1);
        simulated(&change.applied(&fixture))
    };
    let described =
        Described { fixture: &fixture, sources: &Sources::default(), scenario: None, allowed: &Policy::default() };
    let mut left = effort.unwrap_or(Effort::beside(judged.nodes));
    suggest(&program, &mut report, &mut first, &described, &replay, &mut left);
    (report, replays.get())
}

fn messages(ops: &[Op]) -> Vec<String> {
    let mut all = Vec::new();
    for op in ops {
        all.extend(op.suggestions.iter().map(|one| format!("{}: {}", op.text, one.message)));
        for child in &op.children {
            if let Child::Op(op) = child {
                all.extend(messages(std::slice::from_ref(op)));
            }
        }
    }
    all
}

#[test]
fn a_change_that_settles_several_ops_is_tried_once() {
    let body = (0..6).map(|at| format!("    try\n      git log {at}\n    rescue\n    end\n")).collect::<String>();
    let (report, replays) = suggested(&body, r#"{"bins": [], "oracles": {"exec": {"git *": {}}}}"#, None);
    let messages = messages(&report.ops);
    assert_eq!(messages.len(), 6, "{messages:?}");
    assert!(messages.iter().all(|message| message.ends_with("it runs if `git` is on PATH")), "{messages:?}");
    assert_eq!(replays, 1);
}

#[test]
fn what_fails_for_certain_comes_before_what_might() {
    let body = "    if is_dir \"b\"\n      write_file \"a\" x\n    end\n    try\n      _a = read_file \"c\"\n    rescue\n    end";
    let fixture = r#"{"files": {"/w/c": {"kind": "absent"}}}"#;
    let (report, _) = suggested(body, fixture, None);
    assert_eq!(messages(&report.ops).len(), 2, "{:?}", messages(&report.ops));
    // Enough for one op only.
    let (report, replays) = suggested(body, fixture, Some(Effort::beside(0).with_replays(1)));
    let messages = messages(&report.ops);
    assert!(replays == 1 && messages.len() == 1 && messages[0].contains("read_file"), "{messages:?}");
}

#[test]
fn a_large_run_is_not_simulated_again_and_again() {
    let mut body = String::new();
    for level in 0..20 {
        writeln!(body, "    if exists \"p{level}\"\n    write_file \"q{level}\" x").unwrap();
    }
    body += &"    end\n".repeat(20);
    let (report, replays) = suggested(&body, "{}", None);
    assert!((5..20).contains(&replays), "{replays}");
    assert!(messages(&report.ops).len() >= 5);
}
