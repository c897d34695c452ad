//! What people write who come from shells and other languages. It all means something here, mostly a text or a program
//! of an odd name, so it is told as a warning, together with what says the same in perch.

use perch_ops::{Entry, Operand as Expected, Type};
use perch_syntax::tree::Word;
use perch_syntax::{Code, Diagnostic, Span, habit, is_name};

use super::Lowering;
use crate::program::ArgType;

/// What is odd, and what to write instead.
type Odd = (String, String);

/// Signs by which a shell sends the output of a program somewhere.
const REDIRECTIONS: [&str; 9] = [">", ">>", "1>", "2>", "2>>", "&>", "2>&1", ">&2", "1>&2"];

/// It looks like a blank.
const NO_BREAK: char = '\u{a0}';

/// Quotes of typesetters.
const CURLY: [char; 7] = ['“', '”', '„', '‘', '’', '«', '»'];

/// Tests of shells, and the predicates that they are.
const SHELL_TESTS: [(&str, &str); 4] = [("-d", "is_dir"), ("-e", "exists"), ("-f", "is_file"), ("-s", "is_file")];

/// Comparisons of shells, and the signs that they are.
const SHELL_SIGNS: [(&str, &str); 7] =
    [("=", "=="), ("-eq", "=="), ("-ne", "!="), ("-lt", "<"), ("-le", "<="), ("-gt", ">"), ("-ge", ">=")];

impl Lowering<'_> {
    pub(super) fn warn_of(&mut self, span: Span, (message, help): Odd) {
        self.report(Diagnostic::new(Code::ForeignForm, span, message).help(help));
    }

    /// Looks at the words behind the start of a program or op. One remark is enough for a line.
    pub(super) fn warn_about_habits(&mut self, words: &[Word]) {
        let odd = |(at, word): (usize, &Word)| {
            let Some(bare) = word.bare() else { return self.dollar(word).map(|odd| (word.span, odd)) };
            sign(bare, at + 1 == words.len()).or_else(|| text_sign(bare)).map(|odd| (word.span, odd))
        };
        if let Some((span, odd)) = words.iter().enumerate().find_map(odd) {
            self.warn_of(span, odd);
        }
    }

    /// `"hello $name"`, where there is such a name. In single quotes it is probably meant for somebody else.
    fn dollar(&self, word: &Word) -> Option<Odd> {
        let written = self.written(word.span);
        let mut places = written.match_indices('$').filter(|(at, _)| !written[..*at].ends_with('\\'));
        let name = places.find_map(|(at, _)| {
            let rest = &written[at + 1..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest.get(..end).filter(|name| self.bound.contains(*name))
        });
        let name = name.filter(|_| !written.contains('\''))?;
        Some((format!("`${name}` is plain text"), format!("write `${{{name}}}` for the value of `{name}`")))
    }

    /// What is odd about the first words of a line that starts a program.
    pub(super) fn odd_start(&self, words: &[Word]) -> Option<Odd> {
        let (first, rest) = words.split_first()?;
        let written = self.written(first.span);
        let line = self.line_of(words);
        let starts = |why: &str| format!("`{written}` starts a program of that name{why}");
        let is_number = first.bare().is_some_and(|bare| ArgType::Float.accepts(bare));
        let is_sum = first.quoted && rest.first().and_then(Word::bare) == Some("+");
        let (message, help) = match first.bare().and_then(habit) {
            Some(advice) => {
                let start = perch_ops::program_start().entry().name;
                (starts(""), format!("{advice}; `{start} {written}` if the program is meant"))
            }
            None if written.starts_with("$(") => {
                let inside = line.trim_start_matches("$(").trim_end_matches(')');
                let message = "`$(…)` is plain text: there is no substitution of commands".to_owned();
                (message, format!("write `{inside}`: behind `NAME =` it binds what the program prints"))
            }
            None if written.contains(NO_BREAK) => {
                let message = "there is a no-break space (U+00A0) in this word, which looks like a blank and is none";
                (message.to_owned(), "write a blank in its place".to_owned())
            }
            None if written.starts_with('[') => (
                starts(": lists are not written in brackets"),
                "a list is a text with one element on each line: `\"a\\nb\"`".to_owned(),
            ),
            None if is_number => {
                (starts(": there is no arithmetic"), format!("let a program compute: `exec expr {line}`"))
            }
            None if is_sum => (
                starts(": texts are not added"),
                "write one text, with names in it: `\"${first} and ${second}\"`".to_owned(),
            ),
            None => (starts(": operands stand without parentheses"), self.without_parentheses(written, &line)?),
        };
        Some((message, help))
    }

    /// What to write for `print("hello")`.
    fn without_parentheses(&self, written: &str, line: &str) -> Option<String> {
        let (name, _) = written.split_once('(')?;
        let names = self.names;
        if names.op(name).is_none() && !names.is_command(name) && names.template(name).is_none() {
            return None;
        }
        let behind = line.get(name.len()..).unwrap_or_default();
        let words = behind.trim_start_matches('(').trim_end_matches(')').replace(", ", " ").replace(',', " ");
        Some(format!("write `{}`", format!("{name} {words}").trim_end()))
    }

    /// What only a shell makes of a path.
    pub(super) fn warn_about_path(&mut self, entry: &Entry, expected: &Expected, word: &Word) {
        let Some(bare) = word.bare().filter(|_| expected.ty == Type::Path && expected.name != "pattern") else {
            return;
        };
        if let Some(rest) = bare.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            let message = format!("`{bare}` is a path that begins with a `~`, and not one in the home directory");
            self.warn_of(word.span, (message, format!("write `${{home}}{rest}`")));
        } else if bare.contains(['*', '?']) {
            let message =
                format!("`{bare}` is one path, with that sign in its name: `{}` takes no patterns", entry.name);
            let help = format!("write `for_each \"${{glob('{bare}')}}\" path`, and `{}` in it", entry.name);
            self.warn_of(word.span, (message, help));
        }
    }

    /// `for_each "a b c" x` goes through a list of one.
    pub(super) fn warn_about_list(&mut self, list: &Word) {
        let Some(text) = list.literal().filter(|text| list.quoted && !text.contains('\n')) else { return };
        let separator = if text.contains(',') { ',' } else { ' ' };
        let elements: Vec<&str> = text.split(separator).map(str::trim).filter(|element| !element.is_empty()).collect();
        if elements.len() > 1 {
            let message = format!("{} is a list of one element", self.written(list.span));
            self.warn_of(list.span, (message, format!("elements stand on lines: `\"{}\"`", elements.join("\\n"))));
        }
    }

    /// What a test of a shell is here.
    pub(super) fn shell_test(&self, words: &[&Word]) -> Option<(Span, Odd)> {
        let written: Vec<String> = words.iter().map(|word| plain(self.written(word.span))).collect();
        let mut parts: Vec<&str> = written.iter().map(String::as_str).collect();
        let first = *parts.first()?;
        let is_bracket = matches!(first, "[" | "[[" | "test");
        if is_bracket {
            parts.remove(0);
            parts.pop_if(|last| matches!(*last, "]" | "]]"));
        }
        let of = |list: &[(&str, &'static str)], word: &str| {
            list.iter().find(|(shell, _)| *shell == word).map(|(_, here)| *here)
        };
        let here = match parts.as_slice() {
            ["-z", word] => format!("not {}", name_of(word)),
            ["-n", word] => name_of(word).to_owned(),
            [flag, word] => format!("{} {word}", of(&SHELL_TESTS, flag)?),
            [left, sign, right] => {
                format!("{} {} {right}", name_of(left), of(&SHELL_SIGNS, sign).or((*sign == "==").then_some("=="))?)
            }
            [word] if is_bracket => name_of(word).to_owned(),
            _ => return None,
        };
        let (at, message) = match first {
            _ if is_bracket => (0, format!("`{first}` belongs to shells: a condition stands behind `if` as it is")),
            _ if first.starts_with('-') => {
                (0, format!("`{first}` belongs to shells: what is asked of a path has a name here"))
            }
            _ => (1, format!("`{}` does not compare", parts.get(1)?)),
        };
        Some((words.get(at)?.span, (message, format!("write `{here}`"))))
    }
}

/// What a shell makes of a word by itself.
fn sign(bare: &str, is_last: bool) -> Option<Odd> {
    let is_glued = bare.strip_prefix("2>").or(bare.strip_prefix('>')).is_some_and(|file| file.starts_with(['/', '.']));
    let (message, help) = match bare {
        _ if REDIRECTIONS.contains(&bare) || is_glued => (
            format!("`{bare}` is a word like any other: nothing is redirected"),
            "`write_file PATH TEXT` writes a file; what a program prints is bound first, `out = …`",
        ),
        "<" | "<<" | "<<<" => (
            format!("`{bare}` is a word like any other: nothing is redirected"),
            "in a `pipe` block, a program reads what the line above it writes, such as `cat PATH`",
        ),
        "&" if is_last => (
            "`&` is a word like any other: the program is waited for".to_owned(),
            "`shell_detached \"…\"` starts a program and goes on",
        ),
        "\\" if is_last => (
            "`\\` is a word like any other: the line ends here".to_owned(),
            "a statement stands on one line, however long",
        ),
        _ => return None,
    };
    Some((message, help.to_owned()))
}

/// What looks like something that is not in the text.
fn text_sign(bare: &str) -> Option<Odd> {
    if let Some(name) = bare.strip_prefix('$').filter(|name| is_name(name)) {
        return Some((format!("`{bare}` is plain text"), format!("write `${{{name}}}` for the value of `{name}`")));
    }
    let quote = bare.chars().find(|c| CURLY.contains(c))?;
    Some((format!("`{quote}` is a character like any other, and quotes nothing"), "write `\"`".to_owned()))
}

/// A word of a shell as perch would write it.
fn plain(written: &str) -> String {
    let bare = written.trim_matches('"');
    match bare.strip_prefix('$') {
        Some(name) if is_name(name) => format!("\"${{{name}}}\""),
        _ => written.to_owned(),
    }
}

/// `x` for `"${x}"`.
fn name_of(word: &str) -> &str {
    word.trim_matches('"').strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(word)
}
