//! The programs of `docs/examples` mean something, and a mistake in one command of theirs leaves the others alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use perch_guards::{documents, files, read};
use perch_ir::construct::Config;
use perch_ir::{Command, Database, Diagnostic, Program as _, Snapshot, SourceFile, StmtKind};
use salsa::Setter as _;

use crate::repository::opened;

#[test]
fn every_program_of_the_corpus_resolves() {
    let programs = files("docs/examples/seeds", "perch");
    assert!(programs.len() >= 26, "{programs:?}");
    for file in programs {
        let text = read(&file);
        let (db, source) = opened(&file, text.clone());
        for one in perch_ir::files::all(&db, source) {
            let problems = perch_ir::problems(&db, *one, source);
            let errors: Vec<_> = problems.iter().filter(|problem| problem.is_error()).collect();
            assert!(errors.is_empty(), "{file}: {errors:#?}");
        }
        let commands = text.lines().filter(|line| line.starts_with("command ")).count();
        let snapshot = Snapshot::new(&db, source);
        let own = snapshot.declared().into_iter().filter(|command| command.file == 0).count();
        assert_eq!(own, commands, "{file}");
        assert!(text.lines().take(2).any(|line| line.starts_with("# ")), "{file} does not say what it shows");
    }
}

/// Programs that the claims of `tests/claims/syntax.md` are about, and those claims.
const PROMISED: [(&str, &[&str]); 9] = [
    ("bundled_plugin", &["W-015"]),
    ("module", &["W-001"]),
    ("module_http", &["W-033"]),
    ("module_compositions", &["W-049"]),
    ("docs_ci", &["T-016"]),
    ("schema_ci", &["T-040"]),
    ("agent_ops", &["T-052"]),
    ("pipeline", &["T-069"]),
    ("lint", &["T-083"]),
];

#[test]
fn programs_that_are_promised_are_read_without_a_word() {
    for (name, claims) in PROMISED {
        let file = format!("docs/examples/seeds/{name}.perch");
        let (db, source) = opened(&file, read(&file));
        for one in perch_ir::files::all(&db, source) {
            let problems = perch_ir::problems(&db, *one, source);
            let told: Vec<_> = problems.iter().filter(|found| found.severity() != perch_ir::Severity::NotYet).collect();
            assert!(told.is_empty(), "{claims:?} {file}: {told:#?}");
        }
    }
}

/// Files of several commands: the examples, and the programs in pages.
fn programs() -> Vec<(String, String)> {
    let whole = files("docs/examples", "perch").into_iter();
    let mut all: Vec<_> = whole.map(|file| (file.clone(), read(&file))).collect();
    // In the examples of the book of diagnostics there is hardly a word that is not a name.
    for page in files("docs", "md").into_iter().filter(|page| page != "docs/diagnostics.md") {
        let blocks = documents::blocks(&read(&page), "perch").into_iter().enumerate();
        all.extend(blocks.map(|(at, program)| (format!("{page}#{at}"), program)));
    }
    all.retain(|(_, text)| text.lines().filter(|line| line.starts_with("command ")).count() > 1);
    all
}

type Commands = BTreeMap<String, Arc<Command>>;

/// The commands, and how much stands in the way of all of them.
fn commands(db: &Database, file: SourceFile) -> (Commands, usize) {
    let snapshot = Snapshot::new(db, file);
    let commands = snapshot.declared().into_iter().map(|command| (command.name.clone(), Arc::clone(command))).collect();
    (commands, snapshot.obstacles("no such command").len())
}

/// The commands around ops, and those that run for words which are no command.
fn handlers(db: &Database, file: SourceFile) -> BTreeSet<String> {
    let snapshot = Snapshot::new(db, file);
    let mut found: BTreeSet<String> = snapshot.hooks().iter().map(|hook| hook.handler.clone()).collect();
    if let Some(catch) = snapshot.catch() {
        perch_ir::walk(&catch.body, &mut |stmt| {
            if let StmtKind::Call { command, .. } = &stmt.kind {
                found.insert(command.clone());
            }
        });
    }
    found
}

/// The words of a text outside of comments, each with the number of its line.
fn tokens(text: &str) -> Vec<(std::ops::Range<usize>, u32)> {
    let mut found = Vec::new();
    let mut start = 0;
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let mut at = 0;
        for word in line.split_ascii_whitespace() {
            if word.starts_with('#') {
                break;
            }
            at += line[at..].find(word).unwrap_or_default();
            found.push((start + at..start + at + word.len(), number));
            at += word.len();
        }
        start += line.len();
    }
    found
}

/// The command that a line is part of: the last one that starts above it, up to where the next item starts.
fn around(commands: &Commands, text: &str, line: u32) -> Option<String> {
    let above = commands.values().filter(|command| command.file == 0 && command.place.line <= line);
    let command = above.max_by_key(|command| command.place.line)?;
    let lines = text.lines().skip(command.place.line as usize).take((line - command.place.line) as usize);
    let ended = lines.clone().take(lines.count().saturating_sub(1)).any(|line| line == "end");
    (!ended).then(|| command.name.clone())
}

/// What came of taking out words.
#[derive(Default)]
struct Deletions {
    cases: usize,
    /// Where another command changed.
    changed: Vec<String>,
    /// The same, where the word was the name of a command: whoever calls that one calls nothing then.
    nameless: Vec<String>,
}

/// Takes every word out of every program, one at a time.
fn deletions() -> Deletions {
    let mut deletions = Deletions::default();
    for (file, text) in programs() {
        let (mut db, source) = opened(&file, text.clone());
        let (whole, around_all) = commands(&db, source);
        // What runs around ops is in the way of every command that has some.
        let handlers = handlers(&db, source);
        for (range, line) in tokens(&text) {
            let Some(own) = around(&whole, &text, line).filter(|own| !handlers.contains(own)) else { continue };
            let mut without = text.clone();
            without.replace_range(range.clone(), "");
            source.set_text(&mut db).to(without);
            let (now, around_now) = commands(&db, source);
            let mut others = whole.iter().filter(|(name, _)| **name != own);
            deletions.cases += 1;
            if around_now != around_all
                || others.any(|(name, before)| now.get(name).is_none_or(|now| !same(now, before)))
            {
                let word = &text[range];
                let found = if word == own { &mut deletions.nameless } else { &mut deletions.changed };
                found.push(format!("{file}:{line} without `{word}`"));
            }
        }
    }
    deletions
}

/// Whether two commands do the same. Where they stand may differ.
fn same(a: &Command, b: &Command) -> bool {
    a.body == b.body && a.args == b.args && same_config(&a.config, &b.config) && a.private == b.private
}

fn same_config(a: &Config, b: &Config) -> bool {
    let lines = |config: &Config| -> Vec<String> {
        config
            .lines()
            .map(|(_, _, source)| source.to_string())
            .chain(config.on_signal.iter().map(|line| line.value.clone()))
            .collect()
    };
    let rest =
        |config: &Config| Config { require: Vec::new(), env: Vec::new(), dir: None, on_signal: None, ..config.clone() };
    lines(a) == lines(b) && rest(a) == rest(b)
}

#[test]
fn a_missing_word_leaves_the_other_commands_alone() {
    let Deletions { cases, changed, nameless } = deletions();
    assert!(cases >= 900, "only {cases}");
    assert!(changed.len() * 100 <= cases, "{} of {cases}: {changed:#?}", changed.len());
    assert!(nameless.len() * 50 <= cases, "{} of {cases}: {nameless:#?}", nameless.len());
    let words = changed.iter().filter(|case| !case.contains("`command`") && !case.contains("`end`"));
    assert_eq!(words.count(), changed.len(), "{changed:#?}");
}

#[test]
fn every_problem_is_in_its_file() {
    let is_inside = |text: &str, problem: &Diagnostic| text.get(problem.span.range()).is_some();
    for (file, text) in programs() {
        for (range, _) in tokens(&text).into_iter().step_by(37) {
            let mut without = text.clone();
            without.replace_range(range, "");
            let (db, source) = opened(&file, without.clone());
            assert!(perch_ir::diagnostics(&db, source).iter().all(|problem| is_inside(&without, problem)), "{file}");
        }
    }
}
