//! `unused-command`: a private command that nothing can get to.

use perch_syntax::{Code, Diagnostic};

use crate::program::Kind;
use crate::usage::Usage;
use crate::view::Report;
use crate::whole::Whole;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    let usage = Usage::of(program);
    for at in usage.unused(program, Kind::Command) {
        let view = whole.view(at);
        let name = &view.body.command.name;
        let message = match program.spread.users(at) {
            [] => format!("nothing calls `{name}`, which is private"),
            _ => format!("`{name}` is private, and only commands call it that nothing calls"),
        };
        let problem = Diagnostic::new(Code::UnusedCommand, view.name(), message);
        report.add(&view, problem.help("remove it, or remove `private` if the command line is to call it"));
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnusedCommand;

    use crate::testing::{fires, main_with, private, silent, silent_in};

    #[test]
    fn a_private_command_that_nobody_calls_is_told() {
        fires(UnusedCommand, &(main_with("print a") + &private("«helper»", "print b")));
    }

    #[test]
    fn so_are_those_that_only_it_calls() {
        let two = private("«helper»", "inner") + &private("«inner»", "helper");
        fires(UnusedCommand, &(main_with("print a") + &two));
    }

    #[test]
    fn whatever_can_run_a_command_uses_it() {
        silent(UnusedCommand, &(main_with("helper") + &private("helper", "inner") + &private("inner", "print b")));
        let hooks = "hooks\n  before write guard\nend\n".to_owned();
        silent(UnusedCommand, &(hooks + &main_with("write_file a b") + &private("guard", "print a")));
        let on_signal = main_with("print a").replace("  do\n", "  on_signal clean\n  do\n");
        silent(UnusedCommand, &(on_signal + &private("clean", "rm a")));
        let test = "command checks\n  test\n  do\n    helper\n  end\nend\n".to_owned();
        silent(UnusedCommand, &(test + &private("helper", "print a")));
        let template = "template t\n  do\n    helper\n  end\nend\n".to_owned();
        silent(UnusedCommand, &(template + &main_with("t") + &private("helper", "print a")));
    }

    #[test]
    fn a_file_to_be_imported_is_not_judged_and_neither_is_an_import() {
        silent(UnusedCommand, &private("helper", "print a"));
        let main = "import ./lib.perch as lib\n".to_owned() + &main_with("lib.used");
        silent_in(UnusedCommand, &main, &[("lib.perch", &(private("used", "print a") + &private("other", "print b")))]);
    }
}
