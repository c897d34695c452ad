//! Which shared bindings a file sees (language §12.4).
//!
//! Files that import each other without an alias share what they bind: they are one *scope*. A file that is imported with an alias begins
//! a scope of its own, within that of the file that imports it: what is bound there goes first, and what it binds itself
//! nobody outside sees.

use std::collections::{HashMap, HashSet};

use crate::database::SourceFile;
use crate::program::Shared;
use crate::scope::{Imported, files, imports};

/// Files that share what they bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The scope around it, which comes before it. Only the main file's has none.
    pub around: Option<usize>,
    /// Numbers of [`crate::Snapshot::files`]: first the file that it begins with, then what that imports, in order. A file may be in
    /// several scopes.
    pub files: Vec<usize>,
}

impl Scope {
    /// Whether a file is in it.
    #[must_use]
    pub fn has(&self, file: usize) -> bool {
        self.files.contains(&file)
    }
}

/// The scopes of a program. The first is that of its main file.
#[must_use]
pub fn scopes(db: &dyn salsa::Database, root: SourceFile) -> Vec<Scope> {
    let numbers: HashMap<SourceFile, usize> =
        files(db, root).iter().enumerate().map(|(at, file)| (*file, at)).collect();
    let number = |file: &SourceFile| numbers.get(file).copied().unwrap_or_default();
    let mut begun = HashSet::from([root]);
    let mut heads = vec![(None, root)];
    let mut scopes: Vec<Scope> = Vec::new();
    while let Some((around, head)) = heads.get(scopes.len()).copied() {
        let (at, merged) = (scopes.len(), merged(db, head));
        for file in &merged {
            let with_alias = imports(db, *file).into_iter().filter(|import| import.line.alias.is_some());
            let files = with_alias.filter_map(|import| Imported::file(&import));
            heads.extend(
                files.filter(|file| !merged.contains(file) && begun.insert(*file)).map(|file| (Some(at), file)),
            );
        }
        scopes.push(Scope { around, files: merged.iter().map(number).collect() });
    }
    scopes
}

/// A file and what it imports without an alias, however far around, each once.
pub(crate) fn merged(db: &dyn salsa::Database, head: SourceFile) -> Vec<SourceFile> {
    let (mut found, mut open, mut known) = (Vec::new(), vec![head], HashSet::new());
    while let Some(file) = open.pop() {
        if !known.insert(file) {
            continue;
        }
        found.push(file);
        let flat = imports(db, file).into_iter().filter(|import| import.line.alias.is_none());
        let flat: Vec<_> = flat.filter_map(|import| Imported::file(&import)).collect();
        open.extend(flat.into_iter().rev());
    }
    found
}

/// The scope in which the command of a file sees shared bindings when something in the scope `from` calls it: that one, if the file is in
/// it; else the one that begins with the file, or the first that it is in.
#[must_use]
pub fn scope_of(scopes: &[Scope], from: usize, file: usize) -> usize {
    if scopes.get(from).is_some_and(|scope| scope.has(file)) {
        return from;
    }
    let begins = scopes.iter().position(|scope| scope.files.first() == Some(&file));
    begins.or_else(|| scopes.iter().position(|scope| scope.has(file))).unwrap_or_default()
}

/// The scope, and those around it, from the inside.
pub fn outwards(scopes: &[Scope], scope: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(scope), |at| scopes.get(*at).and_then(|scope| scope.around))
}

/// The bindings of all scopes in the order in which they are evaluated, from those of the files. Of each name the first file that binds it
/// goes before the others of its scope, and what is around the scope before the scope.
pub(crate) fn in_order(scopes: &[Scope], of_files: &[Vec<Shared>]) -> Vec<Shared> {
    let mut bound: Vec<HashSet<&str>> = Vec::new();
    let mut all = Vec::new();
    for (at, scope) in scopes.iter().enumerate() {
        let mut names: HashSet<&str> = HashSet::new();
        for shared in scope.files.iter().filter_map(|file| of_files.get(*file)) {
            let is_bound =
                |name: &str| outwards(scopes, at).any(|at| bound.get(at).is_some_and(|names| names.contains(name)));
            let free: Vec<&Shared> =
                shared.iter().filter(|one| !names.contains(&*one.name) && !is_bound(&one.name)).collect();
            names.extend(free.iter().map(|one| &*one.name));
            all.extend(free.into_iter().map(|one| Shared { scope: at, ..one.clone() }));
        }
        bound.push(names);
    }
    all
}
