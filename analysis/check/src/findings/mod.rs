//! A file for each code, with a function that finds it and tests of where it does and does not.

mod bad_condition;
mod constant_condition;
mod dropped_value;
mod duplicate_binding;
mod duplicate_import;
mod duplicate_requirement;
mod endless_recursion;
mod hook_never_runs;
mod impossible_value;
mod maybe_unbound;
mod missing_description;
mod not_a_version;
mod outside_sandbox;
mod parallel_of_one;
mod reserved_verb;
mod retry_not_repeatable;
mod sandbox_contradiction;
mod shadowed_name;
mod shadowed_program;
mod shell_substitution;
mod shell_value;
mod test_denied;
mod unbound_condition;
mod unbound_word;
mod undeclared_host;
mod undeclared_path;
mod undeclared_variable;
mod unknown_error_kind;
mod unknown_name;
mod unknown_platform;
mod unreachable_code;
mod unreachable_platform;
mod unused_argument;
mod unused_binding;
mod unused_command;
mod unused_import;
mod unused_requirement;
mod unused_template;
mod used_before_bound;
mod version_compared;

use perch_ir::{Database, SourceFile};

use crate::Finding;
use crate::view::{Report, View};
use crate::whole::Whole;

/// What is looked for in each body.
const IN_BODIES: &[fn(&View<'_, '_>, &mut Report)] = &[
    bad_condition::find,
    constant_condition::find,
    dropped_value::find,
    impossible_value::find,
    maybe_unbound::find,
    missing_description::find,
    not_a_version::find,
    outside_sandbox::find,
    parallel_of_one::find,
    reserved_verb::find,
    retry_not_repeatable::find,
    sandbox_contradiction::find,
    shadowed_name::find,
    shell_substitution::find,
    shell_value::find,
    test_denied::find,
    unbound_condition::find,
    unbound_word::find,
    undeclared_host::find,
    undeclared_path::find,
    undeclared_variable::find,
    unknown_error_kind::find,
    unknown_name::find,
    unknown_platform::find,
    unreachable_code::find,
    unreachable_platform::find,
    unused_argument::find,
    used_before_bound::find,
    version_compared::find,
];

/// What is looked for in the whole program.
const IN_PROGRAMS: &[fn(&Whole<'_>, &mut Report)] = &[
    duplicate_binding::find,
    duplicate_import::find,
    duplicate_requirement::find,
    endless_recursion::find,
    hook_never_runs::find,
    shadowed_program::find,
    undeclared_path::find_outside,
    undeclared_variable::find_outside,
    unused_binding::find,
    unused_command::find,
    unused_import::find,
    unused_requirement::find,
    unused_template::find,
];

/// Everything that is found.
pub(crate) fn all(db: &Database, root: SourceFile) -> Vec<Finding> {
    let whole = Whole::new(db, root);
    let mut report = Report::default();
    for number in 0..whole.program.bodies.len() {
        let view = whole.view(number);
        IN_BODIES.iter().for_each(|find| find(&view, &mut report));
    }
    IN_PROGRAMS.iter().for_each(|find| find(&whole, &mut report));
    report.found
}
