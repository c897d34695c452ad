//! `unbound-word`: a bare word where only a binding makes sense, and which nothing binds: it stands for itself (language §4.2).

use perch_ir::{Operand, StmtKind};
use perch_syntax::{Code, Diagnostic, Fix};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        let (name, what) = match &stmt.kind {
            StmtKind::ForEach { list: Operand::Name(name), .. } => {
                (name, "this goes through one element, the word itself")
            }
            StmtKind::Match { target: Operand::Name(name), .. } => (name, "this compares the word itself"),
            _ => return,
        };
        if !view.is_unbound_word(name) || view.may_be_bound(name) {
            return;
        }
        let span = view.places.naming(stmt.place, name);
        let problem = Diagnostic::new(Code::UnboundWord, span, format!("nothing binds `{name}`, so {what}"));
        report.add(
            view,
            match report.nearest(name, || view.candidates()) {
                Some(meant) => {
                    problem.did_you_mean(Some(meant)).fix(Fix::maybe(format!("write `{meant}`")).edit(span, meant))
                }
                None => {
                    problem.help(format!("bind it above, `{name} = …`; or write `\"{name}\"` if the text is meant"))
                }
            },
        );
    });
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnboundWord;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn a_loop_over_a_word_is_told() {
        let found = fires(
            UnboundWord,
            &main_with("files = list_dir src\nfor_each «filse» f\n  print \"${f}\"\nend\nprint \"${files}\""),
        );
        assert_eq!(found[0].help.as_deref(), Some("did you mean `files`?"));
        fires(UnboundWord, &main_with("for_each f in «list»\n  print \"${f}\"\nend"));
    }

    #[test]
    fn a_match_of_a_word_is_told() {
        fires(UnboundWord, &main_with("match «mode»\n  case fast\n    print a\nend"));
    }

    #[test]
    fn bindings_facts_and_texts_are_fine() {
        silent(UnboundWord, &main_with("files = list_dir src\nfor_each files f\n  print \"${f}\"\nend"));
        silent(
            UnboundWord,
            &main_with("for_each \"one\" f\n  print \"${f}\"\nend\nmatch os\n  case linux\n    print a\nend"),
        );
        silent(
            UnboundWord,
            &main_with("try\n  fail\nrescue\n  match err.kind\n    case user_fail\n      print a\n  end\nend"),
        );
    }
}
