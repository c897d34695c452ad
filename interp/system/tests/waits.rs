//! What else waits, and ends early.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::fs;
use std::time::{Duration, Instant};

use perch_policy::Effect;
use perch_system::{Cause, Last, Until};

use common::{Rig, to};

const LONG: Duration = Duration::from_secs(30);

fn soon() -> Until {
    Until::default().deadline(Instant::now() + Duration::from_millis(50))
}

#[test]
fn a_sleep_takes_as_long_as_it_says_or_until_the_deadline() {
    let (rig, begin) = (Rig::new(), Instant::now());
    rig.host.sleep(Duration::from_millis(30), Until::default()).unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(30));
    for long in [LONG, Duration::MAX] {
        assert_eq!(rig.host.sleep(long, soon()), Err(Cause::DeadlinePassed));
    }
    assert_eq!(rig.host.sleep(Duration::ZERO, Until::default().deadline(Instant::now())), Err(Cause::DeadlinePassed));
    assert!(begin.elapsed() < LONG);
}

/// A pipe with a name, at whose other end is nobody.
fn pipe(rig: &Rig) {
    rig.sh("mkfifo pipe");
}

#[test]
fn reading_from_a_pipe_waits_for_somebody_who_writes() {
    let rig = Rig::new();
    pipe(&rig);
    let place = rig.place("pipe", Last::Followed);
    let read = |until| rig.host.read(&to(Effect::Read, &place), &place, until);
    assert_eq!(read(soon()).unwrap_err().cause, Cause::DeadlinePassed);
    std::thread::scope(|scope| {
        scope.spawn(|| fs::write(rig.path("pipe"), "hello").unwrap());
        assert_eq!(read(Until::default().deadline(Instant::now() + LONG)).unwrap(), "hello");
    });
}

#[test]
fn writing_to_a_pipe_waits_for_somebody_who_reads() {
    let rig = Rig::new();
    pipe(&rig);
    let place = rig.place("pipe", Last::Followed);
    let text = "x".repeat(1_000_000);
    let write = |until| rig.host.write(&to(Effect::Write, &place), &place, &text, until);
    assert_eq!(write(soon()).unwrap_err().cause, Cause::DeadlinePassed);
    // It is open at both ends, but nobody reads.
    let open = fs::OpenOptions::new().read(true).write(true).open(rig.path("pipe")).unwrap();
    assert_eq!(write(soon()).unwrap_err().cause, Cause::DeadlinePassed);
    drop(open);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| fs::read_to_string(rig.path("pipe")).unwrap());
        write(Until::default().deadline(Instant::now() + LONG)).unwrap();
        assert_eq!(reader.join().unwrap(), text);
    });
}

#[test]
fn a_pipe_is_copied_as_what_comes_out_of_it() {
    let rig = Rig::new();
    pipe(&rig);
    let (from, into) = (rig.place("pipe", Last::Followed), rig.place("copy", Last::Followed));
    let copy = |until| rig.host.copy_file([&to(Effect::Read, &from), &to(Effect::Write, &into)], &from, &into, until);
    assert_eq!(copy(soon()).unwrap_err().cause, Cause::DeadlinePassed);
    assert_eq!(rig.names(""), ["pipe"]);
    std::thread::scope(|scope| {
        scope.spawn(|| fs::write(rig.path("pipe"), "hello").unwrap());
        copy(Until::default().deadline(Instant::now() + LONG)).unwrap();
    });
    assert_eq!(rig.text("copy"), "hello");
}
