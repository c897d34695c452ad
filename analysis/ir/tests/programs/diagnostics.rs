//! What is said about programs with mistakes: code, the text it points at, and the help.

use crate::common::{around, read};
use perch_ir::Program;

/// Every diagnostic as `code at "text": message (help)`.
fn said(text: &str) -> Vec<String> {
    let show = |problem: &perch_ir::Diagnostic| {
        let place = text.get(problem.span.range()).unwrap();
        let help = problem.help.as_deref().unwrap_or("no help");
        format!("{} at `{place}`: {} ({help})", problem.code, problem.message)
    };
    read(text).1.iter().map(show).collect()
}

/// The same for statements.
fn said_of(statements: &str) -> Vec<String> {
    said(&around(statements))
}

#[track_caller]
fn one(statements: &str, expected: &str) {
    assert_eq!(said_of(statements), [expected]);
}

#[test]
fn operands_are_counted() {
    one("upper", "wrong-operand-count at `upper`: `upper` takes 1 operand, not 0 (write `upper VALUE`)");
    one("x = cp a", "wrong-operand-count at `cp a`: `cp` takes 2 operands, not 1 (write `cp SRC DST`)");
    one(
        "exit 1 2",
        "wrong-operand-count at `exit 1 2`: `exit` takes 0 to 1 operands, not 2 (write `exit [STATUS]`, as in `exit 3`)",
    );
    one(
        "mkdir -p a",
        "wrong-operand-count at `mkdir -p a`: `mkdir` takes 1 operand, not 2 (ops take no options such as `-p`: write `mkdir a`)",
    );
    one("print", "wrong-operand-count at `print`: `print` takes at least 1 operand, not 0 (write `print WORDS…`)");
    one(
        "x = exec",
        "wrong-operand-count at `exec`: `exec` takes at least 1 operand, not 0 (write `exec BIN [WORDS…]`)",
    );
}

#[test]
fn operands_of_blocks_are_called_by_their_names() {
    one("retry 3 dely=1s\nend", "unknown-operand at `dely`: `retry` has no operand `dely` (did you mean `delay`?)");
    one(
        "retry attempts=3 backoff=1s\nend",
        "unknown-operand at `backoff`: `retry` has no operand `backoff` (it has: `attempts`, `delay`, `max_delay`)",
    );
}

#[test]
fn what_other_languages_call_the_last_arm_is_told() {
    let help = "write `else` for what runs when no `case` does";
    one(
        "match a\n  case b\n    print b\n  default\n    print c\nend",
        &format!(
            "foreign-form at `default`: `default` starts a program of that name (in a `match`, {help}; `exec default` if the program is meant)"
        ),
    );
    for any in ["*", "_"] {
        one(
            &format!("match a\n  case b\n    print b\n  case {any}\n    print c\nend"),
            &format!("foreign-form at `{any}`: `case {any}` stands for that text alone ({help})"),
        );
    }
}

#[test]
fn programs_in_a_pipe_are_not_taken_for_a_habit_of_shells() {
    one(
        "printf a",
        "foreign-form at `printf`: `printf` starts a program of that name (write `print WORDS…`; `exec printf` if the program is meant)",
    );
    assert_eq!(said_of("pipe\n  printf a\n  echo b\nend"), Vec::<String>::new());
}

#[test]
fn literals_are_of_the_types_of_operands() {
    one(
        "sleep \"soon\"",
        "wrong-operand-type at `\"soon\"`: TIME of `sleep` is a duration, such as `500ms`, `30s` or `1h30m`, not `soon` (write `sleep TIME`, as in `sleep 500ms`)",
    );
    let codes = |statements: &str| -> Vec<String> {
        said_of(statements).iter().map(|said| said.split(": ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(codes("exit \"three\""), ["wrong-operand-type at `\"three\"`"]);
    assert_eq!(codes("chmod a 999"), ["wrong-operand-type at `999`"]);
    assert_eq!(codes("v = http_get ftp://x"), ["wrong-operand-type at `ftp://x`"]);
    assert_eq!(codes("if port_free 70000\nend"), ["wrong-operand-type at `70000`"]);
    assert_eq!(codes("assert_version a => 1"), ["wrong-operand-type at `=>`"]);
    // What is a binding or has one in it is for the run to judge.
    assert_eq!(codes("exit three\nexit \"${three}\"\nexit 300"), Vec::<String>::new());
}

#[test]
fn operands_of_ops_have_no_names() {
    one(
        "mkdir path=out",
        "named-operand at `path=out`: `path=out` is one text: operands of ops have no names (write `mkdir PATH`, here `out`; or quotes if the text is meant)",
    );
    assert_eq!(said_of("cp src:a dst:b").len(), 2);
    assert_eq!(said_of("mkdir where=out\nmkdir \"path=out\"\nexec dd bin=x"), Vec::<String>::new());
}

#[test]
fn calls_that_cannot_fit_are_told() {
    let callee = "command deploy\narg target\ntype string\nindex 0\nend\narg n\ntype int\noptional\nend\narg dry\ntype bool\noptional\nend\ndo\nend\nend\n";
    let said = |call: &str| said(&format!("{callee}command main\ndo\n  {call}\nend\nend\n"));
    let like_this = "(it is called like this: `deploy TARGET [-n=VALUE] [-dry]`)";
    let by_name =
        "(`n` is given by its name, `-n b`; with `index 1` in its declaration it takes a word without a name)";
    let surplus = "call-mismatch at `deploy a b`: `deploy` cannot be called like this: `b` is one word too many";
    assert_eq!(said("deploy a b"), [format!("{surplus} {by_name}")]);
    for (call, why) in [
        ("deploy", "argument `target` is missing"),
        ("deploy a -target=b", "argument `target` is given twice"),
        ("deploy a -n", "`-n` needs a value"),
        ("deploy a -${x}", "the name of a flag must be written out"),
    ] {
        let wanted = format!("call-mismatch at `{call}`: `deploy` cannot be called like this: {why} {like_this}");
        assert_eq!(said(call), [wanted]);
    }
    assert_eq!(
        said("deploy a -n=abc"),
        [
            "argument-type at `deploy a -n=abc`: `abc` is no value of type int, which argument `n` of `deploy` takes (write a decimal number without a dot, as in `-12`)"
        ]
    );
    for fits in ["deploy a", "deploy \"${x}\" -n=${y} -dry", "deploy -- -x", "deploy -5", "deploy a -n -5"] {
        assert_eq!(said(fits), Vec::<String>::new(), "{fits}");
    }
}

#[test]
fn flags_of_calls_are_arguments_of_the_command() {
    let callee =
        "command deploy\narg target\ntype string\noptional\nend\narg dry\ntype bool\noptional\nend\ndo\nend\nend\n";
    let said = |call: &str| said(&format!("{callee}command main\ndo\n  {call}  # now\nend\nend\n"));
    let place = "deploy -tarket=x";
    assert_eq!(
        said("deploy -tarket=x"),
        [format!("unknown-argument at `{place}`: `deploy` has no argument `-tarket` (did you mean `-target`?)")]
    );
    assert!(
        said("x = deploy -dry --where x")[0].contains("has no argument `--where` (its arguments are: target, dry)")
    );
    assert!(said("deploy -target -x")[0].contains("`-target` needs a value"));
    for fits in ["deploy -target=x -dry", "deploy -target=-x", "deploy -target -1"] {
        assert_eq!(said(fits), Vec::<String>::new(), "{fits}");
    }
}

#[test]
fn ops_that_this_version_does_not_have() {
    let (snapshot, problems) = read(&around("wasm_run ./a\nend\nother"));
    assert!(problems.iter().all(|problem| !problem.is_error() && problem.stops()));
    assert!(snapshot.command("main").is_none() && snapshot.declared().len() == 2);
}

#[test]
fn what_a_command_can_get_to_stands_in_its_way() {
    let command = |name: &str, statement: &str| format!("command {name}\n  do\n    {statement}\n  end\nend\n");
    let text = [
        command("a", "b"),
        command("b", "if x\nelse\ntry\nfinally\nfor_each l e\nc\nend\nend\nend"),
        command("c", "wasm_run ./x\nend"),
        command("d", "a"),
        command("e", "print e"),
        command("f", "f"),
    ];
    let (snapshot, _) = read(&text.concat());
    let reaches = |name: &&str| !snapshot.obstacles(name).is_empty();
    let all = ["a", "b", "c", "d", "e", "f", "none"];
    assert_eq!(all.iter().copied().filter(reaches).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    let runnable: Vec<_> = snapshot.commands().iter().map(|command| command.name.clone()).collect();
    assert_eq!(runnable, ["a", "b", "d", "e", "f"]);
}

#[test]
fn assignments() {
    one(
        "x=1",
        "glued-assignment at `x=1`: `x=1` binds nothing: an assignment has blanks around its `=` (write `x = 1`)",
    );
    one(
        "x= 1",
        "glued-assignment at `x=`: `x=` binds nothing: an assignment has blanks around its `=` (write `x = 1`)",
    );
    one(
        "x =1",
        "glued-assignment at `x =1`: `x =1` binds nothing: an assignment has blanks around its `=` (write `x = 1`)",
    );
    one(
        "x =\"a\"",
        "syntax-error at `x =\"a\"`: this line cannot be read (write `x = \"a\"`, with blanks around the `=`)",
    );
    one("x =", "missing-value at `x =`: nothing is bound to `x` (write `x = \"\"` for the empty text)");
    one(
        "x = a && b",
        "chain-captured at `x = a && b`: the output of a chain cannot be bound (bind the output of one program, and chain on a line of its own)",
    );
    one(
        "err.kind = 1",
        "bad-name at `err.kind`: `err.kind` is not a name that can be bound (write `err_kind`: a name starts with a letter or `_` and goes on with letters, digits and `_`)",
    );
    one("let x 1", "syntax-error at `let x 1`: this line cannot be read (write `let NAME = value`)");
}

#[test]
fn chains() {
    let lines = "write each on a line of its own: a line runs only if the one above has succeeded";
    let refused = |instead: &str| {
        format!("op-in-chain at `print`: `print` is an op, and only programs can be joined ({instead})")
    };
    one("a && print b", &refused(lines));
    one("print b ; a", &refused(lines));
    one("a || print b", &refused("write `try`, the one, `rescue`, the other, and `end`, each on a line of its own"));
    assert!(said_of("exists a || b")[0].contains("write `if not exists a`"));
    assert_eq!(
        said_of("a && other")[0].split(" (").next(),
        Some("op-in-chain at `other`: `other` is a command, and only programs can be joined")
    );
    one("a &&", "empty-clause at `&&`: a program is missing here (write a program on both sides, on one line)");
    one("&& a", "misplaced-keyword at `&&`: `&&` joins nothing (write a program before it, on the same line)");
    one(
        "a; b",
        "glued-joint at `a;`: `a;` is one word and joins nothing (write what stands behind it on a line of its own, or quotes around the word if it is meant so)",
    );
}

#[test]
fn misspelt_ops_are_suggested_and_known_programs_left_alone() {
    one(
        "pritn x",
        "maybe-misspelt at `pritn`: `pritn` is neither an op nor a command, so it starts a program \
         (did you mean `print`? Write `exec pritn` if the program is meant)",
    );
    one(
        "on_error",
        "maybe-misspelt at `on_error`: `on_error` starts a program here \
         (in a `try`, the arm that catches is `rescue NAME`; `on_error` is a line of `hooks`)",
    );
    assert!(said_of("primtln a")[0].contains("did you mean `println`?"));
    assert!(said_of("paralel")[0].contains("did you mean `parallel`?"));
    assert_eq!(said_of("git a\nless b\nrg c\nmake d\nexec pritn"), Vec::<String>::new());
}

#[test]
fn keywords_in_wrong_places() {
    one(
        "case a",
        "misplaced-keyword at `case`: `case` stands outside of `match` (is there an `end` too many above, or one too few?)",
    );
    one(
        "for_each a b\nelse\nend",
        "misplaced-keyword at `else`: `else` stands outside of `if` or `match` (is there an `end` too many above, or one too few?)",
    );
    one("do", "misplaced-keyword at `do`: `do` cannot stand here (write `exec do` if a program is meant)");
    one("x = if a", "misplaced-keyword at `if`: `if` is a keyword (write `exec if` if a program is meant)");
    one(
        "if a\nelse\nelif b\nend",
        "misplaced-arm at `elif b`: nothing follows `else` (`else` is the last arm, and there is one)",
    );
    one(
        "if a\nelse if b\nend",
        "else-if at `else if b`: `else if` is one word here (write `elif CONDITION`, without an `end` of its own)",
    );
    one(
        "match a\nprint b\ncase c\nend",
        "before-case at `print b`: this stands before the first `case` and would never run (move it above `match` or into an arm)",
    );
    one(
        "for_each a\nend",
        "bad-for-each at `for_each a`: a loop has a list and a name (write `for_each LIST NAME` or `for_each NAME in LIST`)",
    );
    one("try a\nend", "surplus-words at `a`: `try` takes no words (put this on a line of its own, or remove it)");
}

#[test]
fn conditions() {
    let only = |condition: &str| said_of(&format!("if {condition}\nend")).remove(0);
    assert_eq!(
        only("a==b"),
        "bad-condition at `a==b`: `a==b` is not a condition (write `a == b`, with blanks around the sign)"
    );
    assert_eq!(
        only("equals ${day} \"Sunday\""),
        "bad-condition at `equals`: `equals` is not a predicate (write `day == \"Sunday\"`)"
    );
    assert_eq!(only("exsits a"), "bad-condition at `exsits`: `exsits` is not a predicate (did you mean `exists`?)");
    assert!(
        only("read_file a")
            .starts_with("bad-condition at `read_file`: `read_file` is not a predicate (bind its result first")
    );
    assert!(only("exists a b").starts_with("wrong-operand-count at `exists a b`"));
    assert!(only("").starts_with("missing-condition at `if`"));
    assert!(only("a and").starts_with("bad-condition at `if a and`: a condition is missing here"));
    assert!(only("a == b c").starts_with("bad-condition at `a == b c`: this comparison cannot be read"));
    assert!(only("${a} == b").starts_with("bad-condition at `${a}`: `${a}` cannot stand on the left"));
    assert!(only("exists").starts_with("predicate-without-operands at `exists`"));
}

#[test]
fn what_does_not_exist_yet() {
    let help = "docs/spec/language.md says what is not there yet; no command that can reach it is run";
    one(
        "wasm_run ./m\nend",
        &format!("not-available at `wasm_run`: `wasm_run` is not available in this build yet ({help})"),
    );
    let names = |text: &str| -> Vec<_> {
        said(text).into_iter().map(|said| said.split(':').next().unwrap().to_owned()).collect()
    };
    assert_eq!(
        names("requires\n  bin git\n    hash_file x\n  end\nend\nbundle\nend\nhooks\nend\nsandbox\nend\n"),
        ["not-available at `hash_file`"]
    );
    assert_eq!(names("sandbox\n  max_processes 2\nend\n"), ["not-available at `max_processes`"]);
}

#[test]
fn what_is_wrong_in_a_block_is_found_in_every_block() {
    let heads = [
        "parallel",
        "timeout 3",
        "retry delay=2s",
        "with_env A=1",
        "with_cwd x",
        "sandbox no_shell",
        "cache x 1d",
        "os linux",
        "arch arm64",
    ];
    for head in heads {
        let said = said_of(&format!("{head}\n  upper\n  pipe\n    ls\n  end\nend\ncp"));
        let codes: Vec<_> = said.iter().map(|said| said.split(':').next().unwrap()).collect();
        assert_eq!(codes, ["wrong-operand-count at `upper`", "wrong-operand-count at `cp`"], "{head}");
    }
}

#[test]
fn what_a_sandbox_takes_away_and_what_a_block_sets_is_written_out() {
    assert!(said_of("sandbox no_shel\nend")[0].contains("did you mean `no_shell`"));
    assert!(said_of("sandbox \"${x}\"\nend")[0].starts_with("computed-right at `\"${x}\"`"));
    assert!(said_of("with_env \"${x}=1\"\nend")[0].starts_with("bad-pair at"));
    assert!(said_of("with_env A\nend")[0].starts_with("bad-pair at `A`"));
    assert_eq!(said_of("with_env \"A=1,B=${x},C='a,D=b'\"\nend\nsandbox no-write\nend"), Vec::<String>::new());
}

#[test]
fn what_can_be_read_and_not_run_inside_of_lines() {
    let codes = |statements: &str| -> Vec<_> {
        said_of(statements).into_iter().map(|said| said.split(':').next().unwrap().to_owned()).collect()
    };
    assert_eq!(codes("X=1 make\nmake && X=${y} make\nx = A=1 make"), Vec::<String>::new());
    assert_eq!(codes("x = pipe\n  ls\nend\nx =\n  pipe\n  ls\nend"), Vec::<String>::new());
    assert_eq!(codes("x = ls | wc"), ["pipe-in-line at `|`"]);
    assert_eq!(codes("wasm_run ./m\n  wasm_arg x\nend"), ["not-available at `wasm_run`"]);
    assert_eq!(codes("exec a ${proxy_args...}"), ["bad-splice at `${proxy_args...}`"]);
    assert_eq!(codes("print \"${upper(bundle_hash())}\""), Vec::<String>::new());
    assert_eq!(codes("if git diff && make\nend"), Vec::<String>::new());
    assert_eq!(codes("if exists a && exists b\nend"), ["bad-condition at `&&`"]);
}

#[test]
fn forms_of_former_versions() {
    one(
        "run deploy",
        "removed-form at `run`: the keyword `run` does not exist any more (write the name of the command alone; `exec run` starts a program of that name)",
    );
    assert_eq!(said_of("exec run x\nexec call y"), Vec::<String>::new());
    assert_eq!(said("command run\ndo\nend\nend\ncommand b\ndo\nrun\nend\nend\n"), Vec::<String>::new());
    assert_eq!(
        said("globals\n  a = 1\nend\n"),
        [
            "removed-form at `globals`: `globals` blocks do not exist any more (write `NAME = value` at the top level, once for each, without a block)"
        ]
    );
}

#[test]
fn one_mistake_that_cannot_be_read_hides_no_other() {
    let said = said_of("let x 1\nupper\n  command y\nif x\n  cp\nend");
    let codes: Vec<_> = said.iter().map(|said| said.split(':').next().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "syntax-error at `let x 1`",
            "wrong-operand-count at `upper`",
            "misplaced-keyword at `command`",
            "wrong-operand-count at `cp`",
        ]
    );
}

#[test]
fn commands_and_arguments() {
    let command = |config: &str| said(&format!("command a\n{config}\ndo\nend\nend\n"));
    assert_eq!(
        command("arg x\nend"),
        [
            "missing-type at `arg x`: the argument `x` has no type (add a line `type string`, `type int`, `type float` or `type bool`)"
        ]
    );
    assert_eq!(
        command("arg x\ntype strng\nend"),
        ["unknown-type at `strng`: `strng` is not a type (did you mean `string`?)"]
    );
    assert_eq!(
        command("arg x\ntype int\ndefault 1.5\nend"),
        ["bad-default at `1.5`: `1.5` is not a value of type int (change the default or the type)"]
    );
    assert_eq!(
        command("arg x\ntype int\nend\narg x\ntype int\nend"),
        ["duplicate-arg at `x`: this command already has an argument `x` (give one of them another name)"]
    );
    assert_eq!(
        command("arg x\ntype int\nindex one\nend"),
        ["bad-index at `one`: an index is a whole number, counted from 0 (write `index 0` for the first word)"]
    );
    assert_eq!(
        command("desciption x"),
        ["unknown-setting at `desciption`: `desciption` is not a setting of a command (did you mean `description`?)"]
    );
    assert_eq!(
        command("print x"),
        ["unknown-setting at `print`: `print` is not a setting of a command (statements stand between `do` and `end`)"]
    );
    assert_eq!(
        command("description a b"),
        ["bad-setting at `description a b`: `description` takes one text (write `description \"…\"`)"]
    );
    assert_eq!(
        said("command a\ndo\nend\nprivate\nend\n"),
        [
            "config-after-do at `private`: configuration stands before `do` (move this line above `do`; statements stand between `do` and its `end`)"
        ]
    );
    assert_eq!(
        said("command a\nend\n"),
        ["missing-do at `command a`: this command has no `do` block (put its statements between `do` and `end`)"]
    );
    assert_eq!(
        said("command print\ndo\nend\nend\n"),
        [
            "shadowed-command at `print`: bodies cannot call this command: there `print` means something else (give it another name)"
        ]
    );
}

#[test]
fn files() {
    assert_eq!(
        said("v = a b\n"),
        [
            "bad-shared-binding at `v = a b`: a shared binding is one text (write `v = \"…\"`; what has to be run belongs into a command)"
        ]
    );
    assert_eq!(
        said("v=1\n"),
        ["glued-assignment at `v=1`: `v=1` binds nothing: an assignment has blanks around its `=` (write `v = 1`)"]
    );
    assert_eq!(
        said("name a\nname b\n"),
        ["duplicate-setting at `name b`: `name` is given twice (rename one of them, or remove it)"]
    );
}

#[test]
fn a_broken_command_does_not_hide_the_others() {
    let text = "command a\n  do\n    print \"x\n  end\nend\n\ncommand b\n  do\n    upper\n  end\nend\n\ncommand c\n  do\n  end\nend\n\ncommand d\n  do\n    if x\n  end\nend\n";
    let (snapshot, _) = read(text);
    let names: Vec<_> = snapshot.commands().iter().map(|command| command.name.clone()).collect();
    assert_eq!(names, ["c"]);
    let broken = |name: &&str| snapshot.obstacles(name).len() == 1 && snapshot.command(name).is_none();
    assert!(["a", "b", "d"].iter().all(broken));
    assert!(snapshot.obstacles("c").is_empty());
    let codes: Vec<_> = said(text).into_iter().map(|said| said.split(" (").next().unwrap().to_owned()).collect();
    assert_eq!(
        codes,
        [
            "unterminated-string at `\"`: this quote is never closed",
            "wrong-operand-count at `upper`: `upper` takes 1 operand, not 0",
            "unclosed-block at `if`: this `if` is never closed",
        ]
    );
}

#[test]
fn two_commands_of_one_name_are_both_broken() {
    let (snapshot, _) = read("command a\ndo\nend\nend\ncommand a\ndo\nend\nend\n");
    assert!(snapshot.obstacles("a").len() == 1 && snapshot.declared().is_empty());
    assert_eq!(
        said("command a\ndo\nend\nend\n command a\ndo\nend\nend\n"),
        ["duplicate-command at `command a`: the file already has a command `a` (rename one of them, or remove it)"]
    );
}

#[test]
fn arguments_have_a_limit() {
    let arguments = |count: usize| -> String { (0..count).map(|at| format!("  arg x{at} type int end\n")).collect() };
    let command = |count: usize| format!("command a\n{}  do\n  end\nend\n", arguments(count));
    assert_eq!(said(&command(1000)), Vec::<String>::new());
    assert_eq!(
        said(&command(1002)),
        [
            "too-many-arguments at `arg x1000`: this is one argument more than the 1000 that a command may have (take the words as they come: `rest` in the last argument)"
        ]
    );
}
