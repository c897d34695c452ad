//! Reads a file line by line, knowing quotes and comments.
//!
//! A quoted text may span lines, so one forgotten quote turns the rest of the file inside out: texts
//! become code and code becomes text. When a quote is still open at the end of the file, the reader
//! decides which one was forgotten, treats that one as closed at the end of its line, and reads again.

use std::collections::BTreeSet;

use crate::diagnostic::Span;
use crate::keyword::CALLABLES;

/// How often a file is read again because of a forgotten quote. After that every quoted text ends
/// with its line, so that a file of nothing but quotes costs a fixed number of readings.
const READINGS: usize = 8;

/// About how long lines are, so that room for them is made once.
const BYTES_OF_A_LINE: usize = 20;

/// How many words at the start of a line are looked at.
pub(crate) const LEADING: usize = 4;

/// A line with something on it; where a quoted text spans lines, all of them.
#[derive(Clone, Debug)]
pub(crate) struct Line<'t> {
    /// The first byte, layout included.
    pub(crate) start: usize,
    /// The first byte that is not layout.
    pub(crate) first: usize,
    /// One past the last byte, without the newline.
    pub(crate) end: usize,
    /// The first words, as long as they are free of quotes.
    pub(crate) words: [Option<&'t str>; LEADING],
    /// The last word, if it is free of quotes.
    pub(crate) last: Option<&'t str>,
}

impl Line<'_> {
    /// How far it is indented, in bytes.
    pub(crate) fn indent(&self) -> usize {
        self.first - self.start
    }
}

/// The lines of a file that hold something, the quotes that are never closed, and the comments that speak to perch.
pub(crate) struct Reading<'t> {
    pub(crate) lines: Vec<Line<'t>>,
    pub(crate) forgotten: BTreeSet<usize>,
    /// From the `#` to the end of the line.
    pub(crate) remarks: Vec<Span>,
}

/// How a comment begins that speaks to perch, behind its `#` and blanks.
pub(crate) const ADDRESS: &str = "perch:";

/// Reads from byte `from` on.
pub(crate) fn read(text: &str, from: usize) -> Reading<'_> {
    let mut forgotten = BTreeSet::new();
    for reading in 0.. {
        let mut reader = Reader::new(text, from, forgotten, reading >= READINGS);
        let mut lines = Vec::with_capacity((text.len() - from.min(text.len())) / BYTES_OF_A_LINE);
        lines.extend(std::iter::from_fn(|| reader.next_line()));
        let remarks = std::mem::take(&mut reader.remarks);
        forgotten = reader.forgotten;
        match reader.open_at_end {
            Some(quote) => forgotten.insert(quote),
            None => return Reading { lines, forgotten, remarks },
        };
    }
    Reading { lines: Vec::new(), forgotten: BTreeSet::new(), remarks: Vec::new() }
}

/// What stands on a line.
struct Words<'t> {
    /// Where it begins.
    first: usize,
    leading: [Option<&'t str>; LEADING],
    last: Option<&'t str>,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    forgotten: BTreeSet<usize>,
    /// Every quoted text ends with its line.
    line_bound: bool,
    /// Where the last text that spans lines was closed, and the quote to blame if that was a mistake.
    spanning: Option<(usize, usize)>,
    /// The first quote whose text runs over the start of a command.
    swallows_command: Option<usize>,
    /// The quote to blame for a text that is open at the end of the file.
    open_at_end: Option<usize>,
    remarks: Vec<Span>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, from: usize, forgotten: BTreeSet<usize>, line_bound: bool) -> Self {
        let (spanning, swallows_command, open_at_end) = (None, None, None);
        let remarks = Vec::new();
        Self { text, at: from, forgotten, line_bound, spanning, swallows_command, open_at_end, remarks }
    }

    /// The next line that holds something.
    fn next_line(&mut self) -> Option<Line<'t>> {
        loop {
            let start = self.at;
            if start >= self.text.len() {
                return None;
            }
            let words = self.words();
            let end = self.at;
            self.at += 1;
            if let Some(Words { first, leading, last }) = words {
                return Some(Line { start, first, end, words: leading, last });
            }
        }
    }

    /// Reads the words up to the newline.
    fn words(&mut self) -> Option<Words<'t>> {
        let mut leading = [None; LEADING];
        let mut last = None;
        let mut first = None;
        let mut count = 0;
        loop {
            self.skip_blanks();
            match self.peek(0) {
                None | Some(b'\n') => break,
                Some(b'#') => {
                    let start = self.at;
                    self.skip_to_newline();
                    self.note_remark(Span::new(start, self.at));
                    break;
                }
                Some(_) => {}
            }
            let start = self.at;
            let plain = self.skip_word();
            first = first.or(Some(start));
            last = plain.then(|| self.text.get(start..self.at)).flatten();
            if let Some(place) = leading.get_mut(count) {
                *place = last;
            }
            count += 1;
        }
        first.map(|first| Words { first, leading, last })
    }

    fn note_remark(&mut self, comment: Span) {
        let text = self.text.get(comment.start + 1..comment.end).unwrap_or_default();
        if text.trim_start().starts_with(ADDRESS) {
            self.remarks.push(comment);
        }
    }

    /// Skips one word; whether it is free of quotes.
    fn skip_word(&mut self) -> bool {
        let mut plain = true;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' => break,
                _ if is_blank(byte) => break,
                b'"' | b'\'' | b'`' => {
                    plain = false;
                    self.skip_quoted(byte);
                }
                b'\\' if self.rest().starts_with(b"\\${") => self.at += 3,
                b'$' => self.at += hole_len(self.rest()).unwrap_or(1),
                _ => self.at += 1,
            }
        }
        plain
    }

    /// Skips a quoted text with both quotes, or to the end of the line if its end was forgotten.
    fn skip_quoted(&mut self, quote: u8) {
        let open = self.at;
        if self.forgotten.contains(&open) {
            return self.skip_to_newline();
        }
        let blame = self.blame(open);
        let mut spans_lines = false;
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'\\' if quote == b'"' => self.at += usize::from(self.peek(0).is_some_and(|next| next != b'\n')),
                b'\n' if self.line_bound => {
                    self.at -= 1;
                    self.forgotten.insert(open);
                    return;
                }
                b'\n' => {
                    spans_lines = true;
                    if starts_command(self.rest()) {
                        self.swallows_command.get_or_insert(blame);
                    }
                }
                _ if byte == quote => {
                    if spans_lines {
                        self.spanning = Some((self.at, blame));
                    }
                    return;
                }
                _ => {}
            }
        }
        if self.line_bound {
            self.forgotten.insert(open);
        } else {
            self.open_at_end = Some(self.swallows_command.unwrap_or(blame));
        }
    }

    /// The quote to blame if the text that opens here never ends. A text that spans lines and ends on
    /// this very line was probably meant to end where it began, and its end is our beginning.
    fn blame(&self, open: usize) -> usize {
        match self.spanning {
            Some((closed, blame)) if !self.text.as_bytes()[closed..open].contains(&b'\n') => blame,
            _ => open,
        }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or(&[])
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek(0).is_some_and(is_blank) {
            self.at += 1;
        }
    }

    fn skip_to_newline(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0B | 0x0C)
}

/// Whether a line starts as the first line of a command does.
fn starts_command(line: &[u8]) -> bool {
    let name = |keyword: &str| line.strip_prefix(keyword.as_bytes())?.strip_prefix(b" ")?.first();
    CALLABLES.into_iter().filter_map(name).any(u8::is_ascii_alphabetic)
}

/// How long the `${…}` is that the text starts with, in bare text.
fn hole_len(text: &[u8]) -> Option<usize> {
    let mut at = text.starts_with(b"${").then_some(2)?;
    loop {
        match *text.get(at)? {
            b'}' => return Some(at + 1),
            b'\n' | b'$' | b'{' => return None,
            quote @ (b'"' | b'\'' | b'`') => {
                let inside = text.get(at + 1..)?;
                at += 2 + inside.iter().position(|byte| *byte == quote || *byte == b'\n')?;
                if text.get(at - 1) == Some(&b'\n') {
                    return None;
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    fn leading(text: &str) -> Vec<Vec<&str>> {
        read(text, 0).lines.iter().map(|line| line.words.iter().flatten().copied().collect()).collect()
    }

    fn forgotten(text: &str) -> Vec<usize> {
        read(text, 0).forgotten.into_iter().collect()
    }

    #[test]
    fn comments_and_blank_lines_are_no_lines() {
        assert_eq!(leading("# a\n\n  b c # d\ne#f \"g\"# h\n"), [vec!["b", "c"], vec!["e#f", "h"]]);
    }

    #[test]
    fn a_quoted_text_may_span_lines() {
        assert_eq!(leading("a \"b\nend\n\\\" # \" c\nd"), [vec!["a", "c"], vec!["d"]]);
        assert_eq!(leading("a 'b\\' c\nd"), [vec!["a", "c"], vec!["d"]]);
    }

    #[test]
    fn quotes_in_a_hole_belong_to_it() {
        assert_eq!(
            leading("a ${f(\"}\")} b\nc ${d \"e}\" f\n"),
            [vec!["a", "${f(\"}\")}", "b"], vec!["c", "${d", "f"]]
        );
    }

    #[test]
    fn a_forgotten_quote_does_not_swallow_the_next_command() {
        let text = "command a\n  print \"x\nend\ncommand b\n  print \"y\"\nend\n";
        assert_eq!(forgotten(text), [18]);
        assert_eq!(leading(text).len(), 6);
    }

    #[test]
    fn the_quote_to_blame_is_the_first_of_a_run() {
        assert_eq!(forgotten("a\nprint \"x\nprint \"y\"\nend"), [8]);
        assert_eq!(forgotten("print \"x\""), Vec::<usize>::new());
        assert_eq!(forgotten("print `x"), [6]);
    }

    #[test]
    fn a_file_of_quotes_is_read_a_fixed_number_of_times() {
        let text = "\"\n'\n`\n".repeat(2000);
        assert!(read(&text, 0).lines.len() > 1);
    }
}
