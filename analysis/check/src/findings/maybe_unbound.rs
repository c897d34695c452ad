//! `maybe-unbound`: a name that is bound on the ways that go well, and read on another one.
//!
//! In the arms of a `try`, what its body was to bind may be missing. And what only callers bind is missing where a command is run by
//! itself.

use std::collections::HashSet;

use perch_syntax::{Code, Diagnostic};

use crate::flow::Unbound;
use crate::program::Kind;
use crate::view::{Report, View, elsewhere};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let mut told = HashSet::new();
    for unbound in view.unbound() {
        let problem = match unbound.tried {
            Some(tried) => Some(failed(view, unbound, view.places.statement(tried))),
            None => from_callers(view, unbound),
        };
        if let Some(problem) = problem
            && told.insert(unbound.name)
        {
            report.add(view, problem);
        }
    }
}

fn failed(view: &View<'_, '_>, unbound: &Unbound<'_>, tried: perch_syntax::Span) -> Diagnostic {
    let name = unbound.name;
    let message = format!("`{name}` is not bound if the body of the `try` fails before");
    Diagnostic::new(Code::MaybeUnbound, view.places.naming(unbound.stmt.place, name), message)
        .also(tried, "it is bound here")
        .help("bind it to something above the `try`")
}

fn from_callers(view: &View<'_, '_>, unbound: &Unbound<'_>) -> Option<Diagnostic> {
    let (name, program) = (unbound.name, view.program);
    let is_open = view.body.kind == Kind::Command && view.body.is_open() && !view.body.is_handler;
    let is_test = view.body.command.config.test.is_some();
    if !is_open || is_test || !program.spread.inherits(view.number, name) {
        return None;
    }
    let binder = program.bodies.get(program.spread.binder_above(view.number, name)?)?;
    if binder.kind == Kind::Template || program.may_be_broken(name) {
        return None;
    }
    let message = format!("`{name}` is not bound if this command is run by itself");
    let at = Diagnostic::new(Code::MaybeUnbound, view.places.naming(unbound.stmt.place, name), message);
    let head = perch_ir::whole::first_line(program.db, binder.at.item);
    let mut problem = at.help("make the command `private`, give it an argument, or bind the name in it");
    problem.others.push(elsewhere(
        program,
        binder.at,
        head,
        format!("`{}` binds it for what it calls", binder.command.name),
    ));
    Some(problem)
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::MaybeUnbound;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn what_a_failed_try_was_to_bind_is_told_in_its_arms() {
        let found = fires(MaybeUnbound, &main_with("try\n  v = read_file a\n  rm b\nrescue\n  print \"«${v}»\"\nend"));
        assert_eq!(found[0].others.len(), 1);
        fires(MaybeUnbound, &main_with("try\n  d = mktemp_dir\n  rm b\nfinally\n  rm \"«${d}»\"\nend"));
    }

    #[test]
    fn what_is_bound_before_anything_can_fail_is_fine() {
        silent(MaybeUnbound, &main_with("try\n  v = \"a\"\n  rm b\nrescue\n  print \"${v}\"\nend"));
        silent(MaybeUnbound, &main_with("v = \"a\"\ntry\n  v = read_file b\nrescue\n  print \"${v}\"\nend"));
        silent(MaybeUnbound, &main_with("try\n  v = read_file b\nrescue\n  v = \"none\"\n  print \"${v}\"\nend"));
        silent(
            MaybeUnbound,
            &main_with("try\n  v = read_file b\n  print \"${v}\"\nrescue\n  print none\nend\nprint \"${v}\""),
        );
    }

    #[test]
    fn what_only_a_caller_binds_is_told_of_a_command_that_can_be_run_by_itself() {
        let open = "command helper\n  description \"Help\"\n  do\n    print \"«${v}»\"\n  end\nend\n";
        fires(MaybeUnbound, &(main_with("v = 1\nhelper") + open));
        silent(MaybeUnbound, &(main_with("v = 1\nhelper") + &private("helper", "print \"${v}\"")));
    }
}
