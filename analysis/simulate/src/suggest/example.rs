//! A text that a pattern matches, for most patterns that are written. Whether it does is for whoever asks to find out.

use std::iter::Peekable;
use std::str::Chars;

/// Nothing is repeated more often.
const MAX_TIMES: usize = 64;

/// Groups are not looked into deeper than that.
const MAX_DEPTH: usize = 16;

/// A short text that the pattern matches, if it is written with the usual signs only.
pub(super) fn example(pattern: &str) -> Option<String> {
    let mut reader = Reader { signs: pattern.chars().peekable(), depth: 0 };
    let text = reader.alternatives()?;
    reader.signs.next().is_none().then_some(text)
}

struct Reader<'p> {
    signs: Peekable<Chars<'p>>,
    depth: usize,
}

impl Reader<'_> {
    /// The first one.
    fn alternatives(&mut self) -> Option<String> {
        let first = self.sequence()?;
        while self.signs.next_if_eq(&'|').is_some() {
            self.sequence()?;
        }
        Some(first)
    }

    fn sequence(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(sign) = self.signs.next_if(|sign| !matches!(sign, '|' | ')')) {
            let one = match sign {
                '^' | '$' => continue,
                '(' => self.group()?,
                '[' => self.class()?.to_string(),
                '.' => "x".to_owned(),
                '\\' => match self.signs.next()? {
                    'b' | 'A' | 'z' => continue,
                    escaped => one_of(escaped)?.to_string(),
                },
                '*' | '+' | '?' | '{' => return None,
                literal => literal.to_string(),
            };
            let times = self.times()?;
            text.push_str(&one.repeat(times));
        }
        Some(text)
    }

    fn group(&mut self) -> Option<String> {
        self.depth += 1;
        if self.signs.next_if_eq(&'?').is_some() {
            self.signs.next_if_eq(&':')?;
        }
        let inner = if self.depth > MAX_DEPTH { None } else { self.alternatives() };
        self.depth -= 1;
        self.signs.next_if_eq(&')').and(inner)
    }

    /// The first sign of a class; of one that says which signs are not meant, one that is rarely among them.
    fn class(&mut self) -> Option<char> {
        let is_negated = self.signs.next_if_eq(&'^').is_some();
        let first = match self.signs.next()? {
            '\\' => one_of(self.signs.next()?)?,
            '[' => return None,
            sign => sign,
        };
        while self.signs.next()? != ']' {}
        Some(if is_negated { 'x' } else { first })
    }

    /// How often something is there, at least.
    fn times(&mut self) -> Option<usize> {
        let least = match self.signs.peek() {
            Some('*' | '?') => 0,
            Some('+') => 1,
            Some('{') => return self.counted(),
            _ => return Some(1),
        };
        self.signs.next();
        self.signs.next_if_eq(&'?');
        Some(least)
    }

    fn counted(&mut self) -> Option<usize> {
        self.signs.next();
        let mut counted = String::new();
        loop {
            match self.signs.next()? {
                '}' => break,
                sign => counted.push(sign),
            }
        }
        let least = counted.split(',').next()?.parse().ok()?;
        (least <= MAX_TIMES).then_some(least)
    }
}

/// A sign of the kind that an escape stands for, or the sign itself.
fn one_of(escaped: char) -> Option<char> {
    match escaped {
        'd' => Some('0'),
        'w' => Some('a'),
        's' => Some(' '),
        'n' => Some('\n'),
        't' => Some('\t'),
        'D' | 'S' => Some('x'),
        'W' => Some('-'),
        sign => Some(sign).filter(|sign| !sign.is_ascii_alphanumeric()),
    }
}

#[cfg(test)]
mod tests {
    use perch_ops::Pure;

    use super::*;

    #[test]
    fn patterns_match_their_examples() {
        let patterns = [
            "^v[0-9]+\\.[0-9]+$",
            "^(xyzzy|plugh){3}[A-Z]{2}#$",
            "a|b",
            "^\\d{4}-\\d{2}-\\d{2}$",
            "^[^/]+$",
            "(?:x(y|z)?)+!",
            "\\bfix\\b",
            "[\\w.]+@\\w+",
            ".*",
        ];
        for pattern in patterns {
            let text = example(pattern).unwrap();
            assert_eq!(Pure::RegexMatch.apply(&[pattern, &text]).as_deref(), Ok("true"), "{pattern} {text:?}");
        }
    }

    #[test]
    fn of_other_patterns_none_is_made() {
        for pattern in ["(", "[", "a{", "(?i)x", "\\pL", "x{100000}", &"(".repeat(1000)] {
            assert_eq!(example(pattern), None, "{pattern}");
        }
    }
}
