//! The report for people: a tree with one line per statement.

use std::fmt::Write as _;

use crate::report::{Child, CommandReport, Op, Reach, Report, Verdict};

/// The report as text. Colour only when it is shown on a terminal.
#[must_use]
pub fn render(report: &Report, colour: bool) -> String {
    let mut out = String::new();
    for scenario in &report.scenarios {
        if report.scenarios.len() > 1 {
            let _ = writeln!(out, "═══ Scenario: {} ═══\n", scenario.name);
        }
        for command in &scenario.commands {
            render_command(&mut out, command, colour);
        }
    }
    if !report.assumptions.is_empty() {
        out.push_str("assumed throughout:\n");
        for assumption in &report.assumptions {
            let _ = writeln!(out, "  · {assumption}");
        }
    }
    let failing: usize = report.scenarios.iter().flat_map(|scenario| &scenario.commands).map(|command| command.summary.will_fail).sum();
    if failing > 0 {
        let _ = writeln!(out, "{failing} op(s) would fail under the simulated environment");
    }
    let _ = writeln!(out, "exit {}: {}", report.exit_code, report.rule);
    out
}

fn render_command(out: &mut String, command: &CommandReport, colour: bool) {
    let about = command.description.as_ref().map(|text| format!(" — {text}")).unwrap_or_default();
    let _ = writeln!(out, "── command {}{about}", command.command);
    for op in &command.ops {
        render_op(out, op, 1, colour);
    }
    let counts = command.summary;
    let verdict = match command.verdict {
        Verdict::WillRun => "will succeed",
        Verdict::WillFail => "will fail",
        Verdict::MightFail | Verdict::Skipped => "might fail",
    };
    let _ = writeln!(
        out,
        "\n  summary: {} will-run · {} will-fail · {} uncertain   ({} {verdict})\n",
        counts.will_run,
        counts.will_fail,
        counts.might_fail,
        paint(command.verdict, colour),
    );
}

fn render_op(out: &mut String, op: &Op, depth: usize, colour: bool) {
    let pad = "  ".repeat(depth);
    let _ = writeln!(out, "{pad}{} {}", paint(op.verdict, colour), op.text);
    let reach = match (op.reach, &op.after) {
        (Reach::Blocked, Some(after)) => Some(format!("blocked: reached only if {} is mended", place(after))),
        (Reach::Sometimes, _) if !op.condition.is_empty() => Some(format!("reached when {}", op.condition.join(", or "))),
        _ => None,
    };
    for line in reach.into_iter().chain(op.reasons.iter().filter(|_| op.verdict != Verdict::Skipped).map(|reason| reason.message.clone())) {
        let mark = if op.verdict == Verdict::MightFail { "•" } else { "↳" };
        let _ = writeln!(out, "{pad}    {mark} {line}");
    }
    if op.handled && matches!(op.verdict, Verdict::WillFail | Verdict::MightFail) {
        let _ = writeln!(out, "{pad}    ↳ caught");
    }
    for visit in op.visits.iter().filter(|visit| visit.verdict != op.verdict || op.verdict != Verdict::WillRun) {
        let why = visit.reasons.first().map(|reason| format!(": {}", reason.message)).unwrap_or_default();
        let _ = writeln!(out, "{pad}    {} element {}{why}", paint(visit.verdict, colour), visit_path(&visit.path));
    }
    for assumption in &op.assumptions {
        let _ = writeln!(out, "{pad}    assuming {}", assumption.message);
    }
    for child in &op.children {
        match child {
            Child::Op(op) => render_op(out, op, depth + 1, colour),
            Child::Same { same_as } => {
                let _ = writeln!(out, "{pad}  … as under {}", place(same_as));
            }
        }
    }
}

/// Loop indices as people count.
fn visit_path(path: &[String]) -> String {
    let one = |index: &String| index.parse::<u64>().map_or_else(|_| index.clone(), |index| (index + 1).to_string());
    path.iter().map(one).collect::<Vec<_>>().join(".")
}

/// The last place of a node's name.
fn place(id: &str) -> String {
    let last = id.rsplit('>').next().unwrap_or(id);
    let mut parts = last.split(':');
    match (parts.next(), parts.next()) {
        (Some(command), Some(line)) => format!("line {line} ({command})"),
        _ => id.to_owned(),
    }
}

fn paint(verdict: Verdict, colour: bool) -> String {
    let (glyph, code) = match verdict {
        Verdict::WillRun => ("✓", 32),
        Verdict::WillFail => ("✗", 31),
        Verdict::MightFail => ("?", 33),
        Verdict::Skipped => ("–", 90),
    };
    if colour { format!("\u{1b}[{code}m{glyph}\u{1b}[0m") } else { glyph.to_owned() }
}
