//! The report for people: a tree with one line per statement.

use std::fmt::Write as _;

use perch_symbolic::cells::SIGNAL;

use crate::reasons::comes_out;
use crate::report::{Child, CommandReport, Op, Reach, ReasonReport, Report, Verdict, VisitReport};

/// More elements than this with the same verdict are counted, not named.
const MAX_ELEMENTS: usize = 6;

/// The report as text. Colour is for terminals.
#[must_use]
pub fn render(report: &Report, colour: bool) -> String {
    let mut page = Page { out: String::new(), colour };
    for scenario in &report.scenarios {
        if report.scenarios.len() > 1 {
            page.line(0, &format!("═══ Scenario: {} ═══\n", scenario.name));
        }
        scenario.commands.iter().for_each(|command| page.command(command));
    }
    if !report.assumptions.is_empty() {
        page.line(0, "assumed throughout:");
        report.assumptions.iter().for_each(|assumption| page.line(1, &plain(&format!("· {assumption}"))));
        page.line(0, "");
    }
    let commands = report.scenarios.iter().flat_map(|scenario| &scenario.commands);
    let failing: usize = commands.map(|command| failing_ops(&command.ops)).sum();
    if failing > 0 {
        page.line(0, &format!("{failing} op(s) would fail under the simulated environment"));
    }
    page.line(0, &plain(&format!("exit {}: {}", report.exit_code, report.rule)));
    page.out
}

/// Ops that will fail: not calls and chains, which only pass on failures of theirs.
fn failing_ops(ops: &[Op]) -> usize {
    let own = |op: &Op| usize::from(op.verdict == Verdict::WillFail && !passes_on(op));
    ops.iter()
        .map(|op| own(op) + children(op).map(|child| failing_ops(std::slice::from_ref(child))).sum::<usize>())
        .sum()
}

/// A call or chain that fails only because of what is listed beneath it.
fn passes_on(op: &Op) -> bool {
    !op.children.is_empty() && !op.reasons.is_empty() && op.reasons.iter().all(comes_out)
}

fn children(op: &Op) -> impl Iterator<Item = &Op> {
    op.children.iter().filter_map(|child| if let Child::Op(op) = child { Some(&**op) } else { None })
}

struct Page {
    out: String,
    colour: bool,
}

impl Page {
    fn line(&mut self, depth: usize, text: &str) {
        let line = format!("{}{text}", "  ".repeat(depth));
        let _ = writeln!(self.out, "{}", line.trim_end());
    }

    fn command(&mut self, command: &CommandReport) {
        let about = command.description.as_ref().map(|text| format!(" — {text}")).unwrap_or_default();
        self.line(0, &plain(&format!("── command {}{about}", command.command)));
        command.ops.iter().for_each(|op| self.op(op, None, 1));
        let (counts, verdict) = (command.summary, self.paint(command.verdict));
        let words = match command.verdict {
            Verdict::WillRun => "will succeed",
            Verdict::WillFail => "will fail",
            Verdict::MightFail | Verdict::Skipped => "might fail",
        };
        let counts = format!(
            "{} will-run · {} will-fail · {} uncertain · {} skipped",
            counts.will_run, counts.will_fail, counts.might_fail, counts.skipped
        );
        let text = format!("\n  summary: {counts}   ({verdict} {} {words})\n", command.command);
        self.line(0, &text);
        self.line(0, "");
    }

    fn op(&mut self, op: &Op, around: Option<&Op>, depth: usize) {
        let verdict = self.paint(op.verdict);
        self.line(depth, &format!("{verdict} {}", plain(&op.text)));
        if op.verdict == Verdict::Skipped {
            return;
        }
        let groups = alike(&op.visits);
        let reach = reach(op).filter(|note| around.and_then(reach).as_ref() != Some(note));
        reach.iter().for_each(|note| self.note(depth + 2, note));
        if groups.is_empty() && !passes_on(op) {
            let mark = if op.verdict == Verdict::MightFail { "•" } else { "↳" };
            messages(&op.reasons).iter().for_each(|reason| self.note(depth + 2, &format!("{mark} {reason}")));
        }
        groups.iter().for_each(|group| self.group(group, depth + 2));
        if op.handled && matches!(op.verdict, Verdict::WillFail | Verdict::MightFail) {
            self.note(depth + 2, "↳ a failure is caught");
        }
        for assumption in &op.assumptions {
            self.note(depth + 2, &format!("assuming {}", assumption.message));
        }
        op.children.iter().for_each(|child| self.child(child, op, depth + 1));
    }

    fn child(&mut self, child: &Child, around: &Op, depth: usize) {
        match child {
            Child::Op(op) => self.op(op, Some(around), depth),
            Child::Same { same_as, note } => {
                let note = note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                self.note(depth, &format!("… as under {}{note}", place(same_as)));
            }
        }
    }

    fn group(&mut self, (visit, names): &Group<'_>, depth: usize) {
        let why = plain(&messages(&visit.reasons).join("; "));
        let why = if why.is_empty() { why } else { format!(": {why}") };
        let verdict = self.paint(visit.verdict);
        self.line(depth, &format!("{verdict} {}{}", elements(names), self.dim(&why)));
    }

    fn note(&mut self, depth: usize, text: &str) {
        let text = self.dim(&plain(text));
        self.line(depth, &text);
    }

    fn dim(&self, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn paint(&self, verdict: Verdict) -> String {
        let (glyph, code) = match verdict {
            Verdict::WillRun => ("✓", 32),
            Verdict::WillFail => ("✗", 31),
            Verdict::MightFail => ("?", 33),
            Verdict::Skipped => ("–", 90),
        };
        if self.colour { format!("\u{1b}[{code}m{glyph}\u{1b}[0m") } else { glyph.to_owned() }
    }
}

/// When an op is reached, unless always. What stands in it is reached then too, and need not repeat it.
fn reach(op: &Op) -> Option<String> {
    match (op.reach, &op.after) {
        (Reach::Blocked, Some(after)) if after == SIGNAL => Some("↳ reached only if a signal ends the run".to_owned()),
        (Reach::Blocked, Some(after)) => Some(format!("↳ blocked: reached only if {} is mended", place(after))),
        (Reach::Sometimes, _) if !op.condition.is_empty() => {
            Some(format!("↳ reached when {}", op.condition.join(", or ")))
        }
        _ => None,
    }
}

/// Visits with the same verdict for the same reasons: one of them, and the names of all.
type Group<'r> = (&'r VisitReport, Vec<String>);

/// The visits in groups; none if all are alike, so that what is said of the op says it of each.
fn alike(visits: &[VisitReport]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for visit in visits {
        let name = visit_name(&visit.path);
        match groups.iter_mut().find(|(one, _)| one.verdict == visit.verdict && one.reasons == visit.reasons) {
            Some((_, names)) => names.push(name),
            None => groups.push((visit, vec![name])),
        }
    }
    if groups.len() < 2 { Vec::new() } else { groups }
}

/// The sentences, each once.
fn messages(reasons: &[ReasonReport]) -> Vec<&str> {
    let mut messages: Vec<&str> = Vec::new();
    for reason in reasons {
        if !messages.contains(&reason.message.as_str()) {
            messages.push(&reason.message);
        }
    }
    messages
}

fn elements(names: &[String]) -> String {
    let shown = names.iter().take(MAX_ELEMENTS).cloned().collect::<Vec<_>>().join(", ");
    match names.len() {
        1 => format!("element {shown}"),
        all if all > MAX_ELEMENTS => format!("elements {shown} and {} more", all - MAX_ELEMENTS),
        _ => format!("elements {shown}"),
    }
}

/// A text on one line, without characters that a terminal would obey.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// Loop indices as people count.
fn visit_name(path: &[String]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_stays_on_its_line() {
        assert_eq!(plain("a\nb\u{1b}[2J · “ü”"), "a\\nb\\u{1b}[2J · “ü”");
    }

    #[test]
    fn many_elements_are_counted() {
        let names: Vec<String> = (1..=9).map(|at| at.to_string()).collect();
        assert_eq!(elements(&names[..1]), "element 1");
        assert_eq!(elements(&names[..2]), "elements 1, 2");
        assert_eq!(elements(&names), "elements 1, 2, 3, 4, 5, 6 and 3 more");
    }
}
