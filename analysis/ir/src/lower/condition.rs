//! Conditions: language §7. `not` binds tighter than `and`, `and` tighter than `or`.

use perch_syntax::tree::{Clause, Head, Joint, Part, Token, Word};
use perch_syntax::{Code, Diagnostic, Fix, Span, nearest, one_line, similar_name};

use super::Lowering;
use super::operands::Use;
use super::statement::single_name;
use crate::construct::Test;
use crate::program::{ArgType, Comparison, Cond, OpCall, Operand};

/// Comparison operators that people write without blanks.
const SIGNS: [&str; 7] = ["==", "!=", "<=", ">=", "<", ">", "="];

const QUOTES: [char; 3] = ['"', '\'', '`'];

impl Lowering<'_> {
    pub(super) fn condition(&mut self, head: &Head) -> Option<Cond> {
        if head.tokens.is_empty() {
            self.report(
                Diagnostic::new(Code::MissingCondition, head.keyword, "a condition is missing here")
                    .help("write `NAME`, `NAME == WORD` or a predicate with its operands"),
            );
            return None;
        }
        self.check_parentheses(&head.tokens)?;
        if let Some((joint, span)) = head.tokens.iter().find_map(joint) {
            return self.programs_as_condition(head, joint, span);
        }
        let mut any = Vec::new();
        for conjunction in split(&head.tokens, "or") {
            let all: Vec<_> =
                split(conjunction, "and").into_iter().map(|literal| self.literal(literal, head.span)).collect();
            any.push(joined(all.into_iter().collect(), Cond::And));
        }
        joined(any.into_iter().collect(), Cond::Or)
    }

    /// `not (exists a or exists b)`: no name and no predicate begins like that.
    fn check_parentheses(&mut self, tokens: &[Token]) -> Option<()> {
        let starts = |(at, token): &(usize, &Token)| {
            let is_first = at.checked_sub(1).is_none_or(|before| {
                tokens.get(before).is_some_and(|token| joint(token).is_some() || matches!(token, Token::Connective(..)))
            });
            is_first && token.word().and_then(Word::bare).is_some_and(|bare| bare.starts_with('('))
        };
        let Some((at, first)) = tokens.iter().enumerate().find(starts) else { return Some(()) };
        let span = first.span();
        let last = tokens.last().map_or(span, Token::span);
        let all = self.source(span.to(last));
        let inside = all.trim_start_matches('(').trim_end_matches(')').trim();
        let help = match at {
            0 if all.ends_with(')') && !inside.contains(['(', ')', '&', '|']) => format!("write `{inside}`"),
            _ => "`not` binds tighter than `and`, and `and` tighter than `or`: `not (a or b)` is `not a and not b`, `not (a and b)` is \
                  `not a or not b`, and for `(a or b) and c` put `if c` into `if a or b`"
                .to_owned(),
        };
        self.wrong(span, "conditions have no parentheses", &help)
    }

    /// `{ "not" } ATOM`. Two `not` cancel out, so that no condition is deep.
    fn literal(&mut self, tokens: &[Token], around: Span) -> Option<Cond> {
        let nots = tokens.iter().take_while(|token| matches!(token, Token::Connective(..))).count();
        let atom = self.atom(tokens.get(nots..).unwrap_or_default(), tokens.first().map_or(around, Token::span))?;
        Some(if nots % 2 == 1 { Cond::Not(Box::new(atom)) } else { atom })
    }

    fn atom(&mut self, tokens: &[Token], around: Span) -> Option<Cond> {
        match tokens {
            [] => {
                self.wrong(around, "a condition is missing here", "`and`, `or` and `not` are followed by a condition")
            }
            [Token::Word(word)] => self.name(word),
            [Token::Word(left), Token::Comparison(sign, _), Token::Word(right)] => {
                let status = status_name(left).is_some_and(|name| self.statuses.contains(&*self.local(name)));
                if status && right.literal().is_some_and(|text| matches!(text, "true" | "false")) {
                    self.warn_about_status(left, right);
                }
                self.warn_about_compared(right);
                self.warn_about_colon(right);
                let (left, right) = (self.left_side(left)?, self.text(right));
                Some(Cond::Compare { left, op: comparison(sign), right })
            }
            [Token::Word(name), ..] if tokens.iter().all(|token| token.word().is_some()) => {
                let words: Vec<_> = tokens.iter().filter_map(Token::word).collect();
                if let Some((span, (message, help))) = self.shell_test(&words) {
                    return self.wrong(span, &message, &help);
                }
                let words: Vec<_> = words.into_iter().skip(1).cloned().collect();
                self.predicate(name, &words)
            }
            [.., last] if is_opener(last) => self.no_opener(last.span()),
            [first, .., last] => self.wrong(
                first.span().to(last.span()),
                "this comparison cannot be read",
                "write `NAME == WORD`, with one word on each side; keywords and signs as words need quotes",
            ),
            [token] => self.wrong(token.span(), "this comparison has no sides", "write `NAME == WORD`"),
        }
    }

    /// `r = try_shell …` and `r == true`: the text of a status is its number.
    fn warn_about_status(&mut self, left: &Word, right: &Word) {
        let (left, span) = (status_name(left).unwrap_or_default(), left.span.to(right.span));
        let message = format!("the text of `{left}` is the status, a number, and never `{}`", self.written(right.span));
        let problem = Diagnostic::new(Code::StatusCompared, span, message);
        self.report(problem.help(format!("write `if {left}` or `if not {left}`, or compare with `0`")));
    }

    /// A name by itself.
    fn name(&mut self, word: &Word) -> Option<Cond> {
        let Some(name) = single_name(word) else { return self.not_a_condition(word) };
        let name = name.to_owned();
        let predicate = self.names.op(&name).filter(|entry| entry.predicate);
        match predicate {
            Some(entry) if entry.least() == 0 && self.local(&name) == name => {
                self.note_if_missing(entry, word);
                let operands = Vec::new();
                Some(match entry.op() {
                    Some(op) => Cond::TruthOrPredicate(name, OpCall::new(op, operands)),
                    None => Cond::NotYet(Box::new(Test::Predicate { name: Some(name), op: entry.name, operands })),
                })
            }
            Some(_) if self.local(&name) == name => {
                let message = format!("`{name}` without operands is a name here, not the predicate");
                let problem = Diagnostic::new(Code::PredicateWithoutOperands, word.span, message);
                self.report(problem.help("give it its operands, or another name to the binding"));
                Some(Cond::Truth(name))
            }
            _ => Some(Cond::Truth(self.local(&name))),
        }
    }

    fn not_a_condition(&mut self, word: &Word) -> Option<Cond> {
        let written = self.written(word.span);
        let glued = SIGNS.iter().find_map(|sign| written.split_once(sign).map(|(left, right)| (left, sign, right)));
        let message = format!("`{written}` is not a condition");
        if let Some((left, sign, right)) = glued.filter(|(left, ..)| !left.contains(QUOTES)) {
            let meant = format!("{left} {sign} {right}");
            let fix = Fix::safe("put blanks around the sign").edit(word.span, meant.clone());
            let problem = Diagnostic::new(Code::BadCondition, word.span, message);
            self.report(problem.help(format!("write `{meant}`, with blanks around the sign")).fix(fix));
            return None;
        }
        let called = self.without_parentheses(written, written);
        let help = match similar_name(written) {
            _ if written.starts_with('!') => format!("write `not {}`", written.trim_start_matches('!')),
            _ if called.is_some() => called.unwrap_or_default(),
            Some(name) => format!("write the name alone: `{name}`"),
            None => "write the name alone, as in `if found`, or compare: `if \"…\" == WORD`".to_owned(),
        };
        self.wrong(word.span, &message, &help)
    }

    /// `NAME` or quoted text.
    fn left_side(&mut self, word: &Word) -> Option<Operand> {
        if let Some(name) = single_name(word) {
            return Some(Operand::Name(self.local(name)));
        }
        if word.quoted {
            return Some(Operand::Text(self.text(word)));
        }
        let written = self.written(word.span);
        let message = format!("`{written}` cannot stand on the left of a comparison");
        let help = match similar_name(written) {
            _ if self.called_in_text(written).is_some() => {
                format!("write `{}` in its place", self.called_in_text(written).unwrap_or_default())
            }
            Some(name) => format!("write the name alone: `{name}`"),
            None => "write the name alone, or put the text in quotes".to_owned(),
        };
        self.wrong(word.span, &message, &help)
    }

    /// `length(name)` as a text.
    fn called_in_text(&self, written: &str) -> Option<String> {
        let (name, rest) = written.split_once('(')?;
        let (name, rest) = (if name == "len" { "length" } else { name }, rest.strip_suffix(')')?);
        let yields = self.names.op(name).is_some_and(super::words::can_stand_in_text);
        (yields && !rest.contains(['\'', '$'])).then(|| format!("\"${{{name}({})}}\"", rest.replace('"', "'")))
    }

    /// `if a == b then`
    fn no_opener<T>(&mut self, span: Span) -> Option<T> {
        let message = format!("there is no `{}` behind a condition", self.written(span));
        self.wrong(span, &message, "leave it out: what an `if` runs begins on the next line, and goes to `end`")
    }

    fn predicate(&mut self, name: &Word, words: &[Word]) -> Option<Cond> {
        let bare = name.bare().unwrap_or_default();
        let opener = words.last().filter(|last| last.bare().is_some_and(|last| OPENERS.contains(&last)));
        match self.names.op(bare) {
            Some(entry) if opener.is_some() && entry.most().is_some_and(|most| words.len() > most) => {
                self.no_opener(opener.map_or(name.span, |word| word.span))
            }
            Some(entry) if entry.predicate => {
                if let Some(last) = words.last() {
                    self.warn_about_colon(last);
                }
                self.op(entry, name, words).map(predicate)
            }
            Some(entry) if entry.op() == Some(perch_ops::program_start()) => {
                let line = quoted_line(&self.line_of(words));
                self.wrong(name.span, "a program by itself is no condition", &format!("write `if try_shell {line}`"))
            }
            Some(entry) if entry.names_program() && words.iter().any(is_option) => {
                let line = quoted_line(&self.source(words.iter().fold(name.span, |span, word| span.to(word.span))));
                self.wrong(name.span, "a program by itself is no condition", &format!("write `if try_shell {line}`"))
            }
            Some(entry) if entry.result.is_none() => self.wrong(
                name.span,
                &format!("`{bare}` is not a predicate"),
                &format!("it yields nothing, and fails if it cannot be done: write `try`, `{bare} …`, `rescue` and `end` on lines of their own"),
            ),
            Some(_) => self.wrong(
                name.span,
                &format!("`{bare}` is not a predicate"),
                &format!("bind its result first, `x = {bare} …`, and test `x`"),
            ),
            None if opener.is_some() && words.len() == 1 => self.no_opener(opener.map_or(name.span, |word| word.span)),
            None => {
                let predicates = self.names.visible_ops().filter(|entry| entry.predicate).map(|entry| entry.name);
                let message = format!("`{}` is not a predicate", self.written(name.span));
                let words = if opener.is_some() { &words[..words.len() - 1] } else { words };
                let behind = words.iter().fold(name.span, |span, word| span.to(word.span));
                let line = self.source(behind);
                let line = line.trim_end_matches([';', ':']);
                let help = match nearest(bare, predicates) {
                    _ if let (Some(sign), [left, right]) = (sign_meant(bare), words) => {
                        let [left, right] = [left, right].map(|word| self.source(word.span));
                        let bound = left.trim_matches('"').strip_prefix("${").and_then(|inner| inner.strip_suffix('}'));
                        let name = bound.filter(|name| !name.contains('}')).unwrap_or(&left);
                        format!("write `{name} {sign} {right}`")
                    }
                    _ if bare.starts_with('!') => format!("write `not {}`", self.source(behind)[1..].trim_start()),
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!(
                        "a condition is `NAME`, `NAME == WORD`, or a predicate with its operands; whether a program succeeds is \
                         `if try_shell {}`",
                        quoted_line(line)
                    ),
                };
                self.wrong(name.span, &message, &help)
            }
        }
    }

    /// `if git diff && make`: language §7.6.
    fn programs_as_condition(&mut self, head: &Head, joint: Joint, span: Span) -> Option<Cond> {
        let clauses = clauses(&head.tokens).unwrap_or_default();
        let joints: Vec<_> = head.tokens.iter().filter_map(self::joint).collect();
        if let Some(opener) = head.tokens.last().filter(|last| is_opener(last) && joint == Joint::Then) {
            return self.no_opener(span.to(opener.span()));
        }
        if clauses.is_empty() || clauses.iter().any(|clause| self.starts_op(clause)) {
            return self.no_programs(joint, span, &joints, Some("put it in quotes if the characters are meant"));
        }
        if let Some(clause) = clauses.iter().find(|clause| self.is_about_names(clause)) {
            let start = perch_ops::program_start().entry().name;
            let written = one_line(self.written(clause.span));
            let otherwise = format!("`{start} {written}` if the program is meant");
            // Of a comparison nobody means a program.
            let otherwise = Some(otherwise.as_str()).filter(|_| clause.words.len() == 1);
            return self.no_programs(joint, span, &joints, otherwise);
        }
        self.clauses(&clauses).map(Cond::Programs)
    }

    /// Says that what is joined are conditions.
    fn no_programs<T>(
        &mut self,
        joint: Joint,
        span: Span,
        joints: &[(Joint, Span)],
        otherwise: Option<&str>,
    ) -> Option<T> {
        let message = format!("`{}` joins programs, and here stands a condition", joint.sign());
        let problem = Diagnostic::new(Code::BadCondition, span, message);
        let word = connective(joint).filter(|_| joints.iter().all(|(other, _)| *other == joint));
        let words = word.map_or_else(|| "`and` or `or`".to_owned(), |word| format!("`{word}`"));
        let otherwise = otherwise.map(|otherwise| format!("; {otherwise}")).unwrap_or_default();
        let problem = problem.help(format!("write {words} between conditions{otherwise}"));
        let words: Option<Vec<_>> = joints.iter().map(|(joint, span)| Some((*span, connective(*joint)?))).collect();
        let fix = words.map(|words| {
            let fix = Fix::maybe("write `and` and `or`");
            words.into_iter().fold(fix, |fix, (span, word)| fix.edit(span, word))
        });
        self.report(Diagnostic { fix, ..problem });
        None
    }

    fn starts_op(&self, clause: &Clause) -> bool {
        let op = clause.words.first().and_then(Word::bare).and_then(|name| self.names.op(name));
        op.is_some_and(|op| op.op() != Some(perch_ops::program_start()))
    }

    /// `not a`, `a == 1`, or `a` where that is a name: as a program it would not be there, and count as false.
    fn is_about_names(&self, clause: &Clause) -> bool {
        let bare: Vec<Option<&str>> = clause.words.iter().map(Word::bare).collect();
        match bare.as_slice() {
            [Some("not" | "!"), ..] => true,
            [Some(name)] => self.is_value(name.strip_prefix('!').unwrap_or(name)),
            // A program may be given a sign, but hardly as its first word; these two are signs of shells for something else.
            [first, Some("<" | ">"), rest] => {
                first.is_some_and(|name| self.is_value(name))
                    || rest.is_some_and(|number| ArgType::Float.accepts(number))
            }
            [_, Some(sign), _] => is_comparison(sign),
            _ => false,
        }
    }

    /// Whether a name has a value here: it is bound above, an argument, a shared binding or a fact.
    fn is_value(&self, name: &str) -> bool {
        let is_bound = self.bound.contains(name) || self.names.scope.is_shared(name);
        (is_bound || perch_ops::fact_named(name).is_some()) && !self.is_declared(name)
    }

    fn wrong<T>(&mut self, span: Span, message: &str, help: &str) -> Option<T> {
        self.report(Diagnostic::new(Code::BadCondition, span, message).help(help));
        None
    }
}

/// Words that open the body of an `if` elsewhere.
const OPENERS: [&str; 3] = ["then", "do", "{"];

fn is_opener(token: &Token) -> bool {
    token.word().and_then(Word::bare).is_some_and(|bare| OPENERS.contains(&bare))
}

/// `-q`
fn is_option(word: &Word) -> bool {
    word.bare().is_some_and(|bare| bare.len() > 1 && bare.starts_with('-') && !ArgType::Float.accepts(bare))
}

/// The name that a side of a comparison is the text of: `r`, `"${r}"`.
fn status_name(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [Part::Name(name)] => Some(name),
        _ => single_name(word),
    }
}

fn predicate(Use { entry, operands }: Use) -> Cond {
    match entry.op() {
        Some(op) => Cond::Predicate(OpCall::new(op, operands)),
        None => Cond::NotYet(Box::new(Test::Predicate { name: None, op: entry.name, operands })),
    }
}

/// The programs of a condition, if it consists of nothing else.
fn clauses(tokens: &[Token]) -> Option<Vec<Clause>> {
    let mut clauses = Vec::new();
    let empty = |joint: Option<(Joint, Span)>, span| Clause { joint, span, variables: Vec::new(), words: Vec::new() };
    let mut open = empty(None, tokens.first()?.span());
    for token in tokens {
        match token {
            Token::Joint(joint, span) => {
                clauses.push(std::mem::replace(&mut open, empty(Some((*joint, *span)), *span)));
            }
            Token::Word(word) => {
                open.span = if open.words.is_empty() { word.span } else { open.span.to(word.span) };
                open.words.push(word.clone());
            }
            Token::Comparison(written, span) | Token::Connective(written, span) => {
                open.words.push(Word {
                    span: *span,
                    quoted: false,
                    parts: vec![Part::Text(written.clone())],
                    seams: Vec::new(),
                });
            }
        }
    }
    clauses.push(open);
    Some(clauses)
}

fn joint(token: &Token) -> Option<(Joint, Span)> {
    if let Token::Joint(joint, span) = token { Some((*joint, *span)) } else { None }
}

/// The parts between the connectives of that name. A `not` belongs to its part only at the start of it; elsewhere
/// it stays and makes the part unreadable.
fn split<'t>(tokens: &'t [Token], connective: &str) -> Vec<&'t [Token]> {
    tokens.split(|token| matches!(token, Token::Connective(word, _) if word == connective)).collect()
}

fn joined(parts: Option<Vec<Cond>>, join: fn(Vec<Cond>) -> Cond) -> Option<Cond> {
    let mut parts = parts?;
    if parts.len() == 1 { parts.pop() } else { Some(join(parts)) }
}

/// A line for the shell as one word.
pub(super) fn quoted_line(line: &str) -> String {
    let is_plain = !line.contains(['"', '\\']) && !line.contains("${");
    match line {
        _ if is_plain => format!("\"{line}\""),
        _ if !line.contains(['\'', '\\']) && !line.contains("${") => format!("'{line}'"),
        _ => "\"…\"".to_owned(),
    }
}

/// What joins conditions in place of what joins programs.
fn connective(joint: Joint) -> Option<&'static str> {
    match joint {
        Joint::And => Some("and"),
        Joint::Or => Some("or"),
        Joint::Then | Joint::Pipe => None,
    }
}

/// The comparison that people mean by a word of another language.
fn sign_meant(word: &str) -> Option<&'static str> {
    match word {
        "equals" | "equal" | "eq" | "is" | "same" => Some("=="),
        "not_equals" | "not_equal" | "neq" | "ne" | "differs" => Some("!="),
        _ => None,
    }
}

fn is_comparison(sign: &str) -> bool {
    matches!(sign, "==" | "!=" | "<" | "<=" | ">" | ">=" | "eq" | "neq" | "lt" | "le" | "gt" | "ge")
}

fn comparison(sign: &str) -> Comparison {
    match sign {
        "!=" | "neq" => Comparison::NotEqual,
        "<" | "lt" => Comparison::Less,
        "<=" | "le" => Comparison::LessOrEqual,
        ">" | "gt" => Comparison::Greater,
        ">=" | "ge" => Comparison::GreaterOrEqual,
        _ => Comparison::Equal,
    }
}
