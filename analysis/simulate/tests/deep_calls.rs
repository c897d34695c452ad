//! Commands that call the next one twice, twenty deep: a million paths, and as many evaluations as there are
//! distinct surroundings.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;

use perch_ir::{Database, Program, Snapshot, SourceFile};
use perch_simulate::{host, run, verdict};

const DEPTH: usize = 20;

fn tower(body: &str) -> Snapshot {
    let mut text = String::new();
    for level in 0..DEPTH {
        let _ = write!(text, "command c{level}\n  do\n{body}    c{next}\n    c{next}\n  end\nend\n", next = level + 1);
    }
    let _ = write!(text, "command c{DEPTH}\n  do\n{body}  end\nend\n");
    text.push_str("command within\n  do\n    timeout 10h\n      c0\n    end\n  end\nend\n");
    let db = Database::default();
    let file = SourceFile::new(&db, "tower.perch".to_owned(), text);
    assert_eq!(perch_ir::diagnostics(&db, file).iter().filter(|one| one.is_error()).count(), 0);
    Snapshot::new(&db, file)
}

/// The number of diagram nodes that the run has taken, and of nodes in the report.
fn simulate(command: &str, body: &str) -> (usize, usize) {
    let program = tower(body);
    let command = program.command(command).unwrap();
    let facts = host::facts_of(&perch_fixtures::Fixture::default(), "/w").unwrap();
    let mut run = run(&program, &command, facts, perch_policy::Policy::default(), &[]);
    let report = verdict::report(&program, &mut run);
    assert!(!report.gave_up);
    let counts = report.summary;
    (run.domain.dds.len(), counts.will_run + counts.might_fail + counts.will_fail + counts.skipped)
}

/// Time is for benchmarks; what must not grow is the work.
fn stays_small(body: &str) {
    from_there_stays_small("c0", body);
}

fn from_there_stays_small(command: &str, body: &str) {
    let (diagram, report) = simulate(command, body);
    println!("{diagram} diagram nodes, {report} report nodes");
    assert!(diagram < 60_000, "{diagram} diagram nodes");
    assert!(report < 4_000, "{report} report nodes");
}

#[test]
fn a_body_that_writes() {
    stays_small("    write_file /w/x \"1\"\n");
}

#[test]
fn a_body_that_reads() {
    stays_small("    v = read_file /w/x\n");
}

#[test]
fn a_body_that_reads_the_environment() {
    stays_small("    v = get_env HOME\n    print \"${USER}\"\n");
}

#[test]
fn a_body_that_runs_an_unknown_program_and_rescues() {
    stays_small("    try\n      tool\n    rescue\n      print \"${err.kind}\"\n    end\n");
}

/// Each wait begins at another moment.
#[test]
fn a_body_that_waits_and_a_deadline_around_all() {
    from_there_stays_small("within", "    sleep 1ms\n");
}

/// A program from the harness. Each of its calls is another one where all is forgotten, and there are five of them in each, sixty deep:
/// once nothing may be believed any more, none is followed.
#[test]
fn a_command_that_calls_itself_ends_with_the_budget() {
    let db = Database::default();
    let file = SourceFile::new(&db, "main.perch".to_owned(), include_str!("circle/main.perch").to_owned());
    let program = Snapshot::new(&db, file);
    let fixture = serde_json::from_str(include_str!("circle/host.json")).unwrap();
    let facts = host::facts_of(&fixture, "/w").unwrap();
    let policy = perch_policy::Policy { read_roots: Some(vec!["/w".to_owned()]), ..perch_policy::Policy::default() };
    let mut run = run(&program, &program.command("main").unwrap(), facts, policy, &[]);
    assert!(verdict::report(&program, &mut run).gave_up);
}
