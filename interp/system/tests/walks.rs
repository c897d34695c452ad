//! Where walks lead, and what they cannot be made to pass.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use perch_policy::{Bounds, Decision, Effect, Known, Permit, Policy, path};
use perch_system::{Ancestors, Cause, Host, HostConfig, Kind, Last, MAX_LINKS, Output, Place, Stop, Until};
use tempfile::TempDir;

fn host() -> Host {
    Host::new(HostConfig { env: Default::default(), stdout: Output::Sink(Box::new(std::io::sink())), quiet: true })
}

fn walk(path: &str, last: Last) -> Result<Place, Stop<String>> {
    host().walk(path, last, &mut |_| Ok(()))
}

fn arrive(path: &str) -> Place {
    walk(path, Last::Followed).unwrap()
}

fn permit(policy: &Policy, effect: fn(Known) -> Effect, path: &str) -> Option<Permit> {
    match policy.decide(&Bounds::default(), effect(Known::Text(path.to_owned()))) {
        Decision::Allowed(permit) => Some(permit),
        _ => None,
    }
}

/// A directory whose path holds no links.
fn scratch() -> (TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().canonicalize().unwrap().to_str().unwrap().to_owned();
    (dir, path)
}

#[test]
fn links_are_replaced_as_text() {
    let (_guard, dir) = scratch();
    fs::create_dir_all(format!("{dir}/real/deep")).unwrap();
    fs::write(format!("{dir}/real/x"), "x").unwrap();
    symlink("real/deep", format!("{dir}/link")).unwrap();
    symlink("../real/./deep/../x", format!("{dir}/real/up")).unwrap();
    assert_eq!(arrive(&format!("{dir}/link")).resolved(), format!("{dir}/real/deep"));
    let up = arrive(&format!("{dir}/real/up"));
    assert_eq!((up.resolved(), up.kind()), (format!("{dir}/real/x").as_str(), Kind::File));
    assert_eq!(up.passed(), [format!("{dir}/real/up"), format!("{dir}/real/x")]);
    assert_eq!(walk(&format!("{dir}/link"), Last::Entry).unwrap().kind(), Kind::Link);
}

#[test]
fn the_first_ancestor_that_is_no_directory_decides() {
    let (_guard, dir) = scratch();
    fs::write(format!("{dir}/file"), "").unwrap();
    let missing = arrive(&format!("{dir}/a/b/c"));
    assert_eq!((missing.ancestors(), missing.kind()), (Ancestors::MissingAt, Kind::Absent));
    assert_eq!(missing.missing_parents(), [format!("{dir}/a"), format!("{dir}/a/b")]);
    assert_eq!(arrive(&format!("{dir}/file/b/c")).ancestors(), Ancestors::FileAt);
    assert_eq!(arrive(&format!("{dir}/none")).ancestors(), Ancestors::Ok);
    assert_eq!(arrive("/").kind(), Kind::Dir);
}

#[test]
fn forty_links_and_no_more() {
    let (_guard, dir) = scratch();
    fs::write(format!("{dir}/l0"), "").unwrap();
    for at in 1..=MAX_LINKS + 1 {
        symlink(format!("l{}", at - 1), format!("{dir}/l{at}")).unwrap();
    }
    assert_eq!(arrive(&format!("{dir}/l{MAX_LINKS}")).kind(), Kind::File);
    let too_many = walk(&format!("{dir}/l{}", MAX_LINKS + 1), Last::Followed);
    assert!(matches!(too_many, Err(Stop::Failed(error)) if error.cause == Cause::TooManyLinks));
}

#[test]
fn f12_loops_end() {
    let (_guard, dir) = scratch();
    symlink("b", format!("{dir}/a")).unwrap();
    symlink("a", format!("{dir}/b")).unwrap();
    symlink("self", format!("{dir}/self")).unwrap();
    symlink("grow/x", format!("{dir}/grow")).unwrap();
    for name in ["a", "self", "grow"] {
        let stopped = walk(&format!("{dir}/{name}"), Last::Followed);
        assert!(matches!(stopped, Err(Stop::Failed(error)) if error.cause == Cause::TooManyLinks), "{name}");
    }
}

#[test]
fn f27_an_endless_path_is_an_error() {
    let long = "/x".repeat(10_000);
    assert!(matches!(walk(&long, Last::Followed), Err(Stop::Failed(_))));
}

#[test]
fn the_gate_is_asked_at_every_link_and_stops_the_walk() {
    let (_guard, dir) = scratch();
    symlink("/etc/passwd", format!("{dir}/out")).unwrap();
    let mut asked = Vec::new();
    let stopped = host().walk(&format!("{dir}/out"), Last::Followed, &mut |text| {
        asked.push(text.to_owned());
        if path::within(text, &dir) { Ok(()) } else { Err(text.to_owned()) }
    });
    assert!(matches!(stopped, Err(Stop::Gate(text)) if text == "/etc/passwd"));
    assert_eq!(asked, [format!("{dir}/out"), "/etc/passwd".to_owned()]);
}

#[test]
fn f19_links_of_proc_lead_nowhere_else() {
    let place = walk("/proc/self/fd/0", Last::Followed);
    // `pipe:[1]` is taken as the text that it is; a terminal's path is asked about like any other.
    if let Ok(place) = place {
        assert!(!place.resolved().contains("/self/"), "{}", place.resolved());
    }
}

#[test]
fn a_permit_is_good_for_its_place_and_act_only() {
    let (_guard, dir) = scratch();
    fs::write(format!("{dir}/a"), "a").unwrap();
    let (host, open) = (host(), Policy::default());
    let place = arrive(&format!("{dir}/a"));
    let elsewhere = permit(&open, Effect::Read, &format!("{dir}/b")).unwrap();
    let other_act = permit(&open, Effect::Write, place.resolved()).unwrap();
    for wrong in [&elsewhere, &other_act] {
        assert_eq!(host.read(wrong, &place, Until::default()).unwrap_err().cause, Cause::Unpermitted);
    }
    assert_eq!(
        host.read(&permit(&open, Effect::Read, place.resolved()).unwrap(), &place, Until::default()).unwrap(),
        "a"
    );
}

/// Between the walk and the act the file becomes a link out of the root, or its directory does.
#[test]
fn f09_what_is_swapped_after_the_walk_is_not_followed() {
    let (_guard, dir) = scratch();
    fs::create_dir_all(format!("{dir}/in/d")).unwrap();
    fs::write(format!("{dir}/in/d/f"), "inside").unwrap();
    fs::create_dir(format!("{dir}/out")).unwrap();
    fs::write(format!("{dir}/out/f"), "secret").unwrap();
    let (host, open) = (host(), Policy::default());
    let place = arrive(&format!("{dir}/in/d/f"));
    let read = permit(&open, Effect::Read, place.resolved()).unwrap();
    let write = permit(&open, Effect::Write, place.resolved()).unwrap();
    let delete = permit(&open, Effect::Delete, place.resolved()).unwrap();

    fs::rename(format!("{dir}/in/d"), format!("{dir}/in/moved")).unwrap();
    symlink(format!("{dir}/out"), format!("{dir}/in/d")).unwrap();
    assert_eq!(host.read(&read, &place, Until::default()).unwrap(), "inside");
    host.write(&write, &place, "changed", Until::default()).unwrap();
    assert_eq!(fs::read_to_string(format!("{dir}/in/moved/f")).unwrap(), "changed");

    fs::remove_file(format!("{dir}/in/moved/f")).unwrap();
    symlink(format!("{dir}/out/f"), format!("{dir}/in/moved/f")).unwrap();
    assert_eq!(host.read(&read, &place, Until::default()).unwrap_err().cause, Cause::Changed);
    host.write(&write, &place, "again", Until::default()).unwrap();
    host.remove(&delete, &place, Until::default()).unwrap();
    assert_eq!(fs::read_to_string(format!("{dir}/out/f")).unwrap(), "secret");
}

/// Ends the attacker, also when the test fails.
struct StopsAtEnd<'s>(&'s AtomicBool);

impl Drop for StopsAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The attacker swaps a directory and a link to the outside as fast as it can.
#[test]
fn f09_a_race_is_never_won() {
    let (_guard, dir) = scratch();
    for name in ["root/d", "out"] {
        fs::create_dir_all(format!("{dir}/{name}")).unwrap();
    }
    fs::write(format!("{dir}/root/d/f"), "inside").unwrap();
    fs::write(format!("{dir}/out/f"), "secret").unwrap();
    symlink(format!("{dir}/out"), format!("{dir}/root/l")).unwrap();
    let root = format!("{dir}/root");
    let policy =
        Policy { read_roots: Some(vec![root.clone()]), write_roots: Some(vec![root.clone()]), ..Policy::default() };
    let stop = AtomicBool::new(false);
    let stops = StopsAtEnd(&stop);
    std::thread::scope(|scope| {
        let stops = stops;
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let swap = |a: &str, b: &str| fs::rename(format!("{root}/{a}"), format!("{root}/{b}")).unwrap();
                swap("d", "x");
                swap("l", "d");
                swap("d", "l");
                swap("x", "d");
            }
        });
        let (mut inside, mut denied) = (0, 0);
        for _ in 0..20_000 {
            let mut gate = |text: &str| permit(&policy, Effect::Write, text).map(drop).ok_or(());
            match host().walk(&format!("{root}/d/f"), Last::Followed, &mut gate) {
                Ok(place) => {
                    let read = permit(&policy, Effect::Read, place.resolved()).unwrap();
                    let write = permit(&policy, Effect::Write, place.resolved()).unwrap();
                    if let Ok(text) = host().read(&read, &place, Until::default()) {
                        assert_eq!(text, "inside");
                        inside += 1;
                    }
                    // With the directory away for a moment there is no parent: then nothing may be made.
                    let _ = host().write(&write, &place, "inside", Until::default());
                }
                Err(Stop::Gate(())) => denied += 1,
                Err(Stop::Failed(_)) => {}
            }
        }
        drop(stops);
        assert!(inside > 0, "{inside} inside, {denied} denied");
    });
    assert_eq!(fs::read_to_string(format!("{dir}/out/f")).unwrap(), "secret");
    assert_eq!(fs::read_dir(format!("{dir}/out")).unwrap().count(), 1);
}
