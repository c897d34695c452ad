//! `used-before-bound`: a name that is read where no way has bound it yet.
//!
//! A name that is bound inside of a block and read behind it is fine: language §5.2.

use std::collections::HashSet;

use perch_ir::{Stmt, StmtKind};
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let mut told = HashSet::new();
    for unbound in view.unbound().iter().filter(|unbound| unbound.tried.is_none()) {
        let name = unbound.name;
        // What nothing binds anywhere is an unknown name.
        if view.program.spread.inherits(view.number, name) || !view.may_be_bound(name) || !told.insert(name) {
            continue;
        }
        let Some(binder) = view.binder(name) else { continue };
        let (span, there) = (view.places.naming(unbound.stmt.place, name), view.places.statement(binder));
        let message = format!("`{name}` is not bound here yet");
        let problem =
            Diagnostic::new(Code::UsedBeforeBound, span, message).also(there, where_bound(name, binder, unbound.stmt));
        report.add(view, problem.help("bind it above, on every way that leads here"));
    }
}

fn where_bound(name: &str, binder: &Stmt, reader: &Stmt) -> String {
    match &binder.kind {
        StmtKind::ForEach { .. } => format!("`{name}` is bound inside of this loop only"),
        StmtKind::Try { .. } => format!("`{name}` is bound in the `rescue` of this `try` only"),
        _ if binder.place > reader.place => "it is bound here, further down".to_owned(),
        _ => "it is bound here, on a way that does not lead there".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UsedBeforeBound;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn a_name_that_is_bound_further_down_is_told_once() {
        let found = fires(UsedBeforeBound, &main_with("print \"«${v}»\"\nprint \"${v}\"\nv = 1\nprint \"${v}\""));
        assert_eq!(found[0].others[0].text, "it is bound here, further down");
    }

    #[test]
    fn a_name_of_another_arm_is_told() {
        fires(
            UsedBeforeBound,
            &main_with("match os\n  case linux\n    v = 1\n  case macos\n    print \"«${v}»\"\nend"),
        );
        fires(UsedBeforeBound, &main_with("if os == linux\n  v = 1\n  fail \"${v}\"\nend\nprint \"«${v}»\""));
    }

    #[test]
    fn the_first_round_of_a_loop_has_not_seen_its_end() {
        fires(UsedBeforeBound, &main_with("for_each \"a\" x\n  print \"«${last}»\"\n  last = \"${x}\"\nend"));
    }

    #[test]
    fn names_of_loops_and_failures_end_with_them() {
        fires(UsedBeforeBound, &main_with("for_each \"a\" x\n  print \"${x}\"\nend\nprint \"«${x}»\""));
        fires(UsedBeforeBound, &main_with("try\n  fail\nrescue e\n  print \"${e.kind}\"\nend\nprint \"«${e.kind}»\""));
    }

    #[test]
    fn a_name_that_is_bound_inside_of_a_block_is_fine_behind_it() {
        for block in [
            "if os == linux\n  v = 1\nend",
            "if os == linux\n  v = 1\nelse\n  v = 2\nend",
            "for_each \"a\" x\n  v = \"${x}\"\nend",
            "try\n  v = read_file a\nrescue\n  v = \"none\"\nend",
            "try\n  v = read_file a\nrescue\n  fail\nend",
            "with_cwd sub\n  v = 1\nend",
            "retry\n  v = read_file a\nend",
            "cache k\n  v = read_file a\nend",
            "os linux\n  v = 1\nend",
        ] {
            silent(UsedBeforeBound, &main_with(&format!("{block}\nprint \"${{v}}\"")));
        }
    }

    #[test]
    fn what_a_branch_of_parallel_binds_is_gone_behind_it() {
        fires(UsedBeforeBound, &main_with("parallel\n  v = read_file a\n  w = read_file b\nend\nprint \"«${v}»\""));
    }

    #[test]
    fn a_condition_may_ask_for_what_is_not_bound_yet() {
        silent(
            UsedBeforeBound,
            &main_with("for_each \"a\" x\n  if seen\n    print \"${x}\"\n  end\n  seen = true\nend"),
        );
    }

    #[test]
    fn what_callers_bind_is_there_before() {
        let helper = private("helper", "print \"${v}\"\nv = 2\nprint \"${v}\"");
        silent(UsedBeforeBound, &(main_with("v = 1\nhelper\nprint \"${v}\"") + &helper));
    }
}
