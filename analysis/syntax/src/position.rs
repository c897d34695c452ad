//! From byte offsets to what people count.

/// Chars are counted up to every so many bytes in advance, so that a column costs the same on every line,
/// however long.
const STRIDE: usize = 256;

/// The lines of a text, for finding where an offset is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<usize>,
    /// How many characters start before byte `k * STRIDE`.
    chars: Vec<usize>,
}

impl Lines {
    /// Looks through a text once.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(newlines).collect();
        let mut count = 0;
        let mut chars = vec![0];
        for piece in text.as_bytes().chunks(STRIDE) {
            count += count_chars(piece);
            chars.push(count);
        }
        Self { starts, chars }
    }

    /// Line and column, in characters, both from 1. An offset beyond the end is the end; a byte order mark
    /// takes no place.
    #[must_use]
    pub fn place(&self, text: &str, offset: usize) -> (u32, u32) {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let mark = usize::from(line <= 1 && offset > 0 && text.starts_with('\u{feff}'));
        let column = self.chars_before(text, offset) - self.chars_before(text, start) - mark + 1;
        (to_u32(line), to_u32(column))
    }

    /// The offset of a line and a column, both from 1; the end of the line, or of the text, if there is no such place.
    #[must_use]
    pub fn offset(&self, text: &str, line: u32, column: u32) -> usize {
        let line = line.saturating_sub(1) as usize;
        let start = self.starts.get(line).copied().unwrap_or(text.len());
        let end = self.starts.get(line + 1).map_or(text.len(), |next| next - 1);
        let own = text.get(start..end).unwrap_or_default();
        let mark = usize::from(start == 0 && text.starts_with('\u{feff}'));
        own.char_indices().nth(column.saturating_sub(1) as usize + mark).map_or(end, |(at, _)| start + at)
    }

    fn chars_before(&self, text: &str, offset: usize) -> usize {
        let known = offset / STRIDE;
        let counted = self.chars.get(known).copied().unwrap_or(0);
        counted + count_chars(text.as_bytes().get(known * STRIDE..offset).unwrap_or(&[]))
    }
}

fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Lines;

    fn place(text: &str, offset: usize) -> (u32, u32) {
        Lines::new(text).place(text, offset)
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(place("ab\ncd", 0), (1, 1));
        assert_eq!(place("ab\ncd", 2), (1, 3));
        assert_eq!(place("ab\ncd", 4), (2, 2));
        assert_eq!(place("ab\ncd", 99), (2, 3));
        assert_eq!(place("", 0), (1, 1));
    }

    #[test]
    fn columns_count_characters_also_far_out_on_a_line() {
        let text = format!("x\n{}z", "é".repeat(1000));
        assert_eq!(place(&text, text.len() - 1), (2, 1001));
    }

    #[test]
    fn a_place_leads_back_to_its_offset() {
        let text = "\u{feff}aé\nbc\n";
        for offset in [3, 4, 6, 7, 8, 9] {
            let lines = Lines::new(text);
            let (line, column) = lines.place(text, offset);
            assert_eq!(lines.offset(text, line, column), offset);
        }
        assert_eq!((Lines::new("ab\nc").offset("ab\nc", 1, 99), Lines::new("ab").offset("ab", 9, 1)), (2, 2));
    }

    #[test]
    fn a_byte_order_mark_takes_no_place() {
        assert_eq!(place("\u{feff}ab", 3), (1, 1));
        assert_eq!(place("\u{feff}ab", 4), (1, 2));
    }
}
