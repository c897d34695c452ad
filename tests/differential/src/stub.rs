//! The program that stands in for every program of a generated host.
//!
//! It does what the line for this start in `<its directory>.facts/<its name>` says: exit status, output, changes. A change that
//! cannot happen does nothing. What it does with particular words is in a file of the name and these words, with `%2F` for `/`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

fn main() {
    let Some(facts) = facts() else { std::process::exit(111) };
    let count = facts.with_extension("count");
    let start = fs::read_to_string(&count).ok().and_then(|text| text.parse::<usize>().ok()).unwrap_or_default();
    drop(fs::write(&count, (start + 1).to_string()));
    let text = fs::read_to_string(&facts).unwrap_or_default();
    let lines: Vec<&str> = text.split('\n').collect();
    let line = lines.get(start).or(lines.last()).copied().unwrap_or_default();
    let fields: Vec<String> = line.split('\t').map(unescaped).collect();
    for change in fields[2.min(fields.len())..].chunks(3) {
        if let [what, path, content] = change {
            make(what, Path::new(path), content);
        }
    }
    drop(std::io::stdout().write_all(fields.get(1).map_or(b"", |out| out.as_bytes())));
    let status = fields.first().and_then(|status| status.parse().ok()).unwrap_or(112);
    std::process::exit(status);
}

/// Beside the directory in which this program was found.
fn facts() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?;
    let dir = path.parent()?.to_str()?;
    let facts = PathBuf::from(format!("{dir}.facts"));
    let name = path.file_name()?.to_str()?.to_owned();
    let words: Vec<String> = [name.clone()].into_iter().chain(std::env::args().skip(1)).collect();
    let exact = facts.join(words.join(" ").replace('/', "%2F"));
    Some(if exact.exists() { exact } else { facts.join(name) })
}

fn make(what: &str, path: &Path, content: &str) {
    match what {
        "w" => drop(fs::write(path, content)),
        "m" => drop(fs::create_dir(path)),
        _ => match fs::symlink_metadata(path) {
            Ok(there) if there.is_dir() => drop(fs::remove_dir_all(path)),
            Ok(_) => drop(fs::remove_file(path)),
            Err(_) => {}
        },
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            (_, Some('n')) => out.push('\n'),
            (_, Some('t')) => out.push('\t'),
            (_, Some(other)) => out.push(other),
            (c, None) => out.push(c),
        }
    }
    out
}
