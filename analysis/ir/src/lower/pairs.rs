//! The variables of `with_env`: `A=1 B=2`, also `"A=1,B=2"`. Language §4.17.
//!
//! Where one ends and the next begins is decided by what is written, never by what is inserted. Quotes hold: in `A="x,B=y"` there is one
//! variable, since the comma stands in quotes that belong to its value. In `"A=x,B=y"` the quotes are around both.

use perch_ops::Entry;
use perch_syntax::tree::{Part as Piece, Word};
use perch_syntax::{Code, Diagnostic, Span, is_name};

use super::Lowering;
use crate::program::Text;

/// A variable as it is written.
struct Pair {
    word: Word,
    /// The quotes are around its name, too: those of its value are characters.
    within: bool,
}

impl Lowering<'_> {
    pub(super) fn pairs(&mut self, entry: &'static Entry, words: &[&Word], span: Span) -> Option<Vec<(String, Text)>> {
        self.check_arity(entry, words.len(), span)?;
        if let Some(word) = words.iter().rev().skip(1).find(|word| word.bare().is_some_and(|bare| bare.ends_with(',')))
        {
            let message = "the comma belongs to the value: variables are several words".to_owned();
            let meant: Vec<_> = words.iter().map(|word| self.written(word.span).trim_end_matches(',')).collect();
            self.warn_of(word.span, (message, format!("write `{} {}`", entry.name, meant.join(" "))));
        }
        let pairs: Vec<_> = words.iter().flat_map(|word| pairs(word)).collect();
        pairs.into_iter().map(|pair| self.pair(pair)).collect()
    }

    fn pair(&mut self, Pair { word, within }: Pair) -> Option<(String, Text)> {
        if let Some(Piece::Text(first)) = word.parts.first()
            && let Some((name, value)) = first.split_once('=')
            && perch_ops::Type::Variable.accepts(name.trim())
        {
            let name = name.trim().to_owned();
            let mut rest = word.clone();
            rest.parts[0] = Piece::Text(value.to_owned());
            let rest = if within { without_quotes(rest) } else { rest };
            return Some((name, self.text(&rest)));
        }
        let problem = Diagnostic::new(Code::BadPair, word.span, "a variable is set as `NAME=value`");
        self.report(problem.help("write `with_env \"NAME=value\"`"));
        None
    }
}

/// Goes along the characters of a word, and knows between which quotes it is.
struct Along<'w> {
    word: &'w Word,
    /// How many seams are behind.
    seams: usize,
}

impl Along<'_> {
    /// The piece at a place, all before it having been asked for. Those with odd numbers are quoted.
    fn piece(&mut self, place: (usize, usize)) -> usize {
        while self.word.seams.get(self.seams).is_some_and(|seam| *seam <= place) {
            self.seams += 1;
        }
        self.seams
    }

    fn is_quoted(&self, piece: usize) -> bool {
        piece % 2 == 1 || self.word.seams.is_empty() && self.word.quoted
    }
}

/// A word cut at the commas behind which another `NAME=` stands, and which are not in quotes of a value.
fn pairs(word: &Word) -> Vec<Pair> {
    let mut along = Along { word, seams: 0 };
    let mut begun = along.piece((0, 0));
    let mut pairs = vec![Pair::begin(word, along.is_quoted(begun))];
    let mut quote = None;
    for (number, part) in word.parts.iter().enumerate() {
        let Piece::Text(text) = part else {
            push(&mut pairs, part.clone());
            continue;
        };
        let mut from = 0;
        for (at, sign) in text.char_indices() {
            let piece = along.piece((number, at));
            let within = piece == begun && along.is_quoted(piece);
            match (sign, quote) {
                ('"' | '\'', None) if within => quote = Some(sign),
                (_, Some(open)) if sign == open => quote = None,
                (',', None) if (within || !along.is_quoted(piece)) && starts_pair(&text[at + 1..]) => {
                    push(&mut pairs, Piece::Text(text[from..at].to_owned()));
                    from = at + 1;
                    begun = along.piece((number, from));
                    pairs.push(Pair::begin(word, along.is_quoted(begun)));
                }
                _ => {}
            }
        }
        push(&mut pairs, Piece::Text(text[from..].to_owned()));
    }
    pairs
}

impl Pair {
    fn begin(word: &Word, within: bool) -> Self {
        Self { word: Word { parts: Vec::new(), seams: Vec::new(), ..word.clone() }, within }
    }
}

fn push(pairs: &mut [Pair], part: Piece) {
    if let Some(last) = pairs.last_mut() {
        last.word.parts.push(part);
    }
}

fn starts_pair(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| is_name(name.trim()))
}

/// `'x'` as `x`.
fn without_quotes(word: Word) -> Word {
    let mut word = word;
    let (first, last) = (word.parts.first(), word.parts.last());
    let (Some(Piece::Text(first)), Some(Piece::Text(last))) = (first, last) else { return word };
    let quote = first.chars().next().filter(|sign| matches!(sign, '"' | '\''));
    let closed = quote.is_some_and(|quote| last.ends_with(quote)) && (word.parts.len() > 1 || first.len() > 1);
    if closed {
        if let Some(Piece::Text(first)) = word.parts.first_mut() {
            first.remove(0);
        }
        if let Some(Piece::Text(last)) = word.parts.last_mut() {
            last.pop();
        }
    }
    word
}
