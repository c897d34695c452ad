//! `unused-requirement`: a line of `requires` for something that nothing in the program wants.
//!
//! What a program that is started does is not known. So other lines than those of programs are only told where nothing is started. A program
//! counts as wanted where its name is written in any line: others may start it.

use std::collections::HashSet;

use perch_ir::construct::{Construct, Requirement, Section};
use perch_ir::places::Places;
use perch_ir::{Operand, StmtKind, walk};
use perch_ops::Touch;
use perch_syntax::{Code, Diagnostic, Fix, removal};

use crate::access::{Access, What, accesses};
use crate::lists::Lists;
use crate::rights::touches;
use crate::usage::Usage;
use crate::view::Report;
use crate::whole::Whole;

/// What a program wants.
#[derive(Default)]
struct Wanted {
    accesses: Vec<What>,
    /// Words of its lines.
    words: HashSet<String>,
    /// It starts something of which the name is not written out.
    starts_anything: bool,
    /// It starts programs or modules at all.
    starts: bool,
}

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    let is_manifest = |section: &Section| matches!(section, Section::Requires(_));
    if !program.sections.iter().any(|(at, section)| at.file == 0 && is_manifest(section))
        || !Usage::of(program).is_known()
    {
        return;
    }
    let wanted = wanted(whole);
    for (at, section) in program.sections.iter().filter(|(at, _)| at.file == 0) {
        let Section::Requires(lines) = section else { continue };
        let places = Places::new(at.item.text(program.db));
        for (number, line) in lines.iter().enumerate() {
            let spot = places.entry(number);
            // Where a line could not be read, the numbers are not those of the lines.
            if spot.words.first().and_then(|word| word.bare()) != Some(line.what) {
                continue;
            }
            for (word, place) in line.words.iter().zip(spot.words.iter().skip(1)) {
                if is_wanted(whole, &wanted, line, word) {
                    continue;
                }
                let shown = places.text().get(place.span.range()).unwrap_or_default();
                let message = format!("nothing here {} `{shown}`", deed(line.what));
                let problem = Diagnostic::new(Code::UnusedRequirement, place.span, message);
                let part = if line.words.len() == 1 { spot.span } else { place.span };
                let fix = Fix::maybe("remove it").edit(removal(places.text(), part), "");
                report.add_to(program, *at, problem.help("remove it: what is not named cannot be misused").fix(fix));
            }
        }
    }
}

fn deed(line: &str) -> &'static str {
    match line {
        "bin" => "starts",
        "host" => "talks to",
        "write" => "writes beneath",
        _ => "reads",
    }
}

fn wanted(whole: &Whole<'_>) -> Wanted {
    let mut wanted = Wanted::default();
    let program = &whole.program;
    for (number, body) in program.bodies.iter().enumerate() {
        let view = whole.view(number);
        for (_, _, source) in body.command.config.lines() {
            wanted.add_words(source);
        }
        walk(&body.command.body, &mut |stmt| {
            wanted.add_words(&stmt.source);
            if let StmtKind::Pipe { stages, .. } = &stmt.kind {
                stages.iter().for_each(|stage| wanted.add_words(&stage.source));
            }
            wanted.starts |= touches(stmt, |touch| matches!(touch, Touch::Start(_) | Touch::Shell(_)));
            wanted.starts |=
                matches!(&stmt.kind, StmtKind::NotYet(construct) if matches!(**construct, Construct::Module { .. }));
            accesses(&view, stmt, &mut |Access { what, .. }| wanted.add(what));
        });
    }
    program.shared.iter().for_each(|(_, shared)| wanted.add_words(&shared.source));
    wanted
}

impl Wanted {
    fn add(&mut self, what: What) {
        self.starts_anything |= what == What::Program(None);
        if !self.accesses.contains(&what) && self.accesses.len() < MAX_ACCESSES {
            self.accesses.push(what);
        }
    }

    fn add_words(&mut self, source: &str) {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+');
        self.words.extend(source.split(|c| !is_part(c)).map(str::to_owned));
    }
}

/// How many different things are wanted at most. Beyond them everything counts as wanted.
const MAX_ACCESSES: usize = 500;

fn is_wanted(whole: &Whole<'_>, wanted: &Wanted, line: &Requirement, word: &Operand) -> bool {
    let only = Requirement { words: vec![word.clone()], ..line.clone() };
    match line.what {
        "bin" => {
            let name = match word {
                Operand::Text(text) => text.as_literal(),
                Operand::Name(_) => None,
            };
            let names = name.into_iter().chain(line.handle.as_deref());
            wanted.starts_anything || name.is_none() || names.into_iter().any(|name| wanted.words.contains(name))
        }
        "os" | "arch" => true,
        _ if wanted.starts || wanted.accesses.len() >= MAX_ACCESSES => true,
        // Something that no line names: one of them is probably meant to.
        what if wanted.accesses.iter().any(|access| is_about(access, what) && is_undeclared(whole, access)) => true,
        what => {
            let lists = Lists::of_line(&whole.program, &only);
            wanted.accesses.iter().any(|access| is_about(access, what) && lists.outside(access).is_none())
                || matches!(word, Operand::Text(text) if text.as_literal().is_some_and(|text| wanted.words.contains(text)))
        }
    }
}

fn is_undeclared(whole: &Whole<'_>, access: &What) -> bool {
    whole.manifest.as_ref().is_some_and(|manifest| manifest.outside(access).is_some())
}

/// Whether a line can be there for an access.
fn is_about(what: &What, line: &str) -> bool {
    match what {
        What::Program(_) => false,
        What::Variable(_) => line == "env",
        What::Host(_) | What::Network => line == "host",
        What::Path { writes: true, .. } => line == "write",
        What::Path { writes: false, .. } => matches!(line, "read" | "write"),
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
        silent(UnusedRequirement, "requires\n  bin jq\nend\ncommand a\n  private\n  do\n    print a\n  end\nend\n");
    }
}
