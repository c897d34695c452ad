//! `--max-runtime`.

use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::rig::{Rig, eventually, machine_is_busy};

const NAP: (&str, &str) = ("nap", "touch ready; exec sleep 1000");
const SHORT: (&str, &str) = ("short", "sleep 0.7; touch done");

fn perch(rig: &Rig, words: &[&str]) -> (Output, Duration) {
    let begin = Instant::now();
    let mut perch = rig.command(env!("CARGO_BIN_EXE_perch"));
    let output = perch.args(words).stdin(Stdio::null()).output().unwrap();
    (output, begin.elapsed())
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn o_057_o_058_everything_is_stopped_when_the_time_is_up() {
    for (command, script) in [("nap", NAP), ("nap_captured", NAP)] {
        let rig = Rig::new(&[script]);
        let (output, took) = perch(&rig, &["--max-runtime", "300ms", command]);
        let told = "🔒 security: --max-runtime 300ms\n↪ stopped: --max-runtime exceeded\n";
        assert_eq!((output.status.code(), errors(&output).as_str()), (Some(1), told));
        assert_eq!((output.stdout.len(), rig.alive()), (0, vec![]));
        assert!(took < Duration::from_millis(500) || machine_is_busy(), "{took:?}");
    }
}

#[test]
fn o_060_a_tight_loop_is_stopped() {
    let lines = "x\\n".repeat(2_000);
    let body = format!("for_each \"{lines}\" a\n for_each \"{lines}\" b\n v = upper a\n end\n end\n");
    let rig = Rig::new(&[]).file(&format!(
        "command main\n do\n try\n {body} rescue\n print rescued\n finally\n print cleaned\n end\n end\nend\n"
    ));
    let (output, took) = perch(&rig, &["main", "--max-runtime=0.2"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b"cleaned\n"[..]));
    assert!(errors(&output).ends_with("↪ stopped: --max-runtime exceeded\n"), "{}", errors(&output));
    assert!(took < Duration::from_millis(500) || machine_is_busy(), "{took:?}");
}

#[test]
fn o_059_a_soft_deadline_lets_be_what_runs() {
    let rig = Rig::new(&[SHORT]);
    let (output, _) = perch(&rig, &["--max-runtime=0.2", "--soft-deadline", "short"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(rig.has("done") && errors(&output).contains("stopped: --max-runtime exceeded"), "{}", errors(&output));
}

/// Neither another branch nor the op that a hook stands in front of.
#[test]
fn nothing_is_begun_behind_the_end() {
    let text = "hooks\n before write_file slow\nend\n\
                command branches\n do\n parallel max=1\n sh short.sh\n sh -c \"touch a\"\n sh -c \"touch b\"\n mkdir c\n end\n end\nend\n\
                command hooked\n do\n write_file a x\n end\nend\n\
                command tested\n do\n if try_shell \"sh short.sh\" and try_shell \"touch a\"\n mkdir b\n end\n end\nend\n\
                command slow\n do\n sh short.sh\n end\nend\n";
    for (command, flags) in [
        ("branches", &["--max-runtime=0.2"][..]),
        ("branches", &["--max-runtime=0.2", "--soft-deadline"]),
        ("hooked", &["--max-runtime=0.2", "--soft-deadline"]),
        ("tested", &["--max-runtime=0.2", "--soft-deadline"]),
    ] {
        let rig = Rig::new(&[SHORT]).file(text);
        let (output, took) = perch(&rig, &[flags, &[command]].concat());
        let begun: Vec<_> = ["a", "b", "c"].into_iter().filter(|name| rig.has(name)).collect();
        assert_eq!((output.status.code(), begun), (Some(1), vec![]), "{command} {flags:?} {}", errors(&output));
        assert!(errors(&output).contains("stopped: --max-runtime exceeded"), "{}", errors(&output));
        assert!(flags.len() > 1 || took < Duration::from_millis(500) || machine_is_busy(), "{took:?}");
    }
}

/// Of several branches, which all say the same, the first in the order of the source.
#[test]
fn a_deadline_is_told_where_the_first_branch_meets_it() {
    for _ in 0..5 {
        let rig = Rig::new(&[]).file(
            "command main\n do\n timeout 50ms\n parallel max=3\n sleep 50\n sleep 60\n sleep 70\n end\n end\n end\nend\n",
        );
        let (output, _) = perch(&rig, &["main"]);
        assert!(errors(&output).contains("at    commands.perch:5:2  sleep 50\n"), "{}", errors(&output));
    }
}

/// The limit is for all tests together.
#[test]
fn tests_share_the_limit() {
    let test = |name: &str| format!("command {name}\n test\n do\n sleep 300ms\n end\nend\n");
    let rig = Rig::new(&[]).file(&["one", "two", "three", "four"].map(test).concat());
    for flags in [&["--max-runtime=0.5"][..], &["--max-runtime=0.5", "--soft-deadline"]] {
        let (output, took) = perch(&rig, &[flags, &["test", "-j", "1"]].concat());
        let said = errors(&output);
        assert_eq!((output.status.code(), said.matches(['✓', '✗']).count()), (Some(1), 2), "{said}");
        assert!(said.ends_with("↪ stopped: --max-runtime exceeded\n"), "{said}");
        assert!(took < Duration::from_millis(1200) || machine_is_busy(), "{took:?}");
    }
}

#[test]
fn a_run_that_is_in_time_is_not_touched() {
    let rig = Rig::new(&[SHORT]);
    let (output, _) = perch(&rig, &["-q", "--max-runtime=1m", "short"]);
    assert_eq!((output.status.code(), errors(&output).as_str()), (Some(0), ""));
    // Later than clocks go.
    assert_eq!(perch(&rig, &["--max-runtime=99999999999999w", "short"]).0.status.code(), Some(0));
}

#[test]
fn a_signal_while_time_is_up_is_a_second_one() {
    let text = "command main\n do\n try\n sleep 100\n finally\n sh late.sh\n end\n end\nend\n";
    let rig = Rig::new(&[("late", "touch ready; sleep 1000")]).file(text);
    let mut perch = rig.command(env!("CARGO_BIN_EXE_perch"));
    let mut child = perch.args(["--max-runtime=0.1", "main"]).stderr(Stdio::null()).spawn().unwrap();
    eventually("it cleans up", || rig.has("ready"));
    rig.signal_perch(Signal::INT);
    assert_eq!((child.wait().unwrap().code(), rig.alive()), (Some(130), vec![]));
}

#[test]
fn what_a_file_says_is_not_loosened() {
    let text = "import ./more.perch\nsandbox\n max_runtime 300ms\n max_runtime 1m\nend\n\
                command main\n do\n try\n sh nap.sh\n rescue\n print rescued\n finally\n print cleaned\n end\n end\nend\n";
    let rig = Rig::new(&[NAP]).file(text).with("more.perch", "sandbox\n max_runtime 2m\nend\n");
    for words in [&["main"][..], &["--max-runtime=5m", "--soft-deadline", "main"]] {
        let (output, took) = perch(&rig, words);
        let told = "↪ stopped: `max_runtime` of a file's `sandbox` is 300ms, and that time is up\n";
        assert!(errors(&output).ends_with(told), "{}", errors(&output));
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b"cleaned\n"[..]));
        assert!(took < Duration::from_millis(600) || machine_is_busy(), "{took:?}");
        assert_eq!(rig.alive(), vec![]);
    }
    let (output, _) = perch(&rig, &["simulate", "main"]);
    let taken = "the run takes less than 300ms (`max_runtime` of a file's `sandbox`)";
    assert!(String::from_utf8_lossy(&output.stdout).contains(taken));
    // Of both, the shorter.
    let (output, _) = perch(&rig, &["--max-runtime=0.1", "main"]);
    assert!(errors(&output).ends_with("↪ stopped: --max-runtime exceeded\n"), "{}", errors(&output));
}

#[test]
fn limits_make_sense_or_are_refused() {
    let rig = Rig::new(&[SHORT]);
    for (words, told) in [
        (&["--max-runtime", "soon", "short"][..], "`soon` is no value of `--max-runtime`"),
        (&["--max-runtime", "-1", "short"], "`-1` is no value of `--max-runtime`"),
        (&["--soft-deadline", "short"], "`--soft-deadline` is about `--max-runtime`"),
    ] {
        let (output, _) = perch(&rig, words);
        assert!(errors(&output).contains(told), "{words:?} {}", errors(&output));
        assert_eq!((output.status.code(), rig.has("done")), (Some(2), false));
    }
    // A report says that it takes the limit for granted.
    let (output, _) = perch(&rig, &["simulate", "short", "--max-runtime", "5m"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("the run takes less than 5m (`--max-runtime`)"));
}

/// What a run does last has no more time than is usual, whatever it wants.
#[test]
fn the_way_out_has_a_limit_of_its_own() {
    let text = "command main\n do\n try\n sleep 100\n finally\n sh nap.sh\n end\n end\nend\n";
    let rig = Rig::new(&[NAP]).file(text);
    let (output, took) = perch(&rig, &["--max-runtime=0.1", "main"]);
    let told = "↪ stopped: --max-runtime exceeded; `finally` arms and `on_signal` have taken 10 seconds more and were stopped, too\n";
    assert!(errors(&output).ends_with(told), "{}", errors(&output));
    assert_eq!((output.status.code(), rig.has("ready"), rig.alive()), (Some(1), true, vec![]));
    assert!(took > Duration::from_secs(10) && (took < Duration::from_secs(11) || machine_is_busy()), "{took:?}");
}
