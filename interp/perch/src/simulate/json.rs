//! The report as JSON. Nearly all of it are its scenarios, which are written at the same time.

use std::io;

use perch_simulate::report::{Report, Scenario};
use serde::Serialize as _;
use serde_json::Serializer;
use serde_json::ser::{Formatter as _, PrettyFormatter};

use crate::report::Trouble;
use crate::stack;

/// Where the scenarios are missing. No text has a line break in it, so nothing else is written like that.
const HOLE: &str = "\n  \"scenarios\": []";

/// The whole report, as `serde_json` writes it for people.
pub(super) fn json(report: &Report) -> Result<String, Trouble> {
    let scenarios = stack::each(&report.scenarios, |one| scenario(one).map_err(|error| bug(&error)))?;
    let scenarios = scenarios.into_iter().collect::<Result<Vec<_>, _>>()?;
    let page = serde_json::to_string_pretty(&around(report)).map_err(|error| bug(&error))?;
    let Some((before, behind)) = page.split_once(HOLE).filter(|_| !scenarios.is_empty()) else {
        return Ok(page + "\n");
    };
    let room = page.len() + scenarios.iter().map(|one| one.len() + HOLE.len()).sum::<usize>();
    let mut whole = String::with_capacity(room);
    whole.push_str(before);
    whole.push_str(HOLE.trim_end_matches(']'));
    for (at, one) in scenarios.iter().enumerate() {
        whole.push_str(if at == 0 { "\n    " } else { ",\n    " });
        whole.push_str(one);
    }
    whole.push_str("\n  ]");
    whole.push_str(behind);
    whole.push('\n');
    Ok(whole)
}

/// All but the scenarios.
fn around(report: &Report) -> Report {
    Report {
        schema: report.schema,
        file: report.file.clone(),
        on_this_host: report.on_this_host,
        exit_code: report.exit_code,
        rule: report.rule.clone(),
        assumptions: report.assumptions.clone(),
        scenarios: Vec::new(),
        unused: report.unused.clone(),
    }
}

/// One of them, indented as an element of a key of the report is.
fn scenario(scenario: &Scenario) -> Result<String, serde_json::Error> {
    let mut formatter = PrettyFormatter::new();
    let deeper = formatter.begin_object(&mut io::sink()).and_then(|()| formatter.begin_array(&mut io::sink()));
    deeper.map_err(serde::ser::Error::custom)?;
    let mut bytes = Vec::new();
    scenario.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

fn bug(error: &serde_json::Error) -> Trouble {
    Trouble::usage(format!("perch has a bug: the report is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(scenarios: Vec<Scenario>) -> Report {
        Report {
            schema: perch_simulate::report::SCHEMA,
            file: "a\n  \"scenarios\": []".to_owned(),
            on_this_host: false,
            exit_code: 1,
            rule: "a rule".to_owned(),
            assumptions: vec!["one".to_owned()],
            scenarios,
            unused: Vec::new(),
        }
    }

    #[test]
    fn it_is_written_as_if_in_one_piece() {
        let one = |name: &str| Scenario::new(name, Some("ä\n".to_owned()), Vec::new());
        for scenarios in [vec![], vec![one("a")], vec![one("a"), one("b"), one("c")]] {
            let report = report(scenarios);
            let whole = serde_json::to_string_pretty(&report).expect("a report is JSON");
            assert_eq!(json(&report).ok(), Some(whole + "\n"));
        }
    }
}
