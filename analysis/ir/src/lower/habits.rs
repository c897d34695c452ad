//! What people write who come from shells and other languages. It all means something here, mostly a text or a program
//! of an odd name, so it is told as a warning, together with what says the same in perch.

use perch_ops::{Entry, Group, On, Operand as Expected, Touch, Type};
use perch_syntax::tree::{Part, Word};
use perch_syntax::{BINDERS, Code, Diagnostic, Span, habit, is_command_name, is_name};

use super::Lowering;
use super::condition::quoted_line;
use super::operands::with_braces;
use crate::program::ArgType;

/// What is odd, and what to write instead.
type Odd = (String, String);

/// Signs of sums.
const COMPUTING: [&str; 5] = ["+", "-", "*", "/", "%"];

/// Characters that look like a blank, or like nothing.
const UNSEEN: [char; 9] =
    ['\u{a0}', '\u{ad}', '\u{2007}', '\u{200b}', '\u{200c}', '\u{202f}', '\u{2060}', '\u{3000}', '\u{feff}'];

/// Dashes of typesetters.
const DASHES: [char; 3] = ['–', '—', '−'];

/// What shells know by a sign, and how it is got here.
const SHELL_NAMES: [(&str, &str); 7] = [
    ("$@", "with a line `proxy_args` above `do`, `${proxy_args...}` is the words of the command line"),
    ("$*", "with a line `proxy_args` above `do`, `${proxy_args}` is the words of the command line"),
    ("$#", "an argument with `rest` has a `NAME_count`"),
    ("$?", "a program that fails ends the command; in `rescue`, `${err.code}` is its status"),
    ("$$", "write `${pid}`"),
    ("$!", "a program in the background has no number here"),
    ("$0", "write `${script_path}`"),
];

/// Quotes of typesetters.
const CURLY: [char; 7] = ['“', '”', '„', '‘', '’', '«', '»'];

/// Tests of shells, and the predicates that they are.
const SHELL_TESTS: [(&str, &str); 4] = [("-d", "is_dir"), ("-e", "exists"), ("-f", "is_file"), ("-s", "is_file")];

/// Comparisons of shells, and the signs that they are.
const SHELL_SIGNS: [(&str, &str); 11] = [
    ("=", "=="),
    ("-eq", "=="),
    ("-ne", "!="),
    ("-lt", "<"),
    ("-le", "<="),
    ("-gt", ">"),
    ("-ge", ">="),
    ("<>", "!="),
    ("≠", "!="),
    ("≤", "<="),
    ("≥", ">="),
];

/// Signs that compare; those of which others are the beginning come last.
const COMPARING: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];

/// Programs to which files are given one by one, and which know no patterns.
const TAKES_FILES: [&str; 16] = [
    "cat",
    "cc",
    "chown",
    "clang",
    "clang++",
    "du",
    "file",
    "g++",
    "gcc",
    "less",
    "ls",
    "sha256sum",
    "sort",
    "stat",
    "uniq",
    "wc",
];

impl Lowering<'_> {
    pub(super) fn warn_of(&mut self, span: Span, (message, help): Odd) {
        self.report(Diagnostic::new(Code::ForeignForm, span, message).help(help));
    }

    /// Looks at the words behind the start of a program, or of the op of an entry. One remark is enough for a line.
    pub(super) fn warn_about_habits(&mut self, entry: Option<&Entry>, words: &[Word]) {
        let odd = |(at, word): (usize, &Word)| {
            if means_that(entry, at) {
                return None;
            }
            let written = self.written(word.span);
            let odd = shell_name(written).or_else(|| formatted(written)).or_else(|| match word.bare() {
                Some(bare) => sign(bare, at + 1 == words.len())
                    .or_else(|| text_sign(bare))
                    .or_else(|| self.dollar_in_bare(entry, words.get(..at).unwrap_or_default(), word))
                    .or_else(|| self.braces(entry, word)),
                None => self.dollar(entry, word).or_else(|| self.braces(entry, word)),
            });
            odd.or_else(|| between(entry, words, at)).map(|odd| (word.span, odd))
        };
        if let Some((span, odd)) = words.iter().enumerate().find_map(odd) {
            self.warn_of(span, odd);
        }
    }

    /// `"hello $name"`, where there is such a name; for an op, also one that is probably a variable of the environment. In single quotes it is
    /// probably meant for somebody else.
    fn dollar(&self, entry: Option<&Entry>, word: &Word) -> Option<Odd> {
        let is_for_a_shell = entry.is_some_and(gives_to_shell);
        let written = self.written(word.span);
        let is_meant = |name: &&str| {
            let is_variable = entry.is_some_and(|entry| !expands(entry)) && is_in_capitals(name);
            self.bound.contains(*name) && !(is_for_a_shell && is_exported(name)) || is_variable
        };
        let name = dollars(written).find(is_meant).filter(|_| !written.contains('\''))?;
        if is_for_a_shell {
            let message = format!(
                "the shell does not know `{name}`: only names that begin with a capital letter are variables in it"
            );
            let upper = name.to_uppercase();
            return Some((
                message,
                format!(
                    "write `{upper} = \"${{{name}}}\"` above, and `\"${upper}\"` in the line, which then stands in single quotes"
                ),
            ));
        }
        Some((format!("`${name}` is plain text"), format!("write `${{{name}}}` for the value of `{name}`")))
    }

    /// `$HOME/bin`, where nobody expands it: the name of something that is bound, or of a variable.
    fn dollar_in_bare(&self, entry: Option<&Entry>, before: &[Word], word: &Word) -> Option<Odd> {
        // `sh -c` gets a line for a shell.
        let is_for_a_shell = || entry.is_some_and(expands) || before.iter().any(|word| word.bare() == Some("-c"));
        self.dollar_of(word).filter(|_| !is_for_a_shell())
    }

    /// What is odd about a bare word with `$NAME` in it.
    fn dollar_of(&self, word: &Word) -> Option<Odd> {
        let written = self.written(word.span);
        // In braces stands what another program understands.
        word.bare().filter(|bare| !bare.contains('{'))?;
        let name = dollars(written).find(|name| self.bound.contains(*name) || is_in_capitals(name))?;
        let whole = with_braces(written);
        Some((format!("`${name}` is plain text"), format!("write `\"{whole}\"` for the value of `{name}`")))
    }

    /// `for_each $files f`
    pub(super) fn warn_about_dollar(&mut self, word: &Word) {
        if let Some(odd) = word.bare().and_then(text_sign) {
            self.warn_of(word.span, odd);
        }
    }

    /// What is odd about a word that is compared with something: `if tag == current` compares with the word, also where something has that name.
    pub(super) fn warn_about_compared(&mut self, word: &Word) {
        let Some(bare) = word.bare() else { return };
        let odd = text_sign(bare).or_else(|| self.dollar_of(word)).or_else(|| {
            let message = || format!("`{bare}` here is the word itself, not what the name holds");
            let help = || format!("write `\"${{{bare}}}\"` for the value, or `\"{bare}\"` if the word is meant");
            self.is_bound(bare).then(|| (message(), help()))
        });
        if let Some(odd) = odd {
            self.warn_of(word.span, odd);
        }
    }

    /// Whether something of that name is bound above, or shared by the file.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.bound.contains(name) || self.names.scope.is_shared(name)
    }

    /// `case "3":`: what stands before a colon that belongs to a word. `C:` is a drive.
    pub(super) fn before_colon(&self, word: &Word) -> Option<String> {
        let rest = self.written(word.span).strip_suffix(':')?;
        let is_drive = rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_uppercase());
        let is_odd = word.bare().is_some() || rest.len() > 1 && rest.ends_with(['"', '\'']);
        (is_odd && !is_drive && !rest.is_empty() && !rest.ends_with(':')).then(|| rest.to_owned())
    }

    /// Says of the last word of a line that a colon belongs to it.
    pub(super) fn warn_about_colon(&mut self, word: &Word) {
        let Some(rest) = self.before_colon(word) else { return };
        let written = self.written(word.span);
        let message = format!("the colon belongs to the word `{written}`: no colon ends a line");
        self.warn_of(word.span, (message, format!("write `{rest}`: what the block holds begins on the next line")));
    }

    /// `{{name}}`, where there is such a name.
    fn braces(&self, entry: Option<&Entry>, word: &Word) -> Option<Odd> {
        let written = self.written(word.span);
        let (_, behind) = written.split_once("{{").filter(|_| !written.contains('\''))?;
        let (name, end) = behind.split_once("}}")?;
        // By itself in quotes it is a mark in a template, which an op replaces.
        let replaces = entry.is_none_or(|entry| matches!(entry.group, Group::String | Group::Regex));
        if replaces && word.quoted && end.len() == 1 && written.starts_with("\"{{") {
            return None;
        }
        let name = name.trim();
        let (message, help) =
            (format!("`{{{{{name}}}}}` is plain text"), format!("write `${{{name}}}` for the value of `{name}`"));
        self.bound.contains(name).then_some((message, help))
    }

    /// What is odd about the first words of a line that starts a program.
    pub(super) fn odd_start(&self, words: &[Word]) -> Option<Odd> {
        let (first, rest) = words.split_first()?;
        let written = self.written(first.span);
        let line = self.line_of(words);
        let starts = |why: &str| format!("`{written}` starts a program of that name{why}");
        let is_number = first.bare().is_some_and(|bare| ArgType::Float.accepts(bare));
        let is_sum = first.quoted && rest.first().and_then(Word::bare) == Some("+");
        let advice = first.bare().filter(|_| !self.in_pipe).and_then(habit);
        let (message, help) = match advice {
            Some(advice) => {
                let start = perch_ops::program_start().entry().name;
                (starts(""), format!("{advice}; `{start} {written}` if the program is meant"))
            }
            // A variable, as makefiles have it.
            None if in_parentheses(written).is_some() && !rest.is_empty() => {
                let name = in_parentheses(written).unwrap_or_default();
                let message = "`$(…)` is plain text: a value is inserted by `${…}`".to_owned();
                (message, format!("write `\"${{{name}}}\"{}`", line.strip_prefix(written).unwrap_or_default()))
            }
            None if written.starts_with("$((") => {
                (starts(": there is no arithmetic"), "let a program compute: `x = exec expr 1 + 2`".to_owned())
            }
            None if written.starts_with("$(") => {
                let inside = line.trim_start_matches("$(").trim_end_matches(')').trim();
                let message = "`$(…)` is plain text: there is no substitution of commands".to_owned();
                let (bound, inside) = (self.bound_by_line(first), self.value_of_line(inside));
                (message, format!("write `{bound}{inside}`: behind `NAME =` it binds what the program prints"))
            }
            None if self.is_computed(first, rest) => {
                let (bound, sum) = (self.bound_by_line(first), self.sum(words));
                let message = format!("there is no arithmetic: this starts a program `{written}`");
                (message, format!("let a program compute: `{bound}exec expr {sum}`"))
            }
            None if written.contains(UNSEEN) => unseen(written)?,
            None if rest.first().and_then(Word::bare).is_some_and(|sign| BINDERS.contains(&sign))
                && is_name(written) =>
            {
                (
                    starts(": that sign binds nothing, and there is no arithmetic"),
                    computed(written, rest.first().and_then(Word::bare).unwrap_or_default()),
                )
            }
            // `x+=1`, `x++`
            None if self.glued_binder(written).is_some() => {
                let (name, sign) = self.glued_binder(written)?;
                (starts(": that sign binds nothing, and there is no arithmetic"), computed(name, sign))
            }
            None if is_choice(first, rest) => (
                starts(": there is no choice between values in a line"),
                "write `if CONDITION`, an assignment, `else`, the other one, and `end`".to_owned(),
            ),
            None if written.starts_with("\"\"\"") || written.starts_with("'''") => (
                starts(": three quotes are an empty text beside another one"),
                "a comment begins with `#`; a text in one pair of quotes may span lines".to_owned(),
            ),
            None if matches!(written, "[" | "[[") => {
                (starts(""), "a condition stands behind `if` as it is: `if a == b`, `if exists PATH`".to_owned())
            }
            None if written.starts_with('@') && is_command_name(&written[1..]) => {
                (starts(": lines are not printed before they run"), format!("write `{}`", &line[1..]))
            }
            None if written.starts_with('-') && written.len() > 2 && is_command_name(&written[1..]) => (
                starts(": a failure ends the command"),
                format!("to go on after one, write `try`, `{}`, `rescue` and `end` on lines of their own", &line[1..]),
            ),
            None if written.starts_with("((") => {
                (starts(": there is no arithmetic"), "let a program compute: `x = exec expr 1 + 2`".to_owned())
            }
            None if written.starts_with('(') => (
                starts(": parentheses group nothing"),
                "write `with_cwd DIRECTORY`, `with_env NAME=VALUE` or `try`, with the lines in it".to_owned(),
            ),
            None if shell_name(written).is_some() => shell_name(written)?,
            None if written.starts_with('$') && is_name(&written[1..]) => (
                starts(""),
                format!(
                    "write `{}`: what a name is bound to is then the program",
                    line.replacen(written, &format!("${{{}}}", &written[1..]), 1)
                ),
            ),
            None if self.dollar_of(first).is_some() => {
                let (_, help) = self.dollar_of(first)?;
                (starts(""), help)
            }
            None if written.starts_with('[') => (
                starts(": lists are not written in brackets"),
                "a list is a text with one element on each line: `\"a\\nb\"`".to_owned(),
            ),
            None if is_number => {
                (starts(": there is no arithmetic"), format!("let a program compute: `exec expr {line}`"))
            }
            None if first.quoted && (written.ends_with("\",") || written.ends_with("',")) => (
                starts(": a comma separates nothing"),
                "a list is a text with one element on each line: `\"a\\nb\"`".to_owned(),
            ),
            None if is_sum => (
                starts(": texts are not added"),
                "write one text, with names in it: `\"${first} and ${second}\"`".to_owned(),
            ),
            None => (starts(": operands stand without parentheses"), self.without_parentheses(written, &line)?),
        };
        Some((message, help))
    }

    /// `x = ` where a line binds what begins with a word.
    pub(super) fn bound_by_line(&self, first: &Word) -> String {
        let before = self.text.get(..first.span.start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        match line.strip_suffix('=') {
            Some(name) => format!("{} = ", name.trim_end()),
            None => String::new(),
        }
    }

    /// `n + 1`, `${n} - 1`
    fn is_computed(&self, first: &Word, rest: &[Word]) -> bool {
        let [sign, second, ..] = rest else { return false };
        let is_number = |word: &Word| {
            let is_value = |bare: &str| ArgType::Float.accepts(bare) || self.is_bound(bare.trim_start_matches('$'));
            word.bare().is_some_and(is_value) || matches!(word.parts.as_slice(), [Part::Name(_)])
        };
        sign.bare().is_some_and(|sign| COMPUTING.contains(&sign)) && is_number(first) && is_number(second)
    }

    /// The words of a sum as a program gets them.
    fn sum(&self, words: &[Word]) -> String {
        let word = |word: &Word| {
            let written = self.written(word.span);
            match word.bare().map(|bare| bare.trim_start_matches('$')) {
                Some("*") => "\"*\"".to_owned(),
                Some(name) if is_name(name) => format!("\"${{{name}}}\""),
                None if !word.quoted => format!("\"{written}\""),
                _ => written.to_owned(),
            }
        };
        words.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// A line for a shell as it stands behind `NAME =`. A single word would be a name there, and the name of an op is the op.
    pub(super) fn value_of_line(&self, line: &str) -> String {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        if line.contains(['|', ';', '&', '<', '>']) {
            return format!("shell_output {}", quoted_line(line));
        }
        let op = self.names.op(first);
        let is_known = op.is_some() || self.names.is_command(first) || self.names.template(first).is_some();
        let is_program = if rest.is_empty() { !is_known } else { op.is_some_and(Entry::names_program) };
        let start = if is_program { format!("{} ", perch_ops::program_start().entry().name) } else { String::new() };
        format!("{start}{}", with_braces(line))
    }

    /// `x+=1`, `x++`: the name and the sign. `g++` is a program.
    fn glued_binder<'w>(&self, written: &'w str) -> Option<(&'w str, &'static str)> {
        let (name, rest) = written.split_at(written.find(['+', '-', '*', '/', ':', '?'])?);
        let sign = BINDERS.into_iter().chain(["--"]).find(|sign| rest.starts_with(sign))?;
        let is_meant = is_name(name) && (sign.ends_with('=') || rest == sign && self.bound.contains(name));
        is_meant.then_some((name, sign))
    }

    /// What to write for `print("hello")`.
    pub(super) fn without_parentheses(&self, written: &str, line: &str) -> Option<String> {
        let (name, _) = written.split_once('(')?;
        if let Some(advice) = habit(name) {
            return Some(advice.to_owned());
        }
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
        } else if is_expansion(bare) {
            let message = format!("`{bare}` is one path, with braces in its name: nothing is expanded");
            let help = format!("write `for_each \"a\\nb\" name`, and `{}` in it", entry.name);
            self.warn_of(word.span, (message, help));
        }
    }

    /// What only a shell makes of the words of a program that expands nothing itself.
    pub(super) fn warn_about_patterns(&mut self, words: &[Word]) {
        let Some((first, rest)) = words.split_first() else { return };
        let Some(program) = first.bare().filter(|name| TAKES_FILES.contains(name)) else { return };
        for (at, word) in rest.iter().enumerate() {
            let Some(bare) = word.bare() else { continue };
            let is_value =
                at.checked_sub(1).and_then(|at| rest.get(at)?.bare()).is_some_and(|word| word.starts_with('-'));
            if let Some(path) = bare.strip_prefix('~').filter(|path| path.starts_with('/')) {
                let message = format!("`{bare}` is a path that begins with a `~`, and not one in the home directory");
                return self.warn_of(word.span, (message, format!("write `\"${{home}}{path}\"`")));
            }
            if bare.contains('*') && !bare.starts_with('-') && !is_value {
                let message = format!("`{bare}` is one word, with that sign in it: programs get no lists of files");
                let help = format!(
                    "write `for_each \"${{glob('{bare}')}}\" path`, and `{program} \"${{path}}\"` in it; or `shell \"{}\"`",
                    self.line_of(words)
                );
                return self.warn_of(word.span, (message, help));
            }
        }
    }

    /// `for_each "a b c" x` goes through a list of one.
    pub(super) fn warn_about_list(&mut self, list: &Word) {
        if let Some(pattern) = list.literal().filter(|text| text.contains('*') && !text.contains(['\n', ' '])) {
            let message = format!("`{pattern}` is a list of one element, the pattern itself");
            return self.warn_of(list.span, (message, format!("write `\"${{glob('{pattern}')}}\"` for the files")));
        }
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
        if let Some(last) = parts.last_mut() {
            *last = last.trim_end_matches(':');
        }
        let first = *parts.first()?;
        let is_bracket = matches!(first, "[" | "[[" | "test");
        if is_bracket {
            parts.remove(0);
            parts.pop_if(|last| matches!(*last, "]" | "]]"));
        }
        if let Some((at, odd)) = glued(&parts) {
            return Some((words.get(at)?.span, odd));
        }
        let of = |list: &[(&str, &'static str)], word: &str| {
            list.iter().find(|(shell, _)| *shell == word).map(|(_, here)| *here)
        };
        let here = match parts.as_slice() {
            [left, "is" | "===" | "=~", right] => match parts.get(1) {
                Some(&"=~") => format!("regex_match \"{right}\" \"${{{}}}\"", name_of(left)),
                _ if matches!(*right, "None" | "null" | "nil") => format!("not {}", name_of(left)),
                _ => format!("{} == {right}", name_of(left)),
            },
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
            _ => (1, format!("`{}` does not compare", written.get(1)?)),
        };
        Some((words.get(at)?.span, (message, format!("write `{here}`"))))
    }
}

/// Whether an op gives its words to a shell.
pub(super) fn gives_to_shell(entry: &Entry) -> bool {
    entry.touches.iter().any(|touch| matches!(touch, Touch::Shell(_)))
}

/// Whether an op, or who gets its words, puts in variables itself.
fn expands(entry: &Entry) -> bool {
    gives_to_shell(entry) || entry.touches.iter().any(|touch| matches!(touch, Touch::ReadEnv(On::Of(_))))
}

/// Whether a name is a variable in programs: language §5.3.
fn is_exported(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// `HOME`, as variables of the environment are called.
fn is_in_capitals(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.len() > 1 && is_exported(name) && name.chars().all(is_part)
}

/// `{1..3}`, `a.{c,h}`
fn is_expansion(bare: &str) -> bool {
    let inside = bare
        .split_once('{')
        .and_then(|(before, rest)| (!before.ends_with('$')).then(|| rest.split_once('}')).flatten());
    inside.is_some_and(|(inside, _)| inside.contains("..") || inside.contains(','))
}

/// The names behind the `$` of a word, as a shell reads them.
fn dollars(written: &str) -> impl Iterator<Item = &str> {
    let places = written.match_indices('$').filter(|(at, _)| !written[..*at].ends_with('\\'));
    places.map(|(at, _)| {
        let rest = &written[at + 1..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

/// What to write for `x += 1`.
fn computed(name: &str, sign: &str) -> String {
    match sign.chars().next().filter(|sign| matches!(sign, '+' | '-' | '*' | '/')) {
        Some('*') => format!("write `{name} = exec expr \"${{{name}}}\" \"*\" NUMBER`: a program computes"),
        Some(sign) => format!("write `{name} = exec expr \"${{{name}}}\" {sign} NUMBER`: a program computes"),
        None => format!("write `{name} = VALUE`; `{name} = exec expr …` computes"),
    }
}

/// What a shell makes of a word by itself.
fn sign(bare: &str, is_last: bool) -> Option<Odd> {
    let (message, help) = match bare {
        _ if redirected(bare).is_some() => {
            (format!("`{bare}` is a word like any other: nothing is redirected"), redirected(bare).unwrap_or_default())
        }
        _ if bare.strip_prefix("<<").is_some_and(|end| is_name(end.trim_start_matches('-'))) => (
            format!("`{bare}` is a word like any other: the lines below are statements"),
            "a text in quotes may span lines; a program in a `pipe` block reads what the line above it writes",
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

/// What to write instead of a sign by which a shell sends the output of a program somewhere.
fn redirected(bare: &str) -> Option<&'static str> {
    let is_glued = |signs: &[&str]| {
        let file = signs.iter().find_map(|sign| bare.strip_prefix(sign));
        file.is_some_and(|file| file.starts_with(['/', '.']))
    };
    match bare {
        ">&2" | "1>&2" => Some("`eprintln WORDS…` writes to standard error"),
        ">>" | "1>>" => Some(APPENDED),
        _ if is_glued(&[">>", "1>>"]) => Some(APPENDED),
        "2>" | "2>>" | "&>" | "&>>" | "2>&1" => Some(FOR_SHELL),
        _ if is_glued(&["2>", "2>>", "&>", "&>>"]) => Some(FOR_SHELL),
        ">" | "1>" => Some(WRITTEN),
        _ if is_glued(&[">", "1>"]) => Some(WRITTEN),
        _ => None,
    }
}

const APPENDED: &str =
    "`append_line PATH LINE` adds a line at the end of a file; what a program prints is bound first, `out = …`";
const WRITTEN: &str = "`write_file PATH TEXT` writes a file; what a program prints is bound first, `out = …`";
const FOR_SHELL: &str = "leave it out, or give the line to a shell: `shell \"…\"`";

/// What other languages do with the words on both sides of one.
fn between(entry: Option<&Entry>, words: &[Word], at: usize) -> Option<Odd> {
    let is_start = entry.is_some_and(|entry| entry.name == perch_ops::program_start().entry().name);
    let sides = [at.checked_sub(1)?, at + 1].map(|at| words.get(at));
    // What is nothing but a value may be a number for a program.
    let is_value = |word: &Word| entry.is_none() && matches!(word.parts.as_slice(), [Part::Name(_)]);
    let is_text = |side: &Option<&Word>| side.is_some_and(|word| word.quoted && !is_value(word));
    match words.get(at)?.bare()? {
        // A program may compute.
        "+" if !is_start && sides.iter().any(is_text) && sides.iter().all(Option::is_some) => Some((
            "`+` is a word like any other: texts are not added".to_owned(),
            "write one text, with names in it: `\"${first} and ${second}\"`".to_owned(),
        )),
        "//" if is_text(&sides[0]) => {
            Some(("`//` is a word like any other".to_owned(), "a comment begins with `#`".to_owned()))
        }
        _ => None,
    }
}

/// What looks like something that is not in the text.
fn text_sign(bare: &str) -> Option<Odd> {
    if let Some(name) = bare.strip_prefix('$').filter(|name| is_name(name)) {
        return Some((format!("`{bare}` is plain text"), format!("write `${{{name}}}` for the value of `{name}`")));
    }
    if bare.contains(UNSEEN) {
        return unseen(bare);
    }
    if let Some(option) = bare.strip_prefix(DASHES).filter(|option| option.starts_with(char::is_alphabetic)) {
        let message = format!("`{bare}` begins with a dash of typesetters, which begins no option");
        let dashes = if option.chars().count() == 1 { "-" } else { "--" };
        return Some((message, format!("write `{dashes}{option}`")));
    }
    curly(bare)
}

/// A word with quotes of typesetters.
pub(super) fn curly(bare: &str) -> Option<Odd> {
    let quote = bare.chars().find(|c| CURLY.contains(c))?;
    Some((format!("`{quote}` is a character like any other, and quotes nothing"), "write `\"`".to_owned()))
}

/// `NAME` of a word `$(NAME)`.
fn in_parentheses(written: &str) -> Option<&str> {
    written.strip_prefix("$(")?.strip_suffix(')').filter(|name| is_name(name))
}

/// A word with a character in it that nobody sees.
fn unseen(written: &str) -> Option<Odd> {
    let c = written.chars().find(|c| UNSEEN.contains(c))?;
    let (looks, instead) = match c {
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' => {
            ("looks like a blank and is none", "write a blank in its place")
        }
        _ => ("cannot be seen", "remove it"),
    };
    let message = format!("U+{:04X} stands in this word, which {looks}", u32::from(c));
    Some((message, instead.to_owned()))
}

/// Whether an op takes signs at that place that mean something to a shell: a comparison, or the groups of a pattern in what replaces a match.
fn means_that(entry: Option<&Entry>, at: usize) -> bool {
    let Some(operands) = entry.map(|entry| entry.operands) else { return false };
    let is = |at: usize, of: Type| operands.get(at).is_some_and(|operand| operand.ty == of);
    is(at, Type::Operator) || at > 0 && is(0, Type::Regex)
}

/// `$@`, `$1`: what a shell binds itself.
fn shell_name(written: &str) -> Option<Odd> {
    let bare = written.trim_matches('"');
    let listed = SHELL_NAMES.iter().find(|(name, _)| *name == bare).map(|(_, help)| (*help).to_owned());
    let is_place = bare.strip_prefix('$').is_some_and(|place| place.len() == 1 && place.as_bytes()[0].is_ascii_digit());
    let help = listed.or_else(|| {
        is_place
            .then(|| "declare an argument, `arg NAME` with `type string` and `index 0`, and write `${NAME}`".to_owned())
    });
    help.map(|help| (format!("`{bare}` is plain text"), help))
}

/// `f"hello {name}"`
fn formatted(written: &str) -> Option<Odd> {
    let inside = written.strip_prefix(['f', 'F'])?;
    let is_text = inside.starts_with(['"', '\'']) && inside.contains('{') && !inside.contains("${");
    let message = "the `f` and the braces are characters like any other".to_owned();
    is_text.then(|| (message, format!("write `{}`", inside.replace('{', "${"))))
}

/// `"a" if x else "b"`, `x ? a : b`
fn is_choice(first: &Word, rest: &[Word]) -> bool {
    let has = |sign: &str| rest.iter().any(|word| word.bare() == Some(sign));
    first.quoted && has("if") && has("else") || rest.first().and_then(Word::bare) == Some("?") && has(":")
}

/// `x ==1`, `x== 1`: which word is glued, and what to write.
fn glued(parts: &[&str]) -> Option<(usize, Odd)> {
    let [left, right] = parts else { return None };
    let behind = COMPARING.iter().find_map(|sign| Some((1, *left, *sign, right.strip_prefix(*sign)?)));
    let before = || COMPARING.iter().find_map(|sign| Some((0, left.strip_suffix(*sign)?, *sign, *right)));
    let (at, left, sign, right) =
        behind.or_else(before).filter(|(_, left, _, right)| !left.is_empty() && !right.is_empty())?;
    let message = format!("`{sign}` stands between blanks");
    Some((at, (message, format!("write `{} {sign} {right}`", name_of(left)))))
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
