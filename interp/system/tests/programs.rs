//! How programs are started, what becomes of what they print, and how they are stopped.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use perch_policy::Effect;
use perch_system::{Cause, End, Last, MAX_CAPTURED, Program, Start, Stdout, Until};

use common::{Rig, exec, permit};

/// More than anything here takes on a machine that is busy with other things.
const LONG: Duration = Duration::from_secs(30);

#[test]
fn programs_get_their_words_as_written() {
    let rig = Rig::new();
    let words = ["a b", "", "$HOME", "*", "x\ny", "; ls"];
    let argv: Vec<&str> = ["printf", "[%s]"].into_iter().chain(words).collect();
    let want: String = words.iter().map(|word| format!("[{word}]")).collect();
    assert_eq!(rig.start(&argv, Stdout::Captured, Until::default()).unwrap().stdout, want.as_bytes());
    rig.start(&argv, Stdout::Inherit, Until::default()).unwrap();
    assert_eq!(rig.printed(), want);
}

#[test]
fn the_end_of_a_program_is_told() {
    let rig = Rig::new();
    let end = |script: &str| rig.start(&["sh", "-c", script], Stdout::Captured, Until::default()).unwrap().end;
    assert_eq!(end("exit 7"), End::Status(7));
    assert_eq!(end("kill -9 $$"), End::Signal(9));
    assert_eq!(
        rig.start(&["no-such-program"], Stdout::Captured, Until::default()).unwrap_err().cause,
        Cause::BinMissing
    );
}

#[test]
fn s04_programs_are_looked_up_in_absolute_directories_only() {
    let rig = Rig::new();
    for dir in ["bin", "rel"] {
        fs::create_dir(rig.path(dir)).unwrap();
    }
    for name in ["here", "rel/there", "bin/plain"] {
        fs::write(rig.path(name), "#!/bin/sh\n").unwrap();
    }
    for name in ["here", "rel/there"] {
        fs::set_permissions(rig.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::create_dir(rig.path("bin/folder")).unwrap();
    let found = |name: &str| rig.host.has_program(&permit(Effect::HostFact), name).unwrap();
    for name in ["here", "there", "plain", "folder", "", ".", ".."] {
        assert!(!found(name), "{name}");
    }
    assert!(found("sh") && found(&rig.path("here")) && !found(&rig.path("bin/plain")));
}

#[test]
fn variables_come_on_top_of_those_of_the_host_and_do_not_decide_which_program_it_is() {
    let rig = Rig::new();
    let with = |vars: &[(&str, &str)]| {
        let cwd = rig.place("", Last::Followed);
        let start = Start { cwd: &cwd, stdout: Stdout::Captured, until: Until::default() };
        let script = "echo $A,$B; case $PATH in /usr*) echo hosts;; *) echo $PATH;; esac";
        let done =
            rig.host.run(Program { permit: &exec(&["sh", "-c", script]), called: "sh", vars, without: &[] }, &start);
        done.map(|finished| String::from_utf8(finished.stdout).unwrap())
    };
    assert_eq!(with(&[("A", "1"), ("B", "x=y"), ("A", "2")]).unwrap().lines().next(), Some("2,x=y"));
    assert_eq!(with(&[("PATH", "/nowhere")]).unwrap(), ",\n/nowhere\n");
    for wrong in [("A=B", ""), ("", ""), ("A\0", ""), ("A", "\0")] {
        assert_eq!(with(&[wrong]).unwrap_err().cause, Cause::NoVariable, "{wrong:?}");
    }
}

/// The mask and the dispositions of a program are not those of this process, which ignores SIGPIPE (13).
#[cfg(target_os = "linux")]
#[test]
fn programs_are_started_with_ordinary_signals() {
    let status = Rig::new().sh("cat /proc/self/status");
    let mask = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap()
    };
    assert_eq!((mask("SigBlk"), mask("SigIgn") >> 12 & 1, mask("SigIgn") >> 21 & 1), (0, 0, 0));
}

#[cfg(target_os = "linux")]
#[test]
fn s20_programs_inherit_no_handles() {
    let rig = Rig::new();
    let _place = rig.place("", Last::Followed);
    // What this process was given itself goes on, unless it takes charge.
    let script = "ls /proc/$$/fd";
    let given = std::process::Command::new("sh").args(["-c", script]).output().unwrap().stdout;
    let given = String::from_utf8(given).unwrap();
    assert_eq!(rig.sh(script), given);
    let piped = rig.pipeline(&[script, &format!("cat; {script}")], Stdout::Captured, Until::default()).unwrap();
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), format!("{given}{given}"));
}

#[test]
fn what_is_captured_is_what_was_printed() {
    let rig = Rig::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    fs::write(rig.path("bytes"), &bytes).unwrap();
    assert_eq!(rig.start(&["cat", "bytes"], Stdout::Captured, Until::default()).unwrap().stdout, bytes);
}

#[test]
fn s23_nobody_prints_more_into_memory_than_the_limit() {
    let rig = Rig::new();
    let begin = Instant::now();
    let error = rig
        .start(&["sh", "-c", "head -c 10000000000 /dev/zero; true"], Stdout::Captured, Until::default())
        .unwrap_err();
    assert_eq!(error.cause, Cause::TooLarge(MAX_CAPTURED));
    assert!(error.reason("sh").contains("256 MiB"));
    assert!(rig.alive().is_empty() && begin.elapsed() < LONG, "{:?}", rig.alive());
}

/// What nobody reads is not collected either: the program waits.
#[test]
fn s23_a_program_prints_as_fast_as_others_read() {
    let rig = Rig::new();
    let late = rig.stopped(|until| rig.start(&["sh", "-c", "touch ready; yes"], Stdout::Lines, until));
    assert!(late < LONG);
    assert!(rig.printed().ends_with("y\n") && rig.alive().is_empty());
}

#[test]
fn s23_a_line_that_never_ends_is_handed_on_in_pieces() {
    let rig = Rig::new();
    rig.start(&["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"], Stdout::Lines, Until::default()).unwrap();
    let printed = rig.printed();
    assert_eq!(printed.bytes().filter(|byte| *byte == b'x').count(), 3_000_000);
    assert!(printed.ends_with("x\n") && (2..10).contains(&printed.lines().count()), "{}", printed.lines().count());
}

#[test]
fn lines_of_programs_that_run_at_once_stay_whole() {
    let rig = Rig::new();
    let script = "i=0; while [ $i -lt 100 ]; do printf a; printf b; printf 'c\\n'; i=$((i+1)); done; printf last";
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| rig.start(&["sh", "-c", script], Stdout::Lines, Until::default()).unwrap());
        }
    });
    let printed = rig.printed();
    let count = |line: &str| printed.lines().filter(|found| *found == line).count();
    assert_eq!((count("abc"), count("last"), printed.lines().count()), (400, 4, 404), "{printed}");
}

#[cfg(target_os = "linux")]
#[test]
fn s24_a_program_that_is_left_behind_does_not_hold_us_up() {
    let rig = Rig::new();
    let begin = Instant::now();
    assert_eq!(rig.sh("sleep 1000 & echo started"), "started\n");
    assert!(rig.sh("yes & sleep 0.1").starts_with("y\n"));
    assert!(begin.elapsed() < LONG);
    assert!(rig.alive().contains(&"sleep\x001000\0".to_owned()), "{:?}", rig.alive());
    rig.kill_marked();
}

#[test]
fn s24_a_program_that_closes_its_output_is_waited_for() {
    let rig = Rig::new();
    assert_eq!(rig.sh("echo said; exec >&-; sleep 0.2; touch done"), "said\n");
    assert!(rig.has("done"));
}

#[test]
fn nothing_is_started_after_the_deadline() {
    let rig = Rig::new();
    let past = Until::default().deadline(Instant::now());
    assert_eq!(rig.start(&["touch", "f"], Stdout::Captured, past).unwrap_err().cause, Cause::DeadlinePassed);
    assert_eq!(rig.pipeline(&["touch f", "touch g"], Stdout::Inherit, past).unwrap_err().cause, Cause::DeadlinePassed);
    assert!(rig.names("").is_empty());
}

#[test]
fn the_earlier_of_two_deadlines_holds() {
    let (early, late) = (Instant::now(), Instant::now() + LONG);
    assert_eq!(Until::default().deadline(late).deadline(early), Until::default().deadline(early).deadline(late));
    assert_eq!(Until::default().deadline(late).deadline(early).check(), Err(Cause::DeadlinePassed));
    assert_eq!(Until::default().deadline(late).check(), Ok(()));
}

/// Each script says when it is ready; then the deadline passes, and afterwards nobody who stems from it lives.
#[cfg(target_os = "linux")]
#[test]
fn s21_s25_everybody_is_stopped_when_the_deadline_passes() {
    let scripts = [
        "touch ready; sleep 1000",
        "trap '' TERM HUP INT; touch ready; while :; do sleep 1000; done",
        "touch ready; kill -STOP $$; sleep 1000",
        "sleep 1000 & touch ready; wait",
        "trap '' TERM; (trap '' TERM; sleep 1000) & touch ready; wait",
        "setsid sh -c \"trap '' TERM; touch ready; sleep 1000\" & wait",
        "(setsid sh -c 'sleep 1000 & touch ready; wait' & wait) & wait",
        "touch ready; while :; do sleep 1000 & wait; done",
        "touch ready; yes",
        "exec >&- 2>&-; touch ready; sleep 1000",
    ];
    for script in scripts {
        for stdout in [Stdout::Inherit, Stdout::Captured, Stdout::Lines] {
            let rig = Rig::new();
            let late = rig.stopped(|until| rig.start(&["sh", "-c", script], stdout, until));
            assert_eq!(rig.alive(), Vec::<String>::new(), "{script}");
            assert!(late < LONG, "{script}: {late:?}");
        }
    }
}

/// Of several times, the middle one, unless the machine has other things to do.
#[cfg(target_os = "linux")]
#[test]
fn stopping_takes_less_than_100_ms() {
    let scripts = ["touch ready; sleep 1000", "trap '' TERM; touch ready; while :; do sleep 1000; done"];
    for script in scripts {
        let mut late: Vec<Duration> = (0..7)
            .map(|_| {
                let rig = Rig::new();
                rig.stopped(|until| rig.start(&["sh", "-c", script], Stdout::Captured, until))
            })
            .collect();
        late.sort_unstable();
        assert!(late[3] < Duration::from_millis(100) || common::machine_is_busy(), "{script}: {late:?}");
    }
}

#[test]
fn who_is_asked_to_end_has_a_moment_for_it() {
    let rig = Rig::new();
    let script = "trap 'touch tidied; echo bye; exit' TERM; touch ready; while :; do sleep 0.01; done";
    rig.stopped(|until| rig.start(&["sh", "-c", script], Stdout::Lines, until));
    assert!(rig.has("tidied") || common::machine_is_busy());
    assert!(rig.printed().ends_with("bye\n") || common::machine_is_busy());
}

#[test]
fn a_pipeline_runs_all_its_stages_at_once() {
    let rig = Rig::new();
    let piped = rig.pipeline(&["exec yes", "head -n 2", "cat -n"], Stdout::Captured, Until::default()).unwrap();
    assert_eq!(piped.ends, [End::Signal(13), End::Status(0), End::Status(0)]);
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), "     1\ty\n     2\ty\n");
    let piped = rig.pipeline(&["exit 3", "cat; exit 4"], Stdout::Inherit, Until::default()).unwrap();
    assert_eq!(piped.ends, [End::Status(3), End::Status(4)]);
    rig.pipeline(&["echo one; printf two", "cat"], Stdout::Lines, Until::default()).unwrap();
    assert_eq!(rig.printed(), "one\ntwo\n");
}

#[test]
fn a_pipeline_of_nothing_gives_nothing() {
    let piped = Rig::new().pipeline(&[], Stdout::Captured, Until::default()).unwrap();
    assert_eq!((piped.ends, piped.stdout), (Vec::new(), Vec::new()));
}

/// The group of a program is its own, one for all stages.
#[cfg(target_os = "linux")]
#[test]
fn a_pipeline_is_one_process_group() {
    let rig = Rig::new();
    let group = "cut -d' ' -f5 /proc/$$/stat";
    let groups = rig.pipeline(&[group, &format!("cat; {group}")], Stdout::Captured, Until::default()).unwrap().stdout;
    let groups = String::from_utf8(groups).unwrap();
    let groups: Vec<&str> = groups.lines().collect();
    let ours = rustix::process::getpgrp().as_raw_pid().to_string();
    assert!(groups.len() == 2 && groups[0] == groups[1] && groups[0] != ours, "{groups:?} {ours}");
}

#[test]
fn no_stage_is_started_unless_all_can_be() {
    let rig = Rig::new();
    let (first, second) = (exec(&["touch", "started"]), exec(&["no-such-program"]));
    let stage = |permit, called| Program { permit, called, vars: &[], without: &[] };
    let stages = [stage(&first, "touch"), stage(&second, "none")];
    let cwd = rig.place("", Last::Followed);
    let start = Start { cwd: &cwd, stdout: Stdout::Captured, until: Until::default() };
    let error = rig.host.pipeline(&stages, &start).unwrap_err();
    assert_eq!((error.path.as_str(), error.cause), ("none", Cause::BinMissing));
    assert!(rig.names("").is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn stages_are_stopped_when_another_cannot_be_started() {
    let rig = Rig::new();
    let broken = rig.path("broken");
    fs::write(&broken, "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o755)).unwrap();
    let (first, second) = (exec(&["sleep", "1000"]), exec(&[&broken]));
    let (cwd, vars) = (rig.place("", Last::Followed), [("MARK", rig.dir.as_str())]);
    let stage = |permit, called| Program { permit, called, vars: &vars, without: &[] };
    let stages = [stage(&first, "sleep"), stage(&second, "broken")];
    let start = Start { cwd: &cwd, stdout: Stdout::Captured, until: Until::default() };
    assert_eq!(rig.host.pipeline(&stages, &start).unwrap_err().path, "broken");
    assert_eq!(rig.alive(), Vec::<String>::new());
}

#[cfg(target_os = "linux")]
#[test]
fn what_nothing_can_read_is_told_apart() {
    let rig = Rig::new();
    let missing = |name: &str| Cause::NoInterpreter(name.into());
    for (content, cause) in [
        (&b"#! /no/such/interpreter -x\nrest"[..], missing("/no/such/interpreter")),
        (b"#!/bin/sh\r\necho", missing("/bin/sh\r")),
        (b"#!python9", missing("python9")),
        (b"echo hi\n", Cause::NoFirstLine),
        (b"\x7fELF\0\x01\x02", Cause::NoProgram),
    ] {
        let file = rig.path("broken");
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        let (permit, cwd) = (exec(&[&file]), rig.place("", Last::Followed));
        let program = Program { permit: &permit, called: "broken", vars: &[], without: &[] };
        let start = Start { cwd: &cwd, stdout: Stdout::Captured, until: Until::default() };
        let error = rig.host.run(program, &start).unwrap_err();
        assert_eq!((error.path.as_str(), &error.cause), ("broken", &cause));
        fs::remove_file(&file).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipeline_is_stopped_as_a_whole() {
    let rig = Rig::new();
    rig.stopped(|until| rig.pipeline(&["sleep 1000", "trap '' TERM; touch ready; cat"], Stdout::Captured, until));
    assert_eq!(rig.alive(), Vec::<String>::new());
}
