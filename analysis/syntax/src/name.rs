//! Names: language §1.3.

/// Whether a text is a name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

/// Whether a text is a name, or names joined by dots.
#[must_use]
pub fn is_dotted_name(text: &str) -> bool {
    text.split('.').all(is_name)
}

/// Whether a text can name a command: a name that may hold inner dashes.
#[must_use]
pub fn is_command_name(text: &str) -> bool {
    !text.ends_with('-')
        && text.chars().next().is_some_and(starts_name)
        && text.chars().all(|c| c == '-' || continues_name(c))
}

/// The name in `NAME=…`, written without blanks.
#[must_use]
pub fn glued_name(word: &str) -> Option<&str> {
    word.split_once('=').map(|(name, _)| name).filter(|name| is_name(name))
}

fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && c.is_alphabetic())
}

fn continues_name(c: char) -> bool {
    starts_name(c) || c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::{is_command_name, is_dotted_name, is_name};

    #[test]
    fn names() {
        for name in ["a", "_", "a1", "größe", "名"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["", "1a", "a-b", "a.b", "$x", "a b", "./a"] {
            assert!(!is_name(other), "{other}");
        }
        assert!(is_dotted_name("err.kind") && is_dotted_name("err"));
        assert!(!is_dotted_name("err.") && !is_dotted_name(".a") && !is_dotted_name("a..b"));
        assert!(is_command_name("deploy-all") && !is_command_name("-a") && !is_command_name("a-"));
    }
}
