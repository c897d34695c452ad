//! Templates in templates: that none uses itself, and that what they amount to stays small.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use perch_syntax::{Code, Diagnostic};
use salsa::plumbing::AsId as _;

use crate::database::{self, Item, Meaning, SourceFile};
use crate::places::Places;
use crate::program::{Command, StmtKind};
use crate::reach::walk;
use crate::scope::{files, scope};

/// How many statements the templates in one command may amount to. Twenty templates that each use the one before twice would be
/// a million.
pub const MAX_EXPANDED: u64 = 50_000;

/// What a template amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, salsa::SalsaValue)]
enum Size {
    /// Its statements are being counted.
    Open,
    /// So many statements; more than the limit is all the same.
    Known(u64),
    /// It uses itself.
    Endless,
}

/// How many statements a template has by itself, and which others it uses, how often.
#[salsa::tracked(returns(ref))]
fn own_size<'db>(db: &'db dyn salsa::Database, item: Item<'db>, root: SourceFile) -> (u64, BTreeMap<String, u64>) {
    match &database::lower_item(db, item, root).meaning {
        Meaning::Template(template) => uses(template),
        _ => (0, BTreeMap::new()),
    }
}

fn uses(command: &Command) -> (u64, BTreeMap<String, u64>) {
    let (mut own, mut used) = (0, BTreeMap::new());
    walk(&command.body, &mut |stmt| {
        own += 1;
        if let StmtKind::Expand { template, .. } = &stmt.kind {
            *used.entry(template.clone()).or_insert(0) += 1;
        }
    });
    (own, used)
}

/// What the templates of a program amount to.
#[salsa::tracked(returns(ref))]
fn sizes<'db>(db: &'db dyn salsa::Database, root: SourceFile) -> Known<'db> {
    let mut sizes = Sizes { db, root, known: Vec::new(), index: std::collections::HashMap::new() };
    for file in files(db, root) {
        for item in database::items(db, *file).iter().filter(|item| item.template_name(db).is_some()) {
            sizes.of(*item, 0);
        }
    }
    let mut known = sizes.known;
    known.sort_by_key(|(item, _)| item.as_id());
    Known { sizes: known }
}

/// Templates and their sizes, in the order of the database.
#[derive(Clone, Debug, PartialEq, Eq, salsa::SalsaValue)]
struct Known<'db> {
    sizes: Vec<(Item<'db>, Size)>,
}

struct Sizes<'db> {
    db: &'db dyn salsa::Database,
    root: SourceFile,
    known: Vec<(Item<'db>, Size)>,
    index: std::collections::HashMap<Item<'db>, usize>,
}

/// Templates that use each other deeper than this count as endless.
const MAX_DEPTH: usize = 200;

impl<'db> Sizes<'db> {
    fn of(&mut self, item: Item<'db>, depth: usize) -> Size {
        if let Some(at) = self.index.get(&item) {
            return match self.known[*at].1 {
                Size::Open => Size::Endless,
                known => known,
            };
        }
        if depth > MAX_DEPTH {
            return Size::Endless;
        }
        let at = self.known.len();
        self.known.push((item, Size::Open));
        self.index.insert(item, at);
        let (own, used) = own_size(self.db, item, self.root);
        let mut size = Size::Known(*own);
        let scope = scope(self.db, item.file(self.db), self.root);
        for (name, times) in used {
            let Some(other) = scope.templates.get(name) else { continue };
            size = match (size, self.of(*other, depth + 1)) {
                (Size::Known(sum), Size::Known(more)) => {
                    Size::Known(sum.saturating_add(more.saturating_mul(*times)).min(MAX_EXPANDED + 1))
                }
                _ => Size::Endless,
            };
        }
        self.known[at].1 = size;
        size
    }
}

/// What is wrong with the templates that an item uses; spans count from its start.
pub(crate) fn problems<'db>(
    db: &'db dyn salsa::Database,
    item: Item<'db>,
    command: &Command,
    root: SourceFile,
) -> Vec<Diagnostic> {
    let (_, used) = uses(command);
    if used.is_empty() {
        return Vec::new();
    }
    let (scope, places) = (scope(db, item.file(db), root), LazyCell::new(|| Places::new(item.text(db))));
    let size = |name: &str| {
        let template = scope.templates.get(name)?;
        let sizes = &sizes(db, root).sizes;
        let at = sizes.binary_search_by_key(&template.as_id(), |(item, _)| item.as_id()).ok()?;
        sizes.get(at).map(|(_, size)| *size)
    };
    let mut found = Vec::new();
    let mut total: u64 = 0;
    walk(&command.body, &mut |stmt| {
        let StmtKind::Expand { template, .. } = &stmt.kind else { return };
        let span = || places.statement(stmt);
        match size(template) {
            Some(Size::Known(more)) => {
                let before = total;
                total = total.saturating_add(more);
                if total > MAX_EXPANDED && before <= MAX_EXPANDED {
                    let message = format!(
                        "with `{template}`, the templates used here amount to more than {MAX_EXPANDED} statements"
                    );
                    let problem = Diagnostic::new(Code::TemplateTooLarge, span(), message);
                    found.push(problem.help("use a `command`: it is called, not copied"));
                }
            }
            Some(Size::Endless | Size::Open) => {
                let message = format!("`{template}` uses itself, also by way of others");
                let problem = Diagnostic::new(Code::TemplateLoop, span(), message);
                found.push(problem.help("use a `command`, which can call itself"));
            }
            None => {}
        }
    });
    found
}
