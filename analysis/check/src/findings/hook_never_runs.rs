//! `hook-never-runs`: a hook around an op that nothing uses.

use std::collections::HashSet;

use perch_ir::database::Item;
use perch_ir::deeds::{Deed, deeds};
use perch_ir::places::Places;
use perch_ir::walk;
use perch_ops::Entry;
use perch_syntax::{Code, Diagnostic};

use crate::program::Program;
use crate::view::Report;
use crate::whole::Whole;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    let mut hooks = program.hooks().peekable();
    if hooks.peek().is_none() || !program.whole {
        return;
    }
    let used = used(program);
    let mut section: Option<(Item<'_>, Places<'_>)> = None;
    for (declared, hook) in hooks {
        let known = section.take().filter(|(item, _)| *item == declared.item);
        let (_, places) =
            section.insert(known.unwrap_or_else(|| (declared.item, Places::new(declared.item.text(program.db)))));
        // What is no target at all is told elsewhere.
        let Some(target) = hook.target else { continue };
        if !used.iter().any(|entry| target.is_around(entry)) {
            let entry = places.at(hook.place);
            let span = entry.words.get(1).map_or(entry.span, |word| word.span);
            let message = format!("nothing here is `{}`, so this hook never runs", target.name());
            let problem = Diagnostic::new(Code::HookNeverRuns, span, message);
            report.add_to(program, declared, problem.help("remove it, or name what it is to be around"));
        }
    }
}

/// The ops that bodies use, besides those of handlers, which have no hooks.
fn used(program: &Program<'_>) -> Vec<&'static Entry> {
    let mut names = HashSet::new();
    let mut used = Vec::new();
    for body in program.bodies.iter().filter(|body| !body.is_handler) {
        walk(&body.command.body, &mut |stmt| {
            deeds(stmt, &mut |deed| {
                if let Deed::Uses(one) = deed
                    && names.insert(one.entry.name)
                {
                    used.push(one.entry);
                }
            });
        });
    }
    used
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::HookNeverRuns;

    use crate::testing::{fires, main_with, private, silent};

    fn with(hooks: &str, statements: &str) -> String {
        format!("hooks\n{hooks}end\n") + &main_with(statements) + &private("guard", "print a\nrm b")
    }

    #[test]
    fn a_hook_around_what_nothing_uses_is_told() {
        fires(
            HookNeverRuns,
            &with("  before write guard\n  after «rm» guard\n  before «net» guard\n", "write_file a b"),
        );
        fires(HookNeverRuns, &with("  before «exec» guard\n", "print a"));
    }

    #[test]
    fn what_is_used_in_any_command_has_its_hooks() {
        silent(
            HookNeverRuns,
            &with("  before exec guard\n  on_error any guard\n  after read guard\n", "git status\n_a = read_file b"),
        );
        silent(HookNeverRuns, &(with("  before mkdir guard\n", "helper") + &private("helper", "mkdir a")));
    }
}
