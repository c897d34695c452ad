//! What pages expect.

use std::collections::BTreeMap;
use std::time::Duration;

use perch_differential::hosts::Entry;
use perch_fixtures::{ExecFact, FileFact};
use perch_ops::ErrorKind;
use serde::Deserialize;

/// A line about a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// It is about what perch can decide so far.
    pub today: bool,
    /// What it is about.
    pub about: About,
    /// The verdict and, perhaps, the reach.
    pub words: Vec<String>,
}

/// What a line about a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The command.
    Command,
    /// The statement that starts on that line, or a clause of it.
    Statement(u32, Option<u32>),
}

const VERDICTS: [&str; 4] = ["WILL_RUN", "MIGHT_FAIL", "WILL_FAIL", "SKIPPED"];
const REACHES: [&str; 4] = ["always", "sometimes", "never", "blocked"];

impl Verdict {
    /// Reads a line.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(line: &str) -> Result<Self, String> {
        let (today, rest) = match line.split_once(": ") {
            Some(("today", rest)) => (true, rest),
            Some(("must", rest)) => (false, rest),
            Some((mark, _)) => return Err(format!("`{mark}:` is neither `must:` nor `today:`")),
            None => (false, line),
        };
        let mut words = rest.split_whitespace();
        let about = words.next().and_then(about).ok_or_else(|| format!("`{line}` is not about a line or `command`"))?;
        let words: Vec<String> = words.map(str::to_owned).collect();
        let known = match (&words[..], about) {
            ([verdict], _) => VERDICTS.contains(&verdict.as_str()),
            ([verdict, reach], About::Statement(..)) => {
                VERDICTS.contains(&verdict.as_str()) && REACHES.contains(&reach.as_str())
            }
            _ => false,
        };
        if known { Ok(Self { today, about, words }) } else { Err(format!("`{line}` is no verdict")) }
    }
}

fn about(word: &str) -> Option<About> {
    if word == "command" {
        return Some(About::Command);
    }
    let (line, clause) = word.split_once('/').map_or((word, None), |(line, clause)| (line, Some(clause)));
    let clause = clause.map(str::parse).transpose().ok()?;
    Some(About::Statement(line.parse().ok()?, clause))
}

/// A run and what must come of it.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What is added to the host.
    pub host: More,
    /// It starts from what the run before has left.
    pub again: bool,
    /// A signal ends it, of which verdicts do not speak.
    pub interrupted: bool,
    /// Lines that are printed.
    pub out: Vec<String>,
    /// Parts of what is said on standard error.
    pub err: Vec<String>,
    /// The words of the command line, if they are not the command and its arguments.
    pub call: Option<Vec<String>>,
    /// The failure that nothing catches, with its line if that matters.
    pub fails: Option<(ErrorKind, Option<u32>)>,
    /// The exit status.
    pub exit: Option<u8>,
    /// What stands where in the end, if it is not what stood there at the start.
    pub changes: BTreeMap<String, Option<Entry>>,
    /// How long it takes at least, and at most.
    pub takes: (Option<Duration>, Option<Duration>),
}

/// What is added to a host.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct More {
    /// What stands at paths.
    pub files: BTreeMap<String, Stands>,
    /// Variables.
    pub env: BTreeMap<String, String>,
    /// Programs.
    pub programs: BTreeMap<String, Does>,
}

/// What stands at a path.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Stands {
    /// A file with that content.
    Text(String),
    /// As in a fixture.
    Fact(FileFact),
}

/// What a program does.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Does {
    /// A text for the shell.
    Script(String),
    /// The same whenever it is started.
    Always(ExecFact),
    /// One after the other, the last one from then on.
    Starts(Vec<ExecFact>),
}

impl Run {
    /// Reads the lines of a block.
    ///
    /// # Errors
    /// With the line that cannot be understood.
    pub fn parse(lines: &[String]) -> Result<Self, String> {
        let mut run = Self::default();
        for line in lines {
            let (key, value) = line.split_once(':').ok_or_else(|| format!("`{line}` is not `KEY: VALUE`"))?;
            run.take(key, value.strip_prefix(' ').unwrap_or(value)).map_err(|why| format!("`{line}`: {why}"))?;
        }
        Ok(run)
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "host" => self.host = serde_json::from_str(value).map_err(|error| error.to_string())?,
            "call" => self.call = Some(value.split_whitespace().map(str::to_owned).collect()),
            "again" if value.is_empty() => self.again = true,
            "interrupted" if value.is_empty() => self.interrupted = true,
            "out" => self.out.push(value.to_owned()),
            "err" => self.err.push(value.to_owned()),
            "fails" => self.fails = Some(failure(value)?),
            "exit" => self.exit = Some(value.parse().map_err(|_| "no exit status")?),
            "file" => {
                let (path, text) = value.split_once(' ').ok_or("no content")?;
                let content = serde_json::from_str(text).map_err(|error| error.to_string())?;
                self.changes.insert(path.to_owned(), Some(Entry::File { content }));
            }
            "link" => {
                let (path, target) = value.split_once(' ').ok_or("no target")?;
                self.changes.insert(path.to_owned(), Some(Entry::Link { target: target.to_owned() }));
            }
            "dir" => drop(self.changes.insert(value.to_owned(), Some(Entry::Dir))),
            "gone" => drop(self.changes.insert(value.to_owned(), None)),
            "takes" => self.takes(value)?,
            _ => return Err("no such key".to_owned()),
        }
        Ok(())
    }

    fn takes(&mut self, value: &str) -> Result<(), String> {
        match value.split_once(' ') {
            Some(("over", time)) => self.takes.0 = Some(duration(time)?),
            Some(("under", time)) => self.takes.1 = Some(duration(time)?),
            _ => return Err("neither `over` nor `under`".to_owned()),
        }
        Ok(())
    }

    /// The exit status that is expected.
    #[must_use]
    pub fn status(&self) -> u8 {
        self.exit.unwrap_or(u8::from(self.fails.is_some()))
    }
}

fn failure(value: &str) -> Result<(ErrorKind, Option<u32>), String> {
    let (kind, line) = value.split_once(' ').map_or((value, None), |(kind, line)| (kind, Some(line)));
    let kind = ErrorKind::from_name(kind).ok_or_else(|| format!("`{kind}` is no kind of failure"))?;
    Ok((kind, line.map(str::parse).transpose().map_err(|_| "no line")?))
}

fn duration(text: &str) -> Result<Duration, String> {
    let number = |digits: &str| digits.parse::<u64>().map_err(|_| format!("`{text}` is no time"));
    match text.strip_suffix("ms") {
        Some(digits) => number(digits).map(Duration::from_millis),
        None => number(text.strip_suffix('s').unwrap_or(text)).map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_mark_a_place_and_a_verdict() {
        let line = Verdict::parse("today: 7/1 MIGHT_FAIL always").unwrap();
        assert_eq!((line.today, line.about), (true, About::Statement(7, Some(1))));
        assert_eq!(line.words, ["MIGHT_FAIL", "always"]);
        let line = Verdict::parse("command WILL_RUN").unwrap();
        assert_eq!((line.today, line.about), (false, About::Command));
    }

    #[test]
    fn what_is_no_verdict_is_an_error() {
        for line in ["7", "7 always", "7 WILL_RUN often", "command WILL_RUN always", "x WILL_RUN", "tody: 7 SKIPPED"] {
            assert!(Verdict::parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_run_is_read_line_by_line() {
        let lines =
            ["host: {\"files\": {\"/w/a\": \"x\"}, \"programs\": {\"p\": \"exit 3\", \"q\": [{\"status\": 1}, {}]}}"];
        let more =
            ["out: ", "out:  b: c", "fails: io_error 7", "file: /w/a \"y\\n\"", "gone: /w/b", "takes: under 20ms"];
        let lines: Vec<String> = lines.into_iter().chain(more).map(str::to_owned).collect();
        let run = Run::parse(&lines).unwrap();
        assert_eq!((run.out.as_slice(), run.status()), (&[String::new(), " b: c".to_owned()][..], 1));
        assert_eq!(run.fails, Some((ErrorKind::IoError, Some(7))));
        assert_eq!(run.changes.len(), 2);
        assert_eq!(run.takes.1, Some(Duration::from_millis(20)));
        assert_eq!((run.host.files.len(), run.host.programs.len()), (1, 2));
    }

    #[test]
    fn what_is_no_line_of_a_run_is_an_error() {
        for line in [
            "out",
            "prints: x",
            "exit: 256",
            "fails: io_error x",
            "fails: no_kind 3",
            "host: {\"file\": {}}",
            "again: 2",
        ] {
            assert!(Run::parse(&[line.to_owned()]).is_err(), "{line}");
        }
    }
}
