//! Lines: how wide they are, and where they are broken.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A line that is continued keeps at least so many columns for its text, however deep it stands.
const LEAST: usize = 24;

/// A text on one line, without characters that a terminal would obey.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let is_simple = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if text.bytes().all(is_simple) || !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_obeyed(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Controls, and what turns the direction of writing around.
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The text with blanks behind it, so that it takes so many columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// The text in pieces that fit between `indent` and `width`; broken at blanks where there are some.
pub(super) fn wrapped(text: &str, indent: usize, width: Option<usize>) -> Vec<&str> {
    let Some(width) = width else { return vec![text] };
    let room = width.saturating_sub(indent).max(LEAST);
    let mut pieces = Vec::new();
    let mut rest = text;
    while columns(rest) > room {
        let end = end_of_piece(rest, room);
        pieces.push(rest[..end].trim_end());
        rest = rest[end..].trim_start();
    }
    pieces.push(rest);
    pieces
}

/// Where the text is broken: at the last blank that fits, or in the middle of a word. What is to be pasted is not broken: a terminal that shows
/// it on several lines hands it out as one.
fn end_of_piece(text: &str, room: usize) -> usize {
    let mut taken = 0;
    let mut blank = None;
    let mut pasted = 0..0;
    for (at, c) in text.char_indices() {
        if pasted.end <= at {
            pasted = at..at + to_paste(text, at);
        }
        let is_whole = pasted.contains(&at);
        if is_whole && at == pasted.start && blank.is_none() && text[..at].trim_start().is_empty() {
            let end = text[pasted.end..].find(' ').map_or(text.len(), |blank| pasted.end + blank);
            if columns(&text[..end]) > room {
                return end;
            }
        }
        if c == ' ' && at > 0 && !is_whole {
            blank = Some(at);
        }
        taken += c.width().unwrap_or(0);
        if taken > room {
            return blank.unwrap_or(if is_whole {
                pasted.end
            } else if at == 0 {
                c.len_utf8()
            } else {
                at
            });
        }
    }
    text.len()
}

/// How long that is which is to be pasted there, in backquotes: a part of a fixture, or flags. Elsewhere, nothing.
fn to_paste(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let is_start = text[..at].chars().next_back().is_none_or(char::is_whitespace);
    if !is_start || !["`{", "`-", "`'"].iter().any(|begin| rest.starts_with(begin)) {
        return 0;
    }
    let ends = |(end, _): &(usize, &str)| rest[end + 1..].chars().next().is_none_or(|next| " ,;:.)".contains(next));
    rest.match_indices('`').skip(1).find(ends).map_or(0, |(end, _)| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_stays_on_its_line() {
        assert_eq!(plain("a\nb\u{1b}[2J · “ü”"), "a\\nb\\u{1b}[2J · “ü”");
        assert_eq!(plain("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(padded("日本", 6), "日本  ");
        let text = "日本語 日本語 日本語 日本語 日本語 日本語";
        for piece in wrapped(text, 2, Some(28)) {
            assert!(columns(piece) <= 26, "{piece}");
        }
        assert_eq!(wrapped(text, 2, Some(28)).join(" "), text);
    }

    #[test]
    fn what_is_to_be_pasted_is_never_broken() {
        let part = r#"`{"oracles":{"exec":{"git push origin main":{"status":0}}}}`"#;
        let text = format!("it runs if that is so: {part} in the fixture");
        assert_eq!(wrapped(&text, 0, Some(30)), ["it runs if that is so:", part, "in the fixture"]);
        let flags = "`--sim-have-bin=git,make --sim-os=linux`";
        assert_eq!(wrapped(&format!("{flags}, or not"), 0, Some(30)), [&format!("{flags},"), "or not"]);
        assert_eq!(wrapped("runs `{}` in it", 0, Some(80)), ["runs `{}` in it"]);
    }

    #[test]
    fn long_words_are_broken_and_nothing_is_lost() {
        let word = "x".repeat(100);
        let pieces = wrapped(&word, 0, Some(30));
        assert_eq!((pieces.len(), pieces.concat()), (4, word));
        assert_eq!(wrapped("a b", 4, None), ["a b"]);
    }
}
