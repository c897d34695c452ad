//! `--ask`: a question before each op that writes, deletes or starts something.
//!
//! The question comes where the policy has allowed the first such effect of an op and before it is made. An answer is for the op: all that it
//! does, wherever links lead it. What reads, looks or prints is not asked about.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use perch_concrete::{Consent, Given, Observer, Seen};
use perch_engine::{Context, Node};
use perch_policy::Effect;
use perch_system::{Cause, Person, Until, signals};

use crate::given::{captured, words};
use crate::report::Trouble;
use crate::secrets::Secrets;
use crate::trace::printable;

/// So much is shown of a word.
const MOST: usize = 400;

/// An op that is being performed.
struct Op {
    /// Its words, with values.
    words: Vec<String>,
    answer: Option<Consent>,
}

/// A node that has been entered and not left.
struct Open {
    bound: Option<String>,
    op: Op,
}

/// Asks whoever sits at the terminal.
pub(crate) struct Asking {
    person: Person,
    secrets: Arc<Secrets>,
    /// How many questions there were.
    asked: usize,
    /// Everything else may be done.
    all: bool,
    open: HashMap<ThreadId, Vec<Open>>,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    All,
    Quit,
}

impl Answer {
    /// Nobody there to answer wants no more of it.
    fn of(line: Option<&str>) -> Option<Self> {
        Some(match line {
            None => Self::Quit,
            Some(line) => match line.trim().to_ascii_lowercase().as_str() {
                "" | "y" | "yes" => Self::Yes,
                "n" | "no" => Self::No,
                "a" | "all" => Self::All,
                "q" | "quit" => Self::Quit,
                _ => return None,
            },
        })
    }
}

impl Asking {
    pub(crate) fn start(secrets: Arc<Secrets>) -> Result<Self, Trouble> {
        let Some(person) = Person::here() else {
            let trouble = Trouble::usage("`--ask` asks on a terminal, and there is none");
            return Err(
                trouble.help("`perch simulate COMMAND` says what it would do, `--audit FILE` records what it does")
            );
        };
        Ok(Self { person, secrets, asked: 0, all: false, open: HashMap::new() })
    }

    fn open(&mut self) -> &mut Vec<Open> {
        self.open.entry(thread::current().id()).or_default()
    }

    /// `  [3] cp "a b" c → done`
    fn question(&mut self, op: &str) -> String {
        self.asked += 1;
        let (asked, secrets) = (self.asked, Arc::clone(&self.secrets));
        let open = self.open().last();
        let words = open.map(|open| open.op.words.as_slice()).unwrap_or_default();
        let words: String = words.iter().map(|word| format!(" {}", shown(&secrets.hidden(word)))).collect();
        let bound = open.and_then(|open| open.bound.as_ref()).map(|name| format!(" → {name}")).unwrap_or_default();
        format!("  [{asked}] {op}{words}{bound}\nrun? [y/n/a/q] > ")
    }

    fn answer(&self, question: &str, until: Until) -> Result<Answer, Cause> {
        let mut question = question.to_owned();
        loop {
            let line = self.person.asked(&question, until)?;
            if let Some(answer) = Answer::of(line.as_deref()) {
                return Ok(answer);
            }
            question =
                "y: yes, n: no, it fails; a: yes, and all that follows; q: end the run\nrun? [y/n/a/q] > ".to_owned();
        }
    }
}

impl Observer for Asking {
    fn enter(&mut self, _: &Context, node: &Node) {
        let op = Op { words: Vec::new(), answer: None };
        self.open().push(Open { bound: captured(&node.source).map(str::to_owned), op });
    }

    fn given(&mut self, what: Given<'_>) {
        if let Some(open) = self.open().last_mut() {
            open.op = Op { words: words(what), answer: None };
        }
    }

    fn consents(&mut self, op: &str, _: &Effect, until: Until) -> Result<Consent, Cause> {
        // Another branch may have ended the run at its question, while this one waited for its own.
        until.check()?;
        if self.all {
            return Ok(Consent::Given);
        }
        if let Some(answer) = self.open().last().and_then(|open| open.op.answer.clone()) {
            return Ok(answer);
        }
        let question = self.question(op);
        let consent = match self.answer(&question, until)? {
            Answer::Yes => Consent::Given,
            Answer::No => Consent::Refused,
            Answer::All => {
                self.all = true;
                Consent::Given
            }
            Answer::Quit if signals::stop() => return Err(Cause::Interrupted(signals::STOPPED)),
            // The run is on its way out already, and what it does there can be refused.
            Answer::Quit => Consent::Refused,
        };
        if let Some(open) = self.open().last_mut() {
            open.op.answer = Some(consent.clone());
        }
        Ok(consent)
    }

    fn visit(&mut self, _: &Context, _: &Node, _: Seen<'_>) {
        self.open().pop();
    }
}

/// A word as it would be written, without what would do something to the terminal.
fn shown(word: &str) -> String {
    let count = word.chars().count();
    let cut = if count > MOST { format!("… ({} more characters)", count - MOST) } else { String::new() };
    let word = printable(&word.chars().take(MOST).collect::<String>());
    let is_plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-./=:,+@%|".contains(c));
    if is_plain { format!("{word}{cut}") } else { format!("\"{}\"{cut}", word.replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_is_a_yes_and_no_line_the_end() {
        let answers =
            [(Some(""), Answer::Yes), (Some("NO"), Answer::No), (Some(" a "), Answer::All), (None, Answer::Quit)];
        answers.iter().for_each(|(line, answer)| assert_eq!(Answer::of(*line), Some(*answer)));
        assert_eq!(Answer::of(Some("maybe")), None);
    }

    #[test]
    fn words_are_shown_as_they_would_be_written() {
        assert_eq!(shown("a/b"), "a/b");
        assert_eq!(shown(""), "\"\"");
        assert_eq!(shown("say \"no\"\u{1b}[0m"), "\"say \\\"no\\\"\\u{1b}[0m\"");
        assert_eq!(shown(&"x".repeat(402)), format!("{}… (2 more characters)", "x".repeat(400)));
    }
}
