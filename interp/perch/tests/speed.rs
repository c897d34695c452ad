//! How long things take that nothing from outside could tell from what else happens. Run by `.ci/speed`, in an optimised build.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Instant;

use perch_ops::Pure;
use perch_policy::{Bounds, By, Decision, Effect, Known, Lists, Policy};

#[test]
#[ignore = "measures"]
fn a_decision_takes_less_than_two_microseconds() {
    let path = |text: String| Known::Text(text);
    let names = || (0..4).map(|at| format!("/srv/root{at}")).collect::<Vec<_>>();
    let roots = || Some(names().into_iter().map(path).collect());
    let manifest = Lists { read: roots(), write: roots(), ..Lists::open(By::Manifest) };
    let sandbox = Lists { read: roots(), write: roots(), ..Lists::open(By::Sandbox) };
    let bounds = Bounds::from(manifest).and(&sandbox.into());
    let policy = Policy { read_roots: Some(names()), write_roots: Some(names()), ..Policy::default() };
    let own = ["/tmp/perch-A".to_owned(), "/tmp/perch-B".to_owned()];
    let times = 200_000_u32;
    let start = Instant::now();
    for _ in 0..times {
        let effect = Effect::Write(path("/srv/root3/some/where/deep/below/file.txt".to_owned()));
        assert!(matches!(policy.decide_with(&bounds, &own, effect), Decision::Allowed(_)));
    }
    let each = start.elapsed() / times;
    println!("{:40} {:8} ns  (at most 2000)", "a decision about a path", each.as_nanos());
    assert!(each.as_nanos() < 2000, "{each:?}");
}

#[test]
#[ignore = "measures"]
fn a_large_document_is_read_about_as_fast_as_by_its_reader_alone() {
    const ENTRY: &str = r#"{"name": "something of a usual length", "numbers": [1, 2.5, -3e7], "there": true, "note": "a\nb é", "more": {"a": null}},"#;
    let entries = (100 << 20) / ENTRY.len();
    let document = format!("{{\"all\": [{}0], \"last\": 7}}", ENTRY.repeat(entries));
    let least = |run: &dyn Fn()| {
        let times = (0..3).map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_millis()
        });
        times.min().unwrap()
    };
    let alone = least(&|| assert!(serde_json::from_str::<serde_json::Value>(&document).is_ok()));
    let mut slow = Vec::new();
    for (what, function, operands) in [
        ("a value of 100 MB of JSON", Pure::JsonGet, vec![&*document, "last"]),
        ("its elements counted", Pure::JsonCount, vec![&*document, "all"]),
        ("all of it in one line", Pure::JsonParse, vec![&*document]),
    ] {
        let ours = least(&|| assert!(!function.text(&operands).is_empty()));
        let good = ours * 2 <= alone * 3;
        println!("{what:40} {ours:8} ms, {alone} ms  (at most 1.5 times){}", if good { "" } else { "  TOO MUCH" });
        slow.extend((!good).then_some(what));
    }
    assert!(slow.is_empty(), "{slow:?}");
}
