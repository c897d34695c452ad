//! A program as findings see it: its bodies, who uses whom, and which names each reads and binds.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use perch_ir::construct::{Section, hygienic};
use perch_ir::database::{FileLine, Item, Meaning};
use perch_ir::deeds::{Deed, Word, before_do, binding, deeds};
use perch_ir::shared::{Scope, outwards, scopes};
use perch_ir::whole::{self, Declared};
use perch_ir::{Around, Command, Hook, Shared, SourceFile, Stmt, StmtKind, walk};
use perch_ops::Touch;
use perch_syntax::ItemKind;

use crate::access::changes_directory;
use crate::spread::Spread;

/// The parts of what `rescue` binds.
pub(crate) const FAILURE_PARTS: [&str; 5] = ["kind", "message", "code", "op", "detail"];

/// The parts of what a hook's handler sees.
pub(crate) const HOOK_PARTS: [&str; 4] = ["op", "timing", "target", "error"];

/// What the names of a hook's handler begin with.
pub(crate) const HOOK: &str = "hook";

/// A program.
pub(crate) struct Program<'db> {
    pub(crate) db: &'db dyn salsa::Database,
    pub(crate) root: SourceFile,
    /// Commands, templates and catches without mistakes.
    pub(crate) bodies: Vec<Body<'db>>,
    numbers: HashMap<Item<'db>, usize>,
    /// Lines that bind for all commands.
    pub(crate) shared: Vec<(Declared<'db>, &'db Shared)>,
    scopes: Vec<Scope>,
    /// For each file, the shared bindings that its commands see, by name, found when they are asked for; in the end, those that
    /// templates see.
    shared_names: Vec<OnceCell<HashMap<&'db str, usize>>>,
    pub(crate) sections: Vec<(Declared<'db>, &'db Section)>,
    /// The lines that import a file which could be read.
    read: HashSet<Item<'db>>,
    /// Words of what has no meaning: it may use and bind any of them.
    broken: HashSet<&'db str>,
    /// Nothing is broken, and all that is imported could be read.
    pub(crate) whole: bool,
    /// Variables of the environment that the program sets itself.
    variables: HashSet<&'db str>,
    /// For each body, whether it runs around ops, or is used by one that does.
    around_ops: Vec<bool>,
    /// What templates bind, by number, found when it is asked for.
    bound_by: RefCell<HashMap<usize, Rc<[&'db str]>>>,
    stays: OnceCell<bool>,
    /// Who is used by whom, and by which name it is bound or read.
    pub(crate) spread: Spread<'db>,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Command,
    Template,
    Catch,
}

/// A command, template or catch.
pub(crate) struct Body<'db> {
    pub(crate) at: Declared<'db>,
    pub(crate) kind: Kind,
    pub(crate) command: &'db Command,
    /// It runs around ops.
    pub(crate) is_handler: bool,
    /// The commands and templates that it uses, and where.
    pub(crate) uses: Vec<Site<'db>>,
    /// Names that it reads, in whatever way.
    pub(crate) reads: HashSet<&'db str>,
    /// Names that it binds, arguments and names of loops included.
    pub(crate) binds: HashSet<&'db str>,
}

/// A use of another body.
#[derive(Clone, Copy)]
pub(crate) struct Site<'db> {
    pub(crate) to: usize,
    /// A line before `do` stands in no statement.
    pub(crate) stmt: Option<&'db Stmt>,
}

impl<'db> Program<'db> {
    pub(crate) fn new(db: &'db dyn salsa::Database, root: SourceFile) -> Self {
        let mut program = Self {
            db,
            root,
            bodies: Vec::new(),
            numbers: HashMap::new(),
            shared: Vec::new(),
            scopes: scopes(db, root),
            shared_names: vec![OnceCell::new(); perch_ir::files::all(db, root).len() + 1],
            bound_by: RefCell::new(HashMap::new()),
            around_ops: Vec::new(),
            sections: Vec::new(),
            read: read_imports(db, root),
            broken: HashSet::new(),
            whole: true,
            variables: HashSet::new(),
            stays: OnceCell::new(),
            spread: Spread::default(),
        };
        whole::declared(db, root).for_each(|declared| program.declare(declared));
        program.connect();
        program.spread = Spread::new(&program.bodies);
        program.around_ops = program.spread.around_ops();
        program
    }

    fn declare(&mut self, at: Declared<'db>) {
        let mut body = |kind, command| {
            self.numbers.insert(at.item, self.bodies.len());
            self.bodies.push(Body::new(at, kind, command));
        };
        match at.meaning {
            Meaning::Command(command) => body(Kind::Command, command),
            Meaning::Template(template) => body(Kind::Template, template),
            Meaning::Catch(catch) => body(Kind::Catch, catch),
            Meaning::Line(FileLine::Shared(shared)) => self.shared.push((at, shared)),
            Meaning::Line(FileLine::Setting(..)) => {}
            Meaning::Section(section) => self.sections.push((at, section)),
            Meaning::None => self.broken_item(at.item),
        }
    }

    fn broken_item(&mut self, item: Item<'db>) {
        if *item.kind(self.db) == ItemKind::Import && self.read.contains(&item) {
            return;
        }
        self.whole = false;
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        self.broken.extend(item.text(self.db).split(|c| !is_part(c)));
    }

    /// Finds out who uses whom.
    fn connect(&mut self) {
        let handlers: Vec<usize> = self.hooks().filter_map(|(at, hook)| self.command(at.item, &hook.handler)).collect();
        let uses: Vec<Vec<Site<'db>>> = self.bodies.iter().map(|body| self.uses(body)).collect();
        for (body, uses) in self.bodies.iter_mut().zip(uses) {
            body.uses = uses;
            body.command.body.iter().for_each(|stmt| variables(stmt, &mut self.variables));
        }
        for handler in handlers {
            if let Some(body) = self.bodies.get_mut(handler) {
                body.is_handler = true;
            }
        }
    }

    fn uses(&self, body: &Body<'db>) -> Vec<Site<'db>> {
        let mut found = Vec::new();
        let handler = body.command.config.on_signal.as_ref();
        let handler = handler.and_then(|line| self.command(body.at.item, &line.value));
        found.extend(handler.map(|to| Site { to, stmt: None }));
        walk(&body.command.body, &mut |stmt| {
            let to = match &stmt.kind {
                StmtKind::Call { command, .. } => self.command(body.at.item, command),
                StmtKind::Expand { template, .. } => self.template(body.at.item, template),
                _ => None,
            };
            found.extend(to.map(|to| Site { to, stmt: Some(stmt) }));
        });
        found
    }

    /// The command that a name means in the file of an item.
    pub(crate) fn command(&self, from: Item<'db>, name: &str) -> Option<usize> {
        self.numbers.get(&whole::command(self.db, self.root, from, name)?).copied()
    }

    /// The template that a name means in the file of an item.
    pub(crate) fn template(&self, from: Item<'db>, name: &str) -> Option<usize> {
        self.numbers.get(&whole::template(self.db, self.root, from, name)?).copied()
    }

    /// What the name of a body means in its own file: of two of one name, the first.
    pub(crate) fn named(&self, body: usize) -> Option<usize> {
        let body = self.bodies.get(body)?;
        match body.kind {
            Kind::Template => self.template(body.at.item, &body.command.name),
            Kind::Command | Kind::Catch => self.command(body.at.item, &body.command.name),
        }
    }

    /// Whether nothing in it changes the working directory.
    pub(crate) fn stays(&self) -> bool {
        let stays = |body: &Body<'_>| {
            let mut stays = body.command.config.dir.is_none();
            walk(&body.command.body, &mut |stmt| stays &= !changes_directory(stmt));
            stays
        };
        *self.stays.get_or_init(|| self.bodies.iter().all(stays))
    }

    /// The hooks of the main file; those of imports do not count.
    pub(crate) fn hooks(&self) -> impl Iterator<Item = (Declared<'db>, &'db Hook)> {
        let own = self.sections.iter().filter(|(at, _)| at.file == 0);
        own.flat_map(|(at, section)| match section {
            Section::Hooks(hooks) => hooks.iter().map(|hook| (*at, hook)).collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    }

    /// Whether a name means something in a body whatever the body does: a shared binding, a fact, a variable of the environment, or
    /// something that what is broken may bind.
    pub(crate) fn is_known_to(&self, body: &Body<'_>, name: &str) -> bool {
        self.is_bound_for(body, name) || is_variable(name)
    }

    /// The same, without the environment.
    pub(crate) fn is_bound_for(&self, body: &Body<'_>, name: &str) -> bool {
        self.shared_for(body, name).is_some() || self.is_bound_everywhere(name)
    }

    /// Whether a name is a fact, or something that what is broken may bind.
    pub(crate) fn is_bound_everywhere(&self, name: &str) -> bool {
        perch_ops::fact_named(name).is_some() || self.may_be_broken(name)
    }

    /// The first shared binding of a name that a body sees. Templates see what their users see, which may be any.
    pub(crate) fn shared_for(&self, body: &Body<'_>, name: &str) -> Option<(Declared<'db>, &'db Shared)> {
        let is_template = body.kind == Kind::Template;
        let names = if is_template { self.shared_names.last()? } else { self.shared_names.get(body.at.file)? };
        let names = names.get_or_init(|| {
            let scopes =
                (0..self.scopes.len()).filter(|at| self.scopes.get(*at).is_some_and(|scope| scope.has(body.at.file)));
            let files: HashSet<usize> = scopes
                .flat_map(|at| outwards(&self.scopes, at))
                .filter_map(|at| self.scopes.get(at))
                .flat_map(|scope| scope.files.iter().copied())
                .collect();
            let is_seen = |(at, _): &(Declared<'db>, &'db Shared)| is_template || files.contains(&at.file);
            let mut names = HashMap::new();
            for (number, (_, shared)) in self.shared.iter().enumerate().filter(|(_, one)| is_seen(one)) {
                names.entry(shared.name.as_str()).or_insert(number);
            }
            names
        });
        self.shared.get(*names.get(name)?).copied()
    }

    /// The names that a use of a template binds, also by way of other templates.
    pub(crate) fn bound_by_use(&self, body: usize, stmt: &Stmt) -> Vec<&'db str> {
        let StmtKind::Expand { template, .. } = &stmt.kind else { return Vec::new() };
        let Some(to) = self.bodies.get(body).and_then(|body| self.template(body.at.item, template)) else {
            return Vec::new();
        };
        let known = self.bound_by.borrow().get(&to).cloned();
        known.unwrap_or_else(|| self.bound_by_template(to)).to_vec()
    }

    /// Templates come after those that they use, and a template that uses itself, which is a mistake, does not count again.
    fn bound_by_template(&self, template: usize) -> Rc<[&'db str]> {
        let mut bound_by = self.bound_by.borrow_mut();
        let mut entered = HashSet::new();
        let mut open = vec![template];
        while let Some((&at, body)) = open.last().and_then(|at| Some((at, self.bodies.get(*at)?))) {
            let used = || body.uses.iter().map(|site| site.to).filter(|to| self.is_template(*to));
            if entered.insert(at) {
                open.extend(used().filter(|to| !bound_by.contains_key(to) && !entered.contains(to)));
                continue;
            }
            open.pop();
            if bound_by.contains_key(&at) {
                continue;
            }
            let mut names: HashSet<&'db str> =
                used().filter_map(|to| bound_by.get(&to)).flat_map(|names| names.iter().copied()).collect();
            walk(&body.command.body, &mut |stmt| names.extend(binding(stmt).filter(|name| !name.starts_with(' '))));
            bound_by.insert(at, names.into_iter().collect());
        }
        bound_by.get(&template).cloned().unwrap_or_default()
    }

    fn is_template(&self, body: usize) -> bool {
        self.bodies.get(body).is_some_and(|body| body.kind == Kind::Template)
    }

    /// Whether what is broken, or what could not be read, may have to do with a name.
    pub(crate) fn may_be_broken(&self, name: &str) -> bool {
        self.variables.contains(name) || self.broken.contains(name.split('.').next().unwrap_or(name))
    }

    /// Whether a body sees what perch binds around an op.
    pub(crate) fn sees_hooks(&self, body: usize) -> bool {
        self.around_ops.get(body) == Some(&true)
    }

    /// The names that every body knows and that a person may have meant.
    pub(crate) fn names_everywhere(&self) -> impl Iterator<Item = &'db str> {
        let facts = perch_ops::FACTS.iter().map(|fact| fact.name);
        self.shared.iter().map(|(_, shared)| shared.name.as_str()).chain(facts)
    }
}

/// The lines of a program that import a file which could be read.
fn read_imports<'db>(db: &'db dyn salsa::Database, root: SourceFile) -> HashSet<Item<'db>> {
    let files = perch_ir::files::all(db, root).iter();
    let imports = files.flat_map(|file| whole::imports(db, *file));
    imports.filter(|import| import.file().is_some()).map(|import| import.item).collect()
}

/// Whether a name is written like a variable of the environment.
pub(crate) fn is_variable(name: &str) -> bool {
    !name.contains(|c: char| c.is_lowercase() || c == '.')
}

impl<'db> Body<'db> {
    fn new(at: Declared<'db>, kind: Kind, command: &'db Command) -> Self {
        let (uses, is_handler) = (Vec::new(), false);
        let (reads, binds) = (HashSet::new(), HashSet::new());
        let mut body = Self { at, kind, command, is_handler, uses, reads, binds };
        body.head();
        walk(&command.body, &mut |stmt| body.statement(stmt));
        body
    }

    /// What stands before `do`.
    fn head(&mut self) {
        if self.kind == Kind::Catch {
            self.binds.insert(&self.command.name);
        }
        for line in before_do(self.command) {
            self.binds.extend(line.binds);
            line.deeds.iter().for_each(|deed| self.deed(deed));
        }
    }

    fn statement(&mut self, stmt: &'db Stmt) {
        self.binds.extend(binding(stmt));
        match &stmt.kind {
            StmtKind::ForEach { name, .. } => drop(self.binds.insert(name)),
            StmtKind::Try { rescue: Some((name, _)), .. } => drop(self.binds.insert(name)),
            StmtKind::Block(block) => {
                if let Around::Env(pairs) = &block.around {
                    self.binds.extend(pairs.iter().map(|(name, _)| name.as_str()));
                }
            }
            _ => {}
        }
        deeds(stmt, &mut |deed| self.deed(&deed));
    }

    fn deed(&mut self, deed: &Deed<'db>) {
        if let Deed::Reads(name) | Deed::Mentions(name) | Deed::Tests(name) = deed {
            self.reads.insert(name);
            // `err.kind` reads what `rescue err` binds, and `files_count` what `arg files` does.
            self.reads.extend(name.split_once('.').map(|(head, _)| head));
            self.reads.extend(name.strip_suffix("_count"));
        }
    }

    /// Whether it binds a name, or a part of one that it binds.
    pub(crate) fn binds(&self, name: &str) -> bool {
        if self.binds.contains(name) {
            return true;
        }
        match name.split_once('.') {
            Some((head, part)) => self.binds.contains(head) && FAILURE_PARTS.contains(&part),
            None => self.binds_extra(name),
        }
    }

    /// Names that come with settings.
    pub(crate) fn binds_extra(&self, name: &str) -> bool {
        let counts = name
            .strip_suffix("_count")
            .is_some_and(|of| self.command.args.iter().any(|arg| arg.rest && arg.name == of));
        counts || name == "proxy_args" && self.command.config.proxy_args
    }

    /// The name that an argument has in the body.
    pub(crate) fn name_of(&self, argument: &str) -> String {
        match self.kind {
            Kind::Template => hygienic(&self.command.name, argument),
            Kind::Command | Kind::Catch => argument.to_owned(),
        }
    }

    /// Whether the command line can call it, or perch itself.
    pub(crate) fn is_open(&self) -> bool {
        match self.kind {
            Kind::Command => !self.command.private || self.is_handler,
            Kind::Catch => true,
            Kind::Template => false,
        }
    }
}

/// The variables that a statement, and those in it, set for the run.
fn variables<'db>(stmt: &'db Stmt, found: &mut HashSet<&'db str>) {
    walk(std::slice::from_ref(stmt), &mut |stmt| {
        deeds(stmt, &mut |deed| {
            let Deed::Uses(used) = deed else { return };
            let sets = used.entry.touches.iter().find(|touch| matches!(touch, Touch::WriteEnv(perch_ops::On::Arg(_))));
            if let (Some(_), Some(word)) = (sets, used.words.first()) {
                found.extend(match word {
                    Word::Name(name) => Some(*name),
                    Word::Text(text) => text.as_literal(),
                });
            }
        });
    });
}
