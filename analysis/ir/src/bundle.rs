//! What a program carries along: the lines of `bundle` of all its files, each path as seen from the directory of the main file.
//!
//! So a file is called in the bundle as it is called beside the main file, and what is carried lies beneath that directory.

use perch_ops::Pure;

use crate::construct::Include;
use crate::files::folder;

/// What an included path is called, or nothing if it leads out of the directory of the main file.
pub(crate) fn called(main: &str, file: &str, include: &Include) -> Option<String> {
    let path = include.path.as_literal().filter(|path| !path.is_empty() && !path.starts_with('/'))?;
    let path = format!("{}/{path}", folder(file));
    let name = Pure::PathRel.apply(&[folder(main), &path]).ok()?;
    let is_out = name == ".." || name.starts_with("../") || name.contains(['\n', '\0']);
    (!is_out).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Text;

    #[test]
    fn a_path_is_called_as_from_the_main_file() {
        let called = |main, file, path| called(main, file, &Include { path: Text::literal(path), name: None });
        for (main, file, path, name) in [
            ("commands.perch", "commands.perch", "./a/../b.txt", Some("b.txt")),
            ("commands.perch", "lib/own.perch", "b", Some("lib/b")),
            ("commands.perch", "lib/own.perch", "../b", Some("b")),
            ("commands.perch", "lib/own.perch", "../../b", None),
            ("app/commands.perch", "lib/own.perch", "b", None),
            ("app/commands.perch", "app/commands.perch", ".", Some(".")),
            ("/srv/commands.perch", "/srv/lib/own.perch", "b", Some("lib/b")),
            ("commands.perch", "commands.perch", "..", None),
            ("commands.perch", "commands.perch", "..a", Some("..a")),
            ("../app/commands.perch", "../app/commands.perch", "a", Some("a")),
            ("commands.perch", "commands.perch", "/etc/passwd", None),
            ("-", "-", "a", Some("a")),
        ] {
            assert_eq!(called(main, file, path).as_deref(), name, "{main} {file} {path}");
        }
    }
}
