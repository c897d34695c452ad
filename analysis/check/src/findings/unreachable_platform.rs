//! `unreachable-platform`: an `os` or `arch` block for a system on which the command never runs.

use perch_syntax::{Code, Diagnostic};

use crate::platform;
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    platform::each(view, &mut |stmt, around| {
        let Some(demand) = platform::demanded(stmt) else { return };
        let [value] = demand.any_of.as_slice() else { return };
        let Some(other) = around.excludes(demand.fact, value) else { return };
        let message = format!("nothing in here ever runs: it is for `{value}`");
        let problem = Diagnostic::new(Code::UnreachablePlatform, view.places.statement(stmt), message);
        report.add(view, problem.help(format!("{} allows no `{value}`: remove the block, or allow it", other.by)));
    });
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnreachablePlatform;

    use crate::testing::{fires, main_with, silent};

    fn on(line: &str, body: &str) -> String {
        main_with(body).replace("  do\n", &format!("  {line}\n  do\n"))
    }

    #[test]
    fn a_block_for_another_system_than_the_commands_is_told() {
        let found = fires(UnreachablePlatform, &on("require_os linux macos", "«os windows»\n  print a\nend"));
        assert!(found[0].help.as_ref().unwrap().starts_with("`require_os linux macos` allows no `windows`"));
        fires(UnreachablePlatform, &on("require_arch arm64", "«arch amd64»\n  print a\nend"));
        fires(UnreachablePlatform, &on("require_os windows", "«os unix»\n  print a\nend"));
    }

    #[test]
    fn a_block_in_a_block_for_another_system_is_told() {
        fires(UnreachablePlatform, &main_with("os linux\n  «os macos»\n    print a\n  end\nend"));
    }

    #[test]
    fn what_the_file_requires_counts() {
        fires(
            UnreachablePlatform,
            &("requires\n  os linux\nend\n".to_owned() + &main_with("«os windows»\n  print a\nend")),
        );
    }

    #[test]
    fn systems_that_can_be_are_fine() {
        silent(UnreachablePlatform, &on("require_os unix", "os linux\n  print a\nend"));
        silent(UnreachablePlatform, &on("require_os linux", "os unix\n  arch amd64\n    print a\n  end\nend"));
        silent(UnreachablePlatform, &main_with("os linux\n  print a\nend\nos macos\n  print b\nend"));
    }
}
