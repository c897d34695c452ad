//! `unknown-name`: a name that nothing binds.
//!
//! A name in capitals may be a variable of the environment, and is not judged.

use perch_ir::{Operand, StmtKind};
use perch_syntax::{Code, Diagnostic, Fix};

use crate::program::{FAILURE_PARTS, HOOK};
use crate::view::{Report, View};

/// Values of other languages, and how they are written here.
const OF_OTHERS: [(&str, &str); 7] = [
    ("True", "true"),
    ("False", "false"),
    ("None", "\"\""),
    ("null", "\"\""),
    ("nil", "\"\""),
    ("undefined", "\"\""),
    ("NULL", "\"\""),
];

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    for unbound in view.unbound() {
        let name = unbound.name;
        if unbound.tried.is_some() || view.may_be_bound(name) {
            continue;
        }
        let span = view.places.naming(unbound.stmt.place, name);
        let problem = Diagnostic::new(Code::UnknownName, span, format!("nothing binds `{name}`"));
        let foreign = OF_OTHERS.iter().find(|(value, _)| *value == name).map(|(_, here)| *here);
        let meant = foreign.map_or_else(|| report.nearest(name, || candidates(view, name)), |_| None);
        let is_copy = matches!(unbound.stmt.kind, StmtKind::Let { value: Operand::Name(_), .. });
        let written = view.places.text().get(span.range()).unwrap_or_default();
        report.add(
            view,
            match meant {
                Some(meant) => {
                    let fix = Fix::maybe(format!("write `{meant}`")).edit(span, written.replace(name, meant));
                    problem.did_you_mean(Some(meant)).fix(fix)
                }
                None if let Some(here) = foreign => {
                    let fix = Fix::maybe(format!("write `{here}`")).edit(span, written.replace(name, here));
                    problem.help(format!("write `{here}`")).fix(fix)
                }
                None if is_copy => {
                    let fix = Fix::maybe("put the text in quotes").edit(span, format!("\"{name}\""));
                    let help = format!(
                        "a single bare word is a name here: write `\"{name}\"` for the text, or `exec {name}` for what a program of that name prints"
                    );
                    problem.help(help).fix(fix)
                }
                None if is_part(view, name) => {
                    problem.help(format!("a failure has these parts: {}", FAILURE_PARTS.join(", ")))
                }
                None if name.contains('.') => problem.help(
                    "a name has a dot only for a part of a failure, `err.kind`, or of what a hook sees, `hook.op`",
                ),
                None => problem
                    .help(format!("bind it first, as in `{name} = …`, or write `\\${{` for the characters themselves")),
            },
        );
    }
}

/// Whether a name is the part of something that is bound.
fn is_part(view: &View<'_, '_>, name: &str) -> bool {
    name.split_once('.').is_some_and(|(head, _)| view.body.binds(head))
}

/// What may have been meant: the parts of a failure or a hook, or any name that means something here.
fn candidates<'v>(view: &'v View<'_, '_>, name: &str) -> Vec<&'v str> {
    let mut candidates: Vec<&str> = view.candidates();
    if name.starts_with(HOOK) {
        candidates.extend(["hook.op", "hook.timing", "hook.target", "hook.error"]);
    }
    candidates.extend(["err.kind", "err.message", "err.code", "err.op", "err.detail"]);
    candidates
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnknownName;

    use crate::testing::{fires, fires_in, main_with, private, silent, silent_in};

    #[test]
    fn a_misspelt_name_is_told_with_what_was_meant() {
        let found = fires(UnknownName, &main_with("version = \"1\"\nprint \"v«${verison}»\""));
        assert_eq!(found[0].message, "nothing binds `verison`");
        assert_eq!(found[0].help.as_deref(), Some("did you mean `version`?"));
        let fix = found[0].fix.as_ref().unwrap();
        assert!(!fix.is_safe() && fix.edits[0].text == "${version}");
    }

    #[test]
    fn a_copy_of_a_name_that_is_not_there_is_told() {
        let found = fires(UnknownName, &main_with("v = «other»\nprint \"${v}\""));
        assert_eq!(found[0].fix.as_ref().unwrap().edits[0].text, "\"other\"");
    }

    #[test]
    fn every_place_is_told() {
        fires(UnknownName, &main_with("print \"«${nme}»\"\nif os == linux\n  print \"«${nme}»\" b\nend"));
    }

    #[test]
    fn parts_of_failures_are_known() {
        fires(UnknownName, &main_with("try\n  fail\nrescue e\n  print \"${e.kind} «${e.knid}»\"\nend"));
        silent(UnknownName, &main_with("try\n  fail\nrescue\n  print \"${err} ${err.message}\"\nend"));
        let found = fires(UnknownName, &main_with("try\n  fail\nrescue e\n  print \"«${e.text}»\"\nend"));
        let parts = "a failure has these parts: kind, message, code, op, detail";
        assert_eq!(found[0].help.as_deref(), Some(parts));
    }

    #[test]
    fn what_is_bound_anywhere_in_reach_is_known() {
        for statements in [
            "v = 1\nprint \"${v}\"",
            "print \"${HOME} ${os} ${cwd} ${script_dir}\"",
            "for_each \"a\" x\n  print \"${x}\"\nend",
            "with_env \"mode=fast\"\n  print \"${mode}\"\nend",
            "set_env mode fast\nprint \"${mode}\"",
            "print \"\\${nothing}\"",
        ] {
            silent(UnknownName, &main_with(statements));
        }
    }

    #[test]
    fn a_command_sees_what_its_callers_have_bound() {
        let helper = private("helper", "print \"${release}\"");
        silent(UnknownName, &(main_with("release = 1\nhelper") + &helper));
        let marked = private("helper", "print \"«${release}»\"");
        fires(UnknownName, &(main_with("helper") + &marked));
    }

    #[test]
    fn a_template_sees_what_its_users_have_bound_and_binds_for_them() {
        let template = "template t\n  do\n    made = \"${given}\"\n  end\nend\n";
        silent(UnknownName, &(template.to_owned() + &main_with("given = 1\nt\nprint \"${made}\"")));
    }

    #[test]
    fn arguments_and_what_comes_with_them_are_known() {
        let program = "command main\n  description \"Test\"\n  arg files\n    type string\n    index 0\n    rest\n  end\n  do\n    print \"${files} ${files_count}\"\n  end\nend\n";
        silent(UnknownName, program);
        let proxy =
            "command main\n  description \"Test\"\n  proxy_args\n  do\n    print \"${proxy_args}\"\n  end\nend\n";
        silent(UnknownName, proxy);
    }

    #[test]
    fn handlers_of_hooks_see_the_hook() {
        let hooks = "hooks\n  before write guard\nend\n";
        let program = hooks.to_owned() + &main_with("write_file a b") + &private("guard", "print \"${hook.target}\"");
        silent(UnknownName, &program);
        fires(UnknownName, &main_with("print \"«${hook.target}»\""));
    }

    #[test]
    fn shared_bindings_of_imports_are_known() {
        let import = "import ./lib.perch\n".to_owned() + &main_with("print \"${there}\"");
        silent_in(UnknownName, &import, &[("lib.perch", "there = 1\n")]);
        let marked = import.replace("${there}", "«${ther}»");
        fires_in(UnknownName, &marked, &[("lib.perch", "there = 1\n")]);
    }

    #[test]
    fn shared_bindings_behind_an_alias_are_known_there_alone() {
        let lib = "there = 1\ncommand show\n  description \"Test\"\n  do\n    print \"${there} ${here}\"\n  end\nend\n";
        let import = "import ./lib.perch as lib\nhere = 1\n".to_owned();
        silent_in(UnknownName, &(import.clone() + &main_with("lib.show")), &[("lib.perch", lib)]);
        fires_in(UnknownName, &(import + &main_with("print \"«${there}»\"\nlib.show")), &[("lib.perch", lib)]);
    }
}
