//! Comments that speak to perch: `# perch: allow(CODE, …)`.

use crate::diagnostic::Span;
use crate::scan::{self, ADDRESS};

/// A comment that speaks to perch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// From its `#` to the end of the line.
    pub span: Span,
    /// What it says; nothing if that makes no sense.
    pub allowed: Option<Vec<Allowed>>,
    /// The line that it is about: its own, or the next one that holds something; nothing if there is none.
    pub about: Option<Span>,
    /// Nothing else stands on its line.
    pub is_alone: bool,
}

/// A code that is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// As it is written.
    pub code: String,
    /// Where.
    pub span: Span,
}

/// The comments of a file that speak to perch.
#[must_use]
pub fn remarks(text: &str) -> Vec<Remark> {
    if !text.contains(ADDRESS) {
        return Vec::new();
    }
    let from = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let reading = scan::read(text, from);
    let remark = |span: Span| {
        let next = reading.lines.partition_point(|line| line.end < span.start);
        let line = reading.lines.get(next);
        let about = line.map(|line| Span::new(line.first, line.end));
        let is_alone = line.is_none_or(|line| line.first > span.start);
        Remark { span, allowed: allowed(text, span), about, is_alone }
    };
    reading.remarks.iter().map(|span| remark(*span)).collect()
}

/// `allow(CODE, …)`, and whatever else people have to say behind it.
fn allowed(text: &str, comment: Span) -> Option<Vec<Allowed>> {
    let written = text.get(comment.range())?;
    let (_, said) = written.split_once(ADDRESS)?;
    let (list, _) = said.trim_start().strip_prefix("allow")?.trim_start().strip_prefix('(')?.split_once(')')?;
    let mut found = Vec::new();
    let mut at = comment.start + written.find('(')? + 1;
    for code in list.split(',') {
        let first = at + (code.len() - code.trim_start().len());
        let code_text = code.trim();
        if code_text.is_empty() {
            return None;
        }
        found.push(Allowed { code: code_text.to_owned(), span: Span::new(first, first + code_text.len()) });
        at += code.len() + 1;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is about which line, and what it allows.
    fn shown(text: &str) -> Vec<(&str, Vec<String>)> {
        let codes = |remark: &Remark| {
            let codes = remark.allowed.iter().flatten();
            codes
                .inspect(|allowed| assert_eq!(&text[allowed.span.range()], allowed.code))
                .map(|one| one.code.clone())
                .collect()
        };
        let about = |remark: &Remark| remark.about.map_or("", |span| &text[span.range()]);
        remarks(text).iter().map(|remark| (about(remark), codes(remark))).collect()
    }

    #[test]
    fn a_remark_is_about_its_own_line_or_the_next() {
        let text = "a 'b' # perch: allow(x-y)\n\n  #perch:allow( p-q , r-s ) because\n# another\n  c d\n";
        let one = |code: &str| code.to_owned();
        assert_eq!(
            shown(text),
            [("a 'b' # perch: allow(x-y)", vec![one("x-y")]), ("c d", vec![one("p-q"), one("r-s")])]
        );
        assert_eq!(remarks(text).iter().map(|remark| remark.is_alone).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn what_makes_no_sense_allows_nothing() {
        for comment in
            ["# perch: alow(x-y)", "# perch: allow x-y", "# perch: allow()", "# perch: allow(a-b,)", "# perch:"]
        {
            assert_eq!(
                remarks(comment),
                [Remark { span: Span::new(0, comment.len()), allowed: None, about: None, is_alone: true }]
            );
        }
    }

    #[test]
    fn texts_and_other_comments_are_no_remarks() {
        assert!(remarks("print \"# perch: allow(x-y)\"\na # say perch: allow(x-y)\nb#perch: allow(x-y)\n").is_empty());
    }
}
