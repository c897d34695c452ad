//! `retry-not-repeatable`: an op in a `retry` of which doing it twice is not doing it once.
//!
//! The op that fails is done again by intention. But what stands above it was done, and is done again with it; and a request that was sent may
//! have been received although its answer was not.

use perch_ir::deeds::{Deed, deeds};
use perch_ir::{Around, Stmt, StmtKind, walk};
use perch_ops::Touch;
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|retry| {
        let StmtKind::Block(block) = &retry.kind else { return };
        if !matches!(block.around, Around::Retry { .. }) {
            return;
        }
        let mut all = Vec::new();
        walk(&block.body, &mut |stmt| all.push(stmt));
        for (at, stmt) in all.iter().enumerate() {
            judge(view, report, retry, stmt, at + 1 == all.len());
        }
    });
}

fn judge<'db>(view: &View<'_, 'db>, report: &mut Report, retry: &Stmt, stmt: &'db Stmt, is_last: bool) {
    deeds(stmt, &mut |deed| {
        let Deed::Uses(used) = deed else { return };
        let is_request = used.entry.touches.iter().any(|touch| matches!(touch, Touch::Net(_)));
        if !used.entry.adds_up || is_last && !is_request {
            return;
        }
        let message = format!("`{}` may be done several times here", used.entry.name);
        let problem = Diagnostic::new(Code::RetryNotRepeatable, view.places.statement(stmt), message);
        let problem = problem.also(view.places.statement(retry), "this does all of its body again");
        report.add(view, problem.help("move it out of the `retry`, or test before it whether it was done"));
    });
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::RetryNotRepeatable;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn what_adds_up_is_told_where_something_behind_it_can_fail() {
        fires(RetryNotRepeatable, &main_with("retry 5\n  «append_file log a»\n  make fetch\nend"));
        fires(RetryNotRepeatable, &main_with("retry\n  if exists a\n    «mv a b»\n  end\n  make fetch\nend"));
    }

    #[test]
    fn a_request_may_have_been_received_also_if_it_failed() {
        fires(RetryNotRepeatable, &main_with("retry\n  «_r = http_post \"https://example.org/\" \"{}\"»\nend"));
    }

    #[test]
    fn what_can_be_done_again_is_fine_and_so_is_the_last_statement() {
        silent(
            RetryNotRepeatable,
            &main_with("retry\n  write_file a b\n  mkdir c\n  make fetch\n  append_file log a\nend"),
        );
        silent(RetryNotRepeatable, &main_with("append_file log a\nretry\n  make fetch\nend"));
    }
}
