//! Findings for code scanning: SARIF 2.1.0.
//!
//! A result has a fingerprint that does not change when lines are added above it: the code, the file, and the text of its line; of equal
//! ones the number.

use std::collections::{BTreeMap, HashMap};

use perch_check::Page;
use perch_ir::{Code, Severity, Span};
use perch_syntax::{Fix, one_line};
use serde_json::{Value, json};

use super::outcome::{Found, Outcome};
use super::source::Source;
use crate::report::Trouble;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The name of the fingerprint. Whoever computes it otherwise gives it another version.
const FINGERPRINT: &str = "perchFinding/v1";

/// The log as a page.
pub(super) fn page(outcome: &Outcome) -> Result<String, Trouble> {
    serde_json::to_string_pretty(&log(outcome))
        .map(|json| json + "\n")
        .map_err(|error| Trouble::usage(format!("perch has a bug: the findings are not JSON: {error}")))
}

fn log(outcome: &Outcome) -> Value {
    let found: Vec<Found<'_>> = outcome.shown().collect();
    let rules = Rules::of(&found);
    let mut fingerprints = Fingerprints::default();
    let results: Vec<Value> = found.iter().map(|one| result(*one, &rules, fingerprints.next(*one))).collect();
    let driver = json!({"name": "perch", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules.values()});
    let run = json!({
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": outcome.unread.is_empty(), "exitCode": outcome.status()}],
        "results": results,
    });
    json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
}

/// The codes that occur, each with its place in the list.
struct Rules(BTreeMap<Code, usize>);

impl Rules {
    fn of(found: &[Found<'_>]) -> Self {
        let mut codes: Vec<Code> = found.iter().map(|one| one.problem.code).collect();
        codes.sort();
        codes.dedup();
        Self(codes.into_iter().enumerate().map(|(at, code)| (code, at)).collect())
    }

    fn values(&self) -> Vec<Value> {
        self.0.keys().map(|code| rule(*code)).collect()
    }
}

fn rule(code: Code) -> Value {
    let page = Page::of(code);
    json!({
        "id": code.name(),
        "shortDescription": {"text": page.title},
        "help": {"text": page.text(), "markdown": page.markdown()},
        "defaultConfiguration": {"level": level(code.severity())},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::NotYet => "note",
    }
}

fn result(found: Found<'_>, rules: &Rules, fingerprint: String) -> Value {
    let problem = found.problem;
    let help = problem.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": problem.code.name(),
        "level": level(problem.severity()),
        "message": {"text": format!("{}{help}", problem.message)},
        "locations": [location(found.source, problem.span, problem.label.as_deref())],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    });
    if let Some(at) = rules.0.get(&problem.code) {
        result["ruleIndex"] = json!(at);
    }
    let related: Vec<Value> = found.others().map(|(source, span, text)| location(source, span, Some(text))).collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if let Some(fix) = &problem.fix {
        result["fixes"] = json!([repair(found.source, fix)]);
    }
    result
}

fn location(source: &Source, span: Span, text: Option<&str>) -> Value {
    let physical = json!({"artifactLocation": {"uri": uri(source.path())}, "region": region(source, span)});
    let mut location = json!({"physicalLocation": physical});
    if let Some(text) = text {
        location["message"] = json!({"text": text});
    }
    location
}

fn region(source: &Source, span: Span) -> Value {
    let ((line, column), (end_line, end_column)) = (source.place(span.start), source.place(span.end));
    json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column})
}

fn repair(source: &Source, fix: &Fix) -> Value {
    let replacements = fix
        .edits
        .iter()
        .map(|edit| json!({"deletedRegion": region(source, edit.span), "insertedContent": {"text": edit.text}}));
    let change = json!({
        "artifactLocation": {"uri": uri(source.path())},
        "replacements": replacements.collect::<Vec<_>>(),
    });
    json!({"description": {"text": fix.title}, "artifactChanges": [change]})
}

/// A path as a reference: relative ones stay relative, with forward slashes.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let path = path.strip_prefix("./").unwrap_or(&path);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escaped: String = path
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    if path.starts_with('/') { format!("file://{escaped}") } else { escaped }
}

/// Counts results that are alike.
#[derive(Default)]
struct Fingerprints(HashMap<u64, usize>);

impl Fingerprints {
    fn next(&mut self, found: Found<'_>) -> String {
        let line = one_line(found.source.line_at(found.problem.span.start));
        let text = format!("{}\0{}\0{line}", found.problem.code, uri(found.source.path()));
        let hash = fnv(text.as_bytes());
        let number = self.0.entry(hash).or_insert(0);
        *number += 1;
        format!("{hash:016x}:{number}")
    }
}

/// FNV-1a: the same on every machine and in every version, which is all that is asked of it.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("./a b/c.perch"), "a%20b/c.perch");
        assert_eq!(uri("/w/é#.perch"), "file:///w/%C3%A9%23.perch");
        assert_eq!(uri("lib/a.perch"), "lib/a.perch");
    }
}
