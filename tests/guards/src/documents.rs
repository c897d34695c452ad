//! Markdown, as far as it refers to the workspace.

/// The lines of a page that are not in fenced blocks.
pub fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    page.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The fenced blocks of that language.
#[must_use]
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in page.lines() {
        open = match (open, line.strip_prefix("```")) {
            (None, None) => None,
            (None, Some(of)) => Some((of == language, String::new())),
            (Some((wanted, text)), None) => Some((wanted, text + line + "\n")),
            (Some((wanted, text)), Some(_)) => {
                blocks.extend(wanted.then_some(text));
                None
            }
        };
    }
    blocks
}

/// The targets of the links that lead to files: `../x.md` of `[x](../x.md#part)`.
#[must_use]
pub fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(page) {
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        let files = targets
            .filter_map(|target| target.split('#').next())
            .filter(|file| !file.is_empty() && !file.contains("://"));
        found.extend(files.map(str::to_owned));
    }
    found
}

/// What the page names in backquotes.
#[must_use]
pub fn names(page: &str) -> Vec<String> {
    prose(page).flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "[a](b.md#c) `x` [w](https://e.org) [h](#h)\n```sh\n[no](n.md) `y`\n```\n`z/z` end\n";

    #[test]
    fn references_are_found_outside_of_blocks() {
        assert_eq!(links(PAGE), ["b.md"]);
        assert_eq!(names(PAGE), ["x", "z/z"]);
        assert_eq!(blocks(PAGE, "sh"), ["[no](n.md) `y`\n"]);
        assert!(blocks(PAGE, "json").is_empty());
    }
}
