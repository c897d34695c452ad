//! `unused-argument`: an argument that a command or template takes and never reads.

use perch_syntax::{Code, Diagnostic};

use crate::program::Kind;
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    for arg in view.body.command.args.iter().filter(|arg| !arg.name.starts_with('_')) {
        let name = view.body.name_of(&arg.name);
        let program = view.program;
        let is_read = view.body.reads.contains(name.as_str())
            || view.body.kind == Kind::Command && program.spread.is_read_elsewhere(view.number, &name)
            || arg.name.starts_with(|c: char| c.is_ascii_uppercase())
            || program.may_be_broken(&arg.name);
        if !is_read && !view.statements().is_empty() {
            let message = format!("the argument `{}` is never read", arg.name);
            let problem = Diagnostic::new(Code::UnusedArgument, view.argument(arg.place), message);
            report.add(view, problem.help(format!("remove it, or read it: `${{{}}}`", arg.name)));
        }
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnusedArgument;

    use crate::testing::{fires, private, silent};

    fn with(arg: &str, statements: &str) -> String {
        let lines: String = statements.lines().map(|line| format!("    {line}\n")).collect();
        format!(
            "command main\n  description \"Test\"\n  arg {arg}\n    type string\n    index 0\n  end\n  do\n{lines}  end\nend\n"
        )
    }

    #[test]
    fn an_argument_that_nobody_reads_is_told() {
        fires(UnusedArgument, &with("«target»", "print a"));
        let template = "template t\n  arg «x»\n    type string\n  end\n  do\n    print a\n  end\nend\ncommand main\n  description \"Test\"\n  do\n    t b\n  end\nend\n";
        fires(UnusedArgument, template);
    }

    #[test]
    fn every_way_to_read_it_counts() {
        silent(UnusedArgument, &with("target", "print \"${target}\""));
        silent(UnusedArgument, &with("target", "if target == a\n  print b\nend"));
        silent(UnusedArgument, &(with("target", "helper") + &private("helper", "print \"${target}\"")));
        silent(UnusedArgument, &with("_target", "print a"));
        silent(
            UnusedArgument,
            &with("files", "print a")
                .replace("index 0", "index 0\n    rest")
                .replace("print a", "print \"${files_count}\""),
        );
    }

    #[test]
    fn an_argument_that_another_default_reads_is_read() {
        let program = with("a", "print \"${b}\"")
            .replace("  do\n", "  arg b\n    type string\n    default \"${a}\"\n  end\n  do\n");
        silent(UnusedArgument, &program);
    }
}
