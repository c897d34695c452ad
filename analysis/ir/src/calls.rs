//! What calls of commands give, against what the commands take.
//!
//! A call that does not fit fails when it runs (language §3.2), and a program may count on that; so what is
//! found here is a warning.

use perch_syntax::{Diagnostic, Span, nearest};

use crate::database::Signature;
use crate::program::{Arg, ArgType, Command, Part, Stmt, StmtKind, Text};
use crate::reach::walk;

/// Flags in the calls of a command that no argument has. `text` is what the places of the command count in.
pub(crate) fn unknown_flags<'s>(
    text: impl Fn() -> &'s str,
    command: &Command,
    signature: impl Fn(&str) -> Option<&'s Signature>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    walk(&command.body, &mut |stmt| {
        let StmtKind::Call { command: callee, words, .. } = &stmt.kind else { return };
        let Some(signature) = signature(callee) else { return };
        let unknown = flags(&signature.args, words).into_iter();
        let unknown = unknown.filter(|flag| !signature.args.iter().any(|arg| arg.name == *flag));
        found.extend(unknown.map(|flag| unknown_flag(callee, &flag, &signature.args, span_of(text(), stmt))));
    });
    found
}

/// The names of the flags among the words of a call.
fn flags(args: &[Arg], words: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word.as_literal() == Some("--") {
            break;
        }
        let Some(Part::Literal(first)) = word.parts.first() else { continue };
        let Some(body) = first.strip_prefix("--").or_else(|| first.strip_prefix('-')) else { continue };
        let (name, has_value) = body.split_once('=').map_or((body, false), |(name, _)| (name, true));
        let is_value = name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty();
        if is_value || (!has_value && word.parts.len() > 1) {
            continue;
        }
        let is_switch = args.iter().any(|arg| arg.name == name && arg.ty == ArgType::Bool);
        if !has_value && !is_switch {
            words.next();
        }
        found.push(name.to_owned());
    }
    found
}

fn unknown_flag(callee: &str, flag: &str, args: &[Arg], span: Span) -> Diagnostic {
    let problem = Diagnostic::warning("unknown-argument", span, format!("`{callee}` has no argument `-{flag}`"));
    let names: Vec<&str> = args.iter().map(|arg| arg.name.as_str()).collect();
    match nearest(flag, names.iter().copied()) {
        Some(meant) => problem.help(format!("did you mean `-{meant}`?")),
        None if names.is_empty() => problem.help("it has none"),
        None => problem.help(format!("its arguments are: {}", names.join(", "))),
    }
}

/// The first line of a statement.
pub(crate) fn span_of(text: &str, stmt: &Stmt) -> Span {
    let before = text.split_inclusive('\n').take(stmt.place.line.saturating_sub(1) as usize);
    let line_start: usize = before.map(str::len).sum();
    let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let column = stmt.place.column.saturating_sub(1) as usize;
    let start = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let end = start + line.get(start..).unwrap_or_default().trim_end().len();
    Span::new(line_start + start, line_start + end)
}
