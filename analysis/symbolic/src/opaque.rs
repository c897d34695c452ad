//! Words of which only their form is known: a sum, the number of a process, a point in time.
//!
//! Functions that look at blanks and line ends, and at how many characters there are, do the same whatever such a word is. So they are given
//! another one in its place, which no text holds, and in what comes of it the word is put back. A question whether a text holds another one
//! is answered like that for all unknown pieces, as far as the answer is yes.

use perch_diagram::Leaf;
use perch_ops::Pure;

use crate::Symbolic;
use crate::cells::{Hole, HoleKey, Piece};
use crate::loops::lines;

/// With which character the word in place of the first hole begins; those of the others follow. Nobody writes them: they are for private use.
const FIRST: u32 = 0x000F_0000;

/// How many there are.
const MANY: usize = 0xFFFF;

/// What fills a word.
const FILL: char = '\u{F8F1}';

/// How long a word is, in characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Long {
    Exactly(usize),
    /// At least one character.
    Somehow,
    /// Perhaps it is no word at all.
    Unknown,
}

/// The words that stand for holes.
#[derive(Default)]
struct Words {
    holes: Vec<(Hole, Long)>,
}

impl Words {
    /// The text with words in place of holes. `None` if it holds what words are made of.
    fn put(&mut self, pieces: &[Piece], long: impl Fn(Hole) -> Long) -> Option<String> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(known) if known.chars().any(is_of_word) => return None,
                Piece::Literal(known) => text.push_str(known),
                Piece::Hole(hole) => {
                    let at = self.holes.iter().position(|(other, _)| other == hole).unwrap_or(self.holes.len());
                    if at == self.holes.len() {
                        self.holes.push((*hole, long(*hole)));
                    }
                    text.push(first(at)?);
                    text.extend(std::iter::repeat_n(FILL, self.fills(at)));
                }
            }
        }
        Some(text)
    }

    fn fills(&self, at: usize) -> usize {
        match self.holes.get(at) {
            Some((_, Long::Exactly(long))) => long.saturating_sub(1),
            _ => 0,
        }
    }

    /// The pieces of a text. `None` if there is a part of a word in it.
    fn back(&self, text: &str) -> Option<Vec<Piece>> {
        let (mut pieces, mut known) = (Vec::new(), String::new());
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let Some(at) = at(c) else {
                known.push(Some(c).filter(|c| *c != FILL)?);
                continue;
            };
            if !rest.by_ref().take(self.fills(at)).eq(std::iter::repeat_n(FILL, self.fills(at))) {
                return None;
            }
            pieces.push(Piece::Literal(std::mem::take(&mut known).into()));
            pieces.push(Piece::Hole(self.holes.get(at)?.0));
        }
        pieces.push(Piece::Literal(known.into()));
        Some(pieces)
    }
}

fn first(at: usize) -> Option<char> {
    let offset = u32::try_from(at).ok().filter(|_| at < MANY)?;
    char::from_u32(FIRST + offset)
}

fn at(c: char) -> Option<usize> {
    let offset = usize::try_from(u32::from(c).checked_sub(FIRST)?).ok()?;
    (offset < MANY).then_some(offset)
}

fn is_of_word(c: char) -> bool {
    c == FILL || at(c).is_some()
}

impl Symbolic {
    /// What comes of a function that treats all words alike.
    pub(crate) fn of_words(&mut self, function: Pure, operands: &[Leaf]) -> Option<Leaf> {
        if function == Pure::IsSum {
            let is_same = matches!(operands, [one, other] if one == other && self.is_sum(*one));
            return is_same.then(|| self.names.text("true"));
        }
        let asks = matches!(function, Pure::Contains | Pure::HasPrefix | Pure::HasSuffix);
        if !asks && !function.treats_words_alike() {
            return None;
        }
        let mut words = Words::default();
        let mut texts = Vec::new();
        for operand in operands {
            let pieces = self.names.pieces(*operand)?;
            texts.push(words.put(&pieces, |hole| self.length_of(hole))?);
        }
        let fits = words.holes.iter().all(|(_, long)| match long {
            Long::Exactly(_) => true,
            Long::Somehow => function != Pure::Length,
            Long::Unknown => false,
        });
        if !asks && !fits {
            return None;
        }
        let result = function.apply(&texts.iter().map(String::as_str).collect::<Vec<_>>()).ok()?;
        if asks && result != "true" {
            return None;
        }
        let pieces = words.back(&result)?;
        Some(self.names.template(pieces))
    }

    /// The elements of a list of words.
    pub(crate) fn lines_of_words(&mut self, list: Leaf) -> Option<Vec<Leaf>> {
        let mut words = Words::default();
        let text = words.put(&self.names.pieces(list)?, |hole| self.length_of(hole))?;
        if words.holes.iter().any(|(_, long)| *long == Long::Unknown) {
            return None;
        }
        lines(&text).map(|line| Some(self.names.template(words.back(line)?))).collect()
    }

    fn length_of(&self, hole: Hole) -> Long {
        match self.names.hole_key(hole) {
            HoleKey::Pure(Pure::Sha256, _) => Long::Exactly(64),
            HoleKey::Pure(Pure::Sha1, _) => Long::Exactly(40),
            HoleKey::Pure(Pure::Md5, _) => Long::Exactly(32),
            HoleKey::Pure(Pure::Crc32, _) => Long::Exactly(8),
            HoleKey::Fact("pid" | "uid") => Long::Somehow,
            _ if self.names.moment(hole).is_some() => Long::Somehow,
            _ => Long::Unknown,
        }
    }

    fn is_sum(&self, leaf: Leaf) -> bool {
        let pieces = self.names.pieces(leaf);
        matches!(pieces.as_deref(), Some([Piece::Hole(hole)]) if self.length_of(*hole) == Long::Exactly(64))
    }
}

#[cfg(test)]
mod tests {
    use perch_policy::Policy;

    use super::*;
    use crate::facts::Facts;

    #[test]
    fn a_word_is_put_back_where_it_is_whole() {
        let mut domain = Symbolic::new(Facts::default(), Policy::default());
        let unknown = domain.names.unknown(HoleKey::Content(0, "/f".into()));
        let [sum, pid] = [HoleKey::Pure(Pure::Sha256, [unknown].into()), HoleKey::Fact("pid")];
        let [sum, pid] = [sum, pid].map(|key| Piece::Hole(domain.names.hole(key)));
        let line = |end: &str| vec![sum.clone(), Piece::Literal(format!("  a.tgz{end}").into())];
        let [whole, alone] = [line("\n"), vec![sum.clone()]].map(|pieces| domain.names.template(pieces));
        let number = domain.names.template([pid.clone(), Piece::Literal("\n".into())]);
        let [one, two] = ["1", "2"].map(|text| domain.names.text(text));
        let mut of = |function: Pure, operands: &[Leaf]| {
            let leaf = domain.of_words(function, operands)?;
            Some(
                domain
                    .names
                    .known(leaf)
                    .map_or_else(|| format!("{:?}", domain.names.pieces(leaf)), |text| text.to_string()),
            )
        };
        assert_eq!(of(Pure::Cut, &[one, whole]), Some(format!("{:?}", Some(vec![sum]))));
        assert_eq!(of(Pure::Cut, &[two, whole]).as_deref(), Some("a.tgz"));
        assert_eq!(of(Pure::CountLines, &[whole]).as_deref(), Some("1"));
        assert_eq!(of(Pure::Length, &[alone]).as_deref(), Some("64"));
        assert_eq!(of(Pure::Length, &[number]), None, "nobody knows how many digits it has");
        assert_eq!(of(Pure::Trim, &[number]), Some(format!("{:?}", Some(vec![pid]))));
        assert_eq!(of(Pure::Contains, &[whole, alone]).as_deref(), Some("true"));
        assert_eq!(of(Pure::HasSuffix, &[whole, alone]), None, "it may, for all that is looked at");
        assert_eq!(of(Pure::IsSum, &[alone, alone]).as_deref(), Some("true"));
        assert_eq!(of(Pure::Upper, &[alone]), None);
        assert_eq!(of(Pure::Trim, &[unknown]), None, "it may be blank");
    }
}
