//! `sandbox-contradiction`: an op where its right has been given up: by a `sandbox` block around it, by the command, or by the `sandbox`
//! of the file.
//!
//! In a `try` with a `rescue` somebody is looking whether it is denied.

use perch_ir::construct::Section;
use perch_ir::{Around, Stmt, StmtKind};
use perch_policy::{Mask, Right};
use perch_syntax::{Code, Diagnostic};

use crate::rights::{deed, of_statement};
use crate::view::{Report, View};

/// Who has given up what.
#[derive(Clone, Copy)]
struct Given<'db> {
    right: Right,
    /// The block; nothing if it is the command or the file.
    block: Option<&'db Stmt>,
    /// How it is written.
    by: &'db str,
}

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    let given =
        given_by_file(view).into_iter().chain(given_by(view.body.command.config.mask, None, "the command")).collect();
    look(view, view.statements(), &given, report);
}

fn given_by<'db>(mask: Mask, block: Option<&'db Stmt>, by: &'db str) -> impl Iterator<Item = Given<'db>> {
    Right::ALL.into_iter().filter(move |right| mask.denies(*right)).map(move |right| Given { right, block, by })
}

/// What the `sandbox` of the body's own file takes away from all of it.
fn given_by_file<'db>(view: &View<'_, 'db>) -> Vec<Given<'db>> {
    let own = view.program.sections.iter().filter(|(at, _)| at.file == view.body.at.file);
    let clauses = own.flat_map(|(_, section)| match section {
        Section::Sandbox(clauses) => clauses.iter().collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let given = clauses.filter_map(|(clause, _)| perch_ir::given_up(clause));
    given.flat_map(|mask| given_by(mask, None, "the `sandbox` of the file")).collect()
}

fn look<'db>(view: &View<'_, 'db>, body: &'db [Stmt], given: &Vec<Given<'db>>, report: &mut Report) {
    for stmt in body {
        judge(view, stmt, given, report);
        match &stmt.kind {
            StmtKind::Try { body: _, rescue: Some((_, rescue)), finally } => {
                look(view, rescue, given, report);
                look(view, finally, given, report);
            }
            StmtKind::Block(block) => {
                let mut inner = given.clone();
                if let Around::Sandbox(mask) = &block.around {
                    inner.extend(given_by(*mask, Some(stmt), "this"));
                }
                look(view, &block.body, &inner, report);
            }
            kind => kind.bodies().for_each(|body| look(view, body, given, report)),
        }
    }
}

fn judge<'db>(view: &View<'_, 'db>, stmt: &'db Stmt, given: &[Given<'db>], report: &mut Report) {
    let denied = |right: Right| given.iter().find(|given| given.right == right);
    for (entry, right) in of_statement(stmt) {
        if let Some(given) = denied(right) {
            return tell(view, stmt, given, &format!("`{}`", entry.name), report);
        }
    }
    // What gives up a right in its own file or command is told there.
    let blocks = given.iter().filter(|given| given.block.is_some());
    if let Some(to) = crate::outcomes::used(view.program, view.number, stmt)
        && let Some(given) = blocks.into_iter().find(|given| view.whole.rights.needs(to, given.right))
    {
        let name = view.used(stmt).map_or("", |used| &used.command.name);
        tell(view, stmt, given, &format!("`{name}`, or what it calls,"), report);
    }
}

fn tell(view: &View<'_, '_>, stmt: &Stmt, given: &Given<'_>, who: &str, report: &mut Report) {
    let flag = given.right.flag();
    let message = format!("{who} {}, which is denied here", deed(given.right));
    let problem = Diagnostic::new(Code::SandboxContradiction, view.places.statement(stmt), message);
    let problem = match given.block {
        Some(block) => problem.also(view.places.statement(block), format!("`{flag}` takes that right away")),
        None => problem,
    };
    let by = if given.block.is_some() { "the `sandbox` around it" } else { given.by };
    report.add(view, problem.help(format!("{by} gives it up: move the line out, or keep the right")));
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::SandboxContradiction;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn an_op_that_needs_what_the_block_takes_away_is_told() {
        let found = fires(SandboxContradiction, &main_with("sandbox no_write\n  print a\n  «write_file a b»\nend"));
        assert_eq!(found[0].message, "`write_file` writes, which is denied here");
        fires(
            SandboxContradiction,
            &main_with("sandbox no_network no_shell\n  if exists a\n    «shell \"ls\"»\n  end\nend"),
        );
        fires(SandboxContradiction, &main_with("sandbox no_subprocess\n  «git status»\nend"));
    }

    #[test]
    fn a_command_that_needs_it_somewhere_beneath_is_told_where_it_is_called() {
        let rest = private("deeper", "print a\nfetch") + &private("fetch", "download \"https://example.org/\" a");
        fires(SandboxContradiction, &(main_with("sandbox no_network\n  «deeper»\nend\ndeeper") + &rest));
    }

    #[test]
    fn what_the_command_or_the_file_gives_up_counts() {
        let command = |line: &str, body: &str| main_with(body).replace("  do\n", &format!("  {line}\n  do\n"));
        fires(SandboxContradiction, &command("read_only", "«rm a»"));
        fires(SandboxContradiction, &command("offline", "«_x = http_get \"https://example.org/\"»"));
        fires(SandboxContradiction, &("sandbox\n  no_shell\nend\n".to_owned() + &main_with("«shell \"ls\"»")));
    }

    #[test]
    fn other_rights_other_places_and_attempts_are_fine() {
        silent(
            SandboxContradiction,
            &main_with(
                "sandbox no_network\n  write_file a b\n  git status\nend\n_x = http_get \"https://example.org/\"",
            ),
        );
        silent(
            SandboxContradiction,
            &main_with("sandbox no_write\n  try\n    write_file a b\n  rescue\n    print denied\n  end\nend"),
        );
    }
}
