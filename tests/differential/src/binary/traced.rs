//! What a trace tells (`docs/tracing.md`). A reader of its own: what perch writes is read as anybody would.

use std::collections::BTreeMap;

use perch_ops::ErrorKind;
use serde::Deserialize;

use crate::real::{Ending, RealVisit};

/// What a trace tells.
#[derive(Debug)]
pub struct Traced {
    /// In order of completion.
    pub visits: Vec<RealVisit>,
    /// How the run ended.
    pub ending: Ending,
    /// What the process exits with.
    pub exit_code: u8,
    /// The nodes that were visited.
    pub nodes: BTreeMap<String, Shown>,
}

/// How a node is shown.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Shown {
    /// Its op or block.
    pub op: String,
    /// The statement.
    pub text: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

#[derive(Deserialize)]
struct Line {
    schema: String,
    #[serde(flatten)]
    event: Event,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Start {
        command: String,
    },
    Enter(Visit),
    Exit {
        #[serde(flatten)]
        visit: Visit,
        error: Option<Failure>,
    },
    End {
        error: Option<Failure>,
        exit: Option<String>,
        exit_code: u8,
    },
}

#[derive(PartialEq, Eq, Deserialize)]
struct Visit {
    id: String,
    visit: Vec<u32>,
    #[serde(flatten)]
    shown: Shown,
}

#[derive(Deserialize)]
struct Failure {
    kind: String,
}

impl Failure {
    fn kind(&self) -> Result<ErrorKind, String> {
        ErrorKind::from_name(&self.kind).ok_or_else(|| format!("`{}` is no kind of failure", self.kind))
    }
}

/// Reads a whole trace.
///
/// # Errors
/// With what is wrong with it: something that is no line of a trace, nodes that do not nest, an end that is missing.
pub fn read(text: &str) -> Result<Traced, String> {
    let mut lines = text.lines().map(line);
    match lines.next() {
        Some(Ok(Event::Start { command })) if command == "main" => {}
        Some(Err(message)) => return Err(message),
        _ => return Err("the trace has no start".to_owned()),
    }
    let mut open: Vec<Visit> = Vec::new();
    let mut visits = Vec::new();
    let mut nodes = BTreeMap::new();
    // Behind the first `parallel`, visits need not nest.
    let mut at_once = false;
    for event in lines.by_ref() {
        match event? {
            Event::Enter(visit) => open.push(visit),
            Event::Exit { visit, error } => {
                at_once |= visit.shown.op == "parallel";
                match open.iter().rposition(|entered| *entered == visit) {
                    Some(at) if at_once || at + 1 == open.len() => drop(open.remove(at)),
                    _ => return Err(format!("the trace leaves {} {:?} where it is not", visit.id, visit.visit)),
                }
                let failed = error.map(|error| error.kind()).transpose()?;
                let op = visit.shown.op.clone();
                nodes.insert(visit.id.clone(), visit.shown);
                visits.push(RealVisit { node: visit.id, op, visit: visit.visit, failed });
            }
            Event::End { error, exit, exit_code } if open.is_empty() => {
                let ending = ending(error, exit)?;
                return match lines.next() {
                    None => Ok(Traced { visits, ending, exit_code, nodes }),
                    Some(_) => Err("the trace goes on behind its end".to_owned()),
                };
            }
            Event::Start { .. } | Event::End { .. } => return Err("the trace starts or ends within".to_owned()),
        }
    }
    Err("the trace has no end".to_owned())
}

fn line(text: &str) -> Result<Event, String> {
    let line: Line = serde_json::from_str(text).map_err(|error| format!("{error} in the trace: {text}"))?;
    if line.schema == "perch.trace/1" { Ok(line.event) } else { Err(format!("`{}` is another format", line.schema)) }
}

fn ending(error: Option<Failure>, exit: Option<String>) -> Result<Ending, String> {
    match (error, exit) {
        (None, None) => Ok(Ending::Next),
        (Some(error), None) => error.kind().map(Ending::Failed),
        (None, Some(text)) => Ok(Ending::Exited(text)),
        (Some(_), Some(_)) => Err("the run ends twice".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = r#"{"event":"start","schema":"perch.trace/1","file":"f","command":"main","cwd":"/w"}"#;

    fn node(event: &str, id: &str, more: &str) -> String {
        format!(
            r#"{{"event":"{event}","schema":"perch.trace/1","id":"{id}","visit":[2],"op":"rm","text":"rm a","file":"f","line":3,"column":5{more}}}"#
        )
    }

    fn end(error: &str, exit: &str) -> String {
        format!(
            r#"{{"event":"end","schema":"perch.trace/1","error":{error},"exit":{exit},"exit_code":1,"duration_us":9}}"#
        )
    }

    const FINE: &str = r#","error":null,"duration_us":7"#;
    const FAILED: &str = r#","error":{"kind":"io_error","message":"m"},"duration_us":7"#;

    #[test]
    fn visits_are_told_in_the_order_in_which_they_end() {
        let lines =
            [node("enter", "a", ""), node("enter", "b", ""), node("exit", "b", FAILED), node("exit", "a", FINE)];
        let text = [START.to_owned(), lines.join("\n"), end(r#"{"kind":"user_fail","message":"m"}"#, "null")];
        let traced = read(&text.join("\n")).unwrap();
        let seen: Vec<_> = traced.visits.iter().map(|visit| (visit.node.as_str(), visit.failed)).collect();
        assert_eq!(seen, [("b", Some(ErrorKind::IoError)), ("a", None)]);
        assert_eq!((traced.visits[0].op.as_str(), traced.visits[0].visit.as_slice()), ("rm", &[2][..]));
        assert_eq!((traced.ending, traced.exit_code), (Ending::Failed(ErrorKind::UserFail), 1));
    }

    #[test]
    fn what_is_no_trace_is_noticed() {
        let of = |lines: &[String]| read(&lines.join("\n")).err().unwrap_or_default();
        let start = START.to_owned();
        let fine = end("null", "null");
        assert_eq!(of(&[start.clone(), fine.clone()]), "");
        assert_eq!(of(std::slice::from_ref(&fine)), "the trace has no start");
        assert_eq!(of(std::slice::from_ref(&start)), "the trace has no end");
        assert_eq!(
            of(&[start.clone(), node("exit", "a", FINE), fine.clone()]),
            "the trace leaves a [2] where it is not"
        );
        assert_eq!(of(&[start.clone(), node("enter", "a", ""), fine.clone()]), "the trace starts or ends within");
        assert_eq!(of(&[start.clone(), fine.clone(), fine]), "the trace goes on behind its end");
        assert_eq!(of(&[start.clone(), end(r#"{"kind":"x","message":""}"#, "null")]), "`x` is no kind of failure");
        assert!(of(&[start, "{".to_owned()]).contains("in the trace: {"));
    }
}
