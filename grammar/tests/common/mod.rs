//! Reading the corpus: `test/corpus/**/*.txt`, which are in tree-sitter's own format: a title between lines of `=`, a
//! source, a line of `-`, and the tree that the source must have.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, unreachable_pub, reason = "not everything that is built with this module needs all of it")]

use std::path::{Path, PathBuf};

use tree_sitter::{Node, Query, QueryCursor, StreamingIterator as _, Tree};

/// A source of the corpus and its tree.
pub struct Case {
    pub title: String,
    pub source: String,
    pub tree: String,
}

pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test/corpus")
}

/// The files below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

pub fn cases(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut sections = text.split("====\n").skip(1);
    let mut cases = Vec::new();
    while let (Some(title), Some(rest)) = (sections.next(), sections.next()) {
        let (source, tree) = rest.split_once("----\n").unwrap();
        // A newline before the line of `-` belongs to the format.
        let source = source.strip_suffix('\n').unwrap_or(source);
        cases.push(Case { title: title.trim().to_owned(), source: source.to_owned(), tree: tree.trim().to_owned() });
    }
    cases
}

pub fn parsed(source: &str) -> Tree {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&perch_grammar::LANGUAGE.into()).unwrap();
    parser.parse(source, None).unwrap()
}

/// The tree as the corpus shows it: one node on a line, with the names of fields; small ones together.
pub fn shown(tree: &Tree) -> String {
    node(tree.root_node(), None, 0)
}

const WIDTH: usize = 100;

fn node(this: Node<'_>, field: Option<&str>, depth: usize) -> String {
    let label = field.map_or_else(String::new, |field| format!("{field}: "));
    if this.is_missing() {
        return format!("{label}(MISSING \"{}\")", this.kind());
    }
    let mut children = Vec::new();
    for at in 0..this.child_count() {
        let child = this.child(at).unwrap();
        if child.is_named() || child.is_missing() {
            children.push(node(child, this.field_name_for_child(at), depth + 1));
        }
    }
    let flat = format!("{label}({})", [vec![this.kind().to_owned()], children.clone()].concat().join(" "));
    if flat.len() + 2 * depth <= WIDTH && !flat.contains('\n') && children.len() < 6 {
        return flat;
    }
    let indent = "  ".repeat(depth + 1);
    let lines: Vec<_> = children.iter().map(|child| format!("\n{indent}{child}")).collect();
    format!("{label}({}{})", this.kind(), lines.concat())
}

/// A query of `queries/`, and the program in `test/queries/` that shows what it finds.
pub struct Fixture {
    pub file: PathBuf,
    pub query: Query,
    pub source: String,
    pub expected: String,
}

pub fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = |query: PathBuf| {
        let file = root.join("test/queries").join(query.with_extension("txt").file_name().unwrap());
        let text = std::fs::read_to_string(&file).unwrap();
        let (source, expected) = text.split_once("----\n").unwrap();
        let (source, expected) = (source.to_owned(), expected.trim_end().to_owned());
        let written = std::fs::read_to_string(&query).unwrap();
        let made = Query::new(&perch_grammar::LANGUAGE.into(), &written);
        let query = made.unwrap_or_else(|error| panic!("{}: {error}", query.display()));
        Fixture { file, query, source, expected }
    };
    files(&root.join("queries")).into_iter().map(fixture).collect()
}

/// What a query finds: each capture with its place and the first line of its text; and which of its patterns found something.
pub fn found(query: &Query, source: &str) -> (String, Vec<usize>) {
    let tree = parsed(source);
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(query, tree.root_node(), source.as_bytes());
    let (mut found, mut patterns) = (Vec::new(), Vec::new());
    while let Some(one) = matches.next() {
        patterns.push(one.pattern_index);
        for capture in one.captures() {
            let (node, name) = (capture.node, query.capture_names()[capture.index as usize]);
            let (place, text) = (node.start_position(), &source[node.byte_range()]);
            let more = if text.contains('\n') { " …" } else { "" };
            let first = text.lines().next().unwrap_or_default();
            found.push((
                node.start_byte(),
                node.end_byte(),
                format!("{}:{} {name} {first}{more}", place.row + 1, place.column + 1),
            ));
        }
    }
    found.sort();
    found.dedup();
    let lines: Vec<_> = found.into_iter().map(|(_, _, line)| line).collect();
    (lines.join("\n"), patterns)
}
