//! `unreachable-code`: statements behind one that ends the command.

use perch_ir::{Stmt, StmtKind};
use perch_ops::Body as Does;
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    look(view, view.statements(), report);
}

fn look(view: &View<'_, '_>, body: &[Stmt], report: &mut Report) {
    let last = body.iter().position(|stmt| view.is_last(stmt)).unwrap_or(body.len());
    for stmt in body.iter().take(last + 1) {
        let is_parallel = matches!(&stmt.kind, StmtKind::Block(block) if is_parallel(block));
        for inner in stmt.kind.bodies() {
            if is_parallel {
                inner.chunks(1).for_each(|branch| look(view, branch, report));
            } else {
                look(view, inner, report);
            }
        }
    }
    if let (Some(last), Some(first)) = (body.get(last), body.get(last + 1)) {
        let problem = Diagnostic::new(Code::UnreachableCode, view.places.statement(first), "this is never reached");
        let why = why(view, last);
        report.add(view, problem.also(view.places.statement(last), why).help("remove it, or move it above"));
    }
}

fn is_parallel(block: &perch_ir::Block) -> bool {
    matches!(block.around, perch_ir::Around::Parallel { .. })
}

/// Why nothing goes on behind a statement.
fn why(view: &View<'_, '_>, last: &Stmt) -> String {
    match &last.kind {
        StmtKind::Op(call) if matches!(call.op.body(), Does::Control(_)) => {
            format!("`{}` ends the command here", call.op.entry().name)
        }
        StmtKind::Call { .. } | StmtKind::Expand { .. } => {
            let name = view.used(last).map_or("", |used| &used.command.name);
            format!("`{name}` never comes back")
        }
        _ => "every way through this ends the command".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnreachableCode;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn what_stands_behind_an_end_is_told_once() {
        let found = fires(UnreachableCode, &main_with("exit 1\n«print a»\nprint b"));
        assert_eq!(found[0].others[0].text, "`exit` ends the command here");
        fires(UnreachableCode, &main_with("if os == linux\n  fail no\n  «print a»\nend\nprint b"));
    }

    #[test]
    fn a_block_of_which_every_way_ends_is_an_end() {
        fires(UnreachableCode, &main_with("if os == linux\n  exit\nelse\n  fail\nend\n«print a»"));
        fires(UnreachableCode, &main_with("match os\n  case linux\n    exit\n  else\n    exit 1\nend\n«print a»"));
        fires(UnreachableCode, &main_with("try\n  print a\nfinally\n  exit\nend\n«print b»"));
        fires(UnreachableCode, &main_with("with_cwd sub\n  exit\nend\n«print a»"));
    }

    #[test]
    fn a_command_that_never_comes_back_is_an_end() {
        let found = fires(UnreachableCode, &(main_with("die\n«print a»") + &private("die", "print no\nfail")));
        assert_eq!(found[0].others[0].text, "`die` never comes back");
    }

    #[test]
    fn a_block_with_a_way_through_is_none() {
        for statements in [
            "if os == linux\n  exit\nend\nprint a",
            "match os\n  case linux\n    exit\nend\nprint a",
            "for_each \"a\" x\n  fail \"${x}\"\nend\nprint a",
            "try\n  fail\nrescue\n  print a\nend\nprint b",
            "os linux\n  exit\nend\nprint a",
            "cache k\n  exit\nend\nprint a",
        ] {
            silent(UnreachableCode, &main_with(statements));
        }
    }

    #[test]
    fn branches_of_parallel_are_not_behind_each_other() {
        silent(UnreachableCode, &main_with("parallel\n  fail a\n  print b\nend"));
        fires(UnreachableCode, &main_with("parallel\n  fail a\n  print b\nend\n«print c»"));
    }
}
