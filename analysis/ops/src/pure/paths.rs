//! Path texts.

use perch_policy::path;

use super::{Applied, Refusal, shown};
use crate::search;

/// Cleaned; what is left of nothing is `.`.
pub(super) fn clean_or_here(text: &str) -> String {
    let clean = clean(text);
    if clean.is_empty() { ".".to_owned() } else { clean }
}

/// The cleaned text up to its last component, and that.
fn parts(text: &str) -> (String, String) {
    let clean = clean_or_here(text);
    match clean.rsplit_once('/') {
        Some(("", "")) => ("/".to_owned(), "/".to_owned()),
        Some(("", base)) => ("/".to_owned(), base.to_owned()),
        Some((dir, base)) => (dir.to_owned(), base.to_owned()),
        None => (".".to_owned(), clean),
    }
}

pub(super) fn base(text: &str) -> String {
    parts(text).1
}

pub(super) fn dir(text: &str) -> String {
    parts(text).0
}

/// From the last dot of the last component on, unless only dots are before it.
pub(super) fn extension(text: &str) -> &str {
    let base = path::base(text);
    match base.rfind('.') {
        Some(at) if !base[..at].trim_start_matches('.').is_empty() => &base[at..],
        _ => "",
    }
}

pub(super) fn with_extension(text: &str, new: &str) -> String {
    let clean = clean_or_here(text);
    let bare = clean.strip_suffix(extension(&clean)).unwrap_or(&clean);
    if new.is_empty() || matches!(path::base(bare), "" | "." | "..") {
        return bare.to_owned();
    }
    format!("{bare}.{}", new.strip_prefix('.').unwrap_or(new))
}

/// Empty parts do not count, and what is left of nothing is nothing.
pub(super) fn join_all(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { clean_or_here(&parts.join("/")) }
}

/// The directory in which a pattern begins, and the pattern for what is beneath.
pub(super) fn pattern(text: &str) -> Result<(String, String), Refusal> {
    search::split(&clean_or_here(text))
        .map_err(|fault| Refusal::argument(format!("`{}` is no pattern: {fault}", shown(text))))
}

/// What a pattern has matched beneath a directory, as it is called from where the directory is called so.
pub(super) fn found(root: &str, rest: &str, found: &str) -> String {
    if rest.is_empty() {
        return root.to_owned();
    }
    let before = match root {
        "." => String::new(),
        root => path::join(root, ""),
    };
    // There may be a great many.
    let mut paths = String::with_capacity(found.len() * 2);
    for path in found.split('\n').filter(|path| !path.is_empty()) {
        if !paths.is_empty() {
            paths.push('\n');
        }
        paths.push_str(&before);
        paths.push_str(path);
    }
    paths
}

pub(super) fn absolute(cwd: &str, text: &str) -> Applied {
    path::clean(cwd, text).ok_or_else(|| no_path(text))
}

fn no_path(text: &str) -> Refusal {
    Refusal::argument(format!("`{}` is no path", shown(text)))
}

/// As the path is called seen from a directory; both absolute, or both seen from the same place.
pub(super) fn relative(from: &str, to: &str) -> Applied {
    if let Some(text) = [from, to].into_iter().find(|text| text.is_empty() || text.contains('\0')) {
        return Err(no_path(text));
    }
    if from.starts_with('/') != to.starts_with('/') {
        let message = format!("of `{}` and `{}` one is absolute and one is not", shown(from), shown(to));
        return Err(Refusal::argument(message));
    }
    let (from, to) = (clean(from), clean(to));
    let [from, to] = [&from, &to].map(|path| path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if from[common..].contains(&"..") {
        return Err(Refusal::argument(format!("what lies above `{}` is not known", shown(&from.join("/")))));
    }
    let up = from[common..].iter().map(|_| "..");
    let parts: Vec<&str> = up.chain(to[common..].iter().copied()).collect();
    Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

pub(super) fn base_name(text: &str) -> String {
    path::base(clean(text).trim_end_matches('/')).to_owned()
}

pub(super) fn join(dir: &str, name: &str) -> String {
    format!("{}/{name}", dir.trim_end_matches('/'))
}

/// Cleaned, and still relative when it was.
pub(super) fn clean(text: &str) -> String {
    if text.starts_with('/') {
        return path::clean("/", text).unwrap_or_default();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// A path text that leads to the directory which holds `text`.
pub(super) fn dir_name(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let clean = clean(text);
    match clean.rsplit_once('/') {
        _ if clean.is_empty() || clean == ".." || clean.ends_with("/..") => {
            format!("{clean}/..").trim_start_matches('/').to_owned()
        }
        Some(("", _)) => "/".to_owned(),
        Some((dir, _)) => dir.to_owned(),
        None => ".".to_owned(),
    }
}
