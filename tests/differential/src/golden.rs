//! What reports say of failures, and how they go on behind them, as people have read it.
//!
//! What a guard says and how it is mended concerns reports alone: no real run can contradict it. So each guard of each contract
//! is brought about here once, on one small host, and what its report says is kept in a file: the sentence, and what
//! stands where once the failure is mended. (`rm /` is judged here and nowhere else, for it would be performed.)

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use perch_fixtures::Fixture;
use perch_ir::Program;
use perch_ops::{Contract, Primitive};
use perch_policy::Policy;
use perch_simulate::report::{Child, Op, Verdict};
use perch_simulate::{host, run, verdict};
use perch_symbolic::Symbolic;

use crate::triples::load;

/// The host of all cases; everything is known of it.
const HOST: &str = r#"{
    "os": "linux", "arch": "amd64", "cwd": "/w", "env": {"PATH": "/bin"}, "env_only": true, "bins": ["tool"],
    "oracles": {
        "exec": {"tool *": {}},
        "http": {
            "https://x.org/gone": {"status": 404, "body": "lost"},
            "https://x.org/there": {"body": "a"},
            "https://x.org/round": {"status": 302, "redirect": "/round"}
        }
    },
    "files": {
        "/": {"kind": "dir", "closed": true},
        "/w": {"kind": "dir", "closed": true},
        "/w/f": {"kind": "file", "content": "x"},
        "/w/d": {"kind": "dir", "closed": true},
        "/w/d/g": {"kind": "file", "content": "y"},
        "/w/e": {"kind": "dir", "closed": true},
        "/w/t": {"kind": "dir", "closed": true},
        "/w/t/f": {"kind": "dir", "closed": true},
        "/w/t/g": {"kind": "dir", "closed": true},
        "/w/l": {"kind": "link", "target": "gone/x"}
    }
}"#;

/// Where something may stand afterwards.
const PLACES: &[&str] = &[
    "/w/f",
    "/w/f/x",
    "/w/d",
    "/w/d/g",
    "/w/d/x",
    "/w/e",
    "/w/t",
    "/w/t/f",
    "/w/t/g",
    "/w/t/x",
    "/w/gone",
    "/w/gone/x",
    "/w/new",
    "/tmp",
];

/// Statements of which the last one fails.
pub const CASES: &[&[&str]] = &[
    &["v = read_file f/x"],
    &["v = read_file gone/x"],
    &["v = read_file gone"],
    &["v = read_file d"],
    &["write_file f/x 1"],
    &["write_file gone/x 1"],
    &["write_file d 1"],
    &["mkdir f/x"],
    &["mkdir f"],
    &["rm /"],
    &["cp f/x new"],
    &["cp gone/x new"],
    &["cp gone new"],
    &["cp d new"],
    &["cp f f/x"],
    &["cp f l"],
    &["cp f t"],
    &["cp f f"],
    &["mv f/x new"],
    &["mv gone/x new"],
    &["mv gone new"],
    &["mv d/g f/x"],
    &["mv f gone/x"],
    &["mv / new"],
    &["mv d d/x"],
    &["mv f d"],
    &["mv d f"],
    &["copy_dir f/x new"],
    &["copy_dir gone/x new"],
    &["copy_dir gone new"],
    &["copy_dir f new"],
    &["copy_dir d d/x"],
    &["copy_dir t/g t"],
    &["copy_dir d f/x"],
    &["copy_dir d f"],
    &["copy_dir d t"],
    &["gzip f/x new"],
    &["gzip gone/x new"],
    &["gzip gone new"],
    &["gzip d new"],
    &["gzip f f/x"],
    &["gzip f gone/x"],
    &["gzip f d"],
    &["gzip f f"],
    &["ungzip f/x new"],
    &["ungzip gone/x new"],
    &["ungzip gone new"],
    &["ungzip d new"],
    &["ungzip f f/x"],
    &["ungzip f gone/x"],
    &["ungzip f d"],
    &["ungzip f f"],
    &["ungzip f new"],
    &["tar_create f/x new"],
    &["tar_create gone/x new"],
    &["tar_create gone new"],
    &["tar_create f new"],
    &["tar_create d f/x"],
    &["tar_create d gone/x"],
    &["tar_create d e"],
    &["tar_create d d/x"],
    &["tar_extract f/x new"],
    &["tar_extract gone/x new"],
    &["tar_extract gone new"],
    &["tar_extract d new"],
    &["tar_extract f f/x"],
    &["tar_extract f d/g"],
    &["tar_extract f new"],
    &["zip_extract f new"],
    &["v = mktemp_dir"],
    &["write_file /tmp 1", "v = mktemp_dir"],
    &["rm /tmp", "v = mktemp_dir"],
    &["v = mktemp_file"],
    &["rm /tmp", "v = mktemp_file"],
    &["write_file /tmp 1", "v = mktemp_file"],
    &["symlink a f/x"],
    &["symlink a gone/x"],
    &["symlink a d"],
    &["symlink \"\" new"],
    &["cd f/x"],
    &["cd gone/x"],
    &["cd gone"],
    &["cd f"],
    &["cd t/g", "rm /w/t", "write_file /w/t 1", "tool"],
    &["cd t/g", "rm /w/t", "tool"],
    &["cd e", "rm /w/e", "tool"],
    &["cd e", "rm /w/e", "write_file /w/e 1", "tool"],
    &["cd t/g", "rm /w/t", "write_file /w/t 1", "shell tool"],
    &["cd t/g", "rm /w/t", "shell tool"],
    &["cd e", "rm /w/e", "shell tool"],
    &["cd e", "rm /w/e", "write_file /w/e 1", "shell tool"],
    &["cd t/g", "rm /w/t", "write_file /w/t 1", "x = shell_output tool"],
    &["cd t/g", "rm /w/t", "x = shell_output tool"],
    &["cd e", "rm /w/e", "x = shell_output tool"],
    &["cd e", "rm /w/e", "write_file /w/e 1", "x = shell_output tool"],
    &["cd t/g", "rm /w/t", "write_file /w/t 1", "x = try_shell tool"],
    &["cd t/g", "rm /w/t", "x = try_shell tool"],
    &["cd e", "rm /w/e", "x = try_shell tool"],
    &["cd e", "rm /w/e", "write_file /w/e 1", "x = try_shell tool"],
    &["cd t/g", "rm /w/t", "write_file /w/t 1", "shell_detached tool"],
    &["cd t/g", "rm /w/t", "shell_detached tool"],
    &["cd e", "rm /w/e", "shell_detached tool"],
    &["cd e", "rm /w/e", "write_file /w/e 1", "shell_detached tool"],
    &["shell_in f/x tool"],
    &["shell_in gone/x tool"],
    &["shell_in gone tool"],
    &["shell_in f tool"],
    &["missing"],
    &["y = md5_file f/x"],
    &["y = md5_file gone/x"],
    &["y = md5_file gone"],
    &["y = md5_file d"],
    &["append_file f/x 1"],
    &["append_file gone/x 1"],
    &["append_file d 1"],
    &["x = list_dir f/x"],
    &["x = list_dir gone/x"],
    &["x = list_dir gone"],
    &["x = list_dir f"],
    &["x = read_link f/x"],
    &["x = read_link gone/x"],
    &["x = read_link gone"],
    &["x = read_link f"],
    &["x = file_mtime f/x"],
    &["x = file_mtime gone/x"],
    &["x = file_mtime gone"],
    &["chmod f/x 600"],
    &["chmod gone/x 600"],
    &["chmod gone 600"],
    &["touch f/x"],
    &["touch gone/x"],
    &["set_env \"${PATH}=\" 1"],
    &["unset_env \"${PATH}=\""],
    &["x = expand_path \"\\$HOME\""],
    &["x = process_running tool"],
    &["kill_by_name tool"],
    &["sleep \"${PATH}\""],
    &["v = http_get \"https://x.org/gone\""],
    &["v = http_status \"https://x.org/round\""],
    &["v = wait_for_url \"https://x.org/round\" 0"],
    &["download \"https://x.org/gone\" new"],
    &["download \"https://x.org/there\" f/x"],
    &["download \"https://x.org/there\" gone/x"],
    &["download \"https://x.org/there\" d"],
    &["x = bundle_hash"],
    &["include l", "x = bundle_extract ."],
    &["requires bin missing"],
    &["requires env HOME"],
];

/// Begins a case that is a line of a manifest.
const MANIFEST: &str = "requires ";

/// Begins a line of a bundle, which is nothing that can fail.
const BUNDLED: &str = "include ";

/// The file of what is expected.
#[must_use]
pub fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden.txt")
}

/// What the reports of all cases say, by these contracts in place of the catalogue's. Cases are separated by empty lines.
///
/// # Errors
/// With a sentence, if a case cannot be simulated.
pub fn page(contracts: &[(Primitive, Contract)]) -> Result<String, String> {
    let cases: Result<Vec<String>, String> = CASES.iter().map(|case| shown(case, contracts)).collect();
    cases.map(|cases| cases.join("\n"))
}

fn shown(case: &[&str], contracts: &[(Primitive, Contract)]) -> Result<String, String> {
    let report = simulated(case, contracts)?;
    let nodes = case.iter().filter(|line| !line.starts_with(BUNDLED)).count();
    let failing = report.get(nodes - 1).ok_or("the report has no ops")?;
    let mut page = case.join("; ") + "\n";
    for reason in &failing.reasons {
        let _ = writeln!(page, "  {}: {}", reason.code, reason.message);
    }
    let before = standing(&simulated(&[], &[])?);
    let after = standing(&report[nodes..]);
    let changed: Vec<String> = after.difference(&before).map(|(what, is)| format!("{what} is {is}")).collect();
    let _ = writeln!(page, "  then {}", if changed.is_empty() { "as before".to_owned() } else { changed.join(", ") });
    Ok(page)
}

/// The report of a case, and behind it of what stands at each place.
fn simulated(case: &[&str], contracts: &[(Primitive, Contract)]) -> Result<Vec<Op>, String> {
    let program = load(&text(case))?;
    let command = program.command("main").ok_or("no main")?;
    let fixture = Fixture::parse(HOST).map_err(|error| error.to_string())?;
    let facts = host::facts_of(&fixture, "/w").map_err(|error| error.to_string())?;
    let mut domain = Symbolic::new(facts, Policy::default());
    for (primitive, contract) in contracts {
        domain.set_contract(*primitive, contract.clone());
    }
    let mut run = run::run_in(&program, &command, domain, &[]);
    Ok(verdict::report(&program, &mut run).ops)
}

/// The case, and then prints of which those are reached that are true.
fn text(case: &[&str]) -> String {
    let (manifest, body): (Vec<&str>, Vec<&str>) = case.iter().partition(|line| line.starts_with(MANIFEST));
    let line = |line: &str| format!("requires\n{}\nend\n", line.trim_start_matches(MANIFEST));
    let manifest: String = manifest.into_iter().map(line).collect();
    let (bundled, body): (Vec<&str>, Vec<&str>) = body.into_iter().partition(|line| line.starts_with(BUNDLED));
    let bundle: String = bundled.into_iter().map(|line| format!("bundle\n{line}\nend\n")).collect();
    let mut text = format!("{manifest}{bundle}command main\ndo\n{}\n", body.join("\n"));
    for place in PLACES {
        let _ = writeln!(text, "if is_dir {place}\nprint {place} \"a directory\"");
        let _ = writeln!(text, "elif is_file {place}\nprint {place} \"a file\"");
        let _ = writeln!(text, "else\nprint {place} \"not there\"\nend");
    }
    for (what, test) in [("missing", "has_bin missing"), ("cwd", "is_dir .")] {
        let _ = writeln!(text, "if {test}\nprint {what} there\nelse\nprint {what} \"not there\"\nend");
    }
    text + "end\nend\n"
}

/// What stands where, by the prints that are reached; several things, if that is not known.
fn standing(ops: &[Op]) -> BTreeSet<(String, String)> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    ops.iter().for_each(|op| reached(op, &mut found));
    found.into_iter().map(|(what, kinds)| (what, kinds.join(" or "))).collect()
}

fn reached(op: &Op, found: &mut BTreeMap<String, Vec<String>>) {
    let words = op.text.strip_prefix("print ").filter(|_| op.verdict != Verdict::Skipped);
    if let Some((what, is)) = words.and_then(|words| words.split_once(' ')) {
        found.entry(what.to_owned()).or_default().push(is.trim_matches('"').to_owned());
    }
    for child in &op.children {
        if let Child::Op(op) = child {
            reached(op, found);
        }
    }
}
