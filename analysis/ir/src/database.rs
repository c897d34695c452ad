//! The queries, and what each may read.
//!
//! | query | reads | runs again when |
//! |---|---|---|
//! | `cut`, [`items`] | the file's text | anything in the file changes |
//! | `command_names` | the items' names | as `items`, but equal names stop the change here |
//! | `lower_item` | one item's text, `command_names` | that item changes, or a command is added, removed or renamed |
//! | [`signatures`] | lowered commands | a command changes; equal signatures stop the change |
//! | [`diagnostics`] | everything above | anything in the file changes |
//!
//! Where an item stands in the file is a field of its own, which lowering does not read: spans and places
//! count from the item's start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use perch_syntax::{Diagnostic, ItemKind, Span};

use crate::calls;
pub use crate::entities::{Item, SourceFile};
pub(crate) use crate::lower::FileLine;
use crate::lower::{self, Names};
use crate::program::{Arg, Command};

/// A database for files.
#[salsa::db]
#[derive(Clone, Default)]
pub struct Database {
    storage: salsa::Storage<Self>,
}

#[salsa::db]
impl salsa::Database for Database {}

impl Database {
    /// An empty database that reports what it does.
    #[must_use]
    pub fn observed(observer: impl Fn(salsa::Event) + Send + Sync + 'static) -> Self {
        Self { storage: salsa::Storage::new(Some(Box::new(observer))) }
    }
}

/// What callers see of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// One line for help.
    pub description: Option<String>,
    /// Not callable from the command line.
    pub private: bool,
    /// Its arguments; their places count from the command's first line.
    pub args: Vec<Arg>,
}

/// Where the items of a file are.
#[salsa::tracked(returns(ref))]
fn cut(db: &dyn salsa::Database, file: SourceFile) -> perch_syntax::Cut {
    perch_syntax::cut(file.text(db))
}

/// The items of a file, in order.
#[salsa::tracked(returns(ref))]
pub fn items<'db>(db: &'db dyn salsa::Database, file: SourceFile) -> Vec<Item<'db>> {
    let text = file.text(db);
    let mut above = LineCount::new(text);
    let make = |item: &perch_syntax::Item| {
        let own = text.get(item.span.range()).unwrap_or_default().to_owned();
        let lines = above.up_to(item.span.start);
        Item::new(db, file, item.kind.clone(), own, item.problems.clone(), item.span.start, lines)
    };
    cut(db, file).items.iter().map(make).collect()
}

/// Counts lines up to offsets that only grow.
struct LineCount<'t> {
    text: &'t str,
    at: usize,
    lines: u32,
}

impl<'t> LineCount<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, lines: 0 }
    }

    fn up_to(&mut self, offset: usize) -> u32 {
        let passed = self.text.as_bytes().get(self.at..offset).unwrap_or_default();
        let newlines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.lines = self.lines.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.at = offset;
        self.lines
    }
}

/// The names of a file's commands, broken ones included.
#[salsa::tracked(returns(ref))]
fn command_names(db: &dyn salsa::Database, file: SourceFile) -> BTreeSet<String> {
    items(db, file).iter().filter_map(|item| item.command_name(db)).map(str::to_owned).collect()
}

/// What an item means.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Lowered {
    /// If it is a command without errors.
    command: Option<Arc<Command>>,
    /// If it is a line without errors.
    line: Option<FileLine>,
    /// What is wrong with it; spans count from its start.
    problems: Vec<Diagnostic>,
}

#[salsa::tracked(returns(ref))]
fn lower_item<'db>(db: &'db dyn salsa::Database, item: Item<'db>) -> Lowered {
    let mut problems = item.problems(db).clone();
    if problems.iter().any(Diagnostic::is_error) {
        return Lowered { problems, ..Lowered::default() };
    }
    let (command, line, more) = match item.kind(db) {
        ItemKind::Command(_) => {
            let names = Names { commands: command_names(db, item.file(db)), internal: false };
            let (command, problems) = lower::command(item.text(db), names);
            (command.map(Arc::new), None, problems)
        }
        ItemKind::Line => {
            let (line, problems) = lower::file_line(item.text(db));
            (None, line, problems)
        }
        ItemKind::Template(_) | ItemKind::Catch(_) | ItemKind::Import | ItemKind::Section => {
            (None, None, lower::refused(item.text(db)))
        }
        ItemKind::Other => (None, None, Vec::new()),
    };
    problems.extend(more);
    Lowered { command, line, problems }
}

pub(crate) fn lower_command<'db>(db: &'db dyn salsa::Database, item: Item<'db>) -> Option<&'db Arc<Command>> {
    lower_item(db, item).command.as_ref()
}

pub(crate) fn lower_line<'db>(db: &'db dyn salsa::Database, item: Item<'db>) -> Option<&'db FileLine> {
    lower_item(db, item).line.as_ref()
}

/// What stops a command from running, in it alone; spans count from the start of the file.
pub(crate) fn own_obstacles(db: &dyn salsa::Database, item: Item<'_>) -> Vec<Diagnostic> {
    let stops = lower_item(db, item).problems.iter().filter(|problem| problem.stops());
    stops.map(|problem| problem.clone().shifted(item.start(db))).collect()
}

/// What callers see of a file's commands, by name. Broken commands are not in it.
#[salsa::tracked(returns(ref))]
pub fn signatures(db: &dyn salsa::Database, file: SourceFile) -> BTreeMap<String, Signature> {
    let signature = |item: &Item<'_>| {
        let command = lower_command(db, *item)?;
        let (description, args) = (command.description.clone(), command.args.clone());
        Some((command.name.clone(), Signature { description, private: command.private, args }))
    };
    items(db, file).iter().filter_map(signature).collect()
}

/// The names that more than one command has, each with what is said at the later one.
#[salsa::tracked(returns(ref))]
pub(crate) fn duplicates(db: &dyn salsa::Database, file: SourceFile) -> Vec<(String, Diagnostic)> {
    let mut seen = BTreeSet::new();
    let mut again = Vec::new();
    for item in items(db, file) {
        let Some(name) = item.command_name(db) else { continue };
        if !seen.insert(name) {
            let message = format!("the file already has a command `{name}`");
            again.push((name.to_owned(), twice("duplicate-command", message, *item, db)));
        }
    }
    again
}

/// What is wrong in a file and not inside a command; spans count from the start of the file.
#[salsa::tracked(returns(ref))]
pub(crate) fn outside_commands(db: &dyn salsa::Database, file: SourceFile) -> Vec<Diagnostic> {
    let mut all = cut(db, file).problems.clone();
    let mut settings = BTreeSet::new();
    for item in items(db, file) {
        if item.command_name(db).is_some() {
            continue;
        }
        let lowered = lower_item(db, *item);
        all.extend(lowered.problems.iter().map(|problem| problem.clone().shifted(item.start(db))));
        if let Some(FileLine::Setting(name, _)) = &lowered.line
            && !settings.insert(name.as_str())
        {
            all.push(twice("duplicate-setting", format!("`{name}` is given twice"), *item, db));
        }
    }
    all
}

/// Everything that is wrong in a file, in the order of the file; spans count from its start.
#[salsa::tracked(returns(ref))]
pub fn diagnostics(db: &dyn salsa::Database, file: SourceFile) -> Vec<Diagnostic> {
    let mut all = outside_commands(db, file).clone();
    for item in items(db, file).iter().filter(|item| item.command_name(db).is_some()) {
        all.extend(lower_item(db, *item).problems.iter().map(|problem| problem.clone().shifted(item.start(db))));
        all.extend(call_problems(db, *item).into_iter().map(|problem| problem.shifted(item.start(db))));
    }
    all.extend(duplicates(db, file).iter().map(|(_, problem)| problem.clone()));
    all.sort_by_key(|problem| problem.span);
    all
}

/// What is wrong with the calls in a command; spans count from its start.
fn call_problems(db: &dyn salsa::Database, item: Item<'_>) -> Vec<Diagnostic> {
    let Some(command) = lower_command(db, item) else { return Vec::new() };
    calls::unknown_flags(item.text(db), command, signatures(db, item.file(db)))
}

/// Says that an item should not be there a second time.
fn twice(code: &'static str, message: String, item: Item<'_>, db: &dyn salsa::Database) -> Diagnostic {
    let text = item.text(db);
    let first = text.lines().next().unwrap_or_default();
    let indent = first.len() - first.trim_start().len();
    let span = Span::new(indent, first.trim_end().len()).shifted(item.start(db));
    Diagnostic::error(code, span, message).help("rename one of them, or remove it")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use salsa::{EventKind, Setter as _};

    use super::*;
    use crate::snapshot::Snapshot;

    const TWO: &str =
        "v = 1\n\ncommand a\n  do\n    print one\n    b\n  end\nend\n\ncommand b\n  do\n    print two\n  end\nend\n";

    /// A database, a file in it, and the names of the queries that ran since last asked.
    struct Watched {
        db: Database,
        file: SourceFile,
        ran: Arc<Mutex<Vec<String>>>,
    }

    impl Watched {
        fn new(text: &str) -> Self {
            let ran = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&ran);
            let db = Database::observed(move |event| {
                if let EventKind::WillExecute { database_key } = event.kind {
                    let key = format!("{database_key:?}");
                    log.lock().unwrap().push(key.split('(').next().unwrap_or_default().to_owned());
                }
            });
            let file = SourceFile::new(&db, "a.perch".to_owned(), text.to_owned());
            Self { db, file, ran }
        }

        /// Puts another text into the file and asks everything of it; what ran, without the queries that
        /// concern the whole file and are cheap.
        fn lowered_after(&mut self, text: &str) -> usize {
            self.ran.lock().unwrap().clear();
            self.file.set_text(&mut self.db).to(text.to_owned());
            let _ = Snapshot::new(&self.db, self.file);
            let _ = diagnostics(&self.db, self.file);
            let _ = signatures(&self.db, self.file);
            self.ran.lock().unwrap().iter().filter(|query| *query == "lower_item").count()
        }
    }

    #[test]
    fn an_edit_inside_a_command_lowers_that_command_again_and_nothing_else() {
        let mut watched = Watched::new(TWO);
        assert_eq!(watched.lowered_after(TWO), 3);
        assert_eq!(watched.lowered_after(&TWO.replace("one", "more words, and longer")), 1);
    }

    #[test]
    fn an_edit_between_commands_lowers_nothing_again() {
        let mut watched = Watched::new(TWO);
        watched.lowered_after(TWO);
        assert_eq!(watched.lowered_after(&TWO.replace("\n\n", "\n\n# a comment\n\n")), 0);
        assert_eq!(Snapshot::new(&watched.db, watched.file).commands()[0].place.line, 5);
    }

    #[test]
    fn a_new_name_is_looked_up_everywhere() {
        let mut watched = Watched::new(TWO);
        watched.lowered_after(TWO);
        assert_eq!(watched.lowered_after(&TWO.replace("command b", "command c")), 2);
    }

    #[test]
    fn a_body_is_no_part_of_a_signature() {
        let mut watched = Watched::new(TWO);
        watched.lowered_after(TWO);
        let before = signatures(&watched.db, watched.file).clone();
        watched.lowered_after(&TWO.replace("one", "two"));
        assert_eq!(*signatures(&watched.db, watched.file), before);
    }

    #[test]
    fn a_snapshot_is_plain_data() {
        fn plain<T: Send + Sync + Clone + 'static>(_: &T) {}
        let watched = Watched::new(TWO);
        plain(&Snapshot::new(&watched.db, watched.file));
    }
}
