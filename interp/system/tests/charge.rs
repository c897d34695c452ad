//! A process that is in charge of itself: signals interrupt it, and it is the parent of what is left behind.
//!
//! Each test starts this program again, as a process that can be sent signals; what that one does stands in a test
//! that is ignored otherwise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use perch_policy::Effect;
use perch_system::{Cause, Host, HostConfig, Output, Stdout, Until, signals};
use rustix::process::{Pid, Signal, getpid, kill_process};

use common::{Rig, eventually, permit};

/// Starts the ignored test of that name, which works in the directory of the rig.
fn started(rig: &Rig, test: &str) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" --ignored --exact \"$1\" --nocapture 7</dev/null"]);
    command.arg(std::env::current_exe().unwrap()).arg(test).env("RIG", &rig.dir);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// The rig of the test that has started this process.
fn given() -> Rig {
    Rig::at(std::env::var("RIG").unwrap())
}

/// What the process said, without what the test runner adds.
fn said(child: Child) -> Vec<String> {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_once("> ").map(|(_, said)| said.to_owned())).collect()
}

#[test]
fn a_signal_interrupts_what_waits_and_a_second_one_ends_the_process() {
    for (first, second, status) in [(Signal::TERM, Signal::INT, 130), (Signal::HUP, Signal::TERM, 143)] {
        let rig = Rig::new();
        let mut child = started(&rig, "process_that_unwinds");
        eventually("it runs", || rig.has("ready"));
        send(&child, first);
        eventually("it unwinds", || rig.has("unwinding"));
        assert!(!rig.alive().iter().any(|line| line.contains("1001")), "{:?}", rig.alive());
        send(&child, second);
        assert_eq!(child.wait().unwrap().code(), Some(status));
        assert_eq!(rig.alive(), Vec::<String>::new());
    }
}

#[test]
#[ignore = "started by another test"]
fn process_that_unwinds() {
    let rig = given();
    signals::take_charge().unwrap();
    let script = "trap '' TERM; touch ready; sleep 1001";
    let error = rig.start(&["sh", "-c", script], Stdout::Captured, Until::default()).unwrap_err();
    assert!(matches!(error.cause, Cause::Interrupted(_)));
    assert_eq!(Until::default().check(), Err(error.cause.clone()));
    assert_eq!(rig.host.sleep(Duration::MAX, Until::default()), Err(error.cause));
    let script = "(setsid sh -c 'sleep 1002 & touch unwinding' &); sleep 1003";
    let _ = rig.start(&["sh", "-c", script], Stdout::Captured, Until::default().unwinding());
}

/// Double fork and new session, the classic way out.
#[test]
fn s21_orphans_are_found_and_nobody_stays_a_zombie() {
    let rig = Rig::new();
    assert!(started(&rig, "process_with_orphans").wait().unwrap().success());
    assert_eq!(rig.alive(), Vec::<String>::new());
}

#[test]
#[ignore = "started by another test"]
fn process_with_orphans() {
    let rig = given();
    signals::take_charge().unwrap();
    // What an earlier program has left behind does not stem from a later one.
    rig.sh("(setsid sleep 1001 >/dev/null 2>&1 &)");
    eventually("it is left behind", || rig.alive().len() == 1);
    let orphan = "(setsid sh -c \"trap '' TERM; sleep 1002 & touch ready; wait\" &); wait; sleep 1003";
    let late = rig.stopped(|until| rig.start(&["sh", "-c", orphan], Stdout::Captured, until));
    assert!(late < Duration::from_secs(30));
    assert_eq!(rig.alive(), ["sleep\x001001\0"]);
    assert_eq!(children().values().copied().collect::<Vec<_>>(), ['S']);
    rig.kill_marked();
    eventually("it ends", || children().into_values().eq(['Z']));
    rig.sh("true");
    assert!(children().is_empty(), "{:?}", children());
}

/// The children of this process, and in which state each is.
fn children() -> BTreeMap<String, char> {
    let stats = std::fs::read_dir("/proc").unwrap().flatten();
    let stats = stats.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let ours = std::process::id().to_string();
    let parsed = stats.filter_map(|stat| {
        let (name, rest) = stat.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        let (state, parent) = (fields.next()?, fields.next()?);
        (parent == ours).then(|| (name.to_owned(), state.chars().next().unwrap()))
    });
    parsed.collect()
}

/// While others run it cannot be told whose an orphan is, so it is left to the last one.
#[test]
fn orphans_are_stopped_with_the_last_that_may_have_left_them() {
    let rig = Rig::new();
    assert!(started(&rig, "process_with_two_crews").wait().unwrap().success());
    assert_eq!(rig.alive(), Vec::<String>::new());
}

#[test]
#[ignore = "started by another test"]
fn process_with_two_crews() {
    let rig = given();
    signals::take_charge().unwrap();
    let sh = |script: &str, until| rig.start(&["sh", "-c", script], Stdout::Captured, until);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| sh("touch other; sleep 1000", Until::default()));
        eventually("the other one runs", || rig.has("other"));
        rig.stopped(|until| sh("(setsid sleep 1001 &); touch ready; wait; sleep 1002", until));
        let mut left = rig.alive();
        left.sort();
        assert!(
            left.iter().any(|line| line.contains("1001")) && !left.iter().any(|line| line.contains("1002")),
            "{left:?}"
        );
        kill_process(getpid(), Signal::TERM).unwrap();
        assert!(matches!(other.join().unwrap().unwrap_err().cause, Cause::Interrupted(15)));
    });
    assert_eq!(rig.alive(), Vec::<String>::new());
}

#[test]
fn s20_what_the_process_was_given_does_not_go_on_to_programs() {
    let rig = Rig::new();
    assert_eq!(said(started(&rig, "process_that_was_given_a_handle")), ["true", "0 1 2 "]);
}

#[test]
#[ignore = "started by another test"]
fn process_that_was_given_a_handle() {
    let handles = || given().sh("ls /proc/$$/fd").replace('\n', " ");
    println!("> {}", handles().contains(" 7 "));
    signals::take_charge().unwrap();
    println!("> {}", handles());
}

#[test]
fn what_is_printed_at_once_stays_together() {
    let rig = Rig::new();
    let mut child = started(&rig, "process_that_prints");
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    let mut texts: Vec<Vec<String>> = Vec::new();
    for line in lines.into_iter().skip_while(|line| !line.starts_with("first")).take_while(|line| !line.is_empty()) {
        if line.starts_with("first") {
            texts.push(Vec::new());
        }
        texts.last_mut().unwrap().push(line);
    }
    assert_eq!(texts.len(), 60);
    for text in texts {
        let writer = text[0].trim_start_matches("first").to_owned();
        assert!(text.len() == 2000 && text[1..].iter().all(|line| *line == writer), "{writer} {}", text.len());
    }
    assert!(child.wait().unwrap().success());
}

#[test]
#[ignore = "started by another test"]
fn process_that_prints() {
    let host = Host::new(HostConfig { env: BTreeMap::new(), stdout: Output::Inherit, quiet: true });
    std::thread::scope(|scope| {
        for writer in ["a", "b", "c"] {
            let host = &host;
            scope.spawn(move || {
                for _ in 0..20 {
                    let text = format!("first{writer}\n{}", format!("{writer}\n").repeat(1999));
                    host.print(&permit(Effect::Output), &text, Until::default()).unwrap();
                }
            });
        }
    });
    println!();
}

#[test]
fn printing_to_somebody_who_does_not_read_ends_at_the_deadline() {
    let rig = Rig::new();
    let mut child = started(&rig, "process_that_nobody_reads");
    eventually("it gives up", || rig.has("given-up"));
    let mut printed = String::new();
    child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(printed.matches('x').count() < 1_000_000);
}

#[test]
#[ignore = "started by another test"]
fn process_that_nobody_reads() {
    let rig = given();
    let host = Host::new(HostConfig { env: BTreeMap::new(), stdout: Output::Inherit, quiet: true });
    let text = "x".repeat(1_000_000);
    let soon = || Until::default().deadline(Instant::now() + Duration::from_millis(50));
    // One waits for who reads, the others for their turn.
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let error = host.print(&permit(Effect::Output), &text, soon()).unwrap_err();
                assert_eq!(error.cause, Cause::DeadlinePassed);
            });
        }
    });
    std::fs::write(rig.path("given-up"), "").unwrap();
}
