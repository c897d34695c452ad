//! Statements and blocks.

use std::collections::BTreeSet;

use perch_ops::{ErrorKind, Type};
use perch_syntax::tree::{
    Arm, ArmKind, Assignment, Block, BlockKind, Head, Joint, Statement, StatementKind, Value, Word,
};
use perch_syntax::{Code, Diagnostic, Fix, is_dotted_name, is_name, nearest};

use super::Lowering;
use crate::program::{ArgType, Cond, Operand, Stmt, StmtKind, Text};

/// The name that a failure has in `rescue` when none is given.
const FAILURE: &str = "err";

impl Lowering<'_> {
    pub(super) fn body(&mut self, statements: &[Statement]) -> Vec<Stmt> {
        statements.iter().filter_map(|statement| self.statement(statement)).collect()
    }

    fn statement(&mut self, statement: &Statement) -> Option<Stmt> {
        let kind = match &statement.kind {
            StatementKind::Line(line) => self.line(line),
            StatementKind::Assignment(assignment) => self.assignment(assignment),
            StatementKind::Block(block) => match block.kind {
                BlockKind::If => self.if_block(block),
                BlockKind::ForEach => self.for_each(block),
                BlockKind::Match => self.match_block(block),
                BlockKind::Try => self.try_block(block),
                BlockKind::Pipe => self.pipe(block, None),
                BlockKind::WasmRun => self.module(block),
                BlockKind::Parallel
                | BlockKind::Timeout
                | BlockKind::Retry
                | BlockKind::WithEnv
                | BlockKind::WithCwd
                | BlockKind::Sandbox
                | BlockKind::Cache
                | BlockKind::Os
                | BlockKind::Arch => self.block(block),
            },
        }?;
        Some(Stmt { place: self.place(statement.span), source: self.source(statement.span), kind })
    }

    /// `NAME = …`: language §4.3.
    fn assignment(&mut self, assignment: &Assignment) -> Option<StmtKind> {
        let name = self.bound_name(&assignment.name)?;
        self.note_status(&name, assignment);
        let clauses = match &assignment.value {
            Some(Value::Pipe(block)) => return self.pipe(block, Some(name)),
            Some(Value::Line(line)) => line.clauses.as_slice(),
            None => &[],
        };
        let clause = match clauses {
            [] => {
                let problem =
                    Diagnostic::new(Code::MissingValue, assignment.span, format!("nothing is bound to `{name}`"));
                self.report(problem.help(format!("write `{name} = \"\"` for the empty text")));
                return None;
            }
            [clause] if clause.variables.is_empty() => clause,
            [_] => return self.programs(clauses, Some(name)),
            [_, rest @ ..] if rest.iter().all(|clause| matches!(clause.joint, Some((Joint::Pipe, _)))) => {
                return self.programs(clauses, Some(name));
            }
            _ => {
                let problem =
                    Diagnostic::new(Code::ChainCaptured, assignment.span, "the output of a chain cannot be bound");
                self.report(problem.help("bind the output of one program, and chain on a line of its own"));
                return None;
            }
        };
        if let [word] = clause.words.as_slice()
            && let Some(value) = self.plain_value(word)
        {
            self.warn_about_call(&name, word);
            return Some(StmtKind::Let { name, value });
        }
        self.resolve(&clause.words, Some(name))
    }

    /// `y = length("abc")` binds the text `length(abc)`.
    fn warn_about_call(&mut self, name: &str, word: &Word) {
        let written = self.written(word.span);
        let Some(help) = self.without_parentheses(written, written) else { return };
        let message = format!("`{written}` is a text: operands stand without parentheses");
        let help = help.strip_prefix("write `").map_or_else(|| help.clone(), |call| format!("write `{name} = {call}"));
        self.warn_of(word.span, (message, help));
    }

    /// Remembers which names hold a status, for conditions.
    fn note_status(&mut self, name: &str, assignment: &Assignment) {
        let first = match &assignment.value {
            Some(Value::Line(line)) => line.clauses.first().and_then(|clause| clause.words.first()),
            _ => None,
        };
        let op = first.and_then(|word| self.names.op(word.bare()?));
        if op.is_some_and(|entry| entry.result == Some(Type::Status)) {
            self.statuses.insert(name.to_owned());
        } else {
            self.statuses.remove(name);
        }
    }

    /// Whether the manifest has a program of that name, which a binding then does not hide.
    pub(super) fn is_declared(&self, name: &str) -> bool {
        let programs = self.names.scope.manifest();
        programs.is_some_and(|programs| programs.declared.contains(name) || programs.handles.contains(name))
    }

    /// What a single word right of `=` means if nothing is run: a text, or the value of a binding.
    fn plain_value(&mut self, word: &Word) -> Option<Operand> {
        match word.bare() {
            None => Some(Operand::Text(self.text(word))),
            Some(number) if ArgType::Float.accepts(number) => Some(Operand::Text(Text::literal(number))),
            Some(truth) if ArgType::Bool.accepts(truth) => Some(Operand::Text(Text::literal(truth))),
            Some(name) => {
                let runs = self.names.op(name).is_some() || self.names.is_command(name);
                let runs = runs || self.names.template(name).is_some() || self.is_declared(name);
                let reserved = perch_syntax::reserved(name).is_some();
                (!runs && !reserved && is_dotted_name(name)).then(|| Operand::Name(self.local(name)))
            }
        }
    }

    fn if_block(&mut self, block: &Block) -> Option<StmtKind> {
        let mut arms: Vec<(Cond, _)> = Vec::new();
        let mut otherwise = None;
        // What follows an `else if` is right once that is.
        let is_elif = |arm: &Arm| arm.head.words().first().and_then(|word| word.bare()) == Some("if");
        let condition = self.condition(&block.head);
        let body = self.body(&block.body);
        arms.extend(condition.map(|condition| (condition, body)));
        for arm in &block.arms {
            if otherwise.is_some() {
                let problem = Diagnostic::new(Code::MisplacedArm, arm.head.span, "nothing follows `else`");
                self.report(problem.help("`else` is the last arm, and there is one"));
                continue;
            }
            if arm.kind == ArmKind::Elif {
                let condition = self.condition(&arm.head);
                let body = self.body(&arm.body);
                arms.extend(condition.map(|condition| (condition, body)));
            } else {
                let body = self.else_arm(arm);
                otherwise = Some(body).filter(|_| !is_elif(arm));
            }
        }
        Some(StmtKind::If { arms, otherwise: otherwise.unwrap_or_default() })
    }

    fn else_arm(&mut self, arm: &Arm) -> Vec<Stmt> {
        let words = arm.head.words();
        if words.first().and_then(|word| word.bare()) == Some("if") {
            let problem = Diagnostic::new(Code::ElseIf, arm.head.span, "`else if` is one word here");
            let both = words.first().map_or(arm.head.keyword, |word| arm.head.keyword.to(word.span));
            let fix = Fix::safe("write `elif`").edit(both, "elif");
            self.report(problem.help("write `elif CONDITION`, without an `end` of its own").fix(fix));
        } else {
            self.no_words(&words, "else");
        }
        self.body(&arm.body)
    }

    /// `for_each LIST NAME`, `for_each NAME in LIST`.
    fn for_each(&mut self, block: &Block) -> Option<StmtKind> {
        let words = block.head.words();
        let (list, name) = match words.as_slice() {
            [name, keyword, list] if keyword.bare() == Some("in") => (*list, *name),
            [list, name] if name.bare() != Some("in") => (*list, *name),
            _ => {
                let problem = Diagnostic::new(Code::BadForEach, block.head.span, "a loop has a list and a name");
                self.report(problem.help("write `for_each LIST NAME` or `for_each NAME in LIST`"));
                self.body(&block.body);
                return None;
            }
        };
        self.warn_about_list(list);
        self.warn_about_dollar(list);
        if let Some(last) = words.last() {
            self.warn_about_colon(last);
        }
        let name = self.bound_name(name);
        let list = self.operand(list);
        let body = self.body(&block.body);
        Some(StmtKind::ForEach { list, name: name?, body })
    }

    fn match_block(&mut self, block: &Block) -> Option<StmtKind> {
        let target = self.only_word(&block.head, "match WORD").map(|word| {
            self.warn_about_colon(word);
            self.warn_about_dollar(word);
            self.operand(word)
        });
        if let Some(first) = block.body.first() {
            let problem = Diagnostic::new(
                Code::BeforeCase,
                first.span,
                "this stands before the first `case` and would never run",
            );
            let word = self.written(first.span).split_whitespace().next().unwrap_or_default();
            let meant = nearest(word, ["case", "else"]);
            self.report(match meant {
                Some(_) => problem.did_you_mean(meant),
                None => problem.help("move it above `match` or into an arm"),
            });
        }
        let mut arms: Vec<(Text, Vec<Stmt>)> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut otherwise = None;
        // Among words that nothing binds, one with the name of something is one of them.
        let is_list = block.arms.iter().filter_map(|arm| plain_case(arm)).any(|word| !self.is_bound(word));
        for arm in &block.arms {
            if arm.kind == ArmKind::Case {
                let case = self.case(&arm.head, &mut seen, is_list);
                let body = self.body(&arm.body);
                arms.extend(case.map(|case| (case, body)));
                continue;
            }
            if otherwise.is_some() {
                let problem = Diagnostic::new(Code::MisplacedArm, arm.head.span, "this `match` has two `else` arms");
                self.report(problem.help("keep one"));
            }
            otherwise = Some(self.else_arm(arm));
        }
        Some(StmtKind::Match { target: target?, arms, otherwise: otherwise.unwrap_or_default() })
    }

    fn case<'h>(&mut self, head: &'h Head, seen: &mut BTreeSet<&'h str>, is_list: bool) -> Option<Text> {
        let word = self.only_word(head, "case WORD")?;
        if let Some(any @ ("*" | "_")) = word.bare() {
            let message = format!("`case {any}` stands for that text alone");
            self.warn_of(word.span, (message, "write `else` for what runs when no `case` does".to_owned()));
        }
        if !is_list || !word.bare().is_some_and(is_name) {
            self.warn_about_compared(word);
        }
        self.warn_about_colon(word);
        self.warn_about_choices(word);
        if word.literal().is_some_and(|literal| !seen.insert(literal)) {
            let problem = Diagnostic::new(
                Code::UnreachableCase,
                head.span,
                "an arm above has the same text, and the first one runs",
            );
            self.report(problem.help("remove one of them"));
        }
        Some(self.text(word))
    }

    /// `case 3|4` is one text.
    fn warn_about_choices(&mut self, word: &Word) {
        let written = self.written(word.span);
        let Some(choices) = word.bare().or_else(|| Some(written).filter(|written| written.contains("\"|\""))) else {
            return;
        };
        let choices: Vec<&str> = choices.trim_end_matches([':', ')']).split('|').collect();
        if choices.len() > 1 && choices.iter().all(|choice| !choice.is_empty()) {
            let tests: Vec<String> = choices.iter().map(|choice| format!("NAME == {choice}")).collect();
            let message = format!("`case {written}` stands for that one text, with the sign in it");
            let help = format!("write an arm for each, or `if {}`", tests.join(" or "));
            self.warn_of(word.span, (message, help));
        }
    }

    fn try_block(&mut self, block: &Block) -> Option<StmtKind> {
        self.no_words(&block.head.words(), "try");
        let body = self.body(&block.body);
        let mut rescue = None;
        let mut finally = None;
        for arm in &block.arms {
            let late = finally.is_some() || (arm.kind == ArmKind::Rescue && rescue.is_some());
            if late {
                let problem = Diagnostic::new(Code::MisplacedArm, arm.head.span, "this arm does not belong here");
                self.report(problem.help("`try` has at most one `rescue`, and after it at most one `finally`"));
            }
            if arm.kind == ArmKind::Rescue {
                let name = self.failure_name(&arm.head);
                rescue = Some((name, self.body(&arm.body)));
            } else {
                self.no_words(&arm.head.words(), "finally");
                finally = Some(self.body(&arm.body));
            }
        }
        let rescue = rescue.filter(|(_, body)| !body.is_empty());
        Some(StmtKind::Try { body, rescue, finally: finally.unwrap_or_default() })
    }

    fn failure_name(&mut self, head: &Head) -> String {
        match head.words().as_slice() {
            [] => self.local(FAILURE),
            [word] => {
                self.warn_about_kind(word);
                self.bound_name(word).unwrap_or_default()
            }
            [_, rest @ ..] => {
                self.no_words(rest, "rescue NAME");
                String::new()
            }
        }
    }

    /// `rescue file_not_found` catches whatever comes, and calls it so.
    fn warn_about_kind(&mut self, word: &Word) {
        let Some(kind) = word.bare().filter(|name| ErrorKind::ALL.iter().any(|kind| kind.name() == *name)) else {
            return;
        };
        let message = format!("this catches every failure, whatever its kind, and binds it to the name `{kind}`");
        let help = format!(
            "write `rescue`, below it `match err.kind`, `case {kind}` with what is to be done then, and \
             `else` with `fail \"${{err.message}}\"` for all others"
        );
        self.report(Diagnostic::new(Code::RescueKind, word.span, message).help(help));
    }

    pub(super) fn only_word<'h>(&mut self, head: &'h Head, form: &str) -> Option<&'h Word> {
        if let [word] = head.words().as_slice() {
            return Some(*word);
        }
        let keyword = form.split(' ').next().unwrap_or_default();
        let problem = Diagnostic::new(Code::BadHead, head.span, format!("`{keyword}` takes one word"));
        self.report(problem.help(format!("write `{form}`; put a text with blanks in quotes")));
        None
    }
}

/// The bare word of a `case`.
fn plain_case(arm: &Arm) -> Option<&str> {
    let word = arm.head.tokens.first().filter(|_| arm.kind == ArmKind::Case)?.word()?.bare()?;
    (!matches!(word, "*" | "_") && !word.contains('$')).then_some(word)
}

/// Whether a word is a single name, for conditions.
pub(super) fn single_name(word: &Word) -> Option<&str> {
    word.bare().filter(|name| is_name(name) || is_dotted_name(name))
}

/// Whether this version runs the block of that keyword.
#[must_use]
pub fn runs_block(keyword: &str) -> bool {
    keyword != BlockKind::WasmRun.keyword()
}
