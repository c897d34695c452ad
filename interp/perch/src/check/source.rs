//! A file, and what is shown of it beside a mistake.
//!
//! A file may be one line of millions of characters, and may hold characters that a terminal obeys. So what is shown is a few lines,
//! of long ones what stands around the mistake, and nothing that a terminal would take for more than text. How long it
//! takes to find it does not depend on how long the file is.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use perch_ir::{Lines, Span};

/// How many bytes of a line are shown on either side of a mistake, and how long a line beside it may be.
const AROUND: usize = 300;

/// How many bytes of a mistake are shown.
const MARKED: usize = 2000;

/// How many characters of a message are shown. Messages quote what is written.
const MESSAGE: usize = 1000;

/// A file to show pieces of.
#[derive(Debug)]
pub(crate) struct Source {
    path: String,
    name: String,
    text: String,
    lines: Lines,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), name: tame(path), text: of_same_length(text), lines: Lines::new(text) }
    }

    /// What the program calls it.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What it is called, as it is shown.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Line and column of an offset, both from 1.
    pub(crate) fn place(&self, offset: usize) -> (u32, u32) {
        self.lines.place(&self.text, offset)
    }

    /// The line that an offset lies on, or as much of a long one as is shown.
    pub(super) fn line_at(&self, offset: usize) -> &str {
        let (from, _) = self.line_start(self.boundary(offset));
        let (to, _) = self.line_end(self.boundary(offset));
        self.text.get(from..to).unwrap_or_default()
    }

    /// What is underlined of a mistake.
    pub(super) fn marked(&self, span: Span) -> Span {
        let start = self.boundary(span.start);
        Span::new(start, self.boundary(span.end.min(start + MARKED)).max(start))
    }

    /// The last boundary between characters up to an offset.
    fn boundary(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// Where the line begins that an offset lies on, or as much of it as is shown; whether it is the line's own beginning.
    fn line_start(&self, offset: usize) -> (usize, bool) {
        let from = self.boundary(offset.saturating_sub(AROUND));
        match self.text.get(from..offset).and_then(|before| before.rfind('\n')) {
            Some(at) => (from + at + 1, true),
            None => (from, from == 0),
        }
    }

    /// One past the line end behind an offset, or where the line stops being shown; whether the line ends there.
    fn line_end(&self, offset: usize) -> (usize, bool) {
        let to = self.boundary(offset + AROUND);
        match self.text.get(offset..to).and_then(|behind| behind.find('\n')) {
            Some(at) => (offset + at + 1, true),
            None => (to, to == self.text.len()),
        }
    }

    /// The lines that a mistake lies on, and those beside it if they are not too long.
    fn around(&self, span: Span) -> Span {
        let (mut from, whole) = self.line_start(span.start);
        if whole && from > 0 {
            let (before, whole) = self.line_start(from - 1);
            from = if whole { before } else { from };
        }
        // The line end of a last line that is marked as well is its own.
        let last = if span.end > span.start { self.boundary(span.end - 1) } else { span.end };
        let (mut to, whole) = self.line_end(last.max(span.start));
        if whole && to < self.text.len() {
            let (behind, whole) = self.line_end(to);
            to = if whole { behind } else { to };
        }
        Span::new(from, to.max(span.end))
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let marked = self.marked(Span::new(span.offset(), span.offset() + span.len()));
        if span.len() > MARKED {
            // Two places that are too far from each other to be shown together.
            return Err(MietteError::OutOfBounds);
        }
        let shown = if before + after > 0 { self.around(marked) } else { marked };
        let data = self.text.get(shown.range()).ok_or(MietteError::OutOfBounds)?;
        let (line, column) = self.lines.place(&self.text, shown.start);
        let column = if before + after > 0 { 1 } else { column };
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            data.as_bytes(),
            (shown.start, shown.end - shown.start).into(),
            line.saturating_sub(1) as usize,
            column.saturating_sub(1) as usize,
            data.matches('\n').count(),
        );
        Ok(Box::new(contents))
    }
}

/// Whether a terminal may take a character for something to do.
fn is_obeyed(c: char) -> bool {
    let is_bidi = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    is_bidi || c.is_control() && !matches!(c, '\n' | '\t')
}

/// A message as it is shown: not too long, and on its lines.
pub(crate) fn tame(message: &str) -> String {
    let mut shown: String =
        message.chars().take(MESSAGE).map(|c| if is_obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if message.chars().nth(MESSAGE).is_some() {
        shown.push('…');
    }
    shown
}

/// A text with `?`s in place of what a terminal obeys, byte for byte. A line end is left as it is written.
fn of_same_length(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_obeyed(c) && !(c == '\r' && chars.peek() == Some(&'\n')) {
            shown.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, marked: &str) -> String {
        let source = Source::new("a", text);
        let start = text.find(marked).unwrap();
        let around = source.around(source.marked(Span::new(start, start + marked.len())));
        source.text[around.range()].to_owned()
    }

    #[test]
    fn a_line_is_shown_with_its_neighbours() {
        assert_eq!(shown("a\nb\nc\nd\ne\n", "c"), "b\nc\nd\n");
        assert_eq!(shown("a\nb", "a"), "a\nb");
        assert_eq!(shown("a\nb", "b"), "a\nb");
        assert_eq!(shown("a\nb\nc\nd\ne\nf", "c\nd"), "b\nc\nd\ne\n");
    }

    #[test]
    fn of_a_long_line_its_middle_is_shown() {
        let long = "é".repeat(AROUND);
        let text = format!("first\n{long}!{long}\nlast");
        assert_eq!(shown(&text, "!"), format!("{0}!{1}", "é".repeat(AROUND / 2), "é".repeat(AROUND / 2 - 1)));
        assert_eq!(shown(&format!("{long}\nb\n{long}"), "b"), "b\n");
    }

    #[test]
    fn a_long_mistake_is_marked_in_part() {
        let text = "é".repeat(MARKED);
        let source = Source::new("a", &text);
        assert_eq!(source.marked(Span::new(2, text.len())), Span::new(2, 2 + MARKED));
        assert_eq!(source.marked(Span::new(text.len(), text.len() + 9)), Span::new(text.len(), text.len()));
    }

    #[test]
    fn what_a_terminal_obeys_is_not_shown() {
        assert_eq!(of_same_length("a\u{1b}[2K\u{202E}\u{61c}é\r\n\r"), "a?[2K?????é\r\n?");
        assert_eq!(tame("a\u{1b}[2K"), "a\u{fffd}[2K");
        assert_eq!(tame(&"é".repeat(MESSAGE + 1)), "é".repeat(MESSAGE) + "…");
    }
}
