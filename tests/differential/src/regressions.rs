//! Contradictions of the past, which must not come back.
//!
//! Each is a file with a triple and with what was wrong about it. In the file the root of the hosts is `ROOT`; it is replaced by
//! where the hosts are built, as the addresses of its servers are, so a file says the same everywhere.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::campaign::{Finding, Settings, contradictions};
use crate::compare::Contradiction;
use crate::oracle::{Oracle, Tally, disagreement};
use crate::served;
use crate::triples::Triple;

/// Stands for the root of the hosts in files.
const ROOT: &str = "/@";

/// Stand for the servers of the root, by host and port.
const SERVERS: [&str; 2] = ["@one", "@other"];

/// A file's text, for hosts below that root.
fn placed(text: &str, root: &str) -> String {
    // These first: in an address they stand behind what would be taken for the root.
    let servers = SERVERS.into_iter().zip(served::authorities(root));
    servers.fold(text.to_owned(), |text, (stands, server)| text.replace(stands, &server)).replace(ROOT, root)
}

/// A contradiction that was found once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regression {
    /// What was wrong with perch, in a line; empty until somebody knows.
    pub about: String,
    /// What was contradicted.
    pub contradicted: Vec<Contradiction>,
    /// The triple.
    pub triple: Triple,
}

/// Where they are: with the sources.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions")
}

/// All files, in order of their names.
///
/// # Errors
/// With a sentence, if the folder cannot be read: this program must run on the tree that it was built from.
pub fn files() -> Result<Vec<PathBuf>, String> {
    files_of(&folder())
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let paths = |entries: fs::ReadDir| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>();
    let files = fs::read_dir(folder).and_then(paths);
    let mut files = files.map_err(|error| format!("{}: {error}", folder.display()))?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// Reads a file, for hosts below that root.
///
/// # Errors
/// With a sentence, if it is none, or has no host that agrees with its fixture.
pub fn read(file: &Path, root: &str) -> Result<Regression, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let regression: Regression = serde_json::from_str(&placed(&text, root)).map_err(|error| error.to_string())?;
    if regression.triple.hosts.is_empty() || !regression.triple.agrees() {
        return Err("it has no host, or one that does not agree with its fixture".to_owned());
    }
    Ok(regression)
}

/// Triples that show a fault which few others show, so that it is not left to chance whether it is caught.
///
/// # Errors
/// With a sentence, if one of them is none.
pub fn witnesses(root: &str) -> Result<Vec<Triple>, String> {
    let files = files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("witnesses"))?;
    let triple = |file: &PathBuf| {
        let read = read(file, root).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(read.triple)
    };
    files.iter().map(triple).collect()
}

/// What is wrong with it still: verdicts against real runs.
///
/// # Errors
/// With a sentence, if there is nothing to compare.
pub fn replay(file: &Path, settings: &Settings) -> Result<Vec<Contradiction>, String> {
    let triple = read(file, &settings.root("replay"))?.triple;
    contradictions(&triple, settings).map_err(|unused| unused.to_string())
}

/// What is wrong with it still: real runs against the oracle.
///
/// # Errors
/// With a sentence, if the oracle or the file system fails.
pub fn ask(file: &Path, settings: &Settings, oracle: &mut Oracle) -> Result<Vec<Contradiction>, String> {
    let triple = read(file, &settings.root("replay"))?.triple;
    let found = disagreement(&triple, settings, oracle, &mut Tally::default()).map_err(|error| error.to_string())?;
    Ok(found.map(|finding| finding.contradictions).unwrap_or_default())
}

/// Writes a finding to a file of the folder, and says which.
///
/// # Errors
/// With a sentence, if it cannot be written.
pub fn save(finding: &Finding) -> Result<PathBuf, String> {
    let Finding { triple, contradictions } = finding;
    let regression = Regression { about: String::new(), contradicted: contradictions.clone(), triple: triple.clone() };
    let root = triple.hosts.first().map_or("", |host| host.root.as_str());
    let text = serde_json::to_string_pretty(&regression).map_err(|error| error.to_string())?;
    let servers = SERVERS.into_iter().zip(served::authorities(root));
    let text = servers.fold(text.replace(root, ROOT), |text, (stands, server)| text.replace(&server, stands));
    let short = contradictions.first().map_or_else(String::new, short);
    let file = folder().join(format!("{}-{short}.json", triple.seed));
    fs::write(&file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}

/// A few words of the message, for the name of a file.
fn short(contradiction: &Contradiction) -> String {
    let words = contradiction.message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).take(4).collect::<Vec<_>>().join("-").to_lowercase()
}
