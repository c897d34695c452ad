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
