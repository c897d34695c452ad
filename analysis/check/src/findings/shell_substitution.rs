//! `shell-substitution`: `$(…)` in a text that no shell sees. It is plain text: language §1.6.

use perch_ir::deeds::{Deed, deeds};
use perch_ir::{Operand, Stmt, StmtKind};
use perch_ops::Touch;
use perch_syntax::tree::{Part, Word};
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

/// What a shell replaces.
const SUBSTITUTION: &str = "$(";

/// Programs that give their words to a shell, or mean something by the signs themselves.
const SHELLS: [&str; 14] =
    ["sh", "bash", "dash", "zsh", "ksh", "fish", "ssh", "su", "sudo", "env", "make", "docker", "podman", "kubectl"];

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        if !stmt.source.contains(SUBSTITUTION) || is_for_a_shell(stmt) {
            return;
        }
        let words = view.places.at(stmt.place).words;
        let holds =
            |(at, word): (usize, &Word)| at > 0 && is_odd(view, word) || at == 0 && word.quoted && is_odd(view, word);
        if let Some((_, word)) = words.iter().enumerate().find(|(at, word)| holds((*at, word))) {
            let message = "`$(…)` is plain text: there is no substitution of commands";
            let problem = Diagnostic::new(Code::ShellSubstitution, word.span, message);
            report.add(
                view,
                problem.help("bind what the program prints above, `out = PROGRAM …`, and write `${out}` here"),
            );
        }
    });
}

/// Whether a text holds the signs. In single quotes they are meant for somebody else.
fn is_odd(view: &View<'_, '_>, word: &Word) -> bool {
    let holds = |part: &Part| matches!(part, Part::Text(text) if text.contains(SUBSTITUTION));
    let written = view.places.text().get(word.span.range()).unwrap_or_default();
    word.parts.iter().any(holds) && !written.contains('\'')
}

fn is_for_a_shell(stmt: &Stmt) -> bool {
    let mut is_shell = false;
    deeds(stmt, &mut |deed| {
        if let Deed::Uses(used) = deed {
            is_shell |= used.entry.touches.iter().any(|touch| matches!(touch, Touch::Shell(_)));
        }
    });
    let StmtKind::Op(call) = &stmt.kind else { return is_shell };
    let is_program = call.op == perch_ops::program_start();
    let name = match call.operands.first() {
        Some(Operand::Text(name)) if is_program => name.as_literal(),
        _ => None,
    };
    is_shell || name.is_some_and(|name| SHELLS.contains(&name.rsplit('/').next().unwrap_or(name)))
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::ShellSubstitution;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn a_substitution_in_a_text_is_told() {
        fires(ShellSubstitution, &main_with("print «\"built on $(date)\"»"));
        fires(ShellSubstitution, &main_with("day = «\"$(date +%F)\"»\nprint \"${day}\""));
        fires(ShellSubstitution, &main_with("git tag «\"v$(cat VERSION)\"»"));
        fires(ShellSubstitution, &main_with("mkdir «out/$(date)»"));
    }

    #[test]
    fn what_a_shell_gets_is_for_the_shell() {
        silent(
            ShellSubstitution,
            &main_with("shell \"echo $(date)\"\nd = shell_output \"echo $(date)\"\nprint \"${d}\""),
        );
        silent(ShellSubstitution, &main_with("bash -c \"echo $(date)\"\nexec /bin/sh -c \"echo $(date)\""));
        silent(ShellSubstitution, &main_with("print 'write $(date) for the date'\nprint \"a $b (c)\""));
    }
}
