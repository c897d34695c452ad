//! A file as lines.

use perch_syntax::{Edge, Item, Reserved, Row, Span, cut, is_name, reserved, rows};

/// One block deeper.
const STEP: usize = 2;

/// A line that is not blank; where a quoted text spans lines, all of them.
pub(crate) struct Line<'t> {
    /// Which part of a top-level item it is.
    pub(crate) part: Part,
    /// What it does to the blocks around it.
    pub(crate) edge: Edge,
    /// How many blocks it stands in.
    pub(crate) depth: usize,
    /// How far it was indented.
    pub(crate) indent: usize,
    /// Whether a blank line stands above it.
    pub(crate) is_apart: bool,
    /// Its words with a blank between them.
    pub(crate) code: String,
    pub(crate) comment: Option<Comment<'t>>,
}

/// What `#` begins.
pub(crate) struct Comment<'t> {
    pub(crate) text: &'t str,
    /// Where it stood on its line, in characters.
    pub(crate) column: usize,
    /// How many blanks stand before it.
    pub(crate) distance: usize,
}

/// Which part of a top-level item a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// None: it is a comment between them.
    Between,
    /// All of it.
    Whole,
    First,
    Inner,
    Last,
}

impl Line<'_> {
    /// A comment with a line to itself.
    pub(crate) fn is_comment(&self) -> bool {
        self.code.is_empty()
    }

    /// How long it is without its comment.
    pub(crate) fn width(&self) -> usize {
        self.depth * STEP + self.code.chars().count()
    }

    /// As it is written, with its line end and the blank line above it.
    pub(crate) fn written(&self) -> String {
        let above = if self.is_apart { "\n" } else { "" };
        let indent = " ".repeat(self.depth * STEP);
        let comment = self.comment.as_ref();
        let comment = comment.map_or_else(String::new, |comment| " ".repeat(comment.distance) + comment.text);
        format!("{above}{indent}{}{comment}\n", self.code)
    }
}

/// The lines of a file that can be read.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut reader = Reader { text, read: 0, lines: Vec::new() };
    for item in &cut(text).items {
        reader.comments(item.span.start);
        reader.item(item);
    }
    reader.comments(text.len());
    reader.lines
}

struct Reader<'t> {
    text: &'t str,
    /// How far it was read.
    read: usize,
    lines: Vec<Line<'t>>,
}

impl<'t> Reader<'t> {
    /// What stands between items.
    fn comments(&mut self, to: usize) {
        let gap = self.text.get(self.read..to).unwrap_or_default();
        let mut start = self.read;
        for line in gap.split('\n') {
            if let Some(at) = line.find('#') {
                let comment = Span::new(start + at, start + line.len());
                let row =
                    Row { depth: 0, edge: Edge::Inside, binder: None, tokens: Vec::new(), comment: Some(comment) };
                self.row(&row, Part::Between);
            }
            start += line.len() + 1;
        }
    }

    fn item(&mut self, item: &Item) {
        let base = item.span.start;
        let rows = rows(self.text.get(item.span.range()).unwrap_or_default());
        for (at, row) in rows.iter().enumerate() {
            let part = match (at, rows.len() - 1 - at) {
                (0, 0) => Part::Whole,
                (0, _) => Part::First,
                (_, 0) => Part::Last,
                _ => Part::Inner,
            };
            self.row(&shifted(row, base), part);
        }
    }

    fn row(&mut self, row: &Row, part: Part) {
        let spans = || row.binder.iter().chain(&row.tokens).chain(&row.comment);
        let (Some(start), Some(end)) = (spans().map(|span| span.start).min(), spans().map(|span| span.end).max())
        else {
            return;
        };
        let between = self.text.get(self.read..start).unwrap_or_default();
        self.lines.push(Line {
            part,
            edge: row.edge,
            depth: row.depth,
            indent: self.column(start),
            is_apart: between.matches('\n').count() > 1,
            code: self.code(row),
            comment: row.comment.map(|span| self.comment(span)),
        });
        self.read = end;
    }

    fn comment(&self, span: Span) -> Comment<'t> {
        let blanks: &[char] = &[' ', '\t', '\r', '\u{b}', '\u{c}'];
        let text = self.word(span).trim_end_matches(blanks);
        Comment { text, column: self.column(span.start), distance: 0 }
    }

    /// How many characters stand before it on its line.
    fn column(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().chars().count()
    }

    fn code(&self, row: &Row) -> String {
        let words: Vec<&str> = row.tokens.iter().map(|token| self.word(*token)).collect();
        let binder = row.binder.filter(|_| words.first().is_some_and(|name| needs_let(name)));
        let words = binder.map(|binder| self.word(binder)).into_iter().chain(words);
        words.collect::<Vec<_>>().join(" ")
    }

    fn word(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

/// Whether a name can be bound by `let NAME =` and not by `NAME =`, since it would be read as something else there.
fn needs_let(name: &str) -> bool {
    !is_name(name) || reserved(name).is_some_and(|keyword| keyword != Reserved::Block)
}

fn shifted(row: &Row, base: usize) -> Row {
    Row {
        binder: row.binder.map(|span| span.shifted(base)),
        tokens: row.tokens.iter().map(|span| span.shifted(base)).collect(),
        comment: row.comment.map(|span| span.shifted(base)),
        ..*row
    }
}
