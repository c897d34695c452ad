//! What documents refer to is there.

use std::path::Path;

use perch_guards::{documents, files, read, root};

fn pages() -> Vec<String> {
    let pages: Vec<String> = files("docs", "md").into_iter().chain(["README.md".to_owned()]).collect();
    assert!(pages.len() >= 9, "only {pages:?}");
    pages
}

#[test]
fn links_lead_to_files() {
    let mut wrong = Vec::new();
    for page in pages() {
        let folder = Path::new(&page).parent().unwrap().to_owned();
        for link in documents::links(&read(&page)) {
            if !root().join(&folder).join(&link).exists() {
                wrong.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// O-132, S-110: pages that are promised; where whoever comes from a shell finds three ways; where it says what to ask when (S-109); and
/// what perch is not (O-133, O-134, O-136).
#[test]
fn what_is_promised_to_be_written_is_written() {
    let promised: [(&str, &[&str]); 5] = [
        ("docs/from-shell.md", &["| wrap |", "| translate |", "| rewrite |"]),
        ("docs/simulate.md", &["`perch --check`", "`perch simulate`", "`perch --dry-run`", "`perch test`"]),
        (
            "docs/sandbox.md",
            &["`firejail`", "`bwrap`", "`sandbox-exec`", "AppContainer", "there is no login", "two runs see the same"],
        ),
        ("docs/tour.md", &["with_cwd ", "timeout ", "retry "]),
        ("docs/op-reference.md", &["`http_get URL`"]),
    ];
    for (page, words) in promised {
        let text = read(page);
        let missing: Vec<_> = words.iter().filter(|word| !text.contains(**word)).collect();
        assert!(missing.is_empty(), "{page}: {missing:?}");
    }
}

/// A name in backquotes that starts with a folder of the workspace is a path, perhaps with a name in it behind `::`.
#[test]
fn paths_in_text_are_there() {
    let tops = ["analysis/", "interp/", "sim-fixtures/", "grammar/", "tests/", "docs/", "schemas/", ".ci/"];
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let mut wrong = Vec::new();
    for page in pages() {
        for name in documents::names(&read(&page)) {
            let path = name.split("::").next().unwrap_or_default();
            if tops.iter().any(|top| path.starts_with(top)) && plain(path) && !root().join(path).exists() {
                wrong.push(format!("{page}: `{path}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// `a/path.rs::name`: the file defines the name.
#[test]
fn names_in_files_are_there() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in pages() {
        for name in documents::names(&read(&page)) {
            let Some((file, item)) = name.split_once(".rs::").filter(|(file, _)| file.contains('/')) else { continue };
            seen += 1;
            let text = std::fs::read_to_string(root().join(format!("{file}.rs"))).unwrap_or_default();
            let last = item.rsplit("::").next().unwrap_or_default();
            let defined = ["fn ", "struct ", "enum ", "trait ", "const ", "mod ", "type "].iter().any(|kind| {
                text.match_indices(&format!("{kind}{last}"))
                    .any(|(at, found)| !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
            });
            let variant = text.lines().any(|line| {
                line.trim_start().strip_prefix(last).is_some_and(|rest| rest.starts_with([',', '(', ' ', ':']))
            });
            if !defined && !variant {
                wrong.push(format!("{page}: `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen >= 10, "only {seen} names were found");
}

/// The sections of the language's pages, such as `4.3`.
fn sections() -> Vec<String> {
    let mut found = Vec::new();
    for link in documents::links(&read("docs/spec/language.md")) {
        let page = read(&format!("docs/spec/{link}"));
        let numbers = documents::prose(&page).filter_map(|line| line.split_once(' ')).map(|(number, _)| number);
        let is_section = |number: &&str| {
            number
                .split_once('.')
                .is_some_and(|(area, part)| [area, part].iter().all(|part| part.parse::<u8>().is_ok()))
        };
        found.extend(numbers.filter(is_section).map(str::to_owned));
    }
    found
}

#[test]
fn sections_of_the_language_have_numbers_of_their_own() {
    let all = sections();
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), all.len(), "a number is there twice: {all:?}");
    assert!(all.len() > 60, "only {} sections were found", all.len());
}

/// `language §4.3`, wherever it is said.
#[test]
fn cited_sections_are_there() {
    let known = sections();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for file in files(".", "rs").into_iter().chain(files(".", "md")) {
        let text = read(&file);
        for (at, mark) in text.match_indices("language §") {
            let number: String =
                text[at + mark.len()..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let number = number.trim_end_matches('.');
            seen += 1;
            if number.contains('.') && !known.iter().any(|section| section == number) {
                wrong.push(format!("{file}: §{number}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen >= 15, "only {seen} citations were found");
}

/// Set-up is two commands, each a block of one line; `.ci/run` takes them from there.
#[test]
fn the_readme_has_two_commands() {
    let commands = documents::blocks(&read("README.md"), "sh");
    assert_eq!(commands.len(), 2, "{commands:#?}");
    assert!(commands.iter().all(|command| command.lines().count() == 1), "{commands:#?}");
}
