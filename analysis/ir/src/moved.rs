//! What an edit leaves alone.
//!
//! What is found out about a command by running it hangs on what it can get to, and on what stands around all commands. Where that is what it was but
//! for the lines that it stands in, what was found out still holds, elsewhere in the file.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::program::{Command, Place};
use crate::reach;
use crate::snapshot::Snapshot;

/// Which lines stand somewhere else than they did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves(Vec<Move>);

/// Lines of a file that have moved together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Move {
    file: u32,
    first: u32,
    last: u32,
    by: i64,
}

impl Moves {
    /// Whether nothing has moved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a line of a file stands now.
    #[must_use]
    pub fn line(&self, file: u32, line: u32) -> u32 {
        let moved = self.0.iter().find(|one| one.file == file && (one.first..=one.last).contains(&line));
        moved.map_or(line, |moved| by(line, moved.by))
    }

    /// A place of a file as it is now.
    #[must_use]
    pub fn place(&self, file: u32, place: Place) -> Place {
        Place { line: self.line(file, place.line), ..place }
    }

    fn add(&mut self, command: &Command, by: i64) {
        if by != 0 {
            let (first, last) = extent(command);
            self.0.push(Move { file: command.file, first, last, by });
        }
    }
}

fn by(line: u32, by: i64) -> u32 {
    u32::try_from(i64::from(line) + by).unwrap_or(line)
}

/// The first and the last line in which something of it begins.
fn extent(command: &Command) -> (u32, u32) {
    let mut last = command.place.line;
    command.clone().move_lines(|line| {
        last = last.max(line);
        line
    });
    (command.place.line, last)
}

impl Snapshot {
    /// What has moved of all that a command can get to, if that is what it was otherwise. What stands around commands is not looked at, see
    /// [`Self::is_alike_around`].
    #[must_use]
    pub fn moved_since(&self, before: &Self, name: &str) -> Option<Moves> {
        self.named(false, name).and(before.named(false, name))?;
        let mut moves = Moves::default();
        let mut known: BTreeSet<(bool, String)> = BTreeSet::new();
        let mut todo: Vec<(bool, String)> = self.handlers().map(|handler| (false, handler)).collect();
        todo.push((false, name.to_owned()));
        while let Some((is_template, name)) = todo.pop() {
            if !known.insert((is_template, name.clone())) {
                continue;
            }
            // A node of a report is named by these, whichever of the two it stands in.
            (!known.contains(&(!is_template, name.clone()))).then_some(())?;
            let [now, then] = [self, before].map(|program| program.named(is_template, &name));
            let (Some(now), Some(then)) = (now, then) else {
                // Of both or of none there is one that can be run.
                (now.is_none() && then.is_none()).then_some(())?;
                continue;
            };
            let by = i64::from(now.place.line) - i64::from(then.place.line);
            is_moved(then, by, now).then_some(())?;
            moves.add(then, by);
            let uses = reach::uses(now);
            todo.extend(uses.commands.into_iter().map(|name| (false, name)));
            todo.extend(uses.templates.into_iter().map(|name| (true, name)));
        }
        Some(moves)
    }
}

/// Whether that is the same command, so many lines further down.
fn is_moved(then: &Arc<Command>, lines: i64, now: &Arc<Command>) -> bool {
    if lines == 0 {
        return then == now;
    }
    let mut moved = Command::clone(then);
    moved.move_lines(|line| by(line, lines));
    moved == **now
}
