//! The one path normaliser (paths §1, §4): text in, text out, for analysis and run alike.

/// Makes `text` absolute against `cwd` (itself absolute and clean) and cleans it as text.
/// `None`: the text is empty or holds a NUL.
#[must_use]
pub fn clean(cwd: &str, text: &str) -> Option<String> {
    if text.is_empty() || text.contains('\0') {
        return None;
    }
    let mut path = String::with_capacity(cwd.len() + text.len() + 1);
    if !text.starts_with('/') {
        push(&mut path, cwd);
    }
    push(&mut path, text);
    if path.is_empty() {
        path.push('/');
    }
    Some(path)
}

/// Goes on from `path`, which is empty where it means the root.
fn push(path: &mut String, text: &str) {
    if is_clean(text) {
        if !text.starts_with('/') {
            path.push('/');
        }
        path.push_str(text);
    } else {
        push_components(path, text);
    }
}

/// Whether there is nothing to clean, as mostly: no component is empty, but before a first slash, or begins with a dot.
fn is_clean(text: &str) -> bool {
    let mut starts = true;
    for byte in text.strip_prefix('/').unwrap_or(text).bytes() {
        if starts && matches!(byte, b'/' | b'.') {
            return false;
        }
        starts = byte == b'/';
    }
    !starts
}

fn push_components(path: &mut String, text: &str) {
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => path.truncate(path.rfind('/').unwrap_or(0)),
            name => {
                path.push('/');
                path.push_str(name);
            }
        }
    }
}

/// So many bytes a name has at most on nearly every system.
const MAX_NAME: usize = 255;

/// So many bytes a whole path has at most.
const MAX_PATH: usize = 4095;

/// Whether a system may say of a path that it, or a name in it, is too long.
#[must_use]
pub fn may_be_too_long(path: &str) -> bool {
    path.len() > MAX_NAME && (path.len() > MAX_PATH || path.split('/').any(|name| name.len() > MAX_NAME))
}

/// Whether a system may say of what a link is to lead to that it is too long.
#[must_use]
pub fn target_may_be_too_long(bytes: usize) -> bool {
    bytes > MAX_PATH
}

/// True if `path` is `root` or lies beneath it. Both absolute and clean; compared by component.
#[must_use]
pub fn within(path: &str, root: &str) -> bool {
    root == "/" || path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the system tells, in a file there or beneath, the variables or the memory of a program: `/proc/self/environ` and its like. Only a tree that
/// is read as a whole is read beneath; what is in the directories of programs is nothing else that one would read as a tree.
#[must_use]
pub fn tells_variables(path: &str) -> bool {
    let Some(rest) = beneath(path, "/proc") else { return false };
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    let is_program = |part: &str| part.starts_with(|c: char| c.is_ascii_digit()) || part.ends_with("self");
    let told = |part: &str| matches!(part, "environ" | "mem" | "task");
    match parts.as_slice() {
        [] => true,
        [program] => is_program(program),
        [program, what] => is_program(program) && told(what),
        [program, "task", _] => is_program(program),
        [program, "task", _, what] => is_program(program) && told(what),
        _ => false,
    }
}

/// The directory that holds `path`; of `/`: `/`.
#[must_use]
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// The last component; of `/`: empty.
#[must_use]
pub fn base(path: &str) -> &str {
    path.rfind('/').map_or(path, |at| &path[at + 1..])
}

/// `dir` and `name` as one path.
#[must_use]
pub fn join(dir: &str, name: &str) -> String {
    let dir = if dir == "/" { "" } else { dir };
    [dir, "/", name].concat()
}

/// What `path` is called seen from `root`, which holds it: empty or `a/b`.
#[must_use]
pub fn beneath<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    if root == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// The proper ancestors of `path`, the root first.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let cuts = path.match_indices('/').map(|(at, _)| at);
    cuts.filter(move |_| path != "/").map(move |at| if at == 0 { "/" } else { &path[..at] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_is_textual() {
        let cases = [
            ("/a", "b", "/a/b"),
            ("/", "b/c", "/b/c"),
            ("/a/b", "c/d/", "/a/b/c/d"),
            ("/a", "/b/c", "/b/c"),
            ("/a", "/", "/"),
            ("/a", "//b", "/b"),
            ("/a", ".b/c", "/a/.b/c"),
            ("/a", "b/.", "/a/b"),
            ("/a", "..", "/"),
            ("/a", "../../x", "/x"),
            ("/", "/a//b/./c/../d/", "/a/b/d"),
        ];
        for (cwd, text, want) in cases {
            assert_eq!(clean(cwd, text).as_deref(), Some(want), "{cwd} {text}");
        }
        assert_eq!(clean("/a", ""), None);
        assert_eq!(clean("/a", "x\0"), None);
    }

    #[test]
    fn variables_are_told_in_proc() {
        for path in [
            "/proc",
            "/proc/self",
            "/proc/self/environ",
            "/proc/12/environ",
            "/proc/thread-self/mem",
            "/proc/1/task/2/environ",
        ] {
            assert!(tells_variables(path), "{path}");
        }
        for path in [
            "/proc/cpuinfo",
            "/proc/self/status",
            "/process/self/environ",
            "/",
            "/proc/sys/environ",
            "/proc/1/fd/environ",
        ] {
            assert!(!tells_variables(path), "{path}");
        }
    }

    #[test]
    fn roots_compare_by_component() {
        assert!(within("/srv/a", "/srv") && within("/srv", "/srv") && within("/x", "/"));
        assert!(!within("/srv2", "/srv") && !within("/sr", "/srv"));
    }

    #[test]
    fn ancestors_start_at_the_root() {
        assert_eq!(ancestors("/a/b/c").collect::<Vec<_>>(), ["/", "/a", "/a/b"]);
        assert_eq!(ancestors("/").count(), 0);
        assert_eq!((parent("/a"), base("/a"), parent("/"), base("/")), ("/", "a", "/", ""));
    }
}
