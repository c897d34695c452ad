//! The examples can be used.

use perch_guards::{documents, files, read, root};
use perch_ir::{Database, Program, Severity, Snapshot, SourceFile};

use crate::repository::opened;

const FOLDER: &str = "docs/examples";

fn load(file: &str) -> Snapshot {
    let (db, source) = opened(file, read(file));
    Snapshot::new(&db, source)
}

fn programs() -> Vec<String> {
    let programs = files(FOLDER, "perch");
    assert!(programs.len() >= 55, "{programs:?}");
    programs
}

/// Those that were written to be read first.
fn own_programs() -> impl Iterator<Item = String> {
    programs().into_iter().filter(|file| !file.contains("/seeds/"))
}

#[test]
fn nothing_is_said_of_examples() {
    for file in programs() {
        let (db, source) = opened(&file, read(&file));
        // What this version cannot run yet is no mistake.
        let is_said = |found: &perch_check::Finding| found.problem.severity() != Severity::NotYet;
        let said: Vec<_> = perch_check::check(&db, source).into_iter().filter(is_said).collect();
        assert!(said.is_empty(), "{file}: {said:#?}");
        assert!(!load(&file).declared().is_empty(), "{file} has no command");
    }
}

#[test]
fn examples_are_laid_out() {
    for file in programs() {
        assert_eq!(perch_format::format(&read(&file)).as_ref(), Ok(&read(&file)), "`perch fmt {file}` is missing");
    }
}

/// A file that is there for its own sake begins by saying what it is for and how to try it.
#[test]
fn examples_say_what_they_are_for() {
    for file in own_programs() {
        let text = read(&file);
        let head: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
        let is_imported = head.iter().any(|line| line.contains("imported"));
        let way = format!("#   perch -f {file} ");
        assert!(head.iter().any(|line| line.starts_with(&way)) || is_imported, "{file} does not say `{way}…`");
        let program = load(&file);
        let called = program.declared().into_iter().filter(|command| command.config.test.is_none());
        let silent: Vec<_> = called.filter(|command| command.description.is_none()).map(|one| &one.name).collect();
        assert!(silent.is_empty(), "{file}: {silent:?} have no description");
    }
}

#[test]
fn a_file_with_a_first_line_for_the_kernel_can_be_started() {
    use std::os::unix::fs::PermissionsExt as _;
    for file in programs() {
        let mode = root().join(&file).metadata().unwrap().permissions().mode();
        assert_eq!(read(&file).starts_with("#!"), mode & 0o111 != 0, "{file} has mode {mode:o}");
    }
}

#[test]
fn the_index_has_every_example() {
    let index = format!("{FOLDER}/README.md");
    let linked = documents::links(&read(&index));
    for file in programs().into_iter().chain(files(FOLDER, "json")) {
        let name = file.strip_prefix(FOLDER).unwrap_or(&file).trim_start_matches('/').to_owned();
        assert_eq!(linked.iter().filter(|link| **link == name).count(), 1, "{index}: {name}");
    }
}

#[test]
fn fixtures_load_and_hold_together() {
    for file in fixtures() {
        for (name, fixture) in hosts(&file) {
            let cwd = fixture.cwd.clone().unwrap_or_else(|| "/".to_owned());
            let facts = perch_simulate::host::facts_of(&fixture, &cwd);
            assert!(facts.is_ok(), "{file}, {name}: {:?}", facts.err());
        }
    }
}

/// Files that describe hosts: those of examples, and those to begin with.
fn fixtures() -> Vec<String> {
    let hosts = files("sim-fixtures/examples", "json");
    assert!(hosts.len() >= 3, "{hosts:?}");
    files(FOLDER, "json").into_iter().chain(hosts).collect()
}

/// What a fixture says, as it stands and in each scenario.
fn hosts(file: &str) -> Vec<(String, perch_fixtures::Fixture)> {
    let fixture = perch_fixtures::Fixture::parse(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let scenarios = fixture.scenarios.iter().map(|scenario| (scenario.name.clone(), fixture.in_scenario(scenario)));
    scenarios.chain([("as it stands".to_owned(), fixture.clone())]).collect()
}

/// Every command of every example that can run has verdicts on every host, and no run is too large.
#[test]
fn examples_have_verdicts_on_every_host() {
    let mut seen = 0;
    let all: Vec<(String, perch_fixtures::Fixture)> = fixtures()
        .iter()
        .flat_map(|file| hosts(file).into_iter().map(move |(name, host)| (format!("{file}, {name}"), host)))
        .collect();
    for file in own_programs() {
        let program = load(&file);
        for command in program.declared() {
            if !command.is_open() || !program.obstacles(&command.name).is_empty() {
                continue;
            }
            for (name, host) in &all {
                let cwd = host.cwd.clone().unwrap_or_else(|| "/".to_owned());
                let facts = perch_simulate::host::facts_of(host, &cwd).ok().unwrap();
                let policy = perch_simulate::host::policy_of(host, &cwd);
                let mut run = perch_simulate::run(&program, command, facts, policy, &[]);
                let report = perch_simulate::verdict::report(&program, &mut run);
                assert!(!report.gave_up, "{file}, {}, {name}", command.name);
                seen += 1;
            }
        }
    }
    assert!(seen >= 100, "only {seen}");
}

/// The programs in the specification and the README are programs.
#[test]
fn programs_in_pages_load() {
    let mut seen = 0;
    // The programs of the page of diagnostics are wrong or right as it says, which is tested with the pages that it is made of.
    let pages = files("docs", "md").into_iter().filter(|page| page != "docs/diagnostics.md");
    for page in pages.chain(["README.md".to_owned()]) {
        for (at, program) in documents::blocks(&read(&page), "perch").into_iter().enumerate() {
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
    let program = load("docs/examples/deploy.perch");
    let fixture = perch_fixtures::Fixture::parse(&read("docs/examples/staging.json")).unwrap();
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
