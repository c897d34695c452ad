//! `bad-condition`: a chain of programs as a condition in which a program has the name of something that is bound elsewhere: by who uses the
//! body, or further down. What is bound above is a mistake already where the file is read.

use perch_ir::{Clause, Cond, Operand, StmtKind};
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        let StmtKind::If { arms, .. } = &stmt.kind else { return };
        let mut names = arms.iter().flat_map(|(test, _)| names(test));
        let Some(name) = names.find(|name| view.may_be_bound(name)) else { return };
        let message = format!("`{name}` is bound, and between `&&`, `||` and `;` it is a program of that name");
        let problem = Diagnostic::new(Code::BadCondition, view.places.naming(stmt.place, name), message);
        let help = format!("write `and` or `or` between conditions; `exec {name}` if the program is meant");
        report.add(view, problem.help(help));
    });
}

/// The programs of a condition that stand there with nothing behind them.
fn names(test: &Cond) -> Vec<&str> {
    match test {
        Cond::Programs(clauses) => clauses.iter().filter_map(alone).collect(),
        Cond::Or(parts) | Cond::And(parts) => parts.iter().flat_map(names).collect(),
        Cond::Not(part) => names(part),
        _ => Vec::new(),
    }
}

/// The name that a clause consists of. Behind `exec` it is meant as a program.
fn alone(clause: &Clause) -> Option<&str> {
    match clause.call.operands.as_slice() {
        [Operand::Text(name)] => name.as_literal().filter(|name| *name == &*clause.source),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::BadCondition;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn a_name_that_the_caller_binds_is_no_program() {
        let caller = main_with("approved = exists a\nhelper");
        fires(BadCondition, &(caller + &private("helper", "if git diff && «approved»\n  print b\nend")));
        fires(
            BadCondition,
            &main_with("for_each \"a\\nb\" x\n  if «seen» || make\n    print \"${x}\"\n  end\n  seen = true\nend"),
        );
    }

    #[test]
    fn programs_are_fine() {
        let caller = main_with("make = exists a\nhelper\nprint \"${make}\"");
        silent(BadCondition, &(caller + &private("helper", "if exec make && git diff\n  print b\nend")));
        silent(BadCondition, &main_with("if make && git diff make\n  print b\nend"));
    }
}
