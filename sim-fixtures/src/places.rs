//! Where in a text of JSON something is said.

use std::collections::BTreeMap;
use std::fmt;

use crate::mistakes::{Advice, FixtureError};

/// A place in a text, counted from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Keys on the way from the whole to a part: names of members, numbers of elements.
pub type Way = Vec<String>;

/// Where the members and elements of a text stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Of a member, where its key stands.
    known: BTreeMap<Way, Place>,
    /// Of a member, where its value stands.
    values: BTreeMap<Way, Place>,
}

impl Places {
    /// Of a text.
    ///
    /// # Errors
    /// If an object has a key twice: nobody could tell which one is meant.
    pub(crate) fn of(whole: &Said) -> Result<Self, FixtureError> {
        let mut places = Self::default();
        places.collect(whole, &mut Vec::new())?;
        Ok(places)
    }

    /// Where it is said, if it is: of a member, the place of its key.
    #[must_use]
    pub fn get(&self, way: &[&str]) -> Option<Place> {
        let way: Way = way.iter().map(|&key| key.to_owned()).collect();
        self.known.get(&way).copied()
    }

    /// Where the value stands that is said there, if one is.
    #[must_use]
    pub fn value(&self, way: &[&str]) -> Option<Place> {
        let way: Way = way.iter().map(|&key| key.to_owned()).collect();
        self.values.get(&way).copied()
    }

    fn collect(&mut self, said: &Said, way: &mut Way) -> Result<(), FixtureError> {
        for (key, place, part) in said.parts() {
            way.push(key.clone());
            let first = *self.known.entry(way.clone()).or_insert(place);
            if first != place {
                let message = format!("{} is said twice, first in line {}", shown(way), first.line);
                return Err(FixtureError::at(place, message, Advice::Do("leave one of the two".to_owned())));
            }
            self.values.insert(way.clone(), part.place);
            self.collect(part, way)?;
            way.pop();
        }
        Ok(())
    }
}

/// A way as people write it: `oracles.exec["git *"]`.
#[must_use]
pub fn shown(way: &[String]) -> String {
    let plain = |key: &str| key.chars().all(|c| c.is_alphanumeric() || c == '_') && !key.is_empty();
    let mut shown = String::new();
    for (at, key) in way.iter().enumerate() {
        match key.parse::<usize>() {
            Ok(number) if at > 0 => shown += &format!("[{number}]"),
            _ if !plain(key) => shown += &format!("[{key:?}]"),
            _ if at > 0 => shown += &format!(".{key}"),
            _ => shown += key,
        }
    }
    format!("`{shown}`")
}

/// A value with its place.
pub(crate) struct Said {
    pub(crate) place: Place,
    pub(crate) what: What,
}

pub(crate) enum What {
    Object(Vec<(String, Place, Said)>),
    Array(Vec<Said>),
    /// With how it is written.
    Number(serde_json::Number, String),
    Plain(serde_json::Value),
}

impl Said {
    /// Members and elements, each with its key and place.
    pub(crate) fn parts(&self) -> Vec<(String, Place, &Said)> {
        match &self.what {
            What::Object(members) => members.iter().map(|(key, place, said)| (key.clone(), *place, said)).collect(),
            What::Array(elements) => {
                elements.iter().enumerate().map(|(at, said)| (at.to_string(), said.place, said)).collect()
            }
            What::Number(..) | What::Plain(_) => Vec::new(),
        }
    }

    /// A member.
    pub(crate) fn member(&self, key: &str) -> Option<&Said> {
        let What::Object(members) = &self.what else { return None };
        members.iter().find(|(other, ..)| other == key).map(|(.., said)| said)
    }

    /// The text that it is.
    pub(crate) fn text(&self) -> Option<&str> {
        if let What::Plain(value) = &self.what { value.as_str() } else { None }
    }
}

/// Reads a text.
pub(crate) fn read(text: &str) -> Result<Said, FixtureError> {
    // What is JSON is decided by one reader; this one only finds the places in what it has accepted.
    if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
        return Err(FixtureError::no_json(text, &error));
    }
    let mut reader = Reader { text, at: 0, place: Place { line: 1, column: 1 } };
    Ok(reader.value())
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    place: Place,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn step(&mut self) {
        let Some(c) = self.peek() else { return };
        self.at += c.len_utf8();
        self.place = match c {
            '\n' => Place { line: self.place.line + 1, column: 1 },
            _ => Place { column: self.place.column + 1, ..self.place },
        };
    }

    /// Steps over blanks and what stands between parts.
    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_whitespace() || c == ',' || c == ':') {
            self.step();
        }
    }

    fn value(&mut self) -> Said {
        self.skip_blanks();
        let place = self.place;
        let what = match self.peek() {
            Some('{') => What::Object(self.members()),
            Some('[') => What::Array(self.elements()),
            Some('"') => What::Plain(self.string().into()),
            _ => self.word(),
        };
        Said { place, what }
    }

    fn members(&mut self) -> Vec<(String, Place, Said)> {
        self.step();
        let mut members = Vec::new();
        loop {
            self.skip_blanks();
            if self.peek() != Some('"') {
                self.step();
                return members;
            }
            let place = self.place;
            let key = self.string();
            members.push((key, place, self.value()));
        }
    }

    fn elements(&mut self) -> Vec<Said> {
        self.step();
        let mut elements = Vec::new();
        loop {
            self.skip_blanks();
            if matches!(self.peek(), Some(']') | None) {
                self.step();
                return elements;
            }
            elements.push(self.value());
        }
    }

    fn string(&mut self) -> String {
        let start = self.at;
        self.step();
        while let Some(c) = self.peek() {
            self.step();
            match c {
                '\\' => self.step(),
                '"' => break,
                _ => {}
            }
        }
        serde_json::from_str(&self.text[start..self.at]).unwrap_or_default()
    }

    fn word(&mut self) -> What {
        let start = self.at;
        while self.peek().is_some_and(|c| !c.is_ascii_whitespace() && !",]}".contains(c)) {
            self.step();
        }
        let written = &self.text[start..self.at];
        match serde_json::from_str(written).unwrap_or_default() {
            serde_json::Value::Number(number) => What::Number(number, written.to_owned()),
            value => What::Plain(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_have_places() {
        let text = "{\n  \"äö\": {\"a/\\\"b\": [1, {\"x\": null}]},\n  \"c\": \"]},\"\n}\n";
        let places = Places::of(&read(text).unwrap()).unwrap();
        let at = |way: &[&str]| places.get(way).map(|place| place.to_string());
        assert_eq!(at(&["äö"]).as_deref(), Some("2:3"));
        assert_eq!(at(&["äö", "a/\"b"]).as_deref(), Some("2:10"));
        assert_eq!(at(&["äö", "a/\"b", "0"]).as_deref(), Some("2:20"));
        assert_eq!(at(&["äö", "a/\"b", "1", "x"]).as_deref(), Some("2:24"));
        assert_eq!(at(&["c"]).as_deref(), Some("3:3"));
        assert_eq!(at(&["d"]), None);
        let value = |way: &[&str]| places.value(way).map(|place| place.to_string());
        assert_eq!(value(&["äö"]).as_deref(), Some("2:9"));
        assert_eq!(value(&["äö", "a/\"b", "0"]).as_deref(), Some("2:20"));
        assert_eq!(value(&["c"]).as_deref(), Some("3:8"));
        assert_eq!(value(&["d"]), None);
    }

    #[test]
    fn a_key_that_is_there_twice_is_a_mistake() {
        let error = Places::of(&read("{\"files\": {\"/a\": 1,\n \"/a\": 2}}").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "2:2: `files[\"/a\"]` is said twice, first in line 1");
    }

    #[test]
    fn ways_are_shown_as_one_writes_them() {
        let way = |keys: &[&str]| shown(&keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        assert_eq!(way(&["scenarios", "0", "name"]), "`scenarios[0].name`");
        assert_eq!(way(&["oracles", "exec", "git *"]), "`oracles.exec[\"git *\"]`");
    }
}
