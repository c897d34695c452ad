//! Names that are there twice, and imports that lead nowhere.

use std::collections::{BTreeMap, HashSet};

use perch_syntax::{Code, Diagnostic, ItemKind, Label, Span};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::bundle::called;
use crate::construct::Section;
use crate::database::{self, FileLine, Import, Item, Meaning, SourceFile};
use crate::places::Places;
use crate::scope::{Imported, files, imports, scope, seen_as};

/// What is said at the one that is not to blame.
const FIRST: &str = "the first one";

/// Something that is wrong with an item for the sake of others.
#[derive(Clone, Debug, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Named<'db> {
    pub(crate) item: Item<'db>,
    /// Its span counts from the start of the item.
    pub(crate) problem: Diagnostic,
    /// The other one, if there is one, and what it is.
    other: Option<(Item<'db>, &'static str)>,
}

impl<'db> Named<'db> {
    fn new(item: Item<'db>, problem: Diagnostic) -> Self {
        Self { item, problem, other: None }
    }

    /// The problem with places that count from the starts of files.
    pub(crate) fn placed(&self, db: &'db dyn salsa::Database) -> Diagnostic {
        let mut problem = self.problem.clone().shifted(self.item.start(db));
        if let Some((other, text)) = self.other {
            let (span, file) = (database::first_line(db, other).shifted(other.start(db)), other.file(db));
            let file = (file != self.item.file(db)).then(|| file.path(db).clone());
            problem.others.push(Label { file, span, text: text.to_owned() });
        }
        problem
    }
}

/// What is wrong with the names of a file; spans count from the starts of the items.
#[salsa::tracked(returns(ref))]
pub(crate) fn problems<'db>(db: &'db dyn salsa::Database, file: SourceFile, root: SourceFile) -> Vec<Named<'db>> {
    let mut found = duplicates(db, file, root);
    includes(db, file, root, &mut found);
    let imports = imports(db, file);
    if !imports.is_empty() {
        clashes(db, file, &imports, &mut found);
        found.extend(unreadable(db, file, root, &imports));
    }
    found
}

/// Says that an item should not be there a second time.
fn twice<'db>(
    db: &'db dyn salsa::Database,
    code: Code,
    message: String,
    item: Item<'db>,
    first: Item<'db>,
) -> Named<'db> {
    let problem = Diagnostic::new(code, database::first_line(db, item), message);
    Named { item, problem: problem.help("rename one of them, or remove it"), other: Some((first, FIRST)) }
}

/// Commands, templates and settings that the file has twice.
fn duplicates<'db>(db: &'db dyn salsa::Database, file: SourceFile, root: SourceFile) -> Vec<Named<'db>> {
    let mut found = Vec::new();
    let mut names: BTreeMap<&str, (&str, Item<'db>)> = BTreeMap::new();
    let mut settings: BTreeMap<&str, Item<'db>> = BTreeMap::new();
    let mut catch: Option<Item<'db>> = None;
    for item in database::items(db, file) {
        match item.kind(db) {
            ItemKind::Command(Some(name)) => found.extend(twice_named(db, &mut names, "command", name, *item)),
            ItemKind::Template(Some(name)) => found.extend(twice_named(db, &mut names, "template", name, *item)),
            ItemKind::Catch(_) => {
                let first = *catch.get_or_insert(*item);
                if first != *item {
                    let message = "the file already has a `catch`".to_owned();
                    found.push(twice(db, Code::DuplicateCatch, message, *item, first));
                }
            }
            ItemKind::Line => {
                let Meaning::Line(FileLine::Setting(name, _)) = &database::lower_item(db, *item, root).meaning else {
                    continue;
                };
                let first = *settings.entry(name).or_insert(*item);
                if first != *item {
                    found.push(twice(db, Code::DuplicateSetting, format!("`{name}` is given twice"), *item, first));
                }
            }
            _ => {}
        }
    }
    found
}

/// Lines of `bundle` that say nothing new, and those that lead out of the directory of the main file.
fn includes<'db>(db: &'db dyn salsa::Database, file: SourceFile, root: SourceFile, found: &mut Vec<Named<'db>>) {
    let mut paths: HashSet<String> = HashSet::new();
    let mut names: HashSet<&str> = HashSet::new();
    for item in database::items(db, file).iter().filter(|item| *item.kind(db) == ItemKind::Section) {
        let Meaning::Section(section) = &database::lower_item(db, *item, root).meaning else { continue };
        let Section::Bundle(lines) = &**section else { continue };
        let places = Places::new(item.text(db));
        for (at, line) in lines.iter().enumerate() {
            let Some(path) = line.path.as_literal() else { continue };
            // Behind `include`.
            let span = places.entry(at).words.get(1).map_or_else(Span::default, |word| word.span);
            let problem = match called(root.path(db), file.path(db), line) {
                None => Diagnostic::new(
                    Code::BadInclude,
                    span,
                    format!("`{path}` is not beneath the directory of the main file"),
                )
                .help("put what is carried along beside the main file or beneath, and write its path from here"),
                Some(path) if !paths.insert(path.clone()) => {
                    Diagnostic::new(Code::BadInclude, span, format!("`{path}` is bundled already"))
                        .help("remove one of the lines")
                }
                Some(_) => match line.name.as_deref().filter(|name| !names.insert(name)) {
                    Some(name) => {
                        Diagnostic::new(Code::BadInclude, span, format!("another bundled file is called `{name}`"))
                            .help("give one of them another name")
                    }
                    None => continue,
                },
            };
            found.push(Named::new(*item, problem));
        }
    }
}

/// A command or template whose name is taken.
fn twice_named<'db>(
    db: &'db dyn salsa::Database,
    names: &mut BTreeMap<&'db str, (&'static str, Item<'db>)>,
    keyword: &'static str,
    name: &'db str,
    item: Item<'db>,
) -> Option<Named<'db>> {
    let Some((other, first)) = names.get(name).copied() else {
        names.insert(name, (keyword, item));
        return None;
    };
    let code = if keyword == "command" { Code::DuplicateCommand } else { Code::DuplicateTemplate };
    Some(twice(db, code, format!("the file already has a {other} `{name}`"), item, first))
}

/// Commands of imports that have the name of another one.
fn clashes<'db>(
    db: &'db dyn salsa::Database,
    file: SourceFile,
    imports: &[Imported<'db>],
    found: &mut Vec<Named<'db>>,
) {
    let mut known: BTreeMap<String, Item<'db>> = BTreeMap::new();
    let own = database::items(db, file).iter();
    known.extend(own.filter_map(|item| Some((item.command_name(db)?.to_owned(), *item))));
    for imported in imports {
        let Some(other) = imported.file().filter(|other| *other != file) else { continue };
        for (name, item) in &scope(db, other, other).commands {
            let Some(name) = seen_as(db, name, *item, imported.line.alias.as_deref()) else { continue };
            let there = known.entry(name.clone()).or_insert(*item);
            if there != item {
                let message = format!("this brings a second command `{name}`, from `{}`", item.file(db).path(db));
                let problem = Diagnostic::new(Code::DuplicateCommand, imported.line.span, message);
                let problem = problem.help("import it with `as NAME`, or rename one of them");
                found.push(Named { other: Some((*there, FIRST)), ..Named::new(imported.item, problem) });
            }
        }
    }
}

/// Imports that nobody could read, and those that lead back to their own file.
fn unreadable<'db>(
    db: &'db dyn salsa::Database,
    file: SourceFile,
    root: SourceFile,
    imports: &[Imported<'db>],
) -> Vec<Named<'db>> {
    let circle = circle(db, file, root);
    let mut found = Vec::new();
    for imported in imports {
        let span = imported.line.span;
        let problem = match imported.import {
            Some(Import::Unreadable(why)) => Diagnostic::new(Code::UnreadableImport, span, why.clone())
                .help("a path is relative to the file that imports it"),
            Some(Import::File(other)) if circle.contains(other) => {
                let message = format!("`{}` imports this file again", other.path(db));
                Diagnostic::new(Code::ImportLoop, span, message)
                    .help("move what both need into a file that neither of them imports back")
            }
            Some(Import::File(_)) => continue,
            // Whoever has the files has not looked for it.
            None => Diagnostic::new(Code::UnreadableImport, span, "this import has not been read"),
        };
        found.push(Named::new(imported.item, problem));
    }
    found
}

/// The files from which a file can be got to that can be got to from it, if it is among them.
fn circle(db: &dyn salsa::Database, file: SourceFile, root: SourceFile) -> Vec<SourceFile> {
    let all = files(db, root);
    let number = |file: SourceFile| all.iter().position(|other| *other == file);
    let mut graph: DiGraphMap<usize, ()> = DiGraphMap::new();
    for (at, one) in all.iter().enumerate() {
        for other in imports(db, *one).iter().filter_map(Imported::file).filter_map(number) {
            graph.add_edge(at, other, ());
        }
    }
    let own = number(file);
    let circle = tarjan_scc(&graph).into_iter().find(|circle| own.is_some_and(|own| circle.contains(&own)));
    let circle = circle.unwrap_or_default();
    let is_loop = circle.len() > 1 || own.is_some_and(|own| graph.contains_edge(own, own));
    if is_loop { circle.into_iter().filter_map(|at| all.get(at).copied()).collect() } else { Vec::new() }
}
