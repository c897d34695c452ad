//! What became of conditions: why a body runs, or does not.

use perch_diagram::Dd;
use perch_ir::program::{Around, Comparison, Cond, OpCall, Operand, Part, Stmt, StmtKind, Text};
use perch_ops::{Body, Control, Meaning, On, Primitive, Touch};

use crate::moved::Words;
use crate::report::ReasonReport;
use crate::run::Run;
use crate::seen::Seen;

/// The code of such a reason.
pub(crate) const CONDITION: &str = "condition";

/// The code of what is said of an `exit`.
const EXIT: &str = "exit";

/// Whether a reason says which way a run takes, and not why something fails.
pub(crate) fn tells_the_way(reason: &ReasonReport) -> bool {
    [CONDITION, EXIT].contains(&reason.code.as_str())
}

/// That a statement ends the command, if it does.
pub(crate) fn ending(stmt: &Stmt) -> Option<ReasonReport> {
    let StmtKind::Op(call) = &stmt.kind else { return None };
    let Meaning::Runs(Body::Control(Control::Exit)) = call.op.entry().meaning else { return None };
    let status = match call.operands.first() {
        None => "0".to_owned(),
        Some(Operand::Name(name)) => format!("${{{name}}}"),
        Some(Operand::Text(text)) => quoted(text).trim_matches('"').to_owned(),
    };
    Some(ReasonReport::new(EXIT, format!("ends the command with status {status}")))
}

/// A block that chooses among bodies. There may be one for runs on which nothing else is chosen.
pub(crate) enum Choice {
    /// By a condition for each body but the last: in words, and what it is about.
    If { conditions: Vec<(String, Vec<Asked>)>, has_otherwise: bool },
    /// By what something is: in words, what that is about, and what it may be for each body but the last.
    Match { target: String, asked: Vec<Asked>, cases: Vec<String>, has_otherwise: bool },
}

/// What a condition asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A fact of the machine.
    Fact(&'static str),
    /// What stands at a path.
    Path(String),
    /// Whether a program is on PATH.
    Bin(String),
    /// A name: an argument, something that was bound, or nothing.
    Name(String),
    /// A name in a text: the same, or a variable.
    Filled(String),
    /// Whether a variable is set, or to what.
    Variable(String),
    /// The same of a path or program with that name, unless something is bound to it.
    Mentioned(Box<Asked>, String),
}

/// What became of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Became {
    True,
    False,
    /// Something else on each visit.
    Differs,
    Either,
}

impl Became {
    /// Of several visits.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Either, _) | (_, Self::Either) => Self::Either,
            _ => Self::Differs,
        }
    }
}

/// What became of a condition on a visit on which these bodies may be chosen, if it was looked at.
fn became(taken: &[bool], at: usize) -> Option<Became> {
    let last = taken.iter().rposition(|taken| *taken)?;
    match taken.get(at) {
        _ if at > last => None,
        Some(true) if at < last => Some(Became::Either),
        Some(true) => Some(Became::True),
        _ => Some(Became::False),
    }
}

impl Choice {
    /// Of a statement, if it is such a block.
    pub(crate) fn of(stmt: &Stmt) -> Option<Self> {
        match &stmt.kind {
            StmtKind::If { arms, otherwise } => Some(Self::If {
                conditions: arms.iter().map(|(cond, _)| (worded(cond), asked(cond))).collect(),
                has_otherwise: !otherwise.is_empty(),
            }),
            StmtKind::Match { target, arms, otherwise } => {
                let mut asked = Vec::new();
                collect_operand(target, &mut asked);
                arms.iter().for_each(|(case, _)| names(case, &mut asked));
                Some(Self::Match {
                    target: operand(target),
                    asked: once(asked),
                    cases: arms.iter().map(|(case, _)| quoted(case)).collect(),
                    has_otherwise: !otherwise.is_empty(),
                })
            }
            StmtKind::Block(block) => match &block.around {
                Around::Only { fact, wanted } => {
                    let words = format!("{fact} eq {}", operand(wanted));
                    Some(Self::If { conditions: vec![(words, vec![Asked::Fact(fact)])], has_otherwise: false })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// What became of each condition that was looked at: a sentence with `facts` in brackets.
    pub(crate) fn reasons(
        &self,
        run: &mut Run,
        seen: &[Seen],
        facts: impl Fn(&Run, &[Asked]) -> Vec<Words>,
    ) -> Vec<ReasonReport> {
        let groups: Vec<&[Seen]> = seen.chunk_by(|a, b| a.path == b.path).collect();
        let bodies = match self {
            Self::If { conditions, .. } => conditions.len(),
            Self::Match { cases, .. } => cases.len(),
        };
        let taken: Vec<Vec<bool>> =
            groups.iter().map(|seen| (0..=bodies).map(|body| is_taken(run, seen, body)).collect()).collect();
        let sentences = match self {
            Self::If { conditions, has_otherwise } => {
                let each = conditions.iter().enumerate().filter_map(|(at, (words, asked))| {
                    let became = taken.iter().filter_map(|taken| became(taken, at)).reduce(Became::and)?;
                    let is_known = matches!(became, Became::True | Became::False);
                    let facts = if is_known { facts(run, asked) } else { Vec::new() };
                    let has_otherwise = *has_otherwise && at + 1 == conditions.len();
                    Some(of_condition(words, became, has_otherwise, facts))
                });
                each.collect()
            }
            Self::Match { target, asked, cases, has_otherwise } => {
                of_match(target, (cases, *has_otherwise), &taken, || facts(run, asked)).into_iter().collect::<Vec<_>>()
            }
        };
        sentences.into_iter().map(|sentence| ReasonReport::new(CONDITION, sentence)).collect()
    }
}

/// What is so, from where that is known, and what comes of it.
fn decided(what: String, facts: Vec<Words>, then: &str) -> Words {
    let mut sentence = Words::from(what);
    if !facts.is_empty() {
        sentence = Words::joined([sentence, Words::joined(facts, ", ")], " (");
        sentence.push(")");
    }
    sentence.push(format!(" — {then}"));
    sentence
}

fn of_condition(words: &str, became: Became, has_otherwise: bool, facts: Vec<Words>) -> Words {
    let evaluates = |truth: &str, then: &str| decided(format!("condition {words} evaluates {truth}"), facts, then);
    match became {
        Became::True => evaluates("TRUE", "body runs"),
        Became::False if has_otherwise => evaluates("FALSE", "`else` runs"),
        Became::False => evaluates("FALSE", "body skipped"),
        Became::Differs => {
            format!("condition {words} evaluates TRUE on some visits and FALSE on others — body runs on the former")
                .into()
        }
        Became::Either => format!("condition {words} is not decided — body might run").into(),
    }
}

/// Which bodies are chosen, on each visit, among those for these cases and perhaps for all others. Nothing if no run gets there.
fn of_match(
    target: &str,
    (cases, has_otherwise): (&[String], bool),
    taken: &[Vec<bool>],
    facts: impl FnOnce() -> Vec<Words>,
) -> Option<Words> {
    let on_some = |body: usize| taken.iter().any(|taken| taken.get(body) == Some(&true));
    let chosen: Vec<usize> = (0..=cases.len()).filter(|body| on_some(*body)).collect();
    let name = |body: &usize| match cases.get(*body) {
        Some(case) => Some(format!("`case {case}`")),
        None => has_otherwise.then(|| "`else`".to_owned()),
    };
    let named: Vec<String> = chosen.iter().filter_map(name).collect();
    let is_open = taken.iter().any(|taken| taken.iter().filter(|taken| **taken).count() > 1);
    match (&chosen[..], &named[..]) {
        ([], _) => None,
        ([body], _) => {
            let then = named.first().map_or("no case runs".to_owned(), |named| format!("{named} runs"));
            let what = match cases.get(*body) {
                Some(case) => format!("{target} is {case}"),
                None => format!("{target} is none of the cases"),
            };
            Some(decided(what, facts(), &then))
        }
        (_, named) if is_open => Some(format!("{target} is not decided — {} might run", named.join(", ")).into()),
        (_, named) => Some(format!("{target} differs from visit to visit — {} run", named.join(", ")).into()),
    }
}

/// Is there a run on which that body is chosen? Real ones, if any gets there.
fn is_taken(run: &mut Run, seen: &[Seen], arm: usize) -> bool {
    let number = arm.to_string();
    let is_real = seen.iter().any(|one| !run.real(one.enter).is_false());
    seen.iter().any(|one| {
        let Some(chosen) = one.visit.arm else { return false };
        let here = run.domain.where_text(chosen, &number);
        let goes_on = run.domain.dds.minus(one.enter, one.fails);
        let here = run.domain.dds.and(goes_on, here);
        let here = if is_real { run.real(here) } else { here };
        here != Dd::FALSE
    })
}

// ---- words ------------------------------------------------------------------------------------------

/// A condition with its operators in words.
fn worded(cond: &Cond) -> String {
    let joined = |conds: &[Cond], with: &str| conds.iter().map(worded).collect::<Vec<_>>().join(with);
    match cond {
        Cond::Or(conds) => joined(conds, " or "),
        Cond::And(conds) => joined(conds, " and "),
        Cond::Not(inner) => format!("not {}", worded(inner)),
        Cond::Compare { left, op, right } => format!("{} {} {}", operand(left), operator(*op), quoted(right)),
        Cond::Truth(name) | Cond::TruthOrPredicate(name, _) => name.clone(),
        Cond::Predicate(call) => {
            let operands = call.operands.iter().map(operand);
            std::iter::once(call.op.entry().name.to_owned()).chain(operands).collect::<Vec<_>>().join(" ")
        }
        Cond::Programs(clauses) => clauses.iter().map(|clause| &*clause.source).collect::<Vec<_>>().join(" "),
        Cond::NotYet(_) => "…".to_owned(),
    }
}

/// A comparison as a word.
fn operator(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "eq",
        Comparison::NotEqual => "neq",
        Comparison::Less => "lt",
        Comparison::LessOrEqual => "le",
        Comparison::Greater => "gt",
        Comparison::GreaterOrEqual => "ge",
    }
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Name(name) => name.clone(),
        Operand::Text(text) => quoted(text),
    }
}

fn quoted(text: &Text) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => text.escape_debug().to_string(),
        Part::Name(name) => format!("${{{name}}}"),
        Part::Splice(name) => format!("${{{name}...}}"),
        Part::Call(call) => format!("${{{}(…)}}", call.op.entry().name),
        Part::NotYet(_) => "${…}".to_owned(),
    };
    format!("\"{}\"", text.parts.iter().map(part).collect::<String>())
}

// ---- what is asked ----------------------------------------------------------------------------------

fn asked(cond: &Cond) -> Vec<Asked> {
    let mut found = Vec::new();
    collect(cond, &mut found);
    once(found)
}

fn once(found: Vec<Asked>) -> Vec<Asked> {
    let mut once: Vec<Asked> = Vec::new();
    for one in found {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

fn collect(cond: &Cond, found: &mut Vec<Asked>) {
    match cond {
        Cond::Or(conds) | Cond::And(conds) => conds.iter().for_each(|cond| collect(cond, found)),
        Cond::Not(inner) => collect(inner, found),
        Cond::Compare { left, right, .. } => {
            collect_operand(left, found);
            names(right, found);
        }
        Cond::Truth(name) => found.push(named(name)),
        Cond::TruthOrPredicate(name, call) if call.operands.is_empty() => found.push(named(name)),
        Cond::TruthOrPredicate(_, call) | Cond::Predicate(call) => predicate(call, found),
        Cond::Programs(_) | Cond::NotYet(_) => {}
    }
}

fn collect_operand(operand: &Operand, found: &mut Vec<Asked>) {
    match operand {
        Operand::Name(name) => found.push(named(name)),
        Operand::Text(text) => names(text, found),
    }
}

fn names(text: &Text, found: &mut Vec<Asked>) {
    for part in &text.parts {
        if let Part::Name(name) = part {
            found.push(match named(name) {
                Asked::Name(name) => Asked::Filled(name),
                fact => fact,
            });
        }
    }
}

fn named(name: &str) -> Asked {
    match name {
        "os" | "is_linux" | "is_macos" | "is_windows" | "is_unix" => Asked::Fact("os"),
        "arch" | "is_amd64" | "is_arm64" => Asked::Fact("arch"),
        _ => Asked::Name(name.to_owned()),
    }
}

fn predicate(call: &OpCall, found: &mut Vec<Asked>) {
    let entry = call.op.entry();
    let about = |text: &str| match entry.touches {
        [Touch::Look(On::Arg(0)) | Touch::Read(On::Arg(0))] => Some(Asked::Path(text.to_owned())),
        [Touch::ReadEnv(On::Arg(0))] => Some(Asked::Variable(text.to_owned())),
        _ if matches!(entry.meaning, Meaning::Runs(Body::Primitive(Primitive::FindBin))) => {
            Some(Asked::Bin(text.to_owned()))
        }
        _ => None,
    };
    match call.operands.first() {
        Some(Operand::Text(text)) => found.extend(text.as_literal().and_then(about)),
        Some(Operand::Name(name)) => {
            found.extend(about(name).map(|asked| Asked::Mentioned(Box::new(asked), name.clone())));
        }
        None => found.extend(Some(named(entry.name)).filter(|asked| matches!(asked, Asked::Fact(_)))),
    }
}

#[cfg(test)]
mod tests {
    use perch_ir::{Database, Program as _, Snapshot, SourceFile};

    use super::*;

    fn conditions(cond: &str) -> Vec<(String, Vec<Asked>)> {
        let text = format!("command main\n  do\n    if {cond}\n      print x\n    end\n  end\nend\n");
        let db = Database::default();
        let file = SourceFile::new(&db, "a.perch".to_owned(), text);
        let command = Snapshot::new(&db, file).command("main").unwrap();
        match Choice::of(&command.body[0]).unwrap() {
            Choice::If { conditions, .. } => conditions,
            Choice::Match { .. } => panic!("`if` is no `match`"),
        }
    }

    #[test]
    fn operators_are_words() {
        let said = |cond: &str| conditions(cond).remove(0).0;
        assert_eq!(said("os == linux"), "os eq \"linux\"");
        assert_eq!(said("os eq linux"), "os eq \"linux\"");
        assert_eq!(said("not exists \"/a b\" and mode != \"x${y}\""), "not exists \"/a b\" and mode neq \"x${y}\"");
        assert_eq!(said("is_macos"), "is_macos");
        assert_eq!(said("count >= 3 or has_bin git"), "count ge \"3\" or has_bin git");
    }

    #[test]
    fn what_is_asked_is_known() {
        let asked = conditions("os == linux and exists /a or has_bin git and mode == \"${HOME}\"").remove(0).1;
        let name = |name: &str| Asked::Name(name.to_owned());
        let git = Asked::Mentioned(Box::new(Asked::Bin("git".into())), "git".into());
        let all = [Asked::Fact("os"), Asked::Path("/a".into()), git, name("mode"), Asked::Filled("HOME".into())];
        assert_eq!(asked, all);
        assert_eq!(conditions("env_has \"HOME\"").remove(0).1, [Asked::Variable("HOME".into())]);
    }
}
