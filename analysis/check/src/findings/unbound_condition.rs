//! `unbound-condition`: a condition about a name that nothing binds. It reads as empty (language §7.2), so nobody would notice.

use std::collections::HashSet;

use perch_ir::deeds::{Deed, deeds};
use perch_syntax::{Code, Diagnostic};

use crate::program::is_variable;
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let mut told = HashSet::new();
    view.each(|stmt| {
        deeds(stmt, &mut |deed| {
            let Deed::Tests(name) = deed else { return };
            // A predicate by itself is another mistake.
            let is_other = matches!(name, "true" | "false") || name.starts_with(' ') || perch_ops::find(name).is_some();
            if is_other || view.may_be_bound(name) || view.program.is_bound_for(view.body, name) || !told.insert(name) {
                return;
            }
            let message = format!("nothing binds `{name}`, so it is empty here");
            let problem = Diagnostic::new(Code::UnboundCondition, view.places.naming(stmt.place, name), message);
            let problem = match report.nearest(name, || view.candidates()) {
                Some(meant) => problem.did_you_mean(Some(meant)),
                None if is_variable(name) => problem
                    .help(format!("conditions do not see the environment: bind it first, `value = get_env {name}`")),
                None => problem.help("bind it on every way that leads here, or test what is meant"),
            };
            report.add(view, problem);
        });
    });
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnboundCondition;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn a_misspelt_name_in_a_condition_is_told() {
        let found = fires(UnboundCondition, &main_with("ready = exists out\nif «redy»\n  print \"${ready}\"\nend"));
        assert_eq!(found[0].help.as_deref(), Some("did you mean `ready`?"));
        fires(UnboundCondition, &main_with("if os == linux and not «fast»\n  print a\nend"));
        fires(UnboundCondition, &main_with("if os == linux\n  print a\nelif «mode» == fast\n  print b\nend"));
    }

    #[test]
    fn a_variable_of_the_environment_is_no_binding() {
        let found = fires(UnboundCondition, &main_with("if «CI»\n  print a\nend"));
        assert!(found[0].help.as_ref().unwrap().contains("value = get_env CI"));
    }

    #[test]
    fn what_is_bound_later_or_elsewhere_may_be_asked_for() {
        silent(
            UnboundCondition,
            &main_with("for_each \"a\" x\n  if seen\n    print \"${x}\"\n  end\n  seen = true\nend"),
        );
        silent(UnboundCondition, &(main_with("fast = true\nhelper") + &private("helper", "if fast\n  print a\nend")));
        silent(UnboundCondition, &main_with("if is_linux or os == macos\n  print a\nend\nif true\n  print b\nend"));
        silent(
            UnboundCondition,
            &main_with("try\n  fail\nrescue\n  if err.kind == user_fail\n    print a\n  end\nend"),
        );
    }
}
