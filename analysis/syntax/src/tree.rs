//! What an item looks like once it is parsed.
//!
//! The trees say how words and lines belong together. Spans count from the start of the item's text.

use crate::diagnostic::Span;

/// A top-level item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `command NAME … end`.
    Command(Command),
    /// `template NAME … end`.
    Template(Command),
    /// `catch NAME … end`.
    Catch(Command),
    /// `import PATH`, `import PATH as ALIAS`.
    Import(Head),
    /// `bundle`, `requires`, `sandbox` or `hooks`, to its `end`.
    Section(Section),
    /// `NAME = …`.
    Assignment(Assignment),
    /// Another line.
    Setting(Setting),
}

/// A block of lines at the top level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which.
    pub kind: SectionKind,
    /// Its first line.
    pub head: Head,
    /// Its lines.
    pub entries: Vec<Entry>,
}

/// Which section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// `bundle`
    Bundle,
    /// `requires`
    Requires,
    /// `sandbox`
    Sandbox,
    /// `hooks`
    Hooks,
}

/// A line of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line.
    pub setting: Setting,
    /// The lines below a `bin` that say which bytes it must have.
    pub pins: Vec<Setting>,
}

/// `command NAME … end`, and what has the same parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its first line.
    pub head: Head,
    /// What stands in it, in order.
    pub members: Vec<Member>,
}

/// What stands in a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// A line of configuration.
    Setting(Setting),
    /// `arg NAME … end`.
    Arg(Arg),
    /// `do … end`.
    Do(Head, Vec<Statement>),
}

/// `arg NAME … end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Its first line.
    pub head: Head,
    /// Its lines.
    pub settings: Vec<Setting>,
}

/// A line that starts with the name of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// From the first word to the last.
    pub span: Span,
    /// At least one word.
    pub words: Vec<Word>,
}

/// The first line of a block or arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// From the keyword to the last word.
    pub span: Span,
    /// The keyword.
    pub keyword: Span,
    /// What follows the keyword.
    pub tokens: Vec<Token>,
}

impl Head {
    /// The words. In all heads but those of conditions every token is one.
    #[must_use]
    pub fn words(&self) -> Vec<&Word> {
        self.tokens.iter().filter_map(Token::word).collect()
    }
}

/// A part of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word.
    Word(Word),
    /// `==`, `lt` and so on, in a condition.
    Comparison(String, Span),
    /// `and`, `or` and `not`, in a condition.
    Connective(String, Span),
    /// `&&` and so on, in a condition.
    Joint(Joint, Span),
}

impl Token {
    /// The word, if it is one.
    #[must_use]
    pub fn word(&self) -> Option<&Word> {
        match self {
            Self::Word(word) => Some(word),
            Self::Comparison(..) | Self::Connective(..) | Self::Joint(..) => None,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Word(word) => word.span,
            Self::Comparison(_, span) | Self::Connective(_, span) | Self::Joint(_, span) => *span,
        }
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The statement; of a block, its first line.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// An op, a call, a program or a chain.
    Line(Line),
    /// `NAME = …`.
    Assignment(Assignment),
    /// A block.
    Block(Block),
}

/// `NAME = …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// All of it.
    pub span: Span,
    /// What stands before `=`.
    pub name: Word,
    /// What stands behind it, if anything.
    pub value: Option<Value>,
}

/// What stands on the right of `=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The rest of the line.
    Line(Line),
    /// `pipe … end`.
    Pipe(Block),
}

/// Clauses with joints between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// All of it.
    pub span: Span,
    /// At least one.
    pub clauses: Vec<Clause>,
}

/// A list of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What joins it to the clauses before.
    pub joint: Option<(Joint, Span)>,
    /// From the first word to the last.
    pub span: Span,
    /// `NAME=value` before the first word.
    pub variables: Vec<Variable>,
    /// Empty only behind a joint or variables with nothing behind them.
    pub words: Vec<Word>,
}

/// `NAME=value` before a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// All of it.
    pub span: Span,
    /// What stands before `=`.
    pub name: String,
    /// What stands behind it.
    pub value: Word,
}

/// What joins clauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`
    Then,
    /// `|`
    Pipe,
}

impl Joint {
    /// How it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
            Self::Then => ";",
            Self::Pipe => "|",
        }
    }
}

/// `if`, `parallel` and so on, to its `end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which.
    pub kind: BlockKind,
    /// Its first line.
    pub head: Head,
    /// What stands before the first arm.
    pub body: Vec<Statement>,
    /// Its arms in order, as they are written.
    pub arms: Vec<Arm>,
}

/// Which block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// `if`
    If,
    /// `for_each`
    ForEach,
    /// `match`
    Match,
    /// `try`
    Try,
    /// `parallel`
    Parallel,
    /// `timeout`
    Timeout,
    /// `retry`
    Retry,
    /// `with_env`
    WithEnv,
    /// `with_cwd`
    WithCwd,
    /// `sandbox`
    Sandbox,
    /// `cache`
    Cache,
    /// `os`
    Os,
    /// `arch`
    Arch,
    /// `wasm_run`
    WasmRun,
    /// `pipe`
    Pipe,
}

impl BlockKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::If,
        Self::ForEach,
        Self::Match,
        Self::Try,
        Self::Parallel,
        Self::Timeout,
        Self::Retry,
        Self::WithEnv,
        Self::WithCwd,
        Self::Sandbox,
        Self::Cache,
        Self::Os,
        Self::Arch,
        Self::WasmRun,
        Self::Pipe,
    ];

    /// The word that opens it.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::ForEach => "for_each",
            Self::Match => "match",
            Self::Try => "try",
            Self::Parallel => "parallel",
            Self::Timeout => "timeout",
            Self::Retry => "retry",
            Self::WithEnv => "with_env",
            Self::WithCwd => "with_cwd",
            Self::Sandbox => "sandbox",
            Self::Cache => "cache",
            Self::Os => "os",
            Self::Arch => "arch",
            Self::WasmRun => "wasm_run",
            Self::Pipe => "pipe",
        }
    }
}

/// A later part of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Which.
    pub kind: ArmKind,
    /// Its first line.
    pub head: Head,
    /// What it runs.
    pub body: Vec<Statement>,
}

/// Which arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmKind {
    /// `elif`
    Elif,
    /// `else`
    Else,
    /// `case`
    Case,
    /// `rescue`
    Rescue,
    /// `finally`
    Finally,
}

/// Pieces without white space between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands.
    pub span: Span,
    /// Whether some of it is quoted.
    pub quoted: bool,
    /// Its text; adjacent characters are one part, and an empty text has none.
    pub parts: Vec<Part>,
    /// Where in the parts quotes open and close, in turns: the number of a part, and bytes of it. Nothing if quotes are around all of it,
    /// or around nothing.
    pub seams: Vec<(usize, usize)>,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Characters, escapes decoded.
    Text(String),
    /// `${name}`.
    Name(String),
    /// `${name...}`.
    Splice(String),
    /// `${op(argument, …)}`.
    Call(Call),
}

/// `op(argument, …)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// From the op's name to the closing parenthesis; of an outer one, with the braces.
    pub span: Span,
    /// The op.
    pub name: String,
    /// Its arguments in order.
    pub arguments: Vec<Argument>,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A name or number.
    Name(String, Span),
    /// A quoted text.
    Text(Word),
    /// Another call.
    Call(Call),
}

impl Word {
    /// A word of bare text.
    pub(crate) fn bare_text(span: Span, text: &str) -> Self {
        Self { span, quoted: false, parts: vec![Part::Text(text.to_owned())], seams: Vec::new() }
    }

    /// Its characters, if no name is involved.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Its characters, if no quote and no name is involved.
    #[must_use]
    pub fn bare(&self) -> Option<&str> {
        if self.quoted { None } else { self.literal() }
    }
}
