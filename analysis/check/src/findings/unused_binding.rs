//! `unused-binding`: a name that is bound and never read.
//!
//! A name that begins with `_` may be bound for nothing. One in capitals is a variable of the programs that are started.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use perch_ir::deeds::binding;
use perch_ir::{Operand, Part, Stmt, StmtKind, Text};
use perch_syntax::{Code, Diagnostic, Fix, nearest};

use crate::program::{Kind, Program};
use crate::usage::{Usage, names_outside};
use crate::view::{Report, View};
use crate::whole::Whole;

/// With how many names that nothing binds one is compared that nothing reads.
const MAX_COMPARED: usize = 50;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    for (at, _) in program.bodies.iter().enumerate().filter(|(_, body)| body.at.file == 0) {
        in_body(&whole.view(at), report);
    }
    if Usage::of(program).is_known() {
        shared(program, report);
    }
}

fn may_be_unread(name: &str) -> bool {
    name.starts_with(['_', ' ']) || name.starts_with(|c: char| c.is_ascii_uppercase())
}

fn in_body(view: &View<'_, '_>, report: &mut Report) {
    let mut told = HashSet::new();
    let bare = LazyCell::new(|| bare_words(view));
    view.each(|stmt| {
        let Some(name) = binding(stmt).filter(|name| !may_be_unread(name)) else { return };
        let program = view.program;
        let is_read = view.body.reads.contains(name)
            || program.spread.is_read_elsewhere(view.number, name)
            || program.may_be_broken(name);
        // A template binds for whoever uses it, and files that import this one may.
        let is_misspelt = || view.unbound().iter().take(MAX_COMPARED).any(|one| nearest(one.name, [name]).is_some());
        let is_for_others = view.body.kind == Kind::Template && !program.spread.is_read(name);
        if is_read || is_for_others || is_misspelt() || !told.insert(name) {
            return;
        }
        let span = view.places.at(stmt.place).span;
        let name_span = perch_syntax::Span::new(span.start, span.start + name.len());
        let problem = Diagnostic::new(Code::UnusedBinding, name_span, format!("`{name}` is bound and never read"));
        let meant = written_bare(view, &bare, name);
        report.add(view, advised(view, problem, stmt, name, meant));
    });
}

fn advised(view: &View<'_, '_>, problem: Diagnostic, stmt: &Stmt, name: &str, meant: Option<&Stmt>) -> Diagnostic {
    if let Some(meant) = meant {
        let span = view.places.writing(meant.place, name);
        let problem = problem.also(span, format!("this is the word `{name}` itself"));
        let fix = Fix::maybe(format!("write `${{{name}}}`")).edit(span, format!("${{{name}}}"));
        return problem
            .help(format!("write `${{{name}}}` there: words of programs and calls are taken as they are"))
            .fix(fix);
    }
    match &stmt.kind {
        StmtKind::Op(_) | StmtKind::Pipe { .. } | StmtKind::Call { .. } => {
            problem.help(format!("remove `{name} =`; or call it `_{name}` if it is bound to keep its output back"))
        }
        _ => problem.help(format!("remove it, or call it `_{name}`")),
    }
}

/// The bare words that are given to programs and calls, which take them for texts, and the first statement that does so.
fn bare_words<'db>(view: &View<'_, 'db>) -> HashMap<&'db str, &'db Stmt> {
    let mut found = HashMap::new();
    view.each(|stmt| {
        let texts: Vec<&'db Text> = match &stmt.kind {
            StmtKind::Call { words, .. } => words.iter().collect(),
            StmtKind::Op(call) if call.op == perch_ops::program_start() => {
                let texts = call.operands.iter().skip(1);
                texts.filter_map(|operand| if let Operand::Text(text) = operand { Some(text) } else { None }).collect()
            }
            _ => return,
        };
        let words = texts.into_iter().filter_map(|text| match text.parts.as_slice() {
            [Part::Literal(word)] if perch_syntax::is_name(word) => Some(word.as_str()),
            _ => None,
        });
        for word in words {
            found.entry(word).or_insert(stmt);
        }
    });
    found
}

/// The statement that gives a name to a program or a call without quotes, so that its value was probably meant.
fn written_bare<'db>(view: &View<'_, 'db>, words: &HashMap<&'db str, &'db Stmt>, name: &str) -> Option<&'db Stmt> {
    let stmt = *words.get(name)?;
    view.places.at(stmt.place).words.iter().any(|word| word.bare() == Some(name)).then_some(stmt)
}

fn shared(program: &Program<'_>, report: &mut Report) {
    let outside: HashSet<&str> = names_outside(program).into_iter().collect();
    for (at, shared) in program.shared.iter().filter(|(at, _)| at.file == 0) {
        let name = shared.name.as_str();
        if may_be_unread(name) || program.spread.is_read(name) || outside.contains(name) {
            continue;
        }
        let start = perch_ir::whole::first_line(program.db, at.item).start;
        let span = perch_syntax::Span::new(start, start + name.len());
        let problem = Diagnostic::new(Code::UnusedBinding, span, format!("`{name}` is bound and never read"));
        report.add_to(program, *at, problem.help(format!("remove it, or call it `_{name}`")));
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::{UnknownName, UnusedBinding};

    use crate::testing::{fires, main_with, private, silent, silent_beside};

    #[test]
    fn a_name_that_nobody_reads_is_told() {
        fires(UnusedBinding, &main_with("«v» = 1\nprint a"));
        fires(UnusedBinding, &main_with("«v» = read_file a\nprint v2"));
        fires(UnusedBinding, &("«v» = 1\n".to_owned() + &main_with("print a")));
    }

    #[test]
    fn a_word_that_was_meant_as_the_name_is_shown() {
        let found = fires(UnusedBinding, &main_with("«branch» = git current\ngit checkout branch"));
        assert_eq!(found[0].fix.as_ref().unwrap().edits[0].text, "${branch}");
        assert_eq!(found[0].others[0].text, "this is the word `branch` itself");
    }

    #[test]
    fn a_name_that_is_misspelt_where_it_is_read_is_not_told_twice() {
        silent_beside(UnusedBinding, UnknownName, &main_with("version = 1\nprint \"${verison}\""));
    }

    #[test]
    fn every_way_to_read_a_name_counts() {
        for statements in [
            "v = 1\nprint \"${v}\"",
            "v = 1\nprint v",
            "v = 1\nif v\n  print a\nend",
            "v = list_dir a\nfor_each v x\n  print \"${x}\"\nend",
            "v = 1\nw = v\nprint \"${w}\"",
            "v = 1\nwith_env \"A=${v}\"\n  print a\nend",
            "_v = git fetch\nPATH_OF = \"a\"\nprint a",
        ] {
            silent(UnusedBinding, &main_with(statements));
        }
    }

    #[test]
    fn what_a_called_command_or_a_template_reads_is_read() {
        silent(UnusedBinding, &(main_with("v = 1\nhelper") + &private("helper", "print \"${v}\"")));
        fires(UnusedBinding, &(main_with("«v» = 1\nhelper") + &private("helper", "v = 2\nprint \"${v}\"")));
        let template = "template t\n  do\n    print \"${v}\"\n    w = 1\n  end\nend\n".to_owned();
        silent(UnusedBinding, &(template + &main_with("v = 1\nt\nprint \"${w}\"")));
    }

    #[test]
    fn shared_bindings_are_read_by_sections_and_each_other() {
        let program = "a = 1\nb = \"${a}\"\nrequires\n  read b\nend\n".to_owned() + &main_with("print c");
        silent(UnusedBinding, &program);
    }
}
