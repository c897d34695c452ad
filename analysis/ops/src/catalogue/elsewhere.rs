//! What ops are called elsewhere, and what resembles an op without being one.

use crate::catalogue;

/// Ops as they might be called, and what they are called.
const CALLED: [(&str, &str); 48] = [
    ("append", "append_file"),
    ("append_to_file", "append_file"),
    ("base64", "base64_encode"),
    ("copy_file", "cp"),
    ("date_format", "format_time"),
    ("delete_dir", "rm"),
    ("delete_file", "rm"),
    ("dir_exists", "is_dir"),
    ("download_file", "download"),
    ("ends_with", "has_suffix"),
    ("file_exists", "is_file"),
    ("format_date", "format_time"),
    ("getenv", "get_env"),
    ("grep_lines", "grep"),
    ("http_download", "download"),
    ("json", "json_parse"),
    ("len", "length"),
    ("line_count", "count_lines"),
    ("list_files", "list_dir"),
    ("log", "print"),
    ("lowercase", "lower"),
    ("make_dir", "mkdir"),
    ("matches", "regex_match"),
    ("md5sum_file", "md5_file"),
    ("move_file", "mv"),
    ("parse_csv", "csv_parse"),
    ("parse_json", "json_parse"),
    ("path_basename", "path_base"),
    ("path_dirname", "path_dir"),
    ("path_exists", "exists"),
    ("path_name", "path_base"),
    ("path_strip_ext", "path_with_ext PATH \"\""),
    ("println_err", "eprintln"),
    ("read_text", "read_file"),
    ("regex_extract", "regex_find_all"),
    ("remove_dir", "rm"),
    ("remove_file", "rm"),
    ("replace_all", "replace"),
    ("setenv", "set_env"),
    ("starts_with", "has_prefix"),
    ("strip", "trim"),
    ("substring", "slice"),
    ("to_lower", "lower"),
    ("to_upper", "upper"),
    ("unzip_file", "zip_extract"),
    ("uppercase", "upper"),
    ("write_text", "write_file"),
    ("zip_dir", "zip_create"),
];

/// Programs whose names resemble something here, and which are meant.
const COMMON_PROGRAMS: [&str; 27] = [
    "chown",
    "egrep",
    "fgrep",
    "getent",
    "getopt",
    "gunzip",
    "json_pp",
    "json_reformat",
    "json_verify",
    "json_xs",
    "lastlog",
    "lsof",
    "mkfs",
    "mount",
    "nproc",
    "path_helper",
    "pgrep",
    "pkill",
    "printenv",
    "rmdir",
    "stat",
    "tailf",
    "umount",
    "uname",
    "unzip",
    "uuid",
    "zgrep",
];

/// What an op is called here that has another name elsewhere, perhaps with operands.
#[must_use]
pub fn called_here(word: &str) -> Option<&'static str> {
    CALLED.iter().find(|(tried, _)| *tried == word).map(|(_, here)| *here)
}

/// Whether a word that resembles something here is the name of a program that many know.
#[must_use]
pub fn is_common_program(word: &str) -> bool {
    COMMON_PROGRAMS.contains(&word)
}

/// Ops whose names are put together like a word that is none: of its parts in another order, or else with the same first part.
#[must_use]
pub fn kin(word: &str) -> Vec<&'static str> {
    let Some((first, _)) = word.split_once('_').filter(|(first, rest)| !first.is_empty() && !rest.is_empty()) else {
        return Vec::new();
    };
    let ops = || catalogue().filter(|entry| !entry.internal).map(|entry| entry.name);
    let parts = sorted_parts(word);
    if let Some(turned) = ops().find(|op| sorted_parts(op) == parts) {
        return vec![turned];
    }
    ops().filter(|op| op.split_once('_').is_some_and(|(start, _)| start == first)).collect()
}

fn sorted_parts(name: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = name.split('_').collect();
    parts.sort_unstable();
    parts
}

#[cfg(test)]
mod tests {
    use super::{CALLED, COMMON_PROGRAMS, kin};
    use crate::find;

    #[test]
    fn names_of_others_are_no_ops_and_what_is_meant_is_one() {
        for (tried, here) in CALLED {
            assert!(find(tried).is_none_or(|entry| entry.internal), "{tried}");
            assert!(find(here.split(' ').next().unwrap_or_default()).is_some(), "{here}");
        }
        assert!(COMMON_PROGRAMS.iter().all(|program| find(program).is_none()));
    }

    #[test]
    fn kin_have_the_same_parts_or_begin_with_the_same() {
        assert_eq!(kin("env_get"), ["get_env"]);
        assert_eq!(kin("json_read"), ["json_count", "json_get", "json_parse", "json_stringify"]);
        for none in ["pg_dump", "kubectl", "_x", "x_", "__", "json", "cp_all"] {
            assert!(kin(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn lists_are_in_order() {
        assert!(CALLED.is_sorted() && COMMON_PROGRAMS.is_sorted());
    }
}
