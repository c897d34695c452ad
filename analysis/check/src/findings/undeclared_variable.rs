//! `undeclared-variable`: a variable of the environment that is read, and that `requires` does not name.

use perch_syntax::{Code, Diagnostic};

use crate::access::What;
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    for (stmt, access, _) in view.outside_manifest() {
        let What::Variable(Some(name)) = &access.what else { continue };
        let message = format!("`requires` has no line for the variable `{name}`");
        let problem = Diagnostic::new(Code::UndeclaredVariable, access.span(view, stmt), message);
        let fact = perch_ops::fact_named(&name.to_lowercase());
        report.add(
            view,
            problem.help(match fact.filter(|_| access.by.is_none()) {
                Some(fact) => format!("write `${{{}}}`, which perch binds, or `env {name}` in `requires`", fact.name),
                None => format!("write `env {name}` in `requires`; with `optional` behind it, it may be unset"),
            }),
        );
    }
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

    #[test]
    fn what_is_declared_bound_or_not_known_is_fine() {
        silent(UndeclaredVariable, &main_with("print \"${HOME}\""));
        silent(UndeclaredVariable, &with("  env TOKEN PORT optional\n", "_a = get_env TOKEN\nprint \"${PORT}\""));
        silent(UndeclaredVariable, &with("", "A = upper b\nprint \"${A}\"\nwith_env B=1\n  print \"${B}\"\nend"));
        silent(UndeclaredVariable, &with("", "name = upper a\n_b = get_env \"${name}\"\nprint \"${home}\""));
        silent(UndeclaredVariable, &with("", "if CI\n  print a\nend"));
    }
}
