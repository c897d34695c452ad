//! Where the words of what is resolved stand in the text of their item.
//!
//! What runs knows the first character of each statement and no more. Whoever wants to point at a word asks here, and the item is
//! parsed once more, which only costs something where there is something to say.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use perch_syntax::tree::{Arm, Block, Head, Item, Member, Statement, StatementKind, Token, Value, Word};
use perch_syntax::{Lines, Span};

use crate::program::{Place, Stmt};

/// The places of an item. Spans count from the start of its text.
#[derive(Debug)]
pub struct Places<'t> {
    text: &'t str,
    lines: OnceCell<Lines>,
    spots: OnceCell<Spots>,
    /// How many words were looked at.
    looked_at: Cell<usize>,
}

/// How many words are looked at for an item. Beyond them statements are pointed at as a whole.
const MAX_LOOKED_AT: usize = 5_000_000;

#[derive(Debug, Default)]
struct Spots {
    /// Statements and what stands before `do`, by where they begin.
    lines: HashMap<usize, Spot>,
    /// The lines of a section, in order.
    entries: Vec<Spot>,
}

/// A line, or the first line of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// All of it.
    pub span: Span,
    /// Its words without what is bound: `cp a b` of `x = cp a b`. Those of a chain stand one behind the other.
    pub words: Vec<Word>,
    /// The first lines of its arms, and their words; of an argument, the lines in it.
    pub arms: Vec<(Span, Vec<Word>)>,
}

impl<'t> Places<'t> {
    /// The places of an item with that text.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, lines: OnceCell::new(), spots: OnceCell::new(), looked_at: Cell::new(0) }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The offset of a place.
    #[must_use]
    pub fn offset(&self, place: Place) -> usize {
        self.lines.get_or_init(|| Lines::new(self.text)).offset(self.text, place.line, place.column)
    }

    /// What begins at a place. If nothing does, the rest of its line.
    #[must_use]
    pub fn at(&self, place: Place) -> Cow<'_, Spot> {
        let offset = self.offset(place);
        let spots = self.spots();
        let found = spots.lines.get(&offset).or_else(|| spots.entries.iter().find(|spot| spot.span.start == offset));
        if let Some(spot) = found {
            return Cow::Borrowed(spot);
        }
        let line = self.text.get(offset..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        Cow::Owned(Spot { span: Span::new(offset, offset + line.trim_end().len()), ..Spot::default() })
    }

    /// Whether the words of a spot may still be looked at.
    fn may_look_at(&self, spot: &Spot) -> bool {
        let all = spot.words.len() + spot.arms.iter().map(|(_, words)| words.len() + 1).sum::<usize>() + 1;
        self.looked_at.set(self.looked_at.get().saturating_add(all));
        self.looked_at.get() <= MAX_LOOKED_AT
    }

    /// A statement; of a block, its first line.
    #[must_use]
    pub fn statement(&self, stmt: &Stmt) -> Span {
        self.at(stmt.place).span
    }

    /// A word of a statement, the first one being number 0. If there is none, the statement.
    #[must_use]
    pub fn word(&self, stmt: &Stmt, at: usize) -> Span {
        let spot = self.at(stmt.place);
        spot.words.get(at).map_or(spot.span, |word| word.span)
    }

    /// The word of a line that is, or holds, a text. If there is none, the line.
    #[must_use]
    pub fn writing(&self, place: Place, text: &str) -> Span {
        let spot = self.at(place);
        if !self.may_look_at(&spot) {
            return spot.span;
        }
        let same = spot.words.iter().find(|word| word.literal() == Some(text));
        let holds = |word: &&Word| self.text.get(word.span.range()).is_some_and(|written| written.contains(text));
        same.or_else(|| spot.words.iter().find(holds)).map_or(spot.span, |word| word.span)
    }

    /// Where a line names a binding: `${name}`, or the bare word. If it cannot be told, the line.
    #[must_use]
    pub fn naming(&self, place: Place, name: &str) -> Span {
        let spot = self.at(place);
        if !self.may_look_at(&spot) {
            return spot.span;
        }
        let words: Vec<&Word> = spot.words.iter().chain(spot.arms.iter().flat_map(|(_, words)| words)).collect();
        let lines = std::iter::once(spot.span).chain(spot.arms.iter().map(|(span, _)| *span));
        let hole = lines.clone().chain(words.iter().map(|word| word.span)).find_map(|span| self.hole(span, name));
        let bare = || words.iter().find(|word| word.bare() == Some(name)).map(|word| word.span);
        let argument = || lines.clone().find_map(|span| self.bare(span, name));
        hole.or_else(bare).or_else(argument).unwrap_or(spot.span)
    }

    /// The word of a line within the block at a place that is, or holds, a text; `first` is how the line begins.
    #[must_use]
    pub fn inner(&self, place: Place, first: &str, text: &str) -> Option<Span> {
        let start = self.offset(place);
        let behind = self.spots().lines.iter().filter(|(at, _)| **at > start);
        let lines = behind.filter(|(_, spot)| spot.words.first().and_then(Word::bare) == Some(first));
        let holds = |word: &&Word| word.literal().is_some_and(|written| written.contains(text));
        lines
            .filter_map(|(at, spot)| Some((at, spot.words.iter().skip(1).find(holds)?.span)))
            .min()
            .map(|(_, span)| span)
    }

    /// The `${name}` or `${name...}` in a span.
    fn hole(&self, span: Span, name: &str) -> Option<Span> {
        let text = self.text.get(span.range())?;
        text.match_indices("${").find_map(|(at, _)| {
            let inside = text.get(at + 2..)?;
            let end = inside.find('}')?;
            let found = inside.get(..end)?.trim().trim_end_matches("...").trim_end();
            (found == name).then(|| Span::new(span.start + at, span.start + at + 2 + end + 1))
        })
    }

    /// The name as a word of its own in a span, as in `${op(name)}`.
    fn bare(&self, span: Span, name: &str) -> Option<Span> {
        let text = self.text.get(span.range())?;
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        let found = text.match_indices(name).find(|(at, _)| {
            let before = text.get(..*at).and_then(|before| before.chars().next_back());
            let behind = text.get(at + name.len()..).and_then(|behind| behind.chars().next());
            !before.is_some_and(is_part) && !behind.is_some_and(is_part)
        });
        found.map(|(at, _)| Span::new(span.start + at, span.start + at + name.len()))
    }

    /// How many lines a section has.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.spots().entries.len()
    }

    /// A line of a section, the first one being number 0.
    #[must_use]
    pub fn entry(&self, at: usize) -> Cow<'_, Spot> {
        self.spots().entries.get(at).map_or_else(|| Cow::Owned(Spot::default()), Cow::Borrowed)
    }

    fn spots(&self) -> &Spots {
        self.spots.get_or_init(|| {
            let mut spots = Spots::default();
            if let Some(item) = perch_syntax::parse(self.text).0 {
                spots.item(item);
            }
            spots
        })
    }
}

impl Spots {
    fn item(&mut self, item: Item) {
        match item {
            Item::Command(command) | Item::Template(command) | Item::Catch(command) => {
                self.add(head(command.head));
                command.members.into_iter().for_each(|member| self.member(member));
            }
            Item::Section(section) => {
                self.add(head(section.head));
                let lines = section.entries.into_iter().map(|entry| entry.setting);
                self.entries.extend(lines.map(|line| Spot { span: line.span, words: line.words, ..Spot::default() }));
            }
            Item::Import(line) => self.add(head(line)),
            Item::Assignment(assignment) => {
                self.statement(Statement { span: assignment.span, kind: StatementKind::Assignment(assignment) });
            }
            Item::Setting(line) => self.add(Spot { span: line.span, words: line.words, ..Spot::default() }),
        }
    }

    fn add(&mut self, spot: Spot) {
        self.lines.insert(spot.span.start, spot);
    }

    fn member(&mut self, member: Member) {
        match member {
            Member::Setting(line) => self.add(Spot { span: line.span, words: line.words, ..Spot::default() }),
            Member::Arg(arg) => {
                let settings = arg.settings.iter().map(|line| (line.span, line.words.clone()));
                self.add(Spot { arms: settings.collect(), ..head(arg.head) });
                let lines = arg.settings.into_iter();
                lines.for_each(|line| self.add(Spot { span: line.span, words: line.words, ..Spot::default() }));
            }
            Member::Do(line, statements) => {
                self.add(head(line));
                self.statements(statements);
            }
        }
    }

    fn statements(&mut self, statements: Vec<Statement>) {
        statements.into_iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, Statement { span, kind }: Statement) {
        match kind {
            StatementKind::Line(line) => {
                for clause in line.clauses.iter().skip(1) {
                    self.add(Spot { span: clause.span, words: clause.words.clone(), ..Spot::default() });
                }
                let words = line.clauses.into_iter().flat_map(|clause| clause.words).collect();
                self.add(Spot { span, words, ..Spot::default() });
            }
            StatementKind::Assignment(assignment) => match assignment.value {
                Some(Value::Line(line)) => {
                    let words = line.clauses.into_iter().flat_map(|clause| clause.words).collect();
                    self.add(Spot { span, words, ..Spot::default() });
                }
                Some(Value::Pipe(block)) => self.block(span, block),
                None => self.add(Spot { span, ..Spot::default() }),
            },
            StatementKind::Block(block) => self.block(span, block),
        }
    }

    fn block(&mut self, span: Span, block: Block) {
        let arms = block.arms.iter().map(|arm| (arm.head.span, words(&arm.head))).collect();
        let words = words(&block.head);
        self.add(Spot { span, words, arms });
        self.statements(block.body);
        block.arms.into_iter().for_each(|Arm { body, .. }| self.statements(body));
    }
}

fn head(head: Head) -> Spot {
    Spot { span: head.span, words: words(&head), ..Spot::default() }
}

fn words(head: &Head) -> Vec<Word> {
    head.tokens.iter().filter_map(Token::word).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Database, Program as _, Snapshot, SourceFile};

    const TEXT: &str = "command main\n  do\n    x = cp \"a é\" b # c\n    if x == y and is_dir d\n      a \"${x}\" && b ${ c }\n    elif z\n      print \"1\n2\" ${upper(q)}\n    end\n  end\nend\n";

    fn shown(span: Span) -> &'static str {
        TEXT.get(span.range()).unwrap()
    }

    #[test]
    fn statements_words_and_names_are_found_where_they_stand() {
        let db = Database::default();
        let file = SourceFile::new(&db, "a.perch".to_owned(), TEXT.to_owned());
        let program = Snapshot::new(&db, file);
        let Some(main) = program.declared().first().map(|main| main.body.clone()) else {
            panic!("{:?}", crate::diagnostics(&db, file));
        };
        let places = Places::new(TEXT);
        assert_eq!(shown(places.statement(&main[0])), "x = cp \"a é\" b");
        assert_eq!(shown(places.word(&main[0], 1)), "\"a é\"");
        assert_eq!(shown(places.word(&main[0], 9)), "x = cp \"a é\" b");
        assert_eq!(shown(places.writing(main[0].place, "a é")), "\"a é\"");
        assert_eq!(shown(places.statement(&main[1])), "if x == y and is_dir d");
        assert_eq!(["y", "z"].map(|name| shown(places.naming(main[1].place, name))), ["y", "z"]);
        let bodies: Vec<_> = main[1].kind.bodies().collect();
        assert_eq!(["x", "c"].map(|name| shown(places.naming(bodies[0][0].place, name))), ["${x}", "${ c }"]);
        assert_eq!(shown(places.naming(bodies[1][0].place, "q")), "q");
        let _ = program.shared();
    }
}
