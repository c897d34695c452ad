//! `undeclared-path`: a path that is written out, and that no `read` or `write` line of `requires` holds.
//!
//! Where a command runs is not known: of two relative paths it is known how they lie to each other, of a relative one and an absolute one
//! mostly not.

use perch_syntax::{Code, Diagnostic};

use crate::access::What;
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    for (stmt, access, _) in view.outside_manifest() {
        let What::Path { shown, writes, .. } = &access.what else { continue };
        let (line, deed) = if *writes { ("write", "written") } else { ("read", "read") };
        let shown = if shown.is_empty() { "this path" } else { &format!("`{shown}`") };
        let message = format!("{shown} is {deed}, and no `{line}` line of `requires` holds it");
        let problem = Diagnostic::new(Code::UndeclaredPath, access.span(view, stmt), message);
        report.add(view, problem.help(format!("write `{line} DIRECTORY` in `requires` for one that holds it")));
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UndeclaredPath;

    use crate::testing::{fires, main_with, private, silent};

    fn with(lines: &str, statements: &str) -> String {
        format!("requires\n{lines}end\n") + &main_with(statements)
    }

    #[test]
    fn a_path_has_to_lie_within_what_is_declared() {
        let found =
            fires(UndeclaredPath, &with("  read ./src\n  write ./out\n", "write_file «src/a» b\ncp «doc/a» out/a"));
        assert_eq!(found[0].message, "`src/a` is written, and no `write` line of `requires` holds it");
        fires(UndeclaredPath, &with("", "if exists «a»\n  print b\nend"));
        fires(UndeclaredPath, &with("  write /srv/app\n", "rm «/srv/apple»\ntouch «/etc/a»"));
        fires(UndeclaredPath, &with("  read \"${home}/.config\"\n", "_a = read_file \"«${home}»/.ssh/id\""));
        fires(UndeclaredPath, &("root = ./src\n".to_owned() + &with("  read root\n", "_a = read_file «doc/b»")));
        fires(UndeclaredPath, &with("", "wasm_run ./a.wasm\n  wasm_mount_read «./b»\nend"));
    }

    #[test]
    fn what_lies_within_or_may_do_so_is_fine() {
        silent(UndeclaredPath, &main_with("rm /etc/a"));
        let lines = "  read ./src\n  write ./out\n";
        silent(UndeclaredPath, &with(lines, "cp src/a out/b\n_a = read_file ./out/../src/x\n_b = glob \"src/*.rs\""));
        silent(UndeclaredPath, &with(lines, "path = upper x\nrm \"${path}/x\"\n_a = mktemp_dir"));
        silent(UndeclaredPath, &with("  read /srv\n", "_a = read_file a"));
        silent(UndeclaredPath, &with(lines, "cd src\n_a = read_file a"));
        silent(UndeclaredPath, &(with(lines, "other\nrm out/a") + &private("other", "with_cwd src\n  rm a\nend")));
    }
}
