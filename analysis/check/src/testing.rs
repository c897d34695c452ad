//! For the tests of findings: programs in which what is pointed at stands between `«` and `»`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;

use perch_ir::files::{Files, Found, load};
use perch_ir::{Database, SourceFile, Text};
use perch_syntax::{Code, Diagnostic};

use crate::check;

/// Files by their names.
struct Shelf(BTreeMap<String, String>);

impl Files for Shelf {
    fn find(&mut self, _: &str, path: &Text) -> Result<Found, String> {
        let path = path.as_literal().ok_or("a name")?.trim_start_matches("./");
        let text = self.0.get(path).ok_or_else(|| format!("there is no `{path}`"))?;
        Ok(Found { path: path.to_owned(), text: text.clone() })
    }
}

/// A program without its marks, and what they mark.
fn unmarked(program: &str) -> (String, Vec<(usize, usize)>) {
    let (mut text, mut marks) = (String::new(), Vec::new());
    for (at, piece) in program.split(['«', '»']).enumerate() {
        let start = text.len();
        text += piece;
        if at % 2 == 1 {
            marks.push((start, text.len()));
        }
    }
    (text, marks)
}

/// What is said of a program by a code, in all its files, with the files.
fn said(code: Code, main: &str, others: &[(&str, &str)]) -> Vec<(String, Diagnostic)> {
    let (of, others) = all_said(code, main, others);
    assert!(others.is_empty(), "{main}\n{others:?}");
    of
}

/// The same, and errors of other codes.
fn all_said(code: Code, main: &str, others: &[(&str, &str)]) -> (Vec<(String, Diagnostic)>, Vec<Diagnostic>) {
    let mut db = Database::default();
    let root = SourceFile::new(&db, "main.perch".to_owned(), main.to_owned());
    let shelf = others.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    load(&mut db, root, &mut Shelf(shelf));
    let (of, others): (Vec<_>, Vec<_>) = check(&db, root).into_iter().partition(|found| found.problem.code == code);
    let path = |file: usize| perch_ir::files::all(&db, root)[file].path(&db).clone();
    let of = of.into_iter().map(|found| (path(found.file), found.problem)).collect();
    (of, others.into_iter().map(|found| found.problem).filter(Diagnostic::is_error).collect())
}

/// The code is said of exactly what is marked. Gives what is said.
pub(crate) fn fires(code: Code, program: &str) -> Vec<Diagnostic> {
    fires_in(code, program, &[])
}

/// The same with files that are imported; marks are in the main file.
pub(crate) fn fires_in(code: Code, program: &str, others: &[(&str, &str)]) -> Vec<Diagnostic> {
    let (text, marks) = unmarked(program);
    assert!(!marks.is_empty(), "nothing is marked");
    let found = said(code, &text, others);
    let places: Vec<_> = found.iter().map(|(_, problem)| (problem.span.start, problem.span.end)).collect();
    let shown = |places: &[(usize, usize)]| places.iter().map(|(a, b)| text[*a..*b].to_owned()).collect::<Vec<_>>();
    assert!(found.iter().all(|(file, _)| file == "main.perch"), "{found:?}");
    assert_eq!(places, marks, "said of {:?}, marked {:?} in\n{text}\n{found:#?}", shown(&places), shown(&marks));
    found.into_iter().map(|(_, problem)| problem).collect()
}

/// The code is not said.
pub(crate) fn silent(code: Code, program: &str) {
    silent_in(code, program, &[]);
}

/// The code is not said, and an error is.
pub(crate) fn silent_beside(code: Code, error: Code, program: &str) {
    let (found, others) = all_said(code, program, &[]);
    assert!(found.is_empty(), "{program}\n{found:#?}");
    assert!(others.iter().all(|other| other.code == error) && !others.is_empty(), "{program}\n{others:?}");
}

/// The same with files that are imported.
pub(crate) fn silent_in(code: Code, program: &str, others: &[(&str, &str)]) {
    let found = said(code, program, others);
    assert!(found.is_empty(), "{program}\n{found:#?}");
}

/// A command `main` with these statements.
pub(crate) fn main_with(statements: &str) -> String {
    let lines: String = statements.lines().map(|line| format!("    {line}\n")).collect();
    format!("command main\n  description \"Test\"\n  do\n{lines}  end\nend\n")
}

/// A private command with these statements.
pub(crate) fn private(name: &str, statements: &str) -> String {
    let lines: String = statements.lines().map(|line| format!("    {line}\n")).collect();
    format!("command {name}\n  private\n  do\n{lines}  end\nend\n")
}
