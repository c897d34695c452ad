//! How each op and block is made to end in each way.
//!
//! A row is a statement with a hole, and what in the hole makes it end how. So it can be made to end in a way that is known, with one text
//! in the hole, and in a way that is not, with one of two texts, for a reason that the fixture does not tell.

use crate::compare::Claim;
use crate::expected::Product;

use super::helpers::NOWHERE;
use super::limits::Limit;
use super::{ends, files};

/// A statement and how it ends.
#[derive(Debug)]
pub struct Row {
    /// The op or block that this is about.
    pub op: &'static str,
    /// Lines before the statement. If the hole is in these, it is not in the statement.
    pub before: &'static str,
    /// The statement.
    pub statement: &'static str,
    /// Ends, each with the text in the hole that leads to it. The first is what usually happens.
    pub ends: &'static [(&'static str, &'static str)],
}

pub(super) const fn row(
    op: &'static str,
    statement: &'static str,
    ends: &'static [(&'static str, &'static str)],
) -> Row {
    Row { op, before: "", statement, ends }
}

/// The end of a statement with nothing in the hole.
const UNBOUND: &str = "unresolved_var";

/// In texts: `@z` is the hole, `@k` a directory for the scene alone, `@r` the root of the host, `@n` a number that no other scene has. What
/// is in `@k` is in [`THINGS`]; [`super::helpers`] has the commands `helper` and `lacking`, and what programs are there.
const ROWS: &[Row] = &[
    row(
        "add_to_path",
        "y = add_to_path @z",
        &[
            ("ok", "@k/d"),
            ("invalid_argument", ""),
            ("env_not_declared", "@k/d"),
            ("write_not_permitted", "@k/d"),
            ("cap_write_denied", "@k/d"),
        ],
    ),
    row("arch", "arch @z\nprint yes\nend", &[("ok", "@arch")]),
    row("arg", "lacking", &[("ok", "a")]),
    row("assert_contains", "assert_contains @z a", &[("ok", "ab"), ("assert_failed", "b")]),
    row("assert_eq", "assert_eq @z a", &[("ok", "a"), ("assert_failed", "b")]),
    row(
        "assert_exists",
        "assert_exists @z",
        &[("ok", "@k/f"), ("assert_failed", "@k/none"), ("invalid_argument", ""), ("read_not_declared", "/elsewhere")],
    ),
    row("assert_match", "assert_match abc @z", &[("ok", "^a"), ("assert_failed", "^b"), ("invalid_argument", "(")]),
    row("assert_neq", "assert_neq @z a", &[("ok", "b"), ("assert_failed", "a")]),
    row("assert_not_contains", "assert_not_contains @z a", &[("ok", "b"), ("assert_failed", "ab")]),
    row(
        "assert_not_exists",
        "assert_not_exists @z",
        &[("ok", "@k/none"), ("assert_failed", "@k/f"), ("invalid_argument", ""), ("read_not_declared", "/elsewhere")],
    ),
    row("assert_version", "assert_version @z \">=\" 1.2", &[("ok", "1.3"), ("assert_failed", "1.1")]),
    row("assert_version", "assert_version 1.3 @z 1.2", &[("ok", ">"), ("invalid_argument", "?")]),
    row("assert_version_ge", "assert_version_ge @z 1.2", &[("ok", "1.3"), ("assert_failed", "1.1")]),
    row("base64_decode", "y = base64_decode @z", &[("ok", "aGk="), ("parse_failed", "a")]),
    row("base64_encode", "y = base64_encode @z", &[("ok", "abc")]),
    row("bundle_dir", "y = bundle_dir", &[("ok", "")]),
    row(
        "bundle_extract",
        "y = bundle_extract @z",
        &[
            ("file_not_found", "@k/new"),
            ("invalid_argument", ""),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
            ("cap_write_denied", "@k/new"),
        ],
    ),
    row("bundle_hash", "y = bundle_hash", &[("file_not_found", "")]),
    row("cache", "cache @z\nprint yes\nend", &[("ok", "c@n")]),
    row(
        "call",
        "helper @z",
        &[
            ("ok", "a"),
            ("user_fail", "fails"),
            ("recursion_limit", "loops"),
            ("cap_write_denied", "writes"),
            ("cap_subprocess_denied", "starts"),
            ("cap_shell_denied", "tells"),
        ],
    ),
    row("call", "helper -k=@z", &[("ok", "5"), ("invalid_argument", "x")]),
    row("capitalize", "y = capitalize @z", &[("ok", "abc")]),
    row("cd", "cd @z", ends::ENTERS_DIR),
    row("chain", "p && exec @z", &[("ok", "p"), ("shell_exit_nonzero", "q"), ("bin_not_found", "nope")]),
    row("contains", "y = contains @z b", &[("ok", "abc")]),
    row(
        "copy_dir",
        "copy_dir @z @k/new",
        &[
            ("ok", "@k/d"),
            ("file_not_found", "@k/none"),
            ("not_a_directory", "@k/f"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/d"),
        ],
    ),
    row(
        "copy_dir",
        "copy_dir @k/s @z",
        &[
            ("ok", "@k/new"),
            ("file_already_exists", "@k/t"),
            ("not_a_directory", "@k/f"),
            ("invalid_argument", "@k/s/x/new"),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
        ],
    ),
    row("count_lines", "y = count_lines @z", &[("ok", "a")]),
    row(
        "cp",
        "cp @z @k/new",
        &[
            ("ok", "@k/f"),
            ("file_not_found", "@k/none"),
            ("is_a_directory", "@k/d"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/f"),
        ],
    ),
    row(
        "cp",
        "cp @k/f @z",
        &[
            ("ok", "@k/new"),
            ("not_a_directory", "@k/f/x"),
            ("invalid_argument", "@k/f"),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
        ],
    ),
    row("crc32", "y = crc32 @z", &[("ok", "abc")]),
    row("csv_parse", "y = csv_parse @z", &[("ok", "a,b"), ("parse_failed", "a\\\"b")]),
    row("cut", "y = cut @z \"a b\"", &[("ok", "2"), ("invalid_argument", "x")]),
    row("cwd", "y = cwd", &[("ok", "")]),
    row(
        "exec",
        "exec @z",
        &[
            ("ok", "p"),
            ("bin_not_found", "nope"),
            ("shell_exit_nonzero", "q"),
            ("shell_bin_not_allowed", "q"),
            ("bin_not_declared", "nope"),
            ("cap_subprocess_denied", "p"),
        ],
    ),
    Row { before: ends::CWD_GONE, ..row("exec", "exec p", ends::IS_GONE) },
    Row { before: ends::CWD_FILE, ..row("exec", "exec p", ends::IS_FILE) },
    Row { before: ends::CWD_LOOP, ..row("exec", "exec p", &[("ok", "@k/none"), ("io_error", "@k/w")]) },
    row("exists", "y = exists @z", &[("ok", "@k/f"), ("invalid_argument", ""), ("read_not_declared", "/elsewhere")]),
    row("exit", "exit @z", &[("ok", "3"), ("invalid_argument", "x")]),
    row("fail", "fail @z", &[("user_fail", "odd")]),
    row("for_each", "for_each @z i\nprint i\nend", &[("ok", "a")]),
    row("format", "y = format \"%d\" @z", &[("ok", "2"), ("invalid_argument", "x")]),
    row("format", "y = format @z a", &[("ok", "%s"), ("invalid_argument", "%d"), ("limit_exceeded", "%99999999s")]),
    row("format_time", "y = format_time @z unix", &[("ok", "5"), ("parse_failed", "x")]),
    row("format_time", "y = format_time 5 @z", &[("ok", "date"), ("invalid_argument", "noon")]),
    row("from_slash", "y = from_slash @z", &[("ok", "abc")]),
    row("get_arch", "y = get_arch", &[("ok", "")]),
    row("get_env", "y = get_env @z\nif y == \"\"\nprint yes\nend", &[("ok", "PATH"), ("env_not_declared", "E9")]),
    row("get_os", "y = get_os", &[("ok", "")]),
    row(
        "gzip",
        "gzip @z @k/new",
        &[
            ("ok", "@k/f"),
            ("io_error", "@k/loop"),
            ("file_not_found", "@k/none"),
            ("file_not_found", "@k/loose"),
            ("is_a_directory", "@k/d"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/f"),
        ],
    ),
    row("gzip", "gzip @k/f @z", ends::FILLS_FILE),
    row("gzip", "gzip @z @k/f", &[("not_a_directory", "@k/f/x"), ("invalid_argument", "@k/f")]),
    row("gzip", "gzip @z @k/f/x", &[("not_a_directory", "@k/f"), ("is_a_directory", "@k/d")]),
    row(
        "ungzip",
        "ungzip @z @k/new",
        &[
            ("ok", "@k/packed"),
            ("parse_failed", "@k/f"),
            ("file_not_found", "@k/none"),
            ("file_not_found", "@k/loose"),
            ("is_a_directory", "@k/d"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/f"),
        ],
    ),
    row("ungzip", "ungzip @k/packed @z", ends::FILLS_FILE),
    row("ungzip", "ungzip @z @k/f", &[("ok", "@k/packed"), ("invalid_argument", "@k/f")]),
    row("ungzip", "ungzip @z @k/f/x", &[("not_a_directory", "@k/packed"), ("is_a_directory", "@k/d")]),
    row("tar_extract", "tar_extract @k/f @z", &[("parse_failed", "@k/new"), ("not_a_directory", "@k/f")]),
    row("tar_extract", "tar_extract @z @k/f/x", &[("not_a_directory", "@k/tree"), ("is_a_directory", "@k/d")]),
    row(
        "tar_create",
        "tar_create @z @k/new",
        &[
            ("ok", "@k/d"),
            ("file_not_found", "@k/none"),
            ("file_not_found", "@k/loose"),
            ("not_a_directory", "@k/f"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/d"),
        ],
    ),
    row(
        "tar_create",
        "tar_create @k/s @z",
        &[
            ("ok", "@k/new"),
            ("file_not_found", "@k/none/x"),
            ("is_a_directory", "@k/s/x"),
            ("not_a_directory", "@k/f/x"),
            ("invalid_argument", "@k/s/new"),
            ("io_error", "@k/loop"),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
        ],
    ),
    row(
        "tar_extract",
        "tar_extract @z @k/new",
        &[
            ("ok", "@k/tree"),
            ("parse_failed", "@k/f"),
            ("file_path_disallowed", "@k/leads"),
            ("file_not_found", "@k/none"),
            ("file_not_found", "@k/none/x"),
            ("file_not_found", "@k/loose"),
            ("is_a_directory", "@k/d"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/tree"),
        ],
    ),
    row(
        "tar_extract",
        "tar_extract @k/tree @z",
        &[
            ("ok", "@k/new"),
            ("file_already_exists", "@k/t"),
            ("not_a_directory", "@k/f"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop"),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
        ],
    ),
    row(
        "zip_create",
        "zip_create @z @k/new",
        &[
            ("ok", "@k/d"),
            ("file_not_found", "@k/none"),
            ("not_a_directory", "@k/f"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/d"),
        ],
    ),
    row(
        "zip_create",
        "zip_create @k/s @z",
        &[
            ("ok", "@k/new"),
            ("file_not_found", "@k/none/x"),
            ("is_a_directory", "@k/s/x"),
            ("not_a_directory", "@k/f/x"),
            ("invalid_argument", "@k/s/new"),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
        ],
    ),
    row(
        "zip_extract",
        "zip_extract @z @k/new",
        &[
            ("ok", "@k/zipped"),
            ("parse_failed", "@k/f"),
            ("file_path_disallowed", "@k/strays"),
            ("file_not_found", "@k/none"),
            ("is_a_directory", "@k/d"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/zipped"),
        ],
    ),
    row(
        "zip_extract",
        "zip_extract @k/zipped @z",
        &[
            ("ok", "@k/new"),
            ("file_already_exists", "@k/t"),
            ("not_a_directory", "@k/f"),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
        ],
    ),
    row("grep", "y = grep @z abc", &[("ok", "b"), ("invalid_argument", "(")]),
    row("has_bin", "y = has_bin @z", &[("ok", "p")]),
    row("has_prefix", "y = has_prefix @z a", &[("ok", "abc")]),
    row("has_suffix", "y = has_suffix @z c", &[("ok", "abc")]),
    row("head", "y = head @z abc", &[("ok", "1"), ("invalid_argument", "x")]),
    row("hex_decode", "y = hex_decode @z", &[("ok", "6869"), ("parse_failed", "a")]),
    row("hex_encode", "y = hex_encode @z", &[("ok", "abc")]),
    row("if", "if @z == a\nprint yes\nend", &[("ok", "a")]),
    row("is_abs", "y = is_abs @z", &[("ok", "abc")]),
    row("is_dir", "y = is_dir @z", &[("ok", "@k/f"), ("invalid_argument", ""), ("read_not_declared", "/elsewhere")]),
    row("is_file", "y = is_file @z", &[("ok", "@k/f"), ("invalid_argument", ""), ("read_not_declared", "/elsewhere")]),
    row("iso_to_unix", "y = iso_to_unix @z", &[("ok", "2024-01-02T03:04:05Z"), ("parse_failed", "x")]),
    row(
        "join",
        "y = join @z \"${repeat('a', '9000')}\"",
        &[("ok", "a"), ("limit_exceeded", "${split(repeat('a,', '5000'), ',')}")],
    ),
    row(
        "json_count",
        "y = json_count @z",
        &[("ok", "[1]"), ("parse_failed", "x"), ("limit_exceeded", "${repeat('[', '200')}")],
    ),
    row("json_count", "y = json_count \"[1]\" @z", &[("ok", "."), ("invalid_argument", "a..b")]),
    row(
        "json_get",
        "y = json_get @z .0",
        &[("ok", "[1]"), ("parse_failed", "x"), ("limit_exceeded", "${repeat('[', '200')}")],
    ),
    row("json_get", "y = json_get \"[1]\" @z", &[("ok", ".0"), ("invalid_argument", "a..b")]),
    row(
        "json_parse",
        "y = json_parse @z",
        &[("ok", "[1]"), ("parse_failed", "x"), ("limit_exceeded", "${repeat('[', '200')}")],
    ),
    row("json_stringify", "y = json_stringify @z", &[("ok", "abc")]),
    row("length", "y = length @z", &[("ok", "abc")]),
    row("let", "y = @z", &[("ok", "a")]),
    row("lower", "y = lower @z", &[("ok", "abc")]),
    row("match", "match @z\ncase a\nprint yes\nend", &[("ok", "a")]),
    row("md5", "y = md5 @z", &[("ok", "abc")]),
    row("md5_file", "y = md5_file @z", ends::READS_FILE),
    row("mkdir", "mkdir @z", ends::MAKES_DIR),
    row(
        "mv",
        "mv @z @k/new",
        &[
            ("ok", "@k/f"),
            ("file_not_found", "@k/none"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
            ("cap_write_denied", "@k/f"),
        ],
    ),
    row(
        "mv",
        "mv @k/f @z",
        &[
            ("ok", "@k/new"),
            ("file_not_found", "@k/none/x"),
            ("is_a_directory", "@k/d"),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
        ],
    ),
    row("now", "y = now @z", &[("ok", "unix"), ("invalid_argument", "noon")]),
    row("pad_left", "y = pad_left a @z", &[("ok", "3"), ("invalid_argument", "x"), ("limit_exceeded", "99999999")]),
    row("pad_right", "y = pad_right a @z", &[("ok", "3"), ("invalid_argument", "x"), ("limit_exceeded", "99999999")]),
    row("parse_time", "y = parse_time @z date", &[("ok", "2024-01-02"), ("parse_failed", "x")]),
    row("parse_time", "y = parse_time 5 @z", &[("ok", "unix"), ("invalid_argument", "noon")]),
    row("path_abs", "y = path_abs @z", &[("ok", "a"), ("invalid_argument", "")]),
    row("path_base", "y = path_base @z", &[("ok", "abc")]),
    row("path_clean", "y = path_clean @z", &[("ok", "abc")]),
    row("path_dir", "y = path_dir @z", &[("ok", "abc")]),
    row("path_ext", "y = path_ext @z", &[("ok", "abc")]),
    row("path_join", "y = path_join @z", &[("ok", "abc")]),
    row("path_list_sep", "y = path_list_sep", &[("ok", "")]),
    row("path_rel", "y = path_rel @z a/b", &[("ok", "a"), ("invalid_argument", "/a")]),
    row("path_sep", "y = path_sep", &[("ok", "")]),
    row("path_with_ext", "y = path_with_ext @z md", &[("ok", "abc")]),
    row("path_within", "y = path_within @z /a", &[("ok", "a"), ("invalid_argument", "")]),
    row("os", "os @z\nprint yes\nend", &[("ok", "linux")]),
    row("parallel", "parallel max=@z\nprint yes\nprint no\nend", &[("ok", "2"), ("invalid_argument", "x")]),
    row(
        "pipe",
        "pipe\np\nexec @z\nend",
        &[
            ("ok", "p"),
            ("bin_not_found", "nope"),
            ("shell_exit_nonzero", "q"),
            ("shell_bin_not_allowed", "q"),
            ("cap_subprocess_denied", "p"),
        ],
    ),
    row("cache_dir", "y = cache_dir", &[("ok", "")]),
    row("config_dir", "y = config_dir", &[("ok", "")]),
    row("cpu_count", "y = cpu_count", &[("ok", "")]),
    row("data_dir", "y = data_dir", &[("ok", "")]),
    row("exe_dir", "y = exe_dir", &[("ok", "")]),
    row("exe_ext", "y = exe_ext", &[("ok", "")]),
    row("exe_path", "y = exe_path", &[("ok", "")]),
    row("home_dir", "y = home_dir", &[("ok", "")]),
    row("is_admin", "y = is_admin", &[("ok", "")]),
    row("is_ci", "y = is_ci", &[("ok", "")]),
    row("is_tty", "y = is_tty", &[("ok", "")]),
    row("null_device", "y = null_device", &[("ok", "")]),
    row("pid", "y = pid", &[("ok", "")]),
    row("script_dir", "y = script_dir", &[("ok", "")]),
    row("script_path", "y = script_path", &[("ok", "")]),
    row("temp_dir", "y = temp_dir", &[("ok", "")]),
    Row { before: "rm @r/t\nsymlink @z @r/t", ..row("mktemp_dir", "y = mktemp_dir", ends::MAKES_TEMPORARY) },
    Row {
        before: "rm @r/t\nmkdir @r/t",
        ..row("mktemp_dir", "y = mktemp_dir @z", &[("ok", "a"), ("invalid_argument", "a/b")])
    },
    row("mktemp_dir", "y = mktemp_dir", ends::MAY_MAKE_TEMPORARY),
    Row { before: "rm @r/t\nsymlink @z @r/t", ..row("mktemp_file", "y = mktemp_file", ends::MAKES_TEMPORARY) },
    Row {
        before: "rm @r/t\nmkdir @r/t",
        ..row("mktemp_file", "y = mktemp_file @z", &[("ok", "a"), ("invalid_argument", "..")])
    },
    row("mktemp_file", "y = mktemp_file", ends::MAY_MAKE_TEMPORARY),
    row("uid", "y = uid", &[("ok", "")]),
    row("user", "y = user", &[("ok", "")]),
    row("hostname", "y = hostname", &[("ok", "")]),
    row("dns_lookup", "y = dns_lookup @z\nif y == \"\"\nprint yes\nend", ends::LOOKS_UP),
    row("download", "download @z @k/new", ends::FETCHES),
    row(
        "download",
        "download @s/ok @z",
        &[
            ("ok", "@k/f"),
            ("io_error", "@k/loop"),
            ("file_not_found", "@k/none/x"),
            ("not_a_directory", "@k/f/x"),
            ("is_a_directory", "@k/d"),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
            ("cap_write_denied", "@k/new"),
        ],
    ),
    row("http_delete", "y = http_delete @z", ends::FETCHES),
    row("http_get", "y = http_get @z\nif y == \"\"\nprint yes\nend", ends::FETCHES),
    row("http_post", "y = http_post @z a", ends::FETCHES),
    row("http_put", "y = http_put @z a", ends::FETCHES),
    row("http_status", "y = http_status @z\nif y == \"\"\nprint yes\nend", ends::ASKS_SERVER),
    row("wait_for_url", "y = wait_for_url @z 0\nif y == \"\"\nprint yes\nend", ends::ASKS_SERVER),
    row("find_free_port", "y = find_free_port\nif y == \"\"\nprint yes\nend", ends::SEES_NETWORK),
    row("interfaces", "y = interfaces\nif y == \"\"\nprint yes\nend", ends::SEES_NETWORK),
    row("local_ip", "y = local_ip\nif y == \"\"\nprint yes\nend", ends::SEES_NETWORK),
    row("mac_address", "y = mac_address\nif y == \"\"\nprint yes\nend", ends::SEES_NETWORK),
    row("port_check", "y = port_check @z 1\nif y == \"\"\nprint yes\nend", ends::TRIES_HOST),
    row(
        "port_free",
        "y = port_free @z\nif y == \"\"\nprint yes\nend",
        &[("ok", "1"), ("invalid_argument", "x"), ("cap_network_denied", "1")],
    ),
    row("wait_for_port", "y = wait_for_port @z 1 0\nif y == \"\"\nprint yes\nend", ends::TRIES_HOST),
    row("kill_by_name", "kill_by_name @z", ends::LOOKS_THROUGH),
    row("process_running", "y = process_running @z", ends::LOOKS_THROUGH),
    row("detect_pkg_mgr", "y = detect_pkg_mgr", &[("ok", "")]),
    row("pkg_install", "pkg_install @z", ends::MANAGES),
    Row { before: ends::CWD_GONE, ..row("pkg_install", "pkg_install a", ends::IS_GONE) },
    Row { before: ends::CWD_FILE, ..row("pkg_install", "pkg_install a", ends::IS_FILE) },
    Row { before: ends::CWD_LOOP, ..row("pkg_install", "pkg_install a", &[("ok", "@k/none"), ("io_error", "@k/w")]) },
    row("pkg_installed", "y = pkg_installed @z", ends::MANAGES),
    row("pkg_uninstall", "pkg_uninstall @z", ends::MANAGES),
    row(
        "pkg_uninstall",
        "pkg_uninstall @z\nif has_bin pkg\nprint yes\nend",
        &[("ok", "pkg"), ("invalid_argument", "-a"), ("cap_subprocess_denied", "a")],
    ),
    Row { before: ends::CWD_GONE, ..row("pkg_uninstall", "pkg_uninstall a", ends::IS_GONE) },
    Row { before: ends::CWD_FILE, ..row("pkg_uninstall", "pkg_uninstall a", ends::IS_FILE) },
    Row {
        before: ends::CWD_LOOP,
        ..row("pkg_uninstall", "pkg_uninstall a", &[("ok", "@k/none"), ("io_error", "@k/w")])
    },
    row(
        "bin_version",
        "y = bin_version @z",
        &[("ok", "p"), ("shell_bin_not_allowed", "q"), ("bin_not_declared", "nope"), ("cap_subprocess_denied", "p")],
    ),
    row("env_default", "y = env_default @z x", &[("ok", "PATH"), ("invalid_argument", ""), ("env_not_declared", "E9")]),
    row("env_has", "y = env_has @z", &[("ok", "PATH"), ("env_not_declared", "E9")]),
    row("expand_path", "y = expand_path @z\nif y == \"\"\nprint yes\nend", &[("ok", "$PATH")]),
    row("expand_path", "y = expand_path @z", &[("ok", "~/a"), ("unresolved_var", "$E9"), ("env_not_declared", "$E9")]),
    row(
        "link_into_path",
        "y = link_into_path @k/f @z",
        &[
            ("ok", "@k/d"),
            ("not_a_directory", "@k/f"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
            ("cap_write_denied", "@k/d"),
        ],
    ),
    row("link_into_path", "y = link_into_path @z @k/s", &[("ok", "f"), ("is_a_directory", "@k/x")]),
    row("os_version", "y = os_version", &[("ok", "")]),
    row("path_contains", "y = path_contains @z", &[("ok", "/a"), ("invalid_argument", "")]),
    row("set_env", "set_env @z x", &[("ok", "PATH"), ("invalid_argument", ""), ("env_not_declared", "E9")]),
    row("shell_rc_path", "y = shell_rc_path", &[("ok", ""), ("env_not_declared", "")]),
    row("unset_env", "unset_env @z", &[("ok", "PATH"), ("invalid_argument", ""), ("env_not_declared", "E9")]),
    row("which", "y = which @z", &[("ok", "p")]),
    row("print", "print @z", &[("ok", "a")]),
    row("eprintln", "eprintln @z", &[("ok", "a")]),
    row("list_commands", "list_commands", &[("ok", "")]),
    row("read_file", "y = read_file @z", ends::READS_FILE),
    row("regex_find_all", "y = regex_find_all @z abc", &[("ok", "b"), ("invalid_argument", "(")]),
    row("regex_match", "y = regex_match @z abc", &[("ok", "b"), ("invalid_argument", "(")]),
    row("regex_replace", "y = regex_replace @z abc x", &[("ok", "b"), ("invalid_argument", "(")]),
    row(
        "regex_replace",
        "y = regex_replace a @z \"${repeat('a', '5000')}\"",
        &[("ok", "abc"), ("limit_exceeded", "${repeat('a', '5000')}")],
    ),
    row("reject", "y = reject @z abc", &[("ok", "b"), ("invalid_argument", "(")]),
    row("repeat", "y = repeat ab @z", &[("ok", "3"), ("invalid_argument", "-1"), ("limit_exceeded", "99999999")]),
    row("replace", "y = replace @z a b", &[("ok", "abc")]),
    row(
        "replace",
        "y = replace @z a \"${repeat('a', '5000')}\"",
        &[("ok", "abc"), ("limit_exceeded", "${repeat('a', '5000')}")],
    ),
    row("retry", "retry @z delay=0\nprint yes\nend", &[("ok", "2"), ("invalid_argument", "x")]),
    row(
        "rm",
        "rm @z",
        &[
            ("ok", "@k/f"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
            ("cap_write_denied", "@k/f"),
        ],
    ),
    row("sha1", "y = sha1 @z", &[("ok", "abc")]),
    row("sha1_file", "y = sha1_file @z", ends::READS_FILE),
    row("sha256", "y = sha256 @z", &[("ok", "abc")]),
    row("sha256_file", "y = sha256_file @z", ends::READS_FILE),
    row("shell", "shell @z", ends::WAITS),
    Row { before: ends::CWD_GONE, ..row("shell", "shell p", ends::IS_GONE) },
    Row { before: ends::CWD_FILE, ..row("shell", "shell p", ends::IS_FILE) },
    Row { before: ends::CWD_LOOP, ..row("shell", "shell p", &[("ok", "@k/none"), ("io_error", "@k/w")]) },
    row("shell_output", "y = shell_output @z", ends::WAITS),
    Row { before: ends::CWD_GONE, ..row("shell_output", "y = shell_output p", ends::IS_GONE) },
    Row { before: ends::CWD_FILE, ..row("shell_output", "y = shell_output p", ends::IS_FILE) },
    Row {
        before: ends::CWD_LOOP,
        ..row("shell_output", "y = shell_output p", &[("ok", "@k/none"), ("io_error", "@k/w")])
    },
    row("shell_in", "shell_in @k @z", ends::WAITS),
    row("shell_in", "shell_in @z p", ends::ENTERS_DIR),
    row("shell_detached", "shell_detached @z", ends::STARTS),
    Row { before: ends::CWD_GONE, ..row("shell_detached", "shell_detached p", ends::IS_GONE) },
    Row { before: ends::CWD_FILE, ..row("shell_detached", "shell_detached p", ends::IS_FILE) },
    Row {
        before: ends::CWD_LOOP,
        ..row("shell_detached", "shell_detached p", &[("ok", "@k/none"), ("io_error", "@k/w")])
    },
    row("sandbox", "sandbox no_shell\nprint yes\nend", &[("ok", "")]),
    row("sleep", "sleep @z", &[("ok", "1ms"), ("invalid_argument", "soon")]),
    row("slice", "y = slice abc @z", &[("ok", "1"), ("invalid_argument", "-1")]),
    row("sort_lines", "y = sort_lines @z", &[("ok", "abc")]),
    row("split", "y = split @z b", &[("ok", "abc")]),
    row("symlink", "symlink f @z", ends::MAKES_FILE),
    row("symlink", "symlink @z @k/new", &[("ok", "f"), ("invalid_argument", "")]),
    row("tail", "y = tail @z abc", &[("ok", "1"), ("invalid_argument", "x")]),
    row("time_diff", "y = time_diff @z 5", &[("ok", "4"), ("parse_failed", "x")]),
    row("to_slash", "y = to_slash @z", &[("ok", "abc")]),
    row("trim", "y = trim @z", &[("ok", "abc")]),
    row("timeout", "timeout @z\nprint yes\nend", &[("ok", "30m"), ("invalid_argument", "soon")]),
    row("try", "try\nprint yes\nrescue\nprint no\nend", &[("ok", "")]),
    row("uniq_lines", "y = uniq_lines @z", &[("ok", "abc")]),
    row("unix_to_iso", "y = unix_to_iso @z", &[("ok", "5"), ("invalid_argument", "x")]),
    row("try_shell", "y = try_shell @z", ends::STARTS),
    Row { before: ends::CWD_GONE, ..row("try_shell", "y = try_shell p", ends::IS_GONE) },
    Row { before: ends::CWD_FILE, ..row("try_shell", "y = try_shell p", ends::IS_FILE) },
    Row { before: ends::CWD_LOOP, ..row("try_shell", "y = try_shell p", &[("ok", "@k/none"), ("io_error", "@k/w")]) },
    row("upper", "y = upper @z", &[("ok", "abc")]),
    row("url_decode", "y = url_decode @z", &[("ok", "a+b"), ("parse_failed", "%")]),
    row("url_encode", "y = url_encode @z", &[("ok", "abc")]),
    row(
        "verify_sha256",
        "y = verify_sha256 @z abc",
        &[
            ("ok", "@k/f"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
        ],
    ),
    row("version_compat", "y = version_compat @z 1.2", &[("ok", "1.2.3")]),
    row("version_eq", "y = version_eq @z 1.2", &[("ok", "1.2.3")]),
    row("version_extract", "y = version_extract @z", &[("ok", "go1.2.3")]),
    row("version_extract", "y = version_extract abc @z", &[("ok", "b"), ("invalid_argument", "(")]),
    row("version_ge", "y = version_ge @z 1.2", &[("ok", "1.2.3")]),
    row("version_gt", "y = version_gt @z 1.2", &[("ok", "1.2.3")]),
    row("version_le", "y = version_le @z 1.2", &[("ok", "1.2.3")]),
    row("version_lt", "y = version_lt @z 1.2", &[("ok", "1.2.3")]),
    row("version_ne", "y = version_ne @z 1.2", &[("ok", "1.2.3")]),
    row(
        "with_cwd",
        "with_cwd @z\nprint yes\nend",
        &[("ok", "@k/d"), ("file_not_found", "@k/none"), ("not_a_directory", "@k/f"), ("invalid_argument", "")],
    ),
    row("with_env", "with_env V=@z\nprint yes\nend", &[("ok", "a")]),
    row("write_file", "write_file @z x", ends::MAKES_FILE),
];

/// What stands in a scene's directory if the scene speaks of it, and how it gets there.
pub const THINGS: &[(&str, &str)] = &[
    ("@k/d", "mkdir @k/d"),
    ("@k/f", "write_file @k/f x"),
    ("@k/loop", "symlink loop @k/loop"),
    ("@k/loose", "symlink none @k/loose"),
    ("@k/s", "mkdir @k/s/x"),
    ("@k/t", "mkdir @k/t\nwrite_file @k/t/x y"),
    ("@k/packed", "write_file @k/g x\ngzip @k/g @k/packed"),
    ("@k/tree", "mkdir @k/s/x\ntar_create @k/s @k/tree"),
    ("@k/leads", "mkdir @k/e\nsymlink /etc @k/e/l\ntar_create @k/e @k/leads"),
    ("@k/zipped", "mkdir @k/s/x\nzip_create @k/s @k/zipped"),
    ("@k/strays", "mkdir @k/e\nsymlink /etc @k/e/l\nzip_create @k/e @k/strays"),
];

/// Ops that ask to start programs of their own choice.
const CHOOSERS: [&str; 3] = ["kill_by_name", "os_version", "process_running"];

/// Ops that wait for somebody else, or for time to pass.
const WAITING: [&str; 22] = [
    "pkg_install",
    "pkg_installed",
    "pkg_uninstall",
    "sleep",
    "exec",
    "chain",
    "pipe",
    "bin_version",
    "shell",
    "shell_in",
    "shell_output",
    "try_shell",
    "dns_lookup",
    "port_check",
    "wait_for_port",
    "http_status",
    "wait_for_url",
    "download",
    "http_delete",
    "http_get",
    "http_post",
    "http_put",
];

/// A statement that ends in a certain way.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// The statement.
    pub row: &'static Row,
    /// How it ends.
    pub case: &'static str,
    /// What is in its hole: nothing, if the name there is not bound.
    pub hole: Option<&'static str>,
}

fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(files::ROWS)
}

/// One row after the other, over and over.
#[must_use]
pub fn nth(number: u64) -> &'static Row {
    let at = usize::try_from(number).unwrap_or_default() % rows().count();
    rows().nth(at).unwrap_or(&ROWS[0])
}

/// Every recipe.
pub fn recipes() -> impl Iterator<Item = Recipe> {
    rows().flat_map(Row::recipes)
}

impl Row {
    fn recipes(&'static self) -> impl Iterator<Item = Recipe> {
        let bound = self.ends.iter().map(move |(case, text)| Recipe { row: self, case, hole: Some(text) });
        let unbound = Recipe { row: self, case: UNBOUND, hole: None };
        bound.chain(self.has_a_hole().then_some(unbound))
    }

    fn has_a_hole(&self) -> bool {
        self.statement.contains("@z") || self.statement == super::helpers::LACKING
    }
}

impl Recipe {
    /// All that it is written with.
    pub fn texts(&self) -> impl Iterator<Item = &'static str> {
        [self.row.before, self.row.statement].into_iter().chain(self.hole)
    }

    /// Which restriction it takes.
    #[must_use]
    pub fn limit(&self) -> Limit {
        Limit::of(self.case)
    }

    /// It ends the run, and not by a failure.
    #[must_use]
    pub fn exits(&self) -> bool {
        self.row.op == "exit" && self.case == "ok"
    }

    /// It ends like this only where there is no list of programs.
    #[must_use]
    pub fn needs_no_list(&self) -> bool {
        self.hole == Some(NOWHERE) || CHOOSERS.contains(&self.row.op) && matches!(self.case, "ok" | "bin_not_found")
    }

    /// It waits, for itself or for a program: whether it does so to the end is not known where there is a deadline.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.case == "ok" && WAITING.contains(&self.row.op)
    }

    /// The same statement with other ends, under no other restriction: failures instead of success, or success instead of a failure.
    #[must_use]
    pub fn others(&self) -> Vec<Self> {
        let limit = self.limit();
        let may_be = |other: &Self| other.limit() == Limit::None || other.limit() == limit;
        let answers = |other: &Self| other.hole.is_some_and(|text| text.contains("@s"));
        let differs = |other: &Self| {
            let reached = limit != Limit::Guarded || !answers(other);
            (other.case == "ok") != (self.case == "ok") && other.hole != self.hole && reached
        };
        // Under a restriction that does not look at the operands, the op fails whatever is in the hole, unless it is a call.
        let blind = limit.is_blind() && self.row.op != "call";
        if blind { Vec::new() } else { self.row.recipes().filter(|other| may_be(other) && differs(other)).collect() }
    }

    /// Whether what is on PATH may be another thing behind it.
    #[must_use]
    pub fn changes_packages(&self) -> bool {
        matches!(self.row.op, "pkg_install" | "pkg_uninstall")
    }

    /// Can that be said of it?
    #[must_use]
    pub fn can_be(&self, claim: Claim) -> bool {
        claim != Claim::Open || !self.others().is_empty()
    }

    /// Does it bring that about, between the right blocks?
    #[must_use]
    pub fn brings(&self, product: &Product) -> bool {
        match product {
            Product::Judged(op, case, claim) => self.row.op == *op && self.case == *case && self.can_be(*claim),
            Product::Place(_, op) => self.row.op == *op,
            // A default stands between no blocks.
            Product::Told(_, case, claim) => self.row.op != "arg" && self.case == *case && self.can_be(*claim),
        }
    }
}
