//! `shell-substitution`: `$(…)`, or a command in backticks, in a text that no shell sees. It is plain text: language §1.4 and §1.6.

use perch_ir::deeds::{Deed, binding, deeds};
use perch_ir::{Operand, Stmt, StmtKind};
use perch_ops::Touch;
use perch_syntax::tree::{Part, Word};
use perch_syntax::{Code, Diagnostic, Span, is_name};

use crate::program::is_variable;
use crate::view::{Report, View};

/// What a shell replaces.
const SUBSTITUTION: &str = "$(";

/// Programs that give their words to a shell, or mean something by the signs themselves.
const SHELLS: [&str; 14] =
    ["sh", "bash", "dash", "zsh", "ksh", "fish", "ssh", "su", "sudo", "env", "make", "docker", "podman", "kubectl"];

/// Programs whose output people want in a text. Of other texts in backticks nobody knows whether they are commands.
const PROGRAMS: [&str; 34] = [
    "aws", "awk", "basename", "cargo", "cat", "curl", "date", "dirname", "docker", "echo", "expr", "find", "gcloud",
    "git", "go", "id", "jq", "kubectl", "ls", "mktemp", "node", "nproc", "openssl", "printf", "ps", "pwd", "python3",
    "readlink", "realpath", "sed", "tr", "uname", "wc", "whoami",
];

/// The sign of old shells for the same.
const OLD: char = '`';

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        if let Some(command) = in_backticks(stmt) {
            let message = "what stands in backticks is plain text: there is no substitution of commands";
            let problem = Diagnostic::new(Code::ShellSubstitution, view.places.word(stmt, 0), message);
            let name = binding(stmt).unwrap_or_default();
            return report.add(
                view,
                problem.help(format!(
                    "write `{name} = {}` for what the program prints, or other quotes for the text",
                    as_value(&command)
                )),
            );
        }
        if let Some((span, command)) = operand_in_backticks(view, stmt) {
            let message = "what stands in backticks is plain text: there is no substitution of commands";
            let problem = Diagnostic::new(Code::ShellSubstitution, span, message);
            let bound = as_value(&command);
            let help = format!("bind what the program prints above, `out = {bound}`, and write `${{out}}` here");
            return report.add(view, problem.help(help));
        }
        if !stmt.source.contains(SUBSTITUTION) || is_for_a_shell(stmt) {
            return;
        }
        let spot = view.places.at(stmt.place);
        let is_value = matches!(stmt.kind, StmtKind::Let { .. });
        // Of a line that begins with the signs it is said already that it starts a program of that name.
        let starts = |word: &Word| !word.quoted && !is_value && written(view, word).starts_with(SUBSTITUTION);
        let mut words = spot.words.iter().enumerate();
        if let Some((_, word)) = words.find(|(at, word)| is_odd(view, word) && !(*at == 0 && starts(word))) {
            let is_sum = written(view, word).contains("$((");
            let message = if is_sum {
                "`$((…))` is plain text: there is no arithmetic"
            } else {
                "`$(…)` is plain text: there is no substitution of commands"
            };
            let problem = Diagnostic::new(Code::ShellSubstitution, word.span, message);
            report.add(
                view,
                problem.help(match variable(written(view, word)) {
                    Some(name) => format!("write `${{{name}}}` for the value of `{name}`"),
                    None if is_sum => {
                        "let a program compute above, `n = exec expr 1 + 2`, and write `${n}` here".to_owned()
                    }
                    None => "bind what the program prints above, `out = PROGRAM …`, and write `${out}` here".to_owned(),
                }),
            );
        }
    });
}

/// A command as it stands behind `NAME =`, where a single word is a name and no sign joins anything.
fn as_value(command: &str) -> String {
    match command {
        _ if command.contains(['|', ';', '&', '<', '>', '$']) => format!("shell_output '{command}'"),
        _ if command.contains(' ') => command.to_owned(),
        _ => format!("exec {command}"),
    }
}

/// The command that a line binds as a text: `` x = `git status` ``.
fn in_backticks(stmt: &Stmt) -> Option<String> {
    let StmtKind::Let { value: Operand::Text(_), .. } = &stmt.kind else { return None };
    let (_, value) = stmt.source.split_once('=')?;
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let command = value.strip_prefix(OLD)?.strip_suffix(OLD)?;
    let first = command.split_ascii_whitespace().next()?;
    (!command.contains(OLD) && PROGRAMS.contains(&first)).then(|| command.to_owned())
}

/// A command in backticks that an op is given: ``print `date` ``.
fn operand_in_backticks(view: &View<'_, '_>, stmt: &Stmt) -> Option<(Span, String)> {
    let StmtKind::Op(call) = &stmt.kind else { return None };
    if !stmt.source.contains(OLD) || call.op == perch_ops::program_start() || is_for_a_shell(stmt) {
        return None;
    }
    view.places.at(stmt.place).words.iter().find_map(|word| {
        let command = written(view, word).strip_prefix(OLD)?.strip_suffix(OLD)?;
        let first = command.split_ascii_whitespace().next()?;
        PROGRAMS.contains(&first).then(|| (word.span, command.to_owned()))
    })
}

/// The name in `$(NAME)`, which is a variable to `make`.
fn variable(written: &str) -> Option<&str> {
    let (_, behind) = written.split_once(SUBSTITUTION)?;
    let (name, _) = behind.split_once(')')?;
    (is_name(name) && is_variable(name)).then_some(name)
}

fn written<'v>(view: &'v View<'_, '_>, word: &Word) -> &'v str {
    view.places.text().get(word.span.range()).unwrap_or_default()
}

/// Whether a text holds the signs. In single quotes they are meant for somebody else.
fn is_odd(view: &View<'_, '_>, word: &Word) -> bool {
    let holds = |part: &Part| matches!(part, Part::Text(text) if text.contains(SUBSTITUTION));
    word.parts.iter().any(holds) && !written(view, word).contains('\'')
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
        fires(ShellSubstitution, &main_with("day = «on-$(date)»\nprint \"${day}\""));
        fires(ShellSubstitution, &main_with("print «a-$(date»"));
    }

    #[test]
    fn what_a_shell_gets_is_for_the_shell() {
        silent(
            ShellSubstitution,
            &main_with("shell \"echo $(date)\"\nd = shell_output \"echo $(date)\"\nprint \"${d}\""),
        );
        silent(ShellSubstitution, &main_with("bash -c \"echo $(date)\"\nexec /bin/sh -c \"echo $(date)\""));
        silent(ShellSubstitution, &main_with("$(date)"));
        silent(ShellSubstitution, &main_with("print 'write $(date) for the date'\nprint \"a $b (c)\""));
    }

    #[test]
    fn a_variable_of_make_is_told_as_one() {
        let found = fires(ShellSubstitution, &main_with("print «$(HOME)/a»"));
        assert_eq!(found[0].help.as_deref(), Some("write `${HOME}` for the value of `HOME`"));
    }

    #[test]
    fn a_command_in_backticks_is_a_text() {
        let found = fires(ShellSubstitution, &main_with("head = «`git rev-parse HEAD`»\nprint \"${head}\""));
        assert!(found[0].help.as_deref().unwrap().starts_with("write `head = git rev-parse HEAD`"), "{found:?}");
        fires(ShellSubstitution, &main_with("day = «\"`date`\"»\nprint \"${day}\""));
        silent(ShellSubstitution, &main_with("query = `SELECT \"name\" FROM people`\nprint \"${query}\" `a date`"));
        fires(ShellSubstitution, &main_with("print «`date`»"));
        let found = fires(ShellSubstitution, &main_with("print «\"$((1+2))\"»"));
        assert!(found[0].help.as_deref().unwrap().contains("`n = exec expr 1 + 2`"), "{found:?}");
        silent(ShellSubstitution, &main_with("head = git rev-parse `HEAD`\nprint \"${head}\""));
    }
}
