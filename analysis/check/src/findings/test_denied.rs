//! `test-denied`: a test does what tests may not do unless they say so (language §19.3).

use perch_policy::Right;
use perch_syntax::{Code, Diagnostic};

use crate::rights::{deed, of_statement};
use crate::view::{Report, View};

/// What a test gives up, and the line that keeps it.
const GIVEN_UP: [(Right, &str); 3] = [
    (Right::Shell, "test_allow_shell"),
    (Right::Subprocess, "test_allow_subprocess"),
    (Right::Network, "test_allow_network"),
];

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let Some(test) = &view.body.command.config.test else { return };
    for (right, line) in GIVEN_UP.into_iter().filter(|(_, line)| !test.lifted.contains(line)) {
        let mut told = false;
        view.each(|stmt| {
            let own = of_statement(stmt).into_iter().find(|(_, needed)| *needed == right).map(|(entry, _)| entry.name);
            let used =
                crate::outcomes::used(view.program, view.number, stmt).filter(|to| view.whole.rights.needs(*to, right));
            let who = match (own, used.and_then(|to| view.program.bodies.get(to))) {
                (Some(name), _) => format!("`{name}`"),
                (None, Some(body)) => format!("`{}`, or what it calls,", body.command.name),
                (None, None) => return,
            };
            if !std::mem::replace(&mut told, true) {
                let message = format!("{who} {}, which tests may not", deed(right));
                let problem = Diagnostic::new(Code::TestDenied, view.places.statement(stmt), message);
                report.add(view, problem.help(format!("add a line `{line}` above `do`")));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::TestDenied;

    use crate::testing::{fires, private, silent};

    fn test(lines: &str, statements: &str) -> String {
        let statements: String = statements.lines().map(|line| format!("    {line}\n")).collect();
        format!("command checks\n  test\n{lines}  do\n{statements}  end\nend\n")
    }

    #[test]
    fn what_a_test_may_not_do_is_told_once_for_each_right() {
        let found = fires(TestDenied, &test("", "«git status»\nmake\n«shell \"ls\"»"));
        assert!(found.iter().all(|found| found.help.as_ref().unwrap().contains("test_allow_")));
        fires(TestDenied, &(test("", "«helper»") + &private("helper", "git status")));
    }

    #[test]
    fn what_is_allowed_or_needs_no_right_is_fine() {
        silent(TestDenied, &test("  test_allow_subprocess\n", "git status"));
        silent(TestDenied, &test("", "write_file a b\nassert_exists a"));
        silent(TestDenied, &private("helper", "git status"));
    }
}
