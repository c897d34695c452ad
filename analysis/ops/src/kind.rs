//! The kinds of failures.

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What went wrong, as programs see it in `err.kind`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorKind { $($(#[$doc])* $variant,)* }

        impl ErrorKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in programs and reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

kinds! {
    /// `fail`.
    UserFail = "user_fail",
    /// A name that nothing resolves.
    UnresolvedVar = "unresolved_var",
    /// An operand that the op cannot use.
    InvalidArgument = "invalid_argument",
    /// Text that is not what it should be.
    ParseFailed = "parse_failed",
    /// Nothing there.
    FileNotFound = "file_not_found",
    /// Something there that must not be.
    FileAlreadyExists = "file_already_exists",
    /// A directory where a file is needed.
    IsADirectory = "is_a_directory",
    /// A file where a directory is needed.
    NotADirectory = "not_a_directory",
    /// The operating system refuses.
    FilePermissionDenied = "file_permission_denied",
    /// Any other failure of input or output.
    IoError = "io_error",
    /// No such program.
    BinNotFound = "bin_not_found",
    /// A program that ended with a status other than 0.
    ShellExitNonzero = "shell_exit_nonzero",
    /// A program that a signal ended.
    ShellSignalKilled = "shell_signal_killed",
    /// `--no-write`.
    CapWriteDenied = "cap_write_denied",
    /// `--no-subprocess`.
    CapSubprocessDenied = "cap_subprocess_denied",
    /// Outside `--allow-read`.
    ReadNotPermitted = "read_not_permitted",
    /// Outside `--allow-write`.
    WriteNotPermitted = "write_not_permitted",
    /// Not on `--allow-bin`.
    ShellBinNotAllowed = "shell_bin_not_allowed",
    /// Calls nested too deep.
    RecursionLimit = "recursion_limit",
}

impl ErrorKind {
    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl From<perch_policy::Rule> for ErrorKind {
    fn from(rule: perch_policy::Rule) -> Self {
        use perch_policy::Rule;
        match rule {
            Rule::NoWrite => Self::CapWriteDenied,
            Rule::NoSubprocess => Self::CapSubprocessDenied,
            Rule::ReadRoots => Self::ReadNotPermitted,
            Rule::WriteRoots => Self::WriteNotPermitted,
            Rule::Bins => Self::ShellBinNotAllowed,
        }
    }
}
