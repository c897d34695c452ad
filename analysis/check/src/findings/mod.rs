//! A file for each code, with a function that finds it and tests of where it does and does not.

mod constant_condition;
mod endless_recursion;
mod maybe_unbound;
mod missing_description;
mod unbound_condition;
mod unbound_word;
mod unknown_name;
mod unknown_platform;
mod unreachable_code;
mod unreachable_platform;
mod unused_argument;
mod unused_binding;
mod unused_command;
mod unused_import;
mod unused_template;
mod used_before_bound;

use perch_ir::{Database, SourceFile};

use crate::Finding;
use crate::outcomes::Outcomes;
use crate::program::Program;
use crate::view::{Report, View};

/// What is looked for in each body.
const IN_BODIES: &[fn(&View<'_, '_>, &mut Report)] = &[
    constant_condition::find,
    maybe_unbound::find,
    missing_description::find,
    unbound_condition::find,
    unbound_word::find,
    unknown_name::find,
    unknown_platform::find,
    unreachable_code::find,
    unreachable_platform::find,
    unused_argument::find,
    used_before_bound::find,
];

/// What is looked for in the whole program.
const IN_PROGRAMS: &[fn(&Program<'_>, &Outcomes, &mut Report)] =
    &[endless_recursion::find, unused_binding::find, unused_command::find, unused_import::find, unused_template::find];

/// Everything that is found.
pub(crate) fn all(db: &Database, root: SourceFile) -> Vec<Finding> {
    let program = Program::new(db, root);
    let outcomes = Outcomes::of(&program);
    let mut report = Report::default();
    for (number, body) in program.bodies.iter().enumerate() {
        let view = View::new(&program, &outcomes, number, body);
        IN_BODIES.iter().for_each(|find| find(&view, &mut report));
    }
    IN_PROGRAMS.iter().for_each(|find| find(&program, &outcomes, &mut report));
    report.found
}
