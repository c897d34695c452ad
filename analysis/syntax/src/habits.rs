//! Words that mean something in shells and in other languages, and what to write instead.
//!
//! None of them is a keyword here, so a line that begins with one starts a program of that name. That is hardly ever meant.

use crate::name::{is_command_name, is_name};
use crate::suggest::nearest;

const LOOPS: &str =
    "`for_each LIST NAME` goes through a list, and `retry` repeats its body until it succeeds; there is no other loop";
const BINDING: &str = "write `NAME = value`";
const OUTPUT: &str = "write `print WORDS…`";
const REMOVE: &str = "write `rm PATH`";
const MOVE: &str = "write `mv SRC DST`";
const OTHERWISE: &str = "in a `match`, write `else` for what runs when no `case` does";
const ABOVE: &str = "write it above `do`";
const IMPORT: &str = "write `import FILE` at the top of the file";
const DECLARE: &str = "write `command NAME`, at the top level";
const COMMENT: &str = "a comment begins with `#`";

/// Words that open a block elsewhere.
const OPENERS: [(&str, &str); 7] = [
    ("for", "write `for_each LIST NAME`"),
    ("loop", LOOPS),
    ("switch", "write `match WORD`, with arms `case WORD`"),
    ("unless", "write `if not CONDITION`"),
    ("until", LOOPS),
    ("while", LOOPS),
    ("with", "write `with_cwd DIRECTORY` or `with_env NAME=VALUE`"),
];

/// Words that close a block elsewhere.
const CLOSERS: [&str; 8] = ["fi", "done", "esac", "od", "endif", "endfor", "endwhile", "}"];

/// Words that declare a command elsewhere.
const DECLARERS: [&str; 9] = ["function", "func", "fn", "def", "proc", "sub", "task", "target", "recipe"];

const OTHERS: [(&str, &str); 41] = [
    (".", IMPORT),
    ("//", COMMENT),
    ("/*", COMMENT),
    ("arg", ABOVE),
    ("assert", "`assert_eq A B` compares two texts; other ops that begin with `assert_` test other things"),
    ("break", "a loop goes through all of its list; put what may end it early into a command of its own"),
    ("console.log", OUTPUT),
    ("const", BINDING),
    ("continue", "put the rest of the body into an `if`"),
    ("copy", "write `cp SRC DST`"),
    ("declare", BINDING),
    ("default", OTHERWISE),
    ("del", REMOVE),
    ("delete", REMOVE),
    ("description", ABOVE),
    ("die", "write `fail \"MESSAGE\"`"),
    ("echo", OUTPUT),
    ("elseif", "write `elif CONDITION`"),
    ("elsif", "write `elif CONDITION`"),
    ("eval", "no op runs a text as perch; `shell \"…\"` gives one to the shell"),
    ("except", "write `rescue NAME`"),
    ("import", IMPORT),
    ("include", IMPORT),
    ("local", BINDING),
    ("move", MOVE),
    ("my", BINDING),
    ("otherwise", OTHERWISE),
    ("pass", "leave it out: a body may be empty"),
    ("printf", OUTPUT),
    ("private", ABOVE),
    ("raise", "write `fail \"MESSAGE\"`"),
    ("read", "nothing is asked while a command runs: declare an `arg`, and write `${NAME}`"),
    ("readonly", BINDING),
    ("remove", REMOVE),
    ("rename", MOVE),
    ("return", "a command ends with its last line, `exit` ends the whole run, and `fail` ends it as a failure"),
    ("set", "a binding is `NAME = value`; `set -e` is not needed, since a failure ends a command"),
    ("source", IMPORT),
    ("then", "leave it out: what an `if` runs begins on the next line"),
    ("trap", "write `on_signal COMMAND` above `do`, or `finally` in a `try`"),
    ("var", BINDING),
];

/// What to write instead of a word at the beginning of a line.
#[must_use]
pub fn habit(word: &str) -> Option<&'static str> {
    let listed = OPENERS.iter().chain(&OTHERS).find(|(habit, _)| *habit == word).map(|(_, advice)| *advice);
    let declares = || declares_elsewhere(word).then_some(DECLARE);
    listed.or_else(|| closes_elsewhere(word).then_some("write `end`: it closes every block")).or_else(declares)
}

/// What to write instead of a word that begins something with an end elsewhere.
pub(crate) fn opens_elsewhere(word: &str) -> Option<&'static str> {
    let opens = OPENERS.iter().find(|(habit, _)| *habit == word).map(|(_, advice)| *advice);
    opens.or_else(|| declares_elsewhere(word).then_some(DECLARE))
}

/// Signs of other languages that bind.
pub const BINDERS: [&str; 10] = [":=", "::=", "?=", "+=", "-=", "*=", "/=", "=>", "<-", "++"];

/// What to write instead of a line at the top of a file, by its first words, and by its last.
pub(crate) fn outside_of_commands(words: &[Option<&str>], last: Option<&str>) -> Option<String> {
    let [Some(first), rest @ ..] = words else { return None };
    let second = rest.first().copied().flatten();
    let name = first.trim_end_matches(':');
    if second.is_some_and(|sign| BINDERS.contains(&sign)) && is_name(name) {
        return Some(format!("write `{name} = VALUE`"));
    }
    match *first {
        "do" => return Some("write `command NAME` above it".to_owned()),
        "include" | "source" | "use" | "load" | "from" | "require" => return Some("write `import FILE`".to_owned()),
        "set" => return Some("there are no settings of a shell: remove it".to_owned()),
        "tasks:" | "jobs:" | "scripts:" | "targets:" => {
            return Some("commands stand at the top of a file by themselves: `command NAME`".to_owned());
        }
        "export" | "declare" | "readonly" => {
            return Some(
                "write `NAME = \"VALUE\"`: programs see it as a variable if its name begins with a capital letter"
                    .to_owned(),
            );
        }
        "alias" => return Some("write a `command` that calls the other one".to_owned()),
        _ => {}
    }
    if first.starts_with('.') && first.len() > 1 {
        return Some("commands always run, whatever files there are: remove it".to_owned());
    }
    let is_recipe = first.ends_with(':') || last.is_none_or(|last| last.ends_with(':')) && second.is_some();
    // Of `def build():` the second word is the name.
    (is_recipe && !declares_elsewhere(name) && is_command_name(name) && nearest(name, TOP).is_none())
        .then(|| format!("write `command {name}`, its statements between `do` and `end`, and `end`"))
}

/// Words with which lines at the top of a file begin.
const TOP: [&str; 11] =
    ["about", "bundle", "catch", "command", "hooks", "import", "name", "requires", "sandbox", "template", "version"];

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
    fn lines_at_the_top_of_a_file_that_others_write() {
        let advice = |line: &str| {
            let words: Vec<Option<&str>> = line.split(' ').map(Some).collect();
            outside_of_commands(&words, words.last().copied().flatten())
        };
        assert_eq!(advice("CC := gcc").as_deref(), Some("write `CC = VALUE`"));
        assert!(advice(".PHONY: all").is_some() && advice("include x.mk").is_some() && advice("do").is_some());
        assert!(advice("build: src").unwrap().starts_with("write `command build`"));
        assert!(advice("build target:").unwrap().starts_with("write `command build`"));
        assert_eq!((advice("print a"), advice("version: 3"), advice("comand:")), (None, None, None));
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
