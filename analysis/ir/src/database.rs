//! The queries, and what each may read.
//!
//! | query | reads | runs again when |
//! |---|---|---|
//! | `layout` | the file's text | anything in the file changes |
//! | `scope` | names of items; of imported ones what stands before `do` | an item is added, removed or renamed |
//! | `lower_item` | one item's text, `scope` | that item changes, or a name |
//! | `signature` | one lowered command | it changes; an equal signature stops the change |
//! | `item_problems` | one lowered item, signatures of what it calls | either changes |
//! | [`diagnostics`] | everything above | anything in the file changes |
//!
//! Where an item stands in the file is a field of its own, which lowering does not read: spans and places
//! count from the item's start. Items are lowered for a program, which is named by its main file.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use perch_syntax::{Diagnostic, ItemKind, Span};

use crate::calls;
use crate::clobber;
use crate::construct::Section;
pub use crate::entities::{Import, Item, SourceFile};
use crate::expand;
pub use crate::lower::FileLine;
use crate::lower::{self, ImportLine, Names};
use crate::names;
use crate::program::{Arg, Command};
use crate::scope::scope;

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
    /// It takes all words as they are.
    pub takes_all: bool,
}

/// The items of a file, and what is wrong outside of them.
#[derive(Clone, Debug, PartialEq, Eq, salsa::SalsaValue)]
struct Layout<'db> {
    items: Vec<Item<'db>>,
    problems: Vec<Diagnostic>,
}

#[salsa::tracked(returns(ref))]
fn layout<'db>(db: &'db dyn salsa::Database, file: SourceFile) -> Layout<'db> {
    let text = file.text(db);
    let mut above = LineCount::new(text);
    let cut = perch_syntax::cut(text);
    let mut ranks: HashMap<ItemKind, u32> = HashMap::new();
    let make = |item: perch_syntax::Item| {
        let above_it = ranks.entry(item.kind.clone()).or_default();
        let rank = *above_it;
        *above_it += 1;
        let own = text.get(item.span.range()).unwrap_or_default().to_owned();
        let lines = above.up_to(item.span.start);
        Item::new(db, file, item.kind, rank, own, item.problems, item.span.start, lines)
    };
    Layout { items: cut.items.into_iter().map(make).collect(), problems: cut.problems }
}

/// The items of a file, in order.
pub fn items(db: &dyn salsa::Database, file: SourceFile) -> &[Item<'_>] {
    &layout(db, file).items
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

/// What a line that imports says, and what is wrong with it.
#[salsa::tracked(returns(ref))]
pub(crate) fn import_line<'db>(db: &'db dyn salsa::Database, item: Item<'db>) -> (Option<ImportLine>, Vec<Diagnostic>) {
    lower::import(item.text(db))
}

/// What an item means.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Lowered {
    /// What it is, if it has no errors.
    pub(crate) meaning: Meaning,
    /// What is wrong with it; spans count from its start.
    pub(crate) problems: Vec<Diagnostic>,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Meaning {
    /// Broken, or nothing.
    #[default]
    None,
    /// A command.
    Command(Arc<Command>),
    /// A template.
    Template(Arc<Command>),
    /// What runs for unknown commands.
    Catch(Arc<Command>),
    /// A line.
    Line(FileLine),
    /// A section.
    Section(Arc<Section>),
}

/// What an item means in the program that has `root` as its main file.
#[salsa::tracked(returns(ref))]
pub(crate) fn lower_item<'db>(db: &'db dyn salsa::Database, item: Item<'db>, root: SourceFile) -> Lowered {
    let mut problems = item.problems(db).clone();
    if problems.iter().any(Diagnostic::is_error) {
        return Lowered { problems, ..Lowered::default() };
    }
    let names = || Names { scope: scope(db, item.file(db), root), internal: false };
    let command = |make: fn(Arc<Command>) -> Meaning| {
        let (command, problems) = lower::command(item.text(db), names());
        (command.map(|command| make(Arc::new(command))), problems)
    };
    let (meaning, more) = match item.kind(db) {
        ItemKind::Command(_) => command(Meaning::Command),
        ItemKind::Template(_) => command(Meaning::Template),
        ItemKind::Catch(_) => command(Meaning::Catch),
        ItemKind::Line => {
            let (line, problems) = lower::file_line(item.text(db));
            (line.map(Meaning::Line), problems)
        }
        ItemKind::Section => {
            let (section, problems) = lower::section(item.text(db), names());
            (section.map(|section| Meaning::Section(Arc::new(section))), problems)
        }
        ItemKind::Import => (None, import_line(db, item).1.clone()),
        ItemKind::Other => (None, Vec::new()),
    };
    problems.extend(more);
    Lowered { meaning: meaning.unwrap_or_default(), problems }
}

/// What callers see of a command, unless it is broken.
#[salsa::tracked(returns(ref))]
pub(crate) fn signature<'db>(db: &'db dyn salsa::Database, item: Item<'db>, root: SourceFile) -> Option<Signature> {
    let Meaning::Command(command) = &lower_item(db, item, root).meaning else { return None };
    let (description, args) = (command.description.clone(), command.args.clone());
    Some(Signature { description, private: command.private, args, takes_all: command.config.proxy_args })
}

/// What callers see of a file's commands, by name. Broken commands are not in it.
pub fn signatures(db: &dyn salsa::Database, file: SourceFile) -> BTreeMap<String, Signature> {
    let named = items(db, file).iter().filter_map(|item| Some((item.command_name(db)?, *item)));
    named.filter_map(|(name, item)| Some((name.to_owned(), signature(db, item, file).clone()?))).collect()
}

/// Everything that is wrong with an item by itself and with what it uses; spans count from its start.
#[salsa::tracked(returns(ref))]
pub(crate) fn item_problems<'db>(db: &'db dyn salsa::Database, item: Item<'db>, root: SourceFile) -> Vec<Diagnostic> {
    let lowered = lower_item(db, item, root);
    let mut all = lowered.problems.clone();
    if let Meaning::Command(command) | Meaning::Template(command) | Meaning::Catch(command) = &lowered.meaning {
        let scope = scope(db, item.file(db), root);
        let callee = |name: &str| signature(db, *scope.commands.get(name)?, root).as_ref();
        all.extend(calls::misfits(|| item.text(db), command, callee));
        all.extend(expand::problems(db, item, command, root));
        all.extend(clobber::problems(db, item, command, root));
    }
    if let Meaning::Section(section) = &lowered.meaning
        && let Section::Hooks(hooks) = &**section
    {
        let scope = scope(db, item.file(db), root);
        let callee = |name: &str| signature(db, *scope.commands.get(name)?, root).as_ref();
        all.extend(calls::unfit_handlers(|| item.text(db), hooks, callee));
    }
    all
}

/// Everything that is wrong in a file of the program that has `root` as its main file, in the order of the file; spans count from
/// its start.
pub fn problems(db: &dyn salsa::Database, file: SourceFile, root: SourceFile) -> Vec<Diagnostic> {
    let mut all = layout(db, file).problems.clone();
    for item in items(db, file) {
        let start = item.start(db);
        all.extend(item_problems(db, *item, root).iter().map(|problem| problem.clone().shifted(start)));
    }
    let named = names::problems(db, file, root).iter();
    all.extend(named.map(|named| named.placed(db)));
    all.sort_by_key(|problem| problem.span);
    all
}

/// Everything that is wrong in a file that is a program by itself or with its imports; of those, see [`problems`].
#[salsa::tracked(returns(ref))]
pub fn diagnostics(db: &dyn salsa::Database, file: SourceFile) -> Vec<Diagnostic> {
    problems(db, file, file)
}

/// What stands in the way of a run outside of items; spans count from the start of the file.
pub(crate) fn outside(db: &dyn salsa::Database, file: SourceFile) -> &[Diagnostic] {
    &layout(db, file).problems
}

/// The first line of an item; spans count from its start.
pub(crate) fn first_line(db: &dyn salsa::Database, item: Item<'_>) -> Span {
    let text = item.text(db);
    let first = text.lines().next().unwrap_or_default();
    Span::new(first.len() - first.trim_start().len(), first.trim_end().len())
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

        /// Puts another text into the file and asks what is wrong with it; which queries ran.
        fn judged_after(&mut self, text: &str) -> Vec<String> {
            self.file.set_text(&mut self.db).to(text.to_owned());
            self.ran.lock().unwrap().clear();
            let _ = diagnostics(&self.db, self.file);
            let mut ran = std::mem::take(&mut *self.ran.lock().unwrap());
            ran.sort();
            ran
        }

        /// The same, and takes the program out; how many items were lowered.
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
    fn a_comment_runs_three_queries_at_most() {
        let mut watched = Watched::new(TWO);
        watched.judged_after(TWO);
        let between = TWO.replace("\n\ncommand b", "\n\n# a comment\n\ncommand b");
        assert_eq!(watched.judged_after(&between), ["diagnostics", "layout"]);
        let behind = between.replace("print one", "print one  # a comment");
        assert_eq!(watched.judged_after(&behind), ["diagnostics", "layout", "lower_item"]);
    }

    #[test]
    fn an_edit_in_a_body_runs_what_concerns_its_command() {
        let mut watched = Watched::new(TWO);
        watched.judged_after(TWO);
        let chain = ["diagnostics", "item_problems", "layout", "lower_item"];
        assert_eq!(watched.judged_after(&TWO.replace("one", "more words, and longer")), chain);
        // The text of the last command has changed, but nothing that is wrong, nor where anything stands.
        let callee = ["item_problems", "layout", "lower_item", "signature"];
        assert_eq!(watched.judged_after(&TWO.replace("one", "more words, and longer").replace("two", "three")), callee);
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
        let before = signatures(&watched.db, watched.file);
        watched.lowered_after(&TWO.replace("one", "two"));
        assert_eq!(signatures(&watched.db, watched.file), before);
    }

    #[test]
    fn a_snapshot_is_plain_data() {
        fn plain<T: Send + Sync + Clone + 'static>(_: &T) {}
        let watched = Watched::new(TWO);
        plain(&Snapshot::new(&watched.db, watched.file));
    }
}
