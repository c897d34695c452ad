//! `dropped-value`: an op that does nothing but yield a value, as a line that binds nothing.

use perch_ir::deeds::{Deed, From, binding, deeds};
use perch_ir::{Around, Stmt, StmtKind};
use perch_ops::{Entry, Touch, Type};
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    look(view, report, view.statements(), false);
}

/// `watched`: somebody around waits for failures, so that one may be all that is wanted.
fn look(view: &View<'_, '_>, report: &mut Report, body: &[Stmt], watched: bool) {
    for stmt in body {
        judge(view, report, stmt, watched);
        let watches = watches(&stmt.kind);
        for (at, inner) in stmt.kind.bodies().enumerate() {
            // What is behind the body of a `try` is not watched by it.
            look(view, report, inner, watched || watches && at == 0);
        }
    }
}

/// Whether the first body of a statement may fail without more.
fn watches(kind: &StmtKind) -> bool {
    match kind {
        StmtKind::Try { rescue, .. } => rescue.is_some(),
        StmtKind::Block(block) => matches!(block.around, Around::Retry { .. }),
        _ => false,
    }
}

fn judge(view: &View<'_, '_>, report: &mut Report, stmt: &Stmt, watched: bool) {
    if binding(stmt).is_some() || !matches!(stmt.kind, StmtKind::Op(_) | StmtKind::NotYet(_)) {
        return;
    }
    deeds(stmt, &mut |deed| {
        let Deed::Uses(used) = deed else { return };
        if used.from != From::Line {
            return;
        }
        if let Some((message, help)) = said(used.entry, &stmt.source, watched) {
            let problem = Diagnostic::new(Code::DroppedValue, view.places.statement(stmt), message);
            report.add(view, problem.help(help));
        }
    });
}

/// What is said of an op by itself on a line.
fn said(entry: &Entry, source: &str, watched: bool) -> Option<(String, String)> {
    let name = entry.name;
    let result = entry.result?;
    if result == Type::Status {
        let line = source.split_once(char::is_whitespace).map_or("", |(_, line)| line.trim_start());
        return Some((
            format!("`{name}` does not fail if the line does, and nobody looks at the status"),
            format!(
                "write `shell {line}` if its failure is one of the command, else `if not {source}`, what is to be done then, and `end`"
            ),
        ));
    }
    if entry.predicate && result == Type::Bool {
        return Some((
            format!(
                "whether `{name}` holds decides nothing here: a predicate does not fail, and nobody looks at what it says"
            ),
            format!("write `if not {source}`, below it what is to be done then, such as `fail \"…\"`, and `end`"),
        ));
    }
    let is_read = |touch: &Touch| {
        matches!(
            touch,
            Touch::Look(_) | Touch::Read(_) | Touch::ReadEnv(_) | Touch::HostFact | Touch::Clock | Touch::Random
        )
    };
    let may_be_for_its_failure = watched && (!entry.kinds.is_empty() || entry.reaches_out());
    let program = if entry.names_program() { format!("; `exec {source}` is the program") } else { String::new() };
    (entry.touches.iter().all(is_read) && !may_be_for_its_failure).then(|| {
        (
            format!("`{name}` does nothing but yield a value, and nothing is done with it"),
            format!("bind it, `value = {source}`, or remove the line{program}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::DroppedValue;

    use crate::testing::{fires, main_with, silent};

    fn help(statements: &str) -> String {
        fires(DroppedValue, &main_with(statements)).remove(0).help.unwrap()
    }

    #[test]
    fn a_predicate_by_itself_decides_nothing() {
        for line in [
            "exists a",
            "has_bin git",
            "version_ge 1.2 1.3",
            "contains ab b",
            "regex_match a ab",
            "wait_for_port localhost 80 10",
            "is_dir a",
        ] {
            fires(DroppedValue, &main_with(&format!("«{line}»")));
        }
        let said = help("«verify_sha256 app.zip abc»");
        assert!(said.starts_with("write `if not verify_sha256 app.zip abc`, below it"), "{said}");
        // Whoever waits for failures gets none.
        fires(DroppedValue, &main_with("try\n  «verify_sha256 app.zip abc»\nrescue\n  print no\nend"));
    }

    #[test]
    fn a_status_is_to_be_looked_at() {
        let said = help("«try_shell \"make all\"»");
        assert!(said.starts_with("write `shell \"make all\"` if its failure"), "{said}");
    }

    #[test]
    fn a_value_is_to_be_bound() {
        for line in ["upper x", "format_time now \"%Y\"", "read_file x", "glob \"*.c\"", "get_env HOME", "grep a b"] {
            fires(DroppedValue, &main_with(&format!("«{line}»")));
        }
        assert!(help("if exists a\n  «upper x»\nend").starts_with("bind it, `value = upper x`"));
    }

    #[test]
    fn what_does_something_besides_may_stand_alone() {
        silent(DroppedValue, &main_with("ensure_dir a\nbackup_file a\nhttp_post \"https://a.org\" b\nmktemp_dir"));
        silent(DroppedValue, &main_with("x = upper a\nprint \"${x}\"\nif exists a\n  print b\nend\ngit status"));
        silent(
            DroppedValue,
            &main_with("assert_exists a\nrequire_bin git\nshell_output \"make\"\nhttp_get \"https://a.org\""),
        );
    }

    #[test]
    fn a_failure_may_be_what_is_wanted() {
        silent(DroppedValue, &main_with("try\n  read_file a\nrescue\n  print no\nend"));
        silent(DroppedValue, &main_with("retry 5\n  read_file a\nend"));
        fires(DroppedValue, &main_with("try\n  «upper a»\nrescue\n  «read_file a»\nend"));
        fires(DroppedValue, &main_with("try\n  «read_file a»\nfinally\n  print b\nend"));
    }
}
