//! The binary from the outside.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::process::Command;

use tempfile::TempDir;

const FILE: &str = r#"
name demo
where = "in ${cwd}"

command build
  description "Build it"
  arg target
    type string
    default x86
    index 0
  end
  arg n
    type int
    optional
  end
  do
    print "${target} ${n}"
    write_file built.txt "${target}"
  end
end

command deep
  private
  do
    fail "deep down"
  end
end

command fails
  do
    try
      v = read_file none
    rescue
      print rescued
    end
    deep
  end
end

command status
  arg code
    type string
    index 0
  end
  do
    sh -c "exit ${code}"
  end
end

command leave
  do
    exit 9
  end
end

command killed
  do
    sh -c "kill -15 $$"
  end
end

command down
  arg path
    type string
    index 0
  end
  do
    mkdir "${path}"
  end
end
"#;

struct Rig(TempDir);

struct Said {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Rig {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("commands.perch"), FILE).unwrap();
        Self(dir)
    }

    fn perch(&self, words: &[&str]) -> Said {
        let done = Command::new(env!("CARGO_BIN_EXE_perch")).args(words).current_dir(self.0.path()).output().unwrap();
        Said {
            status: done.status.code().unwrap(),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }

    fn status(&self, words: &[&str]) -> i32 {
        self.perch(words).status
    }
}

#[test]
fn o_018_a_file_says_what_it_offers() {
    let rig = Rig::new();
    let said = rig.perch(&[]);
    assert_eq!((said.status, said.stdout.as_str()), (0, rig.perch(&["--list"]).stdout.as_str()));
    assert!(said.stdout.starts_with("demo\n  build   Build it\n"), "{}", said.stdout);
    // It is private.
    assert!(!said.stdout.contains("deep"));
    assert_eq!(rig.status(&["deep"]), 2);
    assert!(rig.perch(&["build", "--help"]).stdout.contains("-target  string, default `x86`"));
}

#[test]
fn arguments_are_assigned_and_judged() {
    let rig = Rig::new();
    assert_eq!(rig.perch(&["build"]).stdout, "x86 0\n");
    assert_eq!(rig.perch(&["build", "arm", "-n=-3"]).stdout, "arm -3\n");
    assert_eq!(rig.perch(&["build", "--", "-n"]).stdout, "-n 0\n");
    for words in [&["build", "-n", "x"][..], &["build", "a", "b"], &["build", "-m", "1"], &["status"], &["build", "-n"]]
    {
        let said = rig.perch(words);
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{words:?} {}", said.stderr);
        assert!(said.stderr.starts_with("↪ `"), "{words:?} {}", said.stderr);
    }
}

#[test]
fn an_argument_that_is_not_there_is_suggested() {
    let said = Rig::new().perch(&["build", "-tarket=x"]);
    assert!(said.stderr.contains("there is no argument `-tarket`\n"), "{}", said.stderr);
    assert!(said.stderr.ends_with("  help  did you mean `-target`?\n"), "{}", said.stderr);
}

#[test]
fn a_command_that_is_not_there_is_suggested() {
    let rig = Rig::new();
    let said = rig.perch(&["biuld"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("did you mean `build`?"), "{}", said.stderr);
    assert_eq!(rig.status(&["--nonsense"]), 2);
    assert_eq!(rig.status(&["-f", "none.perch", "build"]), 2);
}

#[test]
fn a_failure_is_told_with_its_place() {
    let rig = Rig::new();
    let said = rig.perch(&["fails"]);
    assert_eq!((said.status, said.stdout.as_str()), (1, "rescued\n"));
    let want = "↪ deep down\n  kind  user_fail\n  at    commands.perch:25:5  fail \"deep down\"\n";
    assert_eq!(said.stderr, want);
}

#[test]
fn exit_statuses() {
    let rig = Rig::new();
    for (code, status) in [("0", 0), ("1", 1), ("125", 125), ("126", 1), ("255", 1)] {
        assert_eq!(rig.status(&["status", code]), status, "{code}");
    }
    assert_eq!((rig.status(&["leave"]), rig.status(&["killed"])), (9, 143));
}

#[test]
fn restrictions_stand_before_or_behind_the_command() {
    let rig = Rig::new();
    for words in [&["--no-write", "build"][..], &["build", "--no-write"], &["build", "arm", "--no-write", "-n", "1"]] {
        let said = rig.perch(words);
        assert_eq!(said.status, 1, "{words:?}");
        assert!(said.stderr.starts_with("🔒 security: --no-write\n↪ op \"write_file\" is disabled by --no-write\n"));
    }
    assert!(!rig.0.path().join("built.txt").exists());
    assert_eq!(rig.perch(&["build", "--", "--no-write"]).stdout, "--no-write 0\n");
    assert_eq!(rig.status(&["--allow-write", "elsewhere", "build"]), 1);
    assert_eq!(rig.status(&["--allow-write", "elsewhere,.", "build"]), 0);
    assert_eq!(rig.status(&["--allow-bin=", "status", "0"]), 1);
    assert_eq!(rig.status(&["--allow-bin=git", "status", "0", "--allow-bin", "sh"]), 0);
}

#[test]
fn what_cannot_be_loaded_is_not_run() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("bad.perch"), "command a\n  do\n    print a\n    wibble_op )(\n    if x\n  end\nend\n")
        .unwrap();
    let said = rig.perch(&["-f", "bad.perch", "a"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("bad.perch:5:"), "{}", said.stderr);
    assert_eq!((rig.status(&["--check", "bad.perch"]), rig.status(&["--check", "-f", "bad.perch"])), (1, 1));
    assert_eq!((rig.status(&["--check"]), rig.status(&["--check", "none"])), (0, 2));
}

const NOT_ALL: &str = r#"
command fine
  do
    print fine
  end
end

command deep
  do
    wasm_run ./m.wasm
    end
  end
end

command reaches
  do
    write_file made.txt x
    if never
      deep
    end
  end
end

command wrong
  do
    upper
  end
end
"#;

const CATCH: &str = r#"
command main
  do
    print main
  end
end

command hidden
  private
  do
    print hidden
  end
end

command broken
  do
    cp
  end
end

catch verb
  description "Whatever it is"
  proxy_args
  do
    print "caught ${proxy_args}"
    hidden
  end
end
"#;

#[test]
fn words_that_are_no_command_are_caught() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("catch.perch"), CATCH).unwrap();
    let perch = |words: &[&str]| rig.perch(&[&["-f", "catch.perch"], words].concat());
    assert_eq!(perch(&["other", "-a", "--help"]).stdout, "caught other -a --help\nhidden\n");
    assert_eq!(perch(&["hidden"]).stdout, "caught hidden\nhidden\n");
    assert_eq!(perch(&["main"]).stdout, "main\n");
    // Of what is broken nobody knows what it would have been.
    assert_eq!((perch(&["broken"]).status, perch(&["broken"]).stdout.as_str()), (2, ""));
    assert!(perch(&["--list"]).stdout.ends_with("\n  VERB…   any other word: Whatever it is\n"));
    assert_eq!(perch(&[]).stdout, "main\n");
}

#[test]
fn what_is_in_the_way_of_catch_is_in_the_way_of_words_that_are_no_command() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("catch.perch"), CATCH.replace("print hidden", "wasm_run ./x\n  end")).unwrap();
    let perch = |words: &[&str]| rig.perch(&[&["-f", "catch.perch"], words].concat());
    assert_eq!((perch(&["other"]).status, perch(&["other"]).stdout.as_str()), (2, ""));
    assert!(perch(&["other"]).stderr.contains("`other` cannot be run: 1 thing not available"));
    assert_eq!(perch(&["main"]).status, 0);
}

#[test]
fn what_this_version_lacks_stops_a_command_before_it_does_anything() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("part.perch"), NOT_ALL).unwrap();
    for words in [&["-f", "part.perch", "reaches"][..], &["simulate", "-f", "part.perch", "reaches"]] {
        let said = rig.perch(words);
        assert_eq!((said.status, said.stdout.as_str()), (2, ""), "{words:?}");
        assert!(said.stderr.contains("`wasm_run` is not available in this build yet"), "{}", said.stderr);
        assert!(said.stderr.contains("part.perch:10:"), "{}", said.stderr);
        assert!(said.stderr.contains("↪ `reaches` cannot be run: 1 thing not available in this build\n"));
    }
    assert!(!rig.0.path().join("made.txt").exists());
    assert_eq!(rig.perch(&["-f", "part.perch", "fine"]).stdout, "fine\n");
}

#[test]
fn a_mistake_stops_the_commands_that_can_reach_it() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("part.perch"), NOT_ALL).unwrap();
    assert_eq!((rig.status(&["-f", "part.perch", "fine"]), rig.status(&["-f", "part.perch", "wrong"])), (0, 2));
    assert_eq!(rig.status(&["simulate", "-f", "part.perch"]), 2);
    let said = rig.perch(&["--check", "part.perch"]);
    assert_eq!(said.status, 1);
    assert!(
        said.stderr.contains("✗ part.perch: 1 error, ") && said.stderr.ends_with(", 1 not available in this build\n"),
        "{}",
        said.stderr
    );
    fs::write(rig.0.path().join("part.perch"), NOT_ALL.replace("upper", "print x")).unwrap();
    assert_eq!(rig.status(&["--check", "part.perch"]), 0);
}

#[test]
fn a_file_with_a_mistake_can_still_be_asked() {
    let rig = Rig::new();
    let text = "command fine\n  do\n    print fine\n  end\nend\n\ncommand build \"Build it\"\n  do\n  end\nend\n";
    fs::write(rig.0.path().join("part.perch"), text).unwrap();
    let said = rig.perch(&["-f", "part.perch", "--list"]);
    assert_eq!(
        (said.status, said.stdout.as_str()),
        (0, "  fine\n  build  (has mistakes: `perch --check` shows them)\n")
    );
    assert_eq!(rig.perch(&["-f", "part.perch", "--graph"]).status, 0);
    let said = rig.perch(&["-f", "part.perch", "buld"]);
    assert!(said.stderr.contains("did you mean `build`?"), "{}", said.stderr);
    for words in [&["-f", "part.perch", "build"][..], &["-f", "part.perch", "--graph", "build"]] {
        let said = rig.perch(words);
        assert_eq!(said.status, 2);
        assert!(said.stderr.contains("write `description \"Build it\"` on the next line"), "{}", said.stderr);
    }
}

#[test]
fn the_graph_says_who_calls_whom() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("part.perch"), NOT_ALL.replace("upper", "reaches\n    wrong")).unwrap();
    let graph = |words: &[&str]| rig.perch(&[&["-f", "part.perch", "--graph"], words].concat());
    let said = graph(&["reaches"]).stdout;
    assert_eq!(said, "deep  part.perch:8\nreaches  part.perch:15\n  calls deep\n");
    assert!(graph(&[]).stdout.ends_with("wrong  part.perch:24  (recursive)\n  calls reaches\n  calls wrong\n"));
    assert!(graph(&["reaches", "--format", "dot"]).stdout.contains("  \"reaches\" -> \"deep\";\n"));
    let json: serde_json::Value = serde_json::from_str(&graph(&["reaches", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["schema"], "perch.graph/1");
    assert_eq!(json["edges"][0], serde_json::json!({"from": "reaches", "to": "deep", "kind": "call"}));
    let said = graph(&["reachs"]);
    assert_eq!((said.status, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("did you mean `reaches`?"), "{}", said.stderr);
}

#[test]
fn the_graph_says_whose_ops_are_watched() {
    let rig = Rig::new();
    let hooks = "hooks\n  before write guard\nend\ncommand guard\n  private\n  do\n    write_file b c\n  end\nend\n";
    let main = "command main\n  do\n    if exists a\n      x = cp a b\n    end\n  end\nend\ncommand other\n  do\n    print a\n  end\nend\n";
    fs::write(rig.0.path().join("watched.perch"), format!("{hooks}{main}")).unwrap();
    let said = rig.perch(&["-f", "watched.perch", "--graph"]).stdout;
    let guard = "guard  watched.perch:4  (private)\n";
    assert_eq!(said, format!("{guard}main  watched.perch:10\n  is watched by guard\nother  watched.perch:17\n"));
}

#[test]
fn imports_are_read_beside_their_file() {
    let rig = Rig::new();
    let dir = rig.0.path();
    fs::create_dir(dir.join("lib")).unwrap();
    fs::write(dir.join("lib/a.perch"), "import ./b.perch as b\ncommand one\n  do\n    b.two\n  end\nend\n").unwrap();
    fs::write(dir.join("lib/b.perch"), "command two\n  private\n  do\n    print two\n  end\nend\n").unwrap();
    let own = "command main\n  do\n    print own\n  end\nend\ncommand all\n  do\n    one\n  end\nend\n";
    fs::write(dir.join("part.perch"), format!("import \"${{file_dir}}/lib/a.perch\"\n{own}")).unwrap();
    assert_eq!(rig.status(&["--check", "part.perch"]), 0);
    assert_eq!(rig.perch(&["-f", "part.perch", "main"]).stdout, "own\n");
    assert_eq!(rig.perch(&["-f", "part.perch", "all"]).stdout, "two\n");
    fs::write(dir.join("lib/b.perch"), "import ../part.perch\n").unwrap();
    assert_eq!(rig.status(&["--check", "part.perch"]), 1);
    fs::remove_file(dir.join("lib/b.perch")).unwrap();
    let said = rig.perch(&["--check", "part.perch"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("lib/a.perch:1:") && said.stderr.contains("cannot read"), "{}", said.stderr);
}

#[test]
fn deep_paths_do_not_exhaust_the_stack() {
    let rig = Rig::new();
    assert_eq!(rig.status(&["down", &"d/".repeat(700)]), 0);
    assert_eq!(rig.status(&["down", &"d/".repeat(60_000)]), 1);
}

const CHECKED: &str = "command main\n  description \"Write\"\n  arg file\n    type string\n  end\n  arg schema\n    type string\n    index 0\n    optional\n  end\n  do\n    write_file seen \"${file} ${schema}\"\n  end\nend\n";

#[test]
fn t_053_an_argument_without_a_place_is_a_flag() {
    let rig = Rig::new();
    fs::write(rig.0.path().join("flags.perch"), CHECKED).unwrap();
    let seen = |words: &[&str]| {
        let status = rig.status(&[&["-f", "flags.perch", "main"], words].concat());
        (status, fs::read_to_string(rig.0.path().join("seen")).unwrap_or_default())
    };
    assert_eq!(seen(&["-file=a.json", "user"]), (0, "a.json user".to_owned()));
    assert_eq!(seen(&["-file", "b.json", "-schema=user"]), (0, "b.json user".to_owned()));
    fs::remove_file(rig.0.path().join("seen")).unwrap();
    // The only word that needs no flag is the schema, so the file is missing.
    assert_eq!(seen(&["a.json"]), (2, String::new()));
    assert_eq!(seen(&["a.json", "user"]), (2, String::new()));
}

#[test]
fn o_148_s_001_a_check_reads_and_runs_nothing() {
    let rig = Rig::new();
    let checked = |text: &str| {
        fs::write(rig.0.path().join("checked.perch"), text).unwrap();
        rig.perch(&["--check", "checked.perch"])
    };
    let said = checked(CHECKED);
    assert_eq!((said.status, said.stdout.as_str()), (0, ""), "{}", said.stderr);
    assert!(said.stderr.ends_with("✓ checked.perch: 1 command — no findings\n"), "{}", said.stderr);
    assert!(!rig.0.path().join("seen").exists());
    let said = checked(&CHECKED.replace("type string", "type strng"));
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("did you mean `string`?"), "{}", said.stderr);
    // Other problems than syntax, in a command that nobody calls.
    let said = checked(&format!("{CHECKED}command other\n  private\n  do\n    upper\n  end\nend\n"));
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("`upper` takes 1 operand, not 0"), "{}", said.stderr);
}

#[test]
fn t_023_a_check_says_when_there_is_no_manifest() {
    let rig = Rig::new();
    let said = |text: &str| {
        fs::write(rig.0.path().join("checked.perch"), text).unwrap();
        rig.perch(&["--check", "checked.perch"]).stderr
    };
    assert!(said(CHECKED).starts_with("checked.perch: no `requires` block, so commands may touch whatever you may\n"));
    assert!(!said(&format!("requires\nend\n{CHECKED}")).contains("no `requires`"));
    // Whoever has mistakes to mend is not told this, too.
    assert!(!said(&CHECKED.replace("type", "tipe")).contains("no `requires`"));
}

/// What a command is for may look like a pattern, and what the shell does with those is up to whoever sits there.
#[test]
fn bash_offers_commands_whatever_is_said_of_them() {
    let Ok(_) = Command::new("bash").arg("-c").arg(":").status() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = "command ask\n description \"What is here? Each of * tells\"\n do\n print ok\n end\nend\n\
                command ask_again\n do\n print ok\n end\nend\n";
    fs::write(folder.path().join("commands.perch"), file).unwrap();
    for (option, typed, offered) in [
        ("nullglob", "as", "2 ask ask_again\n"),
        ("failglob", "as", "2 ask ask_again\n"),
        ("extglob", "as", "2 ask ask_again\n"),
        ("nullglob", "x", "0 \n"),
    ] {
        let line = format!(
            "eval \"$(\"$PERCH\" --completions bash)\"; shopt -s {option}; COMP_WORDS=(\"$PERCH\" {typed}); COMP_CWORD=1; _perch; \
             echo \"${{#COMPREPLY[@]}} ${{COMPREPLY[*]}}\""
        );
        let mut bash = Command::new("bash");
        bash.args(["-c", &line]).current_dir(folder.path()).env("PERCH", env!("CARGO_BIN_EXE_perch"));
        let output = bash.output().unwrap();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert_eq!(said, [offered, ""], "{option} {typed}");
    }
}
