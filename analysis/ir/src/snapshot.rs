//! A program without the database it came from.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use perch_ops::OpId;
use perch_syntax::{Code, Diagnostic, ItemKind};

use crate::bundle::called;
use crate::construct::Section;
use crate::database::{self, FileLine, Item, Meaning, SourceFile};
use crate::listing;
use crate::names;
use crate::op_programs::op_program;
use crate::program::{Clause, Command, Cond, Hook, Manifest, Place, Program, Sandbox, Shared, Stmt, StmtKind};
use crate::reach;
use crate::scope::{Scope, files, scope};
use crate::shared;

/// What a file says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FileInfo {
    /// `name W`
    pub name: Option<String>,
    /// `about W`
    pub about: Option<String>,
    /// `version W`
    pub version: Option<String>,
}

/// What a word of the command line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'s> {
    /// A command.
    Command(&'s Arc<Command>),
    /// What runs for words that are none.
    Catch(&'s Arc<Command>),
}

/// Something that stands in the way of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// In which file: a number of [`Snapshot::files`].
    pub file: usize,
    /// What; the span counts from the start of that file.
    pub problem: Diagnostic,
}

/// A program as it was at one moment: a file, and what it imports. Plain data: it can be sent to other threads, and needs no
/// database.
///
/// Commands have the names that the main file calls them by. Those that it cannot call, private ones of what it imports, have
/// names that nobody can write.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Snapshot {
    files: Vec<String>,
    info: FileInfo,
    /// What the file offers, where something writes that.
    listing: String,
    /// The files have commands that were not taken.
    is_part: bool,
    shared: Vec<Shared>,
    scopes: Vec<shared::Scope>,
    /// Commands in which nothing stands in the way of a run.
    commands: BTreeMap<String, Arc<Command>>,
    /// Commands without mistakes that this version cannot run.
    waiting: BTreeMap<String, Arc<Command>>,
    templates: BTreeMap<String, Arc<Command>>,
    catch: Option<Arc<Command>>,
    hooks: Vec<Hook>,
    sections: Vec<(usize, Arc<Section>)>,
    /// What it carries along.
    bundle: Vec<String>,
    manifest: Option<Manifest>,
    sandboxes: Vec<(u32, Sandbox)>,
    /// What stands in the way, by command.
    obstacles: BTreeMap<String, Vec<Obstacle>>,
    /// What stands in the way of templates.
    of_templates: BTreeMap<String, Vec<Obstacle>>,
    /// What stands in the way of commands that the file does not declare.
    of_others: Vec<Obstacle>,
    /// What stands in the way of every command.
    around: Vec<Obstacle>,
}

impl Snapshot {
    /// Takes everything of a program out of the database.
    #[must_use]
    pub fn new(db: &dyn salsa::Database, root: SourceFile) -> Self {
        let files = files(db, root);
        let mut taking = Taking::new(db, root, files);
        for (at, file) in files.iter().enumerate() {
            taking.around(at, *file);
            for item in database::items(db, *file) {
                taking.item(at, *item);
            }
        }
        let whole = taking.taken();
        let listing = if whole.writes_offer() { whole.offer() } else { String::new() };
        Self { listing, ..whole }
    }

    /// Takes out what one command of the main file can get to, so that what a command costs does not grow with those
    /// around it. `None` if there is no such command.
    #[must_use]
    pub fn of_command(db: &dyn salsa::Database, root: SourceFile, name: &str) -> Option<Self> {
        let files = files(db, root);
        let mut taking = Taking::new(db, root, files);
        let mut left: HashMap<String, Vec<(usize, Item<'_>)>> = HashMap::new();
        for (at, file) in files.iter().enumerate() {
            taking.around(at, *file);
            for item in database::items(db, *file) {
                if item.command_name(db).is_some() {
                    left.entry(taking.key(*item)).or_default().push((at, *item));
                } else {
                    taking.item(at, *item);
                }
            }
        }
        let mut todo = vec![name.to_owned()];
        left.contains_key(name).then_some(())?;
        let templates = taking.snapshot.templates.values().chain(&taking.snapshot.catch);
        todo.extend(templates.flat_map(|body| reach::uses(body).commands));
        todo.extend(taking.snapshot.handlers());
        while let Some(name) = todo.pop() {
            let Some(items) = left.remove(&name) else { continue };
            items.into_iter().for_each(|(at, item)| taking.item(at, item));
            let Self { commands, waiting, .. } = &taking.snapshot;
            let taken = commands.get(&name).or_else(|| waiting.get(&name));
            todo.extend(taken.into_iter().flat_map(|command| reach::uses(command).commands));
        }
        let part = taking.taken();
        // What is offered is not only what is got to.
        let listing = if part.writes_offer() { Self::new(db, root).offer() } else { String::new() };
        Some(Self { listing, is_part: !left.is_empty(), ..part })
    }

    /// Whether the files have commands that the one of that name does not get to.
    #[must_use]
    pub fn has_others_than(&self, name: &str) -> bool {
        let mut left: BTreeMap<&String, &Arc<Command>> = self.commands.iter().chain(&self.waiting).collect();
        let bodies = self.templates.values().chain(&self.catch);
        let mut todo: Vec<String> = bodies.flat_map(|body| reach::uses(body).commands).collect();
        todo.extend(self.handlers().chain([name.to_owned()]));
        while let Some(name) = todo.pop() {
            todo.extend(left.remove(&name).into_iter().flat_map(|command| reach::uses(command).commands));
        }
        self.is_part || !left.is_empty()
    }

    /// The files of the program; the first is its main file.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// What the file says about itself.
    #[must_use]
    pub fn info(&self) -> &FileInfo {
        &self.info
    }

    /// The commands in which nothing stands in the way of a run, in the order of the file.
    #[must_use]
    pub fn commands(&self) -> Vec<&Arc<Command>> {
        in_order(self.commands.values())
    }

    /// The commands without mistakes, whether or not this version can run them, in the order of the file.
    #[must_use]
    pub fn declared(&self) -> Vec<&Arc<Command>> {
        in_order(self.commands.values().chain(self.waiting.values()))
    }

    /// Names of the commands that have no meaning, for their mistakes.
    pub fn broken(&self) -> impl Iterator<Item = &str> {
        let has_meaning = |name: &String| self.commands.contains_key(name) || self.waiting.contains_key(name);
        let broken = self.obstacles.iter().filter(move |(name, stops)| !stops.is_empty() && !has_meaning(name));
        broken.map(|(name, _)| name.as_str()).filter(|name| perch_syntax::is_name(name))
    }

    /// The templates without mistakes.
    #[must_use]
    pub fn templates(&self) -> Vec<&Arc<Command>> {
        in_order(self.templates.values())
    }

    /// What runs for unknown commands.
    #[must_use]
    pub fn catch(&self) -> Option<&Arc<Command>> {
        self.catch.as_ref()
    }

    /// The sections of the main file and of what it imports, and whose they are.
    #[must_use]
    pub fn sections(&self) -> &[(usize, Arc<Section>)] {
        &self.sections
    }

    /// The command that is meant by a word of the command line, if that may call it; else what `catch` runs. A command with
    /// mistakes is none, and not what `catch` is for.
    #[must_use]
    pub fn answering(&self, word: &str) -> Option<Answer<'_>> {
        let declared = self.commands.get(word).or_else(|| self.waiting.get(word));
        if declared.is_none() && self.obstacles.contains_key(word) {
            return None;
        }
        let open = declared.filter(|command| command.is_open()).map(Answer::Command);
        open.or_else(|| self.catch.as_ref().map(Answer::Catch))
    }

    /// What stands in the way of running what answers to a word of the command line, or a command that others call: around it, in
    /// it, and in what it can get to, in the order of the files; spans count from the starts of their files.
    #[must_use]
    pub fn obstacles(&self, name: &str) -> Vec<&Obstacle> {
        let mut found: Vec<&Obstacle> = self.around.iter().collect();
        let caught = match self.answering(name) {
            Some(Answer::Catch(catch)) => Some(catch),
            Some(Answer::Command(_)) | None => None,
        };
        if caught.is_some() || !self.is_known(name) {
            found.extend(&self.of_others);
        }
        let called = caught.is_none().then(|| name.to_owned());
        let mut open: Vec<String> = called.into_iter().chain(self.handlers()).collect();
        let mut reached: BTreeSet<String> = open.iter().cloned().collect();
        let mut expanded = BTreeSet::new();
        let mut bodies: Vec<&Arc<Command>> = caught.into_iter().collect();
        loop {
            while let Some(body) = bodies.pop() {
                let uses = reach::uses(body);
                open.extend(uses.commands.into_iter().filter(|callee| reached.insert(callee.clone())));
                for template in uses.templates {
                    found.extend(self.of_templates.get(&template).into_iter().flatten());
                    if expanded.insert(template.clone()) {
                        bodies.extend(self.templates.get(&template));
                    }
                }
            }
            let Some(name) = open.pop() else { break };
            found.extend(self.obstacles.get(&name).into_iter().flatten());
            bodies.extend(self.commands.get(&name).or_else(|| self.waiting.get(&name)));
        }
        found.sort_by_key(|obstacle| (obstacle.file, obstacle.problem.span));
        found.dedup();
        found
    }

    /// Whether something in it writes what the file offers.
    fn writes_offer(&self) -> bool {
        let bodies = self.commands.values().chain(self.waiting.values()).chain(self.templates.values());
        bodies.chain(&self.catch).any(|command| listing::writes_offer(&command.body))
    }

    /// Whether what stands around all commands is what it was, to the line.
    #[must_use]
    pub fn is_alike_around(&self, before: &Self) -> bool {
        let Self { files, info, listing, shared, scopes, hooks, bundle, manifest, sandboxes, .. } = self;
        let texts = (files, info, listing) == (&before.files, &before.info, &before.listing);
        let bindings = (shared, scopes, bundle) == (&before.shared, &before.scopes, &before.bundle);
        texts && bindings && (hooks, manifest, sandboxes) == (&before.hooks, &before.manifest, &before.sandboxes)
    }

    /// The command or the template of that name, if it can be run.
    pub(crate) fn named(&self, is_template: bool, name: &str) -> Option<&Arc<Command>> {
        if is_template { self.templates.get(name) } else { self.commands.get(name) }
    }

    /// The commands that run around ops, and so can be got to from everywhere.
    pub(crate) fn handlers(&self) -> impl Iterator<Item = String> {
        self.hooks.iter().map(|hook| hook.handler.clone())
    }

    /// Whether the program declares a command of that name, broken or not.
    fn is_known(&self, name: &str) -> bool {
        self.commands.contains_key(name) || self.waiting.contains_key(name) || self.obstacles.contains_key(name)
    }
}

/// Whether the file, or one that it imports, says what it may touch.
#[must_use]
pub fn has_manifest(db: &dyn salsa::Database, root: SourceFile) -> bool {
    let is_manifest = |item: &Item<'_>| match &database::lower_item(db, *item, root).meaning {
        Meaning::Section(section) => matches!(**section, Section::Requires(_)),
        _ => false,
    };
    files(db, root).iter().any(|file| database::items(db, *file).iter().any(is_manifest))
}

/// How the program calls the commands that its main file can call.
fn keys<'db>(db: &'db dyn salsa::Database, root: SourceFile) -> HashMap<Item<'db>, String> {
    let mut keys = HashMap::new();
    for (name, item) in &scope(db, root, root).commands {
        keys.entry(*item).or_insert_with(|| name.clone());
    }
    keys
}

/// Takes a program out of the database, item by item.
struct Taking<'db> {
    db: &'db dyn salsa::Database,
    root: SourceFile,
    keys: HashMap<Item<'db>, String>,
    /// What is wrong with items for the sake of others.
    named: HashMap<Item<'db>, Vec<&'db Diagnostic>>,
    /// Shared bindings, by file.
    shared: Vec<Vec<Shared>>,
    snapshot: Snapshot,
}

impl<'db> Taking<'db> {
    fn new(db: &'db dyn salsa::Database, root: SourceFile, files: &[SourceFile]) -> Self {
        let snapshot =
            Snapshot { files: files.iter().map(|file| file.path(db).clone()).collect(), ..Snapshot::default() };
        let shared = vec![Vec::new(); files.len()];
        Self { db, root, keys: keys(db, root), named: HashMap::new(), shared, snapshot }
    }

    fn taken(self) -> Snapshot {
        let scopes = shared::scopes(self.db, self.root);
        Snapshot { shared: shared::in_order(&scopes, &self.shared), scopes, ..self.snapshot }
    }

    /// What a file says that is no item's. Files come in order, and each before its items.
    fn around(&mut self, at: usize, file: SourceFile) {
        let outside = database::outside(self.db, file).iter();
        self.snapshot.around.extend(outside.filter(|problem| problem.stops()).map(|problem| obstacle(at, problem, 0)));
        for names::Named { item, problem, .. } in names::problems(self.db, file, self.root) {
            self.named.entry(*item).or_default().push(problem);
        }
    }

    /// What stands in the way of an item.
    fn stops(&self, at: usize, item: Item<'db>) -> Vec<Obstacle> {
        let own = database::item_problems(self.db, item, self.root).iter();
        let all = own.chain(self.named.get(&item).into_iter().flatten().copied());
        all.filter(|problem| problem.stops()).map(|problem| obstacle(at, problem, item.start(self.db))).collect()
    }

    fn item(&mut self, at: usize, item: Item<'db>) {
        let db = self.db;
        let (scope, stops) = (scope(db, item.file(db), self.root), self.stops(at, item));
        let meaning = &database::lower_item(db, item, self.root).meaning;
        match meaning {
            Meaning::Command(command) => {
                let key = self.key(item);
                let (is_free, is_first) = (stops.is_empty(), scope_has(scope, db, item));
                let twice = stops.iter().any(|stop| stop.problem.code == Code::DuplicateCommand);
                self.snapshot.obstacles.entry(key.clone()).or_default().extend(stops);
                if twice || !is_first {
                    self.snapshot.commands.remove(&key);
                    self.snapshot.waiting.remove(&key);
                } else {
                    let command = self.placed(command, at, item, scope, &key);
                    let commands = if is_free { &mut self.snapshot.commands } else { &mut self.snapshot.waiting };
                    commands.insert(key, command);
                }
            }
            Meaning::Template(template) => {
                let key = template.name.clone();
                self.snapshot.of_templates.entry(key.clone()).or_default().extend(stops);
                if !self.snapshot.templates.contains_key(&key) {
                    let template = self.placed(template, at, item, scope, &key);
                    self.snapshot.templates.insert(key, template);
                }
            }
            Meaning::Catch(catch) if at == 0 => {
                self.snapshot.of_others.extend(stops);
                self.snapshot.catch = Some(self.placed(catch, at, item, scope, &catch.name));
            }
            Meaning::Catch(_) => {}
            Meaning::Line(line) => {
                self.snapshot.around.extend(stops);
                self.line(at, line, item.lines_above(db));
            }
            Meaning::Section(section) => {
                // Hooks are not imported.
                if at == 0 || !matches!(**section, Section::Hooks(_)) {
                    self.snapshot.around.extend(stops);
                    if let Section::Hooks(hooks) = &**section {
                        let placed: Vec<Hook> = hooks.iter().map(|hook| self.placed_hook(hook, item, scope)).collect();
                        self.snapshot.hooks.extend(placed);
                    }
                    self.section(at, section, item.lines_above(db));
                }
            }
            Meaning::None => self.broken(item, stops),
        }
    }

    fn section(&mut self, at: usize, section: &Arc<Section>, lines_above: u32) {
        let file = number(at);
        match &**section {
            Section::Requires(lines) => {
                self.snapshot.manifest.get_or_insert_default().add(file, lines, lines_above);
            }
            Section::Sandbox(clauses) => self.snapshot.sandboxes.push((file, Sandbox::of(clauses))),
            Section::Bundle(lines) => {
                let files = &self.snapshot.files;
                let called = |line| called(&files[0], &files[at], line);
                let paths: Vec<String> = lines.iter().filter_map(called).collect();
                self.snapshot.bundle.extend(paths);
            }
            Section::Hooks(_) => {}
        }
        self.snapshot.sections.push((at, Arc::clone(section)));
    }

    /// What stands in the way of something that has no meaning.
    fn broken(&mut self, item: Item<'db>, stops: Vec<Obstacle>) {
        let db = self.db;
        if item.command_name(db).is_some() {
            let key = self.key(item);
            self.snapshot.obstacles.entry(key).or_default().extend(stops);
        } else if let Some(name) = item.template_name(db) {
            self.snapshot.of_templates.entry(name.to_owned()).or_default().extend(stops);
        } else if !matches!(item.kind(db), ItemKind::Command(None) | ItemKind::Template(None)) {
            // What has no name is in nobody's way. Of an import that can be read, what it brings is in the way of what uses it.
            self.snapshot.around.extend(stops.into_iter().filter(|stop| stop.problem.is_error()));
        }
    }

    /// How the program calls a command.
    fn key(&self, item: Item<'db>) -> String {
        let own = || {
            let name = item.command_name(self.db).unwrap_or_default();
            let file = item.file(self.db);
            if file == self.root { name.to_owned() } else { format!("{}:{name}", file.path(self.db)) }
        };
        self.keys.get(&item).cloned().unwrap_or_else(own)
    }

    /// A command that knows where it stands and whom it calls.
    fn placed(&self, command: &Command, at: usize, item: Item<'db>, scope: &'db Scope<'db>, key: &str) -> Arc<Command> {
        let lines_above = item.lines_above(self.db);
        let mut command = command.clone();
        key.clone_into(&mut command.name);
        command.file = number(at);
        command.move_lines(|line| line + lines_above);
        if self.snapshot.files.len() > 1 {
            let key = |name: &str| scope.commands.get(name).map(|callee| self.key(*callee));
            if let Some(line) = &mut command.config.on_signal
                && let Some(key) = key(&line.value)
            {
                line.value = key;
            }
            rename_calls(&mut command.body, &key);
        }
        Arc::new(command)
    }

    /// A hook that knows where it stands and whom it calls.
    fn placed_hook(&self, hook: &Hook, item: Item<'db>, scope: &'db Scope<'db>) -> Hook {
        let mut hook = hook.clone();
        hook.place.line += item.lines_above(self.db);
        if let Some(handler) = scope.commands.get(&hook.handler) {
            hook.handler = self.key(*handler);
        }
        hook
    }

    fn line(&mut self, at: usize, line: &FileLine, lines_above: u32) {
        match line {
            FileLine::Shared(shared) => {
                let mut shared = Shared { file: number(at), ..shared.clone() };
                shared.place.line += lines_above;
                self.shared.get_mut(at).into_iter().for_each(|all| all.push(shared.clone()));
            }
            FileLine::Setting(name, value) if at == 0 => {
                let info = &mut self.snapshot.info;
                let field = match name.as_str() {
                    "name" => &mut info.name,
                    "about" => &mut info.about,
                    _ => &mut info.version,
                };
                *field = Some(value.clone());
            }
            FileLine::Setting(..) => {}
        }
    }
}

fn number(file: usize) -> u32 {
    u32::try_from(file).unwrap_or(u32::MAX)
}

/// Whether an item is the one that its name means in its file.
fn scope_has(scope: &Scope<'_>, db: &dyn salsa::Database, item: Item<'_>) -> bool {
    item.command_name(db).is_some_and(|name| scope.commands.get(name).is_some_and(|found| *found == item))
}

fn obstacle(file: usize, problem: &Diagnostic, start: usize) -> Obstacle {
    Obstacle { file, problem: problem.clone().shifted(start) }
}

fn rename_calls(body: &mut [Stmt], key: &impl Fn(&str) -> Option<String>) {
    for stmt in body {
        if let StmtKind::Call { command, .. } = &mut stmt.kind
            && let Some(key) = key(command)
        {
            *command = key;
        }
        stmt.kind.bodies_mut().for_each(|body| rename_calls(body, key));
    }
}

fn in_order<'c>(commands: impl Iterator<Item = &'c Arc<Command>>) -> Vec<&'c Arc<Command>> {
    let mut commands: Vec<_> = commands.collect();
    commands.sort_by_key(|command| (command.file, command.place));
    commands
}

impl Program for Snapshot {
    fn file_name(&self, file: u32) -> &str {
        self.files.get(file as usize).map_or("", String::as_str)
    }

    fn info(&self) -> &FileInfo {
        &self.info
    }

    fn listing(&self) -> &str {
        &self.listing
    }

    fn shared(&self) -> &[Shared] {
        &self.shared
    }

    fn bundle(&self) -> &[String] {
        &self.bundle
    }

    fn scopes(&self) -> &[shared::Scope] {
        &self.scopes
    }

    fn hooks(&self) -> &[Hook] {
        &self.hooks
    }

    fn command(&self, name: &str) -> Option<Arc<Command>> {
        self.commands.get(name).cloned()
    }

    fn template(&self, name: &str) -> Option<Arc<Command>> {
        self.templates.get(name).cloned()
    }

    fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    fn sandboxes(&self) -> &[(u32, Sandbox)] {
        &self.sandboxes
    }

    fn op_program(&self, op: OpId) -> Option<Arc<Command>> {
        op_program(op)
    }
}

impl Command {
    /// Renumbers its lines. Commands are made from their own text alone, so that an edit above them does not
    /// concern them; only here do they learn where they stand.
    pub(crate) fn move_lines(&mut self, mut to: impl FnMut(u32) -> u32) {
        let mut to = |place: &mut Place| place.line = to(place.line);
        to(&mut self.place);
        self.args.iter_mut().for_each(|arg| to(&mut arg.place));
        self.config.places_mut().for_each(&mut to);
        move_body(&mut self.body, &mut to);
    }
}

fn move_body(body: &mut [Stmt], to: &mut impl FnMut(&mut Place)) {
    for stmt in body {
        to(&mut stmt.place);
        match &mut stmt.kind {
            StmtKind::Chain(clauses) | StmtKind::Pipe { stages: clauses, .. } => {
                clauses.iter_mut().for_each(|Clause { place, .. }| to(place));
            }
            StmtKind::If { arms, .. } => arms.iter_mut().for_each(|(cond, _)| move_cond(cond, to)),
            _ => {}
        }
        stmt.kind.bodies_mut().for_each(|body| move_body(body, to));
    }
}

/// The clauses in a condition are nodes.
fn move_cond(cond: &mut Cond, to: &mut impl FnMut(&mut Place)) {
    match cond {
        Cond::Or(all) | Cond::And(all) => all.iter_mut().for_each(|cond| move_cond(cond, to)),
        Cond::Not(inner) => move_cond(inner, to),
        Cond::Programs(clauses) => clauses.iter_mut().for_each(|clause| to(&mut clause.place)),
        _ => {}
    }
}
