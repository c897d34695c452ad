//! The same program as somebody else might have typed it.

use perch_differential::random::Random;
use perch_syntax::{Row, cut, rows};

const BLANKS: [&str; 5] = [" ", " ", " ", "\t", "\u{c}"];
const LINE_ENDS: [&str; 3] = ["\n", "\n", "\r\n"];

/// How much of the layout is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scramble {
    /// Blanks before and between words, and line ends.
    Blanks,
    /// Besides, blank lines.
    Lines,
}

/// The program with another layout. It must be one that can be read.
#[must_use]
pub fn scrambled(text: &str, how: Scramble, random: &mut Random) -> String {
    let mut typist = Typist { how, random, typed: String::new() };
    let mut read = 0;
    for item in &cut(text).items {
        typist.gap(&text[read..item.span.start]);
        let own = &text[item.span.range()];
        let mut behind = 0;
        for row in rows(own) {
            let start = row.binder.iter().chain(&row.tokens).chain(&row.comment).map(|span| span.start).min();
            typist.gap(&own[behind..start.unwrap_or(behind)]);
            behind = typist.row(own, &row);
        }
        typist.gap(&own[behind..]);
        read = item.span.end;
    }
    typist.gap(&text[read..]);
    typist.typed
}

struct Typist<'r> {
    how: Scramble,
    random: &'r mut Random,
    typed: String,
}

impl Typist<'_> {
    /// Types the line ends and comments that stand between two lines.
    fn gap(&mut self, gap: &str) {
        for (at, line) in gap.split('\n').enumerate() {
            if at > 0 {
                self.line_end();
            }
            if let Some(comment) = line.find('#') {
                self.blanks(0);
                self.typed += line[comment..].trim_end();
            }
        }
    }

    /// Types a line; how far it goes.
    fn row(&mut self, text: &str, row: &Row) -> usize {
        let mut words: Vec<_> = row.binder.iter().chain(&row.tokens).chain(&row.comment).collect();
        words.sort();
        for (at, word) in words.iter().enumerate() {
            self.blanks(usize::from(at > 0));
            self.typed += &text[word.range()];
        }
        words.last().map_or(0, |word| word.end)
    }

    fn line_end(&mut self) {
        self.blanks(0);
        self.typed += *self.random.pick(&LINE_ENDS);
        while self.how == Scramble::Lines && self.random.chance(15) {
            self.blanks(0);
            self.typed += "\n";
        }
    }

    /// Types some blanks, and at least so many.
    fn blanks(&mut self, least: usize) {
        for _ in 0..least + self.random.below(4) {
            self.typed += *self.random.pick(&BLANKS);
        }
    }
}
