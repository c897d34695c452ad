//! `undeclared-variable`: a variable of the environment that is read, and that `requires` does not name.

use perch_ir::places::Places;
use perch_syntax::{Code, Diagnostic};

use crate::access::{Access, What};
use crate::view::{Report, View};
use crate::whole::Whole;

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let problems = view.outside_manifest().iter().filter_map(|(access, _)| problem(access, &view.places));
    problems.for_each(|problem| report.add(view, problem));
}

/// The same outside of bodies.
pub(super) fn find_outside(whole: &Whole<'_>, report: &mut Report) {
    for (at, access, _) in whole.outside_manifest() {
        let found = problem(&access, &Places::new(at.item.text(whole.program.db)));
        found.into_iter().for_each(|problem| report.add_to(&whole.program, at, problem));
    }
}

fn problem(access: &Access<'_>, places: &Places<'_>) -> Option<Diagnostic> {
    let What::Variable(Some(name)) = &access.what else { return None };
    let message = format!("`requires` has no line for the variable `{name}`");
    let problem = Diagnostic::new(Code::UndeclaredVariable, access.span(places), message);
    let fact = perch_ops::fact_named(&name.to_lowercase());
    Some(problem.help(match fact.filter(|_| access.by.is_none()) {
        Some(fact) => format!("write `${{{}}}`, which perch binds, or `env {name}` in `requires`", fact.name),
        None => format!("write `env {name}` in `requires`; with `optional` behind it, it may be unset"),
    }))
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UndeclaredVariable;

    use crate::testing::{fires, main_with, silent};

    fn with(lines: &str, statements: &str) -> String {
        format!("requires\n{lines}end\n") + &main_with(statements)
    }

    #[test]
    fn a_variable_that_is_read_has_to_be_declared() {
        let found = fires(UndeclaredVariable, &with("  env TOKEN\n", "print \"«${HOME}» ${TOKEN}\""));
        assert!(found[0].help.as_deref().unwrap().starts_with("write `${home}`"), "{found:?}");
        fires(UndeclaredVariable, &with("", "_a = get_env «TOKEN»\n_b = env_default «\"PORT\"» 80"));
        fires(UndeclaredVariable, &with("", "if env_has «CI»\n  print a\nend"));
        fires(UndeclaredVariable, &with("  read .\n", "wasm_run ./a.wasm\n  wasm_arg a\n  wasm_env «LANG»\nend"));
    }

    fn with_head(head: &str, statements: &str) -> String {
        with("", statements).replace("  do\n", &format!("{head}  do\n"))
    }

    #[test]
    fn a_shared_binding_reads_when_the_run_starts() {
        let around = |shared: &str| shared.to_owned() + &with("  env TOKEN\n", "print \"${LEVEL}\"");
        fires(UndeclaredVariable, &around("LEVEL = \"${TOKEN} «${HOME}»\"\n"));
        fires(UndeclaredVariable, &around("LEVEL = «\"${get_env('MODE')}\"»\n"));
        // It does not see itself.
        fires(UndeclaredVariable, &around("LEVEL = \"1 «${LEVEL}»\"\n"));
        silent(UndeclaredVariable, &around("LEVEL = \"${BASE} ${home}\"\nBASE = 1\n"));
        silent(UndeclaredVariable, &("LEVEL = \"${HOME}\"\n".to_owned() + &main_with("print \"${LEVEL}\"")));
    }

    #[test]
    fn a_line_of_requires_reads_too() {
        fires(UndeclaredVariable, &with("  read \"«${SRC}»/a\"\n", "print a"));
        silent(UndeclaredVariable, &with("  read \"${SRC}/a\"\n  env SRC\n", "print a"));
        silent(UndeclaredVariable, &("SRC = /srv\n".to_owned() + &with("  read \"${SRC}/a\"\n", "print a")));
    }

    #[test]
    fn an_env_line_reads_when_the_command_is_entered() {
        fires(UndeclaredVariable, &with_head("  env PATH \"./bin:«${PATH}»\"\n", "print \"${PATH}\""));
        silent(UndeclaredVariable, &with_head("  env A 1\n  env B \"${A}\"\n", "print \"${B}\""));
        fires(UndeclaredVariable, &with_head("  env B \"«${A}»\"\n  env A 1\n", "print \"${B}\""));
        fires(UndeclaredVariable, &with_head("  dir \"«${SRC}»\"\n", "print a"));
    }

    #[test]
    fn a_default_reads_when_the_argument_is_not_given() {
        let arg = |name: &str, default: &str| format!("  arg {name}\n    type string\n    default {default}\n  end\n");
        fires(UndeclaredVariable, &with_head(&arg("to", "\"«${HOME}»/out\""), "print \"${to}\""));
        silent(UndeclaredVariable, &with_head(&arg("to", "\"${home}/out\""), "print \"${to}\""));
        let both = arg("A", "1") + &arg("to", "\"${A}/out\"");
        silent(UndeclaredVariable, &with_head(&both, "print \"${to}\""));
    }

    #[test]
    fn what_is_declared_bound_or_not_known_is_fine() {
        silent(UndeclaredVariable, &main_with("print \"${HOME}\""));
        silent(UndeclaredVariable, &with("  env TOKEN PORT optional\n", "_a = get_env TOKEN\nprint \"${PORT}\""));
        silent(UndeclaredVariable, &with("", "A = upper b\nprint \"${A}\"\nwith_env B=1\n  print \"${B}\"\nend"));
        silent(UndeclaredVariable, &with("", "name = upper a\n_b = get_env \"${name}\"\nprint \"${home}\""));
        silent(UndeclaredVariable, &with("", "if CI\n  print a\nend"));
    }
}
