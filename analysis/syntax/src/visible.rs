//! What may be shown on a terminal.

/// A text of which nothing is an order to the terminal, or changes in which order it is read: such signs are written out.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_order(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

fn is_order(c: char) -> bool {
    let is_bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_bidi || c.is_control() && !matches!(c, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        assert_eq!(visible("a\u{1b}[2J\u{7}\u{9b}\u{202e}b\n\tc"), "a\\u{1b}[2J\\u{7}\\u{9b}\\u{202e}b\n\tc");
        assert_eq!(visible(&visible("\u{1b}")), visible("\u{1b}"));
    }
}
