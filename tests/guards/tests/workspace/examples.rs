//! The examples can be used.

use perch_guards::{files, read};
use perch_ir::{Database, Program, Snapshot, SourceFile};

fn load(file: &str) -> Snapshot {
    let db = Database::default();
    let source = SourceFile::new(&db, file.to_owned(), read(file));
    let errors: Vec<_> = perch_ir::diagnostics(&db, source).iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty(), "{file}: {errors:#?}");
    Snapshot::new(&db, source)
}

#[test]
fn programs_load() {
    let programs = files("examples", "perch");
    assert!(programs.len() >= 2, "{programs:?}");
    for file in programs {
        assert!(!load(&file).commands().is_empty(), "{file} has no command");
    }
}

#[test]
fn fixtures_load_and_hold_together() {
    let fixtures = files("examples", "json");
    assert!(!fixtures.is_empty());
    for file in fixtures {
        let fixture = perch_fixtures::Fixture::parse(&read(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let cwd = fixture.cwd.clone().unwrap_or_else(|| "/".to_owned());
        let facts = perch_simulate::host::facts_of(&fixture, &cwd);
        assert!(facts.is_ok(), "{file}: {:?}", facts.err());
    }
}

/// The programs in the specification and the README are programs.
#[test]
fn programs_in_pages_load() {
    let mut seen = 0;
    for page in files("docs", "md").into_iter().chain(["README.md".to_owned()]) {
        for (at, program) in perch_guards::documents::blocks(&read(&page), "perch").into_iter().enumerate() {
            let db = Database::default();
            let source = SourceFile::new(&db, format!("{page}#{at}"), program);
            let problems = perch_ir::diagnostics(&db, source);
            assert!(!problems.iter().any(perch_ir::Diagnostic::is_error), "{page}, program {}: {problems:#?}", at + 1);
            assert!(!Snapshot::new(&db, source).declared().is_empty());
            seen += 1;
        }
    }
    assert!(seen >= 2, "only {seen} programs were found");
}

/// Programs in pages have the verdicts that the pages say.
#[test]
fn verdicts_in_pages_hold() {
    let pages = ["docs/spec/verdicts.md", "docs/architecture.md"];
    let cases = pages.into_iter().flat_map(|page| perch_behaviour::cases(&read(page)));
    let examples: Vec<_> = cases.filter(|case| !case.program.is_empty()).collect();
    assert!(examples.len() >= 3);
    let wrong: Vec<String> = examples.iter().flat_map(perch_behaviour::check).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the README shows of the main example: every verdict, and an op that is blocked.
#[test]
fn the_main_example_shows_every_verdict() {
    use perch_simulate::report::{Child, Op, Reach, Verdict};
    fn flat<'r>(ops: &[&'r Op], all: &mut Vec<&'r Op>) {
        for op in ops {
            all.push(op);
            let children: Vec<&Op> = op
                .children
                .iter()
                .filter_map(|child| if let Child::Op(op) = child { Some(&**op) } else { None })
                .collect();
            flat(&children, all);
        }
    }
    let program = load("examples/deploy.perch");
    let fixture = perch_fixtures::Fixture::parse(&read("examples/staging.json")).unwrap();
    let cwd = fixture.cwd.clone().unwrap();
    let facts = perch_simulate::host::facts_of(&fixture, &cwd).ok().unwrap();
    let policy = perch_simulate::host::policy_of(&fixture, &cwd);
    let mut run = perch_simulate::run(&program, &program.command("deploy").unwrap(), facts, policy, &[]);
    let report = perch_simulate::verdict::report(&program, &mut run);
    let mut all = Vec::new();
    flat(&report.ops.iter().collect::<Vec<_>>(), &mut all);
    let shown: Vec<String> =
        all.iter().map(|op| format!("{:?} {:?} {} {:?}", op.verdict, op.reach, op.text, op.reasons)).collect();
    for verdict in [Verdict::WillRun, Verdict::MightFail, Verdict::WillFail, Verdict::Skipped] {
        assert!(all.iter().any(|op| op.verdict == verdict), "no {verdict:?}: {shown:#?}");
    }
    assert!(all.iter().any(|op| op.reach == Reach::Blocked), "nothing is blocked: {shown:#?}");
    assert!(all.iter().any(|op| op.handled && op.verdict != Verdict::WillRun), "nothing is caught: {shown:#?}");
    assert_eq!(report.verdict, Verdict::WillFail);
}
