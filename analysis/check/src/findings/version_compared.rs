//! `version-compared`: `<`, `>` and the like between texts that are no numbers (language §7.4): what is no number counts as 0.

use perch_ir::deeds::Word;
use perch_ir::{Comparison, Cond, Operand, Stmt, StmtKind, arguments};
use perch_ops::version::Version;
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        let StmtKind::If { arms, .. } = &stmt.kind else { return };
        arms.iter().for_each(|(test, _)| look(view, report, stmt, test));
    });
}

fn look<'db>(view: &View<'_, 'db>, report: &mut Report, stmt: &'db Stmt, test: &'db Cond) {
    match test {
        Cond::Or(parts) | Cond::And(parts) => parts.iter().for_each(|part| look(view, report, stmt, part)),
        Cond::Not(part) => look(view, report, stmt, part),
        Cond::Compare { left, op, right } => {
            let Some((sign, instead)) = ordering(*op) else { return };
            let sides = [left.into(), Word::Text(right)].map(|word| view.text_of(word, stmt.place));
            let Some(odd) = sides.iter().flatten().find(|text| arguments::number(text).is_none()) else { return };
            // Of a word that is also a name it is said already that its value is hardly compared.
            let is_name = right.as_literal().is_some_and(|name| view.may_be_bound(name));
            if is_name && sides[1].as_ref() == Some(odd) || has_two_dots(view, left, &sides) {
                return;
            }
            let message = match is_version(odd) && sides.iter().any(Option::is_none) {
                true => format!(
                    "`{sign}` compares numbers: `{odd}` counts as 0 unless the other side is a version with two dots, too"
                ),
                false => format!("`{sign}` compares numbers, and `{odd}` is none: it counts as 0"),
            };
            let span = match left {
                Operand::Name(name) if sides[0].as_ref() == Some(odd) => view.places.naming(stmt.place, name),
                _ => view.places.writing(stmt.place, odd),
            };
            let [left, right] = [written(left), view.text_of(Word::Text(right), stmt.place)];
            let problem = Diagnostic::new(Code::VersionCompared, span, message);
            let left = left.or_else(|| sides[0].clone()).unwrap_or_else(|| "VERSION".to_owned());
            let right = right.unwrap_or_else(|| "VERSION".to_owned());
            report.add(view, problem.help(format!(
                "write `if {instead} {left} {right}` for versions; `{sign}` compares them only if both have two dots, as in `1.20.0`"
            )));
        }
        _ => {}
    }
}

/// Facts that are versions with two dots.
const VERSIONS: [&str; 2] = ["perch_version", "program_version"];

/// Whether both sides are versions that the sign compares as such.
fn has_two_dots(view: &View<'_, '_>, left: &Operand, sides: &[Option<String>; 2]) -> bool {
    let is_fact = matches!(left, Operand::Name(name) if VERSIONS.contains(&name.as_str()) && !view.body.binds(name));
    let [left, right] = sides.each_ref().map(|side| side.as_deref().is_some_and(is_version));
    (left || is_fact) && right
}

fn is_version(text: &str) -> bool {
    Version::of(text).is_some_and(|version| version.dots() >= 2)
}

fn written(left: &Operand) -> Option<String> {
    if let Operand::Name(name) = left { Some(format!("\"${{{name}}}\"")) } else { None }
}

/// The sign, and the op for versions.
fn ordering(op: Comparison) -> Option<(&'static str, &'static str)> {
    match op {
        Comparison::Less => Some(("<", "version_lt")),
        Comparison::LessOrEqual => Some(("<=", "version_le")),
        Comparison::Greater => Some((">", "version_gt")),
        Comparison::GreaterOrEqual => Some((">=", "version_ge")),
        Comparison::Equal | Comparison::NotEqual => None,
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::VersionCompared;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn a_text_that_is_no_number_counts_as_0() {
        let with = |test: &str| main_with(&format!("v = git --version\nif {test}\n  print \"${{v}}\"\nend"));
        let said = fires(VersionCompared, &with("v >= «1.20.1»"));
        assert!(said[0].help.as_deref().unwrap().starts_with("write `if version_ge \"${v}\" 1.20.1`"), "{said:?}");
        fires(VersionCompared, &with("«\"1.22.3\"» < 1.20"));
        fires(VersionCompared, &with("not v > «v2» and exists a"));
        fires(VersionCompared, &main_with("v = \"1.22.3\"\nif «v» >= 1.20\n  print a\nend"));
    }

    #[test]
    fn numbers_and_versions_with_two_dots_are_compared() {
        for test in ["v >= 1.20", "v < 3", "perch_version >= 1.2.0", "\"1.2.0\" > 1.1.9", "v == 1.20.1", "v > \"${w}\""]
        {
            let statements = format!("v = git --version\nw = git status\nif {test}\n  print \"${{v}}${{w}}\"\nend");
            silent(VersionCompared, &main_with(&statements));
        }
    }
}
