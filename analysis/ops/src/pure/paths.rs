//! Path texts.

use perch_policy::path;

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
