//! All that stands behind the verdicts of one line.

use crate::reasons::NEVER;
use crate::report::{Child, CommandReport, Op, Reach, Report, Scenario, Verdict};

use super::layout::plain;
use super::{Page, Style, glyph, messages, place, reach, shown, visit_name};

/// What a verdict claims.
fn claim(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WillRun => "will run: no visit fails",
        Verdict::WillFail => "will fail: on every run that visits it, at least one visit fails",
        Verdict::MightFail => "might fail: it is not known that it never or always does",
        Verdict::Skipped => "is skipped: no run visits it, not even with failures before it mended",
    }
}

/// The statements of a line with everything that their verdicts hang on; nothing if no statement of the commands begins there.
#[must_use]
pub fn explain(report: &Report, line: u32, style: Style) -> Option<String> {
    let mut page = Page::new(0, style);
    let several = report.scenarios.len() > 1;
    for scenario in &report.scenarios {
        for command in &scenario.commands {
            let mut found = Vec::new();
            collect(&command.ops, &mut Vec::new(), line, &report.file, &mut found);
            for way in found {
                page.derivation(scenario, command, &way, several);
            }
        }
    }
    if page.out.is_empty() {
        return None;
    }
    page.line(0, &plain(&format!("exit {}: {}", report.exit_code, report.rule)));
    Some(page.out)
}

/// Lines of the main file on which statements of the commands begin.
#[must_use]
pub fn lines(report: &Report) -> Vec<u32> {
    fn of(ops: &[Op], file: &str, lines: &mut Vec<u32>) {
        for op in ops {
            lines.extend((*op.file == *file).then_some(op.line));
            for child in &op.children {
                if let Child::Op(op) = child {
                    of(std::slice::from_ref(op), file, lines);
                }
            }
        }
    }
    let mut lines = Vec::new();
    let commands = report.scenarios.iter().flat_map(|scenario| &scenario.commands);
    commands.for_each(|command| of(&command.ops, &report.file, &mut lines));
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Ops of the line, each behind the ones that it stands in.
fn collect<'r>(ops: &'r [Op], around: &mut Vec<&'r Op>, line: u32, file: &str, found: &mut Vec<Vec<&'r Op>>) {
    for op in ops {
        around.push(op);
        if op.line == line && *op.file == *file {
            found.push(around.clone());
        }
        for child in &op.children {
            if let Child::Op(op) = child {
                collect(std::slice::from_ref(op), around, line, file, found);
            }
        }
        around.pop();
    }
}

impl Page {
    fn derivation(&mut self, scenario: &Scenario, command: &CommandReport, way: &[&Op], several: bool) {
        let Some((op, around)) = way.split_last() else { return };
        let place = if several { format!(", scenario {}", scenario.name) } else { String::new() };
        self.line(0, &plain(&format!("── {} — command {}{place}", op.id, command.command)));
        for (depth, outer) in around.iter().enumerate() {
            let mark = format!("{} ", self.paint(outer.verdict));
            self.marked(depth + 1, &mark, &shown(outer), false);
            let decided = outer.reasons.iter().filter(|reason| reason.code == crate::decisions::CONDITION);
            messages(decided).iter().for_each(|reason| self.note(depth + 3, "↳ ", reason));
        }
        let depth = around.len() + 1;
        let mark = format!("{} ", self.paint(op.verdict));
        self.marked(depth, &mark, &shown(op), false);
        self.line(depth + 1, &format!("verdict: it {}", claim(op.verdict)));
        self.line(depth + 1, &format!("reach: {}", self::reached(op)));
        if op.handled {
            self.line(depth + 1, "handled: whatever happens, a failure of it is caught");
        }
        for reason in &op.reasons {
            let source = reason.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
            let why = why_never(command, way).filter(|_| reason.code == NEVER).map(|why| format!(": {why}"));
            let why = why.unwrap_or_default();
            let text = format!("reason `{}`: {}{why}{source}", reason.code, reason.message);
            self.marked(depth + 1, "", &plain(&text), false);
        }
        for visit in &op.visits {
            let why = messages(visit.reasons.iter()).join("; ");
            let why = if why.is_empty() { why } else { format!(": {why}") };
            let text = format!("visit {}: {}{why}", visit_name(&visit.path), glyph(visit.verdict));
            self.marked(depth + 1, "", &plain(&text), false);
        }
        for assumption in &op.assumptions {
            let pin = assumption.pin.as_ref().map(|pin| format!("; `{pin}` in the fixture would say so"));
            let text = format!("assuming {}{}", assumption.message, pin.unwrap_or_default());
            self.marked(depth + 1, "", &plain(&text), false);
        }
        op.suggestions.iter().for_each(|suggestion| self.suggestion(suggestion, op, depth + 1));
        self.line(0, "");
    }
}

/// Why no run comes to an op: a statement before it ends what it stands in, or what is around it takes another way. Of those around it that
/// are not reached either, the first one has the reason.
fn why_never(command: &CommandReport, way: &[&Op]) -> Option<String> {
    let at = way.iter().position(|op| op.reach == Reach::Never)?;
    let never = way.get(at)?;
    let parent = at.checked_sub(1).and_then(|at| way.get(at));
    let beside: Vec<&Op> = match parent {
        Some(parent) => parent
            .children
            .iter()
            .filter_map(|child| match child {
                Child::Op(op) => Some(&**op),
                Child::Same { .. } => None,
            })
            .collect(),
        None => command.ops.iter().collect(),
    };
    let before: Vec<&Op> = beside.into_iter().take_while(|op| op.id != never.id).collect();
    // A body begins with what does not come next.
    let begins = before.iter().rposition(|op| !op.comes_next).filter(|_| never.comes_next);
    let mut body = begins.and_then(|at| before.get(at..)).into_iter().flatten();
    if let Some(end) = body.find(|op| matches!(op.op, "fail" | "exit") && op.reach != Reach::Never) {
        return Some(format!("`{}` in line {} ends the run before it", end.text, end.line));
    }
    let parent = parent?;
    Some(format!("`{}` in line {} does not come to it", parent.text, parent.line))
}

/// When it is reached.
fn reached(op: &Op) -> String {
    match op.reach {
        Reach::Always => "on every run".to_owned(),
        Reach::Never => "on no run".to_owned(),
        Reach::Sometimes if op.condition.is_empty() => "on some runs".to_owned(),
        Reach::Sometimes => format!("on some runs: when {}", op.condition.join(", or ")),
        Reach::Blocked => {
            let failure = op.after.as_ref().map(|after| format!(" ({})", place(after))).unwrap_or_default();
            reach(op).unwrap_or_else(|| format!("only once a failure before it is mended{failure}"))
        }
    }
}
