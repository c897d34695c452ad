//! Lines that run something: an op, a call, a program, a chain of programs.

use perch_ops::Entry;
use perch_syntax::tree::{Clause as Tree, Joint, Line, Word};
use perch_syntax::{
    Diagnostic, Reserved, Span, Where, glued_name, nearest, not_available, removed, reserved, unavailable,
};

use super::{Lowering, text};
use crate::program::{Clause, OpCall, Operand, StmtKind, When};

/// What joins clauses when it is a word of its own.
const JOINTS: [&str; 3] = ["&&", "||", ";"];

impl Lowering<'_> {
    pub(super) fn line(&mut self, line: &Line) -> Option<StmtKind> {
        match line.clauses.as_slice() {
            [clause] => {
                self.no_variables(clause)?;
                self.resolve(&clause.words, None)
            }
            clauses if self.refuses_pipeline(clauses) => None,
            clauses => {
                let lowered: Vec<_> = clauses.iter().map(|clause| self.clause(clause)).collect();
                lowered.into_iter().collect::<Option<Vec<_>>>().map(StmtKind::Chain)
            }
        }
    }

    /// Whether `|` is among the joints, which can be read and not be run.
    pub(super) fn refuses_pipeline(&mut self, clauses: &[Tree]) -> bool {
        let joints = clauses.iter().filter_map(|clause| clause.joint);
        let Some((joint, span)) = joints.into_iter().find(|(joint, _)| *joint == Joint::Pipe) else { return false };
        self.report(not_available(joint.sign(), span).help("put it in quotes if the character itself is meant"));
        true
    }

    /// `NAME=value` before a program can be read and not be run; by itself it is a mistake.
    pub(super) fn no_variables(&mut self, clause: &Tree) -> Option<()> {
        let Some(first) = clause.variables.first() else { return Some(()) };
        if clause.words.is_empty() || first.value.parts.is_empty() && !first.value.quoted {
            self.glued_assignment(first.span);
        } else {
            let problem = not_available(&format!("{}=…", first.name), first.span);
            self.report(problem.help(format!("write `{} = …` on a line of its own if a binding is meant", first.name)));
        }
        None
    }

    /// What the words of a statement mean, by the first one: language §4.1.
    pub(super) fn resolve(&mut self, words: &[Word], bind: Option<String>) -> Option<StmtKind> {
        let (first, rest) = words.split_first()?;
        self.check_leading(first)?;
        let name = first.bare().unwrap_or_default();
        if let Some(entry) = self.names.op(name) {
            return self.op(entry, first, rest, bind).map(StmtKind::Op);
        }
        if self.names.is_command(name) {
            return Some(StmtKind::Call { command: name.to_owned(), words: rest.iter().map(text).collect(), bind });
        }
        if let Some(problem) = removed(name, first.span) {
            self.report(problem);
            return None;
        }
        self.warn_if_misspelt(first);
        Some(StmtKind::Op(self.program(words, bind)))
    }

    /// One clause of a chain: always a program.
    fn clause(&mut self, clause: &Tree) -> Option<Clause> {
        let when = match clause.joint {
            // Pipelines were refused before.
            None | Some((Joint::Then | Joint::Pipe, _)) => When::Always,
            Some((Joint::And, _)) => When::Succeeded,
            Some((Joint::Or, _)) => When::Failed,
        };
        self.no_variables(clause)?;
        let Some((first, rest)) = clause.words.split_first() else {
            let problem = Diagnostic::error("empty-clause", clause.span, "a program is missing here");
            self.report(problem.help("write a program on both sides, on one line"));
            return None;
        };
        self.check_leading(first)?;
        let name = first.bare().unwrap_or_default();
        let call = match self.names.op(name) {
            Some(entry) if entry.op() == Some(perch_ops::program_start()) => self.op(entry, first, rest, None)?,
            Some(_) => return self.not_in_chain("op", name, first.span),
            None if self.names.is_command(name) => return self.not_in_chain("command", name, first.span),
            None => self.program(&clause.words, None),
        };
        Some(Clause { when, place: self.place(clause.span), source: self.source(clause.span), call })
    }

    fn not_in_chain<T>(&mut self, what: &str, name: &str, span: Span) -> Option<T> {
        let start = perch_ops::program_start().entry().name;
        let message = format!("`{name}` is {}, and only programs can be chained", article(what));
        let help = format!("use `if` or `try`, or write `{start} {name}` if the program of that name is meant");
        self.report(Diagnostic::error("op-in-chain", span, message).help(help));
        None
    }

    /// The start of a program: the first word names it, whatever it is made of.
    fn program(&mut self, words: &[Word], bind: Option<String>) -> OpCall {
        self.warn_about_joints(words);
        OpCall {
            op: perch_ops::program_start(),
            operands: words.iter().map(|word| Operand::Text(text(word))).collect(),
            bind,
        }
    }

    /// Words that cannot start a statement.
    fn check_leading(&mut self, word: &Word) -> Option<()> {
        let Some(name) = word.bare() else { return Some(()) };
        if let Some(problem) = unavailable(name, Where::Body, word.span) {
            self.report(problem);
            return None;
        }
        if let Some(keyword) = reserved(name) {
            self.report(misplaced(name, keyword, word.span));
            return None;
        }
        if glued_name(self.written(word.span)).is_some() {
            self.glued_assignment(word.span);
            return None;
        }
        Some(())
    }

    /// `NAME=value` is a word, not an assignment.
    pub(super) fn glued_assignment(&mut self, span: Span) {
        let written = self.written(span).to_owned();
        let name = glued_name(&written).unwrap_or_default();
        let value = written.get(name.len() + 1..).filter(|value| !value.is_empty()).unwrap_or("value");
        let message = format!("`{written}` is one word: an assignment has blanks around its `=`");
        self.report(Diagnostic::error("glued-assignment", span, message).help(format!("write `{name} = {value}`")));
    }

    /// A program is looked up when the line runs, so a misspelt op would fail only then.
    fn warn_if_misspelt(&mut self, word: &Word) {
        let Some(name) = word.bare() else { return };
        let same_start = |other: &&str| other.chars().next() == name.chars().next() && name.chars().count() > 3;
        let spellings = |entry: &'static Entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied());
        let ops = self.names.visible_ops().flat_map(spellings);
        let commands = self.names.commands.iter().map(String::as_str);
        let Some(meant) = nearest(name, ops.chain(commands).filter(same_start)) else { return };
        let start = perch_ops::program_start().entry().name;
        let message = format!("`{name}` is neither an op nor a command, so it starts a program");
        let help = format!("did you mean `{meant}`? Write `{start} {name}` if the program is meant");
        self.report(Diagnostic::warning("maybe-misspelt", word.span, message).help(help));
    }

    /// `a; b` is one program with an odd argument, hardly ever what is meant.
    pub(super) fn warn_about_joints(&mut self, words: &[Word]) {
        let joint_at_end =
            |bare: &str| JOINTS.iter().any(|joint| bare.strip_suffix(joint).is_some_and(|rest| !rest.is_empty()));
        let glued = |word: &&Word| word.bare().is_some_and(joint_at_end);
        if let Some(word) = words.iter().find(glued) {
            let message = format!("`{}` is one word and joins nothing", self.written(word.span));
            let help = "put a blank before the joint, or quotes around the word if it is meant so";
            self.report(Diagnostic::warning("glued-joint", word.span, message).help(help));
        }
    }
}

fn article(noun: &str) -> String {
    let an = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if an { "an" } else { "a" })
}

fn misplaced(word: &str, keyword: Reserved, span: Span) -> Diagnostic {
    let start = perch_ops::program_start().entry().name;
    let (message, help) = match keyword {
        Reserved::Outside => {
            (format!("`{word}` cannot stand here"), format!("write `{start} {word}` if a program is meant"))
        }
        Reserved::Joint => {
            (format!("`{word}` joins nothing"), "write a program before it, on the same line".to_owned())
        }
        Reserved::Block | Reserved::Arm | Reserved::Other => {
            (format!("`{word}` is a keyword"), format!("write `{start} {word}` if a program is meant"))
        }
    };
    Diagnostic::error("misplaced-keyword", span, message).help(help)
}
