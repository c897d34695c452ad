//! A file in place of a command: `perch ./site.perch deploy`, which is what `#!/usr/bin/env perch` makes of `./site.perch deploy`.

use std::path::Path;

/// The words with `-f` in front of a file that stands where a command is expected. `behind` are the last of the words, those from that place on.
pub(super) fn promoted(words: &[String], behind: &[String]) -> Option<Vec<String>> {
    let first = behind.first().filter(|first| is_script(first))?;
    let before = before(words, behind);
    if is_verbatim(words, behind) {
        return None;
    }
    let named = ["-f".to_owned(), first.clone()];
    Some(before.iter().cloned().chain(named).chain(behind.iter().skip(1).cloned()).collect())
}

/// Whether the words from that place on stand behind `--`: then the first is a command, whatever it is called.
pub(super) fn is_verbatim(words: &[String], behind: &[String]) -> bool {
    before(words, behind).last().is_some_and(|word| word == "--")
}

fn before<'w>(words: &'w [String], behind: &[String]) -> &'w [String] {
    words.get(..words.len().saturating_sub(behind.len())).unwrap_or_default()
}

fn is_script(word: &str) -> bool {
    looks_like_a_file(word) && Path::new(word).is_file()
}

/// Hardly a command is called like that.
pub(crate) fn looks_like_a_file(word: &str) -> bool {
    word.contains('/') || word.ends_with(".perch")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_file_stands_for_its_flag() {
        let file = tempfile::Builder::new().suffix(".perch").tempfile().unwrap();
        let name = file.path().to_str().unwrap();
        let line = words(&format!("perch --no-write {name} build --list"));
        let promoted = |line: &[String], behind: usize| promoted(line, &line[line.len() - behind..]);
        assert_eq!(promoted(&line, 3), Some(words(&format!("perch --no-write -f {name} build --list"))));
        assert_eq!(promoted(&words(&format!("perch -- {name}")), 1), None);
        assert_eq!(promoted(&words("perch ./none.perch build"), 2), None);
        assert_eq!(promoted(&words("perch build"), 1), None);
        assert_eq!(promoted(&words("perch"), 0), None);
    }
}
