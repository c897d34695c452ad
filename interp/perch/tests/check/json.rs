//! What machines read: `schemas/check.json`.

use serde_json::Value;

use crate::rig::{BROKEN, DOUBTFUL, Rig};
use crate::schema::misfits;

fn fits(report: &Value) {
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/check.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let wrong = misfits(&schema, report);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_report_fits_its_schema_and_says_everything() {
    let rig = Rig::new(&[("broken.perch", BROKEN), ("doubtful.perch", DOUBTFUL)]);
    let report: Value = serde_json::from_str(&rig.checked(&["--json", "broken.perch", "doubtful.perch"])).unwrap();
    fits(&report);
    assert_eq!(report["schema"], "perch.check/1");
    assert_eq!((&report["exit_code"], &report["errors"], &report["warnings"]), (&1.into(), &2.into(), &1.into()));
    let codes: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["bad-interpolation", "duplicate-command", "named-operand"]);
    let first = &report["findings"][0];
    assert_eq!((&first["line"], &first["column"], &first["end_column"]), (&4.into(), &15.into(), &18.into()));
    let (start, end) = (first["start"].as_u64().unwrap() as usize, first["end"].as_u64().unwrap() as usize);
    assert_eq!(&BROKEN[start..end], "${}");
    let related = &report["findings"][1]["related"][0];
    assert_eq!((&related["line"], &related["text"]), (&1.into(), &"the first one".into()));
}

#[test]
fn a_report_with_too_many_findings_counts_them_all() {
    let text = format!("command main\n  do\n{}  end\nend\n", "    upper\n".repeat(600));
    let rig = Rig::new(&[("a.perch", &text)]);
    let report: Value = serde_json::from_str(&rig.checked(&["--json", "a.perch"])).unwrap();
    fits(&report);
    assert_eq!((&report["errors"], &report["omitted"]), (&600.into(), &100.into()));
    assert_eq!(report["findings"].as_array().unwrap().len(), 500);
}
