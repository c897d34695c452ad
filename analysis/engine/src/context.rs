//! Where in the program evaluation stands, and who watches.

use std::fmt::Write as _;
use std::sync::Arc;

use perch_ir::program::{Command, Demand, Place, Program, Shared};
use perch_ir::shared::scope_of;
use perch_policy::{Bounds, Mask};

/// What stands for a command around shared bindings.
const SHARED: &str = "shared";

/// What stands for a command around lines of `requires`.
const REQUIRES: &str = "requires";

/// A chain of calls, innermost last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallPath {
    /// The calls around this one, and the place of this call in them.
    pub outer: Option<(Arc<CallPath>, Place)>,
    /// The command that is called.
    pub command: Arc<str>,
}

impl CallPath {
    /// How many calls are around what it calls, with its own.
    #[must_use]
    pub fn depth(&self) -> usize {
        let (mut depth, mut path) = (1, self);
        while let Some((outer, _)) = &path.outer {
            (depth, path) = (depth + 1, outer);
        }
        depth
    }

    /// The name of a node in what is called: `main:12:5>setup:30:5`, and `/K` for clause K of a chain.
    #[must_use]
    pub fn node_id(&self, place: Place, clause: Option<usize>) -> String {
        let mut id = String::with_capacity(self.command.len() + ":9999:99".len());
        write_path(&mut id, self);
        write_place(&mut id, place);
        if let Some(clause) = clause {
            let _ = write!(id, "/{clause}");
        }
        id
    }

    /// The same calls, from where they stand now: places in what is called so.
    #[must_use]
    pub fn moved(self: &Arc<Self>, to: &impl Fn(&str, Place) -> Place) -> Arc<Self> {
        let Some((outer, place)) = &self.outer else { return Arc::clone(self) };
        let outer = Some((outer.moved(to), to(&outer.command, *place)));
        Arc::new(Self { outer, command: Arc::clone(&self.command) })
    }
}

/// A statement that reports speak about: where it stands, along which calls it is reached, and what it is.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name of the op or of the block's keyword.
    pub op: &'static str,
    /// The statement on one line.
    pub source: Arc<str>,
    /// Where it stands.
    pub place: Place,
    /// In which file: a number of the program's files.
    pub file: u32,
    /// Position in a chain.
    pub clause: Option<usize>,
    /// Where the templates around it are used, outermost first, and at last the op that it is a hook of: what stands in one place is
    /// many nodes.
    pub expanded: Arc<[Place]>,
    /// How deep in blocks.
    pub depth: usize,
    /// A call, whose callee's statements belong beneath it.
    pub callee: Option<Arc<str>>,
}

/// The static surroundings of what is evaluated. Passed down, never joined.
#[derive(Clone)]
pub struct Context {
    /// Calls on the way here.
    pub calls: Arc<CallPath>,
    /// Indices of the loop iterations on the way here, through calls; [`Context::EVERY`] for a summarised loop.
    pub visit: Vec<u32>,
    /// The program looks at whether this fails.
    pub observed: bool,
    /// A failure here is caught.
    pub caught: bool,
    /// So is `timeout_exceeded`, which no `retry` tries again. What passes out of the block of a deadline is caught there, or not.
    pub timeouts_caught: bool,
    /// A `finally` around here runs, whatever happens.
    pub finally: bool,
    /// Other runs of the command go on beside this one.
    pub others: bool,
    /// Calls on the way here.
    pub depth: usize,
    /// Nested `finally`s around here.
    pub tries: usize,
    /// Blocks around here, in this command.
    pub blocks: usize,
    /// Name of the op of the node that is being evaluated.
    pub op: &'static str,
    /// Where that node stands.
    pub place: Place,
    /// The op whose program is being evaluated; its statements are not nodes.
    pub inside: Option<&'static str>,
    /// A started program's output is wanted as a value.
    pub captured: bool,
    /// What is held to around here.
    pub bounds: Bounds,
    /// What the `sandbox` of files leaves their commands.
    pub sandboxes: Arc<[(u32, Bounds)]>,
    /// Deadlines around here, through calls.
    pub deadlines: usize,
    /// Within a handler, whose own ops have no hooks.
    pub hooked: bool,
    /// The file of the body that is being evaluated.
    pub file: u32,
    /// Whose shared bindings are seen here: a number of [`perch_ir::Program::scopes`].
    pub scope: usize,
    /// Where the templates around here are used, in this command, and the op that is around a hook.
    pub expanded: Arc<[Place]>,
}

impl Context {
    /// The index of all iterations of a summarised loop.
    pub const EVERY: u32 = u32::MAX;

    /// The start of a command.
    #[must_use]
    pub fn start(command: &str) -> Self {
        Self {
            calls: Arc::new(CallPath { outer: None, command: command.into() }),
            visit: Vec::new(),
            observed: false,
            caught: false,
            timeouts_caught: false,
            finally: false,
            others: false,
            depth: 0,
            tries: 0,
            blocks: 0,
            op: "",
            place: Place::default(),
            inside: None,
            captured: false,
            bounds: Bounds::default(),
            sandboxes: Arc::new([]),
            deadlines: 0,
            hooked: false,
            file: 0,
            scope: 0,
            expanded: Arc::new([]),
        }
    }

    /// Around a shared binding.
    #[must_use]
    pub fn of_shared(shared: &Shared) -> Self {
        let command = match shared.file {
            0 => SHARED.to_owned(),
            // No command has such a name.
            file => format!("{SHARED}.{file}"),
        };
        Self { file: shared.file, scope: shared.scope, ..Self::start(&command) }
    }

    /// Around a line of `requires`.
    #[must_use]
    pub fn of_demand<P: Program>(program: &P, demand: &Demand) -> Self {
        let (file, at) = (demand.file, usize::try_from(demand.file).unwrap_or_default());
        let command = match file {
            0 => REQUIRES.to_owned(),
            file => format!("{REQUIRES}.{file}"),
        };
        Self { file, scope: scope_of(program.scopes(), 0, at), ..Self::start(&command) }
    }

    /// Around a command that something here calls.
    #[must_use]
    pub fn of_command<P: Program>(self, program: &P, command: &Command) -> Self {
        let file = usize::try_from(command.file).unwrap_or_default();
        Self { file: command.file, scope: scope_of(program.scopes(), self.scope, file), ..self }
    }

    /// The same in a command of a file that gives up so much itself.
    #[must_use]
    pub fn within(self, file: u32, mask: Mask) -> Self {
        let own = self.sandboxes.iter().filter(|(of, _)| *of == file);
        let bounds = own.fold(self.bounds.and(&mask.into()), |bounds, (_, own)| bounds.and(own));
        Self { bounds, ..self }
    }

    /// The name of a node here: `main:12:5>setup:30:5`, and `/K` for clause K of a chain.
    #[must_use]
    pub fn node_id(&self, place: Place, clause: Option<usize>) -> String {
        self.calls.node_id(place, clause)
    }
}

fn write_path(id: &mut String, path: &CallPath) {
    if let Some((outer, place)) = &path.outer {
        write_path(id, outer);
        write_place(id, *place);
        id.push('>');
    }
    id.push_str(&path.command);
}

/// Every statement of every report has one, so this does without the ways to write a number that are not asked for here.
fn write_place(id: &mut String, place: Place) {
    for number in [place.line, place.column] {
        id.push(':');
        id.push_str(itoa::Buffer::new().format(number));
    }
}
