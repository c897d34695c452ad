//! What programs mean after lowering, written as a short text per statement.

use crate::common::{body, program, read, shown_body};
use perch_ir::{Absent, ArgType, Database, Program, Snapshot, SourceFile};

#[test]
fn leading_words_are_ops_then_commands_then_programs() {
    assert_eq!(
        shown_body("print a\nother b ${c}\n./tool b\n\"${t}\" 'x y'\nexec print c"),
        [
            "op print name(a)",
            "call other [b] [${c}]",
            "op exec [./tool] [b]",
            "op exec [${t}] [x y]",
            "op exec [print] [c]",
        ]
    );
}

#[test]
fn operands_of_ops_are_names_where_a_word_is_a_single_name() {
    assert_eq!(
        shown_body("print a err.kind a-b 1 'a' ${a} --x=\"a b\" true"),
        ["op print name(a) name(err.kind) [a-b] [1] [a] [${a}] [--x=a b] name(true)",]
    );
}

#[test]
fn assignments() {
    assert_eq!(
        shown_body(
            "x = 'a b'\nx = -1.5\nx = true\nx = a${b}\nx = y\nx = err.kind\nx = other\nx = read_file p\nx = git log\n\
             let x = exec git log\nx = ./tool\nx = other 1\nx = \"a\"b"
        ),
        [
            "let x = [a b]",
            "let x = [-1.5]",
            "let x = [true]",
            "let x = [a${b}]",
            "let x = name(y)",
            "let x = name(err.kind)",
            "x <- call other",
            "x <- op read_file name(p)",
            "x <- op exec [git] [log]",
            "x <- op exec [git] [log]",
            "x <- op exec [./tool]",
            "x <- call other [1]",
            "let x = [ab]",
        ]
    );
}

#[test]
fn chains() {
    assert_eq!(
        shown_body("a 1 && exec print 2 || c ; d"),
        ["chain Always(op exec [a] [1]) Succeeded(op exec [print] [2]) Failed(op exec [c]) Always(op exec [d])"]
    );
}

#[test]
fn conditions_bind_not_then_and_then_or() {
    let cond = |text: &str| shown_body(&format!("if {text}\nend")).remove(0);
    assert_eq!(cond("not a and b or c"), "if (or (and (not a) b) c) {}");
    assert_eq!(cond("not not a"), "if a {}");
    assert_eq!(cond("a == b and 'x ${y}' lt 3"), "if (and (name(a) Equal [b]) ([x ${y}] Less [3])) {}");
    assert_eq!(cond("exists p and not is_dir /tmp"), "if (and op exists name(p) (not op is_dir [/tmp])) {}");
    assert_eq!(cond("err.kind neq ''"), "if (name(err.kind) NotEqual []) {}");
}

#[test]
fn blocks() {
    assert_eq!(
        shown_body("if a\nprint 1\nelif b\nprint 2\nelse\nprint 3\nend"),
        ["if a {op print [1]} elif b {op print [2]} else {op print [3]}"]
    );
    assert_eq!(
        shown_body("for_each files f\nprint f\nend\nfor_each f in 'a'\nend"),
        ["for f in name(files) {op print name(f)}", "for f in [a] {}"]
    );
    assert_eq!(
        shown_body("match m\ncase a\nprint 1\ncase 'b ${c}'\nelse\nprint 2\nend"),
        ["match name(m) [a] {op print [1]} [b ${c}] {} else {op print [2]}"]
    );
    assert_eq!(
        shown_body("try\nprint 1\nrescue e\nprint 2\nfinally\nprint 3\nend"),
        ["try {op print [1]} rescue e {op print [2]} finally {op print [3]}"]
    );
    assert_eq!(shown_body("try\nrescue e\nfinally\nend"), ["try {} finally {}"]);
    assert_eq!(shown_body("try\nrescue\nprint err\nend"), ["try {} rescue err {op print name(err)} finally {}"]);
}

#[test]
fn statements_know_where_they_stand_and_how_they_are_written() {
    let body = body("print  a   \"b\n c\"  # comment\n\u{e9} && b");
    assert_eq!((body[0].place.line, body[0].place.column), (7, 1));
    assert_eq!(&*body[0].source, "print a \"b\\n c\"");
    let perch_ir::StmtKind::Chain(clauses) = &body[1].kind else { panic!("{body:?}") };
    assert_eq!((clauses[1].place.line, clauses[1].place.column, &*clauses[1].source), (9, 6, "b"));
}

#[test]
fn a_file_with_everything() {
    let snapshot = program(
        "#!/usr/bin/perch\r\nname \"x\"\r\nversion 1.2\r\nroot = \"${HOME}/a\"\r\nword = plain\r\n\r\ncommand go-on\r\n  description 'd'\r\n  private\r\n  \
         arg n\r\n    type int\r\n    default 3\r\n    index 0\r\n  end\r\n  arg s\r\n    type string\r\n    optional\r\n  end\r\n  do\r\n    print n\r\n  end\r\nend",
    );
    assert_eq!(snapshot.info().name.as_deref(), Some("x"));
    assert_eq!(snapshot.info().version.as_deref(), Some("1.2"));
    let shared: Vec<_> =
        snapshot.shared().iter().map(|shared| format!("{} {}", shared.place.line, shared.source)).collect();
    assert_eq!(shared, ["4 root = \"${HOME}/a\"", "5 word = plain"]);
    let command = snapshot.command("go-on").unwrap();
    assert_eq!((command.place.line, command.private, command.description.as_deref()), (7, true, Some("d")));
    assert_eq!((command.args[0].ty, command.args[0].index, command.args[0].place.line), (ArgType::Int, Some(0), 10));
    assert_eq!(command.args[1].absent, Absent::Empty);
    assert_eq!((command.body[0].place.line, command.body[0].place.column), (20, 5));
}

#[test]
fn nothing_can_make_it_panic_or_overflow() {
    let many = 20_000;
    let texts = [
        format!("command a\ndo\n{}\nend\nend", "if x\n".repeat(many)),
        format!("command a\ndo\nif {} x\nend\nend\nend", "not ".repeat(many)),
        format!("command a\ndo\nif x{}\nend\nend\nend", " and x".repeat(many)),
        format!("command a\ndo\nprint {}\nend\nend", "${".repeat(many)),
        format!("command a\ndo\nprint \"{}\"\nend\nend", "${".repeat(many)),
        format!("command a\ndo\n a{}\nend\nend", " ; é".repeat(many)),
        format!("x = {}", "\"a\"'b'$\\".repeat(many)),
        "end\n".repeat(many),
        "\"'`\n".repeat(many),
        "command\n".repeat(many),
        "\0\u{202e}\u{feff}".repeat(many),
        "command a\ndo\nif\nfor_each\nmatch\nelse\nend\nend\ntry\nrescue a b\nend\nend\nend = 1\n= 2\n".to_owned(),
        String::new(),
        "\u{feff}".to_owned(),
        "\r".to_owned(),
    ];
    for text in texts {
        let (_, diagnostics) = read(&text);
        for problem in diagnostics {
            assert!(text.get(problem.span.range()).is_some(), "{problem:?}");
        }
    }
}

/// The statements of `main` in a file, each as a short text. Nothing is wrong with the file but what is not there yet.
fn shown_of(text: &str) -> Vec<String> {
    let (snapshot, problems) = read(text);
    let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty(), "{text}: {errors:#?}");
    let main = snapshot.declared().into_iter().find(|command| command.name == "main").unwrap();
    main.body.iter().map(crate::common::stmt).collect()
}

fn later(statements: &str) -> Vec<String> {
    shown_of(&crate::common::around(statements))
}

#[test]
fn variables_end_at_commas_that_are_in_no_quotes_of_a_value() {
    let pairs = |words: &str| later(&format!("with_env {words}\nend")).concat();
    assert_eq!(pairs("\"A=1,B=${b}\" C=2,D=3"), "with_env A=[1] B=[${b}] C=[2] D=[3] {}");
    assert_eq!(pairs("A=\"x,B=y\" C='1,D=${d}'"), "with_env A=[x,B=y] C=[1,D=${d}] {}");
    assert_eq!(pairs("\"A='x,B=y',C=1\",D=\"it's\",E=2"), "with_env A=[x,B=y] C=[1] D=[it's] E=[2] {}");
    assert_eq!(pairs("A=1,\"B=2,C=3\" D=\"'4'\""), "with_env A=[1] B=[2] C=[3] D=['4'] {}");
}

#[test]
fn blocks_hold_their_operands_and_bodies() {
    assert_eq!(
        later(
            "retry 5 delay=2s\n  print a\nend\nparallel max=3\nend\ntimeout secs=\"${t}\"\nend\ncache key=deps ttl=7d\nend\n\
             with_env A=1 \"B=${b}\"\nend\nwith_cwd dir\nend\nsandbox \"no_shell,no_network\"\nend\nos unix\nend\narch arm64\nend"
        ),
        [
            "retry attempts=[5] delay=[2s] max_delay=[5m] {op print name(a)}",
            "parallel max=[3] {}",
            "timeout secs=[${t}] {}",
            "cache key=name(deps) ttl=[7d] {}",
            "with_env A=[1] B=[${b}] {}",
            "with_cwd path=name(dir) {}",
            "sandbox no_shell no_network {}",
            "os target=name(unix) {}",
            "arch target=name(arm64) {}",
        ]
    );
}

#[test]
fn programs_that_are_more_than_a_chain() {
    assert_eq!(
        later("A=1 B=\"${b}\" make x\nls && C=1 git add\ny = pipe\n  ls\n  exec wc -l\nend"),
        [
            "A=[1] B=[${b}] op exec [make] [x]",
            "chain Always(op exec [ls]) Succeeded(C=[1] op exec [git] [add])",
            "y <- pipe Always(op exec [ls]) Always(op exec [wc] [-l])",
        ]
    );
    assert_eq!(
        later("if git diff && make\nend\nif not port_free 80\nend"),
        ["if (Always(op exec [git] [diff]) Succeeded(op exec [make])) {}", "if (not op port_free [80]) {}"]
    );
}

#[test]
fn texts_with_calls_and_splices() {
    assert_eq!(
        later("print \"a ${upper(lower('${b} c', d), 3)}\"".replace(", d), 3", ")").as_str()),
        ["op print [a ${upper([${lower([${b} c])}])}]"]
    );
    assert_eq!(
        shown_of(
            "command main\n  proxy_args\n  do\n    git ${proxy_args...} -v\n    print ${proxy_args...}\n  end\nend\n"
        ),
        ["op exec [git] [${proxy_args...}] [-v]", "op print [${proxy_args...}]"]
    );
}

#[test]
fn modules_come_from_files_or_the_bundle() {
    let text = "bundle\n  include ./m.wasm as mod\nend\ncommand main\n  do\n    wasm_run mod\n      wasm_arg a \"${b}\"\n    end\n    \
                wasm_run ./m.wasm\n      wasm_env A,B\n    end\n  end\nend\n";
    assert_eq!(
        shown_of(text),
        ["module bundled(mod); wasm_arg [a]; wasm_arg [${b}]", "module [./m.wasm]; wasm_env [A,B]"]
    );
}

#[test]
fn a_template_is_used_by_name_and_its_arguments_are_its_own() {
    let text = "template keep\n  arg path\n    type string\n  end\n  arg more\n    type string\n    index 1\n    rest\n  end\n  do\n    \
                if exists path\n      b = read_file \"${path}\"\n    end\n    path = \"${more_count}\"\n    git ${more...}\n  end\nend\n\
                command main\n  do\n    keep app.conf x \"${y}\"\n  end\nend\n";
    assert_eq!(shown_of(text), ["expand keep [app.conf] [x] [${y}]"]);
    let (snapshot, _) = read(text);
    let body: Vec<_> = snapshot.templates()[0].body.iter().map(crate::common::stmt).collect();
    assert_eq!(
        body,
        [
            "if op exists name( keep path) {b <- op read_file [${ keep path}]}",
            "let  keep path = [${ keep more_count}]",
            "op exec [git] [${ keep more...}]",
        ]
    );
}

#[test]
fn under_a_manifest_programs_are_declared_and_may_have_names() {
    let manifest = "requires\n  bin git make\n  bin ./tools/gen as gen\nend\n";
    let main = |line: &str| format!("{manifest}command main\n  do\n    {line}\n  end\nend\n");
    assert_eq!(
        shown_of(&main("git log && gen x")),
        ["chain Always(op exec [git] [log]) Succeeded(op exec [${ handle gen}] [x])"]
    );
    assert_eq!(shown_of(&main("x = make")), ["x <- op exec [make]"]);
    let codes: Vec<_> = read(&main("curl x")).1.iter().map(|problem| problem.code.name()).collect();
    assert_eq!(codes, ["undeclared-program"]);
}

#[test]
fn what_one_command_needs_is_what_all_of_it_says() {
    let text = "v = 1\n\ncommand a\n  do\n    b\n  end\nend\n\ncommand b\n  do\n    a\n    print \"${v}\"\n  end\nend\n\ncommand c\n  do\n    print \"x\n  end\nend\n\ncommand d\n  do\n    c\n  end\nend\n\ncommand a\n  do\n  end\nend\n";
    let db = Database::default();
    let file = SourceFile::new(&db, "test.perch".to_owned(), text.to_owned());
    let whole = Snapshot::new(&db, file);
    for name in ["a", "b", "c", "d"] {
        let part = Snapshot::of_command(&db, file, name).unwrap();
        assert_eq!(part.obstacles(name), whole.obstacles(name), "{name}");
        assert_eq!(part.command(name), whole.command(name), "{name}");
    }
    assert!(!whole.obstacles("d").is_empty() && whole.obstacles("b") == whole.obstacles("a"));
    let part = Snapshot::of_command(&db, file, "c").unwrap();
    assert!(part.commands().is_empty(), "only what it needs is there");
    assert_eq!(Snapshot::of_command(&db, file, "e"), None);
}
