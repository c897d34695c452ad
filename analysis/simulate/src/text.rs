//! The report for people: a tree with one line per statement.

mod explain;
mod layout;
mod table;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use perch_symbolic::cells::SIGNAL;

use crate::decisions::tells_the_way;
use crate::reasons::comes_out;
use crate::report::{
    CaseOp, CaseReport, Child, CommandReport, Counts, Op, Reach, ReasonReport, Report, Scenario, SuggestionReport,
    UnusedReport, Verdict, VisitReport,
};
pub use explain::{explain, lines};
use layout::{plain, wrapped};

/// More elements than this with the same verdict are counted, not named.
const MAX_ELEMENTS: usize = 6;

/// More statements than this of a case are counted, not named.
const MAX_OPS: usize = 6;

/// More conditions than this not all cases of which were tried are counted, not named.
const MAX_UNTRIED: usize = 6;

/// More keys than this that were of no use are counted, not named.
const MAX_UNUSED: usize = 8;

/// Where a report is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Colours are wanted.
    pub colour: bool,
    /// So many columns are there; any number if it is not said.
    pub width: Option<usize>,
}

/// The report as text.
#[must_use]
pub fn render(report: &Report, style: Style) -> String {
    let texts = commands(report).into_iter().map(|told| command(told, style)).collect();
    render_around(report, texts, style)
}

/// The commands of a report, in the order in which they are told.
#[must_use]
pub fn commands(report: &Report) -> Vec<&CommandReport> {
    report.scenarios.iter().flat_map(|scenario| &scenario.commands).collect()
}

/// What is told of one command. It hangs on no other, so that several can be told at the same time.
#[must_use]
pub fn command(told: &CommandReport, style: Style) -> String {
    let mut page = Page::new(0, style);
    page.command(told);
    page.out
}

/// The report as text, given what is told of each of its commands.
#[must_use]
pub fn render_around(report: &Report, commands: Vec<String>, style: Style) -> String {
    let mut page = Page::new(commands.iter().map(String::len).sum(), style);
    let several = report.scenarios.len() > 1;
    let mut commands = commands.into_iter();
    for scenario in &report.scenarios {
        if several {
            page.banner(scenario);
        }
        commands.by_ref().take(scenario.commands.len()).for_each(|told| page.out.push_str(&told));
        page.summary(scenario);
    }
    page.assumptions(&report.assumptions);
    page.unused(&report.unused);
    page.table(report);
    page.failing(report, several);
    page.line(0, &plain(&format!("exit {}: {}", report.exit_code, report.rule)));
    page.out
}

/// Ops that will fail, and how many of them are such that nothing catches it: not calls and chains, which only pass on failures of theirs.
#[derive(Clone, Copy, Default)]
struct Failing {
    all: usize,
    uncaught: usize,
}

impl Failing {
    fn of(report: &Report) -> Self {
        let failing = commands(report).into_iter().filter(|told| told.summary.will_fail > 0);
        failing.flat_map(|told| &told.ops).fold(Self::default(), Self::and)
    }

    /// With an op, and with those beneath it.
    fn and(self, op: &Op) -> Self {
        let own = usize::from(op.verdict == Verdict::WillFail && !passes_on(op));
        let uncaught = if op.handled { 0 } else { own };
        children(op).fold(Self { all: self.all + own, uncaught: self.uncaught + uncaught }, Self::and)
    }
}

/// A call or chain that fails only because of what is listed beneath it.
fn passes_on(op: &Op) -> bool {
    !op.children.is_empty() && !op.reasons.is_empty() && op.reasons.iter().all(comes_out)
}

fn children(op: &Op) -> impl Iterator<Item = &Op> {
    op.children.iter().filter_map(|child| if let Child::Op(op) = child { Some(&**op) } else { None })
}

/// What stands in front of a line that continues another.
const HANGING: &str = "  ";

struct Page {
    out: String,
    style: Style,
    /// How suggestions are followed that have been told of the command, and in which line of which file.
    followed: Vec<(String, Arc<str>, u32)>,
}

/// How to follow a suggestion is told again where that is not longer than this.
const MAX_TOLD_AGAIN: usize = 40;

impl Page {
    fn new(length: usize, style: Style) -> Self {
        Self { out: String::with_capacity(length), style, followed: Vec::new() }
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.marked(depth, "", text, false);
    }

    /// A line with something in front, beneath which it is continued if it is too long.
    fn marked(&mut self, depth: usize, mark: &str, text: &str, dim: bool) {
        let pieces = wrapped(text, 2 * depth + HANGING.len(), self.style.width);
        for (at, piece) in pieces.iter().enumerate() {
            let start = self.out.len();
            self.out.extend(std::iter::repeat_n("  ", depth));
            self.out.push_str(if at == 0 { mark } else { HANGING });
            match dim && self.style.colour {
                true => self.out.push_str(&self.dim(piece)),
                false => self.out.push_str(piece),
            }
            let end = start + self.out[start..].trim_end().len();
            self.out.truncate(end);
            self.out.push('\n');
        }
    }

    fn banner(&mut self, scenario: &Scenario) {
        let after = scenario.after.as_ref().map(|after| format!(" (after {after})")).unwrap_or_default();
        self.line(0, &plain(&format!("═══ Scenario: {}{after} ═══", scenario.name)));
        self.line(0, "");
    }

    fn summary(&mut self, scenario: &Scenario) {
        let Counts { will_run, will_fail, might_fail, .. } = scenario.summary;
        self.line(0, &format!("summary: {will_run} will-run · {will_fail} will-fail · {might_fail} uncertain"));
        self.line(0, "");
    }

    fn command(&mut self, command: &CommandReport) {
        let about = command.description.as_ref().map(|text| format!(" — {text}")).unwrap_or_default();
        self.line(0, &plain(&format!("── command {}{about}", command.command)));
        self.ops(command.ops.iter(), None, 1);
        let words = match command.verdict {
            Verdict::WillRun => "will succeed",
            Verdict::WillFail => "will fail",
            Verdict::MightFail | Verdict::Skipped => "might fail",
        };
        let mark = format!("{} ", self.paint(command.verdict));
        self.line(0, "");
        self.marked(0, &mark, &plain(&format!("command {} {words}", command.command)), false);
        self.line(0, "");
        self.cases(command);
    }

    /// The cases that make a difference, each with what a fixture would have to say.
    fn cases(&mut self, command: &CommandReport) {
        let Some(cases) = &command.cases else { return };
        if cases.told.is_empty() {
            self.line(0, "no case was found that a fixture could tell and that makes a difference:");
            self.untried("it hangs on whether", &cases.untried);
            if cases.untried.is_empty() {
                self.note(2, "… ", "it hangs on what no fixture says");
            }
            return self.line(0, "");
        }
        self.line(0, &format!("{} cases make a difference:", cases.told.len() + cases.more));
        for (at, case) in cases.told.iter().enumerate() {
            let mark = format!("{:>3}. {} ", at + 1, self.paint(case.verdict));
            self.marked(0, &mark, &plain(&case.when), false);
            let besides = case.besides.as_ref().map(|flags| format!("`{flags}`"));
            let says_something = case.fixture.as_object().is_none_or(|keys| !keys.is_empty());
            let part = says_something.then(|| format!("`{}` in the fixture", case.fixture));
            let whole: Vec<String> = besides.into_iter().chain(part).collect();
            self.note(3, "→ ", &whole.join(" and "));
            self.case(case);
        }
        let more = match (cases.more, cases.complete) {
            (0, true) => None,
            (0, false) if !cases.untried.is_empty() => None,
            (0, false) => Some("and perhaps more: not all have been looked for".to_owned()),
            (more, true) => Some(format!("and {more} more")),
            (more, false) => Some(format!("and at least {more} more")),
        };
        more.iter().for_each(|more| self.note(2, "… ", more));
        self.untried("and perhaps more, for not all cases were tried in which", &cases.untried);
        self.line(0, "");
    }

    /// What nobody knows a value for.
    fn untried(&mut self, heading: &str, untried: &[String]) {
        if untried.is_empty() {
            return;
        }
        self.note(2, "… ", heading);
        untried.iter().take(MAX_UNTRIED).for_each(|condition| self.note(3, "• ", condition));
        let more = untried.len().saturating_sub(MAX_UNTRIED);
        if more > 0 {
            self.note(3, "… ", &format!("and {more} more"));
        }
    }

    /// What stands out: of a command that fails what it fails at, of another one what does not run in all cases.
    fn case(&mut self, case: &CaseReport) {
        let stands_out = |op: &&CaseOp| match case.verdict {
            Verdict::WillFail => op.verdict == Verdict::WillFail && !op.reasons.iter().all(comes_out),
            _ => op.verdict != Verdict::Skipped,
        };
        let told: Vec<&CaseOp> = case.ops.iter().filter(|op| op.reach != Reach::Blocked).filter(stands_out).collect();
        for op in told.iter().take(MAX_OPS) {
            let mark = format!("{} ", self.paint(op.verdict));
            self.marked(3, &mark, &plain(&format!("line {}: {}", op.line, op.text)), false);
            let failures = op.reasons.iter().filter(|reason| !tells_the_way(reason));
            messages(failures).iter().for_each(|reason| self.note(5, "↳ ", reason));
            let assumed = op.assumptions.iter().map(|assumption| format!("assuming {}", assumption.message));
            assumed.for_each(|assumption| self.note(5, "", &assumption));
        }
        let more = told.len().saturating_sub(MAX_OPS);
        if more > 0 {
            self.note(3, "… ", &format!("and {more} more that run in this case, and not in all"));
        }
    }

    fn assumptions(&mut self, assumptions: &[String]) {
        if !assumptions.is_empty() {
            self.line(0, "assumed throughout:");
            assumptions.iter().for_each(|assumption| self.marked(1, "· ", &plain(assumption), false));
            self.line(0, "");
        }
    }

    fn unused(&mut self, unused: &[UnusedReport]) {
        if unused.is_empty() {
            return;
        }
        self.line(0, "not used, for nothing that was simulated asks for it:");
        for UnusedReport { key, source, advice } in unused.iter().take(MAX_UNUSED) {
            let source = source.iter().map(|source| format!(" ({source})")).collect::<String>();
            let advice = advice.iter().map(|advice| format!(" — {advice}")).collect::<String>();
            self.marked(1, "· ", &plain(&format!("`{key}`{source}{advice}")), false);
        }
        let more = unused.len().saturating_sub(MAX_UNUSED);
        if more > 0 {
            self.line(1, &format!("… and {more} more"));
        }
        self.line(0, "");
    }

    /// How many ops will fail. That all of it is caught is said: else the exit status would seem to say otherwise.
    fn failing(&mut self, report: &Report, several: bool) {
        let Failing { all, uncaught } = Failing::of(report);
        if all == 0 {
            return;
        }
        let place = match several {
            true => "across simulated scenarios",
            false if report.on_this_host => "on this host",
            false => "under the simulated environment",
        };
        let caught = match (all, uncaught) {
            (1, 0) => ", and its failure is caught",
            (_, 0) => ", and all these failures are caught",
            _ => "",
        };
        self.line(0, &format!("{all} op(s) would fail {place}{caught}"));
    }

    fn table(&mut self, report: &Report) {
        let rows = table::rows(report, |verdict| self.paint(verdict));
        for row in &rows {
            let _ = writeln!(self.out, "{}", row.trim_end());
        }
        if !rows.is_empty() {
            self.line(0, "");
        }
    }

    /// Statements; those that are skipped, one behind the other, in one line.
    fn ops<'r>(&mut self, ops: impl Iterator<Item = &'r Op>, around: Option<&Op>, depth: usize) {
        let mut skipped: Vec<&Op> = Vec::new();
        let mut before: Option<&Op> = None;
        for op in ops {
            if op.verdict == Verdict::Skipped {
                skipped.push(op);
                continue;
            }
            self.skipped(&mut skipped, depth);
            self.op(op, around, before, depth);
            before = Some(op);
        }
        self.skipped(&mut skipped, depth);
    }

    fn skipped(&mut self, ops: &mut Vec<&Op>, depth: usize) {
        let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return };
        let mark = format!("{} ", self.paint(Verdict::Skipped));
        let number: usize = ops.iter().map(|op| with_all_beneath(op)).sum();
        let text = match (number, first.line == last.line) {
            (1, _) => shown(first),
            (_, true) => Cow::Owned(format!("{number} statements skipped (line {})", first.line)),
            (_, false) => Cow::Owned(format!("{number} statements skipped (lines {} to {})", first.line, last.line)),
        };
        self.marked(depth, &mark, &text, true);
        ops.clear();
    }

    /// A statement, in the block around it and behind the one before it.
    fn op(&mut self, op: &Op, around: Option<&Op>, before: Option<&Op>, depth: usize) {
        let mark = format!("{} ", self.paint(op.verdict));
        self.marked(depth, &mark, &shown(op), false);
        let groups = alike(&op.visits);
        let reach = reach(op).filter(|note| match op.reach {
            // That a run has come so far need not be said of each statement that it comes to next.
            Reach::Sometimes => !op.comes_next,
            _ => around.and_then(reach).as_ref() != Some(note),
        });
        let is_blocked = op.reach == Reach::Blocked;
        if let Some(note) = &reach {
            let is_the_same = is_blocked && before.is_some_and(|before| before.after == op.after);
            self.note(depth + 2, "↳ ", if is_the_same { "blocked, too" } else { note });
        }
        let (decided, failures): (Vec<&ReasonReport>, Vec<&ReasonReport>) =
            op.reasons.iter().partition(|reason| tells_the_way(reason));
        messages(decided.into_iter()).iter().for_each(|reason| self.note(depth + 2, "↳ ", reason));
        if groups.is_empty() && !passes_on(op) {
            let mark = if op.verdict == Verdict::MightFail { "• " } else { "↳ " };
            messages(failures.into_iter()).iter().for_each(|reason| self.note(depth + 2, mark, reason));
        }
        groups.iter().for_each(|group| self.group(group, depth + 2));
        if op.handled && matches!(op.verdict, Verdict::WillFail | Verdict::MightFail) {
            self.note(depth + 2, "↳ ", "a failure is caught");
        }
        for assumption in &op.assumptions {
            self.note(depth + 2, "", &format!("assuming {}", assumption.message));
        }
        for suggestion in &op.suggestions {
            self.suggestion(suggestion, op, depth + 2);
        }
        self.children(op, depth + 1);
    }

    fn suggestion(&mut self, suggestion: &SuggestionReport, op: &Op, depth: usize) {
        let without = suggestion.without.as_ref().map(|flags| format!("no `{flags}`"));
        let besides = suggestion.besides.as_ref().map(|flags| format!("`{flags}`"));
        let part = suggestion.fixture.as_ref().map(|part| format!("`{part}` in the fixture"));
        let whole: Vec<String> = match &suggestion.flag {
            Some(flag) => vec![format!("`{flag}`")],
            None => without.into_iter().chain(besides).chain(part).collect(),
        };
        let how = self.not_again(whole.join(" and "), op);
        let how = if how.is_empty() { how } else { format!(": {how}") };
        self.note(depth, "→ ", &format!("{}{how}", suggestion.message));
    }

    /// How to follow a suggestion, or where that stands already, if it is long.
    fn not_again(&mut self, how: String, op: &Op) -> String {
        match self.followed.iter().find(|(told, ..)| *told == how) {
            Some((_, file, line)) if *file == op.file => format!("as above (line {line})"),
            Some((_, file, line)) => format!("as above ({file}:{line})"),
            None if how.len() > MAX_TOLD_AGAIN => {
                self.followed.push((how.clone(), Arc::clone(&op.file), op.line));
                how
            }
            None => how,
        }
    }

    fn children(&mut self, op: &Op, depth: usize) {
        self.ops(children(op), Some(op), depth);
        for child in &op.children {
            if let Child::Same { same_as, note } = child {
                let note = note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                self.note(depth, "… ", &format!("as under {}{note}", place(same_as)));
            }
        }
    }

    fn group(&mut self, (visit, names): &Group<'_>, depth: usize) {
        let why = messages(visit.reasons.iter()).join("; ");
        let why = if why.is_empty() { why } else { format!(": {why}") };
        let mark = format!("{} ", self.paint(visit.verdict));
        self.marked(depth, &mark, &plain(&format!("{}{why}", elements(names))), true);
    }

    fn note(&mut self, depth: usize, mark: &str, text: &str) {
        let mark = self.dim(mark);
        self.marked(depth, &mark, &plain(text), true);
    }

    fn dim(&self, text: &str) -> String {
        if self.style.colour && !text.is_empty() { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn paint(&self, verdict: Verdict) -> String {
        let glyph = glyph(verdict);
        let code = match verdict {
            Verdict::WillRun => 32,
            Verdict::WillFail => 31,
            Verdict::MightFail => 33,
            Verdict::Skipped => 90,
        };
        if self.style.colour { format!("\u{1b}[{code}m{glyph}\u{1b}[0m") } else { glyph.to_owned() }
    }
}

/// The mark of a verdict.
fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WillRun => "✓",
        Verdict::WillFail => "✗",
        Verdict::MightFail => "?",
        Verdict::Skipped => "–",
    }
}

/// The statement as it is shown: conditions with their operators in words.
fn shown(op: &Op) -> Cow<'_, str> {
    let text = plain(&op.text);
    if op.op != "if" {
        return text;
    }
    let mut quote = None;
    let words = text.split(' ').map(|word| {
        let is_open = quote.is_some();
        for c in word.chars().filter(|c| "\"'`".contains(*c)) {
            quote = match quote {
                None => Some(c),
                Some(open) if open == c => None,
                open => open,
            };
        }
        if is_open { word } else { operator(word) }
    });
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// An operator as a word.
fn operator(word: &str) -> &str {
    match word {
        "==" => "eq",
        "!=" => "neq",
        "<" => "lt",
        "<=" => "le",
        ">" => "gt",
        ">=" => "ge",
        word => word,
    }
}

fn with_all_beneath(op: &Op) -> usize {
    1 + children(op).map(with_all_beneath).sum::<usize>()
}

/// When an op is reached, unless always.
fn reach(op: &Op) -> Option<String> {
    match (op.reach, &op.after) {
        (Reach::Blocked, Some(after)) if after == SIGNAL => Some("reached only if a signal ends the run".to_owned()),
        (Reach::Blocked, Some(after)) => Some(format!("blocked: reached only if {} is mended", place(after))),
        (Reach::Sometimes, _) if !op.condition.is_empty() => {
            Some(format!("reached when {}", op.condition.join(", or ")))
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

/// The sentences, each once, with who has said what they speak of.
fn messages<'r>(reasons: impl Iterator<Item = &'r ReasonReport>) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for reason in reasons {
        let source = reason.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        let message = format!("{}{source}", reason.message);
        if !messages.contains(&message) {
            messages.push(message);
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
    fn many_elements_are_counted() {
        let names: Vec<String> = (1..=9).map(|at| at.to_string()).collect();
        assert_eq!(elements(&names[..1]), "element 1");
        assert_eq!(elements(&names[..2]), "elements 1, 2");
        assert_eq!(elements(&names), "elements 1, 2, 3, 4, 5, 6 and 3 more");
    }
}
