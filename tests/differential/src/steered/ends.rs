//! What in the hole of a statement makes it end how, for statements that do alike.

/// Ends, each with the text in the hole that leads to it.
pub(super) type Ends = &'static [(&'static str, &'static str)];

/// A file is added to, or made.
pub(super) const ADDS_TO_FILE: Ends = &[
    ("ok", "@k/f"),
    ("file_not_found", "@k/none/x"),
    ("not_a_directory", "@k/f/x"),
    ("is_a_directory", "@k/d"),
    ("io_error", "@k/loop/x"),
    ("invalid_argument", ""),
    ("read_not_permitted", "@r/out"),
    ("read_not_declared", "/elsewhere"),
    ("write_not_permitted", "@r/out"),
    ("write_not_declared", "@r/out"),
    ("cap_write_denied", "@k/f"),
];

/// A file is changed, which must be there.
pub(super) const CHANGES_FILE: Ends = &[
    ("ok", "@k/f"),
    ("file_not_found", "@k/none"),
    ("is_a_directory", "@k/d"),
    ("not_a_directory", "@k/f/x"),
    ("io_error", "@k/loop/x"),
    ("invalid_argument", ""),
    ("read_not_permitted", "@r/out"),
    ("read_not_declared", "/elsewhere"),
    ("write_not_permitted", "@r/out"),
    ("write_not_declared", "@r/out"),
    ("cap_write_denied", "@k/f"),
];

/// A directory is gone to.
pub(super) const ENTERS_DIR: Ends = &[
    ("ok", "@k/d"),
    ("file_not_found", "@k/none"),
    ("file_not_found", "@k/loose"),
    ("not_a_directory", "@k/f"),
    ("io_error", "@k/loop/x"),
    ("invalid_argument", ""),
];

/// Programs are looked through.
pub(super) const LOOKS_THROUGH: Ends = &[
    ("bin_not_found", "a"),
    ("shell_bin_not_allowed", "a"),
    ("bin_not_declared", "a"),
    ("cap_subprocess_denied", "a"),
];

/// Packages are managed, by the programs that manage them on hosts of scenes.
pub(super) const MANAGES: Ends = &[
    ("ok", "a"),
    ("invalid_argument", "-a"),
    ("shell_bin_not_allowed", "a"),
    ("bin_not_declared", "a"),
    ("cap_subprocess_denied", "a"),
];

/// A directory is made, with what is missing above it.
pub(super) const MAKES_DIR: Ends = &[
    ("ok", "@k/new"),
    ("not_a_directory", "@k/f"),
    ("io_error", "@k/loop/x"),
    ("invalid_argument", ""),
    ("write_not_permitted", "@r/out"),
    ("write_not_declared", "@r/out"),
    ("cap_write_denied", "@k/new"),
];

/// Something is made in the directory for what is temporary, which is a link.
pub(super) const MAKES_TEMPORARY: Ends =
    &[("ok", "@k/d"), ("file_not_found", "@k/none"), ("not_a_directory", "@k/f"), ("io_error", "@k/loop")];

/// The same where the host has it, which is outside of what scenes may write.
pub(super) const MAY_MAKE_TEMPORARY: Ends = &[("write_not_permitted", ""), ("cap_write_denied", "")];

/// A file is made.
pub(super) const MAKES_FILE: Ends = &[
    ("ok", "@k/new"),
    ("file_not_found", "@k/none/x"),
    ("not_a_directory", "@k/f/x"),
    ("is_a_directory", "@k/d"),
    ("io_error", "@k/loop/x"),
    ("invalid_argument", ""),
    ("write_not_permitted", "@r/out"),
    ("write_not_declared", "@r/out"),
    ("cap_write_denied", "@k/new"),
];

/// A file is made of another, which is `@k/f` or `@k/packed`.
pub(super) const FILLS_FILE: Ends = &[
    ("ok", "@k/new"),
    ("file_not_found", "@k/none/x"),
    ("not_a_directory", "@k/f/x"),
    ("is_a_directory", "@k/d"),
    ("io_error", "@k/loop/x"),
    ("io_error", "@k/loop"),
    ("write_not_permitted", "@r/out"),
    ("write_not_declared", "@r/out"),
];

/// What is there is marked.
pub(super) const MARKS_ENTRY: Ends = &[
    ("ok", "@k/f"),
    ("file_not_found", "@k/none"),
    ("file_not_found", "@k/loose"),
    ("not_a_directory", "@k/f/x"),
    ("io_error", "@k/loop/x"),
    ("invalid_argument", ""),
    ("write_not_permitted", "@r/out"),
    ("write_not_declared", "@r/out"),
    ("cap_write_denied", "@k/f"),
];

/// A directory is read.
pub(super) const READS_DIR: Ends = &[
    ("ok", "@k/d"),
    ("ok", "@k/s"),
    ("io_error", "@k/loop"),
    ("file_not_found", "@k/none"),
    ("not_a_directory", "@k/f"),
    ("not_a_directory", "@k/f/x"),
    ("invalid_argument", ""),
    ("read_not_permitted", "@r"),
    ("read_not_declared", "/elsewhere"),
];

/// A file is read.
pub(super) const READS_FILE: Ends = &[
    ("ok", "@k/f"),
    ("file_not_found", "@k/none"),
    ("file_not_found", "@k/loose"),
    ("is_a_directory", "@k/d"),
    ("not_a_directory", "@k/f/x"),
    ("io_error", "@k/loop/x"),
    ("invalid_argument", ""),
    ("read_not_permitted", "@r/out"),
    ("read_not_declared", "/elsewhere"),
];

/// A program is started.
pub(super) const STARTS: Ends = &[
    ("ok", "p"),
    ("shell_bin_not_allowed", "q"),
    ("bin_not_declared", "nope"),
    ("cap_subprocess_denied", "p"),
    ("cap_shell_denied", "p"),
];

/// A program is started and waited for.
pub(super) const WAITS: Ends = &[
    ("ok", "p"),
    ("shell_exit_nonzero", "q"),
    ("shell_bin_not_allowed", "q"),
    ("bin_not_declared", "nope"),
    ("cap_subprocess_denied", "p"),
    ("cap_shell_denied", "p"),
];

/// A host is talked to, or would be. There is no `x.invalid`, and nobody is asked for one.
pub(super) const TRIES_HOST: Ends = &[
    ("ok", "x.invalid"),
    ("http_ssrf_blocked", "127.0.0.1"),
    ("invalid_argument", "a/b"),
    ("net_not_permitted", "y.invalid"),
    ("host_not_declared", "y.invalid"),
    ("cap_network_denied", "x.invalid"),
];

/// A host is looked up. An address is its own.
pub(super) const LOOKS_UP: Ends = &[
    ("ok", "8.8.8.8"),
    ("http_dns_failed", "x.invalid"),
    ("http_ssrf_blocked", "127.0.0.1"),
    ("invalid_argument", "a/b"),
    ("net_not_permitted", "y.invalid"),
    ("host_not_declared", "y.invalid"),
    ("cap_network_denied", "x.invalid"),
];

/// A web address is fetched, or would be.
pub(super) const FETCHES: Ends = &[
    ("ok", "@s/ok"),
    ("ok", "@s/moved"),
    ("http_4xx", "@s/gone"),
    ("http_5xx", "@s/broken"),
    ("http_redirect_refused", "@s/round"),
    ("http_dns_failed", "http://x.invalid/a"),
    ("http_ssrf_blocked", "http://127.0.0.1/a"),
    ("invalid_argument", "ftp://a"),
    ("net_not_permitted", "http://y.invalid/a"),
    ("host_not_declared", "http://y.invalid/a"),
    ("cap_network_denied", "http://x.invalid/a"),
];

/// Somebody is asked for an answer, and need not give any.
pub(super) const ASKS_SERVER: Ends = &[
    ("ok", "http://x.invalid/a"),
    ("ok", "@s/gone"),
    ("http_redirect_refused", "@s/round"),
    ("http_ssrf_blocked", "http://127.0.0.1/a"),
    ("invalid_argument", "ftp://a"),
    ("net_not_permitted", "http://y.invalid/a"),
    ("host_not_declared", "http://y.invalid/a"),
    ("cap_network_denied", "http://x.invalid/a"),
];

/// The network is looked at.
pub(super) const SEES_NETWORK: Ends = &[("ok", ""), ("cap_network_denied", "")];

/// The working directory is gone, or what it is in.
pub(super) const CWD_GONE: &str = "mkdir @k/w/v\ncd @k/w/v\nrm @z";

/// The ends of a statement behind that.
pub(super) const IS_GONE: Ends = &[("ok", "@k/none"), ("file_not_found", "@k/w/v"), ("file_not_found", "@k/w")];

/// A file stands where the working directory was, or what it is in.
pub(super) const CWD_FILE: &str = "mkdir @k/w/v\ncd @k/w/v\nrm @z\ntry\nwrite_file @z x\nrescue\nprint yes\nend";

/// The ends of a statement behind that.
pub(super) const IS_FILE: Ends = &[("ok", "@k/none"), ("not_a_directory", "@k/w/v"), ("not_a_directory", "@k/w")];

/// A link to itself does.
pub(super) const CWD_LOOP: &str = "mkdir @k/w\ncd @k/w\nrm @z\ntry\nsymlink w @k/w\nrescue\nprint yes\nend";
