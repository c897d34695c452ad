//! Programs of several files.

use std::collections::BTreeMap;

use perch_ir::files::{Files, Found, all, load};
use perch_ir::{Command, Database, Snapshot, SourceFile, StmtKind, Text};

/// Files by their names.
struct Shelf(BTreeMap<&'static str, &'static str>);

impl Files for Shelf {
    fn find(&mut self, _: &str, path: &Text) -> Result<Found, String> {
        let path = path.as_literal().ok_or("a name")?;
        let text = self.0.get(path).ok_or_else(|| format!("there is no `{path}`"))?;
        Ok(Found { path: path.to_owned(), text: (*text).to_owned() })
    }
}

const COMMAND: &str = "\n  do\n  end\nend\n";

/// The program, and what is wrong as `file: code`.
fn program(files: &[(&'static str, &'static str)]) -> (Snapshot, Vec<String>) {
    let mut db = Database::default();
    let root = SourceFile::new(&db, files[0].0.to_owned(), files[0].1.to_owned());
    load(&mut db, root, &mut Shelf(files.iter().copied().collect()));
    let said = |file: &SourceFile| {
        let errors = perch_ir::problems(&db, *file, root)
            .into_iter()
            .filter(|problem| problem.severity() != perch_ir::Severity::NotYet);
        errors.map(|problem| format!("{}: {}", file.path(&db), problem.code)).collect::<Vec<_>>()
    };
    let said = all(&db, root).iter().flat_map(said).collect();
    (Snapshot::new(&db, root), said)
}

fn calls(command: &Command) -> Vec<String> {
    let call = |stmt: &perch_ir::Stmt| match &stmt.kind {
        StmtKind::Call { command, .. } => format!("call {command}"),
        StmtKind::Op(call) => format!("op {}", call.op.entry().name),
        other => format!("{other:?}"),
    };
    command.body.iter().map(call).collect()
}

fn calls_of(program: &Snapshot, name: &str) -> Vec<String> {
    calls(program.declared().into_iter().find(|command| command.name == name).unwrap())
}

#[test]
fn a_name_means_what_its_own_file_says_first() {
    let (program, said) = program(&[
        (
            "main",
            "import a\nimport b as b\ncommand main\n  do\n    one\n    b.one\n    helper\n  end\nend\ncommand helper\n  do\n  end\nend\n",
        ),
        ("a", "command one\n  do\n    helper\n    other\n  end\nend\ncommand helper\n  private\n  do\n  end\nend\n"),
        ("b", "import c\ncommand one\n  private\n  do\n    two\n    helper\n  end\nend\n"),
        ("c", "command two\n  do\n  end\nend\n"),
    ]);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(calls_of(&program, "main"), ["call one", "call b.one", "call helper"]);
    assert_eq!(calls_of(&program, "one"), ["call a:helper", "op exec"]);
    assert_eq!(calls_of(&program, "b.one"), ["call b.two", "call helper"]);
    assert!(program.obstacles("main").is_empty() && program.obstacles("helper").is_empty());
}

#[test]
fn a_file_that_is_imported_twice_is_read_once_and_one_that_imports_itself_is_a_mistake() {
    let (program, said) = self::program(&[
        ("main", "import a\nimport b\ncommand main\n  do\n    shared\n  end\nend\n"),
        ("a", "import c\n"),
        ("b", "import c\n"),
        ("c", "command shared\n  do\n  end\nend\n"),
    ]);
    assert_eq!((said, program.files().len()), (Vec::new(), 4));
    let (_, said) = self::program(&[("main", "import a\n"), ("a", "import b\n"), ("b", "import main\n")]);
    assert_eq!(said, ["main: import-loop", "a: import-loop", "b: import-loop"]);
    let (_, said) = self::program(&[("main", "import main\n")]);
    assert_eq!(said, ["main: import-loop"]);
}

#[test]
fn what_cannot_be_imported() {
    let two: &'static str = Box::leak(format!("import a\ncommand one{COMMAND}").into_boxed_str());
    let one: &'static str = Box::leak(format!("command one{COMMAND}").into_boxed_str());
    assert_eq!(program(&[("main", two), ("a", one)]).1, ["main: duplicate-command"]);
    assert_eq!(program(&[("main", "import a\n")]).1, ["main: unreadable-import"]);
    assert_eq!(program(&[("main", "import a b\n")]).1, ["main: bad-import"]);
    let (program, said) =
        program(&[("main", "import a as x\ncommand main\n  do\n    x.two\n  end\nend\n"), ("a", one)]);
    assert_eq!(said, ["main: unknown-command"]);
    assert!(!program.obstacles("main").is_empty());
}

#[test]
fn shared_bindings_of_the_importer_go_first() {
    let (program, said) = program(&[("main", "import a\nport = 81\n"), ("a", "port = 80\nurl = \"x:${port}\"\n")]);
    assert_eq!(said, Vec::<String>::new());
    let shared: Vec<_> = perch_ir::Program::shared(&program).iter().map(|shared| &*shared.source).collect();
    assert_eq!(shared, ["port = 81", "url = \"x:${port}\""]);
}

#[test]
fn what_is_shared_behind_an_alias_is_a_scope_of_its_own() {
    let files = [
        ("main", "import a\nimport b as b\nimport c as c\nx = 1\n"),
        ("a", "y = 1\nx = 2\n"),
        ("b", "import d\nimport c as c\nx = 3\nz = 3\n"),
        ("c", "import d\nz = 4\n"),
        ("d", "z = 5\nw = 5\n"),
    ];
    let (program, said) = program(&files);
    assert_eq!(said, Vec::<String>::new());
    let shown = |one: &perch_ir::Shared| format!("{} {}: {}", one.scope, one.file, one.source);
    let shared: Vec<_> = perch_ir::Program::shared(&program).iter().map(shown).collect();
    let file = |name: &str| program.files().iter().position(|file| file == name).unwrap();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(file);
    let told = [
        "0 0: x = 1".to_owned(),
        format!("0 {a}: y = 1"),
        format!("1 {b}: z = 3"),
        format!("1 {d}: w = 5"),
        format!("2 {c}: z = 4"),
        format!("2 {d}: w = 5"),
    ];
    assert_eq!(shared, told);
    let scopes = perch_ir::Program::scopes(&program);
    let of = |from, file| perch_ir::shared::scope_of(scopes, from, file);
    assert_eq!([of(0, a), of(0, b), of(0, d), of(2, d), of(2, 0)], [0, 1, 1, 2, 0]);
}

#[test]
fn templates_that_double_hit_a_limit_at_once() {
    // Whoever copied these out would never be done.
    let twice = |number: u32| format!("template t{number}\n  do\n    t{0}\n    t{0}\n  end\nend\n", number + 1);
    let doubling: String = (0..60).map(twice).collect();
    let text =
        format!("{doubling}template t60\n  do\n    print x\n  end\nend\ncommand main\n  do\n    t0\n  end\nend\n");
    let (snapshot, problems) = crate::common::read(&text);
    let codes: Vec<_> =
        problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.code.name()).collect();
    assert!(codes.contains(&"template-too-large") && !codes.contains(&"template-loop"), "{codes:?}");
    assert!(snapshot.obstacles("main").iter().any(|obstacle| obstacle.problem.is_error()));
    let (_, problems) =
        crate::common::read("template a\n  do\n    b\n  end\nend\ntemplate b\n  do\n    a\n  end\nend\n");
    let codes: Vec<_> =
        problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.code.name()).collect();
    assert_eq!(codes, ["template-loop", "template-loop"]);
}
