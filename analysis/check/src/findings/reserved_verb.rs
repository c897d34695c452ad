//! `reserved-verb`: a command by whose name perch means something else.

use perch_syntax::{Code, Diagnostic, VERBS};

use crate::program::Kind;
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let command = view.body.command;
    let is_called = view.body.kind == Kind::Command && !command.private && command.config.test.is_none();
    if is_called && VERBS.contains(&command.name.as_str()) {
        let name = &command.name;
        let message = format!("`perch {name}` means something else");
        let problem = Diagnostic::new(Code::ReservedVerb, view.name(), message);
        report.add(
            view,
            problem.help(format!(
                "`perch -- {name}` runs it; give it another name, or make it `private` if only commands call it"
            )),
        );
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::ReservedVerb;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn a_command_with_a_word_of_perch_is_told() {
        fires(ReservedVerb, &main_with("print a").replace("command main", "command «simulate»"));
    }

    #[test]
    fn what_the_command_line_does_not_call_may_be_called_so() {
        silent(ReservedVerb, &(main_with("help") + &private("help", "print a")));
        silent(ReservedVerb, &main_with("print a").replace("command main", "command tests"));
    }
}
