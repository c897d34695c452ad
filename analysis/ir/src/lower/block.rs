//! Blocks that change the surroundings of their body, pipelines and modules.
//!
//! What words they take is in the catalogue, as for ops. An operand may also be given by its name: `retry 5 delay=2s`.

use perch_ops::{Entry, Need, Operand as Expected};
use perch_policy::{Mask, Right};
use perch_syntax::tree::{Assignment, Block as Tree, BlockKind, Line, Part as Piece, Statement, StatementKind, Word};
use perch_syntax::{Code, Diagnostic, Span, nearest};

use super::Lowering;
use crate::construct::{Construct, Module};
use crate::program::{Around, Block, Clause, OpCall, Operand, StmtKind, Text};

impl Lowering<'_> {
    /// `retry 5 … end` and its like.
    pub(super) fn block(&mut self, block: &Tree) -> Option<StmtKind> {
        let entry = perch_ops::find(block.kind.keyword())?;
        let around = self.around(block, entry);
        let body = self.body(&block.body);
        Some(StmtKind::Block(Block { op: entry.name, around: around?, body }))
    }

    fn around(&mut self, block: &Tree, entry: &'static Entry) -> Option<Around> {
        let words = block.head.words();
        match block.kind {
            BlockKind::Sandbox => return self.rights(entry, &words, block.head.span).map(Around::Sandbox),
            BlockKind::WithEnv => return self.pairs(entry, &words, block.head.span).map(Around::Env),
            _ => {}
        }
        let given = self.operands(entry, &words, block.head.span)?;
        let operand = |name: &str| operand_or_default(entry, &given, name);
        Some(match block.kind {
            BlockKind::WithCwd => {
                let enter = perch_ops::enter_directory()?;
                Around::Cwd(OpCall::new(enter, given.into_iter().map(|(_, operand)| operand).collect()))
            }
            BlockKind::Retry => Around::Retry {
                attempts: operand("attempts")?,
                wait: perch_ops::wait()?,
                delay: operand("delay")?,
                max_delay: operand("max_delay")?,
            },
            BlockKind::Timeout => Around::Timeout(operand("secs")?),
            BlockKind::Parallel => Around::Parallel { max: operand("max") },
            BlockKind::Cache => Around::Cache { key: operand("key")?, ttl: operand("ttl")? },
            _ => Around::Only { fact: entry.name, wanted: operand("target")? },
        })
    }

    /// Words against the operands of an entry, by place or by name.
    fn operands(&mut self, entry: &'static Entry, words: &[&Word], span: Span) -> Option<Vec<(&'static str, Operand)>> {
        let mut found: Vec<(&'static str, Operand)> = Vec::new();
        let mut place = 0;
        for word in words {
            let named = named_operand(entry, word);
            let (expected, word) = match &named {
                Some((expected, value)) => (Some(*expected), value),
                None => (entry.operand(place), *word),
            };
            let Some(expected) = expected else {
                self.check_arity(entry, words.len(), span)?;
                return None;
            };
            place += usize::from(named.is_none());
            let again = found.iter().any(|(name, _)| *name == expected.name);
            let is_odd = again || word.literal().is_some_and(|text| !expected.ty.accepts(text));
            if named.is_none() && is_odd {
                self.check_operand_name(entry, word)?;
            }
            if again && !expected.need.repeats() {
                let message = format!("{} of `{}` is given twice", expected.name.to_uppercase(), entry.name);
                let problem = Diagnostic::new(Code::DuplicateOperand, word.span, message);
                self.report(problem.help(format!("write `{}`", entry.usage())));
                return None;
            }
            let operand = self.operand_of(entry, expected, word)?;
            found.push((expected.name, operand));
        }
        let is_missing =
            |expected: &&Expected| expected.need.is_needed() && !found.iter().any(|(name, _)| *name == expected.name);
        if entry.operands.iter().any(|expected| is_missing(&expected)) {
            self.check_arity(entry, found.len().min(entry.least().saturating_sub(1)), span)?;
        }
        Some(found)
    }

    /// `cache key=deps tll=3d`, `retry 5 backoff=1s`: the name of an operand that there is none of.
    fn check_operand_name(&mut self, entry: &'static Entry, word: &Word) -> Option<()> {
        let name = word.bare().and_then(|bare| bare.split_once('=')).map_or("", |(name, _)| name);
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Some(());
        }
        let names = entry.operands.iter().map(|operand| operand.name);
        let meant = nearest(name, names.clone());
        let message = format!("`{}` has no operand `{name}`", entry.name);
        let span = Span::new(word.span.start, word.span.start + name.len());
        let problem = Diagnostic::new(Code::UnknownOperand, span, message);
        self.report(match meant {
            Some(_) => problem.meaning(meant),
            None => problem
                .help(format!("it has: {}", names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))),
        });
        None
    }

    /// `sandbox no_shell no_network`, also `sandbox "no_shell,no_network"`. They are written out, so that whoever reads the file
    /// knows them.
    fn rights(&mut self, entry: &'static Entry, words: &[&Word], span: Span) -> Option<Mask> {
        self.check_arity(entry, words.len(), span)?;
        let mut mask = Mask::default();
        for word in words {
            let Some(flags) = word.literal() else {
                let problem =
                    Diagnostic::new(Code::ComputedRight, word.span, "what a `sandbox` takes away is written out");
                self.report(problem.help(format!("write {}", flags_shown())));
                return None;
            };
            for flag in flags.split(',').map(str::trim).filter(|flag| !flag.is_empty()) {
                mask = mask.without(self.right(flag, word.span)?);
            }
        }
        Some(mask)
    }

    fn right(&mut self, flag: &str, span: Span) -> Option<Right> {
        let right = Right::of_flag(flag);
        if right.is_none() {
            let problem = Diagnostic::new(Code::UnknownRight, span, format!("`{flag}` is not a right to take away"));
            self.report(match nearest(flag, Right::ALL.map(Right::flag)) {
                Some(meant) => problem.did_you_mean(Some(meant)),
                None => problem.help(format!("they are: {}", flags_shown())),
            });
        }
        right
    }

    /// `pipe … end`: each line is a program.
    pub(super) fn pipe(&mut self, block: &Tree, bind: Option<String>) -> Option<StmtKind> {
        self.no_words(&block.head.words(), block.kind.keyword());
        let stages: Vec<_> = block.body.iter().map(|statement| self.pipe_stage(statement)).collect();
        if block.body.is_empty() {
            let problem = Diagnostic::new(Code::EmptyPipe, block.head.span, "there is no program in this `pipe`");
            self.report(problem.help("write a program on each line"));
        }
        let stages: Vec<Clause> = stages.into_iter().collect::<Option<_>>()?;
        (!stages.is_empty()).then_some(StmtKind::Pipe { stages, bind })
    }

    fn pipe_stage(&mut self, statement: &Statement) -> Option<Clause> {
        if let StatementKind::Line(Line { clauses, .. }) = &statement.kind
            && let [clause] = clauses.as_slice()
        {
            self.in_pipe = true;
            let stage = self.clause(clause);
            self.in_pipe = false;
            return stage;
        }
        let problem = Diagnostic::new(Code::BadStage, statement.span, "each line of a `pipe` is one program");
        self.report(problem.help("programs on lines of their own read what the one above writes"));
        None
    }

    /// `wasm_run W … end`
    pub(super) fn module(&mut self, block: &Tree) -> Option<StmtKind> {
        self.not_yet(block.kind.keyword(), block.head.keyword);
        let module = self.only_word(&block.head, "wasm_run MODULE").map(|word| self.module_word(word));
        let mut lines = Vec::new();
        let mut broken = false;
        for statement in &block.body {
            match self.module_line(statement) {
                Some(found) => lines.extend(found),
                None => broken = true,
            }
        }
        let module = module??;
        self.check_mounted(block);
        (!broken).then(|| StmtKind::NotYet(Box::new(Construct::Module { module, lines })))
    }

    /// A bare name is in the bundle.
    fn module_word(&mut self, word: &Word) -> Option<Module> {
        self.check_module_place(word)?;
        let names = self.names;
        match word.bare().filter(|name| perch_syntax::is_name(name)) {
            Some(name) if names.scope.bundled().contains(name) => Some(Module::Bundled(name.to_owned())),
            Some(name) if !self.locals.contains_key(name) => {
                let message = format!("no bundled file is called `{name}`");
                let problem = Diagnostic::new(Code::UnknownModule, word.span, message);
                let meant = nearest(name, names.scope.bundled().iter().map(String::as_str));
                self.report(match meant {
                    Some(_) => problem.meaning(meant),
                    None => problem.help(format!(
                        "write `include PATH as {name}` in a `bundle` block, or `\"${{{name}}}\"` for a path"
                    )),
                });
                None
            }
            _ => Some(Module::File(self.operand(word))),
        }
    }

    fn module_line(&mut self, statement: &Statement) -> Option<Vec<(&'static str, crate::program::Text)>> {
        let line = match &statement.kind {
            StatementKind::Line(Line { clauses, .. }) => match clauses.as_slice() {
                [clause] if clause.variables.is_empty() => clause.words.split_first(),
                _ => None,
            },
            StatementKind::Assignment(Assignment { .. }) | StatementKind::Block(_) => None,
        };
        let entry = line.and_then(|(first, _)| perch_ops::find(first.bare()?)).filter(|entry| is_module_line(entry));
        let (Some(entry), Some((_, words))) = (entry, line) else {
            let lines: Vec<&str> =
                perch_ops::catalogue().filter(|entry| is_module_line(entry)).map(|e| e.name).collect();
            let first = self.written(statement.span).split_ascii_whitespace().next().unwrap_or_default();
            let meant = nearest(first, lines.iter().copied());
            let problem = Diagnostic::new(Code::BadModuleLine, statement.span, "this says nothing about the module");
            self.report(match meant {
                Some(_) => problem.did_you_mean(meant),
                None => problem.help(format!("lines of a `wasm_run` are: {}", lines.join(", "))),
            });
            return None;
        };
        if words.is_empty() {
            self.check_arity(entry, 0, statement.span)?;
        }
        self.check_mount(entry.name, words)?;
        Some(words.iter().map(|word| (entry.name, self.text(word))).collect())
    }
}

/// The operand that is given, else what the catalogue says in its place.
fn operand_or_default(entry: &Entry, given: &[(&'static str, Operand)], name: &str) -> Option<Operand> {
    let found = given.iter().find(|(other, _)| *other == name).map(|(_, operand)| operand.clone());
    let need = entry.operands.iter().find(|operand| operand.name == name)?.need;
    found.or(if let Need::Default(text) = need { Some(Operand::Text(Text::literal(text))) } else { None })
}

fn flags_shown() -> String {
    Right::ALL.map(Right::flag).join(", ")
}

/// Whether an entry is a line of a module's block.
fn is_module_line(entry: &Entry) -> bool {
    entry.is_keyword() && perch_syntax::reserved(entry.name).is_none()
}

/// The operand that a word `name=value` gives, and its value as a word.
fn named_operand(entry: &'static Entry, word: &Word) -> Option<(&'static Expected, Word)> {
    let Some(Piece::Text(first)) = word.parts.first() else { return None };
    let (name, rest) = first.split_once('=')?;
    let expected = entry.operands.iter().find(|operand| operand.name == name)?;
    let mut value = word.clone();
    if rest.is_empty() {
        value.parts.remove(0);
    } else {
        value.parts[0] = Piece::Text(rest.to_owned());
    }
    Some((expected, value))
}
