//! Warnings that the file allows: `# perch: allow(CODE)`.
//!
//! Behind a line it holds for that line, above one for the next, and above a command or another block of the file for all of it. What is allowed
//! and not said is told, so that such comments do not outlive their reasons. A mistake cannot be allowed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use perch_ir::database::items;
use perch_ir::{Database, SourceFile};
use perch_syntax::{Allowed, Code, Diagnostic, Fix, ItemKind, Remark, Severity, Span, nearest, remarks, removal};

/// Takes out of what was found in a file what the file allows, and adds what is wrong with that. `is_whole` says that nothing else was found to
/// be broken, so that what is not said now will not be said.
pub(crate) fn allowed(db: &Database, file: SourceFile, found: Vec<Diagnostic>, is_whole: bool) -> Vec<Diagnostic> {
    let text = file.text(db);
    let remarks = remarks(text);
    if remarks.is_empty() {
        return found;
    }
    let places = Places::new(db, file, &remarks);
    let mut used: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut left: Vec<Diagnostic> = Vec::new();
    for problem in found {
        match places.allowing(&problem) {
            Some(which) => drop(used.insert(which)),
            None => left.push(problem),
        }
    }
    for (at, remark) in remarks.iter().enumerate() {
        let Some(codes) = &remark.allowed else {
            left.push(senseless(remark.span));
            continue;
        };
        for (number, code) in codes.iter().enumerate().filter(|(number, _)| !used.contains(&(at, *number))) {
            left.extend(unused(text, remark, number, code, is_whole));
        }
    }
    left
}

/// For each code that is allowed somewhere: the remark, and the number of the code in it.
type Codes = HashMap<String, (usize, usize)>;

/// Lines or items that remarks are about, by their ends: where they start, and what is allowed there.
type Spans = BTreeMap<usize, (usize, Codes)>;

/// Where remarks hold.
#[derive(Default)]
struct Places {
    lines: Spans,
    items: Spans,
}

impl Places {
    fn new(db: &Database, file: SourceFile, remarks: &[Remark]) -> Self {
        let items = blocks(db, file);
        let mut places = Self::default();
        for (at, remark) in remarks.iter().enumerate() {
            let Some(line) = remark.about else { continue };
            let (spans, span) = match items.get(&line.start).filter(|_| remark.is_alone) {
                Some(item) => (&mut places.items, *item),
                None => (&mut places.lines, line),
            };
            let (_, codes) = spans.entry(span.end).or_insert((span.start, Codes::new()));
            for (number, allowed) in remark.allowed.iter().flatten().enumerate() {
                codes.entry(allowed.code.clone()).or_insert((at, number));
            }
        }
        places
    }

    /// The remark, and the number of its code, by which something is allowed.
    fn allowing(&self, problem: &Diagnostic) -> Option<(usize, usize)> {
        let (at, name) = (problem.span.start, problem.code.name());
        let by = |spans: &Spans| {
            let (_, (start, codes)) = spans.range(at..).next()?;
            codes.get(name).filter(|_| *start <= at).copied()
        };
        let is_warning = problem.severity() == Severity::Warning;
        is_warning.then(|| by(&self.lines).or_else(|| by(&self.items))).flatten()
    }
}

/// The blocks at the top of a file, by where their first words stand.
fn blocks(db: &Database, file: SourceFile) -> HashMap<usize, Span> {
    let is_block = |kind: &ItemKind| !matches!(kind, ItemKind::Line | ItemKind::Import | ItemKind::Other);
    let items = items(db, file).iter().filter(|item| is_block(item.kind(db)));
    let place = |item: &perch_ir::database::Item<'_>| {
        let (start, text) = (item.start(db), item.text(db));
        let indent = text.len() - text.trim_start().len();
        (start + indent, Span::new(start, start + text.len()))
    };
    items.map(place).collect()
}

fn senseless(span: Span) -> Diagnostic {
    Diagnostic::new(Code::BadRemark, span, "this comment speaks to perch and says nothing that it understands")
        .help("write `# perch: allow(CODE)`, with the code that stands before a warning")
}

/// What is wrong with a code that allows nothing.
fn unused(text: &str, remark: &Remark, number: usize, allowed: &Allowed, is_whole: bool) -> Option<Diagnostic> {
    let name = &allowed.code;
    let Some(code) = Code::from_name(name) else {
        let problem = Diagnostic::new(Code::UnknownCode, allowed.span, format!("there is no code `{name}`"));
        return Some(match nearest(name, Code::ALL.iter().map(|code| code.name())) {
            Some(meant) => {
                let fix = Fix::maybe(format!("write `{meant}`")).edit(allowed.span, meant);
                problem.did_you_mean(Some(meant)).fix(fix)
            }
            None => problem.help("docs/diagnostics.md lists the codes"),
        });
    };
    if code.severity() != Severity::Warning {
        let message = format!("`{name}` cannot be allowed: what it says stands in the way of a run");
        return Some(
            Diagnostic::new(Code::AllowError, allowed.span, message).help("mend what it says, and remove this"),
        );
    }
    let problem = || Diagnostic::new(Code::UnusedAllow, allowed.span, format!("`{name}` is not said here"));
    is_whole.then(|| problem().help("remove it").fix(without(text, remark, number)))
}

/// The removal of one code, and of the comment if it is the only one.
fn without(text: &str, remark: &Remark, number: usize) -> Fix {
    let fix = Fix::safe("remove what allows nothing");
    let codes = remark.allowed.as_deref().unwrap_or_default();
    let (Some(own), Some(first)) = (codes.get(number), codes.first()) else { return fix };
    if codes.len() > 1 {
        let span = match number.checked_sub(1).and_then(|before| codes.get(before)) {
            Some(before) => Span::new(before.span.end, own.span.end),
            None => Span::new(first.span.start, codes.get(1).map_or(own.span.end, |next| next.span.start)),
        };
        return fix.edit(span, "");
    }
    fix.edit(removal(text, remark.span), "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    /// The codes that are said of a program.
    fn codes(text: &str) -> Vec<&'static str> {
        let db = Database::default();
        let root = SourceFile::new(&db, "main.perch".to_owned(), text.to_owned());
        check(&db, root)
            .into_iter()
            .map(|found| found.problem.code.name())
            .filter(|code| *code != "not-available")
            .collect()
    }

    /// The program after all safe fixes.
    fn mended(text: &str) -> String {
        let db = Database::default();
        let root = SourceFile::new(&db, "main.perch".to_owned(), text.to_owned());
        let found = check(&db, root);
        let fixes: Vec<&Fix> = found.iter().filter_map(|found| found.problem.fix.as_ref()).collect();
        crate::fix::apply(text, &fixes).0
    }

    fn main_with(above: &str, head: &str, line: &str) -> String {
        format!("{above}command main{head}\n  do\n    {line}\n    cp src=a b\n  end\nend\n")
    }

    #[test]
    fn a_remark_holds_for_its_line_the_next_or_all_of_a_command() {
        assert_eq!(codes(&main_with("", "", "print a")), ["missing-description", "named-operand"]);
        assert_eq!(codes(&main_with("", "  # perch: allow(missing-description)", "print a")), ["named-operand"]);
        assert_eq!(codes(&main_with("", "", "# perch: allow(named-operand)")), ["missing-description"]);
        assert_eq!(codes(&main_with("# perch: allow(named-operand, missing-description)\n", "", "print a")), [""; 0]);
        assert_eq!(
            codes(&main_with("", "", "cp src=x y  # perch: allow(named-operand) on purpose")),
            ["missing-description", "named-operand"]
        );
    }

    #[test]
    fn what_is_allowed_for_nothing_is_told_and_removed() {
        let clean = "command main\n  description \"Say\"\n  do\n    print a\n  end\nend\n";
        let line = clean.replace("print a", "print a  # perch: allow(named-operand)");
        assert_eq!((codes(&line), mended(&line).as_str()), (vec!["unused-allow"], clean));
        let above = format!("# perch: allow(named-operand)\n{clean}");
        assert_eq!((codes(&above), mended(&above).as_str()), (vec!["unused-allow"], clean));
        let two = main_with("# perch: allow(named-operand, unused-binding, missing-description)\n", "", "print a");
        assert_eq!(codes(&two), ["unused-allow"]);
        assert!(mended(&two).starts_with("# perch: allow(named-operand, missing-description)\n"), "{}", mended(&two));
    }

    #[test]
    fn mistakes_cannot_be_allowed() {
        let text = main_with("", "", "upper  # perch: allow(wrong-operand-count)");
        assert_eq!(codes(&text), ["wrong-operand-count", "allow-error", "named-operand"]);
    }

    #[test]
    fn a_remark_that_makes_no_sense_is_told() {
        assert_eq!(codes("# perch: alow(named-operand)\nv = 1\n"), ["bad-remark"]);
        assert_eq!(codes("# perch: allow(named-oprand)\nv = 1\n"), ["unknown-code"]);
    }

    #[test]
    fn while_something_is_broken_nobody_knows_what_will_be_said() {
        let text = main_with("", "  # perch: allow(missing-description)", "upper");
        assert_eq!(codes(&text), ["wrong-operand-count", "named-operand"]);
    }
}
