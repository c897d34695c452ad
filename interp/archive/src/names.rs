//! Where entries of an archive land.
//!
//! Whoever unpacks an archive goes down from the destination by these names, one directory at a time, and never through a link. So an entry
//! lands beneath the destination if its names are names: `..` is none, here or on a system that divides paths at other signs.
//!
//! A link stays beneath it if, from its own directory, its target goes up no further than the destination and then only down: as all
//! links of an archive are like that, going down through another of them leads to a place beneath, too. A `..` behind a name could be one
//! behind a link, which leads elsewhere than the text says.

use crate::{Limits, Trouble};

/// Longer names are no paths on any system.
const MOST_OF_A_NAME: usize = 4096;

/// The names from the destination down; none is the destination itself.
///
/// # Errors
/// If it would land elsewhere, or too deep.
pub fn landing<'n>(name: &'n [u8], limits: &Limits) -> Result<Vec<&'n [u8]>, Trouble> {
    let refused = |why: &str| Err(Trouble::Refused(format!("entry `{}` {why}", shown(name))));
    if name.len() > MOST_OF_A_NAME {
        return Err(Trouble::TooLarge(format!(
            "the name of entry `{}` has more than {MOST_OF_A_NAME} bytes",
            shown(name)
        )));
    }
    if name.contains(&0) {
        return Err(Trouble::garbled(format!("the name of entry `{}` has a NUL in it", shown(name))));
    }
    if is_absolute(name) {
        return refused("has an absolute path");
    }
    if parts(name).any(|part| part == b"..") {
        return refused("leads out of the destination");
    }
    let names: Vec<&[u8]> = name.split(|byte| *byte == b'/').filter(|name| !matches!(*name, b"" | b".")).collect();
    if names.len() > limits.depth {
        return Err(Trouble::TooLarge(format!("entry `{}` lies more than {} deep", shown(name), limits.depth)));
    }
    Ok(names)
}

/// Fails unless a link there, with that target, stays beneath the destination.
///
/// # Errors
/// If it does not, or is no link.
pub fn stays(names: &[&[u8]], target: &[u8]) -> Result<(), Trouble> {
    let link = || shown(&names.join(&b'/'));
    if target.is_empty() || target.contains(&0) {
        return Err(Trouble::garbled(format!("link `{}` has no target", link())));
    }
    let mut above = names.len().saturating_sub(1);
    let mut down = false;
    let leads_out = is_absolute(target)
        || parts(target).any(|part| match part {
            b".." if down || above == 0 => true,
            b".." => {
                above -= 1;
                false
            }
            b"" | b"." => false,
            _ => {
                down = true;
                false
            }
        });
    if leads_out {
        let target = shown(target);
        return Err(Trouble::Refused(format!("link `{}` to `{target}` leads out of the destination", link())));
    }
    Ok(())
}

/// What one system or another divides a path into.
fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| matches!(byte, b'/' | b'\\'))
}

/// Whether it is, for one system or another.
fn is_absolute(path: &[u8]) -> bool {
    matches!(path, [b'/' | b'\\', ..]) || matches!(path, [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic())
}

/// A name as it can be shown: without what would write over something else on a terminal.
pub(crate) fn shown(name: &[u8]) -> String {
    const MOST: usize = 200;
    let name = String::from_utf8_lossy(name);
    let mut shown: String = name.chars().take(MOST).flat_map(char::escape_debug).collect();
    if name.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lands(name: &str) -> Option<String> {
        let names = landing(name.as_bytes(), &Limits::default()).ok()?;
        Some(String::from_utf8(names.join(&b'/')).unwrap())
    }

    #[test]
    fn names_go_down() {
        for (name, at) in [("a", "a"), ("./a//b/", "a/b"), (".", ""), ("a/...", "a/..."), ("a\\x2db", "a\\x2db")] {
            assert_eq!(lands(name).as_deref(), Some(at), "{name}");
        }
    }

    /// Z01.
    #[test]
    fn z01_no_name_leads_out() {
        let names = [
            "..",
            "../x",
            "a/../../x",
            "a/..",
            "/etc/passwd",
            "//x",
            "C:\\x",
            "c:/x",
            "\\x",
            "\\\\server\\x",
            "..\\x",
            "a\\..\\..\\x",
            "a/..\\x",
        ];
        for name in names {
            let refused = matches!(landing(name.as_bytes(), &Limits::default()), Err(Trouble::Refused(_)));
            assert!(refused, "{name}");
        }
        assert!(matches!(landing(b"a\0b", &Limits::default()), Err(Trouble::Garbled(_))));
    }

    #[test]
    fn names_go_down_only_so_far() {
        let deep = |depth: usize| vec!["d"; depth].join("/");
        assert!(lands(&deep(256)).is_some() && lands(&deep(257)).is_none());
    }

    #[test]
    fn links_that_stay() {
        let links = [("l", "a"), ("l", "a/b"), ("l", "./a/."), ("d/l", "../a"), ("d/l", ".."), ("d/e/l", "../../a/b")];
        for (link, target) in links {
            let names: Vec<&[u8]> = link.as_bytes().split(|byte| *byte == b'/').collect();
            assert!(stays(&names, target.as_bytes()).is_ok(), "{link} {target}");
        }
    }

    /// Z01, with links; the last are about links behind links.
    #[test]
    fn z01_no_link_leads_out() {
        let links = [
            ("l", ".."),
            ("l", "../x"),
            ("l", "/etc"),
            ("d/l", "../../x"),
            ("l", "C:\\x"),
            ("d/l", "..\\..\\x"),
            ("l", "a/../../x"),
            ("l", "a/.."),
            ("d/e/l", "up/.."),
        ];
        for (link, target) in links {
            let names: Vec<&[u8]> = link.as_bytes().split(|byte| *byte == b'/').collect();
            let refused = matches!(stays(&names, target.as_bytes()), Err(Trouble::Refused(_)));
            assert!(refused, "{link} {target}");
        }
        assert!(stays(&[b"l"], b"").is_err());
    }

    #[test]
    fn names_are_shown_without_harm() {
        assert_eq!(shown(b"a\x1b[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(shown(&[b'x'; 300]).chars().count(), 201);
    }
}
