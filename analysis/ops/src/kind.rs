//! The kinds of failures.

macro_rules! kinds {
    ($($variant:ident = $name:literal: $about:literal,)*) => {
        /// What went wrong, as programs see it in `err.kind`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorKind { $(#[doc = $about] $variant,)* }

        impl ErrorKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in programs and reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it says, in a few words.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

kinds! {
    UserFail = "user_fail": "`fail`.",
    AssertFailed = "assert_failed": "Something that was asserted does not hold.",
    UnresolvedVar = "unresolved_var": "A name that nothing resolves.",
    UnresolvedTemplate = "unresolved_template": "A template that is not there.",
    InvalidArgument = "invalid_argument": "An operand that the op cannot use.",
    ParseFailed = "parse_failed": "Text that is not what it should be.",
    LimitExceeded = "limit_exceeded": "More than a limit allows.",
    TimeoutExceeded = "timeout_exceeded": "A deadline that has passed.",
    SignalReceived = "signal_received": "A signal to the run itself.",
    FileNotFound = "file_not_found": "Nothing there.",
    FileAlreadyExists = "file_already_exists": "Something there that must not be.",
    IsADirectory = "is_a_directory": "A directory where a file is needed.",
    NotADirectory = "not_a_directory": "A file where a directory is needed.",
    DirectoryNotEmpty = "directory_not_empty": "A directory with entries where an empty one is needed.",
    FilePathDisallowed = "file_path_disallowed": "A path outside of what an archive or a test may touch.",
    FilePermissionDenied = "file_permission_denied": "The operating system refuses.",
    IoError = "io_error": "Any other failure of input or output.",
    CommandNotFound = "command_not_found": "No such command.",
    BinNotFound = "bin_not_found": "No such program.",
    ShellExitNonzero = "shell_exit_nonzero": "A program that ended with a status other than 0.",
    ShellSignalKilled = "shell_signal_killed": "A program that a signal ended.",
    ShellMetacharsDenied = "shell_metachars_denied": "`--no-shell-metachars`.",
    Http4xx = "http_4xx": "An answer that blames the request.",
    Http5xx = "http_5xx": "An answer that blames the server.",
    HttpConnectFailed = "http_connect_failed": "No connection to the host.",
    HttpDnsFailed = "http_dns_failed": "A host name without an address.",
    HttpRedirectRefused = "http_redirect_refused": "A redirect that the policy does not follow.",
    HttpSsrfBlocked = "http_ssrf_blocked": "An address of a private network.",
    HttpTimeout = "http_timeout": "No answer in time.",
    HttpTlsFailed = "http_tls_failed": "A connection that cannot be made secure.",
    WasmCapabilityDenied = "wasm_capability_denied": "A module that wants more than its block allows.",
    WasmCompileFailed = "wasm_compile_failed": "A module that cannot be compiled.",
    WasmHttpRefused = "wasm_http_refused": "A request of a module that is not allowed.",
    WasmModuleExited = "wasm_module_exited": "A module that ended with a status other than 0.",
    CapWriteDenied = "cap_write_denied": "`--no-write`.",
    CapSubprocessDenied = "cap_subprocess_denied": "`--no-subprocess`.",
    CapShellDenied = "cap_shell_denied": "`--no-shell`.",
    CapNetworkDenied = "cap_network_denied": "`--no-network`.",
    CapSudoDenied = "cap_sudo_denied": "`no_sudo` of a `sandbox`.",
    CapOpDenied = "cap_op_denied": "Not on the `ops` of a `sandbox`, or on its `no_op`.",
    ReadNotPermitted = "read_not_permitted": "Outside `--allow-read`.",
    WriteNotPermitted = "write_not_permitted": "Outside `--allow-write`.",
    ShellBinNotAllowed = "shell_bin_not_allowed": "Not on `--allow-bin`.",
    NetNotPermitted = "net_not_permitted": "Not on `--allow-host`.",
    EnvNotPermitted = "env_not_permitted": "Not on `--env`.",
    ReadNotDeclared = "read_not_declared": "Outside the `read` roots of `requires`.",
    WriteNotDeclared = "write_not_declared": "Outside the `write` roots of `requires`.",
    BinNotDeclared = "bin_not_declared": "Not a `bin` of `requires`.",
    HostNotDeclared = "host_not_declared": "Not a `host` of `requires`.",
    EnvNotDeclared = "env_not_declared": "Not an `env` of `requires`.",
    RequirementUnmet = "requirement_unmet": "Something that `requires` names and this host does not have.",
    RecursionLimit = "recursion_limit": "Calls nested too deep.",
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
        use perch_policy::{Axis, By, Right, Rule};
        match rule {
            Rule::GivenUp(right) | Rule::Refused(right) => match right {
                Right::Write => Self::CapWriteDenied,
                Right::Subprocess => Self::CapSubprocessDenied,
                Right::Shell => Self::CapShellDenied,
                Right::Network => Self::CapNetworkDenied,
            },
            Rule::NoWrite | Rule::Pure(Axis::Write) => Self::CapWriteDenied,
            Rule::NoSubprocess | Rule::Pure(Axis::Bins) => Self::CapSubprocessDenied,
            Rule::NoShell(_) => Self::CapShellDenied,
            Rule::NoNetwork | Rule::Pure(Axis::Hosts) | Rule::List(By::Test, Axis::Hosts) => Self::CapNetworkDenied,
            Rule::NoMetachars(_) => Self::ShellMetacharsDenied,
            Rule::NoSudo => Self::CapSudoDenied,
            Rule::Op(_) => Self::CapOpDenied,
            Rule::List(By::Manifest, Axis::Read) => Self::ReadNotDeclared,
            Rule::List(By::Manifest, Axis::Write) => Self::WriteNotDeclared,
            Rule::List(By::Manifest, Axis::Bins) => Self::BinNotDeclared,
            Rule::List(By::Manifest, Axis::Env) => Self::EnvNotDeclared,
            Rule::List(By::Manifest, Axis::Hosts) => Self::HostNotDeclared,
            Rule::List(By::Test, Axis::Write) => Self::FilePathDisallowed,
            Rule::List(By::Test, Axis::Bins) => Self::CapSubprocessDenied,
            // A fact of the machine is read, too.
            Rule::List(_, Axis::Read) | Rule::Pure(Axis::Read) | Rule::Private => Self::ReadNotPermitted,
            Rule::List(_, Axis::Hosts) => Self::NetNotPermitted,
            Rule::PrivateAddress => Self::HttpSsrfBlocked,
            Rule::List(_, Axis::Write) => Self::WriteNotPermitted,
            Rule::List(_, Axis::Bins) => Self::ShellBinNotAllowed,
            Rule::Environment(By::Manifest) => Self::EnvNotDeclared,
            Rule::List(_, Axis::Env) | Rule::Pure(Axis::Env) | Rule::Environment(_) => Self::EnvNotPermitted,
        }
    }
}
