//! The ops that are programs, lowered by the same code as files, each once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use perch_ops::{Body, Entry, Meaning, OpId, Operand};
use perch_syntax::Diagnostic;

use crate::lower::{self, Names, OpsOnly};
use crate::program::{Absent, Arg, ArgType, Command, Place};

/// The program of an op whose entry has one: a command whose arguments are the op's operands. Each is lowered when it is first asked for:
/// most runs need few of them, and all together take longer than a small run does.
#[must_use]
pub fn op_program(op: OpId) -> Option<Arc<Command>> {
    static PROGRAMS: LazyLock<HashMap<OpId, OnceLock<Option<Arc<Command>>>>> = LazyLock::new(|| {
        let ops = perch_ops::catalogue().filter_map(Entry::op);
        ops.filter(|op| matches!(op.body(), Body::Program(..))).map(|op| (op, OnceLock::new())).collect()
    });
    let lowered = || lower_entry(op.entry()).and_then(|(command, _)| command).map(Arc::new);
    PROGRAMS.get(&op)?.get_or_init(lowered).clone()
}

/// The lines that are put before a program to make a command of it.
const WRAPPER_LINES: u32 = 2;

/// Lowers the program of an entry, if it has one.
fn lower_entry(entry: &Entry) -> Option<(Option<Command>, Vec<Diagnostic>)> {
    let Meaning::Runs(Body::Program(body, ..)) = &entry.meaning else { return None };
    let text = format!("command {}\ndo\n{body}\nend\nend\n", entry.name);
    let names = Names { scope: &OpsOnly, internal: true };
    let (command, problems) = lower::command(&text, names);
    let command = command.map(|mut command| {
        command.args = args(entry);
        command.move_lines(|line| line.saturating_sub(WRAPPER_LINES));
        command
    });
    Some((command, problems))
}

fn args(entry: &Entry) -> Vec<Arg> {
    let arg = |(at, operand): (u32, &Operand)| Arg {
        name: operand.name.to_owned(),
        ty: ArgType::Text,
        absent: if operand.need.is_needed() { Absent::Required } else { Absent::Empty },
        index: Some(at),
        rest: false,
        description: None,
        place: Place::default(),
    };
    (0..).zip(entry.operands).map(arg).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_of_the_catalogue_lowers_without_a_word() {
        let mut programs = 0;
        for entry in perch_ops::catalogue() {
            let Some((command, problems)) = lower_entry(entry) else { continue };
            assert_eq!(problems, [], "{}", entry.name);
            assert!(command.is_some_and(|command| !command.body.is_empty()), "{}", entry.name);
            programs += 1;
        }
        assert!(programs > 0);
    }

    #[test]
    fn the_arguments_are_the_operands_and_lines_count_from_the_program() {
        let is_program = |entry: &&Entry| matches!(entry.meaning, Meaning::Runs(Body::Program(_, [_, ..])));
        let entry = perch_ops::catalogue().find(is_program).unwrap();
        let program = op_program(entry.op().unwrap()).unwrap();
        let names: Vec<_> = program.args.iter().map(|arg| arg.name.as_str()).collect();
        assert_eq!(names, entry.operands.iter().map(|operand| operand.name).collect::<Vec<_>>());
        assert_eq!(program.body[0].place, Place { line: 1, column: 1 });
    }
}
