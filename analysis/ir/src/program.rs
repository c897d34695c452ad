//! A resolved program: what the evaluator runs.
//!
//! A tree of statements. Every leading word has been resolved once, every text is split into
//! parts, and every statement knows its place in the source. Nothing here knows how it was made:
//! user files and the programs of ops (`perch-ops`) have the same form.

use std::sync::Arc;

use perch_ops::OpId;

use crate::construct::{Config, Construct, Hole, Test};

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
        match self {
            Self::Text => perch_ops::Type::Text.accepts(text),
            Self::Bool => perch_ops::Type::Bool.accepts(text),
            Self::Int => perch_ops::Type::Int.accepts(text),
            Self::Float => perch_ops::Type::Float.accepts(text),
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
    /// What no evaluator is asked for yet.
    NotYet(Box<Construct>),
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
    /// As written.
    pub source: Arc<str>,
}

/// How the evaluator sees a program. Backed by the incremental database for analysis and by a plain
/// snapshot for a run.
pub trait Program {
    /// Name of the source file, for node ids and reports.
    fn file(&self) -> &str;
    /// Shared bindings in order.
    fn shared(&self) -> &[Shared];
    /// A command by name.
    fn command(&self, name: &str) -> Option<Arc<Command>>;
    /// The program of an op whose entry has one.
    fn op_program(&self, op: OpId) -> Option<Arc<Command>>;
}
