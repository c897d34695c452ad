//! An op in place of a command: `perch cp a b` (language §3.8).
//!
//! It is run as a program of one statement, so that it does what it does in files, under the same restrictions and watched in the
//! same ways.

use std::fmt::Write as _;

use perch_ops::{Entry, Touch, catalogue};

use crate::call;
use crate::load::{self, Loaded};
use crate::report::Trouble;

/// What stands for the file in messages.
const NO_FILE: &str = "(command line)";

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
