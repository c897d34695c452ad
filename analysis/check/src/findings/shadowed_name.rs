//! `shadowed-name`: a binding that hides a shared one, or a fact that decides where things run.

use std::collections::HashSet;

use perch_ir::StmtKind;
use perch_ir::deeds::binding;
use perch_ops::{Fact, Type};
use perch_syntax::{Code, Diagnostic, Span};

use crate::view::{Report, View, elsewhere};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let mut told = HashSet::new();
    for arg in &view.body.command.args {
        judge(view, report, &arg.name, || view.argument(arg.place));
        told.insert(arg.name.as_str());
    }
    view.each(|stmt| {
        let names = binding(stmt).into_iter().chain(match &stmt.kind {
            StmtKind::ForEach { name, .. } => Some(name.as_str()),
            _ => None,
        });
        for name in names.filter(|name| told.insert(name)) {
            judge(view, report, name, || view.places.naming(stmt.place, name));
        }
    });
}

/// Where the name stands is asked for only if there is something to say: it costs reading the item again.
fn judge(view: &View<'_, '_>, report: &mut Report, name: &str, span: impl FnOnce() -> Span) {
    let message = |what: &str| format!("`{name}` hides the {what} of that name");
    if let Some((at, _)) = view.program.shared_for(view.body, name) {
        let mut problem = Diagnostic::new(Code::ShadowedName, span(), message("shared binding"));
        let line = perch_ir::whole::first_line(view.program.db, at.item);
        problem.others.push(elsewhere(view.program, at, line, "the shared binding"));
        report.add(view, problem.help("give one of them another name: what is called from here sees this one"));
    } else if perch_ops::fact_named(name).is_some_and(is_decisive) {
        let problem = Diagnostic::new(Code::ShadowedName, span(), message("fact"));
        report.add(
            view,
            problem.help("give it another name: conditions from here on ask for this value, and not for the host's"),
        );
    }
}

/// Whether conditions ask for a fact: systems, and where one is.
fn is_decisive(fact: &Fact) -> bool {
    fact.ty == Type::Bool || matches!(fact.name, "os" | "arch" | "cwd")
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::ShadowedName;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn a_binding_that_hides_a_shared_one_is_told_once() {
        let found = fires(ShadowedName, &("v = 1\n".to_owned() + &main_with("«v» = 2\nv = 3\nprint \"${v}\"")));
        assert_eq!(found[0].others.len(), 1);
        fires(
            ShadowedName,
            &("x = 1\n".to_owned() + &main_with("print \"${x}\"\nfor_each \"a\" «x»\n  print \"${x}\"\nend")),
        );
    }

    #[test]
    fn a_binding_that_hides_what_decides_is_told() {
        fires(ShadowedName, &main_with("«os» = \"linux\"\nif os == linux\n  print a\nend"));
    }

    #[test]
    fn other_names_and_other_facts_are_fine() {
        silent(ShadowedName, &("v = 1\n".to_owned() + &main_with("w = 2\nprint \"${v} ${w}\"")));
        silent(ShadowedName, &main_with("user = get_env USER\nprint \"${user}\""));
    }
}
