//! A statement as it is shown in reports.

/// The text on one line: blanks outside quotes collapsed, line ends inside quotes written `\n`.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\r') if chars.peek() == Some(&'\n') => {}
            (Some(_), '\n') => shown.push_str("\\n"),
            (Some('"'), '\\') => {
                shown.push(c);
                shown.extend(chars.next_if(|next| !next.is_control()));
            }
            (None, c) if c.is_ascii_whitespace() || c == '\u{b}' => {
                if !shown.ends_with(' ') {
                    shown.push(' ');
                }
            }
            (None, '"' | '\'' | '`') => {
                quote = Some(c);
                shown.push(c);
            }
            (open, c) => {
                if open == Some(c) {
                    quote = None;
                }
                shown.push(c);
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn blanks_collapse_outside_quotes_only() {
        assert_eq!(one_line("  cp \t a   'b  c' "), "cp a 'b  c'");
        assert_eq!(one_line("print \"a \\\"  b\"  c"), "print \"a \\\"  b\" c");
    }

    #[test]
    fn line_ends_inside_quotes_are_written_out() {
        assert_eq!(one_line("print \"a\r\n  b\""), "print \"a\\n  b\"");
        assert_eq!(one_line("print \"a\\\nb\""), "print \"a\\\\nb\"");
    }
}
