//! What names mean in a file.
//!
//! A name means what its own file says, then what the files say that it imports, then what the program's main file says. Of imported
//! files only what stands before `do` is looked at, so what is inside of their commands concerns nobody else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use perch_syntax::ItemKind;

use crate::construct::{Requirement, Section};
use crate::database::{self, FileLine, Item, Meaning, SourceFile};
use crate::entities::Import;
use crate::lower::{self, ImportLine, Programs};
use crate::program::{Arg, Command, Operand};
use crate::shared::merged;

/// How many names a misspelt word is compared with. Of a program with more of them, the rest is never what was meant.
const MAX_SUGGESTED: usize = 100;

/// What names mean in a file of a program.
#[derive(Clone, Debug, PartialEq, Eq, Default, salsa::SalsaValue)]
pub(crate) struct Scope<'db> {
    /// Commands, by the names that bodies call them by.
    pub(crate) commands: BTreeMap<String, Item<'db>>,
    /// Templates, likewise.
    pub(crate) templates: BTreeMap<String, Item<'db>>,
    args: BTreeMap<String, Vec<Arg>>,
    aliases: BTreeSet<String>,
    shared: BTreeSet<String>,
    manifest: Option<Programs>,
    bundled: BTreeSet<String>,
}

impl lower::Scope for Scope<'_> {
    fn is_command(&self, name: &str) -> bool {
        self.commands.contains_key(name)
    }

    fn template(&self, name: &str) -> Option<&[Arg]> {
        self.args.get(name).map(Vec::as_slice)
    }

    fn suggestions(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.commands.keys().chain(self.templates.keys()).map(String::as_str).take(MAX_SUGGESTED))
    }

    fn starting_with(&self, first: char) -> Box<dyn Iterator<Item = &str> + '_> {
        let (commands, templates) = (within(&self.commands, first), within(&self.templates, first));
        Box::new(commands.chain(templates).take(MAX_SUGGESTED))
    }

    fn is_alias(&self, name: &str) -> bool {
        self.aliases.contains(name)
    }

    fn is_shared(&self, name: &str) -> bool {
        self.shared.contains(name)
    }

    fn manifest(&self) -> Option<&Programs> {
        self.manifest.as_ref()
    }

    fn bundled(&self) -> &BTreeSet<String> {
        &self.bundled
    }
}

/// The names that start with a character.
fn within<T>(names: &BTreeMap<String, T>, first: char) -> impl Iterator<Item = &str> {
    names.range(String::from(first)..).map(|(name, _)| name.as_str()).take_while(move |name| name.starts_with(first))
}

/// An import of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported<'db> {
    /// The line.
    pub item: Item<'db>,
    /// What it says.
    pub line: &'db ImportLine,
    /// What it means; nothing if nobody has read the file.
    pub import: Option<&'db Import>,
}

impl Imported<'_> {
    /// The file, if somebody has read it.
    #[must_use]
    pub fn file(&self) -> Option<SourceFile> {
        match self.import {
            Some(Import::File(file)) => Some(*file),
            Some(Import::Unreadable(_)) | None => None,
        }
    }
}

/// The imports of a file, in order.
pub(crate) fn imports(db: &dyn salsa::Database, file: SourceFile) -> Vec<Imported<'_>> {
    let imported = |item: &Item<'_>| *item.kind(db) == ItemKind::Import;
    let lines = database::items(db, file).iter().filter(|item| imported(item));
    let lines = lines.filter_map(|item| Some((*item, database::import_line(db, *item).0.as_ref()?)));
    lines.map(|(item, line)| Imported { item, line, import: file.imports(db).get(&line.written) }).collect()
}

/// The files of a program: the main one, then what is imported, each once, in the order in which they are met.
#[salsa::tracked(returns(ref))]
pub(crate) fn files(db: &dyn salsa::Database, root: SourceFile) -> Vec<SourceFile> {
    let mut found = vec![root];
    let mut open = vec![root];
    while let Some(file) = open.pop() {
        let start = found.len();
        for other in imports(db, file).iter().filter_map(Imported::file) {
            if !found.contains(&other) {
                found.push(other);
            }
        }
        open.extend(found[start..].iter().rev().copied());
    }
    found.sort_by_key(|file| *file != root);
    found
}

/// What stands before `do`.
#[salsa::tracked(returns(ref))]
pub(crate) fn header<'db>(db: &'db dyn salsa::Database, item: Item<'db>) -> Option<Command> {
    lower::header(item.text(db))
}

#[salsa::tracked(returns(ref))]
fn section_header<'db>(db: &'db dyn salsa::Database, item: Item<'db>) -> Option<Section> {
    lower::section_header(item.text(db))
}

/// What names mean in a file of the program that has `root` as its main file.
#[salsa::tracked(returns(ref))]
pub(crate) fn scope<'db>(db: &'db dyn salsa::Database, file: SourceFile, root: SourceFile) -> Scope<'db> {
    let mut scope = Scope::default();
    let mut gathering = Gathering::default();
    let own = gathering.names(db, file);
    let main = (file != root).then(|| gathering.names(db, root));
    for names in std::iter::once(own).chain(main) {
        for (name, item) in &names.commands {
            scope.commands.entry(name.clone()).or_insert(*item);
        }
        for (name, item) in &names.templates {
            scope.templates.entry(name.clone()).or_insert(*item);
        }
        scope.aliases.extend(names.aliases.iter().cloned());
    }
    for (name, item) in &scope.templates {
        let args = header(db, *item).as_ref().map(|template| template.args.clone());
        scope.args.insert(name.clone(), args.unwrap_or_default());
    }
    for file in merged(db, file).into_iter().chain(merged(db, root)) {
        scope.shared.extend(shared_names(db, file, root).iter().cloned());
    }
    for section in sections(db, root) {
        match section {
            Section::Requires(lines) => declare(lines, scope.manifest.get_or_insert_default()),
            Section::Bundle(files) => scope.bundled.extend(files.iter().filter_map(|file| file.name.clone())),
            Section::Sandbox(_) | Section::Hooks(_) => {}
        }
    }
    scope
}

/// The names that a file binds for all its commands.
#[salsa::tracked(returns(ref))]
fn shared_names(db: &dyn salsa::Database, file: SourceFile, root: SourceFile) -> BTreeSet<String> {
    let lines = database::items(db, file).iter().filter(|item| *item.kind(db) == ItemKind::Line);
    let name = |item: &Item<'_>| match &database::lower_item(db, *item, root).meaning {
        Meaning::Line(FileLine::Shared(shared)) => Some(shared.name.to_string()),
        _ => None,
    };
    lines.filter_map(name).collect()
}

/// The sections of all files of a program.
fn sections(db: &dyn salsa::Database, root: SourceFile) -> impl Iterator<Item = &Section> {
    let items = files(db, root).iter().flat_map(|file| database::items(db, *file));
    let sections = items.filter(|item| *item.kind(db) == ItemKind::Section);
    sections.filter_map(|item| section_header(db, *item).as_ref())
}

fn declare(lines: &[Requirement], programs: &mut Programs) {
    for line in lines.iter().filter(|line| line.what == "bin") {
        programs.handles.extend(line.handle.clone());
        for word in &line.words {
            match word {
                Operand::Text(text) => match text.as_literal() {
                    Some(literal) => {
                        programs.declared.insert(literal.to_owned());
                    }
                    None => programs.open = true,
                },
                Operand::Name(_) => programs.open = true,
            }
        }
    }
}

/// What a file and its imports name.
#[derive(Default)]
struct Names<'db> {
    commands: BTreeMap<String, Item<'db>>,
    templates: BTreeMap<String, Item<'db>>,
    aliases: BTreeSet<String>,
}

/// Goes through files. Each is gone through once, and a file that imports itself not in itself.
#[derive(Default)]
struct Gathering<'db> {
    around: Vec<SourceFile>,
    done: HashMap<SourceFile, Rc<Names<'db>>>,
}

impl<'db> Gathering<'db> {
    fn names(&mut self, db: &'db dyn salsa::Database, file: SourceFile) -> Rc<Names<'db>> {
        if let Some(names) = self.done.get(&file) {
            return Rc::clone(names);
        }
        let mut names = Names::default();
        for item in database::items(db, file) {
            if let Some(name) = item.command_name(db) {
                names.commands.entry(name.to_owned()).or_insert(*item);
            } else if let Some(name) = item.template_name(db) {
                names.templates.entry(name.to_owned()).or_insert(*item);
            }
        }
        self.around.push(file);
        for imported in imports(db, file) {
            let is_new = |other: &SourceFile| !self.around.contains(other) && self.around.len() < MAX_IMPORTS;
            let Some(other) = imported.file().filter(is_new) else { continue };
            let theirs = self.names(db, other);
            for (name, item) in &theirs.templates {
                names.templates.entry(name.clone()).or_insert(*item);
            }
            for (name, item) in &theirs.commands {
                if let Some(name) = seen_as(db, name, *item, imported.line.alias.as_deref()) {
                    names.commands.entry(name).or_insert(*item);
                }
            }
            names.aliases.extend(imported.line.alias.clone());
        }
        self.around.pop();
        let names = Rc::new(names);
        self.done.insert(file, Rc::clone(&names));
        names
    }
}

/// How deep imports may nest.
const MAX_IMPORTS: usize = 32;

/// How an importer calls a command. Without an alias it does not see private ones.
pub(crate) fn seen_as<'db>(
    db: &'db dyn salsa::Database,
    name: &str,
    item: Item<'db>,
    alias: Option<&str>,
) -> Option<String> {
    match alias {
        Some(alias) => Some(format!("{alias}.{name}")),
        None => {
            let private = header(db, item).as_ref().is_some_and(|command| command.private);
            (!private).then(|| name.to_owned())
        }
    }
}
