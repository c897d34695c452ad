//! What code scanning reads: SARIF 2.1.0.

use serde_json::Value;

use crate::rig::{BROKEN, CLEAN, DOUBTFUL, Rig};
use crate::schema;

/// The schema of the standard; see the page beside it.
const SCHEMA: &str = include_str!("sarif-schema-2.1.0.json");

fn misfits(log: &Value) -> Vec<String> {
    schema::misfits(&serde_json::from_str(SCHEMA).unwrap(), log)
}

fn log(rig: &Rig, files: &[&str]) -> Value {
    let log = serde_json::from_str(&rig.checked(&[&["--format", "sarif"], files].concat())).unwrap();
    assert_eq!(misfits(&log), Vec::<String>::new());
    log
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap()
}

/// The fingerprints, by code.
fn fingerprints(log: &Value) -> Vec<(String, String)> {
    let of = |result: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&result["ruleId"]), text(&result["partialFingerprints"]["perchFinding/v1"]))
    };
    results(log).iter().map(of).collect()
}

#[test]
fn the_log_fits_the_standard_with_findings_and_without() {
    let rig = Rig::new(&[("clean.perch", CLEAN), ("lib/broken.perch", BROKEN), ("doubtful.perch", DOUBTFUL)]);
    assert!(results(&log(&rig, &["clean.perch"])).is_empty());
    let log = log(&rig, &["./lib/broken.perch", "doubtful.perch"]);
    let levels: Vec<&str> = results(&log).iter().map(|result| result["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "error", "warning"]);
    let place = &results(&log)[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "lib/broken.perch");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&4.into(), &15.into()));
    assert_eq!(results(&log)[1]["relatedLocations"][0]["message"]["text"], "the first one");
}

#[test]
fn a_rule_says_what_its_code_means() {
    let rig = Rig::new(&[("broken.perch", BROKEN)]);
    let log = log(&rig, &["broken.perch"]);
    for result in results(&log) {
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["text"].as_str().unwrap().contains("\n    command "), "{rule}");
    }
}

#[test]
fn fingerprints_stay_when_lines_move_and_differ_between_equal_lines() {
    let rig = Rig::new(&[("a.perch", BROKEN), ("b.perch", DOUBTFUL)]);
    let before = fingerprints(&log(&rig, &["a.perch", "b.perch"]));
    rig.write("a.perch", &format!("# A comment\n\n{}", BROKEN.replace("\n    print", "\n\n        print")));
    assert_eq!(fingerprints(&log(&rig, &["a.perch", "b.perch"])), before);
    rig.write("b.perch", &DOUBTFUL.replace("    cp src=a b\n", "    cp src=a b\n    cp src=a b\n"));
    let twice = fingerprints(&log(&rig, &["b.perch"]));
    assert!(twice.len() == 2 && twice[0] != twice[1] && twice[0] == before[2], "{twice:?}");
}

#[test]
fn the_schema_would_notice() {
    let rig = Rig::new(&[("broken.perch", BROKEN)]);
    let mut log = log(&rig, &["broken.perch"]);
    log["runs"][0]["results"][0]["level"] = "terrible".into();
    assert_eq!(misfits(&log).len(), 1);
    log["runs"][0]["results"][0].as_object_mut().unwrap().remove("message");
    assert_eq!(misfits(&log).len(), 2);
}
