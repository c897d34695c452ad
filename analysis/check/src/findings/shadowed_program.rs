//! `shadowed-program`: `requires` allows a program whose name bodies mean something else by, and nothing starts it.

use std::collections::HashSet;

use perch_ir::construct::Section;
use perch_ir::deeds::{Deed, Word, deeds};
use perch_ir::places::Places;
use perch_ir::walk;
use perch_ir::whole::Declared;
use perch_syntax::{Code, Diagnostic};

use crate::program::Program;
use crate::view::Report;
use crate::whole::Whole;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    let started = started(program);
    for (at, section) in &program.sections {
        let Section::Requires(lines) = section else { continue };
        let places = Places::new(at.item.text(program.db));
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.what == "bin" && line.handle.is_none()) {
            for (place, word) in line.words.iter().enumerate() {
                let Some(name) = Word::from(word).literal().filter(|name| !started.contains(name)) else { continue };
                let Some(what) = meaning(program, *at, name) else { continue };
                let entry = places.entry(number);
                let span = entry.words.get(place + 1).map_or(entry.span, |word| word.span);
                let message = format!("bodies do not start this program: there `{name}` is {what}");
                let problem = Diagnostic::new(Code::ShadowedProgram, span, message);
                report.add_to(
                    program,
                    *at,
                    problem.help(format!("write `exec {name}` where the program is meant, or remove this")),
                );
            }
        }
    }
}

fn meaning<'db>(program: &Program<'db>, at: Declared<'db>, name: &str) -> Option<&'static str> {
    let is_op = perch_ops::find(name).is_some_and(|entry| !entry.is_keyword() && !entry.internal);
    let is_command = || program.command(at.item, name).is_some();
    let is_template = || program.template(at.item, name).is_some();
    if is_op {
        Some("an op")
    } else if is_command() {
        Some("a command")
    } else {
        is_template().then_some("a template")
    }
}

/// The programs that are started by names that are written out.
fn started<'db>(program: &Program<'db>) -> HashSet<&'db str> {
    let start = perch_ops::program_start().entry().name;
    let mut names = HashSet::new();
    for body in &program.bodies {
        walk(&body.command.body, &mut |stmt| {
            deeds(stmt, &mut |deed| {
                if let Deed::Uses(used) = deed
                    && used.entry.name == start
                {
                    names.extend(used.words.first().and_then(|word| word.literal()));
                }
            });
        });
    }
    names
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::ShadowedProgram;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn a_program_with_the_name_of_an_op_is_told_if_nothing_starts_it() {
        fires(
            ShadowedProgram,
            &("requires\n  bin git\n  bin make «cp»\n  write .\nend\n".to_owned() + &main_with("cp a b")),
        );
        fires(ShadowedProgram, &("requires\n  bin «main»\nend\n".to_owned() + &main_with("print a")));
    }

    #[test]
    fn a_program_that_is_started_is_fine() {
        silent(ShadowedProgram, &("requires\n  bin cp\nend\n".to_owned() + &main_with("exec cp a b")));
        silent(ShadowedProgram, &("requires\n  bin git\nend\n".to_owned() + &main_with("git status")));
    }
}
