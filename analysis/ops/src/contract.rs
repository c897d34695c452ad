//! Primitives and their contracts.
//!
//! A primitive touches the host. Its contract says, in order: which paths it names and whether the
//! last component is followed; what the policy is asked; the guards, each a fact that makes it fail with a
//! kind and a sentence; then what it changes and yields. A failure leaves the host unchanged unless
//! `after_failure` says otherwise. `environment` lists the failures that no description of a host
//! can exclude (the disk is full, permission is denied): verdicts assume that they do not happen.

use crate::{ErrorKind, Type};
use ErrorKind::{
    BinNotFound, FileAlreadyExists, FileNotFound, FilePathDisallowed, InvalidArgument, IsADirectory, NotADirectory,
    ParseFailed, RequirementUnmet, UnresolvedVar,
};

/// The operations that touch the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Primitive {
    /// Kind of what a path leads to, as far as it is visible: `absent`, `file`, `directory`.
    KindOf,
    /// The same for an op's own needs, whatever is visible.
    Peek,
    /// Nothing; fails unless the path leads to a file.
    CheckFile,
    /// Nothing; fails if a symbolic link is at the path itself.
    CheckNoLink,
    /// Content of a file.
    Read,
    /// Paths of entries beneath a directory: those that operands 1 and 2 say are wanted.
    List,
    /// Replaces the content of a file.
    Write,
    /// Adds to the content of a file, or makes it.
    Append,
    /// Makes a directory and what is missing above it.
    MakeDirs,
    /// Removes an entry and what is beneath.
    Remove,
    /// Copies one file.
    CopyFile,
    /// Renames an entry.
    Move,
    /// Merges one tree into another.
    CopyTree,
    /// Compresses one file into another.
    Compress,
    /// Takes that back.
    Decompress,
    /// Packs a tree into a file, in the format of operand 2.
    PackTree,
    /// Merges what is packed in a file, in the format of operand 2, into a tree.
    UnpackTree,
    /// Makes a symbolic link.
    MakeLink,
    /// Target of a symbolic link.
    ReadLink,
    /// Sets the permission bits of an entry: operand 1 in octal, or `executable` for those that let it be started.
    SetMode,
    /// Sets the time of an entry to now.
    SetTime,
    /// When an entry was last changed.
    ReadTime,
    /// Nothing; fails unless the path leads to a directory. The evaluator then works there.
    EnterDir,
    /// Whether a program is on PATH.
    FindBin,
    /// Path of a program on PATH, empty when it is not there.
    WhichBin,
    /// Nothing; fails unless a program that `requires` names is there.
    RequireBin,
    /// Nothing; fails unless a variable that `requires` names is set, and not to nothing.
    RequireEnv,
    /// Starts a program and waits for it.
    Spawn,
    /// Gives a line to the shell and waits for it.
    Shell,
    /// The same, and keeps what it writes.
    ShellOutput,
    /// Gives the line of operand 1 to the shell, in the directory that operand 0 names.
    ShellIn,
    /// Gives a line to the shell, of which only the status is wanted.
    ShellStatus,
    /// Gives a line to the shell, and goes on.
    ShellDetached,
    /// Whether a program runs whose command line holds operand 0.
    ProcessRunning,
    /// Asks all such programs to end.
    KillByName,
    /// Nothing; from then on packages come or go.
    ChangePackages,
    /// Value of an environment variable, empty when unset.
    GetEnv,
    /// Whether an environment variable is set.
    HasEnv,
    /// Value of an environment variable; fails unless it is set.
    NeedEnv,
    /// Nothing; the evaluator then sets the variable.
    SetEnv,
    /// Nothing; the evaluator then takes the variable away.
    UnsetEnv,
    /// Writes a line to standard output.
    Print,
    /// Writes a line to standard error.
    PrintError,
    /// Waits as long as operand 0 says.
    Sleep,
    /// What is reckoned from the content of a file: what operand 1 names.
    Measure,
    /// The time now.
    Clock,
    /// The addresses of the host that operand 0 names, a line each.
    Lookup,
    /// Sends a request of the method that operand 0 names to the address of operand 1, with the body of operand 2; gives the body of the answer.
    Request,
    /// The status of the answer to a `HEAD` request.
    RequestStatus,
    /// Puts the body of the answer from the address of operand 0 into a file.
    Download,
    /// Whether the address of operand 0 answers with success, waited for as long as operand 1 says.
    AwaitUrl,
    /// Whether port operand 1 of the host that operand 0 names accepts a connection.
    PortOpen,
    /// The same, waited for as long as operand 2 says.
    AwaitPort,
    /// Whether port operand 0 of this machine can be bound.
    PortFree,
    /// A port of this machine that can be bound.
    FreePort,
    /// The address of this machine in its network.
    LocalAddress,
    /// Names of the network interfaces that are up, a line each.
    Interfaces,
    /// The hardware address of the first of them.
    HardwareAddress,
    /// Makes an empty file, in the directory of operand 0, of a name that begins with operand 1 and that nothing has.
    NewFile,
    /// The same with a directory.
    NewDir,
}

impl Primitive {
    /// All primitives.
    pub const ALL: &'static [Self] = &[
        Self::KindOf,
        Self::Peek,
        Self::CheckFile,
        Self::CheckNoLink,
        Self::Read,
        Self::List,
        Self::Write,
        Self::Append,
        Self::MakeDirs,
        Self::Remove,
        Self::CopyFile,
        Self::Move,
        Self::CopyTree,
        Self::Compress,
        Self::Decompress,
        Self::PackTree,
        Self::UnpackTree,
        Self::MakeLink,
        Self::ReadLink,
        Self::SetMode,
        Self::SetTime,
        Self::ReadTime,
        Self::EnterDir,
        Self::FindBin,
        Self::WhichBin,
        Self::RequireBin,
        Self::RequireEnv,
        Self::Spawn,
        Self::Shell,
        Self::ShellOutput,
        Self::ShellIn,
        Self::ShellStatus,
        Self::ShellDetached,
        Self::ProcessRunning,
        Self::KillByName,
        Self::ChangePackages,
        Self::GetEnv,
        Self::HasEnv,
        Self::NeedEnv,
        Self::SetEnv,
        Self::UnsetEnv,
        Self::Print,
        Self::PrintError,
        Self::Sleep,
        Self::Measure,
        Self::Clock,
        Self::Lookup,
        Self::Request,
        Self::RequestStatus,
        Self::Download,
        Self::AwaitUrl,
        Self::PortOpen,
        Self::AwaitPort,
        Self::PortFree,
        Self::FreePort,
        Self::LocalAddress,
        Self::Interfaces,
        Self::HardwareAddress,
        Self::NewFile,
        Self::NewDir,
    ];

    /// The evaluator sets the variable that operand 0 names, to operand 1 if that is true.
    #[must_use]
    pub fn sets_variable(self) -> Option<bool> {
        match self {
            Self::SetEnv => Some(true),
            Self::UnsetEnv => Some(false),
            _ => None,
        }
    }

    /// The operand that is a line for the shell, if one is.
    #[must_use]
    pub fn shell_line(self) -> Option<usize> {
        match self {
            Self::Shell | Self::ShellOutput | Self::ShellStatus | Self::ShellDetached => Some(0),
            Self::ShellIn => Some(1),
            _ => None,
        }
    }

    /// The evaluator works in the directory that this yields.
    #[must_use]
    pub fn enters(self) -> bool {
        self == Self::EnterDir
    }
}

/// A path that a primitive names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathUse {
    /// Where its text comes from.
    pub from: PathFrom,
    /// Whether a link at its end is followed.
    pub end: End,
}

/// Where a path text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFrom {
    /// An operand, by position.
    Operand(usize),
    /// The working directory.
    Cwd,
    /// An entry of the directory that one operand names, of a name that is made up: it begins with another operand.
    New {
        /// That directory.
        dir: usize,
        /// How the name begins.
        prefix: usize,
    },
}

impl PathFrom {
    /// Whether the operand at that position decides it.
    #[must_use]
    pub fn is_about(self, at: usize) -> bool {
        match self {
            Self::Operand(operand) => operand == at,
            Self::Cwd => false,
            Self::New { dir, prefix } => dir == at || prefix == at,
        }
    }
}

/// What a link at the end of a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// What it points to.
    Followed,
    /// Itself.
    Entry,
}

/// A question to the policy. Numbers are positions in [`Contract::paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// May the op be used at all?
    Op,
    /// Is it visible? If not, the path reads as absent and nothing fails.
    Look(usize),
    /// May it be read?
    Read(usize),
    /// May it be made or changed?
    Write(usize),
    /// May it be removed?
    Delete(usize),
    /// May operand 0 be started with the other operands?
    Start,
    /// May that operand be given to the shell?
    Shell(usize),
    /// May this program be started?
    Helper(&'static str),
    /// May the variable named by operand 0 be read?
    ReadEnv,
    /// May the variable named by operand 0 be set or taken away?
    WriteEnv,
    /// May the host be talked to that this operand names, at the port that another one says, if one does?
    Host(usize, Option<usize>),
    /// May the host of the web address be talked to that this operand is?
    Url(usize),
    /// May the network be used?
    Network,
    /// May a fact of the host be known?
    HostFact,
    /// May standard output, or standard error, be written?
    Output,
}

/// What stands at a path. Links are gone after resolution, except at an unfollowed end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// Nothing.
    Absent,
    /// A file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Link,
}

/// A fact of the host over the resolved paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The first ancestor that is not a directory is a file.
    AncestorIsFile(usize),
    /// The first ancestor that is not a directory is not there.
    AncestorMissing(usize),
    /// This stands at the path.
    Is(usize, Node),
    /// The path is `/`.
    IsRoot(usize),
    /// The first path is the second, or lies in it.
    Within(usize, usize),
    /// Merging the first tree into the second would meet something else where a directory is, or the reverse.
    Clash(usize, usize),
    /// The content of the file at the path is not compressed by gzip.
    NotPacked(usize),
    /// The content of the file at the path is no archive of the format that the operand names.
    NotArchive(usize, usize),
    /// The operand cannot be what a link leads to: it is empty text, or holds a NUL.
    NoTarget(usize),
    /// The operand is no text of that type.
    NotOfType(usize, Type),
    /// The program named by operand 0 is not there.
    BinMissing,
    /// This program is not there.
    HelperMissing(&'static str),
    /// The variable named by operand 0 is not set, or set to nothing.
    EnvEmpty,
    /// The variable named by operand 0 is not set.
    EnvUnset,
    /// All of these.
    All(&'static [Fact]),
    /// Not this.
    Not(&'static Fact),
}

/// What makes a guard hold when a report goes on behind a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mend {
    /// The ancestors of the path are directories.
    Ancestors(usize),
    /// A file with unknown content stands there.
    File(usize),
    /// A directory with unknown entries stands there.
    Dir(usize),
    /// Nothing stands there.
    Absent(usize),
    /// The program is there.
    Bin,
    /// The op is taken to have had its effect all the same.
    Nothing,
}

/// One guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The primitive fails if this holds.
    pub fact: Fact,
    /// With this kind.
    pub kind: ErrorKind,
    /// What happened; `{0}` is the text of path 0 as resolved, `{bin}` operand 0, the program or variable.
    pub says: &'static str,
    /// How a report goes on behind it.
    pub mend: Mend,
}

/// What a primitive changes. Numbers are positions in [`Contract::paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// The path holds a file with the text of that operand.
    PutFile(usize, usize),
    /// The path holds a file with the text of that operand behind what it held.
    Append(usize, usize),
    /// The path and what is above it are directories, empty if they are new. Making a missing one above asks to write it.
    PutDirs(usize),
    /// The path holds a file with what somebody else has sent.
    PutSent(usize),
    /// The path holds an empty file or directory, where nothing was.
    PutNew(usize, Node),
    /// The path is gone with all beneath.
    Remove(usize),
    /// The path is a link with the target text of that operand.
    PutLink(usize, usize),
    /// The path has the permission bits that the operand says.
    SetMode(usize, usize),
    /// The second path holds a file with the content of the first.
    CopyFile(usize, usize),
    /// What was at the first path is at the second.
    Move(usize, usize),
    /// The second path and its ancestors are directories, with the first one's tree merged in. Making a missing ancestor
    /// asks to write it.
    CopyTree(usize, usize),
    /// The second path holds a file with the content of the first, compressed.
    Pack(usize, usize),
    /// The second path holds a file with what is compressed in the first.
    Unpack(usize, usize),
    /// The second path holds a file in which the tree at the first is packed.
    PackTree(usize, usize),
    /// The second path and its ancestors are directories, and what is packed in the file at the first is merged in; or it is not, in one of
    /// the ways of [`UNPACKING`], as nothing that is known of a host says what is packed in a file. Making a missing ancestor asks to write it.
    UnpackTree(usize, usize),
    /// What the started program does.
    Program,
    /// What the started program does, some time until the run ends.
    ProgramBeside,
    /// Programs come to be on PATH or go from it, but for those that manage packages.
    Packages,
    /// Time passes, as much as the operand says.
    Time(usize),
}

/// What a primitive yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yields {
    /// Empty text.
    Nothing,
    /// The content of the file at that path.
    Content(usize),
    /// `absent`, `file` or `directory`.
    KindName(usize),
    /// `true` if the program named by operand 0 is there.
    BinFound,
    /// The path of the program named by operand 0, if it is there.
    BinPath,
    /// The variable named by operand 0.
    EnvValue,
    /// `true` if the variable named by operand 0 is set.
    EnvSet,
    /// The program's standard output, when captured.
    Stdout,
    /// The program's exit status, whatever it is.
    Status,
    /// `true` or `false`, as it happens: whether this is so.
    Answer(&'static str),
    /// This, of which nothing is known.
    Something(&'static str),
    /// Something of an answer.
    Answered(Answered),
    /// Addresses of the host that this operand names.
    Addresses(usize),
    /// The cleaned text of that path, links not followed.
    CleanPath(usize),
    /// What is reckoned from the content of the file at that path: what this operand names.
    Measure(usize, usize),
    /// The entries beneath the directory at that path, relative to it, a line each: those that the next two operands say are
    /// wanted.
    Entries(usize),
    /// The target of the link at that path.
    Target(usize),
    /// When the entry at that path was last changed, in Unix seconds.
    ChangedAt(usize),
    /// A point in time.
    Moment,
}

/// What is of interest of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Its body.
    Body,
    /// Its status, `0` if nobody answers.
    Status,
    /// `true` or `false`: whether it says that all went well.
    Success,
}

/// What is wanted of another machine, and what no description of a host excludes about that. Whoever wants something of one waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// Nothing.
    None,
    /// Whether it can be reached, which is no failure if not.
    Tried,
    /// Its addresses; it may have none.
    Named,
    /// Whether it answers, perhaps by way of redirects; it is no failure if not.
    Answers,
    /// An answer, perhaps by way of redirects.
    Fetched,
}

/// The host after a failure by one of the guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// As it was.
    Unchanged,
    /// As the program left it.
    AsProgramLeft,
}

/// A primitive, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The paths that it names.
    pub paths: &'static [PathUse],
    /// What it asks, in order.
    pub asks: &'static [Ask],
    /// What can be wrong, in order.
    pub guards: &'static [Guard],
    /// What it wants of another machine, once the guards hold.
    pub remote: Remote,
    /// What it changes.
    pub change: Change,
    /// What it yields.
    pub yields: Yields,
    /// The host after a failure.
    pub after_failure: AfterFailure,
    /// Failures that no description of a host excludes.
    pub environment: &'static [ErrorKind],
}

impl Contract {
    /// Whether it makes up a name.
    #[must_use]
    pub fn makes_name(&self) -> bool {
        self.paths.iter().any(|used| matches!(used.from, PathFrom::New { .. }))
    }
}

const fn at(operand: usize) -> PathUse {
    PathUse { from: PathFrom::Operand(operand), end: End::Followed }
}

const fn entry(operand: usize) -> PathUse {
    PathUse { from: PathFrom::Operand(operand), end: End::Entry }
}

const CWD: PathUse = PathUse { from: PathFrom::Cwd, end: End::Followed };

const fn guard(fact: Fact, kind: ErrorKind, says: &'static str, mend: Mend) -> Guard {
    Guard { fact, kind, says, mend }
}

const STARTING: &[ErrorKind] = &[ErrorKind::BinNotFound, ErrorKind::IoError, ErrorKind::FilePermissionDenied];

const FILE_SYSTEM: &[ErrorKind] = &[ErrorKind::IoError, ErrorKind::FilePermissionDenied];

const TEXT: &[ErrorKind] = &[ErrorKind::IoError, ErrorKind::FilePermissionDenied, ErrorKind::ParseFailed];

const NONE: Contract = Contract {
    paths: &[],
    asks: &[],
    guards: &[],
    remote: Remote::None,
    change: Change::None,
    yields: Yields::Nothing,
    after_failure: AfterFailure::Unchanged,
    environment: &[],
};

macro_rules! ancestors {
    ($path:literal, $p:literal) => {
        [
            guard(
                Fact::AncestorIsFile($path),
                NotADirectory,
                concat!("a part of the path to ", $p, " is a file"),
                Mend::Ancestors($path),
            ),
            guard(
                Fact::AncestorMissing($path),
                FileNotFound,
                concat!("the directory of ", $p, " does not exist"),
                Mend::Ancestors($path),
            ),
        ]
    };
}

macro_rules! missing {
    ($path:literal, $p:literal, $mend:ident) => {
        guard(Fact::Is($path, Node::Absent), FileNotFound, concat!($p, " does not exist"), Mend::$mend($path))
    };
}

macro_rules! directory {
    ($path:literal, $p:literal) => {
        guard(Fact::Is($path, Node::Dir), IsADirectory, concat!($p, " is a directory"), Mend::File($path))
    };
}

macro_rules! file {
    ($path:literal, $p:literal) => {
        guard(Fact::Is($path, Node::File), NotADirectory, concat!($p, " is a file"), Mend::Dir($path))
    };
}

const fn bad(fact: Fact, says: &'static str) -> Guard {
    guard(fact, InvalidArgument, says, Mend::Nothing)
}

const A0: [Guard; 2] = ancestors!(0, "`{0}`");
const A1: [Guard; 2] = ancestors!(1, "`{1}`");

/// The program that looks through those that run.
pub const LOOKS_THROUGH: &str = "pgrep";

/// A started program works in a directory, which is path 0.
const WORKPLACE: [Guard; 4] = [
    guard(
        Fact::AncestorIsFile(0),
        NotADirectory,
        "the working directory `{0}` is not there: a part of its path is a file",
        Mend::Ancestors(0),
    ),
    guard(Fact::AncestorMissing(0), FileNotFound, "the working directory `{0}` does not exist", Mend::Ancestors(0)),
    guard(Fact::Is(0, Node::Absent), FileNotFound, "the working directory `{0}` does not exist", Mend::Dir(0)),
    guard(Fact::Is(0, Node::File), NotADirectory, "the working directory `{0}` is a file", Mend::Dir(0)),
];

/// A line for the shell, which every host has.
const SHELL: Contract = Contract {
    paths: &[CWD],
    asks: &[Ask::Shell(0)],
    guards: &WORKPLACE,
    remote: Remote::None,
    change: Change::Program,
    yields: Yields::Stdout,
    after_failure: AfterFailure::AsProgramLeft,
    environment: STARTING,
};

/// How unpacking a tree can fail because of what is packed.
pub const UNPACKING: &[ErrorKind] = &[ParseFailed, FilePathDisallowed, FileAlreadyExists];

/// How unpacking can fail without anybody knowing it before: by its size, too.
const UNPACKED: &[ErrorKind] = &[ErrorKind::IoError, ErrorKind::FilePermissionDenied, ErrorKind::LimitExceeded];

/// A file is read, and what is made of it goes into another.
const COPYING: [Guard; 8] = [
    A0[0],
    A0[1],
    missing!(0, "`{0}`", File),
    directory!(0, "`{0}`"),
    A1[0],
    A1[1],
    directory!(1, "`{1}`"),
    bad(Fact::All(&[Fact::Within(0, 1), Fact::Within(1, 0)]), "`{0}` and `{1}` are the same file"),
];

const NOT_PACKED: Guard = guard(Fact::NotPacked(0), ParseFailed, "`{0}` is not compressed by gzip", Mend::Nothing);

/// Looking through the programs that run.
const LOOK_THROUGH: Contract = Contract {
    asks: &[Ask::Helper(LOOKS_THROUGH)],
    guards: &[guard(
        Fact::HelperMissing(LOOKS_THROUGH),
        BinNotFound,
        "program `pgrep`, which looks through those that run, is not on PATH",
        Mend::Nothing,
    )],
    yields: Yields::Answer("a program of that name runs"),
    environment: FILE_SYSTEM,
    ..NONE
};

/// Trying a port of another machine.
const TRY_PORT: Contract = Contract {
    asks: &[Ask::Host(0, Some(1))],
    remote: Remote::Tried,
    yields: Yields::Answer("the port accepts connections"),
    ..NONE
};

/// A new entry of the temporary directory.
const fn made(node: Node) -> Contract {
    Contract {
        paths: &[PathUse { from: PathFrom::New { dir: 0, prefix: 1 }, end: End::Entry }],
        asks: &[Ask::Write(0)],
        guards: &A0,
        change: Change::PutNew(0, node),
        yields: Yields::CleanPath(0),
        environment: FILE_SYSTEM,
        ..NONE
    }
}

/// Learning something of how this machine is part of its network.
const OWN_NETWORK: Contract =
    Contract { asks: &[Ask::Network, Ask::HostFact], environment: &[ErrorKind::IoError], ..NONE };

const THERE: &[Guard] = &[A0[0], A0[1], missing!(0, "`{0}`", File)];

const READABLE: &[Guard] = &[A0[0], A0[1], missing!(0, "`{0}`", File), directory!(0, "`{0}`")];

/// The contract of a primitive.
#[must_use]
pub fn contract(primitive: Primitive) -> Contract {
    match primitive {
        Primitive::KindOf => {
            Contract { paths: const { &[at(0)] }, asks: &[Ask::Look(0)], yields: Yields::KindName(0), ..NONE }
        }
        Primitive::Peek => Contract { paths: const { &[at(0)] }, yields: Yields::KindName(0), ..NONE },
        Primitive::CheckFile => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Read(0)],
            guards: READABLE,
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::CheckNoLink => Contract {
            paths: const { &[entry(0)] },
            guards: const { &[bad(Fact::Is(0, Node::Link), "`{0}` is a symbolic link")] },
            ..NONE
        },
        Primitive::Read => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Read(0)],
            guards: READABLE,
            yields: Yields::Content(0),
            environment: TEXT,
            ..NONE
        },
        Primitive::List => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Read(0)],
            guards: const { &[A0[0], A0[1], missing!(0, "`{0}`", Dir), file!(0, "`{0}`")] },
            yields: Yields::Entries(0),
            environment: TEXT,
            ..NONE
        },
        Primitive::Write => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Write(0)],
            guards: const { &[A0[0], A0[1], directory!(0, "`{0}`")] },
            change: Change::PutFile(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::Append => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Write(0)],
            guards: const { &[A0[0], A0[1], directory!(0, "`{0}`")] },
            change: Change::Append(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::MakeDirs => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Write(0)],
            // Without the file it makes an empty directory.
            guards: const { &[A0[0], guard(Fact::Is(0, Node::File), NotADirectory, "`{0}` is a file", Mend::Absent(0))] },
            change: Change::PutDirs(0),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::Remove => Contract {
            paths: const { &[entry(0)] },
            asks: &[Ask::Delete(0)],
            guards: const { &[bad(Fact::IsRoot(0), "the root directory cannot be removed")] },
            change: Change::Remove(0),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::CopyFile => Contract {
            paths: const { &[at(0), at(1)] },
            asks: &[Ask::Read(0), Ask::Write(1)],
            guards: &COPYING,
            change: Change::CopyFile(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::Move => Contract {
            paths: const { &[entry(0), entry(1)] },
            asks: &[Ask::Read(0), Ask::Delete(0), Ask::Write(1)],
            guards: const {
                &[
                    A0[0],
                    A0[1],
                    missing!(0, "`{0}`", File),
                    A1[0],
                    A1[1],
                    bad(Fact::IsRoot(0), "the root directory cannot be moved"),
                    bad(Fact::Within(1, 0), "`{1}` lies in `{0}`, which is to be moved"),
                    guard(Fact::Is(1, Node::Dir), IsADirectory, "`{1}` is a directory", Mend::Absent(1)),
                    guard(
                        Fact::All(&[Fact::Is(0, Node::Dir), Fact::Not(&Fact::Is(1, Node::Absent))]),
                        NotADirectory,
                        "`{0}` is a directory and cannot replace `{1}`",
                        Mend::Absent(1),
                    ),
                ]
            },
            change: Change::Move(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::CopyTree => Contract {
            paths: const { &[at(0), at(1)] },
            asks: &[Ask::Read(0), Ask::Write(1)],
            guards: const {
                &[
                    A0[0],
                    A0[1],
                    missing!(0, "`{0}`", Dir),
                    file!(0, "`{0}`"),
                    bad(Fact::Within(1, 0), "`{1}` lies in `{0}`"),
                    bad(Fact::Within(0, 1), "`{0}` lies in `{1}`"),
                    A1[0],
                    file!(1, "`{1}`"),
                    guard(
                        Fact::Clash(0, 1),
                        FileAlreadyExists,
                        "something in `{1}` is in the way of an entry of `{0}`",
                        Mend::Dir(1),
                    ),
                ]
            },
            change: Change::CopyTree(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::Compress => Contract {
            paths: const { &[at(0), at(1)] },
            asks: &[Ask::Read(0), Ask::Write(1)],
            guards: &COPYING,
            change: Change::Pack(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::Decompress => Contract {
            paths: const { &[at(0), at(1)] },
            asks: &[Ask::Read(0), Ask::Write(1)],
            guards: const {
                let [a, b, c, d, e, f, g, h] = COPYING;
                &[a, b, c, d, e, f, g, h, NOT_PACKED]
            },
            change: Change::Unpack(0, 1),
            environment: UNPACKED,
            ..NONE
        },
        Primitive::PackTree => Contract {
            paths: const { &[at(0), at(1)] },
            asks: &[Ask::Read(0), Ask::Write(1)],
            guards: const {
                &[
                    A0[0],
                    A0[1],
                    missing!(0, "`{0}`", Dir),
                    file!(0, "`{0}`"),
                    A1[0],
                    A1[1],
                    directory!(1, "`{1}`"),
                    bad(Fact::Within(1, 0), "`{1}` lies in `{0}`"),
                ]
            },
            change: Change::PackTree(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::UnpackTree => Contract {
            paths: const { &[at(0), at(1)] },
            asks: &[Ask::Read(0), Ask::Write(1)],
            guards: const {
                &[
                    A0[0],
                    A0[1],
                    missing!(0, "`{0}`", File),
                    directory!(0, "`{0}`"),
                    A1[0],
                    file!(1, "`{1}`"),
                    guard(Fact::NotArchive(0, 2), ParseFailed, "`{0}` is no such archive", Mend::Nothing),
                ]
            },
            change: Change::UnpackTree(0, 1),
            environment: UNPACKED,
            ..NONE
        },
        Primitive::MakeLink => Contract {
            paths: const { &[entry(1)] },
            asks: &[Ask::Write(0)],
            guards: const {
                &[
                    A0[0],
                    A0[1],
                    directory!(0, "`{0}`"),
                    bad(Fact::NoTarget(0), "the target of a link is empty text, or holds a NUL"),
                ]
            },
            change: Change::PutLink(0, 0),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::ReadLink => Contract {
            paths: const { &[entry(0)] },
            asks: &[Ask::Read(0)],
            guards: const {
                &[
                    A0[0],
                    A0[1],
                    guard(Fact::Is(0, Node::Absent), FileNotFound, "`{0}` does not exist", Mend::Nothing),
                    bad(Fact::Not(&Fact::Is(0, Node::Link)), "`{0}` is not a symbolic link"),
                ]
            },
            yields: Yields::Target(0),
            environment: TEXT,
            ..NONE
        },
        Primitive::SetMode => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Write(0)],
            guards: THERE,
            change: Change::SetMode(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::SetTime => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Write(0)],
            guards: THERE,
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::ReadTime => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Read(0)],
            guards: THERE,
            yields: Yields::ChangedAt(0),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::EnterDir => Contract {
            paths: const { &[at(0)] },
            guards: const { &[A0[0], A0[1], missing!(0, "`{0}`", Dir), file!(0, "`{0}`")] },
            yields: Yields::CleanPath(0),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::FindBin => Contract { asks: &[Ask::HostFact], yields: Yields::BinFound, ..NONE },
        Primitive::WhichBin => Contract { asks: &[Ask::HostFact], yields: Yields::BinPath, ..NONE },
        Primitive::RequireBin => Contract {
            guards: const {
                &[guard(
                    Fact::BinMissing,
                    RequirementUnmet,
                    "`requires` names program `{bin}`, which is not there",
                    Mend::Bin,
                )]
            },
            ..NONE
        },
        Primitive::RequireEnv => Contract {
            asks: &[Ask::ReadEnv],
            guards: const {
                &[guard(
                    Fact::EnvEmpty,
                    RequirementUnmet,
                    "`requires` names variable `{bin}`, which is not set",
                    Mend::Nothing,
                )]
            },
            ..NONE
        },
        Primitive::Spawn => Contract {
            paths: &[CWD],
            asks: &[Ask::Start],
            guards: const {
                &[
                    WORKPLACE[0],
                    WORKPLACE[1],
                    WORKPLACE[2],
                    WORKPLACE[3],
                    guard(Fact::BinMissing, BinNotFound, "program `{bin}` is not on PATH", Mend::Bin),
                ]
            },
            remote: Remote::None,
            change: Change::Program,
            yields: Yields::Stdout,
            after_failure: AfterFailure::AsProgramLeft,
            environment: FILE_SYSTEM,
        },
        Primitive::Shell | Primitive::ShellOutput => SHELL,
        Primitive::ShellIn => Contract { paths: const { &[at(0)] }, asks: &[Ask::Shell(1)], ..SHELL },
        Primitive::ShellStatus => Contract { yields: Yields::Status, ..SHELL },
        Primitive::ShellDetached => Contract {
            change: Change::ProgramBeside,
            yields: Yields::Nothing,
            after_failure: AfterFailure::Unchanged,
            ..SHELL
        },
        Primitive::ProcessRunning => LOOK_THROUGH,
        Primitive::KillByName => Contract { yields: Yields::Nothing, ..LOOK_THROUGH },
        Primitive::ChangePackages => Contract { change: Change::Packages, ..NONE },
        Primitive::GetEnv => Contract { asks: &[Ask::ReadEnv], yields: Yields::EnvValue, ..NONE },
        Primitive::HasEnv => Contract { asks: &[Ask::ReadEnv], yields: Yields::EnvSet, ..NONE },
        Primitive::NeedEnv => Contract {
            asks: &[Ask::ReadEnv],
            guards: const { &[guard(Fact::EnvUnset, UnresolvedVar, "variable `{bin}` is not set", Mend::Nothing)] },
            yields: Yields::EnvValue,
            ..NONE
        },
        Primitive::SetEnv | Primitive::UnsetEnv => Contract {
            asks: &[Ask::WriteEnv],
            guards: const { &[bad(Fact::NotOfType(0, Type::Variable), "that is no name of a variable, such as `HOME`")] },
            ..NONE
        },
        Primitive::Print | Primitive::PrintError => Contract { asks: &[Ask::Output], ..NONE },
        Primitive::Measure => Contract {
            paths: const { &[at(0)] },
            asks: &[Ask::Read(0)],
            guards: READABLE,
            yields: Yields::Measure(0, 1),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::Clock => Contract { yields: Yields::Moment, ..NONE },
        Primitive::Lookup => {
            Contract { asks: &[Ask::Host(0, None)], remote: Remote::Named, yields: Yields::Addresses(0), ..NONE }
        }
        Primitive::Request => Contract {
            asks: &[Ask::Url(1)],
            remote: Remote::Fetched,
            yields: Yields::Answered(Answered::Body),
            environment: &[ErrorKind::ParseFailed],
            ..NONE
        },
        Primitive::RequestStatus => Contract {
            asks: &[Ask::Url(0)],
            remote: Remote::Answers,
            yields: Yields::Answered(Answered::Status),
            ..NONE
        },
        Primitive::AwaitUrl => Contract {
            asks: &[Ask::Url(0)],
            remote: Remote::Answers,
            yields: Yields::Answered(Answered::Success),
            ..NONE
        },
        Primitive::Download => Contract {
            paths: const { &[at(1)] },
            asks: &[Ask::Url(0), Ask::Write(0)],
            guards: const { &[A0[0], A0[1], directory!(0, "`{0}`")] },
            remote: Remote::Fetched,
            change: Change::PutSent(0),
            environment: FILE_SYSTEM,
            ..NONE
        },
        Primitive::PortOpen | Primitive::AwaitPort => TRY_PORT,
        Primitive::PortFree => Contract { asks: &[Ask::Network], yields: Yields::Answer("the port is free"), ..NONE },
        Primitive::FreePort => Contract {
            asks: &[Ask::Network],
            yields: Yields::Something("a free port"),
            environment: &[ErrorKind::IoError],
            ..NONE
        },
        Primitive::LocalAddress => Contract { yields: Yields::Something("the machine's address"), ..OWN_NETWORK },
        Primitive::Interfaces => Contract { yields: Yields::Something("network interfaces"), ..OWN_NETWORK },
        Primitive::HardwareAddress => Contract { yields: Yields::Something("a hardware address"), ..OWN_NETWORK },
        Primitive::NewFile => made(Node::File),
        Primitive::NewDir => made(Node::Dir),
        Primitive::Sleep => Contract {
            guards: const { &[bad(Fact::NotOfType(0, Type::Duration), "that is no duration, such as `500ms` or `30s`")] },
            change: Change::Time(0),
            ..NONE
        },
    }
}
