//! Pages: markdown with blocks.

use crate::served::PORT;

/// One case of a page.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The heading.
    pub name: String,
    /// The program.
    pub program: String,
    /// Files beside the program, with their names.
    pub beside: Vec<(String, String)>,
    /// What is known of the host; empty if nothing is.
    pub fixture: String,
    /// Words for the command.
    pub args: String,
    /// Policy flags.
    pub flags: String,
    /// What is expected of the report.
    pub verdicts: Vec<String>,
    /// What is expected of runs.
    pub runs: Vec<Vec<String>>,
    /// What is expected of `--check`.
    pub check: Vec<String>,
    /// What is wrong with perch here, so far.
    pub bug: String,
    /// Blocks that are none of these.
    pub others: Vec<String>,
}

/// What the kinds of blocks begin with that are files beside the program.
const BESIDE: &str = "file ";

/// The cases of a page.
#[must_use]
pub fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut block: Option<String> = None;
    for line in page.lines() {
        match (&block, line.strip_prefix("```")) {
            (Some(_), Some("")) => block = None,
            (Some(kind), _) => cases.iter_mut().last().into_iter().for_each(|case| case.take(kind, line)),
            (None, Some(kind)) => {
                block = Some(kind.to_owned());
                cases.iter_mut().last().into_iter().for_each(|case| case.begin(kind));
            }
            (None, None) => {
                cases.extend(line.strip_prefix("## ").map(|name| Case { name: name.to_owned(), ..Case::default() }))
            }
        }
    }
    cases
}

impl Case {
    fn begin(&mut self, kind: &str) {
        if let Some(name) = kind.strip_prefix(BESIDE) {
            return self.beside.push((name.to_owned(), String::new()));
        }
        match kind {
            "run" => self.runs.push(Vec::new()),
            "perch" | "fixture" | "args" | "flags" | "verdicts" | "check" | "bug" | "text" => {}
            other => self.others.push(other.to_owned()),
        }
    }

    fn take(&mut self, kind: &str, line: &str) {
        match kind {
            "perch" => self.program.extend([line, "\n"]),
            "fixture" => self.fixture.extend([line, "\n"]),
            "args" => self.args.extend([line, "\n"]),
            "flags" => self.flags.extend([line, "\n"]),
            "bug" => self.bug.extend([line, "\n"]),
            "verdicts" => self.verdicts.extend(meant(line)),
            "check" => self.check.extend(meant(line)),
            _ if kind.starts_with(BESIDE) => {
                self.beside.iter_mut().last().into_iter().for_each(|(_, text)| text.extend([line, "\n"]));
            }
            "run" => self.runs.iter_mut().last().into_iter().for_each(|run| run.extend(meant(line))),
            _ => {}
        }
    }

    /// The words for the command.
    ///
    /// # Errors
    /// If they start like JSON and are not.
    pub fn words(&self) -> Result<Vec<String>, String> {
        let text = self.args.trim();
        if text.starts_with('[') {
            return serde_json::from_str(text).map_err(|error| format!("args: {error}"));
        }
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    /// Whether its runs talk to a server.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.program.contains(PORT)
    }

    /// The same case with the port of a server.
    #[must_use]
    pub fn served_at(&self, port: u16) -> Self {
        self.with_texts(&|text| text.replace(PORT, &port.to_string()))
    }

    /// The same case with another directory in the place of `/w`.
    #[must_use]
    pub fn moved_to(&self, root: &str) -> Self {
        self.with_texts(&|text| moved(text, root))
    }

    fn with_texts(&self, moved: &dyn Fn(&String) -> String) -> Self {
        Self {
            program: moved(&self.program),
            beside: self.beside.iter().map(|(name, text)| (name.clone(), moved(text))).collect(),
            fixture: moved(&self.fixture),
            args: moved(&self.args),
            flags: moved(&self.flags),
            runs: self.runs.iter().map(|run| run.iter().map(moved).collect()).collect(),
            ..self.clone()
        }
    }
}

fn meant(line: &str) -> Option<String> {
    (!line.trim().is_empty()).then(|| line.to_owned())
}

/// The directory in which the commands of all cases start.
pub const HOME: &str = "/w";

/// The text with another path in the place of `/w`, where it is a path by itself or the start of one.
fn moved(text: &str, root: &str) -> String {
    let part_of_name = |c: char| c.is_alphanumeric() || "._-/}".contains(c);
    let mut moved = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(HOME) {
        let (before, after) = (&rest[..at], &rest[at + HOME.len()..]);
        let starts = !before.chars().next_back().or(moved.chars().next_back()).is_some_and(part_of_name);
        let ends = after.starts_with('/') || !after.starts_with(part_of_name);
        moved.extend([before, if starts && ends { root } else { HOME }]);
        rest = after;
    }
    moved + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_a_case() {
        let page = "# Page\n\n## One\n\nWords.\n\n```perch\na\nb\n```\n\n```run\nout: x\n\nexit: 1\n```\n\n```run\n```\n\n## Two\n\n```verdicts\n3 SKIPPED\n```\n\n```rnu\n```\n";
        let [one, two] = &cases(page)[..] else { panic!() };
        assert_eq!((one.name.as_str(), one.program.as_str()), ("One", "a\nb\n"));
        assert_eq!(one.runs, [vec!["out: x".to_owned(), "exit: 1".to_owned()], vec![]]);
        assert_eq!(
            (two.verdicts.as_slice(), two.others.as_slice()),
            (&["3 SKIPPED".to_owned()][..], &["rnu".to_owned()][..])
        );
    }

    #[test]
    fn words_are_split_or_json() {
        let words = |args: &str| Case { args: args.to_owned(), ..Case::default() }.words();
        assert_eq!(words("a  -b=c\n"), Ok(vec!["a".to_owned(), "-b=c".to_owned()]));
        assert_eq!(words("[\"a b\", \"\"]\n"), Ok(vec!["a b".to_owned(), String::new()]));
        assert!(words("[a").is_err());
    }

    #[test]
    fn only_the_directory_moves() {
        assert_eq!(
            moved("/w /w/a \"/w\" /www a/w/b ./w x/w -r=/w,/w/d", "/t"),
            "/t /t/a \"/t\" /www a/w/b ./w x/w -r=/t,/t/d"
        );
        assert_eq!(moved("${cwd}/w /w", "/t"), "${cwd}/w /t");
    }
}
