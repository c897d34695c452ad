//! How ops that change or look at a part of a file, or at what is in a directory, are made to end in each way.

use super::ends;
use super::recipes::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "append_file",
        "append_file @z x",
        &[
            ("ok", "@k/f"),
            ("file_not_found", "@k/none/x"),
            ("not_a_directory", "@k/f/x"),
            ("is_a_directory", "@k/d"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
            ("cap_write_denied", "@k/f"),
        ],
    ),
    row("append_file", "y = append_file @z x\nif y == \"\"\nprint yes\nend", &[("ok", "@k/f")]),
    row("append_line", "append_line @z x", ends::ADDS_TO_FILE),
    row("backup_file", "y = backup_file @z", ends::CHANGES_FILE),
    row("chmod", "chmod @z 0755", ends::MARKS_ENTRY),
    row("chmod", "chmod @k/f @z", &[("ok", "700"), ("invalid_argument", "rwx")]),
    row("ensure_dir", "y = ensure_dir @z", ends::MAKES_DIR),
    row("ensure_line_in_file", "y = ensure_line_in_file @z x", ends::ADDS_TO_FILE),
    row(
        "file_mtime",
        "now_ = file_mtime @z",
        &[
            ("ok", "@k/f"),
            ("file_not_found", "@k/none"),
            ("file_not_found", "@k/loose"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
        ],
    ),
    row("file_size", "y = file_size @z", ends::READS_FILE),
    row(
        "glob",
        "y = glob @z",
        &[
            ("ok", "@k/*"),
            ("invalid_argument", "@k/["),
            ("read_not_permitted", "@r/*"),
            ("read_not_declared", "/elsewhere/*"),
        ],
    ),
    row("list_dir", "y = list_dir @z\nif y == \"\"\nprint yes\nend", ends::READS_DIR),
    row("make_executable", "make_executable @z", ends::MARKS_ENTRY),
    row(
        "not_exists",
        "y = not_exists @z",
        &[("ok", "@k/none"), ("invalid_argument", ""), ("read_not_declared", "/elsewhere")],
    ),
    row(
        "read_link",
        "y = read_link @z",
        &[
            ("ok", "@k/loop"),
            ("ok", "@k/loose"),
            ("file_not_found", "@k/none"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", "@k/d"),
            ("read_not_permitted", "@r/out"),
            ("read_not_declared", "/elsewhere"),
        ],
    ),
    row("read_link", "y = read_link @z\nif y == loop\nprint yes\nend", &[("ok", "@k/loop"), ("ok", "@k/loose")]),
    row("replace_in_file", "replace_in_file @z x y", ends::CHANGES_FILE),
    row(
        "touch",
        "touch @z",
        &[
            ("ok", "@k/new"),
            ("file_not_found", "@k/none/x"),
            ("not_a_directory", "@k/f/x"),
            ("io_error", "@k/loop/x"),
            ("invalid_argument", ""),
            ("write_not_permitted", "@r/out"),
            ("write_not_declared", "@r/out"),
            ("cap_write_denied", "@k/f"),
        ],
    ),
    row("walk", "y = walk @z", ends::READS_DIR),
];
