//! `schemas/` is what the types say. `UPDATE=1 cargo test -p perch-guards schemas` writes it anew.

use std::collections::BTreeMap;

use perch_guards::{files, read, root};
use schemars::Schema;

fn schemas() -> BTreeMap<&'static str, Schema> {
    [
        ("schemas/audit.json", perch::audit::schema()),
        ("schemas/catalog.json", perch_ops::export::schema()),
        ("schemas/check.json", perch::check::schema()),
        ("schemas/fixture.json", schemars::schema_for!(perch_fixtures::Fixture)),
        ("schemas/graph.json", perch_ir::graph::schema()),
        ("schemas/list.json", perch::list::schema()),
        ("schemas/simulate.json", perch_simulate::report::schema()),
        ("schemas/test.json", perch::test::schema()),
        ("schemas/trace.json", perch::trace::schema()),
    ]
    .into()
}

#[test]
fn schemas_are_what_the_types_say() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    for (file, schema) in schemas() {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if update {
            std::fs::write(root().join(file), &text).unwrap();
        }
        assert!(
            read(file) == text,
            "{file} is not what the types say; `UPDATE=1 cargo test -p perch-guards schemas` writes it anew"
        );
    }
}

#[test]
fn every_schema_is_generated() {
    assert_eq!(files("schemas", "json"), schemas().into_keys().collect::<Vec<_>>());
}
