#[test]
fn show() {
    let db = perch_ir::Database::default();
    let file = std::env::var("P").unwrap();
    let fx = std::env::var("F").unwrap();
    let source = perch_ir::SourceFile::new(&db, file.clone(), std::fs::read_to_string(&file).unwrap());
    println!("{:#?}", perch_ir::diagnostics(&db, source));
    use perch_ir::Program as _;
    let program = perch_ir::Snapshot::new(&db, source);
    let fixture = perch_fixtures::Fixture::parse(&std::fs::read_to_string(&fx).unwrap()).unwrap();
    let cwd = fixture.cwd.clone().unwrap_or("/w".into());
    let facts = perch_simulate::host::facts_of(&fixture, &cwd).unwrap();
    let policy = perch_simulate::host::policy_of(&fixture, &cwd);
    let c = std::env::var("C").unwrap_or("main".into());
    let mut run = perch_simulate::run(&program, &program.command(&c).unwrap(), facts, policy, &[]);
    let report = perch_simulate::verdict::report(&program, &mut run);
    let report = perch_simulate::report::Report {
        schema: "perch.simulate/1",
        file,
        exit_code: 1,
        rule: "rule".into(),
        assumptions: perch_simulate::verdict::global_assumptions(&run),
        scenarios: vec![perch_simulate::report::Scenario { name: "default".into(), commands: vec![report] }],
    };
    println!("{}", perch_simulate::text::render(&report, false));
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
}
