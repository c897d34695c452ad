//! Signals to perch.

use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::rig::{Rig, eventually, machine_is_busy};

const NAP: (&str, &str) = ("nap", "touch ready; exec sleep 1000");
const DEAF: (&str, &str) = ("deaf", "trap '' TERM INT HUP; sleep 1001 & touch ready; while :; do wait; done");
const GONE: (&str, &str) = ("gone", "(setsid sh -c \"trap '' TERM; sleep 1002 & touch ready; wait\" &); sleep 1003");

/// Runs a command of the rig, sends the signals as soon as its program runs, and gives how long it then took to end.
fn interrupted(rig: &Rig, command: &str, signals: &[Signal]) -> (Output, Duration) {
    let mut perch = rig.command(env!("CARGO_BIN_EXE_perch"));
    let child = perch.arg(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("the program runs", || rig.has("ready"));
    let begin = Instant::now();
    for signal in signals {
        kill_process(Pid::from_child(&child), *signal).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    (output, begin.elapsed())
}

#[test]
fn a_signal_ends_the_run_and_all_its_programs() {
    for (name, signal, status) in
        [("SIGTERM", Signal::TERM, 143), ("SIGINT", Signal::INT, 130), ("SIGHUP", Signal::HUP, 129)]
    {
        for script in [NAP, DEAF, GONE] {
            let rig = Rig::new(&[script]);
            let (output, took) = interrupted(&rig, script.0, &[signal]);
            let errors = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(status), "{script:?} {errors}");
            assert_eq!(rig.alive(), [], "{script:?}");
            assert!(errors.contains(&format!("the run was interrupted by {name}")), "{errors}");
            assert!(errors.contains("signal_received") && output.stdout.is_empty(), "{errors}");
            assert!(took < Duration::from_secs(30), "{took:?}");
        }
    }
}

#[test]
fn what_is_captured_is_stopped_like_anything_else() {
    let rig = Rig::new(&[NAP]);
    let (output, _) = interrupted(&rig, "nap_captured", &[Signal::TERM]);
    assert_eq!((output.status.code(), output.stdout.len(), rig.alive()), (Some(143), 0, vec![]));
}

/// Of several times, the middle one, unless the machine has other things to do.
#[test]
fn a_signal_ends_the_run_within_100_ms() {
    for script in [NAP, DEAF] {
        let time = || interrupted(&Rig::new(&[script]), script.0, &[Signal::TERM]).1;
        let mut times: Vec<Duration> = (0..5).map(|_| time()).collect();
        times.sort_unstable();
        assert!(times[2] < Duration::from_millis(100) || machine_is_busy(), "{script:?} {times:?}");
    }
}

#[test]
fn a_second_signal_leaves_nobody_either() {
    for script in [NAP, DEAF] {
        let rig = Rig::new(&[script]);
        let (output, _) = interrupted(&rig, script.0, &[Signal::TERM, Signal::INT]);
        // Which of the two ends it depends on whether the run is over before the second one comes.
        assert!(matches!(output.status.code(), Some(143 | 130)), "{output:?}");
        assert_eq!(rig.alive(), []);
    }
}

const TIDY: &str = "
command work
  do
    try
      sh nap.sh
    finally
      print \"tidying up\"
      sh tidy.sh
      print tidied
    end
    print \"went on\"
  end
end
";

#[test]
fn what_a_run_does_on_its_way_out_is_not_cut_short() {
    let rig = Rig::new(&[NAP, ("tidy", "sleep 0.2; touch tidy")]).file(TIDY);
    let (output, _) = interrupted(&rig, "work", &[Signal::TERM]);
    assert_eq!(output.status.code(), Some(143));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "tidying up\ntidied\n");
    assert!(rig.has("tidy") && rig.alive().is_empty());
}

#[test]
fn a_second_signal_cuts_that_short_too() {
    let slow = "trap '' TERM INT; (setsid sleep 1004 &); touch tidying; while :; do sleep 1003; done";
    let rig = Rig::new(&[NAP, ("tidy", slow)]).file(TIDY);
    let mut perch = rig.command(env!("CARGO_BIN_EXE_perch"));
    let mut child = perch.arg("work").stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    for (name, signal) in [("ready", Signal::TERM), ("tidying", Signal::INT)] {
        eventually(name, || rig.has(name));
        kill_process(Pid::from_child(&child), signal).unwrap();
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(rig.alive(), []);
}

const HANDLED: &str = "
command work
  on_signal tidy
  do
    sh nap.sh
  end
end

command tidy
  private
  do
    print \"tidying up\"
    sh tidy.sh
    print tidied
  end
end
";

#[test]
fn o_019_o_020_what_on_signal_names_runs_to_its_end() {
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let rig = Rig::new(&[NAP, ("tidy", "sleep 0.2; touch tidy")]).file(HANDLED);
        let (output, _) = interrupted(&rig, "work", &[signal]);
        assert_eq!(output.status.code(), Some(status));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "tidying up\ntidied\n");
        assert!(rig.has("tidy") && rig.alive().is_empty());
    }
}

#[test]
fn a_second_signal_ends_the_handler_of_the_first() {
    let slow = "trap '' TERM INT; (setsid sleep 1004 &); touch tidying; while :; do sleep 1003; done";
    let rig = Rig::new(&[NAP, ("tidy", slow)]).file(HANDLED);
    let mut perch = rig.command(env!("CARGO_BIN_EXE_perch"));
    let mut child = perch.arg("work").stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    for (name, signal) in [("ready", Signal::TERM), ("tidying", Signal::INT)] {
        eventually(name, || rig.has(name));
        kill_process(Pid::from_child(&child), signal).unwrap();
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(rig.alive(), []);
}

#[test]
fn a_deadline_leaves_nobody_and_the_run_goes_on() {
    for wait in ["200ms", "2s", "20s"] {
        let file = format!(
            "command work\ndo\ntry\ntimeout {wait}\nsh deaf.sh\nend\nrescue\nprint ${{err.kind}}\nend\nend\nend\n"
        );
        let rig = Rig::new(&[DEAF]).file(&file);
        let output = rig.command(env!("CARGO_BIN_EXE_perch")).arg("work").stdin(Stdio::null()).output().unwrap();
        assert_eq!((output.status.code(), rig.alive()), (Some(0), vec![]));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "timeout_exceeded\n");
        if rig.has("ready") {
            return;
        }
    }
    panic!("never ready");
}

const BOTH: &str = "command both\n do\n parallel\n sh one.sh\n sh two.sh\n end\n end\nend\n";

#[test]
fn programs_that_run_at_once_print_whole_lines_on_both_streams() {
    let script = "i=0; while [ $i -lt 50 ]; do printf a; printf a >&2; sleep 0; echo b; echo b >&2; i=$((i+1)); done";
    let rig = Rig::new(&[("one", script), ("two", &format!("{script}; printf last"))]).file(BOTH);
    let output = rig.command(env!("CARGO_BIN_EXE_perch")).arg("both").output().unwrap();
    let count = |stream: &[u8], line: &str| String::from_utf8_lossy(stream).lines().filter(|one| *one == line).count();
    assert_eq!((count(&output.stdout, "ab"), count(&output.stderr, "ab")), (100, 100), "{output:?}");
    assert!(count(&output.stdout, "last") == 1 && output.stdout.ends_with(b"\n"));
}

#[test]
fn a_program_is_stopped_when_nobody_reads_what_it_prints() {
    let rig = Rig::new(&[("one", "yes"), ("two", "true")]).file(BOTH);
    let output = rig.command("sh").args(["-c", "$PERCH both | head -n 1; cat"]).stdin(Stdio::null()).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("program `sh` was stopped: what it prints cannot be handed on"), "{errors}");
    assert_eq!((output.stdout, rig.alive()), (b"y\n".to_vec(), vec![]));
}

#[test]
fn all_programs_that_run_at_once_are_stopped() {
    let rig = Rig::new(&[("one", &format!("{}; wait", DEAF.1)), ("two", GONE.1)]).file(BOTH);
    let (output, _) = interrupted(&rig, "both", &[Signal::TERM]);
    assert_eq!((output.status.code(), rig.alive()), (Some(143), vec![]));
}

/// As `nohup` wants it.
#[test]
fn an_ignored_signal_stays_ignored() {
    let rig = Rig::new(&[("waits", "touch ready; until test -e go; do sleep 0.01; done")]);
    let mut child =
        rig.command("sh").args(["-c", "trap '' HUP; exec $PERCH waits"]).stdout(Stdio::piped()).spawn().unwrap();
    eventually("the program runs", || rig.has("ready"));
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    // Were it not ignored, the run would end now, and not print anything.
    assert!(rig.command("touch").arg("go").status().unwrap().success());
    let mut printed = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut printed).unwrap();
    assert_eq!((printed.as_str(), child.wait().unwrap().code()), ("went on\n", Some(0)));
}

#[test]
fn quitting_is_left_alone() {
    use std::os::unix::process::ExitStatusExt;
    let rig = Rig::new(&[NAP]);
    let mut child = rig.command(env!("CARGO_BIN_EXE_perch")).arg("nap").stdin(Stdio::null()).spawn().unwrap();
    eventually("the program runs", || rig.has("ready"));
    kill_process(Pid::from_child(&child), Signal::QUIT).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(3));
    for (id, _) in rig.alive() {
        kill_process(id, Signal::KILL).unwrap();
    }
}

#[test]
fn s20_programs_get_no_handles_but_three() {
    let rig = Rig::new(&[("list", "exec ls /proc/self/fd")]);
    let output = rig.command("sh").args(["-c", "exec $PERCH list 7</dev/null 9>/dev/null"]).output().unwrap();
    // 3 is the directory that is listed.
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "0\n1\n2\n3\nwent on\n");
}

/// Branches that had not begun when a signal came.
const LATER: &str = "
command branches
  do
    try
      parallel max=1
        sh nap.sh
        write_file second x
        try
          sh -c \"echo >> third\"
        finally
          write_file fourth x
        end
      end
    finally
      print cleaned
    end
  end
end

command elements
  do
    parallel max=2
      for_each \"a\nb\nc\nd\" x
        sh two_nap.sh
        write_file second \"${x}\"
      end
    end
    write_file third x
  end
end

command within
  do
    try
      sh nap.sh
    finally
      parallel max=1
        sh -c \"echo >> cleaned\"
        sh -c \"echo >> cleaned\"
      end
    end
  end
end
";

#[test]
fn no_branch_begins_when_the_run_has_been_told_to_end() {
    // Of all that are started, two take their time.
    let two = "mkdir one || mkdir two || exit 0; test -d two && touch ready; exec sleep 1000";
    for command in ["branches", "elements"] {
        let rig = Rig::new(&[NAP, ("two_nap", two)]).file(LATER);
        let (output, _) = interrupted(&rig, command, &[Signal::TERM]);
        let begun: Vec<_> = ["second", "third", "fourth"].into_iter().filter(|name| rig.has(name)).collect();
        assert_eq!((output.status.code(), begun), (Some(143), vec![]), "{command}");
        assert_eq!(output.stdout == b"cleaned\n", command == "branches");
    }
    // What is done on the way out is done in full.
    let rig = Rig::new(&[NAP]).file(LATER);
    let (output, _) = interrupted(&rig, "within", &[Signal::TERM]);
    assert_eq!((output.status.code(), rig.text("cleaned").as_str()), (Some(143), "\n\n"));
}

#[test]
fn a_finally_arm_that_goes_wrong_does_not_bring_a_run_back_that_was_told_to_end() {
    let arms = [
        ("fail \"cannot clean\"", "a `finally` arm has failed on the way out: cannot clean"),
        ("exit 3", ""),
        // What an arm deals with itself is dealt with.
        ("try\n try\n exit 3\n finally\n fail lost\n end\n rescue\n write_file tidy x\n end", ""),
    ];
    for (arm, told) in arms {
        let file = format!(
            "command work\n do\n try\n try\n sh nap.sh\n finally\n {arm}\n end\n rescue\n write_file rescued x\n finally\n \
             fail again\n end\n write_file behind x\n end\nend\n"
        );
        let rig = Rig::new(&[NAP]).file(&file);
        let (output, _) = interrupted(&rig, "work", &[Signal::TERM]);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), rig.has("rescued"), rig.has("behind")), (Some(143), false, false), "{arm}");
        assert!(errors.contains("interrupted by SIGTERM") && errors.contains(told), "{errors}");
        assert_eq!(rig.has("tidy"), arm.contains("tidy"));
    }
}

/// An `exit` that a branch has come to before counts, but nothing brings the run back either.
#[test]
fn a_branch_that_has_exited_ends_the_run_all_the_same() {
    let file = "command work\n do\n try\n try\n parallel\n exit 3\n sh nap.sh\n end\n finally\n fail x\n end\n rescue\n \
                write_file rescued x\n end\n end\nend\n";
    let rig = Rig::new(&[NAP]).file(file);
    let (output, _) = interrupted(&rig, "work", &[Signal::TERM]);
    assert_eq!((output.status.code(), rig.has("rescued")), (Some(3), false));
}

/// Work that perch does itself is put down like that of programs, also where nothing follows.
#[test]
fn what_takes_long_is_put_down() {
    for op in ["sum = sha256_file big", "cp big copy", "copy_dir tree copy", "gzip big big.gz", "tar_create tree copy"]
    {
        let file = format!("command work\n do\n write_file ready x\n {op}\n end\nend\n");
        let rig = Rig::new(&[]).file(&file).with("big", "").with("tree", "");
        rig.command("sh").args(["-c", "rm tree; mkdir tree; truncate -s 64G big tree/big"]).status().unwrap();
        let (output, took) = interrupted(&rig, "work", &[Signal::TERM]);
        assert_eq!((output.status.code(), rig.has("big.gz")), (Some(143), false), "{op}");
        assert!(took < Duration::from_millis(300) || machine_is_busy(), "{op}: {took:?}");
        let left = rig.command("ls").arg("-A").output().unwrap();
        assert!(!String::from_utf8(left.stdout).unwrap().contains(".perch-"), "{op}");
    }
}

/// Tests are processes of their own, with programs of theirs. Signals come to the one that has started them.
#[test]
fn tests_end_with_who_has_started_them() {
    let test = |name: &str| {
        format!(
            "command {name}\n test\n test_allow_subprocess\n test_allow_write\n test_keep_cwd\n do\n sh nap.sh\n end\nend\n"
        )
    };
    for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::KILL] {
        let rig = Rig::new(&[NAP]).file(&["one", "two", "three"].map(test).concat()).with("tmp/none", "");
        let mut perch = rig.command(env!("CARGO_BIN_EXE_perch"));
        perch.args(["test", "-j", "2"]).env("TMPDIR", "tmp").stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = perch.spawn().unwrap();
        eventually("a test runs", || rig.has("ready"));
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        eventually("all have ended", || rig.alive().is_empty());
        if signal == Signal::KILL {
            continue;
        }
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(128 + signal.as_raw()), "{errors}");
        assert!(errors.contains("✗ one") && errors.contains("the run was interrupted by SIG"), "{errors}");
        assert!(!errors.contains("two") && !errors.contains("kept"), "{errors}");
        let left = rig.command("ls").arg("tmp").output().unwrap();
        assert_eq!(String::from_utf8(left.stdout).unwrap(), "none\n");
    }
}
