//! `unknown-platform`: the name of a system or architecture that perch calls otherwise, or does not know.

use perch_ir::deeds::Word;
use perch_ir::{Around, Cond, Operand, StmtKind, Text};
use perch_syntax::{Code, Diagnostic, Fix, Span, nearest};

use crate::platform::{ARCH, ARCHITECTURES, OS, OTHERWISE, SYSTEMS};
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    for line in &view.body.command.config.require {
        let words = line.value.1.iter().filter_map(Text::as_literal);
        for (at, value) in words.enumerate() {
            let spot = view.places.at(line.place);
            let span = spot.words.get(at + 1).map_or(spot.span, |word| word.span);
            judge(view, report, line.value.0, value, span);
        }
    }
    view.each(|stmt| match &stmt.kind {
        StmtKind::Block(block) => {
            if let Around::Only { fact, wanted } = &block.around
                && let Some(value) = written(wanted.into())
            {
                judge(view, report, fact, value, view.places.word(stmt, 0));
            }
        }
        StmtKind::Match { target: Operand::Name(fact), arms, .. } => {
            let spot = view.places.at(stmt.place);
            for (at, value) in arms.iter().enumerate().filter_map(|(at, (case, _))| Some((at, case.as_literal()?))) {
                let span = spot.arms.get(at).and_then(|(_, words)| words.first()).map_or(spot.span, |word| word.span);
                judge(view, report, fact, value, span);
            }
        }
        StmtKind::If { arms, .. } => {
            for (fact, value) in
                arms.iter().flat_map(|(test, _)| compared(test)).filter(|(fact, value)| is_odd(view, fact, value))
            {
                judge(view, report, fact, value, view.places.writing(stmt.place, value));
            }
        }
        _ => {}
    });
}

fn written(word: Word<'_>) -> Option<&str> {
    match word {
        Word::Text(text) => text.as_literal(),
        Word::Name(name) => Some(name),
    }
}

/// The names and texts that a condition compares.
fn compared(test: &Cond) -> Vec<(&str, &str)> {
    match test {
        Cond::Or(parts) | Cond::And(parts) => parts.iter().flat_map(compared).collect(),
        Cond::Not(part) => compared(part),
        Cond::Compare { left: Operand::Name(name), right, .. } => {
            right.as_literal().map(|value| (name.as_str(), value)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a fact is compared with something that is no value of it.
fn is_odd(view: &View<'_, '_>, fact: &str, value: &str) -> bool {
    let known = match fact {
        OS => SYSTEMS,
        ARCH => ARCHITECTURES,
        _ => return false,
    };
    !known.contains(&value) && !view.body.binds(fact)
}

fn judge(view: &View<'_, '_>, report: &mut Report, fact: &str, value: &str, span: Span) {
    if !is_odd(view, fact, value) {
        return;
    }
    let (known, what) = if fact == OS { (SYSTEMS, "system") } else { (ARCHITECTURES, "architecture") };
    let problem = Diagnostic::new(Code::UnknownPlatform, span, format!("no {what} is called `{value}`"));
    let lower = value.to_lowercase();
    let otherwise = OTHERWISE.iter().find(|(other, _)| *other == lower).map(|(_, name)| *name);
    let meant = otherwise.or_else(|| nearest(&lower, known)).filter(|meant| known.contains(meant));
    report.add(
        view,
        match meant {
            Some(meant) => {
                problem.did_you_mean(Some(meant)).fix(Fix::maybe(format!("write `{meant}`")).edit(span, meant))
            }
            None => problem.help(format!("known are: {}", known.join(", "))),
        },
    );
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnknownPlatform;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn what_others_call_a_system_is_told_with_its_name_here() {
        let found = fires(UnknownPlatform, &main_with("os «darwin»\n  print a\nend\narch «x86_64»\n  print b\nend"));
        let help: Vec<&str> = found.iter().map(|found| found.help.as_deref().unwrap()).collect();
        assert_eq!(help, ["did you mean `macos`?", "did you mean `amd64`?"]);
    }

    #[test]
    fn every_place_for_the_name_of_a_system_counts() {
        fires(UnknownPlatform, &main_with("if os == «lnux» or os == macos\n  print a\nend"));
        fires(
            UnknownPlatform,
            &main_with("match os\n  case linux\n    print a\n  case «\"Windows\"»\n    print b\nend"),
        );
        fires(UnknownPlatform, &main_with("print a").replace("  do\n", "  require_os linux «mcos»\n  do\n"));
    }

    #[test]
    fn known_names_and_other_names_are_fine() {
        silent(UnknownPlatform, &main_with("os unix\n  arch riscv64\n    print a\n  end\nend"));
        silent(UnknownPlatform, &main_with("mode = upper a\nif mode == darwin\n  print a\nend"));
        silent(UnknownPlatform, &main_with("os = upper a\nif os == DARWIN\n  print a\nend"));
    }
}
