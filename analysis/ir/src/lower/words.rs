//! Words: their texts, and the holes in them.

use perch_ops::{Entry, Touch};
use perch_syntax::tree::{self, Argument, Word};
use perch_syntax::{Code, Diagnostic, Span, is_dotted_name, nearest};

use super::Lowering;
use crate::construct::Hole;
use crate::program::{ArgType, OpCall, Operand, PROXY_ARGS, Part, Text};

impl Lowering<'_> {
    /// The text of a word.
    pub(super) fn text(&mut self, word: &Word) -> Text {
        if let Some(name) = word.parts.iter().find_map(splice) {
            let message = format!("`${{{name}...}}` is a word for each argument, and here stands one text");
            let problem = Diagnostic::new(Code::BadSplice, word.span, message);
            self.report(problem.help(format!(
                "write it as a word of its own behind a program, an op or a command, or `${{{name}}}` for one text"
            )));
        }
        let parts = word.parts.iter().filter_map(|part| self.part(part)).collect();
        Text { parts }
    }

    /// The text of a word of which there may be any number.
    pub(super) fn words<'w>(&mut self, words: impl IntoIterator<Item = &'w Word>) -> Vec<Text> {
        words.into_iter().map(|word| self.splice_or_text(word)).collect()
    }

    pub(super) fn splice_or_text(&mut self, word: &Word) -> Text {
        match word.parts.as_slice() {
            [tree::Part::Splice(name)] => {
                self.check_splice(name, word.span);
                Text { parts: vec![Part::Splice(self.local(name))] }
            }
            _ => self.text(word),
        }
    }

    fn check_splice(&mut self, name: &str, span: Span) {
        if self.spliced.iter().any(|other| other == name) {
            return;
        }
        let message = format!("`{name}` is one text, not a list of arguments");
        let problem = Diagnostic::new(Code::BadSplice, span, message);
        self.report(match name {
            PROXY_ARGS => problem.help("put `proxy_args` before `do`"),
            _ => {
                problem.help(format!(
                "an argument with `rest`, and `proxy_args`, can be spliced; `for_each {name} one` goes through the lines of a text, and \
                 `${{{name}}}` is all of it as one word"
            ))
            }
        });
    }

    fn part(&mut self, part: &tree::Part) -> Option<Part> {
        match part {
            tree::Part::Text(text) => Some(Part::Literal(text.clone())),
            tree::Part::Name(name) => Some(Part::Name(self.local(name))),
            tree::Part::Splice(_) => None,
            tree::Part::Call(call) => self.call_in_text(call),
        }
    }

    /// `${op(…)}`: language §1.8.
    fn call_in_text(&mut self, call: &tree::Call) -> Option<Part> {
        let Some(entry) = self.names.op(&call.name) else {
            let ops = self.names.visible_ops().filter(|entry| can_stand_in_text(entry)).map(|entry| entry.name);
            let problem = Diagnostic::new(Code::UnknownOp, call.span, format!("`{}` is not an op", call.name));
            self.report(match perch_ops::fact_named(&call.name) {
                Some(_) => problem.help(format!("`{0}` is a fact: write `${{{0}}}`", call.name)),
                None => problem.did_you_mean(perch_ops::called_here(&call.name).or_else(|| nearest(&call.name, ops))),
            });
            return None;
        };
        if !can_stand_in_text(entry) {
            let message = format!("`{}` cannot stand in a text: it does more than yield a value", entry.name);
            let help = "bind its result on a line before, and write the name here";
            self.report(Diagnostic::new(Code::BadCall, call.span, message).help(help));
            return None;
        }
        self.check_arity(entry, call.arguments.len(), call.span)?;
        let operands: Vec<_> = call.arguments.iter().map(|argument| self.argument(argument)).collect();
        let operands = operands.into_iter().collect::<Option<_>>()?;
        Some(match entry.op() {
            Some(op) => Part::Call(Box::new(OpCall::new(op, operands))),
            None => {
                let problem = Diagnostic::not_yet(call.span, &format!("${{{}(…)}}", call.name));
                self.report(problem.help("`perch help` lists the ops that this build runs"));
                Part::NotYet(Box::new(Hole::Call { op: entry.name, operands }))
            }
        })
    }

    fn argument(&mut self, argument: &Argument) -> Option<Operand> {
        match argument {
            Argument::Name(number, _) if ArgType::Float.accepts(number) => Some(Operand::Text(Text::literal(number))),
            Argument::Name(name, _) => Some(Operand::Name(self.local(name))),
            Argument::Text(word) => Some(Operand::Text(self.text(word))),
            Argument::Call(call) => {
                let part = self.call_in_text(call)?;
                Some(Operand::Text(Text { parts: vec![part] }))
            }
        }
    }

    /// What a word means where an op expects an operand: language §4.2.
    pub(super) fn operand(&mut self, word: &Word) -> Operand {
        match word.bare() {
            Some(name) if is_dotted_name(name) => Operand::Name(self.local(name)),
            _ => Operand::Text(self.text(word)),
        }
    }

    /// A name as this body means it: an argument of the template that it is, or what is written.
    pub(super) fn local(&self, name: &str) -> String {
        let head = name.split('.').next().unwrap_or(name);
        let hidden = self.locals.get(head).or_else(|| self.locals.get(name));
        hidden
            .map_or_else(|| name.to_owned(), |hidden| format!("{hidden}{}", name.get(head.len()..).unwrap_or_default()))
    }
}

fn splice(part: &tree::Part) -> Option<&str> {
    if let tree::Part::Splice(name) = part { Some(name) } else { None }
}

/// Whether an op does nothing that a text should not do.
pub(super) fn can_stand_in_text(entry: &Entry) -> bool {
    let harmless = |touch: &Touch| {
        matches!(touch, Touch::Look(_) | Touch::Read(_) | Touch::ReadEnv(_) | Touch::HostFact | Touch::Clock)
    };
    entry.result.is_some() && entry.touches.iter().all(harmless)
}

/// A word as help shows it: names stay as they are written.
pub(super) fn shown(word: &Word) -> String {
    let part = |part: &tree::Part| match part {
        tree::Part::Text(text) => text.clone(),
        tree::Part::Name(name) | tree::Part::Splice(name) => format!("${{{name}}}"),
        tree::Part::Call(call) => format!("${{{}()}}", call.name),
    };
    word.parts.iter().map(part).collect()
}
