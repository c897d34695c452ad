//! What a code means, with an example: `../pages/CODE.md`, which `perch --explain` prints and `docs/diagnostics.md` gathers.
//!
//! A page begins with its title. A block `perch-wrong` is a program of which the code is said, a block `perch` one of which nothing is;
//! `perch-wrong NAME` and `perch NAME` are files that it imports. `says` is what is said, as `LINE CODE TEXT`, where TEXT is what is
//! pointed at. Tests see to all of it. In the programs of pages, `{U+202E}` stands for that character, and a line that ends in `# × N` for N
//! such lines, in which `{n}` is their number.

use perch_syntax::{Code, Severity};

macro_rules! pages {
    ($($severity:ident $variant:ident = $name:literal,)*) => {
        fn text_of(code: Code) -> &'static str {
            match code { $(Code::$variant => include_str!(concat!("../pages/", $name, ".md")),)* }
        }
    };
}

perch_syntax::with_codes!(pages);

/// What a code means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The code.
    pub code: Code,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// The rest.
    pub parts: Vec<Part>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A paragraph.
    Prose(&'static str),
    /// A program, or a file that it imports.
    Program {
        /// The code is said of it.
        wrong: bool,
        /// Its name, if another program of the page imports it.
        file: Option<&'static str>,
        /// What it holds.
        text: &'static str,
    },
    /// What is said of the program above.
    Says(&'static str),
}

impl Page {
    /// The page of a code.
    #[must_use]
    pub fn of(code: Code) -> Self {
        let (title, rest) = text_of(code).split_once('\n').unwrap_or_default();
        Self { code, title: title.trim_start_matches("# "), parts: parts(rest) }
    }

    /// For a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let indented = |line: &str| format!("    {line}").trim_end().to_owned() + "\n";
        let body = self.body(|_, program| program.lines().map(indented).collect());
        let allowed = match self.code.severity() {
            Severity::Warning => {
                format!("\nWhere it is meant, write `# perch: allow({})` behind the line or above it.\n", self.code)
            }
            Severity::Error | Severity::NotYet => String::new(),
        };
        format!("{} ({}): {}\n{body}{allowed}", self.code, severity(self.code), self.title)
    }

    /// For a book, as a section. A program that is wrong is no example of the language.
    #[must_use]
    pub fn markdown(&self) -> String {
        let fenced =
            |wrong: bool, program: &str| format!("```{}\n{program}```\n", if wrong { "text" } else { "perch" });
        format!("## {}\n\n*{}*: {}\n{}", self.code, severity(self.code), self.title, self.body(fenced))
    }

    /// What stands behind the title. Blocks get whether they are wrong, and what they hold.
    fn body(&self, block: impl Fn(bool, &str) -> String) -> String {
        let mut body = String::new();
        let mut behind_prose = true;
        for part in &self.parts {
            match part {
                Part::Prose(prose) => body += &format!("\n{prose}\n"),
                Part::Says(_) => continue,
                Part::Program { wrong, file, text } => {
                    let instead = if *wrong || behind_prose || file.is_some() { "" } else { "\nWrite instead:\n" };
                    let file = file.map(|file| format!("\n`{file}`:\n")).unwrap_or_default();
                    body += &format!("{instead}{file}\n{}", block(*wrong, text));
                }
            }
            behind_prose = matches!(part, Part::Prose(_));
        }
        body
    }
}

fn severity(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::NotYet => "not available",
    }
}

/// The paragraphs and blocks of a page.
fn parts(mut text: &'static str) -> Vec<Part> {
    let mut parts = Vec::new();
    loop {
        text = text.trim_start_matches('\n');
        if text.is_empty() {
            return parts;
        }
        text = match text.strip_prefix("```") {
            Some(fenced) => {
                let (kind, rest) = fenced.split_once('\n').unwrap_or_default();
                let (inner, rest) = rest.split_once("```").unwrap_or((rest, ""));
                parts.push(block(kind, inner));
                rest
            }
            None => {
                let (prose, rest) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
                parts.push(Part::Prose(prose));
                rest
            }
        };
    }
}

fn block(kind: &'static str, text: &'static str) -> Part {
    let (language, file) = kind.split_once(' ').map_or((kind, None), |(language, file)| (language, Some(file)));
    match language {
        "says" => Part::Says(text),
        _ => Part::Program { wrong: language == "perch-wrong", file, text },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_parts() {
        let page = Page::of(Code::BadImport);
        assert_eq!(page.title, "An import that cannot be read");
        let kinds: Vec<String> = page
            .parts
            .iter()
            .map(|part| match part {
                Part::Prose(_) => "prose".to_owned(),
                Part::Program { wrong, file, .. } => format!("{wrong} {file:?}"),
                Part::Says(_) => "says".to_owned(),
            })
            .collect();
        let lib = r#"Some("lib.perch")"#;
        assert_eq!(
            kinds,
            ["prose", "true None", &format!("true {lib}"), "says", "false None", &format!("false {lib}")]
        );
        assert!(page.text().contains("\nWrite instead:\n\n    import ./lib.perch as lib\n"));
        assert!(page.markdown().contains("```text\nimport ./lib.perch into lib\n"));
    }
}
