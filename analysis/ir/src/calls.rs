//! What calls of commands give, against what the commands take.
//!
//! A call that does not fit fails when it runs (language §3.2), and a program may count on that; so what is
//! found here is a warning.

use std::cell::LazyCell;

use perch_syntax::{Code, Diagnostic, Span, nearest};

use crate::arguments::{Usage, assign, called};
use crate::database::Signature;
use crate::places::Places;
use crate::program::{Arg, ArgType, Command, Hook, StmtKind};
use crate::reach::walk;

/// Calls in a command whose words do not fit. `text` is what the places of the command count in.
pub(crate) fn misfits<'s>(
    text: impl Fn() -> &'s str,
    command: &Command,
    signature: impl Fn(&str) -> Option<&'s Signature>,
) -> Vec<Diagnostic> {
    let (mut found, places) = (Vec::new(), LazyCell::new(|| Places::new(text())));
    if let Some(line) = &command.config.on_signal {
        let args = signature(&line.value).map(|signature| signature.args.as_slice());
        found.extend(without_words(&line.value, args, || places.at(line.place).words.get(1).map(|word| word.span)));
    }
    walk(&command.body, &mut |stmt| {
        let StmtKind::Call { command: callee, words, .. } = &stmt.kind else { return };
        let Some(Signature { args, takes_all: false, .. }) = signature(callee) else { return };
        // How many words a splice is nobody knows.
        if words.iter().any(|word| word.splice().is_some()) {
            return;
        }
        match assign(args, words) {
            Ok(given) => {
                let given =
                    args.iter().zip(&given.texts).filter_map(|(arg, text)| Some((arg, text.as_ref()?.as_literal()?)));
                let wrong = given.filter(|(arg, text)| !arg.ty.accepts(text));
                found.extend(wrong.map(|(arg, value)| wrong_type(callee, arg, value, places.statement(stmt))));
            }
            Err(Usage::UnknownFlag { name, written }) => {
                found.push(unknown_flag(callee, (&name, &written), args, places.statement(stmt)));
            }
            Err(usage) => {
                let message = format!("`{callee}` cannot be called like this: {usage}");
                let problem = Diagnostic::new(Code::CallMismatch, places.statement(stmt), message);
                let help =
                    usage.advice(args).unwrap_or_else(|| format!("it is called like this: `{}`", called(callee, args)));
                found.push(problem.help(help));
            }
        }
    });
    found
}

/// Handlers of hooks that cannot be called as they are: without words. `text` is what the places of the section count in.
pub(crate) fn unfit_handlers<'s>(
    text: impl Fn() -> &'s str,
    hooks: &[Hook],
    signature: impl Fn(&str) -> Option<&'s Signature>,
) -> Vec<Diagnostic> {
    let places = LazyCell::new(|| Places::new(text()));
    let unfit = hooks.iter().filter_map(|hook| {
        let args = signature(&hook.handler).map(|signature| signature.args.as_slice());
        without_words(&hook.handler, args, || places.at(hook.place).words.get(2).map(|word| word.span))
    });
    unfit.collect()
}

/// What is said of a handler that needs words. `span` is where it is named.
fn without_words(handler: &str, args: Option<&[Arg]>, span: impl Fn() -> Option<Span>) -> Option<Diagnostic> {
    let usage = assign(args?, &[]).err()?;
    let message = format!("`{handler}` is called without words here: {usage}");
    let problem = Diagnostic::new(Code::CallMismatch, span().unwrap_or_default(), message);
    Some(problem.help("give its arguments a `default`, or make them `optional`"))
}

fn wrong_type(callee: &str, arg: &Arg, text: &str, span: Span) -> Diagnostic {
    let Arg { name, ty, .. } = arg;
    let message = format!("`{text}` is no value of type {}, which argument `{name}` of `{callee}` takes", ty.name());
    let problem = Diagnostic::new(Code::ArgumentType, span, message);
    problem.help(match ty {
        ArgType::Int => "write a decimal number without a dot, as in `-12`",
        ArgType::Float => "write a decimal number, as in `2.5`",
        ArgType::Bool => "write `true` or `false`",
        ArgType::Text => "write any text",
    })
}

fn unknown_flag(callee: &str, (flag, written): (&str, &str), args: &[Arg], span: Span) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownArgument, span, format!("`{callee}` has no argument `{written}`"));
    let names: Vec<&str> = args.iter().map(|arg| arg.name.as_str()).collect();
    match nearest(flag, names.iter().copied()) {
        Some(meant) => problem.help(format!("did you mean `-{meant}`?")),
        None if names.is_empty() => problem.help("it has none"),
        None => problem.help(format!("its arguments are: {}", names.join(", "))),
    }
}
