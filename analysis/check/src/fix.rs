//! Fixes, applied to a text.

use perch_syntax::{Edit, Fix};

/// Applies fixes in the order in which they are given, but none that overlaps one before it. Gives the new text, and the numbers of those that
/// were applied.
#[must_use]
pub fn apply(text: &str, fixes: &[&Fix]) -> (String, Vec<usize>) {
    let mut order: Vec<usize> = (0..fixes.len()).collect();
    order.sort_by_key(|at| fixes[*at].edits.first().map(|edit| edit.span));
    let mut applied = Vec::new();
    let mut taken: Vec<&Edit> = Vec::new();
    for at in order {
        let edits = &fixes[at].edits;
        if !edits.is_empty() && edits.iter().all(|edit| fits(text, edit) && is_free(&taken, edit)) {
            for edit in edits {
                let place = taken.partition_point(|other| other.span < edit.span);
                taken.insert(place, edit);
            }
            applied.push(at);
        }
    }
    applied.sort_unstable();
    (edited(text, &taken), applied)
}

/// Whether an edit is one of this text.
fn fits(text: &str, edit: &Edit) -> bool {
    text.get(edit.span.range()).is_some()
}

/// Whether an edit touches none of those that are made.
fn is_free(taken: &[&Edit], edit: &Edit) -> bool {
    let next = taken.partition_point(|other| other.span.end <= edit.span.start && other.span != edit.span);
    taken.get(next).is_none_or(|other| edit.span.end <= other.span.start && other.span != edit.span)
}

fn edited(text: &str, edits: &[&Edit]) -> String {
    let mut new = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        new.push_str(text.get(at..edit.span.start).unwrap_or_default());
        new.push_str(&edit.text);
        at = edit.span.end;
    }
    new.push_str(text.get(at..).unwrap_or_default());
    new
}

#[cfg(test)]
mod tests {
    use perch_syntax::Span;

    use super::*;

    fn fix(edits: &[(usize, usize, &str)]) -> Fix {
        let start = Fix::safe("test");
        edits.iter().fold(start, |fix, (from, to, text)| fix.edit(Span::new(*from, *to), *text))
    }

    fn applied(text: &str, fixes: &[Fix]) -> (String, Vec<usize>) {
        apply(text, &fixes.iter().collect::<Vec<_>>())
    }

    #[test]
    fn fixes_are_made_wherever_they_stand() {
        let fixes = [fix(&[(4, 5, "E")]), fix(&[(0, 1, ""), (6, 6, "!")]), fix(&[(2, 2, "..")])];
        assert_eq!(applied("abcdef", &fixes), ("b..cdEf!".to_owned(), vec![0, 1, 2]));
    }

    #[test]
    fn of_two_that_overlap_one_is_made_and_as_a_whole() {
        let fixes = [fix(&[(2, 4, "X")]), fix(&[(0, 1, "Y"), (3, 5, "Z")])];
        assert_eq!(applied("abcdef", &fixes), ("YbcZf".to_owned(), vec![1]));
        let fixes = [fix(&[(1, 1, "X")]), fix(&[(1, 1, "Y")])];
        assert_eq!(applied("ab", &fixes), ("aXb".to_owned(), vec![0]));
    }

    #[test]
    fn a_fix_of_another_text_is_not_made() {
        assert_eq!(applied("é", &[fix(&[(1, 2, "x")]), fix(&[(5, 6, "x")])]), ("é".to_owned(), vec![]));
    }
}
