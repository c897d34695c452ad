//! `duplicate-requirement`: something that `requires` says already.

use std::collections::HashMap;

use perch_ir::construct::Section;
use perch_ir::places::Places;
use perch_syntax::{Code, Diagnostic, Fix, Span, removal};

use crate::view::Report;
use crate::whole::Whole;

/// Lines of which each word stands for itself.
const LINES: [&str; 7] = ["bin", "env", "host", "read", "write", "os", "arch"];

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    for (at, section) in &program.sections {
        let Section::Requires(lines) = section else { continue };
        let places = Places::new(at.item.text(program.db));
        let mut known: HashMap<(&str, &str), Span> = HashMap::new();
        for entry in 0..places.entries() {
            let spot = places.entry(entry);
            let Some(what) = spot.words.first().and_then(|word| LINES.iter().find(|line| Some(**line) == word.bare()))
            else {
                continue;
            };
            // `optional` and `as NAME` say more of the same.
            let words = spot.words.iter().skip(1).take_while(|word| !matches!(word.bare(), Some("as" | "optional")));
            let words: Vec<_> = words.collect();
            for word in &words {
                let Some(text) = word.literal() else { continue };
                let key =
                    (*what, places.text().get(word.span.range()).unwrap_or_default().trim_matches(['"', '\'', '`']));
                let Some(first) = known.insert(key, word.span) else { continue };
                known.insert(key, first);
                let message = format!("`requires` names `{text}` twice");
                let problem = Diagnostic::new(Code::DuplicateRequirement, word.span, message);
                let problem = problem.also(first, "here it is named first").help("keep one of them");
                let is_plain = spot.words.len() == words.len() + 1 && !has_pins(lines, entry);
                report.add_to(
                    program,
                    *at,
                    if is_plain { problem.fix(removed(&places, &spot.span, words.len(), word.span)) } else { problem },
                );
            }
        }
    }
}

/// Whether a line says which bytes a program has.
fn has_pins(lines: &[perch_ir::construct::Requirement], entry: usize) -> bool {
    lines.get(entry).is_none_or(|line| !line.pins.is_empty())
}

fn removed(places: &Places<'_>, line: &Span, words: usize, word: Span) -> Fix {
    let part = if words == 1 { *line } else { word };
    Fix::safe("remove the second one").edit(removal(places.text(), part), "")
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::DuplicateRequirement;

    use crate::testing::{fires, main_with, silent};

    fn with(lines: &str) -> String {
        format!("requires\n{lines}end\n") + &main_with("print a")
    }

    #[test]
    fn what_is_named_twice_is_told_and_can_be_removed() {
        let found = fires(DuplicateRequirement, &with("  bin git jq\n  bin «\"git\"»\n  env A B «A»\n"));
        assert_eq!(found[0].others[0].text, "here it is named first");
        let edits: Vec<_> = found.iter().flat_map(|found| &found.fix).flat_map(|fix| &fix.edits).collect();
        assert_eq!(edits.len(), 2, "{found:?}");
        fires(DuplicateRequirement, &with("  bin git\n  bin «git» optional\n"));
    }

    #[test]
    fn other_things_of_one_name_are_fine() {
        silent(
            DuplicateRequirement,
            &with("  bin git\n  env git\n  read ./a\n  write ./a\n  host \"${os}\"\n  host \"${os}\"\n"),
        );
        silent(DuplicateRequirement, &with("  bin ./a as one\n  bin ./b as two\n"));
    }
}
