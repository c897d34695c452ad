//! `missing-description`: a command that the command line lists without a word.

use perch_syntax::{Code, Diagnostic};

use crate::program::Kind;
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let command = view.body.command;
    let is_listed = view.body.kind == Kind::Command && !command.private && command.config.test.is_none();
    if is_listed && command.description.is_none() {
        let message = format!("`{}` has no description", command.name);
        let problem = Diagnostic::new(Code::MissingDescription, view.head(), message);
        report.add(
            view,
            problem.help(
                "add a line `description \"…\"`: `perch --list` shows it; or `private`, if only commands call it",
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::MissingDescription;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn a_command_without_a_description_is_told() {
        fires(MissingDescription, "«command main»\n  do\n    print a\n  end\nend\n");
    }

    #[test]
    fn what_is_not_listed_needs_none() {
        silent(MissingDescription, &(main_with("helper") + &private("helper", "print a")));
        silent(MissingDescription, "command checks\n  test\n  do\n    print a\n  end\nend\n");
        silent(MissingDescription, "catch word\n  do\n    print \"${word}\"\n  end\nend\n");
    }
}
