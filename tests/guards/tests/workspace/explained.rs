//! Every code that perch can say has a page in `analysis/check/pages`; of the page's wrong program the code is said, as the page tells it,
//! and of the right one nothing is.
//!
//! `UPDATE=1 cargo test -p perch-guards explained` writes down what is said.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;

use perch_check::{Page, Part, check};
use perch_guards::{read, root};
use perch_ir::files::{Files, Found, load};
use perch_ir::{Database, Lines, Severity, SourceFile, Text};
use perch_syntax::Code;

/// Examples are short, so most of their commands have no description.
const EVERYWHERE: &str = "missing-description";

/// The files of an example; the main one is `main.perch`.
#[derive(Default)]
struct Shelf(BTreeMap<String, String>);

impl Files for Shelf {
    fn find(&mut self, _: &str, path: &Text) -> Result<Found, String> {
        let path = path.as_literal().ok_or("a name")?.trim_start_matches("./");
        let text = self.0.get(path).ok_or_else(|| format!("there is no `{path}`"))?;
        Ok(Found { path: path.to_owned(), text: text.clone() })
    }
}

const MAIN: &str = "main.perch";

fn files(page: &Page, wanted: bool) -> Shelf {
    let mut shelf = Shelf::default();
    for part in &page.parts {
        if let Part::Program { wrong, file, text } = part
            && *wrong == wanted
        {
            let before = shelf.0.insert(file.unwrap_or(MAIN).to_owned(), written_out(text));
            assert!(before.is_none(), "{}: two programs", page.code);
        }
    }
    assert!(shelf.0.contains_key(MAIN), "{}: no program", page.code);
    shelf
}

/// A program with its characters and its repeated lines.
fn written_out(text: &str) -> String {
    let mut all = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        while let Some((before, rest)) = line.split_once("{U+") {
            let (number, rest) = rest.split_once('}').unwrap();
            line = format!("{before}{}{rest}", char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap());
        }
        match line.split_once("  # × ") {
            Some((line, times)) => {
                let repeated = (0..times.parse::<usize>().unwrap()).map(|n| line.replace("{n}", &n.to_string()) + "\n");
                all.extend(repeated);
            }
            None => all += &(line + "\n"),
        }
    }
    all
}

/// What is said of a program, in all its files, as `LINE CODE TEXT`.
fn said(shelf: Shelf) -> Vec<(Code, String)> {
    let mut db = Database::default();
    let root = SourceFile::new(&db, MAIN.to_owned(), shelf.0[MAIN].clone());
    load(&mut db, root, &mut Shelf(shelf.0));
    let line = |found: perch_check::Finding| {
        let text = perch_ir::files::all(&db, root)[found.file].text(&db);
        let code = found.problem.code;
        let at = text[found.problem.span.range()].lines().next().unwrap_or_default().replace(is_hidden, "?");
        let line = Lines::new(text).place(text, found.problem.span.start).0;
        (code, format!("{line} {code} {at}").trim_end().to_owned())
    };
    check(&db, root).into_iter().map(line).collect()
}

fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200E}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What counts of it on the page of a code.
fn counting(page: Code, shelf: Shelf) -> Vec<String> {
    let counts = |code: &Code| *code == page || (code.severity() != Severity::NotYet && code.name() != EVERYWHERE);
    said(shelf).into_iter().filter(|(code, _)| counts(code)).map(|(_, line)| line).collect()
}

fn path(code: Code) -> String {
    format!("analysis/check/pages/{code}.md")
}

/// Writes what is said into a page, behind its wrong program.
fn update(code: Code, said: &[String]) {
    let text = read(&path(code));
    let (before, after) = match text.split_once("```says\n") {
        Some((before, rest)) => (before.to_owned(), rest.split_once("```\n").unwrap().1.trim_start().to_owned()),
        None => {
            let start = text.rfind("```perch-wrong").unwrap();
            let end = start + 3 + text[start + 3..].find("```\n").unwrap() + "```\n".len();
            (format!("{}\n", &text[..end]), text[end..].trim_start().to_owned())
        }
    };
    let said: String = said.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(root().join(path(code)), format!("{before}```says\n{said}```\n\n{after}")).unwrap();
}

fn mistakes(code: Code) -> Vec<String> {
    let page = Page::of(code);
    let mut wrong = Vec::new();
    let found = counting(code, files(&page, true));
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        update(code, &found);
    }
    let says: Vec<&str> =
        page.parts.iter().filter_map(|part| if let Part::Says(says) = part { Some(*says) } else { None }).collect();
    if says.concat().lines().ne(&found) {
        wrong.push(format!("{code} says\n{}", found.join("\n")));
    }
    if !found.iter().any(|line| line.split(' ').nth(1) == Some(code.name())) {
        wrong.push(format!("{code} is not said"));
    }
    let right = counting(code, files(&page, false));
    if !right.is_empty() {
        wrong.push(format!("{code}, right program: {}", right.join("\n")));
    }
    if page.title.is_empty() || page.title.ends_with('.') {
        wrong.push(format!("{code}: title"));
    }
    wrong
}

#[test]
fn programs_are_wrong_and_right_as_their_pages_say() {
    let wrong: Vec<String> = Code::ALL.iter().flat_map(|code| mistakes(*code)).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n\n"));
}

/// The compiler sees to the other direction.
#[test]
fn every_page_is_of_a_code() {
    let pages: Vec<String> = Code::ALL.iter().map(|code| path(*code)).collect();
    assert_eq!(perch_guards::files("analysis/check/pages", "md"), pages);
}

#[test]
fn programs_are_written_out() {
    assert_eq!(written_out("a{U+0041}{U+0042}\nx{n}  # × 2\n"), "aAB\nx0\nx1\n");
}
