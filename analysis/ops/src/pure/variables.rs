//! Variables in texts, and lists of paths in variables.
//!
//! A text with variables is taken apart into lines: `$NAME` for a variable, `=` and the text for what is between, with newlines and
//! backslashes escaped. So a loop over the parts can look each variable up, and nothing that is put in is looked at again.

use perch_policy::path;

use super::{Applied, Refusal};

/// Whether a path is one of those in a list. Relative and empty entries are none, wherever they lead.
pub(super) fn lists(list: &str, separator: &str, wanted: &str) -> bool {
    let entries = list.split(|c| separator.chars().eq([c])).filter(|entry| entry.starts_with('/'));
    entries.filter_map(|entry| path::clean("/", entry)).any(|entry| entry == wanted)
}

/// The line that puts a directory on PATH, in a start-up file of that name.
pub(super) fn path_line(file: &str, dir: &str) -> Applied {
    if dir.contains([':', '\n']) {
        return Err(Refusal::argument("a directory on PATH has neither a colon nor a newline in its path"));
    }
    Ok(if file.ends_with("/config.fish") {
        format!("set -gx PATH $PATH '{}'", dir.replace('\\', "\\\\").replace('\'', "\\'"))
    } else {
        format!("export PATH=\"$PATH:\"'{}'", dir.replace('\'', "'\\''"))
    })
}

/// The parts of a text.
pub(super) fn parts(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let (mut rest, mut plain) = (text, String::new());
    while let Some(at) = rest.find('$') {
        plain += &rest[..at];
        rest = &rest[at..];
        match reference(rest) {
            Some((name, length)) => {
                lines.extend(literal(&std::mem::take(&mut plain)));
                lines.push(format!("${name}"));
                rest = &rest[length..];
            }
            None => {
                plain.push('$');
                rest = &rest[1..];
            }
        }
    }
    lines.extend(literal(&(plain + rest)));
    lines.join("\n")
}

/// The variable that a text begins with, and how many bytes that takes.
fn reference(text: &str) -> Option<(&str, usize)> {
    if let Some(inner) = text.strip_prefix("${") {
        let (name, _) = inner.split_once('}')?;
        return (name_at(name) == name && !name.is_empty()).then_some((name, name.len() + 3));
    }
    let name = name_at(text.strip_prefix('$')?);
    (!name.is_empty()).then_some((name, name.len() + 1))
}

/// The name at the start of a text.
fn name_at(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &text[..end] }
}

fn literal(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| format!("={}", text.replace('\\', "\\\\").replace('\n', "\\n")))
}

/// The variable of a part.
pub(super) fn name_of(part: &str) -> &str {
    part.strip_prefix('$').unwrap_or_default()
}

/// The text of a part.
pub(super) fn text_of(part: &str) -> String {
    let mut text = String::new();
    let mut chars = part.strip_prefix('=').unwrap_or_default().chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' if chars.next() == Some('n') => '\n',
            c => c,
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart_and_nothing_is_lost() {
        for (text, lines) in [
            ("", ""),
            ("a/b", "=a/b"),
            ("$HOME/x", "$HOME\n=/x"),
            ("${A}$B", "$A\n$B"),
            ("a$", "=a$"),
            ("$1 ${} ${a b} ${x", "=$1 ${} ${a b} ${x"),
            ("a\nb\\n$C_1.", "=a\\nb\\\\n\n$C_1\n=."),
        ] {
            assert_eq!(parts(text), lines, "{text:?}");
            let again = lines.lines().map(|part| match name_of(part) {
                "" => text_of(part),
                name => format!("${{{name}}}"),
            });
            let again: String = again.collect();
            assert_eq!(again.replace("${", "$").replace('}', ""), text.replace("${", "$").replace('}', ""), "{text:?}");
        }
    }

    #[test]
    fn a_list_has_absolute_paths() {
        assert!(lists("/bin/:rel:/usr/../opt", ":", "/opt") && lists("/bin/:", ":", "/bin"));
        assert!(!lists("bin::/x", ":", "/bin") && !lists("", ":", "/"));
    }

    #[test]
    fn lines_for_shells_quote_what_they_are_given() {
        assert_eq!(path_line("/h/.zshrc", "/a'b").unwrap(), r#"export PATH="$PATH:"'/a'\''b'"#);
        assert_eq!(path_line("/h/config.fish", r"/a'\b").unwrap(), r"set -gx PATH $PATH '/a\'\\b'");
        assert!(path_line("/h/.zshrc", "/a:b").is_err());
    }
}
