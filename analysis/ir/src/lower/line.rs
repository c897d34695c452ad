//! Lines that run something: an op, a call, a program, a chain of programs.

use perch_ops::Entry;
use perch_syntax::tree::{Clause as Tree, Joint, Line, Word};
use perch_syntax::{Code, Diagnostic, Fix, Reserved, Span, glued_name, is_name, nearest, removed, reserved};

use super::Lowering;
use super::condition::quoted_line;
use super::habits::gives_to_shell;
use super::operands::Use;
use crate::construct::{self, Construct};
use crate::program::{ArgType, Clause, OpCall, Operand, Part, StmtKind, Text, Timing, When};

/// What joins clauses when it is a word of its own.
const JOINTS: [&str; 3] = ["&&", "||", ";"];

/// Words that begin an arm of a block.
const ARMS: [&str; 5] = ["case", "elif", "else", "finally", "rescue"];

/// Words that begin an arm elsewhere. As programs they would not be there, and what is below would run with what is above.
const OTHER_ARMS: [&str; 3] = ["elseif", "elsif", "except"];

impl Lowering<'_> {
    pub(super) fn line(&mut self, line: &Line) -> Option<StmtKind> {
        match line.clauses.as_slice() {
            [clause] if clause.variables.is_empty() => self.resolve(&clause.words, None),
            clauses => self.programs(clauses, None),
        }
    }

    /// Programs on a line: several, or one with variables of its own.
    pub(super) fn programs(&mut self, clauses: &[Tree], bind: Option<String>) -> Option<StmtKind> {
        let clauses = self.clauses(clauses)?;
        Some(match <[Clause; 1]>::try_from(clauses) {
            Ok([only]) => StmtKind::Op(OpCall { bind, ..only.call }),
            Err(clauses) => StmtKind::Chain(clauses),
        })
    }

    pub(super) fn clauses(&mut self, clauses: &[Tree]) -> Option<Vec<Clause>> {
        if let Some(clause) = clauses.iter().find(|clause| self.what_else(clause).is_some()) {
            let joint = clauses.iter().find_map(|clause| clause.joint).map(|(joint, _)| joint);
            if self.is_line_for_shell(clauses) || self.is_piped(clauses) {
                return None;
            }
            return self.not_a_program(clause, joint);
        }
        if let Some((_, span)) = clauses.iter().filter_map(|clause| clause.joint).find(is_pipe) {
            let problem = Diagnostic::new(Code::PipeInLine, span, "`|` joins nothing in a line");
            let shell = self.piped_in_shell(clauses);
            // `x = $(cat f | wc -l)`
            if clauses.first().is_some_and(|clause| self.written(clause.span).starts_with("$(")) {
                self.report(problem.help(format!("write {shell}")));
                return None;
            }
            self.report(problem.help(format!(
                "write `{}pipe`, the programs on lines of their own, and `end`; or {shell}; put it in quotes if the character is meant",
                self.bound_by(clauses)
            )));
        }
        let clauses: Vec<_> = clauses.iter().map(|clause| self.clause(clause)).collect();
        clauses.into_iter().collect()
    }

    /// `NAME=value` before a program; by itself it is a mistake.
    fn variables(&mut self, clause: &Tree) -> Option<Vec<(String, Text)>> {
        let Some(first) = clause.variables.first() else { return Some(Vec::new()) };
        let is_substitution = !first.value.quoted && self.written(first.value.span).starts_with("$(");
        if clause.words.is_empty() || is_substitution || first.value.parts.is_empty() && !first.value.quoted {
            self.glued_assignment(first.span, &clause.words);
            return None;
        }
        let variables = clause.variables.iter();
        Some(variables.map(|variable| (variable.name.clone(), self.text(&variable.value))).collect())
    }

    /// What the words of a statement mean, by the first one: language §4.1.
    pub(super) fn resolve(&mut self, words: &[Word], bind: Option<String>) -> Option<StmtKind> {
        let (first, rest) = words.split_first()?;
        self.check_leading(first, rest)?;
        let name = first.bare().unwrap_or_default();
        if let Some(entry) = self.names.op(name) {
            return self.op(entry, first, rest).map(|found| statement(found, bind));
        }
        if self.names.is_command(name) {
            return Some(StmtKind::Call { command: name.to_owned(), words: self.words(rest), bind });
        }
        if let Some(args) = self.names.template(name) {
            if bind.is_some() {
                let message = format!("the template `{name}` yields nothing that could be bound");
                let help = "bind in the template: what it binds is bound here";
                self.report(Diagnostic::new(Code::TemplateCaptured, first.span, message).help(help));
                return None;
            }
            return self.expansion(name, args, first, rest);
        }
        self.check_form(name, first, rest)?;
        self.check_known(words)?;
        Some(StmtKind::Op(self.program(words, bind)))
    }

    /// Starts of programs that are none: `run build`, `x =1`.
    fn check_form(&mut self, name: &str, first: &Word, rest: &[Word]) -> Option<()> {
        let second = rest.first().and_then(Word::bare);
        if let Some(problem) = removed(name, first.span) {
            let called = second.filter(|name| self.names.is_command(name)).and(rest.first());
            self.report(match called {
                Some(next) => {
                    let fix =
                        Fix::safe(format!("remove `{name}`")).edit(Span::new(first.span.start, next.span.start), "");
                    problem.help(format!("write `{}`", self.line_of(rest))).fix(fix)
                }
                None => problem,
            });
            return None;
        }
        if let Some(advice) = perch_syntax::habit(name).filter(|_| OTHER_ARMS.contains(&name)) {
            let start = perch_ops::program_start().entry().name;
            let problem = Diagnostic::new(Code::MisplacedKeyword, first.span, format!("`{name}` begins no arm here"));
            self.report(problem.help(format!("{advice}; `{start} {name}` if a program is meant")));
            return None;
        }
        let sign = rest.first().map(|word| self.written(word.span)).filter(|_| is_name(name)).unwrap_or_default();
        if sign == "!=" || sign.len() > 1 && sign.starts_with('=') {
            self.glued_assignment(first.span.to(rest[0].span), &rest[1..]);
            return None;
        }
        Some(())
    }

    /// One clause of a chain: always a program.
    pub(super) fn clause(&mut self, clause: &Tree) -> Option<Clause> {
        let variables = self.variables(clause)?;
        let when = match clause.joint {
            None | Some((Joint::Then | Joint::Pipe, _)) => When::Always,
            Some((Joint::And, _)) => When::Succeeded,
            Some((Joint::Or, _)) => When::Failed,
        };
        let Some((first, rest)) = clause.words.split_first() else {
            let problem = Diagnostic::new(Code::EmptyClause, clause.span, "a program is missing here");
            self.report(problem.help("write a program on both sides, on one line"));
            return None;
        };
        self.check_leading(first, rest)?;
        if self.what_else(clause).is_some() {
            return self.not_a_program(clause, None);
        }
        let call = match self.names.op(first.bare().unwrap_or_default()) {
            Some(start) => OpCall::new(perch_ops::program_start(), self.op(start, first, rest)?.operands),
            None => {
                self.check_known(&clause.words)?;
                self.program(&clause.words, None)
            }
        };
        let call = OpCall { variables, ..call };
        Some(Clause { when, place: self.place(clause.span), source: self.source(clause.span), call })
    }

    /// `shell ls | wc`: says that the line is one text.
    fn is_line_for_shell(&mut self, clauses: &[Tree]) -> bool {
        let [first, .., last] = clauses else { return false };
        let Some((name, words)) = first.words.split_first() else { return false };
        let entry = name.bare().and_then(|name| self.names.op(name)).filter(|entry| gives_to_shell(entry));
        let (Some(entry), Some(start)) = (entry, words.first().filter(|word| !word.quoted)) else { return false };
        let line = quoted_line(&self.source(start.span.to(last.span)));
        let problem =
            Diagnostic::new(Code::OpInChain, name.span, format!("`{}` takes the line as one text", entry.name));
        self.report(problem.help(format!("write `{} {line}`", entry.name)));
        true
    }

    /// `cat f | head -2`: says how programs with the names of ops are joined.
    fn is_piped(&mut self, clauses: &[Tree]) -> bool {
        let is_pipe = |clause: &Tree| clause.joint.is_none_or(|joint| is_pipe(&joint));
        let is_program = |clause: &Tree| {
            let op = clause.words.first().and_then(Word::bare).and_then(|name| self.names.op(name));
            self.what_else(clause).is_none() || op.is_some_and(Entry::names_program)
        };
        if clauses.len() < 2 || !clauses.iter().all(|clause| is_pipe(clause) && is_program(clause)) {
            return false;
        }
        let Some((_, span)) = clauses.iter().find_map(|clause| clause.joint) else {
            return false;
        };
        let redirects = clauses
            .iter()
            .flat_map(|clause| &clause.words)
            .any(|word| word.bare().is_some_and(|bare| bare.starts_with(['<', '>']) || bare.starts_with("2>")));
        let shell = self.piped_in_shell(clauses);
        let lines: Vec<String> = clauses.iter().map(|clause| self.line_of_pipe(clause)).collect();
        let help = match redirects {
            true => format!("write {shell}"),
            false => format!(
                "write `{}pipe`, below it {} on lines of their own, and `end`; or {shell}",
                self.bound_by(clauses),
                listed(&lines)
            ),
        };
        self.report(Diagnostic::new(Code::PipeInLine, span, "`|` joins nothing in a line").help(help));
        true
    }

    /// A line with `|` as the shell gets it.
    fn piped_in_shell(&self, clauses: &[Tree]) -> String {
        let span = clauses.iter().map(|clause| clause.span).reduce(Span::to).unwrap_or_default();
        let bound = self.bound_by(clauses);
        let op = if bound.is_empty() { "shell" } else { "shell_output" };
        format!("`{bound}{op} {}`", quoted_line(without_parentheses(&self.source(span))))
    }

    fn bound_by(&self, clauses: &[Tree]) -> String {
        let first = clauses.first().and_then(|clause| clause.words.first());
        first.map_or_else(String::new, |word| self.bound_by_line(word))
    }

    /// A program as a line of a `pipe`.
    fn line_of_pipe(&self, clause: &Tree) -> String {
        let start = if self.what_else(clause).is_some() {
            format!("{} ", perch_ops::program_start().entry().name)
        } else {
            String::new()
        };
        format!("`{start}{}`", self.line_of(&clause.words))
    }

    /// What a clause starts that is not a program.
    fn what_else(&self, clause: &Tree) -> Option<&'static str> {
        let name = clause.words.first()?.bare()?;
        match self.names.op(name) {
            Some(entry) => (entry.op() != Some(perch_ops::program_start())).then_some("op"),
            None if self.names.is_command(name) => Some("command"),
            None => self.names.template(name).map(|_| "template"),
        }
    }

    /// Says that only programs are joined on a line, or by a `pipe`, and how to get the same otherwise.
    fn not_a_program<T>(&mut self, clause: &Tree, joint: Option<Joint>) -> Option<T> {
        let (first, what) = (clause.words.first()?, self.what_else(clause)?);
        let name = first.bare().unwrap_or_default();
        let is_predicate = self.names.op(name).is_some_and(|entry| entry.predicate);
        let instead = match joint {
            Some(Joint::And | Joint::Then) => {
                "write each on a line of its own: a line runs only if the one above has succeeded".to_owned()
            }
            Some(Joint::Or) if is_predicate => {
                format!("write `if not {}`, on lines below it what runs then, and `end`", self.source(clause.span))
            }
            Some(Joint::Or) => {
                "write `try`, the one, `rescue`, the other, and `end`, each on a line of its own".to_owned()
            }
            Some(Joint::Pipe) => {
                "bind what the first one yields, `out = …`, and give `\"${out}\"` to the next on a line of its own"
                    .to_owned()
            }
            None => "each line of a `pipe` is a program".to_owned(),
        };
        let start = perch_ops::program_start().entry().name;
        let message = format!("`{name}` is {}, and only programs can be joined", article(what));
        let has_program = self.names.op(name).is_none_or(Entry::names_program);
        let program =
            if has_program { format!("; `{start} {name}` is the program of that name") } else { String::new() };
        let help = format!("{instead}{program}");
        self.report(Diagnostic::new(Code::OpInChain, first.span, message).help(help));
        None
    }

    /// The start of a program: the first word names it, whatever it is made of.
    fn program(&mut self, words: &[Word], bind: Option<String>) -> OpCall {
        self.warn_about_joints(words);
        self.warn_about_habits(None, words.get(1..).unwrap_or_default());
        self.warn_about_patterns(words);
        let mut operands: Vec<_> = self.words(words).into_iter().map(Operand::Text).collect();
        if let (Some(handle), Some(first)) = (words.first().and_then(|word| self.handle(word)), operands.first_mut()) {
            *first = Operand::Text(Text { parts: vec![Part::Name(construct::handle(&handle))] });
        }
        OpCall { bind, ..OpCall::new(perch_ops::program_start(), operands) }
    }

    fn handle(&self, word: &Word) -> Option<String> {
        let name = word.bare()?;
        self.names.scope.manifest().filter(|programs| programs.handles.contains(name)).map(|_| name.to_owned())
    }

    /// Under a manifest only declared programs are started; without one, a name that resembles something is doubtful.
    fn check_known(&mut self, words: &[Word]) -> Option<()> {
        let names = self.names;
        let word = words.first()?;
        let odd = self.odd_start(words);
        let Some(name) = word.bare() else {
            odd.into_iter().for_each(|odd| self.warn_of(word.span, odd));
            return Some(());
        };
        if let Some((alias, rest)) = name.split_once('.')
            && names.scope.is_alias(alias)
        {
            let message = format!("`{alias}` has no command `{rest}`");
            let meant = nearest(name, names.scope.suggestions());
            self.report(Diagnostic::new(Code::UnknownCommand, word.span, message).meaning(meant));
            return None;
        }
        if names.scope.manifest().is_some() {
            return self.check_declared(word, name, odd.map(|(_, help)| help));
        }
        match odd {
            Some(odd) => self.warn_of(word.span, odd),
            // In a pipe every line is a program, so nothing else can be meant.
            None if self.in_pipe => {}
            None => self.warn_if_misspelt(word),
        }
        Some(())
    }

    /// Words that cannot start a statement.
    fn check_leading(&mut self, word: &Word, rest: &[Word]) -> Option<()> {
        let Some(name) = word.bare() else { return Some(()) };
        if let Some(keyword) = reserved(name) {
            self.report(misplaced(name, keyword, word.span));
            return None;
        }
        if perch_ops::find(name).is_some_and(Entry::is_keyword) {
            let message = format!("`{name}` cannot stand here");
            let help = "it is a line of a `wasm_run` block";
            self.report(Diagnostic::new(Code::MisplacedKeyword, word.span, message).help(help));
            return None;
        }
        if glued_name(self.written(word.span)).is_some() {
            self.glued_assignment(word.span, rest);
            return None;
        }
        Some(())
    }

    /// `NAME=value`, also with a blank on one side, is not an assignment.
    pub(super) fn glued_assignment(&mut self, span: Span, rest: &[Word]) {
        let all = rest.iter().fold(span, |span, word| span.to(word.span));
        let written = self.source(all);
        if let Some((message, help)) = no_assignment(&written) {
            return self.report(Diagnostic::new(Code::GluedAssignment, all, message).help(help));
        }
        let (name, value) = written.split_once('=').unwrap_or_default();
        let (name, value) = (name.trim(), value.trim());
        let message = format!("`{}` binds nothing: an assignment has blanks around its `=`", self.source(span));
        let problem = Diagnostic::new(Code::GluedAssignment, span, message);
        if value.is_empty() {
            return self.report(problem.help(format!("write `{name} = value`")));
        }
        if let Some(command) = value.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')).map(str::trim) {
            let command = self.value_of_line(command);
            return self.report(problem.help(format!("write `{name} = {command}` for what the program prints")));
        }
        let (value, is_certain) = self.glued_value(value);
        let meant = format!("{name} = {value}");
        let fix =
            if is_certain { Fix::safe("put blanks around the `=`") } else { Fix::maybe(format!("write `{meant}`")) };
        self.report(problem.help(format!("write `{meant}`")).fix(fix.edit(all, meant.clone())));
    }

    /// What stood behind a glued `=` as it is written behind `NAME =`, and whether nothing else can be meant. A bare word would be a name or a
    /// program there.
    fn glued_value(&self, value: &str) -> (String, bool) {
        let is_text = value.starts_with(['"', '\'']) && value.ends_with(['"', '\'']);
        let is_literal = ArgType::Float.accepts(value) || ArgType::Bool.accepts(value);
        if is_text || is_literal || value.contains("${") || self.bound.contains(value) {
            return (value.to_owned(), true);
        }
        let is_bare = !value.contains(|c: char| c.is_whitespace() || "\"'`$(){}\\".contains(c));
        let quoted = match value.strip_prefix('$') {
            Some(name) if is_name(name) => format!("\"${{{name}}}\""),
            _ if value == "~" || value.starts_with("~/") => format!("\"${{home}}{}\"", &value[1..]),
            _ if is_bare && self.names.op(value).is_none() && !self.names.is_command(value) => format!("\"{value}\""),
            _ => value.to_owned(),
        };
        (quoted, false)
    }

    /// A program is looked up when the line runs, so a misspelt op would fail only then.
    fn warn_if_misspelt(&mut self, word: &Word) {
        let Some(name) = word.bare().filter(|name| name.chars().count() > 3) else { return };
        if name == Timing::OnError.name() {
            let message = format!("`{name}` starts a program here");
            let help = format!("in a `try`, the arm that catches is `rescue NAME`; `{name}` is a line of `hooks`");
            return self.report(Diagnostic::new(Code::MaybeMisspelt, word.span, message).help(help));
        }
        let small = name.to_lowercase();
        if let Some(meant) = perch_ops::called_here(name) {
            let message = format!("`{name}` is neither an op nor a command, so it starts a program");
            let help = format!(
                "write `{meant}`; `{} {name}` if the program is meant",
                perch_ops::program_start().entry().name
            );
            return self.report(Diagnostic::new(Code::MaybeMisspelt, word.span, message).help(help));
        }
        if perch_ops::is_common_program(name) {
            return;
        }
        let Some(first) = small.chars().next() else { return };
        // Of a letter that only looks like another one nobody knows where it belongs.
        let same_start = |other: &&str| other.starts_with(first) || !first.is_ascii();
        let spellings = |entry: &'static Entry| std::iter::once(entry.name).chain(entry.aliases.iter().copied());
        let ops = self.names.visible_ops().flat_map(spellings);
        let names = self.names;
        let commands = names.scope.starting_with(first);
        let known = ops.chain(ARMS).filter(same_start);
        let start = perch_ops::program_start().entry().name;
        let meant = nearest(&small, known.chain(commands)).filter(|meant| *meant != name);
        let foreign = name.chars().find(|c| !c.is_ascii());
        let help = match (meant, foreign) {
            (Some(meant), Some(c)) if meant.is_ascii() => {
                format!("did you mean `{meant}`? The word holds U+{:04X}, which is no letter of it", u32::from(c))
            }
            (Some(meant), _) => format!("did you mean `{meant}`? Write `{start} {name}` if the program is meant"),
            (None, _) => match perch_ops::kin(&small)[..] {
                [] => return,
                [meant] => format!("did you mean `{meant}`? Write `{start} {name}` if the program is meant"),
                ref kin => {
                    format!("ops with such names are {}; write `{start} {name}` if the program is meant", some_of(kin))
                }
            },
        };
        let message = format!("`{name}` is neither an op nor a command, so it starts a program");
        self.report(Diagnostic::new(Code::MaybeMisspelt, word.span, message).help(help));
    }

    /// `a; b` is one program with an odd argument, hardly ever what is meant.
    pub(super) fn warn_about_joints(&mut self, words: &[Word]) {
        let joint_at_end =
            |bare: &str| JOINTS.iter().any(|joint| bare.strip_suffix(joint).is_some_and(|rest| !rest.is_empty()));
        let ends_text = |word: &Word| ["\";", "';"].iter().any(|end| self.written(word.span).ends_with(end));
        let glued = |word: &&Word| word.bare().map_or_else(|| ends_text(word), joint_at_end);
        if let Some(word) = words.iter().find(glued) {
            let written = self.written(word.span);
            let message = format!("`{written}` is one word and joins nothing");
            let help =
                match written.strip_suffix(';').filter(|_| words.last().is_some_and(|last| last.span == word.span)) {
                    Some(rest) => format!("write `{rest}`: a statement ends with its line"),
                    None if written.ends_with(';') => {
                        "write what stands behind it on a line of its own, or quotes around the word if it is meant so"
                            .to_owned()
                    }
                    None => "put a blank before the joint, or quotes around the word if it is meant so".to_owned(),
                };
            let joint = JOINTS.iter().find(|joint| written.ends_with(*joint)).map_or(0, |joint| joint.len());
            let place = Span::new(word.span.end - joint, word.span.end - joint);
            let fix = Fix::maybe("put a blank before the joint").edit(place, " ");
            // Behind `;` may stand what is no program, and cannot be joined.
            let fix = (!written.ends_with(';')).then_some(fix);
            let problem = Diagnostic::new(Code::GluedJoint, word.span, message).help(help);
            self.report(Diagnostic { fix, ..problem });
        }
    }
}

/// What a line with `==` and its like is, which binds nothing either way.
fn no_assignment(written: &str) -> Option<(String, String)> {
    let at = written.find(['=', '!'])?;
    let (name, rest) = (written[..at].trim(), &written[at..]);
    let sign = ["===", "!=", "==", "=~", "=>"].into_iter().find(|sign| rest.starts_with(sign))?;
    let value = rest[sign.len()..].trim();
    // `x=~/bin` is about the home directory.
    if sign == "=~" && (value.is_empty() || value.starts_with('/')) {
        return None;
    }
    let value = if value.is_empty() { "WORD" } else { value };
    let help = match sign {
        "=>" => format!("write `{name} = {value}`"),
        "=~" => format!("write `if regex_match {value} \"${{{name}}}\"`, below it what is to be done then, and `end`"),
        "!=" => format!("write `if {name} != {value}`, below it what is to be done then, and `end`"),
        _ => format!(
            "write `if {name} == {value}`, below it what is to be done then, and `end`; `{name} = {value}` binds"
        ),
    };
    let message = match sign {
        "=>" => format!("`{sign}` binds nothing"),
        _ => format!("`{sign}` compares, which only a condition does"),
    };
    Some((message, help))
}

/// An op by itself on a line.
pub(super) fn statement(Use { entry, operands }: Use, bind: Option<String>) -> StmtKind {
    match entry.op() {
        Some(op) => StmtKind::Op(OpCall { bind, ..OpCall::new(op, operands) }),
        None => StmtKind::NotYet(Box::new(Construct::Op { op: entry.name, operands, bind })),
    }
}

/// What stands in `$(…)`, if that is all.
fn without_parentheses(line: &str) -> &str {
    line.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(line)
}

/// `a`, `b` and `c`
fn listed(lines: &[String]) -> String {
    match lines {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => lines.join(""),
    }
}

fn is_pipe((joint, _): &(Joint, Span)) -> bool {
    *joint == Joint::Pipe
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
    Diagnostic::new(Code::MisplacedKeyword, span, message).help(help)
}

/// The first of these names, and how many others there are.
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
