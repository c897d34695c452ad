//! Reports on small programs.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;

use perch_diagram::Diagrams;
use perch_fixtures::Fixture;
use perch_ir::{Database, Program, Snapshot, SourceFile};
use perch_simulate::exit::{FailOn, decide};
use perch_simulate::report::{Child, CommandReport, DEFAULT, Op, Reach, Scenario, Verdict};
use perch_simulate::verdict::{Judgement, judgement};
use perch_simulate::{Sources, host, run};
use perch_symbolic::Symbolic;

fn program(text: &str) -> Snapshot {
    let db = Database::default();
    let file = SourceFile::new(&db, "test.perch".to_owned(), text.to_owned());
    assert!(!perch_ir::diagnostics(&db, file).iter().any(perch_ir::Diagnostic::is_error), "{text}");
    Snapshot::new(&db, file)
}

fn domain(fixture: &str) -> Symbolic {
    let fixture = Fixture::parse(fixture).unwrap();
    Symbolic::new(host::facts_of(&fixture, "/w").unwrap(), host::policy_of(&fixture, "/w"))
}

fn judged(text: &str, domain: Symbolic) -> Judgement {
    let program = program(text);
    let mut run = run::run_in(&program, &program.command("main").unwrap(), domain, &[]);
    judgement(&program, &mut run, &Sources::default())
}

fn report(body: &str, fixture: &str) -> CommandReport {
    judged(&format!("command main\n  do\n{body}\n  end\nend\n"), domain(fixture)).report
}

fn scenario(report: CommandReport) -> [Scenario; 1] {
    [Scenario::new(DEFAULT, None, vec![report])]
}

fn flat<'r>(ops: &'r [Op], all: &mut Vec<&'r Op>) {
    for op in ops {
        all.push(op);
        for child in &op.children {
            if let Child::Op(op) = child {
                flat(std::slice::from_ref(op), all);
            }
        }
    }
}

fn all(report: &CommandReport) -> Vec<&Op> {
    let mut found = Vec::new();
    flat(&report.ops, &mut found);
    found
}

fn op<'r>(report: &'r CommandReport, text: &str) -> &'r Op {
    all(report).into_iter().find(|op| &*op.text == text).unwrap_or_else(|| panic!("no `{text}`"))
}

fn messages(op: &Op) -> Vec<String> {
    op.reasons.iter().map(|reason| reason.message.to_string()).collect()
}

// ---- visits -----------------------------------------------------------------------------------------

#[test]
fn an_element_of_a_list_that_is_known_on_some_runs_is_any_on_the_others() {
    let body = "    docs = \"{}\"\n    if exists docs.txt\n      docs = read_file docs.txt\n    end\n    for_each docs d\n      _n = json_count \"${d}\"\n    end";
    let report = report(body, "{}");
    let visits = &op(&report, "_n = json_count \"${d}\"").visits;
    let told: Vec<_> = visits.iter().map(|visit| (visit.path.join("."), visit.verdict)).collect();
    assert_eq!(told, [("0".to_owned(), Verdict::MightFail), ("*".to_owned(), Verdict::MightFail)]);
}

// ---- deadlines --------------------------------------------------------------------------------------

/// What is within the block of a deadline neither tries again nor rescues what happens when it passes.
#[test]
fn a_deadline_is_caught_around_its_block_alone() {
    let within = |around: &str, inner: &str| {
        let body = format!(
            "    {around}\n      timeout 1s\n        {inner}\n          sleep 5s\n        end\n      end\n    end"
        );
        let report = report(&body, "{}");
        let op = op(&report, "sleep 5s");
        assert_eq!(op.verdict, Verdict::WillFail);
        (op.handled, report)
    };
    for inner in ["retry 3 delay=1ms", "try"] {
        let (handled, report) = within("if exists slow", inner);
        assert!(!handled, "{inner}");
        assert_eq!(decide(&scenario(report), &[], FailOn::Op).code, 1);
    }
    let rescued = "    try\n      timeout 1s\n        retry 3\n          sleep 5s\n        end\n      end\n    rescue\n      print late\n    end";
    assert!(op(&report(rescued, "{}"), "sleep 5s").handled);
    assert!(!within("retry 2 delay=1ms", "if is_linux").0, "no retry tries that again");
}

#[test]
fn that_no_deadline_passes_is_taken_for_granted_where_nobody_around_its_block_looks() {
    let fixture = r#"{"bins": ["docker"], "oracles": {"exec": {"docker push app": {}}}}"#;
    let of = |body: &str| op(&report(body, fixture), "exec docker push app").verdict;
    let push = "exec docker push app";
    let tried = |block: &str, rest: &str| {
        of(&format!("    timeout 5m\n      {block}\n        {push}\n      {rest}end\n    end"))
    };
    assert_eq!(tried("retry 3", ""), Verdict::WillRun);
    assert_eq!(tried("try", "rescue\n        print no\n      "), Verdict::WillRun);
    assert_eq!(tried("try", "finally\n        print over\n      "), Verdict::MightFail);
    assert_eq!(of(&format!("    try\n      timeout 5m\n        {push}\n      end\n    end")), Verdict::MightFail);
}

// ---- budget -----------------------------------------------------------------------------------------

#[test]
fn nothing_is_decided_beyond_the_budget() {
    let text = "command main\n  do\n    if is_macos\n      print mac\n    end\n    sub\n    sub\n    try\n      rm x\n    end\n  end\nend\n\
                command sub\n  do\n    if exists x\n      sub\n    end\n  end\nend\ncommand other\n  do\n    print x\n  end\nend\n";
    let mut domain = domain("{}");
    domain.dds = Diagrams::with_budget(8);
    let report = judged(text, domain).report;
    assert!(report.gave_up);
    assert_eq!((report.verdict, report.summary.skipped), (Verdict::MightFail, 0));
    let ops = all(&report);
    assert_eq!(ops.len(), 8, "{ops:#?}");
    for op in ops {
        assert_eq!((op.verdict, op.reach, op.handled), (Verdict::MightFail, Reach::Sometimes, false), "{}", op.text);
        assert_eq!(op.reasons.len(), 1);
        assert_eq!(op.reasons[0].code, "budget");
    }
    assert_eq!(decide(&scenario(report), &[], FailOn::Op).code, 0);
}

// ---- reasons ----------------------------------------------------------------------------------------

#[test]
fn reasons_are_failures_of_the_runs_that_the_verdict_speaks_of() {
    let report = report("    exec git status\n    v = read_file \"/closed/x\"\n    print b", r#"{"bins": []}"#);
    let git = op(&report, "exec git status");
    // What it would do if it were there belongs to a mended run.
    assert_eq!((git.verdict, messages(git).len()), (Verdict::WillFail, 1), "{git:#?}");
    assert_eq!(op(&report, "print b").reach, Reach::Blocked);
}

#[test]
fn a_failure_of_one_element_is_no_reason_for_another() {
    let body = "    for_each \"a\\nb\" f\n      try\n        v = read_file \"/d/${f}\"\n      rescue\n        v = \"\"\n      end\n    end";
    let report = report(body, r#"{"files": {"/d": {"kind": "dir", "closed": true}, "/d/a": {"kind": "file"}}}"#);
    let read = op(&report, "v = read_file \"/d/${f}\"");
    assert_eq!(messages(read), ["`/d/b` does not exist"]);
    assert!(read.visits[0].reasons.is_empty());
    assert_eq!(read.visits[1].reasons, read.reasons);
}

// ---- reach ------------------------------------------------------------------------------------------

#[test]
fn conditions_are_sentences_about_real_runs() {
    let body = "    if has_bin hugo\n      print hugo\n    else\n      print none\n    end";
    let found = report(body, "{}");
    assert_eq!(op(&found, "print hugo").condition, ["`hugo` is on PATH"]);
    assert_eq!(op(&found, "print none").condition, ["`hugo` is not on PATH"]);
}

#[test]
fn what_holds_on_all_runs_is_no_condition() {
    // That the file is there is assumed, so all runs that are left agree on it.
    let body = "    v = read_file /srv/a\n    if has_bin npm\n      print npm\n    end";
    let report = report(body, LISTED);
    assert_eq!(op(&report, "print npm").condition, ["`npm` is on PATH"]);
}

#[test]
fn a_never_reached_block_lists_its_statements() {
    let report =
        report("    if is_macos\n      if exists x\n        print x\n      end\n    end", r#"{"os": "linux"}"#);
    assert_eq!(op(&report, "print x").reach, Reach::Never);
    assert_eq!(report.summary.skipped, 2);
}

// ---- assumptions ------------------------------------------------------------------------------------

const LISTED: &str = r#"{"fs_read": ["/srv"], "files": {"/none": {"kind": "absent"}}}"#;

#[test]
fn what_real_runs_take_for_granted_is_listed() {
    let report = report("    v = read_file /srv/a", LISTED);
    let taken: Vec<&str> =
        op(&report, "v = read_file /srv/a").assumptions.iter().map(|one| one.message.as_str()).collect();
    assert!(taken.contains(&"`/srv/a` is a file"), "{taken:?}");
}

#[test]
fn what_only_mended_runs_take_for_granted_is_not() {
    let report = report("    rm \"/none\"\n    v = read_file /none\n    v = read_file /srv/a", LISTED);
    let read = op(&report, "v = read_file /srv/a");
    assert_eq!((read.reach, read.verdict), (Reach::Blocked, Verdict::WillRun));
    assert!(read.assumptions.is_empty(), "{:?}", read.assumptions);
}

// ---- size -------------------------------------------------------------------------------------------

/// Commands that call the next one in two ways, so that each call path has conditions of its own.
fn tower(height: usize, top: &str) -> String {
    let mut text = String::new();
    for at in 0..height {
        let name = if at == 0 { "main".to_owned() } else { format!("c{at}") };
        let body = format!("    if has_bin tool{at}\n      c{0}\n    else\n      c{0}\n    end", at + 1);
        let _ = write!(text, "command {name}\n  do\n{body}\n  end\nend\n\n");
    }
    let _ = write!(text, "command c{height}\n  do\n{top}\n  end\nend\n");
    text
}

fn cut_calls<'r>(report: &'r CommandReport) -> Vec<&'r Op> {
    let cut = |op: &&'r Op| op.children.iter().any(|child| matches!(child, Child::Same { note: Some(_), .. }));
    all(report).into_iter().filter(cut).collect()
}

#[test]
fn small_reports_are_whole() {
    let report = judged(&tower(5, "    print x"), domain("{}")).report;
    assert!(cut_calls(&report).is_empty());
    assert_eq!(all(&report).len(), 3 * 31 + 32);
}

#[test]
fn long_reports_are_cut_and_say_so() {
    let Judgement { report, assumptions, .. } =
        judged(&tower(14, "    v = read_file /srv/a\n    git status"), domain(r#"{"fs_read": ["/srv"]}"#));
    let size = all(&report).len();
    assert!((20_000..20_200).contains(&size), "{size}");
    let cut = cut_calls(&report);
    assert!(!cut.is_empty());
    for call in cut {
        assert!(call.assumptions.iter().any(|one| one.message == "`/srv/a` is a file"), "{:?}", call.assumptions);
    }
    assert!(assumptions.iter().any(|one| one.starts_with("`git` changes only")), "{assumptions:?}");
    // An op beneath a call that was cut may be certain to fail.
    assert_eq!(decide(&scenario(report.clone()), &[], FailOn::Op).code, 1);
    assert_eq!(decide(&scenario(report), &[], FailOn::Command).code, 0);
}

#[test]
fn when_something_is_reached_is_told_from_what_it_stands_in() {
    let report = report("write_file a 1\nif exists b\nprint c\nprint d\nend\nparallel\nrm e\nprint f\nend", "{}");
    let told = |text: &str| (op(&report, text).condition.as_slice(), op(&report, text).comes_next);
    assert_eq!(told("print c"), (&["`/w/b` exists".to_owned()][..], false));
    assert!(told("print d").1 && told("if exists b").1);
    // Branches start together.
    assert_eq!(told("print f"), (&[][..], false));
}
