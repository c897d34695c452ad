//! What `--dry-run` says on the host of a case before the command is really run there, beside what the run does.

use std::collections::BTreeMap;

use perch_differential::real::RealVisit;
use perch_ops::ErrorKind;
use serde_json::Value;

/// What is said of a command.
pub(crate) struct Dry {
    verdict: String,
    /// Verdict and reach of each statement, by its node.
    nodes: BTreeMap<String, (String, String)>,
    /// It takes for granted that no deadline passes.
    in_time: bool,
}

/// How a report says that.
const IN_TIME: &str = "no program and no wait meets a deadline";

impl Dry {
    /// Reads a report.
    pub(crate) fn read(json: &str) -> Result<Self, String> {
        let report: Value = serde_json::from_str(json).map_err(|error| format!("no report: {error}"))?;
        let command = report.pointer("/scenarios/0/commands/0").ok_or("a report on no command")?;
        let mut dry = Self { verdict: text(command, "verdict"), nodes: BTreeMap::new(), in_time: false };
        let taken = report["assumptions"].as_array().into_iter().flatten().filter_map(Value::as_str);
        dry.in_time = taken.into_iter().any(|one| one.starts_with(IN_TIME));
        dry.note(&command["ops"]);
        Ok(dry)
    }

    fn note(&mut self, ops: &Value) {
        for op in ops.as_array().into_iter().flatten().filter(|op| op["id"].is_string()) {
            self.nodes.insert(text(op, "id"), (text(op, "verdict"), text(op, "reach")));
            self.note(&op["children"]);
        }
    }

    /// What of this a run contradicts.
    pub(crate) fn contradictions(&self, visits: &[RealVisit], status: u8) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.in_time && visits.iter().any(|visit| visit.failed == Some(ErrorKind::TimeoutExceeded)) {
            return wrong;
        }
        match (self.verdict.as_str(), status) {
            ("WILL_RUN", 1..) | ("WILL_FAIL", 0) => {
                wrong.push(format!("the dry run says {} of the command, which ends with {status}", self.verdict));
            }
            _ => {}
        }
        for (node, (verdict, reach)) in &self.nodes {
            let mut here = visits.iter().filter(|visit| visit.node == *node).peekable();
            let is_visited = here.peek().is_some();
            let fails = here.any(|visit| visit.failed.is_some());
            let contradicted = match (verdict.as_str(), reach.as_str()) {
                _ if is_visited && matches!(reach.as_str(), "never" | "blocked") => true,
                ("WILL_RUN", _) => fails,
                ("WILL_FAIL", _) => is_visited && !fails,
                _ => false,
            } || reach == "always" && !is_visited;
            if contradicted {
                let ended = if !is_visited {
                    "is not visited"
                } else if fails {
                    "fails"
                } else {
                    "does not fail"
                };
                wrong.push(format!("the dry run says {verdict} {reach} of {node}, which {ended}"));
            }
        }
        wrong
    }
}

fn text(of: &Value, key: &str) -> String {
    of[key].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_can_be_contradicted() {
        let op = |id: &str, verdict: &str, reach: &str| {
            format!(r#"{{"id": "{id}", "verdict": "{verdict}", "reach": "{reach}", "children": []}}"#)
        };
        let ops =
            [op("a", "WILL_RUN", "always"), op("b", "WILL_FAIL", "sometimes"), op("c", "SKIPPED", "never")].join(",");
        let json = format!(r#"{{"scenarios": [{{"commands": [{{"verdict": "WILL_RUN", "ops": [{ops}]}}]}}]}}"#);
        let dry = Dry::read(&json).unwrap();
        let visit =
            |node: &str, failed| RealVisit { node: node.to_owned(), op: String::new(), visit: Vec::new(), failed };
        let found = |visits: &[RealVisit], status| dry.contradictions(visits, status).len();
        assert_eq!(found(&[visit("a", None)], 0), 0);
        assert_eq!(found(&[visit("a", Some(ErrorKind::IoError)), visit("b", Some(ErrorKind::IoError))], 0), 1);
        assert_eq!(found(&[visit("b", None), visit("c", None)], 1), 4);
    }
}
