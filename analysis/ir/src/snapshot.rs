//! A file's program without the database it came from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use perch_ops::OpId;
use perch_syntax::Diagnostic;

use crate::database::{self, FileLine, SourceFile};
use crate::op_programs::op_program;
use crate::program::{Clause, Command, Place, Program, Shared, Stmt, StmtKind};

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
    commands: BTreeMap<String, Arc<Command>>,
    broken: BTreeSet<String>,
    file_broken: bool,
}

impl Snapshot {
    /// Takes everything of a file out of the database.
    #[must_use]
    pub fn new(db: &dyn salsa::Database, file: SourceFile) -> Self {
        let mut snapshot = Self {
            file: file.path(db).clone(),
            info: FileInfo::default(),
            shared: Vec::new(),
            commands: BTreeMap::new(),
            broken: database::duplicates(db, file).clone(),
            file_broken: database::outside_commands(db, file).iter().any(Diagnostic::is_error),
        };
        for item in database::items(db, file) {
            let lines_above = item.lines_above(db);
            if let Some(name) = item.command_name(db) {
                match database::lower_command(db, *item) {
                    Some(command) => snapshot.add(name, command, lines_above),
                    None => snapshot.break_command(name),
                }
            } else if let Some(line) = database::lower_line(db, *item) {
                snapshot.add_line(line, lines_above);
            }
        }
        snapshot
    }

    fn add(&mut self, name: &str, command: &Arc<Command>, lines_above: u32) {
        if !self.broken.contains(name) {
            let mut command = Command::clone(command);
            command.move_lines(|line| line + lines_above);
            self.commands.insert(name.to_owned(), Arc::new(command));
        }
    }

    fn break_command(&mut self, name: &str) {
        self.commands.remove(name);
        self.broken.insert(name.to_owned());
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

    /// The commands that can be run, in the order of the file.
    #[must_use]
    pub fn commands(&self) -> Vec<&Arc<Command>> {
        let mut commands: Vec<_> = self.commands.values().collect();
        commands.sort_by_key(|command| command.place);
        commands
    }

    /// Whether the file declares this command but it cannot be run.
    #[must_use]
    pub fn broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }

    /// Whether there is an error outside of commands, which concerns all of them.
    #[must_use]
    pub fn file_broken(&self) -> bool {
        self.file_broken
    }
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
