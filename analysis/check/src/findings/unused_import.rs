//! `unused-import`: a file that is imported for nothing.
//!
//! Without `as`, its commands are commands of this file, and somebody may run them.

use std::collections::HashSet;

use perch_ir::SourceFile;
use perch_ir::whole::{self, Imported};
use perch_syntax::{Code, Diagnostic};

use crate::program::{Kind, Program};
use crate::usage::{Usage, called, names_outside};
use crate::view::Report;
use crate::whole::Whole;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    if !Usage::of(program).is_known() {
        return;
    }
    let called: HashSet<&str> = called(program).into_iter().collect();
    for import in whole::imports(program.db, program.root) {
        let Some(file) = import.file() else { continue };
        let is_used = match &import.line.alias {
            Some(alias) => {
                called.iter().any(|name| name.strip_prefix(alias.as_str()).is_some_and(|rest| rest.starts_with('.')))
            }
            None => brings_commands(program, &reached(program, file)),
        };
        let files = reached(program, file);
        if !is_used && !gives(program, &files, &called) {
            tell(program, report, &import);
        }
    }
}

fn tell(program: &Program<'_>, report: &mut Report, import: &Imported<'_>) {
    let message = match &import.line.alias {
        Some(alias) => format!("nothing here uses `{alias}`"),
        None => "nothing here uses what this brings".to_owned(),
    };
    let problem = Diagnostic::new(Code::UnusedImport, import.line.span, message);
    let problem = problem.help(match import.line.alias {
        Some(_) => "remove it; without `as`, its commands would be commands of this file",
        None => "remove it",
    });
    let at = whole::declared(program.db, program.root).find(|declared| declared.item == import.item);
    at.into_iter().for_each(|at| report.add_to(program, at, problem.clone()));
}

/// A file, and what it imports.
fn reached(program: &Program<'_>, file: SourceFile) -> Vec<SourceFile> {
    let mut files = vec![file];
    let mut at = 0;
    while let Some(file) = files.get(at).copied() {
        at += 1;
        let more: Vec<SourceFile> = whole::imports(program.db, file).iter().filter_map(Imported::file).collect();
        let more: Vec<SourceFile> = more.into_iter().filter(|file| !files.contains(file)).collect();
        files.extend(more);
    }
    files
}

/// Whether files have commands for the command line.
fn brings_commands(program: &Program<'_>, files: &[SourceFile]) -> bool {
    program.bodies.iter().any(|body| {
        body.kind == Kind::Command && !body.command.private && files.contains(&body.at.item.file(program.db))
    })
}

/// Whether files give something else that is used: templates, bindings, or sections.
fn gives(program: &Program<'_>, files: &[SourceFile], called: &HashSet<&str>) -> bool {
    let is_theirs = |item: perch_ir::database::Item<'_>| files.contains(&item.file(program.db));
    let own = || program.bodies.iter().filter(|body| body.at.file == 0);
    let outside: HashSet<&str> = names_outside(program).into_iter().collect();
    let is_read = |name: &str| outside.contains(name) || own().any(|body| body.reads.contains(name));
    program.sections.iter().any(|(at, _)| is_theirs(at.item))
        || program.shared.iter().any(|(at, shared)| is_theirs(at.item) && is_read(&shared.name))
        || program.bodies.iter().any(|body| {
            body.kind == Kind::Template && is_theirs(body.at.item) && called.contains(body.command.name.as_str())
        })
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnusedImport;

    use crate::testing::{fires_in, main_with, private, silent_in};

    #[test]
    fn an_alias_that_nothing_uses_is_told() {
        let lib = [("lib.perch", main_with("print a"))];
        let lib = [(lib[0].0, lib[0].1.as_str())];
        fires_in(UnusedImport, &("«import ./lib.perch as lib»\n".to_owned() + &main_with("print b")), &lib);
        silent_in(UnusedImport, &("import ./lib.perch as lib\n".to_owned() + &main_with("lib.main")), &lib);
    }

    #[test]
    fn an_import_that_brings_nothing_for_the_command_line_is_told() {
        let lib = private("helper", "print a");
        let import = "«import ./lib.perch»\n".to_owned() + &main_with("print b");
        fires_in(UnusedImport, &import, &[("lib.perch", &lib)]);
    }

    #[test]
    fn commands_templates_bindings_and_sections_are_uses() {
        let import = |statements: &str| "import ./lib.perch\n".to_owned() + &main_with(statements);
        for (lib, statements) in [
            ("command other\n  description \"Other\"\n  do\n    print a\n  end\nend\n", "print b"),
            ("template t\n  do\n    print a\n  end\nend\n", "t"),
            ("v = 1\n", "print \"${v}\""),
            ("requires\nend\n", "print b"),
        ] {
            silent_in(UnusedImport, &import(statements), &[("lib.perch", lib)]);
        }
    }
}
