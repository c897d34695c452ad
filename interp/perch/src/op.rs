//! An op in place of a command: `perch cp a b` (language §3.8).
//!
//! It is run as a program of one statement, so that it does what it does in files, under the same restrictions and watched in the
//! same ways.

use std::fmt::Write as _;
use std::sync::Arc;

use perch_ir::{Command, Place};
use perch_ops::{Entry, Touch, catalogue};

use crate::load::{self, Loaded};
use crate::report::Trouble;
use crate::secrets::Secrets;
use crate::{call, cli};

/// What stands for the file in messages.
pub(crate) const NO_FILE: &str = "(command line)";

/// An op that is run once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// Its name.
    pub(crate) name: &'static str,
    /// The line, without `perch`.
    line: String,
}

impl Typed {
    pub(crate) fn new(entry: &'static Entry, words: &[String]) -> Self {
        let line = std::iter::once(entry.name.to_owned()).chain(words.iter().map(|word| shown(word)));
        Self { name: entry.name, line: line.collect::<Vec<_>>().join(" ") }
    }

    /// The command as it was typed, for whoever is told where something happens: nobody has written the text of [`program`].
    pub(crate) fn told(&self, command: &Command) -> Arc<Command> {
        let mut told = Command { name: self.name.to_owned(), ..command.clone() };
        for (statement, line) in told.body.iter_mut().zip(1..) {
            statement.place = Place { line, column: 1 };
        }
        if let Some(statement) = told.body.first_mut() {
            statement.source = Secrets::of_environment().hidden(&self.line).into();
        }
        Arc::new(told)
    }
}

/// A word of a line, in quotes where it would not be seen where it ends.
fn shown(word: &str) -> String {
    let is_plain = !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"');
    if is_plain { word.to_owned() } else { format!("{word:?}") }
}

/// The op of that name, if a file could have it as a statement.
pub(crate) fn named(name: &str) -> Option<&'static Entry> {
    let is_meant = |entry: &&Entry| entry.name == name || entry.aliases.contains(&name);
    catalogue().find(is_meant).filter(|entry| !entry.internal && entry.op().is_some())
}

/// The program that runs an op once with as many words, and prints what it yields.
pub(crate) fn program(entry: &Entry, words: usize) -> Loaded {
    let mut text = format!("command {}\n", call::MAIN);
    let mut statement = entry.name.to_owned();
    for at in 0..words {
        let _ = writeln!(text, "  arg word{at}\n    type string\n    index {at}\n  end");
        let _ = write!(statement, " \"${{word{at}}}\"");
    }
    // What a program writes streams, and is not written twice.
    let streams = entry.touches.contains(&Touch::Stdout);
    if entry.result.is_some() && !streams {
        statement = format!("result = {statement}\n    print \"${{result}}\"");
    }
    let _ = writeln!(text, "  do\n    {statement}\n  end\nend");
    load::of_text(NO_FILE, text)
}

/// The operands behind an op: all words. Nobody who types a restriction means a text by it, and it restricts nothing where it stands, so it
/// is refused; behind `--` it is a word. A `--` in front of all of them is there for this alone.
pub(crate) fn operands(entry: &Entry, mut words: Vec<String>) -> Result<Vec<String>, Trouble> {
    if words.first().is_some_and(|word| word == "--") {
        words.remove(0);
        return Ok(words);
    }
    match words.iter().take_while(|word| *word != "--").find_map(|word| Some((word, cli::restriction(word)?))) {
        None => Ok(words),
        Some((word, flag)) => {
            let name = entry.name;
            let message = format!("`{word}` restricts nothing behind the op `{name}`, where all words are operands");
            let front = format!("in front of the op it restricts the run: `perch {flag} {name} …`");
            Err(Trouble::usage(message).help(format!("{front}; behind `--` it is a word: `perch {name} -- …`")))
        }
    }
}

/// Whether nothing is asked for but what the op does.
pub(crate) fn wants_help(words: &[String]) -> bool {
    matches!(words, [only] if only == "--help")
}

/// The words for that program: none is taken for a flag.
pub(crate) fn words(words: Vec<String>) -> Vec<String> {
    std::iter::once("--".to_owned()).chain(words).collect()
}

/// Trouble if the op does not take so many words.
pub(crate) fn fits(entry: &Entry, words: &[String]) -> Result<(), Trouble> {
    let most = entry.most().unwrap_or(usize::MAX);
    if (entry.least()..=most).contains(&words.len()) {
        return Ok(());
    }
    let given = match words.len() {
        1 => "1 operand".to_owned(),
        count => format!("{count} operands"),
    };
    let trouble = Trouble::usage(format!("op `{}` does not take {given}: `perch {}`", entry.name, entry.usage()));
    Err(trouble.help(format!("`perch help {}` says more", entry.name)))
}
