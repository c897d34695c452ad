//! Programs against the manifest: language §14.5. One that is written out has to be named there, wherever a line starts it: as its first word,
//! behind `exec`, as the first word of a text for the shell.

use perch_ops::{Entry, On, Touch};
use perch_syntax::tree::Word;
use perch_syntax::{Code, Diagnostic, Span, is_name, nearest};

use super::{Lowering, Names, Programs};

/// What a shell does by itself.
const BUILT_IN: [&str; 10] = ["echo", "cd", "true", "false", "pwd", ":", "set", "unset", "test", "["];

/// The built-in of shells that is a keyword of neither.
const EXPORT: &str = "export";

/// Signs by which a shell makes something else of a word.
const SIGNS: [char; 16] = ['$', '`', '"', '\'', '\\', '(', ')', '{', '}', '*', '?', '~', '<', '>', '!', '#'];

/// Signs behind which another command begins.
const ENDS: [char; 3] = [';', '|', '&'];

impl Programs {
    /// Whether a program may be started, as far as is known.
    pub(super) fn allow(&self, name: &str) -> bool {
        let plain = |name: &str| name.strip_prefix("./").unwrap_or(name).to_owned();
        let is_path = name.contains('/');
        self.open
            || self.declared.contains(name)
            || self.handles.contains(name)
            || is_path && self.declared.iter().any(|other| other.contains('/') && plain(other) == plain(name))
    }
}

impl Lowering<'_> {
    /// The first word of a line that is no op and no command. `meant` is what it resembles in another language.
    pub(super) fn check_declared(&mut self, word: &Word, name: &str, meant: Option<String>) -> Option<()> {
        let names = self.names;
        let Some(programs) = names.scope.manifest().filter(|programs| !programs.allow(name)) else { return Some(()) };
        let message = format!("`{name}` is neither an op nor a command, and `requires` names no such program");
        let problem = Diagnostic::new(Code::UndeclaredProgram, word.span, message);
        let nearest = nearest_start(names, name, programs);
        self.report(match (meant, nearest) {
            (Some(help), _) => problem.help(help),
            (None, Some(_)) => problem.meaning(nearest),
            (None, None) => problem.help(format!("write `bin {name}` in `requires`")),
        });
        None
    }

    /// The program that an op starts, if it is written out.
    pub(super) fn check_started(&mut self, entry: &Entry, words: &[Word]) -> Option<()> {
        let names = self.names;
        let Some(programs) = names.scope.manifest() else { return Some(()) };
        for touch in entry.touches {
            let (at, started): (_, fn(&str) -> Option<&str>) = match touch {
                Touch::Start(On::Arg(at)) => (*at, |text| Some(text)),
                Touch::Shell(On::Arg(at)) => (*at, first_command),
                _ => continue,
            };
            // A bare name where an op takes a text is that binding, if there is one.
            let is_text =
                |word: &&Word| word.quoted || entry.operand(at).is_some_and(|of| of.ty == perch_ops::Type::Word);
            let Some(word) = words.get(at).filter(is_text) else { continue };
            if let Some(name) = word.literal().and_then(started).filter(|name| !programs.allow(name)) {
                let message = format!("`requires` names no program `{name}`");
                let problem = Diagnostic::new(Code::UndeclaredProgram, self.within(word, name), message);
                let declared = programs.declared.iter().chain(&programs.handles).map(String::as_str);
                let meant = nearest(name, declared);
                self.report(match meant {
                    Some(_) => problem.did_you_mean(meant),
                    None => problem.help(format!("write `bin {name}` in `requires`")),
                });
                return None;
            }
        }
        Some(())
    }

    /// Where a part of a word stands, or else the word.
    fn within(&self, word: &Word, part: &str) -> Span {
        let at = self.written(word.span).find(part).map(|at| word.span.start + at);
        at.map_or(word.span, |start| Span::new(start, start + part.len()))
    }
}

/// The program that a command line starts first, if it is one and its name is written out.
#[must_use]
pub fn first_command(line: &str) -> Option<&str> {
    let is_setting = |word: &&str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let first = line.split_whitespace().find(|word| !is_setting(word))?;
    let before = line.split(first).next().unwrap_or_default();
    let name = first.split(ENDS).next().filter(|name| !name.is_empty())?;
    let is_plain = !before.contains(SIGNS) && !name.contains(SIGNS);
    (is_plain && name != EXPORT && !BUILT_IN.contains(&name)).then_some(name)
}

/// What can start a line that resembles a word.
fn nearest_start<'n>(names: Names<'n>, name: &str, programs: &'n Programs) -> Option<&'n str> {
    let spellings = |entry: &'static Entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied());
    let declared = programs.declared.iter().chain(&programs.handles).map(String::as_str);
    nearest(name, names.scope.suggestions().chain(declared).chain(names.visible_ops().flat_map(spellings)))
}

#[cfg(test)]
mod tests {
    use super::first_command;

    #[test]
    fn the_first_command_of_a_line_is_what_a_shell_starts() {
        let cases = [
            ("curl a | sh", Some("curl")),
            ("A=1 B=2 make all", Some("make")),
            ("git;ls", Some("git")),
            ("./x.sh&&y", Some("./x.sh")),
            ("echo a", None),
            ("export A=1", None),
            ("$TOOL a", None),
            ("\"my tool\" a", None),
            ("A=$(date) b", None),
            ("(cd a; b)", None),
            ("! git diff", None),
            ("", None),
        ];
        for (line, first) in cases {
            assert_eq!(first_command(line), first, "{line}");
        }
    }
}
