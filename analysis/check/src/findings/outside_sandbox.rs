//! `outside-sandbox`: something that a list in the `sandbox` of the file does not allow: an op, a variable, a path, a host, a program.
//!
//! In a `try` with a `rescue` somebody is looking whether it is denied.

use perch_ir::deeds::{Deed, deeds};
use perch_ir::{Stmt, StmtKind};
use perch_syntax::{Code, Diagnostic};

use crate::access::{Access, What, accesses, before_do};
use crate::lists::{Lists, Outside};
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let Some(lists) = view.whole.sandbox_of(view.body.at.file) else { return };
    before_do(view, &mut |access| {
        if let Some(outside) = lists.outside(&access.what) {
            report.add(view, problem(view, &access, &outside));
        }
    });
    look(view, view.statements(), lists, report);
}

fn look<'db>(view: &View<'_, 'db>, body: &'db [Stmt], lists: &Lists, report: &mut Report) {
    for stmt in body {
        judge(view, stmt, lists, report);
        match &stmt.kind {
            StmtKind::Try { rescue: Some((_, rescue)), finally, .. } => {
                look(view, rescue, lists, report);
                look(view, finally, lists, report);
            }
            kind => kind.bodies().for_each(|body| look(view, body, lists, report)),
        }
    }
}

fn judge<'db>(view: &View<'_, 'db>, stmt: &'db Stmt, lists: &Lists, report: &mut Report) {
    let mut told = false;
    deeds(stmt, &mut |deed| {
        if let Deed::Uses(used) = deed
            && let Some(clause) = lists.forbids(used.entry).filter(|_| !told)
        {
            told = true;
            let message = format!("`{}` is an op that the `sandbox` of the file does not allow", used.entry.name);
            let problem = Diagnostic::new(Code::OutsideSandbox, view.places.statement(stmt), message);
            report.add(view, problem.help(format!("move it to another file, or change the line `{clause}`")));
        }
    });
    accesses(view, stmt, &mut |access| {
        if let Some(outside) = lists.outside(&access.what).filter(|_| !told) {
            report.add(view, problem(view, &access, &outside));
        }
    });
}

fn problem(view: &View<'_, '_>, access: &Access<'_>, outside: &Outside) -> Diagnostic {
    let clause = match outside.line {
        "bin" => "shell_bins",
        "host" => "net",
        line => line,
    };
    let wanted = match &access.what {
        What::Program(Some(name)) => format!("starts `{name}`"),
        What::Variable(Some(name)) => format!("reads the variable `{name}`"),
        What::Host(Some(host)) => format!("talks to `{host}`"),
        What::Path { writes: true, .. } => "writes there".to_owned(),
        What::Path { .. } => "reads there".to_owned(),
        _ => "uses the network".to_owned(),
    };
    let message = format!("this {wanted}, which the line `{clause}` in the `sandbox` of the file does not allow");
    let problem = Diagnostic::new(Code::OutsideSandbox, access.span(&view.places), message);
    problem.help(match outside.listed.as_slice() {
        [] => format!("add it to `{clause}`, or do without"),
        listed => format!("add it to `{clause}`, which allows: {}", listed.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::OutsideSandbox;

    use crate::testing::{fires, main_with, silent};

    fn with(clauses: &str, statements: &str) -> String {
        format!("sandbox\n{clauses}end\n") + &main_with(statements)
    }

    #[test]
    fn what_no_list_allows_is_told() {
        fires(OutsideSandbox, &with("  env A\n", "print \"${A} «${B}»\"\n_c = get_env «C»"));
        fires(OutsideSandbox, &with("  read ./src\n", "_a = read_file «doc/a»"));
        fires(OutsideSandbox, &with("  write ./out\n", "cp src/a «src/b»"));
        fires(OutsideSandbox, &with("  net api.example.org\n", "_a = http_get «\"https://example.org/\"»"));
        fires(OutsideSandbox, &with("  shell_bins git\n", "shell «\"curl a\"»\n«curl» b"));
        fires(OutsideSandbox, &with("  no_op rm\n", "«rm a»\ntouch a"));
        fires(OutsideSandbox, &with("  ops read print\n", "_a = read_file a\n«write_file a b»\n«cp a b»"));
    }

    #[test]
    fn what_is_allowed_not_restricted_or_tried_is_fine() {
        silent(OutsideSandbox, &with("  env A\n", "rm a\ncurl b\n_c = read_file /etc/d\nprint \"${A}\""));
        silent(OutsideSandbox, &with("  write ./out\n", "_a = read_file /etc/b\nrm out/c"));
        silent(OutsideSandbox, &with("  shell_bins git\n", "git log\nshell \"git status\""));
        silent(OutsideSandbox, &with("  no_op rm\n", "try\n  rm a\nrescue\n  print denied\nend"));
        silent(OutsideSandbox, &with("  ops read write\n", "cp a b"));
        silent(OutsideSandbox, &with("  ops write\n", "_a = upper b\nwrite_file c d\nif os == linux\n  touch e\nend"));
        silent(OutsideSandbox, &main_with("rm a"));
    }
}
