//! Lines that fit a terminal: longer ones are broken at blanks, below the column in which their text begins. What is read by something else
//! than a terminal stays as it is.

use std::io::IsTerminal;
use std::os::fd::AsFd;

/// A terminal with fewer columns has no room for words.
const NARROWEST: usize = 20;

/// The columns of the terminal that shows what is written there, if one does.
pub(crate) fn columns(there: &(impl AsFd + IsTerminal)) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(there).ok().filter(|_| there.is_terminal())?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// A text of which no line is longer, unless a single word is.
pub(crate) fn fit(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns.filter(|columns| *columns >= NARROWEST) else { return text.to_owned() };
    text.split_inclusive('\n').map(|line| line_in(line, columns, "")).collect()
}

/// A line in as many as it needs. Those behind the first begin with `margin`, below the text of the first.
pub(crate) fn line_in(line: &str, columns: usize, margin: &str) -> String {
    let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
    if text.chars().count() <= columns {
        return line.to_owned();
    }
    let margin = below(text, columns, margin);
    let indent = text.chars().take_while(|c| *c == ' ').count();
    let mut lines = Vec::new();
    let mut current: String = text.chars().take(indent).collect();
    let mut is_begun = false;
    for word in text.chars().skip(indent).collect::<String>().split(' ') {
        let is_full = current.chars().count() + usize::from(is_begun) + word.chars().count() > columns;
        if is_begun && is_full && !current.trim().is_empty() {
            lines.push(std::mem::replace(&mut current, margin.clone()).trim_end().to_owned());
            is_begun = false;
        }
        if is_begun {
            current.push(' ');
        }
        current += word;
        is_begun = is_begun || !word.is_empty();
    }
    lines.push(current);
    lines.join("\n") + end
}

/// What lines behind the first begin with: as many blanks as there are in front of the last column of the first, where that leaves room.
fn below(text: &str, columns: usize, margin: &str) -> String {
    let width = margin.chars().count();
    let rest: Vec<char> = text.chars().skip(width).collect();
    let column = column_of_text(&rest).filter(|column| width + column <= columns / 2);
    let lead = rest.iter().take_while(|c| **c == ' ').count();
    format!("{margin}{}", " ".repeat(column.unwrap_or(lead + 2)))
}

/// Where the second column of a line begins: behind two blanks, or behind a sign.
fn column_of_text(line: &[char]) -> Option<usize> {
    let lead = line.iter().take_while(|c| **c == ' ').count();
    let is_sign = |c: &char| !c.is_alphanumeric() && !c.is_ascii_punctuation() && *c != ' ';
    if line.get(lead).is_some_and(is_sign) && line.get(lead + 1) == Some(&' ') {
        return Some(lead + 2);
    }
    let gap = (lead..line.len()).find(|at| line.get(*at..at + 2) == Some(&[' ', ' ']))?;
    Some(gap + line.iter().skip(gap).take_while(|c| **c == ' ').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_on_below_its_text() {
        let table = "  build  Compile everything there is\n  up     Short\n";
        assert_eq!(fit(table, Some(24)), "  build  Compile\n         everything\n         there is\n  up     Short\n");
        let trouble = "↪ there is no help on this at all\n  help  did you mean another thing?";
        assert_eq!(
            fit(trouble, Some(22)),
            "↪ there is no help on\n  this at all\n  help  did you mean\n        another thing?"
        );
    }

    #[test]
    fn a_tree_keeps_its_margin() {
        assert_eq!(
            line_in("│  ├─ ✓ print one two three four\n", 24, "│  │  "),
            "│  ├─ ✓ print one two\n│  │    three four\n"
        );
    }

    #[test]
    fn nothing_else_is_changed() {
        let text = "a word  and   blanks\n\n  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
        assert_eq!(fit(text, Some(30)), text);
        assert_eq!(fit("one two three", None), "one two three");
        assert_eq!(fit("one two three", Some(5)), "one two three");
    }
}
