//! `undeclared-path`: a path that is written out, and that no `read` or `write` line of `requires` holds.
//!
//! Where a command runs is not known: of two relative paths it is known how they lie to each other, of a relative one and an absolute one
//! mostly not.

use perch_ir::places::Places;
use perch_syntax::{Code, Diagnostic};

use crate::access::{Access, What};
use crate::view::{Report, View};
use crate::whole::Whole;

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let problems = view.outside_manifest().iter().filter_map(|(access, _)| problem(access, &view.places));
    problems.for_each(|problem| report.add(view, problem));
}

/// The same outside of bodies.
pub(super) fn find_outside(whole: &Whole<'_>, report: &mut Report) {
    for (at, access, _) in whole.outside_manifest() {
        let found = problem(&access, &Places::new(at.item.text(whole.program.db)));
        found.into_iter().for_each(|problem| report.add_to(&whole.program, at, problem));
    }
}

fn problem(access: &Access<'_>, places: &Places<'_>) -> Option<Diagnostic> {
    let What::Path { shown, writes, .. } = &access.what else { return None };
    let (line, deed) = if *writes { ("write", "written") } else { ("read", "read") };
    let shown = if shown.is_empty() { "this path" } else { &format!("`{shown}`") };
    let message = format!("{shown} is {deed}, and no `{line}` line of `requires` holds it");
    let problem = Diagnostic::new(Code::UndeclaredPath, access.span(places), message);
    Some(problem.help(format!("write `{line} DIRECTORY` in `requires` for one that holds it")))
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
    fn lines_before_do_and_shared_bindings_read_too() {
        let shared = |value: &str| format!("DIGEST = {value}\n") + &with("  read ./src\n", "print \"${DIGEST}\"");
        fires(UndeclaredPath, &shared("«\"${sha256_file('doc/a')}\"»"));
        silent(UndeclaredPath, &shared("\"${sha256_file('src/a')}\""));
        let head = |line: &str| with("  read ./src\n", "print a").replace("  do\n", &format!("{line}  do\n"));
        fires(UndeclaredPath, &head("  env DIGEST «\"${sha256_file('doc/a')}\"»\n"));
        silent(UndeclaredPath, &head("  env DIGEST \"${sha256_file('src/a')}\"\n"));
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
