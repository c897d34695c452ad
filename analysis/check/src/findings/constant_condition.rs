//! `constant-condition`: a condition that comes out the same whatever the host.

use perch_ir::{Cond, Stmt, StmtKind};
use perch_syntax::{Code, Diagnostic, Span};

use crate::conditions::{Because, Judge};
use crate::platform::{self, Platform};
use crate::view::{Report, View};

/// How many arms are looked through for a statement that is never reached.
const MAX_ARMS: usize = 100;

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    platform::each(view, &mut |stmt, platform| {
        let StmtKind::If { arms, otherwise } = &stmt.kind else { return };
        let bodies: Vec<&[Stmt]> = arms.iter().map(|(_, body)| body.as_slice()).chain([otherwise.as_slice()]).collect();
        for (at, (test, _)) in arms.iter().enumerate() {
            let Some((holds, because)) = decided(view, stmt, platform, test) else { continue };
            let message = if holds { "this condition always holds" } else { "this condition never holds" };
            let problem = Diagnostic::new(Code::ConstantCondition, place(view, stmt, at), message);
            let mut problem = explained(view, problem, &because);
            let never =
                if holds { bodies.get(at + 1..).unwrap_or_default() } else { bodies.get(at..=at).unwrap_or_default() };
            if let Some(first) = never.iter().take(MAX_ARMS).find_map(|body| body.first()) {
                problem = problem.also(view.places.statement(first), "this is never reached");
            }
            report.add(view, problem);
        }
    });
}

fn decided<'db>(
    view: &View<'_, 'db>,
    stmt: &'db Stmt,
    platform: &Platform,
    test: &'db Cond,
) -> Option<(bool, Because<'db>)> {
    let mut judge = Judge { view, stmt, platform, because: Because::default() };
    let holds = judge.decide(test)?;
    Some((holds, judge.because))
}

/// Where the condition of an arm stands.
fn place(view: &View<'_, '_>, stmt: &Stmt, arm: usize) -> Span {
    let spot = view.places.at(stmt.place);
    match arm.checked_sub(1) {
        None => spot.span,
        Some(at) => spot.arms.get(at).map_or(spot.span, |(span, _)| *span),
    }
}

fn explained(view: &View<'_, '_>, problem: Diagnostic, because: &Because<'_>) -> Diagnostic {
    let problem = because.constants.iter().fold(problem, |problem, (name, constant)| {
        let text = format!("`{name}` is `{}`, and nothing else", constant.text);
        problem.also(view.places.statement(constant.stmt), text)
    });
    match because.demands.first() {
        Some(by) => problem.help(format!("{by} decides it: remove the condition, or that")),
        None => problem.help("remove the condition, or test what is meant"),
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::ConstantCondition;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn truth_by_itself_is_told_with_what_is_never_reached() {
        let found = fires(ConstantCondition, &main_with("«if true»\n  print a\nelse\n  print b\nend"));
        assert_eq!((found[0].message.as_str(), found[0].others.len()), ("this condition always holds", 1));
        fires(ConstantCondition, &main_with("«if false»\n  print a\nend"));
        fires(ConstantCondition, &main_with("«if \"a\" == a»\n  print a\nend\n«if \"1\" > 2»\n  print b\nend"));
    }

    #[test]
    fn what_is_asked_of_the_machine_is_no_fact_of_the_system() {
        let body = "os linux\n  if is_admin or is_ci\n    print a\n  end\nend";
        silent(ConstantCondition, &main_with(body));
    }

    #[test]
    fn a_name_with_one_value_is_told_with_where_it_got_it() {
        let found = fires(ConstantCondition, &main_with("fast = false\n«if not fast»\n  print a\nend"));
        assert_eq!(found[0].others[0].text, "`fast` is `false`, and nothing else");
        fires(
            ConstantCondition,
            &main_with("mode = \"a\"\nif os == linux\n  print a\n«elif mode == b»\n  print b\nend"),
        );
    }

    #[test]
    fn parts_decide_what_they_are_part_of() {
        fires(ConstantCondition, &main_with("«if exists a or true»\n  print a\nend"));
        silent(ConstantCondition, &main_with("if exists a and true\n  print a\nend"));
    }

    #[test]
    fn what_must_be_the_system_is_told() {
        let on = |line: &str, body: &str| main_with(body).replace("  do\n", &format!("  {line}\n  do\n"));
        let found = fires(ConstantCondition, &on("require_os linux", "«if is_windows»\n  print a\nend"));
        assert!(found[0].help.as_ref().unwrap().starts_with("`require_os linux` decides it"));
        fires(ConstantCondition, &on("require_os linux", "«if os == linux»\n  print a\nend"));
        fires(ConstantCondition, &on("require_os unix", "«if is_unix»\n  print a\nend"));
        fires(ConstantCondition, &main_with("os windows\n  «if os != windows»\n    print a\n  end\nend"));
        silent(ConstantCondition, &on("require_os linux macos", "if is_linux\n  print a\nend"));
        silent(ConstantCondition, &on("require_os unix", "if os == linux\n  print a\nend"));
        silent(ConstantCondition, &on("require_arch amd64", "if is_linux\n  print a\nend"));
    }

    #[test]
    fn a_name_that_gets_another_value_is_fine() {
        for statements in [
            "found = false\nfor_each \"a\" x\n  if found\n    print \"${x}\"\n  end\n  found = true\nend",
            "v = 1\nif exists a\n  v = 2\nend\nif v == 2\n  print a\nend",
            "if exists a\n  v = true\nend\nif v\n  print a\nend",
            "v = upper a\nif v == A\n  print a\nend",
        ] {
            silent(ConstantCondition, &main_with(statements));
        }
        let argument = "command main\n  description \"Test\"\n  arg v\n    type bool\n    optional\n  end\n  do\n    if v\n      print a\n    end\n  end\nend\n";
        silent(ConstantCondition, argument);
        silent(ConstantCondition, &("verbose = false\n".to_owned() + &main_with("if verbose\n  print a\nend")));
    }
}
