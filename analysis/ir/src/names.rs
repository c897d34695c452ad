//! Names that are there twice, and imports that lead nowhere.

use std::collections::{BTreeMap, BTreeSet};

use perch_syntax::{Diagnostic, ItemKind};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::database::{self, FileLine, Import, Item, Meaning, SourceFile};
use crate::scope::{Imported, files, imports, scope, seen_as};

/// Something that is wrong with an item for the sake of others.
#[derive(Clone, Debug, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Named<'db> {
    pub(crate) item: Item<'db>,
    /// Its span counts from the start of the item.
    pub(crate) problem: Diagnostic,
}

/// What is wrong with the names of a file; spans count from the starts of the items.
#[salsa::tracked(returns(ref))]
pub(crate) fn problems<'db>(db: &'db dyn salsa::Database, file: SourceFile, root: SourceFile) -> Vec<Named<'db>> {
    let mut found = duplicates(db, file, root);
    let imports = imports(db, file);
    if !imports.is_empty() {
        clashes(db, file, &imports, &mut found);
        found.extend(unreadable(db, file, root, &imports));
    }
    found
}

/// Says that an item should not be there a second time.
fn twice<'db>(db: &'db dyn salsa::Database, code: &'static str, message: String, item: Item<'db>) -> Named<'db> {
    let problem = Diagnostic::error(code, database::first_line(db, item), message);
    Named { item, problem: problem.help("rename one of them, or remove it") }
}

/// Commands, templates and settings that the file has twice.
fn duplicates<'db>(db: &'db dyn salsa::Database, file: SourceFile, root: SourceFile) -> Vec<Named<'db>> {
    let mut found = Vec::new();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut settings = BTreeSet::new();
    let mut catches = 0;
    for item in database::items(db, file) {
        let (keyword, name) = match item.kind(db) {
            ItemKind::Command(Some(name)) => ("command", name.as_str()),
            ItemKind::Template(Some(name)) => ("template", name.as_str()),
            ItemKind::Catch(_) => {
                catches += 1;
                if catches == 2 {
                    found.push(twice(db, "duplicate-catch", "the file already has a `catch`".to_owned(), *item));
                }
                continue;
            }
            ItemKind::Line => {
                if let Meaning::Line(FileLine::Setting(name, _)) = &database::lower_item(db, *item, root).meaning
                    && !settings.insert(name.as_str())
                {
                    found.push(twice(db, "duplicate-setting", format!("`{name}` is given twice"), *item));
                }
                continue;
            }
            _ => continue,
        };
        if let Some(other) = names.insert(name, keyword) {
            let code = if keyword == "command" { "duplicate-command" } else { "duplicate-template" };
            found.push(twice(db, code, format!("the file already has a {other} `{name}`"), *item));
        }
    }
    found
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
                let problem = Diagnostic::error("duplicate-command", imported.line.span, message);
                let problem = problem.help("import it with `as NAME`, or rename one of them");
                found.push(Named { item: imported.item, problem });
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
            Some(Import::Unreadable(why)) => Diagnostic::error("unreadable-import", span, why.clone())
                .help("a path is relative to the file that imports it"),
            Some(Import::File(other)) if circle.contains(other) => {
                let message = format!("`{}` imports this file again", other.path(db));
                Diagnostic::error("import-loop", span, message)
                    .help("move what both need into a file that neither of them imports back")
            }
            Some(Import::File(_)) => continue,
            // Whoever has the files has not looked for it.
            None => Diagnostic::error("unreadable-import", span, "this import has not been read"),
        };
        found.push(Named { item: imported.item, problem });
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
