//! `--ask` at a terminal.

use crate::rig::{Rig, eventually};
use crate::terminal::Terminal;

const QUESTION: &str = "run? [y/n/a/q] > ";

/// A run of `main` with that body, whose questions are answered one after the other; what is on the screen at the end.
fn asked(body: &str, flags: &str, answers: &[&str]) -> (Rig, String) {
    let rig = Rig::new(&[]).file(&format!("command main\n  do\n{body}\n  end\nend\n"));
    let mut terminal = Terminal::new(&rig, &format!("trap : INT; $PERCH --ask {flags} main; echo status $?"));
    for (at, answer) in answers.iter().enumerate() {
        eventually("the question", || terminal.screen().matches(QUESTION).count() > at);
        terminal.types(answer);
    }
    let screen = terminal.end();
    (rig, screen)
}

#[test]
fn o_146_each_op_that_changes_or_starts_something_is_asked_about_before_it_does() {
    let body = "print a\nx = upper b\nwrite_file one \"${x}\"\ncp one two\nsh -c \"echo started\"\nshell \"echo given\"\nrm one";
    let (rig, screen) = asked(body, "", &["y\n", "yes\n", "\n", "y\n", "y\n"]);
    assert_eq!(
        screen,
        format!(
            "a\n  [1] write_file one B\n{QUESTION}y\n  [2] cp one two\n{QUESTION}yes\n  [3] exec sh -c \"echo started\"\n\
             {QUESTION}\nstarted\n  [4] shell \"echo given\"\n{QUESTION}y\ngiven\n  [5] rm one\n{QUESTION}y\nstatus 0\n"
        )
    );
    assert!(rig.has("two") && !rig.has("one"));
}

#[test]
fn what_is_refused_fails_like_what_is_denied_and_can_be_rescued() {
    let body = "try\nwrite_file one a\nrescue\nprint \"${err.kind}\"\nend\nx = sh -c \"echo started\"";
    let (rig, screen) = asked(body, "", &["n\n", "no\n"]);
    assert!(screen.contains("n\ncap_write_denied\n  [2] exec sh -c \"echo started\" → x\n"), "{screen}");
    let end = "↪ op \"exec\" was refused when `--ask` asked\n  kind  cap_subprocess_denied\n";
    assert!(screen.contains(end) && screen.ends_with("status 1\n"), "{screen}");
    assert!(!rig.has("one"));
}

#[test]
fn after_all_nothing_more_is_asked() {
    let (rig, screen) = asked("write_file one a\nwrite_file two b\nsh -c \"echo started\"", "", &["a\n"]);
    assert!(screen.ends_with("a\nstarted\nstatus 0\n") && rig.has("one") && rig.has("two"), "{screen}");
}

#[test]
fn who_quits_ends_the_run_which_tidies_up() {
    let body = "try\nwrite_file one a\nfinally\nprint tidied\nwrite_file two b\nend\nprint never";
    let (rig, screen) = asked(body, "", &["q\n", "y\n"]);
    assert!(screen.contains("q\ntidied\n  [2] write_file two b\n"), "{screen}");
    assert!(screen.ends_with("↪ stopped by user\nstatus 0\n") && !screen.contains("never"), "{screen}");
    assert!(!rig.has("one") && rig.has("two"));
}

/// The end of the input is a `q`.
#[test]
fn who_says_nothing_more_quits() {
    let (rig, screen) = asked("write_file one a", "", &["\x04"]);
    assert!(screen.ends_with("↪ stopped by user\nstatus 0\n") && !rig.has("one"), "{screen}");
}

#[test]
fn ctrl_c_at_a_question_interrupts_the_run() {
    let (rig, screen) = asked("write_file one a", "", &["\x03"]);
    assert!(
        screen.contains("interrupted by SIGINT") && screen.ends_with("status 130\n") && !rig.has("one"),
        "{screen}"
    );
}

#[test]
fn what_is_no_answer_is_asked_again() {
    let (rig, screen) = asked("write_file one a", "", &["what\n", "y\n"]);
    assert!(screen.contains("y: yes, n: no") && screen.ends_with("status 0\n") && rig.has("one"), "{screen}");
}

/// What a restriction denies needs no question.
#[test]
fn nobody_is_asked_about_what_is_denied() {
    let (_, screen) = asked("write_file one a", "--no-write", &[]);
    assert!(!screen.contains(QUESTION) && screen.contains("disabled by --no-write"), "{screen}");
}

#[test]
fn a_pipe_is_one_question_and_a_condition_may_be_one() {
    let body = "pipe\n  echo a\n  cat\nend\nx = try_shell \"exit 0\"\nif x\n  print yes\nend";
    let (_, screen) = asked(body, "", &["y\n", "y\n"]);
    assert!(
        screen.contains("[1] pipe echo a | cat\n") && screen.contains("[2] try_shell \"exit 0\" → x\n"),
        "{screen}"
    );
    assert!(screen.ends_with("yes\nstatus 0\n"), "{screen}");
}

/// One question at a time, and each branch gets its own answers.
#[test]
fn branches_wait_for_each_other_with_their_questions() {
    let (rig, screen) = asked("parallel\n  write_file one a\n  write_file two b\nend", "", &["y\n", "y\n"]);
    assert!(screen.matches(QUESTION).count() == 2 && rig.has("one") && rig.has("two"), "{screen}");
}

/// Who quits at the question of one branch is not asked by the others.
#[test]
fn who_quits_in_a_branch_ends_the_run() {
    for (max, answer, end) in [("2", "q\n", "status 0\n"), ("1", "q\n", "status 0\n"), ("2", "\x03", "status 130\n")] {
        let branches = ["one", "two", "three", "four"].map(|name| format!("  write_file {name} a\n")).concat();
        let (rig, screen) = asked(&format!("parallel max={max}\n{branches}end\nprint never"), "", &[answer]);
        assert!(screen.matches(QUESTION).count() == 1 && screen.ends_with(end), "{screen}");
        assert!(
            !["one", "two", "three", "four"].iter().any(|name| rig.has(name)) && !screen.contains("never"),
            "{screen}"
        );
    }
}

/// Questions are asked on the terminal, whatever standard input is: there it can be the file itself.
#[test]
fn the_file_may_come_from_standard_input() {
    let rig = Rig::new(&[]).file("command main\n  do\n    write_file one a\n  end\nend\n");
    let script = "cat commands.perch | $PERCH -q --ask --stdin-allow write -f - main; echo status $?";
    let mut terminal = Terminal::new(&rig, script);
    terminal.shows(QUESTION);
    terminal.types("y\n");
    assert!(terminal.end().ends_with("status 0\n") && rig.has("one"));
}

#[test]
fn time_that_is_up_ends_a_question() {
    let (rig, screen) = asked("timeout 100ms\n  write_file one a\nend", "", &[]);
    assert!(screen.contains("kind  timeout_exceeded") && screen.ends_with("status 1\n") && !rig.has("one"), "{screen}");
}

#[test]
fn values_of_secret_variables_are_not_asked_about() {
    let rig = Rig::new(&[]).file("command main\n  do\n    write_file one \"${API_TOKEN}\"\n  end\nend\n");
    let mut terminal = Terminal::new(&rig, "API_TOKEN=s3cret $PERCH --ask main; echo status $?");
    terminal.shows("[1] write_file one \"${API_TOKEN}\"\n");
    terminal.types("y\n");
    assert!(!terminal.end().contains("s3cret"));
}

#[test]
fn without_a_terminal_nothing_is_run() {
    let rig = Rig::new(&[]).file("command main\n  do\n    write_file one a\n  end\nend\n");
    let done = rig.command("setsid").args(["--wait", env!("CARGO_BIN_EXE_perch"), "--ask", "main"]).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.code() == Some(2) && said.contains("`--ask` asks on a terminal, and there is none"), "{said}");
    assert!(!rig.has("one"));
}
