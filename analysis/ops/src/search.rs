//! Which entries beneath a directory are wanted, and patterns for their paths.
//!
//! A pattern is a path whose names may have wildcards: `*` is any characters, `?` is one, `[a-z]` one of these and `[!a-z]` one of
//! the others; a backslash takes the meaning from what is behind it. A name that is `**` is any number of directories, none
//! included; at the end, everything beneath. What begins with a dot is matched by a dot alone.

use std::iter::Peekable;
use std::str::Chars;

/// What is looked for beneath a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// The entries of the directory.
    Names,
    /// Everything beneath that is no directory.
    Files,
    /// What the pattern matches.
    Paths(Pattern),
}

impl Search {
    /// By its name in programs of ops.
    #[must_use]
    pub fn named(name: &str, pattern: &str) -> Option<Self> {
        match name {
            "names" => Some(Self::Names),
            "files" => Some(Self::Files),
            "paths" => Pattern::parse(pattern).ok().map(Self::Paths),
            _ => None,
        }
    }

    /// Whether an entry is found.
    #[must_use]
    pub fn finds(&self, path: &str, directory: bool) -> bool {
        match self {
            Self::Names => true,
            Self::Files => !directory,
            Self::Paths(pattern) => pattern.matches(path),
        }
    }

    /// Whether anything in a directory may be found.
    #[must_use]
    pub fn enters(&self, directory: &str) -> bool {
        match self {
            Self::Names => false,
            Self::Files => true,
            Self::Paths(pattern) => pattern.enters(directory),
        }
    }
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Name>);

/// A pattern for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    /// Any number of directories.
    Directories,
    /// A name of these.
    Of(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Char(char),
    One,
    Any,
    /// One within, or one within none, of these ranges.
    Class(bool, Vec<(char, char)>),
}

/// What is wrong with a pattern.
pub type Fault = &'static str;

impl Pattern {
    /// The pattern of a cleaned text.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut names: Vec<Name> =
            text.split('/').filter(|name| !matches!(*name, "" | ".")).map(name).collect::<Result<_, _>>()?;
        if names.last() == Some(&Name::Directories) {
            names.push(Name::Of(vec![Part::Any]));
        }
        Ok(Self(names))
    }

    /// Whether it matches a path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.ends(path, |ends| ends.last() == Some(&true))
    }

    /// Whether it may match something in a directory.
    #[must_use]
    pub fn enters(&self, directory: &str) -> bool {
        self.ends(directory, |ends| ends[..ends.len() - 1].contains(&true))
    }

    /// Asks after which of its names it can be when it has gone through those of a path. This is done for each of a great many entries, so
    /// the answer of a usual pattern takes no memory of its own.
    fn ends(&self, path: &str, ask: impl FnOnce(&[bool]) -> bool) -> bool {
        const USUAL: usize = 16;
        let length = self.0.len() + 1;
        let (mut few, mut many) = ([false; USUAL], Vec::new());
        let ends = if let Some(ends) = few.get_mut(..length) {
            ends
        } else {
            many.resize(length, false);
            &mut many
        };
        ends[0] = true;
        self.skip(ends);
        for name in path.split('/') {
            self.step(ends, name);
            self.skip(ends);
        }
        ask(ends)
    }

    /// Where it can be without another name.
    fn skip(&self, ends: &mut [bool]) {
        for (at, name) in self.0.iter().enumerate() {
            ends[at + 1] |= ends[at] && *name == Name::Directories;
        }
    }

    /// Where it can be after another name: from the last place on, for each depends on itself and the one before.
    fn step(&self, ends: &mut [bool], name: &str) {
        for at in (0..=self.0.len()).rev() {
            let stays = ends[at] && self.0.get(at) == Some(&Name::Directories) && !name.starts_with('.');
            let before = at.checked_sub(1).filter(|before| ends[*before]).map(|before| &self.0[before]);
            ends[at] = stays || matches!(before, Some(Name::Of(parts)) if is(parts, name));
        }
    }
}

/// A cleaned pattern as the directory that it begins in, without wildcards, and the pattern for what is beneath.
///
/// # Errors
/// If it is no pattern.
pub fn split(text: &str) -> Result<(String, String), Fault> {
    Pattern::parse(text)?;
    let names: Vec<&str> = text.split('/').collect();
    // What is matched is an entry of a directory, so the last name is part of the pattern, but for those that are no entries.
    let whole = matches!(names.last(), Some(&("" | "." | "..")));
    let most = if whole { names.len() } else { names.len() - 1 };
    let plain = names.iter().take(most).take_while(|name| is_plain(name)).count();
    let root = names[..plain].iter().map(|name| bare(name)).collect::<Vec<_>>().join("/");
    let root = match root.as_str() {
        "" if text.starts_with('/') => "/".to_owned(),
        "" => ".".to_owned(),
        _ => root,
    };
    Ok((root, names[plain..].join("/")))
}

fn is_plain(text: &str) -> bool {
    matches!(name(text), Ok(Name::Of(parts)) if parts.iter().all(|part| matches!(part, Part::Char(_))))
}

/// A name without its backslashes.
fn bare(name: &str) -> String {
    let mut chars = name.chars();
    let mut bare = String::new();
    while let Some(c) = chars.next() {
        bare.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    bare
}

fn name(text: &str) -> Result<Name, Fault> {
    if text == "**" {
        return Ok(Name::Directories);
    }
    let mut parts = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Any,
            '?' => Part::One,
            '[' => class(&mut chars)?,
            '\\' => Part::Char(chars.next().ok_or("nothing is behind its last backslash")?),
            c => Part::Char(c),
        });
    }
    parts.dedup_by(|a, b| *a == Part::Any && *b == Part::Any);
    Ok(Name::Of(parts))
}

/// What is between brackets, of which the first is gone.
fn class(chars: &mut Peekable<Chars<'_>>) -> Result<Part, Fault> {
    let others = chars.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    let next = |chars: &mut Peekable<Chars<'_>>| match chars.next() {
        Some('\\') => chars.next().ok_or(UNCLOSED),
        Some(c) => Ok(c),
        None => Err(UNCLOSED),
    };
    loop {
        // One at the start stands for itself.
        if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
            return Ok(Part::Class(others, ranges));
        }
        let first = next(chars)?;
        let mut ahead = chars.clone();
        let is_range = ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']');
        let last = if is_range {
            chars.next();
            next(chars)?
        } else {
            first
        };
        ranges.push((first, last));
    }
}

const UNCLOSED: Fault = "a `[` in it is not closed";

/// Whether a name is of these parts. Each `*` is as short as it can be: when the rest does not fit, the last one is made longer.
fn is(parts: &[Part], name: &str) -> bool {
    if name.starts_with('.') && parts.first() != Some(&Part::Char('.')) {
        return false;
    }
    let (mut part, mut rest) = (0, name);
    // Where the last `*` stands, and what it and all behind it have to match.
    let mut longer: Option<(usize, &str)> = None;
    loop {
        match (parts.get(part), first(rest)) {
            (Some(Part::Any), _) if part + 1 == parts.len() => return true,
            (Some(Part::Any), _) => {
                longer = Some((part, rest));
                part += 1;
                continue;
            }
            (None, None) => return true,
            (Some(one), Some((c, behind))) if fits(one, c) => {
                (part, rest) = (part + 1, behind);
                continue;
            }
            _ => {}
        }
        let Some((any, (_, behind))) = longer.and_then(|(any, from)| first(from).map(|first| (any, first))) else {
            return false;
        };
        longer = Some((any, behind));
        (part, rest) = (any + 1, behind);
    }
}

fn first(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    chars.next().map(|c| (c, chars.as_str()))
}

fn fits(part: &Part, c: char) -> bool {
    match part {
        Part::Char(wanted) => *wanted == c,
        Part::One => true,
        Part::Any => false,
        Part::Class(others, ranges) => ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *others,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    fn matches(text: &str, yes: &[&str], no: &[&str]) {
        let pattern = pattern(text);
        for path in yes {
            assert!(pattern.matches(path), "{text} {path}");
            for (at, _) in path.match_indices('/') {
                assert!(pattern.enters(&path[..at]), "{text} enters {}", &path[..at]);
            }
        }
        for path in no {
            assert!(!pattern.matches(path), "{text} {path}");
        }
    }

    #[test]
    fn names() {
        matches("*.md", &["a.md", "b.md.md", "a b.md"], &["md", ".md", "a.mdx", "d/a.md", ".a.md"]);
        matches("a?c", &["abc", "a*c", "aßc"], &["ac", "abbc", "a/c"]);
        matches("*a*b*", &["ab", "xaxbx", "aab", "abab"], &["ba", "a", ".ab"]);
        matches("[a-cx]", &["a", "c", "x"], &["d", "-", "ab"]);
        matches("[!a-c]", &["d", "]"], &["a", "."]);
        matches("[]a-]", &["]", "a", "-"], &["b"]);
        matches("[\\]x]", &["]", "x"], &["\\"]);
        matches("\\*", &["*"], &["a", "\\*"]);
        matches(".*", &[".a", "."], &["a"]);
        matches("a**b", &["ab", "axb"], &["a/b"]);
    }

    #[test]
    fn directories() {
        matches("**/*.rs", &["a.rs", "d/a.rs", "d/e/a.rs"], &[".d/a.rs", "d/.a.rs", "a.rs/x"]);
        matches("**", &["a", "d/a", "d/e/a"], &[".a", "d/.a", ".d/a"]);
        matches("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["a", "b", "a/xb", "a/.x/b"]);
        matches("**/**/a", &["a", "x/a", "x/y/a"], &["b"]);
        matches("*/a", &["x/a"], &["a", "x/y/a"]);
    }

    #[test]
    fn a_pattern_may_have_any_number_of_names() {
        for count in [14, 15, 16, 17, 40] {
            let (names, path) = ("*/".repeat(count), "x/".repeat(count));
            matches(&format!("{names}a"), &[&format!("{path}a")], &[&format!("{path}x/a"), &path[2..]]);
            matches(&format!("**/{names}a"), &[&format!("{path}a"), &format!("{path}x/a")], &[&format!(".{path}a")]);
        }
    }

    #[test]
    fn nothing_is_entered_in_vain() {
        assert!(!pattern("*.md").enters("d") && !pattern("a/b/c").enters("a/c") && !pattern("**/a").enters(".d"));
        assert!(pattern("a/b/c").enters("a/b") && !pattern("a/b/c").enters("a/b/c") && pattern("**").enters("a/b/c"));
    }

    #[test]
    fn the_directory_in_which_a_pattern_begins() {
        let of = |text: &str| split(text).map(|(root, rest)| format!("{root} + {rest}"));
        for (text, want) in [
            ("*.md", ". + *.md"),
            ("a", ". + a"),
            ("a/b", "a + b"),
            ("/a", "/ + a"),
            ("/*/a", "/ + */a"),
            ("../a/**/b", "../a + **/b"),
            ("a\\*/b/c*", "a*/b + c*"),
            (".", ". + "),
            ("/", "/ + "),
            ("../..", "../.. + "),
        ] {
            assert_eq!(of(text).as_deref(), Ok(want), "{text}");
        }
        assert_eq!([split("a/[b"), split("a\\")].map(|bad| bad.is_err()), [true, true]);
    }
}
