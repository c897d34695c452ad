//! The programs of `tests/corpus` can be read.

use perch_guards::{files, read};
use perch_syntax::{Diagnostic, cut, parse};

/// What is said of constructs that can be read and not be run.
const REFUSED: [&str; 1] = ["not-available"];

fn problems(text: &str) -> Vec<Diagnostic> {
    let cut = cut(text);
    let mut all = cut.problems;
    for item in cut.items {
        let (tree, problems) = parse(&text[item.span.range()]);
        assert!(tree.is_some() || !problems.is_empty(), "nothing is said of {:?}", item.kind);
        all.extend(item.problems.into_iter().chain(problems).map(|problem| problem.shifted(item.span.start)));
    }
    all
}

#[test]
fn every_program_of_the_corpus_parses() {
    let programs = files("tests/corpus/seeds", "perch");
    assert!(programs.len() >= 26, "{programs:?}");
    for file in programs {
        let text = read(&file);
        let errors: Vec<_> = problems(&text).into_iter().filter(|problem| !REFUSED.contains(&problem.code)).collect();
        assert!(errors.is_empty(), "{file}: {errors:#?}");
        assert!(text.lines().take(2).any(|line| line.starts_with("# ")), "{file} does not say what it shows");
    }
}
