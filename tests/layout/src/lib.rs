//! Programs to lay out, and what must not change when that is done.
//!
//! * [`programs`], [`generated`]: what people have written, and what the generator of the differential harness writes.
//! * [`scrambled`]: the same program as somebody else might have typed it.
//! * [`meaning`]: what a program means, wherever on the page it stands.

mod scramble;

pub use scramble::{Scramble, scrambled};

use perch_differential::triples::triple;
use perch_guards::{documents, files, read};
use perch_ir::{Database, Program as _, Snapshot, SourceFile};

/// A program and where it is from.
#[derive(Clone, Debug)]
pub struct Source {
    /// A file, perhaps with the number of a block in it; or the seed of a generated one.
    pub from: String,
    /// The program.
    pub text: String,
}

/// Every program of the repository: files, blocks of pages, and what the grammar is tried on.
#[must_use]
pub fn programs() -> Vec<Source> {
    let whole = files(".", "perch").into_iter().map(|file| Source { text: read(&file), from: file });
    let pages = files(".", "md");
    let blocks = pages.iter().flat_map(|page| {
        let page_text = read(page);
        let blocks = ["perch", "perch-later"].map(|kind| documents::blocks(&page_text, kind)).concat();
        blocks.into_iter().enumerate().map(move |(at, text)| Source { from: format!("{page}#{at}"), text })
    });
    whole.chain(blocks).chain(grammar_cases()).collect()
}

/// The cases of the grammar: between lines of `=` a title, then the text up to a line of `-`.
fn grammar_cases() -> impl Iterator<Item = Source> {
    files("grammar/test/corpus", "txt").into_iter().flat_map(|file| {
        let text = read(&file);
        let sections = text.split("====\n").skip(2).step_by(2).filter_map(|section| section.split_once("\n----\n"));
        let sources =
            sections.enumerate().map(|(at, (text, _))| Source { from: format!("{file}#{at}"), text: text.to_owned() });
        sources.collect::<Vec<_>>()
    })
}

/// The generated program of a seed.
#[must_use]
pub fn generated(seed: u64) -> Source {
    Source { from: format!("seed {seed}"), text: triple(seed, "/w", 1).source.text() }
}

/// What a program means and what is said of it, without the places where it stands. Bindings with and without `let` are the same.
#[must_use]
pub fn meaning(text: &str) -> String {
    let db = Database::default();
    let file = SourceFile::new(&db, "main.perch".to_owned(), text.to_owned());
    let program = Snapshot::new(&db, file);
    let declared = (program.shared(), program.declared(), program.templates(), program.catch(), program.sections());
    let said: Vec<_> = perch_ir::problems(&db, file, file)
        .into_iter()
        .map(|problem| (problem.code, problem.message, problem.help))
        .collect();
    let shown = format!("{:#?}\n{declared:#?}\n{said:#?}", program.info());
    let is_place = |line: &str| line.starts_with("line: ") || line.starts_with("column: ");
    let lines = shown.lines().map(str::trim_start).filter(|line| !is_place(line));
    lines.map(|line| line.replace("source: \"let ", "source: \"") + "\n").collect()
}
