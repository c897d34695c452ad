//! `impossible-value`: an operand that gets a value which its op never takes, by way of a name.
//!
//! A value that is written out in place is a mistake already when the file is read.

use perch_ir::deeds::{Deed, Use, Word, deeds};
use perch_ir::{Part, Stmt};
use perch_ops::{Body as Does, Control};
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

/// The exit statuses that there are.
const STATUSES: std::ops::RangeInclusive<i64> = 0..=255;

/// Operands of blocks that count something of which there is at least one.
const COUNTS: [&str; 2] = ["attempts", "max"];

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        deeds(stmt, &mut |deed| {
            if let Deed::Uses(used) = deed {
                judge(view, report, stmt, &used);
            }
        });
    });
}

fn judge<'db>(view: &View<'_, 'db>, report: &mut Report, stmt: &'db Stmt, used: &Use<'db>) {
    for (at, word) in used.words.iter().enumerate() {
        let Some(expected) = used.entry.operand(at) else { continue };
        let Some(value) = view.text_of(*word, stmt.place) else { continue };
        let wants = match expected.ty.wants() {
            Some(wants) if !expected.ty.accepts(&value) => wants,
            _ if is_exit(used) && value.parse().is_ok_and(|status: i64| !STATUSES.contains(&status)) => {
                "a status, 0 to 255"
            }
            _ if COUNTS.contains(&expected.name) && value.parse().is_ok_and(|count: i64| count < 1) => {
                "a number from 1 on"
            }
            _ => continue,
        };
        let name = match *word {
            Word::Name(name) => Some(name),
            Word::Text(text) => {
                text.parts.iter().find_map(|part| if let Part::Name(name) = part { Some(name.as_str()) } else { None })
            }
        };
        let span =
            name.map_or_else(|| view.places.writing(stmt.place, &value), |name| view.places.naming(stmt.place, name));
        let operand = expected.name.to_uppercase();
        let message = format!("{operand} of `{}` is {wants}, and here it is `{value}`", used.entry.name);
        let problem = Diagnostic::new(Code::ImpossibleValue, span, message);
        let bound = name.and_then(|name| view.constant(name, stmt.place));
        let problem = bound
            .into_iter()
            .fold(problem, |problem, bound| problem.also(view.places.statement(bound.stmt), "it gets its value here"));
        report.add(view, problem.help(format!("write `{}`", used.entry.usage())));
    }
}

fn is_exit(used: &Use<'_>) -> bool {
    used.entry.op().is_some_and(|op| matches!(op.body(), Does::Control(Control::Exit)))
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::ImpossibleValue;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn a_value_that_comes_by_a_name_is_judged_like_one_in_place() {
        let found = fires(ImpossibleValue, &main_with("wait = \"soon\"\nsleep \"«${wait}»\""));
        assert!(found[0].message.starts_with("TIME of `sleep` is a duration"), "{}", found[0].message);
        assert_eq!(found[0].others[0].text, "it gets its value here");
        fires(ImpossibleValue, &main_with("mode = \"rwx\"\nchmod run.sh «${mode}»"));
        fires(ImpossibleValue, &main_with("limit = \"a while\"\ntimeout «${limit}»\n  make\nend"));
    }

    #[test]
    fn a_word_that_nothing_binds_stands_for_itself() {
        let found = fires(ImpossibleValue, &main_with("retry «three»\n  make\nend\nsleep «soon»\nexit «maybe»"));
        assert!(found[0].message.ends_with("such as `3`, and here it is `three`"), "{found:?}");
        fires(ImpossibleValue, &main_with("wait = \"soon\"\ntimeout «wait»\n  make\nend"));
        silent(ImpossibleValue, &main_with("tries = \"3\"\nretry tries\n  make\nend"));
    }

    #[test]
    fn counts_begin_with_one() {
        fires(ImpossibleValue, &main_with("retry «0»\n  make\nend\nparallel «max=0»\n  make\n  git\nend"));
        silent(ImpossibleValue, &main_with("retry 1\n  make\nend\nparallel max=1\n  make\n  git\nend"));
    }

    #[test]
    fn a_status_that_there_is_not_is_told() {
        fires(ImpossibleValue, &main_with("exit «256»"));
        silent(ImpossibleValue, &main_with("exit 255"));
    }

    #[test]
    fn values_that_fit_or_are_not_known_are_fine() {
        silent(ImpossibleValue, &main_with("wait = \"2s\"\nsleep \"${wait}\""));
        silent(ImpossibleValue, &main_with("wait = \"soon\"\nif exists a\n  wait = \"2s\"\nend\nsleep \"${wait}\""));
        silent(ImpossibleValue, &main_with("wait = read_file a\nsleep \"${wait}\""));
    }
}
