//! `unknown-error-kind`: `err.kind` is compared with a text that is no kind of failure.

use perch_ir::deeds::{Deed, Use, Word, deeds};
use perch_ir::{Cond, Part, StmtKind};
use perch_ops::ErrorKind;
use perch_syntax::{Code, Diagnostic, Fix, Span, nearest};

use crate::view::{Report, View};

/// The part of a failure that says its kind.
const KIND: &str = "kind";

/// Ops that compare their first operand with the second.
const COMPARING: [&str; 2] = ["assert_eq", "assert_neq"];

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| match &stmt.kind {
        StmtKind::Match { target, arms, .. } if is_kind(view, target.into()) => {
            let spot = view.places.at(stmt.place);
            for (at, kind) in arms.iter().enumerate().filter_map(|(at, (case, _))| Some((at, case.as_literal()?))) {
                let word = spot.arms.get(at).and_then(|(_, words)| words.first());
                judge(view, report, kind, word.map_or(spot.span, |word| word.span));
            }
        }
        StmtKind::If { arms, .. } => {
            for kind in arms.iter().flat_map(|(test, _)| compared(view, test)) {
                judge(view, report, kind, view.places.writing(stmt.place, kind));
            }
        }
        _ => deeds(stmt, &mut |deed| {
            if let Deed::Uses(Use { entry, words, .. }) = deed
                && COMPARING.contains(&entry.name)
                && let [one, other, ..] = words.as_slice()
                && let Some(kind) = [(one, other), (other, one)]
                    .into_iter()
                    .find_map(|(kind, text)| text.literal().filter(|_| is_kind(view, *kind)))
            {
                judge(view, report, kind, view.places.writing(stmt.place, kind));
            }
        }),
    });
}

/// The kind of a failure: `err.kind`, `"${err.kind}"`, or a name that is only ever bound to one.
fn is_kind(view: &View<'_, '_>, word: Word<'_>) -> bool {
    name_in(word).is_some_and(|name| names_kind(name) || view.copied(name).is_some_and(names_kind))
}

fn names_kind(name: &str) -> bool {
    name.split_once('.').is_some_and(|(_, part)| part == KIND)
}

/// The name that is all of a word.
fn name_in(word: Word<'_>) -> Option<&str> {
    match word {
        Word::Name(name) => Some(name),
        Word::Text(text) => match text.parts.as_slice() {
            [Part::Name(name)] => Some(name),
            _ => None,
        },
    }
}

/// The texts with which a condition compares kinds.
fn compared<'t>(view: &View<'_, '_>, test: &'t Cond) -> Vec<&'t str> {
    match test {
        Cond::Or(parts) | Cond::And(parts) => parts.iter().flat_map(|part| compared(view, part)).collect(),
        Cond::Not(part) => compared(view, part),
        Cond::Compare { left, right, .. } if is_kind(view, left.into()) => right.as_literal().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn judge(view: &View<'_, '_>, report: &mut Report, kind: &str, span: Span) {
    if ErrorKind::from_name(kind).is_some() {
        return;
    }
    let problem = Diagnostic::new(Code::UnknownErrorKind, span, format!("no failure is of the kind `{kind}`"));
    report.add(
        view,
        match nearest(kind, ErrorKind::ALL.iter().map(|kind| kind.name())) {
            Some(meant) => {
                problem.did_you_mean(Some(meant)).fix(Fix::maybe(format!("write `{meant}`")).edit(span, meant))
            }
            None => problem.help("`perch help kinds` lists the kinds"),
        },
    );
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnknownErrorKind;

    use crate::testing::{fires, main_with, silent};

    fn rescue(statements: &str) -> String {
        let lines: String = statements.lines().map(|line| format!("  {line}\n")).collect();
        main_with(&format!("try\n  v = read_file a\n  print \"${{v}}\"\nrescue\n{lines}end"))
    }

    #[test]
    fn a_kind_that_is_none_is_told_with_what_was_meant() {
        let found = fires(UnknownErrorKind, &rescue("match err.kind\n  case «file_not_fuond»\n    print a\nend"));
        assert_eq!(found[0].help.as_deref(), Some("did you mean `file_not_found`?"));
        fires(UnknownErrorKind, &rescue("match \"${err.kind}\"\n  case «oops»\n    print a\nend"));
        fires(UnknownErrorKind, &rescue("if err.kind == user_fail or not err.kind == «io_eror»\n  print a\nend"));
    }

    #[test]
    fn a_name_that_holds_the_kind_and_an_assertion_count() {
        let copied = |line: &str| rescue(&format!("kind = \"${{err.kind}}\"\n{line}\n  print a\nend"));
        fires(UnknownErrorKind, &copied("if kind == «file_not_fund»"));
        fires(UnknownErrorKind, &rescue("kind = err.kind\nmatch kind\n  case «oops»\n    print a\nend"));
        fires(UnknownErrorKind, &rescue("assert_eq \"${err.kind}\" «\"file_not_fund\"»"));
        silent(UnknownErrorKind, &copied("if kind == file_not_found"));
        silent(UnknownErrorKind, &rescue("assert_eq \"${err.kind}\" user_fail\nassert_eq \"${err.message}\" oops"));
        silent(UnknownErrorKind, &rescue("kind = err.kind\nkind = upper a\nif kind == oops\n  print a\nend"));
    }

    #[test]
    fn kinds_and_other_texts_are_fine() {
        silent(UnknownErrorKind, &rescue("match err.kind\n  case file_not_found\n    print a\n  else\n    fail\nend"));
        silent(UnknownErrorKind, &rescue("if err.message == oops\n  print a\nend"));
        silent(
            UnknownErrorKind,
            &rescue("match err.kind\n  case \"${v}\"\n    print a\nend").replace("try", "v = 1\n    try"),
        );
    }
}
