//! Texts that are tried for an unknown one: those that the program compares it with, and some that functions answer otherwise about.
//!
//! Which texts a function says yes to only the function knows. So it is asked about many, and those are taken of which something else
//! is said than of all that were taken before.

use std::collections::BTreeSet;

use perch_fixtures::Machine;
use perch_symbolic::cells::{AtomKey, HoleKey};

use super::compared::Sides;
use super::example::example;
use super::supposed::Supposed;
use crate::run::Run;

/// Systems that are told apart, for programs that ask for one.
pub(super) const SYSTEMS: [&str; 3] = ["linux", "macos", "windows"];

/// Processors, likewise.
pub(super) const PROCESSORS: [&str; 2] = ["amd64", "arm64"];

/// Others, for programs that ask for all of those.
const OTHER_SYSTEMS: [&str; 2] = ["freebsd", "openbsd"];
const OTHER_PROCESSORS: [&str; 2] = ["riscv64", "s390x"];

/// A text that is none of those that a program asks for.
const ANOTHER: &str = "another";

/// Texts of kinds that programs like to look for.
const USUAL: [&str; 23] = [
    "1",
    "0",
    "-1",
    "1.5",
    "12",
    "v1",
    "1.2",
    "1.2.3",
    "v1.2.3",
    "1.2.3-rc.1",
    "a",
    "A",
    "abc",
    "Abc",
    "a1",
    "a-b",
    "a_b",
    "0123456789abcdef",
    "2024-02-29",
    "user@example.org",
    "/another",
    "",
    "(",
];

/// More texts than these of a program are not put together.
const MAX_PARTS: usize = 6;

/// More texts than these are not made up.
const MAX_MADE_UP: usize = 12;

/// A text that is none of these.
pub(super) fn another(asked: &[String]) -> String {
    let mut text = ANOTHER.to_owned();
    while asked.contains(&text) {
        text += "-one";
    }
    text
}

/// Whether somebody could say of an unknown that it is this text.
pub(super) fn could_be(run: &Run, key: &HoleKey, text: &str) -> bool {
    match key {
        HoleKey::Fact("os" | "arch") => text.starts_with(|c: char| c.is_ascii_lowercase()),
        HoleKey::Fact(name) => Machine::saying(name, text).is_some(),
        HoleKey::Argument(name, _) => {
            let declared = run.command.args.iter().find(|arg| arg.name == **name).map(|arg| arg.ty);
            declared.is_none_or(|declared| declared.accepts(text))
        }
        HoleKey::Env(_) => !text.contains('\0'),
        _ => true,
    }
}

/// The texts to be tried for an unknown one, of those that questions name and others.
pub(super) fn chosen(run: &Run, key: &HoleKey, asked: Vec<String>) -> Vec<String> {
    let names = &run.domain.names;
    let alone = |question: &&AtomKey| {
        let sides = Sides::of(names, question);
        sides.holes.len() == 1 && sides.is_about(names, key)
    };
    let questions: Vec<&AtomKey> = names.atoms().filter(alone).collect();
    let answers = |text: &str| -> Vec<Option<bool>> {
        let supposed = Supposed { names, key, text };
        questions.iter().map(|question| supposed.truth(question)).collect()
    };
    // A text that a function is given besides, such as a pattern, need not be one that it says anything else of.
    let is_given_besides = |text: &String| {
        let (functions, comparisons): (Vec<_>, Vec<_>) = names
            .atoms()
            .filter(|question| Sides::of(names, question).is_about(names, key))
            .partition(|question| matches!(question, AtomKey::Holds(..) | AtomKey::Refused(..)));
        let named_in = |questions: &[&AtomKey]| questions.iter().any(|question| Sides::of(names, question).names(text));
        named_in(&functions) && !named_in(&comparisons)
    };
    let mut heard: BTreeSet<Vec<Option<bool>>> = BTreeSet::new();
    heard.extend(without_being_asked(run, key, &asked).iter().map(|text| answers(text)));
    let mut texts: Vec<String> = Vec::new();
    for text in asked.iter().filter(|text| could_be(run, key, text)) {
        if heard.insert(answers(text)) || !is_given_besides(text) {
            texts.push(text.clone());
        }
    }
    let is_about_it = questions.iter().any(|question| !matches!(question, AtomKey::Equals(..)));
    let most = texts.len() + MAX_MADE_UP;
    let is_of_a_kind = matches!(key, HoleKey::Fact("os" | "arch"));
    let made_of = Some(made_of(&asked)).filter(|_| is_about_it && !is_of_a_kind);
    let made_up = made_of.into_iter().flatten().chain(others(key, &asked));
    for text in made_up.filter(|text| could_be(run, key, text)) {
        if texts.len() < most && heard.insert(answers(&text)) {
            texts.push(text);
        }
    }
    texts
}

/// What is tried whatever is asked.
fn without_being_asked(run: &Run, key: &HoleKey, asked: &[String]) -> Vec<String> {
    match key {
        HoleKey::Fact("os") => SYSTEMS.map(str::to_owned).to_vec(),
        HoleKey::Fact("arch") => PROCESSORS.map(str::to_owned).to_vec(),
        _ => Some(another(asked)).filter(|text| could_be(run, key, text)).into_iter().collect(),
    }
}

/// Texts with others in them, between them, and of usual kinds.
fn made_of(asked: &[String]) -> Vec<String> {
    let parts = || asked.iter().take(MAX_PARTS);
    let mut made: Vec<String> = parts().filter_map(|text| example(text)).collect();
    made.extend(parts().flat_map(|one| parts().map(move |two| format!("{one}{two}"))));
    made.extend(parts().flat_map(|text| {
        [format!("{text}{ANOTHER}"), format!("{ANOTHER}{text}"), format!("{ANOTHER}{text}{ANOTHER}")]
    }));
    made.extend(between(asked));
    made.extend(USUAL.map(str::to_owned));
    made
}

/// Texts that are none of those, of each kind that a value may have to be of.
fn others(key: &HoleKey, asked: &[String]) -> Vec<String> {
    let others = match key {
        HoleKey::Fact("os") => OTHER_SYSTEMS.map(str::to_owned).to_vec(),
        HoleKey::Fact("arch") => OTHER_PROCESSORS.map(str::to_owned).to_vec(),
        _ => {
            let number = (0..=i64::MAX).map(|number| number.to_string()).find(|number| !asked.contains(number));
            let truths = ["true", "false"].map(str::to_owned);
            std::iter::once(another(asked)).chain(number).chain(truths).collect()
        }
    };
    others.into_iter().filter(|text| !asked.contains(text)).collect()
}

/// Whether it could be none of these.
pub(super) fn could_be_another(run: &Run, key: &HoleKey, asked: &[String]) -> bool {
    others(key, asked).iter().any(|text| could_be(run, key, text))
}

/// Numbers that lie between those.
fn between(texts: &[String]) -> Vec<String> {
    let mut numbers: Vec<f64> =
        texts.iter().filter_map(|text| text.parse().ok()).filter(|n: &f64| n.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers
        .windows(2)
        .filter_map(|pair| Some((pair.first()? + pair.get(1)?) / 2.0))
        .map(|middle| middle.to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_text_is_none_of_those() {
        assert_eq!(another(&[]), "another");
        assert_eq!(another(&["another".to_owned()]), "another-one");
    }

    #[test]
    fn numbers_lie_between_others() {
        assert_eq!(between(&["2".to_owned(), "x".to_owned(), "1".to_owned()]), ["1.5"]);
    }
}
