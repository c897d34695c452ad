//! One table over everything that was simulated.

use crate::report::{CommandReport, Report, Scenario, Verdict};

use super::layout::{columns, padded, plain};

/// Its rows, the head first. There is none if it would have one row.
pub(super) fn rows(report: &Report, paint: impl Fn(Verdict) -> String) -> Vec<String> {
    let all: Vec<(&Scenario, &CommandReport)> =
        report.scenarios.iter().flat_map(|one| one.commands.iter().map(move |command| (one, command))).collect();
    if all.len() < 2 {
        return Vec::new();
    }
    let named = report.scenarios.len() > 1;
    let several = report.scenarios.iter().any(|scenario| scenario.commands.len() > 1);
    let mut cells = vec![cells("scenario", "command", ["will-run", "will-fail", "uncertain"].map(str::to_owned))];
    for (scenario, command) in &all {
        let counts = command.summary;
        let numbers = [counts.will_run, counts.will_fail, counts.might_fail].map(|number| number.to_string());
        cells.push(self::cells(&scenario.name, &command.command, numbers));
    }
    let shown = [named, several || !named, true, true, true];
    let widths: Vec<usize> =
        (0..shown.len()).map(|at| cells.iter().map(|row| columns(&row[at])).max().unwrap_or_default()).collect();
    let verdicts = std::iter::once(None).chain(all.iter().map(|(_, command)| Some(command.verdict)));
    let row = |(row, verdict): (&[String; 5], Option<Verdict>)| {
        let wanted = row.iter().zip(&widths).enumerate().filter(|(at, _)| shown[*at]);
        let cell = |(at, (cell, width)): (usize, (&String, &usize))| match at {
            0 | 1 => padded(cell, *width),
            _ => format!("{}{cell}", " ".repeat(width.saturating_sub(columns(cell)))),
        };
        let cells: Vec<String> = wanted.map(cell).collect();
        let mark = verdict.map_or_else(|| " ".to_owned(), &paint);
        format!("{mark} {}", cells.join("  "))
    };
    cells.iter().zip(verdicts).map(row).collect()
}

fn cells(scenario: &str, command: &str, [a, b, c]: [String; 3]) -> [String; 5] {
    [plain(scenario).into_owned(), plain(command).into_owned(), a, b, c]
}
