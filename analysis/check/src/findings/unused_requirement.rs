//! `unused-requirement`: a line of `requires` for something that nothing in the program wants.
//!
//! What a program that is started does is not known. So other lines than those of programs are only told where nothing is started. A program
//! counts as wanted where its name is written in any line: others may start it.

use std::collections::HashSet;

use perch_ir::construct::{Construct, Requirement, Section};
use perch_ir::places::Places;
use perch_ir::whole::Declared;
use perch_ir::{Operand, StmtKind, walk};
use perch_ops::Touch;
use perch_syntax::tree::Word;
use perch_syntax::{Code, Diagnostic, Fix, removal};

use crate::access::{Access, What, outside_bodies};
use crate::lists::Lists;
use crate::program::Program;
use crate::rights::touches;
use crate::usage::Usage;
use crate::view::Report;
use crate::whole::Whole;

/// A word of a line that nothing has been found to want so far.
struct Pending<'db> {
    at: Declared<'db>,
    /// Which line of the section, and which word of it.
    place: (usize, usize),
    line: &'db Requirement,
    word: &'db Operand,
}

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    let mut pending = all(program);
    if pending.is_empty() || !Usage::of(program).is_known() {
        return;
    }
    let mentioned = mentioned(program, &pending);
    pending.retain(|one| one.line.what != "bin" || !one.names().any(|name| mentioned.contains(name)));
    if pending.iter().any(|one| one.line.what == "bin") && starts_anything(whole) {
        pending.retain(|one| one.line.what != "bin");
    }
    if pending.iter().any(|one| one.line.what != "bin") {
        if starts(program) {
            pending.retain(|one| one.line.what == "bin");
        } else {
            want(whole, &mut pending);
        }
    }
    pending.iter().for_each(|one| tell(program, one, report));
}

/// The words of the main file's lines, besides those that are not there for something that is wanted.
fn all<'db>(program: &Program<'db>) -> Vec<Pending<'db>> {
    let mut all = Vec::new();
    for (at, section) in program.sections.iter().filter(|(at, _)| at.file == 0) {
        let Section::Requires(lines) = section else { continue };
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| !matches!(line.what, "os" | "arch")) {
            let words = line.words.iter().enumerate();
            all.extend(words.map(|(word_at, word)| Pending { at: *at, place: (number, word_at), line, word }));
        }
    }
    all
}

impl<'db> Pending<'db> {
    /// How lines call it; without a name that is written out it may be called anything.
    fn names(&self) -> impl Iterator<Item = &'db str> + use<'db> {
        let literal = match self.word {
            Operand::Text(text) => text.as_literal(),
            Operand::Name(_) => None,
        };
        literal.into_iter().chain(self.line.handle.as_deref())
    }
}

/// The names of pending programs that stand in any line.
fn mentioned<'db>(program: &Program<'db>, pending: &[Pending<'db>]) -> HashSet<&'db str> {
    let names: HashSet<&str> = pending.iter().filter(|one| one.line.what == "bin").flat_map(Pending::names).collect();
    let mut found = HashSet::new();
    if names.is_empty() {
        return found;
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+');
    let mut look = |source: &str| {
        found.extend(source.split(|c| !is_part(c)).filter_map(|word| names.get(word).copied()));
    };
    program.shared.iter().for_each(|(_, shared)| look(&shared.source));
    for body in &program.bodies {
        body.command.config.lines().for_each(|(_, _, source)| look(source));
        walk(&body.command.body, &mut |stmt| {
            look(&stmt.source);
            if let StmtKind::Pipe { stages, .. } = &stmt.kind {
                stages.iter().for_each(|stage| look(&stage.source));
            }
        });
    }
    found
}

/// Whether a program is started of which the name is not written out.
fn starts_anything(whole: &Whole<'_>) -> bool {
    let mut open = false;
    each(whole, |access| open |= access.what == What::Program(None));
    open
}

/// Whether programs or modules are started at all.
fn starts(program: &Program<'_>) -> bool {
    let mut starts = false;
    for body in &program.bodies {
        walk(&body.command.body, &mut |stmt| {
            starts |= touches(stmt, |touch| matches!(touch, Touch::Start(_) | Touch::Shell(_)));
            starts |=
                matches!(&stmt.kind, StmtKind::NotYet(construct) if matches!(**construct, Construct::Module { .. }));
        });
    }
    starts
}

/// Takes out what something may want. Of something that no line names, one of them is probably meant to.
fn want(whole: &Whole<'_>, pending: &mut Vec<Pending<'_>>) {
    let program = &whole.program;
    let list =
        |one: &Pending<'_>| Lists::of_line(program, &Requirement { words: vec![one.word.clone()], ..one.line.clone() });
    let mut lists: Vec<(Pending<'_>, Lists)> = pending
        .drain(..)
        .map(|one| {
            let list = list(&one);
            (one, list)
        })
        .collect();
    each(whole, |access| {
        let is_undeclared = whole.manifest.as_ref().is_some_and(|manifest| manifest.outside(&access.what).is_some());
        lists.retain(|(one, list)| {
            !is_about(&access.what, one.line.what) || !is_undeclared && list.outside(&access.what).is_some()
        });
    });
    pending.extend(lists.into_iter().map(|(one, _)| one));
}

fn each<'db>(whole: &Whole<'db>, mut see: impl FnMut(Access<'db>)) {
    for number in 0..whole.program.bodies.len() {
        whole.view(number).accesses(&mut see);
    }
    outside_bodies(&whole.program, &mut |_, access| see(access));
}

/// Whether a line can be there for an access.
fn is_about(what: &What, line: &str) -> bool {
    match what {
        What::Program(_) => line == "bin",
        What::Variable(_) => line == "env",
        What::Host(_) | What::Network => line == "host",
        What::Path { writes: true, .. } => line == "write",
        What::Path { writes: false, .. } => matches!(line, "read" | "write"),
    }
}

fn tell(program: &Program<'_>, one: &Pending<'_>, report: &mut Report) {
    let places = Places::new(one.at.item.text(program.db));
    let (number, word) = one.place;
    let spot = places.entry(number);
    // Where a line could not be read, the numbers are not those of the lines.
    let Some(place) =
        spot.words.get(word + 1).filter(|_| spot.words.first().and_then(Word::bare) == Some(one.line.what))
    else {
        return;
    };
    let shown = places.text().get(place.span.range()).unwrap_or_default();
    let message = format!("nothing here {} `{shown}`", deed(one.line.what));
    let problem = Diagnostic::new(Code::UnusedRequirement, place.span, message);
    let part = if one.line.words.len() == 1 { spot.span } else { place.span };
    let fix = Fix::maybe("remove it").edit(removal(places.text(), part), "");
    report.add_to(program, one.at, problem.help("remove it: what is not named cannot be misused").fix(fix));
}

fn deed(line: &str) -> &'static str {
    match line {
        "bin" => "starts",
        "host" => "talks to",
        "write" => "writes beneath",
        _ => "reads",
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnusedRequirement;

    use crate::testing::{fires, main_with, silent};

    fn with(lines: &str, statements: &str) -> String {
        format!("requires\n{lines}end\n") + &main_with(statements)
    }

    #[test]
    fn what_nothing_wants_is_told() {
        fires(UnusedRequirement, &with("  bin git «jq»\n  bin «./gen» as gen\n", "git log"));
        fires(UnusedRequirement, &with("  env A «B» optional\n", "print \"${A}\""));
        fires(
            UnusedRequirement,
            &with("  host «example.org»\n  host *.example.net\n", "_a = dns_lookup a.example.net"),
        );
        fires(UnusedRequirement, &with("  read «/srv/a»\n  write /srv/b\n", "touch /srv/b/c"));
    }

    #[test]
    fn what_somebody_may_want_is_fine() {
        silent(UnusedRequirement, &with("  bin sort uniq\n", "pipe\n  sort a\n  uniq -c\nend"));
        silent(
            UnusedRequirement,
            &with("  bin git jq gen\n  env A\n", "shell \"git log | jq .\"\nif has_bin gen\n  git\nend"),
        );
        silent(UnusedRequirement, &with("  bin ./gen as gen\n  os linux\n  read ./a\n", "gen"));
        silent(UnusedRequirement, &with("  bin jq git\n", "tool = upper b\nexec \"${tool}\""));
        silent(
            UnusedRequirement,
            &with("  env A\n  write /srv\n", "name = upper a\n_b = get_env \"${name}\"\nrm \"${name}\""),
        );
        silent(
            UnusedRequirement,
            &with("  env A B\n", "print \"${S} ${E}\"").replace("  do\n", "  env E \"${B}\"\n  do\n").replacen(
                "",
                "S = \"${A}\"\n",
                1,
            ),
        );
        silent(UnusedRequirement, "requires\n  bin jq\nend\ncommand a\n  private\n  do\n    print a\n  end\nend\n");
    }
}
