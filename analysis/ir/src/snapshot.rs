//! A file's program without the database it came from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use perch_ops::OpId;
use perch_syntax::Diagnostic;

use crate::database::{self, FileLine, SourceFile};
use crate::op_programs::op_program;
use crate::program::{Clause, Command, Place, Program, Shared, Stmt, StmtKind};
use crate::reach;

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

/// A file's program as it was at one moment. Plain data: it can be sent to other threads, and needs no database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    file: String,
    info: FileInfo,
    shared: Vec<Shared>,
    /// Commands in which nothing stands in the way of a run.
    commands: BTreeMap<String, Arc<Command>>,
    /// Commands without mistakes that this version cannot run: what it lacks is left out of them.
    waiting: BTreeMap<String, Arc<Command>>,
    /// What stands in the way, by command.
    obstacles: BTreeMap<String, Vec<Diagnostic>>,
    /// What stands in the way of every command.
    around: Vec<Diagnostic>,
}

impl Snapshot {
    /// Takes everything of a file out of the database.
    #[must_use]
    pub fn new(db: &dyn salsa::Database, file: SourceFile) -> Self {
        let around = database::outside_commands(db, file).iter().filter(|problem| problem.stops());
        let mut snapshot = Self {
            file: file.path(db).clone(),
            info: FileInfo::default(),
            shared: Vec::new(),
            commands: BTreeMap::new(),
            waiting: BTreeMap::new(),
            obstacles: BTreeMap::new(),
            around: around.cloned().collect(),
        };
        for (name, problem) in database::duplicates(db, file) {
            snapshot.obstacles.entry(name.clone()).or_default().push(problem.clone());
        }
        let twice: BTreeSet<String> = snapshot.obstacles.keys().cloned().collect();
        for item in database::items(db, file) {
            let lines_above = item.lines_above(db);
            if let Some(name) = item.command_name(db) {
                let own = database::own_obstacles(db, *item);
                let free = own.is_empty() && !twice.contains(name);
                if let Some(command) = database::lower_command(db, *item).filter(|_| !twice.contains(name)) {
                    snapshot.add(name, command, lines_above, free);
                }
                if !own.is_empty() {
                    snapshot.obstacles.entry(name.to_owned()).or_default().extend(own);
                }
            } else if let Some(line) = database::lower_line(db, *item) {
                snapshot.add_line(line, lines_above);
            }
        }
        snapshot
    }

    fn add(&mut self, name: &str, command: &Arc<Command>, lines_above: u32, free: bool) {
        let mut command = Command::clone(command);
        command.move_lines(|line| line + lines_above);
        let commands = if free { &mut self.commands } else { &mut self.waiting };
        commands.insert(name.to_owned(), Arc::new(command));
    }

    fn add_line(&mut self, line: &FileLine, lines_above: u32) {
        match line {
            FileLine::Shared(shared) => {
                let mut shared = shared.clone();
                shared.place.line += lines_above;
                self.shared.push(shared);
            }
            FileLine::Setting(name, value) => {
                let field = match name.as_str() {
                    "name" => &mut self.info.name,
                    "about" => &mut self.info.about,
                    _ => &mut self.info.version,
                };
                *field = Some(value.clone());
            }
        }
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

    /// What stands in the way of running a command: around it, in it, and in what it can get to, in the order of the
    /// file; spans count from the file's start. A command that the file does not declare has nothing of its own.
    #[must_use]
    pub fn obstacles(&self, name: &str) -> Vec<&Diagnostic> {
        let mut found: Vec<&Diagnostic> = self.around.iter().collect();
        let mut reached = BTreeSet::from([name.to_owned()]);
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            found.extend(self.obstacles.get(&name).into_iter().flatten());
            let command = self.commands.get(&name).or_else(|| self.waiting.get(&name));
            let callees = command.map(|command| reach::calls(&command.body)).unwrap_or_default();
            open.extend(callees.into_iter().filter(|callee| reached.insert(callee.clone())));
        }
        found.sort_by_key(|problem| problem.span);
        found
    }
}

fn in_order<'c>(commands: impl Iterator<Item = &'c Arc<Command>>) -> Vec<&'c Arc<Command>> {
    let mut commands: Vec<_> = commands.collect();
    commands.sort_by_key(|command| command.place);
    commands
}

impl Program for Snapshot {
    fn file(&self) -> &str {
        &self.file
    }

    fn shared(&self) -> &[Shared] {
        &self.shared
    }

    fn command(&self, name: &str) -> Option<Arc<Command>> {
        self.commands.get(name).cloned()
    }

    fn op_program(&self, op: OpId) -> Option<Arc<Command>> {
        op_program(op)
    }
}

impl Command {
    /// Renumbers its lines. Commands are made from their own text alone, so that an edit above them does not
    /// concern them; only here do they learn where they stand.
    pub(crate) fn move_lines(&mut self, to: impl Fn(u32) -> u32) {
        let to = |place: &mut Place| place.line = to(place.line);
        to(&mut self.place);
        self.args.iter_mut().for_each(|arg| to(&mut arg.place));
        move_body(&mut self.body, &to);
    }
}

fn move_body(body: &mut [Stmt], to: &impl Fn(&mut Place)) {
    for stmt in body {
        to(&mut stmt.place);
        match &mut stmt.kind {
            StmtKind::Let { .. } | StmtKind::Op(_) | StmtKind::Call { .. } => {}
            StmtKind::Chain(clauses) => clauses.iter_mut().for_each(|Clause { place, .. }| to(place)),
            StmtKind::If { arms, otherwise } => {
                arms.iter_mut().for_each(|(_, body)| move_body(body, to));
                move_body(otherwise, to);
            }
            StmtKind::ForEach { body, .. } => move_body(body, to),
            StmtKind::Match { arms, otherwise, .. } => {
                arms.iter_mut().for_each(|(_, body)| move_body(body, to));
                move_body(otherwise, to);
            }
            StmtKind::Try { body, rescue, finally } => {
                move_body(body, to);
                rescue.iter_mut().for_each(|(_, body)| move_body(body, to));
                move_body(finally, to);
            }
        }
    }
}
