//! Words that mean something in shells and in other languages, and what to write instead.
//!
//! None of them is a keyword here, so a line that begins with one starts a program of that name. That is hardly ever meant.

use crate::name::is_name;

const LOOPS: &str =
    "`for_each LIST NAME` goes through a list, and `retry` repeats its body until it succeeds; there is no other loop";
const BINDING: &str = "write `NAME = value`";
const OUTPUT: &str = "write `print WORDS…`";
const REMOVE: &str = "write `rm PATH`";
const MOVE: &str = "write `mv SRC DST`";
const ABOVE: &str = "write it above `do`";
const COMMENT: &str = "a comment begins with `#`";

/// Words that open a block elsewhere.
const OPENERS: [(&str, &str); 6] = [
    ("for", "write `for_each LIST NAME`"),
    ("loop", LOOPS),
    ("switch", "write `match WORD`, with arms `case WORD`"),
    ("unless", "write `if not CONDITION`"),
    ("until", LOOPS),
    ("while", LOOPS),
];

/// Words that close a block elsewhere.
const CLOSERS: [&str; 8] = ["fi", "done", "esac", "od", "endif", "endfor", "endwhile", "}"];

/// Words that declare a command elsewhere.
const DECLARERS: [&str; 9] = ["function", "func", "fn", "def", "proc", "sub", "task", "target", "recipe"];

const OTHERS: [(&str, &str); 31] = [
    (".", "write `import FILE` at the top of the file"),
    ("//", COMMENT),
    ("/*", COMMENT),
    ("arg", ABOVE),
    ("break", "a loop goes through all of its list; put what may end it early into a command of its own"),
    ("const", BINDING),
    ("continue", "put the rest of the body into an `if`"),
    ("copy", "write `cp SRC DST`"),
    ("declare", BINDING),
    ("del", REMOVE),
    ("delete", REMOVE),
    ("description", ABOVE),
    ("die", "write `fail \"MESSAGE\"`"),
    ("echo", OUTPUT),
    ("elseif", "write `elif CONDITION`"),
    ("elsif", "write `elif CONDITION`"),
    ("except", "write `rescue NAME`"),
    ("local", BINDING),
    ("move", MOVE),
    ("my", BINDING),
    ("printf", OUTPUT),
    ("private", ABOVE),
    ("raise", "write `fail \"MESSAGE\"`"),
    ("readonly", BINDING),
    ("remove", REMOVE),
    ("rename", MOVE),
    ("return", "a command ends with its last line, `exit` ends the whole run, and `fail` ends it as a failure"),
    ("set", "a binding is `NAME = value`; `set -e` is not needed, since a failure ends a command"),
    ("source", "write `import FILE` at the top of the file"),
    ("then", "leave it out: what an `if` runs begins on the next line"),
    ("var", BINDING),
];

/// What to write instead of a word at the beginning of a line.
#[must_use]
pub fn habit(word: &str) -> Option<&'static str> {
    let listed = OPENERS.iter().chain(&OTHERS).find(|(habit, _)| *habit == word).map(|(_, advice)| *advice);
    let declares = || declares_elsewhere(word).then_some("write `command NAME`, at the top level");
    listed.or_else(|| closes_elsewhere(word).then_some("write `end`: it closes every block")).or_else(declares)
}

/// What to write instead of a word that opens a block elsewhere.
pub(crate) fn opens_elsewhere(word: &str) -> Option<&'static str> {
    OPENERS.iter().find(|(habit, _)| *habit == word).map(|(_, advice)| *advice)
}

pub(crate) fn closes_elsewhere(word: &str) -> bool {
    CLOSERS.contains(&word)
}

pub(crate) fn declares_elsewhere(word: &str) -> bool {
    DECLARERS.contains(&word)
}

/// The name that was probably meant by something that is none: `out_dir` for `out-dir`, `build` for `build:`, `x` for `$x`.
#[must_use]
pub fn similar_name(written: &str) -> Option<String> {
    let inside = written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let bare = inside.unwrap_or(written).trim_start_matches('$').trim_end_matches([':', ';', ',', '{', '(', ')']);
    let name = bare.trim_matches(['"', '\'', '`']).replace(['-', '.', ' '], "_");
    (name != written && is_name(&name) && name.contains(char::is_alphanumeric)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyword::reserved;

    #[test]
    fn habits_are_no_keywords() {
        let words = OPENERS.iter().chain(&OTHERS).map(|(word, _)| *word).chain(CLOSERS).chain(DECLARERS);
        for word in words {
            assert_eq!(reserved(word), None, "{word}");
            assert!(habit(word).is_some());
        }
        assert_eq!(habit("git"), None);
    }

    #[test]
    fn what_is_nearly_a_name() {
        for (written, meant) in
            [("out-dir", "out_dir"), ("$x", "x"), ("${x}", "x"), ("build:", "build"), ("\"a b\"", "a_b")]
        {
            assert_eq!(similar_name(written).as_deref(), Some(meant));
        }
        for written in ["x", "1", "", "--", "a/b"] {
            assert_eq!(similar_name(written), None, "{written}");
        }
    }
}
