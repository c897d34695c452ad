//! What a fixture tells that nothing in a simulation has asked for: mistyped, most likely, for nothing else says so.

use perch_fixtures::Fixture;
use perch_fixtures::has_shell_signs;
use perch_fixtures::places::shown;
use perch_policy::net::Url;
use perch_symbolic::consulted::{Consulted, Oracle};
use perch_syntax::nearest;

use crate::report::UnusedReport;
use crate::sources::Sources;

/// The keys that answer questions of a run, the way to them, and what these are about.
const ORACLES: [(&[&str], Oracle); 7] = [
    (&["oracles", "exec"], Oracle::Programs),
    (&["oracles", "shell_output"], Oracle::Programs),
    (&["oracles", "packages"], Oracle::Packages),
    (&["oracles", "http"], Oracle::Answers),
    (&["oracles", "cache"], Oracle::Stored),
    (&["oracles", "has_bin"], Oracle::Bins),
    (&["env"], Oracle::Variables),
];

/// What is told on these hosts and was not asked for on any. What is simulated may be a part of what the fixture is for: then only
/// what is a mistake by the looks of it.
#[must_use]
pub fn unused(hosts: &[(&Fixture, &Sources)], consulted: &Consulted, is_part: bool) -> Vec<UnusedReport> {
    let mut all: Vec<UnusedReport> = Vec::new();
    for (way, oracle) in ORACLES {
        for (fixture, sources) in hosts {
            for key in keys(fixture, way) {
                let way = [way, &[key]].concat();
                let asked = Asked { consulted, oracle };
                let Some(mistake) = asked.unused(key) else { continue };
                let is_open = is_part || consulted.may_be_other(oracle) || asked.may_not_be(key);
                if is_open && matches!(mistake, Mistake::None | Mistake::OtherWords(_)) {
                    continue;
                }
                let key = shown(&sources.as_written(&way)).trim_matches('`').to_owned();
                let told = UnusedReport { key, source: sources.of(&way), advice: mistake.advice() };
                if !all.contains(&told) {
                    all.push(told);
                }
            }
        }
    }
    all
}

fn keys<'f>(fixture: &'f Fixture, way: &[&str]) -> Vec<&'f String> {
    let oracles = &fixture.oracles;
    match way.last().copied().unwrap_or_default() {
        "env" => fixture.env.keys().collect(),
        "has_bin" => oracles.has_bin.keys().collect(),
        "exec" => oracles.exec.keys().collect(),
        "shell_output" => oracles.shell_output.keys().collect(),
        "packages" => oracles.packages.keys().collect(),
        "http" => oracles.http.keys().collect(),
        _ => oracles.cache.keys().collect(),
    }
}

/// What is wrong with a key.
enum Mistake {
    /// Nothing that one can see.
    None,
    /// It is nearly this.
    Nearly(String),
    /// It is taken for a pattern, which only two words are; the program, and what it is started as.
    Pattern(String, Option<String>),
    /// What is asked for are these.
    OtherWords(String),
}

impl Mistake {
    fn advice(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Nearly(other) => Some(format!("did you mean `{other}`?")),
            Self::Pattern(name, started) => {
                let started = started.iter().map(|words| format!(", or all words: `{words}`")).collect::<String>();
                Some(format!("only `NAME *` stands for any arguments: write `{name} *`{started}"))
            }
            Self::OtherWords(other) => Some(format!("what is asked for is `{other}`")),
        }
    }
}

/// What was asked for of one kind.
struct Asked<'c> {
    consulted: &'c Consulted,
    oracle: Oracle,
}

impl Asked<'_> {
    /// What is wrong with a key that was of no use.
    fn unused(&self, key: &str) -> Option<Mistake> {
        let sent = match self.oracle {
            Oracle::Answers => Url::parse(key).map_or_else(|| key.to_owned(), |url| url.as_str().to_owned()),
            Oracle::Programs | Oracle::Packages | Oracle::Stored | Oracle::Bins | Oracle::Variables => key.to_owned(),
        };
        if self.consulted.has_used(self.oracle, &sent) {
            return None;
        }
        // A host has more programs and variables than a run asks for.
        if matches!(self.oracle, Oracle::Bins | Oracle::Variables) {
            return nearest(&sent, self.consulted.asked(self.oracle)).map(|near| Mistake::Nearly(near.to_owned()));
        }
        match any_arguments_of(&sent).filter(|_| self.oracle == Oracle::Programs) {
            // There are exact words for all that was asked for, and this for all else.
            Some(name) if self.consulted.has_asked_program(name) => None,
            Some(name) => {
                let programs = self.consulted.asked(self.oracle).map(first_word);
                let near = nearest(name, programs).map(|near| Mistake::Nearly(format!("{near} *")));
                Some(near.unwrap_or(Mistake::None))
            }
            None => Some(self.mistake(&sent)),
        }
    }

    /// Whether it is about a program that may not be started: the runs that would ask for it are denied.
    fn may_not_be(&self, key: &str) -> bool {
        self.oracle == Oracle::Programs && self.consulted.is_denied(first_word(key))
    }

    fn mistake(&self, key: &str) -> Mistake {
        let asked = || self.consulted.asked(self.oracle);
        if self.oracle == Oracle::Programs && key.contains('*') && !has_shell_signs(key) {
            let name = first_word(key).trim_end_matches('*');
            let name = nearest(name, asked().map(first_word)).unwrap_or(name);
            let started = self.closest(name, key).map(str::to_owned);
            return Mistake::Pattern(if name.is_empty() { "git" } else { name }.to_owned(), started);
        }
        match nearest(key, asked().filter(|other| *other != key)) {
            Some(near) => Mistake::Nearly(near.to_owned()),
            None => {
                let other = self.closest(self.kin(key), key).filter(|other| *other != key);
                other.map_or(Mistake::None, |other| Mistake::OtherWords(other.to_owned()))
            }
        }
    }

    /// By what something is like another: the program, or the server.
    fn kin<'k>(&self, key: &'k str) -> &'k str {
        match self.oracle {
            Oracle::Programs => first_word(key),
            Oracle::Answers => key.split('/').nth(2).unwrap_or_default(),
            Oracle::Packages | Oracle::Stored | Oracle::Bins | Oracle::Variables => "",
        }
    }

    /// What was asked for of the same kin that has most in common with a key.
    fn closest(&self, kin: &str, key: &str) -> Option<&str> {
        let asked = self.consulted.asked(self.oracle).filter(|other| !kin.is_empty() && self.kin(other) == kin);
        let common = |other: &&str| other.chars().zip(key.chars()).take_while(|(a, b)| a == b).count();
        asked.max_by_key(common)
    }
}

/// The program of which a key speaks whatever its arguments.
fn any_arguments_of(key: &str) -> Option<&str> {
    key.strip_suffix(" *").filter(|name| !name.contains([' ', '*']))
}

fn first_word(words: &str) -> &str {
    words.split(' ').next().unwrap_or_default()
}
