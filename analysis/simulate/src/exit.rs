//! The exit status and the rule that decides it (`docs/spec/verdicts.md` §8).

use crate::report::{Child, CommandReport, Op, Reach, Scenario, Verdict};

/// What makes the exit status 1. Each rule includes the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailOn {
    /// A command that will fail.
    #[default]
    Command,
    /// An op that will fail, uncaught.
    Op,
    /// A command or op that might fail, uncaught.
    Might,
    /// An assumption.
    Assumption,
}

impl FailOn {
    /// All, from the mildest to the strictest.
    pub const ALL: [Self; 4] = [Self::Command, Self::Op, Self::Might, Self::Assumption];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Op => "op",
            Self::Might => "might",
            Self::Assumption => "assumption",
        }
    }

    /// What it says when it finds nothing.
    fn nothing(self) -> &'static str {
        match self {
            Self::Command => "no command will fail",
            Self::Op => "no command and no op will fail uncaught",
            Self::Might => "no command and no op will or might fail uncaught",
            Self::Assumption => "nothing will or might fail uncaught, and nothing is assumed",
        }
    }
}

/// How the process exits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The status.
    pub code: u8,
    /// The rule that decided.
    pub rule: String,
}

/// Decides. `assumptions` are those that concern no single op, without what stands behind every verdict.
#[must_use]
pub fn decide(scenarios: &[Scenario], assumptions: &[String], fail_on: FailOn) -> Exit {
    let found = FailOn::ALL
        .into_iter()
        .filter(|rule| *rule <= fail_on)
        .find_map(|rule| finding(rule, scenarios, assumptions).map(|what| (rule, what)));
    match found {
        Some((rule, what)) => Exit { code: 1, rule: format!("{what} (--fail-on {})", rule.name()) },
        None => Exit { code: 0, rule: format!("{} (--fail-on {})", fail_on.nothing(), fail_on.name()) },
    }
}

/// The first thing that a rule alone finds.
fn finding(rule: FailOn, scenarios: &[Scenario], assumptions: &[String]) -> Option<String> {
    let of_scenario = scenarios.iter().find_map(|scenario| {
        let found = in_scenario(rule, &scenario.commands)?;
        Some(if scenarios.len() > 1 { format!("in scenario `{}`, {found}", scenario.name) } else { found })
    });
    let of_all = || assumptions.first().filter(|_| rule == FailOn::Assumption).map(|message| assumed(message));
    of_scenario.or_else(of_all)
}

fn in_scenario(rule: FailOn, commands: &[CommandReport]) -> Option<String> {
    let command = |verdict: Verdict| commands.iter().find(|command| command.verdict == verdict);
    let op = |test: &dyn Fn(&Op) -> bool| commands.iter().find_map(|command| first(&command.ops, test));
    match rule {
        FailOn::Command => command(Verdict::WillFail).map(|found| format!("command `{}` will fail", found.command)),
        FailOn::Op => {
            let hidden = |op: &Op| hides_verdicts(op) && op.verdict == Verdict::MightFail;
            op(&|op| counts(op) && (op.verdict == Verdict::WillFail || hidden(op)))
                .map(|op| format!("{} will fail, and nothing catches it", place(op)))
        }
        FailOn::Might => {
            command(Verdict::MightFail).map(|found| format!("command `{}` might fail", found.command)).or_else(|| {
                op(&|op| counts(op) && op.verdict == Verdict::MightFail)
                    .map(|op| format!("{} might fail, and nothing catches it", place(op)))
            })
        }
        FailOn::Assumption => op(&|op| !op.assumptions.is_empty())
            .and_then(|op| op.assumptions.first())
            .map(|assumption| assumed(&assumption.message)),
    }
}

fn assumed(message: &str) -> String {
    format!("it is assumed that {message}")
}

/// Failures of it are uncaught, on real runs.
fn counts(op: &Op) -> bool {
    !op.handled && matches!(op.reach, Reach::Always | Reach::Sometimes)
}

/// The report was cut beneath it, so an op that is not shown may be certain to fail.
fn hides_verdicts(op: &Op) -> bool {
    op.children.iter().any(|child| matches!(child, Child::Same { note: Some(_), .. }))
}

/// The innermost first op that passes the test: a call fails because of what is in it.
fn first<'r>(ops: &'r [Op], test: &dyn Fn(&Op) -> bool) -> Option<&'r Op> {
    ops.iter().find_map(|op| {
        let inner = op.children.iter().find_map(|child| match child {
            Child::Op(inner) => first(std::slice::from_ref(inner), test),
            Child::Same { .. } => None,
        });
        inner.or_else(|| test(op).then_some(op))
    })
}

fn place(op: &Op) -> String {
    format!("`{}` at {}:{}", op.text, op.file, op.line)
}
