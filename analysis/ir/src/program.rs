//! A resolved program: what the evaluator runs.
//!
//! A tree of statements. Every leading word has been resolved once, every text is split into
//! parts, and every statement knows its place in the source. Nothing here knows how it was made:
//! user files and the programs of ops (`perch-ops`) have the same form.

use std::sync::Arc;

use perch_ops::{OpId, Target, Type};
use perch_policy::Mask;

use crate::construct::{Config, Construct, Hole, Test};
pub use crate::manifest::{Demand, Manifest, Of, Sandbox};
use crate::shared::Scope;
use crate::snapshot::FileInfo;

/// Where a statement stands, counted from 1, for people and for machine reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line in the file.
    pub line: u32,
    /// Column in characters.
    pub column: u32,
}

/// One command with everything it needs to be run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// One line for help and report headers.
    pub description: Option<String>,
    /// Not callable from the command line.
    pub private: bool,
    /// Declared arguments in source order.
    pub args: Vec<Arg>,
    /// The statements of its `do` block.
    pub body: Vec<Stmt>,
    /// Where `command NAME` stands.
    pub place: Place,
    /// The file that declares it: a number of [`crate::Snapshot::files`].
    pub file: u32,
    /// What else it says of itself.
    pub config: Config,
}

/// The name with which a command counts the words of a list.
#[must_use]
pub fn count_of(list: &str) -> String {
    format!("{list}_count")
}

/// All words of a call with `proxy_args`, or those that the last argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List<'c> {
    /// The binding of its text, and what a splice calls it.
    pub name: &'c str,
    /// What stands between the words in the text.
    pub joint: &'static str,
    /// Their number is bound, too.
    pub counted: bool,
}

impl Command {
    /// The list of words that a call gives it, if it takes one.
    #[must_use]
    pub fn list(&self) -> Option<List<'_>> {
        let rest =
            self.args.iter().find(|arg| arg.rest).map(|arg| List { name: &arg.name, joint: "\n", counted: true });
        rest.or_else(|| self.config.proxy_args.then_some(List { name: PROXY_ARGS, joint: " ", counted: false }))
    }

    /// How many words its arguments are, given by place: the least, and the most if there is a most.
    #[must_use]
    pub fn takes_words(&self) -> (usize, Option<usize>) {
        takes_words(&self.args)
    }
}

/// How many words these arguments are, given by place: the least, and the most if there is a most.
pub(crate) fn takes_words(args: &[Arg]) -> (usize, Option<usize>) {
    let needed = args.iter().filter(|arg| arg.absent == Absent::Required && !arg.rest).count();
    (needed, (!args.iter().any(|arg| arg.rest)).then_some(args.len()))
}

/// The name behind which the words of a command with that line are.
pub const PROXY_ARGS: &str = "proxy_args";

impl Command {
    /// Whether the command line may call it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.private && self.config.test.is_none()
    }
}

/// A declared argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arg {
    /// Its name, also the binding and the flag.
    pub name: String,
    /// What texts it accepts.
    pub ty: ArgType,
    /// What happens when it is not given.
    pub absent: Absent,
    /// Its positional slot.
    pub index: Option<u32>,
    /// It takes all further words.
    pub rest: bool,
    /// Help text.
    pub description: Option<String>,
    /// Where `arg NAME` stands.
    pub place: Place,
}

/// What texts an argument accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArgType {
    /// Any text.
    Text,
    /// A decimal integer.
    Int,
    /// A decimal number.
    Float,
    /// `true` or `false`.
    Bool,
}

impl ArgType {
    /// Whether a text is one of its values.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        self.ty().accepts(text)
    }

    /// The same among the types of operands.
    #[must_use]
    pub fn ty(self) -> Type {
        match self {
            Self::Text => Type::Text,
            Self::Int => Type::Int,
            Self::Float => Type::Float,
            Self::Bool => Type::Bool,
        }
    }

    /// As `type` says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
        }
    }
}

/// What an argument means when it is not given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Absent {
    /// It must be given.
    Required,
    /// The empty value of its type.
    Empty,
    /// This text.
    Default(Text),
}

/// A text with holes for names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Text {
    /// Its parts in order; adjacent literals are merged; the empty text has no parts.
    pub parts: Vec<Part>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Literal characters, escapes decoded.
    Literal(String),
    /// The value of a name.
    Name(String),
    /// `${NAME...}`: a word for each that is behind the name of a list. It is the only part of its text, which stands among others.
    Splice(String),
    /// The result of an op.
    Call(Box<OpCall>),
    /// What no evaluator is asked for yet.
    NotYet(Box<Hole>),
}

impl Text {
    /// A text without names.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { parts: if text.is_empty() { Vec::new() } else { vec![Part::Literal(text)] } }
    }

    /// The value of a name.
    #[must_use]
    pub fn name(name: impl Into<String>) -> Self {
        Self { parts: vec![Part::Name(name.into())] }
    }

    /// The list that stands here, if it is no text but as many words as that list has.
    #[must_use]
    pub fn splice(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Splice(list)] => Some(list),
            _ => None,
        }
    }

    /// The characters, when no name is involved.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// An operand of an op: language §4.2.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// Its text.
    Text(Text),
    /// A bare name: the binding when bound, else its own text.
    Name(String),
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stmt {
    /// Where it stands.
    pub place: Place,
    /// The statement (of a block: its first line) on one line as written, blanks collapsed outside quotes.
    pub source: Arc<str>,
    /// What it does.
    pub kind: StmtKind,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StmtKind {
    /// `NAME = text`.
    Let {
        /// The binding.
        name: String,
        /// Its new value. `Operand::Name` here means that binding, and unbound is a failure.
        value: Operand,
    },
    /// An op, also a program start (its entry is the one with [`perch_ops::Body`] that spawns).
    Op(OpCall),
    /// A call of another command.
    Call {
        /// Its name.
        command: String,
        /// The words, parsed like a command line when the call runs.
        words: Vec<Text>,
        /// Receives empty text.
        bind: Option<String>,
    },
    /// `a && b || c ; d`.
    Chain(Vec<Clause>),
    /// `if … elif … else … end`.
    If {
        /// Conditions and bodies, in order.
        arms: Vec<(Cond, Vec<Stmt>)>,
        /// The `else` body.
        otherwise: Vec<Stmt>,
    },
    /// `for_each LIST NAME … end`.
    ForEach {
        /// Evaluated once.
        list: Operand,
        /// The loop variable.
        name: String,
        /// Once per element.
        body: Vec<Stmt>,
    },
    /// `match TARGET … end`.
    Match {
        /// Compared with each arm.
        target: Operand,
        /// Texts and bodies.
        arms: Vec<(Text, Vec<Stmt>)>,
        /// The `else` body.
        otherwise: Vec<Stmt>,
    },
    /// `try … rescue … finally … end`.
    Try {
        /// What may fail.
        body: Vec<Stmt>,
        /// The binding name and the arm; `None` when absent or empty.
        rescue: Option<(String, Vec<Stmt>)>,
        /// Runs whatever happened.
        finally: Vec<Stmt>,
    },
    /// Programs of which each reads what the one before it writes.
    Pipe {
        /// At least one.
        stages: Vec<Clause>,
        /// Receives the output of the last.
        bind: Option<String>,
    },
    /// A body in other surroundings.
    Block(Block),
    /// The body of a template. It is evaluated here, in the bindings of here, after its arguments were bound under names
    /// that nobody else can write ([`crate::construct::hygienic`]).
    Expand {
        /// Which template.
        template: String,
        /// Its arguments, by position.
        words: Vec<Text>,
    },
    /// What no evaluator is asked for yet.
    NotYet(Box<Construct>),
}

/// Statements in other surroundings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Its name in the catalogue.
    pub op: &'static str,
    /// What the surroundings are.
    pub around: Around,
    /// The statements.
    pub body: Vec<Stmt>,
}

/// What is around the body of a [`Block`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Around {
    /// `os W`, `arch W`: the body runs where that fact of the host is that.
    Only {
        /// `os` or `arch`.
        fact: &'static str,
        /// What it must be.
        wanted: Operand,
    },
    /// `with_cwd W`: another working directory. What it takes to enter it.
    Cwd(OpCall),
    /// `with_env NAME=W…`: more variables.
    Env(Vec<(String, Text)>),
    /// `sandbox W…`: fewer rights.
    Sandbox(Mask),
    /// `retry N`: again until it succeeds.
    Retry {
        /// How often at most.
        attempts: Operand,
        /// What waits, first as long as the operand says.
        wait: OpId,
        /// The first wait.
        delay: Operand,
        /// The longest.
        max_delay: Operand,
    },
    /// `timeout W`: a deadline.
    Timeout(Operand),
    /// `parallel`: each statement for itself, all at once.
    Parallel {
        /// How many at a time.
        max: Option<Operand>,
    },
    /// `cache KEY TTL`: not at all, if its bindings are stored.
    Cache {
        /// Under which name.
        key: Operand,
        /// For how long.
        ttl: Operand,
    },
}

/// One use of an op.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OpCall {
    /// Which op.
    pub op: OpId,
    /// Its operands as written.
    pub operands: Vec<Operand>,
    /// Receives the result.
    pub bind: Option<String>,
    /// `NAME=value` before a program: variables of this start alone.
    pub variables: Vec<(String, Text)>,
}

impl OpCall {
    /// Without a binding and variables.
    #[must_use]
    pub fn new(op: OpId, operands: Vec<Operand>) -> Self {
        Self { op, operands, bind: None, variables: Vec::new() }
    }
}

/// One clause of a chain. Each is an op node of its own in reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Clause {
    /// What joins it to the ones before; the first says `Always`.
    pub when: When,
    /// Where the clause starts.
    pub place: Place,
    /// The clause as written.
    pub source: Arc<str>,
    /// The program start.
    pub call: OpCall,
}

/// When a clause of a chain runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// After `;`, and the first clause.
    Always,
    /// After `&&`.
    Succeeded,
    /// After `||`.
    Failed,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cond {
    /// The first true one decides.
    Or(Vec<Cond>),
    /// The first false one decides.
    And(Vec<Cond>),
    /// The opposite.
    Not(Box<Cond>),
    /// `LHS OP RHS`. `Operand::Name` on the left reads as empty text when unbound.
    Compare {
        /// Left side.
        left: Operand,
        /// The operator.
        op: Comparison,
        /// Right side, a text.
        right: Text,
    },
    /// A name by itself; empty text when unbound.
    Truth(String),
    /// A name that is also a predicate without operands: the binding when bound, else the op.
    TruthOrPredicate(String, OpCall),
    /// A predicate op.
    Predicate(OpCall),
    /// A chain of programs: whether it stands at success.
    Programs(Vec<Clause>),
    /// What no evaluator is asked for yet.
    NotYet(Box<Test>),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// `==`, by text.
    Equal,
    /// `!=`, by text.
    NotEqual,
    /// `<`, by number.
    Less,
    /// `<=`, by number.
    LessOrEqual,
    /// `>`, by number.
    Greater,
    /// `>=`, by number.
    GreaterOrEqual,
}

/// A shared binding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shared {
    /// Its name.
    pub name: String,
    /// Its text.
    pub value: Text,
    /// Where it stands.
    pub place: Place,
    /// In which file: a number of [`crate::Snapshot::files`].
    pub file: u32,
    /// Who sees it: a number of [`Program::scopes`].
    pub scope: usize,
    /// As written.
    pub source: Arc<str>,
}

/// A command around ops: a line of `hooks`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hook {
    /// When it runs.
    pub timing: Timing,
    /// Around which ops. Around none, if there is nothing of that name.
    pub target: Option<Target>,
    /// The command.
    pub handler: String,
    /// Where the line stands.
    pub place: Place,
    /// As written.
    pub source: Arc<str>,
}

/// When a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Timing {
    /// Before the op, which it can keep from running.
    Before,
    /// After the op has succeeded.
    After,
    /// After the op has failed.
    OnError,
}

impl Timing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Before, Self::After, Self::OnError];

    /// Its name in programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::OnError => "on_error",
        }
    }
}

impl Hook {
    /// Whether it is around an op.
    #[must_use]
    pub fn is_around(&self, op: OpId) -> bool {
        self.target.is_some_and(|target| target.is_around(op.entry()))
    }
}

/// How the evaluator sees a program. Backed by the incremental database for analysis and by a plain
/// snapshot for a run.
pub trait Program: Sync {
    /// Name of the main file, for reports.
    fn file(&self) -> &str {
        self.file_name(0)
    }
    /// Name of a source file.
    fn file_name(&self, file: u32) -> &str;
    /// What the main file says about itself.
    fn info(&self) -> &FileInfo;
    /// What the main file offers, for people, if anything that can run here writes that.
    fn listing(&self) -> &str;
    /// What it carries along: paths from the directory of the main file.
    fn bundle(&self) -> &[String];
    /// Shared bindings in order.
    fn shared(&self) -> &[Shared];
    /// Which files share them.
    fn scopes(&self) -> &[Scope];
    /// Commands around ops, in order.
    fn hooks(&self) -> &[Hook];
    /// A command by name.
    fn command(&self, name: &str) -> Option<Arc<Command>>;
    /// A template by name.
    fn template(&self, name: &str) -> Option<Arc<Command>>;
    /// What its files may touch, if one of them says so.
    fn manifest(&self) -> Option<&Manifest>;
    /// What the `sandbox` of each file leaves its commands, for files that have one.
    fn sandboxes(&self) -> &[(u32, Sandbox)];
    /// The program of an op whose entry has one.
    fn op_program(&self, op: OpId) -> Option<Arc<Command>>;
}
