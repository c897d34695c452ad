//! `parallel-of-one`: a `parallel` of a single statement, which runs nothing at the same time. A `for_each` in it does.

use perch_ir::{Around, StmtKind};
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        let StmtKind::Block(block) = &stmt.kind else { return };
        let [only] = block.body.as_slice() else { return };
        if matches!(block.around, Around::Parallel { .. }) && !matches!(only.kind, StmtKind::ForEach { .. }) {
            let message = "this `parallel` has one statement, and runs nothing at the same time";
            let problem = Diagnostic::new(Code::ParallelOfOne, view.places.statement(stmt), message);
            let help = "put the others into it; to go through a list at once, put the `for_each` into the `parallel`";
            report.add(view, problem.help(help));
        }
    });
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::ParallelOfOne;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn one_statement_is_told_also_in_a_loop() {
        fires(ParallelOfOne, &main_with("«parallel»\n  make docs\nend"));
        fires(ParallelOfOne, &main_with("for_each \"a\" x\n  «parallel max=3»\n    make \"${x}\"\n  end\nend"));
    }

    #[test]
    fn several_statements_or_a_loop_are_fine() {
        silent(ParallelOfOne, &main_with("parallel\n  make docs\n  make tests\nend"));
        silent(ParallelOfOne, &main_with("parallel max=3\n  for_each \"a\" x\n    make \"${x}\"\n  end\nend"));
    }
}
